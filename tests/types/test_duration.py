"""Duration against a table of odd texts, against timedelta, and against the real metav1.Duration."""

from __future__ import annotations

import base64
import copy
import json
import pickle
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codec.types.duration import Duration

Ask = Callable[..., dict[str, Any]]

PARSED = {
    "0": 0,
    "-0": 0,
    "+0": 0,
    "0s": 0,
    "1h2m3.4s": 3_723_400_000_000,
    ".5s": 500_000_000,
    "5.s": 5_000_000_000,
    "-1.5h": -5_400_000_000_000,
    "+5us": 5_000,
    "5\u00b5s": 5_000,
    "5\u03bcs": 5_000,
    "1s1s": 2_000_000_000,
    "3ns2h": 7_200_000_000_003,
    "0.3333333333333333333h": 1_200_000_000_000,
    "0.100000000000000000000h": 360_000_000_000,
    "0.9999999999999999999999999ns": 1,
    "0.000000000000000000000000000000000000000001h": 0,
    "9223372036854775807ns": 2**63 - 1,
    "-9223372036854775808ns": -(2**63),
    "-9223372036854775808ns9223372036854775808ns": 0,  # Go's unsigned sum wraps
    "2562047h47m16.854775807s": 2**63 - 1,
    "0000000000000000000000000000001s": 1_000_000_000,
}
BAD = {
    "": "empty",
    "-": "empty",
    "+": "empty",
    "1": "missing unit",
    "00": "missing unit",
    "1s2": "missing unit",
    "1x": "unknown unit",
    "1S": "unknown unit",
    "1 s": "unknown unit",
    "1s ": "unknown unit",
    "1d": "unknown unit",
    "1s-1s": "unknown unit",
    "\u0661s": "expected a number",
    " 1s": "expected a number",
    "s": "expected a number",
    ".s": "expected a number",
    "-.s": "expected a number",
    "--1s": "expected a number",
    "1..5s": "missing unit",
    "9223372036854775808ns": "64 bits",
    "-9223372036854775809ns": "64 bits",
    "2562047h47m16.854775808s": "64 bits",
    "3000000h": "64 bits",
    "99999999999999999999ns": "64 bits",
    "9223372036854775808ns9223372036854775807ns": "64 bits",
}
PRINTED = {
    0: "0s",
    1: "1ns",
    -1: "-1ns",
    999: "999ns",
    1_000: "1\u00b5s",
    -1_100: "-1.1\u00b5s",
    2_200_000: "2.2ms",
    999_999_999: "999.999999ms",
    1_000_000_000: "1s",
    3_300_000_000: "3.3s",
    60_000_000_000: "1m0s",
    245_000_000_000: "4m5s",
    245_001_000_000: "4m5.001s",
    18_367_001_000_000: "5h6m7.001s",
    3_600_000_000_000: "1h0m0s",
    480_000_000_001: "8m0.000000001s",
    2**63 - 1: "2562047h47m16.854775807s",
    -(2**63): "-2562047h47m16.854775808s",
}


@pytest.mark.parametrize(("text", "want"), PARSED.items())
def test_parse(text: str, want: int) -> None:
    assert Duration.parse(text).nanoseconds == want


@pytest.mark.parametrize(("text", "problem"), BAD.items())
def test_bad(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Duration.parse(text)


@pytest.mark.parametrize(("nanoseconds", "want"), PRINTED.items())
def test_text(nanoseconds: int, want: str) -> None:
    duration = Duration(nanoseconds)
    assert duration.text == str(duration) == want
    assert Duration.parse(want) == duration


def test_timedelta() -> None:
    assert Duration.from_timedelta(timedelta(days=1, microseconds=1)).text == "24h0m0.000001s"
    assert Duration(1_999).to_timedelta() == timedelta(microseconds=1)
    assert Duration(-1_999).to_timedelta() == timedelta(microseconds=-1)
    with pytest.raises(ValueError, match="does not fit into 64 bits"):
        Duration.from_timedelta(timedelta.max)


def test_value() -> None:
    with pytest.raises(ValueError, match="does not fit into 64 bits"):
        Duration(2**63)
    assert not Duration()
    assert Duration(1)
    assert Duration(-1) < Duration() <= Duration(0) < Duration(1) > Duration(0) >= Duration(-1)
    assert Duration(1) != 1
    assert len({Duration(1), Duration(1)}) == 1
    with pytest.raises(TypeError):
        _ = Duration(1) < 2  # type: ignore[operator]
    with pytest.raises(AttributeError, match="immutable"):
        Duration(1).nanoseconds = 2
    duration = Duration(5)
    for twin in (
        copy.copy(duration),
        copy.deepcopy(duration),
        pickle.loads(pickle.dumps(duration)),
        eval(repr(duration)),
    ):
        assert twin == duration
    match duration:
        case Duration(nanoseconds):
            assert nanoseconds == 5


def test_long_texts_end() -> None:
    many = "7" * 1_000_000
    assert Duration.parse(f"0.{many}s").nanoseconds == 777_777_777
    assert Duration.parse("0" * 1_000_000 + "1s").nanoseconds == 1_000_000_000
    assert Duration.parse(f"0.{'0' * 1_000_000}1h").nanoseconds == 0
    assert Duration.parse("1ns" * 300_000).nanoseconds == 300_000
    for bad in (f"{many}s", "s" * 1_000_000, f"1{'s' * 1_000_000}"):
        with pytest.raises(ValueError, match="duration"):
            Duration.parse(bad)


@given(st.integers(-(2**63), 2**63 - 1))
def test_round_trip(nanoseconds: int) -> None:
    assert Duration.parse(Duration(nanoseconds).text) == Duration(nanoseconds)


digits = st.text("0123456789", max_size=4) | st.text("0123456789", max_size=20)
fractions = st.sampled_from(["", "", "."]) | st.builds(".{}{}".format, st.sampled_from(["", "", "0" * 25]), digits)
numbers = st.builds("{}{}".format, digits, fractions)
units = st.sampled_from(["ns", "us", "\u00b5s", "\u03bcs", "ms", "s", "m", "h", "h", "d", "", " "])
texts = (
    st.builds(
        "{}{}".format,
        st.sampled_from(["", "", "-", "+"]),
        st.lists(st.builds("{}{}".format, numbers, units), max_size=4).map("".join),
    )
    | st.sampled_from([2**63 - 1, 2**63, 2**62, 2**64]).flatmap(
        lambda edge: st.builds(
            "{}{}ns{}".format,
            st.sampled_from(["", "-"]),
            st.integers(edge - 2, edge + 2),
            st.sampled_from(["", "1ns", f"{2**63}ns"]),
        )
    )
    | st.text("0123456789.+-numsh\u00b5", max_size=12)
    | st.text(max_size=4)
)


@given(texts)
@settings(max_examples=6000, deadline=None)
def test_text_as_go(go: Ask, text: str) -> None:
    answer = go("duration", json=json.dumps(text))
    try:
        duration = Duration.parse(text)
    except ValueError:
        assert "error" in answer
    else:
        assert json.loads(answer["result"]["json"]) == duration.text
        raw = bytearray(b"\x08")
        number = duration.nanoseconds % 2**64
        while number > 127:
            raw.append(number & 127 | 128)
            number >>= 7
        assert base64.b64decode(answer["result"]["wire"]) == bytes([*raw, number])


def test_go_reads_the_rest(go: Ask) -> None:
    """What a caller must know about the forms around the text."""
    assert "error" in go("duration", json="null")  # an error where the field is no pointer
    assert "error" in go("duration", json="5")
    assert go("duration", wire="")["result"] == {"json": '"0s"', "wire": "CAA="}
