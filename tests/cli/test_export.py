"""`k8s-codec export`: streams, folders, the way back to the stored bytes, and what cannot be decoded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli.command import Run
from source.build import Put, captured, database

import codec
from codec.source.files import files, key_of

OWN_RECORDS = ("masterleases", "peerserverleases", "ranges")
LEFT_OUT = f"k8s-codec: left out, because no objects of the API: {', '.join(OWN_RECORDS)}\n"
# What YAML and JSON cannot show: bytes that are no UTF-8, entries without a value, raw JSON with spaces or escapes.
NOT_IN_TEXT = {
    "configmaps/web/not-utf8",
    "configmaps/web/settings",
    "controllerrevisions/biz-prod-qe2bu3/platform-mysql-6c4f7b9d58",
    "csinodes/worker-1",
    "deviceclasses/gpu.example.com",
    "resourceclaims/web/everything-gpu-x1",
    "secrets/web/null-and-others",
    "secrets/web/null-value",
}


@pytest.fixture
def snapshot(etcd: Path) -> Path:
    return etcd / "snapshot.db"


@pytest.fixture
def objects(etcd: Path) -> dict[bytes, bytes]:
    """Key → value of what is exported of the snapshot."""
    values = captured(etcd / "values.jsonl.gz")
    return {key: value for key, value in values.items() if key.decode().split("/")[2] not in OWN_RECORDS}


def written(tmp_path: Path, puts: list[Put]) -> Path:
    path = tmp_path / "db"
    path.write_bytes(database(puts))
    return path


def contents(folder: Path) -> dict[str, bytes]:
    return {str(Path(name).relative_to(folder)): Path(name).read_bytes() for name in files(str(folder))}


def test_the_stored_bytes_come_back(run: Run, snapshot: Path, objects: dict[bytes, bytes], tmp_path: Path) -> None:
    out, values = tmp_path / "out", tmp_path / "values"
    ran = run("export", snapshot, "-d", out)
    assert (ran.status, ran.out, ran.err) == (0, b"", LEFT_OUT)
    assert run("encode", "-d", values, out).status == 0
    found = {key_of(name): data for name, data in contents(values).items()}
    assert found.keys() == objects.keys()
    for key, value in objects.items():
        assert found[key] == codec.encode(codec.from_yaml(codec.storage_to_yaml(value))), key
    differ = {key.decode().removeprefix("/registry/") for key in objects if found[key] != objects[key]}
    assert differ == NOT_IN_TEXT


def test_a_file_for_each_object(run: Run, snapshot: Path, objects: dict[bytes, bytes], tmp_path: Path) -> None:
    run("export", snapshot, "-d", tmp_path / "out")
    found = contents(tmp_path / "out")
    assert len(found) == len(objects)
    assert {
        "biz-prod-qe2bu3/endpoints/platform-mysql.yaml",
        "web/deployments.apps/frontend.yaml",
        "web/crontabs.stable.example.com/nightly.yaml",
        "_cluster/nodes/worker-1.yaml",
        "_cluster/clusterroles.rbac.authorization.k8s.io/system:node.yaml",
        "_cluster/customresourcedefinitions.apiextensions.k8s.io/crontabs.stable.example.com.yaml",
    } <= found.keys()
    text = found["biz-prod-qe2bu3/endpoints/platform-mysql.yaml"].decode()
    with codec.open(snapshot) as source:
        stored = source.get("/registry/services/endpoints/biz-prod-qe2bu3/platform-mysql")
        assert stored is not None
        assert f'resourceVersion: "{stored.mod_revision}"' in text
        assert text == codec.storage_to_yaml(stored.value, resource_version=str(stored.mod_revision))


def test_streams(run: Run, snapshot: Path, etcd: Path, objects: dict[bytes, bytes]) -> None:
    ran = run("export", snapshot, "-o", "jsonl")
    assert (ran.status, ran.err) == (0, LEFT_OUT)
    lines = ran.out.splitlines()
    with codec.open(snapshot) as source:
        expected = [
            codec.storage_to_json(kv.value, resource_version=str(kv.mod_revision)) for kv in source if kv.key in objects
        ]
    assert lines == expected
    texts = run("export", snapshot, "services,endpoints").text.split("---\n")
    assert len(texts) == sum(key.startswith(b"/registry/services/") for key in objects)
    assert all(text.startswith("apiVersion: v1\nkind: ") or "\nkind: " in text for text in texts)


def test_an_older_revision(run: Run, snapshot: Path, tmp_path: Path) -> None:
    with codec.open(snapshot) as source:
        revision = source.compact_revision
        expected = {kv.key for kv in source.list(revision=revision)}
        now = set(source.keys())
    assert expected != now
    run("export", snapshot, "--rev", revision, "-d", tmp_path / "out")
    gone = [key for key in expected - now if key is not None]
    assert gone
    names = {Path(name).stem for name in contents(tmp_path / "out")}
    assert {key.decode().rpartition("/")[2] for key in gone} <= names


def test_records_of_the_api_server_itself_where_they_are_asked_for(run: Run, snapshot: Path, tmp_path: Path) -> None:
    ran = run("export", snapshot, "/registry/masterleases/", "/registry/ranges/", "-d", tmp_path / "out")
    assert (ran.status, ran.err) == (0, "")
    assert set(contents(tmp_path / "out")) == {
        "_cluster/masterleases/127.0.0.1.yaml",
        "_cluster/ranges/servicenodeports.yaml",
    }


def test_what_cannot_be_decoded(run: Run, etcd: Path, tmp_path: Path, objects: dict[bytes, bytes]) -> None:
    encrypted = captured(etcd / "encrypted" / "values.jsonl.gz")[b"/registry/secrets/vault/kms-v2"]
    pod = objects[b"/registry/pods/web/everything"]
    secret = objects[b"/registry/secrets/web/login"]
    from codec.api import Unregistered

    future = codec.encode(Unregistered(apiVersion="future.k8s.io/v1", kind="Thing", raw=b"\x0a\x03\x0a\x01a"))
    puts: list[Put] = [
        (b"/registry/pods/web/broken", pod[:-300]),
        (b"/registry/pods/web/everything", pod),
        (b"/registry/secrets/vault/kms-v2", encrypted),
        (b"/registry/secrets/web/broken", secret[:-40]),
        (b"/registry/things/web/a", future),
        (b"compact_rev_key", b"17"),
    ]
    path = written(tmp_path, puts)
    ran = run("export", path, "-d", tmp_path / "out")
    assert ran.status == 3
    assert contents(tmp_path / "out") == {
        "vault/secrets/kms-v2.bin": encrypted,
        "web/pods/broken.bin": pod[:-300],
        "web/pods/everything.yaml": codec.storage_to_yaml(pod, resource_version="3").encode(),
        "web/secrets/broken.bin": secret[:-40],
        "web/things/a.bin": future,
    }
    lines = ran.err.splitlines()
    assert len(lines) == 5
    assert lines[0].startswith("k8s-codec: pods web/broken: ")
    assert lines[0].endswith("; its bytes are in web/pods/broken.bin")
    assert lines[1] == (
        "k8s-codec: secrets vault/kms-v2: the value is encrypted by provider 'kms' with the key 'hsm-2'; "
        "its bytes are in vault/secrets/kms-v2.bin"
    )
    assert lines[4] == "k8s-codec: left out, because no objects of the API: compact_rev_key"

    stream = run("export", path, "-o", "jsonl")
    assert stream.status == 3
    assert [json.loads(line)["metadata"]["name"] for line in stream.out.splitlines()] == ["everything"]
    assert len(stream.err.splitlines()) == 5

    ran = run("export", path, "--redact", "-d", tmp_path / "redacted")
    assert set(contents(tmp_path / "redacted")) == {
        "vault/secrets/kms-v2.bin",
        "web/pods/broken.bin",
        "web/pods/everything.yaml",
        "web/things/a.bin",
    }
    assert "because of --redact" in ran.err


def test_redacted(run: Run, snapshot: Path, objects: dict[bytes, bytes], tmp_path: Path) -> None:
    assert run("export", snapshot, "--redact", "-d", tmp_path / "out").status == 0
    found = contents(tmp_path / "out")
    import base64

    for key, value in objects.items():
        if key.startswith(b"/registry/secrets/"):
            data = json.loads(codec.storage_to_json(value)).get("data") or {}
            namespace, name = key.decode().split("/")[3:]
            text = found[f"{namespace}/secrets/{name}.yaml"].decode()
            for each in data.values():
                if each and len(base64.b64decode(each)) > 3:
                    assert each not in text
                    assert f"<redacted: {len(base64.b64decode(each))} bytes>" in text


def test_clean(run: Run, snapshot: Path, tmp_path: Path) -> None:
    ran = run("export", snapshot, "services", "-n", "biz-prod-qe2bu3", "--clean", "--keep", "uid", "-o", "jsonl")
    assert ran.status == 0
    rows = [json.loads(line) for line in ran.out.splitlines()]
    assert rows
    for row in rows:
        assert "uid" in row["metadata"]
        assert not {"resourceVersion", "managedFields", "creationTimestamp"} & row["metadata"].keys()
        assert "status" not in row


def test_values_under_keys_of_no_resource(run: Run, tmp_path: Path, objects: dict[bytes, bytes]) -> None:
    """The server of another API group may keep its objects in the same etcd, under keys of its own."""
    value = objects[b"/registry/stable.example.com/crontabs/web/nightly"]
    pod = objects[b"/registry/pods/web/everything"]
    puts: list[Put] = [
        (b"/registry/pods/web/everything", pod),
        (b"/registry/namespaces/kube-system", objects[b"/registry/namespaces/kube-system"]),
        (b"/wardle.example.com/registry/wardle.example.com/flunders/web/a%/b", value),
    ]
    ran = run("export", written(tmp_path, puts), "-d", tmp_path / "out")
    assert set(contents(tmp_path / "out")) == {
        "_cluster/namespaces/kube-system.yaml",
        "web/pods/everything.yaml",
        "_other/%2Fwardle.example.com%2Fregistry%2Fwardle.example.com%2Fflunders%2Fweb%2Fa%25%2Fb.yaml",
    }
    assert ran.status == 0


def test_names_that_lead_elsewhere(run: Run, tmp_path: Path, objects: dict[bytes, bytes]) -> None:
    pod = objects[b"/registry/pods/web/everything"]
    puts: list[Put] = [(b"/registry/pods/../..", pod), (b"/registry/pods/_cluster/a%2Fb", pod)]
    ran = run("export", written(tmp_path, puts), "-d", tmp_path / "out")
    assert set(contents(tmp_path / "out")) == {"%2E./pods/%2E..yaml", "%5Fcluster/pods/a%252Fb.yaml"}
    assert ran.status == 0
    assert "the object says that its namespace is 'web'" in ran.err


def test_two_objects_for_one_path(run: Run, tmp_path: Path, objects: dict[bytes, bytes]) -> None:
    """The first one stays; nothing is written over."""
    endpoints = objects[b"/registry/services/endpoints/biz-prod-qe2bu3/platform-mysql"]
    first, second = (
        f"/registry/{path}/biz-prod-qe2bu3/platform-mysql".encode() for path in ("endpoints", "services/endpoints")
    )
    ran = run("export", written(tmp_path, [(first, endpoints), (second, endpoints)]), "-d", tmp_path / "out")
    assert ran.status == 3
    path = "biz-prod-qe2bu3/endpoints/platform-mysql.yaml"
    assert f"{path}: another object was written there before" in ran.err
    assert contents(tmp_path / "out") == {path: codec.storage_to_yaml(endpoints, resource_version="2").encode()}


def test_a_damaged_snapshot(run: Run, snapshot: Path, tmp_path: Path) -> None:
    data = bytearray(snapshot.read_bytes())
    data[-1] ^= 1
    path = tmp_path / "damaged.db"
    path.write_bytes(data)
    ran = run("export", path, "-d", tmp_path / "out")
    assert (ran.status, ran.out) == (3, b"")
    assert "the checksum at byte 503808 is not that of the bytes before it" in ran.err
    assert not (tmp_path / "out").exists()
    assert run("export", path, "-d", tmp_path / "out", "--no-verify").status == 0


def test_a_folder_that_is_not_empty(run: Run, snapshot: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_bytes(b"x")
    ran = run("export", snapshot, "-d", tmp_path / "out")
    assert ran.status == 3
    assert ran.err.endswith("out: the folder is not empty\n")
    assert contents(tmp_path / "out") == {"mine": b"x"}


def test_wrong_usage(run: Run, snapshot: Path, tmp_path: Path) -> None:
    assert run("export").status == 2
    assert run("export", snapshot, "-o", "jsonl", "-d", tmp_path / "out").status == 2
    assert run("export", snapshot, "--keep", "uid").status == 2
    assert run("export", snapshot, "nonsense", "-d", tmp_path / "out").status == 2
    assert not (tmp_path / "out").exists()
    assert run("export", snapshot, "pods", "-n", "nowhere").status == 1
