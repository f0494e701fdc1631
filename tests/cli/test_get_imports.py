"""Reading a source stays quick to start: what `ls` and `get` import, in processes of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import codec

SLOW = {"argparse", "typing", "enum", "dataclasses", "pathlib", "logging", "json", "re", "msgspec", "yaml", "datetime",
        "sqlite3", "grpc", "hashlib", "tempfile", "subprocess"}  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [
        ["get", "*", "ep/platform-mysql", "-o", "yaml"],
        ["get", "*", "ep", "-n", "biz-prod-qe2bu3", "-o", "json"],
        ["get", "*", "/registry/minions/worker-1", "-o", "jsonl"],
        ["get", "*", "po", "-l", "app", "-o", "name"],
        ["get", "*", "secrets", "-o", "yaml", "--redact"],
        ["ls", "*", "-o", "name"],
        ["ls", "*", "--count"],
        ["ls", "*", "po"],
    ],
)
def test_little_is_imported(etcd: Path, words: list[str]) -> None:
    given = [str(etcd / "snapshot.db") if word == "*" else word for word in words]
    program = (
        "import sys; before = set(sys.modules)\n"
        f"sys.path.insert(0, {str(Path(codec.__file__).resolve().parents[1])!r})\n"
        "from codec.cli import main\n"
        f"status = main({given!r})\n"
        "print(*(set(sys.modules) - before), file=sys.stderr)\n"
        "sys.exit(status)\n"
    )
    done = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=True)
    loaded = set(done.stderr.split())
    assert loaded & SLOW == set()
    assert not any(name.startswith("codec.api") for name in loaded)
    assert "codec.query.select" in loaded
