"""Applies raft entries to the revisions of a database in memory, as etcd does when it starts.

Source: etcd server/etcdserver/apply/apply.go, uber_applier.go, server/etcdserver/txn/txn.go, server/lease/lessor.go,
server/storage/mvcc/kvstore_txn.go; api/etcdserverpb/rpc.proto, raft_internal.proto.
"""

from __future__ import annotations

import operator

from codec.errors import DecodeError
from codec.source.raft_message import RaftMessage
from codec.source.stored import write_record
from codec.source.wal import CONF_CHANGE, NORMAL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from codec.source.mvcc import Revisions
    from codec.source.wal import Entry

# Fields of InternalRaftRequest.
PUT, DELETE_RANGE, TXN, COMPACTION = 4, 5, 6, 7
LEASE_GRANT, LEASE_REVOKE, ALARM = 8, 9, 10
AUTH_ENABLE, AUTH_DISABLE = 1000, 1011
# Fields of PutRequest.
PUT_KEY, PUT_VALUE, PUT_LEASE, PUT_IGNORE_VALUE, PUT_IGNORE_LEASE = 1, 2, 3, 5, 6
# Fields of DeleteRangeRequest.
RANGE_KEY, RANGE_END = 1, 2
# Fields of TxnRequest and RequestOp.
TXN_COMPARE, TXN_SUCCESS, TXN_FAILURE = 1, 2, 3
OP_PUT, OP_DELETE_RANGE, OP_TXN = 2, 3, 4
# Fields of Compare, its targets, and what it may demand.
COMPARE_RESULT, COMPARE_TARGET, COMPARE_KEY, COMPARE_RANGE_END = 1, 2, 3, 64
TARGET_VERSION, TARGET_CREATE, TARGET_MOD, TARGET_VALUE, TARGET_LEASE = range(5)
TARGET_FIELDS = {TARGET_VERSION: 4, TARGET_CREATE: 5, TARGET_MOD: 6, TARGET_VALUE: 7, TARGET_LEASE: 8}
RESULTS: dict[int, Callable[[Any, Any], bool]] = {
    0: operator.eq,
    1: operator.gt,
    2: operator.lt,
    3: operator.ne,
}
# Fields of CompactionRequest, LeaseGrantRequest, LeaseRevokeRequest.
COMPACTION_REVISION, GRANT_TTL, GRANT_ID, REVOKE_ID = 1, 1, 2, 1
# Fields of AlarmRequest, its actions and alarms.
ALARM_ACTION, ALARM_MEMBER, ALARM_TYPE = 1, 2, 3
ACTIVATE, DEACTIVATE = 1, 2
NO_SPACE, CORRUPT = 1, 2
# Fields of ConfChange, and its types.
CHANGE_TYPE, CHANGE_NODE = 2, 3
ADD_NODE, REMOVE_NODE, UPDATE_NODE, ADD_LEARNER = range(4)

MAX_TTL = 9_000_000_000  # seconds; etcd server/lease/lessor.go

State = tuple[int, int, int, int, bytes]  # create revision, mod revision, version, lease, value
NOTHING: State = (0, 0, 0, 0, b"")


class Refused(Exception):
    """A request that etcd answers with an error, and that therefore changes nothing."""


class PermissionsInForce(Exception):
    """etcd checks permissions of users here, which are not read."""


class Replay:
    """The state machine. leases: id → time to live in seconds. alarms: (member, alarm). voters: ids of members."""

    def __init__(
        self,
        revisions: Revisions,
        leases: dict[int, int],
        alarms: set[tuple[int, int]],
        voters: set[int],
        auth_enabled: bool,
    ) -> None:
        self.revisions = revisions
        self.leases = leases
        self.alarms = alarms
        self.voters = voters
        self.auth_enabled = auth_enabled
        self._main = 0  # the revision that the request at hand writes
        self._sub = 0  # how many changes it made
        self._keys_of_lease: dict[int, set[bytes]] | None = None

    def apply(self, entry: Entry) -> None:
        """One entry. PermissionsInForce where etcd's own permissions decide. Whatever etcd refuses changes nothing."""
        if entry.kind == CONF_CHANGE:
            self._change_members(RaftMessage(entry.data))
            return
        if entry.kind != NORMAL or not entry.data:
            return  # a new leader begins its term with an empty entry
        try:
            request = RaftMessage(entry.data)
            field = next((each for each in _REQUESTS if request.has(each)), None)
            if field is None:
                return  # of versions 2, or about users, or a read: no key changes
            inner = request.message(field)
        except DecodeError:
            return  # of version 2 of etcd's API, which such an entry holds without more
        if self.auth_enabled and field not in (AUTH_ENABLE, AUTH_DISABLE, ALARM):
            raise PermissionsInForce
        self._main = self.revisions.revision + 1
        self._sub = 0
        try:
            _REQUESTS[field](self, inner)
        except Refused:
            return
        if self._sub:
            self.revisions.revision = self._main

    # Keys

    def put(self, request: RaftMessage) -> None:
        self._check_room()
        self._check_put(request)
        self._put(request)

    def delete_range(self, request: RaftMessage) -> None:
        self._check_corrupt()
        self._delete_range(request)

    def txn(self, request: RaftMessage) -> None:
        self._check_corrupt()
        if self._has_alarm(NO_SPACE) and _puts_anything(request):
            raise Refused
        # All comparisons, those of inner transactions too, come before any change.
        path = self._path(request)
        self._check_txn(request, iter(path))
        self._txn(request, iter(path))

    def compaction(self, request: RaftMessage) -> None:
        self._check_corrupt()
        revision = request.signed(COMPACTION_REVISION)
        if self.revisions.compact_revision < revision <= self.revisions.revision:
            self.revisions.compact_revision = revision

    def _put(self, request: RaftMessage) -> None:
        key = request.bytes(PUT_KEY)
        create, _, version, old_lease, old_value = self._state(key)
        value = old_value if request.number(PUT_IGNORE_VALUE) else request.bytes(PUT_VALUE)
        lease = old_lease if request.number(PUT_IGNORE_LEASE) else request.signed(PUT_LEASE)
        if not version:
            create = self._main
        record = write_record(key, value, create, self._main, version + 1, lease)
        self.revisions.put(key, self._main, self._sub, record)
        self._sub += 1
        if self._keys_of_lease is not None and old_lease != lease:
            self._keys_of_lease.get(old_lease, set()).discard(key)
            if lease:
                self._keys_of_lease.setdefault(lease, set()).add(key)

    def _delete_range(self, request: RaftMessage) -> None:
        self._delete(self._keys(request.bytes(RANGE_KEY), request.bytes(RANGE_END)))

    def _delete(self, keys: Iterable[bytes]) -> None:
        for key in keys:
            if self._keys_of_lease is not None:
                self._keys_of_lease.get(self._state(key)[3], set()).discard(key)
            self.revisions.delete(key, self._main, self._sub)
            self._sub += 1

    def _keys(self, key: bytes, end: bytes) -> list[bytes]:
        """The keys that are there, of a range as etcd's requests give it: no end is one key, a zero byte all behind."""
        revisions = self.revisions
        if not end:
            return [key] if revisions.at(key, self._main) >= 0 else []
        return [
            each for each in revisions.between(key, b"" if end == b"\0" else end) if revisions.at(each, self._main) >= 0
        ]

    def _state(self, key: bytes) -> State:
        number = self.revisions.at(key, self._main)
        if number < 0:
            return NOTHING
        record = self.revisions.record(number)
        _, create, mod, version, lease, start, end = self.revisions.fields(number)
        return create, mod, version, lease, record[start:end]

    # Transactions

    def _path(self, request: RaftMessage) -> list[bool]:
        """Whether the comparisons hold, of the transaction and then of those within the branch that it takes."""
        holds = all(self._compare(each) for each in request.messages(TXN_COMPARE))
        path = [holds]
        for op in request.messages(TXN_SUCCESS if holds else TXN_FAILURE):
            if op.has(OP_TXN):
                path += self._path(op.message(OP_TXN))
        return path

    def _compare(self, compare: RaftMessage) -> bool:
        target = compare.number(COMPARE_TARGET)
        field = TARGET_FIELDS.get(target)
        demanded = RESULTS.get(compare.number(COMPARE_RESULT))
        if field is None or demanded is None:
            return True
        keys = self._keys(compare.bytes(COMPARE_KEY), compare.bytes(COMPARE_RANGE_END))
        if not keys and target == TARGET_VALUE:
            return False
        for create, mod, version, lease, value in [self._state(key) for key in keys] or [NOTHING]:
            if target == TARGET_VALUE:
                if not demanded(value, compare.bytes(field)):
                    return False
            elif not demanded((version, create, mod, 0, lease)[target], compare.signed(field)):
                return False
        return True

    def _check_txn(self, request: RaftMessage, path: Iterable[bool]) -> None:
        path = iter(path)
        for op in request.messages(TXN_SUCCESS if next(path) else TXN_FAILURE):
            if op.has(OP_PUT):
                self._check_put(op.message(OP_PUT))
            elif op.has(OP_TXN):
                self._check_txn(op.message(OP_TXN), path)

    def _txn(self, request: RaftMessage, path: Iterable[bool]) -> None:
        path = iter(path)
        for op in request.messages(TXN_SUCCESS if next(path) else TXN_FAILURE):
            if op.has(OP_PUT):
                self._put(op.message(OP_PUT))
            elif op.has(OP_DELETE_RANGE):
                self._delete_range(op.message(OP_DELETE_RANGE))
            elif op.has(OP_TXN):
                self._txn(op.message(OP_TXN), path)

    def _check_put(self, request: RaftMessage) -> None:
        keeps = request.number(PUT_IGNORE_VALUE) or request.number(PUT_IGNORE_LEASE)
        if keeps and self.revisions.at(request.bytes(PUT_KEY), self._main) < 0:
            raise Refused
        lease = request.signed(PUT_LEASE)
        if lease and lease not in self.leases:
            raise Refused

    # Leases and alarms

    def lease_grant(self, request: RaftMessage) -> None:
        self._check_room()
        lease, ttl = request.signed(GRANT_ID), request.signed(GRANT_TTL)
        if lease and lease not in self.leases and ttl <= MAX_TTL:
            self.leases[lease] = ttl

    def lease_revoke(self, request: RaftMessage) -> None:
        self._check_corrupt()
        lease = request.signed(REVOKE_ID)
        if lease not in self.leases:
            raise Refused
        self._delete(sorted(self._attached(lease)))
        del self.leases[lease]

    def alarm(self, request: RaftMessage) -> None:
        alarm = (request.number(ALARM_MEMBER), request.number(ALARM_TYPE))
        if request.number(ALARM_ACTION) == ACTIVATE and alarm[1]:
            self.alarms.add(alarm)
        elif request.number(ALARM_ACTION) == DEACTIVATE:
            self.alarms.discard(alarm)

    def auth_enable(self, request: RaftMessage) -> None:
        self.auth_enabled = True

    def auth_disable(self, request: RaftMessage) -> None:
        self.auth_enabled = False

    def _attached(self, lease: int) -> set[bytes]:
        """The keys that go with a lease. Looked for among all keys when the first lease ends."""
        if self._keys_of_lease is None:
            self._keys_of_lease = {}
            for key in self.revisions.between(b""):
                number = self.revisions.at(key, self.revisions.revision)
                if number >= 0 and (held := self.revisions.fields(number)[4]):
                    self._keys_of_lease.setdefault(held, set()).add(key)
        return self._keys_of_lease.get(lease, set())

    def _has_alarm(self, alarm: int) -> bool:
        return any(each == alarm for _, each in self.alarms)

    def _check_corrupt(self) -> None:
        if self._has_alarm(CORRUPT):
            raise Refused

    def _check_room(self) -> None:
        self._check_corrupt()
        if self._has_alarm(NO_SPACE):
            raise Refused

    # Members

    def _change_members(self, change: RaftMessage) -> None:
        kind, node = change.number(CHANGE_TYPE), change.number(CHANGE_NODE)
        if kind == ADD_NODE:
            self.voters.add(node)
        elif kind in (REMOVE_NODE, ADD_LEARNER):
            self.voters.discard(node)


def _puts_anything(request: RaftMessage) -> bool:
    """Whether a transaction could put a key, in whichever branch."""
    for branch in (TXN_SUCCESS, TXN_FAILURE):
        for op in request.messages(branch):
            if op.has(OP_PUT) or (op.has(OP_TXN) and _puts_anything(op.message(OP_TXN))):
                return True
    return False


# What each field of InternalRaftRequest asks for; the others change no key.
_REQUESTS: dict[int, Callable[[Replay, RaftMessage], None]] = {
    PUT: Replay.put,
    DELETE_RANGE: Replay.delete_range,
    TXN: Replay.txn,
    COMPACTION: Replay.compaction,
    LEASE_GRANT: Replay.lease_grant,
    LEASE_REVOKE: Replay.lease_revoke,
    ALARM: Replay.alarm,
    AUTH_ENABLE: Replay.auth_enable,
    AUTH_DISABLE: Replay.auth_disable,
}
