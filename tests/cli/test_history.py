"""`history`: the retained revisions of objects, as text and for scripts. The edits of the snapshot are the judge."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path
from typing import Any

import pytest
from cli.command import Run
from source.build import Put, database

import codec
from codec.api.core.v1 import ConfigMap, Secret
from codec.api.meta.v1 import ObjectMeta

NOW = ("--now", "2100-01-01T00:00:00Z")


@pytest.fixture
def snapshot(etcd: Path) -> Path:
    return etcd / "snapshot.db"


def timeless(text: str) -> str:
    return re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ \(\w+ ago\)", "TIME", text)


def config_map(name: str, data: dict[str, str], **metadata: Any) -> bytes:
    return codec.encode(ConfigMap(metadata=ObjectMeta(name=name, namespace="d", **metadata), data=data))


def written(folder: Path, puts: list[Put]) -> Path:
    path = folder / "db"
    path.write_bytes(database(puts))
    return path


KEY = b"/registry/configmaps/d/a"


def test_edits_of_a_config_map(run: Run, snapshot: Path) -> None:
    ran = run("history", snapshot, "cm", "history", "gone", "-n", "web", *NOW)
    assert (ran.status, ran.err) == (0, "")
    assert timeless(ran.text) == (
        "retained: revisions 538 to 576; what was before is compacted\n"
        "\n"
        "configmaps web/gone\n"
        "     439  created  TIME  by kubectl-create (Update)\n"
        "     542  deleted\n"
        "\n"
        "configmaps web/history\n"
        "     438  created  TIME  by kubectl-create (Update)\n"
        "     539  changed  TIME  by kubectl-edit (Update)\n"
        '        data.step: "0" → "1"\n'
        "     540  changed  by kubectl-edit (Update)\n"
        "      + data.added: yes\n"
        '        data.step: "1" → "2"\n'
        "     541  changed  TIME  by patcher (Update)\n"
        "      - data.added: yes\n"
        '        data.step: "2" → "3"\n'
    )


def test_endpoints_and_their_lives(run: Run, snapshot: Path) -> None:
    ran = run("history", snapshot, "ep", "empty", "platform-mysql", "-n", "biz-prod-qe2bu3", *NOW)
    assert timeless(ran.text).split("\n\n")[1:] == [
        "endpoints biz-prod-qe2bu3/empty\n     404  created  TIME\n     555  deleted\n     556  created anew  TIME",
        "endpoints biz-prod-qe2bu3/platform-mysql\n"
        "     397  created  TIME  by kubectl-create (Update)\n"
        "     553  changed  TIME  by kube-controller-manager (Update)\n"
        '      + subsets.addresses[ip=172.27.2.81]: {"ip": "172.27.2.81", "nodeName": "worker-2", "ready": false}\n'
        "     554  changed  by kube-controller-manager (Update)\n"
        '      - subsets.addresses[ip=172.27.2.81]: {"ip": "172.27.2.81", "nodeName": "worker-2", "ready": false}\n',
    ]


def test_managers_of_server_side_apply(run: Run, snapshot: Path) -> None:
    ran = run("history", snapshot, "deploy/applied", "-n", "web", "-o", "jsonl")
    head, *rows = (json.loads(line) for line in ran.out.splitlines())
    assert head == {"operation": "range", "from": 538, "to": 576}
    assert [(row["revision"], row["operation"], row["life"], row["version"]) for row in rows] == [
        (547, "created", 1, 1),
        (548, "changed", 1, 2),
        (549, "changed", 1, 3),
    ]
    assert rows[1]["managers"][0]["manager"] == "autoscaler ünï"
    assert rows[1]["managers"][0]["operation"] == "Apply"
    assert rows[1]["changes"][2] == {
        "operation": "changed",
        "path": "spec.replicas",
        "old": 2,
        "new": 5,
        "owners": ["autoscaler ünï"],
    }
    assert rows[1]["changes"][0]["owners"] == []  # the server counts generations
    assert rows[2]["managers"][0]["subresource"] == "status"
    assert all(row["key"] == "/registry/deployments/web/applied" for row in rows)


def test_every_object_begins_once_and_ends_as_it_is_stored(run: Run, snapshot: Path) -> None:
    rows = [json.loads(line) for line in run("history", snapshot, "-o", "jsonl").out.splitlines()][1:]
    last = {row["key"]: row for row in rows}
    with codec.open(snapshot) as source:
        live = {kv.key.decode(): kv.mod_revision for kv in source if kv.key and kv.key.startswith(b"/registry/")}
    assert {key: row["revision"] for key, row in last.items() if row["operation"] != "deleted"} == live
    lives: dict[str, list[tuple[int, str]]] = {}
    for row in rows:
        lives.setdefault(row["key"], []).append((row["life"], row["operation"]))
    for found in lives.values():
        assert found[0][1] in ("created", "retained")
        assert [life for life, _ in found] == sorted(life for life, _ in found)
        for (life, operation), after in itertools.pairwise(found):
            assert after == (life + 1, "created") if operation == "deleted" else after[0] == life


def test_what_compaction_left(run: Run, snapshot: Path) -> None:
    rows = [json.loads(line) for line in run("history", snapshot, "crontabs", "-o", "jsonl").out.splitlines()]
    nightly = [row for row in rows if row.get("name") == "nightly"]
    assert [(row["operation"], row["version"]) for row in nightly] == [("retained", 2)]
    assert "changes" not in nightly[0]
    text = run("history", snapshot, "crontabs", "nightly", "-n", "web", *NOW).text
    assert "531  retained as version 2  " in text


def test_secrets_tell_sizes_alone(run: Run, tmp_path: Path) -> None:
    key = b"/registry/secrets/d/s"
    values = [
        codec.encode(Secret(metadata=ObjectMeta(name="s", namespace="d"), data={"password": data}))
        for data in (b"hunter2", b"swordfish")
    ]
    path = written(tmp_path, [(key, value) for value in values])
    for form in ("text", "jsonl"):
        ran = run("history", path, "-o", form)
        assert "data.password" in ran.text
        assert "<redacted: 7 bytes>" in ran.text.replace("\\u003c", "<").replace("\\u003e", ">")
        for hidden in (b"hunter2", b"aHVudGVyMg==", b"swordfish", b"c3dvcmRmaXNo"):
            assert hidden not in ran.out
    assert "aHVudGVyMg== → c3dvcmRmaXNo" in run("history", path, "--show-secrets").text


def test_writes_that_change_nothing(run: Run, tmp_path: Path) -> None:
    same = config_map("a", {"k": "v"})
    path = written(tmp_path, [(KEY, same), (KEY, same)])
    assert run("history", path).text.endswith(
        "       2  created\n       3  changed  (written again, nothing changed)\n"
    )
    assert "metadata.resourceVersion" in run("history", path, "--all").text


def test_values_that_cannot_be_read(run: Run, tmp_path: Path) -> None:
    path = written(tmp_path, [(KEY, config_map("a", {})), (KEY, b"junk"), (KEY, config_map("a", {"k": "v"}))])
    ran = run("history", path)
    assert ran.status == 3
    assert ran.text.endswith(
        "configmaps d/a\n"
        "       2  created\n"
        "       3  changed  cannot be read\n"
        "       4  changed  (the value before it cannot be read)\n"
    )
    assert "configmaps d/a at revision 3: not a stored Kubernetes value" in ran.err
    rows = [json.loads(line) for line in run("history", path, "-o", "jsonl").out.splitlines()]
    assert rows[2]["problem"].startswith("not a stored Kubernetes value")


def test_never_compacted(run: Run, tmp_path: Path) -> None:
    path = written(tmp_path, [(KEY, config_map("a", {})), (KEY, None)])
    assert run("history", path).text == (
        "retained: revisions 1 to 3\n\nconfigmaps d/a\n       2  created\n       3  deleted\n"
    )


def test_long_values_show_where_they_differ(run: Run, tmp_path: Path) -> None:
    lines = [f"line {number} = {'x' * 30}" for number in range(500)]
    old = "\n".join(lines)
    lines[300] = lines[300].replace("xxx", "xyx", 1)
    path = written(
        tmp_path, [(KEY, config_map("a", {"conf": old})), (KEY, config_map("a", {"conf": "\n".join(lines)}))]
    )
    last = run("history", path).text.splitlines()[-1]
    assert last == (
        f'        data.conf: …"line 300 = {"x" * 30}"… → …"line 300 = xyx{"x" * 27}"…'
        f"  (line 301, {len(old)} → {len(old)} characters)"
    )


def test_nothing_there(run: Run, snapshot: Path) -> None:
    ran = run("history", snapshot, "cm", "nobody", "-n", "web")
    assert ran.status == 1
    assert "not found: configmaps/nobody" in ran.err
    assert run("history", snapshot, "cm", "-l", "app=nobody").status == 1
    assert run("history", snapshot, "nonsense").status == 2


def test_names_reach_no_terminal_unescaped(run: Run, tmp_path: Path) -> None:
    old, new = (config_map("a", {"k": value}) for value in ("\x1b[31m", "a\nb"))
    path = written(tmp_path, [(KEY, old), (KEY, new)])
    text = run("history", path).text
    assert "\x1b" not in text
    assert text.endswith('        data.k: "\\x1b[31m" → "a"…  (line 1, 5 → 3 characters)\n')
