"""The kinds that API servers store: where each one's key stands, and the apiVersion that it is stored in.

Source: kubernetes v1.36.3 pkg/kubeapiserver/default_storage_factory_builder.go and test/integration/etcd/data.go;
for kinds that it no longer has, the last release that had them; for newer ones, k8s.io/api v0.37.
"""

from __future__ import annotations

RELEASE = "v1.36"  # whose stored versions these are

# path below the prefix, kind, stored apiVersion, n(amespaced) or c(luster); last the resource, where the path's last
# word is another. Built-in groups leave their name out of the key; the two extension servers put it in.
_TABLE = """
apiextensions.k8s.io/customresourcedefinitions CustomResourceDefinition apiextensions.k8s.io/v1beta1 c
apiregistration.k8s.io/apiservices APIService apiregistration.k8s.io/v1 c
auditsinks AuditSink auditregistration.k8s.io/v1alpha1 c
certificatesigningrequests CertificateSigningRequest certificates.k8s.io/v1 c
clustercidrs ClusterCIDR networking.k8s.io/v1alpha1 c
clusterrolebindings ClusterRoleBinding rbac.authorization.k8s.io/v1 c
clusterroles ClusterRole rbac.authorization.k8s.io/v1 c
clustertrustbundles ClusterTrustBundle certificates.k8s.io/v1beta1 c
compositepodgroups CompositePodGroup scheduling.k8s.io/v1alpha3 n
configmaps ConfigMap v1 n
controllerrevisions ControllerRevision apps/v1 n
controllers ReplicationController v1 n replicationcontrollers
cronjobs CronJob batch/v1 n
csidrivers CSIDriver storage.k8s.io/v1 c
csinodes CSINode storage.k8s.io/v1 c
csistoragecapacities CSIStorageCapacity storage.k8s.io/v1 n
daemonsets DaemonSet apps/v1 n
deployments Deployment apps/v1 n
deviceclasses DeviceClass resource.k8s.io/v1 c
devicetaintrules DeviceTaintRule resource.k8s.io/v1alpha3 c
endpointslices EndpointSlice discovery.k8s.io/v1 n
events Event v1 n
evictionrequests EvictionRequest lifecycle.k8s.io/v1alpha1 n
evictions Eviction lifecycle.k8s.io/v1alpha1 n
flowschemas FlowSchema flowcontrol.apiserver.k8s.io/v1 c
horizontalpodautoscalers HorizontalPodAutoscaler autoscaling/v2 n
ingress Ingress networking.k8s.io/v1 n ingresses
ingressclasses IngressClass networking.k8s.io/v1 c
ipaddresses IPAddress networking.k8s.io/v1 c
jobs Job batch/v1 n
leasecandidates LeaseCandidate coordination.k8s.io/v1beta1 n
leases Lease coordination.k8s.io/v1 n
limitranges LimitRange v1 n
minions Node v1 c nodes
mutatingadmissionpolicies MutatingAdmissionPolicy admissionregistration.k8s.io/v1beta1 c
mutatingadmissionpolicybindings MutatingAdmissionPolicyBinding admissionregistration.k8s.io/v1beta1 c
mutatingwebhookconfigurations MutatingWebhookConfiguration admissionregistration.k8s.io/v1 c
namespaces Namespace v1 c
networkpolicies NetworkPolicy networking.k8s.io/v1 n
persistentvolumeclaims PersistentVolumeClaim v1 n
persistentvolumes PersistentVolume v1 c
podcertificaterequests PodCertificateRequest certificates.k8s.io/v1beta1 n
poddisruptionbudgets PodDisruptionBudget policy/v1 n
podgroups PodGroup scheduling.k8s.io/v1alpha2 n
podpresets PodPreset settings.k8s.io/v1alpha1 n
pods Pod v1 n
podschedulingcontexts PodSchedulingContext resource.k8s.io/v1alpha3 n
podschedulings PodScheduling resource.k8s.io/v1alpha1 n
podsecuritypolicy PodSecurityPolicy policy/v1beta1 c podsecuritypolicies
podtemplates PodTemplate v1 n
priorityclasses PriorityClass scheduling.k8s.io/v1 c
prioritylevelconfigurations PriorityLevelConfiguration flowcontrol.apiserver.k8s.io/v1 c
ranges RangeAllocation v1 c
replicasets ReplicaSet apps/v1 n
resourceclaimparameters ResourceClaimParameters resource.k8s.io/v1alpha2 n
resourceclaims ResourceClaim resource.k8s.io/v1 n
resourceclaimtemplates ResourceClaimTemplate resource.k8s.io/v1 n
resourceclasses ResourceClass resource.k8s.io/v1alpha2 c
resourceclassparameters ResourceClassParameters resource.k8s.io/v1alpha2 n
resourcepoolstatusrequests ResourcePoolStatusRequest resource.k8s.io/v1alpha3 c
resourcequotas ResourceQuota v1 n
resourceslices ResourceSlice resource.k8s.io/v1 c
rolebindings RoleBinding rbac.authorization.k8s.io/v1 n
roles Role rbac.authorization.k8s.io/v1 n
runtimeclasses RuntimeClass node.k8s.io/v1 c
secrets Secret v1 n
serviceaccounts ServiceAccount v1 n
servicecidrs ServiceCIDR networking.k8s.io/v1 c
services/endpoints Endpoints v1 n
services/specs Service v1 n services
statefulsets StatefulSet apps/v1 n
storageclasses StorageClass storage.k8s.io/v1 c
storageversionmigrations StorageVersionMigration storagemigration.k8s.io/v1beta1 c
storageversions StorageVersion internal.apiserver.k8s.io/v1alpha1 c
validatingadmissionpolicies ValidatingAdmissionPolicy admissionregistration.k8s.io/v1 c
validatingadmissionpolicybindings ValidatingAdmissionPolicyBinding admissionregistration.k8s.io/v1 c
validatingwebhookconfigurations ValidatingWebhookConfiguration admissionregistration.k8s.io/v1 c
volumeattachments VolumeAttachment storage.k8s.io/v1 c
volumeattributesclasses VolumeAttributesClass storage.k8s.io/v1 c
workloads Workload scheduling.k8s.io/v1alpha2 n
"""

# Where API servers keep records of their own, as Endpoints: named by address, without a namespace in the key.
# pkg/controlplane/instance.go, pkg/controlplane/apiserver/peer.go
OWN_RECORDS = ("masterleases", "peerserverleases")

# group and kind → the group whose row it shares: the same objects, read through either; AddCohabitatingResources
_SHARED = {
    ("extensions", "DaemonSet"): "apps",
    ("extensions", "Deployment"): "apps",
    ("extensions", "Ingress"): "networking.k8s.io",
    ("extensions", "NetworkPolicy"): "networking.k8s.io",
    ("extensions", "PodSecurityPolicy"): "policy",
    ("extensions", "ReplicaSet"): "apps",
    ("events.k8s.io", "Event"): "",
}


class Resource:
    """A kind that API servers store. `path` stands between the prefix and the namespace or name in its key."""

    __slots__ = ("api_version", "kind", "name", "namespaced", "path")

    def __init__(self, path: str, kind: str, api_version: str, scope: str, name: str = "") -> None:
        self.path = path
        self.kind = kind
        self.api_version = api_version
        self.namespaced = scope == "n"
        self.name = name or path.rpartition("/")[2]

    @property
    def group(self) -> str:
        return group_of(self.api_version)


def group_of(api_version: str) -> str:
    """`apps` of `apps/v1`; "" is the core group."""
    return api_version.rpartition("/")[0]


_by_path: dict[str, Resource] = {}
_by_kind: dict[tuple[str, str], Resource] = {}


def _load() -> None:
    for line in _TABLE.strip().split("\n"):
        row = Resource(*line.split(" "))
        _by_path[row.path] = row
        _by_kind[row.group, row.kind] = row


def at(path: str) -> Resource | None:
    """The resource whose keys stand below a path."""
    if not _by_path:
        _load()
    return _by_path.get(path)


def of_kind(api_version: str, kind: str) -> Resource | None:
    """The resource of a built-in kind, whatever the version; None for one that is not stored, or not built in."""
    if not _by_kind:
        _load()
    group = group_of(api_version)
    return _by_kind.get((_SHARED.get((group, kind), group), kind))


def all_resources() -> list[Resource]:
    """Every row, by path."""
    if not _by_path:
        _load()
    return list(_by_path.values())
