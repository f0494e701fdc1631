/* What the compiled twin does byte by byte or a block at a time: the few places where C says it better than Cython.
 *
 * Every function takes the bounds of what it may touch; none allocates. */

#ifndef CODEC_PRIMITIVES_H
#define CODEC_PRIMITIVES_H

#include <Python.h>

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__SSE2__) || defined(_M_X64)
#include <emmintrin.h>
#define CODEC_SSE2 1
#endif

#if defined(__GNUC__) || defined(__clang__)
#define CODEC_LOAD(place) __atomic_load_n((place), __ATOMIC_ACQUIRE)
#define CODEC_STORE(place, value) __atomic_store_n((place), (value), __ATOMIC_RELEASE)
#define CODEC_FIRST_BIT(mask) ((unsigned)__builtin_ctz(mask))
#define CODEC_COUNT(mask) ((int)__builtin_popcount(mask))
#else
#define CODEC_LOAD(place) (*(volatile int *)(place))
#define CODEC_STORE(place, value) (*(volatile int *)(place) = (value))
static unsigned CODEC_FIRST_BIT(unsigned mask) {
    unsigned bit = 0;
    while (!(mask >> bit & 1)) bit++;
    return bit;
}
static int CODEC_COUNT(unsigned mask) {
    int count = 0;
    for (; mask; mask &= mask - 1) count++;
    return count;
}
#endif

/* The hash that Python gives to bytes: nobody outside of the process can make keys collide. */
#if PY_VERSION_HEX >= 0x030E0000
#define codec_hash(data, length) Py_HashBuffer((data), (length))
#else
#define codec_hash(data, length) _Py_HashBytes((data), (length))
#endif

/* Bit i is set where byte i cannot stand in a JSON string as it is: control characters, the two that JSON
 * escapes, the three that Go escapes for HTML, and all that is not ASCII, which has to be looked at. */
static inline unsigned codec_special16(const unsigned char *p) {
#ifdef CODEC_SSE2
    const __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
    /* Signed: below 0x20 are the control characters and everything from 0x80 on. */
    __m128i bad = _mm_cmplt_epi8(x, _mm_set1_epi8(0x20));
    bad = _mm_or_si128(bad, _mm_cmpeq_epi8(x, _mm_set1_epi8('"')));
    bad = _mm_or_si128(bad, _mm_cmpeq_epi8(x, _mm_set1_epi8('\\')));
    bad = _mm_or_si128(bad, _mm_cmpeq_epi8(x, _mm_set1_epi8('&')));
    /* '<' and '>' differ in one bit. */
    bad = _mm_or_si128(bad, _mm_cmpeq_epi8(_mm_or_si128(x, _mm_set1_epi8(2)), _mm_set1_epi8('>')));
    return (unsigned)_mm_movemask_epi8(bad);
#else
    unsigned mask = 0;
    for (unsigned i = 0; i < 16; i++) {
        const unsigned char c = p[i];
        mask |= (unsigned)(c < 0x20 || c > 0x7f || c == '"' || c == '\\' || c == '&' || c == '<' || c == '>') << i;
    }
    return mask;
#endif
}

/* Bit i is set where byte i ends the plain part of a string in JSON that is read: a quote, a backslash, a control
 * character, or what is not ASCII. */
static inline unsigned codec_ending16(const unsigned char *p) {
#ifdef CODEC_SSE2
    const __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i bad = _mm_cmplt_epi8(x, _mm_set1_epi8(0x20));
    bad = _mm_or_si128(bad, _mm_cmpeq_epi8(x, _mm_set1_epi8('"')));
    bad = _mm_or_si128(bad, _mm_cmpeq_epi8(x, _mm_set1_epi8('\\')));
    return (unsigned)_mm_movemask_epi8(bad);
#else
    unsigned mask = 0;
    for (unsigned i = 0; i < 16; i++) {
        const unsigned char c = p[i];
        mask |= (unsigned)(c < 0x20 || c > 0x7f || c == '"' || c == '\\') << i;
    }
    return mask;
#endif
}

/* Bit i is set where byte i is a space, a control character, DEL, or not ASCII. */
static inline unsigned codec_spaced16(const unsigned char *p) {
#ifdef CODEC_SSE2
    const __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
    const __m128i bad = _mm_or_si128(_mm_cmplt_epi8(x, _mm_set1_epi8(0x21)), _mm_cmpeq_epi8(x, _mm_set1_epi8(0x7f)));
    return (unsigned)_mm_movemask_epi8(bad);
#else
    unsigned mask = 0;
    for (unsigned i = 0; i < 16; i++) mask |= (unsigned)(p[i] <= 0x20 || p[i] >= 0x7f) << i;
    return mask;
#endif
}

/* What of 16 bytes YAML's rules for strings ask for; `odd` are control characters but the newline, DEL, and what is
 * not ASCII, `any` is all the others together. */
typedef struct {
    unsigned odd, any, space, newline, colon, hash, quote;
} codec_yaml_masks;

static inline void codec_yaml16(const unsigned char *p, codec_yaml_masks *found) {
#ifdef CODEC_SSE2
    const __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
    const __m128i space = _mm_cmpeq_epi8(x, _mm_set1_epi8(' ')), newline = _mm_cmpeq_epi8(x, _mm_set1_epi8('\n'));
    const __m128i colon = _mm_cmpeq_epi8(x, _mm_set1_epi8(':')), hash = _mm_cmpeq_epi8(x, _mm_set1_epi8('#'));
    const __m128i quote = _mm_cmpeq_epi8(x, _mm_set1_epi8('\''));
    const __m128i low = _mm_or_si128(_mm_cmplt_epi8(x, _mm_set1_epi8(0x20)), _mm_cmpeq_epi8(x, _mm_set1_epi8(0x7f)));
    const __m128i any = _mm_or_si128(_mm_or_si128(_mm_or_si128(space, newline), _mm_or_si128(colon, hash)), quote);
    found->odd = (unsigned)_mm_movemask_epi8(_mm_andnot_si128(newline, low));
    found->any = (unsigned)_mm_movemask_epi8(any);
    if (found->any == 0) return;
    found->space = (unsigned)_mm_movemask_epi8(space);
    found->newline = (unsigned)_mm_movemask_epi8(newline);
    found->colon = (unsigned)_mm_movemask_epi8(colon);
    found->hash = (unsigned)_mm_movemask_epi8(hash);
    found->quote = (unsigned)_mm_movemask_epi8(quote);
#else
    found->odd = found->any = found->space = found->newline = found->colon = found->hash = found->quote = 0;
    for (unsigned i = 0; i < 16; i++) {
        const unsigned char c = p[i];
        found->odd |= (unsigned)((c < 0x20 && c != '\n') || c >= 0x7f) << i;
        found->space |= (unsigned)(c == ' ') << i;
        found->newline |= (unsigned)(c == '\n') << i;
        found->colon |= (unsigned)(c == ':') << i;
        found->hash |= (unsigned)(c == '#') << i;
        found->quote |= (unsigned)(c == '\'') << i;
    }
    found->any = found->space | found->newline | found->colon | found->hash | found->quote;
#endif
}

/* Whether a key of which 16 bytes more than its length can be read begins at p. */
static inline int codec_same(const unsigned char *p, const unsigned char *end, const unsigned char *key, int length) {
#ifdef CODEC_SSE2
    if (end - p >= 32 && length <= 32) {
        const __m128i a = _mm_loadu_si128((const __m128i *)(const void *)p);
        const __m128i b = _mm_loadu_si128((const __m128i *)(const void *)key);
        unsigned same = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(a, b));
        if (length <= 16) return (~same & ((1u << length) - 1)) == 0;
        if (same != 0xffff) return 0;
        const __m128i c = _mm_loadu_si128((const __m128i *)(const void *)(p + 16));
        const __m128i d = _mm_loadu_si128((const __m128i *)(const void *)(key + 16));
        same = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(c, d));
        return (~same & ((1u << (length - 16)) - 1)) == 0;
    }
#endif
    return end - p >= length && memcmp(p, key, (size_t)length) == 0;
}

/* Copies a few bytes, most often fewer than 64, faster than a call of memcpy. */
static inline void codec_copy(unsigned char *to, const unsigned char *from, size_t length) {
    if (length > 64) {
        memcpy(to, from, length);
    } else if (length >= 16) {
        /* Blocks from both ends, which may overlap. */
        unsigned char block[4][16];
        memcpy(block[0], from, 16);
        memcpy(block[3], from + length - 16, 16);
        if (length > 32) {
            memcpy(block[1], from + 16, 16);
            memcpy(block[2], from + length - 32, 16);
            memcpy(to + 16, block[1], 16);
            memcpy(to + length - 32, block[2], 16);
        }
        memcpy(to, block[0], 16);
        memcpy(to + length - 16, block[3], 16);
    } else if (length >= 8) {
        uint64_t first, last;
        memcpy(&first, from, 8);
        memcpy(&last, from + length - 8, 8);
        memcpy(to, &first, 8);
        memcpy(to + length - 8, &last, 8);
    } else if (length >= 4) {
        uint32_t first, last;
        memcpy(&first, from, 4);
        memcpy(&last, from + length - 4, 4);
        memcpy(to, &first, 4);
        memcpy(to + length - 4, &last, 4);
    } else {
        while (length--) to[length] = from[length];
    }
}

/* The length of the UTF-8 sequence that begins at p, 0 where none does: what Go and Python both call valid. */
static inline unsigned codec_utf8(const unsigned char *p, const unsigned char *end) {
    const unsigned char c = p[0];
    if (c < 0x80) return 1;
    if (c < 0xc2) return 0;
    if (c < 0xe0) return end - p >= 2 && (p[1] & 0xc0) == 0x80 ? 2 : 0;
    if (c < 0xf0) {
        if (end - p < 3 || (p[1] & 0xc0) != 0x80 || (p[2] & 0xc0) != 0x80) return 0;
        if (c == 0xe0 && p[1] < 0xa0) return 0;
        if (c == 0xed && p[1] > 0x9f) return 0;
        return 3;
    }
    if (c > 0xf4 || end - p < 4) return 0;
    if ((p[1] & 0xc0) != 0x80 || (p[2] & 0xc0) != 0x80 || (p[3] & 0xc0) != 0x80) return 0;
    if (c == 0xf0 && p[1] < 0x90) return 0;
    if (c == 0xf4 && p[1] > 0x8f) return 0;
    return 4;
}

/* base64 with padding; writes 4 bytes for every 3 begun. Returns the place after the last. */
static inline unsigned char *codec_base64(unsigned char *out, const unsigned char *p, size_t length) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t i = 0;
    for (; length - i >= 3; i += 3) {
        const uint32_t group = (uint32_t)p[i] << 16 | (uint32_t)p[i + 1] << 8 | p[i + 2];
        out[0] = (unsigned char)digits[group >> 18];
        out[1] = (unsigned char)digits[group >> 12 & 63];
        out[2] = (unsigned char)digits[group >> 6 & 63];
        out[3] = (unsigned char)digits[group & 63];
        out += 4;
    }
    if (i < length) {
        const uint32_t second = i + 1 < length ? p[i + 1] : 0;
        const uint32_t group = (uint32_t)p[i] << 16 | second << 8;
        out[0] = (unsigned char)digits[group >> 18];
        out[1] = (unsigned char)digits[group >> 12 & 63];
        out[2] = (unsigned char)(i + 1 < length ? digits[group >> 6 & 63] : '=');
        out[3] = '=';
        out += 4;
    }
    return out;
}

#endif
