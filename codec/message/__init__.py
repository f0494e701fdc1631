"""Wire → record, driven by the schema. The way back is encode.py; records become objects in objects.py.

What the wire says is kept: unknown fields stay as bytes in the record's last slot. Those of an embedded
struct, which has no record of its own, and of a message that is held as a value (Time, Quantity) stand there
inside the tag of their field: such a number is never unknown itself.
"""

from __future__ import annotations

from codec import types
from codec.errors import NO_STACK, DecodeError, printable
from codec.schema import MAP, REPEATED
from codec.wire import FIXED64, LENGTH_DELIMITED, MAX_DEPTH, VARINT, WIRE_TYPE_NAMES, Reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from codec.schema import Field, MessageSchema, Record


def _int32(value: int) -> int:
    """The low 32 bits, signed."""
    return ((value & 0xFFFFFFFF) ^ 0x80000000) - 0x80000000


def _int64(value: int) -> int:
    return (value ^ 1 << 63) - (1 << 63)


def _zigzag(value: int) -> int:
    return value >> 1 ^ -(value & 1)


def _float(size: str) -> Callable[[bytes], Any]:
    def read(value: bytes) -> Any:
        from struct import unpack

        return unpack(size, value)[0]

    return read


def _text(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")


# kind of a scalar → how the raw value, an integer or bytes, becomes Python's
FROM_RAW: dict[str, Callable[[Any], Any]] = {
    "bool": bool,
    "int32": _int32,
    "int64": _int64,
    "uint32": lambda value: value & 0xFFFFFFFF,
    "uint64": int,
    "enum": _int32,
    "sint32": lambda value: _zigzag(value & 0xFFFFFFFF),
    "sint64": _zigzag,
    "double": _float("<d"),
    "float": _float("<f"),
    "fixed64": lambda value: int.from_bytes(value, "little"),
    "fixed32": lambda value: int.from_bytes(value, "little"),
    "sfixed64": lambda value: int.from_bytes(value, "little", signed=True),
    "sfixed32": lambda value: int.from_bytes(value, "little", signed=True),
    "string": _text,
    "bytes": bytes,
}


# Messages that are held as a value: Time, Quantity, IntOrString, raw JSON, …. In their records None stands in the slot
# of a field that was not on the wire, where a plain message has a zero.

# Read anew by each occurrence on the wire, where other messages merge; apimachinery meta/v1/time_proto.go.
REPLACED = frozenset(("time", "micro_time"))

# Held as a message, though their JSON is no object.
PLAIN = frozenset(("", "group_version", "schema_or_array", "schema_or_bool", "schema_or_string_array", "unknown"))


def unseen(schema: MessageSchema) -> Record[Any]:
    """A record of which nothing was read yet."""
    return [None] * schema.width + [b""]


def _load_time(record: Record[Any]) -> Any:
    if record == [None, None, b""]:
        return types.Time()
    return types.Time.from_wire(record[0] or 0, record[1] or 0)


def _load_micro_time(record: Record[Any]) -> Any:
    if record == [None, None, b""]:
        return types.MicroTime()
    return types.MicroTime.from_wire(record[0] or 0, record[1] or 0)


def _load_raw(record: Record[Any]) -> Any:
    return types.RawJSON(record[0])


def _load_int_or_string(record: Record[Any]) -> Any:
    from codec.types.intstr import from_wire

    return from_wire(record[0] or 0, record[1] or 0, record[2] or "")


def _dump_int_or_string(value: Any) -> Record[Any]:
    from codec.types.intstr import to_wire

    return [*to_wire(value), b""]


def _dump_time(value: Any) -> Record[Any]:
    return [*(value.wire or (None, None)), b""]


def _dump_raw(value: Any) -> Record[Any]:
    return [value.raw, b""]


def _dump_quantity(value: Any) -> Record[Any]:
    # Go canonicalises whatever it writes. A text that is no quantity is put back as it came.
    return [value.canonical if value.valid else value.text, b""]


# form → (record → value, value → record)
_FORMS: dict[str, tuple[Callable[[Record[Any]], Any], Callable[[Any], Record[Any]]]] = {
    "time": (_load_time, _dump_time),
    "micro_time": (_load_micro_time, _dump_time),
    "duration": (lambda record: types.Duration(record[0] or 0), lambda value: [value.nanoseconds, b""]),
    "quantity": (lambda record: types.Quantity("0" if record[0] is None else record[0]), _dump_quantity),
    "int_or_string": (_load_int_or_string, _dump_int_or_string),
    "raw_extension": (_load_raw, _dump_raw),
    "fields_v1": (_load_raw, _dump_raw),
    "json": (_load_raw, _dump_raw),
    "list": (lambda record: record[0] or [], lambda value: [value, b""]),
}


def load(form: str, record: Record[Any]) -> Any:
    """The value that a record on the wire stands for."""
    return _FORMS[form][0](record)


def dump(form: str, value: Any) -> Record[Any]:
    """The record of a value: None in a slot is not written."""
    return _FORMS[form][1](value)


def zero(schema: MessageSchema) -> Any:
    """Go's zero value; None is the nil of a list."""
    return None if schema.form == "list" else load(schema.form, unseen(schema))


def decode(schema: MessageSchema, reader: Reader) -> Record[Any]:
    """Reads a whole message: from the reader's position to its end. DecodeError with path and offset."""
    record = schema.blank()
    record[-1] = _decode_fields(schema, reader, record, 0, 0)
    return record


def _decode_fields(schema: MessageSchema, reader: Reader, record: Record[Any], base: int, depth: int) -> bytes:
    """Reads fields into the record's slots from `base` on, merging with what they hold; returns unknown fields."""
    if depth > MAX_DEPTH:
        raise DecodeError(f"nested deeper than {MAX_DEPTH}", offset=reader.pos)
    by_tag = schema.by_tag
    unknown: list[bytes] = []
    held: dict[int, Field] = {}
    while reader.pos < reader.end:
        start = reader.pos
        tag = reader.tag()
        field = by_tag.get(tag)
        if field is None:
            _check_unknown(schema, tag, start)
            reader.skip(tag)
            unknown.append(reader.data[start : reader.pos])
            continue
        slot = base + field.slot
        try:
            if field.label == MAP:
                if record[slot] is None:
                    record[slot] = {}
                _decode_entry(field.entry, reader, record[slot], depth)
            elif field.label == REPEATED:
                if record[slot] is None:
                    record[slot] = []
                _decode_elements(field, reader, record[slot], tag, depth)
            elif field.inline:
                unknown += _wrapped(field, _decode_nested(field, reader, record, slot, depth))
            elif field.form not in PLAIN:
                if slot not in held or field.form in REPLACED:
                    record[slot] = _reopened(field, record[slot])
                    held[slot] = field
                _decode_message(field, reader, record[slot], depth)
            else:
                record[slot] = _decode_singular(field, reader, record[slot], depth)
        except DecodeError as error:
            if not field.inline:
                error.inside(field.json)
            raise
        except RecursionError:
            raise DecodeError(NO_STACK, field.json, start) from None
    for slot, field in held.items():
        unknown += _wrapped(field, record[slot][-1])
        record[slot] = load(field.form, record[slot])
    return b"".join(unknown)


def _reopened(field: Field, value: Any) -> Record[Any]:
    """The record of a message held as a value, to be read on: what an earlier part of its parent said, or nothing."""
    return unseen(field.message) if value is None or field.form in REPLACED else dump(field.form, value)


def _check_unknown(schema: MessageSchema, tag: int, start: int) -> None:
    """A number that the schema knows must come with the wire type of its field."""
    for field in schema.fields:
        if field.number == tag >> 3:
            problem = f"wire type {WIRE_TYPE_NAMES[tag & 7]} where {WIRE_TYPE_NAMES[field.wire_type]} was expected"
            raise DecodeError(problem, field.json, start)


def _wrapped(field: Field, rest: bytes) -> list[bytes]:
    """Unknown fields of a nested level that has no record of its own, inside the tag of its field."""
    if not rest:
        return []
    from codec.wire.writer import length_delimited

    return [length_delimited(field.number, rest)]


def _decode_nested(field: Field, reader: Reader, record: Record[Any], base: int, depth: int) -> bytes:
    """Reads a length-delimited message into the slots from `base` on, in a view that ends where it ends."""
    outer = reader.end
    reader.end = reader.length_delimited()
    rest = _decode_fields(field.message, reader, record, base, depth + 1)
    reader.end = outer
    return rest


def _decode_message(field: Field, reader: Reader, record: Record[Any], depth: int) -> None:
    """Reads a length-delimited message into a record of its own."""
    rest = _decode_nested(field, reader, record, 0, depth)
    if rest:
        # A bytearray grows in place: a message that comes in a million parts takes no quadratic time.
        record[-1] = record[-1] or bytearray()
        record[-1] += rest


def _raw(wire_type: int, reader: Reader) -> Any:
    if wire_type == VARINT:
        return reader.varint()
    if wire_type == LENGTH_DELIMITED:
        return reader.read_bytes()
    return reader.fixed(8 if wire_type == FIXED64 else 4)


def _decode_singular(field: Field, reader: Reader, present: Any, depth: int) -> Any:
    """One occurrence of a value: a scalar replaces the one before, a message is merged into it."""
    if not field.is_message:
        return FROM_RAW[field.kind](_raw(field.wire_type, reader))
    record = field.message.blank() if present is None else present
    _decode_message(field, reader, record, depth)
    return record


def _decode_elements(field: Field, reader: Reader, elements: list[Any], tag: int, depth: int) -> None:
    """One element of a list, or many where scalars are packed."""
    if tag != field.tag:
        from_raw = FROM_RAW[field.kind]
        outer = reader.end
        reader.end = reader.length_delimited()
        while reader.pos < reader.end:
            elements.append(from_raw(_raw(field.wire_type, reader)))
        reader.end = outer
        return
    start = reader.pos
    try:
        if field.form not in PLAIN:
            element = unseen(field.message)
            _decode_message(field, reader, element, depth)
            elements.append(_load_whole(field, element, start))
        else:
            elements.append(_decode_singular(field, reader, None, depth))
    except DecodeError as error:
        error.inside(f"[{len(elements)}]")
        raise


def _load_whole(field: Field, record: Record[Any], start: int) -> Any:
    """The value of a message that stands in a list or map, where its unknown fields would have no place."""
    if record[-1]:
        raise DecodeError(f"{field.message.class_name} in a list or map holds an unknown field", offset=start)
    return load(field.form, record)


def _absent(entry: Field) -> Any:
    """What an entry without a value holds: zero, as in Go, of which bytes remember that they were absent."""
    return types.AbsentBytes() if entry.kind == "bytes" else entry.zero


def _decode_entry(entry: Field, reader: Reader, entries: dict[str, Any], depth: int) -> None:
    """One entry of a map: 1 key, 2 value. A later entry of the same key wins."""
    outer = reader.end
    reader.end = reader.length_delimited()
    start = reader.pos
    key = ""
    held = entry.form not in PLAIN
    value: Any = unseen(entry.message) if held else entry.message.blank() if entry.is_message else _absent(entry)
    try:
        while reader.pos < reader.end:
            place = reader.pos
            tag = reader.tag()
            if tag == 1 << 3 | LENGTH_DELIMITED:
                key = _text(reader.read_bytes())
            elif tag == entry.tag:
                if held and entry.form in REPLACED:
                    value = unseen(entry.message)
                value = _decode_singular(entry, reader, value, depth)
            elif tag >> 3 in (1, 2):
                raise DecodeError(f"wire type {WIRE_TYPE_NAMES[tag & 7]} in a map entry's field {tag >> 3}", "", place)
            else:
                raise DecodeError(f"a map entry has no field {tag >> 3}", "", place)
        if held:
            value = _load_whole(entry, value, start)
    except DecodeError as error:
        error.inside(f"[{printable(key)}]")
        raise
    reader.end = outer
    entries[key] = value
