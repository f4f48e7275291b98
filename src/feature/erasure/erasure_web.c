/* SPDX-License-Identifier: Apache-2.0 */
/* Asking for an erasure, agreeing to it, and what came of it. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/decision.h"
#include "core/job.h"
#include "core/page.h"
#include "core/work.h"
#include "feature/erasure/erasure_part.h"
#include "feature/organisation/organisation.h"

/* "?subject=P-7" from the page of the person. */
struct err *erasure_new_page(struct web *w)
{
    struct issues none = {.arena = w->arena};
    struct erasure e = {.basis = "request"};
    const struct entity *kind;
    const char *subject = web_query(w, "subject");

    if (subject)
        TRY(record_find(w, subject, &kind, &e.subject));
    page_begin(w, "Erasures", "Erase personal data");
    page_help(w, erasure_entity.help, erasure_entity.clause);
    page_body(w);
    card_begin(w, NULL, NULL);
    html(w->html, "<p>{Erasing cannot be undone. First you ask for it; a second person looks at it "
                  "and agrees; then it happens.}</p>");
    form_begin(w, web_url(w, "/erasures"), 0);
    TRY(form_fields(w, &erasure_entity, &e, &none));
    form_end(w, "Ask for it", web_url(w, "/erasures"));
    card_end(w);
    page_end(w);
    return NULL;
}

/* --- what it means --- */

static struct err *draw_person(struct web *w, i64 person)
{
    i64 account;
    bool shared;

    TRY(erasing_account(w, person, &account, &shared));
    html(w->html,
         "<ul><li>{Name, e-mail address, job and note of the person, today and in all earlier "
         "versions. What the person owned and did stays, under “Erased person” and the "
         "number.}</li><li>{The addresses and browsers from which they signed in and worked.}</li>"
         "<li>{Messages that were sent to them.}</li>");
    if (account && shared)
        html(w->html, "<li>{Their account stays, since another organisation uses it; here they can "
                      "no longer sign in.}</li>");
    else if (account)
        html(w->html, "<li>{Their account, its sessions and tokens.}</li>");
    html(w->html, "</ul><p>{What others wrote about the person in texts is not found by itself: "
                  "search for the name, correct the text, then erase the earlier versions of that "
                  "record.}</p>");
    return NULL;
}

static struct err *draw_meaning(struct web *w, const struct erasure *e,
                                const struct record_head *head)
{
    card_begin(w, "What is erased", NULL);
    if (head->entity == &person_entity)
        TRY(draw_person(w, e->subject));
    else
        html(w->html,
             "<p>{All texts of the earlier versions of %s. The newest version stays as it is: "
             "correct it first.}</p>",
             head->label);
    html(w->html, "<p class='mb-0'>{The log keeps the fingerprints, so that it can still be proved "
                  "that nothing else was changed. Backups that exist already are not changed; when "
                  "one is restored, this is erased again.}</p>");
    card_end(w);
    return NULL;
}

static void draw_decide(struct web *w, const struct erasure *e)
{
    if (w->asof || !web_may(w, &erasure_write) || !text_equal(e->state, "requested"))
        return;
    card_begin(w, "Your decision", NULL);
    form_begin(w, web_url(w, "/erasures/ER-%lld/approve", e->number), e->version);
    form_area(w, "comment", "Comment", NULL, "Kept with the decision. Needed when you refuse.");
    form_text(w, "exception", "If nobody else can decide: why you do it yourself", NULL, NULL);
    html(w->html,
         "<div class='form-actions'><button class='btn btn-danger' type='submit'>{Erase}</button>"
         "<button class='btn' type='submit' formaction='%s'>{Refuse}</button></div></form>",
         web_url(w, "/erasures/ER-%lld/refuse", e->number));
    card_end(w);
}

static struct err *load_asked(struct web *w, struct erasure *e)
{
    i64 id;

    TRY(web_record(w, &erasure_entity, &id));
    return entity_load(w, &erasure_entity, id, e);
}

struct err *erasure_show(struct web *w)
{
    struct erasure e;
    struct record_head head;
    bool drawn;

    TRY(load_asked(w, &e));
    TRY(record_head(w, e.subject, &head));
    page_begin(w, "Erasures", "ER-%lld %s", e.number, e.title);
    page_help(w, erasure_entity.help, erasure_entity.clause);
    page_body(w);
    TRY(entity_tab(w, &erasure_entity, &e, &drawn));
    if (drawn) {
        page_end(w);
        return NULL;
    }
    html(w->html, "<div class='split'><div class='stack'>");
    card_begin(w, NULL, NULL);
    TRY(entity_details(w, &erasure_entity, &e));
    card_end(w);
    html(w->html, "</div><div class='stack'>");
    TRY(draw_meaning(w, &e, &head));
    draw_decide(w, &e);
    html(w->html, "</div></div>");
    page_end(w);
    return NULL;
}

/* --- as work of others --- */

/* Whoever may erase, but who asked for it only when nobody else can decide. */
static struct err *to_decide(struct web *w, i64 person, bool given, struct work_list *out)
{
    struct rows *r;

    if (given || person != w->person || w->asof || !web_may(w, &erasure_write))
        return NULL;
    TRY(db_query(w->db, &r,
                 "select id, number, title, author from erasure where org_id = $1"
                 " and state = 'requested' order by number",
                 num(w->org)));
    return work_add_decisions(out, &erasure_entity, &erasure_write, r);
}

static struct err *asks(struct web *w, const struct entity *e, const void *before,
                        const void *after, struct work_ask *out)
{
    const struct erasure *x = after;

    if (e != &erasure_entity || before || !text_equal(x->state, "requested"))
        return NULL;
    *out = (struct work_ask){.record = x->id,
                             .right = &erasure_write,
                             .label = arena_printf(w->arena, "ER-%lld", x->number),
                             .title = x->title,
                             .path = "",
                             .cause = arena_printf(w->arena, "erasure:%lld", x->id)};
    return NULL;
}

const struct work_source erasure_work[] = {
    {.name = "erasure",  .title = N_("Erasures to decide"), .open = to_decide, .asks = asks},
    {.name = NULL},
};

/* --- deciding --- */

static struct err *load_open(struct web *w, struct erasure *e)
{
    const char *version = web_form(w, "_version");
    i64 seen;

    TRY(load_asked(w, e));
    if (!text_equal(e->state, "requested"))
        return err_new(ERR_CLASH, "This is decided already.");
    if (!version || !text_i64(version, &seen) || seen != e->version)
        return err_new(ERR_CLASH, "This changed while you were reading. Look at it again.");
    return NULL;
}

static struct err *store(struct web *w, struct erasure *e)
{
    struct issues issues = {.arena = w->arena};
    const char *comment = web_form(w, "comment");

    e->decider = w->person;
    e->comment = text_empty(comment) ? NULL : text_trim(w->arena, comment);
    TRY(entity_write(w, &erasure_entity, e, NULL, &issues));
    if (issues.count)
        return err_new(ERR_INVALID, "%s", issues.list[0].text);
    web_redirect(w, web_url(w, "/erasures/ER-%lld?m=saved", e->number));
    return NULL;
}

/* A second person, or the same one with a reason when nobody else may. */
static struct err *four_eyes(struct web *w, struct erasure *e)
{
    const char *why = web_form(w, "exception");
    bool alone;

    TRY(decision_four_eyes(w, e->author, &erasure_write, &alone));
    if (alone && text_empty(why))
        return err_new(ERR_INVALID, "You asked for this yourself, and nobody else may decide. Say "
                                    "why you do it all the same.");
    e->exception = alone ? text_trim(w->arena, why) : NULL;
    return NULL;
}

struct err *erasure_approve(struct web *w)
{
    struct issues blockers = {.arena = w->arena};
    struct erasing what = {0};
    struct record_head head;
    struct erasure e;
    size_t count;

    TRY(load_open(w, &e));
    TRY(four_eyes(w, &e));
    TRY(record_head(w, e.subject, &head));
    if (!head.entity || head.removed || head.hidden)
        return err_new(ERR_CLASH, "The record was removed meanwhile. Bring it back first.");
    TRY(erasing_blockers(w, head.entity, e.subject, &blockers));
    if (blockers.count)
        return err_new(ERR_INVALID, "%s", blockers.list[0].text);
    what.entity = head.entity;
    what.record = e.subject;
    what.basis = e.basis;
    what.by = arena_printf(w->arena, "ER-%lld", e.number);
    TRY(erasing_apply(w, &what, &count, &e.parts));
    e.state = "done";
    TRY(job_add(w, "redactions", "now", 0, "")); /* the list beside the database */
    return store(w, &e);
}

struct err *erasure_refuse(struct web *w)
{
    struct erasure e;

    TRY(load_open(w, &e));
    if (text_empty(web_form(w, "comment")))
        return err_new(ERR_INVALID, "Say in the comment why it is refused: the person has a right "
                                    "to know.");
    e.state = "refused";
    return store(w, &e);
}
