"""How `k8s-codec endpoints cost` shows figures: Endpoints and slice beside each other, with bars on a terminal."""

from __future__ import annotations

from codec.cli.figures import bar, size
from codec.endpoints.costs import sample as sample

TYPE_CHECKING = False
if TYPE_CHECKING:
    from codec.endpoints import Change, Cost

SAMPLES = (3, 100, 1000)  # addresses


def report(costs: list[tuple[str, Cost]], watchers: int | None, bars: bool) -> str:
    """The text for all: (name, cost) each. watchers: how many to sum up over, or None."""
    return "\n".join(_block(name, one, watchers, bars) for name, one in costs)


def _block(name: str, one: Cost, watchers: int | None, bars: bool) -> str:
    slices = f"{one.slices} slice{'' if one.slices == 1 else 's'}"
    counted = f"{one.addresses:,} address{'' if one.addresses == 1 else 'es'}"
    addresses = "" if name == counted else f"{counted}, "
    lines = [f"{name}: {addresses}{slices}; one Pod changes"]
    rows = [("Endpoints", one.endpoints), ("EndpointSlice", one.slice)]
    most = max(_total(change, watchers) for _, change in rows) or 1
    for kind, change in rows:
        line = f"  {kind:<13}  {size(change.stored):>10} to etcd  {size(change.sent):>10} to each watcher"
        if watchers is not None:
            line += f"  {size(change.sent * watchers):>10} to all {watchers:,}"
        if bars:
            line += "  " + bar(_total(change, watchers) / most)
        lines.append(line.rstrip())
    return "\n".join(lines) + "\n"


def _total(change: Change, watchers: int | None) -> int:
    """Bytes that the bar stands for."""
    return change.stored + change.sent * (1 if watchers is None else watchers)
