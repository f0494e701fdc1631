"""Objects compared field by field, and what the changes make of the first when they are applied."""

from __future__ import annotations

import copy
import itertools
import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from text.strategies import trees

import codec
from codec.change.apply import apply
from codec.change.compare import comparable, compare, compare_trees
from codec.change.field_change import ADDED, CHANGED, REMOVED, REORDERED, FieldChange
from codec.errors import DecodeError

# Fields that mean something to the rules of lists, with values that repeat.
NAMES = st.sampled_from(
    ["name", "containers", "ports", "containerPort", "port", "protocol", "finalizers", "type", "conditions", "env", "x"]
)
VALUES = st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(["a", "b", "TCP", "UDP", "", 1.0, 0.5])
OBJECTS = st.recursive(
    VALUES, lambda inner: st.lists(inner, max_size=6) | st.dictionaries(NAMES, inner, max_size=5), max_leaves=30
)


def text(tree: Any) -> str:
    """What tells 1 from true, as == does not; 1 and 1.0 are one number."""
    return json.dumps(tree, sort_keys=True).replace("1.0", "1")


def shown(changes: list[FieldChange]) -> list[tuple[str, str, Any, Any]]:
    return [(change.operation, change.path, change.old, change.new) for change in changes]


@given(OBJECTS, OBJECTS)
def test_changes_make_the_second_of_the_first(old: Any, new: Any) -> None:
    before = copy.deepcopy(old)
    changes = compare_trees(old, new)
    assert text(apply(old, changes)) == text(new)
    assert bool(changes) == (text(old) != text(new))
    assert old == before


@given(trees, trees)
def test_any_trees(old: Any, new: Any) -> None:
    assert apply(old, compare_trees(old, new)) == new
    assert compare_trees(new, new) == []


def test_captured_objects_make_each_other(captured: list[dict[str, Any]]) -> None:
    for old, new in itertools.pairwise(captured):
        before, after = comparable(old), comparable(new)
        assert apply(before, compare(old, new)) == after


def pod(*containers: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [*containers]}}


def test_lists_by_their_keys() -> None:
    old = pod(
        {"name": "web", "image": "web:1", "ports": [{"containerPort": 80}, {"containerPort": 53, "protocol": "UDP"}]},
        {"name": "log", "image": "log:1"},
    )
    new = pod(
        {"name": "new", "image": "new:1"},
        {"name": "web", "image": "web:2", "ports": [{"containerPort": 80, "protocol": "TCP"}, {"containerPort": 53}]},
    )
    assert shown(compare(old, new)) == [
        (REMOVED, "spec.containers[name=log]", {"name": "log", "image": "log:1"}, None),
        (ADDED, "spec.containers[name=new]", None, {"name": "new", "image": "new:1"}),
        (CHANGED, "spec.containers[name=web].image", "web:1", "web:2"),
        (
            REMOVED,
            "spec.containers[name=web].ports[containerPort=53,protocol=UDP]",
            {"containerPort": 53, "protocol": "UDP"},
            None,
        ),
        (ADDED, "spec.containers[name=web].ports[containerPort=80,protocol=TCP].protocol", None, "TCP"),
        (ADDED, "spec.containers[name=web].ports[containerPort=53,protocol=TCP]", None, {"containerPort": 53}),
    ]


def test_another_order_is_told() -> None:
    old, new = pod({"name": "a"}, {"name": "b"}), pod({"name": "b"}, {"name": "c"}, {"name": "a"})
    added, reordered = compare(old, new)
    assert (added.operation, added.path, added.place) == (ADDED, "spec.containers[name=c]", 1)
    assert (reordered.operation, reordered.path) == (REORDERED, "spec.containers")
    assert apply(old, [added, reordered]) == new


def test_keys_that_repeat_leave_the_places() -> None:
    old = pod({"name": "a", "image": "1"}, {"name": "a", "image": "2"})
    new = pod({"name": "a", "image": "1"}, {"name": "a", "image": "3"})
    assert [change.path for change in compare(old, new)] == ["spec.containers[1].image"]


def test_sets_and_sequences() -> None:
    old = {"metadata": {"finalizers": ["a", "b"]}, "args": ["-v", "--x=1", "--y"]}
    new = {"metadata": {"finalizers": ["b", "c/d"]}, "args": ["-v", "--x=2", "--z", "--y"]}
    assert shown(compare(old, new)) == [
        (REMOVED, "metadata.finalizers[=a]", "a", None),
        (ADDED, "metadata.finalizers[=c/d]", None, "c/d"),
        (CHANGED, "args[1]", "--x=1", "--x=2"),
        (ADDED, "args[2]", None, "--z"),
    ]


def test_places_are_paired_only_where_something_is_left() -> None:
    rules = [{"verbs": ["get"], "resources": ["pods"]}, {"nonResourceURLs": ["/healthz"], "verbs": ["post"]}]
    new = [{"verbs": ["get", "list"], "resources": ["pods"]}, {"apiGroups": ["apps"]}]
    assert [(change.operation, change.path) for change in compare({"rules": rules}, {"rules": new})] == [
        (ADDED, "rules[0].verbs[=list]"),
        (REMOVED, "rules[1]"),
        (ADDED, "rules[1]"),
    ]


def test_true_is_not_one() -> None:
    (change,) = compare_trees({"a": 1}, {"a": True})
    assert change.operation == CHANGED
    assert compare_trees({"a": 1}, {"a": 1.0}) == []


def test_no_object_on_one_side() -> None:
    tree = pod()
    assert compare(None, None) == []
    assert shown(compare(None, tree)) == [(ADDED, "", None, tree)]
    assert shown(compare(tree, None)) == [(REMOVED, "", tree, None)]


def test_typed_objects() -> None:
    from codec.api.core.v1 import ConfigMap
    from codec.api.meta.v1 import ObjectMeta

    old = ConfigMap(metadata=ObjectMeta(name="a", resourceVersion="1"), data={"k": "1"})
    new = ConfigMap(metadata=ObjectMeta(name="a", resourceVersion="2"), data={"k": "2"})
    assert [change.path for change in compare(old, new, bookkeeping=False)] == ["data.k"]
    assert [change.path for change in compare(old, codec.to_dict(new))] == ["metadata.resourceVersion", "data.k"]


@pytest.mark.parametrize(
    ("old", "new", "equal"),
    [
        ("1", "1000m", True),
        ("1Gi", "1024Mi", True),
        ("1", "2", False),
        ("2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", True),
        ("2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z", False),
        ("a", "b", False),
        (1, 2, False),
    ],
)
def test_equal_in_value(old: Any, new: Any, equal: bool) -> None:
    (change,) = compare_trees({"a": old}, {"a": new})
    assert change.equal_in_value is equal


@pytest.mark.parametrize(
    ("steps", "path"),
    [
        (("spec", "replicas"), "spec.replicas"),
        (("metadata", "annotations", "example.com/a"), "metadata.annotations[example.com/a]"),
        (("data", "tls.crt"), "data[tls.crt]"),
        (("data", "7"), 'data["7"]'),
        (("data", ""), 'data[""]'),
        (("data", "a]b"), 'data["a]b"]'),
        (("spec", "ports", (("port", 80), ("protocol", "TCP"))), "spec.ports[port=80,protocol=TCP]"),
        (("a", (("x", True), ("y", None))), "a[x=true]"),
        (("endpoints", (("addresses", ["::1", "1.2.3.4"]),)), "endpoints[addresses=::1+1.2.3.4]"),
        (("args", 3, "x"), "args[3].x"),
        ((), ""),
    ],
)
def test_paths(steps: Any, path: str) -> None:
    assert FieldChange(CHANGED, steps).path == path


@pytest.mark.parametrize(
    "change",
    [
        FieldChange(REMOVED, ("b",), 1),
        FieldChange(CHANGED, ("a", "b"), 1, 2),
        FieldChange(CHANGED, ("list", 5, "x"), 1, 2),
        FieldChange(REMOVED, ("list", (("name", "z"),)), {}),
        FieldChange(CHANGED, ("list", "x"), 1, 2),
        FieldChange(CHANGED, (0,), 1, 2),
        FieldChange(REORDERED, ("list",), [], [(("name", "z"),)]),
    ],
)
def test_changes_that_do_not_fit(change: FieldChange) -> None:
    with pytest.raises(DecodeError, match="the change does not fit the tree"):
        apply({"a": 1, "list": [{"name": "a"}]}, [change])


def test_long_lists_take_time_in_proportion() -> None:
    """10,000 entries, far more pairs than could be looked at: this ends at all, and the changes are right."""
    source = random.Random(7)
    old = [{"id": source.getrandbits(60), "n": number} for number in range(10_000)]
    new = list(old)
    for _ in range(200):
        new[source.randrange(len(new))] = {"id": source.getrandbits(60), "n": -1}
        del new[source.randrange(len(new))]
        new.insert(source.randrange(len(new)), {"id": source.getrandbits(60), "n": -2})
    changes = compare_trees({"list": old}, {"list": new})
    assert len(changes) < 1500
    assert apply({"list": old}, changes) == {"list": new}


def test_depth_is_an_error_of_ours() -> None:
    old: Any = {}
    new: Any = {"a": 1}
    for _ in range(100_000):
        old, new = {"x": old}, {"x": new}
    with pytest.raises(DecodeError, match="nested deeper"):
        compare_trees(old, new)
