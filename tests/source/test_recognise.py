"""What etcdctl and HTTP really gave is recognised, and gives back the exact bytes that etcd holds."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codec.errors import CodecError, DecodeError
from codec.source.etcdctl_fields import unquote
from codec.source.key_value import KeyValue
from codec.source.recognise import recognise
from codec.storage import decode

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
ETCD = FIXTURES / "etcd"
ENDPOINTS = (FIXTURES / "daily" / "core.v1.Endpoints.pb").read_bytes()
SECRET = (FIXTURES / "daily" / "core.v1.Secret.pb").read_bytes()
JSON_VALUE = b'{"apiVersion":"stable.example.com/v1","kind":"CronTab","metadata":{"name":"nightly"}}\n'


def captured(folder: str = ".") -> dict[bytes, bytes]:
    with gzip.open(ETCD / folder / "values.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return {row["key"].encode(): base64.b64decode(row["value"]) for row in rows}


def one(data: bytes) -> KeyValue:
    (found,) = recognise(data, "x")
    return found


def outputs(form: str) -> list[Path]:
    return sorted(path for path in (ETCD / "etcdctl").glob(f"*.{form}") if not path.name.startswith(("absent", "keys")))


@pytest.mark.parametrize("form", ["plain", "json", "fields", "hex", "protobuf"])
def test_every_form_of_etcdctl_gives_the_key_and_the_stored_bytes(form: str) -> None:
    paths = outputs(form)
    assert paths
    stored = captured()
    for path in paths:
        rows = list(recognise(path.read_bytes(), path.name))
        assert rows
        for row in rows:
            assert row.key is not None
            assert row.value == stored[row.key]
            if form in ("json", "fields", "protobuf"):
                assert row.create_revision is not None
                assert row.mod_revision is not None
                assert row.create_revision <= row.mod_revision
                assert row.version is not None
                assert row.version > 0
                assert row.lease is not None
            else:
                assert row.mod_revision is None


def test_values_without_keys() -> None:
    stored = set(captured().values())
    paths = outputs("value")
    assert paths
    for path in paths:
        for row in recognise(path.read_bytes()):
            assert row.key is None
            assert row.value in stored


@pytest.mark.parametrize("path", [*outputs("terminal"), *outputs("terminal-value")], ids=lambda path: path.name)
def test_a_terminal_is_named_and_nothing_is_repaired(path: Path) -> None:
    with pytest.raises(
        DecodeError, match=r"a terminal turned every newline byte into \\r\\n: run `kubectl exec` without"
    ):
        list(recognise(path.read_bytes()))


@pytest.mark.parametrize("folder", [".", "json", "yaml", "cbor", "encrypted"])
def test_every_captured_value_bare_and_behind_its_key(folder: str) -> None:
    for key, value in captured(folder).items():
        assert one(value).value == value
        row = one(key + b"\n" + value + b"\n")
        assert (row.key, row.value) == (key, value)


@pytest.mark.parametrize("folder", [".", "json", "yaml"])
def test_a_whole_registry_as_etcdctl_prints_it(folder: str) -> None:
    stored = captured(folder)
    text = b"".join(key + b"\n" + value + b"\n" for key, value in stored.items())
    rows = list(recognise(text, "dump"))
    assert {row.key: row.value for row in rows} == stored
    assert rows[3].origin == "dump[3]"


def test_the_newline_of_etcdctl_is_taken_off_and_no_other() -> None:
    assert one(ENDPOINTS + b"\n").value == ENDPOINTS
    assert one(JSON_VALUE + b"\n").value == JSON_VALUE
    assert one(JSON_VALUE).value == JSON_VALUE
    assert one(JSON_VALUE.rstrip()).value == JSON_VALUE.rstrip()
    assert one(ENDPOINTS + b"\n\n").value == ENDPOINTS + b"\n\n"  # which decoding refuses


def test_values_of_several_forms_one_after_the_other() -> None:
    values = [JSON_VALUE, ENDPOINTS, SECRET, JSON_VALUE]
    for order in (values, values[1:]):
        assert [row.value for row in recognise(b"".join(value + b"\n" for value in order))] == order


def test_a_value_without_the_tail_ends_where_the_next_key_begins() -> None:
    short = ENDPOINTS.removesuffix(b"\x1a\x00\x22\x00")
    text = b"/registry/a/b\n" + short + b"\n/registry/a/c\n" + ENDPOINTS + b"\n"
    assert [row.value for row in recognise(text)] == [short, ENDPOINTS]


def test_values_that_show_no_end_are_not_guessed_at() -> None:
    encrypted = captured("encrypted")
    key, value = next(item for item in encrypted.items() if item[1].startswith(b"k8s:enc:"))
    with pytest.raises(DecodeError, match="an encrypted or CBOR value shows no end of its own") as caught:
        list(recognise(key + b"\n" + value + b"\n/registry/a/b\n" + ENDPOINTS + b"\n"))
    assert "use `etcdctl get -w json`" in str(caught.value)


def test_keys_alone_are_no_values() -> None:
    with pytest.raises(DecodeError, match="as --keys-only prints it"):
        list(recognise((ETCD / "etcdctl" / "keys-only.plain").read_bytes()))


def test_an_answer_without_keys_says_so() -> None:
    for data in (b'{"header":{"revision":7}}', b'"Revision" : 7\n"More" : false\n"Count" : 0\n'):
        with pytest.raises(DecodeError, match="holds no key: nothing is stored under the one that was asked for"):
            list(recognise(data))


def test_part_that_is_not_whole_after_one_that_is() -> None:
    text = b"/registry/a/b\n" + ENDPOINTS + b"\n/registry/a/c\n" + SECRET[:100] + b"\n"
    with pytest.raises(DecodeError, match="cannot tell where the values end") as caught:
        list(recognise(text))
    assert "use `etcdctl get -w json`, which keeps values apart" in str(caught.value)


def test_one_value_that_is_not_whole_is_left_to_decoding() -> None:
    row = one(b"/registry/a/b\n" + SECRET[:100] + b"\n")
    assert (row.key, row.value) == (b"/registry/a/b", SECRET[:100])
    assert one(SECRET[:100]).value == SECRET[:100]
    assert one(b"hello").value == b"hello"


def test_nothing_at_all() -> None:
    with pytest.raises(DecodeError, match="the input is empty: etcdctl prints nothing for a key that is not there"):
        one(b"")


@pytest.mark.parametrize(
    "text",
    [
        ENDPOINTS.hex(),
        ENDPOINTS.hex().upper() + "\n",
        ENDPOINTS.hex(" "),
        ENDPOINTS.hex(" ", 2),
        "0x" + ENDPOINTS.hex(),
        ", ".join(f"0x{byte:02x}" for byte in ENDPOINTS),
        "".join(f"\\x{byte:02x}" for byte in ENDPOINTS),
        "\n".join(ENDPOINTS.hex()[at : at + 60] for at in range(0, len(ENDPOINTS) * 2, 60)),
        base64.b64encode(ENDPOINTS).decode(),
        base64.encodebytes(ENDPOINTS).decode(),
        base64.urlsafe_b64encode(ENDPOINTS).decode().rstrip("="),
    ],
)
def test_hexadecimal_digits_and_base64(text: str) -> None:
    assert one(text.encode()).value == ENDPOINTS


def dump_of(data: bytes, form: str) -> str:
    lines = []
    for at in range(0, len(data), 16):
        part = data[at : at + 16]
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in part)
        if form == "xxd":
            lines.append(f"{at:08x}: {part.hex(' ', -2):<39}  {text}")
        else:
            lines.append(f"{at:08x}  {part[:8].hex(' '):<23}  {part[8:].hex(' '):<23}  |{text}|")
    if form == "hexdump":
        lines.append(f"{len(data):08x}")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("form", ["xxd", "hexdump"])
def test_hex_dumps(form: str) -> None:
    assert one(dump_of(ENDPOINTS, form).encode()).value == ENDPOINTS


def test_a_hex_dump_that_leaves_equal_lines_out() -> None:
    value = b"k8s\0" + b"\x12\xc0\x01" + b"\0" * 192 + b"\x1a\x00\x22\x00"
    lines = dump_of(value, "hexdump").splitlines()
    squeezed = [lines[0], lines[1], "*", *lines[12:]]
    assert lines[1][10:] == lines[11][10:]
    assert one("\n".join(squeezed).encode()).value == value
    assert one("\n".join([lines[0], lines[2]]).encode()).value != value


def test_lines_of_our_own() -> None:
    line = json.dumps({"key": "/registry/a/b", "value": base64.b64encode(ENDPOINTS).decode()}).encode()
    row = one(line)
    assert (row.key, row.value) == (b"/registry/a/b", ENDPOINTS)
    assert [each.origin for each in recognise(line + b"\n" + line + b"\n", "f")] == ["f[0]", "f[1]"]


def test_rows_of_an_answer_line_by_line() -> None:
    answer = json.loads((ETCD / "etcdctl" / "endpoints-prefix.json").read_bytes())
    lines = b"".join(json.dumps(row).encode() + b"\n" for row in answer["kvs"])
    stored = captured()
    rows = list(recognise(lines))
    assert len(rows) == len(answer["kvs"]) > 1
    for row in rows:
        assert row.key is not None
        assert row.value == stored[row.key]


def test_the_gateway_of_etcd_prints_numbers_as_strings() -> None:
    answer = {"kvs": [{"key": "L2E=", "value": "e30=", "mod_revision": "12", "create_revision": "3", "version": "2"}]}
    row = one(json.dumps(answer).encode())
    assert (row.create_revision, row.mod_revision, row.version, row.lease) == (3, 12, 2, 0)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b'{"kvs":[{"key":"L2E=","value":"*"}]}', "kvs[0].value: bad base64"),
        (b'{"kvs":[{"key":"L2E=","value":7}]}', "kvs[0].value: expected base64 text"),
        (b'{"kvs":[7]}', "kvs[0]: expected an object"),
        (b'{"kvs":{"a":1}}', "kvs: expected a list"),
        (b'{"kvs":[{"key":"L2E=","mod_revision":"x"}]}', "kvs[0].mod_revision: expected an integer"),
        (b'"Key" : "/a"\n"Value" : "\\q"\n', "an unknown escape in a quoted string, at line 2"),
        (b'"Key" : "/a"\n"Value" "x"\n', 'expected `"Name" : value`, at line 2'),
    ],
)
def test_damaged_listings_name_the_place(data: bytes, problem: str) -> None:
    with pytest.raises(DecodeError) as caught:
        list(recognise(data))
    assert str(caught.value) == problem


@given(st.binary())
def test_a_quoted_string_of_go_comes_back(data: bytes) -> None:
    letters = {0x22: '\\"', 0x5C: "\\\\", 10: "\\n", 7: "\\a"}
    text = "".join(letters.get(byte, chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}") for byte in data)
    assert unquote(f'"{text}"') == data


def test_escapes_of_go() -> None:
    assert unquote(r'"\u00fc\U0001f600\ufffd\x00\v"') == "ü\U0001f600�\0\v".encode()
    assert unquote('"ü"'.encode().decode("latin-1")) == "ü".encode()
    for bad in ("", '"', "x", '"\\x1"', '"\\ud800"', '"\\U00110000"', '"a"b"', '"\\'):
        with pytest.raises(ValueError, match=r"quot|escape"):
            unquote(bad)


@pytest.mark.parametrize("path", sorted((ETCD / "http").glob("watch-*.pb")), ids=lambda path: path.stem)
def test_watch_streams_in_protobuf_and_json_hold_the_same_events(path: Path) -> None:
    rows = list(recognise(path.read_bytes(), "w"))
    events = [json.loads(line) for line in path.with_suffix(".json").read_bytes().splitlines()]
    assert [row.origin.rpartition(" ")[2] for row in rows] == [f"{event['type']}]" for event in events]
    assert all(row.value.startswith(b"k8s\0") for row in rows)
    objects = [json.loads(row.value) for row in recognise(path.with_suffix(".json").read_bytes())]
    assert objects == [event["object"] for event in events]


def test_a_watch_stream_that_is_cut_off_gives_the_whole_frames_first() -> None:
    data = (ETCD / "http" / "watch-endpoints.pb").read_bytes()
    rows = recognise(data[:-10])
    given_before = [next(rows) for _ in range(len(list(recognise(data))) - 1)]
    assert given_before
    with pytest.raises(DecodeError, match=rf"frame {len(given_before)} of the watch stream is cut off, at byte \d+"):
        next(rows)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda data: data.decode("utf-8", "replace").encode(), "it holds U+FFFD"),
        (lambda data: data.replace(b"\0", b""), "the NUL byte after `k8s` is missing"),
        (lambda data: data.replace(b"\0", b"^@"), "control bytes were written as ^@"),
        (lambda data: data.replace(b"\n", b"\r\n"), "a terminal turned every newline byte into \\r\\n"),
        (lambda data: data.decode("latin-1").encode("utf-16"), "the bytes were rewritten as UTF-16"),
    ],
)
def test_damage_is_named(change, problem: str) -> None:  # type: ignore[no-untyped-def]
    plain = (ETCD / "etcdctl" / "endpoints.plain").read_bytes()
    for data in (plain, plain.partition(b"\n")[2]):
        with pytest.raises(DecodeError) as caught:
            list(recognise(change(data)))
        assert problem in str(caught.value)
        assert "`etcdctl get KEY -w json`" in str(caught.value)


def test_text_with_a_real_replacement_character_is_no_damage() -> None:
    value = JSON_VALUE.replace(b"nightly", "�".encode())
    assert one(value).value == value


def test_a_key_value_shows_no_value() -> None:
    row = KeyValue(b"secret", b"/registry/secrets/a/b", origin="f")
    assert "secret'" not in repr(row)
    assert row.label == "f: /registry/secrets/a/b"
    assert row == KeyValue(b"secret", b"/registry/secrets/a/b", origin="f")
    assert row != KeyValue(b"secret")


LEADS = [b"", b"k8s\0", b"/a\n", b"{", b'{"kvs":', b'"Key" : "', b"\\x6b", b"\0\0\0\x20\x0a\x05ADDED", b"\x0a", b"azhz"]


@given(st.sampled_from(LEADS), st.binary(max_size=200), st.sampled_from([b"", ENDPOINTS, b"\n/b\n" + ENDPOINTS]))
def test_whatever_comes_values_or_an_error_come_out(lead: bytes, data: bytes, end: bytes) -> None:
    try:
        for row in recognise(lead + data + end):
            assert isinstance(row.value, bytes)
    except CodecError:
        pass


def test_deep_json_is_no_recursion_error() -> None:
    data = b'{"kvs":' + b"[" * 100_000
    row = one(data)
    assert row.value == data
    with pytest.raises(DecodeError, match="at byte"):
        decode(row.value)
