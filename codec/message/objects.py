"""Record ⇄ object: the only place that makes instances of the typed classes and takes them apart."""

from __future__ import annotations

from codec import types
from codec.errors import NO_STACK, DecodeError, EncodeError, NotRegisteredError, printable
from codec.message import PLAIN
from codec.schema import MAP, OPTIONAL, REPEATED, MessageSchema, builtin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from codec.api import Message
    from codec.schema import Field, Record

_classes: dict[str, type[Message]] = {}
_schemas: dict[type, MessageSchema] = {}


def class_of(schema: MessageSchema) -> type[Message]:
    """The class of a message: a generated one, or one made here for a message that was registered."""
    found = _classes.get(schema.name)
    if found is None:
        found = schema.generated_class()
        if found is None:
            from codec.message.runtime_classes import build

            found = build(schema)
        _classes[schema.name] = found
    return found


def schema_of(cls: type) -> MessageSchema:
    """The schema of a class of codec.api."""
    found = _schemas.get(cls)
    if found is None:
        name = getattr(cls, "_proto", "")
        if not name:
            raise NotRegisteredError(f"{cls.__name__} is no class of a registered message")
        found = _schemas[cls] = builtin().message(name)
    return found


def expected(cls: type | None, obj: Message) -> Message:
    """The object, if it is of the class that was asked for, or a DecodeError."""
    if cls is None or isinstance(obj, cls):
        return obj
    api_version, kind = getattr(obj, "apiVersion", ""), getattr(obj, "kind", "")
    raise DecodeError(f"expected {cls.__name__}, got {printable(api_version)} {printable(kind)}")


def expected_kind(cls: type[Message], api_version: str, kind: str) -> tuple[str, str]:
    """apiVersion and kind of what is read for a class: what the input leaves out is the class's own, as in Go.

    DecodeError where the input names another kind; apimachinery runtime/serializer/{json,protobuf}.
    """
    blank: Any = cls()
    if not schema_of(cls).type_meta or not blank.kind:
        return api_version, kind
    api_version, kind = api_version or blank.apiVersion, kind or blank.kind
    if builtin().find(api_version, kind) is not schema_of(cls):
        raise DecodeError(f"expected {cls.__name__}, got {printable(api_version)} {printable(kind)}")
    return api_version, kind


def _nested(schema: MessageSchema) -> list[tuple[int, Field]]:
    """The slots that hold more than a scalar."""
    if schema.plan is None:
        schema.plan = [
            (slot, field)
            for field, slot in schema.flat
            if field.label in (REPEATED, MAP) or (field.is_message and (field.form in PLAIN or field.form == "list"))
        ]
    plan: list[tuple[int, Field]] = schema.plan
    return plan


def from_record(schema: MessageSchema, record: Record[Any]) -> Message:
    """The object of a record, which is used up."""
    values = record
    for slot, field in _nested(schema):
        try:
            values[slot] = _to_value(field, values[slot])
        except RecursionError:
            raise DecodeError(NO_STACK) from None
    values[-1] = bytes(values[-1])
    attributes = dict(zip(schema.attrs, values, strict=True))
    for field, slot in schema.flat:
        if values[slot] is None and field.is_message and field.label not in (OPTIONAL, REPEATED, MAP):
            if field.message.type_meta:
                # The constructor would give it the name of its kind, which nothing nested has from the wire.
                attributes[field.attr] = from_record(field.message, field.message.blank())
            else:
                # A struct value that the wire left out: the class makes Go's zero value itself.
                del attributes[field.attr]
    return class_of(schema)(**attributes)


def _to_value(field: Field, value: Any) -> Any:
    if field.label == MAP:
        if not value:
            return types.NilDict() if value is None and field.always else {}
        if field.is_message and (field.form in PLAIN or field.form == "list"):
            return {key: _element(field, item) for key, item in value.items()}
        return value
    if field.label == REPEATED:
        if not value:
            return types.NilList() if value is None and field.always else []
        return [_element(field, item) for item in value] if field.is_message and field.form in PLAIN else value
    return _element(field, value)


def _element(field: Field, value: Any) -> Any:
    if field.form == "list":
        return types.NilList() if value is None else value
    return None if value is None else from_record(field.message, value)


def to_record(obj: Message, schema: MessageSchema | None = None) -> Record[Any]:
    """The record of an object. EncodeError with the path where a value is of a wrong class."""
    if schema is None:
        schema = schema_of(type(obj))
    elif getattr(type(obj), "_proto", "") != schema.name:
        raise EncodeError(f"expected {schema.class_name}, got {type(obj).__name__}")
    record = [getattr(obj, attr) for attr in schema.attrs]
    _check(schema, record)
    for slot, field in _nested(schema):
        value = record[slot]
        try:
            record[slot] = _from_value(field, value)
        except EncodeError as error:
            error.inside(field.json)
            raise
        except RecursionError:
            raise EncodeError(NO_STACK, field.json) from None
    return record


def _check(schema: MessageSchema, record: Record[Any]) -> None:
    """What a user put into an object must fit its fields."""
    if schema.checks is None:
        from codec.message.checks import checks_of

        schema.checks = checks_of(schema)
    for slot, name, usual, check in schema.checks:
        value = record[slot]
        if type(value) is not usual and value is not None:
            try:
                check(value)
            except EncodeError as error:
                error.inside(name)
                raise


def _from_value(field: Field, value: Any) -> Any:
    if field.label == MAP:
        if type(value) is types.NilDict and not value:
            return None
        if not field.is_message or not isinstance(value, dict) or field.form not in PLAIN:
            return _without_nil(field, value)
        return {key: _part(field, item, key) for key, item in value.items()}
    if field.label == REPEATED:
        if type(value) is types.NilList and not value:
            return None
        if not field.is_message or not isinstance(value, (list, tuple)) or field.form not in PLAIN:
            return value
        return [_part(field, item, index) for index, item in enumerate(value)]
    if field.form == "list":
        return None if type(value) is types.NilList and not value else value
    return None if value is None else to_record(value, field.message)


def _without_nil(field: Field, value: Any) -> Any:
    """A map of lists (Verbs, ExtraValue), where a nil list is None."""
    if field.form != "list" or not isinstance(value, dict):
        return value
    return {key: None if type(item) is types.NilList and not item else item for key, item in value.items()}


def _part(field: Field, value: Any, key: object) -> Any:
    try:
        return to_record(value, field.message)
    except EncodeError as error:
        error.inside(f"[{key}]")
        raise
