"""`codec.open`: tells what a path or an address is by what it holds, and opens it as a Source."""

from __future__ import annotations

import os

from codec.errors import SourceError
from codec.source.bbolt import TRIES, Database, open_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from codec.source.keyspace import Source

SQLITE = b"SQLite format 3\0"
HTTP, HTTPS = "http://", "https://"
_HEAD = 64  # bytes of a file that are looked at
# What people's files begin with that are no database themselves.
_OTHERS = (
    (b"\x1f\x8b", "compressed by gzip: unpack it first"),
    (b"PK\x03\x04", "a zip archive: unpack it first"),
    (b"\x28\xb5\x2f\xfd", "compressed by zstd: unpack it first"),
    (b"BZh", "compressed by bzip2: unpack it first"),
    (b"\xfd7zXZ\0", "compressed by xz: unpack it first"),
    (b"k8s\0", "a stored value and no database: `k8s-codec decode` reads it"),
    (b"/", "output of etcdctl and no database: `k8s-codec decode` reads it"),
    (b"{", "text and no database: `k8s-codec decode` reads what etcdctl printed"),
)


def open(
    source: str | os.PathLike[str],
    *,
    wal: bool = True,
    uncommitted: bool = False,
    options: Mapping[str, Any] | None = None,
) -> Source:
    """Opens a place that holds keys: reads only, changes nothing, takes no lock.

    source: an etcd snapshot, a db file of etcd, a data directory of etcd, the `state.db` of k3s, the folder of a k3s,
    or the address of a running etcd, `http://…` or `https://…`, several of them with commas in between. options: for
    the latter, those of codec.source.connection.Options, such as cacert; what is left out comes from etcdctl's
    environment variables.

    wal: whether what a data directory's write-ahead log holds beyond the database is applied. uncommitted: whether
    that goes for entries too that a cluster of several members may not have agreed on.

    SourceError, beginning with the name of the source, for whatever it cannot be read as.
    """
    name = os.fspath(source)
    try:
        if name.startswith((HTTP, HTTPS)):
            from codec.source.connection import Options
            from codec.source.live import LiveEtcd

            return LiveEtcd(Options(name, **(options or {})))
        if os.path.isdir(name):
            return _open_folder(name, wal, uncommitted)
        return _open_file(name)
    except SourceError as error:
        raise SourceError(f"{name}: {error}") from None


def _open_folder(name: str, wal: bool, uncommitted: bool) -> Source:
    from codec.source import datadir, kine

    for folder in (name, *(os.path.join(name, each) for each in _K3S_ETCD)):
        if datadir.database_path(folder):
            return _open_data_directory(folder, wal, uncommitted)
    for each in _K3S_KINE:
        path = os.path.join(name, each)
        if os.path.isfile(path):
            return kine.Kine(path)
    raise SourceError("a folder without etcd's member/snap/db and without k3s's state.db")


def _open_data_directory(folder: str, wal: bool, uncommitted: bool) -> Source:
    """A running etcd may compact what the log builds on: then the database is newer, and needs less of the log."""
    from codec.source.datadir import DataDirectory
    from codec.source.mvcc import CompactedMeanwhile

    for _ in range(TRIES - 1):
        try:
            return DataDirectory(folder, wal=wal, include_uncommitted=uncommitted)
        except CompactedMeanwhile:
            continue
    return DataDirectory(folder, wal=wal, include_uncommitted=uncommitted)


# Where k3s and RKE2 keep their data, below the folder that holds `server`, or below that.
_K3S_ETCD = (os.path.join("server", "db", "etcd"), os.path.join("db", "etcd"), "etcd")
_K3S_KINE = (os.path.join("server", "db", "state.db"), os.path.join("db", "state.db"), "state.db")


def _open_file(name: str) -> Source:
    with open_file(name) as file:
        try:
            head = file.read(_HEAD)
        except OSError as error:
            raise SourceError(f"{error.strerror or error}") from None
    if head.startswith(SQLITE):
        from codec.source.kine import Kine

        return Kine(name)
    for start, what in _OTHERS:
        if head.startswith(start):
            raise SourceError(what)
    return _open_database(name)


def _open_database(name: str) -> Source:
    from codec.source.etcd_file import EtcdFile
    from codec.source.snapshot import Snapshot, has_checksum

    database = Database(name)
    try:
        found = (Snapshot if has_checksum(len(database.data)) else EtcdFile)(name, database)
    except BaseException:
        database.close()
        raise
    beside = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(name))), "wal")
    if found.form == EtcdFile.form and os.path.isdir(beside):
        found.warnings.append("the write-ahead log beside it is not read: open the data directory for that")
    return found
