"""How changes are printed: values in one line that can be taken for nothing else, long ones where they differ."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codec.change.compare import compare_trees
from codec.change.managed_fields import Manager
from codec.cli.changes import SHOWN_TEXT, change_tree, lines, manager_tree, managers_text, painted, shown


def printed(old: Any, new: Any) -> list[str]:
    return [line.rstrip("\n") for line in lines(compare_trees(old, new), "")]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("web", "web"),
        ("nginx:1.29", "nginx:1.29"),
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        ("a → b", "a → b"),
        ("", '""'),
        ("true", '"true"'),
        ("4", '"4"'),
        ("-1.5", '"-1.5"'),
        ("1e3", '"1e3"'),
        ("-x", "-x"),
        (" a", '" a"'),
        ("a ", '"a "'),
        ('"a"', '"\\"a\\""'),
        ("{a", '"{a"'),
        ("a\tb", '"a\\tb"'),
        ("\x1b[31m", '"\\x1b[31m"'),
        (4, "4"),
        (True, "true"),
        (None, "null"),
        ({"a": [1, "<x>"]}, '{"a": [1, "<x>"]}'),
        ("x" * 200, "x" * SHOWN_TEXT + "…"),
        (["\x1b"], '["\\u001b"]'),
    ],
)
def test_values(value: Any, text: str) -> None:
    assert shown(value) == text


@given(st.text())
def test_no_value_acts_on_a_terminal(text: str) -> None:
    for value in (text, [text], {text: text}):
        assert shown(value).isprintable()
    for line in lines(compare_trees({"a": text}, {"a": text + "x", "b": text}), ""):
        assert line.removesuffix("\n").isprintable()


def test_lines() -> None:
    old = {"a": 1, "gone": "x", "set": {"finalizers": ["p"]}, "containers": [{"name": "a"}, {"name": "b"}], "cpu": "1"}
    new = {
        "a": 2,
        "new": [],
        "set": {"finalizers": ["q"]},
        "containers": [{"name": "b"}, {"name": "a"}],
        "cpu": "1000m",
    }
    assert printed(old, new) == [
        "- gone: x",
        "  a: 1 → 2",
        "+ new: []",
        "- set.finalizers[=p]",
        "+ set.finalizers[=q]",
        "  containers: order name=a, name=b → name=b, name=a",
        '  cpu: "1" → 1000m  (equal in value)',
    ]


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("a\nb\nc", "a\nB\nc", '…"b"… → …"B"…  (line 2, 5 → 5 characters)'),
        ("a\nb", "a\nb\nc", '…"b" → …"b"…  (line 2, 3 → 5 characters)'),
        ("", "a\n", '"" → "a"…  (line 1, 0 → 2 characters)'),
        ("x" * 300, "x" * 299, f'…"{"x" * 21}" → …"{"x" * 20}"  (300 → 299 characters)'),
    ],
)
def test_long_texts(old: str, new: str, text: str) -> None:
    assert printed({"k": old}, {"k": new}) == [f"  k: {text}"]


def test_for_scripts() -> None:
    old = {"containers": [{"name": "a"}, {"name": "b"}], "cpu": "1", "gone": 1}
    new = {"containers": [{"name": "b"}, {"name": "a"}], "cpu": "1000m", "new": 2}
    assert [change_tree(change) for change in compare_trees(old, new)] == [
        {"operation": "removed", "path": "gone", "old": 1},
        {
            "operation": "reordered",
            "path": "containers",
            "old": ["[name=a]", "[name=b]"],
            "new": ["[name=b]", "[name=a]"],
        },
        {"operation": "changed", "path": "cpu", "old": "1", "new": "1000m", "equalInValue": True},
        {"operation": "added", "path": "new", "new": 2},
    ]


def test_managers() -> None:
    found = [
        Manager({"manager": "kubelet", "operation": "Update", "subresource": "status", "time": "2026-01-01T00:00:00Z"}),
        Manager({"manager": "a\x1b", "operation": "Apply"}),
        Manager({"manager": "a\x1b", "operation": "Apply", "time": "2026-01-01T00:00:00Z"}),
        Manager({"manager": "old"}),
    ]
    assert managers_text(found) == "by kubelet (Update status), a\\x1b (Apply), old"
    assert managers_text([]) == ""
    assert manager_tree(found[0]) == {
        "manager": "kubelet",
        "operation": "Update",
        "subresource": "status",
        "time": "2026-01-01T00:00:00Z",
    }


def test_colors() -> None:
    assert painted("+", "x", True) == "\x1b[32mx\x1b[0m"
    assert painted("+", "x", False) == "x"
    assert painted(" ", "x", True) == "x"
