"""Which quotes strings and keys get in YAML, and where they fold: both engines, on what looks like something else."""

from __future__ import annotations

import random

import pytest
from compiled.agreement import compare, needs_twin

import codec
from codec import twin
from codec.api.core.v1 import ConfigMap
from codec.api.meta.v1 import ObjectMeta

pytestmark = needs_twin

ALPHABETS = (
    *("0123456789", "0123456789.-+eE", "0123456789abcdefx_", "01:5", "-. ", "yYnNoOtTrRuUeEfFlLsS~", "0b1o7x-+"),
    *("12-:TtZ. +", "ab :#'\"\n", "a ", "a \n", "é ü\u2028\u0085\ufeff", '\t\\"a b', "?-: ,[]{}&*!|>%@`a", "key0129_A"),
)
WORDS = """
    null Null NULL nULL yes Yes yEs on On off y N ~ true False .nan .inf -.inf << = 2024-01-01 2024-02-30
    2024-01-01T00:00:00Z 2024-13-01T00:00:00Z 1:30 190:20:30 0x1F 0o17 017 08 1_000 1e5 1e400 1. .5 - -- --- ... ....
    0 -0 +1 1e 1e+ e5 7d4b9c 5e10 10.0.0.1 100m 1.5Gi 0b11 0b12 12: : a: #
""".split()  # noqa: SIM905 - shorter than a list
WORDS += ["--- a", ": a", "a #b", ""]
RAW_VALUES = ("{}", "[]", '{"b":{},"a":{}}', "1", "-0", "1.50", "null", '"x\\ny"', "[1,[2,{}],{}]", " { } ")


def agrees(strings: list[str]) -> bool:
    """A map with the strings as values, and with them as keys."""
    assert twin is not None
    answered = True
    labels = dict.fromkeys(strings, "")
    for value in (
        ConfigMap(data={f"k{i}": text for i, text in enumerate(strings)}),
        ConfigMap(metadata=ObjectMeta(labels=labels, finalizers=strings)),
    ):
        raw = codec.encode(value)
        answered &= compare(twin.storage_to_yaml, codec.storage_to_yaml, str, raw)
    return answered


@pytest.mark.parametrize("text", WORDS)
def test_words(text: str) -> None:
    assert agrees([text])


def test_random_strings() -> None:
    chance = random.Random(11)
    answered = 0
    for _ in range(3000):
        alphabet = chance.choice(ALPHABETS)
        length = chance.choice((1, 2, 3, 5, 8, 15, 16, 17, 20, 31, 33, 60, 100, 300))
        strings = ["".join(chance.choice(alphabet) for _ in range(chance.randrange(1, length + 1))) for _ in range(3)]
        answered += agrees(strings)
    assert answered > 1000


def test_raw_json_in_any_order() -> None:
    """FieldsV1 whose keys have to be sorted, or have escapes, or stand twice."""
    from codec.api.meta.v1 import ManagedFieldsEntry
    from codec.types import RawJSON

    assert twin is not None
    chance = random.Random(12)
    keys = ["f:a", "f:b", ".", "f:a10", "f:a9", 'k:{"x":1}', "f:Z", "f:_", "é", "<&>", "a\nb", "1", "true", " a"]
    for _ in range(600):
        parts = []
        for key in chance.sample(keys, chance.randrange(1, len(keys))):
            value = chance.choice(RAW_VALUES)
            text = "".join(f"\\u{ord(char):04x}" if char in '"\n' or chance.random() < 0.1 else char for char in key)
            parts.append(f'"{text}":{value}')
        raw_json = ("{" + ",".join(parts) + "}").encode()
        entry = ManagedFieldsEntry(manager="m", fieldsV1=RawJSON(raw_json))
        raw = codec.encode(ConfigMap(metadata=ObjectMeta(managedFields=[entry])))
        try:
            codec.storage_to_yaml(raw)
        except codec.EncodeError:
            assert twin.storage_to_yaml(raw) is None
            continue
        compare(twin.storage_to_yaml, codec.storage_to_yaml, str, raw)
        compare(twin.storage_to_json, codec.storage_to_json, bytes, raw)
