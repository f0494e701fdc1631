"""Objects in the states that change what a table shows of them, as an API server would store them.

They go into etcd as they are: no controller is there that would bring a Pod into such a state."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

Object = dict[str, Any]

DAY, HOUR, MINUTE = 86_400, 3_600, 60  # seconds


class Times:
    """Moments before one that is given, in seconds since 1970."""

    def __init__(self, base: int) -> None:
        self.base = datetime.fromtimestamp(base, UTC)

    def ago(self, seconds: float) -> str:
        return (self.base - timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def micro_ago(self, seconds: float) -> str:
        return self.ago(seconds).replace("Z", ".000000Z")


def made(version: str, kind: str, name: str, created: str, /, namespace: str = "tables", **fields: Any) -> Object:
    """An object; `metadata` among the fields adds to its metadata. A namespace of "" is none."""
    metadata = {"name": name, "creationTimestamp": created, "labels": {"app": name}, **fields.pop("metadata", {})}
    if namespace:
        metadata["namespace"] = namespace
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **fields}


def template(*containers: str) -> Object:
    return {
        "metadata": {"labels": {"tier": "web", "app": "made"}},
        "spec": {"containers": [{"name": each, "image": f"registry.example.com/{each}:1"} for each in containers]},
    }


SELECTORS: list[Any] = [
    None,
    {},
    {"matchLabels": {"b": "2", "a": "1", "example.com/c": ""}},
    {
        "matchLabels": {"app": "web"},
        "matchExpressions": [
            {"key": "tier", "operator": "In", "values": ["z", "a", "m"]},
            {"key": "app", "operator": "NotIn", "values": ["x"]},
            {"key": "old", "operator": "DoesNotExist"},
            {"key": "new", "operator": "Exists"},
        ],
    },
    {"matchExpressions": [{"key": "tier", "operator": "Near", "values": ["x"]}]},
    {"matchExpressions": [{"key": "tier", "operator": "In"}]},
    {"matchExpressions": [{"key": "tier", "operator": "Exists", "values": ["x"]}]},
    {"matchLabels": {"not a label": "x"}},
    {"matchLabels": {"a": "not a value!"}},
    {"matchLabels": {"UPPER.example.com/a": "x"}},
]


def workloads(times: Times) -> Iterator[Object]:
    ago = times.ago
    for number, selector in enumerate(SELECTORS):
        created = ago(number * 20 * HOUR + 30)
        containers = [f"c{each}" for each in range(number % 4)]
        spec = {"selector": selector, "template": template(*containers)}
        replicas = {} if number == 3 else {"replicas": number}
        counted = {"replicas": number, "readyReplicas": max(number - 1, 0), "availableReplicas": 1}
        for kind in ("Deployment", "ReplicaSet", "StatefulSet"):
            status = counted if kind == "ReplicaSet" else {**counted, "updatedReplicas": 2}
            yield made("apps/v1", kind, f"s{number}", created, spec={**spec, **replicas}, status=status)
        node_selector = {"zone": "a", "disk": "ssd"} if number % 2 else {}
        pods = {**spec["template"], "spec": {**spec["template"]["spec"], "nodeSelector": node_selector}}
        yield made(
            "apps/v1", "DaemonSet", f"s{number}", created,
            spec={**spec, "template": pods},
            status={
                "desiredNumberScheduled": 5, "currentNumberScheduled": 4, "numberReady": 3,
                "updatedNumberScheduled": 2, "numberAvailable": number, "numberMisscheduled": 0,
            },
        )  # fmt: skip
        yield made("networking.k8s.io/v1", "NetworkPolicy", f"s{number}", created, spec={"podSelector": selector or {}})
    yield made(
        "apps/v1beta2", "Deployment", "older", ago(900 * DAY), spec={"replicas": 2, "template": template("a", "b")}
    )
    yield made("v1", "ReplicationController", "plain", ago(10), spec={"selector": {"b": "1", "a": "2"}})
    yield made("v1", "ReplicationController", "by-template", ago(10), spec={"replicas": 7, "template": template("x")})
    for number, owner in enumerate((None, ("apps/v1", "StatefulSet", True), ("v1", "Node", False), ("", "", True))):
        owners = []
        if owner is not None:
            version, kind, is_controller = owner
            owners = [{"apiVersion": version, "kind": kind, "name": "o", "uid": "u", "controller": is_controller}]
        yield made(
            "apps/v1", "ControllerRevision", f"r{number}", ago(400 * DAY),
            metadata={"ownerReferences": owners}, revision=number * 11, data={"a": 1},
        )  # fmt: skip
    for number, (low, high) in enumerate(((None, None), (1, None), (None, "25%"), ("50%", 0))):
        spec = {name: value for name, value in (("minAvailable", low), ("maxUnavailable", high)) if value is not None}
        status = {"disruptionsAllowed": number, "currentHealthy": 0, "desiredHealthy": 0, "expectedPods": 0}
        yield made("policy/v1", "PodDisruptionBudget", f"p{number}", ago(8 * HOUR), spec=spec, status=status)
    yield made("v1", "PodTemplate", "t", ago(5), template=template("one", "two"))
    yield made("v1", "PodTemplate", "empty", ago(5), template={})


def jobs(times: Times) -> Iterator[Object]:
    ago = times.ago
    words = ("Complete", "Failed", "Suspended", "FailureTarget", "SuccessCriteriaMet", "Other")
    states: list[tuple[str, Object, Object]] = [("bare", {}, {})]
    states += [(word.lower(), {}, {"conditions": [{"type": word, "status": "True"}]}) for word in words]
    states += [
        ("not-complete", {}, {"conditions": [{"type": "Complete", "status": "False"}]}),
        ("twice", {}, {"conditions": [{"type": each, "status": "True"} for each in reversed(words)]}),
        ("completions", {"completions": 5, "parallelism": 2}, {"succeeded": 3}),
        ("parallel", {"parallelism": 3}, {"succeeded": 1}),
        ("one", {"parallelism": 1}, {"succeeded": 1}),
        ("none", {"parallelism": 0}, {"succeeded": 0}),
        ("started", {}, {"startTime": ago(75 * MINUTE + 40)}),
        ("ended", {}, {"startTime": ago(3 * DAY), "completionTime": ago(3 * DAY - 215)}),
        ("ended-before", {}, {"startTime": ago(3 * DAY), "completionTime": ago(3 * DAY + 215)}),
        ("zero", {}, {"startTime": None, "completionTime": ago(1)}),
    ]
    for number, (name, spec, status) in enumerate(states):
        selector = SELECTORS[number % len(SELECTORS)]
        spec = {"template": template("job"), "selector": selector, **spec}
        yield made("batch/v1", "Job", name, ago(2 * HOUR), spec=spec, status=status)
        deleted = {"deletionTimestamp": ago(9), "finalizers": ["example.com/hold"]}
        yield made("batch/v1", "Job", f"{name}-deleted", ago(2 * HOUR), metadata=deleted, spec=spec, status=status)
    job_template = {"spec": {"template": template("a", "b"), "selector": SELECTORS[2]}}
    for number, suspend in enumerate((None, True, False)):
        spec: Object = {"schedule": "*/5 * * * *", "jobTemplate": job_template, "suspend": suspend}
        status = {"active": [{"name": "x"}] * number, "lastScheduleTime": ago(300 * number) if number else None}
        if number:
            spec["timeZone"] = "Europe/Berlin"
        yield made("batch/v1", "CronJob", f"c{number}", ago(20 * DAY), spec=spec, status=status)
    yield made("batch/v1beta1", "CronJob", "older", ago(3000 * DAY), spec={"schedule": "@hourly", "jobTemplate": {}})


def services(times: Times) -> Iterator[Object]:
    ago = times.ago
    ports = [{"port": 80}, {"port": 53, "protocol": "UDP", "nodePort": 30053, "name": "dns"}]
    balanced = {"loadBalancer": {"ingress": [{"ip": "203.0.113.9"}, {"hostname": "lb.example.com"}, {}]}}
    external = ["192.0.2.1", "192.0.2.2"]
    specs: list[tuple[str, Object, Object]] = [
        ("bare", {}, {}),
        ("list-only", {"clusterIPs": ["10.96.1.1", "fd00::1"]}, {}),
        ("one-only", {"clusterIP": "10.96.1.2", "ports": ports}, {}),
        ("both", {"clusterIP": "10.96.1.3", "clusterIPs": ["10.96.1.4"]}, {}),
        ("headless", {"clusterIP": "None", "clusterIPs": ["None"], "selector": {"b": "1", "a": "2"}}, {}),
        ("external-ips", {"type": "ClusterIP", "clusterIP": "10.96.1.5", "externalIPs": external}, {}),
        ("node-port", {"type": "NodePort", "clusterIP": "10.96.1.6", "ports": ports}, {}),
        ("node-port-ips", {"type": "NodePort", "externalIPs": external}, balanced),
        ("pending", {"type": "LoadBalancer", "ports": ports[1:]}, {}),
        ("balanced", {"type": "LoadBalancer"}, balanced),
        ("balanced-ips", {"type": "LoadBalancer", "externalIPs": external}, balanced),
        ("pending-ips", {"type": "LoadBalancer", "externalIPs": external}, {}),
        ("external-name", {"type": "ExternalName", "externalName": "db.example.com"}, {}),
        ("external-name-empty", {"type": "ExternalName"}, {}),
        ("other", {"type": "Other"}, {}),
    ]
    for name, spec, status in specs:
        yield made("v1", "Service", name, ago(40 * DAY), spec=spec, status=status)
    addresses = [{"ip": f"10.1.0.{number}"} for number in range(9)]
    ports = [{"port": 6033, "name": "sql"}, {"port": 70, "name": "b"}]
    subsets: list[list[Object]] = [
        [],
        [{"addresses": addresses[:2]}],
        [{"addresses": addresses[:5]}],
        [{"addresses": addresses[:3], "ports": ports[:1]}],
        [{"addresses": addresses[:2], "ports": ports}],
        [{"notReadyAddresses": addresses[:2], "ports": ports}],
        [{"addresses": addresses[:2]}, {"addresses": addresses[2:6], "ports": ports}, {"addresses": addresses}],
        [{"addresses": [{"ip": "fd00::1"}, {"ip": "fd00::2"}], "ports": ports}],
        [{}],
    ]
    for number, each in enumerate(subsets):
        yield made("v1", "Endpoints", f"e{number}", ago(40 * DAY), subsets=each)
    slice_ports: list[list[Object]] = [
        [], [{}], [{"name": "x"}], [{"port": 1}, {"port": 2}], [{"port": each} for each in range(5)],
        [{"name": ""}, {"port": 4, "name": "z"}, {"name": "n"}, {"name": "last"}],
    ]  # fmt: skip
    for number, each in enumerate(slice_ports):
        endpoints = [{"addresses": [f"10.2.{number}.{place}", "10.3.0.1"][: place + 1]} for place in range(number)]
        for version in ("discovery.k8s.io/v1", "discovery.k8s.io/v1beta1"):
            name = f"s{number}-{version[-2:]}"
            yield made(version, "EndpointSlice", name, ago(60), addressType="IPv4", ports=each, endpoints=endpoints)


def ingresses(times: Times) -> Iterator[Object]:
    ago = times.ago
    hosts: list[list[str]] = [[], [""], ["a.example.com"], ["", "b", ""], ["a", "b", "c"], ["a", "b", "c", "d", ""]]
    hosts += [["a", "", "b", "", "c"], ["a", "b", "", "c", ""]]
    for number, each in enumerate(hosts):
        spec: Object = {"rules": [{"host": host} if host else {} for host in each]}
        if number % 2:
            spec.update(ingressClassName="nginx", tls=[{"hosts": each}])
        status: Object = {"loadBalancer": {"ingress": [{"ip": "203.0.113.8"}, {"hostname": "l.example.com"}][:number]}}
        yield made("networking.k8s.io/v1", "Ingress", f"i{number}", ago(3 * DAY + HOUR), spec=spec, status=status)
    for number, default in enumerate(("", "true", "false")):
        annotations = {"ingressclass.kubernetes.io/is-default-class": default} if default else {}
        parameters: Object = {"kind": "Params", "name": "p"}
        if number:
            parameters["apiGroup"] = "example.com"
        spec = {"controller": "example.com/c", **({} if number == 2 else {"parameters": parameters})}
        metadata = {"annotations": annotations}
        yield made("networking.k8s.io/v1", "IngressClass", f"c{number}", ago(DAY), "", metadata=metadata, spec=spec)
    for number, parent in enumerate(("", "gateways", "Services")):
        reference = {"group": "example.com" if number == 1 else "", "resource": parent, "name": "n"}
        if number == 2:
            reference["namespace"] = "tables"
        spec = {"parentRef": reference} if parent else {}
        yield made("networking.k8s.io/v1", "IPAddress", f"10.96.200.{number}", ago(DAY), "", spec=spec)
    yield made(
        "networking.k8s.io/v1", "ServiceCIDR", "two", ago(DAY), "", spec={"cidrs": ["10.98.0.0/24", "fd01::/112"]}
    )


def autoscalers(times: Times) -> Iterator[Object]:
    """Of the newest version, and of v1 with what annotations kept for it."""
    value, average, share = {"value": "10"}, {"averageValue": "1500m"}, {"averageUtilization": 55}
    of_resource = [average, share, {}]
    metrics: list[tuple[Object, Object | None]] = []
    for type, field, targets in (
        ("Resource", "resource", of_resource),
        ("ContainerResource", "containerResource", of_resource),
        ("Pods", "pods", [average]),
        ("Object", "object", [value, average]),
        ("External", "external", [value, average]),
    ):
        for target in targets:
            named: Object = {"name": "cpu"} if "esource" in type else {"metric": {"name": "m"}}
            metric = {"type": type, field: {**named, "target": {"type": "Value", **target}}}
            for current in (None, value, average, {**average, **share}, {**value, **average}):
                found = None if current is None else {"type": type, field: {**named, "current": current}}
                metrics.append((metric, found))
    metrics.append(({"type": "Unheard"}, None))
    for number, (metric, found) in enumerate(metrics):
        yield _autoscaler(times, f"h{number}", [metric], [] if found is None else [found])
    # What stands in another place than the metric's, or is of another type, says nothing of it.
    for number in range(4):
        chosen = metrics[number * 11 : number * 11 + number + 1]
        status = [found for _, found in chosen if found is not None]
        yield _autoscaler(times, f"many{number}", [metric for metric, _ in chosen], status)
    yield _autoscaler(times, "none", [], [])

    resource = {"type": "Resource", "resource": {"name": "memory", "targetAverageValue": "1Gi"}}
    resource_status = {"type": "Resource", "resource": {"name": "memory", "currentAverageValue": "900Mi"}}
    pods = {"type": "Pods", "pods": {"metricName": "q", "targetAverageValue": "7"}}
    pods_status = {"type": "Pods", "pods": {"metricName": "q", "currentAverageValue": "6"}}
    external = {"type": "External", "external": {"metricName": "q", "targetValue": "30"}}
    average_object = {
        "type": "Object",
        "object": {"metricName": "q", "target": {}, "targetValue": "0", "averageValue": "3"},
    }
    value_object = {"type": "Object", "object": {"metricName": "q", "target": {}, "targetValue": "4"}}
    object_status = {
        "type": "Object",
        "object": {"metricName": "q", "target": {}, "currentValue": "5", "averageValue": "2"},
    }
    external_status = {"type": "External", "external": {"metricName": "q", "currentValue": "29"}}
    for number, (wanted, found, cpu) in enumerate(
        (
            (None, None, None),
            (None, None, 70),
            ([resource], None, 70),
            ([resource], [resource_status], None),
            ([pods, external], [pods_status, external_status], 50),
            ([average_object, value_object], [object_status, object_status], None),
            ([value_object], [object_status], None),
            ("not JSON", "{}", 60),
            ([], [], None),
        )
    ):  # fmt: skip
        annotations = {}
        for name, held in (("metrics", wanted), ("current-metrics", found)):
            if held is not None:
                text = held if isinstance(held, str) else json.dumps(held)
                annotations[f"autoscaling.alpha.kubernetes.io/{name}"] = text
        spec: Object = {"scaleTargetRef": {"kind": "Deployment", "name": "d"}, "maxReplicas": 4}
        status: Object = {"currentReplicas": 1, "desiredReplicas": 1}
        if cpu:
            spec["targetCPUUtilizationPercentage"] = cpu
            status["currentCPUUtilizationPercentage"] = cpu + 9
        yield made(
            "autoscaling/v1", "HorizontalPodAutoscaler", f"v1-{number}", times.ago(DAY),
            metadata={"annotations": annotations}, spec=spec, status=status,
        )  # fmt: skip


def _autoscaler(times: Times, name: str, metrics: list[Object], current: list[Object]) -> Object:
    spec: Object = {"scaleTargetRef": {"kind": "Deployment", "name": "d"}, "maxReplicas": 9, "metrics": metrics}
    if len(name) % 2:
        spec["minReplicas"] = 2
    status = {"currentReplicas": 3, "desiredReplicas": 4, "currentMetrics": current}
    return made("autoscaling/v2", "HorizontalPodAutoscaler", name, times.ago(50 * DAY), spec=spec, status=status)
