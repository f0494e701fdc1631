"""The canonical form of subsets: RepackSubsets of pkg/api/v1/endpoints/util.go, in n log n steps.

Every port with the set of its addresses; ports with equal sets share one subset; addresses by ip and uid, ports and
subsets by hash.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from codec.api.core.v1 import Endpoints, EndpointSubset
from codec.api.discovery.v1 import EndpointSlice
from codec.endpoints import copies
from codec.endpoints.hashing import Hasher, fnv1a, port_text, subset_pieces
from codec.endpoints.kinds import refused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codec.api import Message
    from codec.api.core.v1 import EndpointAddress, EndpointPort
    from codec.api.discovery.v1 import Endpoint

    Ports = list[tuple[EndpointPort, list[int]]]  # a port, and the places of the subsets that have it


def repack(subsets: Iterable[EndpointSubset], *, share_app_protocol: bool = False) -> list[EndpointSubset]:
    """The canonical subsets; new ones, that share nothing with those given.

    Addresses are the same when ip (as written) and targetRef.uid are; the first one met tells hostname, node and
    targetRef. Not ready anywhere for a port is not ready. Subsets without ports are kept where no port has the same
    addresses; ports of number 0 and less are dropped.

    share_app_protocol: upstream compares appProtocol by pointer. False: no two are the same, as in objects that were
    decoded. True: equal values are, as in the endpoints controller, where all come from the one port of the Service.
    """
    given = list(subsets)
    identities = _Identities()
    members = [(identities.of(one.addresses), identities.of(one.notReadyAddresses)) for one in given]
    final: dict[tuple[frozenset[int], frozenset[int]], list[EndpointPort]] = {}
    for ports, places in _by_places(_ports(given, share_app_protocol)):
        not_ready = frozenset(chain.from_iterable(members[place][1] for place in places))
        ready = frozenset(chain.from_iterable(members[place][0] for place in places)) - not_ready
        if ready or not_ready:
            final.setdefault((ready, not_ready), []).extend(port for port in ports if port.port > 0)
    ranked = identities.ranked()
    out = []
    for (ready, not_ready), ports in final.items():
        subset = EndpointSubset(
            addresses=[copies.of_address(ranked[rank]) for rank in sorted(map(identities.rank, ready))],
            notReadyAddresses=[copies.of_address(ranked[rank]) for rank in sorted(map(identities.rank, not_ready))],
            ports=sort_ports(ports),
        )
        out.append(subset)
    return sort_subsets(out)


class _Identities:
    """Numbers for addresses that are the same to Kubernetes, in the order in which they are met."""

    def __init__(self) -> None:
        self._number: dict[tuple[str, str], int] = {}
        self._first: list[EndpointAddress] = []
        self._ranks: list[int] = []

    def of(self, addresses: list[EndpointAddress]) -> list[int]:
        numbers = []
        for address in addresses:
            key = (address.ip, "" if address.targetRef is None else address.targetRef.uid)
            number = self._number.setdefault(key, len(self._first))
            if number == len(self._first):
                self._first.append(address)
            numbers.append(number)
        return numbers

    def ranked(self) -> list[EndpointAddress]:
        """The addresses in canonical order: by ip as text, no targetRef before one, then by uid."""
        order = sorted(range(len(self._first)), key=lambda number: _address_order(self._first[number]))
        self._ranks = [0] * len(order)
        for rank, number in enumerate(order):
            self._ranks[number] = rank
        return [self._first[number] for number in order]

    def rank(self, number: int) -> int:
        return self._ranks[number]


def _address_order(address: EndpointAddress) -> tuple[bytes, bytes]:
    ip = address.ip.encode("utf-8", "surrogateescape")
    # Where both have no uid they are one identity: whether there is a targetRef never decides.
    return ip, b"" if address.targetRef is None else address.targetRef.uid.encode("utf-8", "surrogateescape")


def _ports(subsets: list[EndpointSubset], shared: bool) -> Ports:
    """Every port that upstream holds apart from the others; a subset without ports counts as one of number -1."""
    from codec.api.core.v1 import EndpointPort

    sentinel = EndpointPort(port=-1)
    found: dict[tuple[object, ...], tuple[EndpointPort, list[int]]] = {}
    for place, subset in enumerate(subsets):
        for index, port in enumerate(subset.ports or [sentinel]):
            apart = () if shared or port.appProtocol is None else (place, index)
            key = (port.name, port.port, port.protocol, port.appProtocol, apart)
            places = found.setdefault(key, (port, []))[1]
            if not places or places[-1] != place:
                places.append(place)
    return list(found.values())


def _by_places(ports: Ports) -> list[tuple[list[EndpointPort], tuple[int, ...]]]:
    """Ports that stand in the same subsets have the same addresses, which are then gathered once."""
    grouped: dict[tuple[int, ...], list[EndpointPort]] = {}
    for port, places in ports:
        grouped.setdefault(tuple(places), []).append(port)
    return [(alike, places) for places, alike in grouped.items()]


def sort_ports(ports: list[EndpointPort]) -> list[EndpointPort]:
    """Copies of the ports in canonical order."""
    if len(ports) > 1:
        ports = sorted(ports, key=lambda port: fnv1a(port_text(port)))
    return [copies.of_port(port) for port in ports]


def sort_subsets(subsets: list[EndpointSubset]) -> list[EndpointSubset]:
    """The same subsets in canonical order; their own lists must be in order already."""
    if len(subsets) < 2:
        return subsets
    hasher = Hasher()
    return sorted(subsets, key=lambda subset: hasher.hash(subset_pieces(subset)))


def is_canonical(obj: Endpoints) -> bool:
    """Whether the subsets are as RepackSubsets would leave them. EncodeError for another kind."""
    if not isinstance(obj, Endpoints):
        raise refused(obj, "Endpoints")
    return repack(obj.subsets) == obj.subsets


def same(a: Message, b: Message) -> bool:
    """Whether two Endpoints, or two EndpointSlices, mean the same endpoints.

    Order and grouping do not count, and the resourceVersion of a targetRef does not, as where the controllers decide
    whether to write. Metadata is not compared. EncodeError for another kind; Endpoints never equal a slice.
    """
    for one in (a, b):
        if not isinstance(one, (Endpoints, EndpointSlice)):
            raise refused(one)
    if isinstance(a, Endpoints) and isinstance(b, Endpoints):
        return _timeless(a) == _timeless(b)
    if isinstance(a, EndpointSlice) and isinstance(b, EndpointSlice):
        return a.addressType == b.addressType and _ports_and_endpoints(a) == _ports_and_endpoints(b)
    return False


def _timeless(obj: Endpoints) -> list[EndpointSubset]:
    """Canonical subsets without the resourceVersions."""
    subsets = [copies.of_subset(subset) for subset in obj.subsets]
    for subset in subsets:
        for address in (*subset.addresses, *subset.notReadyAddresses):
            if address.targetRef is not None:
                address.targetRef.resourceVersion = ""
    return repack(subsets, share_app_protocol=True)


def _ports_and_endpoints(obj: EndpointSlice) -> tuple[list[str], list[str]]:
    """Ports and endpoints of a slice as sorted text, each endpoint with its addresses sorted."""
    return sorted(map(repr, obj.ports)), sorted(map(_endpoint_text, obj.endpoints))


def _endpoint_text(endpoint: Endpoint) -> str:
    new = copies.of_endpoint(endpoint)
    new.addresses = sorted(new.addresses)
    if new.targetRef is not None:
        new.targetRef.resourceVersion = ""
    return repr(new)
