# Wire → typed objects, in one pass: the wire has its fields by number, and so has the plan of a class. Whatever comes
# in another order, twice, or is unknown, is left to the readable engine.
#
# NULL and BAIL say so, or that a Python exception is set, which `decode` looks for at the end.

cdef enum:
    CACHED = 2048         # texts, times and quantities that are kept, each where its hash says
    CACHED_LENGTH = 40    # bytes of a text that is kept
    PATIENCE = 24         # texts of a field that may fail to repeat before it is no longer looked for them
    PAUSE = 64            # texts of that field until it is tried again
    FEW_BYTES = 4096      # of unknown fields to which one more is added
    MAX_NUMBER = (1 << 29) - 1  # of a field

cdef PyObject* _texts[CACHED]
cdef PyObject* _quantities[CACHED]
cdef PyObject* _times[CACHED]
cdef Repeats _other_texts  # of fields that stand for a message: lists, numbers or strings


cdef inline PyObject* new_list(Py_ssize_t count) noexcept:
    """A list whose elements are still to be set.

    Like the objects, which have gc=False, it is no concern of the cyclic garbage collector: the tree of an object holds
    no cycle, and to look through a hundred lists of every Pod for one takes many times as long as to make them."""
    cdef PyObject* items = RawList(count)
    if items != NULL:
        codec_untrack(items)
    return items


cdef inline PyObject* new_value(PyTypeObject* cls) noexcept:
    """An empty instance of a class other than the objects'; left to itself as a list is."""
    cdef PyObject* made = RawAlloc(cls, 0)
    if made != NULL:
        codec_untrack(made)
    return made


cdef inline u32 text_hash(const u8* p, size_t length) noexcept nogil:
    """Where a short text is kept."""
    cdef u64 h = length
    cdef u64 part
    while length >= 8:
        memcpy(&part, p, 8)
        h = (h ^ part) * <u64>0x9E3779B97F4A7C15
        h ^= h >> 29
        p += 8
        length -= 8
    part = 0
    memcpy(&part, p, length)
    h = (h ^ part) * <u64>0x9E3779B97F4A7C15
    return <u32>(h >> 40) & (CACHED - 1)


cdef PyObject* new_text(const u8* p, size_t length) noexcept:
    """A str of its own."""
    cdef PyObject* text
    if not codec_all_ascii(p, length):
        return RawDecodeUTF8(<const char*>p, length, b"surrogateescape")
    text = RawText(length, 127)
    if text != NULL:
        codec_copy(codec_ascii(text), p, length)
    return text


cdef inline PyObject* make_text(const u8* p, const u8* end, Repeats* repeats) noexcept:
    """The str of a text. Short ones are kept, where the texts of the field repeat."""
    cdef size_t length = <size_t>(end - p)
    cdef u32 place
    cdef PyObject* text
    if length == 0:
        RawIncref(NO_TEXT)
        return NO_TEXT
    if length > CACHED_LENGTH:
        return new_text(p, length)
    if repeats.score < 0:
        repeats.pause -= 1
        if repeats.pause > 0:
            return new_text(p, length)
        repeats.score = 2
    place = text_hash(p, length)
    text = _texts[place]
    if text != NULL and <size_t>codec_ascii_length(text) == length and codec_equal(codec_ascii(text), p, length):
        if repeats.score < PATIENCE:
            repeats.score += 1
        RawIncref(text)
        return text
    repeats.score -= 2
    if repeats.score < 0:
        repeats.pause = PAUSE
    text = new_text(p, length)
    if text != NULL and codec_is_ascii(text):
        RawXDecref(_texts[place])
        _texts[place] = text
        RawIncref(text)
    return text


cdef PyObject* make_time(i64 seconds, i64 nanos, ValueClass* cls) noexcept:
    """A Time, or a MicroTime; those of late are kept."""
    cdef u32 place = <u32>((<u64>seconds * <u64>0x9E3779B97F4A7C15) >> 40) & (CACHED - 1)
    cdef PyObject* made
    cdef PyObject* part
    cdef int overflow = 0
    if nanos == 0 and cls == &TIME:
        made = _times[place]
        if made != NULL:
            part = get_slot(made, TIME.first)
            if part != NULL and RawIsLong(part) and RawLongValue(part, &overflow) == seconds and overflow == 0:
                RawIncref(made)
                return made
    made = new_value(cls.cls)
    if made == NULL:
        return NULL
    part = RawLong(seconds)
    set_slot(made, cls.first, part)
    if part != NULL:
        part = RawLong(nanos)
        set_slot(made, cls.second, part)
    if part == NULL:
        RawDecref(made)
        return NULL
    if nanos == 0 and cls == &TIME:
        part = _times[place]
        _times[place] = made
        RawIncref(made)
        RawXDecref(part)
    return made


cdef PyObject* make_quantity(const u8* p, const u8* end) noexcept:
    """A Quantity; short ones of late are kept."""
    cdef size_t length = <size_t>(end - p)
    cdef u32 place = 0
    cdef PyObject* made
    cdef PyObject* text
    if length == 0:
        if p != NULL:
            return NULL  # an empty text is no quantity, as one that is absent is
        p = <const u8*>ZERO_DIGIT
        length = 1
    if length <= 8:
        place = text_hash(p, length)
        made = _quantities[place]
        if made != NULL:
            text = get_slot(made, QUANTITY.first)
            if text != NULL and codec_is_ascii(text) and <size_t>codec_ascii_length(text) == length and codec_equal(
                codec_ascii(text), p, length
            ):
                RawIncref(made)
                return made
    text = new_text(p, length)
    if text == NULL:
        return NULL
    made = new_value(QUANTITY.cls)
    if made == NULL:
        RawDecref(text)
        return NULL
    set_slot(made, QUANTITY.first, text)
    RawIncref(NONE)
    set_slot(made, QUANTITY.second, NONE)
    if length <= 8 and codec_is_ascii(text):
        text = _quantities[place]
        _quantities[place] = made
        RawIncref(made)
        RawXDecref(text)
    return made


cdef PyObject* make_single(ValueClass* cls, PyObject* part) noexcept:
    """A value type of one attribute, whose reference is given away."""
    cdef PyObject* made
    if part == NULL:
        return NULL
    made = new_value(cls.cls)
    if made == NULL:
        RawDecref(part)
        return NULL
    set_slot(made, cls.first, part)
    return made


cdef PyObject* make_value(Message* message, const u8* p, const u8* end, int depth) noexcept:
    """The value that a message is held as; what is absent is empty. Lists excepted."""
    cdef Slot[3] slots
    cdef int form = message.form
    cdef i64 nanos
    cdef const u8* after = NULL
    cdef u64 number
    if form == F_TIME and p < end and p[0] == (1 << 3):
        # As it is written, unless before 1970.
        after = read_varint(p + 1, end, &number)
        if after != NULL and end - after == 2 and after[0] == (2 << 3) and after[1] < 0x80:
            return make_time(<i64>number, 0, &TIME)
    if form == F_QUANTITY and end - p >= 2 and p[0] == (1 << 3 | 2) and p[1] < 0x80 and end - p == p[1] + 2:
        return make_quantity(p + 2, end)
    memset(slots, 0, sizeof(slots))
    if scan(message, p, end, slots, depth):
        return NULL
    if form == F_TIME:
        if slots[0].start == NULL and slots[1].start == NULL:
            RawIncref(ZERO_TIME)
            return ZERO_TIME
        return make_time(<i64>slots[0].value, 0, &TIME)
    if form == F_MICRO_TIME:
        if slots[0].start == NULL and slots[1].start == NULL:
            RawIncref(ZERO_MICRO_TIME)
            return ZERO_MICRO_TIME
        nanos = <i32><u32>slots[1].value
        if not 0 <= nanos < 1000000000:
            return NULL
        return make_time(<i64>slots[0].value, nanos // 1000 * 1000, &MICRO_TIME)
    if form == F_QUANTITY:
        return make_quantity(slots[0].start, ending(&slots[0]))
    if form == F_INT_OR_STRING:
        if slots[0].value == 0 and slots[2].value == <u64>slots[2].start:
            return RawLong(<i32><u32>slots[1].value)
        if slots[0].value == 1 and <u32>slots[1].value == 0:
            return make_text(slots[2].start, ending(&slots[2]), &_other_texts)
        return NULL
    if form == F_DURATION:
        return make_single(&DURATION, RawLong(<i64>slots[0].value))
    if slots[0].start == NULL:
        RawIncref(NONE)
        return make_single(&RAW_JSON, NONE)
    return make_single(&RAW_JSON, RawBytes(<const char*>slots[0].start, ending(&slots[0]) - slots[0].start))


cdef PyObject* make_nested(Message* message, const u8* p, const u8* end, int depth) noexcept:
    """The object of a message, or the value that it is held as."""
    if not message.ready and plan_quietly(message):
        return NULL
    if message.form <= F_SCHEMA_OR_STRING_ARRAY:
        return make_object(message, p, end, depth, NO_TEXT, NO_TEXT)
    if message.form == F_LIST:
        return make_whole_list(message, p, end)
    return make_value(message, p, end, depth)


cdef PyObject* make_object(
    Message* message, const u8* p, const u8* end, int depth, PyObject* api_version, PyObject* kind
) noexcept:
    """The object of a message whose class is laid out. apiVersion and kind are borrowed."""
    cdef ClassPlan* plan = message.plan
    cdef PyObject* made
    if depth > MAX_DEPTH:
        return NULL
    made = RawAlloc(plan.cls, 0)
    if made == NULL:
        return NULL
    if message.type_meta:
        RawIncref(api_version)
        set_slot(made, plan.api_version, api_version)
        RawIncref(kind)
        set_slot(made, plan.kind, kind)
    RawIncref(NO_BYTES)
    set_slot(made, plan.unknown, NO_BYTES)
    if read_fields(plan.first, made, p, end, depth, message):
        RawDecref(made)
        return NULL
    return made


cdef int read_fields(
    Step* step, PyObject* made, const u8* p, const u8* end, int depth, Message* message
) noexcept:
    """The fields of a message into the attributes of an empty object: OK, or BAIL, perhaps with an exception.

    message: that of the object, which keeps unknown fields; NULL for an embedded struct, which has no place of its own
    for them."""
    cdef u64 tag
    cdef u64 number
    cdef int op
    cdef int status
    cdef const u8* begin
    cdef const u8* after = NULL
    cdef PyObject* value
    if depth > MAX_DEPTH:
        return BAIL
    while p < end:
        begin = p
        tag = p[0]
        if tag < 0x80:
            p += 1
        else:
            p = read_varint(p, end, &tag)
            if p == NULL:
                return BAIL
        while step.tag < tag:
            if fill_absent(step, made, depth):
                return BAIL
            step += 1
        if step.tag != tag:
            p = skip_value(p, end, tag)
            if p == NULL or message == NULL or keep_unknown(message, made, begin, p, tag):
                return BAIL
            continue
        op = step.op
        if op == S_STRING:
            p = read_length(p, end, &after)
            if p == NULL:
                return BAIL
            value = make_text(p, after, &step.texts)
            p = after
        elif op == S_MESSAGE:
            p = read_length(p, end, &after)
            if p == NULL:
                return BAIL
            value = make_nested(step.message, p, after, depth + 1)
            p = after
        elif op == S_LIST:
            value = make_list(step, &p, end, depth)
        elif op == S_MAP:
            value = make_dict(step, &p, end, depth)
        elif op == S_BOOL:
            p = read_varint(p, end, &number)
            if p == NULL:
                return BAIL
            value = TRUE if number else FALSE
            RawIncref(value)
        elif op == S_INT32:
            p = read_varint(p, end, &number)
            if p == NULL:
                return BAIL
            value = RawLong(<i32><u32>number)
        elif op == S_INT64:
            p = read_varint(p, end, &number)
            if p == NULL:
                return BAIL
            value = RawLong(<i64>number)
        elif op == S_EMBEDDED:
            p = read_length(p, end, &after)
            if p == NULL:
                return BAIL
            status = read_fields(step.first, made, p, after, depth + 1, NULL)
            if status:
                return status
            p = after
            step += 1
            continue
        elif op == S_BYTES:
            p = read_length(p, end, &after)
            if p == NULL:
                return BAIL
            value = RawBytes(<const char*>p, after - p)
            p = after
        elif op == S_DOUBLE:
            if end - p < 8:
                return BAIL
            value = make_double(p)
            p += 8
        else:
            return BAIL
        if value == NULL:
            return BAIL
        set_slot(made, step.offset, value)
        step += 1
    while step.op != S_END:
        if fill_absent(step, made, depth):
            return BAIL
        step += 1
    return OK


cdef int keep_unknown(Message* message, PyObject* made, const u8* p, const u8* end, u64 tag) noexcept:
    """Adds a field of a number that the message does not have to the object's unknown fields. A few are taken."""
    cdef Py_ssize_t place = message.plan.unknown
    cdef PyObject* known = get_slot(made, place)
    cdef PyObject* grown
    cdef Py_ssize_t length = RawBytesSize(known)
    if tag < 8 or tag >> 3 > MAX_NUMBER or has_number(message, <u32>(tag >> 3)) or length > FEW_BYTES:
        return BAIL
    grown = RawBytes(NULL, length + (end - p))
    if grown == NULL:
        return BAIL
    memcpy(RawBytesData(grown), RawBytesData(known), length)
    memcpy(RawBytesData(grown) + length, p, end - p)
    set_slot(made, place, grown)
    RawDecref(known)
    return OK


cdef bint has_number(Message* message, u32 number) noexcept nogil:
    """Whether a message has a field of a number."""
    cdef int i
    for i in range(message.count):
        if message.fields[i].number == number:
            return True
    return False


cdef int fill_absent(Step* step, PyObject* made, int depth) noexcept:
    """What stands in the attributes of a field that the wire does not have."""
    cdef PyObject* value
    cdef int absent = step.absent
    if absent == A_CONSTANT:
        value = step.constant
        RawIncref(value)
    elif absent == A_LIST:
        value = new_list(0)
    elif absent == A_DICT:
        value = RawDict()
    elif absent == A_NIL_LIST:
        value = new_value(NIL_LIST)
    elif absent == A_NIL_DICT:
        value = RawCall(<PyObject*>NIL_DICT)
    elif absent == A_BLANK:
        value = make_nested(step.message, NULL, NULL, depth + 1)
    else:
        step = step.first
        while step.op != S_END:
            if fill_absent(step, made, depth):
                return BAIL
            step += 1
        return OK
    if value == NULL:
        return BAIL
    set_slot(made, step.offset, value)
    return OK


cdef inline PyObject* make_double(const u8* p) noexcept:
    cdef double real
    memcpy(&real, p, 8)
    return RawFloat(real)


cdef Py_ssize_t count_elements(u64 tag, const u8* p, const u8* end) noexcept nogil:
    """How many elements stand one after another, the first just after its tag; -1 where one is broken."""
    cdef Py_ssize_t count = 0
    cdef u64 next_tag
    while True:
        p = skip_value(p, end, tag)
        if p == NULL:
            return -1
        count += 1
        if p >= end:
            return count
        p = read_tag(p, end, &next_tag)
        if p == NULL:
            return -1
        if next_tag != tag:
            return count


cdef PyObject* make_list(Step* step, const u8** place, const u8* end, int depth) noexcept:
    """The elements of a list, the first just after its tag; moves the place behind the last."""
    cdef const u8* p = place[0]
    cdef const u8* after = NULL
    cdef u64 tag = step.tag
    cdef u64 number = 0
    cdef Py_ssize_t i
    cdef Py_ssize_t count = count_elements(tag, p, end)
    cdef PyObject* items
    cdef PyObject* item
    cdef Message* message = step.message
    cdef int op = step.element
    if count < 0 or count > end - p:
        return NULL
    items = new_list(count)
    if items == NULL:
        return NULL
    for i in range(count):
        if i:
            p = read_tag(p, end, &number)
        if op >= S_BYTES or op == S_STRING:
            p = read_length(p, end, &after)
            if op == S_STRING:
                item = make_text(p, after, &step.texts)
            elif op == S_MESSAGE:
                item = make_nested(message, p, after, depth + 1)
            else:
                item = RawBytes(<const char*>p, after - p)
            p = after
        elif op == S_DOUBLE:
            item = make_double(p)
            p += 8
        else:
            p = read_varint(p, end, &number)
            if op == S_INT32:
                item = RawLong(<i32><u32>number)
            elif op == S_INT64:
                item = RawLong(<i64>number)
            else:
                item = TRUE if number else FALSE
                RawIncref(item)
        if item == NULL:
            RawDecref(items)
            return NULL
        RawListSet(items, i, item)
    place[0] = p
    return items


cdef PyObject* make_whole_list(Message* message, const u8* p, const u8* end) noexcept:
    """The list that a message is held as, whose one field are its texts."""
    cdef const u8* after = NULL
    cdef u64 tag = 1 << 3 | 2
    cdef Py_ssize_t i
    cdef Py_ssize_t count = 0
    cdef PyObject* items
    cdef PyObject* item
    if p < end:
        if p[0] != tag:
            return NULL
        count = count_elements(tag, p + 1, end)
        if count < 0:
            return NULL
    items = new_list(count)
    if items == NULL:
        return NULL
    for i in range(count):
        p = read_tag(p, end, &tag)
        p = read_length(p, end, &after)
        item = make_text(p, after, &_other_texts)
        if item == NULL:
            RawDecref(items)
            return NULL
        RawListSet(items, i, item)
        p = after
    if p != end:
        RawDecref(items)
        return NULL
    return items


cdef PyObject* make_dict(Step* step, const u8** place, const u8* end, int depth) noexcept:
    """The entries of a map, the first just after its tag; moves the place behind the last."""
    cdef const u8* p = place[0]
    cdef const u8* next_entry
    cdef const u8* after = NULL
    cdef u64 tag = 0
    cdef int bad
    cdef Entry entry
    cdef PyObject* key
    cdef PyObject* value
    cdef PyObject* entries = RawDict()
    if entries == NULL:
        return NULL
    while True:
        p = read_length(p, end, &after)
        if p == NULL or read_entry(step.field, p, after, &entry):
            break
        p = after
        key = make_text(entry.key, entry.key + entry.key_length, &step.keys)
        if key == NULL:
            break
        if step.element == S_MESSAGE:
            value = make_nested(step.message, entry.value_start, entry.value_end, depth + 1)
        elif entry.value_start == NULL:
            if step.element == S_BYTES:
                value = RawCall(<PyObject*>ABSENT_BYTES)
            else:
                value = NO_TEXT
                RawIncref(value)
        elif step.element == S_STRING:
            value = make_text(entry.value_start, entry.value_end, &step.texts)
        else:
            value = RawBytes(<const char*>entry.value_start, entry.value_end - entry.value_start)
        if value == NULL:
            RawDecref(key)
            break
        bad = RawDictSet(entries, key, value)
        RawDecref(key)
        RawDecref(value)
        if bad:
            break
        next_entry = p
        if p < end:
            next_entry = read_tag(p, end, &tag)
            if next_entry == NULL:
                break
        if next_entry == p or tag != step.tag:
            if step.element == S_MESSAGE:
                codec_untrack(entries)  # other dicts see for themselves that they hold no container
            place[0] = p
            return entries
        p = next_entry
    RawDecref(entries)
    return NULL


def decode(raw):
    """Stored protobuf → the typed object, or None."""
    cdef Envelope envelope
    cdef Root root
    cdef PyObject* made
    if type(raw) is not bytes or not objects_ready():
        return None
    if read_envelope(
        <const u8*>PyBytes_AS_STRING(raw), <const u8*>PyBytes_AS_STRING(raw) + PyBytes_GET_SIZE(raw), &envelope
    ):
        return None
    root = root_of(&envelope)
    if root is None or root.message.form > F_UNKNOWN or planned_or_value(root.message):
        return None
    made = make_object(
        root.message, envelope.inner, envelope.inner_end, 0, <PyObject*>root.api_version, <PyObject*>root.kind
    )
    if made == NULL:
        codec_raised()
        return None
    found = <object>made
    RawDecref(made)
    return found
