"""Keeps HTTP bodies: lists, tables, errors and watch streams, as protobuf and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cluster.rest import API, JSON, PROTOBUF, APIError

WATCH_SECONDS = 2  # how long the server keeps a watch open
NAMESPACE = "/api/v1/namespaces/biz-prod-qe2bu3"
META = "as={};g=meta.k8s.io;v=v1"


@dataclass(frozen=True)
class Body:
    """One file stem, what to ask for, and how the answer's media type is narrowed further."""

    name: str
    path: str
    parameters: str = ""
    protobuf: bool = True
    method: str = "GET"
    request: object = None
    status: int = 200


BODIES = (
    Body("endpoints", f"{NAMESPACE}/endpoints/platform-mysql"),
    Body("endpoints-list", f"{NAMESPACE}/endpoints"),
    Body("endpointslice-list", "/apis/discovery.k8s.io/v1/namespaces/biz-prod-qe2bu3/endpointslices"),
    Body("pod-list-page", f"{NAMESPACE}/pods?limit=2"),
    Body("secret-list", "/api/v1/namespaces/web/secrets"),
    Body("event-list", "/api/v1/namespaces/web/events"),
    Body("empty-list", "/api/v1/namespaces/default/persistentvolumeclaims"),
    Body("scale", "/apis/apps/v1/namespaces/web/deployments/frontend/scale"),
    Body("not-found", f"{NAMESPACE}/pods/absent", status=404),
    Body("partial-list", f"{NAMESPACE}/pods", parameters=META.format("PartialObjectMetadataList")),
    Body("partial", f"{NAMESPACE}/services/platform-mysql", parameters=META.format("PartialObjectMetadata")),
    Body("table", f"{NAMESPACE}/pods", parameters=META.format("Table"), protobuf=False),
    Body("crontab-list", "/apis/stable.example.com/v1/namespaces/web/crontabs", protobuf=False),
    Body("api-groups", "/apis"),
    Body("api-resources", "/apis/apps/v1"),
    Body("discovery", "/apis", parameters="as=APIGroupDiscoveryList;g=apidiscovery.k8s.io;v=v2"),
    Body("access-review", "/apis/authorization.k8s.io/v1/subjectaccessreviews", method="POST", status=201, request={
        "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": {
            "user": "jane", "groups": ["developers"], "extra": {"example.com/scopes": ["view", "edit"]},
            "resourceAttributes": {"namespace": "web", "verb": "get", "resource": "pods"}}}),
    Body("success", "/api/v1/namespaces/web/configmaps/frozen", method="DELETE", request={
        "apiVersion": "v1", "kind": "DeleteOptions", "dryRun": ["All"], "gracePeriodSeconds": 0}),
)  # fmt: skip


def keep_bodies(api: API, folder: Path) -> None:
    """`<name>.pb` and `<name>.json`, exactly as served."""
    for each in BODIES:
        for suffix, accept in (("pb", PROTOBUF), ("json", JSON)):
            if suffix == "pb" and not each.protobuf:
                continue
            wanted = f"{accept};{each.parameters}" if each.parameters else accept
            answer = api.request(each.method, each.path, each.request, accept=wanted)
            if answer.status != each.status or not answer.content_type.startswith(accept):
                raise APIError(f"{each.method} {each.path}: {answer.status} {answer.content_type}")
            (folder / f"{each.name}.{suffix}").write_bytes(answer.body)


@dataclass(frozen=True)
class Watch:
    """One file stem and what to watch, from `{since}`, a revision before the edits, or as the path says."""

    name: str
    path: str
    parameters: str = ""
    protobuf: bool = True


FROM_START = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
WATCHES = (
    # ADDED, MODIFIED and DELETED, out of what the edits did.
    Watch("watch-configmaps", "/api/v1/namespaces/web/configmaps?resourceVersion={since}"),
    Watch("watch-endpoints", f"{NAMESPACE}/endpoints?resourceVersion={{since}}"),
    # Every object as ADDED, then a BOOKMARK that says so.
    Watch("watch-list-services", f"{NAMESPACE}/services?{FROM_START}"),
    # ERROR with a Status: the revision was compacted. Events have no watch cache that would know it still.
    Watch("watch-expired", "/api/v1/namespaces/web/events?resourceVersion=2"),
    Watch("watch-partial", f"{NAMESPACE}/endpoints?{FROM_START}", parameters=META.format("PartialObjectMetadata")),
    Watch("watch-crontabs", "/apis/stable.example.com/v1/namespaces/web/crontabs?resourceVersion={since}",
          protobuf=False),
)  # fmt: skip


def keep_watches(api: API, folder: Path, since: int) -> None:
    """`<name>.pb`: the frames of one watch, to its end; `<name>.json`: the same as a line per event."""
    for each in WATCHES:
        path = each.path.format(since=since) + f"&watch=1&timeoutSeconds={WATCH_SECONDS}"
        for suffix, media_type in (("pb", PROTOBUF), ("json", JSON)):
            if suffix == "pb" and not each.protobuf:
                continue
            wanted = f"{media_type};stream=watch" if suffix == "pb" else media_type
            answer = api.request("GET", path, accept=f"{wanted};{each.parameters}" if each.parameters else wanted)
            if answer.status != 200 or not answer.content_type.startswith(media_type) or not answer.body:
                raise APIError(f"GET {path}: {answer.status} {answer.content_type} {answer.body!r}")
            (folder / f"{each.name}.{suffix}").write_bytes(answer.body)
