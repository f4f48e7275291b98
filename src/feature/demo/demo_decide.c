/* SPDX-License-Identifier: Apache-2.0 */
/* What people of the example company decide. Four eyes hold here as on the pages. */
#include "base/text.h"
#include "core/app.h"
#include "core/decision.h"
#include "feature/assessment/assessment.h"
#include "feature/classification/classification.h"
#include "feature/control/control.h"
#include "feature/demo/demo_part.h"
#include "feature/method/method.h"
#include "feature/risk/risk.h"
#include "feature/soa/soa.h"

static struct err *save(struct web *w, const struct demo_row *r, const struct entity *e,
                        void *record, const char *reason)
{
    struct issues issues = {.arena = w->arena};

    TRY(entity_write(w, e, record, reason, &issues));
    return issues.count ? demo_wrong(r, issues.list[0].text) : NULL;
}

/* The right to decide, and that it is not one's own work. */
static struct err *may_decide(struct web *w, const struct demo_row *r,
                              const struct permission *right, i64 author)
{
    bool alone;

    TRY(web_need(w, right));
    TRY(decision_four_eyes(w, author, right, &alone));
    return alone ? demo_wrong(r, "nobody else could decide.") : NULL;
}

static struct decision given(const struct demo_row *r, const char *role)
{
    const char *comment = demo_cell(r, "comment");

    return (struct decision){
        .outcome = "approved", .role = role, .comment = *comment ? comment : NULL};
}

static struct err *approve_method(struct web *w, const struct demo_row *r, i64 id)
{
    struct decision d = given(r, "approver of the risk method");
    struct method m;
    const char *body;

    TRY(entity_load(w, &method_entity, id, &m));
    TRY(may_decide(w, r, &method_approve, m.author));
    m.state = "approved";
    TRY(save(w, r, &method_entity, &m, "approved"));
    TRY(method_freeze(w, &m, &body));
    d.kind = "method";
    return decision_record(w, &method_entity, id, body, &d, &id);
}

static struct err *approve_scheme(struct web *w, const struct demo_row *r, i64 id)
{
    struct decision d = given(r, "approver of the classification");
    struct scheme s;
    const char *body;

    TRY(entity_load(w, &scheme_entity, id, &s));
    TRY(may_decide(w, r, &classification_approve, s.author));
    s.state = "active";
    TRY(save(w, r, &scheme_entity, &s, "approved"));
    TRY(classification_freeze(w, id, &body));
    d.kind = "scheme";
    return decision_record(w, &scheme_entity, id, body, &d, &id);
}

/* Up to the acceptance level the owner decides, above it top management, for a time. */
static struct err *approve_risk(struct web *w, const struct demo_story *s, const struct demo_row *r,
                                i64 id)
{
    struct risk risk;
    struct method m;
    struct decision d;
    const char *body, *veto;
    bool above;

    TRY(entity_load(w, &risk_entity, id, &risk));
    TRY(risk_veto(w, &risk, false, &veto));
    if (*veto)
        return demo_wrong(r, "nobody may accept what remains.");
    TRY(method_load(w, risk.method, &m));
    above = (risk.residual_score ? risk.residual_score : risk.score) > m.acceptance;
    if (!above && risk.owner != w->person)
        return demo_wrong(r, "the owner decides here.");
    if (above && !*demo_cell(r, "expires"))
        return demo_wrong(r, "an acceptance above the level ends on a day.");
    TRY(may_decide(w, r, above ? &risk_accept : &risk_approve, risk.analyst));
    d = given(r, above ? "top management" : "risk owner");
    d.expires = above ? demo_date(s, demo_cell(r, "expires")) : NULL;
    TRY(risk_freeze(w, id, &body));
    d.kind = above ? "risk.acceptance" : "risk.treatment";
    return decision_record(w, &risk_entity, id, body, &d, &id);
}

/* --- the round of assessment --- */

static struct err *close_round(struct web *w, const struct demo_row *r, i64 id)
{
    struct assessment a;
    struct blocker *blockers;
    json_t *whole;
    size_t n;
    i64 open;

    TRY(web_need(w, &assessment_write));
    TRY(entity_load(w, &assessment_entity, id, &a));
    TRY(assessment_blockers(w, 1, &blockers, &n, &open));
    if (n)
        return demo_wrong(r,
                          arena_printf(w->arena, "%s: %s", blockers[0].title, blockers[0].reason));
    TRY(assessment_gather(w, &a, &whole));
    TRY(assessment_freeze(w, &a, whole));
    return save(w, r, &assessment_entity, &a, "closed");
}

static struct err *approve_report(struct web *w, const struct demo_row *r, i64 id)
{
    struct decision d = given(r, "top management");
    struct assessment a;

    TRY(entity_load(w, &assessment_entity, id, &a));
    TRY(may_decide(w, r, &assessment_approve, a.author));
    d.kind = "assessment";
    return decision_record(w, &assessment_entity, id, a.body, &d, &id);
}

/* --- the Statement of Applicability --- */

static struct err *submit_soa(struct web *w, const struct demo_row *r)
{
    struct issues issues = {.arena = w->arena};
    struct soa_table t;
    struct soa s = {.state = "submitted",
                    .title = "Statement of Applicability, version 1",
                    .author = w->person};

    TRY(web_need(w, &soa_write));
    TRY(soa_rows(w, &t));
    soa_blockers(w, &t, &issues);
    if (issues.count)
        return demo_wrong(r, issues.list[0].text);
    s.body = soa_freeze(w, &t);
    s.body_hash = decision_hash(w->arena, s.body);
    s.applicable = t.applicable;
    s.excluded = t.excluded;
    s.implemented = t.implemented;
    return save(w, r, &soa_entity, &s, NULL);
}

static struct err *approve_soa(struct web *w, const struct demo_row *r)
{
    struct decision d = given(r, NULL);
    struct rows *rows;
    struct soa s;
    i64 id;

    TRY(db_query(w->db, &rows,
                 "select id from soa where org_id = $1 and state = 'submitted' order by id limit 1",
                 num(w->org)));
    if (!row_next(rows))
        return demo_wrong(r, "no statement waits for approval.");
    id = row_num(rows, 0);
    TRY(entity_load(w, &soa_entity, id, &s));
    TRY(may_decide(w, r, &soa_approve, s.author));
    s.state = "approved";
    TRY(save(w, r, &soa_entity, &s, NULL));
    d.kind = "soa";
    return decision_record(w, &soa_entity, id, s.body, &d, &id);
}

/* --- all of them --- */

struct err *demo_decide(struct web *w, const struct demo_story *s, const struct demo_row *r)
{
    static const struct {
        const char *kind;
        const struct entity *subject;
    } kinds[] = {
        {"method", &method_entity    },
        {"scheme", &scheme_entity    },
        {"risk",   &risk_entity      },
        {"close",  &assessment_entity},
        {"report", &assessment_entity}
    };
    const char *kind = demo_cell(r, "kind");
    i64 id = 0;

    if (text_equal(kind, "submit"))
        return submit_soa(w, r);
    if (text_equal(kind, "soa"))
        return approve_soa(w, r);
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (text_equal(kind, kinds[i].kind))
            TRY(demo_find(w, s, kinds[i].subject, demo_cell(r, "subject"), &id));
    if (!id)
        return demo_wrong(r, "there is no such decision or no such subject.");
    if (text_equal(kind, "method"))
        return approve_method(w, r, id);
    if (text_equal(kind, "scheme"))
        return approve_scheme(w, r, id);
    if (text_equal(kind, "risk"))
        return approve_risk(w, s, r, id);
    return text_equal(kind, "close") ? close_round(w, r, id) : approve_report(w, r, id);
}
