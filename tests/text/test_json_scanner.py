"""Raw JSON as a plain tree, by the C scanner and without it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codec.text import json_scanner
from codec.text.json_scanner import parse
from codec.text.json_writer import dump
from tests.text.strategies import trees

TREES: dict[str, Any] = {
    ' {"a": [1, -2.50, 1e400], "b": {}, "c": []} ': {"a": ["1", "-2.50", "1e400"], "b": {}, "c": []},
    '[true,false,null,"",[[]],[{}]]': [True, False, None, "", [[]], [{}]],
    '{"a":1,"a":{"b":2}}': {"a": {"b": "2"}},
    r'"\"\\\/\b\f\n\r\t\u0041\u00e9"': '"\\/\b\f\n\r\tAé',
    r'"\ud83d\ude00 \ud83d \ude00\ud83d\u0041"': "😀 \ud83d \ude00\ud83dA",
    r'{"\\":"\\\\\"","k\"":"}"}': {"\\": '\\\\"', 'k"': "}"},
    '"\udcff"': "\udcff",
    "0": "0",
}
BAD = (
    "",
    " ",
    "{",
    "[1,]",
    '{"a"}',
    "01",
    "-",
    "NaN",
    "Infinity",
    "nul",
    '"\x01"',
    '"\\x"',
    "1 2",
    "[1]]",
    "{'a':1}",
    "\xa01",
)


@pytest.fixture(params=["C", "Python"])
def scanner(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "Python":
        monkeypatch.setattr(json_scanner, "_c_scanner", lambda number: None)
    return str(request.param)


@pytest.mark.usefixtures("scanner")
@pytest.mark.parametrize(("text", "want"), TREES.items())
def test_trees(text: str, want: Any) -> None:
    assert parse(text, str) == want


@pytest.mark.usefixtures("scanner")
@pytest.mark.parametrize("text", BAD)
def test_bad(text: str) -> None:
    with pytest.raises(ValueError):
        parse(text, str)


@pytest.mark.usefixtures("scanner")
def test_depth() -> None:
    tree = parse("[" * 10_000 + "]" * 10_000, str)
    for _ in range(9_999):
        (tree,) = tree
    assert tree == []
    with pytest.raises(ValueError, match="nested deeper than 10000"):
        parse('{"a":' * 10_001 + "1" + "}" * 10_001, str)


@settings(deadline=None)
@given(tree=trees, indent=st.none() | st.just(2))
def test_both_ways_agree(tree: Any, indent: int | None) -> None:
    text = dump(tree, indent or 0).decode()
    value = json_scanner._build(text, str)
    assert value == parse(text, str)
    assert value == json.loads(text, parse_int=str, parse_float=str)
