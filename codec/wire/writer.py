"""Writing the protobuf wire format: varints, tags, length-delimited values."""

from __future__ import annotations

from codec.wire import LENGTH_DELIMITED, UINT64


def varint(value: int) -> bytes:
    """The varint of an integer; negative ones take ten bytes, as two's complement of 64 bits."""
    value &= UINT64
    if value < 0x80:
        return bytes((value,))
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def length_delimited(number: int, value: bytes) -> bytes:
    """A whole field of wire type 2: tag, length, value."""
    return varint(number << 3 | LENGTH_DELIMITED) + varint(len(value)) + value
