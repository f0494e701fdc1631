"""`--keep`: a word that names nothing is said, not passed over."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli.command import Run


@pytest.mark.parametrize("command", ["get", "export"])
def test_words_that_name_nothing(run: Run, etcd: Path, command: str) -> None:
    ran = run(command, etcd / "snapshot.db", "svc", "-n", "web", "-o", "yaml", "--clean", "--keep", "nodePorts")
    assert (ran.status, ran.out) == (2, b"")
    assert "--clean takes out no 'nodePorts' that --keep could leave in: did you mean nodePort?" in ran.err
    assert f"Try `k8s-codec {command} --help`." in ran.err


@pytest.mark.parametrize("command", ["get", "export"])
def test_fields_stay(run: Run, etcd: Path, command: str) -> None:
    words = (command, etcd / "snapshot.db", "svc", "-n", "web", "-o", "yaml", "--clean")
    assert "nodePort:" not in run(*words).text
    kept = run(*words, "--keep", "nodePort,spec.clusterIP").text
    assert "nodePort: 30443" in kept
    assert "  clusterIP: 10." in kept
    assert "  clusterIPs:\n  - 10." not in kept
