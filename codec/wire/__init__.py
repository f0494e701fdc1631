"""The protobuf wire format: tags, varints and the bounded reader. The writer stands in writer.py.

Knows nothing of Kubernetes. Source of the rules: protobuf.dev/programming-guides/encoding.
"""

from __future__ import annotations

from codec.errors import DecodeError

VARINT, FIXED64, LENGTH_DELIMITED, START_GROUP, END_GROUP, FIXED32 = range(6)  # wire types
WIRE_TYPE_NAMES = ("varint", "fixed64", "length-delimited", "start group", "end group", "fixed32")

MAX_VARINT_LENGTH = 10  # bytes; ceil(64 / 7)
MAX_FIELD_NUMBER = (1 << 29) - 1
MAX_DEPTH = 100  # nested messages and groups; the limit of protobuf's own C++ and Java parsers
UINT64 = (1 << 64) - 1


class Reader:
    """Reads `data` from `pos` up to `end` and never past it. Every error names its byte in `data`."""

    __slots__ = ("data", "end", "pos")

    def __init__(self, data: bytes, pos: int = 0, end: int | None = None) -> None:
        self.data = data
        self.pos = pos
        self.end = len(data) if end is None else end

    def varint(self) -> int:
        """An unsigned integer of 64 bits; more bits than these are cut off, as every decoder does."""
        start = pos = self.pos
        end = min(self.end, start + MAX_VARINT_LENGTH)
        data = self.data
        result = shift = 0
        while pos < end:
            byte = data[pos]
            pos += 1
            result |= (byte & 0x7F) << shift
            if byte < 0x80:
                self.pos = pos
                return result & UINT64
            shift += 7
        if pos - start == MAX_VARINT_LENGTH:
            raise DecodeError(f"varint is longer than {MAX_VARINT_LENGTH} bytes", offset=start)
        raise DecodeError("varint runs past the message end", offset=start)

    def tag(self) -> int:
        """A field number and a wire type: number << 3 | wire type."""
        start = self.pos
        tag = self.varint()
        number = tag >> 3
        if not 0 < number <= MAX_FIELD_NUMBER:
            raise DecodeError(f"field number {number} is out of range", offset=start)
        if tag & 7 > FIXED32:
            raise DecodeError(f"wire type {tag & 7} does not exist", offset=start)
        return tag

    def length_delimited(self) -> int:
        """Reads a length and returns the end of what it spans; `pos` is then at the start of it."""
        start = self.pos
        length = self.varint()
        end = self.pos + length
        if end > self.end:
            raise DecodeError(f"length {length} runs past the message end by {end - self.end} bytes", offset=start)
        return end

    def read_bytes(self) -> bytes:
        end = self.length_delimited()
        value = self.data[self.pos : end]
        self.pos = end
        return value

    def fixed(self, size: int) -> bytes:
        """The next `size` bytes."""
        end = self.pos + size
        if end > self.end:
            raise DecodeError(f"fixed{size * 8} runs past the message end", offset=self.pos)
        value = self.data[self.pos : end]
        self.pos = end
        return value

    def skip(self, tag: int) -> None:
        """Passes over the value of a field whose tag was just read."""
        wire_type = tag & 7
        if wire_type == VARINT:
            self.varint()
        elif wire_type == LENGTH_DELIMITED:
            self.pos = self.length_delimited()
        elif wire_type == FIXED64:
            self.fixed(8)
        elif wire_type == FIXED32:
            self.fixed(4)
        elif wire_type == START_GROUP:
            self._skip_group(tag)
        else:
            raise DecodeError(f"end of group {tag >> 3}, which was never started", offset=self.pos)

    def _skip_group(self, tag: int) -> None:
        groups = [(tag >> 3, self.pos)]
        while groups:
            number, start = groups[-1]
            if self.pos >= self.end:
                raise DecodeError(f"group {number} has no end", offset=start)
            place = self.pos
            inner = self.tag()
            wire_type = inner & 7
            if wire_type == END_GROUP:
                if inner >> 3 != number:
                    raise DecodeError(f"group {number} is ended as {inner >> 3}", offset=place)
                groups.pop()
            elif wire_type == START_GROUP:
                if len(groups) >= MAX_DEPTH:
                    raise DecodeError(f"nested deeper than {MAX_DEPTH}", offset=place)
                groups.append((inner >> 3, self.pos))
            else:
                self.skip(inner)
