"""`k8s-codec decode`: any stored value → YAML, JSON, its name, or its exact bytes."""

from __future__ import annotations

from codec.cli.grammar import Arguments, Command, Option, UsageError
from codec.cli.output import Outcome, collected_warnings, is_terminal, write
from codec.errors import CodecError, NotRegisteredError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from codec.source.key_value import KeyValue

INDENT = 4  # spaces; what kubectl prints with -o json


def run(arguments: Arguments) -> int:
    """Decodes every value of every input; what fails is named, the rest still done."""
    form = arguments.output
    if form != "raw" and arguments.inner:
        raise UsageError("--inner is a part of -o raw", "decode")
    if form == "raw" and arguments.redact:
        raise UsageError("-o raw gives the stored bytes, which --redact cannot change", "decode")
    outcome = Outcome()
    found = _inputs(arguments, outcome)
    if form == "raw":
        _write_raw(list(found), arguments.inner, outcome)
        return outcome.status
    separator = b""
    for row in found:
        try:
            with collected_warnings() as warnings:
                text = _text(row, arguments)
            write(separator + text)
            separator = b"---\n" if form == "yaml" else b""
            for warning in warnings:
                _lost(row, warning, outcome)
        except NotRegisteredError as error:
            outcome.failed(row.label, f"{error}; `decode -o raw` gives its bytes, `inspect` its fields by number")
        except CodecError as error:
            outcome.failed(row.label, error)
    return outcome.status


def _lost(row: KeyValue, warning: str, outcome: Outcome) -> None:
    """A text form of a JSON value shows what the warning is about; that of a protobuf value cannot."""
    from codec.cli.output import say
    from codec.storage import form_of

    if form_of(row.value) == "json":
        say(f"{row.label}: {warning}")
    else:
        outcome.failed(row.label, warning)


def _inputs(arguments: Arguments, outcome: Outcome) -> Iterator[KeyValue]:
    from codec.cli.inputs import key_values

    rows = key_values(arguments.operands, outcome)
    if arguments.etcd_key is None:
        return rows
    found = list(rows)
    if len(found) > 1:
        raise UsageError("--etcd-key names the key of one value, and here are more", "decode")
    for row in found:
        row.key = arguments.etcd_key.encode("utf-8", "surrogateescape")
    return iter(found)


def _text(row: KeyValue, arguments: Arguments) -> bytes:
    """What is printed for a value."""
    form = arguments.output
    if form == "name":
        return _name(row.value)
    if arguments.redact:
        from codec.cli.secrets import redacted_text

        text = redacted_text(row, form, INDENT if arguments.indent is None else arguments.indent)
        if text is not None:
            return text
    if form == "yaml":
        from codec.storage.transcode import storage_to_yaml

        return storage_to_yaml(row.value).encode("utf-8", "surrogateescape")
    from codec.storage.transcode import storage_to_json

    indent = 0 if form == "jsonl" else INDENT if arguments.indent is None else arguments.indent
    return storage_to_json(row.value, indent=indent) + b"\n"


def _name(raw: bytes) -> bytes:
    """`endpoints/platform-mysql`, `deployment.apps/web`: as `kubectl get -o name` prints it."""
    from codec.storage.transcode import storage_to_json
    from codec.text import json_plain, json_reader
    from codec.text.reading import decoded

    tree = json_plain.read(json_reader.Cursor(decoded(storage_to_json(raw))))
    group, slash, _ = tree["apiVersion"].partition("/")
    kind = tree["kind"].lower() + (f".{group}" if slash else "")
    metadata = tree.get("metadata")
    name = metadata.get("name", "") if isinstance(metadata, dict) else ""
    return f"{kind}/{name}\n".encode("utf-8", "surrogateescape")


def _write_raw(rows: list[KeyValue], inner: bool, outcome: Outcome) -> None:
    if len(rows) > 1:
        raise UsageError(f"-o raw gives the bytes of one value, and here are {len(rows)}", "decode")
    for row in rows:
        try:
            data = _inner(row.value) if inner else row.value
        except CodecError as error:
            outcome.failed(row.label, error)
            continue
        if is_terminal():
            raise UsageError("binary is not written to a terminal: redirect it (`> value.bin`), or use `inspect`")
        write(data)


def _inner(raw: bytes) -> bytes:
    """The message in the envelope, as `protoc --decode` takes it."""
    from codec.errors import DecodeError
    from codec.storage import check_readable, read_envelope

    if check_readable(raw) != "protobuf":
        raise DecodeError("the value is stored as JSON: there is no message in it")
    envelope = read_envelope(raw)
    return raw[envelope.start : envelope.end]


COMMAND = Command(
    "decode",
    "stored values → YAML, JSON, names or bytes",
    operands="[FILE…]",
    description="""\
Reads values as etcd holds them and as people have them: bare, as `etcdctl get` prints them (plain, -w json, -w fields,
--hex), as hex or base64 text, as HTTP bodies or watch streams, as `encode -o jsonl` or `encode -d` writes them, and
prints each object whole, as it is stored. Reads stdin where no FILE is named; a folder stands for the files in it.
""",
    options=(
        Option("-o, --output", "the form", choices=("yaml", "json", "jsonl", "name", "raw"), default="yaml"),
        Option("--inner", "with -o raw: the message without its envelope, for `protoc --decode`"),
        Option("--indent", "with -o json: spaces for each level", metavar="N", is_number=True),
        Option("--redact", "put placeholders for the data of Secrets"),
        Option("--etcd-key", "the etcd key of a bare value", metavar="KEY"),
    ),
    examples=(
        ("k8s-codec decode value.bin", "a stored value as YAML"),
        ("etcdctl get /registry/pods/web --prefix -w json | k8s-codec decode -o name", "what a prefix holds"),
        ("k8s-codec decode -o raw --inner value.bin | protoc --decode_raw", "the message, for other tools"),
    ),
    run=run,
)
