"""The revisions of every key in an etcd database: an index from key to the places of its records in the file.

The bucket `key` maps a revision to a mvccpb.KeyValue, so every record is looked at once; values are left where they
are. Source: etcd server/storage/mvcc/revision.go, kvstore.go, key_index.go, server/storage/schema/bucket.go.
"""

from __future__ import annotations

from bisect import bisect_left, insort

from codec.errors import SourceError
from codec.source.bbolt import BUSY, TRIES
from codec.source.index import DELETED, new_index
from codec.source.scan import REVISION, REVISION_LENGTH, SEPARATOR, scan
from codec.source.stored import read_fields

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from mmap import mmap

    from codec.source.bbolt import Bucket, Database
    from codec.source.stored import Fields

KEY_BUCKET, META_BUCKET = b"key", b"meta"
# Keys of the bucket `meta`. The first is written before a compaction begins, the second when it is through.
SCHEDULED_COMPACTION, FINISHED_COMPACTION = b"scheduledCompactRev", b"finishedCompactRev"
CONSISTENT_INDEX = b"consistent_index"


def revision_key(main: int, sub: int, deleted: bool = False) -> bytes:
    """The key of a record in the bucket `key`."""
    return REVISION.pack(main, SEPARATOR, sub) + (b"t" if deleted else b"")


BATCH = 1024  # keys that are taken from the index at once


class CompactedMeanwhile(SourceError):
    """A record went away between the moment that it was found and that when it was wanted."""


class Revisions:
    """Every retained revision, by key.

    revision: the newest. compact_revision: the oldest whose state is whole, 0 if nothing was ever compacted.
    consistent_index: of the last raft entry that the file contains.

    Records have numbers, in order of revision. Those that came out of a write-ahead log follow those of the file.
    """

    def __init__(self, database: Database, *, changes: bool = True) -> None:
        """changes: whether another program may write to the file meanwhile."""
        self.database = database
        self.revision = 1  # what an empty etcd says
        self.compact_revision = 0
        self.consistent_index = 0
        self._renewals = 0  # the database's, for which places in the index hold; -1 if some never held together
        self._index = new_index(changes)
        self._load()
        self._count = len(self._index)
        # Of each record that is not in the file: main and sub revision, the record itself, the one before it.
        self._overlay: list[tuple[int, int, bytes, int]] = []
        self._heads: dict[bytes, int] = {}  # key → its newest record, if that is not in the file
        self._added: list[bytes] = []  # the keys that the file does not have, in order

    def __len__(self) -> int:
        return self._count + len(self._overlay)

    # Reading the file

    def _load(self) -> None:
        """Reads in chunks. Where etcd commits meanwhile, goes on in its newer tree behind what is read already.

        That loses nothing: records never change, new ones come at the end, and those that go were compacted, which
        moves compact_revision.
        """
        database = self.database
        after = b""
        tries = 0
        while True:
            try:
                bucket = database.bucket(KEY_BUCKET)
                if bucket is not None:
                    for last in scan(bucket, self._index, after):
                        if not database.unchanged():
                            break
                        self._index.commit(database.data)
                        after = last
                        tries = 0
                meta = self._read_meta()
                if database.unchanged():
                    if bucket is None:
                        raise SourceError("no bucket `key`: not a database of etcd")
                    break
            except SourceError:
                if database.unchanged():
                    raise
            tries += 1
            if tries == TRIES:
                raise SourceError(BUSY)
            self._index.discard()
            database.renew()
            self._renewals = -1
        self.compact_revision, self.consistent_index = meta
        newest = int.from_bytes(after[:8], "big")
        self.revision = max(self.revision, self.compact_revision, newest)

    def _read_meta(self) -> tuple[int, int]:
        """Compact revision and consistent index."""
        bucket = self.database.bucket(META_BUCKET)
        if bucket is None:
            return 0, 0
        # Once scheduled, etcd answers no older revision, and on its next start finishes what it began.
        compacted = max(self._compaction(bucket, SCHEDULED_COMPACTION), self._compaction(bucket, FINISHED_COMPACTION))
        index = bucket.get(CONSISTENT_INDEX) or b""
        return compacted, int.from_bytes(index[:8], "big")

    def _compaction(self, bucket: Bucket, name: bytes) -> int:
        raw = bucket.get(name)
        if raw is None:
            return 0
        if len(raw) != REVISION_LENGTH or raw[8:9] != b"_":
            raise SourceError(f"`{name.decode()}` in the bucket `meta` is no revision")
        return int.from_bytes(raw[:8], "big")

    def _error(self, offset: int, problem: str) -> SourceError:
        pages = self.database.pages
        return pages.error(offset // pages.page_size, problem, offset)

    def _fields(self, data: mmap | bytes, start: int, end: int) -> Fields:
        try:
            return read_fields(data, start, end)
        except ValueError as error:
            raise self._error(start, f"not a KeyValue of etcd: {error}") from None

    # Adding to it

    def put(self, key: bytes, main: int, sub: int, record: bytes) -> None:
        """A record that is not in the file, in order of revision."""
        self._add(key, main, sub, record)

    def delete(self, key: bytes, main: int, sub: int) -> None:
        """A tombstone that is not in the file."""
        self._add(key, main, sub | DELETED, b"")

    def _add(self, key: bytes, main: int, sub: int, record: bytes) -> None:
        before = self._head(key)
        if before < 0:
            insort(self._added, key)
        self._overlay.append((main, sub, record, before))
        self._heads[key] = len(self) - 1
        self.revision = max(self.revision, main)

    def _head(self, key: bytes) -> int:
        """The newest record of a key, -1 if it has none."""
        number = self._heads.get(key, -1)
        return self._index.head(self.database.data, key) if number < 0 else number

    # Asking

    def keys(self, prefix: bytes = b"") -> Iterator[bytes]:
        """All keys of any revision that begin with the prefix, in order."""
        return self.between(prefix, after_prefix(prefix))

    def between(self, start: bytes, end: bytes = b"") -> Iterator[bytes]:
        """All keys of any revision from `start` on and before `end`, in order; without an end, all that follow."""
        first = bisect_left(self._added, start)
        added = self._added[first : bisect_left(self._added, end, first) if end else None]
        if not added:
            return self._of_file(start, end)
        from heapq import merge

        return merge(self._of_file(start, end), added)

    def _of_file(self, start: bytes, end: bytes) -> Iterator[bytes]:
        data = self.database.data
        first, last = self._index.places(data, start, end)
        for place in range(first, last, BATCH):
            yield from self._index.keys(self.database.data, place, min(place + BATCH, last))

    def at(self, key: bytes, revision: int) -> int:
        """The number of the record in force at a revision, or -1 where the key is not there."""
        number = self._head(key)
        while number >= self._count:
            main, sub, _, before = self._overlay[number - self._count]
            if main <= revision:
                return -1 if sub & DELETED else number
            number = before
        index = self._index
        while number >= 0 and index.main(number) > revision:
            number = index.before(number)
        return -1 if number < 0 or index.sub(number) & DELETED else number

    def live(self, prefix: bytes, revision: int) -> Iterator[tuple[bytes, int]]:
        """The keys that are there at a revision, in order, and the numbers of their records."""
        if self._overlay:
            for key in self.keys(prefix):
                number = self.at(key, revision)
                if number >= 0:
                    yield key, number
            return
        first, last = self._index.places(self.database.data, prefix, after_prefix(prefix))
        for place in range(first, last, BATCH):
            yield from self._index.live(self.database.data, place, min(place + BATCH, last), revision)

    def of_key(self, key: bytes) -> list[int]:
        """All records of a key, oldest first."""
        numbers = []
        number = self._head(key)
        while number >= 0:
            numbers.append(number)
            number = self._index.before(number) if number < self._count else self._overlay[number - self._count][3]
        numbers.reverse()
        return numbers

    def main(self, number: int) -> int:
        """The main revision of a record."""
        return self._index.main(number) if number < self._count else self._overlay[number - self._count][0]

    def place(self, number: int) -> tuple[int, int, bool]:
        """Main and sub revision of a record, and whether it is a tombstone."""
        if number < self._count:
            main, sub = self._index.main(number), self._index.sub(number)
        else:
            main, sub, _, _ = self._overlay[number - self._count]
        return main, sub & ~DELETED, bool(sub & DELETED)

    def size(self, number: int) -> int:
        """Bytes that a record takes, without its revision."""
        return self._index.size(number) if number < self._count else len(self._overlay[number - self._count][2])

    def fields(self, number: int) -> Fields:
        """The fields of a record; the value as start and end within what `record` gives."""
        if number < self._count and self._renewals == self.database.renewals:
            start = self._index.start(number)
            try:
                fields = self._fields(self.database.data, start, start + self._index.size(number))
                if self.database.unchanged():
                    return (*fields[:5], fields[5] - start, fields[6] - start)
            except SourceError:
                if self.database.unchanged():
                    raise
        record = self.record(number)
        return self._fields(record, 0, len(record))

    def record(self, number: int) -> bytes:
        """The bytes of a record, a mvccpb.KeyValue. SourceError if a compaction took it away meanwhile."""
        if number >= self._count:
            return self._overlay[number - self._count][2]
        database = self.database
        if self._renewals == database.renewals:
            start = self._index.start(number)
            record = database.data[start : start + self._index.size(number)]
            if database.unchanged():
                return record
        self._renewals = -1
        return self._record_in_newer_tree(number)

    def value(self, number: int) -> bytes:
        """What was put. SourceError as of `record`."""
        record = self.record(number)
        try:
            start, end = read_fields(record, 0, len(record))[5:]
        except ValueError as error:
            place = self._index.start(number) if number < self._count else 0
            raise self._error(place, f"not a KeyValue of etcd: {error}") from None
        return record[start:end]

    def _record_in_newer_tree(self, number: int) -> bytes:
        database = self.database
        main, sub, deleted = self.place(number)
        wanted = revision_key(main, sub, deleted)
        for _ in range(TRIES):
            try:
                bucket = database.bucket(KEY_BUCKET)
                record = bucket.get(wanted) if bucket is not None else None
                if database.unchanged():
                    if record is None:
                        raise CompactedMeanwhile(f"revision {main} was compacted while it was read: {SNAPSHOT}")
                    return record
            except SourceError:
                if database.unchanged():
                    raise
            database.renew()
        raise SourceError(BUSY)


SNAPSHOT = "read a snapshot that `etcdctl snapshot save` made"


def after_prefix(prefix: bytes) -> bytes:
    """The first key behind all that begin with the prefix; b"" if there is none."""
    stripped = prefix.rstrip(b"\xff")
    return stripped[:-1] + bytes((stripped[-1] + 1,)) if stripped else b""
