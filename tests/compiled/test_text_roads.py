"""The compiled engine on values that are stored as JSON, and on JSON with one value changed for another."""

from __future__ import annotations

import random
import re

import pytest
from compiled.agreement import captured, compare_json, compare_stored, daily, needs_twin

import codec

pytestmark = needs_twin

TOKEN = re.compile(rb'"[^"\\]{0,20}"|\{\}|\[\]|null|true|\d+')
INSTEAD = (
    b"null", b"[]", b"{}", b'""', b"0", b"-0", b"00", b"1.0", b"1e3", b"1e999", b"true", b"[null]", b'{"a":null}',
    b"999999999999999999", b"9223372036854775807", b"9223372036854775808", b"-9223372036854775808",
    b"-9223372036854775809", b"12345678901234567890", b"100000000000000000000", b'"\\u00e9x"', b'"\xc3\xa9"', b'"\xff"',
    b'"\\ud83d\\ude00"', b'"\\ud83d"', b'"a\\tb"', b'"\\u2028<&>"', b'"2020-01-01T00:00:00+02:00"',
    b'"0001-01-01T00:00:00Z"',
    b'"x","b":1', b' \n{ "a" : [ 1 , 2 ] } ', b'"1e5"', b'"0x1F"', b'"a: b"', b'"100m"', b'"1.50"',
)  # fmt: skip
CUSTOM = [raw for _, raw in captured() if raw.startswith(b"{")]
TEXTS = [*CUSTOM, *(codec.storage_to_json(raw) for _, raw in daily())]


def test_values_stored_as_json_are_answered() -> None:
    assert len(CUSTOM) > 40
    for raw in CUSTOM:
        assert compare_stored(raw)
        assert compare_json(raw)


@pytest.mark.parametrize("seed", range(4))
def test_one_value_for_another(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(150):
        text = chance.choice(TEXTS)
        token = chance.choice(list(TOKEN.finditer(text)))
        new = chance.choice((*INSTEAD, token.group() + b"," + token.group()))
        changed = text[: token.start()] + new + text[token.end() :]
        compare_stored(changed)
        compare_json(changed)


@pytest.mark.parametrize(
    "spec",
    [
        '{"b":1,"a":{"z":[1,{"y":2,"x":3}]},"ab":null}',
        '{"key10":1,"key9":2,"Key":3,"_":4,"ä":5,"":6}',
        '{"n":[0,-0,1.0,1e3,0.1,1e-7,1e21,-1,99999999999999999999]}',
        '{"\\u0061":"\\u00e9\\ud83d\\ude00\\ud83d","<":"&>\\u2028"}',
        '{"deep":' + "[" * 180 + "]" * 180 + "}",
        '{"deep":' + "[" * 400 + "]" * 400 + "}",
        '{"a":1,"a":2}',
        '{"a":1,"\\u0061":2}',
    ],
)
@pytest.mark.parametrize("metadata", ["{}", "null", "3", '{"resourceVersion":"4","name":"x"}', '{"z":1}'])
def test_custom_resources(spec: str, metadata: str) -> None:
    text = f'{{"spec":{spec},"metadata":{metadata},"kind":"Thing","apiVersion":"example.com/v1"}}'.encode()
    try:
        codec.storage_to_json(text)
    except codec.DecodeError:
        assert not compare_stored(text)
    else:
        compare_stored(text)
        compare_json(text)


def test_keys_in_other_orders_and_more_of_them() -> None:
    """Keys are expected in the order of last time; others, missing ones and second ones are found all the same."""
    chance = random.Random(3)
    names = (b'{"name":"x","uid":"y"}', b'{"uid":"y","name":"x"}')
    parts = [b'"kind":"ConfigMap"', b'"apiVersion":"v1"', *(b'"metadata":' + name for name in names)]
    parts += [b'"data":{"b":"1","a":"2"}', b'"immutable":true', b'"binaryData":null']
    answers = 0
    for _ in range(300):
        some = chance.sample(parts, chance.randrange(2, len(parts) + 1))
        answers += compare_json(b"{" + b" , ".join(some) + b"}")
    assert answers > 40
