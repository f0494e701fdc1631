"""`k8s-codec size`: its tables, its figures for programs, and its advice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli.command import Run

from codec.cli import size


@pytest.fixture
def snapshot(etcd: Path) -> Path:
    return etcd / "snapshot.db"


def test_tables(run: Run, snapshot: Path) -> None:
    ran = run("size", snapshot, "--top", "2")
    assert (ran.status, ran.err) == (0, "")
    assert ran.text == (
        "etcd snapshot, revision 576, history from 538\n"
        "420 keys, 328.9 KiB live; 20.3 KiB in 36 older revisions, 2 tombstones among them\n"
        "database: 492.0 KiB, 8.0 KiB (2%) in free pages\n"
        "Defragmentation would give back little: about 8.0 KiB (2%).\n"
        "\n"
        "KIND                                               BYTES       LIVE   HISTORY   OLDER   KEYS\n"
        "clusterroles.rbac.authorization.k8s.io          63.5 KiB   63.5 KiB       0 B       0     79    18%\n"
        "clusterrolebindings.rbac.authorization.k8s.io   43.2 KiB   43.2 KiB       0 B       0     58    12%\n"
        "and 70 more: 242.5 KiB (69%)\n"
        "\n"
        "NAMESPACE       BYTES        LIVE   HISTORY   OLDER   KEYS\n"
        "(cluster)   236.2 KiB   234.4 KiB   1.8 KiB       6    318    68%\n"
        "web          54.5 KiB    45.7 KiB   8.8 KiB      13     48    16%\n"
        "and 7 more: 58.5 KiB (17%)\n"
        "\n"
        "KEY                                                         BYTES      LIVE   HISTORY   OLDER\n"
        "/registry/pods/web/everything                             9.0 KiB   9.0 KiB       0 B       0     3%\n"
        "/registry/leases/kube-system/leader-election-controller   5.4 KiB     504 B   4.9 KiB      10     2%\n"
    )


@pytest.mark.parametrize(("by", "head"), [("kind", "KIND"), ("namespace", "NAMESPACE"), ("key", "KEY")])
def test_one_table(run: Run, snapshot: Path, by: str, head: str) -> None:
    lines = run("size", snapshot, "--by", by).text.split("\n\n")
    assert len(lines) == 2
    assert lines[1].startswith(head)


def test_bars_on_a_terminal_alone(run: Run, snapshot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "█" not in run("size", snapshot).text
    monkeypatch.setattr(size, "is_terminal", lambda: True)
    lines = run("size", snapshot, "--by", "namespace").text.splitlines()
    first = next(line for line in lines if line.startswith("(cluster)"))
    assert first.endswith("68% " + "█" * size.BAR)


def test_for_programs(run: Run, snapshot: Path) -> None:
    found = json.loads(run("size", snapshot, "-o", "json", "--top", "0").out)
    assert found["database"] == {"total": 503808, "free": 8192, "gain": 8192}
    assert (found["revision"], found["compactRevision"], found["form"]) == (576, 538, "etcd snapshot")
    assert found["total"]["keys"] == 420
    for name in ("kinds", "namespaces", "keys"):
        for figure in ("bytes", "live", "history", "keys", "older", "tombstones"):
            assert sum(row[figure] for row in found[name]) == found["total"][figure]
    lines = [json.loads(line) for line in run("size", snapshot, "-o", "jsonl", "--by", "kind").out.splitlines()]
    assert lines[0]["total"] == found["total"]
    assert lines[1:] == found["kinds"]


def test_of_a_selection_no_word_about_the_database(run: Run, snapshot: Path) -> None:
    for words in (["pods", "-n", "web"], ["-n", "web"], ["pods"], ["-l", "app"]):
        ran = run("size", snapshot, *words)
        assert ran.status == 0
        assert "database" not in ran.text
        assert ran.text.splitlines()[3].startswith("KIND")
        assert "database" not in json.loads(run("size", snapshot, *words, "-o", "json").out)


def test_nothing_there(run: Run, snapshot: Path) -> None:
    ran = run("size", snapshot, "pods", "-n", "nowhere")
    assert ran.status == 1
    assert "nothing found in namespace nowhere" in ran.err
    ran = run("size", snapshot, "pod/nobody")
    assert ran.status == 1


def test_wrong_usage(run: Run, snapshot: Path) -> None:
    assert run("size").status == 2
    assert run("size", snapshot, "nonsense").status == 2
    assert run("size", snapshot, "--by", "colour").status == 2


def test_advice() -> None:
    from codec.query.usage import Share
    from codec.source.space import Space

    total = Share("")
    total.live, total.history = 400, 200
    assert size._advice(Space(1000, 100, "etcdctl defrag", 700), total) == [
        "database: 1000 B, 100 B (10%) in free pages",
        "Compaction would help: 200 B are history, whose pages it sets free.",
        "Defragmentation would help: it gives back about 300 B (30%): etcdctl defrag.",
    ]
    assert size._advice(Space(10_000, 300, "etcdctl defrag"), total) == [
        "database: 9.8 KiB, 300 B (3%) in free pages",
        "Defragmentation would give back little: at least 300 B (3%).",
    ]
    assert size._advice(Space(10_000, 300, "etcdctl defrag", 9_999), total)[1:] == [
        "Defragmentation would give back little: about 300 B (3%).",
    ]
