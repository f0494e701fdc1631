"""Plain tree → JSON, byte for byte as Go's encoding/json prints it.

A plain tree holds None, bool, int, float, str, list, dict (printed in its own order) and types.RawJSON."""

from __future__ import annotations

from codec.text.number import format_float

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

MAX_DEPTH = 10_000  # open arrays and objects at once; encoding/json scanner.go, maxNestingDepth
# Spaces and line breaks of an indented text. Deep nesting would make them the square of the input; ours.
MAX_PADDING = 64 << 20
REPLACEMENT = "\\ufffd"  # how Go prints a byte that is no UTF-8; a real U+FFFD prints as itself


def dump(tree: Any, indent: int = 0) -> bytes:
    """The JSON of a plain tree, without a newline at the end.

    indent: spaces a level, as json.MarshalIndent; 0 prints one line. RawJSON is compacted and escaped first.
    Raises ValueError for NaN and infinities, for RawJSON that is no JSON and for more than 10,000 levels (or where
    indentation would be more than MAX_PADDING characters), TypeError for a value that has no place in a plain tree."""
    return _text(tree, " " * indent).encode("utf-8", "surrogateescape")  # raw JSON passes bytes that are no UTF-8


def quote(text: str) -> str:
    """A string as a JSON string (encoding/json encode.go appendString, with escapeHTML).

    Lone surrogates, which stand for bytes that are no UTF-8, become the six characters \\ufffd each."""
    if (
        not text.isprintable()  # also false for some characters that need no escape
        or '"' in text
        or "\\" in text
        or "<" in text
        or ">" in text
        or "&" in text
    ):
        text = text.translate(_ESCAPES)
        if not text.isascii():
            try:
                text.encode()
            except UnicodeEncodeError:
                text = "".join(REPLACEMENT if "\ud800" <= char <= "\udfff" else char for char in text)
    return f'"{text}"'


_ESCAPES: dict[int, str] = {code: f"\\u{code:04x}" for code in (*range(0x20), *b"<>&", 0x2028, 0x2029)}
_ESCAPES.update({ord(char): "\\" + name for char, name in zip('\b\f\n\r\t"\\', 'bfnrt"\\', strict=True)})


def _text(tree: Any, unit: str) -> str:
    parts: list[str] = []
    put = parts.append
    comma, colon = (",\n", ": ") if unit else (",", ":")
    newline = "\n" if unit else ""
    pad = ""
    # The containers around the current one, each as its iterator, whether it is a dict, and its padding.
    stack: list[tuple[Iterator[Any], bool, str]] = []
    items: Iterator[Any] = iter((tree,))
    is_object = False
    separator = ""  # what stands before the next item
    padding = 0
    while True:
        for item in items:
            if is_object:
                key, value = item
                if not isinstance(key, str):
                    raise TypeError(f"expected a key that is a string, got {type(key).__name__}")
                put(f"{separator}{quote(key)}{colon}")
            else:
                value = item
                if separator:
                    put(separator)
            separator = comma + pad
            kind = type(value)
            if kind is str:
                put(quote(value))
            elif value is None:
                put("null")
            elif kind is bool:
                put("true" if value else "false")
            elif kind is int:
                put(str(value))
            elif kind is dict or isinstance(value, dict):
                if not value:
                    put("{}")
                    continue
                stack.append((items, is_object, pad))
                pad += unit
                items, is_object, separator = (
                    iter(value.items()),
                    True,
                    "{" + newline + pad,
                )
                break
            elif kind is list or isinstance(value, list):
                if not value:
                    put("[]")
                    continue
                stack.append((items, is_object, pad))
                pad += unit
                items, is_object, separator = iter(value), False, "[" + newline + pad
                break
            else:
                put(_other(value, unit, pad))
        else:
            if not stack:
                return "".join(parts)
            closer = "}" if is_object else "]"
            items, is_object, pad = stack.pop()
            put(f"{newline}{pad}{closer}")
            separator = comma + pad
            continue
        padding += (len(value) + 1) * len(pad)
        if len(stack) > MAX_DEPTH or padding > MAX_PADDING:
            raise ValueError("nested too deeply")


def _other(value: Any, unit: str, pad: str) -> str:
    if isinstance(value, float):
        return format_float(value)
    if isinstance(value, str):  # a StrEnum's member
        return quote(str.__str__(value))
    if isinstance(value, int):
        return int.__repr__(value)
    if hasattr(type(value), "compact"):  # types.RawJSON, which is not imported for this
        text: str = value.compact().decode("utf-8", "surrogateescape")
        return _indent(text, unit, pad) if unit else text
    raise TypeError(f"a {type(value).__name__} has no place in a plain tree")


def _indent(text: str, unit: str, pad: str) -> str:
    """Compact JSON with line breaks (encoding/json indent.go); its own text of numbers and strings stays."""
    parts: list[str] = []
    put = parts.append
    start = 0  # of what has not been put yet
    place = 0
    padding = 0
    length = len(text)
    while place < length:
        char = text[place]
        if char == '"':
            place = _after_string(text, place)
            continue
        place += 1
        if char in "{[":
            if text[place] in "}]":
                place += 1
                continue
            pad += unit
            put(f"{text[start:place]}\n{pad}")
        elif char == ",":
            put(f"{text[start:place]}\n{pad}")
        elif char == ":":
            put(f"{text[start:place]} ")
        elif char in "}]":
            pad = pad[: len(pad) - len(unit)]
            put(f"{text[start : place - 1]}\n{pad}{char}")
        else:
            continue
        start = place
        padding += len(pad)
        if padding > MAX_PADDING:
            raise ValueError("nested too deeply")
    put(text[start:])
    return "".join(parts)


def _after_string(text: str, place: int) -> int:
    """Past the string that starts at place."""
    while True:
        place = text.index('"', place + 1)
        before = place - 1
        while text[before] == "\\":
            before -= 1
        if (place - before) % 2:  # an even number of backslashes
            return place + 1
