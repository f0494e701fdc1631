"""JSON text → plain dict, list, str, int, float, bool and None, for objects without a schema.

As Go's unstructured: integers beyond 64 bits become floats. Duplicate keys are refused.
"""

from __future__ import annotations

from codec.errors import DecodeError, EncodeError, printable
from codec.text.json_reader import Cursor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


def read(cursor: Cursor) -> Any:
    """Reads one value at the cursor. DecodeError with path and offset (bytes of the JSON text)."""
    # The containers that are open, with what is left of them: no recursion, so that depth costs only memory.
    root: list[Any] = []
    open_values: list[tuple[Any, Iterator[Any]]] = [(root, iter((0,)))]
    names: list[str] = []  # the way to the value that is being read, as a path has it
    try:
        while open_values:
            container, places = open_values[-1]
            place = next(places, None)
            if place is None:
                open_values.pop()
                if names:
                    names.pop()
                continue
            names.append(f"[{place}]" if isinstance(container, list) else f".{printable(place)}")
            first = cursor.peek()
            value: Any
            if first == "{":
                value = {}
                open_values.append((value, cursor.members()))
            elif first == "[":
                value = []
                open_values.append((value, cursor.elements()))
            else:
                value = _scalar(cursor, first)
                names.pop()
            if isinstance(container, list):
                container.append(value)
            else:
                container[place] = value
    except DecodeError as error:
        error.inside("".join(names[1:]).removeprefix("."))
        raise
    return root[0]


def _scalar(cursor: Cursor, first: str) -> Any:
    if first == '"':
        return cursor.string()
    start = cursor.pos
    text = cursor.raw()
    if first in ("t", "f"):
        return text == "true"
    if first == "n":
        return None
    if text.removeprefix("-").isdecimal() and len(text) <= 20 and -(1 << 63) <= int(text) < 1 << 63:
        return int(text)
    value = float(text)
    if value in (float("inf"), float("-inf")):
        cursor.fail("the number is out of range", start)
    return value


def _key_bytes(name: Any) -> bytes:
    if not isinstance(name, str):
        raise EncodeError(f"expected a key that is a string, got {type(name).__name__}")
    return name.encode("utf-8", "surrogatepass")


def sorted_tree(value: Any) -> Any:
    """The same tree with the keys of every dict in the order of their bytes, as Go prints a map."""
    root = [value]
    # Containers whose items are still to be replaced by their sorted copies: no recursion, as above.
    open_values: list[Any] = [root]
    while open_values:
        container = open_values.pop()
        for place, item in container.items() if isinstance(container, dict) else enumerate(container):
            if isinstance(item, dict):
                names = sorted(item, key=_key_bytes)
                container[place] = {name: item[name] for name in names}
            elif isinstance(item, list):
                container[place] = item.copy()
            else:
                continue
            open_values.append(container[place])
    return root[0]
