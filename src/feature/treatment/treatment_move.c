/* SPDX-License-Identifier: Apache-2.0 */
/* What treatments are expected to reach, in the levels of a new version of the risk method. */
#include "base/text.h"
#include "feature/method/method.h"
#include "feature/treatment/treatment.h"

/* A treatment that cannot be saved for another reason stays as it is. */
struct err *treatment_follow(struct web *w, i64 risk, const struct method_map *map)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select id from treatment where org_id = $1 and risk = $2"
                 " and (expected_likelihood is not null or expected_impact is not null)",
                 num(w->org), num(risk)));
    while (row_next(r)) {
        struct issues issues = {.arena = w->arena};
        struct treatment t;

        TRY(entity_load_any(w, &treatment_entity, row_num(r, 0), &t));
        t.expected_likelihood = method_map_level(map->likelihood, t.expected_likelihood);
        t.expected_impact = method_map_level(map->impact, t.expected_impact);
        t.expected_axes = method_map_axes(w->arena, map, t.expected_axes, t.expected_impact);
        t.moved = true;
        TRY(entity_write(w, &treatment_entity, &t, "new version of the risk method", &issues));
    }
    return NULL;
}
