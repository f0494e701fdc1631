"""One pass over the bucket `key` of an etcd database: the revision, key and place of every record, in order.

Written for speed, since it looks at every record of a source; what it finds out of order it hands to the readers of
pages.py and stored.py, whose errors are the answer. Source: etcd server/storage/mvcc/revision.go.
"""

from __future__ import annotations

from struct import Struct, iter_unpack

from codec.source.bbolt import unseen
from codec.source.pages import ELEMENT_SIZE, HEADER_SIZE, LEAF
from codec.source.stored import KEY, read_fields

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from codec.source.bbolt import Bucket
    from codec.source.pages import Pages

REVISION_LENGTH = 17  # bytes: main u64, `_`, sub u64, big-endian
TOMBSTONE_LENGTH = 18  # bytes: the same and `t`
REVISION = Struct(">QBQ")
SEPARATOR, MARK = ord("_"), ord("t")
DELETED = 1 << 31  # added to the sub revision of a tombstone
MAX_MAIN = (1 << 63) - 1

CHUNK = 128  # records; what a chunk holds lies in memory twice for a moment
SHORT = 0x80  # bytes; the length of a key below it takes one byte
HEAD = TOMBSTONE_LENGTH + 2 + SHORT  # bytes that tell revision and key of nearly every record


class Chunk:
    """Records that follow each other; one list for each thing that is known of them."""

    __slots__ = ("keys", "last", "mains", "sizes", "starts", "subs")

    def __init__(self) -> None:
        self.keys: list[bytes] = []
        self.mains: list[int] = []
        self.subs: list[int] = []  # tombstones have DELETED added
        self.starts: list[int] = []  # place of the mvccpb.KeyValue in the file
        self.sizes: list[int] = []
        self.last = b""  # the last revision, as it is stored


def scan(bucket: Bucket, after: bytes = b"") -> Iterator[Chunk]:
    """The records behind the revision `after`, in chunks. SourceError with page and offset for what is damaged."""
    chunk = Chunk()
    for page, begin, end, count in _leaves(bucket, after):
        _read_leaf(bucket.pages, chunk, after, page, begin, end, count)
        if chunk.last:
            after = chunk.last
        if len(chunk.keys) >= CHUNK:
            yield chunk
            chunk = Chunk()
    if chunk.keys:
        yield chunk


def _leaves(bucket: Bucket, start: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Page, start, end and number of elements of each leaf, as Bucket.leaves gives them."""
    if bucket.inline is not None:
        leaf = bucket.inline
        yield leaf.page, leaf.start, leaf.end, leaf.count
        return
    pages = bucket.pages
    data, page_size, header = pages.data, pages.page_size, pages.layout.header
    room = (page_size - HEADER_SIZE) // ELEMENT_SIZE
    seen = unseen(pages)
    limit = len(seen)
    stack = [bucket.root]
    while stack:
        page = stack.pop()
        if 1 < page < limit:
            begin = page * page_size
            found, flags, count, overflow = header(data, begin)
            last = page + overflow + 1
            if found == page and flags == LEAF and count <= room and last <= limit:
                if overflow:
                    if seen.find(1, page, last) >= 0:
                        raise pages.error(page, "two places of the tree lead to it")
                    seen[page:last] = b"\x01" * (overflow + 1)
                elif seen[page]:
                    raise pages.error(page, "two places of the tree lead to it")
                else:
                    seen[page] = 1
                yield page, begin, last * page_size, count
                continue
        found, count, begin, end = bucket.claim(page, seen)
        if found == LEAF:
            yield page, begin, end, count
        else:
            stack += bucket.children(page, count, begin, end, start)


def _read_leaf(pages: Pages, chunk: Chunk, after: bytes, page: int, begin: int, end: int, count: int) -> None:
    """Adds the records of one leaf to the chunk."""
    data = pages.data
    unpack = REVISION.unpack_from
    element = begin + HEADER_SIZE
    last = element + count * ELEMENT_SIZE
    first = True
    for _, pos, key_size, size in iter_unpack(pages.layout.leaf_element, data[element:last]):
        at = element + pos
        start = at + key_size
        if at < last or start + size > end:
            raise pages.error(page, "an element lies outside of its place", element)
        last = start + size
        element += ELEMENT_SIZE
        head = data[at : at + HEAD]
        if key_size == REVISION_LENGTH:
            main, separator, sub = unpack(head)
            deleted = 0
        elif key_size == TOMBSTONE_LENGTH and head[REVISION_LENGTH] == MARK:
            main, separator, sub = unpack(head)
            deleted = DELETED
        else:
            raise pages.error(page, f"a key of {key_size} bytes, which is no revision", at)
        if separator != SEPARATOR or main > MAX_MAIN or sub >= DELETED:
            raise pages.error(page, "not a revision", at)
        revision = head[:key_size]
        if revision <= after:
            if first:
                continue  # read from an older tree
            raise pages.error(page, "its revisions are not in order", at)
        first = False
        after = revision
        length = head[key_size + 1] if size > 2 else SHORT
        if head[key_size] == KEY and length < SHORT and length <= size - 2:
            key = head[key_size + 2 : key_size + 2 + length]
        else:
            try:
                key = read_fields(data, start, last)[0]
            except ValueError as error:
                raise pages.error(page, f"not a KeyValue of etcd: {error}", start) from None
        chunk.keys.append(key)
        chunk.mains.append(main)
        chunk.subs.append(sub | deleted)
        chunk.starts.append(start)
        chunk.sizes.append(size)
    if not first:
        chunk.last = after
