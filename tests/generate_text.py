"""Random JSON and YAML texts for any kind of the schema, right and wrong ones, from a seed."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import samples
from generate import Known, Source, fields_of

from codec.schema import MAP, OPTIONAL, REPEATED, Field, MessageSchema


class Literal:
    """A piece of JSON text that is printed as it stands."""

    def __init__(self, text: str) -> None:
        self.text = text


class Pairs(list[tuple[Any, Any]]):
    """An object: its keys in their order, where one can occur twice."""


class Tree(Source):
    """JSON of a kind as a tree of Pairs, lists, str, int, float, bool, None and Literal.

    faults: chances in a thousand of each value to be wrong: of another type, out of range, with a key too many.
    """

    def __init__(self, seed: str, *, known: Known = None, strange: bool = False, faults: int = 0) -> None:
        super().__init__(seed, known, strange)
        self.faults = faults

    def stored(self, api_version: str, kind: str, schema: MessageSchema) -> Pairs:
        """A whole object, its kind in front or behind."""
        found = self.message(schema)
        for name, text in (("kind", kind), ("apiVersion", api_version)):
            value = self.junk() if self.fault() else Literal(f'"{text}"')
            found.insert(self.random.choice((0, 0, len(found))), (name, value))
        return found

    def message(self, schema: MessageSchema, depth: int = 0) -> Any:
        if schema.form in JSON_FORMS:
            return JSON_FORMS[schema.form](self, schema, depth)
        chance = self.chance(depth)
        found = Pairs()
        if schema.type_meta and depth and self.maybe(0.2):
            found.append(("kind", self.random.choice(("Pod", "", None))))
        for field in self.flat(schema):
            if self.maybe(chance):
                found.append((field.json, self.field(field, depth)))
        if self.maybe(0.2):
            self.random.shuffle(found)
        if self.fault():
            found.append((self.random.choice(("unknown", "Metadata", "name ", "", "é")), self.junk()))
        if found and self.fault():
            found.append(self.random.choice(found))
        return found

    def flat(self, schema: MessageSchema) -> Iterator[Field]:
        """The fields that JSON shows, those of embedded structs in their place."""
        for field in fields_of(schema, self.known):
            if field.inline:
                yield from self.flat(field.message)
            else:
                yield field

    def fault(self) -> bool:
        return self.random.randrange(1000) < self.faults

    def junk(self) -> Any:
        return self.random.choice(
            (None, True, 0, 1.5, "x", "", [], [1], Pairs(), Pairs([("a", 1)]), Literal("1e400"), Literal("-0"))
        )

    def field(self, field: Field, depth: int) -> Any:
        self.size -= 1
        if self.fault():
            return self.junk()
        if self.maybe(0.06):
            return None
        if field.label == REPEATED:
            return [self.single(field, depth) for _ in range(self.random.choice((0, 1, 1, 2, 3)))]
        if field.label == MAP:
            keys = dict.fromkeys(self.text() for _ in range(self.random.choice((0, 1, 2, 3))))
            return Pairs((key, self.single(field, depth)) for key in keys)
        return self.single(field, depth)

    def single(self, field: Field, depth: int) -> Any:
        if self.fault():
            return self.junk()
        if field.label in (REPEATED, MAP, OPTIONAL) and self.maybe(0.03):
            return None
        return self.message(field.message, depth + 1) if field.is_message else SCALARS[field.kind](self)

    def data(self) -> Any:
        """Bytes as base64, and at times as the list of numbers that Go takes too."""
        data = self.random.randbytes(self.random.choice((0, 1, 2, 3, 10)))
        if self.odd(0.1):
            return [*data, *self.random.choice(samples.BYTES)]
        return self.string([b64encode(data).decode()], samples.BASE64_TEXTS)

    def literal(self, right: list[Any], wrong: list[str]) -> Any:
        return Literal(self.random.choice(wrong)) if self.fault() else self.random.choice(right)

    def string(self, right: list[str], wrong: list[str]) -> str:
        return self.random.choice(wrong if self.fault() else right)

    def time(self) -> str:
        parts = (samples.TIMES, samples.FRACTIONS, samples.ZONES)
        return self.string(["".join(self.random.choice(part) for part in parts)], samples.BAD_TIMES)

    def quantity(self) -> Any:
        text = self.string(samples.QUANTITIES, samples.BAD_QUANTITIES)
        if self.maybe(0.8):
            return text
        return self.random.choice((5, -3, 0, Literal("1.5"), Literal("1e3"), Literal("0.10"), f" {text} "))


# kind of a scalar → its JSON
SCALARS: dict[str, Callable[[Tree], Any]] = {
    "string": Tree.text,
    "bool": lambda tree: tree.maybe(0.5),
    "int32": lambda tree: tree.literal(samples.INT32, samples.INT32_TEXTS),
    "int64": lambda tree: tree.literal(samples.INT64, samples.INT64_TEXTS),
    "double": lambda tree: tree.literal(samples.FLOATS, samples.FLOAT_TEXTS),
    "bytes": Tree.data,
}


def _schema_or(
    index: int, other: Callable[[Tree, MessageSchema, int], Any]
) -> Callable[[Tree, MessageSchema, int], Any]:
    def form(tree: Tree, schema: MessageSchema, depth: int) -> Any:
        if tree.maybe(0.5):
            return tree.message(schema.fields[index].message, depth + 1)
        return tree.junk() if tree.fault() else other(tree, schema, depth)

    return form


# form of a value → its JSON
JSON_FORMS: dict[str, Callable[[Tree, MessageSchema, int], Any]] = {
    "time": lambda tree, schema, depth: tree.time(),
    "micro_time": lambda tree, schema, depth: tree.time(),
    "duration": lambda tree, schema, depth: tree.string(samples.DURATION_TEXTS, samples.BAD_DURATIONS),
    "quantity": lambda tree, schema, depth: tree.quantity(),
    "int_or_string": lambda tree, schema, depth: tree.random.choice((*samples.INT32, "http", "25%", "", "8080")),
    "raw_extension": lambda tree, schema, depth: Literal(tree.raw_json()),
    "fields_v1": lambda tree, schema, depth: Literal(tree.raw_json()),
    "json": lambda tree, schema, depth: Literal(tree.raw_json()),
    "list": lambda tree, schema, depth: [tree.text() for _ in range(tree.random.randint(0, 2))],
    "schema_or_array": _schema_or(0, lambda tree, schema, depth: [tree.message(schema.fields[1].message, depth + 1)]),
    "schema_or_bool": _schema_or(1, lambda tree, schema, depth: tree.maybe(0.5)),
    "schema_or_string_array": _schema_or(0, lambda tree, schema, depth: [tree.text()]),
}


class JSONPrinter:
    """A tree as JSON.

    strange: white space anywhere, escapes where none are needed, halves of surrogate pairs, bytes that are no UTF-8.
    """

    def __init__(self, seed: str, *, strange: bool = False) -> None:
        self.random = Random(f"json {seed}")
        self.strange = strange

    def text(self, tree: Any) -> bytes:
        around = ("", "") if not self.strange or self.random.random() > 0.02 else self.random.choice(samples.AROUND)
        return f"{around[0]}{self.value(tree)}{around[1]}".encode("utf-8", "surrogateescape")

    def space(self) -> str:
        return self.random.choice(("", "", "", " ", "\n", "\t", "\r\n  ")) if self.strange else ""

    def value(self, tree: Any) -> str:
        return f"{self.space()}{self.bare(tree)}{self.space()}"

    def bare(self, tree: Any) -> str:
        if isinstance(tree, Literal):
            return tree.text
        if isinstance(tree, Pairs):
            members = (f"{self.space()}{self.string(key)}{self.space()}:{self.value(value)}" for key, value in tree)
            return "{" + ",".join(members) + (self.space() if not tree else "") + "}"
        if isinstance(tree, list):
            return "[" + ",".join(self.value(item) for item in tree) + (self.space() if not tree else "") + "]"
        return self.string(tree) if isinstance(tree, str) else json.dumps(tree)

    def string(self, text: str) -> str:
        plain = json.dumps(text, ensure_ascii=self.random.random() < 0.2)
        if not self.strange or self.random.random() > 0.05:
            return plain
        return self.random.choice(
            (
                '"' + "".join(f"\\u{ord(char):04X}" for char in text if ord(char) < 0x10000) + '"',
                plain.replace("/", "\\/"),
                f'{plain[:-1]}\\ud83d"',
                f'{plain[:-1]}\\ude00\\ud83d\\ude00"',
                f'{plain[:-1]}\udcff"',
                f'{plain[:-1]}\udcc3\udca9"',
            )
        )


class YAMLPrinter:
    """A tree as YAML, each value in one of the styles that it can have, plain wherever that might even change it."""

    def __init__(self, seed: str) -> None:
        self.random = Random(f"yaml {seed}")

    def text(self, tree: Pairs) -> bytes:
        head = self.random.choice(("", "", "", "---\n", "# a comment\n", "\n\n"))
        return f"{head}{self.block(tree, 0)}".encode("utf-8", "surrogateescape")

    def block(self, tree: Any, indent: int) -> str:
        """What stands behind a key or dash, from its own line on or behind a space; with a newline at the end."""
        margin = " " * indent
        if isinstance(tree, Pairs) and tree and self.random.random() < 0.9:
            lines = []
            for key, value in tree:
                deeper = indent if isinstance(value, list) and not isinstance(value, Pairs) else indent + 2
                lines.append(f"{margin}{self.key(key)}:{self.behind(value, deeper)}")
            return "".join(lines)
        if isinstance(tree, list) and not isinstance(tree, Pairs) and tree and self.random.random() < 0.9:
            return "".join(f"{margin}-{self.behind(value, indent + 2)}" for value in tree)
        return f"{margin}{self.flow(tree)}\n"

    def behind(self, value: Any, indent: int) -> str:
        if isinstance(value, list) and value:
            body = self.block(value, indent)
            first = body.lstrip(" ")
            return f" {first}" if first[0] in "{[" else f"{self.comment()}\n{body}"
        if isinstance(value, str) and self.is_literal(value) and self.random.random() < 0.5:
            chomp = "" if value.endswith("\n") and not value.endswith("\n\n") else "+" if value.endswith("\n") else "-"
            lines = value[: len(value) - value.endswith("\n")].split("\n")
            margin = " " * max(indent, 1)
            return f" |{chomp}\n" + "".join(f"{margin if line else ''}{line}\n" for line in lines)
        return f" {self.flow(value)}{self.comment()}\n"

    def comment(self) -> str:
        return self.random.choice(("", "", "", " # why: not", "  "))

    def is_literal(self, text: str) -> bool:
        lines = text.split("\n")
        return (
            len(lines) > 1 and bool(lines[0]) and not text.startswith(" ") and all(line.isprintable() for line in lines)
        )

    def key(self, text: str) -> str:
        return self.scalar(text, key=True)

    def flow(self, tree: Any) -> str:
        """On one line."""
        if isinstance(tree, Literal):
            return tree.text.replace("\n", " ").strip()
        if isinstance(tree, Pairs):
            return "{" + ", ".join(f"{self.quoted(key)}: {self.flow(value)}" for key, value in tree) + "}"
        if isinstance(tree, list):
            return "[" + ", ".join(self.flow(item) for item in tree) + "]"
        if isinstance(tree, str):
            return self.scalar(tree)
        if tree is None:
            return self.random.choice(("null", "~", "Null", "NULL"))
        if isinstance(tree, bool):
            return self.random.choice(
                ("true", "True", "yes", "on", "y") if tree else ("false", "FALSE", "no", "off", "N")
            )
        return self.number(tree)

    def number(self, value: float) -> str:
        if isinstance(value, float):
            return json.dumps(value)
        forms = [str(value), str(value), f"{value:_}", hex(value), f"+{value}" if value > 0 else str(value)]
        return self.random.choice([*forms, f"0{value:o}" if value > 0 else str(value)])

    def scalar(self, text: str, key: bool = False) -> str:
        if text.isprintable() and text.isascii() and text and self.random.random() < 0.5:
            if text[0].isalnum() and text == text.strip() and not any(mark in text for mark in ",[]{}#:&*!|>'\"%@`\\"):
                doubtful = not text[0].isalpha() or text.lower() in ("null", "true", "yes", "no", "on", "off", "y", "n")
                if not doubtful or self.random.random() < 0.01:
                    return text  # plain: what it means is the reader's to say
            if key or self.random.random() < 0.5:
                return "'" + text.replace("'", "''") + "'"
        return self.quoted(text)

    def quoted(self, text: str) -> str:
        """In double quotes, as JSON writes it or with the escapes that YAML has alone."""
        plain = json.dumps(text, ensure_ascii=False)
        if self.random.random() < 0.8:
            return plain
        return "".join(char if char.isascii() else self.escape(ord(char)) for char in plain)

    def escape(self, code: int) -> str:
        return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08x}"
