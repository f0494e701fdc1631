"""Who may do what: bindings, certificates, admission, fairness.

Source: kubernetes pkg/printers/internalversion/printers.go; pkg/apis/rbac/helpers.go SubjectsStrings;
pkg/apis/flowcontrol/v1/defaults.go.
"""

from __future__ import annotations

from codec.query.age import human_duration
from codec.query.columns import Columns
from codec.query.columns.formats import NONE, UNSET, condition, in_order, labels_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from codec.query.age import Clock
    from codec.query.columns import Cell

SECOND = 1_000_000_000  # nanoseconds
# what flow control takes where nothing is said
PRECEDENCE, SHARES, QUEUES, HAND_SIZE, QUEUE_LENGTH = 1000, 30, 64, 8, 50


def role_binding(obj: Any, clock: Clock) -> Sequence[Cell]:
    users, groups, accounts = [], [], []
    for each in obj.subjects:
        if each.kind == "ServiceAccount":
            accounts.append(f"{each.namespace}/{each.name}")
        elif each.kind == "User":
            users.append(each.name)
        elif each.kind == "Group":
            groups.append(each.name)
    return (
        obj.metadata.name,
        f"{obj.roleRef.kind}/{obj.roleRef.name}",
        clock.since(obj.metadata.creationTimestamp),
        ", ".join(users),
        ", ".join(groups),
        ", ".join(accounts),
    )


def certificate_signing_request(obj: Any, clock: Clock) -> Sequence[Cell]:
    spec, status = obj.spec, obj.status
    types = {each.type for each in status.conditions}
    words = ["Denied" if "Denied" in types else "Approved" if "Approved" in types else "Pending"]
    if "Failed" in types:
        words.append("Failed")
    if status.certificate:
        words.append("Issued")
    seconds = spec.expirationSeconds
    return (
        obj.metadata.name,
        clock.since(obj.metadata.creationTimestamp),
        _signer(obj),
        spec.username,
        NONE if seconds is None else human_duration(seconds * SECOND),
        ",".join(words),
    )


def _signer(obj: Any) -> str:
    if obj.spec.signerName is None:  # in v1beta1
        # Upstream differs: it reads the request, and calls those of kubelets by names of their own.
        return "kubernetes.io/legacy-unknown"
    return obj.spec.signerName or NONE


def cluster_trust_bundle(obj: Any, clock: Clock) -> Sequence[Cell]:
    return obj.metadata.name, obj.spec.signerName or NONE


def pod_certificate_request(obj: Any, clock: Clock) -> Sequence[Cell]:
    spec = obj.spec
    state = "Pending"
    for each in obj.status.conditions:
        if each.type in ("Issued", "Denied", "Failed"):
            state = each.type
    annotations = getattr(spec, "unverifiedUserAnnotations", {})
    return (
        obj.metadata.name,
        spec.podName,
        spec.serviceAccountName,
        spec.nodeName,
        spec.signerName,
        state,
        labels_text(annotations),
    )


def webhook_configuration(obj: Any, clock: Clock) -> Sequence[Cell]:
    return obj.metadata.name, len(obj.webhooks), clock.since(obj.metadata.creationTimestamp)


def validating_admission_policy(obj: Any, clock: Clock) -> Sequence[Cell]:
    return _policy(obj, len(obj.spec.validations), clock)


def mutating_admission_policy(obj: Any, clock: Clock) -> Sequence[Cell]:
    return _policy(obj, len(obj.spec.mutations), clock)


def _policy(obj: Any, count: int, clock: Clock) -> Sequence[Cell]:
    kind = obj.spec.paramKind
    text = UNSET if kind is None else f"{kind.apiVersion}/{kind.kind}"
    return obj.metadata.name, count, text, clock.since(obj.metadata.creationTimestamp)


def admission_policy_binding(obj: Any, clock: Clock) -> Sequence[Cell]:
    spec = obj.spec
    return (
        obj.metadata.name,
        spec.policyName,
        _parameters(spec.paramRef),
        clock.since(obj.metadata.creationTimestamp),
    )


def _parameters(reference: Any) -> str:
    if reference is None:
        return UNSET
    if reference.name:
        return f"{reference.namespace or '*'}/{reference.name}"
    return UNSET if reference.selector is None else _go_selector(reference.selector)


def _go_selector(selector: Any) -> str:
    """A LabelSelector as gogo's String prints a message, which is what this one column shows."""
    labels = "".join([f"{key}: {selector.matchLabels[key]}," for key in in_order(selector.matchLabels)])
    expressions = "".join(
        [
            f"LabelSelectorRequirement{{Key:{each.key},Operator:{each.operator},Values:[{' '.join(each.values)}],}},"
            for each in selector.matchExpressions
        ]
    )
    return (
        f"&LabelSelector{{MatchLabels:map[string]string{{{labels}}},"
        f"MatchExpressions:[]LabelSelectorRequirement{{{expressions}}},}}"
    )


def flow_schema(obj: Any, clock: Clock) -> Sequence[Cell]:
    spec = obj.spec
    dangling = condition(obj.status.conditions, "Dangling")
    return (
        obj.metadata.name,
        spec.priorityLevelConfiguration.name,
        spec.matchingPrecedence or PRECEDENCE,
        NONE if spec.distinguisherMethod is None else spec.distinguisherMethod.type,
        clock.since(obj.metadata.creationTimestamp),
        "?" if dangling is None else dangling.status,
    )


def priority_level_configuration(obj: Any, clock: Clock) -> Sequence[Cell]:
    limited = obj.spec.limited
    shares: Cell = NONE
    queuing: Sequence[Cell] = (NONE, NONE, NONE)
    if limited is not None:
        # Versions before v1beta3 call it assuredConcurrencyShares, and those before v1 take 0 for absent.
        found = (
            limited.nominalConcurrencyShares
            if hasattr(limited, "nominalConcurrencyShares")
            else (limited.assuredConcurrencyShares)
        )
        is_absent = found is None or (not found and not obj.apiVersion.endswith("/v1"))
        shares = SHARES if is_absent else found
        queues = limited.limitResponse.queuing
        if queues is not None:
            queuing = (
                queues.queues or QUEUES,
                queues.handSize or HAND_SIZE,
                queues.queueLengthLimit or QUEUE_LENGTH,
            )
    return obj.metadata.name, obj.spec.type, shares, *queuing, clock.since(obj.metadata.creationTimestamp)


_RBAC, _ADMISSION = "rbac.authorization.k8s.io", "admissionregistration.k8s.io"
_BINDING = Columns("Name,Role,Age,+Users,+Groups,+ServiceAccounts", role_binding)
_WEBHOOKS = Columns("Name,Webhooks,Age", webhook_configuration)
_POLICY_BINDING = Columns("Name,PolicyName,ParamRef,Age", admission_policy_binding)

COLUMNS = {
    (_RBAC, "RoleBinding"): _BINDING,
    (_RBAC, "ClusterRoleBinding"): _BINDING,
    ("certificates.k8s.io", "CertificateSigningRequest"): Columns(
        "Name,Age,SignerName,Requestor,RequestedDuration,Condition", certificate_signing_request
    ),
    ("certificates.k8s.io", "ClusterTrustBundle"): Columns("Name,SignerName", cluster_trust_bundle),
    ("certificates.k8s.io", "PodCertificateRequest"): Columns(
        "Name,PodName,ServiceAccountName,NodeName,SignerName,State,UnverifiedUserAnnotations",
        pod_certificate_request,
    ),
    (_ADMISSION, "MutatingWebhookConfiguration"): _WEBHOOKS,
    (_ADMISSION, "ValidatingWebhookConfiguration"): _WEBHOOKS,
    (_ADMISSION, "ValidatingAdmissionPolicy"): Columns("Name,Validations,ParamKind,Age", validating_admission_policy),
    (_ADMISSION, "MutatingAdmissionPolicy"): Columns("Name,Mutations,ParamKind,Age", mutating_admission_policy),
    (_ADMISSION, "ValidatingAdmissionPolicyBinding"): _POLICY_BINDING,
    (_ADMISSION, "MutatingAdmissionPolicyBinding"): _POLICY_BINDING,
    ("flowcontrol.apiserver.k8s.io", "FlowSchema"): Columns(
        "Name,PriorityLevel,MatchingPrecedence,DistinguisherMethod,Age,MissingPL", flow_schema
    ),
    ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration"): Columns(
        "Name,Type,NominalConcurrencyShares,Queues,HandSize,QueueLengthLimit,Age", priority_level_configuration
    ),
}
