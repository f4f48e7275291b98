/* SPDX-License-Identifier: Apache-2.0 */
/* The page of a round, closing it and approving its report. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/decision.h"
#include "core/language.h"
#include "core/list.h"
#include "core/page.h"
#include "feature/assessment/assessment_part.h"
#include "feature/assessment/rating.h"
#include "feature/method/method.h"
#include "feature/organisation/organisation.h"
#include "feature/risk/risk.h"

#define BLOCKERS_SHOWN 50

static struct err *load_asked(struct web *w, struct assessment *a)
{
    i64 id;

    TRY(web_record(w, &assessment_entity, &id));
    return entity_load(w, &assessment_entity, id, a);
}

static const char *address_of(struct web *w, const struct assessment *a, const char *more)
{
    return arena_printf(w->arena, "%s%s", web_record_url(w, &assessment_entity, a->number), more);
}

/* --- all rounds --- */

struct err *assessment_list(struct web *w)
{
    struct list_query q;
    struct list_result r;
    struct rows *closed;

    TRY(list_parse(w, &assessment_entity, &q));
    list_needs(&q, NULL);
    TRY(list_run(w, &q, true, &r));
    TRY(db_query(w->db, &closed,
                 "select id from assessment where org_id = $1 and state = 'closed' limit 2",
                 num(w->org)));
    page_begin(w, "Plan", "Risk assessments");
    page_help(w, assessment_entity.help, assessment_entity.clause);
    page_action(w, "default", web_url(w, "/causes"), "Reasons to assess again");
    if (row_count(closed) > 0)
        page_action(w, "default", web_url(w, "/assessments/trend"), "Trend");
    if (row_count(closed) > 1)
        page_action(w, "default", web_url(w, "/assessments/compare"), "Compare");
    if (!w->asof && web_may(w, &assessment_write)) {
        page_action(w, "default", web_url(w, "/assessments/import"), "Import");
        page_action(w, "primary", web_url(w, "/assessments/new"), "New risk assessment");
    }
    page_body(w);
    TRY(list_draw(w, &q, &r, NULL));
    page_end(w);
    return NULL;
}

/* --- an open round --- */

static void draw_blocker(struct web *w, const struct blocker *b)
{
    html(w->html, "<li>");
    if (b->number)
        html(w->html, "<a href='%s'><span class='record-number'>R-%lld</span> %s</a>",
             web_record_url(w, &risk_entity, b->number), b->number, b->title);
    else
        html(w->html, "<strong>%s</strong>", b->title);
    html(w->html, " <span class='mute'>%s</span></li>", b->reason);
}

static struct err *draw_closing(struct web *w, const struct assessment *a)
{
    struct blocker *list;
    size_t n;
    i64 open;

    TRY(assessment_blockers(w, BLOCKERS_SHOWN, &list, &n, &open));
    card_begin(w, "Close this round",
               arena_printf(w->arena, tr_n("%lld open risk", "%lld open risks", open), open));
    html(w->html,
         "<p>{Closing freezes the register as it is today: every open risk with its level, owner, "
         "treatments and decisions. Top management then approves the report.}</p>");
    if (n) {
        page_notice(w, "warning", "It cannot be closed yet. Mend this first:");
        html(w->html, "<ul class='mt-3'>");
        for (size_t i = 0; i < n; i++)
            draw_blocker(w, &list[i]);
        html(w->html, "</ul>");
        if (n >= BLOCKERS_SHOWN)
            html(w->html, "<p class='mute'>{These are the first %zu.}</p>", n);
    } else if (!w->asof && web_may(w, &assessment_write)) {
        if (text_empty(a->summary))
            page_notice(w, "info",
                        "Tip: say in “What we found” what top management should know "
                        "before they approve.");
        form_begin(w, address_of(w, a, "/close"), a->version);
        form_end(w, "Close and freeze the register", NULL);
    }
    card_end(w);
    return NULL;
}

/* --- a closed round --- */

static struct err *draw_last(struct web *w, const struct assessment *a, struct decision *d)
{
    const char *who;

    TRY(decision_last(w, "assessment", a->id, d));
    if (!d->id) {
        html(w->html, "<p>{Not approved yet.}</p>");
        return NULL;
    }
    TRY(entity_title(w, &person_entity, d->by, &who, NULL));
    html(w->html, "<p>{%s by %s on %s as %s.}</p>",
         text_equal(d->outcome, "approved") ? tr("Approved") : tr("Refused"), who,
         web_time(w, d->at), tr(d->role));
    if (d->comment)
        html(w->html, "<blockquote>%s</blockquote>", d->comment);
    if (d->exception)
        html(w->html, "<p>{No second person was there to decide: %s}</p>", d->exception);
    if (!text_equal(d->subject_hash, a->body_hash))
        page_notice(w, "danger", "What was decided on is not this report.");
    return NULL;
}

/* Asked for, since it reads the whole register. */
static struct err *draw_again(struct web *w, const struct assessment *a)
{
    struct rerun again;
    const char *wrong;

    if (!web_query(w, "again")) {
        html(w->html, "<p><a href='%s'>{Compute the levels again}</a></p>",
             address_of(w, a, "?again=1"));
        return NULL;
    }
    TRY(snapshot_rerun(w, a->id, &again));
    TRY(snapshot_check(w, a->id, a->body, &wrong));
    if (wrong)
        page_notice(w, "danger", "This is not the register that was frozen: %s.", wrong);
    else
        page_notice(w, "success",
                    "%lld risks were computed again from likelihood, impact and method version: "
                    "all levels are the same, and the fingerprint fits.",
                    again.risks);
    return NULL;
}

/* The round that was closed before this one, 0 = none. */
static struct err *before_of(struct web *w, const struct assessment *a, i64 *number)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select max(number) from assessment where org_id = $1 and state = 'closed'"
                 " and number < $2",
                 num(w->org), num(a->number)));
    *number = row_next(r) ? row_num(r, 0) : 0;
    return NULL;
}

static struct err *draw_approval(struct web *w, const struct assessment *a)
{
    struct decision d;

    card_begin(w, "Approval by top management", NULL);
    TRY(draw_last(w, a, &d));
    if (!w->asof && web_may(w, &assessment_approve) && !text_equal(d.outcome, "approved")) {
        form_begin(w, address_of(w, a, "/approve"), a->version);
        html(w->html, "<input type='hidden' name='hash' value='%s'>", a->body_hash);
        form_area(w, "comment", "Comment", NULL, NULL);
        if (w->person && w->person == a->author)
            form_text(w, "exception", "If nobody else can approve: why you do it yourself", NULL,
                      NULL);
        html(w->html, "<div class='form-actions'><button class='btn btn-primary' name='outcome' "
                      "value='approved'>{Approve the report}</button><button class='btn' "
                      "name='outcome' value='refused'>{Refuse}</button></div></form>");
    }
    html(w->html,
         "<p class='mute mt-3'>{Fingerprint of the frozen register:}<br><code "
         "class='text-break'>%s</code></p>",
         a->body_hash);
    TRY(draw_again(w, a));
    card_end(w);
    return NULL;
}

/* --- the page --- */

static struct err *draw_long(struct web *w, const char *label, const char *text)
{
    if (text_empty(text))
        return NULL;
    html(w->html, "<dt>%s</dt><dd>", tr(label));
    TRY(html_record_text(w, text));
    html(w->html, "</dd>");
    return NULL;
}

/* The fields without the frozen text, which is drawn as the report. */
static struct err *draw_facts(struct web *w, const struct assessment *a)
{
    const struct choice *state =
        choice_find(entity_field(&assessment_entity, "state")->choices, a->state);
    const char *people, *method, *author = NULL;
    i64 number;

    TRY(field_show(w, entity_field(&assessment_entity, "participants"), a, &people));
    TRY(entity_title(w, &method_entity, a->method, &method, &number));
    if (a->author)
        TRY(entity_title(w, &person_entity, a->author, &author, NULL));
    card_begin(w, "Details", NULL);
    html(w->html, "<dl class='facts'><dt>{State}</dt><dd>");
    badge(w, state->tone, tr(state->label));
    html(w->html, "</dd><dt>{Started}</dt><dd>%s</dd>", words_date(w->arena, a->started));
    TRY(draw_long(w, N_("Closed"), words_date(w->arena, a->closed)));
    html(w->html, "<dt>{Risk method}</dt><dd><a href='%s'>M-%lld %s</a></dd>",
         web_record_url(w, &method_entity, number), number, method);
    TRY(draw_long(w, N_("Took part"), people));
    TRY(draw_long(w, N_("Prepared by"), author));
    TRY(draw_long(w, N_("What was looked at"), a->scope));
    if (!a->body)
        TRY(draw_long(w, N_("What we found"), a->summary));
    html(w->html, "</dl>");
    card_end(w);
    return NULL;
}

struct err *assessment_show(struct web *w)
{
    bool open, drawn, hidden;
    struct assessment a;

    TRY(load_asked(w, &a));
    TRY(entity_hidden(w, &assessment_entity, a.id, &hidden));
    open = text_equal(a.state, "open");
    page_begin(w, arena_printf(w->arena, "%s · AS-%lld", tr("Risk assessment"), a.number), "%s",
               a.title);
    page_help(w, assessment_entity.help, assessment_entity.clause);
    if (open && !w->asof && web_may(w, &assessment_write)) {
        page_action(w, "default", address_of(w, &a, "/remove"), "Remove");
        page_action(w, "primary", address_of(w, &a, "/edit"), "Edit");
    }
    if (a.body && !hidden) {
        i64 before;

        TRY(before_of(w, &a, &before));
        if (before)
            page_action(
                w, "default",
                web_url(w, "/assessments/compare?older=AS-%lld&newer=AS-%lld", before, a.number),
                "What changed");
        page_action(w, "default", address_of(w, &a, "/register"), "Frozen register");
        page_action(w, "default", address_of(w, &a, "/report"), "Report as PDF");
    }
    page_body(w);
    TRY(entity_tab(w, &assessment_entity, &a, &drawn));
    if (drawn) {
        page_end(w);
        return NULL;
    }
    html(w->html, "<div class='stack'><div class='split'>");
    TRY(draw_facts(w, &a));
    if (open)
        TRY(draw_closing(w, &a));
    else if (hidden)
        page_notice(w, "info",
                    "The frozen register shows the first scores of risks that you are to score a "
                    "second time. You see it when you have given your scores, under “Second "
                    "scores”.");
    else
        TRY(draw_approval(w, &a));
    html(w->html, "</div>");
    TRY(rating_card(w, &a));
    if (a.body && !hidden)
        TRY(assessment_report(w, &a));
    card_begin(w, "History", arena_printf(w->arena, tr("version %lld"), a.version));
    TRY(entity_history(w, &assessment_entity, a.id));
    card_end(w);
    html(w->html, "</div>");
    page_end(w);
    return NULL;
}

/* --- closing: the register is rendered in prepare, outside the writer --- */

struct closing {
    struct assessment a;
    json_t *whole;
    i64 size; /* of the log when the register was read */
};

static struct err *log_size(struct web *w, i64 *size)
{
    struct rows *r;

    TRY(db_query(w->db, &r, "select n from audit_frontier where org_id = $1", num(w->org)));
    *size = row_next(r) ? row_num(r, 0) : 0;
    return NULL;
}

static struct err *first_blocker(struct web *w)
{
    struct blocker *list;
    size_t n;
    i64 open;

    TRY(assessment_blockers(w, BLOCKERS_SHOWN, &list, &n, &open));
    if (!n)
        return NULL;
    if (list[0].number)
        return err_new(ERR_INVALID, "The round cannot be closed yet. R-%lld “%.80s”: %s%s",
                       list[0].number, list[0].title, list[0].reason,
                       n > 1 ? " The page of the round lists the others." : "");
    return err_new(ERR_INVALID, "The round cannot be closed yet. %s", list[0].reason);
}

static struct err *read_closing(struct web *w, void *ctx)
{
    struct closing *c = ctx;
    const char *version = web_form(w, "_version");
    i64 n;

    TRY(load_asked(w, &c->a));
    if (!text_equal(c->a.state, "open"))
        return err_new(ERR_CLASH, "This round is closed already.");
    if (version && text_i64(version, &n) && n != c->a.version)
        return err_new(ERR_CLASH, "Somebody changed this round meanwhile. Look at it again, then "
                                  "close it.");
    TRY(first_blocker(w));
    TRY(log_size(w, &c->size));
    return assessment_gather(w, &c->a, &c->whole);
}

struct err *assessment_close_prepare(struct web *w)
{
    struct closing *c = NEW(w->arena, struct closing);

    w->prepared = c;
    return app_read(w, read_closing, c);
}

/* Nothing of the register may have changed since it was read. */
static struct err *check_unchanged(struct web *w, const struct closing *c)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select count(*) from audit_event where org_id = $1 and idx >= $2 and kind in"
                 " ('risk', 'treatment', 'method', 'asset', 'assessment')",
                 num(w->org), num(c->size)));
    if (row_next(r) && row_num(r, 0))
        return err_new(ERR_CLASH,
                       "A risk or treatment changed while the register was being frozen. "
                       "Please try again.");
    return NULL;
}

struct err *assessment_close(struct web *w)
{
    struct issues issues = {.arena = w->arena};
    const struct closing *c = w->prepared;
    struct assessment a = c->a;

    TRY(assessment_freeze(w, &a, c->whole));
    TRY(check_unchanged(w, c)); /* afterwards: nobody slips in between */
    TRY(entity_write(w, &assessment_entity, &a, "closed", &issues));
    if (issues.count)
        return err_new(ERR_INVALID, "%s", issues.list[0].text);
    web_redirect(w, address_of(w, &a, "?m=closed"));
    return NULL;
}

/* --- approval --- */

struct err *assessment_decide(struct web *w)
{
    const char *why = web_form(w, "exception"), *comment = web_form(w, "comment");
    struct decision d = {.role = N_("top management"), .outcome = "approved"}, last;
    struct assessment a;
    bool alone;
    i64 id;

    TRY(risk_refuse_blind_whole(w));
    TRY(load_asked(w, &a));
    if (!a.body)
        return err_new(ERR_CLASH,
                       "This round is still open. Close it first, then there is a report "
                       "to approve.");
    if (!text_equal(web_form(w, "hash"), decision_hash(w->arena, a.body)))
        return err_new(ERR_CLASH,
                       "This is not the report that you were shown. Look at it again and "
                       "decide then.");
    TRY(decision_last(w, "assessment", a.id, &last));
    if (last.id && text_equal(last.outcome, "approved"))
        return err_new(ERR_CLASH, "This report is approved already.");
    if (text_equal(web_form(w, "outcome"), "refused"))
        d.outcome = "refused";
    TRY(decision_four_eyes(w, a.author, &assessment_approve, &alone));
    if (alone && text_empty(why))
        return err_new(ERR_INVALID, "You prepared this round yourself and nobody else can approve "
                                    "it. Say why you decide all the same.");
    d.exception = alone ? text_trim(w->arena, why) : NULL;
    d.comment = text_empty(comment) ? NULL : text_trim(w->arena, comment);
    d.kind = "assessment";
    TRY(decision_record(w, &assessment_entity, a.id, a.body, &d, &id));
    web_redirect(
        w, address_of(w, &a, text_equal(d.outcome, "approved") ? "?m=approved" : "?m=refused"));
    return NULL;
}
