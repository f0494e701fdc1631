"""How parts that many kinds share are written in a cell: labels, selectors, containers, quantities, shortened lists.

Source: kubernetes pkg/printers/internalversion/printers.go, apimachinery pkg/labels and pkg/apis/meta/v1/helpers.go.
"""

from __future__ import annotations

from codec.query.labels import key_problem, value_problem
from codec.types.quantity import Quantity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

NONE = "<none>"
UNSET = "<unset>"
LIST_LENGTH = 3  # entries of a list that are shown

# operator of a LabelSelectorRequirement → what it is in a selector's text
_OPERATORS = {"In": " in ", "NotIn": " notin ", "Exists": "", "DoesNotExist": ""}


def in_order(texts: Iterable[str]) -> list[str]:
    """As Go sorts them: by their bytes, of which not all need be UTF-8."""
    return sorted(texts, key=_as_bytes)


def _as_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def labels_text(labels: Mapping[str, str]) -> str:
    """`a=b,c=d`, sorted as texts; `<none>` for none."""
    return ",".join(in_order([f"{key}={value}" for key, value in labels.items()])) or NONE


def selector_text(selector: Any) -> str | None:
    """The text of a LabelSelector: `a=b,c in (d,e),!f`, by key; "" for one that is empty or absent.

    None for one that Kubernetes does not take: an unknown operator, values that do not go with it, no label.
    """
    if selector is None:
        return ""
    parts = []
    for key, value in sorted(selector.matchLabels.items()):
        if key_problem(key) or value_problem(value):
            return None
        parts.append((key, f"{key}={value}"))
    for each in selector.matchExpressions:
        operator = _OPERATORS.get(each.operator)
        if operator is None or bool(operator) != bool(each.values) or key_problem(each.key):
            return None
        if any(map(value_problem, each.values)):
            return None
        values = f"({','.join(sorted(each.values))})" if operator else ""
        parts.append((each.key, f"{'!' if each.operator == 'DoesNotExist' else ''}{each.key}{operator}{values}"))
    parts.sort(key=lambda part: part[0])
    return ",".join([text for _, text in parts])


def selector_cell(selector: Any) -> str:
    """selector_text, as most kinds show it."""
    text = selector_text(selector)
    return "<error>" if text is None else text or NONE


def containers_and_images(template: Any) -> tuple[str, str]:
    """Names and images of the containers of a PodTemplateSpec, or of none."""
    containers = template.spec.containers if template is not None else ()
    return ",".join([each.name for each in containers]), ",".join([each.image for each in containers])


def quantity(value: Quantity | None) -> str:
    """As Go prints it: in canonical form; what is no quantity as it is."""
    return "<nil>" if value is None else value.wire


def amount(amounts: Mapping[str, Quantity], name: str) -> str:
    """A quantity of a list of resources; 0 where it is not in there.

    API servers round what they read there away from zero to thousandths; pkg/apis/core/v1/defaults.go
    SetDefaults_ResourceList.
    """
    found = amounts.get(name)
    if found is None:
        return "0"
    text = found.wire
    for small, power in _BELOW_THOUSANDTHS.items():
        if text.endswith(small):
            number = int(text.removesuffix(small))
            thousandths = -(-abs(number) // 10**power)
            suffix = "e-3" if small[0] == "e" else "m"
            return Quantity(f"{'-' if number < 0 else ''}{thousandths}{suffix}").wire
    return text


# suffix of a quantity in its canonical form → how many digits it goes below a thousandth
_BELOW_THOUSANDTHS = {"u": 3, "n": 6, "e-6": 3, "e-9": 6}


def shortened(entries: Sequence[str]) -> str:
    """The first of many: `a,b,c + 2 more...`; `<unset>` for none."""
    shown = ",".join(entries[:LIST_LENGTH])
    if len(entries) > LIST_LENGTH:
        return f"{shown} + {len(entries) - LIST_LENGTH} more..."
    return shown or UNSET


def boolean(value: bool | None) -> str:
    """As those kinds print it that print it themselves."""
    return "True" if value else "False"


def condition(conditions: Iterable[Any], type: str) -> Any:
    """The first condition of a type, or None."""
    for each in conditions:
        if each.type == type:
            return each
    return None


def has_true(conditions: Iterable[Any], type: str) -> bool:
    """Whether the first condition of a type is fulfilled."""
    found = condition(conditions, type)
    return found is not None and found.status == "True"
