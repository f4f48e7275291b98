/* SPDX-License-Identifier: Apache-2.0 */
/* A whole import: first every row is checked, then all are written, a few hundred at a time,
 * because others want to save in between (the writer's budget, decisions.md 23). */
#include <string.h>

#include "base/crypt.h"
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/entity_sql.h"
#include "core/entity_write.h"
#include "core/import_rows.h"
#include "core/job.h"
#include "core/trail.h"

#define CHECK_PIECE 500 /* rows in one read transaction: readers are short */

static void free_arena(void *arena)
{
    struct arena **a = arena;

    arena_free(*a);
}

struct err *import_new(struct web *w, const struct entity *e, struct source *s,
                       struct importing **out)
{
    struct importing *im = NEW(w->arena, struct importing);
    struct import_state *state = NEW(w->arena, struct import_state);

    TRY(web_need(w, &import_run_right));
    TRY(web_need(w, e->write));
    if (!import_possible(e))
        return err_new(ERR_CLASH, "%s cannot be imported: the program makes them.", tr(e->labels));
    *im = (struct importing){.w = w, .e = e, .source = s, .arena = w->arena, .state = state};
    im->columns = NEW_ARRAY(w->arena, struct column, s->ncolumns + 1);
    import_guess(w, e, s, im->columns);
    crypt_random(state->hash_key, sizeof(state->hash_key));
    state->nsynonyms = import_synonyms(w, w->arena, &state->synonyms);
    state->cache = arena_alloc(w->arena, IMPORT_CACHE_BYTES);
    state->cache_arena = arena_new(0);
    state->pending_arena = arena_new((size_t)1 << 30);
    state->row_arena = w->arena;
    arena_defer(w->arena, free_arena, &state->cache_arena);
    arena_defer(w->arena, free_arena, &state->pending_arena);
    arena_defer(w->arena, free_arena, &state->seen_arena);
    *out = im;
    return NULL;
}

size_t import_undecided(const struct importing *im)
{
    size_t n = 0;

    for (size_t i = 0; i < im->source->ncolumns; i++)
        n += im->columns[i].use == COLUMN_UNKNOWN;
    return n;
}

/* --- values for all new records --- */

bool import_lacks(const struct importing *im, const struct field *f)
{
    if (!f->required || f->initial || !import_may_fill(f) || f->kind == FIELD_BOOL)
        return false;
    for (size_t i = 0; i < im->source->ncolumns; i++)
        if (im->columns[i].use == COLUMN_FIELD && im->columns[i].field == f)
            return false;
    return true;
}

const char *import_default_of(const struct importing *im, const struct field *f)
{
    for (size_t i = 0; i < im->defaults.count; i++)
        if (text_equal(im->defaults.list[i].name, f->name))
            return im->defaults.list[i].value;
    return NULL;
}

static struct err *try_default(struct web *w, void *importing)
{
    struct importing *im = importing;
    struct issues issues = {.arena = w->arena};
    void *scratch = arena_alloc(w->arena, im->e->size);

    TRY(entity_apply(w, im->e, scratch,
                     (struct inputs){&im->defaults.list[im->defaults.count - 1], 1}, true,
                     &issues));
    if (issues.count)
        return err_new(ERR_BAD, "The value for all new rows cannot be used. %.250s",
                       issues.list[0].text);
    return NULL;
}

struct err *import_default(struct importing *im, const char *field, const char *value)
{
    size_t i = 0;

    if (!im->defaults.list)
        im->defaults.list = NEW_ARRAY(im->arena, struct input, im->e->nfields + 1);
    while (i < im->defaults.count && !text_equal(im->defaults.list[i].name, field))
        i++;
    if (i < im->defaults.count) { /* said again: the last word counts, and is tried last */
        im->defaults.list[i] = im->defaults.list[im->defaults.count - 1];
        im->defaults.count--;
    }
    if (im->defaults.count == im->e->nfields)
        return err_new(ERR_BAD, "Too many values for all new rows.");
    im->defaults.list[im->defaults.count++] =
        (struct input){arena_str(im->arena, field), arena_str(im->arena, value)};
    return db_in_transaction(im->w->db) ? try_default(im->w, im) : app_read(im->w, try_default, im);
}

/* --- telling --- */

const char *import_column_of(const struct importing *im, const char *field)
{
    for (size_t i = 0; i < im->source->ncolumns; i++) {
        const struct column *c = &im->columns[i];

        if ((c->use == COLUMN_NUMBER && text_equal(field, "number")) ||
            (c->use == COLUMN_KEY && text_equal(field, "key")) ||
            (c->use == COLUMN_FIELD && text_equal(c->field->name, field)))
            return c->name;
    }
    return field;
}

void import_keep_problem(struct importing *im, const struct problem *p)
{
    if (im->nproblems < IMPORT_PROBLEMS)
        im->problems[im->nproblems++] =
            (struct problem){p->row, p->line, arena_str(im->arena, p->column),
                             arena_str(im->arena, p->field), arena_str(im->arena, p->text)};
}

static void keep_wrong(struct import_state *s, i64 row)
{
    size_t at = s->nwrong;

    if (s->nwrong == s->wrong_room) {
        size_t room = s->wrong_room ? s->wrong_room * 2 : 256;
        i64 *list = NEW_ARRAY(s->pending_arena, i64, room);

        if (s->nwrong)
            memcpy(list, s->wrong, s->nwrong * sizeof(*list));
        s->wrong = list;
        s->wrong_room = room;
    }
    for (; at > 0 && s->wrong[at - 1] > row; at--)
        s->wrong[at] = s->wrong[at - 1];
    s->wrong[at] = row;
    s->nwrong++;
}

void import_count_row(struct import_counts *c, enum row_fate fate)
{
    c->rows++;
    c->created += fate == ROW_CREATE;
    c->changed += fate == ROW_CHANGE;
    c->same += fate == ROW_SAME;
    c->wrong += fate == ROW_WRONG;
}

void import_use_arena(struct web *w, struct arena *a)
{
    w->arena = a;
    db_use_arena(w->db, a);
}

/* --- checking --- */

struct checking {
    struct importing *im;
    const struct import_sink *sink;
    struct arena *piece; /* of a few rows */
    struct source_row *waiting;
    size_t nwaiting;
};

void import_keep_row(const struct importing *im, struct arena *a, const struct source_row *row,
                     struct source_row *out)
{
    size_t n = im->source->ncolumns;

    *out = *row;
    out->cell = NEW_ARRAY(a, const char *, n + 1);
    for (size_t i = 0; i < n; i++)
        out->cell[i] = arena_str(a, row->cell[i]);
    out->bad = NEW_ARRAY(a, const char *, n + 1);
    out->text = NEW_ARRAY(a, bool, n + 1);
    memcpy(out->bad, row->bad, n * sizeof(row->bad[0]));
    memcpy(out->text, row->text, n * sizeof(row->text[0]));
}

/* Ends the transaction and hands on what was found. */
static struct err *flush(struct checking *c)
{
    struct importing *im = c->im;

    if (db_in_transaction(im->w->db))
        db_rollback(im->w->db);
    arena_reset(c->piece);
    if (job_cancelled(im->w))
        return job_stopped();
    TRY(job_progress(im->w, im->counts.rows, im->source->rows, "Checking rows"));
    return c->sink && c->sink->flush ? c->sink->flush(c->sink->ctx, im) : NULL;
}

/* What every new row lacks because no column gives it is said once, where columns are matched. */
static bool is_lacking(const struct importing *im, const struct row_result *r, size_t issue)
{
    const struct field *f = entity_field(im->e, r->issues.list[issue].field);

    return f && !((const struct record *)r->record)->id && import_lacks(im, f) &&
           !import_default_of(im, f);
}

static void keep_problems(struct importing *im, const struct source_row *row, struct row_result *r)
{
    for (size_t i = 0; i < r->issues.count; i++) {
        struct issue *one = &r->issues.list[i];

        if (is_lacking(im, r, i)) {
            const struct field *f = entity_field(im->e, one->field);

            im->lacking[f - im->e->fields]++;
            one->text = arena_printf(im->w->arena, tr("%s: no column gives it."), tr(f->label));
            continue;
        }
        import_keep_problem(im,
                            &(struct problem){row->row, row->line, import_column_of(im, one->field),
                                              one->field, one->text});
    }
}

/* Before those of single rows, and never for want of room. */
static void keep_lacking(struct importing *im)
{
    size_t n = 0;

    for (size_t i = 0; i < im->e->nfields && n < IMPORT_PROBLEMS; i++) {
        const struct field *f = &im->e->fields[i];

        if (!im->lacking[i])
            continue;
        im->nproblems -= im->nproblems == IMPORT_PROBLEMS;
        memmove(im->problems + n + 1, im->problems + n,
                (im->nproblems - n) * sizeof(im->problems[0]));
        im->nproblems++;
        im->problems[n++] = (struct problem){
            .column = "",
            .field = f->name,
            .text = arena_printf(
                im->arena,
                tr_n("No column of the file gives “%s”, which a new record needs (%lld row).",
                     "No column of the file gives “%s”, which a new record needs (%lld rows).",
                     im->lacking[i]),
                tr(f->label), im->lacking[i])};
    }
}

static struct err *check_row(struct checking *c, const struct source_row *row)
{
    struct importing *im = c->im;
    struct row_result r;

    TRY(import_row(im, row, &r));
    import_count_row(&im->counts, r.fate);
    if (r.record)
        import_met(im, ((const struct record *)r.record)->id);
    if (r.fate == ROW_WRONG)
        keep_wrong(im->state, row->row);
    keep_problems(im, row, &r);
    return c->sink && c->sink->row ? c->sink->row(c->sink->ctx, im, row, &r) : NULL;
}

static struct err *check_waiting(struct checking *c)
{
    size_t n = c->nwaiting;

    c->nwaiting = 0;
    if (!n)
        return NULL;
    TRY(db_begin(c->im->w->db, DB_BEGIN_READ));
    TRY(import_find_ahead(c->im, c->waiting, n));
    for (size_t i = 0; i < n; i++)
        TRY(check_row(c, &c->waiting[i]));
    c->im->state->nahead = 0;
    return flush(c);
}

static struct err *wait_row(void *ctx, const struct source_row *row)
{
    struct checking *c = ctx;

    import_keep_row(c->im, c->piece, row, &c->waiting[c->nwaiting++]);
    return c->nwaiting == CHECK_PIECE || arena_used(c->piece) > (1 << 20) ? check_waiting(c) : NULL;
}

static struct err *late_problem(struct checking *c, const struct pending *p, bool again)
{
    struct importing *im = c->im;
    const struct field *f = p->column->field;
    const struct problem one = {
        p->row, p->line, p->column->name, f->name,
        arena_printf(im->w->arena, tr("%s: there is no %s “%.60s”, neither here nor in this file."),
                     tr(f->label), tr(im->e->label), p->text)};

    import_keep_problem(im, &one);
    if (!again) { /* it was counted as good before */
        im->counts.wrong++;
        keep_wrong(im->state, p->row);
        if (im->counts.created > 0)
            im->counts.created--;
    }
    return c->sink && c->sink->late ? c->sink->late(c->sink->ctx, im, &one) : NULL;
}

/* References to rows of the file, when all names in it are known. */
static struct err *check_pending(struct checking *c)
{
    struct import_state *s = c->im->state;
    i64 last = 0;

    for (size_t i = 0; i < s->npending; i++) {
        const struct pending *p = &s->pending[i];

        if (import_pending_known(c->im, p))
            continue;
        TRY(late_problem(c, p, p->row == last));
        last = p->row;
    }
    return NULL;
}

static struct err *check_all(struct checking *c)
{
    TRY(source_each(c->im->source, wait_row, c));
    TRY(check_waiting(c));
    TRY(check_pending(c));
    return flush(c);
}

struct err *import_check(struct importing *im, const struct import_sink *sink)
{
    struct web *w = im->w;
    struct checking c = {im, sink, arena_new(0),
                         NEW_ARRAY(w->arena, struct source_row, CHECK_PIECE), 0};
    struct arena *own = w->arena;
    struct err *failed;

    im->counts = (struct import_counts){0};
    im->nproblems = im->nunmatched = 0;
    im->state->npending = im->state->nwrong = im->state->nmet = 0;
    im->state->nseen = im->state->nslots = 0;
    im->state->writing = false;
    im->state->nahead = 0;
    im->lacking = NEW_ARRAY(im->arena, i64, im->e->nfields + 1);
    import_use_arena(w, c.piece);
    failed = check_all(&c);
    if (db_in_transaction(w->db))
        db_rollback(w->db);
    import_use_arena(w, own);
    arena_free(c.piece);
    if (!failed && im->counts.rows == 0)
        return err_new(ERR_BAD, "“%.100s” has no rows to import.", im->source->name);
    keep_lacking(im);
    return failed ? failed : import_missing_find(im);
}
