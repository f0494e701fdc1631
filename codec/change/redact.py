"""Hides the data of Secrets: each value becomes a placeholder that tells its size, and that nothing reads as data.

A placeholder is no base64, so that a redacted Secret cannot be stored by mistake.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from codec.api import Message
    from codec.change.field_change import FieldChange, Steps

SECRET_KINDS = frozenset(("Secret", "SecretList"))
SECRET_RESOURCE = "secrets"  # in an etcd key
# What repeats the whole object, its data included; kubectl pkg/util/apply.go
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
PREFIX, SUFFIX = "<redacted: ", " bytes>"


def placeholder(size: int) -> str:
    """What stands for `size` bytes."""
    return f"{PREFIX}{size}{SUFFIX}"


def is_placeholder(text: object) -> bool:
    """Whether a text is what `placeholder` made."""
    return (
        isinstance(text, str)
        and text.startswith(PREFIX)
        and text.endswith(SUFFIX)
        and text[len(PREFIX) : -len(SUFFIX)].isdecimal()
    )


def redact(value: Message | Mapping[str, Any]) -> dict[str, Any]:
    """The JSON tree of an object without the data of a Secret; for a list, of the Secrets in it.

    Values of `data` and `stringData` and the last-applied annotation become placeholders; everything of an object
    of another kind stays. What comes in is not changed.
    """
    tree = _tree(value)
    if is_secret(tree):
        return redact_secret(tree)
    kind = tree.get("kind")
    items = tree.get("items")
    if isinstance(kind, str) and kind.endswith("List") and isinstance(items, list):
        hide = redact_secret if kind in SECRET_KINDS else redact
        return {**tree, "items": [hide(item) if isinstance(item, dict) else item for item in items]}
    return tree


def _tree(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    if hasattr(value, "keys"):
        return dict(value)
    from codec.text.objects import to_dict

    return to_dict(value)


def redact_secret(tree: dict[str, Any]) -> dict[str, Any]:
    """The tree of a Secret, whatever kind it says that it is, without its data."""
    out = dict(tree)
    for name, size_of in (("data", _base64_size), ("stringData", _text_size)):
        if name in out:
            out[name] = _hidden(out[name], size_of)
    metadata = out.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    if isinstance(annotations, dict) and LAST_APPLIED in annotations:
        size = _text_size(annotations[LAST_APPLIED])
        out["metadata"] = {**out["metadata"], "annotations": {**annotations, LAST_APPLIED: placeholder(size)}}
    return out


def redact_changes(changes: list[FieldChange]) -> list[FieldChange]:
    """What became of the fields of a Secret, without its data: that a value changed, and its sizes, is told."""
    from codec.change.field_change import CHANGED, REORDERED, FieldChange

    hidden = []
    for change in changes:
        old, new = _at(change.steps, change.old), _at(change.steps, change.new)
        operation = change.operation
        if operation == REORDERED and not isinstance(old, list):
            operation = CHANGED
        hidden.append(FieldChange(operation, change.steps, old, new, change.place))
    return hidden


def _at(steps: Steps, value: Any) -> Any:
    """The value that stands at a place of a Secret, without its data."""
    if value is None:
        return None
    tree: Any = value
    for step in reversed(steps):
        tree = {step: tree}
    tree = redact_secret(tree) if isinstance(tree, dict) else tree
    for step in steps:
        if not isinstance(tree, dict):
            return placeholder(_text_size(value))  # in the middle of what is data as a whole
        tree = tree[step]
    return tree


def is_secret(tree: Mapping[str, Any]) -> bool:
    """Whether the tree of an object says that it is a Secret."""
    return tree.get("kind") == "Secret" and tree.get("apiVersion") in ("v1", None, "")


def _hidden(values: Any, size_of: Any) -> Any:
    if isinstance(values, dict):
        return {name: None if value is None else placeholder(size_of(value)) for name, value in values.items()}
    return None if values is None else placeholder(size_of(values))


def _text_size(value: Any) -> int:
    text = value if isinstance(value, str) else str(value)
    return len(text.encode("utf-8", "surrogateescape"))


def _base64_size(value: Any) -> int:
    """Of the bytes that a base64 text stands for."""
    if not isinstance(value, str):
        return _text_size(value)
    digits = "".join(value.split()).rstrip("=")
    return len(digits) * 3 // 4
