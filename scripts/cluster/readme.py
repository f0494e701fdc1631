"""Writes the README of a capture: what it holds, made by which versions, how many of each kind."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from cluster.build import Versions

TEXT = """\
# What a real API server wrote

Made by `scripts/capture` (its `--help` says what it needs); do not edit, except `manifests/`.
kube-apiserver {kubernetes} over etcd {etcd}, both built from the Go module proxy, started with `--runtime-config=api/all=true`.
No Secret here is one: every password, key and token says so itself.

| file | what |
|---|---|
| `values.jsonl.gz` | every key under `/registry/` at etcd revision {revision}, in key order: {count} values |
| `snapshot.db` | `etcdctl snapshot save` of that very state, with the history since the first edit; its newest values are those of `values.jsonl.gz` |
| `etcdctl/` | exact outputs of etcdctl: `<what>.plain`, `.value` (`--print-value-only`), `.json`, `.fields`, `.hex`, `.hex-json`; `.terminal` and `.terminal-value` went through a pseudo-terminal, which turns each `\\n` into `\\r\\n`, as `kubectl exec -t` does; `…-prefix.*` hold several keys |
| `http/` | HTTP bodies: `<name>.pb` (`Accept: application/vnd.kubernetes.protobuf`) and `<name>.json`; `watch-*.pb` are streams of frames, `watch-*.json` a line per event |
| `encrypted/` | values written under each encryption provider, and `encryption-config.yaml`, whose keys decrypt them all |
| `cbor/` | values written with `CBORServingAndStorage=true` that are CBOR, and HTTP bodies |
| `manifests/` | the objects that were created, in order of file names, and `edits.yaml`, what happened to them then |

## Lines

Each line of a `values.jsonl.gz` is a JSON object:

| name | what |
|---|---|
| `key`, `mod_revision` | as in etcd |
| `apiVersion`, `kind` | as stored |
| `value` | the raw value in base64 |
| `path` | the API path that was asked: of the stored apiVersion where it is served, else of another version of the group; null where no API serves the object |
| `json` | the body of the answer as text, exactly as served, with its newline; null likewise |
| `protobuf` | only for some: the body of the answer in the protobuf form, in base64 |

`json` and `protobuf` show the value at the same moment: their resourceVersion is `mod_revision`.
In `encrypted/`, `value` is what etcd holds, and `json` what the server made of it; the name of each object is the name of the phase:
`identity` (in clear), `aescbc`, `aescbc-rotated` (another key), `aesgcm` (whose key name holds colons), `secretbox`.

## Kinds

{kinds}
"""


def write_readme(folder: Path, versions: Versions, revision: int, kinds: Counter[tuple[str, str]]) -> None:
    rows = ["| apiVersion | kind | values |", "|---|---|---|"]
    rows += [f"| {version} | {kind} | {count} |" for (version, kind), count in sorted(kinds.items())]
    text = TEXT.format(
        kubernetes=versions.kubernetes,
        etcd=versions.etcd,
        revision=revision,
        count=sum(kinds.values()),
        kinds="\n".join(rows),
    )
    (folder / "README.md").write_text(text)
