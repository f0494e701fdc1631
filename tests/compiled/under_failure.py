"""A program of its own, because its engine is an instrumented one: every road while each allocation fails, and what the
roads hold of their own for small inputs. It ends with 1 and says why where the promise is broken.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import pickle
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from compiled.instrumented import Hooks, use

import codec

SMALL = 600  # bytes of an input
LITTLE = 1 << 20  # bytes that a road may hold for it


def small_inputs() -> dict[str, tuple[bytes, ...]]:
    """Inputs that ask for as much as so few bytes can, by form."""
    from hostile.handmade import LEVELS, config_map, crd, field, nested, stored

    def revision(raw: bytes) -> bytes:
        return stored("apps/v1", "ControllerRevision", field(2, field(1, raw)))

    def quota(text: bytes) -> bytes:
        return stored("v1", "ResourceQuota", field(2, field(1, field(1, "cpu") + field(2, field(1, text)))))

    def fitting(value: bytes) -> int:
        return len(value) if len(value) <= SMALL else 0

    wire = [
        *(max((crd(nested(step, depth)) for depth in range(95)), key=fitting) for step, _ in LEVELS.values()),
        revision(b"[" * 199 + b"]" * 199),
        revision(b"[" * 120 + b",".join([b"1"] * 120) + b"]" * 120),
        revision(b'{"a":' * 80 + b"1" + b"}" * 80),
        revision(b'"' + b"\\u2028" * 60 + b'"'),
        config_map(field(2, field(1, "a") + field(2, b"\xff" * 400))),
        config_map(field(2, field(1, "a") + field(2, b"a\n" * 200))),
        config_map(b"".join(field(2, field(1, str(key)) + field(2, "")) for key in range(45))),
        stored("v1", "Endpoints", field(2, b"") * 240),
        stored("v1", "PodList", field(2, b"") * 240),
        stored("v1", "Pod", field(2, field(2, b"") * 240)),
        stored("apps/v1", "DeploymentList", field(2, b"") * 240),
        stored("v1", "Secret", field(2, field(1, "a") + field(2, b"\xff" * 400))),
        *(quota(text) for text in (b"1e999999999", b"-1e-999999999", b"9" * 400, b"0." + b"0" * 400 + b"1", b"1E9999")),
        b"k8s\x00" + field(1, (field(1, "v1") + field(2, "Pod")) * 40) + field(2, b""),
    ]
    texts = [
        b'{"apiVersion":"v1","kind":"ConfigMap","data":{' + b",".join(b'"%d":""' % key for key in range(60)) + b"}}",
        b'{"apiVersion":"v1","kind":"ConfigMap","data":{"a":"' + b"\\u00e9" * 80 + b'"}}',
        b'{"apiVersion":"v1","kind":"PodList","items":[' + b",".join([b"{}"] * 150) + b"]}",
        b'{"apiVersion":"v1","kind":"PodList","items":[' + b",".join([b'{"spec":{}}'] * 40) + b"]}",
        b'{"apiVersion":"apps/v1","kind":"ControllerRevision","data":' + b"[" * 190 + b"]" * 190 + b"}",
        b'{"apiVersion":"v1","kind":"Secret","data":{"a":"' + b"A" * 400 + b'"}}',
        b'{"apiVersion":"v1","kind":"ResourceQuota","spec":{"hard":{"cpu":"1e999999999","b":1e-400}}}',
        b"[" * 500,
        b'{"apiVersion":"v1","kind":"Pod","spec":' + b'{"a":' * 90,
    ]
    return {"stored": tuple(wire), "json": tuple(texts)}


def expect_little(hooks: Hooks) -> int:
    """That no road takes much for a small input, nor keeps any of it; the number of answers."""
    from compiled.promise import Checks

    from codec import twin

    assert twin is not None
    checks = Checks(hooks)
    for form, inputs in small_inputs().items():
        for value in inputs:
            assert len(value) <= SMALL, len(value)
            roads = (twin.json_to_storage,)
            if form == "stored":
                roads = (twin.storage_to_json, twin.storage_to_yaml, twin.decode)
            for road in roads:
                for _ in range(2):  # the tables that the first time loads stay
                    before = hooks.held()
                    hooks.reset()
                    road(value)
                if hooks.most() - before > LITTLE or hooks.held() != before:
                    raise AssertionError(f"{road.__name__} of {value[:80]!r} held {hooks.most() - before} bytes")
            getattr(checks, form)(value)
    return checks.answered


def fail_allocations(hooks: Hooks) -> int:
    """Every allocation of the engine's own, for everyday values and the small ones; the number of values."""
    from compiled.agreement import daily
    from compiled.promise import Checks

    from codec import twin

    assert twin is not None
    checks = Checks(hooks)
    inputs = small_inputs()
    values = [*inputs["stored"], *inputs["json"]]
    for _, raw in daily():
        values.append(raw)
        text = twin.storage_to_json(raw)
        if text is not None:
            values.append(text)
    for value in values:
        checks.failing(value)
    return len(values)


FIRST_USES = 12  # of the allocations of a first use, at most so many fail


def fail_first_uses(hooks: Hooks) -> int:
    """Allocations that fail while the tables of a kind are loaded, each in a process of its own that has none: the
    second time all is well, and as much is held as if nothing had failed. The number of failures."""
    from compiled.agreement import daily

    rng = Random(4)
    values = dict(daily())
    failed = 0
    for name in ("core.v1.Pod", "core.v1.Secret", "core.v1.Endpoints", "autoscaling.v2.HorizontalPodAutoscaler"):
        raw = values[name]
        text = in_child(lambda raw=raw: codec.storage_to_json(raw))
        for road, given in (
            (lambda raw: codec.twin.storage_to_json(raw), raw),  # type: ignore[union-attr]
            (lambda raw: codec.twin.storage_to_yaml(raw), raw),  # type: ignore[union-attr]
            (lambda raw: codec.twin.decode(raw), raw),  # type: ignore[union-attr]
            (lambda raw: codec.twin.encode(codec.decode(raw)), raw),  # type: ignore[union-attr]
            (lambda text: codec.twin.json_to_storage(text), text),  # type: ignore[union-attr]
        ):
            right, asked, held = in_child(lambda road=road, given=given: first_use(hooks, road, given, 0))
            if right is None:
                raise AssertionError(f"no answer for {name}")
            for number in sorted(rng.sample(range(1, asked + 1), min(asked, FIRST_USES))):
                found, _, left = in_child(
                    lambda road=road, given=given, number=number: first_use(hooks, road, given, number)
                )
                if found != right or left != held:
                    raise AssertionError(
                        f"after allocation {number} of {asked} failed in the first use for {name}, {left - held} places"
                        f" more are held, and the answer is {'well' if found == right else repr(found)[:200]}"
                    )
                failed += 1
    return failed


def first_use(hooks: Hooks, road: Callable[[Any], Any], given: Any, number: int) -> tuple[Any, int, int]:
    """The answer of the second call, the allocations of the first, of which one failed, and the places held at last."""
    from compiled.agreement import described

    hooks.reset(number)
    with contextlib.suppress(MemoryError):
        road(given)
    asked = hooks.asked()
    hooks.reset()
    road(given)
    answer = described(road(given))
    return repr(answer), asked, hooks.live()


def in_child(call: Callable[[], Any]) -> Any:
    """What a call gives in a process that branches off here."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        status = 1
        try:
            os.close(reading)
            with os.fdopen(writing, "wb") as out:
                pickle.dump(call(), out)
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading, "rb") as found:
        data = found.read()
    _, status = os.waitpid(child, 0)
    if status:
        raise AssertionError(f"a child ended with {status}")
    return pickle.loads(data)


def fail_python(hooks: Hooks) -> int:
    """Every allocation that the engine asks Python for, one at a time: MemoryError or the right answer, and no block
    is kept. The number of failures."""
    from compiled.agreement import daily, described

    from codec import twin

    assert twin is not None
    failed = 0
    for name, raw in daily():
        text, obj = codec.storage_to_json(raw), codec.decode(raw)
        for road, given in (
            (twin.storage_to_json, raw),
            (twin.storage_to_yaml, raw),
            (twin.decode, raw),
            (twin.encode, obj),
            (twin.json_to_storage, text),
        ):
            right = described(road(given))
            for _ in range(2):
                reset_python(hooks)
                road(given)
                asked = hooks.python_asked()
            for number in range(1, asked + 1):
                live = hooks.live()
                if not fails(hooks, road, given, number, right):
                    continue
                failed += 1
                if hooks.live() != live:
                    raise AssertionError(
                        f"{road.__name__} of {name} kept places when Python's allocation {number} failed"
                    )
            # The same failures again and again leave nothing behind.
            for turn in range(4):
                for number in range(1, min(asked, 20) + 1):
                    fails(hooks, road, given, number, right)
                if turn == 1:
                    gc.collect()
                    blocks = sys.getallocatedblocks()
            gc.collect()
            if sys.getallocatedblocks() > blocks + 20:
                raise AssertionError(f"{road.__name__} of {name} kept {sys.getallocatedblocks() - blocks} blocks")
    return failed


def fails(hooks: Hooks, road: Callable[[Any], Any], given: Any, number: int, right: Any) -> bool:
    """Whether there is no answer when that allocation of Python fails."""
    from compiled.agreement import described

    answer = None
    try:
        hooks.python(number)
        answer = road(given)
    except MemoryError:
        pass
    finally:
        reset_python(hooks)
    if answer is not None and described(answer) != right:
        raise AssertionError(f"{road.__name__} gave another answer when Python's allocation {number} failed")
    return answer is None


def reset_python(hooks: Hooks) -> None:
    try:
        hooks.python()
    except Exception:  # this call had the allocation that failed
        hooks.python()


def main() -> None:
    hooks = use(Path(sys.argv[1]))
    found = {"first uses": fail_first_uses(hooks)}  # while this process has no tables
    found |= {"answers": expect_little(hooks), "values": fail_allocations(hooks), "failures": fail_python(hooks)}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
