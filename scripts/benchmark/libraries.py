"""Other Python libraries on the same values, each on the roads that it has, in turns with the codec and on CPU time.

What a library cannot do is a row too, with the reason.
"""

from __future__ import annotations

import importlib
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import codec
from benchmark.inputs import INPUTS
from benchmark.report import OF_LIBRARIES
from benchmark.roads import ROOT, Road, cpu_time, microseconds
from codec.storage import read_envelope

# road → what the codec does on it
OURS: dict[str, Road] = {
    "object": codec.decode,
    "encode": codec.encode,
    "json": codec.storage_to_json,
    "from_json": codec.from_json,
    "to_json": codec.to_json,
}
NO_PROTOBUF = "reads and writes JSON alone"


class Library:
    """Roads of one library for one kind. A road that it does not have stands in `cannot`."""

    distributions: tuple[str, ...] = ()
    cannot: dict[str, str] = {}

    def roads(self, api_version: str, kind: str) -> dict[str, Road]:
        """Road → its function; those from an object take what the road to it gave."""
        raise NotImplementedError


class Protobuf(Library):
    """google.protobuf with the schema of proto/ in a private pool, and its json_format."""

    distributions = ("protobuf", "grpcio-tools")
    cannot = {
        "from_json": "its JSON is protobuf's, not Kubernetes'",
        "to_json": "its JSON is protobuf's, not Kubernetes'",
    }

    def __init__(self, scratch: Path) -> None:
        from google.protobuf import descriptor_pb2, descriptor_pool

        compiled = scratch / "set.pb"
        protoc("--include_imports", f"--descriptor_set_out={compiled}", "core/v1.proto", "discovery/v1.proto")
        self.pool = descriptor_pool.DescriptorPool()
        for file in descriptor_pb2.FileDescriptorSet.FromString(compiled.read_bytes()).file:
            self.pool.Add(file)

    def roads(self, api_version: str, kind: str) -> dict[str, Road]:
        from google.protobuf import json_format, message_factory

        group = "discovery" if "/" in api_version else "core"
        cls = message_factory.GetMessageClass(self.pool.FindMessageTypeByName(f"k8s.io.api.{group}.v1.{kind}"))

        def read(raw: bytes) -> Any:
            return cls.FromString(inner(raw))

        return {
            "object": read,
            "encode": lambda made: made.SerializeToString(deterministic=True),
            "json": lambda raw: json_format.MessageToJson(read(raw), indent=None),
        }


class Betterproto(Library):
    """betterproto2 with classes compiled from proto/."""

    distributions = ("betterproto2", "betterproto2_compiler", "grpcio-tools")
    cannot = Protobuf.cannot

    def __init__(self, scratch: Path) -> None:
        target = scratch / "betterproto_messages"
        target.mkdir()
        protoc(f"--python_betterproto2_out={target}", "core/v1.proto", "discovery/v1.proto")
        sys.path.append(str(scratch))

    def roads(self, api_version: str, kind: str) -> dict[str, Road]:
        group = "discovery" if "/" in api_version else "core"
        cls = getattr(importlib.import_module(f"betterproto_messages.k8s.io.api.{group}.v1"), kind)
        return {
            "object": lambda raw: cls.parse(inner(raw)),
            "encode": bytes,
            "json": lambda raw: cls.parse(inner(raw)).to_json(),
        }


class OfficialClient(Library):
    """The official `kubernetes` client, through its ApiClient."""

    distributions = ("kubernetes",)
    cannot = dict.fromkeys(("object", "encode", "json"), NO_PROTOBUF)

    def __init__(self, scratch: Path) -> None:
        from kubernetes.client import ApiClient

        self.client = ApiClient()

    def roads(self, api_version: str, kind: str) -> dict[str, Road]:
        read, plain = self.client.deserialize, self.client.sanitize_for_serialization
        return {
            "from_json": lambda data: read(data.decode(), f"V1{kind}", "application/json"),
            "to_json": lambda made: json.dumps(plain(made), separators=(",", ":")),
        }


class LightkubeModels(Library):
    """lightkube-models, whose dataclasses lightkube reads and writes as dicts."""

    distributions = ("lightkube-models", "lightkube")
    cannot = OfficialClient.cannot

    def __init__(self, scratch: Path) -> None:
        importlib.import_module("lightkube.models.core_v1")

    def roads(self, api_version: str, kind: str) -> dict[str, Road]:
        group = "discovery" if "/" in api_version else "core"
        cls = getattr(importlib.import_module(f"lightkube.models.{group}_v1"), kind)
        return {
            "from_json": lambda data: cls.from_dict(json.loads(data)),
            "to_json": lambda made: json.dumps(made.to_dict(), separators=(",", ":")),
        }


LIBRARIES: dict[str, type[Any]] = {
    "google.protobuf": Protobuf,
    "betterproto2": Betterproto,
    "kubernetes": OfficialClient,
    "lightkube-models": LightkubeModels,
}


def protoc(*arguments: str) -> None:
    """Runs protoc over proto/, with the plugins that are installed beside this Python."""
    import os

    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command = [sys.executable, "-m", "grpc_tools.protoc", "-Iproto", *arguments]
    subprocess.run(command, cwd=ROOT, check=True, stderr=subprocess.DEVNULL, env=os.environ | {"PATH": path})


def inner(raw: bytes) -> bytes:
    """The message inside the envelope, which these libraries do not know."""
    envelope = read_envelope(raw)
    return raw[envelope.start : envelope.end]


def installed(name: str) -> str:
    """The version of the first distribution that a library needs; "" where one is missing."""
    try:
        found = [version(distribution) for distribution in LIBRARIES[name].distributions]
    except importlib.metadata.PackageNotFoundError:
        return ""
    return found[0]


def measure(names: list[str], inputs: list[str], rounds: int, seconds: float) -> Iterator[dict[str, Any]]:
    """A row for each library, input and road: the medians of the rounds."""
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            library = LIBRARIES[name](Path(folder))
            for which in inputs:
                raw = INPUTS[which]()[0]
                ours = codec.decode(raw)
                data = codec.storage_to_json(raw)
                roads = library.roads(ours.apiVersion, ours.kind)
                made = roads["object"](raw) if "object" in roads else roads["from_json"](data)
                starts = {"object": raw, "json": raw, "encode": made, "to_json": made, "from_json": data}
                for key in OF_LIBRARIES:
                    row: dict[str, Any] = {"library": name, "input": which, "road": key}
                    if key not in roads:
                        yield row | {"cannot": library.cannot[key]}
                        continue
                    times = []
                    for _ in range(rounds):
                        start = ours if key in ("encode", "to_json") else starts[key]
                        mine = cpu_time(OURS[key], [start], seconds)
                        times.append((cpu_time(roads[key], [starts[key]], seconds), mine))
                    yield row | {
                        "library_us": microseconds([theirs for theirs, _ in times]),
                        "codec_us": microseconds([mine for _, mine in times]),
                        "times": round(statistics.median(theirs / mine for theirs, mine in times), 2),
                    }
