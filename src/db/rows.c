/* SPDX-License-Identifier: Apache-2.0 */
/* Values that go in and rows that come out, the same for both engines. A cell keeps the form in
 * which the engine gave it; it is turned into the other form only when somebody asks. */
#include "db/db.h"

#include <stdlib.h>
#include <string.h>

#include "db/engine.h"

#define FIRST_ROWS 4
#define MOST_ROWS 256

struct block {
    struct block *next;
    size_t count, room;
    struct cell cells[];
};

struct rows {
    struct arena *arena;
    size_t columns, count;
    struct block *first, *last;
    struct block *block; /* the block of the current row */
    size_t index;        /* the next row inside it */
    struct cell *now;
    bool shared; /* the cells belong to a kept copy that others read at the same time */
};

struct val str(const char *text)
{
    return (struct val){
        .kind = VAL_STR, .null = !text, .data = text, .size = text ? strlen(text) : 0};
}

struct val str_or_null(const char *text)
{
    return str(text && *text ? text : NULL);
}

struct val blob(const void *data, size_t size)
{
    return (struct val){.kind = VAL_BLOB, .null = !data, .data = data, .size = size};
}

struct rows *rows_new(struct arena *a, size_t columns)
{
    struct rows *r = NEW(a, struct rows);

    r->arena = a;
    r->columns = columns;
    return r;
}

struct cell *rows_add(struct rows *r)
{
    struct block *b = r->last;

    if (!b || b->count == b->room) {
        size_t room = b ? b->room * 2 : FIRST_ROWS;

        if (room > MOST_ROWS)
            room = MOST_ROWS;
        b = arena_alloc(r->arena, sizeof(*b) + room * r->columns * sizeof(struct cell));
        b->room = room;
        if (r->last)
            r->last->next = b;
        else
            r->first = r->block = b;
        r->last = b;
    }
    r->count++;
    return &b->cells[b->count++ * r->columns];
}

struct err *rows_too_large(void)
{
    return err_new(ERR_LIMIT,
                   "The answer is too large to be shown at once. Narrow it with a filter "
                   "or use an export.");
}

bool row_next(struct rows *r)
{
    if (r->block && r->index == r->block->count) {
        r->block = r->block->next;
        r->index = 0;
    }
    if (!r->block) {
        r->now = NULL;
        return false;
    }
    r->now = &r->block->cells[r->index++ * r->columns];
    return true;
}

void row_rewind(struct rows *r)
{
    r->block = r->first;
    r->index = 0;
    r->now = NULL;
}

size_t row_count(const struct rows *r)
{
    return r->count;
}

size_t row_columns(const struct rows *r)
{
    return r->columns;
}

static struct cell *cell_at(const struct rows *r, size_t column)
{
    if (!r->now)
        BUG("a column was read before row_next or after the last row");
    if (column >= r->columns)
        BUG("column %zu of %zu was read", column, r->columns);
    return &r->now[column];
}

i64 row_num(const struct rows *r, size_t column)
{
    const struct cell *c = cell_at(r, column);

    if (c->kind == CELL_NUM)
        return c->num;
    /* Sums and averages come as numeric text; what follows the point is not asked for. */
    return c->kind == CELL_STR ? strtoll(c->data, NULL, 10) : 0;
}

const char *row_str(const struct rows *r, size_t column)
{
    struct cell *c = cell_at(r, column);

    if (c->kind == CELL_NULL)
        return NULL;
    if (c->kind == CELL_NUM) {
        const char *text = arena_printf(r->arena, "%lld", c->num);

        if (r->shared)
            return text;
        c->data = text;
        c->size = (unsigned)strlen(text);
        c->kind = CELL_STR;
    }
    return c->data;
}

const char *row_text(const struct rows *r, size_t column)
{
    const char *text = row_str(r, column);

    return text ? text : "";
}

struct bytes row_blob(const struct rows *r, size_t column)
{
    const struct cell *c = cell_at(r, column);

    if (c->kind != CELL_BLOB && c->kind != CELL_STR)
        return (struct bytes){0};
    return (struct bytes){.data = (const unsigned char *)c->data, .size = c->size};
}

bool row_null(const struct rows *r, size_t column)
{
    return cell_at(r, column)->kind == CELL_NULL;
}

static size_t text_room(const struct rows *r)
{
    size_t room = 0;

    for (const struct block *b = r->first; b; b = b->next)
        for (size_t i = 0; i < b->count * r->columns; i++)
            if (b->cells[i].kind == CELL_STR || b->cells[i].kind == CELL_BLOB)
                room += b->cells[i].size + 1;
    return room;
}

struct rows *rows_keep(const struct rows *r, size_t most)
{
    size_t cells = r->count * r->columns * sizeof(struct cell), n = 0;
    size_t size = sizeof(struct rows) + sizeof(struct block) + cells + text_room(r);
    struct rows *kept = size <= most ? calloc(1, size) : NULL;
    struct block *all;
    char *text;

    if (!kept)
        return NULL;
    all = (struct block *)(kept + 1);
    text = (char *)all->cells + cells;
    for (const struct block *b = r->first; b; b = b->next)
        for (size_t i = 0; i < b->count * r->columns; i++) {
            struct cell *c = &all->cells[n++];

            *c = b->cells[i];
            if (c->kind != CELL_STR && c->kind != CELL_BLOB)
                continue;
            memcpy(text, c->data, c->size);
            c->data = text;
            text += c->size + 1;
        }
    all->count = all->room = r->count;
    kept->columns = r->columns;
    kept->count = r->count;
    kept->first = kept->last = kept->block = r->count ? all : NULL;
    return kept;
}

struct rows *rows_share(struct arena *a, const struct rows *kept)
{
    struct rows *r = rows_new(a, kept->columns);

    r->count = kept->count;
    r->first = r->last = r->block = kept->first;
    r->shared = true;
    return r;
}
