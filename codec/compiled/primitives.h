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

#if defined(CODEC_SSE2) && defined(__GNUC__) && defined(__x86_64__)
#include <immintrin.h>
#define CODEC_AVX2 1
#endif

#if defined(__GNUC__) || defined(__clang__)
#define CODEC_LOAD(place) __atomic_load_n((place), __ATOMIC_ACQUIRE)
#define CODEC_STORE(place, value) __atomic_store_n((place), (value), __ATOMIC_RELEASE)
#define CODEC_FIRST_BIT(mask) ((unsigned)__builtin_ctz(mask))
#define CODEC_FIRST_BIT64(mask) __builtin_ctzll(mask)
#define CODEC_COUNT(mask) ((int)__builtin_popcount(mask))
#else
#define CODEC_LOAD(place) (*(volatile int *)(place))
#define CODEC_STORE(place, value) (*(volatile int *)(place) = (value))
static unsigned CODEC_FIRST_BIT(unsigned mask) {
    unsigned bit = 0;
    while (!(mask >> bit & 1)) bit++;
    return bit;
}
static int CODEC_FIRST_BIT64(uint64_t mask) {
    int bit = 0;
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

/* Copies a text, for which there is room; whether it stands in JSON as it is wherever that has no escapes of its own:
 * it has no white space, no control characters, only ASCII, and none of the three characters escaped for HTML. */
static inline int codec_copy_plain(unsigned char *to, const unsigned char *p, size_t length) {
#ifdef CODEC_SSE2
    if (length >= 16) {
        __m128i bad = _mm_setzero_si128();
        for (size_t i = 0;; i += 16) {
            if (length - i < 16) {
                if (length == i) break;
                i = length - 16;
            }
            const __m128i x = _mm_loadu_si128((const __m128i *)(const void *)(p + i));
            _mm_storeu_si128((__m128i *)(void *)(to + i), x);
            bad = _mm_or_si128(bad, _mm_cmplt_epi8(x, _mm_set1_epi8(0x21)));
            bad = _mm_or_si128(bad, _mm_cmpeq_epi8(x, _mm_set1_epi8('&')));
            bad = _mm_or_si128(bad, _mm_cmpeq_epi8(_mm_or_si128(x, _mm_set1_epi8(2)), _mm_set1_epi8('>')));
        }
        return _mm_movemask_epi8(bad) == 0;
    }
#endif
    unsigned bad = 0;
    for (size_t i = 0; i < length; i++) {
        const unsigned char c = p[i];
        to[i] = c;
        bad |= c <= 0x20 || c >= 0x80 || c == '&' || c == '<' || c == '>';
    }
    return !bad;
}

/* The closing quote of a string in text that codec_copy_plain found plain; NULL where there is none. */
static inline const unsigned char *codec_past_plain(const unsigned char *p, const unsigned char *end) {
    for (;;) {
#ifdef CODEC_SSE2
        if (end - p >= 16) {
            const __m128i x = _mm_loadu_si128((const __m128i *)(const void *)p);
            const __m128i found =
                _mm_or_si128(_mm_cmpeq_epi8(x, _mm_set1_epi8('"')), _mm_cmpeq_epi8(x, _mm_set1_epi8('\\')));
            const unsigned mask = (unsigned)_mm_movemask_epi8(found);
            if (mask == 0) {
                p += 16;
                continue;
            }
            p += CODEC_FIRST_BIT(mask);
        }
#endif
        while (p < end && *p != '"' && *p != '\\') p++;
        if (p == end) return NULL;
        if (*p == '"') return p;
        if (end - p < 2) return NULL;
        switch (p[1]) {
        case '"': case '\\': case '/': case 'b': case 'f': case 'n': case 'r': case 't':
            p += 2;
            break;
        case 'u':
            if (end - p < 6) return NULL;
            for (int i = 2; i < 6; i++) {
                const unsigned char c = p[i] | 0x20;
                if (!((p[i] >= '0' && p[i] <= '9') || (c >= 'a' && c <= 'f'))) return NULL;
            }
            p += 6;
            break;
        default:
            return NULL;
        }
    }
}

/* Whether a text that codec_copy_plain found plain is one JSON value, of no numbers, and not nested deeply: these are
 * not looked at here. */
static int codec_plain_json(const unsigned char *p, const unsigned char *end) {
    uint64_t levels = 0; /* one bit each: whether it is an object */
    int depth = 0;
    for (;;) {
        if (p >= end) return 0;
        if (*p == '"') {
            p = codec_past_plain(p + 1, end);
            if (p == NULL) return 0;
            p++;
        } else if (*p == '{' || *p == '[') {
            if (end - p >= 2 && p[1] == *p + 2) {
                p += 2;
            } else {
                if (depth == 64) return 0;
                depth++;
                levels = levels << 1 | (*p == '{');
                p++;
                goto inside;
            }
        } else if (end - p >= 4 && (memcmp(p, "true", 4) == 0 || memcmp(p, "null", 4) == 0)) {
            p += 4;
        } else if (end - p >= 5 && memcmp(p, "false", 5) == 0) {
            p += 5;
        } else {
            return 0;
        }
        for (;;) {
            if (depth == 0) return p == end;
            if (p >= end) return 0;
            const unsigned char c = *p++;
            if (c == ',') break;
            if (c != (levels & 1 ? '}' : ']')) return 0;
            levels >>= 1;
            depth--;
        }
    inside:
        if (levels & 1) {
            if (p >= end || *p != '"') return 0;
            p = codec_past_plain(p + 1, end);
            if (p == NULL || end - p < 2 || p[1] != ':') return 0;
            p += 2;
        }
    }
}

/* Whether this processor has AVX2, for which the function below is. */
static int codec_has_avx2(void) {
#ifdef CODEC_AVX2
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("bmi");
#else
    return 0;
#endif
}

/* Copies a text, for which there is room, and tells whether it is JSON of objects in objects, as FieldsV1 is, which
 * stands in a document as it is. Nothing but keys and braces is known here, and of escapes those of one letter.
 *
 * 64 characters at once: what may follow what is asked of all of them together. */
#ifdef CODEC_AVX2
__attribute__((target("avx2,popcnt,bmi")))
static int codec_copy_fields(unsigned char *to, const unsigned char *p, size_t length) {
    unsigned char rest[64];
    uint64_t inside = 0;                                 /* all ones where the block begins inside a string */
    uint64_t escaped = 0;                                /* 1 where its first character is escaped */
    uint64_t after_close = 0, after_colon = 1, after_open = 0, after_comma = 0, after_end = 0;
    int64_t depth = 0;
    if (length < 2) return 0;
    for (size_t i = 0; i < length; i += 64) {
        const unsigned char *block = p + i;
        uint64_t valid = ~(uint64_t)0;
        if (length - i < 64) {
            memset(rest, 0, sizeof(rest));
            memcpy(rest, block, length - i);
            memcpy(to + i, rest, length - i);
            block = rest;
            valid >>= 64 - (length - i);
        }
        const __m256i x = _mm256_loadu_si256((const __m256i *)(const void *)block);
        const __m256i y = _mm256_loadu_si256((const __m256i *)(const void *)(block + 32));
        if (block != rest) {
            _mm256_storeu_si256((__m256i *)(void *)(to + i), x);
            _mm256_storeu_si256((__m256i *)(void *)(to + i + 32), y);
        }
#define CODEC_BITS(a, b) ((uint32_t)_mm256_movemask_epi8(a) | (uint64_t)(uint32_t)_mm256_movemask_epi8(b) << 32)
#define CODEC_IS(c) CODEC_BITS(_mm256_cmpeq_epi8(x, _mm256_set1_epi8(c)), _mm256_cmpeq_epi8(y, _mm256_set1_epi8(c)))
        const __m256i low = _mm256_set1_epi8(0x21), two = _mm256_set1_epi8(2), greater = _mm256_set1_epi8('>');
        uint64_t bad = CODEC_BITS(_mm256_cmpgt_epi8(low, x), _mm256_cmpgt_epi8(low, y));
        bad |= CODEC_BITS(_mm256_cmpeq_epi8(_mm256_or_si256(x, two), greater),
                          _mm256_cmpeq_epi8(_mm256_or_si256(y, two), greater));
        bad |= CODEC_IS('&');
        if (bad & valid) return 0;
        uint64_t quotes = CODEC_IS('"');
        uint64_t slashes = CODEC_IS('\\') & ~escaped;
        quotes &= ~escaped;
        escaped = 0;
        while (slashes) {
            const int k = CODEC_FIRST_BIT64(slashes);
            if (i + (size_t)k + 1 >= length) return 0;
            switch (p[i + (size_t)k + 1]) {
            case '"': case '\\': case '/': case 'b': case 'f': case 'n': case 'r': case 't': break;
            default: return 0;
            }
            slashes &= slashes - 1;
            if (k == 63) {
                escaped = 1;
            } else {
                slashes &= ~((uint64_t)2 << k);
                quotes &= ~((uint64_t)2 << k);
            }
        }
        /* From an opening quote up to what stands before the closing one. */
        uint64_t string = quotes;
        string ^= string << 1;
        string ^= string << 2;
        string ^= string << 4;
        string ^= string << 8;
        string ^= string << 16;
        string ^= string << 32;
        string ^= inside;
        inside = (uint64_t)0 - (string >> 63);
        const uint64_t begins = quotes & string, closes = quotes & ~string;
        const uint64_t outside = ~string & ~closes & valid;
        const uint64_t opens = CODEC_IS('{') & outside, ends = CODEC_IS('}') & outside;
        const uint64_t colons = CODEC_IS(':') & outside, commas = CODEC_IS(',') & outside;
        if (outside & ~(opens | ends | colons | commas)) return 0;
        const uint64_t close_before = closes << 1 | after_close, colon_before = colons << 1 | after_colon;
        const uint64_t open_before = opens << 1 | after_open, comma_before = commas << 1 | after_comma;
        const uint64_t end_before = ends << 1 | after_end;
        if (((close_before ^ colons) | (colon_before ^ opens) | (comma_before & ~begins) |
             (begins & ~(open_before | comma_before)) | (open_before & ~(begins | ends)) |
             (end_before & ~(commas | ends)) | (commas & ~end_before) | (ends & ~(open_before | end_before))) & valid)
            return 0;
        after_close = closes >> 63;
        after_colon = colons >> 63;
        after_open = opens >> 63;
        after_comma = commas >> 63;
        after_end = ends >> 63;
        const int64_t ended = __builtin_popcountll(ends);
        if (depth <= ended) {
            /* The outermost object may end here, with the text. */
            int64_t seen = 0;
            for (uint64_t bits = ends; bits; bits &= bits - 1) {
                const int k = CODEC_FIRST_BIT64(bits);
                const int64_t left = depth + __builtin_popcountll(opens & (((uint64_t)1 << k) - 1)) - ++seen;
                if (left <= 0 && (left < 0 || i + (size_t)k != length - 1)) return 0;
            }
        }
        depth += __builtin_popcountll(opens) - ended;
    }
#undef CODEC_IS
#undef CODEC_BITS
    return depth == 0 && !inside && p[length - 1] == '}';
}
#else
static int codec_copy_fields(unsigned char *to, const unsigned char *p, size_t length) {
    (void)to, (void)p, (void)length;
    return 0;
}
#endif

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

/* The two base64 digits of every 12 bits, and the bits of every digit at each of the four places of a group, with
 * CODEC_NO_DIGIT for what is none. */
static unsigned char codec_pairs[4096][2];
static uint32_t codec_digits[4][256];
#define CODEC_NO_DIGIT 0x80000000u

static void codec_fill_base64(void) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (unsigned i = 0; i < 4096; i++) {
        codec_pairs[i][0] = (unsigned char)digits[i >> 6];
        codec_pairs[i][1] = (unsigned char)digits[i & 63];
    }
    for (unsigned place = 0; place < 4; place++) {
        for (unsigned c = 0; c < 256; c++) codec_digits[place][c] = CODEC_NO_DIGIT;
        for (unsigned i = 0; i < 64; i++) codec_digits[place][(unsigned char)digits[i]] = i << (18 - 6 * place);
    }
}

/* The bytes of whole groups of four digits; 0 where there is something else among them. */
static inline int codec_from_base64(unsigned char *out, const unsigned char *p, const unsigned char *end) {
    uint32_t bad = 0;
    for (; p < end; p += 4, out += 3) {
        const uint32_t group =
            codec_digits[0][p[0]] | codec_digits[1][p[1]] | codec_digits[2][p[2]] | codec_digits[3][p[3]];
        bad |= group;
        out[0] = (unsigned char)(group >> 16);
        out[1] = (unsigned char)(group >> 8);
        out[2] = (unsigned char)group;
    }
    return !(bad & CODEC_NO_DIGIT);
}

/* base64 with padding; writes 4 bytes for every 3 begun. Returns the place after the last. */
static inline unsigned char *codec_base64(unsigned char *out, const unsigned char *p, size_t length) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t i = 0;
    for (; length - i >= 3; i += 3) {
        const uint32_t group = (uint32_t)p[i] << 16 | (uint32_t)p[i + 1] << 8 | p[i + 2];
        memcpy(out, codec_pairs[group >> 12], 2);
        memcpy(out + 2, codec_pairs[group & 4095], 2);
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
