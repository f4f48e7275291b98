/* SPDX-License-Identifier: Apache-2.0 */
/* SQLite: preparing, binding, stepping, and copying rows out. `$3` is only a NAME to SQLite,
 * numbered by first appearance, so each statement keeps which bind belongs to which position. */
#include "db/sqlite.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

struct lite_stmt {
    struct entry entry;
    sqlite3_stmt *stmt;
    int count;      /* parameters in the statement */
    int highest;    /* the k of the highest $k */
    int *bind;      /* for each position the k */
    bool read_only; /* no row counts to ask for */
};

size_t lite_entry_size(void)
{
    return sizeof(struct lite_stmt);
}

void lite_drop(void *ctx, struct entry *e)
{
    struct lite_stmt *s = (struct lite_stmt *)e;

    (void)ctx;
    sqlite3_finalize(s->stmt);
    free(s->bind);
}

static struct err *bad_statement(const char *sql, const char *why)
{
    return err_detail(err_new(ERR_FAULT, "The database could not do this."), "%s [%.200s]", why,
                      sql);
}

static struct err *map_parameters(struct lite_stmt *s, const char *sql)
{
    s->count = sqlite3_bind_parameter_count(s->stmt);
    s->bind = calloc((size_t)s->count + 1, sizeof(*s->bind));
    if (!s->bind)
        BUG("out of memory");
    for (int i = 0; i < s->count; i++) {
        const char *name = sqlite3_bind_parameter_name(s->stmt, i + 1);
        i64 k = 0;

        if (!name || name[0] != '$' || !text_i64(name + 1, &k) || k < 1 || k > 32766)
            return bad_statement(sql, "parameters are written $1, $2, ...");
        s->bind[i] = (int)k;
        if ((int)k > s->highest)
            s->highest = (int)k;
    }
    return NULL;
}

static struct err *prepare(struct lite *l, const char *sql, struct lite_stmt **out)
{
    struct lite_stmt *s = (struct lite_stmt *)cache_add(&l->cache, sql, "");
    const char *rest = NULL;
    struct err *e = NULL;
    int rc;

    rc = sqlite3_prepare_v3(l->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &s->stmt, &rest);
    if (rc)
        e = lite_err(l, rc, sql);
    else if (!s->stmt)
        e = bad_statement(sql, "an empty statement");
    else if (!text_empty(rest))
        e = bad_statement(sql, "more than one statement");
    else
        e = map_parameters(s, sql);
    if (e) {
        cache_drop(&l->cache, &s->entry);
        return e;
    }
    s->read_only = sqlite3_stmt_readonly(s->stmt);
    *out = s;
    return NULL;
}

/* The prepared statement, out of the cache; the caller unpins it. A statement that is running
 * already (a stream whose callback asks the same) is prepared a second time. */
static struct err *statement(struct lite *l, const char *sql, struct lite_stmt **out)
{
    struct lite_stmt *s = (struct lite_stmt *)cache_find(&l->cache, sql, "");

    if (s && s->entry.pins)
        s = NULL;
    if (!s) {
        TRY(lite_ready(l));
        TRY(prepare(l, sql, &s));
    }
    s->entry.pins++;
    *out = s;
    return NULL;
}

/* Values are bound without a copy: they outlive the call, and the statement is reset in it. */
static int bind_one(sqlite3_stmt *stmt, int i, const struct val *v)
{
    if (v->null)
        return sqlite3_bind_null(stmt, i);
    switch (v->kind) {
    case VAL_NUM:
        return sqlite3_bind_int64(stmt, i, v->num);
    case VAL_STR:
        return sqlite3_bind_text64(stmt, i, v->data, v->size, SQLITE_STATIC, SQLITE_UTF8);
    default:
        /* An empty blob with a NULL address would be stored as NULL. */
        return v->size ? sqlite3_bind_blob64(stmt, i, v->data, v->size, SQLITE_STATIC)
                       : sqlite3_bind_zeroblob(stmt, i, 0);
    }
}

static struct err *bind_all(struct lite *l, struct lite_stmt *s, const struct call *call)
{
    if ((size_t)s->highest > call->nvals)
        return bad_statement(call->sql, "a parameter has no value");
    for (int i = 0; i < s->count; i++) {
        int rc = bind_one(s->stmt, i + 1, &call->vals[s->bind[i] - 1]);

        if (rc)
            return lite_err(l, rc, call->sql);
    }
    return NULL;
}

static const char *copied(struct arena *a, const void *data, size_t size)
{
    char *copy = arena_alloc(a, size + 1);

    if (size)
        memcpy(copy, data, size);
    return copy;
}

static void copy_row(struct arena *a, sqlite3_stmt *stmt, struct rows *r, int columns)
{
    struct cell *cells = rows_add(r);

    for (int i = 0; i < columns; i++) {
        struct cell *c = &cells[i];

        switch (sqlite3_column_type(stmt, i)) {
        case SQLITE_NULL:
            break;
        case SQLITE_INTEGER:
            c->kind = CELL_NUM;
            c->num = sqlite3_column_int64(stmt, i);
            break;
        case SQLITE_BLOB:
            c->kind = CELL_BLOB;
            c->size = (unsigned)sqlite3_column_bytes(stmt, i);
            c->data = copied(a, sqlite3_column_blob(stmt, i), c->size);
            break;
        default:
            c->kind = CELL_STR;
            c->data = (const char *)sqlite3_column_text(stmt, i);
            c->size = (unsigned)sqlite3_column_bytes(stmt, i);
            c->data = copied(a, c->data, c->size);
        }
    }
}

static void start_clock(struct lite *l)
{
    l->timed_out = false;
    l->deadline = l->timeout_ms ? clock_ticks() + l->timeout_ms * 1000LL : 0;
}

/* Hands each row to the caller in memory that is reused for the next one. */
static struct err *step_stream(struct lite *l, struct lite_stmt *s, const struct call *call)
{
    int columns = sqlite3_column_count(s->stmt), rc;
    struct arena *a = arena_new(0);
    struct err *e = NULL;

    start_clock(l);
    while (!e && (rc = sqlite3_step(s->stmt)) == SQLITE_ROW) {
        struct rows *r = rows_new(a, (size_t)columns);

        copy_row(a, s->stmt, r, columns);
        row_next(r);
        e = call->row(call->ctx, r);
        arena_reset(a);
        start_clock(l);
    }
    arena_free(a);
    if (!e && rc != SQLITE_DONE)
        e = lite_err(l, rc, call->sql);
    return e;
}

static struct err *step_all(struct lite *l, struct lite_stmt *s, const struct call *call)
{
    int columns = sqlite3_column_count(s->stmt), rc;
    struct rows *r = call->out ? rows_new(call->arena, (size_t)columns) : NULL;

    start_clock(l);
    while ((rc = sqlite3_step(s->stmt)) == SQLITE_ROW) {
        if (!r)
            continue;
        copy_row(call->arena, s->stmt, r, columns);
        if (arena_over(call->arena))
            return rows_too_large();
    }
    if (rc != SQLITE_DONE)
        return lite_err(l, rc, call->sql);
    if (r)
        *call->out = r;
    if (call->changed && !s->read_only)
        *call->changed = sqlite3_changes64(l->db);
    return NULL;
}

struct err *lite_run(struct conn *c, const struct call *call)
{
    struct lite *l = (struct lite *)c;
    struct lite_stmt *s;
    struct err *e;

    /* What follows in the caller's transaction must not be saved on its own. */
    if (l->begun && sqlite3_get_autocommit(l->db))
        return err_new(ERR_BUSY, "The change was not saved. Try again.");
    TRY(statement(l, call->sql, &s));
    e = bind_all(l, s, call);
    if (!e)
        e = call->row ? step_stream(l, s, call) : step_all(l, s, call);
    sqlite3_reset(s->stmt);
    l->deadline = 0;
    s->entry.pins--;
    return e;
}

/* One item after the other; what came before a failing one is undone, as in a pipeline. */
static struct err *run_items(struct lite *l, struct arena *a, const struct batch_item *items,
                             size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct call call = {.sql = items[i].sql,
                            .vals = items[i].vals,
                            .nvals = items[i].nvals,
                            .arena = a,
                            .out = items[i].out};

        TRY(lite_run(&l->base, &call));
    }
    return NULL;
}

struct err *lite_batch(struct conn *c, struct arena *a, const struct batch_item *items, size_t n)
{
    struct lite *l = (struct lite *)c;
    bool inside = !sqlite3_get_autocommit(l->db);
    struct err *e;

    if (inside)
        TRY(c->ops->savepoint(c));
    else
        TRY(c->ops->begin(c, l->write ? DB_BEGIN_WRITE : DB_BEGIN_READ));
    e = run_items(l, a, items, n);
    if (!e)
        return inside ? c->ops->release(c) : c->ops->commit(c);
    if (inside)
        c->ops->rollback_to(c);
    else
        c->ops->rollback(c);
    return e;
}
