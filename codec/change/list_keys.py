"""What tells the elements of Kubernetes' lists apart: by the name of the list's field, so that templates within custom
resources are known too.

Source: listType and listMapKey of the Go types of v0.37, as client-go applyconfigurations/internal publishes them.
Beyond these are lists that the server replaces as a whole, whose elements still have an identity to a reader.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from codec.change.field_change import Step

# Without a row in the tables, elements are known by their name, if all of them have one.
DEFAULT = (("name",),)

# field → the keys to try, in order: the first whose leading field all elements have, each combination once.
_MAPS: dict[str, tuple[tuple[str, ...], ...]] = {
    "addresses": (("type",), ("ip",)),
    "conditions": (("type",),),
    "devices": (("driver", "device", "pool", "shareID"), ("name",)),
    "healthConditions": (("status", "reason"),),
    "hostAliases": (("ip",),),
    "nodeAllocatableResourceClaimStatuses": (("resourceClaimName",),),
    "ownerReferences": (("uid",),),
    "podIPs": (("ip",),),
    "ports": (("containerPort", "protocol"), ("port", "protocol"), ("name",)),
    "reservedFor": (("uid",),),
    "resources": (("resourceID",), ("name",)),
    "storageVersions": (("apiServerID",),),
    "topologySpreadConstraints": (("topologyKey", "whenUnsatisfiable"),),
    "volumeDevices": (("devicePath",),),
    "volumeMounts": (("mountPath",),),
    # The server replaces these as a whole.
    "auditAnnotations": (("key",),),
    "endpoints": (("addresses",),),
    "hostIPs": (("ip",),),
    "items": (("key",), ("path",)),
    "limits": (("type",),),
    "managedFields": (("manager", "operation", "apiVersion", "subresource"),),
    "matchExpressions": (("key",),),
    "matchFields": (("key",),),
    "matchLabelExpressions": (("key",),),
    "notReadyAddresses": (("ip",),),
    "onPodConditions": (("type",),),
    "paths": (("path", "pathType"),),
    "policies": (("type",),),
    "readinessGates": (("conditionType",),),
    "resizePolicy": (("resourceName",),),
    "rules": (("host",),),
    "subjects": (("kind", "name", "namespace"),),
    "taints": (("key", "effect"),),
    "tokenRequests": (("audience",),),
    "topology": (("key",),),
    "volumeClaimTemplates": (("metadata.name",),),
}

# What stands for a key field that is left out: core/v1 defaults.go, and the same in discovery.
_WITHOUT = {"protocol": "TCP"}

# Lists of plain values of which each stands there once, and whose order says nothing.
_SETS = frozenset(
    (
        "addresses",
        "apiGroups",
        "bindMountOptions",
        "containers",
        "decodableVersions",
        "disableResizePreemption",
        "failed",
        "finalizers",
        "namespaces",
        "nonResourceURLs",
        "podCIDRs",
        "resources",
        "servedVersions",
        "skipNodeOperations",
        "succeeded",
        "validationActions",
        "values",
        "verbs",
        "volumeLifecycleModes",
        # The server replaces these as a whole.
        "accessModes",
        "apiVersions",
        "categories",
        "hosts",
        "operations",
        "policyTypes",
        "resourceNames",
        "scopes",
        "shortNames",
    )
)

_PLAIN = (str, int, float)  # and bool, which is an int


def identities(field: str, old: list[Any], new: list[Any]) -> tuple[list[Step], list[Step]] | None:
    """The step to each element of two lists of a field, or None if only their places tell the elements apart."""
    if field in _SETS and all(isinstance(item, _PLAIN) for item in (*old, *new)):
        return _unique([(("", item),) for item in old], [(("", item),) for item in new])
    if not all(isinstance(item, dict) for item in (*old, *new)):
        return None
    for names in _MAPS.get(field, DEFAULT):
        found = _by_keys(names, old, new)
        if found is not None:
            return found
    return None


def _by_keys(names: tuple[str, ...], old: list[Any], new: list[Any]) -> tuple[list[Step], list[Step]] | None:
    steps: list[list[Step]] = []
    for elements in (old, new):
        side: list[Step] = []
        for element in elements:
            pairs = tuple((name, value_of(element, name)) for name in names)
            if pairs[0][1] is None:
                return None
            side.append(pairs)
        steps.append(side)
    return _unique(*steps)


def _unique(old: list[Step], new: list[Step]) -> tuple[list[Step], list[Step]] | None:
    for side in (old, new):
        if len({identity(step) for step in side}) != len(side):
            return None
    return old, new


def identity(step: Step) -> str:
    """What two steps to the same element have in common; hashable, and 1 is not true."""
    return repr(step)


def _value(element: dict[str, Any], name: str) -> Any:
    """The value of a key field, where it can tell anything apart."""
    outer, _, inner = name.partition(".")
    value = element.get(outer)
    if inner:
        value = value.get(inner) if isinstance(value, dict) else None
    if isinstance(value, list):
        return value if value and all(isinstance(item, str) for item in value) else None
    if value is None or value == "":
        return _WITHOUT.get(name)
    return value if isinstance(value, _PLAIN) else None


def value_of(element: Any, name: str) -> Any:
    """The value that a step names a list's element by; of an element of a set, itself."""
    if not name:
        return element
    return _value(element, name) if isinstance(element, dict) else None
