"""Random values, texts and objects of every kind before both engines, in all directions.

A run takes a fresh seed and names it in a failure; K8S_CODEC_SEED repeats it, K8S_CODEC_CASES (for each direction)
makes a run longer.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable

import pytest
from compiled.agreement import needs_twin
from compiled.promise import Checks
from generate import Wire
from generate_text import JSONPrinter, Tree

import codec
from codec.schema import MessageSchema, builtin

CASES = int(os.environ.get("K8S_CODEC_CASES", "250"))
SEED = os.environ.get("K8S_CODEC_SEED") or f"{random.getrandbits(32):08x}"

pytestmark = needs_twin

Make = Callable[[str, str, str, MessageSchema], bytes]


def wire(**how: bool) -> Make:
    return lambda seed, *kind: Wire(seed, **how).stored(*kind)


def text(*, strange: bool = False, faults: int = 0) -> Make:
    def make(seed: str, api_version: str, kind: str, schema: MessageSchema) -> bytes:
        tree = Tree(seed, strange=strange, faults=faults).stored(api_version, kind, schema)
        return JSONPrinter(seed, strange=strange).text(tree)

    return make


# direction → the check, what makes its inputs, and the share of them that the compiled engine must answer itself
DIRECTIONS: dict[str, tuple[str, Make, float]] = {
    "stored, as Go writes": ("stored", wire(), 0.8),
    "stored, strange": ("stored", wire(strange=True), 0.1),
    "stored, with unknown fields": ("stored", wire(unknown=True), 0.1),
    "JSON": ("json", text(), 0.3),
    "JSON, strange": ("json", text(strange=True), 0.05),
    "JSON with faults": ("json", text(strange=True, faults=15), 0.02),
    "objects, changed": ("object", wire(), 0.2),
    "objects, strange and changed": ("object", wire(strange=True), 0.1),
}


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_both_engines_agree(direction: str) -> None:
    check, make, share = DIRECTIONS[direction]
    checks = Checks()
    kinds = codec.kinds()
    first = random.Random(SEED).randrange(len(kinds))
    for index in range(CASES):
        api_version, kind = kinds[(first + index) % len(kinds)]
        schema = builtin().find(api_version, kind)
        assert schema is not None
        value = make(f"{SEED} {direction} {index}", api_version, kind, schema)
        try:
            getattr(checks, check)(value)
        except Exception as error:
            error.add_note(f"K8S_CODEC_SEED={SEED}, case {index} of {direction!r}: {value!r}")
            raise
    print(f"{direction}: {checks.answered} answers of the compiled engine to {CASES} inputs")
    assert checks.answered >= share * CASES
