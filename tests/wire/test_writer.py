"""The writer, against the reader and the encoding's own examples."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codec.wire import Reader
from codec.wire.writer import length_delimited, varint


@pytest.mark.parametrize(
    ("value", "data"),
    [
        (0, b"\x00"),
        (127, b"\x7f"),
        (128, b"\x80\x01"),
        (150, b"\x96\x01"),
        (2**64 - 1, b"\xff" * 9 + b"\x01"),
        (-1, b"\xff" * 9 + b"\x01"),  # two's complement of 64 bits
        (-(2**31), b"\x80\x80\x80\x80\xf8" + b"\xff" * 4 + b"\x01"),
        (-(2**63), b"\x80" * 9 + b"\x01"),
    ],
)
def test_varint(value: int, data: bytes) -> None:
    assert varint(value) == data


@given(st.integers(0, 2**64 - 1))
def test_what_is_written_is_read(value: int) -> None:
    reader = Reader(varint(value))
    assert reader.varint() == value
    assert reader.pos == len(reader.data)


def test_length_delimited() -> None:
    assert length_delimited(1, b"testing") == b"\x0a\x07testing"
    assert length_delimited(2, b"") == b"\x12\x00"
    assert length_delimited(17, b"x" * 200) == b"\x8a\x01\xc8\x01" + b"x" * 200
