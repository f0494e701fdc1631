"""Builds kube-apiserver, its KMS plugin, etcd, etcdctl and etcdutl with Go, from the module proxy alone.

Which versions: scripts/go/apiserver/go.mod and scripts/go/etcd/go.mod say so."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BINARIES = ROOT / ".cache" / "bin"
APISERVER = ROOT / "scripts" / "go" / "apiserver"
ETCD = ROOT / "scripts" / "go" / "etcd"

# What Kubernetes' own release build sets by linker flags; without it `kubectl version` shows v0.0.0.
VERSION_PACKAGE = "k8s.io/component-base/version"


@dataclass(frozen=True)
class Versions:
    """The releases that go.mod requires, with their leading v."""

    kubernetes: str
    etcd: str


def required_version(module: Path, path: str) -> str:
    """The version of the module `path` in a go.mod; SystemExit where it is not required."""
    found = re.search(rf"^\s*{re.escape(path)} (v\S+)", (module / "go.mod").read_text(), re.MULTILINE)
    if not found:
        raise SystemExit(f"{module / 'go.mod'} does not require {path}")
    return found[1]


def versions() -> Versions:
    return Versions(
        kubernetes=required_version(APISERVER, "k8s.io/kubernetes"),
        etcd=required_version(ETCD, "go.etcd.io/etcd/server/v3"),
    )


def is_built(binary: Path, version: str, *arguments: str) -> bool:
    """Whether the binary is there and its version command prints the wanted release."""
    if not binary.exists():
        return False
    printed = subprocess.run([binary, *arguments], capture_output=True, text=True, check=False)
    return version.removeprefix("v") in re.findall(r"\d+\.\d+\.\d+\S*", printed.stdout)


def go_build(module: Path, package: str, binary: Path, *flags: str) -> None:
    print(f"building {binary.name} …", file=sys.stderr, flush=True)
    command = ["go", "build", "-mod=readonly", "-trimpath", "-o", str(binary), *flags, package]
    subprocess.run(command, cwd=module, check=True)


def build() -> Versions:
    """Builds what is missing or of another version, into .cache/bin; gives the versions back."""
    for program, why in (("go", "to build the servers"), ("openssl", "to make certificates")):
        if not shutil.which(program):
            raise SystemExit(f"{program} is needed {why}, and is not on PATH")
    BINARIES.mkdir(parents=True, exist_ok=True)
    wanted = versions()
    for name, package, arguments in (
        ("etcd", "server", ("--version",)),
        ("etcdctl", "etcdctl", ("version",)),
        ("etcdutl", "etcdutl", ("version",)),
    ):
        if not is_built(BINARIES / name, wanted.etcd, *arguments):
            go_build(ETCD, f"go.etcd.io/etcd/{package}/v3", BINARIES / name)
    if not is_built(BINARIES / "kube-apiserver", wanted.kubernetes, "--version"):
        major, minor, _ = wanted.kubernetes.removeprefix("v").split(".", 2)
        values = {"gitVersion": wanted.kubernetes, "gitMajor": major, "gitMinor": minor}
        linked = " ".join(f"-X {VERSION_PACKAGE}.{name}={value}" for name, value in values.items())
        go_build(APISERVER, ".", BINARIES / "kube-apiserver", "-ldflags", linked)
    go_build(APISERVER, "./kms", BINARIES / "kms")
    return wanted
