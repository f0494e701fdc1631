"""Random stored values for any kind of the schema: what a cluster could send, and what none would.

Everything comes from a seed. The wire is written here, by hand, so that our own writer is not judged by itself.
JSON and YAML stand in generate_text.py.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from random import Random

import samples

from codec.schema import MAP, REPEATED, Field, MessageSchema
from codec.wire import FIXED32, FIXED64, LENGTH_DELIMITED, START_GROUP, VARINT

DEEPEST = 6  # levels of messages, after which only what is always there is made
SIZE = 300  # fields, about, after which no more are begun

# message → the field numbers to use; None for all. Our schema keeps what newer releases dropped, and these do not know.
Known = Mapping[str, frozenset[int]] | None


def fields_of(schema: MessageSchema, known: Known) -> list[Field]:
    """The fields to use, in the order of the struct."""
    numbers = None if known is None else known.get(schema.name)
    return [field for field in schema.fields if numbers is None or field.number in numbers]


def varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes((*out, value))


def delimited(number: int, value: bytes) -> bytes:
    return varint(number << 3 | LENGTH_DELIMITED) + varint(len(value)) + value


class Source:
    """What the generators share: chance, and the strings.

    strange: also what the real code would not write, or cannot print.
    """

    def __init__(self, seed: str, known: Known, strange: bool) -> None:
        self.random = Random(seed)
        self.known = known
        self.strange = strange
        self.size = SIZE

    def maybe(self, chance: float) -> bool:
        return self.random.random() < chance

    def chance(self, depth: int) -> float:
        """That a field is there, for all fields of one message."""
        if depth >= DEEPEST or self.size <= 0:
            return 0.0
        return self.random.choice(((0.7, 0.9, 1.0), (0.3, 0.7, 1.0), (0.2, 0.5, 0.9))[min(depth, 2)])

    def odd(self, chance: float) -> bool:
        return self.strange and self.random.random() < chance

    def text(self) -> str:
        if self.odd(0.01):
            return self.random.choice(samples.UNPRINTABLE)
        if self.maybe(0.4):
            return self.random.choice(samples.STRINGS)
        if self.maybe(0.6):
            return self.random.choice(("app", "web", "10.0.0.1", "TCP", "Value", "nginx:1.27", "a b"))
        return "".join(self.character() for _ in range(self.random.randint(1, 12)))

    def character(self) -> str:
        low, high = self.random.choice(((32, 126), (97, 122), (160, 0x2FF), (0x2000, 0x20FF), (0xE000, 0xFFFD)))
        return chr(self.random.randint(0x10000, 0x10FFFF) if self.maybe(0.1) else self.random.randint(low, high))

    def raw_json(self) -> str:
        return self.random.choice(samples.RAW_ESCAPES if self.odd(0.03) else samples.RAW_JSON)


class Wire(Source):
    """Messages as bytes.

    strange: other orders, repeated and overlong fields, values that do not parse. unknown: fields that the schema
    does not know; they change nothing else of what the seed gives.
    """

    def __init__(self, seed: str, *, known: Known = None, strange: bool = False, unknown: bool = False) -> None:
        super().__init__(seed, known, strange)
        self.newer = Random(f"unknown {seed}") if unknown else None
        self.unknown: list[bytes] = []  # the fields that were put in

    def stored(self, api_version: str, kind: str, schema: MessageSchema) -> bytes:
        """A whole stored value."""
        names = delimited(1, api_version.encode()) + delimited(2, kind.encode())
        return b"k8s\0" + delimited(1, names) + delimited(2, self.message(schema)) + b"\x1a\0\x22\0"

    def message(self, schema: MessageSchema, depth: int = 0) -> bytes:
        """The bytes of a message's fields."""
        if schema.form in FORMS:
            return FORMS[schema.form](self)
        chance = self.chance(depth)
        chunks: list[bytes] = []
        for field in sorted(fields_of(schema, self.known), key=lambda field: field.number):
            if field.inline or self.maybe(chance):
                chunks += self.field(field, depth)
        if self.odd(0.2):
            self.random.shuffle(chunks)
        if self.newer is not None and self.newer.random() < 0.3:
            chunks.insert(self.newer.randint(0, len(chunks)), self.unknown_field(schema))
        return b"".join(chunks)

    def field(self, field: Field, depth: int) -> list[bytes]:
        """A field as often as it occurs."""
        self.size -= 1
        if field.label == MAP:
            keys = [self.string() for _ in range(self.random.choice((1, 1, 2, 4)))]
            if not self.strange:
                keys = list(dict.fromkeys(keys))
            return [delimited(field.number, self.entry(field, key, depth)) for key in keys]
        times = self.random.choice((1, 1, 2, 3)) if field.label == REPEATED else 2 if self.odd(0.05) else 1
        if field.label == REPEATED and field.wire_type != LENGTH_DELIMITED and self.odd(0.5):
            return [delimited(field.number, b"".join(self.scalar(field.kind) for _ in range(times)))]
        return [self.value(field, depth) for _ in range(times)]

    def value(self, field: Field, depth: int) -> bytes:
        if field.is_message:
            return delimited(field.number, self.message(field.message, depth + 1))
        return varint(field.tag) + self.scalar(field.kind)

    def entry(self, field: Field, key: bytes, depth: int) -> bytes:
        parts = [delimited(1, key), self.value(field.entry, depth)]
        if self.odd(0.1):
            self.random.shuffle(parts)
        if self.odd(0.1):
            parts.pop()
        return b"".join(parts)

    def string(self) -> bytes:
        return self.random.choice(samples.INVALID_UTF8) if self.odd(0.1) else self.text().encode()

    def scalar(self, kind: str) -> bytes:
        """The bytes after the tag."""
        if kind == "string":
            text = self.string()
            return varint(len(text)) + text
        if kind == "bytes":
            data = self.random.randbytes(self.random.choice((0, 1, 2, 3, 20)))
            return varint(len(data)) + data
        if kind == "bool":
            return varint(self.random.choice((2, 2**32, 2**63)) if self.odd(0.1) else self.random.randint(0, 1))
        if kind == "double":
            return self.random.randbytes(8) if self.odd(0.2) else struct.pack("<d", self.random.choice(samples.FLOATS))
        assert kind in ("int32", "int64"), kind
        value = self.random.choice(samples.INT32 if kind == "int32" else samples.INT64)
        if self.odd(0.05):
            value = self.random.getrandbits(64)
        data = varint(value)
        if self.odd(0.05) and len(data) < 9:
            return data[:-1] + bytes((data[-1] | 128, 0))  # longer than it needs to be
        return data

    def unknown_field(self, schema: MessageSchema) -> bytes:
        assert self.newer is not None
        known = {field.number for field in schema.fields}
        number = self.newer.choice([number for number in (*range(1, 60), 200, 1000, 2**29 - 1) if number not in known])
        wire_type, value = self.newer.choice(
            (
                (VARINT, varint(self.newer.getrandbits(40))),
                (FIXED64, self.newer.randbytes(8)),
                (LENGTH_DELIMITED, b"\x05hello"),
                (START_GROUP, b"\x08\x01" + varint(number << 3 | 4)),
                (FIXED32, self.newer.randbytes(4)),
            )
        )
        self.unknown.append(varint(number << 3 | wire_type) + value)
        return self.unknown[-1]

    def time(self) -> bytes:
        if self.maybe(0.1):
            return b""
        nanos = self.random.choice(samples.BAD_NANOS if self.odd(0.1) else samples.NANOS)
        seconds = self.random.choice(samples.SECONDS) if self.odd(0.5) else self.random.randint(0, 2**33)
        fields = [b"\x08" + varint(seconds), b"\x10" + varint(nanos)]
        if self.odd(0.2):
            fields.pop(self.random.randint(0, 1))
        return b"".join(fields)

    def quantity(self) -> bytes:
        if self.odd(0.02):
            return delimited(1, self.random.choice(samples.BAD_QUANTITIES).encode())
        return b"" if self.odd(0.05) else delimited(1, self.random.choice(samples.QUANTITIES).encode())

    def raw(self) -> bytes:
        if self.odd(0.03):
            return delimited(1, self.random.choice(samples.NOT_JSON).encode())
        return b"" if self.maybe(0.1) else delimited(1, self.raw_json().encode())

    def int_or_string(self) -> bytes:
        number, text = self.random.choice(samples.INT32), self.random.choice(("", "http", "25%", "8080", "é"))
        kind = self.random.randint(0, 1)
        if self.odd(0.1):
            kind = self.random.choice((2, 7, -1, 2**31, 2**40))
        elif not self.odd(0.1):
            number, text = (0, text) if kind else (number, "")
        return b"\x08" + varint(kind) + b"\x10" + varint(number) + delimited(3, text.encode())

    def strings(self) -> bytes:
        return b"".join(delimited(1, self.string()) for _ in range(self.random.choice((0, 1, 2))))


# form of a value → its bytes
FORMS: dict[str, Callable[[Wire], bytes]] = {
    "time": Wire.time,
    "micro_time": Wire.time,
    "duration": lambda wire: b"\x08" + varint(wire.random.choice(samples.DURATIONS)),
    "quantity": Wire.quantity,
    "int_or_string": Wire.int_or_string,
    "raw_extension": Wire.raw,
    "fields_v1": Wire.raw,
    "json": Wire.raw,
    "list": Wire.strings,
}
