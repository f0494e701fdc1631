"""Stored values compared: bytes that no text shows, bookkeeping, unknown fields, Secrets, times."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

import pytest

import codec
from codec.api.core.v1 import ConfigMap, Secret
from codec.api.meta.v1 import ManagedFieldsEntry, ObjectMeta
from codec.change.state import Difference, State
from codec.errors import CodecError
from codec.types import RawJSON, Time

JANUARY = 1_767_225_600  # 2026-01-01T00:00:00Z


def stored(data: dict[str, str], *managers: str, **metadata: Any) -> bytes:
    entries = [
        ManagedFieldsEntry(
            manager=name,
            operation="Update",
            apiVersion="v1",
            time=Time(JANUARY + 86_400 * day),
            fieldsType="FieldsV1",
            fieldsV1=RawJSON(b'{"f:data":{"f:k":{}}}'),
        )
        for day, name in enumerate(managers)
    ]
    return codec.encode(ConfigMap(metadata=ObjectMeta(name="a", managedFields=entries, **metadata), data=data))


def between(old: bytes, new: bytes, **options: Any) -> Difference:
    return Difference(State(old), State(new), **options)


def test_fields_and_managers() -> None:
    found = between(stored({"k": "1"}, "a"), stored({"k": "2"}, "a", "b"))
    assert [change.path for change in found.changes] == ["data.k"]
    assert [manager.name for manager in found.managers] == ["b"]
    assert found.time == "2026-01-02T00:00:00Z"
    assert (found.differs, found.remark) == (True, "")


def test_only_bookkeeping() -> None:
    old, new = stored({"k": "1"}, "a"), stored({"k": "1"}, "a", "b")
    found = between(old, new)
    assert (found.changes, found.differs, found.remark) == ([], False, "only managedFields changed")
    found = between(old, new, bookkeeping=True)
    assert [change.operation for change in found.changes] == ["added"]


def test_the_resource_version_counts_where_it_is_asked_for() -> None:
    raw = stored({"k": "1"})
    assert State(raw, 7).tree["metadata"]["resourceVersion"] == "7"
    found = Difference(State(raw, 7), State(raw, 8), bookkeeping=True)
    assert [change.path for change in found.changes] == ["metadata.resourceVersion"]
    found = Difference(State(raw, 7), State(raw, 8))
    assert (found.changes, found.differs, found.remark) == ([], False, "written again, nothing changed")


def test_what_no_text_shows() -> None:
    old = stored({"k": b"\xff".decode("utf-8", "surrogateescape")})
    new = stored({"k": b"\xfe".decode("utf-8", "surrogateescape")})
    found = between(old, new)
    assert (found.changes, found.differs, found.remark) == ([], True, "only what text cannot show changed")


def with_unknown_field(raw: bytes, value: int) -> bytes:
    obj = codec.decode(raw)
    obj._unknown = bytes((0x98, 0x06, value))  # field 99, a varint
    return codec.encode(obj)


def test_unknown_fields() -> None:
    old, new = (with_unknown_field(stored({"k": "1"}), value) for value in (1, 2))
    assert between(old, new).remark == "only what text cannot show changed"
    changed = between(old, with_unknown_field(stored({"k": "2"}), 1))
    assert [change.path for change in changed.changes] == ["data.k"]
    assert changed.remark == "ConfigMap: 1 unknown field cannot be shown as text"


def test_an_older_encoding_of_the_same_object_is_no_difference() -> None:
    raw = stored({"k": "1"})
    assert (
        between(raw, b'{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a"},"data":{"k":"1"}}').changes == []
    )


def test_secrets_are_hidden_by_kind_and_by_key() -> None:
    old, new = (codec.encode(Secret(metadata=ObjectMeta(name="s"), data={"k": value})) for value in (b"one", b"two"))
    (change,) = between(old, new).changes
    assert (change.old, change.new) == ("<redacted: 3 bytes>", "<redacted: 3 bytes>")
    (change,) = between(old, new, show_secrets=True).changes
    assert (change.old, change.new) == ("b25l", "dHdv")
    assert State(old).shown()["data"] == {"k": "<redacted: 3 bytes>"}
    assert State(old).shown(show_secrets=True)["data"] == {"k": "b25l"}
    odd = State(stored({"k": "word"}), secret=True)  # something else under the key of a Secret
    assert "word" not in repr(odd.shown())


def test_times() -> None:
    assert State(stored({}, "a", "b")).time == "2026-01-02T00:00:00Z"
    assert State(stored({}, creationTimestamp=Time(JANUARY))).time == "2026-01-01T00:00:00Z"
    assert State(stored({})).time == ""


def test_values_that_cannot_be_read() -> None:
    for raw in (b"", b"junk", b"k8s:enc:aescbc:v1:key1:x", b"k8s\0\x0a\x04"):
        with pytest.raises(CodecError):
            State(raw)


def test_numbers_that_only_our_reader_takes() -> None:
    raw = b'{"apiVersion":"example.com/v1","kind":"A","metadata":{"name":"a"},"n":1' + b"0" * 5000 + b"}"
    with pytest.raises(CodecError, match="out of range"):
        State(raw)


def test_every_captured_value_equals_itself(values: list[dict[str, Any]]) -> None:
    for line in values:
        raw = b64decode(line["value"])
        found = between(raw, codec.encode(codec.decode(raw)))
        assert (found.changes, found.differs) == ([], False), line["key"]
