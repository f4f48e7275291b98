/* SPDX-License-Identifier: Apache-2.0 */
#include "core/grant.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "core/trail.h"

const struct permission grant_right = {"access.grant", "Share single records with people"};

static struct err *must_see(struct web *w, const struct entity *e, i64 id)
{
    return entity_load(w, e, id, arena_alloc(w->arena, e->size));
}

struct err *grant_give(struct web *w, const struct grant *g)
{
    const char *name;
    i64 number;
    bool sees;

    TRY(web_need(w, &grant_right));
    TRY(must_see(w, g->entity, g->record));
    if (g->until && !date_valid(g->until))
        return err_new(ERR_INVALID, "“%.20s” is not a date. Write it as YYYY-MM-DD.", g->until);
    if (g->until && strcmp(g->until, w->today) < 0)
        return err_new(ERR_INVALID, "The last day of the access is past. Choose a later one.");
    TRY(entity_seen_by(w, g->entity, g->record, g->person, &sees));
    if (sees)
        return NULL;
    TRY(db_exec(w->db,
                "insert into access_grant (org_id, id, record, person, may, until)"
                " values ($1, $2, $3, $4, 'read', $5)",
                num(w->org), num(web_id()), num(g->record), num(g->person), str_or_null(g->until)));
    TRY(entity_title(w, feature_entity("person"), g->person, &name, &number));
    trail_event(w, "access.granted", g->entity->name, g->record,
                arena_printf(w->arena, "to: P-%lld\nuntil: %s\nwhy: %s\n", number,
                             g->until ? g->until : "", g->why ? g->why : ""));
    return NULL;
}

struct err *grant_end(struct web *w, const struct entity *e, i64 id, i64 person)
{
    const char *name, *yesterday = date_add(w->arena, w->today, 0, -1);
    i64 number, changed;

    TRY(web_need(w, &grant_right));
    TRY(must_see(w, e, id));
    /* A fact is not taken back: it ends. */
    TRY(db_change(w->db, &changed,
                  "update access_grant set until = $4 where org_id = $1 and record = $2"
                  " and person = $3 and (until is null or until >= $5)",
                  num(w->org), num(id), num(person), str(yesterday), str(w->today)));
    if (!changed)
        return err_new(ERR_MISSING, "Nothing is shared with this person here (any more).");
    TRY(entity_title(w, feature_entity("person"), person, &name, &number));
    trail_event(w, "access.ended", e->name, id, arena_printf(w->arena, "of: P-%lld\n", number));
    return NULL;
}
