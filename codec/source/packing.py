"""How many pages a database would take if etcd wrote it anew, as a defragmentation does.

Source: etcd server/storage/backend/backend.go, which copies all keys in order and fills pages to nine tenths; bbolt
node.go, which begins a new page only behind the second key.
"""

from __future__ import annotations

from codec.source.pages import ELEMENT_SIZE, HEADER_SIZE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

FILL = 0.9  # of a page
MIN_KEYS = 2  # in a page, however large they are
OTHER_PAGES = 5  # of a small database: two meta pages, the root, and the buckets beside the keys
BRANCH_KEY = 17  # bytes of a revision, which leads to a page


def packed_pages(sizes: Iterable[int], page_size: int) -> int:
    """Pages of a tree whose keys and values have these sizes, in order; branch pages included."""
    threshold = int(page_size * FILL)
    leaves = pages = 0
    used, count = HEADER_SIZE, 0
    for size in sizes:
        size += ELEMENT_SIZE
        if count >= MIN_KEYS and used + size > threshold:
            pages += -(-used // page_size)
            leaves += 1
            used, count = HEADER_SIZE, 0
        used += size
        count += 1
    pages += -(-used // page_size)
    leaves += 1
    children = max((threshold - HEADER_SIZE) // (ELEMENT_SIZE + BRANCH_KEY), 2)
    while leaves > 1:
        leaves = -(-leaves // children)
        pages += leaves
    return pages
