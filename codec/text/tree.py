"""Record → the plain tree that JSON and YAML are printed from, with Go's rules of what is omitted.

A plain tree holds None, bool, int, float, str, list and dict, in the order of printing, and raw JSON as
types.RawJSON. Rules: encoding/json's omitempty and omitzero, as proto/ records them for each field.
"""

from __future__ import annotations

from codec.errors import NO_STACK, EncodeError, printable
from codec.schema import MAP, OPTIONAL, REPEATED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from codec.schema import Field, MessageSchema, Record

    T = TypeVar("T")


def tree(schema: MessageSchema, record: Record[Any]) -> Any:
    """The plain tree of a record. EncodeError with the path of a value that Go could not print either."""
    of_form = _FORMS.get(schema.form)
    return of_form(schema, record) if of_form else _object(schema, record)


def printed(write: Callable[..., T], plain: Any, *options: Any) -> T:
    """What a writer of JSON or YAML makes of a plain tree. EncodeError for a tree that it refuses, as one too deep."""
    try:
        return write(plain, *options)
    except (ValueError, TypeError) as error:
        raise EncodeError(str(error)) from None


def _object(schema: MessageSchema, record: Record[Any]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    if schema.type_meta:
        for name, value in (("kind", record[1]), ("apiVersion", record[0])):
            if value:
                out[name] = value
    for field, slot in schema.flat:
        value = record[slot]
        try:
            if field.always or not _is_omitted(field, value):
                out[field.json] = _value(field, value)
        except EncodeError as error:
            error.inside(field.json)
            raise
        except RecursionError:
            raise EncodeError(NO_STACK, field.json) from None
    return out


def _is_omitted(field: Field, value: Any) -> bool:
    """Go's omitempty (omitzero for struct values): what a field without `always` leaves out."""
    if field.label in (REPEATED, MAP) or field.form == "list" or field.kind == "bytes":
        return not value
    if field.label == OPTIONAL and not field.was_value:
        return value is None
    if not field.is_message:
        return not value
    return value is None or _is_zero(field, value)


def _is_zero(field: Field, value: Any) -> bool:
    """Whether a struct value is Go's zero: what omitzero asks."""
    if field.form in _VALUES:
        return not value
    return field.form == "" and not _object(field.message, value)


def _value(field: Field, value: Any) -> Any:
    if field.label == REPEATED:
        if value is None:
            return None
        return [_element(field, item, index) for index, item in enumerate(value)]
    if field.label == MAP:
        if value is None:
            return None
        # Keys in the order of their bytes; Go prints a key's invalid bytes like those of any string.
        names = sorted(value, key=lambda name: name.encode("utf-8", "surrogateescape"))
        return {name: _element(field, value[name], printable(name)) for name in names}
    if value is None and field.label == OPTIONAL:
        return None
    return _single(field, value)


def _element(field: Field, value: Any, place: object) -> Any:
    try:
        return _single(field, value)
    except EncodeError as error:
        error.inside(f"[{place}]")
        raise


def _single(field: Field, value: Any) -> Any:
    if field.is_message:
        schema = field.message
        if schema.form in _VALUES:
            return _VALUES[schema.form](value)
        return tree(schema, schema.blank() if value is None else value)
    if field.kind == "bytes":
        return None if value is None else _base64(value)
    if type(value) is float and value - value != 0:
        raise EncodeError(f"a number that JSON cannot hold: {value}")
    return field.zero if value is None else value


def _base64(value: bytes) -> str:
    from binascii import b2a_base64

    return b2a_base64(value, newline=False).decode("ascii")


def _quantity(value: Any) -> str:
    if value is None:
        return "0"
    if not value.valid:
        raise EncodeError("the text on the wire is no quantity")
    canonical: str = value.canonical
    return canonical


def _raw_extension(value: Any) -> Any:
    if value is None or value.raw is None:
        return None
    from codec.types.rawjson import RawJSON

    try:
        return RawJSON(value.compact())
    except ValueError as error:
        raise EncodeError(f"the raw value is no JSON: {error}") from None


def _raw(value: Any) -> Any:
    """FieldsV1 and apiextensions JSON, where no bytes are as good as nil."""
    return _raw_extension(value) if value is not None and value.raw else None


def _int_or_string(value: Any) -> int | str:
    from codec.types.intstr import to_json

    try:
        return 0 if value is None else to_json(value)
    except (TypeError, ValueError) as error:
        raise EncodeError(str(error)) from None


def _schema_or_array(schema: MessageSchema, record: Record[Any]) -> Any:
    """apiextensions JSONSchemaPropsOrArray: the list where it has elements, or else the schema."""
    one, many = record[0], record[1]
    if many:
        return [_element(schema.fields[1], item, index) for index, item in enumerate(many)]
    return None if one is None else tree(schema.fields[0].message, one)


def _schema_or_bool(schema: MessageSchema, record: Record[Any]) -> Any:
    """apiextensions JSONSchemaPropsOrBool: the schema where there is one, or else the bool."""
    allows, one = record[0], record[1]
    return bool(allows) if one is None else tree(schema.fields[1].message, one)


def _schema_or_string_array(schema: MessageSchema, record: Record[Any]) -> Any:
    """apiextensions JSONSchemaPropsOrStringArray: the list where it has elements, the schema, or null."""
    one, names = record[0], record[1]
    if names:
        return list(names)
    return None if one is None else tree(schema.fields[0].message, one)


# form → the tree of a message whose JSON is no object, though it is held as a message
_FORMS: dict[str, Callable[[MessageSchema, Record[Any]], Any]] = {
    "schema_or_array": _schema_or_array,
    "schema_or_bool": _schema_or_bool,
    "schema_or_string_array": _schema_or_string_array,
}

# form → the tree of a value type; see codec.message
_VALUES: dict[str, Callable[[Any], Any]] = {
    "time": lambda value: None if value is None else value.text,
    "micro_time": lambda value: None if value is None else value.text,
    "duration": lambda value: "0s" if value is None else value.text,
    "quantity": _quantity,
    "int_or_string": _int_or_string,
    "raw_extension": _raw_extension,
    "fields_v1": _raw,
    "json": _raw,
    "list": lambda value: value,
}
