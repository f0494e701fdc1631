"""Writes bbolt files of any shape: small pages, deep trees, overflow, either byte order. Only for tests."""

from __future__ import annotations

import struct
from collections.abc import Mapping

from codec.source.mvcc import revision_key
from codec.source.pages import BRANCH, CHECKED_SIZE, FREELIST, IS_BUCKET, LEAF, MAGIC, META, NO_FREELIST, checksum
from codec.source.stored import write_record

HEADER, ELEMENT = 16, 16  # bytes


class BboltWriter:
    """Pages of one file. `finish` puts the buckets into a root bucket and the meta pages in front."""

    def __init__(self, page_size: int = 512, order: str = "<") -> None:
        self.page_size = page_size
        self.order = order
        self.pages: dict[int, bytes] = {}  # first page → its bytes, overflow pages included
        self.next = 2

    def pack(self, form: str, *numbers: int) -> bytes:
        return struct.pack(self.order + form, *numbers)

    def page(self, flags: int, count: int, body: bytes) -> int:
        """Places a page, and as many overflow pages as it takes; returns its id."""
        number = self.next
        total = -(-(HEADER + len(body)) // self.page_size)
        self.next += total
        data = self.pack("QHHI", number, flags, count, total - 1) + body
        self.pages[number] = data.ljust(total * self.page_size, b"\0")
        return number

    def leaf_body(self, items: list[tuple[int, bytes, bytes]]) -> bytes:
        elements, data = [], bytearray()
        for place, (flags, key, value) in enumerate(items):
            pos = (len(items) - place) * ELEMENT + len(data)
            elements.append(self.pack("IIII", flags, pos, len(key), len(value)))
            data += key + value
        return b"".join(elements) + data

    def tree(self, items: list[tuple[int, bytes, bytes]], fan_out: int = 4) -> int:
        """The root page of a tree of the items."""
        level: list[tuple[bytes, int]] = []
        batch: list[tuple[int, bytes, bytes]] = []
        for item in items:
            if batch and len(self.leaf_body([*batch, item])) + HEADER > self.page_size:
                level.append((batch[0][1], self.page(LEAF, len(batch), self.leaf_body(batch))))
                batch = []
            batch.append(item)
        level.append((batch[0][1] if batch else b"", self.page(LEAF, len(batch), self.leaf_body(batch))))
        while len(level) > 1:
            level = [self.branch(level[start : start + fan_out]) for start in range(0, len(level), fan_out)]
        return level[0][1]

    def branch(self, children: list[tuple[bytes, int]]) -> tuple[bytes, int]:
        elements, data = [], b""
        for place, (key, child) in enumerate(children):
            pos = (len(children) - place) * ELEMENT + len(data)
            elements.append(self.pack("IIQ", pos, len(key), child))
            data += key
        return children[0][0], self.page(BRANCH, len(children), b"".join(elements) + data)

    def bucket(self, items: Mapping[bytes, bytes]) -> bytes:
        """What stands for a bucket in its parent: small ones within the value, others as their root page."""
        rows = [(0, key, value) for key, value in sorted(items.items())]
        body = self.leaf_body(rows[:10])
        if len(rows) <= 10 and len(body) <= self.page_size // 4:
            return self.pack("QQ", 0, 0) + self.pack("QHHI", 0, LEAF, len(rows), 0) + body
        return self.pack("QQ", self.tree(rows), 0)

    def finish(self, buckets: Mapping[bytes, Mapping[bytes, bytes]], *, freelist: bool = False, txid: int = 7) -> bytes:
        root = self.tree([(IS_BUCKET, name, self.bucket(items)) for name, items in sorted(buckets.items())])
        free = self.page(FREELIST, 0, b"") if freelist else NO_FREELIST
        out = bytearray(self.next * self.page_size)
        for number, data in self.pages.items():
            out[number * self.page_size : number * self.page_size + len(data)] = data
        for place in (0, 1):
            out[place * self.page_size : (place + 1) * self.page_size] = self.meta(
                place, root, free, txid - 1 + (place == txid % 2)
            )
        return bytes(out)

    def meta(self, place: int, root: int, freelist: int, txid: int) -> bytes:
        body = self.pack("IIIIQQQQQ", MAGIC, 2, self.page_size, 0, root, 0, freelist, self.next, txid)
        assert len(body) == CHECKED_SIZE
        page = self.pack("QHHI", place, META, 0, 0) + body + self.pack("Q", checksum(body))
        return page.ljust(self.page_size, b"\0")


def small_etcd(page_size: int = 512, order: str = "<", pairs: int = 7) -> bytes:
    """An etcd database: keys with two revisions each, a deletion, a large value, a compaction at revision 3."""
    records: dict[bytes, bytes] = {}
    main = 1
    for version in (1, 2):
        for number in range(pairs):
            main += 1
            key = b"/registry/pods/default/p%02d" % number
            value = b"value %d of %d " % (version, number)
            if number == 5 and version == 2:
                value *= 60
            records[revision_key(main, 0)] = write_record(key, value, 2 + number, main, version, 0)
    main += 1
    records[revision_key(main, 0, deleted=True)] = write_record(b"/registry/pods/default/p00", b"", 0, 0, 0, 0)
    meta = {
        b"consistent_index": (main + 3).to_bytes(8, "big"),
        b"term": (2).to_bytes(8, "big"),
        b"scheduledCompactRev": revision_key(3, 0),
        b"finishedCompactRev": revision_key(3, 0),
    }
    return BboltWriter(page_size, order).finish({b"key": records, b"meta": meta, b"lease": {}})
