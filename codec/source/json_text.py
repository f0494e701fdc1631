"""JSON texts: what `etcdctl -w json` prints, lines of {"key", "value"}, and values that are stored as JSON.

Which it is, the keys of the outermost object tell. JSON that is read here is only cut up; a stored value is given
with its exact bytes.
"""

from __future__ import annotations

from codec.errors import DecodeError
from codec.source.key_value import KeyValue

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

# attribute of KeyValue ← key in JSON
NUMBERS = ("create_revision", "mod_revision", "version", "lease")


def values(data: bytes) -> Iterator[KeyValue]:
    """The values of bytes that begin with `{`."""
    if b"\n{" not in data.lstrip() and not any(
        name in data for name in (b'"kvs"', b'"header"', b'"value"', b'"object"')
    ):
        return iter((_bare(data),))
    return _values(data)


def _bare(data: bytes) -> KeyValue:
    """One value. The API server ends it with a newline; etcdctl adds a second one."""
    if data.endswith(b"\r\n\r\n"):
        from codec.source.mangled import check

        check(data)
    return KeyValue(data[:-1] if data.endswith(b"\n\n") else data)


def _values(data: bytes) -> Iterator[KeyValue]:
    text = data.decode("latin-1")  # a character for each byte
    try:
        documents = list(_documents(text))
    except ValueError:
        # Values of other forms among them, or damaged.
        from codec.source import plain

        yield from plain.values(data)
        return
    for number, (content, start, end) in enumerate(documents):
        single = len(documents) == 1
        place = "" if single else str(number)
        if _is_row(content):
            yield _row(content, place)
        elif "apiVersion" in content and single:
            yield _bare(data)
        elif "apiVersion" in content:
            # The newline of the value itself comes before etcdctl's.
            yield KeyValue(data[start : end + data.startswith(b"\n\n", end)], origin=place)
        elif "type" in content and isinstance(content.get("object"), dict):
            yield _watched(data, text, start, f"{place} {content['type']}" if place else "")
        elif "kvs" in content or "header" in content:
            yield from _response(content, f"{place}." if place else "")
        else:
            yield KeyValue(data[start:end], origin=place)


def _watched(data: bytes, text: str, start: int, place: str) -> KeyValue:
    """The object of a watch event in JSON, with its exact bytes."""
    from codec.text.json_reader import Cursor

    cursor = Cursor(text)
    cursor.pos = start
    value = b""
    for name in cursor.members():
        cursor.peek()
        begin = cursor.pos
        cursor.skip()
        if name == "object":
            value = data[begin : cursor.pos]
    return KeyValue(value, origin=place)


def _documents(text: str) -> Iterator[tuple[dict[str, Any], int, int]]:
    """Each object of the text, with its start and end. ValueError for anything else."""
    from json import JSONDecoder

    decoder = JSONDecoder()
    pos = 0
    while True:
        while text[pos : pos + 1] in ("\n", " ", "\r", "\t"):
            pos += 1
        if pos == len(text):
            return
        try:
            content, end = decoder.raw_decode(text, pos)
        except RecursionError:
            raise ValueError("nested too deeply") from None
        if not isinstance(content, dict):
            raise ValueError("not an object")
        yield content, pos, end
        pos = end


def _is_row(content: dict[str, Any]) -> bool:
    """{"key", "value", …}, unless it is an object that has such members too."""
    return isinstance(content.get("key"), str) and isinstance(content.get("value"), str) and "metadata" not in content


def _response(content: dict[str, Any], place: str) -> Iterator[KeyValue]:
    """A RangeResponse. etcd's gateway prints the same, with its numbers as strings."""
    rows = content.get("kvs") or []
    if not isinstance(rows, list):
        raise DecodeError("expected a list", "kvs")
    if not rows:
        raise DecodeError("etcd's answer holds no key: nothing is stored under the one that was asked for")
    for number, row in enumerate(rows):
        if not isinstance(row, dict):
            raise DecodeError("expected an object", f"kvs[{number}]")
        try:
            yield _row(row, f"{place}{number}" if len(rows) > 1 or place else "")
        except DecodeError as error:
            error.inside(f"kvs[{number}]")
            raise


def _row(row: dict[str, Any], place: str) -> KeyValue:
    """{"key", "value", …}: both in base64, or the key as it is, as `encode -o jsonl` writes it."""
    key = row.get("key")
    if isinstance(key, str) and key.startswith("/"):
        found = KeyValue(_base64(row, "value"), key.encode("latin-1"), origin=place)
    else:
        found = KeyValue(_base64(row, "value"), _base64(row, "key") if key else None, origin=place)
    for name in NUMBERS:
        if name in row:
            setattr(found, name, _number(row, name))
        elif "mod_revision" in row:
            setattr(found, name, 0)  # etcdctl leaves zeros out
    return found


def _base64(row: dict[str, Any], name: str) -> bytes:
    from binascii import Error, a2b_base64

    text = row.get(name, "")
    if not isinstance(text, str):
        raise DecodeError("expected base64 text", name)
    try:
        return a2b_base64(text.encode("latin-1"), strict_mode=True) if text else b""
    except (Error, UnicodeEncodeError):
        raise DecodeError("bad base64", name) from None


def _number(row: dict[str, Any], name: str) -> int:
    value = row[name]
    if isinstance(value, str) and value.isdecimal() and len(value) < 20:
        return int(value)
    if not isinstance(value, int):
        raise DecodeError("expected an integer", name)
    return value
