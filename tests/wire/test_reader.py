"""The bounded reader: what it reads, where it stops, and what it says then."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from generate import varint

from codec.errors import DecodeError
from codec.wire import MAX_DEPTH, WIRE_TYPE_NAMES, Reader

VARINTS = {
    b"\x00": 0,
    b"\x01": 1,
    b"\x7f": 127,
    b"\x80\x01": 128,
    b"\x96\x01": 150,  # the example of the encoding's own description
    b"\x80\x00": 0,  # longer than it needs to be
    b"\x81\x80\x80\x00": 1,
    b"\xff" * 9 + b"\x01": 2**64 - 1,
    b"\xff" * 9 + b"\x7f": 2**64 - 1,  # bits beyond the 64th are cut off
    b"\x80" * 9 + b"\x02": 0,
}


@pytest.mark.parametrize(("data", "value"), VARINTS.items())
def test_varint(data: bytes, value: int) -> None:
    reader = Reader(data + b"\x01")
    assert reader.varint() == value
    assert reader.pos == len(data)


@pytest.mark.parametrize("value", [0, 1, 127, 128, 300, 2**31, 2**32 - 1, 2**63, 2**64 - 1])
def test_varint_of_every_length(value: int) -> None:
    assert Reader(varint(value)).varint() == value


@pytest.mark.parametrize("wire_type", range(6))
def test_tag(wire_type: int) -> None:
    for number in (1, 15, 16, 2047, 2**29 - 1):
        assert Reader(varint(number << 3 | wire_type)).tag() == number << 3 | wire_type


def test_length_delimited_moves_to_the_value() -> None:
    reader = Reader(b"\x03abcd")
    assert reader.length_delimited() == 4
    assert reader.pos == 1
    assert Reader(b"\x03abcd").read_bytes() == b"abc"
    assert Reader(b"\x00").read_bytes() == b""


def test_a_view_ends_where_it_ends() -> None:
    """The bytes behind the end are there, and are not read."""
    data = b"\xff\x80\x01\x80\x01"
    reader = Reader(data, 1, 3)
    assert reader.varint() == 128
    with pytest.raises(DecodeError):
        reader.varint()
    with pytest.raises(DecodeError):
        Reader(b"\x02ab", 0, 2).read_bytes()
    with pytest.raises(DecodeError):
        Reader(b"abcdefgh", 0, 7).fixed(8)


GROUP = b"\x0b\x10\x05\x13\x1a\x01x\x14\x0c"  # group 1 {2: 5, group 2 {3: "x"}}


@pytest.mark.parametrize(
    ("tag", "value"),
    [(8, b"\x96\x01"), (9, b"8 bytes "), (10, b"\x02ab"), (13, b"four"), (11, GROUP[1:]), (10, b"\x00")],
)
def test_skip(tag: int, value: bytes) -> None:
    reader = Reader(value + b"rest")
    reader.skip(tag)
    assert reader.pos == len(value)


def nested_groups(depth: int) -> bytes:
    return b"\x0b" * (depth - 1) + b"\x0c" * depth


def test_groups_nest_as_deep_as_messages() -> None:
    reader = Reader(nested_groups(MAX_DEPTH))
    reader.skip(11)
    assert reader.pos == len(reader.data)


ERRORS: list[tuple[bytes, Callable[[Reader], object], str]] = [
    (b"", Reader.varint, "varint runs past the message end, at byte 0"),
    (b"\x80", Reader.varint, "varint runs past the message end, at byte 0"),
    (b"\x80" * 9, Reader.varint, "varint runs past the message end, at byte 0"),
    (b"\x80" * 10, Reader.varint, "varint is longer than 10 bytes, at byte 0"),
    (b"\x80" * 11 + b"\x01", Reader.varint, "varint is longer than 10 bytes, at byte 0"),
    (b"\x00", Reader.tag, "field number 0 is out of range, at byte 0"),
    (varint(2**29 << 3), Reader.tag, "field number 536870912 is out of range, at byte 0"),
    (b"\x0e", Reader.tag, "wire type 6 does not exist, at byte 0"),
    (b"\x0f", Reader.tag, "wire type 7 does not exist, at byte 0"),
    (b"\x05ab", Reader.length_delimited, "length 5 runs past the message end by 3 bytes, at byte 0"),
    (
        varint(2**64 - 1) + b"ab",
        Reader.read_bytes,
        "length 18446744073709551615 runs past the message end by 18446744073709551613 bytes, at byte 0",
    ),
    (b"1234567", lambda reader: reader.fixed(8), "fixed64 runs past the message end, at byte 0"),
    (b"123", lambda reader: reader.skip(13), "fixed32 runs past the message end, at byte 0"),
    (b"", lambda reader: reader.skip(12), "end of group 1, which was never started, at byte 0"),
    (b"\x10\x05", lambda reader: reader.skip(11), "group 1 has no end, at byte 0"),
    (b"\x10\x05\x14", lambda reader: reader.skip(11), "group 1 is ended as 2, at byte 2"),
    (nested_groups(MAX_DEPTH + 1), lambda reader: reader.skip(11), "nested deeper than 100, at byte 99"),
]


@pytest.mark.parametrize(("data", "read", "words"), ERRORS, ids=[words for *_, words in ERRORS])
def test_exact_words(data: bytes, read: Callable[[Reader], object], words: str) -> None:
    with pytest.raises(DecodeError) as caught:
        read(Reader(data))
    assert str(caught.value) == words


def test_the_offset_counts_from_the_start_of_the_data() -> None:
    with pytest.raises(DecodeError) as caught:
        Reader(b"abc\x80", 3).varint()
    assert caught.value.offset == 3


def test_every_wire_type_has_a_name() -> None:
    assert WIRE_TYPE_NAMES == ("varint", "fixed64", "length-delimited", "start group", "end group", "fixed32")
