"""The space that a source's database takes, and how much of it serves nothing."""

from __future__ import annotations


class Space:
    """Bytes of a database: all, and those in pages that are free.

    remedy: what a person runs to get them back. packed: about what the database takes after that, or None where
    nothing tells; besides free pages there are those that are filled in part.
    """

    __slots__ = ("free", "packed", "remedy", "total")

    def __init__(self, total: int, free: int, remedy: str, packed: int | None = None) -> None:
        self.total = total
        self.free = free
        self.remedy = remedy
        self.packed = packed

    @property
    def gain(self) -> int:
        """Bytes that the remedy gives back, or that it gives back at least."""
        return self.free if self.packed is None else max(self.total - self.packed, self.free)
