"""Three members of one etcd on 127.0.0.1."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from source.etcd_server import EtcdServer

from codec.errors import SourceError

WITHIN = 60.0  # seconds, for what takes an election
T = TypeVar("T")


def wait_for(answer: Callable[[], T | None]) -> T:
    """What it gives as soon as it gives anything."""
    until = time.monotonic() + WITHIN
    while time.monotonic() < until:
        try:
            found = answer()
        except (OSError, http.client.HTTPException, RuntimeError, SourceError):
            found = None
        if found is not None:
            return found
        time.sleep(0.1)
    raise AssertionError("it did not come to pass")


class Cluster:
    """Three members. `leader` asks the cluster who leads it."""

    def __init__(self, folder: Path, binaries: Path) -> None:
        self.members: list[EtcdServer] = []
        for name in ("a", "b", "c"):
            (folder / name).mkdir()
            self.members.append(EtcdServer(folder / name, binaries))
        peers = ",".join(f"{member.folder.name}=http://127.0.0.1:{member.peer_port}" for member in self.members)
        for member in self.members:
            member.flags = (f"--name={member.folder.name}", f"--initial-cluster={peers}")

    def start(self) -> None:
        for member in self.members:
            member.launch()
        for member in self.members:
            member.wait_until_ready()

    def kill(self) -> None:
        for member in self.members:
            member.kill()

    def leader(self) -> EtcdServer:
        def found() -> EtcdServer | None:
            for member in self.members:
                if member.process is None or member.process.poll() is not None:
                    continue
                answer = member.ask("maintenance/status", {})
                if answer.get("leader") == answer["header"]["member_id"]:
                    return member
            return None

        return wait_for(found)

    def url(self, *members: EtcdServer) -> str:
        return ",".join(member.url for member in members)
