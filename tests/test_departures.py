"""Each listed departure is one still: the real code and the codec answer its example differently."""

from __future__ import annotations

from base64 import b64encode

import compare
import oracle
import pytest
from departures import DEPARTURES, Departure, departure

TRIES = 100  # of an example that differs at times only

pytestmark = pytest.mark.skipif(not oracle.available(), reason="needs Go, to ask the real Kubernetes code")


@pytest.mark.parametrize("entry", DEPARTURES, ids=[entry.name for entry in DEPARTURES])
def test_the_example_still_differs(entry: Departure) -> None:
    question = {"op": entry.op, compare.PAYLOADS[entry.op]: b64encode(entry.given).decode()}
    answers = oracle.ask([question] * (TRIES if entry.once else 1))
    found = [list(compare.Comparison(entry.op, entry.given, answer).differences()) for answer in answers]
    if entry.once:
        found = [differences for differences in found if differences]
        assert found, f"Go answers what we do, {TRIES} times"
    for differences in found:
        assert {difference.form for difference in differences} == entry.forms
        assert [departure(difference) for difference in differences] == [entry] * len(differences)


def test_names_are_unique() -> None:
    assert len({entry.name for entry in DEPARTURES}) == len(DEPARTURES)
