"""Figures for people: bytes in binary units, parts of a whole, bars."""

from __future__ import annotations

BAR_WIDTH = 40  # columns
EIGHTHS = " ▏▎▍▌▋▊▉"  # parts of a column
KIB = 1024  # bytes


def size(count: int) -> str:
    """Bytes as text: `514 B`, `12.4 KiB`, `6.1 GiB`."""
    if count < KIB:
        return f"{count} B"
    value, unit = count / KIB, "KiB"
    for larger in ("MiB", "GiB", "TiB"):
        if value < KIB:
            break
        value, unit = value / KIB, larger
    return f"{value:.1f} {unit}"


def percent(part: int, whole: int) -> str:
    """A part as `37%`; `<1%` for one that is there, and too small to be seen."""
    share = 100 * part / whole if whole else 0.0
    return "<1%" if part and share < 1 else f"{share:.0f}%"


def bar(part: float, width: int = BAR_WIDTH) -> str:
    """A bar of that part of the width; never quite nothing."""
    eighths = max(1, round(part * width * 8))
    whole, rest = divmod(eighths, 8)
    return "█" * whole + (EIGHTHS[rest] if rest else "")


def table(rows: list[list[str]], right: str = "") -> list[str]:
    """Rows, the header first, as lines with aligned columns. right: a `>` for each column that is flush right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    marks = [right[number : number + 1] or "<" for number in range(len(widths))]
    return [
        "   ".join(f"{text:{mark}{width}}" for text, mark, width in zip(row, marks, widths, strict=True)).rstrip()
        for row in rows
    ]
