/* SPDX-License-Identifier: Apache-2.0 */
/* The records of one kind as a table: what its list shows, and for auditors more of its fields. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/list.h"
#include "feature/report/report_part.h"

#define COLUMNS_PAPER 9

struct writing {
    struct report *r;
    const struct field *fields[LIST_COLUMNS];
    size_t n;
    i64 rows;
};

static bool is_shown(const struct report *r, const struct field *f)
{
    if (f->secret || f->unfolded || text_equal(f->name, r->entity->title))
        return false;
    if (f->listed)
        return true;
    return r->auditor && r->format == REPORT_XLSX;
}

static enum paper_kind kind_of(const struct field *f)
{
    if (f->kind == FIELD_DATE)
        return PAPER_DATE;
    if (f->kind == FIELD_MONEY)
        return PAPER_MONEY;
    return f->kind == FIELD_INT ? PAPER_NUMBER : PAPER_TEXT;
}

static double width_of(const struct field *f)
{
    switch (f->kind) {
    case FIELD_INT:
    case FIELD_BOOL:
    case FIELD_LEVEL:
        return 6;
    case FIELD_DATE:
    case FIELD_MONEY:
    case FIELD_CHOICE:
        return 9;
    case FIELD_LONG:
        return 24;
    default:
        return 14;
    }
}

static struct err *write_value(struct writing *x, const struct field *f, const void *record)
{
    struct report *r = x->r;
    const char *text;

    if ((f->kind == FIELD_MONEY || f->kind == FIELD_INT) && field_num(f, record)) {
        paper_number(r->paper, field_num(f, record));
        return NULL;
    }
    if (f->kind == FIELD_DATE) {
        paper_cell(r->paper, field_str(f, record));
        return NULL;
    }
    if (f->kind == FIELD_CHOICE && field_str(f, record)) {
        const struct choice *c = choice_find(f->choices, field_str(f, record));

        if (c && c->tone) {
            paper_badge(r->paper, c->tone, tr(c->label));
            return NULL;
        }
    }
    TRY(field_told(r->w, f, record, &text));
    paper_cell(r->paper, text);
    return NULL;
}

static struct err *write_one(void *ctx, const void *record)
{
    struct writing *x = ctx;
    const struct entity *e = x->r->entity;
    const struct field *title = e->title ? entity_field(e, e->title) : NULL;
    bool hidden;

    if (x->rows++ >= x->r->limit)
        return NULL;
    TRY(entity_veil(x->r->w, e, &record, &hidden));
    paper_cell(x->r->paper,
               arena_printf(x->r->w->arena, "%s-%lld %s", e->prefix,
                            ((const struct record *)record)->number,
                            title && field_str(title, record) ? field_str(title, record) : ""));
    for (size_t i = 0; i < x->n; i++)
        TRY(write_value(x, x->fields[i], record));
    paper_end_row(x->r->paper);
    return NULL;
}

static struct err *query_all(struct report *r, struct list_query *q)
{
    struct request *kept = r->w->req, none = {.arena = r->w->arena, .path = "/", .target = "/"};
    struct pair pairs[] = {
        {"view", "all"}
    };
    struct err *failed;

    none.query.list = pairs;
    none.query.count = 1;
    r->w->req = &none;
    failed = list_parse(r->w, r->entity, q);
    r->w->req = kept;
    return failed;
}

struct err *report_register(struct report *r)
{
    size_t most = r->format == REPORT_XLSX ? 19 : COLUMNS_PAPER;
    struct paper_column columns[LIST_COLUMNS + 1];
    struct writing x = {.r = r};
    struct list_query q;

    columns[0] = (struct paper_column){tr(r->entity->label), 28, PAPER_TEXT};
    for (size_t i = 0; i < r->entity->nfields && x.n < most && x.n < LIST_COLUMNS; i++) {
        const struct field *f = &r->entity->fields[i];

        if (!is_shown(r, f))
            continue;
        x.fields[x.n++] = f;
        columns[x.n] = (struct paper_column){tr(f->label), width_of(f), kind_of(f)};
    }
    TRY(query_all(r, &q));
    paper_table(r->paper, tr(r->entity->labels), columns, x.n + 1);
    TRY(list_stream(r->w, &q, write_one, &x));
    paper_end_table(r->paper);
    report_cut(r, x.rows < r->limit ? x.rows : r->limit, x.rows);
    return NULL;
}
