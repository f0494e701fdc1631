"""RawJSON: JSON that is kept as the bytes it came in (FieldsV1, RawExtension, the apiextensions JSON).

Written into a JSON document it is compacted and escaped, as Go's encoding/json does with what a MarshalJSON method
gives it (encoding/json indent.go, appendCompact)."""

from __future__ import annotations

from codec.types import Frozen, set_slot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_WHITESPACE = b" \t\n\r"

# Inside strings alone these occur in valid JSON, so that plain replacement is right.
_HTML = (
    (b"<", b"\\u003c"),
    (b">", b"\\u003e"),
    (b"&", b"\\u0026"),
    (b"\xe2\x80\xa8", b"\\u2028"),
    (b"\xe2\x80\xa9", b"\\u2029"),
)


class RawJSON(Frozen):
    """Bytes that should be one JSON value; bytes that are none are held, and written to the wire, all the same.

    Two are equal if their bytes are. raw: the exact bytes, or None for Go's nil, which is false, prints `null` and
    writes nothing."""

    __slots__ = ("raw",)
    __match_args__ = ("raw",)

    raw: bytes | None

    def __init__(self, raw: bytes | None = None) -> None:
        if raw is not None and not isinstance(raw, bytes):
            raise TypeError(f"expected bytes, got {type(raw).__name__}")
        set_slot(self, "raw", raw)

    def __bool__(self) -> bool:
        """False for Go's nil."""
        return self.raw is not None

    @classmethod
    def of(cls, value: Any) -> RawJSON:
        """The compact JSON of dicts with str keys, lists, str, int, float, bool and None.

        A str may hold bytes that are no UTF-8 by surrogateescape. Raises ValueError for NaN and infinities, for other
        lone surrogates and for circular values, TypeError for anything else."""
        import json

        try:
            text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        except RecursionError:
            raise ValueError("the value is nested too deeply") from None
        return cls(text.encode("utf-8", "surrogateescape"))

    def to_python(self) -> Any:
        """The value as dict, list, str, int, float, bool or None (also for nil); of a key that occurs twice the last.

        Bytes that are no UTF-8 are kept by surrogateescape. Raises ValueError where the bytes are no JSON, or hold
        an int of more digits than Python converts, or are nested deeper than Python's recursion goes."""
        if self.raw is None:
            return None
        import json

        from codec.types.jsonscan import check

        check(self.raw.decode("latin-1"))
        try:
            return json.loads(self.raw.decode("utf-8", "surrogateescape"))
        except RecursionError:
            raise ValueError("the JSON is nested too deeply for Python") from None

    def compact(self, escape_html: bool = True) -> bytes:
        """The bytes as they stand in a document that Go writes, `null` for nil; see compact()."""
        return b"null" if self.raw is None else compact(self.raw, escape_html)


def compact(raw: bytes, escape_html: bool = True) -> bytes:
    """raw without white space between its tokens; strings and numbers stay as they are written.

    escape_html: `<`, `>`, `&`, U+2028 and U+2029 become `\\u003c` and the like, as in everything that Kubernetes
    prints. Bytes that are no UTF-8 pass unchanged. Raises JSONSyntaxError, a ValueError whose pos is a byte offset."""
    from codec.types.jsonscan import check

    check(raw.decode("latin-1"))  # one character a byte: offsets stay
    if _has_whitespace(raw):
        raw = _without_whitespace(raw)
    if escape_html:
        for plain, escaped in _HTML:
            if plain in raw:
                raw = raw.replace(plain, escaped)
    return raw


def _has_whitespace(raw: bytes) -> bool:
    return b" " in raw or b"\n" in raw or b"\t" in raw or b"\r" in raw


def _without_whitespace(raw: bytes) -> bytes:
    """Valid JSON without the white space outside its strings."""
    # Control characters cannot occur in valid strings: they stand in for the escapes that hide a quote.
    escaped = b"\\" in raw
    if escaped:
        raw = raw.replace(b"\\\\", b"\x00").replace(b'\\"', b"\x01")
    parts = raw.split(b'"')
    parts[::2] = [part.translate(None, _WHITESPACE) for part in parts[::2]]
    raw = b'"'.join(parts)
    if escaped:
        raw = raw.replace(b"\x01", b'\\"').replace(b"\x00", b"\\\\")
    return raw


__all__ = ["RawJSON", "compact"]
