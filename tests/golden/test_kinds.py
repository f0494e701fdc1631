"""fixtures/kinds: what the real encoder wrote for every kind and every field, along each road. Needs no Go."""

from __future__ import annotations

import gzip
import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

import codec
from codec.api.meta.v1 import WatchEvent
from codec.storage import is_stored_as_json

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "kinds"
FILES = sorted(path.name for path in FOLDER.glob("*.jsonl.gz"))

# What Go writes again in another way, and we as it was: see "a map entry without a value keeps none" in departures.py.
KEPT = {("v1", "ConfigMap", "field:binaryData=zero"), ("v1", "Secret", "field:data=zero")}


def lines(name: str) -> list[dict[str, Any]]:
    with gzip.open(FOLDER / name, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def test_the_index_names_every_file() -> None:
    rows = [row.split("\t") for row in (FOLDER / "index.tsv").read_text().splitlines()[1:]]
    assert [row[0] for row in rows] == FILES
    assert len(FILES) > 60


@pytest.mark.parametrize("name", FILES)
def test_every_value_along_every_road(name: str) -> None:
    for line in lines(name):
        case = (line["apiVersion"], line["kind"], line["case"])
        # The one type whose envelope names no kind, so that the caller must say what it is.
        cls: Any = WatchEvent if line["kind"] == "WatchEvent" else None
        raw, text = b64decode(line["pb"]), line["json"].encode("utf-8", "surrogateescape")
        again = raw if case in KEPT else b64decode(line.get("pbAgain", line["pb"]))
        of_text = b64decode(line.get("pbOfJson", line["pb"]))
        obj = codec.decode(raw, cls)
        from_text = codec.from_json(text, cls)
        assert codec.encode(obj, form="protobuf") == again, case
        assert codec.to_json(obj) == text, case
        assert codec.encode(from_text, form="protobuf") == of_text, case
        if "pbOfJson" not in line:
            assert codec.to_json(from_text) == text, case
        if cls is None:
            assert codec.storage_to_json(raw) == text, case
            assert codec.storage_to_yaml(raw) == codec.to_yaml(obj), case
        if is_stored_as_json(line["apiVersion"]):
            assert codec.encode(obj) == text + b"\n", case
            assert codec.json_to_storage(text) == codec.to_json(from_text) + b"\n", case
        elif cls is None:
            assert codec.json_to_storage(text) == of_text, case


def test_what_is_kept_differs_from_go() -> None:
    differing = {
        (line["apiVersion"], line["kind"], line["case"]) for line in lines("core.v1.jsonl.gz") if "pbAgain" in line
    }
    assert differing == KEPT
