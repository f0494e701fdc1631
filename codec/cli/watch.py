"""`k8s-codec watch`: objects of a running etcd as they change, with the fields that changed."""

from __future__ import annotations

import sys

from codec.cli.changes import change_tree, lines, manager_tree, managers_text, painted, wants_color
from codec.cli.grammar import Arguments, Command, Option, UsageError
from codec.cli.history import SHOW_SECRETS_OPTION
from codec.cli.output import Outcome, say, write
from codec.cli.sources import (
    CONNECTION_OPTIONS,
    DESCRIPTION,
    OPERANDS,
    SELECTION_OPTIONS,
    opened,
    revision,
    selection,
)
from codec.errors import CodecError
from codec.query.restless import is_left_out

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from codec.change.managed_fields import Manager
    from codec.change.state import Difference, State
    from codec.query.following import Event

SIGNS = {"created": "+", "deleted": "-", "changed": "~"}
INDENT = " " * 6


def run(arguments: Arguments) -> int:
    """Prints each event at once, until it is interrupted."""
    outcome = Outcome()
    with opened(arguments, outcome) as source:
        from codec.source.opening import HTTP, HTTPS

        if not arguments.operands[0].startswith((HTTP, HTTPS)):
            raise UsageError(
                f"watch follows a running etcd, and {arguments.operands[0]} is none ({source.form}): "
                f"`history` shows what it retains",
                "watch",
            )
        from codec.query.following import Following
        from codec.source.live import LiveEtcd

        assert isinstance(source, LiveEtcd)
        selected = selection(arguments, source, outcome, at=source.revision)
        selected.catalog.revision = None  # what is looked up later is looked up at the moment of then

        def notify(words: str) -> None:
            say(f"{source.name}: {words}")

        printer = _Printer(arguments, outcome)
        for event in Following(selected, source, notify, revision(arguments)).events():
            if arguments.all or not is_left_out(event.row, selected):
                printer.event(event)
                sys.stdout.flush()
    return outcome.status


class _Told:
    """An event, decoded. problem: why it could not be."""

    def __init__(self, event: Event, bookkeeping: bool, show_secrets: bool) -> None:
        from codec.change.state import Difference, State

        self.event = event
        self.problem = ""
        self.state: State | None = None
        self.difference: Difference | None = None
        row, before = event.row, event.before
        secret = row.resource == "secrets" and not row.group
        try:
            if row.raw:
                self.state = State(row.raw, row.stored.mod_revision, secret=secret)
            if before is not None and self.state is not None and event.operation == "changed":
                old = State(before.raw, before.stored.mod_revision, secret=secret)
                self.difference = Difference(old, self.state, bookkeeping=bookkeeping, show_secrets=show_secrets)
        except CodecError as error:
            self.problem = str(error)

    @property
    def managers(self) -> list[Manager]:
        """Who wrote it, as far as managedFields tell."""
        from codec.change.managed_fields import rewritten

        if self.difference is not None:
            return self.difference.managers
        if self.state is None or self.event.operation != "created":
            return []
        return rewritten(None, self.state.tree)

    @property
    def remark(self) -> str:
        """What a person should know beside the fields."""
        notes = []
        if self.event.missed:
            notes.append("missed: this is what it led to")
        if self.problem:
            notes.append("cannot be read")
        elif self.difference is not None:
            notes.append(self.difference.remark)
        elif self.event.operation == "changed":
            notes.append("the value before it is not known")
        return "; ".join(filter(None, notes))


class _Printer:
    """Prints events in one of the forms."""

    def __init__(self, arguments: Arguments, outcome: Outcome) -> None:
        self.arguments = arguments
        self.outcome = outcome
        self.colored = wants_color()
        self.count = 0

    def event(self, event: Event) -> None:
        """One event, whole."""
        told = _Told(event, self.arguments.all, self.arguments.show_secrets)
        form = self.arguments.output
        try:
            write(self._text(told) if form == "text" else self._json(told) if form == "jsonl" else self._yaml(told))
            self.count += 1
        except CodecError as error:  # nested too deep to be printed
            told.problem = str(error)
        if told.problem:
            self.outcome.failed(f"{event.row.label} at revision {event.revision}", told.problem)

    def _text(self, told: _Told) -> str:
        event = told.event
        parts = [
            f"{event.revision:>8}  {painted(SIGNS[event.operation], event.operation, self.colored)}  {event.row.label}",
            managers_text(told.managers),
            f"({told.remark})" if told.remark else "",
        ]
        head = "  ".join(part for part in parts if part) + "\n"
        changes = told.difference.changes if told.difference is not None else []
        return head + "".join(lines(changes, INDENT, self.colored))

    def _json(self, told: _Told) -> bytes:
        from codec.text.json_writer import dump
        from codec.text.tree import printed

        event, row = told.event, told.event.row
        out: dict[str, Any] = {
            "operation": event.operation,
            "key": (row.stored.key or b"").decode("utf-8", "backslashreplace"),
            "resource": row.type.full if row.type is not None else "",
            "namespace": row.namespace,
            "name": row.name,
            "revision": event.revision,
        }
        if told.managers:
            out["managers"] = [manager_tree(each) for each in told.managers]
        if told.difference is not None:
            out["changes"] = [change_tree(each) for each in told.difference.changes]
        if told.remark:
            out["remark"] = told.remark
        if told.state is not None:
            out["object"] = told.state.shown(show_secrets=self.arguments.show_secrets)
        return printed(dump, out) + b"\n"

    def _yaml(self, told: _Told) -> str:
        """The object, of a deletion the last one, under a comment that says what became of it."""
        event = told.event
        head = f"# revision {event.revision}: {event.row.label} {event.operation}"
        head += f" ({told.remark})" if told.remark else ""
        body = ""
        if told.state is not None:
            from codec.text.tree import printed
            from codec.text.yaml_writer import dump

            body = printed(dump, told.state.shown(show_secrets=self.arguments.show_secrets))
        return ("---\n" if self.count else "") + f"{head}\n{body}"


COMMAND = Command(
    "watch",
    "objects of a running etcd as they change, with the changed fields",
    operands=OPERANDS,
    description=f"""\
{DESCRIPTION}
Only a running etcd can be watched. Each change is printed when it happens: which object, at which revision, which
fields changed and which managers wrote them; with -o yaml and jsonl the object too, of a deletion the last one. Goes on
from the moment it starts, or from --rev. A lost connection is taken up again where it ended, and nothing is told twice;
where compaction took changes away meanwhile, what they led to is told, marked as missed. Leases and Events are left out
unless they are named, or with --all. The data of Secrets is hidden. Ctrl-C ends it.
""",
    options=(
        Option("-o, --output", "the form", choices=("text", "yaml", "jsonl"), default="text"),
        *SELECTION_OPTIONS,
        Option("--rev", "begin with the changes of this revision", metavar="N"),
        Option("--all", "everything: Leases, Events, keys of no object, managedFields, resourceVersion"),
        SHOW_SECRETS_OPTION,
        *CONNECTION_OPTIONS,
    ),
    examples=(
        ("k8s-codec watch http://127.0.0.1:2379 endpoints platform-mysql -n biz-prod-qe2bu3", "one object"),
        (
            "k8s-codec watch https://127.0.0.1:2379 --cacert ca.crt --cert c.crt --key c.key deploy -o jsonl",
            "for scripts",
        ),
    ),
    run=run,
)
