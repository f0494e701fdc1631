"""Wire → rows that say what each byte is: what `inspect` prints. With a schema, without one, and up to an error.

A row is a field, in the order of the wire, with its depth in the tree of messages. Rows come one by one, so that all
of them before the place of an error are there when it is raised.
"""

from __future__ import annotations

from codec.errors import DecodeError, printable
from codec.message import FROM_RAW, decode, load
from codec.schema import MAP, builtin
from codec.wire import END_GROUP, FIXED64, LENGTH_DELIMITED, MAX_DEPTH, START_GROUP, VARINT, Reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from codec.schema import Field, MessageSchema

UNKNOWN = "k8s.io.apimachinery.pkg.runtime.Unknown"  # the envelope
RAW = 2  # its field that holds the message
SECRET = "k8s.io.api.core.v1.Secret"  # the message whose data is not shown
SECRET_FIELDS = ("data", "stringData")
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"

# how much of a message is hidden
NOTHING, DATA, EVERYTHING = range(3)

MAX_GUESSED_NUMBER = 1000  # of a field in a message that is only guessed to be one
MAX_GUESSED_DEPTH = 30  # levels that are guessed to be messages where no schema says so


class Row:
    """One field on the wire.

    offset, start, end: bytes from the start of the input: of the tag, of the payload, past the payload.
    name, type: from the schema, "" without one; value: int, float, bool, str or bytes, None for a message;
    note: what is remarkable about it; is_hidden: the value is not to be shown; problem: what is wrong here.
    """

    __slots__ = (
        "depth",
        "end",
        "is_hidden",
        "name",
        "note",
        "number",
        "offset",
        "problem",
        "start",
        "type",
        "value",
        "wire_type",
    )

    def __init__(self, depth: int, offset: int, number: int, wire_type: int) -> None:
        self.depth = depth
        self.offset = offset
        self.start = self.end = offset
        self.number = number
        self.wire_type = wire_type
        self.name = self.type = self.note = self.problem = ""
        self.value: Any = None
        self.is_hidden = False


class Walk:
    """Walks a message. `hide` says what of the values is hidden from the start; a Secret in it hides its data."""

    def __init__(self, data: bytes, hide: int = NOTHING, show_secrets: bool = False) -> None:
        self.data = data
        self.hide = NOTHING if show_secrets else hide
        self.show_secrets = show_secrets
        self.first: DecodeError | None = None

    def message(self, schema: MessageSchema | None, start: int, end: int, depth: int = 0) -> Iterator[Row]:
        """The rows of a message that spans these bytes. DecodeError at the first byte that cannot be."""
        yield from self._fields(schema, Reader(self.data, start, end), depth, self.hide)
        self._raise_first()

    def _raise_first(self) -> None:
        """The error of the outermost field that runs past its end, after what there is of it was walked."""
        if self.first is not None:
            raise self.first

    def envelope(self, schema: MessageSchema | None, start: int) -> Iterator[Row]:
        """The rows of an envelope from `start`, past the magic, to the end of the input, and of the message in it."""
        outer = builtin().message(UNKNOWN)
        reader = Reader(self.data, start)
        while reader.pos < reader.end:
            row, tag = self._row(reader, 0)
            field = outer.by_tag.get(tag)
            if field is None or field.number != RAW:
                reader.pos = row.offset
                yield from self._fields(outer, Reader(self.data, row.offset, _end(reader)), 0, NOTHING)
                continue
            row.name = field.json
            row.type = schema.class_name if schema is not None else "message"
            yield row
            try:
                yield from self._fields(schema, Reader(self.data, row.start, row.end), 1, self.hide)
            except DecodeError as error:
                error.inside(row.type)
                raise
            reader.pos = row.end
        self._raise_first()

    def _fields(self, schema: MessageSchema | None, reader: Reader, depth: int, hide: int) -> Iterator[Row]:
        if depth > MAX_DEPTH:
            raise DecodeError(f"nested deeper than {MAX_DEPTH}", offset=reader.pos)
        if schema is not None and schema.name == SECRET and not self.show_secrets:
            hide = max(hide, DATA)
        while reader.pos < reader.end:
            row, tag = self._row(reader, depth)
            if tag & 7 == END_GROUP:
                raise DecodeError(f"end of group {row.number}, which was never started", offset=row.offset)
            field = None if schema is None else _field_of(schema, row.number)
            if field is None:
                if schema is not None:
                    row.note = "unknown field"
                yield from self._without_schema(row, reader, tag, hide)
                continue
            row.name = field.json
            if schema is not None and tag not in schema.by_tag:
                raise DecodeError(_wrong_wire_type(field, tag), field.json, row.offset)
            try:
                yield from self._known(row, field, reader, tag, hide)
            except DecodeError as error:
                if not field.inline:
                    error.inside(field.json)
                raise

    def _row(self, reader: Reader, depth: int) -> tuple[Row, int]:
        offset = reader.pos
        tag = reader.tag()
        row = Row(depth, offset, tag >> 3, tag & 7)
        row.start = reader.pos
        if tag & 7 == LENGTH_DELIMITED:
            length = Reader(self.data, reader.pos, reader.end)
            try:
                row.end = length.length_delimited()
            except DecodeError as error:
                if length.pos == reader.pos:
                    raise  # no length at all
                # What there is of the field is shown, so that cut off values can be read up to their end.
                row.problem = error.problem
                row.end = reader.end
                self.first = self.first or error
            row.start = length.pos
        return row, tag

    def _known(self, row: Row, field: Field, reader: Reader, tag: int, hide: int) -> Iterator[Row]:
        """A field of the schema."""
        if field.label == MAP:
            row.type = "map entry"
            yield row
            yield from self._entry(field, Reader(self.data, row.start, row.end), row.depth + 1, hide)
            reader.pos = row.end
        elif field.is_message:
            row.type = field.message.class_name
            row.note = _summary(self.data, row, field)
            yield row
            yield from self._fields(field.message, Reader(self.data, row.start, row.end), row.depth + 1, hide)
            reader.pos = row.end
        elif tag != field.tag:
            row.type, row.note = field.kind, "packed"
            reader.pos = row.end
            row.value = [
                FROM_RAW[field.kind](value) for value in _packed(Reader(self.data, row.start, row.end), field.wire_type)
            ]
            yield row
        else:
            row.type = field.kind
            row.value = FROM_RAW[field.kind](self._raw(reader, row, tag))
            row.is_hidden = tag & 7 == LENGTH_DELIMITED and (hide == EVERYTHING or self._names_a_secret(row.value))
            yield row

    def _names_a_secret(self, value: Any) -> bool:
        """Whether bytes hold an object of another kind, as RawExtension does, that may be a Secret."""
        return isinstance(value, bytes) and b"Secret" in value and not self.show_secrets

    def _entry(self, field: Field, reader: Reader, depth: int, hide: int) -> Iterator[Row]:
        """A map's entry: 1 key, 2 value. A value of a map that is hidden is hidden, its key is not."""
        key = ""
        while reader.pos < reader.end:
            row, tag = self._row(reader, depth)
            if tag == 1 << 3 | LENGTH_DELIMITED:
                row.name, row.type = "key", "string"
                key = row.value = FROM_RAW["string"](self._raw(reader, row, tag))
                yield row
            elif tag == field.entry.tag:
                row.name = "value"
                inner = EVERYTHING if hide == DATA and _is_hidden_entry(field, key) else hide
                try:
                    yield from self._known(row, field.entry, reader, tag, inner)
                except DecodeError as error:
                    error.inside(f"[{printable(key)}]")
                    raise
            else:
                problem = (
                    _wrong_wire_type(field.entry, tag)
                    if row.number in (1, 2)
                    else f"a map entry has no field {tag >> 3}"
                )
                raise DecodeError(problem, f"[{printable(key)}]", row.offset)

    def _without_schema(self, row: Row, reader: Reader, tag: int, hide: int) -> Iterator[Row]:
        """A field that no schema knows: what it may be is guessed from its bytes."""
        if tag & 7 == START_GROUP:
            reader.skip(tag)
            row.end = reader.pos
            row.type = "group"
            yield row
            return
        if tag & 7 != LENGTH_DELIMITED:
            raw = self._raw(reader, row, tag)
            row.value = raw if tag & 7 == VARINT else int.from_bytes(raw, "little")
            yield row
            return
        reader.pos = row.end
        payload = self.data[row.start : row.end]
        # In a Secret, and where nothing says what the message is, no text is shown.
        row.is_hidden = hide != NOTHING
        text = _text(payload)
        if row.depth < MAX_GUESSED_DEPTH and (text is None or not text.isprintable()) and _is_message(payload):
            row.type, row.is_hidden = "message?", False
            yield row
            yield from self._fields(None, Reader(self.data, row.start, row.end), row.depth + 1, hide)
            return
        row.type = "bytes?" if text is None else "string?"
        row.value = payload if text is None else text
        yield row

    def _raw(self, reader: Reader, row: Row, tag: int) -> Any:
        """The value of a scalar, which the row then spans."""
        wire_type = tag & 7
        if wire_type == LENGTH_DELIMITED:
            reader.pos = row.end
            return self.data[row.start : row.end]
        raw = reader.varint() if wire_type == VARINT else reader.fixed(8 if wire_type == FIXED64 else 4)
        row.end = reader.pos
        return raw


def _field_of(schema: MessageSchema, number: int) -> Field | None:
    for field in schema.fields:
        if field.number == number:
            return field
    return None


def _wrong_wire_type(field: Field, tag: int) -> str:
    from codec.wire import WIRE_TYPE_NAMES

    return f"wire type {WIRE_TYPE_NAMES[tag & 7]} where {WIRE_TYPE_NAMES[field.wire_type]} was expected"


def _is_hidden_entry(field: Field, key: str) -> bool:
    """Of a Secret its data, and one annotation; a key that comes after its value is not known yet."""
    return field.json in SECRET_FIELDS or key in (LAST_APPLIED, "")


def _summary(data: bytes, row: Row, field: Field) -> str:
    """What a message that stands for a time says, in words of its own."""
    if row.start == row.end:
        return "empty"
    if field.form not in ("time", "micro_time", "duration"):
        return ""
    try:
        return str(load(field.form, decode(field.message, Reader(data, row.start, row.end))).text)
    except (DecodeError, ValueError):
        return ""


def _end(reader: Reader) -> int:
    """Past the field at the reader's position; the reader goes there."""
    reader.skip(reader.tag())
    return reader.pos


def _packed(reader: Reader, wire_type: int) -> Iterator[Any]:
    while reader.pos < reader.end:
        yield reader.varint() if wire_type == VARINT else reader.fixed(8 if wire_type == FIXED64 else 4)


def _text(payload: bytes) -> str | None:
    """Text, if the bytes are UTF-8 without control characters other than white space."""
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        return None
    return text if text.translate(_WITHOUT_SPACE).isprintable() else None


_WITHOUT_SPACE = {ord(space): None for space in "\t\r\n"}


def _is_message(payload: bytes) -> bool:
    """Whether the bytes can be read as fields, one level deep."""
    reader = Reader(payload)
    try:
        while reader.pos < reader.end:
            tag = reader.tag()
            if tag >> 3 > MAX_GUESSED_NUMBER:
                return False
            reader.skip(tag)
    except DecodeError:
        return False
    return bool(payload)
