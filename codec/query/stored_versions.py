"""In which apiVersion and form the objects of each resource are stored, and what a storage migration would rewrite."""

from __future__ import annotations

from codec.errors import CodecError, EncryptedError
from codec.storage import MAGIC, form_of, is_stored_as_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from codec.query.select import Row
    from codec.source.keyspace import Source

_heads: dict[bytes, tuple[str, str]] = {}  # what stands in an envelope before the message → apiVersion and kind


def kind_of_value(row: Row) -> tuple[str, str]:
    """apiVersion and kind that a value says. DecodeError, EncryptedError for one that cannot be read."""
    raw = row.raw
    if raw.startswith(MAGIC) and raw[4:5] == b"\x0a" and len(raw) > 5:
        head = raw[4 : 6 + raw[5]]
        found = _heads.get(head)
        if found is not None:
            return found
        found = row.metadata.api_version, row.metadata.kind
        if raw[5] < 0x80 and len(_heads) < _MAX_HEADS:
            _heads[head] = found
        return found
    return row.metadata.api_version, row.metadata.kind


_MAX_HEADS = 1000


class Stored:
    """How many values of a resource are stored in one apiVersion and form.

    newest: the apiVersion that API servers store now: of a built-in kind those of the release in
    codec.storage.resources, of a custom one what its definition says; "" if nothing tells. usual: the form that they
    choose.
    """

    __slots__ = ("api_version", "count", "form", "kind", "newest", "resource", "usual")

    def __init__(self, resource: str, kind: str, api_version: str, form: str, newest: str, usual: str) -> None:
        self.resource = resource
        self.kind = kind
        self.api_version = api_version
        self.form = form
        self.newest = newest
        self.usual = usual
        self.count = 0

    @property
    def is_old(self) -> bool:
        """Whether a storage migration would write another apiVersion."""
        return bool(self.newest) and self.newest != self.api_version


class StoredVersions:
    """Counts objects by resource, stored apiVersion and form."""

    def __init__(self, source: Source, revision: int | None = None) -> None:
        self._source = source
        self._revision = revision
        self._counts: dict[tuple[Any, ...], int] = {}

    def add(self, row: Row) -> None:
        """Counts one value; those that nobody can read, and those of no object, are left out."""
        if row.type is None:
            return
        try:
            api_version, kind = kind_of_value(row)
        except (EncryptedError, CodecError):
            return
        raw = row.raw
        form = "protobuf" if raw.startswith(MAGIC) else form_of(raw)
        key = (row.type, kind, api_version, form)
        self._counts[key] = self._counts.get(key, 0) + 1

    def rows(self) -> list[Stored]:
        """One for each resource, apiVersion and form, in order of resources."""
        found = []
        for (type, kind, api_version, form), count in self._counts.items():
            newest, usual = self._expected(type, kind, api_version)
            row = Stored(type.full, kind, api_version, form, newest, usual)
            row.count = count
            found.append(row)
        return sorted(found, key=lambda row: (row.resource, row.api_version, row.form))

    def _expected(self, type: Any, kind: str, api_version: str) -> tuple[str, str]:
        """The apiVersion and form that API servers would choose."""
        from codec.storage.resources import of_kind

        builtin = of_kind(api_version, kind)
        if builtin is not None:
            return builtin.api_version, "json" if is_stored_as_json(builtin.api_version) else "protobuf"
        definition = self._definition(type)
        version = _storage_version(definition)
        return f"{type.group}/{version}" if version else "", "json" if type.group and definition else ""

    def _definition(self, type: Any) -> dict[str, Any]:
        """The CustomResourceDefinition of a type; empty where there is none that can be read."""
        from codec.query.resources import DEFINITIONS, prefix_of

        prefix = prefix_of(self._source)
        key = f"{prefix}/{DEFINITIONS}/{type.plural}.{type.group}"
        stored = self._source.get(key, self._revision)
        if stored is None:
            return {}
        from codec.storage.transcode import storage_to_json
        from codec.text import json_plain, json_reader
        from codec.text.reading import decoded

        try:
            tree = json_plain.read(json_reader.Cursor(decoded(storage_to_json(stored.value))))
        except CodecError:
            return {}
        return tree if isinstance(tree, dict) else {}


def _storage_version(definition: dict[str, Any]) -> str:
    spec = definition.get("spec")
    versions = spec.get("versions") if isinstance(spec, dict) else None
    for version in versions if isinstance(versions, list) else ():
        if isinstance(version, dict) and version.get("storage") is True:
            return str(version.get("name"))
    return ""
