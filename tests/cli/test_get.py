"""`k8s-codec get`: every form, what the API server serves, names that are not there, and values that cannot be read."""

from __future__ import annotations

import gzip
import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from cli.command import Run
from source.build import captured, database

import codec
from codec.cli import get
from codec.cli.blocks import SIZE

NOW = "2026-12-01T00:00:00Z"


@pytest.fixture
def snapshot(etcd: Path) -> Path:
    return etcd / "snapshot.db"


def lines(etcd: Path) -> dict[str, dict[str, Any]]:
    with gzip.open(etcd / "values.jsonl.gz", "rt", encoding="utf-8") as file:
        return {line["key"]: line for line in map(json.loads, file)}


def test_everything_as_the_api_server_serves_it(run: Run, snapshot: Path, etcd: Path) -> None:
    ran = run("get", snapshot, "-o", "jsonl")
    assert (ran.status, ran.err) == (0, "")
    found = ran.out.splitlines(keepends=True)
    stored = lines(etcd)
    assert len(found) == len(stored) == 420
    served = 0
    for line, (key, expected) in zip(found, stored.items(), strict=True):
        raw, version = b64decode(expected["value"]), str(expected["mod_revision"])
        assert line == codec.storage_to_json(raw, resource_version=version) + b"\n", key
        # Some are converted or defaulted when they are read; tests/golden/test_captured.py names them.
        served += expected["json"] is not None and line == expected["json"].encode()
    assert served > 400


def test_one_object(run: Run, snapshot: Path, etcd: Path) -> None:
    key = "/registry/services/endpoints/biz-prod-qe2bu3/platform-mysql"
    line = lines(etcd)[key]
    raw, version = b64decode(line["value"]), str(line["mod_revision"])
    words = ("get", snapshot, "ep", "platform-mysql", "-n", "biz-prod-qe2bu3", "-o")
    assert run(*words, "jsonl").out == line["json"].encode()
    assert run(*words, "json").out == codec.storage_to_json(raw, indent=4, resource_version=version) + b"\n"
    assert run(*words, "yaml").out == codec.storage_to_yaml(raw, resource_version=version).encode()
    assert run(*words, "raw").out == raw
    assert run(*words, "name").out == b"endpoints/platform-mysql\n"
    for same in (["endpoints/platform-mysql", "-n", "biz-prod-qe2bu3"], [key], ["Endpoints", "platform-mysql", "-A"]):
        assert run("get", snapshot, *same, "-o", "yaml").out == run(*words, "yaml").out
    heading, row = run(*words, "table").text.splitlines()
    assert heading.split() == ["NAME", "ENDPOINTS", "AGE"]
    assert row.split()[0] == "platform-mysql"
    assert run(*words, "table", "--no-headers").text.split()[:2] == row.split()[:2]
    assert run("get", snapshot, key, "--now", NOW).text.splitlines()[1].split()[:2] == [
        "biz-prod-qe2bu3",
        "platform-mysql",
    ]


def test_several_as_json_are_a_list(run: Run, snapshot: Path) -> None:
    whole = json.loads(run("get", snapshot, "po", "-n", "web", "-o", "json").out)
    assert list(whole) == ["apiVersion", "items", "kind", "metadata"]
    assert (whole["apiVersion"], whole["kind"], whole["metadata"]) == ("v1", "List", {"resourceVersion": ""})
    one_by_one = run("get", snapshot, "po", "-n", "web", "-o", "jsonl").out.splitlines()
    assert whole["items"] == [json.loads(line) for line in one_by_one]
    assert len(whole["items"]) == 4
    text = run("get", snapshot, "po", "-n", "web", "-o", "json").text
    assert text == json.dumps(whole, indent=4, ensure_ascii=False).replace("<", "\\u003c").replace(
        ">", "\\u003e"
    ).replace("&", "\\u0026") + "\n"  # fmt: skip
    assert json.loads(run("get", snapshot, "po", "-n", "limited", "-o", "json").out)["kind"] == "List"
    none = run("get", snapshot, "po", "-n", "nowhere", "-o", "json")
    assert (none.status, json.loads(none.out)["items"]) == (1, [])
    assert '"items": [],' in none.text
    missing = run("get", snapshot, "po/nope", "-n", "web", "-o", "json")
    assert (missing.status, missing.out) == (1, b"")


def test_several_as_yaml_are_documents(run: Run, snapshot: Path) -> None:
    text = run("get", snapshot, "no", "-o", "yaml").text
    found = list(codec.from_yaml_all(text))
    assert [obj.metadata.name for obj in found] == ["worker-1", "worker-2", "worker-3"]  # type: ignore[attr-defined]
    assert text.count("---\n") == 2
    assert not text.startswith("---")


def test_names(run: Run, snapshot: Path, etcd: Path) -> None:
    expected = []
    for line in lines(etcd).values():
        group = line["apiVersion"].rpartition("/")[0]
        metadata = json.loads(codec.storage_to_json(b64decode(line["value"])))["metadata"]
        kind = line["kind"].lower() + (f".{group}" if group else "")
        expected.append(f"{kind}/{metadata.get('name') or line['key'].rpartition('/')[2]}")
    assert run("get", snapshot, "-o", "name").text.splitlines() == expected


def test_a_table_is_that_of_kubectl(run: Run, snapshot: Path) -> None:
    ran = run("get", snapshot, "svc,no", "-n", "web", "--now", NOW)
    assert (ran.status, ran.err) == (0, "")
    services, nodes = ran.text.split("\n\n")
    assert services.splitlines()[0].split() == ["NAME", "TYPE", "CLUSTER-IP", "EXTERNAL-IP", "PORT(S)", "AGE"]
    assert nodes.splitlines()[0].split() == ["NAME", "STATUS", "ROLES", "AGE", "VERSION"]
    assert all(row.startswith("service/") for row in services.splitlines()[1:])
    assert all(row.startswith("node/worker-") for row in nodes.splitlines()[1:])
    wide = run("get", snapshot, "svc", "-n", "web", "-o", "wide").text
    assert wide.splitlines()[0].endswith("SELECTOR")
    labels = run("get", snapshot, "svc", "-n", "web", "--show-labels").text.splitlines()
    assert labels[0].endswith("LABELS")
    assert all(row.endswith("<none>") for row in labels[1:])
    crontabs = run("get", snapshot, "ct", "-n", "batch").text.splitlines()
    assert crontabs[0].split()[:2] == ["NAME", "SPEC"]  # additionalPrinterColumns of its definition


def test_revisions(run: Run, snapshot: Path) -> None:
    before = run("get", snapshot, "cm/gone", "--rev", "541", "-o", "yaml")
    assert (before.status, 'resourceVersion: "439"' in before.text) == (0, True)
    now = run("get", snapshot, "cm/gone", "-o", "yaml")
    assert (now.status, now.out, now.err) == (1, b"", "k8s-codec: not found: configmaps/gone\n")


def test_secrets_are_whole_unless_redacted(run: Run, snapshot: Path) -> None:
    key = "/registry/secrets/biz-prod-qe2bu3/mysql-root"
    with codec.open(snapshot) as source:
        stored = source.get(key)
        assert stored is not None
        data = codec.to_dict(codec.decode(stored.value))["data"]
        version = str(stored.mod_revision)
    for form in ("yaml", "json", "jsonl"):
        whole, hidden = (run("get", snapshot, key, "-o", form, *more).text for more in ((), ("--redact",)))
        for value in data.values():
            assert value in whole
            assert value not in hidden
        assert "<redacted: " in hidden.replace("\\u003c", "<")
        assert version in hidden
    clean = run("get", snapshot, key, "-o", "yaml", "--clean", "--redact").text
    assert "uid:" not in clean
    assert "<redacted: " in clean
    every = run("get", snapshot, "-o", "jsonl", "--redact").text
    assert not any(value in every for value in data.values())
    table = run("get", snapshot, "secrets", "-A", "-o", "wide").text
    assert b64decode(data["password"]).decode() not in table


def test_clean(run: Run, snapshot: Path) -> None:
    from codec.change.clean import clean

    with codec.open(snapshot) as source:
        stored = source.get("/registry/services/specs/web/frontend")
        assert stored is not None
        tree = codec.to_dict(codec.decode(stored.value))
    words = ("get", snapshot, "svc/frontend", "-o", "json", "--clean")
    assert json.loads(run(*words).out) == clean(tree)
    kept = json.loads(run(*words, "--keep", "spec.clusterIP,uid").out)
    assert kept == clean(tree, keep=("spec.clusterIP", "uid"))
    assert kept["spec"]["clusterIP"] == tree["spec"]["clusterIP"]
    assert "clusterIP" not in json.loads(run(*words).out)["spec"]
    lines_ = run("get", snapshot, "svc", "-o", "jsonl", "--clean").out.splitlines()
    assert [json.loads(line)["kind"] for line in lines_] == ["Service"] * 7


def test_not_found(run: Run, snapshot: Path) -> None:
    ran = run("get", snapshot, "po", "minimal", "nope", "/registry/pods", "-n", "web", "-o", "name")
    assert (ran.status, ran.out) == (1, b"pod/minimal\n")
    assert ran.err == (
        "k8s-codec: not found: pods/nope in namespace web\n"
        "k8s-codec: not found: /registry/pods; there are keys below /registry/pods/\n"
    )
    ran = run("get", snapshot, "po", "-l", "app=nope")
    assert (ran.status, ran.out, ran.err) == (1, b"", "k8s-codec: nothing found\n")
    ran = run("get", snapshot, "po", *(f"n{number}" for number in range(25)))
    assert len(ran.err.splitlines()) == 21
    assert ran.err.endswith("k8s-codec: not found: 5 more\n")


@pytest.fixture
def odd(tmp_path: Path, etcd: Path) -> Path:
    """Encrypted, damaged, foreign and contradicting values beside good ones."""
    pod = codec.json_to_storage('{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":"web"}}')
    other = codec.json_to_storage(
        '{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"x","namespace":"y"}}'
    )
    unknown = pod.replace(b"Pod", b"Pud")
    encrypted = next(
        value
        for key, value in sorted(captured(etcd / "encrypted" / "values.jsonl.gz").items())
        if value.startswith(b"k8s:enc:aescbc")
    )
    path = tmp_path / "db"
    path.write_bytes(
        database(
            [
                (b"/registry/namespaces/kube-system", pod),
                (b"/registry/pods/web/a", pod),
                (b"/registry/pods/web/broken", pod[:40]),
                (b"/registry/pods/web/unknown", unknown),
                (b"/registry/deployments/web/d", other),
                (b"/registry/secrets/web/enc", encrypted),
                (b"compact_rev_key", b"7"),
                (b"/strange/place", other),
                (b"/strange/text", b"abc: def\n"),
                (b"/registry/health", b'{"health":"true"}'),  # every k3s has it
            ]
        )
    )
    return path


@pytest.mark.parametrize("form", ["yaml", "json", "jsonl", "table", "wide"])
def test_what_cannot_be_read_is_named_and_the_rest_is_done(run: Run, odd: Path, form: str) -> None:
    ran = run("get", odd, "-o", form)
    assert ran.status == 3
    failures = [line for line in ran.err.splitlines() if "the object says" not in line]
    assert len(failures) == 3 - (form in ("table", "wide"))
    assert failures[0].startswith("k8s-codec: pods web/broken: ")
    assert failures[-1].startswith(
        "k8s-codec: secrets web/enc: the value is encrypted by provider 'aescbc' with the key"
    )
    if form not in ("table", "wide"):
        assert failures[1] == (
            "k8s-codec: pods web/unknown: v1 Pud is not registered: its fields have no names; "
            "`get -o raw` gives its bytes, `inspect` its fields by number"
        )
    if form == "json":
        assert len(json.loads(ran.out)["items"]) == 4
    if form == "jsonl":
        assert ran.out.count(b"\n") == 4


def test_the_key_counts_where_the_object_says_otherwise(run: Run, odd: Path) -> None:
    ran = run("get", odd, "deploy", "-o", "yaml")
    assert ran.status == 0
    assert "name: x\n" in ran.text
    assert ran.err == (
        "k8s-codec: deployments.apps web/d: the object says that its namespace is 'y', name is 'x'; "
        "its key is what counts\n"
    )
    table = run("get", odd, "deploy")
    assert table.err == ran.err
    assert table.text.splitlines()[1].split()[0] == "web"
    assert run("get", odd, "deploy/x").status == 1
    assert run("get", odd, "ns", "-o", "name").text == "namespace/kube-system\n"


def test_bytes_that_are_no_object(run: Run, odd: Path) -> None:
    ran = run("get", odd, "/compact_rev_key", "compact_rev_key")
    assert (ran.status, "no resource type 'compact_rev_key'" in ran.err) == (2, True)
    assert run("get", odd, "/strange/text", "-o", "raw").out == b"abc: def\n"
    for form in ("table", "yaml", "name"):
        for key in ("/strange/text", "/registry/health"):
            ran = run("get", odd, key, "-o", form)
            assert (ran.status, f"{key}: " in ran.err) == (3, True)
    ran = run("get", odd, "/strange/place", "-o", "name")
    assert (ran.status, ran.out, ran.err) == (0, b"deployment.apps/x\n", "")
    assert run("get", odd, "secrets/enc", "-o", "raw").out.startswith(b"k8s:enc:aescbc:")
    assert run("get", odd, "secrets/enc", "-o", "name").out == b"secret/enc\n"


def test_unknown_fields_are_a_loss(run: Run, tmp_path: Path) -> None:
    raw = codec.encode(codec.from_json('{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":"web"}}'))
    start = raw.index(b"\x1a\x00\x22\x00", len(raw) - 4)
    inner = codec.storage.read_envelope(raw)
    newer = raw[inner.start : inner.end] + b"\xc0\x3e\x01"
    stored = codec.storage.wrap("v1", "Pod", newer)
    assert start
    path = tmp_path / "db"
    path.write_bytes(database([(b"/registry/pods/web/a", stored), (b"/registry/pods/web/b", raw)]))
    ran = run("get", path, "-o", "jsonl")
    assert ran.out.count(b"\n") == 2
    assert ran.status == 3
    assert ran.err.splitlines()[0] == "k8s-codec: pods web/a: Pod: 1 unknown field cannot be shown as text"
    assert run("get", path, "po/a").status == 0


def test_raw_is_one_value(run: Run, snapshot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = run("get", snapshot, "po", "-o", "raw")
    assert (ran.status, ran.out) == (2, b"")
    assert "-o raw gives the bytes of one value, and here are several: `export` writes many" in ran.err
    assert run("get", snapshot, "po", "-n", "limited", "-o", "raw").status == 0
    monkeypatch.setattr(get, "is_terminal", lambda: True)
    ran = run("get", snapshot, "po", "-n", "limited", "-o", "raw")
    assert (ran.status, ran.out, "binary is not written to a terminal" in ran.err) == (2, b"", True)


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--redact"], "--redact goes with -o yaml, json or jsonl"),
        (["-o", "raw", "--clean"], "--clean goes with -o yaml, json or jsonl"),
        (["-o", "yaml", "--keep", "x"], "--keep says what --clean leaves in"),
        (["-o", "yaml", "--now", NOW], "--now goes with tables"),
        (["-o", "name", "--show-labels"], "--show-labels goes with tables"),
        (["-o", "json", "--no-headers"], "--no-headers goes with tables"),
        (["-A", "-n", "web"], "-n and -A exclude each other"),
        (["po", "x", "-l", "a"], "a label selector and names exclude each other"),
        (["po//x"], "is not TYPE/NAME"),
        (["-o", "xml"], "--output is one of table, wide, yaml, json, jsonl, name, raw, not 'xml'"),
    ],
)
def test_wrong_usage(run: Run, snapshot: Path, words: list[str], problem: str) -> None:
    ran = run("get", snapshot, *words)
    assert (ran.status, ran.out) == (2, b"")
    assert problem in ran.err
    assert ran.err.endswith("Try `k8s-codec get --help`.\n")


def test_much_is_written_in_blocks(run: Run, tmp_path: Path) -> None:
    text = json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"x": "y" * 50_000}})
    raw = codec.json_to_storage(text)
    path = tmp_path / "db"
    path.write_bytes(database([(b"/registry/configmaps/web/a%d" % number, raw) for number in range(12)]))
    ran = run("get", path, "-o", "jsonl")
    assert ran.out.count(b"\n") == 12
    assert len(ran.out) > 2 * SIZE
