"""CRC-32C against published values, and folding against the plain table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codec.source.castagnoli import POLYNOMIAL, SHORT, update

# RFC 3720, appendix B.4, and the check value of the catalogue of CRC algorithms.
PUBLISHED = [
    (b"123456789", 0xE3069283),
    (bytes(32), 0x8A9136AA),
    (b"\xff" * 32, 0x62A8AB43),
    (bytes(range(32)), 0x46DD794E),
    (bytes(range(31, -1, -1)), 0x113FDB5C),
]


def bit_by_bit(crc: int, data: bytes) -> int:
    value = crc ^ 0xFFFFFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (POLYNOMIAL if value & 1 else 0)
    return value ^ 0xFFFFFFFF


@pytest.mark.parametrize(("data", "crc"), PUBLISHED)
def test_published_values(data: bytes, crc: int) -> None:
    assert update(0, data) == crc


@pytest.mark.parametrize("size", [*range(SHORT - 4, 4 * SHORT), 1023, 1024, 1025, 4096, 9999])
def test_every_length_folds_right(size: int) -> None:
    data = bytes(each * 37 & 0xFF for each in range(size))
    assert update(0x12345678, data) == bit_by_bit(0x12345678, data)


@given(st.binary(max_size=700), st.integers(0, 700))
def test_goes_on_where_it_ended(data: bytes, place: int) -> None:
    assert update(update(0, data[:place]), data[place:]) == update(0, data)
