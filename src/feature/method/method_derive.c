/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of levels, cells and bands are written out of the scales of a version, so that queries,
 * rules and risks find them; the scales are what is logged. */
#include "base/text.h"
#include "core/entity.h"
#include "feature/method/method_part.h"

static struct err *clear(struct web *w, i64 method)
{
    TRY(db_exec(w->db, "delete from method_level where org_id = $1 and method = $2", num(w->org),
                num(method)));
    TRY(db_exec(w->db, "delete from method_axis where org_id = $1 and method = $2", num(w->org),
                num(method)));
    TRY(db_exec(w->db, "delete from method_cell where org_id = $1 and method = $2", num(w->org),
                num(method)));
    return db_exec(w->db, "delete from method_band where org_id = $1 and method = $2", num(w->org),
                   num(method));
}

static struct err *level_row(struct web *w, i64 method, const char *axis, i64 level,
                             const char *const text[2])
{
    return db_exec(w->db,
                   "insert into method_level (org_id, method, axis, level, label, descriptor)"
                   " values ($1, $2, $3, $4, $5, $6)",
                   num(w->org), num(method), str(axis), num(level), str(text[0] ? text[0] : ""),
                   str(text[1] ? text[1] : ""));
}

static struct err *level_rows(struct web *w, i64 method, const struct scales *s)
{
    for (i64 l = 1; l <= s->likelihoods; l++)
        TRY(level_row(w, method, "likelihood", l,
                      (const char *[]){s->likelihood[l - 1], s->likelihood_text[l - 1]}));
    for (i64 i = 1; i <= s->impacts; i++)
        TRY(level_row(w, method, "impact", i,
                      (const char *[]){s->impact[i - 1], scales_impact_text(w->arena, s, i)}));
    for (size_t k = 0; k < s->naxes; k++) {
        const char *axis = arena_printf(w->arena, "impact:%s", s->axes[k].code);

        TRY(db_exec(w->db,
                    "insert into method_axis (org_id, method, axis, position, label, weight, never)"
                    " values ($1, $2, $3, $4, $5, $6, $7)",
                    num(w->org), num(method), str(s->axes[k].code), num((i64)k),
                    str(s->axes[k].label), num(s->axes[k].weight), num(s->axes[k].never)));
        for (i64 i = 1; i <= s->impacts; i++)
            TRY(level_row(w, method, axis, i,
                          (const char *[]){s->impact[i - 1], s->axes[k].text[i - 1]}));
    }
    return NULL;
}

struct err *method_rows(struct web *w, const struct method *m, const struct scales *s)
{
    TRY(clear(w, m->id));
    TRY(level_rows(w, m->id, s));
    for (i64 l = 1; l <= s->likelihoods; l++)
        for (i64 i = 1; i <= s->impacts; i++)
            TRY(db_exec(w->db,
                        "insert into method_cell (org_id, method, likelihood, impact, score, band)"
                        " values ($1, $2, $3, $4, $5, $6)",
                        num(w->org), num(m->id), num(l), num(i), num(s->cells[l - 1][i - 1]),
                        str(scale_bands[scales_band(s, s->cells[l - 1][i - 1])])));
    for (size_t b = 0; b < METHOD_BANDS; b++)
        if (s->bands[b].label)
            TRY(db_exec(w->db,
                        "insert into method_band (org_id, method, band, position, label, tone,"
                        " meaning, action) values ($1, $2, $3, $4, $5, $6, $7, $8)",
                        num(w->org), num(m->id), str(scale_bands[b]), num((i64)b),
                        str(s->bands[b].label), str(scale_tones[b]),
                        str(s->bands[b].meaning ? s->bands[b].meaning : ""),
                        str(s->bands[b].action ? s->bands[b].action : "")));
    return NULL;
}

/* A draft that is in use already may not lose or gain levels: what was scored would mean something
 * else. A new version does that, with a map. */
static struct err *check_in_use(struct web *w, const struct method *m, const struct scales *s,
                                struct issues *out)
{
    struct rows *r;
    i64 count;

    if (!m->id || (m->levels == s->likelihoods && m->impact_levels == s->impacts))
        return NULL;
    TRY(db_query(w->db, &r,
                 "select count(*) from risk where org_id = $1 and method = $2 and"
                 " (inherent_likelihood is not null or current_likelihood is not null"
                 " or residual_likelihood is not null)",
                 num(w->org), num(m->id)));
    count = row_next(r) ? row_num(r, 0) : 0;
    if (count)
        issue(out, m->levels != s->likelihoods ? "likelihoods" : "impacts",
              "%lld risks were scored with this draft, so it keeps its number of levels. Make a "
              "new version: its map says what becomes of the old levels.",
              count);
    return NULL;
}

struct err *method_store(struct web *w, struct method *m, const struct scales *s,
                         const char *reason, struct issues *out)
{
    bool used = m->id != 0;

    scales_check(s, out);
    TRY(check_in_use(w, m, s, out));
    if (out->count)
        return NULL;
    m->levels = s->likelihoods;
    m->impact_levels = s->impacts;
    m->scales = scales_text(w->arena, s);
    TRY(entity_write(w, &method_entity, m, reason, out));
    if (out->count)
        return NULL;
    TRY(method_rows(w, m, s));
    for (size_t i = 0; used && method_movers[i]; i++)
        TRY(method_movers[i]->reevaluate(w, m->id));
    return NULL;
}

/* The cells of the version before, and of those before that, whose cells end in it. */
struct err *method_moved_rows(struct web *w, const struct method *m, const struct scales *s)
{
    for (i64 l = 1; l <= s->before_likelihoods; l++)
        for (i64 i = 1; i <= s->before_impacts; i++)
            TRY(db_exec(w->db,
                        "insert into method_moved (org_id, target, method, likelihood, impact,"
                        " new_likelihood, new_impact) values ($1, $2, $3, $4, $5, $6, $7)",
                        num(w->org), num(m->id), num(m->base), num(l), num(i),
                        num(s->map_likelihood[l - 1]), num(s->map_impact[i - 1])));
    return db_exec(w->db,
                   "insert into method_moved (org_id, target, method, likelihood, impact,"
                   " new_likelihood, new_impact) select e.org_id, $2, e.method, e.likelihood,"
                   " e.impact, n.new_likelihood, n.new_impact from method_moved e"
                   " join method_moved n on n.org_id = e.org_id and n.target = $2"
                   " and n.method = $3 and n.likelihood = e.new_likelihood"
                   " and n.impact = e.new_impact where e.org_id = $1 and e.target = $3",
                   num(w->org), num(m->id), num(m->base));
}
