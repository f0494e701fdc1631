"""What is known of a message: its fields, and which apiVersion and kind stands for it.

The tables are compiled from proto/ (descriptors.py says how a line is made) and read line by line, each
message when it is first reached. Classes are named here, never imported.
"""

from __future__ import annotations

from codec.errors import NotRegisteredError
from codec.wire import FIXED32, FIXED64, LENGTH_DELIMITED, VARINT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

# A record is the plain form of a message while it passes from room to room: a list with one slot for each
# field, flattened (the slots of an embedded struct stand in their parent's record), and in the last place
# the unknown fields as bytes. An absent pointer, a nil slice and a nil map are None.
Record = list

# label of a field
VALUE, OPTIONAL, REPEATED, MAP = "v", "o", "r", "m"

# kind of a field's value (of the entry's value in a map) → (wire type, zero)
SCALARS: dict[str, tuple[int, Any]] = {
    "bool": (VARINT, False),
    "int32": (VARINT, 0),
    "int64": (VARINT, 0),
    "uint32": (VARINT, 0),
    "uint64": (VARINT, 0),
    "sint32": (VARINT, 0),
    "sint64": (VARINT, 0),
    "enum": (VARINT, 0),
    "double": (FIXED64, 0.0),
    "float": (FIXED32, 0.0),
    "fixed64": (FIXED64, 0),
    "fixed32": (FIXED32, 0),
    "sfixed64": (FIXED64, 0),
    "sfixed32": (FIXED32, 0),
    "string": (LENGTH_DELIMITED, ""),
    "bytes": (LENGTH_DELIMITED, None),
}


# Registered in every group version, listed once, under v1; apimachinery meta/v1/register.go, AddToGroupVersion.
SHARED_KINDS = frozenset(
    ("CreateOptions", "DeleteOptions", "GetOptions", "ListOptions", "PatchOptions", "UpdateOptions", "WatchEvent")
)


class Field:
    """One field of a message.

    attr: the attribute's name in the class; json: the key in JSON; slot: the place in its own message's record.
    always: JSON prints it even when it is empty; inline: an embedded struct, flat in JSON, nested on the wire;
    was_value: a release that dropped it wrote it always, so that JSON omits its zero;
    enum: full name of the proto enum that lists the constants of a Go string type, or "".
    """

    __slots__ = (
        "_entry",
        "_message",
        "_schema",
        "_target",
        "always",
        "attr",
        "enum",
        "inline",
        "is_message",
        "json",
        "kind",
        "label",
        "number",
        "packed",
        "slot",
        "tag",
        "was_value",
        "wire_type",
    )

    def __init__(self, schema: Schema, text: str, slot: int) -> None:
        self.attr, self.json, number, self.kind, self.label, flags, target = text.split(" ")
        self.number = int(number)
        self.slot = slot
        self.always = "a" in flags
        self.inline = "i" in flags
        self.was_value = "w" in flags
        self.packed = "p" in flags
        self.is_message = self.kind == "message"
        self.wire_type = LENGTH_DELIMITED if self.is_message or self.label == MAP else SCALARS[self.kind][0]
        self.tag = self.number << 3 | self.wire_type
        self.enum = "" if self.is_message or target == "-" else target
        self._schema = schema
        self._target = target
        self._message: MessageSchema | None = None
        self._entry: Field | None = None

    @property
    def message(self) -> MessageSchema:
        """The schema of a message field (of the entry's value in a map)."""
        if self._message is None:
            self._message = self._schema.message(self._target)
        return self._message

    @property
    def entry(self) -> Field:
        """The value of a map's entry, as a field of its own: number 2."""
        if self._entry is None:
            self._entry = Field(self._schema, f"{self.attr} {self.json} 2 {self.kind} v - {self._target}", 0)
        return self._entry

    @property
    def zero(self) -> Any:
        """Go's zero value of a scalar."""
        return SCALARS[self.kind][1]

    @property
    def form(self) -> str:
        """The form of a message field: "" for a plain message, or see MessageSchema."""
        return self.message.form if self.is_message else ""


class MessageSchema:
    """A message: its fields in the order of the Go struct, and how its record is laid out.

    name: full protobuf name; module, class_name: where its class stands.
    form: "" or what its JSON is instead of an object: quantity, time, int_or_string, ….
    type_meta: it embeds TypeMeta: slots 0 and 1 of its record are apiVersion and kind, which never reach the wire.
    flat: every field that JSON shows, with its slot, embedded ones in their place.
    """

    __slots__ = (
        "_blank",
        "_by_json",
        "_by_number",
        "_by_tag",
        "attrs",
        "checks",
        "class_name",
        "fields",
        "flat",
        "form",
        "module",
        "name",
        "plan",
        "type_meta",
        "width",
    )

    def __init__(self, schema: Schema, line: str) -> None:
        self.name, self.module, self.class_name, self.form, type_meta, *fields = line.split("\t")
        self.type_meta = type_meta == "t"
        attrs = ["apiVersion", "kind"] if self.type_meta else []
        flat: list[tuple[Field, int]] = []
        self.fields: list[Field] = []
        for text in fields:
            field = Field(schema, text, len(attrs))
            self.fields.append(field)
            if field.inline:
                inner = field.message
                flat.extend((deep, field.slot + slot) for deep, slot in inner.flat)
                attrs.extend(inner.attrs[:-1])
            else:
                flat.append((field, field.slot))
                attrs.append(field.attr)
        self.width = len(attrs)
        self.attrs: tuple[str, ...] = (*attrs, "_unknown")
        self.flat: list[tuple[Field, int]] = flat
        self._blank: list[Any] | None = None
        self._by_tag: dict[int, Field] | None = None
        self._by_json: dict[str, tuple[Field, int]] | None = None
        self._by_number: list[Field] | None = None
        # Kept here for codec.message.objects: what to convert between record and object, and what to check.
        self.plan: Any = None
        self.checks: Any = None

    @property
    def by_tag(self) -> dict[int, Field]:
        """Tag on the wire → field; a repeated number stands under its packed tag too."""
        if self._by_tag is None:
            self._by_tag = {}
            for field in self.fields:
                self._by_tag[field.tag] = field
                if field.label == REPEATED and field.wire_type != LENGTH_DELIMITED:
                    self._by_tag[field.number << 3 | LENGTH_DELIMITED] = field
        return self._by_tag

    @property
    def by_number(self) -> list[Field]:
        """The fields as the wire has them: by number."""
        if self._by_number is None:
            self._by_number = sorted(self.fields, key=lambda field: field.number)
        return self._by_number

    @property
    def by_json(self) -> dict[str, tuple[Field, int]]:
        """Key in JSON → field and slot, embedded ones included."""
        if self._by_json is None:
            self._by_json = {field.json: (field, slot) for field, slot in self.flat}
        return self._by_json

    def generated_class(self) -> Any:
        """The class of codec.api, whose module is imported when it is first asked for; None where there is none."""
        if not self.module:
            return None
        return getattr(__import__(f"codec.api.{self.module}", fromlist=[self.class_name]), self.class_name)

    def blank(self) -> Record[Any]:
        """The record of Go's zero value. A message held as a value stays None until something writes to it."""
        template = self._blank
        if template is None:
            template = []
            template += [None] * self.width
            template.append(b"")
            if self.type_meta:
                template[0] = template[1] = ""
            for field, slot in self.flat:
                if field.label == VALUE and not field.is_message:
                    template[slot] = field.zero
            self._blank = template
        return template.copy()


class Schema:
    """Compiled tables, as text, and what of them was reached."""

    def __init__(self, text: str) -> None:
        head, _, body = text.partition("\n\n")
        self._text = "\n" + body
        self._kinds: dict[tuple[str, str], str] = {}
        for line in head.split("\n")[1:]:
            api_version, kind, name = line.split(" ")
            self._kinds[api_version, kind] = name
        self._messages: dict[str, MessageSchema] = {}
        self.revision = 0  # counts what was added since

    def message(self, name: str) -> MessageSchema:
        """The message of a full protobuf name; NotRegisteredError where there is none."""
        found = self._messages.get(name)
        if found is None:
            start = self._text.find(f"\n{name}\t")
            if start < 0:
                raise NotRegisteredError(f"no message {name!r} in the schema")
            end = self._text.find("\n", start + 1)
            # Threads that meet it together go on with the same one.
            found = self._messages.setdefault(name, MessageSchema(self, self._text[start + 1 : end]))
        return found

    def find(self, api_version: str, kind: str) -> MessageSchema | None:
        """The message of a registered kind, or None."""
        name = self._kinds.get((api_version, kind))
        if name is None and kind in SHARED_KINDS and any(known == api_version for known, _ in self._kinds):
            name = self._kinds["v1", kind]
        return None if name is None else self.message(name)

    def kind_of(self, message: MessageSchema) -> tuple[str, str] | None:
        """The first apiVersion and kind that stands for the message, or None where it is no kind."""
        return next((kind for kind, name in self._kinds.items() if name == message.name), None)

    def kinds(self) -> list[tuple[str, str]]:
        """Every registered (apiVersion, kind), sorted."""
        return sorted(self._kinds)

    def message_names(self) -> list[str]:
        """The full name of every message."""
        return [line.partition("\t")[0] for line in self._text.split("\n")[1:-1]]

    def add(self, lines: Iterable[str], kinds: dict[tuple[str, str], str]) -> None:
        """Adds messages, as table lines, and kinds that stand for them; a name already known stays as it is."""
        new = [line for line in lines if f"\n{line.partition(chr(9))[0]}\t" not in self._text]
        self._text += "".join(f"{line}\n" for line in new)
        self.revision += 1
        for (api_version, kind), name in kinds.items():
            self.message(name)
            self._kinds[api_version, kind] = name


_builtin: Schema | None = None


def builtin() -> Schema:
    """The schema of this library: Kubernetes' own messages, and what codec.register added."""
    global _builtin
    if _builtin is None:
        with open(__file__.rpartition("__init__")[0] + "tables.txt", encoding="utf-8") as tables:
            schema = Schema(tables.read())
        if _builtin is None:  # still: another thread may have been quicker
            _builtin = schema
    return _builtin


def kinds() -> list[tuple[str, str]]:
    """Every registered (apiVersion, kind), sorted."""
    return builtin().kinds()
