"""Two selections side by side: what stands under the same key in both, whatever the prefixes of their keys."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from codec.query.select import Row, Selection

    # Before, within and behind the keys of the prefix; and the key, without it.
    Place = tuple[int, bytes]

_BEFORE, _WITHIN, _BEHIND = range(3)


def pairs(old: Selection | None, new: Selection | None) -> Iterator[tuple[Row | None, Row | None]]:
    """The rows of two selections in order of keys; None where one has no such key, or is None itself."""
    left, right = _placed(old), _placed(new)
    one, other = next(left, None), next(right, None)
    while one is not None or other is not None:
        if other is None or (one is not None and one[0] < other[0]):
            assert one is not None
            yield one[1], None
            one = next(left, None)
        elif one is None or other[0] < one[0]:
            yield None, other[1]
            other = next(right, None)
        else:
            yield one[1], other[1]
            one, other = next(left, None), next(right, None)


def _placed(selection: Selection | None) -> Iterator[tuple[Place, Row]]:
    if selection is None:
        return
    place = _place_in(selection.catalog.prefix)
    for row in selection.rows(in_key_order=True):
        yield place(row.stored.key or b""), row


def _place_in(prefix: str) -> Callable[[bytes], Place]:
    """How a key is placed, so that the order of the keys stays what it was."""
    start = prefix.encode("utf-8", "surrogateescape") + b"/"

    def place(key: bytes) -> Place:
        if key.startswith(start):
            return _WITHIN, key[len(start) :]
        return (_BEFORE if key < start else _BEHIND), key

    return place
