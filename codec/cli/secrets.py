"""Which values are Secrets, by kind and by key, and the text of one without its data."""

from __future__ import annotations

from codec.errors import CodecError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from codec.source.key_value import KeyValue


def is_secret_key(key: bytes | None) -> bool:
    """Whether an etcd key is that of a Secret."""
    if key is None:
        return False
    from codec.change.redact import SECRET_RESOURCE
    from codec.storage.keys import parse_key

    try:
        return parse_key(key.decode("utf-8", "surrogateescape")).resource == SECRET_RESOURCE
    except CodecError:
        return SECRET_RESOURCE.encode() in key.split(b"/")


def redacted_text(row: KeyValue, form: str, indent: int, resource_version: str = "") -> bytes | None:
    """A value that is a Secret, or a list, as text without the data; None for any other."""
    from codec.change.redact import redact, redact_secret
    from codec.storage.transcode import storage_to_json
    from codec.text import json_plain, json_reader
    from codec.text.json_writer import dump
    from codec.text.reading import decoded

    by_key = is_secret_key(row.key)
    if not by_key and b"Secret" not in row.value and b'"items"' not in row.value:
        return None
    tree = json_plain.read(json_reader.Cursor(decoded(storage_to_json(row.value, resource_version=resource_version))))
    hidden = redact_secret(tree) if by_key else redact(tree)
    if hidden is tree:
        return None
    if form == "yaml":
        from codec.text.yaml_writer import dump as dump_yaml

        return dump_yaml(hidden).encode("utf-8", "surrogateescape")
    return dump(hidden, 0 if form == "jsonl" else indent) + b"\n"
