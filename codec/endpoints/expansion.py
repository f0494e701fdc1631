"""The expanded set: what the groups of an Endpoints, or of an EndpointSlice, stand for, one row for each endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from codec.api.core.v1 import Endpoints
from codec.api.discovery.v1 import EndpointSlice
from codec.endpoints.kinds import refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codec.api import Message
    from codec.api.core.v1 import ObjectReference


class Row(NamedTuple):
    """One endpoint: an address with a port.

    name: of the port. ip: as it is written; for an EndpointSlice of type FQDN a domain name.
    port: None for a slice's port without a number, which means every port.
    ready: whether it takes traffic.
    """

    name: str
    ip: str
    port: int | None
    protocol: str
    appProtocol: str | None
    ready: bool
    hostname: str
    nodeName: str | None
    targetRef: ObjectReference | None


def expand(obj: Message) -> Iterator[Row]:
    """The rows of an Endpoints or EndpointSlice: for each subset, each port, its ready addresses, then the others.

    The product of addresses and ports: without ports there are no rows (a headless Service). Nothing is merged: an
    address that stands twice comes twice. EncodeError for another kind.
    """
    if isinstance(obj, Endpoints):
        return _of_endpoints(obj)
    if isinstance(obj, EndpointSlice):
        return _of_slice(obj)
    raise refused(obj)


def _of_endpoints(obj: Endpoints) -> Iterator[Row]:
    for subset in obj.subsets:
        for port in subset.ports:
            head = (port.port, port.protocol, port.appProtocol)
            for ready, addresses in ((True, subset.addresses), (False, subset.notReadyAddresses)):
                for one in addresses:
                    yield Row(port.name, one.ip, *head, ready, one.hostname, one.nodeName, one.targetRef)


def _of_slice(obj: EndpointSlice) -> Iterator[Row]:
    for port in obj.ports:
        # Absent name and protocol are the defaults of the API server.
        head = (port.port, port.protocol or "TCP", port.appProtocol)
        for one in obj.endpoints:
            ready = one.conditions.ready is not False  # absent means ready; discovery/v1 types.go
            for address in one.addresses:
                yield Row(port.name or "", address, *head, ready, one.hostname or "", one.nodeName, one.targetRef)
