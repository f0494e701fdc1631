"""Changes of fields as lines of text and as JSON, and who made them, for the commands that compare."""

from __future__ import annotations

from codec.change.field_change import ADDED, CHANGED, REMOVED, REORDERED, path_text
from codec.cli.output import is_terminal, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from codec.change.field_change import FieldChange
    from codec.change.managed_fields import Manager

SHOWN_TEXT = 160  # characters of a value; of a longer one the part around the first difference
BEFORE = 20  # characters of that part before the difference
SIGNS = {ADDED: "+", REMOVED: "-", CHANGED: " ", REORDERED: " "}
COLORS = {"+": "32", "-": "31", "~": "33"}  # SGR codes of ECMA-48


def wants_color() -> bool:
    """Whether stdout is a terminal whose user did not say no to colors."""
    if not is_terminal():
        return False
    import os

    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def painted(sign: str, text: str, colored: bool) -> str:
    """A text in the color of its sign."""
    return f"\x1b[{COLORS[sign]}m{text}\x1b[0m" if colored and sign in COLORS else text


def lines(changes: Sequence[FieldChange], indent: str, colored: bool = False) -> Iterator[str]:
    """A line for each change: `  spec.replicas: 4 → 2`, `+ metadata.labels.app: web`, `- spec.paused: true`."""
    for change in changes:
        sign = SIGNS[change.operation]
        yield f"{indent}{painted(sign, f'{sign} {_line(change)}', colored)}\n"


def _line(change: FieldChange) -> str:
    path = change.path or "the object"
    if change.operation in (ADDED, REMOVED) and _is_of_a_set(change):
        return path
    if change.operation == ADDED:
        return f"{path}: {shown(change.new)}"
    if change.operation == REMOVED:
        return f"{path}: {shown(change.old)}"
    if change.operation == REORDERED:
        return f"{path}: order {_order(change.old)} → {_order(change.new)}"
    old, new = change.old, change.new
    if isinstance(old, str) and isinstance(new, str) and (max(len(old), len(new)) > SHOWN_TEXT or "\n" in old + new):
        return f"{path}: {_around_difference(old, new)}"
    equal = "  (equal in value)" if change.equal_in_value else ""
    return f"{path}: {shown(old)} → {shown(new)}{equal}"


def _is_of_a_set(change: FieldChange) -> bool:
    """Whether the path says the value already: that of a plain element of a set."""
    last = change.steps[-1] if change.steps else None
    return isinstance(last, tuple) and last[0][0] == ""


def _order(steps: Sequence[Any]) -> str:
    return _cut(", ".join(path_text([step])[1:-1] for step in steps))


def shown(value: Any) -> str:
    """A value in one line, shortened: a text as it stands where it can be taken for nothing else."""
    if isinstance(value, str):
        return printable(_cut(value)) if _is_plain(value) else _quoted(value)
    import json

    try:
        return _cut(printable(json.dumps(value, ensure_ascii=False)))
    except RecursionError:
        return "…"


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN_TEXT else f"{text[:SHOWN_TEXT]}…"


_WORDS = frozenset(("true", "false", "null"))


def _is_plain(text: str) -> bool:
    if not text or text in _WORDS or text[0] in '"{[ …' or text[-1] == " " or not text.isprintable():
        return False
    return not (text[0] == "-" or text[0].isdecimal()) or not _is_number(text)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _quoted(text: str) -> str:
    cut = text[:SHOWN_TEXT].translate(_ESCAPES)
    return f'"{printable(cut)}"' + ("…" if len(text) > SHOWN_TEXT else "")


_ESCAPES = {ord('"'): '\\"', ord("\\"): "\\\\"}


def _around_difference(old: str, new: str) -> str:
    """The first place where two long texts differ."""
    start = 0
    if old[: len(new)] == new[: len(old)]:
        start = min(len(old), len(new))
    else:
        low, high = 0, min(len(old), len(new))
        while low < high:  # the longest part that both begin with
            middle = (low + high + 1) // 2
            if old[:middle] == new[:middle]:
                low = middle
            else:
                high = middle - 1
        start = low
    from_ = max(start - BEFORE, old.rfind("\n", 0, start) + 1, 0)
    parts = [_part(text, from_) for text in (old, new)]
    line = f"line {old.count(chr(10), 0, start) + 1}, " if "\n" in old + new else ""
    return f"{parts[0]} → {parts[1]}  ({line}{len(old)} → {len(new)} characters)"


def _part(text: str, start: int) -> str:
    end = text.find("\n", start)
    end = min(len(text) if end < 0 else end, start + SHOWN_TEXT // 2)
    cut = printable(text[start:end].translate(_ESCAPES))
    return f'{"…" if start else ""}"{cut}"{"…" if end < len(text) else ""}'


def managers_text(managers: Sequence[Manager]) -> str:
    """`by kubectl (Apply), kubelet (Update status)`; "" where nobody is known."""
    if not managers:
        return ""
    named = []
    for each in managers:
        what = " ".join(filter(None, (each.operation, each.subresource)))
        text = f"{each.name} ({what})" if what else each.name
        if text not in named:
            named.append(text)
    return printable(f"by {', '.join(named)}")


def change_tree(change: FieldChange) -> dict[str, Any]:
    """A change as JSON has it."""
    out: dict[str, Any] = {"operation": change.operation, "path": change.path}
    if change.operation == REORDERED:
        return {**out, "old": _steps(change.old), "new": _steps(change.new)}
    if change.operation != ADDED:
        out["old"] = change.old
    if change.operation != REMOVED:
        out["new"] = change.new
    if change.equal_in_value:
        out["equalInValue"] = True
    return out


def _steps(steps: Sequence[Any]) -> list[str]:
    return [path_text([step]) for step in steps]


def manager_tree(manager: Manager) -> dict[str, Any]:
    """A manager as JSON has it."""
    pairs = (
        ("manager", manager.name),
        ("operation", manager.operation),
        ("subresource", manager.subresource),
        ("time", manager.time),
    )
    return {name: value for name, value in pairs if value}
