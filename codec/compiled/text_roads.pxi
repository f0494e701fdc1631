# Values that are stored as JSON: those of registered kinds by way of the wire, all others, as custom resources, by a tape
# with their keys in order. See codec.storage.by_tree, _plain_of_json.

cdef enum:
    NOWHERE = 0xFFFFFFFF  # the place of a member that the text does not have

cdef enum Role:
    R_ANY
    R_ROOT
    R_METADATA


cdef int resolve(Work* work, Node* node, Text* text) noexcept nogil:
    """A string of the tape. What has escapes is put into `work.keys`, which is as long as the input."""
    cdef Out place
    text.start = node.start
    text.end = text.limit = node.end
    if node.flags & NOT_ASCII and not is_utf8(node.start, node.end):
        return BAIL
    if node.flags & ESCAPED:
        place.start = place.at = work.keys.at
        place.limit = place.at + 3 * <size_t>(node.end - node.start) + 8  # what unescape asks for, and does not need
        unescape(&place, node.start, node.end)
        text.start = work.keys.at
        text.end = text.limit = work.keys.at = place.at
    return OK


cdef inline int put_text_string(Out* out, const u8* p, const u8* end) noexcept nogil:
    return put_string(out, p, end, end)


cdef int put_odd_plain_number(Out* out, const u8* p, const u8* end) noexcept with gil:
    """See codec.text.json_plain, _scalar."""
    try:
        from codec.text.number import format_float

        text = text_of(p, end)
        if text.removeprefix("-").isdecimal() and len(text) <= 20 and -(1 << 63) <= int(text) < 1 << 63:
            return put_text(out, str(int(text)))
        return put_text(out, format_float(float(text)))
    except BaseException:
        return BAIL


cdef int put_plain_value(Work* work, u32 at, Role role) noexcept nogil:
    """A value of the tape as Go prints a map."""
    cdef Out* out = &work.out
    cdef Node* node = &work.tape.nodes[at]
    cdef Text text
    cdef u8* kept
    cdef const u8* p
    cdef u32 i
    cdef u32 place
    cdef int status
    if node.kind == c'"':
        kept = work.keys.at
        status = resolve(work, node, &text)
        if status == OK:
            status = put_text_string(out, text.start, text.end)
        work.keys.at = kept
        return status
    if node.kind == c"{":
        return put_plain_object(work, at, role)
    if node.kind == c"[":
        status = put_byte(out, c"[")
        place = at + 1
        for i in range(node.count):
            if status == OK and i > 0:
                status = put_byte(out, c",")
            if status == OK:
                status = put_plain_value(work, place, R_ANY)
            if status:
                return status
            place = work.tape.nodes[place].following
        return status or put_byte(out, c"]")
    if node.kind == 0:
        p = node.start
        if p[0] == c"-":
            p += 1
        if node.end - p > 18 or p[0] == c"0" or not all_digits(p, node.end):
            if node.end - node.start != 1:
                return put_odd_plain_number(out, node.start, node.end)
    return put(out, node.start, <size_t>(node.end - node.start))


cdef int put_plain_object(Work* work, u32 at, Role role) noexcept nogil:
    cdef Out* out = &work.out
    cdef Node* node = &work.tape.nodes[at]
    cdef u32 count = node.count
    cdef u32 place = at + 1
    cdef u32 i
    cdef int status = OK
    cdef Text text
    cdef u8* kept = work.keys.at
    cdef Member[24] few
    cdef Member* members = few
    cdef const u8* named = NULL  # the key of what the resource version is, or stands in
    cdef size_t named_length = 0
    cdef bint found = False
    if work.version_length and role != R_ANY:
        named = <const u8*>b"metadata" if role == R_ROOT else <const u8*>b"resourceVersion"
        named_length = 8 if role == R_ROOT else 15
    if count >= 24:
        members = <Member*>malloc((<size_t>count + 1) * sizeof(Member))
        if members == NULL:
            return NO_MEMORY
    for i in range(count):
        status = resolve(work, &work.tape.nodes[place], &text)
        if status:
            break
        members[i].key = text.start
        members[i].length = <size_t>(text.end - text.start)
        members[i].at = place + 1
        if named != NULL and compare_bytes(members[i].key, members[i].length, named, named_length) == 0:
            found = True
            if role == R_METADATA:
                members[i].at = NOWHERE
        place = work.tape.nodes[place + 1].following
    if named != NULL and not found:
        members[count].key = named
        members[count].length = named_length
        members[count].at = NOWHERE
        count += 1
    if status == OK:
        status = sort_members(members, count)
    if status == OK:
        status = put_byte(out, c"{")
    for i in range(count):
        if status == OK and i > 0:
            status = put_byte(out, c",")
        if status == OK:
            status = put_text_string(out, members[i].key, members[i].key + members[i].length)
        if status == OK:
            status = put_byte(out, c":")
        if status:
            break
        if members[i].at != NOWHERE:
            status = put_plain_value(work, members[i].at, R_METADATA if role == R_ROOT and named != NULL and (
                compare_bytes(members[i].key, members[i].length, named, named_length) == 0
            ) else R_ANY)
            continue
        if role == R_ROOT:
            status = put(out, b'{"resourceVersion":', 19)
        if status == OK:
            status = put_text_string(out, work.version, work.version + work.version_length)
        if status == OK and role == R_ROOT:
            status = put_byte(out, c"}")
    if members != few:
        free(members)
    work.keys.at = kept
    return status or put_byte(out, c"}")


cdef int write_plain(Work* work, const u8* p, const u8* end) noexcept nogil:
    """The JSON of an object that no schema knows."""
    cdef int status
    if not room(&work.keys, <size_t>(end - p) + 64) or not room(&work.out, <size_t>(end - p) + 256):
        return NO_MEMORY
    work.tape.used = 0
    status = read_tape(&work.tape, p, end)
    if status == OK and work.tape.nodes[0].kind != c"{":
        status = BAIL
    return status or put_plain_value(work, 0, R_ROOT)


cdef int write_plain_yaml(Work* work) noexcept nogil:
    """The JSON of an object in the buffer as YAML."""
    cdef Out json = work.out
    cdef int status = OK
    cdef const u8* after
    if json.at - json.start <= 2:
        return BAIL
    memset(&work.out, 0, sizeof(Out))
    work.keys.at = work.keys.start
    status = OK if room(&work.keys, <size_t>(json.at - json.start) + 32) else NO_MEMORY
    if status == OK:
        after = put_scanned_mapping(work, json.start + 1, json.at, 0, True, 1, &status)
        if after == NULL and status == REORDER:
            work.out.at = work.out.start
            work.tape.used = 0
            status = read_tape(&work.tape, json.start, json.at)
            if status == OK:
                status = unescape_tape(&work.tape)
            if status == OK:
                status = put_tape_mapping(work, 0, 0, True)
        elif after == NULL and status == OK:
            status = BAIL
    out_free(&json)
    return status


cdef int show_text(Work* work, const u8* p, const u8* end, int yaml) except -1:
    """JSON of any kind as the JSON or YAML that is shown of it, in the buffer."""
    cdef Slot[2] names
    cdef Turn turn
    cdef Envelope envelope
    cdef Envelope inner
    cdef RootLines lines
    cdef Root root
    cdef int status
    memset(names, 0, sizeof(names))
    if name_of(p, end, &names[0], &names[1]):
        return BAIL
    api_version = text_of(names[0].start, ending(&names[0]))
    kind = text_of(names[1].start, ending(&names[1]))
    if not api_version or not kind:
        return BAIL
    if builtin().find(api_version, kind) is None:
        status = write_plain(work, p, end)
        if status == OK and yaml:
            status = write_plain_yaml(work)
        return status
    from codec.storage import wrap

    head = wrap(api_version, kind, b"")
    if read_envelope(<const u8*>PyBytes_AS_STRING(head), <const u8*>PyBytes_AS_STRING(head) + len(head), &envelope):
        return BAIL
    root = root_of(&envelope)
    if root is None or root.message.form > F_UNKNOWN or not root.message.type_meta:
        return BAIL
    memset(&turn, 0, sizeof(Turn))
    memset(&inner, 0, sizeof(Envelope))
    try:
        status = turn_around(&turn, root.message, p, end)
        if status or turn.lost:
            return status or BAIL
        inner.inner = turn.out.at
        inner.inner_end = work.input_end = turn.out.limit
        if yaml:
            lines_of(root, &lines)
            return write_yaml(work, &inner, root.message, &lines)
        return write_json(
            work, &inner, root.message, <const u8*>PyBytes_AS_STRING(root.json), <size_t>PyBytes_GET_SIZE(root.json)
        )
    finally:
        turn_free(&turn)


cdef bytes stored_text(data, const u8* p, const u8* end):
    """JSON of a kind that is stored as JSON → stored bytes, or None."""
    cdef Work work
    cdef int status
    memset(&work, 0, sizeof(Work))
    try:
        status = show_text(&work, p, end, False)
        if status == OK:
            status = put_byte(&work.out, c"\n")
        if status == NO_MEMORY:
            raise MemoryError
        if status:
            return None
        return PyBytes_FromStringAndSize(<const char*>work.out.start, work.out.at - work.out.start)
    finally:
        work_free(&work)
