"""`k8s-codec inspect`."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path

import pytest
from cli.command import Run

import codec
from codec.api import Unregistered
from codec.api.core.v1 import Endpoints, Secret
from codec.api.meta.v1 import ObjectMeta

PASSWORD = "not-a-real-password"
VALUE = codec.encode(Endpoints(metadata=ObjectMeta(name="one"), _unknown=b"\x70\x07"))
TREE = """\
byte                             wire     field
   0  6b 38 73 00                         magic
   4  0a 0f                      length   1 typeMeta: TypeMeta, 15 bytes
   6  0a 02 76 31                length     1 apiVersion: string "v1"
  10  12 09 45 6e 64 70 6f 69 …  length     2 kind: string "Endpoints"
  21  12 17                      length   2 raw: Endpoints, 23 bytes
  23  0a 13                      length     1 metadata: ObjectMeta, 19 bytes
  25  0a 03 6f 6e 65             length       1 name: string "one"
  30  12 00                      length       2 generateName: string ""
  32  1a 00                      length       3 namespace: string ""
  34  22 00                      length       4 selfLink: string ""
  36  2a 00                      length       5 uid: string ""
  38  32 00                      length       6 resourceVersion: string ""
  40  38 00                      varint       7 generation: int64 0
  42  42 00                      length       8 creationTimestamp: Time, 0 bytes  (empty)
  44  70 07                      varint     14 7  (unknown field)
  46  1a 00                      length   3 contentEncoding: string ""
  48  22 00                      length   4 contentType: string ""
"""


def test_the_tree_of_a_value(run: Run) -> None:
    ran = run("inspect", stdin=VALUE)
    assert (ran.status, ran.err) == (0, "")
    assert ran.text == TREE


def test_it_takes_what_decode_takes(run: Run, etcd: Path) -> None:
    assert run("inspect", stdin=base64.b64encode(VALUE)).text == TREE
    ran = run("inspect", etcd / "etcdctl" / "endpoints-prefix.json")
    assert ran.status == 0
    headings = [line for line in ran.text.splitlines() if line.startswith("# ")]
    assert len(headings) > 1
    assert "/registry/services/endpoints/" in headings[0]


def test_without_a_schema(run: Run) -> None:
    text = run("inspect", "--no-schema", stdin=VALUE).text
    assert '    1: string? "one"\n' in text
    assert "metadata" not in text


def test_an_inner_message(run: Run) -> None:
    inner = run("decode", "-o", "raw", "--inner", stdin=VALUE).out
    for name in ("v1/Endpoints", "k8s.io.api.core.v1.Endpoints"):
        text = run("inspect", "--message", name, stdin=inner).text
        assert '  1 name: string "one"\n' in text
        assert "14 7  (unknown field)" in text
    unknown = run("inspect", stdin=inner).text
    assert "1: string? <redacted: 3 bytes>" in unknown
    assert "one" not in unknown
    assert '1: string? "one"' in run("inspect", "--show-secrets", stdin=inner).text
    assert '1: string? "one"' in run("inspect", "--etcd-key", "/registry/pods/a/b", stdin=inner).text
    assert "<redacted" in run("inspect", "--etcd-key", "/registry/secrets/a/b", stdin=inner).text
    ran = run("inspect", "--message", "v1/Nope", stdin=inner)
    assert (ran.status, "`k8s-codec kinds -o wide` lists them" in ran.err) == (2, True)


def test_secrets_are_hidden(run: Run) -> None:
    secret = Secret(metadata=ObjectMeta(name="one"), data={"password": PASSWORD.encode()})
    value = codec.encode(secret)
    for words in ((), ("--no-schema",), ("--message", "v1/Secret"), ("--etcd-key", "/registry/secrets/a/b")):
        text = run("inspect", *words, stdin=value).text
        assert PASSWORD not in text
        assert PASSWORD.encode()[:4].hex(" ") not in text
    assert PASSWORD in run("inspect", "--show-secrets", stdin=value).text
    as_json = codec.encode(secret, form="json")
    assert base64.b64encode(PASSWORD.encode()).decode() not in run("inspect", stdin=as_json).text
    unregistered = codec.encode(Unregistered(apiVersion="v9", kind="Secret", raw=b"\x0a\x13" + PASSWORD.encode()))
    assert PASSWORD not in run("inspect", stdin=unregistered).text


def test_an_unregistered_kind_is_shown_by_number(run: Run) -> None:
    ran = run("inspect", stdin=codec.encode(Unregistered(apiVersion="a.b/v1", kind="C", raw=b"\x0a\x02hi")))
    assert ran.status == 0
    assert ran.err == "k8s-codec: stdin: a.b/v1 C is not registered: fields are shown by number\n"
    assert '1: string? "hi"' in ran.text


def test_the_place_of_an_error(run: Run) -> None:
    place = VALUE.rindex(b"\x70\x07")
    ran = run("inspect", stdin=VALUE[:place] + b"\x00" + VALUE[place + 1 :])
    assert ran.status == 3
    lines = ran.text.splitlines()
    assert lines[:-1] == TREE.splitlines()[: len(lines) - 1]
    problem = "Endpoints: field number 0 is out of range, at byte 44"
    assert lines[-1] == f"  44  00 07 1a 00 22 00                   ✗ {problem}"


def test_a_value_that_is_cut_off(run: Run) -> None:
    ran = run("inspect", stdin=VALUE[:29])
    assert ran.status == 3
    lines = ran.text.splitlines()
    assert lines[5].endswith("2 raw: Endpoints, 6 bytes  ✗ length 23 runs past the message end by 17 bytes")
    assert lines[7].endswith('1 name: string "on"  ✗ length 3 runs past the message end by 1 bytes')
    assert lines[8].endswith("✗ envelope: length 23 runs past the message end by 17 bytes, at byte 22")


def test_what_only_a_whole_decoding_notices(run: Run) -> None:
    # A Quantity in a map holds a field that it does not have.
    limits = b"\x0a\x03cpu\x12\x05\x0a\x011\x70\x01"
    inner = b"\x12" + bytes((len(limits) + 2,)) + b"\x0a" + bytes((len(limits),)) + limits
    raw = b"k8s\0\x0a\x13\x0a\x02v1\x12\x0dResourceQuota\x12" + bytes((len(inner),)) + inner + b"\x1a\x00\x22\x00"
    ran = run("inspect", stdin=raw)
    assert ran.status == 3
    assert "contentType" in ran.text
    assert ran.text.splitlines()[-1].rpartition("✗ ")[2].startswith("ResourceQuota.spec.hard[cpu]: ")


def test_bytes_from_a_terminal(run: Run, etcd: Path) -> None:
    ran = run("inspect", etcd / "etcdctl" / "endpoints.terminal")
    assert ran.status == 3
    assert "run `kubectl exec` without -t" in ran.err
    assert ran.text.splitlines()[-1].endswith("at byte 4")


def test_json_names_its_kind_and_the_place_of_an_error(run: Run) -> None:
    value = b'{"apiVersion":"a.b/v1","kind":"C","x":1}\n'
    ran = run("inspect", stdin=value)
    assert ran.status == 0
    assert ran.text == (
        "   0  7b                                  JSON, 41 bytes\n"
        "  14  22 61 2e 62 2f 76 31 22             apiVersion 'a.b/v1'\n"
        "  30  22 43 22                            kind 'C'\n"
    )
    ran = run("inspect", stdin=value.replace(b"1}", b"}"))
    assert ran.status == 3
    assert ran.text.splitlines()[-1].startswith("  38  7d 0a")


def captured(etcd: Path, folder: str) -> dict[str, bytes]:
    with gzip.open(etcd / folder / "values.jsonl.gz", "rt", encoding="utf-8") as lines:
        return {row["key"]: base64.b64decode(row["value"]) for row in map(json.loads, lines)}


def test_encrypted_values_name_their_parts(run: Run, etcd: Path) -> None:
    seen = set()
    for value in captured(etcd, "encrypted").values():
        if not value.startswith(b"k8s:enc:"):
            continue
        ran = run("inspect", stdin=value)
        assert (ran.status, ran.err) == (0, "")
        provider = value.split(b":")[2].decode()
        version = value.split(b":")[3].decode()
        assert f"provider {provider!r}" in ran.text
        assert "key name '" in ran.text
        expected = {
            "aescbc": "initialisation vector",
            "aesgcm": "authentication tag",
            "secretbox": "nonce",
            "kms": "encrypted key" if version == "v1" else "2 keyID: string? ",
        }[provider]
        assert expected in ran.text
        seen.add((provider, version))
        cut = run("inspect", stdin=value[:14])
        assert (cut.status, "✗ expected" in cut.text) == (3, True)
    assert len(seen) == 5


def test_yaml_says_so(run: Run, etcd: Path) -> None:
    value = next(iter(captured(etcd, "yaml").values()))
    assert run("inspect", stdin=value).text.splitlines()[0].endswith(f"YAML, {len(value)} bytes")


def test_cbor_says_so(run: Run, etcd: Path) -> None:
    values = captured(etcd, "cbor")
    value = next(value for value in values.values() if value.startswith(b"\xd9\xd9\xf7"))
    ran = run("inspect", stdin=value)
    assert ran.status == 0
    assert "CBOR: the tag that says so" in ran.text
    assert " pairs\n" in ran.text
    assert run("inspect", stdin=b"\xd9\xd9\xf7\x01").status == 3


def test_nothing_reaches_the_terminal_unescaped(run: Run) -> None:
    value = codec.encode(Endpoints(metadata=ObjectMeta(name="\x1b[31m\u202ered\x00")))
    text = run("inspect", stdin=value).text
    assert r'"\x1b[31m\u202ered\x00"' in text
    assert "\x1b" not in text
    entry = b"\x0a\x05\x1b[2J\n\x18\x01"  # a key that would clear the screen, and a field that no entry has
    inner = b"\x12" + bytes((len(entry),)) + entry
    raw = b"k8s\0\x0a\x0c\x0a\x02v1\x12\x06Secret\x12" + bytes((len(inner),)) + inner
    for command in ("decode", "inspect"):
        ran = run(command, stdin=raw)
        assert ran.status == 3
        assert "\x1b" not in ran.err + ran.text
        assert r"Secret.data[\x1b[2J\n]: a map entry has no field 3" in ran.err + ran.text


@pytest.mark.parametrize(
    ("words", "environment", "colored"),
    [
        (("--color", "always"), {"NO_COLOR": "1"}, True),
        ((), {"NO_COLOR": "", "TERM": "xterm"}, True),
        ((), {"NO_COLOR": "1", "TERM": "xterm"}, False),
        ((), {"NO_COLOR": "", "TERM": "dumb"}, False),
        (("--color", "never"), {"NO_COLOR": "", "TERM": "xterm"}, False),
    ],
)
@pytest.mark.usefixtures("terminal")
def test_color(
    run: Run, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], environment: dict[str, str], colored: bool
) -> None:
    for name, text in environment.items():
        monkeypatch.setenv(name, text)
    text = run("inspect", *words, stdin=VALUE).text
    assert ("\x1b[36m1 metadata\x1b[0m: ObjectMeta" in text) is colored
    if not colored:
        assert text == TREE


def test_no_color_where_there_is_no_terminal(run: Run) -> None:
    assert "\x1b" not in run("inspect", "--color", "auto", stdin=VALUE).text
