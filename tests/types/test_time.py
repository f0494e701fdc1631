"""Time and MicroTime against tables of odd texts, against datetime, and against the real metav1 types."""

from __future__ import annotations

import base64
import copy
import json
import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codec.types.time import ZERO_SECONDS, MicroTime, Time

Ask = Callable[..., dict[str, Any]]
Instant = Time | MicroTime

TIMES = {
    "2024-02-29T13:04:05Z": "2024-02-29T13:04:05Z",
    "2024-02-29T3:04:05Z": "2024-02-29T03:04:05Z",
    "2024-02-29T13:04:05.123456789Z": "2024-02-29T13:04:05Z",
    "2024-02-29T13:04:05,5Z": "2024-02-29T13:04:05Z",
    "2024-02-29T13:04:05.12345678901234567890Z": "2024-02-29T13:04:05Z",
    "2024-02-29T13:04:05+02:30": "2024-02-29T10:34:05Z",
    "2024-02-29T13:04:05-24:60": "2024-03-01T14:04:05Z",
    "0000-02-29T00:00:00Z": "0000-02-29T00:00:00Z",
    "0000-01-01T00:00:00+00:01": "-0001-12-31T23:59:00Z",
    "9999-12-31T23:59:59-00:01": "10000-01-01T00:00:59Z",
    "0001-01-01T00:00:00Z": None,
    "0001-01-01T02:00:00+02:00": None,
    "0001-01-01T00:00:00.000Z": None,
    "0001-01-01T00:00:00.5Z": "0001-01-01T00:00:00Z",
}
BAD_TIMES = {
    "": "not a time",
    "now": "not a time",
    "2024-02-29": "not a time",
    "2024-02-29T13:04:05": "not a time",
    "2024-02-29t13:04:05Z": "not a time",
    "2024-02-29T13:04:05z": "not a time",
    "2024-02-29 13:04:05Z": "not a time",
    "2024-2-29T13:04:05Z": "not a time",
    "2024-02-29T13:4:05Z": "not a time",
    "2024-02-29T:04:05Z": "not a time",
    "2024-02-29T13:04Z": "not a time",
    "2024-02-29T13:04:05.Z": "not a time",
    "2024-02-29T13:04:05Z ": "not a time",
    " 2024-02-29T13:04:05Z": "not a time",
    "2024-02-29T13:04:05+0200": "not a time",
    "2024-02-29T13:04:05+2:00": "not a time",
    "2024-02-29T13:04:05*02:00": "not a time",
    "+024-02-29T13:04:05Z": "not a time",
    "12024-02-29T13:04:05Z": "not a time",
    "\u0662024-02-29T13:04:05Z": "not a time",
    "2024-02-2\u0669T13:04:05Z": "not a time",
    "2024-02-29T13:04:05.\u0669Z": "not a time",
    "2024-00-29T13:04:05Z": "month is out of range",
    "2024-13-29T13:04:05Z": "month is out of range",
    "2024-02-00T13:04:05Z": "day is out of range",
    "2024-02-30T13:04:05Z": "day is out of range",
    "2023-02-29T13:04:05Z": "day is out of range",
    "1900-02-29T13:04:05Z": "day is out of range",
    "2024-04-31T13:04:05Z": "day is out of range",
    "2024-02-29T24:00:00Z": "hour is out of range",
    "2024-02-29T13:60:05Z": "minute is out of range",
    "2024-02-29T13:04:60Z": "second is out of range",
    "2024-02-29T13:04:05+25:00": "offset is out of range",
    "2024-02-29T13:04:05+00:61": "offset is out of range",
}
MICRO_TIMES = {
    "2024-02-29T13:04:05.123456Z": "2024-02-29T13:04:05.123456Z",
    "2024-02-29T3:04:05,000001+02:00": "2024-02-29T01:04:05.000001Z",
    "2024-02-29T13:04:05.+00123Z": "2024-02-29T13:04:05.000123Z",
    "2024-02-29T13:04:05.-00000Z": "2024-02-29T13:04:05.000000Z",
    "0001-01-01T00:00:00.000000Z": None,
    "0001-01-01T00:00:00.000001Z": "0001-01-01T00:00:00.000001Z",
}
BAD_MICRO_TIMES = (
    "2024-02-29T13:04:05Z",
    "2024-02-29T13:04:05.12345Z",
    "2024-02-29T13:04:05.1234567Z",
    "2024-02-29T13:04:05.-00001Z",
    "2024-02-29T13:04:05.+-0001Z",
    "2024-02-29T13:04:05;123456Z",
    "2024-02-29T13:04:05.123456z",
    "2024-02-29T13:04:05.",
)
SECONDS = {
    0: "1970-01-01T00:00:00Z",
    -1: "1969-12-31T23:59:59Z",
    951_782_400: "2000-02-29T00:00:00Z",
    ZERO_SECONDS + 1: "0001-01-01T00:00:01Z",
    ZERO_SECONDS - 1: "0000-12-31T23:59:59Z",
    253_402_300_800: "10000-01-01T00:00:00Z",
    -62_167_219_201: "-0001-12-31T23:59:59Z",
    2**63 - 1: "292277026596-12-04T15:30:07Z",
    -(2**63): "292277026596-12-04T15:30:08Z",  # before Go's first second
    -9_223_372_028_741_760_000: "-292277022400-03-01T00:00:00Z",
}


@pytest.mark.parametrize(("text", "want"), TIMES.items())
def test_parse_time(text: str, want: str | None) -> None:
    time = Time.parse(text)
    assert time.text == want
    assert bool(time) == (want is not None)


@pytest.mark.parametrize(("text", "problem"), BAD_TIMES.items())
def test_bad_time(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Time.parse(text)


@pytest.mark.parametrize(("text", "want"), MICRO_TIMES.items())
def test_parse_micro_time(text: str, want: str | None) -> None:
    assert MicroTime.parse(text).text == want


@pytest.mark.parametrize("text", BAD_MICRO_TIMES)
def test_bad_micro_time(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not a time like 2006-01-02T15:04:05\.000000Z$"):
        MicroTime.parse(text)


@pytest.mark.parametrize(("seconds", "want"), SECONDS.items())
def test_text_of_seconds(seconds: int, want: str) -> None:
    assert Time(seconds).text == want
    assert MicroTime(seconds, 123_456_789).text == want.replace("Z", ".123456Z")


def test_zero() -> None:
    for cls in (Time, MicroTime):
        zero = cls()
        assert not zero
        assert zero == cls(ZERO_SECONDS, 0)
        assert zero.text is None
        assert zero.wire is None
        assert str(zero) == "null"
        assert cls.from_wire(ZERO_SECONDS, 0) == zero
        assert cls.from_wire(0, 0).text is not None


def test_time_on_the_wire_has_whole_seconds() -> None:
    assert Time.from_wire(5, 999_999_999) == Time(5)
    assert Time(5, 7).wire == (5, 0)
    assert Time.parse("1970-01-01T00:00:05.7Z") == Time(5, 0)
    assert Time.parse("0001-01-01T00:00:00.5Z").wire == (ZERO_SECONDS, 0)


def test_micro_time_on_the_wire_has_microseconds() -> None:
    assert MicroTime.from_wire(5, 1_999) == MicroTime(5, 1_000)
    assert MicroTime.from_wire(5, -1_999) == MicroTime(4, 999_999_000)
    assert MicroTime.from_wire(5, 2_000_000_000) == MicroTime(7, 0)
    assert MicroTime.from_wire(2**63 - 1, 1_000_000_000) == MicroTime(-(2**63), 0)
    assert MicroTime.from_wire(-(2**63), -1_000) == MicroTime(2**63 - 1, 999_999_000)
    assert MicroTime(5, 1_999).wire == (5, 1_000)


def test_constructor_refuses() -> None:
    for cls in (Time, MicroTime):
        with pytest.raises(ValueError, match=r"^seconds do not fit into 64 bits$"):
            cls(2**63)
        with pytest.raises(ValueError, match=r"^nanos are not between 0 and 999999999$"):
            cls(0, 1_000_000_000)
        with pytest.raises(ValueError, match=r"^nanos are not between 0 and 999999999$"):
            cls(0, -1)


def test_datetime() -> None:
    when = datetime(2024, 2, 29, 13, 4, 5, 123456, tzinfo=timezone(timedelta(hours=2)))
    assert Time.from_datetime(when).text == "2024-02-29T11:04:05Z"
    assert MicroTime.from_datetime(when).text == "2024-02-29T11:04:05.123456Z"
    assert MicroTime.from_datetime(when).to_datetime() == when
    assert Time(0, 0).to_datetime() == datetime(1970, 1, 1, tzinfo=UTC)
    assert Time().to_datetime() == datetime(1, 1, 1, tzinfo=UTC)
    for cls in (Time, MicroTime):
        with pytest.raises(ValueError, match=r"^the datetime has no time zone$"):
            cls.from_datetime(datetime(2024, 1, 1))
        with pytest.raises(OverflowError, match=r"^10000-01-01T00:00:00.* is outside the years 1 to 9999"):
            cls(253_402_300_800).to_datetime()
        with pytest.raises(OverflowError, match="outside the years 1 to 9999"):
            cls(-(2**63)).to_datetime()


def test_order() -> None:
    assert Time() < Time(0) < Time(0, 1) < Time(1) <= Time(1) > Time(0) >= Time(0)
    assert Time(0) != MicroTime(0)
    with pytest.raises(TypeError):
        _ = Time(0) < MicroTime(1)  # type: ignore[operator]
    assert len({Time(1), Time(1, 0), Time(2)}) == 2


@pytest.mark.parametrize("instant", [Time(5), MicroTime(5, 7_000)])
def test_frozen(instant: Instant) -> None:
    for name in ("seconds", "nanos", "new"):
        with pytest.raises(AttributeError, match="immutable"):
            setattr(instant, name, 1)
    with pytest.raises(AttributeError, match="immutable"):
        del instant.seconds
    for twin in (copy.copy(instant), copy.deepcopy(instant), pickle.loads(pickle.dumps(instant)), eval(repr(instant))):
        assert twin == instant
        assert hash(twin) == hash(instant)
        assert type(twin) is type(instant)
    match instant:
        case Time(seconds, nanos) | MicroTime(seconds, nanos):
            assert (seconds, nanos) == (instant.seconds, instant.nanos)


def test_a_long_fraction_ends() -> None:
    assert Time.parse(f"2024-02-29T13:04:05.{'7' * 1_000_000}Z").text == "2024-02-29T13:04:05Z"


@given(st.datetimes(timezones=st.just(UTC)))
def test_datetime_round_trip(when: datetime) -> None:
    assert MicroTime.from_datetime(when).to_datetime() == when
    time = MicroTime.from_datetime(when)
    assert MicroTime.parse(time.text) == time if time.text else not time
    assert Time.from_datetime(when).to_datetime() == when.replace(microsecond=0)
    if time.text is not None:
        assert datetime.fromisoformat(time.text) == when


def digits(low: int, high: int, width: int) -> st.SearchStrategy[str]:
    return st.integers(low, high).map(lambda number: f"{number:0{width}d}") | st.sampled_from(["0" * width, "", "-1"])


dates = st.builds(
    "{}-{}-{}".format, digits(0, 9999, 4) | st.sampled_from(["0001", "0000"]), digits(0, 13, 2), digits(0, 32, 2)
) | st.sampled_from(["0001-01-01", "2024-02-29", "2023-02-28"])
clocks = st.builds(
    "{}:{}:{}".format, digits(0, 25, 2) | digits(0, 9, 1), digits(0, 61, 2), digits(0, 61, 2)
) | st.sampled_from(["00:00:00", "23:59:59"])
fractions = st.sampled_from(["", ".000000", ".000001", ".", ",5"]) | st.builds(
    "{}{}".format,
    st.sampled_from(".,;"),
    st.text("0123456789+-", min_size=5, max_size=10) | st.text("0123456789", min_size=6, max_size=6),
)
zones = st.sampled_from(["Z", "Z", "Z", "z", "", "+00:00"]) | st.builds(
    "{}{}:{}".format, st.sampled_from("+-*"), digits(0, 26, 2), digits(0, 62, 2)
)
well_formed = st.builds(
    "{:04d}-{:02d}-{:02d}T{}:{:02d}:{:02d}{}{}".format,
    st.integers(0, 9999) | st.just(1),
    st.integers(1, 12),
    st.integers(1, 29),
    st.integers(0, 23).map("{:02d}".format) | st.integers(0, 9).map(str),
    st.integers(0, 59),
    st.integers(0, 59),
    fractions,
    zones,
)
texts = (
    well_formed
    | st.builds("{}{}{}{}{}".format, dates, st.sampled_from("TTTt "), clocks, fractions, zones)
    | st.text("0123456789-T:.Z+", max_size=30)
    | st.text(max_size=3)
)


def agree(go: Ask, op: str, cls: type[Time | MicroTime], text: str) -> None:
    answer = go(op, json=json.dumps(text))
    try:
        time = cls.parse(text)
    except ValueError:
        assert "error" in answer
        return
    result = answer["result"]
    assert json.loads(result["json"]) == time.text
    assert wire(time) == base64.b64decode(result["wire"])


def varint(number: int) -> bytes:
    number %= 2**64
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def message(seconds: int, nanos: int) -> bytes:
    return b"\x08" + varint(seconds) + b"\x10" + varint(nanos)


def wire(time: Instant) -> bytes:
    return message(*time.wire) if time.wire else b""


@given(texts)
@settings(max_examples=5000, deadline=None)
def test_time_text_as_go(go: Ask, text: str) -> None:
    agree(go, "time", Time, text)


@given(texts)
@settings(max_examples=5000, deadline=None)
def test_micro_time_text_as_go(go: Ask, text: str) -> None:
    agree(go, "micro_time", MicroTime, text)


@given(
    st.integers(-(2**63), 2**63 - 1)
    | st.integers(-(10**12), 10**12)
    | st.sampled_from([*SECONDS, ZERO_SECONDS, -9_223_372_028_741_760_001]),
    st.integers(-(2**31), 2**31 - 1) | st.integers(0, 999_999_999) | st.just(0),
)
@settings(max_examples=5000, deadline=None)
def test_wire_as_go(go: Ask, seconds: int, nanos: int) -> None:
    raw = message(seconds, nanos)
    for op, cls in (("time", Time), ("micro_time", MicroTime)):
        result = go(op, wire=base64.b64encode(raw).decode())["result"]
        time = cls.from_wire(seconds, nanos)
        assert json.loads(result["json"]) == time.text
        assert base64.b64decode(result["wire"]) == wire(time)


def test_go_reads_the_rest(go: Ask) -> None:
    """What a caller must know about the forms around the text."""
    for op in ("time", "micro_time"):
        assert go(op, json="null")["result"] == {"json": "null", "wire": ""}
        assert "error" in go(op, json="5")
        assert "error" in go(op, json='""')
        assert go(op, wire="")["result"] == {"json": "null", "wire": ""}
        assert base64.b64decode(go(op, wire="EAA=")["result"]["wire"]) == message(0, 0)  # only nanos: 1970
