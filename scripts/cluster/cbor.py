"""Stores custom resources as CBOR, behind the API server's feature gate for it, and keeps CBOR bodies."""

from __future__ import annotations

from pathlib import Path

from cluster.manifests import Creator
from cluster.rest import APIError
from cluster.servers import APIServer, Etcd
from cluster.values import read_all, write_lines

CBOR = "application/cbor"
TYPES = {
    "/registry/stable.example.com/crontabs/": ("stable.example.com/v1", "CronTab"),
    "/registry/stable.example.com/clusterpolicies/": ("stable.example.com/v1", "ClusterPolicy"),
    "/registry/apiextensions.k8s.io/customresourcedefinitions/": (
        "apiextensions.k8s.io/v1beta1",
        "CustomResourceDefinition",
    ),
    "/registry/apiregistration.k8s.io/apiservices/": ("apiregistration.k8s.io/v1", "APIService"),
}
BODIES = {
    "crontab-list.cbor": "/apis/stable.example.com/v1/namespaces/web/crontabs",
    "namespace.cbor": "/api/v1/namespaces/web",
}


def keep_cbor(manifests: Path, work: Path, folder: Path) -> list[str]:
    """`values.jsonl.gz`: every value that is CBOR; `*.cbor`: HTTP bodies. Gives refusals back."""
    work.mkdir()
    with Etcd(work) as etcd, APIServer(work, etcd.url, "--feature-gates=CBORServingAndStorage=true") as server:
        creator = Creator(server.api)
        creator.create_all(manifests, "00-*.yaml")
        creator.create_all(manifests, "9[01]-*.yaml")
        _, values = read_all(server.api, etcd.etcdctl, types=TYPES)
        for name, path in BODIES.items():
            answer = server.api.expect("GET", path, accept=CBOR)
            if answer.content_type != CBOR:
                raise APIError(f"GET {path} as CBOR: {answer.content_type}")
            (folder / name).write_bytes(answer.body)
    write_lines(folder / "values.jsonl.gz", (each.line() for each in values if is_cbor(each.stored.value)))
    return creator.refused


def is_cbor(value: bytes) -> bool:
    """RFC 8949's self-described tag, which Kubernetes always writes."""
    return value.startswith(b"\xd9\xd9\xf7")
