"""The promise for hostile input, as checks: an object or a CodecError, and what decodes is encoded again and printed.

Shared by the tests of this folder and by scripts/fuzz. A check returns quietly, or lets out what broke the promise.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import codec
from codec.storage import JSON_GROUPS

Check = Callable[[bytes], None]

# A Time in the first second of year 1 and not at its start is no zero, and loses its fraction on the wire, in Go too:
# read back it is the zero, which is written as nothing.
FIRST_SECOND = b"\x08\x80\x92\xb8\xc3\x98\xfe\xff\xff\xff\x01\x10\x00"


class BrokenPromise(AssertionError):
    """Two roads of the library do not agree, or a value came back changed."""


def _attempt(road: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    """The road's answer, or the CodecError that it ended in. Anything else flies."""
    try:
        return road(*arguments, **options)
    except codec.CodecError as error:
        if not str(error):
            raise BrokenPromise(f"{road.__name__} raised an error without words") from error
        return error


def _agree(name: str, one: Any, other: Any) -> None:
    """Both failed, or both gave the same."""
    if isinstance(one, codec.CodecError) and isinstance(other, codec.CodecError):
        return
    if type(one) is not type(other) or one != other:
        raise BrokenPromise(f"{name}: {one!r:.200} is not {other!r:.200}")


def check_object(obj: Any) -> None:
    """An object that was read: it encodes, what is encoded reads back to the same bytes, and its text forms print."""
    protobuf = not isinstance(obj, codec.Unstructured)
    if protobuf:
        raw = codec.encode(obj, form="protobuf")
        # A kind without apiVersion and kind, as WatchEvent, stands in an envelope that names none.
        cls = None if getattr(obj, "kind", "") else type(obj)
        again = codec.encode(codec.decode(raw, cls), form="protobuf")
        if FIRST_SECOND in raw and again != raw:
            raw, again = again, codec.encode(codec.decode(again, cls), form="protobuf")
        if again != raw:
            raise BrokenPromise(f"encode gave {raw!r:.200} first and {again!r:.200} then")
    stored = _attempt(codec.encode, obj)
    if isinstance(stored, codec.CodecError) and obj.apiVersion.partition("/")[0] not in JSON_GROUPS:
        raise BrokenPromise(f"what was decoded does not encode: {stored}") from stored
    text = _attempt(codec.to_json, obj)
    _agree("to_json and to_yaml", _kind(text), _kind(_attempt(codec.to_yaml, obj)))
    mapping = _attempt(codec.to_dict, obj)
    if isinstance(text, codec.CodecError) and not isinstance(mapping, codec.CodecError):
        # The other way is well: raw JSON holds numbers that no float does.
        raise BrokenPromise(f"to_dict printed what to_json did not: {text}") from text
    if protobuf:  # of a custom resource it is that of Python's own lists and dicts, which recurse
        repr(obj)


def _kind(answer: Any) -> Any:
    """What two forms of a text have in common: whether there is one."""
    return answer if isinstance(answer, codec.CodecError) else True


def check_stored(raw: bytes) -> None:
    """Stored bytes on the road of objects and on the fast one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", codec.UnknownFieldsWarning)
        obj = _attempt(codec.decode, raw)
        text = _attempt(codec.storage_to_json, raw)
        _agree("storage_to_json and storage_to_yaml", _kind(text), _kind(_attempt(codec.storage_to_yaml, raw)))
        if isinstance(obj, codec.CodecError):
            _agree("decode and storage_to_json", obj, text)
            return
        check_object(obj)
        _agree("to_json and storage_to_json", _attempt(codec.to_json, obj), text)


def check_json(data: bytes) -> None:
    """JSON text, by itself and as a stored value."""
    check_stored(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", codec.UnknownFieldsWarning)
        obj = _attempt(codec.from_json, data)
        stored = _attempt(codec.json_to_storage, data)
        if isinstance(obj, codec.CodecError):
            _agree("from_json and json_to_storage", obj, stored)
        else:
            check_object(obj)
            _agree("encode and json_to_storage", _attempt(codec.encode, obj), stored)
        lenient = _attempt(codec.from_json, data, allow_unknown=True)
        if not isinstance(obj, codec.CodecError):
            _agree("from_json with and without allow_unknown", codec.to_json(lenient), codec.to_json(obj))


def check_yaml(data: bytes) -> None:
    """YAML text, of any number of documents, and as a stored value."""
    check_stored(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", codec.UnknownFieldsWarning)
        found = _attempt(lambda: list(codec.from_yaml_all(data)))
        one = _attempt(codec.from_yaml, data)
        if isinstance(found, codec.CodecError):
            _agree("from_yaml_all and from_yaml", found, one)
            return
        for obj in found:
            check_object(obj)


CHECKS: dict[str, Check] = {"stored": check_stored, "json": check_json, "yaml": check_yaml}
