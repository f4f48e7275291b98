/* SPDX-License-Identifier: Apache-2.0 */
/* What the home page shows besides the rules, read once per change in the same snapshot: the map of
 * risks, decisions that wait, and what comes up. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "feature/readiness/readiness_part.h"
#include "feature/treatment/treatment.h"

#define SHOWN 5

static void take_heat(struct rows *r, struct readiness *out)
{
    while (row_next(r)) {
        i64 l = row_num(r, 0), i = row_num(r, 1);

        if (l < 1 || l > READINESS_LEVELS || i < 1 || i > READINESS_LEVELS)
            continue;
        out->heat[l][i] = row_num(r, 2);
        out->heat_count += row_num(r, 2);
    }
}

/* Colours of the matrix in use, that of method_current. */
static struct err *read_tones(struct db *db, i64 org, struct arena *a, struct readiness *out)
{
    struct rows *r;

    TRY(db_query(db, &r,
                 "select c.likelihood, c.impact, b.tone, m.levels,"
                 " coalesce(m.impact_levels, m.levels) from method m"
                 " join method_cell c on c.org_id = m.org_id and c.method = m.id"
                 " join method_band b on b.org_id = c.org_id and b.method = c.method"
                 " and b.band = c.band where m.org_id = $1 and m.id ="
                 " (select g.id from method g where g.org_id = $1 and g.state <> 'retired' order by"
                 " case when g.state = 'approved' then 0 else 1 end,"
                 " case when g.state = 'approved' then -g.number else g.number end limit 1)",
                 num(org)));
    while (row_next(r)) {
        i64 l = row_num(r, 0), i = row_num(r, 1), levels = row_num(r, 3);

        if (l < 1 || l > READINESS_LEVELS || i < 1 || i > READINESS_LEVELS)
            continue;
        out->tones[l][i] = arena_str(a, row_text(r, 2));
        out->levels = levels <= READINESS_LEVELS ? (int)levels : 0;
        out->impact_levels = row_num(r, 4) <= READINESS_LEVELS ? (int)row_num(r, 4) : 0;
    }
    return NULL;
}

static struct err *read_heat(struct db *db, i64 org, struct readiness *out)
{
    struct rows *r;

    TRY(db_query(db, &r, "select count(*) from risk where org_id = $1 and state = 'open'",
                 num(org)));
    out->open_risks = row_next(r) ? row_num(r, 0) : 0;
    TRY(db_query(db, &r,
                 "select current_likelihood, current_impact, count(*) from risk where org_id = $1"
                 " and state = 'open' and current_likelihood is not null"
                 " and current_impact is not null group by current_likelihood, current_impact",
                 num(org)));
    take_heat(r, out);
    out->heat_current = out->heat_count > 0;
    if (out->heat_current)
        return NULL;
    TRY(db_query(db, &r,
                 "select inherent_likelihood, inherent_impact, count(*) from risk where org_id = $1"
                 " and state = 'open' and inherent_likelihood is not null"
                 " and inherent_impact is not null group by inherent_likelihood, inherent_impact",
                 num(org)));
    take_heat(r, out);
    return NULL;
}

/* --- decisions that wait --- */

/* Treated risks without a decision that is newer than their last change (the condition of R060),
 * the first five of each owner, and of top management for those above the acceptance level. */
static struct err *read_waiting_risks(struct db *db, const struct rules_scope *scope,
                                      struct rows **out)
{
    return db_query(
        db, out,
        "with changed as (select t.risk as risk_id, max(case when t.valid_to <= $2"
        " then t.valid_to else t.valid_from end) as moment from treatment_history t"
        " where t.org_id = $1 and t.valid_from <= $2 group by t.risk),"
        " steps as (select t.risk as risk_id, max(case when n.id is null and h.valid_to <= $2"
        " then h.valid_to when " ACTION_DIFFERS " then h.valid_from else 0 end) as moment"
        " from treatment t join action_history h on h.org_id = t.org_id and h.treatment = t.id"
        " left join action_history p on p.org_id = h.org_id and p.id = h.id"
        " and p.version = h.version - 1 left join action_history n on n.org_id = h.org_id"
        " and n.id = h.id and n.version = h.version + 1"
        " where t.org_id = $1 and h.valid_from <= $2 group by t.risk),"
        " decided as (select d.subject as risk_id, max(d.decided_at) as moment from decision d"
        " where d.org_id = $1 and d.kind in ('risk.treatment', 'risk.acceptance')"
        " and d.decided_at <= $2 group by d.subject),"
        " waiting as (select r.number as number, r.title as title, coalesce(r.score, 0) as score,"
        " r.id as id, case when coalesce(r.residual_score, r.score, 0) > m.acceptance then 0"
        " else coalesce(r.owner, -1) end as owner from risk r"
        " join method m on m.org_id = r.org_id and m.id = r.method"
        " join risk_history h on h.org_id = r.org_id and h.id = r.id and h.version = r.version"
        " left join changed x on x.risk_id = r.id left join decided y on y.risk_id = r.id"
        " left join steps z on z.risk_id = r.id"
        " where r.org_id = $1 and r.state = 'open' and r.treated > 0 and (y.moment is null"
        " or y.moment < h.valid_from or y.moment < x.moment or y.moment < z.moment))"
        " select v.owner, v.number, v.title, v.place, v.total from (select w.owner as owner,"
        " w.number as number, w.title as title, count(*) over (partition by w.owner) as total,"
        " row_number() over (partition by w.owner order by w.score desc, w.id) as place"
        " from waiting w) v where v.place <= $3 and v.owner >= 0 order by v.owner, v.place",
        num(scope->org), num(scope->at), num(SHOWN));
}

/* Papers for those who may approve them. */
static struct err *read_waiting_papers(struct db *db, const struct rules_scope *scope,
                                       struct rows **out)
{
    return db_query(
        db, out,
        "select 'soa' as kind, s.number as number, s.title as title from soa s"
        " where s.org_id = $1 and s.state = 'submitted'"
        " union all select 'assessment' as kind, a.number as number, a.title as title"
        " from assessment a where a.org_id = $1 and a.state = 'closed' and not exists"
        " (select 1 from decision d where d.org_id = a.org_id and d.subject = a.id"
        " and d.kind = 'assessment' and d.decided_at <= $2)"
        " union all select 'method' as kind, m.number as number, m.title as title from method m"
        " where m.org_id = $1 and (m.state = 'submitted' or (m.state = 'draft' and not exists"
        " (select 1 from method g where g.org_id = m.org_id and g.state = 'approved')))",
        num(scope->org), num(scope->at));
}

static struct err *read_waiting(struct db *db, const struct rules_scope *scope, struct arena *a,
                                struct readiness *out)
{
    struct rows *risks, *papers;
    struct readiness_waiting *w;

    TRY(read_waiting_risks(db, scope, &risks));
    TRY(read_waiting_papers(db, scope, &papers));
    w = NEW_ARRAY(a, struct readiness_waiting, row_count(risks) + row_count(papers) + 1);
    out->waiting = w;
    for (; row_next(papers); out->nwaiting++)
        w[out->nwaiting] = (struct readiness_waiting){
            .right = arena_printf(a, "%s.approve", row_text(papers, 0)),
            .kind = arena_str(a, row_text(papers, 0)),
            .number = row_num(papers, 1),
            .title = arena_str(a, row_text(papers, 2)),
            .place = 1,
            .count = 1,
        };
    for (; row_next(risks); out->nwaiting++)
        w[out->nwaiting] = (struct readiness_waiting){
            .owner = row_num(risks, 0),
            .right = row_num(risks, 0) ? NULL : "risk.accept",
            .kind = "risk",
            .number = row_num(risks, 1),
            .title = arena_str(a, row_text(risks, 2)),
            .place = row_num(risks, 3),
            .count = row_num(risks, 4),
        };
    return NULL;
}

/* --- what comes up --- */

static struct err *read_coming(struct db *db, const struct rules_scope *scope, struct arena *a,
                               struct readiness *out)
{
    struct rows *r;

    TRY(db_query(
        db, &r,
        "select x.day, x.what, x.kind, x.number, x.title from ("
        "select n.day, n.what, n.kind, n.number, n.title from (select n.due as day,"
        " 'Action due' as what, 'action' as kind, n.number as number, n.title as title"
        " from action n where n.org_id = $1 and n.status in ('planned', 'in-progress')"
        " and n.due <= $3 order by n.due limit $4) n"
        " union all select t.day, t.what, t.kind, t.number, t.title from (select t.expires as day,"
        " 'Risk retained until' as what, 'treatment' as kind, t.number as number, t.title as title"
        " from treatment t where t.org_id = $1 and t.option = 'retain' and t.state <> 'cancelled'"
        " and t.expires <= $3 order by t.expires limit $4) t"
        " union all select d.day, d.what, d.kind, d.number, d.title from (select d.expires as day,"
        " 'Acceptance ends' as what, 'risk' as kind, r.number as number, r.title as title"
        " from decision d join risk r on r.org_id = d.org_id and r.id = d.subject"
        " where d.org_id = $1 and d.kind = 'risk.acceptance' and d.outcome = 'approved'"
        " and d.expires >= $2 and d.expires <= $3 order by d.expires limit $4) d"
        " union all select k.day, k.what, k.kind, k.number, k.title from (select k.review_on as "
        "day,"
        " 'Review of the risk' as what, 'risk' as kind, k.number as number, k.title as title"
        " from risk k where k.org_id = $1 and k.state = 'open' and k.review_on <= $3"
        " order by k.review_on limit $4) k) x order by x.day, x.kind, x.number limit $4",
        num(scope->org), str(scope->today), str(date_add(a, scope->today, 0, 90)),
        num(READINESS_COMING)));
    out->coming = NEW_ARRAY(a, struct readiness_coming, row_count(r) + 1);
    for (; row_next(r); out->ncoming++)
        out->coming[out->ncoming] = (struct readiness_coming){
            .date = arena_str(a, row_text(r, 0)),
            .what = arena_str(a, row_text(r, 1)),
            .kind = arena_str(a, row_text(r, 2)),
            .number = row_num(r, 3),
            .title = arena_str(a, row_text(r, 4)),
        };
    return NULL;
}

struct err *readiness_facts(struct db *db, const struct rules_scope *scope, struct arena *a,
                            struct readiness *out)
{
    TRY(read_heat(db, scope->org, out));
    TRY(read_tones(db, scope->org, a, out));
    TRY(read_waiting(db, scope, a, out));
    return read_coming(db, scope, a, out);
}
