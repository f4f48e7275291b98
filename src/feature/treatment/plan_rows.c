/* SPDX-License-Identifier: Apache-2.0 */
/* What the plan shows beside its actions, for the actions of one page; and the figures of all. */
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "base/words.h"
#include "core/kept.h"
#include "feature/risk/risk.h"
#include "feature/treatment/treatment_web.h"

static struct err *read_rows(struct web *w, const char *ids, struct rows **out)
{
    return db_query(
        w->db, out,
        "select a.id, k.number, k.title, t.number, t.option, c.code, p.name, v.name,"
        " k.residual_score, b.label, b.tone,"
        " case when exists (select 1 from decision d where d.org_id = k.org_id"
        " and d.subject = k.id and d.outcome = 'approved' and (d.expires is null"
        " or d.expires >= $3) and d.kind = case when coalesce(k.residual_score, k.score)"
        " > m.acceptance then 'risk.acceptance' else 'risk.treatment' end"
        " and d.decided_at = (select max(e.decided_at) from decision e where e.org_id = d.org_id"
        " and e.subject = d.subject and e.kind = d.kind)"
        " and d.decided_at >= (select max(h.valid_from) from risk_history h"
        " where h.org_id = k.org_id and h.id = k.id)"
        " and d.decided_at >= (select max(case when h.valid_to < 9223372036854775807"
        " then h.valid_to else h.valid_from end) from treatment_history h"
        " where h.org_id = k.org_id and h.risk = k.id)"
        " and d.decided_at >= " ACTIONS_CHANGED_OF_K ") then 1 else 0 end,"
        " case when exists (select 1 from action_needs l join action n on n.org_id = "
        "l.org_id"
        " and n.id = l.target where l.org_id = a.org_id and l.record = a.id"
        " and n.status in ('planned', 'in-progress')) then 1 else 0 end, s.own, k.id"
        " from (select x.id as action, x.treatment as treatment, 1 as own from action x"
        " where x.org_id = $1 and x.id in (select cast(value as bigint) from json_each($2))"
        " union all select l.record, l.target, 0 from action_also l where l.org_id = $1"
        " and l.record in (select cast(value as bigint) from json_each($2))) s"
        " join action a on a.org_id = $1 and a.id = s.action"
        " join treatment t on t.org_id = a.org_id and t.id = s.treatment"
        " join risk k on k.org_id = t.org_id and k.id = t.risk"
        " join method m on m.org_id = k.org_id and m.id = k.method"
        " left join method_band b on b.org_id = k.org_id and b.method = k.method"
        " and b.band = k.residual_band"
        " left join control c on c.org_id = a.org_id and c.id = a.control"
        " left join person p on p.org_id = a.org_id and p.id = a.owner"
        " left join person v on v.org_id = a.org_id and v.id = a.verifier"
        " order by s.own desc, k.number",
        num(w->org), str(ids), str(w->today));
}

/* A row for each treatment, the action's own first. */
static struct err *fill(struct web *w, const struct rows *r, struct plan_row *out)
{
    const struct action *a = out->action;

    if (!row_num(r, 13)) {
        out->more += row_num(r, 1) != out->risk_number;
        out->approved = out->approved && row_num(r, 11) != 0;
        return NULL;
    }
    out->risk_number = row_num(r, 1);
    out->risk_title = row_text(r, 2);
    out->treatment_number = row_num(r, 3);
    out->option = row_text(r, 4);
    out->control = row_text(r, 5);
    out->owner = row_text(r, 6);
    out->verifier = row_text(r, 7);
    out->expected = row_num(r, 8);
    out->expected_band = row_text(r, 9);
    out->expected_tone = row_text(r, 10);
    out->approved = row_num(r, 11) != 0;
    out->waits = row_num(r, 12) != 0;
    out->late = a->due && strcmp(a->due, w->today) < 0 && !text_equal(a->status, "done") &&
                !text_equal(a->status, "cancelled");
    return entity_hidden(w, &risk_entity, row_num(r, 14), &out->hidden);
}

struct err *plan_rows_load(struct web *w, const struct action *list, size_t n,
                           struct plan_rows *out)
{
    struct rows *r;
    struct buf b;

    out->list = NEW_ARRAY(w->arena, struct plan_row, n + 1);
    out->count = n;
    buf_init(&b, w->arena, 22 * n + 3);
    buf_char(&b, '[');
    for (size_t i = 0; i < n; i++)
        buf_printf(&b, "%s%lld", i ? "," : "", list[i].id);
    buf_char(&b, ']');
    TRY(read_rows(w, b.data, &r));
    for (size_t i = 0; i < n; i++) {
        out->list[i] = (struct plan_row){.action = &list[i], .risk_title = "", .option = ""};
        row_rewind(r);
        while (row_next(r))
            if (row_num(r, 0) == list[i].id)
                TRY(fill(w, r, &out->list[i]));
    }
    return NULL;
}

struct err *plan_also(struct web *w, i64 action, const char **out)
{
    struct rows *r;
    struct buf b;

    buf_init(&b, w->arena, 60);
    TRY(db_query(w->db, &r,
                 "select distinct k.number from action_also l join treatment t"
                 " on t.org_id = l.org_id and t.id = l.target join risk k on k.org_id = t.org_id"
                 " and k.id = t.risk where l.org_id = $1 and l.record = $2 and k.id <> (select"
                 " o.risk from action a join treatment o on o.org_id = a.org_id"
                 " and o.id = a.treatment where a.org_id = $1 and a.id = $2) order by k.number",
                 num(w->org), num(action)));
    while (row_next(r))
        buf_printf(&b, "%sR-%lld", b.size ? ", " : "", row_num(r, 0));
    *out = b.data;
    return NULL;
}

/* --- figures --- */

static struct err *count_approved(struct web *w, struct plan_totals *out)
{
    struct rows *r;

    TRY(kept_query(
        w, &r,
        "select count(*), sum(case when exists (select 1 from decision d where d.org_id = k.org_id"
        " and d.subject = k.id and d.outcome = 'approved' and (d.expires is null"
        " or d.expires >= $2) and d.kind = case when coalesce(k.residual_score, k.score)"
        " > m.acceptance then 'risk.acceptance' else 'risk.treatment' end"
        " and d.decided_at = (select max(e.decided_at) from decision e where e.org_id = d.org_id"
        " and e.subject = d.subject and e.kind = d.kind)"
        " and d.decided_at >= (select max(h.valid_from) from risk_history h"
        " where h.org_id = k.org_id and h.id = k.id)"
        " and d.decided_at >= (select max(case when h.valid_to < 9223372036854775807"
        " then h.valid_to else h.valid_from end) from treatment_history h"
        " where h.org_id = k.org_id and h.risk = k.id)"
        " and d.decided_at >= " ACTIONS_CHANGED_OF_K ") then 1 else 0 end)"
        " from risk k join method m on m.org_id = k.org_id and m.id = k.method"
        " where k.org_id = $1 and k.state = 'open' and k.treated > 0",
        DB_VALS(num(w->org), str(w->today)), 2));
    if (row_next(r)) {
        out->risks = row_num(r, 0);
        out->approved = row_num(r, 1);
    }
    return NULL;
}

struct err *plan_totals_load(struct web *w, struct plan_totals *out)
{
    struct rows *r;

    *out = (struct plan_totals){.version_state = ""};
    TRY(kept_query(w, &r,
                   "select count(*), sum(case when status = 'done' then 1 else 0 end),"
                   " sum(case when verified_on is not null then 1 else 0 end),"
                   " sum(case when due < $2 and status <> 'done' then 1 else 0 end),"
                   " sum(coalesce(progress, 0)), sum(coalesce(budget, 0)),"
                   " sum(coalesce(spent, 0)), sum(case when budget is null then 1 else 0 end)"
                   " from action where org_id = $1 and status <> 'cancelled'",
                   DB_VALS(num(w->org), str(w->today)), 2));
    if (row_next(r)) {
        out->actions = row_num(r, 0);
        out->done = row_num(r, 1);
        out->verified = row_num(r, 2);
        out->late = row_num(r, 3);
        out->progress = out->actions ? row_num(r, 4) / out->actions : 0;
        out->budget = row_num(r, 5);
        out->spent = row_num(r, 6);
        out->without_budget = row_num(r, 7);
    }
    TRY(count_approved(w, out));
    TRY(kept_query(w, &r,
                   "select number, state from plan_version where org_id = $1"
                   " order by number desc limit 1",
                   DB_VALS(num(w->org)), 1));
    if (row_next(r)) {
        out->version = row_num(r, 0);
        out->version_state = row_text(r, 1);
    }
    return NULL;
}
