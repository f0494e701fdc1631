"""Over capacity. That it is the endpoints controller's cut is shown in test_real_code.py."""

from __future__ import annotations

import pytest
from endpoints.build import endpoint_slice, endpoints, pods, port

import codec
from codec import EncodeError
from codec import endpoints as room
from codec.api.core.v1 import Endpoints, EndpointSubset
from codec.endpoints.capacity import OVER_CAPACITY


def of_sizes(*sizes: tuple[int, int]) -> Endpoints:
    """Subsets of so many ready and other addresses, each on a port of its own."""
    found, subsets = iter(pods(sum(map(sum, sizes)))), []
    for index, (ready, rest) in enumerate(sizes):
        lists = [[next(found) for _ in range(count)] for count in (ready, rest)]
        subsets.append(EndpointSubset(addresses=lists[0], notReadyAddresses=lists[1], ports=[port(index + 1)]))
    return endpoints(*subsets)


def sizes_of(obj: Endpoints) -> list[tuple[int, int]]:
    return [(len(one.addresses), len(one.notReadyAddresses)) for one in obj.subsets]


def test_under_the_limit_the_annotation_goes() -> None:
    obj = of_sizes((1000, 0))
    obj.metadata.annotations[OVER_CAPACITY] = "warning"
    cut = room.truncate(obj)
    assert OVER_CAPACITY not in cut.metadata.annotations
    assert sizes_of(cut) == [(1000, 0)]
    assert obj.metadata.annotations == {OVER_CAPACITY: "warning"}


def test_ready_ones_come_first() -> None:
    cut = room.truncate(of_sizes((800, 500)))
    assert sizes_of(cut) == [(800, 200)]
    assert cut.metadata.annotations[OVER_CAPACITY] == "truncated"
    assert sizes_of(room.truncate(of_sizes((1001, 500)))) == [(1000, 0)]


def test_what_is_given_stays_as_it_is() -> None:
    obj = of_sizes((700, 100), (20, 400))
    before = codec.encode(obj)
    cut = room.truncate(obj)
    cut.subsets[0].addresses[0].ip = "x"
    cut.metadata.labels["x"] = "y"
    assert codec.encode(obj) == before


def test_the_first_ones_are_kept() -> None:
    obj = of_sizes((1500, 0))
    assert room.truncate(obj).subsets[0].addresses == room.repack(obj.subsets)[0].addresses[:1000]


def test_rounding_up_starves_the_last() -> None:
    """Eight subsets of 1, and one of 7: shares of 1 each out of a limit of 5, until nothing is left."""
    kept = [ready for ready, _ in sizes_of(room.truncate(of_sizes(*[(1, 0)] * 8, (7, 0)), limit=5))]
    assert sum(kept) == 5
    assert kept.count(0) >= 3
    assert len(kept) == 9


def test_another_kind() -> None:
    with pytest.raises(EncodeError, match=r"^expected Endpoints, got EndpointSlice$"):
        room.truncate(endpoint_slice())  # type: ignore[arg-type]
