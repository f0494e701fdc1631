"""What a real API server stored: it is valid, and what its controllers wrote is canonical."""

from __future__ import annotations

import gzip
import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

import codec
from codec import endpoints


@pytest.fixture(scope="session")
def captured(root: Path) -> list[Any]:
    """The Endpoints and EndpointSlices below /registry, but for the API server's own leases."""
    found = []
    with gzip.open(root / "fixtures" / "etcd" / "values.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row["key"].startswith(("/registry/services/endpoints/", "/registry/endpointslices/")):
                found.append(codec.decode(b64decode(row["value"])))
    return found


def test_valid(captured: list[Any]) -> None:
    assert {obj.kind for obj in captured} == {"Endpoints", "EndpointSlice"}
    for obj in captured:
        assert endpoints.validate(obj) == []
        assert endpoints.set_defaults(obj) == obj


def test_the_sample(captured: list[Any]) -> None:
    (obj,) = [one for one in captured if (one.kind, one.metadata.name) == ("Endpoints", "platform-mysql")]
    assert [(row.ip, row.port) for row in endpoints.expand(obj)] == [
        ("172.27.2.78", 6033),
        ("172.27.2.79", 6033),
        ("172.27.2.80", 6033),
    ]
    assert endpoints.is_canonical(obj)
    assert endpoints.same(obj, endpoints.from_slices(endpoints.to_slices(obj)).endpoints)
    assert endpoints.cost(obj).addresses == 3
