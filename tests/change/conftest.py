"""What a real API server stored and served, as trees."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def values(fixtures: Path) -> list[dict[str, Any]]:
    """The lines of fixtures/etcd/values.jsonl.gz."""
    with gzip.open(fixtures / "etcd" / "values.jsonl.gz", "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


@pytest.fixture(scope="session")
def captured(values: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The objects as the API serves them."""
    return [json.loads(line["json"]) for line in values if line["json"]]
