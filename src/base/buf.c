/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"

void buf_init(struct buf *b, struct arena *a, size_t room)
{
    if (room < 64)
        room = 64;
    b->arena = a;
    b->size = 0;
    b->room = room;
    b->data = arena_alloc(a, room);
}

/* The bytes after `size` are zero (the arena hands out zeroes and nothing shrinks a buffer), so
 * the closing NUL needs no writing. */
char *buf_room(struct buf *b, size_t size)
{
    size_t need;
    if (__builtin_add_overflow(b->size, size, &need) || need > PTRDIFF_MAX / 4)
        BUG("a buffer of %zu bytes cannot take %zu more", b->size, size);
    if (need >= b->room) {
        size_t room = b->room * 2;
        if (room <= need)
            room = need + 1;
        char *data = arena_alloc(b->arena, room);
        memcpy(data, b->data, b->size);
        b->data = data;
        b->room = room;
    }
    return b->data + b->size;
}

void buf_add(struct buf *b, const void *data, size_t size)
{
    if (size == 0)
        return;
    memcpy(buf_room(b, size), data, size);
    b->size += size;
}

void buf_str(struct buf *b, const char *text)
{
    if (text)
        buf_add(b, text, strlen(text));
}

void buf_char(struct buf *b, char c)
{
    *buf_room(b, 1) = c;
    b->size++;
}

void buf_printf(struct buf *b, const char *format, ...)
{
    va_list args;
    va_list again;
    va_start(args, format);
    va_copy(again, args);
    size_t room = b->room - b->size;
    int n = vsnprintf(b->data + b->size, room, format, args);
    if (n > 0 && (size_t)n >= room)
        vsnprintf(buf_room(b, (size_t)n), (size_t)n + 1, format, again);
    va_end(again);
    va_end(args);
    if (n > 0)
        b->size += (size_t)n;
}
