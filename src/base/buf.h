/* SPDX-License-Identifier: Apache-2.0 */
/* A growing run of bytes in an arena, always NUL-terminated for convenience. */
#pragma once

#include "base/arena.h"

struct buf {
    struct arena *arena;
    char *data; /* never NULL after buf_init */
    size_t size;
    size_t room;
};

void buf_init(struct buf *b, struct arena *a, size_t room);
void buf_add(struct buf *b, const void *data, size_t size);
void buf_str(struct buf *b, const char *text);
void buf_char(struct buf *b, char c);
void buf_printf(struct buf *b, const char *format, ...) PRINTF(2, 3);
/* Makes room for `size` more bytes and returns where they go; the caller then adds to b->size. */
char *buf_room(struct buf *b, size_t size);
