"""The values that are measured: made at a given size, or taken from what a real API server stored."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import codec
from codec.api.core.v1 import (
    ConfigMap,
    EndpointAddress,
    EndpointPort,
    Endpoints,
    EndpointSubset,
    ObjectReference,
    Secret,
)
from codec.api.discovery.v1 import Endpoint, EndpointConditions, EndpointSlice
from codec.api.discovery.v1 import EndpointPort as SlicePort
from codec.api.meta.v1 import ObjectMeta
from codec.types import Time

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
# Stored as JSON by the one side and as protobuf by the other; see codec.storage.
JSON_GROUPS = ("apiextensions.k8s.io/", "apiregistration.k8s.io/")


def reference(i: int) -> ObjectReference:
    return ObjectReference(
        kind="Pod", namespace="biz-prod-qe2bu3", name=f"platform-mysql-{i}", uid=f"5f0c8f6e-1f0a-4b7e-9d55-{i:012x}"
    )


def address(i: int) -> str:
    return f"{10 + i // 62_500}.27.{i // 250 % 250}.{i % 250 + 1}"


def meta(name: str) -> ObjectMeta:
    return ObjectMeta(
        name=name,
        namespace="biz-prod-qe2bu3",
        uid="c6f3b3a2-6b5d-4a4f-8a51-6f1a9f3f7f10",
        creationTimestamp=Time(1_760_000_000),
        labels={"app": name},
    )


def endpoints(count: int) -> bytes:
    addresses = [
        EndpointAddress(ip=address(i), nodeName=f"node-{i % 60}", targetRef=reference(i)) for i in range(count)
    ]
    ports = [EndpointPort(name="mysql", port=6033, protocol="TCP")]
    subsets = [EndpointSubset(addresses=addresses, ports=ports)]
    return codec.encode(Endpoints(metadata=meta("platform-mysql"), subsets=subsets))


def endpoint_slice(count: int) -> bytes:
    found = [
        Endpoint(
            addresses=[address(i)],
            conditions=EndpointConditions(ready=True, serving=True, terminating=False),
            nodeName=f"node-{i % 60}",
            targetRef=reference(i),
        )
        for i in range(count)
    ]
    ports = [SlicePort(name="mysql", port=6033, protocol="TCP")]
    made = EndpointSlice(metadata=meta("platform-mysql-x7k2p"), addressType="IPv4", endpoints=found, ports=ports)
    return codec.encode(made)


def config_map(size: int) -> bytes:
    line = "innodb_buffer_pool_size = 4G  # half of <memory> & then some\n"
    text = "[mysqld]\n" + line * (size // 2 // len(line))
    return codec.encode(ConfigMap(metadata=meta("settings"), data={"my.cnf": text, "other.cnf": text}))


def secret(size: int) -> bytes:
    data = bytes((i * 7 + i // 251) & 255 for i in range(size))
    return codec.encode(Secret(metadata=meta("keystore"), data={"keystore.jks": data}, type="Opaque"))


def lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def captured(kind: str, size: int) -> bytes:
    """The value of the kind nearest in size among those that a real API server stored."""
    found = []
    for value in lines(FIXTURES / "etcd" / "values.jsonl.gz"):
        raw = base64.b64decode(value["value"])
        if value["kind"] == kind and raw.startswith(b"k8s\0"):
            found.append(raw)
    return min(found, key=lambda raw: abs(len(raw) - size))


def pods(count: int) -> list[bytes]:
    """Different Pods, each of the size of one that a real API server stored."""
    pod: Any = codec.decode(captured("Pod", 4500))
    found = []
    for i in range(count):
        pod.metadata.name = f"platform-mysql-{i}"
        pod.metadata.uid = f"5f0c8f6e-1f0a-4b7e-9d55-{i:012x}"
        found.append(codec.encode(pod))
    return found


def all_fixtures() -> list[bytes]:
    """Every golden value but watch events, which API servers do not store."""
    found = []
    for path in sorted((FIXTURES / "kinds").glob("*.jsonl.gz")):
        for value in lines(path):
            if value["kind"] != "WatchEvent" and not value["apiVersion"].startswith(JSON_GROUPS):
                found.append(base64.b64decode(value["pb"]))
    return found


INPUTS = {
    "Pod": lambda: [captured("Pod", 4500)],
    "EndpointSlice 100": lambda: [endpoint_slice(100)],
    "Endpoints 1000": lambda: [endpoints(1000)],
    "ConfigMap 20 KB": lambda: [config_map(20_000)],
    "Endpoints 3": lambda: [endpoints(3)],
    "Deployment": lambda: [captured("Deployment", 3000)],
    "Event": lambda: [captured("Event", 800)],
    "Secret 900 KB": lambda: [secret(900_000)],
    "fixtures": all_fixtures,
}
