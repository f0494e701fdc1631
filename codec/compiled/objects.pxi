# Typed objects: how their classes are laid out, and the plan by which they are read and written field by field.
#
# Attributes are read and written where the class has them, without asking the class. No reference is counted for what
# stands in an object anyway: the roads below hold the GIL, and run no Python code but where they say so.

cdef extern from "layout.h":
    Py_ssize_t codec_offset(object descriptor)
    bint codec_is_ascii(PyObject* value)
    u8* codec_ascii(PyObject* value)
    Py_ssize_t codec_ascii_length(PyObject* value)
    int codec_raised() except -1

cdef extern from "Python.h":
    # Without `except`: whoever calls one of these looks for NULL, and gives back what it holds before it returns.
    PyObject* RawAlloc "PyType_GenericAlloc"(PyTypeObject* cls, Py_ssize_t count)
    PyObject* RawText "PyUnicode_New"(Py_ssize_t size, Py_UCS4 highest)
    PyObject* RawDecodeUTF8 "PyUnicode_DecodeUTF8"(const char* text, Py_ssize_t size, const char* errors)
    const char* RawAsUTF8 "PyUnicode_AsUTF8AndSize"(PyObject* text, Py_ssize_t* size)
    PyObject* RawBytes "PyBytes_FromStringAndSize"(const char* data, Py_ssize_t size)
    char* RawBytesData "PyBytes_AS_STRING"(PyObject* value)
    Py_ssize_t RawBytesSize "PyBytes_GET_SIZE"(PyObject* value)
    PyObject* RawLong "PyLong_FromLongLong"(long long value)
    PyObject* RawFloat "PyFloat_FromDouble"(double value)
    double RawFloatValue "PyFloat_AS_DOUBLE"(PyObject* value)
    PyObject* RawList "PyList_New"(Py_ssize_t size)
    void RawListSet "PyList_SET_ITEM"(PyObject* items, Py_ssize_t i, PyObject* item)
    PyObject* RawListGet "PyList_GET_ITEM"(PyObject* items, Py_ssize_t i)
    Py_ssize_t RawListSize "PyList_GET_SIZE"(PyObject* items)
    PyObject* RawDict "PyDict_New"()
    int RawDictSet "PyDict_SetItem"(PyObject* entries, PyObject* key, PyObject* value)
    int RawDictNext "PyDict_Next"(PyObject* entries, Py_ssize_t* place, PyObject** key, PyObject** value)
    Py_ssize_t RawDictSize "PyDict_GET_SIZE"(PyObject* entries)
    PyObject* RawCall "PyObject_CallNoArgs"(PyObject* callable)
    long long RawLongValue "PyLong_AsLongLongAndOverflow"(PyObject* value, int* overflow)
    int RawIsLong "PyLong_CheckExact"(PyObject* value)
    int RawIsText "PyUnicode_Check"(PyObject* value)
    int RawIsExactText "PyUnicode_CheckExact"(PyObject* value)
    PyObject* RawDictGet "PyDict_GetItem"(PyObject* entries, PyObject* key)
    int RawIsBytes "PyBytes_Check"(PyObject* value)
    int RawIsFloat "PyFloat_CheckExact"(PyObject* value)
    int RawIsList "PyList_CheckExact"(PyObject* value)
    int RawIsDict "PyDict_CheckExact"(PyObject* value)
    PyTypeObject* RawType "Py_TYPE"(PyObject* value)
    void RawIncref "Py_INCREF"(PyObject* value)
    void RawDecref "Py_DECREF"(PyObject* value)
    void RawXDecref "Py_XDECREF"(PyObject* value)
    void PyErr_Clear()
    void RawRaise "PyErr_SetObject"(PyObject* cls, PyObject* error)

# How a field is read and written.
cdef enum Op:
    S_END        # no field: what stands before the first and after the last
    S_STRING
    S_BOOL
    S_INT32
    S_INT64
    S_DOUBLE
    S_BYTES
    S_MESSAGE
    S_LIST
    S_MAP
    S_EMBEDDED   # a struct whose fields are attributes of the same object

# What stands in an attribute that the wire does not fill.
cdef enum Absent:
    A_CONSTANT   # always the same object
    A_LIST
    A_DICT
    A_NIL_LIST
    A_NIL_DICT
    A_BLANK      # an object of which every field is absent
    A_EMBEDDED   # what is absent of each field of an embedded struct

cdef struct Repeats:
    # Whether the texts of a field repeat, so that it pays to look for those that are kept.
    int score
    int pause  # texts to go until it is tried again

cdef struct Step:
    # One field of a class.
    u64 tag             # of S_END greater than any
    u8 op
    u8 element          # op of what a list or map holds
    u8 absent
    u8 label
    u8 tag_length
    u8[8] tag_bytes
    Py_ssize_t offset   # of the attribute
    PyObject* constant  # for A_CONSTANT
    Message* message
    Field* field
    Step* first         # of an embedded struct
    Step* last
    Repeats texts
    Repeats keys

cdef struct ClassPlan:
    PyTypeObject* cls
    Py_ssize_t unknown      # offset of the unknown fields
    Py_ssize_t api_version  # offsets, for a class that has them
    Py_ssize_t kind
    Step* first             # by number
    Step* last

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
cdef dict OPS = {
    K_STRING: S_STRING, K_BOOL: S_BOOL, K_INT32: S_INT32, K_INT64: S_INT64, K_DOUBLE: S_DOUBLE, K_BYTES: S_BYTES,
    K_MESSAGE: S_MESSAGE,
}


cdef inline void set_slot(PyObject* instance, Py_ssize_t offset, PyObject* value) noexcept:
    """Into an empty place; the reference is given away."""
    (<PyObject**>(<char*>instance + offset))[0] = value


cdef inline PyObject* get_slot(PyObject* instance, Py_ssize_t offset) noexcept:
    """A borrowed reference, NULL where nothing was ever set."""
    return (<PyObject**>(<char*>instance + offset))[0]


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
    cdef Py_ssize_t* offsets
    if message.plan != NULL:
        return OK if message.plan.cls != NULL else BAIL
    schema = builtin().message(<object>message.name)
    cls = schema.generated_class()
    plan = <ClassPlan*>calloc(1, sizeof(ClassPlan))
    offsets = <Py_ssize_t*>calloc(message.width + 1, sizeof(Py_ssize_t))
    try:
        if plan == NULL or offsets == NULL:
            raise MemoryError
        # A class made at run time is left to the readable engine.
        if cls is not None and lay_out(message, schema, cls, plan, offsets) == OK:
            _kept.append(cls)
            plan.cls = <PyTypeObject*>cls
        message.plan = plan
        plan = NULL
    finally:
        free(plan)
        free(offsets)
    return OK if message.plan.cls != NULL else BAIL


cdef int lay_out(Message* message, object schema, object cls, ClassPlan* plan, Py_ssize_t* offsets) except -1:
    """Fills the plan of a class, but for the class itself. Offsets: room for those of each slot."""
    from msgspec.structs import fields

    cdef Py_ssize_t i
    example = cls()
    if {info.name for info in fields(cls)} != set(schema.attrs) or type(example) is not cls:
        return BAIL
    plan.unknown = codec_offset(cls._unknown)
    if plan.unknown < 0:
        return BAIL
    for i, name in enumerate(schema.attrs[:message.width]):
        offsets[i] = codec_offset(getattr(cls, name))
        held = getattr(example, name)
        # The layout is what the class itself says.
        if offsets[i] < 0 or get_slot(<PyObject*>example, offsets[i]) != <PyObject*>held:
            return BAIL
    if message.type_meta:
        plan.api_version = offsets[0]
        plan.kind = offsets[1]
    plan.first = make_steps(message, offsets, schema.attrs, 0, example)
    plan.last = plan.first + message.count - 1
    return OK


cdef Step* make_steps(Message* message, Py_ssize_t* offsets, object attrs, int base, object example) except NULL:
    """The steps of a message, whose slots begin at `base` in an object's class. They live as long as the process."""
    cdef Step* steps = <Step*>calloc(message.count + 2, sizeof(Step))
    cdef Step* step = steps
    cdef Field* field
    cdef int i
    cdef u32 tag
    if steps == NULL:
        raise MemoryError
    for i in range(message.count):
        step += 1
        field = &message.fields[i]
        step.field = field
        step.tag = tag = field.tag
        step.label = field.label
        step.element = OPS[field.kind]
        step.op = step.element
        step.message = field.message
        step.tag_length = 0
        while True:
            step.tag_bytes[step.tag_length] = <u8>(tag & 0x7F | (0x80 if tag >= 0x80 else 0))
            step.tag_length += 1
            tag >>= 7
            if tag == 0:
                break
        if field.inlined:
            step.op = S_EMBEDDED
            step.absent = A_EMBEDDED
            step.first = make_steps(field.message, offsets, attrs, base + field.slot, example)
            step.last = step.first + field.message.count - 1
            continue
        step.offset = offsets[base + field.slot]
        step.absent = A_CONSTANT
        default = None
        if field.label == L_REPEATED:
            step.op = S_LIST
            step.absent = A_NIL_LIST if field.always else A_LIST
        elif field.label == L_MAP:
            step.op = S_MAP
            step.absent = A_NIL_DICT if field.always else A_DICT
        elif field.kind == K_MESSAGE:
            form = builtin().message(<object>field.message.name).form
            if form == "list":
                step.absent = A_NIL_LIST
            elif field.label == L_VALUE:
                if FORMS.get(form, (F_PLAIN, 0))[0] <= F_SCHEMA_OR_STRING_ARRAY:
                    step.absent = A_BLANK
                else:
                    default = getattr(example, attrs[base + field.slot])  # a value type, which never changes
        elif field.label == L_VALUE:
            default = (<object>field.readable).zero
        _kept.append(default)
        step.constant = <PyObject*>default
    step += 1
    steps.tag = step.tag = <u64>-1
    return steps + 1


cdef object _planning = RLock()  # Python code runs while a plan is made, and with it other threads


cdef inline int planned_or_value(Message* message) except -1:
    """Makes sure that a message is loaded, and its class, or the value type that it is held as, laid out."""
    return OK if message.ready else plan_or_value(message)


cdef int plan_or_value(Message* message) except -1:
    cdef int status
    with _planning:
        if message.ready:
            return OK
        status = reach(message)
        if status == NO_MEMORY:
            raise MemoryError
        if status == OK:
            status = value_ready(message.form) if message.form > F_SCHEMA_OR_STRING_ARRAY else plan_of(message)
        if status == OK:
            message.ready = True
        return status


cdef int plan_quietly(Message* message) noexcept:
    """As plan_or_value; BAIL too where an exception is set, for whoever looks for one."""
    try:
        return plan_or_value(message)
    except BaseException as error:
        RawRaise(<PyObject*>RawType(<PyObject*>error), <PyObject*>error)
        return BAIL
