"""`k8s-codec decode`."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from cli.command import Run

import codec
from codec.api import Unregistered
from codec.api.core.v1 import EndpointPort, Endpoints, EndpointSubset


def test_yaml_is_the_default(run: Run, daily: Path) -> None:
    for path in (daily / "core.v1.Endpoints.pb", daily / "core.v1.Secret.pb"):
        ran = run("decode", path)
        assert (ran.status, ran.err) == (0, "")
        assert ran.out == path.with_suffix(".yaml").read_bytes()


def test_stdin_and_several_inputs(run: Run, daily: Path) -> None:
    one, two = daily / "core.v1.Endpoints.pb", daily / "core.v1.Pod.pb"
    ran = run("decode", one, "-", stdin=two.read_bytes())
    expected = one.with_suffix(".yaml").read_bytes() + b"---\n" + two.with_suffix(".yaml").read_bytes()
    assert (ran.status, ran.out) == (0, expected)


def test_json_as_kubectl_indents_it_and_in_lines(run: Run, daily: Path) -> None:
    raw = (daily / "core.v1.Endpoints.pb").read_bytes()
    assert run("decode", "-o", "json", stdin=raw).out == codec.storage_to_json(raw, indent=4) + b"\n"
    assert run("decode", "-o", "json", "--indent", "2", stdin=raw).out == codec.storage_to_json(raw, indent=2) + b"\n"
    ran = run("decode", "-o", "jsonl", daily / "core.v1.Endpoints.pb", daily / "core.v1.Pod.pb")
    assert [json.loads(line)["kind"] for line in ran.out.splitlines()] == ["Endpoints", "Pod"]


def test_names_as_kubectl_prints_them(run: Run, daily: Path, etcd: Path) -> None:
    assert run("decode", "-o", "name", daily / "core.v1.Endpoints.pb").text == "endpoints/platform-mysql\n"
    assert run("decode", "-o", "name", daily / "apps.v1.Deployment.pb").text.startswith("deployment.apps/")
    assert run("decode", "-o", "name", etcd / "etcdctl" / "crontab.json").text == "crontab.stable.example.com/nightly\n"


def test_raw_is_exact(run: Run, daily: Path, etcd: Path) -> None:
    raw = (daily / "core.v1.Endpoints.pb").read_bytes()
    assert run("decode", "-o", "raw", stdin=base64.b64encode(raw)).out == raw
    assert run("decode", "-o", "raw", stdin=raw + b"\n").out == raw
    custom = run("decode", "-o", "raw", etcd / "etcdctl" / "crontab.plain").out
    assert custom == run("decode", "-o", "raw", etcd / "etcdctl" / "crontab.json").out
    assert custom.endswith(b"}\n")


def test_raw_gives_what_does_not_decode_too(run: Run) -> None:
    raw = codec.encode(Unregistered(apiVersion="a.b/v1", kind="C", raw=b"\x08\x07"))
    assert run("decode", "-o", "raw", stdin=raw).out == raw
    assert run("decode", "-o", "raw", "--inner", stdin=raw).out == b"\x08\x07"
    encrypted = b"k8s:enc:aescbc:v1:key1:xyz"
    assert run("decode", "-o", "raw", stdin=encrypted).out == encrypted


def test_inner_of_json_is_an_error(run: Run) -> None:
    ran = run("decode", "-o", "raw", "--inner", stdin=b'{"apiVersion":"v1","kind":"Pod"}')
    assert (ran.status, ran.out) == (3, b"")
    assert ran.err == "k8s-codec: stdin: the value is stored as JSON: there is no message in it\n"


@pytest.mark.usefixtures("terminal")
def test_binary_is_not_written_to_a_terminal(run: Run, daily: Path) -> None:
    ran = run("decode", "-o", "raw", daily / "core.v1.Endpoints.pb")
    assert (ran.status, ran.out) == (2, b"")
    assert "binary is not written to a terminal: redirect it" in ran.err
    assert run("decode", daily / "core.v1.Endpoints.pb").status == 0


def test_wrong_usage(run: Run, daily: Path) -> None:
    path = daily / "core.v1.Endpoints.pb"
    for words, problem in (
        (("--inner",), "--inner is a part of -o raw"),
        (("-o", "raw", "--redact"), "-o raw gives the stored bytes"),
        (("-o", "raw", path, path), "-o raw gives the bytes of one value, and here are 2"),
        (("--etcd-key", "/registry/a/b", path, path), "--etcd-key names the key of one value"),
    ):
        ran = run("decode", *words, stdin=path.read_bytes())
        assert ran.status == 2
        assert problem in ran.err


def test_what_fails_is_named_and_the_rest_done(run: Run, daily: Path, tmp_path: Path) -> None:
    raw = (daily / "core.v1.Endpoints.pb").read_bytes()
    bad = tmp_path / "bad.bin"
    place = raw.rindex(b"\x10\x91\x2f")
    bad.write_bytes(raw[:place] + b"\x12" + raw[place + 1 :])
    ran = run("decode", "-o", "name", tmp_path / "absent", bad, daily / "core.v1.Endpoints.pb")
    assert ran.status == 3
    assert ran.text == "endpoints/platform-mysql\n"
    assert ran.err.splitlines() == [
        f"k8s-codec: {tmp_path / 'absent'}: No such file or directory",
        f"k8s-codec: {bad}: Endpoints.subsets[0].ports[0].port: wire type length-delimited where varint was expected, "
        f"at byte {place}",
    ]


def test_unknown_fields_are_one_line_and_status_3(run: Run) -> None:
    subsets = [EndpointSubset(ports=[EndpointPort(_unknown=b"\x70\x01")])]
    ran = run("decode", stdin=codec.encode(Endpoints(subsets=subsets, _unknown=b"\x70\x01")))
    assert ran.status == 3
    assert ran.err == "k8s-codec: stdin: Endpoints: 2 unknown fields cannot be shown as text\n"
    assert ran.text.startswith("apiVersion: v1\nkind: Endpoints\n")


def test_an_unregistered_kind_names_the_ways_left(run: Run) -> None:
    ran = run("decode", stdin=codec.encode(Unregistered(apiVersion="a.b/v1", kind="C", raw=b"\x08\x07")))
    assert (ran.status, ran.out) == (3, b"")
    assert ran.err.startswith("k8s-codec: stdin: a.b/v1 C is not registered")
    assert "`decode -o raw`" in ran.err
    assert "`inspect`" in ran.err


def test_encrypted_values_name_provider_and_key(run: Run) -> None:
    ran = run("decode", stdin=b"k8s:enc:aescbc:v1:key1:xyz")
    assert (ran.status, ran.out) == (3, b"")
    assert ran.err == "k8s-codec: stdin: the value is encrypted by provider 'aescbc' with the key 'key1'\n"


def test_secrets_are_given_whole_unless_redacted(run: Run, daily: Path, etcd: Path) -> None:
    assert b"bm90LWEtcmVhbC1wYXNzd29yZA==" in run("decode", daily / "core.v1.Secret.pb").out
    for form in ("yaml", "json", "jsonl"):
        ran = run("decode", "--redact", "-o", form, daily / "core.v1.Secret.pb")
        assert ran.status == 0
        assert b"bm90LWEtcmVhbC1wYXNzd29yZA" not in ran.out
        assert b"redacted: 19 bytes" in ran.out
        assert b"redacted: 209 bytes" in ran.out
    listed = run("decode", "--redact", etcd / "http" / "secret-list.pb")
    assert "<redacted: " in listed.text
    secrets = json.loads(run("decode", "-o", "json", etcd / "http" / "secret-list.pb").out)
    for item in secrets["items"]:
        for value in (item.get("data") or {}).values():
            assert not value or f": {value}" not in listed.text


def test_redacting_other_kinds_changes_nothing(run: Run, daily: Path) -> None:
    for path in (daily / "core.v1.ConfigMap.pb", daily / "core.v1.Pod.pb"):
        assert run("decode", "--redact", path).out == path.with_suffix(".yaml").read_bytes()


def test_the_key_tells_a_secret_too(run: Run) -> None:
    value = b'{"apiVersion":"old.example/v1","kind":"Credential","data":{"a":"hidden"}}'
    ran = run("decode", "--redact", "--etcd-key", "/registry/secrets/ns/n", stdin=value)
    assert "hidden" not in ran.text
    assert "hidden" in run("decode", "--redact", stdin=value).text


def test_folders_and_lines_that_encode_wrote(run: Run, daily: Path, tmp_path: Path) -> None:
    manifests = [daily / "core.v1.Endpoints.yaml", daily / "core.v1.Node.yaml"]
    assert run("encode", "-d", tmp_path / "values", *manifests).status == 0
    lines = run("encode", "-o", "jsonl", *manifests).out
    expected = b"---\n".join(path.read_bytes() for path in manifests)
    assert run("decode", stdin=lines).out == expected
    folder = run("decode", "-o", "name", tmp_path / "values")
    assert sorted(folder.text.split()) == ["endpoints/platform-mysql", "node/worker-1"]


def test_errors_name_the_key(run: Run, etcd: Path) -> None:
    plain = (etcd / "etcdctl" / "endpoints.plain").read_bytes()
    ran = run("decode", stdin=plain[:200])
    key = plain.partition(b"\n")[0].decode()
    assert ran.err.startswith(f"k8s-codec: stdin: {key}: envelope: length ")


def test_kubectl_exec_with_a_terminal(run: Run, etcd: Path) -> None:
    ran = run("decode", etcd / "etcdctl" / "endpoints.terminal")
    assert (ran.status, ran.out) == (3, b"")
    assert "run `kubectl exec` without -t" in ran.err
