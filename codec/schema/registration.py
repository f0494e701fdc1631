"""Kinds that a user adds at run time, from a descriptor set of their own."""

from __future__ import annotations

from codec.errors import DecodeError, NotRegisteredError
from codec.schema import builtin, descriptors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


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
    for (api_version, kind), name in added.items():
        if name not in known:
            raise NotRegisteredError(f"{api_version} {kind} is a {name}, which nobody declares")
    schema.add((message.line() for message in messages), added)
    return sorted(added)
