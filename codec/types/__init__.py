"""Kubernetes types that have a text form of their own, and the lists, maps and bytes that remember they were nil.

Names resolve on first use, so that a road that needs one type loads one module."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .duration import Duration as Duration
    from .intstr import IntOrString as IntOrString
    from .intstr import OddIntOrString as OddIntOrString
    from .quantity import Quantity as Quantity
    from .rawjson import RawJSON as RawJSON
    from .time import MicroTime as MicroTime
    from .time import Time as Time

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
