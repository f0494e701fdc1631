"""Ages, against Go's own where Go is there."""

from __future__ import annotations

import random

import oracle
import pytest

from codec.query.age import Clock, human_duration, moment
from codec.types import MicroTime, Time

SECOND = 1_000_000_000
MINUTE, HOUR, DAY, YEAR = 60, 3600, 86_400, 365 * 86_400  # seconds


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-2, "<invalid>"),
        (-1.999, "0s"),
        (-1, "0s"),
        (0, "0s"),
        (119.9, "119s"),
        (120, "2m"),
        (121, "2m1s"),
        (10 * MINUTE - 1, "9m59s"),
        (10 * MINUTE, "10m"),
        (3 * HOUR - 1, "179m"),
        (3 * HOUR, "3h"),
        (3 * HOUR + MINUTE, "3h1m"),
        (8 * HOUR - 1, "7h59m"),
        (8 * HOUR, "8h"),
        (2 * DAY - 1, "47h"),
        (2 * DAY, "2d"),
        (2 * DAY + HOUR, "2d1h"),
        (8 * DAY - 1, "7d23h"),
        (8 * DAY, "8d"),
        (2 * YEAR - 1, "729d"),
        (2 * YEAR, "2y"),
        (2 * YEAR + DAY, "2y1d"),
        (8 * YEAR - 1, "7y364d"),
        (8 * YEAR, "8y"),
        (292 * YEAR, "292y"),
    ],
)
def test_human_durations(seconds: float, text: str) -> None:
    assert human_duration(round(seconds * SECOND)) == text


@pytest.mark.skipif(not oracle.available(), reason="needs Go")
def test_human_durations_are_those_of_go() -> None:
    chance = random.Random(1)
    spans = [0, SECOND, MINUTE * SECOND, HOUR * SECOND, DAY * SECOND, YEAR * SECOND]
    asked = [
        sign * span * factor + step for span in spans for factor in range(12) for step in (-1, 0, 1) for sign in (-1, 1)
    ]
    asked += [chance.randrange(-(1 << 63), 1 << 63) >> chance.randrange(40) for _ in range(5000)]
    (answer,) = oracle.ask([{"op": "human_durations", "nanoseconds": asked}])
    assert [human_duration(each) for each in asked] == answer["result"]


def test_a_clock_counts_to_its_moment() -> None:
    clock = Clock(1000 * SECOND + SECOND // 2)
    assert clock.since(Time(990)) == "10s"
    assert clock.since(Time(990)) == "10s"
    assert clock.since(MicroTime(990, 600_000_000)) == "9s"
    assert clock.since(Time(1002)) == "0s"
    assert clock.since(Time(1003)) == "<invalid>"


def test_no_time_has_no_age() -> None:
    clock = Clock(0)
    assert clock.since(None) == clock.since(Time()) == clock.since(MicroTime()) == "<unknown>"


def test_ages_beyond_what_go_counts() -> None:
    clock = Clock(0)
    assert clock.since(Time(-(1 << 62))) == "292y"
    assert clock.since(Time(1 << 62)) == "<invalid>"
    assert clock.since(Time((1 << 63) - 1)) == "292y"  # where Go's own counting overflows


def test_without_a_moment_the_clock_goes() -> None:
    assert Clock().now > 1_700_000_000 * SECOND


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("1970-01-01T00:00:01Z", SECOND),
        ("1970-01-01T00:00:01.5Z", SECOND + SECOND // 2),
        ("1970-01-01T00:00:01,5Z", SECOND + SECOND // 2),
        ("1970-01-01T01:00:00.000000001+01:00", 1),
        ("1970-01-01T00:00:00.1234567891Z", 123_456_789),
        ("1969-12-31T23:59:59Z", -SECOND),
    ],
)
def test_moments(text: str, nanoseconds: int) -> None:
    assert moment(text) == nanoseconds


@pytest.mark.parametrize("text", ["", "now", "2026-01-01", "2026-01-01 00:00:00"])
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(ValueError):
        moment(text)
