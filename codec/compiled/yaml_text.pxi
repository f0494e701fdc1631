# Strings, keys and numbers as sigs.k8s.io/yaml prints them. codec.text.yaml_writer says why each rule is; it also
# writes what is rare.

cdef enum:
    WIDTH = 80
    STEP = 2
    SIMPLE_KEY_LENGTH = 128
    MAX_PADDING = 1 << 25  # spaces of indentation; where there are more, the readable engine says whether too many
    DEEP = 64  # columns of indentation, from which on those of a string's own lines are counted

cdef u8[256] YAML_CLASS
cdef enum:
    Y_SPACE = 1
    Y_NEWLINE = 2
    Y_SPECIAL = 4    # written by an escape only
    Y_HIGH = 8       # not ASCII
    Y_COLON = 16
    Y_HASH = 32
    Y_QUOTE = 64     # '
cdef u8[256] MEANS_MORE  # at the start of a string: 1 an indicator, 2 one before a space, 4 of a number, 8 of a word
cdef u8[256] IN_NUMBER  # can stand in something that is a number, a number to the base of sixty, or a timestamp


cdef void fill_yaml() noexcept:
    cdef int i
    for i in range(256):
        YAML_CLASS[i] = Y_HIGH if i >= 0x80 else Y_SPECIAL if i < 0x20 or i == 0x7F else 0
    YAML_CLASS[c" "] = Y_SPACE
    YAML_CLASS[c"\n"] = Y_NEWLINE
    YAML_CLASS[c":"] = Y_COLON
    YAML_CLASS[c"#"] = Y_HASH
    YAML_CLASS[c"'"] = Y_QUOTE
    for byte in b"#,[]{}&*!|>'\"%@`":
        MEANS_MORE[<int>byte] = 1
    for byte in b"?:":
        MEANS_MORE[<int>byte] = 2
    for byte in b"+0123456789.":
        MEANS_MORE[<int>byte] = 4
    MEANS_MORE[c"-"] = 2 | 4
    for byte in b"yYnNtTfFoO~":
        MEANS_MORE[<int>byte] = 8
    for byte in b"0123456789abcdefABCDEF_+-.xXoO:TtZ ,":
        IN_NUMBER[<int>byte] = 1

fill_yaml()


cdef int append(Out* out, object text) except -1:
    data = text.encode("utf-8", "surrogatepass")
    return put(out, PyBytes_AS_STRING(data), <size_t>PyBytes_GET_SIZE(data))


cdef int put_odd_yaml_string(Out* out, const u8* p, const u8* end, int column, int indent) noexcept with gil:
    try:
        from codec.text import yaml_writer

        return append(out, yaml_writer._string(text_of(p, end), column, indent))
    except BaseException:
        return BAIL


cdef int put_odd_yaml_number(Out* out, const u8* p, const u8* end) noexcept with gil:
    try:
        from codec.text import yaml_writer

        return append(out, str(yaml_writer._number(text_of(p, end))))
    except BaseException:
        return BAIL


cdef int reads_as_odd_string(const u8* p, const u8* end) noexcept with gil:
    """1 or 0; -1 where nobody knows."""
    try:
        from codec.text import yaml_scalar

        return 1 if yaml_scalar.reads_as_string(text_of(p, end)) else 0
    except BaseException:
        return -1


cdef int is_word(const u8* p, size_t length) noexcept nogil:
    """Whether a short string stands for a bool, null or a special float: y, yes, true, on, ~ and their like."""
    cdef u8[5] lower
    cdef size_t i
    if length > 5:
        return 0
    for i in range(length):
        lower[i] = p[i] | 0x20
    if length == 1:
        return p[0] == c"~" or lower[0] == c"y" or lower[0] == c"n"
    # Only yes, Yes and YES, not yEs: the first may be upper alone, or all of them.
    for i in range(1, length):
        if (p[i] & 0x20) != (p[1] & 0x20):
            return 0
    if not (p[1] & 0x20) and (p[0] & 0x20):
        return 0
    if length == 2:
        return memcmp(lower, b"no", 2) == 0 or memcmp(lower, b"on", 2) == 0
    if length == 3:
        return memcmp(lower, b"yes", 3) == 0 or memcmp(lower, b"off", 3) == 0
    if length == 4:
        return memcmp(lower, b"true", 4) == 0 or memcmp(lower, b"null", 4) == 0
    return memcmp(lower, b"false", 5) == 0


cdef inline bint all_digits(const u8* p, const u8* end) noexcept nogil:
    """Whether there are digits and nothing else."""
    if p >= end:
        return False
    while p < end:
        if not is_digit(p[0]):
            return False
        p += 1
    return True


cdef int reads_as_number(const u8* p, const u8* end) noexcept nogil:
    """Whether a text that begins with a digit or a sign is a number: 1 or 0, -1 where nobody here knows."""
    cdef const u8* mark
    cdef const u8* point
    cdef bint digits = True
    if p[0] == c"+" or p[0] == c"-":
        p += 1
    if end - p > 200:
        return -1  # it may overflow
    if all_digits(p, end):
        return 1
    if end - p >= 2 and p[0] == c"0" and ((p[1] | 0x20) == c"x" or (p[1] | 0x20) == c"o" or (p[1] | 0x20) == c"b"):
        return -1
    mark = p
    while mark < end and (mark[0] | 0x20) != c"e":
        mark += 1
    point = p
    while point < mark and point[0] != c".":
        point += 1
    if point > p:
        digits = all_digits(p, point)
    if digits and mark - point > 1:
        digits = all_digits(point + 1, mark)
    if not digits or mark == p or (mark - p == 1 and point == p):
        return 0
    if mark == end:
        return 1
    p = mark + 1
    if p < end and (p[0] == c"+" or p[0] == c"-"):
        p += 1
    if not all_digits(p, end):
        return 0
    return 1 if end - p <= 2 else -1


cdef int reads_as_string(const u8* p, const u8* end) noexcept nogil:
    """Whether no reader of YAML 1.1 would take a string for something else: 1 or 0, -1 where nobody knows.

    See codec.text.yaml_scalar, reads_as_string."""
    cdef size_t length = <size_t>(end - p)
    cdef size_t i
    cdef int dots = 0
    cdef int minuses = 0
    cdef bint odd = False
    cdef int number
    cdef u8 last
    if length == 0:
        return 0
    if MEANS_MORE[p[0]] & 8:
        return not is_word(p, length)
    if not MEANS_MORE[p[0]] & 4:
        return 1
    for i in range(length):
        if not IN_NUMBER[p[i]]:
            # .inf, -.Inf, .nan and their like are no longer than that
            return 1 if length > 5 or is_digit(p[0]) else reads_as_odd_string(p, end)
        if p[i] == c".":
            dots += 1
        elif p[i] == c"-":
            minuses += 1
        elif p[i] == c"_" or p[i] == c":":
            odd = True
    if length >= 5 and p[4] == c"-" and all_digits(p, p + 4):
        if length == 20 and p[19] == c"Z" and is_usual_time(p):
            return 0
        last = p[length - 1]
        if dots > 1 or minuses > 3 or not (is_hex(last) or last == c"_" or last == c"." or last == c"Z"):
            return 1
        return reads_as_odd_string(p, end)
    last = p[length - 1]
    if dots > 1 or minuses > 3 or not (is_hex(last) or last == c"_" or last == c"." or last == c"Z"):
        return 1  # an address, an uid, 100m
    if p[0] == c"." and length == 1:
        return 1
    if odd or p[0] == c"." or (length > 1 and p[1] == c"." and not is_digit(p[0])):
        return reads_as_odd_string(p, end)
    number = reads_as_number(p, end)
    return 1 - number if number >= 0 else reads_as_odd_string(p, end)


cdef inline bint is_usual_time(const u8* p) noexcept nogil:
    cdef i64 seconds = 0
    cdef i64 nanos = 0
    return parse_time(p, p + 20, False, &seconds, &nanos) == OK


cdef inline bint is_plain(const u8* p, const u8* end, bint breaks_at_colon) noexcept nogil:
    """Whether a string of one line, not empty and without special characters, needs no quotes for its form.

    breaks_at_colon: `: ` or ` #` stands in it."""
    if p[0] == c" " or MEANS_MORE[p[0]] & 1:
        return False
    if MEANS_MORE[p[0]] & 2 and (end - p == 1 or p[1] == c" "):
        return False
    if (end - 1)[0] == c" " or (end - 1)[0] == c":" or breaks_at_colon:
        return False
    return not (end - p >= 3 and (memcmp(p, b"---", 3) == 0 or memcmp(p, b"...", 3) == 0))


cdef inline const u8* find_space(const u8* p, const u8* end) noexcept nogil:
    """The first space from p on, NULL where there is none."""
    return <const u8*>memchr(p, c" ", <size_t>(end - p)) if p < end else NULL


cdef inline int put_spaces(Out* out, int count) noexcept nogil:
    """With room for 16 characters more."""
    if not room(out, <size_t>count + 16):
        return NO_MEMORY
    memset(out.at, c" ", 16)
    if count > 16:
        memset(out.at + 16, c" ", count - 16)
    out.at += count
    return OK


cdef inline int begin_line(Work* work, int indent) noexcept nogil:
    work.padding += indent
    return put_spaces(&work.out, indent) if work.padding <= MAX_PADDING else BAIL


cdef int put_folded(Out* out, const u8* p, const u8* end, int column, int pad, int quotes) noexcept nogil:
    """ASCII text with line breaks for some of its spaces; see yaml_writer._folded."""
    cdef const u8* last = end - 1 - quotes
    cdef const u8* start = p
    cdef int first = WIDTH + 1 - column
    cdef const u8* place
    cdef int status
    if first < 1 + quotes:
        first = 1 + quotes
    place = find_space(p + first, end) if end - p > first else NULL
    while place != NULL and place < last:
        if (place - 1)[0] == c" " or (place + 1)[0] == c" ":
            place = find_space(place + 1, end)
            continue
        status = put(out, start, <size_t>(place - start))
        if status == OK:
            status = put_byte(out, c"\n")
        if status == OK:
            status = put_spaces(out, pad)
        if status:
            return status
        start = place + 1
        first = WIDTH + 1 - pad
        if first < 0:
            first = 0
        place = find_space(start + first, end) if end - start > first else NULL
    return put(out, start, <size_t>(end - start))


cdef int put_literal(Out* out, const u8* p, const u8* end, int indent) noexcept nogil:
    """A block scalar."""
    cdef bint ends_line = (end - 1)[0] == c"\n"
    cdef const u8* line_end
    cdef size_t length
    cdef int status = put_byte(out, c"|")
    if status == OK and (p[0] == c"\n" or p[0] == c" "):
        status = put_byte(out, c"2")
    if status == OK:
        if not ends_line:
            status = put_byte(out, c"-")
        elif end - p == 1 or (end - 2)[0] == c"\n":
            status = put_byte(out, c"+")
    if status == OK:
        status = put_byte(out, c"\n")
    while p < end and status == OK:
        line_end = <const u8*>memchr(p, c"\n", <size_t>(end - p))
        length = <size_t>((line_end if line_end != NULL else end) - p)
        if not room(out, length + indent + 1):
            return NO_MEMORY
        if length:
            memset(out.at, c" ", indent)
            memcpy(out.at + indent, p, length)
            out.at += indent + length
        out.at[0] = c"\n"
        out.at += 1
        if line_end == NULL:
            break
        p = line_end + 1
    return status


cdef inline int unprintable(const u8* p, unsigned length) noexcept nogil:
    """Of a character that is not ASCII: 0 for a printable one, 1 for one to be escaped, 2 for a line break."""
    cdef int code
    if length == 4:
        return 1
    if length == 2:
        return p[0] == 0xC2 and p[1] < 0xA0
    code = (p[0] & 15) << 12 | (p[1] & 63) << 6 | (p[2] & 63)
    if code == 0x2028 or code == 0x2029:
        return 2
    return code == 0xFEFF or code >= 0xFFFE


cdef struct Look:
    # What a string has in it.
    unsigned classes
    bint space_before_newline
    bint breaks_at_colon
    int quotes


cdef int look_at(const u8* p, const u8* end, const u8* limit, Look* look) noexcept nogil:
    """BAIL for what is no UTF-8. limit: up to there whole blocks may be read."""
    cdef YamlMasks masks
    cdef const u8* stop
    cdef u8 before = 0
    cdef u8 kind
    cdef unsigned length
    cdef unsigned seen
    cdef unsigned classes = 0
    look.space_before_newline = False
    look.breaks_at_colon = False
    look.quotes = 0
    while p < end:
        stop = end
        if limit - p >= 16:
            if end - p > 16:
                stop = p + 16
            codec_yaml16(p, &masks)
            seen = (1u << (stop - p)) - 1
            if not masks.odd & seen:
                if masks.any & seen:
                    if masks.newline & seen:
                        classes |= Y_NEWLINE
                        if (masks.space << 1 | (before == c" ")) & masks.newline & seen:
                            look.space_before_newline = True
                    if masks.space & seen:
                        classes |= Y_SPACE
                        if (masks.colon << 1 | (before == c":")) & masks.space & seen:
                            look.breaks_at_colon = True
                    if masks.colon & seen:
                        classes |= Y_COLON
                    if masks.hash & seen:
                        classes |= Y_HASH
                        if (masks.space << 1 | (before == c" ")) & masks.hash & seen:
                            look.breaks_at_colon = True
                    if masks.quote & seen:
                        classes |= Y_QUOTE
                        look.quotes += CODEC_COUNT(masks.quote & seen)
                p = stop
                before = (p - 1)[0]
                continue
        while p < stop:
            kind = YAML_CLASS[p[0]]
            if kind:
                classes |= kind
                if kind == Y_SPACE:
                    if before == c":":
                        look.breaks_at_colon = True
                elif kind == Y_HASH:
                    if before == c" ":
                        look.breaks_at_colon = True
                elif kind == Y_NEWLINE:
                    if before == c" ":
                        look.space_before_newline = True
                elif kind == Y_QUOTE:
                    look.quotes += 1
                elif kind == Y_HIGH:
                    length = codec_utf8(p, end)
                    if length == 0:
                        return BAIL
                    if unprintable(p, length):
                        classes |= Y_SPECIAL
                    p += length
                    before = 0x80
                    continue
            before = p[0]
            p += 1
    look.classes = classes
    return OK


cdef int put_single_quoted(Out* out, const u8* p, const u8* end) noexcept nogil:
    if not room(out, 2 * <size_t>(end - p) + 2):
        return NO_MEMORY
    out.at[0] = c"'"
    out.at += 1
    while p < end:
        if p[0] == c"'":
            out.at[0] = c"'"
            out.at += 1
        out.at[0] = p[0]
        out.at += 1
        p += 1
    out.at[0] = c"'"
    out.at += 1
    return OK


cdef inline bint is_usual_string(const u8* p, size_t length, const u8* limit) noexcept nogil:
    """Whether a string stands without quotes, and on one line, for sure: it has no spaces or what is special, and
    neither its first character nor its last tells of something else."""
    cdef unsigned mask
    cdef u8 means = MEANS_MORE[p[0]]
    cdef const u8* end = p + length
    if means:
        if means == 8 and length > 5:
            pass
        elif not means & 4 or p[0] == c"." or p[0] == c"-" or reads_as_string(p, end) != 1:
            return False
    if (end - 1)[0] == c":":
        return False
    while limit - p >= 16:
        mask = codec_spaced16(p)
        if end - p <= 16:
            return mask == 0 or CODEC_FIRST_BIT(mask) >= end - p
        if mask:
            return False
        p += 16
    while p < end:
        if YAML_CLASS[p[0]] & (Y_SPACE | Y_NEWLINE | Y_SPECIAL | Y_HIGH):
            return False
        p += 1
    return True


cdef inline void put_block(u8* at, const u8* p, size_t length, const u8* limit) noexcept nogil:
    """Copies a few bytes, for which there is room and 16 more."""
    if length <= 16 and limit - p >= 16:
        memcpy(at, p, 16)
    elif length <= 32 and limit - p >= 32:
        memcpy(at, p, 32)
    else:
        memcpy(at, p, length)


cdef int put_yaml_string(
    Work* work, const u8* p, const u8* end, const u8* limit, int column, int indent
) noexcept nogil:
    """A space, a string as a value, and the newline. limit: up to there whole blocks may be read."""
    cdef Out* out = &work.out
    cdef size_t length = <size_t>(end - p)
    if length == 0:
        return put(out, b' ""\n', 4)
    if not room(out, length + 40):
        return NO_MEMORY
    out.at[0] = c" "
    out.at += 1
    if is_usual_string(p, length, limit):
        put_block(out.at, p, length, limit)
        out.at[length] = c"\n"
        out.at += length + 1
        return OK
    return put_any_yaml_string(work, p, end, limit, column, indent)


cdef int put_any_yaml_string(
    Work* work, const u8* p, const u8* end, const u8* limit, int column, int indent
) noexcept nogil:
    """A string that is not empty, with its newline; see yaml_writer._string."""
    cdef Out* out = &work.out
    cdef Look look
    cdef int status
    cdef int means
    cdef size_t length = <size_t>(end - p)
    cdef bint fits
    status = look_at(p, end, limit, &look)
    if status:
        return status
    if indent > DEEP:
        work.padding += indent * length
        if work.padding > MAX_PADDING:
            return BAIL
    if look.classes & Y_SPECIAL:
        return put_odd_yaml_string(out, p, end, column, indent)
    if look.classes & Y_NEWLINE:
        if (end - 1)[0] == c" " or look.space_before_newline:
            return put_odd_yaml_string(out, p, end, column, indent)
        return put_literal(out, p, end, indent)
    fits = <size_t>column + length + look.quotes + 2 <= WIDTH or not look.classes & Y_SPACE
    if not fits and look.classes & Y_HIGH:
        return put_odd_yaml_string(out, p, end, column, indent)
    means = reads_as_string(p, end)
    if means < 0:
        return BAIL
    if means == 0:
        if not fits or (look.classes & ~(Y_SPACE | Y_COLON)):
            return put_odd_yaml_string(out, p, end, column, indent)
        status = put_byte(out, c'"')
        if status == OK:
            status = put(out, p, length)
        return status or put(out, b'"\n', 2)
    if is_plain(p, end, look.breaks_at_colon):
        status = put(out, p, length) if fits else put_folded(out, p, end, column, indent, 0)
        return status or put_byte(out, c"\n")
    if fits:
        status = put_single_quoted(out, p, end)
    else:
        work.scratch.at = work.scratch.start
        status = put_single_quoted(&work.scratch, p, end)
        if status == OK:
            status = put_folded(out, work.scratch.start, work.scratch.at, column, indent, 1)
    return status or put_byte(out, c"\n")


cdef int put_yaml_key(Out* out, const u8* p, const u8* end, const u8* limit, int* columns) noexcept nogil:
    """A key with its colon, and how many columns it takes; a key that needs more is left to the readable engine."""
    cdef Look look
    cdef int means
    cdef int status
    cdef size_t length = <size_t>(end - p)
    cdef size_t mark = <size_t>(out.at - out.start)
    cdef u8* at
    if length > SIMPLE_KEY_LENGTH:
        return BAIL
    if not room(out, length + 40):
        return NO_MEMORY
    if length and is_usual_string(p, length, limit):
        put_block(out.at, p, length, limit)
        out.at[length] = c":"
        out.at += length + 1
        columns[0] = <int>length + 1
        return OK
    if look_at(p, end, limit, &look):
        return BAIL
    if look.classes & (Y_SPECIAL | Y_NEWLINE):
        return BAIL
    means = reads_as_string(p, end)
    if means < 0:
        return BAIL
    if means == 0:
        if look.classes & ~(Y_SPACE | Y_COLON):
            return BAIL
        status = put_byte(out, c'"')
        if status == OK:
            status = put(out, p, length)
        if status == OK:
            status = put(out, b'":', 2)
    else:
        if is_plain(p, end, look.breaks_at_colon):
            status = put(out, p, length)
        else:
            status = put_single_quoted(out, p, end)
        if status == OK:
            status = put_byte(out, c":")
    if status:
        return status
    columns[0] = <int>(out.at - out.start - mark)
    if look.classes & Y_HIGH:
        at = out.start + mark
        while at < out.at:
            columns[0] -= at[0] & 0xC0 == 0x80
            at += 1
    return OK


cdef int put_yaml_number(Out* out, const u8* p, const u8* end) noexcept nogil:
    """A JSON number, without its newline, unless the readable rules write it."""
    cdef const u8* at = p
    if at[0] == c"-":
        at += 1
    if end - at > 18 or (at != p and at[0] == c"0"):
        return put_odd_yaml_number(out, p, end)
    while at < end:
        if not is_digit(at[0]):
            return put_odd_yaml_number(out, p, end)
        at += 1
    if not room(out, 32):
        return NO_MEMORY
    memcpy(out.at, p, <size_t>(end - p))
    out.at += end - p
    out.at[0] = c"\n"
    out.at += 1
    return OK
