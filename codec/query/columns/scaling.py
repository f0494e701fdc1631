"""HorizontalPodAutoscalers of every version: what they aim at, and where they stand.

Source: kubernetes pkg/printers/internalversion/printers.go formatHPAMetrics; pkg/apis/autoscaling/v1/conversion.go,
pkg/apis/autoscaling/v2/defaults.go.
"""

from __future__ import annotations

from codec.errors import CodecError
from codec.query.columns import Columns
from codec.query.columns.formats import NONE, quantity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from codec.query.age import Clock
    from codec.query.columns import Cell
    from codec.types import Quantity

SHOWN = 2  # metrics
UNKNOWN = "<unknown>"
DEFAULT_UTILIZATION = 80  # percent of the requested CPU; pkg/apis/autoscaling/types.go

# Where API servers kept what autoscaling/v1 has no fields for; pkg/apis/autoscaling/annotations.go
METRICS = "autoscaling.alpha.kubernetes.io/metrics"
CURRENT_METRICS = "autoscaling.alpha.kubernetes.io/current-metrics"

# type of a metric → the field that holds it
_FIELDS = {
    "External": "external",
    "Pods": "pods",
    "Object": "object",
    "Resource": "resource",
    "ContainerResource": "containerResource",
}


class _Amounts:
    """What a metric aims at, or where it stands, whichever version says so."""

    __slots__ = ("average", "utilization", "value")

    def __init__(self, value: Quantity | None, average: Quantity | None, utilization: int | None) -> None:
        self.value = value
        self.average = average
        self.utilization = utilization


def _amounts(metric: Any, nested: str, flat: str) -> _Amounts | None:
    """Of a metric as v2 has it (`target.averageValue`), or as v1 and v2beta1 do (`targetAverageValue`)."""
    if metric is None:
        return None
    # In the older versions `target` is the object that a metric is about.
    found = getattr(metric, nested, None)
    if found is not None and hasattr(found, "averageUtilization"):
        return _Amounts(found.value, found.averageValue, found.averageUtilization)
    average = getattr(metric, f"{flat}AverageValue", None)
    return _Amounts(
        getattr(metric, f"{flat}Value", None),
        getattr(metric, "averageValue", None) if average is None else average,
        getattr(metric, f"{flat}AverageUtilization", None),
    )


def horizontal_pod_autoscaler(obj: Any, clock: Clock) -> Sequence[Cell]:
    spec = obj.spec
    return (
        obj.metadata.name,
        f"{spec.scaleTargetRef.kind}/{spec.scaleTargetRef.name}",
        _targets(*(_of_v1(obj) if hasattr(spec, "targetCPUUtilizationPercentage") else _of_v2(obj))),
        1 if spec.minReplicas is None else spec.minReplicas,
        spec.maxReplicas,
        obj.status.currentReplicas,
        clock.since(obj.metadata.creationTimestamp),
    )


# type and name of a metric, and its amounts
_Metric = tuple[str, str, "_Amounts | None"]


def _of_v2(obj: Any) -> tuple[list[_Metric], list[_Metric]]:
    wanted = [_metric(each, "target") for each in obj.spec.metrics]
    return wanted or [_cpu(DEFAULT_UTILIZATION)], [_metric(each, "current") for each in obj.status.currentMetrics]


def _metric(metric: Any, word: str) -> _Metric:
    field = _FIELDS.get(metric.type)
    held = None if field is None else getattr(metric, field, None)
    return metric.type, getattr(held, "name", ""), _amounts(held, word, word)


def _cpu(utilization: int) -> _Metric:
    return "Resource", "cpu", _Amounts(None, None, utilization)


def _of_v1(obj: Any) -> tuple[list[_Metric], list[_Metric]]:
    """The CPU alone has fields; it comes behind what an annotation holds."""
    target, current = obj.spec.targetCPUUtilizationPercentage, obj.status.currentCPUUtilizationPercentage
    wanted = _annotated(obj, METRICS, "target") or []
    if target is not None:
        wanted.append(_cpu(target))
    found = _annotated(obj, CURRENT_METRICS, "current")
    if found is None:
        found = [] if current is None else [_cpu(current)]
    return wanted or [_cpu(DEFAULT_UTILIZATION)], found


def _annotated(obj: Any, annotation: str, word: str) -> list[_Metric] | None:
    """The metrics of an annotation; None where there is none that can be read."""
    text = obj.metadata.annotations.get(annotation)
    if text is None:
        return None
    from codec.api.autoscaling.v1 import MetricSpec, MetricStatus
    from codec.text import json_plain, json_reader
    from codec.text.objects import from_dict

    cls: Any = MetricSpec if word == "target" else MetricStatus
    try:
        found = json_plain.read(json_reader.Cursor(text))
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            return None
        return [_metric(from_dict(each, cls, allow_unknown=True), word) for each in found]
    except CodecError:
        return None


def _targets(wanted: list[_Metric], found: list[_Metric]) -> str:
    texts = []
    for number, (type, name, target) in enumerate(wanted):
        current = found[number] if number < len(found) else ("", "", None)
        if target is None:
            texts.append("<unknown type>" if type not in _FIELDS else f"{UNKNOWN}/{UNKNOWN}")
        else:
            # What stands in another field than this metric's says nothing of it.
            texts.append(_target(type, name, target, current[2] if current[0] == type else None))
    shown = ", ".join(texts[:SHOWN])
    return f"{shown} + {len(texts) - SHOWN} more..." if len(texts) > SHOWN else shown or NONE


def _target(type: str, name: str, target: _Amounts, current: _Amounts | None) -> str:
    if type == "Pods":
        return f"{_or_unknown(current, 'average')}/{quantity(target.average)}"
    if type in ("External", "Object"):
        if target.average is None:
            return f"{_or_unknown(current, 'value')}/{quantity(target.value)}"
        stands = None if current is None or current.average is None else current
        return f"{_or_unknown(stands, 'average')}/{quantity(target.average)} (avg)"
    if target.average is not None:
        return f"{name}: {_or_unknown(current, 'average')}/{quantity(target.average)}"
    share = UNKNOWN if current is None or current.utilization is None else f"{current.utilization}%"
    return f"{name}: {share}/{'<auto>' if target.utilization is None else f'{target.utilization}%'}"


def _or_unknown(amounts: _Amounts | None, which: str) -> str:
    return UNKNOWN if amounts is None else quantity(getattr(amounts, which))


COLUMNS = {
    ("autoscaling", "HorizontalPodAutoscaler"): Columns(
        "Name,Reference,Targets,MinPods,MaxPods,Replicas,Age", horizontal_pod_autoscaler
    ),
}
