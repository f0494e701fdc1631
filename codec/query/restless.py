"""What changes all the time and hides what matters: left out of comparisons where nobody asked for it by name."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from codec.query.select import Row, Selection

# Heartbeats of nodes and controllers, Events, and the records of API servers about themselves.
RESTLESS = frozenset(("leases.coordination.k8s.io", "events", "masterleases", "peerserverleases"))


def is_left_out(row: Row, selection: Selection) -> bool:
    """Whether a row is restless, or a key of no object such as compact_rev_key, and no word named its type or key."""
    if row.type is not None and row.type.full not in RESTLESS:
        return False
    key = row.stored.key or b""
    for target in selection.targets:
        if target.exact and target.start == key:
            return False
        if row.type is not None and (
            target.type is row.type or target.start.startswith(selection.catalog.start(row.type.path))
        ):
            return False
    return True
