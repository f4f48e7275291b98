/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/log.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#endif

#if defined(ARENA_ASAN)
#include <sanitizer/asan_interface.h>
/* To gcc poisoning looks like a read of fresh, unset memory. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#define POISON(p, n) __asan_poison_memory_region((p), (n))
#define UNPOISON(p, n) __asan_unpoison_memory_region((p), (n))
#define RED_ZONE ((size_t)16) /* untouchable bytes after each piece */
#else
#define POISON(p, n) ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#define RED_ZONE ((size_t)0)
#endif

#define FIRST_BLOCK ((size_t)64 * 1024)
#define LARGEST_BLOCK ((size_t)1024 * 1024)
#define DEFAULT_LIMIT ((size_t)64 * 1024 * 1024)
#define ALIGNMENT ((size_t)16)

struct block {
    struct block *next;
    size_t room;
    size_t used;
    _Alignas(16) unsigned char data[];
};

struct deferred {
    struct deferred *next;
    void (*fn)(void *);
    void *arg;
};

struct arena {
    struct block *current; /* newest first: the first block is the last of the list */
    struct block *big;     /* pieces that live alone */
    struct deferred *deferred;
    size_t next_size; /* of the next ordinary block, header included */
    size_t used;
    size_t limit;
};

static void out_of_memory(size_t size) __attribute__((noreturn));

static void out_of_memory(size_t size)
{
    log_event(LOG_ERROR, "out_of_memory", "wanted=%zu", size);
    abort();
}

static struct block *block_new(size_t room)
{
    struct block *b = malloc(sizeof *b + room);
    if (!b)
        out_of_memory(room);
    b->next = NULL;
    b->room = room;
    b->used = 0;
    POISON(b->data, room);
    return b;
}

static void block_free(struct block *b)
{
    UNPOISON(b->data, b->room);
    free(b);
}

struct arena *arena_new(size_t soft_limit)
{
    struct arena *a = calloc(1, sizeof *a);
    if (!a)
        out_of_memory(sizeof *a);
    a->limit = soft_limit ? soft_limit : DEFAULT_LIMIT;
    a->next_size = FIRST_BLOCK;
    return a;
}

/* A deferred call may defer another one, so the list is popped, not walked. */
static void run_deferred(struct arena *a)
{
    while (a->deferred) {
        struct deferred *d = a->deferred;
        a->deferred = d->next;
        d->fn(d->arg);
    }
}

/* Frees `b` and those after it, but returns the last block when `keep_last` is set. */
static struct block *free_blocks(struct block *b, bool keep_last)
{
    while (b && (b->next || !keep_last)) {
        struct block *next = b->next;
        block_free(b);
        b = next;
    }
    return b;
}

void arena_reset(struct arena *a)
{
    run_deferred(a);
    a->big = free_blocks(a->big, false);
    a->current = free_blocks(a->current, true);
    if (a->current) {
        a->current->used = 0;
        POISON(a->current->data, a->current->room);
        a->next_size = FIRST_BLOCK * 2;
    }
    a->used = 0;
}

void arena_free(struct arena *a)
{
    if (!a)
        return;
    arena_reset(a);
    free_blocks(a->current, false);
    free(a);
}

/* A block with space for `need` bytes when the current one is full. */
static struct block *more_room(struct arena *a, size_t need)
{
    bool alone = need > a->next_size / 2;
    struct block *b = block_new(alone ? need : a->next_size - sizeof(struct block));
    struct block **list = alone ? &a->big : &a->current;
    b->next = *list;
    *list = b;
    if (!alone && a->next_size < LARGEST_BLOCK)
        a->next_size *= 2;
    return b;
}

void *arena_alloc(struct arena *a, size_t size)
{
    if (size > PTRDIFF_MAX / 2)
        out_of_memory(size);
    size_t need = ((size ? size : 1) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT + RED_ZONE;
    struct block *b = a->current;
    if (!b || b->room - b->used < need)
        b = more_room(a, need);
    unsigned char *p = b->data + b->used;
    b->used += need;
    a->used += need;
    UNPOISON(p, size);
    memset(p, 0, size);
    return p;
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total))
        out_of_memory(SIZE_MAX);
    return arena_alloc(a, total);
}

char *arena_strn(struct arena *a, const char *text, size_t n)
{
    char *copy = arena_alloc(a, n + 1);
    if (n)
        memcpy(copy, text, n);
    return copy;
}

char *arena_str(struct arena *a, const char *text)
{
    return text ? arena_strn(a, text, strlen(text)) : NULL;
}

char *arena_vprintf(struct arena *a, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    if (!format)
        BUG("arena_printf without a format");
    int n = vsnprintf(NULL, 0, format, args);
    size_t size = n > 0 ? (size_t)n : 0;
    char *text = arena_alloc(a, size + 1);
    vsnprintf(text, size + 1, format, again);
    va_end(again);
    return text;
}

char *arena_printf(struct arena *a, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = arena_vprintf(a, format, args);
    va_end(args);
    return text;
}

void arena_defer(struct arena *a, void (*fn)(void *), void *arg)
{
    struct deferred *d = NEW(a, struct deferred);
    d->fn = fn;
    d->arg = arg;
    d->next = a->deferred;
    a->deferred = d;
}

bool arena_over(const struct arena *a)
{
    return a->used > a->limit;
}

size_t arena_used(const struct arena *a)
{
    return a->used;
}
