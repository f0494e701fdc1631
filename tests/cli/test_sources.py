"""codec.cli.sources: options reach the source, its warnings are said once, and its errors name it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from cli.command import Run
from query.memory import Memory

import codec
from codec.errors import SourceError
from codec.source.keyspace import Source


class Opened:
    """Stands for codec.open: gives a source of ours, and remembers how it was asked."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.name = ""
        self.options: dict[str, Any] = {}

    def __call__(self, name: str, **options: Any) -> Source:
        self.name, self.options = name, options
        return self.source


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Opened:
    found = Opened(Memory({"/registry/namespaces/kube-system": b"", "/registry/pods/web/a": b"{}"}))
    monkeypatch.setattr(codec, "open", found)
    return found


def test_options_reach_the_source(run: Run, memory: Opened) -> None:
    assert run("ls", "somewhere", "-o", "name").status == 0
    assert (memory.name, memory.options) == ("somewhere", {"wal": True, "uncommitted": False, "options": {}})
    words = (
        "--no-wal --uncommitted --cacert ca --cert crt --key k --user u:p --password q --insecure-skip-tls-verify "
        "--dial-timeout 1m30s --command-timeout 500ms"
    )
    assert run("get", "https://a:1,https://b:2", "-o", "name", *words.split()).status == 0
    assert memory.name == "https://a:1,https://b:2"
    assert memory.options == {
        "wal": False,
        "uncommitted": True,
        "options": {
            "cacert": "ca",
            "cert": "crt",
            "key": "k",
            "user": "u:p",
            "password": "q",
            "insecure_skip_tls_verify": True,
            "dial_timeout": 90.0,
            "command_timeout": 0.5,
        },
    }


def test_warnings_are_said_once(run: Run, memory: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    source = memory.source
    source.warnings.append("a torn log")
    listed = source.list

    def later(prefix: bytes | str = b"", revision: int | None = None) -> Iterator[Any]:
        yield from listed(prefix, revision)
        source.warnings.append("changed meanwhile")

    monkeypatch.setattr(source, "list", later)
    ran = run("ls", "somewhere", "/registry/pods/")
    assert (ran.status, ran.err.splitlines()) == (
        0,
        ["k8s-codec: somewhere: a torn log", "k8s-codec: somewhere: changed meanwhile"],
    )


def test_errors_while_reading_name_the_source(run: Run, memory: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = memory.source.list

    def ends(prefix: bytes | str = b"", revision: int | None = None) -> Iterator[Any]:
        yield next(listed("/registry/pods", revision))
        raise SourceError("page 7 is damaged")

    monkeypatch.setattr(memory.source, "list", ends)
    for command in ("ls", "get"):
        ran = run(command, "somewhere", "/", "-o", "jsonl")
        assert (ran.status, ran.err.splitlines()[-1]) == (3, "k8s-codec: somewhere: page 7 is damaged")
    assert b"/registry/pods/web/a" in run("ls", "somewhere", "-o", "jsonl").out  # what came before it is given
    monkeypatch.setattr(memory.source, "list", lambda *words: (_ for _ in ()).throw(SourceError("somewhere: gone")))
    assert run("ls", "somewhere", "/").err == "k8s-codec: somewhere: gone\n"


def test_a_source_is_closed_whatever_happens(run: Run, memory: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = []
    monkeypatch.setattr(memory.source, "close", lambda: closed.append(1))
    statuses = [
        run("ls", "somewhere").status,
        run("ls", "somewhere", "nope").status,
        run("get", "somewhere", "po/x").status,
    ]
    assert statuses == [0, 2, 1]
    monkeypatch.setattr(memory.source, "verify", lambda: (_ for _ in ()).throw(SourceError("the checksum is wrong")))
    ran = run("ls", "somewhere", "--verify")
    assert (ran.status, ran.out, ran.err) == (3, b"", "k8s-codec: somewhere: the checksum is wrong\n")
    assert len(closed) == 4
