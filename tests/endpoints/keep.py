"""Writes fixtures/endpoints: questions of one seed with the real code's answers, so that tests run without Go.

    python tests/endpoints/keep.py

One line of JSON for each: {"request": …, "answer": …}. Equal runs write equal bytes.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "fixtures" / "endpoints"
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from endpoints import compare, generate, real_code  # noqa: E402

SEED = 1
# subject → how many inputs
COUNTS = {
    "repack": 5000,
    "validate-endpoints": 4000,
    "validate-slice": 4000,
    "truncate": 500,
    "controller": 500,
    "mirror": 1000,
}


def kept(subject: str) -> Iterator[tuple[dict[str, Any], Any]]:
    """The questions of a subject with their answers."""
    with gzip.open(FOLDER / f"{subject}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            pair = json.loads(line)
            yield pair["request"], pair["answer"]


def write(subject: str, count: int) -> None:
    requests = list(generate.requests(subject, SEED, count))
    answers = real_code.ask(map(compare.long_form, requests))
    out = bytearray()
    for request, answer in zip(requests, answers, strict=True):
        # Answers about thousands of addresses are kept as their hash.
        short = compare.digest(answer) if subject in ("truncate", "controller") else answer
        out += json.dumps({"request": request, "answer": short}, separators=(",", ":")).encode() + b"\n"
    path = FOLDER / f"{subject}.jsonl.gz"
    path.write_bytes(gzip.compress(bytes(out), 9, mtime=0))
    print(f"{path.relative_to(ROOT)}: {len(requests)} questions, {path.stat().st_size} bytes")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    real_code.build()
    for subject, count in COUNTS.items():
        write(subject, count)
