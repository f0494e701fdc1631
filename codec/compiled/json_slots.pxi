# JSON → slots: one pass over the text of a message, each member into the slot of its field. What the slots of lists and
# maps point at is a chain, the last element first, which is the order in which json_wire.pxi writes.
#
# slot of                start                        value
# string, bytes          the text, escapes resolved   its end
# number, bool           PRESENT                      the number, or the bits of a double
# message                PRESENT                      its slots
# IntOrString            PRESENT, or as a string      the number
# other forms            the text                     its end
# list                   PRESENT                      the last element, 0 for none
# map                    PRESENT, or UNORDERED        the last entry, 0 for none
# null                   NOTHING
#
# An element is a slot whose value is the element before it and whose start is PRESENT, or NOTHING for null; its own
# slot or slots follow. In an entry the key stands between them.

cdef enum:
    MAX_MESSAGES = 90     # nested in each other; more are left to the readable engine
    MAX_JSON_DEPTH = 200  # of raw JSON

cdef u8[4] MARKS  # addresses that no text has
cdef const u8* PRESENT = MARKS
cdef const u8* NOTHING = MARKS + 1
cdef const u8* UNORDERED = MARKS + 2

cdef struct Turn:
    # What one text needs while it becomes wire.
    Back out
    Arena arena
    Out scratch
    Out text         # strings whose escapes were resolved; as long as the input, so that it never moves
    size_t length    # of the input
    bint lost        # the text has something that the wire has no place for, but JSON shows


cdef void turn_free(Turn* turn) noexcept nogil:
    back_free(&turn.out)
    arena_free(&turn.arena)
    out_free(&turn.scratch)
    out_free(&turn.text)


cdef struct Expected:
    # A key as it is expected: with quotes, colon and 48 bytes more.
    u8* key
    int length


cdef int load_expected(Message* message) except -1:
    """Makes the keys that JSON is compared with first."""
    cdef int i
    cdef Expected* expected
    cdef int* follows
    if message.expected_state != UNLOADED:
        return 0
    expected = <Expected*>calloc(message.shown_count + 1, sizeof(Expected))
    follows = <int*>calloc(message.shown_count + 1, sizeof(int))
    if expected == NULL or follows == NULL:
        free(expected)
        free(follows)
        raise MemoryError
    for i in range(message.shown_count):
        expected[i].length = message.shown[i].field.key_length - 1
        expected[i].key = <u8*>calloc(expected[i].length + 48, 1)
        if expected[i].key == NULL:
            raise MemoryError
        memcpy(expected[i].key, message.shown[i].field.key + 1, expected[i].length)
        follows[i] = i
    follows[message.shown_count] = message.shown_count
    message.follows = follows
    message.expected = expected
    CODEC_STORE(&message.expected_state, LOADED)
    return 0


cdef int load_expected_unlocked(Message* message) noexcept with gil:
    try:
        load_expected(message)
    except BaseException:
        return NO_MEMORY
    return OK


cdef inline int reach_expected(Message* message) noexcept nogil:
    if CODEC_LOAD(&message.expected_state) == LOADED:
        return OK
    return load_expected_unlocked(message)


cdef const u8* read_string(Turn* turn, const u8* p, const u8* end, Slot* slot, int* status) noexcept nogil:
    """The content of the string whose first character stands at p; the place after its closing quote, or NULL."""
    cdef const u8* start = p
    cdef unsigned mask
    cdef unsigned length
    while True:
        if end - p >= 16:
            mask = codec_ending16(p)
            if mask == 0:
                p += 16
                continue
            p += CODEC_FIRST_BIT(mask)
        elif p >= end:
            break
        if p[0] == c'"':
            slot.start = start
            slot.value = <u64>p
            return p + 1
        if p[0] == c"\\":
            return read_escaped(turn, start, p, end, slot, status)
        if p[0] >= 0x80:
            length = codec_utf8(p, end)
            if length == 0:
                break
            p += length
        elif p[0] < 0x20:
            break
        else:
            p += 1
    status[0] = BAIL
    return NULL


cdef const u8* read_escaped(
    Turn* turn, const u8* start, const u8* p, const u8* end, Slot* slot, int* status
) noexcept nogil:
    """The rest of a string from its first backslash on."""
    cdef Out* out = &turn.text
    cdef u8* at
    cdef unsigned mask
    cdef unsigned length
    cdef int code
    cdef int low
    if out.start == NULL and not room(out, turn.length + 64):
        status[0] = NO_MEMORY
        return NULL
    # What is resolved is never longer than what it is resolved from; 64 bytes more are for whole blocks.
    status[0] = BAIL
    slot.start = out.at
    at = out.at
    memcpy(at, start, <size_t>(p - start))
    at += p - start
    while True:
        if end - p >= 16:
            mask = codec_ending16(p)
            memcpy(at, p, 16)
            if mask == 0:
                p += 16
                at += 16
                continue
            length = CODEC_FIRST_BIT(mask)
            p += length
            at += length
        elif p >= end:
            return NULL
        if p[0] == c'"':
            slot.value = <u64>at
            out.at = at
            return p + 1
        if p[0] == c"\\":
            length = escape_length(p, end)
            if length == 0:
                return NULL
            if length == 2:
                at[0] = ESCAPE_MEANS[p[1]]
                at += 1
                p += 2
                continue
            code = hex_value(p + 2)
            p += 6
            if 0xD800 <= code < 0xE000:
                low = hex_value(p + 2) if escape_length(p, end) == 6 and p[0] == c"\\" else 0
                if code < 0xDC00 and 0xDC00 <= low < 0xE000:
                    code = 0x10000 + ((code & 0x3FF) << 10 | (low & 0x3FF))
                    p += 6
                else:
                    code = 0xFFFD
            out.at = at
            put_code(out, code)
            at = out.at
        elif p[0] >= 0x80:
            length = codec_utf8(p, end)
            if length == 0:
                return NULL
            memcpy(at, p, length)
            at += length
            p += length
        elif p[0] < 0x20:
            return NULL
        else:
            at[0] = p[0]
            at += 1
            p += 1


cdef u8[256] ESCAPE_MEANS  # the character that a backslash and a letter stand for


cdef void fill_escapes() noexcept:
    for letter, means in zip(b'"\\/bfnrt', b'"\\/\b\f\n\r\t'):
        ESCAPE_MEANS[<int>letter] = <u8>means

fill_escapes()


cdef const u8* past_plain_string(const u8* p, const u8* end) noexcept nogil:
    """The closing quote of a string without escapes, all ASCII; NULL for any other."""
    cdef u8 flags = 0
    p = past_string(p, end, &flags)
    return p if flags == 0 else NULL


cdef const u8* past_value(const u8* p, const u8* end) noexcept nogil:
    """The place after one JSON value, which may begin with white space; NULL where there is none."""
    cdef u64[4] objects  # one bit of MAX_JSON_DEPTH a level: whether it is an object
    cdef int depth = 0
    cdef bint is_object = False
    cdef u8 flags = 0
    cdef u8 byte
    cdef int length
    while True:
        if p < end and p[0] <= 32:
            p = past_space(p, end)
        if p >= end:
            return NULL
        byte = p[0]
        if byte == c'"':
            p = past_string(p + 1, end, &flags)
            if p == NULL:
                return NULL
            p += 1
        elif byte == c"{" or byte == c"[":
            p = past_space(p + 1, end)
            if p >= end:
                return NULL
            if p[0] == byte + 2:
                p += 1
            else:
                if depth == MAX_JSON_DEPTH:
                    return NULL
                is_object = byte == c"{"
                if is_object:
                    objects[depth >> 6] |= <u64>1 << (depth & 63)
                else:
                    objects[depth >> 6] &= ~(<u64>1 << (depth & 63))
                depth += 1
                if is_object:
                    p = past_key(p, end)
                    if p == NULL:
                        return NULL
                continue
        elif byte == c"-" or is_digit(byte):
            p = past_number(p, end)
            if p == NULL:
                return NULL
        else:
            length = word_length(p, end)
            if length == 0:
                return NULL
            p += length
        while depth:
            if p < end and p[0] <= 32:
                p = past_space(p, end)
            if p >= end:
                return NULL
            byte = p[0]
            p += 1
            if byte == c",":
                if is_object:
                    p = past_key(past_space(p, end), end)
                    if p == NULL:
                        return NULL
                break
            if byte != (c"}" if is_object else c"]"):
                return NULL
            depth -= 1
            if depth:
                is_object = objects[(depth - 1) >> 6] >> ((depth - 1) & 63) & 1
        else:
            return p


cdef inline const u8* past_key(const u8* p, const u8* end) noexcept nogil:
    """The place after a key and its colon."""
    cdef u8 flags = 0
    if p >= end or p[0] != c'"':
        return NULL
    p = past_string(p + 1, end, &flags)
    if p == NULL:
        return NULL
    p += 1
    if p < end and p[0] == c":":
        return p + 1
    p = past_space(p, end)
    return p + 1 if p < end and p[0] == c":" else NULL


cdef inline const u8* read_integer(const u8* p, const u8* end, i64* value) noexcept nogil:
    """A whole number of 64 bits; NULL for any other."""
    cdef bint negative = p[0] == c"-"
    cdef const u8* start
    cdef u64 result = 0
    if negative:
        p += 1
    start = p
    while p < end and is_digit(p[0]):
        if p - start == 18 and (result > 922337203685477580ULL or p + 1 < end and is_digit(p[1])):
            return NULL
        result = result * 10 + (p[0] - c"0")
        p += 1
    if p == start or (start[0] == c"0" and p - start > 1):
        return NULL
    if result > 0x7FFFFFFFFFFFFFFFULL + negative:
        return NULL
    if p < end and (p[0] == c"." or (p[0] | 0x20) == c"e"):
        return NULL
    value[0] = <i64>(0 - result) if negative else <i64>result
    return p


cdef int read_odd_double(const u8* p, const u8* end, u64* bits) noexcept with gil:
    cdef double value
    try:
        value = float(PyBytes_FromStringAndSize(<const char*>p, end - p))
    except BaseException:
        return BAIL
    memcpy(bits, &value, 8)
    return OK if value - value == 0 else BAIL


cdef const u8* read_single(
    Turn* turn, int kind, Message* message, Slot* slot, const u8* p, const u8* end, int depth, int* status
) noexcept nogil:
    """One value that is no list, map or null, into its slot. The place after it, or NULL with a status."""
    cdef i64 number = 0
    cdef int length
    cdef int form
    cdef Slot* inner
    status[0] = BAIL
    if kind == K_STRING:
        return read_string(turn, p + 1, end, slot, status) if p[0] == c'"' else NULL
    slot.start = PRESENT
    if kind == K_BOOL:
        if p[0] != c"t" and p[0] != c"f":
            return NULL
        length = word_length(p, end)
        slot.value = p[0] == c"t"
        return p + length if length else NULL
    if kind <= K_INT64:
        p = read_integer(p, end, &number)
        if p == NULL or (kind == K_INT32 and number != <i64><i32>number):
            return NULL
        slot.value = <u64>number
        return p
    if kind == K_BYTES:
        if p[0] != c'"':
            return NULL
        slot.start = p + 1
        p = past_plain_string(p + 1, end)
        slot.value = <u64>p
        return p + 1 if p != NULL else NULL
    if kind == K_DOUBLE:
        slot.start = p
        p = past_number(p, end)
        if p == NULL or read_odd_double(slot.start, p, &slot.value):
            return NULL
        slot.start = PRESENT
        return p
    status[0] = reach(message)
    if status[0]:
        return NULL
    form = message.form
    status[0] = BAIL
    if form <= F_UNKNOWN:
        if p[0] != c"{":
            return NULL
        inner = take(&turn.arena, message.width)
        if inner == NULL:
            status[0] = NO_MEMORY
            return NULL
        slot.value = <u64>inner
        return read_members(turn, message, inner, p + 1, end, depth, status)
    if form <= F_SCHEMA_OR_STRING_ARRAY:
        return read_schema_or(turn, message, slot, p, end, depth, status)
    if form == F_LIST:
        return read_elements(turn, &message.fields[0], slot, p, end, depth, True, status)
    if form == F_INT_OR_STRING:
        if p[0] == c'"':
            return read_string(turn, p + 1, end, slot, status)
        p = read_integer(p, end, &number)
        if p == NULL or number != <i64><i32>number:
            return NULL
        slot.value = <u64>number
        return p
    if form == F_QUANTITY and p[0] != c'"':
        slot.start = p
        p = past_number(p, end)
        slot.value = <u64>p
        return p
    if form <= F_QUANTITY:
        if p[0] != c'"':
            return NULL
        slot.start = p + 1
        p = past_plain_string(p + 1, end)
        if p == NULL:
            return NULL
        if form == F_QUANTITY and (p == slot.start or slot.start[0] <= 32 or (p - 1)[0] <= 32):
            return NULL
        slot.value = <u64>p
        return p + 1
    # raw JSON
    slot.start = p
    p = past_value(p, end)
    slot.value = <u64>p
    return p


cdef const u8* read_schema_or(
    Turn* turn, Message* message, Slot* slot, const u8* p, const u8* end, int depth, int* status
) noexcept nogil:
    """The apiextensions forms: an object is the schema, a list the other field, a bool that of the schema-or-bool."""
    cdef int one = 1 if message.form == F_SCHEMA_OR_BOOL else 0  # the slot of the schema
    cdef Slot* inner = take(&turn.arena, message.width)
    if inner == NULL:
        status[0] = NO_MEMORY
        return NULL
    slot.value = <u64>inner
    if p[0] == c"{":
        if one:
            inner[0].start = PRESENT
            inner[0].value = 1
        return read_single(turn, K_MESSAGE, message.fields[one].message, &inner[one], p, end, depth + 1, status)
    if one:
        return read_single(turn, K_BOOL, NULL, &inner[0], p, end, depth, status)
    return read_elements(turn, &message.fields[1], &inner[1], p, end, depth, False, status)


cdef inline bint may_be_null(Message* message) noexcept nogil:
    return not F_SCHEMA_OR_ARRAY <= message.form <= F_SCHEMA_OR_BOOL


cdef const u8* read_elements(
    Turn* turn, Field* field, Slot* slot, const u8* p, const u8* end, int depth, bint shown_empty, int* status
) noexcept nogil:
    """A list, whose bracket stands at p. shown_empty: JSON shows it even where it is empty."""
    cdef Slot* element
    cdef Slot* last = NULL
    cdef int kind = field.kind
    cdef Message* message = field.message
    cdef bint flat = False
    status[0] = BAIL
    if p[0] != c"[":
        return NULL
    if kind == K_MESSAGE:
        status[0] = reach(message)
        if status[0]:
            return NULL
        flat = message.form <= F_UNKNOWN
    slot.start = PRESENT
    slot.value = 0
    p = past_space(p + 1, end)
    if p < end and p[0] == c"]":
        turn.lost |= shown_empty
        return p + 1
    while True:
        status[0] = BAIL
        if p >= end:
            return NULL
        if flat and p[0] == c"{":
            # The slots of a message stand in the element itself.
            element = take(&turn.arena, 1 + message.width)
            if element == NULL:
                status[0] = NO_MEMORY
                return NULL
            element.start = PRESENT
            p = read_members(turn, message, element + 1, p + 1, end, depth + 1, status)
        else:
            element = take_empty(&turn.arena, 2)
            if element == NULL:
                status[0] = NO_MEMORY
                return NULL
            if p[0] == c"n":
                if word_length(p, end) == 0 or kind == K_BYTES or (kind == K_MESSAGE and not may_be_null(message)):
                    return NULL
                element.start = NOTHING
                p += 4
            elif flat:
                return NULL
            else:
                element.start = PRESENT
                p = read_single(turn, kind, message, element + 1, p, end, depth + 1, status)
        if p == NULL:
            return NULL
        element.value = <u64>last
        last = element
        if p < end and p[0] != c",":
            p = past_space(p, end)
        status[0] = BAIL
        if p >= end:
            return NULL
        if p[0] == c"]":
            slot.value = <u64>last
            return p + 1
        if p[0] != c",":
            return NULL
        p += 1
        if p < end and p[0] <= 32:
            p = past_space(p, end)


cdef const u8* read_entries(
    Turn* turn, Field* field, Slot* slot, const u8* p, const u8* end, int depth, int* status
) noexcept nogil:
    """A map, whose brace stands at p."""
    cdef Slot* entry
    cdef Slot* last = NULL
    cdef int kind = field.kind
    status[0] = BAIL
    if p[0] != c"{":
        return NULL
    if kind == K_MESSAGE:
        status[0] = reach(field.message)
        if status[0]:
            return NULL
    elif kind < K_STRING:
        return NULL
    slot.start = PRESENT
    slot.value = 0
    p = past_space(p + 1, end)
    if p < end and p[0] == c"}":
        turn.lost |= field.always
        return p + 1
    while True:
        status[0] = BAIL
        if p >= end or p[0] != c'"':
            return NULL
        entry = take_empty(&turn.arena, 3)
        if entry == NULL:
            status[0] = NO_MEMORY
            return NULL
        p = read_string(turn, p + 1, end, entry + 1, status)
        if p == NULL:
            return NULL
        status[0] = BAIL
        if p >= end or p[0] != c":":
            p = past_space(p, end)
            if p >= end or p[0] != c":":
                return NULL
        p += 1
        if p < end and p[0] <= 32:
            p = past_space(p, end)
        if p >= end:
            return NULL
        if last != NULL and slot.start == PRESENT and compare_bytes(
            last[1].start, <size_t>(ending(last + 1) - last[1].start),
            entry[1].start, <size_t>(ending(entry + 1) - entry[1].start),
        ) >= 0:
            slot.start = UNORDERED
        entry.value = <u64>last
        last = entry
        if p[0] == c"n":
            if word_length(p, end) == 0 or (kind == K_MESSAGE and not may_be_null(field.message)):
                return NULL
            entry.start = NOTHING
            turn.lost |= kind == K_BYTES
            p += 4
        else:
            entry.start = PRESENT
            p = read_single(turn, kind, field.message, entry + 2, p, end, depth + 1, status)
            if p == NULL:
                return NULL
        if p < end and p[0] != c",":
            p = past_space(p, end)
        status[0] = BAIL
        if p >= end:
            return NULL
        if p[0] == c"}":
            slot.value = <u64>last
            return p + 1
        if p[0] != c",":
            return NULL
        p = past_space(p + 1, end)


cdef const u8* read_members(
    Turn* turn, Message* message, Slot* slots, const u8* p, const u8* end, int depth, int* status
) noexcept nogil:
    """The members of a message, behind its brace, and the closing brace."""
    cdef int expected
    cdef int place = 0
    cdef const u8* key
    cdef Shown* shown
    cdef Field* field
    cdef Slot* slot
    cdef size_t length
    status[0] = BAIL
    if depth > MAX_MESSAGES:
        return NULL
    status[0] = reach_expected(message)
    if status[0]:
        return NULL
    status[0] = BAIL
    if p < end and p[0] <= 32:
        p = past_space(p, end)
    if p < end and p[0] == c"}":
        return p + 1
    while True:
        # Keys come mostly in the same order: the one that came after the last key the last time is tried first.
        expected = CODEC_LOAD(&message.follows[place])
        if expected < message.shown_count and codec_same(
            p, end, message.expected[expected].key, message.expected[expected].length
        ):
            p += message.expected[expected].length
        else:
            status[0] = BAIL
            if p >= end or p[0] != c'"':
                return NULL
            key = p + 1
            p = past_plain_string(key, end)
            if p == NULL:
                return NULL
            length = <size_t>(p - key)
            p = past_space(p + 1, end)
            if p >= end or p[0] != c":":
                return NULL
            p += 1
            shown = shown_of(message, key, length)
            if shown == NULL:
                if not message.type_meta or not (
                    (length == 4 and memcmp(key, b"kind", 4) == 0)
                    or (length == 10 and memcmp(key, b"apiVersion", 10) == 0)
                ):
                    return NULL
                expected = -1
                slot = slots + (length != 4)
            else:
                expected = <int>(shown - message.shown)
                CODEC_STORE(&message.follows[place], expected)
        if p < end and p[0] <= 32:
            p = past_space(p, end)
        if p >= end:
            return NULL
        if expected >= 0:
            place = expected + 1
            field = message.shown[expected].field
            slot = slots + message.shown[expected].slot
        if slot.start != NULL:
            return NULL
        if p[0] == c"n":
            if word_length(p, end) == 0:
                return NULL
            slot.start = NOTHING
            p += 4
        elif expected < 0:
            turn.lost |= depth > 0
            p = read_single(turn, K_STRING, NULL, slot, p, end, depth, status)
        elif field.label == L_REPEATED:
            p = read_elements(turn, field, slot, p, end, depth, field.always, status)
        elif field.label == L_MAP:
            p = read_entries(turn, field, slot, p, end, depth, status)
        elif field.kind == K_STRING:
            p = read_string(turn, p + 1, end, slot, status) if p[0] == c'"' else NULL
        else:
            p = read_single(turn, field.kind, field.message, slot, p, end, depth + 1, status)
        if p == NULL:
            return NULL
        if p < end and p[0] <= 32:
            p = past_space(p, end)
        status[0] = BAIL
        if p >= end:
            return NULL
        if p[0] == c"}":
            return p + 1
        if p[0] != c",":
            return NULL
        p += 1
        if p < end and p[0] <= 32:
            p = past_space(p, end)
