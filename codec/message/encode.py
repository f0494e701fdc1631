"""Record → wire: fields by number, zeros of Go values always written, unknown fields back in their places."""

from __future__ import annotations

from codec.errors import NO_STACK, EncodeError, printable
from codec.message import PLAIN, dump, unseen
from codec.schema import MAP, OPTIONAL, REPEATED
from codec.types import AbsentBytes
from codec.wire import MAX_DEPTH, UINT64, Reader
from codec.wire.writer import length_delimited, varint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from codec.schema import Field, MessageSchema, Record


def encode(schema: MessageSchema, record: Record[Any]) -> bytes:
    """Writes a whole message. EncodeError with the path of a value that does not fit its field."""
    return b"".join(_fields(schema, record, 0, _unknown_fields(record[-1]), 0))


def _fields(
    schema: MessageSchema, record: Record[Any], base: int, unknown: list[tuple[int, bytes]], depth: int
) -> list[bytes]:
    if depth > MAX_DEPTH:
        raise EncodeError(f"nested deeper than {MAX_DEPTH}")
    chunks: list[tuple[int, bytes]] = []
    for field in schema.by_number:
        try:
            chunks += _field(field, record, base, unknown, depth)
        except EncodeError as error:
            if not field.inline:
                error.inside(field.json)
            raise
        except RecursionError:
            raise EncodeError(NO_STACK, field.json) from None
    if unknown:
        known = {field.number for field in schema.fields}
        chunks += [chunk for chunk in unknown if chunk[0] not in known]
        chunks.sort(key=lambda chunk: chunk[0])
    return [data for _, data in chunks]


def _field(
    field: Field, record: Record[Any], base: int, unknown: list[tuple[int, bytes]], depth: int
) -> Iterable[tuple[int, bytes]]:
    """The (number, bytes) of a field, as often as it occurs."""
    number = field.number
    nested = _nested_unknown(number, unknown) if unknown and field.is_message else []
    if field.inline:
        inner = _fields(field.message, record, base + field.slot, nested, depth + 1)
        yield number, length_delimited(number, b"".join(inner))
        return
    value = record[base + field.slot]
    if field.label == REPEATED:
        yield from _elements(field, value or (), depth)
    elif field.label == MAP:
        yield from _entries(field, value or {}, depth)
    elif field.is_message:
        if value is not None or (field.label != OPTIONAL and field.form != "list") or nested:
            yield number, length_delimited(number, _message(field, value, nested, depth))
    elif value is None:
        if field.label != OPTIONAL and field.kind != "bytes":
            yield number, varint(field.tag) + _scalar(field.kind, field.zero)
    else:
        yield number, varint(field.tag) + _scalar(field.kind, value)


def _elements(field: Field, values: Iterable[Any], depth: int) -> Iterable[tuple[int, bytes]]:
    if not isinstance(values, (list, tuple)):
        raise EncodeError(f"expected a list, got {_named(values)}")
    tag = varint(field.tag)
    packed = []
    for index, value in enumerate(values):
        try:
            if field.is_message:
                yield field.number, length_delimited(field.number, _message(field, value, [], depth))
            elif field.packed:
                packed.append(_scalar(field.kind, value))
            else:
                yield field.number, tag + _scalar(field.kind, value)
        except EncodeError as error:
            error.inside(f"[{index}]")
            raise
    if packed:
        yield field.number, length_delimited(field.number, b"".join(packed))


def _entries(field: Field, values: Any, depth: int) -> Iterable[tuple[int, bytes]]:
    """Entries in the order of their key's bytes: 1 key, 2 value; a nil value is left out.

    Upstream differs: an entry that was read without a value is written by Go with an empty one.
    """
    if not isinstance(values, dict):
        raise EncodeError(f"expected a map, got {_named(values)}")
    entry = field.entry
    for key, name in sorted((key_bytes(name), name) for name in values):
        value = values[name]
        try:
            data = length_delimited(1, key)
            if field.is_message:
                data += length_delimited(2, _message(entry, value, [], depth))
            elif field.kind != "bytes" or (value is not None and type(value) is not AbsentBytes):
                data += varint(entry.tag) + _scalar(field.kind, value)
        except EncodeError as error:
            error.inside(f"[{printable(name)}]")
            raise
        yield field.number, length_delimited(field.number, data)


def _message(field: Field, value: Any, unknown: list[tuple[int, bytes]], depth: int) -> bytes:
    """The payload of a message field; None is Go's zero value."""
    if depth >= MAX_DEPTH:
        raise EncodeError(f"nested deeper than {MAX_DEPTH}")
    schema = field.message
    record: Record[Any]
    if schema.form in PLAIN:
        record = schema.blank() if value is None else value
        return b"".join(_fields(schema, record, 0, unknown + _unknown_fields(record[-1]), depth + 1))
    record = unseen(schema)
    if value is not None:
        record = dump(schema.form, value)
    elif schema.form == "quantity":
        record[0] = "0"
    elif schema.form in ("duration", "int_or_string"):
        record = schema.blank()
    return b"".join(_present(schema, record, unknown))


def _present(schema: MessageSchema, record: Record[Any], unknown: list[tuple[int, bytes]]) -> list[bytes]:
    """The fields of a value's record, without those that are None."""
    chunks = list(unknown)
    for field in schema.by_number:
        value = record[field.slot]
        if field.label == REPEATED:
            chunks += _elements(field, value or (), 0)
        elif value is not None:
            chunks.append((field.number, varint(field.tag) + _scalar(field.kind, value)))
    chunks.sort(key=lambda chunk: chunk[0])
    return [data for _, data in chunks]


def _unknown_fields(data: bytes) -> list[tuple[int, bytes]]:
    """Splits the bytes of unknown fields into (number, whole field)."""
    if not data:
        return []
    reader = Reader(bytes(data))
    found = []
    while reader.pos < reader.end:
        start = reader.pos
        tag = reader.tag()
        reader.skip(tag)
        found.append((tag >> 3, reader.data[start : reader.pos]))
    return found


def count_fields(data: bytes) -> int:
    """How many fields the bytes of unknown fields hold."""
    return len(_unknown_fields(data))


def _nested_unknown(number: int, unknown: list[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
    """What is kept for a nested level that has no record of its own; see codec.message."""
    found = []
    for kept, data in unknown:
        if kept == number:
            reader = Reader(data)
            reader.tag()
            found += _unknown_fields(reader.read_bytes())
    return found


def _named(value: Any) -> str:
    return type(value).__name__


def _string(value: Any) -> bytes:
    if not isinstance(value, str):
        raise EncodeError(f"expected a string, got {_named(value)}")
    try:
        return value.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise EncodeError(f"character {error.start} is a lone surrogate") from None


def _bytes(value: Any) -> bytes:
    if not isinstance(value, (bytes, bytearray, memoryview)):
        raise EncodeError(f"expected bytes, got {_named(value)}")
    return varint(len(value)) + value


def key_bytes(value: Any) -> bytes:
    """The key of a map's entry."""
    if not isinstance(value, str):
        raise EncodeError(f"expected a key that is a string, got {_named(value)}")
    return _string(value)


def _text(value: Any) -> bytes:
    data = _string(value)
    return varint(len(data)) + data


def _bool(value: Any) -> bytes:
    if not isinstance(value, bool):
        raise EncodeError(f"expected a bool, got {_named(value)}")
    return b"\x01" if value else b"\x00"


def _integer(kind: str, low: int, high: int, write: Callable[[int], bytes]) -> Callable[[Any], bytes]:
    def scalar(value: Any) -> bytes:
        if not isinstance(value, int) or isinstance(value, bool):
            raise EncodeError(f"expected an integer, got {_named(value)}")
        if not low <= value <= high:
            raise EncodeError(f"the integer is out of range for {kind}")
        return write(value)

    return scalar


def _floating(form: str) -> Callable[[Any], bytes]:
    def scalar(value: Any) -> bytes:
        from struct import pack

        if not isinstance(value, (int, float)) or isinstance(value, bool):
            raise EncodeError(f"expected a number, got {_named(value)}")
        try:
            return pack(form, float(value))
        except OverflowError:
            raise EncodeError("the number is out of range") from None

    return scalar


def _signed(bits: int) -> tuple[int, int]:
    return -(1 << bits - 1), (1 << bits - 1) - 1


# kind of a scalar → its bytes after the tag
WRITERS: dict[str, Callable[[Any], bytes]] = {
    "bool": _bool,
    "int32": _integer("int32", *_signed(32), varint),
    "int64": _integer("int64", *_signed(64), varint),
    "uint32": _integer("uint32", 0, (1 << 32) - 1, varint),
    "uint64": _integer("uint64", 0, UINT64, varint),
    "enum": _integer("int32", *_signed(32), varint),
    "sint32": _integer("sint32", *_signed(32), lambda value: varint(value << 1 ^ value >> 31)),
    "sint64": _integer("sint64", *_signed(64), lambda value: varint(value << 1 ^ value >> 63)),
    "fixed32": _integer("fixed32", 0, (1 << 32) - 1, lambda value: value.to_bytes(4, "little")),
    "fixed64": _integer("fixed64", 0, UINT64, lambda value: value.to_bytes(8, "little")),
    "sfixed32": _integer("sfixed32", *_signed(32), lambda value: value.to_bytes(4, "little", signed=True)),
    "sfixed64": _integer("sfixed64", *_signed(64), lambda value: value.to_bytes(8, "little", signed=True)),
    "double": _floating("<d"),
    "float": _floating("<f"),
    "string": _text,
    "bytes": _bytes,
}


def _scalar(kind: str, value: Any) -> bytes:
    return WRITERS[kind](value)
