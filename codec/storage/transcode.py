"""Stored bytes ⇄ JSON and YAML, with no objects in between: the fast road."""

from __future__ import annotations

from codec import twin


def storage_to_json(raw: bytes, *, indent: int = 0, resource_version: str = "") -> bytes:
    """Stored bytes → JSON as Go prints it, without a newline at the end. Errors are those of decode and to_json.

    resource_version: stands as metadata.resourceVersion, as the API server puts the mod revision there when it reads.
    """
    if twin is not None:
        found: bytes | None = twin.storage_to_json(raw, indent, resource_version)
        if found is not None:
            return found
    from codec.storage import by_tree

    return by_tree.to_json(raw, indent, resource_version)


def storage_to_yaml(raw: bytes, *, resource_version: str = "") -> str:
    """Stored bytes → YAML as sigs.k8s.io/yaml prints it. Errors and resource_version are those of storage_to_json."""
    if twin is not None:
        found: str | None = twin.storage_to_yaml(raw, resource_version)
        if found is not None:
            return found
    from codec.storage import by_tree

    return by_tree.to_yaml(raw, resource_version)


def json_to_storage(data: bytes | str, *, allow_unknown: bool = False) -> bytes:
    """JSON of a kind → the bytes that the API server would store. Errors are those of from_json and encode."""
    if twin is not None and not allow_unknown:
        stored: bytes | None = twin.json_to_storage(data)
        if stored is not None:
            return stored
    from codec.storage import by_tree

    return by_tree.from_json(data, allow_unknown)
