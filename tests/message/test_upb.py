"""upb, Google's own parser, as a second judge of the wire: what it parses it writes again as the same bytes.

proto/ is compiled anew and rewritten to proto2, where every field has explicit presence, so that upb writes a zero that
was there and none that was not. Maps are lists of entries there, because upb has an order of its own for them: a
key comes behind those that it begins. The pool is private: the default one is shared by all of a process.
"""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from base64 import b64decode
from collections.abc import Callable, Iterator
from pathlib import Path

import grpc_tools
import pytest
from generate import Wire
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.internal import api_implementation
from google.protobuf.message import Message

import codec
from codec.schema import builtin
from codec.storage import read_envelope

ROOT = Path(__file__).resolve().parents[2]
PROTO = ROOT / "proto"
FILES = sorted(path.name for path in (ROOT / "fixtures" / "kinds").glob("*.jsonl.gz"))

Again = Callable[[str, bytes], bytes]


def as_proto2(message: descriptor_pb2.DescriptorProto) -> None:
    """Every singular field gets explicit presence, no list is packed, a map becomes the list of entries that it is."""
    del message.oneof_decl[:]  # those of proto3's `optional` alone
    message.ClearField("options")
    for field in message.field:
        for part in ("proto3_optional", "oneof_index", "options"):
            field.ClearField(part)
    for nested in message.nested_type:
        as_proto2(nested)


@pytest.fixture(scope="session")
def again(tmp_path_factory: pytest.TempPathFactory) -> Again:
    """again(message name, bytes) → the bytes that upb writes of what it read."""
    assert api_implementation.Type() == "upb", "protobuf is not built with upb here, so that it is no second judge"
    compiled = tmp_path_factory.mktemp("upb") / "set.pb"
    well_known = Path(grpc_tools.__file__).parent / "_proto"
    files = sorted(path.relative_to(PROTO).as_posix() for path in PROTO.rglob("*.proto"))
    protoc = [
        sys.executable,
        "-m",
        "grpc_tools.protoc",
        f"-I{PROTO}",
        f"-I{well_known}",
        f"--descriptor_set_out={compiled}",
    ]
    subprocess.run([*protoc, *files], check=True)
    pool = descriptor_pool.DescriptorPool()
    for file in descriptor_pb2.FileDescriptorSet.FromString(compiled.read_bytes()).file:
        if file.package == "codec":
            continue
        file.syntax = "proto2"
        file.ClearField("options")
        del file.extension[:]
        del file.enum_type[:]  # they list the constants of strings, and no field is of such a type
        dependencies = [name for name in file.dependency if not name.startswith(("codec/", "google/"))]
        del file.dependency[:]
        file.dependency.extend(dependencies)
        for message in file.message_type:
            as_proto2(message)
        pool.Add(file)
    classes: dict[str, type[Message]] = {}

    def write_again(name: str, data: bytes) -> bytes:
        if name not in classes:
            classes[name] = message_factory.GetMessageClass(pool.FindMessageTypeByName(name))
        message = classes[name]()
        assert message.ParseFromString(data) == len(data)
        return message.SerializeToString(deterministic=True)

    return write_again


def inner(raw: bytes) -> tuple[str, bytes]:
    """Message name and message of a stored protobuf value; an envelope that names no kind is a WatchEvent's."""
    envelope = read_envelope(raw)
    schema = builtin().find(envelope.api_version or "v1", envelope.kind or "WatchEvent")
    assert schema is not None
    return schema.name, raw[envelope.start : envelope.end]


def kinds_in(name: str) -> Iterator[tuple[str, bytes]]:
    with gzip.open(ROOT / "fixtures" / "kinds" / name, "rt", encoding="utf-8") as lines:
        for line in map(json.loads, lines):
            yield f"{line['case']} of {line['kind']}", b64decode(line["pb"])


def captured() -> Iterator[tuple[str, bytes]]:
    with gzip.open(ROOT / "fixtures" / "etcd" / "values.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in map(json.loads, lines):
            raw = b64decode(line["value"])
            if raw.startswith(b"k8s\0"):
                yield line["key"], raw


def differing(values: Iterator[tuple[str, bytes]], again: Again) -> set[str]:
    return {case for case, raw in values if again(*inner(raw)) != inner(raw)[1]}


@pytest.mark.parametrize("name", FILES)
def test_every_kind(name: str, again: Again) -> None:
    assert differing(kinds_in(name), again) == set()


def test_daily(again: Again) -> None:
    paths = sorted((ROOT / "fixtures" / "daily").glob("*.pb"))
    assert differing(((path.name, path.read_bytes()) for path in paths), again) == set()


def test_captured(again: Again) -> None:
    assert differing(captured(), again) == set()


def test_what_our_writer_makes_of_random_values(again: Again) -> None:
    """Those of dropped releases too, which Go cannot be asked about."""
    for api_version, kind in codec.kinds():
        schema = builtin().find(api_version, kind)
        assert schema is not None
        for seed in range(3):
            raw = Wire(f"upb {seed} {api_version} {kind}").stored(api_version, kind, schema)
            ours = inner(codec.encode(codec.decode(raw), form="protobuf"))[1]
            assert again(schema.name, ours) == ours, (api_version, kind, seed)
