/* SPDX-License-Identifier: Apache-2.0 */
/* A whole import: first every row is checked, then all are written, a few hundred at a time,
 * because others want to save in between (the writer's budget, decisions.md 23). */
#include <string.h>

#include "base/text.h"
#include "core/app.h"
#include "core/entity_write.h"
#include "core/import_rows.h"
#include "core/trail.h"

#define PIECE 250
#define WHOLE 1000 /* up to so many rows, all or nothing in one transaction */

static void free_arena(void *arena)
{
    struct arena **a = arena;

    arena_free(*a);
}

struct err *import_new(struct web *w, const struct entity *e, struct source *s, struct import **out)
{
    struct import *im = NEW(w->arena, struct import);
    struct import_state *state = NEW(w->arena, struct import_state);

    TRY(web_need(w, &import_run_right));
    TRY(web_need(w, e->write));
    *im = (struct import){.w = w, .e = e, .source = s, .arena = w->arena, .state = state};
    im->columns = NEW_ARRAY(w->arena, struct column, s->ncolumns + 1);
    import_guess(w->arena, e, s, im->columns);
    crypt_random(state->hash_key, sizeof(state->hash_key));
    state->cache = arena_alloc(w->arena, IMPORT_CACHE_BYTES);
    state->cache_arena = arena_new(0);
    state->pending_arena = arena_new((size_t)1 << 30);
    arena_defer(w->arena, free_arena, &state->cache_arena);
    arena_defer(w->arena, free_arena, &state->pending_arena);
    arena_defer(w->arena, free_arena, &state->seen_arena);
    *out = im;
    return NULL;
}

size_t import_undecided(const struct import *im)
{
    size_t n = 0;

    for (size_t i = 0; i < im->source->ncolumns; i++)
        n += im->columns[i].use == COLUMN_UNKNOWN;
    return n;
}

/* --- values for all new records --- */

bool import_lacks(const struct import *im, const struct field *f)
{
    if (!f->required || f->initial || !import_may_fill(f) || f->kind == FIELD_BOOL)
        return false;
    for (size_t i = 0; i < im->source->ncolumns; i++)
        if (im->columns[i].use == COLUMN_FIELD && im->columns[i].field == f)
            return false;
    return true;
}

const char *import_default_of(const struct import *im, const struct field *f)
{
    for (size_t i = 0; i < im->defaults.count; i++)
        if (text_equal(im->defaults.list[i].name, f->name))
            return im->defaults.list[i].value;
    return NULL;
}

static struct err *try_default(struct web *w, void *import)
{
    struct import *im = import;
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

struct err *import_default(struct import *im, const char *field, const char *value)
{
    if (!im->defaults.list)
        im->defaults.list = NEW_ARRAY(im->arena, struct input, im->e->nfields + 1);
    if (im->defaults.count == im->e->nfields)
        return err_new(ERR_BAD, "Too many values for all new rows.");
    im->defaults.list[im->defaults.count++] =
        (struct input){arena_str(im->arena, field), arena_str(im->arena, value)};
    return db_in_transaction(im->w->db) ? try_default(im->w, im) : app_read(im->w, try_default, im);
}

/* --- telling --- */

static const char *column_of(const struct import *im, const char *field)
{
    for (size_t i = 0; i < im->source->ncolumns; i++) {
        const struct column *c = &im->columns[i];

        if ((c->use == COLUMN_NUMBER && text_equal(field, "number")) ||
            (c->use == COLUMN_FIELD && text_equal(c->field->name, field)))
            return c->name;
    }
    return field;
}

static void keep_problem(struct import *im, const struct source_row *row, const char *field,
                         const char *text)
{
    if (im->nproblems < IMPORT_PROBLEMS)
        im->problems[im->nproblems++] =
            (struct problem){row->row, row->line, arena_str(im->arena, column_of(im, field)),
                             arena_str(im->arena, text)};
}

static void keep_sample(struct import *im, const struct source_row *row, const struct row_result *r)
{
    const struct field *title = entity_field(im->e, im->e->title);
    const char *name = title && field_is_text(title) ? field_str(title, r->record) : NULL;

    if (im->nsamples < IMPORT_SAMPLES)
        im->samples[im->nsamples++] =
            (struct sample){row->row, r->fate, arena_str(im->arena, name ? name : ""),
                            arena_str(im->arena, r->what)};
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

static void count_row(struct import_counts *c, enum row_fate fate)
{
    c->rows++;
    c->created += fate == ROW_CREATE;
    c->changed += fate == ROW_CHANGE;
    c->same += fate == ROW_SAME;
    c->wrong += fate == ROW_WRONG;
}

/* --- checking --- */

struct checking {
    struct import *im;
    struct arena *piece; /* of a few rows */
};

static void use_arena(struct web *w, struct arena *a)
{
    w->arena = a;
    db_use_arena(w->db, a);
}

static struct err *check_row(void *ctx, const struct source_row *row)
{
    struct checking *c = ctx;
    struct import *im = c->im;
    struct row_result r;

    TRY(import_row(im, row, &r));
    count_row(&im->counts, r.fate);
    if (r.fate == ROW_WRONG)
        keep_wrong(im->state, row->row);
    for (size_t i = 0; i < r.issues.count; i++)
        keep_problem(im, row, r.issues.list[i].field, r.issues.list[i].text);
    keep_sample(im, row, &r);
    if (arena_used(c->piece) > (1 << 20))
        arena_reset(c->piece);
    return NULL;
}

/* References to rows of the file, when all names in it are known. */
static void check_pending(struct import *im)
{
    struct import_state *s = im->state;
    i64 last = 0;

    for (size_t i = 0; i < s->npending; i++) {
        const struct pending *p = &s->pending[i];
        const struct source_row row = {.row = p->row, .line = p->line};

        if (import_pending_known(im, p))
            continue;
        keep_problem(im, &row, p->column->field->name,
                     arena_printf(im->w->arena,
                                  "%s: there is no %s “%.60s”, neither here nor in this file.",
                                  p->column->field->label, im->e->label, p->text));
        if (p->row != last) { /* it was counted as good before */
            im->counts.wrong++;
            keep_wrong(im->state, p->row);
            if (im->counts.created > 0)
                im->counts.created--;
            last = p->row;
        }
    }
}

struct err *import_check(struct web *w, void *import)
{
    struct import *im = import;
    struct checking c = {im, arena_new(0)};
    struct arena *own = w->arena;
    struct err *failed;

    im->counts = (struct import_counts){0};
    im->nproblems = im->nsamples = 0;
    im->state->npending = im->state->nwrong = 0;
    im->state->nseen = im->state->nslots = 0;
    im->state->writing = false;
    use_arena(w, c.piece);
    failed = source_each(im->source, check_row, &c);
    if (!failed)
        check_pending(im);
    use_arena(w, own);
    arena_free(c.piece);
    if (!failed && im->counts.rows == 0)
        return err_new(ERR_BAD, "“%.100s” has no rows to import.", im->source->name);
    return failed;
}

/* --- writing --- */

struct piece {
    struct import *im;
    struct arena *arena;
    struct source_row rows[PIECE];
    size_t count;
    struct import_counts counts; /* of this piece; added when it is written */
    size_t pending;              /* how many references waited before it */
    const char *reason;
};

static struct err *refuse_row(const struct source_row *row, const struct issues *issues)
{
    return err_new(ERR_CLASH, "Row %lld cannot be written. %.250s", row->row, issues->list[0].text);
}

static struct err *write_row(struct web *w, struct piece *p, const struct source_row *row)
{
    struct import *im = p->im;
    struct row_result r;

    TRY(import_row(im, row, &r));
    if (!r.issues.count && (r.fate == ROW_CREATE || r.fate == ROW_CHANGE))
        TRY(entity_write(w, im->e, r.record, r.before ? p->reason : NULL, &r.issues));
    if (r.issues.count) {
        if (!im->good_rows)
            return refuse_row(row, &r.issues);
        im->state->npending = r.pending;
        r.fate = ROW_WRONG;
    }
    for (size_t i = r.pending; i < im->state->npending; i++)
        im->state->pending[i].record = ((const struct record *)r.record)->id;
    count_row(&p->counts, r.fate);
    return NULL;
}

/* May run again after a lost race of transactions: it starts from the cells each time. */
static struct err *write_piece(struct web *w, void *ctx)
{
    struct piece *p = ctx;

    p->counts = (struct import_counts){0};
    p->im->state->npending = p->pending;
    for (size_t i = 0; i < p->count; i++)
        TRY(write_row(w, p, &p->rows[i]));
    return NULL;
}

/* What the log keeps of an import. */
static const char *event_text(const struct import *im)
{
    json_t *o = json_own(im->w->arena, json_object());

    json_object_set_new(o, "file", json_string(im->source->name));
    json_object_set_new(o, "sha256", json_string(im->source->sha256));
    json_object_set_new(o, "rows", json_integer(im->counts.rows));
    json_object_set_new(o, "created", json_integer(im->counts.created));
    json_object_set_new(o, "changed", json_integer(im->counts.changed));
    json_object_set_new(o, "errors", json_integer(im->counts.wrong));
    return json_text(im->w->arena, o);
}

static struct err *broke_off(struct import *im, struct err *failed)
{
    im->written = im->w->writable ? 0 : im->counts.created + im->counts.changed;
    if (!im->written || failed->code == ERR_FAULT)
        return failed;
    return err_new(failed->code,
                   "%.250s %lld rows before it were written and stay. Import the file "
                   "again to go on: those rows are then unchanged.",
                   failed->text, im->written);
}

static struct err *run_piece(struct piece *p)
{
    struct import *im = p->im;
    struct arena *own = im->w->arena;
    struct err *failed;

    if (!p->count)
        return NULL;
    p->pending = im->state->npending;
    use_arena(im->w, p->arena);
    failed = app_write(im->w, write_piece, p);
    use_arena(im->w, own);
    if (failed)
        return broke_off(im, failed);
    im->counts.rows += p->counts.rows;
    im->counts.created += p->counts.created;
    im->counts.changed += p->counts.changed;
    im->counts.same += p->counts.same;
    im->counts.wrong += p->counts.wrong;
    p->count = 0;
    /* In a change that goes on, what was queued for the log lives in this memory. */
    if (!im->w->writable)
        arena_reset(p->arena);
    return NULL;
}

static struct err *take_row(void *ctx, const struct source_row *row)
{
    struct piece *p = ctx;
    struct import_state *s = p->im->state;
    struct source_row *kept;
    size_t n = p->im->source->ncolumns;

    if (s->next_wrong < s->nwrong && s->wrong[s->next_wrong] == row->row) {
        s->next_wrong++;
        count_row(&p->im->counts, ROW_WRONG);
        return NULL;
    }
    kept = &p->rows[p->count++];
    *kept = *row;
    kept->cell = NEW_ARRAY(p->arena, const char *, n + 1);
    for (size_t i = 0; i < n; i++)
        kept->cell[i] = arena_str(p->arena, row->cell[i]);
    return p->count == PIECE ? run_piece(p) : NULL;
}

/* --- references to rows of the file, and the entry in the log --- */

struct ending {
    struct import *im;
    size_t from, to;
    bool last;
};

static struct err *write_pending(struct web *w, struct import *im, const struct pending *p)
{
    void *record = arena_alloc(w->arena, im->e->size);
    struct issues issues = {.arena = w->arena};
    const struct source_row row = {.row = p->row, .line = p->line};

    TRY(entity_load(w, im->e, p->record, record));
    TRY(import_set_pending(im, p, record, &issues));
    if (!issues.count)
        TRY(entity_write(w, im->e, record, "Import: reference within the file", &issues));
    if (!issues.count)
        return NULL;
    if (!im->good_rows)
        return refuse_row(&row, &issues);
    keep_problem(im, &row, p->column->field->name, issues.list[0].text);
    return NULL;
}

static struct err *write_ending(struct web *w, void *ctx)
{
    struct ending *x = ctx;

    for (size_t i = x->from; i < x->to; i++)
        TRY(write_pending(w, x->im, &x->im->state->pending[i]));
    if (x->last)
        trail_event(w, "import", x->im->e->name, 0, event_text(x->im));
    return NULL;
}

static struct err *finish(struct import *im)
{
    size_t n = im->state->npending;
    struct ending x = {.im = im};
    struct err *failed;

    for (size_t i = 0; i <= n; i += PIECE) {
        x.from = i;
        x.to = i + PIECE < n ? i + PIECE : n;
        x.last = x.to == n;
        failed = app_write(im->w, write_ending, &x);
        if (failed)
            return broke_off(im, failed);
        if (x.last)
            break;
    }
    return NULL;
}

static void free_held(void *arena)
{
    arena_free(arena);
}

/* May run again after a lost race: everything starts from the file. */
static struct err *write_all(struct web *w, void *ctx)
{
    struct piece *p = ctx;
    struct import *im = p->im;
    struct err *failed;

    (void)w;
    im->counts = (struct import_counts){0};
    im->state->npending = im->state->next_wrong = 0;
    im->state->writing = true;
    p->count = 0;
    failed = source_each(im->source, take_row, p);
    if (!failed)
        failed = run_piece(p);
    return failed ? failed : finish(im);
}

struct err *import_write(struct import *im)
{
    struct piece *p;
    i64 rows = im->counts.rows;
    struct err *failed;

    if (import_undecided(im))
        return err_new(ERR_INVALID, "Say for every column what it is, or leave it out.");
    if (im->counts.wrong && !im->good_rows)
        return err_new(ERR_INVALID, "Some rows are wrong, so nothing was written.");
    p = NEW(im->arena, struct piece);
    p->im = im;
    p->arena = arena_new((size_t)1 << 30);
    arena_defer(im->arena, free_held, p->arena);
    p->reason = arena_printf(im->arena, "Import of %s", im->source->name);
    if (rows > WHOLE)
        return write_all(im->w, p);
    failed = app_write(im->w, write_all, p);
    im->written = failed ? 0 : im->written;
    return failed;
}
