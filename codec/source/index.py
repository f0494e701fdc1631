"""Which records of an etcd database belong to which key: the readable index, and the choice between it and the twin's.

A record is one retained revision of a key. Records have numbers, from 0 and in order of revision. What a scan finds
is pending until `commit`, because a running etcd may have written over what was read.
"""

from __future__ import annotations

from bisect import bisect_left
from struct import pack

from codec import twin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mmap import mmap
    from typing import Literal

DELETED = 1 << 31  # added to the sub revision of a tombstone

# How a column is packed: main revision, sub revision with DELETED, place in the file, size, the record before.
_COLUMNS: tuple[Literal["q", "I", "Q"], ...] = ("q", "I", "Q", "I", "q")


class Index:
    """Key → its records. `data` is the file wherever it is asked for; this index does not look at it.

    pending: how many records wait for `commit`. len() counts those that are through.
    """

    def __init__(self, copies: bool = True) -> None:
        self.pending = 0
        self._heads: dict[bytes, int] = {}  # key → its newest record
        self._sorted: list[bytes] | None = None
        # Of each record: main and sub revision, place and size, the record before it of the same key.
        self._columns = [bytearray() for _ in _COLUMNS]
        self._count = 0
        self._clear()
        self._look()

    def __len__(self) -> int:
        return self._count

    def _clear(self) -> None:
        self._keys: list[bytes] = []
        self._new: tuple[list[int], list[int], list[int], list[int]] = ([], [], [], [])
        self.pending = 0

    def _look(self) -> None:
        self._mains, self._subs, self._starts, self._sizes, self._before = (
            memoryview(column).cast(form) for column, form in zip(self._columns, _COLUMNS, strict=True)
        )

    def append(self, key: bytes, main: int, sub: int, start: int, size: int) -> None:
        """A record, later than all others. start, size: where the mvccpb.KeyValue is in the file."""
        self._keys.append(key)
        mains, subs, starts, sizes = self._new
        mains.append(main)
        subs.append(sub)
        starts.append(start)
        sizes.append(size)
        self.pending += 1

    def commit(self, data: mmap | bytes) -> None:
        """Takes the pending records in."""
        heads = self._heads
        before = []
        number = self._count
        for key in self._keys:
            before.append(heads.get(key, -1))
            heads[key] = number
            number += 1
        count = number - self._count
        self._count = number
        del self._mains, self._subs, self._starts, self._sizes, self._before
        for column, form, each in zip(self._columns, _COLUMNS, (*self._new, before), strict=True):
            column += pack(f"{count}{form}", *each)
        self._look()
        self._sorted = None
        self._clear()

    def discard(self) -> None:
        """Forgets the pending records."""
        self._clear()

    def head(self, data: mmap | bytes, key: bytes) -> int:
        """The newest record of a key, -1 if it has none."""
        return self._heads.get(key, -1)

    def before(self, number: int) -> int:
        """The record of the same key before this one, -1 if it is the first."""
        return self._before[number]

    def main(self, number: int) -> int:
        return self._mains[number]

    def sub(self, number: int) -> int:
        """The sub revision; DELETED is added to that of a tombstone."""
        return self._subs[number]

    def start(self, number: int) -> int:
        return self._starts[number]

    def size(self, number: int) -> int:
        return self._sizes[number]

    def places(self, data: mmap | bytes, start: bytes, end: bytes) -> tuple[int, int]:
        """Where, among all keys in order, those from `start` on and before `end` stand; no end: all that follow."""
        if self._sorted is None:
            self._sorted = sorted(self._heads)
        first = bisect_left(self._sorted, start)
        return first, bisect_left(self._sorted, end, first) if end else len(self._sorted)

    def keys(self, data: mmap | bytes, first: int, last: int) -> list[bytes]:
        """The keys at these places."""
        assert self._sorted is not None
        return self._sorted[first:last]

    def live(self, data: mmap | bytes, first: int, last: int, revision: int) -> list[tuple[bytes, int]]:
        """Of the keys at these places those that are there at a revision, with the record in force."""
        assert self._sorted is not None
        found = []
        heads, mains, subs = self._heads, self._mains, self._subs
        for key in self._sorted[first:last]:
            number = heads[key]
            while number >= 0 and mains[number] > revision:
                number = self._before[number]
            if number >= 0 and not subs[number] & DELETED:
                found.append((key, number))
        return found


def new_index(copies: bool) -> Index:
    """An empty index, the compiled one where there is one.

    copies: whether another program may write to the file meanwhile. If not, keys can stay where they are in it.
    """
    made: Index = Index(copies) if twin is None else twin.RevisionIndex(copies)
    return made
