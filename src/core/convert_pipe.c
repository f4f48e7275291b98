/* SPDX-License-Identifier: Apache-2.0 */
#include "core/convert_pipe.h"

#include <string.h>

#include "base/text.h"

/* --- writing --- */

void pipe_u8(struct buf *b, unsigned n)
{
    buf_char(b, (char)(n & 0xFF));
}

void pipe_u16(struct buf *b, unsigned n)
{
    pipe_u8(b, n);
    pipe_u8(b, n >> 8);
}

void pipe_u32(struct buf *b, u64 n)
{
    pipe_u16(b, (unsigned)(n & 0xFFFF));
    pipe_u16(b, (unsigned)(n >> 16 & 0xFFFF));
}

void pipe_bytes16(struct buf *b, const char *text, size_t size)
{
    pipe_u16(b, (unsigned)size);
    buf_add(b, text, size);
}

void pipe_begin(struct buf *b, enum convert_frame kind)
{
    pipe_u32(b, 0);
    pipe_u8(b, kind);
}

void pipe_end(struct buf *b, size_t start)
{
    size_t size = b->size - start - PIPE_HEAD;

    for (int i = 0; i < 4; i++)
        b->data[start + (size_t)i] = (char)(size >> (8 * i) & 0xFF);
}

void pipe_row(struct buf *b, const struct convert_row *row)
{
    size_t start = b->size;

    pipe_begin(b, FRAME_ROW);
    pipe_u32(b, (u64)row->row);
    pipe_u8(b, row->hidden);
    pipe_u16(b, (unsigned)row->count);
    for (size_t i = 0; i < row->count; i++) {
        const struct convert_cell *c = &row->cell[i];

        pipe_u16(b, c->column);
        pipe_u8(b, c->kind);
        pipe_u8(b, c->flags);
        pipe_u32(b, c->size);
        buf_add(b, c->text, c->size);
    }
    pipe_end(b, start);
}

/* --- reading --- */

struct cursor {
    const unsigned char *at, *end;
    bool bad;
};

static struct cursor cursor_of(struct bytes body)
{
    return (struct cursor){body.data, body.data + body.size, false};
}

static u64 take(struct cursor *c, size_t bytes)
{
    u64 n = 0;

    if (c->bad || (size_t)(c->end - c->at) < bytes) {
        c->bad = true;
        return 0;
    }
    for (size_t i = 0; i < bytes; i++)
        n |= (u64)c->at[i] << (8 * i);
    c->at += bytes;
    return n;
}

static const char *take_text(struct arena *a, struct cursor *c, size_t size)
{
    const char *text;

    if (c->bad || (size_t)(c->end - c->at) < size || !text_valid((const char *)c->at, size)) {
        c->bad = true;
        return "";
    }
    text = arena_strn(a, (const char *)c->at, size);
    c->at += size;
    return text;
}

static bool whole(const struct cursor *c)
{
    return !c->bad && c->at == c->end;
}

static bool known_kind(unsigned char kind)
{
    return kind && strchr("SRMHZE", kind);
}

bool pipe_head(const unsigned char *data, enum convert_frame *kind, size_t *size)
{
    struct cursor c = {data, data + PIPE_HEAD, false};

    *size = (size_t)take(&c, 4);
    if (!known_kind(data[4]) || *size > CONVERT_ROW + 64)
        return false;
    *kind = (enum convert_frame)data[4];
    return true;
}

bool pipe_read_sheets(struct arena *a, struct bytes body, struct convert_sheet **list,
                      size_t *count, size_t *chosen)
{
    struct cursor c = cursor_of(body);

    *chosen = (size_t)take(&c, 2);
    *count = (size_t)take(&c, 2);
    if (c.bad || *count == 0 || *count > CONVERT_SHEETS || *chosen >= *count)
        return false;
    *list = NEW_ARRAY(a, struct convert_sheet, *count);
    for (size_t i = 0; i < *count && !c.bad; i++) {
        struct convert_sheet *s = &(*list)[i];
        u64 hidden = take(&c, 1);
        size_t size = (size_t)take(&c, 2);

        if (hidden > 1 || size > CONVERT_NAME)
            return false;
        s->hidden = hidden == 1;
        s->name = take_text(a, &c, size);
        if (strpbrk(s->name, "\n\t"))
            return false;
    }
    return whole(&c);
}

/* "-12.5", "1e-7": what a number may look like. */
static bool is_number(const char *s)
{
    s += *s == '-';
    if (*s < '0' || *s > '9')
        return false;
    s += strspn(s, "0123456789");
    if (*s == '.')
        s += 1 + strspn(s + 1, "0123456789");
    if (*s == 'e') {
        s++;
        s += *s == '-' || *s == '+';
        if (*s < '0' || *s > '9')
            return false;
        s += strspn(s, "0123456789");
    }
    return *s == '\0';
}

/* "2026-03-01", "2026-03-01 14:05:09" or "14:05:09". */
static bool is_moment(const char *s)
{
    static const char *const shapes[] = {"dddd-dd-dd", "dddd-dd-dd dd:dd:dd", "dd:dd:dd"};

    for (size_t k = 0; k < COUNT_OF(shapes); k++) {
        size_t i, n = strlen(shapes[k]);
        bool fits = strlen(s) == n;

        for (i = 0; fits && i < n; i++)
            fits = shapes[k][i] == 'd' ? s[i] >= '0' && s[i] <= '9' : s[i] == shapes[k][i];
        if (fits)
            return true;
    }
    return false;
}

static bool kind_fits(const struct convert_cell *c)
{
    switch (c->kind) {
    case CELL_NUMBER:
        return is_number(c->text);
    case CELL_DATE:
        return is_moment(c->text);
    case CELL_BOOL:
        return text_equal(c->text, "0") || text_equal(c->text, "1");
    case CELL_ERROR:
        return c->size > 0 && c->size <= 40 && !strpbrk(c->text, "\n\t");
    default:
        return c->size > 0;
    }
}

static bool take_cell(struct arena *a, struct cursor *c, struct convert_cell *out)
{
    u64 kind, size;

    out->column = (unsigned)take(c, 2);
    kind = take(c, 1);
    out->flags = (unsigned)take(c, 1);
    size = take(c, 4);
    if (c->bad || kind >= CELL_KINDS || out->flags > CELL_FORMULA || size > CONVERT_CELL ||
        out->column >= CONVERT_COLUMNS)
        return false;
    out->kind = (enum convert_cell_kind)kind;
    out->size = (size_t)size;
    out->text = take_text(a, c, out->size);
    return !c->bad && kind_fits(out);
}

bool pipe_read_row(struct arena *a, struct bytes body, struct convert_row *row)
{
    struct cursor c = cursor_of(body);
    u64 hidden;

    row->row = (i64)take(&c, 4);
    hidden = take(&c, 1);
    row->count = (size_t)take(&c, 2);
    /* Eight bytes are the least a cell has, so a short body cannot ask for a large table. */
    if (c.bad || row->row < 1 || row->row > CONVERT_ROWS || hidden > 1 || row->count == 0 ||
        row->count > CONVERT_COLUMNS || row->count * 8 > body.size)
        return false;
    row->hidden = hidden == 1;
    row->cell = NEW_ARRAY(a, struct convert_cell, row->count);
    for (size_t i = 0; i < row->count; i++) {
        if (!take_cell(a, &c, &row->cell[i]))
            return false;
        if (i > 0 && row->cell[i].column <= row->cell[i - 1].column)
            return false;
    }
    return whole(&c);
}

bool pipe_read_merge(struct bytes body, struct convert_range *r)
{
    struct cursor c = cursor_of(body);

    r->first_row = (i64)take(&c, 4);
    r->first_column = (unsigned)take(&c, 2);
    r->last_row = (i64)take(&c, 4);
    r->last_column = (unsigned)take(&c, 2);
    return whole(&c) && r->first_row >= 1 && r->first_row <= r->last_row &&
           r->last_row <= CONVERT_ROWS && r->first_column <= r->last_column &&
           r->last_column < CONVERT_COLUMNS;
}

bool pipe_read_hidden(struct bytes body, unsigned *column)
{
    struct cursor c = cursor_of(body);

    *column = (unsigned)take(&c, 2);
    return whole(&c) && *column < CONVERT_COLUMNS;
}

bool pipe_read_end(struct bytes body, struct convert_end *end)
{
    struct cursor c = cursor_of(body);
    u64 epoch;

    end->formulas = take(&c, 4);
    end->without_value = take(&c, 4);
    end->merges = take(&c, 4);
    epoch = take(&c, 1);
    end->epoch1904 = epoch == 1;
    return whole(&c) && epoch <= 1;
}

bool pipe_read_refuse(struct bytes body, enum convert_why *why, u64 *number)
{
    struct cursor c = cursor_of(body);
    u64 code = take(&c, 1);

    *number = take(&c, 4);
    *why = (enum convert_why)code;
    return whole(&c) && code >= 1 && code <= WHY_LAST;
}
