"""A hundred thousand addresses: the work grows as their number does. Counted in calls, which are no matter of luck."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest
from endpoints.build import endpoints, pods, port

from codec import endpoints as room
from codec.api.core.v1 import Endpoints, EndpointSubset


def one_subset(count: int) -> Endpoints:
    return endpoints(EndpointSubset(addresses=pods(count), ports=[port(1, "a"), port(2, "b")]))


def two_subsets(count: int) -> Endpoints:
    found = pods(count)
    return endpoints(
        EndpointSubset(addresses=found[: count // 2], ports=[port(1, "a")]),
        EndpointSubset(notReadyAddresses=found[count // 2 :], ports=[port(2, "b")]),
    )


def one_for_each_pod(count: int) -> Endpoints:
    """As the controller has them before it repacks."""
    return endpoints(*(EndpointSubset(addresses=[pod], ports=[port(1), port(2)]) for pod in pods(count)))


def a_port_for_each_pod(count: int) -> Endpoints:
    return endpoints(
        *(EndpointSubset(addresses=[pod], ports=[port(index + 1)]) for index, pod in enumerate(pods(count)))
    )


def calls(work: Callable[[], Any]) -> int:
    """How many functions are called, built-in ones included."""
    count = 0

    def see(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(see)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


WORK: dict[str, Callable[[Endpoints], Any]] = {
    "repack": lambda obj: room.repack(obj.subsets),
    "expand": lambda obj: sum(1 for _ in room.expand(obj)),
    "to_slices": lambda obj: room.to_slices(obj, max_per_subset=1_000_000),
    "from_slices": lambda obj: room.from_slices(room.to_slices(obj)),
    "validate": room.validate,
    "truncate": room.truncate,
    "same": lambda obj: room.same(obj, obj),
    "cost": room.cost,
}


@pytest.mark.parametrize("shape", [one_subset, two_subsets, one_for_each_pod, a_port_for_each_pod])
@pytest.mark.parametrize("name", WORK)
def test_linear(name: str, shape: Callable[[int], Endpoints]) -> None:
    work = WORK[name]
    work(shape(10))  # what is imported on first use
    few, many = shape(500), shape(2000)
    assert calls(lambda: work(many)) < 4.6 * calls(lambda: work(few))
