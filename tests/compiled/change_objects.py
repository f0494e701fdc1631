"""Puts anything anywhere into an object: values of wrong types, None, subclasses, huge integers, lone surrogates."""

from __future__ import annotations

import copy
import enum
from random import Random
from typing import Any

import codec
from codec import types
from codec.api.core.v1 import Pod, Protocol
from codec.api.meta.v1 import ObjectMeta


class Text(str):
    """No str, for who asks for the type itself."""


class Number(int):
    pass


class Real(float):
    pass


class Items(list[Any]):
    pass


class Entries(dict[Any, Any]):
    pass


class Data(bytes):
    pass


class Other(ObjectMeta, kw_only=True):
    """A class that inherits from one of ours."""


class Name(enum.StrEnum):
    A = "a"


def anything(rng: Random) -> Any:
    """A value, a new one each time."""
    # fmt: off
    plain: list[Any] = [
        None, True, False, 0, 1, -1, 2**31 - 1, 2**31, -(2**31), -(2**31) - 1, 2**63 - 1, 2**63, -(2**63), 2**64,
        2**200, 0.0, -0.0, 1.5, 1e300, float("nan"), float("inf"), 5e-324, "", "a", "a" * 39, "a" * 41, "a" * 3000,
        "é", "日本", "😀", "\ud800", "\udc80", "\udcff", "a\udcc3\udca9", "\x00", "\ud83d\ude00", "80%", "1Gi", b"",
        b"a", b"\xff" * 20, bytearray(b"a"), memoryview(b"a"), (), ("a",), {"a"}, object(), type, 1j, Text("a"),
        Text("\ud800"), Number(5), Real(1.5), Data(b"a"), Protocol.TCP, Name.A, Pod, lambda: None,
    ]
    made: list[Any] = [
        [], [None], ["a"], [1], [b"a"], [[]], ["a", None, "b"], ["\ud800"], {}, {"a": "b"}, {"a": None},
        {"b": "", "a": ""},
        {"é": "b", "z": "", "\udcff": ""}, {"\ud800": "a"}, {1: "a"}, {None: "a"}, {"a": 1}, {"a": b"b"}, {"a": []},
        {b"a": "b"}, {Text("a"): Text("b")}, {str(number): "" for number in range(40, 0, -1)}, types.NilList(),
        types.NilDict(), types.AbsentBytes(), {"a": types.AbsentBytes()}, Items(["a"]), Entries({"a": "b"}),
        types.Time(), types.Time(0), types.Time(5, 999), types.Time(2**62), types.MicroTime(), types.MicroTime(1, 1234),
        types.MicroTime(-62135596800, 999), types.MicroTime(-62135596800, 5000000), types.Duration(0),
        types.Duration(-(2**63)), types.Quantity("1"), types.Quantity("1.50"), types.Quantity("1024Ki"),
        types.Quantity("no quantity"), types.Quantity("9" * 40), types.RawJSON(), types.RawJSON(b""),
        types.RawJSON(b"{}"), types.RawJSON(b"no JSON"), ObjectMeta(), ObjectMeta(name="a"), Pod(), Other(name="a"),
        Pod(apiVersion=""), Pod(kind="Node"), [ObjectMeta()], {"a": ObjectMeta()}, [Pod(), None],
    ]
    # fmt: on
    return rng.choice(rng.choice((plain, made)))


TEXTS = ("", "a", "é", "😀", "a" * 39, "a" * 41, "a" * 3000, "\udcff", "\x00", "80%", "1:30", Text("a"), Protocol.TCP)
INTEGERS = (0, 1, -1, 127, 128, 2**31 - 1, 2**31, -(2**31), 2**63 - 1, -(2**63), 2**64)


def fitting(rng: Random, held: Any) -> Any:
    """A value of the same type, which may be wrong all the same."""
    if isinstance(held, str):
        return rng.choice(TEXTS)
    if isinstance(held, bool):
        return not held
    if isinstance(held, int):
        return rng.choice(INTEGERS)
    if isinstance(held, bytes):
        return rng.choice((b"", b"a", b"\xff" * 300, Data(b"a")))
    if isinstance(held, float):
        return rng.choice((0.0, -0.0, 1.5, 1e300, 5e-324, -3.0))
    if isinstance(held, list):
        return rng.choice(([], [*held, *held], held[::-1], held[:1] * 50, types.NilList()))
    if isinstance(held, dict):
        keys = [*held, "a", "b", "é", ""]
        rng.shuffle(keys)
        return rng.choice(({}, {key: next(iter(held.values()), "") for key in keys}, types.NilDict()))
    if isinstance(held, types.Time):
        return types.Time(
            rng.choice((0, 1, -62135596800, 253402300799, 253402300800, 2**62, -(2**62))), rng.choice((0, 1))
        )
    if isinstance(held, types.MicroTime):
        return types.MicroTime(rng.choice((0, 1, -62135596800, 253402300800)), rng.choice((0, 1, 1000, 999999999)))
    if isinstance(held, types.Duration):
        return types.Duration(rng.choice((0, 1, -1, 60_000_000_000, 2**63 - 1, -(2**63))))
    if isinstance(held, types.Quantity):
        return types.Quantity(
            rng.choice(("0", "1", "1.50", "1024Ki", "1000m", "9" * 30, "-0.1", "5e3", "no quantity", ""))
        )
    if isinstance(held, types.RawJSON):
        return types.RawJSON(rng.choice((None, b"", b"{}", b'{"a": 1}', b"no JSON", b"\xff" * 2000)))
    return None if held is not None else rng.choice(("a", 1, True, [], {}))


def places(root: Any) -> list[tuple[Any, Any]]:
    """Every (object, attribute name), (list, index) and (dict, key) within."""
    found: list[tuple[Any, Any]] = []
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, codec.Message):
            inside: list[tuple[Any, Any]] = [(name, getattr(value, name)) for name in type(value).__struct_fields__]
        elif isinstance(value, list):
            inside = list(enumerate(value))
        elif isinstance(value, dict):
            inside = list(value.items())
        else:
            continue
        found += ((value, name) for name, _ in inside)
        waiting += (part for _, part in inside)
    return found


def changed(rng: Random, obj: Any) -> Any:
    """A deep copy with one to three places changed; the object itself where it is nested too deeply to be copied."""
    try:
        made = copy.deepcopy(obj)
    except RecursionError:
        return obj
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        found = places(made)
        if not found:
            break
        where, name = rng.choice(found)
        if isinstance(where, codec.Message):
            what = rng.randrange(20)
            if what == 0:
                delattr(where, name)
                return made  # what has no attribute cannot be copied or searched again
            value = anything(rng) if what < 7 else fitting(rng, getattr(where, name))
            if what == 1:
                value = where
            elif what == 2:
                value = getattr(where, rng.choice(type(where).__struct_fields__))
            setattr(where, name, value)
        elif rng.randrange(8) == 0 and isinstance(where, list):
            where.append(anything(rng))
        elif rng.randrange(8) == 0 and isinstance(where, dict):
            where[rng.choice((*where, "", "zz", Text("a"), 5))] = anything(rng)
        else:
            where[name] = anything(rng) if rng.randrange(3) == 0 else fitting(rng, where[name])
    return made
