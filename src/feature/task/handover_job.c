/* SPDX-License-Identifier: Apache-2.0 */
/* Hand-overs of more records than somebody waits for: a job gives them away piece by piece, each
 * piece with what became of its records in one transaction, so that it may be broken off anywhere
 * and goes on with what the person still has. What the rules refuse stays and is counted. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/job.h"
#include "feature/task/handover.h"

#define PIECE 50

struct run {
    i64 handover, person;
    const char *reason;
    json_t *choices; /* "risk.owner": id; "risk.owner.17": id */
    struct handover_kind *kind;
    const char *after; /* where the next piece begins, NULL = at the beginning */
    bool last;
    struct handing m;
    i64 kept; /* records that the rules refused */
};

struct err *handover_items(struct web *w, i64 handover, int limit, struct rows **out, i64 *count)
{
    struct rows *r;

    *count = 0;
    TRY(db_query(w->db, &r,
                 "select count(*) from handover_item where org_id = $1 and handover = $2",
                 num(w->org), num(handover)));
    if (row_next(r))
        *count = row_num(r, 0);
    return db_query(w->db, out,
                    "select kind, number, title, target from handover_item where org_id = $1"
                    " and handover = $2 order by seq limit $3",
                    num(w->org), num(handover), num(limit));
}

/* --- starting --- */

static struct err *store_record(struct web *w, struct handover *h, const char *reason)
{
    struct issues found = {.arena = w->arena};

    TRY(entity_write(w, &handover_entity, h, reason, &found));
    return found.count ? err_new(ERR_INVALID, "%s", found.list[0].text) : NULL;
}

static void add_choices(struct web *w, json_t *choices, const struct handover_kind *k)
{
    const char *name = arena_printf(w->arena, "%s.%s", k->entity->name, k->field->name);

    if (k->all)
        json_object_set_new(choices, name, json_integer(k->all));
    for (size_t i = 0; i < k->count; i++)
        if (k->items[i].to && k->items[i].to != k->all)
            json_object_set_new(choices, arena_printf(w->arena, "%s.%lld", name, k->items[i].id),
                                json_integer(k->items[i].to));
}

struct err *handover_start(struct web *w, const struct person *p, const struct handover_list *list,
                           const char *reason, i64 *job)
{
    json_t *o = json_own(w->arena, json_object()), *choices = json_object();
    struct handover h = {.title = arena_printf(w->arena, "Work of P-%lld", p->number),
                         .person = p->id,
                         .reason = reason,
                         .state = "running",
                         .handed_on = w->today,
                         .handed_by = w->person,
                         .body = "[]"};

    for (size_t i = 0; i < list->count; i++)
        add_choices(w, choices, &list->kinds[i]);
    TRY(store_record(w, &h, reason));
    json_object_set_new(o, "handover", json_integer(h.id));
    json_object_set_new(o, "choices", choices);
    return job_start(w, "task.handover", arena_printf(w->arena, "%lld", h.id),
                     N_("Hand-over of work"), json_text(w->arena, o), job);
}

struct err *handover_start_back(struct web *w, struct handover *h, i64 *job)
{
    if (!text_equal(h->state, "done"))
        return err_new(ERR_CLASH, "This hand-over was taken back already, or is under way.");
    h->state = "undoing";
    TRY(store_record(w, h, tr("Taken back")));
    return job_start(w, "task.handback", arena_printf(w->arena, "%lld", h->id),
                     N_("Hand-over taken back"), arena_printf(w->arena, "%lld", h->id), job);
}

/* --- giving --- */

static i64 target_of(struct web *w, const struct run *x, const struct handover_item *item)
{
    const char *name = arena_printf(w->arena, "%s.%s", x->kind->entity->name, x->kind->field->name);
    json_t *one = json_object_get(x->choices, arena_printf(w->arena, "%s.%lld", name, item->id));
    i64 to = json_integer_value(one ? one : json_object_get(x->choices, name));

    if (item->locked || (to == x->person && x->kind->entity != &role_holder_entity))
        return 0;
    return to;
}

/* The next records that the person still has. */
static struct err *find_piece(struct web *w, void *ctx)
{
    struct run *x = ctx;
    struct list_query q;
    struct list_result r;

    handover_query(w, x->kind, x->person, &q);
    q.limit = PIECE;
    q.after = x->after;
    x->kind->count = 0;
    TRY(list_run(w, &q, false, &r));
    for (size_t i = 0; i < r.count; i++) {
        handover_add(w, x->kind, (const void *)((const char *)r.records + i * q.entity->size));
        x->kind->items[i].to = target_of(w, x, &x->kind->items[i]);
    }
    x->after = r.next;
    x->last = !r.next;
    return NULL;
}

static struct err *read_seq(struct web *w, struct run *x)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select coalesce(max(seq), 0) from handover_item where org_id = $1"
                 " and handover = $2",
                 num(w->org), num(x->handover)));
    x->m.seq = row_next(r) ? row_num(r, 0) : 0;
    return NULL;
}

static struct err *give_piece(struct web *w, void *ctx)
{
    struct run *x = ctx;

    TRY(job_fence(w));
    TRY(read_seq(w, x));
    for (size_t i = 0; i < x->kind->count; i++) {
        const struct handover_item *item = &x->kind->items[i];
        struct issues found = {.arena = w->arena};
        struct err *failed;
        i64 version = 0;

        if (!item->to)
            continue;
        failed = handover_move(w, &x->m, x->kind, item, &version, &found);
        if (failed && failed->code != ERR_MISSING)
            return failed;
        x->kept += found.count != 0;
    }
    return NULL;
}

/* In an arena of its own, so that a hundred thousand records need no more room than fifty. */
static struct err *give_one_piece(struct web *base, struct run *x)
{
    struct arena *a = arena_new(0);
    const char *before = x->after;
    struct web w = *base;
    struct err *failed;

    w.arena = a;
    db_use_arena(base->db, a);
    x->kind->items = NEW_ARRAY(a, struct handover_item, PIECE + 1);
    failed = app_read(&w, find_piece, x);
    if (!failed && x->kind->count)
        failed = app_write(&w, give_piece, x);
    x->after = x->after ? arena_str(base->arena, x->after) : NULL;
    if (failed)
        x->after = before;
    db_use_arena(base->db, base->arena);
    arena_free(a);
    return failed;
}

static bool is_chosen(const struct run *x, const struct entity *e, const struct field *f)
{
    const char *name, *dot;
    json_t *to;

    json_object_foreach(x->choices, name, to)
    {
        dot = strchr(name, '.');
        if (dot && strlen(e->name) == (size_t)(dot - name) &&
            memcmp(name, e->name, (size_t)(dot - name)) == 0 && text_starts(dot + 1, f->name) &&
            strchr(".", dot[1 + strlen(f->name)]))
            return true;
    }
    return false;
}

static struct err *give_kind(struct web *w, struct run *x, struct handover_kind *k)
{
    x->kind = k;
    x->after = NULL;
    do {
        if (job_cancelled(w))
            return job_stopped();
        TRY(give_one_piece(w, x));
        TRY(job_progress(w, x->m.moved, 0, "%lld records handed over", x->m.moved));
    } while (!x->last);
    return NULL;
}

static struct err *load(struct web *w, void *ctx)
{
    return entity_load(w, &handover_entity, ((struct handover *)ctx)->id, ctx);
}

static struct err *finish(struct web *w, void *ctx)
{
    struct handover *h = ctx;
    struct rows *r;

    TRY(job_fence(w));
    TRY(handover_items(w, h->id, 1, &r, &h->moved));
    h->state = "done";
    return store_record(w, h, h->reason);
}

static struct err *give_all(struct web *w, struct run *x)
{
    for (size_t i = 0; features[i]; i++) {
        const struct entity *const *list = features[i]->entities;

        for (size_t k = 0; list && list[k]; k++)
            for (size_t f = 0; f < list[k]->nfields && !list[k]->site; f++) {
                struct handover_kind one = {.entity = list[k], .field = &list[k]->fields[f]};

                if (handover_field(one.field) && is_chosen(x, one.entity, one.field))
                    TRY(give_kind(w, x, &one));
            }
    }
    return NULL;
}

struct err *handover_job(struct web *w, const char *body)
{
    struct handover h = {0};
    struct run x = {0};
    struct err *stopped;
    json_t *o;

    TRY(json_parse(w->arena, body, strlen(body), &o));
    h.id = json_integer_value(json_object_get(o, "handover"));
    TRY(app_read(w, load, &h));
    if (!text_equal(h.state, "running") && !text_equal(h.state, "done"))
        return NULL;
    x = (struct run){
        .handover = h.id,
        .person = h.person,
        .reason = h.reason,
        .choices = json_object_get(o, "choices"),
        .m = {.person = h.person, .reason = h.reason, .handover = h.id}
    };
    stopped = give_all(w, &x);
    if (stopped && !job_cancelled(w))
        return stopped;
    TRY(app_write(w, finish, &h));
    TRY(job_result(w, arena_printf(w->arena, "/handovers/HO-%lld", h.number),
                   "%lld records were handed over; %lld stay because a rule refused it.", h.moved,
                   x.kept));
    return stopped;
}

/* --- taking back --- */

struct back {
    struct handover h;
    i64 after, done, kept;
    bool last;
};

static struct err *back_piece(struct web *w, void *ctx)
{
    struct back *x = ctx;
    struct rows *r;

    TRY(job_fence(w));
    TRY(db_query(w->db, &r,
                 "select seq, kind, field, record, target, until from handover_item"
                 " where org_id = $1 and handover = $2 and seq > $3 and undone = 0"
                 " order by seq limit $4",
                 num(w->org), num(x->h.id), num(x->after), num(PIECE)));
    x->last = row_count(r) < PIECE;
    while (row_next(r)) {
        struct handed one = {.kind = row_text(r, 1),
                             .field = row_text(r, 2),
                             .id = row_num(r, 3),
                             .to = row_num(r, 4),
                             .until = row_str(r, 5)};
        bool done;

        x->after = row_num(r, 0);
        TRY(handover_back_one(w, x->h.person, &one, &done));
        x->done += done;
        x->kept += !done;
        TRY(db_exec(w->db,
                    "update handover_item set undone = $4 where org_id = $1 and handover = $2"
                    " and seq = $3",
                    num(w->org), num(x->h.id), num(x->after), num(done ? 1 : 2)));
    }
    return NULL;
}

static struct err *back_one_piece(struct web *base, struct back *x)
{
    struct arena *a = arena_new(0);
    struct back before = *x;
    struct web w = *base;
    struct err *failed;

    w.arena = a;
    db_use_arena(base->db, a);
    failed = app_write(&w, back_piece, x);
    if (failed)
        *x = before;
    db_use_arena(base->db, base->arena);
    arena_free(a);
    return failed;
}

static struct err *finish_back(struct web *w, void *ctx)
{
    struct back *x = ctx;

    TRY(job_fence(w));
    x->h.state = "undone";
    return store_record(w, &x->h, tr("Taken back"));
}

struct err *handover_back_job(struct web *w, const char *body)
{
    struct back x = {0};

    if (!text_i64(body, &x.h.id))
        return err_new(ERR_BAD, "The job names no hand-over.");
    TRY(app_read(w, load, &x.h));
    if (!text_equal(x.h.state, "undoing"))
        return NULL;
    do {
        if (job_cancelled(w))
            return job_stopped();
        TRY(back_one_piece(w, &x));
        TRY(job_progress(w, x.done, x.h.moved, "%lld records taken back", x.done));
    } while (!x.last);
    TRY(app_write(w, finish_back, &x));
    return job_result(w, arena_printf(w->arena, "/handovers/HO-%lld", x.h.number),
                      "%lld records were taken back; %lld stay because they changed since.", x.done,
                      x.kept);
}
