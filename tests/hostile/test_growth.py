"""Time and memory in proportion to the input: sizes are doubled twice, and what is compared is the growth."""

from __future__ import annotations

import time
import tracemalloc
import warnings
from collections.abc import Callable
from typing import Any

import pytest
from hostile.handmade import END_GROUP, START_GROUP, config_map, crd, field, nested, number_field, stored, tag, varint

import codec

Make = Callable[[int], bytes]
UNKNOWN = number_field(99, 1)
CUSTOM = b'{"apiVersion":"x/v1","kind":"K","spec":%s}'


def revision(raw: bytes) -> bytes:
    """A ControllerRevision whose data is this raw JSON."""
    return stored("apps/v1", "ControllerRevision", field(2, field(1, raw)))


def numbered(count: int, form: str, separator: str = ",") -> bytes:
    return separator.join(form % number for number in range(count)).encode()


WIRE: dict[str, Make] = {
    "metadata in many parts": lambda n: config_map(field(1, field(1, "a")) * n),
    "unknown fields": lambda n: config_map(UNKNOWN * n),
    "unknown fields, each of another number, falling": lambda n: config_map(
        b"".join(number_field(99 + number, 1) for number in range(n, 0, -1))
    ),
    "unknown fields in metadata": lambda n: config_map(field(1, UNKNOWN * n)),
    "unknown fields in metadata in many parts": lambda n: config_map(field(1, UNKNOWN) * n),
    "unknown fields in a time": lambda n: config_map(field(1, field(8, UNKNOWN * n))),
    "unknown fields in a time in many parts": lambda n: config_map(field(1, field(8, UNKNOWN) * n)),
    "unknown fields in embedded structs in many parts": lambda n: stored(
        "v1", "Pod", field(2, field(1, field(2, UNKNOWN) * n))
    ),
    "map entries": lambda n: config_map(b"".join(field(2, field(1, str(key)) + field(2, "")) for key in range(n))),
    "map entries of one key": lambda n: config_map(field(2, field(1, "a")) * n),
    "map entry of many keys": lambda n: config_map(field(2, field(1, "a") * n)),
    "empty list elements": lambda n: stored("v1", "Endpoints", field(2, b"") * n),
    "groups side by side": lambda n: config_map((tag(900, START_GROUP) + tag(900, END_GROUP)) * n),
    "envelope fields": lambda n: b"k8s\x00" + field(1, field(1, "v1") + field(2, "Lease")) * n,
    "unknown envelope fields": lambda n: b"k8s\x00" + field(1, field(1, "v1") + field(2, "Lease")) + UNKNOWN * n,
    "finalizers": lambda n: config_map(field(1, field(14, "") * n)),
    "text of escapes": lambda n: config_map(field(2, field(1, "a") + field(2, '<"\\\n' * n))),
    "text that is no UTF-8": lambda n: config_map(field(2, field(1, "a") + field(2, b"\xff" * n))),
    "text of spaces": lambda n: config_map(field(2, field(1, "a") + field(2, b"a " * n))),
    "lines": lambda n: config_map(field(2, field(1, "a") + field(2, b" a\n" * n))),
    "bytes": lambda n: stored("v1", "Secret", field(2, field(1, "a") + field(2, b"\xff" * n))),
    "digits of a quantity": lambda n: stored(
        "v1", "ResourceQuota", field(2, field(1, field(1, "a") + field(2, field(1, b"9" * n))))
    ),
    "places of a binary quantity": lambda n: stored(
        "v1", "ResourceQuota", field(2, field(1, field(1, "a") + field(2, field(1, b"." + b"9" * n + b"Ei"))))
    ),
    "backslashes in raw JSON": lambda n: revision(b'"' + b"\\\\" * n + b'"'),
    "brackets in raw JSON": lambda n: revision(b"[" + b"[],\n" * n + b"[]]"),
    "schemas": lambda n: crd(field(25, b"") * n),
    "varint that does not end": lambda n: config_map(b"\xff" * n),
}
JSON: dict[str, Make] = {
    "keys": lambda n: b'{"apiVersion":"v1","kind":"ConfigMap","data":{%s}}' % numbered(n, '"%d":""'),
    "equal keys": lambda n: b'{"apiVersion":"v1","kind":"ConfigMap","data":{%s}}' % b",".join([b'"a":""'] * n),
    "unknown keys": lambda n: b'{"apiVersion":"v1","kind":"ConfigMap",%s}' % numbered(n, '"a%d":""'),
    "nulls": lambda n: b'{"apiVersion":"v1","kind":"Endpoints","subsets":[%s]}' % b",".join([b"null"] * n),
    "escapes": lambda n: b'{"apiVersion":"v1","kind":"ConfigMap","data":{"a":"%s"}}' % (b"\\u0041" * n),
    "half surrogates": lambda n: b'{"apiVersion":"v1","kind":"ConfigMap","data":{"a":"%s"}}' % (b"\\ud800" * n),
    "backslashes without an end": lambda n: b'{"apiVersion":"v1","kind":"ConfigMap","data":{"a":"' + b"\\" * n,
    "white space": lambda n: b" " * n + b'{"apiVersion":"v1",' + b"\n" * n + b'"kind":"ConfigMap"}' + b" " * n,
    "opened lists": lambda n: b"[" * n,
    "opened objects": lambda n: b'{"a":' * n,
    "custom resource": lambda n: CUSTOM % (b"[" + b'{"a":[1]},' * n + b"1]"),
    "digits": lambda n: CUSTOM % (b"1" * n),
    "raw digits": lambda n: b'{"apiVersion":"apps/v1","kind":"ControllerRevision","data":%s}' % (b"1" * n),
    "base64": lambda n: b'{"apiVersion":"v1","kind":"Secret","data":{"a":"%s"}}' % (b"AA\\n" * n),
}
YAML: dict[str, Make] = {
    "items": lambda n: b"apiVersion: x/v1\nkind: K\nitems:\n" + b"- a\n" * n,
    "keys": lambda n: b"apiVersion: x/v1\nkind: K\nspec:\n" + numbered(n, "  a%d: x\n", ""),
    "error behind many keys": lambda n: (
        b"apiVersion: v1\nkind: ConfigMap\ndata:\n" + numbered(n, "  a%d: x\n", "") + b"x: 1\n"
    ),
    "documents": lambda n: b"---\napiVersion: v1\nkind: ConfigMap\n" * (n // 10),
    "empty documents": lambda n: b"---\n" * n,
    "anchors": lambda n: b"apiVersion: x/v1\nkind: K\nspec:\n" + numbered(n, "- &a%d x\n", ""),
    "folded lines": lambda n: b"apiVersion: x/v1\nkind: K\nspec: >\n" + b"  a\n" * n,
    "digits": lambda n: b"apiVersion: x/v1\nkind: K\nspec: " + b"1" * n + b"\n",
    "hexadecimal digits": lambda n: b"apiVersion: x/v1\nkind: K\nspec: 0x" + b"f" * n + b"\n",
    "flow": lambda n: b"apiVersion: x/v1\nkind: K\nspec: [" + b"{a: []}," * n + b"]\n",
}


def stored_roads(data: bytes) -> None:
    obj = reached(codec.decode, data)
    if obj is not None:
        codec.encode(obj, form="protobuf")
    reached(codec.storage_to_json, data)
    reached(codec.storage_to_yaml, data)


def json_roads(data: bytes) -> None:
    reached(codec.from_json, data)
    reached(codec.json_to_storage, data)


def yaml_roads(data: bytes) -> None:
    reached(lambda text: list(codec.from_yaml_all(text)), data)


def reached(road: Callable[[bytes], Any], data: bytes) -> Any:
    """The road's answer, or None where it ended in the library's own error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", codec.UnknownFieldsWarning)
        try:
            return road(data)
        except codec.CodecError:
            return None


CASES = [
    pytest.param(make, roads, size, id=f"{form}: {name}")
    for form, makes, roads, size in (
        ("wire", WIRE, stored_roads, 3000),
        ("json", JSON, json_roads, 10_000),
        ("yaml", YAML, yaml_roads, 2000),
    )
    for name, make in makes.items()
]

# Four times the size may take four times as long; what grows with the square takes sixteen times.
STEP = 4
GROWTH = 9
# What no growth of interest hides behind: measuring costs about so much.
SMALL = 0.003  # seconds
# What is long enough to be measured.
ENOUGH = 0.03  # seconds


def seconds(roads: Callable[[bytes], None], data: bytes) -> float:
    """CPU time of the better of two runs."""
    best = float("inf")
    for _ in range(2):
        start = time.process_time()
        roads(data)
        best = min(best, time.process_time() - start)
    return best


@pytest.mark.parametrize(("make", "roads", "size"), CASES)
def test_time_grows_with_the_size(make: Make, roads: Callable[[bytes], None], size: int) -> None:
    roads(make(size))  # what is loaded once is not counted
    while size > 200 and seconds(roads, make(size)) > ENOUGH:
        size //= 2
    small, large = make(size), make(STEP * size)
    # A machine that was busy just then may spoil a measurement, but not three.
    growths = []
    while len(growths) < 3:
        growths.append(seconds(roads, large) / max(seconds(roads, small), SMALL))
        if growths[-1] < GROWTH:
            return
    # Where another way of reading begins at some size, as where C code could nest too deep, the next step tells.
    growths.append(seconds(roads, make(STEP * STEP * size)) / seconds(roads, large))
    assert growths[-1] < GROWTH, f"{STEP} times the size took {growths} times the time"


def peak(roads: Callable[[bytes], None], data: bytes) -> int:
    """The most bytes that were held at once beyond those before."""
    roads(data[: len(data) // 8])
    roads(data)
    tracemalloc.start()
    try:
        roads(data)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


# An empty JSONSchemaProps is three bytes on the wire; in memory it is an object of 45 attributes.
BYTES_PER_BYTE = 1500


@pytest.mark.parametrize(("make", "roads", "size"), CASES)
def test_memory_grows_with_the_size(make: Make, roads: Callable[[bytes], None], size: int) -> None:
    small, large = make(size // 8), make(STEP * (size // 8))
    least, most = peak(roads, small), peak(roads, large)
    assert most < 1.5 * STEP * least + 200_000
    assert most < BYTES_PER_BYTE * len(large) + 200_000


LENGTHS = (2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1, 2**63, 2**64 - 1)
PLACES: dict[str, Callable[[bytes], bytes]] = {
    "envelope": lambda rest: b"k8s\x00" + tag(1, 2) + rest,
    "message": lambda rest: b"k8s\x00" + field(1, field(1, "v1") + field(2, "ConfigMap")) + tag(2, 2) + rest,
    "metadata": lambda rest: config_map(tag(1, 2) + rest),
    "string": lambda rest: config_map(field(1, tag(1, 2) + rest)),
    "map entry": lambda rest: config_map(tag(2, 2) + rest),
    "bytes": lambda rest: config_map(field(3, field(1, "a") + tag(2, 2) + rest)),
    "unknown field": lambda rest: config_map(tag(99, 2) + rest),
    "packed numbers": lambda rest: stored("v1", "Pod", field(2, field(14, tag(4, 2) + rest))),
}


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("place", PLACES)
def test_a_length_allocates_nothing(place: str, length: int) -> None:
    data = PLACES[place](varint(length))
    for road in (codec.decode, codec.storage_to_json):
        with pytest.raises(codec.DecodeError, match=f"length {length} runs past the message end by [0-9]+ bytes"):
            road(data)
    assert peak(stored_roads, data) < 200_000


def aliased(levels: int, width: int) -> bytes:
    """Each level lists the one before `width` times."""
    lines = [b"apiVersion: x/v1\nkind: K\na0: &a0 [x]\n"]
    lines += [
        b"a%d: &a%d [%s]\n" % (level, level, b",".join([b"*a%d" % (level - 1)] * width)) for level in range(1, levels)
    ]
    return b"".join(lines)


@pytest.mark.parametrize(
    "data",
    [
        aliased(9, 9),
        aliased(30, 2),
        aliased(100, 10),
        aliased(30, 2).replace(b"[*", b"{<<: [*").replace(b"]\n", b"]}\n").replace(b"&a0 [x]}", b"&a0 {x: 1}"),
        b"apiVersion: x/v1\nkind: K\na: &a " + b"x" * 100_000 + b"\nb:\n" + b"- *a\n" * 1000,
    ],
    ids=["nine by nine", "doubled", "deep", "merged", "long text"],
)
def test_yaml_aliases_end_in_an_error_or_a_bounded_object(data: bytes) -> None:
    # 16 million characters is what aliases may repeat; see codec.text.yaml_reader.
    assert peak(yaml_roads, data) < 200_000_000


def test_nesting_costs_no_memory_of_its_own() -> None:
    deep = crd(nested(lambda inner: field(28, inner), 5000))
    assert peak(stored_roads, deep) < BYTES_PER_BYTE * len(deep)
