"""Stored bytes ⇄ JSON and YAML by way of a tree: the readable road, for all that the compiled engine leaves to it."""

from __future__ import annotations

from codec.errors import DecodeError, NotRegisteredError, printable, warn_caller
from codec.storage import check_readable, is_stored_as_json, unwrap, write_protobuf
from codec.text import json_plain, json_reader
from codec.text.json_writer import dump
from codec.text.reading import decoded, read_text, shown_tree, stored_text
from codec.text.tree import printed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from codec.schema import MessageSchema, Record

METADATA, RESOURCE_VERSION = "metadata", "resourceVersion"


def _plain(raw: bytes, resource_version: str = "") -> Any:
    """The plain tree of a stored value."""
    form = check_readable(raw)
    if form != "protobuf":
        return stored_text(raw, form, lambda text: _plain_of_json(text, resource_version))
    api_version, kind, schema, record = unwrap(raw)
    if schema is None:
        named = printable(f"{api_version} {kind}")
        raise NotRegisteredError(f"{named} is not registered: its fields have no names")
    if resource_version:
        _set_resource_version(schema, record, resource_version)
    return shown_tree(schema, record)


def _set_resource_version(schema: MessageSchema, record: Record[Any], resource_version: str) -> None:
    """Puts it where the kind has a place for it: in its ObjectMeta or ListMeta."""
    field, slot = schema.by_json.get(METADATA, (None, 0))
    if field is None or not field.is_message or RESOURCE_VERSION not in field.message.by_json:
        return
    if record[slot] is None:
        record[slot] = field.message.blank()
    record[slot][field.message.by_json[RESOURCE_VERSION][1]] = resource_version


def _plain_of_json(text: str, resource_version: str) -> Any:
    try:
        schema, found = read_text(text, None, False)
    except DecodeError as error:
        if not error.problem.startswith("unknown field"):
            raise
        warn_caller(f"{error}: the object is shown as it is, without its class")
        schema, found = None, json_plain.read(json_reader.Cursor(text))
    if schema is None:
        metadata = found.setdefault(METADATA, {}) if resource_version and isinstance(found, dict) else None
        if isinstance(metadata, dict):
            metadata[RESOURCE_VERSION] = resource_version
        return json_plain.sorted_tree(found)
    assert isinstance(found, list)
    if resource_version:
        _set_resource_version(schema, found, resource_version)
    return shown_tree(schema, found)


def to_json(raw: bytes, indent: int, resource_version: str) -> bytes:
    """See transcode.storage_to_json."""
    return printed(dump, _plain(raw, resource_version), indent)


def to_yaml(raw: bytes, resource_version: str) -> str:
    """See transcode.storage_to_yaml."""
    from codec.text.yaml_writer import dump as dump_yaml

    return printed(dump_yaml, _plain(raw, resource_version))


def from_json(data: bytes | str, allow_unknown: bool) -> bytes:
    """See transcode.json_to_storage."""
    schema, found = read_text(decoded(data), None, allow_unknown)
    if schema is None:
        return printed(dump, json_plain.sorted_tree(found)) + b"\n"
    assert isinstance(found, list)
    if is_stored_as_json(found[0]):
        return printed(dump, shown_tree(schema, found)) + b"\n"
    return write_protobuf(schema, found)
