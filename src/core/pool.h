/* SPDX-License-Identifier: Apache-2.0 */
/* Threads that run handlers: a quick lane and a slow lane (reports, searches, exports), each worker
 * with its own reading connection (SQLite) or its own connection (PostgreSQL); and the writer of
 * SQLite, which runs changes one after another, each in a savepoint of a group transaction, and
 * reports them done only after the group's COMMIT. */
#pragma once

#include "core/app.h"

struct worker {
    struct app *app;
    struct db *db;       /* reading on SQLite, reading and writing on PostgreSQL */
    struct arena *arena; /* of the connection between pieces of work */
    bool slow;
    struct pool_seat *seat; /* where it waits; pool.c's own */
};

/* A piece of work in a queue; embedded in a larger object. */
struct work {
    void (*run)(struct worker *worker, struct work *work);
    struct work *next;
    void *ctx;
};

struct err *pool_start(struct app *app, int workers) MUST_CHECK;
void pool_stop(struct app *app); /* runs what is queued, then joins the threads */
/* Queues work; false when more than 4,096 pieces wait (the caller sheds the request with 503). */
bool pool_submit(struct app *app, struct work *work, bool slow);
/* Opens a connection like a worker's, for a thread of its own (tests, commands). */
struct err *pool_connect(struct app *app, enum db_mode mode, struct db **out) MUST_CHECK;

/* A change for the writer. `run` gets the writing connection as w->db. When it fails, only its own
 * savepoint is rolled back, `refused` is called (it may make the answer and return an event to be
 * logged by returning true: then `event` is run in a savepoint of its own). `done` is called after
 * the COMMIT, or after `lost` told that the group could not be committed. */
struct write_job {
    struct web *w;
    struct err *(*run)(struct write_job *c);
    bool (*refused)(struct write_job *c, struct err *e);
    struct err *(*event)(struct write_job *c);
    void (*lost)(struct write_job *c, struct err *e);
    void (*done)(struct write_job *c);
    void *ctx;
    struct write_job *next;
};

struct err *writer_start(struct app *app) MUST_CHECK;
void writer_stop(struct app *app);
bool writer_submit(struct app *app, struct write_job *c); /* false: too many wait */
/* Runs a change on this thread with `db` in a transaction of its own, retrying the whole of it on
 * ERR_RETRY up to five times: PostgreSQL, and SQLite commands without a writer thread. */
void change_run_alone(struct db *db, struct write_job *c);
