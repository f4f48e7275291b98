/* SPDX-License-Identifier: Apache-2.0 */
/* The worker threads and their two queues. */
#include "core/pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"

#define QUEUE_LIMIT 4096
#define SLOW_WORKERS 2
#define STATEMENT_MS 10000
#define SLOW_NICE 10
#define STOP_MS 50

/* Where a worker waits for work. Who sat down last gets up first: the fewest connections are used,
 * and those have their pages at hand. */
struct pool_seat {
    pthread_cond_t called;
    struct work *work;
    struct pool_seat *below;
    bool taken;
};

struct lane {
    pthread_mutex_t lock;
    struct pool_seat *idle;
    struct work *first, **last;
    int waiting;
    bool stopping;
};

struct pool {
    struct lane quick, slow;
    int count;
    pthread_t *threads;
    struct worker *workers;
    struct pool_seat *seats;
};

static void lane_init(struct lane *l)
{
    pthread_mutex_init(&l->lock, NULL);
    l->last = &l->first;
}

static struct work *first_waiting(struct lane *l)
{
    struct work *work = l->first;

    if (!work)
        return NULL;
    l->first = work->next;
    if (!l->first)
        l->last = &l->first;
    l->waiting--;
    return work;
}

static struct work *lane_take(struct lane *l, struct pool_seat *seat)
{
    struct work *work;

    pthread_mutex_lock(&l->lock);
    work = first_waiting(l);
    if (!work && !l->stopping) {
        seat->work = NULL;
        seat->taken = true;
        seat->below = l->idle;
        l->idle = seat;
        while (seat->taken)
            pthread_cond_wait(&seat->called, &l->lock);
        work = seat->work;
    }
    pthread_mutex_unlock(&l->lock);
    return work;
}

/* Calls the worker who sat down last; NULL: to go home. */
static void call_one(struct lane *l, struct work *work)
{
    struct pool_seat *seat = l->idle;

    l->idle = seat->below;
    seat->work = work;
    seat->taken = false;
    pthread_cond_signal(&seat->called);
}

static void *worker_main(void *arg)
{
    struct worker *worker = arg;
    struct lane *lane = worker->slow ? &worker->app->pool->slow : &worker->app->pool->quick;
    struct work *work;

    /* Where both lanes share a processor, the quick one goes first. */
    if (worker->slow && setpriority(PRIO_PROCESS, (id_t)gettid(), SLOW_NICE))
        log_event(LOG_DEBUG, "slow-lane", "its priority could not be lowered");
    while ((work = lane_take(lane, worker->seat))) {
        work->run(worker, work);
        arena_reset(worker->arena);
    }
    return NULL;
}

bool pool_submit(struct app *app, struct work *work, bool slow)
{
    struct lane *l = slow ? &app->pool->slow : &app->pool->quick;
    bool taken;

    work->next = NULL;
    pthread_mutex_lock(&l->lock);
    taken = l->waiting < QUEUE_LIMIT && !l->stopping;
    if (taken && l->idle) {
        call_one(l, work);
    } else if (taken) {
        *l->last = work;
        l->last = &work->next;
        l->waiting++;
    }
    pthread_mutex_unlock(&l->lock);
    return taken;
}

struct err *pool_connect(struct app *app, enum db_mode mode, struct db **out)
{
    struct db_config config = {
        .url = app->config.database,
        .mode = mode,
        .unsafe = app->config.unsafe,
        .timeout_ms = STATEMENT_MS,
    };

    return db_open(&config, out);
}

struct err *pool_start(struct app *app, int workers)
{
    struct pool *p = calloc(1, sizeof(*p));
    enum db_mode mode = app->writer ? DB_READ : DB_WRITE;

    if (workers <= 0)
        workers = 2 * (int)sysconf(_SC_NPROCESSORS_ONLN);
    workers = workers < 2 ? 2 : workers > 64 ? 64 : workers;
    p->threads = calloc((size_t)workers + SLOW_WORKERS, sizeof(*p->threads));
    p->workers = calloc((size_t)workers + SLOW_WORKERS, sizeof(*p->workers));
    p->seats = calloc((size_t)workers + SLOW_WORKERS, sizeof(*p->seats));
    lane_init(&p->quick);
    lane_init(&p->slow);
    app->pool = p;
    for (int i = 0; i < workers + SLOW_WORKERS; i++) {
        struct worker *worker = &p->workers[i];

        worker->app = app;
        worker->slow = i >= workers;
        worker->arena = arena_new(0);
        worker->seat = &p->seats[i];
        pthread_cond_init(&worker->seat->called, NULL);
        TRY(pool_connect(app, mode, &worker->db));
        if (pthread_create(&p->threads[i], NULL, worker_main, worker))
            return err_new(ERR_FAULT, "A worker thread cannot be started.");
        p->count++;
    }
    return NULL;
}

static void lane_stop(struct lane *l)
{
    pthread_mutex_lock(&l->lock);
    l->stopping = true;
    while (l->idle)
        call_one(l, NULL);
    pthread_mutex_unlock(&l->lock);
}

/* Nobody waits for the answers any more: what still runs is cut off, statement by statement. */
static void join(struct worker *worker, pthread_t thread)
{
    struct timespec until;

    for (;;) {
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += STOP_MS * 1000000L;
        if (until.tv_nsec >= 1000000000L) {
            until.tv_sec++;
            until.tv_nsec -= 1000000000L;
        }
        if (!pthread_timedjoin_np(thread, NULL, &until))
            return;
        db_interrupt(worker->db);
    }
}

void pool_stop(struct app *app)
{
    struct pool *p = app->pool;

    if (!p)
        return;
    lane_stop(&p->quick);
    lane_stop(&p->slow);
    for (int i = 0; i < p->count; i++) {
        join(&p->workers[i], p->threads[i]);
        db_close(p->workers[i].db);
        arena_free(p->workers[i].arena);
    }
    free(p->threads);
    free(p->workers);
    free(p->seats);
    free(p);
    app->pool = NULL;
}
