"""Names, labels and times of an object of any class, custom resources among them."""

from __future__ import annotations

from codec.types.time import Time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Metadata:
    """What a table needs of the metadata of an object that has no class."""

    __slots__ = ("creationTimestamp", "labels", "name", "namespace")

    def __init__(self, found: dict[str, Any]) -> None:
        self.name = _text(found.get("name"))
        self.namespace = _text(found.get("namespace"))
        labels = found.get("labels")
        self.labels = {key: _text(value) for key, value in labels.items()} if isinstance(labels, dict) else {}
        try:
            self.creationTimestamp = Time.parse(_text(found.get("creationTimestamp")))
        except ValueError:
            self.creationTimestamp = Time()


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def metadata_of(obj: Any) -> Any:
    """The metadata of an object: its own ObjectMeta, or what an Unstructured object says of itself."""
    found = getattr(obj, "metadata", None)
    if found is not None:
        return found
    content = getattr(obj, "content", None)
    found = content.get("metadata") if isinstance(content, dict) else None
    return Metadata(found if isinstance(found, dict) else {})
