"""Writes the README of a capture: what it holds, made by which versions, how many of each kind."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from cluster.build import Versions

TEXT = """\
# What a real API server wrote

Made by `scripts/capture` (its `--help` says what it needs); do not edit, except `manifests/`.
kube-apiserver {kubernetes} over etcd {etcd}, both built from the Go module proxy, started with
`--runtime-config=api/all=true`. No Secret here is one: every password, key and token says so itself.

- `values.jsonl.gz`: every key under `/registry/` at etcd revision {revision}, in key order: {count} values
- `snapshot.db`: `etcdctl snapshot save` of that very state, with the history since the first edit; its newest
  values are those of `values.jsonl.gz`
- `etcdctl/`: exact outputs of etcdctl, several keys in `…-prefix.*`: `.plain`, `.value` (`--print-value-only`),
  `.json`, `.fields`, `.protobuf` (`-w …`), `.hex`; `.terminal` and `.terminal-value` went through a
  pseudo-terminal, which turns each `\\n` into `\\r\\n`, as `kubectl exec -t` does
- `http/`: HTTP bodies: `<name>.pb` (`Accept: application/vnd.kubernetes.protobuf`) and `<name>.json`;
  `watch-*.pb` are streams of frames, `watch-*.json` a line per event
- `encrypted/`: values written by each encryption provider, and `encryption-config.yaml`, whose keys decrypt them
- `json/`, `yaml/`: built-in kinds that a server with another `--storage-media-type` wrote
- `cbor/`: custom resources that a server with `--feature-gates=CBORServingAndStorage=true` wrote, and HTTP bodies
- `manifests/`: the objects that were created, in order of file names, and `edits.yaml`, what happened to them then

## Lines

Each line of a `values.jsonl.gz` is a JSON object:

- `key`, `mod_revision`: as in etcd
- `apiVersion`, `kind`: as stored
- `value`: the raw value in base64
- `path`: the API path that was asked: of the stored apiVersion where it is served, else of another version of the
  group; null where no API serves the object
- `json`: the body of the answer as text, exactly as served, with its newline; null likewise
- `protobuf`: only for some: the body of the answer in the protobuf form, in base64

`json` and `protobuf` show the value at the same moment: their resourceVersion is `mod_revision`.

In `encrypted/`, `value` is what etcd holds, and `json` what the server made of it. Objects are named after the
provider that wrote them: `identity` (in clear), `aescbc`, `aescbc-rotated` (by another key), `aesgcm` (the key's
name holds colons), `secretbox`, `kms-v1` and `kms-v2`. The key management service of the last two
(scripts/go/apiserver/kms) wraps keys in base64, so that they can be unwrapped without it.

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
