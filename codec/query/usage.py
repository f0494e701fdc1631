"""What takes the space: the bytes of every retained revision, summed up by resource, namespace and key.

No value is read. What is live is the newest revision of a key; older ones and tombstones are history, which a
compaction takes away.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from codec.query.select import Selection
    from codec.source.keyspace import RecordSizes

NO_OBJECT = ""  # the resource of keys that are those of no object, such as compact_rev_key
SPARE = 100  # keys that are kept beyond the largest, so that they are seldom sorted


class Share:
    """The space of one resource, namespace or key.

    keys: how many are there. live: bytes of their newest revisions. older: how many other records are retained, and
    history: their bytes; tombstones: how many of them are deletions.
    """

    __slots__ = ("history", "keys", "live", "name", "older", "tombstones")

    def __init__(self, name: str) -> None:
        self.name = name
        self.keys = 0
        self.live = 0
        self.older = 0
        self.history = 0
        self.tombstones = 0

    @property
    def total(self) -> int:
        """Bytes, live and not."""
        return self.live + self.history

    def __repr__(self) -> str:
        return f"Share({self.name!r}, keys={self.keys}, live={self.live}, older={self.older}, history={self.history})"


class Usage:
    """All shares: `total`, `resources` and `namespaces`, the largest first, and the largest keys."""

    __slots__ = ("keys", "namespaces", "resources", "total")

    def __init__(self, total: Share, resources: list[Share], namespaces: list[Share], keys: list[Share]) -> None:
        self.total = total
        self.resources = resources
        self.namespaces = namespaces
        self.keys = keys


def measure(selection: Selection, *, top: int = 10) -> Usage:
    """Sums up what is selected. Where the selection is of a revision, that counts as the newest one.

    top: how many of the largest keys are kept.
    """
    revision = selection.revision
    folders: dict[bytes, Share] = {}
    largest: list[tuple[int, bytes, RecordSizes]] = []
    least = -1  # bytes of the smallest among the largest
    for key, found in _records(selection):
        folder = key[: max(key.rfind(b"/"), 0)]
        share = folders.get(folder)
        if share is None:
            share = folders[folder] = Share("")
        taken = _add(share, found, revision)
        if taken > least:
            largest.append((taken, key, found))
            if len(largest) >= 2 * top + SPARE:
                largest = _largest(largest, top)
                least = largest[-1][0] if largest else taken
    total = Share("")
    resources: dict[str, Share] = {}
    namespaces: dict[str, Share] = {}
    for folder, share in folders.items():
        place = selection.catalog.place(folder)
        resource = NO_OBJECT if place.type is None else place.type.full
        for name, shares in ((resource, resources), (place.namespace, namespaces)):
            if name not in shares:
                shares[name] = Share(name)
            _merge(shares[name], share)
        _merge(total, share)
    keys = []
    for _, key, found in _largest(largest, top):
        share = Share(key.decode("utf-8", "surrogateescape"))
        _add(share, found, revision)
        keys.append(share)
    return Usage(total, _sorted(resources), _sorted(namespaces), keys)


def _records(selection: Selection) -> Iterator[tuple[bytes, RecordSizes]]:
    """The sizes of each selected key."""
    source = selection.source
    if selection.labels:
        # Only values tell labels.
        wanted = {row.stored.key for row, _ in selection.histories()}
        yield from (each for each in source.sizes() if each[0] in wanted)
        return
    if selection.everything and not selection.namespace:
        yield from source.sizes()
        return
    for start, exact in selection.ranges():
        for each in source.sizes(start):
            if (each[0] == start or not exact) and selection.matches(each[0]):
                yield each


def _add(share: Share, found: RecordSizes, revision: int | None) -> int:
    """Adds the records of one key; gives their bytes."""
    last = len(found) - 1
    if revision is not None:
        while last >= 0 and found[last][0] > revision:
            last -= 1
    live = taken = 0
    if last >= 0 and not found[last][2]:
        live = taken = found[last][1]
        share.keys += 1
        share.live += live
        if len(found) == 1:
            return taken
    for number, (_, size, deleted) in enumerate(found):
        if number == last and not deleted:
            continue
        taken += size
        share.older += 1
        share.tombstones += deleted
    share.history += taken - live
    return taken


def _merge(into: Share, share: Share) -> None:
    into.keys += share.keys
    into.live += share.live
    into.older += share.older
    into.history += share.history
    into.tombstones += share.tombstones


def _largest(found: list[tuple[int, bytes, RecordSizes]], top: int) -> list[tuple[int, bytes, RecordSizes]]:
    return sorted(found, key=lambda each: (-each[0], each[1]))[:top]


def _sorted(shares: dict[str, Share]) -> list[Share]:
    return sorted(shares.values(), key=lambda share: (-share.total, share.name))
