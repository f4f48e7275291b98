/* SPDX-License-Identifier: Apache-2.0 */
/* Erasing parts of history rows and payloads. Besides the tail this is the only code that changes a
 * row of a history twin. */
#include <string.h>

#include "core/entity_sql.h"
#include "core/redact.h"
#include "core/trail.h"

void redact_begin(struct web *w, i64 log, struct redacting *r)
{
    *r = (struct redacting){.w = w, .log = log};
    buf_init(&r->parts, w->arena, 200);
}

static void add_part(struct redacting *r, i64 idx, const char *part)
{
    buf_printf(&r->parts, "%s[%lld,\"%s\"]", r->count ? "," : "", idx, part);
    r->count++;
}

struct err *redact_versions(struct redacting *r, const struct entity *e, i64 id, bool whole,
                            i64 keep)
{
    const struct entity_sql *s = entity_sql(e);
    struct web *w = r->w;
    struct rows *rows;

    if (!whole && !s->redact_personal)
        return NULL;
    TRY(db_query_text(w->db, &rows, whole ? s->redact_found : s->redact_found_personal,
                      DB_VALS(num(r->log), num(id), num(keep)), 3));
    while (row_next(rows))
        add_part(r, row_num(rows, 0), whole ? "row" : "personal");
    return db_exec_text(w->db, NULL, whole ? s->redact_whole : s->redact_personal,
                        DB_VALS(num(r->log), num(id), num(keep)), 3);
}

struct err *redact_contexts(struct redacting *r, const char *actor)
{
    struct web *w = r->w;
    struct rows *rows;
    struct buf ids;

    TRY(db_query(w->db, &rows,
                 "select p.idx from audit_event v join audit_payload p on p.org_id = v.org_id"
                 " and p.idx = v.idx and p.part = 'context' where v.org_id = $1 and v.actor = $2"
                 " and text_has(p.body, '\"reason\":') = 0 and text_has(p.body, '\"body\":') = 0"
                 " order by p.idx",
                 num(r->log), str(actor)));
    if (!row_count(rows))
        return NULL;
    buf_init(&ids, w->arena, row_count(rows) * 8 + 2);
    while (row_next(rows)) {
        add_part(r, row_num(rows, 0), "context");
        buf_printf(&ids, "%c%lld", ids.size ? ',' : '[', row_num(rows, 0));
    }
    buf_char(&ids, ']');
    return db_exec(w->db,
                   "delete from audit_payload where org_id = $1 and part = 'context' and idx in"
                   " (select cast(value as bigint) from json_each($2))",
                   num(r->log), str(ids.data));
}

struct err *redact_actor(struct redacting *r, const char *actor, const char *name)
{
    return db_exec(r->w->db, "update audit_actor set name = $3 where org_id = $1 and actor = $2",
                   num(r->log), str(actor), str(name));
}

void redact_end(struct redacting *r, const char *kind, i64 record, const char *why, const char *by)
{
    struct web *w = r->w;
    i64 org = w->org;
    json_t *o;

    if (!r->count)
        return;
    o = json_own(w->arena, json_object());
    json_object_set_new(o, "basis", json_string(why));
    json_object_set_new(o, "by", json_string(by));
    w->org = r->log;
    trail_event(
        w, "redact", kind, record,
        arena_printf(w->arena, "{\"parts\":[%s],%s", r->parts.data, json_text(w->arena, o) + 1));
    w->org = org;
}
