"""What makes Pods: Deployments, ReplicaSets, StatefulSets, DaemonSets, Jobs, CronJobs, and what scales or guards them.

Source: kubernetes pkg/printers/internalversion/printers.go; pkg/apis/{apps,batch,core}/v1/defaults.go.
"""

from __future__ import annotations

from codec.query.age import bounded, human_duration
from codec.query.columns import Columns
from codec.query.columns.formats import (
    NONE,
    boolean,
    containers_and_images,
    has_true,
    labels_text,
    selector_cell,
    selector_text,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from codec.query.age import Clock
    from codec.query.columns import Cell

SECOND = 1_000_000_000  # nanoseconds

# condition of a Job → its status, the first that is fulfilled; deletion stands between the second and the third
_ENDED = (("Complete", "Complete"), ("Failed", "Failed"))
_UNDER_WAY = ("Suspended", "FailureTarget", "SuccessCriteriaMet")


def _wanted(spec: Any) -> int:
    """The number of replicas; an API server reads one where none is said."""
    return 1 if spec.replicas is None else int(spec.replicas)


def _selector(obj: Any) -> Any:
    """The LabelSelector; in the first versions the labels of the template stand in for it."""
    found, labels = obj.spec.selector, obj.spec.template.metadata.labels
    if found is not None or not labels or obj.apiVersion not in ("apps/v1beta1", "extensions/v1beta1"):
        return found
    from codec.api.meta.v1 import LabelSelector

    return LabelSelector(matchLabels=labels)


def deployment(obj: Any, clock: Clock) -> Sequence[Cell]:
    spec, status = obj.spec, obj.status
    selector = selector_text(_selector(obj))
    return (
        obj.metadata.name,
        f"{status.readyReplicas}/{_wanted(spec)}",
        status.updatedReplicas,
        status.availableReplicas,
        clock.since(obj.metadata.creationTimestamp),
        *containers_and_images(spec.template),
        "<invalid>" if selector is None else selector,
    )


def replica_set(obj: Any, clock: Clock) -> Sequence[Cell]:
    return _replicas(obj, clock, selector_cell(_selector(obj)))


def replication_controller(obj: Any, clock: Clock) -> Sequence[Cell]:
    spec = obj.spec
    selector = spec.selector or (spec.template.metadata.labels if spec.template is not None else {})
    return _replicas(obj, clock, labels_text(selector))


def _replicas(obj: Any, clock: Clock, selector: str) -> Sequence[Cell]:
    return (
        obj.metadata.name,
        _wanted(obj.spec),
        obj.status.replicas,
        obj.status.readyReplicas,
        clock.since(obj.metadata.creationTimestamp),
        *containers_and_images(obj.spec.template),
        selector,
    )


def stateful_set(obj: Any, clock: Clock) -> Sequence[Cell]:
    return (
        obj.metadata.name,
        f"{obj.status.readyReplicas}/{_wanted(obj.spec)}",
        clock.since(obj.metadata.creationTimestamp),
        *containers_and_images(obj.spec.template),
    )


def daemon_set(obj: Any, clock: Clock) -> Sequence[Cell]:
    status = obj.status
    return (
        obj.metadata.name,
        status.desiredNumberScheduled,
        status.currentNumberScheduled,
        status.numberReady,
        status.updatedNumberScheduled,
        status.numberAvailable,
        labels_text(obj.spec.template.spec.nodeSelector),
        clock.since(obj.metadata.creationTimestamp),
        *containers_and_images(obj.spec.template),
        selector_cell(_selector(obj)),
    )


def job(obj: Any, clock: Clock) -> Sequence[Cell]:
    return (
        obj.metadata.name,
        _job_status(obj),
        _completions(obj),
        _job_duration(obj.status, clock),
        clock.since(obj.metadata.creationTimestamp),
        *containers_and_images(obj.spec.template),
        selector_cell(obj.spec.selector),
    )


def _job_status(obj: Any) -> str:
    conditions = obj.status.conditions
    for type, word in _ENDED:
        if has_true(conditions, type):
            return word
    if obj.metadata.deletionTimestamp is not None:
        return "Terminating"
    return next((type for type in _UNDER_WAY if has_true(conditions, type)), "Running")


def _completions(obj: Any) -> str:
    wanted, parallelism = obj.spec.completions, obj.spec.parallelism
    if wanted is None and parallelism is not None and parallelism > 1:
        return f"{obj.status.succeeded}/1 of {parallelism}"
    return f"{obj.status.succeeded}/{1 if wanted is None else wanted}"


def _job_duration(status: Any, clock: Clock) -> str:
    start, end = status.startTime, status.completionTime
    if start is None:
        return ""
    return human_duration(clock.elapsed(start) if end is None else bounded((end.seconds - start.seconds) * SECOND))


def cron_job(obj: Any, clock: Clock) -> Sequence[Cell]:
    spec = obj.spec
    time_zone = getattr(spec, "timeZone", None)  # not yet in v2alpha1
    last = obj.status.lastScheduleTime
    return (
        obj.metadata.name,
        spec.schedule,
        NONE if time_zone is None else time_zone,
        boolean(spec.suspend),
        len(obj.status.active),
        NONE if last is None else clock.since(last),
        clock.since(obj.metadata.creationTimestamp),
        *containers_and_images(spec.jobTemplate.spec.template),
        selector_cell(spec.jobTemplate.spec.selector),
    )


def pod_disruption_budget(obj: Any, clock: Clock) -> Sequence[Cell]:
    spec = obj.spec
    return (
        obj.metadata.name,
        _number_or_share(spec.minAvailable),
        _number_or_share(spec.maxUnavailable),
        obj.status.disruptionsAllowed,
        clock.since(obj.metadata.creationTimestamp),
    )


def _number_or_share(value: Any) -> str:
    if value is None:
        return "N/A"
    return str(value) if isinstance(value, (int, str)) else str(value.intVal)


def controller_revision(obj: Any, clock: Clock) -> Sequence[Cell]:
    owner = next((each for each in obj.metadata.ownerReferences if each.controller), None)
    name = NONE
    if owner is not None:
        group = owner.apiVersion.rpartition("/")[0]
        kind = f"{owner.kind}.{group}" if group else owner.kind
        name = f"{kind.lower()}/{owner.name}" if kind else owner.name
    return obj.metadata.name, name, obj.revision, clock.since(obj.metadata.creationTimestamp)


_REPLICAS = "Name,Desired,Current,Ready,Age,+Containers,+Images,+Selector"

COLUMNS = {
    ("apps", "Deployment"): Columns("Name,Ready,Up-to-date,Available,Age,+Containers,+Images,+Selector", deployment),
    ("apps", "ReplicaSet"): Columns(_REPLICAS, replica_set),
    ("", "ReplicationController"): Columns(_REPLICAS, replication_controller),
    ("apps", "StatefulSet"): Columns("Name,Ready,Age,+Containers,+Images", stateful_set),
    ("apps", "DaemonSet"): Columns(
        "Name,Desired,Current,Ready,Up-to-date,Available,Node Selector,Age,+Containers,+Images,+Selector", daemon_set
    ),
    ("batch", "Job"): Columns("Name,Status,Completions,Duration,Age,+Containers,+Images,+Selector", job),
    ("batch", "CronJob"): Columns(
        "Name,Schedule,Timezone,Suspend,Active,Last Schedule,Age,+Containers,+Images,+Selector", cron_job
    ),
    ("policy", "PodDisruptionBudget"): Columns(
        "Name,Min Available,Max Unavailable,Allowed Disruptions,Age", pod_disruption_budget
    ),
    ("apps", "ControllerRevision"): Columns("Name,Controller,Revision,Age", controller_revision),
}
