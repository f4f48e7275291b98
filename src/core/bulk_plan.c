/* SPDX-License-Identifier: Apache-2.0 */
/* Planning: which records, and what would become of each. Reading and storing alternate, so that no
 * reader lasts long and the writer is never held up. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/bulk_part.h"
#include "core/entity_write.h"
#include "core/import_past.h"
#include "core/list_part.h"
#include "net/server.h"

#define PIECE 250

struct item {
    i64 record, version;
    const char *outcome, *why;
};

struct planning {
    const struct bulk_wish *wish;
    struct bulk_resolved values;
    struct arena *piece_arena;
    i64 *ids;
    size_t count, room;
    struct arena *ids_arena;
    const char *told;
    const char *asked; /* somebody has to say why, and did not; or NULL */
    i64 step;
    struct item items[PIECE];
    size_t from, n; /* of the piece */
};

/* --- which records --- */

static struct err *take_id(struct planning *p, i64 id)
{
    if (p->count == BULK_MOST)
        return err_new(ERR_LIMIT,
                       "More than %d records were chosen. Change them in smaller parts, by a "
                       "filter.",
                       BULK_MOST);
    if (p->count == p->room) {
        size_t room = p->room ? p->room * 2 : 1024;
        i64 *more = NEW_ARRAY(p->ids_arena, i64, room);

        if (p->count)
            memcpy(more, p->ids, p->count * sizeof *more);
        p->ids = more;
        p->room = room;
    }
    p->ids[p->count++] = id;
    return NULL;
}

static struct err *take_record(void *ctx, const void *record)
{
    return take_id(ctx, ((const struct record *)record)->id);
}

/* The list as the form's address tells it. */
static struct err *choose_list(struct web *w, struct planning *p)
{
    struct request r = {.arena = w->arena, .path = "/", .target = "/"};
    struct request *own = w->req;
    enum web_face face = w->face;
    struct list_query q;
    struct err *failed;

    TRY(parse_pairs(w->arena, p->wish->query, strlen(p->wish->query), &r.query));
    w->req = &r;
    w->face = FACE_JOB;
    failed = list_parse(w, p->wish->entity, &q);
    if (!failed)
        failed = list_told_whole(w, &q, &p->told);
    w->req = own;
    w->face = face;
    TRY(failed);
    p->told = *p->told ? arena_str(p->ids_arena, p->told) : tr("all of the list");
    q.after = NULL;
    q.group = NULL;
    q.chosen = true; /* only ids are read */
    q.ncolumns = 0;
    list_needs(&q, NULL);
    return list_stream(w, &q, take_record, p);
}

/* All that an import which was the whole list did not name. */
static struct err *choose_missing(struct web *w, struct planning *p)
{
    struct ids ids;

    TRY(import_missing_open(w, p->wish->missing, p->wish->missing_after, p->wish->entity, &ids));
    p->told = p->wish->missing_after || ids.count == BULK_MOST
                  ? tr("a part of those that were missing in an imported list")
                  : tr("all that were missing in an imported list");
    for (size_t i = 0; i < ids.count; i++)
        TRY(take_id(p, ids.id[i]));
    return NULL;
}

static struct err *choose(struct web *w, void *ctx)
{
    struct planning *p = ctx;

    if (p->wish->missing)
        return choose_missing(w, p);
    if (!p->wish->ids.count && p->wish->query)
        return choose_list(w, p);
    p->told = tr("ticked one by one");
    for (size_t i = 0; i < p->wish->ids.count; i++)
        TRY(take_id(p, p->wish->ids.id[i]));
    return NULL;
}

/* --- what would become of one --- */

static bool anything_differs(const struct entity *e, const void *a, const void *b)
{
    for (size_t i = 0; i < e->nfields; i++)
        if (!e->fields[i].derived && !field_equal(&e->fields[i], a, b))
            return true;
    return false;
}

/* The first change or removal that has to say why. */
static void unexplained(struct planning *p, const char *asked)
{
    if (asked && !p->asked)
        p->asked = arena_str(p->ids_arena, asked);
}

static struct err *check_change(struct web *w, struct planning *p, struct record *r,
                                struct item *out)
{
    const struct entity *e = p->wish->entity;
    struct record *changed = arena_alloc(w->arena, e->size);
    struct issues issues = {.arena = w->arena};
    struct reason_asked asked = {0};

    memcpy(changed, r, e->size);
    bulk_apply(w, &p->values, changed);
    out->outcome = "same";
    if (!anything_differs(e, r, changed))
        return NULL;
    TRY(entity_check(w, e, changed, &issues));
    out->outcome = issues.count ? "refused" : "planned";
    if (issues.count)
        out->why = issues.list[0].text;
    else if (text_empty(p->wish->reason))
        TRY(entity_reason_asked(w, e, r, changed, &asked));
    unexplained(p, asked.text);
    return NULL;
}

/* What refers to a record is asked when it is removed; here only what is known without that. */
static struct err *check_remove(struct web *w, struct planning *p, struct record *r,
                                struct item *out)
{
    const struct entity *e = p->wish->entity;
    struct issues found = {.arena = w->arena};

    if (e->depends)
        TRY(e->depends(w, r->id, &found));
    out->outcome = found.count ? "refused" : "planned";
    if (found.count)
        out->why = found.list[0].text;
    else if (text_empty(p->wish->reason) && entity_reason_always(e, r))
        unexplained(p, tr("Say in a few words why these records are removed."));
    return NULL;
}

static struct err *check_one(struct web *w, struct planning *p, i64 id, struct item *out)
{
    const struct entity *e = p->wish->entity;
    struct record *r = arena_alloc(w->arena, e->size);
    struct err *failed = entity_load(w, e, id, r);

    *out = (struct item){.record = id, .outcome = "refused"};
    if (failed && failed->code == ERR_MISSING) {
        out->why = tr("It is not there any more.");
        return NULL;
    }
    TRY(failed);
    out->version = r->version;
    return p->wish->remove ? check_remove(w, p, r, out) : check_change(w, p, r, out);
}

static struct err *check_piece(struct web *w, void *ctx)
{
    struct planning *p = ctx;
    struct issues unused = {.arena = w->arena};

    /* References may have gone since the last piece. */
    TRY(bulk_resolve(w, p->wish, &unused, &p->values));
    p->n = 0;
    while (p->n < PIECE && p->from + p->n < p->count) {
        TRY(check_one(w, p, p->ids[p->from + p->n], &p->items[p->n]));
        p->n++;
    }
    return NULL;
}

/* --- storing --- */

static struct err *store_step(struct web *w, void *ctx)
{
    struct planning *p = ctx;

    return db_exec(w->db,
                   "insert into bulk_step (org_id, id, kind, action, state, person, account, who,"
                   " reason, changes, told, total, created) values ($1, $2, $3, $4, 'making', $5,"
                   " $6, $7, $8, $9, $10, $11, $12)",
                   num(w->org), num(p->step), str(p->wish->entity->name),
                   str(p->wish->remove ? "remove" : "change"), num(w->person), num(w->account),
                   str(w->person_name ? w->person_name : w->actor), str_or_null(p->wish->reason),
                   str(bulk_values_write(w->arena, p->wish)), str(p->told), num((i64)p->count),
                   num(w->now));
}

static struct err *store_piece(struct web *w, void *ctx)
{
    struct planning *p = ctx;

    for (size_t i = 0; i < p->n; i++)
        TRY(db_exec(w->db,
                    "insert into bulk_item (org_id, step, position, record, before, after, outcome,"
                    " why) values ($1, $2, $3, $4, $5, 0, $6, $7)",
                    num(w->org), num(p->step), num((i64)(p->from + i)), num(p->items[i].record),
                    num(p->items[i].version), str(p->items[i].outcome),
                    str_or_null(p->items[i].why)));
    if (p->from + p->n < p->count)
        return NULL;
    return db_exec(w->db, "update bulk_step set state = 'planned' where org_id = $1 and id = $2",
                   num(w->org), num(p->step));
}

static struct err *plan_pieces(struct web *w, struct planning *p)
{
    for (p->from = 0; p->from < p->count; p->from += p->n) {
        struct arena *own;
        struct err *failed;

        arena_reset(p->piece_arena);
        own = bulk_use(w, p->piece_arena);
        failed = app_read(w, check_piece, p);
        if (!failed && !p->from)
            failed = app_write(w, store_step, p);
        if (!failed)
            failed = app_write(w, store_piece, p);
        bulk_use(w, own);
        TRY(failed);
    }
    return NULL;
}

static struct err *check_wish(struct web *w, void *ctx)
{
    struct planning *p = ctx;
    struct issues *out = p->values.values; /* handed in by bulk_plan */

    return bulk_resolve(w, p->wish, out, &p->values);
}

static struct err *drop_step(struct web *w, void *ctx)
{
    const struct planning *p = ctx;

    return bulk_drop(w, p->wish->entity, p->step);
}

static struct err *plan(struct web *w, struct planning *p, struct issues *out)
{
    p->values.values = out;
    TRY(app_read(w, check_wish, p));
    if (out->count)
        return NULL;
    TRY(app_read(w, choose, p));
    if (!p->count) {
        issue(out, "", "No record was chosen. Tick some in the list, or choose all that match.");
        return NULL;
    }
    p->step = web_id();
    TRY(plan_pieces(w, p));
    if (!p->asked)
        return NULL;
    issue(out, "_reason", "%s", p->asked);
    return app_write(w, drop_step, p);
}

struct err *bulk_plan(struct web *w, const struct bulk_wish *wish, struct issues *out, i64 *id)
{
    struct planning *p = NEW(w->arena, struct planning);
    struct err *failed;

    *id = 0;
    TRY(web_need(w, &bulk_run_right));
    TRY(web_need(w, wish->entity->write));
    if (!wish->remove && !wish->nvalues)
        issue(out, "", "Say what is to be changed: tick at least one field.");
    if (wish->remove && wish->entity->no_create)
        issue(out, "", "These records cannot be removed.");
    if (out->count)
        return NULL;
    p->wish = wish;
    p->piece_arena = arena_new(0);
    p->ids_arena = arena_new(0);
    failed = plan(w, p, out);
    arena_free(p->piece_arena);
    arena_free(p->ids_arena);
    *id = failed || out->count ? 0 : p->step;
    return failed;
}
