"""`k8s-codec inspect`: what each byte of a value is, as a tree; up to the place of an error, and without a schema."""

from __future__ import annotations

from codec.cli.grammar import Arguments, Command, Option, UsageError
from codec.cli.output import FAILED, Outcome, is_terminal, printable, say, write
from codec.errors import CodecError, DecodeError, NotRegisteredError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from codec.cli.tree import Tree
    from codec.message.annotate import Row, Walk
    from codec.schema import MessageSchema
    from codec.source.key_value import KeyValue


def run(arguments: Arguments) -> int:
    """Prints the tree of every value of the input; status 3 where one does not decode."""
    from codec.cli.tree import Tree

    outcome = Outcome()
    colored = arguments.color == "always" or (arguments.color == "auto" and is_terminal() and _wants_color())
    rows = list(_inputs(arguments, outcome))
    for row in rows:
        if len(rows) > 1:
            write(f"# {printable(row.label)}\n")
        if arguments.etcd_key is not None:
            row.key = arguments.etcd_key.encode("utf-8", "surrogateescape")
        tree = Tree(row.value, colored)
        if not _inspect(row, tree, arguments):
            outcome.status = FAILED
    return outcome.status


def _wants_color() -> bool:
    """https://no-color.org"""
    import os

    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _inputs(arguments: Arguments, outcome: Outcome) -> Iterator[KeyValue]:
    """The values in the input; what cannot be told apart is looked at as it is."""
    from codec.cli.inputs import contents
    from codec.source.key_value import KeyValue
    from codec.source.recognise import recognise

    for label, data in contents(arguments.operands, outcome):
        if arguments.message is not None and not data.startswith(b"k8s\0"):
            yield KeyValue(data, origin=label)
            continue
        try:
            yield from recognise(data, label)
        except CodecError as error:
            outcome.failed(label, error)
            key, newline, value = data.partition(b"\n") if data.startswith(b"/") else (None, b"", data)
            yield KeyValue(value if newline else data, key, origin=label)


def _inspect(row: KeyValue, tree: Tree, arguments: Arguments) -> bool:
    """Prints one value; False if it does not decode."""
    from codec.storage import MAGIC, form_of

    form = form_of(row.value)
    if arguments.message is None and form in ("json", "yaml", "cbor", "encrypted"):
        from codec.cli.headers import describe

        return describe(row.value, form, tree)
    if row.value.startswith(MAGIC):
        return _inspect_envelope(row, tree, arguments)
    schema = None if arguments.message is None else _message(arguments.message)
    tree.header()
    return _print(_walk(row, arguments, schema is None).message(schema, 0, len(row.value)), tree, row)


def _inspect_envelope(row: KeyValue, tree: Tree, arguments: Arguments) -> bool:
    from codec.schema import builtin
    from codec.storage import MAGIC

    schema = None
    api_version, kind = _kind(row.value)
    if arguments.message is not None:
        schema = _message(arguments.message)
    elif not arguments.no_schema:
        schema = builtin().find(api_version, kind)
        if schema is None and kind:
            say(f"{row.label}: {api_version} {kind} is not registered: fields are shown by number")
    tree.header()
    tree.line(0, len(MAGIC), "", "magic")
    is_open = schema is not None or (bool(kind) and "Secret" not in kind and kind != "List")
    walk = _walk(row, arguments, not is_open)
    if not _print(walk.envelope(schema, len(MAGIC)), tree, row):
        return False
    error = None if arguments.message is not None else _whole_error(row.value)
    if error is not None:  # what only a whole decoding notices
        tree.error(error)
    return error is None


def _kind(raw: bytes) -> tuple[str, str]:
    """apiVersion and kind of an envelope, as far as it can be read."""
    from codec.message.annotate import RAW, Walk
    from codec.storage import MAGIC, read_envelope

    found = {"apiVersion": "", "kind": ""}
    try:
        envelope = read_envelope(raw)
    except DecodeError:
        try:
            for row in Walk(raw).envelope(None, len(MAGIC)):
                if row.depth == 0 and row.number == RAW:
                    break
                if row.depth == 1 and row.name in found:
                    found[row.name] = row.value
        except DecodeError:
            pass  # the walk that is printed comes to the same place
        return found["apiVersion"], found["kind"]
    return envelope.api_version, envelope.kind


def _walk(row: KeyValue, arguments: Arguments, is_unknown: bool) -> Walk:
    """Hides what may be a Secret: by key, and where neither kind nor key tells."""
    from codec.cli.secrets import is_secret_key
    from codec.message.annotate import DATA, EVERYTHING, NOTHING, Walk

    hide = NOTHING
    if is_secret_key(row.key):
        hide = EVERYTHING if is_unknown else DATA
    elif is_unknown and row.key is None:
        hide = EVERYTHING
    return Walk(row.value, hide, arguments.show_secrets)


def _print(rows: Iterator[Row], tree: Tree, row: KeyValue) -> bool:
    try:
        for each in rows:
            tree.row(each)
    except DecodeError as error:
        tree.error(_whole_error(row.value) or error)
        return False
    return True


def _whole_error(raw: bytes) -> DecodeError | None:
    """The error of decoding the whole value, which names the path."""
    from codec.storage import MAGIC, unwrap

    if raw.startswith(MAGIC):
        try:
            unwrap(raw)
        except DecodeError as error:
            return error
    return None


def _message(name: str) -> MessageSchema:
    """The schema of a full protobuf name, or of `apiVersion/Kind`."""
    from codec.schema import builtin

    api_version, _, kind = name.rpartition("/")
    found = builtin().find(api_version, kind)
    if found is not None:
        return found
    try:
        return builtin().message(name)
    except NotRegisteredError as error:
        raise UsageError(f"{error}: `k8s-codec kinds -o wide` lists them", "inspect") from None


COMMAND = Command(
    "inspect",
    "the annotated bytes of a value, as a tree",
    operands="[FILE…]",
    description="""\
Prints for each field its offset, its bytes, its wire type (a length stands before strings, bytes and messages), its
number, name, type and value. Shows unknown fields, and the place of an error with everything before it. Without a
schema, what a field may be is guessed, and marked with `?`. Takes what `decode` takes, and a message without envelope.
Hides the data of Secrets, by kind and by key, and every text where neither is known.
Reads stdin where no FILE is named.
""",
    options=(
        Option("--message", "read the message as this one: a full name, or apiVersion/Kind", metavar="NAME"),
        Option("--no-schema", "show fields by number alone"),
        Option("--show-secrets", "hide nothing"),
        Option("--etcd-key", "the etcd key of a bare value", metavar="KEY"),
        Option("--color", "when to color", choices=("auto", "always", "never"), default="auto"),
    ),
    examples=(
        ("k8s-codec inspect value.bin", "every byte of a stored value"),
        ("k8s-codec inspect --message v1/Endpoints inner.bin", "a message without its envelope"),
        ("k8s-codec inspect --no-schema value.bin", "by field numbers, as protoc --decode_raw"),
    ),
    run=run,
)
