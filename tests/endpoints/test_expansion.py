"""The expanded set."""

from __future__ import annotations

import pytest
from endpoints.build import address, endpoint, endpoint_slice, endpoints, port, subset

from codec import EncodeError
from codec import endpoints as room
from codec.api.core.v1 import EndpointSubset, Service
from codec.api.discovery.v1 import EndpointPort as SlicePort


def test_product() -> None:
    obj = endpoints(
        subset("10.0.0.1 10.0.0.2", "10.0.0.3", port(80, "http"), port(90, "web")), subset("1.1.1.1", "", port(1))
    )
    rows = [(row.name, row.ip, row.port, row.ready) for row in room.expand(obj)]
    assert rows == [
        ("http", "10.0.0.1", 80, True),
        ("http", "10.0.0.2", 80, True),
        ("http", "10.0.0.3", 80, False),
        ("web", "10.0.0.1", 90, True),
        ("web", "10.0.0.2", 90, True),
        ("web", "10.0.0.3", 90, False),
        ("", "1.1.1.1", 1, True),
    ]


def test_all_columns() -> None:
    one = address("10.0.0.1", "u1", hostname="h", nodeName="n")
    (row,) = room.expand(endpoints(EndpointSubset(addresses=[one], ports=[port(80, "x", "UDP", appProtocol="dns")])))
    assert row._fields == (
        "name", "ip", "port", "protocol", "appProtocol", "ready", "hostname", "nodeName", "targetRef",
    )  # fmt: skip
    assert row == ("x", "10.0.0.1", 80, "UDP", "dns", True, "h", "n", one.targetRef)


def test_without_ports_nothing() -> None:
    assert list(room.expand(endpoints(subset("10.0.0.1")))) == []


def test_repacking_keeps_the_expanded_set() -> None:
    obj = endpoints(subset("1.1.1.1", "", port(1)), subset("1.1.1.2", "", port(1)), subset("1.1.1.1", "", port(2)))
    packed = endpoints(*room.repack(obj.subsets))
    assert len(packed.subsets) == 2
    assert set(room.expand(packed)) == set(room.expand(obj))


def test_slices() -> None:
    """Absent ready means ready, an absent number every port."""
    obj = endpoint_slice(
        endpoint("10.0.0.1", ready=None),
        endpoint("10.0.0.2", ready=False, hostname="h"),
        ports=(SlicePort(), SlicePort(name="a", port=1)),
    )
    rows = [(row.name, row.ip, row.port, row.protocol, row.ready, row.hostname) for row in room.expand(obj)]
    assert rows == [
        ("", "10.0.0.1", None, "TCP", True, ""),
        ("", "10.0.0.2", None, "TCP", False, "h"),
        ("a", "10.0.0.1", 1, "TCP", True, ""),
        ("a", "10.0.0.2", 1, "TCP", False, "h"),
    ]


def test_another_kind() -> None:
    with pytest.raises(EncodeError, match=r"^expected Endpoints or EndpointSlice, got Service$"):
        room.expand(Service())
