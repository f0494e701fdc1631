"""JSONPath as Kubernetes has it, for the printer columns of custom resources: what a path finds in a plain tree.

Source: client-go util/jsonpath. Templates around a path, `range` and `end` stand in no column, and are refused.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    # Values in, values out; LookupError where upstream's evaluation fails.
    Step = Callable[[list[Any]], list[Any]]

_ENDS = frozenset(" \t\r\n.,[]$@{}")  # what ends a field's name
_QUOTES = ("'", '"')
_DIGITS = frozenset("0123456789")
_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", "'": "'", '"': '"'}


class PathError(ValueError):
    """A path that Kubernetes does not take."""


def parse(path: str) -> Sequence[Step]:
    """`.status.conditions[?(@.type=="Ready")].status` → its steps, for `find`. PathError."""
    return _Parser(path).steps()


def find(steps: Sequence[Step], tree: Any) -> list[Any]:
    """All that the steps find in a tree, in order; nothing where they cannot be taken."""
    try:
        return _walk(steps, [tree])
    except LookupError:
        return []


def _walk(steps: Sequence[Step], values: list[Any]) -> list[Any]:
    for step in steps:
        values = step(values)
    return values


class _Parser:
    """One path. Brackets and filters hold no others, so that paths within paths do not go deep."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def steps(self) -> list[Step]:
        found: list[Step] = []
        was_descent = False
        while self.at < len(self.text):
            rest, char = self.text[self.at : self.at + 3], self.text[self.at]
            is_descent = rest.startswith("..")
            if is_descent:
                if was_descent:
                    raise PathError("two recursive descents, one behind the other")
                self.at += 2
                found.append(_descent)
                if self.at < len(self.text) and (self.text[self.at].isalnum() or self.text[self.at] == "_"):
                    found.append(self.field())
                    is_descent = False
            elif rest == "[?(":
                found.append(self.filter())
            elif char in " @$":
                self.at += 1
                is_descent = was_descent
            elif char == "[":
                found.append(self.brackets())
            elif char in _QUOTES:
                found.append(_constant(self.quoted(char), once=True))
            elif char == ".":
                self.at += 1
                found.append(self.field())
            elif char in "+-" or char.isdecimal():
                found.append(_constant(self.number()))
            else:
                found.append(self.word())
            was_descent = is_descent
        return found

    def field(self) -> Step:
        name = []
        while self.at < len(self.text) and self.text[self.at] not in _ENDS:
            self.at += self.text[self.at] == "\\"
            name.append(self.text[self.at : self.at + 1])
            self.at += 1
        text = "".join(name)
        return _wildcard if text == "*" else _field(text)

    def word(self) -> Step:
        start = self.at
        while self.at < len(self.text) and self.text[self.at] not in _ENDS:
            self.at += 1
        word = self.text[start : self.at]
        if word not in ("true", "false"):
            raise PathError(f"{word or self.text[start]!r} stands where a path goes on")
        return _constant(word == "true")

    def number(self) -> int | float:
        start = self.at
        self.at += self.text[self.at] in "+-"
        while self.at < len(self.text) and (self.text[self.at] == "." or self.text[self.at] in _DIGITS):
            self.at += 1
        text = self.text[start : self.at]
        try:
            return float(text) if "." in text else int(text)
        except ValueError:
            raise PathError(f"{text!r} is no number") from None

    def quoted(self, quote: str) -> str:
        start = self.at + 1
        end = self.text.find(quote, start)
        while end > 0 and self.text[end - 1] == "\\":
            end = self.text.find(quote, end + 1)
        if end < 0:
            raise PathError("a quoted text does not end")
        self.at = end + 1
        return _unquoted(self.text[start:end])

    def brackets(self) -> Step:
        end = self.text.find("]", self.at)
        if end < 0:
            raise PathError("`[` without `]`")
        inside = self.text[self.at + 1 : end]
        self.at = end + 1
        parts = inside.split(",")
        if len(parts) > 1:
            return _union([_Parser(f"[{part.strip(' ')}]").steps() for part in parts])
        if len(inside) > 1 and inside[0] == inside[-1] == "'" and "'" not in inside[1:-1]:
            return _union([_Parser(f".{inside[1:-1]}").steps()])
        return _slice(inside)

    def filter(self) -> Step:
        """`[?(LEFT OPERATOR RIGHT)]`, or `[?(PATH)]`: that there is such a thing."""
        start = self.at = self.at + 3
        quote = ""
        has_quoted = False
        while True:
            if self.at >= len(self.text):
                raise PathError("`[?(` without `)]`")
            char = self.text[self.at]
            if char in _QUOTES and not has_quoted:
                if not quote:
                    quote = char
                elif char == quote and self.text[self.at - 1] != "\\":
                    has_quoted = True
            elif char == ")" and bool(quote) == has_quoted:
                break
            self.at += 1
        inside = self.text[start : self.at]
        if self.text[self.at + 1 : self.at + 2] != "]":
            raise PathError("`)` of a filter without `]`")
        self.at += 2
        begin = next((place for place, char in enumerate(inside) if char in "!<>="), -1)
        end = begin
        while 0 <= end < len(inside) and inside[end] in "!<>=":
            end += 1
        if end == len(inside):  # upstream's pattern leaves at least one character to the right side
            end -= 1
        if begin <= 0 or end <= begin:
            return _exists(_Parser(inside).steps())
        left = _Parser(inside[:begin]).steps()
        right = _Parser(inside[end:]).steps()
        return _compare(left, inside[begin:end], right)


def _unquoted(text: str) -> str:
    """Go's strconv.UnquoteChar for the escapes that have one letter."""
    parts = text.split("\\")
    out = [parts[0]]
    pending = iter(parts[1:])
    for part in pending:
        if not part:  # two backslashes
            out += ["\\", next(pending, "")]
        elif part[0] in _ESCAPES:
            out += [_ESCAPES[part[0]], part[1:]]
        else:
            raise PathError(f"\\{part[0]} is no escape in a quoted text")
    return "".join(out)


def _constant(value: Any, once: bool = False) -> Step:
    return lambda values: [value] if once else [value for _ in values]


def _field(name: str) -> Step:
    return lambda values: [value[name] for value in values if isinstance(value, dict) and name in value]


def _union(branches: list[list[Step]]) -> Step:
    return lambda values: [found for steps in branches for found in _walk(steps, values)]


def _parts(value: Any) -> Iterator[Any]:
    """Of a map its values, in the order of the text, where upstream takes any; of a text its bytes, as numbers."""
    if isinstance(value, dict):
        return iter(value.values())
    if isinstance(value, str):
        return iter(value.encode("utf-8", "surrogateescape"))
    return iter(value if isinstance(value, list) else ())


def _wildcard(values: list[Any]) -> list[Any]:
    return [part for value in values for part in _parts(value)]


def _descent(values: list[Any]) -> list[Any]:
    """Each value that has parts, before them."""
    found: list[Any] = []
    pending = list(reversed(values))
    while pending:
        value = pending.pop()
        if not isinstance(value, (dict, list, str)) or not value:
            continue
        found.append(value)
        if not isinstance(value, str):
            pending += reversed(list(_parts(value)))
    return found


def _slice(text: str) -> Step:
    """`3`, `-1`, `1:3`, `::2`, `*`."""
    words = [":"] if text == "*" else [text]
    words = words[0].split(":")
    if len(words) > 3 or not all(word == "" or word.removeprefix("-").isdecimal() for word in words):
        raise PathError(f"[{text}] is no index")
    numbers = [int(word) if word else None for word in words]
    first = numbers[0]
    is_index = len(numbers) == 1
    step = numbers[2] if len(numbers) == 3 else None

    def take(values: list[Any]) -> list[Any]:
        found: list[Any] = []
        for value in values:
            if value is None:
                continue
            if not isinstance(value, list):
                raise LookupError("not a list")
            length = len(value)
            start = first or 0
            end = start + 1 if is_index else length if numbers[1] is None else numbers[1]
            if start < 0:
                start += length
            if end < 0 or (end == 0 and is_index):
                end += length
            if start == end:
                return found
            if not (0 <= start < length and start < end <= length):
                raise LookupError("out of bounds")
            if step is not None and step <= 0:
                raise LookupError("a step that is not positive")
            found += value[start : end : step or 1]
        return found

    return take


def _items(values: list[Any]) -> Iterator[Any]:
    for value in values:
        if not isinstance(value, list):
            raise LookupError("not a list")
        yield from value


def _exists(steps: list[Step]) -> Step:
    def take(values: list[Any]) -> list[Any]:
        return [item for item in _items(values) if find(steps, item)]

    return take


def _compare(left: list[Step], operator: str, right: list[Step]) -> Step:
    def take(values: list[Any]) -> list[Any]:
        found = []
        for item in _items(values):
            sides = [_walk(side, [item]) for side in (left, right)]
            if not (sides[0] and sides[1]):
                continue
            if len(sides[0]) > 1 or len(sides[1]) > 1:
                raise LookupError("more than one value to compare")
            if _holds(sides[0][0], operator, sides[1][0]):
                found.append(item)
        return found

    return take


def _holds(left: Any, operator: str, right: Any) -> bool:
    """Upstream compares values of one basic type alone; text/template has none for null, lists and objects."""
    if type(left) is not type(right) or not isinstance(left, (bool, int, float, str)):
        raise LookupError("values of different types")
    if operator == "==":
        return bool(left == right)
    if operator == "!=":
        return bool(left != right)
    if isinstance(left, bool) or operator not in ("<", "<=", ">", ">="):
        raise LookupError("no such comparison")
    assert not isinstance(right, bool)
    if operator[0] == ">":
        left, right = right, left
    return bool(left < right or (operator.endswith("=") and left == right))
