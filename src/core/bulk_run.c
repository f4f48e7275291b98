/* SPDX-License-Identifier: Apache-2.0 */
/* Running a step and undoing it, in pieces: each takes the writer for a few milliseconds and marks
 * in the same transaction what became of its records, so it may be broken off anywhere. How long a
 * piece is is counted in statements, not by the clock: on any machine the same pieces. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/bulk_part.h"
#include "core/entity_write.h"
#include "core/job.h"
#include "core/list_sql.h"
#include "core/trail.h"

#define PIECE 100

struct work {
    const struct entity *e;
    i64 id;
    bool undo;
    struct bulk_step step;
    struct bulk_resolved values;
    i64 left; /* records that wait */
};

struct item {
    i64 position, record, before, after;
    const char *outcome, *why;
};

/* --- one record --- */

static struct err *change_one(struct web *w, struct work *k, struct item *i)
{
    struct record *r = arena_alloc(w->arena, k->e->size);
    struct issues issues = {.arena = w->arena};

    TRY(entity_load(w, k->e, i->record, r));
    if (r->version != i->before) {
        i->why = tr("Somebody changed it after the preview.");
        return NULL;
    }
    bulk_apply(w, &k->values, r);
    TRY(entity_write(w, k->e, r, k->step.wish.reason, &issues));
    if (issues.count) {
        i->why = issues.list[0].text;
        return NULL;
    }
    i->outcome = r->version == i->before ? "same" : "done";
    i->after = r->version;
    return NULL;
}

static struct err *remove_one(struct web *w, struct work *k, struct item *i)
{
    struct record *r = arena_alloc(w->arena, k->e->size);

    TRY(entity_load(w, k->e, i->record, r));
    if (r->version != i->before) {
        i->why = tr("Somebody changed it after the preview.");
        return NULL;
    }
    TRY(entity_remove(w, k->e, i->record, i->before, k->step.wish.reason));
    i->outcome = "done";
    i->after = i->before;
    return NULL;
}

/* The values of the step's fields as they were; what else the record has stays. */
static struct err *take_back(struct web *w, struct work *k, struct item *i, struct record *r)
{
    struct record *old = arena_alloc(w->arena, k->e->size);

    TRY(list_old_version(w, k->e, i->record, i->before, old));
    for (size_t n = 0; n < k->step.wish.nvalues; n++) {
        const struct field *f = k->step.wish.values[n].field;

        if (f->kind == FIELD_REFS)
            field_set_ids(f, r, *field_ids(f, old));
        else if (field_is_text(f))
            field_set_str(f, r, field_str(f, old));
        else
            field_set_num(f, r, field_num(f, old));
    }
    return NULL;
}

static struct err *undo_change(struct web *w, struct work *k, struct item *i)
{
    struct record *r = arena_alloc(w->arena, k->e->size);
    struct issues issues = {.arena = w->arena};

    TRY(entity_load(w, k->e, i->record, r));
    if (r->version != i->after) {
        i->why = tr("Somebody changed it since.");
        return NULL;
    }
    TRY(take_back(w, k, i, r));
    TRY(entity_write(w, k->e, r, tr("Undoing a change of several records"), &issues));
    if (issues.count)
        i->why = issues.list[0].text;
    else
        i->outcome = "undone";
    return NULL;
}

static struct err *undo_remove(struct web *w, struct work *k, struct item *i)
{
    TRY(entity_restore(w, k->e, i->record));
    i->outcome = "undone";
    return NULL;
}

static struct err *do_one(struct web *w, struct work *k, struct item *i)
{
    if (k->undo)
        return k->step.wish.remove ? undo_remove(w, k, i) : undo_change(w, k, i);
    return k->step.wish.remove ? remove_one(w, k, i) : change_one(w, k, i);
}

/* What is refused stays as it was, with the reason; the others go on. */
static struct err *try_one(struct web *w, struct work *k, struct item *i)
{
    struct trail_item *mark = trail_mark(w);
    struct err *failed;

    i->outcome = k->undo ? "kept" : "refused";
    i->why = NULL;
    TRY(db_savepoint(w->db));
    failed = do_one(w, k, i);
    if (!failed && !i->why)
        return db_release(w->db);
    if (failed && failed->code != ERR_CLASH && failed->code != ERR_INVALID &&
        failed->code != ERR_MISSING && failed->code != ERR_DENIED)
        return failed;
    db_rollback_to(w->db);
    trail_back(w, mark);
    if (failed)
        i->why = arena_str(w->arena, failed->text);
    i->outcome = k->undo ? "kept" : "refused";
    return NULL;
}

/* --- a piece --- */

static struct err *store_item(struct web *w, const struct work *k, const struct item *i)
{
    return db_exec(w->db,
                   "update bulk_item set outcome = $4, after = $5, why = $6 where org_id = $1"
                   " and step = $2 and position = $3",
                   num(w->org), num(k->id), num(i->position), str(i->outcome), num(i->after),
                   str_or_null(i->why));
}

static const char *event_text(struct web *w, const struct work *k)
{
    json_t *o = json_own(w->arena, json_object());

    json_object_set_new(o, "step", json_string(arena_printf(w->arena, "%lld", k->id)));
    json_object_set_new(o, "action", json_string(k->step.action));
    json_object_set_new(o, "records", json_integer(k->undo ? k->step.done : k->step.planned));
    json_object_set_new(o, "chosen", json_string(k->step.told));
    return json_text(w->arena, o);
}

static struct err *begin_step(struct web *w, struct work *k)
{
    bool fresh = text_equal(k->step.state, k->undo ? "done" : "planned");
    bool again = text_equal(k->step.state, k->undo ? "undoing" : "running");

    if (!fresh && !again)
        return err_new(ERR_CLASH, k->undo ? "This step cannot be undone: it was not run, or it was "
                                            "undone already."
                                          : "This step was run already.");
    if (!fresh)
        return NULL;
    TRY(db_exec(w->db,
                "update bulk_step set state = $3, started = $4 where org_id = $1 and id = $2",
                num(w->org), num(k->id), str(k->undo ? "undoing" : "running"), num(w->now)));
    trail_event(w, k->undo ? "bulk.undo" : "bulk", k->e->name, 0, event_text(w, k));
    return NULL;
}

static struct err *next_items(struct web *w, const struct work *k, struct rows **out)
{
    return db_query(w->db, out,
                    "select position, record, before, after from bulk_item where org_id = $1"
                    " and step = $2 and outcome = $3 order by position limit $4",
                    num(w->org), num(k->id), str(k->undo ? "done" : "planned"), num(PIECE));
}

static struct err *end_step(struct web *w, const struct work *k)
{
    return db_exec(w->db,
                   "update bulk_step set state = $3, finished = $4 where org_id = $1 and id = $2",
                   num(w->org), num(k->id), str(k->undo ? "undone" : "done"), num(w->now));
}

static struct err *run_piece(struct web *w, void *ctx)
{
    struct work *k = ctx;
    struct issues unused = {.arena = w->arena};
    u64 before = db_statements(w->db);
    struct rows *r;
    size_t n = 0;

    if (w->job)
        TRY(job_fence(w));
    TRY(bulk_load(w, k->e, k->id, &k->step));
    TRY(begin_step(w, k));
    if (!k->undo && !k->step.wish.remove)
        TRY(bulk_resolve(w, &k->step.wish, &unused, &k->values));
    TRY(next_items(w, k, &r));
    while (row_next(r) && (n == 0 || db_statements(w->db) - before < BULK_PIECE)) {
        struct item i = {.position = row_num(r, 0),
                         .record = row_num(r, 1),
                         .before = row_num(r, 2),
                         .after = row_num(r, 3)};

        TRY(try_one(w, k, &i));
        TRY(store_item(w, k, &i));
        n++;
    }
    k->left = (k->undo ? k->step.done : k->step.planned) - (i64)n;
    return k->left > 0 ? NULL : end_step(w, k);
}

struct err *bulk_piece(struct web *w, const struct entity *e, i64 id, i64 *left)
{
    struct work k = {.e = e, .id = id};

    TRY(app_write(w, run_piece, &k));
    *left = k.left;
    return NULL;
}

static struct err *run_pieces(struct web *w, struct work *k)
{
    struct arena *piece = arena_new(0);
    struct err *failed;

    do {
        struct arena *own = bulk_use(w, piece);

        failed = app_write(w, run_piece, k);
        bulk_use(w, own);
        arena_reset(piece);
        if (!failed)
            failed = job_progress(w, k->step.total - k->left, k->step.total, "Records");
        if (!failed && k->left > 0 && job_cancelled(w))
            failed = job_stopped();
    } while (!failed && k->left > 0);
    arena_free(piece);
    return failed;
}

struct err *bulk_run(struct web *w, const struct entity *e, i64 id)
{
    struct work k = {.e = e, .id = id};

    TRY(web_need(w, &bulk_run_right));
    TRY(web_need(w, e->write));
    return run_pieces(w, &k);
}

struct err *bulk_undo(struct web *w, const struct entity *e, i64 id)
{
    struct work k = {.e = e, .id = id, .undo = true};

    TRY(web_need(w, &bulk_run_right));
    TRY(web_need(w, e->write));
    return run_pieces(w, &k);
}
