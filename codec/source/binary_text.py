"""Binary written as text: hex digits, `etcdctl --hex`, hex dumps of xxd and hexdump -C, base64.

Text counts as one of them only if it holds, decoded, the first bytes of something that can be stored.
"""

from __future__ import annotations

from codec.source.plain import STARTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

HEX_DIGITS = frozenset(b"0123456789abcdefABCDEF")
BASE64_DIGITS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_")
HEX_PREFIXES = (b"\\x", b"0x", b"0X")  # before a byte, or before all of them
DUMP_OFFSET_LENGTHS = range(6, 17)  # digits: od prints 6 or 7, xxd and hexdump 8


def read(data: bytes) -> bytes | None:
    """The bytes that a text stands for; None for what is no such text."""
    if data[:64].translate(None, _TEXT_BYTES):
        return None
    for reader in (_hex, _dump, _base64):
        found = reader(data)
        if found is not None and found.startswith(STARTS):
            return found
    return None


_TEXT_BYTES = bytes((*range(0x20, 0x7F), *b"\t\r\n"))


def _hex(data: bytes) -> bytes | None:
    """Pairs of digits, with or without `\\x`, `0x`, commas, white space; `--hex`: a line for each key and value."""
    for prefix in HEX_PREFIXES:
        data = data.replace(prefix, b"")
    lines = [_digits(line) for line in data.replace(b",", b" ").splitlines()]
    if not lines or any(line is None for line in lines):
        return None
    parts = [line for line in lines if line]
    if len(parts) > 1 and all(part.startswith(STARTS) for part in parts):
        return b"".join(part + b"\n" for part in parts)
    return b"".join(parts)


def _digits(line: bytes) -> bytes | None:
    text = line.translate(None, b" \t")
    if len(text) % 2 or not HEX_DIGITS.issuperset(text):
        return None
    return bytes.fromhex(text.decode("ascii"))


def _dump(data: bytes) -> bytes | None:
    """Lines of an offset, the bytes in groups, and the bytes as text: xxd, hexdump -C, od -A x -t x1z.

    A `*` stands for lines equal to the one before, up to the next offset.
    """
    out = bytearray()
    last = b""
    starred = False
    for line in data.splitlines():
        text = line.strip()
        if not text:
            continue
        if text == b"*":
            starred = True
            continue
        head, _, rest = text.partition(b" ")
        head = head.removesuffix(b":")
        if len(head) not in DUMP_OFFSET_LENGTHS or not HEX_DIGITS.issuperset(head):
            return None
        offset = int(head, 16)
        if starred:
            missing = offset - len(out)
            if not last or missing <= 0 or missing % len(last) or missing > _MAX_REPEATED:
                return None
            out += last * (missing // len(last))
            starred = False
        if offset != len(out):
            return None
        last = _groups(rest.split(b" "))
        out += last
    return bytes(out)


_MAX_REPEATED = 1 << 21  # bytes; etcd takes no value above 1.5 MiB by default


def _groups(words: Iterable[bytes]) -> bytes:
    """The bytes of a line: its groups of digits, up to the two spaces, or the mark, before the text."""
    digits: list[bytes] = []
    gap = False
    for word in words:
        if not word:
            # hexdump -C has one wider gap in the middle, and before the text a `|`.
            gap = True
            continue
        if len(word) % 2 or len(word) > 8 or not HEX_DIGITS.issuperset(word):
            break
        if gap and digits and len(digits[0]) > 2:
            break  # xxd's text begins after two spaces
        gap = False
        digits.append(word)
    return bytes.fromhex(b"".join(digits).decode("ascii"))


def _base64(data: bytes) -> bytes | None:
    from binascii import Error, a2b_base64

    text = b"".join(data.split())
    if not BASE64_DIGITS.issuperset(text):
        return None
    text = text.replace(b"-", b"+").replace(b"_", b"/")
    try:
        return a2b_base64(text + b"=" * (-len(text) % 4), strict_mode=True)
    except Error:
        return None
