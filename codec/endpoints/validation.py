"""What the API server says about Endpoints, and the way to the rules of EndpointSlices.

Source: pkg/apis/core/validation/validation.go. Both are defaulted first, as they are on their way into the API server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codec.api.core.v1 import Endpoints
from codec.api.discovery.v1 import EndpointSlice
from codec.endpoints import ip, names, object_meta
from codec.endpoints.defaults import set_defaults
from codec.endpoints.field_error import FieldError, invalid, invalid_number, not_supported, required
from codec.endpoints.kinds import refused
from codec.endpoints.slice_validation import slice_errors
from codec.text.json_writer import quote as json_quote

if TYPE_CHECKING:
    from codec.api import Message
    from codec.api.core.v1 import EndpointAddress, EndpointPort, EndpointSubset

PROTOCOLS = ("SCTP", "TCP", "UDP")
NO_ADDRESS = "must specify `addresses` or `notReadyAddresses`"


def validate(obj: Message, old: Message | None = None, strict_ip: bool = True) -> list[FieldError]:
    """Every error that the API server finds, in its order; [] where it takes the object.

    obj: Endpoints or EndpointSlice. old: the stored object that it would replace; without it, a creation.
    strict_ip: the gate StrictIPCIDRValidation, on since v1.36: no leading zeros, no IPv4-mapped IPv6.
    EncodeError where obj is of another kind, or old of another kind than obj.
    """
    if isinstance(obj, Endpoints):
        if old is not None and not isinstance(old, Endpoints):
            raise refused(old, "Endpoints")
        return _endpoints_errors(set_defaults(obj), None if old is None else set_defaults(old), strict_ip)
    if isinstance(obj, EndpointSlice):
        if old is not None and not isinstance(old, EndpointSlice):
            raise refused(old, "EndpointSlice")
        return slice_errors(set_defaults(obj), None if old is None else set_defaults(old), strict_ip)
    raise refused(obj)


def _endpoints_errors(new: Endpoints, old: Endpoints | None, strict: bool) -> list[FieldError]:
    """ValidateEndpointsCreate, ValidateEndpointsUpdate."""
    errors: list[FieldError] = []
    if old is not None:
        errors += object_meta.validate_update(new.metadata, old.metadata)
    errors += object_meta.validate(new.metadata)
    # Subsets that an update leaves as they are were valid once: their errors are not told.
    if old is None or new.subsets != old.subsets:
        for index, subset in enumerate(new.subsets):
            errors += _subset_errors(subset, f"subsets[{index}]", strict)
    return errors


def _subset_errors(subset: EndpointSubset, path: str, strict: bool) -> list[FieldError]:
    errors: list[FieldError] = []
    if not subset.addresses and not subset.notReadyAddresses:
        errors.append(required(path, NO_ADDRESS))
    for name, addresses in (("addresses", subset.addresses), ("notReadyAddresses", subset.notReadyAddresses)):
        for index, address in enumerate(addresses):
            errors += _address_errors(address, f"{path}.{name}[{index}]", strict)
    for index, port in enumerate(subset.ports):
        errors += _port_errors(port, len(subset.ports) > 1, f"{path}.ports[{index}]")
    return errors


def _address_errors(address: EndpointAddress, path: str, strict: bool) -> list[FieldError]:
    errors = [invalid(f"{path}.ip", address.ip, error) for error in ip.errors(address.ip, strict)]
    if address.hostname:
        found = names.dns_label(address.hostname)
        errors += [invalid(f"{path}.hostname", address.hostname, error) for error in found]
    if address.nodeName is not None:
        found = names.object_name(address.nodeName)
        errors += [invalid(f"{path}.nodeName", address.nodeName, error) for error in found]
    return errors + [invalid(f"{path}.ip", address.ip, error) for error in ip.range_errors(address.ip)]


def _port_errors(port: EndpointPort, name_required: bool, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    if port.name:
        errors += [invalid(f"{path}.name", port.name, error) for error in names.dns_label(port.name)]
    elif name_required:
        errors.append(required(f"{path}.name"))
    if not 1 <= port.port <= 65535:
        errors.append(invalid_number(f"{path}.port", port.port, "must be between 1 and 65535, inclusive"))
    if port.protocol not in PROTOCOLS:
        errors.append(not_supported(f"{path}.protocol", port.protocol, json_quote(port.protocol), PROTOCOLS))
    if port.appProtocol is not None:
        found = names.label_key(port.appProtocol)
        errors += [invalid(f"{path}.appProtocol", port.appProtocol, error) for error in found]
    return errors
