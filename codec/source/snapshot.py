"""An etcd snapshot: the database as of one moment, with a SHA-256 of it at the end.

Source: etcd etcdutl/snapshot/v3_snapshot.go, client/v3/snapshot.
"""

from __future__ import annotations

from codec.errors import SourceError
from codec.source.etcd_file import EtcdFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from mmap import mmap

CHECKSUM_LENGTH = 32  # bytes, of SHA-256
BLOCK = 512  # bytes; a database has a multiple of it, so that the rest tells whether a checksum follows
CHUNK = 1 << 20  # bytes hashed at once


def has_checksum(size: int) -> bool:
    """Whether a file of so many bytes ends in a checksum, by etcdutl's own rule."""
    return size % BLOCK == CHECKSUM_LENGTH


class Snapshot(EtcdFile):
    """A file that `etcdctl snapshot save` or `etcdutl` wrote."""

    form = "etcd snapshot"
    changing = False

    def verify(self) -> bool:
        """True. SourceError if the bytes are not those that were written."""
        return verify(self.database.data)


def verify(data: mmap) -> bool:
    """True if the checksum at the end is that of the bytes before it; SourceError if not."""
    from hashlib import sha256

    end = len(data) - CHECKSUM_LENGTH
    digest = sha256()
    for part in _chunks(data, end):
        digest.update(part)
    if digest.digest() != data[end:]:
        raise SourceError(f"the checksum at byte {end} is not that of the bytes before it: the snapshot is damaged")
    return True


def _chunks(data: mmap, end: int) -> Iterator[memoryview]:
    with memoryview(data) as view:
        for start in range(0, end, CHUNK):
            with view[start : min(start + CHUNK, end)] as part:
                yield part
