"""Changes applied to a tree: what `compare` found between two trees makes the second of the first."""

from __future__ import annotations

from codec.change.field_change import ADDED, REMOVED, REORDERED, path_text
from codec.change.list_keys import identity, value_of
from codec.errors import NO_STACK, DecodeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from codec.change.field_change import FieldChange, Step


def apply(tree: Any, changes: Sequence[FieldChange]) -> Any:
    """The tree with the changes made; a new one, that shares what did not change with the one given.

    DecodeError, with the path, for a change that does not fit the tree.
    """
    try:
        return _apply(tree, list(changes), 0)
    except RecursionError:
        raise DecodeError(NO_STACK) from None


def _apply(tree: Any, changes: list[FieldChange], depth: int) -> Any:
    """changes: those whose first `depth` steps lead to the tree."""
    own = [change for change in changes if len(change.steps) == depth and change.operation != REORDERED]
    if own:
        return own[-1].new
    if not changes:
        return tree
    if isinstance(tree, dict):
        return _map(tree, changes, depth)
    if isinstance(tree, list):
        return _list(tree, changes, depth)
    raise _misfit(changes[0])


def _misfit(change: FieldChange) -> DecodeError:
    return DecodeError("the change does not fit the tree", path_text(change.steps))


def _map(tree: dict[str, Any], changes: list[FieldChange], depth: int) -> dict[str, Any]:
    out = dict(tree)
    by_name: dict[Any, list[FieldChange]] = {}
    for change in changes:
        if len(change.steps) == depth or not isinstance(change.steps[depth], str):
            raise _misfit(change)
        by_name.setdefault(change.steps[depth], []).append(change)
    for name, inner in by_name.items():
        last = inner[-1]
        is_own = len(last.steps) == depth + 1
        if is_own and last.operation == ADDED:
            out[name] = last.new
        elif name not in out:
            raise _misfit(last)
        elif is_own and last.operation == REMOVED:
            del out[name]
        else:
            out[name] = _apply(out[name], inner, depth + 1)
    return out


def _list(tree: list[Any], changes: list[FieldChange], depth: int) -> list[Any]:
    """Removed first, by key or by old place; then the added are put where they go; then the rest of the changes."""
    removed: list[FieldChange] = []
    added: list[FieldChange] = []
    inner: dict[str, list[FieldChange]] = {}
    order: FieldChange | None = None
    for change in changes:
        if len(change.steps) == depth:
            order = change
        elif len(change.steps) == depth + 1 and change.operation == REMOVED:
            removed.append(change)
        elif len(change.steps) == depth + 1 and change.operation == ADDED:
            added.append(change)
        else:
            inner.setdefault(identity(change.steps[depth]), []).append(change)
    by_key = [group for group in inner.values() if isinstance(group[0].steps[depth], tuple)]
    by_place = [group for group in inner.values() if isinstance(group[0].steps[depth], int)]
    if len(by_key) + len(by_place) < len(inner):
        raise _misfit(changes[0])
    gone = set(_places(tree, removed, depth))
    out = list(tree)
    for place, group in zip(_places(tree, [group[0] for group in by_key], depth), by_key, strict=True):
        out[place] = _apply(out[place], group, depth + 1)
    out = [item for place, item in enumerate(out) if place not in gone]
    for change in sorted(added, key=lambda each: each.place or 0):
        out.insert(len(out) if change.place is None else change.place, change.new)
    # Places are those of the new list.
    for place, group in zip(_places(out, [group[0] for group in by_place], depth), by_place, strict=True):
        out[place] = _apply(out[place], group, depth + 1)
    return out if order is None else _reordered(out, order)


def _reordered(elements: list[Any], order: FieldChange) -> list[Any]:
    index = _index(elements, order.new[0])
    places = [index.get(identity(step), -1) for step in order.new]
    if sorted(places) != list(range(len(elements))):
        raise _misfit(order)
    return [elements[place] for place in places]


def _places(elements: list[Any], changes: list[FieldChange], depth: int) -> list[int]:
    """Where the elements stand that the changes are about."""
    indexes: dict[tuple[str, ...], dict[str, int]] = {}
    places = []
    for change in changes:
        step = change.steps[depth]
        if isinstance(step, tuple):
            names = tuple(name for name, _ in step)
            if names not in indexes:
                indexes[names] = _index(elements, step)
            place = indexes[names].get(identity(step), -1)
        else:
            place = step if isinstance(step, int) and step < len(elements) else -1
        if place < 0:
            raise _misfit(change)
        places.append(place)
    return places


def _index(elements: list[Any], step: Step) -> dict[str, int]:
    """The place of each element, by its identity under the names of a step."""
    names = [name for name, _ in step] if isinstance(step, tuple) else []
    return {
        identity(tuple((name, value_of(element, name)) for name in names)): place
        for place, element in enumerate(elements)
    }
