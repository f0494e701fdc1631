"""Data to stdout in large pieces: what is written object by object goes out a quarter of a megabyte at a time."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SIZE = 256 << 10  # bytes that are collected at most before they are written


class Blocks:
    """Context manager that collects pieces and writes them. `flush` before words go to stderr."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 0

    def write(self, data: bytes) -> None:
        self._pieces.append(data)
        self._size += len(data)
        if self._size >= SIZE:
            self.flush()

    def flush(self) -> None:
        """Writes what was collected."""
        pieces, self._pieces, self._size = self._pieces, [], 0
        if pieces:
            sys.stdout.buffer.write(b"".join(pieces))

    def __enter__(self) -> Blocks:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
        # What was written before an error stays written; a reader that is gone wants nothing more.
        if not isinstance(error, (BrokenPipeError, KeyboardInterrupt)):
            self.flush()
