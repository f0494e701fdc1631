"""What all commands over sources share: SOURCE and its options, and which keys of it are meant."""

from __future__ import annotations

from codec.cli.grammar import Arguments, Option, UsageError
from codec.cli.output import Outcome, say
from codec.errors import CodecError, SelectionError, SourceError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from codec.query.select import Row, Selection
    from codec.source.keyspace import Source

OPERANDS = "SOURCE [KEY | PREFIX/ | TYPE[,TYPE] [NAME…] | TYPE/NAME]…"
# What --help says of them, for every command that has them.
DESCRIPTION = """\
SOURCE is an etcd snapshot, a db file or data directory of etcd, the state.db or folder of a k3s, or the address of a
running etcd (http://host:2379, https://…; several with commas). It is only read. A word with a slash in front is an
etcd key, and ends in a slash where all keys below it are meant; any other names resources as kubectl does: po, svc,
deployments.apps, configmap/web. Without -n all namespaces are meant.
"""

SELECTION_OPTIONS = (
    Option("-n, --namespace", "only objects of this namespace", metavar="NAMESPACE"),
    Option("-l, --selector", "only objects with these labels: app=web,tier in (a,b),!old", metavar="SELECTOR"),
)
REVISION_OPTION = Option("--rev", "the state at this revision of etcd", metavar="N")
CONNECTION_OPTIONS = (
    Option("--no-wal", "of a data directory: leave its write-ahead log out"),
    Option("--uncommitted", "of a data directory: apply entries too that the cluster may not have agreed on"),
    Option("--verify", "compare a snapshot with its checksum first"),
    Option("--cacert", "of a running etcd: the CA of its certificate", metavar="FILE"),
    Option("--cert", "the client certificate to show it", metavar="FILE"),
    Option("--key", "the key of that certificate", metavar="FILE"),
    Option("--user", "who asks", metavar="NAME[:PASSWORD]"),
    Option("--password", "the password of that user", metavar="PASSWORD"),
    Option("--insecure-skip-tls-verify", "believe whatever certificate it shows"),
    Option("--dial-timeout", "how long to wait for a connection, 2s if not given", metavar="TIME"),
    Option("--command-timeout", "how long to wait for an answer, 5s if not given", metavar="TIME"),
)
SOURCE_OPTIONS = (*SELECTION_OPTIONS, REVISION_OPTION, *CONNECTION_OPTIONS)

_TEXTS = ("cacert", "cert", "key", "user", "password")
_TIMES = ("dial_timeout", "command_timeout")


class opened:
    """Context manager: the source that the first operand names, or `name`. Its warnings are said on stderr.

    Errors while it is open name it. A checksum that `--verify` finds wrong is an error.
    """

    def __init__(self, arguments: Arguments, outcome: Outcome, name: str | None = None) -> None:
        if name is None:
            if not arguments.operands:
                raise UsageError(
                    "name a SOURCE: a snapshot, a data directory, the address of an etcd, …", arguments.command
                )
            name = arguments.operands[0]
        self._name: str = name
        self._arguments = arguments
        self._outcome = outcome
        self._warned = 0

    def __enter__(self) -> Source:
        import codec

        arguments = self._arguments
        self.source = codec.open(
            self._name, wal=not arguments.no_wal, uncommitted=arguments.uncommitted, options=_options(arguments)
        )
        try:
            self._warn()
            if getattr(arguments, "verify", False) and not self.source.verify():
                say(f"{self._name}: a source of this form ({self.source.form}) carries no checksum to verify")
        except BaseException as error:
            self.__exit__(type(error), error, None)
            raise
        return self.source

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
        try:
            self._warn()
        finally:
            self.source.close()
        if isinstance(error, SourceError) and not str(error).startswith(self._name):
            raise SourceError(f"{self._name}: {error}") from None

    def _warn(self) -> None:
        """Says what was not said yet."""
        for warning in self.source.warnings[self._warned :]:
            say(f"{self._name}: {warning}")
        self._warned = len(self.source.warnings)


def _options(arguments: Arguments) -> dict[str, Any]:
    """Options of codec.source.connection, as far as they were given."""
    found: dict[str, Any] = {name: value for name in _TEXTS if (value := getattr(arguments, name)) is not None}
    for name in _TIMES:
        if (text := getattr(arguments, name)) is not None:
            from codec.source.connection import seconds

            try:
                found[name] = seconds(text, 0.0)
            except SourceError as error:
                raise UsageError(
                    f"--{name.replace('_', '-')} takes a time such as 5s: {error}", arguments.command
                ) from None
    if arguments.insecure_skip_tls_verify:
        found["insecure_skip_tls_verify"] = True
    return found


def revision(arguments: Arguments, name: str = "rev") -> int | None:
    """The number that `--rev`, or another option, gives; None where it is not given."""
    text = getattr(arguments, name)
    if text is None:
        return None
    if not text.isascii() or not text.isdecimal() or not 0 < int(text[:20]) < 1 << 63:
        raise UsageError(
            f"--{name.replace('_', '-')} takes a revision, a number from 1, not {text!r}", arguments.command
        )
    return int(text)


def selection(
    arguments: Arguments,
    source: Source,
    outcome: Outcome,
    *,
    words: list[str] | None = None,
    at: int | None = None,
) -> Selection:
    """What the operands behind SOURCE, or `words`, ask for, at --rev or `at`; rows whose labels cannot be read are
    failures.

    UsageError for a type that the source does not have, or that it has in several groups.
    """
    from codec.query.select import select

    def failed(row: Row, error: CodecError) -> None:
        outcome.failed(row.label, error)

    try:
        found = select(
            source,
            arguments.operands[1:] if words is None else words,
            namespace=arguments.namespace or "",
            labels=arguments.selector or "",
            revision=revision(arguments) if at is None and hasattr(arguments, "rev") else at,
        )
    except SelectionError as error:
        raise UsageError(str(error), arguments.command) from None
    found.failed = failed
    return found


def nothing_found(found: Selection, count: int, outcome: Outcome) -> None:
    """Says what was asked for and is not there, once the rows were read; status 1 unless something failed."""
    missing = found.missing
    for word in missing[:MISSING_NAMED]:
        place = f" in namespace {found.namespace}" if found.namespace else ""
        below = ""
        if word.startswith("/") and next(iter(found.source.keys(f"{word}/", found.revision)), None) is not None:
            below = f"; there are keys below {word}/"
        say(f"not found: {word}{place if not word.startswith('/') else ''}{below}")
    if len(missing) > MISSING_NAMED:
        say(f"not found: {len(missing) - MISSING_NAMED} more")
    if not missing and not count:
        say(f"nothing found{f' in namespace {found.namespace}' if found.namespace else ''}")
    if (missing or not count) and outcome.status == 0:
        outcome.status = 1


MISSING_NAMED = 20  # of what is not there


def count_ahead(found: Selection) -> int:
    """How many objects there will be, where a source tells it at once and somebody looks; 0 otherwise."""
    from codec.cli.progress import is_shown
    from codec.source.etcd_file import EtcdFile

    if not is_shown(False) or not found.everything or not isinstance(found.source, EtcdFile):
        return 0
    return sum(1 for _ in found.source.keys(revision=found.revision))
