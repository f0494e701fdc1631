"""Managers of fields: their paths lead to the fields of real objects, and who wrote what is found."""

from __future__ import annotations

import json
from typing import Any

import pytest

from codec.change.compare import compare
from codec.change.list_keys import value_of
from codec.change.managed_fields import Manager, last_writer, managers, owners, rewritten, step_of, writers
from codec.errors import DecodeError

# Fields that managers of captured objects own and the objects do not have: behind gates that dropped them, of an
# Event as the other API group has it, removed by a later writer; and one of two addresses of a type.
ABSENT = {
    ("deployments/web/frontend", "lifecycle"),
    ("events/web/minimal.17a1b2c3d4e5f602", "note"),
    ("events/web/minimal.17a1b2c3d4e5f602", "regarding"),
    ("events/web/minimal.17a1b2c3d4e5f602", "reportingController"),
    ("minions/worker-1", "addresses"),
    ("minions/worker-2", "config"),
    ("statefulsets/biz-prod-qe2bu3/platform-mysql", "rollingUpdate"),
}


def leads_somewhere(tree: Any, steps: Any) -> bool:
    for step in steps:
        if isinstance(step, str):
            if not isinstance(tree, dict) or step not in tree:
                return False
            tree = tree[step]
        else:
            found = [item for item in tree if all(value_of(item, name) == value for name, value in step)]
            if len(found) != 1:
                return False
            tree = found[0]
    return True


def test_paths_lead_to_the_fields_of_captured_objects(values: list[dict[str, Any]]) -> None:
    count = 0
    absent = set()
    for line in values:
        if not line["json"]:
            continue
        tree = json.loads(line["json"])
        for manager in managers(tree):
            for steps in manager.paths():
                count += 1
                assert manager.owns(steps)
                if not leads_somewhere(tree, steps):
                    words = [step for step in steps[:-1] if isinstance(step, str)]
                    named = {"config", "lifecycle", "rollingUpdate"} & {*words, steps[-1]}
                    word = named.pop() if named else words[-1] if isinstance(steps[-1], tuple) else steps[-1]
                    absent.add((line["key"].removeprefix("/registry/"), word))
    assert count > 3000
    assert absent == ABSENT


def entry(name: str, fields: Any, time: str = "2026-01-01T00:00:00Z", **more: str) -> dict[str, Any]:
    return {"manager": name, "operation": "Update", "apiVersion": "v1", "time": time, "fieldsV1": fields, **more}


def obj(*entries: Any, **fields: Any) -> dict[str, Any]:
    return {"metadata": {"managedFields": [*entries]}, **fields}


CONTAINER = {"f:spec": {"f:containers": {'k:{"name":"web"}': {".": {}, "f:image": {}, "f:args": {}}}}}
IMAGE = ("spec", "containers", (("name", "web"),), "image")


def test_owners() -> None:
    tree = obj(
        entry("a", CONTAINER),
        entry("b", {"f:spec": {"f:replicas": {}}}, "2026-01-03T00:00:00Z"),
        entry("c", CONTAINER, "2026-01-02T00:00:00Z", operation="Apply"),
    )
    assert [manager.name for manager in owners(tree, IMAGE)] == ["c", "a"]
    assert [manager.name for manager in owners(tree, ("spec",))] == ["b", "c", "a"]
    assert [manager.name for manager in owners(tree, (*IMAGE[:3], "args", 2))] == ["c", "a"]  # owned as a whole
    assert owners(tree, (*IMAGE[:3], "command")) == []
    assert owners(tree, ("spec", "containers", (("name", "other"),))) == []
    assert owners(tree, ("metadata", "labels")) == []


def test_what_a_map_owns_of_itself_is_not_its_keys() -> None:
    manager = Manager(entry("a", {"f:metadata": {"f:labels": {".": {}}}}))
    assert manager.owns(("metadata", "labels"))
    assert not manager.owns(("metadata", "labels", "app"))
    assert not Manager({}).owns(("metadata",))


def test_keys_of_lists() -> None:
    fields = {"f:ports": {'k:{"containerPort":80,"protocol":"TCP"}': {}}, "f:finalizers": {'v:"a/b"': {}, "i:3": {}}}
    manager = Manager(entry("a", fields))
    assert list(manager.paths()) == [
        ("ports", (("containerPort", 80), ("protocol", "TCP"))),
        ("finalizers", (("", "a/b"),)),
        ("finalizers", 3),
    ]
    assert manager.owns(("ports", (("protocol", "TCP"), ("containerPort", 80))))
    assert manager.owns(("ports", (("containerPort", 80), ("protocol", "TCP"), ("other", None))))
    assert not manager.owns(("ports", (("containerPort", 81), ("protocol", "TCP"))))
    assert manager.owns(("finalizers", (("", "a/b"),)))
    assert manager.owns(("finalizers", 3))
    assert not manager.owns(("finalizers", 4))


@pytest.mark.parametrize("name", ["x:y", "", "k:[]", "k:{", "v:", "i:a", "k:{}}"])
def test_keys_that_are_none(name: str) -> None:
    with pytest.raises(DecodeError, match="is no key of FieldsV1"):
        step_of(name)
    assert not Manager(entry("a", {name: {}})).owns(((("name", "a"),),))


def test_writers() -> None:
    old = obj(entry("a", {"f:data": {"f:x": {}}}), entry("b", {"f:data": {"f:y": {}}}), data={"x": "1", "y": "1"})
    new = obj(
        entry("a", {}), entry("b", {"f:data": {"f:x": {}}}, "2026-01-02T00:00:00Z"), data={"x": "2", "y": "1"}
    )  # b took a field of a
    assert [manager.name for manager in rewritten(old, new)] == ["b"]
    assert [manager.name for manager in writers(old, new)] == ["b"]
    assert [manager.name for manager in writers(None, old)] == ["a", "b"]


def test_writers_within_a_second() -> None:
    old = obj(entry("a", {"f:x": {}}), entry("b", {}), x=1)
    new = obj(entry("a", {"f:x": {}, "f:y": {}}), entry("b", {}), x=1, y=1)
    assert rewritten(old, new) == []
    assert [manager.name for manager in writers(old, new)] == ["a"]


def test_writers_by_what_they_own() -> None:
    old, new = obj(entry("a", {"f:x": {}}), x=1), obj(entry("a", {"f:x": {}}), x=2)
    assert [manager.name for manager in writers(old, new, compare(old, new))] == ["a"]
    deleted = {**old, "metadata": {**old["metadata"], "deletionTimestamp": "2026-01-02T00:00:00Z"}}
    assert writers(old, deleted, compare(old, deleted)) == []


def test_last_writer() -> None:
    tree = obj(entry("a", {}, "2026-01-01T00:00:00Z"), entry("b", {}, "2026-01-02T00:00:00Z"), entry("c", {}, ""))
    found = last_writer(tree)
    assert found is not None
    assert (found.name, found.time) == ("b", "2026-01-02T00:00:00Z")
    assert last_writer({}) is None
    assert managers({"metadata": {"managedFields": [1, {"manager": 7, "fieldsV1": 1}]}})[0].name == ""
