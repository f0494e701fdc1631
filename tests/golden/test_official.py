"""The golden data of the Go module k8s.io/api: every kind, every field set, of five releases, in three forms.

`<group>.<version>.<Kind>.{pb,json,yaml}` say the same. Where Go itself gives other bytes back, what it gives stands in
`.after_roundtrip`: a field that a later release dropped is lost, or a field that it added appears with its zero.
"""

from __future__ import annotations

import json
import subprocess
from base64 import b64decode, b64encode
from collections import Counter
from functools import cache
from pathlib import Path

import oracle
import pytest

import codec
from codec.api.meta.v1 import WatchEvent

MODULE = "k8s.io/api@v0.37.2"

# The files that Go does not give back as they were, and what we give.
ORIGINAL = "original"  # Go drops a field that newer releases no longer have; we keep it
AFTER = "after_roundtrip"  # a field that newer releases always show, as Go does
BOTH = "original with status"  # both of it: `selectors` and `deviceClassName` are kept, `status` is added

WORKLOADS_OF_35 = [
    "apps.v1.DaemonSet",
    "apps.v1.Deployment",
    "apps.v1.ReplicaSet",
    "apps.v1.StatefulSet",
    "apps.v1beta1.Deployment",
    "apps.v1beta1.StatefulSet",
    "apps.v1beta2.DaemonSet",
    "apps.v1beta2.Deployment",
    "apps.v1beta2.ReplicaSet",
    "apps.v1beta2.StatefulSet",
    "batch.v1.CronJob",
    "batch.v1.Job",
    "batch.v1beta1.CronJob",
    "core.v1.Pod",
    "core.v1.PodTemplate",
    "core.v1.ReplicationController",
    "extensions.v1beta1.DaemonSet",
    "extensions.v1beta1.Deployment",
    "extensions.v1beta1.ReplicaSet",
]

ROUNDTRIPS = {
    # v0.37 gave CSINode a status.
    **{f"v1.{n}.0/storage.k8s.io.{v}.CSINode": AFTER for n in (33, 34, 35, 36) for v in ("v1", "v1beta1")},
    # v0.36 gave ListOptions a shardSelector, which is always on the wire.
    **{f"v1.{n}.0/core.v1.ListOptions": AFTER for n in (33, 34, 35)},
    # v0.36 gave it stubPKCS10Request, which JSON shows as null.
    "v1.35.0/certificates.k8s.io.v1beta1.PodCertificateRequest": AFTER,
    **{f"v1.35.0/{kind}": ORIGINAL for kind in WORKLOADS_OF_35},
    "v1.36.0/core.v1.Pod": ORIGINAL,
    **{f"v1.36.0/resource.k8s.io.{v}.ResourceSlice": ORIGINAL for v in ("v1", "v1beta1", "v1beta2")},
    **{f"v1.{n}.0/resource.k8s.io.v1alpha3.DeviceTaintRule": BOTH for n in (33, 34)},
}


@cache
def folder() -> Path | None:
    """Where the module's testdata stands, or None where there is no Go."""
    if not oracle.available():
        return None
    found = subprocess.run(["go", "mod", "download", "-json", MODULE], cwd=oracle.GO, capture_output=True, text=True)
    return Path(json.loads(found.stdout)["Dir"]) / "testdata" if found.returncode == 0 else None


def names() -> list[str]:
    """`HEAD/core.v1.Pod`, …: every object of every release."""
    root = folder()
    if root is None:
        return []
    stems = (path.relative_to(root).as_posix().removesuffix(".pb") for path in root.glob("*/*.pb"))
    return sorted(stem for stem in stems if not stem.endswith(".after_roundtrip"))


needs_data = pytest.mark.skipif(folder() is None, reason=f"needs Go, which fetches {MODULE}")


def given(name: str, form: str) -> bytes:
    root = folder()
    assert root is not None
    return (root / f"{name}.{form}").read_bytes()


def with_status(form: str, data: bytes) -> bytes:
    """The golden bytes of a DeviceTaintRule with an empty status after its last field."""
    if form == "json":
        return data.removesuffix(b"\n}") + b',\n  "status": {}\n}'
    if form == "yaml":
        return data + b"status: {}\n"
    head = b"k8s\0\n\x2b\n\x18resource.k8s.io/v1alpha3\x12\x0fDeviceTaintRule\x12"
    tail = b"\x1a\0\x22\0"
    assert data.startswith(head)
    assert data.endswith(tail)
    inner = data[len(head) + 2 : -len(tail)] + b"\x1a\0"  # after a length of two bytes
    return head + bytes((len(inner) & 0x7F | 0x80, len(inner) >> 7)) + inner + tail


def expected(name: str, form: str) -> bytes:
    what = ROUNDTRIPS.get(name)
    root = folder()
    assert root is not None
    if what == AFTER and (root / f"{name}.after_roundtrip.{form}").exists():
        return given(name, f"after_roundtrip.{form}")
    return with_status(form, given(name, form)) if what == BOTH else given(name, form)


def compact(data: bytes) -> bytes:
    """The same JSON without white space: raw JSON keeps what stands between its tokens, as it does in Go."""
    return json.dumps(json.loads(data), separators=(",", ":"), ensure_ascii=False).encode()


@needs_data
@pytest.mark.parametrize("name", names())
def test_every_road_gives_the_golden_bytes(name: str, count: Counter[str]) -> None:
    raw, text, yaml = given(name, "pb"), given(name, "json"), given(name, "yaml")
    # The one type that carries no apiVersion and kind, so that the caller must say what it is.
    cls = WatchEvent if name.endswith("/core.v1.WatchEvent") else None
    obj = codec.decode(raw, cls) if cls else codec.decode(raw)
    of_json = codec.from_json(text, cls) if cls else codec.from_json(text)
    of_compact = codec.from_json(compact(text), cls) if cls else codec.from_json(compact(text))
    of_yaml = codec.from_yaml(yaml, cls) if cls else codec.from_yaml(yaml)
    roads = [
        ("pb→object→pb", codec.encode(obj), "pb"),
        ("pb→object→JSON", codec.to_json(obj, indent=2), "json"),
        ("pb→object→YAML", codec.to_yaml(obj).encode(), "yaml"),
        ("JSON→object→pb", codec.encode(of_compact), "pb"),
        ("JSON→object→JSON", codec.to_json(of_json, indent=2), "json"),
        ("YAML→object→pb", codec.encode(of_yaml), "pb"),
        ("YAML→object→YAML", codec.to_yaml(of_yaml).encode(), "yaml"),
    ]
    if cls is None:
        roads += [
            ("pb→JSON", codec.storage_to_json(raw, indent=2), "json"),
            ("pb→YAML", codec.storage_to_yaml(raw).encode(), "yaml"),
            ("JSON→pb", codec.json_to_storage(compact(text)), "pb"),
        ]
    wanted = {form: expected(name, form) for form in ("pb", "json", "yaml")}
    for road, got, form in roads:
        assert got == wanted[form], road
        count[road] += 1


@needs_data
def test_the_listed_roundtrips_are_those_that_differ() -> None:
    root = folder()
    assert root is not None
    differing = {
        path.relative_to(root).as_posix().partition(".after_roundtrip.")[0]
        for path in root.glob("*/*.after_roundtrip.*")
    }
    assert differing == set(ROUNDTRIPS)
    # None of the lists is about a form that comes back as it was.
    for path in root.glob("*/*.after_roundtrip.*"):
        name, _, form = path.relative_to(root).as_posix().partition(".after_roundtrip.")
        assert path.read_bytes() != given(name, form)


@needs_data
def test_raw_json_keeps_its_white_space_as_in_go() -> None:
    differing = []
    for name in names():
        text = given(name, "json")
        if name.startswith("HEAD/") and not name.endswith(".WatchEvent"):
            ours = codec.json_to_storage(text)
            if ours != given(name, "pb"):
                differing.append((text, ours))
    assert len(differing) > 10
    questions = [{"op": "encode_json", "json": b64encode(text).decode(), "want": ["raw"]} for text, _ in differing]
    assert [b64decode(answer["result"]["raw"]) for answer in oracle.ask(questions)] == [ours for _, ours in differing]
