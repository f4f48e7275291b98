/* SPDX-License-Identifier: Apache-2.0 */
/* Several decisions on one page. Each risk shows the text that is signed, is ticked on its own and
 * gets a decision of its own with that text; what changed meanwhile or may not be decided is told
 * and stays open. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/page.h"
#include "feature/organisation/organisation.h"
#include "feature/treatment/treatment_web.h"

#define PAGE 20 /* texts that somebody still reads */

struct asked {
    struct approval approval;
    bool ticked;
    const char *refused; /* sentence, or NULL */
};
struct sheet {
    struct asked list[PAGE];
    size_t count;
    i64 more;    /* that wait besides */
    size_t done; /* decided by this request */
    bool above;
    i64 months;  /* so long may an acceptance last */
    bool scored; /* this person scored one of them */
};

/* What the answer has to ask because of the risk that was loaded last. */
static void take(const struct web *w, struct sheet *s)
{
    const struct approval *a = &s->list[s->count].approval;
    i64 months = a->method.accept_months ? a->method.accept_months : 12;

    if (a->above && (!s->above || months < s->months))
        s->months = months;
    s->above |= a->above;
    s->scored |= a->risk.analyst == w->person;
    s->count++;
}

static struct err *load_waiting(struct web *w, struct sheet *s)
{
    struct rows *r;

    TRY(approvals_waiting(w, &r));
    while (row_next(r)) {
        if (s->count == PAGE) {
            s->more++;
            continue;
        }
        TRY(approval_load(w, row_num(r, 5), &s->list[s->count].approval));
        take(w, s);
    }
    return NULL;
}

static struct err *draw_risk(struct web *w, const struct asked *one)
{
    const struct approval *a = &one->approval;
    const struct risk *r = &a->risk;
    const char *named;

    TRY(people_named(w, a->body, &named));

    html(w->html,
         "<section class='card'><div class='card-header'><label class='form-check mb-0'>"
         "<input class='form-check-input' type='checkbox' name='pick[]' value='%lld'%s>"
         "<span class='form-check-label'><strong>R-%lld</strong> %s</span></label></div>"
         "<div class='card-body'><input type='hidden' name='hash.%lld' value='%s'>",
         r->id, one->ticked ? " checked" : "", r->number, r->title, r->id, a->hash);
    if (one->refused)
        page_notice(w, "danger", "%s", one->refused);
    html(w->html, "<p class='mb-1'>{Level now %lld, expected afterwards %lld}", r->score,
         r->residual_score ? r->residual_score : r->score);
    if (a->above)
        html(w->html, " · <span class='late'>{above the acceptance level of %lld}</span>",
             a->method.acceptance);
    html(w->html,
         "</p><details><summary>{What you sign}</summary><pre class='frozen'>%s</pre><p "
         "class='text-secondary frozen'>{SHA-256 %s}</p></details></div></section>",
         named, a->hash);
    return NULL;
}

static void draw_answer(struct web *w, const struct sheet *s)
{
    card_begin(w, "Your decision on those that are ticked", NULL);
    form_area(w, "comment", "Comment", web_form(w, "comment"),
              "Stands at each of these decisions. Needed when you refuse.");
    if (s->above)
        approval_until_draw(w, s->months, false);
    if (s->scored)
        form_text(w, "exception",
                  "If you scored one of them yourself and nobody else can decide: why",
                  web_form(w, "exception"), NULL);
    html(w->html, "<div class='form-actions'><button class='btn btn-primary' name='outcome' "
                  "value='approved'>{Approve those ticked}</button> <button class='btn' "
                  "name='outcome' value='refused'>{Refuse those ticked}</button></div>");
    card_end(w);
}

static struct err *draw(struct web *w, const struct sheet *s)
{
    page_begin(w, "To decide", "Decide several");
    page_action(w, "default", web_url(w, "/approvals"), "One by one");
    page_help(w,
              "Read each text, tick what you decide alike, then approve or refuse. Each risk "
              "gets a decision of its own, with the text that you were shown.",
              "6.1.3 f");
    page_body(w);
    if (!s->count) {
        page_empty(w, "Nothing waits for your decision.", web_url(w, "/approvals"), "To decide");
        page_end(w);
        return NULL;
    }
    if (s->done)
        page_notice(
            w, "success", "%s",
            arena_printf(w->arena,
                         tr_n("%zu decision is recorded. The others stay open:",
                              "%zu decisions are recorded. The others stay open:", (i64)s->done),
                         s->done));
    form_begin(w, web_url(w, "/approvals/several"), 0);
    html(w->html, "<div class='split'><div class='stack'>");
    for (size_t i = 0; i < s->count; i++)
        TRY(draw_risk(w, &s->list[i]));
    if (s->more)
        html(w->html,
             "<p class='mute'>{%lld more waits; it comes when these are decided.|%lld "
             "more wait; they come when these are decided.}</p>",
             s->more, s->more);
    html(w->html, "</div><div class='stack'>");
    draw_answer(w, s);
    html(w->html, "</div></div></form>");
    page_end(w);
    return NULL;
}

struct err *approvals_several(struct web *w)
{
    struct sheet *s = NEW(w->arena, struct sheet);

    if (w->asof)
        return approvals_past(w);
    TRY(load_waiting(w, s));
    return draw(w, s);
}

/* --- posting --- */

static const char *hash_of(struct web *w, i64 risk)
{
    return web_form(w, arena_printf(w->arena, "hash.%lld", risk));
}

static struct err *decide_one(struct web *w, struct asked *one,
                              const struct approval_answer *common)
{
    struct approval_answer given = *common;
    struct err *failed;

    given.hash = hash_of(w, one->approval.risk.id);
    failed = approval_decide(w, &one->approval, &given);
    if (failed && failed->code != ERR_DENIED && failed->code != ERR_CLASH &&
        failed->code != ERR_INVALID)
        return failed;
    one->refused = failed ? failed->text : NULL;
    return NULL;
}

static struct err *add_ticked(struct web *w, struct sheet *s, const char *text)
{
    struct asked *one = &s->list[s->count];
    i64 id;

    if (!text_i64(text, &id))
        return err_new(ERR_BAD, "The form is not complete. Open the page again.");
    if (s->count == PAGE)
        return err_new(ERR_BAD, "At most %d risks can be decided at once.", PAGE);
    TRY(approval_load(w, id, &one->approval));
    one->ticked = true;
    take(w, s);
    return NULL;
}

struct err *approvals_several_post(struct web *w)
{
    struct approval_answer common = {.refused = text_equal(web_form(w, "outcome"), "refused"),
                                     .comment = web_form(w, "comment"),
                                     .exception = web_form(w, "exception"),
                                     .expires = web_form(w, "expires")};
    struct sheet *s = NEW(w->arena, struct sheet);
    size_t open = 0;

    for (size_t i = 0; i < w->req->form.count; i++)
        if (text_equal(w->req->form.list[i].name, "pick[]"))
            TRY(add_ticked(w, s, w->req->form.list[i].value));
    if (!s->count)
        return err_new(ERR_INVALID, "Nothing is ticked. Tick the risks that you decide on.");
    for (size_t i = 0; i < s->count; i++) {
        TRY(decide_one(w, &s->list[i], &common));
        if (s->list[i].refused)
            s->list[open++] = s->list[i];
    }
    if (!open) {
        web_redirect(w, web_url(w, "/approvals?m=saved"));
        return NULL;
    }
    /* What could be decided is decided; what could not stands here with its reason. */
    s->done = s->count - open;
    s->count = open;
    if (!s->done)
        web_status(w, 422);
    return draw(w, s);
}
