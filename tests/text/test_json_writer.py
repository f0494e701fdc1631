"""Plain trees as Go's encoding/json prints them."""

from __future__ import annotations

import enum
import json
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from codec.text.json_writer import dump, quote
from codec.types.rawjson import RawJSON
from tests.text.strategies import NOT_IN_UPSTREAM, strings, trees

QUOTED = {
    "": '""',
    "plain/slash": '"plain/slash"',
    'a"b\\c': '"a\\"b\\\\c"',
    "<&>": '"\\u003c\\u0026\\u003e"',
    "\b\f\n\r\t": '"\\b\\f\\n\\r\\t"',
    "\x00\x0b\x1f": '"\\u0000\\u000b\\u001f"',
    "\x7f\x80\x85": '"\x7f\x80\x85"',
    "\u2027\u2028\u2029\u202a": '"\u2027\\u2028\\u2029\u202a"',
    "é😀\ufeff\ufffe": '"é😀\ufeff\ufffe"',
    "\udcff\udc80é": '"\\ufffd\\ufffdé"',
    "\ufffd": '"\ufffd"',
}
TREES: list[tuple[Any, str]] = [
    (None, "null"),
    (True, "true"),
    (False, "false"),
    (-5, "-5"),
    (2**70, str(2**70)),
    (1e21, "1e+21"),
    (-0.0, "-0"),
    ({}, "{}"),
    ([], "[]"),
    ({"b": 1, "a": [1, "x", {}, [], None]}, '{"b":1,"a":[1,"x",{},[],null]}'),
    ({"<": {"": True}}, '{"\\u003c":{"":true}}'),
    ([[[]], [{}], {"a": {"b": {}}}], '[[[]],[{}],{"a":{"b":{}}}]'),
    ({"raw": RawJSON(b'{ "z":1, "a":[ 1.0 ,"<"] }'), "n": 1}, '{"raw":{"z":1,"a":[1.0,"\\u003c"]},"n":1}'),
]


@pytest.mark.parametrize(("text", "want"), QUOTED.items())
def test_strings(text: str, want: str) -> None:
    assert quote(text) == want


@pytest.mark.parametrize(("tree", "want"), TREES)
def test_trees(tree: Any, want: str) -> None:
    assert dump(tree) == want.encode()


def test_indent() -> None:
    raw = RawJSON(b'{"a":[],"b":{},"c":[1,{"d":"x,:{}[]\\\\\\""}]}')
    assert dump({"k": [1, {}], "raw": raw, "e": []}, indent=2).decode() == (
        "{\n"
        '  "k": [\n    1,\n    {}\n  ],\n'
        '  "raw": {\n    "a": [],\n    "b": {},\n    "c": [\n      1,\n      {\n'
        '        "d": "x,:{}[]\\\\\\""\n'
        "      }\n    ]\n  },\n"
        '  "e": []\n'
        "}"
    )
    assert dump([1], indent=4) == b"[\n    1\n]"
    assert dump("x", indent=2) == b'"x"'


def test_subclasses_print_as_their_base() -> None:
    class Empty(list[Any]):
        pass

    class Protocol(enum.StrEnum):
        TCP = "TCP"

    class Code(enum.IntEnum):
        OK = 200

    assert (
        dump({"a": Empty(), "b": Protocol.TCP, "c": Code.OK, Protocol.TCP: 1}) == b'{"a":[],"b":"TCP","c":200,"TCP":1}'
    )


def test_bytes_of_raw_json_that_are_no_utf8_pass() -> None:
    assert dump([RawJSON(b'"\xff"')]) == b'["\xff"]'


@pytest.mark.parametrize(
    ("tree", "error", "message"),
    [
        (float("nan"), ValueError, "a number that JSON cannot hold: nan"),
        ({"a": [float("-inf")]}, ValueError, "a number that JSON cannot hold: -inf"),
        (RawJSON(b"{"), ValueError, "expected an object key at offset 1"),
        ({1, 2}, TypeError, "a set has no place in a plain tree"),
        (b"x", TypeError, "a bytes has no place in a plain tree"),
    ],
)
def test_what_cannot_be_printed(tree: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        dump(tree)


def test_depth() -> None:
    tree: Any = 1
    for _ in range(10_000):
        tree = [tree]
    assert dump(tree) == b"[" * 10_000 + b"1" + b"]" * 10_000
    with pytest.raises(ValueError, match="nested too deeply"):
        dump({"a": tree})


def test_indentation_does_not_grow_with_the_square_of_the_input() -> None:
    tree: Any = 1
    for _ in range(9_000):
        tree = {"a": tree}
    assert len(dump(RawJSON(dump(tree)))) == 9_000 * 6 + 1
    for deep in (tree, RawJSON(dump(tree))):
        with pytest.raises(ValueError, match="nested too deeply"):
            dump(deep, indent=2)


@settings(max_examples=300, deadline=None)
@given(text=strings | st.text() | st.sampled_from(NOT_IN_UPSTREAM))
def test_strings_same_as_go(go: Any, text: str) -> None:
    try:
        raw = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a surrogate that stands for no byte
        return
    assert dump(text) == go("json_string", bytes=raw)


@settings(max_examples=300, deadline=None)
@given(tree=trees, width=st.sampled_from([2, 4]))
def test_indent_same_as_go(go: Any, tree: Any, width: int) -> None:
    compact = dump(tree)
    assert dump(RawJSON(compact)) == compact == go("json_compact", json=compact)
    want = go("json_indent", json=compact, indent=" " * width)
    assert dump(tree, indent=width) == want
    assert dump(RawJSON(want), indent=width) == want
    assert dump(RawJSON(want)) == compact


@settings(deadline=None)
@given(tree=trees)
def test_reads_back(tree: Any) -> None:
    text = dump(tree)
    assume(b"\\ufffd" not in text)  # a byte that is no UTF-8
    assert dump(json.loads(text, parse_int=lambda digits: -0.0 if digits == "-0" else int(digits))) == text
