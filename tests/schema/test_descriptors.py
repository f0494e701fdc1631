"""Descriptor sets → tables, and kinds registered at run time. protoc makes the sets, in a folder of the test's own."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import grpc_tools
import pytest

import codec
import codec.schema
from codec.errors import DecodeError
from codec.message import objects
from codec.schema import builtin, descriptors
from codec.storage import read_envelope

PROTO = Path(__file__).resolve().parents[2] / "proto"

Compile = Callable[..., bytes]


@pytest.fixture(autouse=True)
def own_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test registers is gone after it."""
    monkeypatch.setattr(codec.schema, "_builtin", None)
    monkeypatch.setattr(objects, "_classes", {})
    monkeypatch.setattr(objects, "_schemas", {})


@pytest.fixture
def compiled(tmp_path: Path) -> Compile:
    """compiled(proto text) → the descriptor set, with everything that it imports."""

    def run(text: str) -> bytes:
        (tmp_path / "own.proto").write_text(text)
        well_known = Path(grpc_tools.__file__).parent / "_proto"
        out = tmp_path / "set.pb"
        includes = [f"-I{tmp_path}", f"-I{PROTO}", f"-I{well_known}"]
        flags = ["--include_imports", "--include_source_info", f"--descriptor_set_out={out}"]
        subprocess.run([sys.executable, "-m", "grpc_tools.protoc", *includes, *flags, "own.proto"], check=True)
        return out.read_bytes()

    return run


PLAIN = """
syntax = "proto3";
package own.v1;
// What it is for.
message Thing {
  string name = 1;  // behind it
  optional int32 size = 2;
  repeated int64 packed = 3;
  repeated int64 apart = 4 [packed = false];
  map<string, double> share = 5;
  Part part = 6;
  repeated Part parts = 7;
  string from = 8;
  string snake_case = 9;
  string other = 10 [json_name = "x-other"];
  Color color = 11;
  message Inner { bytes data = 1; }
  Inner inner = 12;
}
message Part { sint32 delta = 1; fixed64 id = 2; }
enum Color { RED = 0; GREEN = 1; }
"""


def test_every_kind_of_field(compiled: Compile) -> None:
    (file,) = descriptors.parse(compiled(PLAIN))
    assert (file.package, file.module) == ("own.v1", "own")
    assert [message.name for message in file.messages] == ["own.v1.Thing", "own.v1.Thing.Inner", "own.v1.Part"]
    assert [message.class_name for message in file.messages] == ["Thing", "Thing_Inner", "Part"]
    rows = [
        (field.attr, field.json, field.number, field.kind, field.label, field.flags, field.target)
        for field in file.messages[0].fields
    ]
    assert rows == [
        ("name", "name", 1, "string", "v", "", ""),
        ("size", "size", 2, "int32", "o", "", ""),
        ("packed", "packed", 3, "int64", "r", "p", ""),
        ("apart", "apart", 4, "int64", "r", "", ""),
        ("share", "share", 5, "double", "m", "", ""),
        ("part", "part", 6, "message", "v", "", "own.v1.Part"),
        ("parts", "parts", 7, "message", "r", "", "own.v1.Part"),
        ("from_", "from", 8, "string", "v", "", ""),
        ("snakeCase", "snakeCase", 9, "string", "v", "", ""),
        ("other", "x-other", 10, "string", "v", "", ""),
        ("color", "color", 11, "enum", "v", "", ""),
        ("inner", "inner", 12, "message", "v", "", "own.v1.Thing.Inner"),
    ]
    assert file.comments[(4, 0)] == "What it is for."
    assert [member for member, _ in file.enums[0].members] == ["RED", "GREEN"]


OPTIONS = """
syntax = "proto3";
package own.v1;
import "codec/options.proto";
import "meta/v1.proto";
message Sample {
  option (codec.type_meta) = true;
  option (codec.kind) = "own.example/v1 Sample";
  k8s.io.apimachinery.pkg.apis.meta.v1.ObjectMeta metadata = 1 [(codec.always) = true];
  Body body = 2 [(codec.inline) = true];
  optional string gone = 3 [(codec.was_value) = true];
  string mode = 4 [(codec.enum) = "own.v1.Mode"];
}
message Body { int32 count = 1 [(codec.always) = true]; map<string, string> notes = 2; }
enum Mode { Mode_ = 0; Mode_Fast = 1 [(codec.text) = "fast"]; }
"""


def test_the_options(compiled: Compile) -> None:
    files = descriptors.parse(compiled(OPTIONS))
    sample = files[-1].messages[0]
    assert (sample.type_meta, sample.kinds, sample.form) == (True, ["own.example/v1 Sample"], "")
    assert [field.flags for field in sample.fields] == ["a", "i", "w", ""]
    assert sample.fields[3].target == "own.v1.Mode"
    assert files[-1].enums[0].members[1] == ("Fast", "fast")
    assert descriptors.kinds(files)["own.example/v1", "Sample"] == "own.v1.Sample"


def test_the_tables_of_the_library_are_those_of_proto(tmp_path: Path) -> None:
    well_known = Path(grpc_tools.__file__).parent / "_proto"
    out = tmp_path / "set.pb"
    files = sorted(path.relative_to(PROTO).as_posix() for path in PROTO.rglob("*.proto"))
    flags = [f"-I{PROTO}", f"-I{well_known}", f"--descriptor_set_out={out}"]
    subprocess.run([sys.executable, "-m", "grpc_tools.protoc", *flags, *files], check=True)
    packaged = Path(descriptors.__file__).with_name("tables.txt").read_text(encoding="utf-8")
    assert descriptors.tables(out.read_bytes()) == packaged


REFUSED = {
    'syntax = "proto3"; package own.v1; message M { map<int32, string> m = 1; }': "a map whose keys are int32",
    'syntax = "proto2"; package own.v1; message M { optional group G = 1 { optional int32 x = 1; } }': "groups",
}


@pytest.mark.parametrize(("text", "words"), REFUSED.items(), ids=REFUSED.values())
def test_what_is_not_supported(text: str, words: str, compiled: Compile) -> None:
    with pytest.raises(DecodeError, match=words):
        descriptors.parse(compiled(text))


@pytest.mark.parametrize("data", [b"\x0a", b"\x0a\x05abc", b"\xff" * 20, b"\x0a\x02\x0a\x80", b"\x0b\x0c"])
def test_bytes_that_are_no_descriptor_set(data: bytes) -> None:
    with pytest.raises(DecodeError):
        codec.register(data)


def test_a_registered_kind(compiled: Compile) -> None:
    data = compiled(OPTIONS)
    assert ("own.example/v1", "Sample") not in codec.kinds()
    added = codec.register(data)
    assert ("own.example/v1", "Sample") in added
    assert codec.register(data) == added  # again changes nothing
    assert ("own.example/v1", "Sample") in codec.kinds()
    text = b'{"kind":"Sample","apiVersion":"own.example/v1","metadata":{},"count":3,"notes":{"k":"v"},"mode":"fast"}'
    obj = codec.from_json(text)
    assert (obj.count, obj.notes, obj.mode) == (3, {"k": "v"}, "fast")  # type: ignore[attr-defined]
    raw = codec.encode(obj)
    assert codec.decode(raw) == obj
    assert codec.to_json(obj) == codec.storage_to_json(raw) == text
    assert codec.json_to_storage(text) == raw
    made = type(obj)(count=3)  # type: ignore[call-arg]
    assert (made.apiVersion, made.kind) == ("own.example/v1", "Sample")  # type: ignore[attr-defined]
    assert codec.decode(codec.encode(made)) == made
    for same in (copy.deepcopy(obj), pickle.loads(pickle.dumps(obj))):
        assert same == obj
        assert codec.encode(same) == raw
    envelope = read_envelope(raw)
    assert raw[envelope.start : envelope.end].endswith(b"\x12\x0a\x08\x03\x12\x06\x0a\x01k\x12\x01v\x22\x04fast")


def test_kinds_can_be_named_beside_the_set(compiled: Compile) -> None:
    text = 'syntax = "proto3"; package beside.v1; message Thing { string name = 1; optional int32 size = 2; }'
    assert codec.register(compiled(text), {("beside/v1", "Thing"): "beside.v1.Thing"}) == [("beside/v1", "Thing")]
    obj = codec.from_json(b'{"kind":"Thing","apiVersion":"beside/v1","name":"x","size":0}')
    raw = codec.encode(obj)
    assert codec.decode(raw) == obj
    assert b"\x12\x05\x0a\x01x\x10\x00" in raw
    with pytest.raises(
        codec.NotRegisteredError, match=r"beside/v1 Other is a beside\.v1\.Other, which nobody declares"
    ):
        codec.register(compiled(text), {("beside/v1", "Other"): "beside.v1.Other"})


def test_kubernetes_own_messages_stay_as_they_are(compiled: Compile) -> None:
    before = builtin().message("k8s.io.apimachinery.pkg.apis.meta.v1.ObjectMeta").attrs
    codec.register(compiled(OPTIONS))
    text = 'syntax = "proto3"; package k8s.io.apimachinery.pkg.apis.meta.v1; message ObjectMeta { string x = 1; }'
    codec.register(compiled(text))
    assert builtin().message("k8s.io.apimachinery.pkg.apis.meta.v1.ObjectMeta").attrs == before


def test_the_default_pool_of_protobuf_is_left_alone(compiled: Compile) -> None:
    from google.protobuf import descriptor_pool

    codec.register(compiled(OPTIONS))
    with pytest.raises(KeyError):
        descriptor_pool.Default().FindMessageTypeByName("own.v1.Sample")
