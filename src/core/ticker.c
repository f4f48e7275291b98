/* SPDX-License-Identifier: Apache-2.0 */
/* The housekeeping thread. Each task is its own small write, so the writer is never held long. */
#include "core/ticker.h"

#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "core/job.h"
#include "core/search.h"
#include "core/seen.h"
#include "core/trail.h"

#define INDEX_BATCH 100
#define TICKER_NICE 10
#define INDEX_ROUNDS 200
#define SEEN_EVERY (60 * SECOND)
#define SIGN_EVERY (10 * SECOND)
#define FORGET_EVERY (10 * MINUTE)
#define TRIM_EVERY (60 * SECOND)

struct ticker {
    struct app *app;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping;
    i64 seen_at, signed_at, forgot_at, trimmed_at;
};

static void report(const char *what, struct err *failed)
{
    if (failed)
        log_event(LOG_ERROR, "housekeeping", "task=%s %s %s", what, failed->text, failed->detail);
}

/* Runs a write task with a fresh arena, so that rounds do not add up. */
static struct err *write_task(struct web *base, struct err *(*fn)(struct web *w, void *ctx),
                              void *ctx)
{
    struct arena *a = arena_new(0);
    struct web w = *base;
    struct html h;
    struct err *failed;

    w.arena = a;
    w.now = clock_now();
    w.html = &h;
    html_init(&h, a);
    failed = app_write(&w, fn, ctx);
    db_use_arena(base->db, base->arena);
    arena_free(a);
    return failed;
}

static struct err *index_batch(struct web *w, void *ctx)
{
    return search_apply(w, INDEX_BATCH, ctx);
}

static struct err *index_all(struct web *w)
{
    bool left = true;

    for (int i = 0; left && i < INDEX_ROUNDS; i++)
        TRY(write_task(w, index_batch, &left));
    return NULL;
}

static struct err *store_seen(struct web *w, void *ctx)
{
    (void)ctx;
    return seen_store(w);
}

static struct err *forget_old(struct web *w, void *ctx)
{
    (void)ctx;
    TRY(db_exec(w->db, "delete from session where org_id = $1 and expires < $2", num(0),
                num(w->now)));
    TRY(db_exec(w->db, "delete from one_time_link where org_id = $1 and expires < $2", num(0),
                num(w->now - DAY)));
    TRY(db_exec(w->db, "delete from throttle where org_id = $1 and since < $2", num(0),
                num(w->now - DAY)));
    /* every organisation: nobody comes back to a draft after a month */
    TRY(db_exec(w->db, "delete from draft where org_id >= $1 and at < $2", num(0),
                num(w->now - 30 * DAY)));
    /* every organisation: operations are kept for a day */
    return db_exec(w->db, "delete from operation where org_id >= $1 and at < $2", num(0),
                   num(w->now - DAY));
}

/* Signs one log: reads, recomputes and signs outside a transaction, then stores the note. */
static struct err *sign_one(struct web *base, i64 org)
{
    struct arena *a = arena_new(0);
    struct web w = *base;
    const char *note;
    struct err *failed;

    w.arena = a;
    db_use_arena(w.db, a);
    failed = trail_checkpoint(&w, org, &note);
    db_use_arena(base->db, base->arena);
    arena_free(a);
    return failed;
}

/* Logs that grew since their last checkpoint. */
static struct err *sign_all(struct web *w)
{
    struct rows *r;

    /* every organisation */
    TRY(db_query(w->db, &r,
                 "select f.org_id from audit_frontier f where f.org_id >= $1 and f.n > coalesce("
                 "(select max(c.size) from audit_checkpoint c where c.org_id = f.org_id), 0)",
                 num(0)));
    while (row_next(r))
        TRY(sign_one(w, row_num(r, 0)));
    return NULL;
}

static void round_with(struct ticker *t, struct web *w, bool last)
{
    i64 now = clock_ticks();

    if (!last) /* what is left is marked in the store: the next start goes on */
        report("search", index_all(w));
    if (last || now - t->seen_at > SEEN_EVERY) {
        t->seen_at = now;
        report("seen", write_task(w, store_seen, NULL));
    }
    if (last || now - t->signed_at > SIGN_EVERY) {
        t->signed_at = now;
        report("sign", sign_all(w));
    }
    if (now - t->forgot_at > FORGET_EVERY) {
        t->forgot_at = now;
        report("forget", write_task(w, forget_old, NULL));
    }
    /* What starting, an import or a report no longer needs goes back to the machine. */
    if (!last && now - t->trimmed_at > TRIM_EVERY) {
        t->trimmed_at = now;
        malloc_trim(0);
    }
}

/* One round on a connection of the caller; results of reads live in a round's own arena. */
static void one_round(struct ticker *t, struct web *base, bool last)
{
    struct arena *a = arena_new(0);
    struct web w = *base;

    w.arena = a;
    w.now = clock_now();
    db_use_arena(w.db, a);
    round_with(t, &w, last);
    db_use_arena(w.db, base->arena);
    arena_free(a);
}

static struct err *connect(struct app *app, struct arena *a, struct web **out)
{
    return app_web(app, a, FACE_JOB, "job:housekeeping", out);
}

static bool wait_second(struct ticker *t)
{
    struct timespec until;
    bool stop;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 1;
    pthread_mutex_lock(&t->lock);
    if (!t->stopping)
        pthread_cond_timedwait(&t->wake, &t->lock, &until);
    stop = t->stopping;
    pthread_mutex_unlock(&t->lock);
    return !stop;
}

static void *ticker_main(void *arg)
{
    struct ticker *t = arg;
    struct arena *a = arena_new(0);
    struct web *w;
    struct err *failed = connect(t->app, a, &w);

    /* Housekeeping can wait a moment, people should not. */
    if (setpriority(PRIO_PROCESS, (id_t)gettid(), TICKER_NICE))
        log_event(LOG_DEBUG, "housekeeping", "its priority could not be lowered");
    if (failed) {
        report("connect", failed);
    } else {
        while (wait_second(t))
            one_round(t, w, false);
        one_round(t, w, true);
        app_web_end(w);
    }
    arena_free(a);
    return NULL;
}

struct err *ticker_start(struct app *app)
{
    struct ticker *t = calloc(1, sizeof(*t));

    t->app = app;
    t->seen_at = t->signed_at = t->forgot_at = clock_ticks();
    t->trimmed_at = t->seen_at - TRIM_EVERY;
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->wake, NULL);
    app->ticker = t;
    if (pthread_create(&t->thread, NULL, ticker_main, t))
        return err_new(ERR_FAULT, "The housekeeping thread cannot be started.");
    return NULL;
}

void ticker_stop(struct app *app)
{
    struct ticker *t = app->ticker;

    if (!t)
        return;
    pthread_mutex_lock(&t->lock);
    t->stopping = true;
    pthread_cond_signal(&t->wake);
    pthread_mutex_unlock(&t->lock);
    if (t->thread)
        pthread_join(t->thread, NULL);
    free(t);
    app->ticker = NULL;
}

void ticker_round(struct app *app, bool last)
{
    struct ticker t = {.app = app};
    struct arena *a = arena_new(0);
    struct web *w;
    struct err *failed = connect(app, a, &w);

    report("connect", failed);
    if (!failed) {
        one_round(&t, w, last);
        if (!last)
            report("jobs", job_run_due(w));
        app_web_end(w);
    }
    arena_free(a);
}
