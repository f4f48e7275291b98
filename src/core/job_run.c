/* SPDX-License-Identifier: Apache-2.0 */
/* One piece of the queue's work: claim what is due, run it, store what became of it. Claiming needs
 * no lock of its own: of two servers that claim at once the second finds the rows changed, since
 * the state is asked for again when its update reaches them. */
#include "core/job_part.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crypt.h"
#include "base/log.h"
#include "base/text.h"
#include "base/words.h"
#include "core/language.h"
#include "core/permit.h"
#include "core/session.h"

#define BATCH 20
#define TRIES 8
#define FIRST_WAIT (30 * SECOND)
#define MOST_WAIT (6 * HOUR)
#define KEEP (7 * DAY)
#define STORE_TRIES 5
#define PERIODIC_MOST 64

/* --- claiming --- */

struct claiming {
    int lane;
    i64 limit;
    struct rows *jobs;
};

static struct err *claim(struct web *w, void *ctx)
{
    struct claiming *c = ctx;

    /* every organisation */
    return db_query(w->db, &c->jobs,
                    "update job set state = 'running', attempts = attempts + 1, beat = beat + 1,"
                    " holder = $2, done = 0, total = 0, note = '' where org_id >= $1"
                    " and state = 'ready' and run_at <= $3 and id in (select j.id from job j"
                    " where j.org_id >= $1 and j.state = 'ready' and j.lane = $4"
                    " and j.run_at <= $3 order by j.run_at limit $5)"
                    " returning org_id, id, kind, key, body, attempts, failures, person",
                    num(0), num(jobs_holder()), num(w->now), num(c->lane), num(c->limit));
}

/* A look before the claim: an idle queue writes nothing. */
static struct err *is_due(struct web *w, int lane, bool *due)
{
    struct rows *r;

    /* every organisation */
    TRY(db_query(w->db, &r,
                 "select 1 from job where org_id >= $1 and state = 'ready' and lane = $2"
                 " and run_at <= $3 limit 1",
                 num(0), num(lane), num(w->now)));
    *due = row_next(r);
    return NULL;
}

/* --- what became of it --- */

struct outcome {
    struct job *job;
    const struct job_kind *kind;
    const struct err *failed; /* NULL = it succeeded */
    i64 failures;             /* before this attempt */
    bool stopping, cancelled;
};

/* Half a minute, doubled each time, and up to a tenth more, so that what failed together does not
 * come back together. */
static i64 wait_after(i64 failures)
{
    i64 wait = failures > 12 ? MOST_WAIT : FIRST_WAIT << (failures - 1);

    wait = wait > MOST_WAIT ? MOST_WAIT : wait;
    return wait + crypt_random_i63() % (wait / 10);
}

static bool hopeless(const struct err *e)
{
    return e->code == ERR_BAD || e->code == ERR_INVALID || e->code == ERR_DENIED ||
           e->code == ERR_MISSING;
}

static struct err *store_success(struct web *w, const struct outcome *o)
{
    const struct job *j = o->job;

    if (!j->person)
        return db_exec(w->db,
                       "delete from job where org_id = $1 and id = $2 and attempts = $3"
                       " and state = 'running'",
                       num(j->org), num(j->id), num(j->attempt));
    return db_exec(w->db,
                   "update job set state = 'done', ended = $4, done = total where org_id = $1"
                   " and id = $2 and attempts = $3 and state = 'running'",
                   num(j->org), num(j->id), num(j->attempt), num(w->now));
}

static struct err *store_ready(struct web *w, const struct outcome *o, i64 failures, i64 wait)
{
    const struct job *j = o->job;

    return db_exec(w->db,
                   "update job set state = 'ready', failures = $4, run_at = $5, set_at = $6,"
                   " result = $7 where org_id = $1 and id = $2 and attempts = $3"
                   " and state = 'running'",
                   num(j->org), num(j->id), num(j->attempt), num(failures), num(w->now + wait),
                   num(w->now), str(o->failed->text));
}

static struct err *store_end(struct web *w, const struct outcome *o, const char *state)
{
    const struct job *j = o->job;

    return db_exec(w->db,
                   "update job set state = $4, failures = $5, result = $6, ended = $7"
                   " where org_id = $1 and id = $2 and attempts = $3 and state = 'running'",
                   num(j->org), num(j->id), num(j->attempt), str(state), num(o->failures + 1),
                   str(o->failed->text), num(w->now));
}

static struct err *store_outcome(struct web *w, void *ctx)
{
    const struct outcome *o = ctx;
    i64 failures = o->failures + 1;
    int tries = o->kind && o->kind->tries ? o->kind->tries : TRIES;

    if (!o->failed)
        return store_success(w, o);
    if (o->cancelled)
        return store_end(w, o, "cancelled");
    if (o->stopping)
        return store_ready(w, o, o->failures, 0);
    if (failures >= tries || hopeless(o->failed))
        return store_end(w, o, "dead");
    return store_ready(w, o, failures, wait_after(failures));
}

/* The store may be busy just now. What cannot be stored at all comes back by the keeper. */
static void end_job(struct web *base, struct outcome *o)
{
    struct err *failed = NULL;

    for (int i = 0; i < STORE_TRIES; i++) {
        struct web w = *base;

        w.now = clock_now();
        failed = app_write(&w, store_outcome, o);
        if (!failed)
            return;
        if (i + 1 < STORE_TRIES)
            usleep(200000);
    }
    log_event(LOG_ERROR, "job", "kind=%s id=%lld its end could not be stored: %s %s", o->job->kind,
              o->job->id, failed->text, failed->detail);
}

/* --- running one --- */

/* The context of a job: all rights for the program's own, those of the person for a person's. */
static struct err *enter(struct web *w, const struct job *j)
{
    w->actor = arena_printf(w->arena, "job:%s", j->kind);
    w->operator_token = false;
    if (j->person)
        return session_as_person(w, j->org, j->person);
    permit_all(w->rights);
    return j->org ? web_enter_org(w, j->org) : NULL;
}

/* Runs a handler with an arena of its own. */
static struct err *call(struct web *base, const struct job_kind *kind, struct job *j,
                        struct err *kept)
{
    struct arena *a = arena_new(0);
    struct web w = *base;
    struct html h;
    struct err *failed;

    w.arena = a;
    w.html = &h;
    w.job = j->id ? j : NULL;
    w.now = clock_now();
    html_init(&h, a);
    db_use_arena(base->db, a);
    failed = j->id ? enter(&w, j) : NULL;
    if (!failed)
        failed = kind->run(&w, j->body);
    if (failed)
        *kept = *failed;
    db_rollback(base->db);
    db_use_arena(base->db, base->arena);
    arena_free(a);
    return failed ? kept : NULL;
}

static void run_one(struct web *base, struct job *j, i64 failures)
{
    struct err kept;
    struct outcome o = {.job = j, .kind = job_kind_find(j->kind), .failures = failures};
    struct web asking = *base;

    asking.job = j;
    if (jobs_stopping(base->app))
        o.failed = job_stopped(); /* of a batch, it has not begun */
    else if (!o.kind)
        o.failed = err_new(ERR_BUSY, "This server knows no jobs of the kind “%.40s”.", j->kind);
    else
        o.failed = call(base, o.kind, j, &kept);
    if (o.failed) {
        j->asked_at = 0;
        o.stopping = jobs_stopping(base->app);
        o.cancelled = job_cancelled(&asking) && j->cancel;
        log_event(o.cancelled || o.stopping ? LOG_INFO : LOG_WARN, "job",
                  "kind=%s id=%lld attempt=%lld %s %s", j->kind, j->id, j->attempt, o.failed->text,
                  o.failed->detail);
    }
    end_job(base, &o);
    jobs_end(j);
}

static struct err *work_lane(struct web *base, int lane, size_t *ran)
{
    struct claiming c = {.lane = lane, .limit = lane ? 1 : BATCH};
    struct web w = *base;
    struct job jobs[BATCH];
    i64 failures[BATCH];
    bool due;

    w.now = clock_now();
    TRY(is_due(&w, lane, &due));
    if (!due)
        return NULL;
    TRY(app_write(&w, claim, &c));
    for (; row_next(c.jobs) && *ran < BATCH; ++*ran) {
        jobs[*ran] = (struct job){.org = row_num(c.jobs, 0),
                                  .id = row_num(c.jobs, 1),
                                  .kind = row_text(c.jobs, 2),
                                  .key = row_text(c.jobs, 3),
                                  .body = row_text(c.jobs, 4),
                                  .attempt = row_num(c.jobs, 5),
                                  .person = row_num(c.jobs, 7)};
        failures[*ran] = row_num(c.jobs, 6);
        jobs_begin(&jobs[*ran]);
    }
    for (size_t i = 0; i < *ran; i++)
        run_one(base, &jobs[i], failures[i]);
    return NULL;
}

struct err *job_work(struct web *base, int lane, size_t *ran)
{
    *ran = 0;
    if (lane)
        TRY(work_lane(base, 1, ran));
    return *ran ? NULL : work_lane(base, 0, ran);
}

/* --- periodic kinds --- */

static i64 ran_at[PERIODIC_MOST];

void job_periodic(struct web *base, bool all)
{
    size_t n = 0;
    i64 now = clock_ticks();

    for (size_t f = 0; features[f]; f++) {
        for (const struct job_kind *k = features[f]->jobs; k && k->name && n < PERIODIC_MOST;
             k++, n++) {
            struct job none = {.kind = k->name, .body = ""};
            struct err kept, *failed;

            if (!k->every || (!all && ran_at[n] && now - ran_at[n] < k->every))
                continue;
            ran_at[n] = now;
            failed = call(base, k, &none, &kept);
            if (failed)
                log_event(LOG_ERROR, "job", "kind=%s %s %s", k->name, failed->text, failed->detail);
        }
    }
}

struct err *job_run_due(struct web *w)
{
    size_t slow, quick;

    job_periodic(w, true);
    do {
        TRY(job_work(w, 1, &slow));
        TRY(job_work(w, 0, &quick));
    } while (slow + quick > 0);
    return NULL;
}

/* --- giving back and tidying --- */

struct err *job_give_back(struct web *w, i64 org, i64 id, i64 attempt, i64 beat)
{
    const char *why = tr("The server that was working on this stopped.");

    TRY(db_exec(w->db,
                "update job set state = 'dead', failures = failures + 1, result = $5, ended = $6"
                " where org_id = $1 and id = $2 and attempts = $3 and beat = $4"
                " and state = 'running' and failures >= $7",
                num(org), num(id), num(attempt), num(beat), str(why), num(w->now), num(TRIES - 1)));
    return db_exec(w->db,
                   "update job set state = 'ready', failures = failures + 1, run_at = $5,"
                   " set_at = $5 where org_id = $1 and id = $2 and attempts = $3 and beat = $4"
                   " and state = 'running'",
                   num(org), num(id), num(attempt), num(beat), num(w->now));
}

struct err *job_give_back_all(struct web *w)
{
    struct rows *r;

    /* every organisation */
    TRY(db_query(w->db, &r,
                 "select org_id, id, attempts, beat from job where org_id >= $1"
                 " and state = 'running'",
                 num(0)));
    while (row_next(r))
        TRY(job_give_back(w, row_num(r, 0), row_num(r, 1), row_num(r, 2), row_num(r, 3)));
    return NULL;
}

struct err *job_tidy(struct web *w, void *ctx)
{
    struct rows *r;

    (void)ctx;
    /* every organisation: a minute is granted to the clocks of other servers */
    TRY(db_exec(w->db,
                "update job set run_at = run_at - set_at + $2, set_at = $2 where org_id >= $1"
                " and state = 'ready' and set_at > $3",
                num(0), num(w->now), num(w->now + MINUTE)));
    /* every organisation */
    TRY(db_query(w->db, &r,
                 "delete from job where org_id >= $1 and state in ('done', 'cancelled')"
                 " and ended < $2 returning org_id, id",
                 num(0), num(w->now - KEEP)));
    while (row_next(r)) {
        struct web of = *w;

        of.org = row_num(r, 0);
        (void)unlink(job_file_path(&of, row_num(r, 1)));
    }
    return NULL;
}
