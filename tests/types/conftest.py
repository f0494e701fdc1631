"""One oracle process for all tests of the value types, asked one question at a time so that hypothesis can shrink."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import oracle
import pytest

Ask = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def go() -> Iterator[Ask]:
    """ask(op, **request) -> {"result": …} or {"error": text}; skips where Go is missing."""
    if not oracle.available():
        pytest.skip("needs Go, to ask the real Kubernetes code")
    process = subprocess.Popen([str(oracle.build())], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    stdin, stdout = process.stdin, process.stdout

    def ask(op: str, **request: Any) -> dict[str, Any]:
        stdin.write(json.dumps({"op": op, **request}).encode() + b"\n")
        stdin.flush()
        answer: dict[str, Any] = json.loads(stdout.readline())
        return answer

    yield ask
    stdin.close()
    stdout.close()
    assert process.wait() == 0
