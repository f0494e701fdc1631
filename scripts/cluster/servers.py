"""Starts etcd and kube-apiserver on 127.0.0.1, on free ports, in a folder of the caller.

Each is a context manager that stops its process, however the block ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from cluster.build import BINARIES
from cluster.etcdctl import Etcdctl
from cluster.rest import API, APIError

READY_WITHIN = 120.0  # seconds; a start takes about 3, more on a loaded machine
STOPS_WITHIN = 30.0  # seconds, before it is killed

TOKEN = "capture-token"  # of the one user; the server lives for seconds, on loopback
SERVICE_RANGE = "10.96.0.0/16"


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nobody listens on at this moment."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports: list[int] = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


class Server:
    """A process with its log in a file, stopped at the end of the `with` block."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.name = name
        self.log = folder / f"{name}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> Sequence[str]:
        raise NotImplementedError

    def is_ready(self) -> bool:
        raise NotImplementedError

    def __enter__(self) -> Self:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command(), cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        try:
            self.wait_until_ready()
        except BaseException:
            self.kill()
            raise
        return self

    def wait_until_ready(self) -> None:
        until = time.monotonic() + READY_WITHIN
        while not self.is_ready():
            assert self.process is not None
            if self.process.poll() is not None or time.monotonic() > until:
                tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-20:])
                raise SystemExit(f"{self.name} did not become ready; its log ends:\n{tail}")
            time.sleep(0.2)

    def kill(self) -> None:
        """Ends the process at once, so that it writes nothing more."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOPS_WITHIN)
            except subprocess.TimeoutExpired:
                self.kill()

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class Etcd(Server):
    """One member, with its data in the folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "etcd")
        client, peer = free_ports(2)
        self.url = f"http://127.0.0.1:{client}"
        self.peer_url = f"http://127.0.0.1:{peer}"
        self.etcdctl = Etcdctl(self.url)

    def command(self) -> Sequence[str]:
        return [
            str(BINARIES / "etcd"),
            "--name=capture",
            f"--data-dir={self.folder / 'data'}",
            f"--listen-client-urls={self.url}",
            f"--advertise-client-urls={self.url}",
            f"--listen-peer-urls={self.peer_url}",
            f"--initial-advertise-peer-urls={self.peer_url}",
            f"--initial-cluster=capture={self.peer_url}",
            "--unsafe-no-fsync",
        ]

    def is_ready(self) -> bool:
        return self.etcdctl.is_healthy()


class APIServer(Server):
    """kube-apiserver over an etcd, with TLS and a token of its own; `api` asks it."""

    def __init__(self, folder: Path, etcd_url: str, *flags: str) -> None:
        super().__init__(folder, "kube-apiserver")
        self.etcd_url = etcd_url
        self.flags = flags
        (self.port,) = free_ports(1)
        make_certificates(folder)
        self.api = API(self.port, folder / "server.crt", TOKEN)

    def command(self) -> Sequence[str]:
        return [
            str(BINARIES / "kube-apiserver"),
            f"--etcd-servers={self.etcd_url}",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            f"--secure-port={self.port}",
            "--tls-cert-file=server.crt",
            "--tls-private-key-file=server.key",
            "--service-account-issuer=https://kubernetes.default.svc",
            "--service-account-key-file=accounts.pub",
            "--service-account-signing-key-file=accounts.key",
            f"--service-cluster-ip-range={SERVICE_RANGE}",
            "--authorization-mode=RBAC",
            "--token-auth-file=tokens.csv",
            # Without controllers no account gets made for a namespace, which Pods would wait for.
            "--disable-admission-plugins=ServiceAccount",
            "--allow-privileged=true",
            "--runtime-config=api/all=true",
            # Neither of the two may remove history during a capture.
            "--etcd-compaction-interval=0",
            "--event-ttl=24h",
            *self.flags,
        ]

    def is_ready(self) -> bool:
        try:
            return self.api.request("GET", "/readyz").status == 200
        except (OSError, APIError):
            return False


def openssl(folder: Path, *arguments: str) -> None:
    made = subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if made.returncode:
        raise SystemExit(f"openssl {arguments[0]} failed: {made.stderr}")


def make_certificates(folder: Path) -> None:
    """A self-signed server certificate for 127.0.0.1, the key pair of account tokens, the token file."""
    if (folder / "tokens.csv").exists():
        return
    os.chmod(folder, 0o700)
    openssl(
        folder,
        *("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=kube-apiserver"),
        *("-keyout", "server.key", "-out", "server.crt"),
        *("-addext", "subjectAltName=IP:127.0.0.1,DNS:kubernetes.default.svc"),
        *("-addext", "keyUsage=critical,digitalSignature,keyEncipherment,keyCertSign"),
    )
    openssl(folder, "genrsa", "-out", "accounts.key", "2048")
    openssl(folder, "rsa", "-in", "accounts.key", "-pubout", "-out", "accounts.pub")
    (folder / "tokens.csv").write_text(f"{TOKEN},admin,admin,system:masters\n")
