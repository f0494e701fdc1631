# Time, Duration and Quantity as text. What is rare, such as years beyond 9999, is left to the readable engine.

cdef i64 ZERO_SECONDS = -62135596800  # 0001-01-01T00:00:00Z, Go's zero
cdef const char* BINARY_SUFFIXES = b"..KiMiGiTiPiEi"  # two for each thousand
cdef const char* DECIMAL_SUFFIXES = b"num.kMGTPE"  # from 10^-9 on, one for each thousand
cdef i64 YEAR_ZERO = -62167219200  # 0000-01-01T00:00:00Z
cdef u64 MINUTE = 60000000000  # nanoseconds
cdef i64 LAST_SECOND = 253402300799  # 9999-12-31T23:59:59Z


cdef inline void put_pair(u8* at, int number) noexcept nogil:
    at[0] = <u8>(48 + number // 10)
    at[1] = <u8>(48 + number % 10)


cdef int put_instant(Out* out, i64 seconds, i64 micros) noexcept nogil:
    """A quoted time of the years 0 to 9999 in UTC; with six more digits unless micros is negative."""
    cdef i64 days, cycle, day, year, month
    cdef int second, minute
    cdef u8* at
    if seconds < YEAR_ZERO or seconds > LAST_SECOND:
        return BAIL
    days = (seconds - YEAR_ZERO) // 86400  # since 0000-01-01
    second = <int>((seconds - YEAR_ZERO) - days * 86400)
    days += 306 - 366  # since 0000-03-01, so that the leap day ends its year
    cycle = (days + 146097) // 146097 - 1
    day = days - cycle * 146097
    year = (day - day // 1460 + day // 36524 - day // 146096) // 365
    day -= 365 * year + year // 4 - year // 100
    month = (5 * day + 2) // 153
    day -= (153 * month + 2) // 5 - 1
    year += 400 * cycle
    if month < 10:
        month += 3
    else:
        month -= 9
        year += 1
    if not room(out, 32):
        return NO_MEMORY
    at = out.at
    at[0] = c'"'
    put_pair(at + 1, <int>(year // 100))
    put_pair(at + 3, <int>(year % 100))
    at[5] = c"-"
    put_pair(at + 6, <int>month)
    at[8] = c"-"
    put_pair(at + 9, <int>day)
    at[11] = c"T"
    minute = second // 60
    put_pair(at + 12, minute // 60)
    at[14] = c":"
    put_pair(at + 15, minute % 60)
    at[17] = c":"
    put_pair(at + 18, second % 60)
    at += 20
    if micros >= 0:
        at[0] = c"."
        put_pair(at + 1, <int>(micros // 10000))
        put_pair(at + 3, <int>(micros // 100 % 100))
        put_pair(at + 5, <int>(micros % 100))
        at += 7
    at[0] = c"Z"
    at[1] = c'"'
    out.at = at + 2
    return OK


cdef int put_fraction(Out* out, u64 value, int places) noexcept nogil:
    """value * 10^-places without trailing zeros."""
    cdef u64 divisor = 1
    cdef u64 rest
    cdef int i
    cdef int status
    for i in range(places):
        divisor *= 10
    status = put_int(out, <i64>(value // divisor))
    if status:
        return status
    rest = value % divisor
    if rest == 0:
        return OK
    while rest % 10 == 0:
        rest //= 10
        places -= 1
    if not room(out, places + 1):
        return NO_MEMORY
    out.at[0] = c"."
    for i in range(places, 0, -1):
        out.at[i] = <u8>(48 + rest % 10)
        rest //= 10
    out.at += places + 1
    return OK


cdef int put_duration(Out* out, i64 nanoseconds) noexcept nogil:
    """As Go's Duration.String, quoted."""
    cdef u64 rest = <u64>nanoseconds if nanoseconds >= 0 else 0 - <u64>nanoseconds
    cdef u64 minutes
    cdef int status
    if not room(out, 64):
        return NO_MEMORY
    out.at[0] = c'"'
    out.at += 1
    if nanoseconds < 0:
        out.at[0] = c"-"
        out.at += 1
    if rest < 1000000000:
        if rest == 0:
            return put(out, b'0s"', 3)
        if rest < 1000:
            status = put_int(out, <i64>rest)
            return status or put(out, b'ns"', 3)
        if rest < 1000000:
            status = put_fraction(out, rest, 3)
            return status or put(out, b'\xc2\xb5s"', 4)
        status = put_fraction(out, rest, 6)
        return status or put(out, b'ms"', 3)
    minutes = rest // MINUTE
    rest = rest % MINUTE
    status = OK
    if minutes >= 60:
        status = put_int(out, <i64>(minutes // 60))
        if status == OK:
            status = put_byte(out, c"h")
    if minutes and status == OK:
        status = put_int(out, <i64>(minutes % 60))
        if status == OK:
            status = put_byte(out, c"m")
    if status == OK:
        status = put_fraction(out, rest, 9)
    return status or put(out, b's"', 2)


cdef int put_text(Out* out, object text) except -1:
    data = text.encode("ascii")
    return put(out, PyBytes_AS_STRING(data), <size_t>PyBytes_GET_SIZE(data))


cdef int put_odd_quantity(Out* out, const u8* p, const u8* end) noexcept with gil:
    """The canonical form by the readable rules; a text that is no quantity is left to the readable engine."""
    try:
        from codec.types.quantity import canonical

        return put_text(out, canonical(text_of(p, end)))
    except BaseException:
        return BAIL


cdef int put_odd_double(Out* out, double value) noexcept with gil:
    try:
        from codec.text.number import format_float

        return put_text(out, format_float(value))
    except BaseException:
        return BAIL


cdef int put_quantity(Out* out, const u8* p, const u8* end) noexcept nogil:
    """The canonical form of a quantity, without quotes."""
    cdef size_t mark = <size_t>(out.at - out.start)
    cdef int status = put_usual_quantity(out, p, end)
    if status != BAIL:
        return status
    out.at = out.start + mark
    return put_odd_quantity(out, p, end)


cdef int put_usual_quantity(Out* out, const u8* p, const u8* end) noexcept nogil:
    """The canonical form of a quantity without quotes, for numbers of up to 18 digits with a decimal suffix, or whole
    ones of up to about 14 with a binary one. See codec.types.quantity, _interpret; the rest is left to it."""
    cdef const u8* start = p
    cdef bint negative = False
    cdef u64 number = 0
    cdef int digits = 0      # of the number, leading zeros of its whole part left out
    cdef int whole_digits = 0
    cdef int fraction = 0    # of these, behind the point
    cdef u8 first = 0        # of digits
    cdef bint any_digit = False
    cdef int power
    cdef int exponent
    cdef int length
    cdef int thousands = 0
    cdef bint binary = False
    cdef u8 suffix = 0
    cdef int status
    if p == end:
        return put_byte(out, c"0") if p == NULL else BAIL  # an empty text is no quantity, as one that is absent is
    if p[0] == c"-" or p[0] == c"+":
        negative = p[0] == c"-"
        p += 1
    while p < end and p[0] == c"0":
        any_digit = True
        p += 1
    while p < end and c"0" <= p[0] <= c"9":
        if digits == 18:
            return BAIL
        if digits == 0:
            first = p[0]
        number = number * 10 + (p[0] - c"0")
        digits += 1
        any_digit = True
        p += 1
    whole_digits = digits
    if whole_digits == 0:
        whole_digits = digits = 1  # it counts as "0"
        first = c"0"
    if p < end and p[0] == c".":
        p += 1
        while p < end and c"0" <= p[0] <= c"9":
            if digits == 18:
                return BAIL
            number = number * 10 + (p[0] - c"0")
            digits += 1
            fraction += 1
            any_digit = True
            p += 1
    if not any_digit:
        return BAIL
    length = <int>(end - p)
    if length == 0:
        power = 0
    else:
        suffix = p[0]
        if length == 2 and p[1] == c"i":
            binary = True
            if suffix == c"K":
                power = 10
            elif suffix == c"M":
                power = 20
            elif suffix == c"G":
                power = 30
            elif suffix == c"T":
                power = 40
            else:
                return BAIL
        elif length == 1:
            if suffix == c"m":
                power = -3
            elif suffix == c"k":
                power = 3
            elif suffix == c"M":
                power = 6
            elif suffix == c"G":
                power = 9
            elif suffix == c"u":
                power = -6
            elif suffix == c"n":
                power = -9
            elif suffix == c"T":
                power = 12
            elif suffix == c"P":
                power = 15
            elif suffix == c"E":
                power = 18
            else:
                return BAIL
        else:
            return BAIL
    if binary:
        if fraction or 14 - whole_digits - power * 3 // 10 < 0:
            return BAIL
        if number & 7:
            return put(out, start, <size_t>(end - start))
        number <<= power
        if number == 0:
            return put_byte(out, c"0")
        if negative:
            status = put_byte(out, c"-")
            if status:
                return status
        if number < 1024:
            return put_int(out, <i64>number)
        while number & 1023 == 0:
            number >>= 10
            thousands += 1
        status = put_int(out, <i64>number)
        if status or thousands == 0:
            return status
        return put(out, BINARY_SUFFIXES + 2 * thousands, 2)
    exponent = power - fraction
    if exponent < -9:
        return BAIL
    if exponent % 3 == 0 and first != c"0" and (number % 1000 != 0 or digits < 3):
        return put(out, start, <size_t>(end - start))
    if number == 0:
        return put_byte(out, c"0")
    while number % 10 == 0:
        number //= 10
        exponent += 1
    if negative:
        status = put_byte(out, c"-")
        if status:
            return status
    length = ((exponent % 3) + 3) % 3
    exponent -= length
    status = put_int(out, <i64>number)
    if status:
        return status
    if length:
        status = put(out, b"00", length)
        if status:
            return status
    if exponent == 0:
        return OK
    if exponent < -9 or exponent > 18:
        return BAIL
    return put_byte(out, DECIMAL_SUFFIXES[exponent // 3 + 3])


cdef int put_double(Out* out, u64 bits) noexcept nogil:
    """A float64 as Go's encoding/json prints it."""
    cdef double value
    memcpy(&value, &bits, 8)
    if not -1e15 < value < 1e15 or value != <double><i64>value:
        return put_odd_double(out, value)
    if value == 0 and bits != 0:
        return put(out, b"-0", 2)
    return put_int(out, <i64>value)
