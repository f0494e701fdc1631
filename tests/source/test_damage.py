"""How far a damaged database goes: every damaged page is named, and what is left is counted."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from source.bbolt_writer import small_etcd

import codec
from codec.errors import SourceError
from codec.source import damage
from codec.source.damage import survey

PAGE = 512  # bytes
RECORDS = 15  # of small_etcd


@pytest.fixture(scope="module")
def whole() -> bytes:
    return small_etcd(PAGE)


def found(tmp_path: Path, data: bytes) -> damage.Survey:
    path = tmp_path / "db"
    path.write_bytes(data)
    return survey(str(path))


def test_nothing_is_damaged(tmp_path: Path, whole: bytes, fixtures: Path) -> None:
    left = found(tmp_path, whole)
    assert (left.problems, left.records) == ([], RECORDS)
    left = survey(str(fixtures / "etcd" / "snapshot.db"))
    assert (left.problems, left.records) == ([], 456)
    with codec.open(fixtures / "etcd" / "snapshot.db") as source:
        usage = source.usage()  # type: ignore[attr-defined]
    assert left.pages <= usage.leaf + usage.branch  # overflow pages belong to one page of the tree


def test_every_zeroed_page_is_named(fixtures: Path, tmp_path: Path) -> None:
    data = bytearray((fixtures / "etcd" / "snapshot.db").read_bytes())
    for page in (20, 50, 51):
        data[page * 4096 : page * 4096 + 4096] = bytes(4096)
    left = found(tmp_path, data)
    assert left.problems == [
        "the checksum at byte 503808 is not that of the bytes before it: the snapshot is damaged",
        "page 20 at byte 81920: its header says that it is page 0",
        "page 50 at byte 204800: its header says that it is page 0",
        "page 51 at byte 208896: its header says that it is page 0",
    ]
    assert 400 < left.records < 456


@pytest.mark.parametrize("seed", range(200))
def test_any_damage_ends_soon_in_an_answer_or_an_error(tmp_path: Path, whole: bytes, seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(whole)
    for _ in range(chance.randrange(1, 6)):
        data[chance.randrange(2 * PAGE, len(data))] = chance.choice((0, 1, 2, 3, 255))
    if chance.random() < 0.3:
        del data[chance.randrange(2 * PAGE, len(data)) :]
    try:
        left = found(tmp_path, data)
    except SourceError:
        pytest.fail("the meta pages are whole")
    assert left.records <= RECORDS
    problem = ""
    try:
        with codec.open(tmp_path / "db") as source:
            # A change that no structure notices may have made a key another.
            assert len(list(source.changes())) <= left.records
    except SourceError as error:
        problem = str(error)
    # What opening ends at is among the problems, unless it is the name of the bucket, or a record, and no page.
    assert not problem or left.problems or left.records or "no bucket" in problem


def test_many_problems_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fixtures: Path) -> None:
    monkeypatch.setattr(damage, "MAX_PROBLEMS", 2)
    data = bytearray((fixtures / "etcd" / "snapshot.db").read_bytes())
    for page in (20, 50, 51):
        data[page * 4096] ^= 0xFF
    left = found(tmp_path, data)
    assert (len(left.problems), left.lost) == (2, 2)


def test_no_database(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no meta page is whole"):
        found(tmp_path, bytes(5000))
    with pytest.raises(SourceError, match="No such file"):
        survey(str(tmp_path / "nothing"))
