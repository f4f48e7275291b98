/* SPDX-License-Identifier: Apache-2.0 */
/* Memory of one request, one job or one test. Everything taken from an arena lives until the arena
 * is reset or freed; there is no single free. Allocation never returns NULL: true exhaustion ends
 * the process with a log line. An arena has a soft limit: past it `arena_over` is true, and the
 * database and HTML layers then answer ERR_LIMIT, so one request cannot eat the machine. Under
 * AddressSanitizer what was not handed out is poisoned. Not thread-safe: one owner at a time. */
#pragma once

#include <stdarg.h>

#include "base/types.h"

struct arena;

/* A new arena with a soft limit in bytes (0 = 64 MiB). The caller frees it. */
struct arena *arena_new(size_t soft_limit);
/* Runs the deferred calls (last first), releases all memory and the arena. NULL is allowed. */
void arena_free(struct arena *a);
/* Runs the deferred calls and forgets all memory, but keeps the first block for reuse. */
void arena_reset(struct arena *a);
/* `size` zeroed bytes, aligned for any type. */
void *arena_alloc(struct arena *a, size_t size) __attribute__((malloc));
/* `count` zeroed objects of `size` bytes; overflow of the product ends the process. */
void *arena_array(struct arena *a, size_t count, size_t size) __attribute__((malloc));
/* A copy of `text` (NULL gives NULL). */
char *arena_str(struct arena *a, const char *text);
/* A NUL-terminated copy of the first `n` bytes of `text`. */
char *arena_strn(struct arena *a, const char *text, size_t n);
/* A formatted string. */
char *arena_printf(struct arena *a, const char *format, ...) PRINTF(2, 3);
char *arena_vprintf(struct arena *a, const char *format, va_list args) PRINTF(2, 0);
/* Calls fn(arg) when the arena is reset or freed: for statements, files, foreign objects. */
void arena_defer(struct arena *a, void (*fn)(void *), void *arg);
/* True when more than the soft limit is in use. */
bool arena_over(const struct arena *a);
/* Bytes handed out since the last reset. */
size_t arena_used(const struct arena *a);

#define NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define NEW_ARRAY(a, type, n) ((type *)arena_array((a), (n), sizeof(type)))
