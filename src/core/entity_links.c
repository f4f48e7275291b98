/* SPDX-License-Identifier: Apache-2.0 */
/* The history of links as verify reads it: page by page, in order of the unique key. */
#include "core/entity_sql.h"
#include "core/trail_part.h"

struct err *entity_link_page(struct web *w, const struct entity *e, const struct field *f,
                             const struct link_row *after, struct rows **out)
{
    const char *sql = arena_printf(w->arena,
                                   "select record, target, valid_from, valid_to, log_idx"
                                   " from %s_%s_history where org_id = $1"
                                   " and (record, target, valid_from) > ($2, $3, $4)"
                                   " order by record, target, valid_from limit 500",
                                   e->name, f->name);

    return db_query_text(w->db, out, sql,
                         DB_VALS(num(entity_org(w, e)), num(after->record), num(after->target),
                                 num(after->valid_from)),
                         4);
}
