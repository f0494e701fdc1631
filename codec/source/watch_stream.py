"""Protobuf bodies of HTTP that are no bare envelope: watch streams, and what `etcdctl -w protobuf` prints.

A watch stream is frames: a length of 4 bytes, big-endian, then a WatchEvent without magic, whose object is an
envelope with magic. Source: apimachinery pkg/util/framer, meta/v1/watch.go; etcd api/etcdserverpb/rpc.proto.
"""

from __future__ import annotations

from codec.errors import DecodeError
from codec.source.key_value import KeyValue
from codec.wire import LENGTH_DELIMITED, VARINT, Reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

LENGTH = 4  # bytes, big-endian, before each frame
EVENT_TYPE, EVENT_OBJECT = 1, 2  # fields of meta/v1 WatchEvent
EXTENSION_RAW = 1  # field of runtime.RawExtension
MAX_EVENT_TYPE = 16  # bytes; the longest is BOOKMARK


def begins(data: bytes) -> bool:
    """Whether the bytes begin with a frame that holds a WatchEvent: its type, a short word, comes first."""
    event = data[LENGTH : LENGTH + 2]
    return (
        len(event) == 2
        and event[0] == EVENT_TYPE << 3 | LENGTH_DELIMITED
        and 0 < event[1] <= MAX_EVENT_TYPE
        and data[LENGTH + 2 : LENGTH + 2 + event[1]].isupper()
    )


def values(data: bytes) -> Iterator[KeyValue]:
    """The object of each event; its origin tells the frame and the type. DecodeError for a frame that is cut off."""
    pos = number = 0
    while pos < len(data):
        start = pos + LENGTH
        end = start + int.from_bytes(data[pos:start], "big")
        if end > len(data) or start > len(data):
            raise DecodeError(f"frame {number} of the watch stream is cut off", offset=pos)
        try:
            word, value = _event(data, start, end)
        except DecodeError as error:
            error.inside(f"frame {number}")
            raise
        yield KeyValue(value, origin=f"frame {number} {word}")
        pos = end
        number += 1


def _event(data: bytes, start: int, end: int) -> tuple[str, bytes]:
    word, value = "", b""
    fields = _fields(data, start, end)
    for number, inner, inner_end in fields:
        if number == EVENT_TYPE:
            word = data[inner:inner_end].decode("ascii", "backslashreplace")
        elif number == EVENT_OBJECT:
            for part, raw, raw_end in _fields(data, inner, inner_end):
                if part == EXTENSION_RAW:
                    value = data[raw:raw_end]
    return word, value


def _fields(data: bytes, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Number, start and end of each length-delimited field."""
    reader = Reader(data, start, end)
    while reader.pos < end:
        tag = reader.tag()
        if tag & 7 != LENGTH_DELIMITED:
            reader.skip(tag)
            continue
        inner_end = reader.length_delimited()
        yield tag >> 3, reader.pos, inner_end
        reader.pos = inner_end


# fields of etcd's RangeResponse and of its mvccpb.KeyValue
HEADER, KVS = 1, 2
NUMBERS = {2: "create_revision", 3: "mod_revision", 4: "version", 6: "lease"}
KEY, VALUE = 1, 5


def range_response(data: bytes) -> list[KeyValue] | None:
    """The keys of an etcd RangeResponse; None for bytes that are none."""
    if not data.startswith(b"\x0a"):
        return None
    try:
        rows = [_key_value(data, start, end) for number, start, end in _fields(data, 0, len(data)) if number == KVS]
    except DecodeError:
        return None
    if not rows or not all(row.key and row.key.startswith(b"/") for row in rows):
        return None
    for place, row in enumerate(rows):
        row.origin = str(place) if len(rows) > 1 else ""
    return rows


def _key_value(data: bytes, start: int, end: int) -> KeyValue:
    row = KeyValue(b"", create_revision=0, mod_revision=0, version=0, lease=0)
    reader = Reader(data, start, end)
    while reader.pos < end:
        tag = reader.tag()
        number = tag >> 3
        if number in NUMBERS and tag & 7 == VARINT:
            setattr(row, NUMBERS[number], reader.varint())
        elif number in (KEY, VALUE) and tag & 7 == LENGTH_DELIMITED:
            setattr(row, "key" if number == KEY else "value", reader.read_bytes())
        else:
            reader.skip(tag)
    return row
