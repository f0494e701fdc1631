"""Random histories of a real etcd, and the comparison of what it says of each revision with what a source says.

Puts, deletions, transactions, leases and compactions; a snapshot, the running etcd, or one that was killed.
"""

from __future__ import annotations

import contextlib
import random
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from source.etcd_server import Compacted, EtcdServer, after, encoded

from codec.errors import SourceError
from codec.query.integrity import examine_database
from codec.source.datadir import DataDirectory
from codec.source.keyspace import Source
from codec.source.opening import open as open_source

KEYS = [
    b"/registry/pods/a/1",
    b"/registry/pods/a/2",
    b"/registry/pods/b/1",
    b"/registry/services",
    b"\x00\xff",
    b"z" * 200,
]
STEPS = 40  # operations in a history

State = list[tuple[bytes, int, int, int, int, bytes]]


def state(source: Source, revision: int | None = None) -> State:
    """What `EtcdServer.range` answers, of a source."""
    return [
        (kv.key or b"", kv.create_revision or 0, kv.mod_revision or 0, kv.version or 0, kv.lease or 0, kv.value)
        for kv in source.list(revision=revision)
    ]


class Answers:
    """What an etcd says about every revision: its keys, or None where it was compacted."""

    def __init__(self, etcd: EtcdServer) -> None:
        self.newest, self.now = etcd.range()
        self.states: dict[int, State | None] = {}
        for revision in range(1, self.newest + 1):
            try:
                self.states[revision] = etcd.range(revision)[1]
            except Compacted:
                self.states[revision] = None


def compare(answers: Answers, source: Source) -> None:
    """Every key at every retained revision, and the refusal of every other."""
    assert source.revision == answers.newest
    assert state(source) == answers.now
    states: dict[int, dict[bytes, tuple[int, int]]] = {}
    for revision, answer in answers.states.items():
        if answer is None:
            with pytest.raises(SourceError, match="has been compacted"):
                source.list(revision=revision)
            continue
        assert state(source, revision) == answer, revision
        assert list(source.keys(revision=revision)) == [each[0] for each in answer]
        states[revision] = {key: (create, mod) for key, create, mod, *_ in answer}
        for key in KEYS:
            assert (source.get(key, revision) is not None) == (key in states[revision])
    assert min(states) == max(source.compact_revision, 1)
    with pytest.raises(SourceError, match="in the future"):
        source.get(KEYS[0], answers.newest + 1)
    check_changes(source, states)


def check_changes(source: Source, states: dict[int, dict[bytes, tuple[int, int]]]) -> None:
    """Changes tell the same story as the states between which they lie, lives and tombstones included."""
    known: dict[int, dict[bytes, int | None]] = {}
    for change in source.changes():
        known.setdefault(change.revision, {})[change.key] = (
            None if change.value is None else change.value.create_revision
        )
    for before, revision in zip(states, list(states)[1:], strict=False):
        old, new = states[before], states[revision]
        expected: dict[bytes, int | None] = dict.fromkeys(old.keys() - new.keys())
        expected |= {key: new[key][0] for key in new if old.get(key) != new[key]}
        # What one transaction puts and deletes again is a change, and no difference between two states.
        told = {key: create for key, create in known.get(revision, {}).items() if create is not None or key in old}
        assert told == expected, revision


def put_request(key: bytes, value: bytes) -> dict[str, Any]:
    return {"request_put": {"key": encoded(key), "value": encoded(value)}}


RESULTS = st.sampled_from(["EQUAL", "GREATER", "LESS", "NOT_EQUAL"])
RANGES = st.sampled_from([{}, {"range_end": encoded(b"/registry/q")}, {"range_end": encoded(b"\0")}])
COMPARES = st.one_of(
    st.builds(
        lambda field, number, result, end: {"target": field[0], field[1]: str(number), "result": result, **end},
        st.sampled_from(
            [("VERSION", "version"), ("CREATE", "create_revision"), ("MOD", "mod_revision"), ("LEASE", "lease")]
        ),
        st.integers(0, 12),
        RESULTS,
        RANGES,
    ),
    st.builds(
        lambda value, result, end: {"target": "VALUE", "value": encoded(value), "result": result, **end},
        st.binary(max_size=2),
        RESULTS,
        RANGES,
    ),
)
OPS = st.lists(
    st.one_of(
        st.builds(put_request, st.sampled_from(KEYS), st.binary(max_size=3)),
        st.sampled_from(
            [
                {"request_delete_range": {"key": encoded(b"/registry/pods/a/"), "range_end": encoded(b"/registry/q")}},
                # Never open-ended: etcd overlooks that it overlaps a put of the same transaction, and ends with a fatal
                # error when it comes to read what is left after a compaction.
                {"request_delete_range": {"key": encoded(b"z"), "range_end": encoded(b"{")}},
                {"request_range": {"key": encoded(KEYS[0])}},
            ]
        ),
    ),
    max_size=3,
)


class History(RuleBasedStateMachine):
    """Puts, deletions, transactions, leases and compactions; then the snapshot must say what etcd says."""

    binaries: Path
    flags: tuple[str, ...] = ()

    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.etcd = EtcdServer(Path(self.folder.name), self.binaries, *self.flags)
        self.etcd.start()
        self.leases: set[int] = set()

    @rule(key=st.sampled_from(KEYS), value=st.binary(max_size=40))
    def put(self, key: bytes, value: bytes) -> None:
        self.etcd.put(key, value)

    @rule(key=st.sampled_from(KEYS), size=st.sampled_from([3000, 5000, 70_000]))
    def put_large(self, key: bytes, size: int) -> None:
        """More than a page, so that overflow pages come into it."""
        self.etcd.put(key, random.Random(size).randbytes(size))

    @rule(key=st.sampled_from(KEYS))
    def delete(self, key: bytes) -> None:
        self.etcd.delete(key)

    @rule()
    def delete_prefix(self) -> None:
        self.etcd.delete(b"/registry/pods/", after(b"/registry/pods/"))

    @rule(keys=st.lists(st.sampled_from(KEYS), unique=True, min_size=2, max_size=4), value=st.binary(max_size=9))
    def transaction(self, keys: list[bytes], value: bytes) -> None:
        first, *others = keys
        self.etcd.txn(
            success=[{"request_delete_range": {"key": encoded(first)}}]
            + [{"request_put": {"key": encoded(each), "value": encoded(value)}} for each in others]
        )

    @rule(key=st.sampled_from(KEYS), other=st.sampled_from(KEYS), compare=COMPARES, ops=OPS, otherwise=OPS)
    def conditional(
        self, key: bytes, other: bytes, compare: dict[str, Any], ops: list[Any], otherwise: list[Any]
    ) -> None:
        """Transactions with conditions, and transactions within them. etcd refuses some; that is as well."""
        inner = {
            "compare": [{"key": encoded(other), "target": "VERSION", "result": "LESS", "version": "3"}],
            "success": [{"request_put": {"key": encoded(b"/inner"), "value": encoded(b"yes")}}],
            "failure": [{"request_delete_range": {"key": encoded(b"/inner")}}],
        }
        with contextlib.suppress(RuntimeError):
            self.etcd.txn(
                compare=[{"key": encoded(key), **compare}],
                success=[*ops, {"request_txn": inner}],
                failure=[{"request_txn": inner}, *otherwise],
            )

    @rule(key=st.sampled_from(KEYS), ignored=st.sampled_from(["ignore_value", "ignore_lease"]))
    def put_half(self, key: bytes, ignored: str) -> None:
        """Refused where the key is not there."""
        given = {} if ignored == "ignore_value" else {"value": encoded(b"new")}
        with contextlib.suppress(RuntimeError):
            self.etcd.ask("kv/put", {"key": encoded(key), ignored: True, **given})

    @rule(key=st.sampled_from(KEYS))
    def put_with_unknown_lease(self, key: bytes) -> None:
        with contextlib.suppress(RuntimeError):
            self.etcd.put(key, b"never", 99)

    @rule(key=st.sampled_from(KEYS))
    def put_without_room(self, key: bytes) -> None:
        alarm = {"memberID": "7", "alarm": "NOSPACE"}
        self.etcd.ask("maintenance/alarm", {"action": "ACTIVATE", **alarm})
        with contextlib.suppress(RuntimeError):
            self.etcd.put(key, b"never")
        self.etcd.delete(key)
        self.etcd.ask("maintenance/alarm", {"action": "DEACTIVATE", **alarm})

    @rule(lease=st.integers(1, 4))
    def grant(self, lease: int) -> None:
        if lease not in self.leases:
            self.etcd.grant(lease)
            self.leases.add(lease)

    @precondition(lambda self: self.leases)
    @rule(key=st.sampled_from(KEYS), data=st.data())
    def put_with_lease(self, key: bytes, data: st.DataObject) -> None:
        self.etcd.put(key, b"leased", data.draw(st.sampled_from(sorted(self.leases))))

    @precondition(lambda self: self.leases)
    @rule(data=st.data())
    def revoke(self, data: st.DataObject) -> None:
        lease = data.draw(st.sampled_from(sorted(self.leases)))
        self.etcd.revoke(lease)
        self.leases.remove(lease)

    @rule(back=st.integers(0, 5))
    def compact(self, back: int) -> None:
        with contextlib.suppress(Compacted):
            self.etcd.compact(self.etcd.range()[0] - back)

    def teardown(self) -> None:
        if not hasattr(self, "etcd"):
            return
        try:
            answers = Answers(self.etcd)
            path = self.etcd.snapshot(self.etcd.folder / "snapshot.db")
            before = path.read_bytes()
            with open_source(path) as source:
                assert source.form == "etcd snapshot"
                assert source.verify()
                assert source.warnings == []
                assert [finding.text for finding in examine_database(source) if finding.wrong] == []
                assert set(source.leases()) == self.leases
                compare(answers, source)
            assert path.read_bytes() == before
            with open_source(self.etcd.url) as source:
                assert source.form == "etcd"
                assert set(source.leases()) == self.leases
                compare(answers, source)
        finally:
            self.etcd.kill()
            self.folder.cleanup()


class KilledHistory(History):
    """The same, but nothing of it reaches the database: it is killed, and all is in the write-ahead log."""

    flags = ("--backend-batch-interval=1h", "--backend-batch-limit=1000000")

    def teardown(self) -> None:
        if not hasattr(self, "etcd"):
            return
        try:
            answers = Answers(self.etcd)
            self.etcd.kill()
            before = contents(self.etcd.data)
            with open_source(self.etcd.data) as source:
                assert isinstance(source, DataDirectory)
                assert set(source.leases()) == self.leases
                compare(answers, source)
            assert contents(self.etcd.data) == before
            # What etcd itself makes of it when it starts again.
            self.etcd.start()
            assert Answers(self.etcd).states == answers.states
        finally:
            self.etcd.kill()
            self.folder.cleanup()


def contents(folder: Path) -> dict[Path, bytes]:
    """Every file of a folder."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def run(machine: type[History], binaries: Path, histories: int) -> None:
    """Runs a state machine with an etcd of one version."""

    class OfThisVersion(machine):  # type: ignore[misc, valid-type]
        pass

    OfThisVersion.binaries = binaries
    case = OfThisVersion.TestCase
    case.settings = settings(
        max_examples=histories,
        stateful_step_count=STEPS,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    case("runTest").debug()
