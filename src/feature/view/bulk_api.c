/* SPDX-License-Identifier: Apache-2.0 */
/* Many records in one step, over REST: planned, looked at, run, undone or dropped. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "core/api.h"
#include "core/app.h"
#include "core/bulk.h"
#include "core/job.h"
#include "core/list.h"
#include "feature/view/view_part.h"

#define RECORDS_MOST 5000
#define SHOWN 100

/* --- what the body says --- */

struct asked {
    struct bulk_wish wish;
    struct issues issues;
    const json_t *body, *records;
    i64 id;
};

/* "set", "add" and "take": members are fields, values as in a record's own JSON. */
static void take_values(struct web *w, struct asked *x, const char *name, enum bulk_how how)
{
    const json_t *object = json_object_get(x->body, name);
    struct bulk_wish *wish = &x->wish;
    struct inputs in;

    if (!object)
        return;
    if (!json_is_object(object)) {
        issue(&x->issues, name, "The value of “%s” must be an object of fields.", name);
        return;
    }
    in = entity_json_inputs(w, object, &x->issues);
    for (size_t i = 0; i < in.count; i++) {
        const struct field *f = entity_field(wish->entity, in.list[i].name);

        if (!f)
            issue(&x->issues, in.list[i].name, "There is no field “%.60s”.", in.list[i].name);
        else if (how != BULK_SET && f->kind != FIELD_SET && f->kind != FIELD_REFS)
            issue(&x->issues, f->name, "%s has one value: it can only be set.", f->label);
        else if (wish->nvalues == COUNT_OF(wish->values))
            issue(&x->issues, f->name, "These are too many fields for one step.");
        else
            wish->values[wish->nvalues++] = (struct bulk_value){f, how, in.list[i].value};
    }
}

static const char *take_text(struct web *w, struct asked *x, const char *name)
{
    const json_t *value = json_object_get(x->body, name);

    if (value && !json_is_string(value))
        issue(&x->issues, name, "The value of “%s” must be a text.", name);
    return json_is_string(value) ? arena_str(w->arena, json_string_value(value)) : NULL;
}

static void check_names(struct asked *x)
{
    static const char *const known[] = {"records", "filter", "set", "add", "take", "remove"};
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)x->body, name, value)
    {
        size_t i = 0;

        while (i < COUNT_OF(known) && !text_equal(name, known[i]))
            i++;
        if (i == COUNT_OF(known))
            issue(&x->issues, name, "A step does not know “%.60s”.", name);
    }
}

static void take_choice(struct web *w, struct asked *x)
{
    const json_t *remove = json_object_get(x->body, "remove");

    x->records = json_object_get(x->body, "records");
    x->wish.query = take_text(w, x, "filter");
    if (!x->records == !x->wish.query)
        issue(&x->issues, "records",
              "Say which records: their numbers or ids in “records”, or “filter” with the "
              "parameters of a list, like state=open; “” means all.");
    if (x->records && !json_is_array(x->records))
        issue(&x->issues, "records", "The value of “records” must be a list of numbers or ids.");
    if (json_array_size(x->records) > RECORDS_MOST)
        issue(&x->issues, "records", "A step names %d records at most. Use a filter for more.",
              RECORDS_MOST);
    if (remove && !json_is_boolean(remove))
        issue(&x->issues, "remove", "The value of “remove” is true or false.");
    x->wish.remove = json_is_true(remove);
}

/* The ids of the records that are named; in a read transaction. */
static struct err *find_records(struct web *w, void *ctx)
{
    struct asked *x = ctx;
    size_t n = json_array_size(x->records);
    i64 *ids = NEW_ARRAY(w->arena, i64, n + 1);

    for (size_t i = 0; i < n; i++) {
        const char *text = json_string_value(json_array_get(x->records, i));
        struct err *failed = text ? entity_find(w, x->wish.entity, text, &ids[i]) : NULL;

        if (failed && failed->code != ERR_MISSING && failed->code != ERR_CLASH)
            return failed;
        if (!text || failed)
            issue(&x->issues, "records", "There is no %s “%.60s” here.", x->wish.entity->label,
                  text ? text : "");
        if (x->issues.count)
            return NULL;
    }
    x->wish.ids = (struct ids){ids, n};
    return NULL;
}

static struct err *read_wish(struct web *w, struct asked *x)
{
    json_t *object;

    TRY(api_body(w, &object));
    x->body = object;
    x->wish.reason = text_empty(w->reason) ? NULL : w->reason;
    check_names(x);
    take_choice(w, x);
    take_values(w, x, "set", BULK_SET);
    take_values(w, x, "add", BULK_ADD);
    take_values(w, x, "take", BULK_TAKE);
    if (x->wish.remove && x->wish.nvalues)
        issue(&x->issues, "remove", "A step either removes records or changes their values.");
    if (!x->issues.count && x->records)
        TRY(app_read(w, find_records, x));
    return NULL;
}

/* --- what a step looks like --- */

static json_t *id_json(struct web *w, i64 id)
{
    return json_string(arena_printf(w->arena, "%lld", id));
}

static json_t *time_json(struct web *w, i64 at)
{
    return at ? json_string(clock_iso(w->arena, at)) : json_null();
}

static json_t *step_json(struct web *w, const struct bulk_step *s)
{
    json_t *o = json_object();

    json_object_set_new(o, "id", id_json(w, s->id));
    json_object_set_new(o, "kind", json_string(s->entity->plural));
    json_object_set_new(o, "state", json_string(s->state));
    json_object_set_new(o, "action", json_string(s->action));
    json_object_set_new(o, "chosen", json_string(s->told));
    json_object_set_new(o, "by", json_string(s->who));
    json_object_set_new(o, "reason", json_string(s->reason ? s->reason : ""));
    json_object_set_new(o, "total", json_integer(s->total));
    json_object_set_new(o, "ready", json_integer(s->planned));
    json_object_set_new(o, "done", json_integer(s->done));
    json_object_set_new(o, "same", json_integer(s->same));
    json_object_set_new(o, "refused", json_integer(s->refused));
    json_object_set_new(o, "undone", json_integer(s->undone));
    json_object_set_new(o, "kept", json_integer(s->kept));
    json_object_set_new(o, "created", time_json(w, s->created));
    json_object_set_new(o, "started", time_json(w, s->started));
    json_object_set_new(o, "finished", time_json(w, s->finished));
    return o;
}

static struct err *changes_json(struct web *w, const struct bulk_resolved *values,
                                const struct record *r, json_t *out)
{
    const struct entity *e = values->wish->entity;
    void *after = arena_alloc(w->arena, e->size);

    memcpy(after, r, e->size);
    bulk_apply(w, values, after);
    for (size_t i = 0; i < values->wish->nvalues; i++) {
        const struct field *f = values->wish->values[i].field;
        const char *was, *now;

        TRY(field_show(w, f, r, &was));
        TRY(field_show(w, f, after, &now));
        was = was ? was : "";
        now = now ? now : "";
        if (!text_equal(was, now))
            json_array_append_new(
                out, json_pack("{s:s, s:s, s:s}", "field", f->name, "before", was, "after", now));
    }
    return NULL;
}

/* One record of a step; what is planned is shown with its changes. */
static struct err *item_json(struct web *w, const struct bulk_step *s,
                             const struct bulk_resolved *values, const struct rows *r, json_t *list)
{
    struct record *one = arena_alloc(w->arena, s->entity->size);
    struct err *failed = entity_load(w, s->entity, row_num(r, 0), one);
    json_t *o = json_object(), *changes = json_array();
    const char *label = NULL;

    json_array_append_new(list, o);
    json_object_set_new(o, "record", id_json(w, row_num(r, 0)));
    json_object_set_new(o, "outcome", json_string(row_text(r, 3)));
    json_object_set_new(o, "why", json_string(row_text(r, 4)));
    json_object_set_new(o, "changes", changes);
    if (failed && failed->code == ERR_MISSING)
        return NULL;
    TRY(failed);
    record_label(w->arena, s->entity, one->number, &label);
    json_object_set_new(o, "number", json_string(label));
    if (values && !s->wish.remove)
        TRY(changes_json(w, values, one, changes));
    return NULL;
}

static struct err *items_json(struct web *w, const struct bulk_step *s, const char *outcome,
                              json_t *list)
{
    bool planned = text_equal(outcome, "planned");
    struct issues unused = {.arena = w->arena};
    struct bulk_resolved values;
    struct rows *r;

    if (planned && !s->wish.remove)
        TRY(bulk_resolve(w, &s->wish, &unused, &values));
    TRY(bulk_items(w, s->id, outcome, SHOWN, &r));
    while (row_next(r))
        TRY(item_json(w, s, planned ? &values : NULL, r, list));
    return NULL;
}

/* The step with the records that matter now: what would happen, what did not and why. */
static struct err *answer_step(struct web *w, const struct bulk_step *s, int status, i64 job)
{
    json_t *o = json_own(w->arena, step_json(w, s)), *items = json_array();

    json_object_set_new(o, "items", items);
    TRY(items_json(w, s, "refused", items));
    TRY(items_json(w, s, "kept", items));
    if (text_equal(s->state, "planned"))
        TRY(items_json(w, s, "planned", items));
    if (job)
        json_object_set_new(o, "job", id_json(w, job));
    web_answer_json(w, status, json_incref(o));
    return NULL;
}

/* --- routes --- */

static struct err *has_answer(struct web *w, void *ctx)
{
    struct rows *r;

    TRY(db_query(w->db, &r, "select 1 from operation where org_id = $1 and op = $2", num(w->org),
                 str(w->op)));
    *(bool *)ctx = row_next(r);
    return NULL;
}

/* A request that is sent again has its answer already: the slow part is not done twice. */
static struct err *was_answered(struct web *w, bool *out)
{
    *out = false;
    return text_empty(w->op) ? NULL : app_read(w, has_answer, out);
}

struct err *bulk_api_plan_prepare(struct web *w)
{
    struct asked *x = NEW(w->arena, struct asked);
    bool answered;

    x->wish.entity = bulk_path_kind(w);
    x->issues.arena = w->arena;
    TRY(bulk_check_kind(w, x->wish.entity));
    TRY(was_answered(w, &answered));
    if (answered)
        return NULL;
    TRY(read_wish(w, x));
    if (!x->issues.count)
        TRY(bulk_plan(w, &x->wish, &x->issues, &x->id));
    w->prepared = x;
    return NULL;
}

struct err *bulk_api_planned(struct web *w)
{
    struct asked *x = w->prepared;
    struct bulk_step s;

    if (!x)
        return err_new(ERR_BUSY, "The step was not planned. Send the request again.");
    if (x->issues.count) {
        api_refuse(w, &x->issues);
        return NULL;
    }
    TRY(bulk_load(w, x->wish.entity, x->id, &s));
    web_header(w, "Location",
               arena_printf(w->arena, "/api/v1/%s/bulk/%lld", s.entity->plural, s.id));
    return answer_step(w, &s, 201, 0);
}

struct err *bulk_api_list(struct web *w)
{
    json_t *answer = json_own(w->arena, json_object()), *items = json_array();
    const struct entity *e = feature_entity_plural(web_param(w, 0));
    struct bulk_step *list;
    size_t count;

    json_object_set_new(answer, "items", items);
    json_object_set_new(answer, "next", json_null());
    TRY(bulk_check_kind(w, e));
    TRY(bulk_list(w, e, &list, &count));
    for (size_t i = 0; i < count; i++)
        json_array_append_new(items, step_json(w, &list[i]));
    web_answer_json(w, 200, json_incref(answer));
    return NULL;
}

static struct err *load_asked(struct web *w, struct bulk_step *out)
{
    const struct entity *e = feature_entity_plural(web_param(w, 0));
    i64 id;

    TRY(bulk_check_kind(w, e));
    if (!text_i64(web_param(w, 1), &id))
        return err_new(ERR_MISSING, "There is no such step here. Steps are kept for a month.");
    return bulk_load(w, e, id, out);
}

struct err *bulk_api_show(struct web *w)
{
    struct bulk_step s;

    TRY(load_asked(w, &s));
    return answer_step(w, &s, 200, 0);
}

static struct err *work(struct web *w, bool undo)
{
    bool answered;

    TRY(was_answered(w, &answered));
    return answered ? NULL : bulk_work(w, undo);
}

struct err *bulk_api_run_prepare(struct web *w)
{
    return work(w, false);
}

struct err *bulk_api_undo_prepare(struct web *w)
{
    return work(w, true);
}

static struct err *after_work(struct web *w, bool undo)
{
    struct bulk_step s;
    i64 job;

    TRY(load_asked(w, &s));
    if (text_equal(s.state, undo ? "undone" : "done"))
        return answer_step(w, &s, 200, 0);
    TRY(bulk_start(w, &s, undo, &job));
    return answer_step(w, &s, 202, job);
}

struct err *bulk_api_ran(struct web *w)
{
    return after_work(w, false);
}

struct err *bulk_api_undone(struct web *w)
{
    return after_work(w, true);
}

struct err *bulk_api_drop(struct web *w)
{
    struct bulk_step s;

    TRY(load_asked(w, &s));
    TRY(bulk_drop(w, s.entity, s.id));
    web_status(w, 204);
    w->req->response.body = (struct bytes){(const unsigned char *)"", 0};
    return NULL;
}
