"""A source that is a bbolt file of etcd: a db file, a snapshot, the db of a data directory."""

from __future__ import annotations

from codec.errors import SourceError
from codec.source.bbolt import stable, usage, walk
from codec.source.keyspace import Change, Source, as_bytes
from codec.source.mvcc import Revisions
from codec.source.scan import REVISION_LENGTH, TOMBSTONE_LENGTH
from codec.source.stored import StoredKeyValue

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from codec.source.bbolt import Database, Usage
    from codec.source.key_value import KeyValue
    from codec.source.keyspace import RecordSizes
    from codec.source.space import Space
    from codec.source.stored import Fields

LEASE_BUCKET = b"lease"
_LEASE_ID, _LEASE_TTL = 1, 2  # fields of leasepb.Lease; etcd server/lease/leasepb/lease.proto


class EtcdFile(Source):
    """The keyspace in a bbolt file of etcd. `database` and `revisions` show what lies below."""

    form = "etcd database"
    changing = True  # an etcd may be writing to it

    def __init__(self, name: str, database: Database) -> None:
        super().__init__(name)
        self.database = database
        self.revisions = Revisions(database, changes=self.changing)
        self.revision = self.revisions.revision
        self.compact_revision = self.revisions.compact_revision
        self.warnings = database.warnings
        self._leases: dict[int, int] | None = None
        self._closed = False
        if database.size > len(database.data):
            self.warnings.append(
                f"the file ends at byte {len(database.data)} of {database.size}: what stood behind cannot be read"
            )

    def close(self) -> None:
        self._closed = True
        self.database.close()

    def get(self, key: bytes | str, revision: int | None = None) -> KeyValue | None:
        self._check_open()
        key = as_bytes(key)
        number = self.revisions.at(key, self.checked_revision(revision))
        return None if number < 0 else self._key_value(key, number)

    def list(self, prefix: bytes | str = b"", revision: int | None = None) -> Iterator[KeyValue]:
        self._check_open()
        at = self.checked_revision(revision)
        return (self._key_value(key, number) for key, number in self.revisions.live(as_bytes(prefix), at))

    def keys(self, prefix: bytes | str = b"", revision: int | None = None) -> Iterator[bytes]:
        self._check_open()
        at = self.checked_revision(revision)
        return (key for key, _ in self.revisions.live(as_bytes(prefix), at))

    def changes(self, prefix: bytes | str = b"") -> Iterator[Change]:
        self._check_open()
        for key in self.revisions.keys(as_bytes(prefix)):
            yield from self.history(key)

    def history(self, key: bytes | str) -> Iterator[Change]:
        self._check_open()
        key = as_bytes(key)
        for number in self.revisions.of_key(key):
            main, sub, deleted = self.revisions.place(number)
            yield Change(key, main, sub, None if deleted else self._key_value(key, number))

    def sizes(self, prefix: bytes | str = b"") -> Iterator[tuple[bytes, RecordSizes]]:
        self._check_open()
        revisions = self.revisions
        for key in revisions.keys(as_bytes(prefix)):
            found = []
            for number in revisions.of_key(key):
                main, _, deleted = revisions.place(number)
                length = TOMBSTONE_LENGTH if deleted else REVISION_LENGTH
                found.append((main, length + revisions.size(number), deleted))
            yield key, found

    def leases(self) -> dict[int, int]:
        self._check_open()
        if self._leases is None:
            self._leases = self._read_leases()
        return dict(self._leases)

    def usage(self) -> Usage:
        """Walks every page of the file, and counts them. SourceError for what is damaged."""
        self._check_open()
        return stable(self.database, lambda: usage(self.database))

    def check_structure(self) -> str:
        pages = self.usage()
        return f"{pages.total} pages of {pages.page_size} bytes, {pages.free} of them free"

    def space(self) -> Space:
        """Walks every page. SourceError for what is damaged."""
        from codec.source.packing import OTHER_PAGES, packed_pages
        from codec.source.space import Space

        pages = self.usage()
        size = pages.page_size
        revisions = self.revisions
        records = (REVISION_LENGTH + revisions.size(number) for number in range(len(revisions)))
        packed = packed_pages(records, size) + OTHER_PAGES
        return Space(pages.total * size, pages.free * size, "etcdctl defrag", packed * size)

    def in_free_pages(self, pattern: bytes) -> int:
        """How often bytes stand in pages that nothing leads to any more: what was deleted, and not yet overwritten."""
        self._check_open()
        return stable(self.database, lambda: self._in_free_pages(pattern))

    def _in_free_pages(self, pattern: bytes) -> int:
        _, reached = walk(self.database)
        data, page_size = self.database.data, self.database.pages.page_size
        count = 0
        at = data.find(pattern)
        while at >= 0:
            page = at // page_size
            count += page >= len(reached) or not reached[page]
            at = data.find(pattern, at + 1)
        return count

    def _read_leases(self) -> dict[int, int]:
        from codec.errors import DecodeError
        from codec.source.raft_message import RaftMessage

        found: dict[int, int] = {}
        for value in self._bucket(LEASE_BUCKET).values():
            try:
                lease = RaftMessage(value)
            except DecodeError as error:
                raise SourceError(f"a lease that cannot be read: {error}") from None
            found[lease.signed(_LEASE_ID)] = lease.signed(_LEASE_TTL)
        return found

    def _bucket(self, name: bytes) -> dict[bytes, bytes]:
        """All keys and values of a small bucket."""
        return stable(self.database, lambda: self._bucket_now(name))

    def _bucket_now(self, name: bytes) -> dict[bytes, bytes]:
        bucket = self.database.bucket(name)
        if bucket is None:
            return {}
        data = self.database.data
        return {key: data[start:end] for _, key, start, end in bucket.elements()}

    def _key_value(self, key: bytes, number: int) -> KeyValue:
        revisions = self.revisions
        return StoredKeyValue(key, revisions.main(number), self.name, number, self._fields, self._value)

    def _fields(self, number: int) -> Fields:
        self._check_open()
        return self.revisions.fields(number)

    def _value(self, number: int) -> bytes:
        self._check_open()
        return self.revisions.value(number)

    def _check_open(self) -> None:
        if self._closed:
            raise SourceError("the source is closed")
