"""Endpoints → EndpointSlices, as the mirroring controller makes them for a Service without a selector.

Source: pkg/controller/endpointslicemirroring (shouldMirror, reconcile, newEndpointSlice).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codec.api.core.v1 import Endpoints
from codec.api.discovery.v1 import Endpoint, EndpointConditions, EndpointPort, EndpointSlice
from codec.api.meta.v1 import ObjectMeta, OwnerReference
from codec.endpoints import copies, ip, names
from codec.endpoints.canonical import repack
from codec.endpoints.hashing import fnv1a, slice_port_text
from codec.endpoints.kinds import refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codec.api.core.v1 import EndpointAddress, Service
    from codec.api.core.v1 import EndpointPort as SubsetPort

SKIP_MIRROR = "endpointslice.kubernetes.io/skip-mirror"  # label
LEADER = "control-plane.alpha.kubernetes.io/leader"  # annotation of the old leader election
SERVICE_NAME = "kubernetes.io/service-name"  # label
MANAGED_BY = "endpointslice.kubernetes.io/managed-by"  # label
MIRRORING = "endpointslicemirroring-controller.k8s.io"
# Annotations that are not copied.
OWN_ANNOTATIONS = (
    "endpoints.kubernetes.io/last-change-trigger-time",
    "kubectl.kubernetes.io/last-applied-configuration",
)
MAX_PER_SUBSET = 1000  # --mirroring-max-endpoints-per-subset


@dataclass(frozen=True, slots=True)
class Mirrored:
    """What the mirroring controller makes of an Endpoints; iterating gives the slices.

    slices: by address type and ports; endpoints in canonical order, where upstream's is random.
    reason: why there are none; "" where there are some, or no address to mirror.
    events: (reason, message) of the events that the controller sends.
    exact: False where the controller picks at random which endpoints to drop: subsets that share their ports have
    more than fit one slice. The slices then hold the first ones.
    """

    slices: list[EndpointSlice] = field(default_factory=list)
    reason: str = ""
    events: list[tuple[str, str]] = field(default_factory=list)
    exact: bool = True

    def __iter__(self) -> Iterator[EndpointSlice]:
        return iter(self.slices)

    def __len__(self) -> int:
        return len(self.slices)


def to_slices(obj: Endpoints, service: Service | None = None, max_per_subset: int = MAX_PER_SUBSET) -> Mirrored:
    """The slices of an Endpoints.

    service: the Service of its name. Without it one without a selector is taken for granted; one of another name or
    namespace counts as none. max_per_subset: accepted addresses of a subset, IPv4 and IPv6 together.
    EncodeError where obj is of another kind.
    """
    if not isinstance(obj, Endpoints):
        raise refused(obj, "Endpoints")
    reason = _why_not(obj, service)
    if reason:
        return Mirrored(reason=reason)
    groups: dict[tuple[str, str], _Group] = {}
    invalid = skipped = 0
    for subset in repack(obj.subsets):
        ports = _slice_ports(subset.ports)
        key = " ".join(map(slice_port_text, ports))
        accepted = bad = 0
        for ready, addresses in ((True, subset.addresses), (False, subset.notReadyAddresses)):
            for address in addresses:
                if accepted >= max_per_subset:
                    break
                parsed = ip.parse(address.ip)
                if parsed is None:
                    bad += 1
                    continue
                place = ("IPv4" if len(parsed) == 4 else "IPv6", key)
                group = groups.get(place)
                if group is None:
                    group = groups[place] = _Group(ports)
                group.add(_endpoint(address, parsed, ready))
                accepted += 1
        invalid += bad
        skipped += len(subset.addresses) + len(subset.notReadyAddresses) - accepted
    filled = [(family, group) for (family, _), group in sorted(groups.items(), key=_by_key)]
    deleted = obj.metadata.deletionTimestamp is not None
    prefix = f"{obj.metadata.name}-"
    if names.object_name(prefix, prefix=True):
        prefix = obj.metadata.name
    return Mirrored(
        [] if deleted else [_slice(obj, prefix, family, group, max_per_subset) for family, group in filled],
        "the Endpoints is being deleted" if deleted and filled else "",
        _events(invalid, skipped, max_per_subset),
        all(len(group.endpoints) <= max_per_subset for _, group in filled),
    )


def _why_not(obj: Endpoints, service: Service | None) -> str:
    """Why the controller mirrors nothing, and deletes what it mirrored before; "" where it does."""
    meta = obj.metadata
    if meta.labels.get(SKIP_MIRROR) == "true":
        return f'the label {SKIP_MIRROR} is "true"'
    if LEADER in meta.annotations:
        return f"the annotation {LEADER} is set"
    if service is None:
        return ""
    if (service.metadata.namespace, service.metadata.name) != (meta.namespace, meta.name):
        return f"there is no Service {meta.name} in namespace {meta.namespace}"
    # Upstream differs for an empty map, which no API server stores: it is a selector there.
    if service.spec.selector:
        return "the Service has a selector: its own controller makes the slices"
    return ""


class _Group:
    """The endpoints of one address type and one set of ports, later ones in the place of earlier equal ones."""

    def __init__(self, ports: list[EndpointPort]) -> None:
        self.ports = ports
        self.endpoints: dict[str, Endpoint] = {}

    def add(self, endpoint: Endpoint) -> None:
        self.endpoints[_identity(endpoint)] = endpoint


def _by_key(item: tuple[tuple[str, str], _Group]) -> tuple[str, str]:
    return item[0]


def _identity(endpoint: Endpoint) -> str:
    """Endpoints of the same address, hostname and target name are one (endpointslice util hashEndpoint)."""
    ref = endpoint.targetRef
    target = "Namespace:(string) Name:(string)"
    if ref is not None:
        target = f"Namespace:(string){ref.namespace} Name:(string){ref.name}"
    return f"{{Addresses:([]string)[{endpoint.addresses[0]}] Hostname:(string){endpoint.hostname or ''} {target}}}"


def _endpoint(address: EndpointAddress, parsed: bytes, ready: bool) -> Endpoint:
    return Endpoint(
        addresses=[ip.canonical(parsed)],
        conditions=EndpointConditions(ready=ready),
        hostname=address.hostname or None,
        nodeName=address.nodeName,
        targetRef=address.targetRef,  # repack() has copied it
    )


def _slice_ports(ports: list[SubsetPort]) -> list[EndpointPort]:
    """Ports of a slice, in the order of their hashes."""
    made = [
        EndpointPort(name=port.name, port=port.port, protocol=port.protocol, appProtocol=port.appProtocol)
        for port in ports
    ]
    return sorted(made, key=lambda port: fnv1a(slice_port_text(port))) if len(made) > 1 else made


def _slice(obj: Endpoints, prefix: str, family: str, group: _Group, limit: int) -> EndpointSlice:
    meta = obj.metadata
    owner = OwnerReference(
        apiVersion="v1", kind="Endpoints", name=meta.name, uid=meta.uid, controller=True, blockOwnerDeletion=True
    )
    return EndpointSlice(
        metadata=ObjectMeta(
            generateName=prefix,
            namespace=meta.namespace,
            labels={**meta.labels, SERVICE_NAME: meta.name, MANAGED_BY: MIRRORING},
            annotations={key: value for key, value in meta.annotations.items() if key not in OWN_ANNOTATIONS},
            ownerReferences=[owner],
        ),
        addressType=family,
        endpoints=list(group.endpoints.values())[:limit],
        ports=list(map(copies.of_slice_port, group.ports)),
    )


def _events(invalid: int, skipped: int, limit: int) -> list[tuple[str, str]]:
    """skipped counts the invalid ones too, as upstream's message does."""
    events = []
    if invalid:
        words = f"Skipped {invalid} invalid IP addresses when mirroring to EndpointSlices"
        events.append(("InvalidIPAddress", words))
    if skipped > invalid:
        words = f"A max of {limit} addresses can be mirrored to EndpointSlices per Endpoints subset."
        events.append(("TooManyAddressesToMirror", f"{words} {skipped} addresses were skipped"))
    return events
