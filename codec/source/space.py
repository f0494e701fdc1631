"""The space that a source's database takes, and how much of it serves nothing."""

from __future__ import annotations


class Space:
    """Bytes of a database: all, and those in pages that are free.

    pages: bytes in pages that hold keys and values, or None where the source does not tell; they are seldom full.
    remedy: what a person runs to get the free ones back.
    """

    __slots__ = ("free", "pages", "remedy", "total")

    def __init__(self, total: int, free: int, remedy: str, pages: int | None = None) -> None:
        self.total = total
        self.free = free
        self.remedy = remedy
        self.pages = pages
