/* SPDX-License-Identifier: Apache-2.0 */
/* The door: picks the engine by the URL, sends each call to the live or to the as-of connection,
 * and fills in what both engines share. What differs is in sqlite*.c and postgres*.c. */
#include "db/db.h"

#include <ctype.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "db/cost.h"
#include "db/engine.h"

char *url_masked(const char *url, char *out, size_t room)
{
    const char *at = strchr(url, '@'), *slashes = strstr(url, "://");
    const char *colon = slashes ? strchr(slashes + 3, ':') : NULL;
    char *secret;

    if (at && colon && colon < at)
        snprintf(out, room, "%.*s:***%s", (int)(colon - url), url, at);
    else
        snprintf(out, room, "%s", url);
    secret = strstr(out, "password=");
    if (secret)
        snprintf(secret, room - (size_t)(secret - out), "password=***");
    return out;
}

static const struct db_ops *ops_of(const char *url)
{
    if (text_starts(url, "sqlite:"))
        return &sqlite_ops;
    if (text_starts(url, "postgresql://") || text_starts(url, "postgres://"))
        return &postgres_ops;
    return NULL;
}

struct err *db_open(const struct db_config *config, struct db **out)
{
    const struct db_ops *ops = ops_of(config->url);
    char masked[300];
    struct err *e;
    struct db *db;

    if (!ops)
        return err_new(ERR_BAD,
                       "The database address must start with sqlite: or postgresql://, but "
                       "it is \"%s\".",
                       url_masked(config->url, masked, sizeof(masked)));
    db = calloc(1, sizeof(*db));
    if (!db || !(db->url = strdup(config->url)))
        BUG("out of memory");
    db->config.url = db->url;
    db->config.mode = config->mode;
    db->config.unsafe = config->unsafe;
    db->config.timeout_ms = config->timeout_ms > 0 ? config->timeout_ms : DB_TIMEOUT_MS;
    db->ops = ops;
    e = ops->open(&db->config, false, &db->live);
    if (e) {
        free(db->url);
        free(db);
        return e;
    }
    *out = db;
    return NULL;
}

void db_close(struct db *db)
{
    struct conn *past;

    if (!db)
        return;
    past = atomic_exchange(&db->past, NULL);
    if (past)
        db->ops->close(past);
    db->ops->close(db->live);
    arena_free(db->own);
    lazy_free(db);
    free(db->url);
    free(db);
}

enum db_engine db_engine(const struct db *db)
{
    return db->ops->engine;
}

static atomic_ullong statements_all;
static atomic_ullong transactions_all;

static void count_statements(struct db *db, size_t n)
{
    db->statements += n;
    atomic_fetch_add_explicit(&statements_all, n, memory_order_relaxed);
}

u64 db_statements(const struct db *db)
{
    return db->statements;
}

u64 db_transaction(const struct db *db)
{
    return db->transaction;
}

u64 db_statements_all(void)
{
    return atomic_load_explicit(&statements_all, memory_order_relaxed);
}

void db_use_arena(struct db *db, struct arena *a)
{
    db->arena = a;
}

struct conn *db_conn(const struct db *db)
{
    return db->at ? atomic_load(&db->past) : db->live;
}

/* Without db_use_arena results live until the connection closes (small tools). */
static struct arena *arena_of(struct db *db)
{
    if (db->arena)
        return db->arena;
    if (!db->own)
        db->own = arena_new(0);
    return db->own;
}

static struct err *run(struct db *db, struct call *call)
{
    struct err *failed;

    if (db->restricted_ms)
        TRY(restricted_text(call->sql));
    call->arena = arena_of(db);
    count_statements(db, 1);
    if (lazy_takes(db, call, &failed))
        return failed;
    if (call->row)
        TRY(lazy_flush(db));
    return db->ops->run(db_conn(db), call);
}

struct err *db_query_text(struct db *db, struct rows **out, const char *sql, const struct val *v,
                          size_t n)
{
    *out = NULL;
    return run(db, &(struct call){.sql = sql, .vals = v, .nvals = n, .out = out});
}

struct err *db_exec_text(struct db *db, i64 *changed, const char *sql, const struct val *v,
                         size_t n)
{
    if (changed)
        *changed = 0;
    return run(db, &(struct call){.sql = sql, .vals = v, .nvals = n, .changed = changed});
}

struct err *db_stream_text(struct db *db, struct err *(*row)(void *ctx, struct rows *r), void *ctx,
                           const char *sql, const struct val *v, size_t n)
{
    return run(db, &(struct call){.sql = sql, .vals = v, .nvals = n, .row = row, .ctx = ctx});
}

struct err *db_batch(struct db *db, const struct batch_item *items, size_t n)
{
    struct err *failed;

    for (size_t i = 0; i < n; i++) {
        if (db->restricted_ms)
            TRY(restricted_text(items[i].sql));
        if (items[i].out)
            *items[i].out = NULL;
    }
    count_statements(db, n);
    if (lazy_batch(db, arena_of(db), items, n, &failed))
        return failed;
    TRY(lazy_flush(db));
    return n ? db->ops->batch(db_conn(db), arena_of(db), items, n) : NULL;
}

struct err *db_begin(struct db *db, enum db_begin kind)
{
    if (db_in_transaction(db))
        BUG("a transaction was begun inside a transaction");
    db->transaction = 1 + atomic_fetch_add_explicit(&transactions_all, 1, memory_order_relaxed);
    return db->ops->begin(db_conn(db), kind);
}

struct err *db_commit(struct db *db)
{
    struct err *failed = lazy_flush(db);

    lazy_end(db);
    if (!failed)
        return db->ops->commit(db_conn(db));
    db->ops->rollback(db_conn(db));
    return failed;
}

void db_rollback(struct db *db)
{
    lazy_end(db);
    db->ops->rollback(db_conn(db));
}

struct err *db_savepoint(struct db *db)
{
    TRY(lazy_flush(db));
    return db->ops->savepoint(db_conn(db));
}

struct err *db_release(struct db *db)
{
    TRY(lazy_flush(db));
    return db->ops->release(db_conn(db));
}

void db_rollback_to(struct db *db)
{
    lazy_drop(db); /* what was before the savepoint was sent with it */
    db->ops->rollback_to(db_conn(db));
}

bool db_in_transaction(const struct db *db)
{
    return db->ops->in_transaction(db_conn(db));
}

/* The as-of connection is a second one: prepared statements bind to tables or views for good. */
static struct err *open_past(struct db *db)
{
    struct db_config config = db->config;
    struct conn *past;
    struct err *e = NULL;

    config.mode = DB_READ;
    TRY(db->ops->open(&config, true, &past));
    if (db->restricted_ms)
        e = db->ops->restrict_reads(past, db->restricted_ms);
    if (e) {
        db->ops->close(past);
        return e;
    }
    atomic_store(&db->past, past);
    return NULL;
}

struct err *db_asof(struct db *db, i64 at)
{
    if (at == db->at)
        return NULL;
    if (db_in_transaction(db))
        BUG("as-of was switched inside a transaction");
    if (at && !atomic_load(&db->past))
        TRY(open_past(db));
    if (at)
        TRY(db->ops->set_at(atomic_load(&db->past), at));
    db->at = at;
    return NULL;
}

void db_interrupt(struct db *db)
{
    struct conn *past = atomic_load(&db->past);

    db->ops->interrupt(db->live);
    if (past)
        db->ops->interrupt(past);
}

struct err *db_analyze(struct db *db, const char *table)
{
    TRY(lazy_flush(db));
    return db->ops->analyze ? db->ops->analyze(db_conn(db), table) : NULL;
}

struct err *db_checkpoint(struct db *db, bool truncate)
{
    return db->ops->checkpoint(db->live, truncate);
}

struct err *db_restrict(struct db *db, int timeout_ms)
{
    struct conn *past = atomic_load(&db->past);

    if (db->config.mode != DB_READ)
        return err_new(ERR_FAULT, "Rules need a connection that only reads.");
    TRY(db->ops->restrict_reads(db->live, timeout_ms));
    if (past)
        TRY(db->ops->restrict_reads(past, timeout_ms));
    db->restricted_ms = timeout_ms > 0 ? timeout_ms : db->config.timeout_ms;
    return NULL;
}

struct err *db_columns(struct db *db, const char *table, struct rows **out)
{
    struct call call = {.sql = db->ops->columns_sql,
                        .vals = (const struct val[]){str(table)},
                        .nvals = 1,
                        .arena = arena_of(db),
                        .out = out};

    return db->ops->run(db->live, &call);
}

struct err *db_backup(struct db *db, const char *path)
{
    return db->ops->backup(db->live, path);
}

struct err *db_size(struct db *db, i64 *bytes, i64 *wal)
{
    return db->ops->size(db->live, arena_of(db), bytes, wal);
}

/* Functions that reach outside the tables, by the start of their names. On SQLite the authorizer
 * is the fence; on PostgreSQL a read-only transaction still lets a few of these through. */
static bool reaches_out(const char *word, size_t n)
{
    static const char *const starts[] = {"pg_",
                                         "lo_",
                                         "dblink",
                                         "set_config",
                                         "query_to_",
                                         "cursor_to_",
                                         "table_to_",
                                         "schema_to_",
                                         "database_to_",
                                         "sqlite_",
                                         "information_schema",
                                         "load_extension",
                                         "nextval",
                                         "setval",
                                         "current_setting"};

    for (size_t i = 0; i < COUNT_OF(starts); i++)
        if (n >= strlen(starts[i]) && strncasecmp(word, starts[i], strlen(starts[i])) == 0)
            return true;
    return false;
}

static const char *skip_blank(const char *p)
{
    for (;;) {
        if (isspace((unsigned char)*p)) {
            p++;
        } else if (p[0] == '-' && p[1] == '-') {
            p += strcspn(p, "\n");
        } else {
            return p;
        }
    }
}

struct err *restricted_text(const char *sql)
{
    const char *p = skip_blank(sql);

    /* What would hide text from the look at its words below. */
    if (strchr(sql, '\\') || strstr(sql, "/*"))
        return err_new(ERR_DENIED,
                       "A rule may not contain a backslash or /*; comments start with --.");
    if (strncasecmp(p, "select", 6) != 0 && strncasecmp(p, "with", 4) != 0)
        return err_new(ERR_DENIED,
                       "A rule may only read: its text must start with SELECT or WITH.");
    while (*(p = skip_blank(p))) {
        const char *start = p;

        if (*p == '\'') {
            p += 1 + strcspn(p + 1, "'");
            p += *p == '\'';
        } else if (isalpha((unsigned char)*p) || *p == '_' || *p == '"') {
            p += *p == '"';
            start = p;
            while (isalnum((unsigned char)*p) || *p == '_')
                p++;
            if (reaches_out(start, (size_t)(p - start)))
                return err_new(ERR_DENIED, "A rule may not use \"%.*s\".", (int)(p - start), start);
        } else if (*p == '$' && !isdigit((unsigned char)p[1])) {
            return err_new(ERR_DENIED, "A rule may not use $ but for its parameters.");
        } else {
            p++;
        }
    }
    return NULL;
}
