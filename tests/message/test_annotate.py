"""The annotated wire: every byte has its row, secrets stay hidden, and an error comes after what stands before it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import codec
from codec.api.core.v1 import EndpointPort, Endpoints, EndpointSubset, Secret, SecretList
from codec.api.meta.v1 import ObjectMeta
from codec.errors import DecodeError
from codec.message.annotate import DATA, EVERYTHING, LAST_APPLIED, NOTHING, Row, Walk
from codec.schema import builtin
from codec.storage import MAGIC, read_envelope

DAILY = sorted((Path(__file__).resolve().parents[2] / "fixtures" / "daily").glob("*.pb"))
PASSWORD = b"not-a-real-password"


def rows_of(raw: bytes, *, show: bool = False) -> list[Row]:
    envelope = read_envelope(raw)
    return list(Walk(raw, show_secrets=show).envelope(builtin().find(envelope.api_version, envelope.kind), len(MAGIC)))


def broken_rows(raw: bytes, kind: str = "Endpoints") -> tuple[list[Row], DecodeError]:
    rows: list[Row] = []
    walk = Walk(raw).envelope(builtin().find("v1", kind), len(MAGIC))
    with pytest.raises(DecodeError) as caught:
        rows.extend(walk)
    return rows, caught.value


@pytest.mark.parametrize("path", DAILY, ids=lambda path: path.stem)
@pytest.mark.parametrize("with_schema", [True, False])
def test_rows_cover_every_byte_in_order(path: Path, with_schema: bool) -> None:
    raw = path.read_bytes()
    envelope = read_envelope(raw)
    schema = builtin().find(envelope.api_version, envelope.kind) if with_schema else None
    place = len(MAGIC)
    for row in Walk(raw).envelope(schema, len(MAGIC)):
        assert row.offset == place
        assert row.offset < row.start <= row.end
        place = row.start if row.value is None and row.type != "group" else row.end
        if with_schema:
            assert row.name
            assert not row.note.startswith("unknown")
        assert not row.problem
    assert place == len(raw)


def test_names_types_and_values() -> None:
    obj = Endpoints(
        metadata=ObjectMeta(name="n", labels={"k": "v"}), subsets=[EndpointSubset(ports=[EndpointPort(port=-1)])]
    )
    found = {(row.depth, row.name): (row.type, row.value) for row in rows_of(codec.encode(obj))}
    assert found[0, "raw"] == ("Endpoints", None)
    assert found[1, "metadata"] == ("ObjectMeta", None)
    assert found[2, "name"] == ("string", "n")
    assert found[2, "labels"] == ("map entry", None)
    assert found[3, "key"] == ("string", "k")
    assert found[3, "value"] == ("string", "v")
    assert found[3, "port"] == ("int32", -1)


def test_unknown_fields_are_marked_and_guessed() -> None:
    unknown = (
        b"\xa2\x3f\x05\x0a\x03abc" + b"\xaa\x3f\x02\xff\xfe" + b"\xb2\x3f\x02ok" + b"\xb8\x3f\x07" + b"\xc3\x3f\xc4\x3f"
    )
    raw = codec.encode(Endpoints(_unknown=unknown))
    rows = [row for row in rows_of(raw) if row.note == "unknown field"]
    assert [(row.number, row.type, row.value) for row in rows] == [
        (1012, "message?", None),
        (1013, "bytes?", b"\xff\xfe"),
        (1014, "string?", "ok"),
        (1015, "", 7),
        (1016, "group", None),
    ]
    assert [row.value for row in rows_of(raw) if row.number == 1 and row.type == "string?"] == ["abc"]


def secret() -> Secret:
    return Secret(
        metadata=ObjectMeta(name="n", annotations={LAST_APPLIED: PASSWORD.decode(), "note": "shown"}),
        data={"password": PASSWORD},
        stringData={"password": PASSWORD.decode()},
        _unknown=b"\xa2\x3f\x13" + PASSWORD,
    )


def shown_bytes(rows: list[Row]) -> bytes:
    values = [row.value for row in rows if not row.is_hidden]
    return b"|".join(value if isinstance(value, bytes) else str(value).encode() for value in values)


def test_the_data_of_secrets_is_hidden_wherever_they_are() -> None:
    for obj in (secret(), SecretList(items=[secret(), secret()])):
        rows = rows_of(codec.encode(obj))
        assert PASSWORD not in shown_bytes(rows)
        assert b"password" in shown_bytes(rows)
        assert b"shown" in shown_bytes(rows)
        assert PASSWORD in shown_bytes(rows_of(codec.encode(obj), show=True))


def test_a_value_before_its_key_is_hidden_too() -> None:
    entry = b"\x12\x13" + PASSWORD + b"\x0a\x01k"
    inner = b"\x12" + bytes((len(entry),)) + entry
    raw = MAGIC + b"\x0a\x0c\x0a\x02v1\x12\x06Secret\x12" + bytes((len(inner),)) + inner
    assert PASSWORD not in shown_bytes(rows_of(raw))


def test_objects_of_another_kind_in_raw_extensions_may_be_secrets() -> None:
    item = b'{"kind":"Secret","data":{"a":"' + PASSWORD + b'"}}'
    inner = b"\x0a\x00\x12" + bytes((len(item) + 2,)) + b"\x0a" + bytes((len(item),)) + item
    raw = MAGIC + b"\x0a\x0a\x0a\x02v1\x12\x04List\x12" + bytes((len(inner),)) + inner
    assert PASSWORD not in shown_bytes(rows_of(raw))
    assert PASSWORD in shown_bytes(rows_of(raw, show=True))


def test_without_a_schema_everything_can_be_hidden() -> None:
    inner = codec.encode(secret())
    for hide in (DATA, EVERYTHING):
        assert PASSWORD not in shown_bytes(list(Walk(inner, hide).message(None, len(MAGIC), len(inner))))
    assert PASSWORD in shown_bytes(list(Walk(inner, NOTHING).message(None, len(MAGIC), len(inner))))
    assert PASSWORD in shown_bytes(list(Walk(inner, EVERYTHING, True).message(None, len(MAGIC), len(inner))))


def test_an_error_comes_after_the_rows_before_it() -> None:
    obj = Endpoints(subsets=[EndpointSubset(ports=[EndpointPort(name="mysql", port=6033)])])
    raw = codec.encode(obj)
    place = raw.rindex(b"\x10\x91\x2f")
    rows, error = broken_rows(raw[:place] + b"\x12" + raw[place + 1 :])
    assert str(error) == (
        f"Endpoints.subsets.ports.port: wire type length-delimited where varint was expected, at byte {place}"
    )
    assert (rows[-1].name, rows[-1].value) == ("name", "mysql")
    rows, error = broken_rows(raw[:place] + b"\x00" + raw[place + 1 :])
    assert error.offset == place
    assert rows[-1].value == "mysql"


@pytest.mark.parametrize("size", range(5, 60, 3))
def test_what_is_cut_off_is_shown_up_to_its_end(size: int) -> None:
    raw = codec.encode(Endpoints(metadata=ObjectMeta(name="platform-mysql", namespace="biz-prod-qe2bu3")))
    rows, error = broken_rows(raw[:size])
    assert error.offset is not None
    assert error.offset <= size
    if rows:
        assert rows[-1].end <= size
    if size > 42:
        assert any(row.value == "platform-mysql" for row in rows)
        assert any("runs past the message end" in row.problem for row in rows)


def test_times_say_what_they_are() -> None:
    raw = next(path for path in DAILY if path.stem == "core.v1.Pod").read_bytes()
    notes = {row.note for row in rows_of(raw) if row.type == "Time"}
    assert any(note.startswith("2026-") for note in notes)


def test_map_entries_hold_two_fields() -> None:
    inner = b"\x12\x04\x0a\x00\x18\x01"
    raw = MAGIC + b"\x0a\x0c\x0a\x02v1\x12\x06Secret\x12" + bytes((len(inner),)) + inner
    _, error = broken_rows(raw, "Secret")
    assert error.problem == "a map entry has no field 3"
    assert error.offset == raw.rindex(b"\x18\x01")


def test_packed_numbers() -> None:
    schema = next(
        message
        for message in map(builtin().message, builtin().message_names())
        if any(field.label == "r" and field.kind == "int64" for field in message.fields)
    )
    field = next(field for field in schema.fields if field.label == "r" and field.kind == "int64")
    raw = bytes((field.number << 3 | 2, 2, 1, 5))
    (row,) = Walk(raw).message(schema, 0, len(raw))
    assert (row.value, row.note) == ([1, 5], "packed")


@given(st.binary(max_size=300), st.sampled_from([None, "Secret", "Pod", "Endpoints"]))
def test_any_bytes_give_rows_or_an_error(data: bytes, kind: str | None) -> None:
    schema = builtin().find("v1", kind) if kind else None
    rows: list[Row] = []
    offset: int | None = 0
    try:
        rows.extend(Walk(data).message(schema, 0, len(data)))
    except DecodeError as error:
        offset = error.offset
    assert offset is not None
    assert 0 <= offset <= len(data)
    for row in rows:
        assert 0 <= row.offset <= row.end <= len(data)


def test_nesting_has_a_limit() -> None:
    data = b""
    while len(data) < 60_000:
        size = len(data)
        length = bytes((size & 0x7F | 0x80, size >> 7 & 0x7F | 0x80, size >> 14))
        data = b"\x0a" + length + data
    assert len(list(Walk(data).message(None, 0, len(data)))) < 200
