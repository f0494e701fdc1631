"""`k8s-codec history`: every retained revision of each object, with what changed in it and who wrote it."""

from __future__ import annotations

from codec.cli.blocks import Blocks
from codec.cli.changes import change_tree, lines, manager_tree, managers_text, painted, wants_color
from codec.cli.get import NOW_OPTION, moment
from codec.cli.grammar import Arguments, Command, Option
from codec.cli.output import Outcome
from codec.cli.progress import Progress
from codec.cli.sources import (
    CONNECTION_OPTIONS,
    DESCRIPTION,
    OPERANDS,
    SELECTION_OPTIONS,
    nothing_found,
    opened,
    selection,
)
from codec.errors import CodecError
from codec.query.restless import is_left_out

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from codec.change.managed_fields import Manager
    from codec.change.state import Difference, State
    from codec.query.age import Clock
    from codec.query.select import Row
    from codec.source.keyspace import Change, Source

# What a revision did. The oldest that is retained may be a change of which the former value is compacted away.
CREATED, CHANGED, DELETED, RETAINED = "created", "changed", "deleted", "retained"
SIGNS = {CREATED: "+", DELETED: "-", CHANGED: "~", RETAINED: " "}
INDENT = " " * 6

SHOW_SECRETS_OPTION = Option("--show-secrets", "show the data of Secrets, and of their last-applied annotation")


def run(arguments: Arguments) -> int:
    """Prints the retained range of revisions, then the revisions of each object that is selected."""
    outcome = Outcome()
    count = 0
    with opened(arguments, outcome) as source:
        selected = selection(arguments, source, outcome)
        with Progress() as progress, Blocks() as blocks:
            printer = _Printer(arguments, outcome, blocks)
            printer.write(_range(source, arguments.output))
            for row, changes in progress.over(selected.histories()):
                if row.type is None and not arguments.all and is_left_out(row, selected):
                    continue  # no object, as compact_rev_key
                count += 1
                printer.history(row, changes)
        nothing_found(selected, count, outcome)
    return outcome.status


def _range(source: Source, form: str) -> str:
    """The first thing to know: how far back the source remembers."""
    first = max(source.compact_revision, 1)
    if form == "jsonl":
        return json_line({"operation": "range", "from": first, "to": source.revision})
    compacted = "" if source.compact_revision <= 1 else "; what was before is compacted"
    return f"retained: revisions {first} to {source.revision}{compacted}\n"


def json_line(tree: dict[str, Any]) -> str:
    """A tree as a line of JSON. EncodeError for one that is nested too deep."""
    from codec.text.json_writer import dump
    from codec.text.tree import printed

    return printed(dump, tree).decode("utf-8", "surrogateescape") + "\n"


class Entry:
    """One revision of a key. life: from 1, told apart by deletions. state: None for a deletion, and for a value that
    cannot be read: then problem says why. difference: from the one before it, None if there is none to compare with.
    """

    __slots__ = ("change", "difference", "life", "operation", "problem", "state")

    def __init__(self, change: Change, operation: str, life: int) -> None:
        self.change = change
        self.operation = operation
        self.life = life
        self.state: State | None = None
        self.difference: Difference | None = None
        self.problem = ""

    @property
    def time(self) -> str:
        """When it was written, as far as managedFields tell."""
        if self.difference is not None:
            return self.difference.time
        return self.state.time if self.state is not None and self.operation != CHANGED else ""

    @property
    def managers(self) -> list[Manager]:
        """Who wrote it."""
        if self.difference is not None:
            return self.difference.managers
        if self.state is None or self.operation == CHANGED:
            return []
        from codec.change.managed_fields import last_writer, rewritten

        if self.operation == CREATED:
            return rewritten(None, self.state.tree)
        last = last_writer(self.state.tree)
        return [] if last is None else [last]


def entries(row: Row, changes: Sequence[Change], *, bookkeeping: bool, show_secrets: bool) -> Iterator[Entry]:
    """The revisions of a key, oldest first, each compared with the one before it."""
    from codec.change.state import Difference, State

    secret = row.resource == "secrets" and not row.group
    before: State | None = None
    life = 0
    for change in changes:
        stored = change.value
        if stored is None:
            yield Entry(change, DELETED, max(life, 1))
            before = None
            continue
        if stored.create_revision == stored.mod_revision:
            operation, before = CREATED, None
        else:
            operation = CHANGED if life else RETAINED
        life += operation != CHANGED
        entry = Entry(change, operation, life)
        try:
            entry.state = State(stored.value, stored.mod_revision, secret=secret)
            if before is not None:
                entry.difference = Difference(before, entry.state, bookkeeping=bookkeeping, show_secrets=show_secrets)
        except CodecError as error:
            entry.problem = str(error)
        yield entry
        before = entry.state


class _Printer:
    """Prints the history of one key after the other."""

    def __init__(self, arguments: Arguments, outcome: Outcome, blocks: Blocks) -> None:
        self.arguments = arguments
        self.outcome = outcome
        self.blocks = blocks
        self.colored = wants_color()
        self.clock: Clock | None = None
        if arguments.output == "text":
            from codec.query.age import Clock

            self.clock = Clock(moment(arguments))

    def write(self, text: str) -> None:
        self.blocks.write(text.encode("utf-8", "surrogateescape"))

    def history(self, row: Row, changes: Sequence[Change]) -> None:
        """All of a key's revisions."""
        if self.clock is not None:
            self.write(f"\n{row.label}\n")
        found = entries(row, changes, bookkeeping=self.arguments.all, show_secrets=self.arguments.show_secrets)
        for entry in found:
            if self.clock is not None:
                self._text(entry, self.clock)
            else:
                try:
                    self.write(json_line(self._tree(row, entry)))
                except CodecError as error:  # nested too deep to be printed
                    entry.problem = str(error)
            if entry.problem:
                self.blocks.flush()
                self.outcome.failed(f"{row.label} at revision {entry.change.revision}", entry.problem)

    def _text(self, entry: Entry, clock: Clock) -> None:
        head = f"{entry.change.revision:>8}  {painted(SIGNS[entry.operation], entry.operation, self.colored)}"
        stored = entry.change.value
        if entry.operation == RETAINED and stored is not None and stored.version is not None:
            head += f" as version {stored.version}"
        elif entry.operation == CREATED and entry.life > 1:
            head += " anew"
        parts = [head, _time_text(entry.time, clock), managers_text(entry.managers)]
        difference = entry.difference
        if entry.problem:
            parts.append("cannot be read")
        elif difference is not None and difference.remark:
            parts.append(f"({difference.remark})")
        elif difference is None and entry.operation == CHANGED:
            parts.append("(the value before it cannot be read)")
        self.write("  ".join(part for part in parts if part) + "\n")
        if difference is not None:
            for line in lines(difference.changes, INDENT, self.colored):
                self.write(line)

    def _tree(self, row: Row, entry: Entry) -> dict[str, Any]:
        change, stored = entry.change, entry.change.value
        out: dict[str, Any] = {
            "operation": entry.operation,
            "key": change.key.decode("utf-8", "backslashreplace"),
            "resource": row.type.full if row.type is not None else "",
            "namespace": row.namespace,
            "name": row.name,
            "revision": change.revision,
            "life": entry.life,
        }
        if stored is not None:
            out |= {"createRevision": stored.create_revision, "version": stored.version, "lease": stored.lease}
        if entry.time:
            out["time"] = entry.time
        if entry.managers:
            out["managers"] = [manager_tree(each) for each in entry.managers]
        if entry.difference is not None:
            out["changes"] = [
                {**change_tree(each), "owners": entry.difference.owners(each)} for each in entry.difference.changes
            ]
            if entry.difference.remark:
                out["remark"] = entry.difference.remark
        if entry.problem:
            out["problem"] = entry.problem
        return out


def _time_text(time: str, clock: Clock) -> str:
    """A time with its age."""
    from codec.types.time import Time

    try:
        return f"{time} ({clock.since(Time.parse(time))} ago)" if time else ""
    except ValueError:
        return ""


COMMAND = Command(
    "history",
    "every retained revision of objects: what changed, and who changed it",
    operands=OPERANDS,
    description=f"""\
{DESCRIPTION}
Says first which revisions the source retains: API servers compact every five minutes. Then for each object every
revision of that time, deletions included: which fields changed from the one before, which managers wrote it and when,
as far as managedFields tell. An object that was there before the oldest revision begins as `retained`; one that was
deleted and created again has several lives. Endpoints are compared by address, lists by what tells their elements
apart. The data of Secrets is hidden: that it changed, and its size, is shown.
""",
    options=(
        Option("-o, --output", "the form", choices=("text", "jsonl"), default="text"),
        *SELECTION_OPTIONS,
        *CONNECTION_OPTIONS,
        Option("--all", "changes of managedFields and resourceVersion, and keys of no object, too"),
        SHOW_SECRETS_OPTION,
        NOW_OPTION,
    ),
    examples=(
        ("k8s-codec history snapshot.db endpoints platform-mysql -n biz-prod-qe2bu3", "one object's revisions"),
        ("k8s-codec history https://127.0.0.1:2379 deploy -n web -o jsonl", "a namespace's Deployments, for scripts"),
    ),
    run=run,
)
