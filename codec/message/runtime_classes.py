"""Classes of messages that a user registered at run time: the same that scripts/generate writes for proto/."""

from __future__ import annotations

import msgspec

from codec import types
from codec.api import Message
from codec.message import PLAIN, objects, zero
from codec.schema import MAP, OPTIONAL, REPEATED, builtin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from codec.schema import Field, MessageSchema


def build(schema: MessageSchema) -> type[Message]:
    """Makes the class of a message. Its attributes are typed Any: nobody's type checker sees it."""
    fields: list[tuple[str, Any, Any]] = []
    if schema.type_meta:
        api_version, kind = builtin().kind_of(schema) or ("", "")
        fields += [("apiVersion", "Any", api_version), ("kind", "Any", kind)]
    fields += [(field.attr, "Any", _default(field)) for field, _ in schema.flat]
    made: Any = msgspec.defstruct(
        schema.class_name,
        fields,
        bases=(Message,),
        namespace={"_proto": schema.name},
        module="codec.message.runtime_classes",
        kw_only=True,
        gc=False,
    )
    globals()[schema.class_name] = made  # where pickle looks for it
    cls: type[Message] = made
    return cls


def _default(field: Field) -> Any:
    if field.label == MAP:
        return msgspec.field(default_factory=types.NilDict) if field.always else {}
    if field.label == REPEATED:
        return msgspec.field(default_factory=types.NilList) if field.always else []
    if not field.is_message:
        return None if field.label == OPTIONAL else field.zero
    if field.form == "list":
        return msgspec.field(default_factory=types.NilList)
    if field.label == OPTIONAL:
        return None
    if field.form in PLAIN:
        return msgspec.field(default_factory=lambda: objects.from_record(field.message, field.message.blank()))
    return msgspec.field(default_factory=lambda: zero(field.message))
