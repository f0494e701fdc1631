"""The columns of each kind: which there are, and what stands in them for an object.

Source: kubernetes v1.36 pkg/printers/internalversion/printers.go, through which an API server answers kubectl.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from codec.query.age import Clock

    Cell = str | int | float | bool | None
    Cells = Callable[[Any, Clock], Sequence[Cell]]

AGE = "Age"


class Columns:
    """The columns of a kind.

    names: their headings in mixed case, in order. is_wide: for each, whether it is shown in the wide form alone.
    cells: what gives the cells of an object, one for each name.
    """

    __slots__ = ("cells", "is_wide", "names")

    def __init__(self, names: str, cells: Cells) -> None:
        """names: separated by commas, a wide one behind a plus sign."""
        words = names.split(",")
        self.names = tuple([word.removeprefix("+") for word in words])
        self.is_wide = tuple([word.startswith("+") for word in words])
        self.cells = cells


# module → the kinds whose columns it holds, by group; "" is the core group
_HOMES: dict[str, dict[str, str]] = {}
_HOME_OF = {
    (group, kind): module
    for module, groups in _HOMES.items()
    for group, kinds in groups.items()
    for kind in kinds.split()
}


def _name_and_age(obj: Any, clock: Clock) -> Sequence[Cell]:
    """What every other kind shows, custom resources without columns of their own among them."""
    from codec.query.columns.metadata import metadata_of

    found = metadata_of(obj)
    return found.name, clock.since(found.creationTimestamp)


DEFAULT = Columns("Name,Age", _name_and_age)


def columns_of(group: str, kind: str) -> Columns:
    """The columns of a built-in kind, whatever its version; NAME and AGE for one that has none of its own."""
    home = _HOME_OF.get((group, kind))
    if home is None:
        return DEFAULT
    module = __import__(f"codec.query.columns.{home}", fromlist=["COLUMNS"])
    found: Columns = module.COLUMNS[group, kind]
    return found
