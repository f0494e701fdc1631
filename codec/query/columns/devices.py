"""Devices and groups of Pods: resource claims, slices, taints, pools; Workloads and PodGroups.

Source: kubernetes pkg/printers/internalversion/printers.go.
"""

from __future__ import annotations

from codec.query.columns import Columns
from codec.query.columns.formats import NONE, condition

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from codec.query.age import Clock
    from codec.query.columns import Cell


def resource_claim(obj: Any, clock: Clock) -> Sequence[Cell]:
    is_deleted = obj.metadata.deletionTimestamp is not None
    states = ["deleted"] if is_deleted else []
    if obj.status.allocation is not None:
        states.append("allocated")
        if obj.status.reservedFor:
            states.append("reserved")
    elif not is_deleted:
        states.append("pending")
    return obj.metadata.name, ",".join(states), clock.since(obj.metadata.creationTimestamp)


def resource_slice(obj: Any, clock: Clock) -> Sequence[Cell]:
    age = clock.since(obj.metadata.creationTimestamp)
    if not hasattr(obj, "spec"):  # in v1alpha2, without a pool
        return obj.metadata.name, obj.nodeName, obj.driverName, "", age
    return obj.metadata.name, obj.spec.nodeName, obj.spec.driver, obj.spec.pool.name, age


def device_taint_rule(obj: Any, clock: Clock) -> Sequence[Cell]:
    taint = obj.spec.taint
    return (
        obj.metadata.name,
        taint.key,
        taint.value,
        taint.effect,
        None if taint.timeAdded is None else clock.since(taint.timeAdded),
        clock.since(obj.metadata.creationTimestamp),
    )


def resource_pool_status_request(obj: Any, clock: Clock) -> Sequence[Cell]:
    status = obj.status
    word, completed, pool_count = "Pending", NONE, 0
    counts: Sequence[Cell] = ("-",) * 5
    if status is not None:
        for each in status.conditions:
            if each.status == "True" and each.type in ("Complete", "Failed"):
                word = each.type
                if word == "Complete":
                    completed = clock.since(each.lastTransitionTime)
                break
        pools = status.pools
        pool_count = status.poolCount or 0
        if word == "Complete" and pool_count > len(pools):
            word = f"Complete ({len(pools)}/{pool_count} pools)"
        if word != "Failed":
            amounts = ("totalDevices", "availableDevices", "allocatedDevices", "unavailableDevices")
            counts = [_int32(sum([getattr(pool, name) or 0 for pool in pools])) for name in amounts]
            counts.append(sum([pool.validationError is not None for pool in pools]))
    return obj.metadata.name, obj.spec.driver, *counts, pool_count, word, completed


def _int32(value: int) -> int:
    """As Go adds up numbers of that size."""
    return (value + (1 << 31)) % (1 << 32) - (1 << 31)


def pod_group(obj: Any, clock: Clock) -> Sequence[Cell]:
    spec, conditions = obj.spec, obj.status.conditions
    scheduled = condition(reversed(conditions), "PodGroupScheduled")
    disrupted = condition(reversed(conditions), "DisruptionTarget")
    status = "Pending" if scheduled is None else "Scheduled" if scheduled.status == "True" else "Unschedulable"
    return (
        obj.metadata.name,
        "Basic" if spec.schedulingPolicy.gang is None else "Gang",
        _workload(spec),
        status if disrupted is None else disrupted.reason,
        clock.since(obj.metadata.creationTimestamp),
    )


def _workload(spec: Any) -> str:
    if hasattr(spec, "workloadRef"):  # from v1alpha3 on
        reference = spec.workloadRef
    else:
        reference = spec.podGroupTemplateRef and spec.podGroupTemplateRef.workload
    return NONE if reference is None else str(reference.workloadName)


COLUMNS = {
    ("resource.k8s.io", "ResourceClaim"): Columns("Name,State,Age", resource_claim),
    ("resource.k8s.io", "ResourceSlice"): Columns("Name,Node,Driver,Pool,Age", resource_slice),
    ("resource.k8s.io", "DeviceTaintRule"): Columns("Name,Key,Value,Effect,TimeAdded,Age", device_taint_rule),
    ("resource.k8s.io", "ResourcePoolStatusRequest"): Columns(
        "Name,Driver,Total,Available,Allocated,Unavailable,Errors,Pools,Status,Completed",
        resource_pool_status_request,
    ),
    ("scheduling.k8s.io", "PodGroup"): Columns("Name,Policy,Workload,Status,Age", pod_group),
}
