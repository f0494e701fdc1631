"""Duration: a span of time in nanoseconds, written as Go's time.Duration prints itself (`1h30m0s`, `1.5ms`).

The rules are those of Go's time package, ParseDuration and Duration.String; metav1.Duration adds none."""

from __future__ import annotations

from codec.types import Frozen, set_slot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import timedelta

_UNITS = {  # nanoseconds
    "ns": 1,
    "us": 1_000,
    "\u00b5s": 1_000,  # micro sign
    "\u03bcs": 1_000,  # Greek mu
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}
_DIGITS = "0123456789"
_2_63 = 1 << 63
_2_64 = 1 << 64
# From 10^309 on a float is infinite, so that more zeros after the point change nothing.
_MAX_ZEROS = 309


class Duration(Frozen):
    """metav1.Duration. Duration() is no time at all and false.

    nanoseconds: a signed 64-bit number, which is also the wire's field 1, always written. Raises ValueError where
    it does not fit."""

    __slots__ = ("nanoseconds",)
    __match_args__ = ("nanoseconds",)

    nanoseconds: int

    def __init__(self, nanoseconds: int = 0) -> None:
        if not -_2_63 <= nanoseconds < _2_63:
            raise ValueError("the duration does not fit into 64 bits of nanoseconds")
        set_slot(self, "nanoseconds", nanoseconds)

    @classmethod
    def parse(cls, text: str) -> Duration:
        """Reads the content of a JSON string as Go's time.ParseDuration does.

        An optional sign, then numbers with a unit each (ns, us, µs, ms, s, m, h), in any order and any number of
        times; `0` alone needs no unit; `.5s` and `5.s` are well. Empty text is an error, and so is JSON null where
        the field is no pointer, for Go reads it as empty text. Raises ValueError."""
        negative = text.startswith("-")
        pos = 1 if text[:1] in ("-", "+") else 0
        if text[pos:] == "0":
            return cls(0)
        length = len(text)
        if pos == length:
            raise ValueError("the duration is empty")
        total = 0
        while pos < length:
            end = _skip_digits(text, pos)
            whole = text[pos:end].lstrip("0")
            digits = end - pos
            # Longer numbers are too large in any unit, and int() of a huge one is slow.
            if len(whole) > 19:
                raise _too_long()
            value = int(whole or "0")
            pos = end
            fraction = ""
            if text.startswith(".", pos):
                end = _skip_digits(text, pos + 1)
                fraction = text[pos + 1 : end]
                digits += len(fraction)
                pos = end
            if digits == 0:
                raise ValueError("expected a number in the duration")
            end = pos
            while end < length and text[end] != "." and text[end] not in _DIGITS:
                end += 1
            unit = _UNITS.get(text[pos:end])
            if unit is None:
                raise ValueError("missing unit in the duration" if pos == end else "unknown unit in the duration")
            pos = end
            if value > _2_63 // unit:
                raise _too_long()
            value = value * unit + _fraction(fraction, unit)
            if value > _2_63:
                raise _too_long()
            total = (total + value) % _2_64  # Go's sum wraps: twice 2^63 is 0, and well
            if total > _2_63:
                raise _too_long()
        if negative:
            return cls(-total)
        if total == _2_63:
            raise _too_long()
        return cls(total)

    @classmethod
    def from_timedelta(cls, value: timedelta) -> Duration:
        """The same span. Raises ValueError beyond 64 bits of nanoseconds, about 292 years."""
        return cls(((value.days * 86_400 + value.seconds) * 1_000_000 + value.microseconds) * 1_000)

    def to_timedelta(self) -> timedelta:
        """The same span, nanoseconds cut to microseconds toward zero."""
        from datetime import timedelta

        microseconds = abs(self.nanoseconds) // 1_000
        return timedelta(microseconds=-microseconds if self.nanoseconds < 0 else microseconds)

    @property
    def text(self) -> str:
        """The content of the JSON string, as Go's Duration.String prints it: `1h0m0s`, `1.5s`, `-2µs`, `0s`."""
        rest = abs(self.nanoseconds)
        sign = "-" if self.nanoseconds < 0 else ""
        if rest < 1_000_000_000:
            if rest == 0:
                return "0s"
            if rest < 1_000:
                return f"{sign}{rest}ns"
            if rest < 1_000_000:
                return f"{sign}{_decimal(rest, 3)}\u00b5s"
            return f"{sign}{_decimal(rest, 6)}ms"
        minutes, rest = divmod(rest, 60_000_000_000)
        seconds = f"{_decimal(rest, 9)}s"
        if minutes == 0:
            return f"{sign}{seconds}"
        if minutes < 60:
            return f"{sign}{minutes}m{seconds}"
        return f"{sign}{minutes // 60}h{minutes % 60}m{seconds}"

    def __str__(self) -> str:
        return self.text

    def __bool__(self) -> bool:
        return self.nanoseconds != 0

    def __lt__(self, other: Duration) -> bool:
        return self.nanoseconds < other.nanoseconds if type(other) is Duration else NotImplemented

    def __le__(self, other: Duration) -> bool:
        return self.nanoseconds <= other.nanoseconds if type(other) is Duration else NotImplemented

    def __gt__(self, other: Duration) -> bool:
        return self.nanoseconds > other.nanoseconds if type(other) is Duration else NotImplemented

    def __ge__(self, other: Duration) -> bool:
        return self.nanoseconds >= other.nanoseconds if type(other) is Duration else NotImplemented


def _too_long() -> ValueError:
    return ValueError("the duration does not fit into 64 bits of nanoseconds")


def _skip_digits(text: str, pos: int) -> int:
    length = len(text)
    while pos < length and text[pos] in _DIGITS:
        pos += 1
    return pos


def _fraction(digits: str, unit: int) -> int:
    """Nanoseconds of a fraction of a unit, with Go's float arithmetic (time/format.go, leadingFraction)."""
    significant = digits.lstrip("0")
    scale = 1.0
    for _ in range(min(len(digits) - len(significant), _MAX_ZEROS)):
        scale *= 10
    value = 0
    for digit in significant[:20]:
        if value > (_2_63 - 1) // 10:
            break
        longer = value * 10 + int(digit)
        if longer > _2_63:
            break
        value = longer
        scale *= 10
    return int(value * (unit / scale)) if value else 0


def _decimal(value: int, places: int) -> str:
    """value * 10^-places without trailing zeros."""
    whole, rest = divmod(value, 10**places)
    return f"{whole}.{rest:0{places}d}".rstrip("0") if rest else str(whole)
