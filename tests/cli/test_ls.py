"""`k8s-codec ls`: the keys of a source, what each is, counts, deletions and what waits to be deleted."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from cli.command import Run
from source.build import database

import codec
from codec.cli import ls

NOW = "2026-12-01T00:00:00Z"


@pytest.fixture
def snapshot(etcd: Path) -> Path:
    return etcd / "snapshot.db"


def lines(etcd: Path) -> list[dict[str, object]]:
    with gzip.open(etcd / "values.jsonl.gz", "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def test_keys(run: Run, snapshot: Path, etcd: Path) -> None:
    ran = run("ls", snapshot, "-o", "name")
    assert (ran.status, ran.err) == (0, "")
    assert ran.text.splitlines() == [line["key"] for line in lines(etcd)]
    assert run("ls", snapshot, "-o", "name", "-n", "batch", "jobs").text.splitlines() == [
        "/registry/jobs/batch/migrate",
        "/registry/jobs/batch/report",
    ]


def test_a_table(run: Run, snapshot: Path) -> None:
    ran = run("ls", snapshot, "-n", "limited", "--now", NOW)
    assert (ran.status, ran.err) == (0, "")
    assert ran.text == (
        "RESOURCE         NAMESPACE   NAME            REVISION   AGE   SIZE\n"
        "limitranges      limited     defaults             455   8d     374\n"
        "pods             limited     with-defaults        456   8d    1000\n"
        "resourcequotas   limited     compute              458   8d     930\n"
    )


def test_wide_has_what_etcd_knows(run: Run, snapshot: Path) -> None:
    rows = run("ls", snapshot, "ev,no", "-o", "wide", "--now", NOW).text.splitlines()
    assert rows[0].split() == [*ls.COLUMNS, *ls.WIDE]
    event, node = rows[1].split(), rows[-1].split()
    assert (event[6], event[8], int(event[9], 16) > 0) == ("Event", "3", True)
    assert (node[0], node[1], node[2], node[6]) == ("nodes", "-", "worker-3", "Node")
    assert node[9:] == ["-", "/registry/minions/worker-3"]


def test_for_programs(run: Run, snapshot: Path, etcd: Path) -> None:
    found = [json.loads(line) for line in run("ls", snapshot, "-o", "jsonl").out.splitlines()]
    assert [(row["key"], row["revision"], row["kind"]) for row in found] == [
        (line["key"], line["mod_revision"], line["kind"]) for line in lines(etcd)
    ]
    (pod,) = (row for row in found if row["key"] == "/registry/pods/web/being-deleted")
    with codec.open(snapshot) as source:
        stored = source.get(pod["key"])
        assert stored is not None
        metadata = codec.to_dict(codec.decode(stored.value))["metadata"]
        assert stored.create_revision  # the other numbers are read with it
    assert pod == {
        "key": "/registry/pods/web/being-deleted",
        "resource": "pods",
        "group": "",
        "kind": "Pod",
        "namespace": "web",
        "name": "being-deleted",
        "revision": stored.mod_revision,
        "createRevision": stored.create_revision,
        "version": stored.version,
        "lease": 0,
        "size": len(stored.value),
        "created": metadata["creationTimestamp"],
        "deleting": metadata["deletionTimestamp"],
    }


def test_counts(run: Run, snapshot: Path) -> None:
    rows = [line.split() for line in run("ls", snapshot, "--count").text.splitlines()]
    assert rows[0] == ["RESOURCE", "COUNT"]
    assert rows[1:3] == [
        ["clusterroles.rbac.authorization.k8s.io", "79"],
        ["storageversions.internal.apiserver.k8s.io", "67"],
    ]
    assert sum(int(count) for _, count in rows[1:]) == 420
    assert [row for row in rows if row[0] in ("pods", "crontabs.stable.example.com")] == [
        ["pods", "9"],
        ["crontabs.stable.example.com", "4"],
    ]
    assert run("ls", snapshot, "po,cm", "--count", "-o", "jsonl").text == (
        '{"resource":"configmaps","count":9}\n{"resource":"pods","count":9}\n'
    )
    assert run("ls", snapshot, "po,cm", "--count", "-o", "name").text == "configmaps\npods\n"
    terminating = run("ls", snapshot, "--count", "--terminating", "-n", "web").text
    assert terminating == "RESOURCE     COUNT\nconfigmaps       1\npods             1\n"


def test_deletions(run: Run, snapshot: Path) -> None:
    ran = run("ls", snapshot, "--deleted")
    assert (ran.status, ran.err) == (0, "")
    assert ran.text == (
        "RESOURCE     NAMESPACE         NAME    DELETED   LAST\n"
        "configmaps   web               gone        542    439\n"
        "endpoints    biz-prod-qe2bu3   empty       555    404\n"
    )
    assert run("ls", snapshot, "--deleted", "-o", "name", "cm").text == "/registry/configmaps/web/gone\n"
    (row,) = run("ls", snapshot, "--deleted", "-o", "jsonl", "cm").out.splitlines()
    assert json.loads(row) == {
        "key": "/registry/configmaps/web/gone",
        "resource": "configmaps",
        "group": "",
        "kind": "ConfigMap",
        "namespace": "web",
        "name": "gone",
        "deleted": 542,
        "last": 439,
    }
    # What was there before can be got back, though not from a revision that is compacted.
    assert run("get", snapshot, "cm/gone", "--rev", "541", "-o", "name").text == "configmap/gone\n"
    assert run("ls", snapshot, "--deleted", "--rev", "550", "-o", "name").text == "/registry/configmaps/web/gone\n"
    none = run("ls", snapshot, "--deleted", "secrets")
    assert (none.status, none.out, none.err) == (1, b"", "k8s-codec: nothing found\n")


def test_several_lives(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "db"
    a = b"/registry/configmaps/web/a"
    path.write_bytes(database([(a, b"1"), (a, None), (a, b"2"), (a, b"3"), (a, None), (a, b"4")]))
    rows = run("ls", path, "--deleted").text.splitlines()
    assert [row.split() for row in rows[1:]] == [
        ["configmaps", "web", "a", "3", "2"],
        ["configmaps", "web", "a", "6", "5"],
    ]


def test_what_waits_to_be_deleted(run: Run, snapshot: Path) -> None:
    names = [
        "/registry/configmaps/web/stuck",
        "/registry/namespaces/leaving",
        "/registry/pods/web/being-deleted",
        "/registry/stable.example.com/crontabs/batch/by-old-version",
    ]
    assert run("ls", snapshot, "--terminating", "-o", "name").text.splitlines() == names
    table = run("ls", snapshot, "--terminating", "po", "--now", NOW).text.splitlines()
    assert [row.split()[:3] for row in table[1:]] == [["pods", "web", "being-deleted"]]


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """Keys and values that are not those of objects, and some that cannot be read."""
    path = tmp_path / "db"
    pod = codec.json_to_storage('{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":"web"}}')
    path.write_bytes(
        database(
            [
                (b"/registry/pods/web/a", pod),
                (b"/registry/pods/web/broken", pod[:40]),
                (b"/registry/secrets/web/enc", b"k8s:enc:aescbc:v1:key1:abc"),
                (b"/registry/namespaces/kube-system", b""),
                (b"/registry/a.example.com/things/web/t", b'{"apiVersion":"a.example.com/v1","kind":"Thing"}'),
                (b"compact_rev_key", b"7"),
                (b"/odd/\x1b[2J\xff", b"x"),
            ]
        )
    )
    return path


def test_odd_keys_and_values_are_listed(run: Run, odd: Path) -> None:
    ran = run("ls", odd)
    assert (ran.status, ran.err) == (0, "")
    rows = [line.split() for line in ran.text.splitlines()[1:]]
    assert rows == [
        ["-", "-", r"/odd/\x1b[2J\udcff", "8", "-", "1"],
        ["things.a.example.com", "web", "t", "6", "<unknown>", "48"],
        ["namespaces", "-", "kube-system", "5", "<unknown>", "0"],
        ["pods", "web", "a", "2", "<unknown>", str(rows[3][5])],
        ["pods", "web", "broken", "3", "<unknown>", "40"],
        ["secrets", "web", "enc", "4", "<unknown>", "26"],
        ["-", "-", "compact_rev_key", "7", "-", "1"],
    ]
    found = [json.loads(line) for line in run("ls", odd, "-o", "jsonl").out.splitlines()]
    assert [row["kind"] for row in found] == ["", "Thing", "Namespace", "Pod", "Pod", "Secret", ""]
    assert run("ls", odd, "-o", "name").out.splitlines()[0] == b"/odd/\x1b[2J\xff"
    counts = run("ls", odd, "--count").text.splitlines()
    assert [row.split() for row in counts[1:3]] == [["-", "2"], ["pods", "2"]]


def test_a_record_that_cannot_be_read_does_not_stop_the_rest(run: Run, tmp_path: Path) -> None:
    data = bytearray(database([(b"/registry/configmaps/web/c%d" % number, b"v" * 50) for number in range(5)]))
    at = data.index(b"/registry/configmaps/web/c2") + len(b"/registry/configmaps/web/c2")
    data[data.index(b"\x2a\x32", at) + 1] = 0x7F  # the value runs past its record
    path = tmp_path / "db"
    path.write_bytes(data)
    for command, form in (("ls", "table"), ("ls", "jsonl"), ("get", "jsonl"), ("get", "table")):
        ran = run(command, path, "-o", form)
        assert ran.status == 3
        assert sum("configmaps web/c2: " in line for line in ran.err.splitlines()) == 1, (command, form)
        if command == "ls":
            assert [name for name in ("c0", "c1", "c2", "c3", "c4") if name in ran.text] == ["c0", "c1", "c3", "c4"]


def test_names_in_keys_do_not_act_on_the_terminal(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "db"
    keys = [b"/registry/pods/w\x1bb/a\x07", b"/registry/x.\x1b[2J/things/web/y", b"/registry/namespaces/kube-system"]
    path.write_bytes(database([(key, b"k8s\0") for key in keys]))
    for words in (["ls", path], ["ls", path, "-o", "wide"], ["ls", path, "--count"], ["get", path, "-o", "yaml"]):
        ran = run(*words)
        assert b"\x1b" not in ran.out
        assert b"\x07" not in ran.out
        assert "\x1b" not in ran.err


def test_what_cannot_be_read_is_named_where_it_matters(run: Run, odd: Path) -> None:
    ran = run("ls", odd, "--terminating")
    assert (ran.status, ran.out) == (3, b"")
    said = ran.err.splitlines()
    assert [line.partition(": ")[2].partition(": ")[0] for line in said[:3]] == [
        "namespaces kube-system",
        "pods web/broken",
        "secrets web/enc",
    ]
    assert said[2] == "k8s-codec: secrets web/enc: the value is encrypted by provider 'aescbc' with the key 'key1'"


def test_a_table_in_pieces_has_one_heading(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ls, "PIECE", 3)
    path = tmp_path / "db"
    path.write_bytes(database([(b"/registry/pods/web/p%d" % number, b"") for number in range(8)]))
    rows = run("ls", path).text.splitlines()
    assert len(rows) == 9
    assert len({len(row) for row in rows}) == 1


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--count", "--deleted"], "--count and --deleted exclude each other"),
        (
            ["--terminating", "--deleted"],
            "--terminating is about objects that are there, --deleted about those that are",
        ),
        (["endpoits"], "no resource type 'endpoits' here: did you mean endpoints?"),
        (["-l", "a=b,"], "label selector 'a=b,': expected a label behind `,`, found ''"),
        (["--rev", "0"], "--rev takes a revision, a number from 1, not '0'"),
        (["--rev", "x"], "--rev takes a revision, a number from 1, not 'x'"),
        (["--now", "yesterday"], "--now takes a time such as 2026-07-01T12:00:00Z, not 'yesterday'"),
        (["--dial-timeout", "long"], "--dial-timeout takes a time such as 5s"),
    ],
)
def test_wrong_usage(run: Run, snapshot: Path, words: list[str], problem: str) -> None:
    ran = run("ls", snapshot, *words)
    assert (ran.status, ran.out) == (2, b"")
    assert problem in ran.err
    assert ran.err.endswith("Try `k8s-codec ls --help`.\n")


def test_a_source_must_be_named_and_be_one(run: Run, tmp_path: Path, daily: Path) -> None:
    ran = run("ls")
    assert (ran.status, "name a SOURCE" in ran.err) == (2, True)
    missing = run("ls", tmp_path / "missing")
    assert (missing.status, missing.err) == (3, f"k8s-codec: {tmp_path / 'missing'}: No such file or directory\n")
    value = run("ls", daily / "core.v1.Pod.pb")
    assert (value.status, "a stored value and no database: `k8s-codec decode` reads it" in value.err) == (3, True)


def test_revisions_that_are_not_there(run: Run, snapshot: Path) -> None:
    for number, problem in ((10_000, "is in the future: the newest is 576"), (5, "has been compacted: retained are")):
        ran = run("ls", snapshot, "--rev", number)
        assert (ran.status, ran.out) == (3, b"")
        assert ran.err.startswith(f"k8s-codec: {snapshot}: revision {number} {problem}")


def test_the_checksum_is_verified(run: Run, snapshot: Path, tmp_path: Path) -> None:
    assert run("ls", snapshot, "--verify", "-o", "name", "no").status == 0
    damaged = tmp_path / "snapshot.db"
    data = bytearray(snapshot.read_bytes())
    data[-40] ^= 1
    damaged.write_bytes(data)
    ran = run("ls", damaged, "--verify")
    assert (ran.status, ran.out) == (3, b"")
    assert ran.err.startswith(f"k8s-codec: {damaged}: the checksum at byte ")
    plain = tmp_path / "db"
    plain.write_bytes(data[:-32])
    ran = run("ls", plain, "--verify", "-o", "name", "no")
    assert (ran.status, ran.out.count(b"\n")) == (0, 3)
    assert ran.err == f"k8s-codec: {plain}: a source of this form (etcd database) carries no checksum to verify\n"
