# Wire ⇄ typed objects. Attributes are read and written where the class has them, without asking the class.

cdef extern from "layout.h":
    Py_ssize_t codec_offset(object descriptor)

cdef extern from "Python.h":
    PyObject* PyType_GenericAlloc(PyTypeObject* cls, Py_ssize_t count) except NULL
    PyObject* PyUnicode_New(Py_ssize_t size, Py_UCS4 highest) except NULL
    void* PyUnicode_1BYTE_DATA(PyObject* text)
    Py_ssize_t PyUnicode_GET_LENGTH(PyObject* text)
    PyObject* RawDecodeUTF8 "PyUnicode_DecodeUTF8"(const char* text, Py_ssize_t size, const char* errors) except NULL
    const char* RawAsUTF8 "PyUnicode_AsUTF8AndSize"(PyObject* text, Py_ssize_t* size)
    PyObject* RawBytes "PyBytes_FromStringAndSize"(const char* data, Py_ssize_t size) except NULL
    char* RawBytesData "PyBytes_AS_STRING"(PyObject* value)
    Py_ssize_t RawBytesSize "PyBytes_GET_SIZE"(PyObject* value)
    PyObject* RawLong "PyLong_FromLongLong"(long long value) except NULL
    PyObject* RawFloat "PyFloat_FromDouble"(double value) except NULL
    double RawFloatValue "PyFloat_AS_DOUBLE"(PyObject* value)
    PyObject* RawList "PyList_New"(Py_ssize_t size) except NULL
    void RawListSet "PyList_SET_ITEM"(PyObject* items, Py_ssize_t i, PyObject* item)
    PyObject* RawListGet "PyList_GET_ITEM"(PyObject* items, Py_ssize_t i)
    Py_ssize_t RawListSize "PyList_GET_SIZE"(PyObject* items)
    PyObject* RawDict "PyDict_New"() except NULL
    int RawDictSet "PyDict_SetItem"(PyObject* entries, PyObject* key, PyObject* value) except -1
    int RawDictNext "PyDict_Next"(PyObject* entries, Py_ssize_t* place, PyObject** key, PyObject** value)
    Py_ssize_t RawDictSize "PyDict_GET_SIZE"(PyObject* entries)
    PyObject* RawCall "PyObject_CallNoArgs"(PyObject* callable) except NULL
    long long RawLongValue "PyLong_AsLongLongAndOverflow"(PyObject* value, int* overflow)
    int RawIsLong "PyLong_CheckExact"(PyObject* value)
    int RawIsText "PyUnicode_Check"(PyObject* value)
    int RawIsExactText "PyUnicode_CheckExact"(PyObject* value)
    int RawIsBytes "PyBytes_Check"(PyObject* value)
    int RawIsFloat "PyFloat_CheckExact"(PyObject* value)
    int RawIsList "PyList_CheckExact"(PyObject* value)
    int RawIsDict "PyDict_CheckExact"(PyObject* value)
    PyTypeObject* RawType "Py_TYPE"(PyObject* value)
    void RawIncref "Py_INCREF"(PyObject* value)
    void RawDecref "Py_DECREF"(PyObject* value)
    void RawXDecref "Py_XDECREF"(PyObject* value)
    void PyErr_Clear()

# What stands in a slot that the wire does not fill.
cdef enum Absent:
    A_CONSTANT   # always the same object
    A_LIST
    A_DICT
    A_CALL       # what the class's own default factory makes

cdef struct ClassPlan:
    PyTypeObject* cls
    Py_ssize_t unknown      # offset of the unknown fields
    Py_ssize_t* offsets     # of each slot
    u8* absent
    PyObject** constants    # for A_CONSTANT the object, for A_CALL the factory

cdef PyObject* NONE = <PyObject*>None
cdef object _true = True  # cast at once, it would be the number 1
cdef object _false = False
cdef PyObject* TRUE = <PyObject*>_true
cdef PyObject* FALSE = <PyObject*>_false
cdef object _no_text = ""
cdef object _no_bytes = b""
cdef PyObject* NO_TEXT = <PyObject*>_no_text
cdef PyObject* NO_BYTES = <PyObject*>_no_bytes

cdef struct ValueClass:
    # A value type and where its attributes are.
    PyTypeObject* cls
    Py_ssize_t first
    Py_ssize_t second

cdef ValueClass TIME, MICRO_TIME, DURATION, QUANTITY, RAW_JSON
cdef PyTypeObject* NIL_LIST = NULL
cdef PyTypeObject* NIL_DICT = NULL
cdef PyTypeObject* ABSENT_BYTES = NULL
cdef PyObject* ZERO_TIME = NULL
cdef PyObject* ZERO_MICRO_TIME = NULL
cdef int _objects_state = UNLOADED  # whether the classes of lists, maps and bytes were looked up
cdef list _kept = []  # what the plans point to


cdef int value_class(ValueClass* found, object cls, object first, object second) except -1:
    found.cls = <PyTypeObject*>cls
    found.first = codec_offset(getattr(cls, first))
    found.second = codec_offset(getattr(cls, second)) if second else 0
    if found.first < 0 or found.second < 0:
        raise TypeError(cls)
    _kept.append(cls)
    return 0


cdef bint objects_ready() except -1:
    """Looks up once what every object may hold."""
    global _objects_state, NIL_LIST, NIL_DICT, ABSENT_BYTES
    if _objects_state == UNLOADED:
        NIL_LIST = <PyTypeObject*>types.NilList
        NIL_DICT = <PyTypeObject*>types.NilDict
        ABSENT_BYTES = <PyTypeObject*>types.AbsentBytes
        _objects_state = LOADED
    return True


cdef int value_ready(int form) except -1:
    """Looks up the value type of a form when the first such value comes; BAIL where it cannot be laid out."""
    global ZERO_TIME, ZERO_MICRO_TIME
    try:
        if form == F_TIME:
            value_class(&TIME, types.Time, "seconds", "nanos")
            zero = types.Time()
            ZERO_TIME = <PyObject*>zero
        elif form == F_MICRO_TIME:
            value_class(&MICRO_TIME, types.MicroTime, "seconds", "nanos")
            zero = types.MicroTime()
            ZERO_MICRO_TIME = <PyObject*>zero
        elif form == F_DURATION:
            value_class(&DURATION, types.Duration, "nanoseconds", None)
            return OK
        elif form == F_QUANTITY:
            value_class(&QUANTITY, types.Quantity, "text", "_value")
            return OK
        elif form == F_RAW_EXTENSION or form == F_FIELDS_V1 or form == F_JSON:
            value_class(&RAW_JSON, types.RawJSON, "raw", None)
            return OK
        else:
            return OK
    except TypeError:
        return BAIL
    _kept.append(zero)
    return OK


cdef int plan_of(Message* message) except -1:
    """Makes the plan of a message's class; BAIL where it cannot be laid out."""
    cdef ClassPlan* plan
    cdef int i
    cdef int slot
    cdef Field* field
    if message.plan != NULL:
        return OK if message.plan.cls != NULL else BAIL
    schema = builtin().message(<object>message.name)
    cls = schema.generated_class()
    if cls is None:
        return BAIL  # a class made at run time: the readable engine has those
    from msgspec import NODEFAULT
    from msgspec.structs import fields

    plan = <ClassPlan*>calloc(1, sizeof(ClassPlan))
    if plan == NULL:
        raise MemoryError
    plan.offsets = <Py_ssize_t*>calloc(message.width + 1, sizeof(Py_ssize_t))
    plan.absent = <u8*>calloc(message.width + 1, 1)
    plan.constants = <PyObject**>calloc(message.width + 1, sizeof(PyObject*))
    if plan.offsets == NULL or plan.absent == NULL or plan.constants == NULL:
        raise MemoryError
    message.plan = plan
    plan.unknown = codec_offset(cls._unknown)
    example = cls()
    known = {info.name: info for info in fields(cls)}
    bad = set(known) != set(schema.attrs) or plan.unknown < 0 or type(example) is not cls
    for i, name in enumerate(schema.attrs[:message.width]):
        plan.offsets[i] = codec_offset(getattr(cls, name))
        plan.constants[i] = NO_TEXT  # of apiVersion and kind
        bad = bad or plan.offsets[i] < 0
    if bad:
        return BAIL
    for i, name in enumerate(schema.attrs[:message.width]):
        # The layout is what the class itself says.
        held = getattr(example, name)
        if get_slot(<PyObject*>example, plan.offsets[i]) != <PyObject*>held:
            return BAIL
    for i in range(message.shown_count):
        field = message.shown[i].field
        slot = message.shown[i].slot
        default = None
        plan.absent[slot] = A_CONSTANT
        if field.label == L_REPEATED:
            plan.absent[slot] = A_CALL if field.always else A_LIST
            default = types.NilList
        elif field.label == L_MAP:
            plan.absent[slot] = A_CALL if field.always else A_DICT
            default = types.NilDict
        elif field.kind == K_MESSAGE:
            target = builtin().message(<object>field.message.name)
            if target.form == "list":
                plan.absent[slot] = A_CALL
                default = types.NilList
            elif field.label == L_VALUE:
                known_field = known[(<object>field.readable).attr]
                if known_field.default_factory is not NODEFAULT:
                    plan.absent[slot] = A_CALL
                    default = known_field.default_factory
                else:
                    default = known_field.default
        elif field.label == L_VALUE:
            default = (<object>field.readable).zero
        _kept.append(default)
        plan.constants[slot] = <PyObject*>default
    _kept.append(cls)
    plan.cls = <PyTypeObject*>cls
    return OK


cdef inline int planned(Message* message) except -1:
    if message.plan != NULL and message.plan.cls != NULL:
        return OK
    if reach(message):
        return BAIL
    return plan_of(message)


cdef enum:
    CACHED = 2048         # texts, times and quantities that are kept, each where its hash says
    CACHED_LENGTH = 40    # bytes of a text that is kept

cdef PyObject* _texts[CACHED]
cdef PyObject* _quantities[CACHED]
cdef PyObject* _times[CACHED]


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
    if length:
        memcpy(&part, p, length)
    h = (h ^ part) * <u64>0x9E3779B97F4A7C15
    return <u32>(h >> 40) & (CACHED - 1)


cdef PyObject* make_text(const u8* p, const u8* end) except NULL:
    """The str of a text; short ones are kept."""
    cdef size_t length = <size_t>(end - p)
    cdef size_t i
    cdef u64 high = 0
    cdef u64 part
    cdef u32 place
    cdef PyObject* text
    if length == 0:
        RawIncref(NO_TEXT)
        return NO_TEXT
    i = 0
    while length - i >= 8:
        memcpy(&part, p + i, 8)
        high |= part
        i += 8
    if i < length:
        part = 0
        memcpy(&part, p + i, length - i)
        high |= part
    if high & <u64>0x8080808080808080:
        return RawDecodeUTF8(<const char*>p, length, b"surrogateescape")
    if length > CACHED_LENGTH:
        text = PyUnicode_New(length, 127)
        memcpy(PyUnicode_1BYTE_DATA(text), p, length)
        return text
    place = text_hash(p, length)
    text = _texts[place]
    if text != NULL and <size_t>PyUnicode_GET_LENGTH(text) == length and memcmp(
        PyUnicode_1BYTE_DATA(text), p, length
    ) == 0:
        RawIncref(text)
        return text
    text = PyUnicode_New(length, 127)
    memcpy(PyUnicode_1BYTE_DATA(text), p, length)
    RawXDecref(_texts[place])
    _texts[place] = text
    RawIncref(text)
    return text


cdef inline void set_slot(PyObject* instance, Py_ssize_t offset, PyObject* value) noexcept:
    """Into an empty place; the reference is given away."""
    (<PyObject**>(<char*>instance + offset))[0] = value


cdef inline PyObject* get_slot(PyObject* instance, Py_ssize_t offset) noexcept:
    """A borrowed reference, NULL where nothing was ever set."""
    return (<PyObject**>(<char*>instance + offset))[0]


cdef PyObject* make_time(i64 seconds, i64 nanos, ValueClass* cls) except NULL:
    """A Time, or a MicroTime; those of late are kept."""
    cdef u32 place = <u32>((<u64>seconds * <u64>0x9E3779B97F4A7C15) >> 40) & (CACHED - 1)
    cdef PyObject* made
    cdef PyObject* part
    if nanos == 0 and cls == &TIME:
        made = _times[place]
        if made != NULL:
            part = get_slot(made, TIME.first)
            if RawLongValue(part, NULL_OVERFLOW) == seconds:
                RawIncref(made)
                return made
    made = PyType_GenericAlloc(cls.cls, 0)
    try:
        set_slot(made, cls.first, RawLong(seconds))
        set_slot(made, cls.second, RawLong(nanos))
    except BaseException:
        RawDecref(made)
        raise
    if nanos == 0 and cls == &TIME:
        RawXDecref(_times[place])
        _times[place] = made
        RawIncref(made)
    return made

cdef int _overflow = 0
cdef int* NULL_OVERFLOW = &_overflow


cdef PyObject* make_quantity(const u8* p, const u8* end) except NULL:
    cdef size_t length = <size_t>(end - p)
    cdef u32 place = 0
    cdef PyObject* made
    cdef PyObject* text = make_text(p, end) if length else make_text(<const u8*>ZERO_DIGIT, <const u8*>ZERO_DIGIT + 1)
    if length <= 8:
        place = text_hash(p, length)
        made = _quantities[place]
        if made != NULL and get_slot(made, QUANTITY.first) == text:
            RawDecref(text)
            RawIncref(made)
            return made
    try:
        made = PyType_GenericAlloc(QUANTITY.cls, 0)
    except BaseException:
        RawDecref(text)
        raise
    set_slot(made, QUANTITY.first, text)
    RawIncref(NONE)
    set_slot(made, QUANTITY.second, NONE)
    if length <= 8:
        RawXDecref(_quantities[place])
        _quantities[place] = made
        RawIncref(made)
    return made


cdef PyObject* make_single(ValueClass* cls, PyObject* part) except NULL:
    """A value type of one attribute, whose reference is given away."""
    cdef PyObject* made
    try:
        made = PyType_GenericAlloc(cls.cls, 0)
    except BaseException:
        RawDecref(part)
        raise
    set_slot(made, cls.first, part)
    return made


class _Bail(Exception):
    """The readable engine shall decide."""


cdef PyObject* make_scalar(int kind, const u8* start, u64 value) except NULL:
    cdef PyObject* made
    cdef double real
    if kind == K_STRING:
        return make_text(start, <const u8*>value)
    if kind == K_BOOL:
        made = TRUE if value else FALSE
        RawIncref(made)
        return made
    if kind == K_INT32:
        return RawLong(<i32><u32>value)
    if kind == K_INT64:
        return RawLong(<i64>value)
    if kind == K_BYTES:
        return RawBytes(<const char*>start, <const u8*>value - start)
    memcpy(&real, &value, 8)
    return RawFloat(real)


cdef PyObject* make_value(Arena* arena, Message* message, const u8* p, const u8* end, int depth) except NULL:
    """The object of a message, or the value that it is held as; what is absent is empty."""
    cdef Slot[3] slots
    cdef int form
    cdef i64 seconds, nanos
    cdef PyObject* made
    if planned_or_value(message):
        raise _Bail
    form = message.form
    if form <= F_SCHEMA_OR_STRING_ARRAY:
        return make_object(arena, message, p, end, depth, NULL, NULL)
    memset(slots, 0, sizeof(slots))
    if scan(message, p, end, slots, depth):
        raise _Bail
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
            raise _Bail
        return make_time(<i64>slots[0].value, nanos // 1000 * 1000, &MICRO_TIME)
    if form == F_QUANTITY:
        return make_quantity(slots[0].start, ending(&slots[0]))
    if form == F_INT_OR_STRING:
        if slots[0].value == 0 and slots[2].value == <u64>slots[2].start:
            return RawLong(<i32><u32>slots[1].value)
        if slots[0].value == 1 and <u32>slots[1].value == 0:
            return make_text(slots[2].start, ending(&slots[2]))
        raise _Bail
    if form == F_DURATION:
        return make_single(&DURATION, RawLong(<i64>slots[0].value))
    if form == F_LIST:
        if slots[0].start == NULL:
            return RawList(0)
        return make_list(arena, &message.fields[0], slots, depth)
    if slots[0].start == NULL:
        RawIncref(NONE)
        return make_single(&RAW_JSON, NONE)
    return make_single(&RAW_JSON, RawBytes(<const char*>slots[0].start, ending(&slots[0]) - slots[0].start))


cdef inline int planned_or_value(Message* message) except -1:
    """Makes sure that a message is loaded, and its class, or the value type that it is held as, laid out."""
    return OK if message.ready else plan_or_value(message)


cdef int plan_or_value(Message* message) except -1:
    cdef int status = reach(message)
    if status == OK:
        status = value_ready(message.form) if message.form > F_SCHEMA_OR_STRING_ARRAY else plan_of(message)
    message.ready = status == OK
    return status


cdef PyObject* make_object(
    Arena* arena, Message* message, const u8* p, const u8* end, int depth, PyObject* api_version, PyObject* kind
) except NULL:
    """The object of a message whose class is laid out. apiVersion and kind are borrowed, NULL for empty ones."""
    cdef ClassPlan* plan = message.plan
    cdef Slot* slots = take(arena, message.width)
    cdef Slot* slot
    cdef PyObject* made
    cdef PyObject* value
    cdef Field* field
    cdef int i
    cdef int place
    if slots == NULL:
        raise MemoryError
    if scan(message, p, end, slots, depth):
        raise _Bail
    made = PyType_GenericAlloc(plan.cls, 0)
    try:
        if message.type_meta:
            value = api_version if api_version != NULL else NO_TEXT
            RawIncref(value)
            set_slot(made, plan.offsets[0], value)
            value = kind if kind != NULL else NO_TEXT
            RawIncref(value)
            set_slot(made, plan.offsets[1], value)
        RawIncref(NO_BYTES)
        set_slot(made, plan.unknown, NO_BYTES)
        for i in range(message.shown_count):
            field = message.shown[i].field
            place = message.shown[i].slot
            slot = slots + place
            if slot.start == NULL:
                if plan.absent[place] == A_CONSTANT:
                    value = plan.constants[place]
                    RawIncref(value)
                elif plan.absent[place] == A_LIST:
                    value = RawList(0)
                elif plan.absent[place] == A_DICT:
                    value = RawDict()
                else:
                    value = RawCall(plan.constants[place])
            elif field.label == L_REPEATED:
                value = make_list(arena, field, slot, depth)
            elif field.label == L_MAP:
                value = make_dict(arena, field, slot, depth)
            elif field.kind == K_MESSAGE:
                value = make_value(arena, field.message, slot.start, ending(slot), depth + 1)
            else:
                value = make_scalar(field.kind, slot.start, slot.value)
            set_slot(made, plan.offsets[place], value)
    except BaseException:
        RawDecref(made)
        raise
    give_back(arena, message.width)
    return made


cdef PyObject* make_list(Arena* arena, Field* field, Slot* slot, int depth) except NULL:
    cdef Elements rest
    cdef const u8* start = NULL
    cdef const u8* end = NULL
    cdef u64 tag = 0
    cdef u64 value
    cdef Py_ssize_t count = 0
    cdef Py_ssize_t i
    cdef int found
    cdef PyObject* items
    rest.field = field
    rest.p = slot.start
    rest.end = ending(slot)
    while True:
        found = next_element(&rest, &start, &end, &tag)
        if found < 0 or (found and tag != field.tag):
            raise _Bail  # packed scalars too
        if found == 0:
            break
        count += 1
    items = RawList(count)
    rest.p = slot.start
    try:
        for i in range(count):
            next_element(&rest, &start, &end, &tag)
            if field.kind == K_MESSAGE:
                RawListSet(items, i, make_value(arena, field.message, start, end, depth + 1))
            elif field.kind >= K_STRING:
                RawListSet(items, i, make_scalar(field.kind, start, <u64>end))
            elif field.kind == K_DOUBLE:
                memcpy(&value, start, 8)
                RawListSet(items, i, make_scalar(field.kind, start, value))
            else:
                read_varint(start, end, &value)
                RawListSet(items, i, make_scalar(field.kind, start, value))
    except BaseException:
        RawDecref(items)
        raise
    return items


cdef PyObject* make_dict(Arena* arena, Field* field, Slot* slot, int depth) except NULL:
    cdef Elements rest
    cdef Entry entry
    cdef const u8* start = NULL
    cdef const u8* end = NULL
    cdef u64 tag = 0
    cdef int found
    cdef PyObject* key = NULL
    cdef PyObject* value = NULL
    cdef PyObject* entries = RawDict()
    rest.field = field
    rest.p = slot.start
    rest.end = ending(slot)
    try:
        while True:
            found = next_element(&rest, &start, &end, &tag)
            if found == 0:
                return entries
            if found < 0 or read_entry(field, start, end, &entry):
                raise _Bail
            key = make_text(entry.key, entry.key + entry.key_length)
            if field.kind == K_MESSAGE:
                value = make_value(arena, field.message, entry.value_start, entry.value_end, depth + 1)
            elif entry.value_start != NULL:
                value = make_scalar(field.kind, entry.value_start, <u64>entry.value_end)
            elif field.kind == K_BYTES:
                value = RawCall(<PyObject*>ABSENT_BYTES)
            else:
                RawIncref(NO_TEXT)
                value = NO_TEXT
            RawDictSet(entries, key, value)
            RawDecref(key)
            key = NULL
            RawDecref(value)
            value = NULL
    except BaseException:
        RawXDecref(key)
        RawXDecref(value)
        RawDecref(entries)
        raise


def decode(raw):
    """Stored protobuf → the typed object, or None."""
    cdef Envelope envelope
    cdef Root root
    cdef Arena arena
    cdef PyObject* made
    if type(raw) is not bytes or not objects_ready():
        return None
    if read_envelope(
        <const u8*>PyBytes_AS_STRING(raw), <const u8*>PyBytes_AS_STRING(raw) + PyBytes_GET_SIZE(raw), &envelope
    ):
        return None
    root = root_of(&envelope)
    if root is None or root.message.form > F_UNKNOWN or planned(root.message):
        return None
    arena.current = NULL
    try:
        made = make_object(
            &arena, root.message, envelope.inner, envelope.inner_end, 0,
            <PyObject*>root.api_version, <PyObject*>root.kind,
        )
        found = <object>made
        RawDecref(made)
        return found
    except _Bail:
        return None
    finally:
        arena_free(&arena)


# Object → wire. Nothing is changed, and every value is taken only in its own class; the rest is left to the readable
# engine, which also says what is wrong.

cdef int back_attributes(Turn* turn, Message* message, PyObject* instance, Py_ssize_t* offsets, int depth) except -1:
    cdef int i
    cdef int status = OK
    cdef Field* field
    cdef PyObject* value
    cdef size_t mark
    for i in range(message.count - 1, -1, -1):
        field = &message.fields[i]
        if field.inlined:
            mark = back_length(&turn.out)
            status = back_attributes(turn, field.message, instance, offsets + field.slot, depth + 1)
            if status == OK:
                status = back_head(&turn.out, field.tag, mark)
            if status:
                return status
            continue
        value = get_slot(instance, offsets[field.slot])
        if value == NULL:
            return BAIL
        RawIncref(value)  # as long as this takes: another thread may change the object
        try:
            if field.label == L_REPEATED:
                status = back_items(turn, field, value, depth)
            elif field.label == L_MAP:
                status = back_entries(turn, field, value, depth)
            elif value == NONE:
                if field.label == L_OPTIONAL:
                    status = OK
                elif field.kind == K_MESSAGE:
                    status = back_none(turn, field, depth)
                elif field.kind != K_BYTES:
                    status = back_zero(&turn.out, field)
            else:
                status = back_single(turn, field, field.tag, value, depth)
        finally:
            RawDecref(value)
        if status:
            return status
    return OK


cdef int back_none(Turn* turn, Field* field, int depth) except -1:
    """A struct value for which None stands: Go's zero."""
    cdef size_t mark
    cdef int status = reach(field.message)
    if status:
        return status
    if field.message.form == F_LIST:
        return BAIL
    mark = back_length(&turn.out)
    status = back_zero_message(&turn.out, field.message, depth + 1)
    return status or back_head(&turn.out, field.tag, mark)


cdef int back_single(Turn* turn, Field* field, u32 tag, PyObject* value, int depth) except -1:
    """One value with its tag."""
    cdef Py_ssize_t length = 0
    cdef const char* text
    cdef long long number
    cdef int overflow = 0
    cdef double real
    cdef int status
    cdef int kind = field.kind
    cdef size_t mark
    if kind == K_STRING:
        if not RawIsText(value):
            return BAIL
        text = RawAsUTF8(value, &length)
        if text == NULL:
            PyErr_Clear()
            return BAIL
        return back_text(&turn.out, tag, <const u8*>text, <size_t>length)
    if kind == K_MESSAGE:
        status = planned_or_value(field.message)
        if status:
            return status
        if field.message.form == F_LIST and RawType(value) == NIL_LIST and RawListSize(value) == 0:
            return OK
        mark = back_length(&turn.out)
        status = back_instance(turn, field.message, value, depth + 1)
        return status or back_head(&turn.out, tag, mark)
    if kind == K_BOOL:
        if value != TRUE and value != FALSE:
            return BAIL
        status = back_varint(&turn.out, value == TRUE)
    elif kind == K_BYTES:
        if not RawIsBytes(value):
            return BAIL
        return back_text(&turn.out, tag, <const u8*>RawBytesData(value), <size_t>RawBytesSize(value))
    elif kind == K_DOUBLE:
        if not RawIsFloat(value):
            return BAIL
        real = RawFloatValue(value)
        status = back_put(&turn.out, &real, 8)
    else:
        if not RawIsLong(value):
            return BAIL
        number = RawLongValue(value, &overflow)
        if overflow or (kind == K_INT32 and number != <i64><i32>number):
            return BAIL
        status = back_varint(&turn.out, <u64>number)
    return status or back_varint(&turn.out, tag)


cdef inline bint is_exact_text(PyObject* value) noexcept:
    return value != NULL and RawIsExactText(value)


cdef inline int number_of(PyObject* value, i64* number) noexcept:
    cdef int overflow = 0
    if value == NULL or not RawIsLong(value):
        return BAIL
    number[0] = RawLongValue(value, &overflow)
    return BAIL if overflow else OK


cdef int back_instance(Turn* turn, Message* message, PyObject* value, int depth) except -1:
    """The content of a message."""
    cdef int form = message.form
    cdef int status
    cdef i64 number = 0
    cdef i64 nanos = 0
    cdef PyObject* part
    cdef ValueClass* held
    cdef Py_ssize_t length = 0
    cdef const char* text
    if depth > MAX_DEPTH:
        return BAIL
    if form <= F_SCHEMA_OR_STRING_ARRAY:
        if RawType(value) != message.plan.cls:
            return BAIL
        part = get_slot(value, message.plan.unknown)
        if part == NULL or not RawIsBytes(part) or RawBytesSize(part) != 0:
            return BAIL
        if depth and message.type_meta and not (
            is_exact_text(get_slot(value, message.plan.offsets[0]))
            and is_exact_text(get_slot(value, message.plan.offsets[1]))
        ):
            return BAIL  # they are not written, and yet must be texts
        return back_attributes(turn, message, value, message.plan.offsets, depth)
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
        return back_time(&turn.out, message, number, nanos // 1000 * 1000 if form == F_MICRO_TIME else 0)
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
        turn.scratch.at = turn.scratch.start
        status = put_quantity(&turn.scratch, <const u8*>text, <const u8*>text + length)
        if status:
            return status
        return back_text(
            &turn.out, message.fields[0].tag, turn.scratch.start, <size_t>(turn.scratch.at - turn.scratch.start)
        )
    if form == F_INT_OR_STRING:
        if RawIsText(value):
            text = RawAsUTF8(value, &length)
            if text == NULL:
                PyErr_Clear()
                return BAIL
            status = back_text(&turn.out, message.fields[2].tag, <const u8*>text, <size_t>length)
        else:
            if number_of(value, &number) or number != <i64><i32>number:
                return BAIL
            status = back_text(&turn.out, message.fields[2].tag, NULL, 0)
        if status == OK:
            status = back_varint(&turn.out, <u64>number)
        if status == OK:
            status = back_varint(&turn.out, message.fields[1].tag)
        if status == OK:
            status = back_varint(&turn.out, RawIsText(value) != 0)
        return status or back_varint(&turn.out, message.fields[0].tag)
    if form == F_DURATION:
        if RawType(value) != DURATION.cls or number_of(get_slot(value, DURATION.first), &number):
            return BAIL
        status = back_varint(&turn.out, <u64>number)
        return status or back_varint(&turn.out, message.fields[0].tag)
    if form == F_LIST:
        return back_items(turn, &message.fields[0], value, depth)
    if RawType(value) != RAW_JSON.cls:
        return BAIL
    part = get_slot(value, RAW_JSON.first)
    if part == NONE:
        return OK
    if part == NULL or not RawIsBytes(part):
        return BAIL
    return back_text(&turn.out, message.fields[0].tag, <const u8*>RawBytesData(part), <size_t>RawBytesSize(part))


cdef int back_items(Turn* turn, Field* field, PyObject* items, int depth) except -1:
    """The elements of a list, the last first."""
    cdef Py_ssize_t i
    cdef PyObject* item
    cdef int status
    if not RawIsList(items) and RawType(items) != NIL_LIST:
        return BAIL
    i = RawListSize(items)
    while i > 0:
        i -= 1
        if i >= RawListSize(items):
            return BAIL
        item = RawListGet(items, i)
        if item == NONE:
            return BAIL
        RawIncref(item)
        try:
            if field.kind == K_MESSAGE and (reach(field.message) or field.message.form == F_LIST):
                status = BAIL
            else:
                status = back_single(turn, field, field.tag, item, depth)
        finally:
            RawDecref(item)
        if status:
            return status
    return OK


cdef int back_entries(Turn* turn, Field* field, PyObject* entries, int depth) except -1:
    """The entries of a map, the last key first."""
    cdef Py_ssize_t count
    cdef Py_ssize_t place = 0
    cdef Py_ssize_t length = 0
    cdef PyObject* key = NULL
    cdef PyObject* value = NULL
    cdef PyObject** values
    cdef Member* members
    cdef u32 found = 0
    cdef u32 i
    cdef int status = OK
    cdef size_t mark
    if not RawIsDict(entries) and RawType(entries) != NIL_DICT:
        return BAIL
    count = RawDictSize(entries)
    if count == 0:
        return OK
    if count > 1 << 28:
        return BAIL
    members = <Member*>malloc(count * sizeof(Member))
    values = <PyObject**>malloc(2 * count * sizeof(PyObject*))
    if members == NULL or values == NULL:
        free(members)
        free(values)
        raise MemoryError
    try:
        while found < <u32>count and RawDictNext(entries, &place, &key, &value):
            if not RawIsText(key) or value == NONE:
                status = BAIL
                break
            members[found].key = <const u8*>RawAsUTF8(key, &length)
            if members[found].key == NULL:
                PyErr_Clear()
                status = BAIL
                break
            members[found].length = <size_t>length
            members[found].at = found
            RawIncref(key)
            RawIncref(value)
            values[2 * found] = key
            values[2 * found + 1] = value
            found += 1
        if status == OK:
            status = sort_members(members, found)
        i = found
        while i > 0 and status == OK:
            i -= 1
            mark = back_length(&turn.out)
            value = values[2 * members[i].at + 1]
            if field.kind == K_MESSAGE and reach(field.message) == OK and field.message.form == F_LIST and (
                RawType(value) == NIL_LIST
            ):
                status = BAIL
            elif field.kind != K_BYTES or RawType(value) != ABSENT_BYTES:
                status = back_single(turn, field, 2 << 3 | 2, value, depth)
            if status == OK:
                status = back_text(&turn.out, 1 << 3 | 2, members[i].key, members[i].length)
            if status == OK:
                status = back_head(&turn.out, field.tag, mark)
        return status
    finally:
        for i in range(2 * found):
            RawDecref(values[i])
        free(members)
        free(values)


cdef dict _messages_of = {}  # class → address of its message; only of classes that were asked for


def encode(instance):
    """The typed object of a kind that is stored as protobuf → stored bytes, or None."""
    cdef Turn turn
    cdef Message* message
    cdef PyObject* value = <PyObject*>instance
    cdef PyObject* api_version
    cdef PyObject* kind
    cdef int status
    if not objects_ready():
        return None
    cls = type(instance)
    address = _messages_of.get(cls)
    if address is None:
        name = getattr(cls, "_proto", "")
        if not isinstance(name, str) or not name:
            return None
        try:
            builtin().message(name)
        except Exception:
            return None  # nobody declares it: nothing is kept of the name
        message = message_of(name)
        if planned(message) or <PyTypeObject*>cls != message.plan.cls:
            return None
        address = _messages_of[cls] = <size_t>message
    message = <Message*><size_t>address
    if not message.type_meta:
        return None
    api_version = get_slot(value, message.plan.offsets[0])
    kind = get_slot(value, message.plan.offsets[1])
    if api_version == NULL or kind == NULL:
        return None
    if not RawIsText(api_version) or not RawIsText(kind):
        return None
    found = kind_of(<object>api_version, <object>kind)
    if found is None or <Message*><size_t>found[0] != message:
        return None
    memset(&turn, 0, sizeof(Turn))
    try:
        status = back_instance(&turn, message, value, 0)
        if status == NO_MEMORY:
            raise MemoryError
        return None if status else back_envelope(&turn.out, found[1])
    finally:
        turn_free(&turn)
