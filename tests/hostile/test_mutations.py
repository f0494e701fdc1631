"""Every truncation and every changed byte of stored values and texts, and bytes that were never a value."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hostile.handmade import crd, field, number_field, stored, tag
from hostile.promise import CHECKS, check_stored

TIME = number_field(1, 1) + number_field(2, 0)
PORT = field(1, "p") + field(2, "TCP") + number_field(3, 80)
SHORT = {
    "Lease": stored(
        "coordination.k8s.io/v1",
        "Lease",
        field(1, field(1, "a") + field(8, TIME)) + field(2, field(1, "b") + number_field(2, 15) + field(3, TIME)),
    ),
    "Service": stored(
        "v1",
        "Service",
        field(2, field(1, PORT + field(4, number_field(1, 0) + number_field(2, 80) + field(3, "")))) + field(3, b""),
    ),
    "ResourceQuota": stored("v1", "ResourceQuota", field(2, field(1, field(1, "cpu") + field(2, field(1, "10"))))),
    "Secret": stored("v1", "Secret", field(2, field(1, "n")) + field(3, "Opaque")),
    "CustomResourceDefinition": crd(field(24, field(1, b"")) + field(8, field(1, "1."))),
}
LONG = (
    "core.v1.Endpoints",
    "discovery.k8s.io.v1.EndpointSlice",
    "core.v1.Pod",
    "core.v1.Service",
    "core.v1.Secret",
    "core.v1.Event",
    "core.v1.Node",
    "apps.v1.Deployment",
    "apps.v1.ControllerRevision",
    "autoscaling.v2.HorizontalPodAutoscaler",
    "networking.k8s.io.v1.NetworkPolicy",
    "coordination.k8s.io.v1.Lease",
)
CHANGES_OF_A_LONG_ONE = 400
TRUNCATIONS_OF_A_TEXT = 150


@pytest.mark.parametrize("name", SHORT)
def test_every_changed_byte_of_a_short_value(name: str) -> None:
    raw = SHORT[name]
    check_stored(raw)
    for place in range(len(raw)):
        for byte in range(256):
            check_stored(raw[:place] + bytes((byte,)) + raw[place + 1 :])


@pytest.mark.parametrize("name", SHORT)
def test_every_byte_left_out_or_doubled(name: str) -> None:
    raw = SHORT[name]
    for place in range(len(raw)):
        check_stored(raw[:place] + raw[place + 1 :])
        check_stored(raw[: place + 1] + raw[place:])


@pytest.mark.parametrize("name", LONG)
def test_every_truncation(name: str, fixtures: Path) -> None:
    raw = (fixtures / "daily" / f"{name}.pb").read_bytes()
    check_stored(raw)
    for end in range(len(raw)):
        check_stored(raw[:end])


@pytest.mark.parametrize("name", LONG)
def test_changed_bytes_of_a_long_value(name: str, fixtures: Path) -> None:
    raw = (fixtures / "daily" / f"{name}.pb").read_bytes()
    rng = random.Random(name)
    for _ in range(CHANGES_OF_A_LONG_ONE):
        changed = bytearray(raw)
        changed[rng.randrange(len(raw))] = rng.randrange(256)
        check_stored(bytes(changed))


@pytest.mark.parametrize("form", ["json", "yaml"])
@pytest.mark.parametrize("name", LONG)
def test_texts_cut_off_and_changed(name: str, form: str, fixtures: Path) -> None:
    data = (fixtures / "daily" / f"{name}.{form}").read_bytes()
    check = CHECKS[form]
    check(data)
    rng = random.Random(name)
    for _ in range(TRUNCATIONS_OF_A_TEXT):
        check(data[: rng.randrange(len(data))])
        changed = bytearray(data)
        changed[rng.randrange(len(data))] = rng.randrange(256)
        check(bytes(changed))


def test_random_bytes() -> None:
    rng = random.Random(1)
    for _ in range(2000):
        data = rng.randbytes(rng.randrange(40))
        for check in CHECKS.values():
            check(data)
        check_stored(b"k8s\x00" + data)
        check_stored(stored("v1", "Endpoints", data))


def fields_at_random(rng: random.Random, depth: int) -> Iterator[bytes]:
    """Well-formed fields of small numbers, whose kinds are right only by chance."""
    for _ in range(rng.randrange(4)):
        number = rng.choice((1, 1, 2, 2, 3, 4, 5, 8, 16, 99))
        choice = rng.randrange(6)
        if choice == 0:
            yield number_field(number, rng.choice((0, 1, 127, 1 << 31, (1 << 64) - 1)))
        elif choice == 1:
            yield field(number, rng.randbytes(rng.randrange(6)))
        elif choice == 2:
            yield tag(number, 1) + rng.randbytes(8)
        elif depth:
            yield field(number, b"".join(fields_at_random(rng, depth - 1)))


@pytest.mark.parametrize("kind", ["v1 Pod", "v1 Endpoints", "apps/v1 Deployment", "v1 Event", "v1 Secret"])
def test_random_fields(kind: str) -> None:
    api_version, _, name = kind.partition(" ")
    rng = random.Random(kind)
    for _ in range(1000):
        check_stored(stored(api_version, name, b"".join(fields_at_random(rng, 5))))


def test_random_envelopes() -> None:
    rng = random.Random(2)
    type_meta = field(1, field(1, "v1") + field(2, "Endpoints"))
    for _ in range(2000):
        fields = [type_meta, *fields_at_random(rng, 2), field(2, b""), *fields_at_random(rng, 2)]
        rng.shuffle(fields)
        check_stored(b"k8s\x00" + b"".join(fields))
