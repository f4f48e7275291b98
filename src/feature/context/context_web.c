/* SPDX-License-Identifier: Apache-2.0 */
/* Lists with their flags, a party with its requirements, and the pages of suggestions. */
#include "feature/context/context_web.h"

#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/content.h"
#include "core/list.h"
#include "core/page.h"

/* --- lists --- */

/* How many requirements the parties on the page have: one query for all of them. */
struct counts {
    struct rows *rows;
};

static i64 requirements_of(const struct counts *c, i64 party)
{
    row_rewind(c->rows);
    while (row_next(c->rows))
        if (row_num(c->rows, 0) == party)
            return row_num(c->rows, 1);
    return 0;
}

static const char *const party_needs[] = {"state", "why_not", NULL};

static bool party_cell(struct web *w, const struct field *f, const void *record)
{
    const struct party *p = record;
    i64 n;

    if (!text_equal(f->name, "name"))
        return false;
    n = requirements_of(w->prepared, p->id);
    if (n)
        html(w->html, "<div class='list-sub'>{%lld requirement|%lld requirements}</div>", n, n);
    else if (text_equal(p->state, "active"))
        html(w->html, "<div class='list-sub late'>{no requirement yet}</div>");
    else if (!text_empty(p->why_not))
        html(w->html, "<div class='list-sub'>%s</div>", p->why_not);
    return true;
}

static void list_actions(struct web *w, const struct entity *e, const char *label)
{
    page_help(w, e->help, e->clause);
    page_action(w, "default", web_url(w, "/%s/suggestions", e->plural), "Suggestions");
    if (w->asof || !web_may(w, e->write))
        return;
    page_action(w, "default", web_url(w, "/%s/import", e->plural), "Import");
    page_action(w, "primary", web_url(w, "/%s/new", e->plural), label);
}

static struct err *draw_list(struct web *w, const struct entity *e, const char *label,
                             list_cell_fn *cell)
{
    struct list_query q;
    struct list_result r;

    TRY(list_parse(w, e, &q));
    list_needs(&q, cell ? party_needs : NULL);
    TRY(list_run(w, &q, true, &r));
    page_begin(w, "Plan", "%s", tr(e->labels));
    list_actions(w, e, label);
    page_body(w);
    TRY(list_draw(w, &q, &r, cell));
    page_end(w);
    return NULL;
}

struct err *party_list(struct web *w)
{
    struct counts c;

    TRY(db_query(w->db, &c.rows,
                 "select party, count(*) from requirement where org_id = $1 and party is not null"
                 " group by party",
                 num(w->org)));
    w->prepared = &c;
    TRY(draw_list(w, &party_entity, tr("New interested party"), party_cell));
    w->prepared = NULL;
    return NULL;
}

struct err *requirement_list(struct web *w)
{
    return draw_list(w, &requirement_entity, "New requirement", NULL);
}

/* --- a party --- */

static struct err *draw_requirements(struct web *w, const struct party *p)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select q.number, q.title, q.addressed, (select count(*) from requirement_controls"
                 " c where c.org_id = q.org_id and c.record = q.id) from requirement q"
                 " where q.org_id = $1 and q.party = $2 order by q.number",
                 num(w->org), num(p->id)));
    card_begin(w, "Requirements", NULL);
    if (!row_count(r))
        page_empty(w,
                   "Nothing is written down that they expect. Add at least one expectation, or "
                   "retire the party.",
                   web_may(w, &requirement_write) ? web_url(w, "/requirements/new") : NULL,
                   "New requirement");
    html(w->html, "<ul class='list-unstyled mb-0'>");
    while (row_next(r))
        html(w->html,
             "<li class='mb-1'><a href='%s'>%s</a> <span class='mute'>{%s · %lld "
             "controls}</span></li>",
             web_record_url(w, &requirement_entity, row_num(r, 0)), row_text(r, 1),
             text_equal(row_text(r, 2), "yes")  ? tr("addressed")
             : text_equal(row_text(r, 2), "no") ? tr("not addressed")
                                                : tr("not decided"),
             row_num(r, 3));
    html(w->html, "</ul>");
    card_end(w);
    return NULL;
}

struct err *party_show(struct web *w)
{
    struct party p;
    i64 id;
    bool drawn;

    TRY(web_record(w, &party_entity, &id));
    TRY(entity_load(w, &party_entity, id, &p));
    page_begin(w, arena_printf(w->arena, "%s · IP-%lld", tr("Interested party"), p.number), "%s",
               p.name);
    page_help(w, party_entity.help, party_entity.clause);
    if (web_may(w, &party_write) && !w->asof) {
        page_action(w, "default", web_url(w, "/parties/IP-%lld/remove", p.number), "Remove");
        page_action(w, "primary", web_url(w, "/parties/IP-%lld/edit", p.number), "Edit");
    }
    page_body(w);
    TRY(entity_tab(w, &party_entity, &p, &drawn));
    if (drawn) {
        page_end(w);
        return NULL;
    }
    html(w->html, "<div class='split wide-aside'><div class='stack'>");
    card_begin(w, "Details", NULL);
    TRY(entity_details(w, &party_entity, &p));
    card_end(w);
    TRY(draw_requirements(w, &p));
    html(w->html, "</div>");
    card_begin(w, "History", arena_printf(w->arena, tr("version %lld"), p.version));
    TRY(entity_history(w, &party_entity, p.id));
    card_end(w);
    html(w->html, "</div>");
    page_end(w);
    return NULL;
}

/* --- suggestions: one page for both kinds --- */

struct suggesting {
    struct web *w;
    const struct entity *e;
    const struct context_suggestions *s;
    const struct issues *issues; /* or NULL */
};

static const char *sent(struct web *w, const char *code)
{
    const char *text = web_form(w, arena_printf(w->arena, "reason.%s", code));

    return text ? text : "";
}

static void draw_dismiss(const struct suggesting *g, const struct context_suggestion *s)
{
    struct web *w = g->w;
    const char *error =
        g->issues ? issue_of(g->issues, arena_printf(w->arena, "reason.%s", s->code)) : NULL;

    html(w->html,
         "<details class='mt-1'%s><summary class='mute'>{It does not fit}<span "
         "class='visually-hidden'>: %s</span></summary><label class='form-label mt-1' "
         "for='f-reason.%s'>{Why not}</label><div class='d-flex gap-1'><input class='form-control "
         "form-control-sm' id='f-reason.%s' name='reason.%s' maxlength='500' value='%s'><button "
         "class='btn btn-sm' type='submit' name='dismiss' value='%s' aria-label='{Dismiss "
         "%s}'>{Dismiss}</button></div>",
         error || *sent(w, s->code) ? " open" : "", s->title, s->code, s->code, s->code,
         sent(w, s->code), s->code, s->title);
    if (error)
        html(w->html, "<div class='field-error'>%s</div>", error);
    html(w->html, "</details>");
}

static void draw_brings(struct web *w, const struct context_suggestion *s)
{
    char **parts;
    size_t n = text_split(w->arena, s->kind ? s->controls : s->needs, ';', &parts);

    for (size_t i = 0; i < n; i++)
        html(w->html, "%s%s", i ? (s->kind ? ", " : "; ") : "",
             s->kind ? parts[i] : tr(text_trim(w->arena, parts[i])));
}

static void draw_row(const struct suggesting *g, const struct context_suggestion *s, bool edit)
{
    struct web *w = g->w;
    const struct choice *kind = s->kind ? choice_find(requirement_kinds, s->kind) : NULL;

    html(w->html, "<tr>");
    if (edit)
        html(w->html,
             "<td class='pick'><input class='form-check-input' type='checkbox' name='pick[]' "
             "value='%s' data-pick aria-label='{Choose %s}'></td>",
             s->code, s->title);
    html(w->html, "<td class='list-main'>%s ", s->title);
    if (kind)
        badge(w, kind->tone, tr(kind->label));
    if (s->core)
        badge(w, "blue", "every organisation");
    if (s->kind && (*s->jurisdiction || *s->source))
        html(w->html, "<div class='list-sub'>%s%s%s</div>", s->jurisdiction,
             *s->jurisdiction && *s->source ? " · " : "", s->source);
    html(w->html, "<div class='list-sub'>%s</div>", s->why);
    if (edit)
        draw_dismiss(g, s);
    html(w->html, "</td><td data-label='%s'><div>", s->kind ? tr("Controls") : tr("They expect"));
    draw_brings(w, s);
    html(w->html, "</div></td>");
    if (edit)
        html(w->html,
             "<td><button class='btn btn-sm' type='submit' name='accept' value='%s' "
             "aria-label='{Accept %s}'>{Accept}</button></td>",
             s->code, s->title);
    html(w->html, "</tr>");
}

static void draw_rows(const struct suggesting *g, bool edit, bool parties)
{
    struct web *w = g->w;

    html(w->html, "<table class='table list'><caption "
                  "class='visually-hidden'>{Suggestions}</caption><thead><tr>");
    if (edit)
        html(w->html, "<th scope='col' class='pick'><input class='form-check-input' "
                      "type='checkbox' data-pick-all aria-label='{Choose all}'></th>");
    html(w->html, "<th scope='col'>%s</th><th scope='col'>%s</th>",
         parties ? tr("Party and why it matters") : tr("Requirement and what it asks"),
         parties ? tr("What they usually expect") : tr("Controls that answer it"));
    if (edit)
        html(w->html, "<th scope='col'><span class='visually-hidden'>{Decide}</span></th>");
    html(w->html, "</tr></thead><tbody>");
    for (size_t i = 0; i < g->s->count; i++)
        draw_row(g, &g->s->list[i], edit);
    html(w->html, "</tbody></table>");
}

static void draw_form(const struct suggesting *g, bool parties)
{
    struct web *w = g->w;
    bool edit = !w->asof && web_may(w, g->e->write);

    html(w->html, "<section class='card'>");
    if (edit) {
        form_begin(w, web_url(w, "/%s/suggestions", g->e->plural), 0);
        /* The Enter key works the first button of a form: let that be a harmless one. */
        html(w->html, "<button class='visually-hidden' type='submit' name='do' value='accept' "
                      "tabindex='-1'>{Accept the ticked ones}</button>");
    }
    draw_rows(g, edit, parties);
    if (edit && parties)
        html(
            w->html,
            "<div class='card-body'><label class='form-check mb-0'><input class='form-check-input' "
            "type='checkbox' name='with' value='1' checked><span class='form-check-label'>{Take "
            "over what they usually expect as requirements}</span></label></div>");
    if (edit)
        html(w->html, "<div class='bulk-bar' data-bulk><button class='btn btn-primary' "
                      "type='submit' name='do' value='accept'>{Accept the ticked ones} <span "
                      "class='js-only'>(<span data-picked>0</span>)</span></button></div></form>");
    html(w->html, "</section>");
}

static struct err *draw_dismissed(struct web *w)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select title, reason, key from dismissal where org_id = $1"
                 " and subject = 'requirement' order by title, id",
                 num(w->org)));
    if (!row_count(r))
        return NULL;
    card_begin(w, "Dismissed", NULL);
    html(w->html, "<ul class='list-unstyled mb-0'>");
    while (row_next(r)) {
        html(w->html, "<li class='mb-2'>%s <span class='mute'>%s</span> ", row_text(r, 0),
             row_text(r, 1));
        if (!w->asof && web_may(w, &requirement_write))
            form_button(w, web_url(w, "/requirements/suggestions/back"), "default", "Take back",
                        "code", row_text(r, 2));
        html(w->html, "</li>");
    }
    html(w->html, "</ul>");
    card_end(w);
    return NULL;
}

static struct err *draw_page(const struct suggesting *g)
{
    struct web *w = g->w;
    bool parties = g->e == &party_entity;

    page_begin(w, tr(g->e->labels), "Suggested %s", page_lower(w, g->e->labels));
    page_help(w, g->e->help, g->e->clause);
    page_action(w, "default", web_url(w, "/%s", g->e->plural), "Register");
    page_body(w);
    form_issues(w, g->issues);
    if (g->s->open)
        page_notice(w, "info",
                    "Answer the open questions of the profile: more suggestions may "
                    "follow.");
    if (g->s->count) {
        draw_form(g, parties);
    } else {
        card_begin(w, NULL, NULL);
        page_empty(w, "Everything that fits your profile is settled.",
                   web_url(w, "/%s", g->e->plural), "To the register");
        card_end(w);
    }
    if (!parties)
        TRY(draw_dismissed(w));
    page_end(w);
    return NULL;
}

static struct err *show_suggestions(struct web *w, const struct entity *e,
                                    const struct issues *issues)
{
    struct context_suggestions s;

    TRY(e == &party_entity ? party_suggest(w, &s) : requirement_suggest(w, &s));
    return draw_page(&(struct suggesting){w, e, &s, issues});
}

struct err *party_suggestions_page(struct web *w)
{
    return show_suggestions(w, &party_entity, NULL);
}

struct err *requirement_suggestions_page(struct web *w)
{
    return show_suggestions(w, &requirement_entity, NULL);
}

static struct err *accept(struct web *w, const struct entity *e, const char *code,
                          struct issues *out)
{
    if (e == &party_entity)
        return party_accept(w, code, web_form(w, "with") != NULL, out);
    return requirement_accept(w, code, out);
}

static struct err *accept_ticked(struct web *w, const struct entity *e, struct issues *out)
{
    for (size_t i = 0; i < w->req->form.count; i++)
        if (text_equal(w->req->form.list[i].name, "pick[]") && *w->req->form.list[i].value)
            TRY(accept(w, e, w->req->form.list[i].value, out));
    /* some were written by now: all or none */
    return out->count ? err_new(ERR_INVALID, "%s", out->list[0].text) : NULL;
}

static struct err *take_suggestions(struct web *w, const struct entity *e)
{
    struct issues issues = {.arena = w->arena};
    const char *dismiss = web_form(w, "dismiss"), *one = web_form(w, "accept");

    if (dismiss && e == &party_entity)
        TRY(party_dismiss(w, dismiss, sent(w, dismiss), &issues));
    else if (dismiss)
        TRY(requirement_dismiss(w, dismiss, sent(w, dismiss), &issues));
    else if (one)
        TRY(accept(w, e, one, &issues));
    else
        TRY(accept_ticked(w, e, &issues));
    if (issues.count) {
        web_status(w, 422);
        return show_suggestions(w, e, &issues);
    }
    web_redirect(w, web_url(w, "/%s/suggestions?m=%s", e->plural, dismiss ? "dismissed" : "added"));
    return NULL;
}

struct err *party_suggestions_post(struct web *w)
{
    return take_suggestions(w, &party_entity);
}

struct err *requirement_suggestions_post(struct web *w)
{
    return take_suggestions(w, &requirement_entity);
}

struct err *requirement_take_back(struct web *w)
{
    const struct entity *e = feature_entity("dismissal");
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select id, version from dismissal where org_id = $1 and subject = 'requirement'"
                 " and key = $2",
                 num(w->org), str(web_form(w, "code") ? web_form(w, "code") : "")));
    if (e && row_next(r))
        TRY(entity_remove(w, e, row_num(r, 0), row_num(r, 1), w->reason));
    web_redirect(w, web_url(w, "/requirements/suggestions?m=restored"));
    return NULL;
}
