"""Stored bytes ⇄ object: what a value in etcd can be, told by its first bytes.

Source: apimachinery pkg/runtime/serializer/{protobuf,json,cbor}, apiserver pkg/storage/value.
"""

from __future__ import annotations

from codec import overload, twin
from codec.errors import DecodeError, EncodeError, EncryptedError, NotRegisteredError
from codec.schema import builtin
from codec.wire import LENGTH_DELIMITED, WIRE_TYPE_NAMES, Reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    from codec.api import Message, Unregistered
    from codec.schema import MessageSchema, Record

    M = TypeVar("M", bound=Message)

MAGIC = b"k8s\0"  # before the envelope of every protobuf value; serializer/protobuf/protobuf.go
ENCRYPTED = b"k8s:enc:"  # before an encrypted value; apiserver pkg/server/options/encryptionconfig
CBOR = b"\xd9\xd9\xf7"  # the self-described CBOR tag; serializer/cbor/internal/modes
WHITESPACE = b" \t\r\n"

# Groups whose kinds the API server stores as JSON although they have protobuf messages: its own extension servers.
JSON_GROUPS = frozenset(("apiextensions.k8s.io", "apiregistration.k8s.io"))


# fields of runtime.Unknown
TYPE_META, RAW, CONTENT_ENCODING, CONTENT_TYPE = 1, 2, 3, 4
ENVELOPE_FIELDS = ("", "typeMeta", "raw", "contentEncoding", "contentType")
# fields of runtime.TypeMeta
API_VERSION, KIND = 1, 2

TAIL = b"\x1a\x00\x22\x00"  # empty contentEncoding and contentType, which every stored value ends with


def form_of(raw: bytes) -> str:
    """What a stored value is: "protobuf", "encrypted", "cbor", "json", "yaml" or "" for anything else."""
    if raw.startswith(MAGIC):
        return "protobuf"
    if raw.startswith(ENCRYPTED):
        return "encrypted"
    if raw.startswith(CBOR):
        return "cbor"
    if raw.lstrip(WHITESPACE).startswith(b"{"):
        return "json"
    return "yaml" if is_yaml(raw) else ""


def is_yaml(data: bytes, start: int = 0) -> bool:
    """Whether a value stored as YAML begins here: a word and a colon, and apiVersion at the start of a line.

    API servers write such values with `--storage-media-type=application/yaml`, keys sorted.
    """
    word, colon, _ = data[start : start + 64].partition(b":")
    return bool(colon) and word.isalpha() and (word == b"apiVersion" or data.find(b"\napiVersion:", start) >= 0)


def check_readable(raw: bytes) -> str:
    """The form of a value that can be read, or the error that says why it cannot."""
    form = form_of(raw)
    if form == "encrypted":
        provider, key_name = encrypted_with(raw)
        raise EncryptedError(provider, key_name)
    if form == "cbor":
        raise DecodeError("the value is CBOR, which this release does not read", offset=0)
    if not form:
        raise DecodeError(_unrecognised(raw), offset=0)
    return form


def encrypted_with(raw: bytes) -> tuple[str, str]:
    """Provider and key name of an encrypted value: `k8s:enc:aescbc:v1:key1:…`, `k8s:enc:kms:v2:name:…`."""
    parts = raw[len(ENCRYPTED) :].split(b":", 3)
    provider = parts[0].decode("utf-8", "backslashreplace")
    named = len(parts) == 4 or (len(parts) == 3 and parts[0] == b"kms")
    return provider, parts[2].decode("utf-8", "backslashreplace") if named else ""


def _unrecognised(raw: bytes) -> str:
    if not raw:
        return "the value is empty"
    if raw.startswith(b"k8s"):
        return "the value begins with k8s, but no NUL follows: the magic is `k8s\\0`"
    return "not a stored Kubernetes value: neither `k8s\\0`, JSON, YAML, CBOR nor an encrypted value begins here"


class Envelope:
    """What stands around a message. `start` and `end` span the message in the value."""

    __slots__ = ("api_version", "content_encoding", "content_type", "end", "kind", "start")

    def __init__(self) -> None:
        self.api_version = self.kind = self.content_encoding = self.content_type = ""
        self.start = self.end = 0


def read_envelope(raw: bytes) -> Envelope:
    """Reads the envelope of a value that begins with the magic. Unknown fields of the envelope are passed over."""
    envelope = Envelope()
    reader = Reader(raw, len(MAGIC))
    try:
        while reader.pos < reader.end:
            start = reader.pos
            tag = reader.tag()
            number = tag >> 3
            if number > CONTENT_TYPE:
                reader.skip(tag)
                continue
            if tag & 7 != LENGTH_DELIMITED:
                raise DecodeError(_wrong_type(tag), ENVELOPE_FIELDS[number], start)
            end = reader.length_delimited()
            if number == TYPE_META:
                _read_type_meta(Reader(raw, reader.pos, end), envelope)
            elif number == RAW:
                envelope.start, envelope.end = reader.pos, end
            else:
                text = raw[reader.pos : end].decode("utf-8", "surrogateescape")
                if number == CONTENT_ENCODING:
                    envelope.content_encoding = text
                else:
                    envelope.content_type = text
            reader.pos = end
    except DecodeError as error:
        error.inside("envelope")
        if error.offset == len(raw) and raw.endswith(b"\n"):
            error.problem = "a newline follows the value, as etcdctl prints it; it is no part of the value"
            error.offset = len(raw) - 1
        raise
    return envelope


def _wrong_type(tag: int) -> str:
    return f"wire type {WIRE_TYPE_NAMES[tag & 7]} where length-delimited was expected"


def _read_type_meta(reader: Reader, envelope: Envelope) -> None:
    while reader.pos < reader.end:
        start = reader.pos
        tag = reader.tag()
        number = tag >> 3
        if number > KIND:
            reader.skip(tag)
            continue
        if tag & 7 != LENGTH_DELIMITED:
            raise DecodeError(_wrong_type(tag), ("", "typeMeta.apiVersion", "typeMeta.kind")[number], start)
        text = reader.read_bytes().decode("utf-8", "surrogateescape")
        if number == API_VERSION:
            envelope.api_version = text
        else:
            envelope.kind = text


def unwrap(raw: bytes, unnamed: MessageSchema | None = None) -> tuple[str, str, MessageSchema | None, Any]:
    """apiVersion, kind, schema and record of a protobuf value; for an unregistered kind None and the inner bytes.

    unnamed: the schema of a message whose envelope names no kind, as that of a WatchEvent; without it an error.
    """
    envelope = read_envelope(raw)
    schema = builtin().find(envelope.api_version, envelope.kind) if envelope.kind else unnamed
    if schema is None:
        if not envelope.kind:
            raise DecodeError("the envelope names no kind", offset=len(MAGIC))
        return envelope.api_version, envelope.kind, None, raw[envelope.start : envelope.end]
    from codec import message

    try:
        record = message.decode(schema, Reader(raw, envelope.start, envelope.end))
    except DecodeError as error:
        error.inside(envelope.kind or schema.class_name)
        raise
    if schema.type_meta:
        record[0], record[1] = envelope.api_version, envelope.kind
    return envelope.api_version, envelope.kind, schema, record


def wrap(api_version: str, kind: str, inner: bytes) -> bytes:
    """The value that the API server stores for a message: fields in order, with the empty ones at the end."""
    from codec.wire.writer import length_delimited

    type_meta = b"".join(
        length_delimited(number, text.encode("utf-8", "surrogateescape"))
        for number, text in ((API_VERSION, api_version), (KIND, kind))
    )
    return b"".join((MAGIC, length_delimited(TYPE_META, type_meta), length_delimited(RAW, inner), TAIL))


@overload
def decode(raw: bytes, cls: None = None, *, key: str | None = None, decryptor: Any = None) -> Message: ...


@overload
def decode(raw: bytes, cls: type[M], *, key: str | None = None, decryptor: Any = None) -> M: ...


def decode(raw: bytes, cls: Any = None, *, key: str | None = None, decryptor: Any = None) -> Any:
    """Stored bytes → the typed object; Unstructured or Unregistered where no class is registered.

    cls: the class that is expected; another kind is a DecodeError, and a value that names no kind, as that of a
    WatchEvent, is read as this class. key: the value's etcd key, which some ciphers authenticate. decryptor: what
    opens encrypted values, `(provider, data, key) -> bytes`.

    DecodeError with path and offset, EncryptedError for an encrypted value without decryptor.
    """
    if decryptor is not None and form_of(raw) == "encrypted":
        raw = decryptor(raw, key)
    if twin is not None:
        made = twin.decode(raw)
        if made is not None and (cls is None or isinstance(made, cls)):
            return made
    named = cls if getattr(cls, "_proto", "") else None
    found: Message
    form = check_readable(raw)

    from codec.message.objects import expected, expected_kind, from_record, schema_of

    if form == "protobuf":
        api_version, kind, schema, content = unwrap(raw, named and schema_of(named))
        if schema is None:
            from codec.api import Unregistered

            found = Unregistered(apiVersion=api_version, kind=kind, raw=content)
        else:
            if named is not None and not kind and schema.type_meta:
                content[:2] = expected_kind(named, api_version, kind)
            found = from_record(schema, content)
    else:
        from codec.text.reading import stored_text

        found = stored_text(raw, form, lambda text: _decode_json(text, named))
    return expected(cls, found)


def _decode_json(text: str, cls: type[Message] | None) -> Any:
    """A value stored as text. What its class has no field for is kept, in an Unstructured object, and reported."""
    from codec.text.objects import from_json

    try:
        return from_json(text, cls)
    except DecodeError as error:
        if cls is not None or not error.problem.startswith("unknown field"):
            raise
        return _unstructured(text, error)


def _unstructured(text: str, error: DecodeError) -> Any:
    from codec.api import Unstructured
    from codec.errors import warn_caller
    from codec.text import json_plain, json_reader

    warn_caller(f"{error}: the object is kept as it is, without its class")
    content = json_plain.read(json_reader.Cursor(text))
    return Unstructured(apiVersion=content.pop("apiVersion"), kind=content.pop("kind"), content=content)


def is_stored_as_json(api_version: str) -> bool:
    """Whether the API server stores kinds of this group as JSON: CustomResourceDefinition and APIService."""
    return isinstance(api_version, str) and api_version.partition("/")[0] in JSON_GROUPS


def encode(obj: Message, *, form: str | None = None) -> bytes:
    """An object → the bytes that the API server would store.

    form: "protobuf" or "json" instead of what the API server takes for this kind. EncodeError with the path of a
    value that does not fit; NotRegisteredError for an object that is no kind.
    """
    if twin is not None and form is None:
        stored: bytes | None = twin.encode(obj)
        if stored is not None:
            return stored
    from codec.api import Unregistered, Unstructured
    from codec.message.objects import schema_of, to_record
    from codec.text.objects import to_json

    if form not in (None, "protobuf", "json"):
        raise ValueError(f'form is "protobuf" or "json", not {form!r}')
    if isinstance(obj, Unregistered) and form != "json":
        return _wrap_unregistered(obj)
    if isinstance(obj, Unstructured):
        if form == "protobuf":
            raise NotRegisteredError(f"{obj.apiVersion} {obj.kind} has no protobuf message")
        for name in ("apiVersion", "kind"):
            if not (isinstance(getattr(obj, name), str) and getattr(obj, name)):
                raise EncodeError(f"the object has no {name}")
        return to_json(obj) + b"\n"
    if isinstance(obj, Unregistered):
        return to_json(obj)
    schema = schema_of(type(obj))
    if not schema.type_meta and builtin().kind_of(schema) is None:
        raise NotRegisteredError(f"{schema.class_name} is no kind: it is stored only as a part of one")
    try:
        record = to_record(obj, schema)
    except EncodeError as error:
        error.inside(schema.class_name)
        raise
    if form == "json" or (form is None and schema.type_meta and is_stored_as_json(record[0])):
        _check_kind(schema, record)
        return to_json(obj) + b"\n"
    return write_protobuf(schema, record)


def _wrap_unregistered(obj: Unregistered) -> bytes:
    for name, value, wanted in (("apiVersion", obj.apiVersion, str), ("kind", obj.kind, str), ("raw", obj.raw, bytes)):
        if not isinstance(value, wanted):
            raise EncodeError(f"expected {wanted.__name__}, got {type(value).__name__}", name)
    try:
        return wrap(obj.apiVersion, obj.kind, obj.raw)
    except UnicodeEncodeError as error:
        raise EncodeError(f"character {error.start} of apiVersion or kind is a lone surrogate") from None


def _check_kind(schema: MessageSchema, record: Record[Any]) -> None:
    if schema.type_meta and builtin().find(record[0], record[1]) is not schema:
        problem = f"{record[0]!r} {record[1]!r} is not registered for this class"
        raise EncodeError(problem, schema.class_name)


def write_protobuf(schema: MessageSchema, record: Record[Any]) -> bytes:
    """The protobuf value of a record, whose apiVersion and kind must be registered for its message.

    A kind that has neither, as WatchEvent, stands in an envelope that names none.
    """
    from codec.message.encode import encode as encode_message

    api_version, kind = record[:2] if schema.type_meta else ("", "")
    _check_kind(schema, record)
    try:
        inner = encode_message(schema, record)
    except EncodeError as error:
        error.inside(schema.class_name)
        raise
    return wrap(api_version, kind, inner)
