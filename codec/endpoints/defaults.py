"""What the API server fills in before it validates and stores (pkg/apis/core/v1, pkg/apis/discovery/v1 defaults.go)."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from codec.api.core.v1 import Endpoints
from codec.api.discovery.v1 import EndpointSlice
from codec.endpoints import copies
from codec.endpoints.kinds import refused

if TYPE_CHECKING:
    from codec.api import Message

PROTOCOL = "TCP"


@overload
def set_defaults(obj: Endpoints) -> Endpoints: ...


@overload
def set_defaults(obj: EndpointSlice) -> EndpointSlice: ...


@overload
def set_defaults(obj: Message) -> Endpoints | EndpointSlice: ...


def set_defaults(obj: Message) -> Endpoints | EndpointSlice:
    """A new object with the defaults of Endpoints or EndpointSlice: protocol TCP, and "" for the absent name of a
    slice's port. EncodeError for another kind."""
    if isinstance(obj, Endpoints):
        endpoints = copies.of_endpoints(obj)
        for subset in endpoints.subsets:
            for port in subset.ports:
                port.protocol = port.protocol or PROTOCOL
        return endpoints
    if isinstance(obj, EndpointSlice):
        slice_ = copies.of_slice(obj)
        for slice_port in slice_.ports:
            if slice_port.name is None:
                slice_port.name = ""
            if slice_port.protocol is None:
                slice_port.protocol = PROTOCOL
        return slice_
    raise refused(obj)
