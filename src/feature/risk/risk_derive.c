/* SPDX-License-Identifier: Apache-2.0 */
/* Levels of many risks at once, when the matrix changes or a new version of the method comes into
 * force; and the moving of risks to that version. */
#include "base/text.h"
#include "feature/risk/risk_part.h"

/* Levels that nobody may accept: a mark of the method is found in the axes that stand for the
 * level, and its impact is at least that of the mark (method_vetoed). A risk of an earlier version
 * keeps what that said until it moves. */
static struct err *reevaluate_vetoes(struct web *w, i64 target)
{
    struct method_ruler ruler;

    TRY(method_ruler_load(w, target, &ruler));
    return db_exec(
        w->db,
        "update risk set vetoed = n.today, residual_vetoed = n.later from (select k.id as id,"
        " case when exists (select 1 from json_each($3) v where k.impact >="
        " cast(substr(v.value, 1, 2) as bigint)"
        " and replace(k.axes, substr(v.value, 3), '') <> k.axes) then 1 else 0 end as today,"
        " case when exists (select 1 from json_each($3) v where k.last_impact >="
        " cast(substr(v.value, 1, 2) as bigint)"
        " and replace(k.last_axes, substr(v.value, 3), '') <> k.last_axes)"
        " then 1 else 0 end as later from (select r.id as id,"
        " case when r.current_score is null then r.inherent_impact else r.current_impact end"
        " as impact, ',' || case when r.current_score is null then r.inherent_axes"
        " else coalesce(r.current_axes, r.inherent_axes) end || ',' as axes,"
        " case when r.residual_score is not null then r.residual_impact"
        " when r.current_score is null then r.inherent_impact else r.current_impact end"
        " as last_impact, ',' || case when r.residual_score is not null"
        " then coalesce(r.residual_axes, r.current_axes, r.inherent_axes)"
        " when r.current_score is null then r.inherent_axes"
        " else coalesce(r.current_axes, r.inherent_axes) end || ',' as last_axes"
        " from risk r where r.org_id = $1 and r.method = $2 and r.state <> 'closed') k) n"
        " where risk.org_id = $1 and risk.id = n.id"
        " and (risk.vetoed <> n.today or risk.residual_vetoed <> n.later)",
        num(w->org), num(target), str(method_veto_marks(w->arena, &ruler)));
}

/* One statement on derived columns: what it gives is what `derive` gives for each risk. */
static struct err *reevaluate(struct web *w, i64 target)
{
    TRY(reevaluate_vetoes(w, target));
    return db_exec(
        w->db,
        "update risk set inherent_score = n.inherent, inherent_band = n.inherent_in,"
        " current_score = n.today, current_band = n.today_in, residual_score = n.remains,"
        " residual_band = n.remains_in,"
        " score = case when n.closed = 1 then null else coalesce(n.today, n.inherent) end,"
        " band = case when n.closed = 1 then null when n.today is not null then n.today_in"
        " else n.inherent_in end"
        " from (select r.id as id, a.score as inherent, a.band as inherent_in, b.score as today,"
        " b.band as today_in, c.score as remains, c.band as remains_in,"
        " case when r.state = 'closed' then 1 else 0 end as closed from risk r"
        " left join method_moved x on x.org_id = r.org_id and x.target = $2"
        " and x.method = r.method and x.likelihood = r.inherent_likelihood"
        " and x.impact = r.inherent_impact"
        " left join method_cell a on a.org_id = r.org_id and a.method = $2"
        " and a.likelihood = coalesce(x.new_likelihood, r.inherent_likelihood)"
        " and a.impact = coalesce(x.new_impact, r.inherent_impact)"
        " left join method_moved y on y.org_id = r.org_id and y.target = $2"
        " and y.method = r.method and y.likelihood = r.current_likelihood"
        " and y.impact = r.current_impact"
        " left join method_cell b on b.org_id = r.org_id and b.method = $2"
        " and b.likelihood = coalesce(y.new_likelihood, r.current_likelihood)"
        " and b.impact = coalesce(y.new_impact, r.current_impact)"
        " left join method_moved z on z.org_id = r.org_id and z.target = $2"
        " and z.method = r.method and z.likelihood = r.residual_likelihood"
        " and z.impact = r.residual_impact"
        " left join method_cell c on c.org_id = r.org_id and c.method = $2"
        " and c.likelihood = coalesce(z.new_likelihood, r.residual_likelihood)"
        " and c.impact = coalesce(z.new_impact, r.residual_impact)"
        " where r.org_id = $1 and (r.method = $2 or r.method in (select e.method"
        " from method_moved e where e.org_id = $1 and e.target = $2))) n"
        " where risk.org_id = $1 and risk.id = n.id"
        " and (risk.inherent_score is distinct from n.inherent"
        " or risk.inherent_band is distinct from n.inherent_in"
        " or risk.current_score is distinct from n.today"
        " or risk.current_band is distinct from n.today_in"
        " or risk.residual_score is distinct from n.remains"
        " or risk.residual_band is distinct from n.remains_in)",
        num(w->org), num(target));
}

/* The levels become those of the new version; who scored the risk stays. A risk that cannot be
 * saved for another reason keeps its old version, which rule R038 tells. */
static struct err *move_one(struct web *w, i64 id, const struct method_map *map, const char *why)
{
    struct issues issues = {.arena = w->arena};
    struct risk r;

    TRY(entity_load_any(w, &risk_entity, id, &r));
    r.inherent_likelihood = method_map_level(map->likelihood, r.inherent_likelihood);
    r.inherent_impact = method_map_level(map->impact, r.inherent_impact);
    r.current_likelihood = method_map_level(map->likelihood, r.current_likelihood);
    r.current_impact = method_map_level(map->impact, r.current_impact);
    r.residual_likelihood = method_map_level(map->likelihood, r.residual_likelihood);
    r.residual_impact = method_map_level(map->impact, r.residual_impact);
    r.inherent_axes = method_map_axes(w->arena, map, r.inherent_axes, r.inherent_impact);
    r.current_axes = method_map_axes(w->arena, map, r.current_axes, r.current_impact);
    r.residual_axes = method_map_axes(w->arena, map, r.residual_axes, r.residual_impact);
    r.method = map->target;
    r.moved = true;
    TRY(entity_write(w, &risk_entity, &r, why, &issues));
    for (size_t i = 0; !issues.count && method_followers[i]; i++)
        TRY(method_followers[i](w, id, map));
    return NULL;
}

static struct err *move(struct web *w, i64 target, i64 *after, i64 most, size_t *count)
{
    struct method_map map = {0};
    struct method m;
    const char *why;
    struct rows *r;

    TRY(method_load(w, target, &m));
    why = arena_printf(w->arena, "new version M-%lld of the risk method", m.number);
    TRY(db_query(w->db, &r,
                 "select id, method from risk where org_id = $1 and id > $3 and method in"
                 " (select e.method from method_moved e where e.org_id = $1 and e.target = $2)"
                 " order by id limit $4",
                 num(w->org), num(target), num(*after), num(most)));
    *count = row_count(r);
    while (row_next(r)) {
        if (map.from != row_num(r, 1))
            TRY(method_map_load(w, row_num(r, 1), target, &map));
        TRY(move_one(w, row_num(r, 0), &map, why));
        *after = row_num(r, 0);
    }
    return NULL;
}

const struct method_mover risk_mover = {reevaluate, move};
