"""Who wrote what: the managers that metadata.managedFields names, and the fields that each of them owns.

Source: meta/v1 ManagedFieldsEntry and FieldsV1; the keys `f:`, `k:`, `v:`, `i:` and `.` of FieldsV1 are those of
structured-merge-diff fieldpath/serialize-pe.go.
"""

from __future__ import annotations

from codec.errors import DecodeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from codec.change.field_change import FieldChange, Step, Steps


class Manager:
    """One entry of managedFields.

    name: of the manager, such as `kubectl-client-side-apply`. operation: `Apply` or `Update`. time: as written,
    RFC 3339, or "". subresource: such as `status`, or "". api_version: of the fields. fields: the FieldsV1 tree.
    """

    __slots__ = ("api_version", "fields", "name", "operation", "subresource", "time")

    def __init__(self, entry: Mapping[str, Any]) -> None:
        self.name, self.operation, self.api_version, self.time, self.subresource = (
            found if isinstance(found := entry.get(part), str) else ""
            for part in ("manager", "operation", "apiVersion", "time", "subresource")
        )
        fields = entry.get("fieldsV1")
        self.fields: dict[str, Any] = fields if isinstance(fields, dict) else {}

    def __repr__(self) -> str:
        return f"Manager({self.name!r}, {self.operation!r}, time={self.time!r}, subresource={self.subresource!r})"

    def paths(self) -> Iterator[Steps]:
        """The way to each field that it owns, as steps; see codec.change.field_change."""
        pending: list[tuple[Steps, dict[str, Any]]] = [((), self.fields)]
        while pending:
            steps, fields = pending.pop()
            inner = []
            for name, below in fields.items():
                if name == ".":
                    yield steps
                    continue
                way = (*steps, step_of(name))
                if isinstance(below, dict) and below:
                    inner.append((way, below))
                else:
                    yield way
            pending += reversed(inner)

    def owns(self, steps: Steps) -> bool:
        """Whether it owns the field, something below it, or what it is a part of as a whole."""
        fields: Any = self.fields
        if not fields:
            return False
        for step in steps:
            if not isinstance(fields, dict) or not fields:
                return True  # the path ends here: what is below goes with it
            if set(fields) == {"."}:
                return False
            fields = next((below for name, below in fields.items() if name != "." and _is(name, step)), None)
            if fields is None:
                return False
        return True

    @property
    def _key(self) -> tuple[str, ...]:
        return self.name, self.operation, self.api_version, self.subresource

    @property
    def _moment(self) -> tuple[int, int]:
        """For comparing times: the zero time if there is none."""
        from codec.types.time import Time

        try:
            found = Time.parse(self.time)
        except ValueError:
            return -1, 0
        return 0, found.seconds


def step_of(name: str) -> Step:
    """A key of FieldsV1 as a step. DecodeError for one that is none."""
    from codec.text import json_plain, json_reader

    kind, _, text = name.partition(":")
    if kind == "f":
        return text
    try:
        if kind == "i":
            return int(text)
        if kind in ("k", "v"):
            cursor = json_reader.Cursor(text)
            found = json_plain.read(cursor)
            cursor.end()
            if kind == "v":
                return (("", found),)
            if isinstance(found, dict):
                return tuple(found.items())
    except (ValueError, DecodeError):
        pass
    raise DecodeError(f"{name!r} is no key of FieldsV1")


def _is(name: str, step: Step) -> bool:
    if isinstance(step, str):
        return name == f"f:{step}"
    try:
        found = step_of(name)
    except DecodeError:
        return False
    if isinstance(step, tuple) and isinstance(found, tuple):
        return {key: value for key, value in step if value is not None} == dict(found)
    return isinstance(found, int) and found == step


def managers(tree: Mapping[str, Any]) -> list[Manager]:
    """The managers of an object's tree, in the order of managedFields; what is no entry is passed over."""
    metadata = tree.get("metadata")
    entries = metadata.get("managedFields") if isinstance(metadata, dict) else None
    return [Manager(entry) for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


def owners(tree: Mapping[str, Any], steps: Steps) -> list[Manager]:
    """The managers that own a field, the last to write first."""
    return _newest_first(manager for manager in managers(tree) if manager.owns(steps))


def last_writer(tree: Mapping[str, Any]) -> Manager | None:
    """The manager with the newest time; None where no entry has one."""
    found = _newest_first(manager for manager in managers(tree) if manager.time)
    return found[0] if found else None


def rewritten(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> list[Manager]:
    """The managers whose entry in the new tree is new, or has another time, the last to write first."""
    before = {manager._key: manager.time for manager in managers(old)} if old is not None else {}
    return _newest_first(each for each in managers(new) if before.get(each._key) != each.time)


def writers(
    old: Mapping[str, Any] | None, new: Mapping[str, Any], changes: Iterable[FieldChange] = ()
) -> list[Manager]:
    """The managers that made the new tree of the old one, the last to write first.

    Those that were rewritten; if none was, as within one second, those whose fields are others; if none are, those
    that own what changed. The server writes managedFields only for a change that it attributes: a deletion timestamp,
    for one, is nobody's.
    """
    found = rewritten(old, new)
    if not found:
        before = {manager._key: manager.fields for manager in managers(old)} if old is not None else {}
        found = [each for each in managers(new) if before.get(each._key) != each.fields]
    if not found:
        steps = [change.steps for change in changes]
        found = [each for each in managers(new) if any(each.owns(way) for way in steps)]
    return _newest_first(found)


def _newest_first(found: Iterable[Manager]) -> list[Manager]:
    return sorted(found, key=lambda manager: manager._moment, reverse=True)
