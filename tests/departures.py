"""Where the codec means to differ from the real Kubernetes code, and why. Anything else that differs is a fault.

Each entry has an example that must still differ: tests/test_departures.py asks the real code.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import codec
from codec.text.yaml_reader import documents
from codec.text.yaml_writer import _natural
from codec.types import AbsentBytes, RawJSON

# What a codec can be asked for one input; "read" is the answer that it cannot be read at all.
READ, RAW, JSON, YAML = "read", "raw", "json", "yaml"


@dataclass
class Difference:
    """One answer that is not Go's.

    op: the oracle's word for the direction: decode, encode_json, encode_yaml. form: which answer. go, ours: the
    bytes, or None where there are none and the error says why. json: what Go prints of the object, if it does.
    """

    op: str
    form: str
    given: bytes
    go: bytes | None
    ours: bytes | None
    go_error: str = ""
    our_error: str = ""
    json: bytes = b""


@dataclass
class Departure:
    """reason: why it is so. covers: whether a difference is this one. op, given: an example. forms: where it differs.

    once: the example differs at times only, because what Go does is left to chance.
    """

    name: str
    reason: str
    covers: Callable[[Difference], bool]
    op: str
    given: bytes
    forms: frozenset[str]
    once: bool = False


def stored(api_version: bytes, kind: bytes, message: bytes) -> bytes:
    """A stored value of fewer than 128 bytes in each part."""
    names = b"\n" + bytes((len(api_version),)) + api_version + b"\x12" + bytes((len(kind),)) + kind
    return b"k8s\0\n" + bytes((len(names),)) + names + b"\x12" + bytes((len(message),)) + message + b"\x1a\0\x22\0"


def spelled_out(raw: bytes, *, without_fields: bool = False) -> bytes:
    """The value with empty bytes in map entries that have none, and, if asked for, without those of FieldsV1."""

    def walk(obj: Any) -> None:
        parts = obj.values() if isinstance(obj, dict) else obj if isinstance(obj, list) else ()
        if isinstance(obj, codec.Message):
            parts = [getattr(obj, name) for name in obj.__struct_fields__]
            if without_fields and getattr(obj, "fieldsV1", None) == RawJSON(b""):
                obj.fieldsV1 = RawJSON()  # type: ignore[attr-defined]
        for part in parts:
            walk(part)
        for key in obj if isinstance(obj, dict) else ():
            obj[key] = b"" if type(obj[key]) is AbsentBytes else obj[key]

    found = codec.decode(raw)
    walk(found)
    return codec.encode(found, form="protobuf")


# What Go's YAML, made by reading its own JSON as YAML, refuses or loses.
_UNPRINTABLE = re.compile(rb"\x7f|\xc2[\x80-\x9f]|\xef\xbf[\xbe\xbf]|\\/|\\u[dD][89abAB]|\\u00[89]|\\ufff[ef]")


_UNVERSIONED = re.compile(
    rb'\{"kind":"(?:Status|APIVersions|APIGroup|APIGroupList|APIResourceList)","apiVersion":"(?!v1")'
)


def _reads_back(yaml: bytes, printed: bytes) -> bool:
    """Whether our YAML says what Go's JSON says, apart from how numbers are written."""

    def number(text: str) -> float | str:
        # What is beyond a float64 is a string when YAML is read, as with Go.
        return text if math.isinf(float(text)) else float(text)

    def meaning(text: str) -> Any:
        found = json.loads(text, parse_int=number, parse_float=number)
        # What is no Unicode in raw JSON, half of a surrogate pair or an invalid byte, is U+FFFD when it is read.
        return json.loads(re.sub("[\ud800-\udfff]", "\ufffd", json.dumps(found, ensure_ascii=False)))

    if b'"\\u003c\\u003c":' in printed:  # a key <<, which Go prints without quotes, cannot be read back, as with Go
        return True
    ((text, _),) = documents(yaml)
    return bool(meaning(text) == meaning(printed.decode("utf-8", "surrogateescape")))


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _order_is_open(printed: bytes) -> bool:
    """Whether some object in the JSON has keys that goyaml.v2's comparison does not order.

    Its relation has circles, such as a12 < a1b < a2 < a12, and Go's sort then starts from a random order. Which
    characters are letters is a matter of the Unicode release, which is 15.0 in Go and Python's own here.
    """
    objects: list[dict[str, Any]] = []
    json.loads(printed.decode("utf-8", "replace"), object_hook=lambda found: objects.append(found) or found)
    for found in objects:
        if any(unicodedata.category(char) == "Cn" or ord(char) in _NEWER for key in found for char in key):
            return True
        keys = {key: _natural((key, None)) for key in found}
        for one, two, three in permutations(keys, 3):
            if keys[one] < keys[two] and keys[two] < keys[three] and keys[three] < keys[one]:
                return True
    return False


_NEWER = frozenset((*range(0x2EBF0, 0x2EE5E), *range(0x31350, 0x323B0)))  # CJK of Unicode 15.0 and 15.1


def _same_lines(one: bytes, other: bytes) -> bool:
    """Whether two YAML texts have the same lines in another order; the first line of a list's item has a
    dash, that of a long key's value a colon."""

    def lines(text: bytes) -> Counter[bytes]:
        return Counter(line.lstrip(b" -:") for line in text.split(b"\n"))

    return lines(one) == lines(other)


# metadata.clusterName, which v0.24 dropped, and a field that no release has.
_WITH_DROPPED_FIELD = stored(b"v1", b"Namespace", b"\n\x03z\x01c")
_WITH_UNKNOWN_FIELD = stored(b"v1", b"Namespace", b"\xa0\x1f\x01")


def _crd(schema: bytes) -> bytes:
    return (
        b'{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition",'
        b'"spec":{"versions":[{"schema":{"openAPIV3Schema":' + schema + b"}}]}}"
    )


DEPARTURES = [
    Departure(
        "a quantity that does not parse is held",
        "Nothing in etcd may be out of reach: the object holds the text and writes it back; only JSON and YAML refuse.",
        lambda d: d.op == "decode" and d.form == READ and d.go is None and "quantit" in d.go_error,
        "decode",
        stored(b"v1", b"ResourceQuota", b"\x12\x0e\n\x0c\n\x03cpu\x12\x05\n\x03one"),
        frozenset({READ}),
    ),
    Departure(
        "a map entry without a value keeps none",
        "A real API server stores Secret {n: null} as an entry without a value; what is read is written back.",
        lambda d: d.op == "decode" and d.form == RAW and d.go == spelled_out(d.ours or b""),
        "decode",
        stored(b"v1", b"Secret", b"\x12\x03\n\x01n"),
        frozenset({RAW}),
    ),
    Departure(
        "FieldsV1 of no bytes keeps them",
        "Go drops the empty field since v0.36; what is read is written back.",
        lambda d: d.op == "decode" and d.form == RAW and d.go == spelled_out(d.ours or b"", without_fields=True),
        "decode",
        stored(b"v1", b"Namespace", b"\n\x07\x8a\x01\x04:\x02\n\0"),
        frozenset({RAW}),
    ),
    Departure(
        "duplicate keys are refused",
        "Which of two values is meant cannot be known. Go merges them, or takes the last; its strict mode names those "
        "of known fields alone.",
        lambda d: d.op != "decode" and d.form == READ and ("duplicate key" in d.our_error or "twice" in d.our_error),
        "encode_json",
        b'{"apiVersion":"v1","kind":"Namespace","metadata":{"labels":{"a":"1","a":"2"}}}',
        frozenset({READ}),
    ),
    Departure(
        "YAML of what Go's YAML refuses or loses",
        "Go makes YAML by reading its JSON as YAML, which refuses U+007F to U+009F, U+FFFE, U+FFFF and, in raw JSON, "
        "some escapes and bytes that are no UTF-8, and folds U+0085 away. Here they are printed, and read back.",
        lambda d: (
            d.form == YAML
            and d.ours is not None
            and (_UNPRINTABLE.search(d.json) is not None or not _is_utf8(d.json))
            and _reads_back(d.ours, d.json)
        ),
        "decode",
        stored(b"v1", b"Namespace", b"\n\x03\n\x01\x7f"),
        frozenset({YAML}),
    ),
    Departure(
        "YAML's escape \\/ is taken",
        "YAML 1.2 has it, so that JSON is YAML; libyaml knows it, its older port to Go does not.",
        lambda d: d.op == "encode_yaml" and d.form == READ and "unknown escape character" in d.go_error,
        "encode_yaml",
        b'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: "a\\/b"\n',
        frozenset({READ}),
    ),
    Departure(
        "YAML's ? inside a word of {} and [] is taken",
        "YAML 1.2 allows it; libyaml takes it, its older port to Go does not.",
        lambda d: (
            d.op == "encode_yaml" and d.form == READ and "did not find expected ','" in d.go_error and b"?" in d.given
        ),
        "encode_yaml",
        b"apiVersion: v1\nkind: Namespace\nmetadata: {name: a?}\n",
        frozenset({READ}),
    ),
    Departure(
        "a byte order mark inside a text is a character",
        "So it is in YAML; the port to Go loses its place where the mark begins what it has read ahead.",
        lambda d: (
            d.op == "encode_yaml"
            and d.form == READ
            and "did not find expected" in d.go_error
            and "\ufeff".encode() in d.given
        ),
        "encode_yaml",
        (
            b"\n"
            b"\n"
            b'kind: "APIGroupDiscoveryList"  \n'
            b'"metadata":  \n'
            b'  selfLink: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"\n'
            b'  resourceVersion: "TCP" # why: not\n'
            b'  continue: "\\xb3\\u205E/wgwe\\u201C"\n'
            b"  remainingItemCount: +9007199254740993  \n"
            b"  shardInfo:\n"
            b"    selector: |-\n"
            b"      a\n"
            b"\n"
            b"      b\n"
            b"items:\n"
            b"-\n"
            b"  metadata:\n"
            b'    creationTimestamp: "2024-02-29T12:00:00.0000000001+00:00" # why: not\n'
            b'    deletionTimestamp: "0001-01-01T00:00:00.999999999Z" # why: not\n'
            b'    labels: {"web": "TCP", "\xf3\x87\xa2\xa5hv\xe2\x81\x95": "\xef\xbb\xbf"}\n'
            b'  "versions":\n'
            b"  -  \n"
            b"    version: TCP\n"
            b'apiVersion: "apidiscovery.k8s.io/v2beta1" # why: not\n'
        ),
        frozenset({READ}),
    ),
    Departure(
        "YAML keys that upstream leaves in random order",
        "The comparison of goyaml.v2 has circles, so that its order is that of the day.",
        lambda d: (
            d.form == YAML
            and bool(d.go and d.ours)
            and _same_lines(d.go or b"", d.ours or b"")
            and _order_is_open(d.json)
        ),
        "encode_json",
        b'{"apiVersion":"v1","kind":"ConfigMap","data":{"a12":"","a1b":"","a2":"","a3":"","a1c":"","a13":""}}',
        frozenset({YAML}),
        once=True,
    ),
    Departure(
        "fields that newer releases dropped are known",
        "A value of an older cluster shows them and keeps them; to Go of the newest release they are unknown.",
        lambda d: d.given == _WITH_DROPPED_FIELD,
        "decode",
        _WITH_DROPPED_FIELD,
        frozenset({RAW, JSON, YAML}),
    ),
    Departure(
        "unknown fields are kept",
        "A value of a newer cluster comes back whole; Go drops what it does not know.",
        lambda d: d.given == _WITH_UNKNOWN_FIELD,
        "decode",
        _WITH_UNKNOWN_FIELD,
        frozenset({RAW}),
    ),
    Departure(
        "kinds that nobody registered are kept",
        "A protobuf value of such a kind is held as it is, JSON as custom resources are; Go's scheme refuses both.",
        lambda d: d.form == READ and d.go is None and "is registered for version" in d.go_error,
        "encode_json",
        b'{"apiVersion":"example.com/v1","kind":"Thing"}',
        frozenset({READ}),
    ),
    Departure(
        "an unversioned kind of another group is a custom resource",
        "Go's scheme takes Status, APIVersions and the discovery kinds under any apiVersion; but another group may "
        "have a custom resource of that name, and its fields would be lost.",
        lambda d: d.op != "decode" and d.form in (RAW, JSON, YAML) and _UNVERSIONED.match(d.json) is not None,
        "encode_json",
        b'{"apiVersion":"example.com/v1","kind":"Status"}',
        frozenset({RAW, JSON, YAML}),
    ),
    Departure(
        "an unknown field has no place in a map's entry",
        "It could not be kept, and an entry has no third field in any release. Go passes over it.",
        lambda d: d.form == READ and d.go is not None and "a map entry has no field" in d.our_error,
        "decode",
        stored(b"v1", b"ConfigMap", b"\x12\x05\n\x01k\x18\x01"),
        frozenset({READ}),
    ),
    Departure(
        "an unknown field has no place in a value in a list or map",
        "It could not be kept: Quantity, Time and the like hold a value. Go passes over it.",
        lambda d: d.form == READ and d.go is not None and "in a list or map holds an unknown field" in d.our_error,
        "decode",
        stored(b"v1", b"ResourceQuota", b"\x12\x0c\n\x0a\n\x01a\x12\x05\n\x011\x10\x01"),
        frozenset({READ}),
    ),
    Departure(
        "field numbers end where protobuf's do",
        "Numbers beyond 536870911 cannot be written by any encoder; Go passes over them.",
        lambda d: d.form == READ and "is out of range" in d.our_error and "field number" in d.our_error,
        "decode",
        stored(b"v1", b"ConfigMap", b"\x80\x80\x80\x80\x10\x01"),
        frozenset({READ}),
    ),
    Departure(
        "nesting ends at a hundred messages",
        "As in protobuf's own parsers, so that no input exhausts the stack; Go has no limit below ten thousand.",
        lambda d: d.form == READ and d.go is not None and "nested deeper than 100" in d.our_error,
        "encode_json",
        _crd(b'{"not":' * 100 + b"{}" + b"}" * 100),
        frozenset({READ}),
    ),
    Departure(
        "a wrong type in apiextensions' unions is refused",
        "items and dependencies take an object or a list; Go reads anything else as if it was not there.",
        lambda d: d.form == READ and d.go is not None and "expected an object or a list" in d.our_error,
        "encode_json",
        _crd(b'{"items":5}'),
        frozenset({READ}),
    ),
    Departure(
        "unknown keys below apiextensions' unions are refused",
        "As everywhere; Go's strict mode does not look below items, additionalProperties and dependencies.",
        lambda d: d.form == READ and d.go is not None and "unknown field" in d.our_error and "chema" in d.our_error,
        "encode_json",
        _crd(b'{"items":{"newer":1}}'),
        frozenset({READ}),
    ),
    Departure(
        "CBOR in raw JSON is not shown",
        "This release does not read CBOR; the bytes are held and written back. Go prints their JSON.",
        lambda d: d.form in (JSON, YAML) and d.ours is None and b"\xd9\xd9\xf7" in d.given,
        "decode",
        stored(b"apps/v1", b"ControllerRevision", b"\x12\x06\n\x04\xd9\xd9\xf7\xa0"),
        frozenset({JSON, YAML}),
    ),
]


def departure(difference: Difference) -> Departure | None:
    """The listed departure that a difference is, or None."""
    return next((entry for entry in DEPARTURES if entry.covers(difference)), None)
