"""The canonical form and equality. That it is RepackSubsets is shown in test_real_code.py."""

from __future__ import annotations

from random import Random

import pytest
from endpoints import generate, keep
from endpoints.build import address, endpoint, endpoint_slice, endpoints, port, subset
from endpoints.compare import read

from codec import EncodeError
from codec import endpoints as room
from codec.api.core.v1 import Endpoints, EndpointSubset, Service
from codec.api.discovery.v1 import EndpointPort as SlicePort


def test_ports_of_the_same_addresses_share_a_subset() -> None:
    packed = room.repack(
        [subset("10.0.0.9 10.0.0.10", "", port(1, "a")), subset("10.0.0.10 10.0.0.9", "", port(2, "b"))]
    )
    assert len(packed) == 1
    assert [one.ip for one in packed[0].addresses] == ["10.0.0.10", "10.0.0.9"]
    assert sorted(one.name for one in packed[0].ports) == ["a", "b"]


def test_not_ready_wins() -> None:
    (packed,) = room.repack([subset("1.1.1.1", "", port(1)), subset("", "1.1.1.1", port(1))])
    assert (packed.addresses, [one.ip for one in packed.notReadyAddresses]) == ([], ["1.1.1.1"])


def test_the_first_address_tells_the_rest() -> None:
    first, second = address("1.1.1.1", "u", hostname="first"), address("1.1.1.1", "u", hostname="second")
    (packed,) = room.repack([EndpointSubset(addresses=[first, second], ports=[port(1)])])
    assert [one.hostname for one in packed.addresses] == ["first"]


def test_app_protocol_by_pointer_or_by_value() -> None:
    subsets = [subset("1.1.1.1", "", port(1, appProtocol="x")), subset("1.1.1.2", "", port(1, appProtocol="x"))]
    assert len(room.repack(subsets)) == 2
    assert len(room.repack(subsets, share_app_protocol=True)) == 1


def test_without_ports() -> None:
    assert len(room.repack([subset("1.1.1.1")])) == 1
    assert room.repack([subset("1.1.1.1"), subset("1.1.1.1", "", port(1))]) == [subset("1.1.1.1", "", port(1))]
    assert room.repack([subset("1.1.1.1", "", port(0))]) == [subset("1.1.1.1")]
    assert room.repack([subset("", "", port(1))]) == []


def test_nothing_is_shared() -> None:
    given = [EndpointSubset(addresses=[address("1.1.1.1", "u")], ports=[port(1), port(2)])]
    (packed,) = room.repack(given)
    packed.addresses[0].ip = "x"
    packed.addresses[0].targetRef.uid = "x"  # type: ignore[union-attr]
    packed.ports[0].name = packed.ports[1].name = "x"
    assert given == [EndpointSubset(addresses=[address("1.1.1.1", "u")], ports=[port(1), port(2)])]


def test_is_canonical_is_what_the_real_code_leaves() -> None:
    seen = {True: 0, False: 0}
    for request, answer in keep.kept("repack"):
        if not request["shared"]:
            obj = read(Endpoints, {"subsets": request["subsets"]})
            unchanged = obj.subsets == read(Endpoints, {"subsets": answer}).subsets
            assert room.is_canonical(obj) == unchanged
            seen[unchanged] += 1
    assert min(seen.values()) > 100


def test_is_canonical_of_another_kind() -> None:
    with pytest.raises(EncodeError, match=r"^expected Endpoints, got EndpointSlice$"):
        room.is_canonical(endpoint_slice())  # type: ignore[arg-type]


def shuffled(rng: Random, obj: Endpoints) -> Endpoints:
    """The same endpoints, in another order and in smaller groups."""
    subsets = []
    for one in room.set_defaults(obj).subsets:
        rng.shuffle(one.addresses)
        rng.shuffle(one.notReadyAddresses)
        lists = {"addresses": one.addresses, "notReadyAddresses": one.notReadyAddresses}
        subsets += [EndpointSubset(ports=[single], **lists) for single in one.ports]
    rng.shuffle(subsets)
    return endpoints(*subsets)


def test_same_whatever_the_order() -> None:
    rng = Random(1)
    for _ in range(300):
        # Canonical first: an identity that is met with two hostnames keeps another one in another order.
        given = room.set_defaults(read(Endpoints, {"subsets": generate.repack(rng)["subsets"]})).subsets
        obj = endpoints(*(one for one in room.repack(given, share_app_protocol=True) if one.ports))
        assert room.same(obj, shuffled(rng, obj))


def test_same() -> None:
    a = endpoints(subset("1.1.1.1 1.1.1.2", "", port(1)))
    assert room.same(a, endpoints(subset("1.1.1.2", "", port(1)), subset("1.1.1.1", "", port(1)), name="other"))
    assert not room.same(a, endpoints(subset("1.1.1.1", "1.1.1.2", port(1))))
    assert not room.same(a, endpoints(subset("1.1.1.1 1.1.1.2", "", port(2))))


def test_same_but_for_the_resource_version_of_a_target() -> None:
    a = endpoints(EndpointSubset(addresses=[address("1.1.1.1", "u")], ports=[port(1)]))
    b = room.set_defaults(a)
    b.subsets[0].addresses[0].targetRef.resourceVersion = "2"  # type: ignore[union-attr]
    assert room.same(a, b)
    assert b.subsets[0].addresses[0].targetRef.resourceVersion == "2"  # type: ignore[union-attr]
    b.subsets[0].addresses[0].targetRef.name = "other"  # type: ignore[union-attr]
    assert not room.same(a, b)


def test_same_slices() -> None:
    ports = (SlicePort(name="a", port=1), SlicePort(name="b", port=2))
    a = endpoint_slice(endpoint("1.1.1.1"), endpoint("1.1.1.2", "1.1.1.3"), ports=ports)
    assert room.same(a, endpoint_slice(endpoint("1.1.1.3", "1.1.1.2"), endpoint("1.1.1.1"), ports=ports[::-1]))
    assert not room.same(a, endpoint_slice(endpoint("1.1.1.1"), ports=ports))
    assert not room.same(a, endpoint_slice(endpoint("1.1.1.1"), endpoint("1.1.1.2", "1.1.1.3"), ports=ports[:1]))
    assert not room.same(
        a, endpoint_slice(endpoint("1.1.1.1"), endpoint("1.1.1.2", "1.1.1.3"), ports=ports, family="IPv6")
    )
    assert not room.same(a, endpoints())
    with pytest.raises(EncodeError, match="got Service"):
        room.same(a, Service())
