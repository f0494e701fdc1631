"""What the Endpoints family means, exactly as the API server and the controllers of v1.36 apply it.

    from codec import endpoints
    for row in endpoints.expand(obj): ...

The functions take typed objects, alter none of them and return new ones. Names are resolved on first use.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from codec.endpoints.canonical import is_canonical as is_canonical
    from codec.endpoints.canonical import repack as repack
    from codec.endpoints.canonical import same as same
    from codec.endpoints.capacity import truncate as truncate
    from codec.endpoints.costs import Change as Change
    from codec.endpoints.costs import Cost as Cost
    from codec.endpoints.costs import cost as cost
    from codec.endpoints.defaults import set_defaults as set_defaults
    from codec.endpoints.expansion import Row as Row
    from codec.endpoints.expansion import expand as expand
    from codec.endpoints.field_error import FieldError as FieldError
    from codec.endpoints.gathering import Gathered as Gathered
    from codec.endpoints.gathering import from_slices as from_slices
    from codec.endpoints.mirroring import Mirrored as Mirrored
    from codec.endpoints.mirroring import to_slices as to_slices
    from codec.endpoints.validation import validate as validate

# module → the public names it holds
_HOMES = {
    "canonical": ("is_canonical", "repack", "same"),
    "capacity": ("truncate",),
    "costs": ("Change", "Cost", "cost"),
    "defaults": ("set_defaults",),
    "expansion": ("Row", "expand"),
    "field_error": ("FieldError",),
    "gathering": ("Gathered", "from_slices"),
    "mirroring": ("Mirrored", "to_slices"),
    "validation": ("validate",),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "Change",
    "Cost",
    "FieldError",
    "Gathered",
    "Mirrored",
    "Row",
    "cost",
    "expand",
    "from_slices",
    "is_canonical",
    "repack",
    "same",
    "set_defaults",
    "to_slices",
    "truncate",
    "validate",
]


def __getattr__(name: str) -> object:
    module = _HOME_OF.get(name)
    if module is None:
        raise AttributeError(f"module 'codec.endpoints' has no attribute {name!r}")
    value = getattr(__import__(f"codec.endpoints.{module}", fromlist=[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME_OF})
