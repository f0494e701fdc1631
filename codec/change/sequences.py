"""Which elements two lists have in common, in order: a longest common subsequence, bounded for long lists."""

from __future__ import annotations

from bisect import bisect_left

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

EXACT = 250_000  # pairs of elements that are looked at for an exact answer; above it, unique elements lead
ROUNDS = 16  # times that a part between unique elements is parted again


def common(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Pairs of places of equal elements, ascending on both sides.

    As many as possible where the lists are short, or differ only within a short part. Else elements that stand once on
    each side lead (patience diff), which takes n log n steps and may leave some out.
    """
    numbers: dict[Hashable, int] = {}
    first = [numbers.setdefault(item, len(numbers)) for item in old]
    second = [numbers.setdefault(item, len(numbers)) for item in new]
    pairs: list[tuple[int, int]] = []
    parts = [(0, len(first), 0, len(second), 0)]
    while parts:
        start, end, other, other_end, rounds = parts.pop()
        while start < end and other < other_end and first[start] == second[other]:
            pairs.append((start, other))
            start, other = start + 1, other + 1
        while start < end and other < other_end and first[end - 1] == second[other_end - 1]:
            end, other_end = end - 1, other_end - 1
            pairs.append((end, other_end))
        if start == end or other == other_end:
            continue
        if (end - start) * (other_end - other) <= EXACT:
            pairs += _longest(first, second, start, end, other, other_end)
            continue
        anchors = _anchors(first, second, start, end, other, other_end) if rounds < ROUNDS else []
        if anchors:
            pairs += anchors
            befores = [(start - 1, other - 1), *anchors]
            afters = [*anchors, (end, other_end)]
            for before, after in zip(befores, afters, strict=True):
                parts.append((before[0] + 1, after[0], before[1] + 1, after[1], rounds + 1))
    pairs.sort()
    return pairs


def _longest(
    first: list[int], second: list[int], start: int, end: int, other: int, other_end: int
) -> list[tuple[int, int]]:
    """By dynamic programming over all pairs."""
    width = other_end - other
    # rows[i][j]: how many the parts behind first[start + i] and second[other + j] have in common.
    rows = [[0] * (width + 1)]
    for place in range(end - 1, start - 1, -1):
        item, below = first[place], rows[-1]
        row = [0] * (width + 1)
        for column in range(width - 1, -1, -1):
            if second[other + column] == item:
                row[column] = below[column + 1] + 1
            else:
                row[column] = max(below[column], row[column + 1])
        rows.append(row)
    rows.reverse()
    pairs = []
    place, column = 0, 0
    while place < end - start and column < width:
        if first[start + place] == second[other + column]:
            pairs.append((start + place, other + column))
            place, column = place + 1, column + 1
        elif rows[place + 1][column] >= rows[place][column + 1]:
            place += 1
        else:
            column += 1
    return pairs


def _anchors(
    first: list[int], second: list[int], start: int, end: int, other: int, other_end: int
) -> list[tuple[int, int]]:
    """The longest ascending chain of elements that stand once on each side of the part."""
    places: dict[int, int] = {}
    for place in range(other, other_end):
        places[second[place]] = -1 if second[place] in places else place
    seen: dict[int, int] = {}
    for place in range(start, end):
        seen[first[place]] = -1 if first[place] in seen else place
    pairs = [(place, places[item]) for item, place in seen.items() if place >= 0 and places.get(item, -1) >= 0]
    return longest_ascending(pairs)


def longest_ascending(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Of pairs ascending in their first number, the most that ascend in the second too."""
    tails: list[int] = []  # the smallest second number that a chain of each length ends with
    ends: list[int] = []  # the index of the pair that this is
    before: list[int] = []
    for index, (_, second) in enumerate(pairs):
        length = bisect_left(tails, second)
        before.append(ends[length - 1] if length else -1)
        if length == len(tails):
            tails.append(second)
            ends.append(index)
        else:
            tails[length], ends[length] = second, index
    chain = []
    index = ends[-1] if ends else -1
    while index >= 0:
        chain.append(pairs[index])
        index = before[index]
    chain.reverse()
    return chain
