# A tape → YAML as sigs.k8s.io/yaml prints it. codec.text.yaml_writer says why each rule is; it also writes the strings,
# and puts the keys in order, that are rare.

cdef enum:
    WIDTH = 80
    STEP = 2
    SIMPLE_KEY_LENGTH = 128
    INSERTION_SORTED = 64  # Python's own sort inserts, and asks in the same order, below that many keys

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


cdef int reads_as_string(const u8* p, const u8* end) noexcept nogil:
    """Whether no reader of YAML 1.1 would take a string for something else: 1 or 0, -1 where nobody knows."""
    cdef size_t length = <size_t>(end - p)
    cdef size_t i
    cdef int dots = 0
    cdef int digits = 0
    cdef int minuses = 0
    cdef int others = 0
    if length == 0:
        return 0
    if MEANS_MORE[p[0]] & 8:
        return not is_word(p, length)
    if not MEANS_MORE[p[0]] & 4:
        return 1
    for i in range(length):
        if is_digit(p[i]):
            digits += 1
        elif p[i] == c".":
            dots += 1
        elif p[i] == c"-":
            minuses += 1
        elif not IN_NUMBER[p[i]]:
            # .inf, -.Inf, .nan and their like are no longer than that
            return 1 if length > 5 or is_digit(p[0]) else reads_as_odd_string(p, end)
        else:
            others += 1
    if others == 0 and minuses == 0:
        if dots >= 2:
            return 1  # an address
        if dots == 0 and length <= 18 and (length == 1 or p[0] != c"0"):
            return 0
    if length == 20 and p[4] == c"-" and digits == 14 and p[10] == c"T" and p[19] == c"Z":
        if is_usual_time(p):
            return 0
    if length == 36 and minuses == 4 and p[8] == c"-" and p[13] == c"-" and p[18] == c"-" and p[23] == c"-":
        return 1  # an uid: a number has no sign inside, unless behind an e, and a timestamp's first is at 4
    return reads_as_odd_string(p, end)


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


cdef inline int put_spaces(Out* out, int count) noexcept nogil:
    if not room(out, count):
        return NO_MEMORY
    memset(out.at, c" ", count)
    out.at += count
    return OK


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


cdef int look_at(const u8* p, const u8* end, Look* look) noexcept nogil:
    """BAIL for what is no UTF-8."""
    cdef u8 before = 0
    cdef u8 kind
    cdef unsigned length
    cdef unsigned classes = 0
    look.space_before_newline = False
    look.breaks_at_colon = False
    look.quotes = 0
    while p < end:
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


cdef int put_yaml_string(Out* out, const u8* p, const u8* end, int column, int indent) noexcept nogil:
    """A string as a value, with its newline; see yaml_writer._string."""
    cdef Look look
    cdef int status
    cdef int means
    cdef size_t length = <size_t>(end - p)
    cdef bint fits
    if length == 0:
        return put(out, b'""\n', 3)
    status = look_at(p, end, &look)
    if status:
        return status
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
    if not fits:
        return put_odd_yaml_string(out, p, end, column, indent)
    status = put_single_quoted(out, p, end)
    return status or put_byte(out, c"\n")


cdef int put_yaml_key(Out* out, const u8* p, const u8* end, int* columns) noexcept nogil:
    """A key with its colon, and how many columns it takes; a key that needs more is left to the readable engine."""
    cdef Look look
    cdef int means
    cdef int status
    cdef size_t length = <size_t>(end - p)
    cdef size_t mark = <size_t>(out.at - out.start)
    cdef u8* at
    if length > SIMPLE_KEY_LENGTH:
        return BAIL
    if look_at(p, end, &look):
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


cdef inline bint is_letter(u8 c) noexcept nogil:
    return c"a" <= (c | 0x20) <= c"z"


cdef bint natural_before(const u8* a, size_t a_length, const u8* b, size_t b_length) noexcept nogil:
    """Whether one ASCII key comes before another; see yaml_writer._NaturalKey."""
    cdef size_t shorter = a_length if a_length < b_length else b_length
    cdef size_t place = 0
    cdef size_t before
    cdef u64 start = 0
    cdef u64 left, right
    cdef size_t left_end, right_end
    while place < shorter and a[place] == b[place]:
        place += 1
    if place == shorter:
        return a_length < b_length
    if is_letter(a[place]) or is_letter(b[place]):
        if is_letter(a[place]) and is_letter(b[place]):
            return a[place] < b[place]
        return is_letter(b[place])
    if a[place] == c"0" or b[place] == c"0":
        before = place
        while before > 0 and is_digit(a[before - 1]):
            before -= 1
            if a[before] != c"0":
                start = 1
                break
    left = right = start
    left_end = right_end = place
    while left_end < a_length and is_digit(a[left_end]):
        left = left * 10 + (a[left_end] - c"0")
        left_end += 1
    while right_end < b_length and is_digit(b[right_end]):
        right = right * 10 + (b[right_end] - c"0")
        right_end += 1
    if left != right:
        return <i64>left < <i64>right
    if left_end != right_end:
        return left_end < right_end
    return a[place] < b[place]


cdef inline bint member_before(Member* a, Member* b) noexcept nogil:
    return natural_before(a.key, a.length, b.key, b.length)


cdef void insert_sorted(Member* members, int count) noexcept nogil:
    """As Python sorts few items, so that keys without a clear order come out the same: a run, then insertion."""
    cdef int run = 2
    cdef int i, low, high, middle
    cdef Member pivot
    if count < 2:
        return
    if member_before(&members[1], &members[0]):
        while run < count and member_before(&members[run], &members[run - 1]):
            run += 1
        for i in range(run // 2):
            pivot = members[i]
            members[i] = members[run - 1 - i]
            members[run - 1 - i] = pivot
    else:
        while run < count and not member_before(&members[run], &members[run - 1]):
            run += 1
    while run < count:
        pivot = members[run]
        low = 0
        high = run
        while low < high:
            middle = low + ((high - low) >> 1)
            if member_before(&pivot, &members[middle]):
                high = middle
            else:
                low = middle + 1
        memmove(&members[low + 1], &members[low], (run - low) * sizeof(Member))
        members[low] = pivot
        run += 1


cdef int sort_oddly(Member* members, u32 count) noexcept with gil:
    """The order that the readable engine gives to keys that are many, or not ASCII."""
    cdef Member* copy
    cdef u32 i
    copy = <Member*>malloc(count * sizeof(Member))
    if copy == NULL:
        return NO_MEMORY
    try:
        from codec.text import yaml_writer

        memcpy(copy, members, count * sizeof(Member))
        places = {}
        for i in range(count):
            places[text_of(members[i].key, members[i].key + members[i].length)] = i
        if <u32>len(places) != count:
            return BAIL
        for i, (_, place) in enumerate(yaml_writer._entries(places)):
            members[i] = copy[<u32>place]
        return OK
    except BaseException:
        return BAIL
    finally:
        free(copy)


cdef int sort_naturally(Member* members, u32 count) noexcept nogil:
    cdef u32 i
    cdef size_t k
    cdef bint odd = False
    if count >= INSERTION_SORTED:
        odd = True
    else:
        for i in range(count):
            for k in range(members[i].length):
                odd |= members[i].key[k] >= 0x80
    if odd:
        return sort_oddly(members, count) if count > 1 else OK
    insert_sorted(members, <int>count)
    for i in range(1, count):
        if members[i].length == members[i - 1].length and memcmp(
            members[i].key, members[i - 1].key, members[i].length
        ) == 0:
            return BAIL
    return OK


cdef int put_yaml_value(Out* out, Tape* tape, u32 at, int column, int indent, bint inline) noexcept nogil:
    """What follows a key or the dash of a list. indent: of the container that it stands in."""
    cdef Node* node = &tape.nodes[at]
    cdef u8 kind = node.kind
    cdef int status
    cdef const u8* p
    if kind == c'"':
        status = put_byte(out, c" ")
        return status or put_yaml_string(out, node.start, node.end, column, indent + STEP)
    if kind == c"{" or kind == c"[":
        if node.count == 0:
            return put(out, b" {}\n", 4) if kind == c"{" else put(out, b" []\n", 4)
        status = put_byte(out, c" " if inline else c"\n")
        if status:
            return status
        if kind == c"{":
            return put_yaml_mapping(out, tape, at, indent + STEP, inline)
        return put_yaml_list(out, tape, at, indent + STEP if inline else indent, inline)
    status = put_byte(out, c" ")
    if status:
        return status
    if kind == 0:
        p = node.start
        if p[0] == c"-":
            p += 1
        if node.end - p > 18 or (p != node.start and p[0] == c"0"):
            return put_odd_yaml_number(out, node.start, node.end)
        while p < node.end:
            if not is_digit(p[0]):
                return put_odd_yaml_number(out, node.start, node.end)
            p += 1
    status = put(out, node.start, <size_t>(node.end - node.start))
    return status or put_byte(out, c"\n")


cdef int put_yaml_list(Out* out, Tape* tape, u32 at, int indent, bint inline) noexcept nogil:
    cdef u32 count = tape.nodes[at].count
    cdef u32 place = at + 1
    cdef u32 i
    cdef int status
    for i in range(count):
        if i > 0 or not inline:
            status = put_spaces(out, indent)
            if status:
                return status
        status = put_byte(out, c"-")
        if status == OK:
            status = put_yaml_value(out, tape, place, indent + STEP, indent, True)
        if status:
            return status
        place = tape.nodes[place].following
    return OK


cdef int put_yaml_mapping(Out* out, Tape* tape, u32 at, int indent, bint inline) noexcept nogil:
    cdef u32 count = tape.nodes[at].count
    cdef u32 place = at + 1
    cdef u32 i
    cdef int status = OK
    cdef int columns = 0
    cdef Member[24] few
    cdef Member* members = few
    if count > 24:
        members = <Member*>malloc(count * sizeof(Member))
        if members == NULL:
            return NO_MEMORY
    for i in range(count):
        members[i].key = tape.nodes[place].start
        members[i].length = <size_t>(tape.nodes[place].end - tape.nodes[place].start)
        members[i].at = place + 1
        place = tape.nodes[place + 1].following
    status = sort_naturally(members, count)
    for i in range(count):
        if status == OK and (i > 0 or not inline):
            status = put_spaces(out, indent)
        if status == OK:
            status = put_yaml_key(out, members[i].key, members[i].key + members[i].length, &columns)
        if status == OK:
            status = put_yaml_value(out, tape, members[i].at, indent + columns + 1, indent, False)
        if status:
            break
    if members != few:
        free(members)
    return status


cdef int unescape_tape(Tape* tape) noexcept nogil:
    """Resolves the escapes of every string in its place, which is never too short for it."""
    cdef u32 i
    cdef Node* node
    cdef Out place
    cdef const u8* p
    for i in range(tape.used):
        node = &tape.nodes[i]
        if node.kind != c'"' or not node.flags & ESCAPED:
            continue
        if node.flags & NOT_ASCII and not is_utf8(node.start, node.end):
            return BAIL
        place.start = place.at = <u8*>node.start
        # unescape asks for more room than it needs here: what it writes is never longer than what it has read.
        place.limit = place.at + 3 * <size_t>(node.end - node.start) + 8
        unescape(&place, node.start, node.end)
        node.end = place.at
        node.flags &= ~<u8>ESCAPED
    return OK


cdef int write_yaml(Out* json, Tape* tape, Out* yaml) noexcept nogil:
    """JSON, of which this makes use as a place to write to, as YAML."""
    cdef int status = read_tape(tape, json.start, json.at)
    if status == OK and tape.nodes[0].kind != c"{":
        status = BAIL
    if status == OK:
        status = unescape_tape(tape)
    if status:
        return status
    if not room(yaml, 2 * <size_t>(json.at - json.start)):
        return NO_MEMORY
    if tape.nodes[0].count == 0:
        return put(yaml, b"{}\n", 3)
    return put_yaml_mapping(yaml, tape, 0, 0, True)
