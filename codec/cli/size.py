"""`k8s-codec size`: what takes the space of an etcd, by resource, namespace and key, and what would give it back."""

from __future__ import annotations

from codec.cli.grammar import Arguments, Command, Option
from codec.cli.output import Outcome, is_terminal, printable, write
from codec.cli.sources import DESCRIPTION, OPERANDS, SOURCE_OPTIONS, nothing_found, opened, selection

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from codec.query.usage import Share, Usage
    from codec.source.keyspace import Source
    from codec.source.space import Space

KIND, NAMESPACE, KEY = GROUPS = ("kind", "namespace", "key")
HEADS = {KIND: "KIND", NAMESPACE: "NAMESPACE", KEY: "KEY"}
UNNAMED = {KIND: "(no object)", NAMESPACE: "(cluster)", KEY: ""}
TOP = 10  # rows of a table
ALL = 1 << 62  # what --top 0 stands for
BAR = 24  # columns
WORTHWHILE = 0.1  # the part of a database that is worth a defragmentation


def run(arguments: Arguments) -> int:
    """Measures what is selected; no value is read."""
    from codec.query.usage import measure

    outcome = Outcome()
    top = TOP if arguments.top is None else arguments.top or ALL
    with opened(arguments, outcome) as source:
        selected = selection(arguments, source, outcome)
        usage = measure(selected, top=top)
        is_whole = selected.everything and not selected.namespace and not selected.labels
        space = source.space() if is_whole else None
        if arguments.output is not None:
            write(_machine_text(source, usage, space, arguments))
        else:
            write(_text(source, usage, space, arguments.by, top))
        if not is_whole:
            nothing_found(selected, usage.total.keys + usage.total.older, outcome)
    return outcome.status


def _groups(usage: Usage, by: str | None) -> list[tuple[str, list[Share]]]:
    found = [(KIND, usage.resources), (NAMESPACE, usage.namespaces), (KEY, usage.keys)]
    return [each for each in found if by in (None, each[0])]


def _text(source: Source, usage: Usage, space: Space | None, by: str | None, top: int) -> str:
    """All tables, for people."""
    from codec.cli.figures import size

    total = usage.total
    since = f"history from {source.compact_revision}" if source.compact_revision else "all history"
    lines = [f"{source.form}, revision {source.revision}, {since}"]
    what = f"{_counted(total.keys, 'key')}, {size(total.live)} live"
    if total.older:
        what += f"; {size(total.history)} in {_counted(total.older, 'older revision')}"
        if total.tombstones:
            what += f", {_counted(total.tombstones, 'tombstone')} among them"
    lines.append(what)
    if space is not None:
        lines += _advice(space, total)
    for group, shares in _groups(usage, by):
        if shares:
            lines += ["", *_table(group, shares, total, top)]
    return "\n".join(lines) + "\n"


def _advice(space: Space, total: Share) -> list[str]:
    """What the pages of the database hold, and whether compaction or defragmentation would help."""
    from codec.cli.figures import percent, size

    lines = [f"database: {size(space.total)}, {size(space.free)} ({percent(space.free, space.total)}) in free pages"]
    if total.history >= WORTHWHILE * space.total:
        lines.append(f"Compaction would help: {size(total.history)} are history, whose pages it sets free.")
    about = "at least" if space.packed is None else "about"
    gain = f"{about} {size(space.gain)} ({percent(space.gain, space.total)})"
    if space.gain >= WORTHWHILE * space.total:
        lines.append(f"Defragmentation would help: it gives back {gain}: {space.remedy}.")
    else:
        lines.append(f"Defragmentation would give back little: {gain}.")
    return lines


def _table(group: str, shares: list[Share], total: Share, top: int) -> list[str]:
    from codec.cli.figures import bar, percent, size, table

    bars = is_terminal()
    counted = group != KEY
    head = [HEADS[group], "BYTES", "LIVE", "HISTORY", "OLDER", *(["KEYS"] if counted else []), ""]
    rows = [head]
    most = shares[0].total or 1
    for share in shares[:top]:
        part = percent(share.total, total.total)
        row = [_name(share, group), size(share.total), size(share.live), size(share.history), str(share.older)]
        drawn = f"{part:>4} {bar(share.total / most, BAR)}" if bars and share.total else f"{part:>4}"
        rows.append([*row, *([str(share.keys)] if counted else []), drawn])
    lines = table(rows, "<>>>>" + (">" if counted else ""))
    rest = len(shares) - top
    if rest > 0:
        left = sum(share.total for share in shares[top:])
        lines.append(f"and {rest} more: {size(left)} ({percent(left, total.total)})")
    return lines


def _name(share: Share, group: str) -> str:
    return printable(share.name.encode("utf-8", "backslashreplace").decode()) or UNNAMED[group]


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _machine_text(source: Source, usage: Usage, space: Space | None, arguments: Arguments) -> bytes:
    """The same for programs: numbers are bytes and counts."""
    from codec.text.json_writer import dump

    head: dict[str, Any] = {
        "source": source.name,
        "form": source.form,
        "revision": source.revision,
        "compactRevision": source.compact_revision,
    }
    if space is not None:
        head["database"] = {"total": space.total, "free": space.free, "gain": space.gain}
    head["total"] = _numbers(usage.total)
    groups = {
        group: [{group: share.name, **_numbers(share)} for share in shares]
        for group, shares in _groups(usage, arguments.by)
    }
    if arguments.output == "json":
        names = {KIND: "kinds", NAMESPACE: "namespaces", KEY: "keys"}
        return dump({**head, **{names[group]: rows for group, rows in groups.items()}}, 4) + b"\n"
    return b"".join(dump(row) + b"\n" for row in (head, *(row for rows in groups.values() for row in rows)))


def _numbers(share: Share) -> dict[str, int]:
    return {
        "bytes": share.total,
        "live": share.live,
        "history": share.history,
        "keys": share.keys,
        "older": share.older,
        "tombstones": share.tombstones,
    }


COMMAND = Command(
    "size",
    "what takes the space: by kind, namespace and key",
    operands=OPERANDS,
    description=f"""\
Sums up the bytes of every retained revision, without reading a value. LIVE are the newest revisions, HISTORY is what
a compaction takes away: OLDER revisions and tombstones. Says whether a defragmentation would help. Bytes are those of
etcd's records; in k3s' database and over the network those of keys and values.

{DESCRIPTION}""",
    options=(
        Option("--by", "one of the tables alone", choices=GROUPS),
        Option("--top", "rows of each table, 10 if not given, 0 for all", metavar="N", is_number=True),
        Option("-o, --output", "numbers for programs", choices=("json", "jsonl")),
        *SOURCE_OPTIONS,
    ),
    examples=(
        ("k8s-codec size backup.db", "the whole of a snapshot"),
        ("k8s-codec size backup.db --by key --top 20", "its largest keys"),
        ("k8s-codec size backup.db configmaps -n biz", "one kind in one namespace"),
    ),
    run=run,
)
