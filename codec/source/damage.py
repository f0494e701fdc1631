"""How far a damaged database goes: each page that cannot be read, where opening it ends at the first.

For people who have nothing better than a damaged file, and want to know what of it is left.
"""

from __future__ import annotations

import os

from codec.errors import SourceError
from codec.source.bbolt import Bucket, Database, Leaf, nested, stable, unseen
from codec.source.pages import IS_BUCKET, LEAF

KEY_BUCKET = b"key"


class Survey:
    """What was found. problems: one line for each damaged page, and for a wrong checksum; lost: more of them than
    are kept; pages: of the tree that can be read; records: of keys that stand in them.
    """

    __slots__ = ("lost", "pages", "problems", "records")

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.lost = 0
        self.pages = 0
        self.records = 0

    def add(self, problem: str) -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(problem)
        else:
            self.lost += 1


MAX_PROBLEMS = 100  # lines


def survey(path: str) -> Survey:
    """Goes through all pages that can be reached. SourceError for a file that is no bbolt file, or is written to."""
    from codec.source.datadir import database_path

    database = Database(database_path(path) if os.path.isdir(path) else path)
    try:
        return stable(database, lambda: _survey(database))
    finally:
        database.close()


def _survey(database: Database) -> Survey:
    from codec.source.snapshot import has_checksum, verify

    found = Survey()
    if has_checksum(len(database.data)):
        try:
            verify(database.data)
        except SourceError as error:
            found.add(str(error))
    for warning in database.warnings:
        found.add(warning)
    pages = database.pages
    seen = unseen(pages)
    waiting = [(Bucket(pages, pages.meta.root), b"")]
    while waiting:
        bucket, name = waiting.pop()
        if bucket.inline is not None:
            waiting += _read(bucket.inline, name, found)
            continue
        stack = [bucket.root]
        while stack:
            page = stack.pop()
            try:
                flags, count, begin, end = bucket.claim(page, seen)
                if flags == LEAF:
                    waiting += _read(Leaf(pages, page, count, begin, end), name, found)
                else:
                    stack += bucket.children(page, count, begin, end, b"")
                found.pages += 1
            except SourceError as error:
                found.add(str(error))
    return found


def _read(leaf: Leaf, name: bytes, found: Survey) -> list[tuple[Bucket, bytes]]:
    """Counts the records of a leaf of the bucket `key`; gives the buckets that stand in any leaf."""
    buckets = []
    for flags, at, value, end in leaf.elements():
        if flags & IS_BUCKET:
            buckets.append((nested(leaf.pages, value, end), name or leaf.pages.data[at:value]))
        elif name == KEY_BUCKET:
            found.records += 1
    return buckets
