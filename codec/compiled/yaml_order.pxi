# The order of keys in YAML: goyaml.v2's, where digits count as numbers. What is rare is left to codec.text.yaml_writer.

cdef enum:
    INSERTION_SORTED = 64  # Python's own sort inserts, and asks in the same order, below that many keys


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


cdef inline int in_order(const u8* a, const u8* a_end, const u8* b, const u8* b_end) noexcept nogil:
    """Whether two ASCII keys stand in order for sure, by their bytes as by their nature: 0 where that is to be asked."""
    cdef size_t shorter = <size_t>(a_end - a) if a_end - a < b_end - b else <size_t>(b_end - b)
    cdef size_t place = 0
    while place < shorter and a[place] == b[place]:
        place += 1
    if place == shorter:
        return a_end - a < b_end - b
    if a[place] >= b[place]:
        return 0
    if is_letter(b[place]):
        return 1
    return not is_letter(a[place]) and natural_before(a, <size_t>(a_end - a), b, <size_t>(b_end - b))
