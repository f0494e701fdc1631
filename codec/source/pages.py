"""The pages of a bbolt file: header, the two meta pages, elements of branch and leaf pages, all bounds checked.

Numbers are of the byte order of the machine that wrote the file. Source: bbolt internal/common/page.go, meta.go,
bucket.go.
"""

from __future__ import annotations

from operator import ge
from struct import Struct, iter_unpack

from codec.errors import SourceError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from mmap import mmap

MAGIC = 0xED0CDAED
VERSION = 2
BRANCH, LEAF, META, FREELIST = 0x01, 0x02, 0x04, 0x10  # flags of a page
IS_BUCKET = 0x01  # flag of a leaf element whose value is a bucket
NO_FREELIST = (1 << 64) - 1  # etcd keeps the list of free pages in memory alone
MIN_PAGE_SIZE, MAX_PAGE_SIZE = 512, 1 << 20  # bytes; a page has the size of the writing machine's

HEADER_SIZE = 16  # bytes: id u64, flags u16, count u16, overflow u32
ELEMENT_SIZE = 16  # bytes, of a branch and of a leaf element alike
BUCKET_SIZE = 16  # bytes: root page u64, sequence u64
META_SIZE = 64  # bytes, the checksum included
CHECKED_SIZE = META_SIZE - 8  # bytes that the checksum covers

_FNV_OFFSET, _FNV_PRIME = 0xCBF29CE484222325, 0x100000001B3  # FNV-1a with 64 bits


def checksum(data: bytes) -> int:
    """FNV-1a of 64 bits, which bbolt puts at the end of each meta page."""
    total = _FNV_OFFSET
    for byte in data:
        total = (total ^ byte) * _FNV_PRIME & 0xFFFFFFFFFFFFFFFF
    return total


class Layout:
    """How the numbers of a file are written: `<` on nearly every machine, `>` on s390x and the like."""

    __slots__ = ("branch_element", "bucket", "header", "leaf_element", "meta", "order")

    def __init__(self, order: str) -> None:
        self.order = order
        self.header = Struct(order + "QHHI").unpack_from
        self.meta = Struct(order + "IIIIQQQQQQ").unpack_from
        self.bucket = Struct(order + "QQ").unpack_from
        self.leaf_element = order + "IIII"  # flags, position, key size, value size
        self.branch_element = order + "IIQ"  # position, key size, page id


class Meta:
    """A meta page: where the tree of buckets begins, and the transaction that wrote it.

    root: the page of the root bucket. high_water: the first page id that was never used. txid: of the
    transaction; the meta page with the greater one is in force.
    """

    __slots__ = ("freelist", "high_water", "layout", "page_size", "root", "txid")

    def __init__(self, layout: Layout, page_size: int, root: int, freelist: int, high_water: int, txid: int) -> None:
        self.layout = layout
        self.page_size = page_size
        self.root = root
        self.freelist = freelist
        self.high_water = high_water
        self.txid = txid


LAYOUTS = (Layout("<"), Layout(">"))


def read_meta(data: mmap | bytes, offset: int) -> Meta | str:
    """The meta page whose header begins at `offset`, or why it is none."""
    start = offset + HEADER_SIZE
    raw = data[start : start + META_SIZE]
    if len(raw) < META_SIZE:
        return "the file ends before it does"
    for layout in LAYOUTS:
        magic, version, page_size, _, root, _, freelist, high_water, txid, stored = layout.meta(raw)
        if magic == MAGIC:
            break
    else:
        return "it does not hold bbolt's magic number"
    if version != VERSION:
        return f"its version is {version}, not {VERSION}"
    if stored != checksum(raw[:CHECKED_SIZE]):
        return "its checksum is wrong"
    if not MIN_PAGE_SIZE <= page_size <= MAX_PAGE_SIZE or page_size & (page_size - 1):
        return f"a page size of {page_size} bytes is impossible"
    return Meta(layout, page_size, root, freelist, high_water, txid)


def read_metas(data: mmap | bytes) -> tuple[Meta, str]:
    """The meta page in force, and what is wrong with the other one, "" if nothing is.

    SourceError if neither is whole.
    """
    first = read_meta(data, 0)
    if isinstance(first, Meta):
        second = read_meta(data, first.page_size)
        if isinstance(second, Meta) and second.page_size != first.page_size:
            second = f"its page size is {second.page_size}"
        if isinstance(second, str):
            return first, f"meta page 1 at byte {first.page_size}: {second}"
        return (first if first.txid > second.txid else second), ""
    # The first page is damaged. The second stands one page further on, and tells how far that is.
    page_size = MIN_PAGE_SIZE
    while page_size <= MAX_PAGE_SIZE:
        other = read_meta(data, page_size)
        if isinstance(other, Meta) and other.page_size == page_size:
            return other, f"meta page 0 at byte 0: {first}"
        page_size *= 2
    raise SourceError(f"no meta page is whole; page 0 at byte 0: {first}")


class Pages:
    """The tree of a file as one meta page sees it. Every page that is read is checked against it.

    `data` holds the file; ids and offsets in errors are those of the file.
    """

    __slots__ = ("data", "high_water", "layout", "meta", "page_size")

    def __init__(self, data: mmap | bytes, meta: Meta) -> None:
        self.data = data
        self.meta = meta
        self.layout = meta.layout
        self.page_size = meta.page_size
        self.high_water = meta.high_water

    def error(self, page: int, problem: str, offset: int | None = None) -> SourceError:
        """A SourceError that names the page and its place in the file."""
        return SourceError(f"page {page} at byte {page * self.page_size if offset is None else offset}: {problem}")

    def header(self, page: int) -> tuple[int, int, int, int]:
        """Flags (BRANCH or LEAF), number of elements, start and end of a page of the tree."""
        if not 1 < page < self.high_water:
            raise self.error(page, f"outside of the pages in use, 2 to {self.high_water - 1}")
        start = page * self.page_size
        if start + self.page_size > len(self.data):
            raise self.error(page, f"the file ends at byte {len(self.data)}")
        found, flags, count, overflow = self.layout.header(self.data, start)
        if found != page:
            raise self.error(page, f"its header says that it is page {found}")
        if flags != LEAF and flags != BRANCH:
            raise self.error(page, f"not a page of the tree: flags 0x{flags:x}")
        if page + overflow >= self.high_water:
            raise self.error(page, f"its {overflow} overflow pages run past the pages in use")
        end = start + self.page_size * (overflow + 1)
        if end > len(self.data):
            raise self.error(page, f"the file ends at byte {len(self.data)}, within its overflow pages")
        if start + HEADER_SIZE + count * ELEMENT_SIZE > end:
            raise self.error(page, f"{count} elements do not fit into it")
        return flags, count, start, end

    def branch(self, page: int, count: int, start: int, end: int) -> tuple[list[bytes], list[int]]:
        """The first keys of the children, in order, and their page ids."""
        if not count:
            raise self.error(page, "a branch page without children")
        data = self.data
        element = start + HEADER_SIZE
        last = element + count * ELEMENT_SIZE
        keys = []
        children = []
        for pos, size, child in iter_unpack(self.layout.branch_element, data[element:last]):
            key = element + pos
            if key < last or key + size > end:
                raise self.error(page, "an element lies outside of its place", element)
            last = key + size
            keys.append(data[key:last])
            children.append(child)
            element += ELEMENT_SIZE
        if any(map(ge, keys, keys[1:])):
            raise self.error(page, "its keys are not in order")
        return keys, children

    def leaf(self, page: int, count: int, start: int, end: int) -> Iterator[tuple[int, int, int, int]]:
        """Flags, offset of the key, offset of the value and its end, of each element."""
        element = start + HEADER_SIZE
        last = element + count * ELEMENT_SIZE  # keys and values follow the elements, one after the other
        for flags, pos, key_size, value_size in iter_unpack(self.layout.leaf_element, self.data[element:last]):
            key = element + pos
            value = key + key_size
            if key < last or value + value_size > end:
                raise self.error(page, "an element lies outside of its place", element)
            last = value + value_size
            yield flags, key, value, last
            element += ELEMENT_SIZE
