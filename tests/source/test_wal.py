"""The write-ahead log: frames, checksums, torn ends, entries that were replaced, and what is committed."""

from __future__ import annotations

from pathlib import Path

import pytest
from source.wal_writer import METADATA, LogFile

from codec.errors import SourceError
from codec.source.wal import Log, read


def indices(log: Log) -> list[int]:
    return [entry.index for entry in log.entries]


@pytest.fixture
def log_file() -> LogFile:
    """Entries 1 to 5, of which 3 are committed."""
    made = LogFile()
    made.add(METADATA, b"\x08\x01")
    for index in range(1, 6):
        made.entry(index, b"entry %d " % index + bytes(range(index)))
    made.commit(3)
    return made


def test_entries_behind_an_index(log_file: LogFile, tmp_path: Path) -> None:
    log_file.write(tmp_path, 0, 0)
    log = read(str(tmp_path), 2)
    assert indices(log) == [3, 4, 5]
    assert [entry.data[:7] for entry in log.entries] == [b"entry 3", b"entry 4", b"entry 5"]
    assert (log.commit, log.last, log.problem, log.torn) == (3, 5, "", False)


def test_nothing_behind_the_last(log_file: LogFile, tmp_path: Path) -> None:
    log_file.write(tmp_path, 0, 0)
    log = read(str(tmp_path), 5)
    assert indices(log) == []
    assert (log.commit, log.last) == (3, 5)


def test_files_follow_each_other(log_file: LogFile, tmp_path: Path) -> None:
    log_file.write(tmp_path, 0, 0, reserved=0)
    second = LogFile(log_file.crc)
    second.commit(5)
    second.entry(6)
    second.write(tmp_path, 1, 6)
    assert indices(read(str(tmp_path), 3)) == [4, 5, 6]
    assert read(str(tmp_path), 3).commit == 5
    # The first file is not needed for what the second holds.
    (tmp_path / f"{0:016x}-{0:016x}.wal").unlink()
    assert indices(read(str(tmp_path), 5)) == [6]
    assert read(str(tmp_path), 4).problem.endswith("entry 6 follows entry 4")


def test_a_missing_file_between_two(log_file: LogFile, tmp_path: Path) -> None:
    log_file.write(tmp_path, 0, 0)
    LogFile(1).write(tmp_path, 2, 9)
    with pytest.raises(SourceError, match="write-ahead log: the file before 0000000000000002-0000000000000009"):
        read(str(tmp_path), 0)


def test_a_file_that_does_not_continue(log_file: LogFile, tmp_path: Path) -> None:
    log_file.write(tmp_path, 0, 0)
    LogFile(log_file.crc ^ 1).write(tmp_path, 1, 6)
    log = read(str(tmp_path), 0)
    assert indices(log) == [1, 2, 3, 4, 5]
    assert "at byte 0: its checksum does not continue the one before" in log.problem
    assert not log.torn


def test_a_later_leader_replaces_entries(log_file: LogFile, tmp_path: Path) -> None:
    log_file.entry(4, b"other")
    log_file.write(tmp_path, 0, 0)
    log = read(str(tmp_path), 0)
    assert indices(log) == [1, 2, 3, 4]
    assert log.entries[-1].data == b"other"


@pytest.mark.parametrize("after", [0, 3])
def test_every_truncation(log_file: LogFile, tmp_path: Path, after: int) -> None:
    """What stands before is whole; a cut within a record is a torn write."""
    ends = frame_ends(log_file)
    path = log_file.write(tmp_path, 0, 0)
    whole = path.read_bytes()
    for size in range(len(log_file.data)):
        path.write_bytes(whole[:size])
        log = read(str(tmp_path), after)
        assert log.torn == bool(log.problem)
        assert bool(log.problem) == (size not in ends and any(whole[max(e for e in ends if e <= size) : size]))
        assert indices(log) == list(range(after + 1, max(entries_before(ends, size), after) + 1))


def frame_ends(log_file: LogFile) -> list[int]:
    """Where a frame ends and the next begins, from 0."""
    ends = [0]
    while ends[-1] < len(log_file.data):
        field = int.from_bytes(log_file.data[ends[-1] : ends[-1] + 8], "little")
        ends.append(ends[-1] + 8 + (field & (1 << 56) - 1) + (field >> 56 & 7))
    return ends


def entries_before(ends: list[int], size: int) -> int:
    """How many of the five entries, which follow two other records, end before a place."""
    return sum(end <= size for end in ends[3:8])


def test_every_changed_byte(log_file: LogFile, tmp_path: Path) -> None:
    """Entries are as they were, or are missing and a problem says so.

    etcd's checksum covers the data of a record and not its type, which stands behind its tag at the frame's start.
    """
    types = {end + 9 for end in frame_ends(log_file)}
    path = log_file.write(tmp_path, 0, 0, reserved=64)
    whole = path.read_bytes()
    original = [entry.data for entry in read(str(tmp_path), 0).entries]
    for place in set(range(len(log_file.data))) - types:
        for change in (0x01, 0x80, 0xFF):
            damaged = bytearray(whole)
            damaged[place] ^= change
            path.write_bytes(damaged)
            log = read(str(tmp_path), 0)
            found = [entry.data for entry in log.entries]
            assert found == original[: len(found)]
            assert len(found) == 5 or log.problem


def test_a_sector_that_was_never_written(tmp_path: Path) -> None:
    """A checksum that is wrong because of a hole is a torn write; one without a hole is damage."""
    made = LogFile()
    start = made.entry(1, bytes(range(1, 256)) * 8)
    path = made.write(tmp_path, 0, 0)
    data = bytearray(path.read_bytes())
    data[1024:1536] = bytes(512)
    path.write_bytes(data)
    log = read(str(tmp_path), 0)
    assert (log.torn, indices(log)) == (True, [])
    assert log.problem == f"{path.name} at byte {start}: the checksum is wrong"
    data[1024:1536] = b"\x01" * 512
    path.write_bytes(data)
    assert not read(str(tmp_path), 0).torn


def test_a_length_beyond_reason_costs_nothing(tmp_path: Path) -> None:
    made = LogFile()
    made.data += (2**55).to_bytes(8, "little") + b"x" * 50
    made.write(tmp_path, 0, 0)
    assert "a record of 36028797018963968 bytes runs past the end of the file" in read(str(tmp_path), 0).problem


def test_an_unknown_record_stops_reading(log_file: LogFile, tmp_path: Path) -> None:
    log_file.add(9, b"")
    log_file.entry(6)
    log_file.write(tmp_path, 0, 0)
    log = read(str(tmp_path), 0)
    assert indices(log) == [1, 2, 3, 4, 5]
    assert log.problem.endswith("a record of unknown type 9")


def test_a_folder_without_files(tmp_path: Path) -> None:
    (tmp_path / "0.tmp").write_bytes(b"")
    (tmp_path / "notes.wal").write_bytes(b"")
    with pytest.raises(SourceError, match="write-ahead log: no file ends in"):
        read(str(tmp_path), 0)
    with pytest.raises(SourceError, match="write-ahead log: No such file or directory"):
        read(str(tmp_path / "none"), 0)


def test_an_empty_last_file_is_one_that_was_just_made(log_file: LogFile, tmp_path: Path) -> None:
    log_file.write(tmp_path, 0, 0)
    (tmp_path / f"{1:016x}-{6:016x}.wal").write_bytes(b"")
    assert indices(read(str(tmp_path), 0)) == [1, 2, 3, 4, 5]
