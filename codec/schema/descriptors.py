"""A protobuf FileDescriptorSet → table lines: how proto/ is compiled, and how a user adds kinds.

Read with our own wire reader, so that no descriptor ever meets protobuf's default pool. Numbers are those of
google/protobuf/descriptor.proto; the options are those of proto/codec/options.proto.
"""

from __future__ import annotations

from codec.errors import DecodeError
from codec.schema import MAP, OPTIONAL, REPEATED, VALUE
from codec.wire import FIXED32, FIXED64, LENGTH_DELIMITED, VARINT, Reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

TYPES = {
    1: "double",
    2: "float",
    3: "int64",
    4: "uint64",
    5: "int32",
    6: "fixed64",
    7: "fixed32",
    8: "bool",
    9: "string",
    11: "message",
    12: "bytes",
    13: "uint32",
    14: "enum",
    15: "sfixed32",
    16: "sfixed64",
    17: "sint32",
    18: "sint64",
}
TYPE_GROUP = 10
LABEL_REPEATED = 3

# Names that a class attribute cannot have: Python's keywords, and the builtin types that annotations use.
KEYWORDS = frozenset(
    (
        *("False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def"),
        *("del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda"),
        *("nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield"),
    )
)
BUILTIN_TYPES = frozenset(("bool", "bytes", "dict", "float", "int", "list", "str"))


class FieldDescriptor:
    """One field as declared: `name` in proto, `json` in JSON, `attr` in the class."""

    __slots__ = ("attr", "flags", "json", "kind", "label", "name", "number", "path", "target")

    def __init__(self) -> None:
        self.name = self.json = self.attr = self.kind = self.label = self.flags = self.target = ""
        self.number = 0
        self.path: tuple[int, ...] = ()


class MessageDescriptor:
    """One message as declared; `path` is its place in the file, as source_code_info counts it."""

    __slots__ = ("class_name", "fields", "form", "kinds", "map_entry", "module", "name", "path", "type_meta")

    def __init__(self, name: str, module: str, class_name: str, path: tuple[int, ...]) -> None:
        self.name = name
        self.module = module
        self.class_name = class_name
        self.path = path
        self.form = ""
        self.type_meta = self.map_entry = False
        self.kinds: list[str] = []
        self.fields: list[FieldDescriptor] = []

    def line(self) -> str:
        """The message as a line of the tables."""
        fields = (
            f"{f.attr} {f.json} {f.number} {f.kind} {f.label} {f.flags or '-'} {f.target or '-'}" for f in self.fields
        )
        return "\t".join((self.name, self.module, self.class_name, self.form, "t" * self.type_meta, *fields))


class EnumDescriptor:
    """The constants of a Go string type: (member, text)."""

    __slots__ = ("members", "name", "path")

    def __init__(self, name: str, path: tuple[int, ...]) -> None:
        self.name = name
        self.path = path
        self.members: list[tuple[str, str]] = []


class FileDescriptor:
    """One .proto file; `module` is where its classes go, `core.v1` for proto/core/v1.proto."""

    __slots__ = ("comments", "enums", "messages", "module", "package", "path")

    def __init__(self, path: str) -> None:
        self.path = path
        self.package = ""
        self.module = path.removesuffix(".proto").replace("/", ".")
        self.messages: list[MessageDescriptor] = []
        self.enums: list[EnumDescriptor] = []
        self.comments: dict[tuple[int, ...], str] = {}


Values = dict[int, list["int | bytes"]]


def _fields(data: bytes) -> Values:
    """Field number → its values in order; varints as int, all else as bytes."""
    found: Values = {}
    reader = Reader(data)
    while reader.pos < reader.end:
        tag = reader.tag()
        wire_type = tag & 7
        value: int | bytes
        if wire_type == VARINT:
            value = reader.varint()
        elif wire_type == LENGTH_DELIMITED:
            value = reader.read_bytes()
        elif wire_type in (FIXED32, FIXED64):
            value = reader.fixed(4 if wire_type == FIXED32 else 8)
        else:
            raise DecodeError("groups do not occur in descriptors", offset=reader.pos)
        found.setdefault(tag >> 3, []).append(value)
    return found


def _texts(values: Values, number: int) -> list[str]:
    return [value.decode() for value in values.get(number, ()) if isinstance(value, bytes)]


def _text(values: Values, number: int) -> str:
    found = _texts(values, number)
    return found[-1] if found else ""


def _int(values: Values, number: int) -> int:
    found = [value for value in values.get(number, ()) if isinstance(value, int)]
    return found[-1] if found else 0


def _parts(values: Values, number: int) -> list[Values]:
    return [_fields(value) for value in values.get(number, ()) if isinstance(value, bytes)]


def _merged(values: Values, number: int) -> Values:
    """A singular message field, merged if it occurs more than once."""
    return _fields(b"".join(value for value in values.get(number, ()) if isinstance(value, bytes)))


def json_name(name: str) -> str:
    """protoc's own JSON name of a field: lowerCamelCase."""
    head, *rest = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)


def attribute(json: str, name: str) -> str:
    """A field's attribute: its JSON name, or its proto name where that is no identifier."""
    attr = json if json.isidentifier() else name
    return attr + "_" if attr in KEYWORDS or attr in BUILTIN_TYPES else attr


def _packed(values: Values, options: Values, proto3: bool) -> bool:
    return _int(options, 2) == 1 if 2 in options else proto3


def _field(values: Values, proto3: bool, path: tuple[int, ...]) -> FieldDescriptor:
    options = _merged(values, 8)
    field = FieldDescriptor()
    field.path = path
    field.name = _text(values, 1)
    field.json = _text(values, 10) or json_name(field.name)
    field.attr = attribute(field.json, field.name)
    field.number = _int(values, 3)
    kind = _int(values, 5)
    if kind == TYPE_GROUP or kind not in TYPES:
        raise DecodeError(f"field {field.name}: groups are not supported", offset=None)
    field.kind = TYPES[kind]
    field.target = _text(values, 6).removeprefix(".") if field.kind == "message" else _text(options, 50004)
    if _int(values, 4) == LABEL_REPEATED:
        field.label = REPEATED
        scalar = field.kind not in ("message", "string", "bytes")
        field.flags += "p" * (scalar and _packed(values, options, proto3))
    elif not proto3 or _int(values, 17) or 9 in values:
        field.label = OPTIONAL
    else:
        # A singular message without `optional` is a Go struct value, written always, in our own files; in a
        # file of another origin only plain proto3 scalars have no presence, and none of their zeros is written.
        field.label = VALUE
    field.flags += "a" * _int(options, 50001) + "i" * _int(options, 50002) + "w" * _int(options, 50003)
    return field


def _messages(
    values: Values, scope: str, outer: str, file: FileDescriptor, proto3: bool, path: tuple[int, ...]
) -> Iterator[MessageDescriptor]:
    """A message and those nested in it; map entries come with `map_entry` set."""
    name = _text(values, 1)
    options = _merged(values, 7)
    message = MessageDescriptor(f"{scope}.{name}" if scope else name, file.module, outer + name, path)
    message.map_entry = bool(_int(options, 7))
    message.type_meta = bool(_int(options, 50001))
    message.form = _text(options, 50002)
    message.kinds = _texts(options, 50003)
    message.fields = [_field(part, proto3, (*path, 2, index)) for index, part in enumerate(_parts(values, 2))]
    yield message
    for index, part in enumerate(_parts(values, 3)):
        yield from _messages(part, message.name, f"{message.class_name}_", file, proto3, (*path, 3, index))


def _resolve_maps(messages: list[MessageDescriptor]) -> list[MessageDescriptor]:
    """Turns repeated map entries into map fields, and leaves the entries out."""
    entries = {message.name: message for message in messages if message.map_entry}
    for message in messages:
        for field in message.fields:
            entry = entries.get(field.target) if field.kind == "message" else None
            if entry is None:
                continue
            key, value = sorted(entry.fields, key=lambda part: part.number)
            if key.kind != "string":
                raise DecodeError(f"{message.name}.{field.name}: a map whose keys are {key.kind} is not supported")
            field.label, field.kind, field.target = MAP, value.kind, value.target
    return [message for message in messages if not message.map_entry]


def _comments(source_info: Values) -> dict[tuple[int, ...], str]:
    comments = {}
    for location in _parts(source_info, 1):
        if text := _text(location, 3):
            packed = Reader(b"".join(value for value in location.get(1, ()) if isinstance(value, bytes)))
            path = []
            while packed.pos < packed.end:
                path.append(packed.varint())
            comments[tuple(path)] = "\n".join(line.removeprefix(" ") for line in text.rstrip("\n").split("\n"))
    return comments


def parse(data: bytes) -> list[FileDescriptor]:
    """Reads a FileDescriptorSet, as `protoc --descriptor_set_out` writes it. DecodeError where it is none."""
    files = []
    for values in _parts(_fields(data), 1):
        file = FileDescriptor(_text(values, 1))
        file.package = _text(values, 2)
        proto3 = _text(values, 12) == "proto3"
        messages = [
            message
            for index, part in enumerate(_parts(values, 4))
            for message in _messages(part, file.package, "", file, proto3, (4, index))
        ]
        file.messages = _resolve_maps(messages)
        for index, part in enumerate(_parts(values, 5)):
            enum = EnumDescriptor(f"{file.package}.{_text(part, 1)}", (5, index))
            prefix = f"{_text(part, 1)}_"
            for value in _parts(part, 2):
                enum.members.append((_text(value, 1).removeprefix(prefix), _text(_merged(value, 3), 50001)))
            file.enums.append(enum)
        file.comments = _comments(_merged(values, 9))
        files.append(file)
    return files


def kinds(files: list[FileDescriptor]) -> dict[tuple[str, str], str]:
    """(apiVersion, kind) → full name, as the option `codec.kind` of the messages says."""
    found = {}
    for file in files:
        for message in file.messages:
            for text in message.kinds:
                api_version, _, kind = text.partition(" ")
                found[api_version, kind] = message.name
    return found


def tables(data: bytes) -> str:
    """The text of tables.txt for a FileDescriptorSet: the kinds, an empty line, a line for each message."""
    files = parse(data)
    head = [f"{api_version} {kind} {name}" for (api_version, kind), name in sorted(kinds(files).items())]
    body = [
        message.line()
        for file in files
        if not file.package.startswith(("google.protobuf", "codec"))
        for message in file.messages
    ]
    return "\n".join(["k8s-codec tables 1", *head, "", *sorted(body), ""])
