"""What plain scalars mean, as goyaml.v2 reads them. The expected values are Go's answers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codec.text.json_writer import dump
from codec.text.yaml_scalar import is_base60, is_timestamp, reads_as_string, resolve

VALUES: dict[str, Any] = {
    **dict.fromkeys(["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"], True),
    **dict.fromkeys(["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"], False),
    **dict.fromkeys(["", "~", "null", "Null", "NULL"], None),
    "0": 0,
    "00": 0,
    "-0": 0,
    "+12": 12,
    "1_000": 1000,
    "1__0_": 10,
    "017": 15,
    "0_7": 7,
    "0o17": 15,
    "0O17": 15,
    "08": 8.0,
    "019": 19.0,
    "-010": -8,
    "0x1F": 31,
    "0X_1f": 31,
    "-0x1F": -31,
    "0b101": 5,
    "-0b11": -3,
    "0b-11": -3,
    "9223372036854775807": 2**63 - 1,
    "-9223372036854775808": -(2**63),
    "-9223372036854775809": -9223372036854775808.0,
    "18446744073709551615": 2**64 - 1,
    "+18446744073709551615": 18446744073709551616.0,
    "18446744073709551616": 18446744073709551616.0,
    "0xFFFFFFFFFFFFFFFF": 2**64 - 1,
    "1.": 1.0,
    "1.5": 1.5,
    "1_000.5": 1000.5,
    "1e3": 1000.0,
    "1E+06": 1000000.0,
    "1_e3": 1000.0,
    ".5": 0.5,
    "+.5": 0.5,
    ".5_0": 0.5,
    ".5e-1": 0.05,
}
STRINGS = (
    *(
        "yEs",
        "nULL",
        "tRUE",
        "None",
        "<<",
        "=",
        "nan",
        "inf",
        "Infinity",
        ".infinity",
        "+",
        "-",
        ".",
        "..",
        "+-1",
        "1a",
    ),
    *("0x", "0xG", "0o18", "0o", "0b2", "0b", "0b--1", "-0b-1", "+0b+1", "0x1FFFFFFFFFFFFFFFF", "-0xFFFFFFFFFFFFFFFF"),
    *("1e", "1e+", "e3", ".e3", "._5", ".5_", ".5__0", ".5e1_", "1.5.5", "1e400", "-1e400", ".5e400", "0x1p4", ".5p1"),
    *("1:30", "2001-01-01", "10.0.0.1", "100m", "1Gi", "٣", "1٣", "²", "-_", "_1", "0x1.8"),
)
SEXAGESIMAL = ("1:30", "190:20:30", "-190:20:30.15", "+1_0:0", "0:59.", "12:5_".replace("_", ".5_"))
NOT_SEXAGESIMAL = ("1:60", "1:", ":1", "a:1", "1:1a", "1:100", "1:30:", "_1:30", "1.5:30", "1:3_", "٣:1", "1:٣")
TIMESTAMPS = (
    *("2001-12-14", "2001-1-1", "2000-02-29", "2004-2-29", "2001-12-14 21:59:43.10", "2001-12-14   1:2:3"),
    *("2001-12-14t21:59:43.10-05:00", "2001-12-14T21:59:43Z", "2001-12-14T1:2:3,5+24:60", "0000-01-01"),
    *("2001-12-14T21:59:43.123456789012345Z",),
)
NOT_TIMESTAMPS = (
    *("2001-13-14", "2001-00-14", "2001-12-32", "2001-12-00", "2001-02-29", "1900-02-29", "2001-04-31", "2001-12"),
    *("2001-12-", "2001-12-14T", "2001-12-14 ", "2001-12-14T21:59:43", "2001-12-14 21:59:43Z", "2001-12-14 24:00:00"),
    *("2001-12-14 1:60:1", "2001-12-14 1:1:60", "2001-12-14 1:1", "2001-12-14T1:1:1z", "2001-12-14T1:1:1+25:00"),
    *(
        "2001-12-14T1:1:1+5:00",
        "2001-12-14T1:1:1+05:61",
        "2001-12-14T1:1:1.Z",
        "20011-12-14",
        "201-12-14",
        "2001-123-1",
    ),
    *("2001-12-14x", "2001-12-14T1:1:1*05:00", "٢٠٠١-12-14"),
)


@pytest.mark.parametrize(("text", "want"), VALUES.items())
def test_values(text: str, want: Any) -> None:
    value = resolve(text)
    assert value == want
    assert type(value) is type(want)
    assert not reads_as_string(text)


def test_special_floats() -> None:
    assert {resolve(text) for text in (".inf", ".Inf", "+.INF")} == {float("inf")}
    assert resolve("-.inf") == float("-inf")
    assert repr(resolve(".NaN")) == "nan"


@pytest.mark.parametrize("text", STRINGS)
def test_strings_are_the_same_object(text: str) -> None:
    assert resolve(text) is text


@pytest.mark.parametrize("text", STRINGS)
def test_strings_that_need_quotes_for_other_readers(text: str) -> None:
    assert reads_as_string(text) == (text not in ("1:30", "2001-01-01"))


def test_numbers_to_the_base_of_sixty() -> None:
    assert [text for text in SEXAGESIMAL if not is_base60(text)] == []
    assert [text for text in NOT_SEXAGESIMAL if is_base60(text)] == []


def test_timestamps() -> None:
    assert [text for text in TIMESTAMPS if not is_timestamp(text)] == []
    assert [text for text in NOT_TIMESTAMPS if is_timestamp(text)] == []


PIECES = (*"0123456789+-._:eExXobBOTtZ,", "2001-", "-1-", "1:2:3", "0x", "0b", "0o", "T1:2:3", "+01:00", " 1:2:3", "12")
numberlike = st.lists(st.sampled_from(PIECES), min_size=1, max_size=9).map("".join)


@settings(max_examples=1000, deadline=None)
@given(
    text=numberlike | st.sampled_from([*VALUES, *STRINGS, *SEXAGESIMAL, *NOT_SEXAGESIMAL, *TIMESTAMPS, *NOT_TIMESTAMPS])
)
def test_same_as_go(go: Any, text: str) -> None:
    """Go puts double quotes around what would not read back as a string, single ones where only the form needs them."""
    printed = go("json_to_yaml", json=dump(text)).decode().removesuffix("\n")
    assert reads_as_string(text) == (printed[0] != '"')
    value = resolve(text)
    if value is not text or printed == text:
        assert go("yaml_to_json", yaml=text.encode()) == dump(value)
