"""Objects in whose attributes a user put anything at all: bytes and texts, or an EncodeError that names the place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import codec
from codec import types
from codec.api.apiextensions.v1 import (
    CustomResourceDefinition,
    CustomResourceDefinitionSpec,
    CustomResourceDefinitionVersion,
    CustomResourceValidation,
    JSONSchemaProps,
)
from codec.api.apps.v1 import ControllerRevision
from codec.api.core.v1 import (
    ConfigMap,
    Container,
    EndpointPort,
    Endpoints,
    EndpointSubset,
    Event,
    Node,
    Pod,
    PodSpec,
    Protocol,
    ResourceQuota,
    Secret,
    Service,
    ServicePort,
    ServiceSpec,
)
from codec.api.meta.v1 import ObjectMeta
from codec.message.objects import schema_of

WRONG = (
    None, 0, -1, 1 << 70, -(1 << 40), 1.5, float("nan"), float("inf"), True, "", "x", "\ud800", "\udcff", b"", b"\xff",
    [], [1], ["a"], [None], ("a",), {}, {"a": 1}, {1: "a"}, {"\ud800": "a"}, {"a": None}, set(), object(), Pod,
    ObjectMeta(), types.Time(), types.MicroTime(), types.Duration(3), types.Quantity("x"), types.Quantity("1"),
    types.RawJSON(b"{"), types.RawJSON(), types.NilList(), types.NilDict(), types.OddIntOrString(5, 1, "x"),
    types.OddIntOrString(0, 1 << 40, ""),
)  # fmt: skip
ROADS = (codec.encode, codec.to_json, codec.to_yaml, codec.to_dict)


def in_schema(schema: JSONSchemaProps) -> CustomResourceDefinition:
    version = CustomResourceDefinitionVersion(schema=CustomResourceValidation(openAPIV3Schema=schema))
    return CustomResourceDefinition(spec=CustomResourceDefinitionSpec(versions=[version]))


# class → an object that holds one of that class
PLACES: dict[type, Callable[[Any], Any]] = {
    **{
        cls: lambda obj: obj
        for cls in (Endpoints, Pod, Service, Secret, ConfigMap, ResourceQuota, Node, Event, ControllerRevision)
    },
    ObjectMeta: lambda meta: Endpoints(metadata=meta),
    EndpointPort: lambda port: Endpoints(subsets=[EndpointSubset(ports=[port])]),
    Container: lambda container: Pod(spec=PodSpec(containers=[container])),
    ServicePort: lambda port: Service(spec=ServiceSpec(ports=[port])),
    JSONSchemaProps: in_schema,
}


def check(obj: Any) -> None:
    for road in ROADS:
        try:
            made = road(obj)
        except codec.CodecError:
            continue
        assert isinstance(made, dict if road is codec.to_dict else str if road is codec.to_yaml else bytes)
        if road is codec.encode:
            codec.decode(made)


@pytest.mark.parametrize("cls", PLACES, ids=lambda cls: cls.__name__)
def test_anything_in_any_attribute(cls: type) -> None:
    for attr in schema_of(cls).attrs:
        for value in WRONG:
            obj = cls()
            setattr(obj, attr, value)
            check(PLACES[cls](obj))


@pytest.mark.parametrize("value", WRONG, ids=lambda value: type(value).__name__)
def test_anything_as_an_object(value: Any) -> None:
    check(value)
    check(codec.Unstructured(apiVersion="example.com/v1", kind="K", content=value))
    check(codec.Unstructured(apiVersion=value, kind=value, content={"a": value}))
    check(codec.Unregistered(apiVersion=value, kind="K", raw=b""))
    check(codec.Unregistered(apiVersion="example.com/v1", kind=value, raw=value))


OF_META: list[tuple[dict[str, Any], str]] = [
    ({"creationTimestamp": "2020-01-01T00:00:00Z"}, "creationTimestamp: expected Time, got str"),
    ({"labels": {"a": 1}}, "labels[a]: expected a string, got int"),
    ({"labels": {1: "a"}}, "labels: expected a key that is a string, got int"),
    ({"labels": {"\ud800": "a"}}, "labels: character 0 is a lone surrogate"),
    ({"finalizers": "abc"}, "finalizers: expected a list, got str"),
    ({"finalizers": ["a", 2]}, "finalizers[1]: expected a string, got int"),
    ({"generation": 1 << 63}, "generation: the integer is out of range for int64"),
    ({"generation": True}, "generation: expected an integer, got bool"),
]
OF_ENDPOINTS: list[tuple[dict[str, Any], str]] = [
    *(({"metadata": ObjectMeta(**attributes)}, f"metadata.{words}") for attributes, words in OF_META),
    (
        {"subsets": [EndpointSubset(ports=[EndpointPort(), EndpointPort(port="80")])]},  # type: ignore[arg-type]
        "subsets[0].ports[1].port: expected an integer, got str",
    ),
    ({"subsets": [Pod()]}, "subsets[0]: expected EndpointSubset, got Pod"),
    ({"apiVersion": ["v1"]}, "apiVersion: expected a string, got list"),
]


@pytest.mark.parametrize(("attributes", "words"), OF_ENDPOINTS)
def test_every_form_says_the_same(attributes: dict[str, Any], words: str) -> None:
    obj = Endpoints(**attributes)
    for road in ROADS:
        with pytest.raises(codec.EncodeError) as caught:
            road(obj)
        assert str(caught.value) == f"Endpoints.{words}"


def test_what_fits_in_another_type() -> None:
    """Members of enums, tuples and subclasses are taken for what they are."""
    port = EndpointPort(protocol=Protocol.TCP)
    obj = Endpoints(subsets=(EndpointSubset(ports=(port,)),))  # type: ignore[arg-type]
    assert b'"protocol":"TCP"' in codec.to_json(obj)
    assert codec.to_json(codec.decode(codec.encode(obj))) == codec.to_json(obj)


def test_an_object_that_holds_itself() -> None:
    schema = JSONSchemaProps()
    schema.not_ = schema
    for road in ROADS:
        with pytest.raises(codec.EncodeError, match="nested deeper than the stack has room for"):
            road(in_schema(schema))


@pytest.mark.parametrize("form", [None, "json", "protobuf"])
@pytest.mark.parametrize("cls", [Endpoints, CustomResourceDefinition])
def test_a_kind_of_another_class_is_not_stored(cls: type, form: str | None) -> None:
    for attributes in ({"kind": "Pod"}, {"apiVersion": ""}, {"apiVersion": "apiextensions.k8s.io/v9"}):
        with pytest.raises(codec.EncodeError, match="is not registered for this class"):
            codec.encode(cls(**attributes), form=form)


def test_an_unstructured_object_has_a_kind() -> None:
    obj = codec.Unstructured(apiVersion="example.com/v1", kind="K", content={"kind": "other"})
    assert codec.encode(obj) == b'{"apiVersion":"example.com/v1","kind":"K"}\n'
    for missing in ("apiVersion", "kind"):
        nameless = codec.Unstructured(apiVersion="example.com/v1", kind="K")
        setattr(nameless, missing, "")
        with pytest.raises(codec.EncodeError, match=f"the object has no {missing}"):
            codec.encode(nameless)
