/* SPDX-License-Identifier: Apache-2.0 */
/* Taking an import back, in pieces. First the changed records get their values of before; then the
 * made ones go, the last first, because later rows refer to earlier ones. Nothing is forced: what
 * somebody changed since, or what something else refers to, stays and is told. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/entity_sql.h"
#include "core/import_record.h"
#include "core/import_rows.h"
#include "core/job.h"

#define PIECE 200

/* A record that the import wrote: as it was before the first time, and as it was left. */
struct touched {
    i64 record, was, version;
};

struct undoing {
    struct web *w;
    i64 import;
    const char *state;
    const struct entity *e;
    struct import head;
    const char *reason;
    struct touched list[PIECE];
    size_t count;
    i64 from;                            /* the last record that was looked at */
    i64 removed, restored, left, before; /* made records that still stood in the round before */
    bool last_round;
};

/* The next records after `from`: changed ones, or made ones in falling order. */
static struct err *next_touched(struct undoing *u, bool made)
{
    struct web *w = u->w;
    struct rows *r;

    if (made)
        TRY(db_query(w->db, &r,
                     "select record, min(was), max(version) from import_effect where org_id = $1"
                     " and import = $2 and record < $3 group by record having min(was) = 0"
                     " order by record desc limit $4",
                     num(w->org), num(u->import), num(u->from), num(PIECE)));
    else
        TRY(db_query(w->db, &r,
                     "select record, min(was), max(version) from import_effect where org_id = $1"
                     " and import = $2 and record > $3 group by record having min(was) > 0"
                     " order by record limit $4",
                     num(w->org), num(u->import), num(u->from), num(PIECE)));
    for (u->count = 0; row_next(r); u->count++)
        u->list[u->count] = (struct touched){row_num(r, 0), row_num(r, 1), row_num(r, 2)};
    if (u->count)
        u->from = u->list[u->count - 1].record;
    return NULL;
}

static struct err *leave(struct undoing *u, i64 record, const char *why)
{
    u->left++;
    return db_exec(u->w->db,
                   "insert into import_left (org_id, import, record, why) values ($1, $2, $3, $4)"
                   " on conflict (org_id, import, record) do nothing",
                   num(u->w->org), num(u->import), num(record), str(why));
}

/* The record as it lies in the store; false when it is gone. */
static struct err *live(struct undoing *u, i64 id, struct record **out, bool *there)
{
    struct err *failed;

    *out = arena_alloc(u->w->arena, u->e->size);
    failed = entity_load(u->w, u->e, id, *out);
    *there = !failed;
    return failed && failed->code != ERR_MISSING ? failed : NULL;
}

/* The version before the import, from the history. */
static struct err *restore_values(struct undoing *u, const struct touched *t, struct record *now)
{
    struct issues issues = {.arena = u->w->arena};
    struct history_row *old;
    struct record *back;
    size_t n;

    TRY(entity_history_page(u->w, u->e, t->record, t->was - 1, 1, &old, &n));
    back = n ? old[0].record : NULL;
    if (!back || back->id != t->record || back->version != t->was)
        return leave(u, t->record, tr("Its version of before is not kept any more."));
    back->version = now->version;
    TRY(entity_write(u->w, u->e, back, u->reason, &issues));
    if (issues.count)
        return leave(u, t->record, issues.list[0].text);
    u->restored++;
    return NULL;
}

static struct err *undo_change(struct undoing *u, const struct touched *t)
{
    struct record *now;
    bool there;

    TRY(live(u, t->record, &now, &there));
    if (!there)
        return leave(u, t->record, tr("It was removed since."));
    if (now->version != t->version)
        return leave(u, t->record, tr("It was changed since; those changes would be lost."));
    return restore_values(u, t, now);
}

/* Is kept as long as there is hope that what refers to it goes too. */
static struct err *undo_creation(struct undoing *u, const struct touched *t)
{
    struct record *now;
    struct err *failed;
    bool there;

    TRY(live(u, t->record, &now, &there));
    if (!there)
        return NULL;
    if (now->version != t->version) {
        u->before++;
        return u->last_round
                   ? leave(u, t->record, tr("It was changed since; those changes would be lost."))
                   : NULL;
    }
    failed = entity_remove(u->w, u->e, t->record, now->version, u->reason);
    if (!failed) {
        u->removed++;
        return db_exec(u->w->db, "delete from import_key where org_id = $1 and record = $2",
                       num(u->w->org), num(t->record));
    }
    if (failed->code != ERR_CLASH && failed->code != ERR_INVALID && failed->code != ERR_DENIED)
        return failed;
    u->before++;
    return u->last_round ? leave(u, t->record, failed->text) : NULL;
}

struct undo_piece {
    struct undoing *u;
    bool made;
};

static struct err *undo_piece(struct web *w, void *ctx)
{
    struct undo_piece *p = ctx;
    struct undoing *u = p->u;
    struct undoing start = *u;
    struct err *failed = job_fence(w);

    for (size_t i = 0; !failed && i < u->count; i++)
        failed = p->made ? undo_creation(u, &u->list[i]) : undo_change(u, &u->list[i]);
    if (failed) { /* may run again after a lost race */
        u->removed = start.removed;
        u->restored = start.restored;
        u->left = start.left;
        u->before = start.before;
    }
    return failed;
}

struct leaving {
    struct undoing *u;
    const char *why;
};

static struct err *leave_one(struct web *w, void *ctx)
{
    struct leaving *l = ctx;

    (void)w;
    return leave(l->u, l->u->list[0].record, l->why);
}

/* A piece that failed as a whole, one record at a time: what fails alone stays. */
static struct err *undo_singly(struct undo_piece *p)
{
    struct undoing *u = p->u;
    struct touched all[PIECE];
    size_t n = u->count;

    memcpy(all, u->list, sizeof(all));
    for (size_t i = 0; i < n; i++) {
        struct leaving l = {.u = u};
        struct err *failed;

        u->list[0] = all[i];
        u->count = 1;
        failed = app_write(u->w, undo_piece, p);
        if (failed && (failed->code == ERR_BUSY || failed->code == ERR_RETRY))
            return failed;
        u->before += failed != NULL;
        if (!failed || (p->made && !u->last_round))
            continue;
        l.why = arena_str(u->w->arena, failed->text);
        TRY(app_write(u->w, leave_one, &l));
    }
    u->count = n;
    return NULL;
}

static struct err *read_piece(struct web *w, void *ctx)
{
    struct undo_piece *p = ctx;

    (void)w;
    return next_touched(p->u, p->made);
}

static struct err *undo_all(struct undoing *u, bool made)
{
    struct undo_piece p = {u, made};
    struct arena *own = u->w->arena, *piece = arena_new((size_t)1 << 30);
    struct err *failed = NULL;

    u->from = made ? INT64_MAX : 0;
    import_use_arena(u->w, piece);
    do {
        failed = app_read(u->w, read_piece, &p);
        if (!failed && u->count)
            failed = app_write(u->w, undo_piece, &p);
        if (failed && u->count > 1 && failed->code != ERR_BUSY && failed->code != ERR_RETRY)
            failed = undo_singly(&p);
        if (!u->w->writable)
            arena_reset(piece);
        if (!failed)
            failed = job_progress(u->w, u->removed + u->restored, u->head.created + u->head.changed,
                                  "Taking rows back");
    } while (!failed && u->count);
    import_use_arena(u->w, own);
    arena_free(piece);
    return failed;
}

static struct err *load_head(struct web *w, void *ctx)
{
    struct undoing *u = ctx;

    return entity_load(w, &import_entity, u->import, &u->head);
}

/* A library brings its set with it: what the import left empty goes too. */
static struct err *undo_sets(struct web *w, void *ctx)
{
    struct undoing *u = ctx;
    i64 removed;

    TRY(job_fence(w));
    TRY(import_library_undo(w, u->import, u->reason, &removed));
    u->removed += removed;
    return NULL;
}

static struct err *end_undo(struct web *w, void *ctx)
{
    struct undoing *u = ctx;
    struct issues issues = {.arena = w->arena};
    struct import r;

    TRY(job_fence(w));
    TRY(entity_load(w, &import_entity, u->import, &r));
    r.state = u->state;
    r.note = arena_printf(w->arena,
                          tr("Taken back: %lld records removed, %lld changed back. Not taken back: "
                             "%lld."),
                          u->removed, u->restored, u->left);
    r.ended = r.ended ? r.ended : clock_now();
    TRY(entity_write(w, &import_entity, &r, u->reason, &issues));
    return issues.count ? err_new(ERR_FAULT, "The undo could not be recorded.") : NULL;
}

struct err *import_undo(struct web *w, i64 import, const char *state)
{
    struct undoing *u = NEW(w->arena, struct undoing);
    i64 removed;

    u->w = w;
    u->import = import;
    u->state = state;
    TRY(app_read(w, load_head, u));
    u->e = feature_entity(u->head.kind);
    if (!u->e)
        return err_new(ERR_CLASH, "This program does not know the register of the import.");
    if (text_equal(u->head.state, "undone") || text_equal(u->head.state, "taken-back"))
        return err_new(ERR_CLASH, "This import was taken back already.");
    TRY(web_need(w, &import_run_right));
    TRY(web_need(w, u->e->write));
    u->reason = arena_printf(w->arena, "Undo of the import IM-%lld", u->head.number);
    TRY(undo_all(u, false));
    do { /* each round may free records that the next one can remove */
        removed = u->removed;
        u->before = 0;
        TRY(undo_all(u, true));
    } while (u->removed > removed && u->before);
    u->last_round = true;
    if (u->before)
        TRY(undo_all(u, true));
    TRY(app_write(w, undo_sets, u));
    return app_write(w, end_undo, u);
}

struct err *import_standing_of(struct web *w, const struct import *r, struct import_standing *out)
{
    struct rows *rows;

    *out = (struct import_standing){0};
    TRY(db_query(w->db, &rows,
                 "select sum(case when r.version = x.version then 1 else 0 end),"
                 " sum(case when r.version <> x.version then 1 else 0 end),"
                 " sum(case when r.version is null then 1 else 0 end)"
                 " from (select record, max(version) as version from import_effect"
                 " where org_id = $1 and import = $2 group by record) x"
                 " left join record r on r.org_id = $1 and r.id = x.record",
                 num(w->org), num(r->id)));
    if (row_next(rows))
        *out = (struct import_standing){row_num(rows, 0), row_num(rows, 1), row_num(rows, 2)};
    return NULL;
}
