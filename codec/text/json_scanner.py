"""JSON text → plain tree, for raw JSON that is printed as YAML.

Of a key that occurs twice the last value stands, as in Go. What a number becomes is the caller's choice, as it is
the text of the number that counts."""

from __future__ import annotations

import sys

from codec.types.jsonscan import check

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

_WHITESPACE = " \t\n\r"
_NUMBER = frozenset("+-.0123456789eE")
_WORDS = {"t": ("true", True), "f": ("false", False), "n": ("null", None)}
_ESCAPES = {
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    '"': '"',
    "\\": "\\",
    "/": "/",
}


def parse(text: str, number: Callable[[str], Any]) -> Any:
    """The plain tree of one JSON value; number makes a leaf of a number's text.

    Escapes of lone surrogates stay lone surrogates. Raises JSONSyntaxError, a ValueError, for what Go's JSON scanner
    refuses, more than 10,000 levels of nesting included."""
    scan = _c_scanner(number)
    if scan is not None:
        start = 0
        while text[start : start + 1] and text[start] in _WHITESPACE:
            start += 1
        try:
            tree, end = scan(text, start)
        except (StopIteration, ValueError, RecursionError, SystemError):
            pass  # either bad, which check says better, or only deep
        else:
            if end == len(text) or not text[end:].strip(_WHITESPACE):
                return tree
    check(text)
    return _build(text, number)


class _Context:
    """What _json.make_scanner wants to know."""

    strict = True  # a control character inside a string is an error
    object_hook = None
    object_pairs_hook = None

    def __init__(self, number: Callable[[str], Any]) -> None:
        self.parse_float = self.parse_int = number

    @staticmethod
    def parse_constant(name: str) -> NoReturn:
        raise ValueError(f"{name} is not JSON")  # NaN, Infinity and -Infinity are Python's own


def _c_scanner(
    number: Callable[[str], Any],
) -> Callable[[str, int], tuple[Any, int]] | None:
    """The C scanner under the json module, without json itself, whose import is slow; types.jsonscan says when not."""
    if hasattr(sys, "gettotalrefcount"):
        return None
    try:
        from _json import make_scanner
    except ImportError:
        return None
    context: Any = _Context(number)
    scanner: Callable[[str, int], tuple[Any, int]] = make_scanner(context)
    return scanner


def _build(text: str, number: Callable[[str], Any]) -> Any:
    """The tree of text that is known to be good JSON, without recursion."""
    root: list[Any] = []
    container: Any = root
    stack: list[tuple[Any, str]] = []  # the containers around, and the key under which the inner one belongs
    key = ""
    has_key = False  # whether key waits for its value
    place = 0
    length = len(text)
    while place < length:
        char = text[place]
        if char in " \t\n\r,:":
            place += 1
            continue
        if char in "}]":
            place += 1
            value = container
            container, key = stack.pop()
        elif char in "{[":
            place += 1
            stack.append((container, key))
            container = {} if char == "{" else []
            has_key = False
            continue
        elif char == '"':
            end = place + 1
            while True:
                end = text.index('"', end)
                before = end - 1
                while text[before] == "\\":
                    before -= 1
                end += 1
                if (end - before) % 2 == 0:
                    break
            value = _unescape(text[place + 1 : end - 1])
            place = end
            if type(container) is dict and not has_key:
                key = value
                has_key = True
                continue
        elif char in _WORDS:
            word, value = _WORDS[char]
            place += len(word)
        else:
            end = place + 1
            while end < length and text[end] in _NUMBER:
                end += 1
            value = number(text[place:end])
            place = end
        if isinstance(container, list):
            container.append(value)
        else:
            container[key] = value
            has_key = False
    return root[0]


def _unescape(text: str) -> str:
    if "\\" not in text:
        return text
    parts: list[str] = []
    start = 0
    while True:
        place = text.find("\\", start)
        if place < 0:
            parts.append(text[start:])
            return "".join(parts)
        parts.append(text[start:place])
        letter = text[place + 1]
        if letter != "u":
            parts.append(_ESCAPES[letter])
            start = place + 2
            continue
        code = int(text[place + 2 : place + 6], 16)
        start = place + 6
        if 0xD800 <= code < 0xDC00 and text.startswith("\\u", start):
            low = int(text[start + 2 : start + 6], 16)
            if 0xDC00 <= low < 0xE000:
                code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)
                start += 6
        parts.append(chr(code))
