"""Pods: how many containers are ready, one word for what goes on, restarts; and PodTemplates.

Source: kubernetes pkg/printers/internalversion/printers.go printPod, printPodTemplate.
"""

from __future__ import annotations

from codec.query.columns import Columns
from codec.query.columns.formats import NONE, condition, containers_and_images, has_true, labels_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from codec.query.age import Clock
    from codec.query.columns import Cell

ENDED = frozenset(("Failed", "Succeeded"))  # phases that a Pod does not leave
NODE_LOST = "NodeLost"  # pkg/util/node NodeUnreachablePodReason


class _Containers:
    """What the statuses of containers add up to."""

    __slots__ = ("last_restart", "ready", "restarts")

    def __init__(self) -> None:
        self.ready = 0
        self.restarts = 0
        self.last_restart: Any = None  # when the newest of their former runs ended

    def restarted(self, status: Any) -> None:
        """Counts the restarts of a container."""
        self.restarts += status.restartCount
        former = status.lastState.terminated
        if former is not None and (self.last_restart is None or self.last_restart < former.finishedAt):
            self.last_restart = former.finishedAt


def pod(obj: Any, clock: Clock) -> Sequence[Cell]:
    spec, status, metadata = obj.spec, obj.status, obj.metadata
    reason = status.reason or status.phase
    for each in status.conditions:
        if each.type == "PodScheduled" and each.reason == "SchedulingGated":
            reason = "SchedulingGated"

    sidecars = [each.name for each in spec.initContainers if each.restartPolicy == "Always"]
    total = len(spec.containers) + len(sidecars)
    found = _Containers()
    if status.initContainerStatuses:
        initializing, reason = _init_containers(obj, sidecars, found, reason)
        if not initializing or has_true(status.conditions, "Initialized"):
            reason = _containers(status, found, reason)
    else:
        reason = _containers(status, found, reason)

    if metadata.deletionTimestamp is not None:
        if status.reason == NODE_LOST:
            reason = "Unknown"
        elif status.phase not in ENDED:
            reason = "Terminating"
    restarts = str(found.restarts)
    if found.restarts and found.last_restart:
        restarts = f"{restarts} ({clock.since(found.last_restart)} ago)"
    return (
        metadata.name,
        f"{found.ready}/{total}",
        reason,
        restarts,
        clock.since(metadata.creationTimestamp),
        _ip(status),
        spec.nodeName or NONE,
        status.nominatedNodeName or NONE,
        _readiness_gates(spec, status) if spec.readinessGates else NONE,
    )


def _init_containers(obj: Any, sidecars: list[str], found: _Containers, reason: str) -> tuple[bool, str]:
    """Whether the Pod is still being initialized, and what goes on. `found` is left with what sidecars add to it."""
    every, of_sidecars = _Containers(), found
    for number, status in enumerate(obj.status.initContainerStatuses):
        every.restarted(status)
        is_sidecar = status.name in sidecars
        if is_sidecar:
            of_sidecars.restarted(status)
        terminated, waiting = status.state.terminated, status.state.waiting
        if terminated is not None and terminated.exitCode == 0:
            continue
        if is_sidecar and status.started:
            found.ready += status.ready
            continue
        if terminated is not None:
            reason = f"Init:{_end_of(terminated)}"
        elif waiting is not None and waiting.reason and waiting.reason != "PodInitializing":
            reason = f"Init:{waiting.reason}"
        else:
            reason = f"Init:{number}/{len(obj.spec.initContainers)}"
        if not has_true(obj.status.conditions, "Initialized"):
            found.restarts, found.last_restart = every.restarts, every.last_restart
        return True, reason
    return False, reason


def _end_of(terminated: Any) -> str:
    """Why a container ended."""
    if terminated.reason:
        return str(terminated.reason)
    if terminated.signal:
        return f"Signal:{terminated.signal}"
    return f"ExitCode:{terminated.exitCode}"


def _containers(status: Any, found: _Containers, reason: str) -> str:
    """What goes on, by the containers that are no init containers: the first one's state weighs most."""
    is_running = False
    failure = ""
    for each in reversed(status.containerStatuses):
        found.restarted(each)
        state = each.state
        if state.waiting is not None and state.waiting.reason:
            reason = state.waiting.reason
        elif state.terminated is not None:
            reason = _end_of(state.terminated)
            if state.terminated.exitCode:
                failure = reason
        elif each.ready and state.running is not None:
            is_running = True
            found.ready += 1
    if reason != "Completed":
        return reason
    # One that has completed says nothing of a Pod in which others still run.
    if is_running and any(each.type == "Ready" and each.status == "True" for each in status.conditions):
        return "Running"
    return failure or ("NotReady" if is_running else reason)


def _ip(status: Any) -> str:
    # pkg/apis/core/v1/conversion.go: podIP, which older kubelets write alone, goes before the list.
    return status.podIP or (status.podIPs[0].ip if status.podIPs else "") or NONE


def _readiness_gates(spec: Any, status: Any) -> str:
    found = [condition(status.conditions, gate.conditionType) for gate in spec.readinessGates]
    fulfilled = sum([each is not None and each.status == "True" for each in found])
    return f"{fulfilled}/{len(found)}"


def pod_template(obj: Any, clock: Clock) -> Sequence[Cell]:
    labels = obj.template.metadata.labels
    return (obj.metadata.name, *containers_and_images(obj.template), labels_text(labels))


COLUMNS = {
    ("", "Pod"): Columns("Name,Ready,Status,Restarts,Age,+IP,+Node,+Nominated Node,+Readiness Gates", pod),
    ("", "PodTemplate"): Columns("Name,Containers,Images,Pod Labels", pod_template),
}
