"""Runs the command in this process, with bytes on stdin, and gives back what a shell would see."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from cli.command import Ran, Run

from codec.cli import decode, encode, inspect, main


@pytest.fixture
def run(capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Run:
    """`run("decode", "-o", "json", stdin=b"…")`."""

    def invoke(*words: object, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capfdbinary.readouterr()
        status = main([str(word) for word in words])
        sys.stdout.flush()
        sys.stderr.flush()
        out, err = capfdbinary.readouterr()
        return Ran(status, out, err.decode())

    return invoke


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """stdout says that it is a terminal."""
    for module in (decode, encode, inspect):
        monkeypatch.setattr(module, "is_terminal", lambda: True)


@pytest.fixture
def daily(root: Path) -> Path:
    """The folder of values that people meet daily, as .pb, .json and .yaml."""
    return root / "fixtures" / "daily"


@pytest.fixture
def etcd(root: Path) -> Path:
    """The folder of what a real etcd and API server gave."""
    return root / "fixtures" / "etcd"
