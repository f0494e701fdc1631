"""Source: the keys that a place holds, now and at each revision it retains. What `codec.open` gives."""

from __future__ import annotations

from codec.errors import SourceError
from codec.source.key_value import KeyValue

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType
    from typing import Self

    from codec.source.space import Space

# Keys that every cluster has, behind whatever its API servers were given as --etcd-prefix.
_ALWAYS_THERE = (
    b"/namespaces/kube-system",
    b"/namespaces/default",
    b"/services/specs/default/kubernetes",
)
# What API servers are usually given as --etcd-prefix; OpenShift has the second one.
_PREFIXES = (b"/registry", b"/kubernetes.io")


class Change:
    """One revision of a key.

    key: the etcd key. revision: the mod revision, shared by all that one transaction changed; sub: the place
    within that transaction, from 0. value: the KeyValue that was put, or None for a deletion (a tombstone).
    """

    __slots__ = ("key", "revision", "sub", "value")

    def __init__(self, key: bytes, revision: int, sub: int, value: KeyValue | None) -> None:
        self.key = key
        self.revision = revision
        self.sub = sub
        self.value = value

    @property
    def deleted(self) -> bool:
        return self.value is None

    def __repr__(self) -> str:
        return f"Change({self.key!r}, revision={self.revision}, sub={self.sub}, deleted={self.deleted})"


RecordSizes = list[tuple[int, int, bool]]  # of each: mod revision, bytes, whether it is a tombstone


def change_size(change: Change) -> int:
    """Bytes of key and value."""
    return len(change.key) + (0 if change.value is None else len(change.value.value))


class Source:
    """A place that holds keys: a snapshot, a database file, a data directory, a server.

    name: what it was opened by. form: what it turned out to be, in words. warnings: what a person should know,
    such as a torn write-ahead log. revision: the newest one. compact_revision: the oldest whose state can be
    asked for; 0 where history was never compacted.

    A context manager, and an iterable of the KeyValue records of the newest revision, in order of keys. Keys and
    prefixes are given as bytes or str.
    """

    form = ""

    def __init__(self, name: str) -> None:
        self.name = name
        self.warnings: list[str] = []
        self.revision = 0
        self.compact_revision = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[KeyValue]:
        return self.list()

    def close(self) -> None:
        """Lets go of files and connections. Values that were not read yet cannot be read any more."""

    def get(self, key: bytes | str, revision: int | None = None) -> KeyValue | None:
        """What is stored under a key, now or at a revision; None if nothing is.

        SourceError for a revision that is compacted or in the future.
        """
        raise NotImplementedError

    def list(self, prefix: bytes | str = b"", revision: int | None = None) -> Iterator[KeyValue]:
        """The records whose keys begin with the prefix, in order of keys, now or at a revision."""
        raise NotImplementedError

    def keys(self, prefix: bytes | str = b"", revision: int | None = None) -> Iterator[bytes]:
        """The keys alone, in order: the quick way to see what is there."""
        for found in self.list(prefix, revision):
            assert found.key is not None
            yield found.key

    def changes(self, prefix: bytes | str = b"") -> Iterator[Change]:
        """Every retained revision, deletions included, of the keys under a prefix: by key, then by revision."""
        raise NotImplementedError

    def history(self, key: bytes | str) -> Iterator[Change]:
        """Every retained revision of one key, oldest first. A create revision tells its lives apart."""
        key = as_bytes(key)
        return (change for change in self.changes(key) if change.key == key)

    def sizes(self, prefix: bytes | str = b"") -> Iterator[tuple[bytes, RecordSizes]]:
        """What each key takes, in order of keys: the sizes of every retained revision, oldest first.

        Bytes are those of the record with its revision where the source keeps records, else of key and value.
        """
        key = b""
        found: RecordSizes = []
        for change in self.changes(prefix):
            if change.key != key and found:
                yield key, found
                found = []
            key = change.key
            found.append((change.revision, change_size(change), change.deleted))
        if found:
            yield key, found

    def check_structure(self) -> str:
        """Reads the whole structure of the database; says in words what it read, "" if this form has none to read.

        SourceError for what is damaged.
        """
        return ""

    def space(self) -> Space | None:
        """The space that the database takes; None where the source does not tell."""
        return None

    def leases(self) -> dict[int, int]:
        """The time to live, in seconds as granted, of each lease, by its id."""
        return {}

    def verify(self) -> bool:
        """Compares the source with the checksum that it carries.

        True if they agree, False if this form of source carries none. SourceError if they differ.
        """
        return False

    def prefix(self) -> str:
        """What stands in front of the resource in the keys of Kubernetes: `/registry`, OpenShift's `/kubernetes.io`.

        Told by keys that every cluster has; without them the first word of the first path; "" if there is none.
        """
        for prefix in _PREFIXES:  # one key can be read without reading any other
            if any(self.get(prefix + ending) is not None for ending in _ALWAYS_THERE):
                return prefix.decode()
        path = b""
        for key in self.keys():
            if key.endswith(_ALWAYS_THERE):
                ending = next(each for each in _ALWAYS_THERE if key.endswith(each))
                return key[: -len(ending)].decode("utf-8", "surrogateescape")
            if not path and key.startswith(b"/") and key.count(b"/") > 2:
                path = key[: key.index(b"/", 1)]
        return path.decode("utf-8", "surrogateescape")

    def checked_revision(self, revision: int | None) -> int:
        """The revision to read at. SourceError, as etcd would answer, where its state is not to be had."""
        if revision is None or revision == 0:
            return self.revision
        if revision < 0:
            raise SourceError(f"revision {revision} is not a revision: they count from 1")
        if revision > self.revision:
            raise SourceError(f"revision {revision} is in the future: the newest is {self.revision}")
        if revision < self.compact_revision:
            raise SourceError(
                f"revision {revision} has been compacted: retained are {self.compact_revision} to {self.revision}"
            )
        return revision


def as_bytes(key: bytes | str) -> bytes:
    """A key as etcd holds it."""
    return key.encode("utf-8", "surrogateescape") if isinstance(key, str) else bytes(key)
