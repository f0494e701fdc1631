"""What broke the compiled engine once, threads that meet it for the first time together, and interpreters that end."""

from __future__ import annotations

import copy
import os
import subprocess
import sys
import threading
from pathlib import Path
from random import Random
from typing import Any

import pytest
from compiled.agreement import compare_json, compare_stored, daily, described, needs_twin
from compiled.promise import Checks
from hostile import mutate
from hostile.handmade import VARINT, config_map, crd, field, nested, number_field, stored, tag
from hostile.mutate import varint

import codec
from codec import types
from codec.api.apps.v1 import Deployment
from codec.api.core.v1 import ConfigMap, Pod, PodList, ResourceQuota, ResourceQuotaSpec
from codec.api.meta.v1 import ListMeta, ObjectMeta, OwnerReference

pytestmark = needs_twin

TESTS = Path(__file__).resolve().parents[1]
PACKAGE = Path(codec.__file__).resolve().parents[1]  # where the one lies that is tested
DAILY = dict(daily())
FIRST_SECOND = number_field(1, (1 << 64) - 62135596800)


def run(program: str) -> str:
    """A program in a process of its own; what it prints."""
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", program],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(TESTS), str(PACKAGE)])},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, f"{done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout


def quota(text: bytes | None) -> bytes:
    """A ResourceQuota with one limit; None for an empty Quantity message."""
    quantity = b"" if text is None else field(1, text)
    return stored("v1", "ResourceQuota", field(2, field(1, field(1, "cpu") + field(2, quantity))))


# what was found by the fuzzer: a name, and the stored value
STORED = {
    # make_quantity read from nowhere where the message was empty
    "empty quantity": quota(None),
    # an absent text is 0, an empty one no quantity at all
    "quantity of an empty text": quota(b""),
    "quantity of an empty text, alone": stored("storage.k8s.io/v1", "CSIStorageCapacity", field(4, field(1, b""))),
    # the lists of an embedded struct that comes in two parts lost what stood between them
    "embedded struct in parts": stored(
        "admissionregistration.k8s.io/v1",
        "ValidatingWebhookConfiguration",
        field(2, field(3, field(2, field(1, "a b")) + field(1, "CREATE") + field(2, field(1, "a/b")))),
    ),
    "embedded volume source in parts": stored(
        "v1",
        "Pod",
        field(2, field(1, field(1, "v") + field(2, field(2, field(1, "a"))) + field(2, field(8, field(1, "b"))))),
    ),
    # special floats were not quoted in YAML
    **{
        f"text {text}": config_map(field(2, field(1, text) + field(2, text)))
        for text in (".inf", ".Inf", ".INF", "+.inf", "-.inf", "-.INF", ".nan", ".NaN", ".NAN", ".iNf", ".infx")
    },
    # of the first second of year 1 only the start is the zero
    "first second": stored("v1", "ConfigMap", field(1, field(8, FIRST_SECOND + number_field(2, 5)))),
    "first microsecond": stored(
        "coordination.k8s.io/v1", "Lease", field(2, field(3, FIRST_SECOND + number_field(2, 1000)))
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STORED)
def test_stored_values_that_were_read_wrongly(name: str) -> None:
    compare_stored(STORED[name])


@pytest.mark.parametrize(
    "time",
    ["0001-01-01T00:00:00.5Z", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000001Z", "0001-01-01T00:00:01Z"],
)
def test_texts_with_the_first_second(time: str) -> None:
    metadata = f'"creationTimestamp":"{time}","deletionTimestamp":"{time}","managedFields":[{{"time":"{time}"}}]'
    compare_json(f'{{"apiVersion":"v1","kind":"ConfigMap","metadata":{{{metadata}}}}}'.encode())
    compare_json(f'{{"apiVersion":"v1","kind":"Pod","status":{{"startTime":"{time}"}}}}'.encode())
    meta = ObjectMeta(creationTimestamp=types.Time.parse(time))
    Checks()._agrees("encode", codec.twin.encode, codec.encode, bytes, ConfigMap(metadata=meta))  # type: ignore[union-attr]


def odd_objects() -> dict[str, Any]:
    loop: list[Any] = []
    pods = PodList(items=loop)
    loop.append(pods)
    return {
        "a nested kind that is no text": PodList(items=[Pod(kind=Pod())]),  # type: ignore[arg-type]
        "a nested apiVersion that is None": PodList(items=[Pod(apiVersion=None)]),  # type: ignore[arg-type]
        "a nested kind that is a lone surrogate": PodList(items=[Pod(kind="\ud800")]),
        "a nested kind": PodList(items=[Pod(kind="Node")]),
        "a list in itself": pods,
        "metadata None": Pod(metadata=None),  # type: ignore[arg-type]
        "metadata None in a list": PodList(metadata=None, items=[Pod(spec=None)]),  # type: ignore[arg-type]
        "a whole Deployment of None": Deployment(metadata=None, spec=None, status=None),  # type: ignore[arg-type]
        "a list of itself": PodList(metadata=ListMeta(), items=[None]),  # type: ignore[list-item]
        "an int of many bits": Pod(metadata=ObjectMeta(generation=1 << 4000)),
        "a bool for an int": Pod(metadata=ObjectMeta(generation=True)),
        "a map with keys of two kinds": ConfigMap(data={"a": "b", 5: "c"}),  # type: ignore[dict-item]
        "a huge key": ConfigMap(data={"a" * 100_000: "b", "b" * 5000: "c" * 5000}),
        "bytes for a text": ConfigMap(data={"a": b"b"}),  # type: ignore[dict-item]
        "text for bytes": ConfigMap(binaryData={"a": "b"}),  # type: ignore[dict-item]
        "absent bytes": ConfigMap(binaryData={"a": types.AbsentBytes()}),
    }


@pytest.mark.parametrize("name", odd_objects())
def test_objects_that_were_written_wrongly(name: str) -> None:
    obj = odd_objects()[name]
    Checks()._agrees("encode", codec.twin.encode, codec.encode, bytes, obj)  # type: ignore[union-attr]


def test_objects_without_attributes() -> None:
    assert codec.twin is not None
    for name in Pod.__struct_fields__:
        pod = Pod()
        delattr(pod, name)
        assert codec.twin.encode(pod) is None
    for names in (("metadata", "labels"), ("spec", "containers"), ("status", "phase")):
        pod = Pod()
        delattr(getattr(pod, names[0]), names[1])
        assert codec.twin.encode(pod) is None


def test_an_object_that_changes_while_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python code may run for a rare quantity; whatever it does to the object, the answer is whole."""
    assert codec.twin is not None
    from codec.types import quantity

    usual = quantity.canonical
    made: list[ResourceQuota] = []

    def meddle(text: str) -> str:
        obj = made[-1]
        obj.metadata.annotations = {"a": "gone" * 3000}
        obj.metadata.ownerReferences.clear()
        obj.spec.hard.clear()
        obj.metadata = ObjectMeta(name="other")
        return usual(text)

    monkeypatch.setattr(quantity, "canonical", meddle)
    for number in range(50):
        obj = ResourceQuota(
            metadata=ObjectMeta(
                name="x" * 5000,
                annotations={f"k{index}": f"{number}-{index}" * 3000 for index in range(40)},
                ownerReferences=[OwnerReference(name="y" * 9000) for _ in range(50)],
            ),
            spec=ResourceQuotaSpec(hard={"cpu": types.Quantity(f"1.{number}Pi"), "memory": types.Quantity("1.25Ei")}),
        )
        made.append(obj)
        raw = codec.twin.encode(obj)
        if raw is not None:
            assert codec.decode(raw) == obj  # as it was left, not as it was


def test_lengths_at_the_ends_of_numbers() -> None:
    """Lengths and field numbers that overflow whatever they are added to."""
    pod = field(1, field(1, "v1") + field(2, "Pod"))
    for number in (0, 1, 127, 128, 1 << 31, (1 << 31) - 1, 1 << 32, 1 << 62, (1 << 63) - 1, 1 << 63, (1 << 64) - 1):
        for longer in (varint(number), varint(number)[:-1] + bytes((varint(number)[-1] | 0x80,)) + b"\x00"):
            for inner in (
                b"\x0a" + longer,
                b"\x0a" + longer + b"a" * 20,
                longer,
                longer + b"\x00",
                b"\x12\x06\x1a\x04" + longer + b"aaaa",
                tag(7, VARINT) + longer,
                field(1, tag(7, VARINT) + longer),
                field(1, field(8, b"\x08" + longer + b"\x10" + longer)),
                field(1, field(11, b"\x0a" + longer)),
            ):
                compare_stored(b"k8s\x00" + pod + field(2, inner))
                compare_stored(b"k8s\x00" + pod + b"\x12" + longer + inner)
                compare_stored(b"k8s\x00" + b"\x0a" + longer + pod[2:] + field(2, inner))


@pytest.mark.parametrize("depth", [*range(28, 36), *range(44, 54), *range(88, 105), 150, 5000])
def test_nesting_about_the_limit(depth: int) -> None:
    compare_stored(crd(nested(lambda inner: field(28, inner), depth)))
    raw = b'{"a":' * depth + b"1" + b"}" * depth
    compare_stored(stored("apps/v1", "ControllerRevision", field(2, field(1, raw))))
    compare_json(b'{"apiVersion":"apps/v1","kind":"ControllerRevision","data":' + raw + b"}")
    compare_json(b'{"apiVersion":"v1","kind":"Pod","spec":' + raw + b"}")


def with_longer_tags(data: bytes, depth: int) -> bytes:
    """A message whose tags, this many levels down, take a byte more than they need."""
    found = mutate.fields(data)
    if not found:
        return data
    out = []
    for number, value in found:
        if depth and number & 7 == 2:
            value = with_longer_tags(value, depth - 1)
        out.append(varint(number, 0 if depth else 1))
        if number & 7 == 2:
            out.append(varint(len(value)))
        out.append(value)
    return b"".join(out)


@pytest.mark.parametrize("name", DAILY)
def test_tags_that_are_longer_than_they_need_to_be(name: str) -> None:
    for depth in range(6):
        compare_stored(b"k8s\x00" + with_longer_tags(DAILY[name][4:], depth))


@pytest.mark.parametrize("name", DAILY)
def test_fields_that_come_twice_or_in_another_order(name: str) -> None:
    """At each level: what is in lists, in maps, in embedded structs is not lost, whatever stands in between."""
    rng = Random(name)

    def changed(data: bytes, depth: int) -> bytes:
        found = mutate.fields(data)
        if not found:
            return data
        if depth:
            found = [(number, changed(value, depth - 1) if number & 7 == 2 else value) for number, value in found]
        else:
            found += rng.sample(found, min(len(found), 3))
            rng.shuffle(found)
        return b"".join(mutate.delimited(n, v) if n & 7 == 2 else varint(n) + v for n, v in found)

    for depth in range(2, 7):
        for _ in range(4):
            compare_stored(b"k8s\x00" + changed(DAILY[name][4:], depth))


def test_strings_of_every_length_end_where_they_end() -> None:
    """Blocks of 16, buffers, and texts that are only pointed to: each side of every border, in every place."""
    for length in (*range(70), 126, 127, 128, 129, 1000, 1023, 1024, 1025, 4094, 4095, 4096, 4097, 16383, 16384):
        for unit in ("a", "é", "<", "\n", '"', " ", "\udcff"):
            text = (unit * length).encode("utf-8", "surrogateescape")[:length]
            compare_stored(config_map(field(1, field(1, text)) + field(2, field(1, text[:200]) + field(2, text))))
            compare_stored(stored("v1", "Secret", field(2, field(1, "a") + field(2, text))))


FIRST_USE = """
import sys, threading
sys.setswitchinterval(1e-6)
import codec
from compiled.agreement import daily, described
raws = [raw for _, raw in daily()]
start = threading.Barrier(6)
answers = [None] * 6
def work(number):
    start.wait()
    found = []
    for raw in raws:
        text = codec.twin.storage_to_json(raw)
        made = codec.twin.decode(raw)
        found.append((
            text,
            codec.twin.storage_to_yaml(raw),
            described(made),
            None if made is None else codec.twin.encode(made),
            None if text is None else codec.twin.json_to_storage(text),
        ))
    answers[number] = found
threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
for thread in threads: thread.start()
for thread in threads: thread.join()
for found in answers:
    for one, other in zip(found, answers[0]):
        for a, b in zip(one, other):
            # Handing on is always right; two answers are the same.
            assert a is None or b is None or a == b or described(None) in (a, b)
assert sum(part is not None for part in answers[0][0]) == 5
print("well")
"""


@pytest.mark.parametrize("turn", range(4))
def test_threads_that_use_the_tables_first_together(turn: int) -> None:
    assert run(FIRST_USE).split() == ["well"]


def test_threads_on_all_roads() -> None:
    """Long inputs, so that the GIL is let go, with errors among them."""
    assert codec.twin is not None
    twin = codec.twin
    big = config_map(b"".join(field(2, field(1, f"k{key:04}") + field(2, "<é\n" * 20)) for key in range(600)))
    raws = [*DAILY.values(), big, big[:-30], big + b"x"]
    wanted = [(twin.storage_to_json(raw), twin.storage_to_yaml(raw), described(twin.decode(raw))) for raw in raws]
    failed: list[str] = []

    def work() -> None:
        for _ in range(6):
            for raw, right in zip(raws, wanted, strict=True):
                found = (twin.storage_to_json(raw), twin.storage_to_yaml(raw), described(twin.decode(raw)))
                if found != right:
                    failed.append(repr(raw[:60]))
                if right[0] is not None and twin.json_to_storage(right[0]) is None and len(raw) > 8192:
                    failed.append("json_to_storage")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed


def test_objects_that_another_thread_changes() -> None:
    """Lists that shrink and maps that are emptied under the writer: an answer, or none, and no crash."""
    assert codec.twin is not None
    twin = codec.twin
    obj: Any = codec.decode(DAILY["apps.v1.Deployment"])
    whole = copy.deepcopy(obj)
    done = threading.Event()

    def change() -> None:
        while not done.is_set():
            obj.metadata.labels.clear()
            obj.metadata.managedFields.clear()
            obj.spec.template.spec.containers.clear()
            obj.metadata.labels.update(whole.metadata.labels)
            obj.metadata.managedFields.extend(whole.metadata.managedFields)
            obj.spec.template.spec.containers.extend(whole.spec.template.spec.containers)
            obj.metadata.annotations = {"a": "x" * 5000}

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    thread = threading.Thread(target=change)
    thread.start()
    try:
        for _ in range(4000):
            raw = twin.encode(obj)
            assert raw is None or raw.startswith(b"k8s\0")
    finally:
        done.set()
        thread.join()
        sys.setswitchinterval(before)


AT_EXIT = """
import atexit, threading
import codec
from compiled.agreement import daily
raws = [raw for _, raw in daily()] * 20
def last():
    for raw in raws[:40]:
        codec.twin.storage_to_json(raw); codec.twin.decode(raw); codec.twin.storage_to_yaml(raw)
    print("well")
atexit.register(last)
class Late:
    def __del__(self):
        for raw in raws[:5]:
            self.made.append(self.decode(raw))
late = Late()
late.decode, late.made = codec.twin.decode, []
kept = [codec.twin.decode(raw) for raw in raws]
def forever():
    while True:
        for raw in raws:
            codec.twin.storage_to_json(raw)
threading.Thread(target=forever, daemon=True).start()
"""


def test_the_interpreter_ends_while_the_engine_is_at_work() -> None:
    assert run(AT_EXIT).split() == ["well"]


SUBINTERPRETER = """
import os
os.environ.pop("K8S_CODEC_ENGINE", None)  # where the compiled engine is demanded, a second interpreter is refused
try:
    import _xxsubinterpreters as interpreters
except ImportError:
    import _interpreters as interpreters
import codec
from compiled.agreement import daily
raw = dict(daily())["core.v1.Pod"]
wanted = codec.storage_to_json(raw)
assert codec.engine == "compiled"
program = f'''
import sys
sys.path[:0] = {__import__("sys").path!r}
import codec
assert codec.engine in ("python", "compiled")
assert codec.storage_to_json({raw!r}) == {wanted!r}
'''
for _ in range(3):
    made = interpreters.create()
    failed = interpreters.run_string(made, program)
    assert failed is None, failed
    interpreters.destroy(made)
assert codec.storage_to_json(raw) == wanted
assert codec.decode(raw) == codec.decode(raw)
print("well")
"""


def test_another_interpreter_has_the_engine_or_goes_without() -> None:
    assert run(SUBINTERPRETER).split() == ["well"]


AGAIN = """
import codec
from codec.schema import builtin
from compiled.agreement import daily
schema = builtin()
raw = dict(daily())["core.v1.ConfigMap"]
text = codec.storage_to_json(raw)
obj = codec.decode(raw)
assert codec.twin.encode(obj) == raw == codec.twin.json_to_storage(text)
# The kind stands for another message from now on: no road may go on with the old one.
name = schema.find("v1", "Pod").name
schema.add([], {("v1", "ConfigMap"): name})
assert codec.twin.storage_to_json(raw) is None
assert codec.twin.json_to_storage(text) is None
assert codec.twin.encode(obj) is None
assert codec.twin.decode(raw) is None
print("well")
"""


def test_kinds_that_are_registered_again_are_seen_on_every_road() -> None:
    assert run(AGAIN).split() == ["well"]
