"""`k8s-codec check`: what it prints of sound and of damaged sources, and its exit status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli.command import Run
from source.build import Put, captured, database


@pytest.fixture
def snapshot(etcd: Path) -> Path:
    return etcd / "snapshot.db"


def test_a_sound_snapshot(run: Run, snapshot: Path) -> None:
    ran = run("check", snapshot)
    assert (ran.status, ran.err) == (0, "")
    assert ran.text == (
        "etcd snapshot, revision 576, history from 538\n"
        "ok     checksum    right\n"
        "ok     structure   123 pages of 4096 bytes, 2 of them free\n"
        "ok     records     456 agree in their revisions and versions\n"
        "ok     value       420 decode\n"
        "\n"
        "Stored in the apiVersions that API servers store now: a storage migration would change nothing.\n"
        "\n"
        "No value is encrypted.\n"
        "\n"
        "Nothing is wrong.\n"
    )


def test_a_changed_byte(run: Run, snapshot: Path, tmp_path: Path) -> None:
    data = bytearray(snapshot.read_bytes())
    data[-50] ^= 1
    (tmp_path / "changed.db").write_bytes(data)
    ran = run("check", tmp_path / "changed.db")
    assert ran.status == 1
    assert "WRONG  checksum    the checksum at byte 503808 is not that of the bytes before it" in ran.text
    assert ran.text.endswith("\n1 fault found.\n")


def test_faults_of_values(run: Run, etcd: Path, tmp_path: Path) -> None:
    values = captured(etcd / "values.jsonl.gz")
    encrypted = captured(etcd / "encrypted" / "values.jsonl.gz")
    clear, hidden = (encrypted[f"/registry/secrets/vault/{name}".encode()] for name in ("identity", "kms-v2"))
    puts: list[Put] = [
        (b"/registry/pods/default/a", values[b"/registry/pods/web/everything"]),
        (b"/registry/secrets/vault/identity", clear),
        (b"/registry/secrets/vault/kms-v2", clear),
        (b"/registry/secrets/vault/kms-v2", hidden),
        (b"/registry/secrets/web/login", values[b"/registry/secrets/web/login"][:-40]),
        (b"compact_rev_key", b"1"),
    ]
    (tmp_path / "db").write_bytes(database(puts))
    ran = run("check", tmp_path / "db")
    assert ran.status == 1
    lines = ran.text.splitlines()
    assert lines[0] == "etcd database, revision 7, all history"
    assert [line for line in lines if line.startswith("WRONG")] == [
        "WRONG  key         /registry/pods/default/a: the object is another than its key says: "
        "namespace is 'web', name is 'everything'",
        "WRONG  value       /registry/secrets/web/login: " + lines[5].partition("login: ")[2],
        "WRONG  encryption  secrets: 2 stand in clear beside 1 that are encrypted",
        "WRONG  encryption  /registry/secrets/vault/kms-v2: encrypted today, and in clear in the history: "
        "revision 4, until it is compacted",
    ]
    assert "ok     value       2 decode, 1 do not, 1 are encrypted, 1 are no objects" in lines
    assert "secrets   kms v2     hsm-2        1" in lines
    assert lines[-1] == "4 faults found."

    rows = [json.loads(line) for line in run("check", tmp_path / "db", "-o", "jsonl").out.splitlines()]
    assert rows[0] == {"source": str(tmp_path / "db"), "form": "etcd database", "revision": 7, "compactRevision": 0}
    assert sum(row.get("wrong", False) for row in rows) == 4
    assert rows[-1] == {"faults": 4}
    assert {"encryption": "secrets", "provider": "kms v2", "key": "hsm-2", "values": 1} in rows
    stored = next(row for row in rows if row.get("resource") == "pods")
    assert stored == {
        "resource": "pods",
        "kind": "Pod",
        "apiVersion": "v1",
        "form": "protobuf",
        "values": 1,
        "newest": "v1",
        "usualForm": "protobuf",
    }


def test_what_a_migration_would_rewrite(run: Run, etcd: Path, tmp_path: Path) -> None:
    from codec import encode
    from codec.api.batch.v1beta1 import CronJob
    from codec.api.meta.v1 import ObjectMeta

    raw = encode(CronJob(metadata=ObjectMeta(name="a", namespace="b")), form="json")
    (tmp_path / "db").write_bytes(database([(b"/registry/cronjobs/b/a", raw)]))
    ran = run("check", tmp_path / "db")
    assert ran.status == 0
    assert ran.text.endswith(
        "\nA storage migration would rewrite:\n"
        "KIND             STORED AS       NOW        VALUES\n"
        "cronjobs.batch   batch/v1beta1   batch/v1        1\n"
        "\nStored in another form than API servers choose by themselves:\n"
        "KIND             STORED AS   USUAL      VALUES\n"
        "cronjobs.batch   json        protobuf        1\n"
        "\nNo value is encrypted.\n"
        "\nNothing is wrong.\n"
    )


def test_custom_resources_that_nobody_can_read(run: Run, etcd: Path, tmp_path: Path) -> None:
    values = captured(etcd / "values.jsonl.gz")
    definition = b"/registry/apiextensions.k8s.io/customresourcedefinitions/crontabs.stable.example.com"
    crontab, policy = (
        f"/registry/stable.example.com/{name}".encode() for name in ("crontabs/web/nightly", "clusterpolicies/bare")
    )
    gone = values[crontab].replace(b'"stable.example.com/v1"', b'"stable.example.com/v1alpha1"')
    puts: list[Put] = [(definition, values[definition]), (crontab, gone), (policy, values[policy])]
    (tmp_path / "db").write_bytes(database(puts))
    ran = run("check", tmp_path / "db")
    assert ran.status == 1
    assert [line for line in ran.text.splitlines() if "definition" in line[:18]] == [
        "ok     definition  clusterpolicies.stable.example.com: 1 object of stable.example.com/v1, "
        "and no CustomResourceDefinition",
        "WRONG  definition  crontabs.stable.example.com: 1 object of stable.example.com/v1alpha1, "
        "a version that their definition does not have: API servers refuse every list with them",
    ]


def test_a_selection_is_not_the_database(run: Run, snapshot: Path) -> None:
    ran = run("check", snapshot, "deployments")
    assert ran.status == 0
    assert ran.text.splitlines()[1] == "ok     value       3 decode"
    assert run("check", snapshot, "deployments", "-n", "nowhere").status == 1
    ran = run("check", snapshot, "pod/everything", "pod/nobody")
    assert ran.status == 1
    assert "not found: pods/nobody" in ran.err


def test_an_empty_database_is_sound(run: Run, tmp_path: Path) -> None:
    (tmp_path / "db").write_bytes(database([]))
    ran = run("check", tmp_path / "db")
    assert (ran.status, ran.err) == (0, "")
    assert ran.text.endswith("Nothing is wrong.\n")


def test_names_that_act_on_a_terminal_do_not(run: Run, tmp_path: Path) -> None:
    key = b"/registry/pods/web/\x1b[31m\n\xff"
    (tmp_path / "db").write_bytes(database([(key, b"k8s\0\xff")]))
    for command in ("check", "size", "export"):
        ran = run(command, tmp_path / "db")
        for text in (ran.text, ran.err):
            assert "\x1b" not in text
    assert "/registry/pods/web/\\x1b[31m\\n\\udcff: " in run("check", tmp_path / "db").text


def test_what_cannot_be_read_on(run: Run, snapshot: Path, tmp_path: Path) -> None:
    (tmp_path / "cut.db").write_bytes(snapshot.read_bytes()[:300_000])
    ran = run("check", tmp_path / "cut.db")
    assert ran.status == 3
    assert ran.text == (
        "WRONG  structure   page 121 at byte 495616: the file ends at byte 300000\n"
        "ok     structure   1 pages can be read, and 0 records in them\n"
    )
    assert ran.err.endswith("cut.db: page 121 at byte 495616: the file ends at byte 300000\n")
    assert run("check", tmp_path / "nothing.db").status == 3
    assert run("check").status == 2


def test_what_is_left_of_a_damaged_snapshot(run: Run, snapshot: Path, tmp_path: Path) -> None:
    data = bytearray(snapshot.read_bytes())
    data[20 * 4096 : 21 * 4096] = bytes(4096)
    (tmp_path / "damaged.db").write_bytes(data)
    ran = run("check", tmp_path / "damaged.db", "-o", "jsonl")
    assert ran.status == 3
    rows = [json.loads(line) for line in ran.out.splitlines()]
    assert [row["wrong"] for row in rows] == [True, True, False]
    assert rows[1]["text"] == "page 20 at byte 81920: its header says that it is page 0"
    assert "records in them" in rows[2]["text"]
