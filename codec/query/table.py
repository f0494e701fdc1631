"""Tables as `kubectl get` prints them: each kind's own columns, wide ones, labels, several kinds one below the other.

Source: cli-runtime pkg/printers/tableprinter.go, kubectl pkg/cmd/get/get.go.
"""

from __future__ import annotations

from codec.errors import CodecError
from codec.query.age import Clock
from codec.query.columns import Columns, columns_of, has_columns
from codec.query.columns.formats import labels_text
from codec.query.columns.metadata import metadata_of
from codec.query.table_text import aligned, cell_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Any, Protocol

    from codec.api import Message
    from codec.query.columns import Cell
    from codec.storage.keys import Key

    class Row(Protocol):
        """An object of a source, decoded when it is asked for."""

        @property
        def place(self) -> Key:
            """The parts of its etcd key."""
            ...

        @property
        def object(self) -> Message:
            """The object itself. CodecError where it cannot be read."""
            ...


UPSTREAM = "k8s.io."  # how the names of Kubernetes' own messages begin


def printed(
    rows: Iterable[Row],
    *,
    wide: bool = False,
    namespaces: bool = True,
    now: int | None = None,
    show_labels: bool = False,
    show_kind: bool | None = None,
    headers: bool = True,
    definitions: Mapping[tuple[str, str], Message] | None = None,
    failed: Callable[[Any, CodecError], None] | None = None,
) -> Iterator[str]:
    """Rows, those of one resource one after another → the lines of their tables, in pieces of many.

    wide: with the columns of `-o wide`. namespaces: with a column NAMESPACE where the kind has one. now: the moment
    that ages are counted to, in nanoseconds since 1970; the clock's, without it. show_kind: TYPE/NAME instead of
    NAME; without it, where there are several kinds. definitions: by group and plural, the CustomResourceDefinition
    that gives the columns of a custom resource. failed: told of each row that cannot be read, which is then left
    out; without it the error is raised.
    """
    clock = Clock(now)
    held: _Table | None = None
    is_first = True
    for table in _tables(rows, clock, wide, namespaces, show_labels, definitions, failed):
        if held is not None:
            # There are several: what came first was held back until that was known.
            yield from _separated(held.lines(show_kind is not False, headers), is_first, headers)
            is_first = False
        held = table
    if held is not None:
        with_kind = not is_first if show_kind is None else show_kind
        yield from _separated(held.lines(with_kind, headers), is_first, headers)


def _separated(pieces: Iterator[str], is_first: bool, headers: bool) -> Iterator[str]:
    if not is_first and headers:
        yield "\n"
    yield from pieces


def _tables(
    rows: Iterable[Row],
    clock: Clock,
    wide: bool,
    namespaces: bool,
    show_labels: bool,
    definitions: Mapping[tuple[str, str], Message] | None,
    failed: Callable[[Any, CodecError], None] | None,
) -> Iterator[_Table]:
    """One table for each resource, complete; none for a resource of which nothing can be read."""
    table: _Table | None = None
    for row in rows:
        try:
            place = row.place
            obj = row.object
            if table is None or table.resource != place.resource or table.group != place.group:
                begun = _Table(place, obj, clock, wide, namespaces, show_labels, definitions)
                begun.add(place, obj)
            else:
                begun = table
                table.add(place, obj)
        except CodecError as error:
            if failed is None:
                raise
            failed(row, error)
            continue
        if table is not None and begun is not table:
            yield table
        table = begun
    if table is not None:
        yield table


class _Table:
    """The cells of one resource, as text: the objects themselves are let go."""

    def __init__(
        self,
        place: Key,
        obj: Any,
        clock: Clock,
        wide: bool,
        namespaces: bool,
        show_labels: bool,
        definitions: Mapping[tuple[str, str], Message] | None,
    ) -> None:
        self.group = place.group
        self.resource = place.resource
        self.kind = place.kind or obj.kind
        self.clock = clock
        self.with_labels = show_labels
        # Upstream differs: behind a kind that has namespaces it leaves an empty column to those that have none.
        self.with_namespace = namespaces and bool(place.namespace)
        self.columns = _columns(place, self.kind, definitions)
        # Others read the metadata alone, or a plain tree.
        self.needs_class = has_columns(place.group, self.kind)
        names, is_wide = self.columns.names, self.columns.is_wide
        self.shown = [number for number in range(len(names)) if wide or not is_wide[number]]
        self.name_at = names.index("Name")
        self.rows: list[list[str]] = []

    def add(self, place: Key, obj: Any) -> None:
        """Takes the cells of an object."""
        cells = self._cells(place, obj)
        texts = [cell_text(cells[number]) for number in self.shown]
        if self.with_labels:
            texts.append(cell_text(labels_text(metadata_of(obj).labels)))
        if self.with_namespace:
            texts.insert(0, cell_text(place.namespace))
        self.rows.append(texts)

    def _cells(self, place: Key, obj: Any) -> Sequence[Cell]:
        metadata = metadata_of(obj)
        if not self.needs_class or (obj.kind == self.kind and obj._proto.startswith(UPSTREAM)):
            cells = self.columns.cells(obj, self.clock)
        else:
            # Not what its key says, or of a release whose fields are not known.
            known = {"Name": place.name, "Age": self.clock.since(metadata.creationTimestamp)}
            cells = [known.get(name, "") for name in self.columns.names]
        if metadata.name == place.name:
            return cells
        # The key is what tells where an object stands. Behind a name there may be a word, as `(default)`.
        before, name, behind = cells[: self.name_at], str(cells[self.name_at]), cells[self.name_at + 1 :]
        return [*before, place.name + name.removeprefix(metadata.name).removeprefix(place.name), *behind]

    def lines(self, with_kind: bool, headers: bool) -> Iterator[str]:
        """The table as text."""
        heading = [self.columns.names[number].upper() for number in self.shown]
        if self.with_labels:
            heading.append("LABELS")
        if self.with_namespace:
            heading.insert(0, "NAMESPACE")
        # Upstream differs: it does not take the name of a StorageVersionMigration for one, by oversight.
        if with_kind and self.name_at in self.shown:
            at = self.shown.index(self.name_at) + self.with_namespace
            kind = cell_text(f"{self.kind}.{self.group}" if self.group else self.kind).lower()
            for row in self.rows:
                row[at] = f"{kind}/{row[at]}"
        return aligned([heading, *self.rows] if headers else self.rows)


def _columns(place: Key, kind: str, definitions: Mapping[tuple[str, str], Message] | None) -> Columns:
    if definitions is not None and "." in place.group:
        definition = definitions.get((place.group, place.resource))
        if definition is not None:
            from codec.query.columns.custom import columns_of_definition

            return columns_of_definition(definition)
    return columns_of(place.group, kind)
