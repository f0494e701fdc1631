# The schema's tables as C structs, each message loaded when it is first reached; codec.schema is what they are made of.

cdef enum Kind:
    K_BOOL
    K_INT32
    K_INT64
    K_DOUBLE
    K_STRING
    K_BYTES
    K_MESSAGE

cdef enum Label:
    L_VALUE
    L_OPTIONAL
    L_REPEATED
    L_MAP

# Forms of a message, see codec.message.forms; all up to F_UNKNOWN are held as messages.
cdef enum Form:
    F_PLAIN
    F_GROUP_VERSION
    F_UNKNOWN
    F_SCHEMA_OR_ARRAY
    F_SCHEMA_OR_BOOL
    F_SCHEMA_OR_STRING_ARRAY
    F_TIME
    F_MICRO_TIME
    F_DURATION
    F_QUANTITY
    F_INT_OR_STRING
    F_RAW_EXTENSION
    F_FIELDS_V1
    F_JSON
    F_LIST

cdef enum:
    UNLOADED = 0
    LOADED = 1
    FOREIGN = 2  # it has something that only the readable engine knows, as scalars that Kubernetes never uses

cdef struct Field:
    u32 tag
    u32 packed_tag  # 0 where the field cannot be packed
    u8 kind
    u8 label
    bint always
    bint inlined
    bint was_value
    int slot
    u32 number
    int key_length
    u8* key         # the key in JSON as it is printed, after a comma: `,"name":`
    Message* message
    void* readable  # the codec.schema.Field

cdef struct Shown:
    Field* field
    int slot

cdef struct Message:
    int state
    u8 form
    bint type_meta
    int width
    int count
    Field* fields          # by number
    int direct_size
    u8* direct             # field number → 1 + its place in fields, 0 for none
    int shown_count
    Shown* shown           # what JSON shows, in Go's order
    int hash_mask
    i16* by_key            # hash of a JSON key → 1 + its place in shown, 0 for none
    void* name             # str
    int yaml_state
    int named_count
    Named* named           # what YAML shows, in its order; loaded on their own
    int stream_state
    Stream* stream         # how JSON is written in one pass; loaded on its own
    int expected_state
    Expected* expected     # the keys of `shown` as JSON that is read has them; loaded on their own
    int* follows           # what of `shown` came last time after each of it, and first at 0
    ClassPlan* plan        # how objects of its class are laid out
    bint ready             # that, or the value type that stands for it, was looked up
    bint zero_ready        # every message that its zero is made of is loaded

cdef dict KINDS = {
    "bool": K_BOOL, "int32": K_INT32, "int64": K_INT64, "double": K_DOUBLE, "string": K_STRING, "bytes": K_BYTES,
    "message": K_MESSAGE,
}
cdef dict LABELS = {"v": L_VALUE, "o": L_OPTIONAL, "r": L_REPEATED, "m": L_MAP}
# form → (form, how many slots the engine counts on, 0 for any)
cdef dict FORMS = {
    "": (F_PLAIN, 0), "group_version": (F_GROUP_VERSION, 0), "unknown": (F_UNKNOWN, 0),
    "schema_or_array": (F_SCHEMA_OR_ARRAY, 2), "schema_or_bool": (F_SCHEMA_OR_BOOL, 2),
    "schema_or_string_array": (F_SCHEMA_OR_STRING_ARRAY, 2), "time": (F_TIME, 2), "micro_time": (F_MICRO_TIME, 2),
    "duration": (F_DURATION, 1), "quantity": (F_QUANTITY, 1), "int_or_string": (F_INT_OR_STRING, 3),
    "raw_extension": (F_RAW_EXTENSION, 1), "fields_v1": (F_FIELDS_V1, 1), "json": (F_JSON, 1), "list": (F_LIST, 1),
}
# form → the kinds and labels of its fields, where it is read without asking the fields themselves
cdef dict SHAPES = {
    "time": ("int64", "int32"), "micro_time": ("int64", "int32"), "duration": ("int64",), "quantity": ("string",),
    "int_or_string": ("int64", "int32", "string"), "raw_extension": ("bytes",), "fields_v1": ("bytes",),
    "json": ("bytes",), "list": ("string",),
}
cdef enum:
    MAX_DIRECT = 4096  # field numbers beyond are looked for one by one

cdef dict _messages = {}  # full name → address of its Message; they live as long as the process


cdef Message* message_of(object name) except NULL:
    """The struct of a message, loaded or not."""
    cdef Message* message
    address = _messages.get(name)
    if address is not None:
        return <Message*><size_t>address
    message = <Message*>calloc(1, sizeof(Message))
    if message == NULL:
        raise MemoryError
    Py_INCREF(name)
    message.name = <void*>name
    _messages[name] = <size_t>message
    return message


cdef bint is_simple(str key) except -1:
    """Whether a key stands in JSON as it is."""
    return key.isascii() and key.isprintable() and not any([mark in key for mark in '"\\<>&'])


cdef inline u32 key_hash(const u8* key, size_t length) noexcept nogil:
    """Tells the keys of one message apart: from the length, and the first, middle and last bytes."""
    cdef u32 h
    if length == 0:
        return 0
    h = <u32>length * 0x9E3779B1u
    h = (h ^ key[0]) * 0x85EBCA6Bu
    h = (h ^ key[length >> 1]) * 0xC2B2AE35u
    h = (h ^ key[length - 1]) * 0x27D4EB2Fu
    return h ^ h >> 15


cdef int load(Message* message) except -1:
    """Fills the struct from the readable schema. Python code runs meanwhile, and with it other threads, which may load
    the same message: it is made aside, and the first that is whole is taken."""
    cdef Message made
    cdef int status
    if message.state != UNLOADED:
        return 0
    memset(&made, 0, sizeof(Message))
    try:
        status = fill(&made, builtin().message(<object>message.name))
        if message.state == UNLOADED:
            if status == OK:
                message.form = made.form
                message.type_meta = made.type_meta
                message.width = made.width
                message.count = made.count
                message.fields = made.fields
                message.direct_size = made.direct_size
                message.direct = made.direct
                message.shown_count = made.shown_count
                message.shown = made.shown
                message.hash_mask = made.hash_mask
                message.by_key = made.by_key
                memset(&made, 0, sizeof(Message))
            CODEC_STORE(&message.state, LOADED if status == OK else FOREIGN)
    finally:
        discard(&made)
    return 0


cdef void discard(Message* made) noexcept:
    """Frees what `fill` made."""
    cdef int i
    for i in range(made.count):
        free(made.fields[i].key)
        Py_DECREF(<object>made.fields[i].readable)
    free(made.fields)
    free(made.direct)
    free(made.shown)
    free(made.by_key)


cdef int fill(Message* message, object schema) except -1:
    """Makes the tables of a message; BAIL where it has something that only the readable engine knows."""
    cdef int i
    cdef int mask
    cdef u32 place
    cdef Field* field
    ordered = schema.by_number
    form, width = FORMS.get(schema.form, (F_PLAIN, -1))
    if width and width != schema.width:
        return BAIL
    shape = SHAPES.get(schema.form)
    if shape is not None and (
        tuple([one.kind for one in ordered]) != shape
        or [one.number for one in ordered] != list(range(1, len(shape) + 1))
        or [one.slot for one in ordered] != list(range(len(shape)))
        or any([one.label == "m" or (one.label == "r") != (schema.form == "list") for one in ordered])
    ):
        return BAIL
    if len(ordered) > 250 or len(schema.flat) > 30_000:
        return BAIL
    for readable in schema.fields:
        if readable.kind not in KINDS or readable.packed or (readable.kind == "double" and byteorder != "little"):
            return BAIL
    if len(schema.by_json) != len(schema.flat) or not all([is_simple(key) for key in schema.by_json]):
        return BAIL
    message.form = form
    message.type_meta = schema.type_meta
    message.width = schema.width
    message.fields = <Field*>calloc(len(ordered) + 1, sizeof(Field))
    message.direct_size = min(max([one.number for one in ordered], default=0) + 1, MAX_DIRECT)
    message.direct = <u8*>calloc(message.direct_size, 1)
    message.shown = <Shown*>calloc(len(schema.flat) + 1, sizeof(Shown))
    mask = 4
    while mask < 2 * len(schema.flat):
        mask *= 2
    message.by_key = <i16*>calloc(mask, sizeof(i16))
    if message.fields == NULL or message.direct == NULL or message.shown == NULL or message.by_key == NULL:
        raise MemoryError
    message.hash_mask = mask - 1
    for i, readable in enumerate(ordered):
        field = &message.fields[i]
        field.tag = readable.tag
        field.number = readable.number
        field.kind = KINDS[readable.kind]
        field.label = LABELS[readable.label]
        if field.label == L_REPEATED and field.kind < K_STRING:
            field.packed_tag = readable.number << 3 | 2
        field.always = readable.always
        field.inlined = readable.inline
        field.was_value = readable.was_value
        field.slot = readable.slot
        if readable.is_message:
            field.message = message_of(readable._target)
        key = f',"{readable.json}":'.encode()
        field.key_length = <int>len(key)
        field.key = <u8*>malloc(len(key) + 1)
        if field.key == NULL:
            raise MemoryError
        memcpy(field.key, PyBytes_AS_STRING(key), len(key) + 1)
        Py_INCREF(readable)
        field.readable = <void*>readable
        message.count = i + 1
        if readable.number < message.direct_size:
            message.direct[readable.number] = i + 1
    # The fields of an embedded struct stand in its own message, which has to be there first.
    fields_of = {}
    for i in range(message.count):
        field = &message.fields[i]
        fields_of[<object>field.readable] = <size_t>field
        if field.inlined:
            load(field.message)
            if field.message.state != LOADED or field.label in (L_REPEATED, L_MAP):
                return BAIL
            gather(field.message, fields_of)
    for i, (readable, slot) in enumerate(schema.flat):
        message.shown[i].field = <Field*><size_t>fields_of[readable]
        message.shown[i].slot = slot
        message.shown_count = i + 1
    for i in range(message.shown_count):
        field = message.shown[i].field
        place = key_hash(field.key + 2, field.key_length - 4) & message.hash_mask
        while message.by_key[place] != 0:
            place = (place + 1) & message.hash_mask
        message.by_key[place] = i + 1
    return OK


cdef int gather(Message* message, dict fields_of) except -1:
    """Every field of an embedded message and of those embedded in it."""
    cdef int i
    for i in range(message.count):
        fields_of[<object>message.fields[i].readable] = <size_t>&message.fields[i]
        if message.fields[i].inlined:
            gather(message.fields[i].message, fields_of)
    return 0


cdef int load_unlocked(Message* message) noexcept with gil:
    try:
        load(message)
    except MemoryError:
        return NO_MEMORY
    except BaseException:
        return BAIL
    return OK if message.state == LOADED else BAIL


cdef inline int reach(Message* message) noexcept nogil:
    """Makes sure that a message is loaded, without or with the GIL."""
    if CODEC_LOAD(&message.state) == LOADED:
        return OK
    if CODEC_LOAD(&message.state) == FOREIGN:
        return BAIL
    return load_unlocked(message)


cdef inline Field* field_of(Message* message, u64 tag) noexcept nogil:
    """The field of a whole tag, number and wire type; NULL for one that the message does not have."""
    cdef u64 number = tag >> 3
    cdef Field* field
    cdef int i
    if number < <u64>message.direct_size:
        i = message.direct[number]
        if i == 0:
            return NULL
        field = &message.fields[i - 1]
        return field if field.tag == tag or (field.packed_tag != 0 and field.packed_tag == tag) else NULL
    for i in range(message.count):
        field = &message.fields[i]
        if field.tag == tag or (field.packed_tag != 0 and field.packed_tag == tag):
            return field
    return NULL


cdef inline Shown* shown_of(Message* message, const u8* key, size_t length) noexcept nogil:
    """The field of a key in JSON, NULL where the message has none."""
    cdef u32 place = key_hash(key, length) & message.hash_mask
    cdef int i
    cdef Field* field
    while True:
        i = message.by_key[place]
        if i == 0:
            return NULL
        field = message.shown[i - 1].field
        if <size_t>(field.key_length - 4) == length and memcmp(field.key + 2, key, length) == 0:
            return &message.shown[i - 1]
        place = (place + 1) & message.hash_mask
