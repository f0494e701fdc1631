"""What a change costs."""

from __future__ import annotations

from pathlib import Path

import pytest
from endpoints.build import endpoint, endpoint_slice, endpoints, pods, port

import codec
from codec import EncodeError
from codec import endpoints as room
from codec.api.core.v1 import EndpointSubset
from codec.api.discovery.v1 import EndpointPort as SlicePort
from codec.endpoints import costs


def test_sizes_are_those_of_the_encoder() -> None:
    obj = costs.sample(250)
    found = room.cost(obj)
    assert (found.addresses, found.slices) == (250, 3)
    assert found.endpoints.stored == len(codec.encode(obj))
    obj.metadata.resourceVersion = "42"
    assert room.cost(obj).endpoints.stored == found.endpoints.stored
    assert room.cost(obj).endpoints.sent == found.endpoints.sent - len(costs.REVISION) + len("42")


def test_a_slice_stays_small() -> None:
    few, many = room.cost(costs.sample(100)), room.cost(costs.sample(1000))
    assert many.endpoints.stored > 9 * few.endpoints.stored
    assert abs(many.slice.stored - few.slice.stored) < 200
    assert room.cost(costs.sample(100), per_slice=10).slice.stored < few.slice.stored / 5


def test_of_slices() -> None:
    ports = (SlicePort(name="a", port=1, protocol="TCP"),)
    slices = [
        endpoint_slice(*(endpoint(f"10.0.{part}.{one}") for one in range(100)), ports=ports) for part in range(12)
    ]
    found = room.cost(slices)
    assert (found.addresses, found.slices) == (1000, 12)
    assert found.slice.stored == max(len(codec.encode(one)) for one in slices)
    assert room.cost(slices[0]).slices == 1


def test_of_nothing() -> None:
    assert room.cost(endpoints()).slice == room.Change(0, 0)
    with pytest.raises(EncodeError):
        room.cost([])


def test_both_families_and_ports() -> None:
    obj = endpoints(EndpointSubset(addresses=pods(3), ports=[port(1)]))
    obj.subsets[0].addresses[0].ip = "2001:db8::1"
    obj.subsets[0].addresses[1].ip = "no address"
    assert room.cost(obj).slices == 2


def test_frames_are_those_of_a_real_watch(root: Path) -> None:
    """Events that a real API server sent: their length follows from that of the object in them."""
    data = (root / "fixtures" / "etcd" / "http" / "watch-endpoints.pb").read_bytes()
    seen = 0
    while data:
        frame, data = data[: 4 + int.from_bytes(data[:4], "big")], data[4 + int.from_bytes(data[:4], "big") :]
        raw = frame[frame.index(b"k8s\0") :]
        event = frame[6 : 6 + frame[5]].decode()
        obj = codec.decode(raw)
        if obj.metadata.resourceVersion and event in ("ADDED", "MODIFIED", "DELETED"):  # type: ignore[attr-defined]
            assert len(frame) - len(event) == costs._frame(len(raw)) - len(costs.EVENT)
            seen += 1
    assert seen > 0
