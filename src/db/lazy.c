/* SPDX-License-Identifier: Apache-2.0 */
/* Statements that give nothing back wait for the next one that does, and go to the server with it:
 * one round trip instead of many. Only where an engine has round trips; else each runs at once. */
#include <stdlib.h>
#include <string.h>

#include "db/engine.h"

#define LAZY_MOST 256                /* statements of one trip */
#define LAZY_BYTES ((size_t)1 << 20) /* of their values and texts */

struct lazy {
    bool on;
    struct arena *arena; /* what the waiting ones refer to */
    size_t count;
    struct call calls[LAZY_MOST + 1];
};

void db_lazy(struct db *db)
{
    if (!db->ops->many || !db_in_transaction(db))
        return;
    if (!db->lazy && !(db->lazy = calloc(1, sizeof(*db->lazy))))
        BUG("out of memory");
    if (!db->lazy->arena)
        db->lazy->arena = arena_new(0);
    db->lazy->on = true;
}

void lazy_drop(struct db *db)
{
    struct lazy *l = db->lazy;

    if (!l)
        return;
    l->count = 0;
    arena_reset(l->arena);
}

void lazy_end(struct db *db)
{
    lazy_drop(db);
    if (db->lazy)
        db->lazy->on = false;
}

void lazy_free(struct db *db)
{
    if (db->lazy)
        arena_free(db->lazy->arena);
    free(db->lazy);
    db->lazy = NULL;
}

/* `last` may be NULL. */
static struct err *trip(struct db *db, const struct call *last)
{
    struct lazy *l = db->lazy;
    size_t n = l->count;
    struct err *e;

    if (last)
        l->calls[n++] = *last;
    if (!n)
        return NULL;
    e = db->ops->many(db_conn(db), l->calls, n);
    lazy_drop(db);
    return e;
}

struct err *lazy_flush(struct db *db)
{
    return db->lazy && db->lazy->count ? trip(db, NULL) : NULL;
}

/* The caller's memory may be gone by then. */
static void keep(struct lazy *l, const struct call *call)
{
    struct val *vals = NEW_ARRAY(l->arena, struct val, call->nvals + 1);
    struct call *mine = &l->calls[l->count++];

    for (size_t i = 0; i < call->nvals; i++) {
        vals[i] = call->vals[i];
        if (vals[i].kind != VAL_NUM && !vals[i].null) {
            char *copy = arena_alloc(l->arena, vals[i].size + 1);

            if (vals[i].size)
                memcpy(copy, vals[i].data, vals[i].size);
            vals[i].data = copy;
        }
    }
    *mine =
        (struct call){.sql = arena_str(l->arena, call->sql), .vals = vals, .nvals = call->nvals};
}

bool lazy_batch(struct db *db, struct arena *a, const struct batch_item *items, size_t n,
                struct err **out)
{
    struct lazy *l = db->lazy;

    if (!l || !l->count || l->count + n > LAZY_MOST)
        return false;
    for (size_t i = 0; i < n; i++)
        l->calls[l->count++] = (struct call){.sql = items[i].sql,
                                             .vals = items[i].vals,
                                             .nvals = items[i].nvals,
                                             .arena = a,
                                             .out = items[i].out};
    *out = trip(db, NULL);
    for (size_t i = 0; *out && i < n; i++)
        if (items[i].out)
            *items[i].out = NULL;
    return true;
}

bool lazy_takes(struct db *db, const struct call *call, struct err **out)
{
    struct lazy *l = db->lazy;

    *out = NULL;
    if (!l || !l->on || call->row)
        return false;
    if (call->out || call->changed) {
        if (l->count)
            *out = trip(db, call);
        else
            return false;
        return true;
    }
    keep(l, call);
    if (l->count == LAZY_MOST || arena_used(l->arena) > LAZY_BYTES)
        *out = trip(db, NULL);
    return true;
}
