"""Kinds that a user adds at run time, from a descriptor set of their own."""

from __future__ import annotations

from codec.errors import NO_STACK, DecodeError, NotRegisteredError, printable
from codec.schema import VALUE, builtin, descriptors
from codec.wire import MAX_DEPTH, MAX_FIELD_NUMBER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from codec.schema.descriptors import FieldDescriptor, MessageDescriptor


def register(descriptor_set: bytes, kinds: Mapping[tuple[str, str], str] | None = None) -> list[tuple[str, str]]:
    """Adds messages and kinds, and returns the kinds as (apiVersion, kind).

    descriptor_set: what `protoc --include_imports --descriptor_set_out=FILE` writes. kinds: (apiVersion, kind) →
    full name of the message; without it the option `codec.kind` of proto/codec/options.proto says so. A registered
    kind has apiVersion and kind, whether its message says so or not. Messages that are known already, Kubernetes'
    own above all, stay as they are.

    DecodeError for bytes that are no descriptor set; NotRegisteredError for a name that is nowhere declared.
    """
    try:
        files = descriptors.parse(descriptor_set)
    except (UnicodeDecodeError, ValueError) as error:
        raise DecodeError(f"not a descriptor set: {error}") from None
    except RecursionError:
        raise DecodeError(f"not a descriptor set: {NO_STACK}") from None
    added = dict(kinds) if kinds is not None else descriptors.kinds(files)
    messages = [
        message for file in files for message in file.messages if not file.package.startswith("google.protobuf")
    ]
    schema = builtin()
    known = {message.name for message in messages}.union(schema.message_names())
    for message in messages:
        message.module = ""  # its class is made at run time
        message.type_meta = message.type_meta or message.name in added.values()
        for field in message.fields:
            if field.kind == "message" and field.target not in known:
                raise NotRegisteredError(f"{message.name}.{field.name} is a {field.target}, which nobody declares")
    _check(messages, set(schema.message_names()))
    for (api_version, kind), name in added.items():
        if name not in known:
            raise NotRegisteredError(f"{api_version} {kind} is a {name}, which nobody declares")
    schema.add((message.line() for message in messages), added)
    return sorted(added)


def _check(messages: list[MessageDescriptor], known: set[str]) -> None:
    """What protoc would not have written, and what no class can be made of, is a DecodeError."""
    new = {message.name: message for message in messages if message.name not in known}
    for message in new.values():
        named_well = all(map(_is_identifier, (*message.name.split("."), message.class_name)))
        if not named_well or message.form:
            raise DecodeError(f"not a message that can be registered: {printable(message.name)!r}")
        names: set[object] = {"_unknown", "_proto", "apiVersion" * message.type_meta, "kind" * message.type_meta}
        for field in message.fields:
            own = (field.attr, field.number)
            if not _is_usable(field) or not names.isdisjoint(own):
                raise DecodeError(f"{message.name}: not a field that can be registered: {printable(field.name)!r}")
            names.update(own)
    _check_values(new)
    for message in new.values():
        attrs = _attributes(message, new)
        if len(attrs) != len(set(attrs)):
            raise DecodeError(f"{message.name}: embedded messages have attributes of the same name")


def _attributes(message: MessageDescriptor, new: dict[str, MessageDescriptor]) -> list[str]:
    """The names of a message's attributes, those of embedded messages among them."""
    attrs = ["apiVersion", "kind"] if message.type_meta else []
    for field in message.fields:
        if "i" not in field.flags:
            attrs.append(field.attr)
        elif field.target in new:
            attrs += _attributes(new[field.target], new)
        else:
            attrs += builtin().message(field.target).attrs[:-1]
    return attrs


def _is_identifier(text: str) -> bool:
    return text.isascii() and text.isidentifier()


def _is_usable(field: FieldDescriptor) -> bool:
    return (
        _is_identifier(field.attr)
        and not field.attr.startswith("__")
        and 0 < field.number <= MAX_FIELD_NUMBER
        and not any(char.isspace() for char in field.json + field.target)
        and not ("i" in field.flags and (field.kind != "message" or field.label != VALUE))
    )


def _check_values(new: dict[str, MessageDescriptor]) -> None:
    """A message that holds another as a value, not behind `optional`, writes it always: this must come to an end."""
    held = {
        name: [field.target for field in message.fields if field.kind == "message" and field.label == VALUE]
        for name, message in new.items()
    }
    level = set(new)
    for _ in range(MAX_DEPTH):
        level = {target for name in level for target in held[name] if target in new}
    if level:
        raise DecodeError(f"{min(level)} nests in itself or deeper than {MAX_DEPTH}: make a field of it optional")
