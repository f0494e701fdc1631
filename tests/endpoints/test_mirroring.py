"""Endpoints → slices and back. That they are the mirroring controller's is shown in test_real_code.py."""

from __future__ import annotations

from random import Random

import pytest
from endpoints import generate
from endpoints.build import address, endpoint, endpoint_slice, endpoints, port, subset
from endpoints.compare import read

from codec import EncodeError
from codec import endpoints as room
from codec.api.core.v1 import Endpoints, EndpointSubset, Service, ServiceSpec
from codec.api.discovery.v1 import EndpointHints, ForZone
from codec.api.discovery.v1 import EndpointPort as SlicePort
from codec.api.meta.v1 import ObjectMeta


def service(name: str = "svc", **spec: object) -> Service:
    return Service(metadata=ObjectMeta(name=name, namespace="ns"), spec=ServiceSpec(**spec))  # type: ignore[arg-type]


OBJ = endpoints(subset("10.0.0.1", "2001:DB8::1", port(80, "http")), labels={"app": "x"}, uid="u")


def test_slices() -> None:
    made = room.to_slices(OBJ, service())
    assert (made.reason, made.events, made.exact, len(made)) == ("", [], True, 2)
    four, six = made
    assert (four.addressType, six.addressType) == ("IPv4", "IPv6")
    assert (four.metadata.generateName, four.metadata.namespace) == ("svc-", "ns")
    assert four.metadata.labels == {
        "app": "x",
        "kubernetes.io/service-name": "svc",
        "endpointslice.kubernetes.io/managed-by": "endpointslicemirroring-controller.k8s.io",
    }
    assert four.endpoints == [endpoint("10.0.0.1")]
    assert six.endpoints == [endpoint("2001:db8::1", ready=False)]
    assert four.ports == [SlicePort(name="http", port=80, protocol="TCP")]
    (owner,) = four.metadata.ownerReferences
    assert (owner.kind, owner.name, owner.uid, owner.controller) == ("Endpoints", "svc", "u", True)


@pytest.mark.parametrize(
    ("obj", "given", "reason"),
    [
        (endpoints(labels={"endpointslice.kubernetes.io/skip-mirror": "true"}), None, 'skip-mirror is "true"'),
        (endpoints(annotations={"control-plane.alpha.kubernetes.io/leader": ""}), None, "leader is set"),
        (OBJ, service("other"), "there is no Service svc in namespace ns"),
        (OBJ, service(selector={"a": "b"}), "the Service has a selector"),
    ],
)
def test_why_none(obj: Endpoints, given: Service | None, reason: str) -> None:
    made = room.to_slices(obj, given)
    assert reason in made.reason
    assert list(made) == []


def test_of_a_deleted_object_none_are_made() -> None:
    obj = room.set_defaults(OBJ)
    obj.metadata.deletionTimestamp = obj.metadata.creationTimestamp
    made = room.to_slices(obj)
    assert (list(made), made.reason) == ([], "the Endpoints is being deleted")


def test_events() -> None:
    made = room.to_slices(endpoints(subset("x 10.0.0.1 10.0.0.2 10.0.0.3", "", port(1))), max_per_subset=2)
    assert made.events == [
        (
            "TooManyAddressesToMirror",
            "A max of 2 addresses can be mirrored to EndpointSlices per Endpoints subset. 2 addresses were skipped",
        )
    ]
    made = room.to_slices(endpoints(subset("", "x", port(1))))
    assert made.events == [("InvalidIPAddress", "Skipped 1 invalid IP addresses when mirroring to EndpointSlices")]


def test_chance_is_told() -> None:
    """Two subsets of the same ports, told apart by their pointers, fill one slice."""
    ports = port(1, appProtocol="x"), port(1, appProtocol="x")
    obj = endpoints(subset("10.0.0.1", "", ports[0]), subset("10.0.0.2", "", ports[1]))
    assert room.to_slices(obj).exact
    made = room.to_slices(obj, max_per_subset=1)
    assert (made.exact, [len(one.endpoints) for one in made]) == (False, [1])


def test_there_and_back() -> None:
    rng = Random(1)
    for _ in range(300):
        obj = endpoints(*read(Endpoints, {"subsets": generate.repack(rng)["subsets"]}).subsets)
        for one in obj.subsets:
            # What slices say otherwise: an address that is no IP or no canonical one, no name, a port of 0.
            one.addresses = [each for each in one.addresses if each.ip in generate.GOOD_IPS]
            one.notReadyAddresses = [each for each in one.notReadyAddresses if each.ip in generate.GOOD_IPS]
            for each in (*one.addresses, *one.notReadyAddresses):
                each.targetRef = None
            one.ports = [each for each in one.ports if each.port > 0]
        packed = room.repack(obj.subsets, share_app_protocol=True)
        if packed:
            gathered = room.from_slices(room.to_slices(obj))
            assert gathered.lost == {}
            assert gathered.endpoints.metadata.name == "svc"
            assert room.same(gathered.endpoints, endpoints(*packed))


def test_what_does_not_fit() -> None:
    found = endpoint_slice(
        endpoint("10.0.0.1", "10.0.0.9", zone="z", hints=EndpointHints(forZones=[ForZone(name="z")])),
        endpoint("10.0.0.2", ready=False, serving=True, terminating=True, zone="z"),
        endpoint("10.0.0.3", deprecatedTopology={"a": "b"}),
        ports=(SlicePort(name="every"), SlicePort(name="a", port=1)),
        labels={"x": "1"},
    )
    named = endpoint_slice(endpoint("a.b"), endpoint("c.d"), family="FQDN", labels={"x": "2"})
    gathered = room.from_slices([found, named])
    assert gathered.lost == {
        "label": 1,
        "port without a number": 1,
        "zone": 2,
        "hints": 1,
        "second address": 1,
        "terminating": 1,
        "serving": 1,
        "topology": 1,
        "FQDN": 2,
    }
    assert gathered.endpoints.subsets == [subset("10.0.0.1 10.0.0.3", "10.0.0.2", port(1, "a"))]
    assert gathered.endpoints.metadata.labels == {"x": "1"}


def test_gathering_refuses() -> None:
    with pytest.raises(EncodeError, match=r"^expected EndpointSlices, got none$"):
        room.from_slices([])
    with pytest.raises(EncodeError, match=r"^expected EndpointSlice, got Endpoints$"):
        room.from_slices([endpoints()])  # type: ignore[list-item]
    with pytest.raises(EncodeError, match="different Services: ns/other, ns/svc"):
        room.from_slices([endpoint_slice(), endpoint_slice(labels={"kubernetes.io/service-name": "other"})])
    with pytest.raises(EncodeError, match=r"the slice 'svc-abc' has no label kubernetes.io/service-name"):
        room.from_slices([endpoint_slice(labels={"kubernetes.io/service-name": ""})])


def test_nothing_is_shared() -> None:
    obj = endpoints(EndpointSubset(addresses=[address("10.0.0.1", "u")], ports=[port(1)]))
    (made,) = room.to_slices(obj)
    made.endpoints[0].targetRef.uid = "x"  # type: ignore[union-attr]
    assert obj.subsets[0].addresses[0].targetRef.uid == "u"  # type: ignore[union-attr]
    back = room.from_slices([made]).endpoints
    back.subsets[0].addresses[0].targetRef.uid = "y"  # type: ignore[union-attr]
    assert made.endpoints[0].targetRef.uid == "x"  # type: ignore[union-attr]
