/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files of the PostgreSQL engine only. */
#pragma once

#include <libpq-fe.h>
#include <pthread.h>

#include "db/engine.h"

/* Where a transaction stands. PG_LOST: the connection died inside one; until the rollback every
 * statement answers ERR_RETRY. */
enum pg_state { PG_IDLE, PG_OPEN, PG_LOST };

#define PG_PENDING_MAX 4

struct pg {
    struct conn base;
    PGconn *conn; /* NULL after a loss, until the next use */
    struct cache cache;
    struct db_config config;
    char *url;
    char *schema, *compat, *asof; /* quoted names */
    bool past, write, busy;
    enum pg_state state;
    int savepoints;
    /* Commands that travel with the next statement: BEGIN, SAVEPOINT, settings. */
    const char *pending[PG_PENDING_MAX];
    size_t pending_count;
    bool begin_pending; /* nothing of the transaction has reached the server */
    bool reading;       /* a read transaction: its COMMIT decides nothing */
    bool unread;        /* the answer to that COMMIT is still to come */
    int timeout_ms;     /* what the server should end; 0 = none */
    int timeout_sent;
    bool at_sent;
    i64 at;
    bool restricted;
    char at_text[80], timeout_text[60];
    u64 names;            /* last number of a prepared statement */
    pthread_mutex_t lock; /* of `cancel` */
    PGcancel *cancel;
    /* Room for the parameters of one statement. */
    struct pg_binds *binds;
};

/* Types of the server that we know. */
enum oid {
    OID_BOOL = 16,
    OID_BYTEA = 17,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT4 = 23,
    OID_TEXT = 25,
    OID_NUMERIC = 1700
};

/* A prepared statement. */
struct pg_stmt {
    struct entry entry;
    u64 number;    /* its name on the server is "s<number>" */
    bool prepared; /* there, or on its way */
};

/* What was sent, in order; each gets its answer. */
enum step_kind { STEP_COMMAND, STEP_PREPARE, STEP_CALL };
struct step {
    enum step_kind kind;
    const char *text;
    struct pg_stmt *stmt;
    const struct call *call;
};
/* One round trip. */
struct exchange {
    struct pg *pg;
    struct step *steps;
    size_t count, room;
    struct err *err; /* the first */
    i64 deadline;
    i64 bytes;
    bool streams; /* an answer goes to a callback: memory is bounded without a limit */
    bool lost;
};

/* Opens the connection if there is none, with all settings. */
struct err *pg_connect(struct pg *p);
/* Closes it; a transaction that was open is lost. */
void pg_disconnect(struct pg *p);
/* Settings of the session may have been rolled back: send them again. */
void pg_unset(struct pg *p);
/* Asks the server to end what runs; safe from any thread. */
void pg_cancel(struct pg *p);
/* Waits for the socket; false when `deadline` (ticks) passed. */
bool pg_wait(struct pg *p, bool for_writing, i64 deadline);
/* When the own deadline of an exchange that starts now ends it. */
i64 pg_deadline(const struct pg *p);

/* Sends what is queued, and reads the answers of all steps and the sync (postgres_read.c). */
struct err *pg_flush(struct exchange *x);
struct err *pg_read(struct exchange *x);
struct err *pg_lost_err(struct pg *p, const char *why);

struct err *pg_run(struct conn *c, const struct call *call);
struct err *pg_many(struct conn *c, const struct call *calls, size_t n);
struct err *pg_batch(struct conn *c, struct arena *a, const struct batch_item *items, size_t n);
/* Ends a read transaction without waiting: the next exchange takes the answer. */
struct err *pg_part(struct pg *p);
/* One command now, with what is pending before it. */
struct err *pg_do(struct pg *p, const char *sql);
size_t pg_entry_size(void);
void pg_drop(void *ctx, struct entry *e);
void pg_binds_free(struct pg_binds *b);

/* Around migrations (postgres_schema.c). */
struct err *pg_prepare_store(struct db *db);
struct err *pg_before(struct db *db);
struct err *pg_after(struct db *db);
struct err *pg_resume(struct db *db);
struct err *pg_pause(struct db *db);
struct err *pg_size(struct conn *c, struct arena *a, i64 *bytes, i64 *wal);
