"""Messages that are held as a value: Time, Quantity, IntOrString, raw JSON, … ⇄ their record on the wire.

A record here has None in the slots of fields that were not on the wire, where a plain message has zeros.
"""

from __future__ import annotations

from codec import types

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from codec.schema import MessageSchema, Record

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
    "quantity": (lambda record: types.Quantity(record[0] or "0"), _dump_quantity),
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
