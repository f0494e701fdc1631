/* What an instrumented build of the twin is linked with: allocations that are counted and fail where they are told to,
 * and a map of the branches that were taken. tests/compiled/instrumented.py builds it and calls these by name.
 *
 * The linker's --wrap turns the twin's own calls of malloc to those here; Python's are left alone. */

#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *place, size_t size);
void __real_free(void *place);

static long asked;      /* allocations since the last reset */
static long fail_from;  /* the first of these to fail, 0 for none */
static long fail_count; /* how many fail from there on */
static long live;       /* places that were allocated and not freed, ever */
static long held;       /* bytes in them */
static long most;       /* bytes in them at the worst since the last reset */

static int fails(void) {
    const long number = __atomic_add_fetch(&asked, 1, __ATOMIC_RELAXED);
    return fail_from && number >= fail_from && number < fail_from + fail_count;
}

static void count(void *place, long sign) {
    if (place == NULL) return;
    __atomic_add_fetch(&live, sign, __ATOMIC_RELAXED);
    const long now = __atomic_add_fetch(&held, sign * (long)malloc_usable_size(place), __ATOMIC_RELAXED);
    if (now > most) most = now;
}

void *__wrap_malloc(size_t size) {
    if (fails()) return NULL;
    void *place = __real_malloc(size);
    count(place, 1);
    return place;
}

void *__wrap_calloc(size_t number, size_t size) {
    if (fails()) return NULL;
    void *place = __real_calloc(number, size);
    count(place, 1);
    return place;
}

void *__wrap_realloc(void *place, size_t size) {
    if (fails()) return NULL;
    count(place, -1);
    void *grown = __real_realloc(place, size);
    count(grown == NULL ? place : grown, 1);
    return grown;
}

void __wrap_free(void *place) {
    count(place, -1);
    __real_free(place);
}

/* From now on allocation number `from`, counted from 1, fails, and as many as `number` from there on; 0 for none. */
void codec_hooks_reset(long from, long number) {
    fail_from = from;
    fail_count = number;
    asked = 0;
    most = held;
}

long codec_hooks_asked(void) { return asked; }
long codec_hooks_live(void) { return live; }
long codec_hooks_held(void) { return held; }
long codec_hooks_most(void) { return most; }

/* Branches: pairs of places that follow each other, as -fsanitize-coverage=trace-pc tells them. */

#define PLACES (1 << 16)

static unsigned char taken[PLACES]; /* how often, in this case */
static unsigned char known[PLACES]; /* bit n: between 2^n and 2^(n+1) times, in some case before */
static __thread uintptr_t last;

void __sanitizer_cov_trace_pc(void) {
    const uintptr_t place = (uintptr_t)__builtin_return_address(0);
    unsigned char *counter = &taken[(place ^ last) & (PLACES - 1)];
    if (*counter != 255) ++*counter;
    last = place >> 1;
}

/* How many branches of the case that ended, or their order of magnitude, no case took before; a new case begins. */
long codec_hooks_news(void) {
    long found = 0;
    for (size_t i = 0; i < PLACES; i += sizeof(uint64_t)) {
        uint64_t any;
        memcpy(&any, taken + i, sizeof any);
        if (!any) continue;
        for (size_t k = i; k < i + sizeof any; k++) {
            if (!taken[k]) continue;
            const unsigned char bit = (unsigned char)(1u << (31 - __builtin_clz(taken[k])));
            if (!(known[k] & bit)) {
                known[k] |= bit;
                found++;
            }
        }
    }
    memset(taken, 0, sizeof taken);
    last = 0;
    return found;
}

long codec_hooks_branches(void) {
    long found = 0;
    for (size_t i = 0; i < PLACES; i++) found += known[i] != 0;
    return found;
}
