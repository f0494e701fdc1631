"""Whether an object is what its key says: the same kind, namespace and name."""

from __future__ import annotations

from codec.storage import MAGIC
from codec.storage.resources import OWN_RECORDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from codec.query.select import Row

_HEAD = 512  # bytes of a value in which kind, name and namespace are looked for first
# Types whose objects do without a name of their own: the key alone has one.
NAMELESS = frozenset((*OWN_RECORDS, "ranges"))


def difference(row: Row) -> str:
    """What the object says otherwise, in words; "" where it agrees with its key, or has nothing to say.

    DecodeError, EncryptedError for an object that cannot be read.
    """
    if row.type is None or _agrees_at_first_sight(row):
        return ""
    found = row.metadata
    pairs = [
        ("kind", found.kind, row.kind or found.kind),
        ("namespace", found.namespace, row.namespace),
        ("name", found.name, row.name),
    ]
    if row.type.path in NAMELESS:
        pairs = pairs[:1]
    return ", ".join(f"{what} is {inside!r}" for what, inside, outside in pairs if inside != outside)


def _agrees_at_first_sight(row: Row) -> bool:
    """Whether a protobuf value begins with what its key says; the quick way for nearly all."""
    raw = row.raw
    if not raw.startswith(MAGIC) or len(row.name) > 0x7F or len(row.namespace) > 0x7F:
        return False
    name = row.name.encode("utf-8", "surrogateescape")
    kind = row.kind.encode()
    at = raw.find(b"\x0a%c%b\x12" % (len(name), name), 0, _HEAD)  # field 1 of ObjectMeta, and the tag of field 2
    if at < 0 or raw.find(b"\x12%c%b" % (len(kind), kind), 0, at) < 0:
        return False
    namespace = row.namespace.encode("utf-8", "surrogateescape")
    # Field 3; generateName, field 2, has at most 63 bytes more than nothing.
    return raw.find(b"\x1a%c%b\x22" % (len(namespace), namespace), at + len(name) + 2, at + _HEAD) >= 0
