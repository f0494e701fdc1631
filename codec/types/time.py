"""Time and MicroTime: an instant as Kubernetes writes it, in whole seconds or in microseconds, always UTC.

The rules are those of apimachinery pkg/apis/meta/v1 (time.go, micro_time.go, time_proto.go, micro_time_proto.go)
and of Go's time package, whose parser takes more than RFC 3339 does."""

from __future__ import annotations

from codec.types import Frozen, set_slot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import NoReturn, Self

ZERO_SECONDS = -62_135_596_800  # Unix seconds of 0001-01-01T00:00:00Z, the zero of Go's time.Time

_DAY = 86_400  # seconds
_BILLION = 1_000_000_000  # nanoseconds in a second
_CYCLE = 146_097  # days in 400 years
_MARCH_1_YEAR_0 = -719_468  # that day, counted from 1970-01-01

# Go counts seconds from 1 March of year -292,277,022,400 in an unsigned 64-bit number (time.go, unixToAbsolute); what
# lies before comes out as a year that far in the future.
_GO_FIRST_SECOND = -9_223_372_028_741_760_000  # in Unix seconds

_PAIRS = tuple([f"{number:02d}" for number in range(60)])
_DAYS_IN_MONTH = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class _Instant(Frozen):
    """What Time and MicroTime share: the value, its order, its date."""

    __slots__ = ("nanos", "seconds")
    __match_args__ = ("seconds", "nanos")

    seconds: int
    nanos: int

    def __init__(self, seconds: int = ZERO_SECONDS, nanos: int = 0) -> None:
        if not -0x8000_0000_0000_0000 <= seconds <= 0x7FFF_FFFF_FFFF_FFFF:
            raise ValueError("seconds do not fit into 64 bits")
        if not 0 <= nanos < _BILLION:
            raise ValueError("nanos are not between 0 and 999999999")
        set_slot(self, "seconds", seconds)
        set_slot(self, "nanos", nanos)

    def __bool__(self) -> bool:
        """False for the zero, Go's IsZero."""
        return self.seconds != ZERO_SECONDS or self.nanos != 0

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self.seconds == other.seconds and self.nanos == other.nanos

    def __hash__(self) -> int:
        return hash((self.seconds, self.nanos))

    def __lt__(self, other: Self) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return (self.seconds, self.nanos) < (other.seconds, other.nanos)

    def __le__(self, other: Self) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return (self.seconds, self.nanos) <= (other.seconds, other.nanos)

    def __gt__(self, other: Self) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return (self.seconds, self.nanos) > (other.seconds, other.nanos)

    def __ge__(self, other: Self) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return (self.seconds, self.nanos) >= (other.seconds, other.nanos)

    def __str__(self) -> str:
        return self.text or "null"

    @property
    def text(self) -> str | None:
        """The content of the JSON string; None for the zero, which JSON writes as null."""
        raise NotImplementedError

    def to_datetime(self) -> datetime:
        """The same instant as a datetime in UTC; nanoseconds are cut to microseconds.

        Raises OverflowError where the year is not between 1 and 9999."""
        from datetime import UTC, datetime, timedelta

        try:
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=self.seconds, microseconds=self.nanos // 1000)
        except OverflowError:
            raise OverflowError(f"{self.text} is outside the years 1 to 9999 that datetime holds") from None


class Time(_Instant):
    """metav1.Time: an instant in whole seconds. Time() is Go's zero, the start of year 1, and false.

    seconds: since 1970-01-01T00:00:00Z. nanos: held for the in-memory value alone; neither JSON nor the wire
    writes them. Raises ValueError where seconds need more than 64 bits or nanos are not below a billion."""

    __slots__ = ()
    __match_args__ = ("seconds", "nanos")

    @classmethod
    def parse(cls, text: str) -> Time:
        """Reads the content of a JSON string as metav1.Time does (Go time.Parse with the layout RFC3339).

        Beyond RFC 3339 it takes an hour of one digit, a comma before the fraction, and offsets up to 24:60. It
        refuses a lower-case `t` or `z`, a 60th second, and an absent offset. The fraction is dropped, as both
        forms drop it when they write. Raises ValueError."""
        seconds, nanos = _parse(text, micro=False)
        # Only there does a dropped fraction matter: Go writes such a time, being not its zero, in full.
        return cls(seconds, nanos if seconds == ZERO_SECONDS else 0)

    @classmethod
    def from_wire(cls, seconds: int, nanos: int) -> Time:
        """The value of a Timestamp message that is not empty; nanos are dropped, as Go drops them.

        An empty message is Time(), not from_wire(0, 0), which is 1970. A message repeated on the wire replaces
        the one before."""
        return cls(seconds, 0)

    @classmethod
    def from_datetime(cls, value: datetime) -> Time:
        """The same instant, microseconds dropped. Raises ValueError for a datetime without time zone."""
        return cls(_unix(value)[0], 0)

    @property
    def wire(self) -> tuple[int, int] | None:
        """Fields 1 and 2 of the Timestamp message, both always written; None where the message is empty."""
        return (self.seconds, 0) if self else None

    @property
    def text(self) -> str | None:
        return f"{_date_and_clock(self.seconds)}Z" if self else None


class MicroTime(_Instant):
    """metav1.MicroTime: an instant in microseconds. MicroTime() is Go's zero, the start of year 1, and false.

    seconds: since 1970-01-01T00:00:00Z. nanos: nanoseconds that count forward from there; what is below a
    microsecond is cut off in JSON and on the wire. Raises ValueError where seconds need more than 64 bits or nanos
    are not below a billion."""

    __slots__ = ()
    __match_args__ = ("seconds", "nanos")

    @classmethod
    def parse(cls, text: str) -> MicroTime:
        """Reads the content of a JSON string as metav1.MicroTime does (Go time.Parse, layout RFC3339Micro).

        The fraction must be there and have six characters; otherwise as Time.parse. Raises ValueError."""
        return cls(*_parse(text, micro=True))

    @classmethod
    def from_wire(cls, seconds: int, nanos: int) -> MicroTime:
        """The value of a Timestamp message that is not empty, cut to microseconds; an empty one is MicroTime().

        nanos below 0 or from a billion on move the seconds, as Go's time.Unix does; seconds wrap at 64 bits."""
        nanos = nanos // 1000 * 1000 if nanos >= 0 else -(-nanos // 1000 * 1000)  # toward zero
        if not 0 <= nanos < _BILLION:
            carry, nanos = divmod(nanos, _BILLION)
            seconds = (seconds + carry + 0x8000_0000_0000_0000) % 0x1_0000_0000_0000_0000 - 0x8000_0000_0000_0000
        return cls(seconds, nanos)

    @classmethod
    def from_datetime(cls, value: datetime) -> MicroTime:
        """The same instant. Raises ValueError for a datetime without time zone."""
        return cls(*_unix(value))

    @property
    def wire(self) -> tuple[int, int] | None:
        """Fields 1 and 2 of the Timestamp message, both always written; None where the message is empty."""
        return (self.seconds, self.nanos // 1000 * 1000) if self else None

    @property
    def text(self) -> str | None:
        return f"{_date_and_clock(self.seconds)}.{self.nanos // 1000:06d}Z" if self else None


def _unix(value: datetime) -> tuple[int, int]:
    from datetime import UTC, datetime, timedelta

    if value.utcoffset() is None:
        raise ValueError("the datetime has no time zone")
    since = value - datetime(1970, 1, 1, tzinfo=UTC)
    seconds, rest = divmod(since, timedelta(seconds=1))
    return seconds, rest.microseconds * 1000


_dates: dict[int, str] = {}  # texts of days: the times of one cluster share a few of them
_days_since: dict[str, int] = {}  # the same the other way round, only valid dates
_MAX_DATES = 1_000


def _date_and_clock(seconds: int) -> str:
    """`2006-01-02T15:04:05` of Unix seconds in UTC; a year below 0 or above 9999 as Go prints it."""
    if seconds < _GO_FIRST_SECOND:
        seconds += 0x1_0000_0000_0000_0000
    days, second = divmod(seconds, _DAY)
    date = _dates.get(days)
    if date is None:
        if len(_dates) >= _MAX_DATES:
            _dates.clear()
        date = _dates[days] = _date(days)
    minute, second = divmod(second, 60)
    hour, minute = divmod(minute, 60)
    return f"{date}T{_PAIRS[hour]}:{_PAIRS[minute]}:{_PAIRS[second]}"


def _date(days: int) -> str:
    """`2006-01-02` of a count of days from 1970-01-01, in the Gregorian calendar."""
    # Years start in March here, so that the leap day is the last day of its year.
    cycle, day = divmod(days - _MARCH_1_YEAR_0, _CYCLE)
    year = (day - day // 1460 + day // 36_524 - day // 146_096) // 365
    day -= 365 * year + year // 4 - year // 100
    month = (5 * day + 2) // 153
    day -= (153 * month + 2) // 5 - 1
    year += 400 * cycle
    if month < 10:
        month += 3
    else:
        month -= 9
        year += 1
    sign = ""
    if year < 0:
        sign, year = "-", -year
    return f"{sign}{year:04d}-{month:02d}-{day:02d}"


def _days(date: str, micro: bool) -> int:
    """Days from 1970-01-01 to a date written as `2006-01-02`. Raises ValueError."""
    days = _days_since.get(date)
    if days is not None:
        return days
    if date[4:5] != "-" or date[7:8] != "-":
        _refuse(micro)
    year = _number(date[0:4], 4, micro)
    month = _number(date[5:7], 2, micro)
    day = _number(date[8:10], 2, micro)
    if not 1 <= month <= 12:
        raise ValueError("the time's month is out of range")
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if not 1 <= day <= _DAYS_IN_MONTH[month - 1] + leap:
        raise ValueError("the time's day is out of range")
    if month < 3:
        year -= 1
        month += 12
    cycle, year = divmod(year, 400)
    days = _MARCH_1_YEAR_0 + cycle * _CYCLE + year * 365 + year // 4 - year // 100 + (153 * month - 457) // 5 + day - 1
    if len(_days_since) >= _MAX_DATES:
        _days_since.clear()
    _days_since[date] = days
    return days


def _parse(text: str, micro: bool) -> tuple[int, int]:
    """(Unix seconds, nanoseconds) of text by Go's time.Parse with the layout RFC3339, or RFC3339Micro."""
    # The T and the colons stand where they must; only the hour can be a digit shorter.
    if not text.isascii() or text[10:11] != "T":
        _refuse(micro)
    colon = 12 if text[12:13] == ":" else 13
    if text[colon : colon + 1] != ":" or text[colon + 3 : colon + 4] != ":":
        _refuse(micro)
    hour = _number(text[11:colon], colon - 11, micro)
    minute = _number(text[colon + 1 : colon + 3], 2, micro)
    second = _number(text[colon + 4 : colon + 6], 2, micro)
    zone, nanos = _fraction(text, colon + 6, micro)
    offset = 0 if text[zone:] == "Z" else _offset(text[zone:], micro)
    days = _days(text[:10], micro)
    if hour > 23:
        raise ValueError("the time's hour is out of range")
    if minute > 59:
        raise ValueError("the time's minute is out of range")
    if second > 59:
        raise ValueError("the time's second is out of range")
    return days * _DAY + (hour * 60 + minute) * 60 + second - offset, nanos


def _fraction(text: str, pos: int, micro: bool) -> tuple[int, int]:
    """(end, nanoseconds) of the fraction of a second that may stand at pos, or of MicroTime's, which must."""
    marked = text[pos : pos + 1] in (".", ",")
    if micro:
        digits = text[pos + 1 : pos + 7]
        if not marked:
            _refuse(micro)
        # Go's atoi takes a sign here: `.+00123` is 123 microseconds, `.-00000` is none, any other minus an error.
        if digits[:1] in ("+", "-"):
            if digits[0] == "-" and digits != "-00000":
                _refuse(micro)
            digits = "0" + digits[1:]
        return pos + 7, _number(digits, 6, micro) * 1000
    if not marked or not text[pos + 1 : pos + 2].isdigit():
        return pos, 0
    end = len(text) - len(text[pos + 1 :].lstrip("0123456789"))
    return end, int(text[pos + 1 : min(end, pos + 10)].ljust(9, "0"))


def _offset(zone: str, micro: bool) -> int:
    """Seconds of an offset like `+07:00`."""
    if len(zone) != 6 or zone[0] not in "+-" or zone[3] != ":":
        _refuse(micro)
    hours, minutes = _number(zone[1:3], 2, micro), _number(zone[4:6], 2, micro)
    if hours > 24 or minutes > 60:
        raise ValueError("the time's offset is out of range")
    seconds = (hours * 60 + minutes) * 60
    return -seconds if zone[0] == "-" else seconds


def _number(digits: str, length: int, micro: bool) -> int:
    """The value of exactly length ASCII digits."""
    if len(digits) != length or not digits.isdigit():
        _refuse(micro)
    return int(digits)


def _refuse(micro: bool) -> NoReturn:
    raise ValueError(f"not a time like 2006-01-02T15:04:05{'.000000' if micro else ''}Z")
