/* SPDX-License-Identifier: Apache-2.0 */
/* Adding jobs, what a handler says about its job, and what people do to jobs. */
#include "core/job.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/job_part.h"

#define TELL_EVERY (SECOND / 2)

const struct job_kind *job_more_kinds;

const struct job_kind *job_kind_find(const char *name)
{
    for (const struct job_kind *k = job_more_kinds; k && k->name; k++)
        if (text_equal(k->name, name))
            return k;
    for (size_t f = 0; features[f]; f++)
        for (const struct job_kind *k = features[f]->jobs; k && k->name; k++)
            if (text_equal(k->name, name))
                return k;
    return NULL;
}

/* --- adding --- */

struct adding {
    const char *kind, *key, *title, *body;
    i64 person, run_at, id;
};

/* One that has ended makes room for a new one of the same key. */
static struct err *add(struct web *w, struct adding *a)
{
    const struct job_kind *k = job_kind_find(a->kind);

    if (!k)
        BUG("there is no job kind %s", a->kind);
    TRY(db_exec(w->db,
                "delete from job where org_id = $1 and kind = $2 and key = $3"
                " and state in ('done', 'cancelled')",
                num(w->org), str(a->kind), str(a->key)));
    return db_exec(w->db,
                   "insert into job (org_id, id, kind, key, state, run_at, set_at, attempts, body,"
                   " person, title, lane) values ($1, $2, $3, $4, 'ready', $5, $6, 0, $7, $8, $9,"
                   " $10) on conflict (org_id, kind, key) do nothing",
                   num(w->org), num(a->id), str(a->kind), str(a->key),
                   num(a->run_at > w->now ? a->run_at : w->now), num(w->now),
                   str(a->body ? a->body : ""), num(a->person), str(a->title ? a->title : ""),
                   num(k->slow));
}

struct err *job_add(struct web *w, const char *kind, const char *key, i64 run_at, const char *body)
{
    struct adding a = {.kind = kind, .key = key, .body = body, .run_at = run_at, .id = web_id()};

    return add(w, &a);
}

struct err *job_start(struct web *w, const char *kind, const char *key, const char *title,
                      const char *body, i64 *id)
{
    struct adding a = {.kind = kind,
                       .key = key,
                       .title = title,
                       .body = body,
                       .person = w->person,
                       .id = web_id()};
    struct rows *r;

    TRY(add(w, &a));
    TRY(db_query(w->db, &r, "select id from job where org_id = $1 and kind = $2 and key = $3",
                 num(w->org), str(kind), str(key)));
    *id = row_next(r) ? row_num(r, 0) : a.id;
    return NULL;
}

const char *job_url(struct web *w, i64 id)
{
    return web_url(w, "/jobs/%lld", id);
}

/* --- what a handler says --- */

static struct err *taken_over(void)
{
    return err_new(ERR_CLASH, "Another server has taken this job over.");
}

/* In a transaction of the caller, or in one of its own. */
static struct err *store(struct web *w, struct err *(*fn)(struct web *w, void *ctx), void *ctx)
{
    return w->writable ? fn(w, ctx) : app_write(w, fn, ctx);
}

struct err *job_fence(struct web *w)
{
    i64 held;

    if (!w->job)
        return NULL;
    TRY(db_change(w->db, &held,
                  "update job set beat = beat + 1 where org_id = $1 and id = $2"
                  " and attempts = $3 and state = 'running'",
                  num(w->job->org), num(w->job->id), num(w->job->attempt)));
    return held ? NULL : taken_over();
}

struct telling {
    i64 done, total;
    const char *note, *link;
};

static struct err *store_progress(struct web *w, void *ctx)
{
    const struct telling *t = ctx;
    i64 held;

    TRY(db_change(w->db, &held,
                  "update job set done = $4, total = $5, note = $6, beat = beat + 1"
                  " where org_id = $1 and id = $2 and attempts = $3 and state = 'running'",
                  num(w->job->org), num(w->job->id), num(w->job->attempt), num(t->done),
                  num(t->total), str(t->note)));
    return held ? NULL : taken_over();
}

struct err *job_progress(struct web *w, i64 done, i64 total, const char *format, ...)
{
    i64 now = clock_ticks();
    struct telling t = {.done = done, .total = total};
    va_list args;

    if (!w->job || (w->job->told_at && now - w->job->told_at < TELL_EVERY && done != total))
        return NULL;
    w->job->told_at = now;
    va_start(args, format);
    t.note = arena_vprintf(w->arena, tr(format), args);
    va_end(args);
    return store(w, store_progress, &t);
}

static struct err *store_result(struct web *w, void *ctx)
{
    const struct telling *t = ctx;
    i64 held;

    TRY(db_change(w->db, &held,
                  "update job set result = $4, link = case when $5 = '' then link else $5 end"
                  " where org_id = $1 and id = $2 and attempts = $3 and state = 'running'",
                  num(w->job->org), num(w->job->id), num(w->job->attempt), str(t->note),
                  str(t->link ? t->link : "")));
    return held ? NULL : taken_over();
}

struct err *job_result(struct web *w, const char *link, const char *format, ...)
{
    struct telling t = {.link = link};
    va_list args;

    if (!w->job)
        return NULL;
    va_start(args, format);
    t.note = arena_vprintf(w->arena, tr(format), args);
    va_end(args);
    return store(w, store_result, &t);
}

bool job_cancelled(struct web *w)
{
    i64 now = clock_ticks();
    struct rows *r;

    if (!w->job)
        return false;
    if (w->job->cancel || jobs_stopping(w->app))
        return true;
    if (w->job->asked_at && now - w->job->asked_at < TELL_EVERY)
        return false;
    w->job->asked_at = now;
    if (!db_query(w->db, &r,
                  "select cancel from job where org_id = $1 and id = $2 and attempts = $3"
                  " and state = 'running'",
                  num(w->job->org), num(w->job->id), num(w->job->attempt)))
        w->job->cancel = !row_next(r) || row_num(r, 0);
    return w->job->cancel;
}

struct err *job_stopped(void)
{
    return err_new(ERR_CLASH, "The job was stopped.");
}

/* --- files --- */

const char *job_file_path(struct web *w, i64 id)
{
    return arena_printf(w->arena, "%s/jobs/%lld-%lld", w->app->config.dir, w->org, id);
}

struct err *job_file(struct web *w, const char *name, const char **path)
{
    const char *dir = arena_printf(w->arena, "%s/jobs", w->app->config.dir);

    if (!w->job)
        return err_new(ERR_FAULT, "Only a job has a file.");
    if (mkdir(dir, 0700) && errno != EEXIST)
        return err_detail(err_new(ERR_FAULT, "The folder for files of jobs cannot be made."),
                          "%s: %s", dir, strerror(errno));
    *path = job_file_path(w, w->job->id);
    return job_result(w, arena_printf(w->arena, "file:%s", name), "The file is ready.");
}

/* --- what people do --- */

static struct err *not_so(void)
{
    return err_new(ERR_CLASH, "The job is no longer in that state. Look at its page again.");
}

struct err *job_cancel(struct web *w, i64 id)
{
    i64 n;

    TRY(db_change(w->db, &n,
                  "update job set state = 'cancelled', ended = $3, result = $4"
                  " where org_id = $1 and id = $2 and state = 'ready'",
                  num(w->org), num(id), num(w->now), str(tr("Cancelled before it began."))));
    if (n)
        return NULL;
    TRY(db_change(w->db, &n,
                  "update job set cancel = 1 where org_id = $1 and id = $2 and state = 'running'",
                  num(w->org), num(id)));
    return n ? NULL : not_so();
}

struct err *job_retry(struct web *w, i64 id)
{
    i64 n;

    TRY(db_change(w->db, &n,
                  "update job set state = 'ready', failures = 0, cancel = 0, run_at = $3,"
                  " set_at = $3, ended = 0 where org_id = $1 and id = $2 and state = 'dead'",
                  num(w->org), num(id), num(w->now)));
    return n ? NULL : not_so();
}

struct err *job_discard(struct web *w, i64 id)
{
    i64 n;

    TRY(db_change(w->db, &n,
                  "delete from job where org_id = $1 and id = $2"
                  " and state in ('dead', 'done', 'cancelled')",
                  num(w->org), num(id)));
    if (n)
        (void)unlink(job_file_path(w, id));
    return n ? NULL : not_so();
}
