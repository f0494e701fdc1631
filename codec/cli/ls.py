"""`k8s-codec ls`: the keys of a source, what each is, and how large; no more of a value is read than its metadata."""

from __future__ import annotations

from codec.cli.blocks import Blocks
from codec.cli.get import NOW_OPTION, moment
from codec.cli.grammar import Arguments, Command, Option, UsageError
from codec.cli.output import Outcome, printable
from codec.cli.sources import DESCRIPTION, OPERANDS, SOURCE_OPTIONS, nothing_found, opened, selection
from codec.errors import CodecError, SourceError
from codec.query.age import Clock
from codec.query.metadata import read_times

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from codec.query.select import Row, Selection

COLUMNS = ("RESOURCE", "NAMESPACE", "NAME", "REVISION", "AGE", "SIZE")
WIDE = ("KIND", "CREATED", "VERSION", "LEASE", "KEY")
DELETED = ("RESOURCE", "NAMESPACE", "NAME", "DELETED", "LAST")
COUNTS = ("RESOURCE", "COUNT")
RIGHT = frozenset(("REVISION", "SIZE", "CREATED", "VERSION", "DELETED", "LAST", "COUNT"))
GAP = "   "
NOTHING = "-"  # in a cell
PIECE = 1000  # lines that are laid out at once; a wider cell in a later piece moves its own line alone


def run(arguments: Arguments) -> int:
    """Prints the keys that are asked for."""
    outcome = Outcome()
    if arguments.count + arguments.deleted > 1:
        raise UsageError("--count and --deleted exclude each other", "ls")
    if arguments.terminating and arguments.deleted:
        raise UsageError("--terminating is about objects that are there, --deleted about those that are not", "ls")
    with opened(arguments, outcome) as source:
        found = selection(arguments, source, outcome)
        listing = _Listing(found, arguments, outcome)
        if arguments.count:
            count = listing.counts()
        elif arguments.deleted:
            count = listing.deleted()
        elif arguments.output == "name" and not arguments.terminating:
            count = listing.keys()
        else:
            count = listing.rows()
        nothing_found(found, count, outcome)
    return outcome.status


class _Listing:
    """The forms of a list, each of which gives back how many it listed."""

    def __init__(self, found: Selection, arguments: Arguments, outcome: Outcome) -> None:
        self.found = found
        self.form: str = arguments.output
        self.is_terminating: bool = arguments.terminating
        self.clock = Clock(moment(arguments))
        self._ages: dict[int | None, str] = {}
        self.outcome = outcome

    def keys(self) -> int:
        """The keys alone."""
        count = 0
        with Blocks() as blocks:
            for key, _ in self.found.placed_keys():
                blocks.write(key + b"\n")
                count += 1
        return count

    def counts(self) -> int:
        """How many there are of each resource type, the most first."""
        counts: dict[str, int] = {}
        for directory, number in self._by_directory().items():
            place = self.found.catalog.place(directory)
            name = place.type.full if place.type is not None else ""
            counts[name] = counts.get(name, 0) + number
        rows = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
        with Blocks() as blocks:
            if self.form == "table" or self.form == "wide":
                _write(blocks, COUNTS, iter([printable(name) or NOTHING, str(number)] for name, number in rows))
            for name, number in rows:
                if self.form == "jsonl":
                    blocks.write(_json({"resource": name, "count": number}))
                elif self.form == "name":
                    blocks.write(f"{name or NOTHING}\n".encode())
        return len(rows)

    def _by_directory(self) -> dict[bytes, int]:
        """How many keys each directory has."""
        counts: dict[bytes, int] = {}
        keys = (row.stored.key or b"" for row in self._wanted()) if self.is_terminating else None
        for key in keys or (key for key, _ in self.found.placed_keys()):
            directory = key[: max(key.rfind(b"/"), 0)]
            counts[directory] = counts.get(directory, 0) + 1
        return counts

    def rows(self) -> int:
        """Keys with what they are, and when and as what they were stored."""
        count = 0

        def cells() -> Iterator[list[str]]:
            nonlocal count
            for row in self._wanted():
                try:
                    found = self._cells(row)
                except SourceError as error:
                    self.outcome.failed(row.label, error)
                    continue
                count += 1
                yield found

        with Blocks() as blocks:
            if self.form in ("table", "wide"):
                _write(blocks, COLUMNS + WIDE if self.form == "wide" else COLUMNS, cells())
                return count
            for row in self._wanted():
                try:
                    line = (row.stored.key or b"") + b"\n" if self.form == "name" else self._line(row)
                except SourceError as error:
                    self.outcome.failed(row.label, error)
                    continue
                count += 1
                blocks.write(line)
        return count

    def _wanted(self) -> Iterator[Row]:
        """The rows; with --terminating those that have a deletionTimestamp."""
        for row in self.found.rows(in_key_order=True):
            if self.is_terminating:
                if row.type is None:
                    continue
                try:
                    if read_times(row.raw)[1] is None:
                        continue
                except CodecError as error:
                    self.outcome.failed(row.label, error)
                    continue
            yield row

    def _cells(self, row: Row) -> list[str]:
        stored = row.stored
        cells = [
            *_named(row),
            str(stored.mod_revision),
            self._age(row),
            str(len(row.raw)),  # read for the age
        ]
        if self.form == "wide":
            version = NOTHING if stored.version is None else str(stored.version)
            key = (stored.key or b"").decode("utf-8", "backslashreplace")
            lease = f"{stored.lease:x}" if stored.lease else NOTHING
            cells += [row.kind or NOTHING, str(stored.create_revision), version, lease, printable(key)]
        return cells

    def _age(self, row: Row) -> str:
        from codec.types import Time

        created = _times(row)[0]
        if created is None and row.type is None:
            return NOTHING
        if created not in self._ages:
            self._ages[created] = self.clock.since(None if created is None else Time(created))
        return self._ages[created]

    def _line(self, row: Row) -> bytes:
        from codec.types import Time

        stored = row.stored
        line: dict[str, Any] = {
            "key": (stored.key or b"").decode("utf-8", "surrogateescape"),
            "resource": row.resource,
            "group": row.group,
            "kind": row.kind or _kind(row),
            "namespace": row.namespace,
            "name": row.name if row.type is not None else "",
            "revision": stored.mod_revision,
            "createRevision": stored.create_revision,
            "version": stored.version,
            "lease": stored.lease,
            "size": len(row.raw),
        }
        for name, seconds in zip(("created", "deleting"), _times(row), strict=True):
            if seconds is not None:
                line[name] = Time(seconds).text
        return _json(line)

    def deleted(self) -> int:
        """The tombstones that history retains, with the revision of the last value before each, if it is retained."""
        count = 0

        def found() -> Iterator[tuple[Row, int, int | None]]:
            nonlocal count
            newest = self.found.revision
            for row, changes in self.found.histories():
                last: int | None = None
                for change in changes:
                    if newest is not None and change.revision > newest:
                        break
                    if change.deleted:
                        count += 1
                        yield row, change.revision, last
                        last = None
                    else:
                        last = change.revision

        with Blocks() as blocks:
            if self.form in ("table", "wide"):
                _write(
                    blocks,
                    DELETED,
                    (
                        [*_named(row), str(revision), NOTHING if last is None else str(last)]
                        for row, revision, last in found()
                    ),
                )
                return count
            for row, revision, last in found():
                key = row.stored.key or b""
                if self.form == "name":
                    blocks.write(key + b"\n")
                else:
                    blocks.write(
                        _json(
                            {
                                "key": key.decode("utf-8", "surrogateescape"),
                                "resource": row.resource,
                                "group": row.group,
                                "kind": row.kind,
                                "namespace": row.namespace,
                                "name": row.name if row.type is not None else "",
                                "deleted": revision,
                                "last": last,
                            }
                        )
                    )
        return count


def _named(row: Row) -> tuple[str, str, str]:
    """Resource, namespace and name as cells; a key that is no object's is its own name."""
    if row.type is None:
        return NOTHING, NOTHING, printable(row.name)
    return printable(row.type.full), printable(row.namespace) or NOTHING, printable(row.name)


def _times(row: Row) -> tuple[int | None, int | None]:
    """When an object was created, and when it is to be deleted; None too where it cannot be read, as if encrypted."""
    try:
        return read_times(row.raw)
    except CodecError:
        return None, None


def _kind(row: Row) -> str:
    """What the object says that it is, for want of a definition."""
    try:
        return row.metadata.kind if row.type is not None else ""
    except CodecError:
        return ""


def _json(line: dict[str, Any]) -> bytes:
    from codec.text.json_writer import dump

    return dump(line) + b"\n"


def _write(blocks: Blocks, heading: tuple[str, ...], rows: Iterator[list[str]]) -> None:
    """Lays out a table piece by piece, so that a long one is seen, and held, in parts. Nothing for no rows."""
    piece: list[list[str]] = []
    widths = [len(name) for name in heading]
    is_first = True
    while True:
        row = next(rows, None)
        if row is not None:
            piece.append(row)
            if len(piece) < PIECE:
                continue
        if not piece:
            return
        widths = [max(width, *map(len, column)) for width, column in zip(widths, zip(*piece, strict=True), strict=True)]
        lines = [list(heading), *piece] if is_first else piece
        form = [f"%{width}s" if name in RIGHT else f"%-{width}s" for name, width in zip(heading, widths, strict=True)]
        if heading[-1] not in RIGHT:
            form[-1] = "%s"
        line = GAP.join(form) + "\n"
        blocks.write("".join([line % tuple(cells) for cells in lines]).encode("utf-8", "surrogateescape"))
        piece = []
        is_first = False


COMMAND = Command(
    "ls",
    "the keys of a source, with resource, namespace, name, revision, age and size",
    operands=OPERANDS,
    description=f"""\
{DESCRIPTION}
Values are not decoded: their metadata alone is read, for the age; with -o name and --count nothing of them. SIZE is
the value's bytes. -o name prints etcd keys.
""",
    options=(
        Option("-o, --output", "the form", choices=("table", "wide", "jsonl", "name"), default="table"),
        *SOURCE_OPTIONS,
        Option("--count", "how many there are of each resource type"),
        Option("--deleted", "the deletions in the retained history, with the last revision to `get --rev` before each"),
        Option("--terminating", "only objects that wait to be deleted: those with a deletionTimestamp"),
        NOW_OPTION,
    ),
    examples=(
        ("k8s-codec ls snapshot.db -n biz-prod-qe2bu3", "what a namespace holds"),
        ("k8s-codec ls snapshot.db --count", "how many of each type"),
        ("k8s-codec ls /var/lib/etcd secrets --deleted", "Secrets that were deleted, as far as history goes back"),
    ),
    run=run,
)
