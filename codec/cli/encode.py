"""`k8s-codec encode`: manifests → the bytes that an API server would store."""

from __future__ import annotations

from codec.cli.grammar import Arguments, Command, Option, UsageError
from codec.cli.output import Outcome, collected_warnings, is_terminal, say, write
from codec.errors import CodecError, EncodeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from codec.source.manifests import Manifest


class Encoded:
    """An object on its way: the label of its messages, the object, its bytes and its key."""

    __slots__ = ("key", "label", "obj", "value")

    def __init__(self, label: str, obj: Any) -> None:
        self.label = label
        self.obj = obj
        self.value = b""
        self.key = ""


def run(arguments: Arguments) -> int:
    """Encodes every object of every input; writes them only if all of them could be encoded."""
    if arguments.directory is not None and arguments.output is not None:
        raise UsageError("-o and -d exclude each other", "encode")
    outcome = Outcome()
    found = _objects(arguments, outcome)
    needs_keys = arguments.output == "jsonl" or arguments.directory is not None
    if len(found) > 1 and not needs_keys and outcome.status == 0:
        problem = f"bare bytes are those of one object, and here are {len(found)}: use -o jsonl, or -d FOLDER"
        raise UsageError(problem, "encode")
    if not found and outcome.status == 0:
        raise UsageError("no object in the input", "encode")
    base = _base(arguments, found, outcome) if arguments.base is not None else None
    plurals = _plurals(found)
    for row in found:
        try:
            _encode(row, base, arguments)
            if needs_keys:
                row.key = _key(row, plurals, arguments.prefix)
        except CodecError as error:
            outcome.failed(row.label, error)
    if needs_keys:
        _refuse_repeated_keys(found, outcome)
    if outcome.status:
        say("nothing was written")
        return outcome.status
    try:
        _write(found, arguments)
    except CodecError as error:
        outcome.failed("", error)
    return outcome.status


def _objects(arguments: Arguments, outcome: Outcome) -> list[Encoded]:
    """Reads every object; what the API server would say about it goes to stderr."""
    from codec.cli.inputs import contents
    from codec.source.manifests import manifests

    found = []
    for label, data in contents(arguments.operands, outcome):
        try:
            for manifest in manifests(data, label):
                try:
                    found.append(_read(manifest, arguments.allow_unknown))
                except CodecError as error:
                    outcome.failed(label, error)
        except CodecError as error:
            outcome.failed(label, error)
    return found


def _read(manifest: Manifest, allow_unknown: bool) -> Encoded:
    from codec.cli.stored import clear, doubts, name_of, refuse_placeholders

    refuse_placeholders(manifest.text)
    with collected_warnings() as warnings:
        obj = manifest.read(allow_unknown)
    label = f"{manifest.origin}: {obj.kind} {'/'.join(part for part in name_of(obj) if part)}".rstrip()
    for doubt in (*warnings, *doubts(obj)):
        say(f"{label}: {doubt}")
    clear(obj)
    return Encoded(label, obj)


def _base(arguments: Arguments, found: list[Encoded], outcome: Outcome) -> Any:
    """The object of --base."""
    from codec.cli.inputs import key_values
    from codec.storage import decode

    if len(found) != 1:
        raise UsageError(f"--base belongs to one object, and here are {len(found)}", "encode")
    rows = list(key_values((arguments.base,), outcome))
    if outcome.status:
        return None
    if len(rows) != 1:
        raise UsageError(f"--base is one stored value, and {arguments.base} holds {len(rows)}", "encode")
    try:
        return decode(rows[0].value)
    except CodecError as error:
        outcome.failed(rows[0].label, error)
        return None


def _encode(row: Encoded, base: Any, arguments: Arguments) -> None:
    from codec.storage import encode

    if base is not None:
        from codec.change.carry_over import carry_over
        from codec.cli.stored import name_of

        if name_of(row.obj) != name_of(base):
            raise EncodeError(f"--base is another object: {'/'.join(part for part in name_of(base) if part)}")
        row.obj, lost = carry_over(row.obj, base)
        if lost:
            say(f"{row.label}: {lost} unknown field{'s' * (lost > 1)} of the base found no place in the object")
    row.value = encode(row.obj, form=arguments.form)


def _plurals(found: list[Encoded]) -> dict[tuple[str, str], str]:
    """(group, kind) → plural, as the CustomResourceDefinitions among the objects say."""
    plurals = {}
    for row in found:
        if row.obj.kind == "CustomResourceDefinition" and (spec := getattr(row.obj, "spec", None)) is not None:
            plurals[spec.group, spec.names.kind] = spec.names.plural
    return plurals


def _key(row: Encoded, plurals: dict[tuple[str, str], str], prefix: str) -> str:
    from codec.storage.keys import is_custom, key
    from codec.storage.resources import group_of

    obj = row.obj
    plural = plurals.get((group_of(obj.apiVersion), obj.kind), "")
    found = key(obj, prefix, resource=plural)
    if not plural and is_custom(obj.apiVersion, obj.kind):
        say(f"{row.label}: the plural of {obj.kind} is guessed: {found}; its CustomResourceDefinition would tell")
    return found


def _refuse_repeated_keys(found: list[Encoded], outcome: Outcome) -> None:
    seen = set()
    for row in found:
        if row.key and row.key in seen:
            outcome.failed(row.label, f"a second object with the key {row.key}")
        seen.add(row.key)


def _write(found: list[Encoded], arguments: Arguments) -> None:
    if arguments.directory is not None:
        from codec.source.files import write_values

        write_values(arguments.directory, [(row.key, row.value) for row in found])
    elif arguments.output == "jsonl":
        from binascii import b2a_base64

        from codec.text.json_writer import dump

        for row in found:
            value = b2a_base64(row.value, newline=False).decode("ascii")
            write(dump({"key": row.key, "value": value}) + b"\n")
    elif is_terminal():
        raise UsageError("binary is not written to a terminal: redirect it (`> value.bin`), or use -o jsonl")
    else:
        write(found[0].value)


COMMAND = Command(
    "encode",
    "manifests in YAML or JSON → stored bytes",
    operands="[FILE…]",
    description="""\
Writes each object as an API server would store it: protobuf, or JSON for custom resources, CustomResourceDefinitions
and APIServices. Takes several documents, and lists apart. Clears resourceVersion and selfLink, as the API server does;
changes nothing else: no defaults, no uid, no other version. Writes nothing unless all objects can be encoded.
Reads stdin where no FILE is named.
""",
    options=(
        Option(
            "-o, --output",
            "raw: the bytes of one object; jsonl: a line of key and value for each",
            choices=("raw", "jsonl"),
        ),
        Option("-d, --directory", "a file for each object, named by its key", metavar="FOLDER"),
        Option("--base", "the old stored value: carries over what its text could not show", metavar="FILE"),
        Option("--form", "another form than the API server would choose", choices=("protobuf", "json")),
        Option("--allow-unknown", "leave out keys that the schema does not know, instead of refusing them"),
        Option(
            "--prefix",
            "what the keys begin with (--etcd-prefix of the API server)",
            metavar="PREFIX",
            default="/registry",
        ),
    ),
    examples=(
        ("k8s-codec encode endpoints.yaml > value.bin", "one object"),
        ("k8s-codec encode -o jsonl manifests/*.yaml > values.jsonl", "many, each with its key"),
        ("k8s-codec encode --base old.bin edited.yaml > new.bin", "keeps what the YAML did not show"),
    ),
    run=run,
)
