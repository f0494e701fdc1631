"""Common subsequences: right, as long as can be where lists are short, and quick where they are long."""

from __future__ import annotations

import itertools
from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from codec.change import sequences
from codec.change.sequences import common, longest_ascending

LISTS = st.lists(st.integers(0, 4), max_size=12)


def longest(old: list[int], new: list[int]) -> int:
    """The length of a longest common subsequence, by its definition."""

    @cache
    def of(first: int, second: int) -> int:
        if first == len(old) or second == len(new):
            return 0
        if old[first] == new[second]:
            return 1 + of(first + 1, second + 1)
        return max(of(first + 1, second), of(first, second + 1))

    return of(0, 0)


def check(pairs: list[tuple[int, int]], old: list[int], new: list[int]) -> None:
    assert all(old[first] == new[second] for first, second in pairs)
    for (first, second), (third, fourth) in itertools.pairwise(pairs):
        assert first < third
        assert second < fourth


@given(LISTS, LISTS)
def test_short_lists_exactly(old: list[int], new: list[int]) -> None:
    pairs = common(old, new)
    check(pairs, old, new)
    assert len(pairs) == longest(old, new)


@given(st.lists(st.integers(0, 30), max_size=40), st.lists(st.integers(0, 30), max_size=40))
def test_beyond_the_bound(old: list[int], new: list[int]) -> None:
    exact = sequences.EXACT
    sequences.EXACT = 4
    try:
        check(common(old, new), old, new)
    finally:
        sequences.EXACT = exact


def test_long_lists() -> None:
    old = list(range(50_000))
    new = [item for item in old if item % 7] + [-1] * 50_000
    pairs = common(old, new)
    check(pairs, old, new)
    assert len(pairs) == sum(1 for item in old if item % 7)


def test_long_lists_of_few_values_end() -> None:
    old, new = [0, 1] * 20_000, [1, 1, 0] * 15_000
    check(common(old, new), old, new)


@given(st.lists(st.integers(0, 20), unique=True, max_size=12))
def test_longest_ascending(seconds: list[int]) -> None:
    pairs = list(enumerate(seconds))
    found = longest_ascending(pairs)
    check_order = [second for _, second in found]
    assert check_order == sorted(check_order)
    assert len(found) == longest(seconds, sorted(seconds))
