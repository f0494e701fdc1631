"""A bbolt file, read only: its buckets, their keys and values, and where each lies. No lock is taken.

A running etcd may write to the file meanwhile. What was read counts only if `unchanged()` still holds afterwards:
bbolt never writes to a page that the newest meta page leads to. Source: bbolt bucket.go, cursor.go, db.go.
"""

from __future__ import annotations

import mmap
import os
from bisect import bisect_right

from codec.errors import SourceError
from codec.source.pages import (
    BUCKET_SIZE,
    ELEMENT_SIZE,
    FREELIST,
    HEADER_SIZE,
    IS_BUCKET,
    LEAF,
    META_SIZE,
    NO_FREELIST,
    Meta,
    Pages,
    read_metas,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from io import FileIO
    from typing import TypeVar

    T = TypeVar("T")

TRIES = 3  # to read a part of a file that another program writes to
META_TRIES = 100  # to read the two meta pages, which takes microseconds
MAX_DEPTH = 64  # of a tree; two children in each branch page would make more pages than a file can have
BUSY = "the file is written to faster than it can be read: read a snapshot that `etcdctl snapshot save` made"


class Leaf:
    """A leaf page, or a bucket that lies within the page of its parent. `elements()` gives what it holds."""

    __slots__ = ("count", "end", "page", "pages", "start")

    def __init__(self, pages: Pages, page: int, count: int, start: int, end: int) -> None:
        self.pages = pages
        self.page = page
        self.count = count
        self.start = start
        self.end = end

    def elements(self) -> Iterator[tuple[int, int, int, int]]:
        """Flags, offset of the key, offset of the value and its end, of each element."""
        return self.pages.leaf(self.page, self.count, self.start, self.end)


class Bucket:
    """The keys and values of one bucket, in order of keys."""

    __slots__ = ("inline", "pages", "root")

    def __init__(self, pages: Pages, root: int, inline: Leaf | None = None) -> None:
        self.pages = pages
        self.root = root
        self.inline = inline  # its only leaf, where its root is no page of its own

    def leaves(self, start: bytes = b"", seen: bytearray | None = None) -> Iterator[Leaf]:
        """The leaf pages in order, from that on which may hold `start`. Every page is checked.

        seen: one byte for each page of the file, set for those passed; a page that two places lead to is an error.
        """
        if self.inline is not None:
            yield self.inline
            return
        if seen is None:
            seen = unseen(self.pages)
        stack = [self.root]
        while stack:
            page = stack.pop()
            flags, count, begin, end = self.claim(page, seen)
            if flags == LEAF:
                yield Leaf(self.pages, page, count, begin, end)
            else:
                stack += self.children(page, count, begin, end, start)

    def claim(self, page: int, seen: bytearray) -> tuple[int, int, int, int]:
        """Flags, number of elements, start and end of a page that no other place of the tree leads to."""
        flags, count, begin, end = self.pages.header(page)
        last = page + (end - begin) // self.pages.page_size
        if seen.find(1, page, last) >= 0:
            raise self.pages.error(page, "two places of the tree lead to it")
        seen[page:last] = b"\x01" * (last - page)
        return flags, count, begin, end

    def children(self, page: int, count: int, begin: int, end: int, start: bytes) -> list[int]:
        """The pages below a branch page that may hold keys from `start` on, the last one first."""
        keys, children = self.pages.branch(page, count, begin, end)
        first = max(bisect_right(keys, start) - 1, 0)
        return children[: first - 1 if first else None : -1]

    def elements(self) -> Iterator[tuple[int, bytes, int, int]]:
        """Flags, key, start and end of the value. SourceError where keys are not in order."""
        before: bytes | None = None
        for leaf in self.leaves():
            for flags, at, value, end in leaf.elements():
                key = self.pages.data[at:value]
                if before is not None and key <= before:
                    raise self.pages.error(leaf.page, "its keys are not in order")
                before = key
                yield flags, key, value, end

    def find(self, key: bytes) -> tuple[int, int, int] | None:
        """Flags, start and end of the value under a key."""
        pages = self.pages
        leaf = self.inline
        if leaf is None:
            page = self.root
            for _ in range(MAX_DEPTH):
                flags, count, begin, end = pages.header(page)
                if flags == LEAF:
                    leaf = Leaf(pages, page, count, begin, end)
                    break
                keys, children = pages.branch(page, count, begin, end)
                page = children[max(bisect_right(keys, key) - 1, 0)]
            else:
                raise pages.error(page, f"the tree is deeper than {MAX_DEPTH} pages")
        for flags, at, value, end in leaf.elements():
            if pages.data[at:value] == key:
                return flags, value, end
        return None

    def get(self, key: bytes) -> bytes | None:
        """The value under a key; None if there is none, or if it is a bucket."""
        found = self.find(key)
        if found is None or found[0] & IS_BUCKET:
            return None
        return self.pages.data[found[1] : found[2]]

    def bucket(self, name: bytes) -> Bucket | None:
        """The bucket of that name within this one."""
        found = self.find(name)
        if found is None or not found[0] & IS_BUCKET:
            return None
        return nested(self.pages, found[1], found[2])


def unseen(pages: Pages) -> bytearray:
    """One byte for each page that the file has, whatever the meta page says that it should have."""
    return bytearray(min(pages.high_water, len(pages.data) // pages.page_size))


def nested(pages: Pages, value: int, end: int) -> Bucket:
    """The bucket that a value stands for: the page of its root, or 0 and then a page within the value."""
    holder = value // pages.page_size
    if end - value < BUCKET_SIZE:
        raise pages.error(holder, "a bucket is cut off", value)
    root, _ = pages.layout.bucket(pages.data, value)
    if root:
        return Bucket(pages, root)
    start = value + BUCKET_SIZE
    if start + HEADER_SIZE > end:
        raise pages.error(holder, "a bucket within the page is cut off", value)
    _, flags, count, _ = pages.layout.header(pages.data, start)
    if flags != LEAF or start + HEADER_SIZE + count * ELEMENT_SIZE > end:
        raise pages.error(holder, "a bucket within the page is no leaf, or cut off", start)
    return Bucket(pages, 0, Leaf(pages, holder, count, start, end))


class Database:
    """A bbolt file under its newest meta page.

    warnings: what is wrong without being in the way, such as one damaged meta page.
    Errors: SourceError, for a file that cannot be opened, or is no bbolt file.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.warnings: list[str] = []
        self.renewals = 0  # how often a newer meta page took over; places that were found before may hold other things
        self._file = open_file(path)
        try:
            self.data = map_file(self._file)
            self.pages = self._newest()
        except BaseException:
            self._file.close()
            raise

    def close(self) -> None:
        self.data.close()
        self._file.close()

    @property
    def size(self) -> int:
        """Bytes that the database has by its own count. A snapshot file holds a checksum behind them."""
        return self.pages.high_water * self.pages.page_size

    def unchanged(self) -> bool:
        """Whether no transaction ended since the last `renew`. If so, all that was read since then is whole."""
        return self._metas == self._read_metas()

    def renew(self) -> None:
        """Goes over to the newest meta page."""
        self.pages = self._newest()
        self.renewals += 1

    def bucket(self, name: bytes) -> Bucket | None:
        """A bucket of the root, under the newest meta page that was read."""
        return Bucket(self.pages, self.pages.meta.root).bucket(name)

    def buckets(self) -> Iterator[tuple[bytes, Bucket]]:
        """Each bucket of the root with its name."""
        for flags, name, value, end in Bucket(self.pages, self.pages.meta.root).elements():
            if flags & IS_BUCKET:
                yield name, nested(self.pages, value, end)

    def _newest(self) -> Pages:
        for _ in range(META_TRIES):
            meta, problem = read_metas(self.data)
            self._second = meta.page_size + HEADER_SIZE
            self._metas = self._read_metas()
            again, _ = read_metas(self.data)  # a page that was being written is damaged for a moment
            if again.txid == meta.txid and self.unchanged() and not self._has_grown(meta):
                break
        else:
            raise SourceError(BUSY)
        if problem and problem not in self.warnings:
            self.warnings.append(problem)
        return Pages(self.data, meta)

    def _has_grown(self, meta: Meta) -> bool:
        """Whether the file has pages by now that were not there when it was mapped; if so, maps it anew."""
        size = meta.high_water * meta.page_size
        if size <= len(self.data) or os.fstat(self._file.fileno()).st_size <= len(self.data):
            return False
        self.data = map_file(self._file)  # the older one goes when nobody stands on it any more
        return True

    def _read_metas(self) -> tuple[bytes, bytes]:
        return (
            self.data[HEADER_SIZE : HEADER_SIZE + META_SIZE],
            self.data[self._second : self._second + META_SIZE],
        )


class Usage:
    """How many pages of a file serve what. `free` pages hold nothing: defragmentation would give them back."""

    __slots__ = ("branch", "free", "leaf", "page_size", "total")

    def __init__(self, total: int, page_size: int, branch: int, leaf: int, free: int) -> None:
        self.total = total
        self.page_size = page_size
        self.branch = branch
        self.leaf = leaf
        self.free = free


def usage(database: Database) -> Usage:
    """Walks every page of every bucket and counts. SourceError for a page that is damaged or has two places."""
    return walk(database)[0]


def walk(database: Database) -> tuple[Usage, bytearray]:
    """What `usage` gives, and one byte for each page, set for those that the tree leads to."""
    pages = database.pages
    seen = unseen(pages)
    waiting = [Bucket(pages, pages.meta.root)]
    leaf_pages = 0
    while waiting:
        bucket = waiting.pop()
        for leaf in bucket.leaves(seen=seen):
            if bucket.inline is None:
                leaf_pages += (leaf.end - leaf.start) // pages.page_size
            for flags, _, value, end in leaf.elements():
                if flags & IS_BUCKET:
                    waiting.append(nested(pages, value, end))
    reached = seen.count(1)
    free = pages.high_water - 2 - reached - _freelist_pages(pages)  # 2: the meta pages
    return Usage(pages.high_water, pages.page_size, reached - leaf_pages, leaf_pages, free), seen


def _freelist_pages(pages: Pages) -> int:
    """How many pages the list of free pages takes; 0 where none is kept, as in etcd's files."""
    page = pages.meta.freelist
    if page == NO_FREELIST:
        return 0
    if not 1 < page < pages.high_water or (page + 1) * pages.page_size > len(pages.data):
        raise pages.error(page, "the list of free pages lies outside of the pages in use")
    found, flags, _, overflow = pages.layout.header(pages.data, page * pages.page_size)
    if found != page or flags != FREELIST or page + overflow >= pages.high_water:
        raise pages.error(page, "not a list of free pages")
    return int(overflow) + 1


def stable(database: Database, read: Callable[[], T]) -> T:
    """What `read` returns, repeated under a newer meta page where etcd committed meanwhile."""
    for _ in range(TRIES):
        try:
            result = read()
            if database.unchanged():
                return result
        except SourceError:
            if database.unchanged():
                raise
        database.renew()
    raise SourceError(BUSY)


def open_file(path: str) -> FileIO:
    """A file to read. SourceError, without the path, if it cannot be opened."""
    try:
        return open(path, "rb", buffering=0)
    except OSError as error:
        raise SourceError(f"{error.strerror or error}") from None


def map_file(file: FileIO) -> mmap.mmap:
    """Its bytes in memory, read from the disk as they are needed."""
    if not os.fstat(file.fileno()).st_size:
        raise SourceError("the file is empty")
    try:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as error:
        raise SourceError(f"{error.strerror or error}") from None
