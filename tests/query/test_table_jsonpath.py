"""JSONPath of printer columns, by hand and against client-go's where Go is there."""

from __future__ import annotations

import json
import random
from typing import Any

import oracle
import pytest

from codec.query.age import Clock
from codec.query.columns import jsonpath
from codec.query.columns.custom import _READS

TREE: dict[str, Any] = {
    "apiVersion": "example.com/v1",
    "kind": "Thing",
    "metadata": {"name": "n", "annotations": {"example.com/a.b": "dotted", "it's": "quoted"}},
    "spec": {
        "text": "t",
        "zero": 0,
        "number": 2.5,
        "flag": True,
        "null": None,
        "list": [5, 1, 2, 3],
        "texts": ["a", "b)c", "it's", 'say "x"'],
        "nested": [[1, 2], [3], []],
        "empty": [],
        "object": {"only": {"deep": [1, {"deep": "bottom"}]}},
        "*": "star",
    },
    "status": {
        "conditions": [
            {"type": "Ready", "status": "True", "n": 1},
            {"type": "Synced", "status": "False", "reason": "R", "n": 2.5},
            {"type": "Ready", "status": "Unknown", "n": 1},
            {},
        ]
    },
}


def found(path: str) -> list[Any]:
    return jsonpath.find(jsonpath.parse(path), TREE)


@pytest.mark.parametrize(
    ("path", "values"),
    [
        (".kind", ["Thing"]),
        ("$.kind", ["Thing"]),
        (".spec.missing", []),
        (".spec.missing.more", []),
        (".spec.text.more", []),
        (".spec.null", [None]),
        (".spec.null.more", []),
        (r".metadata.annotations.example\.com/a\.b", ["dotted"]),
        (r".metadata.annotations['example\.com/a\.b']", ["dotted"]),
        (".spec['text']", ["t"]),
        (".spec['text','zero']", ["t", 0]),
        (".spec.list[0]", [5]),
        (".spec.list[-1]", [3]),
        (".spec.list[4]", []),
        (".spec.list[-5]", []),
        (".spec.list[1:3]", [1, 2]),
        (".spec.list[2:]", [2, 3]),
        (".spec.list[:2]", [5, 1]),
        (".spec.list[::2]", [5, 2]),
        (".spec.list[-2:]", [2, 3]),
        (".spec.list[0:-1]", [5, 1, 2]),
        (".spec.list[3:1]", []),
        (".spec.list[0,2]", [5, 2]),
        (".spec.list[*]", [5, 1, 2, 3]),
        (".spec.nested[*][0]", []),
        (".spec.nested[0:2][0]", [1, 3]),
        (".spec.text[0]", []),
        (".spec.object.*.deep[0]", [1]),
        (".kind.*", [84, 104, 105, 110, 103]),
        (".spec.texts..", [TREE["spec"]["texts"], *TREE["spec"]["texts"]]),
        ('.status.conditions[?(@.type=="Ready")].status', ["True", "Unknown"]),
        (".status.conditions[?(@.type == 'Synced')].reason", ["R"]),
        (".status.conditions[?(@.reason)].type", ["Synced"]),
        (".status.conditions[?(@.n>1)].type", []),
        (".status.conditions[?(@.n>1.5)].type", []),
        (".spec.list[?(@>=2)]", [5, 2, 3]),
        (".spec.list[?(@!=5)]", [1, 2, 3]),
        ('.spec.texts[?(@=="b)c")]', ["b)c"]),
        (".spec.text[?(@.a)]", []),
        ("..bottom", []),
        ("..only.deep[0]", [1]),
    ],
)
def test_what_a_path_finds(path: str, values: list[Any]) -> None:
    assert found(path) == values


@pytest.mark.parametrize(
    "path",
    ["range .x", "end", ".a[", ".a[x]", ".a[?(@.b]", ".a[?(@.b==1)", "'open", ".a[?(@=='x)]", "....a", ".a[1:2:3:4]"],
)
def test_paths_that_are_refused(path: str) -> None:
    with pytest.raises(jsonpath.PathError):
        jsonpath.parse(path)


def some_path(chance: random.Random) -> str:
    words = [
        "spec",
        "status",
        "metadata",
        "conditions",
        "list",
        "texts",
        "nested",
        "object",
        "type",
        "n",
        "only",
        "deep",
    ]
    words += ["flag", "null", "number", "text", "missing", "zero", "empty", "annotations"]

    def part() -> str:
        return chance.choice(
            [
                *[f".{chance.choice(words)}" for _ in range(8)],
                ".spec.list",
                ".status.conditions",
                f"[{chance.randrange(-5, 6)}]",
                f"[{chance.choice(['', '0', '1', '-2'])}:{chance.choice(['', '2', '-1', '9'])}]",
                f"[::{chance.choice(['1', '2', '0', '-1', ''])}]",
                "[*]",
                ".*",
                "..",
                "..deep",
                f"['{chance.choice(words)}']",
                f"[{chance.randrange(3)},{chance.randrange(3)}]",
                f"[?(@{chance.choice(['', '.type', '.n', '.reason'])}{comparison()})]",
                " ",
                "@",
                "$",
            ]
        )

    def comparison() -> str:
        operator = chance.choice(["==", "!=", "<", ">", "<=", ">=", "=", "=="])
        value = chance.choice(["1", "2.5", "-3", "'Ready'", '"True"', "true", "@.n", "'it\\'s'", ""])
        return chance.choice(["", f"{operator}{value}", f" {operator} {value}"])

    starts = (
        ".spec.object",
        ".spec",
        ".spec.list",
        ".spec.texts",
        ".spec.nested",
        ".status.conditions",
        ".status.conditions",
        "",
    )
    return chance.choice(starts) + "".join(part() for _ in range(chance.randrange(1, 4)))


def in_any_order(values: list[Any]) -> list[str]:
    return sorted(json.dumps(value, sort_keys=True) for value in values)


@pytest.mark.skipif(not oracle.available(), reason="needs Go")
def test_random_paths_find_what_client_go_finds() -> None:
    chance = random.Random(8)
    paths = sorted({some_path(chance) for _ in range(10000)})
    answers = oracle.ask({"op": "jsonpath", "path": path, "tree": TREE} for path in paths)
    count = 0
    for path, answer in zip(paths, answers, strict=True):
        if answer.get("error", "").startswith("panic"):  # upstream's own fault
            continue
        theirs = answer["result"]
        try:
            values = found(path)
        except jsonpath.PathError:
            assert theirs.get("refused"), path
            continue
        assert not theirs.get("refused"), path
        # Upstream takes the entries of a map in any order.
        is_ordered = ".*" not in path and ".." not in path
        theirs_found = theirs["values"] or []
        if is_ordered:
            assert values == theirs_found, path
        else:
            assert in_any_order(values) == in_any_order(theirs_found), path
        if values and is_ordered and not isinstance(values[0], float):
            assert _READS["string"](values[0], Clock(0)) == theirs["text"], path
        count += bool(values)
    assert count > 300
