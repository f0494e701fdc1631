"""What text cannot show comes back from the old value, and nothing else does."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

import codec
from codec.api import Unstructured
from codec.api.core.v1 import Container, EndpointAddress, EndpointPort, Endpoints, EndpointSubset, Pod, PodSpec, Secret
from codec.api.meta.v1 import ObjectMeta
from codec.change.carry_over import carry_over
from codec.errors import EncodeError

DAILY = Path(__file__).resolve().parents[2] / "fixtures" / "daily"
UNKNOWN = b"\xa0\x3f\x01"  # field 1012, varint 1


def through_text(obj: codec.Message) -> codec.Message:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        text = codec.to_yaml(obj)
    return codec.from_yaml(text)


def endpoints() -> Endpoints:
    return Endpoints(
        metadata=ObjectMeta(name="n", namespace="ns", _unknown=UNKNOWN),
        subsets=[
            EndpointSubset(
                addresses=[EndpointAddress(ip="10.0.0.1", _unknown=UNKNOWN), EndpointAddress(ip="10.0.0.2")],
                ports=[EndpointPort(name="mysql", port=6033, _unknown=UNKNOWN)],
            )
        ],
        _unknown=UNKNOWN,
    )


def test_an_unchanged_object_comes_back_byte_for_byte() -> None:
    old = endpoints()
    new, lost = carry_over(through_text(old), old)
    assert (new, lost) == (old, 0)
    assert codec.encode(new) == codec.encode(old)


@pytest.mark.parametrize("path", sorted(DAILY.glob("*.pb")), ids=lambda path: path.stem)
def test_every_daily_object_comes_back(path: Path) -> None:
    old = codec.decode(path.read_bytes())
    assert codec.encode(carry_over(through_text(old), old)[0]) == path.read_bytes()


def test_what_changed_stays_changed() -> None:
    old = endpoints()
    edited = through_text(old)
    assert isinstance(edited, Endpoints)
    edited.subsets[0].ports[0].port = 3306
    edited.subsets[0].addresses.insert(0, EndpointAddress(ip="10.0.0.9"))
    edited.metadata.labels["a"] = "b"
    new, lost = carry_over(edited, old)
    assert isinstance(new, Endpoints)
    assert lost == 0
    expected = endpoints()
    expected.subsets[0].ports[0].port = 3306
    expected.subsets[0].addresses.insert(0, EndpointAddress(ip="10.0.0.9"))
    expected.metadata.labels["a"] = "b"
    assert new == expected


def test_fields_of_what_was_taken_out_are_counted_as_lost() -> None:
    old = endpoints()
    edited = through_text(old)
    assert isinstance(edited, Endpoints)
    del edited.subsets[0].addresses[0]
    new, lost = carry_over(edited, old)
    assert isinstance(new, Endpoints)
    assert lost == 1
    assert [address.ip for address in new.subsets[0].addresses] == ["10.0.0.2"]


def test_elements_are_told_apart_by_name_and_not_by_place() -> None:
    old = Pod(spec=PodSpec(containers=[Container(name="a", _unknown=UNKNOWN), Container(name="b")]))
    edited = Pod(spec=PodSpec(containers=[Container(name="b", image="x"), Container(name="a", image="y")]))
    new, lost = carry_over(edited, old)
    assert isinstance(new, Pod)
    assert lost == 0
    assert [(one.name, one._unknown) for one in new.spec.containers] == [("b", b""), ("a", UNKNOWN)]


def test_bytes_that_are_no_text_and_a_nil_value() -> None:
    old = Secret(metadata=ObjectMeta(name="n", labels={"bytes": "\udcff"}), data={"nil": None})
    raw = codec.encode(old)
    assert codec.encode(carry_over(through_text(codec.decode(raw)), codec.decode(raw))[0]) == raw


def test_what_does_not_fit() -> None:
    with pytest.raises(EncodeError, match="the base is v1 Pod, the object v1 Endpoints"):
        carry_over(endpoints(), Pod())
    custom = Unstructured(apiVersion="a.b/v1", kind="C")
    assert carry_over(custom, custom) == (custom, 0)
