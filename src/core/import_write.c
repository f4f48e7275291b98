/* SPDX-License-Identifier: Apache-2.0 */
/* The writing half of an import: in one transaction when it is small, else in pieces that others
 * can save between. What was written belongs to a record of the import, so that it can be taken
 * back, and so that a killed server's import goes on behind its last piece. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/entity_sql.h"
#include "core/entity_write.h"
#include "core/import_record.h"
#include "core/import_rows.h"
#include "core/job.h"
#include "core/trail.h"

struct piece {
    struct importing *im;
    struct arena *arena;
    struct source_row rows[IMPORT_PIECE];
    size_t count;
    size_t left;                 /* rows that are still to be written */
    struct import_counts counts; /* of this piece; added when it is written */
    size_t pending;              /* how many references waited before it */
    i64 step;                    /* effects before it */
    bool whole;                  /* all of it in one transaction */
    bool careful;                /* each statement by itself: one of many failed */
    bool singly;                 /* each row by itself */
    const char *reason;
};

static struct err *refuse_row(i64 row, const struct issues *issues)
{
    return err_new(ERR_CLASH, "Row %lld cannot be written. %.250s", row, issues->list[0].text);
}

static struct err *store_row(struct web *w, struct piece *p, const struct source_row *row,
                             struct row_result *r)
{
    struct importing *im = p->im;
    struct record *head = r->record;

    if (!r->issues.count && (r->fate == ROW_CREATE || r->fate == ROW_CHANGE)) {
        i64 was = head->version;

        if (r->fate == ROW_CREATE && !w->numbers.left && p->left > 1)
            TRY(entity_numbers_take(w, im->e, (i64)p->left));
        TRY(entity_write(w, im->e, r->record, p->reason, &r->issues));
        if (!r->issues.count && head->version != was)
            TRY(import_effect(w, im, row->row, r->record, was));
    }
    if (!r->issues.count && r->key && r->fate != ROW_WRONG)
        TRY(import_key_keep(w, im->e, im->origin, r->key, head->id));
    return NULL;
}

/* What the store itself refuses is told with its row, unless that stands beside it anyway. */
static struct err *told_row(const struct piece *p, i64 row, struct err *failed)
{
    if (!failed || p->singly || !p->careful ||
        (failed->code != ERR_CLASH && failed->code != ERR_INVALID))
        return failed;
    return err_new(failed->code, "Row %lld cannot be written. %.250s", row, failed->text);
}

static struct err *write_row(struct web *w, struct piece *p, const struct source_row *row)
{
    struct importing *im = p->im;
    struct row_result r;

    TRY(import_row(im, row, &r));
    TRY(told_row(p, row->row, store_row(w, p, row, &r)));
    if (r.issues.count) {
        if (!im->good_rows)
            return refuse_row(row->row, &r.issues);
        import_keep_problem(im, &(struct problem){row->row, row->line,
                                                  import_column_of(im, r.issues.list[0].field),
                                                  r.issues.list[0].field, r.issues.list[0].text});
        im->state->npending = r.pending;
        r.fate = ROW_WRONG;
    }
    for (size_t i = r.pending; i < im->state->npending; i++)
        im->state->pending[i].record = ((const struct record *)r.record)->id;
    import_count_row(&p->counts, r.fate);
    return NULL;
}

static struct err *write_rows(struct web *w, struct piece *p)
{
    TRY(import_find_ahead(p->im, p->rows, p->count));
    for (size_t i = 0; i < p->count; i++) {
        p->left = p->count - i;
        TRY(write_row(w, p, &p->rows[i]));
    }
    return entity_numbers_return(w);
}

/* May run again after a lost race of transactions: it starts from the cells each time. */
static struct err *write_piece(struct web *w, void *ctx)
{
    struct piece *p = ctx;
    struct importing *im = p->im;
    struct err *failed;

    TRY(job_fence(w));
    if (!p->careful)
        db_lazy(w->db);
    p->counts = (struct import_counts){0};
    im->state->npending = p->pending;
    im->state->step = p->step;
    failed = write_rows(w, p);
    im->state->nahead = 0;
    entity_numbers_forget(w);
    TRY(failed);
    if (im->draft && p->count)
        TRY(db_exec(w->db, "update import_draft set rows_done = $3 where org_id = $1 and id = $2",
                    num(w->org), num(im->draft), num(p->rows[p->count - 1].row)));
    return NULL;
}

/* A piece that is refused as a whole, though only good rows are wanted: row by row. */
static struct err *write_singly(struct piece *p)
{
    struct importing *im = p->im;
    struct import_counts all = {0};
    size_t n = p->count;

    for (size_t i = 0; i < n; i++) {
        struct err *failed;

        p->rows[0] = p->rows[i];
        p->count = 1;
        p->pending = im->state->npending;
        p->step = im->state->step;
        failed = app_write(im->w, write_piece, p);
        if (failed && failed->code != ERR_CLASH && failed->code != ERR_INVALID &&
            failed->code != ERR_DENIED && failed->code != ERR_MISSING)
            return failed;
        if (failed) {
            import_keep_problem(
                im, &(struct problem){p->rows[0].row, p->rows[0].line, "", "", failed->text});
            im->state->npending = p->pending;
            im->state->step = p->step;
            p->counts = (struct import_counts){.rows = 1, .wrong = 1};
        }
        all.rows += p->counts.rows;
        all.created += p->counts.created;
        all.changed += p->counts.changed;
        all.same += p->counts.same;
        all.wrong += p->counts.wrong;
    }
    p->counts = all;
    return NULL;
}

/* Statements that went together told only that one of them failed. */
static bool tells_too_little(const struct piece *p, const struct err *failed)
{
    return failed && !p->careful && (failed->code == ERR_CLASH || failed->code == ERR_INVALID);
}

static struct err *run_piece(struct piece *p)
{
    struct importing *im = p->im;
    struct arena *own = im->w->arena;
    struct err *failed;

    if (!p->count)
        return NULL;
    p->pending = im->state->npending;
    p->step = im->state->step;
    import_use_arena(im->w, p->arena);
    failed = app_write(im->w, write_piece, p);
    if (!p->whole && tells_too_little(p, failed)) {
        p->careful = true;
        failed = app_write(im->w, write_piece, p);
        p->singly = true;
        if (failed && failed->code == ERR_CLASH && im->good_rows)
            failed = write_singly(p);
        p->careful = p->singly = false;
    }
    import_use_arena(im->w, own);
    TRY(failed);
    im->counts.rows += p->counts.rows;
    im->counts.created += p->counts.created;
    im->counts.changed += p->counts.changed;
    im->counts.same += p->counts.same;
    im->counts.wrong += p->counts.wrong;
    p->count = 0;
    /* In a change that goes on, what was queued for the log lives in this memory. */
    if (!im->w->writable)
        arena_reset(p->arena);
    if (p->whole)
        return NULL;
    if (job_cancelled(im->w))
        return job_stopped();
    return job_progress(im->w, im->counts.rows, im->source->rows, "Writing rows");
}

/* --- going on behind what was written before --- */

static bool refers_to_itself(const struct importing *im)
{
    for (size_t i = 0; i < im->source->ncolumns; i++)
        if (im->columns[i].use == COLUMN_FIELD && im->columns[i].field->ref == im->e)
            return true;
    return false;
}

/* References of a row that was written before: whether they were set is not known, so they are set
 * at the end; what is so already is not written again. */
static struct err *skip_row(struct importing *im, const struct source_row *row)
{
    struct rows *r;
    i64 record;

    im->counts.rows++;
    if (!refers_to_itself(im))
        return NULL;
    TRY(db_query(im->w->db, &r,
                 "select record from import_effect where org_id = $1 and import = $2"
                 " and row_no = $3 order by step limit 1",
                 num(im->w->org), num(im->record), num(row->row)));
    if (!row_next(r))
        return NULL;
    record = row_num(r, 0);
    return import_defer_all(im, row, record);
}

/* --- rows --- */

static struct err *keep_row(struct piece *p, const struct source_row *row)
{
    import_keep_row(p->im, p->arena, row, &p->rows[p->count++]);
    return p->count == IMPORT_PIECE ? run_piece(p) : NULL;
}

static struct err *take_row(void *ctx, const struct source_row *row)
{
    struct piece *p = ctx;
    struct import_state *s = p->im->state;

    if (s->next_wrong < s->nwrong && s->wrong[s->next_wrong] == row->row) {
        s->next_wrong++;
        import_count_row(&p->im->counts, ROW_WRONG);
        return NULL;
    }
    if (row->row <= s->done)
        return skip_row(p->im, row);
    return keep_row(p, row);
}

/* --- references to rows of the file, and the end --- */

/* What the log keeps of an import. */
static const char *event_text(const struct importing *im)
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

struct ending {
    struct importing *im;
    size_t from, to;
    i64 step;
    bool last;
    const char *reason;
};

static struct err *write_pending(struct web *w, struct ending *x, const struct pending *p)
{
    struct importing *im = x->im;
    struct record *record = arena_alloc(w->arena, im->e->size);
    struct issues issues = {.arena = w->arena};
    i64 was;

    TRY(entity_load(w, im->e, p->record, record));
    was = record->version;
    TRY(import_set_pending(im, p, record, &issues));
    if (!issues.count)
        TRY(entity_write(w, im->e, record, x->reason, &issues));
    if (!issues.count)
        return record->version == was ? NULL : import_effect(w, im, p->row, record, was);
    if (!im->good_rows)
        return refuse_row(p->row, &issues);
    import_keep_problem(im, &(struct problem){p->row, p->line, p->column->name,
                                              p->column->field->name, issues.list[0].text});
    return NULL;
}

static struct err *write_ending(struct web *w, void *ctx)
{
    struct ending *x = ctx;

    TRY(job_fence(w));
    x->im->state->step = x->step;
    for (size_t i = x->from; i < x->to; i++)
        TRY(write_pending(w, x, &x->im->state->pending[i]));
    if (!x->last)
        return NULL;
    TRY(import_missing_write(w, x->im));
    TRY(import_record_end(w, x->im, "done"));
    TRY(import_remember(x->im));
    trail_event(w, "import", x->im->e->name, 0, event_text(x->im));
    return NULL;
}

static struct err *finish(struct piece *p)
{
    struct importing *im = p->im;
    size_t n = im->state->npending;
    struct ending x = {.im = im, .reason = p->reason};

    for (size_t i = 0; i <= n; i += IMPORT_PIECE) {
        x.from = i;
        x.to = i + IMPORT_PIECE < n ? i + IMPORT_PIECE : n;
        x.last = x.to == n;
        x.step = im->state->step;
        TRY(app_write(im->w, write_ending, &x));
        if (x.last)
            break;
    }
    return NULL;
}

static struct err *begin(struct web *w, void *ctx)
{
    struct piece *p = ctx;

    TRY(job_fence(w));
    TRY(import_record_begin(w, p->im));
    p->reason =
        arena_printf(p->im->arena, "%s%sImport of %s (IM-%lld)", p->im->reason ? p->im->reason : "",
                     p->im->reason ? " · " : "", p->im->source->name, p->im->number);
    return NULL;
}

/* May run again after a lost race: everything starts from the file. */
static struct err *write_all(struct web *w, void *ctx)
{
    struct piece *p = ctx;
    struct importing *im = p->im;

    im->counts = (struct import_counts){0};
    im->state->npending = im->state->next_wrong = 0;
    im->state->writing = true;
    p->count = 0;
    if (w->writable)
        im->record = 0; /* of a try that was rolled back */
    TRY(app_write(w, begin, p));
    TRY(source_each(im->source, take_row, p));
    TRY(run_piece(p));
    if (im->state->done)
        TRY(import_counts_of(im));
    return finish(p);
}

/* --- what happens when it breaks off --- */

struct breaking {
    struct importing *im;
    const char *state, *note;
};

static struct err *write_broken(struct web *w, void *ctx)
{
    struct breaking *b = ctx;

    return import_record_break(w, b->im, b->state, b->note);
}

static struct err *count_written(struct web *w, void *ctx)
{
    (void)w;
    return import_counts_of(ctx);
}

static struct err *write_stopped(struct web *w, void *ctx)
{
    const struct breaking *b = ctx;

    return import_draft_stopped(w, b->im, b->note);
}

static struct err *broke_off(struct importing *im, struct err *failed)
{
    struct err copy = *failed;
    struct breaking b = {im, "stopped", arena_str(im->arena, failed->text)};
    i64 written;

    if (!im->record || copy.code == ERR_FAULT)
        return failed;
    if (im->state->done) /* and what an attempt before this one wrote */
        TRY(app_read(im->w, count_written, im));
    written = im->counts.created + im->counts.changed;
    if (im->w->job && !im->w->job->cancel && copy.code == ERR_CLASH && job_cancelled(im->w))
        return failed; /* the server stops: the job goes on later */
    if (!im->good_rows && written) {
        TRY(import_undo(im->w, im->record, "taken-back"));
        failed = err_new(copy.code,
                         "%.250s So nothing was imported: the %lld rows before it were "
                         "taken back.",
                         copy.text, written);
        b.note = arena_str(im->arena, failed->text);
        TRY(app_write(im->w, write_stopped, &b));
        return err_new(copy.code, "%s", b.note);
    }
    TRY(app_write(im->w, write_broken, &b));
    im->written = written;
    return err_new(copy.code,
                   "%.250s %lld rows before it were written and stay. Import the file again to go "
                   "on: those rows are then unchanged. Or undo the import IM-%lld.",
                   copy.text, written, im->number);
}

static void free_held(void *arena)
{
    arena_free(arena);
}

static struct err *may_write(const struct importing *im)
{
    if (import_undecided(im))
        return err_new(ERR_INVALID, "Say for every column what it is, or leave it out.");
    if (im->counts.wrong && !im->good_rows)
        return err_new(ERR_INVALID, "Some rows are wrong, so nothing was written.");
    return NULL;
}

struct err *import_write(struct importing *im)
{
    struct piece *p;
    struct err *failed;

    TRY(may_write(im));
    p = NEW(im->arena, struct piece);
    p->im = im;
    p->arena = arena_new((size_t)1 << 30);
    arena_defer(im->arena, free_held, p->arena);
    p->whole = im->counts.rows <= IMPORT_WHOLE && !im->state->done;
    if (!p->whole) {
        failed = write_all(im->w, p);
        return failed ? broke_off(im, failed) : NULL;
    }
    failed = app_write(im->w, write_all, p);
    if (tells_too_little(p, failed)) {
        p->careful = true;
        failed = app_write(im->w, write_all, p);
    }
    if (failed)
        im->record = 0;
    return failed;
}
