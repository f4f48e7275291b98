/* SPDX-License-Identifier: Apache-2.0 */
/* The owner of a risk approves its treatment plan and what remains (ISO/IEC 27001 6.1.3 f); above
 * the acceptance level top management accepts, for a time. Both freeze what was shown. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "core/decision.h"
#include "core/page.h"
#include "core/trail.h"
#include "feature/method/method.h"
#include "feature/organisation/organisation.h"
#include "feature/risk/risk.h"
#include "feature/treatment/treatment_web.h"

struct approval {
    struct risk risk;
    struct method method;
    const char *body, *hash;
    bool above; /* what remains is above the acceptance level */
};

/* Owners see their risks by `concerns`; whoever may accept sees all. */
static struct err *load_approval(struct web *w, struct approval *a)
{
    i64 id, remains;

    TRY(web_record(w, &risk_entity, &id));
    TRY(entity_load(w, &risk_entity, id, &a->risk));
    TRY(method_load(w, a->risk.method, &a->method));
    TRY(risk_freeze(w, id, &a->body));
    a->hash = decision_hash(w->arena, a->body);
    remains = a->risk.residual_score ? a->risk.residual_score : a->risk.score;
    a->above = remains > a->method.acceptance;
    return NULL;
}

static struct err *draw_last(struct web *w, const struct approval *a, const char *kind,
                             const char *label)
{
    struct decision d;
    const char *who;

    TRY(decision_last(w, kind, a->risk.id, &d));
    if (!d.id)
        return NULL;
    TRY(entity_title(w, &person_entity, d.by, &who, NULL));
    html(w->html, "<p>%s: %s by %s on %s%s%s.</p>", label, d.outcome, who,
         clock_text(w->arena, d.at, w->zone), d.expires ? ", until " : "",
         d.expires ? d.expires : "");
    if (d.comment)
        html(w->html, "<blockquote>%s</blockquote>", d.comment);
    if (d.exception)
        html(w->html, "<p>No second person was there to decide: %s</p>", d.exception);
    if (!text_equal(d.subject_hash, a->hash))
        page_notice(w, "orange", "Something changed since this decision. A new one is needed.");
    return NULL;
}

/* What this person may do here: "risk.treatment", "risk.acceptance" or NULL. */
static const char *my_kind(struct web *w, const struct approval *a)
{
    if (a->above)
        return web_may(w, &risk_accept) ? "risk.acceptance" : NULL;
    return a->risk.owner == w->person && web_may(w, &risk_approve) ? "risk.treatment" : NULL;
}

static void draw_decide(struct web *w, const struct approval *a, const char *kind)
{
    card_begin(w, "Your decision", NULL);
    form_begin(w, web_url(w, "/risks/R-%lld/approval", a->risk.number), 0);
    html(w->html, "<input type='hidden' name='hash' value='%s'>", a->hash);
    html(w->html, "<p>%s</p>",
         a->above
             ? "What remains is above your acceptance level. You accept it for a limited time, "
               "knowing what is written here."
             : "You own this risk. You approve the plan and accept what remains when it is "
               "done.");
    form_area(w, "comment", "Comment", NULL, NULL);
    if (text_equal(kind, "risk.acceptance"))
        html(w->html, "<div class='mb-3'><label class='form-label required' for='expires'>Accepted "
                      "until</label><input class='form-control' type='date' id='expires' "
                      "name='expires' required></div>");
    form_text(w, "exception", "If you scored this risk yourself and nobody else can decide: why",
              NULL, NULL);
    html(w->html, "<div class='form-actions'><button class='btn btn-primary' name='outcome' "
                  "value='approved'>Approve</button> <button class='btn' name='outcome' "
                  "value='refused'>Refuse</button></div></form>");
    card_end(w);
}

struct err *approval_page(struct web *w)
{
    struct approval a;
    const char *kind;

    TRY(load_approval(w, &a));
    kind = my_kind(w, &a);
    page_begin(w, "To decide", "R-%lld %s", a.risk.number, a.risk.title);
    page_action(w, "default", web_record_url(w, &risk_entity, a.risk.number), "Open the risk");
    page_body(w);
    html(w->html, "<div class='row row-cards'><div class='col-lg-8'>");
    card_begin(w, "What you sign", NULL);
    html(w->html, "<pre class='frozen'>%s</pre><p class='text-secondary frozen'>SHA-256 %s</p>",
         a.body, a.hash);
    card_end(w);
    html(w->html, "</div><div class='col-lg-4'>");
    card_begin(w, "Decisions so far", NULL);
    TRY(draw_last(w, &a, "risk.treatment", "Plan and residual risk"));
    TRY(draw_last(w, &a, "risk.acceptance", "Acceptance above the level"));
    card_end(w);
    if (kind)
        draw_decide(w, &a, kind);
    else
        page_notice(w, "blue",
                    a.above ? "Top management decides here, since what remains is above "
                              "the acceptance level."
                            : "The owner of the risk decides here.");
    html(w->html, "</div></div>");
    page_end(w);
    return NULL;
}

static struct err *check_ready(const struct approval *a)
{
    if (!a->risk.score)
        return err_new(ERR_INVALID, "The risk is not scored yet, so there is nothing to accept.");
    if (!a->risk.treated && a->risk.score > a->method.acceptance)
        return err_new(ERR_INVALID, "There is no treatment yet. Even keeping the risk is one: plan "
                                    "it with its reason first.");
    return NULL;
}

/* An acceptance above the level is for a year at most (the method's rule, domain.md 4.8). */
static struct err *check_expiry(struct web *w, const char *kind, const char *expires)
{
    if (!text_equal(kind, "risk.acceptance"))
        return NULL;
    if (!date_valid(expires ? expires : "") || strcmp(expires, w->today) <= 0)
        return err_new(ERR_INVALID, "Say until which day in the future the risk is accepted.");
    if (date_days(w->today, expires) > 366)
        return err_new(ERR_INVALID, "An acceptance above the level ends after a year at most.");
    return NULL;
}

struct err *approval_post(struct web *w)
{
    struct approval a;
    struct decision d = {.outcome = text_equal(web_form(w, "outcome"), "refused") ? "refused"
                                                                                  : "approved"};
    const char *kind, *why = web_form(w, "exception"), *comment = web_form(w, "comment");
    const struct permission *right;
    bool alone;
    i64 id;

    TRY(load_approval(w, &a));
    kind = my_kind(w, &a);
    if (!kind)
        return err_new(ERR_DENIED, a.above ? "What remains is above the acceptance level: only top "
                                             "management may accept it."
                                           : "Only the owner of this risk may approve its plan.");
    if (!text_equal(web_form(w, "hash"), a.hash))
        return err_new(ERR_CLASH, "The risk or its plan changed while you were reading. Look at it "
                                  "again and decide then.");
    TRY(check_ready(&a));
    TRY(check_expiry(w, kind, web_form(w, "expires")));
    right = a.above ? &risk_accept : &risk_approve;
    TRY(decision_four_eyes(w, a.risk.analyst, right, &alone));
    if (alone && text_empty(why))
        return err_new(ERR_INVALID, "You scored this risk yourself. Let somebody else score it, or "
                                    "say why you decide all the same.");
    d.exception = alone ? text_trim(w->arena, why) : NULL;
    d.comment = text_empty(comment) ? NULL : text_trim(w->arena, comment);
    d.role = a.above ? "top management" : "risk owner";
    d.expires = a.above ? web_form(w, "expires") : NULL;
    d.kind = kind;
    TRY(decision_record(w, &risk_entity, a.risk.id, a.body, &d, &id));
    web_redirect(w, web_url(w, "/risks/R-%lld/approval?m=saved", a.risk.number));
    return NULL;
}

/* --- what waits for this person --- */

/* Risks with a treatment whose newest decision is missing or older than the last change of the risk
 * or of its treatments (a removed one has an end in its history). */
static struct err *find_waiting(struct web *w, struct rows **out)
{
    return db_query(
        w->db, out,
        "select r.number, r.title, r.score, r.residual_score, m.acceptance from risk r"
        " join method m on m.org_id = r.org_id and m.id = r.method"
        " where r.org_id = $1 and r.state = 'open' and r.treated > 0"
        " and ((coalesce(r.residual_score, r.score) > m.acceptance and $3 = 1)"
        " or (coalesce(r.residual_score, r.score) <= m.acceptance and r.owner = $2))"
        " and coalesce((select max(d.decided_at) from decision d where d.org_id = r.org_id"
        " and d.subject = r.id and d.kind = case when coalesce(r.residual_score, r.score)"
        " > m.acceptance then 'risk.acceptance' else 'risk.treatment' end), 0)"
        " < (select max(c.at) from (select h.valid_from as at from risk_history h"
        " where h.org_id = r.org_id and h.id = r.id union all select h.valid_from from"
        " treatment_history h where h.org_id = r.org_id and h.risk = r.id union all"
        " select h.valid_to from treatment_history h where h.org_id = r.org_id and h.risk = r.id"
        " and h.valid_to < 9223372036854775807) c)"
        " order by r.score desc, r.id limit 200",
        num(w->org), num(w->person), num(web_may(w, &risk_accept) ? 1 : 0));
}

struct err *approvals_page(struct web *w)
{
    struct rows *r;

    TRY(find_waiting(w, &r));
    page_begin(w, "Your work", "To decide");
    page_help(w,
              "Decisions that wait for you: plans of risks that you own, and risks above the "
              "acceptance level if you are top management. You are shown exactly what you sign.",
              "6.1.3 f");
    page_body(w);
    card_begin(w, NULL, NULL);
    html(w->html, "<div class='list-group list-group-flush'>");
    while (row_next(r)) {
        html(w->html,
             "<a class='list-group-item list-group-item-action' href='%s'><strong>R-%lld</strong> "
             "%s<br><span class='text-secondary'>score %lld",
             web_url(w, "/risks/R-%lld/approval", row_num(r, 0)), row_num(r, 0), row_text(r, 1),
             row_num(r, 2));
        if (!row_null(r, 3))
            html(w->html, " · expected afterwards %lld", row_num(r, 3));
        html(w->html, "</span></a>");
    }
    html(w->html, "</div>");
    if (!row_count(r))
        page_empty(w, "Nothing waits for your decision.", NULL, NULL);
    card_end(w);
    page_end(w);
    return NULL;
}
