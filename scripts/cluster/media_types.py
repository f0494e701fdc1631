"""Stores objects in the forms that an API server can be told to write: JSON, YAML, and, behind a gate,
CBOR for custom resources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cluster.manifests import Creator
from cluster.rest import APIError
from cluster.servers import APIServer, Etcd
from cluster.values import NO_TYPES, read_all, write_lines

CBOR_TAG = b"\xd9\xd9\xf7"  # "self-described CBOR", RFC 8949; Kubernetes always writes it


@dataclass(frozen=True)
class Form:
    """A form of storage: the flag that asks for it, the manifests it is tried with, HTTP bodies to keep."""

    name: str
    flag: str
    manifests: str
    types: Mapping[str, tuple[str, str]] = field(default_factory=lambda: NO_TYPES)
    bodies: Mapping[str, str] = field(default_factory=dict)


FORMS = (
    Form("json", "--storage-media-type=application/json", "[1-4]*.yaml"),
    # Not the ConfigMaps: the server writes the control characters in one of them so that it cannot read it back.
    Form("yaml", "--storage-media-type=application/yaml", "[1-3]*.yaml"),
    Form(
        "cbor",
        "--feature-gates=CBORServingAndStorage=true",
        "9[01]-*.yaml",
        types={
            "/registry/stable.example.com/crontabs/": ("stable.example.com/v1", "CronTab"),
            "/registry/stable.example.com/clusterpolicies/": ("stable.example.com/v1", "ClusterPolicy"),
        },
        bodies={
            "crontab-list": "/apis/stable.example.com/v1/namespaces/web/crontabs",
            "namespace": "/api/v1/namespaces/web",
        },
    ),
)


def keep_form(form: Form, manifests: Path, work: Path, folder: Path) -> list[str]:
    """`values.jsonl.gz`: the values of the manifests' objects that are stored in the form; `<name>.<form>`:
    HTTP bodies in it. Gives refusals back."""
    work.mkdir()
    with Etcd(work) as etcd, APIServer(work, etcd.url, form.flag) as server:
        creator = Creator(server.api)
        creator.create_all(manifests, "00-*.yaml")
        creator.create_all(manifests, form.manifests)
        _, values = read_all(server.api, etcd.etcdctl, types=form.types)
        for name, path in form.bodies.items():
            answer = server.api.expect("GET", path, accept=f"application/{form.name}")
            if answer.content_type != f"application/{form.name}":
                raise APIError(f"GET {path} as {form.name}: {answer.content_type}")
            (folder / f"{name}.{form.name}").write_bytes(answer.body)
    mine = set(creator.uids.values())
    kept = [each for each in values if each.uid in mine and is_form(form.name, each.stored.value)]
    write_lines(folder / "values.jsonl.gz", (each.line() for each in kept))
    return creator.refused


def is_form(name: str, value: bytes) -> bool:
    """Whether a value is what the form promises: of JSON, YAML and CBOR the first bytes say it."""
    return {"json": value[:1] == b"{", "cbor": value.startswith(CBOR_TAG), "yaml": value[:1].isalpha()}[name]
