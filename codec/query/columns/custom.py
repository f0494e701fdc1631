"""The columns of custom resources: additionalPrinterColumns of their CustomResourceDefinition.

Source: apiextensions-apiserver pkg/registry/customresource/tableconvertor; apimachinery pkg/version/helpers.go for
the version whose columns are shown.
"""

from __future__ import annotations

from codec.query.age import bounded, human_duration, moment
from codec.query.columns import DEFAULT, Columns
from codec.query.columns.jsonpath import PathError, find, parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from codec.query.age import Clock
    from codec.query.columns import Cell
    from codec.query.columns.jsonpath import Step

    Read = Callable[[Any, Clock], Cell]

RIPENESS = ("alpha", "beta", "")  # of a version, in rising order


def columns_of_definition(definition: Any) -> Columns:
    """The columns that an API server serves for the resource of a CustomResourceDefinition.

    definition: of either version; or Unstructured, as one is read that has fields of a newer release.
    """
    spec = _part(getattr(definition, "content", definition), "spec")
    columns = _list(_preferred(spec), "additionalPrinterColumns") or _list(spec, "additionalPrinterColumns")
    if not columns:
        return DEFAULT
    names = ["Name"]
    reads: list[tuple[Sequence[Step], Read]] = []
    is_wide = [False]
    for each in columns:
        # In v1beta1 it is written so; both versions are stored.
        path = _part(each, "jsonPath") or _part(each, "JSONPath")
        try:
            steps = parse(path if isinstance(path, str) else "")
        except PathError:
            break  # the columns before it are served, as upstream does
        names.append(str(_part(each, "name") or ""))
        is_wide.append(bool(_part(each, "priority")))
        reads.append((steps, _READS.get(str(_part(each, "type")), _nothing)))

    def cells(obj: Any, clock: Clock) -> list[Cell]:
        tree = _tree(obj)
        metadata = tree.get("metadata")
        name = metadata.get("name") if isinstance(metadata, dict) else ""
        found: list[Cell] = [name if isinstance(name, str) else ""]
        for steps, read in reads:
            values = find(steps, tree)
            found.append(read(values[0], clock) if values else None)
        return found

    return Columns(names, cells, is_wide)


def _tree(obj: Any) -> dict[str, Any]:
    content = getattr(obj, "content", None)
    if isinstance(content, dict):
        return {"apiVersion": obj.apiVersion, "kind": obj.kind, **content}
    # A kind that the caller registered has a class of its own.
    from codec.text.objects import to_dict

    return to_dict(obj)


def _part(value: Any, name: str) -> Any:
    """A field of an object, or of a plain tree; None where there is none."""
    return value.get(name) if isinstance(value, dict) else getattr(value, name, None)


def _list(value: Any, name: str) -> list[Any]:
    found = _part(value, name)
    return found if isinstance(found, list) else []


def _preferred(spec: Any) -> Any:
    """The version that discovery puts first: served, of the highest priority."""
    served = [each for each in _list(spec, "versions") if _part(each, "served")]
    return max(served, key=lambda each: _priority(str(_part(each, "name"))), default=None)


def _priority(version: str) -> tuple[int, int, int, tuple[int, ...]]:
    """`v2` before `v1`, `v1beta2`, `v1alpha1`; names of other forms come last, by the alphabet."""
    if version.startswith("v"):
        for ripeness, word in enumerate(RIPENESS):
            major, found, minor = version[1:].partition(word) if word else (version[1:], "", "0")
            if found == word and _is_number(major) and _is_number(minor):
                return 1, ripeness, int(major), (int(minor),)
    # Of two of which one begins with the other, the shorter.
    return 0, 0, 0, (*[-ord(char) for char in version], 1)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def _text(value: Any, clock: Clock) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return "<no value>"  # as text/template prints it
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        from codec.text.number import format_general

        return format_general(value)
    if isinstance(value, int):
        return str(value)
    from codec.text.json_plain import sorted_tree
    from codec.text.json_writer import dump
    from codec.text.tree import printed

    return printed(dump, sorted_tree(value)).decode()


def _integer(value: Any, clock: Clock) -> Cell:
    if isinstance(value, float):
        # What Go makes of a float64 that is no int64, on x86.
        return int(value) if abs(value) < 1 << 63 else -(1 << 63)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _number(value: Any, clock: Clock) -> Cell:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    number = float(value)
    # It travels as JSON, in which a whole number is no float any more.
    return int(number) if number.is_integer() and abs(number) < 1 << 63 else number


def _boolean(value: Any, clock: Clock) -> Cell:
    return value if isinstance(value, bool) else None


def _date(value: Any, clock: Clock) -> Cell:
    from codec.types.time import Time

    if not isinstance(value, str):
        return None
    try:
        instant = Time() if value in ("", "null") else Time.parse(value)
        if instant and ("." in value or "," in value):
            return human_duration(bounded(clock.now - moment(value)))
        return clock.since(instant)
    except ValueError:
        return "<invalid>"


def _nothing(value: Any, clock: Clock) -> Cell:
    return None


_READS: dict[str, Read] = {
    "string": _text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
}
