"""Objects that no API server wrote: the compiled engine writes what the readable one writes, or leaves them to it."""

from __future__ import annotations

import gc
import random
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from compiled.agreement import ReadableAlone, compare, daily, described, golden, needs_twin

import codec
from codec import storage, twin, types
from codec.api import Message
from codec.api.apiextensions.v1 import CustomResourceDefinition, JSONSchemaProps
from codec.api.core.v1 import ConfigMap, Container, Pod, PodSpec, Secret, Volume
from codec.api.meta.v1 import ObjectMeta
from codec.errors import CodecError
from codec.schema import builtin
from codec.types import NilDict, NilList, Quantity, Time
from codec.wire.writer import length_delimited, varint

pytestmark = needs_twin

DAILY = dict(daily())
SHOWN = [raw for name, raw in golden("api[er]*") if "realistic" in name]  # of the groups that are stored as JSON


class Text(str):
    """A string of a class of its own, as the StrEnums are."""

    __slots__ = ()


ODD: list[Any] = [
    None, "", "text", Text("subclass"), "ünï", "\udcff", "\ud800", 0, 1, -1, 2**31, 2**63, 2**70, True, False, 1.5, b"",
    b"bytes", types.AbsentBytes(), [], {}, NilList(), NilDict(), ["a"], [None], {"a": "b"}, {"b": None, "a": "x"},
    {"b": b"\x00", "a": types.AbsentBytes()}, {"k": NilList()}, {"k": ["v"]}, {1: "a"}, NilList(["a"]), ("a",), Time(),
    Time(1, 0), types.MicroTime(1, 2500), Quantity("1000m"), Quantity("1Ki"), types.Duration(5), types.RawJSON(b"{}"),
    types.RawJSON(), ObjectMeta(), Container(name="c"), [Container()], [ObjectMeta()], JSONSchemaProps(type="string"),
]  # fmt: skip


def parts(obj: Any) -> Iterator[Message]:
    """An object and every object in it."""
    if isinstance(obj, Message):
        yield obj
        for name in type(obj).__struct_fields__:
            yield from parts(getattr(obj, name))
    elif isinstance(obj, list):
        for item in obj:
            yield from parts(item)
    elif isinstance(obj, dict):
        for item in obj.values():
            yield from parts(item)


def said(obj: Message) -> bytes | str:
    """What the readable engine makes of an object: bytes, or the class of its exception."""
    with ReadableAlone():
        try:
            return codec.encode(obj)
        except CodecError as error:
            return type(error).__name__


def agrees(obj: Message) -> bool:
    """Whether the twin answered; fails where the readable engine has another answer."""
    assert twin is not None
    before = described(obj)
    found = twin.encode(obj)
    assert described(obj) == before
    assert found is None or found == said(obj)
    return found is not None


def test_odd_values_in_every_attribute() -> None:
    chance = random.Random(4)
    answered = total = 0
    for raw in (*DAILY.values(), *SHOWN):
        for _ in range(60):
            obj = codec.decode(raw)
            for _ in range(chance.randrange(1, 3)):
                part = chance.choice(list(parts(obj)))
                name = chance.choice([name for name in type(part).__struct_fields__ if name != "_unknown"])
                alike = [value for value in ODD if isinstance(value, type(getattr(part, name)))]
                setattr(part, name, deepcopy(chance.choice(alike or ODD if chance.random() < 0.8 else ODD)))
            answered += agrees(obj)
            total += 1
    assert 0.1 * total < answered < total


def test_what_is_stored_as_json_is_written_by_the_twin() -> None:
    assert len(SHOWN) > 20
    for raw in SHOWN:
        obj = codec.decode(raw)
        assert agrees(obj)
        assert codec.encode(obj).endswith(b"}\n")


def test_an_empty_list_is_not_a_nil_one_in_json() -> None:
    crd = codec.decode(next(raw for raw in SHOWN if type(codec.decode(raw)) is CustomResourceDefinition))
    for part in parts(crd):
        for name in type(part).__struct_fields__:
            kept = getattr(part, name)
            others: tuple[Any, ...] = ()
            if isinstance(kept, list):
                others = [], NilList()
            elif isinstance(kept, dict):
                others = {}, NilDict()
            for other in others:
                setattr(part, name, other)
                agrees(crd)
            setattr(part, name, kept)


def unknown_field(chance: random.Random, taken: set[int]) -> bytes:
    number = chance.choice([number for number in (*range(1, 120), 1000, 2**29 - 1) if number not in taken])
    if chance.random() < 0.5:
        return varint(number << 3) + varint(chance.randrange(2**40))
    return length_delimited(number, chance.randbytes(chance.randrange(200)))


def test_unknown_fields_are_kept_and_written_at_their_numbers() -> None:
    """As a newer cluster writes them: the twin answers."""
    assert twin is not None
    chance = random.Random(6)
    for raw in DAILY.values():
        for _ in range(40):
            obj = codec.decode(raw)
            for part in chance.sample(found := list(parts(obj)), min(3, len(found))):
                taken = {field.number for field in builtin().message(type(part)._proto).fields}
                part._unknown = b"".join(unknown_field(chance, taken) for _ in range(chance.randrange(1, 5)))
            assert agrees(obj)
            written = codec.encode(obj)
            assert compare(twin.decode, codec.decode, described, written)
            assert codec.encode(codec.decode(written)) == written


def test_unknown_fields_that_are_left_to_the_readable_engine() -> None:
    pod = Pod(metadata=ObjectMeta(name="p"), spec=PodSpec(volumes=[Volume(name="v")]))
    for unknown in (
        length_delimited(1, b""),  # inside a field that is known
        b"\x08",  # broken
        b"\xf8\xff\xff\xff\xff\x0f\x01",  # a number beyond the last
        b"".join(length_delimited(99, b"%d" % i) for i in range(100)),
    ):
        for part in (pod, pod.metadata, pod.spec.volumes[0]):
            part._unknown = unknown
            agrees(pod)
            part._unknown = b""
    assert agrees(pod)


def wire_of(name: str, *fields: bytes) -> bytes:
    return storage.wrap("v1", name, b"".join(fields))


@pytest.mark.parametrize(
    ("raw", "answers"),
    [
        (wire_of("ConfigMap", length_delimited(2, b"\n\x01k\x12\x01v") * 2), True),  # the same key twice
        (wire_of("ConfigMap", length_delimited(2, b"\n\x01k"), length_delimited(2, b"\x12\x01v")), True),
        (wire_of("ConfigMap", length_delimited(2, b"\x12\x01v\n\x01k")), True),  # the value before the key
        (wire_of("Secret", length_delimited(2, b"\n\x01n"), length_delimited(2, b"\n\x01m\x12\x00")), True),
        (wire_of("ConfigMap", length_delimited(3, b"\n\x01k\x12\x01v"), length_delimited(2, b"\n\x01k")), False),
        (wire_of("ConfigMap", b"\x20\x01\x20\x00"), False),  # a scalar twice
        (wire_of("ConfigMap", b"\xa0\x00\x01"), True),  # an overlong tag
        (wire_of("ConfigMap", b"\x22\x00"), False),  # a field of another wire type
        (wire_of("ConfigMap", b"\x58\x01", length_delimited(1, b"")), False),  # an unknown number out of order
        (wire_of("ConfigMap", b"\x60\x01\x58\x01\x60\x02"), True),  # unknown numbers among themselves
        (wire_of("ConfigMap", b"\x5b\x5c"), False),  # an unknown group
        (wire_of("ConfigMap", *[b"\x58\x01"] * 5000), False),  # more than a few
        (wire_of("Pod", length_delimited(2, length_delimited(2, b"") * 3 + length_delimited(1, b""))), False),
    ],
)
def test_odd_wire(raw: bytes, answers: bool) -> None:
    assert twin is not None
    try:
        assert compare(twin.decode, codec.decode, described, raw) is answers
    except CodecError:  # the readable engine's, which the twin had no answer for
        assert not answers
        assert twin.decode(raw) is None


def test_depth() -> None:
    """The limit is that of the readable engine, to the level."""
    assert twin is not None
    answered = []
    number = next(field.number for field in builtin().message(JSONSchemaProps._proto).fields if field.json == "not")
    for depth in range(80, 110):
        inner = b""
        for _ in range(depth):
            inner = length_delimited(number, inner)
        version = length_delimited(4, length_delimited(1, inner))
        spec = length_delimited(2, length_delimited(7, version))
        raw = storage.wrap("apiextensions.k8s.io/v1", "CustomResourceDefinition", spec)
        found = twin.decode(raw)
        with ReadableAlone():
            try:
                wanted = codec.decode(raw)
            except CodecError:
                wanted = None
        assert found is None or described(found) == described(wanted)
        answered.append(found is not None)
        if wanted is not None:
            agrees(wanted)
    assert set(answered) == {True, False}


def test_texts_and_bytes_of_every_length() -> None:
    """Short ones are kept and copied in parts, long ones are pointed to."""
    chance = random.Random(8)
    for length in (*range(140), 4095, 4096, 4097, 20_000, 70_000):
        text = "".join(chance.choice("abcdefgh") for _ in range(length))
        data = chance.randbytes(length)
        objects: list[Any] = [
            ConfigMap(metadata=ObjectMeta(name=text), data={"a": text, text: "b", "c": text}),
            Secret(data={"x": data, "y": data, "": b""}, type=text),
            ConfigMap(binaryData={"k": data}, data={"k": text + "ü"}),
        ]
        for obj in objects:
            assert agrees(obj)
            raw = codec.encode(obj)
            assert twin is not None
            assert compare(twin.decode, codec.decode, described, raw)
            assert twin.decode(raw).metadata.name == obj.metadata.name


def size_of(value: Any, seen: set[int]) -> int:
    """Bytes of an object and all in it that was not seen yet."""
    if id(value) in seen:
        return 0
    seen.add(id(value))
    parts: list[Any] = []
    if isinstance(value, dict):
        parts = [*value, *value.values()]
    elif isinstance(value, list):
        parts = value
    elif hasattr(type(value), "__match_args__"):
        parts = [getattr(value, name) for name in type(value).__match_args__]
    parts += [getattr(value, name) for name in getattr(type(value), "__struct_fields__", ())]
    return sys.getsizeof(value) + sum([size_of(part, seen) for part in parts])


def test_objects_hold_no_more_memory_than_their_own() -> None:
    """Nothing of the input, no lists grown too large, nothing left behind; also where it ends in an error."""
    assert twin is not None
    raws = [DAILY["core.v1.Pod"].replace(b"platform", b"plat%04d" % i) for i in range(300)]
    broken = [raw[: len(raw) // 2] + b"\xff" * 40 for raw in raws]
    for raw in raws:
        twin.decode(raw)
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        objects = [twin.decode(raw) for raw in raws]
        held = tracemalloc.get_traced_memory()[0] - before
        assert [twin.decode(raw) for raw in broken] == [None] * len(raws)
        assert all(twin.encode(obj) for obj in objects)
        gc.collect()
        after = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    own = size_of(objects, set())
    assert own > 300 * 5_000
    assert held < 1.02 * own + 200_000  # what is kept of short texts
    assert after < 1.02 * own + 400_000


def test_no_list_is_looked_through_for_cycles() -> None:
    """A tree of data has none, and ten thousand Pods have a million lists."""
    assert twin is not None
    for raw in DAILY.values():
        for part in parts(twin.decode(raw)):
            values = [getattr(part, name) for name in type(part).__struct_fields__]
            assert not any(gc.is_tracked(value) for value in values if isinstance(value, list))


THREADS = """
import sys, threading
sys.path.insert(0, {tests!r})
from compiled.agreement import golden
from codec import twin

raws = [raw for _, raw in golden("a*")][::11]
sys.setswitchinterval(1e-6)
answers = {{}}

def work(first):
    found = {{}}
    for i in range(len(raws)):
        i = (i + first) % len(raws)
        obj = twin.decode(raws[i])
        found[i] = None if obj is None else twin.encode(obj)
    answers[first] = found

threads = [threading.Thread(target=work, args=(first,)) for first in range(0, 50, 10)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
first, *others = answers.values()
assert len(others) == 4 and all(other == first for other in others)
print(sum(value is not None for value in first.values()), len(raws))
"""


def test_first_use_by_many_threads() -> None:
    """Classes are looked up while other threads do the same: none of them is left without an answer."""
    code = THREADS.format(tests=str(Path(__file__).resolve().parents[1]))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    answered, total = map(int, done.stdout.split())
    assert answered == total > 50
