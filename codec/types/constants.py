"""The constants of Go's string types, as StrEnums that are made when they are first asked for."""

from __future__ import annotations

from enum import StrEnum

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


def string_enum(module: dict[str, Any], name: str, members: Sequence[tuple[str, str]]) -> Any:
    """The StrEnum of a module of codec.api, which keeps it. members: (member, the constant itself)."""
    make: Any = StrEnum  # type checkers want the members written out
    made = make(name, members, module=module["__name__"])
    module[name] = made
    return made
