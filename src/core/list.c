/* SPDX-License-Identifier: Apache-2.0 */
/* Pages and streams of records, in the order of the list. */
#include "core/list.h"

#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/entity_sql.h"
#include "core/kept.h"
#include "core/list_part.h"

#define LIMIT_DEFAULT 50
#define STREAM_CHUNK 500

/* A list sorted by a field that may be empty is two runs, so that both engines walk the index:
 * empty values first when ascending, last when descending. */
enum run { RUN_ALL, RUN_EMPTY, RUN_VALUES };

/* With known rows the order is an expression that no index has: else PostgreSQL walks the whole
 * list in the hope of a full page. */
static void add_order(struct list_sql *s, const struct list_query *q)
{
    const char *direction = q->descending ? " desc" : "";
    const char *hide = !q->ids && !q->drive                ? ""
                       : q->sort && field_is_text(q->sort) ? " || ''"
                                                           : " + 0";

    if (q->sort)
        buf_printf(&s->text, " order by t.%s%s%s, t.id%s", q->sort->name, hide, direction,
                   direction);
    else
        buf_printf(&s->text, " order by t.number%s%s", hide, direction);
}

static void add_start(struct list_sql *s, const struct list_query *q, enum run run,
                      const struct list_cursor *c)
{
    const char *past = q->descending ? " < " : " > ";

    if (run == RUN_EMPTY)
        buf_printf(&s->text, " and t.%s is null", q->sort->name);
    if (run == RUN_VALUES && !c)
        buf_printf(&s->text, " and t.%s is not null", q->sort->name);
    if (!c)
        return;
    if (run == RUN_EMPTY) {
        buf_printf(&s->text, " and t.id%s", past);
        list_bind(s, num(c->id));
    } else if (!q->sort) {
        buf_printf(&s->text, " and t.number%s", past);
        list_bind(s, c->value);
    } else {
        buf_printf(&s->text, " and (t.%s, t.id)%s(", q->sort->name, past);
        list_bind(s, c->value);
        buf_str(&s->text, ", ");
        list_bind(s, num(c->id));
        buf_char(&s->text, ')');
    }
}

/* --- what is read of a record --- */

static bool loads(const struct list_query *q, size_t field)
{
    return !q->partial || (q->load[field / 64] >> field % 64 & 1);
}

/* The columns of the statement, in the order of the field table. */
static size_t loaded(const struct list_query *q, const struct field **out)
{
    size_t n = 0;

    for (size_t i = 0; i < q->entity->nfields; i++)
        if (q->entity->fields[i].kind != FIELD_REFS && loads(q, i))
            out[n++] = &q->entity->fields[i];
    return n;
}

static void take_row(const struct list_query *q, const struct rows *r,
                     const struct field *const *fields, size_t n, void *record)
{
    struct record *head = record;

    memset(record, 0, q->entity->size);
    head->id = row_num(r, 0);
    head->number = row_num(r, 1);
    head->version = row_num(r, 2);
    for (size_t i = 0; i < n; i++) {
        if (field_is_text(fields[i]))
            field_set_str(fields[i], record, row_str(r, 3 + i));
        else
            field_set_num(fields[i], record, row_num(r, 3 + i));
    }
}

/* --- one run --- */

struct page {
    struct list_result *out;
    size_t want;
    const struct field **fields;
    size_t nfields;
    bool scans;
    const char *rest; /* cursor behind the records that were looked at, when those were too many */
};

static void add_place(struct list_sql *s, const struct list_query *q, enum run run,
                      const struct list_cursor *c)
{
    add_start(s, q, run, c);
    add_order(s, q);
}

/* The last record that a scan looks at, if the list is so long: the next page goes on behind it. */
static struct err *find_rest(struct web *w, const struct list_query *q, enum run run,
                             const struct list_cursor *c, struct page *p)
{
    struct list_sql s;
    struct rows *r;

    list_sql_init(&s, w);
    buf_printf(&s.text, "select t.id, t.%s", q->sort ? q->sort->name : "number");
    list_scan_inner(&s, q);
    add_place(&s, q, run, c);
    buf_printf(&s.text, " limit 1 offset %d", LIST_SCAN - 1);
    TRY(list_sql_run(&s, &r));
    if (row_next(r)) {
        bool text = q->sort && field_is_text(q->sort);
        struct val v = text ? str(row_str(r, 1)) : row_null(r, 1) ? num_null() : num(row_num(r, 1));

        p->rest = list_cursor_at(w->arena, q, v, row_num(r, 0));
    }
    return NULL;
}

/* Adds the rows of one run, as far as there is room. */
static struct err *fetch(struct web *w, const struct list_query *q, enum run run,
                         const struct list_cursor *c, struct page *p)
{
    struct list_sql s;
    struct rows *r;

    list_sql_init(&s, w);
    buf_str(&s.text, "select t.id, t.number, t.version");
    for (size_t i = 0; i < p->nfields; i++) {
        buf_str(&s.text, ", t.");
        buf_str(&s.text, p->fields[i]->name);
    }
    if (w->asof && !q->entity->site) {
        /* No index orders the past: it is sorted narrow, and only what is shown is read whole. */
        list_value_number(&s, num(entity_org(w, q->entity)));
        buf_str(&s.text, " from ");
        list_table(&s, q);
        buf_str(&s.text, " where t.org_id = $1 and t.id in (select t.id");
        list_from(&s, q);
        add_place(&s, q, run, c);
        buf_str(&s.text, " limit ");
        list_bind(&s, num((i64)(p->want - p->out->count)));
        buf_str(&s.text, ")");
        add_order(&s, q);
    } else if (p->scans) {
        list_scan_begin(&s, q, p->fields, p->nfields);
        add_place(&s, q, run, c);
        list_scan_end(&s, q);
    } else {
        list_from(&s, q);
        add_place(&s, q, run, c);
    }
    buf_str(&s.text, " limit ");
    list_bind(&s, num((i64)(p->want - p->out->count)));
    TRY(list_sql_run(&s, &r));
    while (row_next(r) && p->out->count < p->want)
        take_row(q, r, p->fields, p->nfields,
                 (char *)p->out->records + p->out->count++ * q->entity->size);
    if (p->scans && p->out->count < p->want)
        return find_rest(w, q, run, c, p);
    return NULL;
}

static bool may_be_empty(const struct field *f)
{
    return f && f->kind != FIELD_BOOL && f->kind != FIELD_SET;
}

static struct err *fetch_page(struct web *w, const struct list_query *q,
                              const struct list_cursor *c, struct page *p)
{
    enum run first = q->descending ? RUN_VALUES : RUN_EMPTY;
    enum run second = q->descending ? RUN_EMPTY : RUN_VALUES;
    const struct list_cursor *at = c->set ? c : NULL;

    if (w->asof && q->sort && q->sort->derived) /* unknown for the past */
        return fetch(w, q, RUN_EMPTY, at, p);
    if (q->one_value) {
        bool empty = q->filters[q->nfilters - 1].how == LIST_EMPTY;

        return fetch(w, q, empty ? RUN_EMPTY : RUN_ALL, at, p);
    }
    if (!may_be_empty(q->sort))
        return fetch(w, q, RUN_ALL, at, p);
    if (!c->set || (c->value.null ? RUN_EMPTY : RUN_VALUES) == first) {
        TRY(fetch(w, q, first, at, p));
        c = NULL;
    }
    if (p->out->count == p->want || p->rest)
        return NULL;
    return fetch(w, q, second, c, p);
}

/* The past has no derived columns: what held then is computed from what was known then. */
static struct err *derive_past(struct web *w, const struct entity *e, struct list_result *r)
{
    if (!w->asof || !e->derive)
        return NULL;
    for (size_t i = 0; i < r->count; i++) {
        struct issues unused = {.arena = w->arena};

        TRY(e->derive(w, (char *)r->records + i * e->size, &unused));
    }
    return NULL;
}

static struct err *load_links(struct web *w, const struct list_query *q, struct list_result *r)
{
    for (size_t i = 0; i < q->entity->nfields; i++)
        if (q->entity->fields[i].kind == FIELD_REFS && loads(q, i))
            TRY(list_load_field(w, q->entity, &q->entity->fields[i], r));
    return NULL;
}

/* `size` rows after the cursor, and the cursor of the last one when there are more. */
struct err *list_page(struct web *w, const struct list_query *q, size_t size,
                      struct list_result *out)
{
    const struct entity *e = q->entity;
    struct page p = {.out = out, .want = size + 1, .scans = list_scans(w, q)};
    struct list_cursor c;

    if (q->ranks)
        return list_rank_page(w, q, size, out);
    TRY(list_cursor_read(w->arena, q, &c));
    out->records = arena_array(w->arena, size + 1, e->size);
    out->unranked = list_ranked(w, q);
    p.fields = NEW_ARRAY(w->arena, const struct field *, e->nfields + 1);
    p.nfields = loaded(q, p.fields);
    TRY(fetch_page(w, q, &c, &p));
    if (out->count > size) {
        out->count = size;
        out->next = list_cursor_write(w->arena, q, (char *)out->records + (size - 1) * e->size);
    } else if (p.rest) {
        out->partial = true;
        out->next = p.rest;
    }
    TRY(load_links(w, q, out));
    return derive_past(w, e, out);
}

/* Reads in pieces, each in an arena that the next but one reuses. */
static struct err *stream(struct web *w, struct list_query *q, struct arena *arenas[2],
                          list_each *each, void *ctx)
{
    for (size_t turn = 0;; turn++) {
        struct list_result r = {0};

        w->arena = arenas[turn % 2];
        arena_reset(w->arena);
        db_use_arena(w->db, w->arena);
        TRY(list_page(w, q, STREAM_CHUNK, &r));
        for (size_t i = 0; i < r.count; i++)
            TRY(each(ctx, (const char *)r.records + i * q->entity->size));
        if (!r.next)
            return NULL;
        q->after = r.next;
    }
}

struct err *list_stream(struct web *w, const struct list_query *q, list_each *each, void *ctx)
{
    struct arena *own = w->arena;
    struct list_query copy = *q;
    struct arena *arenas[2];
    struct err *e;

    if (q->group)
        return list_group_stream(w, q, each, ctx);
    arenas[0] = arena_new(0);
    arenas[1] = arena_new(0);
    copy.partial = copy.partial && !w->asof;
    e = list_plan(w, &copy);
    if (!e)
        e = list_rank(w, &copy);
    if (!e)
        e = stream(w, &copy, arenas, each, ctx);
    w->arena = own;
    db_use_arena(w->db, own);
    arena_free(arenas[0]);
    arena_free(arenas[1]);
    return e;
}

/* Every page of a whole list asks for the same figure as the side bar. `*more` = some were not
 * looked at. */
static struct err *total_of(struct web *w, const struct list_query *q, i64 *out, bool *more)
{
    i64 all;

    *more = false;
    if (!q->q && !q->nfilters && !q->extra && !q->entity->site)
        return list_counts(w, &q->entity, 1, LIST_MOST, out);
    TRY(list_count_capped(w, q, LIST_MOST, out));
    if (*out > LIST_MOST || !list_scans(w, q))
        return NULL;
    TRY(list_counts(w, &q->entity, 1, LIST_SCAN, &all));
    *more = all > LIST_SCAN;
    return NULL;
}

struct err *list_run(struct web *w, const struct list_query *asked, bool total,
                     struct list_result *out)
{
    struct list_query copy = *asked;
    const struct list_query *q = &copy;
    size_t size = q->limit > 0 && q->limit <= LIST_LIMIT ? (size_t)q->limit : LIMIT_DEFAULT;

    *out = (struct list_result){0};
    copy.partial = copy.partial && !w->asof; /* what derives reads the whole record */
    if (q->group)
        return list_group_page(w, q, size, out);
    TRY(list_plan(w, &copy));
    TRY(list_rank(w, &copy));
    TRY(list_page(w, q, size, out));
    if (!total)
        return NULL;
    if (!q->after && !out->next) {
        out->total = (i64)out->count;
        return NULL;
    }
    TRY(total_of(w, q, &out->total, &out->capped));
    out->capped = out->capped || out->total > LIST_MOST;
    return NULL;
}
