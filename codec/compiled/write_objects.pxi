# Typed objects → wire, from the end to the start. Nothing is changed, and every value is taken only in its own class;
# the rest is left to the readable engine, which also says what is wrong.
#
# No Python code runs here, for it could change the object, or let another thread do so, and references are borrowed:
# where a class has still to be looked up, or a quantity needs it, the writing ends, the class is looked up with only the
# whole object held, and the writing begins again.

cdef enum:
    UNREADY = 3          # beside OK, BAIL and NO_MEMORY: a class has still to be looked up
    FEW_ENTRIES = 32     # of a map, for which there is room on the stack
    FEW_UNKNOWN = 32     # unknown fields of an object
    SPARE_LIMIT = 1 << 18  # bytes of a buffer that is kept for the next object

ctypedef PyObject* Borrowed

cdef struct Unknown:
    # A whole field that the schema does not know.
    u32 number
    const u8* start
    size_t length

cdef struct Writing:
    Back out
    Out scratch
    Message* wanted  # the class that has to be looked up
    bint zero        # and all that its zero is made of
    PyObject* quantity  # whose canonical form is wanted
    bint shown       # JSON is made of it, so that it has to say all that JSON shows

cdef dict _canonical = {}  # text of a quantity → its canonical form as bytes, of those that need Python code
cdef enum:
    MAX_CANONICAL = 256
    LONGEST_QUANTITY = 64  # characters of one that is kept
    MAX_TURNS = 64  # that the writing begins again, after which the readable engine is quicker

cdef u8* _spare = NULL   # a buffer that nobody uses
cdef size_t _spare_size = 0


cdef inline int write_tag(Back* out, Step* step) noexcept nogil:
    """There must be room for it."""
    out.at -= step.tag_length
    out.at[0] = step.tag_bytes[0]
    if step.tag_length > 1:
        memcpy(out.at, step.tag_bytes, step.tag_length)
    return OK


cdef inline int write_number(Back* out, Step* step, u64 value) noexcept nogil:
    """A varint and its tag."""
    if not back_room(out, 20):
        return NO_MEMORY
    if value < 0x80:
        out.at -= 1
        out.at[0] = <u8>value
    else:
        back_varint(out, value)
    return write_tag(out, step)


cdef inline int back_data(Back* out, const u8* p, size_t length) noexcept nogil:
    """The content of a length-delimited field, and its length; there is room for a tag afterwards. Long ones are only
    pointed to."""
    if length >= BORROWED:
        if not back_borrow(out, p, length):
            return NO_MEMORY
    else:
        if not back_room(out, length + 20):
            return NO_MEMORY
        out.at -= length
        codec_copy(out.at, p, length)
    if length < 0x80:
        out.at -= 1
        out.at[0] = <u8>length
        return OK
    return back_varint(out, length) or (OK if back_room(out, 10) else NO_MEMORY)


cdef inline int write_str(Back* out, PyObject* value) noexcept:
    """The content of a text, and its length; there is room for a tag afterwards."""
    cdef Py_ssize_t length = 0
    cdef const char* text
    if codec_is_ascii(value):
        return back_data(out, codec_ascii(value), <size_t>codec_ascii_length(value))
    if not RawIsText(value):
        return BAIL
    text = RawAsUTF8(value, &length)
    if text == NULL:
        PyErr_Clear()
        return BAIL
    return back_data(out, <const u8*>text, <size_t>length)


cdef int write_fields(Writing* w, Step* step, Step* before, PyObject* instance, int depth) noexcept:
    """The fields of an object from one step back to the one after `before`."""
    cdef Back* out = &w.out
    cdef int op
    cdef int status
    cdef int overflow
    cdef i64 number
    cdef double real
    cdef PyObject* value
    cdef size_t mark
    if depth > MAX_DEPTH:
        return BAIL
    while step != before:
        op = step.op
        if op == S_EMBEDDED:
            mark = back_length(out)
            status = write_fields(w, step.last, step.first - 1, instance, depth + 1)
            if status == OK:
                status = back_head(out, <u32>step.tag, mark)
            if status:
                return status
            step -= 1
            continue
        value = get_slot(instance, step.offset)
        if value == NULL:
            return BAIL
        if op == S_STRING and value != NONE:
            status = write_str(out, value)
            if status == OK:
                status = write_tag(out, step)
        elif op == S_LIST:
            status = write_items(w, step, value, depth)
        elif op == S_MAP:
            status = write_entries(w, step, value, depth)
        elif value == NONE:
            status = OK
            if step.label != L_OPTIONAL:
                if w.shown:
                    return BAIL
                if op == S_MESSAGE:
                    status = write_none(w, step, depth)
                elif op != S_BYTES:
                    status = back_zero(out, step.field)
        elif op == S_MESSAGE:
            if not step.message.ready:
                w.wanted = step.message
                return UNREADY
            if step.message.form == F_LIST and RawType(value) == NIL_LIST and RawListSize(value) == 0:
                status = OK
            else:
                mark = back_length(out)
                status = write_instance(w, step.message, value, depth + 1)
                if status == OK:
                    status = write_nested(out, step, mark)
        elif op == S_BOOL:
            if value == TRUE:
                status = write_number(out, step, 1)
            elif value == FALSE:
                status = write_number(out, step, 0)
            else:
                return BAIL
        else:
            status = write_scalar(out, step, op, value)
        if status:
            return status
        step -= 1
    return OK


cdef inline int write_nested(Back* out, Step* step, size_t mark) noexcept nogil:
    """The length of what was written since `mark`, and the tag."""
    cdef size_t length = back_length(out) - mark
    if length >= 0x80 or out.at - out.start < 16:
        return back_head(out, <u32>step.tag, mark)
    out.at -= 1
    out.at[0] = <u8>length
    return write_tag(out, step)


cdef int write_scalar(Back* out, Step* step, int op, PyObject* value) noexcept:
    """A number or bytes, with the tag."""
    cdef int overflow = 0
    cdef i64 number
    cdef double real
    cdef int status
    if op == S_BYTES:
        if not RawIsBytes(value):
            return BAIL
        status = back_data(out, <const u8*>RawBytesData(value), <size_t>RawBytesSize(value))
        return status or write_tag(out, step)
    if op == S_DOUBLE:
        if not RawIsFloat(value):
            return BAIL
        real = RawFloatValue(value)
        if not back_room(out, 18):
            return NO_MEMORY
        out.at -= 8
        memcpy(out.at, &real, 8)
        return write_tag(out, step)
    if not RawIsLong(value):
        return BAIL
    number = RawLongValue(value, &overflow)
    if overflow or (op == S_INT32 and number != <i64><i32>number):
        return BAIL
    return write_number(out, step, <u64>number)


cdef int write_element(Writing* w, Step* step, PyObject* value, int depth) noexcept:
    """One value of a list, with its tag."""
    cdef int op = step.element
    cdef int status
    cdef size_t mark
    if op == S_STRING:
        status = write_str(&w.out, value)
        return status or write_tag(&w.out, step)
    if op == S_MESSAGE:
        mark = back_length(&w.out)
        status = write_instance(w, step.message, value, depth + 1)
        return status or write_nested(&w.out, step, mark)
    if op == S_BOOL:
        if value != TRUE and value != FALSE:
            return BAIL
        return write_number(&w.out, step, value == TRUE)
    return write_scalar(&w.out, step, op, value)


cdef int write_none(Writing* w, Step* step, int depth) noexcept:
    """A struct value for which None stands: Go's zero."""
    cdef size_t mark = back_length(&w.out)
    cdef int status
    if not step.message.ready or not step.message.zero_ready:
        w.wanted = step.message
        w.zero = True
        return UNREADY
    if step.message.form == F_LIST:
        return BAIL
    status = back_zero_message(&w.out, step.message, depth + 1)
    return status or back_head(&w.out, <u32>step.tag, mark)


cdef inline int number_of(PyObject* value, i64* number) noexcept:
    cdef int overflow = 0
    if value == NULL or not RawIsLong(value):
        return BAIL
    number[0] = RawLongValue(value, &overflow)
    return BAIL if overflow else OK


cdef inline int write_instance(Writing* w, Message* message, PyObject* value, int depth) noexcept:
    """The content of a message that is looked up."""
    cdef PyObject* unknown
    if message.form > F_SCHEMA_OR_STRING_ARRAY:
        return write_value(w, message, value, depth)
    if RawType(value) != message.plan.cls:
        return BAIL
    unknown = get_slot(value, message.plan.unknown)
    if unknown != NO_BYTES and (unknown == NULL or not RawIsBytes(unknown)):
        return BAIL
    if message.type_meta and depth > 0 and not is_unnamed(w, message, value):
        return BAIL
    if unknown != NO_BYTES and RawBytesSize(unknown) != 0:
        return write_with_unknown(
            w, message, value, <const u8*>RawBytesData(unknown), <size_t>RawBytesSize(unknown), depth
        )
    return write_fields(w, message.plan.last, message.plan.first - 1, value, depth)


cdef bint is_unnamed(Writing* w, Message* message, PyObject* value) noexcept:
    """Whether a nested object may go without its apiVersion and kind: the wire has none, JSON would show them."""
    cdef PyObject* api_version = get_slot(value, message.plan.api_version)
    cdef PyObject* kind = get_slot(value, message.plan.kind)
    if api_version == NO_TEXT and kind == NO_TEXT:
        return True
    return not w.shown and api_version != NULL and kind != NULL and codec_is_ascii(api_version) and codec_is_ascii(kind)


cdef int write_with_unknown(
    Writing* w, Message* message, PyObject* value, const u8* p, size_t length, int depth
) noexcept:
    """The fields of an object, its unknown ones at their numbers. Not many, and none inside a field that is known."""
    cdef Unknown[FEW_UNKNOWN] found
    cdef Unknown one
    cdef int count = 0
    cdef int i
    cdef int status
    cdef u64 tag
    cdef const u8* end = p + length
    cdef Step* step = message.plan.last
    cdef Step* before
    if w.shown:
        return BAIL
    while p < end:
        if count == FEW_UNKNOWN:
            return BAIL
        one.start = p
        p = read_tag(p, end, &tag)
        if p == NULL or tag < 8 or tag >> 3 > MAX_NUMBER:
            return BAIL
        one.number = <u32>(tag >> 3)
        p = skip_value(p, end, tag)
        if p == NULL or has_number(message, one.number):
            return BAIL
        one.length = <size_t>(p - one.start)
        i = count
        while i > 0 and found[i - 1].number > one.number:
            found[i] = found[i - 1]
            i -= 1
        found[i] = one
        count += 1
    while count > 0:
        count -= 1
        before = step
        while before.op != S_END and before.tag >> 3 > found[count].number:
            before -= 1
        status = write_fields(w, step, before, value, depth) or back_put(&w.out, found[count].start, found[count].length)
        if status:
            return status
        step = before
    return write_fields(w, step, message.plan.first - 1, value, depth)


cdef int write_value(Writing* w, Message* message, PyObject* value, int depth) noexcept:
    """The content of a message that is held as a value."""
    cdef int form = message.form
    cdef int status
    cdef i64 number = 0
    cdef i64 nanos = 0
    cdef PyObject* part
    cdef ValueClass* held
    cdef Py_ssize_t length = 0
    cdef const char* text
    cdef Back* out = &w.out
    if depth > MAX_DEPTH:
        return BAIL
    if form == F_TIME or form == F_MICRO_TIME:
        held = &TIME if form == F_TIME else &MICRO_TIME
        if RawType(value) != held.cls:
            return BAIL
        if number_of(get_slot(value, held.first), &number) or number_of(get_slot(value, held.second), &nanos):
            return BAIL
        if number == ZERO_SECONDS and nanos == 0:
            return OK
        if number == ZERO_SECONDS:
            return BAIL  # the first second of year 1, of which only the start is the zero
        return back_time(out, message, number, nanos // 1000 * 1000 if form == F_MICRO_TIME else 0)
    if form == F_QUANTITY:
        if RawType(value) != QUANTITY.cls:
            return BAIL
        part = get_slot(value, QUANTITY.first)
        if part == NULL or not RawIsText(part):
            return BAIL
        text = RawAsUTF8(part, &length)
        if text == NULL:
            PyErr_Clear()
            return BAIL
        if length == 0:
            return BAIL
        w.scratch.at = w.scratch.start
        status = put_usual_quantity(&w.scratch, <const u8*>text, <const u8*>text + length)
        if status == BAIL:
            return write_odd_quantity(w, message, part)
        if status:
            return status
        return back_text(
            out, message.fields[0].tag, w.scratch.start, <size_t>(w.scratch.at - w.scratch.start)
        )
    if form == F_INT_OR_STRING:
        if RawIsText(value):
            status = write_str(out, value)
        else:
            if number_of(value, &number) or number != <i64><i32>number:
                return BAIL
            status = back_varint(out, 0)
        status = status or back_varint(out, message.fields[2].tag) or back_varint(out, <u64>number)
        status = status or back_varint(out, message.fields[1].tag) or back_varint(out, RawIsText(value) != 0)
        return status or back_varint(out, message.fields[0].tag)
    if form == F_DURATION:
        if RawType(value) != DURATION.cls or number_of(get_slot(value, DURATION.first), &number):
            return BAIL
        return back_varint(out, <u64>number) or back_varint(out, message.fields[0].tag)
    if form == F_LIST:
        return write_texts(w, message.fields[0].tag, value)
    if RawType(value) != RAW_JSON.cls:
        return BAIL
    part = get_slot(value, RAW_JSON.first)
    if part == NONE:
        return OK
    if part == NULL or not RawIsBytes(part):
        return BAIL
    status = back_data(out, <const u8*>RawBytesData(part), <size_t>RawBytesSize(part))
    return status or back_varint(out, message.fields[0].tag)


cdef int write_odd_quantity(Writing* w, Message* message, PyObject* text) noexcept:
    """A quantity whose canonical form takes Python code, which has run already or is asked for."""
    cdef PyObject* canonical
    if not RawIsExactText(text):
        return BAIL
    canonical = RawDictGet(<PyObject*>_canonical, text)
    if canonical == NULL:
        w.quantity = text
        RawIncref(text)
        return UNREADY
    return back_text(
        &w.out, message.fields[0].tag, <const u8*>RawBytesData(canonical), <size_t>RawBytesSize(canonical)
    )


cdef int write_texts(Writing* w, u32 tag, PyObject* items) noexcept:
    """The elements of a list that is a message of its own."""
    cdef Py_ssize_t i
    cdef int status
    if not RawIsList(items) and RawType(items) != NIL_LIST:
        return BAIL
    i = RawListSize(items)
    while i > 0:
        i -= 1
        status = write_str(&w.out, RawListGet(items, i)) or back_varint(&w.out, tag)
        if status:
            return status
    return OK


cdef int write_items(Writing* w, Step* step, PyObject* items, int depth) noexcept:
    """The elements of a list, the last first."""
    cdef Py_ssize_t i
    cdef int status
    if not RawIsList(items) and RawType(items) != NIL_LIST:
        return BAIL
    i = RawListSize(items)
    if i == 0:
        return BAIL if w.shown and step.absent == A_NIL_LIST and RawType(items) != NIL_LIST else OK
    if step.element == S_MESSAGE:
        if not step.message.ready:
            w.wanted = step.message
            return UNREADY
        if step.message.form == F_LIST:
            return BAIL
    while i > 0:
        i -= 1
        status = write_element(w, step, RawListGet(items, i), depth)
        if status:
            return status
    return OK


cdef int write_entries(Writing* w, Step* step, PyObject* entries, int depth) noexcept:
    """The entries of a map, the last key first."""
    cdef Member[FEW_ENTRIES] few
    cdef Borrowed[FEW_ENTRIES] few_values
    cdef Member* members = few
    cdef Borrowed* values = few_values
    cdef Py_ssize_t count
    cdef Py_ssize_t place = 0
    cdef Py_ssize_t length = 0
    cdef PyObject* key = NULL
    cdef PyObject* value = NULL
    cdef u32 found = 0
    cdef int status = OK
    if not RawIsDict(entries) and RawType(entries) != NIL_DICT:
        return BAIL
    count = RawDictSize(entries)
    if count == 0:
        return BAIL if w.shown and step.absent == A_NIL_DICT and RawType(entries) != NIL_DICT else OK
    if count > 1 << 28:
        return BAIL
    if step.element == S_MESSAGE and not step.message.ready:
        w.wanted = step.message
        return UNREADY
    if count > FEW_ENTRIES:
        members = <Member*>malloc(count * sizeof(Member))
        values = <Borrowed*>malloc(count * sizeof(Borrowed))
        if members == NULL or values == NULL:
            free(members)
            free(values)
            return NO_MEMORY
    while found < <u32>count and RawDictNext(entries, &place, &key, &value):
        if codec_is_ascii(key):
            members[found].key = codec_ascii(key)
            length = codec_ascii_length(key)
        elif RawIsText(key):
            members[found].key = <const u8*>RawAsUTF8(key, &length)
            if members[found].key == NULL:
                PyErr_Clear()
                status = BAIL
                break
        else:
            status = BAIL
            break
        members[found].length = <size_t>length
        members[found].at = found
        values[found] = value
        found += 1
    if status == OK:
        status = sort_members(members, found)
    while found > 0 and status == OK:
        found -= 1
        status = write_entry(w, step, &members[found], values[members[found].at], depth)
    if members != few:
        free(members)
        free(values)
    return status


cdef int write_entry(Writing* w, Step* step, Member* member, PyObject* value, int depth) noexcept:
    """One entry of a map."""
    cdef Back* out = &w.out
    cdef size_t mark = back_length(out)
    cdef size_t inner
    cdef int status
    if step.element == S_STRING:
        status = write_str(out, value) or back_varint(out, 2 << 3 | 2)
    elif step.element == S_MESSAGE:
        if step.message.form == F_LIST and RawType(value) == NIL_LIST:
            return BAIL
        inner = back_length(out)
        status = write_instance(w, step.message, value, depth + 1) or back_head(out, 2 << 3 | 2, inner)
    elif step.element != S_BYTES or not RawIsBytes(value):
        return BAIL
    elif RawType(value) == ABSENT_BYTES:
        status = OK
    else:
        status = back_data(out, <const u8*>RawBytesData(value), <size_t>RawBytesSize(value))
        status = status or back_varint(out, 2 << 3 | 2)
    status = status or back_data(out, member.key, member.length) or back_varint(out, 1 << 3 | 2)
    return status or back_head(out, <u32>step.tag, mark)


cdef dict _messages_of = {}  # class → address of its message; only of classes that were asked for


cdef Message* message_of_class(object cls) except? NULL:
    """The message of a class, laid out; NULL for a class that the twin leaves alone."""
    cdef Message* message
    address = _messages_of.get(cls)
    if address is not None:
        return <Message*><size_t>address
    name = getattr(cls, "_proto", "")
    if not isinstance(name, str) or not name:
        return NULL
    try:
        builtin().message(name)
    except Exception:
        return NULL  # nobody declares it: nothing is kept of the name
    message = message_of(name)
    if planned_or_value(message) or message.form > F_SCHEMA_OR_STRING_ARRAY:
        return NULL
    if <PyTypeObject*>cls != message.plan.cls:
        return NULL
    _messages_of[cls] = <size_t>message
    return message


cdef dict _shown_roots = {}  # (apiVersion, kind) of what is stored as JSON → Root


cdef Root shown_root(object api_version, object kind):
    """The kind of an object that is stored as JSON, None for any other."""
    found = _shown_roots.get((api_version, kind))
    if found is not None:
        return <Root>found
    from codec.storage import is_stored_as_json

    readable = builtin().find(api_version, kind)
    if readable is None or not readable.type_meta or not is_stored_as_json(api_version):
        return None
    if not is_simple(api_version) or not is_simple(kind):
        return None
    root = Root()
    root.message = message_of(readable.name)
    root.json = f',"kind":"{kind}","apiVersion":"{api_version}"'.encode()
    if len(_shown_roots) >= MAX_ROOTS:
        _shown_roots.clear()
    _shown_roots[api_version, kind] = root
    return root


cdef bytes json_of_wire(Back* out, Root root):
    """What is stored as JSON, from the wire of the object; None where the readable engine shall decide."""
    cdef Work work
    cdef Envelope envelope
    cdef size_t length = back_length(out)
    cdef u8* wire = <u8*>malloc(length + 1)
    cdef int status = NO_MEMORY
    memset(&work, 0, sizeof(Work))
    memset(&envelope, 0, sizeof(Envelope))
    try:
        if wire != NULL:
            envelope.inner = wire
            envelope.inner_end = work.input_end = back_collect(out, wire)
            status = write_json(
                &work, &envelope, root.message, <const u8*>PyBytes_AS_STRING(root.json),
                <size_t>PyBytes_GET_SIZE(root.json),
            ) or put_byte(&work.out, c"\n")
        if status == NO_MEMORY:
            raise MemoryError
        if status:
            return None
        return PyBytes_FromStringAndSize(<const char*>work.out.start, work.out.at - work.out.start)
    finally:
        free(wire)
        out_free(&work.out)
        arena_free(&work.arena)


cdef int make_ready(Writing* w) except -1:
    """What the writing came to a stop for. Python code runs here, and anything may change; BAIL where it is no use."""
    cdef Back zero
    cdef int status
    if w.quantity != NULL:
        text = <object>w.quantity
        RawDecref(w.quantity)
        w.quantity = NULL
        if len(text) > LONGEST_QUANTITY:
            return BAIL
        from codec.types.quantity import canonical

        try:
            found = canonical(text).encode("ascii")
        except Exception:
            return BAIL
        if len(_canonical) >= MAX_CANONICAL:
            _canonical.clear()
        _canonical[text] = found
        return OK
    status = planned_or_value(w.wanted)
    if status == OK and w.zero:
        # Made once, all that it consists of is loaded.
        memset(&zero, 0, sizeof(Back))
        status = back_zero_message(&zero, w.wanted, 0)
        back_free(&zero)
        if status == NO_MEMORY:
            raise MemoryError
        w.wanted.zero_ready = status == OK
        w.zero = False
    return status


cdef dict _named = {}  # address of a message → what its class's plan points to


cdef bint look_up_names(Message* message, PyObject* api_version, PyObject* kind) except -1:
    """Keeps what goes with the names of an object in its class's plan; false where the readable engine shall decide."""
    cdef ClassPlan* plan = message.plan
    cdef Root root = None
    cdef bytes envelope = None
    cdef u64 current
    if not RawIsText(api_version) or not RawIsText(kind):
        return False
    current = generation()
    version_text = <object>api_version
    kind_text = <object>kind
    found = kind_of(version_text, kind_text)
    if found is not None:
        if <Message*><size_t>found[0] != message:
            return False
        envelope = found[1]
    else:
        root = shown_root(version_text, kind_text)
        if root is None or root.message != message:
            return False
    _named[<size_t>message] = (version_text, kind_text, envelope, root)
    plan.named_version = api_version
    plan.named_kind = kind
    plan.envelope = NULL if envelope is None else <PyObject*>envelope
    plan.root = NULL if root is None else <PyObject*>root
    plan.generation = current
    return True


def encode(instance):
    """The typed object of a kind → stored bytes, or None."""
    global _spare, _spare_size
    cdef Writing w
    cdef Message* message
    cdef PyObject* value = <PyObject*>instance
    cdef PyObject* api_version
    cdef PyObject* kind
    cdef ClassPlan* plan
    cdef u64 current
    cdef int status
    cdef int turns = 0
    if not objects_ready():
        return None
    current = generation()  # before the message: with another schema it is another
    message = message_of_class(type(instance))
    if message == NULL or not message.type_meta:
        return None
    api_version = get_slot(value, message.plan.api_version)
    kind = get_slot(value, message.plan.kind)
    if api_version == NULL or kind == NULL:
        return None
    plan = message.plan
    if plan.generation != current or plan.named_version != api_version or plan.named_kind != kind:
        if not look_up_names(message, api_version, kind):
            return None
    memset(&w, 0, sizeof(Writing))
    w.shown = plan.envelope == NULL
    # They are given up when the next names are looked up, which Python code may do in between.
    names = <object>(plan.root if w.shown else plan.envelope)
    back_over(&w.out, _spare, _spare_size)
    _spare = NULL
    _spare_size = 0
    try:
        status = write_instance(&w, message, value, 0)
        while status == UNREADY:
            turns += 1
            if turns > MAX_TURNS or make_ready(&w):
                return None
            back_again(&w.out)
            status = write_instance(&w, message, value, 0)
        if status == NO_MEMORY:
            raise MemoryError
        if status:
            return None
        return json_of_wire(&w.out, <Root>names) if w.shown else back_envelope(&w.out, <bytes>names)
    finally:
        if _spare == NULL and <size_t>(w.out.limit - w.out.start) <= SPARE_LIMIT:
            _spare = w.out.start
            _spare_size = <size_t>(w.out.limit - w.out.start)
            w.out.start = NULL
        back_free(&w.out)
        out_free(&w.scratch)
        RawXDecref(w.quantity)
