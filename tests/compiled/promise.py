"""The promise of the compiled engine, as checks: the answer of the readable one or None, nothing kept, no more memory
than the input is worth, a MemoryError where an allocation fails. Shared by the tests of this folder and scripts/fuzz.
"""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Callable
from random import Random
from typing import Any

from compiled import change_objects
from compiled.agreement import FROM_STORAGE, ReadableAlone, compare, described
from compiled.instrumented import Hooks

import codec
from codec import twin

# What a road may hold at once, of its own: so many bytes, and so many for each byte of the input. A tape takes 32 for
# each value of a JSON text, and doubles; a list in YAML is indented by its depth.
ALWAYS = 128 << 10
FOR_EACH_BYTE = 400
SMALL = 40_000  # bytes that a change may add to an object
FAILURES = 6  # allocations that are made to fail for one road and value, at most

Call = Callable[[], Any]


class BrokenPromise(AssertionError):
    """The engines disagree, or the compiled one kept or took what it should not."""


class Checks:
    """The checks, in a process whose engine may have hooks."""

    def __init__(self, hooks: Hooks | None = None) -> None:
        assert twin is not None
        self.twin = twin
        self.hooks = hooks
        self.answered = 0  # times that the compiled engine did not hand the input on

    def stored(self, raw: bytes, compared: bool = True) -> None:
        """Stored bytes on every road, and the object's road back; compared: with the readable engine too."""
        for name in FROM_STORAGE:
            self._watched(lambda name=name: FROM_STORAGE[name][0](raw), len(raw), name)
        made = self.twin.decode(raw)
        self.answered += made is not None
        if made is not None:
            self._watched(lambda: self.twin.encode(made), len(raw), "encode")
        if compared:
            for name, (compiled, whole, described_as) in FROM_STORAGE.items():
                self._agrees(name, compiled, whole, described_as, raw)
            if made is not None:
                self._agrees("encode", self.twin.encode, codec.encode, bytes, made)

    def json(self, data: bytes, compared: bool = True) -> None:
        """JSON, as bytes and as text, to stored bytes; and as a stored value itself."""
        found = None
        for given in (data, data.decode("utf-8", "surrogateescape")):
            found = self._watched(lambda given=given: self.twin.json_to_storage(given), len(data), "json_to_storage")
            self.answered += found is not None
            if compared:
                self._agrees("json_to_storage", self.twin.json_to_storage, codec.json_to_storage, bytes, given)
        if found is not None:
            self.stored(found, compared)
        self.stored(data, compared)

    def object(self, raw: bytes, compared: bool = True) -> None:
        """An object that was decoded, with attributes that were changed to anything, encoded."""
        rng = Random(zlib.crc32(raw))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                made = codec.decode(raw)
            except codec.CodecError:
                return
        for turn in range(4):
            changed = change_objects.changed(rng, made) if turn else made
            found = self._watched(lambda changed=changed: self.twin.encode(changed), len(raw) + SMALL, "encode")
            self.answered += found is not None
            if compared:
                self._agrees("encode", self.twin.encode, codec.encode, bytes, changed)

    def failing(self, raw: bytes, compared: bool = True) -> None:
        """Every road while each of its allocations fails: the same answer, none, or a MemoryError."""
        assert self.hooks is not None
        rng = Random(zlib.crc32(raw))
        if raw.startswith(b"k8s\0"):
            made = self.twin.decode(raw)
            calls: dict[str, Call] = {name: lambda name=name: FROM_STORAGE[name][0](raw) for name in FROM_STORAGE}
            if made is not None:
                calls["encode"] = lambda: self.twin.encode(made)
        else:
            calls = {"json_to_storage": lambda: self.twin.json_to_storage(raw)}
        for name, call in calls.items():
            self.hooks.reset()
            right = described(call())
            asked = self.hooks.asked()
            chosen = range(1, asked + 1)
            for number in chosen if asked <= FAILURES else sorted(rng.sample(chosen, FAILURES)):
                for count in (1, 1 << 30):
                    live = self.hooks.live()
                    self.hooks.reset(number, count)
                    try:
                        answer = described(call())
                    except MemoryError:
                        answer = None
                    finally:
                        self.hooks.reset()
                    if answer is not None and answer != described(None) and answer != right:
                        raise BrokenPromise(f"{name} gave another answer when allocation {number} of {asked} failed")
                    if self.hooks.live() != live:
                        left = self.hooks.live() - live
                        raise BrokenPromise(f"{name} kept {left} places when allocation {number} of {asked} failed")

    def _watched(self, call: Call, size: int, name: str) -> Any:
        """The answer; what was allocated on the way stays in bounds, and is freed."""
        hooks = self.hooks
        if hooks is None:
            return call()
        live, held = hooks.live(), hooks.held()
        hooks.reset()
        answer = call()
        most = hooks.most() - held
        if hooks.live() != live:
            # The tables of messages that were met for the first time stay; the second time none is.
            live, held = hooks.live(), hooks.held()
            hooks.reset()
            call()
            most = hooks.most() - held
            if hooks.live() != live:
                raise BrokenPromise(f"{name} kept {hooks.live() - live} places")
        if most > ALWAYS + FOR_EACH_BYTE * size:
            raise BrokenPromise(f"{name} held {most} bytes at once for an input of {size}")
        return answer

    def _agrees(self, name: str, compiled: Any, whole: Any, described_as: Any, value: Any) -> None:
        try:
            compare(compiled, whole, described_as, value)
        except (AssertionError, codec.CodecError, Warning) as error:
            answers = [described_as(compiled(value)), type(error).__name__]
            if isinstance(error, AssertionError):
                with ReadableAlone():
                    answers[1] = described_as(whole(value))
            one, other = map(str, answers)
            place = next((place for place, pair in enumerate(zip(one, other, strict=False)) if len({*pair}) > 1), 0)
            around = slice(max(place - 80, 0), place + 80)
            words = f"the compiled engine gave {one[around]!r}, the readable one {other[around]!r}"
            raise BrokenPromise(f"{name}: from place {place} on {words}") from error
