/* SPDX-License-Identifier: Apache-2.0 */
/* Showing, editing and approving a method version. */
#include "feature/method/method_web.h"

#include "base/clock.h"
#include "base/text.h"
#include "core/decision.h"
#include "core/page.h"
#include "core/trail.h"
#include "feature/organisation/organisation.h"

static struct err *draw_levels(struct web *w, const struct method *m, const char *axis,
                               const char *title)
{
    struct method_level *levels;
    size_t n;

    TRY(method_levels(w, m->id, axis, &levels, &n));
    card_begin(w, title, NULL);
    html(w->html,
         "<div class='table-responsive'><table class='table card-table'><caption "
         "class='visually-hidden'>%s</caption><thead><tr><th scope='col'>Level</th><th scope='col'>"
         "Name</th><th scope='col'>Meaning</th></tr></thead><tbody>",
         title);
    for (size_t i = 0; i < n; i++)
        html(w->html, "<tr><td>%lld</td><td>%s</td><td>%s</td></tr>", levels[i].level,
             levels[i].label, levels[i].descriptor);
    html(w->html, "</tbody></table></div>");
    card_end(w);
    return NULL;
}

static struct err *draw_matrix(struct web *w, const struct method *m)
{
    struct rows *r;
    i64 row = 0;

    TRY(db_query(w->db, &r,
                 "select likelihood, impact, score, band from method_cell where org_id = $1"
                 " and method = $2 order by likelihood desc, impact",
                 num(w->org), num(m->id)));
    card_begin(w, "Matrix", "likelihood up, impact to the right");
    html(w->html, "<div class='table-responsive'><table class='heat heat-table'><caption "
                  "class='visually-hidden'>Score of each likelihood and impact</caption><thead><tr>"
                  "<th scope='col'><span class='visually-hidden'>Likelihood</span></th>");
    for (i64 i = 1; i <= m->levels; i++)
        html(w->html, "<th scope='col'>%lld</th>", i);
    html(w->html, "</tr></thead><tbody>");
    while (row_next(r)) {
        if (row_num(r, 0) != row)
            html(w->html, "%s<tr><th scope='row'>%lld</th>", row ? "" : "", row_num(r, 0));
        row = row_num(r, 0);
        html(w->html, "<td class='heat-cell heat-%s'>%lld</td>", row_text(r, 3), row_num(r, 2));
        if (row_num(r, 1) == m->levels)
            html(w->html, "</tr>");
    }
    html(w->html, "</tbody></table></div>");
    card_end(w);
    return NULL;
}

static struct err *draw_bands(struct web *w, const struct method *m)
{
    struct method_band *bands;
    size_t n;

    TRY(method_bands(w, m->id, &bands, &n));
    card_begin(w, "Bands", NULL);
    html(w->html,
         "<div class='table-responsive'><table class='table card-table'><caption "
         "class='visually-hidden'>Bands</caption><thead><tr><th scope='col'>Band</th>"
         "<th scope='col'>Scores</th><th scope='col'>Meaning</th><th scope='col'>What to do"
         "</th></tr></thead><tbody>");
    for (size_t i = 0; i < n; i++) {
        html(w->html, "<tr><td>");
        badge(w, bands[i].tone, bands[i].label);
        html(w->html, "</td><td>%lld to %lld</td><td>%s</td><td>%s</td></tr>", bands[i].lowest,
             bands[i].highest, bands[i].meaning, bands[i].action);
    }
    html(w->html, "</tbody></table></div>");
    card_end(w);
    return NULL;
}

static struct err *draw_approval(struct web *w, const struct method *m)
{
    struct decision d;
    const char *body, *who = "";

    TRY(decision_last(w, "method", m->id, &d));
    TRY(method_freeze(w, m, &body));
    card_begin(w, "Approval", NULL);
    if (d.id) {
        TRY(entity_title(w, &person_entity, d.by, &who, NULL));
        html(w->html, "<p>Approved by %s on %s as %s.</p>", who,
             clock_text(w->arena, d.at, w->zone), d.role);
        if (d.exception)
            html(w->html, "<p>No second person was there to decide: %s</p>", d.exception);
        if (!text_equal(d.subject_hash, decision_hash(w->arena, body)))
            page_notice(w, "orange", "Something changed since. A new decision is needed.");
    } else {
        html(w->html, "<p>Not approved yet. Scores made with a draft do not count for an "
                      "auditor.</p>");
    }
    if (web_may(w, &method_approve) && text_equal(m->state, "draft")) {
        form_begin(w, web_url(w, "/methods/M-%lld/approve", m->number), m->version);
        html(w->html, "<input type='hidden' name='hash' value='%s'>",
             decision_hash(w->arena, body));
        form_text(w, "exception", "If nobody else can approve: why you do it yourself", NULL, NULL);
        form_end(w, "Approve this version", NULL);
    }
    card_end(w);
    return NULL;
}

static struct err *load_shown(struct web *w, struct method *m)
{
    i64 id;

    TRY(web_record(w, &method_entity, &id));
    return entity_load(w, &method_entity, id, m);
}

struct err *method_show(struct web *w)
{
    struct method m;

    TRY(load_shown(w, &m));
    page_begin(w, "Risk method", "%s", m.title);
    if (web_may(w, &method_write) && text_equal(m.state, "draft"))
        page_action(w, "default", web_url(w, "/methods/M-%lld/edit", m.number), "Edit");
    page_help(w, method_entity.help, method_entity.clause);
    page_body(w);
    html(w->html, "<div class='row row-cards'><div class='col-lg-7'>");
    card_begin(w, NULL, NULL);
    TRY(entity_details(w, &method_entity, &m));
    card_end(w);
    html(w->html, "</div><div class='col-lg-5'>");
    TRY(draw_matrix(w, &m));
    TRY(draw_approval(w, &m));
    html(w->html, "</div></div>");
    TRY(draw_bands(w, &m));
    TRY(draw_levels(w, &m, "likelihood", "Likelihood"));
    TRY(draw_levels(w, &m, "impact", "Impact"));
    TRY(entity_history(w, &method_entity, m.id));
    page_end(w);
    return NULL;
}

struct err *method_save(struct web *w)
{
    struct method m;

    TRY(load_shown(w, &m));
    if (!text_equal(m.state, "draft"))
        return err_new(ERR_CLASH, "This version was approved and stays as it is, since risks were "
                                  "scored with it.");
    return entity_save_page(w, &method_entity);
}

struct err *method_approve_post(struct web *w)
{
    struct issues issues = {.arena = w->arena};
    struct decision given = {.outcome = "approved", .role = "approver of the risk method"};
    const char *body, *shown = web_form(w, "hash"), *why = web_form(w, "exception");
    struct method m;
    bool alone;
    i64 id;

    TRY(load_shown(w, &m));
    if (!text_equal(m.state, "draft"))
        return err_new(ERR_CLASH, "This version is approved already.");
    TRY(method_freeze(w, &m, &body));
    if (!text_equal(shown, decision_hash(w->arena, body)))
        return err_new(ERR_CLASH, "The method changed while you were reading it. Look at it again "
                                  "and approve it then.");
    TRY(decision_four_eyes(w, m.author, &method_approve, &alone));
    if (alone && text_empty(why))
        return err_new(ERR_INVALID,
                       "You wrote this method yourself and nobody else can approve it. "
                       "Say why you approve it all the same.");
    given.exception = alone ? text_trim(w->arena, why) : NULL;
    m.state = "approved";
    TRY(entity_write(w, &method_entity, &m, "approved", &issues));
    if (issues.count)
        return err_new(ERR_INVALID, "%s", issues.list[0].text);
    TRY(method_freeze(w, &m, &body));
    given.kind = "method";
    TRY(decision_record(w, &method_entity, m.id, body, &given, &id));
    web_redirect(w, web_url(w, "/methods/M-%lld?m=saved", m.number));
    return NULL;
}
