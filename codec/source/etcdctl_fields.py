"""What `etcdctl -w fields` prints: lines of `"Name" : value`, strings quoted as Go's %q quotes them."""

from __future__ import annotations

from codec.errors import DecodeError
from codec.source.key_value import KeyValue

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# name in the listing → attribute of KeyValue; etcdctl ctlv3/command/printer_fields.go
NUMBERS = {
    "CreateRevision": "create_revision",
    "ModRevision": "mod_revision",
    "Version": "version",
    "Lease": "lease",
}
# strconv.Quote's letters after a backslash
LETTERS = {"a": 7, "b": 8, "t": 9, "n": 10, "v": 11, "f": 12, "r": 13, '"': 34, "'": 39, "\\": 92}
WIDTHS = {"x": 2, "u": 4, "U": 8}  # hexadecimal digits


def values(data: bytes) -> Iterator[KeyValue]:
    """The keys of a listing. DecodeError names the line that is none of it."""
    # latin-1 keeps a character for each byte, and a string of the listing never holds a raw newline.
    found: KeyValue | None = None
    number = 0
    for line_number, line in enumerate(_lines(data), 1):
        name, separator, text = line.partition(" : ")
        if not line:
            continue
        if not separator or name[:1] != '"' or name[-1:] != '"':
            raise _at_line('expected `"Name" : value`', line_number)
        name = name[1:-1]
        try:
            if name == "Key":
                if found is not None:
                    yield found
                found = KeyValue(b"", unquote(text), origin=str(number))
                number += 1
            elif name == "Value" and found is not None:
                found.value = unquote(text)
            elif name in NUMBERS and found is not None:
                setattr(found, NUMBERS[name], int(text))
        except ValueError as error:
            raise _at_line(str(error), line_number) from None
    if found is None:
        raise DecodeError("the listing holds no key: nothing is stored under the one that was asked for")
    if number == 1:
        found.origin = ""
    yield found


def _lines(data: bytes) -> list[str]:
    return [line.removesuffix("\r") for line in data.decode("latin-1").split("\n")]


def _at_line(problem: str, line_number: int) -> DecodeError:
    return DecodeError(problem, place=f"line {line_number}")


def unquote(text: str) -> bytes:
    """A Go string literal → its bytes. `text` holds a character for each byte; ValueError if it is no literal.

    Source: strconv.Unquote, for what strconv.Quote writes.
    """
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        raise ValueError("expected a quoted string")
    end = len(text) - 1
    out = bytearray()
    pos = 1
    while pos < end:
        escape = text.find("\\", pos, end)
        if escape < 0:
            escape = end
        if '"' in text[pos:escape]:
            raise ValueError("a quote within a quoted string")
        out += text[pos:escape].encode("latin-1")
        if escape == end:
            break
        letter = text[escape + 1 : escape + 2] if escape + 1 < end else ""
        pos = escape + 2
        if letter in WIDTHS:
            digits = text[pos : pos + WIDTHS[letter]]
            pos += WIDTHS[letter]
            code = _hexadecimal(digits, WIDTHS[letter])
            out += bytes((code,)) if letter == "x" else _rune(code)
        elif letter in LETTERS:
            out.append(LETTERS[letter])
        else:
            raise ValueError("an unknown escape in a quoted string")
    return bytes(out)


def _hexadecimal(digits: str, width: int) -> int:
    if len(digits) != width or not all(digit in "0123456789abcdefABCDEF" for digit in digits):
        raise ValueError("an escape without its hexadecimal digits")
    return int(digits, 16)


def _rune(code: int) -> bytes:
    if code > 0x10FFFF or 0xD800 <= code < 0xE000:
        raise ValueError("an escape that is no Unicode character")
    return chr(code).encode()
