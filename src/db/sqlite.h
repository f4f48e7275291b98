/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files of the SQLite engine only. */
#pragma once

#include <sqlite3.h>

#include "db/engine.h"

struct lite {
    struct conn base;
    sqlite3 *db;
    struct cache cache;
    char *path;
    bool write, past, unsafe;
    bool ready;     /* its settings are made: only then has it read the schema */
    bool begun;     /* by db_begin; SQLite may end it by itself after FULL or IOERR */
    int timeout_ms; /* 0 = none */
    i64 deadline;   /* ticks at which the running statement ends; 0 = none */
    bool timed_out; /* the deadline, not db_interrupt, ended it */
    i64 at;         /* what asof_at() answers */
    int wal_pages;  /* pages in the WAL after the last commit of this handle */
    int savepoints;
};

/* Functions that the common subset needs and SQLite lacks; asof_at() reads l->at. */
int lite_functions(struct lite *l);
/* Temporary views named like the record tables over their twins. */
struct err *lite_views(struct lite *l);
/* The error for a result code; `sql` may be NULL. Ends the process after a failed fsync. */
struct err *lite_err(struct lite *l, int rc, const char *sql);
/* How long to wait for a lock. */
int lite_busy_ms(const struct lite *l);
/* Makes the settings of a handle that was not used yet. A server has more readers than most days
 * need; reading the schema takes each some milliseconds and half a megabyte. */
struct err *lite_ready(struct lite *l);
/* Makes SQLite open its files as sqlite_vfs.c says. Once, before the first handle. */
void lite_vfs(void);
/* A statement without binds and answer. */
struct err *lite_do(struct lite *l, const char *sql);

struct err *lite_run(struct conn *c, const struct call *call);
struct err *lite_batch(struct conn *c, struct arena *a, const struct batch_item *items, size_t n);
void lite_drop(void *ctx, struct entry *e);
size_t lite_entry_size(void);

/* The planner's figures, after the tables changed. */
struct err *lite_statistics(struct db *db);

struct err *lite_checkpoint(struct conn *c, bool truncate);
struct err *lite_restrict(struct conn *c, int timeout_ms);
struct err *lite_backup(struct conn *c, const char *path);
struct err *lite_size(struct conn *c, struct arena *a, i64 *bytes, i64 *wal);
