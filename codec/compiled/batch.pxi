# Many values in one call: what each needs is looked up first, then all are written without the GIL.

cdef struct Item:
    Envelope envelope
    Message* message     # NULL where the readable engine shall decide
    const u8* head
    size_t head_length
    const u8* input_end
    size_t start         # of its JSON in the buffer
    size_t stop


cdef int find_item(raw, Item* item, list kept) except -1:
    """Fills in what the JSON of a value needs; `item.message` stays NULL where the readable engine shall decide."""
    cdef const u8* p
    cdef Root root
    item.message = NULL
    if type(raw) is not bytes:
        return 0
    p = <const u8*>PyBytes_AS_STRING(raw)
    item.input_end = p + PyBytes_GET_SIZE(raw)
    if read_envelope(p, item.input_end, &item.envelope):
        return 0
    root = root_of(&item.envelope)
    if root is None or root.message.form > F_UNKNOWN:
        return 0
    kept.append(root)  # another thread may empty the cache that it came from
    item.message = root.message
    item.head = <const u8*>PyBytes_AS_STRING(root.json)
    item.head_length = <size_t>PyBytes_GET_SIZE(root.json)
    return 0


cdef int write_batch(Work* work, Item* items, Py_ssize_t count) noexcept nogil:
    """The JSON of all items, one behind the other."""
    cdef Py_ssize_t i
    cdef Item* item
    cdef int status
    for i in range(count):
        item = &items[i]
        if item.message == NULL:
            continue
        item.start = <size_t>(work.out.at - work.out.start)
        work.input_end = item.input_end
        work.astray = False
        status = write_json(work, &item.envelope, item.message, item.head, item.head_length)
        if status == NO_MEMORY:
            return status
        if status:
            item.message = NULL
            work.out.at = work.out.start + item.start
        item.stop = <size_t>(work.out.at - work.out.start)
    return OK


def storage_to_json_batch(values):
    """Stored protobuf → JSON for each of a list: bytes, or None. The GIL is released while they are written."""
    cdef tuple raws = tuple(values)  # held, whatever becomes of the list meanwhile
    cdef Py_ssize_t count = len(raws)
    cdef Py_ssize_t i
    cdef list kept = []
    cdef list found = [None] * count
    cdef Item* items
    cdef Item* item
    cdef size_t size = 0
    cdef int status
    cdef Work work
    memset(&work, 0, sizeof(Work))
    items = <Item*>calloc(count + 1, sizeof(Item))
    if items == NULL:
        raise MemoryError
    try:
        for i in range(count):
            find_item(raws[i], &items[i], kept)
            if items[i].message != NULL:
                size += 2 * <size_t>(items[i].envelope.inner_end - items[i].envelope.inner) + 256
        if not room(&work.out, size):
            raise MemoryError
        with nogil:
            status = write_batch(&work, items, count)
        if status:
            raise MemoryError
        for i in range(count):
            item = &items[i]
            if item.message != NULL:
                found[i] = PyBytes_FromStringAndSize(<const char*>work.out.start + item.start, item.stop - item.start)
        return found
    finally:
        free(items)
        work_free(&work)
