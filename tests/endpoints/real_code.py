"""A client for scripts/go/endpoints: asks the real API server code and controllers, many questions in one run.

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

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCE = ROOT / "scripts" / "go" / "endpoints"
BINARY = ROOT / ".cache" / "bin" / "endpoints"


def available() -> bool:
    return shutil.which("go") is not None


@cache
def build() -> Path:
    """Builds the program, once in a run (minutes the first time, seconds from then on), and returns its path."""
    BINARY.parent.mkdir(parents=True, exist_ok=True)
    scratch = BINARY.with_name(f"endpoints.{os.getpid()}")
    subprocess.run(["go", "build", "-o", str(scratch), "."], cwd=SOURCE, check=True)
    scratch.replace(BINARY)
    return BINARY


def ask(requests: Iterable[dict[str, Any]]) -> list[Any]:
    """One answer per request, in order. RuntimeError where the program reports an error."""
    process = subprocess.Popen([str(build())], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    stdin = process.stdin

    def feed() -> None:
        for request in requests:
            stdin.write(json.dumps(request).encode() + b"\n")
        stdin.close()

    feeder = threading.Thread(target=feed, daemon=True)
    feeder.start()
    answers = [json.loads(line) for line in process.stdout]
    feeder.join()
    process.stdout.close()
    if process.wait() != 0:
        raise RuntimeError(f"the program ended with status {process.returncode}")
    for answer in answers:
        if "error" in answer:
            raise RuntimeError(answer["error"])
    return [answer["result"] for answer in answers]
