/* SPDX-License-Identifier: Apache-2.0 */
/* What SQLite's planner is told about the indexes. Without figures it takes every first column for
 * selective; ours is the organisation, which selects nothing in a store of one company: pages then
 * walked a whole list or log instead of using the index of the record. Figures that ANALYZE would
 * measure differ from store to store and from day to day; these are the same everywhere, so the
 * plans are too. They describe the case that must be fast: one organisation with all the rows. */
#include "db/sqlite.h"

#include <string.h>

#include "base/text.h"

#define ROWS 100000
#define PARTIAL 1000 /* rows in an index with a condition: it is made for the few */
#define FEW 10

/* Columns that name one record or nearly so. */
static bool names_one(const char *column)
{
    static const char *const list[] = {"id",     "idx",  "number", "record",
                                       "target", "risk", "subject"};

    for (size_t i = 0; i < COUNT_OF(list); i++)
        if (text_equal(column, list[i]))
            return true;
    return false;
}

struct estimate {
    struct buf text; /* rows, then how many share each prefix of the columns */
    const char *table, *index;
    i64 left;
    bool unique;
};

static void add_column(struct estimate *e, const char *column, bool first)
{
    if (!first) {
        e->left /= 100;
        if (e->left < FEW || names_one(column))
            e->left = FEW;
    }
    buf_printf(&e->text, " %lld", e->left);
}

static struct err *store(struct db *db, struct estimate *e)
{
    char *last = e->text.size ? strrchr(e->text.data, ' ') : NULL;

    if (!last)
        return NULL;
    return db_exec(
        db, "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ($1, $2, $3)", str(e->table),
        str(e->index),
        str(e->unique ? arena_printf(db->arena, "%.*s 1", (int)(last - e->text.data), e->text.data)
                      : e->text.data));
}

/* `r`: table, index, unique, column, partial in the order of tables, indexes and columns. */
static struct err *store_all(struct db *db, struct rows *r)
{
    struct estimate e = {.index = ""};

    while (row_next(r)) {
        bool first = !text_equal(e.index, row_text(r, 1));

        if (first) {
            TRY(store(db, &e));
            e = (struct estimate){.table = row_text(r, 0),
                                  .index = row_text(r, 1),
                                  .left = row_num(r, 4) ? PARTIAL : ROWS,
                                  .unique = row_num(r, 2) != 0};
            buf_init(&e.text, db->arena, 64);
            if (text_equal(row_text(r, 3), "org_id"))
                buf_printf(&e.text, "%lld", e.left);
        }
        if (e.text.size)
            add_column(&e, row_text(r, 3), first);
    }
    return store(db, &e);
}

static struct err *replace(struct db *db)
{
    struct rows *r;

    TRY(db_exec(db, "ANALYZE sqlite_schema")); /* makes the empty table of figures */
    TRY(db_exec(db, "DELETE FROM sqlite_stat1"));
    TRY(db_query(db, &r,
                 "SELECT m.name, l.name, l.\"unique\", coalesce(c.name, ''), l.partial"
                 " FROM sqlite_schema m JOIN pragma_index_list(m.name) l"
                 " JOIN pragma_index_info(l.name) c WHERE m.type = 'table'"
                 " ORDER BY m.name, l.name, c.seqno"));
    return store_all(db, r);
}

struct err *lite_statistics(struct db *db)
{
    struct err *e;

    TRY(db_begin(db, DB_BEGIN_WRITE));
    e = replace(db);
    if (!e)
        e = db_commit(db);
    if (e)
        db_rollback(db);
    return e ? e : db_exec(db, "ANALYZE sqlite_schema"); /* read into this handle too */
}
