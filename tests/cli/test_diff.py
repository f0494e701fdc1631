"""`diff`: two sources, or two revisions of one; what counts as a source, what is left out, the exit status."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from cli.command import Run
from source.build import Put, captured, database

import codec
from codec.api.coordination.v1 import Lease
from codec.api.core.v1 import ConfigMap, Secret
from codec.api.meta.v1 import ObjectMeta


@pytest.fixture
def snapshot(etcd: Path) -> Path:
    return etcd / "snapshot.db"


def config_map(name: str, data: dict[str, str], **metadata: Any) -> Put:
    obj = ConfigMap(metadata=ObjectMeta(name=name, namespace="d", **metadata), data=data)
    return f"/registry/configmaps/d/{name}".encode(), codec.encode(obj)


class Folder:
    """Makes db files."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def db(self, name: str, *puts: Put) -> Path:
        path = self.path / name
        path.write_bytes(database(puts))
        return path


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_two_revisions(run: Run, snapshot: Path) -> None:
    ran = run("diff", snapshot, "--rev", "540", "cm", "-n", "web")
    assert (ran.status, ran.err) == (1, "")
    lines = ran.text.splitlines()
    assert lines[:4] == [
        "+ configmaps web/applied",
        "- configmaps web/gone",
        "~ configmaps web/history",
        "    - data.added: yes",
    ]
    assert lines[4:6] == ['      data.step: "2" → "3"', "+ configmaps web/not-utf8"]
    between = run("diff", snapshot, "--rev", "539", "--to-rev", "540", "-n", "web")
    assert between.text == '~ configmaps web/history\n    + data.added: yes\n      data.step: "1" → "2"\n'


def test_the_same(run: Run, snapshot: Path, tmp_path: Path) -> None:
    copied = shutil.copy(snapshot, tmp_path / "b.db")
    for words in ((snapshot, copied), (snapshot, copied, "--all"), (snapshot, "--rev", "576")):
        ran = run("diff", *words)
        assert (ran.status, ran.out, ran.err) == (0, b"", "")


def test_revisions_that_are_not_to_be_had(run: Run, snapshot: Path) -> None:
    for words, what in (
        (("--rev", "2"), "has been compacted"),
        (("--rev", "540", "--to-rev", "9999"), "in the future"),
    ):
        ran = run("diff", snapshot, *words)
        assert ran.status == 3
        assert what in ran.err


def test_two_sources(run: Run, folder: Folder) -> None:
    first = folder.db("a.db", config_map("gone", {}), config_map("same", {"k": "v"}), config_map("x", {"k": "1"}))
    second = folder.db("b.db", config_map("same", {"k": "v"}), config_map("x", {"k": "2"}), config_map("new", {}))
    ran = run("diff", first, second)
    assert ran.status == 1
    assert ran.text == '- configmaps d/gone\n+ configmaps d/new\n~ configmaps d/x\n      data.k: "1" → "2"\n'
    assert (
        run("diff", first, second, "-o", "name").text == "- configmaps d/gone\n+ configmaps d/new\n~ configmaps d/x\n"
    )
    rows = [json.loads(line) for line in run("diff", first, second, "-o", "jsonl").out.splitlines()]
    assert [(row["operation"], row["name"]) for row in rows] == [
        ("removed", "gone"),
        ("added", "new"),
        ("changed", "x"),
    ]
    assert rows[2]["changes"] == [{"operation": "changed", "path": "data.k", "old": "1", "new": "2"}]
    assert run("diff", first, second, "--stat").text == (
        "RESOURCE     ADDED   REMOVED   CHANGED\nconfigmaps       1         1         1\n"
    )
    assert run("diff", first, second, "cm", "same").status == 0
    assert run("diff", first, second, "cm/new").text == "+ configmaps d/new\n"


def test_revisions_of_two_sources(run: Run, folder: Folder) -> None:
    first = folder.db("a.db", config_map("x", {"k": "1"}), config_map("x", {"k": "2"}))
    second = folder.db("b.db", config_map("x", {"k": "3"}), config_map("x", {"k": "4"}))
    assert '"1" → "3"' in run("diff", first, second, "--rev", "2", "--to-rev", "2").text
    assert '"2" → "4"' in run("diff", first, second).text


def test_what_is_a_source(run: Run, folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file by the name of a resource type is a source, unless it stands behind `--`."""
    monkeypatch.chdir(folder.path)
    folder.db("a.db", config_map("x", {"k": "1"}), config_map("x", {"k": "2"}))
    folder.db("cm", config_map("x", {"k": "3"}))
    assert '"2" → "3"' in run("diff", "a.db", "cm").text
    assert '"2" → "3"' in run("diff", "a.db", "./cm", "cm").text
    assert '"1" → "2"' in run("diff", "a.db", "--rev", "2", "--", "cm").text
    missing = run("diff", "a.db", "./missing.db")
    assert missing.status == 3
    assert "missing.db" in missing.err
    named = run("diff", "a.db", "--", "cm")
    assert named.status == 2
    assert "name two SOURCEs" in named.err
    unknown = run("diff", "a.db", "b.db", "--rev", "2")
    assert unknown.status == 2
    assert "there is no file of that name" in unknown.err


def test_prefixes_that_differ(run: Run, folder: Folder) -> None:
    value = config_map("x", {"k": "1"})[1]
    marks: list[Put] = [(prefix + b"/namespaces/kube-system", b"") for prefix in (b"/registry", b"/kubernetes.io")]
    first = folder.db("a.db", (b"/registry/configmaps/d/x", value), (b"/registry/configmaps/d/y", value), marks[0])
    other = config_map("x", {"k": "2"})[1]
    second = folder.db("b.db", (b"/kubernetes.io/configmaps/d/x", other), marks[1])
    ran = run("diff", first, second)
    assert ran.text == '~ configmaps d/x\n      data.k: "1" → "2"\n- configmaps d/y\n'


def lease(holder: str) -> Put:
    obj: Any = Lease(metadata=ObjectMeta(name="l", namespace="d"))
    obj.metadata.labels = {"holder": holder}
    return b"/registry/leases/d/l", codec.encode(obj)


def test_what_changes_all_the_time_is_left_out(run: Run, folder: Folder) -> None:
    first = folder.db("a.db", lease("a"), (b"compact_rev_key", b"1"))
    second = folder.db("b.db", lease("b"), (b"compact_rev_key", b"22"))
    assert run("diff", first, second).status == 0
    for words in (("leases",), ("/registry/leases/",), ("/registry/leases/d/l",)):
        assert (
            run("diff", first, second, *words).text
            == "~ leases.coordination.k8s.io d/l\n      metadata.labels.holder: a → b\n"
        )
    everything = run("diff", first, second, "--all").text.splitlines()
    assert "~ leases.coordination.k8s.io d/l" in everything
    assert "~ compact_rev_key  (no object: 1 → 2 bytes)" in everything


def test_another_object_of_that_name(run: Run, folder: Folder) -> None:
    first = folder.db("a.db", config_map("x", {}, uid="u1"))
    second = folder.db("b.db", config_map("x", {}, uid="u2"))
    assert run("diff", first, second).text == (
        "~ configmaps d/x  (another object of that name)\n      metadata.uid: u1 → u2\n"
    )


def test_secrets_are_hidden(run: Run, folder: Folder) -> None:
    def secret(data: bytes) -> Put:
        obj = Secret(metadata=ObjectMeta(name="s", namespace="d"), data={"k": data})
        return b"/registry/secrets/d/s", codec.encode(obj)

    first, second = folder.db("a.db", secret(b"hunter2")), folder.db("b.db", secret(b"hunter3"))
    hidden = "~ secrets d/s\n      data.k: <redacted: 7 bytes> → <redacted: 7 bytes>\n"
    assert run("diff", first, second).text == hidden
    assert "aHVudGVyMg== → aHVudGVyMw==" in run("diff", first, second, "--show-secrets").text
    assert b"aHVudGVyMg" not in run("diff", first, second, "-o", "jsonl").out


def test_values_that_cannot_be_read(run: Run, folder: Folder) -> None:
    first = folder.db("a.db", config_map("x", {}), config_map("y", {"k": "1"}))
    second = folder.db("b.db", (config_map("x", {})[0], b"k8s:enc:kms:v2:name:x"), config_map("y", {"k": "2"}))
    ran = run("diff", first, second)
    assert ran.status == 3
    assert ran.text.startswith("~ configmaps d/x  (cannot be compared)\n~ configmaps d/y\n")
    assert "encrypted by provider 'kms'" in ran.err
    same = folder.db("c.db", (config_map("x", {})[0], b"junk"))
    assert run("diff", same, shutil.copy(same, folder.path / "d.db")).status == 0


def test_equal_bytes_are_not_decoded(run: Run, folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    from codec.change import state

    read: list[bytes] = []
    original = state.State.__init__

    def counted(self: state.State, raw: bytes, *arguments: Any, **named: Any) -> None:
        read.append(raw)
        original(self, raw, *arguments, **named)

    monkeypatch.setattr(state.State, "__init__", counted)
    same = [config_map(f"c{number}", {"k": "v"}) for number in range(50)]
    first, second = (folder.db(f"{name}.db", *same, config_map("x", {"k": name})) for name in "ab")
    assert run("diff", first, second).text == "~ configmaps d/x\n      data.k: a → b\n"
    assert run("diff", first, second, "--all").text == "~ configmaps d/x\n      data.k: a → b\n"
    assert len(read) == 4


def test_a_resource_version_counts_where_it_is_asked_for(run: Run, folder: Folder) -> None:
    one, other = config_map("x", {}), config_map("y", {})
    first, second = folder.db("a.db", one, other), folder.db("b.db", other, one)
    assert run("diff", first, second).status == 0
    assert run("diff", first, second, "--all", "cm", "x").text == (
        '~ configmaps d/x\n      metadata.resourceVersion: "2" → "3"\n'
    )


def test_values_that_are_nested_too_deep(run: Run, folder: Folder) -> None:
    def deep(value: str) -> Put:
        nested = '{"a":' * 5000 + f'"{value}"' + "}" * 5000
        text = f'{{"apiVersion":"example.com/v1","kind":"A","metadata":{{"name":"a"}},"spec":{nested}}}'
        return b"/registry/example.com/as/d/a", text.encode()

    path = folder.db("a.db", deep("1"), deep("2"))
    ran = run("diff", path, "--rev", "2")
    assert (ran.status, ran.text) == (3, "~ as.example.com d/a  (cannot be compared)\n")
    assert "nested deeper than the stack has room for" in ran.err
    told = run("history", path)
    assert told.status == 3
    assert told.text.endswith("       2  created\n       3  changed  cannot be read\n")


def test_changes_that_are_nested_too_deep_to_print(run: Run, folder: Folder) -> None:
    head = '{"apiVersion":"example.com/v1","kind":"A","metadata":{"name":"a"}'
    deep = head + ',"spec":' + '{"a":' * 9999 + "1" + "}" * 9999 + "}"
    key = b"/registry/example.com/as/d/a"
    path = folder.db("a.db", (key, (head + "}").encode()), (key, deep.encode()))
    assert run("diff", path, "--rev", "2").text == "~ as.example.com d/a\n    + spec: …\n"
    for words in (("diff", path, "--rev", "2"), ("history", path)):
        ran = run(*words, "-o", "jsonl")
        assert ran.status == 3
        assert "as.example.com d/a" in ran.err


def test_what_no_text_shows(run: Run, folder: Folder) -> None:
    first, second = (
        folder.db(name, config_map("x", {"k": raw.decode("utf-8", "surrogateescape")}))
        for name, raw in (("a.db", b"\xff"), ("b.db", b"\xfe"))
    )
    ran = run("diff", first, second)
    assert (ran.status, ran.text) == (1, "~ configmaps d/x  (only what text cannot show changed)\n")


def test_a_definition_that_only_one_source_has(run: Run, etcd: Path, folder: Folder) -> None:
    values = captured(etcd / "values.jsonl.gz")
    new = [(key, value) for key, value in values.items() if b"stable.example.com" in key]
    first = folder.db("a.db", config_map("x", {}))
    second = folder.db("b.db", *new)
    added = run("diff", first, second, "crontabs", "-o", "name")
    assert added.status == 1
    assert len(added.text.splitlines()) == 4
    assert all(line.startswith("+ crontabs.stable.example.com ") for line in added.text.splitlines())
    removed = run("diff", second, first, "ct", "-o", "name")
    assert removed.text == added.text.replace("+ ", "- ")
    assert run("diff", first, second, "nonsense").status == 2


def test_what_neither_has(run: Run, folder: Folder) -> None:
    """Never a silent success for a name that is misspelt."""
    first, second = folder.db("a.db", config_map("x", {})), folder.db("b.db", config_map("y", {}))
    ran = run("diff", first, second, "cm", "z")
    assert (ran.status, ran.out) == (1, b"")
    assert ran.err == "k8s-codec: not found in either: configmaps/z\n"
    assert run("diff", first, second, "cm", "x", "y").err == ""


def test_usage(run: Run, snapshot: Path) -> None:
    for words, what in (
        ((snapshot,), "name two SOURCEs"),
        ((snapshot, snapshot, "--stat", "-o", "jsonl"), "--stat is a text of its own"),
        ((), "name two SOURCEs"),
    ):
        ran = run("diff", *words)
        assert ran.status == 2
        assert what in ran.err
