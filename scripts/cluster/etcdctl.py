"""Asks an etcd through the etcdctl command, whose output forms are part of what is captured."""

from __future__ import annotations

import base64
import json
import os
import pty
import subprocess
from dataclasses import dataclass
from pathlib import Path

from cluster.build import BINARIES


@dataclass(frozen=True)
class KeyValue:
    """A key as etcd holds it; `mod_revision` is what the API shows as resourceVersion."""

    key: str
    value: bytes
    mod_revision: int


class Etcdctl:
    """etcdctl for one endpoint, over plain HTTP."""

    def __init__(self, url: str) -> None:
        self.url = url

    def command(self, *arguments: str) -> list[str]:
        return [str(BINARIES / "etcdctl"), f"--endpoints={self.url}", *arguments]

    def output(self, *arguments: str) -> bytes:
        """The exact bytes on stdout."""
        done = subprocess.run(self.command(*arguments), capture_output=True, check=False)
        if done.returncode:
            raise SystemExit(f"etcdctl {' '.join(arguments)} failed: {done.stderr.decode(errors='replace')}")
        return done.stdout

    def terminal_output(self, *arguments: str) -> bytes:
        """The bytes that arrive when stdout is a terminal: its line discipline turns \\n into \\r\\n,
        as it does in `kubectl exec -t`."""
        ours, theirs = pty.openpty()
        process = subprocess.Popen(self.command(*arguments), stdout=theirs)
        os.close(theirs)
        parts: list[bytes] = []
        try:
            while part := os.read(ours, 65536):
                parts.append(part)
        except OSError:  # EIO: Linux' way to say that the other end is closed
            pass
        finally:
            os.close(ours)
        if process.wait():
            raise SystemExit(f"etcdctl {' '.join(arguments)} failed")
        return b"".join(parts)

    def is_healthy(self) -> bool:
        asked = subprocess.run(
            self.command("endpoint", "health", "--dial-timeout=1s", "--command-timeout=2s"),
            capture_output=True,
            check=False,
        )
        return asked.returncode == 0

    def range(self, prefix: str) -> tuple[int, list[KeyValue]]:
        """etcd's revision and every key under a prefix, in key order, read at that revision."""
        answer = json.loads(self.output("get", prefix, "--prefix", "-w", "json"))
        found = [
            KeyValue(
                base64.b64decode(each["key"]).decode(), base64.b64decode(each.get("value", "")), each["mod_revision"]
            )
            for each in answer.get("kvs", [])
        ]
        return answer["header"]["revision"], found

    def snapshot(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        self.output("snapshot", "save", str(path))
        path.chmod(0o644)
