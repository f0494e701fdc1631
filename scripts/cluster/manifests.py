"""Creates the objects of a folder of manifests in a running API server, and sends the edits that follow.

Files `NN-subject.yaml` hold objects, in the order of their names. A top-level `status` goes through the
status subresource. `!uid Kind/namespace/name` stands for the uid that the server gave to an earlier
object. `edits.yaml` holds single requests: method, path, and what goes with them."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from cluster.rest import API, JSON, APIError, Resource

CREATOR = "kubectl-create"  # the field manager of what manifests say
CONTROLLER = "kube-controller-manager"  # the field manager of status
NODE_AGENT = "kubelet"  # … of Pods and Nodes
FOUND_WITHIN = 30.0  # seconds until a new custom resource is served


class UID(str):
    """`Kind/namespace/name` of the object whose uid is meant."""


class Loader(yaml.SafeLoader):
    """YAML as manifests use it: timestamps stay text, `!uid` names an object."""

    yaml_implicit_resolvers = {
        first: [rule for rule in rules if rule[0] != "tag:yaml.org,2002:timestamp"]
        for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def construct_uid(loader: Loader, node: yaml.ScalarNode) -> UID:
    return UID(loader.construct_scalar(node))


Loader.add_constructor("!uid", construct_uid)


def objects(folder: Path, pattern: str) -> Iterator[dict[str, Any]]:
    """Every object of the folder's files of that pattern."""
    for path in sorted(folder.glob(pattern)):
        yield from (each for each in yaml.load_all(path.read_text(), Loader) if each)


class Creator:
    """Sends objects to one server and remembers their uids, and what it refused."""

    def __init__(self, api: API) -> None:
        self.api = api
        self.uids: dict[str, str] = {}
        self.refused: list[str] = []

    def resolve(self, value: Any) -> Any:
        """The value with each `!uid` replaced."""
        if isinstance(value, UID):
            if value not in self.uids:
                raise APIError(f"{value} was not created, and its uid is wanted")
            return self.uids[value]
        if isinstance(value, dict):
            return {key: self.resolve(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self.resolve(each) for each in value]
        return value

    def served(self, version: str, kind: str) -> Resource:
        until = time.monotonic() + FOUND_WITHIN
        while (resource := self.api.resource(version, kind)) is None:
            if time.monotonic() > until:
                raise APIError(f"{version} {kind} is not served")
            time.sleep(0.2)
        return resource

    def create(self, manifest: dict[str, Any]) -> None:
        """One object, then its status."""
        given = self.resolve(manifest)
        kind, metadata, status = given["kind"], given["metadata"], given.pop("status", None)
        resource = self.served(given["apiVersion"], kind)
        namespace = metadata.get("namespace", "default") if resource.namespaced else ""
        answer = self.api.expect("POST", resource.path(namespace), given, query={"fieldManager": CREATOR}).json()
        self.uids["/".join(each for each in (kind, namespace, metadata["name"]) if each)] = answer["metadata"]["uid"]
        if status is not None:
            if not resource.has_status:
                raise APIError(f"{kind} {metadata['name']} has no status subresource")
            self.api.expect(
                "PATCH",
                resource.path(namespace, metadata["name"], "status"),
                {"status": status},
                query={"fieldManager": NODE_AGENT if kind in ("Pod", "Node") else CONTROLLER},
                content_type="application/merge-patch+json",
            )

    def refuse(self, words: str) -> None:
        print(f"refused: {words}", file=sys.stderr)
        self.refused.append(words)

    def create_all(self, folder: Path, pattern: str = "[0-9]*.yaml") -> None:
        """Every object of the folder's files of that pattern; a refused one is noted in `refused`."""
        for manifest in objects(folder, pattern):
            try:
                self.create(manifest)
            except APIError as error:
                self.refuse(f"{manifest['kind']} {manifest['metadata']['name']}: {error}")

    def edit_all(self, path: Path) -> None:
        """The requests of a file, in order; each has `method`, `path` and perhaps `query`, `contentType`, `body`."""
        for each in yaml.load(path.read_text(), Loader):
            try:
                self.api.expect(
                    each["method"],
                    each["path"],
                    self.resolve(each.get("body")),
                    query=each.get("query"),
                    content_type=each.get("contentType", JSON),
                )
            except APIError as error:
                self.refuse(str(error))
