"""What `etcdctl get` prints as it is: [key, newline,] value, newline, as often as there are keys.

A protobuf value may hold newlines itself. It ends where its envelope is complete and a newline, then a new part or
nothing follows. Values that do not show where they end are not guessed at.
"""

from __future__ import annotations

from codec.errors import DecodeError
from codec.source.key_value import KeyValue
from codec.storage import CBOR, ENCRYPTED, MAGIC, RAW, is_yaml, read_envelope
from codec.wire import LENGTH_DELIMITED, Reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

ADVICE = "use `etcdctl get -w json`, which keeps values apart"
STARTS = (b"/", MAGIC, b"{", ENCRYPTED, CBOR)  # of a part: a key, or a value without its key


def values(data: bytes) -> Iterator[KeyValue]:
    """The values of bytes that begin with a key or with a value of a form that shows its end."""
    if data.startswith(MAGIC):
        whole = _without_newline(data)
        if whole is not None:
            return iter((KeyValue(whole),))
    parts: list[tuple[bytes | None, int, int]] = []
    try:
        for part in _split(data):
            parts.append(part)
    except DecodeError as error:
        from codec.source.mangled import check

        check(data, error)
        single = None if parts else _single(data)
        if single is None:
            raise DecodeError(f"cannot tell where the values end ({error}): {ADVICE}") from None
        return iter((single,))
    places = [str(number) if len(parts) > 1 else "" for number in range(len(parts))]
    return iter(
        [KeyValue(data[start:end], key, origin=place) for (key, start, end), place in zip(parts, places, strict=True)]
    )


def _single(data: bytes) -> KeyValue | None:
    """One value that is not whole, so that decoding it tells path and place; None if there may be more."""
    if not data.startswith(b"/"):
        return KeyValue(data)
    key, newline, value = data.partition(b"\n")
    if not newline or b"\n/" in value or value.startswith(b"\n"):
        return None
    return KeyValue(value.removesuffix(b"\n"), key)


def _without_newline(data: bytes) -> bytes | None:
    """One bare protobuf value, without the newline that etcdctl adds; None if it is no whole value."""
    for end in (len(data), len(data) - 1):
        if end == len(data) or data.endswith(b"\n"):
            try:
                read_envelope(data[:end])
            except DecodeError:
                continue
            return data[:end]
    return None


def _split(data: bytes) -> Iterator[tuple[bytes | None, int, int]]:
    """Key, start and end of each value. DecodeError for a part that is not whole."""
    text: list[str] = []  # the same bytes as latin-1 text, made once, where JSON is among them
    pos = 0
    while pos < len(data):
        key = None
        if data.startswith(b"/", pos):
            newline = data.find(b"\n", pos)
            if newline < 0:
                raise DecodeError("a key without a value", offset=pos)
            key = data[pos:newline]
            pos = newline + 1
        end = _end_of_value(data, pos, key, text)
        yield key, pos, end
        pos = end + 1


def _end_of_value(data: bytes, start: int, key: bytes | None, text: list[str]) -> int:
    if data.startswith(MAGIC, start):
        return _end_of_envelope(data, start)
    if data.startswith(b"{", start):
        if not text:
            text.append(data.decode("latin-1"))
        return _end_of_json(data, start, text[0])
    if data.startswith((ENCRYPTED, CBOR), start) and key is not None:
        return _end_of_last(data, start)
    if key is not None and is_yaml(data, start):
        return _end_of_yaml(data, start)
    if key is not None and data.startswith(b"\n", start):
        raise DecodeError("a key without a value, as --keys-only prints it", offset=start)
    raise DecodeError("no stored value begins here", offset=start)


def _is_boundary(data: bytes, pos: int) -> bool:
    """Whether a value can end here: a newline follows, and after it nothing, or the next part."""
    return pos == len(data) or (
        data.startswith(b"\n", pos) and (pos + 1 == len(data) or data.startswith(STARTS, pos + 1))
    )


def _end_of_envelope(data: bytes, start: int) -> int:
    """Past the message, or what follows it of the envelope, where a newline and a new part come next.

    The API server writes the fields in order, so that a newline after the message, the tag of field 1, is none.
    """
    reader = Reader(data, start + len(MAGIC))
    last = 0
    while reader.pos < len(data):
        tag = reader.tag()
        if tag & 7 != LENGTH_DELIMITED or tag >> 3 < last:
            break
        reader.skip(tag)
        last = tag >> 3
        if last >= RAW and _is_boundary(data, reader.pos):
            return reader.pos
    raise DecodeError("the value is not whole", offset=start)


def _end_of_json(data: bytes, start: int, text: str) -> int:
    """A JSON value holds a newline of its own at its end, as the API server writes it."""
    from codec.types.jsonscan import JSONSyntaxError, skip_value

    try:
        end = skip_value(text, start, 0)
    except JSONSyntaxError as error:
        raise DecodeError(error.reason, offset=error.pos) from None
    if data.startswith(b"\n", end) and _is_boundary(data, end + 1):
        end += end + 1 < len(data)
    if not _is_boundary(data, end):
        raise DecodeError("text after the JSON value", offset=end)
    return end


def _end_of_yaml(data: bytes, start: int) -> int:
    """At the newline of etcdctl, after the value's own. No line inside of a mapping can begin with `/`."""
    end = data.find(b"\n\n/", start)
    if end >= 0:
        return end + 1
    return len(data) - data.endswith(b"\n\n")


def _end_of_last(data: bytes, start: int) -> int:
    """A value that has no end of its own to be seen, encrypted or CBOR: only the last part can be one."""
    end = len(data) - data.endswith(b"\n")
    place = data.find(b"\n/", start)
    if place >= 0:
        raise DecodeError("an encrypted or CBOR value shows no end of its own", offset=start)
    return end
