"""One pass over the bucket `key` of an etcd database: the revision, key and place of every record, in order.

Written for speed, since it looks at every record of a source; what it finds out of order it hands to the readers of
pages.py and stored.py, whose errors are the answer. Source: etcd server/storage/mvcc/revision.go.
"""

from __future__ import annotations

import sys
from struct import Struct, iter_unpack

from codec.source.bbolt import unseen
from codec.source.index import DELETED
from codec.source.pages import ELEMENT_SIZE, HEADER_SIZE, LEAF
from codec.source.stored import KEY, read_fields

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from codec.source.bbolt import Bucket
    from codec.source.index import Index
    from codec.source.pages import Pages

REVISION_LENGTH = 17  # bytes: main u64, `_`, sub u64, big-endian
TOMBSTONE_LENGTH = 18  # bytes: the same and `t`
REVISION = Struct(">QBQ")
SEPARATOR, MARK = ord("_"), ord("t")
MAX_MAIN = (1 << 63) - 1

CHUNK = 128  # records that wait at most, beside those of a leaf: they lie in memory twice for a moment
SHORT = 0x80  # bytes; the length of a key below it takes one byte
HEAD = TOMBSTONE_LENGTH + 2 + SHORT  # bytes that tell revision and key of nearly every record
ORDER = "<" if sys.byteorder == "little" else ">"


def scan(bucket: Bucket, index: Index, start: bytes = b"") -> Iterator[bytes]:
    """Adds the records behind the revision `start` to the index, and gives the last one now and then.

    SourceError with page and offset for what is damaged.
    """
    pages = bucket.pages
    after = start
    if bucket.inline is not None:
        leaf = bucket.inline
        yield _read_leaf(pages, index, start, after, leaf.page, leaf.start, leaf.end, leaf.count)
        return
    data, page_size, header = pages.data, pages.page_size, pages.layout.header
    # The compiled index reads the leaves below a branch in one call, and leaves them to this reader if one is odd.
    read_leaves = getattr(index, "read_leaves", None) if pages.layout.order == ORDER else None
    room = (page_size - HEADER_SIZE) // ELEMENT_SIZE
    seen = unseen(pages)
    limit = len(seen)
    stack = [bucket.root]
    while stack:
        if index.pending >= CHUNK:
            yield after
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
                after = _read_leaf(pages, index, start, after, page, begin, last * page_size, count)
                continue
        found, count, begin, end = bucket.claim(page, seen)
        if found == LEAF:
            after = _read_leaf(pages, index, start, after, page, begin, end, count)
            continue
        children = bucket.children(page, count, begin, end, start)
        newest = read_leaves(data, page_size, seen, children, start, after) if read_leaves else None
        if newest is None:
            stack += children
        else:
            after = newest
    yield after


def _read_leaf(
    pages: Pages, index: Index, start: bytes, after: bytes, page: int, begin: int, end: int, count: int
) -> bytes:
    """Adds the records of one leaf. Returns the last revision, as it is stored."""
    data = pages.data
    unpack = REVISION.unpack_from
    append = index.append
    element = begin + HEADER_SIZE
    last = element + count * ELEMENT_SIZE
    for _, pos, key_size, size in iter_unpack(pages.layout.leaf_element, data[element:last]):
        at = element + pos
        value = at + key_size
        if at < last or value + size > end:
            raise pages.error(page, "an element lies outside of its place", element)
        last = value + size
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
            if after == start:
                continue  # read from an older tree
            raise pages.error(page, "its revisions are not in order", at)
        after = revision
        length = head[key_size + 1] if size > 2 else SHORT
        if head[key_size] == KEY and length < SHORT and length <= size - 2:
            key = head[key_size + 2 : key_size + 2 + length]
        else:
            try:
                key = read_fields(data, value, last)[0]
            except ValueError as error:
                raise pages.error(page, f"not a KeyValue of etcd: {error}", value) from None
        append(key, main, sub | deleted, value, size)
    return after
