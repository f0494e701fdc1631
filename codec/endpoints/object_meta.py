"""Validation of metadata, the same for all built-in kinds.

Sources: apimachinery pkg/api/validation/objectmeta.go, and ValidateObjectMeta of pkg/apis/core/validation around it.
Go walks maps in random order; here the errors of labels and annotations come in the order of their keys.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codec.endpoints import names
from codec.endpoints.field_error import FieldError, forbidden, invalid, invalid_json, invalid_number, required, too_long
from codec.endpoints.quoting import byte_length, quote
from codec.text.json_writer import quote as json_quote
from codec.text.objects import to_json

if TYPE_CHECKING:
    from codec.api.meta.v1 import ManagedFieldsEntry, ObjectMeta, OwnerReference
    from codec.types import Time

ANNOTATIONS_SIZE = 256 * 1024  # bytes of all keys and values; TotalAnnotationSizeLimitB
MANAGER_LENGTH = 128  # bytes; FieldManagerMaxLength
SUBRESOURCE_LENGTH = 256  # bytes; MaxSubresourceNameLength
IMMUTABLE = "field is immutable"
BANNED_OWNER = ("", "v1", "Event")  # group, version, kind; BannedOwners

ORPHAN, FOREGROUND = "orphan", "foregroundDeletion"  # the two finalizers of the garbage collector
STANDARD_FINALIZERS = (ORPHAN, FOREGROUND, "kubernetes")  # pkg/apis/core/helper IsStandardFinalizerName


def validate(meta: ObjectMeta) -> list[FieldError]:
    """The metadata of a namespaced object whose name is a DNS subdomain (ValidateObjectMeta)."""
    path = "metadata"
    errors: list[FieldError] = []
    if meta.generateName:
        found = names.object_name(meta.generateName, prefix=True)
        errors += [invalid(f"{path}.generateName", meta.generateName, error) for error in found]
    if not meta.name:
        errors.append(required(f"{path}.name", "name or generateName is required"))
    else:
        errors += [invalid(f"{path}.name", meta.name, error) for error in names.object_name(meta.name)]
    if not meta.namespace:
        errors.append(required(f"{path}.namespace"))
    else:
        errors += [invalid(f"{path}.namespace", meta.namespace, error) for error in names.dns_label(meta.namespace)]
    if meta.generation < 0:
        errors.append(invalid_number(f"{path}.generation", meta.generation, "must be greater than or equal to 0"))
    errors += labels(meta.labels, f"{path}.labels")
    errors += _annotations(meta.annotations, f"{path}.annotations")
    errors += _owners(meta.ownerReferences, f"{path}.ownerReferences")
    errors += _finalizers(meta.finalizers, f"{path}.finalizers")
    errors += _managed_fields(meta.managedFields, f"{path}.managedFields")
    return errors + _unqualified_finalizers(meta.finalizers, f"{path}.finalizers")


def validate_update(new: ObjectMeta, old: ObjectMeta) -> list[FieldError]:
    """What an update may not do (ValidateObjectMetaUpdate). Labels and the like are checked here as well as in
    validate(), so that upstream's list, and ours, has their errors twice."""
    path = "metadata"
    errors: list[FieldError] = []
    if old.deletionTimestamp is not None:
        added = sorted({*new.finalizers} - {*old.finalizers}, key=_bytes)
        if added:
            words = "no new finalizers can be added if the object is being deleted, found new finalizers"
            listed = ", ".join(map(quote, added))
            errors.append(forbidden(f"{path}.finalizers", f"{words} []string{{{listed}}}"))
    if not new.resourceVersion:
        errors.append(invalid(f"{path}.resourceVersion", "", "must be specified for an update"))
    if new.generation < old.generation:
        errors.append(invalid_number(f"{path}.generation", new.generation, "must not be decremented"))
    if new.name != old.name:
        errors.append(invalid(f"{path}.name", new.name, IMMUTABLE))
    if new.namespace != old.namespace:
        errors.append(invalid(f"{path}.namespace", new.namespace, IMMUTABLE))
    if new.uid != old.uid:
        errors.append(invalid_json(f"{path}.uid", new.uid, json_quote(new.uid), IMMUTABLE))
    if new.creationTimestamp != old.creationTimestamp:
        errors.append(_immutable_time(f"{path}.creationTimestamp", new.creationTimestamp))
    if new.deletionTimestamp != old.deletionTimestamp:
        errors.append(_immutable_time(f"{path}.deletionTimestamp", new.deletionTimestamp))
    if new.deletionGracePeriodSeconds != old.deletionGracePeriodSeconds:
        seconds = new.deletionGracePeriodSeconds
        shown = "null" if seconds is None else str(seconds)
        errors.append(invalid_json(f"{path}.deletionGracePeriodSeconds", seconds, shown, IMMUTABLE))
    errors += labels(new.labels, f"{path}.labels")
    errors += _annotations(new.annotations, f"{path}.annotations")
    errors += _owners(new.ownerReferences, f"{path}.ownerReferences")
    errors += _managed_fields(new.managedFields, f"{path}.managedFields")
    return errors + _unqualified_finalizers(new.finalizers, f"{path}.finalizers")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _immutable_time(path: str, time: Time | None) -> FieldError:
    text = None if time is None else time.text
    return invalid_json(path, text, "null" if text is None else json_quote(text), IMMUTABLE)


def labels(entries: dict[str, str], path: str) -> list[FieldError]:
    """Keys and values of labels (ValidateLabels)."""
    errors: list[FieldError] = []
    for key in sorted(entries, key=_bytes):
        errors += [invalid(path, key, error) for error in names.label_key(key)]
        errors += [invalid(path, entries[key], error) for error in names.label_value(entries[key])]
    return errors


def _lower(text: str) -> str:
    """As Go's strings.ToLower: one character for one, and a byte that is no UTF-8 becomes U+FFFD."""
    if text.isascii():
        return text.lower()
    return "".join("\ufffd" if "\udc80" <= char <= "\udcff" else char.lower()[0] for char in text)


def _annotations(entries: dict[str, str], path: str) -> list[FieldError]:
    """Keys are label keys in any case; the size of all together is limited (ValidateAnnotations)."""
    errors: list[FieldError] = []
    for key in sorted(entries, key=_bytes):
        errors += [invalid(path, key, error) for error in names.label_key(_lower(key))]
    if sum(byte_length(key) + byte_length(value) for key, value in entries.items()) > ANNOTATIONS_SIZE:
        errors.append(too_long(path, ANNOTATIONS_SIZE))
    return errors


def _group_version(api_version: str) -> tuple[str, str]:
    """Group and version; both empty where there is more than one slash (schema.FromAPIVersionAndKind)."""
    if api_version in ("", "/") or api_version.count("/") > 1:
        return "", ""
    group, slash, version = api_version.partition("/")
    return (group, version) if slash else ("", api_version)


def _owners(owners: list[OwnerReference], path: str) -> list[FieldError]:
    """Owner references: complete, no Event, at most one controller (ValidateOwnerReferences)."""
    errors: list[FieldError] = []
    controller = shown = ""
    for owner in owners:
        group, version = _group_version(owner.apiVersion)
        if not version:
            errors.append(invalid(f"{path}.apiVersion", owner.apiVersion, "version must not be empty"))
        if not owner.kind:
            errors.append(invalid(f"{path}.kind", "", "must not be empty"))
        if not owner.name:
            errors.append(invalid(f"{path}.name", "", "must not be empty"))
        if not owner.uid:
            errors.append(invalid_json(f"{path}.uid", "", '""', "must not be empty"))
        if (group, version, owner.kind) == BANNED_OWNER:
            words = f"{group}/{version}, Kind={owner.kind} is disallowed from being an owner"
            errors.append(invalid_json(path, owner, _json(owner), words))
        if owner.controller:
            current = f"{owner.kind}/{owner.name}"
            if controller:
                words = "Only one reference can have Controller set to true."
                found = f'Found "true" in references for {controller} and {current}'
                shown = shown or f"[{','.join(map(_json, owners))}]"
                errors.append(invalid_json(path, owners, shown, f"{words} {found}"))
            else:
                controller = current
    return errors


def _json(owner: OwnerReference) -> str:
    return to_json(owner).decode("utf-8", "surrogateescape")


def _finalizers(finalizers: list[str], path: str) -> list[FieldError]:
    """Finalizers are label keys; the two of the garbage collector exclude each other (ValidateFinalizers)."""
    errors: list[FieldError] = []
    for finalizer in finalizers:
        errors += [invalid(path, finalizer, error) for error in names.label_key(finalizer)]
    if ORPHAN in finalizers and FOREGROUND in finalizers:
        shown = f"[{','.join(map(json_quote, finalizers))}]"
        words = f"finalizer {ORPHAN} and {FOREGROUND} cannot be both set"
        errors.append(invalid_json(path, finalizers, shown, words))
    return errors


def _unqualified_finalizers(finalizers: list[str], path: str) -> list[FieldError]:
    """A finalizer without a slash must be a standard one (pkg/apis/core/validation validateKubeFinalizerName)."""
    words = "name is neither a standard finalizer name nor is it fully qualified"
    return [
        invalid(f"{path}[{index}]", finalizer, words)
        for index, finalizer in enumerate(finalizers)
        if "/" not in finalizer and finalizer not in STANDARD_FINALIZERS
    ]


def _managed_fields(entries: list[ManagedFieldsEntry], path: str) -> list[FieldError]:
    """Who wrote which fields (ValidateManagedFields, ValidateFieldManager)."""
    errors: list[FieldError] = []
    for index, entry in enumerate(entries):
        here = f"{path}[{index}]"
        if entry.operation not in ("Apply", "Update"):
            shown = json_quote(entry.operation)
            errors.append(invalid_json(f"{here}.operation", entry.operation, shown, "must be `Apply` or `Update`"))
        if entry.fieldsType not in ("", "FieldsV1"):
            errors.append(invalid(f"{here}.fieldsType", entry.fieldsType, "must be `FieldsV1`"))
        if byte_length(entry.manager) > MANAGER_LENGTH:
            errors.append(too_long(f"{here}.manager", MANAGER_LENGTH))
        errors += _unprintable(entry.manager, f"{here}.manager")
        if byte_length(entry.subresource) > SUBRESOURCE_LENGTH:
            errors.append(too_long(f"{here}.subresource", SUBRESOURCE_LENGTH))
    return errors


def _unprintable(manager: str, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    if manager.isprintable():
        return errors
    position = 0  # in bytes
    for char in manager:
        # A byte that is no UTF-8 reads as U+FFFD, which prints.
        if not char.isprintable() and not "\udc80" <= char <= "\udcff":
            errors.append(invalid(path, manager, f"invalid character U+{ord(char):04X} (at position {position})"))
        position += byte_length(char)
    return errors
