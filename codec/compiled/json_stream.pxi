# Wire → JSON by a plan of each message. Where its fields stand on the wire in the order in which JSON shows them, each is
# written as it is met; else they are gathered first, with one bit for each that is there. What no plan can be made of,
# and what is rare on the wire, goes the way of json_text.pxi.

cdef enum:
    STRAY = 8         # a status of this file: it goes on another way
    MAX_STEPS = 64    # fields of a message, one bit each
    MAX_TAGS = 1024
    MAX_KEY = 64      # bytes, a multiple of 16

cdef enum Streaming:
    J_STRING
    J_NUMBER
    J_BYTES
    J_MESSAGE
    J_LIST
    J_NUMBERS  # a list of them
    J_MAP
    J_INLINED  # a message whose fields are shown among those around it

cdef struct Streamed:
    # A field as it is met.
    u8 step
    u8 omitted_if_zero
    i16 key_length
    u8[MAX_KEY] key  # as that of the field
    Field* field
    Stream* inner  # of what is inlined
    u8* places     # place of a field in there → place here

cdef struct Stream:
    bint ordered         # the wire has JSON's order
    int count            # of fields that are shown; what is inlined follows
    u64 always           # one bit for each field that is shown although the wire does not have it
    Streamed* fields
    unsigned tags        # how many there are in `by_tag`
    u8* by_tag           # 1 + the place in `fields`, 0 for a tag that is not expected


cdef int load_stream(Message* message) except -1:
    """Makes the plan of a message; FOREIGN where there is none."""
    cdef Stream* stream
    cdef Streamed* streamed
    cdef Field* field
    cdef Message* inner
    cdef u32 number = 0
    cdef int i, k, place
    cdef int extra
    if message.stream_state != UNLOADED:
        return 0
    if message.form > F_UNKNOWN or message.shown_count > MAX_STEPS or message.count > MAX_STEPS:
        CODEC_STORE(&message.stream_state, FOREIGN)
        return 0
    for i in range(message.shown_count):
        if message.shown[i].field.key_length > MAX_KEY:
            CODEC_STORE(&message.stream_state, FOREIGN)
            return 0
    for i in range(message.count):
        field = &message.fields[i]
        if field.tag >= MAX_TAGS or field.packed_tag >= MAX_TAGS:
            CODEC_STORE(&message.stream_state, FOREIGN)
            return 0
        if field.inlined:
            load_stream(field.message)
            if field.message.stream_state != LOADED:
                CODEC_STORE(&message.stream_state, FOREIGN)
                return 0
    stream = <Stream*>calloc(1, sizeof(Stream))
    if stream == NULL:
        raise MemoryError
    for i in range(message.count):
        if message.fields[i].tag >= stream.tags:
            stream.tags = message.fields[i].tag + 1
    stream.by_tag = <u8*>calloc(stream.tags + 1, 1)
    stream.fields = <Streamed*>calloc(message.shown_count + message.count + 1, sizeof(Streamed))
    if stream.by_tag == NULL or stream.fields == NULL:
        raise MemoryError
    stream.count = message.shown_count
    stream.ordered = True
    for i in range(message.shown_count):
        field = message.shown[i].field
        if field.number <= number:
            stream.ordered = False
        number = field.number
        streamed = &stream.fields[i]
        streamed.field = field
        streamed.key_length = <i16>field.key_length
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
        if field.always:
            stream.always |= <u64>1 << i
    extra = stream.count
    for i in range(message.count):
        field = &message.fields[i]
        if field.inlined:
            stream.ordered = False
            inner = field.message
            streamed = &stream.fields[extra]
            streamed.field = field
            streamed.step = J_INLINED
            streamed.inner = inner.stream
            streamed.places = <u8*>calloc(inner.shown_count + 1, 1)
            if streamed.places == NULL:
                raise MemoryError
            for k in range(inner.shown_count):
                place = place_of(message, inner.shown[k].field)
                if place < 0:
                    CODEC_STORE(&message.stream_state, FOREIGN)
                    return 0
                streamed.places[k] = place
            place = extra
            extra += 1
        else:
            place = place_of(message, field)
            if place < 0:
                CODEC_STORE(&message.stream_state, FOREIGN)
                return 0
        stream.by_tag[field.tag] = place + 1
    message.stream = stream
    CODEC_STORE(&message.stream_state, LOADED)
    return 0


cdef int place_of(Message* message, Field* field) noexcept:
    """Of a field among those that are shown, -1 where it is not."""
    cdef int i
    for i in range(message.shown_count):
        if message.shown[i].field == field:
            return i
    return -1


cdef int load_stream_unlocked(Message* message) noexcept with gil:
    try:
        load_stream(message)
    except BaseException:
        return NO_MEMORY
    return OK


cdef inline bint is_streamed(Message* message) noexcept nogil:
    """Whether there is a plan of a message."""
    if CODEC_LOAD(&message.stream_state) == UNLOADED and load_stream_unlocked(message):
        return False
    return CODEC_LOAD(&message.stream_state) == LOADED


cdef inline int put_planned(Work* work, Message* message, const u8* p, const u8* end, int depth) noexcept nogil:
    """The members of a message that is_streamed, each behind a comma. STRAY where it is to go another way."""
    cdef size_t mark
    cdef int status
    if message.stream.ordered and not work.astray:
        mark = <size_t>(work.out.at - work.out.start)
        status = put_stream(work, message, p, end, depth)
        if status != STRAY:
            return status
        # No other is tried: so nothing is written more than twice, however deep it stands.
        work.astray = True
        work.out.at = work.out.start + mark
    return put_gathered(work, message, p, end, depth)


cdef inline int put_key(Out* out, Streamed* streamed) noexcept nogil:
    """A key, and room for 48 bytes more."""
    if not room(out, MAX_KEY + 48):
        return NO_MEMORY
    memcpy(out.at, streamed.key, 32)
    if streamed.key_length > 32:
        memcpy(out.at + 32, streamed.key + 32, 32)
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


cdef inline int put_named_string(
    Out* out, Streamed* streamed, const u8* p, const u8* end, const u8* input_end
) noexcept nogil:
    """A key and a string."""
    cdef size_t length = <size_t>(end - p)
    cdef unsigned mask
    cdef u8* at
    if not room(out, MAX_KEY + 48):
        return NO_MEMORY
    at = out.at
    memcpy(at, streamed.key, 32)
    if streamed.key_length > 32:
        memcpy(at + 32, streamed.key + 32, 32)
    at += streamed.key_length
    if length <= 32 and input_end - p >= 32:
        mask = codec_special16(p)
        memcpy(at + 1, p, 16)
        if length > 16:
            mask |= codec_special16(p + 16) << 16
            memcpy(at + 17, p + 16, 16)
        if length == 32 and mask == 0 or length < 32 and mask & ((1u << length) - 1) == 0:
            at[0] = c'"'
            at[length + 1] = c'"'
            out.at = at + length + 2
            return OK
    out.at = at
    return put_string(out, p, end, input_end)


cdef inline int put_named_number(Out* out, Streamed* streamed, int kind, u64 value) noexcept nogil:
    """A key and a number or a bool."""
    cdef u8* at
    if not room(out, MAX_KEY + 48):
        return NO_MEMORY
    at = out.at
    memcpy(at, streamed.key, 32)
    if streamed.key_length > 32:
        memcpy(at + 32, streamed.key + 32, 32)
    at += streamed.key_length
    if kind == K_BOOL:
        memcpy(at, b"true" if value else b"fals", 4)
        at[4] = c"e"
        out.at = at + (4 if value else 5)
        return OK
    if value < 10 and kind != K_DOUBLE:
        at[0] = <u8>(c"0" + value)
        out.at = at + 1
        return OK
    out.at = at
    if kind == K_INT32:
        return put_int(out, <i32><u32>value)
    return put_int(out, <i64>value) if kind == K_INT64 else put_double(out, value)


cdef int put_stream(Work* work, Message* message, const u8* p, const u8* end, int depth) noexcept nogil:
    """The members of a message whose plan is ordered, each behind a comma. STRAY where the wire is not."""
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
        if tag >= stream.tags:
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
            status = put_named_number(out, streamed, field.kind, value)
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
            status = put_key(out, streamed) or put_list(work, field, &slot, depth)
            if status:
                return status
            continue
        p = read_length(p, end, &after)
        if p == NULL:
            return BAIL
        if streamed.step == J_STRING:
            if p == after and streamed.omitted_if_zero:
                continue
            status = put_named_string(out, streamed, p, after, work.input_end)
            p = after
        elif streamed.step == J_LIST:
            status = put_key(out, streamed) or put_streamed_list(work, field, &p, after, end, depth)
        elif streamed.step == J_MESSAGE:
            slot.start = p
            slot.value = <u64>after
            status = put_part(work, streamed, &slot, depth)
            p = after
        elif streamed.step == J_MAP:
            status = put_key(out, streamed) or put_streamed_map(work, field, &p, after, end, depth)
        else:
            if p == after and streamed.omitted_if_zero:
                continue
            status = put_key(out, streamed) or put_base64(out, p, after)
            p = after
        if status:
            return status
    if place < MAX_STEPS and stream.always >> place:
        return put_missing(work, stream, place, message.shown_count, depth)
    return OK


cdef int put_missing(Work* work, Stream* stream, int place, int end, int depth) noexcept nogil:
    """What is always shown among the fields from `place` on, none of which the wire has."""
    cdef int status
    while place < end:
        if stream.fields[place].field.always:
            status = put_key(&work.out, &stream.fields[place]) or (
                put_absent(work, stream.fields[place].field, depth)
            )
            if status:
                return status
        place += 1
    return OK


cdef inline int put_plain(Work* work, Message* message, const u8* p, const u8* end, int depth) noexcept nogil:
    """As put_value; a usual message without more calls."""
    cdef size_t mark
    cdef int status
    if message.form == F_PLAIN and is_streamed(message) and not work.versioned:
        mark = <size_t>(work.out.at - work.out.start)
        status = put_planned(work, message, p, end, depth)
        if status != STRAY:
            return status or close_object(&work.out, mark)
    return put_value(work, message, p, end, depth)


cdef inline int put_part(Work* work, Streamed* streamed, Slot* slot, int depth) noexcept nogil:
    """As put_message_field; a usual message without more calls."""
    cdef Message* message = streamed.field.message
    cdef size_t before = <size_t>(work.out.at - work.out.start)
    cdef size_t mark
    cdef int status = reach(message)
    if status:
        return status
    if message.form == F_PLAIN and is_streamed(message) and (streamed.field != work.metadata or depth > 0):
        status = put_key(&work.out, streamed)
        if status:
            return status
        mark = <size_t>(work.out.at - work.out.start)
        status = put_planned(work, message, slot.start, ending(slot), depth + 1)
        if status == OK:
            if streamed.omitted_if_zero and <size_t>(work.out.at - work.out.start) == mark:
                work.out.at = work.out.start + before
                return OK
            return close_object(&work.out, mark)
        if status != STRAY:
            return status
        work.out.at = work.out.start + before
    return put_message_field(work, streamed.field, slot, depth)


cdef int gather_fields(
    Work* work, Stream* stream, const u8* places, const u8* p, const u8* end, Slot* slots, u64* present, u64* scattered,
    int depth,
) noexcept nogil:
    """The fields of a message, or of one that is inlined in it, into the slots of their places. `places`: of what is
    inlined, else NULL. `scattered`: lists and maps between whose elements others stand."""
    cdef Streamed* streamed
    cdef Slot* slot
    cdef const u8* begin
    cdef const u8* after = NULL
    cdef u64 bit
    cdef unsigned tag
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
        if tag >= stream.tags:
            return STRAY
        found = <int>stream.by_tag[tag] - 1
        if found < 0:
            return STRAY
        streamed = &stream.fields[found]
        if streamed.step == J_INLINED:
            p = read_length(p, end, &after)
            if p == NULL:
                return BAIL
            if places != NULL:
                return STRAY
            status = gather_fields(work, streamed.inner, streamed.places, p, after, slots, present, scattered, depth + 1)
            if status:
                return status
            p = after
            continue
        if places != NULL:
            found = places[found]
        slot = slots + found
        bit = <u64>1 << found
        if streamed.step == J_NUMBER:
            if streamed.field.kind == K_DOUBLE:
                if end - p < 8:
                    return BAIL
                memcpy(&slot.value, p, 8)
                p += 8
            else:
                p = read_varint(p, end, &slot.value)
                if p == NULL:
                    return BAIL
        elif streamed.step < J_LIST:
            p = read_length(p, end, &after)
            if p == NULL or (streamed.step == J_MESSAGE and present[0] & bit):
                return BAIL
            slot.start = p
            slot.value = <u64>after
            p = after
        else:
            if not present[0] & bit:
                slot.start = begin
            elif ending(slot) != begin:
                scattered[0] |= bit
            while p != NULL:
                p = skip_value(p, end, tag)
                if p == NULL:
                    return BAIL
                slot.value = <u64>p
                p = past_same_tag(p, end, tag)
            p = ending(slot)
        present[0] |= bit
    return OK


cdef int put_gathered(Work* work, Message* message, const u8* p, const u8* end, int depth) noexcept nogil:
    """The members of a message, each behind a comma. STRAY where the wire has something rare."""
    cdef Stream* stream = message.stream
    cdef Slot* slots = take_empty(&work.arena, stream.count)
    cdef u64 present = 0
    cdef u64 scattered = 0
    cdef u64 rest
    cdef int place
    cdef int status
    if slots == NULL:
        return NO_MEMORY
    status = gather_fields(work, stream, NULL, p, end, slots, &present, &scattered, depth)
    rest = present | stream.always
    while rest and status == OK:
        place = CODEC_FIRST_BIT64(rest)
        rest &= rest - 1
        if present >> place & 1:
            status = put_step(work, &stream.fields[place], &slots[place], scattered >> place & 1, depth)
        else:
            status = put_missing(work, stream, place, place + 1, depth)
    give_back(&work.arena, stream.count)
    return status


cdef inline int put_step(
    Work* work, Streamed* streamed, Slot* slot, bint scattered, int depth
) noexcept nogil:
    """A field that the wire has."""
    cdef Out* out = &work.out
    cdef Field* field = streamed.field
    cdef const u8* p
    cdef const u8* end = ending(slot)
    cdef const u8* after = NULL
    cdef int status
    if streamed.step == J_STRING:
        if slot.start == end and streamed.omitted_if_zero:
            return OK
        return put_named_string(out, streamed, slot.start, end, work.input_end)
    if streamed.step == J_MESSAGE:
        return put_part(work, streamed, slot, depth)
    if streamed.step == J_NUMBER:
        if streamed.omitted_if_zero and is_zero_scalar(field.kind, slot):
            return OK
        return put_named_number(out, streamed, field.kind, slot.value)
    if streamed.step == J_BYTES:
        if slot.start == end and streamed.omitted_if_zero:
            return OK
        return put_key(out, streamed) or put_base64(out, slot.start, end)
    status = put_key(out, streamed)
    if status:
        return status
    if scattered or streamed.step == J_NUMBERS:
        return put_map(work, field, slot, depth) if streamed.step == J_MAP else put_list(work, field, slot, depth)
    p = read_length(slot.start + (1 if field.tag < 0x80 else 2), end, &after)
    if p == NULL:
        return BAIL
    if streamed.step == J_MAP:
        return put_streamed_map(work, field, &p, after, end, depth)
    return put_streamed_list(work, field, &p, after, end, depth)


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
        if message != NULL:
            status = put_plain(work, message, p, after, depth + 1)
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
