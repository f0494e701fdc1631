"""What the API server says about an EndpointSlice (pkg/apis/discovery/validation/validation.go)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codec.endpoints import ip, names, object_meta
from codec.endpoints.field_error import (
    FieldError,
    duplicate,
    internal_error,
    invalid,
    invalid_json,
    not_supported,
    required,
    too_many,
)
from codec.endpoints.object_meta import IMMUTABLE
from codec.endpoints.quoting import quote
from codec.text.json_writer import quote as json_quote

if TYPE_CHECKING:
    from codec.api.discovery.v1 import Endpoint, EndpointHints, EndpointPort, EndpointSlice

PROTOCOLS = ("SCTP", "TCP", "UDP")
ADDRESS_TYPES = ("FQDN", "IPv4", "IPv6")
ENDPOINTS = 1000  # of a slice
ADDRESSES = 100  # of an endpoint
PORTS = 20_000
TOPOLOGY_LABELS = 16
ZONE_HINTS = 8
NODE_HINTS = 8
ZONE_LABEL = "topology.kubernetes.io/zone"


def slice_errors(new: EndpointSlice, old: EndpointSlice | None, strict: bool) -> list[FieldError]:
    """ValidateEndpointSliceCreate, ValidateEndpointSliceUpdate, of defaulted objects."""
    errors = object_meta.validate(new.metadata)
    if not new.addressType:
        errors.append(required("addressType"))
    elif new.addressType not in ADDRESS_TYPES:
        errors.append(not_supported("addressType", new.addressType, json_quote(new.addressType), ADDRESS_TYPES))
    errors += _ports_errors(new.ports, "ports")
    # Endpoints that an update leaves as they are were valid once: their errors are not told.
    if old is None or new.endpoints != old.endpoints:
        errors += _endpoints_errors(new.endpoints, new.addressType, "endpoints", strict)
    if old is not None and new.addressType != old.addressType:
        errors.append(invalid_json("addressType", new.addressType, json_quote(new.addressType), IMMUTABLE))
    return errors


def _ports_errors(ports: list[EndpointPort], path: str) -> list[FieldError]:
    if len(ports) > PORTS:
        return [too_many(path, len(ports), PORTS)]
    errors: list[FieldError] = []
    seen: set[str] = set()
    for index, port in enumerate(ports):
        here = f"{path}[{index}]"
        name, protocol = port.name or "", port.protocol or ""
        if name:
            errors += [invalid(f"{here}.name", name, error) for error in names.dns_label(name)]
        if name in seen:
            errors.append(duplicate(f"{here}.name", name, json_quote(name)))
        seen.add(name)
        if protocol not in PROTOCOLS:
            errors.append(not_supported(f"{here}.protocol", protocol, json_quote(protocol), PROTOCOLS))
        if port.appProtocol is not None:
            found = names.label_key(port.appProtocol)
            errors += [invalid(f"{here}.appProtocol", port.appProtocol, error) for error in found]
    return errors


def _endpoints_errors(endpoints: list[Endpoint], address_type: str, path: str, strict: bool) -> list[FieldError]:
    if len(endpoints) > ENDPOINTS:
        return [too_many(path, len(endpoints), ENDPOINTS)]
    errors: list[FieldError] = []
    for index, endpoint in enumerate(endpoints):
        errors += _endpoint_errors(endpoint, address_type, f"{path}[{index}]", strict)
    return errors


def _endpoint_errors(endpoint: Endpoint, address_type: str, path: str, strict: bool) -> list[FieldError]:
    addresses = f"{path}.addresses"
    errors: list[FieldError] = []
    if not endpoint.addresses:
        errors.append(required(addresses, "must contain at least 1 address"))
    elif len(endpoint.addresses) > ADDRESSES:
        errors.append(too_many(addresses, len(endpoint.addresses), ADDRESSES))
    for index, address in enumerate(endpoint.addresses):
        errors += _address_errors(address, address_type, addresses, index, strict)
    if endpoint.nodeName is not None:
        found = names.object_name(endpoint.nodeName)
        errors += [invalid(f"{path}.nodeName", endpoint.nodeName, error) for error in found]
    topology = f"{path}.deprecatedTopology"
    if len(endpoint.deprecatedTopology) > TOPOLOGY_LABELS:
        errors.append(too_many(topology, len(endpoint.deprecatedTopology), TOPOLOGY_LABELS))
    errors += object_meta.labels(endpoint.deprecatedTopology, topology)
    if ZONE_LABEL in endpoint.deprecatedTopology:
        errors.append(internal_error(f"{topology}[{ZONE_LABEL}]", "reserved key was not removed in conversion"))
    if endpoint.hostname is not None:
        found = names.dns_label(endpoint.hostname)
        errors += [invalid(f"{path}.hostname", endpoint.hostname, error) for error in found]
    if endpoint.hints is not None:
        errors += _hints_errors(endpoint.hints, f"{path}.hints")
    return errors


def _address_errors(address: str, address_type: str, path: str, index: int, strict: bool) -> list[FieldError]:
    """One address of an endpoint. That it is of the other family is told of the whole list, without an index."""
    here = f"{path}[{index}]"
    if address_type == "FQDN":
        if not address:
            return [required(here)]
        refused = names.domain_name(address)
        return [] if refused is None else [invalid(here, *refused)]
    if address_type not in ("IPv4", "IPv6"):
        return []
    found = ip.errors(address, strict or address_type == "IPv6")
    parsed = ip.parse(address)
    if found or parsed is None:
        return [invalid(here, address, error) for error in found]
    if address_type == "IPv6":
        canonical = ip.canonical(parsed)
        if address != canonical:
            return [invalid(here, address, f"must be in canonical form ({quote(canonical)})")]
    errors: list[FieldError] = []
    if len(parsed) != (4 if address_type == "IPv4" else 16):
        errors.append(invalid(path, address, f"must be an {address_type} address"))
    return errors + [invalid(here, address, error) for error in ip.range_errors(address)]


def _hints_errors(hints: EndpointHints, path: str) -> list[FieldError]:
    """Hints for zones, then for nodes; too many of the first end it (validateHints)."""
    zones = f"{path}.forZones"
    if len(hints.forZones) > ZONE_HINTS:
        return [too_many(zones, len(hints.forZones), ZONE_HINTS)]
    errors: list[FieldError] = []
    seen: set[str] = set()
    for index, zone in enumerate(hints.forZones):
        here = f"{zones}[{index}].name"
        if zone.name in seen:
            errors.append(duplicate(here, zone.name, quote(zone.name)))
        seen.add(zone.name)
        errors += [invalid(here, zone.name, error) for error in names.label_value(zone.name)]
    nodes = f"{path}.forNodes"
    if len(hints.forNodes) > NODE_HINTS:
        return [*errors, too_many(nodes, len(hints.forNodes), NODE_HINTS)]
    seen = set()
    for index, node in enumerate(hints.forNodes):
        here = f"{nodes}[{index}].name"
        if node.name in seen:
            errors.append(duplicate(here, node.name, quote(node.name)))
        seen.add(node.name)
        errors += [invalid(here, node.name, error) for error in names.object_name(node.name)]
    return errors
