"""The compiled index of an etcd database against the readable one: the same records in, the same answers out."""

from __future__ import annotations

import random
from typing import Any

import pytest
from compiled.agreement import needs_twin

from codec import twin
from codec.source.bbolt import Database
from codec.source.index import DELETED, Index
from codec.source.mvcc import KEY_BUCKET
from codec.source.scan import scan

pytestmark = needs_twin


def agree(data: Any, compiled: Any, readable: Index, asked: list[bytes], revisions: list[int]) -> None:
    """Every answer of both."""
    assert len(compiled) == len(readable)
    assert compiled.pending == readable.pending
    for number in range(len(readable)):
        for name in ("before", "main", "sub", "start", "size"):
            assert getattr(compiled, name)(number) == getattr(readable, name)(number), (name, number)
    for key in asked:
        assert compiled.head(data, key) == readable.head(data, key), key
    bounds = [b"", *asked]
    for start in bounds:
        for end in (b"", start + b"\xff", *random.Random(len(start)).sample(bounds, min(3, len(bounds)))):
            first, last = readable.places(data, start, end)
            assert compiled.places(data, start, end) == (first, last), (start, end)
            assert compiled.keys(data, first, last) == readable.keys(data, first, last)
            for revision in revisions:
                assert compiled.live(data, first, last, revision) == readable.live(data, first, last, revision)


@pytest.mark.parametrize("seed", range(20))
def test_random_records(seed: int) -> None:
    assert twin is not None
    chance = random.Random(seed)
    compiled, readable = twin.RevisionIndex(True), Index()
    keys = [chance.randbytes(chance.randrange(12)) for _ in range(chance.choice((1, 5, 60, 3000)))]
    main = 0
    for _ in range(chance.randrange(1, 8)):
        for _ in range(chance.randrange(200)):
            main += chance.randrange(3)
            sub = chance.randrange(5) | (DELETED if chance.random() < 0.2 else 0)
            record = (chance.choice(keys), main, sub, chance.randrange(1 << 40), chance.randrange(1 << 31))
            for index in (compiled, readable):
                index.append(*record)
        if chance.random() < 0.2:
            for index in (compiled, readable):
                index.discard()
        else:
            for index in (compiled, readable):
                index.commit(b"")
    some = [*chance.sample(keys, min(20, len(keys))), b"", b"\xff" * 13]
    agree(b"", compiled, readable, some, [0, 1, main // 2, main, main + 1])


@pytest.mark.parametrize("copies", [False, True])
def test_a_real_database(copies: bool, fixtures: Any) -> None:
    assert twin is not None
    database = Database(str(fixtures / "etcd" / "snapshot.db"))
    found = []
    for index in (twin.RevisionIndex(copies), Index(copies)):
        bucket = database.bucket(KEY_BUCKET)
        assert bucket is not None
        found.append((index, list(scan(bucket, index))[-1]))
        index.commit(database.data)
    (compiled, last), (readable, same) = found
    assert last == same
    newest = readable.main(len(readable) - 1)
    keys = readable.keys(database.data, *readable.places(database.data, b"", b""))
    assert len(keys) > 100
    agree(database.data, compiled, readable, [*keys[::40], b"/registry/pods/", b"zz"], [newest, newest // 2])
    database.close()


def test_numbers_and_places_out_of_range() -> None:
    assert twin is not None
    index = twin.RevisionIndex(True)
    assert index.places(b"", b"", b"") == (0, 0)
    assert index.head(b"", b"key") == -1
    index.append(b"key", 1, 0, 10, 3)
    for wrong in (-1, 0, 1, 1 << 40):
        with pytest.raises(IndexError):
            index.main(wrong)
    index.commit(b"")
    assert index.main(0) == 1
    index.places(b"", b"", b"")
    for first, last in ((0, 2), (1, 0)):
        with pytest.raises(IndexError):
            index.keys(b"", first, last)
    with pytest.raises(OverflowError):
        index.append(b"key", 1, 0, 10, 1 << 40)
