# FNV-1a, 128 bits, by which Kubernetes orders ports and subsets; codec.endpoints.hashing is the readable one.

cdef enum:
    FNV_SMALL = 0x13B  # the prime is 2**88 + this; hash/fnv prime128
    FNV_SHIFT = 88 - 64

cdef struct Fnv:
    u64 high
    u64 low


cdef void fnv_add(Fnv* state, const u8* p, const u8* end) noexcept nogil:
    """The hash after more bytes."""
    cdef u64 high = state.high
    cdef u64 low = state.low
    cdef u64 carry
    while p < end:
        low ^= p[0]
        # What the low half leaves for the high one: the product of 64 and 9 bits, without a type of 128.
        carry = ((low >> 32) * FNV_SMALL + ((<u64><u32>low * FNV_SMALL) >> 32)) >> 32
        high = high * FNV_SMALL + carry + (low << FNV_SHIFT)
        low *= FNV_SMALL
        p += 1
    state.high = high
    state.low = low


def fnv1a(text):
    """The hash of a text's UTF-8 as a number, or None."""
    cdef Py_ssize_t length = 0
    cdef Fnv state
    cdef const u8* p
    if type(text) is not str:
        return None
    p = <const u8*>RawAsUTF8(<PyObject*>text, &length)
    if p == NULL:
        PyErr_Clear()
        return None
    state.high = <u64>0x6C62272E07BB0142  # hash/fnv offset128
    state.low = <u64>0x62B821756295C58D
    fnv_add(&state, p, p + length)
    return <object>state.high << 64 | state.low
