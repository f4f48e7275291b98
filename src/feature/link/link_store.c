/* SPDX-License-Identifier: Apache-2.0 */
/* What is near a record: its links as seen from it, and what fields of other records say. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/content.h"
#include "core/kept.h"
#include "feature/link/link_part.h"

/* --- links --- */

/* How a type reads from the end at which somebody stands. */
static void name_end(struct web *w, struct link_end *l, bool from)
{
    const struct content *c = w->app ? w->app->content : NULL;
    const struct content_table *t = c ? content_table(c, "link_types") : NULL;
    i64 row = t ? content_row(t, l->type) : -1;
    const char *waits = row < 0 ? "" : content_cell(t, (size_t)row, "waits");

    l->label = row < 0 ? l->type : tr(content_cell(t, (size_t)row, from ? "label" : "reverse"));
    l->waits = text_equal(waits, from ? "target" : "source");
}

struct err *link_ends(struct web *w, i64 record, int most, struct link_end **out, size_t *count)
{
    struct record_head *heads;
    struct ids ids = {0};
    struct rows *r;
    i64 *list;
    size_t n = 0;

    *count = 0;
    TRY(db_query(w->db, &r,
                 "select id, number, version, type, coalesce(why, ''), source, target from link"
                 " where org_id = $1 and source = $2 union all"
                 " select id, number, version, type, coalesce(why, ''), source, target from link"
                 " where org_id = $1 and target = $2 order by 1 limit $3",
                 num(w->org), num(record), num(most)));
    *out = NEW_ARRAY(w->arena, struct link_end, row_count(r) + 1);
    list = NEW_ARRAY(w->arena, i64, row_count(r) + 1);
    while (row_next(r)) {
        bool from = row_num(r, 5) == record;
        struct link_end *l = &(*out)[n++];

        *l = (struct link_end){.id = row_num(r, 0),
                               .number = row_num(r, 1),
                               .version = row_num(r, 2),
                               .type = row_text(r, 3),
                               .why = row_text(r, 4),
                               .other = {.id = row_num(r, from ? 6 : 5)}};
        name_end(w, l, from);
    }
    for (size_t i = 0; i < n; i++) { /* ascending and distinct, as record_heads wants them */
        size_t at = ids.count;

        while (at && list[at - 1] > (*out)[i].other.id)
            at--;
        if (at && list[at - 1] == (*out)[i].other.id)
            continue;
        memmove(list + at + 1, list + at, (ids.count++ - at) * sizeof *list);
        list[at] = (*out)[i].other.id;
    }
    ids.id = list;
    TRY(record_heads(w, ids, &heads));
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < ids.count; k++)
            if (heads[k].id == (*out)[i].other.id)
                (*out)[i].other = heads[k];
    *count = n;
    return NULL;
}

struct err *link_count(struct web *w, const struct entity *e, i64 record, i64 *out)
{
    struct rows *r;

    (void)e;
    TRY(db_query(w->db, &r,
                 "select (select count(*) from link where org_id = $1 and source = $2)"
                 " + (select count(*) from link where org_id = $1 and target = $2)",
                 num(w->org), num(record)));
    *out = row_next(r) ? row_num(r, 0) : 0;
    return NULL;
}

/* --- all that is one step away --- */

struct collecting {
    struct web *w;
    struct neighbour *list;
    size_t count, most;
    bool more;
};

static void add(struct collecting *c, struct neighbour n)
{
    if (n.head.hidden || n.head.removed || !n.head.entity)
        return;
    if (c->count == c->most) {
        c->more = true;
        return;
    }
    c->list[c->count++] = n;
}

static struct err *add_outgoing(struct collecting *c, const struct entity *e, const void *record)
{
    for (size_t i = 0; i < e->nfields; i++) {
        const struct field *f = &e->fields[i];
        struct record_head *heads;
        struct ids ids;

        /* Who scored or wrote something would draw nearly every person near to everything. */
        if (f->secret || (f->internal && !f->filtered && !f->sortable) ||
            (f->kind != FIELD_REF && f->kind != FIELD_REFS && f->kind != FIELD_RECORD))
            continue;
        ids = field_targets(f, record);
        TRY(record_heads(c->w, ids, &heads));
        for (size_t k = 0; k < ids.count; k++)
            add(c, (struct neighbour){tr(f->label), false, heads[k]});
    }
    return NULL;
}

static struct err *add_incoming(struct collecting *c, const struct entity *e, i64 id)
{
    struct near *near;
    size_t n;

    TRY(entity_pointing(c->w, e, id, (int)c->most + 1, &near, &n));
    for (size_t i = 0; i < n; i++) {
        struct record_head head = {.entity = near[i].entity,
                                   .id = near[i].id,
                                   .number = near[i].number,
                                   .title = near[i].title};

        record_label(c->w->arena, near[i].entity, near[i].number, &head.label);
        add(c, (struct neighbour){tr(near[i].field->label), true, head});
    }
    return NULL;
}

struct err *link_neighbours(struct web *w, const struct entity *e, const void *record, int most,
                            struct neighbour **out, size_t *count, bool *more)
{
    const struct record *r = record;
    struct collecting c = {.w = w, .most = (size_t)most};
    struct link_end *ends;
    size_t n;

    c.list = NEW_ARRAY(w->arena, struct neighbour, c.most + 1);
    TRY(link_ends(w, r->id, most + 1, &ends, &n));
    for (size_t i = 0; i < n; i++)
        add(&c, (struct neighbour){ends[i].label, false, ends[i].other});
    TRY(add_outgoing(&c, e, record));
    TRY(add_incoming(&c, e, r->id));
    *out = c.list;
    *count = c.count;
    *more = c.more;
    return NULL;
}
