"""FieldChange: one field that differs between two objects, with the way to it as steps and as text.

A step is a str (a key of a map), an int (a place in a list), or a tuple of (field, value) pairs: the element of a
list that has these values, None where it has no such field; of a list that is a set, the pair ("", value).
"""

from __future__ import annotations

from codec.errors import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    Step = str | int | tuple[tuple[str, Any], ...]
    Steps = tuple[Step, ...]

ADDED, REMOVED, CHANGED, REORDERED = "added", "removed", "changed", "reordered"


class FieldChange:
    """What became of one field.

    operation: `added`, `removed`, `changed`, or `reordered` for a list whose elements are told apart by their keys.
    steps: the way to the field. old, new: its values as plain trees, None where there was none; of a reordered list
    the steps of its elements. place: where an added element of a list stands in the new one; None for other changes.

    A step that is a number means the place in the old list where an element was removed, else in the new list.
    """

    __slots__ = ("new", "old", "operation", "place", "steps")

    def __init__(
        self, operation: str, steps: Steps, old: Any = None, new: Any = None, place: int | None = None
    ) -> None:
        self.operation = operation
        self.steps = steps
        self.old = old
        self.new = new
        self.place = place

    @property
    def path(self) -> str:
        """As `spec.template.spec.containers[name=web].image`."""
        return path_text(self.steps)

    @property
    def equal_in_value(self) -> bool:
        """Whether two texts that differ mean the same quantity (`1` and `1000m`) or the same moment."""
        return self.operation == CHANGED and _same_value(self.old, self.new)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, FieldChange):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.__slots__)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        # The values stay out: they may be a Secret's.
        return f"FieldChange({self.operation!r}, {self.path!r})"


def path_text(steps: Iterable[Step]) -> str:
    """The steps as kubectl writes a path; what is no plain word stands in brackets, in quotes if it must."""
    parts: list[str] = []
    for step in steps:
        if isinstance(step, tuple):
            parts.append("[" + ",".join(f"{name}={_word(value)}" for name, value in step if value is not None) + "]")
        elif isinstance(step, int):
            parts.append(f"[{step}]")
        elif step and step.replace("-", "").replace("_", "").isalnum() and not step.isdecimal():
            parts.append(f".{printable(step)}" if parts else printable(step))
        else:
            parts.append(f"[{_quoted(step) if step.isdecimal() else _word(step)}]")
    return "".join(parts)


def _word(value: Any) -> str:
    """A value in brackets: bare where it can be taken for nothing else."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, list):
        return "+".join(_word(item) for item in value)
    if not isinstance(value, str):
        return str(value)
    if value and not any(char in '[]",= \\' or not char.isprintable() for char in value):
        return printable(value)
    return _quoted(value)


def _quoted(text: str) -> str:
    from codec.text.json_writer import dump

    return dump(text).decode("utf-8", "backslashreplace")


def _same_value(old: Any, new: Any) -> bool:
    if not isinstance(old, str) or not isinstance(new, str) or old == new:
        return False
    for read in (_quantity, _moment):
        first, second = read(old), read(new)
        if first is not None and second is not None:
            return bool(first == second)
    return False


def _quantity(text: str) -> Any:
    from codec.types.quantity import Quantity

    try:
        found = Quantity(text)
        return found if found.valid else None
    except ValueError:
        return None


def _moment(text: str) -> Any:
    """Seconds, and what stands behind the point, which the type Time drops."""
    from codec.types.time import Time

    try:
        seconds = Time.parse(text).seconds
    except ValueError:
        return None
    fraction = text.partition(".")[2]
    digits = fraction[: len(fraction) - len(fraction.lstrip("0123456789"))]
    return seconds, digits.rstrip("0")
