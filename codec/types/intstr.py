"""IntOrString: `int | str` in objects, and what the wire can say beyond these two.

The rules are those of apimachinery pkg/util/intstr/intstr.go. On the wire it is {1 type, 2 intVal, 3 strVal}, all
three always written; in JSON it is a number or a string."""

from __future__ import annotations

from codec.types import Frozen, set_slot

INT = 0  # intstr.Int
STRING = 1  # intstr.String

_MIN_INT32 = -0x8000_0000
_MAX_INT32 = 0x7FFF_FFFF


class OddIntOrString(Frozen):
    """An IntOrString that neither an int nor a str can stand for, because a value would be lost.

    type is neither 0 nor 1, or a value stands in the field that the type does not point to. Only the wire can
    hold it. type: 64 bits. intVal: 32 bits. strVal: as in a str field."""

    __slots__ = ("intVal", "strVal", "type")
    __match_args__ = ("type", "intVal", "strVal")

    type: int
    intVal: int
    strVal: str

    def __init__(self, type: int, intVal: int, strVal: str) -> None:
        set_slot(self, "type", type)
        set_slot(self, "intVal", intVal)
        set_slot(self, "strVal", strVal)


IntOrString = int | str | OddIntOrString


def from_wire(type: int, int_val: int, str_val: str) -> IntOrString:
    """The value of the three fields, each zero where it is absent."""
    if type == INT and not str_val:
        return int_val
    if type == STRING and not int_val:
        return str_val
    return OddIntOrString(type, int_val, str_val)


def to_wire(value: IntOrString) -> tuple[int, int, str]:
    """(type, intVal, strVal), all to be written. Raises ValueError for an int that needs more than 32 bits.

    Raises TypeError for anything that is no IntOrString, bool among it."""
    if isinstance(value, str):
        return STRING, 0, value
    if isinstance(value, OddIntOrString):
        return value.type, value.intVal, value.strVal
    return INT, _int32(value), ""


def to_json(value: IntOrString) -> int | str:
    """The number or string that JSON shows. Raises ValueError where Go itself can print none, and as to_wire does."""
    if isinstance(value, OddIntOrString):
        if value.type == INT:
            return value.intVal
        if value.type == STRING:
            return value.strVal
        raise ValueError(f"IntOrString of type {value.type} has no JSON form")
    return value if isinstance(value, str) else _int32(value)


def from_json_number(text: str) -> int:
    """The value of a JSON number, given as it is written. Raises ValueError where Go refuses it.

    Only a whole number without fraction and exponent that fits into 32 bits is one (`1.0` and `1e3` are not). JSON
    null is 0; true and false, lists and objects are errors."""
    digits = text.removeprefix("-")
    if not digits.isdigit() or not digits.isascii():
        raise ValueError("expected a whole number or a string")
    if len(digits.lstrip("0")) > 10:
        raise ValueError("the number does not fit into 32 bits")
    return _int32(int(text) if len(text) < 100 else int(digits.lstrip("0") or "0"))


def _int32(value: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"expected int or str, got {type(value).__name__}")
    if not _MIN_INT32 <= value <= _MAX_INT32:
        raise ValueError("the number does not fit into 32 bits")
    return value
