/* SPDX-License-Identifier: Apache-2.0 */
/* The threads of the queue. One runs the periodic kinds and quick jobs, two run slow jobs (imports,
 * exports, reports) and help with quick ones, one keeps: it counts up the beats of what this
 * process is working on, and takes over what other servers have stopped counting. */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crypt.h"
#include "base/log.h"
#include "core/job_part.h"

#define THREADS 4 /* 0 quick and periodic, 1 and 2 slow and quick, 3 the keeper */
#define KEEPER 3
#define NICE 10
#define ACTIVE_MOST 64 /* three threads with a batch each */
#define WATCHED_MOST 256
#define KEEP_EVERY (5 * SECOND)
#define LEASE (30 * SECOND)
#define GRACE (5 * SECOND) /* when stopping, before statements are cut off */

struct job_thread {
    struct jobs *jobs;
    int index;
    pthread_t thread;
    struct web *w;
};

/* A running job of another process, or one that this process has lost, as it was first seen. */
struct watched {
    i64 org, id, attempt, beat, since;
};

struct jobs {
    struct app *app;
    struct job_thread threads[THREADS];
    int count;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    atomic_bool stopping;
    i64 kept_at;
    struct watched watched[WATCHED_MOST];
    size_t nwatched;
};

/* --- what this process is working on --- */

static pthread_mutex_t active_lock = PTHREAD_MUTEX_INITIALIZER;
static struct job active[ACTIVE_MOST];
static i64 holder;

i64 jobs_holder(void)
{
    pthread_mutex_lock(&active_lock);
    if (!holder)
        holder = crypt_random_i63();
    pthread_mutex_unlock(&active_lock);
    return holder;
}

void jobs_begin(const struct job *j)
{
    pthread_mutex_lock(&active_lock);
    for (size_t i = 0; i < ACTIVE_MOST; i++)
        if (!active[i].id) {
            active[i] = *j;
            break;
        }
    pthread_mutex_unlock(&active_lock);
}

void jobs_end(const struct job *j)
{
    pthread_mutex_lock(&active_lock);
    for (size_t i = 0; i < ACTIVE_MOST; i++)
        if (active[i].id == j->id && active[i].org == j->org)
            active[i].id = 0;
    pthread_mutex_unlock(&active_lock);
}

bool jobs_stopping(const struct app *app)
{
    return app->jobs && atomic_load(&app->jobs->stopping);
}

static size_t active_copy(struct job out[ACTIVE_MOST])
{
    size_t n = 0;

    pthread_mutex_lock(&active_lock);
    for (size_t i = 0; i < ACTIVE_MOST; i++)
        if (active[i].id)
            out[n++] = active[i];
    pthread_mutex_unlock(&active_lock);
    return n;
}

/* --- the keeper --- */

struct beating {
    struct job jobs[ACTIVE_MOST];
    size_t n;
};

static struct err *beat(struct web *w, void *ctx)
{
    struct beating *b = ctx;

    for (size_t i = 0; i < b->n; i++) {
        w->job = &b->jobs[i];
        (void)!job_fence(w); /* what was taken over is told to its own thread */
    }
    w->job = NULL;
    return NULL;
}

static bool is_active(const struct beating *b, i64 org, i64 id)
{
    for (size_t i = 0; i < b->n; i++)
        if (b->jobs[i].id == id && b->jobs[i].org == org)
            return true;
    return false;
}

static struct err *give_back(struct web *w, void *ctx)
{
    const struct watched *x = ctx;

    return job_give_back(w, x->org, x->id, x->attempt, x->beat);
}

/* What was seen before with the same beat keeps its time. */
static i64 seen_since(const struct jobs *q, const struct watched *x)
{
    for (size_t i = 0; i < q->nwatched; i++) {
        const struct watched *old = &q->watched[i];

        if (old->org == x->org && old->id == x->id && old->attempt == x->attempt &&
            old->beat == x->beat)
            return old->since;
    }
    return x->since;
}

static struct err *watch(struct jobs *q, struct web *w, const struct beating *mine)
{
    static struct watched now[WATCHED_MOST];
    size_t n = 0;
    struct rows *r;

    /* every organisation */
    TRY(db_query(w->db, &r,
                 "select org_id, id, attempts, beat from job where org_id >= $1"
                 " and state = 'running' order by org_id, id limit $2",
                 num(0), num(WATCHED_MOST + ACTIVE_MOST)));
    while (row_next(r) && n < WATCHED_MOST) {
        struct watched x = {row_num(r, 0), row_num(r, 1), row_num(r, 2), row_num(r, 3),
                            clock_ticks()};

        if (is_active(mine, x.org, x.id))
            continue;
        x.since = seen_since(q, &x);
        if (clock_ticks() - x.since < LEASE) {
            now[n++] = x;
            continue;
        }
        log_event(LOG_WARN, "job", "id=%lld attempt=%lld its holder is gone", x.id, x.attempt);
        TRY(app_write(w, give_back, &x));
    }
    for (size_t i = 0; i < n; i++)
        q->watched[i] = now[i];
    q->nwatched = n;
    return NULL;
}

static struct err *keep(struct jobs *q, struct web *w)
{
    struct beating b;

    b.n = active_copy(b.jobs);
    if (b.n && !q->app->writer) /* the only process of a SQLite store owes nobody a sign of life */
        TRY(app_write(w, beat, &b));
    TRY(watch(q, w, &b));
    return app_write(w, job_tidy, NULL);
}

/* --- threads --- */

static bool pause_second(struct jobs *q)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += 1;
    pthread_mutex_lock(&q->lock);
    if (!atomic_load(&q->stopping))
        pthread_cond_timedwait(&q->wake, &q->lock, &until);
    pthread_mutex_unlock(&q->lock);
    return !atomic_load(&q->stopping);
}

static struct err *round_of(struct job_thread *t, struct web *w, size_t *ran)
{
    struct jobs *q = t->jobs;

    *ran = 0;
    if (t->index == KEEPER) {
        if (clock_ticks() - q->kept_at < KEEP_EVERY)
            return NULL;
        q->kept_at = clock_ticks();
        return keep(q, w);
    }
    if (t->index == 0)
        job_periodic(w, false);
    return job_work(w, t->index > 0, ran);
}

/* One round, with an arena of its own. True when there may be more to do at once. */
static bool one_round(struct job_thread *t)
{
    struct arena *a = arena_new(0);
    struct web w = *t->w;
    size_t ran = 0;
    struct err *failed;

    w.arena = a;
    w.now = clock_now();
    db_use_arena(w.db, a);
    failed = round_of(t, &w, &ran);
    if (failed)
        log_event(LOG_ERROR, "job", "the queue: %s %s", failed->text, failed->detail);
    db_use_arena(w.db, t->w->arena);
    arena_free(a);
    return !failed && ran > 0;
}

static void *thread_main(void *arg)
{
    struct job_thread *t = arg;

    /* Jobs can wait a moment, people should not. The keeper's signs of life cannot. */
    if (t->index != KEEPER && setpriority(PRIO_PROCESS, (id_t)gettid(), NICE))
        log_event(LOG_DEBUG, "job", "the priority could not be lowered");
    for (;;) {
        bool more = one_round(t);

        if (atomic_load(&t->jobs->stopping) || (!more && !pause_second(t->jobs)))
            return NULL;
    }
}

static struct err *give_back_all(struct web *w, void *ctx)
{
    (void)ctx;
    return job_give_back_all(w);
}

static void init_wake(struct jobs *q)
{
    pthread_condattr_t attributes;

    pthread_mutex_init(&q->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&q->wake, &attributes);
    pthread_condattr_destroy(&attributes);
}

struct err *jobs_start(struct app *app)
{
    struct jobs *q = NEW(app->arena, struct jobs);

    q->app = app;
    init_wake(q);
    app->jobs = q;
    for (int i = 0; i < THREADS; i++) {
        struct job_thread *t = &q->threads[i];

        t->jobs = q;
        t->index = i;
        TRY(app_web(app, arena_new(0), FACE_JOB, "job:queue", &t->w));
        /* On SQLite this process is the only one, so what is held is held by nobody. */
        if (i == 0 && app->writer)
            TRY(app_write(t->w, give_back_all, NULL));
        if (pthread_create(&t->thread, NULL, thread_main, t))
            return err_new(ERR_FAULT, "A thread for jobs cannot be started.");
        q->count++;
    }
    return NULL;
}

/* What has not ended after the grace is cut off, statement by statement. */
static void join(struct job_thread *t, i64 stopped_at)
{
    struct timespec until;

    for (;;) {
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += 50000000L;
        if (until.tv_nsec >= 1000000000L) {
            until.tv_sec++;
            until.tv_nsec -= 1000000000L;
        }
        if (!pthread_timedjoin_np(t->thread, NULL, &until))
            return;
        if (clock_ticks() - stopped_at > GRACE)
            db_interrupt(t->w->db);
    }
}

void jobs_stop(struct app *app)
{
    struct jobs *q = app->jobs;
    i64 now = clock_ticks();

    if (!q)
        return;
    pthread_mutex_lock(&q->lock);
    atomic_store(&q->stopping, true);
    pthread_cond_broadcast(&q->wake);
    pthread_mutex_unlock(&q->lock);
    for (int i = 0; i < THREADS; i++) {
        struct arena *a = q->threads[i].w ? q->threads[i].w->arena : NULL;

        if (i < q->count)
            join(&q->threads[i], now);
        app_web_end(q->threads[i].w);
        arena_free(a);
    }
    app->jobs = NULL;
}
