"""Deep nesting in each form: an object up to the limit, an error beyond it, and never a RecursionError."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hostile.handmade import END_GROUP, LEVELS, START_GROUP, config_map, crd, field, nested, stored, tag
from hostile.promise import check_json, check_stored, check_yaml

import codec

MAX_DEPTH = 100  # of messages on the wire; codec.wire
MAX_JSON_DEPTH = 10_000  # of lists and objects in JSON without a schema; codec.types.jsonscan
ABOVE = 4  # messages above a CustomResourceDefinition's JSONSchemaProps
CRD = (
    b'{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition",'
    b'"spec":{"versions":[{"schema":{"openAPIV3Schema":%s}}]}}'
)
# ways in which JSONSchemaProps holds another, in JSON: name → what stands before and after the inner one
BRACKETS = {
    "not": (b'{"not":', b"}"),
    "allOf": (b'{"allOf":[', b"]}"),
    "properties": (b'{"properties":{"a":', b"}}"),
    "items": (b'{"items":', b"}"),
    "additionalProperties": (b'{"additionalProperties":', b"}"),
    "dependencies": (b'{"dependencies":{"a":', b"}}"),
}


def levels(name: str) -> int:
    """How often a JSONSchemaProps fits into itself in this way."""
    return (MAX_DEPTH - ABOVE) // LEVELS[name][1]


def json_of(name: str, depth: int) -> bytes:
    before, after = BRACKETS[name]
    return CRD % (before * depth + b"{}" + after * depth)


@pytest.mark.parametrize("name", LEVELS)
def test_messages_as_deep_as_may_be(name: str) -> None:
    raw = crd(nested(LEVELS[name][0], levels(name)))
    check_stored(raw)
    obj = codec.decode(raw)
    text = codec.to_json(obj)
    assert text.count(BRACKETS[name][0]) == levels(name)
    assert codec.to_json(codec.from_json(text)) == text
    assert codec.json_to_storage(text) == text + b"\n"


@pytest.mark.parametrize("name", LEVELS)
@pytest.mark.parametrize("more", [1, 2, 30, 20_000])
def test_messages_too_deep(name: str, more: int) -> None:
    raw = crd(nested(LEVELS[name][0], levels(name) + more))
    check_stored(raw)
    with pytest.raises(codec.DecodeError, match=r"spec\.versions\[0\]\.schema\..*: nested deeper than 100, at byte "):
        codec.decode(raw)


@pytest.mark.parametrize("name", LEVELS)
@pytest.mark.parametrize("more", [1, 2, 30, 20_000])
def test_json_objects_too_deep(name: str, more: int) -> None:
    text = json_of(name, levels(name) + more)
    check_json(text)
    check_yaml(text)
    with pytest.raises(codec.DecodeError, match=r"nested deeper than 100(00)?, at byte "):
        codec.from_json(text)


def test_values_count_as_messages() -> None:
    """What is held as a value is a message on the wire, and its depth counts when it is written too."""
    deepest = levels("not")
    for depth, fits in ((deepest - 1, True), (deepest, False)):
        text = CRD % (b'{"not":' * depth + b'{"default":1}' + b"}" * depth)
        check_json(text)
        if fits:
            raw = codec.encode(codec.from_json(text), form="protobuf")
            assert codec.to_json(codec.decode(raw)) == codec.to_json(codec.from_json(text))
        else:
            with pytest.raises(codec.DecodeError, match="nested deeper than 100"):
                codec.from_json(text)
        value = field(8, field(1, b"1"))
        check_stored(crd(nested(LEVELS["not"][0], depth, value)))


@pytest.mark.parametrize("depth", [1, 99, 100])
def test_groups_are_unknown_fields(depth: int) -> None:
    groups = tag(900, START_GROUP) * depth + tag(900, END_GROUP) * depth
    raw = config_map(groups)
    check_stored(raw)
    assert codec.decode(raw)._unknown == groups


@pytest.mark.parametrize("depth", [101, 100_000])
def test_groups_too_deep(depth: int) -> None:
    for end in (b"", tag(900, END_GROUP) * depth):
        raw = config_map(tag(900, START_GROUP) * depth + end)
        check_stored(raw)
        with pytest.raises(codec.DecodeError, match="nested deeper than 100, at byte "):
            codec.decode(raw)


@pytest.mark.parametrize("opened", [b"[", b'{"a":', b"[{", b'{"":['])
@pytest.mark.parametrize("depth", [100, 3000, 200_000])
def test_json_that_only_opens(opened: bytes, depth: int) -> None:
    for text in (opened * depth, b'{"apiVersion":"x/v1","kind":"K","spec":' + opened * depth):
        check_json(text)
        check_stored(text)
        with pytest.raises(codec.DecodeError):
            codec.from_json(text)


@pytest.mark.parametrize("depth", [50, 900, 2500, MAX_JSON_DEPTH - 1])
def test_custom_resources_nest_as_deep_as_in_go(depth: int) -> None:
    text = b'{"apiVersion":"x/v1","kind":"K","spec":' + b"[" * depth + b"]" * depth + b"}"
    check_json(text)
    check_stored(text + b"\n")
    assert codec.storage_to_json(text) == text
    assert codec.json_to_storage(text) == text + b"\n"
    assert codec.to_json(codec.from_json(text)) == text


@pytest.mark.parametrize("depth", [50, 900, 2500, MAX_JSON_DEPTH - 1])
def test_raw_json_nests_as_deep_as_in_go(depth: int) -> None:
    text = b'{"kind":"ControllerRevision","apiVersion":"apps/v1","metadata":{},"data":%s,"revision":0}'
    text %= b"[" * depth + b"]" * depth
    check_json(text)
    assert codec.storage_to_json(codec.json_to_storage(text)) == text


def test_json_deeper_than_go_reads() -> None:
    inner = b"[" * MAX_JSON_DEPTH + b"]" * MAX_JSON_DEPTH
    for text in (
        b'{"apiVersion":"x/v1","kind":"K","spec":%s}' % inner,
        b'{"apiVersion":"apps/v1","kind":"ControllerRevision","data":%s}' % inner,
        b'{"apiVersion":"v1","kind":"ConfigMap","unknown":%s}' % inner,
    ):
        check_json(text)
        check_stored(text)
        with pytest.raises(codec.DecodeError, match="nested deeper than 10000"):
            codec.from_json(text, allow_unknown=True)


def test_raw_json_on_the_wire_deeper_than_go_prints() -> None:
    inner = b"[" * (MAX_JSON_DEPTH + 1) + b"]" * (MAX_JSON_DEPTH + 1)
    raw = stored("apps/v1", "ControllerRevision", field(2, field(1, inner)))
    check_stored(raw)
    with pytest.raises(codec.EncodeError, match=r"ControllerRevision\.data: .*nested deeper than 10000"):
        codec.storage_to_json(raw)


@pytest.mark.parametrize("opened", ["[", "{a: ", "[{a: ", "- ", "? ", "- - "])
@pytest.mark.parametrize("depth", [100, 900, 12_000])
def test_yaml_that_only_opens(opened: str, depth: int) -> None:
    text = opened * depth
    check_yaml(text.encode())
    check_yaml(f"apiVersion: x/v1\nkind: K\nspec: {text}\n".encode())


@pytest.mark.parametrize("depth", [50, 900])
def test_yaml_blocks(depth: int) -> None:
    block = "".join(f"{' ' * level}a:\n" for level in range(1, depth + 1))
    check_yaml(f"apiVersion: x/v1\nkind: K\nspec:\n{block}".encode())


@pytest.mark.parametrize("depth", [50, 900, 2500])
def test_yaml_flow(depth: int) -> None:
    text = f"apiVersion: x/v1\nkind: K\nspec: {'[' * depth}{']' * depth}\n".encode()
    check_yaml(text)
    obj = codec.from_yaml(text)
    assert codec.to_json(obj).count(b"[") == depth


def at_depth(frames: int, road: Callable[..., Any], *arguments: Any) -> Any:
    """Calls the road from so many frames further down the stack."""
    return at_depth(frames - 1, road, *arguments) if frames else road(*arguments)


@pytest.mark.parametrize("name", LEVELS)
@pytest.mark.parametrize("frames", [200, 400, 600, 750, 850])
def test_a_caller_deep_in_its_own_stack(name: str, frames: int) -> None:
    """The stack that is left may be too short for a deep value; then that is what the error says."""
    raw = crd(nested(LEVELS[name][0], levels(name)))
    obj = codec.decode(raw)
    text = codec.to_json(obj)
    calls: list[tuple[Callable[..., Any], Any]] = [
        (codec.decode, raw),
        (codec.storage_to_json, raw),
        (codec.storage_to_yaml, raw),
        (codec.from_json, text),
        (codec.json_to_storage, text),
        (codec.from_yaml, codec.to_yaml(obj)),
        (codec.to_json, obj),
        (codec.to_yaml, obj),
        (codec.to_dict, obj),
        (codec.from_dict, codec.to_dict(obj)),
        (codec.encode, obj),
        (lambda each: codec.encode(each, form="protobuf"), obj),
    ]
    for road, argument in calls:
        try:
            at_depth(frames, road, argument)
        except codec.CodecError as error:
            assert "deeper than the stack" in str(error)  # noqa: PT017, since most do not raise
