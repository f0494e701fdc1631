"""`k8s-codec encode`."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from cli.command import Run

import codec
from codec.api.core.v1 import EndpointAddress, Endpoints, EndpointSubset
from codec.api.meta.v1 import ObjectMeta
from codec.types import Time

META = "metadata: {name: one, namespace: ns, uid: u, creationTimestamp: '2026-01-01T00:00:00Z'}\n"
CRD = """\
apiVersion: apiextensions.k8s.io/v1beta1
kind: CustomResourceDefinition
metadata: {name: crontabulae.example.com, uid: u, creationTimestamp: '2026-01-01T00:00:00Z'}
spec:
  group: example.com
  names: {kind: CronTab, plural: crontabulae}
  scope: Namespaced
status: {acceptedNames: {kind: CronTab, plural: crontabulae}, conditions: [], storedVersions: []}
---
"""


def test_every_daily_object_is_stored_as_the_api_server_stores_it(run: Run, daily: Path) -> None:
    paths = sorted(daily.glob("*.pb"))
    assert paths
    for path in paths:
        ran = run("encode", path.with_suffix(".yaml"))
        assert (ran.status, ran.out) == (0, path.read_bytes()), ran.err
        line = run("decode", "-o", "jsonl", path).out
        assert run("encode", stdin=line).out == path.read_bytes()


def test_custom_resources_are_stored_as_json(run: Run, etcd: Path) -> None:
    value = run("decode", "-o", "raw", etcd / "etcdctl" / "crontab.plain").out
    text = run("decode", etcd / "etcdctl" / "crontab.plain").out
    assert json.loads(run("encode", stdin=text).out) == json.loads(value)


def test_what_api_servers_fill_in_is_cleared(run: Run) -> None:
    text = "kind: Service\napiVersion: v1\nmetadata: {name: one, resourceVersion: '7', selfLink: /x}\n"
    obj = codec.decode(run("encode", stdin=text.encode()).out)
    assert obj.metadata.resourceVersion == obj.metadata.selfLink == ""  # type: ignore[attr-defined]
    text = "kind: C\napiVersion: a.b/v1\nmetadata: {name: one, resourceVersion: '7', selfLink: /x}\n"
    assert json.loads(run("encode", stdin=text.encode()).out)["metadata"] == {"name": "one"}


@pytest.mark.parametrize(
    ("text", "doubts"),
    [
        ("apiVersion: v1\nkind: Service\n" + META, []),
        (
            "apiVersion: v1\nkind: Service\nmetadata: {name: one}\n",
            [
                "Service one: metadata.uid is missing: every object in etcd has one",
                "Service one: metadata.creationTimestamp is missing: every object in etcd has one",
            ],
        ),
        (
            "apiVersion: v1\nkind: Secret\nstringData: {a: b}\n" + META,
            ["Secret ns/one: stringData: the API server moves it into data before it stores a Secret"],
        ),
        (
            "apiVersion: extensions/v1beta1\nkind: Ingress\n" + META,
            ["Ingress ns/one: API servers of v1.36 store Ingress as networking.k8s.io/v1, not as extensions/v1beta1"],
        ),
        (
            "apiVersion: authentication.k8s.io/v1\nkind: TokenReview\nspec: {}\n" + META,
            ["TokenReview ns/one: API servers do not store authentication.k8s.io/v1 TokenReview"],
        ),
    ],
)
def test_doubts_are_told_and_the_object_encoded(run: Run, text: str, doubts: list[str]) -> None:
    ran = run("encode", stdin=text.encode())
    assert ran.status == 0
    assert ran.out.startswith(b"k8s\0")
    assert ran.err.splitlines() == [f"k8s-codec: stdin: {doubt}" for doubt in doubts]


def test_many_objects_need_their_keys(run: Run, daily: Path) -> None:
    paths = [daily / "core.v1.Endpoints.yaml", daily / "core.v1.Node.json"]
    ran = run("encode", *paths)
    assert (ran.status, ran.out) == (2, b"")
    assert "bare bytes are those of one object, and here are 2: use -o jsonl, or -d FOLDER" in ran.err
    rows = [json.loads(line) for line in run("encode", "-o", "jsonl", "--prefix", "/other", *paths).out.splitlines()]
    assert [row["key"] for row in rows] == [
        "/other/services/endpoints/biz-prod-qe2bu3/platform-mysql",
        "/other/minions/worker-1",
    ]
    assert [base64.b64decode(row["value"]) for row in rows] == [path.with_suffix(".pb").read_bytes() for path in paths]


def test_nothing_is_written_unless_all_encode(run: Run, daily: Path, tmp_path: Path) -> None:
    bad = b"apiVersion: v1\nkind: Pod\nspec: {containers: 7}\n"
    for words in (("-o", "jsonl"), ("-d", tmp_path / "values"), ()):
        ran = run("encode", *words, daily / "core.v1.Endpoints.yaml", "-", stdin=bad)
        assert (ran.status, ran.out) == (3, b"")
        assert ran.err.splitlines() == [
            "k8s-codec: stdin: Pod.spec.containers: expected a list, got a number, at line 3, column 8",
            "k8s-codec: nothing was written",
        ]
    assert not (tmp_path / "values").exists()


def test_two_objects_of_one_key(run: Run, daily: Path) -> None:
    path = daily / "core.v1.Node.yaml"
    ran = run("encode", "-o", "jsonl", path, path)
    assert (ran.status, ran.out) == (3, b"")
    assert "a second object with the key /registry/minions/worker-1" in ran.err


def test_unknown_keys(run: Run) -> None:
    text = ("apiVersion: v1\nkind: Service\nnew: 1\n" + META).encode()
    ran = run("encode", stdin=text)
    assert (ran.status, ran.out) == (3, b"")
    assert "stdin: Service.new: unknown field, at line 3, column 1" in ran.err
    assert run("encode", "--allow-unknown", stdin=text).status == 0


def test_the_plural_of_a_custom_resource(run: Run) -> None:
    custom = "apiVersion: example.com/v1\nkind: CronTab\n" + META
    guessed = run("encode", "-o", "jsonl", stdin=custom.encode())
    assert json.loads(guessed.out)["key"] == "/registry/example.com/crontabs/ns/one"
    assert "the plural of CronTab is guessed" in guessed.err
    told = run("encode", "-o", "jsonl", stdin=(CRD + custom).encode())
    assert json.loads(told.out.splitlines()[1])["key"] == "/registry/example.com/crontabulae/ns/one"
    assert "guessed" not in told.err


def test_placeholders_are_refused(run: Run, daily: Path) -> None:
    for form in ("yaml", "json"):
        text = run("decode", "--redact", "-o", form, daily / "core.v1.Secret.pb").out
        ran = run("encode", stdin=text)
        assert (ran.status, ran.out) == (3, b"")
        assert "stdin: Secret.data[" in ran.err
        assert "a placeholder stands here instead of the data" in ran.err
    text = run("decode", "-o", "json", daily / "core.v1.Secret.pb").out
    tree = json.loads(text)
    tree["metadata"]["annotations"] = {"kubectl.kubernetes.io/last-applied-configuration": "<redacted: 9 bytes>"}
    ran = run("encode", stdin=json.dumps(tree).encode())
    assert "a placeholder stands here instead of the annotation" in ran.err


def test_a_config_map_may_hold_such_a_text(run: Run) -> None:
    text = "apiVersion: v1\nkind: ConfigMap\ndata: {a: '<redacted: 9 bytes>'}\n" + META
    assert run("encode", stdin=text.encode()).status == 0


def test_base_carries_over_what_text_could_not_show(run: Run, tmp_path: Path) -> None:
    meta = ObjectMeta(name="one", namespace="ns", uid="u", creationTimestamp=Time(1))
    subsets = [EndpointSubset(addresses=[EndpointAddress(ip="10.0.0.1", _unknown=b"\x70\x01")])]
    old = codec.encode(Endpoints(metadata=meta, subsets=subsets))
    (tmp_path / "old").write_bytes(old)
    text = run("decode", stdin=old).out
    assert run("encode", stdin=text).out != old
    ran = run("encode", "--base", tmp_path / "old", stdin=text)
    assert (ran.status, ran.out, ran.err) == (0, old, "")
    changed = run("encode", "--base", tmp_path / "old", stdin=text.replace(b"10.0.0.1", b"10.0.0.9"))
    assert (
        changed.err == "k8s-codec: stdin: Endpoints ns/one: 1 unknown field of the base found no place in the object\n"
    )
    other = run("encode", "--base", tmp_path / "old", stdin=text.replace(b"name: one", b"name: two"))
    assert (other.status, other.out) == (3, b"")
    assert "--base is another object: ns/one" in other.err


def test_forms(run: Run) -> None:
    text = ("apiVersion: v1\nkind: Service\n" + META).encode()
    assert json.loads(run("encode", "--form", "json", stdin=text).out)["kind"] == "Service"
    ran = run("encode", "--form", "protobuf", stdin=b"apiVersion: a.b/v1\nkind: C\n" + META.encode())
    assert (ran.status, ran.err.count("has no protobuf message")) == (3, 1)


@pytest.mark.usefixtures("terminal")
def test_binary_is_not_written_to_a_terminal(run: Run, daily: Path) -> None:
    ran = run("encode", daily / "core.v1.Endpoints.yaml")
    assert (ran.status, ran.out) == (2, b"")
    assert "binary is not written to a terminal" in ran.err
    assert run("encode", "-o", "jsonl", daily / "core.v1.Endpoints.yaml").status == 0


def test_wrong_usage(run: Run, daily: Path, tmp_path: Path) -> None:
    path = daily / "core.v1.Endpoints.yaml"
    assert "-o and -d exclude each other" in run("encode", "-o", "raw", "-d", tmp_path, path).err
    assert "no object in the input" in run("encode", stdin=b"# nothing\n").err
    ran = run("encode", "-o", "jsonl", "--base", path, path, daily / "core.v1.Node.yaml")
    assert (ran.status, "--base belongs to one object, and here are 2" in ran.err) == (2, True)
