"""The constants of Go's string types, as StrEnums that are made when they are first asked for."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any


def constants(module: dict[str, Any], tables: Mapping[str, Sequence[tuple[str, str]]], name: str) -> Any:
    """The StrEnum of that name for a module of codec.api, which keeps it; AttributeError where it has none."""
    members = tables.get(name)
    if members is None:
        raise AttributeError(f"module {module['__name__']!r} has no attribute {name!r}")
    from enum import StrEnum

    make: Any = StrEnum  # type checkers want the members written out
    made = make(name, members, module=module["__name__"])
    module[name] = made
    return made
