"""What a cluster is made of: nodes, namespaces, events, leases, configuration, quotas, priorities, aggregated APIs.

Source: kubernetes pkg/printers/internalversion/printers.go; kube-aggregator pkg/registry/apiservice/etcd/etcd.go.
"""

from __future__ import annotations

from codec.query.columns import Columns
from codec.query.columns.formats import NONE, UNSET, amount, condition, in_order, shortened

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from codec.query.age import Clock
    from codec.query.columns import Cell

ROLE_PREFIX = "node-role.kubernetes.io/"  # of a label whose key ends with the role
ROLE = "kubernetes.io/role"  # a label whose value is the role
# what Go's strings.TrimSpace takes for white space
SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
SPACE += "\u2028\u2029\u202f\u205f\u3000"


def node(obj: Any, clock: Clock) -> Sequence[Cell]:
    # Of several conditions of a type the last one counts.
    ready = condition(reversed(obj.status.conditions), "Ready")
    status = "Unknown" if ready is None else "Ready" if ready.status == "True" else "NotReady"
    if obj.spec.unschedulable:
        status += ",SchedulingDisabled"
    info = obj.status.nodeInfo
    kernel = info.kernelVersion or "<unknown>"
    if info.architecture:
        kernel += f" ({info.architecture})"
    return (
        obj.metadata.name,
        status,
        ",".join(in_order(_roles(obj.metadata.labels))) or NONE,
        clock.since(obj.metadata.creationTimestamp),
        info.kubeletVersion,
        _address(obj, "InternalIP"),
        _address(obj, "ExternalIP"),
        info.osImage or "<unknown>",
        kernel,
        info.containerRuntimeVersion or "<unknown>",
    )


def _roles(labels: dict[str, str]) -> set[str]:
    found = {key.removeprefix(ROLE_PREFIX) for key in labels if key.startswith(ROLE_PREFIX)}
    found.add(labels.get(ROLE, ""))
    return found - {""}


def _address(obj: Any, type: str) -> str:
    return next((each.address for each in obj.status.addresses if each.type == type), NONE)


def namespace(obj: Any, clock: Clock) -> Sequence[Cell]:
    return obj.metadata.name, obj.status.phase or "Active", clock.since(obj.metadata.creationTimestamp)


def event(obj: Any, clock: Clock) -> Sequence[Cell]:
    """Of both groups: what is `note` in events.k8s.io is `message` in the other."""
    if hasattr(obj, "note"):
        regarding, message, count = obj.regarding, obj.note, obj.deprecatedCount
        first, last, source = obj.deprecatedFirstTimestamp, obj.deprecatedLastTimestamp, obj.deprecatedSource
        reporter, instance = obj.reportingController, obj.reportingInstance
    else:
        regarding, message, count = obj.involvedObject, obj.message, obj.count
        first, last, source = obj.firstTimestamp, obj.lastTimestamp, obj.source
        # The Go names of these fields are ReportingController and ReportingInstance, as in the other group.
        reporter, instance = obj.reportingComponent, obj.reportingInstance
    first_seen = clock.since(first or obj.eventTime)
    last_seen = clock.since(last) if last else first_seen
    if obj.series is not None:
        last_seen, count = clock.since(obj.series.lastObservedTime), obj.series.count
    kind = regarding.kind.lower()
    return (
        last_seen,
        obj.type,
        obj.reason,
        f"{kind}/{regarding.name}" if regarding.name else kind,
        regarding.fieldPath,
        ", ".join([source.component or reporter, *filter(None, (source.host or instance,))]),
        message.strip(SPACE),
        first_seen,
        count if count or obj.series is not None else 1,
        obj.metadata.name,
    )


def secret(obj: Any, clock: Clock) -> Sequence[Cell]:
    # API servers write stringData into data before they store it; what lies there all the same, they read so too.
    size = len({*obj.data, *obj.stringData})
    return obj.metadata.name, obj.type or "Opaque", size, clock.since(obj.metadata.creationTimestamp)


def config_map(obj: Any, clock: Clock) -> Sequence[Cell]:
    return obj.metadata.name, len(obj.data) + len(obj.binaryData), clock.since(obj.metadata.creationTimestamp)


def lease(obj: Any, clock: Clock) -> Sequence[Cell]:
    return obj.metadata.name, obj.spec.holderIdentity, clock.since(obj.metadata.creationTimestamp)


def lease_candidate(obj: Any, clock: Clock) -> Sequence[Cell]:
    spec = obj.spec
    return (
        obj.metadata.name,
        spec.leaseName,
        spec.binaryVersion,
        spec.emulationVersion,
        clock.since(obj.metadata.creationTimestamp),
    )


def resource_quota(obj: Any, clock: Clock) -> Sequence[Cell]:
    status = obj.status
    requests: list[str] = []
    limits: list[str] = []
    for name in in_order(status.hard):
        column = limits if name.startswith("limits.") else requests
        column.append(f"{name}: {amount(status.used, name)}/{amount(status.hard, name)}")
    return obj.metadata.name, ", ".join(requests), ", ".join(limits), clock.since(obj.metadata.creationTimestamp)


def priority_class(obj: Any, clock: Clock) -> Sequence[Cell]:
    policy = obj.preemptionPolicy
    return (
        obj.metadata.name,
        obj.value,
        obj.globalDefault,
        clock.since(obj.metadata.creationTimestamp),
        "PreemptLowerPriority" if policy is None else policy,
    )


def runtime_class(obj: Any, clock: Clock) -> Sequence[Cell]:
    # In v1alpha1 the name stands in a spec.
    name = obj.handler if hasattr(obj, "handler") else obj.spec.runtimeHandler
    return obj.metadata.name, name, clock.since(obj.metadata.creationTimestamp)


def api_service(obj: Any, clock: Clock) -> Sequence[Cell]:
    service = obj.spec.service
    available = condition(obj.status.conditions, "Available")
    status = "Unknown" if available is None else available.status
    if available is not None and status != "True" and available.reason:
        status = f"{status} ({available.reason})"
    return (
        obj.metadata.name,
        "Local" if service is None else f"{service.namespace}/{service.name}",
        status,
        clock.since(obj.metadata.creationTimestamp),
    )


def storage_version(obj: Any, clock: Clock) -> Sequence[Cell]:
    common = obj.status.commonEncodingVersion
    return (
        obj.metadata.name,
        UNSET if common is None else common,
        shortened([f"{each.apiServerID}={each.encodingVersion}" for each in obj.status.storageVersions]),
        clock.since(obj.metadata.creationTimestamp),
    )


def storage_version_migration(obj: Any, clock: Clock) -> Sequence[Cell]:
    resource = obj.spec.resource
    status = "Unknown"
    for each in obj.status.conditions:
        if each.status == "True" and each.type in ("Running", "Failed", "Succeeded"):
            status = each.type
    name = f"{resource.resource}.{resource.group}" if resource.group else resource.resource
    return obj.metadata.name, name, status


COLUMNS = {
    ("", "Node"): Columns(
        "Name,Status,Roles,Age,Version,+Internal-IP,+External-IP,+OS-Image,+Kernel-Version,+Container-Runtime", node
    ),
    ("", "Namespace"): Columns("Name,Status,Age", namespace),
    ("", "Event"): Columns("Last Seen,Type,Reason,Object,+Subobject,+Source,Message,+First Seen,+Count,+Name", event),
    ("", "Secret"): Columns("Name,Type,Data,Age", secret),
    ("", "ConfigMap"): Columns("Name,Data,Age", config_map),
    ("coordination.k8s.io", "Lease"): Columns("Name,Holder,Age", lease),
    ("coordination.k8s.io", "LeaseCandidate"): Columns(
        "Name,LeaseName,BinaryVersion,EmulationVersion,Age", lease_candidate
    ),
    ("", "ResourceQuota"): Columns("Name,Request,Limit,Age", resource_quota),
    ("scheduling.k8s.io", "PriorityClass"): Columns("Name,Value,Global-Default,Age,PreemptionPolicy", priority_class),
    ("node.k8s.io", "RuntimeClass"): Columns("Name,Handler,Age", runtime_class),
    ("apiregistration.k8s.io", "APIService"): Columns("Name,Service,Available,Age", api_service),
    ("internal.apiserver.k8s.io", "StorageVersion"): Columns(
        "Name,CommonEncodingVersion,StorageVersions,Age", storage_version
    ),
    ("storagemigration.k8s.io", "StorageVersionMigration"): Columns("Name,Resource,Status", storage_version_migration),
}
