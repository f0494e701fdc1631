"""etcd releases that no package brings, built with Go from the module proxy, once, into .cache/bin."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

from source.etcd_server import ROOT

# release → its module below scripts/go, and the packages of etcd and etcdctl in it
RELEASES = {
    "3.4.13": ("etcd34", "go.etcd.io/etcd", "go.etcd.io/etcd/etcdctl"),
    "3.7.3": ("etcd37", "go.etcd.io/etcd/server/v3", "go.etcd.io/etcd/etcdctl/v3"),
}


def available() -> bool:
    return shutil.which("go") is not None


@cache
def built(release: str) -> Path:
    """The folder of its binaries; a first build takes less than a minute."""
    module, *packages = RELEASES[release]
    folder = ROOT / ".cache" / "bin" / f"etcd-{release}"
    folder.mkdir(parents=True, exist_ok=True)
    for name, package in zip(("etcd", "etcdctl"), packages, strict=True):
        if not (folder / name).exists():
            unfinished = folder / f"{name}.{os.getpid()}"
            command = ["go", "build", "-mod=readonly", "-trimpath", "-o", str(unfinished), package]
            subprocess.run(command, cwd=ROOT / "scripts" / "go" / module, check=True, capture_output=True)
            unfinished.replace(folder / name)
    return folder
