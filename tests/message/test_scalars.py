"""Every kind of scalar on the wire, packed and not, both ways, by a schema of the test's own."""

from __future__ import annotations

import math
from typing import Any

import pytest

from codec import message
from codec.errors import DecodeError, EncodeError
from codec.message.encode import encode
from codec.schema import SCALARS, Schema
from codec.wire import LENGTH_DELIMITED, Reader

KINDS = sorted(set(SCALARS) - {"bytes", "string"})

# One message: each kind as a value, as a list that is not packed, and as one that is.
FIELDS = [
    f"{kind}_{label}{flags} {kind}_{label}{flags} {number} {kind} {label} {flags or '-'} -"
    for number, (kind, label, flags) in enumerate(
        ((kind, *form) for kind in KINDS for form in (("v", ""), ("r", ""), ("r", "p"))), 1
    )
]
SCHEMA = Schema("k8s-codec tables 1\n\n" + "\t".join(("test.Scalars", "", "Scalars", "", "", *FIELDS)) + "\n")
SCALAR = SCHEMA.message("test.Scalars")

# kind → (value, its bytes after the tag)
VALUES: dict[str, list[tuple[Any, bytes]]] = {
    "bool": [(True, b"\1"), (False, b"\0")],
    "int32": [
        (1, b"\1"),
        (-1, b"\xff" * 9 + b"\1"), (2**31 - 1, b"\xff\xff\xff\xff\7"),
        (-(2**31), b"\x80\x80\x80\x80\xf8\xff\xff\xff\xff\1"),
    ],
    "int64": [(300, b"\xac\2"), (-(2**63), b"\x80" * 9 + b"\1"), (2**63 - 1, b"\xff" * 8 + b"\x7f")],
    "uint32": [(2**32 - 1, b"\xff\xff\xff\xff\x0f")],
    "uint64": [(2**64 - 1, b"\xff" * 9 + b"\1")],
    "sint32": [(-1, b"\1"), (1, b"\2"), (-(2**31), b"\xff\xff\xff\xff\x0f")],
    "sint64": [(-2, b"\3"), (2**63 - 1, b"\xfe" + b"\xff" * 8 + b"\1"), (-(2**63), b"\xff" * 9 + b"\1")],
    "enum": [(3, b"\3"), (-1, b"\xff" * 9 + b"\1")],
    "double": [(1.5, b"\0\0\0\0\0\0\xf8\x3f"), (-0.0, b"\0" * 7 + b"\x80"), (math.inf, b"\0" * 6 + b"\xf0\x7f")],
    "float": [(1.5, b"\0\0\xc0\x3f")],
    "fixed64": [(2**64 - 1, b"\xff" * 8)],
    "fixed32": [(1, b"\1\0\0\0")],
    "sfixed64": [(-1, b"\xff" * 8)],
    "sfixed32": [(-2, b"\xfe\xff\xff\xff")],
}  # fmt: skip
CASES = [(kind, value, data) for kind, values in VALUES.items() for value, data in values]


def record_of(data: bytes) -> list[Any]:
    return message.decode(SCALAR, Reader(data))


def slot_of(name: str) -> int:
    return SCALAR.attrs.index(name)


def written(name: str, value: Any) -> bytes:
    """The bytes of a record with one value, without the zeros of the others."""
    record = SCALAR.blank()
    everything = encode(SCALAR, record)
    record[slot_of(name)] = value
    tag = SCALAR.fields[slot_of(name)].tag
    chunks = [chunk for chunk in fields_of(encode(SCALAR, record)) if chunk not in fields_of(everything)]
    assert all(Reader(chunk).tag() >> 3 == tag >> 3 for chunk in chunks)
    return b"".join(chunks)


def fields_of(data: bytes) -> list[bytes]:
    reader, found = Reader(data), []
    while reader.pos < reader.end:
        start = reader.pos
        reader.skip(reader.tag())
        found.append(data[start : reader.pos])
    return found


def tagged(name: str, data: bytes, wire_type: int | None = None) -> bytes:
    from generate import varint

    field = SCALAR.fields[slot_of(name)]
    return varint(field.number << 3 | (field.wire_type if wire_type is None else wire_type)) + data


def test_every_kind_has_values() -> None:
    assert sorted(VALUES) == KINDS


@pytest.mark.parametrize(("kind", "value", "data"), CASES)
def test_a_value(kind: str, value: Any, data: bytes) -> None:
    name = f"{kind}_v"
    assert repr(record_of(tagged(name, data))[slot_of(name)]) == repr(value)
    if value:
        assert written(name, value) == tagged(name, data)


@pytest.mark.parametrize(("kind", "value", "data"), CASES)
def test_lists_are_read_packed_or_not_and_written_as_declared(kind: str, value: Any, data: bytes) -> None:
    for name in (f"{kind}_r", f"{kind}_rp"):
        apart = tagged(name, data) * 2
        packed = tagged(name, bytes((2 * len(data),)) + data * 2, LENGTH_DELIMITED)
        for given in (apart, packed, packed + apart):
            assert repr(record_of(given)[slot_of(name)]) == repr([value] * (4 if given == packed + apart else 2))
        assert written(name, [value, value]) == (packed if name.endswith("p") else apart)


def test_the_last_scalar_wins() -> None:
    assert record_of(tagged("int32_v", b"\1") + tagged("int32_v", b"\5"))[slot_of("int32_v")] == 5


@pytest.mark.parametrize(
    ("kind", "data", "value"),
    [
        ("int32", b"\xff\xff\xff\xff\x0f", -1),  # the low 32 bits
        ("int32", b"\x80\x80\x80\x80\x10", 0),
        ("uint32", b"\x81\x80\x80\x80\x10", 1),
        ("bool", b"\x80\x80\x80\x80\x10", True),
        ("bool", b"\2", True),
        ("enum", b"\x81\x80\x80\x80\x70", 1),
    ],
)
def test_bits_beyond_the_kind_are_cut_off(kind: str, data: bytes, value: int) -> None:
    assert record_of(tagged(f"{kind}_v", data))[slot_of(f"{kind}_v")] is value or value not in (True, False)
    assert record_of(tagged(f"{kind}_v", data))[slot_of(f"{kind}_v")] == value


@pytest.mark.parametrize("kind", KINDS)
def test_another_wire_type_is_an_error(kind: str) -> None:
    field = SCALAR.fields[slot_of(f"{kind}_v")]
    for wire_type in {0, 1, 2, 5} - {field.wire_type}:
        with pytest.raises(DecodeError, match=f"^{kind}_v: wire type .* where .* was expected, at byte 0$"):
            record_of(tagged(f"{kind}_v", b"\0" * 12, wire_type))


def test_a_packed_list_must_end_where_it_ends() -> None:
    with pytest.raises(DecodeError, match="fixed32 runs past the message end"):
        record_of(tagged("fixed32_rp", b"\5aaaab", LENGTH_DELIMITED))
    with pytest.raises(DecodeError, match="varint runs past the message end"):
        record_of(tagged("int32_rp", b"\1\x80\1", LENGTH_DELIMITED))


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("int32", 2**31, "int32_v: the integer is out of range for int32"),
        ("int32", -(2**31) - 1, "int32_v: the integer is out of range for int32"),
        ("int64", 2**63, "int64_v: the integer is out of range for int64"),
        ("uint32", -1, "uint32_v: the integer is out of range for uint32"),
        ("int32", True, "int32_v: expected an integer, got bool"),
        ("int32", "1", "int32_v: expected an integer, got str"),
        ("int32", 1.0, "int32_v: expected an integer, got float"),
        ("bool", 1, "bool_v: expected a bool, got int"),
        ("double", "1", "double_v: expected a number, got str"),
        ("double", True, "double_v: expected a number, got bool"),
        ("double", 10**400, "double_v: the number is out of range"),
        ("float", 1e300, "float_v: the number is out of range"),
    ],
)
def test_a_value_that_does_not_fit(kind: str, value: Any, words: str) -> None:
    record = SCALAR.blank()
    record[slot_of(f"{kind}_v")] = value
    with pytest.raises(EncodeError) as caught:
        encode(SCALAR, record)
    assert str(caught.value) == words
