"""bbolt files as etcd's own tools made them, and as damage leaves them: an answer or a SourceError, always soon."""

from __future__ import annotations

import gzip
import json
import os
from base64 import b64decode
from contextlib import nullcontext, suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from source.bbolt_writer import BboltWriter, small_etcd

from codec.errors import SourceError
from codec.source import opening
from codec.source.bbolt import Database, usage
from codec.source.etcd_file import EtcdFile
from codec.source.pages import NO_FREELIST, checksum

PAGE = 512  # bytes, in the files made here

Items = list[tuple[bytes | None, int | None, bytes]]


def items_of(path: Path) -> Items:
    """Everything that a source says, each value read."""
    with opening.open(path) as source:
        found = [(kv.key, kv.mod_revision, kv.value) for kv in source]
        for change in source.changes():
            if change.value is not None:
                found.append((change.key, change.revision, change.value.value))
        return found


@pytest.fixture(scope="module")
def small() -> bytes:
    return small_etcd()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "db"


def test_a_real_snapshot(fixtures: Path) -> None:
    """Keys, values and revisions are those that etcdctl and the API server gave for it."""
    with gzip.open(fixtures / "etcd" / "values.jsonl.gz") as lines:
        expected = [
            (row["key"].encode(), row["mod_revision"], b64decode(row["value"])) for row in map(json.loads, lines)
        ]
    snapshot = fixtures / "etcd" / "snapshot.db"
    before = snapshot.read_bytes()
    with opening.open(snapshot) as source:
        assert isinstance(source, EtcdFile)
        assert source.form == "etcd snapshot"
        assert source.verify()
        assert [(kv.key, kv.mod_revision, kv.value) for kv in source.list("/registry/")] == expected
        assert list(source.keys("/registry/")) == [key for key, *_ in expected]
        assert source.prefix() == "/registry"
        for key, revision, value in expected:
            found = source.get(key)
            assert found is not None
            assert (found.value, found.mod_revision) == (value, revision)
        used = source.usage()
        assert used.total * used.page_size + 32 == len(before)
        assert used.branch + used.leaf + used.free + 2 == used.total
        assert source.get("/registry/pods/none/such") is None
        assert source.warnings == []
    assert snapshot.read_bytes() == before


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("page_size", [512, 4096, 65536])
def test_page_sizes_and_byte_orders(path: Path, page_size: int, order: str) -> None:
    path.write_bytes(small_etcd(page_size, order))
    with opening.open(path) as source:
        assert (source.revision, source.compact_revision) == (16, 3)
        assert [kv.key for kv in source] == [b"/registry/pods/default/p%02d" % number for number in range(1, 7)]
        assert source.get("/registry/pods/default/p05").value == b"value 2 of 5 " * 60  # type: ignore[union-attr]
        assert source.get("/registry/pods/default/p00") is None
        assert source.get("/registry/pods/default/p00", 15).value == b"value 2 of 0 "  # type: ignore[union-attr]
        assert [(each.revision, each.deleted) for each in source.history("/registry/pods/default/p00")] == [
            (2, False),
            (9, False),
            (16, True),
        ]


@given(
    st.dictionaries(st.binary(min_size=1, max_size=60), st.binary(max_size=1500), max_size=60),
    st.sampled_from([512, 1024]),
    st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_whatever_is_in_a_bucket(items: dict[bytes, bytes], page_size: int, freelist: bool) -> None:
    """Deep trees, overflow pages and buckets within their parent's page: all keys, in order, each found alone."""
    from tempfile import NamedTemporaryFile

    data = BboltWriter(page_size).finish({b"a": items, b"b": {b"k": b"v"}}, freelist=freelist)
    with NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        database = Database(file.name)
        bucket = database.bucket(b"a")
        assert bucket is not None
        assert {key: database.data[start:end] for _, key, start, end in bucket.elements()} == items
        assert [key for _, key, _, _ in bucket.elements()] == sorted(items)
        for key, value in items.items():
            assert bucket.get(key) == value
        for start in [*list(items)[:5], b"", b"\xff" * 70]:
            rest = [database.data[at:value] for leaf in bucket.leaves(start) for _, at, value, _ in leaf.elements()]
            assert [key for key in rest if key >= start] == [key for key in sorted(items) if key >= start]
        assert bucket.get(b"not there") == items.get(b"not there")
        assert database.bucket(b"none") is None
        assert [name for name, _ in database.buckets()] == [b"a", b"b"]
        assert usage(database).free == 0
        database.close()


def test_every_truncation(small: bytes, path: Path) -> None:
    """A warning that the file is cut off, or a SourceError; never another exception, never a wrong value."""
    path.write_bytes(small)
    whole = items_of(path)
    for size in reversed(range(len(small))):
        os.truncate(path, size)
        with pytest.raises(SourceError) as caught:
            items_of(path)
        assert str(caught.value).startswith(f"{path}: ") or "page" in str(caught.value)
    assert whole


def test_every_changed_byte(small: bytes, path: Path) -> None:
    """Nothing but an answer or a SourceError. bbolt has no checksum over its pages, so some answers are wrong."""
    path.write_bytes(small)
    with path.open("r+b", buffering=0) as file:
        for place, byte in enumerate(small):
            for change in (0x01, 0x80, 0xFF):
                os.pwrite(file.fileno(), bytes((byte ^ change,)), place)
                with suppress(SourceError):
                    items_of(path)
            os.pwrite(file.fileno(), bytes((byte,)), place)
    assert items_of(path)


def test_every_page_zeroed(small: bytes, path: Path) -> None:
    """Names the page and its place, wherever it is needed."""
    for page in range(len(small) // PAGE):
        path.write_bytes(small[: page * PAGE] + bytes(PAGE) + small[(page + 1) * PAGE :])
        if page < 2:
            with opening.open(path) as source:
                assert source.warnings[0].startswith(f"meta page {page} at byte {page * PAGE}: ")
            continue
        expected = pytest.raises(SourceError, match=f"page {page} at byte {page * PAGE}: ")
        with expected if has_header(small, page) else nullcontext():
            items_of(path)


def has_header(data: bytes, page: int) -> bool:
    """Whether a page has a header of its own, and is no overflow page of another."""
    return int.from_bytes(data[page * PAGE : page * PAGE + 8], "little") == page


def test_both_metas_damaged(small: bytes, path: Path) -> None:
    damaged = bytearray(small)
    damaged[20] ^= 1
    damaged[PAGE + 70] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(SourceError) as caught:
        opening.open(path)
    assert str(caught.value) == f"{path}: no meta page is whole; page 0 at byte 0: its version is 3, not 2"


def test_the_newer_meta_counts(path: Path) -> None:
    """A crash between data and meta page leaves the older one in force."""
    writer = BboltWriter(PAGE)
    old = writer.tree([(1, b"key", writer.bucket({})), (1, b"meta", writer.bucket({}))])
    data = bytearray(writer.finish({b"key": {}, b"meta": {}, b"new": {}}, txid=8))
    data[PAGE : 2 * PAGE] = writer.meta(1, old, NO_FREELIST, 7)
    path.write_bytes(data)
    database = Database(str(path))
    assert [name for name, _ in database.buckets()] == [b"key", b"meta", b"new"]
    database.close()
    data[30] ^= 1
    path.write_bytes(data)
    database = Database(str(path))
    assert [name for name, _ in database.buckets()] == [b"key", b"meta"]
    assert database.warnings == ["meta page 0 at byte 0: its checksum is wrong"]
    database.close()


def damaged_meta(data: bytes, **changes: int) -> bytes:
    """Both meta pages with other numbers and right checksums."""
    offsets = {"root": 16, "high_water": 40}
    out = bytearray(data)
    for page in (0, 1):
        start = page * PAGE + 16
        for name, value in changes.items():
            out[start + offsets[name] : start + offsets[name] + 8] = value.to_bytes(8, "little")
        out[start + 56 : start + 64] = checksum(bytes(out[start : start + 56])).to_bytes(8, "little")
    return bytes(out)


@pytest.mark.parametrize("root", [0, 1, 10**6, 2**63])
def test_a_root_outside(small: bytes, path: Path, root: int) -> None:
    path.write_bytes(damaged_meta(small, root=root))
    with pytest.raises(SourceError, match=f"page {root} at byte {root * PAGE}: outside of the pages in use, 2 to "):
        opening.open(path)


def test_a_high_water_mark_beyond_reason(small: bytes, path: Path) -> None:
    path.write_bytes(damaged_meta(small, high_water=2**60))
    with opening.open(path) as source:
        assert len(list(source)) == 6
        assert source.warnings == [f"the file ends at byte {len(small)} of {2**69}: what stood behind cannot be read"]


def test_cycles(path: Path) -> None:
    """A page that is its own child, and two parents of one child."""
    writer = BboltWriter(PAGE)
    leaf = writer.tree([(0, b"a", b"1")])
    loop = writer.next
    writer.branch([(b"a", leaf), (b"b", loop)])
    twice = writer.branch([(b"a", leaf), (b"b", leaf)])[1]
    for root, page in ((loop, loop), (twice, leaf)):
        table = [(1, b"key", writer.pack("QQ", root, 0))]
        body = BboltWriter(PAGE)
        body.next, body.pages = writer.next, dict(writer.pages)
        top = body.tree(table)
        data = bytearray(body.next * PAGE)
        for number, content in body.pages.items():
            data[number * PAGE : number * PAGE + len(content)] = content
        data[:PAGE] = body.meta(0, top, NO_FREELIST, 4)
        data[PAGE : 2 * PAGE] = body.meta(1, top, NO_FREELIST, 5)
        path.write_bytes(data)
        database = Database(str(path))
        bucket = database.bucket(b"key")
        assert bucket is not None
        with pytest.raises(SourceError, match=f"page {page} at byte {page * PAGE}: two places of the tree lead to it"):
            list(bucket.leaves())
        if root == loop:
            with pytest.raises(SourceError, match="the tree is deeper than 64 pages"):
                bucket.find(b"z")
        with pytest.raises(SourceError, match="two places"):
            usage(database)
        database.close()


def test_a_bbolt_file_that_is_not_etcds(path: Path) -> None:
    path.write_bytes(BboltWriter().finish({b"other": {b"k": b"v"}}))
    with pytest.raises(SourceError) as caught:
        opening.open(path)
    assert str(caught.value) == f"{path}: no bucket `key`: not a database of etcd"


def test_a_snapshot_that_was_changed(small: bytes, tmp_path: Path) -> None:
    from hashlib import sha256

    path = tmp_path / "snapshot.db"
    path.write_bytes(small + sha256(small).digest())
    with opening.open(path) as source:
        assert source.form == "etcd snapshot"
        assert source.verify()
    place = small.index(b"value 1")
    path.write_bytes(small[:place] + b"V" + small[place + 1 :] + sha256(small).digest())
    with (
        opening.open(path) as source,
        pytest.raises(SourceError, match=f"the checksum at byte {len(small)} is not that of the bytes before it"),
    ):
        source.verify()


def test_a_database_has_no_checksum(small: bytes, path: Path) -> None:
    path.write_bytes(small)
    with opening.open(path) as source:
        assert source.form == "etcd database"
        assert not source.verify()
