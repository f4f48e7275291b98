/* SPDX-License-Identifier: Apache-2.0 */
/* Steps as they are stored: values, counts, lists. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "core/app.h"
#include "core/bulk_part.h"
#include "core/entity_sql.h"

#define SHOWN 50
#define KEPT (30 * DAY)
#define PLANNED_KEPT DAY
#define CLEANED 20 /* steps that one round forgets */

const struct permission bulk_run_right = {"bulk.run", "Change many records in one step"};

bool bulk_may(struct web *w, const struct entity *e)
{
    return !w->asof && !e->site && !e->no_api && e->write && web_may(w, e->write) &&
           web_may(w, &bulk_run_right);
}

bool bulk_field(const struct field *f)
{
    return !f->internal && !f->derived && !f->secret && !f->fixed && f->kind != FIELD_TIME;
}

struct arena *bulk_use(struct web *w, struct arena *a)
{
    struct arena *before = w->arena;

    w->arena = a;
    db_use_arena(w->db, a);
    return before;
}

/* --- values --- */

static const char *const hows[] = {[BULK_SET] = "set", [BULK_ADD] = "add", [BULK_TAKE] = "take"};

const char *bulk_values_write(struct arena *a, const struct bulk_wish *wish)
{
    json_t *list = json_own(a, json_array());

    for (size_t i = 0; i < wish->nvalues; i++) {
        const struct bulk_value *v = &wish->values[i];

        json_array_append_new(list, json_pack("{s:s,s:s,s:s}", "field", v->field->name, "how",
                                              hows[v->how], "value", v->text));
    }
    return json_text(a, list);
}

struct err *bulk_values_read(struct arena *a, const struct entity *e, const char *text,
                             struct bulk_wish *out)
{
    json_t *list, *one;
    size_t i;

    *out = (struct bulk_wish){.entity = e};
    TRY(json_parse(a, text, strlen(text), &list));
    json_array_foreach(list, i, one)
    {
        const char *how = json_string_value(json_object_get(one, "how"));
        const char *value = json_string_value(json_object_get(one, "value"));
        struct bulk_value v = {
            .field = entity_field(e, json_string_value(json_object_get(one, "field"))),
            .text = value ? arena_str(a, value) : ""};

        for (enum bulk_how k = BULK_SET; k <= BULK_TAKE; k++)
            if (text_equal(how, hows[k]))
                v.how = k;
        if (v.field && out->nvalues < COUNT_OF(out->values))
            out->values[out->nvalues++] = v;
    }
    return NULL;
}

struct err *bulk_resolve(struct web *w, const struct bulk_wish *wish, struct issues *out,
                         struct bulk_resolved *resolved)
{
    struct record *values = arena_alloc(w->arena, wish->entity->size);

    values->id = 1; /* not a new one: nothing gets its initial value */
    *resolved = (struct bulk_resolved){wish, values};
    for (size_t i = 0; i < wish->nvalues; i++) {
        const struct bulk_value *v = &wish->values[i];
        struct input one = {v->field->name, v->text};

        if (!bulk_field(v->field)) {
            issue(out, v->field->name, "%s cannot be changed here.", v->field->label);
            continue;
        }
        TRY(entity_apply(w, wish->entity, values, (struct inputs){&one, 1}, true, out));
    }
    return NULL;
}

static struct ids with_ids(struct arena *a, const struct ids *have, const struct ids *more,
                           bool take)
{
    struct ids out = {0};

    for (size_t i = 0; i < have->count; i++) {
        bool named = false;

        for (size_t k = 0; k < more->count && take; k++)
            named |= more->id[k] == have->id[i];
        if (!named)
            ids_add(a, &out, have->id[i]);
    }
    for (size_t k = 0; k < more->count && !take; k++)
        ids_add(a, &out, more->id[k]);
    return out;
}

void bulk_apply(struct web *w, const struct bulk_resolved *r, void *record)
{
    for (size_t i = 0; i < r->wish->nvalues; i++) {
        const struct field *f = r->wish->values[i].field;
        enum bulk_how how = r->wish->values[i].how;

        if (f->kind == FIELD_REFS && how != BULK_SET) {
            field_set_ids(f, record,
                          with_ids(w->arena, field_ids(f, record), field_ids(f, r->values),
                                   how == BULK_TAKE));
        } else if (f->kind == FIELD_REFS) {
            field_set_ids(f, record, *field_ids(f, r->values));
        } else if (f->kind == FIELD_SET && how != BULK_SET) {
            i64 bits = field_num(f, r->values), have = field_num(f, record);

            field_set_num(f, record, how == BULK_ADD ? have | bits : have & ~bits);
        } else if (field_is_text(f)) {
            field_set_str(f, record, field_str(f, r->values));
        } else {
            field_set_num(f, record, field_num(f, r->values));
        }
    }
}

/* --- steps --- */

static struct err *read_step(struct web *w, const struct entity *e, const struct rows *r,
                             struct bulk_step *out)
{
    *out = (struct bulk_step){.id = row_num(r, 0),
                              .entity = e,
                              .action = row_text(r, 1),
                              .state = row_text(r, 2),
                              .person = row_num(r, 3),
                              .who = row_text(r, 4),
                              .reason = row_text(r, 5),
                              .told = row_text(r, 7),
                              .total = row_num(r, 8),
                              .created = row_num(r, 9),
                              .started = row_num(r, 10),
                              .finished = row_num(r, 11)};
    TRY(bulk_values_read(w->arena, e, row_text(r, 6), &out->wish));
    out->wish.remove = text_equal(out->action, "remove");
    out->wish.reason = out->reason;
    return NULL;
}

static struct err *count_outcomes(struct web *w, struct bulk_step *s)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select outcome, count(*) from bulk_item where org_id = $1 and step = $2"
                 " group by outcome",
                 num(w->org), num(s->id)));
    while (row_next(r)) {
        const char *outcome = row_text(r, 0);
        i64 n = row_num(r, 1);

        if (text_equal(outcome, "planned"))
            s->planned = n;
        else if (text_equal(outcome, "done"))
            s->done = n;
        else if (text_equal(outcome, "same"))
            s->same = n;
        else if (text_equal(outcome, "refused"))
            s->refused = n;
        else if (text_equal(outcome, "undone"))
            s->undone = n;
        else if (text_equal(outcome, "kept"))
            s->kept = n;
    }
    return NULL;
}

static struct err *no_step(void)
{
    return err_new(ERR_MISSING, "There is no such step here. Steps are kept for a month.");
}

struct err *bulk_load(struct web *w, const struct entity *e, i64 id, struct bulk_step *out)
{
    struct rows *r;

    if (!bulk_may(w, e))
        return no_step();
    TRY(db_query(w->db, &r,
                 "select id, action, state, person, who, reason, changes, told, total, created,"
                 " started, finished from bulk_step where org_id = $1 and id = $2 and kind = $3",
                 num(w->org), num(id), str(e->name)));
    if (!row_next(r))
        return no_step();
    TRY(read_step(w, e, r, out));
    return count_outcomes(w, out);
}

struct err *bulk_list(struct web *w, const struct entity *e, struct bulk_step **out, size_t *count)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select id, action, state, person, who, reason, changes, told, total, created,"
                 " started, finished from bulk_step where org_id = $1 and kind = $2"
                 " and state not in ('making', 'planned') order by id desc limit $3",
                 num(w->org), str(e->name), num(SHOWN)));
    *out = NEW_ARRAY(w->arena, struct bulk_step, row_count(r) + 1);
    *count = 0;
    while (row_next(r)) {
        struct bulk_step *one = &(*out)[(*count)++];

        TRY(read_step(w, e, r, one));
        TRY(count_outcomes(w, one));
    }
    return NULL;
}

struct err *bulk_items(struct web *w, i64 step, const char *outcome, int limit, struct rows **out)
{
    return db_query(w->db, out,
                    "select record, before, after, outcome, why from bulk_item where org_id = $1"
                    " and step = $2 and outcome = $3 order by position limit $4",
                    num(w->org), num(step), str(outcome), num(limit));
}

static struct err *forget(struct web *w, i64 org, i64 id)
{
    TRY(db_exec(w->db, "delete from bulk_item where org_id = $1 and step = $2", num(org), num(id)));
    return db_exec(w->db, "delete from bulk_step where org_id = $1 and id = $2", num(org), num(id));
}

struct err *bulk_drop(struct web *w, const struct entity *e, i64 id)
{
    struct bulk_step s;

    TRY(bulk_load(w, e, id, &s));
    if (!text_equal(s.state, "planned"))
        return err_new(ERR_CLASH, "This step was run already. It can be undone instead.");
    return forget(w, w->org, id);
}

/* --- housekeeping --- */

static struct err *clean_some(struct web *w, void *ctx)
{
    struct rows *r;

    (void)ctx;
    /* every organisation */
    TRY(db_query(w->db, &r,
                 "select org_id, id from bulk_step where org_id >= $1 and (created < $2 or"
                 " (created < $3 and state in ('making', 'planned'))) order by created limit $4",
                 num(0), num(w->now - KEPT), num(w->now - PLANNED_KEPT), num(CLEANED)));
    while (row_next(r))
        TRY(forget(w, row_num(r, 0), row_num(r, 1)));
    return NULL;
}

struct err *bulk_clean(struct web *w, const char *body)
{
    (void)body;
    return app_write(w, clean_some, NULL);
}
