"""Whole tables: byte by byte what the real kubectl printed of the same objects, and what it never met."""

from __future__ import annotations

from typing import Any

import pytest
from query.table_fixtures import TABLES, Row, definitions, lines, tables

from codec.api import Unregistered, Unstructured
from codec.api.apiregistration.v1 import (
    APIService,
    APIServiceCondition,
    APIServiceSpec,
    APIServiceStatus,
    ServiceReference,
)
from codec.api.core.v1 import ConfigMap, Event, ObjectReference, Pod, Secret
from codec.api.meta.v1 import ObjectMeta
from codec.errors import CodecError, DecodeError
from codec.query.columns.custom import columns_of_definition
from codec.query.columns.formats import amount
from codec.query.table import printed
from codec.query.table_text import aligned, cell_text
from codec.storage.keys import Key
from codec.types import Quantity, Time

PRINTED = list(lines(TABLES / "printed.jsonl.gz"))
DAY = 86_400  # seconds
NOW = 100 * DAY * 1_000_000_000


@pytest.mark.parametrize("kept", PRINTED, ids=lambda kept: " ".join(kept["arguments"]))
def test_what_kubectl_prints(kept: dict[str, Any]) -> None:
    arguments = kept["arguments"]
    everywhere = "-A" in arguments
    by_resource = {table.resource: table.rows for table in tables()}
    rows = [
        row
        for resource in arguments[0].split(",")
        for row in by_resource[resource]
        if everywhere or row.place.namespace in ("", "tables")
    ]
    text = "".join(
        printed(
            rows,
            wide="wide" in arguments,
            namespaces=everywhere,
            now=kept["now"],
            show_labels="--show-labels" in arguments,
            headers="--no-headers" not in arguments,
            definitions=definitions(),
        )
    )
    assert text == kept["text"]


def row(
    obj: Any, resource: str, namespace: str = "ns", name: str = "", kind: str | None = None, group: str = ""
) -> Row:
    name = name or obj.metadata.name
    return Row(Key("/registry", group, resource, namespace, name, obj.kind if kind is None else kind), obj)


def metadata(name: str, days: int = 1, **labels: str) -> ObjectMeta:
    return ObjectMeta(name=name, namespace="ns", creationTimestamp=Time((100 - days) * DAY), labels=labels)


def table(*rows: Row, **options: Any) -> str:
    return "".join(printed(rows, now=NOW, **options))


def test_nothing_gives_nothing() -> None:
    assert table() == ""


def test_one_kind() -> None:
    assert table(row(ConfigMap(metadata=metadata("a", x="1")), "configmaps"), show_labels=True) == (
        "NAMESPACE   NAME   DATA   AGE   LABELS\n"
        "ns          a      0      24h   x=1\n"
    )  # fmt: skip


def test_kinds_stand_below_each_other() -> None:
    rows = (row(ConfigMap(metadata=metadata("a")), "configmaps"), row(Secret(metadata=metadata("b")), "secrets"))
    assert table(*rows, namespaces=False) == (
        "NAME          DATA   AGE\n"
        "configmap/a   0      24h\n"
        "\n"
        "NAME       TYPE     DATA   AGE\n"
        "secret/b   Opaque   0      24h\n"
    )  # fmt: skip
    assert "configmap/a" not in table(*rows, show_kind=False)
    assert "configmap/a" in table(rows[0], show_kind=True)


def test_no_data_of_secrets() -> None:
    secret = Secret(metadata=metadata("s"), data={"password": b"do-not-show"}, type="Opaque")
    text = table(row(secret, "secrets"), wide=True, show_labels=True)
    assert "do-not-show" not in text
    assert "password" not in text


def test_rows_that_cannot_be_read_are_told_and_left_out() -> None:
    class Broken:
        place = Key("/registry", "", "pods", "ns", "broken", "Pod")

        @property
        def object(self) -> Pod:
            raise DecodeError("broken", offset=1)

    told: list[tuple[Any, CodecError]] = []
    broken: Any = Broken()
    good = row(Pod(metadata=metadata("good")), "pods")
    text = "".join(printed([broken, good, broken], now=NOW, failed=lambda *each: told.append(each)))
    assert [line.split()[1] for line in text.splitlines()] == ["NAME", "good"]
    assert [each for each, _ in told] == [broken, broken]
    with pytest.raises(DecodeError):
        "".join(printed([broken], now=NOW))


def test_only_failures_give_no_table() -> None:
    class Unplaced:
        @property
        def place(self) -> Key:
            raise DecodeError("no key of an object")

    unplaced: Any = Unplaced()
    assert "".join(printed([unplaced], failed=lambda *each: None)) == ""


def test_the_key_names_an_object() -> None:
    text = table(row(Pod(metadata=metadata("inside")), "pods", "elsewhere", "outside"))
    assert text.splitlines()[1].split()[:2] == ["elsewhere", "outside"]


def test_a_word_behind_the_name_stays() -> None:
    found = next(each for each in tables() if each.resource == "storageclasses")
    marked = next(each for each in found.rows if str(each.cells[0]).endswith("(default)"))
    place = Key("/registry", "storage.k8s.io", "storageclasses", "", "by-key", "StorageClass")
    assert "\nby-key (default)   " in table(Row(place, marked.object))


def test_what_is_not_of_the_kind_that_its_key_says() -> None:
    text = table(
        row(Pod(metadata=metadata("pod")), "pods"),
        row(ConfigMap(metadata=metadata("other", 3)), "pods", kind="Pod"),
        row(
            Unstructured(
                apiVersion="v1",
                kind="Pod",
                content={"metadata": {"name": "free", "creationTimestamp": "1970-04-10T00:00:00Z"}},
            ),
            "pods",
            name="free",
        ),
        row(Unregistered(apiVersion="example.com/v1", kind="Pod", raw=b""), "pods", name="unknown"),
    )
    assert text == (
        "NAMESPACE   NAME      READY   STATUS   RESTARTS   AGE\n"
        "ns          pod       0/0              0          24h\n"
        "ns          other                                 3d\n"
        "ns          free                                  24h\n"
        "ns          unknown                               <unknown>\n"
    )


def test_custom_resources_without_a_definition() -> None:
    content: dict[str, Any] = {
        "metadata": {"name": "a", "labels": {"x": "1"}, "creationTimestamp": "1970-04-10T00:00:00Z"}
    }
    thing = Unstructured(apiVersion="example.com/v1", kind="Thing", content=content)
    bad = Unstructured(
        apiVersion="example.com/v1", kind="Thing", content={"metadata": {"creationTimestamp": 5, "labels": 7}}
    )
    rows = [row(each, "things", "", name, "", "example.com") for each, name in ((thing, "a"), (bad, "b"))]
    assert table(*rows, show_labels=True, show_kind=True, definitions={}) == (
        "NAME                  AGE         LABELS\n"
        "thing.example.com/a   24h         x=1\n"
        "thing.example.com/b   <unknown>   <none>\n"
    )  # fmt: skip


def test_a_definition_with_fields_of_a_newer_release() -> None:
    """It is read without its class, and still gives its columns."""
    columns = [
        {"name": "Size", "type": "integer", "jsonPath": ".size"},
        {"name": "More", "type": "string", "jsonPath": ".more", "priority": 1},
    ]
    spec = {
        "group": "example.com",
        "names": {"plural": "things"},
        "versions": [{"name": "v1", "served": True, "additionalPrinterColumns": columns, "newer": 1}],
    }
    definition = Unstructured(
        apiVersion="apiextensions.k8s.io/v1", kind="CustomResourceDefinition", content={"spec": spec}
    )
    thing = Unstructured(apiVersion="example.com/v1", kind="Thing", content={"metadata": {"name": "a"}, "size": 3})
    rows = [row(thing, "things", "", "a", "", "example.com")]
    found = {("example.com", "things"): definition}
    assert table(*rows, definitions=found) == "NAME   SIZE\na      3\n"
    assert table(*rows, definitions=found, wide=True) == "NAME   SIZE   MORE\na      3      \n"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1970-04-10T23:59:58.5Z", "1s"),
        ("1970-04-10T23:59:58Z", "2s"),
        ("0001-01-01T00:00:00Z", "<unknown>"),
        ("1970-04-10", "<invalid>"),
    ],
)
def test_dates_of_custom_resources(text: str, shown: str) -> None:
    columns = [{"name": "When", "type": "date", "jsonPath": ".when"}]
    spec = {"versions": [{"name": "v1", "served": True, "additionalPrinterColumns": columns}]}
    definition = Unstructured(
        apiVersion="apiextensions.k8s.io/v1", kind="CustomResourceDefinition", content={"spec": spec}
    )
    thing = Unstructured(apiVersion="example.com/v1", kind="Thing", content={"metadata": {"name": "a"}, "when": text})
    found = table(row(thing, "things", "", "a", "", "example.com"), definitions={("example.com", "things"): definition})
    assert found.split()[-1] == shown


@pytest.mark.parametrize("spec", [None, 7, {}, {"versions": 7}, {"versions": [7, {"served": True}]}])
def test_a_definition_that_defines_nothing(spec: Any) -> None:
    definition = Unstructured(
        apiVersion="apiextensions.k8s.io/v1", kind="CustomResourceDefinition", content={"spec": spec}
    )
    assert columns_of_definition(definition).names == ("Name", "Age")


@pytest.mark.parametrize(
    ("versions", "first"),
    [
        (["v1", "v2"], "v2"),
        (["v1", "v2beta1"], "v1"),
        (["v2alpha9", "v1beta1"], "v1beta1"),
        (["v1beta2", "v1beta10"], "v1beta10"),
        (["v10", "v9"], "v10"),
        (["foo", "v1alpha1"], "v1alpha1"),
        (["foo10", "foo1", "fop"], "foo1"),
        (["v01", "v1beta", "v"], "v01"),
        (["v1beta", "v", "1"], "1"),
    ],
)
def test_the_version_that_comes_first(versions: list[str], first: str) -> None:
    """The order of apimachinery's CompareKubeAwareVersionStrings."""
    held = [
        {
            "name": each,
            "served": True,
            "additionalPrinterColumns": [{"name": each, "type": "string", "jsonPath": ".a"}],
        }
        for each in versions
    ]
    definition = Unstructured(
        apiVersion="apiextensions.k8s.io/v1", kind="CustomResourceDefinition", content={"spec": {"versions": held}}
    )
    assert columns_of_definition(definition).names == ("Name", first)


@pytest.mark.parametrize(
    ("conditions", "service", "cells"),
    [
        ([], None, ["Local", "Unknown"]),
        ([APIServiceCondition(type="Other", status="True")], None, ["Local", "Unknown"]),
        ([APIServiceCondition(type="Available", status="True", reason="Passed")], None, ["Local", "True"]),
        (
            [APIServiceCondition(type="Available", status="False", reason="MissingEndpoints")],
            ServiceReference(namespace="kube-system", name="metrics-server"),
            ["kube-system/metrics-server", "False (MissingEndpoints)"],
        ),
        ([APIServiceCondition(type="Available", status="Unknown")], None, ["Local", "Unknown"]),
    ],
)
def test_aggregated_apis(conditions: list[Any], service: Any, cells: list[str]) -> None:
    """An aggregated API of a server that is not there would be in the way of scripts/tables."""
    obj = APIService(
        metadata=ObjectMeta(name="v1.example.com", creationTimestamp=Time(99 * DAY)),
        spec=APIServiceSpec(service=service),
        status=APIServiceStatus(conditions=conditions),
    )
    text = table(row(obj, "apiservices", "", group="apiregistration.k8s.io"))
    assert [cell.strip() for cell in text.splitlines()[1].split("   ") if cell][1:-1] == cells


def test_a_hidden_name_is_not_looked_for() -> None:
    event = Event(metadata=metadata("e"), involvedObject=ObjectReference(kind="Pod", name="p"), message="m")
    assert table(row(event, "events"), show_kind=True, namespaces=False) == (
        "LAST SEEN   TYPE   REASON   OBJECT   MESSAGE\n"
        "<unknown>                   pod/p    m\n"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        (True, "true"),
        (False, "false"),
        (7, "7"),
        (1e21, "1e+21"),
        (2.5, "2.5"),
        ("plain ∞ text", "plain ∞ text"),
        ("one\ntwo", "one..."),
        ("\rtwo", "..."),
        ("a\fb\nc", "a..."),
        ("\x1b[31mred\x1b[0m", "^[[31mred^[[0m"),
        ("\x07\x9b\x7f", "\\x07\\x9b\\x7f"),
        ("a\tb", "a\tb"),
        ("no-break\u00a0space", "no-break\u00a0space"),
        ("\udcff", "\ufffd"),
    ],
)
def test_cells_as_text(cell: Any, text: str) -> None:
    assert cell_text(cell) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1500m", "1500m"),
        ("1u", "1m"),
        ("-1u", "-1m"),
        ("1000001n", "2m"),
        ("1999000u", "1999m"),
        ("1999001u", "2"),
        ("5e-6", "1e-3"),
        ("5e-9", "1e-3"),
        ("1024Mi", "1Gi"),
        ("no quantity", "no quantity"),
    ],
)
def test_amounts_are_whole_thousandths(text: str, shown: str) -> None:
    assert amount({"cpu": Quantity(text)}, "cpu") == shown
    assert amount({}, "cpu") == "0"


def lines_of(*rows: tuple[str, ...]) -> list[str]:
    return "".join(aligned(rows)).splitlines()


def test_columns_have_a_least_width_and_the_last_is_not_padded() -> None:
    assert lines_of(("A", "B", "C"), ("", "long cell", "x")) == ["A     B           C", "      long cell   x"]
    assert lines_of(("A",), ("much longer",)) == ["A", "much longer"]
    assert lines_of() == []


def test_tabs_part_cells_of_neighbouring_lines() -> None:
    assert lines_of(("A", "B"), ("1", "x\ty"), ("2", "longer\tz\vzz"), ("3", "none"), ("4", "i\tj")) == [
        "A     B",
        "1     x        y",
        "2     longer   z     zz",
        "3     none",
        "4     i        j",
    ]


def test_many_tabs_take_no_long_time() -> None:
    assert len(lines_of(("A", "B"), ("1", "\t" * 20_000))) == 2


def test_pieces_are_large_and_rows_are_all_there() -> None:
    rows = [row(ConfigMap(metadata=metadata(f"c{number}")), "configmaps") for number in range(2500)]
    pieces = list(printed(rows, now=NOW))
    assert len(pieces) == 3
    assert "".join(pieces).count("\n") == 2501
