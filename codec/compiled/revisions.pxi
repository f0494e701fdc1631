# The index of an etcd database: which records belong to which key. The twin of codec.source.index.Index.

from cpython.buffer cimport PyBUF_SIMPLE, PyBUF_WRITABLE, PyBuffer_Release, PyObject_GetBuffer

cdef extern from "primitives.h":
    Py_hash_t codec_hash(const void* data, Py_ssize_t length)

cdef enum:
    PAGE_HEADER = 16      # bytes: id u64, flags u16, count u16, overflow u32
    PAGE_ELEMENT = 16     # bytes of a leaf's element: flags, position, key size, value size, u32 each
    LEAF_PAGE = 2         # flags of a leaf
    REVISION_BYTES = 17   # of a revision: main u64, `_`, sub u64, big-endian
    TOMBSTONE_BYTES = 18  # the same and `t`
    NO_RECORD = 0xFFFFFFFF

cdef u64 COPIED = <u64>1 << 63  # in the place of a key: it is in the arena, not in the file
cdef u64 TOMBSTONE = <u64>1 << 31  # added to the sub revision of one

cdef struct Revision:
    u64 main
    u64 start       # place of the mvccpb.KeyValue in the file
    u64 key         # place of the key
    u32 key_length
    u32 size
    u32 sub         # with TOMBSTONE
    u32 before      # the record of the same key before this one, NO_RECORD for the first

cdef struct Head:
    u32 hash        # low bits of the key's hash
    u32 newest      # 1 + its newest record, 0 for an empty place


cdef inline u16 read_u16(const u8* p) noexcept nogil:
    cdef u16 value
    memcpy(&value, p, 2)
    return value


cdef inline u32 read_u32(const u8* p) noexcept nogil:
    cdef u32 value
    memcpy(&value, p, 4)
    return value


cdef inline u64 read_u64(const u8* p) noexcept nogil:
    cdef u64 value
    memcpy(&value, p, 8)
    return value


cdef inline u64 read_big(const u8* p) noexcept nogil:
    """Eight bytes, the greatest first."""
    cdef u64 value = 0
    cdef int i
    for i in range(8):
        value = value << 8 | p[i]
    return value


cdef class RevisionIndex:
    """Key → its records; see codec.source.index.Index, whose methods these are. Errors in the file are its readers'."""

    cdef bint copies         # keys are copied, because another program may write to the file
    cdef Revision* records
    cdef size_t count        # through
    cdef size_t filled       # with those that are pending
    cdef size_t capacity
    cdef Head* heads         # open addressing, at most half full
    cdef size_t mask
    cdef size_t keys_count
    cdef u8* arena           # copies of keys
    cdef size_t arena_used
    cdef size_t arena_size
    cdef u64 extent          # bytes of the file that keys were found in
    cdef u32* order          # the newest record of each key, by key; NULL until it is wanted

    def __cinit__(self, bint copies=True):
        self.copies = copies

    def __dealloc__(self):
        free(self.records)
        free(self.heads)
        free(self.arena)
        free(self.order)

    def __len__(self):
        return self.count

    @property
    def pending(self):
        return self.filled - self.count

    cdef Revision* another(self) except NULL:
        """Room for one more record."""
        cdef size_t size
        cdef Revision* grown
        if self.filled == self.capacity:
            size = self.capacity + (self.capacity >> 2) + 256
            if size >= NO_RECORD:
                raise MemoryError
            grown = <Revision*>realloc(self.records, size * sizeof(Revision))
            if grown == NULL:
                raise MemoryError
            self.records = grown
            self.capacity = size
        return &self.records[self.filled]

    cdef u64 keep(self, const u8* key, size_t length) except 0:
        """Copies a key; its place."""
        cdef size_t size
        cdef u8* grown
        if self.arena_size - self.arena_used < length or self.arena == NULL:
            size = self.arena_size + (self.arena_size >> 2) + length + 4096
            grown = <u8*>realloc(self.arena, size)
            if grown == NULL:
                raise MemoryError
            self.arena = grown
            self.arena_size = size
        memcpy(self.arena + self.arena_used, key, length)
        self.arena_used += length
        return COPIED | (self.arena_used - length)

    cdef inline const u8* key_of(self, const u8* data, Revision* record) noexcept:
        if record.key & COPIED:
            return self.arena + (record.key & ~COPIED)
        return data + record.key

    cdef int open(self, data, Py_buffer* view) except -1:
        """The bytes of the file, which have to be let go."""
        PyObject_GetBuffer(data, view, PyBUF_SIMPLE)
        if <u64>view.len < self.extent:
            PyBuffer_Release(view)
            raise ValueError("the file is shorter than it was")
        return 0

    def append(self, bytes key, u64 main, u64 sub, u64 start, u64 size):
        cdef Revision* record = self.another()
        if size > 0xFFFFFFFFu or PyBytes_GET_SIZE(key) > 0x7FFFFFFF or sub > 0xFFFFFFFFu:
            raise OverflowError("a record of etcd is not that large")
        record.key = self.keep(<const u8*>PyBytes_AS_STRING(key), <size_t>PyBytes_GET_SIZE(key))
        record.key_length = <u32>PyBytes_GET_SIZE(key)
        record.main = main
        record.sub = <u32>sub
        record.start = start
        record.size = <u32>size
        self.filled += 1

    def read_leaves(self, data, u64 page_size, bytearray seen, list children, bytes start, bytes after):
        """Adds the records of leaf pages, the last of `children` first. The last revision, as it is stored.

        None, with nothing added, if one of them is no leaf or anything about it is odd. start: the revision that the
        scan began behind; after: the last one that was read. Numbers in the file are of this machine's byte order.
        """
        cdef Py_buffer view
        cdef size_t mark = self.filled
        cdef size_t arena_mark = self.arena_used
        cdef u8[TOMBSTONE_BYTES] last
        cdef size_t last_length = <size_t>PyBytes_GET_SIZE(after)
        cdef bint skipping = after == start
        cdef Py_ssize_t i = len(children)
        cdef u64 page
        cdef u64 limit = <u64>len(seen)
        cdef u32 overflow
        cdef list ranges = []
        if last_length > TOMBSTONE_BYTES:
            return None
        memcpy(last, PyBytes_AS_STRING(after), last_length)
        self.open(data, &view)
        well = False
        try:
            if limit * page_size > <u64>view.len:
                return None
            while i > 0:
                i -= 1
                number = children[i]
                if not 1 < number < limit:
                    return None
                page = number
                overflow = 0
                if not self.read_leaf(<const u8*>view.buf, page, page_size, limit, &overflow, last, &last_length, &skipping):
                    return None
                if seen.find(1, page, page + overflow + 1) >= 0:
                    return None
                seen[page:page + overflow + 1] = b"\x01" * (overflow + 1)
                ranges.append((page, page + overflow + 1))
            well = True
            self.extent = max(self.extent, limit * page_size)
            return PyBytes_FromStringAndSize(<const char*>last, last_length)
        finally:
            PyBuffer_Release(&view)
            if not well:
                self.filled = mark
                self.arena_used = arena_mark
                for first, end in ranges:
                    seen[first:end] = bytes(end - first)

    cdef bint read_leaf(
        self, const u8* data, u64 page, u64 page_size, u64 limit, u32* overflow, u8* last, size_t* last_length,
        bint* skipping,
    ) except -1:
        """One leaf; false if it is none or odd."""
        cdef const u8* begin = data + page * page_size
        cdef u64 size
        cdef u64 count
        cdef u64 behind
        cdef u64 element = PAGE_HEADER
        cdef u64 at
        cdef u64 value
        cdef u64 key_size
        cdef u64 value_size
        cdef u64 length
        cdef size_t shorter
        cdef const u8* key
        cdef const u8* name
        cdef int order
        cdef Revision* record
        if read_u64(begin) != page or read_u16(begin + 8) != LEAF_PAGE:
            return False
        count = read_u16(begin + 10)
        overflow[0] = read_u32(begin + 12)
        if page + overflow[0] >= limit:
            return False
        size = page_size * (<u64>overflow[0] + 1)
        behind = PAGE_HEADER + count * PAGE_ELEMENT
        if behind > page_size:
            return False
        while count:
            count -= 1
            at = element + read_u32(begin + element + 4)
            key_size = read_u32(begin + element + 8)
            value_size = read_u32(begin + element + 12)
            element += PAGE_ELEMENT
            value = at + key_size
            if at < behind or value + value_size > size:
                return False
            behind = value + value_size
            key = begin + at
            if key_size != REVISION_BYTES and (key_size != TOMBSTONE_BYTES or key[REVISION_BYTES] != c"t"):
                return False
            if key[8] != c"_" or key[0] >= 0x80 or read_big(key + 9) >= TOMBSTONE:
                return False
            shorter = key_size if key_size < last_length[0] else last_length[0]
            order = memcmp(key, last, shorter)
            if order < 0 or (order == 0 and key_size <= last_length[0]):
                if skipping[0]:
                    continue  # read from an older tree
                return False
            skipping[0] = False
            memcpy(last, key, key_size)
            last_length[0] = key_size
            # The key is the record's first field.
            if value_size < 3 or begin[value] != 0x0A:
                return False
            length = begin[value + 1]
            name = begin + value + 2
            if length >= 0x80 or length > value_size - 2:
                return False
            record = self.another()
            if self.copies:
                record.key = self.keep(name, <size_t>length)
            else:
                record.key = <u64>(name - data)
            record.key_length = <u32>length
            record.main = read_big(key)
            record.sub = <u32>(read_big(key + 9) | (TOMBSTONE if key_size == TOMBSTONE_BYTES else 0))
            record.start = <u64>(begin + value - data)
            record.size = <u32>value_size
            self.filled += 1
        return True

    def commit(self, data):
        cdef Py_buffer view
        cdef Revision* record
        cdef Head* head
        cdef const u8* key
        cdef u32 hash
        if self.filled == self.count:
            return
        self.open(data, &view)
        try:
            while self.count < self.filled:
                if 2 * (self.keys_count + 1) > self.mask:
                    self.widen()
                record = &self.records[self.count]
                key = self.key_of(<const u8*>view.buf, record)
                hash = <u32>codec_hash(key, <Py_ssize_t>record.key_length)
                head = self.find(<const u8*>view.buf, key, record.key_length, hash)
                if head.newest:
                    record.before = head.newest - 1
                else:
                    record.before = NO_RECORD
                    self.keys_count += 1
                    head.hash = hash
                self.count += 1
                head.newest = <u32>self.count
            free(self.order)
            self.order = NULL
        finally:
            PyBuffer_Release(&view)

    def discard(self):
        self.filled = self.count

    cdef int widen(self) except -1:
        """Twice as many places."""
        cdef size_t size = 2 * (self.mask + 1) if self.heads != NULL else 1024
        cdef Head* grown = <Head*>calloc(size, sizeof(Head))
        cdef size_t i
        cdef size_t place
        if grown == NULL:
            raise MemoryError
        if self.heads != NULL:
            for i in range(self.mask + 1):
                if self.heads[i].newest:
                    place = self.heads[i].hash & (size - 1)
                    while grown[place].newest:
                        place = (place + 1) & (size - 1)
                    grown[place] = self.heads[i]
            free(self.heads)
        self.heads = grown
        self.mask = size - 1
        return 0

    cdef Head* find(self, const u8* data, const u8* key, size_t length, u32 hash) noexcept:
        """Where a key of this hash stands, or the empty place where it would. There is always one."""
        cdef size_t place = hash & self.mask
        cdef Head* head
        cdef Revision* record
        while True:
            head = &self.heads[place]
            if head.newest == 0:
                return head
            if head.hash == hash:
                record = &self.records[head.newest - 1]
                if record.key_length == length and memcmp(self.key_of(data, record), key, length) == 0:
                    return head
            place = (place + 1) & self.mask

    def head(self, data, bytes key):
        cdef Py_buffer view
        if self.heads == NULL:
            return -1
        self.open(data, &view)
        try:
            return <i64>self.find(
                <const u8*>view.buf, <const u8*>PyBytes_AS_STRING(key), <size_t>PyBytes_GET_SIZE(key),
                <u32>codec_hash(PyBytes_AS_STRING(key), PyBytes_GET_SIZE(key)),
            ).newest - 1
        finally:
            PyBuffer_Release(&view)

    cdef Revision* record(self, object number) except NULL:
        cdef i64 place = number
        if place < 0 or <size_t>place >= self.count:
            raise IndexError(number)
        return &self.records[place]

    def before(self, number):
        cdef Revision* record = self.record(number)
        return -1 if record.before == NO_RECORD else record.before

    def main(self, number):
        return self.record(number).main

    def sub(self, number):
        return self.record(number).sub

    def start(self, number):
        return self.record(number).start

    def size(self, number):
        return self.record(number).size

    cdef bint in_order(self, const u8* data, u32 one, u32 other) noexcept:
        """Whether the key of one record is not behind that of the other."""
        cdef Revision* a = &self.records[one]
        cdef Revision* b = &self.records[other]
        return compare_bytes(self.key_of(data, a), a.key_length, self.key_of(data, b), b.key_length) <= 0

    cdef int sort(self, const u8* data) except -1:
        """Puts the keys in order: a merge sort of numbers alone, because files may hold millions of them."""
        cdef u32* source
        cdef u32* target
        cdef u32* swapped
        cdef size_t count = 0
        cdef size_t width = 1
        cdef size_t i, low, middle, high, one, other
        if self.order != NULL or self.keys_count == 0:
            return 0
        source = <u32*>malloc(self.keys_count * sizeof(u32))
        target = <u32*>malloc(self.keys_count * sizeof(u32))
        if source == NULL or target == NULL:
            free(source)
            free(target)
            raise MemoryError
        for i in range(self.mask + 1):
            if self.heads[i].newest:
                source[count] = self.heads[i].newest - 1
                count += 1
        while width < count:
            low = 0
            while low < count:
                middle = min(low + width, count)
                high = min(low + 2 * width, count)
                one = low
                other = middle
                for i in range(low, high):
                    if one < middle and (other == high or self.in_order(data, source[one], source[other])):
                        target[i] = source[one]
                        one += 1
                    else:
                        target[i] = source[other]
                        other += 1
                low = high
            swapped = source
            source = target
            target = swapped
            width *= 2
        free(target)
        self.order = source
        return 0

    cdef size_t place_of(self, const u8* data, bytes key):
        """The first place whose key is not before this one."""
        cdef size_t low = 0
        cdef size_t high = self.keys_count
        cdef size_t middle
        cdef Revision* record
        while low < high:
            middle = (low + high) >> 1
            record = &self.records[self.order[middle]]
            if compare_bytes(
                self.key_of(data, record), record.key_length,
                <const u8*>PyBytes_AS_STRING(key), <size_t>PyBytes_GET_SIZE(key),
            ) < 0:
                low = middle + 1
            else:
                high = middle
        return low

    def places(self, data, bytes start, bytes end):
        cdef Py_buffer view
        cdef size_t first
        cdef size_t last
        if self.keys_count == 0:
            return 0, 0
        self.open(data, &view)
        try:
            self.sort(<const u8*>view.buf)
            first = self.place_of(<const u8*>view.buf, start)
            last = self.place_of(<const u8*>view.buf, end) if end else self.keys_count
            return first, max(first, last)
        finally:
            PyBuffer_Release(&view)

    cdef int check_places(self, size_t first, size_t last) except -1:
        if first > last or last > self.keys_count or (self.order == NULL and last):
            raise IndexError(last)
        return 0

    def keys(self, data, size_t first, size_t last):
        cdef Py_buffer view
        cdef size_t i
        cdef Revision* record
        cdef list found = []
        self.check_places(first, last)
        self.open(data, &view)
        try:
            for i in range(first, last):
                record = &self.records[self.order[i]]
                found.append(
                    PyBytes_FromStringAndSize(
                        <const char*>self.key_of(<const u8*>view.buf, record), record.key_length
                    )
                )
            return found
        finally:
            PyBuffer_Release(&view)

    def live(self, data, size_t first, size_t last, u64 revision):
        cdef Py_buffer view
        cdef size_t i
        cdef u32 number
        cdef Revision* record
        cdef list found = []
        self.check_places(first, last)
        self.open(data, &view)
        try:
            for i in range(first, last):
                number = self.order[i]
                while number != NO_RECORD and self.records[number].main > revision:
                    number = self.records[number].before
                if number == NO_RECORD or self.records[number].sub & TOMBSTONE:
                    continue
                record = &self.records[number]
                found.append((
                    PyBytes_FromStringAndSize(
                        <const char*>self.key_of(<const u8*>view.buf, record), record.key_length
                    ),
                    number,
                ))
            return found
        finally:
            PyBuffer_Release(&view)
