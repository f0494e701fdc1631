"""How far long work has come, on stderr, where a person looks at it; cleaned away at the end."""

from __future__ import annotations

import sys

from codec.cli import output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any, TypeVar

    T = TypeVar("T")

FIRST, AGAIN = 0.5, 0.1  # seconds before the first line, and between two
CLEAR = "\r\x1b[K"
UNITS, STEP = ("KiB", "MiB", "GiB", "TiB"), 1024


def is_shown(writes_meanwhile: bool) -> bool:
    """Whether anybody looks: stderr is a terminal, and no data goes to the same one."""
    return sys.stderr.isatty() and not (writes_meanwhile and sys.stdout.isatty())


class Progress:
    """Context manager. `over(rows)` counts rows as they go by; where nobody looks they go by untouched.

    objects, size: how many objects and bytes there will be, as far as it is known: the time left comes from it.
    writes_meanwhile: whether the command writes data while it works, and not at its end alone.
    """

    def __init__(self, *, objects: int = 0, size: int = 0, writes_meanwhile: bool = True) -> None:
        self.objects = objects
        self.size = size
        self.done = 0
        self.done_size = 0
        self._shown = is_shown(writes_meanwhile)
        self._visible = False
        self._started = self._next = 0.0

    def __enter__(self) -> Progress:
        if self._shown:
            from time import monotonic

            self._started = monotonic()
            self._next = self._started + FIRST
            output.before_words.append(self.clear)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
        self.clear()
        if self._shown:
            output.before_words.remove(self.clear)

    def over(self, rows: Iterable[T], size_of: Callable[[T], int] | None = None) -> Iterator[T]:
        """The same rows, counted; size_of tells the bytes of one."""
        return self._counted(rows, size_of) if self._shown else iter(rows)

    def _counted(self, rows: Iterable[T], size_of: Callable[[T], int] | None) -> Iterator[T]:
        for row in rows:
            yield row
            self.advance(1, size_of(row) if size_of is not None else 0)

    def advance(self, objects: int = 1, size: int = 0) -> None:
        """So many objects and bytes more are done."""
        self.done += objects
        self.done_size += size
        if not self._shown:
            return
        from time import monotonic

        now = monotonic()
        if now >= self._next:
            self._next = now + AGAIN
            sys.stderr.write(CLEAR + self.text(now - self._started))
            sys.stderr.flush()
            self._visible = True

    def clear(self) -> None:
        """Takes the line away, for words or for good."""
        if self._visible:
            sys.stderr.write(CLEAR)
            sys.stderr.flush()
            self._visible = False

    def text(self, seconds: float) -> str:
        """The line after so much time."""
        text = f"{self.done} objects"
        if self.done_size:
            text += f", {in_units(self.done_size)}"
        share = self.done / self.objects if self.objects else self.done_size / self.size if self.size else 0.0
        if 0 < share < 1:
            text += f", {share:.0%}, {in_words(seconds / share - seconds)} left"
        return text


def in_units(size: int) -> str:
    """A number of bytes for people: `12.3 MiB`."""
    if size < STEP:
        return f"{size} B"
    value = float(size)
    place = -1
    while value >= STEP and place < len(UNITS) - 1:
        value /= STEP
        place += 1
    return f"{value:.1f} {UNITS[place]}"


def in_words(seconds: float) -> str:
    """`45 s`, `3 min 05 s`."""
    whole = int(seconds + 0.5)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60:02d} s"
