"""The columns of each kind: which there are, and what stands in them for an object.

Source: kubernetes v1.36 pkg/printers/internalversion/printers.go, through which an API server answers kubectl.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from codec.query.age import Clock

    Cell = str | int | float | bool | None
    Cells = Callable[[Any, Clock], Sequence[Cell]]


class Columns:
    """The columns of a kind.

    names: their headings in mixed case, in order. is_wide: for each, whether it is shown in the wide form alone.
    cells: what gives the cells of an object, one for each name.
    """

    __slots__ = ("cells", "is_wide", "names")

    def __init__(self, names: str | Sequence[str], cells: Cells, is_wide: Sequence[bool] = ()) -> None:
        """names: a sequence, or a text with commas in between, where a wide one stands behind a plus sign."""
        if isinstance(names, str):
            words = names.split(",")
            names, is_wide = [word.removeprefix("+") for word in words], [word.startswith("+") for word in words]
        self.names = tuple(names)
        self.is_wide = tuple(is_wide)
        self.cells = cells


# module → the kinds whose columns it holds, by group; "" is the core group
_HOMES = {
    "pods": {"": "Pod PodTemplate"},
    "workloads": {
        "": "ReplicationController",
        "apps": "Deployment ReplicaSet StatefulSet DaemonSet ControllerRevision",
        "batch": "Job CronJob",
        "policy": "PodDisruptionBudget",
    },
    "scaling": {"autoscaling": "HorizontalPodAutoscaler"},
    "network": {
        "": "Service Endpoints",
        "discovery.k8s.io": "EndpointSlice",
        "networking.k8s.io": "Ingress IngressClass NetworkPolicy ServiceCIDR IPAddress",
    },
    "volumes": {
        "": "PersistentVolume PersistentVolumeClaim",
        "storage.k8s.io": "StorageClass VolumeAttributesClass VolumeAttachment CSIDriver CSINode",
    },
    "cluster": {
        "": "Node Namespace Event Secret ConfigMap ResourceQuota",
        "coordination.k8s.io": "Lease LeaseCandidate",
        "scheduling.k8s.io": "PriorityClass",
        "node.k8s.io": "RuntimeClass",
        "apiregistration.k8s.io": "APIService",
        "internal.apiserver.k8s.io": "StorageVersion",
        "storagemigration.k8s.io": "StorageVersionMigration",
    },
    "access": {
        "rbac.authorization.k8s.io": "RoleBinding ClusterRoleBinding",
        "certificates.k8s.io": "CertificateSigningRequest ClusterTrustBundle PodCertificateRequest",
        "admissionregistration.k8s.io": (
            "MutatingWebhookConfiguration ValidatingWebhookConfiguration ValidatingAdmissionPolicy"
            " ValidatingAdmissionPolicyBinding MutatingAdmissionPolicy MutatingAdmissionPolicyBinding"
        ),
        "flowcontrol.apiserver.k8s.io": "FlowSchema PriorityLevelConfiguration",
    },
    "devices": {
        "resource.k8s.io": "ResourceClaim ResourceSlice DeviceTaintRule ResourcePoolStatusRequest",
        "scheduling.k8s.io": "PodGroup",
    },
}
_HOME_OF = {
    (group, kind): module
    for module, groups in _HOMES.items()
    for group, kinds in groups.items()
    for kind in kinds.split()
}

# Kinds that API servers print by their metadata alone; apiserver pkg/registry/rest/table.go
_PLAIN = frozenset(
    (
        ("", "LimitRange"),
        ("rbac.authorization.k8s.io", "Role"),
        ("rbac.authorization.k8s.io", "ClusterRole"),
        ("apiextensions.k8s.io", "CustomResourceDefinition"),
        ("storage.k8s.io", "CSIStorageCapacity"),
    )
)


def _name_and_age(obj: Any, clock: Clock) -> Sequence[Cell]:
    from codec.query.columns.metadata import metadata_of

    found = metadata_of(obj)
    return found.name, clock.since(found.creationTimestamp)


def _name_and_time(obj: Any, clock: Clock) -> Sequence[Cell]:
    from codec.query.columns.metadata import metadata_of

    found = metadata_of(obj)
    return found.name, found.creationTimestamp.text or "0001-01-01T00:00:00Z"


# What a custom resource without columns of its own shows, and a kind that no release prints any other way.
DEFAULT = Columns("Name,Age", _name_and_age)
PLAIN = Columns("Name,Created At", _name_and_time)


def has_columns(group: str, kind: str) -> bool:
    """Whether a kind has columns of its own, which are read from its class."""
    return (group, kind) in _HOME_OF


def columns_of(group: str, kind: str) -> Columns:
    """The columns of a built-in kind, whatever its version; NAME and AGE for one that has none of its own."""
    home = _HOME_OF.get((group, kind))
    if home is None:
        return PLAIN if (group, kind) in _PLAIN else DEFAULT
    module = __import__(f"codec.query.columns.{home}", fromlist=["COLUMNS"])
    found: Columns = module.COLUMNS[group, kind]
    return found
