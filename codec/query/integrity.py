"""Whether a source is sound: its checksum, its pages, its records, and each value against its key.

What is found is told as it is found. Nothing is quoted from a value.
"""

from __future__ import annotations

from codec.errors import CodecError, EncryptedError, NotRegisteredError, SourceError, UnknownFieldsWarning, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from codec.query.select import Row
    from codec.source.etcd_file import EtcdFile
    from codec.source.keyspace import Source

# What is checked, in the order of the answers.
CHECKSUM, STRUCTURE, RECORDS, LEASES, LOG, VALUE, KEY, ENCRYPTION, DEFINITION = CHECKS = (
    "checksum",
    "structure",
    "records",
    "leases",
    "log",
    "value",
    "key",
    "encryption",
    "definition",
)
# What stands in warnings of a source that tell of no fault: a member that was killed, or whose cluster goes on.
_NO_FAULT = (
    "the last write was cut off",
    "not known to be committed",
    "because etcd checks its users' permissions",
    "which the leader sent, is newer",
    "the write-ahead log beside it is not read",
)


class Finding:
    """One answer. wrong: whether it is a fault; a fact otherwise. place: the key, or "" for the whole source."""

    __slots__ = ("check", "place", "text", "wrong")

    def __init__(self, check: str, text: str, *, wrong: bool = False, place: str = "") -> None:
        self.check = check
        self.text = text
        self.wrong = wrong
        self.place = place

    def __repr__(self) -> str:
        return f"Finding({self.check!r}, {self.text!r}, wrong={self.wrong}, place={self.place!r})"


def key_text(key: bytes) -> str:
    """A key as findings name it."""
    return printable(key.decode("utf-8", "surrogateescape"))


def examine_database(source: Source) -> Iterator[Finding]:
    """What can be told without a value: checksum, pages, records, leases, the write-ahead log."""
    try:
        carries = source.verify()
        yield Finding(CHECKSUM, "right" if carries else f"none: a source of this form ({source.form}) carries none")
    except SourceError as error:
        yield Finding(CHECKSUM, str(error), wrong=True)
    for warning in source.warnings:
        check = LOG if "write-ahead log" in warning else STRUCTURE
        yield Finding(check, warning, wrong=not any(words in warning for words in _NO_FAULT))
    try:
        read = source.check_structure()
        if read:
            yield Finding(STRUCTURE, read)
    except SourceError as error:
        _raise_if_busy(error)
        yield Finding(STRUCTURE, str(error), wrong=True)
    from codec.source.etcd_file import EtcdFile

    if isinstance(source, EtcdFile):
        yield from _examine_records(source)


def _examine_records(source: EtcdFile) -> Iterator[Finding]:
    from codec.source.consistency import contradictions, lost_leases

    wrong = False
    try:
        for key, revision, problem in contradictions(source):
            wrong = True
            yield Finding(RECORDS, f"revision {revision}: {problem}", wrong=True, place=key_text(key))
        if not wrong:
            count = len(source.revisions)
            yield Finding(RECORDS, f"{count} agree in their revisions and versions")
        for lease, keys in sorted(lost_leases(source).items()):
            some = key_text(keys[0]) + (f" and {len(keys) - 1} more" if len(keys) > 1 else "")
            yield Finding(LEASES, f"lease {lease:x} is not there: {some} will never expire", wrong=True)
    except SourceError as error:
        _raise_if_busy(error)
        yield Finding(RECORDS, str(error), wrong=True)


def is_busy(error: SourceError) -> bool:
    """Whether a running etcd wrote or compacted meanwhile: nothing is wrong with a file then, it is in use."""
    from codec.source.bbolt import BUSY
    from codec.source.mvcc import CompactedMeanwhile

    return isinstance(error, CompactedMeanwhile) or str(error).endswith(BUSY)


def _raise_if_busy(error: SourceError) -> None:
    if is_busy(error):
        raise error


class Values:
    """Goes over stored values one by one, and counts them.

    read: values that decode; failed: those that do not; encrypted: those whose inside nobody sees; unregistered: of
    kinds that are not known here; not_objects: of keys that are those of no object.
    """

    def __init__(self) -> None:
        self.total = 0
        self.read = 0
        self.failed = 0
        self.encrypted = 0
        self.unregistered = 0
        self.not_objects = 0

    def examine(self, row: Row) -> Iterator[Finding]:
        """What is wrong with one value, and with its key."""
        import warnings

        from codec.query.identity import difference
        from codec.storage.transcode import storage_to_json

        place = key_text(row.stored.key or b"")
        raw = row.raw
        self.total += 1
        try:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always", UnknownFieldsWarning)
                storage_to_json(raw)
            self.read += 1
            for warning in caught:
                yield Finding(VALUE, str(warning.message), place=place)
        except EncryptedError:
            self.encrypted += 1
            return
        except NotRegisteredError:
            self.unregistered += 1
        except CodecError as error:
            if row.type is None:
                self.not_objects += 1
                return
            self.failed += 1
            yield Finding(VALUE, str(error), wrong=True, place=place)
            return
        if row.type is None:
            return
        try:
            said = difference(row) or _other_group(row)
        except CodecError as error:
            yield Finding(VALUE, str(error), wrong=True, place=place)
            return
        if said:
            yield Finding(KEY, f"the object is another than its key says: {printable(said)}", wrong=True, place=place)


def _other_group(row: Row) -> str:
    """Where the object's group cannot stand under its key; "" if it can."""
    from codec.query.stored_versions import kind_of_value
    from codec.storage.resources import group_of, of_kind

    assert row.type is not None
    api_version, kind = kind_of_value(row)
    builtin = of_kind(api_version, kind)
    if builtin is not None:
        # One resource may be stored for several groups, as Events are.
        right = builtin.path == row.type.path or kind == "Endpoints"
    else:
        right = group_of(api_version) == row.group or not row.group
    return "" if right else f"group is {group_of(api_version)!r}"
