/* SPDX-License-Identifier: Apache-2.0 */
/* Policies that wait for approval, as work of who may approve them (core/work.h). */
#include "base/text.h"
#include "base/words.h"
#include "core/work.h"
#include "feature/classification/classification_part.h"

/* A scheme with a level whose rules are not those that were approved last. */
static struct err *waits(struct web *w, const struct scheme *s, i64 *last, bool *out)
{
    struct approved a;
    struct policy p;

    *out = false;
    if (text_equal(s->state, "retired"))
        return NULL;
    TRY(policy_load(w, s, &p));
    TRY(classification_approved(w, s->id, &a));
    *last = a.last.id;
    *out = p.nlevels &&
           !text_equal(a.last.subject_hash, decision_hash(w->arena, policy_freeze(w, &p)));
    return NULL;
}

static struct err *to_approve(struct web *w, i64 person, bool given, struct work_list *out)
{
    struct rows *r, *one;
    struct scheme s;
    bool open;
    i64 last;

    if (given || person != w->person || w->asof || !web_may(w, &classification_approve))
        return NULL;
    TRY(db_query(w->db, &r,
                 "select id from scheme where org_id = $1 and state <> 'retired' order by number"
                 " limit 50",
                 num(w->org)));
    while (row_next(r)) {
        TRY(entity_load(w, &scheme_entity, row_num(r, 0), &s));
        TRY(waits(w, &s, &last, &open));
        if (!open)
            continue;
        TRY(db_query(w->db, &one,
                     "select id, number, title, author from scheme where org_id = $1 and id = $2",
                     num(w->org), num(s.id)));
        TRY(work_add_decisions(out, &scheme_entity, &classification_approve, one));
    }
    return NULL;
}

/* The scheme that a changed record is of; 0 = none. */
static struct err *scheme_of(struct web *w, const struct entity *e, const void *record, i64 *out)
{
    struct rows *r;

    *out = 0;
    if (e == &scheme_entity)
        *out = ((const struct scheme *)record)->id;
    else if (e == &classification_entity)
        *out = ((const struct classification *)record)->scheme;
    else if (e == &marking_entity)
        *out = ((const struct marking *)record)->scheme;
    if (e != &handling_entity)
        return NULL;
    TRY(db_query(w->db, &r, "select scheme from classification where org_id = $1 and id = $2",
                 num(w->org), num(((const struct handling *)record)->level)));
    if (row_next(r))
        *out = row_num(r, 0);
    return NULL;
}

/* Told once for each approved version that is not the last word any more. */
static struct err *asks(struct web *w, const struct entity *e, const void *before,
                        const void *after, struct work_ask *out)
{
    struct scheme s;
    struct rows *r;
    i64 id, last;
    bool open;

    (void)before;
    TRY(scheme_of(w, e, after, &id));
    if (!id)
        return NULL;
    TRY(db_query(w->db, &r, "select 1 from scheme where org_id = $1 and id = $2", num(w->org),
                 num(id)));
    if (!row_next(r))
        return NULL;
    TRY(entity_load(w, &scheme_entity, id, &s));
    TRY(waits(w, &s, &last, &open));
    if (open)
        *out = (struct work_ask){.record = id,
                                 .right = &classification_approve,
                                 .label = arena_printf(w->arena, "SC-%lld", s.number),
                                 .title = s.title,
                                 .path = "",
                                 .cause = arena_printf(w->arena, "scheme:%lld:%lld", id, last)};
    return NULL;
}

const struct work_source classification_work[] = {
    {.name = "scheme",    .title = N_("Policies to approve"), .open = to_approve, .asks = asks},
    {.name = NULL},
};
