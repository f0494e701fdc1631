"""The envelope of a protobuf value: `k8s\\0`, then runtime.Unknown with apiVersion, kind and the message.

Source: apimachinery pkg/runtime/serializer/protobuf/protobuf.go, pkg/runtime/generated.proto.
"""

from __future__ import annotations

from codec.errors import DecodeError
from codec.message import decode
from codec.schema import builtin
from codec.storage import MAGIC
from codec.wire import LENGTH_DELIMITED, Reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from codec.schema import MessageSchema

# fields of runtime.Unknown
TYPE_META, RAW, CONTENT_ENCODING, CONTENT_TYPE = 1, 2, 3, 4
# fields of runtime.TypeMeta
API_VERSION, KIND = 1, 2

TAIL = b"\x1a\x00\x22\x00"  # empty contentEncoding and contentType, which every stored value ends with


class Envelope:
    """What stands around a message. `start` and `end` span the message in the value."""

    __slots__ = ("api_version", "content_encoding", "content_type", "end", "kind", "start")

    def __init__(self) -> None:
        self.api_version = self.kind = self.content_encoding = self.content_type = ""
        self.start = self.end = 0


def read(raw: bytes) -> Envelope:
    """Reads the envelope of a value that begins with the magic. Unknown fields of the envelope are passed over."""
    envelope = Envelope()
    reader = Reader(raw, len(MAGIC))
    try:
        while reader.pos < reader.end:
            start = reader.pos
            tag = reader.tag()
            number = tag >> 3
            if number > CONTENT_TYPE:
                reader.skip(tag)
                continue
            if tag & 7 != LENGTH_DELIMITED:
                raise DecodeError(f"wire type {tag & 7} in field {number} of the envelope", offset=start)
            end = reader.length_delimited()
            if number == TYPE_META:
                _read_type_meta(Reader(raw, reader.pos, end), envelope)
            elif number == RAW:
                envelope.start, envelope.end = reader.pos, end
            else:
                text = raw[reader.pos : end].decode("utf-8", "surrogateescape")
                if number == CONTENT_ENCODING:
                    envelope.content_encoding = text
                else:
                    envelope.content_type = text
            reader.pos = end
    except DecodeError as error:
        error.inside("envelope")
        raise
    return envelope


def _read_type_meta(reader: Reader, envelope: Envelope) -> None:
    while reader.pos < reader.end:
        start = reader.pos
        tag = reader.tag()
        number = tag >> 3
        if number > KIND:
            reader.skip(tag)
            continue
        if tag & 7 != LENGTH_DELIMITED:
            raise DecodeError(f"wire type {tag & 7} in field {number} of typeMeta", offset=start)
        text = reader.read_bytes().decode("utf-8", "surrogateescape")
        if number == API_VERSION:
            envelope.api_version = text
        else:
            envelope.kind = text


def unwrap(raw: bytes) -> tuple[str, str, MessageSchema | None, Any]:
    """apiVersion, kind, schema and record of a protobuf value; for an unregistered kind None and the inner bytes."""
    envelope = read(raw)
    schema = builtin().find(envelope.api_version, envelope.kind)
    if schema is None:
        if not envelope.kind:
            raise DecodeError("the envelope names no kind", offset=len(MAGIC))
        return envelope.api_version, envelope.kind, None, raw[envelope.start : envelope.end]
    try:
        record = decode(schema, Reader(raw, envelope.start, envelope.end))
    except DecodeError as error:
        error.inside(envelope.kind)
        raise
    if schema.type_meta:
        record[0], record[1] = envelope.api_version, envelope.kind
    return envelope.api_version, envelope.kind, schema, record


def wrap(api_version: str, kind: str, message: bytes) -> bytes:
    """The value that the API server stores for a message: fields in order, with the empty ones at the end."""
    from codec.wire.writer import length_delimited

    type_meta = b"".join(
        length_delimited(number, text.encode("utf-8", "surrogateescape"))
        for number, text in ((API_VERSION, api_version), (KIND, kind))
    )
    return b"".join((MAGIC, length_delimited(TYPE_META, type_meta), length_delimited(RAW, message), TAIL))
