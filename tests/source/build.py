"""Databases of etcd with given values in them, for tests of what reads a source."""

from __future__ import annotations

import gzip
import json
from base64 import b64decode
from collections.abc import Iterable
from pathlib import Path

from source.bbolt_writer import BboltWriter

from codec.source.mvcc import revision_key
from codec.source.stored import write_record

Put = tuple[bytes, bytes | None]  # key and value; None deletes the key


def database(puts: Iterable[Put], leases: dict[bytes, int] | None = None) -> bytes:
    """A db file in which each put has a revision of its own, from 2 on. leases: of keys; none of them is granted."""
    rows: dict[bytes, bytes] = {}
    lives: dict[bytes, tuple[int, int]] = {}
    for revision, (key, value) in enumerate(puts, 2):
        if value is None:
            rows[revision_key(revision, 0, deleted=True)] = write_record(key, b"", 0, 0, 0, 0)
            del lives[key]
            continue
        create, version = lives.get(key, (revision, 0))
        lives[key] = create, version + 1
        lease = (leases or {}).get(key, 0)
        rows[revision_key(revision, 0)] = write_record(key, value, create, revision, version + 1, lease)
    return BboltWriter(4096).finish({b"key": rows, b"meta": {}, b"lease": {}})


def captured(path: Path) -> dict[bytes, bytes]:
    """Key → value of a `values.jsonl.gz` in fixtures/etcd."""
    with gzip.open(path, "rt") as lines:
        return {(row := json.loads(line))["key"].encode(): b64decode(row["value"]) for line in lines}
