"""What distinguishes a manifest from the object that an API server stores: cleared fields, and doubts to tell."""

from __future__ import annotations

from codec.errors import DecodeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

CLEARED = ("resourceVersion", "selfLink")  # apiserver pkg/storage/etcd3/store.go, PrepareObjectForStorage


def clear(obj: Any) -> None:
    """Empties the fields of metadata that the API server fills in when it reads, and never stores."""
    content = getattr(obj, "content", None)
    if isinstance(content, dict):
        metadata = content.get("metadata")
        if isinstance(metadata, dict):
            for name in CLEARED:
                metadata.pop(name, None)
        return
    metadata = getattr(obj, "metadata", None)
    for name in CLEARED:
        if hasattr(metadata, name):
            setattr(metadata, name, "")


def name_of(obj: Any) -> tuple[str, str]:
    """Namespace and name; "" where there is none."""
    return _text(obj, "namespace"), _text(obj, "name")


def _text(obj: Any, name: str) -> str:
    found = _metadata(obj, name)
    return found if isinstance(found, str) else ""


def _metadata(obj: Any, name: str) -> Any:
    content = getattr(obj, "content", None)
    if isinstance(content, dict):
        metadata = content.get("metadata")
        return metadata.get(name) if isinstance(metadata, dict) else None
    return getattr(getattr(obj, "metadata", None), name, None)


def doubts(obj: Any) -> Iterator[str]:
    """What of an object no API server would have stored; it is encoded all the same."""
    from codec.storage.keys import is_custom
    from codec.storage.resources import RELEASE, of_kind

    kind, api_version = obj.kind, obj.apiVersion
    for name in ("uid", "creationTimestamp"):
        if not _metadata(obj, name):
            yield f"metadata.{name} is missing: every object in etcd has one"
    if getattr(obj, "stringData", None):
        yield "stringData: the API server moves it into data before it stores a Secret"
    resource = of_kind(api_version, kind)
    if resource is None:
        if not is_custom(api_version, kind):
            yield f"API servers do not store {api_version} {kind}"
    elif resource.api_version != api_version:
        yield f"API servers of {RELEASE} store {kind} as {resource.api_version}, not as {api_version}"


def refuse_placeholders(text: str) -> None:
    """DecodeError for a Secret that `--redact` was applied to: storing it would destroy its data."""
    if "redacted: " not in text:
        return
    from codec.change.redact import LAST_APPLIED, is_placeholder
    from codec.text import json_plain, json_reader

    tree = json_plain.read(json_reader.Cursor(text))
    if tree.get("kind") != "Secret":
        return
    metadata = tree.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    for path, values in (("data", tree.get("data")), ("stringData", tree.get("stringData"))):
        if isinstance(values, dict):
            for name, value in values.items():
                if is_placeholder(value):
                    raise DecodeError("a placeholder stands here instead of the data", f"Secret.{path}[{name}]")
    if isinstance(annotations, dict) and is_placeholder(annotations.get(LAST_APPLIED)):
        raise DecodeError(
            "a placeholder stands here instead of the annotation", f"Secret.metadata.annotations[{LAST_APPLIED}]"
        )
