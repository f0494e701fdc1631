"""Puts one input before the codec and before the real Kubernetes code, and names what differs."""

from __future__ import annotations

import warnings
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

import oracle
from departures import JSON, RAW, READ, YAML, Difference, departure

import codec
from codec.schema import MessageSchema, builtin

DECODE, ENCODE_JSON, ENCODE_YAML = "decode", "encode_json", "encode_yaml"  # the oracle's ops
PAYLOADS = {DECODE: "raw", ENCODE_JSON: "json", ENCODE_YAML: "yaml"}
BATCH = 400  # questions in one run of the oracle

# What the answers of one input came to: how many were equal, and how many fell under which departure.
Counts = Counter[str]


@cache
def known_fields() -> dict[str, frozenset[int]]:
    """Message → the field numbers that the newest release has, which is what the real code here knows."""
    found: dict[str, list[int]] = oracle.ask([{"op": "fields"}])[0]["result"]
    return {message: frozenset(numbers) for message, numbers in found.items()}


@cache
def kinds() -> list[tuple[str, str, MessageSchema]]:
    """The kinds that the real code knows too. Those of dropped releases are not among them: nobody can be asked.

    WatchEvent stands in no envelope by name, and the options types stand here once.
    """
    rows = oracle.ask([{"op": "kinds"}])[0]["result"]
    asked = {(row[0], row[1]) for row in rows if row[4]}
    found = ((api_version, kind, builtin().find(api_version, kind)) for api_version, kind in codec.kinds())
    return [(a, k, schema) for a, k, schema in found if schema and (a, k) in asked and k != "WatchEvent"]


def attempt(call: Callable[[], Any]) -> tuple[Any, str]:
    """What comes out, and the words of the CodecError where nothing does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", codec.UnknownFieldsWarning)
        try:
            return call(), ""
        except codec.CodecError as error:
            return None, str(error)


def readers(op: str, given: bytes) -> Callable[..., Any]:
    return {DECODE: codec.decode, ENCODE_JSON: codec.from_json, ENCODE_YAML: codec.from_yaml}[op]


class Comparison:
    """Our answers to one input against Go's."""

    def __init__(self, op: str, given: bytes, answer: dict[str, Any]) -> None:
        self.op = op
        self.given = given
        self.error: str = answer.get("error", "")
        self.result: dict[str, Any] = answer.get("result", {})
        self.json = b64decode(self.result.get("json", ""))

    def differences(self) -> Iterator[Difference]:
        strict = self.result.get("strict", "")
        reader = readers(self.op, self.given)
        obj, problem = self.read(reader)
        if strict:
            # Unknown keys, refused as Go's strict mode does unless they are allowed, and duplicate ones.
            if obj is not None:
                yield self.differing(READ, None, b"", go_error=strict)
            obj, problem = self.read(lambda given: reader(given, allow_unknown=True))
        if (obj is None) != bool(self.error):
            yield self.differing(READ, None if self.error else b"", None if obj is None else b"", self.error, problem)
        if obj is None or self.error:
            return
        for form, write in (
            (RAW, lambda: codec.encode(obj, form="protobuf")),
            (JSON, lambda: codec.to_json(obj) + b"\n"),
            (YAML, lambda: codec.to_yaml(obj).encode()),
        ):
            go_error = self.result.get("failed", {}).get(form, "")
            go = None if go_error else b64decode(self.result.get(form, ""))
            ours, problem = attempt(write)
            if go != ours:
                yield self.differing(form, go, ours, go_error, problem)

    def read(self, reader: Callable[..., Any]) -> tuple[Any, str]:
        return attempt(lambda: reader(self.given))

    def differing(
        self, form: str, go: bytes | None, ours: bytes | None, go_error: str = "", our_error: str = ""
    ) -> Difference:
        return Difference(self.op, form, self.given, go, ours, go_error, our_error, self.json)


def compared(op: str, inputs: Iterable[tuple[str, bytes]], counts: Counts) -> Iterator[tuple[str, Difference]]:
    """Puts (name, input) before both, and gives the differences that are no listed departure, with the name.

    counts: gets `equal` for each input of which every answer is the same, or the departure's name, and `refused` for
    those that neither side reads.
    """
    batch: list[tuple[str, bytes]] = []
    for item in inputs:
        batch.append(item)
        if len(batch) == BATCH:
            yield from _compared(op, batch, counts)
            batch = []
    yield from _compared(op, batch, counts)


def _compared(op: str, batch: list[tuple[str, bytes]], counts: Counts) -> Iterator[tuple[str, Difference]]:
    questions = [{"op": op, PAYLOADS[op]: b64encode(given).decode()} for _, given in batch]
    for (name, given), answer in zip(batch, oracle.ask(questions, rebuild=False), strict=True):
        comparison = Comparison(op, given, answer)
        found = list(comparison.differences())
        for difference in found:
            listed = departure(difference)
            if listed is None:
                yield name, difference
            else:
                counts[f"departure: {listed.name}"] += 1
        if not found:
            counts["refused by both" if comparison.error else "equal"] += 1
