"""KeyValue: one key of etcd and what is stored under it, as every source gives it."""

from __future__ import annotations


class KeyValue:
    """A stored value, and what the source knows about it.

    value: the stored bytes. key: the etcd key, or None where the source names none. create_revision,
    mod_revision, version, lease: etcd's own numbers, or None where unknown; a lease of 0 is no lease.
    origin: the file it was found in, with its place there when it holds several: `dump.json[3]`.
    """

    __slots__ = ("create_revision", "key", "lease", "mod_revision", "origin", "value", "version")

    def __init__(
        self,
        value: bytes,
        key: bytes | None = None,
        *,
        create_revision: int | None = None,
        mod_revision: int | None = None,
        version: int | None = None,
        lease: int | None = None,
        origin: str = "",
    ) -> None:
        self.value = value
        self.key = key
        self.create_revision = create_revision
        self.mod_revision = mod_revision
        self.version = version
        self.lease = lease
        self.origin = origin

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, KeyValue):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.__slots__)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        # The value itself stays out: it may be a Secret.
        return f"KeyValue(key={self.key!r}, value=<{len(self.value)} bytes>, origin={self.origin!r})"

    @property
    def label(self) -> str:
        """How a message names it: origin and key."""
        if self.key is None:
            return self.origin
        key = self.key.decode("utf-8", "backslashreplace")
        return f"{self.origin}: {key}" if self.origin else key
