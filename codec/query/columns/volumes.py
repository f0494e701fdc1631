"""Storage: volumes, claims, classes, drivers.

Source: kubernetes pkg/printers/internalversion/printers.go; pkg/apis/core/helper/helpers.go;
pkg/apis/{core,storage}/v1/defaults.go.
"""

from __future__ import annotations

from codec.query.columns import Columns
from codec.query.columns.formats import NONE, UNSET, amount

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from codec.query.age import Clock
    from codec.query.columns import Cell

CLASS = "volume.beta.kubernetes.io/storage-class"  # the annotation that goes before the field
DEFAULT_CLASS = ("storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class")

# in the order in which they are shown
_MODES = (("ReadWriteOnce", "RWO"), ("ReadOnlyMany", "ROX"), ("ReadWriteMany", "RWX"), ("ReadWriteOncePod", "RWOP"))


def _modes(modes: Iterable[str]) -> str:
    return ",".join([short for mode, short in _MODES if mode in modes])


def _or_unset(text: str | None) -> str:
    return UNSET if text is None else text


def _phase(obj: Any) -> str:
    if obj.metadata.deletionTimestamp is not None:
        return "Terminating"
    return obj.status.phase or "Pending"


def persistent_volume(obj: Any, clock: Clock) -> Sequence[Cell]:
    spec = obj.spec
    claim = spec.claimRef
    return (
        obj.metadata.name,
        amount(spec.capacity, "storage"),
        _modes(spec.accessModes),
        spec.persistentVolumeReclaimPolicy or "Retain",
        _phase(obj),
        "" if claim is None else f"{claim.namespace}/{claim.name}",
        obj.metadata.annotations.get(CLASS, spec.storageClassName),
        _or_unset(spec.volumeAttributesClassName),
        obj.status.reason,
        clock.since(obj.metadata.creationTimestamp),
        "Filesystem" if spec.volumeMode is None else spec.volumeMode,
    )


def persistent_volume_claim(obj: Any, clock: Clock) -> Sequence[Cell]:
    spec, status = obj.spec, obj.status
    is_bound = bool(spec.volumeName)
    return (
        obj.metadata.name,
        _phase(obj),
        spec.volumeName,
        amount(status.capacity, "storage") if is_bound else "",
        _modes(status.accessModes) if is_bound else "",
        obj.metadata.annotations.get(CLASS, spec.storageClassName or ""),
        _or_unset(spec.volumeAttributesClassName),
        clock.since(obj.metadata.creationTimestamp),
        "Filesystem" if spec.volumeMode is None else spec.volumeMode,
    )


def storage_class(obj: Any, clock: Clock) -> Sequence[Cell]:
    name = obj.metadata.name
    if any(obj.metadata.annotations.get(each) == "true" for each in DEFAULT_CLASS):
        name += " (default)"
    return (
        name,
        obj.provisioner,
        "Delete" if obj.reclaimPolicy is None else obj.reclaimPolicy,
        "Immediate" if obj.volumeBindingMode is None else obj.volumeBindingMode,
        bool(obj.allowVolumeExpansion),
        clock.since(obj.metadata.creationTimestamp),
    )


def volume_attributes_class(obj: Any, clock: Clock) -> Sequence[Cell]:
    return obj.metadata.name, obj.driverName, clock.since(obj.metadata.creationTimestamp)


def volume_attachment(obj: Any, clock: Clock) -> Sequence[Cell]:
    spec = obj.spec
    return (
        obj.metadata.name,
        spec.attacher,
        spec.source.persistentVolumeName,
        spec.nodeName,
        obj.status.attached,
        clock.since(obj.metadata.creationTimestamp),
    )


def csi_driver(obj: Any, clock: Clock) -> Sequence[Cell]:
    spec = obj.spec
    return (
        obj.metadata.name,
        spec.attachRequired is None or spec.attachRequired,
        bool(spec.podInfoOnMount),
        bool(spec.storageCapacity),
        ",".join([each.audience for each in spec.tokenRequests]) if spec.tokenRequests else UNSET,
        bool(spec.requiresRepublish),
        ",".join(spec.volumeLifecycleModes or ("Persistent",)) or NONE,
        clock.since(obj.metadata.creationTimestamp),
    )


def csi_node(obj: Any, clock: Clock) -> Sequence[Cell]:
    return obj.metadata.name, len(obj.spec.drivers), clock.since(obj.metadata.creationTimestamp)


COLUMNS = {
    ("", "PersistentVolume"): Columns(
        "Name,Capacity,Access Modes,Reclaim Policy,Status,Claim,StorageClass,VolumeAttributesClass,Reason,Age,"
        "+VolumeMode",
        persistent_volume,
    ),
    ("", "PersistentVolumeClaim"): Columns(
        "Name,Status,Volume,Capacity,Access Modes,StorageClass,VolumeAttributesClass,Age,+VolumeMode",
        persistent_volume_claim,
    ),
    ("storage.k8s.io", "StorageClass"): Columns(
        "Name,Provisioner,ReclaimPolicy,VolumeBindingMode,AllowVolumeExpansion,Age", storage_class
    ),
    ("storage.k8s.io", "VolumeAttributesClass"): Columns("Name,DriverName,Age", volume_attributes_class),
    ("storage.k8s.io", "VolumeAttachment"): Columns("Name,Attacher,PV,Node,Attached,Age", volume_attachment),
    ("storage.k8s.io", "CSIDriver"): Columns(
        "Name,AttachRequired,PodInfoOnMount,StorageCapacity,TokenRequests,RequiresRepublish,Modes,Age", csi_driver
    ),
    ("storage.k8s.io", "CSINode"): Columns("Name,Drivers,Age", csi_node),
}
