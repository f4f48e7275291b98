/* SPDX-License-Identifier: Apache-2.0 */
/* What somebody else may see. */
#include "core/entity_sql.h"
#include "core/permit.h"

/* Whether one of the roles that the person holds today may read the whole kind. */
static struct err *reads_kind(struct web *w, const struct entity *e, i64 person, bool *reads)
{
    struct rows *r;

    *reads = false;
    TRY(db_query(w->db, &r,
                 "select h.role from role_holder h join person p on p.org_id = h.org_id"
                 " and p.id = h.person where h.org_id = $1 and h.person = $2"
                 " and p.state = 'active' and h.from_date <= $3"
                 " and (h.until is null or h.until >= $3)",
                 num(w->org), num(person), str(w->today)));
    while (e->read && row_next(r))
        *reads |= permit_role_has(w->app, row_text(r, 0), e->read);
    return NULL;
}

struct err *entity_seen_by(struct web *w, const struct entity *e, i64 id, i64 person, bool *sees)
{
    struct rows *r;

    *sees = false;
    if (!person || e->site)
        return NULL;
    TRY(db_query(w->db, &r,
                 "select id from person where org_id = $1 and id = $2 and state = 'active'",
                 num(w->org), num(person)));
    if (!row_next(r))
        return NULL;
    if (!e->about)
        TRY(reads_kind(w, e, person, sees));
    if (*sees)
        return NULL;
    TRY(db_query_text(w->db, &r, entity_sql(e)->visible,
                      DB_VALS(num(w->org), num(id), num(person), str(w->today)), 4));
    *sees = row_next(r);
    return NULL;
}
