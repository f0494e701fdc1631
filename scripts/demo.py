"""The main job, on values that a real kube-apiserver stored (fixtures/etcd): decode, encode, compare; then a snapshot.

Run by scripts/demo, with the command `k8s-codec` as its argument, against the installed package.
"""

from __future__ import annotations

import base64
import collections
import gzip
import json
import subprocess
import sys
import warnings
from pathlib import Path

import codec
from codec.api.core.v1 import Endpoints

ETCD = Path("fixtures", "etcd")
SNAPSHOT = str(ETCD / "snapshot.db")  # what `etcdctl snapshot save` wrote of the same etcd
ENDPOINTS = ETCD / "etcdctl" / "endpoints.value"  # `etcdctl get --print-value-only /registry/services/endpoints/…`


def show(command: str, *arguments: str, stdin: bytes | None = None) -> bytes:
    """Prints a command as a person would type it, and what it prints."""
    words = ("k8s-codec", *arguments)
    print(f"$ {' '.join(words)}", flush=True)
    done = subprocess.run([command, *arguments], input=stdin, stdout=subprocess.PIPE, check=True)
    return done.stdout


def endpoints(command: str) -> None:
    manifest = show(command, "decode", str(ENDPOINTS))
    print(manifest.decode())
    stored = ENDPOINTS.read_bytes().removesuffix(b"\n")  # the newline is etcdctl's
    print("Back to stored bytes, from that YAML alone:\n")
    encoded = show(command, "encode", "-", stdin=manifest)
    print("the same bytes\n" if encoded == stored else "OTHER BYTES\n")

    found = codec.decode(stored, Endpoints)
    addresses = [address.ip for subset in found.subsets for address in subset.addresses]
    print(f"As an object: {found.metadata.name} has {', '.join(addresses)}\n")


def every_value() -> int:
    """Decodes and encodes every captured value; returns how many came back other than they were, unexplained."""
    kinds: collections.Counter[str] = collections.Counter()
    changed = []
    with gzip.open(ETCD / "values.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            raw = base64.b64decode(record["value"])
            found = codec.decode(raw)
            kinds[record["kind"]] += 1
            if codec.encode(found) != raw:
                changed.append(record["key"])
    total = sum(kinds.values())
    most = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common(5))
    print(f"{total} values of {len(kinds)} kinds from a real etcd ({most}, …):")
    print(f"{total - len(changed)} come back byte for byte as objects → bytes.")
    for key in changed:
        print(f"{key}: written by v1.36; the schema's v1.37 adds an empty status, as its API server would.")
    return len(changed) - changed.count("/registry/csinodes/worker-1")


def snapshot(command: str) -> None:
    """Reads a backup as it lies there: no etcd, no API server."""
    print("\nA snapshot of that etcd, read as it lies on the disk:\n")
    listed = show(command, "ls", SNAPSHOT, "-n", "biz-prod-qe2bu3")
    print(listed.decode())
    for words in (
        ("get", SNAPSHOT, "endpoints", "platform-mysql", "-n", "biz-prod-qe2bu3"),
        ("get", SNAPSHOT, "endpoints", "platform-mysql", "-n", "biz-prod-qe2bu3", "-o", "yaml", "--clean"),
        ("history", SNAPSHOT, "endpoints", "platform-mysql", "-n", "biz-prod-qe2bu3"),
        ("size", SNAPSHOT, "--by", "kind", "--top", "5"),
    ):
        print(show(command, *words).decode())


if __name__ == "__main__":
    warnings.simplefilter("error")
    print(f"engine: {codec.engine}\n")
    endpoints(sys.argv[1])
    changed = every_value()
    snapshot(sys.argv[1])
    sys.exit(1 if changed else 0)
