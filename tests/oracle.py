"""A client for scripts/go/oracle: asks the real Kubernetes code, many questions in one run.

Needs Go; `available()` says whether it is there. The binary is built once into .cache/."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
GO = ROOT / "scripts" / "go"
BINARY = ROOT / ".cache" / "bin" / "oracle"


def available() -> bool:
    return shutil.which("go") is not None


@cache
def build() -> Path:
    """Builds the oracle, once a process, and returns its path."""
    BINARY.parent.mkdir(parents=True, exist_ok=True)
    scratch = BINARY.with_name(f"oracle.{os.getpid()}")
    subprocess.run(["go", "build", "-o", str(scratch), "./oracle"], cwd=GO, check=True)
    scratch.replace(BINARY)
    return BINARY


def ask(requests: Iterable[dict[str, Any]], *, rebuild: bool = True) -> list[dict[str, Any]]:
    """One answer per request, in order: {"result": …} or {"error": text}."""
    if rebuild or not BINARY.exists():
        build()
    process = subprocess.Popen([str(BINARY)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    stdin = process.stdin

    def feed() -> None:
        for request in requests:
            stdin.write(json.dumps(request).encode() + b"\n")
        stdin.close()

    feeder = threading.Thread(target=feed, daemon=True)
    feeder.start()
    with process.stdout:
        answers = [json.loads(line) for line in process.stdout]
    feeder.join()
    if process.wait() != 0:
        raise RuntimeError(f"the oracle ended with status {process.returncode}")
    return answers
