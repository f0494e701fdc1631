"""Writes a write-ahead log as etcd does, so that tests can make those that no running etcd leaves behind."""

from __future__ import annotations

from pathlib import Path

from codec.source.castagnoli import update
from codec.source.stored import varint

METADATA, ENTRY, STATE, CRC, SNAPSHOT = 1, 2, 3, 4, 5


def number(field: int, value: int) -> bytes:
    """A varint field."""
    return varint(field << 3) + varint(value)


def part(field: int, value: bytes) -> bytes:
    """A length-delimited field."""
    return varint(field << 3 | 2) + varint(len(value)) + value


def entry(index: int, data: bytes = b"", kind: int = 0, term: int = 2) -> bytes:
    """A raftpb.Entry."""
    return number(1, kind) + number(2, term) + number(3, index) + (part(4, data) if data else b"")


def put(key: bytes, value: bytes) -> bytes:
    """An InternalRaftRequest that puts a key."""
    return part(100, number(1, 7)) + part(4, part(1, key) + part(2, value))


class LogFile:
    """One `.wal` file. `crc` is that with which the file before ended."""

    def __init__(self, crc: int = 0) -> None:
        self.data = bytearray()
        self.crc = crc
        self._frame(CRC, b"")

    def add(self, kind: int, content: bytes) -> int:
        """Appends a record; returns the offset of its frame."""
        self.crc = update(self.crc, content)
        return self._frame(kind, content)

    def entry(self, index: int, data: bytes = b"", kind: int = 0) -> int:
        return self.add(ENTRY, entry(index, data, kind))

    def commit(self, index: int) -> int:
        return self.add(STATE, number(1, 2) + number(2, 1) + number(3, index))

    def _frame(self, kind: int, content: bytes) -> int:
        offset = len(self.data)
        record = number(1, kind) + number(2, self.crc) + (part(3, content) if content else b"")
        padding = -len(record) % 8
        length = len(record) | (0x80 | padding) << 56 if padding else len(record)
        self.data += length.to_bytes(8, "little") + record + bytes(padding)
        return offset

    def write(self, folder: Path, sequence: int, index: int, reserved: int = 4096) -> Path:
        """To a folder, with room reserved behind it as etcd does."""
        path = folder / f"{sequence:016x}-{index:016x}.wal"
        path.write_bytes(self.data + bytes(reserved))
        return path
