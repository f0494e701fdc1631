"""Stores objects under each encryption provider that the API server has, in one etcd.

The server is started once a provider, with that provider first, so that it encrypts what is written
then; the last configuration knows all keys, and can read everything."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from cluster.rest import API
from cluster.servers import APIServer, Etcd
from cluster.manifests import Creator
from cluster.values import read_all, write_lines

NAMESPACE = "vault"
RESOURCES = ["secrets", "configmaps", "endpoints", "crontabs.stable.example.com"]

# Encrypted values do not show their type: it is known by the key.
TYPES = {
    "/registry/secrets/": ("v1", "Secret"),
    "/registry/configmaps/": ("v1", "ConfigMap"),
    "/registry/services/endpoints/": ("v1", "Endpoints"),
    "/registry/stable.example.com/crontabs/": ("stable.example.com/v1", "CronTab"),
}

# Keys of 16, 24 and 32 bytes that nobody could mistake for secret ones.
CBC_NEW = {"aescbc": {"keys": [{"name": "cbc-new", "secret": base64.b64encode(b"fake-16-byte-key").decode()}]}}
CBC_OLD = {
    "aescbc": {"keys": [{"name": "cbc-old", "secret": base64.b64encode(b"fake-aescbc-key-of-32-bytes-long").decode()}]}
}
CBC_BOTH = {"aescbc": {"keys": [*CBC_NEW["aescbc"]["keys"], *CBC_OLD["aescbc"]["keys"]]}}
GCM = {
    "aesgcm": {
        "keys": [
            {"name": "gcm:with:colons", "secret": base64.b64encode(b"fake-aesgcm-key-24-bytes").decode()},
            {"name": "gcm-2", "secret": base64.b64encode(b"fake-aesgcm-key-of-32-bytes-long").decode()},
        ]
    }
}
SECRETBOX = {
    "secretbox": {"keys": [{"name": "box", "secret": base64.b64encode(b"fake-secretbox-key-of-32-bytes-l").decode()}]}
}
IDENTITY: dict[str, Any] = {"identity": {}}

# What is named after each phase is written with its first provider.
PHASES: dict[str, Sequence[dict[str, Any]]] = {
    "identity": [IDENTITY],
    "aescbc": [CBC_OLD, IDENTITY],
    "aescbc-rotated": [CBC_BOTH, IDENTITY],
    "aesgcm": [GCM, CBC_BOTH, IDENTITY],
    "secretbox": [SECRETBOX, GCM, CBC_BOTH, IDENTITY],
}


def configuration(providers: Sequence[dict[str, Any]]) -> str:
    """An EncryptionConfiguration as YAML."""
    rule = {"resources": RESOURCES, "providers": list(providers)}
    whole = {"apiVersion": "apiserver.config.k8s.io/v1", "kind": "EncryptionConfiguration", "resources": [rule]}
    return yaml.safe_dump(whole, sort_keys=False)


def create(api: API, name: str) -> None:
    """One object of each resource: two built-in kinds, one long enough for many cipher blocks, a custom one."""
    path = f"/api/v1/namespaces/{NAMESPACE}"
    metadata = {"name": name, "namespace": NAMESPACE}
    query = {"fieldManager": "kubectl-create"}
    api.expect("POST", f"{path}/secrets", query=query, body={
        "apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"password": f"fake-for-{name}"}})
    api.expect("POST", f"{path}/configmaps", query=query, body={
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"text": "0123456789abcdef" * 64}})
    api.expect("POST", f"{path}/endpoints", query=query, body={
        "apiVersion": "v1", "kind": "Endpoints", "metadata": metadata,
        "subsets": [{"addresses": [{"ip": "172.27.2.78"}], "ports": [{"name": "mysql", "port": 6033}]}]})
    api.expect("POST", f"/apis/stable.example.com/v1/namespaces/{NAMESPACE}/crontabs", query=query, body={
        "apiVersion": "stable.example.com/v1", "kind": "CronTab", "metadata": metadata,
        "spec": {"cronSpec": "*/5 * * * *", "image": "cron:1"}})  # fmt: skip


def keep_encrypted(manifests: Path, work: Path, folder: Path) -> list[str]:
    """`values.jsonl.gz`: every value of the namespace; `encryption-config.yaml`: decrypts them all.
    Gives refusals back."""
    work.mkdir()
    config = work / "encryption.yaml"
    refused: list[str] = []
    with Etcd(work) as etcd:
        for number, (name, providers) in enumerate(PHASES.items()):
            config.write_text(configuration(providers))
            with APIServer(work, etcd.url, f"--encryption-provider-config={config}") as server:
                if number == 0:
                    creator = Creator(server.api)
                    creator.create_all(manifests, "90-*.yaml")
                    refused += creator.refused
                    server.api.expect("POST", "/api/v1/namespaces", {
                        "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})  # fmt: skip
                create(server.api, name)
                if number == len(PHASES) - 1:
                    _, values = read_all(server.api, etcd.etcdctl, types=TYPES)
    kept = [each for each in values if any(each.stored.key.startswith(f"{prefix}{NAMESPACE}/") for prefix in TYPES)]
    write_lines(folder / "values.jsonl.gz", (each.line() for each in kept))
    (folder / "encryption-config.yaml").write_text(config.read_text())
    return refused
