"""float64 as Go writes it."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codec.text.number import format_float, format_general, format_general32

# value: JSON, YAML, YAML key
FORMS = {
    0.0: ("0", "0", "0"),
    1.0: ("1", "1", "1"),
    0.5: ("0.5", "0.5", "0.5"),
    0.1: ("0.1", "0.1", "0.1"),
    -2.25: ("-2.25", "-2.25", "-2.25"),
    123456.5: ("123456.5", "123456.5", "123456.5"),
    1234567.5: ("1234567.5", "1.2345675e+06", "1.2345675e+06"),
    123456789.5: ("123456789.5", "1.234567895e+08", "1.2345679e+08"),
    1e6: ("1000000", "1e+06", "1e+06"),
    1e20: ("100000000000000000000", "1e+20", "1e+20"),
    1.5e20: ("150000000000000000000", "1.5e+20", "1.5e+20"),
    1e21: ("1e+21", "1e+21", "1e+21"),
    1.5e300: ("1.5e+300", "1.5e+300", ".inf"),
    -1.5e300: ("-1.5e+300", "-1.5e+300", "-.inf"),
    1e-5: ("0.00001", "1e-05", "1e-05"),
    1.5e-6: ("0.0000015", "1.5e-06", "1.5e-06"),
    1e-7: ("1e-7", "1e-07", "1e-07"),
    1.25e-10: ("1.25e-10", "1.25e-10", "1.25e-10"),
    5e-324: ("5e-324", "5e-324", "0"),
    1.7976931348623157e308: ("1.7976931348623157e+308", "1.7976931348623157e+308", ".inf"),
}


@pytest.mark.parametrize(("value", "want"), FORMS.items())
def test_forms(value: float, want: tuple[str, str, str]) -> None:
    assert (format_float(value), format_general(value), format_general32(value)) == want


def test_negative_zero_keeps_its_sign() -> None:
    assert (format_float(-0.0), format_general(-0.0), format_general32(-0.0)) == ("-0", "-0", "-0")


def test_what_json_cannot_hold() -> None:
    for value, text in ((float("nan"), ".nan"), (float("inf"), ".inf"), (float("-inf"), "-.inf")):
        assert format_general(value) == format_general32(value) == text
        with pytest.raises(ValueError, match=f"a number that JSON cannot hold: {value!r}"):
            format_float(value)


@settings(max_examples=500, deadline=None)
@given(bits=st.integers(0, 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False))
def test_same_as_go(go: Any, bits: int | float) -> None:
    value: float = bits if isinstance(bits, float) else struct.unpack("<d", struct.pack("<Q", bits))[0]
    if value - value != 0:
        with pytest.raises(ValueError):
            format_float(value)
        return
    json, general, general32 = go("float_text", bits=str(struct.unpack("<Q", struct.pack("<d", value))[0]))
    assert format_float(value) == json
    assert format_general(value) == general
    assert format_general32(value) == {"+Inf": ".inf", "-Inf": "-.inf"}.get(general32, general32)
    assert float(json) == value
