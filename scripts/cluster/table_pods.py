"""Pods in every state that a table tells apart: those that people know by name, and many made at random."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from cluster.table_objects import DAY, HOUR, MINUTE, Object, Times, made

RANDOM_PODS = 400
SEED = 36


def container(name: str = "main", **fields: Any) -> Object:
    return {"name": name, "image": "registry.example.com/app:1", **fields}


def status(name: str = "main", state: Object | None = None, **fields: Any) -> Object:
    return {
        "name": name, "state": state or {}, "ready": False, "restartCount": 0, "image": "i", "imageID": "", **fields
    }  # fmt: skip


def pod(times: Times, name: str, phase: str, spec: Object, state: Object, age: float = HOUR, **metadata: Any) -> Object:
    spec = {"containers": [container()], **spec}
    return made("v1", "Pod", name, times.ago(age), metadata=metadata, spec=spec, status={"phase": phase, **state})


def known_pods(times: Times) -> Iterator[Object]:
    ago = times.ago
    running: Object = {"running": {"startedAt": ago(HOUR)}}
    is_ready = {"type": "Ready", "status": "True"}
    up = status(state=running, ready=True)

    def waiting(reason: str) -> Object:
        return {"waiting": {"reason": reason, "message": "m"}}

    def ended(code: int, reason: str = "", signal: int = 0, finished: str | None = None) -> Object:
        return {"terminated": {"exitCode": code, "reason": reason, "signal": signal, "finishedAt": finished}}

    deleted = {"deletionTimestamp": ago(5), "deletionGracePeriodSeconds": 30}
    yield pod(times, "running", "Running", {}, {"containerStatuses": [up], "conditions": [is_ready]}, 3 * DAY)
    yield pod(times, "not-ready", "Running", {}, {"containerStatuses": [status(state=running)]}, 90)
    yield pod(times, "pending", "Pending", {}, {}, 0)
    yield pod(times, "no-phase", "", {}, {})
    gated = {"type": "PodScheduled", "status": "False", "reason": "SchedulingGated"}
    yield pod(times, "gated", "Pending", {"schedulingGates": [{"name": "g"}]}, {"conditions": [gated]})
    for reason in ("ContainerCreating", "ErrImagePull", "ImagePullBackOff", "CreateContainerConfigError", ""):
        yield pod(
            times, f"waiting-{reason.lower() or 'nothing'}", "Pending", {},
            {"containerStatuses": [status(state=waiting(reason))]},
        )  # fmt: skip
    crashed = status(
        state=waiting("CrashLoopBackOff"), restartCount=7, lastState=ended(1, "Error", finished=ago(5 * MINUTE + 2))
    )
    yield pod(times, "crash-loop", "Running", {}, {"containerStatuses": [crashed]})
    again = status(state=running, ready=True, restartCount=2, lastState=ended(137, "OOMKilled", finished=ago(3 * DAY)))
    yield pod(times, "restarted", "Running", {}, {"containerStatuses": [again], "conditions": [is_ready]}, 9 * DAY)
    unknown_time = status(state=running, ready=True, restartCount=3)
    yield pod(times, "restarted-unknown-when", "Running", {}, {"containerStatuses": [unknown_time]})
    future = status(state=running, ready=True, restartCount=3, lastState=ended(1, "Error", finished=ago(-HOUR)))
    yield pod(times, "restarted-in-future", "Running", {}, {"containerStatuses": [future]}, -HOUR)
    for name, phase, state in (
        ("completed", "Succeeded", ended(0, "Completed")),
        ("error", "Failed", ended(1, "Error")),
        ("oom-killed", "Failed", ended(137, "OOMKilled")),
        ("exit-code", "Failed", ended(3)),
        ("exit-code-0", "Succeeded", ended(0)),
        ("signal", "Failed", ended(0, "", 9)),
        ("container-cannot-run", "Failed", ended(127, "ContainerCannotRun")),
    ):
        yield pod(times, name, phase, {}, {"containerStatuses": [status(state=state)]})
        yield pod(times, f"{name}-deleted", phase, {}, {"containerStatuses": [status(state=state)]}, **deleted)
    for reason in ("Evicted", "NodeAffinity", "Shutdown", "UnexpectedAdmissionError", "DeadlineExceeded", "NodeLost"):
        yield pod(times, reason.lower(), "Failed", {}, {"reason": reason})
        yield pod(times, f"{reason.lower()}-deleted", "Running", {}, {"reason": reason}, **deleted)
    yield pod(times, "terminating", "Running", {}, {"containerStatuses": [up]}, **deleted)
    two = {"containers": [container("a"), container("b")]}
    done, failed = status("a", ended(0, "Completed")), status("b", ended(2, "Error"))
    for name, conditions in (("", []), ("-ready", [is_ready])):
        both = {"containerStatuses": [done, status("b", running, ready=True)], "conditions": conditions}
        yield pod(times, f"one-completed{name}", "Running", two, both)
        yield pod(
            times, f"one-failed{name}", "Failed", two, {"containerStatuses": [done, failed], "conditions": conditions}
        )
    yield from _initializing(times, waiting, ended, running)
    for number, ips in enumerate(([], [{"ip": "10.1.1.1"}], [{"ip": "10.1.1.1"}, {"ip": "fd00::1"}])):
        single = {"podIP": "10.1.1.9"} if number else {"podIP": ""}
        state = {"podIPs": ips, "nominatedNodeName": "n" * number, **(single if number != 2 else {})}
        gates = [{"conditionType": f"example.com/{each}"} for each in range(number)]
        conditions = [{"type": "example.com/0", "status": "True"}, {"type": "example.com/1", "status": "False"}]
        spec = {"nodeName": f"node-{number}", "readinessGates": gates}
        yield pod(times, f"placed-{number}", "Running", spec, {**state, "conditions": conditions})
    yield pod(times, "placed-older", "Running", {}, {"podIP": "10.1.1.8"})


def _initializing(times: Times, waiting: Any, ended: Any, running: Object) -> Iterator[Object]:
    ago = times.ago
    always = {"restartPolicy": "Always"}
    init = {"initContainers": [container("i0"), container("i1"), container("side", **always)]}
    held = status(state=waiting("PodInitializing"))
    first = status("i0", ended(0, "Completed"), ready=True)
    restarted = {"restartCount": 4, "lastState": ended(1, "Error", finished=ago(40))}
    for name, states in (
        ("first", [status("i0", running)]),
        ("second", [first, status("i1", running)]),
        ("waiting", [first, status("i1", waiting("PodInitializing"))]),
        ("pulling", [first, status("i1", waiting("ImagePullBackOff"))]),
        ("crash", [first, status("i1", waiting("CrashLoopBackOff"), **restarted)]),
        ("error", [first, status("i1", ended(1, "Error"), **restarted)]),
        ("exit-code", [first, status("i1", ended(4))]),
        ("signal", [first, status("i1", ended(4, "", 15))]),
        ("sidecar-starting", [first, first, status("side", running, started=False)]),
        ("sidecar", [first, first, status("side", running, started=True, ready=True, **restarted)]),
        ("sidecar-not-ready", [first, first, status("side", running, started=True)]),
        ("sidecar-ended", [first, first, status("side", ended(143, "Error"), started=False, **restarted)]),
        ("sidecar-completed", [first, first, status("side", ended(0, "Completed"), started=False, **restarted)]),
    ):
        for word, conditions in (("", []), ("-initialized", [{"type": "Initialized", "status": "True"}])):
            main = status(state=running, ready=True, **restarted) if word else held
            state = {"initContainerStatuses": states, "containerStatuses": [main], "conditions": conditions}
            yield pod(times, f"init-{name}{word}", "Pending", init, state)


def random_pods(times: Times) -> Iterator[Object]:
    """The same seed makes the same Pods, apart from the moment that times are counted from."""
    chance = random.Random(SEED)

    def pick(*values: Any) -> Any:
        return chance.choice(values)

    def terminated() -> Object:
        return {
            "terminated": {
                "exitCode": pick(0, 0, 1, 137), "signal": pick(0, 0, 9), "reason": pick("", "Completed", "Error"),
                "finishedAt": pick(None, times.ago(chance.randrange(200) * 100 + 7)),
            }
        }  # fmt: skip

    def state() -> Object:
        waiting = {"waiting": {"reason": pick("", "PodInitializing", "CrashLoopBackOff", "ContainerCreating")}}
        return pick({}, {"running": {"startedAt": times.ago(9)}}, {"running": {}}, waiting, terminated())

    def states(names: list[str]) -> list[Object]:
        return [
            status(
                name, state(), ready=pick(True, False), restartCount=pick(0, 0, 1, 5),
                lastState=pick({}, terminated()), started=pick(None, True, False),
            )
            for name in names[: pick(len(names), len(names), 1, 0)]
        ]  # fmt: skip

    for number in range(RANDOM_PODS):
        init = [f"i{each}" for each in range(pick(0, 0, 1, 2, 3))]
        names = [f"c{each}" for each in range(pick(1, 1, 2, 3))]
        conditions = [
            {"type": type, "status": pick("True", "False", "Unknown"), "reason": pick("", "", "SchedulingGated")}
            for type in ("PodScheduled", "Initialized", "Ready", "Ready")
            if pick(True, False)
        ]
        spec = {
            "containers": [container(name) for name in names],
            "initContainers": [container(name, **pick({}, {}, {"restartPolicy": "Always"})) for name in init],
        }
        found = {
            "conditions": conditions,
            "reason": pick("", "", "", "", "Evicted", "NodeLost"),
            "initContainerStatuses": states(init),
            "containerStatuses": states(names),
        }
        deleted = {"deletionTimestamp": times.ago(3)} if chance.random() < 0.15 else {}
        phase = pick("Pending", "Running", "Running", "Succeeded", "Failed", "Unknown")
        yield pod(times, f"random-{number:03}", phase, spec, found, chance.randrange(1, 3000) * 1000 + 77, **deleted)
