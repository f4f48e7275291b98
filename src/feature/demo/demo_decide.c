/* SPDX-License-Identifier: Apache-2.0 */
/* What people of the example company decide. Four eyes hold here as on the pages. */
#include "base/text.h"
#include "core/app.h"
#include "core/decision.h"
#include "feature/assessment/assessment.h"
#include "feature/demo/demo_part.h"
#include "feature/method/method.h"
#include "feature/risk/risk.h"

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
    return decision_record(w, "method", &method_entity, id, body, &d, &id);
}

/* Up to the acceptance level the owner decides, above it top management, for a time. */
static struct err *approve_risk(struct web *w, const struct demo_story *s,
                                const struct demo_row *r, i64 id)
{
    struct risk risk;
    struct method m;
    struct decision d;
    const char *body;
    bool above;

    TRY(entity_load(w, &risk_entity, id, &risk));
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
    return decision_record(w, above ? "risk.acceptance" : "risk.treatment", &risk_entity, id, body,
                           &d, &id);
}

struct err *demo_decide(struct web *w, const struct demo_story *s, const struct demo_row *r)
{
    const char *kind = demo_cell(r, "kind"), *subject = demo_cell(r, "subject");
    i64 id;

    if (text_equal(kind, "method")) {
        TRY(demo_find(w, s, &method_entity, subject, &id));
        return approve_method(w, r, id);
    }
    if (text_equal(kind, "risk")) {
        TRY(demo_find(w, s, &risk_entity, subject, &id));
        return id ? approve_risk(w, s, r, id) : demo_wrong(r, "there is no such risk.");
    }
    return demo_wrong(r, "there is no such kind of decision.");
}
