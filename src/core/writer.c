/* SPDX-License-Identifier: Apache-2.0 */
/* The one writing thread of SQLite: group commit. Groups form by themselves: whatever queued up
 * while the last group was being committed is the next one. Nothing is reported done before COMMIT
 * has returned. */
#include "core/pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "core/trail.h"

#define GROUP_LIMIT 256
#define GROUP_TIME (40 * 1000LL) /* microseconds after which a group is committed */
#define QUEUE_LIMIT 4096
#define WAL_PAGES 4000
#define PAGE 4096
#define TRIES 5
#define UNSAFE_DELAY (20 * 1000) /* microseconds */

struct writer {
    struct app *app;
    struct db *db;
    struct arena *arena; /* of the connection between changes */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct write_job *first, **last;
    int waiting;
    bool stopping;
    int groups; /* since the last look at the WAL */
};

static struct err *run_in_savepoint(struct db *db, struct write_job *c,
                                    struct err *(*run)(struct write_job *c))
{
    struct err *failed;

    TRY(db_savepoint(db));
    c->w->db = db;
    c->w->writable = true;
    c->w->trail = NULL;
    db_use_arena(db, c->w->arena);
    failed = run(c);
    if (!failed)
        failed = db_release(db);
    if (failed && db_in_transaction(db))
        db_rollback_to(db);
    c->w->writable = false;
    return failed;
}

/* One change inside the open group. False when the whole transaction is gone. */
static bool run_change(struct db *db, struct write_job *c)
{
    struct err *failed = run_in_savepoint(db, c, c->run);

    if (!failed)
        return true;
    if (!db_in_transaction(db)) {
        c->lost(c, failed);
        return false;
    }
    if (c->refused(c, failed) && c->event) {
        failed = run_in_savepoint(db, c, c->event);
        if (failed)
            log_event(LOG_ERROR, "event-lost", "%s %s", failed->text, failed->detail);
    }
    return db_in_transaction(db);
}

static void lose_all(struct write_job *list, struct err *e)
{
    struct write_job *next;

    for (struct write_job *c = list; c; c = next) {
        next = c->next;
        c->lost(c, e);
        c->done(c);
    }
}

static void group_done(struct write_job *list)
{
    struct write_job *next;

    for (struct write_job *c = list; c; c = next) {
        next = c->next;
        c->done(c);
    }
}

/* The control run of the crash test (CAIRN_TEST_UNSAFE): a store that answers before it has stored.
 * Nothing may touch the jobs afterwards. */
static void commit_late(struct writer *wr, struct write_job *ran)
{
    struct err *failed;

    group_done(ran);
    usleep(UNSAFE_DELAY);
    failed = db_commit(wr->db);
    if (!failed)
        return;
    db_rollback(wr->db);
    log_event(LOG_ERROR, "group-lost", "%s %s", failed->text, failed->detail);
}

/* Runs the changes of `list` (in order) until the time is up; returns the rest. */
static struct write_job *run_group(struct writer *wr, struct write_job *list)
{
    struct write_job *c = list, *ran = NULL, **tail = &ran;
    i64 started = clock_ticks();
    struct err *failed;
    bool whole;

    db_use_arena(wr->db, wr->arena);
    failed = db_begin(wr->db, DB_BEGIN_WRITE);
    whole = !failed;

    if (failed) {
        lose_all(list, failed);
        return NULL;
    }
    while (c && whole && (!ran || clock_ticks() - started < GROUP_TIME)) {
        struct write_job *next = c->next;

        whole = run_change(wr->db, c);
        *tail = c;
        tail = &c->next;
        c->next = NULL;
        c = next;
    }
    db_use_arena(wr->db, wr->arena);
    if (whole && wr->app->config.unsafe) {
        commit_late(wr, ran);
        return c;
    }
    if (whole)
        failed = db_commit(wr->db);
    else
        failed = err_new(ERR_BUSY, "The change could not be stored. Please try again.");
    if (failed) {
        db_rollback(wr->db);
        log_event(LOG_ERROR, "group-lost", "%s %s", failed->text, failed->detail);
        lose_all(ran, failed);
    } else {
        group_done(ran);
    }
    return c;
}

static struct write_job *take_group(struct writer *wr)
{
    struct write_job *list, *c;
    int n = 1;

    pthread_mutex_lock(&wr->lock);
    while (!wr->first && !wr->stopping)
        pthread_cond_wait(&wr->more, &wr->lock);
    list = wr->first;
    for (c = list; c && c->next && n < GROUP_LIMIT; c = c->next)
        n++;
    if (c) {
        wr->first = c->next;
        if (!wr->first)
            wr->last = &wr->first;
        c->next = NULL;
        wr->waiting -= n;
    }
    pthread_mutex_unlock(&wr->lock);
    return list;
}

static void tend_wal(struct writer *wr)
{
    i64 wal;

    arena_reset(wr->arena);
    if (++wr->groups < 16)
        return;
    wr->groups = 0;
    if (!db_size(wr->db, NULL, &wal) && wal > (i64)WAL_PAGES * PAGE) {
        struct err *failed = db_checkpoint(wr->db, wal > 4LL * WAL_PAGES * PAGE);

        if (failed)
            log_event(LOG_DEBUG, "checkpoint", "%s", failed->text);
    }
}

static void *writer_main(void *arg)
{
    struct writer *wr = arg;
    struct write_job *list;

    while ((list = take_group(wr))) {
        while (list)
            list = run_group(wr, list);
        tend_wal(wr);
    }
    return NULL;
}

bool writer_submit(struct app *app, struct write_job *c)
{
    struct writer *wr = app->writer;
    bool taken;

    c->next = NULL;
    pthread_mutex_lock(&wr->lock);
    taken = wr->waiting < QUEUE_LIMIT && !wr->stopping;
    if (taken) {
        *wr->last = c;
        wr->last = &c->next;
        wr->waiting++;
        pthread_cond_signal(&wr->more);
    }
    pthread_mutex_unlock(&wr->lock);
    return taken;
}

struct err *writer_start(struct app *app)
{
    struct writer *wr = calloc(1, sizeof(*wr));

    wr->app = app;
    wr->last = &wr->first;
    pthread_mutex_init(&wr->lock, NULL);
    pthread_cond_init(&wr->more, NULL);
    wr->arena = arena_new(0);
    app->writer = wr;
    TRY(pool_connect(app, DB_WRITE, &wr->db));
    if (pthread_create(&wr->thread, NULL, writer_main, wr))
        return err_new(ERR_FAULT, "The writer thread cannot be started.");
    return NULL;
}

void writer_stop(struct app *app)
{
    struct writer *wr = app->writer;
    struct err *failed;

    if (!wr)
        return;
    pthread_mutex_lock(&wr->lock);
    wr->stopping = true;
    pthread_cond_broadcast(&wr->more);
    pthread_mutex_unlock(&wr->lock);
    if (wr->thread)
        pthread_join(wr->thread, NULL);
    if (wr->db) {
        failed = db_checkpoint(wr->db, true);
        if (failed)
            log_event(LOG_DEBUG, "checkpoint", "%s", failed->text);
        db_close(wr->db);
    }
    arena_free(wr->arena);
    free(wr);
    app->writer = NULL;
}

/* One try of a change in its own transaction. */
static struct err *run_alone(struct db *db, struct write_job *c,
                             struct err *(*run)(struct write_job *c))
{
    struct err *failed;

    TRY(db_begin(db, DB_BEGIN_WRITE));
    c->w->db = db;
    c->w->writable = true;
    c->w->trail = NULL;
    db_use_arena(db, c->w->arena);
    failed = run(c);
    if (!failed)
        failed = db_commit(db);
    if (failed)
        db_rollback(db);
    c->w->writable = false;
    return failed;
}

void change_run_alone(struct db *db, struct write_job *c)
{
    struct err *failed = NULL;

    for (int i = 0; i < TRIES; i++) {
        failed = run_alone(db, c, c->run);
        if (!failed || failed->code != ERR_RETRY)
            break;
    }
    if (failed && failed->code == ERR_RETRY) {
        c->lost(c, failed);
    } else if (failed && c->refused(c, failed) && c->event) {
        failed = run_alone(db, c, c->event);
        if (failed)
            log_event(LOG_ERROR, "event-lost", "%s %s", failed->text, failed->detail);
    }
    c->done(c);
}
