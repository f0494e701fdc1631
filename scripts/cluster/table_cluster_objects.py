"""Objects of a whole cluster in the states that change what a table shows of them: nodes, events, storage, access,
devices, custom resources."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cluster.table_objects import DAY, HOUR, MINUTE, SELECTORS, Object, Times, made


def nodes(times: Times) -> Iterator[Object]:
    ago = times.ago
    true, false = {"type": "Ready", "status": "True"}, {"type": "Ready", "status": "False"}
    unknown, pressure = {"type": "Ready", "status": "Unknown"}, {"type": "MemoryPressure", "status": "True"}
    info = {
        "kubeletVersion": "v1.36.3", "osImage": "Debian GNU/Linux 13", "kernelVersion": "6.12.0",
        "containerRuntimeVersion": "containerd://2.2.0", "architecture": "arm64",
    }  # fmt: skip
    addresses = [{"type": "Hostname", "address": "h"}, {"type": "InternalIP", "address": "10.0.0.1"}]
    addresses += [{"type": "InternalIP", "address": "fd00::1"}, {"type": "ExternalIP", "address": "203.0.113.1"}]
    prefix = "node-role.kubernetes.io/"
    states: list[tuple[list[Object], Object, Object, dict[str, str]]] = [
        ([], {}, {}, {}),
        ([pressure, true], {}, {"nodeInfo": info, "addresses": addresses}, {f"{prefix}worker": ""}),
        ([false], {"unschedulable": True}, {"addresses": addresses[:1]}, {f"{prefix}b": "x", f"{prefix}a": ""}),
        ([unknown], {}, {"nodeInfo": {"architecture": "amd64"}}, {"kubernetes.io/role": "master", f"{prefix}": ""}),
        ([true, false], {}, {}, {"kubernetes.io/role": "a", f"{prefix}a": ""}),
        ([pressure], {"unschedulable": True}, {}, {"kubernetes.io/role": ""}),
    ]
    for number, (conditions, spec, status, labels) in enumerate(states):
        yield made(
            "v1", "Node", f"n{number}", ago(number * 100 * DAY), "",
            metadata={"labels": labels}, spec=spec, status={"conditions": conditions, **status},
        )  # fmt: skip
    for number, phase in enumerate(("", "Active", "Terminating")):
        yield made("v1", "Namespace", f"made-{number}", ago(17 * HOUR), "", status={"phase": phase})


def events(times: Times) -> Iterator[Object]:
    ago, micro_ago = times.ago, times.micro_ago
    regarding = {"kind": "Pod", "name": "web-1", "namespace": "tables", "fieldPath": "spec.containers{main}"}
    source = {"component": "kubelet", "host": "node-1"}
    states: list[Object] = [
        {"firstTimestamp": ago(HOUR + 30), "lastTimestamp": ago(90), "count": 12, "source": source},
        {"eventTime": micro_ago(400), "reportingComponent": "scheduler", "reportingInstance": "scheduler-1"},
        {"eventTime": micro_ago(4000), "series": {"count": 3, "lastObservedTime": micro_ago(50)}},
        {"eventTime": micro_ago(4000), "series": {"count": 0, "lastObservedTime": None}, "count": 8},
        {},
        {"firstTimestamp": ago(3 * DAY), "source": {"component": "only"}, "reportingInstance": "i"},
        {"lastTimestamp": ago(3 * DAY), "source": {"host": "only"}},
        {"message": " \n  two lines\nsecond\n\n", "count": 1},
        {"message": "\ttab\tinside \x1b[31mred\u00a0"},
        {"message": "Größe: ∞ <b>&amp;</b>"},
        {"message": "form\x0cfeed and more"},
    ]
    for number, each in enumerate(states):
        involved = [regarding, {"kind": "Node"}, {"name": "x"}, {}][number % 4]
        fields = {"involvedObject": involved, "reason": "Made", "type": "Normal", "message": "it was so", **each}
        yield made("v1", "Event", f"web-1.{number}", ago(HOUR), **fields)


def storage(times: Times) -> Iterator[Object]:
    ago = times.ago
    modes = ["ReadWriteMany", "ReadWriteOnce", "ReadWriteMany", "ReadOnlyMany", "ReadWriteOncePod", "Other"]
    beta = {"annotations": {"volume.beta.kubernetes.io/storage-class": "old"}}
    deleted = {"deletionTimestamp": ago(60), "finalizers": ["example.com/hold"]}
    volumes: list[tuple[Object, Object, Object]] = [
        ({}, {}, {}),
        ({}, {"capacity": {"storage": "1024Mi"}, "accessModes": modes, "storageClassName": "fast"}, {"phase": "Bound"}),
        (
            beta,
            {
                "capacity": {"storage": "1e3"}, "claimRef": {"namespace": "tables", "name": "c1"},
                "storageClassName": "fast", "volumeAttributesClassName": "gold", "volumeMode": "Block",
                "persistentVolumeReclaimPolicy": "Delete",
            },
            {"phase": "Failed", "reason": "ItBroke"},
        ),
        (deleted, {"capacity": {"cpu": "1"}, "claimRef": {}}, {"phase": "Released"}),
    ]  # fmt: skip
    for number, (metadata, spec, status) in enumerate(volumes):
        yield made(
            "v1", "PersistentVolume", f"v{number}", ago(9 * DAY), "", metadata=metadata, spec=spec, status=status
        )
    claims: list[tuple[Object, Object, Object]] = [
        ({}, {}, {}),
        ({}, {"storageClassName": "fast"}, {"phase": "Pending", "capacity": {"storage": "3Gi"}, "accessModes": modes}),
        (
            beta,
            {"storageClassName": "fast", "volumeName": "v1", "volumeMode": "Block", "volumeAttributesClassName": ""},
            {"phase": "Bound", "capacity": {"storage": "3072Mi"}, "accessModes": modes[:2]},
        ),
        ({}, {"storageClassName": "", "volumeName": "v2"}, {"phase": "Lost"}),
        (deleted, {"volumeName": "v3"}, {"phase": "Bound"}),
    ]
    for number, (metadata, spec, status) in enumerate(claims):
        yield made(
            "v1", "PersistentVolumeClaim", f"c{number}", ago(9 * DAY), metadata=metadata, spec=spec, status=status
        )
    group = "storageclass.kubernetes.io", "storageclass.beta.kubernetes.io"
    for number, each in enumerate((None, (group[0], "true"), (group[1], "true"), (group[0], "yes"))):
        annotations = {f"{each[0]}/is-default-class": each[1]} if each else {}
        filled = {"reclaimPolicy": "Retain", "volumeBindingMode": "WaitForFirstConsumer", "allowVolumeExpansion": True}
        yield made(
            "storage.k8s.io/v1", "StorageClass", f"c{number}", ago(9 * DAY), "",
            metadata={"annotations": annotations}, provisioner="example.com/p", **(filled if number % 2 else {}),
        )  # fmt: skip
    yield made("storage.k8s.io/v1", "VolumeAttributesClass", "gold", ago(1), "", driverName="example.com/d")
    for number, volume in enumerate((None, "v1")):
        source = {"persistentVolumeName": volume} if volume else {}
        spec = {"attacher": "example.com/a", "source": source, "nodeName": "n1"}
        status = {"attached": bool(volume)}
        yield made("storage.k8s.io/v1", "VolumeAttachment", f"a{number}", ago(1), "", spec=spec, status=status)
    switches = ("attachRequired", "podInfoOnMount", "storageCapacity", "requiresRepublish")
    drivers: list[Object] = [
        {},
        {"tokenRequests": [{"audience": "a"}, {"audience": ""}], "volumeLifecycleModes": ["Persistent", "Ephemeral"]},
        dict.fromkeys(switches, True),
        dict.fromkeys(switches, False),
    ]
    for number, spec in enumerate(drivers):
        yield made("storage.k8s.io/v1", "CSIDriver", f"d{number}.example.com", ago(700), "", spec=spec)
        held = [{"name": f"d{each}", "nodeID": "n"} for each in range(number)]
        yield made("storage.k8s.io/v1", "CSINode", f"n{number}", ago(700), "", spec={"drivers": held})
        capacity = {"capacity": f"{number}Gi"} if number else {}
        yield made("storage.k8s.io/v1", "CSIStorageCapacity", f"c{number}", ago(1), storageClassName="fast", **capacity)


def configuration(times: Times) -> Iterator[Object]:
    ago = times.ago
    yield made("v1", "ConfigMap", "none", ago(1))
    yield made("v1", "ConfigMap", "both", ago(100), data={"a": "1", "b": "2"}, binaryData={"c": "AAE="})
    yield made("v1", "Secret", "untyped", ago(1), data={"a": "AAE=", "b": ""})
    yield made("v1", "Secret", "typed", ago(1), type="kubernetes.io/tls")
    yield made("v1", "ServiceAccount", "a", ago(119), secrets=[{"name": "x"}])
    yield made("v1", "LimitRange", "l", ago(1), spec={"limits": []})
    hard = {
        "requests.cpu": "4",
        "limits.cpu": "8000m",
        "pods": "10",
        "limits": "1",
        "limitsx.y": "1",
        "limits.memory": "2048Mi",
    }
    used = {"requests.cpu": "1500m", "pods": "2", "unheard": "7"}
    yield made("v1", "ResourceQuota", "q", ago(200), status={"hard": hard, "used": used})
    yield made("v1", "ResourceQuota", "empty", ago(200), spec={"hard": hard})
    for number, policy in enumerate((None, "Never")):
        chosen = {"preemptionPolicy": policy} if policy else {}
        yield made(
            "scheduling.k8s.io/v1", "PriorityClass", f"p{number}", ago(1), "",
            value=(-7, 1_000_000_000)[number], globalDefault=bool(number), **chosen,
        )  # fmt: skip
    yield made("node.k8s.io/v1", "RuntimeClass", "r", ago(1), "", handler="runsc")
    for number, holder in enumerate((None, "", "someone_1")):
        spec = {} if holder is None else {"holderIdentity": holder}
        yield made("coordination.k8s.io/v1", "Lease", f"l{number}", ago(3600 * 4 + 61), spec=spec)
    spec = {
        "leaseName": "l",
        "binaryVersion": "1.36.3",
        "emulationVersion": "1.35.0",
        "strategy": "OldestEmulationVersion",
    }
    yield made("coordination.k8s.io/v1beta1", "LeaseCandidate", "c", ago(1), spec=spec)
    conditions: list[list[Object]] = [
        [],
        [{"type": "Available", "status": "True", "reason": "Passed"}],
        [
            {"type": "Available", "status": "False", "reason": "MissingEndpoints"},
            {"type": "Available", "status": "True"},
        ],
        [{"type": "Available", "status": "Unknown"}],
        [{"type": "Other", "status": "True"}],
    ]
    for number, each in enumerate(conditions):
        resource = {"group": "example.com", "resource": "things"} if number else {"resource": "pods"}
        kind = ["Running", "Succeeded", "Failed", "Running", "Other"][number]
        done = [{"type": kind, "status": "True" if number != 3 else "False", "lastTransitionTime": ago(1)}]
        done.append({"type": "Running", "status": "False", "lastTransitionTime": ago(1)})
        yield made(
            "storagemigration.k8s.io/v1beta1", "StorageVersionMigration", f"m{number}", ago(1), "",
            spec={"resource": resource}, status={"conditions": done if number else []},
        )  # fmt: skip
        yield made(
            "flowcontrol.apiserver.k8s.io/v1", "FlowSchema", f"f{number}", ago(1), "",
            spec={
                "priorityLevelConfiguration": {"name": "global-default"}, "matchingPrecedence": number * 500,
                **({"distinguisherMethod": {"type": "ByUser"}} if number % 2 else {}),
            },
            status={"conditions": [{**condition, "type": "Dangling"} for condition in each]},
        )  # fmt: skip
    queued = {"type": "Queue", "queuing": {}}
    queues = {"type": "Queue", "queuing": {"queues": 3, "handSize": 2, "queueLengthLimit": 1}}
    levels: list[Object] = [
        {"type": "Exempt"},
        {"type": "Limited", "limited": {}},
        {"type": "Limited", "limited": {"nominalConcurrencyShares": 0, "limitResponse": {"type": "Queue"}}},
        {"type": "Limited", "limited": {"nominalConcurrencyShares": 5, "limitResponse": queued}},
        {"type": "Limited", "limited": {"limitResponse": queues}},
    ]
    for number, spec in enumerate(levels):
        for version in ("v1", "v1beta3"):
            name = f"l{number}-{version}"
            group = f"flowcontrol.apiserver.k8s.io/{version}"
            yield made(group, "PriorityLevelConfiguration", name, ago(1), "", spec=spec)


def access(times: Times) -> Iterator[Object]:
    ago = times.ago
    rbac, admission = "rbac.authorization.k8s.io/v1", "admissionregistration.k8s.io/v1"
    subjects: list[Object] = [
        {"kind": "User", "name": "jane"}, {"kind": "Group", "name": "devs"}, {"kind": "User", "name": "joe"},
        {"kind": "ServiceAccount", "namespace": "tables", "name": "a"}, {"kind": "Robot", "name": "r"},
    ]  # fmt: skip
    for number, each in enumerate(([], subjects)):
        reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"}
        yield made(rbac, "RoleBinding", f"b{number}", ago(1), roleRef=reference, subjects=each)
        yield made(rbac, "ClusterRoleBinding", f"made-{number}", ago(1), "", roleRef=reference, subjects=each)
    yield made(rbac, "Role", "r", ago(1), rules=[])
    yield made(rbac, "ClusterRole", "made", ago(1), "", rules=[])
    states: list[tuple[list[str], str | None, Object]] = [
        ([], None, {}), (["Approved"], None, {"expirationSeconds": 3600}), (["Approved"], "YQ==", {}),
        (["Approved", "Denied"], None, {"expirationSeconds": 0}), (["Failed"], None, {}),
        (["Approved", "Failed"], "YQ==", {"expirationSeconds": -5}),
    ]  # fmt: skip
    for number, (types, certificate, chosen) in enumerate(states):
        status: Object = {"conditions": [{"type": type, "status": "True"} for type in types]}
        if certificate:
            status["certificate"] = certificate
        spec = {"request": "YQ==", "signerName": "example.com/s", "username": "jane", **chosen}
        yield made(
            "certificates.k8s.io/v1", "CertificateSigningRequest", f"c{number}", ago(1), "", spec=spec, status=status
        )
        done = [
            {"type": type, "status": "True", "reason": "R", "lastTransitionTime": ago(1)}
            for type in (*types, "Issued")[-number:]
        ]
        spec = {
            "signerName": "example.com/s",
            "podName": "p",
            "podUID": "u",
            "serviceAccountName": "a",
            "serviceAccountUID": "u",
            "nodeName": "n",
            "nodeUID": "u",
            "proofOfPossession": "YQ==",
            "unverifiedUserAnnotations": {"example.com/b": "2", "example.com/a": "1"} if number % 2 else {},
        }
        yield made(
            "certificates.k8s.io/v1beta1", "PodCertificateRequest", f"c{number}", ago(1), spec=spec,
            status={"conditions": done},
        )  # fmt: skip
        signer = {"signerName": "example.com/s"} if number else {}
        yield made(
            "certificates.k8s.io/v1beta1",
            "ClusterTrustBundle",
            f"c{number}",
            ago(1),
            "",
            spec={**signer, "trustBundle": ""},
        )
    parameters: list[Object | None] = [None, {}, {"name": "p"}, {"name": "p", "namespace": "n"}]
    parameters += [{"selector": each} for each in SELECTORS]
    for number, reference in enumerate(parameters):
        for kind, version in (("Validating", admission), ("Mutating", "admissionregistration.k8s.io/v1beta1")):
            spec = {"policyName": "p", **({} if reference is None else {"paramRef": reference})}
            yield made(version, f"{kind}AdmissionPolicyBinding", f"b{number}", ago(1), "", spec=spec)
    for number in range(3):
        kind = {"paramKind": {"apiVersion": "example.com/v1", "kind": "Rule"}} if number else {}
        webhooks = [{"name": f"w{each}.example.com", "clientConfig": {}} for each in range(number)]
        yield made(admission, "ValidatingWebhookConfiguration", f"made-{number}", ago(1), "", webhooks=webhooks)
        yield made(admission, "MutatingWebhookConfiguration", f"made-{number}", ago(1), "", webhooks=webhooks)
        checks = [{"expression": "true"}] * number
        yield made(
            admission, "ValidatingAdmissionPolicy", f"p{number}", ago(1), "", spec={**kind, "validations": checks}
        )
        changes = [{"patchType": "JSONPatch"}] * number
        yield made(
            "admissionregistration.k8s.io/v1beta1", "MutatingAdmissionPolicy", f"p{number}", ago(1), "",
            spec={**kind, "mutations": changes},
        )  # fmt: skip


def devices(times: Times) -> Iterator[Object]:
    ago = times.ago
    group = "resource.k8s.io/v1"
    deleted = {"deletionTimestamp": ago(1), "finalizers": ["example.com/hold"]}
    reserved = {"reservedFor": [{"resource": "pods", "name": "p", "uid": "u"}]}
    for number, status in enumerate(({}, {"allocation": {}}, {"allocation": {}, **reserved}, reserved)):
        yield made(group, "ResourceClaim", f"c{number}", ago(1), spec={}, status=status)
        yield made(group, "ResourceClaim", f"d{number}", ago(1), metadata=deleted, spec={}, status=status)
    for number, node in enumerate((None, "n1")):
        spec = {"driver": "example.com", "pool": {"name": "p"}, **({"nodeName": node} if node else {})}
        yield made(group, "ResourceSlice", f"s{number}", ago(1), "", spec=spec)
        taint = {"key": "k", "value": "v", "effect": "NoExecute", **({"timeAdded": ago(77)} if node else {})}
        yield made("resource.k8s.io/v1alpha3", "DeviceTaintRule", f"t{number}", ago(1), "", spec={"taint": taint})
    pool = {"driver": "d", "poolName": "p", "generation": 1}
    counts = {"totalDevices": 4, "availableDevices": 1, "allocatedDevices": 2, "unavailableDevices": 1}
    complete = {"type": "Complete", "status": "True", "lastTransitionTime": ago(300), "reason": "R"}
    failed, incomplete = {**complete, "type": "Failed"}, {**complete, "status": "False"}
    states: list[Object | None] = [
        None, {}, {"conditions": [complete], "poolCount": 5, "pools": [{**pool, **counts}, pool]},
        {"conditions": [failed, complete], "pools": [{**pool, **counts}]}, {"conditions": [complete], "poolCount": 1},
        {"conditions": [incomplete], "pools": [{**pool, **counts}, {**pool, "validationError": "e"}]},
    ]  # fmt: skip
    for number, found in enumerate(states):
        status = {} if found is None else {"status": {"poolCount": 0, **found}}
        yield made(
            "resource.k8s.io/v1alpha3",
            "ResourcePoolStatusRequest",
            f"r{number}",
            ago(1),
            "",
            spec={"driver": "d"},
            **status,
        )
    scheduled = {"type": "PodGroupScheduled", "status": "True", "reason": "R", "lastTransitionTime": ago(1)}
    disrupted = {"type": "DisruptionTarget", "status": "True", "reason": "Preempted", "lastTransitionTime": ago(1)}
    for number, conditions in enumerate(([], [scheduled], [{**scheduled, "status": "False"}], [scheduled, disrupted])):
        spec: Object = {"schedulingPolicy": {"gang": {"minCount": 1}} if number % 2 else {"basic": {}}}
        if number > 1:
            spec["podGroupTemplateRef"] = {"workload": {"workloadName": "w", "podGroupTemplateName": "t"}}
        status = {"conditions": conditions}
        yield made("scheduling.k8s.io/v1alpha2", "PodGroup", f"g{number}", ago(1), spec=spec, status=status)


COLUMNS: list[tuple[str, str, str, int]] = [
    ("Text", "string", ".spec.text", 0),
    ("Number", "number", ".spec.number", 0),
    ("Integer", "integer", ".spec.number", 0),
    ("Flag", "boolean", ".spec.flag", 0),
    ("When", "date", ".spec.when", 0),
    ("Ready", "string", '.status.conditions[?(@.type=="Ready")].status', 0),
    ("Also", "string", ".status.conditions[?(@.type == 'Ready')].status", 1),
    ("Small", "string", ".spec.list[?(@ < 3)]", 1),
    ("Has", "string", ".status.conditions[?(@.reason)].type", 1),
    ("First", "string", ".spec.list[0]", 1),
    ("Last", "string", ".spec.list[-1:]", 1),
    ("Past", "string", ".spec.list[7]", 1),
    ("All", "string", ".spec.list[*]", 1),
    ("Some", "string", ".spec.list[1:3]", 1),
    ("Whole", "string", ".spec.object", 1),
    ("Whole List", "string", ".spec.list", 1),
    ("Dotted", "string", r".metadata.annotations.example\.com/note", 1),
    ("Quoted", "string", ".metadata.annotations['example\\.com/note']", 1),
    ("Null", "string", ".spec.nothing", 1),
    ("Deep", "string", "..deep", 1),
    ("Kind", "string", ".kind", 1),
    ("Text as number", "number", ".spec.text", 1),
    ("Flag as text", "string", ".spec.flag", 1),
    ("Number as text", "string", ".spec.number", 1),
    ("Age", "date", ".metadata.creationTimestamp", 0),
]


def definitions(times: Times) -> Iterator[Object]:
    """CustomResourceDefinitions, which the server must have taken up before their objects are asked for."""
    columns = [
        {"name": name, "type": type, "jsonPath": path, "priority": priority} for name, type, path, priority in COLUMNS
    ]
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    # Of several versions, that which discovery puts first gives the columns.
    versions = [
        {
            "name": "v1alpha1",
            "served": True,
            "storage": True,
            "schema": schema,
            "additionalPrinterColumns": columns[:1],
        },
        {"name": "v2", "served": True, "storage": False, "schema": schema, "additionalPrinterColumns": columns},
        {"name": "v11", "served": False, "storage": False, "schema": schema},
        {"name": "v10beta3", "served": True, "storage": False, "schema": schema},
    ]
    # The columns of a single version are stored in another place.
    single = [{**versions[3], "additionalPrinterColumns": columns[:3]}]
    for name, scope, chosen in (
        ("gadget", "Namespaced", versions),
        ("plain", "Cluster", versions[2:]),
        ("widget", "Cluster", single),
    ):
        plural = f"{name}s"
        chosen = [{**each, "storage": number == len(chosen) - 1} for number, each in enumerate(chosen)]
        yield made(
            "apiextensions.k8s.io/v1", "CustomResourceDefinition", f"{plural}.made.example.com", times.ago(1), "",
            spec={
                "group": "made.example.com", "scope": scope, "versions": chosen,
                "names": {"plural": plural, "singular": name, "kind": name.title(), "listKind": f"{name.title()}List"},
            },
        )  # fmt: skip


def custom(times: Times) -> Iterator[Object]:
    ago = times.ago
    conditions = [{"type": "Synced", "status": "False"}, {"type": "Ready", "status": "True", "reason": "R"}]
    specs: list[tuple[Any, Any]] = [
        ({}, None),
        (
            {
                "text": "t", "number": 3, "flag": True, "when": ago(500), "list": [5, 1, 2, 3], "nothing": None,
                "object": {"b": "<&>", "a": [1, None, 2.5]}, "deep": {"deep": "x"},
            },
            {"conditions": conditions},
        ),
        ({"text": 7, "number": 2.75, "flag": "yes", "when": "yesterday", "list": []}, {"conditions": []}),
        ({"text": "", "number": 1e21, "flag": False, "when": "", "list": ["a"]}, {"conditions": [{}]}),
        ({"text": True, "number": -0.00001, "when": 5, "list": {"0": 1}, "object": []}, {"conditions": "none"}),
        ({"text": "a\nb", "number": 1000000.5, "when": "null", "list": [[1, 2], {"x": 1}], "object": "o"}, {}),
        ({"text": 1.0, "number": 123456789.0, "when": ago(-7), "list": [None]}, {"conditions": [{"type": "Ready"}]}),
    ]  # fmt: skip
    for number, (spec, status) in enumerate(specs):
        metadata = {"annotations": {"example.com/note": f"n{number}"}} if number else {}
        fields = {"spec": spec, **({} if status is None else {"status": status})}
        yield made("made.example.com/v2", "Gadget", f"g{number}", ago(2 * DAY), metadata=metadata, **fields)
    yield made("made.example.com/v10beta3", "Plain", "p", ago(5 * MINUTE + 5), "")
    yield made("made.example.com/v10beta3", "Widget", "w", ago(1), "", spec={"text": "t", "number": 5})
