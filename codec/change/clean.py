"""Takes out of an object what belongs to the cluster it was in, so that `kubectl apply` takes the rest in another."""

from __future__ import annotations

from codec.change.assigned import all_ways, rules_of
from codec.change.compare import tree_of
from codec.change.definitions import STORED, to_v1
from codec.change.field_change import path_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from typing import Any

    from codec.api import Message

    Tree = dict[str, Any]
    Way = tuple[str, ...]

EACH = "*"  # in a way: each element of the list


def clean(value: Message | Mapping[str, Any], keep: Collection[str] = ()) -> dict[str, Any]:
    """The JSON tree of an object, or of a list of objects, without what a cluster assigned. The input is not changed.

    Out are, of every kind: status, and of metadata uid, resourceVersion, generation, managedFields, selfLink, the
    times of creation and deletion, owner references, the finalizers of Kubernetes itself, generateName, and the
    last-applied annotation; and of the kinds in codec.change.assigned what controllers and admission filled in. A
    CustomResourceDefinition, which is stored as v1beta1, becomes v1: no API server since v1.22 takes another.

    keep: fields that stay, by their path (`spec.clusterIP`, `metadata.annotations[deployment.kubernetes.io/revision]`),
    by a path that leads to several (`metadata.annotations`), or by their last name (`nodeName`).

    EncodeError for an object that has no JSON form.
    """
    tree = tree_of(value)
    items = tree.get("items")
    if str(tree.get("kind")).endswith("List") and isinstance(items, list):
        cleaned = [clean(item, keep) if isinstance(item, dict) else item for item in items]
        metadata = {name: item for name, item in _map(tree.get("metadata")).items() if name not in _OF_A_LIST}
        return {
            **{name: item for name, item in tree.items() if name != "metadata"},
            "metadata": metadata,
            "items": cleaned,
        }
    if (tree.get("apiVersion"), tree.get("kind")) == STORED:
        tree = to_v1(tree)
    for way, belongs in rules_of(tree):
        if not is_kept(way, keep):
            tree = _without(tree, way, belongs, tree)
    return tree


_OF_A_LIST = ("resourceVersion", "selfLink", "remainingItemCount", "continue")


def _map(value: Any) -> Tree:
    return value if isinstance(value, dict) else {}


def is_kept(way: Way, keep: Collection[str]) -> bool:
    """Whether one of the words to keep names the field that a rule takes out."""
    if not keep:
        return False
    text = field_text(way)
    last = way[-1] if way[-1] != EACH else way[-2]
    return any(word == last or text == word or text.startswith((f"{word}.", f"{word}[")) for word in keep)


def names_to_keep() -> list[str]:
    """What `keep` can name: the path of every field that is taken out, and its last name."""
    names: set[str] = set()
    for way in all_ways():
        steps = [step for step in way if step != EACH]
        names.add(steps[-1])
        names.update(path_text(steps[: count + 1]) for count in range(len(steps)))
    return sorted(names)


def field_text(way: Way) -> str:
    """The path that a rule is about, as `spec.ports.nodePort`."""
    return path_text(step for step in way if step != EACH)


def _without(value: Any, way: Way, belongs: Callable[[Any, Tree], bool] | None, tree: Tree) -> Any:
    """The value without what a way leads to, and without a map or list that this leaves empty.

    belongs: what the field's value must be, given the whole tree; None takes out any.
    """
    step, rest = way[0], way[1:]
    if step == EACH:
        if not isinstance(value, list):
            return value
        if rest:
            return _same_or([_without(item, rest, belongs, tree) for item in value], value)
        return _same_or([item for item in value if belongs is not None and not belongs(item, tree)], value)
    if not isinstance(value, dict) or step not in value:
        return value
    inner = value[step]
    if rest:
        left = _without(inner, rest, belongs, tree)
        if left is inner:
            return value
        if left or step == "metadata":
            return {**value, step: left}
    elif belongs is not None and not belongs(inner, tree):
        return value
    return {name: item for name, item in value.items() if name != step}


def _same_or(new: list[Any], old: list[Any]) -> list[Any]:
    """The old list itself where nothing became of it."""
    if len(new) == len(old) and all(one is other for one, other in zip(new, old, strict=True)):
        return old
    return new
