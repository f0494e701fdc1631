"""What each field of an object takes: the check between what a user put there and the writers of wire and text.

Records from the wire and from text are right as they are; only objects are checked, when they are taken apart.
"""

from __future__ import annotations

from codec import types
from codec.errors import EncodeError, printable
from codec.message import PLAIN
from codec.message.encode import WRITERS, key_bytes
from codec.schema import MAP, REPEATED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from codec.schema import Field, MessageSchema

    Check = Callable[[Any], object]

# kind of a scalar → the type whose values all fit it; integers are looked at one by one, for their range
USUAL = {"string": str, "bool": bool, "bytes": bytes, "double": float}

# form of a message → the name of its class in codec.types
CLASSES = {
    "time": "Time",
    "micro_time": "MicroTime",
    "duration": "Duration",
    "quantity": "Quantity",
    "raw_extension": "RawJSON",
    "fields_v1": "RawJSON",
    "json": "RawJSON",
}


def checks_of(schema: MessageSchema) -> list[tuple[int, str, type | None, Check]]:
    """(slot, name, usual type, check) of a message's attributes, but for single messages that have a class.

    A value of just the usual type needs no check, nor does None. A check raises EncodeError.
    """
    rows: list[tuple[int, str, type | None, Check]] = [(schema.width, "_unknown", bytes, WRITERS["bytes"])]
    if schema.type_meta:
        rows += [(slot, name, str, WRITERS["string"]) for slot, name in enumerate(("apiVersion", "kind"))]
    for field, slot in schema.flat:
        if field.label == REPEATED:
            rows.append((slot, field.json, None, _list_of(*_single(field))))
        elif field.label == MAP:
            rows.append((slot, field.json, None, _map_of(*_single(field))))
        elif not field.is_message or field.form not in PLAIN:
            rows.append((slot, field.json, *_single(field)))
    return rows


def _single(field: Field) -> tuple[type | None, Check]:
    """The usual type and the check of one value of a field."""
    if not field.is_message:
        return USUAL.get(field.kind), WRITERS[field.kind]
    if field.form in PLAIN:
        return None, _anything  # it is taken apart itself, where its class is looked at
    if field.form == "int_or_string":
        return str, _int_or_string
    if field.form == "list":
        return None, _list_of(str, WRITERS["string"])
    usual: type = getattr(types, CLASSES[field.form])
    return usual, _instance_of(usual)


def _anything(value: Any) -> None:
    """No check."""


def _instance_of(wanted: type) -> Check:
    def check(value: Any) -> None:
        if not isinstance(value, wanted):
            raise EncodeError(f"expected {wanted.__name__}, got {type(value).__name__}")

    return check


def _int_or_string(value: Any) -> None:
    from codec.types.intstr import to_wire

    try:
        to_wire(value)
    except (TypeError, ValueError) as error:
        raise EncodeError(str(error)) from None


def _list_of(usual: type | None, check_element: Check) -> Check:
    def check(value: Any) -> None:
        if not isinstance(value, (list, tuple)):
            raise EncodeError(f"expected a list, got {type(value).__name__}")
        for index, item in enumerate(value):
            if type(item) is not usual:
                _inside(f"[{index}]", check_element, item)

    return check


def _map_of(usual: type | None, check_value: Check) -> Check:
    def check(value: Any) -> None:
        if not isinstance(value, dict):
            raise EncodeError(f"expected a map, got {type(value).__name__}")
        for key, item in value.items():
            if type(key) is not str or not key.isascii():
                key_bytes(key)
            if type(item) is not usual and item is not None:
                _inside(f"[{printable(key)}]", check_value, item)

    return check


def _inside(place: str, check: Check, value: Any) -> None:
    try:
        check(value)
    except EncodeError as error:
        error.inside(place)
        raise
