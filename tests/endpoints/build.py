"""Objects for tests, in few words."""

from __future__ import annotations

from typing import Any

from codec.api.core.v1 import EndpointAddress, EndpointPort, Endpoints, EndpointSubset, ObjectReference
from codec.api.discovery.v1 import Endpoint, EndpointConditions, EndpointSlice
from codec.api.discovery.v1 import EndpointPort as SlicePort
from codec.api.meta.v1 import ObjectMeta


def address(ip: str, uid: str | None = None, **more: Any) -> EndpointAddress:
    if uid is not None:
        more["targetRef"] = ObjectReference(kind="Pod", namespace="ns", name=f"pod-{uid}", uid=uid)
    return EndpointAddress(ip=ip, **more)


def port(number: int, name: str = "", protocol: str = "TCP", **more: Any) -> EndpointPort:
    return EndpointPort(port=number, name=name, protocol=protocol, **more)


def subset(ready: str = "", rest: str = "", *ports: EndpointPort) -> EndpointSubset:
    """Addresses as words."""
    return EndpointSubset(
        addresses=list(map(address, ready.split())),
        notReadyAddresses=list(map(address, rest.split())),
        ports=list(ports),
    )


def endpoints(*subsets: EndpointSubset, name: str = "svc", **meta: Any) -> Endpoints:
    return Endpoints(metadata=ObjectMeta(name=name, namespace="ns", **meta), subsets=list(subsets))


def endpoint(*addresses: str, ready: bool | None = True, **more: Any) -> Endpoint:
    conditions = EndpointConditions(
        ready=ready, **{key: more.pop(key) for key in ("serving", "terminating") if key in more}
    )
    return Endpoint(addresses=list(addresses), conditions=conditions, **more)


def endpoint_slice(
    *found: Endpoint, family: str = "IPv4", ports: tuple[SlicePort, ...] = (), **meta: Any
) -> EndpointSlice:
    labels = {"kubernetes.io/service-name": "svc", **meta.pop("labels", {})}
    metadata = ObjectMeta(name="svc-abc", namespace="ns", labels=labels, **meta)
    return EndpointSlice(metadata=metadata, addressType=family, endpoints=list(found), ports=list(ports))


def pods(count: int) -> list[EndpointAddress]:
    """Addresses as a Deployment's Pods have them."""
    return [
        EndpointAddress(
            ip=f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}",
            nodeName=f"node-{number % 500}",
            targetRef=ObjectReference(
                kind="Pod",
                namespace="prod",
                name=f"web-7d9f8b6c5d-{number:05}",
                uid=f"5f0c2d8e-9a41-4b7e-8c36-{number * 7919:012x}",
            ),
        )
        for number in range(count)
    ]
