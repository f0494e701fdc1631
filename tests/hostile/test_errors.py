"""The exact words of errors: path from the outermost name, the problem, the place. And what they never say."""

from __future__ import annotations

import base64
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hostile.handmade import (
    END_GROUP,
    LENGTH_DELIMITED,
    START_GROUP,
    VARINT,
    config_map,
    crd,
    field,
    number_field,
    stored,
    tag,
    varint,
)

import codec
from codec.api.core.v1 import EndpointPort, Endpoints, EndpointSubset, Pod, Secret
from codec.api.meta.v1 import ObjectMeta


def endpoints(message: bytes) -> bytes:
    return stored("v1", "Endpoints", message)


def quota(quantity: bytes) -> bytes:
    return stored("v1", "ResourceQuota", field(2, field(1, field(1, "cpu") + field(2, quantity))))


PORT = field(1, "mysql") + number_field(2, 6033) + field(3, "TCP")
SUBSET = field(1, field(1, "172.27.2.78")) + field(3, PORT)
FLOAT_NAN = tag(9, 1) + b"\0\0\0\0\0\0\xf8\x7f"

WIRE: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "the value is empty, at byte 0"),
    "text": (
        b"Error from server",
        "not a stored Kubernetes value: neither `k8s\\0`, JSON, YAML, CBOR nor an encrypted value begins here"
        ", at byte 0",
    ),
    "magic without NUL": (
        b"k8s\n\x0a\x0b",
        "the value begins with k8s, but no NUL follows: the magic is `k8s\\0`, at byte 0",
    ),
    "CBOR": (b"\xd9\xd9\xf7\xa0", "the value is CBOR, which this release does not read, at byte 0"),
    "magic alone": (b"k8s\x00", "the envelope names no kind, at byte 4"),
    "envelope cut off": (
        endpoints(b"")[:7],
        "envelope: length 15 runs past the message end by 14 bytes, at byte 5",
    ),
    "envelope of another type": (
        b"k8s\x00" + number_field(1, 1),
        "envelope.typeMeta: wire type varint where length-delimited was expected, at byte 4",
    ),
    "typeMeta of another type": (
        b"k8s\x00" + field(1, number_field(2, 1)),
        "envelope.typeMeta.kind: wire type varint where length-delimited was expected, at byte 6",
    ),
    "newline of etcdctl": (
        endpoints(b"") + b"\n",
        "envelope: a newline follows the value, as etcdctl prints it; it is no part of the value, at byte 27",
    ),
    "varint cut off": (
        endpoints(field(2, SUBSET) + field(2, field(3, PORT) * 2 + field(3, PORT + tag(2, VARINT) + b"\x80"))),
        "Endpoints.subsets[1].ports[2].port: varint runs past the message end, at byte 111",
    ),
    "varint too long": (
        endpoints(field(2, field(3, tag(2, VARINT) + b"\xff" * 11))),
        "Endpoints.subsets[0].ports[0].port: varint is longer than 10 bytes, at byte 28",
    ),
    "another wire type": (
        endpoints(field(2, field(3, field(2, "x")))),
        "Endpoints.subsets[0].ports[0].port: wire type length-delimited where varint was expected, at byte 27",
    ),
    "length": (
        endpoints(tag(2, LENGTH_DELIMITED) + b"\x7f"),
        "Endpoints.subsets[0]: length 127 runs past the message end by 127 bytes, at byte 24",
    ),
    "field 0": (endpoints(b"\x02\x00"), "Endpoints: field number 0 is out of range, at byte 23"),
    "field number": (
        endpoints(varint(1 << 32) + b"\x00"),
        "Endpoints: field number 536870912 is out of range, at byte 23",
    ),
    "wire type 7": (endpoints(b"\x0f"), "Endpoints: wire type 7 does not exist, at byte 23"),
    "group without an end": (endpoints(tag(99, START_GROUP)), "Endpoints: group 99 has no end, at byte 25"),
    "group with another end": (
        endpoints(tag(99, START_GROUP) + tag(98, END_GROUP)),
        "Endpoints: group 99 is ended as 98, at byte 25",
    ),
    "end of no group": (
        endpoints(tag(99, END_GROUP)),
        "Endpoints: end of group 99, which was never started, at byte 25",
    ),
    "fixed64 cut off": (endpoints(tag(99, 1) + b"1234"), "Endpoints: fixed64 runs past the message end, at byte 25"),
    "field of a map entry": (
        config_map(field(2, field(1, "k") + field(3, "x"))),
        "ConfigMap.data[k]: a map entry has no field 3, at byte 28",
    ),
    "type of a map's value": (
        config_map(field(2, field(1, "k") + number_field(2, 1))),
        "ConfigMap.data[k]: wire type varint in a map entry's field 2, at byte 28",
    ),
    "length of a map's value": (
        config_map(field(2, field(1, "k") + tag(2, LENGTH_DELIMITED) + b"\x09")),
        "ConfigMap.data[k]: length 9 runs past the message end by 9 bytes, at byte 29",
    ),
    "unknown field of a value in a map": (
        quota(field(1, "1") + field(9, "")),
        "ResourceQuota.spec.hard[cpu]: Quantity in a list or map holds an unknown field, at byte 31",
    ),
    "time": (
        config_map(field(1, field(8, field(1, "")))),
        "ConfigMap.metadata.creationTimestamp.seconds: "
        "wire type length-delimited where varint was expected, at byte 27",
    ),
}  # fmt: skip

# what decodes and has no text form
UNPRINTABLE: dict[str, tuple[bytes, str]] = {
    "quantity": (quota(field(1, "1 GB")), "ResourceQuota.spec.hard[cpu]: the text on the wire is no quantity"),
    "IntOrString": (
        stored("v1", "Service", field(2, field(1, field(4, number_field(1, 2))))),
        "Service.spec.ports[0].targetPort: IntOrString of type 2 has no JSON form",
    ),
    "raw JSON": (
        stored("apps/v1", "ControllerRevision", field(2, field(1, "{x"))),
        "ControllerRevision.data: the raw value is no JSON: expected an object key at offset 1",
    ),
    "number": (
        crd(FLOAT_NAN),
        "CustomResourceDefinition.spec.versions[0].schema.openAPIV3Schema.maximum: a number that JSON cannot hold: nan",
    ),
}


def of_kind(kind: str, rest: str, api_version: str = "v1") -> str:
    return f'{{"apiVersion":"{api_version}","kind":"{kind}",{rest}}}'


def of_port(port: str) -> str:
    return of_kind("Endpoints", f'"subsets":[{{"ports":[{port}]}}]')


PORT_PATH = "Endpoints.subsets[0].ports[0].port"
SCHEMA_PATH = "CustomResourceDefinition.spec.versions[0].schema.openAPIV3Schema"


def of_schema(schema: str) -> str:
    spec = f'"spec":{{"versions":[{{"schema":{{"openAPIV3Schema":{schema}}}}}]}}'
    return of_kind("CustomResourceDefinition", spec, "apiextensions.k8s.io/v1")


JSON: dict[str, tuple[str, str]] = {
    "nothing": ("", "expected a JSON value, at byte 0"),
    "a list": ("[]", "expected an object, got a list, at byte 0"),
    "neither": ("{}", "the object has no apiVersion and no kind"),
    "no apiVersion": ('{"kind":"Pod"}', "the object has no apiVersion"),
    "no kind": ('{"apiVersion":"v1","kind":null}', "the object has no kind"),
    "text behind": (of_kind("ConfigMap", '"data":{}') + "x", "text after the JSON value, at byte 48"),
    "comma": ('{"apiVersion":"v1",}', "expected a value, got '}', at byte 19"),
    "no end": ('{"apiVersion":"v1"', "'{' without an end, at byte 18"),
    "string without end": ('{"apiVersion":"v', "string without an end, at byte 16"),
    "word": (of_kind("ConfigMap", '"data":nul'), "expected the word null, at byte 48"),
    "escape": (of_kind("ConfigMap", '"data":{"a":"\\x"}'), "bad escape in a string, at byte 51"),
    "control": (of_kind("ConfigMap", '"data":{"ä":"\x01"}'), "control character in a string, at byte 52"),
    "equal keys": (of_kind("ConfigMap", '"data":{"é":"","é":""}'), "ConfigMap.data: duplicate key 'é', at byte 54"),
    "unknown key": (
        of_kind("ConfigMap", '"metadata":{"nome":"a"}'),
        "ConfigMap.metadata.nome: unknown field, at byte 57",
    ),
    "list for a map": (of_kind("ConfigMap", '"data":[]'), "ConfigMap.data: expected an object, got a list, at byte 45"),
    "number for a string": (
        of_kind("ConfigMap", '"data":{"a":1}'),
        "ConfigMap.data[a]: expected a string, got a number, at byte 50",
    ),
    "string for an integer": (of_port('{"port":"80"}'), f"{PORT_PATH}: expected an integer, got a string, at byte 67"),
    "fraction": (
        of_port('{"port":80.5}'),
        f"{PORT_PATH}: expected an integer, got a number with a fraction or exponent, at byte 67",
    ),
    "range": (of_port('{"port":4294967296}'), f"{PORT_PATH}: the integer is out of range for int32, at byte 67"),
    "element": (of_port("1"), "Endpoints.subsets[0].ports[0]: expected an object, got a number, at byte 59"),
    "time": (
        of_kind("ConfigMap", '"metadata":{"creationTimestamp":"yesterday"}'),
        "ConfigMap.metadata.creationTimestamp: not a time like 2006-01-02T15:04:05Z, at byte 70",
    ),
    "base64": (
        of_kind("Secret", '"data":{"password":"hunter2!"}'),
        "Secret.data[password]: bad base64: Only base64 data is allowed, at byte 54",
    ),
    "quantity": (
        of_kind("ResourceQuota", '"spec":{"hard":{"cpu":"1 GB"}}'),
        "ResourceQuota.spec.hard[cpu]: not a quantity, at byte 64",
    ),
    "IntOrString": (
        of_kind("Service", '"spec":{"ports":[{"targetPort":[]}]}'),
        "Service.spec.ports[0].targetPort: expected an integer or a string, got a list, at byte 67",
    ),
    "schema or bool": (
        of_schema('{"additionalProperties":1}'),
        f"{SCHEMA_PATH}.additionalProperties: expected an object or a bool, got a number, at byte 147",
    ),
    "schema or list": (
        of_schema('{"items":1}'),
        f"{SCHEMA_PATH}.items: expected an object or a list, got a number, at byte 132",
    ),
    "number": (of_schema('{"maximum":1e400}'), f"{SCHEMA_PATH}.maximum: the number is out of range, at byte 134"),
    "custom resource": (
        of_kind("CronTab", '"spec":{"a":[0,{"b":1e400}]}', "example.com/v1"),
        "CronTab.spec.a[1].b: the number is out of range, at byte 68",
    ),
}  # fmt: skip

YAML: dict[str, tuple[str, str]] = {
    "nothing": ("# nothing\n", "expected one YAML document, got 0"),
    "two": ("a: 1\n---\nb: 2\n", "expected one YAML document, got 2"),
    "string for an integer": (
        "apiVersion: v1\nkind: Endpoints\nsubsets:\n- ports:\n  - port: http\n",
        f"{PORT_PATH}: expected an integer, got a string, at line 5, column 5",
    ),
    "unknown key": (
        "apiVersion: v1\nkind: ConfigMap\ndata: {}\ndota: {}\n",
        "ConfigMap.dota: unknown field, at line 4, column 1",
    ),
    "equal keys": (
        "apiVersion: v1\nkind: ConfigMap\nkind: Pod\n",
        'the key "kind" occurs twice, at line 3, column 1',
    ),
    "number for a string": (
        "apiVersion: v1\nkind: ConfigMap\ndata:\n  a: 1\n",
        "ConfigMap.data[a]: expected a string, got a number, at line 4, column 3",
    ),
    "alias": ("a: *x\n", "an alias without an anchor: x, at line 1, column 4"),
    "itself": ("a: &a [*a]\n", "an anchor that contains itself: a, at line 1, column 8"),
    "control": ("a: \x01\n", "a control character is not allowed in YAML, at line 1, column 4"),
    "no UTF-8": ("a: \udcff\n", "text that is no UTF-8, at line 1, column 4"),
    "NaN": ("a: .nan\n", "a number that JSON cannot hold: NaN or infinity, at line 1, column 4"),
    "key": ("? [a]\n: 1\n", "a mapping's key that is a list or a mapping, at line 1, column 3"),
    "list": ("- a\n", "expected an object, got a list, at line 1, column 3"),
}  # fmt: skip

deep = Endpoints(subsets=[EndpointSubset(), EndpointSubset(ports=[EndpointPort(port=1 << 31)])])
OBJECTS: dict[str, tuple[Any, str]] = {
    "range": (deep, "Endpoints.subsets[1].ports[0].port: the integer is out of range for int32"),
    "type": (Endpoints(metadata=ObjectMeta(name=5)), "Endpoints.metadata.name: expected a string, got int"),  # type: ignore[arg-type]
    "class": (Endpoints(subsets=[Pod()]), "Endpoints.subsets[0]: expected EndpointSubset, got Pod"),  # type: ignore[list-item]
    "map": (Endpoints(metadata=ObjectMeta(labels=["a"])), "Endpoints.metadata.labels: expected a map, got list"),  # type: ignore[arg-type]
    "list": (Endpoints(subsets="a"), "Endpoints.subsets: expected a list, got str"),  # type: ignore[arg-type]
    "key": (
        Endpoints(metadata=ObjectMeta(labels={1: "a"})),  # type: ignore[dict-item]
        "Endpoints.metadata.labels: expected a key that is a string, got int",
    ),
    "surrogate": (
        Endpoints(metadata=ObjectMeta(name="a\ud800")),
        "Endpoints.metadata.name: character 1 is a lone surrogate",
    ),
    "kind": (Endpoints(kind="Pod"), "Endpoints: 'v1' 'Pod' is not registered for this class"),
    "bytes": (Secret(data={"a": "x"}), "Secret.data[a]: expected bytes, got str"),  # type: ignore[dict-item]
}  # fmt: skip


def error_of(road: Callable[..., Any], *arguments: Any, error: type[codec.CodecError]) -> str:
    with pytest.raises(error) as caught:
        road(*arguments)
    assert type(caught.value) is error
    # It goes through processes and logs whole.
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("name", WIRE)
def test_stored_bytes(name: str) -> None:
    raw, words = WIRE[name]
    for road in (codec.decode, codec.storage_to_json, codec.storage_to_yaml):
        assert error_of(road, raw, error=codec.DecodeError) == words


@pytest.mark.parametrize("name", UNPRINTABLE)
def test_values_without_a_text_form(name: str) -> None:
    raw, words = UNPRINTABLE[name]
    obj = codec.decode(raw)
    assert codec.decode(codec.encode(obj, form="protobuf")).kind == obj.kind  # type: ignore[attr-defined]
    for road, argument in (
        (codec.storage_to_json, raw),
        (codec.storage_to_yaml, raw),
        (codec.to_json, obj),
        (codec.to_yaml, obj),
        (codec.to_dict, obj),
    ):
        assert error_of(road, argument, error=codec.EncodeError) == words  # type: ignore[arg-type]


@pytest.mark.parametrize("name", JSON)
def test_json(name: str) -> None:
    text, words = JSON[name]
    for road in (codec.from_json, codec.json_to_storage):
        assert error_of(road, text, error=codec.DecodeError) == words
        assert error_of(road, text.encode(), error=codec.DecodeError) == words


@pytest.mark.parametrize("name", YAML)
def test_yaml(name: str) -> None:
    text, words = YAML[name]
    assert error_of(codec.from_yaml, text.encode("utf-8", "surrogateescape"), error=codec.DecodeError) == words


@pytest.mark.parametrize("name", OBJECTS)
def test_objects(name: str) -> None:
    obj, words = OBJECTS[name]
    assert error_of(codec.encode, obj, error=codec.EncodeError) == words


def test_the_parts_of_an_error() -> None:
    raw, _ = WIRE["another wire type"]
    with pytest.raises(codec.DecodeError) as caught:
        codec.decode(raw)
    error = caught.value
    assert (error.path, error.offset, error.place) == ("Endpoints.subsets[0].ports[0].port", 27, "")
    assert error.problem == "wire type length-delimited where varint was expected"
    with pytest.raises(codec.DecodeError) as caught:
        codec.from_yaml(YAML["unknown key"][0])
    error = caught.value
    assert (error.path, error.offset, error.place) == ("ConfigMap.dota", None, "line 4, column 1")


@pytest.mark.parametrize(
    ("raw", "provider", "key_name", "words"),
    [
        (b"k8s:enc:aescbc:v1:key1:\x00\xff", "aescbc", "key1", "'aescbc' with the key 'key1'"),
        (b"k8s:enc:kms:v2:vault:\x00", "kms", "vault", "'kms' with the key 'vault'"),
        (b"k8s:enc:secretbox:", "secretbox", "", "'secretbox'"),
        (b"k8s:enc:\xff:v1:\xfe:", "\\xff", "\\xfe", "'\\\\xff' with the key '\\\\xfe'"),
    ],
)
def test_encrypted_values(raw: bytes, provider: str, key_name: str, words: str) -> None:
    for road in (codec.decode, codec.storage_to_json, codec.storage_to_yaml):
        assert error_of(road, raw, error=codec.EncryptedError) == f"the value is encrypted by provider {words}"
    with pytest.raises(codec.EncryptedError) as caught:
        codec.decode(raw)
    assert (caught.value.provider, caught.value.key_name) == (provider, key_name)


def test_kinds_that_are_not_registered() -> None:
    raw = stored("example.com/v1", "Ka", field(1, b"")).replace(b"Ka", b"K\xff")
    words = "example.com/v1 K\\udcff is not registered: its fields have no names"
    assert error_of(codec.storage_to_json, raw, error=codec.NotRegisteredError) == words
    obj = codec.decode(raw)
    assert codec.encode(obj) == raw
    assert error_of(codec.to_yaml, obj, error=codec.NotRegisteredError) == words
    assert error_of(codec.encode, ObjectMeta(), error=codec.NotRegisteredError) == (
        "ObjectMeta is no kind: it is stored only as a part of one"
    )


def test_another_kind_than_asked_for() -> None:
    words = "expected Pod, got v1 Endpoints"
    assert error_of(codec.decode, endpoints(b""), Pod, error=codec.DecodeError) == words
    assert error_of(codec.from_json, of_port("{}"), Pod, error=codec.DecodeError) == words


PASSWORD = "hunter2hunter2"


def secrets() -> list[bytes]:
    """Secrets whose password stands where it cannot be read."""
    texts = [
        f'"data":{{"password":"{PASSWORD}"}}',
        f'"data":{{"password":"{PASSWORD}!"}}',
        f'"data":{{"password":["{PASSWORD}"]}}',
        f'"data":{{"password":{{"{PASSWORD}x":"{PASSWORD}"}}}}',
        f'"data":"{PASSWORD}"',
        f'"stringData":{{"password":["{PASSWORD}"]}}',
        f'"stringData":{{"password":"{PASSWORD}\\x"}}',
        f'"stringData":{{"password":"{PASSWORD}',
        f'"stringData":{{"password":"{PASSWORD}"x}}',
        f'"stringData":["{PASSWORD}"]',
        f'"type":["{PASSWORD}"]',
        f'"immutable":"{PASSWORD}"',
    ]
    return [of_kind("Secret", text).encode() for text in texts]


@pytest.mark.parametrize("text", secrets())
def test_no_value_of_a_secret_is_quoted(text: bytes) -> None:
    for road in (codec.from_json, codec.json_to_storage, codec.from_yaml, codec.decode, codec.storage_to_json):
        with pytest.raises(codec.CodecError) as caught:
            road(text)
        assert PASSWORD not in repr(caught.value) + str(caught.value)
        assert PASSWORD not in repr(caught.value.__context__)


def test_no_damaged_secret_is_quoted(fixtures: Path) -> None:
    """Whatever is cut off or changed, the words hold nothing of the values, in either form."""
    raw = (fixtures / "daily" / "core.v1.Secret.pb").read_bytes()
    text = (fixtures / "daily" / "core.v1.Secret.json").read_bytes()
    values = json.loads(text)["data"].values()
    hidden = {
        part
        for value in values
        for part in (value, base64.b64decode(value).decode("utf-8", "replace"))
        if len(part) > 5
    }
    assert hidden
    failed = 0
    for data, road in ((raw, codec.decode), (text, codec.from_json), (text, codec.from_yaml)):
        for place in range(0, len(data), 3):
            for damaged in (
                data[:place],
                data[:place] + b"\x00" + data[place + 1 :],
                data[:place] + b'"' + data[place:],
            ):
                try:
                    road(damaged)
                except codec.CodecError as error:
                    failed += 1
                    words = f"{error} {error!r}"
                    assert not any(part in words for part in hidden)
    assert failed > 1000
