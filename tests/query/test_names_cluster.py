"""Names of resource types, and selectors: what they are and mean to a real kube-apiserver."""

from __future__ import annotations

import http.client
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from query.memory import Memory

import codec
from codec.query.catalog import Catalog
from codec.query.resources import builtin
from codec.query.select import select

ROOT = Path(__file__).resolve().parents[2]
BINARIES = ROOT / ".cache" / "bin"
pytestmark = pytest.mark.skipif(
    not all((BINARIES / name).exists() for name in ("kube-apiserver", "etcd", "etcdctl"))
    or not shutil.which("openssl"),
    reason="no kube-apiserver: run `scripts/capture --build`",
)
# What no database holds: answers to questions, and what the API server makes up.
NOT_STORED = frozenset(
    ["bindings", "componentstatuses", "localsubjectaccessreviews", "selfsubjectaccessreviews", "selfsubjectreviews",
     "selfsubjectrulesreviews", "subjectaccessreviews", "tokenreviews"]
)  # fmt: skip
DEFINITION = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "gadgets.example.com"},
    "spec": {
        "group": "example.com",
        "scope": "Namespaced",
        "names": {
            "plural": "gadgets", "singular": "gadget", "kind": "Gadget", "shortNames": ["gd"], "categories": ["all"]
        },
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
            }
        ],
    },
}  # fmt: skip
SELECTORS = (
    "app=web",
    "app!=web",
    "app",
    "!app",
    "tier in (a,b)",
    "tier notin (a)",
    "app,tier=b",
    "n>5",
    "app in (web,)",
)
WITHIN = 30.0  # seconds until a new custom resource is served


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, Path]]:
    """The API, and the data directory of its etcd."""
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        from cluster.servers import APIServer, Etcd
    finally:
        sys.path.remove(str(ROOT / "scripts"))
    work = tmp_path_factory.mktemp("cluster")
    with Etcd(work) as etcd, APIServer(work, etcd.url) as server:
        yield server.api, next(path.parent.parent.parent for path in work.rglob("member/snap/db"))
        if server.api.connection is not None:
            server.api.connection.close()


def resources(api: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """The group and what discovery says of each resource."""
    groups = api.expect("GET", "/apis").json()["groups"]
    for version in ["v1", *(each["groupVersion"] for group in groups for each in group["versions"])]:
        path = f"/apis/{version}" if "/" in version else f"/api/{version}"
        for each in api.expect("GET", path).json()["resources"]:
            if "/" not in each["name"]:
                yield version.rpartition("/")[0], each


def test_every_name_is_that_of_the_api_server(cluster: tuple[Any, Path]) -> None:
    api, _ = cluster
    catalog = Catalog(Memory())
    seen = set()
    for group, each in resources(api):
        if each["name"] in NOT_STORED:
            continue
        full = f"{each['name']}.{group}"
        for word in (each["name"], each["singularName"], each["kind"], *each.get("shortNames", ()), full):
            (found,) = catalog.find(word)
            assert (found.plural, found.kind, found.namespaced) == (each["name"], each["kind"], each["namespaced"]), (
                word
            )
        (found,) = catalog.find(full)
        assert found.names == {
            each["name"], each["singularName"], each["kind"].lower(), *each.get("shortNames", ())
        }  # fmt: skip
        assert found.categories == set(each.get("categories", ()))
        seen.add(found.path)
    # The others are of releases before or after it.
    assert len(seen) > 60
    assert {"pods", "services/specs", "ingress", "events"} <= seen <= set(builtin())


def test_labels_and_custom_resources_of_a_running_cluster(cluster: tuple[Any, Path]) -> None:
    api, data = cluster
    api.expect("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", DEFINITION)
    until = time.monotonic() + WITHIN
    while True:
        try:
            if api.request("GET", "/apis/example.com/v1/namespaces/default/gadgets").status == 200:
                break
        except http.client.HTTPException:
            assert time.monotonic() < until
        assert time.monotonic() < until, "the custom resource is not served"
        time.sleep(0.2)
    sets: list[dict[str, str]] = [{}, {"app": "web"}, {"app": ""}, {"app": "db", "tier": "a"}, {"tier": "b", "n": "7"}]
    for kind, path in (
        ("ConfigMap", "/api/v1/namespaces/default/configmaps"),
        ("Gadget", "/apis/example.com/v1/namespaces/default/gadgets"),
    ):
        version = "v1" if kind == "ConfigMap" else "example.com/v1"
        for number, labels in enumerate(sets):
            body = {"apiVersion": version, "kind": kind, "metadata": {"name": f"x{number}", "labels": labels}}
            api.expect("POST", path, body)
        with codec.open(data) as source:
            for selector in SELECTORS:
                items = api.expect("GET", path, query={"labelSelector": selector}).json()["items"]
                served = [(item["metadata"]["name"], item["metadata"]["resourceVersion"]) for item in items]
                word = {"ConfigMap": "cm", "Gadget": "gd"}[kind]
                rows = select(source, [word], namespace="default", labels=selector).rows()
                assert [(row.name, str(row.stored.mod_revision)) for row in rows] == served, selector
                for row, item in zip(
                    select(source, [word], namespace="default", labels=selector).rows(), items, strict=True
                ):
                    assert row.tree(str(row.stored.mod_revision)) == {**item, "apiVersion": version, "kind": kind}
            in_all = {row.kind for row in select(source, ["all"], namespace="default").rows()}
            assert in_all == {"Service"} | ({"Gadget"} if kind == "Gadget" else set())
