"""What fixtures/tables holds: stored objects, the cells that an API server gave for them, and what kubectl printed."""

from __future__ import annotations

import base64
import gzip
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import codec
from codec.api import Message
from codec.storage.keys import Key, parse_key

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
# Another folder that `scripts/tables --random` filled: more to compare than the repository holds.
TABLES = Path(os.environ.get("K8S_CODEC_TABLES", FIXTURES / "tables"))


@dataclass
class Row:
    """As codec.query.select has them, of an object that is there already."""

    place: Key
    object: Message
    cells: list[Any] = field(default_factory=list)
    case: str = ""


@dataclass
class Table:
    """What a server answered for a resource at a moment, in nanoseconds since 1970."""

    group: str
    resource: str
    now: int
    columns: list[dict[str, Any]]
    rows: list[Row]


def lines(path: Path) -> Iterator[Any]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


@cache
def kinds() -> dict[str, bytes]:
    """The values of fixtures/kinds by apiVersion, kind and case."""
    return {
        f"{line['apiVersion']} {line['kind']} {line['case']}": base64.b64decode(line["pb"])
        for path in sorted((FIXTURES / "kinds").glob("*.jsonl.gz"))
        for line in lines(path)
    }


def stored(line: Any) -> Any:
    """The object of a line; one of fixtures/kinds was stored with a name of its own."""
    if "value" in line:
        return codec.decode(base64.b64decode(line["value"]))
    obj: Any = codec.decode(kinds()[line["kinds"]])
    place = parse_key(line["key"])
    obj.metadata.name, obj.metadata.namespace = place.name, place.namespace
    return obj


@cache
def tables() -> list[Table]:
    found: list[Table] = []
    for line in lines(TABLES / "cells.jsonl.gz"):
        if "columns" in line:
            found.append(Table(line["group"], line["resource"], line["now"], line["columns"], []))
        else:
            row = Row(parse_key(line["key"]), stored(line), line["cells"], line.get("kinds", line["key"]))
            found[-1].rows.append(row)
    return found


def definitions() -> dict[tuple[str, str], Any]:
    """The CustomResourceDefinitions of the same server."""
    held = next(table for table in tables() if table.resource == "customresourcedefinitions")
    specs: Iterable[Any] = (row.object for row in held.rows)
    return {(each.spec.group, each.spec.names.plural): each for each in specs}
