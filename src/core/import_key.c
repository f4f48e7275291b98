/* SPDX-License-Identifier: Apache-2.0 */
/* Keys by which other programs know our records: a list that comes again from there changes them
 * instead of making them twice. Keys of records that are gone stand for nothing. */
#include "base/text.h"
#include "core/entity_sql.h"
#include "core/import_rows.h"
#include "core/list_sql.h"

static const char *source_of(const char *origin)
{
    return origin ? origin : "";
}

void import_key_sql(struct list_sql *s, const struct entity *e, const char *origin, const char *key)
{
    list_value_number(s, num(s->w->org));
    list_value_number(s, str(e->name));
    list_value_number(s, str(source_of(origin)));
    list_value_number(s, str(key));
    buf_str(&s->text, "select k.record from import_key k join record r on r.org_id = k.org_id"
                      " and r.id = k.record where k.org_id = $1 and k.kind = $2 and k.source = $3"
                      " and k.external = $4");
}

struct err *import_key_find(struct web *w, const struct entity *e, const char *origin,
                            const char *key, i64 *id)
{
    struct list_sql s;
    struct rows *r;

    *id = 0;
    list_sql_init(&s, w);
    import_key_sql(&s, e, origin, key);
    TRY(list_sql_run(&s, &r));
    if (row_next(r))
        *id = row_num(r, 0);
    if (*id && !entity_sees_all(w, e)) { /* what one may not see is not there */
        void *scratch = arena_alloc(w->arena, e->size);
        struct err *hidden = entity_load(w, e, *id, scratch);

        if (hidden && hidden->code != ERR_MISSING)
            return hidden;
        *id = hidden ? 0 : *id;
    }
    return NULL;
}

struct err *import_key_claims(struct web *w, const struct entity *e, const char *origin, i64 id,
                              bool *out)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select 1 from import_key where org_id = $1 and record = $2 and kind = $3"
                 " and source = $4 limit 1",
                 num(w->org), num(id), str(e->name), str(source_of(origin))));
    *out = row_next(r);
    return NULL;
}

struct err *import_key_keep(struct web *w, const struct entity *e, const char *origin,
                            const char *key, i64 id)
{
    return db_exec(w->db,
                   "insert into import_key (org_id, kind, source, external, record)"
                   " values ($1, $2, $3, $4, $5) on conflict (org_id, kind, source, external)"
                   " do update set record = excluded.record",
                   num(w->org), str(e->name), str(source_of(origin)), str(key), num(id));
}
