"""The fields that differ are those that the server's own code finds, on captured objects and what becomes of them."""

from __future__ import annotations

import copy
from collections import Counter, defaultdict
from random import Random
from typing import Any

import pytest
from change import server_side_apply

from codec.change.compare import compare_trees
from codec.change.field_change import REORDERED
from codec.change.managed_fields import step_of

pytestmark = pytest.mark.skipif(not server_side_apply.available(), reason="no Go")

# Groups whose types server-side apply takes from elsewhere.
OTHERS = ("apiextensions.k8s.io/", "apiregistration.k8s.io/", "stable.example.com/")
# What the code of server-side apply does not compare, and why.
INCOMPARABLE = ("duplicate entries for key", "is registered for version")
EDITS, TIMES = 6, 8  # of an object at most; edited copies of each
PER_KIND = 12

Path = tuple[Any, ...]


def edited(tree: dict[str, Any], source: Random) -> dict[str, Any]:
    """A copy with some fields and elements changed, removed, added, put in another order."""
    out = copy.deepcopy(tree)
    for _ in range(source.randrange(1, EDITS)):
        _edit(out, source)
    return out


def _edit(container: Any, source: Random, inside_list: bool = False) -> None:
    step = source.choice(list(container) if isinstance(container, dict) else range(len(container)))
    value = container[step]
    if step in ("fieldsV1", "apiVersion", "kind"):
        return
    if isinstance(value, (dict, list)) and value and source.random() < 0.85:
        _edit(value, source, isinstance(container, list))
    elif isinstance(container, list):
        if source.random() < 0.4:
            del container[step]
        elif source.random() < 0.4:
            source.shuffle(container)
        elif isinstance(value, str):
            container[step] = f"{value}x"
        elif isinstance(value, dict) and "name" in value:
            container.append({**value, "name": f"new{source.randrange(9999)}"})
    elif source.random() < 0.4 and not inside_list:  # an element may need the field to be told apart
        del container[step]
    elif isinstance(value, bool):
        container[step] = not value
    elif isinstance(value, int):
        container[step] = value + 1
    elif isinstance(value, str):
        container[step] = f"{value}x"


def comparable(steps: Any) -> Path:
    """Steps in a form that does not depend on the order of keys."""
    return tuple(
        frozenset((name, repr(value)) for name, value in step if value is not None) if isinstance(step, tuple) else step
        for step in steps
    )


def is_related(one: Path, other: Path) -> bool:
    """Whether one leads to the other, or the other way round: lists may be compared as a whole."""
    length = min(len(one), len(other))
    return one[:length] == other[:length]


def test_the_fields_that_differ(captured: list[dict[str, Any]]) -> None:
    source = Random(11)
    kinds = defaultdict(list)
    for tree in captured:
        if not tree["apiVersion"].startswith(OTHERS):
            kinds[tree["apiVersion"], tree["kind"]].append(tree)
    pairs = []
    for trees in kinds.values():
        for tree in trees[:PER_KIND]:
            pairs += [(tree, edited(tree, source)) for _ in range(TIMES)]
            pairs.append((tree, source.choice(trees)))
    outcome: Counter[str] = Counter()
    wrong = []
    for (old, new), answer in zip(pairs, server_side_apply.ask(pairs), strict=True):
        if answer.get("error"):
            assert any(words in answer["error"] for words in INCOMPARABLE), answer["error"]
            outcome["incomparable"] += 1
            continue
        theirs = {comparable(map(step_of, path)) for path in answer["result"]}
        changes = compare_trees(old, new)
        # Of a list that the server takes as a whole, another order is a change; of others it is none.
        orders = [comparable(change.steps) for change in changes if change.operation == REORDERED]
        ours = {comparable(change.steps) for change in changes if change.operation != REORDERED}
        wrong += [("not found", old["kind"], path) for path in theirs if not _is_known(path, [*ours, *orders])]
        wrong += [("not there", old["kind"], path) for path in ours if not _is_known(path, theirs)]
        outcome["equal" if not theirs else "differing"] += 1
    assert wrong == []
    assert outcome["differing"] > 1000
    assert outcome["incomparable"] < 60


def _is_known(path: Path, others: Any) -> bool:
    return any(is_related(path, other) for other in others)
