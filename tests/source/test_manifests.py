"""Manifests: documents, lists, and errors that name their place in the file."""

from __future__ import annotations

import pytest

from codec.errors import DecodeError
from codec.source.manifests import manifests

SERVICE = '{"apiVersion":"v1","kind":"Service","metadata":{"name":"%s"}}'


def names(text: str) -> list[str]:
    return [f"{obj.kind}/{obj.metadata.name}" for obj in (each.read() for each in manifests(text.encode()))]


def test_documents_of_yaml_and_json() -> None:
    yaml = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n---\n# nothing\n---\napiVersion: v1\nkind: Pod\n"
    assert names(yaml) == ["Service/a", "Pod/"]
    assert names(f"{SERVICE % 'a'}\n {SERVICE % 'b'}") == ["Service/a", "Service/b"]


def test_lists_are_taken_apart_as_kubectl_does() -> None:
    inner = f'{{"apiVersion":"v1","kind":"List","items":[{SERVICE % "b"}]}}'
    assert names(f'{{"kind":"List","apiVersion":"v1","items":[{SERVICE % "a"},{inner}]}}') == ["Service/a", "Service/b"]
    assert names('{"kind":"PodList","apiVersion":"v1","items":[{},{"metadata":{"name":"x"}}]}') == ["Pod/", "Pod/x"]
    assert names('{"kind":"PodList","apiVersion":"v1","items":null}') == []
    assert names('{"kind":"List","apiVersion":"v1","items":[]}') == []


def test_a_custom_resource_whose_kind_ends_in_list_is_an_object() -> None:
    (found,) = manifests(b"apiVersion: example.com/v1\nkind: AllowList\nspec: {items: 3}\n")
    assert found.read().kind == "AllowList"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Service\n"
            "- apiVersion: v1\n  kind: Pod\n  spec:\n    containers:\n    - name: x\n      image: 7\n",
            "Pod.spec.containers[0].image: expected a string, got a number, at line 11, column 7",
        ),
        (
            'kind: PodList\napiVersion: v1\nitems:\n- metadata:\n    "näme": x\n',
            "Pod.metadata.näme: unknown field, at line 5, column 5",
        ),
        (
            '{"kind":"ü"}\n{"kind":"Pod","apiVersion":"v1","spec":7}',
            "the object has no apiVersion",
        ),
        (
            '{"kind":"PodList","apiVersion":"v1","note":"ü","items":[{"spec":7}]}',
            "Pod.spec: expected an object, got a number, at byte 65",
        ),
        (
            '{"kind":"Pod","apiVersion":"v1"}\n{"kind":"Pod","apiVersion":"v1","spec":7}',
            "Pod.spec: expected an object, got a number, at byte 72",
        ),
        ("- 1\n", "expected an object, got a list, at line 1, column 3"),
        ('{"kind":"Pod"', "expected ',' or '}', at byte 13"),
    ],
)
def test_errors_name_the_place_in_the_file(text: str, problem: str) -> None:
    with pytest.raises(DecodeError) as caught:
        [each.read() for each in manifests(text.encode())]
    assert str(caught.value) == problem
    if caught.value.offset is not None and caught.value.offset < len(text.encode()):
        assert text.encode()[caught.value.offset :].startswith(b"7")


def test_lists_in_lists_have_a_limit() -> None:
    text = '{"apiVersion":"v1","kind":"List","items":[' * 30 + "]}" * 30
    with pytest.raises(DecodeError, match="lists in lists"):
        list(manifests(text.encode()))
