"""Every cell of ours against what a real API server answered for the same stored value; scripts/tables made them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from generate import Wire
from query.table_fixtures import Table, definitions, tables

import codec
from codec.query import columns
from codec.query.age import Clock
from codec.query.columns import columns_of, has_columns
from codec.query.columns.custom import columns_of_definition
from codec.schema import builtin
from codec.storage.resources import all_resources

# Cells that a server makes of the moment at which it read a value: a taint's time, where none is stored.
OF_READING = {("DeviceTaintRule", "TimeAdded"): ""}

RANDOM_VALUES = 30  # of each version of each kind


def columns_for(table: Table, kind: str) -> columns.Columns:
    definition = definitions().get((table.group, table.resource))
    return columns_of(table.group, kind) if definition is None else columns_of_definition(definition)


@pytest.mark.parametrize("table", tables(), ids=lambda table: table.resource)
def test_cells_of_a_resource(table: Table) -> None:
    clock = Clock(table.now)
    found = columns_for(table, table.rows[0].object.kind)
    assert list(found.names) == [each["name"] for each in table.columns]
    assert [*found.is_wide] == [each["priority"] != 0 for each in table.columns]
    for row in table.rows:
        ours = dict(zip(found.names, found.cells(row.object, clock), strict=True))
        theirs = dict(zip(found.names, row.cells, strict=False))  # a server may answer more cells than columns
        for name, cell in theirs.items():
            if (row.object.kind, name) in OF_READING and ours[name] in (None, ""):
                continue
            assert shown(ours[name]) == shown(cell), f"{name} of {row.case}"


def shown(cell: Any) -> Any:
    """None and "" look the same, and so do 1 and "1"; a byte that is no UTF-8 arrives as U+FFFD."""
    text = "" if cell is None else str(cell).lower() if isinstance(cell, bool) else str(cell)
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


def test_there_is_a_judge_for_each_kind_with_columns() -> None:
    judged = {(table.group, row.object.kind) for table in tables() for row in table.rows}
    ours = set(columns._HOME_OF)
    assert ours <= judged
    # Pods are what people look at most, and have most states.
    statuses = {row.cells[2] for table in tables() if table.resource == "pods" for row in table.rows}
    assert len(statuses) > 40


def test_each_module_holds_the_kinds_that_it_is_named_for() -> None:
    for home in columns._HOMES:
        module = __import__(f"codec.query.columns.{home}", fromlist=["COLUMNS"])
        assert set(module.COLUMNS) == {kind for kind, where in columns._HOME_OF.items() if where == home}


def test_kinds_without_columns_of_their_own() -> None:
    assert columns_of("rbac.authorization.k8s.io", "Role").names == ("Name", "Created At")
    assert columns_of("", "RangeAllocation").names == ("Name", "Age")
    assert columns_of("example.com", "Pod").names == ("Name", "Age")


def with_columns() -> list[tuple[str, str]]:
    """Every registered version of every kind with columns, those of dropped releases too."""
    found = [(version, kind, group_of(version)) for version, kind in builtin().kinds()]
    return [(version, kind) for version, kind, group in found if has_columns(group, kind)]


def group_of(version: str) -> str:
    group = version.rpartition("/")[0]
    return "" if group == "events.k8s.io" else group


@pytest.mark.parametrize(("version", "kind"), with_columns())
def test_every_version_of_a_kind_has_its_cells(version: str, kind: str) -> None:
    found = columns_of(group_of(version), kind)
    schema = builtin().find(version, kind)
    assert schema is not None
    count = 0
    for number in range(RANDOM_VALUES):
        raw = Wire(f"table {version} {kind} {number}", strange=number % 2 == 1).stored(version, kind, schema)
        try:
            obj = codec.decode(raw)
        except codec.CodecError:
            continue
        cells = found.cells(obj, Clock(0))
        assert len(cells) == len(found.names)
        assert all(cell is None or isinstance(cell, (str, int)) for cell in cells)
        count += 1
    assert count > RANDOM_VALUES // 3
    assert len(found.cells(codec.from_dict({"apiVersion": version, "kind": kind}), Clock(0))) == len(found.names)


def test_every_stored_kind_is_known_by_its_group() -> None:
    """Columns are looked up by what a key says, so a kind under another group would never be found."""
    stored = {(each.group, each.kind) for each in all_resources()}
    assert set(columns._HOME_OF) <= stored
