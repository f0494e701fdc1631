# Raw JSON → the same without white space, with Go's escapes for HTML; what is no JSON is left to the readable engine.

cdef enum:
    MAX_RAW_DEPTH = 512  # deeper raw JSON is left to the readable engine


cdef bint HAS_AVX2 = codec_has_avx2()


cdef inline const u8* past_space(const u8* p, const u8* end) noexcept nogil:
    while p < end and (p[0] == c" " or p[0] == c"\n" or p[0] == c"\t" or p[0] == c"\r"):
        p += 1
    return p


cdef inline bint is_digit(u8 c) noexcept nogil:
    return c"0" <= c <= c"9"


cdef inline bint is_hex(u8 c) noexcept nogil:
    return is_digit(c) or c"a" <= (c | 0x20) <= c"f"


cdef const u8* past_number(const u8* p, const u8* end) noexcept nogil:
    """The place after the number at p, NULL where there is none."""
    if p < end and p[0] == c"-":
        p += 1
    if p >= end or not is_digit(p[0]):
        return NULL
    if p[0] == c"0":
        p += 1
    else:
        while p < end and is_digit(p[0]):
            p += 1
    if p < end and p[0] == c".":
        p += 1
        if p >= end or not is_digit(p[0]):
            return NULL
        while p < end and is_digit(p[0]):
            p += 1
    if p < end and (p[0] | 0x20) == c"e":
        p += 1
        if p < end and (p[0] == c"+" or p[0] == c"-"):
            p += 1
        if p >= end or not is_digit(p[0]):
            return NULL
        while p < end and is_digit(p[0]):
            p += 1
    return p


cdef inline int word_length(const u8* p, const u8* end) noexcept nogil:
    """Of the true, false or null at p; 0 where there is none."""
    if end - p >= 4 and (memcmp(p, b"true", 4) == 0 or memcmp(p, b"null", 4) == 0):
        return 4
    if end - p >= 5 and memcmp(p, b"false", 5) == 0:
        return 5
    return 0


cdef inline int escape_length(const u8* p, const u8* end) noexcept nogil:
    """Of the escape whose backslash stands at p; 0 where it is none."""
    if end - p < 2:
        return 0
    if p[1] == c"u":
        if end - p >= 6 and is_hex(p[2]) and is_hex(p[3]) and is_hex(p[4]) and is_hex(p[5]):
            return 6
        return 0
    if (p[1] == c'"' or p[1] == c"\\" or p[1] == c"/" or p[1] == c"b" or p[1] == c"f" or p[1] == c"n" or p[1] == c"r"
            or p[1] == c"t"):
        return 2
    return 0


cdef const u8* put_raw_string(Out* out, const u8* p, const u8* end, const u8* input_end, int* status) noexcept nogil:
    """Copies the string whose quote stands at p; the place after it, or NULL."""
    cdef unsigned mask
    cdef unsigned place
    cdef u8 byte
    cdef int length
    status[0] = BAIL
    if not room(out, 64):
        status[0] = NO_MEMORY
        return NULL
    out.at[0] = c'"'
    out.at += 1
    p += 1
    while True:
        if <size_t>(out.limit - out.at) < 32 and not room(out, 64):
            status[0] = NO_MEMORY
            return NULL
        if input_end - p >= 16:
            mask = codec_special16(p)
            memcpy(out.at, p, 16)
            if mask == 0:
                if end - p < 16:
                    return NULL
                p += 16
                out.at += 16
                continue
            place = CODEC_FIRST_BIT(mask)
            p += place
            out.at += place
            if p >= end:
                return NULL
        elif p >= end:
            return NULL
        byte = p[0]
        if byte == c'"':
            out.at[0] = byte
            out.at += 1
            status[0] = OK
            return p + 1
        if PLAIN_BYTE[byte]:
            out.at[0] = byte
            out.at += 1
            p += 1
        elif byte == c"\\":
            length = escape_length(p, end)
            if length == 0:
                return NULL
            memcpy(out.at, p, length)
            out.at += length
            p += length
        elif byte < 0x20:
            return NULL
        elif byte == 0xE2 and end - p >= 3 and p[1] == 0x80 and (p[2] == 0xA8 or p[2] == 0xA9):
            put_u_escape(out, 0x2028 if p[2] == 0xA8 else 0x2029)
            p += 3
        elif byte >= 0x80:
            out.at[0] = byte
            out.at += 1
            p += 1
        else:
            put_u_escape(out, byte)
            p += 1


cdef int put_raw_json(Work* work, const u8* p, const u8* end) noexcept nogil:
    cdef Out* out = &work.out
    cdef u64[8] objects  # one bit a level: whether it is an object
    cdef int depth = 0
    cdef int status = OK
    cdef bint is_object = False
    cdef const u8* after
    cdef u8 byte
    cdef int length
    if not room(out, <size_t>(end - p) + 64):
        return NO_MEMORY
    # Mostly it is compact, and has nothing to be escaped.
    if HAS_AVX2 and codec_copy_fields(out.at, p, <size_t>(end - p)):
        out.at += end - p
        return OK
    if codec_copy_plain(out.at, p, <size_t>(end - p)) and codec_plain_json(p, end):
        out.at += end - p
        return OK
    while True:
        # A value begins here.
        p = past_space(p, end)
        if p >= end:
            return BAIL
        byte = p[0]
        if byte == c'"':
            p = put_raw_string(out, p, end, work.input_end, &status)
            if p == NULL:
                return status
        elif byte == c"{" or byte == c"[":
            p = past_space(p + 1, end)
            if p >= end or not room(out, 2):
                return BAIL
            out.at[0] = byte
            out.at += 1
            if p[0] == (c"}" if byte == c"{" else c"]"):
                out.at[0] = p[0]
                out.at += 1
                p += 1
            else:
                if depth == MAX_RAW_DEPTH:
                    return BAIL
                is_object = byte == c"{"
                if is_object:
                    objects[depth >> 6] |= <u64>1 << (depth & 63)
                else:
                    objects[depth >> 6] &= ~(<u64>1 << (depth & 63))
                depth += 1
                if is_object:
                    p = put_raw_key(work, p, end, &status)
                    if p == NULL:
                        return status
                continue
        elif byte == c"-" or is_digit(byte):
            after = past_number(p, end)
            if after == NULL:
                return BAIL
            if put(out, p, <size_t>(after - p)):
                return NO_MEMORY
            p = after
        else:
            length = word_length(p, end)
            if length == 0:
                return BAIL
            if put(out, p, length):
                return NO_MEMORY
            p += length
        # A value has ended.
        while depth:
            p = past_space(p, end)
            if p >= end:
                return BAIL
            byte = p[0]
            p += 1
            if put_byte(out, byte):
                return NO_MEMORY
            if byte == c",":
                if is_object:
                    p = put_raw_key(work, past_space(p, end), end, &status)
                    if p == NULL:
                        return status
                break
            if byte != (c"}" if is_object else c"]"):
                return BAIL
            depth -= 1
            if depth:
                is_object = objects[(depth - 1) >> 6] >> ((depth - 1) & 63) & 1
        else:
            return OK if past_space(p, end) == end else BAIL


cdef inline const u8* put_raw_key(Work* work, const u8* p, const u8* end, int* status) noexcept nogil:
    """Copies a key and its colon."""
    status[0] = BAIL
    if p >= end or p[0] != c'"':
        return NULL
    p = put_raw_string(&work.out, p, end, work.input_end, status)
    if p == NULL:
        return NULL
    p = past_space(p, end)
    if p >= end or p[0] != c":":
        status[0] = BAIL
        return NULL
    if put_byte(&work.out, c":"):
        status[0] = NO_MEMORY
        return NULL
    return p + 1
