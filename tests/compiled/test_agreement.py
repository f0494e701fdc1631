"""The compiled engine against the readable one: golden and captured values, mutations of them, and random bytes."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from compiled.agreement import captured, compare_json, compare_stored, daily, golden, needs_twin

import codec

pytestmark = needs_twin

ROUNDS = 6  # mutations of each value
MUTATED_GOLDEN = 700
DAILY = dict(daily())
TEXTS = ("core.v1.Pod", "core.v1.ConfigMap", "core.v1.Secret", "apps.v1.Deployment", "core.v1.Endpoints")
# Stored as JSON: null in a map of bytes, or an empty list where absence shows as null.
WITHOUT_A_WIRE = {
    "configmaps/web/settings",
    "endpointslices/biz-prod-qe2bu3/by-name",
    "endpointslices/biz-prod-qe2bu3/no-endpoints",
    "secrets/web/null-and-others",
    "secrets/web/null-value",
    "statefulsets/biz-prod-qe2bu3/platform-mysql",
}


def mutations(raw: bytes, chance: random.Random) -> Iterator[bytes]:
    """Bytes changed, cut, doubled, moved; bits flipped."""
    for _ in range(ROUNDS):
        changed = bytearray(raw)
        for _ in range(chance.randrange(1, 4)):
            place = chance.randrange(len(changed))
            what = chance.randrange(6)
            if what == 0:
                changed[place] = chance.randrange(256)
            elif what == 1:
                changed[place] ^= 1 << chance.randrange(8)
            elif what == 2:
                del changed[place : place + chance.randrange(1, 5)]
            elif what == 3:
                changed[place:place] = changed[place : place + chance.randrange(1, 30)]
            elif what == 4:
                start = chance.randrange(len(changed))
                changed[place:place] = changed[start : start + chance.randrange(1, 40)]
            else:
                changed[place:place] = bytes(chance.randrange(256) for _ in range(chance.randrange(1, 4)))
            if not changed:
                changed = bytearray(raw)
        yield bytes(changed)


def test_golden_values_agree_and_few_are_left_to_the_readable_engine() -> None:
    answered = [(name, compare_stored(raw)) for name, raw in golden()]
    left = [name for name, well in answered if not well]
    assert {name.split()[1] for name in left} <= {"WatchEvent"}
    assert len(answered) > 8000


@pytest.mark.parametrize("folder", ["", "json"])
def test_captured_values_agree_and_none_is_left_to_the_readable_engine(folder: str) -> None:
    values = [(key, raw) for key, raw in captured(folder) if raw.startswith((b"k8s\0", b"{"))]
    assert len(values) > 100 or folder
    left = {key.removeprefix("/registry/") for key, raw in values if not compare_stored(raw)}
    assert left == (WITHOUT_A_WIRE if folder else set())


@pytest.mark.parametrize("folder", ["encrypted", "yaml", "cbor"])
def test_other_stored_forms_are_left_to_the_readable_engine(folder: str) -> None:
    for _, raw in captured(folder):
        assert not compare_stored(raw) or raw.startswith((b"k8s\0", b"{"))


def test_json_of_golden_values_agrees_and_none_is_left_to_the_readable_engine() -> None:
    for name, raw in golden():
        if "WatchEvent" not in name:
            assert compare_json(codec.storage_to_json(raw)), name


@pytest.mark.parametrize("name", DAILY)
def test_mutated_daily_values(name: str) -> None:
    chance = random.Random(name)
    for _ in range(10):
        for raw in mutations(DAILY[name], chance):
            compare_stored(raw)


def test_mutated_golden_values() -> None:
    chance = random.Random(5)
    values = [raw for _, raw in golden()]
    for raw in chance.sample(values, MUTATED_GOLDEN):
        for changed in mutations(raw, chance):
            compare_stored(changed)


@pytest.mark.parametrize("name", DAILY)
def test_mutated_json(name: str) -> None:
    chance = random.Random(name)
    data = codec.storage_to_json(DAILY[name])
    for _ in range(6):
        for changed in mutations(data, chance):
            compare_json(changed)
            compare_stored(changed)


@pytest.mark.parametrize("name", TEXTS)
def test_every_truncation(name: str) -> None:
    raw = DAILY[name]
    data = codec.storage_to_json(raw)
    for length in range(0, len(raw), 3):
        compare_stored(raw[:length])
    for length in range(0, len(data), 5):
        assert not compare_json(data[:length])


def test_random_bytes_in_an_envelope() -> None:
    chance = random.Random(9)
    kinds = [raw[: raw.index(b"\x12", 4 + raw[5])] for raw in DAILY.values()]
    for _ in range(4000):
        inner = chance.randbytes(chance.randrange(40))
        compare_stored(chance.choice(kinds) + b"\x12" + bytes((len(inner),)) + inner + b"\x1a\x00\x22\x00")
