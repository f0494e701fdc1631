"""What one change of one Pod costs: the whole Endpoints is written and sent, or the one slice that the Pod is in."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codec.api.core.v1 import EndpointAddress, EndpointPort, Endpoints, EndpointSubset, ObjectReference
from codec.api.discovery.v1 import Endpoint, EndpointConditions, EndpointSlice
from codec.api.discovery.v1 import EndpointPort as SlicePort
from codec.api.meta.v1 import ObjectMeta
from codec.endpoints import copies, ip
from codec.endpoints.canonical import repack
from codec.endpoints.capacity import truncate
from codec.endpoints.gathering import from_slices
from codec.endpoints.mirroring import MANAGED_BY, SERVICE_NAME
from codec.storage import encode
from codec.types import Time

if TYPE_CHECKING:
    from collections.abc import Iterable

PER_SLICE = 100  # endpoints of a slice; --max-endpoints-per-slice of the EndpointSlice controller
FRAME_HEADER = 4  # bytes before each event of a watch: its length
EVENT = "MODIFIED"
REVISION = "1234567890"  # stands for the resourceVersion that a watcher gets and etcd does not hold
SLICE_CONTROLLER = "endpointslice-controller.k8s.io"


@dataclass(frozen=True, slots=True)
class Change:
    """One write. stored: bytes of the value in etcd. sent: bytes of the event to each watcher, in protobuf."""

    stored: int
    sent: int


@dataclass(frozen=True, slots=True)
class Cost:
    """addresses: of the Endpoints, ready or not. slices: how many hold them. endpoints: a write of the whole.
    slice: a write of the largest slice."""

    addresses: int
    slices: int
    endpoints: Change
    slice: Change


def cost(obj_or_slices: Endpoints | EndpointSlice | Iterable[EndpointSlice], per_slice: int = PER_SLICE) -> Cost:
    """What one change of one Pod writes to etcd and sends to each watcher, with Endpoints and with slices.

    An Endpoints is compared with the slices that the EndpointSlice controller would make of it, `per_slice`
    endpoints each, with the same metadata. Slices are compared with the Endpoints of all of them, cut at 1,000
    addresses as the controller cuts it. EncodeError for another kind, and as from_slices().
    """
    if isinstance(obj_or_slices, Endpoints):
        endpoints = obj_or_slices
        slices = _slices_of(endpoints, per_slice)
    else:
        slices = [obj_or_slices] if isinstance(obj_or_slices, EndpointSlice) else list(obj_or_slices)
        endpoints = truncate(from_slices(slices).endpoints)
    largest = max(slices, key=_stored, default=None)
    addresses = sum(len(one.addresses) + len(one.notReadyAddresses) for one in endpoints.subsets)
    nothing = Change(0, 0)
    return Cost(addresses, len(slices), _change(endpoints), nothing if largest is None else _change(largest))


def _with_revision(obj: Endpoints | EndpointSlice, revision: str) -> Endpoints | EndpointSlice:
    new = copy(obj)
    new.metadata = copy(obj.metadata)
    new.metadata.resourceVersion = revision
    return new


def _stored(obj: Endpoints | EndpointSlice) -> int:
    """Bytes of the value in etcd, which holds no resourceVersion."""
    return len(encode(_with_revision(obj, "")))


def _change(obj: Endpoints | EndpointSlice) -> Change:
    sent = len(encode(_with_revision(obj, obj.metadata.resourceVersion or REVISION)))
    return Change(_stored(obj), _frame(sent))


def _frame(size: int) -> int:
    """Bytes of a watch frame around an object of that many bytes: header, WatchEvent{type, RawExtension{raw}}."""
    raw = 1 + _varint(size) + size
    return FRAME_HEADER + 2 + len(EVENT) + 1 + _varint(raw) + raw


def _varint(value: int) -> int:
    """Bytes of a varint."""
    return max(1, (value.bit_length() + 6) // 7)


def _slices_of(obj: Endpoints, per_slice: int) -> list[EndpointSlice]:
    """The slices of the EndpointSlice controller (staging endpointslice/reconciler.go) for Pods at these addresses."""
    slices: list[EndpointSlice] = []
    for subset in repack(obj.subsets):
        ports = [
            SlicePort(name=port.name, port=port.port, protocol=port.protocol, appProtocol=port.appProtocol)
            for port in subset.ports
        ]
        families: dict[str, list[Endpoint]] = {"IPv4": [], "IPv6": []}
        for ready, addresses in ((True, subset.addresses), (False, subset.notReadyAddresses)):
            for address in addresses:
                parsed = ip.parse(address.ip)
                if parsed is not None:
                    families["IPv4" if len(parsed) == 4 else "IPv6"].append(_endpoint(address, parsed, ready))
        for family, endpoints in families.items():
            for start in range(0, len(endpoints), per_slice):
                slices.append(
                    EndpointSlice(
                        metadata=_slice_metadata(obj.metadata, len(slices)),
                        addressType=family,
                        endpoints=endpoints[start : start + per_slice],
                        ports=list(map(copies.of_slice_port, ports)),
                    )
                )
    return slices


def _slice_metadata(metadata: ObjectMeta, number: int) -> ObjectMeta:
    new = copy(metadata)
    new.name, new.generateName = f"{metadata.name}-{number:05}", f"{metadata.name}-"
    new.labels = {**metadata.labels, SERVICE_NAME: metadata.name, MANAGED_BY: SLICE_CONTROLLER}
    return new


def _endpoint(address: EndpointAddress, parsed: bytes, ready: bool) -> Endpoint:
    return Endpoint(
        addresses=[ip.canonical(parsed)],
        conditions=EndpointConditions(ready=ready, serving=ready, terminating=False),
        hostname=address.hostname or None,
        nodeName=address.nodeName,
        targetRef=address.targetRef,
    )


def sample(addresses: int) -> Endpoints:
    """An Endpoints as the controller writes it for that many ready Pods of one Deployment on one port."""
    pods = [
        EndpointAddress(
            ip=f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}",
            nodeName=f"node-{number % 100:03}",
            targetRef=ObjectReference(
                kind="Pod",
                namespace="biz-prod-qe2bu3",
                name=f"platform-mysql-7d9f8b6c5d-{number:05}",
                uid=f"5f0c2d8e-9a41-4b7e-8c36-{number:012x}",
            ),
        )
        for number in range(1, addresses + 1)
    ]
    return Endpoints(
        metadata=ObjectMeta(
            name="platform-mysql",
            namespace="biz-prod-qe2bu3",
            uid="0c5a6b1e-3d47-4f0e-9f6b-2a1c8d7e4b90",
            creationTimestamp=Time.parse("2024-05-01T08:30:00Z"),
        ),
        subsets=repack([EndpointSubset(addresses=pods, ports=[EndpointPort(name="mysql", port=6033, protocol="TCP")])]),
    )
