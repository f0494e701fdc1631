"""Raw JSON inside values, which the compiled engine checks many characters at once: good, and broken at any place."""

from __future__ import annotations

import random

from compiled.agreement import compare, needs_twin

import codec
from codec import twin
from codec.api.core.v1 import ConfigMap
from codec.api.meta.v1 import ManagedFieldsEntry, ObjectMeta
from codec.types import RawJSON

pytestmark = needs_twin

TOKENS = (
    "{",
    "}",
    "{}",
    '"',
    ":",
    ",",
    "[",
    "]",
    "\\",
    '\\"',
    "\\\\",
    "\\u0041",
    "\\x",
    " ",
    "<",
    "é",
    "\0",
    "1",
    "null",
    "x",
)


def fields(chance: random.Random, depth: int) -> str:
    """An object of objects, as FieldsV1."""
    names = ("f:a", "f:metadata", ".", 'k:{\\"type\\":\\"Ready\\"}', "f:" + "x" * chance.randrange(70), "\\\\", "")
    count = chance.randrange(4) if depth else 0
    return "{" + ",".join(f'"{chance.choice(names)}":{fields(chance, depth - 1)}' for _ in range(count)) + "}"


def answered(text: str) -> bool:
    assert twin is not None
    entry = ManagedFieldsEntry(manager="m", fieldsV1=RawJSON(text.encode()))
    raw = codec.encode(ConfigMap(metadata=ObjectMeta(managedFields=[entry])))
    try:
        codec.storage_to_json(raw)
    except codec.EncodeError:
        assert twin.storage_to_json(raw) is None
        return False
    return compare(twin.storage_to_json, codec.storage_to_json, bytes, raw)


def test_fields() -> None:
    chance = random.Random(21)
    for _ in range(1500):
        assert answered(fields(chance, chance.randrange(7)))


def test_fields_with_one_thing_wrong() -> None:
    chance = random.Random(22)
    good = 0
    for _ in range(6000):
        text = fields(chance, chance.randrange(6))
        place = chance.randrange(len(text) + 1)
        end = place + chance.randrange(3)
        good += answered(text[:place] + chance.choice((*TOKENS, "")) + text[end:])
    assert 300 < good < 3000
