"""`k8s-codec diff`: what differs between two sources, or between two revisions of one."""

from __future__ import annotations

import os

from codec.cli.blocks import Blocks
from codec.cli.changes import change_tree, lines, painted, wants_color
from codec.cli.get import is_object
from codec.cli.grammar import Arguments, Command, Option, UsageError
from codec.cli.history import SHOW_SECRETS_OPTION, json_line
from codec.cli.output import NO, Outcome, say
from codec.cli.progress import Progress
from codec.cli.sources import CONNECTION_OPTIONS, DESCRIPTION, SELECTION_OPTIONS, opened, revision, selection
from codec.errors import CodecError
from codec.query.restless import is_left_out
from codec.source.opening import HTTP, HTTPS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from codec.change.field_change import FieldChange
    from codec.query.select import Row, Selection
    from codec.source.keyspace import Source

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
SIGNS = {ADDED: "+", REMOVED: "-", CHANGED: "~"}
INDENT = "    "


def run(arguments: Arguments) -> int:
    """Compares; status 1 if anything differs, as diff has it."""
    outcome = Outcome()
    second, words = _second(arguments)
    if second is None and arguments.rev is None:
        raise UsageError("name two SOURCEs, or one and with --rev the revision to compare the newest with", "diff")
    if arguments.stat and arguments.output != "text":
        raise UsageError("--stat is a text of its own", "diff")
    from contextlib import ExitStack

    with ExitStack() as stack:
        source = stack.enter_context(opened(arguments, outcome))
        other = source if second is None else stack.enter_context(opened(arguments, outcome, second))
        old, new = _selections(arguments, outcome, source, other, words)
        blocks = stack.enter_context(Blocks())
        progress = stack.enter_context(Progress())
        comparison = _Comparison(arguments, outcome, blocks)
        comparison.run(old, new, progress)
        missing = _missing(old, new)
    for word in missing:
        say(f"not found in either: {word}")
    if (comparison.differs or missing) and not outcome.status:
        return NO
    return outcome.status


def _missing(old: Selection | None, new: Selection | None) -> list[str]:
    """The words that name what neither side has."""
    if old is None or new is None:
        return []
    return [word for word in old.missing if word in new.missing]


def _second(arguments: Arguments) -> tuple[str | None, list[str]]:
    """The second source, if there is one, and the words that select: what is there, or an address, is a source."""
    rest = arguments.operands[1:]
    if not rest or arguments.literal == 1:
        return None, rest
    word = rest[0]
    is_source = word.startswith((HTTP, HTTPS, "./", "../")) or (word != "/" and os.path.exists(word))
    if is_source or arguments.literal == 2:
        return word, rest[1:]
    return None, rest


def _selections(
    arguments: Arguments, outcome: Outcome, source: Source, other: Source, words: list[str]
) -> tuple[Selection | None, Selection | None]:
    """What is selected of each. A custom resource may be known to one of them only: of the other, None."""
    found: list[Selection | None] = []
    unknown: list[UsageError] = []
    for each, name in ((source, "rev"), (other, "to_rev")):
        at = revision(arguments, name)
        try:
            found.append(selection(arguments, each, outcome, words=words, at=each.checked_revision(at)))
        except UsageError as error:
            if not error.problem.startswith("no resource type"):
                raise
            unknown.append(error)
            found.append(None)
    if len(unknown) == len(found):
        raise UsageError(f"{unknown[0].problem}; and there is no file of that name to compare with")
    return found[0], found[1]


class _Comparison:
    """Compares row by row, in order of keys, and prints what differs."""

    def __init__(self, arguments: Arguments, outcome: Outcome, blocks: Blocks) -> None:
        self.arguments = arguments
        self.outcome = outcome
        self.blocks = blocks
        self.colored = wants_color()
        self.differs = False
        self.counts: dict[str, dict[str, int]] = {}  # resource → operation → objects

    def run(self, old: Selection | None, new: Selection | None, progress: Progress) -> None:
        """Equal bytes are never decoded."""
        from codec.query.pairs import pairs

        for before, after in progress.over(pairs(old, new)):
            if before is not None and after is not None:
                if before.raw == after.raw and not self._is_renumbered(before, after):
                    continue
                selected = new
            else:
                selected = old if after is None else new
            row = after or before
            assert row is not None
            assert selected is not None
            if not self.arguments.all and is_left_out(row, selected):
                continue
            if before is None:
                self._write(ADDED, row)
            elif after is None:
                self._write(REMOVED, row)
            else:
                self._compare(before, after)
        if self.arguments.stat:
            self._write_counts()

    def _is_renumbered(self, before: Row, after: Row) -> bool:
        """Whether the resourceVersion alone differs, and counts."""
        return bool(self.arguments.all) and before.stored.mod_revision != after.stored.mod_revision

    def _compare(self, before: Row, after: Row) -> None:
        if not is_object(before) and not is_object(after):
            if before.raw != after.raw:
                self._write(CHANGED, after, note=f"no object: {len(before.raw)} → {len(after.raw)} bytes")
            return
        from codec.change.state import Difference, State

        secret = after.resource == "secrets" and not after.group
        try:
            old, new = (State(row.raw, row.stored.mod_revision, secret=secret) for row in (before, after))
            difference = Difference(old, new, bookkeeping=self.arguments.all, show_secrets=self.arguments.show_secrets)
        except CodecError as error:
            if before.raw != after.raw:
                self._write(CHANGED, after, note="cannot be compared")
                self.blocks.flush()
                self.outcome.failed(after.label, error)
            return
        if difference.differs:
            notes = ["another object of that name"] if _uid(old.tree) != _uid(new.tree) else []
            if difference.remark:
                notes.append(difference.remark)
            self._write(CHANGED, after, difference.changes, "; ".join(notes))

    def _write(self, operation: str, row: Row, changes: Sequence[FieldChange] = (), note: str = "") -> None:
        self.differs = True
        if self.arguments.stat:
            counts = self.counts.setdefault(row.type.full if row.type is not None else "(no object)", {})
            counts[operation] = counts.get(operation, 0) + 1
            return
        if self.arguments.output == "jsonl":
            try:
                self._put(json_line(_tree(operation, row, changes, note)))
            except CodecError as error:  # nested too deep to be printed
                self.blocks.flush()
                self.outcome.failed(row.label, error)
            return
        sign = SIGNS[operation]
        remark = f"  ({note})" if note else ""
        self._put(f"{painted(sign, f'{sign} {row.label}', self.colored)}{remark}\n")
        if self.arguments.output == "text":
            for line in lines(changes, INDENT, self.colored):
                self._put(line)

    def _write_counts(self) -> None:
        from codec.cli.figures import table

        operations = (ADDED, REMOVED, CHANGED)
        rows = [["RESOURCE", *(operation.upper() for operation in operations)]]
        for name, counts in sorted(self.counts.items()):
            rows.append([name, *(str(counts.get(operation, 0)) for operation in operations)])
        totals = [sum(counts.get(operation, 0) for counts in self.counts.values()) for operation in operations]
        if len(self.counts) > 1:
            rows.append(["(all)", *map(str, totals)])
        if self.counts:
            self._put("".join(f"{line}\n" for line in table(rows, "<>>>")))

    def _put(self, text: str) -> None:
        self.blocks.write(text.encode("utf-8", "surrogateescape"))


def _uid(tree: dict[str, Any]) -> Any:
    metadata = tree.get("metadata")
    return metadata.get("uid") if isinstance(metadata, dict) else None


def _tree(operation: str, row: Row, changes: Sequence[FieldChange], note: str) -> dict[str, Any]:
    """What differs, as JSON has it."""
    out: dict[str, Any] = {
        "operation": operation,
        "key": (row.stored.key or b"").decode("utf-8", "backslashreplace"),
        "resource": row.type.full if row.type is not None else "",
        "namespace": row.namespace,
        "name": row.name if row.type is not None else "",
    }
    if operation == CHANGED:
        out["changes"] = [change_tree(change) for change in changes]
    if note:
        out["remark"] = note
    return out


COMMAND = Command(
    "diff",
    "what differs between two sources, or two revisions of one",
    operands="SOURCE [SOURCE] [KEY | PREFIX/ | TYPE[,TYPE] [NAME…] | TYPE/NAME]…",
    description=f"""\
{DESCRIPTION}
With a second SOURCE, from the first to the second; with --rev, from that revision to the newest, or to --to-rev. The
second word is a SOURCE where a file or folder of that name is there, or where it is an address; `./pods` is always
one, and what stands behind `--` never is: `diff a.db -- pods`.

Objects that were added, removed and changed are printed in order of their keys, with the fields that differ: `+`
added, `-` removed. Lists are compared by what tells their elements apart, Endpoints by their addresses. Left out, for
they change all the time, are Leases and Events unless they are named, managedFields and resourceVersion; --all brings
them in. The data of Secrets is hidden: that it changed, and its size, is shown. Exit status 1 if anything differs.
""",
    options=(
        Option("-o, --output", "the form; name: without fields", choices=("text", "jsonl", "name"), default="text"),
        *SELECTION_OPTIONS,
        Option("--rev", "the revision to compare from", metavar="N"),
        Option("--to-rev", "the revision to compare to, if not the newest", metavar="N"),
        Option("--stat", "only how many objects of each resource"),
        Option("--all", "everything: Leases, Events, keys of no object, managedFields, resourceVersion"),
        SHOW_SECRETS_OPTION,
        *CONNECTION_OPTIONS,
    ),
    examples=(
        ("k8s-codec diff monday.db tuesday.db deploy,svc -n web", "what became of Deployments and Services"),
        ("k8s-codec diff snapshot.db --rev 551 endpoints", "what happened to Endpoints since revision 551"),
        ("k8s-codec diff backup.db https://127.0.0.1:2379 --stat", "how far a cluster is from its backup"),
    ),
    run=run,
)
