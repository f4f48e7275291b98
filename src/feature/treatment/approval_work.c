/* SPDX-License-Identifier: Apache-2.0 */
/* Decisions as work of people (core/work.h): those that wait, and the days on which an acceptance
 * ends. */
#include "base/text.h"
#include "base/words.h"
#include "core/work.h"
#include "feature/treatment/treatment_web.h"

static struct err *waiting(struct web *w, i64 person, bool given, struct work_list *out)
{
    struct rows *r;

    if (given || person != w->person || w->asof)
        return NULL;
    TRY(approvals_waiting(w, &r));
    while (row_next(r)) {
        struct work_item item = {.entity = &risk_entity,
                                 .id = row_num(r, 5),
                                 .number = row_num(r, 0),
                                 .kind = "approval",
                                 .kind_label = "Decision",
                                 .title = row_text(r, 1),
                                 .what = "To decide",
                                 .person = person};

        item.address = web_url(w, "/risks/R-%lld/approval", item.number);
        item.uid = arena_printf(w->arena, "approval-%lld", item.id);
        work_add(out, &item);
    }
    if (!web_may(w, &risk_accept))
        return NULL;
    TRY(db_query(w->db, &r,
                 "select id, number, title, author from plan_version where org_id = $1"
                 " and state = 'submitted' order by number",
                 num(w->org)));
    return work_add_decisions(out, &plan_version_entity, &risk_accept, r);
}

/* The newest acceptance of each open risk, for whoever sees the risk. */
static struct err *ending(struct web *w, i64 person, const char *const range[2],
                          struct work_list *out)
{
    bool all = !person && entity_sees_all(w, &risk_entity);
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select r.id, r.number, r.title, d.expires, r.owner from decision d join risk r"
                 " on r.org_id = d.org_id and r.id = d.subject where d.org_id = $1"
                 " and d.kind = 'risk.acceptance' and d.outcome = 'approved' and r.state = 'open'"
                 " and d.expires >= $2 and d.expires <= $3 and ($4 = 1 or r.owner = $5)"
                 " and d.decided_at = (select max(b.decided_at) from decision b"
                 " where b.org_id = d.org_id and b.subject = d.subject and b.kind = d.kind)"
                 " order by d.expires, r.id limit $6",
                 num(w->org), str(range[0]), str(range[1]), num(all), num(w->person),
                 num(WORK_MOST)));
    while (row_next(r)) {
        struct work_item item = {.entity = &risk_entity,
                                 .id = row_num(r, 0),
                                 .number = row_num(r, 1),
                                 .kind = "approval",
                                 .kind_label = "Decision",
                                 .title = row_text(r, 2),
                                 .what = N_("Acceptance ends"),
                                 .date = row_str(r, 3),
                                 .dated = DATED_EXPIRY,
                                 .person = row_num(r, 4),
                                 .weight = 3};

        item.address = web_url(w, "/risks/R-%lld/approval", item.number);
        item.uid = arena_printf(w->arena, "acceptance-%lld", item.id);
        work_add(out, &item);
    }
    return NULL;
}

static struct err *risk_of(struct web *w, const struct action *a, i64 *id)
{
    struct rows *r;

    TRY(db_query(w->db, &r, "select risk from treatment where org_id = $1 and id = $2", num(w->org),
                 num(a->treatment)));
    if (row_next(r))
        *id = row_num(r, 0);
    return NULL;
}

/* The plan of a risk waits for its owner, or for top management above the acceptance level. */
static struct err *asks(struct web *w, const struct entity *e, const void *before,
                        const void *after, struct work_ask *out)
{
    i64 id = 0;
    struct rows *r;
    bool above;

    (void)before;
    if (e == &risk_entity)
        id = ((const struct risk *)after)->id;
    else if (e == &treatment_entity)
        id = ((const struct treatment *)after)->risk;
    else if (e == &action_entity)
        TRY(risk_of(w, after, &id));
    if (!id)
        return NULL;
    TRY(approval_wanted(w, id, &r));
    if (!row_next(r))
        return NULL;
    above = row_num(r, 2) > row_num(r, 3);
    *out =
        (struct work_ask){.record = id,
                          .person = above ? 0 : row_num(r, 4),
                          .right = above ? &risk_accept : NULL,
                          .label = arena_printf(w->arena, "R-%lld", row_num(r, 0)),
                          .title = row_text(r, 1),
                          .path = "/approval",
                          .cause = arena_printf(w->arena, "decide:%lld:%lld", id, row_num(r, 5))};
    if (!above && !out->person)
        out->record = 0;
    return NULL;
}

const struct work_source treatment_work[] = {
    {"approval", "Decisions", waiting, ending, NULL, asks},
    {"exception",   "Exceptions to decide", exemption_to_decide, NULL, NULL, exemption_asks},
    {0     },
};
