"""Follows what is selected of a running etcd: each change with the value before it, over lost connections and
compactions.
"""

from __future__ import annotations

from codec.source.connection import ConnectionLost, RevisionCompacted
from codec.source.live import ChangesCompacted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from codec.query.select import Row, Selection
    from codec.source.key_value import KeyValue
    from codec.source.keyspace import Change
    from codec.source.live import LiveEtcd

CREATED, CHANGED, DELETED = "created", "changed", "deleted"
KEPT = 256 << 20  # bytes of values that are remembered; beyond it etcd is asked for the value before


class Event:
    """What became of a key.

    operation: `created`, `changed` or `deleted`. revision: the mod revision; of a missed deletion, the newest one.
    row: the new value; of a deletion the last one, with an empty value where it is not known. before: the value before,
    None where there was none or it is not known. missed: whether it is told by the state behind a compaction: there
    may have been more changes in between.
    """

    __slots__ = ("before", "missed", "operation", "revision", "row")

    def __init__(self, operation: str, revision: int, row: Row, before: Row | None, missed: bool = False) -> None:
        self.operation = operation
        self.revision = revision
        self.row = row
        self.before = before
        self.missed = missed


class Following:
    """The changes of what is selected, from a revision on; without one, from the selection's moment on.

    notify: told in words of what happens to the connection and to history. Its source is moved on to newer revisions.
    """

    def __init__(
        self, selection: Selection, source: LiveEtcd, notify: Callable[[str], None], revision: int | None = None
    ) -> None:
        self._selection = selection
        self._source = source
        self._notify = notify
        self._prefix = _common([start for start, _ in selection.ranges()])
        self._known: dict[bytes, KeyValue] = {}
        self._size = 0
        self._last = source.revision if revision is None else revision - 1
        if self._last > source.revision:
            source.checked_revision(self._last)  # which says that it is in the future

    def events(self) -> Iterator[Event]:
        """Goes on until the caller stops asking. SourceError if no endpoint answers for long."""
        source = self._source
        while True:
            try:
                self._begin()
                break
            except RevisionCompacted:  # meanwhile
                source.refresh(patient=True)
        while True:
            try:
                for change in source.watch(self._prefix, self._last, skip_compacted=False, notify=self._notify):
                    # What is looked up meanwhile, such as a definition, is looked up as of now.
                    self._last = change.revision
                    source.revision = max(source.revision, self._last)
                    event = self._event(change)
                    if event is not None:
                        yield event
            except ChangesCompacted as error:
                self._notify(f"{_lost(self._last + 1, error.revision)}: what they led to is told as it is now")
                yield from self._missed()

    def _begin(self) -> None:
        """Reads the state before the first change."""
        self._known.clear()
        self._size = 0
        compacted = self._source.compact_revision
        if self._last < compacted:
            if self._last + 1 < compacted:
                self._notify(_lost(self._last + 1, compacted))
            # The oldest state there is holds what its own revision wrote: that is told as a change.
            self._last = compacted - 1
            self._remember(stored for stored in self._read(compacted) if (stored.mod_revision or 0) < compacted)
        elif self._last:
            self._remember(self._read(self._last))

    def _read(self, revision: int | None) -> Iterator[KeyValue]:
        return self._source.list(self._prefix, revision)

    def _remember(self, values: Iterator[KeyValue]) -> None:
        for stored in values:
            if self._selection.matches(stored.key or b""):
                self._put(stored)

    def _put(self, stored: KeyValue) -> None:
        """Remembers a value, or only its revisions where that would be too much."""
        key = stored.key or b""
        self._forget(key)
        if self._size + len(stored.value) > KEPT:
            stored = _without_value(stored)
        self._size += len(stored.value)
        self._known[key] = stored

    def _forget(self, key: bytes) -> KeyValue | None:
        found = self._known.pop(key, None)
        if found is not None:
            self._size -= len(found.value)
        return found

    def _is_meant(self, key: bytes) -> bool:
        """Whether a key is selected. What is looked up for that may have to be looked up at a newer revision."""
        try:
            return self._selection.matches(key)
        except RevisionCompacted:
            self._source.refresh(patient=True)
            return self._selection.matches(key)

    def _event(self, change: Change) -> Event | None:
        if not self._is_meant(change.key):
            return None
        value = change.value
        before = self._forget(change.key)
        if value is not None:
            self._put(value)
        if value is not None and value.version == 1:
            return self._told(CREATED, change.key, value, None, change.revision)
        if before is None or not before.value:
            before = self._value_before(change)
        return self._told(DELETED if value is None else CHANGED, change.key, value, before, change.revision)

    def _value_before(self, change: Change) -> KeyValue | None:
        """What etcd says that stood there before; None where it does not say."""
        try:
            return self._source.value_at(change.key, change.revision - 1)
        except (RevisionCompacted, ConnectionLost):
            return None

    def _told(
        self,
        operation: str,
        key: bytes,
        value: KeyValue | None,
        before: KeyValue | None,
        revision: int,
        missed: bool = False,
    ) -> Event | None:
        """The event, if the new value or the one before has the labels that were asked for."""
        from codec.source.key_value import KeyValue

        selection = self._selection
        known = [each for each in (value, before) if each is not None and each.value]
        rows = [row for each in known if (row := selection.row(each)) is not None]
        if rows and not any(selection.fits(row) for row in rows):
            return None
        row = rows[0] if rows else selection.row(value or KeyValue(b"", key, mod_revision=revision))
        assert row is not None
        return Event(operation, revision, row, rows[-1] if before is not None and before.value else None, missed)

    def _missed(self) -> Iterator[Event]:
        """What differs between the last state that is known and that of now."""
        source = self._source
        now: dict[bytes, KeyValue] = {}
        while True:
            try:
                source.refresh(patient=True)
                for stored in self._read(source.revision):
                    if self._selection.matches(stored.key or b""):
                        now[stored.key or b""] = stored
                break
            except (RevisionCompacted, ConnectionLost):
                now.clear()
        for key in sorted({*self._known, *now}):
            new = now.pop(key, None)
            old = self._known.get(key)
            if old is not None and new is not None and old.mod_revision == new.mod_revision:
                continue
            self._forget(key)
            is_another = old is not None and new is not None and old.create_revision != new.create_revision
            events = []
            if old is not None and (new is None or is_another):
                events.append(self._told(DELETED, key, None, old, source.revision, True))
            if new is not None:
                self._put(new)
                is_new = old is None or is_another
                before = None if is_new else old
                events.append(self._told(CREATED if is_new else CHANGED, key, new, before, new.mod_revision or 0, True))
            yield from (event for event in events if event is not None)
        self._last = source.revision


def _without_value(stored: KeyValue) -> KeyValue:
    from codec.source.key_value import KeyValue

    return KeyValue(
        b"",
        stored.key,
        create_revision=stored.create_revision,
        mod_revision=stored.mod_revision,
        version=stored.version,
    )


def _lost(first: int, compacted: int) -> str:
    which = f"revision {first}" if first == compacted - 1 else f"the revisions {first} to {compacted - 1}"
    return f"changes of {which} were compacted and are lost"


def _common(starts: list[bytes]) -> bytes:
    """What all of them begin with."""
    first, last = min(starts), max(starts)
    length = 0
    while length < min(len(first), len(last)) and first[length] == last[length]:
        length += 1
    return first[:length]
