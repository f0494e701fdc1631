"""Reads every stored value and, at the same moment, what the API serves for it."""

from __future__ import annotations

import base64
import gzip
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from cluster.etcdctl import Etcdctl, KeyValue
from cluster.rest import API, PROTOBUF

ENVELOPE = b"k8s\x00"  # what a protobuf value starts with; apimachinery pkg/runtime/serializer/protobuf
NO_TYPES: Mapping[str, tuple[str, str]] = {}
ATTEMPTS = 20  # of reading everything between two renewals of a lease

# Kinds whose protobuf HTTP body is kept too.
WITH_PROTOBUF = {
    "ConfigMap", "Deployment", "Endpoints", "EndpointSlice", "Event", "Job", "Lease", "Node", "PersistentVolumeClaim",
    "Pod", "Secret", "Service", "StatefulSet", "ValidatingAdmissionPolicy",
}  # fmt: skip
OWN_NAMESPACES = ("biz-prod-qe2bu3", "web", "batch", "kube-node-lease")


@dataclass
class Value:
    """A stored value and the API's view of it: `json` and `protobuf` are exact bodies, None where there is none."""

    stored: KeyValue
    api_version: str
    kind: str
    path: str | None = None
    json: str | None = None
    protobuf: bytes | None = None

    @property
    def uid(self) -> str:
        """The object's uid as the API shows it; empty where no API serves it."""
        uid: str = json.loads(self.json)["metadata"]["uid"] if self.json else ""
        return uid

    def line(self) -> str:
        fields: dict[str, object] = {
            "key": self.stored.key,
            "mod_revision": self.stored.mod_revision,
            "apiVersion": self.api_version,
            "kind": self.kind,
            "path": self.path,
            "value": base64.b64encode(self.stored.value).decode(),
            "json": self.json,
        }
        if self.protobuf is not None:
            fields["protobuf"] = base64.b64encode(self.protobuf).decode()
        return json.dumps(fields, ensure_ascii=False)


def short_strings(message: bytes) -> list[str]:
    """The length-delimited fields at a message's start, for the TypeMeta of an envelope: two short strings."""
    found, at = [], 0
    while at < len(message):
        length = message[at + 1]
        found.append(message[at + 2 : at + 2 + length].decode())
        at += 2 + length
    return found


def type_of(value: bytes) -> tuple[str, str]:
    """apiVersion and kind of a stored protobuf, JSON or YAML value, read without the library that is under test."""
    if value.startswith(ENVELOPE):
        length = value[len(ENVELOPE) + 1]
        version, kind = short_strings(value[len(ENVELOPE) + 2 : len(ENVELOPE) + 2 + length])
        return version, kind
    if value.startswith(b"{"):
        head = json.loads(value)
        return head["apiVersion"], head["kind"]
    head = yaml.safe_load(value)
    return head["apiVersion"], head["kind"]


def place_of(key: str) -> tuple[str, str]:
    """Namespace and name that a key of a namespaced resource ends with."""
    *_, namespace, name = key.split("/")
    return namespace, name


def read(api: API, stored: KeyValue, types: Mapping[str, tuple[str, str]]) -> Value:
    """The value with the API's JSON of it: in the stored apiVersion, or else in one that is served."""
    by_key = (type_meta for prefix, type_meta in types.items() if stored.key.startswith(prefix))
    version, kind = next(by_key, None) or type_of(stored.value)
    value = Value(stored, version, kind)
    group = version.rpartition("/")[0]
    candidates = [version, *(each for each, its_kind in api.resources if each.rpartition("/")[0] == group)]
    resource = next((found for each in candidates if (found := api.resources.get((each, kind)))), None)
    namespace, name = place_of(stored.key)
    if resource is None:
        return value
    path = resource.path(namespace if resource.namespaced else "", name)
    body = api.request("GET", path)
    # /registry/masterleases and /registry/peerserverleases hold Endpoints that no API serves, RangeAllocations
    # are served nowhere: asking gives another object or none.
    if body.status != 200 or int(body.json()["metadata"]["resourceVersion"]) != stored.mod_revision:
        return value
    value.path, value.json = path, body.body.decode()
    if kind in WITH_PROTOBUF and (namespace in OWN_NAMESPACES or not resource.namespaced):
        value.protobuf = api.expect("GET", path, accept=PROTOBUF).body
    return value


def read_all(
    api: API, etcdctl: Etcdctl, prefix: str = "/registry/", types: Mapping[str, tuple[str, str]] = NO_TYPES
) -> tuple[int, list[Value]]:
    """Every value under a prefix and the one revision of etcd at which all of them, and their JSON, hold.

    `types` gives apiVersion and kind by the start of the key, for values that do not show them."""
    api.discover()
    for _ in range(ATTEMPTS):
        before, stored = etcdctl.range(prefix)
        values = [read(api, each, types) for each in stored]
        after, _ = etcdctl.range(prefix)
        if before == after:
            return before, values
    raise SystemExit("etcd never stood still for as long as reading everything takes")


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """A gzip file of lines whose bytes depend on the lines alone."""
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=packed, compresslevel=9, mtime=0) as file:
        file.write("".join(f"{line}\n" for line in lines).encode())
    path.write_bytes(packed.getvalue())
