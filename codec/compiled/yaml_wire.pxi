# Wire → YAML, with no JSON in between: the fields of each message in the order of their keys, which is found once.

cdef struct Named:
    # What stands before a field in YAML. `field` is NULL for apiVersion and kind, whose slots are 0 and 1.
    Field* field
    int slot
    int key_length
    u8* key  # with its colon and 32 bytes more


cdef struct RootLines:
    # The lines of a root's apiVersion and kind, or nothing.
    const u8* line[2]
    size_t length[2]


cdef bint comes_before(bytes a, bytes b):
    return natural_before(
        <const u8*>PyBytes_AS_STRING(a), <size_t>PyBytes_GET_SIZE(a), <const u8*>PyBytes_AS_STRING(b), <size_t>PyBytes_GET_SIZE(b)
    )


cdef int load_yaml(Message* message) except -1:
    """Finds the order of a message's keys."""
    cdef int i
    cdef Named* named
    cdef Named* ordered
    from codec.text import yaml_writer

    if message.yaml_state != UNLOADED:
        return 0
    places = {}
    if message.type_meta:
        places = {"apiVersion": (0, 0), "kind": (0, 1)}
    for i in range(message.shown_count):
        key = PyBytes_FromStringAndSize(<const char*>message.shown[i].field.key, message.shown[i].field.key_length)
        places[key[2 : len(key) - 2].decode()] = (<size_t>message.shown[i].field, message.shown[i].slot)
    ordered = <Named*>calloc(len(places) + 1, sizeof(Named))
    if ordered == NULL:
        raise MemoryError
    keys = []
    for i, (key, (field, slot)) in enumerate(yaml_writer._entries(places)):
        named = &ordered[i]
        text = yaml_writer._simple_key(key).encode()
        if not text:
            CODEC_STORE(&message.yaml_state, FOREIGN)
            return 0
        named.field = <Field*><size_t>field
        named.slot = slot
        named.key_length = <int>len(text)
        named.key = <u8*>calloc(len(text) + 32, 1)
        if named.key == NULL:
            raise MemoryError
        memcpy(named.key, PyBytes_AS_STRING(text), len(text))
        keys.append(key.encode())
    # The order of keys with digits may be a circle; then it depends on which of them are there.
    for i, later in enumerate(keys):
        for earlier in keys[:i]:
            if not comes_before(earlier, later) or comes_before(later, earlier):
                CODEC_STORE(&message.yaml_state, FOREIGN)
                return 0
    # Python code ran meanwhile, and with it other threads perhaps: what is there is not changed.
    if message.yaml_state == UNLOADED:
        message.named = ordered
        message.named_count = <int>len(keys)
        CODEC_STORE(&message.yaml_state, LOADED)
    return 0


cdef int name_root(Root root) except -1:
    """Makes the lines of its apiVersion and kind."""
    if root.yaml_kind is not None:
        return 0
    from codec.text import yaml_writer

    lines = [b"", b""]
    if root.message.type_meta:
        for i, (key, value) in enumerate((("apiVersion:", root.api_version), ("kind:", root.kind))):
            if value:
                lines[i] = f"{key} {yaml_writer._string(value, len(key) + 1, STEP)}".encode()
    root.yaml_api_version, root.yaml_kind = lines
    return 0


cdef int lines_of(Root root, RootLines* lines) except -1:
    """Fills in what stands before the fields of a root, which keeps it."""
    name_root(root)
    lines.line[0] = <const u8*>PyBytes_AS_STRING(root.yaml_api_version)
    lines.length[0] = <size_t>PyBytes_GET_SIZE(root.yaml_api_version)
    lines.line[1] = <const u8*>PyBytes_AS_STRING(root.yaml_kind)
    lines.length[1] = <size_t>PyBytes_GET_SIZE(root.yaml_kind)
    return 0


cdef int load_yaml_unlocked(Message* message) noexcept with gil:
    try:
        load_yaml(message)
    except MemoryError:
        return NO_MEMORY
    except BaseException:
        return BAIL
    return OK if message.yaml_state == LOADED else BAIL


cdef inline int reach_yaml(Message* message) noexcept nogil:
    """Makes sure that the order of a message's keys is known."""
    if CODEC_LOAD(&message.yaml_state) == LOADED:
        return OK
    if CODEC_LOAD(&message.yaml_state) == FOREIGN:
        return BAIL
    return load_yaml_unlocked(message)


cdef int put_yaml_fields(
    Work* work, Message* message, Slot* slots, int depth, int indent, bint inline, RootLines* head
) noexcept nogil:
    """A mapping, from the place behind its key or dash on. head: of a root, NULL for all others."""
    cdef Out* out = &work.out
    cdef Named* named
    cdef Field* field
    cdef Slot* slot
    cdef bint begun = False
    cdef bint before
    cdef int column
    cdef int status
    cdef int i
    cdef size_t mark
    cdef size_t value_mark
    status = reach_yaml(message)
    if status:
        return status
    for i in range(message.named_count):
        named = &message.named[i]
        field = named.field
        if field == NULL:
            if head != NULL and head.length[named.slot]:
                begun = True
                status = put(out, head.line[named.slot], head.length[named.slot])
                if status:
                    return status
            continue
        slot = slots + named.slot
        if slot.start == NULL:
            if not field.always:
                continue
        elif field.kind != K_MESSAGE and field.label <= L_OPTIONAL:
            if (
                not field.always
                and (field.label == L_VALUE or field.was_value or field.kind == K_BYTES)
                and is_zero_scalar(field.kind, slot)
            ):
                continue
        mark = <size_t>(out.at - out.start)
        before = begun
        if begun:
            status = begin_line(work, indent)
            if status:
                return status
        else:
            begun = True
            if head == NULL:
                status = put_byte(out, c" " if inline else c"\n")
                if status == OK and not inline:
                    status = begin_line(work, indent)
                if status:
                    return status
        if not room(out, <size_t>named.key_length + 32):
            return NO_MEMORY
        memcpy(out.at, named.key, 16)
        if named.key_length > 16:
            memcpy(out.at + 16, named.key + 16, named.key_length - 16)
        out.at += named.key_length
        value_mark = <size_t>(out.at - out.start)
        column = indent + named.key_length + 1
        if slot.start == NULL:
            status = put_absent_in_yaml(work, field, depth, column, indent)
        elif field.label == L_REPEATED:
            status = put_yaml_list(work, field, slot, depth, indent, False)
        elif field.label == L_MAP:
            status = put_yaml_map(work, field, slot, depth, indent)
        elif field.kind != K_MESSAGE:
            status = put_yaml_scalar(work, field.kind, slot.start, slot.value, column, indent)
        else:
            status = reach(field.message)
            if status:
                return status
            if field.message.form == F_LIST and not field.always and slot.value == <u64>slot.start:
                out.at = out.start + mark
                begun = before
                continue
            if field == work.metadata and depth == 0:
                work.versioned = True
            status = put_yaml_value(work, field.message, slot.start, ending(slot), depth + 1, column, indent, False)
            if status == OK and not (field.always or (field.label == L_OPTIONAL and not field.was_value)):
                # omitzero: what was written says whether the value is zero.
                if field.message.form == F_PLAIN:
                    if <size_t>(out.at - out.start) - value_mark == 4 and (out.at - 4)[1] == c"{":
                        out.at = out.start + mark
                        begun = before
                elif field.message.form == F_TIME or field.message.form == F_MICRO_TIME:
                    if <size_t>(out.at - out.start) - value_mark == 6:
                        out.at = out.start + mark
                        begun = before
                elif field.message.form != F_QUANTITY and field.message.form > F_SCHEMA_OR_STRING_ARRAY:
                    if field.message.form != F_LIST:
                        return BAIL  # no field of Kubernetes is such
        if status:
            return status
    if begun:
        return OK
    return put(out, b" {}\n", 4) if head == NULL else put(out, b"{}\n", 3)


cdef int put_yaml_scalar(Work* work, int kind, const u8* start, u64 value, int column, int indent) noexcept nogil:
    cdef Out* out = &work.out
    cdef Out* scratch = &work.scratch
    cdef const u8* end = <const u8*>value
    cdef u8* at
    cdef int status
    if kind == K_STRING:
        return put_yaml_string(work, start, end, work.input_end, column, indent + STEP)
    if not room(out, 40):
        return NO_MEMORY
    if kind == K_BYTES:
        if start == end:
            return put(out, b' ""\n', 4)
        if not room(out, <size_t>(end - start + 2) // 3 * 4 + 2):
            return NO_MEMORY
        at = out.at + 1
        codec_base64(at, start, <size_t>(end - start))
        if MEANS_MORE[at[0]] == 0 or (MEANS_MORE[at[0]] == 8 and end - start > 3):
            out.at[0] = c" "
            out.at = at + <size_t>(end - start + 2) // 3 * 4
            out.at[0] = c"\n"
            out.at += 1
            return OK
        scratch.at = scratch.start
        status = put(scratch, at, <size_t>(end - start + 2) // 3 * 4)
        return status or put_yaml_string(work, scratch.start, scratch.at, scratch.at, column, indent + STEP)
    out.at[0] = c" "
    out.at += 1
    if kind == K_DOUBLE:
        scratch.at = scratch.start
        status = put_double(scratch, value)
        return status or put_yaml_number(out, scratch.start, scratch.at)
    if kind == K_INT32:
        status = put_int(out, <i32><u32>value)
    elif kind == K_INT64:
        status = put_int(out, <i64>value)
    else:
        status = put(out, b"true", 4) if value else put(out, b"false", 5)
    return status or put_byte(out, c"\n")


cdef int put_absent_in_yaml(Work* work, Field* field, int depth, int column, int indent) noexcept nogil:
    """A field that the wire does not have and that YAML always shows."""
    cdef int status
    if field.label != L_VALUE or field.kind == K_BYTES:
        return put(&work.out, b" null\n", 6)
    if field.kind == K_MESSAGE:
        status = reach(field.message)
        if status:
            return status
        if field.message.form == F_LIST:
            return put(&work.out, b" null\n", 6)
        return put_yaml_value(work, field.message, NULL, NULL, depth + 1, column, indent, False)
    if field.kind == K_STRING:
        return put(&work.out, b' ""\n', 4)
    return put_yaml_scalar(work, field.kind, NULL, 0, column, indent)


cdef int put_yaml_value(
    Work* work, Message* message, const u8* p, const u8* end, int depth, int column, int indent, bint inline
) noexcept nogil:
    """A message that is loaded, in its own form, as put_yaml_raw does; see put_value."""
    cdef Out* out = &work.out
    cdef Out* scratch = &work.scratch
    cdef Slot[3] slots
    cdef Slot* taken
    cdef int form = message.form
    cdef int status
    cdef i64 seconds, nanos
    if form <= F_UNKNOWN:
        taken = take(&work.arena, message.width)
        if taken == NULL:
            return NO_MEMORY
        status = scan(message, p, end, taken, depth)
        if status == OK:
            if work.versioned:
                set_version(work, taken)
            status = put_yaml_fields(work, message, taken, depth, indent + STEP, inline, NULL)
        give_back(&work.arena, message.width)
        return status
    if form <= F_SCHEMA_OR_STRING_ARRAY:
        return put_yaml_schema_or(work, message, p, end, depth, column, indent, inline)
    memset(slots, 0, sizeof(slots))
    status = scan(message, p, end, slots, depth)
    if status:
        return status
    if form == F_TIME or form == F_MICRO_TIME:
        if slots[0].start == NULL and slots[1].start == NULL:
            return put(out, b" null\n", 6)
        seconds = <i64>slots[0].value
        nanos = <i32><u32>slots[1].value
        if form == F_MICRO_TIME and not 0 <= nanos < 1000000000:
            return BAIL
        if seconds == ZERO_SECONDS and (form == F_TIME or nanos < 1000):
            return put(out, b" null\n", 6)
        # It reads as a timestamp, so that it is quoted as in JSON.
        status = put_byte(out, c" ")
        if status == OK:
            status = put_instant(out, seconds, nanos // 1000 if form == F_MICRO_TIME else -1)
        return status or put_byte(out, c"\n")
    if form == F_QUANTITY:
        scratch.at = scratch.start
        status = put_quantity(scratch, slots[0].start, ending(&slots[0]))
        return status or put_yaml_string(work, scratch.start, scratch.at, scratch.at, column, indent + STEP)
    if form == F_INT_OR_STRING:
        if slots[0].value == 0:
            return put_yaml_scalar(work, K_INT32, NULL, slots[1].value, column, indent)
        if slots[0].value == 1:
            return put_yaml_scalar(work, K_STRING, slots[2].start, slots[2].value, column, indent)
        return BAIL
    if form == F_DURATION:
        scratch.at = scratch.start
        status = put_duration(scratch, <i64>slots[0].value)
        return status or put_yaml_string(work, scratch.start + 1, scratch.at - 1, scratch.at, column, indent + STEP)
    if form == F_LIST:
        if slots[0].start == NULL:
            return put(out, b" []\n", 4)
        return put_yaml_list(work, &message.fields[0], slots, depth, indent, inline)
    # raw JSON
    if slots[0].start == NULL or (form != F_RAW_EXTENSION and slots[0].value == <u64>slots[0].start):
        return put(out, b" null\n", 6)
    return put_yaml_raw(work, slots[0].start, ending(&slots[0]), column, indent, inline)


cdef int put_yaml_schema_or(
    Work* work, Message* message, const u8* p, const u8* end, int depth, int column, int indent, bint inline
) noexcept nogil:
    """The apiextensions forms; see put_schema_or."""
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
        return put_yaml_list(work, &message.fields[1], &slots[1], depth, indent, inline)
    if slots[one].start != NULL:
        field = &message.fields[one]
        status = reach(field.message)
        if status:
            return status
        return put_yaml_value(
            work, field.message, slots[one].start, ending(&slots[one]), depth + 1, column, indent, inline
        )
    if form == F_SCHEMA_OR_BOOL:
        return put_yaml_scalar(work, K_BOOL, NULL, slots[0].value, column, indent)
    return put(&work.out, b" null\n", 6)


cdef inline int begin_item(Work* work, int indent) noexcept nogil:
    cdef int status = begin_line(work, indent)
    if status:
        return status
    # begin_line left room for this.
    work.out.at[0] = c"-"
    work.out.at += 1
    return OK


cdef int put_yaml_list(Work* work, Field* field, Slot* slot, int depth, int indent, bint inline) noexcept nogil:
    """The elements of a repeated field, of which there is one at least. indent: of the container around."""
    cdef Out* out = &work.out
    cdef Elements rest
    cdef const u8* start = NULL
    cdef const u8* end = NULL
    cdef u64 tag = 0
    cdef u64 value
    cdef int found
    cdef bint begun = inline
    cdef int status = put_byte(out, c" " if inline else c"\n")
    cdef size_t mark = <size_t>(out.at - out.start)
    if status == OK and field.kind == K_MESSAGE:
        status = reach(field.message)
    if status:
        return status
    if inline:
        indent += STEP
    rest.field = field
    rest.p = slot.start
    rest.end = ending(slot)
    while True:
        found = next_element(&rest, &start, &end, &tag)
        if found < 0:
            return BAIL
        if found == 0:
            break
        if field.packed_tag != 0 and tag == field.packed_tag:
            if field.kind == K_DOUBLE:
                return BAIL
            while start < end:
                start = read_varint(start, end, &value)
                if start == NULL:
                    return BAIL
                status = begin_item(work, 0 if begun else indent)
                begun = False
                if status == OK:
                    status = put_yaml_scalar(work, field.kind, start, value, indent + STEP, indent)
                if status:
                    return status
            continue
        status = begin_item(work, 0 if begun else indent)
        begun = False
        if status:
            return status
        if field.kind == K_MESSAGE:
            status = put_yaml_value(work, field.message, start, end, depth + 1, indent + STEP, indent, True)
        elif field.kind >= K_STRING:
            status = put_yaml_scalar(work, field.kind, start, <u64>end, indent + STEP, indent)
        elif field.kind == K_DOUBLE:
            memcpy(&value, start, 8)
            status = put_yaml_scalar(work, field.kind, start, value, indent + STEP, indent)
        else:
            read_varint(start, end, &value)
            status = put_yaml_scalar(work, field.kind, start, value, indent + STEP, indent)
        if status:
            return status
    return OK if <size_t>(out.at - out.start) != mark else BAIL  # empty packed lists only


cdef int put_yaml_entry(Work* work, Field* field, Entry* entry, int depth, int indent) noexcept nogil:
    cdef int columns = 0
    cdef int status = begin_line(work, indent)
    if status == OK:
        status = put_yaml_key(&work.out, entry.key, entry.key + entry.key_length, work.input_end, &columns)
    if status:
        return status
    if field.kind == K_MESSAGE:
        return put_yaml_value(
            work, field.message, entry.value_start, entry.value_end, depth + 1, indent + columns + 1, indent, False
        )
    if entry.value_start == NULL:
        return put(&work.out, b' ""\n', 4)
    return put_yaml_scalar(
        work, field.kind, entry.value_start, <u64>entry.value_end, indent + columns + 1, indent
    )


cdef int put_yaml_map(Work* work, Field* field, Slot* slot, int depth, int indent) noexcept nogil:
    """Entries that stand in the order of their bytes, as Go writes them, in YAML's. indent: of the container around."""
    cdef Elements rest
    cdef Entry entry
    cdef Entry last
    cdef const u8* start = NULL
    cdef const u8* end = NULL
    cdef u64 tag = 0
    cdef int found
    cdef u32 count = 0
    cdef bint ordered = True
    cdef int status = put_byte(&work.out, c"\n")
    cdef size_t mark = <size_t>(work.out.at - work.out.start)
    if status == OK and field.kind == K_MESSAGE:
        status = reach(field.message)
    if status:
        return status
    last.key = NULL
    last.key_length = 0
    rest.field = field
    rest.p = slot.start
    rest.end = ending(slot)
    while True:
        found = next_element(&rest, &start, &end, &tag)
        if found < 0:
            return BAIL
        if found == 0:
            break
        status = read_entry(field, start, end, &entry)
        if status:
            return status
        if last.key != NULL and not in_order(last.key, last.key + last.key_length, entry.key, entry.key + entry.key_length):
            if compare_bytes(last.key, last.key_length, entry.key, entry.key_length) >= 0:
                return BAIL
            ordered = False
        if not is_ascii(entry.key, entry.key + entry.key_length):
            ordered = False
        last = entry
        count += 1
        if ordered:
            status = put_yaml_entry(work, field, &entry, depth, indent + STEP)
            if status:
                return status
    if ordered:
        return OK
    work.out.at = work.out.start + mark
    return put_yaml_map_sorted(work, field, slot, depth, indent, count)


cdef int put_yaml_map_sorted(
    Work* work, Field* field, Slot* slot, int depth, int indent, u32 count
) noexcept nogil:
    """The entries of a map that was read before, in another order than they stand in."""
    cdef Elements rest
    cdef const u8* start = NULL
    cdef const u8* end = NULL
    cdef u64 tag = 0
    cdef u32 i
    cdef int status = OK
    cdef Entry* entries = <Entry*>malloc(count * sizeof(Entry))
    cdef Member* members = <Member*>malloc(count * sizeof(Member))
    if entries == NULL or members == NULL:
        status = NO_MEMORY
    rest.field = field
    rest.p = slot.start
    rest.end = ending(slot)
    i = 0
    while status == OK and i < count:
        if next_element(&rest, &start, &end, &tag) != 1:
            status = BAIL
            break
        status = read_entry(field, start, end, &entries[i])
        members[i].key = entries[i].key
        members[i].length = entries[i].key_length
        members[i].at = i
        i += 1
    if status == OK:
        status = sort_naturally(members, count)
    i = 0
    while status == OK and i < count:
        status = put_yaml_entry(work, field, &entries[members[i].at], depth, indent + STEP)
        i += 1
    free(entries)
    free(members)
    return status
