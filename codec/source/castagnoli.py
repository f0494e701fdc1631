"""CRC-32C, the checksum of etcd's write-ahead log, at the speed of integer arithmetic: the standard library has none.

A checksum is the remainder of a polynomial. Long data is folded in half by shifts and exclusive ors of one long
integer, until what is left is short enough for a table. Source: RFC 3720 section 12.1; etcd pkg/crc.
"""

from __future__ import annotations

POLYNOMIAL = 0x82F63B78  # Castagnoli's, reflected: bit 31 is x⁰
SHORT = 64  # bytes; below, the table is quicker
_MASK = 0xFFFFFFFF
_ONE = 0x80000000  # x⁰


def _times_x(value: int) -> int:
    return value >> 1 ^ (POLYNOMIAL if value & 1 else 0)


def _table() -> tuple[int, ...]:
    rows = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = _times_x(value)
        rows.append(value)
    return tuple(rows)


_TABLE = _table()
_powers: dict[int, tuple[int, ...]] = {}  # a number of bits m → the exponents in xᵐ modulo the polynomial


def _product(left: int, right: int) -> int:
    """Of two polynomials, modulo Castagnoli's."""
    total = 0
    for bit in range(31, -1, -1):
        if left >> bit & 1:
            total ^= right
        right = _times_x(right)
    return total


def _exponents(bits: int) -> tuple[int, ...]:
    found = _powers.get(bits)
    if found is None:
        value, square, rest = _ONE, _ONE >> 1, bits
        while rest:
            if rest & 1:
                value = _product(value, square)
            square = _product(square, square)
            rest >>= 1
        found = _powers[bits] = tuple(31 - bit for bit in range(32) if value >> bit & 1)
    return found


def update(crc: int, data: bytes) -> int:
    """The checksum of what `crc` is the checksum of, followed by the data. Begin with 0."""
    value = crc ^ _MASK
    if len(data) > SHORT:
        # Bit 0 of the first byte is the highest power, so the integer is read from its low end.
        number = int.from_bytes(data, "little") ^ value
        size = len(data) * 8
        while size > SHORT * 8:
            keep = _half(size)
            fold = size - keep
            head = number & ((1 << fold) - 1)
            number >>= fold
            for exponent in _exponents(keep):
                number ^= head << (keep - fold - exponent)
            size = keep
        data = number.to_bytes(size // 8, "little")
        value = 0
    table = _TABLE
    for byte in data:
        value = table[(value ^ byte) & 0xFF] ^ value >> 8
    return value ^ _MASK


def _half(size: int) -> int:
    """How many bits to keep: at least half and 16 more, and one of few lengths, so that powers are computed once."""
    keep = 64
    while keep - 31 < size - keep:
        if keep * 3 // 2 - 31 >= size - keep * 3 // 2:
            return keep * 3 // 2
        keep *= 2
    return keep
