"""`k8s-codec export`: every object of a source as text, in one stream or in a folder with a file for each."""

from __future__ import annotations

from codec.cli.get import CLEAN_OPTIONS, REDACT_OPTION, Texts, is_object
from codec.cli.grammar import Arguments, Command, Option, UsageError
from codec.cli.output import Outcome, say
from codec.cli.progress import Progress
from codec.cli.sources import DESCRIPTION, OPERANDS, SOURCE_OPTIONS, count_ahead, nothing_found, opened, selection
from codec.errors import CodecError, EncryptedError, SourceError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from codec.query.select import Row, Selection
    from codec.source.folder import Folder

YAML, JSONL = FORMS = ("yaml", "jsonl")


def run(arguments: Arguments) -> int:
    """Writes what is selected; what cannot be decoded is named, and kept as its exact bytes in a folder."""
    if arguments.directory is not None and arguments.output == JSONL:
        raise UsageError("-d writes YAML files: leave -o jsonl out", "export")
    if arguments.keep is not None and not arguments.clean:
        raise UsageError("--keep says what --clean leaves in", "export")
    outcome = Outcome()
    with opened(arguments, outcome) as source:
        if not arguments.no_verify:
            source.verify()
        found = selection(arguments, source, outcome)
        rows = _Rows(found)
        progress = Progress(objects=count_ahead(found), writes_meanwhile=arguments.directory is None)
        with _texts(arguments, outcome) as texts, progress:
            for row in progress.over(rows, lambda row: len(row.raw)):
                texts.write(row)
        rows.say_what_was_left_out()
        nothing_found(found, rows.count + len(rows.left_out), outcome)
    return outcome.status


def _texts(arguments: Arguments, outcome: Outcome) -> Texts:
    if arguments.directory is None:
        return Texts(arguments, outcome)
    from codec.source.folder import Folder

    return _Files(arguments, outcome, Folder(arguments.directory))


class _Rows:
    """The rows of a selection, without records that are no objects of the API, unless words asked for them.

    count: of the rows; left_out: of the others, by resource, or by key where they are of none.
    """

    def __init__(self, found: Selection) -> None:
        self._found = found
        self.count = 0
        self.left_out: dict[str, int] = {}

    def __iter__(self) -> Iterator[Row]:
        from codec.query.identity import NAMELESS

        for row in self._found.rows(in_key_order=True):
            if self._found.everything and (row.type is not None and row.type.path in NAMELESS):
                self._leave_out(row.type.full)
            elif row.type is None and not is_object(row):
                self._leave_out(row.label)
            else:
                self.count += 1
                yield row

    def _leave_out(self, what: str) -> None:
        self.left_out[what] = self.left_out.get(what, 0) + 1

    def say_what_was_left_out(self) -> None:
        if self.left_out:
            named = [f"{what} ({count})" if count > 1 else what for what, count in self.left_out.items()]
            more = f" and {len(named) - NAMED} more" if len(named) > NAMED else ""
            say(f"left out, because no objects of the API: {', '.join(named[:NAMED])}{more}")


NAMED = 10  # of what is left out


class _Files(Texts):
    """Writes each object into a file of its own; one that has no text as its exact bytes."""

    def __init__(self, arguments: Arguments, outcome: Outcome, folder: Folder) -> None:
        super().__init__(arguments, outcome)
        self._folder = folder

    def put(self, row: Row, text: bytes) -> None:
        try:
            self._folder.write(_path(row, ".yaml"), text)
        except SourceError as error:
            self.outcome.failed(row.label, error)

    def refused(self, row: Row, error: CodecError) -> None:
        if self.is_redacted and _is_secret(row) and not isinstance(error, EncryptedError):
            self.outcome.failed(row.label, f"{error}; its bytes are not written, because of --redact")
            return
        path = _path(row, ".bin")
        try:
            self._folder.write(path, row.raw)
        except SourceError as other:
            self.outcome.failed(row.label, f"{error}; {other}")
        else:
            self.outcome.failed(row.label, f"{error}; its bytes are in {'/'.join(path)}")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
        self._folder.__exit__(kind, error, trace)
        super().__exit__(kind, error, trace)


def _path(row: Row, suffix: str) -> list[str]:
    from codec.source.folder import relative_path

    if row.type is None:
        return relative_path("", "", row.name, suffix)
    return relative_path(row.namespace, row.type.full, row.name, suffix)


def _is_secret(row: Row) -> bool:
    """Whether a value may be a Secret, by its key, or where that tells nothing by its bytes."""
    from codec.cli.secrets import is_secret_key

    return is_secret_key(row.stored.key) or (row.type is None and b"Secret" in row.raw)


COMMAND = Command(
    "export",
    "every object as text, in one stream or a file each",
    operands=OPERANDS,
    description=f"""\
Writes objects whole, with the resourceVersion that the API shows; `encode` makes the stored bytes of them again. With
-d into a new or empty folder, as <namespace>/<plural.group>/<name>.yaml, with _cluster for objects without namespace.
Names are percent-encoded where they have to be; a file system should tell small letters from capitals. Files belong
to their owner alone, and stand there only when whole. A value that cannot be decoded, an encrypted one too, becomes
<name>.bin with its exact bytes, and is named on stderr. A snapshot is compared with its checksum first. Records that
API servers keep for themselves (masterleases, peerserverleases, ranges, compact_rev_key) are left out unless they are
asked for.

{DESCRIPTION}""",
    options=(
        Option("-o, --output", "the form of the stream", choices=FORMS, default=YAML),
        Option("-d, --directory", "a file for each object in this folder", metavar="FOLDER"),
        REDACT_OPTION,
        *CLEAN_OPTIONS,
        Option("--no-verify", "do not compare a snapshot with its checksum"),
        *(option for option in SOURCE_OPTIONS if option.name != "verify"),
    ),
    examples=(
        ("k8s-codec export backup.db -d objects", "everything, a file each"),
        ("k8s-codec export backup.db -o jsonl | gzip > objects.jsonl.gz", "everything, a line each"),
        ("k8s-codec export backup.db -n biz --clean > biz.yaml", "manifests of a namespace, for another cluster"),
    ),
    run=run,
)
