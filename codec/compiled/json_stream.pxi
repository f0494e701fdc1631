# Wire → JSON in one pass: where the fields of a message stand on the wire in the order in which JSON shows them, each is
# written as it is met. Any other message is read into slots first, see json_text.pxi.

cdef enum:
    STRAY = 8         # a status of this file: the message has to be read into slots
    MAX_STEPS = 64    # fields of a message, one bit each
    MAX_TAGS = 1024

cdef enum Streaming:
    J_STRING
    J_NUMBER
    J_BYTES
    J_MESSAGE
    J_LIST
    J_NUMBERS  # a list of them
    J_MAP

cdef struct Streamed:
    # A field as it is met.
    Field* field
    u8 step
    bint omitted_if_zero
    int key_length
    u8* key  # as that of the field, with 32 bytes more

cdef struct Stream:
    u8[MAX_TAGS] by_tag  # 1 + the place in `fields`, 0 for a tag that is not expected
    u64 always           # one bit for each field that is shown although the wire does not have it
    Streamed[MAX_STEPS] fields


cdef int load_stream(Message* message) except -1:
    """Finds out whether a message can be written in one pass; FOREIGN where it cannot."""
    cdef Stream* stream
    cdef Streamed* streamed
    cdef Field* field
    cdef u32 number = 0
    cdef int i
    if message.stream_state != UNLOADED:
        return 0
    if message.form > F_UNKNOWN or message.shown_count > MAX_STEPS or message.shown_count != message.count:
        CODEC_STORE(&message.stream_state, FOREIGN)
        return 0
    for i in range(message.shown_count):
        field = message.shown[i].field
        if message.fields[i].inlined or field.number <= number or field.tag >= MAX_TAGS:
            CODEC_STORE(&message.stream_state, FOREIGN)
            return 0
        number = field.number
    stream = <Stream*>calloc(1, sizeof(Stream))
    if stream == NULL:
        raise MemoryError
    for i in range(message.shown_count):
        field = message.shown[i].field
        streamed = &stream.fields[i]
        streamed.field = field
        streamed.key_length = field.key_length
        streamed.key = <u8*>calloc(field.key_length + 32, 1)
        if streamed.key == NULL:
            raise MemoryError
        memcpy(streamed.key, field.key, field.key_length)
        streamed.omitted_if_zero = not field.always and (
            field.label == L_VALUE or field.was_value or field.kind == K_BYTES
        )
        if field.label == L_REPEATED:
            streamed.step = J_LIST if field.kind >= K_STRING else J_NUMBERS
        elif field.label == L_MAP:
            streamed.step = J_MAP
        elif field.kind == K_MESSAGE:
            streamed.step = J_MESSAGE
        elif field.kind == K_BYTES:
            streamed.step = J_BYTES
        else:
            streamed.step = J_STRING if field.kind == K_STRING else J_NUMBER
        stream.by_tag[field.tag] = i + 1
        if field.always:
            stream.always |= <u64>1 << i
    message.stream = stream
    CODEC_STORE(&message.stream_state, LOADED)
    return 0


cdef int load_stream_unlocked(Message* message) noexcept with gil:
    try:
        load_stream(message)
    except BaseException:
        return NO_MEMORY
    return OK


cdef inline bint is_streamed(Message* message) noexcept nogil:
    """Whether a message can be written in one pass."""
    if CODEC_LOAD(&message.stream_state) == UNLOADED and load_stream_unlocked(message):
        return False
    return CODEC_LOAD(&message.stream_state) == LOADED


cdef inline int put_key(Out* out, Streamed* streamed, size_t more) noexcept nogil:
    """A key, and room for `more` and 48 bytes."""
    if not room(out, <size_t>streamed.key_length + more + 48):
        return NO_MEMORY
    memcpy(out.at, streamed.key, 16)
    if streamed.key_length > 16:
        memcpy(out.at + 16, streamed.key + 16, 16)
        if streamed.key_length > 32:
            memcpy(out.at + 32, streamed.key + 32, streamed.key_length - 32)
    out.at += streamed.key_length
    return OK


cdef inline int put_short_string(Out* out, const u8* p, const u8* end, const u8* input_end) noexcept nogil:
    """As put_string; what is short and plain without a call. There is room for 40 bytes."""
    cdef size_t length = <size_t>(end - p)
    cdef unsigned mask
    if length <= 32 and input_end - p >= 32:
        mask = codec_special16(p)
        memcpy(out.at + 1, p, 16)
        if length > 16:
            mask |= codec_special16(p + 16) << 16
            memcpy(out.at + 17, p + 16, 16)
        if length == 32 and mask == 0 or length < 32 and mask & ((1u << length) - 1) == 0:
            out.at[0] = c'"'
            out.at[length + 1] = c'"'
            out.at += length + 2
            return OK
    return put_string(out, p, end, input_end)


cdef int put_stream(Work* work, Message* message, const u8* p, const u8* end, int depth) noexcept nogil:
    """The members of a message that is_streamed, each behind a comma. STRAY where it is to be begun anew."""
    cdef Stream* stream = message.stream
    cdef Out* out = &work.out
    cdef Streamed* streamed
    cdef Field* field
    cdef const u8* begin
    cdef const u8* after = NULL
    cdef Slot slot
    cdef u64 value
    cdef u64 missing
    cdef unsigned tag
    cdef int place = 0
    cdef int found
    cdef int status
    if depth > MAX_DEPTH:
        return BAIL
    while p < end:
        begin = p
        tag = p[0]
        p += 1
        if tag >= 0x80:
            if p == end or p[0] >= 0x80:
                return STRAY
            tag = (tag & 0x7F) | <unsigned>p[0] << 7
            p += 1
            if tag >= MAX_TAGS:
                return STRAY
        found = <int>stream.by_tag[tag] - 1
        if found < place:
            return STRAY
        if found > place:
            missing = stream.always >> place & (((<u64>1 << (found - place)) - 1))
            if missing:
                status = put_missing(work, stream, place, found, depth)
                if status:
                    return status
        place = found + 1
        streamed = &stream.fields[found]
        field = streamed.field
        if streamed.step == J_NUMBER:
            if field.kind == K_DOUBLE:
                if end - p < 8:
                    return BAIL
                memcpy(&value, p, 8)
                p += 8
            else:
                p = read_varint(p, end, &value)
                if p == NULL:
                    return BAIL
            slot.value = value
            if streamed.omitted_if_zero and is_zero_scalar(field.kind, &slot):
                continue
            status = put_key(out, streamed, 0) or put_scalar(work, field.kind, NULL, value)
            if status:
                return status
            continue
        if streamed.step == J_NUMBERS:
            slot.start = begin
            while p != NULL:
                p = skip_value(p, end, tag)
                if p == NULL:
                    return BAIL
                slot.value = <u64>p
                p = past_same_tag(p, end, tag)
            p = ending(&slot)
            status = put_key(out, streamed, 0) or put_list(work, field, &slot, depth)
            if status:
                return status
            continue
        p = read_length(p, end, &after)
        if p == NULL:
            return BAIL
        if streamed.step == J_STRING:
            if p == after and streamed.omitted_if_zero:
                continue
            status = put_key(out, streamed, 0) or put_short_string(out, p, after, work.input_end)
            p = after
        elif streamed.step == J_LIST:
            status = put_key(out, streamed, 0) or put_streamed_list(work, field, &p, after, end, depth)
        elif streamed.step == J_MESSAGE:
            slot.start = p
            slot.value = <u64>after
            status = put_message_field(work, field, &slot, depth)
            p = after
        elif streamed.step == J_MAP:
            status = put_key(out, streamed, 0) or put_streamed_map(work, field, &p, after, end, depth)
        else:
            if p == after and streamed.omitted_if_zero:
                continue
            status = put_key(out, streamed, 0) or put_base64(out, p, after)
            p = after
        if status:
            return status
    if stream.always >> place if place < MAX_STEPS else 0:
        return put_missing(work, stream, place, message.shown_count, depth)
    return OK


cdef int put_missing(Work* work, Stream* stream, int place, int end, int depth) noexcept nogil:
    """What is always shown among the fields from `place` on, none of which the wire has."""
    cdef int status
    while place < end:
        if stream.fields[place].field.always:
            status = put_key(&work.out, &stream.fields[place], 0) or (
                put_absent(work, stream.fields[place].field, depth)
            )
            if status:
                return status
        place += 1
    return OK


cdef inline const u8* past_same_tag(const u8* p, const u8* end, u32 tag) noexcept nogil:
    """The place after a tag, NULL where another one stands there."""
    if tag < 0x80:
        return p + 1 if p < end and p[0] == tag else NULL
    if end - p >= 2 and p[0] == (tag & 0x7F | 0x80) and p[1] == tag >> 7:
        return p + 2
    return NULL


cdef int put_streamed_list(
    Work* work, Field* field, const u8** start, const u8* after, const u8* end, int depth
) noexcept nogil:
    """Length-delimited elements that stand together, the first from start[0] to `after`; start[0] ends behind them."""
    cdef Out* out = &work.out
    cdef const u8* p = start[0]
    cdef size_t mark = <size_t>(out.at - out.start)
    cdef Message* message = field.message
    cdef int status
    if field.kind == K_MESSAGE:
        status = reach(message)
        if status:
            return status
    while True:
        if not room(out, 64):
            return NO_MEMORY
        out.at[0] = c","
        out.at += 1
        if field.kind == K_MESSAGE:
            status = put_value(work, message, p, after, depth + 1)
        elif field.kind == K_STRING:
            status = put_short_string(out, p, after, work.input_end)
        else:
            status = put_base64(out, p, after)
        if status:
            return status
        start[0] = after
        p = past_same_tag(after, end, field.tag)
        if p == NULL:
            break
        p = read_length(p, end, &after)
        if p == NULL:
            return BAIL
    out.start[mark] = c"["
    return put_byte(out, c"]")


cdef int put_streamed_map(
    Work* work, Field* field, const u8** start, const u8* after, const u8* end, int depth
) noexcept nogil:
    """Entries that stand together, as put_streamed_list; see put_map."""
    cdef Out* out = &work.out
    cdef const u8* p = start[0]
    cdef size_t mark = <size_t>(out.at - out.start)
    cdef Entry entry
    cdef Entry last
    cdef int status
    last.key = NULL
    last.key_length = 0
    if field.kind == K_MESSAGE:
        status = reach(field.message)
        if status:
            return status
    while True:
        status = read_entry(field, p, after, &entry)
        if status:
            return status
        if last.key != NULL and compare_bytes(last.key, last.key_length, entry.key, entry.key_length) >= 0:
            return BAIL
        last = entry
        if not room(out, 64):
            return NO_MEMORY
        out.at[0] = c","
        out.at += 1
        status = put_short_string(out, entry.key, entry.key + entry.key_length, work.input_end)
        if status:
            return status
        if not room(out, 64):
            return NO_MEMORY
        out.at[0] = c":"
        out.at += 1
        if field.kind == K_MESSAGE:
            status = put_value(work, field.message, entry.value_start, entry.value_end, depth + 1)
        elif entry.value_start == NULL:
            status = put(out, b'""', 2)
        elif field.kind == K_STRING:
            status = put_short_string(out, entry.value_start, entry.value_end, work.input_end)
        else:
            status = put_scalar(work, field.kind, entry.value_start, <u64>entry.value_end)
        if status:
            return status
        start[0] = after
        p = past_same_tag(after, end, field.tag)
        if p == NULL:
            break
        p = read_length(p, end, &after)
        if p == NULL:
            return BAIL
    out.start[mark] = c"{"
    return put_byte(out, c"}")
