"""`k8s-codec get`: the objects of a source, as a table, as text, or as their exact bytes."""

from __future__ import annotations

from codec.cli.blocks import Blocks
from codec.cli.grammar import Arguments, Command, Option, UsageError, suggestion
from codec.cli.output import Outcome, is_terminal, say, watched_warnings, write
from codec.cli.progress import Progress
from codec.cli.sources import DESCRIPTION, OPERANDS, SOURCE_OPTIONS, nothing_found, opened, selection
from codec.errors import CodecError, DecodeError, NotRegisteredError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from codec.query.select import Row, Selection

INDENT = 4  # spaces; what kubectl prints with -o json
TABLES = ("table", "wide")
# What -o json puts around several objects.
LIST_START, LIST_END = (
    b'{\n    "apiVersion": "v1",\n    "items": [',
    b'],\n    "kind": "List",\n    "metadata": {\n        "resourceVersion": ""\n    }\n}\n',
)
ITEM_PAD = b"\n" + b" " * INDENT * 2

CLEAN_OPTIONS = (
    Option("--clean", "manifests for `kubectl apply` elsewhere: without status, uid and whatever a cluster assigns"),
    Option("--keep", "with --clean: fields to keep, with commas in between", metavar="FIELD,…"),
)
REDACT_OPTION = Option("--redact", "put placeholders for the data of Secrets")
NOW_OPTION = Option("--now", "count ages to this moment: 2026-07-01T12:00:00Z", metavar="TIME")


def run(arguments: Arguments) -> int:
    """Prints what is asked for; what cannot be decoded is named, the rest still done."""
    form = arguments.output
    _check(arguments)
    outcome = Outcome()
    with opened(arguments, outcome) as source:
        found = selection(arguments, source, outcome)
        rows = _Rows(found, outcome)
        if form in TABLES:
            _tables(rows, arguments)
        elif form == "raw":
            _raw(rows)
        else:
            objects, is_list = _as_list(rows, found) if form == "json" else (iter(rows), False)
            with Progress() as progress, Texts(arguments, outcome, as_list=is_list) as texts:
                for row in progress.over(objects, _size):
                    texts.write(row)
        nothing_found(found, rows.count, outcome)
    return outcome.status


def _size(row: Row) -> int:
    return len(row.raw)


def _check(arguments: Arguments) -> None:
    form = arguments.output
    if form in (*TABLES, "name", "raw"):
        for name in ("clean", "redact"):
            if getattr(arguments, name):
                raise UsageError(f"--{name} goes with -o yaml, json or jsonl", "get")
    if arguments.keep is not None and not arguments.clean:
        raise UsageError("--keep says what --clean leaves in", "get")
    for name in ("now", "show_labels", "no_headers"):
        if getattr(arguments, name) not in (None, False) and form not in TABLES:
            raise UsageError(f"--{name.replace('_', '-')} goes with tables", "get")
    if arguments.all_namespaces and arguments.namespace is not None:
        raise UsageError("-n and -A exclude each other", "get")


def kept_fields(arguments: Arguments) -> tuple[str, ...]:
    """What --keep names. UsageError for a word that names nothing that --clean takes out."""
    words = tuple(word for word in (arguments.keep or "").split(",") if word)
    if words:
        from codec.change.clean import names_to_keep

        names = names_to_keep()
        for word in words:
            if word not in names:
                hint = suggestion(word, names)
                raise UsageError(f"--clean takes out no {word!r} that --keep could leave in{hint}", arguments.command)
    return words


def _is_single(found: Selection) -> bool:
    """Whether one key was asked for."""
    return found.single is not None and found.single.exact


def _as_list(rows: Iterable[Row], found: Selection) -> tuple[Iterator[Row], bool]:
    """The rows, and whether they are a list: one name is no list, unless several namespaces have an object of it."""
    from itertools import chain, islice

    waiting = iter(rows)
    if found.single is None or not (found.single.exact or found.single.name):
        return waiting, True
    first = list(islice(waiting, 2))
    return chain(first, waiting), len(first) > 1


class _Rows:
    """The rows of a selection, counted; keys of no object only where they were asked for by name."""

    def __init__(self, found: Selection, outcome: Outcome) -> None:
        self.found = found
        self.outcome = outcome
        self.count = 0

    def __iter__(self) -> Iterator[Row]:
        for row in self.found.rows():
            if row.type is None and not is_object(row) and not _is_single(self.found):
                continue
            self.count += 1
            yield row


def is_object(row: Row) -> bool:
    """Whether a key, or the value under it, is that of an object. `compact_rev_key` is none, nor k3s's `health`."""
    from codec.storage import form_of

    if row.type is not None:
        return True
    form = form_of(row.raw)
    if form not in ("json", "yaml"):
        return form != ""
    try:
        return bool(row.metadata.api_version and row.metadata.kind)
    except CodecError:
        return False


class Texts:
    """Context manager that prints objects as yaml, json, jsonl or name, by the options -o, --redact, --clean, --keep.

    as_list: as the items of a List, where the form is json. An object that cannot be printed is a failure; one that
    contradicts its key is printed with a warning.
    """

    def __init__(self, arguments: Arguments, outcome: Outcome, *, as_list: bool = False) -> None:
        self.form = arguments.output
        self.is_redacted = arguments.redact
        self.is_clean = arguments.clean
        self.kept = kept_fields(arguments)
        self.outcome = outcome
        self.as_list = as_list
        self._blocks = Blocks()
        self._warnings = watched_warnings()
        self._count = 0

    def __enter__(self) -> Texts:
        self._warnings.__enter__()
        if self.as_list:
            self._blocks.write(LIST_START)
        return self

    def write(self, row: Row) -> None:
        """Prints a row."""
        from codec.query.identity import difference

        try:
            text = self._text(row)
            differs = "" if self.form == "name" else difference(row)
        except CodecError as error:
            self._blocks.flush()
            self.refused(row, error)
            return
        self.put(row, text)
        self._count += 1
        for warning in self._warnings.take():
            self._blocks.flush()
            lost(row, warning, self.outcome)
        if differs:
            self._blocks.flush()
            say(f"{row.label}: the object says that its {differs}; its key is what counts")

    def put(self, row: Row, text: bytes) -> None:
        """Where the text of an object goes."""
        if self.as_list:
            separator = b"," if self._count else b""
            self._blocks.write(separator + ITEM_PAD + text[:-1].replace(b"\n", ITEM_PAD))
        else:
            self._blocks.write(b"---\n" + text if self._count and self.form == "yaml" else text)

    def refused(self, row: Row, error: CodecError) -> None:
        """What becomes of an object that has no text."""
        self.outcome.failed(row.label, _advised(error))

    def _text(self, row: Row) -> bytes:
        if self.form == "name":
            return _name(row)
        version = str(row.stored.mod_revision or "")
        indent = INDENT if self.form == "json" else 0
        if self.is_clean or self.is_redacted:
            text = self._changed_text(row, version, indent)
            if text is not None:
                return text
        from codec.storage.transcode import storage_to_json, storage_to_yaml

        if self.form == "yaml":
            return storage_to_yaml(row.raw, resource_version=version).encode("utf-8", "surrogateescape")
        return storage_to_json(row.raw, indent=indent, resource_version=version) + b"\n"

    def _changed_text(self, row: Row, version: str, indent: int) -> bytes | None:
        """The text of an object that options change; None for one that they do not."""
        from codec.cli.secrets import redacted_text

        if not self.is_clean:
            return redacted_text(row.stored, self.form, indent, version)
        from codec.change.clean import clean
        from codec.change.redact import redact, redact_secret

        tree: dict[str, Any] = row.tree()
        if self.is_redacted:
            tree = redact_secret(tree) if row.resource == "secrets" and not row.group else redact(tree)
        tree = clean(tree, keep=self.kept)
        if self.form == "yaml":
            from codec.text.yaml_writer import dump as dump_yaml

            return dump_yaml(tree).encode("utf-8", "surrogateescape")
        from codec.text.json_writer import dump

        return dump(tree, indent) + b"\n"

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
        self._warnings.__exit__()
        if self.as_list and error is None:
            self._blocks.write((ITEM_PAD[:-INDENT] if self._count else b"") + LIST_END)
        self._blocks.__exit__(kind, error, trace)


def _advised(error: CodecError) -> str:
    if isinstance(error, NotRegisteredError):
        return f"{error}; `get -o raw` gives its bytes, `inspect` its fields by number"
    return str(error)


def lost(row: Row, warning: str, outcome: Outcome) -> None:
    """A text form of a JSON value shows what the warning is about; that of a protobuf value cannot: a failure."""
    from codec.storage import form_of

    if form_of(row.raw) == "json":
        say(f"{row.label}: {warning}")
    else:
        outcome.failed(row.label, warning)


def _name(row: Row) -> bytes:
    """`endpoints/platform-mysql`, `deployment.apps/web`: as `kubectl get -o name` prints it."""
    if row.type is not None and row.kind:
        return f"{row.type.singular}/{row.name}\n".encode("utf-8", "surrogateescape")
    place = row.place
    if not (place.kind or row.metadata.kind):
        raise DecodeError("the value is no object: it has no kind")
    kind = (place.kind or row.metadata.kind).lower()
    named = f"{kind}.{place.group}" if place.group else kind
    return f"{named}/{place.name}\n".encode("utf-8", "surrogateescape")


def _raw(rows: Iterable[Row]) -> None:
    waiting = iter(rows)
    first = next(waiting, None)
    if first is None:
        return
    if next(waiting, None) is not None:
        raise UsageError("-o raw gives the bytes of one value, and here are several: `export` writes many", "get")
    if is_terminal():
        raise UsageError("binary is not written to a terminal: redirect it (`> value.bin`), or use `inspect`", "get")
    write(first.raw)


def _tables(rows: _Rows, arguments: Arguments) -> None:
    from codec.query.identity import difference
    from codec.query.table import printed

    def checked() -> Iterator[Row]:
        for row in rows:
            try:
                differs = difference(row)
            except CodecError:
                differs = ""  # the table's own reading says what is wrong
            if differs:
                say(f"{row.label}: the object says that its {differs}; its key is what counts")
            yield row

    def failed(row: Row, error: CodecError) -> None:
        rows.outcome.failed(row.label, error)

    with (
        Progress() as progress,
        watched_warnings(),
    ):  # a table shows so little of an object that what it leaves out is no loss
        counted: Iterator[Row] = progress.over(checked(), _size)
        for piece in printed(
            counted,
            wide=arguments.output == "wide",
            namespaces=arguments.namespace is None,
            now=moment(arguments),
            show_labels=arguments.show_labels,
            headers=not arguments.no_headers,
            definitions=rows.found.catalog.definitions,
            failed=failed,
        ):
            write(piece)


def moment(arguments: Arguments) -> int | None:
    """What --now gives, in nanoseconds since 1970."""
    if arguments.now is None:
        return None
    from codec.query.age import moment as parsed

    try:
        return parsed(arguments.now)
    except ValueError:
        raise UsageError(
            f"--now takes a time such as 2026-07-01T12:00:00Z, not {arguments.now!r}", arguments.command
        ) from None


COMMAND = Command(
    "get",
    "the objects of a source: a table, YAML, JSON, or exact bytes",
    operands=OPERANDS,
    description=f"""\
{DESCRIPTION}
Objects are given whole, with the resourceVersion that the API shows, unless --redact or --clean say otherwise. What
type, namespace and name an object has is told by its key; where the object itself says otherwise, a warning says so.
Tables are those of kubectl.
""",
    options=(
        Option(
            "-o, --output",
            "the form",
            choices=("table", "wide", "yaml", "json", "jsonl", "name", "raw"),
            default="table",
        ),
        *SOURCE_OPTIONS,
        Option("-A, --all-namespaces", "objects of all namespaces, as without -n"),
        REDACT_OPTION,
        *CLEAN_OPTIONS,
        NOW_OPTION,
        Option("--show-labels", "in tables: a column of labels"),
        Option("--no-headers", "in tables: no line of headings"),
    ),
    examples=(
        ("k8s-codec get snapshot.db endpoints platform-mysql -n biz-prod-qe2bu3", "one object, as a table"),
        ("k8s-codec get snapshot.db po,svc -l app=web -o yaml", "Pods and Services with a label, whole"),
        ("k8s-codec get /var/lib/etcd /registry/secrets/web/tls -o raw > value.bin", "the stored bytes of a key"),
        ("k8s-codec get snapshot.db deploy --clean -o yaml | kubectl apply -f -", "into another cluster"),
    ),
    run=run,
)
