"""Stored values put together by hand, with a writer of their own, so that they can say what no encoder would."""

from __future__ import annotations

from collections.abc import Callable

VARINT, LENGTH_DELIMITED, START_GROUP, END_GROUP = 0, 2, 3, 4
TAIL = b"\x1a\x00\x22\x00"


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def tag(number: int, wire_type: int) -> bytes:
    return varint(number << 3 | wire_type)


def field(number: int, value: bytes | str) -> bytes:
    """A length-delimited field."""
    data = value.encode() if isinstance(value, str) else value
    return tag(number, LENGTH_DELIMITED) + varint(len(data)) + data


def number_field(number: int, value: int) -> bytes:
    """A varint field."""
    return tag(number, VARINT) + varint(value)


def stored(api_version: str, kind: str, message: bytes) -> bytes:
    """The value that a message is stored as."""
    type_meta = field(1, api_version) + field(2, kind)
    return b"k8s\x00" + field(1, type_meta) + field(2, message) + TAIL


def config_map(message: bytes) -> bytes:
    return stored("v1", "ConfigMap", message)


def crd(json_schema_props: bytes) -> bytes:
    """A CustomResourceDefinition with this JSONSchemaProps, the message that nests in itself in the most ways."""
    validation = field(1, json_schema_props)
    version = field(4, validation)
    return stored("apiextensions.k8s.io/v1", "CustomResourceDefinition", field(2, field(7, version)))


def nested(step: Callable[[bytes], bytes], depth: int, innermost: bytes = b"") -> bytes:
    """innermost, put into itself `depth` times."""
    for _ in range(depth):
        innermost = step(innermost)
    return innermost


# ways in which JSONSchemaProps holds another: name → (one level on the wire, messages that one level opens)
LEVELS: dict[str, tuple[Callable[[bytes], bytes], int]] = {
    "not": (lambda inner: field(28, inner), 1),
    "allOf": (lambda inner: field(25, inner), 1),
    "properties": (lambda inner: field(29, field(1, "a") + field(2, inner)), 1),
    "items": (lambda inner: field(24, field(1, inner)), 2),
    "additionalProperties": (lambda inner: field(30, field(2, inner)), 2),
    "dependencies": (lambda inner: field(32, field(1, "a") + field(2, field(1, inner))), 2),
}
