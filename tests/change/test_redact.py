"""Secrets without their data."""

from __future__ import annotations

from typing import Any

import pytest

from codec.api.core.v1 import ConfigMap, Secret
from codec.api.meta.v1 import ObjectMeta
from codec.change.redact import LAST_APPLIED, is_placeholder, placeholder, redact, redact_secret


def test_a_secret_keeps_everything_but_its_data() -> None:
    secret = Secret(
        metadata=ObjectMeta(name="n", annotations={LAST_APPLIED: '{"data":1}', "note": "kept"}),
        data={"a": b"four", "b": b"", "c": b"12345"},
        stringData={"d": "ü"},
        type="Opaque",
    )
    assert redact(secret) == {
        "kind": "Secret",
        "apiVersion": "v1",
        "metadata": {"name": "n", "annotations": {LAST_APPLIED: "<redacted: 10 bytes>", "note": "kept"}},
        "data": {"a": "<redacted: 4 bytes>", "b": "<redacted: 0 bytes>", "c": "<redacted: 5 bytes>"},
        "stringData": {"d": "<redacted: 2 bytes>"},
        "type": "Opaque",
    }
    assert secret.data == {"a": b"four", "b": b"", "c": b"12345"}


def test_other_kinds_stay_as_they_are() -> None:
    tree = {"kind": "ConfigMap", "apiVersion": "v1", "data": {"a": "b"}}
    assert redact(tree) is tree
    assert redact(ConfigMap(data={"a": "b"}))["data"] == {"a": "b"}
    assert redact({"kind": "Secret", "apiVersion": "other.example/v1", "data": {"a": "b"}})["data"] == {"a": "b"}


def test_secrets_in_lists() -> None:
    secret = {"kind": "Secret", "apiVersion": "v1", "data": {"a": "eHg="}}
    bare = {"data": {"a": "eHg="}}
    hidden = {"a": "<redacted: 2 bytes>"}
    assert redact({"kind": "SecretList", "apiVersion": "v1", "items": [bare]})["items"] == [{"data": hidden}]
    mixed = redact({"kind": "List", "apiVersion": "v1", "items": [secret, {"kind": "Pod"}, 7]})
    assert mixed["items"] == [{**secret, "data": hidden}, {"kind": "Pod"}, 7]


def test_odd_trees_of_secrets() -> None:
    assert redact_secret({"data": None, "stringData": "text", "metadata": None}) == {
        "data": None,
        "stringData": "<redacted: 4 bytes>",
        "metadata": None,
    }
    assert redact_secret({"data": {"n": None, "o": 7}}) == {"data": {"n": None, "o": "<redacted: 1 bytes>"}}


def test_placeholders() -> None:
    assert is_placeholder(placeholder(12))
    assert placeholder(12) == "<redacted: 12 bytes>"
    for text in ("<redacted: bytes>", "<redacted: -1 bytes>", "x<redacted: 1 bytes>", None, 7):
        assert not is_placeholder(text)


def changes_between(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, str, Any, Any]]:
    from codec.change.compare import compare
    from codec.change.redact import redact_changes

    hidden = redact_changes(compare(old, new))
    return [(change.operation, change.path, change.old, change.new) for change in hidden]


def test_changes_of_a_secret_tell_that_and_how_much() -> None:
    old = {"kind": "Secret", "data": {"a": "MTIz", "b": "MQ=="}, "metadata": {"labels": {"x": "1"}}}
    new = {
        "kind": "Secret",
        "data": {"a": "NDU2", "c": "Nzg="},
        "metadata": {"labels": {"x": "2"}, "annotations": {LAST_APPLIED: "456"}},
    }
    assert changes_between(old, new) == [
        ("removed", "data.b", "<redacted: 1 bytes>", None),
        ("changed", "data.a", "<redacted: 3 bytes>", "<redacted: 3 bytes>"),
        ("added", "data.c", None, "<redacted: 2 bytes>"),
        ("changed", "metadata.labels.x", "1", "2"),
        ("added", "metadata.annotations", None, {LAST_APPLIED: "<redacted: 3 bytes>"}),
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"data": {"a": "secret"}}, {}),
        ({"data": {"a": {"x": ["secret"]}}}, {"data": {"a": {"x": ["secret", "secret"], "y": "secret"}}}),
        ({"data": ["secret", "b"]}, {"data": ["b", "secret"]}),
        ({"data": [{"name": "secret"}, {"name": "b"}]}, {"data": [{"name": "b"}, {"name": "secret"}]}),
        ({"stringData": "secret"}, {"stringData": {"a": "secret"}}),
        ({"metadata": {"annotations": {LAST_APPLIED: "secret"}}}, {"metadata": {"annotations": {}}}),
        (
            {"metadata": {"annotations": {LAST_APPLIED: {"a": "secret"}}}},
            {"metadata": {"annotations": {LAST_APPLIED: {}}}},
        ),
        ({"metadata": {"annotations": {LAST_APPLIED: "secret"}}}, {"metadata": 1}),
    ],
)
def test_nothing_of_a_secret_leaks(old: dict[str, Any], new: dict[str, Any]) -> None:
    for first, second in ((old, new), (new, old), ({}, old), (old, {})):
        found = changes_between({"kind": "Secret", **first}, {"kind": "Secret", **second})
        assert "secret" not in repr([row[2:] for row in found])
