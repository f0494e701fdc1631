# Wire → JSON as Go prints it. Every value is written behind a comma and its key; the first comma becomes the brace.

cdef struct Work:
    Out out
    Arena arena
    const u8* input_end  # up to there whole blocks of 16 bytes may be read
    # The resource version that the object's metadata shows instead of its own.
    Field* metadata      # of the root; NULL where there is none to show
    int version_slot     # in the metadata
    bint versioned       # the message that is read next is the metadata
    int version_length
    u8[48] version
    bint astray          # a message had to be begun anew; no other is tried, so that this happens once
    # of YAML
    Out scratch          # a scalar that is not written at once
    Out keys             # resolved strings of raw JSON
    Tape tape
    i64 padding          # spaces of indentation

cdef enum:
    MAX_JSON_PADDING = 1 << 25  # bytes of line breaks; where there are more, the readable engine says whether too many

cdef u8[256] PLAIN_BYTE  # 1: stands in a JSON string as it is
cdef u8[256] SHORT_ESCAPE  # the letter behind a backslash, 0 for none
cdef const u8* HEX = <const u8*>b"0123456789abcdef"


cdef void fill_bytes() noexcept:
    cdef int i
    for i in range(256):
        PLAIN_BYTE[i] = 0x20 <= i < 0x80 and i != c'"' and i != c"\\" and i != c"<" and i != c">" and i != c"&"
        SHORT_ESCAPE[i] = 0
    SHORT_ESCAPE[8] = c"b"
    SHORT_ESCAPE[12] = c"f"
    SHORT_ESCAPE[10] = c"n"
    SHORT_ESCAPE[13] = c"r"
    SHORT_ESCAPE[9] = c"t"
    SHORT_ESCAPE[c'"'] = c'"'
    SHORT_ESCAPE[c"\\"] = c"\\"

fill_bytes()


cdef inline void put_u_escape(Out* out, int code) noexcept nogil:
    """Six characters, for which there is room."""
    out.at[0] = c"\\"
    out.at[1] = c"u"
    out.at[2] = HEX[code >> 12 & 15]
    out.at[3] = HEX[code >> 8 & 15]
    out.at[4] = HEX[code >> 4 & 15]
    out.at[5] = HEX[code & 15]
    out.at += 6


cdef int put_string(Out* out, const u8* p, const u8* end, const u8* input_end) noexcept nogil:
    """A quoted string with Go's escapes; each byte that is no UTF-8 becomes \\ufffd."""
    cdef size_t left = <size_t>(end - p)
    cdef unsigned mask
    cdef unsigned place
    cdef u8 byte
    if not room(out, left + 32):
        return NO_MEMORY
    out.at[0] = c'"'
    out.at += 1
    while left:
        # Room: what is left, and 16 more than the block that is written.
        if <size_t>(input_end - p) >= 16:
            mask = codec_special16(p)
            memcpy(out.at, p, 16)
            if left < 16:
                mask &= (1u << left) - 1
            if mask == 0:
                if left <= 16:
                    out.at += left
                    break
                p += 16
                out.at += 16
                left -= 16
                continue
            place = CODEC_FIRST_BIT(mask)
            p += place
            out.at += place
            left -= place
        else:
            while left and PLAIN_BYTE[p[0]]:
                out.at[0] = p[0]
                out.at += 1
                p += 1
                left -= 1
            if left == 0:
                break
        # One character that does not stand as it is.
        if not room(out, left + 40):
            return NO_MEMORY
        byte = p[0]
        if byte < 0x80:
            if SHORT_ESCAPE[byte]:
                out.at[0] = c"\\"
                out.at[1] = SHORT_ESCAPE[byte]
                out.at += 2
            else:
                put_u_escape(out, byte)
            p += 1
            left -= 1
            continue
        while True:
            place = codec_utf8(p, end)
            if place == 0:
                if not room(out, left + 40):
                    return NO_MEMORY
                put_u_escape(out, 0xFFFD)
                place = 1
            elif place == 3 and p[0] == 0xE2 and p[1] == 0x80 and (p[2] == 0xA8 or p[2] == 0xA9):
                if not room(out, left + 40):
                    return NO_MEMORY
                put_u_escape(out, 0x2028 if p[2] == 0xA8 else 0x2029)
            else:
                memcpy(out.at, p, place)
                out.at += place
            p += place
            left -= place
            if left == 0 or p[0] < 0x80:
                break
    # Each turn left at least 16 bytes of room.
    out.at[0] = c'"'
    out.at += 1
    return OK


cdef int put_base64(Out* out, const u8* p, const u8* end) noexcept nogil:
    cdef size_t length = <size_t>(end - p)
    if not room(out, (length + 2) // 3 * 4 + 2):
        return NO_MEMORY
    out.at[0] = c'"'
    out.at = codec_base64(out.at + 1, p, length)
    out.at[0] = c'"'
    out.at += 1
    return OK


cdef int put_scalar(Work* work, int kind, const u8* start, u64 value) noexcept nogil:
    if kind == K_STRING:
        return put_string(&work.out, start, <const u8*>value, work.input_end)
    if kind == K_INT32:
        return put_int(&work.out, <i32><u32>value)
    if kind == K_INT64:
        return put_int(&work.out, <i64>value)
    if kind == K_BOOL:
        return put(&work.out, b"true", 4) if value else put(&work.out, b"false", 5)
    if kind == K_BYTES:
        return put_base64(&work.out, start, <const u8*>value)
    return put_double(&work.out, value)


cdef inline bint is_zero_scalar(int kind, Slot* slot) noexcept nogil:
    if kind == K_STRING or kind == K_BYTES:
        return slot.value == <u64>slot.start
    if kind == K_INT32:
        return <u32>slot.value == 0
    if kind == K_DOUBLE:
        return slot.value << 1 == 0
    return slot.value == 0


cdef inline void set_version(Work* work, Slot* slots) noexcept nogil:
    """Puts the resource version into the slots of the metadata."""
    work.versioned = False
    slots[work.version_slot].start = work.version
    slots[work.version_slot].value = <u64>(work.version + work.version_length)


cdef int put_fields(Work* work, Message* message, Slot* slots, int depth) noexcept nogil:
    """What JSON shows of a message, each field behind a comma."""
    cdef int i
    cdef int status
    cdef Field* field
    cdef Slot* slot
    for i in range(message.shown_count):
        field = message.shown[i].field
        slot = slots + message.shown[i].slot
        if slot.start == NULL:
            if not field.always:
                continue
            status = put(&work.out, field.key, field.key_length)
            if status == OK:
                status = put_absent(work, field, depth)
        elif field.label == L_REPEATED:
            status = put(&work.out, field.key, field.key_length)
            if status == OK:
                status = put_list(work, field, slot, depth)
        elif field.label == L_MAP:
            status = put(&work.out, field.key, field.key_length)
            if status == OK:
                status = put_map(work, field, slot, depth)
        elif field.kind == K_MESSAGE:
            status = put_message_field(work, field, slot, depth)
        else:
            if (
                not field.always
                and (field.label == L_VALUE or field.was_value or field.kind == K_BYTES)
                and is_zero_scalar(field.kind, slot)
            ):
                continue
            status = put(&work.out, field.key, field.key_length)
            if status == OK:
                status = put_scalar(work, field.kind, slot.start, slot.value)
        if status:
            return status
    return OK


cdef int put_absent(Work* work, Field* field, int depth) noexcept nogil:
    """A field that the wire does not have and that JSON always shows."""
    cdef int status
    if field.label != L_VALUE or field.kind == K_BYTES:
        return put(&work.out, b"null", 4)
    if field.kind == K_MESSAGE:
        status = reach(field.message)
        if status:
            return status
        if field.message.form == F_LIST:
            return put(&work.out, b"null", 4)
        return put_value(work, field.message, NULL, NULL, depth + 1)
    if field.kind == K_STRING:
        return put(&work.out, b'""', 2)
    return put_scalar(work, field.kind, NULL, 0)


cdef int put_message_field(Work* work, Field* field, Slot* slot, int depth) noexcept nogil:
    cdef int status = reach(field.message)
    cdef size_t mark = <size_t>(work.out.at - work.out.start)
    cdef size_t length
    cdef u8* text
    if status:
        return status
    if field.message.form == F_LIST and not field.always and slot.value == <u64>slot.start:
        return OK
    status = put(&work.out, field.key, field.key_length)
    if status == OK:
        if field == work.metadata and depth == 0:
            work.versioned = True
        status = put_value(work, field.message, slot.start, ending(slot), depth + 1)
    if status or field.always or (field.label == L_OPTIONAL and not field.was_value):
        return status
    # omitzero: what was written says whether the value is zero.
    text = work.out.start + mark + field.key_length
    length = <size_t>(work.out.at - text)
    if field.message.form == F_PLAIN:
        if length == 2 and text[0] == c"{":
            work.out.at = work.out.start + mark
    elif field.message.form == F_TIME or field.message.form == F_MICRO_TIME:
        if length == 4 and text[0] == c"n":
            work.out.at = work.out.start + mark
    elif field.message.form != F_QUANTITY and field.message.form > F_SCHEMA_OR_STRING_ARRAY:
        if field.message.form != F_LIST:
            return BAIL  # no field of Kubernetes is such
    return OK


cdef int put_object(Work* work, Message* message, const u8* p, const u8* end, int depth) noexcept nogil:
    cdef Slot* slots
    cdef size_t mark = <size_t>(work.out.at - work.out.start)
    cdef int status
    if is_streamed(message) and not work.astray and not work.versioned:
        status = put_stream(work, message, p, end, depth)
        if status != STRAY:
            return status or close_object(&work.out, mark)
        work.astray = True
        work.out.at = work.out.start + mark
    slots = take(&work.arena, message.width)
    if slots == NULL:
        return NO_MEMORY
    status = scan(message, p, end, slots, depth)
    if status == OK:
        if work.versioned:
            set_version(work, slots)
        status = put_fields(work, message, slots, depth)
    give_back(&work.arena, message.width)
    if status:
        return status
    return close_object(&work.out, mark)


cdef inline int close_object(Out* out, size_t mark) noexcept nogil:
    """The first comma behind `mark` becomes the brace."""
    if <size_t>(out.at - out.start) == mark:
        return put(out, b"{}", 2)
    out.start[mark] = c"{"
    return put_byte(out, c"}")


cdef int put_value(Work* work, Message* message, const u8* p, const u8* end, int depth) noexcept nogil:
    """A message that is loaded, in its own form. What is absent is empty: the zero of every form but a list's."""
    cdef Slot[3] slots
    cdef Slot* taken
    cdef int form = message.form
    cdef int status
    cdef i64 seconds, nanos
    cdef Field* field
    if form <= F_UNKNOWN:
        return put_object(work, message, p, end, depth)
    if form <= F_SCHEMA_OR_STRING_ARRAY:
        return put_schema_or(work, message, p, end, depth)
    memset(slots, 0, sizeof(slots))
    status = scan(message, p, end, slots, depth)
    if status:
        return status
    if form == F_TIME or form == F_MICRO_TIME:
        if slots[0].start == NULL and slots[1].start == NULL:
            return put(&work.out, b"null", 4)
        seconds = <i64>slots[0].value
        nanos = <i32><u32>slots[1].value
        if form == F_TIME:
            if seconds == ZERO_SECONDS:
                return put(&work.out, b"null", 4)
            return put_instant(&work.out, seconds, -1)
        if not 0 <= nanos < 1000000000:
            return BAIL
        if seconds == ZERO_SECONDS and nanos < 1000:
            return put(&work.out, b"null", 4)
        return put_instant(&work.out, seconds, nanos // 1000)
    if form == F_QUANTITY:
        status = put_byte(&work.out, c'"')
        if status == OK:
            status = put_quantity(&work.out, slots[0].start, ending(&slots[0]))
        return status or put_byte(&work.out, c'"')
    if form == F_INT_OR_STRING:
        if slots[0].value == 0:
            return put_int(&work.out, <i32><u32>slots[1].value)
        if slots[0].value == 1:
            return put_string(&work.out, slots[2].start, ending(&slots[2]), work.input_end)
        return BAIL
    if form == F_DURATION:
        return put_duration(&work.out, <i64>slots[0].value)
    if form == F_LIST:
        if slots[0].start == NULL:
            return put(&work.out, b"[]", 2)
        return put_list(work, &message.fields[0], slots, depth)
    # raw JSON
    if slots[0].start == NULL or (form != F_RAW_EXTENSION and slots[0].value == <u64>slots[0].start):
        return put(&work.out, b"null", 4)
    return put_raw_json(work, slots[0].start, ending(&slots[0]))


cdef int put_schema_or(Work* work, Message* message, const u8* p, const u8* end, int depth) noexcept nogil:
    """The apiextensions forms: a list, or else a schema, or else a bool or null."""
    cdef Slot[2] slots
    cdef int form = message.form
    cdef int one = 1 if form == F_SCHEMA_OR_BOOL else 0  # the slot of the schema
    cdef Field* field
    cdef int status
    memset(slots, 0, sizeof(slots))
    status = scan(message, p, end, slots, depth)
    if status:
        return status
    if form != F_SCHEMA_OR_BOOL and slots[1].start != NULL:
        if slots[0].start != NULL:
            return BAIL
        return put_list(work, &message.fields[1], &slots[1], depth)
    if slots[one].start != NULL:
        field = &message.fields[one]
        status = reach(field.message)
        if status:
            return status
        return put_value(work, field.message, slots[one].start, ending(&slots[one]), depth + 1)
    if form == F_SCHEMA_OR_BOOL:
        return put(&work.out, b"true", 4) if slots[0].value else put(&work.out, b"false", 5)
    return put(&work.out, b"null", 4)


cdef int put_list(Work* work, Field* field, Slot* slot, int depth) noexcept nogil:
    cdef Elements rest
    cdef const u8* start = NULL
    cdef const u8* end = NULL
    cdef u64 tag = 0
    cdef u64 value
    cdef int found
    cdef int status = OK
    cdef size_t mark = <size_t>(work.out.at - work.out.start)
    rest.field = field
    rest.p = slot.start
    rest.end = ending(slot)
    if field.kind == K_MESSAGE:
        status = reach(field.message)
        if status:
            return status
    while True:
        found = next_element(&rest, &start, &end, &tag)
        if found < 0:
            return BAIL
        if found == 0:
            break
        if field.packed_tag != 0 and tag == field.packed_tag:
            while start < end:
                if field.kind == K_DOUBLE:
                    return BAIL
                start = read_varint(start, end, &value)
                if start == NULL:
                    return BAIL
                status = put_byte(&work.out, c",")
                if status == OK:
                    status = put_scalar(work, field.kind, start, value)
                if status:
                    return status
            continue
        status = put_byte(&work.out, c",")
        if status:
            return status
        if field.kind == K_MESSAGE:
            status = put_value(work, field.message, start, end, depth + 1)
        elif field.kind >= K_STRING:
            status = put_scalar(work, field.kind, start, <u64>end)
        elif field.kind == K_DOUBLE:
            memcpy(&value, start, 8)
            status = put_scalar(work, field.kind, start, value)
        else:
            read_varint(start, end, &value)
            status = put_scalar(work, field.kind, start, value)
        if status:
            return status
    if <size_t>(work.out.at - work.out.start) == mark:
        return BAIL  # empty packed lists only
    work.out.start[mark] = c"["
    return put_byte(&work.out, c"]")


cdef int put_map(Work* work, Field* field, Slot* slot, int depth) noexcept nogil:
    """Entries in the order of their keys, which is that of the wire; another order is left to the readable engine."""
    cdef Elements rest
    cdef Entry entry
    cdef Entry last
    cdef const u8* start = NULL
    cdef const u8* end = NULL
    cdef u64 tag = 0
    cdef int found
    cdef int status
    cdef size_t mark = <size_t>(work.out.at - work.out.start)
    last.key = NULL
    last.key_length = 0
    rest.field = field
    rest.p = slot.start
    rest.end = ending(slot)
    if field.kind == K_MESSAGE:
        status = reach(field.message)
        if status:
            return status
    while True:
        found = next_element(&rest, &start, &end, &tag)
        if found < 0:
            return BAIL
        if found == 0:
            break
        status = read_entry(field, start, end, &entry)
        if status:
            return status
        if last.key != NULL and compare_bytes(last.key, last.key_length, entry.key, entry.key_length) >= 0:
            return BAIL
        last = entry
        status = put_byte(&work.out, c",")
        if status == OK:
            status = put_string(&work.out, entry.key, entry.key + entry.key_length, work.input_end)
        if status == OK:
            status = put_byte(&work.out, c":")
        if status:
            return status
        if field.kind == K_MESSAGE:
            status = put_value(work, field.message, entry.value_start, entry.value_end, depth + 1)
        elif entry.value_start == NULL:
            status = put(&work.out, b'""', 2)
        else:
            status = put_scalar(work, field.kind, entry.value_start, <u64>entry.value_end)
        if status:
            return status
    work.out.start[mark] = c"{"
    return put_byte(&work.out, c"}")


cdef int indent_json(Work* work, int indent) noexcept nogil:
    """Compact JSON of the buffer with line breaks, as Go's json.Indent."""
    cdef Out* out = &work.scratch
    cdef const u8* p = work.out.start
    cdef const u8* end = work.out.at
    cdef const u8* start
    cdef u8 flags = 0
    cdef i64 padding = 0
    cdef int pad = 0
    cdef int status
    cdef u8 byte
    cdef Out swapped
    if indent < 0 or indent > 16:
        return BAIL
    if not room(out, 2 * <size_t>(end - p)):
        return NO_MEMORY
    while p < end:
        start = p
        byte = p[0]
        if byte == c'"':
            p = past_string(p + 1, end, &flags)
            if p == NULL:
                return BAIL
            p += 1
            if p < end and p[0] == c":":
                p += 1
                status = put(out, start, <size_t>(p - start))
                if status == OK:
                    status = put_byte(out, c" ")
            else:
                status = put(out, start, <size_t>(p - start))
            if status:
                return status
            continue
        p += 1
        if byte == c"{" or byte == c"[":
            if p < end and p[0] == byte + 2:
                p += 1
                status = put(out, start, 2)
                if status:
                    return status
                continue
            pad += indent
        elif byte == c"}" or byte == c"]":
            pad -= indent
        elif byte != c",":
            while p < end and p[0] != c"," and p[0] != c"}" and p[0] != c"]":
                p += 1
            status = put(out, start, <size_t>(p - start))
            if status:
                return status
            continue
        padding += pad + 1
        if padding > MAX_JSON_PADDING:
            return BAIL
        if not room(out, <size_t>pad + 2):
            return NO_MEMORY
        if byte == c"}" or byte == c"]":
            out.at[0] = c"\n"
            memset(out.at + 1, c" ", pad)
            out.at[pad + 1] = byte
        else:
            out.at[0] = byte
            out.at[1] = c"\n"
            memset(out.at + 2, c" ", pad)
        out.at += pad + 2
    swapped = work.out
    work.out = out[0]
    work.scratch = swapped
    return OK
