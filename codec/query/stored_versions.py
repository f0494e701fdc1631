"""In which apiVersion and form the objects of each resource are stored, and what a storage migration would rewrite."""

from __future__ import annotations

from codec.errors import CodecError, EncryptedError
from codec.storage import MAGIC, form_of, is_stored_as_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from codec.query.catalog import Catalog
    from codec.query.resources import ResourceType
    from codec.query.select import Row

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
    choose. is_defined: whether a custom resource has a definition, and that the version. kube-apiserver refuses an
    object of a version that its definition does not have, and every list with it (tried with v1.36.3).
    """

    __slots__ = ("api_version", "count", "form", "is_defined", "kind", "newest", "resource", "usual")

    def __init__(self, resource: str, kind: str, api_version: str, form: str, newest: str, usual: str) -> None:
        self.is_defined = True
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

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
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
            row = Stored(type.full, kind, api_version, form, *_expected(kind, api_version))
            if not row.newest and "." in type.group:
                self._ask_definition(row, type)
            row.count = count
            found.append(row)
        return sorted(found, key=lambda row: (row.resource, row.api_version, row.form))

    def _ask_definition(self, row: Stored, type: ResourceType) -> None:
        """What the CustomResourceDefinition says, where there is one."""
        definition: Any = self._catalog.definition(type.group, type.plural)
        if definition is None:
            row.is_defined = False
            return
        spec = definition.spec
        versions = {version.name: version.storage for version in spec.versions} or {spec.version: True}
        row.newest = next((f"{type.group}/{name}" for name, is_stored in versions.items() if is_stored), "")
        row.usual = "json"
        row.is_defined = row.api_version.rpartition("/")[2] in versions


def _expected(kind: str, api_version: str) -> tuple[str, str]:
    """The apiVersion and form that API servers choose for a built-in kind; "" for others."""
    from codec.storage.resources import of_kind

    builtin = of_kind(api_version, kind)
    if builtin is None:
        return "", ""
    return builtin.api_version, "json" if is_stored_as_json(builtin.api_version) else "protobuf"
