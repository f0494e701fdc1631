"""The JSON scanner against a table of places, its two halves against each other, and both against Go."""

from __future__ import annotations

import base64
import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codec.types import jsonscan
from codec.types.jsonscan import MAX_DEPTH, JSONSyntaxError, check, skip_value

Ask = Callable[..., dict[str, Any]]

ENDS = {
    "1": 1,
    "1 2": 1,
    " \t\r\n1": 5,
    "-0.5e-7,": 7,
    "01": 1,
    "1.": 1,
    "1e": 1,
    '"a\\"b" ': 6,
    '"\\u00e9\\/\\b\\f\\n\\r\\t\\\\"': 22,
    '"\x7f\u2028\udc80"': 5,
    "true]": 4,
    "false": 5,
    "nullnull": 4,
    "[]": 2,
    "{}": 2,
    "[ 1 , [ ] , { } ]x": 17,
    '{ "a" : 1 , "a" : [ { } ] }': 27,
    "1" * 5000: 5000,
}
BAD = {
    "": ("expected a JSON value", 0),
    "  ": ("expected a JSON value", 2),
    "x": ("expected a JSON value", 0),
    "\ufeff1": ("expected a JSON value", 0),
    "\u00a01": ("expected a JSON value", 0),
    "'a'": ("expected a JSON value", 0),
    "+1": ("expected a JSON value", 0),
    ".5": ("expected a JSON value", 0),
    "NaN": ("expected a JSON value", 0),
    "Infinity": ("expected a JSON value", 0),
    "-": ("expected a digit after '-'", 1),
    "-Infinity": ("expected a digit after '-'", 1),
    "-\u0661": ("expected a digit after '-'", 1),
    "tru": ("expected the word true", 3),
    "trUe": ("expected the word true", 2),
    "fals": ("expected the word false", 4),
    "nul]": ("expected the word null", 3),
    "[": ("expected a JSON value", 1),
    "[1": ("expected ',' or ']'", 2),
    "[1 2]": ("expected ',' or ']'", 3),
    "[1.]": ("expected ',' or ']'", 2),
    "[01]": ("expected ',' or ']'", 2),
    "[1}": ("expected ',' or ']'", 2),
    "[1,]": ("expected a JSON value", 3),
    "[,1]": ("expected a JSON value", 1),
    "[NaN]": ("expected a JSON value", 1),
    "{": ("expected an object key", 1),
    "{,}": ("expected an object key", 1),
    "{1:2}": ("expected an object key", 1),
    '{"a":1,}': ("expected an object key", 7),
    '{"a"}': ("expected ':' after an object key", 4),
    '{"a" 1}': ("expected ':' after an object key", 5),
    '{"a":}': ("expected a JSON value", 5),
    '{"a":1]': ("expected ',' or '}'", 6),
    '{"a\n":1}': ("control character in a string", 3),
    '"abc': ("string without an end", 4),
    '"': ("string without an end", 1),
    '"a\x00"': ("control character in a string", 2),
    '"a\x1f"': ("control character in a string", 2),
    '"\\x"': ("bad escape in a string", 1),
    '"\\U0041"': ("bad escape in a string", 1),
    '"\\u12"': ("bad escape in a string", 1),
    '"\\u00g0"': ("bad escape in a string", 1),
    '"\\u\u0661\u0661\u0661\u0661"': ("bad escape in a string", 1),
    '"ab\\': ("bad escape in a string", 3),
}


def slow_only(text: str, pos: int = 0, depth: int = 0) -> int:
    return jsonscan._scan(text, pos, depth)


@pytest.fixture(params=[skip_value, slow_only])
def skip(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.mark.parametrize(("text", "end"), ENDS.items())
def test_end(skip: Callable[..., int], text: str, end: int) -> None:
    assert skip(text) == skip(text, 0) == end
    assert skip(f"[[{text}", 2) == end + 2


@pytest.mark.parametrize(("text", "problem"), BAD.items())
def test_bad(skip: Callable[..., int], text: str, problem: tuple[str, int]) -> None:
    reason, pos = problem
    with pytest.raises(JSONSyntaxError) as caught:
        skip(text)
    assert (caught.value.reason, caught.value.pos) == (reason, pos)
    assert str(caught.value) == f"{reason} at offset {pos}"
    with pytest.raises(JSONSyntaxError) as caught:
        skip(f"[{text}", 1)
    assert caught.value.pos == pos + 1


def test_check() -> None:
    check(' {"a": 1} \n')
    for text, pos in (("1 2", 2), ("1.", 1), ("01", 1), ("{}\x00", 2), ("[]]", 2)):
        with pytest.raises(JSONSyntaxError, match=rf"^text after the JSON value at offset {pos}$"):
            check(text)


def nested(depth: int, opener: str = "[", inner: str = "", closer: str = "]") -> str:
    return opener * depth + inner + closer * depth


@pytest.mark.parametrize(("opener", "inner", "closer"), [("[", "", "]"), ("[1,", "1", "]"), ('{"a":', "1", "}")])
def test_depth(skip: Callable[..., int], opener: str, inner: str, closer: str) -> None:
    for depth in (10, 2_000, MAX_DEPTH):
        text = nested(depth, opener, inner, closer)
        assert skip(text) == len(text)
    with pytest.raises(JSONSyntaxError, match=r"^nested deeper than 10000 at offset "):
        skip(nested(MAX_DEPTH + 1, opener, inner, closer))
    assert skip(nested(MAX_DEPTH - 7), 0, 7) == 2 * (MAX_DEPTH - 7)
    for depth in (8, 100):
        with pytest.raises(JSONSyntaxError, match=rf"^nested deeper than 10000 at offset {depth - 1}$"):
            skip(nested(depth), 0, MAX_DEPTH - depth + 1)
    assert skip("1", 0, MAX_DEPTH) == 1
    with pytest.raises(JSONSyntaxError, match=r"^nested deeper than 10000 at offset 0$"):
        skip("[]", 0, MAX_DEPTH)


def test_many_brackets_beside_each_other_are_not_deep(skip: Callable[..., int]) -> None:
    text = f"[{'[],' * 20_000}{{}}]"
    assert skip(text) == len(text)


def test_deep_recursion_limit_is_no_way_around() -> None:
    """Where C code may nest deeper than Go, its word is not taken for the depth."""
    program = (
        "import sys; sys.setrecursionlimit(50000)\n"
        "from codec.types.jsonscan import skip_value, JSONSyntaxError\n"
        "assert skip_value('[' * 10000 + ']' * 10000) == 20000\n"
        "try: skip_value('[' * 10001 + ']' * 10001)\n"
        "except JSONSyntaxError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "nested deeper than 10000 at offset 10000\n"


def test_long_texts_end(skip: Callable[..., int]) -> None:
    for text in (
        "7" * 1_000_000,
        f"[{'7' * 1_000_000}]",
        f'"{"a" * 1_000_000}"',
        '"' + "\\\\" * 500_000 + '"',
        f"{' ' * 1_000_000}1",
        f"[{'1,' * 200_000}1]",
    ):
        assert skip(text) == len(text)
    for bad in ("[" * 1_000_000, '{"a":' * 200_000, '"' + "a" * 1_000_000, "[" + "1," * 200_000, "-" * 1_000_000):
        with pytest.raises(JSONSyntaxError):
            skip(bad)


def test_error_pickles() -> None:
    error = pickle.loads(pickle.dumps(JSONSyntaxError("expected a JSON value", 5)))
    assert (error.reason, error.pos) == ("expected a JSON value", 5)


def test_without_json_loaded() -> None:
    """The C scanner has a flaw of its own while json.decoder is not loaded, and we do not load it."""
    program = (
        "import sys\n"
        "from codec.types.jsonscan import skip_value, JSONSyntaxError\n"
        "print(skip_value('{\"a\":[1]}'), 're' in sys.modules)\n"
        "for bad in ('{\"a\":1,}', '\"\\x01\"', '[1 2]', '{\"a\"'):\n"
        "    try: skip_value(bad)\n"
        "    except JSONSyntaxError as error: print(error.pos)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["9", "False", "7", "1", "3", "4"]


def test_without_c_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "_json", None)
    monkeypatch.setattr(jsonscan, "_scanner", None)
    assert skip_value('{"a":[1]} ') == 9
    with pytest.raises(JSONSyntaxError, match=r"^expected an object key at offset 7$"):
        skip_value('{"a":1,}')


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)
layouts = st.sampled_from([{}, {"separators": (",", ":")}, {"indent": 1}, {"indent": "\t"}, {"ensure_ascii": False}])
documents = st.builds(lambda value, layout: json.dumps(value, **layout), values, layouts)
tokens = st.lists(
    st.sampled_from(
        [*'{}[],:"\\ \n', "true", "null", "nul", "0", "-", "1.5e3", "1.", '"a"', '"\\n"', '"\\u00', "\x01", "\u2028"]
    ),
    max_size=8,
).map("".join)


@st.composite
def spoilt(draw: st.DrawFn) -> str:
    """A document with one character changed, dropped or put in."""
    text = draw(documents)
    pos = draw(st.integers(0, len(text)))
    instead = draw(st.sampled_from([*'{}[],:"\\ \x1f\n0-.eEu<&', "", "\u2028", "\u00e9"]))
    return text[:pos] + instead + text[pos + draw(st.integers(0, 1)) :]


texts = documents | spoilt() | tokens | st.text(max_size=6)


def answer(text: str, skip: Callable[[str], int]) -> tuple[int, str]:
    try:
        return skip(text), ""
    except JSONSyntaxError as error:
        return error.pos, error.reason


@given(texts)
@settings(max_examples=2000)
def test_both_halves_agree(text: str) -> None:
    assert answer(text, skip_value) == answer(text, slow_only)


@given(texts)
@settings(max_examples=6000, deadline=None)
def test_as_go(go: Ask, text: str) -> None:
    raw = base64.b64encode(text.encode("utf-8", "surrogatepass")).decode()
    theirs = go("compact", raw=raw)
    try:
        check(text)
    except JSONSyntaxError:
        assert "error" in theirs
    else:
        assert "result" in theirs, theirs


def test_depth_as_go(go: Ask) -> None:
    for text in (nested(MAX_DEPTH), nested(MAX_DEPTH + 1)):
        raw = base64.b64encode(text.encode()).decode()
        assert ("result" in go("compact", raw=raw)) == (answer(text, skip_value)[1] == "")
