/* SPDX-License-Identifier: Apache-2.0 */
/* Deciding quickly: the undecided controls one by one, with proposal and reasons; or all proposals
 * that rest on something at once. Nothing is ever excluded in bulk. */
#include <string.h>

#include "base/text.h"
#include "core/app.h"
#include "core/content.h"
#include "core/page.h"
#include "feature/control/control.h"
#include "feature/soa/soa_part.h"

static bool undecided(const struct soa_row *r)
{
    return text_equal(r->applicable, "open");
}

/* Applicable, and something speaks for it that an auditor accepts. */
static bool plain_yes(const struct soa_row *r)
{
    return undecided(r) && text_equal(r->proposed, "yes") && (r->nreasons || r->reasoned);
}

static const struct soa_row *row_named(const struct soa_table *t, const char *code)
{
    for (size_t i = 0; code && i < t->count; i++)
        if (text_equal(t->rows[i].code, code))
            return &t->rows[i];
    return NULL;
}

/* The control asked for, or the first undecided one after another, or the first one. */
static const struct soa_row *next_row(const struct soa_table *t, const char *asked,
                                      const char *after)
{
    const struct soa_row *r = row_named(t, asked), *from = row_named(t, after);

    if (r)
        return r;
    for (size_t i = from ? (size_t)(from - t->rows) + 1 : 0; i < t->count; i++)
        if (undecided(&t->rows[i]))
            return &t->rows[i];
    return NULL;
}

/* --- drawing --- */

static void draw_told(struct web *w, const struct soa_row *r)
{
    const struct content_table *t = content_table(w->app->content, "controls");
    i64 row = content_row(t, r->code);

    if (row >= 0)
        html(w->html, "<p>%s</p><p class='mute'>%s</p>", content_cell(t, (size_t)row, "plain"),
             content_cell(t, (size_t)row, "why"));
    html(w->html, "<div class='notice info mb-3'><div>");
    if (r->proposed)
        html(w->html, "<strong>Proposed: %s.</strong> ",
             text_equal(r->proposed, "no") ? "leave it out" : "applicable");
    html(w->html, "%s</div></div>", r->proposed_because);
    if (r->nreasons) {
        html(w->html, "<p>It is wanted by: ");
        soa_draw_reasons(w, r, 20);
        html(w->html, "</p>");
    }
    if (r->conflict)
        html(w->html, "<p class='late'>%s.</p>", r->conflict);
}

static const char *sent_or(struct web *w, const char *name, const char *otherwise)
{
    const char *text = web_form(w, name);

    return text ? text : otherwise;
}

static void draw_error(struct web *w, const struct issues *issues, const char *field)
{
    const char *text = issues ? issue_of(issues, field) : NULL;

    if (text)
        html(w->html, "<div class='field-error'>%s</div>", text);
}

static void draw_yes(struct web *w, const struct soa_row *r, const struct issues *issues)
{
    html(w->html,
         "<section class='card'><div class='card-body'><h2 class='card-title mb-2'>We need "
         "it</h2>");
    form_begin(w, web_url(w, "/soa/decide"), r->version);
    html(w->html,
         "<input type='hidden' name='control' value='%s'><input type='hidden' "
         "name='decide' value='yes'>",
         r->code);
    form_area(w, "business_reason", "Business reason",
              sent_or(w, "business_reason",
                      !r->nreasons && plain_yes(r) ? r->proposed_because : r->business),
              r->nreasons ? "Only if there is more to say than the reasons above."
                          : "Nothing asks for it so far: say why you want it.");
    draw_error(w, issues, "business_reason");
    html(w->html,
         "<div class='form-actions'><button class='btn%s' type='submit'>Applicable</button>"
         "</div></form></div></section>",
         text_equal(r->proposed, "no") ? "" : " btn-primary");
}

static void draw_no(struct web *w, const struct soa_row *r, const struct issues *issues)
{
    const char *draft = text_empty(r->justification) ? control_hint(w, r->code) : r->justification;

    html(w->html,
         "<section class='card'><div class='card-body'><h2 class='card-title mb-2'>We leave "
         "it out</h2>");
    form_begin(w, web_url(w, "/soa/decide"), r->version);
    html(w->html,
         "<input type='hidden' name='control' value='%s'><input type='hidden' "
         "name='decide' value='no'>",
         r->code);
    form_area(w, "justification", "Reason for leaving it out", sent_or(w, "justification", draft),
              "Facts about your organisation that somebody can check. Replace what stands in "
              "[brackets], look into what follows “Check:” and take it out.");
    draw_error(w, issues, "justification");
    html(w->html,
         "<div class='form-actions'><button class='btn%s' type='submit'>Not applicable"
         "</button></div></form></div></section>",
         text_equal(r->proposed, "no") ? " btn-primary" : "");
}

static void draw_bulk(struct web *w, const struct soa_table *t)
{
    i64 n = 0;

    for (size_t i = 0; i < t->count; i++)
        n += plain_yes(&t->rows[i]);
    html(w->html,
         "<section class='card'><div class='card-header'><h2 class='card-title'>Still open"
         "</h2><span class='mute'>%lld of %zu</span></div><div class='card-body'>",
         t->open, t->count);
    html(w->html, "<progress class='bar mb-3' max='%zu' value='%lld'>%lld decided</progress>",
         t->count, (i64)t->count - t->open, (i64)t->count - t->open);
    if (n) {
        html(w->html,
             "<p>%lld of them are proposed as applicable for a reason: the baseline, the "
             "profile, a risk or a requirement. You can accept these together. What is "
             "left out is always decided one by one.</p>",
             n);
        form_button(w, web_url(w, "/soa/decide/all"), "default",
                    arena_printf(w->arena, "Accept all %lld", n), NULL, NULL);
    }
    html(w->html, "<ul class='list-unstyled mt-3 mb-0'>");
    for (size_t i = 0, shown = 0; i < t->count && shown < 12; i++)
        if (undecided(&t->rows[i]) && ++shown)
            html(w->html,
                 "<li><a href='%s'><strong>%s</strong> %s</a> <span class='mute'>%s</span>"
                 "</li>",
                 web_url(w, "/soa/decide?control=%s", text_url(w->arena, t->rows[i].code)),
                 t->rows[i].code, t->rows[i].title,
                 text_equal(t->rows[i].proposed, "no") ? "leave out?" : "");
    html(w->html, "</ul></div></section>");
}

static struct err *draw_page(struct web *w, const struct soa_table *t, const struct soa_row *r,
                             const struct issues *issues)
{
    if (!r) {
        page_begin(w, "Statement of Applicability", "All controls are decided");
        page_body(w);
        card_begin(w, NULL, NULL);
        page_empty(w,
                   t->open ? "These were the last ones in the list; those you skipped are still "
                             "open."
                           : "Nothing is open. Look at the statement once more, then send it for "
                             "approval.",
                   t->open ? web_url(w, "/soa/decide") : web_url(w, "/soa?theme=all"),
                   t->open ? "Back to the first open one" : "To the statement");
        card_end(w);
        page_end(w);
        return NULL;
    }
    page_begin(w, "Do we need this control?", "%s %s", r->code, r->title);
    page_action(w, "default", web_url(w, "/soa/decide?after=%s", text_url(w->arena, r->code)),
                "Skip");
    page_action(w, "default", web_url(w, "/soa?theme=%s", r->theme), "To the statement");
    page_body(w);
    form_issues(w, issues);
    html(w->html, "<div class='split wide-aside'><div class='stack'>");
    card_begin(w, NULL, NULL);
    draw_told(w, r);
    card_end(w);
    draw_yes(w, r, issues);
    draw_no(w, r, issues);
    html(w->html, "</div><div class='stack'>");
    draw_bulk(w, t);
    html(w->html, "</div></div>");
    page_end(w);
    return NULL;
}

struct err *soa_decide_page(struct web *w)
{
    struct soa_table t;

    TRY(soa_rows(w, &t));
    return draw_page(w, &t, next_row(&t, web_query(w, "control"), web_query(w, "after")), NULL);
}

/* --- deciding --- */

static struct err *load_posted(struct web *w, struct control *c)
{
    const char *code = web_form(w, "control"), *version = web_form(w, "_version");
    i64 id, shown;

    TRY(entity_find(w, &control_entity, code ? code : "", &id));
    TRY(entity_load(w, &control_entity, id, c));
    if (!version || !text_i64(version, &shown))
        return err_new(ERR_BAD, "The form is not complete. Open the page again.");
    if (shown != c->version)
        return err_new(ERR_CLASH, "Somebody else changed this control since you opened the page. "
                                  "Look at it again and decide then.");
    return NULL;
}

static struct err *refuse_decision(struct web *w, const char *code, const struct issues *issues)
{
    struct soa_table t;

    TRY(soa_rows(w, &t));
    web_status(w, 422);
    return draw_page(w, &t, row_named(&t, code), issues);
}

static const char *trimmed(struct web *w, const char *name)
{
    const char *text = web_form(w, name);

    return text_empty(text) ? NULL : text_trim(w->arena, text);
}

struct err *soa_decide_post(struct web *w)
{
    struct issues issues = {.arena = w->arena};
    const char *decision = web_form(w, "decide");
    struct control c;

    TRY(load_posted(w, &c));
    if (text_equal(decision, "yes")) {
        c.applicable = "yes";
        c.business_reason = trimmed(w, "business_reason");
    } else if (text_equal(decision, "no")) {
        c.applicable = "no";
        c.justification = trimmed(w, "justification");
    } else {
        return err_new(ERR_BAD, "Say whether the control is applicable or not.");
    }
    if (text_length(c.business_reason ? c.business_reason : "") > 2000 ||
        text_length(c.justification ? c.justification : "") > 2000)
        return err_new(ERR_INVALID, "The reason is too long: at most 2,000 characters fit.");
    TRY(entity_write(w, &control_entity, &c, "decided in the statement", &issues));
    if (issues.count)
        return refuse_decision(w, c.code, &issues);
    web_redirect(w, web_url(w, "/soa/decide?after=%s&m=saved", text_url(w->arena, c.code)));
    return NULL;
}

struct err *soa_decide_all(struct web *w)
{
    struct soa_table t;

    TRY(soa_rows(w, &t));
    for (size_t i = 0; i < t.count; i++) {
        struct issues issues = {.arena = w->arena};
        struct control c;

        if (!plain_yes(&t.rows[i]))
            continue;
        TRY(entity_load(w, &control_entity, t.rows[i].control, &c));
        c.applicable = "yes";
        if (!t.rows[i].nreasons) /* the proposal is then all that speaks for it */
            c.business_reason = t.rows[i].proposed_because;
        TRY(entity_write(
            w, &control_entity, &c,
            arena_printf(w->arena, "proposal accepted: %s", t.rows[i].proposed_because), &issues));
        if (issues.count)
            return err_new(ERR_INVALID, "%s: %s", c.name, issues.list[0].text);
    }
    web_redirect(w, web_url(w, "/soa/decide?m=accepted"));
    return NULL;
}
