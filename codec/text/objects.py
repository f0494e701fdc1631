"""Object ⇄ JSON, YAML and dict: the public functions of codec for the text forms."""

from __future__ import annotations

from codec import overload
from codec.errors import DecodeError, EncodeError, NotRegisteredError, printable
from codec.message.objects import expected, expected_kind, from_record, schema_of, to_record
from codec.text import json_plain, json_reader
from codec.text.json_writer import dump
from codec.text.reading import at_line, decoded, kind_of, read_text, shown_tree, single_document, yaml_documents
from codec.text.tree import printed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any, TypeVar

    from codec.api import Message

    M = TypeVar("M", bound=Message)


def _plain(obj: Message) -> Any:
    """The plain tree of an object."""
    from codec.api import Unregistered, Unstructured

    if isinstance(obj, Unstructured):
        if not isinstance(obj.content, dict):
            raise EncodeError(f"expected a map, got {type(obj.content).__name__}", "content")
        head = {name: value for name, value in (("apiVersion", obj.apiVersion), ("kind", obj.kind)) if value}
        return json_plain.sorted_tree(obj.content | head)
    if isinstance(obj, Unregistered):
        named = printable(f"{obj.apiVersion} {obj.kind}")
        raise NotRegisteredError(f"{named} is not registered: its fields have no names")
    schema = schema_of(type(obj))
    try:
        record = to_record(obj, schema)
    except EncodeError as error:
        error.inside(schema.class_name)
        raise
    return shown_tree(schema, record)


def to_json(obj: Message, *, indent: int = 0) -> bytes:
    """The object as Go prints it in JSON, without a newline at the end; `indent` spaces a level for people.

    EncodeError with the path of a value that has no JSON form.
    """
    return printed(dump, _plain(obj), indent)


def to_yaml(obj: Message) -> str:
    """The object as sigs.k8s.io/yaml prints it, keys sorted."""
    from codec.text.yaml_writer import dump as dump_yaml

    return printed(dump_yaml, _plain(obj))


def to_dict(obj: Message) -> dict[str, Any]:
    """The object as plain dict, list, str, int, float, bool and None, with the keys and omissions of its JSON.

    EncodeError with the path of a value that has no JSON form, and of a number in raw JSON that no float can hold.
    """
    # Raw JSON may repeat a key and hold bytes that are no UTF-8, and is printed all the same.
    cursor = json_reader.Cursor(decoded(printed(dump, _plain(obj))), allow_duplicates=True)
    try:
        found: dict[str, Any] = json_plain.read(cursor)
    except DecodeError as error:
        error.inside(type(obj).__name__)
        raise EncodeError(error.problem, error.path) from None
    return found


def _object(text: str, cls: type[M] | None, allow_unknown: bool) -> Any:
    """Reads an object of whatever kind the text names, or of the class, which may be Message or Unstructured too."""
    message: str = getattr(cls, "_proto", "")
    schema = schema_of(cls) if cls is not None and message else None
    named = None
    if cls is not None and schema is not None and schema.type_meta:
        named = expected_kind(cls, *kind_of(text))
    schema, found = read_text(text, schema, allow_unknown)
    if schema is not None and isinstance(found, list):
        if named is not None:
            found[:2] = named
        return expected(cls, from_record(schema, found))
    from codec.api import Unstructured

    assert isinstance(found, dict)
    api_version, kind = found.pop("apiVersion"), found.pop("kind")
    return expected(cls, Unstructured(apiVersion=api_version, kind=kind, content=found))


@overload
def from_json(data: bytes | str, cls: None = None, *, allow_unknown: bool = False) -> Message: ...


@overload
def from_json(data: bytes | str, cls: type[M], *, allow_unknown: bool = False) -> M: ...


def from_json(data: bytes | str, cls: Any = None, *, allow_unknown: bool = False) -> Any:
    """Reads one JSON object as Go reads it; its apiVersion and kind, or `cls`, say what it is.

    An unregistered kind becomes Unstructured. DecodeError with path and offset: bad JSON, wrong types, numbers
    out of range, duplicate keys, and unknown keys unless `allow_unknown`.
    """
    return _object(decoded(data), cls, allow_unknown)


@overload
def from_yaml_all(text: bytes | str, cls: None = None, *, allow_unknown: bool = False) -> Iterator[Message]: ...


@overload
def from_yaml_all(text: bytes | str, cls: type[M], *, allow_unknown: bool = False) -> Iterator[M]: ...


def from_yaml_all(text: bytes | str, cls: Any = None, *, allow_unknown: bool = False) -> Iterator[Any]:
    """Reads every object of a YAML text, documents parted by `---`; empty documents are passed over.

    Errors are those of from_json, with the line and column in place of the offset.
    """
    for document in yaml_documents(text):
        yield _object_of_document(document, cls, allow_unknown)


@overload
def from_yaml(text: bytes | str, cls: None = None, *, allow_unknown: bool = False) -> Message: ...


@overload
def from_yaml(text: bytes | str, cls: type[M], *, allow_unknown: bool = False) -> M: ...


def from_yaml(text: bytes | str, cls: Any = None, *, allow_unknown: bool = False) -> Any:
    """Reads the one object of a YAML text. DecodeError if it holds none, or more than one."""
    return _object_of_document(single_document(text), cls, allow_unknown)


@overload
def from_dict(mapping: Mapping[str, Any], cls: None = None, *, allow_unknown: bool = False) -> Message: ...


@overload
def from_dict(mapping: Mapping[str, Any], cls: type[M], *, allow_unknown: bool = False) -> M: ...


def from_dict(mapping: Mapping[str, Any], cls: Any = None, *, allow_unknown: bool = False) -> Any:
    """Reads an object from a mapping of plain values, as from_json does from text."""
    try:
        text = dump(dict(mapping)).decode("utf-8")
    except (ValueError, TypeError) as error:
        raise DecodeError(str(error)) from None
    try:
        return _object(text, cls, allow_unknown)
    except DecodeError as error:
        error.offset = None  # of a text that nobody saw
        raise


def _object_of_document(document: Any, cls: type[M] | None, allow_unknown: bool) -> Any:
    text, where = document
    return at_line(text, where, lambda: _object(text, cls, allow_unknown))
