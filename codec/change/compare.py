"""Two objects → the fields that differ, field by field: maps by key, lists by what tells their elements apart."""

from __future__ import annotations

from codec.change.endpoint_view import view
from codec.change.field_change import ADDED, CHANGED, REMOVED, REORDERED, FieldChange
from codec.change.list_keys import identities, identity
from codec.change.sequences import common
from codec.errors import NO_STACK, DecodeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from codec.api import Message
    from codec.change.field_change import Step, Steps

# Fields of metadata that change with every write, or tell only who wrote.
BOOKKEEPING = ("managedFields", "resourceVersion")


def compare(
    old: Message | Mapping[str, Any] | None, new: Message | Mapping[str, Any] | None, *, bookkeeping: bool = True
) -> list[FieldChange]:
    """The changes that lead from one object to another, in the order of the fields. None stands for no object.

    old, new: objects, or their JSON trees. bookkeeping: whether metadata.managedFields and metadata.resourceVersion
    count. The endpoints of Endpoints and EndpointSlices are compared by what they mean, not by their order and
    grouping: see codec.change.endpoint_view.

    EncodeError where an object has no JSON form; DecodeError for trees nested deeper than the stack has room for.
    """
    try:
        before, after = comparable(old, bookkeeping=bookkeeping), comparable(new, bookkeeping=bookkeeping)
    except RecursionError:
        raise DecodeError(NO_STACK) from None
    if before is None or after is None:
        if before is after:
            return []
        return [FieldChange(REMOVED, (), before) if after is None else FieldChange(ADDED, (), None, after)]
    return compare_trees(before, after)


def comparable(value: Message | Mapping[str, Any] | None, *, bookkeeping: bool = True) -> dict[str, Any] | None:
    """The tree of an object as it is compared."""
    if value is None:
        return None
    tree = tree_of(value)
    metadata = tree.get("metadata")
    if not bookkeeping and isinstance(metadata, dict) and any(name in metadata for name in BOOKKEEPING):
        kept = {name: item for name, item in metadata.items() if name not in BOOKKEEPING}
        tree = {**tree, "metadata": kept}
    return view(tree)


def tree_of(value: Any) -> dict[str, Any]:
    """The JSON tree of an object, or of a mapping that is one."""
    if isinstance(value, dict):
        return value
    if hasattr(value, "keys"):
        return dict(value)
    from codec.text.objects import to_dict

    return to_dict(value)


def compare_trees(old: Any, new: Any) -> list[FieldChange]:
    """The changes that lead from one plain tree to another; `apply` makes them."""
    try:
        return list(_value((), "", old, new))
    except RecursionError:
        raise DecodeError(NO_STACK) from None


def _value(steps: Steps, field: str, old: Any, new: Any) -> Iterator[FieldChange]:
    """field: the name of the map's key that leads here, or of the list that the value is an element of."""
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _map(steps, old, new)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _list(steps, field, old, new)
    elif old != new or isinstance(old, bool) is not isinstance(new, bool):
        yield FieldChange(CHANGED, steps, old, new)


def _map(steps: Steps, old: dict[str, Any], new: dict[str, Any]) -> Iterator[FieldChange]:
    """In the order of the new map; what it lost comes first."""
    for name in old:
        if name not in new:
            yield FieldChange(REMOVED, (*steps, name), old[name])
    for name, value in new.items():
        if name in old:
            yield from _value((*steps, name), name, old[name], value)
        else:
            yield FieldChange(ADDED, (*steps, name), None, value)


def _list(steps: Steps, field: str, old: list[Any], new: list[Any]) -> Iterator[FieldChange]:
    found = identities(field, old, new)
    if found is None:
        yield from _places(steps, old, new)
    else:
        yield from _elements(steps, found, old, new)


def _elements(
    steps: Steps, found: tuple[list[Step], list[Step]], old: list[Any], new: list[Any]
) -> Iterator[FieldChange]:
    """Elements that are told apart by their keys."""
    before = {identity(step): place for place, step in enumerate(found[0])}
    after = {identity(step) for step in found[1]}
    for place, step in enumerate(found[0]):
        if identity(step) not in after:
            yield FieldChange(REMOVED, (*steps, step), old[place])
    kept = []
    for place, step in enumerate(found[1]):
        was = before.get(identity(step))
        if was is None:
            yield FieldChange(ADDED, (*steps, step), None, new[place], place)
        else:
            kept.append(was)
            yield from _value((*steps, step), "", old[was], new[place])
    if kept != sorted(kept):
        yield FieldChange(REORDERED, steps, [*found[0]], [*found[1]])


def _places(steps: Steps, old: list[Any], new: list[Any]) -> Iterator[FieldChange]:
    """Elements that only their places tell apart: the fewest that were added and removed, or nearly so."""
    pairs = common([repr(item) for item in old], [repr(item) for item in new])
    start = other = 0
    for end, other_end in (*pairs, (len(old), len(new))):
        both = 0
        # What stands between the same neighbours is the same element, changed, as long as something of it is left.
        while both < min(end - start, other_end - other) and _is_alike(old[start + both], new[other + both]):
            yield from _value((*steps, other + both), "", old[start + both], new[other + both])
            both += 1
        for place in range(start + both, end):
            yield FieldChange(REMOVED, (*steps, place), old[place])
        for place in range(other + both, other_end):
            yield FieldChange(ADDED, (*steps, place), None, new[place], place)
        start, other = end + 1, other_end + 1


def _is_alike(old: Any, new: Any) -> bool:
    """Whether one can be read as the other, changed."""
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() or any(name in new and new[name] == value for name, value in old.items())
    return not isinstance(old, dict) and not isinstance(new, dict) and isinstance(old, list) is isinstance(new, list)
