"""Prints rows of annotated bytes: offset, bytes, wire type, and the tree of fields."""

from __future__ import annotations

from codec.cli.output import printable, write
from codec.wire import FIXED32, FIXED64, LENGTH_DELIMITED, START_GROUP, VARINT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from codec.errors import DecodeError
    from codec.message.annotate import Row

SHOWN_BYTES = 8  # of a field, from its tag on
SHOWN_TEXT = 100  # characters of a value
HEX_WIDTH = SHOWN_BYTES * 3 + 1
WIRE_TYPES = {
    VARINT: "varint",
    FIXED64: "fixed64",
    LENGTH_DELIMITED: "length",
    START_GROUP: "group",
    FIXED32: "fixed32",
}
WIRE_TYPE_WIDTH = 7

# SGR codes of ECMA-48
OFFSET, NAME, VALUE, UNKNOWN, ERROR = "2", "36", "32", "33", "31;1"


class Tree:
    """Prints the rows of one value."""

    def __init__(self, data: bytes, colored: bool) -> None:
        self.data = data
        self.colored = colored
        self.width = max(len(str(len(data))), 4)

    def header(self) -> None:
        """The names of the columns."""
        write(
            self._paint(OFFSET, f"{'byte':>{self.width}}  {'':<{HEX_WIDTH}}  {'wire':<{WIRE_TYPE_WIDTH}}  field") + "\n"
        )

    def line(self, start: int, end: int, wire_type: str, text: str) -> None:
        """A line about the bytes from `start` to `end`."""
        shown = self.data[start : min(end, start + SHOWN_BYTES)].hex(" ")
        if end - start > SHOWN_BYTES:
            shown += " …"
        offset = self._paint(OFFSET, f"{start:>{self.width}}  {shown:<{HEX_WIDTH}}")
        write(f"{offset}  {wire_type:<{WIRE_TYPE_WIDTH}}  {text}\n")

    def row(self, row: Row) -> None:
        """A field. Of a message, and of what is hidden, only the tag and the length are shown as bytes."""
        is_nested = row.value is None and row.start < row.end
        end = row.start if (is_nested or row.is_hidden) and row.wire_type == LENGTH_DELIMITED else row.end
        name = f"{row.number} {row.name}" if row.name else str(row.number)
        is_unknown = row.note == "unknown field"
        text = "  " * row.depth + self._paint(UNKNOWN if is_unknown else NAME, name)
        if row.type:
            text += f": {row.type}"
        if row.value is None and row.wire_type == LENGTH_DELIMITED:
            text += f", {row.end - row.start} bytes"
        elif row.is_hidden:
            text += f" <redacted: {row.end - row.start} bytes>"
        elif row.value is not None:
            text += " " + self._paint(VALUE, shown(row.value))
        if row.note:
            text += f"  ({row.note})"
        if row.problem:
            text += "  " + self._paint(ERROR, f"✗ {row.problem}")
        self.line(row.offset, end, WIRE_TYPES[row.wire_type], text)

    def error(self, error: DecodeError) -> None:
        """The place where the bytes cannot be read any further."""
        offset = len(self.data) if error.offset is None else error.offset
        self.line(
            offset, min(len(self.data), offset + SHOWN_BYTES), "", self._paint(ERROR, f"✗ {printable(str(error))}")
        )

    def _paint(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colored else text


def shown(value: Any) -> str:
    """A value in one line, shortened."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return _bytes(value)
    if isinstance(value, str):
        return _quoted(value)
    return _shortened(str(value))


def _bytes(value: bytes) -> str:
    """Bytes that are text as text, others in hexadecimal digits."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        text = "\0"
    return _quoted(text) if text.replace("\n", "").isprintable() else _shortened(value.hex(" "))


def _shortened(text: str) -> str:
    return text if len(text) <= SHOWN_TEXT else f"{text[:SHOWN_TEXT]}…"


def _quoted(text: str) -> str:
    """As a Python string in double quotes: nothing in it reaches the terminal unescaped."""
    cut = text[:SHOWN_TEXT]
    return f'"{printable(cut.translate(_ESCAPES))}"' + ("…" if len(text) > SHOWN_TEXT else "")


_ESCAPES = {ord('"'): '\\"', ord("\\"): "\\\\"}
