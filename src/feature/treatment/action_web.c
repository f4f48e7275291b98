/* SPDX-License-Identifier: Apache-2.0 */
/* The page of an action: how far it is, told by who has it, and verified by somebody else. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/page.h"
#include "feature/organisation/organisation.h"
#include "feature/treatment/treatment_web.h"

/* Who has the action may report on it without the right to change actions. */
static bool may_report(const struct web *w, const struct action *a)
{
    if (w->asof || text_equal(a->status, "cancelled"))
        return false;
    return (w->person && a->owner == w->person) || web_may(w, &action_write);
}

/* Somebody other than the doer: the one who is named, or whoever plans actions. */
static struct err *must_verify(const struct web *w, const struct action *a)
{
    if (!w->person)
        return err_new(ERR_DENIED, "Only a person of this organisation can verify. Sign in with an "
                                   "account that belongs to a person here.");
    if (a->owner == w->person)
        return err_new(ERR_DENIED, "You did this yourself, so somebody else must verify it.");
    if (a->verifier ? a->verifier != w->person : !web_may(w, &action_write))
        return err_new(ERR_DENIED, "Somebody else is named to verify this action.");
    return NULL;
}

static bool may_verify(const struct web *w, const struct action *a)
{
    return !w->asof && text_equal(a->status, "done") && !a->verified_on && !must_verify(w, a);
}

/* --- writing --- */

/* The right to change actions is lent to doer and verifier for what they report. */
static struct err *store(struct web *w, struct action *a, const char *reason, struct issues *out)
{
    return entity_write_lent(w, &action_entity, a, reason, out);
}

static struct err *load_asked(struct web *w, struct action *a)
{
    i64 id;

    TRY(web_record(w, &action_entity, &id));
    return entity_load(w, &action_entity, id, a);
}

static const char *back_to(struct web *w, const struct action *a)
{
    const char *back = web_form(w, "back"), *home = arena_printf(w->arena, "/o/%s/", w->slug);

    if (back && text_starts(back, home) && !strpbrk(back, "\r\n\\"))
        return back;
    return web_url(w, "/actions/AC-%lld?m=saved", a->number);
}

/* The fields of the report that the form has. */
static struct inputs reported(struct web *w)
{
    static const char *const names[] = {"status", "progress", "spent", "evidence"};
    struct inputs in = {.list = NEW_ARRAY(w->arena, struct input, COUNT_OF(names))};

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (web_form(w, names[i]))
            in.list[in.count++] = (struct input){names[i], web_form(w, names[i])};
    return in;
}

static struct err *draw(struct web *w, const struct action *a, const struct issues *issues);

struct err *action_report(struct web *w)
{
    struct issues issues = {.arena = w->arena};
    struct action a, before;

    TRY(load_asked(w, &a));
    before = a;
    if (!may_report(w, &a))
        return err_new(ERR_DENIED,
                       "AC-%lld is not yours. Who has it and who plans actions may report on it.",
                       a.number);
    TRY(entity_apply(w, &action_entity, &a, reported(w), true, &issues));
    if (!issues.count && text_equal(a.status, "cancelled") && !web_may(w, &action_write))
        issue(&issues, "status", "Only who plans actions may cancel one. Say so to them.");
    if (!issues.count && text_equal(before.status, "done") && !text_equal(a.status, "done") &&
        a.progress == 100)
        a.progress = 90;
    if (!issues.count)
        TRY(store(w, &a, w->reason, &issues));
    if (issues.count) {
        web_status(w, 422);
        return draw(w, &a, &issues);
    }
    web_redirect(w, back_to(w, &a));
    return NULL;
}

struct err *action_verify(struct web *w)
{
    struct issues issues = {.arena = w->arena};
    const char *outcome = web_form(w, "outcome"), *comment = web_form(w, "comment");
    bool works = text_equal(outcome, "works");
    struct action a;

    TRY(load_asked(w, &a));
    TRY(must_verify(w, &a));
    if (!text_equal(a.status, "done"))
        return err_new(ERR_CLASH, "This action is not done yet, so there is nothing to verify.");
    if (a.verified_on)
        return err_new(ERR_CLASH, "This action was verified already.");
    if (!works && !text_equal(outcome, "again"))
        return err_new(ERR_INVALID, "Say whether it works.");
    if (!works && text_empty(comment))
        return err_new(ERR_INVALID, "Say what is missing, so that it can be mended.");
    a.verifier = w->person;
    if (works) {
        a.verified_on = w->today;
    } else {
        a.status = "in-progress";
        a.progress = 90;
    }
    TRY(store(w, &a, text_empty(comment) ? works ? "verified" : NULL : comment, &issues));
    if (issues.count)
        return err_new(ERR_INVALID, "%s", issues.list[0].text);
    web_redirect(w, back_to(w, &a));
    return NULL;
}

/* --- the page --- */

static struct err *draw_report(struct web *w, const struct action *a, const struct issues *issues)
{
    static const char *const names[] = {"status", "progress", "spent", "evidence"};

    if (!may_report(w, a))
        return NULL;
    card_begin(w, "How far it is", NULL);
    form_begin(w, web_url(w, "/actions/AC-%lld/report", a->number), 0);
    for (size_t i = 0; i < COUNT_OF(names); i++)
        TRY(form_field(w, entity_field(&action_entity, names[i]), a, issues));
    html(w->html, "<div class='form-actions'><button class='btn btn-primary'>{Report}</button>"
                  "</div></form>");
    card_end(w);
    return NULL;
}

static struct err *draw_verify(struct web *w, const struct action *a)
{
    const char *who;

    if (!text_equal(a->status, "done"))
        return NULL;
    card_begin(w, "Verification", NULL);
    if (a->verified_on) {
        TRY(entity_title(w, &person_entity, a->verifier, &who, NULL));
        html(w->html, "<p class='mb-0'>");
        badge(w, "green", "verified");
        html(w->html, " {by %s on %s}</p>", who, words_date(w->arena, a->verified_on));
    } else if (may_verify(w, a)) {
        html(w->html, "<p>{Look at the evidence and at the thing itself. You say whether it does "
                      "what it should.}</p>");
        form_begin(w, web_url(w, "/actions/AC-%lld/verify", a->number), 0);
        form_area(w, "comment", "Comment", NULL, "Needed when something is missing.");
        html(w->html, "<div class='form-actions'><button class='btn btn-primary' name='outcome' "
                      "value='works'>{It works}</button> <button class='btn' name='outcome' "
                      "value='again'>{Something is missing}</button></div></form>");
    } else {
        html(w->html, "<p class='mb-0'>{Nobody has verified it yet. Somebody other than the one "
                      "who did it looks whether it works.}</p>");
    }
    card_end(w);
    return NULL;
}

/* What it waits for and what waits for it. */
static struct err *draw_order(struct web *w, const struct action *a)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select 0, b.number, b.title, b.status, b.due from action_needs l join action b"
                 " on b.org_id = l.org_id and b.id = l.target where l.org_id = $1"
                 " and l.record = $2 union all select 1, b.number, b.title, b.status, b.due"
                 " from action_needs l join action b on b.org_id = l.org_id and b.id = l.record"
                 " where l.org_id = $1 and l.target = $2 order by 1, 5, 2",
                 num(w->org), num(a->id)));
    if (!row_count(r))
        return NULL;
    card_begin(w, "Order", NULL);
    html(w->html, "<ul class='list-unstyled mb-0'>");
    while (row_next(r)) {
        const struct choice *c = action_status(row_text(r, 3));

        html(w->html, "<li>%s <a href='%s'>AC-%lld %s</a> ",
             row_num(r, 0) ? tr("Is needed by") : tr("Waits for"),
             web_record_url(w, &action_entity, row_num(r, 1)), row_num(r, 1), row_text(r, 2));
        badge(w, c ? c->tone : NULL, c ? c->label : row_text(r, 3));
        html(w->html, "</li>");
    }
    html(w->html, "</ul>");
    card_end(w);
    return NULL;
}

static struct err *draw_body(struct web *w, const struct action *a, const struct issues *issues)
{
    form_issues(w, issues);
    html(w->html, "<div class='split'><div class='stack'>");
    card_begin(w, "Details", NULL);
    TRY(entity_details(w, &action_entity, a));
    card_end(w);
    html(w->html, "</div><div class='stack'>");
    TRY(draw_report(w, a, issues));
    TRY(draw_verify(w, a));
    TRY(draw_order(w, a));
    card_begin(w, "History", NULL);
    TRY(entity_history(w, &action_entity, a->id));
    card_end(w);
    html(w->html, "</div></div>");
    return NULL;
}

static struct err *draw(struct web *w, const struct action *a, const struct issues *issues)
{
    bool drawn = false;

    page_begin(w, arena_printf(w->arena, "%s · AC-%lld", tr(action_entity.label), a->number), "%s",
               a->title);
    page_help(w, action_entity.help, action_entity.clause);
    if (!w->asof && web_may(w, &action_write)) {
        const char *address = web_record_url(w, &action_entity, a->number);

        page_action(w, "default", arena_printf(w->arena, "%s/remove", address), "Remove");
        page_action(w, "primary", arena_printf(w->arena, "%s/edit", address), "Edit");
    }
    page_body(w);
    if (!issues->count)
        TRY(entity_tab(w, &action_entity, a, &drawn));
    if (!drawn)
        TRY(draw_body(w, a, issues));
    page_end(w);
    return NULL;
}

struct err *action_show(struct web *w)
{
    struct issues none = {.arena = w->arena};
    struct action a;

    TRY(load_asked(w, &a));
    return draw(w, &a, &none);
}
