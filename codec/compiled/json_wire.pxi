# JSON → wire: members of an object into the slots of its message, then the fields from the last number to the first.

cdef struct Turn:
    # What one text needs while it becomes wire.
    Tape tape
    Back out
    Arena arena
    Out scratch


cdef void turn_free(Turn* turn) noexcept nogil:
    tape_free(&turn.tape)
    back_free(&turn.out)
    arena_free(&turn.arena)
    out_free(&turn.scratch)


cdef int back_string(Turn* turn, Node* node) noexcept nogil:
    """The content of a string and its length."""
    cdef int status
    cdef size_t length = <size_t>(node.end - node.start)
    if node.flags == 0 or (node.flags == NOT_ASCII and is_utf8(node.start, node.end)):
        status = back_put(&turn.out, node.start, length)
        return status or back_varint(&turn.out, length)
    turn.scratch.at = turn.scratch.start
    status = unescape(&turn.scratch, node.start, node.end)
    if status:
        return status
    length = <size_t>(turn.scratch.at - turn.scratch.start)
    status = back_put(&turn.out, turn.scratch.start, length)
    return status or back_varint(&turn.out, length)


cdef int read_integer(Node* node, i64* value) noexcept nogil:
    """A whole number of up to 18 digits; others are left to the readable engine."""
    cdef const u8* p = node.start
    cdef bint negative = p[0] == c"-"
    cdef i64 result = 0
    if node.kind != 0:
        return BAIL
    if negative:
        p += 1
    if node.end - p > 18:
        return BAIL
    while p < node.end:
        if not is_digit(p[0]):
            return BAIL
        result = result * 10 + (p[0] - c"0")
        p += 1
    value[0] = -result if negative else result
    return OK


cdef int read_odd_double(Node* node, double* value) noexcept with gil:
    try:
        value[0] = float(PyBytes_FromStringAndSize(<const char*>node.start, node.end - node.start))
    except BaseException:
        return BAIL
    return OK if value[0] - value[0] == 0 else BAIL


cdef int back_base64(Turn* turn, Node* node) noexcept nogil:
    """The bytes that a base64 string stands for and their length; line breaks in it are left to the readable engine."""
    cdef size_t length = <size_t>(node.end - node.start)
    cdef const u8* p = node.start
    cdef const u8* end = node.end
    cdef size_t size
    cdef u8* at
    cdef u32 group
    cdef unsigned bad
    cdef int padding = 0
    if node.kind != c'"' or node.flags or length & 3:
        return BAIL
    if length == 0:
        return back_varint(&turn.out, 0)
    if (end - 1)[0] == c"=":
        padding = 2 if (end - 2)[0] == c"=" else 1
    size = length // 4 * 3 - padding
    if not back_room(&turn.out, size + 4):
        return NO_MEMORY
    turn.out.at -= size
    at = turn.out.at
    if padding:
        end -= 4
    bad = 0
    while p < end:
        bad |= BASE64[p[0]] | BASE64[p[1]] | BASE64[p[2]] | BASE64[p[3]]
        group = <u32>BASE64[p[0]] << 18 | <u32>BASE64[p[1]] << 12 | <u32>BASE64[p[2]] << 6 | <u32>BASE64[p[3]]
        at[0] = <u8>(group >> 16)
        at[1] = <u8>(group >> 8)
        at[2] = <u8>group
        at += 3
        p += 4
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
    return back_varint(&turn.out, size)


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


cdef inline bint is_null(Node* node) noexcept nogil:
    return node.kind == c"n"


cdef int back_scalar(Turn* turn, Field* field, u32 tag, Node* node) noexcept nogil:
    """A scalar with its tag; `null` is its zero."""
    cdef int status = OK
    cdef i64 number = 0
    cdef double real = 0
    cdef int kind = field.kind
    if kind == K_STRING:
        if node.kind == c'"':
            status = back_string(turn, node)
        elif is_null(node):
            status = back_varint(&turn.out, 0)
        else:
            return BAIL
    elif kind == K_BYTES:
        status = back_base64(turn, node)
    elif kind == K_BOOL:
        if node.kind != c"t" and node.kind != c"f" and not is_null(node):
            return BAIL
        status = back_varint(&turn.out, node.kind == c"t")
    elif kind == K_DOUBLE:
        if not is_null(node):
            if node.kind != 0:
                return BAIL
            status = read_odd_double(node, &real)
            if status:
                return status
        status = back_put(&turn.out, &real, 8)
    else:
        if not is_null(node):
            status = read_integer(node, &number)
            if status:
                return status
            if kind == K_INT32 and number != <i64><i32>number:
                return BAIL
        status = back_varint(&turn.out, <u64>number)
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


cdef int parse_odd_time(Turn* turn, Node* node, bint micro, i64* seconds, i64* nanos) noexcept with gil:
    try:
        text = text_of(node.start, node.end)
        value = types.MicroTime.parse(text) if micro else types.Time.parse(text)
        seconds[0], nanos[0] = value.wire or (ZERO_SECONDS, 0)
    except BaseException:
        return BAIL
    return OK


cdef int parse_duration(Node* node, i64* nanoseconds) noexcept with gil:
    try:
        nanoseconds[0] = types.Duration.parse(text_of(node.start, node.end)).nanoseconds
    except BaseException:
        return BAIL
    return OK


cdef int canonical_of(Turn* turn, Node* node) noexcept nogil:
    """The canonical form of a quantity, in the scratch."""
    turn.scratch.at = turn.scratch.start
    if node.kind == c'"':
        if node.start == node.end or node.start[0] <= 32 or (node.end - 1)[0] <= 32 or node.flags:
            return BAIL
    elif node.kind != 0:
        return BAIL
    return put_quantity(&turn.scratch, node.start, node.end)


cdef int back_value(Turn* turn, Message* message, u32 at, int depth) noexcept nogil:
    """The content of a message that is loaded, from the node at `at`, which is no `null`."""
    cdef Node* node = &turn.tape.nodes[at]
    cdef int form = message.form
    cdef int status
    cdef i64 number = 0
    cdef i64 nanos = 0
    if form <= F_UNKNOWN:
        return back_object(turn, message, at, depth)
    if form <= F_SCHEMA_OR_STRING_ARRAY:
        return back_schema_or(turn, message, at, depth)
    if form == F_TIME or form == F_MICRO_TIME:
        if node.kind != c'"' or node.flags:
            return BAIL
        if parse_time(node.start, node.end, form == F_MICRO_TIME, &number, &nanos):
            status = parse_odd_time(turn, node, form == F_MICRO_TIME, &number, &nanos)
            if status:
                return status
        return back_time(&turn.out, message, number, nanos)
    if form == F_QUANTITY:
        status = canonical_of(turn, node)
        if status:
            return status
        return back_text(
            &turn.out, message.fields[0].tag, turn.scratch.start, <size_t>(turn.scratch.at - turn.scratch.start)
        )
    if form == F_INT_OR_STRING:
        if node.kind == c'"':
            status = back_string(turn, node)
        else:
            status = read_integer(node, &number)
            if status or number != <i64><i32>number:
                return BAIL
            status = back_varint(&turn.out, 0)
        if status == OK:
            status = back_varint(&turn.out, message.fields[2].tag)
        if status == OK:
            status = back_varint(&turn.out, <u64>number)
        if status == OK:
            status = back_varint(&turn.out, message.fields[1].tag)
        if status == OK:
            status = back_varint(&turn.out, node.kind == c'"')
        return status or back_varint(&turn.out, message.fields[0].tag)
    if form == F_DURATION:
        if node.kind != c'"' or node.flags:
            return BAIL
        status = parse_duration(node, &number)
        if status == OK:
            status = back_varint(&turn.out, <u64>number)
        return status or back_varint(&turn.out, message.fields[0].tag)
    if form == F_LIST:
        if node.kind != c"[":
            return BAIL
        return back_list(turn, &message.fields[0], at, depth)
    # raw JSON, as it stands
    if node.kind == c'"':
        return back_text(&turn.out, message.fields[0].tag, node.start - 1, <size_t>(node.end - node.start + 2))
    return back_text(&turn.out, message.fields[0].tag, node.start, <size_t>(node.end - node.start))


cdef int back_message(Turn* turn, Field* field, u32 tag, u32 at, int depth) noexcept nogil:
    """A whole message field; `null` is Go's zero value."""
    cdef size_t mark = back_length(&turn.out)
    cdef int status = reach(field.message)
    if status:
        return status
    if is_null(&turn.tape.nodes[at]):
        status = back_zero_message(&turn.out, field.message, depth + 1)
    else:
        status = back_value(turn, field.message, at, depth + 1)
    return status or back_head(&turn.out, tag, mark)


cdef int back_schema_or(Turn* turn, Message* message, u32 at, int depth) noexcept nogil:
    """The apiextensions forms: an object is the schema, a list the other field, a bool that of the schema-or-bool."""
    cdef Node* node = &turn.tape.nodes[at]
    cdef int status
    if message.form == F_SCHEMA_OR_BOOL:
        if node.kind == c"{":
            status = back_message(turn, &message.fields[1], message.fields[1].tag, at, depth)
        elif node.kind == c"t" or node.kind == c"f":
            status = OK
        else:
            return BAIL
        if status == OK:
            status = back_varint(&turn.out, node.kind != c"f")
        return status or back_varint(&turn.out, message.fields[0].tag)
    if node.kind == c"{":
        return back_message(turn, &message.fields[0], message.fields[0].tag, at, depth)
    if node.kind == c"[":
        return back_list(turn, &message.fields[1], at, depth)
    return BAIL


cdef int back_list(Turn* turn, Field* field, u32 at, int depth) noexcept nogil:
    """The elements of a list, the last first."""
    cdef u32 count = turn.tape.nodes[at].count
    cdef u32 place = at + 1
    cdef u32 i
    cdef int status
    cdef Slot* places
    if count == 0:
        return OK
    places = take(&turn.arena, count)
    if places == NULL:
        return NO_MEMORY
    for i in range(count):
        places[i].value = place
        place = turn.tape.nodes[place].following
    status = OK
    i = count
    while i > 0 and status == OK:
        i -= 1
        place = <u32>places[i].value
        if field.kind == K_MESSAGE:
            if is_null(&turn.tape.nodes[place]) and reach(field.message) == OK and (
                F_SCHEMA_OR_ARRAY <= field.message.form <= F_SCHEMA_OR_BOOL
            ):
                status = BAIL
                break
            status = back_message(turn, field, field.tag, place, depth)
        else:
            status = back_scalar(turn, field, field.tag, &turn.tape.nodes[place])
    give_back(&turn.arena, count)
    return status


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


cdef int back_map(Turn* turn, Field* field, u32 at, int depth) noexcept nogil:
    """The entries of a map, the last key first."""
    cdef u32 count = turn.tape.nodes[at].count
    cdef u32 place = at + 1
    cdef u32 i
    cdef int status
    cdef Member* members
    cdef Node* node
    cdef size_t mark
    cdef size_t odd = 0
    cdef Out keys
    if turn.tape.nodes[at].kind != c"{":
        return BAIL
    if count == 0:
        return OK
    members = <Member*>malloc(count * sizeof(Member))
    if members == NULL:
        return NO_MEMORY
    status = OK
    memset(&keys, 0, sizeof(Out))
    for i in range(count):
        node = &turn.tape.nodes[place]
        members[i].key = node.start
        members[i].length = <size_t>(node.end - node.start)
        members[i].at = place + 1
        if node.flags & ESCAPED or (node.flags and not is_utf8(node.start, node.end)):
            odd += 3 * members[i].length + 8
        place = turn.tape.nodes[place + 1].following
    if odd:
        # Keys that do not stand as they are, in a place that does not move.
        if not room(&keys, odd):
            status = NO_MEMORY
        i = 0
        while i < count and status == OK:
            node = &turn.tape.nodes[members[i].at - 1]
            if node.flags & ESCAPED or (node.flags and not is_utf8(node.start, node.end)):
                members[i].key = keys.at
                status = unescape(&keys, node.start, node.end)
                members[i].length = <size_t>(keys.at - members[i].key)
            i += 1
    if status == OK:
        status = sort_members(members, count)
    i = count
    while i > 0 and status == OK:
        i -= 1
        mark = back_length(&turn.out)
        node = &turn.tape.nodes[members[i].at]
        if field.kind == K_MESSAGE:
            if is_null(node) and reach(field.message) == OK and (
                F_SCHEMA_OR_ARRAY <= field.message.form <= F_SCHEMA_OR_BOOL
            ):
                status = BAIL
                break
            status = back_message(turn, field, 2 << 3 | 2, members[i].at, depth)
        elif field.kind < K_STRING:
            status = BAIL
        elif field.kind != K_BYTES or not is_null(node):
            status = back_scalar(turn, field, 2 << 3 | 2, node)
        if status == OK:
            status = back_text(&turn.out, 1 << 3 | 2, members[i].key, members[i].length)
        if status == OK:
            status = back_head(&turn.out, field.tag, mark)
    free(members)
    out_free(&keys)
    return status


cdef int back_object(Turn* turn, Message* message, u32 at, int depth) noexcept nogil:
    """The content of a message from the object at `at`."""
    cdef Slot* slots
    cdef Slot* slot
    cdef Shown* shown
    cdef Node* node
    cdef u32 place = at + 1
    cdef u32 end = turn.tape.nodes[at].following
    cdef int status = OK
    cdef size_t length
    if turn.tape.nodes[at].kind != c"{" or depth > 90:
        return BAIL
    slots = take(&turn.arena, message.width)
    if slots == NULL:
        return NO_MEMORY
    while place < end:
        node = &turn.tape.nodes[place]
        length = <size_t>(node.end - node.start)
        if node.flags & ESCAPED:
            status = BAIL
            break
        shown = shown_of(message, node.start, length)
        if shown == NULL:
            if not message.type_meta or not (
                (length == 4 and memcmp(node.start, b"kind", 4) == 0)
                or (length == 10 and memcmp(node.start, b"apiVersion", 10) == 0)
            ):
                status = BAIL
                break
            slot = slots + (length != 4)
            if slot.start != NULL or (node[1].kind != c'"' and node[1].kind != c"n"):
                status = BAIL
                break
            slot.start = node.start
        else:
            if slots[shown.slot].start != NULL:
                status = BAIL
                break
            slots[shown.slot].start = node.start
            slots[shown.slot].value = place + 1
        place = turn.tape.nodes[place + 1].following
    if status == OK:
        status = back_fields(turn, message, slots, depth)
    give_back(&turn.arena, message.width)
    return status


cdef int back_fields(Turn* turn, Message* message, Slot* slots, int depth) noexcept nogil:
    """Every field that is to be written, the last number first. A slot's value is the place of a node, 0 for none."""
    cdef int i
    cdef int status = OK
    cdef Field* field
    cdef u32 at
    cdef bint given
    cdef size_t mark
    for i in range(message.count - 1, -1, -1):
        field = &message.fields[i]
        if field.inlined:
            mark = back_length(&turn.out)
            status = back_fields(turn, field.message, slots + field.slot, depth + 1)
            if status == OK:
                status = back_head(&turn.out, field.tag, mark)
            if status:
                return status
            continue
        at = <u32>slots[field.slot].value
        given = slots[field.slot].start != NULL and not is_null(&turn.tape.nodes[at])
        if field.label == L_REPEATED:
            if given:
                if turn.tape.nodes[at].kind != c"[":
                    return BAIL
                status = back_list(turn, field, at, depth)
        elif field.label == L_MAP:
            if given:
                status = back_map(turn, field, at, depth)
        elif given:
            if field.kind == K_MESSAGE:
                status = back_message(turn, field, field.tag, at, depth)
            else:
                status = back_scalar(turn, field, field.tag, &turn.tape.nodes[at])
        elif field.label == L_VALUE:
            if field.kind == K_MESSAGE:
                status = reach(field.message)
                if status == OK and field.message.form != F_LIST:
                    mark = back_length(&turn.out)
                    status = back_zero_message(&turn.out, field.message, depth + 1)
                    if status == OK:
                        status = back_head(&turn.out, field.tag, mark)
            elif field.kind != K_BYTES:
                status = back_zero(&turn.out, field)
        if status:
            return status
    return OK


cdef dict _kinds = {}  # (apiVersion, kind) → (address of its Message, what stands before its inner message)


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


def json_to_storage(data):
    """JSON of a registered kind that is stored as protobuf → stored bytes, or None."""
    cdef Turn turn
    cdef const char* text
    cdef Py_ssize_t length
    cdef int status
    cdef u32 place
    cdef u32 end
    cdef Node* node
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
    memset(&turn, 0, sizeof(Turn))
    try:
        if length >= LONG:
            with nogil:
                status = read_tape(&turn.tape, <const u8*>text, <const u8*>text + length)
        else:
            status = read_tape(&turn.tape, <const u8*>text, <const u8*>text + length)
        if status == NO_MEMORY:
            raise MemoryError
        if status or turn.tape.nodes[0].kind != c"{":
            return None
        api_version = kind = ""
        place = 1
        end = turn.tape.nodes[0].following
        while place < end:
            node = &turn.tape.nodes[place]
            if node.end - node.start == 4 and memcmp(node.start, b"kind", 4) == 0 and node[1].kind == c'"':
                if node[1].flags & ESCAPED:
                    return None
                kind = text_of(node[1].start, node[1].end)
            elif node.end - node.start == 10 and memcmp(node.start, b"apiVersion", 10) == 0 and node[1].kind == c'"':
                if node[1].flags & ESCAPED:
                    return None
                api_version = text_of(node[1].start, node[1].end)
            place = node[1].following
        if not api_version or not kind:
            return None
        found = kind_of(api_version, kind)
        if found is None:
            return None
        message = <Message*><size_t>found[0]
        if length >= LONG:
            with nogil:
                status = NO_MEMORY
                if back_room(&turn.out, <size_t>length):
                    status = back_object(&turn, message, 0, 0)
        else:
            status = back_object(&turn, message, 0, 0)
        if status == NO_MEMORY:
            raise MemoryError
        if status:
            return None
        return back_envelope(&turn.out, found[1])
    finally:
        turn_free(&turn)
