"""Stores objects under each encryption provider that the API server has, in one etcd.

The server is started once a provider, with that provider first, so that it encrypts what is written
then; the last configuration knows all keys, and can read everything."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from cluster.build import BINARIES
from cluster.manifests import Creator
from cluster.servers import APIServer, Etcd, Server
from cluster.values import read_all, write_lines

NAMESPACE = "vault"
SOCKET = "kms.sock"
SOCKET_URL = "unix:///run/kms.sock"  # in the configuration that is kept; in use, the real path stands there

# Encrypted values do not show their type: it is known by the key.
TYPES = {
    "/registry/secrets/": ("v1", "Secret"),
    "/registry/configmaps/": ("v1", "ConfigMap"),
    "/registry/services/endpoints/": ("v1", "Endpoints"),
    "/registry/stable.example.com/crontabs/": ("stable.example.com/v1", "CronTab"),
}
RESOURCES = ["secrets", "configmaps", "endpoints", "crontabs.stable.example.com"]

Provider = dict[str, Any]


def keys(**named: str) -> Provider:
    """The part of a provider that lists its keys; no text given here could be mistaken for a secret one."""
    return {"keys": [{"name": name, "secret": b64encode(text.encode()).decode()} for name, text in named.items()]}


CBC_OLD: Provider = {"aescbc": keys(old="fake-aescbc-key-of-32-bytes-long")}
CBC: Provider = {"aescbc": keys(new="fake-16-byte-key", old="fake-aescbc-key-of-32-bytes-long")}
GCM: Provider = {
    "aesgcm": keys(**{"gcm:with:colons": "fake-aesgcm-key-24-bytes", "2": "fake-aesgcm-key-of-32-bytes-long"})
}
SECRETBOX: Provider = {"secretbox": keys(box="fake-secretbox-key-of-32-bytes-l")}
KMS_1: Provider = {"kms": {"apiVersion": "v1", "name": "hsm-1", "cachesize": 10, "endpoint": SOCKET_URL}}
KMS_2: Provider = {"kms": {"apiVersion": "v2", "name": "hsm-2", "endpoint": SOCKET_URL}}
IDENTITY: Provider = {"identity": {}}

# What is named after a phase is written by its first provider.
PHASES: dict[str, Sequence[Provider]] = {
    "identity": [IDENTITY],
    "aescbc": [CBC_OLD, IDENTITY],
    "aescbc-rotated": [CBC, IDENTITY],
    "aesgcm": [GCM, CBC, IDENTITY],
    "secretbox": [SECRETBOX, GCM, CBC, IDENTITY],
    "kms-v1": [KMS_1, SECRETBOX, GCM, CBC, IDENTITY],
    "kms-v2": [KMS_2, KMS_1, SECRETBOX, GCM, CBC, IDENTITY],
}


def configuration(providers: Sequence[Provider]) -> str:
    """An EncryptionConfiguration as YAML."""
    rule = {"resources": RESOURCES, "providers": list(providers)}
    whole = {"apiVersion": "apiserver.config.k8s.io/v1", "kind": "EncryptionConfiguration", "resources": [rule]}
    return yaml.dump(whole, Dumper=WithoutAnchors, sort_keys=False)


class WithoutAnchors(yaml.SafeDumper):
    """A key that stands twice is written twice."""

    def ignore_aliases(self, data: object) -> bool:
        return True


@dataclass
class Sample:
    """One object of each resource: two built-in kinds, one long enough for many cipher blocks, a custom one."""

    name: str
    objects: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.add("Secret", stringData={"password": f"fake-for-{self.name}"})
        self.add("ConfigMap", data={"text": "0123456789abcdef" * 64})
        addresses = {"addresses": [{"ip": "172.27.2.78"}], "ports": [{"name": "mysql", "port": 6033}]}
        self.add("Endpoints", subsets=[addresses])
        self.add("CronTab", version="stable.example.com/v1", spec={"cronSpec": "*/5 * * * *", "image": "cron:1"})

    def add(self, kind: str, version: str = "v1", **fields: object) -> None:
        metadata = {"name": self.name, "namespace": NAMESPACE}
        self.objects.append({"apiVersion": version, "kind": kind, "metadata": metadata, **fields})


class KeyManagement(Server):
    """The plugin that both KMS versions ask; it wraps keys in base64. See scripts/go/apiserver/kms."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "kms")

    def command(self) -> Sequence[str]:
        return [str(BINARIES / "kms"), SOCKET]

    def is_ready(self) -> bool:
        return (self.folder / SOCKET).exists()


def keep_encrypted(manifests: Path, work: Path, folder: Path) -> list[str]:
    """`values.jsonl.gz`: every value of the namespace; `encryption-config.yaml`: decrypts them all.
    Gives refusals back."""
    work.mkdir()
    config = work / "encryption.yaml"
    refused: list[str] = []
    with Etcd(work) as etcd, KeyManagement(work):
        for number, (name, providers) in enumerate(PHASES.items()):
            text = configuration(providers)
            config.write_text(text.replace(SOCKET_URL, f"unix://{work / SOCKET}"))
            flags = (f"--encryption-provider-config={config}", "--feature-gates=KMSv1=true")
            with APIServer(work, etcd.url, *flags) as server:
                creator = Creator(server.api)
                if number == 0:
                    creator.create_all(manifests, "90-*.yaml")
                    creator.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
                for each in Sample(name).objects:
                    creator.create(each)
                refused += creator.refused
                if number == len(PHASES) - 1:
                    _, values = read_all(server.api, etcd.etcdctl, types=TYPES)
    kept = [each for each in values if any(each.stored.key.startswith(f"{prefix}{NAMESPACE}/") for prefix in TYPES)]
    write_lines(folder / "values.jsonl.gz", (each.line() for each in kept))
    (folder / "encryption-config.yaml").write_text(text)
    return refused
