"""fixtures/etcd: values that a real API server v1.36.3 stored, and the JSON that it serves for them. Needs no Go."""

from __future__ import annotations

import gzip
import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

import codec

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "etcd"

# What comes back with a field that v1.36 did not have and v0.37, our schema's release, always writes.
NEWER = {"/registry/csinodes/worker-1": ("CSINode.status", b"\x1a\0\x1a\0\x22\0")}

# Where the server does not show what is stored: it converts or defaults when it reads.
SERVED_OTHERWISE = {
    "/registry/apiextensions.k8s.io/customresourcedefinitions/clusterpolicies.stable.example.com": "stored as v1beta1",
    "/registry/apiextensions.k8s.io/customresourcedefinitions/crontabs.stable.example.com": "stored as v1beta1",
    "/registry/csinodes/worker-1": "v0.37 has a status, v1.36 has none",
    "/registry/jobs/batch/report": "labels of the controller uid are defaulted",
    "/registry/persistentvolumeclaims/web/block": "status.phase is defaulted",
    "/registry/persistentvolumeclaims/web/from-snapshot": "status.phase is defaulted",
    "/registry/podgroups/batch/training-workers": "spec.disruptionMode is defaulted",
    "/registry/statefulsets/biz-prod-qe2bu3/platform-mysql": "the kind of volumeClaimTemplates is defaulted",
}
# What no text form can show: bytes that are no UTF-8, null in the data of a Secret or ConfigMap, printed as "", and how
# raw JSON was written, whose white space and `<` do not come back.
LOST_IN_TEXT = {
    "/registry/controllerrevisions/biz-prod-qe2bu3/platform-mysql-6c4f7b9d58",
    "/registry/deviceclasses/gpu.example.com",
    "/registry/resourceclaims/web/everything-gpu-x1",
    "/registry/configmaps/web/not-utf8",
    "/registry/configmaps/web/settings",
    "/registry/secrets/web/null-and-others",
    "/registry/secrets/web/null-value",
}


def lines(folder: str = "") -> dict[str, dict[str, Any]]:
    with gzip.open(FOLDER / folder / "values.jsonl.gz", "rt", encoding="utf-8") as file:
        return {line["key"]: line for line in map(json.loads, file)}


def as_served(line: dict[str, Any]) -> bytes:
    """The JSON of the stored value with the resourceVersion that the server adds, and its newline."""
    obj: Any = codec.decode(b64decode(line["value"]))
    if isinstance(obj, codec.Unstructured):
        obj.content["metadata"]["resourceVersion"] = str(line["mod_revision"])
    else:
        obj.metadata.resourceVersion = str(line["mod_revision"])
    return codec.to_json(obj) + b"\n"


def test_every_value_is_encoded_as_it_was_stored() -> None:
    differing = {}
    for key, line in lines().items():
        raw = b64decode(line["value"])
        again = codec.encode(codec.decode(raw))
        if again != raw:
            differing[key] = again
    assert set(differing) == set(NEWER)
    for key, (_, end) in NEWER.items():
        assert differing[key].endswith(end)
        assert codec.encode(codec.decode(differing[key])) == differing[key]


def test_the_json_is_what_the_server_serves() -> None:
    served = {key: line for key, line in lines().items() if line["json"] is not None}
    assert len(served) > 400
    differing = {key for key, line in served.items() if as_served(line) != line["json"].encode()}
    assert differing == set(SERVED_OTHERWISE)


def test_the_resource_version_of_the_roads_without_objects() -> None:
    for folder in ("", "json", "yaml"):
        for key, line in lines(folder).items():
            raw, version = b64decode(line["value"]), str(line["mod_revision"])
            obj: Any = codec.decode(raw)
            metadata = obj.content["metadata"] if isinstance(obj, codec.Unstructured) else None
            if metadata is None:
                obj.metadata.resourceVersion = version
            else:
                metadata["resourceVersion"] = version
            assert codec.storage_to_json(raw, resource_version=version) == codec.to_json(obj), key
            assert codec.storage_to_json(raw, indent=4, resource_version=version) == codec.to_json(obj, indent=4), key
            assert codec.storage_to_yaml(raw, resource_version=version) == codec.to_yaml(obj), key


def test_a_resource_version_where_there_is_no_place_for_one() -> None:
    for text, expected in (
        (
            '{"apiVersion":"a.example/v1","kind":"A"}',
            '{"apiVersion":"a.example/v1","kind":"A","metadata":{"resourceVersion":"7"}}',
        ),
        (
            '{"apiVersion":"a.example/v1","kind":"A","metadata":[]}',
            '{"apiVersion":"a.example/v1","kind":"A","metadata":[]}',
        ),
    ):
        assert codec.storage_to_json(text.encode(), resource_version="7").decode() == expected
    options = codec.json_to_storage('{"apiVersion":"v1","kind":"DeleteOptions"}')
    assert codec.storage_to_json(options, resource_version="7") == codec.storage_to_json(options)
    pod = codec.json_to_storage('{"apiVersion":"v1","kind":"Pod"}')
    assert b'"metadata":{"resourceVersion":"7"}' in codec.storage_to_json(pod, resource_version="7")


def test_the_roads_without_objects_say_the_same() -> None:
    for key, line in lines().items():
        raw = b64decode(line["value"])
        obj = codec.decode(raw)
        assert codec.storage_to_json(raw) == codec.to_json(obj), key
        assert codec.storage_to_yaml(raw) == codec.to_yaml(obj), key


def test_text_and_back() -> None:
    json_differs, yaml_differs = set(), set()
    for key, line in lines().items():
        raw = b64decode(line["value"])
        text = codec.storage_to_json(raw)
        stored = codec.json_to_storage(text)
        assert stored == codec.encode(codec.from_json(text)), key
        if stored != raw:
            json_differs.add(key)
        if codec.encode(codec.from_yaml(codec.storage_to_yaml(raw))) != raw:
            yaml_differs.add(key)
    assert json_differs == LOST_IN_TEXT | set(NEWER)
    assert yaml_differs == json_differs


def test_a_body_in_protobuf_is_the_object_that_is_served() -> None:
    bodies = {key: line for key, line in lines().items() if line.get("protobuf")}
    assert bodies
    differing = {
        key
        for key, line in bodies.items()
        if codec.storage_to_json(b64decode(line["protobuf"])) + b"\n" != line["json"].encode()
    }
    # Nested, the kind of its volumeClaimTemplates is not on the wire.
    assert differing == {"/registry/statefulsets/biz-prod-qe2bu3/platform-mysql"}


@pytest.mark.parametrize("folder", ["json", "yaml"])
def test_a_built_in_kind_stored_as_text(folder: str) -> None:
    stored = lines(folder)
    assert len(stored) > 40
    differing = {key for key, line in stored.items() if as_served(line) != line["json"].encode()}
    assert differing == {"/registry/csinodes/worker-1", "/registry/jobs/batch/report"}
    for key, line in stored.items():
        raw = b64decode(line["value"])
        obj = codec.decode(raw)
        assert codec.encode(codec.decode(codec.encode(obj))) == codec.encode(obj), key
        again = codec.encode(obj, form="json") if folder == "json" else codec.to_yaml(obj).encode()
        assert again == raw or key in NEWER, key
        assert codec.storage_to_json(raw) == codec.to_json(obj), key


@pytest.mark.parametrize("folder", ["encrypted", "cbor"])
def test_what_cannot_be_read_yet_is_named(folder: str) -> None:
    for key, line in lines(folder).items():
        raw = b64decode(line["value"])
        if raw.startswith(b"k8s:enc:"):
            with pytest.raises(codec.EncryptedError):
                codec.decode(raw)
        elif raw.startswith(b"\xd9\xd9\xf7"):
            with pytest.raises(codec.DecodeError, match="CBOR"):
                codec.decode(raw)
        else:
            assert codec.encode(codec.decode(raw)) == raw, key
