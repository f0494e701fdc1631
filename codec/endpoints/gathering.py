"""EndpointSlices → Endpoints, canonical, with what an Endpoints has no place for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codec.api.core.v1 import EndpointAddress, EndpointPort, Endpoints, EndpointSubset
from codec.api.discovery.v1 import EndpointSlice
from codec.api.meta.v1 import ObjectMeta
from codec.endpoints import copies
from codec.endpoints.canonical import repack
from codec.endpoints.defaults import PROTOCOL
from codec.endpoints.kinds import refused
from codec.endpoints.mirroring import MANAGED_BY, SERVICE_NAME
from codec.errors import EncodeError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codec.api.discovery.v1 import Endpoint


@dataclass(frozen=True, slots=True)
class Gathered:
    """An Endpoints made of slices.

    lost: what does not fit → how often: "zone", "hints", "serving", "terminating", "topology", "second address",
    "port without a number", "FQDN" (endpoints of slices of that type), "label" and "annotation" (two slices differ).
    """

    endpoints: Endpoints
    lost: dict[str, int] = field(default_factory=dict)


def from_slices(slices: Iterable[EndpointSlice]) -> Gathered:
    """The Endpoints of one Service from all its slices, both address families together.

    The name is the label kubernetes.io/service-name; an absent ready means ready. Labels and annotations are those
    of the slices, the first one's where two differ. EncodeError where there is no slice, a slice is of another kind,
    has no such label, or they belong to different Services.
    """
    given = list(slices)
    lost: dict[str, int] = {}
    metadata = _metadata(given, lost)
    subsets = []
    for one in given:
        if one.addressType == "FQDN":
            _count(lost, "FQDN", len(one.endpoints))
            continue
        subset = EndpointSubset(ports=_ports(one, lost))
        for endpoint in one.endpoints:
            _losses(endpoint, lost)
            if endpoint.addresses:
                ready = endpoint.conditions.ready is not False
                (subset.addresses if ready else subset.notReadyAddresses).append(_address(endpoint))
        subsets.append(subset)
    return Gathered(Endpoints(metadata=metadata, subsets=repack(subsets, share_app_protocol=True)), lost)


def _count(lost: dict[str, int], what: str, times: int = 1) -> None:
    if times:
        lost[what] = lost.get(what, 0) + times


def _metadata(slices: list[EndpointSlice], lost: dict[str, int]) -> ObjectMeta:
    owners: dict[tuple[str, str], None] = {}
    metadata = ObjectMeta()
    for one in slices:
        if not isinstance(one, EndpointSlice):
            raise refused(one, "EndpointSlice")
        name = one.metadata.labels.get(SERVICE_NAME, "")
        if not name:
            raise EncodeError(f"the slice {one.metadata.name!r} has no label {SERVICE_NAME}")
        owners[one.metadata.namespace, name] = None
        _join(metadata.labels, one.metadata.labels, lost, "label")
        _join(metadata.annotations, one.metadata.annotations, lost, "annotation")
        for owner in one.metadata.ownerReferences:
            if owner.kind == "Endpoints" and owner.name == name:
                metadata.uid = owner.uid
    if not owners:
        raise EncodeError("expected EndpointSlices, got none")
    if len(owners) > 1:
        listed = ", ".join(f"{namespace}/{name}" for namespace, name in sorted(owners))
        raise EncodeError(f"the slices belong to different Services: {listed}")
    (metadata.namespace, metadata.name), *_ = owners
    return metadata


def _join(into: dict[str, str], entries: dict[str, str], lost: dict[str, int], what: str) -> None:
    for key, value in entries.items():
        if key not in (SERVICE_NAME, MANAGED_BY) and into.setdefault(key, value) != value:
            _count(lost, what)


def _ports(one: EndpointSlice, lost: dict[str, int]) -> list[EndpointPort]:
    ports = []
    for port in one.ports:
        if port.port is None:
            _count(lost, "port without a number")
            continue
        protocol = PROTOCOL if port.protocol is None else port.protocol
        ports.append(
            EndpointPort(name=port.name or "", port=port.port, protocol=protocol, appProtocol=port.appProtocol)
        )
    return ports


def _losses(endpoint: Endpoint, lost: dict[str, int]) -> None:
    conditions = endpoint.conditions
    _count(lost, "zone", endpoint.zone is not None)
    _count(lost, "hints", endpoint.hints is not None)
    _count(lost, "terminating", bool(conditions.terminating))
    ready = conditions.ready is not False
    _count(lost, "serving", conditions.serving is not None and conditions.serving != ready)
    _count(lost, "topology", bool(endpoint.deprecatedTopology))
    _count(lost, "second address", len(endpoint.addresses) > 1)


def _address(endpoint: Endpoint) -> EndpointAddress:
    ref = endpoint.targetRef
    return EndpointAddress(
        ip=endpoint.addresses[0],
        hostname=endpoint.hostname or "",
        nodeName=endpoint.nodeName,
        targetRef=None if ref is None else copies.of_reference(ref),
    )
