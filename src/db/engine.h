/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of src/db share and nobody else includes: the table of functions of an engine,
 * the memory of rows, the statement cache, and the migrations as pairs of name and text. */
#pragma once

#include "db/db.h"

#define DB_TIMEOUT_MS 10000
#define CACHE_MAX 256 /* statements kept per connection */

/* One engine connection; each engine puts this first in its own struct. */
struct conn {
    const struct db_ops *ops;
};

/* One statement to run. `out`, `changed` and `row` may be NULL; with `row`, rows go there. */
struct call {
    const char *sql;
    const struct val *vals;
    size_t nvals;
    struct arena *arena;
    struct rows **out;
    i64 *changed;
    struct err *(*row)(void *ctx, struct rows *r);
    void *ctx;
};

struct db_ops {
    enum db_engine engine;
    /* `past`: a read connection on which record tables are views over their twins. */
    struct err *(*open)(const struct db_config *config, bool past, struct conn **out);
    void (*close)(struct conn *c);
    struct err *(*run)(struct conn *c, const struct call *call);
    struct err *(*batch)(struct conn *c, struct arena *a, const struct batch_item *items, size_t n);
    /* Several in one round trip, an error ends them all; NULL = there are no round trips. */
    struct err *(*many)(struct conn *c, const struct call *calls, size_t n);
    struct err *(*begin)(struct conn *c, enum db_begin kind);
    struct err *(*commit)(struct conn *c);
    void (*rollback)(struct conn *c);
    struct err *(*savepoint)(struct conn *c);
    struct err *(*release)(struct conn *c);
    void (*rollback_to)(struct conn *c);
    bool (*in_transaction)(const struct conn *c);
    struct err *(*set_at)(struct conn *c, i64 at);
    void (*interrupt)(struct conn *c);
    struct err *(*checkpoint)(struct conn *c, bool truncate);
    struct err *(*restrict_reads)(struct conn *c, int timeout_ms);
    void (*patience)(struct conn *c, int timeout_ms); /* 0 = a statement may take for ever */
    struct err *(*analyze)(struct conn *c, const char *table); /* NULL = nothing to do */
    struct err *(*backup)(struct conn *c, const char *path);
    struct err *(*size)(struct conn *c, struct arena *a, i64 *bytes, i64 *wal);
    /* The text of the query behind db_columns, $1 is the table. */
    const char *columns_sql;
    /* Around migrations. `prepare` checks the store and makes what migrations build on; `before`
     * and `after` run inside the transaction of each migration; `pause` and `resume` around it. */
    struct err *(*prepare)(struct db *db);
    struct err *(*pause)(struct db *db);
    struct err *(*before)(struct db *db);
    struct err *(*after)(struct db *db);
    struct err *(*resume)(struct db *db);
    struct err *(*finish)(struct db *db); /* after the last one; NULL = nothing to do */
};

extern const struct db_ops sqlite_ops;
extern const struct db_ops postgres_ops;

struct db {
    const struct db_ops *ops;
    struct db_config config; /* its `url` is the next */
    char *url;
    struct arena *arena; /* of the caller, or `own` */
    struct arena *own;
    struct conn *live;
    struct conn *_Atomic past; /* opened by the first db_asof */
    i64 at;
    int restricted_ms; /* > 0: only reads of our tables */
    u64 statements, transaction;
    struct lazy *lazy; /* statements that wait (lazy.c), or NULL */
};

/* --- statements that wait (lazy.c) --- */
/* True when the statement was taken: it waits now, or it went with those that waited, and `*out` is
 * what came of it. */
bool lazy_takes(struct db *db, const struct call *call, struct err **out);
/* The same for a batch that fits behind those that wait. */
bool lazy_batch(struct db *db, struct arena *a, const struct batch_item *items, size_t n,
                struct err **out);
/* Sends what waits. */
struct err *lazy_flush(struct db *db) MUST_CHECK;
void lazy_drop(struct db *db); /* forgets it */
void lazy_end(struct db *db);  /* and nothing waits any more */
void lazy_free(struct db *db);

/* The connection that statements go to now. */
struct conn *db_conn(const struct db *db);
/* The URL without its password, for messages; returns `out`. */
char *url_masked(const char *url, char *out, size_t room);

/* Rows: cells in blocks of rows, so that nothing is copied while a result grows. */
enum cell_kind { CELL_NULL, CELL_NUM, CELL_STR, CELL_BLOB };
struct cell {
    union {
        i64 num;
        const char *data; /* NUL-terminated for both STR and BLOB */
    };
    unsigned size;
    unsigned kind;
};

struct rows *rows_new(struct arena *a, size_t columns);
/* The cells of a new last row, all NULL. */
struct cell *rows_add(struct rows *r);
/* A copy in one piece of memory (free() ends it), or NULL when it takes more than `most` bytes. */
struct rows *rows_keep(const struct rows *r, size_t most);
/* Reads a kept copy, which must outlive the result; many threads may do so at the same time. */
struct rows *rows_share(struct arena *a, const struct rows *kept);
/* The error of an answer that does not fit into the arena. */
struct err *rows_too_large(void);

/* Statement cache: found by the address of the text first, then by its content; `kinds` is part
 * of the key (PostgreSQL declares types at prepare) and may be "". The least recently used entry
 * that is not pinned makes room. */
struct entry {
    struct entry *next;
    struct entry *newer, *older;
    u64 hash;
    char *sql; /* own copies */
    char *kinds;
    int pins;
};
struct cache {
    struct entry *slot[256];
    struct entry *alias[256];
    struct entry *newest, *oldest;
    size_t count, max;
    size_t entry_size;
    void (*drop)(void *ctx, struct entry *e); /* releases what the engine keeps in the entry */
    void *ctx;
};
void cache_init(struct cache *c, size_t entry_size, void (*drop)(void *, struct entry *),
                void *ctx);
struct entry *cache_find(struct cache *c, const char *sql, const char *kinds);
struct entry *cache_add(struct cache *c, const char *sql, const char *kinds);
void cache_drop(struct cache *c, struct entry *e);
void cache_clear(struct cache *c);

/* Migrations. */
struct migration {
    int n;
    const char *name; /* "0001_base" */
    const char *text;
};
/* The migrations compiled into the program, in order. */
size_t migrations_embedded(const struct migration **out);
/* db_migrate and db_schema_check with other texts (tests). */
struct err *db_migrate_list(struct db *db, const struct migration *list, size_t n) MUST_CHECK;
struct err *db_schema_check_list(struct db *db, const struct migration *list, size_t n) MUST_CHECK;
/* Statements of one text with tokens expanded for `engine`; comments are gone. */
size_t migration_split(struct arena *a, enum db_engine engine, const char *text, char ***out);
/* Tables and classes of the texts, sorted by name. */
size_t tables_parse(struct arena *a, const struct migration *list, size_t n, struct db_table **out);

/* Refuses what a rule file may not contain: anything but one SELECT, and system functions. */
struct err *restricted_text(const char *sql) MUST_CHECK;
