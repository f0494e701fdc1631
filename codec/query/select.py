"""Which keys of a source are meant: `KEY | PREFIX/ | TYPE [NAME…] | TYPE/NAME | TYPE,TYPE`, a namespace, labels.

One grammar for every command that reads a source. What can be told by the key is told by the key; an object is read
only for its labels, and where it is asked for.
"""

from __future__ import annotations

from codec.errors import CodecError, DecodeError, SelectionError, printable
from codec.query.catalog import Catalog
from codec.source.keyspace import as_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from codec.api import Message
    from codec.query.labels import Selector
    from codec.query.metadata import Metadata
    from codec.query.resources import Place, ResourceType
    from codec.source.key_value import KeyValue
    from codec.source.keyspace import Change, Source
    from codec.storage.keys import Key


class Row:
    """A stored value and what its key says: the resource type, namespace and name. Its object is read when asked for.

    stored: the KeyValue. type: None for a key that is no object's, as `compact_rev_key`; its name is the whole key.
    """

    __slots__ = ("_metadata", "name", "namespace", "stored", "type")

    def __init__(self, stored: KeyValue, type: ResourceType | None, namespace: str, name: str) -> None:
        self.stored = stored
        self.type = type
        self.namespace = namespace
        self.name = name
        self._metadata: Metadata | None = None

    @property
    def raw(self) -> bytes:
        """The stored bytes."""
        return self.stored.value

    @property
    def size(self) -> int:
        """Bytes of the value; a source that knows it without reading the value is not made to."""
        found = getattr(self.stored, "size", None)
        return len(self.stored.value) if found is None else found

    @property
    def kind(self) -> str:
        """By the key, or of a custom resource by its definition; "" where neither tells."""
        return self.type.kind if self.type is not None else ""

    @property
    def group(self) -> str:
        return self.type.group if self.type is not None else ""

    @property
    def resource(self) -> str:
        """The plural, as in API paths."""
        return self.type.plural if self.type is not None else ""

    @property
    def place(self) -> Key:
        """The parts of the key. Where it is no object's, what the value says of itself: DecodeError, EncryptedError."""
        from codec.storage.keys import Key, plural
        from codec.storage.resources import group_of, of_kind

        if self.type is None:
            found = self.metadata
            known = of_kind(found.api_version, found.kind)
            resource = known.name if known is not None else plural(found.kind)
            return Key("", group_of(found.api_version), resource, found.namespace, found.name, found.kind)
        text = (self.stored.key or b"").decode("utf-8", "surrogateescape")
        prefix = text[: text.rindex(f"/{self.type.path}/")]
        return Key(prefix, self.group, self.resource, self.namespace, self.name, self.kind)

    @property
    def label(self) -> str:
        """How messages name it: `deployments.apps biz/web`, or the key."""
        if self.type is None:
            return printable(self.name)
        place = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return printable(f"{self.type.full} {place}")

    @property
    def metadata(self) -> Metadata:
        """What the object says of itself, read once. DecodeError, EncryptedError."""
        if self._metadata is None:
            from codec.query.metadata import read_metadata

            self._metadata = read_metadata(self.raw)
        return self._metadata

    @property
    def object(self) -> Message:
        """The typed object, decoded whenever it is asked for; errors as of codec.decode."""
        from codec.storage import decode

        return decode(self.raw)

    def tree(self, resource_version: str = "") -> dict[str, Any]:
        """The object as dicts and lists, as its JSON has it; errors and resource_version as of storage_to_json."""
        from codec.storage.transcode import storage_to_json
        from codec.text import json_plain, json_reader
        from codec.text.reading import decoded

        text = storage_to_json(self.raw, resource_version=resource_version)
        found = json_plain.read(json_reader.Cursor(decoded(text)))
        if not isinstance(found, dict):
            raise DecodeError("the value is no object")
        return found


class Target:
    """One thing that was asked for. start: what its keys begin with, or the very key where `exact`.

    word: as it was asked for. type: None for a key, a prefix and everything. name: "" for any.
    """

    __slots__ = ("exact", "found", "name", "namespace", "start", "type", "word")

    def __init__(
        self,
        word: str,
        start: bytes,
        *,
        exact: bool = False,
        type: ResourceType | None = None,
        namespace: str = "",
        name: str = "",
    ) -> None:
        self.word = word
        self.start = start
        self.exact = exact
        self.type = type
        self.namespace = namespace
        self.name = name
        self.found = False

    def matches(self, key: bytes, place: Place, name: str) -> bool:
        """Whether a key is meant."""
        if self.exact:
            return key == self.start
        if not key.startswith(self.start):
            return False
        if self.type is not None and self.type is not place.type:
            return False
        return (not self.namespace or place.namespace == self.namespace) and (not self.name or name == self.name)


class Selection:
    """What was asked for of a source, at a revision; made by `select`.

    everything: whether no word named anything. missing: after reading, the words that nothing was found for. failed:
    called with each row whose labels cannot be read and the error; without it the error is raised.
    """

    def __init__(
        self, catalog: Catalog, targets: Sequence[Target], namespace: str, labels: Selector | None, everything: bool
    ) -> None:
        self.catalog = catalog
        self.targets: tuple[Target, ...] = tuple(targets)
        self.namespace = namespace
        self.labels = labels
        self.everything = everything
        self.failed: Callable[[Row, CodecError], None] | None = None

    @property
    def source(self) -> Source:
        return self.catalog.source

    @property
    def revision(self) -> int | None:
        return self.catalog.revision

    @property
    def missing(self) -> list[str]:
        """The words that nothing was found for, of those that name objects or keys."""
        return [target.word for target in self.targets if (target.name or target.exact) and not target.found]

    @property
    def single(self) -> Target | None:
        """The one target where there is but one."""
        return self.targets[0] if len(self.targets) == 1 else None

    def matches(self, key: bytes) -> bool:
        """Whether a key is meant, its object's labels aside."""
        directory, _, name = key.rpartition(b"/")
        return self._matching(key, self.catalog.place(directory), name.decode("utf-8", "surrogateescape")) is not None

    def _matching(self, key: bytes, place: Place, name: str) -> Target | None:
        """The first target that means a key; every one that does is marked as found."""
        first = None
        for target in self.targets:
            if target.matches(key, place, name):
                target.found = True
                first = first or target
        return first

    def ranges(self) -> list[tuple[bytes, bool]]:
        """The narrowest parts of the key space that hold all that is meant, in order of keys, none within another.

        Each is a prefix, or a single key where the second member says so.
        """
        found: list[tuple[bytes, bool]] = []
        for start, exact in sorted({(target.start, target.exact) for target in self.targets}):
            if found and not found[-1][1] and start.startswith(found[-1][0]):
                continue
            # A prefix sorts before an exact key of the same bytes.
            found.append((start, exact))
        return found

    def rows(self, *, in_key_order: bool = False) -> Iterator[Row]:
        """What is meant, each key once: in the order that it was asked for, or in that of the keys."""
        for target in self.targets:
            target.found = False
        if in_key_order or len(self.targets) == 1:
            for start, exact in self.ranges():
                for row, _ in self._read(start, exact, None):
                    yield row
        else:
            for targets in self._neighbours():
                yield from self._read_together(targets)

    def _neighbours(self) -> Iterator[list[Target]]:
        """The targets in their order; those side by side that are names in the same place together."""
        together: list[Target] = []
        for target in self.targets:
            if together and not (target.name and target.start == together[0].start and target.type is together[0].type):
                yield together
                together = []
            together.append(target)
        yield together

    def _read_together(self, targets: list[Target]) -> Iterator[Row]:
        """The rows of targets in their order. Names in one place are looked for at once, and are few."""
        first = targets[0]
        if len(targets) == 1:
            for row, _ in self._read(first.start, first.exact, targets):
                yield row
            return
        found: dict[int, list[Row]] = {}
        for row, target in self._read(first.start, first.exact, targets):
            found.setdefault(id(target), []).append(row)
        for target in targets:
            yield from found.get(id(target), ())

    def placed_keys(self) -> Iterator[tuple[bytes, Place]]:
        """The keys that are meant and their places, in order of keys; no value is read but for labels."""
        if self.labels:
            for row in self.rows(in_key_order=True):
                key = row.stored.key or b""
                yield key, self.catalog.place(key.rpartition(b"/")[0])
            return
        for target in self.targets:
            target.found = False
        place_of = self.catalog.place
        is_all = self.everything and not self.namespace
        for start, exact in self.ranges():
            for key in self.source.keys(start, self.revision):
                directory, _, last = key.rpartition(b"/")
                place = place_of(directory)
                if is_all or (
                    (not exact or key == start)
                    and self._matching(key, place, last.decode("utf-8", "surrogateescape")) is not None
                ):
                    yield key, place
                if exact:
                    break

    def _read(self, start: bytes, exact: bool, wanted: list[Target] | None) -> Iterator[tuple[Row, Target]]:
        """The rows of a range, each with the first target that means it; of those wanted alone, where some are."""
        place_of, single = self.catalog.place, self.single
        for stored in self._stored(start, exact):
            key = stored.key
            assert key is not None
            directory, _, last = key.rpartition(b"/")
            place = place_of(directory)
            name = last.decode("utf-8", "surrogateescape")
            if single is not None:
                if not single.matches(key, place, name):
                    continue
                single.found = True
                matching = single
            else:
                first = self._matching(key, place, name)
                if first is None or (wanted is not None and first not in wanted):
                    continue
                matching = first
            row = _row(stored, key, place, name)
            if not self.labels or self._has_labels(row):
                yield row, matching

    def _stored(self, start: bytes, exact: bool) -> Iterator[KeyValue]:
        """The values of a range. Where only names are looked for in it, no others are read."""
        source, revision = self.source, self.revision
        if exact:
            only = source.get(start, revision)
            if only is not None:
                yield only
            return
        names = {target.name for target in self.targets if target.start.startswith(start)}
        if "" in names:
            yield from source.list(start, revision)
            return
        wanted = {as_bytes(name) for name in names}
        for key in source.keys(start, revision):
            if key.rpartition(b"/")[2] in wanted and (stored := source.get(key, revision)) is not None:
                yield stored

    def _has_labels(self, row: Row) -> bool:
        from codec.query.metadata import read_labels

        try:
            return self.labels is None or self.labels.matches(read_labels(row.raw))
        except CodecError as error:
            if row.type is None:
                return False
            if self.failed is None:
                raise
            self.failed(row, error)
            return False

    def row(self, stored: KeyValue) -> Row | None:
        """The row of a value that was read otherwise, as by a watch; None for a key that is not meant."""
        key = stored.key or b""
        directory, _, last = key.rpartition(b"/")
        place = self.catalog.place(directory)
        name = last.decode("utf-8", "surrogateescape")
        return None if self._matching(key, place, name) is None else _row(stored, key, place, name)

    def fits(self, row: Row) -> bool:
        """Whether the object of a row has the labels that were asked for; reads it only if some were."""
        return not self.labels or self._has_labels(row)

    def histories(self) -> Iterator[tuple[Row, list[Change]]]:
        """Every retained revision of each key that is meant, oldest first, in order of keys.

        The row is that of the newest value that is retained; of a key of which only tombstones are, its value is
        empty. Labels are those of any retained value.
        """
        for target in self.targets:
            target.found = False
        for start, exact in self.ranges():
            changes: list[Change] = []
            for change in self.source.history(start) if exact else self.source.changes(start):
                if changes and change.key != changes[0].key:
                    yield from self._history(changes)
                    changes = []
                changes.append(change)
            if changes:
                yield from self._history(changes)

    def _history(self, changes: list[Change]) -> Iterator[tuple[Row, list[Change]]]:
        from codec.source.key_value import KeyValue

        key = changes[0].key
        directory, _, last = key.rpartition(b"/")
        place = self.catalog.place(directory)
        name = last.decode("utf-8", "surrogateescape")
        if self._matching(key, place, name) is None:
            return
        stored = [change.value for change in changes if change.value is not None]
        if self.labels and not any(self._has_labels(_row(each, key, place, name)) for each in stored):
            return
        newest = stored[-1] if stored else KeyValue(b"", key, mod_revision=changes[-1].revision)
        yield _row(newest, key, place, name), changes


def _row(stored: KeyValue, key: bytes, place: Place, name: str) -> Row:
    if place.type is None:
        return Row(stored, None, "", key.decode("utf-8", "surrogateescape"))
    return Row(stored, place.type, place.namespace, name)


def select(
    source: Source, words: Sequence[str] = (), *, namespace: str = "", labels: str = "", revision: int | None = None
) -> Selection:
    """What words ask for of a source; without words everything.

    A word with a slash in front is a key, or with one at its end too all keys that begin so. Any other is
    TYPE[,TYPE] with the words behind it as names, or TYPE/NAME. namespace: objects of that alone; types without
    namespaces are given all the same where they are named. labels: a label selector.

    SelectionError for a type that is unknown or ambiguous, and for a selector that is none.
    """
    catalog = Catalog(source, revision)
    selector = None
    if labels:
        from codec.query.labels import parse

        selector = parse(labels)
    targets: list[Target] = []
    waiting = list(reversed(words))
    while waiting:
        word = waiting.pop()
        if word.startswith("/"):
            is_prefix = word.endswith("/")
            start = as_bytes(word if word != "/" else "")
            targets.append(Target(word, start, exact=not is_prefix, namespace=namespace))
            continue
        named, slash, name = word.partition("/")
        if slash:
            if not named or not name or "/" in name:
                raise SelectionError(f"{printable(word)!r} is not TYPE/NAME; a key begins with a slash")
            names = [name]
        else:
            names = []
            while waiting and "/" not in waiting[-1]:
                names.append(waiting.pop())
        for each in _types(catalog, named):
            targets += [_target(catalog, each, namespace, one) for one in names or [""]]
    if selector and any(target.name or target.exact for target in targets):
        raise SelectionError("a label selector and names exclude each other")
    return Selection(catalog, targets or [Target("", b"", namespace=namespace)], namespace, selector, not words)


def _types(catalog: Catalog, words: str) -> list[ResourceType]:
    found: list[ResourceType] = []
    for word in words.split(","):
        if not word:
            raise SelectionError(f"{printable(words)!r}: an empty resource type")
        found += [each for each in catalog.find(word) if each not in found]
    return found


def _target(catalog: Catalog, type: ResourceType, namespace: str, name: str) -> Target:
    """The narrowest target. Where a type may or may not have namespaces, its keys are looked through."""
    start = catalog.start(type.path)
    word = f"{type.full}/{name}" if name else type.full
    if type.namespaced is False:
        namespace = ""
        if name:
            return Target(word, start + as_bytes(name), exact=True, type=type, name=name)
    elif namespace:
        start += as_bytes(f"{namespace}/")
        if name:
            return Target(word, start + as_bytes(name), exact=True, type=type, namespace=namespace, name=name)
    return Target(word, start, type=type, namespace=namespace, name=name)
