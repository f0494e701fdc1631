"""Kubernetes types that have a text form of their own, and the lists, maps and bytes that remember they were nil.

Names resolve on first use, so that a road that needs one type loads one module."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn, Self

    from codec.types.duration import Duration as Duration
    from codec.types.intstr import IntOrString as IntOrString
    from codec.types.intstr import OddIntOrString as OddIntOrString
    from codec.types.quantity import Quantity as Quantity
    from codec.types.rawjson import RawJSON as RawJSON
    from codec.types.time import MicroTime as MicroTime
    from codec.types.time import Time as Time

    AnyList = list[Any]
    AnyDict = dict[str, Any]
else:
    AnyList = list
    AnyDict = dict

__all__ = [
    "AbsentBytes",
    "Duration",
    "IntOrString",
    "MicroTime",
    "NilDict",
    "NilList",
    "OddIntOrString",
    "Quantity",
    "RawJSON",
    "Time",
]


set_slot = object.__setattr__  # how a constructor gets past the lock below


class Frozen:
    """The base of the value types: set once, then immutable, so that one value can stand in many objects.

    A subclass names its attributes in __slots__ and, in the order of its constructor, in __match_args__. Copies are
    the value itself; pickle and repr go through the constructor."""

    __slots__ = ()
    __match_args__: tuple[str, ...] = ()

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is immutable")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is immutable")

    def _arguments(self) -> tuple[Any, ...]:
        return tuple([getattr(self, name) for name in self.__match_args__])

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._arguments() == other._arguments()

    def __hash__(self) -> int:
        return hash((type(self), self._arguments()))

    def __reduce__(self) -> tuple[type, tuple[Any, ...]]:
        return type(self), self._arguments()

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join([repr(argument) for argument in self._arguments()])})"


class NilList(AnyList):
    """A list that stands for Go's nil slice: while empty, a field without omitempty prints it as `null`, not `[]`.

    It equals any empty list. Once it has elements it prints like any other list."""

    __slots__ = ()


class NilDict(AnyDict):
    """A dict that stands for Go's nil map: while empty, a field without omitempty prints it as `null`, not `{}`.

    It equals any empty dict. Once it has entries it prints like any other dict."""

    __slots__ = ()


class AbsentBytes(bytes):
    """No bytes, read from a map entry without a value: an empty value in JSON, and no value again on the wire.

    A real API server stores a Secret's null value so. None in a map is Go's nil: `null` in JSON."""

    __slots__ = ()


_HOMES = {
    "Duration": "duration",
    "IntOrString": "intstr",
    "MicroTime": "time",
    "OddIntOrString": "intstr",
    "Quantity": "quantity",
    "RawJSON": "rawjson",
    "Time": "time",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(__import__(f"{__name__}.{home}", fromlist=[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
