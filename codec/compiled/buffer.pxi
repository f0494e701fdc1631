# A buffer that grows: what every road writes into.

cdef enum:
    OK = 0
    BAIL = 1  # the readable engine shall decide
    NO_MEMORY = 2

cdef struct Out:
    u8* start
    u8* at
    u8* limit


cdef void out_free(Out* out) noexcept nogil:
    free(out.start)
    out.start = out.at = out.limit = NULL


cdef bint out_grow(Out* out, size_t need) noexcept nogil:
    """Makes room for `need` more bytes; false where there is no memory."""
    cdef size_t used = <size_t>(out.at - out.start) if out.start != NULL else 0
    cdef size_t size = <size_t>(out.limit - out.start) if out.start != NULL else 0
    if need > (<size_t>1 << 62) - used:
        return False
    size += size >> 1
    if size < used + need:
        size = used + need
    if size < 1024:
        size = 1024
    cdef u8* grown = <u8*>realloc(out.start, size)
    if grown == NULL:
        return False
    out.start = grown
    out.at = grown + used
    out.limit = grown + size
    return True


cdef inline bint room(Out* out, size_t need) noexcept nogil:
    return <size_t>(out.limit - out.at) >= need or out_grow(out, need)


cdef inline int put(Out* out, const void* data, size_t length) noexcept nogil:
    if not room(out, length):
        return NO_MEMORY
    memcpy(out.at, data, length)
    out.at += length
    return OK


cdef inline int put_byte(Out* out, u8 byte) noexcept nogil:
    if not room(out, 1):
        return NO_MEMORY
    out.at[0] = byte
    out.at += 1
    return OK


cdef inline int put_int(Out* out, i64 value) noexcept nogil:
    """A decimal number."""
    cdef u8 digits[20]
    cdef int n = 20
    cdef u64 rest = <u64>value
    if not room(out, 21):
        return NO_MEMORY
    if value < 0:
        out.at[0] = c"-"
        out.at += 1
        rest = 0 - rest
    while True:
        n -= 1
        digits[n] = <u8>(48 + rest % 10)
        rest //= 10
        if rest == 0:
            break
    memcpy(out.at, digits + n, 20 - n)
    out.at += 20 - n
    return OK


# Slots of messages that are being read, in blocks that never move: a message takes its slots, and gives them back.

cdef struct Slot:
    const u8* start  # of the value, or of the first element's tag; NULL where the wire has none
    u64 value        # a number, or the address where a length-delimited value or the last element ends

cdef enum:
    BLOCK_SLOTS = 512

cdef struct Block:
    Block* previous
    Block* following
    size_t size
    size_t used
    Slot* slots


cdef struct Arena:
    Block* current


cdef void arena_free(Arena* arena) noexcept nogil:
    cdef Block* block = arena.current
    cdef Block* previous
    if block == NULL:
        return
    while block.following != NULL:
        block = block.following
    while block != NULL:
        previous = block.previous
        free(block.slots)
        free(block)
        block = previous
    arena.current = NULL


cdef Slot* take_from_new_block(Arena* arena, size_t count) noexcept nogil:
    cdef Block* block
    cdef size_t size = BLOCK_SLOTS if count < BLOCK_SLOTS else count
    if arena.current != NULL and arena.current.following != NULL and arena.current.following.size >= count:
        block = arena.current.following
    else:
        block = <Block*>calloc(1, sizeof(Block))
        if block == NULL:
            return NULL
        block.slots = <Slot*>malloc(size * sizeof(Slot))
        if block.slots == NULL:
            free(block)
            return NULL
        block.size = size
        block.previous = arena.current
        if arena.current != NULL:
            block.following = arena.current.following
            if block.following != NULL:
                block.following.previous = block
            arena.current.following = block
    arena.current = block
    block.used = count
    memset(block.slots, 0, count * sizeof(Slot))
    return block.slots


cdef inline Slot* take(Arena* arena, size_t count) noexcept nogil:
    """So many empty slots; NULL where there is no memory."""
    cdef Block* block = arena.current
    cdef Slot* slots
    if block != NULL and block.size - block.used >= count:
        slots = block.slots + block.used
        block.used += count
        memset(slots, 0, count * sizeof(Slot))
        return slots
    return take_from_new_block(arena, count)


cdef inline Slot* take_empty(Arena* arena, size_t count) noexcept nogil:
    """Slots that the caller fills in himself."""
    cdef Block* block = arena.current
    if block != NULL and block.size - block.used >= count:
        block.used += count
        return block.slots + block.used - count
    return take_from_new_block(arena, count)


cdef inline void give_back(Arena* arena, size_t count) noexcept nogil:
    """Undoes the last `take`."""
    arena.current.used -= count
    if arena.current.used == 0 and arena.current.previous != NULL:
        arena.current = arena.current.previous
