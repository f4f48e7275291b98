/* SPDX-License-Identifier: Apache-2.0 */
/* Collecting what the document says. */
#include "out/paper.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "base/words.h"
#include "out/paper_part.h"

struct paper *paper_new(struct arena *a, const struct paper_options *options)
{
    struct paper *p = NEW(a, struct paper);

    p->arena = a;
    p->options = *options;
    return p;
}

static struct block *add(struct paper *p, enum block_kind kind, const char *text)
{
    struct block *b = NEW(p->arena, struct block);

    b->kind = kind;
    b->text = arena_str(p->arena, text ? text : "");
    if (p->last)
        p->last->next = b;
    else
        p->first = b;
    p->last = b;
    return b;
}

void paper_heading(struct paper *p, int level, const char *text)
{
    add(p, BLOCK_HEADING, text)->level = level;
}

void paper_text(struct paper *p, const char *text)
{
    if (!text_empty(text))
        add(p, BLOCK_TEXT, text);
}

void paper_note(struct paper *p, const char *text)
{
    if (!text_empty(text))
        add(p, BLOCK_NOTE, text);
}

void paper_page(struct paper *p)
{
    add(p, BLOCK_PAGE, NULL);
}

void paper_facts(struct paper *p, const char *const (*pairs)[2], size_t n)
{
    struct block *b = add(p, BLOCK_FACTS, NULL);

    b->n = n;
    b->pairs = arena_alloc(p->arena, (n + 1) * sizeof(*b->pairs));
    for (size_t i = 0; i < n; i++) {
        b->pairs[i][0] = arena_str(p->arena, pairs[i][0] ? pairs[i][0] : "");
        b->pairs[i][1] = arena_str(p->arena, pairs[i][1] ? pairs[i][1] : "");
    }
}

void paper_heats(struct paper *p, const struct paper_heat *maps, size_t n)
{
    struct block *b = add(p, BLOCK_HEATS, NULL);

    b->n = n;
    b->heats = NEW_ARRAY(p->arena, struct paper_heat, n + 1);
    for (size_t i = 0; i < n; i++) {
        size_t size = maps[i].rows * maps[i].columns;
        struct paper_heat_cell *cells = NEW_ARRAY(p->arena, struct paper_heat_cell, size + 1);

        b->heats[i] = maps[i];
        b->heats[i].title = arena_str(p->arena, maps[i].title);
        if (size)
            memcpy(cells, maps[i].cells, size * sizeof(*cells));
        b->heats[i].cells = cells;
    }
}

/* --- tables --- */

void paper_table(struct paper *p, const char *name, const struct paper_column *columns, size_t n)
{
    struct block *b = add(p, BLOCK_TABLE, name);

    b->n = n;
    b->columns = NEW_ARRAY(p->arena, struct paper_column, n + 1);
    memcpy(b->columns, columns, n * sizeof(*columns));
}

static void add_cell(struct paper *p, struct paper_cell_ cell)
{
    struct block *b = p->last;

    if (!b || b->kind != BLOCK_TABLE)
        BUG("a cell outside of a table");
    if (b->ncells == b->room) {
        size_t room = b->room ? b->room * 2 : 64;
        struct paper_cell_ *more = NEW_ARRAY(p->arena, struct paper_cell_, room);

        if (b->ncells)
            memcpy(more, b->cells, b->ncells * sizeof(*more));
        b->cells = more;
        b->room = room;
    }
    b->cells[b->ncells++] = cell;
}

void paper_cell(struct paper *p, const char *text)
{
    add_cell(p, (struct paper_cell_){.text = arena_str(p->arena, text ? text : "")});
}

void paper_number(struct paper *p, i64 n)
{
    add_cell(p, (struct paper_cell_){.n = n});
}

void paper_badge(struct paper *p, const char *tone, const char *text)
{
    add_cell(p, (struct paper_cell_){.text = arena_str(p->arena, text ? text : ""),
                                     .tone = arena_str(p->arena, tone ? tone : "grey")});
}

void paper_end_row(struct paper *p)
{
    while (p->last->ncells % p->last->n)
        paper_cell(p, "");
    p->rows++;
}

void paper_end_table(struct paper *p)
{
    if (p->last->ncells % p->last->n)
        paper_end_row(p);
}

size_t paper_rows(const struct paper *p)
{
    return p->rows;
}

const char *paper_shown(struct paper *p, const struct paper_column *c,
                        const struct paper_cell_ *cell)
{
    i64 n = cell->n < 0 ? -cell->n : cell->n;

    if (cell->text)
        return c->kind == PAPER_DATE ? words_date(p->arena, cell->text) : cell->text;
    if (c->kind != PAPER_MONEY)
        return words_number(p->arena, cell->n);
    return arena_printf(p->arena, "%s%s%c%02lld", cell->n < 0 ? "-" : "",
                        words_number(p->arena, n / 100), words_decimal(), n % 100);
}
