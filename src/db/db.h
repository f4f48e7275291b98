/* SPDX-License-Identifier: Apache-2.0 */
/* One SQL door, two engines. SQL text is an inline literal in the common subset (docs/style.md),
 * with parameters $1 $2 ...; values are typed binds, so nothing is ever quoted into SQL and the
 * declared parameter types of PostgreSQL come from the binds. Results are read whole into the
 * arena given at open or with db_use_arena, so that every failure surfaces in the call. Only
 * src/db and src/core/search may ask which engine it is. A `struct db` is one connection with its
 * own statement cache and is used by one thread at a time. */
#pragma once

#include "base/arena.h"
#include "base/err.h"

enum db_engine { DB_SQLITE, DB_POSTGRES };

struct db;

/* A typed bind. */
enum val_kind { VAL_NUM, VAL_STR, VAL_BLOB };
struct val {
    enum val_kind kind;
    bool null;
    i64 num;
    const void *data; /* text (NUL-terminated) or bytes */
    size_t size;
};

static inline struct val num(i64 n)
{
    return (struct val){.kind = VAL_NUM, .num = n};
}
static inline struct val num_null(void)
{
    return (struct val){.kind = VAL_NUM, .null = true};
}
/* 0 means "none" for ids: stored as NULL. */
static inline struct val num_or_null(i64 n)
{
    return (struct val){.kind = VAL_NUM, .num = n, .null = n == 0};
}
/* NULL text is stored as NULL. */
struct val str(const char *text);
static inline struct val str_null(void)
{
    return (struct val){.kind = VAL_STR, .null = true};
}
/* "" and NULL are stored as NULL. */
struct val str_or_null(const char *text);
struct val blob(const void *data, size_t size);

/* A result: rows are read forward with row_next and columns by position (from 0). */
struct rows;
bool row_next(struct rows *r);
void row_rewind(struct rows *r);
size_t row_count(const struct rows *r);
size_t row_columns(const struct rows *r);
i64 row_num(const struct rows *r, size_t column);          /* 0 for NULL */
const char *row_str(const struct rows *r, size_t column);  /* NULL for NULL */
const char *row_text(const struct rows *r, size_t column); /* "" for NULL */
struct bytes row_blob(const struct rows *r, size_t column);
bool row_null(const struct rows *r, size_t column);

/* How to open a store. */
enum db_mode {
    DB_READ,  /* cannot write: SQLite read-only handle, PostgreSQL default_transaction_read_only */
    DB_WRITE, /* the writer (SQLite: one per process) */
};
struct db_config {
    const char *url; /* "sqlite:/path/file" or "postgresql://..." */
    enum db_mode mode;
    bool unsafe; /* tests only: synchronous=OFF, to show that the crash harness can lose writes */
    int timeout_ms; /* a statement that runs longer is ended with ERR_LIMIT; 0 = 10 s */
};

/* Opens a connection: pragmas, compat functions, search_path. Errors name the URL without its
 * password. The caller closes it. */
struct err *db_open(const struct db_config *config, struct db **out) MUST_CHECK;
void db_close(struct db *db);
enum db_engine db_engine(const struct db *db);
/* How many statements this connection was given since it was opened (each of a batch counts). */
u64 db_statements(const struct db *db);
/* Results of later calls live in `a` (the request's arena). */
void db_use_arena(struct db *db, struct arena *a);

/* Runs one statement. The macros paste "" before the text, so only a literal compiles. */
#define DB_VALS(...) ((const struct val[]){{0}, ##__VA_ARGS__} + 1)
#define DB_NVALS(...) (sizeof((const struct val[]){{0}, ##__VA_ARGS__}) / sizeof(struct val) - 1)
#define db_query(db, out, sql, ...) \
    db_query_text((db), (out), "" sql, DB_VALS(__VA_ARGS__), DB_NVALS(__VA_ARGS__))
#define db_exec(db, sql, ...) \
    db_exec_text((db), NULL, "" sql, DB_VALS(__VA_ARGS__), DB_NVALS(__VA_ARGS__))
/* Like db_exec; `*changed` gets the number of rows. */
#define db_change(db, changed, sql, ...) \
    db_exec_text((db), (changed), "" sql, DB_VALS(__VA_ARGS__), DB_NVALS(__VA_ARGS__))
/* Rows one by one for exports and checks: constant memory. `row` gets a one-row result whose
 * memory is reused; an error it returns ends the statement. `row` may not use this connection: on
 * PostgreSQL it is busy (that is a BUG). */
#define db_stream(db, row, ctx, sql, ...) \
    db_stream_text((db), (row), (ctx), "" sql, DB_VALS(__VA_ARGS__), DB_NVALS(__VA_ARGS__))

/* For core/entity, core/list, core/rules and db itself, which compose text from tables of literals
 * and reviewed content; tools/check.py refuses other callers. */
struct err *db_query_text(struct db *db, struct rows **out, const char *sql, const struct val *v,
                          size_t n) MUST_CHECK;
struct err *db_exec_text(struct db *db, i64 *changed, const char *sql, const struct val *v,
                         size_t n) MUST_CHECK;
struct err *db_stream_text(struct db *db, struct err *(*row)(void *ctx, struct rows *r), void *ctx,
                           const char *sql, const struct val *v, size_t n) MUST_CHECK;

/* Several statements in one go: PostgreSQL pipelines them (one round trip), SQLite loops. An error
 * ends the batch as a whole. `out` of each item may be NULL. */
struct batch_item {
    const char *sql;
    const struct val *vals;
    size_t nvals;
    struct rows **out;
};
struct err *db_batch(struct db *db, const struct batch_item *items, size_t n) MUST_CHECK;

/* Until this transaction ends, statements that give nothing back (db_exec) need not run at once:
 * they go with the next one that does, or with the COMMIT. What they answer is then an error of
 * that call, so it is for work that is done again without this when it fails. Reads see all that
 * was written before them. Nothing changes on SQLite, where a statement costs no round trip. */
void db_lazy(struct db *db);
/* The number of the last transaction of this connection; no other one of this process has it. */
u64 db_transaction(const struct db *db);

/* Transactions. Read transactions see one snapshot. db_rollback never fails (a dead connection is
 * reopened by the next db_begin). A failed COMMIT whose fate is unknown answers ERR_RETRY and the
 * connection is closed. On SQLite a commit that fails to reach the disk ends the process. */
enum db_begin { DB_BEGIN_READ, DB_BEGIN_WRITE };
struct err *db_begin(struct db *db, enum db_begin kind) MUST_CHECK;
struct err *db_commit(struct db *db) MUST_CHECK;
void db_rollback(struct db *db);
/* Savepoints, for the group commit of the SQLite writer and for imports; they nest. Each ends with
 * one db_release or one db_rollback_to, which undoes it and also takes it away. */
struct err *db_savepoint(struct db *db) MUST_CHECK;
struct err *db_release(struct db *db) MUST_CHECK;
void db_rollback_to(struct db *db);
/* True while a transaction is open (SQLite may have rolled back all of it after FULL or IOERR). */
bool db_in_transaction(const struct db *db);

/* As-of: later reads on this connection see record tables and their links as they were at `at`
 * (microseconds UTC), through views over the history twins; 0 = live again. Tables without a twin
 * are live. While it shows the past, the live table is now_<table> (who may see is judged as of
 * now). Only outside a transaction. */
struct err *db_asof(struct db *db, i64 at) MUST_CHECK;

/* Ends a running statement from another thread (deadline of the slow lane). */
void db_interrupt(struct db *db);
/* After many rows were written to a table: the planner of PostgreSQL counts them now, not when its
 * own service comes round; until then it would take 100,000 rows for one. Inside a transaction or
 * not; `table` is a literal. Nothing on SQLite, whose figures are fixed (sqlite_stat.c). */
struct err *db_analyze(struct db *db, const char *table) MUST_CHECK;

/* SQLite: checkpoint of the WAL, passive (false) or truncating (true: waits 0.2 s for readers, then
 * ERR_RETRY); PostgreSQL: nothing. */
struct err *db_checkpoint(struct db *db, bool truncate) MUST_CHECK;

/* A read-only connection for rule files: an authorizer refuses everything but SELECT on the tables
 * of the schema, and a statement is ended after `timeout_ms`. */
struct err *db_restrict(struct db *db, int timeout_ms) MUST_CHECK;

/* Migrations: the embedded files migrations/NNNN_name.sql in order, each in one transaction, with
 * a SHA-256 checksum in schema_migration. Refuses (ERR_CLASH) when an applied file was changed or
 * when the store is newer than this program. Five tokens are expanded per engine: @int @blob @json
 * @strict @norowid. After a migration the as-of views are (re)built from the twins. */
struct err *db_migrate(struct db *db) MUST_CHECK;
/* Read-only check that the store's schema is exactly this program's. */
struct err *db_schema_check(struct db *db) MUST_CHECK;
/* Columns of a live table, in order, for the test that compares entities with the schema: rows
 * (name, "int" | "text" | "blob", 1 when not null). None when there is no such table. */
struct err *db_columns(struct db *db, const char *table, struct rows **out) MUST_CHECK;
/* All tables of our schema with their class (record|fact|scratch|reference|system), read from the
 * migrations' `-- class:` lines: rows (table, class). Both engines give the same list. */
struct db_table {
    const char *name, *class;
};
size_t db_tables(const struct db_table **out);
/* True when an index of the table begins with org_id and `first`, and then `second` unless that is
 * NULL; read from the migrations. */
bool db_indexed(const char *table, const char *first, const char *second);

/* A consistent copy of a SQLite store while it is in use (online backup API) to `path`. */
struct err *db_backup(struct db *db, const char *path) MUST_CHECK;
/* All rows of all tables but those of class "system" into another store of either engine: `from` in
 * a read transaction, `to` in a write transaction; both have this program's schema, `to` is empty.
 * The search index is not copied: it makes itself. */
struct err *db_copy(struct db *from, struct db *to) MUST_CHECK;
/* Looks for damage in a SQLite file and for references to nothing; `*wrong` is the first finding,
 * or NULL. PostgreSQL looks after itself: always NULL. */
struct err *db_check(struct db *db, const char **wrong) MUST_CHECK;
/* Size in bytes of the store (may be NULL), and of the WAL (may be NULL): what the writer's last
 * commit left in it, 0 after a whole checkpoint; 0 on PostgreSQL. Cheap enough for every commit
 * when only `wal` is asked. */
struct err *db_size(struct db *db, i64 *bytes, i64 *wal) MUST_CHECK;
