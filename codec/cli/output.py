"""Where a command's words and data go: data to stdout as bytes, words to stderr, one line each."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

PROGRAM = "k8s-codec"

# exit statuses
WELL, NO, USAGE, FAILED = 0, 1, 2, 3


def write(data: bytes | str) -> None:
    """Data, to stdout. Text goes out as UTF-8, whatever the locale says."""
    if isinstance(data, str):
        data = data.encode("utf-8", "surrogateescape")
    sys.stdout.buffer.write(data)


def say(text: str) -> None:
    """A line of words, to stderr, after the data that was written before it."""
    sys.stdout.flush()
    for clear in before_words:
        clear()
    sys.stderr.write(f"{PROGRAM}: {printable(text)}\n")


before_words: list[Callable[[], None]] = []  # what takes a line of progress away


def printable(text: str) -> str:
    """Text in one line, in which nothing acts on a terminal: names in it come from the input."""
    return text if text.isprintable() else "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def is_terminal() -> bool:
    """Whether data goes to a terminal."""
    return sys.stdout.isatty()


class Outcome:
    """What became of the inputs so far: each failure is said at once, and `status` remembers that there was one."""

    def __init__(self) -> None:
        self.status = WELL

    def failed(self, label: str, problem: object) -> None:
        """Names an input that failed, or whose text form lost something."""
        say(f"{label}: {problem}" if label else str(problem))
        self.status = FAILED


class collected_warnings:
    """Context manager: the library's warnings, as a list of texts, instead of on stderr."""

    def __enter__(self) -> list[str]:
        import warnings

        from codec.errors import UnknownFieldsWarning

        self.texts: list[str] = []
        self._catcher = warnings.catch_warnings(record=True)
        self._seen = self._catcher.__enter__()
        warnings.simplefilter("always", UnknownFieldsWarning)
        return self.texts

    def __exit__(self, *exception: object) -> None:
        self.texts += [str(each.message) for each in self._seen or ()]
        self._catcher.__exit__(None, None, None)


class watched_warnings:
    """Context manager around many values: `take` gives the library's warnings since it was last asked, as texts."""

    def __enter__(self) -> watched_warnings:
        import warnings

        from codec.errors import UnknownFieldsWarning

        self._catcher = warnings.catch_warnings(record=True)
        self._seen: Any = self._catcher.__enter__()
        warnings.simplefilter("always", UnknownFieldsWarning)
        return self

    def take(self) -> list[str]:
        texts = [str(each.message) for each in self._seen]
        self._seen.clear()
        return texts

    def __exit__(self, *exception: object) -> None:
        self._catcher.__exit__(None, None, None)
