# Writing the wire from its end to its start, so that every length is known when it is written.

cdef enum:
    BORROWED = 4096  # bytes from which on a content is worth pointing to until the value is put together

cdef struct Piece:
    # A content that lies elsewhere, and how much of the buffer comes after it.
    const u8* start
    size_t length
    size_t after

cdef struct Back:
    u8* start
    u8* at      # what is written begins here
    u8* limit
    Piece* pieces  # the last comes first
    size_t count
    size_t capacity
    size_t outside  # bytes of all pieces


cdef void back_free(Back* out) noexcept nogil:
    free(out.start)
    free(out.pieces)
    memset(out, 0, sizeof(Back))


cdef inline void back_over(Back* out, u8* buffer, size_t size) noexcept nogil:
    """Takes over a buffer that was allocated before."""
    out.start = buffer
    out.at = out.limit = buffer + size


cdef inline void back_again(Back* out) noexcept nogil:
    """Forgets what was written."""
    out.at = out.limit
    out.count = 0
    out.outside = 0


cdef bint back_borrow(Back* out, const u8* p, size_t length) noexcept nogil:
    """Puts a content there that stays where it is; false where there is no memory."""
    cdef Piece* grown
    if out.count == out.capacity:
        grown = <Piece*>realloc(out.pieces, (2 * out.capacity + 8) * sizeof(Piece))
        if grown == NULL:
            return False
        out.pieces = grown
        out.capacity = 2 * out.capacity + 8
    out.pieces[out.count].start = p
    out.pieces[out.count].length = length
    out.pieces[out.count].after = <size_t>(out.limit - out.at)
    out.count += 1
    out.outside += length
    return True


cdef bint back_grow(Back* out, size_t need) noexcept nogil:
    cdef size_t used = <size_t>(out.limit - out.at) if out.start != NULL else 0
    cdef size_t size = <size_t>(out.limit - out.start) if out.start != NULL else 0
    cdef u8* grown
    if need > (<size_t>1 << 62) - used:
        return False
    size += size >> 1
    if size < used + need:
        size = used + need
    if size < 1024:
        size = 1024
    grown = <u8*>malloc(size)
    if grown == NULL:
        return False
    if used:
        memcpy(grown + size - used, out.at, used)
    free(out.start)
    out.start = grown
    out.limit = grown + size
    out.at = out.limit - used
    return True


cdef inline bint back_room(Back* out, size_t need) noexcept nogil:
    return <size_t>(out.at - out.start) >= need or back_grow(out, need)


cdef inline int back_put(Back* out, const void* data, size_t length) noexcept nogil:
    if not back_room(out, length):
        return NO_MEMORY
    out.at -= length
    if length:
        memcpy(out.at, data, length)
    return OK


cdef inline int back_varint(Back* out, u64 value) noexcept nogil:
    cdef int length = 1
    cdef u64 rest = value
    cdef u8* at
    if not back_room(out, 10):
        return NO_MEMORY
    if value < 0x80:
        out.at -= 1
        out.at[0] = <u8>value
        return OK
    while rest >= 0x80:
        rest >>= 7
        length += 1
    out.at -= length
    at = out.at
    while value >= 0x80:
        at[0] = <u8>(value & 0x7F | 0x80)
        at += 1
        value >>= 7
    at[0] = <u8>value
    return OK


cdef inline size_t back_length(Back* out) noexcept nogil:
    """How much is written."""
    return <size_t>(out.limit - out.at) + out.outside


cdef inline int back_head(Back* out, u32 tag, size_t mark) noexcept nogil:
    """The tag and length of what was written since `mark`, a length of then."""
    cdef int status = back_varint(out, back_length(out) - mark)
    return status or back_varint(out, tag)


cdef inline int back_text(Back* out, u32 tag, const u8* p, size_t length) noexcept nogil:
    """A whole length-delimited field."""
    cdef int status = back_put(out, p, length)
    if status:
        return status
    status = back_varint(out, length)
    return status or back_varint(out, tag)


cdef inline int back_zero(Back* out, Field* field) noexcept nogil:
    """The zero of a scalar that is held as a value."""
    if field.kind == K_DOUBLE:
        if not back_room(out, 8):
            return NO_MEMORY
        out.at -= 8
        memset(out.at, 0, 8)
    elif not back_room(out, 1):
        return NO_MEMORY
    else:
        out.at -= 1
        out.at[0] = 0
    return back_varint(out, field.tag)


cdef int back_zero_message(Back* out, Message* message, int depth) noexcept nogil:
    """The content of a message that nobody gave a value: Go's zero, of which values are written all the same."""
    cdef int i
    cdef int status
    cdef Field* field
    cdef size_t mark
    if depth > MAX_DEPTH:
        return BAIL
    status = reach(message)
    if status:
        return status
    if message.form == F_QUANTITY:
        return back_text(out, message.fields[0].tag, <const u8*>ZERO_DIGIT, 1)
    if message.form > F_SCHEMA_OR_STRING_ARRAY and message.form != F_DURATION and message.form != F_INT_OR_STRING:
        return OK
    for i in range(message.count - 1, -1, -1):
        field = &message.fields[i]
        if field.inlined or (field.kind == K_MESSAGE and field.label == L_VALUE):
            status = reach(field.message)
            if status:
                return status
            if field.message.form == F_LIST:
                continue
            mark = back_length(out)
            status = back_zero_message(out, field.message, depth + 1)
            if status == OK:
                status = back_head(out, field.tag, mark)
        elif field.label == L_VALUE and field.kind != K_BYTES and field.kind != K_MESSAGE:
            status = back_zero(out, field)
        if status:
            return status
    return OK


cdef const char* ZERO_DIGIT = b"0"


cdef int back_time(Back* out, Message* message, i64 seconds, i64 nanos) noexcept nogil:
    """The content of a Time or MicroTime: both fields, or nothing for the zero."""
    cdef int status
    if seconds == ZERO_SECONDS and nanos == 0:
        return OK
    status = back_varint(out, <u64>nanos)
    if status == OK:
        status = back_varint(out, message.fields[1].tag)
    if status == OK:
        status = back_varint(out, <u64>seconds)
    if status == OK:
        status = back_varint(out, message.fields[0].tag)
    return status


cdef u8* back_collect(Back* out, u8* to) noexcept nogil:
    """Copies what is written, pieces and all; there must be room for `back_length` bytes. Returns the place after."""
    cdef const u8* at = out.at
    cdef size_t i = out.count
    cdef size_t length
    while i > 0:
        i -= 1
        length = <size_t>(out.limit - out.pieces[i].after - at)
        if length:
            memcpy(to, at, length)
        at += length
        to += length
        memcpy(to, out.pieces[i].start, out.pieces[i].length)
        to += out.pieces[i].length
    if at != out.limit:
        memcpy(to, at, <size_t>(out.limit - at))
    return to + (out.limit - at)


cdef bytes back_envelope(Back* out, bytes type_meta):
    """What is written, in the envelope of a stored value whose typeMeta is given whole."""
    cdef size_t inner = back_length(out)
    cdef size_t rest = inner
    cdef Py_ssize_t head = PyBytes_GET_SIZE(type_meta)
    cdef Py_ssize_t digits = 1
    cdef bytes value
    cdef u8* at
    while rest >= 0x80:
        rest >>= 7
        digits += 1
    value = PyBytes_FromStringAndSize(NULL, head + 1 + digits + <Py_ssize_t>inner + 4)
    at = <u8*>PyBytes_AS_STRING(value)
    memcpy(at, PyBytes_AS_STRING(type_meta), head)
    at += head
    at[0] = 2 << 3 | 2
    at += 1
    while inner >= 0x80:
        at[0] = <u8>(inner & 0x7F | 0x80)
        inner >>= 7
        at += 1
    at[0] = <u8>inner
    at = back_collect(out, at + 1)
    memcpy(at, TAIL, 4)
    return value

cdef const char* TAIL = b"\x1a\x00\x22\x00"
