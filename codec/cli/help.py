"""The text of --help: the manual of each command, made from its table."""

from __future__ import annotations

from codec.cli import COMMANDS, load
from codec.cli.output import PROGRAM, USAGE, WELL, write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from codec.cli.grammar import Command

WIDTH = 100  # columns

STATUS = """\
Exit status: 0 well; 1 the answer is no; 2 wrong usage; 3 some input failed, or its text form lost something: each is
named on stderr, and the rest is still done.
"""


def overview(words: list[str]) -> int:
    """`--help`, `--version`, or nothing at all: what the program is, and its commands."""
    if words[:1] in (["--version"], ["-V"]):
        from codec import __version__

        write(f"{PROGRAM} {__version__}\n")
        return WELL
    if words and words[0] not in ("--help", "-h"):
        from codec.cli.grammar import UsageError

        raise UsageError(f"no option {words[0]} before the command")
    commands = [load(name) for name in COMMANDS]
    text = [
        f"Usage: {PROGRAM} COMMAND [options]\n\n",
        "Reads and writes the values that Kubernetes stores in etcd.\n\n",
        "Commands:\n",
        *_rows((command.name, command.summary) for command in commands),
        "\nOptions:\n",
        *_rows((("-h, --help", "print this; after a command, its manual"), ("--version", "print the version"))),
        "\n",
        STATUS,
    ]
    if not words:
        import sys

        sys.stderr.write("".join(text))
        return USAGE
    write("".join(text))
    return WELL


def explain(command: Command) -> int:
    """`COMMAND --help`."""
    write(manual(command))
    return WELL


def manual(command: Command) -> str:
    """The manual of a command."""
    usage = " ".join(part for part in (PROGRAM, command.name, command.operands, "[options]") if part)
    parts = [f"Usage: {usage}\n\n{command.summary[:1].upper()}{command.summary[1:]}.\n"]
    if command.description:
        parts.append(f"\n{command.description.strip()}\n")
    parts.append("\nOptions:\n")
    parts += _rows((_flags(option.flags, option.metavar), option.summary) for option in command.options)
    if command.examples:
        parts.append("\nExamples:\n")
        parts += [f"  # {remark}\n  {line}\n" for line, remark in command.examples]
    return "".join(parts)


def _flags(flags: list[str], metavar: str) -> str:
    text = ", ".join(flags)
    return f"{text} {metavar}" if metavar else text


def _rows(rows: Iterable[tuple[str, str]]) -> list[str]:
    """Two columns; a long left one gets a line of its own, a long right one goes on below itself."""
    from textwrap import wrap

    pairs = list(rows)
    indent = min(max(len(left) for left, _ in pairs), 24) + 4
    lines = []
    for left, right in pairs:
        folded = wrap(right, WIDTH - indent)
        first = f"  {left}".ljust(indent)
        if len(left) + 4 > indent:  # two blanks before it, and at least two behind
            lines.append(f"{first.rstrip()}\n")
            first = " " * indent
        lines.append(f"{first}{folded[0]}\n")
        lines += [f"{' ' * indent}{line}\n" for line in folded[1:]]
    return lines
