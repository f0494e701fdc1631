"""One thing that is wrong with an object, in the API server's words (apimachinery pkg/util/validation/field)."""

from __future__ import annotations

import dataclasses
from typing import Any

from codec.endpoints.quoting import quote

# Type of a Status cause → how a message begins; field/errors.go, ErrorType.String
WORDS = {
    "FieldValueRequired": "Required value",
    "FieldValueDuplicate": "Duplicate value",
    "FieldValueInvalid": "Invalid value",
    "FieldValueNotSupported": "Unsupported value",
    "FieldValueForbidden": "Forbidden",
    "FieldValueTooLong": "Too long",
    "FieldValueTooMany": "Too many",
    "InternalError": "Internal error",
}


@dataclasses.dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field. `str()` is the line that the API server prints.

    type: as in the cause of a Status: FieldValueRequired, FieldValueInvalid, …
    field: path of the field: subsets[0].addresses[1].ip.
    bad_value: the value that is refused; "" for Required and Forbidden, which leave it out of the line.
    detail: what is wrong with it; may be empty.
    """

    type: str
    field: str
    bad_value: Any
    detail: str
    _shown: str | None = dataclasses.field(default=None, repr=False, compare=False)  # the value as the line prints it

    def __str__(self) -> str:
        line = f"{self.field}: {WORDS[self.type]}"
        if self._shown is not None:
            line = f"{line}: {self._shown}"
        return f"{line}: {self.detail}" if self.detail else line


def required(path: str, detail: str = "") -> FieldError:
    return FieldError("FieldValueRequired", path, "", detail)


def forbidden(path: str, detail: str) -> FieldError:
    return FieldError("FieldValueForbidden", path, "", detail)


def invalid(path: str, value: str, detail: str) -> FieldError:
    """A plain string that is refused."""
    return FieldError("FieldValueInvalid", path, value, detail, quote(value))


def invalid_number(path: str, value: int, detail: str) -> FieldError:
    return FieldError("FieldValueInvalid", path, value, detail, str(value))


def invalid_json(path: str, value: Any, json: str, detail: str) -> FieldError:
    """A value of a type of its own, which Go prints as JSON: a uid, a time, an object."""
    return FieldError("FieldValueInvalid", path, value, detail, json)


def not_supported(path: str, value: str, json: str, supported: tuple[str, ...]) -> FieldError:
    detail = "supported values: " + ", ".join(quote(one) for one in supported)
    return FieldError("FieldValueNotSupported", path, value, detail, json)


def duplicate(path: str, value: str, shown: str) -> FieldError:
    return FieldError("FieldValueDuplicate", path, value, "", shown)


def too_long(path: str, limit: int) -> FieldError:
    """limit: in bytes."""
    return FieldError("FieldValueTooLong", path, "<value omitted>", f"may not be more than {limit} bytes")


def too_many(path: str, count: int, limit: int) -> FieldError:
    return FieldError("FieldValueTooMany", path, count, f"must have at most {limit} items", str(count))


def internal_error(path: str, detail: str) -> FieldError:
    return FieldError("InternalError", path, None, detail)
