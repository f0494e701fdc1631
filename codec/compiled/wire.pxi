# Reading the wire: varints, one level of a message into slots, the envelope of a stored value.

cdef enum:
    MAX_DEPTH = 100  # as codec.wire


cdef inline const u8* read_varint(const u8* p, const u8* end, u64* value) noexcept nogil:
    """The place after a varint, NULL where it is cut off or too long."""
    cdef u64 result
    cdef int shift = 7
    if p >= end:
        return NULL
    result = p[0]
    if result < 0x80:
        value[0] = result
        return p + 1
    result &= 0x7F
    p += 1
    while p < end and shift < 70:
        result |= <u64>(p[0] & 0x7F) << shift if shift < 64 else 0
        if p[0] < 0x80:
            value[0] = result
            return p + 1
        p += 1
        shift += 7
    return NULL


cdef inline const u8* read_length(const u8* p, const u8* end, const u8** value_end) noexcept nogil:
    """The start of a length-delimited value whose length stands at p, NULL where it runs past the end."""
    cdef u64 length
    p = read_varint(p, end, &length)
    if p == NULL or length > <u64>(end - p):
        return NULL
    value_end[0] = p + length
    return p


cdef inline const u8* read_tag(const u8* p, const u8* end, u64* tag) noexcept nogil:
    if p < end and p[0] < 0x80:
        tag[0] = p[0]
        return p + 1
    return read_varint(p, end, tag)


cdef inline const u8* skip_value(const u8* p, const u8* end, u64 tag) noexcept nogil:
    """The place after the value of a tag, NULL where it runs past the end or is a group."""
    cdef const u8* after = NULL
    cdef u64 number
    if tag & 7 == 2:
        return after if read_length(p, end, &after) != NULL else NULL
    if tag & 7 == 0:
        return read_varint(p, end, &number)
    if tag & 7 == 1:
        return p + 8 if end - p >= 8 else NULL
    if tag & 7 == 5:
        return p + 4 if end - p >= 4 else NULL
    return NULL


cdef int scan(Message* message, const u8* p, const u8* end, Slot* slots, int depth) noexcept nogil:
    """Reads one level of a message into its slots. Nested messages stay closed, apart from embedded ones.

    What is rare is left to the readable engine: unknown fields, and a message whose parts have to be merged."""
    cdef u64 tag
    cdef Field* field
    cdef Slot* slot
    cdef const u8* begin
    cdef const u8* after = NULL
    cdef int status
    cdef u64 embedded = 0  # a bit for each embedded struct that was met
    cdef u64 place
    if depth > MAX_DEPTH:
        return BAIL
    while p < end:
        begin = p
        p = read_tag(p, end, &tag)
        if p == NULL:
            return BAIL
        field = field_of(message, tag)
        if field == NULL:
            return BAIL
        slot = slots + field.slot
        if field.label >= L_REPEATED:
            if slot.start == NULL:
                slot.start = begin
            p = skip_value(p, end, tag)
            if p == NULL:
                return BAIL
            slot.value = <u64>p
        elif tag & 7 == 0:
            slot.start = begin
            p = read_varint(p, end, &slot.value)
            if p == NULL:
                return BAIL
        elif tag & 7 == 2:
            p = read_length(p, end, &after)
            if p == NULL:
                return BAIL
            if field.inlined:
                # In parts, it has no one place where its lists stand.
                place = <u64>1 << (<u64>(field - message.fields) & 63)
                if embedded & place:
                    return BAIL
                embedded |= place
                status = scan(field.message, p, after, slot, depth + 1)
                if status:
                    return status
            else:
                if field.kind == K_MESSAGE and slot.start != NULL:
                    return BAIL
                slot.start = p
                slot.value = <u64>after
            p = after
        else:  # a double is all that is left
            if end - p < 8:
                return BAIL
            slot.start = p
            memcpy(&slot.value, p, 8)
            p += 8
    return OK


cdef inline const u8* ending(Slot* slot) noexcept nogil:
    """Where the value of a slot ends; for an absent one NULL, as its start is."""
    return <const u8*>slot.value


cdef struct Elements:
    # What is left of the elements of a repeated field. Others may stand between them.
    Message* message
    Field* field
    const u8* p
    const u8* end


cdef inline int next_element(Elements* rest, const u8** start, const u8** end, u64* tag) noexcept nogil:
    """1 with the next element (what follows its tag, without its length), 0 at the end, -1 where it is broken."""
    cdef const u8* p = rest.p
    while p < rest.end:
        p = read_tag(p, rest.end, tag)
        if p == NULL:
            return -1
        if tag[0] == rest.field.tag or (rest.field.packed_tag != 0 and tag[0] == rest.field.packed_tag):
            if tag[0] & 7 == 2:
                p = read_length(p, rest.end, end)
                if p == NULL:
                    return -1
                start[0] = p
                rest.p = end[0]
                return 1
            start[0] = p
            p = skip_value(p, rest.end, tag[0])
            if p == NULL:
                return -1
            rest.p = end[0] = p
            return 1
        p = skip_value(p, rest.end, tag[0])
        if p == NULL:
            return -1
    rest.p = p
    return 0


cdef struct Entry:
    # An entry of a map. `value_start` is NULL where it has none.
    const u8* key
    size_t key_length
    const u8* value_start
    const u8* value_end
    u64 number


cdef int read_entry(Field* field, const u8* p, const u8* end, Entry* entry) noexcept nogil:
    cdef u64 tag
    cdef const u8* after = NULL
    entry.key = p  # some address: an absent key is an empty one
    entry.key_length = 0
    entry.value_start = NULL
    entry.value_end = NULL
    while p < end:
        p = read_tag(p, end, &tag)
        if p == NULL:
            return BAIL
        if tag == (1 << 3 | 2):
            p = read_length(p, end, &after)
            if p == NULL:
                return BAIL
            entry.key = p
            entry.key_length = <size_t>(after - p)
            p = after
        elif tag == (2 << 3 | 2) and field.kind >= K_STRING:
            p = read_length(p, end, &after)
            if p == NULL or (field.kind == K_MESSAGE and entry.value_start != NULL):
                return BAIL
            entry.value_start = p
            entry.value_end = after
            p = after
        else:  # no map of Kubernetes has values other than strings, bytes and messages
            return BAIL
    return OK


cdef inline int compare_bytes(const u8* a, size_t a_length, const u8* b, size_t b_length) noexcept nogil:
    cdef int order = memcmp(a, b, a_length if a_length < b_length else b_length)
    if order:
        return order
    return (a_length > b_length) - (a_length < b_length)


cdef struct Envelope:
    const u8* type_meta
    const u8* type_meta_end
    const u8* inner
    const u8* inner_end


cdef int read_envelope(const u8* p, const u8* end, Envelope* envelope) noexcept nogil:
    """The parts of a value that begins with the magic, each at most once; anything else is left to the readable engine."""
    cdef u64 tag
    cdef const u8* after = NULL
    memset(envelope, 0, sizeof(Envelope))
    if end - p < 4 or memcmp(p, b"k8s\0", 4) != 0:
        return BAIL
    p += 4
    while p < end:
        p = read_tag(p, end, &tag)
        if p == NULL or tag & 7 != 2:
            return BAIL
        p = read_length(p, end, &after)
        if p == NULL:
            return BAIL
        if tag >> 3 == 1 and envelope.type_meta == NULL:
            envelope.type_meta = p
            envelope.type_meta_end = after
        elif tag >> 3 == 2 and envelope.inner == NULL:
            envelope.inner = p
            envelope.inner_end = after
        elif tag >> 3 != 3 and tag >> 3 != 4:
            return BAIL
        p = after
    if envelope.type_meta == NULL:
        return BAIL
    if envelope.inner == NULL:
        envelope.inner = envelope.inner_end = end
    return OK


cdef object text_of(const u8* p, const u8* end):
    return PyUnicode_DecodeUTF8(<const char*>p, end - p, b"surrogateescape")


cdef class Root:
    """A registered kind, as envelopes name it."""
    cdef Message* message
    cdef str api_version
    cdef str kind
    cdef bytes json  # `,"kind":"Pod","apiVersion":"v1"`, or nothing
    cdef bytes yaml_api_version  # `apiVersion: v1` and its newline, or nothing; None before YAML is written
    cdef bytes yaml_kind

cdef dict _roots = {}  # typeMeta as it stands on the wire → Root
cdef dict _kinds = {}  # (apiVersion, kind) → (address of its Message, what stands before its inner message)
cdef object _revision = None  # of the schema that they are from
cdef enum:
    MAX_ROOTS = 4096
    MAX_TYPE_META = 512  # bytes; a longer one says the same thing many times over


cdef object current_schema():
    """The schema; what is known of its kinds is forgotten where kinds were registered since."""
    global _revision
    schema = builtin()
    if schema.revision != _revision:
        _roots.clear()
        _kinds.clear()
        _revision = schema.revision
    return schema


cdef Root root_of(Envelope* envelope):
    """The kind of an envelope, None where nobody registered it."""
    cdef Root root
    cdef Message* message
    if envelope.type_meta_end - envelope.type_meta > MAX_TYPE_META:
        return None
    schema = current_schema()
    type_meta = PyBytes_FromStringAndSize(
        <const char*>envelope.type_meta, envelope.type_meta_end - envelope.type_meta
    )
    found = _roots.get(type_meta)
    if found is not None:
        return <Root>found
    names = ["", ""]
    cdef const u8* p = envelope.type_meta
    cdef const u8* end = envelope.type_meta_end
    cdef const u8* after = NULL
    cdef u64 tag
    while p < end:
        p = read_tag(p, end, &tag)
        if p == NULL or (tag != (1 << 3 | 2) and tag != (2 << 3 | 2)):
            return None
        p = read_length(p, end, &after)
        if p == NULL:
            return None
        names[(tag >> 3) - 1] = text_of(p, after)
        p = after
    if not names[1]:
        return None
    readable = schema.find(names[0], names[1])
    if readable is None:
        return None
    root = Root()
    root.message = message_of(readable.name)
    root.api_version, root.kind = names
    head = ""
    if readable.type_meta:
        if not is_simple(names[0]) or not is_simple(names[1]):
            return None
        for name, value in (("kind", names[1]), ("apiVersion", names[0])):
            if value:
                head += f',"{name}":"{value}"'
    root.json = head.encode()
    load(root.message)
    if root.message.state != LOADED:
        return None
    if len(_roots) >= MAX_ROOTS:
        _roots.clear()
    _roots[type_meta] = root
    return root
