"""JSON → object as Go reads it: every kind of value, null everywhere, and the exact words of what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

import codec
from codec.api.apiextensions.v1 import JSONSchemaProps
from codec.api.authorization.v1 import SubjectAccessReviewSpec
from codec.api.coordination.v1 import LeaseSpec
from codec.api.core.v1 import (
    ConfigMap,
    Container,
    Endpoints,
    EndpointSubset,
    PersistentVolumeClaimSpec,
    Pod,
    PodSpec,
    Secret,
    ServicePort,
    Volume,
)
from codec.api.meta.v1 import LabelSelector, ManagedFieldsEntry, ObjectMeta
from codec.types import MicroTime, NilDict, NilList, Quantity, RawJSON, Time


def meta(text: str) -> ObjectMeta:
    return codec.from_json(f"{{{text}}}", ObjectMeta)


def test_scalars() -> None:
    found = meta('"name":"a","generation":-5,"deletionGracePeriodSeconds":0')
    assert (found.name, found.generation, found.deletionGracePeriodSeconds) == ("a", -5, 0)
    assert codec.from_json(b'{"hostNetwork":true,"hostPID":false}', PodSpec).hostNetwork is True
    schema = codec.from_json(b'{"maximum":1e3,"minimum":-0.5,"multipleOf":5}', JSONSchemaProps)
    assert (schema.maximum, schema.minimum, schema.multipleOf) == (1000.0, -0.5, 5.0)


def test_white_space_anywhere() -> None:
    text = b' \t\r\n{ \n"kind" : "Endpoints" ,\t"apiVersion":"v1" , "subsets" : [ { "ports" : [ ] } ] } \n'
    assert codec.from_json(text) == Endpoints(subsets=[EndpointSubset()])


STRINGS = {
    r'"\"\\\/\b\f\n\r\t"': '"\\/\b\f\n\r\t',
    r'"\u00e9\u00E9"': "éé",
    r'"\ud83d\ude00"': "😀",
    r'"\ud83d"': "\ufffd",
    r'"\ude00\ud83d"': "\ufffd\ufffd",
    r'"\ud83d\ud83d\ude00"': "\ufffd😀",
    r'"\ud83dx"': "\ufffdx",
    r'"\u0000"': "\0",
    '"\x7f\u2028"': "\x7f\u2028",
    '"\ufffd"': "\ufffd",
}


@pytest.mark.parametrize(("text", "value"), STRINGS.items())
def test_strings(text: str, value: str) -> None:
    assert meta(f'"name":{text}').name == value
    assert meta(f'"labels":{{{text}:{text}}}').labels == {value: value}


def test_bytes_that_are_no_utf8_become_the_replacement_character() -> None:
    assert codec.from_json(b'{"name":"a\xffb"}', ObjectMeta).name == "a\ufffdb"
    assert codec.from_json(b'{"name":"a\xe2\x82"}', ObjectMeta).name == "a\ufffd\ufffd"


@pytest.mark.parametrize(
    ("text", "value"),
    [('""', b""), ('"AA=="', b"\0"), ('"aGk="', b"hi"), (r'"aG\nk="', b"hi"), (r'"\u0061Gk="', b"hi"), ("null", None)],
)
def test_bytes(text: str, value: bytes | None) -> None:
    assert codec.from_json(f'{{"data":{{"a":{text}}}}}', Secret).data == {"a": value}


def test_null_is_the_zero_value_of_everything() -> None:
    text = '{"kind":"Pod","apiVersion":"v1","metadata":null,"spec":{"containers":[null],"nodeSelector":{"a":null},'
    text += '"hostNetwork":null,"activeDeadlineSeconds":null,"dnsPolicy":null,"volumes":null},"status":null}'
    found = codec.from_json(text, Pod)
    wanted = Pod()
    wanted.spec.containers = [Container()]
    wanted.spec.nodeSelector = {"a": ""}
    assert found == wanted
    assert codec.from_json('{"kind":null,"apiVersion":null}', Pod) == Pod()
    assert codec.from_json("null", ObjectMeta) == ObjectMeta()


def test_lists_and_maps_that_are_null_absent_or_empty() -> None:
    for text, kind in (('{"matchExpressions":null}', list), ("{}", list), ('{"matchExpressions":[]}', list)):
        assert type(codec.from_json(text, LabelSelector).matchExpressions) is kind
    pod = '{"kind":"Pod","apiVersion":"v1","spec":{%s}}'
    assert type(codec.from_json(pod % "", Pod).spec.containers) is NilList
    assert type(codec.from_json(pod % '"containers":null', Pod).spec.containers) is NilList
    assert type(codec.from_json(pod % '"containers":[]', Pod).spec.containers) is list
    labels = codec.from_json('{"labels":{}}', ObjectMeta).labels
    assert type(labels) is dict
    assert NilDict() == labels


def test_values_of_their_own() -> None:
    found = meta('"creationTimestamp":"2024-01-02T03:04:05.6+01:00"')
    assert found.creationTimestamp == Time.parse("2024-01-02T02:04:05Z")
    lease = codec.from_json('{"renewTime":"2024-01-02T03:04:05.678901Z"}', LeaseSpec)
    assert lease.renewTime == MicroTime.parse("2024-01-02T03:04:05.678901Z")
    claim = codec.from_json(
        '{"resources":{"requests":{"storage":"1024Mi","a":5,"b":" 1k "}}}', PersistentVolumeClaimSpec
    )
    assert claim.resources.requests == {"storage": Quantity("1Gi"), "a": Quantity("5"), "b": Quantity("1k")}
    for text, port in (("80", 80), ('"http"', "http"), ("null", 0), ("-0", 0)):
        assert codec.from_json(f'{{"port":1,"targetPort":{text}}}', ServicePort).targetPort == port


def test_raw_json_is_kept_as_it_stands() -> None:
    field = ManagedFieldsEntry
    for text in ('{ "f:a" : { } }', "[1.0, 1e3]", '"\\u00e9"', '{"a":1,"a":2}', "  7  "):
        found = codec.from_json(f'{{"fieldsV1":{text}}}', field)
        assert found.fieldsV1 == RawJSON(text.strip(" ").encode())
    assert codec.from_json('{"fieldsV1":null}', field).fieldsV1 is None


def test_wrapped_lists() -> None:
    text = '{"extra":{"a":["x","y"],"b":[],"c":null,"d":[null]}}'
    found = codec.from_json(text, SubjectAccessReviewSpec)
    assert found.extra == {"a": ["x", "y"], "b": [], "c": [], "d": [""]}
    assert codec.to_json(found) == b'{"extra":{"a":["x","y"],"b":[],"c":null,"d":[""]}}'


def test_the_forms_of_apiextensions() -> None:
    schema = codec.from_json(
        '{"items":{"type":"a"},"additionalProperties":false,"additionalItems":{},"dependencies":{"x":["y"],"z":{}}}',
        JSONSchemaProps,
    )
    assert schema.items is not None
    assert schema.items.schema is not None
    assert schema.items.schema.type == "a"
    assert schema.additionalProperties is not None
    assert (schema.additionalProperties.allows, schema.additionalProperties.schema) == (False, None)
    assert schema.additionalItems is not None
    assert schema.additionalItems.allows is True
    assert schema.additionalItems.schema == JSONSchemaProps()
    assert schema.dependencies["x"].property == ["y"]
    assert schema.dependencies["z"].schema == JSONSchemaProps()
    assert codec.from_json(codec.to_json(schema), JSONSchemaProps) == schema


def test_embedded_structs_are_flat() -> None:
    found = codec.from_json('{"name":"v","configMap":{"name":"c"}}', Volume)
    assert found.configMap is not None
    assert found.configMap.name == "c"


def test_nested_names_of_a_kind_are_kept() -> None:
    text = (
        b'{"kind":"StatefulSet","apiVersion":"apps/v1","spec":{"volumeClaimTemplates":[{"kind":"X","apiVersion":"y"}]}}'
    )
    found: Any = codec.from_json(text)
    assert (found.spec.volumeClaimTemplates[0].kind, found.spec.volumeClaimTemplates[0].apiVersion) == ("X", "y")
    assert b'"volumeClaimTemplates":[{"kind":"X","apiVersion":"y",' in codec.to_json(found)


def test_unknown_keys_are_refused_unless_they_are_allowed() -> None:
    text = '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a","newer":{"b":[1]}},"data":{"k":"v"}}'
    with pytest.raises(codec.DecodeError) as caught:
        codec.from_json(text)
    assert (caught.value.path, caught.value.problem) == ("ConfigMap.metadata.newer", "unknown field")
    wanted = ConfigMap(metadata=ObjectMeta(name="a"), data={"k": "v"})
    assert codec.from_json(text, allow_unknown=True) == wanted
    assert codec.json_to_storage(text, allow_unknown=True) == codec.encode(wanted)
    with pytest.raises(codec.DecodeError, match="unknown field"):  # keys are case-sensitive
        codec.from_json('{"kind":"ConfigMap","apiVersion":"v1","Data":{}}')
    with pytest.raises(codec.DecodeError, match="expected"):  # what is passed over must be JSON still
        codec.from_json('{"kind":"ConfigMap","apiVersion":"v1","x":tru}', allow_unknown=True)


def core(text: str) -> str:
    return f'{{"kind":"Endpoints","apiVersion":"v1",{text}}}'


FIRST_PORT = "Endpoints.subsets[0].ports[0].port"
FRACTION = "expected an integer, got a number with a fraction or exponent"
REFUSED = {
    "": "expected a JSON value, at byte 0",
    "[]": "expected an object, got a list, at byte 0",
    '"x"': "expected an object, got a string, at byte 0",
    "null": "expected an object, got null, at byte 0",
    "{}": "the object has no apiVersion and no kind",
    '{"kind":"Endpoints"}': "the object has no apiVersion",
    core('"subsets":{}'): "Endpoints.subsets: expected a list, got an object, at byte 48",
    core('"subsets":[{"ports":[{"port":"x"}]}]'): f"{FIRST_PORT}: expected an integer, got a string, at byte 67",
    core('"subsets":[{"ports":[{"port":1.5}]}]'): f"{FIRST_PORT}: {FRACTION}, at byte 67",
    core('"subsets":[{"ports":[{"port":1e3}]}]'): f"{FIRST_PORT}: {FRACTION}, at byte 67",
    core(
        '"subsets":[{"ports":[{"port":2147483648}]}]'
    ): f"{FIRST_PORT}: the integer is out of range for int32, at byte 67",
    core('"metadata":{"name":5}'): "Endpoints.metadata.name: expected a string, got a number, at byte 57",
    core('"metadata":{"labels":{"a":true}}'): "Endpoints.metadata.labels[a]: expected a string, got a bool, at byte 64",
    core('"metadata":{"labels":[]}'): "Endpoints.metadata.labels: expected an object, got a list, at byte 59",
    core('"metadata":{"labels":{"a":"1","a":"2"}}'): "Endpoints.metadata.labels: duplicate key 'a', at byte 68",
    core('"metadata":{"uid":"a","uid":"b"}'): "Endpoints.metadata: duplicate key 'uid', at byte 60",
    core('"metadata":{},"metadata":{}'): "duplicate key 'metadata', at byte 52",
    core('"subsets":[null,{"ports":['): "expected a JSON value, at byte 64",
    core('"subsets":[]') + "x": "text after the JSON value, at byte 51",
}


@pytest.mark.parametrize(("text", "words"), REFUSED.items(), ids=REFUSED.values())
def test_exact_words(text: str, words: str) -> None:
    for read in (codec.from_json, codec.json_to_storage):
        with pytest.raises(codec.DecodeError) as caught:
            read(text)
        assert str(caught.value) == words
        assert caught.value.path == (words.partition(": ")[0] if words.startswith("Endpoints") else "")


def test_offsets_count_bytes() -> None:
    text = core('"metadata":{"namespace":"日本","name":5}')
    with pytest.raises(codec.DecodeError) as caught:
        codec.from_json(text)
    assert caught.value.offset == text.encode().index(b"5}")
    with pytest.raises(codec.DecodeError) as caught:
        codec.from_json(text.replace("日本", "\xff\xff").encode("latin-1"))
    assert caught.value.offset == text.replace("日本", "\xff\xff").encode("latin-1").index(b"5}")


def test_nesting_ends_at_a_hundred_messages_and_ten_thousand_lists() -> None:
    deep = '{"not":' * 90 + "{}" + "}" * 90
    assert codec.from_json(deep, JSONSchemaProps) is not None
    with pytest.raises(codec.DecodeError, match="nested deeper than 100"):
        codec.from_json('{"not":' * 101 + "{}" + "}" * 101, JSONSchemaProps)
    lists = '{"default":%s1%s}'
    assert codec.from_json(lists % ("[" * 9000, "]" * 9000), JSONSchemaProps).default is not None
    with pytest.raises(codec.DecodeError):
        codec.from_json(lists % ("[" * 20_000, "]" * 20_000), JSONSchemaProps)


def test_from_dict_reads_as_from_json_does() -> None:
    tree = {"kind": "Endpoints", "apiVersion": "v1", "subsets": [{"ports": [{"port": 6033, "name": None}]}]}
    assert codec.from_dict(tree) == codec.from_json(json.dumps(tree))
    assert tree["subsets"] == [{"ports": [{"port": 6033, "name": None}]}]
    with pytest.raises(codec.DecodeError) as caught:
        codec.from_dict({"kind": "Endpoints", "apiVersion": "v1", "subsets": 5})
    assert (str(caught.value), caught.value.offset) == ("Endpoints.subsets: expected a list, got a number", None)
    for bad in ({"a": object()}, {"a": float("nan")}, {1: "a"}):
        with pytest.raises(codec.DecodeError):
            codec.from_dict(bad)


def test_a_class_that_is_no_one_kind() -> None:
    thing = b'{"apiVersion":"example.com/v1","kind":"Thing","a":1}'
    assert isinstance(codec.from_json(thing, codec.Unstructured), codec.Unstructured)
    assert isinstance(codec.from_json(thing, codec.Message), codec.Unstructured)
    assert isinstance(codec.from_json(core('"subsets":[]'), codec.Message), Endpoints)
    with pytest.raises(codec.DecodeError, match=r"^expected Unstructured, got v1 Endpoints$"):
        codec.from_json(core('"subsets":[]'), codec.Unstructured)
    with pytest.raises(codec.DecodeError, match=r"^expected Pod, got v1 Endpoints$"):
        codec.from_json(core('"subsets":[]'), Pod)
    with pytest.raises(codec.DecodeError, match=r"^expected Pod, got example\.com/v1 Thing$"):
        codec.from_json(thing, Pod)
