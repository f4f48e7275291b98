/* SPDX-License-Identifier: Apache-2.0 */
/* The owner of a risk approves its treatment plan and what remains (ISO/IEC 27001 6.1.3 f); above
 * the acceptance level top management accepts, for a time. Both freeze what was shown. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/language.h"
#include "core/page.h"
#include "core/trail.h"
#include "core/work.h"
#include "feature/organisation/organisation.h"
#include "feature/treatment/treatment_web.h"

#define RENEW_DAYS 30 /* so long before its end an acceptance can be given anew */

/* An axis that is too high, or the score above which nobody accepts. */
static struct err *load_veto(struct web *w, struct approval *a, i64 remains)
{
    TRY(risk_veto(w, &a->risk, false, &a->veto));
    if (!*a->veto && a->method.never_above && remains > a->method.never_above)
        a->veto = arena_printf(w->arena, tr("what remains (%lld) is above %lld"), remains,
                               a->method.never_above);
    return NULL;
}

/* Owners see their risks by `concerns`; whoever may accept sees all. */
struct err *approval_load(struct web *w, i64 id, struct approval *a)
{
    i64 remains;

    TRY(risk_refuse_blind(w, id));
    TRY(entity_load(w, &risk_entity, id, &a->risk));
    TRY(method_load(w, a->risk.method, &a->method));
    TRY(risk_freeze(w, id, &a->body));
    a->hash = decision_hash(w->arena, a->body);
    remains = a->risk.residual_score ? a->risk.residual_score : a->risk.score;
    a->above = remains > a->method.acceptance;
    TRY(load_veto(w, a, remains));
    if (a->above)
        a->kind = web_may(w, &risk_accept) ? "risk.acceptance" : NULL;
    else
        a->kind = a->risk.owner == w->person && web_may(w, &risk_approve) ? "risk.treatment" : NULL;
    return NULL;
}

static struct err *load_asked(struct web *w, struct approval *a)
{
    i64 id;

    TRY(web_record(w, &risk_entity, &id));
    return approval_load(w, id, a);
}

/* --- what was decided --- */

static bool holds(const struct web *w, const struct approval *a, const struct decision *d)
{
    return d->id && text_equal(d->subject_hash, a->hash) &&
           !(d->expires && strcmp(d->expires, w->today) < 0);
}

/* An acceptance that ends soon may be given anew. */
static bool ends_soon(const struct web *w, const struct decision *d)
{
    return d->expires && date_days(w->today, d->expires) <= RENEW_DAYS;
}

/* `asked`: this kind of decision is the one that the risk needs as it stands. */
static struct err *draw_one(struct web *w, const struct approval *a, const struct decision *d,
                            bool asked)
{
    bool approved = text_equal(d->outcome, "approved");
    const char *who;

    TRY(entity_title(w, &person_entity, d->by, &who, NULL));
    html(w->html, "<p>");
    badge(w, approved ? "green" : "red", approved ? "approved" : "refused");
    html(w->html, " {by %s on %s}", who, web_time(w, d->at));
    if (d->expires)
        html(w->html, "<br>{Until %s}", d->expires);
    html(w->html, "</p>");
    if (d->comment)
        html(w->html, "<blockquote>%s</blockquote>", d->comment);
    if (d->exception)
        html(w->html, "<p>{No second person was there to decide: %s}</p>", d->exception);
    if (!asked)
        html(w->html, "<p class='mute'>{Not asked for any more: what remains is on the other side "
                      "of the acceptance level.}</p>");
    else if (!text_equal(d->subject_hash, a->hash))
        page_notice(w, "warning", "Something changed since this decision. A new one is needed.");
    else if (!holds(w, a, d))
        page_notice(w, "warning", "The time of this acceptance is over. A new one is needed.");
    return NULL;
}

static struct err *draw_so_far(struct web *w, const struct approval *a)
{
    struct decision plan, acceptance;

    TRY(decision_last(w, "risk.treatment", a->risk.id, &plan));
    TRY(decision_last(w, "risk.acceptance", a->risk.id, &acceptance));
    card_begin(w, "Decisions so far", NULL);
    if (plan.id) {
        html(w->html, "<h3 class='h4'>{Plan and residual risk}</h3>");
        TRY(draw_one(w, a, &plan, !a->above));
    }
    if (acceptance.id) {
        html(w->html, "<h3 class='h4'>{Acceptance above the level}</h3>");
        TRY(draw_one(w, a, &acceptance, a->above));
    }
    if (!plan.id && !acceptance.id)
        html(w->html, "<p class='mute mb-0'>{Nothing was decided yet.}</p>");
    card_end(w);
    return NULL;
}

/* --- deciding --- */

void approval_until_draw(struct web *w, i64 months, bool required)
{
    const char *last = date_add(w->arena, w->today, (int)months, 0),
               *typed = web_form(w, "expires");

    html(w->html,
         "<div class='mb-3'><label class='form-label%s' for='expires'>{Accepted until}</label>"
         "<input class='form-control' type='date' id='expires' name='expires' value='%s'%s>"
         "<div class='form-hint'>{%lld month at most, says the risk method.|%lld months at most, "
         "says the risk method.}</div></div>",
         required ? " required" : "", text_empty(typed) ? last : typed, required ? " required" : "",
         months, months);
}

static i64 longest(const struct method *m)
{
    return m->accept_months ? m->accept_months : 12;
}

static void draw_form(struct web *w, const struct approval *a)
{
    card_begin(w, "Your decision", NULL);
    if (*a->veto)
        page_notice(w, "danger",
                    "The risk method says that nobody may accept this: %s. Plan more, or end the "
                    "activity.",
                    a->veto);
    form_begin(w, web_url(w, "/risks/R-%lld/approval", a->risk.number), 0);
    html(w->html, "<input type='hidden' name='hash' value='%s'><p>%s</p>", a->hash,
         a->above
             ? tr("What remains is above your acceptance level. You accept it for a limited time, "
                  "knowing what is written here.")
             : tr("You own this risk. You approve the plan and accept what remains when it is "
                  "done."));
    form_area(w, "comment", "Comment", web_form(w, "comment"),
              "Kept with the decision. Needed when you refuse.");
    if (a->above)
        approval_until_draw(w, longest(&a->method), true);
    if (a->risk.analyst == w->person)
        form_text(w, "exception",
                  "If you scored this risk yourself and nobody else can decide: why",
                  web_form(w, "exception"), NULL);
    html(w->html, "<div class='form-actions'>");
    if (!*a->veto)
        html(w->html, "<button class='btn btn-primary' name='outcome' value='approved'>{Approve}"
                      "</button> ");
    html(w->html, "<button class='btn' name='outcome' value='refused' formnovalidate>{Refuse}"
                  "</button></div></form>");
    card_end(w);
}

/* After an approval there is nothing to decide; it can be taken back with a reason. */
static void draw_settled(struct web *w, const struct approval *a, const struct decision *d)
{
    bool approved = text_equal(d->outcome, "approved");

    card_begin(w, "Your decision", NULL);
    html(w->html, "<p>%s</p><details><summary>%s</summary>",
         approved ? tr("This is decided. You are asked again when the risk or its plan changes.")
                  : tr("This was refused. Those who plan it are to change it; then you are asked "
                       "again."),
         approved ? tr("Take the approval back") : tr("Decide differently"));
    form_begin(w, web_url(w, "/risks/R-%lld/approval", a->risk.number), 0);
    html(w->html, "<input type='hidden' name='hash' value='%s'>", a->hash);
    form_area(w, "comment", "Why", NULL, NULL);
    if (!approved && a->above)
        approval_until_draw(w, longest(&a->method), true);
    html(w->html,
         "<div class='form-actions'><button class='btn%s' name='outcome' value='%s'>%s</button>"
         "</div></form></details>",
         approved ? " btn-outline-danger" : "", approved ? "refused" : "approved",
         approved ? tr("Take it back") : tr("Approve"));
    card_end(w);
}

static struct err *draw_decide(struct web *w, const struct approval *a)
{
    struct decision d;

    if (w->asof)
        return NULL;
    if (!a->kind) {
        page_notice(w, "info",
                    a->above ? "Top management decides here, since what remains is above "
                               "the acceptance level."
                             : "The owner of the risk decides here.");
        return NULL;
    }
    TRY(decision_last(w, a->kind, a->risk.id, &d));
    if (holds(w, a, &d) && !ends_soon(w, &d))
        draw_settled(w, a, &d);
    else
        draw_form(w, a);
    return NULL;
}

/* `refused` says why what was posted is not decided, or NULL. */
static struct err *draw_page(struct web *w, const struct approval *a, const char *refused)
{
    const char *named;

    TRY(people_named(w, a->body, &named));
    page_begin(w, "To decide", "R-%lld %s", a->risk.number, a->risk.title);
    page_action(w, "default", web_record_url(w, &risk_entity, a->risk.number), "Open the risk");
    page_body(w);
    if (refused)
        page_notice(w, "danger", "%s", refused);
    html(w->html, "<div class='split'><div class='stack'>");
    card_begin(w, "What you sign", NULL);
    html(w->html, "<pre class='frozen'>%s</pre><p class='text-secondary frozen'>{SHA-256 %s}</p>",
         named, a->hash);
    card_end(w);
    html(w->html, "</div><div class='stack'>");
    TRY(draw_so_far(w, a));
    TRY(draw_decide(w, a));
    html(w->html, "</div></div>");
    page_end(w);
    return NULL;
}

struct err *approval_page(struct web *w)
{
    struct approval a;

    TRY(load_asked(w, &a));
    return draw_page(w, &a, NULL);
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

/* Some risks are accepted by nobody. */
static struct err *check_acceptable(const struct approval *a)
{
    return *a->veto ? err_new(ERR_INVALID,
                              "The risk method says that nobody may accept this: %s. Plan more, or "
                              "end the activity.",
                              a->veto)
                    : NULL;
}

/* An acceptance above the level ends in the time that the method says. */
static struct err *check_expiry(struct web *w, const struct approval *a, const char *expires)
{
    i64 months = longest(&a->method);

    if (!a->above)
        return NULL;
    if (!date_valid(expires ? expires : "") || strcmp(expires, w->today) <= 0)
        return err_new(ERR_INVALID, "Say until which day in the future the risk is accepted.");
    if (strcmp(expires, date_add(w->arena, w->today, (int)months, 1)) > 0)
        return err_new(ERR_INVALID,
                       "An acceptance above the level ends after %lld months at most, says the "
                       "risk method.",
                       months);
    return NULL;
}

/* The same text is not approved twice; to take an approval back needs a reason. */
static struct err *check_before(struct web *w, const struct approval *a,
                                const struct approval_answer *given)
{
    struct decision d;
    bool approved;

    TRY(decision_last(w, a->kind, a->risk.id, &d));
    approved = holds(w, a, &d) && text_equal(d.outcome, "approved");
    if (approved && !given->refused && !ends_soon(w, &d))
        return err_new(ERR_CLASH,
                       "This is approved already, and nothing changed since. You are asked again "
                       "when the risk or its plan changes.");
    if (approved && given->refused && text_empty(given->comment))
        return err_new(ERR_INVALID, "Say why you take the approval back.");
    if (given->refused && text_empty(given->comment))
        return err_new(ERR_INVALID, "Say why you refuse, so that those who plan it know what to "
                                    "change.");
    return NULL;
}

struct err *approval_decide(struct web *w, const struct approval *a,
                            const struct approval_answer *given)
{
    struct decision d = {.kind = a->kind, .outcome = given->refused ? "refused" : "approved"};
    bool alone;
    i64 id;

    if (!a->kind)
        return err_new(ERR_DENIED, a->above ? "What remains is above the acceptance level: only "
                                              "top management may accept it."
                                            : "Only the owner of this risk may approve its plan.");
    if (!text_equal(given->hash, a->hash))
        return err_new(ERR_CLASH, "The risk or its plan changed while you were reading. Look at it "
                                  "again and decide then.");
    TRY(check_before(w, a, given));
    if (!given->refused) {
        TRY(check_ready(a));
        TRY(check_acceptable(a));
        TRY(check_expiry(w, a, given->expires));
    }
    TRY(decision_four_eyes(w, a->risk.analyst, a->above ? &risk_accept : &risk_approve, &alone));
    if (alone && text_empty(given->exception))
        return err_new(ERR_INVALID, "You scored this risk yourself. Let somebody else score it, or "
                                    "say why you decide all the same.");
    d.exception = alone ? text_trim(w->arena, given->exception) : NULL;
    d.comment = text_empty(given->comment) ? NULL : text_trim(w->arena, given->comment);
    d.role = a->above ? N_("top management") : N_("risk owner");
    d.expires = a->above && !given->refused ? given->expires : NULL;
    return decision_record(w, &risk_entity, a->risk.id, a->body, &d, &id);
}

struct err *approval_post(struct web *w)
{
    struct approval_answer given = {.hash = web_form(w, "hash"),
                                    .refused = text_equal(web_form(w, "outcome"), "refused"),
                                    .comment = web_form(w, "comment"),
                                    .exception = web_form(w, "exception"),
                                    .expires = web_form(w, "expires")};
    struct err *failed;
    struct approval a;

    TRY(load_asked(w, &a));
    failed = approval_decide(w, &a, &given);
    if (failed && failed->code == ERR_INVALID) {
        web_status(w, 422);
        return draw_page(w, &a, failed->text);
    }
    if (failed)
        return failed;
    web_redirect(w, web_url(w, "/risks/R-%lld/approval?m=saved", a.risk.number));
    return NULL;
}

/* --- what waits for this person --- */

struct err *approvals_past(struct web *w)
{
    page_begin(w, "Your work", "To decide");
    page_body(w);
    page_empty(w, "What waits for your decision is a question of today.",
               arena_printf(w->arena, "/o/%s/approvals", w->slug), "Back to today");
    page_end(w);
    return NULL;
}

/* Risks with a treatment whose newest decision is missing or older than the last change of the
 * risk, of its treatments (a removed one has an end in its history) or of what was approved of
 * their actions, or an acceptance whose time is over. Not what this person scored, when somebody
 * else may accept it. */
struct err *approvals_waiting(struct web *w, struct rows **out)
{
    bool alone;

    TRY(decision_open_to(w, w->person, &risk_accept, &alone));
    return db_query(
        w->db, out,
        "select r.number, r.title, r.score, r.residual_score, m.acceptance, r.id from risk r"
        " join method m on m.org_id = r.org_id and m.id = r.method"
        " where r.org_id = $1 and r.state = 'open' and r.treated > 0 and not exists (select 1"
        " from rating s where s.org_id = r.org_id and s.risk = r.id and s.assessor = $2"
        " and s.state = 'open')"
        " and ((coalesce(r.residual_score, r.score) > m.acceptance and $3 = 1"
        " and ($5 = 1 or r.analyst is distinct from $2))"
        " or (coalesce(r.residual_score, r.score) <= m.acceptance and r.owner = $2))"
        " and coalesce((select max(d.decided_at) from decision d where d.org_id = r.org_id"
        " and d.subject = r.id and (d.expires is null or d.expires >= $4)"
        " and d.kind = case when coalesce(r.residual_score, r.score)"
        " > m.acceptance then 'risk.acceptance' else 'risk.treatment' end), 0)"
        " < (select max(c.at) from (select h.valid_from as at from risk_history h"
        " where h.org_id = r.org_id and h.id = r.id union all select h.valid_from from"
        " treatment_history h where h.org_id = r.org_id and h.risk = r.id union all"
        " select h.valid_to from treatment_history h where h.org_id = r.org_id and h.risk = r.id"
        " and h.valid_to < 9223372036854775807 union all select " ACTIONS_CHANGED_OF_R ") c)"
        " order by r.score desc, r.id limit 200",
        num(w->org), num(w->person), num(web_may(w, &risk_accept) ? 1 : 0), str(w->today),
        num(alone ? 1 : 0));
}

struct err *approval_wanted(struct web *w, i64 risk, struct rows **out)
{
    return db_query(
        w->db, out,
        "select x.number, x.title, x.remains, x.acceptance, x.owner, x.decided from (select"
        " r.number, r.title, coalesce(r.residual_score, r.score) as remains, m.acceptance, r.owner,"
        " coalesce((select max(d.decided_at) from decision d where d.org_id = r.org_id"
        " and d.subject = r.id and (d.expires is null or d.expires >= $3)"
        " and d.kind = case when coalesce(r.residual_score, r.score) > m.acceptance"
        " then 'risk.acceptance' else 'risk.treatment' end), 0) as decided,"
        " (select max(c.at) from (select h.valid_from as at from risk_history h"
        " where h.org_id = r.org_id and h.id = r.id union all select h.valid_from from"
        " treatment_history h where h.org_id = r.org_id and h.risk = r.id union all"
        " select h.valid_to from treatment_history h where h.org_id = r.org_id and h.risk = r.id"
        " and h.valid_to < 9223372036854775807 union all select " ACTIONS_CHANGED_OF_R
        ") c) as changed from risk r"
        " join method m on m.org_id = r.org_id and m.id = r.method where r.org_id = $1"
        " and r.id = $2 and r.state = 'open' and r.treated > 0) x where x.decided < "
        "x.changed",
        num(w->org), num(risk), str(w->today));
}

static void draw_waiting(struct web *w, const char *address, const char *number, const char *title)
{
    html(w->html,
         "<a class='list-group-item list-group-item-action' href='%s'><strong>%s</strong> "
         "%s<br><span class='text-secondary'>",
         address, number, title);
}

/* What waits besides risks: the statement, the method, a report ... (core/work.h). */
static struct err *draw_others(struct web *w, i64 *count)
{
    struct work_list list = {.w = w};

    TRY(work_open(w, w->person, false, &list));
    for (size_t i = 0; i < list.count; i++) {
        const struct work_item *x = &list.list[i];

        if (!text_equal(x->kind, "approval") || x->entity == &risk_entity)
            continue;
        draw_waiting(w, x->address, arena_printf(w->arena, "%s-%lld", x->entity->prefix, x->number),
                     x->title);
        html(w->html, "%s</span></a>", tr(x->entity->label));
        ++*count;
    }
    return NULL;
}

static struct err *draw_waiting_list(struct web *w, struct rows *risks)
{
    i64 others = 0;

    card_begin(w, NULL, NULL);
    html(w->html, "<div class='list-group list-group-flush'>");
    TRY(draw_others(w, &others));
    while (row_next(risks)) {
        draw_waiting(w, web_url(w, "/risks/R-%lld/approval", row_num(risks, 0)),
                     arena_printf(w->arena, "R-%lld", row_num(risks, 0)), row_text(risks, 1));
        html(w->html, "{score %lld}", row_num(risks, 2));
        if (!row_null(risks, 3))
            html(w->html, " · {expected afterwards %lld}", row_num(risks, 3));
        html(w->html, "</span></a>");
    }
    html(w->html, "</div>");
    if (!row_count(risks) && !others)
        page_empty(w, "Nothing waits for your decision.", NULL, NULL);
    card_end(w);
    return NULL;
}

struct err *approvals_page(struct web *w)
{
    struct rows *r;

    if (w->asof)
        return approvals_past(w);
    TRY(approvals_waiting(w, &r));
    page_begin(w, "Your work", "To decide");
    if (row_count(r) > 1)
        page_action(w, "primary", web_url(w, "/approvals/several"), "Decide several");
    page_help(w,
              "Decisions that wait for you: plans of risks that you own, and what only top "
              "management decides if you are that. You are shown exactly what you sign.",
              "6.1.3 f");
    page_body(w);
    TRY(draw_waiting_list(w, r));
    page_end(w);
    return NULL;
}
