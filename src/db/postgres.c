/* SPDX-License-Identifier: Apache-2.0 */
/* PostgreSQL: transactions and the table of functions. The connection is in postgres_link.c,
 * statements are run in postgres_run.c, migrations in postgres_schema.c. BEGIN and SAVEPOINT are
 * sent together with the statement after them, so they cost no round trip. */
#include "db/postgres.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void push(struct pg *p, const char *command)
{
    if (p->pending_count == PG_PENDING_MAX)
        BUG("too many commands wait for a statement");
    p->pending[p->pending_count++] = command;
}

static void pg_close(struct conn *c)
{
    struct pg *p = (struct pg *)c;

    pg_disconnect(p);
    pthread_mutex_destroy(&p->lock);
    pg_binds_free(p->binds);
    free(p->schema);
    free(p->compat);
    free(p->asof);
    free(p->url);
    free(p);
}

static struct err *pg_open(const struct db_config *config, bool past, struct conn **out)
{
    struct pg *p = calloc(1, sizeof(*p));
    struct err *e;

    if (!p || !(p->url = strdup(config->url)))
        BUG("out of memory");
    p->base.ops = &postgres_ops;
    p->config = *config;
    p->config.url = p->url;
    p->past = past;
    p->write = config->mode == DB_WRITE;
    p->timeout_ms = config->timeout_ms;
    pthread_mutex_init(&p->lock, NULL);
    cache_init(&p->cache, pg_entry_size(), pg_drop, p);
    e = pg_connect(p);
    if (e) {
        pg_close(&p->base);
        return e;
    }
    *out = &p->base;
    return NULL;
}

static struct err *pg_begin(struct conn *c, enum db_begin kind)
{
    struct pg *p = (struct pg *)c;

    TRY(pg_connect(p));
    p->pending_count = 0;
    p->savepoints = 0;
    push(p, kind == DB_BEGIN_WRITE && p->write ? "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
                                               : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    p->begin_pending = true;
    p->reading = kind == DB_BEGIN_READ;
    p->state = PG_OPEN;
    return NULL;
}

static void forget_transaction(struct pg *p)
{
    p->pending_count = 0;
    p->begin_pending = false;
    p->savepoints = 0;
    p->state = PG_IDLE;
}

static void pg_rollback(struct conn *c)
{
    struct pg *p = (struct pg *)c;
    bool known = p->state == PG_OPEN && !p->begin_pending && p->conn;

    p->pending_count = 0;
    /* Whatever cannot be rolled back is closed: the server then does it. */
    if (known && pg_do(p, "ROLLBACK"))
        pg_disconnect(p);
    pg_unset(p);
    forget_transaction(p);
}

static struct err *commit_failed(struct pg *p, struct err *e)
{
    if (!p->conn)
        err_detail(e,
                   "the connection was lost during COMMIT: the fate of the transaction is unknown");
    pg_rollback(&p->base);
    return e;
}

static struct err *pg_commit(struct conn *c)
{
    struct pg *p = (struct pg *)c;
    struct err *e = NULL;

    if (p->state == PG_LOST)
        e = pg_lost_err(p, "lost before COMMIT");
    else if (p->state != PG_OPEN)
        e = err_new(ERR_BUSY, "The change was not saved. Try again.");
    else if (!p->begin_pending && PQtransactionStatus(p->conn) == PQTRANS_INERROR)
        e = err_detail(err_new(ERR_FAULT, "The change was not saved."),
                       "COMMIT after a failed statement");
    if (e) {
        pg_rollback(c);
        return e;
    }
    if (!p->begin_pending) {
        p->pending_count = 0;
        e = p->reading ? pg_part(p) : pg_do(p, "COMMIT");
        if (e)
            return commit_failed(p, e);
    }
    forget_transaction(p);
    return NULL;
}

static struct err *pg_savepoint(struct conn *c)
{
    struct pg *p = (struct pg *)c;

    if (p->state == PG_LOST)
        return pg_lost_err(p, "lost before SAVEPOINT");
    /* Two at once are rare: send the older ones to have room. */
    if (p->pending_count == PG_PENDING_MAX)
        TRY(pg_do(p, "SAVEPOINT s"));
    else
        push(p, "SAVEPOINT s");
    p->savepoints++;
    return NULL;
}

/* A savepoint that has not been sent yet just disappears. */
static bool unsent(struct pg *p)
{
    if (!p->pending_count || strcmp(p->pending[p->pending_count - 1], "SAVEPOINT s") != 0)
        return false;
    p->pending_count--;
    return true;
}

static struct err *pg_release(struct conn *c)
{
    struct pg *p = (struct pg *)c;

    if (!p->savepoints)
        BUG("a savepoint was released that is not there");
    p->savepoints--;
    return unsent(p) ? NULL : pg_do(p, "RELEASE SAVEPOINT s");
}

static void pg_rollback_to(struct conn *c)
{
    struct pg *p = (struct pg *)c;
    struct err *e;

    if (!p->savepoints || p->state != PG_OPEN)
        return;
    p->savepoints--;
    if (unsent(p))
        return;
    e = pg_do(p, "ROLLBACK TO SAVEPOINT s");
    pg_unset(p);
    if (!e)
        e = pg_do(p, "RELEASE SAVEPOINT s");
    if (e)
        pg_disconnect(p);
}

static bool pg_in_transaction(const struct conn *c)
{
    return ((const struct pg *)c)->state == PG_OPEN;
}

static struct err *pg_set_at(struct conn *c, i64 at)
{
    struct pg *p = (struct pg *)c;

    p->at_sent = p->at_sent && p->at == at;
    p->at = at;
    return NULL;
}

static void pg_interrupt(struct conn *c)
{
    pg_cancel((struct pg *)c);
}

static struct err *pg_checkpoint(struct conn *c, bool truncate)
{
    (void)c;
    (void)truncate;
    return NULL;
}

static struct err *pg_analyze(struct conn *c, const char *table)
{
    char sql[100];
    struct call call = {.sql = sql};

    snprintf(sql, sizeof(sql), "ANALYZE %.63s", table);
    return pg_run(c, &call);
}

static void pg_patience(struct conn *c, int timeout_ms)
{
    ((struct pg *)c)->timeout_ms = timeout_ms;
}

static struct err *pg_restrict(struct conn *c, int timeout_ms)
{
    struct pg *p = (struct pg *)c;

    if (timeout_ms > 0)
        p->timeout_ms = timeout_ms;
    p->restricted = true;
    return NULL;
}

static struct err *pg_backup(struct conn *c, const char *path)
{
    (void)c;
    (void)path;
    return err_new(ERR_BAD,
                   "This store is on PostgreSQL. Make its backup with pg_dump, or with the "
                   "backup of your database server.");
}

const struct db_ops postgres_ops = {
    .engine = DB_POSTGRES,
    .open = pg_open,
    .close = pg_close,
    .run = pg_run,
    .batch = pg_batch,
    .many = pg_many,
    .begin = pg_begin,
    .commit = pg_commit,
    .rollback = pg_rollback,
    .savepoint = pg_savepoint,
    .release = pg_release,
    .rollback_to = pg_rollback_to,
    .in_transaction = pg_in_transaction,
    .set_at = pg_set_at,
    .interrupt = pg_interrupt,
    .checkpoint = pg_checkpoint,
    .restrict_reads = pg_restrict,
    .patience = pg_patience,
    .analyze = pg_analyze,
    .backup = pg_backup,
    .size = pg_size,
    .columns_sql =
        "SELECT a.attname::text, CASE t.typname WHEN 'int8' THEN 'int' WHEN 'bytea' THEN"
        " 'blob' ELSE 'text' END, CASE WHEN a.attnotnull THEN 1 ELSE 0 END"
        " FROM pg_catalog.pg_attribute a"
        " JOIN pg_catalog.pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p')"
        " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
        " JOIN pg_catalog.pg_type t ON t.oid = a.atttypid"
        " WHERE c.relname = $1 AND n.nspname = pg_catalog.current_setting('cairn.schema')"
        " AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
    .prepare = pg_prepare_store,
    .pause = pg_pause,
    .before = pg_before,
    .after = pg_after,
    .resume = pg_resume,
};
