"""Keys of objects, held against those that a real API server chose."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path

import pytest

import codec
from codec.api import Unregistered, Unstructured
from codec.api.authentication.v1 import TokenReview
from codec.api.core.v1 import Endpoints, Node, Pod
from codec.api.meta.v1 import ObjectMeta
from codec.api.networking.v1 import Ingress
from codec.errors import DecodeError, EncodeError, NotRegisteredError
from codec.storage.keys import Key, key, key_of, parse_key, plural
from codec.storage.resources import all_resources, of_kind

ETCD = Path(__file__).resolve().parents[2] / "fixtures" / "etcd"
UNNAMED = ("masterleases", "peerserverleases", "ranges")  # objects without a name of their own


def captured() -> list[tuple[str, str, str, bytes]]:
    with gzip.open(ETCD / "values.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [(row["key"], row["apiVersion"], row["kind"], base64.b64decode(row["value"])) for row in rows]


def test_every_captured_key_is_that_of_its_object() -> None:
    rows = captured()
    assert len(rows) > 100
    for text, api_version, kind, value in rows:
        parts = parse_key(text)
        assert parts.kind in (kind, "")
        if parts.resource in UNNAMED:
            continue
        obj = codec.decode(value)
        assert key(obj) == text
        builtin = of_kind(api_version, kind)
        if builtin is None:
            assert "." in parts.group
            assert parts.kind == ""
        else:
            assert builtin.api_version == api_version, text
            assert parts == Key("/registry", builtin.group, builtin.name, parts.namespace, parts.name, kind)


def test_the_captured_kinds_are_most_of_the_table() -> None:
    seen = {parse_key(text).resource for text, *_ in captured()}
    assert len(seen & {row.name for row in all_resources()}) > 60


def test_old_spellings() -> None:
    meta = ObjectMeta(name="n", namespace="ns")
    assert key(Endpoints(metadata=meta)) == "/registry/services/endpoints/ns/n"
    assert key(Ingress(metadata=meta)) == "/registry/ingress/ns/n"
    assert key(Node(metadata=ObjectMeta(name="n")), "/elsewhere/") == "/elsewhere/minions/n"
    assert key_of("extensions/v1beta1", "Ingress", "ns", "n") == "/registry/ingress/ns/n"
    assert key_of("events.k8s.io/v1", "Event", "ns", "n") == "/registry/events/ns/n"
    assert parse_key("/registry/services/specs/ns/n") == Key("/registry", "", "services", "ns", "n", "Service")
    assert parse_key("/registry/masterleases/10.0.0.1") == Key(
        "/registry", "", "masterleases", "", "10.0.0.1", "Endpoints"
    )
    assert parse_key("/registry/ranges/serviceips").kind == "RangeAllocation"


def test_custom_resources() -> None:
    obj = Unstructured(apiVersion="a.example/v1", kind="Policy", content={"metadata": {"name": "n", "namespace": "ns"}})
    assert key(obj) == "/registry/a.example/policies/ns/n"
    assert key(obj, resource="policys") == "/registry/a.example/policys/ns/n"
    assert parse_key("/registry/a.example/policies/ns/n") == Key("/registry", "a.example", "policies", "ns", "n")
    assert parse_key("/registry/a.example/policies/n") == Key("/registry", "a.example", "policies", "", "n")
    assert [plural(kind) for kind in ("Bus", "Policy", "Pod")] == ["buses", "policies", "pods"]


def test_other_prefixes() -> None:
    assert parse_key("/kubernetes.io/pods/ns/n").prefix == "/kubernetes.io"
    assert parse_key("/a/b/pods/ns/n", "/a/b").prefix == "/a/b"
    with pytest.raises(DecodeError, match="does not begin with /a/b/"):
        parse_key("/registry/pods/ns/n", "/a/b")


@pytest.mark.parametrize(
    "text",
    [
        "compact_rev_key",
        "/registry",
        "/registry/pods",
        "/registry/pods/n",
        "/registry/a//b",
        "/registry/pods/a/b/c",
        "",
    ],
)
def test_what_is_no_key(text: str) -> None:
    with pytest.raises(DecodeError, match=r"not the key of an object|does not begin"):
        parse_key(text)


@pytest.mark.parametrize(
    ("obj", "error", "problem"),
    [
        (
            Pod(metadata=ObjectMeta(name="n")),
            EncodeError,
            "Pod.metadata.namespace: a Pod without a namespace has no key",
        ),
        (Pod(), EncodeError, "Pod.metadata.name: an object without a name has no key"),
        (
            Node(metadata=ObjectMeta(name="n", namespace="x")),
            EncodeError,
            "Node.metadata.namespace: a Node has no namespace",
        ),
        (
            Pod(metadata=ObjectMeta(name="../x", namespace="a")),
            EncodeError,
            "Pod.metadata.name: '../x' cannot stand in a key",
        ),
        (
            TokenReview(metadata=ObjectMeta(name="n")),
            NotRegisteredError,
            "authentication.k8s.io/v1 TokenReview is not stored",
        ),
        (
            Unregistered(apiVersion="a/v1", kind="B"),
            NotRegisteredError,
            "a/v1 B is not registered: its name is not known",
        ),
        (
            Unstructured(apiVersion="a.b/v1", kind="C"),
            EncodeError,
            "C.metadata.name: an object without a name has no key",
        ),
    ],
)
def test_objects_without_a_key(obj: codec.Message, error: type[Exception], problem: str) -> None:
    with pytest.raises(error) as caught:
        key(obj)
    assert str(caught.value).startswith(problem)


def test_every_kind_of_the_table_is_registered_and_its_keys_come_back() -> None:
    registered = set(codec.kinds())
    for row in all_resources():
        assert (row.api_version, row.kind) in registered
        text = key_of(row.api_version, row.kind, "ns" if row.namespaced else "", "n")
        parts = parse_key(text)
        assert (parts.group, parts.resource, parts.kind, parts.name) == (row.group, row.name, row.kind, "n")
