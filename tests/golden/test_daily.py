"""fixtures/daily: the kinds that people meet every day, each as .pb, .json and .yaml made by the real encoder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import codec

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "daily"
NAMES = sorted(path.stem for path in FOLDER.glob("*.pb"))


def read(name: str, form: str) -> bytes:
    return (FOLDER / f"{name}.{form}").read_bytes()


def compact(data: bytes) -> bytes:
    """Without the spaces of the pretty form, which belong to raw JSON otherwise."""
    return json.dumps(json.loads(data), separators=(",", ":"), ensure_ascii=False).encode()


def test_there_are_about_thirty() -> None:
    assert len(NAMES) >= 30
    assert {path.suffix for path in FOLDER.iterdir()} == {".pb", ".json", ".yaml"}
    assert "core.v1.Endpoints" in NAMES


@pytest.mark.parametrize("name", NAMES)
def test_stored_bytes_give_the_texts(name: str) -> None:
    raw = read(name, "pb")
    obj = codec.decode(raw)
    assert codec.encode(obj) == raw
    assert codec.to_json(obj, indent=2) == codec.storage_to_json(raw, indent=2) == read(name, "json")
    assert codec.to_yaml(obj) == codec.storage_to_yaml(raw) == read(name, "yaml").decode()


@pytest.mark.parametrize("name", NAMES)
def test_texts_give_the_stored_bytes(name: str) -> None:
    raw, text, yaml = (read(name, form) for form in ("pb", "json", "yaml"))
    assert codec.json_to_storage(compact(text)) == codec.encode(codec.from_json(compact(text))) == raw
    assert codec.to_json(codec.from_json(text), indent=2) == text
    assert codec.encode(codec.from_yaml(yaml)) == raw
    assert codec.encode(codec.from_dict(json.loads(text))) == raw
    assert codec.to_dict(codec.decode(raw)) == json.loads(text)


def test_the_endpoints_of_the_sample() -> None:
    from codec.api.core.v1 import Endpoints

    endpoints = codec.decode(read("core.v1.Endpoints", "pb"), Endpoints)
    (subset,) = endpoints.subsets
    assert (endpoints.metadata.namespace, endpoints.metadata.name) == ("biz-prod-qe2bu3", "platform-mysql")
    assert [address.ip for address in subset.addresses] == ["172.27.2.78", "172.27.2.79", "172.27.2.80"]
    assert [(port.name, port.port, port.protocol) for port in subset.ports] == [("mysql", 6033, "TCP")]
    assert {address.targetRef.kind for address in subset.addresses if address.targetRef} == {"Pod"}
