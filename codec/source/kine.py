"""k3s without etcd: kine keeps every revision of a key as a row of a table in SQLite.

SQLite would change the folder of a database that it opens, or miss what its write-ahead log holds. So database and
log are copied to a private folder first. Source: github.com/k3s-io/kine pkg/drivers/generic, pkg/drivers/sqlite.
"""

from __future__ import annotations

import os
import sqlite3
from shutil import copyfile
from tempfile import TemporaryDirectory

from codec.errors import SourceError
from codec.source.key_value import KeyValue
from codec.source.keyspace import Change, Source, as_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from codec.source.space import Space

TRIES = 3  # to copy a database that is written to meanwhile
LOG, JOURNAL = "-wal", "-journal"  # what SQLite keeps beside a database
LOG_HEADER = 32  # bytes; another one means that the log began anew
COMPACTION = "compact_rev_key"  # its row's prev_revision is the compact revision
# Rows that are no keys: the one above, and those that fill a gap in the numbers.
_KEYS = f"name <> '{COMPACTION}' AND name NOT LIKE 'gap-%'"

_NEWEST = "SELECT max(id), (SELECT max(prev_revision) FROM kine WHERE name = ?) FROM kine"
_LIST = f"""
    SELECT {{columns}} FROM kine
    WHERE deleted = 0 AND id IN (
        SELECT max(id) FROM kine WHERE {_KEYS} AND name >= ? AND (? = '' OR name < ?) AND id <= ? GROUP BY name)
    ORDER BY name"""
_GET = "SELECT {columns}, deleted FROM kine WHERE name = ? AND id <= ? ORDER BY id DESC LIMIT 1"
_CHANGES = f"""
    SELECT {{columns}}, deleted FROM kine
    WHERE {_KEYS} AND name >= ? AND (? = '' OR name < ?) ORDER BY name, id"""
_COLUMNS = "name, id, created, create_revision, lease, value"


class Kine(Source):
    """The keyspace in a `state.db` of k3s.

    kine counts no versions, so `version` is None; its lease is the time to live in seconds.
    """

    form = "k3s database"

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self._folder = TemporaryDirectory(prefix="k8s-codec-")
        try:
            self._connection = _connect(_copy(path, self._folder.name))
        except BaseException:
            self._folder.cleanup()
            raise
        try:
            newest, compacted = next(self._rows(_NEWEST, COMPACTION))
        except BaseException:
            self.close()
            raise
        self.revision = _number(newest)
        self.compact_revision = _number(compacted)

    def close(self) -> None:
        self._connection.close()
        self._folder.cleanup()

    def get(self, key: bytes | str, revision: int | None = None) -> KeyValue | None:
        at = self.checked_revision(revision)
        name = _text(as_bytes(key))
        if name is None or name == COMPACTION:
            return None
        for *row, deleted in self._rows(_GET.format(columns=_COLUMNS), name, at):
            return None if deleted else self._key_value(row)
        return None

    def list(self, prefix: bytes | str = b"", revision: int | None = None) -> Iterator[KeyValue]:
        return (self._key_value(row) for row in self._list(_COLUMNS, prefix, revision))

    def keys(self, prefix: bytes | str = b"", revision: int | None = None) -> Iterator[bytes]:
        return (_name(name) for (name,) in self._list("name", prefix, revision))

    def changes(self, prefix: bytes | str = b"") -> Iterator[Change]:
        for *row, deleted in self._range(_CHANGES.format(columns=_COLUMNS), prefix):
            yield Change(_name(row[0]), row[1], 0, None if deleted else self._key_value(row))

    def check_structure(self) -> str:
        """As SQLite itself checks it."""
        for (answer,) in self._rows("PRAGMA integrity_check(1)"):
            text = str(answer, "utf-8", "replace") if isinstance(answer, bytes) else str(answer)
            if text != "ok":
                raise SourceError(f"damaged: SQLite says `{text}`")
        (count,) = next(self._rows("SELECT count(*) FROM kine"))
        return f"{count} rows, and SQLite finds nothing wrong"

    def space(self) -> Space:
        """The database without its write-ahead log, which SQLite empties by itself."""
        from codec.source.space import Space

        pages, free, size = (
            next(self._rows(f"PRAGMA {name}"))[0] for name in ("page_count", "freelist_count", "page_size")
        )
        return Space(pages * size, free * size, "SQLite's VACUUM, while k3s is stopped")

    def _list(self, columns: str, prefix: bytes | str, revision: int | None) -> Iterator[Any]:
        return self._range(_LIST.format(columns=columns), prefix, self.checked_revision(revision))

    def _range(self, query: str, prefix: bytes | str, *more: int) -> Iterator[Any]:
        start = _text(as_bytes(prefix))
        if start is None:
            return iter(())
        end = start + "\U0010ffff" if start else ""  # no character comes behind that one
        return self._rows(query, start, end, end, *more)

    def _rows(self, query: str, *parameters: object) -> Iterator[Any]:
        try:
            yield from self._connection.execute(query, parameters)
        except sqlite3.ProgrammingError:
            raise SourceError("the source is closed") from None
        except sqlite3.Error as error:
            raise SourceError(f"not a database of k3s, or damaged: SQLite says `{error}`") from None
        except UnicodeDecodeError:
            # Its message quotes what stands in a damaged file.
            raise SourceError("not a database of k3s, or damaged") from None

    def _key_value(self, row: Any) -> KeyValue:
        name, number, created, create_revision, lease, value = row
        return KeyValue(
            value if isinstance(value, bytes) else b"" if value is None else str(value).encode(),
            _name(name),
            create_revision=number if created else _number(create_revision),
            mod_revision=number,
            lease=_number(lease),
            origin=self.name,
        )


def _name(name: Any) -> bytes:
    """A key as etcd would hold it. A name of digits alone is a number to older versions of kine's table."""
    return name if isinstance(name, bytes) else str(name).encode()


def _number(value: object) -> int:
    """A column of numbers; SQLite keeps to no type, and a damaged file to none at all."""
    return value if isinstance(value, int) else 0


def _text(key: bytes) -> str | None:
    """A key as SQLite compares it; None for bytes that are no text, which kine cannot hold."""
    try:
        return key.decode()
    except UnicodeDecodeError:
        return None


def _connect(path: str) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(path, isolation_level=None)
        connection.text_factory = bytes
    except sqlite3.Error as error:
        raise SourceError(f"SQLite says `{error}`") from None
    return connection


def _copy(path: str, folder: str) -> str:
    """Copies database and log to the folder.

    A running k3s may write meanwhile. The log is copied last, so that it holds all that was moved from it to the
    database, unless it began anew in between.
    """
    copy = os.path.join(folder, "state.db")
    try:
        for _ in range(TRIES):
            before = _log_header(path)
            for ending in ("", JOURNAL, LOG):
                if os.path.exists(path + ending):
                    copyfile(path + ending, copy + ending)
                elif ending and os.path.exists(copy + ending):
                    os.remove(copy + ending)
            if _log_header(path) == before:
                return copy
    except OSError as error:
        raise SourceError(f"{error.strerror or error}") from None
    raise SourceError(
        "the file is written to faster than it can be copied: stop k3s, or copy it with `sqlite3 .backup`"
    )


def _log_header(path: str) -> bytes:
    try:
        with open(path + LOG, "rb") as file:
            return file.read(LOG_HEADER)
    except FileNotFoundError:
        return b""
