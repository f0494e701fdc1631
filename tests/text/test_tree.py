"""Object → JSON: what Go omits and what it always shows, order, and the forms of special values."""

from __future__ import annotations

from typing import Any

import pytest

import codec
from codec.api.apiextensions.v1 import (
    JSONSchemaProps,
    JSONSchemaPropsOrArray,
    JSONSchemaPropsOrBool,
    JSONSchemaPropsOrStringArray,
)
from codec.api.coordination.v1 import LeaseSpec
from codec.api.core.v1 import (
    ConfigMap,
    ConfigMapVolumeSource,
    Container,
    EndpointAddress,
    EndpointPort,
    Endpoints,
    EndpointSubset,
    ExecAction,
    Pod,
    PodSpec,
    Probe,
    ResourceRequirements,
    Secret,
    ServicePort,
    Volume,
    VolumeMount,
)
from codec.api.meta.v1 import APIResource, ManagedFieldsEntry, ObjectMeta, WatchEvent
from codec.types import AbsentBytes, MicroTime, NilDict, NilList, OddIntOrString, Quantity, RawJSON, Time

SHOWN: list[tuple[Any, str]] = [
    # omitempty leaves out zeros; what has none is always there
    (EndpointPort(), '{"port":0}'),
    (EndpointPort(name="a", port=1, appProtocol=""), '{"name":"a","port":1,"appProtocol":""}'),
    (EndpointAddress(), '{"ip":""}'),
    (EndpointSubset(), "{}"),
    (VolumeMount(), '{"name":"","mountPath":""}'),
    # a struct value is never omitted, unless it says omitzero
    (Pod(), '{"kind":"Pod","apiVersion":"v1","metadata":{},"spec":{"containers":null},"status":{}}'),
    (Container(), '{"name":"","resources":{}}'),
    (ObjectMeta(creationTimestamp=Time(0)), '{"creationTimestamp":"1970-01-01T00:00:00Z"}'),
    (ObjectMeta(deletionTimestamp=Time()), '{"deletionTimestamp":null}'),
    # the names of a kind stand first, kind before apiVersion, and only if they are set
    (Endpoints(kind="", apiVersion=""), '{"metadata":{}}'),
    (Endpoints(apiVersion=""), '{"kind":"Endpoints","metadata":{}}'),
    # nil and empty lists and maps
    (PodSpec(containers=[]), '{"containers":[]}'),
    (PodSpec(containers=NilList()), '{"containers":null}'),
    (ConfigMap(data=NilDict()), '{"kind":"ConfigMap","apiVersion":"v1","metadata":{}}'),
    (APIResource(), '{"name":"","singularName":"","namespaced":false,"kind":"","verbs":null}'),
    (APIResource(verbs=[]), '{"name":"","singularName":"","namespaced":false,"kind":"","verbs":[]}'),
    # maps by the bytes of their keys
    (
        ObjectMeta(labels={"b": "", "B": "", "é": "", "aa": "", "a": "", "😀": "", "\uffff": ""}),
        '{"labels":{"B":"","a":"","aa":"","b":"","é":"","\uffff":"","😀":""}}',
    ),
    # embedded structs in their place
    (Volume(name="v", configMap=ConfigMapVolumeSource(name="c")), '{"name":"v","configMap":{"name":"c"}}'),
    # bytes: null, empty, absent on the wire
    (
        Secret(data={"a": None, "b": b"", "c": b"hi", "d": AbsentBytes()}),  # type: ignore[dict-item]
        '{"kind":"Secret","apiVersion":"v1","metadata":{},"data":{"a":null,"b":"","c":"aGk=","d":""}}',
    ),
    # values with a form of their own
    (ServicePort(targetPort="http"), '{"port":0,"targetPort":"http"}'),
    (ServicePort(targetPort=8080), '{"port":0,"targetPort":8080}'),
    (ServicePort(targetPort=OddIntOrString(1, 5, "x")), '{"port":0,"targetPort":"x"}'),
    (ResourceRequirements(limits={"cpu": Quantity("1000m")}), '{"limits":{"cpu":"1"}}'),
    (LeaseSpec(renewTime=MicroTime(0, 5000)), '{"renewTime":"1970-01-01T00:00:00.000005Z"}'),
    (ManagedFieldsEntry(fieldsV1=RawJSON(b'{ "f:a" : "<" }')), '{"fieldsV1":{"f:a":"\\u003c"}}'),
    (ManagedFieldsEntry(fieldsV1=RawJSON(b"")), '{"fieldsV1":null}'),
    (ManagedFieldsEntry(fieldsV1=RawJSON()), '{"fieldsV1":null}'),
    (WatchEvent(), '{"type":"","object":null}'),
    # the forms of apiextensions
    (JSONSchemaProps(items=JSONSchemaPropsOrArray()), '{"items":null}'),
    (JSONSchemaProps(items=JSONSchemaPropsOrArray(schema=JSONSchemaProps(type="a"))), '{"items":{"type":"a"}}'),
    (
        JSONSchemaProps(items=JSONSchemaPropsOrArray(jSONSchemas=[JSONSchemaProps(type="a")])),
        '{"items":[{"type":"a"}]}',
    ),
    (JSONSchemaProps(additionalProperties=JSONSchemaPropsOrBool()), '{"additionalProperties":false}'),
    (JSONSchemaProps(additionalProperties=JSONSchemaPropsOrBool(allows=True)), '{"additionalProperties":true}'),
    (
        JSONSchemaProps(additionalProperties=JSONSchemaPropsOrBool(schema=JSONSchemaProps())),
        '{"additionalProperties":{}}',
    ),
    (JSONSchemaProps(dependencies={"a": JSONSchemaPropsOrStringArray(property=["b"])}), '{"dependencies":{"a":["b"]}}'),
    (JSONSchemaProps(dependencies={"a": JSONSchemaPropsOrStringArray()}), '{"dependencies":{"a":null}}'),
    # numbers
    (JSONSchemaProps(maximum=1e21, minimum=-0.0, multipleOf=0.1), '{"maximum":1e+21,"minimum":-0,"multipleOf":0.1}'),
    (ObjectMeta(generation=-(2**63)), '{"generation":-9223372036854775808}'),
    # strings
    (
        ObjectMeta(name='<&>"\\\x00\x1f\x7f\u2028\b'),
        '{"name":"\\u003c\\u0026\\u003e\\"\\\\\\u0000\\u001f\x7f\\u2028\\b"}',
    ),
    (ObjectMeta(name="a\udcffb"), '{"name":"a\\ufffdb"}'),
]


@pytest.mark.parametrize(("obj", "text"), SHOWN, ids=[text for _, text in SHOWN])
def test_what_is_shown(obj: Any, text: str) -> None:
    assert codec.to_json(obj) == text.encode()


def test_order_is_that_of_the_struct_and_not_of_the_numbers() -> None:
    probe = Probe(exec=ExecAction(command=["a"]), initialDelaySeconds=1, terminationGracePeriodSeconds=2)
    assert (
        codec.to_json(probe) == b'{"exec":{"command":["a"]},"initialDelaySeconds":1,"terminationGracePeriodSeconds":2}'
    )


def test_to_dict_has_the_omissions_of_json() -> None:
    obj = Endpoints(metadata=ObjectMeta(name="a"), subsets=[EndpointSubset(ports=[EndpointPort()])])
    assert codec.to_dict(obj) == {
        "kind": "Endpoints",
        "apiVersion": "v1",
        "metadata": {"name": "a"},
        "subsets": [{"ports": [{"port": 0}]}],
    }
    assert list(codec.to_dict(obj)) == ["kind", "apiVersion", "metadata", "subsets"]


UNSHOWN: list[tuple[Any, str]] = [
    (
        ServicePort(targetPort=OddIntOrString(2, 0, "")),
        "ServicePort.targetPort: IntOrString of type 2 has no JSON form",
    ),
    (
        ResourceRequirements(limits={"cpu": Quantity("one")}),
        "ResourceRequirements.limits[cpu]: the text on the wire is no quantity",
    ),
    (
        ManagedFieldsEntry(fieldsV1=RawJSON(b"{")),
        "ManagedFieldsEntry.fieldsV1: the raw value is no JSON: expected an object key at offset 1",
    ),
    (WatchEvent(object=RawJSON(b"")), "WatchEvent.object: the raw value is no JSON: expected a JSON value at offset 0"),
    (JSONSchemaProps(maximum=float("nan")), "JSONSchemaProps.maximum: "),
    (
        JSONSchemaProps(properties={"a": JSONSchemaProps(minimum=float("inf"))}),
        "JSONSchemaProps.properties[a].minimum: ",
    ),
]


@pytest.mark.parametrize(("obj", "words"), UNSHOWN, ids=[words for _, words in UNSHOWN])
def test_what_go_cannot_print_either(obj: Any, words: str) -> None:
    for text_of in (codec.to_json, codec.to_yaml, codec.to_dict):
        with pytest.raises(codec.EncodeError) as caught:
            text_of(obj)
        assert str(caught.value).startswith(words)
        if not words.endswith(": "):
            assert str(caught.value) == words
