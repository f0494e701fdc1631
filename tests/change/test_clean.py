"""Objects without what their cluster assigned. That a real API server takes them is for test_clean_cluster.py."""

from __future__ import annotations

import copy
import json
from base64 import b64decode
from typing import Any

import pytest

import codec
from codec.change.assigned import all_ways
from codec.change.clean import clean, field_text, is_kept, names_to_keep
from codec.change.definitions import to_v1

METADATA = {
    "name": "a",
    "namespace": "d",
    "generateName": "a-",
    "uid": "u",
    "resourceVersion": "7",
    "generation": 2,
    "selfLink": "/x",
    "creationTimestamp": "2026-01-01T00:00:00Z",
    "deletionTimestamp": "2026-01-01T00:00:00Z",
    "deletionGracePeriodSeconds": 0,
    "managedFields": [{}],
    "ownerReferences": [{"uid": "o"}],
    "labels": {"app": "a"},
    "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}"},
    "finalizers": ["kubernetes.io/pvc-protection", "foregroundDeletion", "example.com/mine"],
}


def obj(kind: str, api_version: str = "v1", metadata: Any = None, **fields: Any) -> dict[str, Any]:
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata or {"name": "a"}, **fields}


def cleaned(kind: str, spec: Any, api_version: str = "v1", keep: tuple[str, ...] = ()) -> Any:
    return clean(obj(kind, api_version, spec=spec), keep).get("spec")


def test_of_every_kind() -> None:
    tree = obj("Any", "example.com/v1", copy.deepcopy(METADATA), spec={"status": 1}, status={"x": 1})
    before = copy.deepcopy(tree)
    metadata = {"name": "a", "namespace": "d", "labels": {"app": "a"}, "finalizers": ["example.com/mine"]}
    assert clean(tree) == obj("Any", "example.com/v1", metadata, spec={"status": 1})
    assert tree == before


def test_typed_objects_and_lists() -> None:
    from codec.api.core.v1 import ConfigMap, ConfigMapList
    from codec.api.meta.v1 import ListMeta, ObjectMeta

    one = ConfigMap(metadata=ObjectMeta(name="a", uid="u"), data={"k": "v"})
    want = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "a"}, "data": {"k": "v"}}
    assert clean(one) == want
    several = clean(ConfigMapList(metadata=ListMeta(resourceVersion="7"), items=[one, one]))
    assert several["metadata"] == {}
    assert [item["metadata"] for item in several["items"]] == [{"name": "a"}] * 2


def test_services() -> None:
    ports = [{"port": 80, "nodePort": 30080}, {"port": 81}]
    spec = {
        "clusterIP": "10.0.0.1",
        "clusterIPs": ["10.0.0.1"],
        "ipFamilies": ["IPv4"],
        "ipFamilyPolicy": "SingleStack",
        "ports": ports,
        "healthCheckNodePort": 31000,
        "type": "LoadBalancer",
    }
    assert cleaned("Service", spec) == {"ports": [{"port": 80}, {"port": 81}], "type": "LoadBalancer"}
    assert cleaned("Service", spec, keep=("nodePort", "spec.clusterIP")) == {
        "clusterIP": "10.0.0.1",
        "ports": ports,
        "type": "LoadBalancer",
    }
    headless = {"clusterIP": "None", "clusterIPs": ["None"], "ipFamilyPolicy": "PreferDualStack"}
    assert cleaned("Service", headless) == headless


TOKEN = {"name": "kube-api-access-x7k2p", "projected": {"sources": []}}
OLD_TOKEN = {"name": "builder-token-abcde", "secret": {"secretName": "builder-token-abcde"}}
OWN = {"name": "data", "emptyDir": {}}


@pytest.mark.parametrize("token", [TOKEN, OLD_TOKEN])
def test_pods(token: dict[str, Any]) -> None:
    path = "/var/run/secrets/kubernetes.io/serviceaccount"
    tolerations = [
        {"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300},
        {"key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 30},
    ]
    spec = {
        "containers": [{"name": "c", "volumeMounts": [{"name": token["name"], "mountPath": path}]}],
        "initContainers": [{"name": "i", "volumeMounts": [{"name": "data"}, {"name": token["name"]}]}],
        "volumes": [token, OWN],
        "nodeName": "n",
        "serviceAccount": "builder",
        "serviceAccountName": "builder",
        "tolerations": tolerations,
        "priority": 0,
        "preemptionPolicy": "PreemptLowerPriority",
        "ephemeralContainers": [{}],
    }
    want = {
        "containers": [{"name": "c"}],
        "initContainers": [{"name": "i", "volumeMounts": [{"name": "data"}]}],
        "volumes": [OWN],
        "serviceAccountName": "builder",
        "tolerations": tolerations[1:],
    }
    assert cleaned("Pod", spec) == want
    assert cleaned("Pod", spec, keep=("nodeName",)) == {**want, "nodeName": "n"}


def test_the_default_account_of_a_pod() -> None:
    spec = {"serviceAccountName": "default", "serviceAccount": "default", "volumes": [TOKEN], "x": 1}
    assert cleaned("Pod", spec) == {"x": 1}


def test_jobs() -> None:
    labels = {"controller-uid": "u", "batch.kubernetes.io/controller-uid": "u", "job-name": "a", "app": "x"}
    spec = {
        "selector": {"matchLabels": {"controller-uid": "u"}},
        "manualSelector": False,
        "template": {"metadata": {"labels": labels}, "spec": {}},
    }
    assert cleaned("Job", spec, "batch/v1") == {"template": {"metadata": {"labels": {"app": "x"}}, "spec": {}}}
    manual = {**spec, "manualSelector": True}
    assert cleaned("Job", manual, "batch/v1") == manual


def test_volumes_and_claims() -> None:
    claim = obj(
        "PersistentVolumeClaim", metadata={"name": "c", "annotations": {"pv.kubernetes.io/bind-completed": "yes"}}
    )
    assert clean({**claim, "spec": {"volumeName": "v", "accessModes": ["ReadWriteOnce"]}}) == obj(
        "PersistentVolumeClaim", metadata={"name": "c"}, spec={"accessModes": ["ReadWriteOnce"]}
    )
    reference = {"name": "c", "namespace": "d", "uid": "u", "resourceVersion": "7"}
    assert cleaned("PersistentVolume", {"claimRef": reference}) == {"claimRef": {"name": "c", "namespace": "d"}}
    templates = [{"metadata": {"name": "d", "creationTimestamp": None}, "status": {"phase": "Pending"}}]
    spec = {"volumeClaimTemplates": templates}
    assert cleaned("StatefulSet", spec, "apps/v1") == {"volumeClaimTemplates": [{"metadata": {"name": "d"}}]}


def test_secrets_and_accounts() -> None:
    metadata = {"name": "t", "annotations": {"kubernetes.io/service-account.name": "a"}}
    token = obj(
        "Secret", metadata=metadata, type="kubernetes.io/service-account-token", data={"token": "x", "own": "y"}
    )
    assert clean(token)["data"] == {"own": "y"}
    plain = obj("Secret", type="Opaque", data={"token": "x"})
    assert clean(plain) == plain
    account = obj("ServiceAccount", secrets=[{"name": "a-token-x7k2p"}, {"name": "mine"}])
    assert clean(account)["secrets"] == [{"name": "mine"}]


def test_namespaces_nodes_and_requests() -> None:
    assert "spec" not in clean(obj("Namespace", spec={"finalizers": ["kubernetes"]}))
    assert cleaned("Node", {"podCIDR": "10.0.0.0/24", "podCIDRs": ["10.0.0.0/24"], "taints": [1]}) == {"taints": [1]}
    spec = {"request": "x", "username": "u", "uid": "1", "groups": ["g"]}
    assert cleaned("CertificateSigningRequest", spec, "certificates.k8s.io/v1") == {"request": "x"}


def test_keep() -> None:
    tree = obj("Deployment", "apps/v1", copy.deepcopy(METADATA), status={"replicas": 1})
    tree["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = "3"
    assert clean(tree, ["status"])["status"] == {"replicas": 1}
    assert [*clean(tree, ["metadata.annotations"])["metadata"]["annotations"]] == [*tree["metadata"]["annotations"]]
    assert clean(tree, ["deployment.kubernetes.io/revision"])["metadata"]["annotations"] == {
        "deployment.kubernetes.io/revision": "3"
    }
    assert clean(tree, ["metadata"])["metadata"] == tree["metadata"]
    assert clean(tree, ["meta", "ation"])["metadata"] == clean(tree)["metadata"]
    assert clean(tree, ["finalizers"])["metadata"]["finalizers"] == METADATA["finalizers"]


def test_names_to_keep() -> None:
    names = names_to_keep()
    for name in ("status", "spec.clusterIP", "clusterIP", "nodePort", "spec.ports.nodePort", "metadata.annotations"):
        assert name in names
    for name in names:
        assert any(is_kept(way, [name]) for way in all_ways()), name


@pytest.mark.parametrize("way", all_ways(), ids=field_text)
def test_every_rule_can_be_kept(way: tuple[str, ...]) -> None:
    """Each takes out something, and leaves it where its field is named."""
    assert is_kept(way, [field_text(way)])
    assert not is_kept(way, [])


@pytest.mark.parametrize(
    "tree",
    [
        {},
        {"metadata": None, "spec": 1, "kind": 7},
        {"apiVersion": "v1", "kind": "Pod", "spec": {"volumes": {"a": 1}, "containers": [1, None]}},
        {"apiVersion": "v1", "kind": "Service", "spec": {"ports": [None]}},
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": None, "secrets": [1]},
        {"apiVersion": "apiextensions.k8s.io/v1beta1", "kind": "CustomResourceDefinition"},
        {"apiVersion": "v1", "kind": "List", "items": [1, None]},
    ],
)
def test_odd_shapes(tree: dict[str, Any]) -> None:
    found = clean(tree)
    assert {name: value for name, value in found.items() if name != "metadata"} == {
        name: value for name, value in tree.items() if name != "metadata"
    }


def test_definitions_become_what_the_api_serves(values: list[dict[str, Any]]) -> None:
    found = [line for line in values if line["kind"] == "CustomResourceDefinition"]
    assert len(found) == 2
    for line in found:
        stored = json.loads(codec.storage_to_json(b64decode(line["value"])))
        served = json.loads(line["json"])
        assert to_v1(stored)["spec"] == served["spec"]
        assert clean(stored) == clean(served)


def test_definitions_of_older_clusters() -> None:
    spec = {
        "group": "example.com",
        "version": "v1",
        "names": {"kind": "A"},
        "subresources": {"status": {}},
        "additionalPrinterColumns": [{"name": "Age", "JSONPath": ".x"}, None],
        "conversion": {
            "strategy": "Webhook",
            "webhookClientConfig": {"url": "https://a", "caBundle": "eA=="},
            "conversionReviewVersions": ["v1"],
        },
    }
    tree = {"apiVersion": "apiextensions.k8s.io/v1beta1", "kind": "CustomResourceDefinition", "spec": spec}
    assert to_v1(tree) == {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "spec": {
            "group": "example.com",
            "names": {"kind": "A"},
            "conversion": {
                "strategy": "Webhook",
                "webhook": {
                    "clientConfig": {"url": "https://a", "caBundle": "eA=="},
                    "conversionReviewVersions": ["v1"],
                },
            },
            "versions": [
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "subresources": {"status": {}},
                    "additionalPrinterColumns": [{"name": "Age", "jsonPath": ".x"}, None],
                    "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
                }
            ],
        },
    }
