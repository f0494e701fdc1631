/* Where an instance holds an attribute: the offset of a member descriptor, which both msgspec's structs and classes
 * with __slots__ have for each of theirs. And where a str of ASCII alone holds its characters. */

#ifndef CODEC_LAYOUT_H
#define CODEC_LAYOUT_H

#include <Python.h>
#include <stdint.h>
#include <string.h>
#include <structmember.h>

#include "primitives.h"

/* The offset of an attribute that holds a plain object, -1 for anything else. */
static Py_ssize_t codec_offset(PyObject *descriptor) {
    if (!PyObject_TypeCheck(descriptor, &PyMemberDescr_Type)) return -1;
    const PyMemberDef *member = ((PyMemberDescrObject *)descriptor)->d_member;
    return member->type == T_OBJECT_EX && !(member->flags & READONLY) ? member->offset : -1;
}

/* Whether a value is just a str, no subclass, of ASCII alone: its UTF-8 is then what it holds. */
static inline int codec_is_ascii(PyObject *value) {
    return PyUnicode_CheckExact(value) && PyUnicode_IS_COMPACT_ASCII(value);
}

/* The characters of such a str. */
static inline unsigned char *codec_ascii(PyObject *value) {
    return (unsigned char *)((PyASCIIObject *)value + 1);
}

static inline Py_ssize_t codec_ascii_length(PyObject *value) { return ((PyASCIIObject *)value)->length; }

/* Hides a container that holds no cycle from the cyclic garbage collector. */
static inline void codec_untrack(PyObject *value) {
    if (PyType_IS_GC(Py_TYPE(value))) PyObject_GC_UnTrack(value);
}

/* -1 where an exception is set, else 0. */
static inline int codec_raised(void) { return PyErr_Occurred() != NULL ? -1 : 0; }

/* Whether so many bytes are all ASCII. */
static inline int codec_all_ascii(const unsigned char *p, size_t length) {
    uint64_t high = 0, part;
    if (length < 8) {
        while (length--) high |= p[length];
        return high < 0x80;
    }
#ifdef CODEC_SSE2
    if (length >= 64) {
        __m128i any = _mm_setzero_si128();
        for (; length >= 64; p += 64, length -= 64) {
            const __m128i *block = (const __m128i *)(const void *)p;
            any = _mm_or_si128(any, _mm_or_si128(_mm_loadu_si128(block), _mm_loadu_si128(block + 1)));
            any = _mm_or_si128(any, _mm_or_si128(_mm_loadu_si128(block + 2), _mm_loadu_si128(block + 3)));
        }
        if (_mm_movemask_epi8(any)) return 0;
    }
#endif
    for (; length >= 8; p += 8, length -= 8) {
        memcpy(&part, p, 8);
        high |= part;
    }
    if (length) {
        memcpy(&part, p + length - 8, 8); /* some of it once more */
        high |= part;
    }
    return !(high & 0x8080808080808080ULL);
}

/* Whether so many bytes are the same, most often fewer than 40. */
static inline int codec_equal(const unsigned char *a, const unsigned char *b, size_t length) {
    uint64_t x, y;
    if (length >= 8) {
        size_t i = 0;
        for (; i + 8 < length; i += 8) {
            memcpy(&x, a + i, 8);
            memcpy(&y, b + i, 8);
            if (x != y) return 0;
        }
        memcpy(&x, a + length - 8, 8);
        memcpy(&y, b + length - 8, 8);
        return x == y;
    }
    if (length >= 4) {
        uint32_t v, w, first, second;
        memcpy(&v, a, 4);
        memcpy(&w, b, 4);
        memcpy(&first, a + length - 4, 4);
        memcpy(&second, b + length - 4, 4);
        return v == w && first == second;
    }
    while (length--) {
        if (a[length] != b[length]) return 0;
    }
    return 1;
}

#endif
