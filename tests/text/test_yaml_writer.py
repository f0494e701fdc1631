"""Plain trees as sigs.k8s.io/yaml prints them. The expected texts are Go's answers."""

from __future__ import annotations

import enum
import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from codec.text import json_writer
from codec.text.yaml_reader import documents
from codec.text.yaml_writer import dump
from codec.types.rawjson import RawJSON
from tests.text.conftest import Go, GoError
from tests.text.strategies import NOT_IN_UPSTREAM, PIECES, keys, leaves, strings, trees

WORDS = "lorem ipsum dolor sit amet "
TREES: list[tuple[Any, str]] = [
    # the shape
    (None, "null\n"),
    ({}, "{}\n"),
    ([], "[]\n"),
    ("x", "x\n"),
    (
        {"b": [1, {"x": 1, "y": {"z": []}}, [2, [3]]], "a": {}},
        'a: {}\nb:\n- 1\n- x: 1\n  "y":\n    z: []\n- - 2\n  - - 3\n',
    ),
    ([[1, [2]], [], {}, {"a": [[]]}], "- - 1\n  - - 2\n- []\n- {}\n- a:\n  - []\n"),
    ([[{"a": 1, "b": [2]}]], "- - a: 1\n    b:\n    - 2\n"),
    # the order of keys
    ({"key10": 1, "key9": 1, "key09": 1, "Key": 1, "a": 1}, "Key: 1\na: 1\nkey9: 1\nkey09: 1\nkey10: 1\n"),
    ({"a_b": 1, "a.b": 1, "ab": 1, "a": 1, "a-b": 1}, "a: 1\na-b: 1\na.b: 1\na_b: 1\nab: 1\n"),
    ({"a1b": 1, "a2": 1, "é": 1, "z": 1, "٣": 1}, "٣: 1\na1b: 1\na2: 1\nz: 1\né: 1\n"),
    ({"v1": 1, "v1.2": 1, "v1.10": 1, "v10": 1, "v01": 1}, "v1: 1\nv1.2: 1\nv1.10: 1\nv01: 1\nv10: 1\n"),
    # numbers
    (
        [1.0, 0.5, -0.0, 1e6, 1e19, 1e20, 1234567.5, 1e-7],
        "- 1\n- 0.5\n- 0\n- 1000000\n- 10000000000000000000\n- 1e+20\n- 1.2345675e+06\n- 1e-07\n",
    ),
    (
        [2**64 - 1, 2**64, -(2**63), -(2**63) - 1],
        "- 18446744073709551615\n- 1.8446744073709552e+19\n- -9223372036854775808\n- -9.223372036854776e+18\n",
    ),
    (10**309, f"{10**309}\n"),
    # quotes
    (
        ["", "null", "~", "y", "On", "1", "0x1F", "1e3", "1:30", "2001-01-01", ".inf"],
        '- ""\n- "null"\n- "~"\n- "y"\n- "On"\n- "1"\n- "0x1F"\n- "1e3"\n- "1:30"\n- "2001-01-01"\n- ".inf"\n',
    ),
    (
        ["a: b", "a #b", "- a", "-", "?", "? a", ": a", "a:", "#a", "---", "...x", "%a", "it's: x"],
        "- 'a: b'\n- 'a #b'\n- '- a'\n- '-'\n- '?'\n- '? a'\n- ': a'\n- 'a:'\n- '#a'\n- '---'\n- '...x'\n- '%a'\n"
        "- 'it''s: x'\n",
    ),
    (
        ["-a", "a-", "?a", ":a", "a:b", "a#b", "<<", "=", "it's", 'a"b', "a\\b", "10.0.0.1"],
        "- -a\n- a-\n- ?a\n- :a\n- a:b\n- a#b\n- <<\n- =\n- it's\n- a\"b\n- a\\b\n- 10.0.0.1\n",
    ),
    ([" a", "a ", " "], "- ' a'\n- 'a '\n- ' '\n"),
    (
        ["a\tb", "a\rb", "\0\a\b\v\f\x1b", "\x01", "😀", "é\xa0\u200b\ufffd"],
        '- "a\\tb"\n- "a\\rb"\n- "\\0\\a\\b\\v\\f\\e"\n- "\\x01"\n- "\\U0001F600"\n- é\xa0\u200b\ufffd\n',
    ),
    (["\ufeffa b", "a\ufeffb", "a\ufeff\n"], '- "\\uFEFF\\x61\\x20\\x62"\n- "a\\uFEFFb"\n- "a\\uFEFF\\n"\n'),
    (
        ["a\u2028b", "a\u2028 b", {"\u2028": "x\n\u2029"}],
        "- 'a\u2028  b'\n- \"a\\L b\"\n- ? '\u2028'\n  : |+\n    x\n\u2029",
    ),
    (["\udc80\udcff", {"\udc80": 1}], "- \ufffd\ufffd\n- \ufffd: 1\n"),
    # block scalars
    (
        ["a\nb", "a\nb\n", "a\n\n", "\n", "\na", " a\n", "a\n b\n", "a\n\n\nb"],
        "- |-\n  a\n  b\n- |\n  a\n  b\n- |+\n  a\n\n- |2+\n\n- |2-\n\n  a\n- |2\n   a\n- |\n  a\n   b\n"
        "- |-\n  a\n\n\n  b\n",
    ),
    (["a \nb", "a\n ", "a\tb\n", "a\r\nb"], '- "a \\nb"\n- "a\\n "\n- "a\\tb\\n"\n- "a\\r\\nb"\n'),
    ("a\nb", "|-\n  a\n  b\n"),
    ({"k": {"l": "a\nb\n", "m": 1}}, "k:\n  l: |\n    a\n    b\n  m: 1\n"),
    # folding
    (WORDS * 4, f"'{(WORDS * 3)[:-1]}\n  {WORDS}'\n"),
    ({"k": (WORDS * 4)[:-1]}, f"k: {WORDS * 2}lorem ipsum dolor sit amet\n  lorem ipsum dolor sit amet\n"),
    ("\x01" + WORDS * 4, f'"\\x01{(WORDS * 3)[:-1]}\n  {WORDS}"\n'),
    ("a" * 85 + "  b c", f"{'a' * 85}  b\n  c\n"),
    ("\x01" + "a" * 85 + "  b c", f'"\\x01{"a" * 85}\n  \\ b c"\n'),
    ("a" * 200, "a" * 200 + "\n"),
    ("a" * 80 + " b", "a" * 80 + " b\n"),
    ("a" * 81 + " b", "a" * 81 + "\n  b\n"),
    # keys
    (
        {"a": {"": 1, "null": 1, "a b": 1, "a: b": 1, "😀": 1}},
        'a:\n  "": 1\n  "\\U0001F600": 1\n  a b: 1\n  \'a: b\': 1\n  "null": 1\n',
    ),
    ({"k" * 128: 1}, f"{'k' * 128}: 1\n"),
    ({"k" * 129: [1, {"a": []}]}, f"? {'k' * 129}\n: - 1\n  - a: []\n"),
    ({"é" * 65: {"a": 1, "b": "x"}}, f"? {'é' * 65}\n: a: 1\n  b: x\n"),
    ({"a\nb": {"c": 1}}, "? |-\n  a\n  b\n: c: 1\n"),
    ({"a\rb": 1}, '? "a\\rb"\n: 1\n'),
    ({"a " * 100: 1}, f"? '{'a ' * 39}a\n  {'a ' * 39}a\n  {'a ' * 20}'\n: 1\n"),
]


@pytest.mark.parametrize(("tree", "want"), TREES)
def test_trees(tree: Any, want: str) -> None:
    assert dump(tree) == want


@pytest.mark.parametrize("tree", [tree for tree, _ in TREES])
def test_the_table_is_what_go_prints(go: Go, tree: Any) -> None:
    assert dump(tree) == go("json_to_yaml", json=json_writer.dump(tree)).decode()


def test_raw_json() -> None:
    raw = RawJSON(b'{"b":1.0,"a":[1e6,-0,-0.0,1e400,1E2],"d":"\\u003c","b":2,"s":"1","n":null,"e":{},"t":true}')
    want = 'a:\n- 1e+06\n- 0\n- -0\n- 1e400\n- 100\nb: 2\nd: <\ne: {}\n"n": null\ns: "1"\nt: true\n'
    assert dump(raw) == want
    assert dump({"raw": raw, "z": [RawJSON(b' "x" '), RawJSON(b"[[1]]")]}) == (
        "raw:\n" + "".join(f"  {line}\n" for line in want.splitlines()) + "z:\n- x\n- - - 1\n"
    )


def test_subclasses_print_as_their_base() -> None:
    class Empty(list[Any]):
        pass

    class Protocol(enum.StrEnum):
        TCP = "TCP"
        YES = "yes"

    assert dump({"a": Empty(), "b": [Protocol.TCP, Protocol.YES]}) == 'a: []\nb:\n- TCP\n- "yes"\n'


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("a\x7fb", '"a\\x7Fb"\n'),
        ("a\x80b", '"a\\x80b"\n'),
        ("a\x85b", '"a\\Nb"\n'),
        ("a\ufffe", '"a\\uFFFE"\n'),
        ({"k" * 1023: 1}, f"? {'k' * 1023}\n: 1\n"),
        (RawJSON(rb'"\ud83d\ude00\/"'), '"\\U0001F600/"\n'),
        (RawJSON(b'"a\xff"'), "a\ufffd\n"),
    ],
)
def test_what_go_cannot_print(go: Go, text: Any, want: str) -> None:
    """The departures: each has to be one still."""
    assert dump(text) == want
    try:
        upstream = go("json_to_yaml", json=json_writer.dump(text)).decode()
    except GoError:
        return
    assert upstream != want
    ((read, _),) = documents(want)
    assert json.loads(read) == text


def test_the_emitter_writes_the_same_where_only_the_reading_of_json_stands_in_its_way(go: Go) -> None:
    for text in ("a\x7fb", "a\x80b", "a\x85b", "a\ufffe", "\x85", " \x85 ", "a\x85\n"):
        for tree in ([text], {"k": text}, {text: "v"}):
            assert dump(tree) == go("yaml_emit", json=json_writer.dump(tree)).decode()


@pytest.mark.parametrize(
    ("tree", "error", "message"),
    [
        ([float("nan")], ValueError, "a number that JSON cannot hold: nan"),
        (float("inf"), ValueError, "a number that JSON cannot hold: inf"),
        ([RawJSON(b"[")], ValueError, "expected a JSON value at offset 1"),
        ({"a": {1, 2}}, TypeError, "a set has no place in a plain tree"),
    ],
)
def test_what_cannot_be_printed(tree: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        dump(tree)


def test_depth() -> None:
    tree: Any = []
    for _ in range(9_999):
        tree = [tree]
    assert dump(tree) == "- " * 9_999 + "[]\n"
    with pytest.raises(ValueError, match="nested too deeply"):
        dump([[tree, 1]])


@pytest.mark.parametrize("leaf", [1, "a " * 100_000, "a\n" * 100_000, [1] * 100_000, ["x"] * 100_000])
def test_indentation_does_not_grow_with_the_square_of_the_input(leaf: Any) -> None:
    tree = leaf
    for _ in range(9_000):
        tree = {"a": tree}
    with pytest.raises(ValueError, match="nested too deeply"):
        dump(tree)
    tree = leaf
    for _ in range(50):
        tree = {"a": tree}
    assert len(dump(tree)) < 25_000_000


def test_keys_in_a_cycle_of_their_order_are_all_printed() -> None:
    assert sorted(dump({"a1b": 1, "a12": 1, "a2": 1}).split()) == ["1", "1", "1", "a12:", "a1b:", "a2:"]


@settings(max_examples=1500, deadline=None)
@given(tree=trees | st.dictionaries(keys, leaves, max_size=8) | strings)
def test_same_as_go(go: Go, tree: Any) -> None:
    text = json_writer.dump(tree)
    assume(not any(len(key) > 1000 for key in _keys(tree)))
    assert dump(tree) == go("json_to_yaml", json=text).decode()


@settings(max_examples=300, deadline=None)
@given(tree=trees)
def test_raw_json_same_as_go(go: Go, tree: Any) -> None:
    text = json_writer.dump(tree, indent=2)
    assert dump(RawJSON(text)) == go("json_to_yaml", json=text).decode()
    assert dump([RawJSON(text)]) == go("json_to_yaml", json=b"[" + text + b"]").decode()


@settings(max_examples=500, deadline=None)
@given(text=st.lists(st.sampled_from([*PIECES, *NOT_IN_UPSTREAM]), max_size=10).map("".join), key=st.booleans())
def test_reads_back(text: str, key: bool) -> None:
    """What is printed reads as it was, apart from bytes that are no UTF-8 and upstream's own slips with U+2028."""
    assume(not {"\u2028", "\u2029", "\udc80"} & set(text))
    assume(text != "<<" or not key)  # which upstream prints without quotes, and reads as a merge
    tree = {text: "x"} if key else ["a", text]
    ((read, where),) = documents(dump(tree))
    assert json.loads(read) == tree
    assert where([text] if key else [1]) is not None


def _keys(tree: Any) -> list[str]:
    if isinstance(tree, dict):
        return [*tree, *(key for value in tree.values() for key in _keys(value))]
    return [key for value in tree for key in _keys(value)] if isinstance(tree, list) else []


def test_imports_stay_light() -> None:
    """The writers are on the road of the command that prints one object."""
    heavy = [
        "typing",
        "enum",
        "dataclasses",
        "pathlib",
        "logging",
        "json",
        "re",
        "yaml",
        "datetime",
        "decimal",
        "msgspec",
    ]
    code = (
        "import sys; before = set(sys.modules)\n"
        "from codec.text import json_writer, yaml_writer\n"
        "yaml_writer.dump({'a': [1.5, 'x y', '2001-01-01', None]}); json_writer.dump([1.5])\n"
        f"print(*sorted((set(sys.modules) - before) & set({heavy!r})))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
