"""Which provider and key encrypted the values of each resource, and what of them lies in clear in the history.

Source: apiserver pkg/storage/value/encrypt, whose transformers put provider and key name in front of each value.
"""

from __future__ import annotations

from itertools import groupby

from codec.storage import ENCRYPTED, encrypted_with

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from codec.query.resources import ResourceType
    from codec.query.select import Row
    from codec.source.keyspace import Source

IDENTITY = "identity"  # the provider that encrypts nothing


class Encrypted:
    """How many values of a resource one provider wrote with one key; "" where it names none."""

    __slots__ = ("count", "key_name", "provider", "resource")

    def __init__(self, resource: str, provider: str, key_name: str, count: int) -> None:
        self.resource = resource
        self.provider = provider
        self.key_name = key_name
        self.count = count


class Encryption:
    """Counts values by resource, provider and key name; remembers the keys that are encrypted."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str, str], int] = {}
        self._types: dict[str, ResourceType] = {}  # of encrypted values
        self._starts: set[bytes] = set()  # what their keys begin with
        self.keys: dict[bytes, str] = {}  # key of an encrypted value → resource

    def add(self, row: Row) -> None:
        """Counts one value."""
        if row.type is None:
            return
        raw = row.raw
        provider, key_name = named(raw)
        if provider != IDENTITY:
            self.keys[row.stored.key or b""] = row.type.full
            self._types[row.type.full] = row.type
            self._starts.add(_start(row))
        counted = (row.type.full, provider, key_name)
        self._counts[counted] = self._counts.get(counted, 0) + 1

    def rows(self) -> list[Encrypted]:
        """One for each resource, provider and key of the resources that have any encrypted value."""
        resources = {resource for resource, provider, _ in self._counts if provider != IDENTITY}
        return [Encrypted(*each, self._counts[each]) for each in sorted(self._counts) if each[0] in resources]

    def left_in_clear(self) -> Iterator[tuple[str, int, int]]:
        """Resource, values in clear and values encrypted, of each resource that has both."""
        found: dict[str, list[int]] = {}
        for row in self.rows():
            found.setdefault(row.resource, [0, 0])[row.provider != IDENTITY] += row.count
        yield from ((resource, clear, hidden) for resource, (clear, hidden) in found.items() if clear)

    def clear_history(self, source: Source) -> Iterator[tuple[bytes, list[int]]]:
        """The keys that are encrypted today, and the retained revisions in which their values stand in clear."""
        for start in sorted(self._starts):
            for key, changes in groupby(source.changes(start), key=lambda change: change.key):
                if key in self.keys:
                    clear = [
                        change.revision
                        for change in changes
                        if change.value is not None and named(change.value.value)[0] == IDENTITY
                    ]
                    if clear:
                        yield key, clear

    def clear_in_free_pages(self, source: Source) -> Iterator[tuple[str, int]]:
        """Resource and how many values of it stand in clear in free pages of the database, of those encrypted today.

        A compaction takes history away, and leaves its bytes where they are until etcd writes over them.
        """
        from codec.source.etcd_file import EtcdFile

        if not isinstance(source, EtcdFile):
            return
        for resource, type in sorted(self._types.items()):
            count = source.in_free_pages(_beginning(type))
            if count:
                yield resource, count


def _start(row: Row) -> bytes:
    """A key without namespace and name."""
    key = row.stored.key or b""
    parts = [part for part in (row.namespace, row.name) if part]
    return key[: len(key) - len("/".join(parts).encode("utf-8", "surrogateescape"))]


def _beginning(type: ResourceType) -> bytes:
    """What the values of a resource begin with."""
    from codec.storage import TAIL, wrap
    from codec.storage.resources import of_kind

    if type.kind:
        # The version that is stored says nothing here of its own, but for the one that API servers choose.
        builtin = of_kind(f"{type.group}/v1" if type.group else "v1", type.kind)
        if builtin is not None and builtin.path == type.path:
            return wrap(builtin.api_version, type.kind, b"")[: -len(TAIL) - 2]  # 2: the empty message
    return b'{"apiVersion":"%b/' % type.group.encode("utf-8", "surrogateescape")


def named(raw: bytes) -> tuple[str, str]:
    """Provider, as `aescbc` or `kms v2`, and key name of a stored value; IDENTITY for one in clear."""
    if not raw.startswith(ENCRYPTED):
        return IDENTITY, ""
    provider, key_name = encrypted_with(raw)
    if provider == "kms":
        version = raw[len(ENCRYPTED) : len(ENCRYPTED) + 64].split(b":")[1:2]
        provider = " ".join((provider, *(each.decode("utf-8", "backslashreplace") for each in version)))
    return provider, key_name
