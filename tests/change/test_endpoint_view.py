"""Endpoints by what they mean: equal views exactly where the controllers see no difference, and changes to read."""

from __future__ import annotations

import random
from typing import Any

from codec import endpoints
from codec.api.core.v1 import EndpointAddress, EndpointPort, Endpoints, EndpointSubset, ObjectReference
from codec.api.discovery.v1 import Endpoint, EndpointConditions, EndpointSlice
from codec.api.discovery.v1 import EndpointPort as SlicePort
from codec.api.meta.v1 import ObjectMeta
from codec.change.compare import compare
from codec.change.endpoint_view import view

PORTS = [EndpointPort(name="http", port=80, protocol="TCP"), EndpointPort(name="metrics", port=90, protocol="TCP")]


def address(number: int, uid: str = "") -> EndpointAddress:
    target = ObjectReference(kind="Pod", name=f"p{number}", uid=uid or f"u{number}")
    return EndpointAddress(ip=f"10.0.0.{number}", nodeName="n1", targetRef=target)


def made(*subsets: EndpointSubset) -> Endpoints:
    return Endpoints(metadata=ObjectMeta(name="e", namespace="d"), subsets=[*subsets])


def changed(old: Any, new: Any) -> list[tuple[str, str, Any, Any]]:
    return [(change.operation, change.path, change.old, change.new) for change in compare(old, new)]


def test_an_address_that_is_not_ready_any_more() -> None:
    old = made(EndpointSubset(addresses=[address(1), address(2)], ports=PORTS))
    new = made(EndpointSubset(addresses=[address(1)], notReadyAddresses=[address(2)], ports=PORTS))
    assert changed(old, new) == [("changed", "subsets.addresses[ip=10.0.0.2].ready", True, False)]


def test_addresses_that_come_and_go() -> None:
    old = made(EndpointSubset(addresses=[address(1), address(2)], ports=PORTS))
    new = made(EndpointSubset(addresses=[address(3), address(1)], ports=PORTS))
    assert [row[:2] for row in changed(old, new)] == [
        ("removed", "subsets.addresses[ip=10.0.0.2]"),
        ("added", "subsets.addresses[ip=10.0.0.3]"),
    ]


def test_a_port_of_all_addresses_is_one_change() -> None:
    old = made(EndpointSubset(addresses=[address(each) for each in range(1, 100)], ports=PORTS[:1]))
    new = made(EndpointSubset(addresses=[address(each) for each in range(1, 100)], ports=PORTS))
    assert [row[:2] for row in changed(old, new)] == [("added", "subsets.ports.metrics")]
    moved = [EndpointPort(name="http", port=81, protocol="TCP")]
    again = made(EndpointSubset(addresses=[address(each) for each in range(1, 100)], ports=moved))
    assert changed(old, again) == [("changed", "subsets.ports.http.port", 80, 81)]


def test_a_port_of_some_addresses() -> None:
    old = made(EndpointSubset(addresses=[address(1), address(2)], ports=PORTS))
    new = made(
        EndpointSubset(addresses=[address(1)], ports=PORTS),
        EndpointSubset(addresses=[address(2)], ports=PORTS[:1]),
    )
    assert changed(old, new) == [("changed", "subsets.addresses[ip=10.0.0.2].ready", True, {"http": True})]


def test_without_ports_and_with_names_that_repeat() -> None:
    headless = view({"apiVersion": "v1", "kind": "Endpoints", "subsets": [{"addresses": [{"ip": "::1"}]}]})
    assert headless["subsets"] == {"ports": {}, "addresses": [{"ip": "::1", "ready": True}]}
    ports = [{"port": 1}, {"port": 2, "appProtocol": "h2"}, {"name": "x", "port": 3, "protocol": "UDP"}]
    found = view({"apiVersion": "v1", "kind": "Endpoints", "subsets": [{"ports": ports}]})
    assert [*found["subsets"]["ports"]] == [":1/TCP", ":2/TCP h2", "x"]


def test_other_shapes_stay() -> None:
    for tree in (
        {"apiVersion": "v1", "kind": "Endpoints"},
        {"apiVersion": "v1", "kind": "Endpoints", "subsets": [1]},
        {"apiVersion": "v1", "kind": "Endpoints", "subsets": [{"ports": [1]}]},
        {"apiVersion": "example.com/v1", "kind": "Endpoints", "subsets": [{}]},
        {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "endpoints": [1], "ports": 2},
    ):
        assert view(tree) == tree


def shuffled(obj: Endpoints, source: random.Random) -> Endpoints:
    """The same endpoints in other groups: a subset for each port of each address, in any order."""
    subsets = []
    for subset in obj.subsets:
        for port in subset.ports:
            for name in ("addresses", "notReadyAddresses"):
                for one in getattr(subset, name):
                    subsets.append(EndpointSubset(**{name: [one]}, ports=[port]))  # type: ignore[arg-type]
    source.shuffle(subsets)
    return made(*subsets)


def randomly(source: random.Random) -> Endpoints:
    subsets = []
    for _ in range(source.randrange(1, 4)):
        numbers = source.sample(range(1, 5), source.randrange(1, 4))
        cut = source.randrange(len(numbers) + 1)
        subsets.append(
            EndpointSubset(
                addresses=[address(number) for number in numbers[:cut]],
                notReadyAddresses=[address(number) for number in numbers[cut:]],
                ports=source.sample(PORTS, source.randrange(1, 3)),
            )
        )
    return made(*subsets)


def test_equal_views_mean_the_same() -> None:
    """Against codec.endpoints.same, which is held against the controllers' own comparison."""
    source = random.Random(3)
    agreed = {True: 0, False: 0}
    for _ in range(600):
        old = randomly(source)
        new = shuffled(old, source) if source.random() < 0.5 else randomly(source)
        same = endpoints.same(old, new)
        assert (compare(old, new) == []) is same
        agreed[same] += 1
    assert min(agreed.values()) > 100


def test_slices_by_address() -> None:
    def slice_of(*items: Endpoint) -> EndpointSlice:
        ports = [SlicePort(name="http", port=80)]
        return EndpointSlice(metadata=ObjectMeta(name="s"), addressType="IPv4", endpoints=[*items], ports=ports)

    def endpoint(number: int, ready: bool) -> Endpoint:
        return Endpoint(addresses=[f"10.0.0.{number}"], conditions=EndpointConditions(ready=ready))

    old = slice_of(endpoint(1, True), endpoint(2, True))
    assert compare(old, slice_of(endpoint(2, True), endpoint(1, True))) == []
    new = slice_of(endpoint(3, True), endpoint(1, False))
    assert [row[:2] for row in changed(old, new)] == [
        ("removed", "endpoints[addresses=10.0.0.2]"),
        ("changed", "endpoints[addresses=10.0.0.1].conditions.ready"),
        ("added", "endpoints[addresses=10.0.0.3]"),
    ]
