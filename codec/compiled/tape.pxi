# JSON text → a tape: one node for each value and key, in the order of the text, each knowing where its value ends.

cdef enum:
    MAX_TAPE_DEPTH = 200  # deeper JSON is left to the readable engine

cdef enum:
    ESCAPED = 1    # flags of a string: it has backslashes,
    NOT_ASCII = 2  # or bytes from 0x80 on

cdef struct Node:
    u8 kind          # the first character of a value: { [ " t f n, and 0 for a number
    u8 flags
    u32 following    # the node after this value; of a key the same as its own place plus 1
    u32 count        # of the members of an object or the elements of a list
    const u8* start  # of the text; of a string behind its quote
    const u8* end    # behind the text; of a string at its closing quote

cdef struct Tape:
    Node* nodes
    u32 used
    u32 size


cdef void tape_free(Tape* tape) noexcept nogil:
    free(tape.nodes)
    tape.nodes = NULL


cdef inline Node* new_node(Tape* tape) noexcept nogil:
    cdef u32 size
    cdef Node* nodes
    if tape.used == tape.size:
        if tape.size > 1u << 30:
            return NULL
        size = tape.size * 2 if tape.size else 64
        nodes = <Node*>realloc(tape.nodes, size * sizeof(Node))
        if nodes == NULL:
            return NULL
        tape.nodes = nodes
        tape.size = size
    tape.used += 1
    return &tape.nodes[tape.used - 1]


cdef const u8* past_string(const u8* p, const u8* end, u8* flags) noexcept nogil:
    """The closing quote of the string whose first character stands at p, NULL where it is broken."""
    cdef unsigned mask
    cdef u8 byte
    cdef int length
    while True:
        if end - p >= 16:
            mask = codec_ending16(p)
            if mask == 0:
                p += 16
                continue
            p += CODEC_FIRST_BIT(mask)
        elif p >= end:
            return NULL
        byte = p[0]
        if byte == c'"':
            return p
        if byte == c"\\":
            length = escape_length(p, end)
            if length == 0:
                return NULL
            flags[0] |= ESCAPED
            p += length
        elif byte >= 0x80:
            flags[0] |= NOT_ASCII
            p += 1
            while p < end and p[0] >= 0x80:
                p += 1
        elif byte < 0x20:
            return NULL
        else:
            p += 1


cdef int read_tape(Tape* tape, const u8* p, const u8* end) noexcept nogil:
    """Reads exactly one JSON value. BAIL where it is none, or nested too deeply."""
    cdef u32[MAX_TAPE_DEPTH] open_nodes
    cdef int depth = 0
    cdef Node* node
    cdef u8 byte
    cdef bint is_object = False
    cdef int length
    while True:
        p = past_space(p, end)
        if p >= end:
            return BAIL
        node = new_node(tape)
        if node == NULL:
            return NO_MEMORY
        byte = p[0]
        node.kind = byte
        node.flags = 0
        node.count = 0
        node.following = tape.used
        node.start = p
        if byte == c'"':
            p += 1
            node.start = p
            p = past_string(p, end, &node.flags)
            if p == NULL:
                return BAIL
            node.end = p
            p += 1
        elif byte == c"{" or byte == c"[":
            p = past_space(p + 1, end)
            if p >= end:
                return BAIL
            if p[0] == (c"}" if byte == c"{" else c"]"):
                p += 1
                node.end = p
            else:
                if depth == MAX_TAPE_DEPTH:
                    return BAIL
                open_nodes[depth] = tape.used - 1
                depth += 1
                is_object = byte == c"{"
                if is_object:
                    p = read_key(tape, p, end)
                    if p == NULL:
                        return BAIL
                continue
        elif byte == c"-" or is_digit(byte):
            node.kind = 0
            p = past_number(p, end)
            if p == NULL:
                return BAIL
            node.end = p
        else:
            length = word_length(p, end)
            if length == 0:
                return BAIL
            p += length
            node.end = p
        while depth:
            p = past_space(p, end)
            if p >= end:
                return BAIL
            byte = p[0]
            p += 1
            node = &tape.nodes[open_nodes[depth - 1]]
            node.count += 1
            if byte == c",":
                if is_object:
                    p = read_key(tape, past_space(p, end), end)
                    if p == NULL:
                        return BAIL
                break
            if byte != (c"}" if is_object else c"]"):
                return BAIL
            node.end = p
            node.following = tape.used
            depth -= 1
            if depth:
                is_object = tape.nodes[open_nodes[depth - 1]].kind == c"{"
        else:
            return OK if past_space(p, end) == end else BAIL


cdef inline const u8* read_key(Tape* tape, const u8* p, const u8* end) noexcept nogil:
    """Reads a key and its colon; the place after them."""
    cdef Node* node
    if p >= end or p[0] != c'"':
        return NULL
    node = new_node(tape)
    if node == NULL:
        return NULL  # the readable engine meets the same want of memory
    node.kind = c'"'
    node.flags = 0
    node.count = 0
    node.following = tape.used
    node.start = p + 1
    p = past_string(p + 1, end, &node.flags)
    if p == NULL:
        return NULL
    node.end = p
    p = past_space(p + 1, end)
    if p >= end or p[0] != c":":
        return NULL
    return p + 1


cdef inline int hex_value(const u8* p) noexcept nogil:
    """Of four hexadecimal digits."""
    cdef int i
    cdef int value = 0
    for i in range(4):
        value = value << 4 | ((p[i] & 15) + (9 if p[i] > c"9" else 0))
    return value


cdef inline void put_code(Out* out, int code) noexcept nogil:
    """A code point as UTF-8, for which there is room."""
    if code < 0x80:
        out.at[0] = code
        out.at += 1
    elif code < 0x800:
        out.at[0] = 0xC0 | code >> 6
        out.at[1] = 0x80 | (code & 63)
        out.at += 2
    elif code < 0x10000:
        out.at[0] = 0xE0 | code >> 12
        out.at[1] = 0x80 | (code >> 6 & 63)
        out.at[2] = 0x80 | (code & 63)
        out.at += 3
    else:
        out.at[0] = 0xF0 | code >> 18
        out.at[1] = 0x80 | (code >> 12 & 63)
        out.at[2] = 0x80 | (code >> 6 & 63)
        out.at[3] = 0x80 | (code & 63)
        out.at += 4


cdef int unescape(Out* out, const u8* p, const u8* end) noexcept nogil:
    """The content of a string of the tape as UTF-8: half surrogate pairs and bytes that are none become U+FFFD."""
    cdef int code
    cdef int low
    cdef unsigned length
    if not room(out, 3 * <size_t>(end - p) + 8):
        return NO_MEMORY
    while p < end:
        if p[0] == c"\\":
            if p[1] == c"u":
                code = hex_value(p + 2)
                p += 6
                if 0xD800 <= code < 0xE000:
                    low = hex_value(p + 2) if end - p >= 6 and p[0] == c"\\" and p[1] == c"u" else 0
                    if code < 0xDC00 and 0xDC00 <= low < 0xE000:
                        code = 0x10000 + ((code & 0x3FF) << 10 | (low & 0x3FF))
                        p += 6
                    else:
                        code = 0xFFFD
                put_code(out, code)
                continue
            code = p[1]
            if code == c"b":
                code = 8
            elif code == c"f":
                code = 12
            elif code == c"n":
                code = 10
            elif code == c"r":
                code = 13
            elif code == c"t":
                code = 9
            out.at[0] = code
            out.at += 1
            p += 2
        elif p[0] < 0x80:
            out.at[0] = p[0]
            out.at += 1
            p += 1
        else:
            length = codec_utf8(p, end)
            if length == 0:
                put_code(out, 0xFFFD)
                p += 1
            else:
                memmove(out.at, p, length)  # it may be the same memory
                out.at += length
                p += length
    return OK


cdef inline bint is_utf8(const u8* p, const u8* end) noexcept nogil:
    cdef unsigned length
    while p < end:
        if p[0] < 0x80:
            p += 1
            continue
        length = codec_utf8(p, end)
        if length == 0:
            return False
        p += length
    return True
