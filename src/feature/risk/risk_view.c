/* SPDX-License-Identifier: Apache-2.0 */
/* The page of one risk: three levels side by side, what it is about, what is done about it. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/catalogue.h"
#include "core/content.h"
#include "core/decision.h"
#include "core/language.h"
#include "core/page.h"
#include "core/work.h"
#include "feature/asset/asset.h"
#include "feature/organisation/organisation.h"
#include "feature/risk/risk_part.h"

/* --- levels --- */

static const char *level_words(struct web *w, const struct method_level *levels, size_t n,
                               i64 level)
{
    for (size_t i = 0; i < n; i++)
        if (levels[i].level == level)
            return arena_printf(w->arena, "%lld %s", level, tr(levels[i].label));
    return "—";
}

static struct err *draw_level_table(struct web *w, const struct risk_bands *bands,
                                    const struct risk *r)
{
    struct method_level *likelihoods, *impacts;
    size_t nl, ni;
    struct html *h = w->html;

    TRY(method_levels(w, r->method, "likelihood", &likelihoods, &nl));
    TRY(method_levels(w, r->method, "impact", &impacts, &ni));
    html(h, "<table class='table list'><caption class='visually-hidden'>{Levels of this "
            "risk}</caption><thead><tr><th scope='col'>{Level}</th><th scope='col'>{Score and "
            "band}</th><th "
            "scope='col'>{Likelihood and impact}</th></tr></thead><tbody>");
    for (enum risk_kind k = RISK_INHERENT; k < RISK_KINDS; k++) {
        html(h,
             "<tr><td class='list-main'><strong>%s</strong><div class='list-sub'>%s</div></td><td "
             "data-label='{Score and band}'>",
             tr(risk_levels[k].label), tr(risk_levels[k].meaning));
        risk_chip(w, bands, r, k);
        html(h, "</td><td data-label='{Likelihood and impact}'>");
        if (risk_score(r, k))
            html(h, "<div>%s<br>%s</div>", level_words(w, likelihoods, nl, risk_likelihood(r, k)),
                 level_words(w, impacts, ni, risk_impact(r, k)));
        else
            html(h, "<span class='mute'>—</span>");
        TRY(risk_draw_axes(w, r, k));
        html(h, "</td></tr>");
    }
    html(h, "</tbody></table>");
    return NULL;
}

/* "I C" for the kinds of level that stand in a cell. */
static bool draw_marks(struct web *w, const struct risk *r, i64 likelihood, i64 impact)
{
    static const char *const letters[] = {"I", "C", "R"};
    bool any = false;

    for (enum risk_kind k = RISK_INHERENT; k < RISK_KINDS; k++) {
        if (risk_likelihood(r, k) != likelihood || risk_impact(r, k) != impact)
            continue;
        html(w->html, "%s<abbr title='{%s level: likelihood %lld, impact %lld}'>%s</abbr>",
             any ? " " : "", tr(risk_levels[k].label), likelihood, impact, letters[k]);
        any = true;
    }
    return any;
}

static bool marked(const struct risk *r, i64 likelihood, i64 impact)
{
    for (enum risk_kind k = RISK_INHERENT; k < RISK_KINDS; k++)
        if (risk_likelihood(r, k) == likelihood && risk_impact(r, k) == impact)
            return true;
    return false;
}

static const char *tone_class(const char *tone)
{
    static const char *const classes[][2] = {
        {"green",  "heat-low"     },
        {"yellow", "heat-medium"  },
        {"orange", "heat-high"    },
        {"red",    "heat-critical"}
    };

    for (size_t i = 0; i < COUNT_OF(classes); i++)
        if (text_equal(tone, classes[i][0]))
            return classes[i][1];
    return "";
}

static struct err *draw_matrix(struct web *w, const struct risk_bands *bands, const struct risk *r)
{
    struct html *h = w->html;
    struct method m;
    struct rows *cells;
    i64 row = 0;

    if (!r->inherent_score && !r->current_score && !r->residual_score)
        return NULL;
    TRY(method_load(w, r->method, &m));
    TRY(db_query(w->db, &cells,
                 "select likelihood, impact, band from method_cell where org_id = $1"
                 " and method = $2 order by likelihood desc, impact",
                 num(w->org), num(r->method)));
    html(h, "<table class='heat small'><caption class='visually-hidden'>{Where the levels stand. "
            "Rows: likelihood, highest first. Columns: impact, lowest first. I inherent, C "
            "current, R expected residual.}</caption><tbody>");
    while (row_next(cells)) {
        i64 l = row_num(cells, 0), i = row_num(cells, 1);

        if (row && l != row)
            html(h, "</tr>");
        if (l != row)
            html(h, "<tr><th scope='row'><abbr title='{Likelihood %lld}'>%lld</abbr></th>", l, l);
        row = l;
        html(h, "<td class='%s%s'><span><span class='text-nowrap'>",
             tone_class(risk_tone(bands, r->method, row_text(cells, 2))),
             marked(r, l, i) ? "" : " heat-none");
        if (!draw_marks(w, r, l, i))
            html(h, "<span class='visually-hidden'>{none}</span>");
        html(h, "</span></span></td>");
    }
    html(h, "</tr></tbody><tfoot><tr><td></td>");
    for (i64 i = 1; i <= m.impact_levels; i++)
        html(h, "<th scope='col'><abbr title='{Impact %lld}'>%lld</abbr></th>", i, i);
    html(h, "</tr></tfoot></table><p class='mute mb-0'>{Likelihood up, impact to the right.} "
            "<strong>I</strong> {inherent,} <strong>C</strong> {current,} <strong>R</strong> "
            "{expected residual.}</p>");
    return NULL;
}

static void draw_notes(struct web *w, const struct risk *r, const struct method *now,
                       const struct method *used)
{
    if (r->current_score > r->inherent_score && r->inherent_score)
        page_notice(w, "warning",
                    "The current level is above the inherent one. Controls do not make a risk "
                    "worse: look at both scores again.");
    if (used->id != now->id)
        page_notice(w, "warning",
                    "Scored with “%s”, version %lld. The method in use is “%s”: score the risk "
                    "again, so that risks can be compared.",
                    used->title, used->number, now->title);
    if (r->score > now->acceptance && !r->treated)
        page_notice(w, "danger",
                    "The level %lld is above the acceptance level %lld and nothing is decided yet. "
                    "Choose a treatment.",
                    r->score, now->acceptance);
}

/* What remains, or what weighs now when a plan lowers it. */
static struct err *draw_veto(struct web *w, const struct risk *r)
{
    const char *now, *later;

    TRY(risk_veto(w, r, true, &now));
    TRY(risk_veto(w, r, false, &later));
    if (*later)
        page_notice(w, "danger",
                    "Nobody may accept this, says the risk method: %s. Plan more, or end the "
                    "activity.",
                    later);
    else if (*now)
        page_notice(w, "warning",
                    "Nobody may accept this as it is now, says the risk method: %s. The plan must "
                    "be carried out.",
                    now);
    return NULL;
}

static struct err *draw_levels(struct web *w, const struct risk *r)
{
    struct method now, used;
    struct risk_bands bands;

    TRY(risk_bands_load(w, &bands));
    TRY(method_current(w, &now));
    TRY(method_load(w, r->method, &used));
    draw_notes(w, r, &now, &used);
    TRY(draw_veto(w, r));
    card_begin(w, "Levels", arena_printf(w->arena, tr("acceptance level %lld"), now.acceptance));
    html(w->html, "<div class='split'><div>");
    TRY(draw_level_table(w, &bands, r));
    html(w->html, "</div><div>");
    TRY(draw_matrix(w, &bands, r));
    html(w->html, "</div></div>");
    card_end(w);
    return NULL;
}

/* --- what it is about --- */

static struct err *fact_text(struct web *w, const char *label, const char *text)
{
    if (text_empty(text))
        return NULL;
    html(w->html, "<dt>%s</dt><dd>", tr(label));
    TRY(html_record_text(w, text));
    html(w->html, "</dd>");
    return NULL;
}

/* Name of a code with its explanation in plain words. */
static void fact_code(struct web *w, const char *label, const char *table, const char *code)
{
    const struct content_table *t = content_table(w->app->content, table);
    i64 row = text_empty(code) ? -1 : content_row(t, code);

    if (text_empty(code))
        return;
    html(w->html, "<dt>%s</dt><dd>%s<div class='mute'>%s</div></dd>", tr(label),
         catalogue_label(w, table, code),
         row < 0 ? tr("No longer in the catalogue.") : content_words(t, (size_t)row, "plain"));
}

static struct err *fact_assets(struct web *w, const struct risk *r)
{
    struct html *h = w->html;
    struct rows *rows;

    TRY(db_query(w->db, &rows,
                 "select a.number, a.name, a.value, a.state from risk_assets l join asset a"
                 " on a.org_id = l.org_id and a.id = l.target where l.org_id = $1"
                 " and l.record = $2 order by a.name, a.number",
                 num(w->org), num(r->id)));
    html(h, "<dt>{Assets}</dt><dd>");
    if (row_count(rows) == 0)
        html(h, "<span class='mute'>{None named yet}</span>");
    while (row_next(rows)) {
        html(h, "<div>");
        if (web_may(w, &asset_read))
            html(h, "<a href='%s'>%s</a> ", web_record_url(w, &asset_entity, row_num(rows, 0)),
                 row_text(rows, 1));
        else
            html(h, "%s ", row_text(rows, 1));
        if (row_num(rows, 2))
            asset_value_chip(w, row_num(rows, 2));
        if (text_equal(row_text(rows, 3), "retired"))
            badge(w, "grey", "Retired");
        else if (text_equal(row_text(rows, 3), "disposed"))
            badge(w, "grey", "Disposed of");
        html(h, "</div>");
    }
    html(h, "</dd>");
    return NULL;
}

static const char *lost(struct web *w, i64 properties)
{
    static const char *const words[] = {"Confidentiality", "Integrity", "Availability"};
    struct buf b;

    buf_init(&b, w->arena, 64);
    for (int i = 0; i < 3; i++)
        if (properties >> i & 1)
            buf_printf(&b, "%s%s", b.size ? ", " : "", tr(words[i]));
    return b.data;
}

/* For a risk out of the suggestions: the reason of the catalogue, and what usually helps. */
static struct err *fact_because(struct web *w, const struct risk *r)
{
    const struct content_table *t = content_table(w->app->content, "links");
    i64 row = risk_link_row(w, r);
    char **codes;
    size_t n;

    if (row < 0)
        return NULL;
    if (!text_empty(r->seed) &&
        !text_equal(r->description, content_words(t, (size_t)row, "reason")))
        TRY(fact_text(w, N_("Suggested because"), content_words(t, (size_t)row, "reason")));
    n = text_split(w->arena, content_cell(t, (size_t)row, "controls"), ';', &codes);
    html(w->html, "<dt>{Controls that usually help}</dt><dd>");
    for (size_t i = 0; i < n; i++)
        html(w->html, "<div>%s %s</div>", codes[i],
             content_label(w->app->content, "controls", codes[i]));
    html(w->html, "</dd>");
    return NULL;
}

static struct err *draw_about(struct web *w, const struct risk *r)
{
    card_begin(w, "What it is about", NULL);
    html(w->html, "<dl class='facts'>");
    TRY(fact_text(w, "How it could happen", r->description));
    TRY(fact_assets(w, r));
    fact_code(w, N_("Threat"), "threats", r->threat);
    fact_code(w, N_("Weakness"), "vulnerabilities", r->vulnerability);
    TRY(fact_text(w, "What is lost", lost(w, r->properties)));
    TRY(fact_text(w, "Existing controls", r->existing_controls));
    TRY(fact_text(w, "Why these levels", r->rationale));
    TRY(fact_text(w, "Why the residual level is not lower", r->residual_reason));
    TRY(fact_because(w, r));
    html(w->html, "</dl>");
    card_end(w);
    return NULL;
}

/* --- treatments --- */

static void draw_treatment(struct web *w, struct rows *t, const char *controls)
{
    static const char *const options[][2] = {
        {"modify", N_("Modify")},
        {"share",  N_("Share") },
        {"avoid",  N_("Avoid") },
        {"retain", N_("Retain")}
    };
    static const char *const states[][3] = {
        {"planned",     "Planned",     "blue"  },
        {"in-progress", "In progress", "orange"},
        {"done",        "Done",        "green" },
        {"cancelled",   "Cancelled",   "grey"  }
    };
    const struct permission *see = feature_permission("treatment.read");
    const char *option = row_text(t, 2);
    struct html *h = w->html;

    for (size_t i = 0; i < COUNT_OF(options); i++)
        if (text_equal(option, options[i][0]))
            option = tr(options[i][1]);
    html(h, "<tr><td class='list-main'>");
    if (see && web_may(w, see)) /* the owner of a risk may see less than the whole plan */
        html(h, "<a href='%s'><span class='record-number'>T-%lld</span> %s</a>",
             web_url(w, "/treatments/T-%lld", row_num(t, 0)), row_num(t, 0), row_text(t, 1));
    else
        html(h, "<span class='record-number'>T-%lld</span> %s", row_num(t, 0), row_text(t, 1));
    html(h, "</td><td data-label='{Option}'><div>%s", option);
    if (*controls)
        html(h, "<div class='list-sub'>%s</div>", controls);
    html(h, "</div></td><td data-label='{State}'>");
    for (size_t i = 0; i < COUNT_OF(states); i++)
        if (text_equal(row_text(t, 3), states[i][0]))
            badge(w, states[i][2], states[i][1]);
    html(h, "</td><td data-label='{Expected}'>");
    if (row_num(t, 4) || row_num(t, 5))
        html(h, "%lld × %lld", row_num(t, 4), row_num(t, 5));
    else
        html(h, "<span class='mute'>—</span>");
    html(h, "</td></tr>");
}

static struct err *controls_of(struct web *w, i64 treatment, const char **out)
{
    struct rows *r;
    struct buf b;

    buf_init(&b, w->arena, 64);
    TRY(db_query(w->db, &r,
                 "select c.code from treatment_controls k join control c on c.org_id = k.org_id"
                 " and c.id = k.target where k.org_id = $1 and k.record = $2"
                 " order by c.position, c.code",
                 num(w->org), num(treatment)));
    while (row_next(r))
        buf_printf(&b, "%s%s", b.size ? ", " : "", row_text(r, 0));
    *out = b.data;
    return NULL;
}

static const char *treat_url(struct web *w, const struct risk *r)
{
    return web_url(w, "/treatments/new?risk=R-%lld", r->number);
}

static bool may_treat(struct web *w)
{
    const struct permission *p = feature_permission("treatment.write");

    return p && !w->asof && web_may(w, p);
}

static struct err *draw_treatments(struct web *w, const struct risk *r)
{
    const char *controls;
    struct rows *t;

    TRY(db_query(w->db, &t,
                 "select number, title, option, state, expected_likelihood, expected_impact, id"
                 " from treatment where org_id = $1 and risk = $2 order by number",
                 num(w->org), num(r->id)));
    card_begin(w, "Treatment", NULL);
    if (row_count(t) == 0)
        page_empty(w,
                   "Nothing is decided yet: reduce the risk, share it, avoid it, or accept it "
                   "for a time.",
                   may_treat(w) ? treat_url(w, r) : NULL, "Choose a treatment");
    else
        html(w->html, "<div class='table-responsive'><table class='table list'><caption "
                      "class='visually-hidden'>{Treatments of this risk}</caption><thead><tr><th "
                      "scope='col'>{Treatment}</th><th scope='col'>{Option}</th><th "
                      "scope='col'>{State}</th><th scope='col'>{Expected likelihood × "
                      "impact}</th></tr></thead><tbody>");
    while (row_next(t)) {
        TRY(controls_of(w, row_num(t, 6), &controls));
        draw_treatment(w, t, controls);
    }
    if (row_count(t))
        html(w->html, "</tbody></table></div>");
    card_end(w);
    return NULL;
}

/* --- decisions --- */

static struct err *draw_decision(struct web *w, const char *kind, const char *label, i64 risk,
                                 const char *hash, bool *any)
{
    const char *who = "", *named;
    struct html *h = w->html;
    struct decision d;
    bool ended;

    TRY(decision_last(w, kind, risk, &d));
    if (!d.id)
        return NULL;
    *any = true;
    ended = d.expires && strcmp(d.expires, w->today) < 0;
    TRY(entity_title(w, &person_entity, d.by, &who, NULL));
    TRY(people_named(w, d.body, &named));
    html(h, "<dt>%s</dt><dd>{%s by %s as %s, %s} ", tr(label),
         text_equal(d.outcome, "approved") ? tr("Approved") : tr("Refused"), who, tr(d.role),
         web_time(w, d.at));
    if (!text_equal(d.outcome, "approved"))
        badge(w, "red", "Refused");
    else if (!text_equal(d.subject_hash, hash))
        badge(w, "orange", "Changed since");
    else if (ended)
        badge(w, "orange", "Ended");
    else
        badge(w, "green", "Valid");
    if (d.expires)
        html(h, "<div class='mute'>{until %s}</div>", d.expires);
    if (!text_empty(d.comment))
        html(h, "<div>%s</div>", d.comment);
    if (!text_empty(d.exception))
        html(h, "<div class='mute'>{Decided without a second person: %s}</div>", d.exception);
    html(h,
         "<details><summary>{What was decided on}</summary><pre class='frozen "
         "mt-1'>%s</pre></details></dd>",
         named);
    return NULL;
}

static bool may_decide(struct web *w, const struct risk *r)
{
    bool own = r->owner == w->person && web_may(w, &risk_approve);

    return !w->asof && r->treated && text_equal(r->state, "open") &&
           (own || web_may(w, &risk_accept));
}

static struct err *draw_decisions(struct web *w, const struct risk *r)
{
    const char *body, *hash;
    bool any = false;

    TRY(risk_freeze(w, r->id, &body));
    hash = decision_hash(w->arena, body);
    card_begin(w, "Decisions", NULL);
    html(w->html, "<dl class='facts'>");
    TRY(draw_decision(w, "risk.treatment", tr("Plan and residual level"), r->id, hash, &any));
    TRY(draw_decision(w, "risk.acceptance", "Acceptance above the level", r->id, hash, &any));
    html(w->html, "</dl>");
    if (!any)
        html(w->html, "<p class='mute mb-0'>{Nobody has decided yet. The owner approves the "
                      "treatment and accepts what remains.}</p>");
    if (may_decide(w, r))
        html(w->html, "<p class='mt-2 mb-0'><a class='btn' href='%s'>{Read and decide}</a></p>",
             arena_printf(w->arena, "%s/approval", web_record_url(w, &risk_entity, r->number)));
    card_end(w);
    return NULL;
}

/* --- who, state, history --- */

static struct err *fact_person(struct web *w, const char *label, i64 person, const char *none)
{
    const char *name = "";
    i64 number = 0;

    if (person)
        TRY(entity_title(w, &person_entity, person, &name, &number));
    html(w->html, "<dt>%s</dt><dd>", tr(label));
    if (!person)
        html(w->html, "<span class='mute'>%s</span>", tr(none));
    else if (web_may(w, &person_read))
        html(w->html, "<a href='%s'>%s</a>", web_record_url(w, &person_entity, number), name);
    else
        html(w->html, "%s", name);
    html(w->html, "</dd>");
    return NULL;
}

static struct err *draw_who(struct web *w, const struct risk *r)
{
    bool closed = text_equal(r->state, "closed");
    const struct field *review = entity_field(&risk_entity, "review_on");

    card_begin(w, "Who and when", NULL);
    html(w->html, "<dl class='facts'><dt>{State}</dt><dd>");
    badge(w, closed ? "grey" : "blue", closed ? "Closed" : "Open");
    html(w->html, "</dd>");
    TRY(fact_person(w, "Owner", r->owner, "Nobody yet: name one who can decide"));
    TRY(fact_person(w, "Scored by", r->analyst, "—"));
    html(w->html, "<dt>{Next review}</dt><dd>");
    page_day(w, r->review_on ? words_date(w->arena, r->review_on) : "—", DATED_REVIEW,
             work_over(w, &risk_entity, review, r));
    html(w->html, "</dd></dl>");
    card_end(w);
    return NULL;
}

static void draw_state(struct web *w, const struct risk *r)
{
    bool closed = text_equal(r->state, "closed");

    if (w->asof || !web_may(w, &risk_write))
        return;
    card_begin(w, closed ? "Open again" : "Close", NULL);
    form_begin(w,
               arena_printf(w->arena, "%s/%s", web_record_url(w, &risk_entity, r->number),
                            closed ? "reopen" : "close"),
               r->version);
    html(w->html,
         "<div class='mb-3'><label class='form-label required' for='f-_reason'>%s</label><input "
         "class='form-control' id='f-_reason' name='_reason' maxlength='200' required>",
         closed ? tr("Why it matters again") : tr("Why it no longer matters"));
    if (!closed)
        html(w->html, "<div class='form-hint'>{A closed risk keeps its history and leaves the map "
                      "and the ranking.}</div>");
    html(w->html, "</div><button class='btn' type='submit'>%s</button></form>",
         closed ? tr("Open the risk again") : tr("Close the risk"));
    card_end(w);
}

static void draw_actions(struct web *w, const struct risk *r)
{
    const char *address = web_record_url(w, &risk_entity, r->number);

    if (w->asof)
        return;
    if (web_may(w, &risk_write)) {
        page_action(w, "default", arena_printf(w->arena, "%s/remove", address), "Remove");
        page_action(w, "default", arena_printf(w->arena, "%s/copy", address), "Copy");
        page_action(w, "default", arena_printf(w->arena, "%s/edit", address), "Edit");
        page_action(w, "default", arena_printf(w->arena, "%s/score", address), "Score");
    }
    if (may_treat(w) && text_equal(r->state, "open"))
        page_action(w, "primary", treat_url(w, r), "Treat");
}

struct err *risk_show(struct web *w)
{
    struct risk r;
    bool drawn;

    TRY(risk_asked(w, &r));
    page_begin(w, arena_printf(w->arena, "%s · R-%lld", tr("Risk"), r.number), "%s", r.title);
    page_help(w, risk_entity.help, risk_entity.clause);
    draw_actions(w, &r);
    page_body(w);
    TRY(entity_tab(w, &risk_entity, &r, &drawn));
    if (drawn) {
        page_end(w);
        return NULL;
    }
    html(w->html, "<div class='split'><div class='stack'>");
    TRY(draw_levels(w, &r));
    TRY(draw_about(w, &r));
    TRY(draw_treatments(w, &r));
    html(w->html, "</div><div class='stack'>");
    TRY(draw_who(w, &r));
    TRY(draw_decisions(w, &r));
    draw_state(w, &r);
    card_begin(w, "History", arena_printf(w->arena, tr("version %lld"), r.version));
    TRY(entity_history(w, &risk_entity, r.id));
    card_end(w);
    html(w->html, "</div></div>");
    page_end(w);
    return NULL;
}
