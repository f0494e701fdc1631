"""Both engines on the same input: whatever the compiled one answers, the readable one must say too."""

from __future__ import annotations

import base64
import gzip
import json
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import codec
from codec import storage, twin
from codec.storage import many, transcode

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"

needs_twin = pytest.mark.skipif(twin is None, reason="the compiled engine was not built, or is switched off")


class ReadableAlone:
    """Within it, the library goes its readable roads."""

    def __enter__(self) -> None:
        self.kept = storage.twin
        storage.twin = transcode.twin = many.twin = None

    def __exit__(self, *_: object) -> None:
        storage.twin = transcode.twin = many.twin = self.kept


def described(value: Any) -> Any:
    """A value with its classes, so that nil and empty, bytes and absent bytes, int and bool are told apart."""
    if hasattr(type(value), "__struct_fields__"):
        names = type(value).__struct_fields__
        return type(value).__name__, [(name, described(getattr(value, name))) for name in names]
    if isinstance(value, list):
        return type(value).__name__, [described(item) for item in value]
    if isinstance(value, dict):
        return type(value).__name__, [(key, described(item)) for key, item in value.items()]
    if isinstance(value, float):
        return "float", value.hex()
    return type(value).__name__, repr(value), value


Road = Callable[[Any], Any]
# road → (the compiled one, the whole one, what to compare)
FROM_STORAGE: dict[str, tuple[Road, Road, Road]] = (
    {}
    if twin is None
    else {
        "json": (twin.storage_to_json, codec.storage_to_json, bytes),
        "yaml": (twin.storage_to_yaml, codec.storage_to_yaml, str),
        "object": (twin.decode, codec.decode, described),
        # One of a batch is held against the compiled engine itself, which is quicker than what is written in Python.
        "batch": (lambda raw: twin.storage_to_json_batch([raw])[0], twin.storage_to_json, repr),
        "shown json": (
            lambda raw: twin.storage_to_json(raw, 2, "17"),
            lambda raw: codec.storage_to_json(raw, indent=2, resource_version="17"),
            bytes,
        ),
        "shown yaml": (
            lambda raw: twin.storage_to_yaml(raw, "1000000"),
            lambda raw: codec.storage_to_yaml(raw, resource_version="1000000"),
            str,
        ),
    }
)


def compare(compiled: Road, whole: Road, described_as: Road, value: Any) -> bool:
    """Whether the compiled engine answered; fails where the readable one has another answer, an error or a warning."""
    found = compiled(value)
    if found is None:
        return False
    with ReadableAlone(), warnings.catch_warnings():
        warnings.simplefilter("error")
        wanted = whole(value)
    assert described_as(found) == described_as(wanted)
    return True


def compare_stored(raw: bytes) -> bool:
    """Every road that starts from stored bytes, and the object's road back."""
    answers = [compare(*road, raw) for road in FROM_STORAGE.values()]
    if answers[2]:
        assert twin is not None
        compare(twin.encode, codec.encode, bytes, twin.decode(raw))
    return answers[0]


def compare_json(data: bytes) -> bool:
    assert twin is not None
    return compare(twin.json_to_storage, codec.json_to_storage, bytes, data)


def golden(pattern: str = "*.jsonl.gz") -> Iterator[tuple[str, bytes]]:
    """Name and stored bytes of every golden value."""
    for path in sorted((FIXTURES / "kinds").glob(pattern)):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                value = json.loads(line)
                yield f"{value['apiVersion']} {value['kind']} {value['case']}", base64.b64decode(value["pb"])


def captured(folder: str = "") -> Iterator[tuple[str, bytes]]:
    """Key and value of everything that a real API server stored."""
    with gzip.open(FIXTURES / "etcd" / folder / "values.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            value = json.loads(line)
            yield value["key"], base64.b64decode(value["value"])


def daily() -> Iterator[tuple[str, bytes]]:
    for path in sorted((FIXTURES / "daily").glob("*.pb")):
        yield path.stem, path.read_bytes()
