# JSON inside a value, as managedFields' FieldsV1, → YAML: in one pass where its keys stand in YAML's order, else by a
# tape.

cdef enum:
    MAX_YAML_DEPTH = 200  # of raw JSON; deeper is left to the readable engine
    REORDER = 4           # a status of this file: keys have to be sorted


cdef struct Text:
    # A string, its escapes resolved. Whole blocks may be read up to `limit`.
    const u8* start
    const u8* end
    const u8* limit


cdef int put_yaml_raw(Work* work, const u8* p, const u8* end, int column, int indent, bint inline) noexcept nogil:
    """What follows a key or the dash of a list. indent: of the container that it stands in; inline: in its line."""
    cdef size_t mark = <size_t>(work.out.at - work.out.start)
    cdef int status = OK
    cdef const u8* after
    work.keys.at = work.keys.start
    # All that is resolved is shorter than what it is resolved from.
    if not room(&work.keys, <size_t>(end - p) + 32):
        return NO_MEMORY
    after = put_scanned_value(work, past_space(p, end), end, column, indent, inline, 0, &status)
    if after != NULL:
        return OK if past_space(after, end) == end else BAIL
    if status != REORDER:
        return status
    work.out.at = work.out.start + mark
    # The tape resolves escapes in its text, so that this must be ours.
    work.keys.at = work.keys.start
    status = put(&work.keys, p, <size_t>(end - p))
    if status:
        return status
    work.tape.used = 0
    status = read_tape(&work.tape, work.keys.start, work.keys.at)
    if status == OK:
        status = unescape_tape(&work.tape)
    return status or put_tape_value(work, 0, column, indent, inline)


cdef const u8* read_text(Work* work, const u8* p, const u8* end, Text* text, u8* flags) noexcept nogil:
    """Reads the string that begins at p, behind its quote; the place after it, NULL where it is none."""
    cdef Out place
    cdef const u8* start = p
    flags[0] = 0
    p = past_string(start, end, flags)
    if p == NULL:
        return NULL
    text.start = start
    text.end = p
    text.limit = end
    if flags[0] == 0:
        return p + 1
    if flags[0] & NOT_ASCII and not is_utf8(start, p):
        return NULL
    if flags[0] & ESCAPED:
        place.start = place.at = work.keys.at
        place.limit = place.at + 3 * <size_t>(p - start) + 8  # what unescape asks for, and does not need here
        unescape(&place, start, p)
        text.start = work.keys.at
        text.end = work.keys.at = place.at
        text.limit = work.keys.limit
    return p + 1


cdef inline bint is_ascii(const u8* p, const u8* end) noexcept nogil:
    while p < end:
        if p[0] >= 0x80:
            return False
        p += 1
    return True


cdef const u8* put_scanned_value(
    Work* work, const u8* p, const u8* end, int column, int indent, bint inline, int depth, int* status
) noexcept nogil:
    """Writes the value at p as put_yaml_raw does. The place after it, or NULL with a status."""
    cdef const u8* start = p
    cdef Text text
    cdef u8* mark
    cdef u8 byte
    cdef u8 flags
    cdef int length
    status[0] = BAIL
    if p >= end:
        return NULL
    byte = p[0]
    if byte == c"{" or byte == c"[":
        p = past_space(p + 1, end)
        if p >= end:
            return NULL
        if p[0] == byte + 2:
            status[0] = put(&work.out, b" {}\n" if byte == c"{" else b" []\n", 4)
            return p + 1 if status[0] == OK else NULL
        if depth == MAX_YAML_DEPTH:
            return NULL
        status[0] = put_byte(&work.out, c" " if inline else c"\n")
        if status[0]:
            return NULL
        if byte == c"{":
            return put_scanned_mapping(work, p, end, indent + STEP, inline, depth + 1, status)
        return put_scanned_list(work, p, end, indent + STEP if inline else indent, inline, depth + 1, status)
    if byte == c'"':
        mark = work.keys.at
        p = read_text(work, p + 1, end, &text, &flags)
        if p != NULL:
            status[0] = put_yaml_string(work, text.start, text.end, text.limit, column, indent + STEP)
        work.keys.at = mark
        return p if status[0] == OK else NULL
    if byte == c"-" or is_digit(byte):
        p = past_number(p, end)
        if p != NULL:
            status[0] = put_byte(&work.out, c" ") or put_yaml_number(&work.out, start, p)
        return p if status[0] == OK else NULL
    length = word_length(p, end)
    if length == 0:
        return NULL
    status[0] = put_byte(&work.out, c" ") or put(&work.out, p, length) or put_byte(&work.out, c"\n")
    return p + length if status[0] == OK else NULL


cdef const u8* put_scanned_list(
    Work* work, const u8* p, const u8* end, int indent, bint inline, int depth, int* status
) noexcept nogil:
    """The elements of a list, the first of which begins at p."""
    while True:
        if not inline:
            status[0] = begin_line(work, indent)
            if status[0]:
                return NULL
        inline = False
        status[0] = put_byte(&work.out, c"-")
        if status[0]:
            return NULL
        p = put_scanned_value(work, p, end, indent + STEP, indent, True, depth, status)
        if p == NULL:
            return NULL
        p = past_space(p, end)
        status[0] = BAIL
        if p >= end:
            return NULL
        if p[0] == c"]":
            return p + 1
        if p[0] != c",":
            return NULL
        p = past_space(p + 1, end)


cdef const u8* put_scanned_mapping(
    Work* work, const u8* p, const u8* end, int indent, bint inline, int depth, int* status
) noexcept nogil:
    """The members of an object, the first of which begins at p."""
    cdef Text last
    cdef Text key
    cdef u8 flags
    cdef int columns = 0
    last.start = NULL
    while True:
        status[0] = BAIL
        if p >= end or p[0] != c'"':
            return NULL
        p = read_text(work, p + 1, end, &key, &flags)
        if p == NULL:
            return NULL
        if p < end and p[0] == c":":
            p += 1
        else:
            p = past_space(p, end)
            if p >= end or p[0] != c":":
                return NULL
            p = past_space(p + 1, end)
        if (flags and not is_ascii(key.start, key.end)) or (last.start != NULL and not in_order(last.start, last.end, key.start, key.end)):
            status[0] = REORDER
            return NULL
        if not inline:
            status[0] = begin_line(work, indent)
            if status[0]:
                return NULL
        inline = False
        status[0] = put_yaml_key(&work.out, key.start, key.end, key.limit, &columns)
        if status[0]:
            return NULL
        if end - p >= 3 and p[0] == c"{" and p[1] == c"}":
            status[0] = put(&work.out, b" {}\n", 4)
            if status[0]:
                return NULL
            p += 2
        else:
            p = put_scanned_value(
                work, past_space(p, end), end, indent + columns + 1, indent, False, depth, status
            )
            if p == NULL:
                return NULL
        status[0] = BAIL
        if p < end and p[0] != c"," and p[0] != c"}":
            p = past_space(p, end)
        if p >= end:
            return NULL
        if p[0] == c"}":
            return p + 1
        if p[0] != c",":
            return NULL
        p += 1
        if p < end and p[0] != c'"':
            p = past_space(p, end)
        last = key


# The way by a tape.

cdef int put_tape_value(Work* work, u32 at, int column, int indent, bint inline) noexcept nogil:
    """What follows a key or the dash of a list. indent: of the container that it stands in."""
    cdef Tape* tape = &work.tape
    cdef Out* out = &work.out
    cdef Node* node = &tape.nodes[at]
    cdef u8 kind = node.kind
    cdef int status
    if kind == c'"':
        return put_yaml_string(work, node.start, node.end, node.end, column, indent + STEP)
    if kind == c"{" or kind == c"[":
        if node.count == 0:
            return put(out, b" {}\n", 4) if kind == c"{" else put(out, b" []\n", 4)
        status = put_byte(out, c" " if inline else c"\n")
        if status:
            return status
        if kind == c"{":
            return put_tape_mapping(work, at, indent + STEP, inline)
        return put_tape_list(work, at, indent + STEP if inline else indent, inline)
    status = put_byte(out, c" ")
    if status:
        return status
    if kind == 0:
        return put_yaml_number(out, node.start, node.end)
    status = put(out, node.start, <size_t>(node.end - node.start))
    return status or put_byte(out, c"\n")


cdef int put_tape_list(Work* work, u32 at, int indent, bint inline) noexcept nogil:
    cdef Tape* tape = &work.tape
    cdef u32 count = tape.nodes[at].count
    cdef u32 place = at + 1
    cdef u32 i
    cdef int status = OK
    for i in range(count):
        if i > 0 or not inline:
            status = begin_line(work, indent)
        if status == OK:
            status = put_byte(&work.out, c"-")
        if status == OK:
            status = put_tape_value(work, place, indent + STEP, indent, True)
        if status:
            return status
        place = tape.nodes[place].following
    return OK


cdef int put_tape_mapping(Work* work, u32 at, int indent, bint inline) noexcept nogil:
    cdef Tape* tape = &work.tape
    cdef u32 count = tape.nodes[at].count
    cdef u32 place = at + 1
    cdef u32 i
    cdef int status = OK
    cdef int columns = 0
    cdef Member[24] few
    cdef Member* members = few
    if count > 24:
        members = <Member*>malloc(count * sizeof(Member))
        if members == NULL:
            return NO_MEMORY
    for i in range(count):
        members[i].key = tape.nodes[place].start
        members[i].length = <size_t>(tape.nodes[place].end - tape.nodes[place].start)
        members[i].at = place + 1
        place = tape.nodes[place + 1].following
    status = sort_naturally(members, count)
    for i in range(count):
        if status == OK and (i > 0 or not inline):
            status = begin_line(work, indent)
        if status == OK:
            place = members[i].at
            status = put_yaml_key(
                &work.out, members[i].key, members[i].key + members[i].length, tape.nodes[place - 1].end, &columns
            )
        if status == OK:
            status = put_tape_value(work, place, indent + columns + 1, indent, False)
        if status:
            break
    if members != few:
        free(members)
    return status


cdef int unescape_tape(Tape* tape) noexcept nogil:
    """Resolves the escapes of every string in its place, which is never too short for it."""
    cdef u32 i
    cdef Node* node
    cdef Out place
    for i in range(tape.used):
        node = &tape.nodes[i]
        if node.kind != c'"' or not node.flags & ESCAPED:
            continue
        if node.flags & NOT_ASCII and not is_utf8(node.start, node.end):
            return BAIL
        place.start = place.at = <u8*>node.start
        # unescape asks for more room than it needs here: what it writes is never longer than what it has read.
        place.limit = place.at + 3 * <size_t>(node.end - node.start) + 8
        unescape(&place, node.start, node.end)
        node.end = place.at
        node.flags &= ~<u8>ESCAPED
    return OK
