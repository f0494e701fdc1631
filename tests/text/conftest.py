"""One oracle process for all tests of text, and hypothesis' strategies of nasty strings and trees."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests import oracle

Go = Callable[..., Any]


class GoError(Exception):
    """What the real code answered instead of a result."""


@pytest.fixture(scope="session")
def go() -> Iterator[Go]:
    """go(op, **request) -> its result. bytes travel as base64; a base64 result comes back as bytes."""
    if not oracle.available():
        pytest.skip("needs Go, to ask the real Kubernetes code")
    process = subprocess.Popen([str(oracle.build())], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    stdin, stdout = process.stdin, process.stdout

    def ask(op: str, **request: bytes | str) -> Any:
        encoded = {
            name: base64.b64encode(value).decode() if isinstance(value, bytes) else value
            for name, value in request.items()
        }
        stdin.write(json.dumps({"op": op, **encoded}).encode() + b"\n")
        stdin.flush()
        answer = json.loads(stdout.readline())
        if "error" in answer:
            raise GoError(answer["error"])
        result = answer["result"]
        return base64.b64decode(result) if isinstance(result, str) else result

    yield ask
    stdin.close()
    stdout.close()
    assert process.wait() == 0
