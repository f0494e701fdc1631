"""etcd 3.4 and 3.7: snapshots, databases, data directories, and the servers themselves."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from source.etcd_cluster import Cluster, wait_for
from source.etcd_releases import RELEASES, available, built
from source.etcd_server import EtcdServer, version
from source.histories import Answers, History, KilledHistory, compare, contents, run, state

from codec.query.integrity import examine_database
from codec.source import opening
from codec.source.keyspace import Source

HISTORIES = 2  # for each release

pytestmark = pytest.mark.skipif(not available(), reason="Go is not there: no package has etcd of these releases")


@pytest.fixture(scope="module", params=RELEASES)
def binaries(request: pytest.FixtureRequest) -> Path:
    folder = built(request.param)
    assert version(folder) == request.param
    return folder


def test_every_revision_of_a_snapshot_and_over_grpc_is_what_etcd_says(binaries: Path) -> None:
    run(History, binaries, HISTORIES)


def test_every_revision_of_a_killed_etcd_is_what_it_said(binaries: Path) -> None:
    run(KilledHistory, binaries, HISTORIES)


def story(etcd: EtcdServer) -> None:
    """Lives, tombstones, leases, overflow pages, and a compaction."""
    etcd.grant(7)
    for number in range(40):
        etcd.put(b"/registry/pods/default/p%02d" % number, b"%d" % number * 200)
    etcd.put(b"/registry/large", bytes(200_000))
    etcd.put(b"/registry/events/default/e", b"leased", 7)
    etcd.delete(b"/registry/pods/default/p0", b"/registry/pods/default/p1")
    etcd.put(b"/registry/pods/default/p03", b"a second life")
    etcd.compact(40)
    etcd.put(b"/registry/pods/default/p03", b"changed")
    etcd.delete(b"/registry/large")


def test_files_of_a_stopped_etcd(binaries: Path, tmp_path: Path) -> None:
    """Snapshot, database and data directory give the same; none of them is changed by reading."""
    with EtcdServer(tmp_path, binaries) as etcd:
        story(etcd)
        answers = Answers(etcd)
        snapshot = etcd.snapshot(tmp_path / "snapshot.db")
        etcd.stop()
    database = tmp_path / "db"
    shutil.copyfile(etcd.data / "member" / "snap" / "db", database)
    before = contents(tmp_path)
    for path, form in (
        (snapshot, "etcd snapshot"),
        (database, "etcd database"),
        (etcd.data, "etcd data directory"),
        (etcd.data / "member" / "snap" / "db", "etcd database"),
    ):
        with opening.open(path) as source:
            assert source.form == form
            check(source, answers)
    assert contents(tmp_path) == before


def test_a_running_and_a_killed_etcd(binaries: Path, tmp_path: Path) -> None:
    with EtcdServer(tmp_path, binaries) as etcd:
        story(etcd)
        answers = Answers(etcd)
        with opening.open(etcd.url) as source:
            assert source.form == "etcd"
            check(source, answers)
            space = source.space()
            assert space is not None
            assert 0 <= space.free < space.total
        etcd.kill()
    with opening.open(etcd.data) as source:
        check(source, answers)


def check(source: Source, answers: Answers) -> None:
    assert source.leases() == {7: 3600}
    compare(answers, source)
    assert [finding.text for finding in examine_database(source) if finding.wrong] == []


def test_a_member_that_got_a_snapshot_from_its_leader(tmp_path: Path) -> None:
    """It was away for longer than the leader keeps its log, so that the leader sent it the whole database."""
    key = b"/registry/pods/default/a"
    cluster = Cluster(tmp_path, built("3.7.3"))
    for member in cluster.members:
        member.flags = (*member.flags, "--snapshot-count=20", "--snapshot-catchup-entries=5", "--log-level=info")
    try:
        cluster.start()
        leader = cluster.leader()
        late = next(member for member in cluster.members if member is not leader)
        leader.put(key, b"before")
        late.kill()
        for number in range(120):
            leader.put(b"/registry/pods/default/p%02d" % (number % 40), b"%d" % number)
        leader.compact(60)
        late.launch()
        late.wait_until_ready()
        newest = leader.range()[0]
        wait_for(lambda: True if late.range()[0] == newest else None)
        assert "received and saved database snapshot" in (late.folder / "etcd.log").read_text()
        for number in range(5):
            leader.put(key, b"after %d" % number)
        answers = Answers(leader)
        wait_for(lambda: True if late.range()[0] == answers.newest else None)
        late.kill()
        with opening.open(late.data, uncommitted=True) as source:
            compare(answers, source)
        with opening.open(late.data) as source:
            assert newest <= source.revision <= answers.newest
            assert [finding.text for finding in examine_database(source) if finding.wrong] == []
            for revision in range(max(source.compact_revision, 1), source.revision + 1):
                assert state(source, revision) == answers.states[revision], revision
    finally:
        cluster.kill()
