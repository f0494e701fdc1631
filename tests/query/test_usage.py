"""What takes the space, against sums over every change that the source tells."""

from __future__ import annotations

import gzip
from collections import defaultdict
from pathlib import Path

import pytest
from source.bbolt_writer import BboltWriter

import codec
from codec.query.select import select
from codec.query.usage import NO_OBJECT, Share, Usage, measure
from codec.source.keyspace import Source
from codec.source.mvcc import revision_key
from codec.source.stored import write_record

SNAPSHOT = Path("etcd") / "snapshot.db"


def figures(share: Share) -> tuple[int, int, int, int, int]:
    return share.keys, share.live, share.older, share.history, share.tombstones


def summed(source: Source, revision: int) -> dict[bytes, list[int]]:
    """By key: keys, live, older, history, tombstones, from the records as etcd would write them."""
    found: dict[bytes, list[int]] = defaultdict(lambda: [0] * 5)
    newest = {kv.key: kv.mod_revision for kv in source.list(revision=revision)}
    for change in source.changes():
        numbers = found[change.key]
        kv = change.value
        if kv is None:
            size = 18 + len(write_record(change.key, b"", 0, 0, 0, 0))
        else:
            assert kv.create_revision is not None
            assert kv.version is not None
            record = write_record(change.key, kv.value, kv.create_revision, change.revision, kv.version, kv.lease or 0)
            size = 17 + len(record)
        if newest.get(change.key) == change.revision:
            numbers[0] += 1
            numbers[1] += size
        else:
            numbers[2] += 1
            numbers[3] += size
            numbers[4] += kv is None
    return found


def added(rows: list[list[int]]) -> tuple[int, ...]:
    return tuple(map(sum, zip(*rows, strict=True)))


@pytest.mark.parametrize("back", [0, 1, 9, 30])
def test_every_byte_of_every_record(fixtures: Path, back: int) -> None:
    with codec.open(fixtures / SNAPSHOT) as source:
        revision = source.revision - back
        usage = measure(select(source, revision=revision if back else None), top=10_000)
        expected = summed(source, revision)
        assert {share.name.encode(): figures(share) for share in usage.keys} == {
            key: tuple(numbers) for key, numbers in expected.items()
        }
        assert figures(usage.total) == added(list(expected.values()))
        for shares in (usage.resources, usage.namespaces):
            assert added([list(figures(share)) for share in shares]) == figures(usage.total)
            assert [share.total for share in shares] == sorted((share.total for share in shares), reverse=True)
        by_name = {share.name: share for share in usage.resources}
        pods = [numbers for key, numbers in expected.items() if key.startswith(b"/registry/pods/")]
        assert figures(by_name["pods"]) == added(pods)
        assert "deployments.apps" in by_name
        assert "crontabs.stable.example.com" in by_name
        web = [numbers for key, numbers in expected.items() if key.count(b"/") > 3 and b"/web/" in key]
        assert figures(next(share for share in usage.namespaces if share.name == "web")) == added(web)


def test_keys_of_no_object(tmp_path: Path) -> None:
    """compact_rev_key, which API servers keep for themselves, and whatever else people put into an etcd."""
    keys = [b"compact_rev_key", b"/registry/pods/default/a", b"/own", b"\xff"]
    rows = {revision_key(2, sub): write_record(key, b"value", 2, 2, 1, 0) for sub, key in enumerate(keys)}
    (tmp_path / "db").write_bytes(BboltWriter().finish({b"key": rows, b"meta": {}, b"lease": {}}))
    with codec.open(tmp_path / "db") as source:
        usage = measure(select(source))
    assert {share.name: share.keys for share in usage.resources} == {"pods": 1, NO_OBJECT: 3}
    assert {share.name: share.keys for share in usage.namespaces} == {"default": 1, "": 3}
    assert keys_of(usage) == {key.decode("utf-8", "surrogateescape") for key in keys}


@pytest.mark.parametrize("top", [0, 1, 3, 50])
def test_the_largest_keys(fixtures: Path, top: int) -> None:
    with codec.open(fixtures / SNAPSHOT) as source:
        found = measure(select(source), top=top).keys
        everything = measure(select(source), top=10_000).keys
    assert [(share.name, share.total) for share in found] == [(share.name, share.total) for share in everything[:top]]


def keys_of(usage: Usage) -> set[str]:
    return {share.name for share in usage.keys}


@pytest.mark.parametrize(
    ("words", "options"),
    [
        (["po,svc"], {}),
        (["configmaps"], {"namespace": "web"}),
        ([], {"namespace": "biz-prod-qe2bu3"}),
        (["/registry/leases/kube-system/leader-election-controller"], {}),
        (["/registry/services/"], {}),
        (["endpoints"], {"labels": "app=platform-mysql"}),
    ],
)
def test_only_what_is_selected(fixtures: Path, words: list[str], options: dict[str, str]) -> None:
    with codec.open(fixtures / SNAPSHOT) as source:
        selection = select(source, words, **options)  # type: ignore[arg-type]
        usage = measure(selection, top=10_000)
        expected = {(row.stored.key or b"").decode() for row, _ in selection.histories()}
    assert keys_of(usage) == expected
    assert expected


def test_a_source_without_records_counts_keys_and_values(fixtures: Path, tmp_path: Path) -> None:
    for name in ("state.db", "state.db-wal"):
        (tmp_path / name).write_bytes(gzip.decompress((fixtures / "kine" / f"{name}.gz").read_bytes()))
    with codec.open(tmp_path / "state.db") as source:
        usage = measure(select(source), top=10_000)
        assert usage.total.live == sum(len(kv.key or b"") + len(kv.value) for kv in source)
        assert usage.total.keys == len(list(source))
        assert usage.total.older == sum(1 for _ in source.changes()) - usage.total.keys
        space = source.space()
        assert space is not None
        assert (space.total, space.free) == (9 * 4096, 0)  # as SQLite says itself
