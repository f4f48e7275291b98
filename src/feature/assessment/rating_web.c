/* SPDX-License-Identifier: Apache-2.0 */
/* Second scores as pages: the form that hides the first score, both beside each other afterwards,
 * and the card of a round. */
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/list.h"
#include "core/page.h"
#include "feature/assessment/assessment.h"
#include "feature/assessment/rating.h"
#include "feature/method/method.h"
#include "feature/organisation/organisation.h"
#include "feature/risk/risk.h"

/* --- list --- */

/* How far two others are apart tells something about a risk that is still to be scored. */
static struct err *hide_scores(struct web *w, struct list_result *r)
{
    struct rating *list = r->records;
    bool hidden;

    for (size_t i = 0; i < r->count; i++) {
        const void *shown = &list[i];

        TRY(entity_veil(w, &rating_entity, &shown, &hidden));
        if (hidden)
            list[i] = *(const struct rating *)shown;
    }
    return NULL;
}

/* Scores that are not there yet are no distance of 0. */
static bool cell(struct web *w, const struct field *f, const void *record)
{
    const struct rating *s = record;

    if (!text_equal(f->name, "apart") || !text_equal(s->state, "open"))
        return false;
    html(w->html, "—");
    return true;
}

struct err *rating_list(struct web *w)
{
    struct list_query q;
    struct list_result r;

    TRY(list_parse(w, &rating_entity, &q));
    list_needs(&q, NULL);
    TRY(list_run(w, &q, true, &r));
    TRY(hide_scores(w, &r));
    page_begin(w, "Plan · Risk assessments", "Second scores");
    page_help(w, rating_entity.help, rating_entity.clause);
    if (web_may(w, &assessment_read))
        page_action(w, "default", web_url(w, "/assessments"), "To the rounds");
    page_body(w);
    TRY(list_draw(w, &q, &r, cell));
    page_end(w);
    return NULL;
}

/* --- levels to choose --- */

struct scales {
    struct method_level *level[2]; /* likelihood, impact */
    size_t count[2];
};
static const char *const axes[2] = {"likelihood", "impact"};
static const char *const labels[2] = {N_("Likelihood"), N_("Impact")};

static struct err *load_scales(struct web *w, i64 method, struct scales *s)
{
    for (size_t i = 0; i < 2; i++)
        TRY(method_levels(w, method, axes[i], &s->level[i], &s->count[i]));
    return NULL;
}

static void draw_choices(struct web *w, const struct scales *s, const i64 chosen[2])
{
    struct html *h = w->html;

    html(h, "<div class='form-grid mb-3'>");
    for (size_t i = 0; i < 2; i++) {
        html(h,
             "<div class='field'><label class='form-label' for='f-%s'>%s</label><select "
             "class='form-select' id='f-%s' name='%s' required><option value=''>{Choose}</option>",
             axes[i], tr(labels[i]), axes[i], axes[i]);
        for (size_t k = 0; k < s->count[i]; k++)
            html(h, "<option value='%lld'%s>%lld %s</option>", s->level[i][k].level,
                 s->level[i][k].level == chosen[i] ? " selected" : "", s->level[i][k].level,
                 tr(s->level[i][k].label));
        html(h, "</select></div>");
    }
    html(h, "</div>");
}

static void draw_meanings(struct web *w, const struct scales *s)
{
    struct html *h = w->html;

    for (size_t i = 0; i < 2; i++) {
        html(h, "<details class='mb-2'><summary>%s</summary><dl class='facts'>", tr(labels[i]));
        for (size_t k = 0; k < s->count[i]; k++) {
            html(h, "<dt>%lld %s</dt><dd>", s->level[i][k].level, tr(s->level[i][k].label));
            html_lines(h, tr(s->level[i][k].descriptor));
            html(h, "</dd>");
        }
        html(h, "</dl></details>");
    }
}

/* --- the record --- */

/* What is known of the risk without its scores and their reasons. */
static struct err *draw_risk(struct web *w, const struct rating *s, bool open)
{
    struct html *h = w->html;
    const char *assets;
    struct risk r;

    TRY(entity_load_any(w, &risk_entity, s->risk, &r));
    TRY(field_show(w, entity_field(&risk_entity, "assets"), &r, &assets));
    card_begin(w, "The risk", NULL);
    html(h, "<p><strong>R-%lld %s</strong></p>", r.number, r.title);
    if (!text_empty(r.description)) {
        html(h, "<p>");
        html_lines(h, r.description);
        html(h, "</p>");
    }
    html(h,
         "<dl class='facts'><dt>{Assets}</dt><dd>%s</dd><dt>{Existing controls}</dt><dd>%s</dd>"
         "</dl>",
         *assets ? assets : "—", r.existing_controls ? r.existing_controls : "—");
    if (open)
        html(h, "<p class='mute mb-0'>{The first score and its reasons are hidden until yours is "
                "submitted.}</p>");
    card_end(w);
    return NULL;
}

static struct err *draw_form(struct web *w, const struct rating *s)
{
    struct scales scales;

    TRY(load_scales(w, s->method, &scales));
    card_begin(w, "Your score", "With what works today");
    form_begin(w, web_record_url(w, &rating_entity, s->number), s->version);
    draw_choices(w, &scales, (const i64[2]){0, 0});
    form_area(w, "rationale", "Why", NULL,
              "Facts, so that somebody else comes to the same result.");
    form_end(w, "Submit the second score", NULL);
    draw_meanings(w, &scales);
    card_end(w);
    return NULL;
}

static struct err *name_of(struct web *w, i64 person, const char **out)
{
    *out = "—";
    return person ? entity_title(w, &person_entity, person, out, NULL) : NULL;
}

static struct err *draw_both(struct web *w, const struct rating *s)
{
    const char *first, *second;
    struct html *h = w->html;

    TRY(name_of(w, s->first_analyst, &first));
    TRY(name_of(w, s->assessor, &second));
    card_begin(w, "Both scores", NULL);
    html(h, "<div class='table-responsive'><table class='table'><caption class='visually-hidden'>"
            "{Both scores}</caption><thead><tr><th scope='col'>{Who}</th><th scope='col' "
            "class='num'>{Likelihood}</th><th scope='col' class='num'>{Impact}</th><th "
            "scope='col'>{Why}</th></tr></thead><tbody>");
    html(h,
         "<tr><th scope='row'>%s</th><td class='num'>%lld</td><td class='num'>%lld</td><td>%s</td>"
         "</tr><tr><th scope='row'>%s</th><td class='num'>%lld</td><td class='num'>%lld</td>"
         "<td>%s</td></tr>",
         first, s->first_likelihood, s->first_impact, s->first_rationale ? s->first_rationale : "—",
         second, s->likelihood, s->impact, s->rationale);
    if (text_equal(s->state, "agreed"))
        html(h,
             "<tr><th scope='row'>{Agreed}</th><td class='num'>%lld</td><td class='num'>%lld</td>"
             "<td>%s</td></tr>",
             s->agreed_likelihood, s->agreed_impact, s->agreed_note);
    html(h, "</tbody></table></div>");
    if (s->apart > 1)
        page_notice(w, "warning",
                    "They are %lld levels apart. Talk about the facts, not about the numbers.",
                    s->apart);
    card_end(w);
    return NULL;
}

static struct err *draw_agreeing(struct web *w, const struct rating *s)
{
    struct scales scales;

    if (!text_equal(s->state, "submitted") || w->asof || !web_may(w, &rating_write) ||
        !web_may(w, &risk_write))
        return NULL;
    TRY(load_scales(w, s->method, &scales));
    card_begin(w, "Agree", "Becomes the current level of the risk");
    form_begin(w, arena_printf(w->arena, "%s/agree", web_record_url(w, &rating_entity, s->number)),
               s->version);
    draw_choices(w, &scales, (const i64[2]){s->likelihood, s->impact});
    form_area(w, "note", "What was agreed", NULL, "What one of you knew and the other did not.");
    form_end(w, "Save what was agreed", NULL);
    card_end(w);
    return NULL;
}

struct err *rating_show(struct web *w)
{
    bool open, drawn, hidden;
    struct rating s;
    i64 id;

    TRY(web_record(w, &rating_entity, &id));
    TRY(entity_load(w, &rating_entity, id, &s));
    TRY(entity_hidden(w, &rating_entity, id, &hidden));
    if (hidden)
        return err_new(ERR_DENIED,
                       "You were drawn to score this risk yourself. Give your own score "
                       "first, then you see those of others.");
    open = text_equal(s.state, "open");
    page_begin(w, arena_printf(w->arena, "%s · SS-%lld", tr("Second score"), s.number), "%s",
               s.title);
    page_help(w, rating_entity.help, rating_entity.clause);
    page_action(w, "default", web_url(w, "/ratings"), "All second scores");
    page_body(w);
    TRY(entity_tab(w, &rating_entity, &s, &drawn));
    if (!drawn) {
        html(w->html, "<div class='split'><div class='stack'>");
        if (open && !w->asof && w->person && w->person == s.assessor)
            TRY(draw_form(w, &s));
        else if (open)
            page_empty(w, "The second score is not given yet.", NULL, NULL);
        else
            TRY(draw_both(w, &s));
        TRY(draw_agreeing(w, &s));
        html(w->html, "</div><div class='stack'>");
        TRY(draw_risk(w, &s, open));
        card_begin(w, "Where it comes from", NULL);
        html(w->html, "<p>{%lld percent of the scored risks, drawn with the seed “%s”.}</p>",
             s.percent, s.seed);
        card_end(w);
        html(w->html, "</div></div>");
    }
    page_end(w);
    return NULL;
}

/* --- the card of a round --- */

struct err *rating_card(struct web *w, const struct assessment *a)
{
    bool may = text_equal(a->state, "open") && !w->asof && web_may(w, &assessment_write);
    struct html *h = w->html;
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select count(*), sum(case when state = 'open' then 1 else 0 end),"
                 " sum(case when apart > 1 then 1 else 0 end) from rating where org_id = $1"
                 " and assessment = $2",
                 num(w->org), num(a->id)));
    row_next(r);
    if (!row_num(r, 0) && !may)
        return NULL;
    card_begin(w, "Second assessment", NULL);
    html(h,
         "<p>{%lld risks drawn, %lld not scored yet, %lld more than one level apart.} <a "
         "href='%s'>{Second scores}</a> · <a href='%s/calibration'>{Calibration}</a></p>",
         row_num(r, 0), row_num(r, 1), row_num(r, 2),
         web_url(w, "/ratings?assessment=AS-%lld", a->number),
         web_record_url(w, &assessment_entity, a->number));
    if (may) {
        form_begin(
            w,
            arena_printf(w->arena, "%s/second", web_record_url(w, &assessment_entity, a->number)),
            0);
        html(h, "<div class='form-grid mb-3'>");
        form_text(w, "assessor", "Second assessor", NULL,
                  "Name, e-mail or number of a person. Risks that they scored themselves are left "
                  "out.");
        form_text(w, "percent", "Share in percent", "10", NULL);
        form_text(w, "seed", "Seed", NULL,
                  "May stay empty. The same seed draws the same risks again.");
        html(h, "</div>");
        form_end(w, "Draw risks for a second score", NULL);
    }
    card_end(w);
    return NULL;
}
