"""etcd's write-ahead log: the raft entries in a folder of `.wal` files, and how far they are committed.

A file is frames: a length of 8 bytes, little-endian, whose top byte tells the padding, then a walpb.Record with a
checksum over all data so far. Source: etcd server/storage/wal/decoder.go, encoder.go, wal.go, walpb/record.proto.
"""

from __future__ import annotations

import os
from itertools import pairwise

from codec.errors import DecodeError, SourceError
from codec.source.bbolt import map_file, open_file
from codec.source.castagnoli import update
from codec.source.raft_message import RaftMessage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from mmap import mmap

SUFFIX = ".wal"
FRAME_LENGTH = 8  # bytes before each record
LENGTH_MASK = (1 << 56) - 1  # of the frame length; the byte above says how many bytes pad the record
SECTOR = 512  # bytes; a disk writes a sector whole or not at all

METADATA, ENTRY, STATE, CRC, SNAPSHOT = 1, 2, 3, 4, 5  # types of a record
RECORD_TYPE, RECORD_CRC, RECORD_DATA = 1, 2, 3  # fields of walpb.Record
ENTRY_TYPE, ENTRY_TERM, ENTRY_INDEX, ENTRY_DATA = 1, 2, 3, 4  # fields of raftpb.Entry
STATE_COMMIT = 3  # field of raftpb.HardState
NORMAL, CONF_CHANGE, CONF_CHANGE_V2 = 0, 1, 2  # types of an entry


class Entry:
    """A raft entry: what the members of a cluster agreed on, or will."""

    __slots__ = ("data", "index", "kind")

    def __init__(self, index: int, kind: int, data: bytes) -> None:
        self.index = index
        self.kind = kind
        self.data = data


class Log:
    """The entries behind an index, in order and without gaps.

    commit: index of the last entry that was known to be committed. problem: where and why reading ended before the
    end of the files, "" if it did not; torn: whether that is what a crash leaves behind.
    """

    def __init__(self, after: int) -> None:
        self.after = after
        self.entries: list[Entry] = []
        self.commit = 0
        self.problem = ""
        self.torn = False

    @property
    def last(self) -> int:
        """The index of the last entry."""
        return self.after + len(self.entries)


class _Damage(Exception):
    """A frame that cannot be read: offset, why, and whether a crash explains it."""

    def __init__(self, offset: int, problem: str, torn: bool) -> None:
        super().__init__(offset, problem, torn)
        self.offset = offset
        self.problem = problem
        self.torn = torn


def names(folder: str) -> list[tuple[int, int, str]]:
    """Sequence number, index of the first entry, and name of each file, in order."""
    found = []
    try:
        listed = os.listdir(folder)
    except OSError as error:
        raise SourceError(f"write-ahead log: {error.strerror or error}") from None
    for name in listed:
        if name.endswith(SUFFIX):
            sequence, _, index = name[: -len(SUFFIX)].partition("-")
            try:
                found.append((int(sequence, 16), int(index, 16), name))
            except ValueError:
                continue
    return sorted(found)


def read(folder: str, after: int) -> Log:
    """The log behind the entry `after`, which the database contains.

    Reading ends at the first place that is damaged; what stands before it is whole. SourceError for a folder whose
    files do not follow each other, or which holds no entry that follows `after`.
    """
    files = names(folder)
    if not files:
        raise SourceError("write-ahead log: no file ends in .wal")
    first = max((place for place, (_, index, _) in enumerate(files) if index <= after + 1), default=0)
    files = files[first:]
    for (before, _, _), (sequence, _, name) in pairwise(files):
        if sequence != before + 1:
            raise SourceError(f"write-ahead log: the file before {name} is missing")
    log = Log(after)
    crc = 0
    for place, (_, _, name) in enumerate(files):
        try:
            crc = _read_file(os.path.join(folder, name), crc, log, is_last=place == len(files) - 1)
        except _Damage as damage:
            log.problem = f"{name} at byte {damage.offset}: {damage.problem}"
            log.torn = damage.torn
            break
    return log


def _read_file(path: str, crc: int, log: Log, *, is_last: bool) -> int:
    with open_file(path) as file:
        if not os.fstat(file.fileno()).st_size:
            if is_last:
                return crc
            raise _Damage(0, "the file is empty", torn=False)
        with map_file(file) as data:
            for offset, kind, stored, content in _records(data, is_last):
                if kind == CRC:
                    # Each file begins with the checksum at which the file before ended.
                    if crc and stored != crc:
                        raise _Damage(offset, "its checksum does not continue the one before", torn=False)
                    crc = stored
                    continue
                crc = update(crc, content)
                if stored != crc:
                    raise _Damage(offset, "the checksum is wrong", _is_torn(data, offset, is_last))
                try:
                    _take(log, kind, content)
                except DecodeError as error:
                    raise _Damage(offset, f"not a record of etcd: {error}", torn=False) from None
                except SourceError as error:
                    raise _Damage(offset, str(error), torn=False) from None
    return crc


def _records(data: mmap, is_last: bool) -> Iterator[tuple[int, int, int, bytes]]:
    """Offset of the frame, type, checksum and data of each record."""
    pos = 0
    while pos + FRAME_LENGTH <= len(data):
        field = int.from_bytes(data[pos : pos + FRAME_LENGTH], "little")
        if not field:
            return  # what follows was reserved on the disk and never written
        length = field & LENGTH_MASK
        padding = field >> 56 & 7 if field >> 63 else 0
        start = pos + FRAME_LENGTH
        end = start + length + padding
        if end > len(data):
            raise _Damage(pos, f"a record of {length} bytes runs past the end of the file", torn=is_last)
        try:
            record = RaftMessage(data[start : start + length])
        except DecodeError as error:
            raise _Damage(pos, f"not a record: {error.problem}", _is_torn(data, pos, is_last)) from None
        yield pos, record.number(RECORD_TYPE), record.number(RECORD_CRC), record.bytes(RECORD_DATA)
        pos = end
    if pos < len(data) and data[pos:].strip(b"\0"):
        raise _Damage(pos, "the file ends within a frame", torn=is_last)


def _is_torn(data: mmap, offset: int, is_last: bool) -> bool:
    """Whether a crash explains a bad record: it is of the last file, and a sector of it was never written."""
    if not is_last:
        return False
    field = int.from_bytes(data[offset : offset + FRAME_LENGTH], "little")
    start = offset + FRAME_LENGTH
    end = min(start + (field & LENGTH_MASK) + (field >> 56 & 7), len(data))
    while start < end:
        sector_end = min(start - start % SECTOR + SECTOR, end)
        if not data[start:sector_end].strip(b"\0"):
            return True
        start = sector_end
    return False


def _take(log: Log, kind: int, content: bytes) -> None:
    if kind == ENTRY:
        message = RaftMessage(content)
        index = message.number(ENTRY_INDEX)
        place = index - log.after - 1
        if place > len(log.entries):
            raise SourceError(f"entry {index} follows entry {log.last}")
        if place >= 0:
            # A leader that lost its term leaves entries behind, which those of the next one replace.
            del log.entries[place:]
            log.entries.append(Entry(index, message.number(ENTRY_TYPE), message.bytes(ENTRY_DATA)))
    elif kind == STATE:
        log.commit = RaftMessage(content).number(STATE_COMMIT)
    elif kind not in (METADATA, SNAPSHOT):
        raise SourceError(f"a record of unknown type {kind}")
