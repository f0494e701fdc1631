"""What tells the elements of lists apart, held against the list types that client-go publishes."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from codec.change.list_keys import identities, value_of

RELEASE = "v0.37.2"


def published() -> Path | None:
    """client-go's schema of lists, where Go has it in its module cache."""
    if shutil.which("go") is None:
        return None
    found = subprocess.run(["go", "env", "GOMODCACHE"], capture_output=True, text=True, check=False).stdout.strip()
    path = Path(found, "k8s.io", f"client-go@{RELEASE}", "applyconfigurations", "internal", "internal.go")
    return path if path.exists() else None


def associative() -> list[tuple[str, str, tuple[str, ...]]]:
    """(type, field, keys) of each list whose elements the server merges; no keys for a set."""
    path = published()
    if path is None:
        pytest.skip("no client-go in Go's module cache")
    text = path.read_text().split("typed.YAMLObject(`", 1)[1].split("`)", 1)[0]
    rows = []
    for each in yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))["types"]:
        for field in each.get("map", {}).get("fields", []):
            described = field["type"].get("list", {})
            if described.get("elementRelationship") == "associative":
                rows.append((each["name"], field["name"], tuple(described.get("keys", ()))))
    return rows


def test_every_published_list() -> None:
    rows = associative()
    assert len(rows) > 150
    wrong = []
    for type_name, field, keys in rows:
        first: list[Any] = ["a", "b"] if not keys else [dict.fromkeys(keys, "a"), dict.fromkeys(keys, "b")]
        found = identities(field, first, first)
        ours = [name for name, _ in found[0][0]] if found else None  # type: ignore[union-attr]
        if ours is None or {*ours} != ({*keys} or {""}):
            wrong.append((type_name, field, keys, ours))
    assert wrong == []


@pytest.mark.parametrize(
    ("field", "elements", "steps"),
    [
        ("containers", [{"name": "a"}], [(("name", "a"),)]),
        ("containers", [{"image": "a"}], None),
        ("containers", [{"name": "a"}, {"name": "a"}], None),
        ("conditions", [{"type": "Ready"}], [(("type", "Ready"),)]),
        ("ports", [{"port": 80}], [(("port", 80), ("protocol", "TCP"))]),
        ("ports", [{"name": "http"}], [(("name", "http"),)]),
        ("subjects", [{"kind": "User", "name": "a"}], [(("kind", "User"), ("name", "a"), ("namespace", None))]),
        ("volumeClaimTemplates", [{"metadata": {"name": "d"}}], [(("metadata.name", "d"),)]),
        ("volumeClaimTemplates", [{"metadata": None}], None),
        ("endpoints", [{"addresses": ["::1"]}], [(("addresses", ["::1"]),)]),
        ("endpoints", [{"addresses": [1]}], None),
        ("finalizers", ["a", "b"], [(("", "a"),), (("", "b"),)]),
        ("finalizers", ["a", "a"], None),
        ("args", ["a", "b"], None),
        ("unknown", [{"name": "a"}, {"name": "b"}], [(("name", "a"),), (("name", "b"),)]),
        ("unknown", [{"name": {"a": 1}}], None),
        ("unknown", [{"name": 1}, {"name": True}], [(("name", 1),), (("name", True),)]),
        ("unknown", [{"name": ""}], None),
        ("unknown", [[1]], None),
    ],
)
def test_identities(field: str, elements: list[Any], steps: list[Any] | None) -> None:
    found = identities(field, elements, elements)
    assert (found and found[0]) == steps


def test_both_sides_must_have_the_keys() -> None:
    assert identities("env", [{"name": "a"}], [{"value": "b"}]) is None


def test_value_of() -> None:
    assert value_of("a", "") == "a"
    assert value_of({"port": 1}, "protocol") == "TCP"
    assert value_of("a", "name") is None
