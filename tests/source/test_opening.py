"""What a path is, is told by what it holds; what it is not, by an error that says what to do."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path
from subprocess import run

import pytest
from source.bbolt_writer import small_etcd

from codec.errors import SourceError
from codec.source import opening


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "the file is empty"),
        (gzip.compress(b"x", mtime=0), "compressed by gzip: unpack it first"),
        (b"PK\x03\x04...", "a zip archive: unpack it first"),
        (b"k8s\0\n\x0f", "a stored value and no database: `k8s-codec decode` reads it"),
        (b"/registry/pods/a\nk8s\0", "output of etcdctl and no database: `k8s-codec decode` reads it"),
        (b'{"kvs": []}', "text and no database: `k8s-codec decode` reads what etcdctl printed"),
        (b"what is this", "no meta page is whole; page 0 at byte 0: the file ends before it does"),
        (b"x" * 5000, "no meta page is whole; page 0 at byte 0: it does not hold bbolt's magic number"),
    ],
)
def test_files_that_are_no_source(tmp_path: Path, content: bytes, problem: str) -> None:
    path = tmp_path / "snapshot.db"
    path.write_bytes(content)
    with pytest.raises(SourceError) as caught:
        opening.open(path)
    assert str(caught.value) == f"{path}: {problem}"
    assert path.read_bytes() == content


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        opening.open(tmp_path / "none.db")
    assert str(caught.value) == f"{tmp_path / 'none.db'}: No such file or directory"


def test_a_folder_that_is_no_source(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        opening.open(tmp_path)
    assert str(caught.value) == f"{tmp_path}: a folder without etcd's member/snap/db and without k3s's state.db"


def test_a_name_says_nothing(tmp_path: Path) -> None:
    """A snapshot by any other name."""
    path = tmp_path / "notes.txt"
    path.write_bytes(small_etcd())
    with opening.open(str(path)) as source:
        assert source.form == "etcd database"
        assert source.name == str(path)


def test_a_closed_source(tmp_path: Path) -> None:
    path = tmp_path / "db"
    path.write_bytes(small_etcd())
    with opening.open(path) as source:
        first = next(iter(source))
        other = source.get("/registry/pods/default/p02")
        assert other is not None
        assert first.value == b"value 2 of 1 "
    assert first.value == b"value 2 of 1 "  # read before, and kept
    with pytest.raises(SourceError, match="the source is closed"):
        _ = other.value
    with pytest.raises(SourceError, match="the source is closed"):
        source.get("/registry/pods/default/p02")


def test_revisions_that_cannot_be(tmp_path: Path) -> None:
    path = tmp_path / "db"
    path.write_bytes(small_etcd())
    with opening.open(path) as source:
        for revision, words in (
            (2, "revision 2 has been compacted: retained are 3 to 16"),
            (17, "revision 17 is in the future: the newest is 16"),
            (-1, "revision -1 is not a revision: they count from 1"),
        ):
            for ask in (source.list, source.keys):
                with pytest.raises(SourceError) as caught:
                    ask(revision=revision)
                assert str(caught.value) == words
            with pytest.raises(SourceError):
                source.get("/registry/pods/default/p01", revision)


def test_prefixes(tmp_path: Path) -> None:
    path = tmp_path / "db"
    path.write_bytes(small_etcd())
    with opening.open(path) as source:
        everything = list(source.keys())
        assert list(source.keys("/registry/pods/default/p0")) == everything
        assert list(source.keys(b"/registry/pods/default/p03")) == [b"/registry/pods/default/p03"]
        assert list(source.keys("/registry/pods/default/p0a")) == []
        assert list(source.keys("/registry/pod\xff")) == []
        assert [kv.key for kv in source.list("/registry/pods/default/p03")] == [b"/registry/pods/default/p03"]
        assert source.prefix() == "/registry"


def test_starts_quickly() -> None:
    """One key of a source needs neither msgspec nor what Python's larger modules bring along."""
    code = (
        "import sys; before = set(sys.modules); from codec.source import opening, snapshot; "
        "print(*(set(sys.modules) - before))"
    )
    loaded = run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    slow = {
        "msgspec",
        "yaml",
        "json",
        "re",
        "enum",
        "typing",
        "dataclasses",
        "pathlib",
        "sqlite3",
        "tempfile",
        "hashlib",
    }
    assert not slow & set(loaded)
    assert len([name for name in loaded if name.startswith("codec")]) <= 18
