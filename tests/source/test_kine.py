"""k3s databases, against what kine answered about the very same file."""

from __future__ import annotations

import gzip
import json
import os
import sqlite3
from base64 import b64decode
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from codec.errors import SourceError
from codec.source import opening
from codec.source.kine import Kine


@pytest.fixture
def database(fixtures: Path, tmp_path: Path) -> Path:
    """The folder of a k3s, below the one that people name."""
    folder = tmp_path / "k3s" / "server" / "db"
    folder.mkdir(parents=True)
    for name in ("state.db", "state.db-wal"):
        (folder / name).write_bytes(gzip.decompress((fixtures / "kine" / f"{name}.gz").read_bytes()))
    return folder / "state.db"


@pytest.fixture
def answers(fixtures: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (fixtures / "kine" / "answers.jsonl").read_text().splitlines()]


def test_every_revision_is_what_kine_says(database: Path, answers: list[dict[str, Any]]) -> None:
    with opening.open(database) as source:
        assert source.form == "k3s database"
        assert source.revision == answers[-1]["revision"]
        retained = [answer for answer in answers if not answer.get("compacted")]
        assert source.compact_revision == retained[0]["revision"]
        assert len(retained) > 5
        for answer in retained:
            expected = [
                (each["key"].encode(), b64decode(each["value"]), each["create_revision"], each["mod_revision"])
                for each in answer["pairs"]
            ]
            found = source.list("/", answer["revision"])
            assert [(kv.key, kv.value, kv.create_revision, kv.mod_revision) for kv in found] == expected
            assert list(source.keys("/", answer["revision"])) == [key for key, *_ in expected]
            for key, value, *_ in expected:
                kv = source.get(key, answer["revision"])
                assert kv is not None
                assert kv.value == value
        for answer in answers[: -len(retained)]:
            with pytest.raises(SourceError, match="has been compacted: retained are"):
                source.list("/", answer["revision"])


def test_changes(database: Path) -> None:
    with opening.open(database) as source:
        story = [(change.revision, change.deleted) for change in source.history("/registry/pods/default/p1")]
        assert story == [(18, False), (23, True), (26, False)]
        lives = [change.value.create_revision for change in source.changes("/registry/pods/default/p1") if change.value]
        assert lives == [18, 26]
        assert source.prefix() == "/registry"
        assert source.get("compact_rev_key") is None
        assert b"compact_rev_key" not in set(source.keys())
        leased = source.get("/registry/events/default/e1")
        assert leased is not None
        assert leased.lease == 3600
        assert source.get(b"\xff") is None


@pytest.mark.parametrize("above", ["server/db/state.db", "server/db", "server", ""])
def test_found_from_any_folder(database: Path, above: str) -> None:
    with opening.open(database.parent.parent.parent / above) as source:
        assert isinstance(source, Kine)


def test_touches_nothing(database: Path) -> None:
    """Not a byte, not a time, no file more; and no copy stays behind."""
    folder = database.parent
    before = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}
    source = Kine(str(database))
    copy = Path(source._folder.name)
    assert copy.stat().st_mode & 0o777 == 0o700
    list(source)
    source.close()
    assert not copy.exists()
    assert {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()} == before


def test_without_the_log_it_is_older(database: Path) -> None:
    os.remove(f"{database}-wal")
    with opening.open(database) as source:
        assert source.revision < 26


def test_a_closed_source(database: Path) -> None:
    with opening.open(database) as source:
        pass
    with pytest.raises(SourceError, match="the source is closed"):
        list(source)


def test_another_sqlite_database(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE other (id)")
    connection.commit()
    connection.close()
    with pytest.raises(SourceError, match="not a database of k3s, or damaged: SQLite says `no such table: kine`"):
        opening.open(path)


def test_every_page_damaged(database: Path) -> None:
    """An answer or a SourceError."""
    whole = database.read_bytes()
    log = Path(f"{database}-wal")
    log_bytes = log.read_bytes()
    for path, data, step in ((database, whole, 512), (log, log_bytes, 16384)):
        for place in range(16, len(data), step):
            path.write_bytes(
                data[:place] + bytes(each ^ 0xFF for each in data[place : place + 64]) + data[place + 64 :]
            )
            with suppress(SourceError), opening.open(database) as source:
                list(source)
                list(source.changes())
        path.write_bytes(data)
