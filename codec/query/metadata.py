"""What a stored object says of itself: its kind and ObjectMeta, read without the rest and without a schema.

Every kind has its ObjectMeta in field 1; apimachinery pkg/apis/meta/v1/generated.proto has the numbers within.
"""

from __future__ import annotations

from codec.errors import DecodeError
from codec.storage import check_readable, read_envelope
from codec.wire import LENGTH_DELIMITED, VARINT, Reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

METADATA = 1  # of every kind
# fields of ObjectMeta
NAME, NAMESPACE, UID, GENERATION, CREATED, DELETED, LABELS = 1, 3, 5, 7, 8, 9, 11
_TEXTS = {NAME: "name", NAMESPACE: "namespace", UID: "uid"}
_TIMES = {CREATED: "created", DELETED: "deleted"}
ENTRY_KEY, ENTRY_VALUE = 1, 2
SECONDS = 1  # of Time


class Metadata:
    """Kind and metadata of an object; "" and None where it has none.

    created, deleted: creationTimestamp and deletionTimestamp, in seconds since 1970.
    """

    __slots__ = ("api_version", "created", "deleted", "kind", "labels", "name", "namespace", "uid")

    def __init__(self) -> None:
        self.api_version = self.kind = self.name = self.namespace = self.uid = ""
        self.created: int | None = None
        self.deleted: int | None = None
        self.labels: dict[str, str] = {}


def read_metadata(raw: bytes) -> Metadata:
    """The metadata of a stored value. DecodeError and EncryptedError as of decode."""
    form = check_readable(raw)
    found = Metadata()
    if form == "protobuf":
        envelope = read_envelope(raw)
        found.api_version, found.kind = envelope.api_version, envelope.kind
        try:
            _read_message(Reader(raw, envelope.start, envelope.end), found)
        except DecodeError as error:
            error.inside(found.kind)
            raise
    else:
        _read_tree(_text_tree(raw, form), found)
    return found


def read_times(raw: bytes) -> tuple[int | None, int | None]:
    """created and deleted of Metadata, alone: what lists of many objects want to know. Errors as of read_metadata."""
    try:
        return _times_in_front(raw)
    except (_UnusualError, IndexError):
        found = read_metadata(raw)
        return found.created, found.deleted


class _UnusualError(Exception):
    """A value is not written the way that API servers do; it may be right all the same."""


def read_labels(raw: bytes) -> dict[str, str]:
    """labels of Metadata, alone: what a selector wants to know of many objects. Errors as of read_metadata."""
    try:
        return _labels_in_steps(raw)
    except (_UnusualError, IndexError):
        return read_metadata(raw).labels


def _object_meta(raw: bytes) -> tuple[int, int]:
    """Where the ObjectMeta of a protobuf value begins and ends."""
    if raw[:5] != b"k8s\0\x0a" or raw[5] > 0x7F:
        raise _UnusualError
    pos = 6 + raw[5]  # behind the TypeMeta
    end = len(raw)
    for tag in (0x12, METADATA << 3 | LENGTH_DELIMITED):  # the message in the envelope, ObjectMeta in the message
        if raw[pos] != tag:
            raise _UnusualError
        start = pos + 1
        pos = _after_varint(raw, start)
        outer, end = end, pos + _varint(raw, start, pos)
        if end > outer:
            raise _UnusualError
    if end < outer and raw[end] == METADATA << 3 | LENGTH_DELIMITED:
        raise _UnusualError  # it goes on in a second part
    return pos, end


def _labels_in_steps(raw: bytes) -> dict[str, str]:
    pos, end = _object_meta(raw)
    labels: dict[str, str] = {}
    while pos < end:
        tag = raw[pos]
        if tag > 0x7F:  # a tag of two bytes: fields from 16 on
            pos += 1
            if raw[pos] > 0x7F:
                raise _UnusualError
        if tag & 7 == VARINT:
            pos = _after_varint(raw, pos + 1)
            continue
        if tag & 7 != LENGTH_DELIMITED:
            raise _UnusualError
        start, after = _content(raw, pos, end)
        pos = after
        if tag == LABELS << 3 | LENGTH_DELIMITED:
            # An entry has its key, then its value; both are short.
            if raw[start] != ENTRY_KEY << 3 | LENGTH_DELIMITED or raw[start + 1] > 0x7F:
                raise _UnusualError
            middle = start + 2 + raw[start + 1]
            if raw[middle] != ENTRY_VALUE << 3 | LENGTH_DELIMITED or middle + 2 + raw[middle + 1] != after:
                raise _UnusualError
            labels[_text(raw[start + 2 : middle])] = _text(raw[middle + 2 : after])
    if pos != end:
        raise _UnusualError
    return labels


def _times_in_front(raw: bytes) -> tuple[int | None, int | None]:
    """The times of a protobuf value whose fields stand in order, the way there in single steps."""
    pos, end = _object_meta(raw)
    created: int | None = None
    is_created_seen = False
    while pos < end:
        tag = raw[pos]
        if tag > DELETED << 3 | LENGTH_DELIMITED and is_created_seen:
            return created, None
        if tag == GENERATION << 3 | VARINT:
            pos = _after_varint(raw, pos + 1)
            continue
        if tag & 7 != LENGTH_DELIMITED:
            raise _UnusualError
        start, after = _content(raw, pos, end)
        if tag > DELETED << 3 | LENGTH_DELIMITED:
            raise _UnusualError
        if tag >= CREATED << 3 | LENGTH_DELIMITED:
            seconds = None
            if start < after:
                if raw[start] != SECONDS << 3 | VARINT:
                    raise _UnusualError
                stop = _after_varint(raw, start + 1)
                if stop - start > 9:
                    raise _UnusualError  # before 1970, or many thousand years away
                seconds = _varint(raw, start + 1, stop)
            if tag == DELETED << 3 | LENGTH_DELIMITED:
                return created, seconds
            created, is_created_seen = seconds, True
        pos = after
    if not is_created_seen:
        raise _UnusualError
    return created, None


def _content(raw: bytes, pos: int, end: int) -> tuple[int, int]:
    """Where the content of the length-delimited field, whose tag ends at `pos`, begins and ends."""
    start = pos + 2
    after = start + raw[pos + 1]
    if raw[pos + 1] > 0x7F:
        start = _after_varint(raw, pos + 2)
        after = start + _varint(raw, pos + 1, start)
    if after > end:
        raise _UnusualError
    return start, after


def _after_varint(raw: bytes, pos: int) -> int:
    while raw[pos] > 0x7F:
        pos += 1
    return pos + 1


def _varint(raw: bytes, start: int, end: int) -> int:
    if end - start == 1:
        return raw[start]
    number = 0
    for place in range(end - 1, start - 1, -1):
        number = number << 7 | raw[place] & 0x7F
    return number


def _read_message(reader: Reader, found: Metadata) -> None:
    while reader.pos < reader.end:
        tag = reader.tag()
        if tag != METADATA << 3 | LENGTH_DELIMITED:
            # Fields come in order of their numbers: metadata is over. In another order it is looked for.
            if found.name and tag >> 3 > METADATA:
                return
            reader.skip(tag)
            continue
        end = reader.length_delimited()
        try:
            _read_object_meta(Reader(reader.data, reader.pos, end), found)
        except DecodeError as error:
            error.inside("metadata")
            raise
        reader.pos = end


def _read_object_meta(reader: Reader, found: Metadata) -> None:
    while reader.pos < reader.end:
        tag = reader.tag()
        number = tag >> 3
        if tag & 7 != LENGTH_DELIMITED:
            reader.skip(tag)
        elif number in _TEXTS:
            setattr(found, _TEXTS[number], _text(reader.read_bytes()))
        elif number in _TIMES:
            end = reader.length_delimited()
            setattr(found, _TIMES[number], _seconds(Reader(reader.data, reader.pos, end)))
            reader.pos = end
        elif number == LABELS:
            end = reader.length_delimited()
            key, value = _entry(Reader(reader.data, reader.pos, end))
            found.labels[key] = value
            reader.pos = end
        else:
            reader.skip(tag)


def _text(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")


def _seconds(reader: Reader) -> int | None:
    """The seconds of a Time; None for the zero one, which is written as an empty message."""
    found = None if reader.pos == reader.end else 0
    while reader.pos < reader.end:
        tag = reader.tag()
        if tag == SECONDS << 3 | VARINT:
            number = reader.varint()
            found = (number ^ 1 << 63) - (1 << 63)
        else:
            reader.skip(tag)
    return found


def _entry(reader: Reader) -> tuple[str, str]:
    key = value = ""
    while reader.pos < reader.end:
        tag = reader.tag()
        if tag == ENTRY_KEY << 3 | LENGTH_DELIMITED:
            key = _text(reader.read_bytes())
        elif tag == ENTRY_VALUE << 3 | LENGTH_DELIMITED:
            value = _text(reader.read_bytes())
        else:
            reader.skip(tag)
    return key, value


def _text_tree(raw: bytes, form: str) -> Any:
    """A value stored as text, as dicts and lists; the standard library's reader is the quicker one here."""
    if form == "json":
        import json

        try:
            return json.loads(raw.decode("utf-8", "surrogateescape"))
        except (ValueError, RecursionError) as error:
            raise DecodeError(f"the value is no JSON: {error}") from None
    from codec.text import json_plain, json_reader
    from codec.text.reading import stored_text

    return stored_text(raw, form, lambda text: json_plain.read(json_reader.Cursor(text)))


def _read_tree(tree: Any, found: Metadata) -> None:
    if not isinstance(tree, dict):
        raise DecodeError("the value is no object")
    found.api_version, found.kind = _string(tree, "apiVersion"), _string(tree, "kind")
    metadata = tree.get("metadata")
    if not isinstance(metadata, dict):
        return
    found.name, found.namespace = _string(metadata, "name"), _string(metadata, "namespace")
    found.uid = _string(metadata, "uid")
    found.created, found.deleted = (_time(metadata, name) for name in ("creationTimestamp", "deletionTimestamp"))
    labels = metadata.get("labels")
    if isinstance(labels, dict):
        found.labels = {key: value for key, value in labels.items() if isinstance(value, str)}


def _string(tree: dict[str, Any], name: str) -> str:
    value = tree.get(name)
    return value if isinstance(value, str) else ""


def _time(metadata: dict[str, Any], name: str) -> int | None:
    text = _string(metadata, name)
    if not text:
        return None
    from codec.types import Time

    try:
        return Time.parse(text).seconds
    except ValueError:
        return None
