"""Data directories that no single running etcd leaves behind: several voters, torn logs, users, received databases."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from source.bbolt_writer import BboltWriter, small_etcd
from source.wal_writer import LogFile, number, part, put

from codec.errors import SourceError
from codec.source import opening
from codec.source.datadir import DataDirectory
from codec.source.mvcc import revision_key
from codec.source.stored import write_record

INDEX = 10  # the consistent index of the database
KEY = b"/registry/pods/default/a"
CONF_CHANGE = 1  # type of an entry
ADD_NODE, REMOVE_NODE, ADD_LEARNER = 0, 1, 3


def database(
    voters: list[int] | None = None, members: dict[int, bool] | None = None, auth: bool = False, index: int = INDEX
) -> bytes:
    """One key at revision 2. members: id → whether it is a learner, as etcd before 3.5 keeps them."""
    meta = {b"consistent_index": index.to_bytes(8, "big")}
    if voters is not None:
        meta[b"confState"] = json.dumps({"voters": voters, "auto_leave": False}).encode()
    rows = {b"%x" % member: json.dumps({"isLearner": learner}).encode() for member, learner in (members or {}).items()}
    return BboltWriter().finish(
        {
            b"key": {revision_key(2, 0): write_record(KEY, b"old", 2, 2, 1, 0)},
            b"meta": meta,
            b"members": rows,
            b"auth": {b"authEnabled": b"\x01" if auth else b"\x00"},
            b"lease": {},
        }
    )


class Member:
    """A data directory, and its log from entry 8 on."""

    def __init__(self, folder: Path, data: bytes) -> None:
        self.folder = folder
        self.snap = folder / "member" / "snap"
        self.wal = folder / "member" / "wal"
        self.snap.mkdir(parents=True)
        self.wal.mkdir()
        (self.snap / "db").write_bytes(data)
        self.log = LogFile()
        self.log.add(1, b"")
        for index in range(8, INDEX + 1):
            self.log.entry(index, put(KEY, b"older %d" % index))

    def write(self) -> Path:
        return self.log.write(self.wal, 0, 0)

    def open(self, *, wal: bool = True, uncommitted: bool = False) -> DataDirectory:
        source = opening.open(self.folder, wal=wal, uncommitted=uncommitted)
        assert isinstance(source, DataDirectory)
        return source


def value(source: DataDirectory) -> tuple[int, bytes]:
    found = source.get(KEY)
    assert found is not None
    return source.revision, found.value


def filled(folder: Path, data: bytes) -> Member:
    """Entries 11 and 12 are committed, 13 is not."""
    member = Member(folder, data)
    member.log.entry(11, put(KEY, b"new"))
    member.log.entry(12, b"")
    member.log.commit(12)
    member.log.entry(13, put(KEY, b"newer"))
    member.write()
    return member


@pytest.mark.parametrize("conf_state", [True, False])
def test_several_voters_leave_out_what_is_not_committed(tmp_path: Path, conf_state: bool) -> None:
    data = database([1, 2, 3]) if conf_state else database(members={1: False, 2: False, 3: True})
    member = filled(tmp_path, data)
    with member.open() as source:
        assert value(source) == (3, b"new")
        assert (source.applied, source.uncommitted) == (2, 1)
        assert source.warnings == ["write-ahead log: entry 13 is left out, because not known to be committed"]
    with member.open(uncommitted=True) as source:
        assert value(source) == (4, b"newer")
        assert source.warnings == ["write-ahead log: entry 13 is applied, although not known to be committed"]


@pytest.mark.parametrize("data", [database([7]), database(members={7: False, 8: True})])
def test_one_voter_applies_all(tmp_path: Path, data: bytes) -> None:
    member = filled(tmp_path, data)
    with member.open() as source:
        assert value(source) == (4, b"newer")
        assert [kv.value for kv in source.list(revision=3)] == [b"new"]
        assert (source.applied, source.uncommitted) == (3, 1)
        assert source.warnings == ["write-ahead log: entry 13 is applied, although not known to be committed"]


def test_without_the_log(tmp_path: Path) -> None:
    member = filled(tmp_path, database([7]))
    with member.open(wal=False) as source:
        assert value(source) == (2, b"old")
        assert (source.applied, source.warnings) == (0, [])
    next(member.wal.iterdir()).unlink()
    with pytest.raises(SourceError, match=r"no file ends in \.wal"):
        member.open()
    member.wal.rmdir()
    with member.open() as source:
        assert source.warnings == ["there is no write-ahead log: what etcd had not written to its database is missing"]


def change_of_members(kind: int, node: int) -> bytes:
    return number(1, 5) + number(2, kind) + number(3, node)


@pytest.mark.parametrize(
    ("changes", "applied"),
    [
        ([(ADD_NODE, 8)], False),
        ([(ADD_LEARNER, 8)], True),
        ([(ADD_NODE, 8), (REMOVE_NODE, 8)], True),
    ],
)
def test_members_that_come_and_go(tmp_path: Path, changes: list[tuple[int, int]], applied: bool) -> None:
    member = Member(tmp_path, database([7]))
    for place, (kind, node) in enumerate(changes):
        member.log.entry(INDEX + 1 + place, change_of_members(kind, node), CONF_CHANGE)
    last = INDEX + len(changes)
    member.log.commit(last)
    member.log.entry(last + 1, put(KEY, b"new"))
    member.write()
    with member.open() as source:
        assert value(source) == ((3, b"new") if applied else (2, b"old"))


def test_a_torn_log(tmp_path: Path) -> None:
    member = filled(tmp_path, database([7]))
    path = next(member.wal.iterdir())
    path.write_bytes(bytes(member.log.data[:-3]))
    with member.open() as source:
        assert value(source) == (3, b"new")
        assert len(source.warnings) == 1
        assert source.warnings[0].startswith(f"write-ahead log: the last write was cut off, {path.name} at byte ")


def test_a_damaged_log(tmp_path: Path) -> None:
    """What was committed and cannot be read is said."""
    member = Member(tmp_path, database([7]))
    member.log.commit(12)
    start = member.log.entry(11, put(KEY, b"new"))
    member.log.entry(12, put(KEY, b"newer"))
    member.log.data[start + 20] ^= 1
    path = member.write()
    with member.open() as source:
        assert value(source) == (2, b"old")
        assert source.warnings == [
            f"write-ahead log: {path.name} at byte {start}: the checksum is wrong: what follows entry 10 is missing",
            "write-ahead log: entries 11 to 12 were committed and are lost",
        ]


def test_a_log_that_begins_too_late(tmp_path: Path) -> None:
    member = Member(tmp_path, database([7], index=5))
    path = member.write()
    with member.open() as source:
        assert value(source) == (2, b"old")
        assert source.warnings[0].startswith(f"write-ahead log: {path.name} at byte ")
        assert "entry 8 follows entry 5" in source.warnings[0]


@pytest.mark.parametrize("in_database", [True, False])
def test_permissions_of_users_are_not_guessed(tmp_path: Path, in_database: bool) -> None:
    member = Member(tmp_path, database([7], auth=in_database))
    index = INDEX
    if not in_database:
        index += 1
        member.log.entry(index, part(100, number(1, 7)) + part(1000, b""))  # auth_enable
    member.log.entry(index + 1, put(KEY, b"new"))
    member.log.commit(index + 1)
    member.write()
    with member.open() as source:
        assert value(source) == (2, b"old")
        assert source.warnings == [
            f"write-ahead log: entries from {index + 1} on were left out, because etcd checks its users' permissions "
            "for them"
        ]


def test_entries_that_change_no_key(tmp_path: Path) -> None:
    """Of the second version of etcd's API, of kinds to come, of users: passed over."""
    member = Member(tmp_path, database([7]))
    header = part(100, number(1, 7))
    for place, data in enumerate(
        (b"\x0a\x03PUT", b"\xff\xff", header + part(1012, b""), header + part(77, b"x"), header)
    ):
        member.log.entry(INDEX + 1 + place, data)
    member.log.entry(INDEX + 6, put(KEY, b"new"))
    member.log.commit(INDEX + 6)
    member.write()
    with member.open() as source:
        assert value(source) == (3, b"new")
        assert (source.applied, source.warnings) == (6, [])


def test_a_compaction_in_the_log(tmp_path: Path) -> None:
    """Only forward, and never beyond the newest revision."""
    member = Member(tmp_path, database([7]))
    member.log.entry(11, put(KEY, b"new"))
    for index, revision in ((12, 9), (13, 3), (14, 2)):
        member.log.entry(index, part(100, number(1, 7)) + part(7, number(1, revision)))
    member.log.entry(15, put(KEY, b"newer"))
    member.log.commit(15)
    member.write()
    with member.open() as source:
        assert (source.revision, source.compact_revision) == (4, 3)
        assert [kv.value for kv in source.list(revision=3)] == [b"new"]
        with pytest.raises(SourceError, match="revision 2 has been compacted: retained are 3 to 4"):
            source.get(KEY, 2)


def test_a_database_that_the_leader_sent(tmp_path: Path) -> None:
    member = Member(tmp_path, database([1, 2, 3], index=4))
    (member.snap / f"{3:016x}.snap.db").write_bytes(b"older, and not looked at")
    (member.snap / "other.snap.db").write_bytes(b"")
    member.log.commit(12)
    member.write()
    name = f"{10:016x}.snap.db"
    (member.snap / name).write_bytes(small_etcd())
    with member.open() as source:
        assert source.revision == 16
        assert (
            source.warnings[0] == f"{name}, which the leader sent, is newer than the database and was read in its place"
        )


def test_alarms_of_the_database_refuse_puts(tmp_path: Path) -> None:
    alarm = number(1, 7) + number(2, 1)
    data = BboltWriter().finish(
        {
            b"key": {revision_key(2, 0): write_record(KEY, b"old", 2, 2, 1, 0)},
            b"meta": {b"consistent_index": INDEX.to_bytes(8, "big"), b"confState": b'{"voters":[7]}'},
            b"alarm": {alarm: b""},
        }
    )
    member = filled(tmp_path, data)
    with member.open() as source:
        assert value(source) == (2, b"old")


@pytest.mark.parametrize("folder", ["", "member"])
def test_found_from_the_folder_above(tmp_path: Path, folder: str) -> None:
    filled(tmp_path, database([7]))
    with opening.open(tmp_path / folder) as source:
        assert source.form == "etcd data directory"
        assert source.revision == 4


def test_the_file_alone_has_no_log(tmp_path: Path) -> None:
    member = filled(tmp_path, database([7]))
    with opening.open(member.snap / "db") as source:
        assert source.revision == 2
        assert source.warnings == ["the write-ahead log beside it is not read: open the data directory for that"]
