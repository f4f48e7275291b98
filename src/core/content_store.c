/* SPDX-License-Identifier: Apache-2.0 */
/* The copy of the content tables in the store, for joins and rules. Organisations keep codes, so a
 * code that disappears from the files stays as a retired row. */
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "base/words.h"
#include "core/content_table.h"
#include "core/web.h"

#define CHUNK 200 /* statements sent in one go */

struct upserts {
    struct batch_item items[CHUNK];
    size_t count;
};

static struct err *flush(struct db *db, struct upserts *u)
{
    struct err *e = db_batch(db, u->items, u->count);

    u->count = 0;
    return e;
}

/* All columns of a row, in their order; texts stay as they are. */
static const char *row_json(struct arena *a, const struct content_table *t, size_t row)
{
    json_t *object = json_object();

    for (size_t i = 0; i < t->ncolumns; i++)
        json_object_set_new(object, t->columns[i], json_string(t->cells[row * t->ncolumns + i]));
    return json_text(a, json_own(a, object));
}

static void add_row(struct arena *a, struct upserts *u, const struct content_table *t, size_t row)
{
    static const char sql[] =
        "insert into catalogue (kind, code, position, label, data, retired)"
        " values ($1, $2, $3, $4, json($5), 0)"
        " on conflict (kind, code) do update set position = excluded.position,"
        " label = excluded.label, data = excluded.data, retired = 0";
    const char *label = content_row_label(t, row);
    struct val *vals = NEW_ARRAY(a, struct val, 5);

    vals[0] = str(t->name);
    vals[1] = str(t->codes[row]);
    vals[2] = num((i64)row + 1);
    vals[3] = str(label && *label ? label : t->codes[row]);
    vals[4] = str(row_json(a, t, row));
    u->items[u->count++] = (struct batch_item){.sql = sql, .vals = vals, .nvals = 5};
}

static struct err *store_rows(struct web *w, const struct content *c)
{
    struct content_table *const *tables;
    size_t n = content_tables(c, &tables);
    struct upserts *u = NEW(w->arena, struct upserts);

    for (size_t i = 0; i < n; i++) {
        if (text_starts(tables[i]->name, "demo_"))
            continue; /* the example company is a story, not a catalogue */
        for (size_t row = 0; row < tables[i]->nrows; row++) {
            add_row(w->arena, u, tables[i], row);
            if (u->count == CHUNK)
                TRY(flush(w->db, u));
        }
    }
    return u->count ? flush(w->db, u) : NULL;
}

static struct err *retire_rows(struct web *w, const struct content *c)
{
    struct rows *r;

    TRY(db_query(w->db, &r, "select kind, code from catalogue where retired = 0"));
    while (row_next(r))
        if (content_row(content_table(c, row_text(r, 0)), row_text(r, 1)) < 0)
            TRY(db_exec(w->db, "update catalogue set retired = 1 where kind = $1 and code = $2",
                        str(row_text(r, 0)), str(row_text(r, 1))));
    return NULL;
}

struct err *content_store(struct web *w, const struct content *c)
{
    struct rows *r;

    TRY(db_query(w->db, &r, "select value from content_state where name = $1", str("catalogue")));
    if (row_next(r) && strcmp(row_text(r, 0), content_version(c)) == 0)
        return NULL;
    TRY(store_rows(w, c));
    TRY(retire_rows(w, c));
    return db_exec(w->db,
                   "insert into content_state (name, value) values ($1, $2)"
                   " on conflict (name) do update set value = excluded.value",
                   str("catalogue"), str(content_version(c)));
}
