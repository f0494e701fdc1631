"""Asks an API server, and kubectl, for tables of what etcd holds, each at a moment that is known to the second."""

from __future__ import annotations

import base64
import gzip
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Set
from http.client import HTTPException
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import quote

from generate import Wire

import codec
from cluster.build import BINARIES, ROOT, go_build, required_version
from cluster.etcdctl import Etcdctl
from cluster.rest import API, APIError, Resource
from cluster.servers import TOKEN
from codec.schema import builtin
from codec.storage.resources import of_kind

KUBECTL = ROOT / "scripts" / "go" / "kubectl"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
SECOND = 1_000_000_000  # nanoseconds
BOOTSTRAPPED = 4  # objects of a kind that the server made itself, that are kept
ATTEMPTS = 20

# Kinds of fixtures/kinds that make trouble for the server itself when they lie in its etcd.
LEFT_OUT = frozenset(("APIService", "CustomResourceDefinition", "RangeAllocation"))
# Versions that the server does not serve any more, and still reads.
OLDER = frozenset(
    (
        "apps/v1beta1", "apps/v1beta2", "batch/v1beta1", "discovery.k8s.io/v1beta1",
        "flowcontrol.apiserver.k8s.io/v1beta1", "flowcontrol.apiserver.k8s.io/v1beta2",
        "flowcontrol.apiserver.k8s.io/v1beta3", "networking.k8s.io/v1beta1", "policy/v1beta1", "storage.k8s.io/v1beta1",
        "rbac.authorization.k8s.io/v1beta1", "scheduling.k8s.io/v1beta1", "certificates.k8s.io/v1beta1",
    )
)  # fmt: skip

Line = dict[str, Any]


def build_kubectl() -> Path:
    """Builds kubectl, once for a release; its version command would need linker flags, so the name tells it."""
    binary = BINARIES / f"kubectl-{required_version(KUBECTL, 'k8s.io/kubectl')}"
    if not binary.exists():
        go_build(KUBECTL, ".", binary)
    return binary


def within_a_second(ask: Callable[[], Any]) -> tuple[int, Any]:
    """What `ask` gives, and the moment, in nanoseconds since 1970, asked again until it begins and ends in one second.

    All stored times are whole seconds, so that every age is the same throughout that second."""
    for _ in range(ATTEMPTS):
        time.sleep(1.02 - time.time() % 1)
        before = time.time_ns()
        found = ask()
        if time.time_ns() // SECOND == before // SECOND:
            return before, found
    raise SystemExit("no question was answered within a second")


def put_kinds(api: API, etcdctl: Etcdctl, count: int) -> dict[str, str]:
    """Puts the values of fixtures/kinds into etcd, but for those that the server cannot read. Key → the value's name.

    count: of values made at random that go there too, for each kind; they have no name.

    Each gets a name and a namespace of its own, which the server's cache wants."""
    names: dict[str, str] = {}
    served = {(version.rpartition("/")[0], kind): each for (version, kind), each in api.resources.items()}
    versions = {version for version, _ in api.resources} | OLDER
    for number, (version, kind, case, value) in enumerate(chain(stored_kinds(), random_kinds(versions, count))):
        known, resource = of_kind(version, kind), served.get((version.rpartition("/")[0], kind))
        if known is None or resource is None or version not in versions:
            continue
        try:
            obj: Any = codec.decode(value)
        except codec.CodecError:
            continue
        obj.metadata.name = f"made-{number:04}"
        obj.metadata.namespace = "kinds" if resource.namespaced else ""
        key, value = codec.key(obj), codec.encode(obj)
        put(etcdctl, key, value)
        if is_printed(api, resource.path("kinds", obj.metadata.name)):
            names[key] = case and f"{version} {kind} {case}"
        else:
            etcdctl.output("del", key)
    return names


def is_printed(api: API, path: str) -> bool:
    """Whether the server can make a table of an object. Some that its registry would never take make it panic."""
    try:
        return api.request("GET", path, accept=TABLE).status == 200
    except (OSError, HTTPException):
        return False


def stored_kinds() -> Iterator[tuple[str, str, str, bytes]]:
    """apiVersion, kind and case of values of fixtures/kinds, and their bytes."""
    for path in sorted((ROOT / "fixtures" / "kinds").glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for line in map(json.loads, file):
                if not line["case"].startswith("field:") and line["kind"] not in LEFT_OUT:
                    yield line["apiVersion"], line["kind"], line["case"], base64.b64decode(line["pb"])


def random_kinds(versions: Set[str], count: int) -> Iterator[tuple[str, str, str, bytes]]:
    """As stored_kinds, made at random of those versions; there is no case."""
    for version, kind in builtin().kinds():
        schema = builtin().find(version, kind)
        if version in versions and kind not in LEFT_OUT and schema is not None:
            for number in range(count):
                seed = f"{version} {kind} {number} {time.time_ns()}"
                yield version, kind, "", Wire(seed, strange=number % 2 == 1).stored(version, kind, schema)


def first_served(api: API) -> dict[tuple[str, str], Resource]:
    """Group and plural → the version that discovery puts first."""
    found: dict[tuple[str, str], Resource] = {}
    for (version, _), resource in api.resources.items():
        found.setdefault((version.rpartition("/")[0], resource.plural), resource)
    return found


def table_lines(api: API, etcdctl: Etcdctl, own: set[str], references: dict[str, str]) -> Iterator[Line]:
    """For each resource a line with its columns, then one for each object.

    own: the keys of all that was put there; of others a few are kept. references: the names of values of
    fixtures/kinds, by key."""
    for (group, plural), resource in first_served(api).items():
        # The former is not stored; the latter are the same objects as those of the core group.
        if (group, plural) in (("", "componentstatuses"), ("events.k8s.io", "events")):
            continue
        lines = tables_of(api, etcdctl, resource, own, references)
        if lines:
            yield {"group": group, "resource": plural, **lines[0]}
            yield from lines[1:]


def tables_of(api: API, etcdctl: Etcdctl, resource: Resource, own: set[str], references: dict[str, str]) -> list[Line]:
    for _ in range(ATTEMPTS):
        moment, rows, columns = rows_of(api, resource)
        stored = {each.mod_revision: each for each in etcdctl.range("/registry/")[1]}
        if all(int(row["object"]["metadata"]["resourceVersion"]) in stored for row in rows):
            break
    else:
        raise SystemExit(f"{resource.plural} change too often")
    if not rows:
        return []
    shown = ("name", "type", "format", "priority")
    lines: list[Line] = [{"now": moment, "columns": [{name: each[name] for name in shown} for each in columns]}]
    others = 0
    for row in rows:
        value = stored[int(row["object"]["metadata"]["resourceVersion"])]
        others += value.key not in own
        if value.key not in own and others > BOOTSTRAPPED:
            continue
        line: Line = {"key": value.key, "cells": row["cells"]}
        if references.get(value.key):
            line["kinds"] = references[value.key]
        else:
            line["value"] = base64.b64encode(value.value).decode()
        lines.append(line)
    return lines


def rows_of(api: API, resource: Resource) -> tuple[int, list[Any], list[Any]]:
    """The moment, all rows of a resource, and its columns."""

    def ask() -> Any:
        return api.expect("GET", resource.path(""), accept=TABLE).json()

    for _ in range(ATTEMPTS):
        try:
            moment, table = within_a_second(ask)
        except APIError as error:  # a cache that is not filled yet
            print(f"again: {error}", file=sys.stderr)
        else:
            return moment, table["rows"], table["columnDefinitions"]
    raise SystemExit(f"{resource.plural} cannot be listed")


class Kubectl:
    """The real kubectl against one server. Its texts are kept with the moment at which it asked."""

    def __init__(self, binary: Path, api: API, folder: Path) -> None:
        self.base = [
            str(binary), f"--server=https://127.0.0.1:{api.port}", f"--certificate-authority={api.certificate}",
            f"--token={TOKEN}",
        ]  # fmt: skip
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "KUBECONFIG": os.devnull}

    def get(self, *arguments: str) -> str:
        done = subprocess.run(
            [*self.base, "get", *arguments],
            capture_output=True,
            text=True,
            check=False,
            env=self.environment,
        )
        if done.returncode:
            raise SystemExit(f"kubectl get {' '.join(arguments)}: {done.stderr}")
        return done.stdout

    def line(self, *arguments: str) -> Line:
        self.get(*arguments)  # fills its cache of what the server serves
        moment, text = within_a_second(lambda: self.get(*arguments))
        return {"arguments": list(arguments), "now": moment, "text": text}


def put(etcdctl: Etcdctl, key: str, value: bytes) -> None:
    subprocess.run(etcdctl.command("put", quote(key, safe="/:._-")), input=value, check=True, stdout=subprocess.DEVNULL)


def write_lines(path: Path, lines: list[Line]) -> None:
    data = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()
    path.write_bytes(gzip.compress(data, mtime=0))
