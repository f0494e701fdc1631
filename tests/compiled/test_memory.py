"""The compiled engine's memory: allocations that fail, references, what stays behind, what small inputs take."""

from __future__ import annotations

import gc
import json
import os
import random
import resource
import subprocess
import sys
import tracemalloc
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from compiled import instrumented, under_failure
from compiled.agreement import captured, daily, needs_twin
from hostile import mutate
from hostile.handmade import field

import codec
from codec import twin

pytestmark = needs_twin

TESTS = Path(__file__).resolve().parents[1]
DAILY = dict(daily())
ROUNDS = 100_000  # of calls, for what must stay as it is
STREAM = int(os.environ.get("K8S_CODEC_CASES", "10000"))  # bad values, for each of which eleven questions are asked


def run(*arguments: str, **environment: str) -> str:
    """A program of this folder; what it prints."""
    paths = os.pathsep.join([str(TESTS), str(TESTS.parent)])
    done = subprocess.run(
        [sys.executable, *arguments],
        env=os.environ | {"PYTHONPATH": paths} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{arguments}: {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-6000:]}"
    return done.stdout


@pytest.mark.skipif(bool(instrumented.missing()), reason=instrumented.missing())
def test_every_allocation_fails_once() -> None:
    engine = instrumented.build()
    found = json.loads(run("-m", "compiled.under_failure", str(engine)))
    assert found["first uses"] > 100
    assert found["values"] > 80
    assert found["answers"] > 30
    assert found["failures"] > 500


def roads() -> dict[str, tuple[Callable[[Any], Any], list[Any]]]:
    """Every road with inputs that it answers and inputs that it hands on."""
    assert twin is not None
    rng = random.Random(3)
    raws = [raw for raw in DAILY.values() if len(raw) < 3000]
    texts = [codec.storage_to_json(raw) for raw in raws]
    objects = [codec.decode(raw) for raw in raws]
    bad_objects = [codec.decode(raw) for raw in raws]
    for index, obj in enumerate(bad_objects):
        obj.metadata.labels = {"a": (None, 5, "\ud800", b"a")[index % 4]}  # type: ignore[attr-defined]
    bad_raws = [mutate.mutated(rng, raw, "stored") for raw in raws for _ in range(3)]
    bad_texts = [mutate.mutated(rng, text, "json") for text in texts for _ in range(3)]
    return {
        "storage_to_json": (twin.storage_to_json, raws + bad_raws),
        "storage_to_yaml": (twin.storage_to_yaml, raws + bad_raws),
        "decode": (twin.decode, raws + bad_raws),
        "encode": (twin.encode, objects + bad_objects),
        "json_to_storage": (twin.json_to_storage, texts + bad_texts),
    }


ROADS = {} if twin is None else roads()


@pytest.mark.parametrize("name", ROADS)
def test_nothing_stays_behind(name: str) -> None:
    """Neither Python objects nor references to shared ones, whether a road answers or hands on."""
    road, inputs = ROADS[name]
    shared: tuple[Any, ...] = (None, True, False, "", b"", road, inputs[0], type(inputs[0]), codec.decode)

    def turn() -> tuple[int, list[int]]:
        for value in inputs:
            road(value)
        gc.collect()
        return sys.getallocatedblocks(), [sys.getrefcount(one) for one in shared]

    for _ in range(5):
        turn()
    blocks, references = turn()
    turns = max(ROUNDS // 5 // len(inputs), 10)
    for _ in range(turns):
        for value in inputs:
            road(value)
    last_blocks, last_references = turn()
    # One reference a round would show as thousands; the interpreter itself moves by a few.
    assert abs(last_blocks - blocks) < 100
    assert all(abs(one - other) < 100 for one, other in zip(references, last_references, strict=True))


def test_objects_are_freed_with_what_they_hold() -> None:
    assert twin is not None
    for raw in DAILY.values():
        for _ in range(3):
            twin.decode(raw)
    gc.collect()
    tracemalloc.start()
    try:
        for turn in range(40):
            kept = [twin.decode(raw) for raw in DAILY.values()]
            assert len(kept) == len(DAILY)
            del kept
            gc.collect()
            if turn == 4:
                before, _ = tracemalloc.get_traced_memory()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 20_000


def test_a_stream_of_bad_values_stays_bounded() -> None:
    """Each value another one: nothing is kept of them, not even of kinds, names and texts."""
    assert twin is not None
    raw = DAILY["core.v1.ConfigMap"]
    text = codec.storage_to_json(raw)

    def feed(first: int, count: int) -> None:
        assert twin is not None
        for number in range(first, first + count):
            mark = b"%08d" % number
            for value in (raw[:-9] + mark, raw.replace(b"v1", b"v" + mark), raw[:4] + mark + raw[4:]):
                assert twin.storage_to_json(value) is None
                assert twin.storage_to_yaml(value) is None
                assert twin.decode(value) is None
            twin.json_to_storage(text.replace(b"ConfigMap", b"K" + mark))  # a custom resource for all that it knows
            assert twin.json_to_storage(text[:-1] + mark) is None

    feed(0, 2000)
    gc.collect()
    blocks, resident = sys.getallocatedblocks(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    feed(2000, STREAM)
    gc.collect()
    assert sys.getallocatedblocks() < blocks + 100
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < resident + 4096  # KB


def test_values_that_spell_their_kind_at_length_are_not_kept() -> None:
    """Registered kinds are, by the bytes that name them: those that do so in a few."""
    assert twin is not None
    inner = field(2, b"")
    twin.storage_to_json(b"k8s\x00" + field(1, field(1, "v1") + field(2, "Pod")) + inner)
    tracemalloc.start()
    try:
        for number in range(300):
            names = field(1, b"x" * (20_000 + number)) + field(1, "v1") + field(2, "Pod")
            twin.storage_to_json(b"k8s\x00" + field(1, names) + inner)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 500_000


def test_classes_that_nobody_declares_are_not_kept() -> None:
    assert twin is not None

    def ask(number: int) -> None:
        assert twin is not None
        made = type("Made", (), {"_proto": f"example.{'x' * 5000}{number}"})
        assert twin.encode(made()) is None

    for number in range(5):
        ask(number)
    gc.collect()
    tracemalloc.start()
    try:
        for number in range(200):
            ask(number)
        gc.collect()
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 200_000


@pytest.mark.parametrize("form", ["stored", "json"])
def test_small_inputs_take_little_of_python_too(form: str) -> None:
    assert twin is not None
    answers: list[Callable[[bytes], Any]] = [codec.json_to_storage]
    if form == "stored":
        answers = [codec.decode, codec.storage_to_json, codec.storage_to_yaml]
    for value in under_failure.small_inputs()[form]:
        for road in answers:
            for turn in range(2):  # classes are looked up the first time
                if turn:
                    tracemalloc.start()
                try:
                    with warnings.catch_warnings():
                        warnings.simplefilter("ignore")
                        road(value)
                except codec.CodecError:
                    pass
                finally:
                    if turn:
                        _, most = tracemalloc.get_traced_memory()
                        tracemalloc.stop()
            assert most < under_failure.LITTLE, (road.__name__, value[:80])


def test_what_a_server_stored_is_read_many_times_over_without_growth() -> None:
    assert twin is not None
    values = [raw for _, raw in captured() if raw.startswith(b"k8s\0")]

    def turn() -> None:
        assert twin is not None
        for raw in values:
            twin.encode(twin.decode(raw))
            twin.storage_to_yaml(raw)

    for _ in range(3):
        turn()
    gc.collect()
    blocks = sys.getallocatedblocks()
    for _ in range(20):
        turn()
    gc.collect()
    assert sys.getallocatedblocks() < blocks + 200
