/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/words.h"

#define RING 32

static _Thread_local struct err ring[RING];
static _Thread_local unsigned ring_next;

/* A text that did not fit must not end in the middle of a UTF-8 sequence. */
static void cut_at_code_point(char *text, size_t room, int wanted)
{
    if (wanted < 0) {
        text[0] = '\0';
        return;
    }
    if ((size_t)wanted < room)
        return;
    size_t lead = room - 1;
    size_t steps = 0;
    while (lead > 0 && steps < 4 && ((unsigned char)text[lead - 1] & 0xC0) == 0x80) {
        lead--;
        steps++;
    }
    if (lead == 0)
        return;
    unsigned char first = (unsigned char)text[lead - 1];
    size_t need = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1;
    if (need != steps + 1)
        text[lead - 1] = '\0';
}

/* The oldest slot, emptied. Nobody may still name it as a cause: the chain could become a ring. */
static struct err *take_slot(void)
{
    struct err *e = &ring[ring_next++ % RING];
    for (size_t i = 0; i < RING; i++)
        if (ring[i].cause == e)
            ring[i].cause = NULL;
    memset(e, 0, sizeof *e);
    return e;
}

static struct err *fill_slot(enum err_code code, const char *file, int line, const char *text)
{
    struct err *e = take_slot();
    e->code = code;
    e->file = file;
    e->line = line;
    memcpy(e->text, text, strlen(text) + 1);
    return e;
}

struct err *err_make(enum err_code code, const char *file, int line, const char *format, ...)
{
    /* Formatted aside first: an argument may point into the slot that is about to be reused. */
    char text[sizeof ring[0].text];
    va_list args;
    va_start(args, format);
    int wanted = vsnprintf(text, sizeof text, tr(format), args);
    va_end(args);
    cut_at_code_point(text, sizeof text, wanted);
    return fill_slot(code, file, line, text);
}

struct err *err_detail(struct err *e, const char *format, ...)
{
    if (!e)
        return NULL;
    char text[sizeof e->detail];
    va_list args;
    va_start(args, format);
    int wanted = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    cut_at_code_point(text, sizeof text, wanted);
    memcpy(e->detail, text, strlen(text) + 1);
    return e;
}

struct err *err_because(struct err *cause, const char *file, int line, const char *format, ...)
{
    char text[sizeof ring[0].text];
    va_list args;
    va_start(args, format);
    int wanted = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    cut_at_code_point(text, sizeof text, wanted);
    enum err_code code = cause ? cause->code : ERR_FAULT;
    int status = cause ? cause->status : 0;
    struct err *e = fill_slot(code, file, line, text);
    e->status = status;
    e->cause = cause == e ? NULL : cause;
    return e;
}

int err_status(const struct err *e)
{
    if (!e)
        return 200;
    if (e->status)
        return e->status;
    switch (e->code) {
    case ERR_BAD:
        return 400;
    case ERR_LOGIN:
        return 401;
    case ERR_DENIED:
        return 403;
    case ERR_MISSING:
        return 404;
    case ERR_CLASH:
        return 409;
    case ERR_INVALID:
        return 422;
    case ERR_LIMIT:
        return 413;
    case ERR_BUSY:
    case ERR_RETRY:
        return 503;
    case ERR_FAULT:
        return 500;
    }
    return 500;
}

void bug_at(const char *file, int line, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    log_event(LOG_ERROR, "bug", "at=%s:%d text=%s", file, line, text);
    abort();
}
