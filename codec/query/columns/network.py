"""Services and what stands behind and before them: endpoints, ingresses, network policies, addresses.

Source: kubernetes pkg/printers/internalversion/printers.go; pkg/apis/{core,discovery}/v1/defaults.go,
pkg/registry/core/service/storage/storage.go defaultOnRead.
"""

from __future__ import annotations

from codec.query.columns import Columns
from codec.query.columns.formats import LIST_LENGTH, NONE, in_order, labels_text, selector_cell, shortened

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from codec.query.age import Clock
    from codec.query.columns import Cell

DEFAULT_CLASS = "ingressclass.kubernetes.io/is-default-class"


def service(obj: Any, clock: Clock) -> Sequence[Cell]:
    spec = obj.spec
    return (
        obj.metadata.name,
        spec.type or "ClusterIP",
        _cluster_ip(spec),
        _external_ip(obj),
        ",".join([_service_port(each) for each in spec.ports]) or NONE,
        clock.since(obj.metadata.creationTimestamp),
        labels_text(spec.selector),
    )


def _cluster_ip(spec: Any) -> str:
    # Services that were stored before v1.20 have no list. The API server fills it in when it reads them.
    if spec.clusterIPs:
        return str(spec.clusterIPs[0])
    return spec.clusterIP or NONE


def _external_ip(obj: Any) -> str:
    spec = obj.spec
    type = spec.type or "ClusterIP"
    if type in ("ClusterIP", "NodePort"):
        return ",".join(spec.externalIPs) or NONE
    if type == "LoadBalancer":
        balanced = _load_balancer(obj.status.loadBalancer)
        return ",".join(filter(None, (balanced, *spec.externalIPs))) or "<pending>"
    return str(spec.externalName) if type == "ExternalName" else "<unknown>"


def _load_balancer(status: Any) -> str:
    return ",".join(in_order({each.ip or each.hostname for each in status.ingress} - {""}))


def _service_port(port: Any) -> str:
    number = f"{port.port}:{port.nodePort}" if port.nodePort > 0 else f"{port.port}"
    return f"{number}/{port.protocol or 'TCP'}"


def endpoints(obj: Any, clock: Clock) -> Sequence[Cell]:
    return obj.metadata.name, _addresses(obj.subsets), clock.since(obj.metadata.creationTimestamp)


def _addresses(subsets: Sequence[Any]) -> str:
    """Each address with each port of its subset; the first three are made at all."""
    if not subsets:
        return NONE
    texts: list[str] = []
    count = 0
    for subset in subsets:
        for port in subset.ports or (None,):
            count += len(subset.addresses)
            for address in subset.addresses[: LIST_LENGTH - len(texts)]:
                texts.append(address.ip if port is None else _host_and_port(address.ip, port.port))
    shown = ",".join(texts)
    return f"{shown} + {count - LIST_LENGTH} more..." if count > LIST_LENGTH else shown


def _host_and_port(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def endpoint_slice(obj: Any, clock: Clock) -> Sequence[Cell]:
    # A port without a name is read as one with the name "".
    ports = [str(each.port) if each.port is not None else each.name or "" for each in obj.ports]
    addresses: list[str] = []
    count = 0
    for each in obj.endpoints:
        count += len(each.addresses)
        addresses += each.addresses[: LIST_LENGTH - len(addresses)]
    shown = ",".join(addresses)
    return (
        obj.metadata.name,
        getattr(obj, "addressType", "") or "",
        shortened(ports),
        f"{shown} + {count - LIST_LENGTH} more..." if count > LIST_LENGTH else shown or "<unset>",
        clock.since(obj.metadata.creationTimestamp),
    )


def ingress(obj: Any, clock: Clock) -> Sequence[Cell]:
    spec = obj.spec
    return (
        obj.metadata.name,
        NONE if spec.ingressClassName is None else spec.ingressClassName,
        _hosts(spec.rules),
        _load_balancer(obj.status.loadBalancer),
        "80, 443" if spec.tls else "80",
        clock.since(obj.metadata.creationTimestamp),
    )


def _hosts(rules: Sequence[Any]) -> str:
    """The first three hosts. What is more is counted by rules, those without a host too."""
    shown: list[str] = []
    for each in rules:
        if len(shown) == LIST_LENGTH:
            return f"{','.join(shown)} + {len(rules) - LIST_LENGTH} more..."
        if each.host:
            shown.append(each.host)
    return ",".join(shown) or "*"


def ingress_class(obj: Any, clock: Clock) -> Sequence[Cell]:
    name = obj.metadata.name
    if obj.metadata.annotations.get(DEFAULT_CLASS) == "true":
        name += " (default)"
    parameters = NONE
    found = obj.spec.parameters
    if found is not None:
        kind = found.kind if found.apiGroup is None else f"{found.kind}.{found.apiGroup}"
        parameters = f"{kind}/{found.name}"
    return name, obj.spec.controller, parameters, clock.since(obj.metadata.creationTimestamp)


def network_policy(obj: Any, clock: Clock) -> Sequence[Cell]:
    return obj.metadata.name, selector_cell(obj.spec.podSelector), clock.since(obj.metadata.creationTimestamp)


def service_cidr(obj: Any, clock: Clock) -> Sequence[Cell]:
    return obj.metadata.name, ",".join(obj.spec.cidrs), clock.since(obj.metadata.creationTimestamp)


def ip_address(obj: Any, clock: Clock) -> Sequence[Cell]:
    parent = obj.spec.parentRef
    text = NONE
    if parent is not None:
        resource = f"{parent.resource}.{parent.group}" if parent.group else parent.resource
        text = "/".join([resource.lower(), *filter(None, (parent.namespace,)), parent.name])
    return obj.metadata.name, text


COLUMNS = {
    ("", "Service"): Columns("Name,Type,Cluster-IP,External-IP,Port(s),Age,+Selector", service),
    ("", "Endpoints"): Columns("Name,Endpoints,Age", endpoints),
    ("discovery.k8s.io", "EndpointSlice"): Columns("Name,AddressType,Ports,Endpoints,Age", endpoint_slice),
    ("networking.k8s.io", "Ingress"): Columns("Name,Class,Hosts,Address,Ports,Age", ingress),
    ("networking.k8s.io", "IngressClass"): Columns("Name,Controller,Parameters,Age", ingress_class),
    ("networking.k8s.io", "NetworkPolicy"): Columns("Name,Pod-Selector,Age", network_policy),
    ("networking.k8s.io", "ServiceCIDR"): Columns("Name,CIDRs,Age", service_cidr),
    ("networking.k8s.io", "IPAddress"): Columns("Name,ParentRef", ip_address),
}
