"""Speaks to kube-apiserver by plain HTTPS requests and knows, from discovery, which path serves a kind."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

JSON = "application/json"
PROTOBUF = "application/vnd.kubernetes.protobuf"
TIMEOUT = 60.0  # seconds


class APIError(Exception):
    """An answer that is not the wanted one, with the server's own words."""


@dataclass(frozen=True)
class Response:
    status: int
    content_type: str
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Resource:
    """One served resource: the API's plural in one version, and whether it lives in namespaces."""

    version_path: str  # "/api/v1", "/apis/apps/v1"
    plural: str
    namespaced: bool
    has_status: bool

    def path(self, namespace: str, name: str = "", subresource: str = "") -> str:
        parts = [self.version_path]
        if self.namespaced and namespace:
            parts += ["namespaces", quote(namespace)]
        parts += [quote(each, safe=":") for each in (self.plural, name, subresource) if each]
        return "/".join(parts)


class API:
    """One server, asked with a bearer token; the connection is kept open."""

    def __init__(self, port: int, certificate: Path, token: str) -> None:
        self.port = port
        self.certificate = certificate
        self.token = token
        self.connection: http.client.HTTPSConnection | None = None
        self.resources: dict[tuple[str, str], Resource] = {}

    def connect(self) -> http.client.HTTPSConnection:
        context = ssl.create_default_context(cafile=str(self.certificate))
        return http.client.HTTPSConnection("127.0.0.1", self.port, context=context, timeout=TIMEOUT)

    def request(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: Mapping[str, str] | None = None,
        content_type: str = JSON,
        accept: str = JSON,
    ) -> Response:
        """One request and its whole answer, whatever its status; `body` is sent as JSON, bytes as they are."""
        sent = body if isinstance(body, bytes) or body is None else json.dumps(body, ensure_ascii=False).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Accept": accept}
        if sent is not None:
            headers["Content-Type"] = content_type
        target = f"{path}{'&' if '?' in path else '?'}{urlencode(query)}" if query else path
        if self.connection is None:
            self.connection = self.connect()
        try:
            self.connection.request(method, target, sent, headers)
            answer = self.connection.getresponse()
            return Response(answer.status, answer.headers.get("Content-Type", ""), answer.read())
        except (OSError, http.client.HTTPException):
            self.connection.close()
            self.connection = None
            raise

    def expect(
        self, method: str, path: str, body: object = None, *, query: Mapping[str, str] | None = None,
        content_type: str = JSON, accept: str = JSON,
    ) -> Response:  # fmt: skip
        """`request`, with an APIError for every status that is not a success."""
        response = self.request(method, path, body, query=query, content_type=content_type, accept=accept)
        if response.status >= 300:
            words = response.body.decode(errors="replace")
            if response.content_type.startswith(JSON):
                words = response.json().get("message", words)
            raise APIError(f"{method} {path}: {response.status} {words}")
        return response

    def discover(self) -> None:
        """Fills `resources`: (apiVersion, kind) → where it is served. Groups that do not answer are left out."""
        groups: list[Any] = self.expect("GET", "/apis").json()["groups"]
        versions = ["v1", *(each["groupVersion"] for group in groups for each in group["versions"])]
        self.resources.clear()
        for version in versions:
            path = f"/apis/{version}" if "/" in version else f"/api/{version}"
            response = self.request("GET", path)
            if response.status != 200:  # an aggregated API whose server is not there
                continue
            listed: list[Any] = response.json()["resources"]
            with_status = {each["name"].split("/")[0] for each in listed if each["name"].endswith("/status")}
            for each in listed:
                if "/" not in each["name"] and "list" in each["verbs"]:
                    self.resources[version, each["kind"]] = Resource(
                        path, each["name"], each["namespaced"], each["name"] in with_status
                    )

    def resource(self, version: str, kind: str) -> Resource | None:
        """Where a kind is served, or None. Asks the server again for one that it did not know before."""
        if (version, kind) not in self.resources:
            self.discover()
        return self.resources.get((version, kind))
