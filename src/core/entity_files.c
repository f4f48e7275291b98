/* SPDX-License-Identifier: Apache-2.0 */
/* Files that records name, by the fields that hold a SHA-256. */
#include "core/entity_sql.h"

#include "base/words.h"
static const struct field *file_field(const struct entity *e)
{
    for (size_t i = 0; i < e->nfields && !e->site; i++)
        if (e->fields[i].file)
            return &e->fields[i];
    return NULL;
}

struct err *entity_file_owner(struct web *w, const struct entity *e, const char *hash, i64 *number)
{
    const struct field *f = file_field(e);
    struct rows *r;

    *number = 0;
    if (!f)
        return NULL;
    TRY(db_query_text(w->db, &r,
                      arena_printf(w->arena,
                                   "select number from %s_history where org_id = $1 and %s = $2"
                                   " order by id limit 1",
                                   e->name, f->name),
                      DB_VALS(num(w->org), str(hash)), 2));
    if (row_next(r))
        *number = row_num(r, 0);
    return NULL;
}

struct err *entity_lost_files(struct web *w, const struct entity *e, struct rows **out)
{
    const struct field *f = file_field(e);

    *out = NULL;
    if (!f)
        return NULL;
    return db_query_text(w->db, out,
                         arena_printf(w->arena,
                                      "select distinct h.number, h.%s from %s_history h"
                                      " where h.org_id = $1 and h.%s is not null and not exists"
                                      " (select 1 from stored_file s where s.org_id = h.org_id"
                                      " and s.hash = h.%s) order by h.number limit 100",
                                      f->name, e->name, f->name, f->name),
                         DB_VALS(num(w->org)), 1);
}
