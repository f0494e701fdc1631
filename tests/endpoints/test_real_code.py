"""The library answers as the real API server and controllers do: kept answers, and with Go fresh ones."""

from __future__ import annotations

import os
from binascii import b2a_base64
from random import Random
from typing import Any

import pytest
from endpoints import compare, generate, keep, real_code

import codec
from codec import endpoints
from codec.api.core.v1 import Endpoints

SUBJECTS = list(keep.COUNTS)
FRESH = int(os.environ.get("K8S_CODEC_FRESH", "400"))  # new inputs of each subject


def differing(pairs: Any) -> tuple[int, list[str]]:
    """How many pairs there are, and what is wrong with the first few that differ."""
    count, wrong = 0, []
    for request, answer in pairs:
        count += 1
        try:
            compare.agree(request, answer)
        except AssertionError as error:
            wrong.append(str(error))
    return count, wrong[:3]


@pytest.mark.parametrize("subject", SUBJECTS)
def test_kept_answers(subject: str) -> None:
    count, wrong = differing(keep.kept(subject))
    assert not wrong
    assert count == keep.COUNTS[subject] * (2 if subject == "repack" else 1)


@pytest.mark.parametrize("subject", ["truncate", "mirror"])
def test_kept_questions_are_of_the_seed(subject: str) -> None:
    """The generator and the kept file belong together."""
    first = [request for request, _ in keep.kept(subject)][:50]
    assert first == list(generate.requests(subject, keep.SEED, 50))


def test_kept_questions_reach_what_matters() -> None:
    """Enough of each sort, so that agreement means something."""
    sorts: dict[str, int] = {}
    for subject in ("validate-endpoints", "validate-slice"):
        for request, answer in keep.kept(subject):
            sort = f"{subject} {'update' if 'old' in request else 'create'}"
            sorts[sort] = sorts.get(sort, 0) + 1
            sorts[f"{subject} {'refused' if answer else 'valid'}"] = 1
            for error in answer:
                sorts[f"{subject} {error['type']}"] = sorts.get(f"{subject} {error['type']}", 0) + 1
    for subject in ("validate-endpoints", "validate-slice"):
        for sort in ("create", "update"):
            assert sorts[f"{subject} {sort}"] > 1900
        for sort in (
            "valid",
            "refused",
            "FieldValueRequired",
            "FieldValueInvalid",
            "FieldValueNotSupported",
            "FieldValueTooLong",
        ):
            assert sorts[f"{subject} {sort}"] > 0
    for kind in ("FieldValueDuplicate", "FieldValueTooMany", "InternalError"):
        assert sorts[f"validate-slice {kind}"] > 10
    assert sorts["validate-endpoints FieldValueForbidden"] > 10


def test_mirroring_is_mostly_exact() -> None:
    """Where several subsets share their ports and have too many endpoints, upstream drops them at random."""
    exact = sum(compare.ours(request)["exact"] for request, _ in keep.kept("mirror"))
    assert 500 < exact < 1000


@pytest.mark.parametrize("subject", SUBJECTS)
def test_fresh_answers(subject: str) -> None:
    if not real_code.available():
        pytest.skip("needs Go, to ask the real Kubernetes code")
    seed = int(os.environ.get("K8S_CODEC_SEED", Random().randrange(1 << 32)))
    requests = list(
        generate.requests(subject, seed, FRESH if subject not in ("truncate", "controller") else FRESH // 10)
    )
    answers = real_code.ask(map(compare.long_form, requests))
    _, wrong = differing(zip(requests, answers, strict=True))
    assert not wrong, f"K8S_CODEC_SEED={seed}"


def test_strings_that_are_no_unicode() -> None:
    """They reach the API server in protobuf; its lines quote their bytes."""
    if not real_code.available():
        pytest.skip("needs Go, to ask the real Kubernetes code")
    rng = Random()
    asked, questions = [], []
    for request in generate.requests("validate-endpoints", rng.randrange(1 << 32), 300):
        obj = spoilt(rng, compare.read(Endpoints, request["new"]))
        asked.append((obj, request["strict"]))
        raw = b2a_base64(codec.encode(obj), newline=False).decode()
        questions.append({"op": "validate", "kind": "Endpoints", "new": raw, "strict": request["strict"]})
    lines = 0
    for (obj, strict), real in zip(asked, real_code.ask(questions), strict=True):
        mine = [str(one) for one in endpoints.validate(obj, strict_ip=strict)]
        assert sorted(mine) == sorted(error["text"] for error in real)
        lines += sum("\\x" in line for line in mine)
    assert lines > 300


def spoilt(rng: Random, obj: Endpoints) -> Endpoints:
    """The object with bytes that are no UTF-8 in some of its strings."""

    def spoil(text: str) -> str:
        place = rng.randrange(len(text) + 1)
        return text[:place] + rng.choice(["\udcff", "\udc80", "\udce2\udc80", "\udced\udca0\udc80"]) + text[place:]

    meta = obj.metadata
    meta.name, meta.generateName = spoil(meta.name), rng.choice(["", spoil("a-"), spoil("-")])
    meta.labels = {spoil(key): spoil(value) for key, value in meta.labels.items()}
    meta.annotations = {spoil(key): value for key, value in meta.annotations.items()}
    meta.finalizers = list(map(spoil, meta.finalizers))
    for entry in meta.managedFields:
        entry.manager = spoil(entry.manager)
    for subset in obj.subsets:
        for address in (*subset.addresses, *subset.notReadyAddresses):
            address.ip, address.hostname = spoil(address.ip), spoil(address.hostname)
        for port in subset.ports:
            port.name, port.protocol = spoil(port.name), rng.choice(["TCP", spoil("TCP")])
            port.appProtocol = spoil("x")
    return obj
