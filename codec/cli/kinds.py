"""`k8s-codec kinds`: what is registered."""

from __future__ import annotations

from codec.cli.grammar import Arguments, Command, Option
from codec.cli.output import NO, WELL, say, write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

COLUMNS = ("APIVERSION", "KIND", "MESSAGE", "CLASS")


def run(arguments: Arguments) -> int:
    """Prints every registered kind that the pattern fits; status 1 if none does."""
    rows = list(_rows(arguments.operands[0] if arguments.operands else ""))
    if not rows:
        say(f"no registered kind fits {arguments.operands[0]!r}")
        return NO
    if arguments.output == "json":
        from codec.text.json_writer import dump

        names = ("apiVersion", "kind", "message", "class")
        write(dump([dict(zip(names, row, strict=True)) for row in rows], 4) + b"\n")
    elif arguments.output == "name":
        write("".join(f"{row[0]}/{row[1]}\n" for row in rows))
    else:
        count = 4 if arguments.output == "wide" else 2
        table = [COLUMNS[:count], *(row[:count] for row in rows)]
        widths = [max(len(row[column]) for row in table) for column in range(count)]
        for row in table:
            write("   ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() + "\n")
    return WELL


def _rows(pattern: str) -> Iterator[tuple[str, str, str, str]]:
    from codec.schema import builtin

    schema = builtin()
    for api_version, kind in schema.kinds():
        if not _fits(pattern.lower(), f"{api_version}/{kind}".lower(), kind.lower()):
            continue
        message = schema.find(api_version, kind)
        if message is not None:
            module = f"codec.api.{message.module}." if message.module else ""
            yield api_version, kind, message.name, f"{module}{message.class_name}"


def _fits(pattern: str, name: str, kind: str) -> bool:
    """A pattern with `*`, `?` or `[` fits the whole of `kind` or `apiVersion/kind`, any other a part of the latter."""
    if not any(mark in pattern for mark in "*?["):
        return pattern in name
    from fnmatch import fnmatchcase

    return fnmatchcase(kind, pattern) or fnmatchcase(name, pattern)


COMMAND = Command(
    "kinds",
    "the kinds that are registered",
    operands="[PATTERN]",
    limit=1,
    description="""\
Lists apiVersion and kind; with -o wide the protobuf message and the class too. PATTERN is a part of `apiVersion/Kind`,
or, with `*` and `?`, the whole of it or of the kind; letters of either case.
""",
    options=(Option("-o, --output", "the form", choices=("wide", "json", "name")),),
    examples=(
        ("k8s-codec kinds endpoint", "all about endpoints"),
        ("k8s-codec kinds -o wide 'pod'", "with message and class"),
    ),
    run=run,
)
