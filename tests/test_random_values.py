"""Random values and texts of every kind, put before the codec and the real Kubernetes code: every answer is the same.

What may differ stands in departures.py. A run takes a fresh seed and names it in a failure; K8S_CODEC_SEED repeats it,
K8S_CODEC_CASES (for each direction) makes a run longer.
"""

from __future__ import annotations

import os
import random
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator

import compare
import oracle
import pytest
from departures import Difference
from generate import Wire
from generate_text import JSONPrinter, Tree, YAMLPrinter

import codec
from codec.schema import MessageSchema

CASES = int(os.environ.get("K8S_CODEC_CASES", "500"))
SEED = os.environ.get("K8S_CODEC_SEED") or f"{random.getrandbits(32):08x}"
SHOWN = 5  # differences in a failure

pytestmark = pytest.mark.skipif(not oracle.available(), reason="needs Go, to ask the real Kubernetes code")

Make = Callable[[str, str, str, MessageSchema], bytes]


def wire(**how: bool) -> Make:
    return lambda seed, *kind: Wire(seed, known=compare.known_fields(), **how).stored(*kind)


def json_text(*, strange: bool = False, faults: int = 0) -> Make:
    def make(seed: str, *kind: str | MessageSchema) -> bytes:
        tree = Tree(seed, known=compare.known_fields(), strange=strange, faults=faults).stored(*kind)  # type: ignore[arg-type]
        return JSONPrinter(seed, strange=strange).text(tree)

    return make


def yaml_text(*, strange: bool = False, faults: int = 0) -> Make:
    def make(seed: str, *kind: str | MessageSchema) -> bytes:
        tree = Tree(seed, known=compare.known_fields(), strange=strange, faults=faults).stored(*kind)  # type: ignore[arg-type]
        return YAMLPrinter(seed).text(tree)

    return make


DIRECTIONS: dict[str, tuple[str, Make]] = {
    "stored, as Go writes": (compare.DECODE, wire()),
    "stored, strange": (compare.DECODE, wire(strange=True)),
    "JSON": (compare.ENCODE_JSON, json_text()),
    "JSON, strange": (compare.ENCODE_JSON, json_text(strange=True)),
    "JSON with faults": (compare.ENCODE_JSON, json_text(strange=True, faults=15)),
    "YAML": (compare.ENCODE_YAML, yaml_text()),
    "YAML with faults": (compare.ENCODE_YAML, yaml_text(strange=True, faults=10)),
}


def each_kind(name: str) -> Iterator[tuple[str, str, str, MessageSchema]]:
    """(seed, apiVersion, kind, schema), as often as CASES says, all kinds in turn from a random one on."""
    kinds = compare.kinds()
    first = random.Random(SEED).randrange(len(kinds))
    for index in range(CASES):
        yield (f"{SEED} {name} {index}", *kinds[(first + index) % len(kinds)])


def report(differing: list[tuple[str, Difference]], counts: compare.Counts) -> str:
    lines = [f"K8S_CODEC_SEED={SEED}: {len(differing)} answers differ; {dict(counts)}"]
    for name, found in differing[:SHOWN]:
        pairs = zip(found.go or b"", found.ours or b"", strict=False)
        place = next((place for place, (one, other) in enumerate(pairs) if one != other), 0)
        around = slice(max(place - 60, 0), place + 60)
        lines.append(f"{name}: {found.form} differs at byte {place}")
        lines.append(f"   Go   {found.go and found.go[around]!r} {found.go_error}")
        lines.append(f"   ours {found.ours and found.ours[around]!r} {found.our_error}")
    return "\n".join(lines)


def expect_no_difference(direction: str, op: str, inputs: Iterator[tuple[str, bytes]]) -> None:
    counts = compare.Counts()
    differing = list(compare.compared(op, inputs, counts))
    print(f"{direction}: {dict(counts)}")
    if differing:
        pytest.fail(report(differing, counts), pytrace=False)
    assert counts["equal"] > CASES // 4


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_every_answer_is_that_of_go(direction: str) -> None:
    op, make = DIRECTIONS[direction]
    inputs = ((" ".join(case[:3]), make(*case)) for case in each_kind(direction))
    expect_no_difference(direction, op, inputs)


@pytest.mark.parametrize(
    ("op", "form"), [(compare.DECODE, "raw"), (compare.ENCODE_JSON, "json"), (compare.ENCODE_YAML, "yaml")]
)
def test_objects_made_by_go(op: str, form: str) -> None:
    cases = list(each_kind(f"made {form}"))
    questions = [
        {"op": "make", "apiVersion": api_version, "kind": kind, "seed": seed, "want": [form]}
        for seed, api_version, kind, _ in cases
    ]
    results = [answer["result"] for answer in oracle.ask(questions)]
    inputs = (
        (" ".join(case[:3]), b64decode(result[form]))
        for case, result in zip(cases, results, strict=True)
        if form in result
    )
    expect_no_difference(f"made by Go: {form}", op, inputs)


def test_the_road_without_objects_gives_the_same() -> None:
    for seed, api_version, kind, schema in each_kind("roads"):
        raw = wire(strange=True)(seed, api_version, kind, schema)
        for road, of_object in (
            (lambda raw=raw: codec.storage_to_json(raw), lambda raw=raw: codec.to_json(codec.decode(raw))),
            (
                lambda raw=raw: codec.storage_to_yaml(raw).encode(),
                lambda raw=raw: codec.to_yaml(codec.decode(raw)).encode(),
            ),
        ):
            assert compare.attempt(road) == compare.attempt(of_object), seed


def test_the_road_from_json_without_objects_gives_the_same() -> None:
    for seed, api_version, kind, schema in each_kind("roads from JSON"):
        text = json_text(strange=True, faults=5)(seed, api_version, kind, schema)
        stored = compare.attempt(lambda text=text: codec.json_to_storage(text))
        assert stored == compare.attempt(lambda text=text: codec.encode(codec.from_json(text))), seed


def test_unknown_fields_are_kept_and_change_nothing() -> None:
    known = compare.known_fields()
    cases = list(each_kind("unknown"))
    with_unknown = [Wire(seed, known=known, unknown=True) for seed, *_ in cases]
    given = [source.stored(*kind) for source, (_, *kind) in zip(with_unknown, cases, strict=True)]
    questions = [{"op": "decode", "raw": b64encode(raw).decode(), "want": ["raw"]} for raw in given]
    for case, source, raw, answer in zip(cases, with_unknown, given, oracle.ask(questions), strict=True):
        seed, *kind = case
        plain = codec.encode(codec.decode(Wire(seed, known=known).stored(*kind)), form="protobuf")
        assert plain == b64decode(answer["result"]["raw"]), seed
        kept = codec.encode(codec.decode(raw), form="protobuf")
        assert codec.encode(codec.decode(kept), form="protobuf") == kept, seed
        assert len(kept) >= len(plain) + sum(map(len, source.unknown)), seed
        assert all(field in kept for field in source.unknown), seed
