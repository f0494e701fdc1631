# Slots of JSON → wire: the fields of each message from the last number to the first. See json_slots.pxi.

cdef int back_base64(Back* out, const u8* p, const u8* end) noexcept nogil:
    """The bytes that a base64 text stands for, and their length; line breaks in it are left to the readable engine."""
    cdef size_t length = <size_t>(end - p)
    cdef size_t size
    cdef u8* at
    cdef u32 group
    cdef unsigned bad
    cdef int padding = 0
    if length & 3:
        return BAIL
    if length == 0:
        return back_varint(out, 0)
    if (end - 1)[0] == c"=":
        padding = 2 if (end - 2)[0] == c"=" else 1
    size = length // 4 * 3 - padding
    if not back_room(out, size + 4):
        return NO_MEMORY
    out.at -= size
    at = out.at
    if padding:
        end -= 4
    if not codec_from_base64(at, p, end):
        return BAIL
    bad = 0
    at += end - p
    at -= (end - p) // 4
    p = end
    if padding:
        bad |= BASE64[p[0]] | BASE64[p[1]]
        group = <u32>BASE64[p[0]] << 18 | <u32>BASE64[p[1]] << 12
        at[0] = <u8>(group >> 16)
        if padding == 1:
            bad |= BASE64[p[2]]
            group |= <u32>BASE64[p[2]] << 6
            at[1] = <u8>(group >> 8)
        if group & (0xFF if padding == 1 else 0xFFFF):
            return BAIL  # bits beyond the last byte
    if bad & 64:
        return BAIL
    return back_varint(out, size)


cdef u8[256] BASE64  # the value of a digit, 64 for what is none


cdef void fill_base64() noexcept:
    cdef int i
    for i in range(256):
        BASE64[i] = 64
    for i in range(26):
        BASE64[c"A" + i] = i
        BASE64[c"a" + i] = 26 + i
    for i in range(10):
        BASE64[c"0" + i] = 52 + i
    BASE64[c"+"] = 62
    BASE64[c"/"] = 63

fill_base64()
codec_fill_base64()


cdef inline int back_contents(Back* out, u32 tag, const u8* p, size_t length) noexcept nogil:
    """A whole length-delimited field, as back_text; the short ones without a call."""
    if length >= 0x80 or tag >= 0x80 or not back_room(out, length + 2):
        return back_text(out, tag, p, length)
    out.at -= length
    codec_copy(out.at, p, length)
    out.at -= 2
    out.at[0] = <u8>tag
    out.at[1] = <u8>length
    return OK


cdef inline int back_number(Back* out, u32 tag, u64 value) noexcept nogil:
    cdef int status
    if value < 0x80 and tag < 0x80 and back_room(out, 2):
        out.at -= 2
        out.at[0] = <u8>tag
        out.at[1] = <u8>value
        return OK
    status = back_varint(out, value)
    return status or back_varint(out, tag)


cdef int back_scalar(Turn* turn, int kind, u32 tag, Slot* slot) noexcept nogil:
    """A scalar with its tag."""
    cdef int status
    if kind == K_STRING:
        return back_contents(&turn.out, tag, slot.start, <size_t>(ending(slot) - slot.start))
    if kind == K_BYTES:
        status = back_base64(&turn.out, slot.start, ending(slot))
    elif kind == K_DOUBLE:
        status = back_put(&turn.out, &slot.value, 8)
    else:
        return back_number(&turn.out, tag, slot.value)
    return status or back_varint(&turn.out, tag)


cdef int parse_time(const u8* p, const u8* end, bint micro, i64* seconds, i64* nanos) noexcept nogil:
    """`2006-01-02T15:04:05Z`, with six more digits for MicroTime; other spellings are left to the readable rules."""
    cdef int i
    cdef i64 year, month, day, days, cycle
    cdef int hour, minute, second
    if end - p != (27 if micro else 20):
        return BAIL
    for i in range(19):
        if i == 4 or i == 7:
            if p[i] != c"-":
                return BAIL
        elif i == 10:
            if p[i] != c"T":
                return BAIL
        elif i == 13 or i == 16:
            if p[i] != c":":
                return BAIL
        elif not is_digit(p[i]):
            return BAIL
    if (end - 1)[0] != c"Z":
        return BAIL
    nanos[0] = 0
    if micro:
        if p[19] != c".":
            return BAIL
        for i in range(20, 26):
            if not is_digit(p[i]):
                return BAIL
            nanos[0] = nanos[0] * 10 + (p[i] - c"0")
        nanos[0] *= 1000
    year = (p[0] - c"0") * 1000 + (p[1] - c"0") * 100 + (p[2] - c"0") * 10 + (p[3] - c"0")
    month = (p[5] - c"0") * 10 + (p[6] - c"0")
    day = (p[8] - c"0") * 10 + (p[9] - c"0")
    hour = (p[11] - c"0") * 10 + (p[12] - c"0")
    minute = (p[14] - c"0") * 10 + (p[15] - c"0")
    second = (p[17] - c"0") * 10 + (p[18] - c"0")
    if not 1 <= month <= 12 or not 1 <= day <= DAYS_IN_MONTH[month] or hour > 23 or minute > 59 or second > 59:
        return BAIL
    if month == 2 and day == 29 and (year % 4 != 0 or (year % 100 == 0 and year % 400 != 0)):
        return BAIL
    if month < 3:
        year += 399
        month += 12
        cycle = -1
    else:
        cycle = 0
    cycle += year // 400
    year = year % 400
    days = -719468 + cycle * 146097 + year * 365 + year // 4 - year // 100 + (153 * month - 457) // 5 + day - 1
    seconds[0] = days * 86400 + hour * 3600 + minute * 60 + second
    return OK

cdef int[13] DAYS_IN_MONTH = [0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]


cdef int parse_odd_time(const u8* p, const u8* end, bint micro, i64* seconds, i64* nanos) noexcept with gil:
    try:
        text = text_of(p, end)
        value = types.MicroTime.parse(text) if micro else types.Time.parse(text)
        if not value:
            seconds[0], nanos[0] = ZERO_SECONDS, 0
            return OK
        seconds[0], nanos[0] = value.wire
    except BaseException:
        return BAIL
    # The first second of year 1 is written in full unless it is the zero.
    return BAIL if seconds[0] == ZERO_SECONDS and nanos[0] == 0 else OK


cdef int parse_duration(const u8* p, const u8* end, i64* nanoseconds) noexcept with gil:
    try:
        nanoseconds[0] = types.Duration.parse(text_of(p, end)).nanoseconds
    except BaseException:
        return BAIL
    return OK


cdef int back_form(Turn* turn, Message* message, Slot* slot, int depth) noexcept nogil:
    """The content of a message that is loaded, and no `null`."""
    cdef int form = message.form
    cdef int status
    cdef const u8* end = ending(slot)
    cdef i64 number = 0
    cdef i64 nanos = 0
    if form <= F_UNKNOWN:
        return back_members(turn, message, <Slot*>slot.value, depth)
    if form <= F_SCHEMA_OR_STRING_ARRAY:
        return back_schema_or(turn, message, <Slot*>slot.value, depth)
    if form == F_TIME or form == F_MICRO_TIME:
        if parse_time(slot.start, end, form == F_MICRO_TIME, &number, &nanos):
            status = parse_odd_time(slot.start, end, form == F_MICRO_TIME, &number, &nanos)
            if status:
                return status
        return back_time(&turn.out, message, number, nanos)
    if form == F_QUANTITY:
        turn.scratch.at = turn.scratch.start
        status = put_quantity(&turn.scratch, slot.start, end)
        if status:
            return status
        return back_contents(
            &turn.out, message.fields[0].tag, turn.scratch.start, <size_t>(turn.scratch.at - turn.scratch.start)
        )
    if form == F_INT_OR_STRING:
        if slot.start == PRESENT:
            number = <i64>slot.value
            status = back_contents(&turn.out, message.fields[2].tag, NULL, 0)
        else:
            status = back_contents(&turn.out, message.fields[2].tag, slot.start, <size_t>(end - slot.start))
        if status == OK:
            status = back_number(&turn.out, message.fields[1].tag, <u64>number)
        return status or back_number(&turn.out, message.fields[0].tag, slot.start != PRESENT)
    if form == F_DURATION:
        status = parse_duration(slot.start, end, &number)
        return status or back_number(&turn.out, message.fields[0].tag, <u64>number)
    if form == F_LIST:
        return back_elements(turn, &message.fields[0], slot, depth)
    # raw JSON, as it stands
    return back_text(&turn.out, message.fields[0].tag, slot.start, <size_t>(end - slot.start))


cdef inline int back_short_head(Back* out, u32 tag, size_t mark) noexcept nogil:
    return back_number(out, tag, back_length(out) - mark)


cdef int back_schema_or(Turn* turn, Message* message, Slot* slots, int depth) noexcept nogil:
    """The apiextensions forms, whose slots are those of their fields: the last one first."""
    cdef int one = 1 if message.form == F_SCHEMA_OR_BOOL else 0  # the slot of the schema
    cdef Field* field = &message.fields[one]
    cdef size_t mark
    cdef int status
    if not one and slots[1].start != NULL:
        return back_elements(turn, &message.fields[1], &slots[1], depth)
    if slots[one].start != NULL:
        mark = back_length(&turn.out)
        status = back_form(turn, field.message, &slots[one], depth + 1)
        if status == OK:
            status = back_short_head(&turn.out, field.tag, mark)
        if status:
            return status
    return back_number(&turn.out, message.fields[0].tag, slots[0].value) if one else OK


cdef int back_elements(Turn* turn, Field* field, Slot* slot, int depth) noexcept nogil:
    """The elements of a list, the last first."""
    cdef Slot* element = <Slot*>slot.value
    cdef Message* message = field.message
    cdef bint flat = field.kind == K_MESSAGE and message.form <= F_UNKNOWN
    cdef int status
    cdef size_t mark
    while element != NULL:
        if field.kind == K_STRING and element.start == PRESENT:
            status = back_contents(
                &turn.out, field.tag, element[1].start, <size_t>(ending(element + 1) - element[1].start)
            )
        elif field.kind == K_MESSAGE:
            mark = back_length(&turn.out)
            if element.start == NOTHING:
                status = back_zero_message(&turn.out, message, depth + 1)
            elif flat:
                status = back_members(turn, message, element + 1, depth + 1)
            else:
                status = back_form(turn, message, element + 1, depth + 1)
            if status == OK:
                status = back_short_head(&turn.out, field.tag, mark)
        elif element.start == NOTHING:
            status = back_zero(&turn.out, field)
        else:
            status = back_scalar(turn, field.kind, field.tag, element + 1)
        if status:
            return status
        element = <Slot*>element.value
    return OK


cdef int back_entry(Turn* turn, Field* field, Slot* entry, int depth) noexcept nogil:
    cdef size_t outer = back_length(&turn.out)
    cdef size_t mark
    cdef int status = OK
    if field.kind == K_STRING:
        if entry.start == NOTHING:
            status = back_contents(&turn.out, 2 << 3 | 2, NULL, 0)
        else:
            status = back_contents(
                &turn.out, 2 << 3 | 2, entry[2].start, <size_t>(ending(entry + 2) - entry[2].start)
            )
    elif field.kind == K_MESSAGE:
        mark = outer
        if entry.start == NOTHING:
            status = back_zero_message(&turn.out, field.message, depth + 1)
        else:
            status = back_form(turn, field.message, entry + 2, depth + 1)
        if status == OK:
            status = back_short_head(&turn.out, 2 << 3 | 2, mark)
    elif entry.start != NOTHING:
        status = back_scalar(turn, field.kind, 2 << 3 | 2, entry + 2)
    if status == OK:
        status = back_contents(
            &turn.out, 1 << 3 | 2, entry[1].start, <size_t>(ending(entry + 1) - entry[1].start)
        )
    return status or back_short_head(&turn.out, field.tag, outer)


cdef struct Member:
    const u8* key
    size_t length
    u32 at


cdef int sort_members(Member* members, u32 count) noexcept nogil:
    """By the bytes of the keys; 0, or BAIL for equal keys, or NO_MEMORY. Mostly they are in order already."""
    cdef u32 i, width, low, middle, high, a, b, k
    cdef bint sorted_already = True
    cdef Member* other
    cdef Member* source = members
    cdef Member* target
    cdef Member* swapped
    for i in range(1, count):
        if compare_bytes(members[i - 1].key, members[i - 1].length, members[i].key, members[i].length) >= 0:
            sorted_already = False
            break
    if sorted_already:
        return OK
    other = <Member*>malloc(count * sizeof(Member))
    if other == NULL:
        return NO_MEMORY
    target = other
    width = 1
    while width < count:
        low = 0
        while low < count:
            middle = low + width if count - low > width else count
            high = middle + width if count - middle > width else count
            a = low
            b = middle
            k = low
            while k < high:
                if b >= high or (
                    a < middle
                    and compare_bytes(source[a].key, source[a].length, source[b].key, source[b].length) <= 0
                ):
                    target[k] = source[a]
                    a += 1
                else:
                    target[k] = source[b]
                    b += 1
                k += 1
            low = high
        swapped = source
        source = target
        target = swapped
        width *= 2
    if source != members:
        memcpy(members, source, count * sizeof(Member))
    free(other)
    for i in range(1, count):
        if compare_bytes(members[i - 1].key, members[i - 1].length, members[i].key, members[i].length) == 0:
            return BAIL
    return OK


cdef int back_unordered_map(Turn* turn, Field* field, Slot* slot, int depth) noexcept nogil:
    """The entries of a map whose keys do not stand in order."""
    cdef Slot* entry = <Slot*>slot.value
    cdef Slot** entries
    cdef Member* members
    cdef u32 count = 0
    cdef u32 i = 0
    cdef int status
    while entry != NULL:
        count += 1
        entry = <Slot*>entry.value
    members = <Member*>malloc(count * sizeof(Member))
    entries = <Slot**>malloc(count * sizeof(Slot*))
    status = OK if members != NULL and entries != NULL else NO_MEMORY
    if status == OK:
        entry = <Slot*>slot.value
        for i in range(count):
            entries[i] = entry
            members[i].key = entry[1].start
            members[i].length = <size_t>(ending(entry + 1) - entry[1].start)
            members[i].at = i
            entry = <Slot*>entry.value
        status = sort_members(members, count)
    i = count
    while i > 0 and status == OK:
        i -= 1
        status = back_entry(turn, field, entries[members[i].at], depth)
    free(members)
    free(entries)
    return status


cdef int back_map(Turn* turn, Field* field, Slot* slot, int depth) noexcept nogil:
    """The entries of a map, the last key first."""
    cdef Slot* entry = <Slot*>slot.value
    cdef int status
    if slot.start == UNORDERED:
        return back_unordered_map(turn, field, slot, depth)
    while entry != NULL:
        status = back_entry(turn, field, entry, depth)
        if status:
            return status
        entry = <Slot*>entry.value
    return OK


cdef int back_members(Turn* turn, Message* message, Slot* slots, int depth) noexcept nogil:
    """Every field that is to be written, the last number first."""
    cdef int i
    cdef int status = OK
    cdef Field* field
    cdef Slot* slot
    cdef size_t mark
    for i in range(message.count - 1, -1, -1):
        field = &message.fields[i]
        slot = slots + field.slot
        if field.inlined:
            mark = back_length(&turn.out)
            status = back_members(turn, field.message, slot, depth + 1)
            if status == OK:
                status = back_head(&turn.out, field.tag, mark)
        elif slot.start == NULL or slot.start == NOTHING:
            if field.label == L_VALUE:
                if field.kind == K_MESSAGE:
                    status = reach(field.message)
                    if status == OK and field.message.form != F_LIST:
                        mark = back_length(&turn.out)
                        status = back_zero_message(&turn.out, field.message, depth + 1)
                        if status == OK:
                            status = back_short_head(&turn.out, field.tag, mark)
                elif field.kind != K_BYTES:
                    status = back_zero(&turn.out, field)
        elif field.label == L_REPEATED:
            status = back_elements(turn, field, slot, depth)
        elif field.label == L_MAP:
            status = back_map(turn, field, slot, depth)
        elif field.kind == K_STRING:
            status = back_contents(&turn.out, field.tag, slot.start, <size_t>(ending(slot) - slot.start))
        elif field.kind == K_MESSAGE:
            mark = back_length(&turn.out)
            status = back_form(turn, field.message, slot, depth + 1)
            if status == OK:
                status = back_short_head(&turn.out, field.tag, mark)
        else:
            status = back_scalar(turn, field.kind, field.tag, slot)
        if status:
            return status
    return OK


cdef object kind_of(object api_version, object kind):
    cdef Message* message
    generation()
    found = _kinds.get((api_version, kind))
    if found is not None:
        return found
    from codec.storage import is_stored_as_json, wrap

    readable = builtin().find(api_version, kind)
    if readable is None or not readable.type_meta or is_stored_as_json(api_version):
        return None
    message = message_of(readable.name)
    load(message)
    if message.state != LOADED or message.form > F_UNKNOWN:
        return None
    whole = wrap(api_version, kind, b"")
    found = (<size_t>message, whole[: len(whole) - 6])
    if len(_kinds) >= MAX_ROOTS:
        _kinds.clear()
    _kinds[api_version, kind] = found
    return found



cdef int name_of(const u8* p, const u8* end, Slot* api_version, Slot* kind) noexcept nogil:
    """Finds apiVersion and kind among the members of the object at p. BAIL where they are not there as usual."""
    cdef const u8* key
    cdef Slot* slot
    p = past_space(p, end)
    if p >= end or p[0] != c"{":
        return BAIL
    while True:
        p = past_space(p + 1, end)
        if p >= end or p[0] != c'"':
            return BAIL
        key = p + 1
        p = past_key(p, end)
        if p == NULL:
            return BAIL
        p = past_space(p, end)
        slot = NULL
        if end - key >= 11 and memcmp(key, b'apiVersion"', 11) == 0:
            slot = api_version
        elif end - key >= 5 and memcmp(key, b'kind"', 5) == 0:
            slot = kind
        if slot != NULL:
            if p >= end or p[0] != c'"' or slot.start != NULL:
                return BAIL
            slot.start = p + 1
            p = past_plain_string(p + 1, end)
            if p == NULL:
                return BAIL
            slot.value = <u64>p
            p += 1
            if api_version.start != NULL and kind.start != NULL:
                return OK
        else:
            p = past_value(p, end)
            if p == NULL:
                return BAIL
        p = past_space(p, end)
        if p >= end or p[0] != c",":
            return BAIL


cdef int turn_around(Turn* turn, Message* message, const u8* p, const u8* end) noexcept nogil:
    """The whole JSON of a kind into the wire of its message."""
    cdef Slot* slots = take(&turn.arena, message.width)
    cdef int status = OK
    turn.length = <size_t>(end - p)
    if slots == NULL or not back_room(&turn.out, turn.length):
        return NO_MEMORY
    p = read_members(turn, message, slots, past_space(p, end) + 1, end, 0, &status)
    if p == NULL:
        return status or BAIL
    if past_space(p, end) != end:
        return BAIL
    return back_members(turn, message, slots, 0)


def json_to_storage(data):
    """JSON of a kind → stored bytes, or None."""
    cdef Turn turn
    cdef const char* text
    cdef const u8* p
    cdef const u8* end
    cdef Py_ssize_t length
    cdef int status
    cdef Slot[2] names
    cdef Message* message
    if type(data) is bytes:
        text = PyBytes_AS_STRING(data)
        length = PyBytes_GET_SIZE(data)
    elif type(data) is str:
        try:
            text = PyUnicode_AsUTF8AndSize(data, &length)
        except UnicodeEncodeError:
            return None
    else:
        return None
    p = <const u8*>text
    end = p + length
    memset(names, 0, sizeof(names))
    if name_of(p, end, &names[0], &names[1]):
        return None
    api_version = text_of(names[0].start, ending(&names[0]))
    kind = text_of(names[1].start, ending(&names[1]))
    found = kind_of(api_version, kind)
    if found is None:
        from codec.storage import is_stored_as_json

        if is_stored_as_json(api_version) or builtin().find(api_version, kind) is None:
            return stored_text(data, p, end)
        return None
    message = <Message*><size_t>found[0]
    memset(&turn, 0, sizeof(Turn))
    try:
        if length >= LONG:
            with nogil:
                status = turn_around(&turn, message, p, end)
        else:
            status = turn_around(&turn, message, p, end)
        if status == NO_MEMORY:
            raise MemoryError
        if status:
            return None
        return back_envelope(&turn.out, found[1])
    finally:
        turn_free(&turn)
