/* SPDX-License-Identifier: Apache-2.0 */
#include "core/import_draft.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypt.h"
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/entity_sql.h"
#include "core/import_record.h"
#include "core/import_rows.h"
#include "core/job.h"

#define PART ((size_t)256 * 1024)

/* --- reading --- */

static struct err *no_draft(void)
{
    return err_new(ERR_MISSING, "The file of this import is not kept any more. Files are kept for "
                                "a week. Please upload it again.");
}

static json_t *parsed(struct web *w, const char *text)
{
    json_t *out;

    if (json_parse(w->arena, text, strlen(text), &out))
        return json_own(w->arena, json_object());
    return out;
}

static struct err *take(struct web *w, struct rows *r, struct import_draft *out)
{
    if (!row_next(r))
        return no_draft();
    *out = (struct import_draft){.id = row_num(r, 0),
                                 .token = row_text(r, 1),
                                 .kind = row_text(r, 2),
                                 .at = row_num(r, 3),
                                 .state = row_text(r, 4),
                                 .name = row_text(r, 5),
                                 .hash = row_text(r, 6),
                                 .size = row_num(r, 7),
                                 .settings = parsed(w, row_text(r, 8)),
                                 .facts = parsed(w, row_text(r, 9)),
                                 .problem = row_str(r, 10),
                                 .rows_done = row_num(r, 11),
                                 .rows_all = row_num(r, 12),
                                 .import = row_num(r, 13),
                                 .job = row_num(r, 14)};
    out->e = feature_entity(out->kind);
    return out->e ? NULL : no_draft();
}

struct err *draft_load_any(struct web *w, const char *token, struct import_draft *out)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select id, token, kind, at, state, file_name, file_hash, file_size, settings,"
                 " facts, problem, rows_done, rows_all, import, job from import_draft"
                 " where org_id = $1 and token = $2",
                 num(w->org), str(token)));
    return take(w, r, out);
}

/* A job that was cancelled before it began, or failed for good, has changed nothing here. */
static struct err *look_at_job(struct web *w, struct import_draft *d)
{
    bool check = text_equal(d->state, "checking");
    struct rows *r;

    if (!check && !text_equal(d->state, "running"))
        return NULL;
    TRY(db_query(
        w->db, &r,
        "select 1 from job where org_id = $1 and id = $2 and state in ('ready', 'running')",
        num(w->org), num(d->job)));
    if (row_next(r))
        return NULL;
    d->state = check ? "unreadable" : d->import ? "stopped" : "checked";
    if (text_empty(d->problem))
        d->problem = check ? tr("The check was stopped.") : tr("The import was stopped.");
    return NULL;
}

struct err *draft_load(struct web *w, const struct entity *e, const char *token,
                       struct import_draft *out)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select id, token, kind, at, state, file_name, file_hash, file_size, settings,"
                 " facts, problem, rows_done, rows_all, import, job from import_draft"
                 " where org_id = $1 and token = $2 and account = $3 and kind = $4",
                 num(w->org), str(token), num(w->account), str(e->name)));
    TRY(take(w, r, out));
    return look_at_job(w, out);
}

/* --- keeping a file --- */

struct keeping {
    struct import_draft *d;
    const void *data;
    size_t size;
    i64 part;
};

static struct err *keep_head(struct web *w, void *ctx)
{
    struct keeping *k = ctx;
    struct import_draft *d = k->d;

    TRY(db_exec(w->db,
                "delete from import_draft where org_id = $1 and account = $2 and state <> 'running'"
                " and id not in (select id from import_draft where org_id = $1 and account = $2"
                " order by id desc limit $3)",
                num(w->org), num(w->account), num(DRAFTS_MOST - 1)));
    return db_exec(w->db,
                   "insert into import_draft (org_id, id, token, account, kind, at, state,"
                   " file_name, file_hash, file_size, settings, facts) values ($1, $2, $3, $4, $5,"
                   " $6, 'new', $7, $8, $9, '{}', '{}')",
                   num(w->org), num(d->id), str(d->token), num(w->account), str(d->kind),
                   num(w->now), str(d->name), str(d->hash), num(d->size));
}

static struct err *keep_part(struct web *w, void *ctx)
{
    struct keeping *k = ctx;

    return db_exec(w->db,
                   "insert into import_file (org_id, draft, part, body) values ($1, $2, $3, $4)",
                   num(w->org), num(k->d->id), num(k->part), blob(k->data, k->size));
}

static void close_file(void *file)
{
    fclose(file);
}

static struct err *keep_parts(struct web *w, struct import_draft *d, FILE *file)
{
    struct arena *own = arena_new(0), *before = w->arena;
    struct keeping k = {.d = d, .data = arena_alloc(own, PART)};
    struct arena *piece = arena_new(0);
    struct err *failed = NULL;

    import_use_arena(w, piece);
    while (!failed && (k.size = fread((void *)(uintptr_t)k.data, 1, PART, file)) > 0) {
        failed = app_write(w, keep_part, &k);
        k.part++;
        arena_reset(piece);
    }
    import_use_arena(w, before);
    arena_free(piece);
    arena_free(own);
    return failed;
}

static const char *digest_of(struct arena *a, FILE *file)
{
    struct digest *d = digest_new(a);
    unsigned char hash[DIGEST_SIZE];
    char room[65536];
    size_t n;

    while ((n = fread(room, 1, sizeof(room), file)) > 0)
        digest_add(d, room, n);
    digest_end(d, hash);
    rewind(file);
    return crypt_hex(a, hash, sizeof(hash));
}

struct err *draft_new(struct web *w, const struct entity *e, const struct upload *u,
                      struct import_draft *out)
{
    FILE *file;

    if (u->size > IMPORT_FILE_MOST)
        return err_new(ERR_LIMIT, "“%.100s” is larger than %zu MB. Split it.", u->filename,
                       IMPORT_FILE_MOST >> 20);
    file = fopen(u->path, "re");
    if (!file)
        return err_detail(err_new(ERR_FAULT, "The file could not be read."), "%s: %s", u->path,
                          strerror(errno));
    arena_defer(w->arena, close_file, file);
    *out = (struct import_draft){.id = web_id(),
                                 .token = crypt_token(w->arena, 18),
                                 .kind = e->name,
                                 .e = e,
                                 .name = text_empty(u->filename) ? tr("the file") : u->filename,
                                 .hash = digest_of(w->arena, file),
                                 .size = (i64)u->size,
                                 .settings = json_own(w->arena, json_object()),
                                 .facts = json_own(w->arena, json_object())};
    TRY(app_write(w, keep_head, &(struct keeping){.d = out}));
    return keep_parts(w, out, file);
}

struct fetching {
    const struct import_draft *d;
    i64 part;
    FILE *out;
    bool more;
};

static struct err *fetch_part(struct web *w, void *ctx)
{
    struct fetching *f = ctx;
    struct rows *r;
    struct bytes body;

    TRY(db_query(w->db, &r,
                 "select body from import_file where org_id = $1 and draft = $2 and part = $3",
                 num(w->org), num(f->d->id), num(f->part)));
    f->more = row_next(r);
    if (!f->more)
        return NULL;
    body = row_blob(r, 0);
    if (fwrite(body.data, 1, body.size, f->out) != body.size)
        return err_new(ERR_BUSY, "The file could not be kept: the disk is full.");
    return NULL;
}

struct err *draft_file(struct web *w, const struct import_draft *d, FILE **out)
{
    struct arena *own = w->arena, *piece = arena_new(0);
    struct fetching f = {.d = d, .more = true};
    struct err *failed = source_temporary(w->arena, &f.out);

    import_use_arena(w, piece);
    for (; !failed && f.more; f.part++) {
        failed = db_in_transaction(w->db) ? fetch_part(w, &f) : app_read(w, fetch_part, &f);
        arena_reset(piece);
    }
    import_use_arena(w, own);
    arena_free(piece);
    if (!failed && f.part <= 1)
        failed = no_draft();
    *out = f.out;
    if (!failed)
        rewind(f.out);
    return failed;
}

/* --- what a check found --- */

static struct err *save_state(struct web *w, void *ctx)
{
    struct import_draft *d = ctx;

    return db_exec(w->db,
                   "update import_draft set state = $3, settings = $4, facts = $5, problem = $6,"
                   " rows_all = $7, job = $8 where org_id = $1 and id = $2",
                   num(w->org), num(d->id), str(d->state), str(json_text(w->arena, d->settings)),
                   str(json_text(w->arena, d->facts)), str(d->problem), num(d->rows_all),
                   num_or_null(d->job));
}

struct sinking {
    struct import_draft *d;
    struct arena *arena; /* of the rows that wait */
    struct draft_row *rows;
    size_t count, room, details;
    bool cleared;
};

/* At most 400 bytes, whole characters. */
static json_t *shortened(struct arena *a, const char *text)
{
    char *copy = arena_str(a, text);
    size_t n = strlen(copy);

    if (n <= 400)
        return json_string(copy);
    n = 400;
    while (n && ((unsigned char)copy[n] & 0xC0) == 0x80)
        n--;
    copy[n] = '\0';
    return json_string(arena_printf(a, "%s…", copy));
}

static struct err *add_change(struct web *w, const struct field *f, const struct row_result *r,
                              json_t *list)
{
    const char *before = "", *after;
    json_t *one = json_array();

    json_array_append_new(list, one);
    if (r->before)
        TRY(field_told(w, f, r->before, &before));
    TRY(field_told(w, f, r->record, &after));
    json_array_append_new(one, json_string(f->name));
    json_array_append_new(one, shortened(w->arena, before));
    json_array_append_new(one, shortened(w->arena, after));
    return NULL;
}

/* Field by field. Of new records only the first are told so; the others by their name. */
static struct err *changes_of(struct sinking *s, struct importing *im, const struct row_result *r,
                              json_t **out)
{
    void *nothing = arena_alloc(im->w->arena, im->e->size);

    *out = json_own(s->arena, json_array());
    if (r->fate == ROW_WRONG || r->fate == ROW_SAME ||
        (r->fate == ROW_CREATE && s->details++ >= 2000))
        return NULL;
    for (size_t i = 0; i < im->e->nfields; i++) {
        const struct field *f = &im->e->fields[i];

        if (!f->derived && !f->secret && !f->internal &&
            !field_equal(f, r->before ? r->before : nothing, r->record))
            TRY(add_change(im->w, f, r, *out));
    }
    return NULL;
}

static const char *title_of(const struct importing *im, const struct row_result *r)
{
    const struct field *f = im->e->title ? entity_field(im->e, im->e->title) : NULL;
    const char *text = f && field_is_text(f) ? field_str(f, r->record) : NULL;

    return text ? text : "";
}

static json_t *problem_json(const char *column, const char *field, const char *text)
{
    json_t *one = json_array();

    json_array_append_new(one, json_string(column));
    json_array_append_new(one, json_string(field));
    json_array_append_new(one, json_string(text));
    return one;
}

static struct err *sink_row(void *ctx, const struct importing *im, const struct source_row *row,
                            const struct row_result *r)
{
    struct sinking *s = ctx;
    struct draft_row *out;

    if (s->count == s->room)
        return err_new(ERR_FAULT, "More rows came than were expected.");
    out = &s->rows[s->count++];
    *out = (struct draft_row){.row = row->row,
                              .record = ((const struct record *)r->record)->id,
                              .fate = row_fate_names[r->fate],
                              .title = arena_str(s->arena, title_of(im, r)),
                              .problems = json_own(s->arena, json_array())};
    for (size_t i = 0; i < r->issues.count && i < 20; i++)
        json_array_append_new(out->problems,
                              problem_json(import_column_of(im, r->issues.list[i].field),
                                           r->issues.list[i].field, r->issues.list[i].text));
    return changes_of(s, (struct importing *)(uintptr_t)im, r, &out->changes);
}

static struct err *clear_rows(struct web *w, void *ctx)
{
    struct import_draft *d = ctx;

    return db_exec(w->db, "delete from import_row where org_id = $1 and draft = $2", num(w->org),
                   num(d->id));
}

static struct err *store_rows(struct web *w, void *ctx)
{
    struct sinking *s = ctx;

    TRY(job_fence(w));
    db_lazy(w->db);
    for (size_t i = 0; i < s->count; i++) {
        const struct draft_row *r = &s->rows[i];

        TRY(db_exec(w->db,
                    "insert into import_row (org_id, draft, row_no, fate, record, title, changes,"
                    " problems) values ($1, $2, $3, $4, $5, $6, $7, $8)",
                    num(w->org), num(s->d->id), num(r->row), str(r->fate), num(r->record),
                    str(r->title), str(json_text(s->arena, r->changes)),
                    str(json_text(s->arena, r->problems))));
    }
    return NULL;
}

static struct err *sink_flush(void *ctx, struct importing *im)
{
    struct sinking *s = ctx;

    if (!s->cleared)
        TRY(app_write(im->w, clear_rows, s->d));
    s->cleared = true;
    if (s->count)
        TRY(app_write(im->w, store_rows, s));
    s->count = 0;
    arena_reset(s->arena);
    s->rows = NEW_ARRAY(s->arena, struct draft_row, s->room);
    return NULL;
}

struct late {
    struct sinking *s;
    const struct problem *p;
};

static struct err *store_late(struct web *w, void *ctx)
{
    struct late *l = ctx;
    json_t *list = json_own(w->arena, json_array()), *old;
    struct rows *r;
    size_t i;
    json_t *one;

    TRY(db_query(w->db, &r,
                 "select problems from import_row where org_id = $1 and draft = $2 and row_no = $3",
                 num(w->org), num(l->s->d->id), num(l->p->row)));
    if (row_next(r) && !json_parse(w->arena, row_text(r, 0), strlen(row_text(r, 0)), &old))
        json_array_foreach(old, i, one) json_array_append(list, one);
    json_array_append_new(list, problem_json(l->p->column, l->p->field, l->p->text));
    return db_exec(w->db,
                   "update import_row set fate = 'wrong', changes = '[]', problems = $4"
                   " where org_id = $1 and draft = $2 and row_no = $3",
                   num(w->org), num(l->s->d->id), num(l->p->row), str(json_text(w->arena, list)));
}

/* The row may wait here still: what waits is stored first. */
static struct err *sink_late(void *ctx, const struct importing *im, const struct problem *p)
{
    struct importing *mine = (struct importing *)(uintptr_t)im;

    if (db_in_transaction(im->w->db))
        db_rollback(im->w->db);
    TRY(sink_flush(ctx, mine));
    return app_write(im->w, store_late, &(struct late){ctx, p});
}

static struct err *check_into_store(struct import_draft *d, struct importing *im)
{
    struct sinking s = {.d = d, .arena = arena_new((size_t)64 << 20), .room = 1000};
    struct import_sink sink = {sink_row, sink_late, sink_flush, &s};
    struct err *failed;

    s.rows = NEW_ARRAY(s.arena, struct draft_row, s.room);
    failed = import_check(im, &sink);
    arena_free(s.arena);
    return failed;
}

/* --- studying --- */

/* What a person can mend by another word about the file, or by another file. */
static bool is_unreadable(const struct err *e)
{
    return e && (e->code == ERR_BAD || e->code == ERR_LIMIT || e->code == ERR_INVALID);
}

static struct err *set_unreadable(struct web *w, struct import_draft *d, const struct err *e)
{
    d->state = "unreadable";
    d->problem = arena_str(w->arena, e->text);
    d->facts = json_own(w->arena, json_object());
    d->job = 0;
    return app_write(w, save_state, d);
}

static struct err *open_draft(struct web *w, struct import_draft *d, struct importing **im)
{
    FILE *file;

    TRY(draft_file(w, d, &file));
    TRY(import_open(w, d->e, &(struct import_input){file, d->name, d->settings, false}, im));
    (*im)->draft = d->id;
    return NULL;
}

static struct err *start_job(struct web *w, void *ctx)
{
    struct import_draft *d = ctx;
    bool run = text_equal(d->state, "running");

    TRY(job_start(
        w, run ? "import.run" : "import.check", d->token,
        arena_printf(w->arena, run ? tr("Import of %.80s") : tr("Check of %.80s"), d->name),
        d->token, &d->job));
    return save_state(w, d);
}

static struct err *keep_facts(struct web *w, struct import_draft *d, struct importing *im)
{
    d->facts = import_facts(im);
    d->rows_all = im->source->rows;
    d->state = "checked";
    d->problem = NULL;
    d->job = 0;
    return app_write(w, save_state, d);
}

struct err *draft_study(struct web *w, struct import_draft *d)
{
    struct importing *im;
    struct err *failed = open_draft(w, d, &im);

    if (is_unreadable(failed))
        return set_unreadable(w, d, failed);
    TRY(failed);
    if (!w->job && im->source->rows > IMPORT_INLINE && w->person) {
        d->facts = import_facts(im);
        d->rows_all = im->source->rows;
        d->state = "checking";
        return app_write(w, start_job, d);
    }
    failed = check_into_store(d, im);
    if (is_unreadable(failed))
        return set_unreadable(w, d, failed);
    TRY(failed);
    return keep_facts(w, d, im);
}

struct loading {
    const char *token;
    struct import_draft *d;
};

static struct err *load_for_job(struct web *w, void *ctx)
{
    struct loading *l = ctx;

    return draft_load_any(w, l->token, l->d);
}

struct err *draft_job_check(struct web *w, const char *token)
{
    struct import_draft d;

    TRY(app_read(w, load_for_job, &(struct loading){token, &d}));
    if (!text_equal(d.state, "checking"))
        return NULL;
    TRY(draft_study(w, &d));
    return job_result(w, arena_printf(w->arena, "/%s/import/%s", d.e->plural, d.token),
                      "The file is checked.");
}

/* --- running --- */

static struct err *run_here(struct web *w, struct import_draft *d)
{
    struct importing *im;

    TRY(open_draft(w, d, &im));
    im->good_rows = text_equal(json_string_value(json_object_get(d->settings, "mode")), "good");
    im->record = d->import;
    im->state->done = d->import ? d->rows_done : 0;
    if (!im->state->done) {
        TRY(check_into_store(d, im));
    } else { /* an attempt was broken off: what it wrote is as it should be */
        TRY(import_check(im, NULL));
        im->counts.wrong = 0;
    }
    if (import_undecided(im) || (im->counts.wrong && !im->good_rows))
        return keep_facts(w, d, im);
    TRY(import_write(im));
    d->import = im->record;
    d->state = "done";
    return NULL;
}

struct err *draft_run(struct web *w, struct import_draft *d, bool good_rows)
{
    if (text_equal(d->state, "running") || text_equal(d->state, "done"))
        return NULL; /* the form was sent twice */
    if (!text_equal(d->state, "checked"))
        return err_new(ERR_CLASH, "The file must be checked before it can be imported.");
    json_object_set_new(d->settings, "mode", json_string(good_rows ? "good" : "all"));
    if (d->rows_all <= IMPORT_INLINE || !w->person)
        return run_here(w, d);
    d->state = "running";
    return app_write(w, start_job, d);
}

static struct err *set_problem(struct web *w, void *ctx)
{
    struct import_draft *d = ctx;

    return db_exec(w->db,
                   "update import_draft set state = case when state = 'running' and import is null"
                   " then 'checked' else state end, problem = $3 where org_id = $1 and id = $2",
                   num(w->org), num(d->id), str(d->problem));
}

static struct err *mark_stopped(struct web *w, void *ctx)
{
    return import_draft_stopped(w, ctx, tr("The import was stopped and taken back."));
}

/* Cancelled while it went on after a break, before it wrote again: what the attempt before had
 * written goes back when only all rows were wanted. */
static struct err *take_back(struct web *w, struct import_draft *d)
{
    struct importing im = {.draft = d->id};
    struct err *failed;

    if (!w->job->cancel || !d->import ||
        text_equal(json_string_value(json_object_get(d->settings, "mode")), "good"))
        return NULL;
    failed = import_undo(w, d->import, "taken-back");
    if (failed)
        return failed->code == ERR_CLASH ? NULL : failed; /* it is back already */
    return app_write(w, mark_stopped, &im);
}

struct err *draft_job_run(struct web *w, const char *token)
{
    struct import_draft d;
    struct err *failed;

    TRY(app_read(w, load_for_job, &(struct loading){token, &d}));
    if (!text_equal(d.state, "running") && !text_equal(d.state, "checked"))
        return NULL;
    failed = run_here(w, &d);
    if (failed) {
        d.problem = arena_str(w->arena, failed->text);
        if (failed->code != ERR_BUSY && failed->code != ERR_RETRY && failed->code != ERR_FAULT &&
            (w->job->cancel || !job_cancelled(w)))
            TRY(app_write(w, set_problem, &d));
        TRY(take_back(w, &d));
        return failed;
    }
    return job_result(w, arena_printf(w->arena, "/%s/import/%s", d.e->plural, d.token),
                      text_equal(d.state, "done") ? "The rows are imported."
                                                  : "Some rows became wrong; nothing was written.");
}

/* --- rows of the preview --- */

struct err *draft_rows(struct web *w, const struct import_draft *d, const char *fate, i64 after,
                       int limit, struct draft_row **out, size_t *count)
{
    struct rows *r;

    if (text_empty(fate))
        TRY(db_query(w->db, &r,
                     "select row_no, record, fate, title, changes, problems from import_row"
                     " where org_id = $1 and draft = $2 and row_no > $3 order by row_no limit $4",
                     num(w->org), num(d->id), num(after), num(limit)));
    else
        TRY(db_query(w->db, &r,
                     "select row_no, record, fate, title, changes, problems from import_row"
                     " where org_id = $1 and draft = $2 and fate = $5 and row_no > $3"
                     " order by row_no limit $4",
                     num(w->org), num(d->id), num(after), num(limit), str(fate)));
    *out = NEW_ARRAY(w->arena, struct draft_row, row_count(r) + 1);
    for (*count = 0; row_next(r); ++*count)
        (*out)[*count] = (struct draft_row){.row = row_num(r, 0),
                                            .record = row_num(r, 1),
                                            .fate = row_text(r, 2),
                                            .title = row_text(r, 3),
                                            .changes = parsed(w, row_text(r, 4)),
                                            .problems = parsed(w, row_text(r, 5))};
    return NULL;
}

/* --- the end --- */

static struct err *drop(struct web *w, void *ctx)
{
    const struct import_draft *d = ctx;

    return db_exec(w->db, "delete from import_draft where org_id = $1 and id = $2", num(w->org),
                   num(d->id));
}

struct err *draft_drop(struct web *w, const struct import_draft *d)
{
    return app_write(w, drop, (void *)(uintptr_t)d);
}

struct cleaning {
    i64 before, gone;
};

/* A few hundred rows at a time: a large draft must not hold up those who save. */
static struct err *clean_some(struct web *w, void *ctx)
{
    struct cleaning *c = ctx;
    i64 n = 0;

    /* every organisation */
    TRY(db_exec(w->db,
                "delete from import_draft where org_id >= $1 and at < $2 and (state <> 'running'"
                " or at < $3)",
                num(0), num(c->before), num(c->before - 7 * DAY)));
    /* every organisation */
    TRY(db_change(w->db, &n,
                  "delete from import_row where org_id >= $1 and (org_id, draft, row_no) in (select"
                  " x.org_id, x.draft, x.row_no from import_row x left join import_draft d"
                  " on d.org_id = x.org_id and d.id = x.draft where x.org_id >= $1"
                  " and d.id is null limit 2000)",
                  num(0)));
    c->gone = n;
    /* every organisation */
    TRY(db_change(w->db, &n,
                  "delete from import_file where org_id >= $1 and (org_id, draft, part) in (select"
                  " x.org_id, x.draft, x.part from import_file x left join import_draft d"
                  " on d.org_id = x.org_id and d.id = x.draft where x.org_id >= $1"
                  " and d.id is null limit 20)",
                  num(0)));
    c->gone += n;
    return NULL;
}

struct err *draft_clean(struct web *w, const char *body)
{
    struct cleaning c = {.before = w->now - DRAFT_DAYS * DAY, .gone = 1};

    (void)body;
    for (int i = 0; i < 2000 && c.gone; i++)
        TRY(app_write(w, clean_some, &c));
    return NULL;
}
