"""Descriptor sets that protoc would not have written: kinds that work, or a CodecError."""

from __future__ import annotations

import random

import pytest
from hostile.handmade import field, number_field, stored, tag
from hostile.promise import check_json, check_stored

import codec
import codec.schema
from codec.message import objects

KIND = {("example.com/v1", "Widget"): "example.v1.Widget"}
STRING, MESSAGE, INT32, BYTES, ENUM = 9, 11, 5, 12, 14
OPTIONAL, REPEATED = 1, 3
PRESENT = number_field(17, 1)  # proto3_optional


@pytest.fixture(autouse=True)
def own_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    forget(monkeypatch)


def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test registers is gone after it."""
    monkeypatch.setattr(codec.schema, "_builtin", None)
    monkeypatch.setattr(objects, "_classes", {})
    monkeypatch.setattr(objects, "_schemas", {})


def declared(name: str, number: int, kind: int, target: str = "", label: int = OPTIONAL, more: bytes = b"") -> bytes:
    """A field of a message: FieldDescriptorProto."""
    text = field(1, name) + number_field(3, number) + number_field(4, label) + number_field(5, kind)
    return field(2, text + (field(6, f".{target}") if target else b"") + more)


def message(name: str, *fields: bytes, options: bytes = b"") -> bytes:
    return field(4, field(1, name) + b"".join(fields) + (field(7, options) if options else b""))


def descriptor_set(*messages: bytes, package: str = "example.v1") -> bytes:
    file = field(1, "example/v1.proto") + field(2, package) + b"".join(messages) + field(12, "proto3")
    return field(1, file)


WIDGET = message(
    "Widget",
    declared("name", 1, STRING),
    declared("size", 2, INT32, more=PRESENT),
    declared("parts", 3, MESSAGE, "example.v1.Part", REPEATED),
    declared("data", 4, BYTES, more=PRESENT),
    declared("own", 5, MESSAGE, "example.v1.Part"),
)
PART = message("Part", declared("id", 1, STRING), declared("inner", 2, MESSAGE, "example.v1.Part", more=PRESENT))
VALUE = stored(
    "example.com/v1",
    "Widget",
    field(1, "a") + number_field(2, 3) + field(3, field(1, "b") + field(2, field(1, "c"))) + field(4, b"\xff"),
)


def test_a_good_one() -> None:
    assert codec.register(descriptor_set(WIDGET, PART), KIND) == [("example.com/v1", "Widget")]
    check_stored(VALUE)
    text = codec.storage_to_json(VALUE)
    check_json(text)
    assert b'"name":"a","size":3,"parts":[{"id":"b","inner":{"id":"c"}}]' in text


INLINE = field(8, number_field(50002, 1))  # [(codec.inline) = true]
BAD: dict[str, tuple[bytes, str]] = {
    "a value in itself": (
        descriptor_set(message("Widget", declared("own", 1, MESSAGE, "example.v1.Widget"))),
        r"example\.v1\.Widget nests in itself or deeper than 100: make a field of it optional",
    ),
    "values in a circle": (
        descriptor_set(
            message("Widget", declared("own", 1, MESSAGE, "example.v1.Part")),
            message("Part", declared("own", 1, MESSAGE, "example.v1.Widget")),
        ),
        r"example\.v1\.Part nests in itself or deeper than 100",
    ),
    "values too deep": (
        descriptor_set(
            message("Widget", declared("own", 1, MESSAGE, "example.v1.P0")),
            *(message(f"P{n}", declared("own", 1, MESSAGE, f"example.v1.P{n + 1}")) for n in range(500)),
            message("P500"),
        ),
        r"example\.v1\.P\d+ nests in itself or deeper than 100",
    ),
    "equal names": (
        descriptor_set(message("Widget", declared("a", 1, STRING), declared("a", 2, STRING))),
        r"example\.v1\.Widget: not a field that can be registered: 'a'",
    ),
    "equal numbers": (
        descriptor_set(message("Widget", declared("a", 1, STRING), declared("b", 1, STRING))),
        r"example\.v1\.Widget: not a field that can be registered: 'b'",
    ),
    "number 0": (
        descriptor_set(message("Widget", declared("a", 0, STRING))),
        r"example\.v1\.Widget: not a field that can be registered: 'a'",
    ),
    "no name": (
        descriptor_set(message("Widget", declared("a b", 1, STRING))),
        r"example\.v1\.Widget: not a field that can be registered: 'a b'",
    ),
    "a name of ours": (
        descriptor_set(message("Widget", declared("a", 1, STRING, more=field(10, "_unknown")))),
        r"example\.v1\.Widget: not a field that can be registered: 'a'",
    ),
    "kind of a kind": (
        descriptor_set(message("Widget", declared("kind", 1, STRING))),
        r"example\.v1\.Widget: not a field that can be registered: 'kind'",
    ),
    "message without a name": (
        descriptor_set(message("Wid\tget")) + descriptor_set(message("Widget")),
        r"not a message that can be registered: 'example\.v1\.Wid\\tget'",
    ),
    "embedded twice": (
        descriptor_set(
            message(
                "Widget",
                declared("a", 1, MESSAGE, "example.v1.Part", more=INLINE),
                declared("b", 2, MESSAGE, "example.v1.Part", more=INLINE),
            ),
            message("Part", declared("id", 1, STRING)),
        ),
        r"example\.v1\.Widget: embedded messages have attributes of the same name",
    ),
    "a form of ours": (
        descriptor_set(message("Widget", options=field(50002, "quantity"))),
        r"not a message that can be registered: 'example\.v1\.Widget'",
    ),
    "cut off": (descriptor_set(WIDGET)[:-3], "length [0-9]+ runs past the message end"),
    "no set": (b"\xff" * 20, "varint is longer than 10 bytes"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_ones(name: str) -> None:
    data, words = BAD[name]
    with pytest.raises(codec.CodecError, match=words):
        codec.register(data, KIND)
    assert ("example.com/v1", "Widget") not in codec.kinds()
    check_stored(VALUE)  # as an unregistered kind


def test_messages_nested_in_messages_without_end() -> None:
    nested = field(1, "Widget")
    for _ in range(20_000):
        nested = field(1, "Widget") + field(3, nested)
    with pytest.raises(codec.DecodeError, match="not a descriptor set"):
        codec.register(descriptor_set(field(4, nested)), KIND)


def test_a_name_that_nobody_declares() -> None:
    with pytest.raises(codec.NotRegisteredError, match=r"Widget\.own is a example\.v1\.None, which nobody"):
        codec.register(descriptor_set(message("Widget", declared("own", 1, MESSAGE, "example.v1.None"))), KIND)


def test_damaged_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = descriptor_set(WIDGET, PART)
    rng = random.Random(5)
    taken = 0
    for _ in range(3000):
        data = bytearray(whole)
        for _ in range(rng.choice((1, 1, 2))):
            place = rng.randrange(len(data))
            if rng.random() < 0.5:
                data[place] = rng.randrange(256)
            else:
                data[place] = rng.choice((0, 1, 3, 9, 11, 0x2E, 0x61, tag(1, 2)[0]))
        forget(monkeypatch)
        try:
            codec.register(bytes(data), KIND)
        except codec.CodecError:
            continue
        taken += 1
        check_stored(VALUE)
    assert taken > 100
