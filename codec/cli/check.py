"""`k8s-codec check`: whether a source is sound, what a storage migration would touch, and what is encrypted how."""

from __future__ import annotations

from codec.cli.grammar import Arguments, Command, Option
from codec.cli.output import NO, Outcome, printable, write
from codec.cli.sources import DESCRIPTION, OPERANDS, SOURCE_OPTIONS, count_ahead, nothing_found, opened, selection
from codec.errors import SourceError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from codec.query.encryption import Encryption
    from codec.query.integrity import Finding, Values
    from codec.query.select import Selection
    from codec.query.stored_versions import Stored, StoredVersions

REVISIONS_NAMED = 5  # of a key, in one line


def run(arguments: Arguments) -> int:
    """Checks everything, and says what is wrong as it is found; status 1 if anything is."""
    try:
        return _run(arguments)
    except SourceError as error:
        from codec.query.integrity import is_busy

        if arguments.operands and not is_busy(error):
            _tell_damage(arguments)
        raise


def _tell_damage(arguments: Arguments) -> None:
    """Of a database that cannot be opened or read on: every page that is damaged, and how much is left."""
    from codec.query.integrity import STRUCTURE, Finding
    from codec.source.damage import survey

    try:
        found = survey(arguments.operands[0])
    except SourceError:
        return  # no file of a database: what was said about it is all
    report = _Report(arguments.output == "jsonl")
    for problem in found.problems:
        report.tell(Finding(STRUCTURE, problem, wrong=True))
    if found.lost:
        report.tell(Finding(STRUCTURE, f"and {found.lost} pages more", wrong=True))
    left = f"{found.pages} pages can be read, and {found.records} records in them"
    report.tell(Finding(STRUCTURE, left))


def _run(arguments: Arguments) -> int:
    outcome = Outcome()
    with opened(arguments, outcome) as source:
        selected = selection(arguments, source, outcome)
        report = _Report(arguments.output == "jsonl")
        report.head(selected)
        is_whole = selected.everything and not selected.namespace and not selected.labels
        if is_whole:
            from codec.query.integrity import examine_database

            for finding in examine_database(source):
                report.tell(finding)
        count = _check_values(selected, report)
        if not is_whole:
            nothing_found(selected, count, outcome)
    if report.faults and not outcome.status:
        outcome.status = NO
    return outcome.status


def _check_values(selected: Selection, report: _Report) -> int:
    """Checks each value; gives their number."""
    from codec.cli.progress import Progress
    from codec.query.encryption import Encryption
    from codec.query.integrity import Values
    from codec.query.stored_versions import StoredVersions

    values, encryption = Values(), Encryption()
    versions = StoredVersions(selected.catalog)
    with Progress(objects=count_ahead(selected), writes_meanwhile=False) as progress:
        for row in progress.over(selected.rows(in_key_order=True), lambda row: len(row.raw)):
            for finding in values.examine(row):
                progress.clear()
                report.tell(finding)
            versions.add(row)
            encryption.add(row)
    report.conclude(values, versions, encryption, selected)
    return values.total


class _Report:
    """Prints findings as they come, then the tables. `faults`: how many of them are faults."""

    def __init__(self, for_programs: bool) -> None:
        self.for_programs = for_programs
        self.faults = 0

    def head(self, selected: Selection) -> None:
        """The source itself."""
        source = selected.source
        if self.for_programs:
            self._line(
                {
                    "source": source.name,
                    "form": source.form,
                    "revision": source.revision,
                    "compactRevision": source.compact_revision,
                }
            )
        else:
            since = f"history from {source.compact_revision}" if source.compact_revision else "all history"
            write(f"{source.form}, revision {source.revision}, {since}\n")

    def tell(self, finding: Finding) -> None:
        """A finding, at once."""
        self.faults += finding.wrong
        if self.for_programs:
            line: dict[str, object] = {"check": finding.check, "wrong": finding.wrong}
            if finding.place:
                line["key"] = finding.place
            self._line({**line, "text": finding.text})
            return
        place = f"{finding.place}: " if finding.place else ""
        write(f"{'WRONG' if finding.wrong else 'ok   '}  {finding.check:<10}  {printable(place + finding.text)}\n")

    def conclude(self, values: Values, versions: StoredVersions, encryption: Encryption, selected: Selection) -> None:
        """What all values together tell."""
        from codec.query.integrity import VALUE, Finding

        self.tell(Finding(VALUE, _counts(values)))
        for finding in _of_encryption(encryption, selected):
            self.tell(finding)
        stored = versions.rows()
        for finding in _undefined(stored):
            self.tell(finding)
        if self.for_programs:
            for each in stored:
                self._line(_stored_line(each))
            for row in encryption.rows():
                self._line(
                    {
                        "encryption": row.resource,
                        "provider": row.provider,
                        "key": row.key_name,
                        "values": row.count,
                    }
                )
            self._line({"faults": self.faults})
            return
        write("".join(_migrations(stored)))
        write("".join(_forms(stored)))
        write("".join(_providers(encryption)))
        write(f"\n{_faults(self.faults)}\n")

    def _line(self, tree: dict[str, object]) -> None:
        from codec.text.json_writer import dump

        write(dump(tree) + b"\n")


def _counts(values: Values) -> str:
    parts = [f"{values.read} decode"]
    for count, what in (
        (values.failed, "do not"),
        (values.encrypted, "are encrypted"),
        (values.unregistered, "are of kinds that are not registered"),
        (values.not_objects, "are no objects"),
    ):
        if count:
            parts.append(f"{count} {what}")
    return ", ".join(parts)


def _of_encryption(encryption: Encryption, selected: Selection) -> Iterator[Finding]:
    """What lies in clear although it should not."""
    from codec.query.integrity import ENCRYPTION, Finding, key_text

    for resource, clear, hidden in encryption.left_in_clear():
        yield Finding(ENCRYPTION, f"{resource}: {clear} stand in clear beside {hidden} that are encrypted", wrong=True)
    for key, revisions in encryption.clear_history(selected.source):
        named = ", ".join(map(str, revisions[:REVISIONS_NAMED]))
        more = f" and {len(revisions) - REVISIONS_NAMED} more" if len(revisions) > REVISIONS_NAMED else ""
        text = f"encrypted today, and in clear in the history: revision {named}{more}, until it is compacted"
        yield Finding(ENCRYPTION, text, wrong=True, place=key_text(key))
    for resource, count in encryption.clear_in_free_pages(selected.source):
        text = f"{resource}: {_many(count, 'value')} in clear in free pages, until a defragmentation"
        yield Finding(ENCRYPTION, text, wrong=True)


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _undefined(stored: list[Stored]) -> Iterator[Finding]:
    """Custom resources that no API server shows."""
    from codec.query.integrity import DEFINITION, Finding

    for each in stored:
        if each.is_defined:
            continue
        what = f"{each.resource}: {_many(each.count, 'object')} of {each.api_version}"
        if each.newest:
            text = f"{what}, a version that their definition does not have: API servers refuse every list with them"
        else:
            text = f"{what}, and no CustomResourceDefinition"
        yield Finding(DEFINITION, text, wrong=bool(each.newest))


def _stored_line(stored: Stored) -> dict[str, object]:
    return {
        "resource": stored.resource,
        "kind": stored.kind,
        "apiVersion": stored.api_version,
        "form": stored.form,
        "values": stored.count,
        "newest": stored.newest,
        "usualForm": stored.usual,
    }


def _migrations(stored: list[Stored]) -> list[str]:
    """What a storage migration would rewrite."""
    from codec.cli.figures import table

    old = [each for each in stored if each.is_old]
    if not stored:
        return []
    if not old:
        return ["\nStored in the apiVersions that API servers store now: a storage migration would change nothing.\n"]
    rows = [["KIND", "STORED AS", "NOW", "VALUES"]]
    rows += [[each.resource, each.api_version, each.newest, str(each.count)] for each in old]
    return ["\nA storage migration would rewrite:\n", *(f"{line}\n" for line in table(rows, "<<<>"))]


def _forms(stored: list[Stored]) -> list[str]:
    """What is stored in another form than usual."""
    from codec.cli.figures import table

    unusual = [each for each in stored if each.usual and each.form != each.usual]
    if not unusual:
        return []
    rows = [["KIND", "STORED AS", "USUAL", "VALUES"]]
    rows += [[each.resource, each.form, each.usual, str(each.count)] for each in unusual]
    return [
        "\nStored in another form than API servers choose by themselves:\n",
        *(f"{line}\n" for line in table(rows, "<<<>")),
    ]


def _providers(encryption: Encryption) -> list[str]:
    """By whom what is encrypted."""
    from codec.cli.figures import table

    found = encryption.rows()
    if not found:
        return ["\nNo value is encrypted.\n"]
    rows = [["KIND", "PROVIDER", "KEY", "VALUES"]]
    rows += [[row.resource, printable(row.provider), printable(row.key_name), str(row.count)] for row in found]
    return ["\nEncrypted:\n", *(f"{line}\n" for line in table(rows, "<<<>"))]


def _faults(count: int) -> str:
    return f"{_many(count, 'fault')} found." if count else "Nothing is wrong."


COMMAND = Command(
    "check",
    "whether a source is sound: checksum, pages, values against their keys, encryption",
    operands=OPERANDS,
    description=f"""\
Reads everything and names what is wrong: a checksum that does not fit, damaged pages, records that contradict each
other, values that do not decode, objects that are other than their keys say; values in clear beside encrypted ones,
in the history of encrypted ones, or in pages that have become free. Tells as facts which objects a storage migration
would rewrite, and who encrypted what. No data is shown. Exit status 1 if something is wrong, 3 if the source cannot
be read on; then every damaged page is named.

{DESCRIPTION}""",
    options=(
        Option("-o, --output", "the form", choices=("text", "jsonl"), default="text"),
        *(option for option in SOURCE_OPTIONS if option.name != "verify"),
    ),
    examples=(
        ("k8s-codec check backup.db", "before relying on a backup"),
        ("k8s-codec check backup.db secrets -o jsonl", "one kind, for programs"),
    ),
    run=run,
)
