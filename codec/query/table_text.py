"""Cells → aligned lines: kubectl's padding, and what it does to a cell that would break a line or act on a terminal.

Source: cli-runtime pkg/printers/{tableprinter,terminal,tabwriter}.go; github.com/liggitt/tabwriter.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MIN_WIDTH = 6  # characters of a column, its padding among them
PADDING = 3
_PIECE = 1000  # lines that are given at once
_BREAKS = ("\f", "\n", "\r")  # where a cell is cut


def cell_text(cell: object) -> str:
    """A cell as it is printed: numbers as Go prints them, text cut at its first line break."""
    if isinstance(cell, str):
        return cell if cell.isprintable() else _safe(cell)
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        from codec.text.number import format_general

        return format_general(cell)
    return str(cell)


def _safe(text: str) -> str:
    cut = min((at for at in map(text.find, _BREAKS) if at >= 0), default=-1)
    if cut >= 0:
        text = text[:cut]
    return text.translate(_ESCAPES) + ("..." if cut >= 0 else "")


# Upstream differs: it escapes ESC alone; the other control characters act on terminals too. A byte that is no UTF-8
# arrives at kubectl as U+FFFD. Tabs part cells, there as here.
_ESCAPES = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\v"}
_ESCAPES[0x1B] = "^["
_ESCAPES.update(dict.fromkeys(range(0xD800, 0xE000), "\ufffd"))


def aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Rows of as many cells each → their lines in pieces; the last cell of a line is not padded."""
    if not rows:
        return
    if any("\t" in cell or "\v" in cell for row in rows for cell in row):
        lines = [[part for cell in row for part in cell.replace("\v", "\t").split("\t")] for row in rows]
        yield "".join([f"{''.join(line)}\n" for line in _padded(lines)])
        return
    widths = [max(MIN_WIDTH, max(map(len, column)) + PADDING) for column in zip(*rows, strict=True)]
    line = "".join([f"%-{width}s" for width in widths[:-1]]) + "%s\n"
    for start in range(0, len(rows), _PIECE):
        yield "".join([line % tuple(row) for row in rows[start : start + _PIECE]])


def _padded(lines: list[list[str]]) -> list[list[str]]:
    """Lines of any number of cells. Those of neighbours stand below each other, and no column gets narrower again."""
    for column in range(max(map(len, lines)) - 1):
        width = MIN_WIDTH
        start = 0
        while start < len(lines):
            end = start
            while end < len(lines) and len(lines[end]) > column + 1:
                end += 1
            block = lines[start:end]
            width = max([width, *[len(line[column]) + PADDING for line in block]])
            for line in block:
                line[column] = line[column].ljust(width)
            start = end + 1
    return lines
