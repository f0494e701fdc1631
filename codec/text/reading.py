"""Text → record: which message a text is, and what a text form leaves out. No objects here."""

from __future__ import annotations

from codec.errors import DecodeError, EncodeError, warn_caller
from codec.message import PLAIN
from codec.schema import MessageSchema, builtin
from codec.text import json_plain, json_reader
from codec.text.tree import tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from codec.schema import Record
    from codec.text.yaml_reader import Where


def decoded(data: bytes | str) -> str:
    """JSON text as the reader wants it: bytes that are no UTF-8 as lone surrogates."""
    return data if isinstance(data, str) else data.decode("utf-8", "surrogateescape")


def kind_of(text: str) -> tuple[str, str]:
    """apiVersion and kind of a JSON object; "" where it has none. DecodeError if the text is no JSON object."""
    cursor = json_reader.Cursor(text)
    found = {"apiVersion": "", "kind": ""}
    for key in cursor.members():
        if key in found and cursor.peek() == '"':
            found[key] = cursor.string()
        else:
            cursor.peek()
            cursor.skip()
    cursor.end()
    return found["apiVersion"], found["kind"]


def read_text(
    text: str, schema: MessageSchema | None, allow_unknown: bool
) -> tuple[MessageSchema | None, Record[Any] | dict[str, Any]]:
    """JSON text → schema and record; (None, dict) for a kind that is not registered, as custom resources are."""
    cursor = json_reader.Cursor(text, allow_unknown)
    if schema is None:
        api_version, kind = kind_of(text)
        if not api_version or not kind:
            missing = [name for name, value in (("apiVersion", api_version), ("kind", kind)) if not value]
            raise DecodeError(f"the object has no {' and no '.join(missing)}")
        schema = builtin().find(api_version, kind)
        if schema is None:
            try:
                found = json_plain.read(cursor)
            except DecodeError as error:
                error.inside(kind)
                raise
            return None, found
    try:
        record = json_reader.read(schema, cursor)
        cursor.end()
    except DecodeError as error:
        error.inside(schema.class_name)
        raise
    return schema, record


def count_unknown(schema: MessageSchema, record: Record[Any]) -> int:
    """How many unknown fields a record holds, those of nested messages included."""
    count = 0
    if record[-1]:
        from codec.message.encode import count_fields

        count = count_fields(record[-1])
    for field, slot in schema.flat:
        value = record[slot]
        if not value or not field.is_message or field.form not in PLAIN:
            continue
        parts = value.values() if isinstance(value, dict) else value if field.label == "r" else (value,)
        count += sum(count_unknown(field.message, part) for part in parts)
    return count


def shown_tree(schema: MessageSchema, record: Record[Any]) -> Any:
    """The plain tree of a whole object: its kind leads an EncodeError's path, and what is left out is warned of."""
    try:
        found = tree(schema, record)
    except EncodeError as error:
        error.inside(schema.class_name)
        raise
    warn_of_unknown(schema, record)
    return found


def warn_of_unknown(schema: MessageSchema, record: Record[Any]) -> None:
    """UnknownFieldsWarning where a text form leaves out fields that the object holds."""
    if count := count_unknown(schema, record):
        warn_caller(f"{schema.class_name}: {count} unknown field{'s' * (count > 1)} cannot be shown as text")


def yaml_documents(text: bytes | str) -> Iterable[tuple[str, Where]]:
    """The documents of a YAML text: for each its JSON text, and where a path stands in the YAML."""
    from codec.text.yaml_reader import YAMLError, documents

    try:
        yield from documents(text)
    except YAMLError as error:
        raise DecodeError(str(error)) from None


def at_line(text: str, where: Where, read: Callable[[], Any]) -> Any:
    """Runs a reader of a document's JSON text; an error names the line of YAML instead of the offset."""
    try:
        return read()
    except DecodeError as error:
        offset, error.offset = error.offset, None
        if offset is not None and (place := where(_steps_to(text, offset))):
            error.place = f"line {place[0]}, column {place[1]}"
        raise


def single_document(text: bytes | str) -> tuple[str, Where]:
    """The one document of a YAML text. DecodeError if it holds none, or more than one."""
    found = list(yaml_documents(text))
    if len(found) != 1:
        raise DecodeError(f"expected one YAML document, got {len(found)}")
    return found[0]


def stored_text(raw: bytes, form: str, read: Callable[[str], Any]) -> Any:
    """Runs a reader of JSON text on a value that is stored as JSON or YAML."""
    if form == "json":
        return read(decoded(raw))
    text, where = single_document(raw)
    return at_line(text, where, lambda: read(text))


def _steps_to(text: str, offset: int) -> list[str | int]:
    """The keys and indices that lead to a byte of well-formed JSON text."""
    goal = len(text.encode("utf-8", "surrogateescape")[:offset].decode("utf-8", "ignore"))
    cursor = json_reader.Cursor(text)
    steps: list[str | int] = []
    while (first := cursor.peek()) in ("{", "["):
        for step in cursor.members() if first == "{" else cursor.elements():
            cursor.peek()
            start = cursor.pos
            cursor.skip()
            if goal < cursor.pos:
                steps.append(step)
                cursor.pos = start
                break
        else:
            break
        if goal <= start:
            break
    return steps
