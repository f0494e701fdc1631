"""Defaults."""

from __future__ import annotations

import json
from random import Random

import pytest
from endpoints import generate, real_code
from endpoints.build import endpoint_slice, endpoints, port, subset
from endpoints.compare import endpoint_slice_class, read, without_kind

import codec
from codec import EncodeError
from codec import endpoints as room
from codec.api.core.v1 import Endpoints, Service
from codec.api.discovery.v1 import EndpointPort as SlicePort


def test_endpoints() -> None:
    obj = endpoints(subset("1.1.1.1", "1.1.1.2", port(1, protocol=""), port(2, protocol="UDP")))
    new = room.set_defaults(obj)
    assert [one.protocol for one in new.subsets[0].ports] == ["TCP", "UDP"]
    assert [one.protocol for one in obj.subsets[0].ports] == ["", "UDP"]


def test_slice() -> None:
    new = room.set_defaults(endpoint_slice(ports=(SlicePort(), SlicePort(name="x", protocol=""))))
    assert [(one.name, one.protocol) for one in new.ports] == [("", "TCP"), ("x", "")]


def test_a_nil_list_stays_nil() -> None:
    tree = b'{"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","endpoints":null,"ports":null}'
    obj = codec.from_json(tree)
    assert codec.to_json(room.set_defaults(obj)) == codec.to_json(obj)
    assert b'"ports":null' in codec.to_json(obj)


def test_nothing_is_shared() -> None:
    obj = endpoints(subset("1.1.1.1", "", port(1)), labels={"a": "b"})
    new = room.set_defaults(obj)
    new.metadata.labels["a"] = "c"
    new.subsets[0].addresses[0].ip = "x"
    new.subsets[0].ports[0].name = "y"
    assert obj == endpoints(subset("1.1.1.1", "", port(1)), labels={"a": "b"})


def test_another_kind() -> None:
    with pytest.raises(EncodeError, match="got Service"):
        room.set_defaults(Service())


def test_as_go() -> None:
    if not real_code.available():
        pytest.skip("needs Go, to ask the real Kubernetes code")
    rng = Random()
    questions = []
    for _ in range(300):
        questions.append({"op": "defaults", "kind": "Endpoints", "object": generate.endpoints(rng, 0.3)})
        questions.append({"op": "defaults", "kind": "EndpointSlice", "object": generate.endpoint_slice(rng, 0.3)})
    for question, real in zip(questions, real_code.ask(questions), strict=True):
        cls = Endpoints if question["kind"] == "Endpoints" else endpoint_slice_class()
        # Both directions through JSON, so that what Go prints of nil and empty lists does not count.
        mine = json.loads(codec.to_json(room.set_defaults(read(cls, question["object"]))))
        assert without_kind(mine) == without_kind(json.loads(codec.to_json(read(cls, real))))
