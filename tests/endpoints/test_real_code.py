"""The library answers as the real API server and controllers do: kept answers, and with Go fresh ones."""

from __future__ import annotations

import os
from random import Random
from typing import Any

import pytest
from endpoints import compare, generate, keep, real_code

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
