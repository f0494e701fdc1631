"""A source in memory, for tests: what was put and deleted, revision by revision, and what was read of it."""

from __future__ import annotations

from collections.abc import Iterator

from codec.source.key_value import KeyValue
from codec.source.keyspace import Change, Source, as_bytes


class Memory(Source):
    """`put` and `delete` count revisions. read: the keys and prefixes whose values were asked for."""

    form = "memory"

    def __init__(self, values: dict[str, bytes] | None = None) -> None:
        super().__init__("memory")
        self.records: dict[bytes, list[Change]] = {}
        self.read: list[bytes] = []
        for key, value in (values or {}).items():
            self.put(key, value)

    def put(self, key: str, value: bytes) -> int:
        self.revision += 1
        name = as_bytes(key)
        stored = KeyValue(value, name, create_revision=self.revision, mod_revision=self.revision, version=1, lease=0)
        self.records.setdefault(name, []).append(Change(name, self.revision, 0, stored))
        return self.revision

    def delete(self, key: str) -> int:
        self.revision += 1
        self.records[as_bytes(key)].append(Change(as_bytes(key), self.revision, 0, None))
        return self.revision

    def get(self, key: bytes | str, revision: int | None = None) -> KeyValue | None:
        at = self.checked_revision(revision)
        self.read.append(as_bytes(key))
        found = [change for change in self.records.get(as_bytes(key), []) if change.revision <= at]
        return found[-1].value if found else None

    def list(self, prefix: bytes | str = b"", revision: int | None = None) -> Iterator[KeyValue]:
        at = self.checked_revision(revision)
        self.read.append(as_bytes(prefix))
        for key in sorted(self.records):
            if key.startswith(as_bytes(prefix)):
                found = [change for change in self.records[key] if change.revision <= at]
                if found and found[-1].value is not None:
                    yield found[-1].value

    def keys(self, prefix: bytes | str = b"", revision: int | None = None) -> Iterator[bytes]:
        found = [stored.key or b"" for stored in self.list(prefix, revision)]
        self.read.pop()
        yield from found

    def changes(self, prefix: bytes | str = b"") -> Iterator[Change]:
        self.read.append(as_bytes(prefix))
        for key in sorted(self.records):
            if key.startswith(as_bytes(prefix)):
                yield from self.records[key]
