"""The envelope: what the API server reads besides what it writes, and what it refuses; what is stored as what."""

from __future__ import annotations

import pytest
from generate import delimited, varint

import codec
from codec.api import Unregistered, Unstructured
from codec.api.apiextensions.v1 import CustomResourceDefinition
from codec.api.apiregistration.v1 import APIService
from codec.api.core.v1 import ConfigMap, Endpoints, Node, Pod
from codec.api.meta.v1 import DeleteOptions, ObjectMeta, Status, WatchEvent
from codec.storage import form_of, read_envelope
from codec.types import RawJSON

MESSAGE = delimited(1, delimited(1, b"a"))  # metadata.name
NAMES = delimited(1, delimited(1, b"v1") + delimited(2, b"ConfigMap"))
TAIL = b"\x1a\0\x22\0"
RAW = codec.encode(ConfigMap(metadata=ObjectMeta(name="a")))
WANTED = codec.decode(RAW)

VERSION, KIND, INNER = delimited(1, b"v1"), delimited(2, b"ConfigMap"), delimited(2, MESSAGE)

READ = {
    "as the server writes it": NAMES + INNER + TAIL,
    "without the tail": NAMES + INNER,
    "with fields in another order": TAIL + INNER + NAMES,
    "names in another order": delimited(1, KIND + VERSION) + INNER,
    "with unknown fields": b"\x28\1" + NAMES + delimited(90, b"x") + INNER + TAIL,
    "unknown fields in the names": delimited(1, VERSION + b"\x18\1" + KIND) + INNER,
    "the names in two parts": delimited(1, VERSION) + delimited(1, KIND) + INNER,
    "another message before": NAMES + delimited(2, b"\xff") + INNER + TAIL,
    "a content type": NAMES + INNER + b"\x1a\0" + delimited(4, b"application/x"),
}


@pytest.mark.parametrize("raw", READ.values(), ids=READ)
def test_what_is_read(raw: bytes) -> None:
    raw = b"k8s\0" + raw
    assert codec.decode(raw) == WANTED
    assert codec.encode(codec.decode(raw)) == RAW


def test_a_message_that_is_absent_is_empty() -> None:
    assert codec.decode(b"k8s\0" + NAMES) == ConfigMap()


FORMS = "`k8s\\0`, JSON, YAML, CBOR"
REFUSED = {
    b"": "the value is empty, at byte 0",
    b"k8s": "the value begins with k8s, but no NUL follows: the magic is `k8s\\0`, at byte 0",
    b"k8s\1" + RAW[4:]: "the value begins with k8s, but no NUL follows: the magic is `k8s\\0`, at byte 0",
    b"k8s\0": "the envelope names no kind, at byte 4",
    RAW[4:]: f"not a stored Kubernetes value: neither {FORMS} nor an encrypted value begins here, at byte 0",
    RAW[:-1]: f"envelope: varint runs past the message end, at byte {len(RAW) - 1}",
    b"\xd9\xd9\xf7\xa0": "the value is CBOR, which this release does not read, at byte 0",
}


@pytest.mark.parametrize(("raw", "words"), REFUSED.items(), ids=REFUSED.values())
def test_what_is_refused(raw: bytes, words: str) -> None:
    with pytest.raises(codec.DecodeError) as caught:
        codec.decode(raw)
    assert str(caught.value) == words


def test_a_newline_at_the_end_is_refused() -> None:
    with pytest.raises(codec.DecodeError, match="newline"):
        codec.decode(RAW + b"\n")


def test_an_envelope_that_names_no_version_is_of_no_kind() -> None:
    raw = b"k8s\0" + delimited(1, delimited(2, b"ConfigMap")) + delimited(2, MESSAGE)
    assert codec.decode(raw) == Unregistered(apiVersion="", kind="ConfigMap", raw=MESSAGE)


def test_an_unregistered_kind_comes_back_unchanged() -> None:
    names = delimited(1, delimited(1, b"example.com/v1") + delimited(2, b"Thing"))
    raw = b"k8s\0" + names + delimited(2, b"any bytes \xff") + TAIL
    found = codec.decode(raw)
    assert found == Unregistered(apiVersion="example.com/v1", kind="Thing", raw=b"any bytes \xff")
    assert codec.encode(found) == raw
    for text_of in (codec.to_json, codec.to_yaml, codec.to_dict):
        with pytest.raises(codec.NotRegisteredError, match=r"example\.com/v1 Thing is not registered"):
            text_of(found)
    for road in (codec.storage_to_json, codec.storage_to_yaml):
        with pytest.raises(codec.NotRegisteredError, match=r"example\.com/v1 Thing is not registered"):
            road(raw)


def test_where_things_stand() -> None:
    envelope = read_envelope(RAW)
    assert (envelope.api_version, envelope.kind) == ("v1", "ConfigMap")
    assert (envelope.content_encoding, envelope.content_type) == ("", "")
    assert RAW[envelope.end :] == TAIL
    assert RAW[envelope.start : envelope.end].startswith(b"\x0a\x11\x0a\x01a")


@pytest.mark.parametrize(
    ("raw", "form"),
    [
        (RAW, "protobuf"),
        (b'{"kind":"x"}', "json"),
        (b" \r\n\t{", "json"),
        (b"[]", ""),
        (b"\xd9\xd9\xf7", "cbor"),
        (b"k8s:enc:aescbc:v1:key1:...", "encrypted"),
        (b"k8s", ""),
        (b"", ""),
    ],
)
def test_form_of(raw: bytes, form: str) -> None:
    assert form_of(raw) == form


@pytest.mark.parametrize(
    ("raw", "provider", "key_name"),
    [
        (b"k8s:enc:aescbc:v1:key1:\0\1", "aescbc", "key1"),
        (b"k8s:enc:aesgcm:v1:a:b:\0", "aesgcm", "a"),
        (b"k8s:enc:secretbox:v1:key:", "secretbox", "key"),
        (b"k8s:enc:kms:v2:plugin:\0", "kms", "plugin"),
        (b"k8s:enc:", "", ""),
        (b"k8s:enc:new", "new", ""),
    ],
)
def test_an_encrypted_value_names_provider_and_key(raw: bytes, provider: str, key_name: str) -> None:
    for read in (codec.decode, codec.storage_to_json, codec.storage_to_yaml):
        with pytest.raises(codec.EncryptedError) as caught:
            read(raw)
        assert (caught.value.provider, caught.value.key_name) == (provider, key_name)


def test_a_decryptor_opens_it() -> None:
    asked = []

    def decryptor(raw: bytes, key: str | None) -> bytes:
        asked.append((raw, key))
        return RAW

    assert codec.decode(b"k8s:enc:x", key="/registry/a", decryptor=decryptor) == WANTED
    assert asked == [(b"k8s:enc:x", "/registry/a")]
    assert codec.decode(RAW, decryptor=decryptor) == WANTED
    assert len(asked) == 1


# By class


def test_a_class_is_expected() -> None:
    assert codec.decode(RAW, ConfigMap) == WANTED
    assert codec.decode(RAW, codec.Message) == WANTED
    for cls in (Pod, Endpoints, Unstructured, Unregistered):
        with pytest.raises(codec.DecodeError, match=f"^expected {cls.__name__}, got v1 ConfigMap$"):
            codec.decode(RAW, cls)
    with pytest.raises(codec.DecodeError, match=r"^expected Pod, got v1 Node$"):
        codec.decode(b'{"apiVersion":"v1","kind":"Node"}', Pod)


def test_a_value_that_names_no_kind_is_read_by_class() -> None:
    raw = b"k8s\0" + delimited(1, b"") + delimited(2, MESSAGE) + TAIL
    assert codec.decode(raw, ConfigMap) == WANTED
    assert codec.decode(b'{"metadata":{"name":"a"}}', ConfigMap) == WANTED
    assert codec.encode(codec.decode(raw, ConfigMap)) == RAW
    with pytest.raises(codec.DecodeError, match="names no kind"):
        codec.decode(raw, codec.Message)


def test_a_watch_event() -> None:
    event = WatchEvent(type="ADDED", object=RawJSON(b'{"kind":"Pod"}'))
    raw = codec.encode(event)
    names = delimited(1, delimited(1, b"") + delimited(2, b""))
    assert (
        raw
        == b"k8s\0"
        + names
        + delimited(2, delimited(1, b"ADDED") + delimited(2, delimited(1, b'{"kind":"Pod"}')))
        + TAIL
    )
    assert codec.decode(raw, WatchEvent) == event
    assert codec.from_json(codec.to_json(event), WatchEvent) == event
    assert codec.from_yaml(codec.to_yaml(event), WatchEvent) == event
    assert codec.to_json(WatchEvent()) == b'{"type":"","object":null}'


# What is stored as what


def test_extension_kinds_are_stored_as_json() -> None:
    for obj in (CustomResourceDefinition(), APIService()):
        raw = codec.encode(obj)
        assert raw == codec.to_json(obj) + b"\n"
        assert codec.decode(raw) == obj
        assert codec.json_to_storage(codec.to_json(obj)) == raw
        assert codec.decode(codec.encode(obj, form="protobuf")) == obj


def test_a_custom_resource_is_json() -> None:
    raw = b'{"apiVersion":"example.com/v1","kind":"Thing","metadata":{"name":"a"},"spec":{"big":12345678901,"x":1.5}}\n'
    found = codec.decode(raw)
    assert isinstance(found, Unstructured)
    assert found.content["spec"] == {"big": 12345678901, "x": 1.5}
    assert codec.encode(found) == codec.encode(found, form="json") == raw
    assert codec.json_to_storage(raw) == raw
    with pytest.raises(codec.NotRegisteredError, match="has no protobuf message"):
        codec.encode(found, form="protobuf")


def test_a_built_in_kind_as_json() -> None:
    raw = codec.encode(WANTED, form="json")
    assert raw == b'{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a"}}\n'
    assert codec.decode(raw) == WANTED
    assert codec.storage_to_json(raw) == raw[:-1]


def test_a_json_value_with_a_field_that_nobody_knows_is_kept() -> None:
    raw = b'{"apiVersion":"v1","kind":"ConfigMap","metadata":{"newer":1,"name":"a"}}\n'
    with pytest.warns(codec.UnknownFieldsWarning, match=r"ConfigMap\.metadata\.newer: unknown field"):
        found = codec.decode(raw)
    assert isinstance(found, Unstructured)
    assert found.content == {"metadata": {"newer": 1, "name": "a"}}
    with pytest.warns(codec.UnknownFieldsWarning):
        assert b'"newer":1' in codec.storage_to_json(raw)
    with pytest.raises(codec.DecodeError, match="unknown field"):
        codec.decode(raw, ConfigMap)


def test_encode_takes_objects_of_a_kind_alone() -> None:
    with pytest.raises(codec.NotRegisteredError, match=r"^ObjectMeta is no kind: it is stored only as a part of one$"):
        codec.encode(ObjectMeta())
    with pytest.raises(ValueError, match="form is"):
        codec.encode(WANTED, form="yaml")
    with pytest.raises(codec.NotRegisteredError):
        codec.encode(Unregistered(apiVersion="a/v1", kind="B", raw=b""), form="json")


def test_options_are_kinds_of_every_group_version() -> None:
    for api_version in ("v1", "apps/v1", "meta.k8s.io/v1"):
        obj = DeleteOptions(apiVersion=api_version)
        assert codec.decode(codec.encode(obj)) == obj
    with pytest.raises(codec.EncodeError, match=r"'example.com/v1' 'DeleteOptions' is not registered for this class"):
        codec.encode(DeleteOptions(apiVersion="example.com/v1"))
    assert codec.decode(codec.encode(Status(code=404))) == Status(code=404)


def test_long_names_and_lengths() -> None:
    obj = Node(metadata=ObjectMeta(name="n" * 300, annotations={"a": "x" * 70_000}))
    raw = codec.encode(obj)
    assert codec.decode(raw) == obj
    assert varint(70_000) in raw
