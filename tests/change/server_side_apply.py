"""A client for scripts/go/compare: asks the real code of server-side apply which fields differ between two objects.

Needs Go; `available()` says whether it is there. The binary is built once into .cache/."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCE = ROOT / "scripts" / "go" / "compare"
BINARY = ROOT / ".cache" / "bin" / "compare"


def available() -> bool:
    return shutil.which("go") is not None


def build() -> None:
    """Builds the program: a minute the first time, seconds from then on."""
    BINARY.parent.mkdir(parents=True, exist_ok=True)
    scratch = BINARY.with_name(f"compare.{os.getpid()}")
    subprocess.run(["go", "build", "-o", str(scratch), "."], cwd=SOURCE, check=True)
    scratch.replace(BINARY)


def ask(pairs: Iterable[tuple[Any, Any]]) -> list[dict[str, Any]]:
    """For each pair {"result": the paths of what differs, as lists of FieldsV1's keys} or {"error": text}."""
    build()
    questions = "".join(json.dumps({"old": old, "new": new}) + "\n" for old, new in pairs)
    done = subprocess.run([str(BINARY)], input=questions.encode(), stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]
