"""A running etcd over gRPC: reads and watches, and never writes. Needs the extra `etcd`, which is grpcio.

The few messages are written and read field by field, so that no protobuf runtime and none of its descriptor pools is
involved. Source: etcd api/etcdserverpb/rpc.proto, api/mvccpb/kv.proto; options as in etcdctl ctlv3/ctl.go.
"""

from __future__ import annotations

from codec.errors import SourceError
from codec.source.connection import Connection, ConnectionLost, Options, RevisionCompacted, read_answer
from codec.source.key_value import KeyValue
from codec.source.keyspace import Change, Source, as_bytes, change_size
from codec.source.mvcc import after_prefix
from codec.source.stored import read_fields, varint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, TypeVar

    from codec.source.keyspace import RecordSizes
    from codec.source.space import Space

    T = TypeVar("T")
    Story = dict[bytes, list[T]]  # by key

PAGE = 500  # keys asked for at once, as kube-apiserver does
RECONNECT_WITHIN, RECONNECT_PAUSE = 120.0, 0.5  # seconds that a watch waits for etcd to come back; between two tries
# Fields of RangeRequest and RangeResponse.
RANGE_KEY, RANGE_END, RANGE_LIMIT, RANGE_REVISION, RANGE_KEYS_ONLY = 1, 2, 3, 4, 8
HEADER, KVS, MORE = 1, 2, 3
HEADER_REVISION = 3
# Fields of WatchRequest, WatchCreateRequest, WatchResponse, Event.
WATCH_CREATE = 1
WATCH_KEY, WATCH_END, WATCH_START = 1, 2, 3
CANCELED, COMPACTED, CANCEL_REASON, EVENTS = 4, 5, 6, 11
EVENT_TYPE, EVENT_KV, DELETE = 1, 2, 1
# Fields of LeaseLeasesResponse, LeaseStatus, LeaseTimeToLiveRequest and its response.
LEASES, LEASE_ID, TTL_ID, TTL_GRANTED = 2, 1, 1, 4

# Fields of StatusResponse.
STATUS_VERSION, STATUS_SIZE, STATUS_ERRORS, STATUS_SIZE_IN_USE = 2, 3, 8, 9  # sizes are bytes

KV, WATCH, LEASE = (f"/etcdserverpb.{each}/" for each in ("KV", "Watch", "Lease"))
STATUS = "/etcdserverpb.Maintenance/Status"


class LiveEtcd(Source):
    """The keyspace of a running cluster, as of the moment of opening; `watch` goes on from there.

    Errors: SourceError that says what is wrong: an address nobody answers at, a CA that did not sign the server's
    certificate, a missing client certificate, a cluster without quorum, a compaction that overtook the reading.
    """

    form = "etcd"

    def __init__(self, options: Options) -> None:
        super().__init__(",".join(options.endpoints))
        self._options = options
        self._connection = Connection(options)
        try:
            self.refresh()
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        self._connection.close()

    def get(self, key: bytes | str, revision: int | None = None) -> KeyValue | None:
        return self.value_at(as_bytes(key), self.checked_revision(revision))

    def list(self, prefix: bytes | str = b"", revision: int | None = None) -> Iterator[KeyValue]:
        return self._pages(as_bytes(prefix), self.checked_revision(revision), keys_only=False)

    def keys(self, prefix: bytes | str = b"", revision: int | None = None) -> Iterator[bytes]:
        found = self._pages(as_bytes(prefix), self.checked_revision(revision), keys_only=True)
        return (kv.key for kv in found if kv.key is not None)

    def changes(self, prefix: bytes | str = b"") -> Iterator[Change]:
        story = self._story(as_bytes(prefix), lambda change: change)
        for key in sorted(story):
            yield from story[key]

    def sizes(self, prefix: bytes | str = b"") -> Iterator[tuple[bytes, RecordSizes]]:
        story = self._story(
            as_bytes(prefix), lambda change: (change.revision, change_size(change), change.value is None)
        )
        for key in sorted(story):
            yield key, story[key]

    def _story(self, prefix: bytes, kept: Callable[[Change], T]) -> Story[T]:
        """What is kept of each retained change, by key."""
        first = max(self.compact_revision, 1)
        story: Story[T] = {}
        for kv in self.list(prefix, first):
            assert kv.key is not None
            assert kv.mod_revision is not None
            story[kv.key] = [kept(Change(kv.key, kv.mod_revision, 0, kv))]
        if first < self.revision:
            # All keys are watched: every revision changes one of them, so that the newest is sure to come.
            for batch in self._batches(b"", first + 1):
                for change in batch:
                    if change.revision <= self.revision and change.key.startswith(prefix):
                        story.setdefault(change.key, []).append(kept(change))
                if batch and batch[-1].revision >= self.revision:
                    break
        return story

    def leases(self) -> dict[int, int]:
        answer = self._connection.ask(LEASE + "LeaseLeases", b"")
        found = {}
        for status in answer.messages(LEASES):
            lease = status.signed(LEASE_ID)
            left = self._connection.ask(LEASE + "LeaseTimeToLive", _number(TTL_ID, lease))
            found[lease] = left.signed(TTL_GRANTED)
        return found

    def check_structure(self) -> str:
        """What the member that answers says of itself; its pages are its own. An alarm is an error."""
        status = self._connection.ask(STATUS, b"")
        alarms = [raw.decode("utf-8", "replace").strip() for raw in status.all_bytes(STATUS_ERRORS)]
        if alarms:
            raise SourceError(f"etcd reports {', '.join(alarms)}")
        return f"etcd {status.bytes(STATUS_VERSION).decode('utf-8', 'replace')} reports no alarm"

    def space(self) -> Space:
        """The database of the member that answers."""
        from codec.source.space import Space

        status = self._connection.ask(STATUS, b"")
        total = status.signed(STATUS_SIZE)
        return Space(total, total - status.signed(STATUS_SIZE_IN_USE), "etcdctl defrag")

    def value_at(self, key: bytes, revision: int) -> KeyValue | None:
        """What stood under a key at a revision, which may be newer than the moment of opening.

        RevisionCompacted, a SourceError, where that is not to be had any more.
        """
        answer = self._connection.ask(KV + "Range", _range(key, b"", revision=revision))
        return next((self._key_value(raw) for raw in answer.all_bytes(KVS)), None)

    def refresh(self, *, patient: bool = False) -> None:
        """Moves on to the newest revision: what is read from now on is of that moment.

        patient: waits for an endpoint to answer again, as a watch does.
        """
        if patient:
            self._reconnect()
        answer = self._connection.ask(KV + "Range", _range(b"\0", b"\0", limit=1, keys_only=True))
        self.revision = answer.message(HEADER).signed(HEADER_REVISION)
        self.compact_revision = self._compact_revision()

    def watch(
        self,
        prefix: bytes | str = b"",
        revision: int | None = None,
        *,
        skip_compacted: bool = True,
        notify: Callable[[str], None] | None = None,
    ) -> Iterator[Change]:
        """Every change behind a revision (that of opening), as it happens; ends when the caller stops asking.

        A lost connection is taken up again where it ended. Where a compaction took changes away meanwhile, the watch
        goes on behind it, and a warning says so; or without skip_compacted ChangesCompacted is raised, which is what
        a caller wants who reads the current state then. notify: told at once, in words, instead of `warnings`.
        """
        tell = self.warnings.append if notify is None else notify
        last = self.revision if revision is None else revision
        while True:
            try:
                for batch in self._batches(as_bytes(prefix), last + 1):
                    yield from batch
                    if batch:
                        last = batch[-1].revision
            except ChangesCompacted as error:
                if not skip_compacted:
                    raise
                tell(f"changes of the revisions {last + 1} to {error.revision - 1} were compacted and are lost")
                last = error.revision - 1
            except ConnectionLost as error:
                tell(f"the connection was lost: {error}")
                self._reconnect()
                tell(f"connected again: the watch goes on behind revision {last}")

    def _reconnect(self) -> None:
        """Returns when an endpoint answers again. ConnectionLost if none does for long."""
        from time import monotonic, sleep

        until = monotonic() + RECONNECT_WITHIN
        while True:
            try:
                self._connection.ask(KV + "Range", _range(b"\0", b"\0", limit=1, keys_only=True))
                return
            except ConnectionLost:
                if monotonic() > until:
                    raise
            sleep(RECONNECT_PAUSE)

    def _batches(self, prefix: bytes, start: int, timeout: float | None = None) -> Iterator[Any]:
        """Lists of changes, each of one or more whole revisions."""
        create = _part(WATCH_KEY, prefix or b"\0") + _part(WATCH_END, after_prefix(prefix) or b"\0")
        request = _part(WATCH_CREATE, create + _number(WATCH_START, start))
        for answer in self._connection.stream(WATCH + "Watch", request, timeout):
            if answer.number(COMPACTED):
                raise ChangesCompacted(answer.signed(COMPACTED))
            if answer.number(CANCELED):
                raise SourceError(f"etcd ended the watch: {answer.bytes(CANCEL_REASON).decode('utf-8', 'replace')}")
            batch = []
            revision = sub = 0
            for raw in answer.all_bytes(EVENTS):
                event = read_answer(raw)
                kv = self._key_value(event.bytes(EVENT_KV))
                assert kv.key is not None
                assert kv.mod_revision is not None
                sub = sub + 1 if kv.mod_revision == revision else 0
                revision = kv.mod_revision
                batch.append(Change(kv.key, revision, sub, None if event.number(EVENT_TYPE) == DELETE else kv))
            yield batch

    def _compact_revision(self) -> int:
        """etcd refuses to read before it, and tells it to a watch that begins before it."""
        try:
            self._connection.ask(KV + "Range", _range(b"\0", b"", revision=1, keys_only=True))
            return 0
        except RevisionCompacted:
            try:
                for _ in self._batches(b"\0", 1, self._connection.timeout):
                    continue
            except ChangesCompacted as error:
                return error.revision
        raise SourceError("etcd does not tell its compact revision")

    def _pages(self, prefix: bytes, revision: int, *, keys_only: bool) -> Iterator[KeyValue]:
        start, end = prefix or b"\0", after_prefix(prefix) or b"\0"
        while True:
            request = _range(start, end, revision=revision, limit=PAGE, keys_only=keys_only)
            answer = self._connection.ask(KV + "Range", request)
            key = b""
            for raw in answer.all_bytes(KVS):
                kv = self._key_value(raw)
                key = kv.key or b""
                yield kv
            if not answer.number(MORE):
                return
            start = key + b"\0"

    def _key_value(self, raw: bytes) -> KeyValue:
        try:
            key, create, mod, version, lease, start, end = read_fields(raw, 0, len(raw))
        except ValueError as error:
            raise SourceError(f"an answer that cannot be read: {error}") from None
        return KeyValue(
            raw[start:end],
            key,
            create_revision=create,
            mod_revision=mod,
            version=version,
            lease=lease,
            origin=self.name,
        )


class ChangesCompacted(SourceError):
    """A watch was to begin before the compact revision."""

    def __init__(self, revision: int) -> None:
        super().__init__(f"the revisions before {revision} were compacted")
        self.revision = revision


def _number(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value) if value else b""


def _part(field: int, value: bytes) -> bytes:
    return varint(field << 3 | 2) + varint(len(value)) + value if value else b""


def _range(key: bytes, end: bytes, *, revision: int = 0, limit: int = 0, keys_only: bool = False) -> bytes:
    """A RangeRequest."""
    return (
        _part(RANGE_KEY, key)
        + _part(RANGE_END, end)
        + _number(RANGE_LIMIT, limit)
        + _number(RANGE_REVISION, revision)
        + _number(RANGE_KEYS_ONLY, keys_only)
    )
