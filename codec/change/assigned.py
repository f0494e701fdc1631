"""What of an object its cluster assigned: fields that a fresh cluster fills in itself, or would refuse.

Each rule is the way to a field, and what its value must be to go. Sources: the strategies and admission plugins of
kubernetes pkg/registry and plugin/pkg/admission; the controllers of pkg/controller.
"""

from __future__ import annotations

from codec.change.redact import LAST_APPLIED
from codec.storage.resources import group_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Tree = dict[str, Any]
    Rule = tuple[tuple[str, ...], Callable[[Any, Tree], bool] | None]


def _ways(*ways: str) -> list[Rule]:
    """Rules that hold for any value; words of a way are parted by spaces."""
    return [(tuple(way.split(" ")), None) for way in ways]


def _in_spec(tree: Tree, name: str) -> Any:
    spec = tree.get("spec")
    return spec.get(name) if isinstance(spec, dict) else None


# Finalizers that Kubernetes puts there itself, and would wait for: core/v1 types.go, pkg/util/slice users.
_OWN_FINALIZERS = frozenset(("foregroundDeletion", "orphan", "kubernetes"))
_OWN_DOMAIN = ("kubernetes.io", "k8s.io")


def _is_own_finalizer(value: Any, tree: Tree) -> bool:
    domain = str(value).partition("/")[0]
    return (
        value in _OWN_FINALIZERS or domain in _OWN_DOMAIN or domain.endswith(tuple(f".{each}" for each in _OWN_DOMAIN))
    )


_EVERY: list[Rule] = [
    *_ways(
        "status",
        "metadata uid",
        "metadata resourceVersion",
        "metadata generation",
        "metadata managedFields",
        "metadata selfLink",
        "metadata clusterName",
        "metadata creationTimestamp",
        "metadata deletionTimestamp",
        "metadata deletionGracePeriodSeconds",
        "metadata ownerReferences",
        f"metadata annotations {LAST_APPLIED}",
    ),
    (("metadata", "generateName"), lambda value, tree: bool((tree.get("metadata") or {}).get("name"))),
    (("metadata", "finalizers", "*"), _is_own_finalizer),
]


# Service: what the allocators of pkg/registry/core/service/storage/alloc.go gave.


def _has_cluster_ip(value: Any, tree: Tree) -> bool:
    """Headless is a choice, and no address."""
    return value not in ("None", ["None"])


_SERVICE: list[Rule] = [
    (("spec", "clusterIP"), _has_cluster_ip),
    (("spec", "clusterIPs"), _has_cluster_ip),
    *_ways("spec ipFamilies", "spec ports * nodePort", "spec healthCheckNodePort"),
    (("spec", "ipFamilyPolicy"), lambda value, tree: value == "SingleStack"),
]


# Pod: the scheduler's choice, and what admission and the kubelet added.


def _is_injected(value: Any, tree: Tree) -> bool:
    """The volume with an account's token: plugin/pkg/admission/serviceaccount, today's and that before v1.21."""
    if not isinstance(value, dict) or not isinstance(name := value.get("name"), str):
        return False
    if name.startswith("kube-api-access-"):
        return "projected" in value
    account = _in_spec(tree, "serviceAccountName") or "default"
    secret = value.get("secret")
    return name.startswith(f"{account}-token-") and isinstance(secret, dict) and secret.get("secretName") == name


def _is_injected_mount(value: Any, tree: Tree) -> bool:
    volumes = _in_spec(tree, "volumes")
    names = [each["name"] for each in volumes if _is_injected(each, tree)] if isinstance(volumes, list) else []
    return isinstance(value, dict) and value.get("name") in names


# plugin/pkg/admission/defaulttolerationseconds
_DEFAULT_TOLERATIONS = [
    {"key": f"node.kubernetes.io/{each}", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
    for each in ("not-ready", "unreachable")
]
_CONTROLLER_UID = ("controller-uid", "batch.kubernetes.io/controller-uid")
_JOB_NAME = ("job-name", "batch.kubernetes.io/job-name")

_POD: list[Rule] = [
    *((("spec", each, "*", "volumeMounts", "*"), _is_injected_mount) for each in ("containers", "initContainers")),
    (("spec", "volumes", "*"), _is_injected),
    (("spec", "tolerations", "*"), lambda value, tree: value in _DEFAULT_TOLERATIONS),
    # The deprecated spelling of serviceAccountName, which the server sets to the same.
    (("spec", "serviceAccount"), lambda value, tree: value in ("default", _in_spec(tree, "serviceAccountName"))),
    (("spec", "serviceAccountName"), lambda value, tree: value == "default"),
    *_ways(
        "spec nodeName",
        "spec priority",  # the admission plugin computes both from priorityClassName, and refuses others
        "spec preemptionPolicy",
        "spec overhead",  # of the RuntimeClass
        "spec ephemeralContainers",  # only a running Pod can get some
        "metadata annotations kubernetes.io/limit-ranger",
        "metadata annotations kubernetes.io/config.source",
        "metadata annotations kubernetes.io/config.seen",
        "metadata annotations kubernetes.io/config.hash",
        *(f"metadata labels {each}" for each in _CONTROLLER_UID),
    ),
]


# Job: the selector that the strategy made; pkg/registry/batch/job/strategy.go generateSelector.


def _is_generated(value: Any, tree: Tree) -> bool:
    return _in_spec(tree, "manualSelector") is not True


_JOB: list[Rule] = [
    (("spec", "selector"), _is_generated),
    *((("metadata", "labels", each), _is_generated) for each in (*_CONTROLLER_UID, *_JOB_NAME)),
    *((("spec", "template", "metadata", "labels", each), _is_generated) for each in (*_CONTROLLER_UID, *_JOB_NAME)),
    (("spec", "manualSelector"), lambda value, tree: value is False),
]

_DEPLOYMENT_ANNOTATIONS = [
    f"metadata annotations deployment.kubernetes.io/{each}"
    for each in ("revision", "revision-history", "desired-replicas", "max-replicas")
]


def _is_token(value: Any, tree: Tree) -> bool:
    return tree.get("type") == "kubernetes.io/service-account-token"


def _is_generated_secret(value: Any, tree: Tree) -> bool:
    """The names of token and pull secrets that controllers before v1.24, and OpenShift's, made for an account."""
    account = (tree.get("metadata") or {}).get("name")
    name = value.get("name") if isinstance(value, dict) else None
    return isinstance(name, str) and name.startswith((f"{account}-token-", f"{account}-dockercfg-"))


# group and kind → its rules, after those of every kind
_RULES: dict[tuple[str, str], list[Rule]] = {
    ("", "Service"): _SERVICE,
    ("", "Pod"): _POD,
    ("batch", "Job"): _JOB,
    ("apps", "Deployment"): _ways(*_DEPLOYMENT_ANNOTATIONS),
    ("apps", "ReplicaSet"): _ways(*_DEPLOYMENT_ANNOTATIONS),
    ("apps", "DaemonSet"): _ways("metadata annotations deprecated.daemonset.template.generation"),
    ("apps", "StatefulSet"): _ways(
        "spec volumeClaimTemplates * status", "spec volumeClaimTemplates * metadata creationTimestamp"
    ),
    ("", "PersistentVolumeClaim"): _ways(
        "spec volumeName",
        "metadata annotations pv.kubernetes.io/bind-completed",
        "metadata annotations pv.kubernetes.io/bound-by-controller",
        "metadata annotations volume.kubernetes.io/selected-node",
        "metadata annotations volume.kubernetes.io/storage-provisioner",
        "metadata annotations volume.beta.kubernetes.io/storage-provisioner",
    ),
    # Without the uid the volume waits for the claim of that name.
    ("", "PersistentVolume"): _ways(
        "spec claimRef uid",
        "spec claimRef resourceVersion",
        "metadata annotations pv.kubernetes.io/bound-by-controller",
    ),
    ("", "Secret"): [
        *((("data", each), _is_token) for each in ("token", "ca.crt", "namespace", "service-ca.crt")),
        *_ways("metadata annotations kubernetes.io/service-account.uid"),
    ],
    ("", "ServiceAccount"): [(("secrets", "*"), _is_generated_secret)],
    ("", "Namespace"): _ways("spec finalizers", "metadata labels kubernetes.io/metadata.name"),
    ("", "Node"): _ways(
        "spec podCIDR",
        "spec podCIDRs",
        "spec providerID",
        "spec externalID",
        "metadata annotations node.alpha.kubernetes.io/ttl",
        "metadata annotations volumes.kubernetes.io/controller-managed-attach-detach",
    ),
    ("", "Endpoints"): _ways("metadata annotations endpoints.kubernetes.io/last-change-trigger-time"),
    ("discovery.k8s.io", "EndpointSlice"): _ways(
        "metadata annotations endpoints.kubernetes.io/last-change-trigger-time"
    ),
    ("autoscaling", "HorizontalPodAutoscaler"): _ways(
        "metadata annotations autoscaling.alpha.kubernetes.io/conditions",
        "metadata annotations autoscaling.alpha.kubernetes.io/current-metrics",
    ),
    # The server takes these from whoever asks.
    ("certificates.k8s.io", "CertificateSigningRequest"): _ways(
        "spec username", "spec uid", "spec groups", "spec extra"
    ),
}


def rules_of(tree: Tree) -> list[Rule]:
    """The rules for an object."""
    api_version, kind = tree.get("apiVersion"), tree.get("kind")
    if not isinstance(api_version, str) or not isinstance(kind, str):
        return _EVERY
    return [*_EVERY, *_RULES.get((group_of(api_version), kind), ())]


def all_ways() -> list[tuple[str, ...]]:
    """The way of every rule: what can be kept."""
    return [way for rules in (_EVERY, *_RULES.values()) for way, _ in rules]
