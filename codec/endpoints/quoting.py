"""Text as Go quotes it: strconv.Quote, which prints every string value in an API server's error."""

from __future__ import annotations

_LETTERS = {7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\"}


def quote(text: str) -> str:
    """The text in double quotes with Go's escapes.

    A lone surrogate stands for a byte that is no UTF-8 and prints as that byte, `\\xff`. Whether a character prints
    as itself follows this Python's Unicode tables, which may be older or newer than Go's.
    """
    if text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return '"' + "".join(map(_escape, text)) + '"'


def _escape(char: str) -> str:
    code = ord(char)
    letter = _LETTERS.get(code)
    if letter is not None:
        return letter
    if char.isprintable():
        return char
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if code < 0x20 or code == 0x7F:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def byte_length(text: str) -> int:
    """How many bytes Go counts in the text."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogateescape"))
