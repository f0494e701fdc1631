"""codec.query.metadata and identity: what a stored object says of itself, beside what a full decoding says."""

from __future__ import annotations

import gzip
import json
from base64 import b64decode
from pathlib import Path

import pytest
from query.memory import Memory

import codec
from codec.errors import CodecError
from codec.query.identity import difference
from codec.query.metadata import read_labels, read_metadata, read_times
from codec.query.select import select
from codec.types import Time


def values(folder: Path) -> list[bytes]:
    with gzip.open(folder / "values.jsonl.gz", "rt", encoding="utf-8") as file:
        return [b64decode(json.loads(line)["value"]) for line in file]


@pytest.mark.parametrize("folder", ["", "json", "yaml"])
def test_it_is_what_decoding_says(root: Path, folder: str) -> None:
    deleted = 0
    for raw in values(root / "fixtures" / "etcd" / folder):
        found, tree = read_metadata(raw), codec.to_dict(codec.decode(raw))
        metadata = tree["metadata"]
        assert (found.api_version, found.kind) == (tree["apiVersion"], tree["kind"])
        for name in ("name", "namespace", "uid"):
            assert getattr(found, name) == metadata.get(name, "")
        assert found.labels == metadata.get("labels", {})
        times = [metadata.get(name) for name in ("creationTimestamp", "deletionTimestamp")]
        assert [found.created, found.deleted] == [text and Time.parse(text).seconds for text in times]
        assert read_times(raw) == (found.created, found.deleted)
        assert read_labels(raw) == found.labels
        deleted += found.deleted is not None
    assert folder or deleted == 4


def pod(**metadata: object) -> bytes:
    obj = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata}
    return codec.json_to_storage(json.dumps(obj).encode())


def test_times_of_all_sizes() -> None:
    for created in (
        None,
        "0001-01-01T00:00:00Z",
        "1969-12-31T23:59:59Z",
        "1970-01-01T00:00:00Z",
        "9999-12-31T00:00:00Z",
    ):
        for deleted in (None, "2026-01-01T00:00:00Z", "1960-01-01T00:00:00Z"):
            for filler in ("", "x" * 200):
                raw = pod(
                    name="a", selfLink=filler, generation=300, creationTimestamp=created, deletionTimestamp=deleted
                )
                found = read_metadata(raw)
                assert read_times(raw) == (found.created, found.deleted)
                assert (found.created is None) == (created is None or created.startswith("0001"))
                assert found.deleted == (deleted and Time.parse(deleted).seconds)


def test_fields_in_any_order_and_unknown_ones_are_read() -> None:
    """Objects as no API server writes them, but reads them."""
    time = b"\x08\xe8\x07"  # 1000
    for meta in (
        b"\x4a\x03" + time + b"\x42\x03" + time + b"\x0a\x01a",
        b"\x5a\x06\x12\x01y\x0a\x01x\x42\x03" + time + b"\x4a\x03" + time + b"\x0a\x01a",
        b"\x0a\x01a\x42\x05\x10\x00" + time + b"\x4a\x03" + time,
        b"\x0a\x01a\xa0\x06\x01\x42\x03" + time + b"\x4a\x03" + time,
    ):
        message = b"\x12\x00\x0a" + bytes((len(meta),)) + meta
        inner = b"\x0a\x09\x0a\x02v1\x12\x03Pod\x12" + bytes((len(message),)) + message
        for raw in (b"k8s\0" + inner, b"k8s\0\x1a\x00" + inner):
            found = read_metadata(raw)
            assert (found.name, found.created, found.deleted) == ("a", 1000, 1000)
            assert read_times(raw) == (1000, 1000)
            assert read_labels(raw) == found.labels


def test_labels_of_all_sizes() -> None:
    for labels in ({}, {"a": ""}, {"a" * 63: "b" * 63, "x.example.com/" + "y" * 120: "z" * 130, "é": "ü"}):
        raw = pod(
            name="a",
            labels=labels,
            finalizers=["f"],
            managedFields=[{"manager": "m" * 300}],
            deletionGracePeriodSeconds=7,
        )
        assert read_labels(raw) == read_metadata(raw).labels == labels


def test_metadata_in_two_parts_is_merged() -> None:
    first, second = b"\x0a\x01a\x5a\x06\x0a\x01x\x12\x01y", b"\x42\x03\x08\xe8\x07\x5a\x06\x0a\x01z\x12\x01y"
    message = b"".join(b"\x0a" + bytes((len(part),)) + part for part in (first, second))
    raw = b"k8s\0\x0a\x09\x0a\x02v1\x12\x03Pod\x12" + bytes((len(message),)) + message
    assert codec.to_dict(codec.decode(raw))["metadata"]["labels"] == {"x": "y", "z": "y"}
    assert read_labels(raw) == read_metadata(raw).labels == {"x": "y", "z": "y"}
    assert read_times(raw) == (1000, None)


def test_damage_is_an_error_or_a_value() -> None:
    raw = pod(name="a", namespace="web", creationTimestamp="2026-01-01T00:00:00Z", labels={"a": "b"})
    errors = 0
    for end in range(len(raw)):
        for changed in (raw[:end], *(raw[:end] + bytes((byte,)) + raw[end + 1 :] for byte in (0, 0x7F, 0x80, 0xFF))):
            try:
                found = read_metadata(changed)
            except CodecError:
                errors += 1
                continue
            assert read_times(changed) == (found.created, found.deleted)
            assert read_labels(changed) == found.labels
    assert errors > len(raw)


@pytest.mark.parametrize("raw", [b"[]", b"{", b"k8s:enc:aescbc:v1:key1:x", b"7", b""])
def test_what_is_no_object(raw: bytes) -> None:
    for read in (read_metadata, read_times, read_labels):
        with pytest.raises(CodecError):
            read(raw)  # type: ignore[operator]


def test_text_whose_metadata_is_of_other_types() -> None:
    found = read_metadata(
        b'{"apiVersion":1,"kind":"A","metadata":{"name":[],"labels":{"a":1,"b":"c"},"creationTimestamp":"x"}}'
    )
    assert (found.api_version, found.kind, found.name, found.labels, found.created) == ("", "A", "", {"b": "c"}, None)
    assert read_metadata(b'{"kind":"A","metadata":[]}').name == ""


def test_objects_agree_with_their_keys(root: Path) -> None:
    with codec.open(root / "fixtures" / "etcd" / "snapshot.db") as source:
        assert [row.label for row in select(source).rows() if difference(row)] == []


@pytest.mark.parametrize(
    ("key", "raw", "expected"),
    [
        ("pods/web/a", pod(name="a", namespace="web"), ""),
        ("pods/web/a", pod(name="b", namespace="web"), "name is 'b'"),
        ("pods/web/a", pod(name="a", namespace="web2"), "namespace is 'web2'"),
        ("pods/web/a", pod(name="ab", namespace="web", generateName="a"), "name is 'ab'"),
        ("pods/web/" + "a" * 200, pod(name="a" * 200, namespace="web"), ""),
        ("pods/web/v1", pod(name="x", namespace="web"), "name is 'x'"),
        ("services/specs/web/a", pod(name="a", namespace="b"), "kind is 'Pod', namespace is 'b'"),
        ("masterleases/10.0.0.1", b'{"apiVersion":"v1","kind":"Endpoints","metadata":{}}', ""),
        ("masterleases/10.0.0.1", pod(name="a"), "kind is 'Pod'"),
        ("a.example.com/things/a", b'{"apiVersion":"a.example.com/v1","kind":"Thing","metadata":{"name":"a"}}', ""),
        ("a.example.com/things/a", b'{"apiVersion":"a/v1","kind":"X","metadata":{"name":"b"}}', "name is 'b'"),
        ("nothing", b"7", ""),
    ],
)  # fmt: skip
def test_what_differs_from_the_key(key: str, raw: bytes, expected: str) -> None:
    (row,) = select(Memory({f"/registry/{key}": raw})).rows()
    assert difference(row) == expected
