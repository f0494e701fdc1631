"""Ages as kubectl prints them: two or three significant figures, `5m30s`, `3d4h`, `2y10d`.

Source: apimachinery pkg/util/duration/duration.go HumanDuration; kubernetes pkg/printers/internalversion/printers.go
translateTimestampSince.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from codec.types.time import MicroTime, Time

SECOND = 1_000_000_000  # nanoseconds
UNKNOWN = "<unknown>"  # the age of what has no time
INVALID = "<invalid>"  # of what lies two seconds or more in the future

_MAX_DURATION = 0x7FFF_FFFF_FFFF_FFFF  # nanoseconds; Go's time.Since goes no further: 292 years


def human_duration(nanoseconds: int) -> str:
    """A time span in nanoseconds → its text; `<invalid>` for one below -1 second, cut to whole seconds."""
    # Go cuts toward zero, so that what is up to two seconds early is still "0s".
    seconds = nanoseconds // SECOND if nanoseconds >= 0 else -(-nanoseconds // SECOND)
    if seconds < 120:
        return INVALID if seconds < -1 else f"{max(seconds, 0)}s"
    minutes, second = divmod(seconds, 60)
    if minutes < 10:
        return f"{minutes}m{second}s" if second else f"{minutes}m"
    hours, minute = divmod(minutes, 60)
    if hours < 3:
        return f"{minutes}m"
    if hours < 8:
        return f"{hours}h{minute}m" if minute else f"{hours}h"
    days, hour = divmod(hours, 24)
    if days < 2:
        return f"{hours}h"
    if days < 8:
        return f"{days}d{hour}h" if hour else f"{days}d"
    years, day = divmod(days, 365)
    if years < 2:
        return f"{days}d"
    return f"{years}y{day}d" if day and years < 8 else f"{years}y"


# Go counts seconds from the start of year 1 in a signed 64-bit number; what lies behind its end comes out as long ago.
_LAST_SECOND = (1 << 63) - 1 - 62_135_596_800  # in Unix seconds


class Clock:
    """The moment that ages are counted to. now: nanoseconds since 1970 in UTC, as time.time_ns gives them."""

    __slots__ = ("_texts", "now")

    def __init__(self, now: int | None = None) -> None:
        if now is None:
            import time

            now = time.time_ns()
        self.now = now
        self._texts: dict[int, str] = {}  # by Unix second: the objects of a table share some of them

    def since(self, instant: Time | MicroTime | None) -> str:
        """The age of what happened at an instant; `<unknown>` for Go's zero time, or none."""
        if not instant:
            return UNKNOWN
        if instant.nanos:
            return human_duration(self.elapsed(instant))
        text = self._texts.get(instant.seconds)
        if text is None:
            text = self._texts[instant.seconds] = human_duration(self.elapsed(instant))
        return text

    def elapsed(self, instant: Time | MicroTime) -> int:
        """Nanoseconds since an instant, kept within what a Go duration holds."""
        if instant.seconds > _LAST_SECOND:
            return _MAX_DURATION
        return bounded(self.now - instant.seconds * SECOND - instant.nanos)


def bounded(nanoseconds: int) -> int:
    """The nearest time span that a Go duration holds."""
    return max(-_MAX_DURATION - 1, min(_MAX_DURATION, nanoseconds))


def moment(text: str) -> int:
    """An RFC 3339 time → nanoseconds since 1970, as `now` wants it. ValueError for anything else."""
    from codec.types.time import Time

    whole = Time.parse(text)
    fraction = text.replace(",", ".").partition(".")[2]  # Go takes both
    digits = fraction[: len(fraction) - len(fraction.lstrip("0123456789"))]
    return whole.seconds * SECOND + int(digits[:9].ljust(9, "0"))
