/* SPDX-License-Identifier: Apache-2.0 */
/* Copying a whole store between engines, row by row, and checking a file that came from elsewhere.
 * Both stores have this program's schema, so the columns of a table are the same on both sides. */
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "db/engine.h"

#define ROWS_AT_ONCE 100

struct copying {
    struct db *to;
    struct arena *page; /* of the rows that wait */
    const char *insert;
    const enum val_kind *kinds;
    size_t columns, count;
    struct batch_item items[ROWS_AT_ONCE];
};

static struct err *flush(struct copying *c)
{
    if (c->count)
        TRY(db_batch(c->to, c->items, c->count));
    c->count = 0;
    arena_reset(c->page);
    return NULL;
}

static struct val take(struct arena *a, const struct rows *r, size_t i, enum val_kind kind)
{
    struct bytes b;

    if (row_null(r, i))
        return (struct val){.kind = kind, .null = true};
    if (kind == VAL_NUM)
        return num(row_num(r, i));
    if (kind == VAL_STR)
        return str(arena_str(a, row_str(r, i)));
    b = row_blob(r, i);
    return blob(memcpy(arena_alloc(a, b.size + 1), b.data ? b.data : (const void *)"", b.size),
                b.size);
}

static struct err *copy_row(void *ctx, struct rows *r)
{
    struct copying *c = ctx;
    struct val *vals = NEW_ARRAY(c->page, struct val, c->columns);

    for (size_t i = 0; i < c->columns; i++)
        vals[i] = take(c->page, r, i, c->kinds[i]);
    c->items[c->count++] = (struct batch_item){.sql = c->insert, .vals = vals, .nvals = c->columns};
    return c->count == ROWS_AT_ONCE ? flush(c) : NULL;
}

/* True for a @json column of PostgreSQL, which takes its text through json(). */
static struct err *is_json(struct db *to, const char *table, const char *column, bool *json)
{
    struct rows *r;

    *json = false;
    if (db_engine(to) != DB_POSTGRES)
        return NULL;
    TRY(db_query(to, &r,
                 "SELECT count(*) FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c"
                 " ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
                 " JOIN pg_catalog.pg_type t ON t.oid = a.atttypid WHERE c.relname = $1"
                 " AND a.attname = $2 AND t.typname = 'jsonb'"
                 " AND n.nspname = pg_catalog.current_setting('cairn.schema')",
                 str(table), str(column)));
    *json = row_next(r) && row_num(r, 0) > 0;
    return NULL;
}

static struct err *copy_table(struct db *from, struct db *to, const char *table, struct arena *a)
{
    struct copying c = {.to = to};
    struct buf select, insert, places;
    enum val_kind *kinds;
    struct rows *columns;
    struct err *e;
    bool json;

    TRY(db_columns(to, table, &columns));
    kinds = NEW_ARRAY(a, enum val_kind, row_count(columns) + 1);
    buf_init(&select, a, 500);
    buf_init(&insert, a, 500);
    buf_init(&places, a, 500);
    while (row_next(columns)) {
        const char *name = row_text(columns, 0), *type = row_text(columns, 1);
        const char *comma = c.columns ? ", " : "";

        TRY(is_json(to, table, name, &json));
        kinds[c.columns++] = text_equal(type, "int")    ? VAL_NUM
                             : text_equal(type, "blob") ? VAL_BLOB
                                                        : VAL_STR;
        buf_printf(&select, "%s\"%s\"", comma, name);
        buf_printf(&insert, "%s\"%s\"", comma, name);
        buf_printf(&places, json ? "%sjson($%zu)" : "%s$%zu", comma, c.columns);
    }
    c.kinds = kinds;
    c.insert =
        arena_printf(a, "INSERT INTO \"%s\" (%s) VALUES (%s)", table, insert.data, places.data);
    c.page = arena_new(0);
    e = db_stream_text(from, copy_row, &c,
                       arena_printf(a, "SELECT %s FROM \"%s\"", select.data, table), NULL, 0);
    if (!e)
        e = flush(&c);
    arena_free(c.page);
    return e;
}

/* References are checked when all rows are there. `on` = false puts things back. */
static struct err *defer_references(struct db *to, bool on)
{
    struct rows *r;

    if (db_engine(to) == DB_SQLITE)
        return on ? db_exec_text(to, NULL, "PRAGMA defer_foreign_keys = ON", NULL, 0) : NULL;
    if (!on)
        TRY(db_exec_text(to, NULL, "SET CONSTRAINTS ALL IMMEDIATE", NULL, 0));
    TRY(db_query(to, &r,
                 "SELECT 'ALTER TABLE ' || pg_catalog.quote_ident(n.nspname) || '.' ||"
                 " pg_catalog.quote_ident(t.relname) || ' ALTER CONSTRAINT ' ||"
                 " pg_catalog.quote_ident(c.conname) FROM pg_catalog.pg_constraint c"
                 " JOIN pg_catalog.pg_class t ON t.oid = c.conrelid"
                 " JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace"
                 " WHERE c.contype = 'f'"
                 " AND n.nspname = pg_catalog.current_setting('cairn.schema')"));
    while (row_next(r))
        TRY(db_exec_text(to, NULL,
                         arena_printf(to->arena, "%s %s", row_text(r, 0),
                                      on ? "DEFERRABLE INITIALLY DEFERRED" : "NOT DEFERRABLE"),
                         NULL, 0));
    return NULL;
}

static struct err *copy_all(struct db *from, struct db *to, struct arena *a)
{
    const struct db_table *tables;
    size_t n = db_tables(&tables);

    TRY(defer_references(to, true));
    for (size_t i = 0; i < n; i++)
        if (!text_equal(tables[i].class, "system"))
            TRY(copy_table(from, to, tables[i].name, a));
    return defer_references(to, false);
}

struct err *db_copy(struct db *from, struct db *to)
{
    struct arena *a = arena_new((size_t)1 << 30), *kept_from = from->arena, *kept_to = to->arena;
    struct err *e;

    db_use_arena(from, a);
    db_use_arena(to, a);
    e = copy_all(from, to, a);
    from->arena = kept_from;
    to->arena = kept_to;
    arena_free(a);
    return e;
}

/* --- checking a file --- */

static struct err *check_with(struct db *db, const char *pragma, const char **wrong)
{
    struct rows *r;

    TRY(db_query_text(db, &r, pragma, NULL, 0));
    if (row_next(r) && !text_equal(row_str(r, 0), "ok"))
        *wrong = row_text(r, 0);
    return NULL;
}

struct err *db_check(struct db *db, const char **wrong)
{
    *wrong = NULL;
    if (db_engine(db) != DB_SQLITE)
        return NULL;
    TRY(check_with(db, "PRAGMA integrity_check(1)", wrong));
    if (!*wrong)
        TRY(check_with(db, "PRAGMA foreign_key_check", wrong));
    return NULL;
}
