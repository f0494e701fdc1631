"""The revisions of every key in an etcd database: an index from key to the places of its records in the file.

The bucket `key` maps a revision to a mvccpb.KeyValue, so every record is looked at once; values are left where they
are. Source: etcd server/storage/mvcc/revision.go, kvstore.go, key_index.go, server/storage/schema/bucket.go.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, insort
from struct import Struct

from codec.errors import SourceError
from codec.source.bbolt import BUSY, TRIES
from codec.source.stored import KEY, read_fields

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from mmap import mmap

    from codec.source.bbolt import Bucket, Database, Leaf
    from codec.source.stored import Fields

REVISION_LENGTH = 17  # bytes: main u64, `_`, sub u64, big-endian
TOMBSTONE_LENGTH = 18  # bytes: the same and `t`
_REVISION = Struct(">QcQ")
_DELETED = 1 << 31  # marks a tombstone in the array of sub revisions
_IN_MEMORY = (1 << 32) - 1  # in the array of sizes: the record stands in the overlay

KEY_BUCKET, META_BUCKET = b"key", b"meta"
# Keys of the bucket `meta`. The first is written before a compaction begins, the second when it is through.
SCHEDULED_COMPACTION, FINISHED_COMPACTION = b"scheduledCompactRev", b"finishedCompactRev"
CONSISTENT_INDEX = b"consistent_index"


def revision_key(main: int, sub: int, deleted: bool = False) -> bytes:
    """The key of a record in the bucket `key`."""
    return _REVISION.pack(main, b"_", sub) + (b"t" if deleted else b"")


class Revisions:
    """Every retained revision, by key.

    revision: the newest. compact_revision: the oldest whose state is whole, 0 if nothing was ever compacted.
    consistent_index: of the last raft entry that the file contains.

    Records have numbers, in order of revision. Those that came out of a write-ahead log follow those of the file.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.revision = 1  # what an empty etcd says
        self.compact_revision = 0
        self.consistent_index = 0
        self._heads: dict[bytes, int] = {}  # key → its newest record
        self._sorted: list[bytes] | None = None
        # Of each record: main and sub revision, place and size in the file, the record before it of the same key.
        self._mains = array("q")
        self._subs = array("I")
        self._starts = array("Q")
        self._sizes = array("I")
        self._before = array("q")
        self._overlay: list[bytes] = []
        self._moved = False  # whether pages that places in the arrays lie on may be in use for something else
        self._load()

    def __len__(self) -> int:
        return len(self._mains)

    # Reading the file

    def _load(self) -> None:
        """Reads leaf by leaf. Where etcd commits meanwhile, goes on in its newer tree behind what is read already.

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
                    for leaf in bucket.leaves(after):
                        batch = self._read_leaf(leaf, after)
                        if not database.unchanged():
                            break
                        if batch:
                            after = self._keep(batch)
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
            database.renew()
            self._moved = True
        self.compact_revision, self.consistent_index = meta
        self.revision = max(self.revision, self.compact_revision, self._mains[-1] if self._mains else 0)

    def _read_leaf(self, leaf: Leaf, after: bytes) -> list[tuple[bytes, bytes, int, int]]:
        """Revision, key, place and end of each record behind `after`."""
        data = leaf.pages.data
        batch: list[tuple[bytes, bytes, int, int]] = []
        for _, at, start, end in leaf.elements():
            revision = data[at:start]
            if revision <= after:
                if batch or len(revision) < REVISION_LENGTH:
                    raise leaf.pages.error(leaf.page, "its revisions are not in order", at)
                continue  # read from an older tree
            # Keys of Kubernetes are shorter than 128 bytes, so that their length is one byte, at the very start.
            if end - start > 2 and data[start] == KEY and data[start + 1] < 0x80 and data[start + 1] <= end - start - 2:
                key = data[start + 2 : start + 2 + data[start + 1]]
            else:
                key = self._fields(data, start, end)[0]
            batch.append((revision, key, start, end))
            after = revision
        return batch

    def _keep(self, batch: list[tuple[bytes, bytes, int, int]]) -> bytes:
        """Takes records into the index; returns the revision of the last."""
        unpack = _REVISION.unpack_from
        for revision, key, start, end in batch:
            length = len(revision)
            if length != REVISION_LENGTH and (length != TOMBSTONE_LENGTH or revision[-1:] != b"t"):
                raise self._error(start, f"a revision of {length} bytes")
            main, mark, sub = unpack(revision)
            if mark != b"_" or main >> 63 or sub >= _DELETED:
                raise self._error(start, "not a revision")
            self._append(key, main, sub if length == REVISION_LENGTH else sub | _DELETED, start, end - start)
        return revision

    def _append(self, key: bytes, main: int, sub: int, start: int, size: int) -> None:
        heads = self._heads
        number = len(self._mains)
        self._mains.append(main)
        self._subs.append(sub)
        self._starts.append(start)
        self._sizes.append(size)
        self._before.append(heads.get(key, -1))
        heads[key] = number

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
        self._add(key, main, sub | _DELETED, b"")

    def _add(self, key: bytes, main: int, sub: int, record: bytes) -> None:
        if self._sorted is not None and key not in self._heads:
            insort(self._sorted, key)
        self._append(key, main, sub, len(self._overlay), _IN_MEMORY)
        self._overlay.append(record)
        self.revision = max(self.revision, main)

    # Asking

    def keys(self, prefix: bytes = b"") -> list[bytes]:
        """All keys of any revision that begin with the prefix, in order."""
        return self.between(prefix, _after_prefix(prefix))

    def between(self, start: bytes, end: bytes = b"") -> list[bytes]:
        """All keys of any revision from `start` on and before `end`, in order; without an end, all that follow."""
        if self._sorted is None:
            self._sorted = sorted(self._heads)
        first = bisect_left(self._sorted, start)
        return self._sorted[first : bisect_left(self._sorted, end, first) if end else None]

    def at(self, key: bytes, revision: int) -> int:
        """The number of the record in force at a revision, or -1 where the key is not there."""
        number = self._heads.get(key, -1)
        while number >= 0 and self._mains[number] > revision:
            number = self._before[number]
        return -1 if number < 0 or self._subs[number] & _DELETED else number

    def of_key(self, key: bytes) -> list[int]:
        """All records of a key, oldest first."""
        numbers = []
        number = self._heads.get(key, -1)
        while number >= 0:
            numbers.append(number)
            number = self._before[number]
        numbers.reverse()
        return numbers

    def place(self, number: int) -> tuple[int, int, bool]:
        """Main and sub revision of a record, and whether it is a tombstone."""
        sub = self._subs[number]
        return self._mains[number], sub & ~_DELETED, bool(sub & _DELETED)

    def numbers(self) -> Iterator[int]:
        """All records in order of revision."""
        return iter(range(len(self._mains)))

    def size(self, number: int) -> int:
        """Bytes that a record takes, without its revision."""
        if self._sizes[number] == _IN_MEMORY:
            return len(self._overlay[self._starts[number]])
        return self._sizes[number]

    def fields(self, number: int) -> Fields:
        """The fields of a record; the value as start and end within what `record` gives."""
        start, size = self._starts[number], self._sizes[number]
        if size == _IN_MEMORY:
            record = self._overlay[start]
        elif self._moved or not self.database.unchanged():
            record = self.record(number)
        else:
            fields = self._fields(self.database.data, start, start + size)
            if self.database.unchanged():
                return (*fields[:5], fields[5] - start, fields[6] - start)
            record = self.record(number)
        return self._fields(record, 0, len(record))

    def record(self, number: int) -> bytes:
        """The bytes of a record, a mvccpb.KeyValue. SourceError if a compaction took it away meanwhile."""
        start, size = self._starts[number], self._sizes[number]
        if size == _IN_MEMORY:
            return self._overlay[start]
        database = self.database
        if not self._moved:
            record = database.data[start : start + size]
            if database.unchanged():
                return record
        self._moved = True
        return self._record_in_newer_tree(number)

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
                        raise SourceError(f"revision {main} was compacted while it was read: {SNAPSHOT}")
                    return record
            except SourceError:
                if database.unchanged():
                    raise
            database.renew()
        raise SourceError(BUSY)


SNAPSHOT = "read a snapshot that `etcdctl snapshot save` made"


def _after_prefix(prefix: bytes) -> bytes:
    """The first key behind all that begin with the prefix; b"" if there is none."""
    stripped = prefix.rstrip(b"\xff")
    return stripped[:-1] + bytes((stripped[-1] + 1,)) if stripped else b""
