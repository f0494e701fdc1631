"""The compiled tables: what they say of well-known messages, and that they hold together."""

from __future__ import annotations

import pytest

import codec
from codec.message.objects import class_of, schema_of
from codec.schema import LENGTH_DELIMITED, MAP, OPTIONAL, REPEATED, VALUE, Schema, builtin

PORT = "k8s.io.api.core.v1.EndpointPort"
SCHEMA = builtin()


def test_a_message() -> None:
    port = SCHEMA.message(PORT)
    assert (port.name, port.module, port.class_name, port.form, port.type_meta) == (
        PORT,
        "core.v1",
        "EndpointPort",
        "",
        False,
    )
    rows = [(field.attr, field.json, field.number, field.kind, field.label, field.always) for field in port.fields]
    assert rows == [
        ("name", "name", 1, "string", VALUE, False),
        ("port", "port", 2, "int32", VALUE, True),
        ("protocol", "protocol", 3, "string", VALUE, False),
        ("appProtocol", "appProtocol", 4, "string", OPTIONAL, False),
    ]
    assert port.blank() == ["", 0, "", None, b""]
    assert port.attrs == ("name", "port", "protocol", "appProtocol", "_unknown")


def test_blank_records_are_apart() -> None:
    port = SCHEMA.message(PORT)
    first = port.blank()
    first[0] = "x"
    assert port.blank()[0] == ""


def test_a_kind_has_its_names_first() -> None:
    endpoints = SCHEMA.find("v1", "Endpoints")
    assert endpoints is not None
    assert endpoints.type_meta
    assert endpoints.attrs == ("apiVersion", "kind", "metadata", "subsets", "_unknown")
    assert [slot for _, slot in endpoints.flat] == [2, 3]
    assert endpoints.fields[1].label == REPEATED
    assert endpoints.fields[1].message.class_name == "EndpointSubset"


def test_embedded_structs_are_flat_in_the_record_and_nested_on_the_wire() -> None:
    volume = SCHEMA.message("k8s.io.api.core.v1.Volume")
    assert [field.attr for field in volume.fields] == ["name", "volumeSource"]
    assert volume.fields[1].inline
    assert "configMap" in volume.attrs
    assert "volumeSource" not in volume.attrs
    field, slot = volume.by_json["configMap"]
    assert volume.attrs[slot] == field.attr == "configMap"
    assert volume.width == len(volume.attrs) - 1 == 1 + SCHEMA.message("k8s.io.api.core.v1.VolumeSource").width


def test_names_that_python_or_json_write_otherwise() -> None:
    schema = SCHEMA.message("k8s.io.apiextensions_apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps")
    attrs = {field.json: field.attr for field in schema.fields}
    assert attrs["$ref"] == "ref"
    assert attrs["not"] == "not_"
    assert attrs["x-kubernetes-int-or-string"] == "xKubernetesIntOrString"
    peer = SCHEMA.message("k8s.io.api.networking.v1.NetworkPolicyIngressRule")
    assert {field.json: field.attr for field in peer.fields}["from"] == "from_"


def test_maps_have_an_entry() -> None:
    labels, _ = SCHEMA.message("k8s.io.apimachinery.pkg.apis.meta.v1.ObjectMeta").by_json["labels"]
    assert (labels.label, labels.kind, labels.wire_type) == (MAP, "string", LENGTH_DELIMITED)
    assert (labels.entry.number, labels.entry.kind, labels.entry.tag) == (2, "string", 18)


def test_every_message_holds_together() -> None:
    count = fields = 0
    for name in SCHEMA.message_names():
        message = SCHEMA.message(name)
        count += 1
        fields += len(message.fields)
        numbers = [field.number for field in message.fields]
        assert len(numbers) == len(set(numbers)), name
        assert len(message.attrs) == len(set(message.attrs)) == message.width + 1, name
        keys = [field.json for field, _ in message.flat]
        assert len(keys) == len(set(keys)) == len(message.by_json), name
        assert sorted(slot for _, slot in message.flat) == list(range(2 * message.type_meta, message.width)), name
        assert all(message.attrs[slot] == field.attr for field, slot in message.flat), name
        assert [field.number for field in message.by_number] == sorted(numbers), name
        for field in message.fields:
            assert message.by_tag[field.tag] is field
            if field.is_message:
                assert field.message.name in SCHEMA.message_names(), name
            if field.inline:
                assert field.label == VALUE, name
                assert field.message.form == "", name
    assert count > 1600
    assert fields > 5300


def test_every_kind_has_its_class_and_every_class_its_schema() -> None:
    for api_version, kind in codec.kinds():
        schema = SCHEMA.find(api_version, kind)
        assert schema is not None
        cls = class_of(schema)
        assert schema_of(cls) is schema
        assert cls.__struct_fields__[1:] == schema.attrs[:-1], (api_version, kind)
        made = cls()
        if schema.type_meta and not api_version.startswith("meta.k8s.io"):
            assert (made.apiVersion, made.kind) == (api_version, kind)  # type: ignore[attr-defined]


def test_options_types_stand_once_and_are_known_everywhere() -> None:
    listed = [api_version for api_version, kind in codec.kinds() if kind == "DeleteOptions"]
    assert listed == ["v1"]
    assert SCHEMA.find("apps/v1", "DeleteOptions") is SCHEMA.find("v1", "DeleteOptions")
    assert SCHEMA.find("example.com/v1", "DeleteOptions") is None


def test_kinds_of_dropped_releases_are_there() -> None:
    for api_version, kind in (
        ("policy/v1beta1", "PodSecurityPolicy"),
        ("batch/v2alpha1", "CronJob"),
        ("settings.k8s.io/v1alpha1", "PodPreset"),
    ):
        assert (api_version, kind) in codec.kinds()


def test_what_is_not_there() -> None:
    assert SCHEMA.find("v1", "endpoints") is None
    assert SCHEMA.find("", "") is None
    with pytest.raises(
        codec.NotRegisteredError, match=r"^no message 'k8s\.io\.api\.core\.v1\.Endpoint' in the schema$"
    ):
        SCHEMA.message("k8s.io.api.core.v1.Endpoint")
    with pytest.raises(codec.NotRegisteredError, match=r"^int is no class of a registered message$"):
        schema_of(int)


def test_tables_of_ones_own() -> None:
    own = Schema(
        "k8s-codec tables 1\nv1 A test.A\n\n"
        "test.A\t\tA\t\tt\tx x 1 int32 v a -\ty y 2 message o - test.B\n"
        "test.B\t\tB\t\t\n"
    )
    assert own.kinds() == [("v1", "A")]
    found = own.find("v1", "A")
    assert found is not None
    assert found.attrs == ("apiVersion", "kind", "x", "y", "_unknown")
    assert found.fields[1].message is own.message("test.B")
    own.add(["test.C\t\tC\t\t", "test.B\t\tOther\t\t"], {("v1", "C"): "test.C"})
    assert own.kinds() == [("v1", "A"), ("v1", "C")]
    assert own.message("test.B").class_name == "B"
    assert own.message_names() == ["test.A", "test.B", "test.C"]
