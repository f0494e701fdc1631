"""Message ⇄ object by Kubernetes' rules: presence, merging, maps, unknown fields at every level, limits."""

from __future__ import annotations

import copy
import pickle
import warnings
from typing import Any

import msgspec
import pytest
from generate import delimited, varint

import codec
from codec.api.apiextensions.v1 import CustomResourceDefinition
from codec.api.core.v1 import ConfigMap, Endpoints, Pod, ResourceQuota, Secret, Service
from codec.message import objects
from codec.storage import unwrap
from codec.types import AbsentBytes, IntOrString, NilList, Quantity, RawJSON, Time

EMPTY_META = delimited(1, b"\n\0\x12\0\x1a\0\x22\0\x2a\0\x32\0\x38\0\x42\0")  # every value of ObjectMeta, zero


def stored(kind: str, message: bytes, api_version: str = "v1") -> bytes:
    names = delimited(1, api_version.encode()) + delimited(2, kind.encode())
    return b"k8s\0" + delimited(1, names) + delimited(2, message) + b"\x1a\0\x22\0"


def again(kind: str, message: bytes) -> bytes:
    """What we store of a message that we read."""
    return codec.encode(codec.decode(stored(kind, message)))


def test_values_are_written_though_zero_and_pointers_only_if_set() -> None:
    port = delimited(1, b"") + b"\x10\0" + delimited(3, b"")
    subset = delimited(3, port)
    assert codec.encode(Endpoints(subsets=[])) == stored("Endpoints", EMPTY_META)
    assert again("Endpoints", delimited(2, delimited(3, b""))) == stored("Endpoints", EMPTY_META + delimited(2, subset))
    named = delimited(3, port + delimited(4, b""))  # appProtocol, a pointer, set to ""
    assert again("Endpoints", delimited(2, named)) == stored("Endpoints", EMPTY_META + delimited(2, named))


def test_fields_in_any_order_are_written_by_number() -> None:
    address = delimited(3, b"node") + delimited(1, b"10.0.0.1") + delimited(4, b"host")
    right = delimited(1, b"10.0.0.1") + delimited(3, b"host") + delimited(4, b"node")
    given = delimited(2, delimited(1, delimited(4, b"node") + delimited(3, b"host") + delimited(1, b"10.0.0.1")))
    assert address != right
    assert again("Endpoints", given) == stored("Endpoints", EMPTY_META + delimited(2, delimited(1, right)))


def test_parts_of_a_message_merge() -> None:
    first = delimited(1, delimited(1, b"one") + delimited(3, b"web"))
    second = delimited(1, delimited(1, b"two"))
    found = codec.decode(stored("Pod", first + second), Pod)
    assert (found.metadata.name, found.metadata.namespace) == ("two", "web")


def test_parts_of_a_value_merge_but_for_time() -> None:
    def deadline(*parts: bytes) -> Any:
        # metadata.deletionTimestamp
        return codec.decode(stored("Pod", b"".join(delimited(1, delimited(9, part)) for part in parts)), Pod)

    assert deadline(b"\x08\x05", b"").metadata.deletionTimestamp == Time()
    assert deadline(b"\x08\x05", b"\x08\x06\x10\0").metadata.deletionTimestamp == Time(6)
    parts = delimited(4, b"\x08\1") + delimited(4, delimited(3, b"http"))  # targetPort: its type, then its text
    service = codec.decode(stored("Service", delimited(2, delimited(1, parts))), Service)
    assert service.spec.ports[0].targetPort == "http"


def test_repeated_messages_are_apart() -> None:
    subset = delimited(3, delimited(1, b"a"))
    found = codec.decode(stored("Endpoints", delimited(2, subset) + delimited(2, subset)), Endpoints)
    assert [len(part.ports) for part in found.subsets] == [1, 1]


def entry(*parts: bytes) -> bytes:
    return delimited(2, b"".join(parts))


def data_of(*entries: bytes) -> dict[str, str]:
    return codec.decode(stored("ConfigMap", b"".join(entries)), ConfigMap).data


def test_map_entries() -> None:
    key, value = delimited(1, b"k"), delimited(2, b"v")
    assert data_of(entry(key, value)) == {"k": "v"}
    assert data_of(entry(value, key)) == {"k": "v"}
    assert data_of(entry(key)) == {"k": ""}
    assert data_of(entry(value)) == {"": "v"}
    assert data_of(entry()) == {"": ""}
    assert data_of(entry(key, value), entry(key)) == {"k": ""}  # the later entry wins
    assert data_of(entry(delimited(1, b"x"), key, delimited(2, b"x"), value)) == {"k": "v"}
    assert again("ConfigMap", entry(key)) == stored("ConfigMap", EMPTY_META + entry(key, delimited(2, b"")))


def test_map_entries_are_written_by_the_bytes_of_their_keys() -> None:
    keys = [b"", b"B", b"a", b"aa", "é".encode(), b"\xff", "日".encode(), "😀".encode()]
    given = b"".join(entry(delimited(1, key), delimited(2, b"")) for key in reversed(keys))
    right = b"".join(entry(delimited(1, key), delimited(2, b"")) for key in sorted(keys))
    assert again("ConfigMap", given) == stored("ConfigMap", EMPTY_META + right)


def test_a_secret_without_a_value() -> None:
    raw = stored("Secret", EMPTY_META + delimited(2, delimited(1, b"n")) + delimited(3, b""))
    found = codec.decode(raw, Secret)
    assert found.data == {"n": b""}
    assert type(found.data["n"]) is AbsentBytes
    assert codec.encode(found) == raw
    assert codec.to_dict(found)["data"] == {"n": ""}
    # Through copies too, and told from empty bytes, which are written.
    for same in (copy.deepcopy(found), pickle.loads(pickle.dumps(found)), msgspec.structs.replace(found)):
        assert codec.encode(same) == raw
    found.data["n"] = b""
    with_empty = delimited(1, b"n") + delimited(2, b"")
    assert codec.encode(found) == stored("Secret", EMPTY_META + delimited(2, with_empty) + delimited(3, b""))
    found.data["n"] = None  # type: ignore[assignment]
    assert codec.encode(found) == raw
    assert codec.to_dict(found)["data"] == {"n": None}


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        (delimited(3, b"x"), "ConfigMap.data[k]: a map entry has no field 3, at byte {place}"),
        (b"\x10\1", "ConfigMap.data[k]: wire type varint in a map entry's field 2, at byte {place}"),
    ],
)
def test_a_map_entry_with_more_in_it(extra: bytes, words: str) -> None:
    raw = stored("ConfigMap", entry(delimited(1, b"k"), extra))
    with pytest.raises(codec.DecodeError) as caught:
        codec.decode(raw)
    assert caught.value.path == "ConfigMap.data[k]"
    assert caught.value.offset == raw.index(extra)


UNKNOWN = delimited(900, b"new") + varint(901 << 3) + b"\x07" + varint(902 << 3 | 3) + b"\x08\1" + varint(902 << 3 | 4)


def test_unknown_fields_are_kept_at_every_level() -> None:
    port = delimited(1, b"") + b"\x10\0" + delimited(3, b"") + UNKNOWN
    raw = stored("Endpoints", EMPTY_META + delimited(2, delimited(3, port) + UNKNOWN) + UNKNOWN)
    found = codec.decode(raw, Endpoints)
    assert codec.encode(found) == raw
    assert found._unknown == found.subsets[0]._unknown == found.subsets[0].ports[0]._unknown == UNKNOWN
    for same in (copy.deepcopy(found), pickle.loads(pickle.dumps(found)), msgspec.structs.replace(found)):
        assert same == found
        assert codec.encode(same) == raw
    found.subsets[0]._unknown = b""
    assert codec.encode(found) != raw
    with pytest.warns(codec.UnknownFieldsWarning, match="^Endpoints: 6 unknown fields cannot be shown as text$"):
        codec.to_json(found)
    with pytest.warns(codec.UnknownFieldsWarning, match="^Endpoints: 9 unknown fields cannot be shown as text$"):
        codec.storage_to_yaml(raw)


def test_unknown_fields_return_to_their_place_by_number() -> None:
    """ObjectReference has fields 1 to 7; Volume's embedded VolumeSource has no field 60."""
    subset = delimited(1, delimited(1, b"10.0.0.1") + delimited(2, UNKNOWN + b"") + delimited(3, b"") + UNKNOWN)
    raw = stored("Endpoints", UNKNOWN + EMPTY_META + delimited(2, subset))
    once = codec.encode(codec.decode(raw))
    assert once.index(b"\x0a\x10\x0a\0") < once.index(UNKNOWN)
    assert codec.encode(codec.decode(once)) == once


def volume(source: bytes) -> bytes:
    """Pod.spec.volumes[0] of the name v."""
    return delimited(2, delimited(1, delimited(1, b"v") + delimited(2, source)))


def test_unknown_fields_of_an_embedded_struct_stay_apart_from_those_around_it() -> None:
    with_inner = codec.decode(stored("Pod", volume(UNKNOWN)), Pod)
    (found,) = with_inner.spec.volumes
    assert found.name == "v"
    assert found._unknown == delimited(2, UNKNOWN)
    raw = codec.encode(with_inner)
    assert volume(UNKNOWN)[2:] in raw
    assert codec.decode(raw) == with_inner
    # emptyDir, known, and an unknown number in the same embedded struct
    both = codec.decode(stored("Pod", volume(delimited(2, b"") + UNKNOWN)), Pod)
    assert both.spec.volumes[0].emptyDir is not None
    assert codec.decode(codec.encode(both)) == both


def test_unknown_fields_of_a_value_are_kept() -> None:
    time = b"\x08\x05\x10\0" + UNKNOWN
    found = codec.decode(stored("Pod", delimited(1, delimited(8, time) + delimited(9, time))), Pod)
    assert found.metadata.creationTimestamp == found.metadata.deletionTimestamp == Time(5)
    raw = codec.encode(found)
    assert raw.count(time) == 2
    assert codec.decode(raw) == found


def test_an_unknown_field_of_a_value_in_a_map_has_no_place() -> None:
    limit = delimited(1, delimited(1, b"cpu") + delimited(2, delimited(1, b"1") + UNKNOWN))
    with pytest.raises(codec.DecodeError) as caught:
        codec.decode(stored("ResourceQuota", delimited(2, limit)))
    assert str(caught.value).startswith(
        "ResourceQuota.spec.hard[cpu]: Quantity in a list or map holds an unknown field"
    )


def test_a_known_number_with_another_wire_type_is_an_error() -> None:
    raw = stored("Endpoints", delimited(2, delimited(3, varint(2 << 3 | 2) + b"\1x")))
    with pytest.raises(codec.DecodeError) as caught:
        codec.decode(raw)
    assert caught.value.path == "Endpoints.subsets[0].ports[0].port"
    assert caught.value.problem == "wire type length-delimited where varint was expected"
    assert raw[caught.value.offset or 0] == 2 << 3 | 2


def nested_schema(depth: int) -> bytes:
    """CustomResourceDefinition.spec.versions[0].schema.openAPIV3Schema, then `not` in `not`."""
    inner = b""
    for _ in range(depth):
        inner = delimited(28, inner)
    return delimited(2, delimited(7, delimited(4, delimited(1, inner))))


def crd(depth: int) -> bytes:
    return stored("CustomResourceDefinition", nested_schema(depth), "apiextensions.k8s.io/v1")


def test_nesting_ends_at_a_hundred() -> None:
    deepest = 100 - 4  # four levels lead to the first schema
    found = codec.decode(crd(deepest), CustomResourceDefinition)
    assert codec.decode(codec.encode(found, form="protobuf")) == found
    with pytest.raises(codec.DecodeError, match="nested deeper than 100"):
        codec.decode(crd(deepest + 1))
    inner = found.spec.versions[0].schema
    assert inner is not None
    schema: Any = inner.openAPIV3Schema
    while schema.not_ is not None:
        schema = schema.not_
    schema.not_ = type(schema)(not_=type(schema)())
    with pytest.raises(codec.EncodeError, match="nested deeper than 100"):
        codec.encode(found, form="protobuf")


def test_odd_values_are_held_and_written_back() -> None:
    limit = delimited(1, delimited(1, b"cpu") + delimited(2, delimited(1, b"one")))
    raw = stored("ResourceQuota", EMPTY_META + delimited(2, limit) + delimited(3, b""))
    found = codec.decode(raw, ResourceQuota)
    assert found.spec.hard == {"cpu": Quantity("one")}
    assert codec.encode(found) == raw
    with pytest.raises(codec.EncodeError) as caught:
        codec.to_json(found)
    assert str(caught.value) == "ResourceQuota.spec.hard[cpu]: the text on the wire is no quantity"


@pytest.mark.parametrize(
    ("text", "again_text"),
    [(b"1000m", b"1"), (b"1024Mi", b"1Gi"), (b"1", b"1"), (b"0.5", b"500m")],
)
def test_quantities_are_written_in_canonical_form(text: bytes, again_text: bytes) -> None:
    def quota(amount: bytes) -> bytes:
        limit = delimited(1, delimited(1, b"cpu") + delimited(2, delimited(1, amount)))
        return stored("ResourceQuota", EMPTY_META + delimited(2, limit) + delimited(3, b""))

    assert codec.encode(codec.decode(quota(text))) == quota(again_text)


def test_text_that_is_no_utf8_comes_back() -> None:
    raw = stored("ConfigMap", EMPTY_META + entry(delimited(1, b"\xff"), delimited(2, b"a\xc3")))
    assert codec.encode(codec.decode(raw)) == raw
    assert codec.storage_to_json(raw).endswith(b'"data":{"\\ufffd":"a\\ufffd"}}')


def test_what_a_text_must_be() -> None:
    with pytest.raises(codec.EncodeError, match=r"^ConfigMap\.data\[a\]: character 1 is a lone surrogate$"):
        codec.encode(ConfigMap(data={"a": "x\ud800"}))


def test_nil_and_empty_lists_differ_where_json_shows_it() -> None:
    nil, empty = Pod(), Pod()
    empty.spec.containers = []
    assert type(nil.spec.containers) is NilList
    assert nil == empty
    assert codec.encode(nil) == codec.encode(empty)
    assert b'"containers":null' in codec.to_json(nil)
    assert b'"containers":[]' in codec.to_json(empty)
    assert b'"containers":null' in codec.to_json(codec.decode(codec.encode(empty)))


def test_constructed_objects_are_what_go_writes_of_zero_values() -> None:
    from codec.api import core

    assert core
    for kind in (Pod, Service, Endpoints, ConfigMap, Secret):
        raw = codec.encode(kind())
        assert codec.decode(raw) == kind(), kind
        assert codec.encode(codec.decode(raw)) == raw


WRONG: list[tuple[Any, str]] = [
    (ConfigMap(data={"a": 1}), "ConfigMap.data[a]: expected a string, got int"),  # type: ignore[dict-item]
    (ConfigMap(data=[]), "ConfigMap.data: expected a map, got list"),  # type: ignore[arg-type]
    (ConfigMap(data={1: "a"}), "ConfigMap.data: expected a key that is a string, got int"),  # type: ignore[dict-item]
    (ConfigMap(binaryData={"a": "b"}), "ConfigMap.binaryData[a]: expected bytes, got str"),  # type: ignore[dict-item]
    (Endpoints(subsets=[Pod()]), "Endpoints.subsets[0]: expected EndpointSubset, got Pod"),  # type: ignore[list-item]
    (Endpoints(subsets={}), "Endpoints.subsets: expected a list, got dict"),  # type: ignore[arg-type]
    (Endpoints(subsets="x"), "Endpoints.subsets: expected a list, got str"),  # type: ignore[arg-type]
    (Pod(metadata=None), ""),  # type: ignore[arg-type]
    (Pod(metadata=Pod()), "Pod.metadata: expected ObjectMeta, got Pod"),  # type: ignore[arg-type]
    (Pod(apiVersion="v2"), "Pod: 'v2' 'Pod' is not registered for this class"),
    (Pod(kind="Node"), "Pod: 'v1' 'Node' is not registered for this class"),
]


@pytest.mark.parametrize(("obj", "words"), WRONG, ids=[words or "None" for _, words in WRONG])
def test_wrong_values_are_named(obj: Any, words: str) -> None:
    if not words:  # None is Go's zero value
        assert codec.encode(obj) == codec.encode(type(obj)())
        return
    with pytest.raises(codec.EncodeError) as caught:
        codec.encode(obj)
    assert str(caught.value) == words


def test_deep_paths_of_wrong_values() -> None:
    from codec.api.core.v1 import (
        Container,
        EndpointPort,
        EndpointSubset,
        PodSpec,
        ResourceRequirements,
        ServicePort,
        ServiceSpec,
    )
    from codec.api.meta.v1 import ObjectMeta

    cases: list[tuple[Any, str]] = [
        (
            Endpoints(subsets=[EndpointSubset(), EndpointSubset(ports=[EndpointPort(port=2**31)])]),
            "Endpoints.subsets[1].ports[0].port: the integer is out of range for int32",
        ),
        (
            Pod(spec=PodSpec(containers=[Container(name="a", resources=ResourceRequirements(limits={"cpu": "1"}))])),  # type: ignore[dict-item]
            "Pod.spec.containers[0].resources.limits[cpu]: expected Quantity, got str",
        ),
        (
            Service(spec=ServiceSpec(ports=[ServicePort(targetPort=2**31)])),
            "Service.spec.ports[0].targetPort: the number does not fit into 32 bits",
        ),
        (
            Pod(metadata=ObjectMeta(creationTimestamp="now")),  # type: ignore[arg-type]
            "Pod.metadata.creationTimestamp: expected Time, got str",
        ),
    ]
    for obj, words in cases:
        with pytest.raises(codec.EncodeError) as caught:
            codec.encode(obj)
        assert str(caught.value) == words
        with pytest.raises(codec.EncodeError) as caught:
            codec.to_json(obj)
        assert caught.value.path == words.partition(":")[0]


def test_objects_share_nothing_with_the_schema() -> None:
    one, other = codec.decode(stored("Pod", b""), Pod), codec.decode(stored("Pod", b""), Pod)
    one.spec.containers.append(None)  # type: ignore[arg-type]
    one.metadata.labels["a"] = "b"
    assert other == Pod()
    assert codec.decode(stored("Pod", b"")) == other


def test_to_record_leaves_the_object_as_it_is() -> None:
    found = codec.decode(stored("Endpoints", delimited(2, delimited(3, b"") + UNKNOWN)), Endpoints)
    before = copy.deepcopy(found)
    schema = objects.schema_of(Endpoints)
    objects.to_record(found, schema)
    assert found == before
    *_, record = unwrap(codec.encode(found))
    assert objects.from_record(schema, record) == before


def test_value_types_stand_in_objects() -> None:
    target = b"\x20\x01"  # no such field type: 4 is a message
    with pytest.raises(codec.DecodeError):
        codec.decode(stored("Service", delimited(2, delimited(1, target))))
    port: IntOrString = (
        codec.decode(stored("Service", delimited(2, delimited(1, delimited(4, b"\x08\0\x10\x50")))), Service)
        .spec.ports[0]
        .targetPort
    )
    assert port == 80
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert RawJSON(b"{}").to_python() == {}
