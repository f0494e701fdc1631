"""Bytes that people have → the stored values in them: told by their first bytes, then tried, never guessed.

Source of the forms: etcdctl ctlv3/command/printer*.go, apimachinery pkg/runtime/serializer.
"""

from __future__ import annotations

from codec.errors import DecodeError
from codec.source.key_value import KeyValue
from codec.storage import CBOR, ENCRYPTED, MAGIC, WHITESPACE, is_yaml

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def recognise(data: bytes, origin: str = "") -> Iterator[KeyValue]:
    """The stored values that the bytes hold, in their order.

    Bare values, with or without etcdctl's newline; what `etcdctl get` prints: plain, `-w json`, `-w fields`,
    `-w protobuf`, `--hex`; hex, hex dumps and base64 as text; lines of `k8s-codec encode -o jsonl`; HTTP bodies
    and watch streams. What is none of these comes back as one value, whose decoding says what is wrong with it.

    DecodeError, with advice, for bytes that a terminal changed and for values that cannot be told apart.
    """
    for found in _values(data):
        found.origin = f"{origin}[{found.origin}]" if found.origin else origin
        yield found


def _values(data: bytes) -> Iterator[KeyValue]:
    if not data:
        raise DecodeError("the input is empty: etcdctl prints nothing for a key that is not there")
    if data.startswith((MAGIC, b"/")):
        from codec.source.plain import values

        return values(data)
    if data.startswith((ENCRYPTED, CBOR)):
        return iter((KeyValue(data),))
    if data.lstrip(WHITESPACE).startswith(b"{"):
        from codec.source import json_text

        return json_text.values(data)
    if data.startswith(b'"'):
        from codec.source import etcdctl_fields

        return etcdctl_fields.values(data)
    from codec.source import binary_text, watch_stream

    if is_yaml(data):
        return iter((KeyValue(data[:-1] if data.endswith(b"\n\n") else data),))

    if watch_stream.begins(data):
        return watch_stream.values(data)
    rows = watch_stream.range_response(data)
    if rows is not None:
        return iter(rows)
    inner = binary_text.read(data)
    if inner is not None:
        return _values(inner)
    from codec.source.mangled import check

    check(data)
    return iter((KeyValue(data),))
