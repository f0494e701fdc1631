"""State: what one stored value of a key says, ready to be compared with another."""

from __future__ import annotations

from codec.change.compare import compare
from codec.change.field_change import REMOVED
from codec.change.managed_fields import last_writer, owners, rewritten, writers
from codec.change.redact import is_secret, redact, redact_changes, redact_secret
from codec.errors import DecodeError, UnknownFieldsWarning

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from codec.change.field_change import FieldChange
    from codec.change.managed_fields import Manager


class State:
    """A stored object as a tree.

    tree: with metadata.resourceVersion where a mod revision was given. unknown: what its tree cannot show, in words;
    "" if it shows everything. secret: whether it is a Secret, by its kind or by its key.
    """

    __slots__ = ("raw", "secret", "tree", "unknown")

    def __init__(self, raw: bytes, revision: int | None = None, *, secret: bool = False) -> None:
        """Reads a stored value; errors as of codec.storage_to_json."""
        import warnings

        from codec.storage.transcode import storage_to_json

        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", UnknownFieldsWarning)
            text = storage_to_json(raw, resource_version=str(revision or ""))
        tree = _parsed(text)
        if not isinstance(tree, dict):
            raise DecodeError("the value is no object")
        self.raw = raw
        self.tree: dict[str, Any] = tree
        self.unknown = "; ".join(str(each.message) for each in caught)
        self.secret = secret or is_secret(tree)

    def shown(self, *, show_secrets: bool = False) -> dict[str, Any]:
        """The tree as it may be shown."""
        if show_secrets:
            return self.tree
        return redact_secret(self.tree) if self.secret else redact(self.tree)

    @property
    def time(self) -> str:
        """When it was written, as far as it says: by the newest of its managers, or when it was created; or ""."""
        writer = last_writer(self.tree)
        if writer is not None:
            return writer.time
        metadata = self.tree.get("metadata")
        found = metadata.get("creationTimestamp") if isinstance(metadata, dict) else None
        return found if isinstance(found, str) else ""


def _parsed(text: bytes) -> Any:
    """JSON of our own writing as a tree. The standard library's reader is many times quicker where it can follow."""
    import json

    try:
        return json.loads(text)
    except (ValueError, RecursionError):  # a number of thousands of digits, or deep nesting
        from codec.text import json_plain, json_reader
        from codec.text.reading import decoded

        return json_plain.read(json_reader.Cursor(decoded(text), allow_duplicates=True))


class Difference:
    """What became of an object between two of its states.

    changes: the fields that differ, Secret data hidden unless asked for. managers: who wrote the new state, the last
    first. time: when the newer was written, "" if unknown. remark: what the changes do not tell, or why there are none,
    in words; or "". differs: whether there are changes, or differences that no text shows.
    """

    __slots__ = ("_new", "_old", "changes", "differs", "managers", "remark", "time")

    def __init__(self, old: State, new: State, *, bookkeeping: bool = False, show_secrets: bool = False) -> None:
        changes: list[FieldChange] = []
        self._old, self._new = old, new
        self.differs = False
        self.remark = "written again, nothing changed"
        if old.raw != new.raw or bookkeeping:
            changes = compare(old.tree, new.tree, bookkeeping=bookkeeping)
            self.differs = bool(changes)
            if changes:
                self.remark = new.unknown or old.unknown
            elif not bookkeeping and compare(old.tree, new.tree):
                self.remark = "only managedFields changed"
            elif old.raw != new.raw and _differ_unseen(old.raw, new.raw):
                self.differs = True
                self.remark = "only what text cannot show changed"
        written = rewritten(old.tree, new.tree)
        self.time = written[0].time if written else ""
        self.managers: list[Manager] = writers(old.tree, new.tree, changes)
        self.changes = redact_changes(changes) if (old.secret or new.secret) and not show_secrets else changes

    def owners(self, change: FieldChange) -> list[str]:
        """The names of the managers that own a changed field, of a removed one those that owned it."""
        tree = self._old.tree if change.operation == REMOVED else self._new.tree
        return [*dict.fromkeys(manager.name for manager in owners(tree, change.steps))]


def _differ_unseen(old: bytes, new: bytes) -> bool:
    """Whether two values of the same text are different objects: in unknown fields, or in bytes that are no UTF-8."""
    from codec.storage import decode

    return decode(old) != decode(new)
