"""HorizontalPodAutoscalers of every version: what they aim at, and where they stand.

Source: kubernetes pkg/printers/internalversion/printers.go formatHPAMetrics; pkg/apis/autoscaling/v1/conversion.go,
pkg/apis/autoscaling/v2/defaults.go.
"""

from __future__ import annotations

from codec.errors import CodecError
from codec.query.columns import Columns
from codec.query.columns.formats import quantity

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


# type and name of a metric, and what it aims at
_Metric = tuple[str, str, "_Amounts | None"]


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


def _of_v2(obj: Any) -> tuple[list[_Metric], list[Any]]:
    return [_metric(each) for each in obj.spec.metrics] or [_cpu()], obj.status.currentMetrics


def _metric(metric: Any) -> _Metric:
    held = _held(metric, metric.type)
    return metric.type, getattr(held, "name", ""), _amounts(held, "target", "target")


def _held(metric: Any, type: str) -> Any:
    """What a metric says of a type, whichever type it says that it is of."""
    return getattr(metric, _FIELDS.get(type, ""), None)


def _cpu(utilization: int = DEFAULT_UTILIZATION) -> _Metric:
    return "Resource", "cpu", _Amounts(None, None, utilization)


def _of_v1(obj: Any) -> tuple[list[_Metric], list[Any]]:
    """The CPU alone has fields; it comes behind what an annotation holds."""
    from codec.api.autoscaling import v2
    from codec.api.autoscaling.v1 import MetricSpec, MetricStatus

    target, current = obj.spec.targetCPUUtilizationPercentage, obj.status.currentCPUUtilizationPercentage
    wanted = [_metric(each) for each in _annotated(obj, METRICS, MetricSpec) or ()]
    if target is not None:
        wanted.append(_cpu(target))
    found = _annotated(obj, CURRENT_METRICS, MetricStatus)
    if found is None:
        resource = v2.ResourceMetricStatus(current=v2.MetricValueStatus(averageUtilization=current))
        found = [] if current is None else [v2.MetricStatus(resource=resource)]
    return wanted or [_cpu()], found


def _annotated(obj: Any, annotation: str, cls: Any) -> list[Any] | None:
    """The metrics of an annotation; None where there is none that can be read."""
    text = obj.metadata.annotations.get(annotation)
    if text is None:
        return None
    from codec.text import json_plain, json_reader
    from codec.text.objects import from_dict

    try:
        found = json_plain.read(json_reader.Cursor(text))
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            return None
        return [from_dict(each, cls, allow_unknown=True) for each in found]
    except CodecError:
        return None


def _targets(wanted: list[_Metric], found: list[Any]) -> str:
    texts = []
    for number, (type, name, target) in enumerate(wanted):
        if target is None:
            texts.append("<unknown type>" if type not in _FIELDS else f"{UNKNOWN}/{UNKNOWN}")
            continue
        held = _held(found[number], type) if number < len(found) else None
        texts.append(_target(type, name, target, _amounts(held, "current", "current")))
    shown = ", ".join(texts[:SHOWN])
    return f"{shown} + {len(texts) - SHOWN} more..." if len(texts) > SHOWN else shown


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
