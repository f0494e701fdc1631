"""Manifests, as people write them for kubectl → the JSON text of each object, which knows its place in the file.

YAML documents, JSON objects one after the other, and what stands in the items of lists.
"""

from __future__ import annotations

from codec.errors import DecodeError
from codec.text.json_reader import Cursor
from codec.text.reading import at_line, decoded, kind_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

WHITESPACE = " \t\r\n"
MAX_NESTED_LISTS = 20  # lists in lists; kubectl sets no limit


class Manifest:
    """One object: its JSON text, and where it came from.

    document: the JSON text of the whole YAML document, or of the file; start: the byte there at which the
    object begins; added: bytes that were put in front of its members; where: finds lines of YAML, or None.
    """

    __slots__ = ("added", "document", "origin", "start", "text", "where")

    def __init__(self, text: str, document: str, start: int, where: Any, origin: str, added: int = 0) -> None:
        self.text = text
        self.document = document
        self.start = start
        self.where = where
        self.origin = origin
        self.added = added

    def read(self, allow_unknown: bool = False) -> Any:
        """The object. DecodeError with its path, and the line of YAML or the byte in the file."""
        from codec.text.objects import from_json

        try:
            return from_json(self.text, allow_unknown=allow_unknown)
        except DecodeError as error:
            self._place(error)
            raise

    def _place(self, error: DecodeError) -> None:
        """Counts the error's offset from the start of the file, or turns it into a line of YAML."""
        if error.offset is None:
            return
        error.offset = self.start + max(error.offset - self.added, 0)
        if self.where is None:
            return

        def fail() -> None:
            raise error

        try:
            at_line(self.document, self.where, fail)
        except DecodeError:
            return


def manifests(data: bytes, origin: str = "") -> Iterator[Manifest]:
    """Every object of a file. DecodeError for text that is neither JSON nor YAML."""
    text = decoded(data)
    if text.lstrip(WHITESPACE).startswith("{"):
        found = _json_documents(text, origin)
    else:
        from codec.text.reading import yaml_documents

        found = (Manifest(document, document, 0, where, origin) for document, where in yaml_documents(data))
    for manifest in found:
        yield from _expanded(manifest, 0)


def _json_documents(text: str, origin: str) -> Iterator[Manifest]:
    """JSON objects one after the other, as `kubectl` takes them."""
    cursor = Cursor(text)
    size = pos = 0
    while cursor.peek():
        size += _size(text[pos : cursor.pos])
        pos = cursor.pos
        cursor.skip()
        yield Manifest(text[pos : cursor.pos], text, size, None, origin)


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogateescape"))


def _expanded(manifest: Manifest, depth: int) -> Iterator[Manifest]:
    """The objects in the items of a list, as kubectl takes lists apart; anything else as it is."""
    try:
        api_version, kind = kind_of(manifest.text)
    except DecodeError as error:
        manifest._place(error)
        raise
    if not kind.endswith("List") or (kind == "List" and api_version != "v1"):
        yield manifest
        return
    if depth >= MAX_NESTED_LISTS:
        raise DecodeError(f"lists in lists, more than {MAX_NESTED_LISTS}")
    items = list(_items(manifest, api_version, kind.removesuffix("List")))
    if not items and not _is_list(api_version, kind):
        yield manifest  # a kind whose name only ends so
    for item in items:
        yield from _expanded(item, depth + 1)


def _is_list(api_version: str, kind: str) -> bool:
    from codec.schema import builtin

    schema = builtin().find(api_version, kind)
    return schema is not None and "items" in schema.by_json


def _items(manifest: Manifest, api_version: str, kind: str) -> Iterator[Manifest]:
    """What stands in `items`; an element without apiVersion and kind gets those that the list's kind implies."""
    cursor = Cursor(manifest.text)
    for member in cursor.members():
        if member != "items" or cursor.peek() != "[":
            cursor.peek()
            cursor.skip()
            continue
        size = pos = 0
        for _ in cursor.elements():
            cursor.peek()
            size += _size(manifest.text[pos : cursor.pos])
            pos = cursor.pos
            text = cursor.raw()
            added = _type_meta(api_version, kind, text) if kind else ""
            place = manifest.start + max(size - manifest.added, 0)
            whole = "{" + added + text[1:] if added else text
            yield Manifest(whole, manifest.document, place, manifest.where, manifest.origin, len(added))


def _type_meta(api_version: str, kind: str, text: str) -> str:
    """apiVersion and kind for an item that has none: items of a PodList are Pods."""
    from codec.text.json_writer import quote

    if not text.startswith("{") or kind_of(text) != ("", ""):
        return ""
    comma = "" if text[1:].lstrip(WHITESPACE).startswith("}") else ","
    return f'"apiVersion":{quote(api_version)},"kind":{quote(kind)}{comma}'
