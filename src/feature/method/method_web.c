/* SPDX-License-Identifier: Apache-2.0 */
/* The page of a version: its matrix, bands, scales, rules, and what can be done with it now. */
#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/decision.h"
#include "core/language.h"
#include "core/page.h"
#include "core/trail.h"
#include "feature/method/method_part.h"
#include "feature/organisation/organisation.h"

/* --- what the version says --- */

static void draw_matrix(struct web *w, const struct scales *s)
{
    struct html *h = w->html;

    card_begin(w, "Matrix", "likelihood up, impact to the right");
    html(h, "<table class='heat'><caption class='visually-hidden'>{Score of each likelihood and "
            "impact}</caption><tbody>");
    for (i64 l = s->likelihoods; l >= 1; l--) {
        html(h, "<tr><th scope='row'><abbr title='%s'>%lld</abbr></th>", s->likelihood[l - 1], l);
        for (i64 i = 1; i <= s->impacts; i++)
            html(h, "<td class='heat-%s'><span>%lld</span></td>",
                 scale_bands[scales_band(s, s->cells[l - 1][i - 1])], s->cells[l - 1][i - 1]);
        html(h, "</tr>");
    }
    html(h, "</tbody><tfoot><tr><td></td>");
    for (i64 i = 1; i <= s->impacts; i++)
        html(h, "<th scope='col'><abbr title='%s'>%lld</abbr></th>", s->impact[i - 1], i);
    html(h, "</tr></tfoot></table>");
    card_end(w);
}

static void table_begin(struct web *w, const char *caption, const char *const *heads)
{
    html(w->html,
         "<div class='table-responsive'><table class='table card-table'><caption "
         "class='visually-hidden'>%s</caption><thead><tr>",
         tr(caption));
    for (; *heads; heads++)
        html(w->html, "<th scope='col'>%s</th>", tr(*heads));
    html(w->html, "</tr></thead><tbody>");
}

static void table_end(struct web *w)
{
    html(w->html, "</tbody></table></div>");
    card_end(w);
}

static void draw_bands(struct web *w, const struct scales *s)
{
    static const char *const heads[] = {N_("Band"), N_("Scores"), N_("Meaning"), N_("What to do"),
                                        NULL};
    i64 low = s->cells[0][0];

    card_begin(w, "Bands", NULL);
    table_begin(w, "Bands", heads);
    for (size_t b = 0; b < METHOD_BANDS; b++) {
        i64 high = s->bands[b].upto < scales_highest(s) ? s->bands[b].upto : scales_highest(s);

        if (!s->bands[b].label)
            continue;
        html(w->html, "<tr><td>");
        badge(w, scale_tones[b], s->bands[b].label);
        html(w->html, "</td><td>{%lld to %lld}</td><td>%s</td><td>%s</td></tr>", low, high,
             s->bands[b].meaning, s->bands[b].action);
        low = s->bands[b].upto + 1;
    }
    table_end(w);
}

static void draw_likelihood(struct web *w, const struct scales *s)
{
    static const char *const heads[] = {N_("Level"), N_("How often"), N_("Meaning"), NULL};

    card_begin(w, "Likelihood", NULL);
    table_begin(w, "Likelihood", heads);
    for (i64 l = 1; l <= s->likelihoods; l++)
        html(w->html,
             "<tr><th scope='row' class='text-nowrap'>%lld %s</th><td>%s</td><td>%s</td></tr>", l,
             s->likelihood[l - 1], scales_times(w->arena, s, l), s->likelihood_text[l - 1]);
    table_end(w);
}

static void draw_level_axes(struct web *w, const struct scales *s, i64 i)
{
    html(w->html, "<dl class='facts'>");
    for (size_t k = 0; k < s->naxes; k++) {
        const char *bounds = scales_bounds(w->arena, &s->axes[k], s->impacts, i);

        html(w->html, "<dt>%s</dt><dd>%s", s->axes[k].label, s->axes[k].text[i - 1]);
        if (*bounds)
            html(w->html, "<div class='mute'>%s</div>", bounds);
        if (s->axes[k].never && i >= s->axes[k].never)
            html(w->html, "<div class='late'>{never acceptable}</div>");
        html(w->html, "</dd>");
    }
    html(w->html, "</dl>");
}

static void draw_impact(struct web *w, const struct scales *s)
{
    static const char *const heads[] = {N_("Level"), N_("Meaning"), NULL};

    card_begin(w, "Impact", NULL);
    table_begin(w, "Impact", heads);
    for (i64 i = 1; i <= s->impacts; i++) {
        html(w->html, "<tr><th scope='row' class='text-nowrap'>%lld %s</th><td>", i,
             s->impact[i - 1]);
        draw_level_axes(w, s, i);
        html(w->html, "</td></tr>");
    }
    table_end(w);
}

static struct err *draw_rules(struct web *w, const struct method *m, const struct scales *s)
{
    struct method_rule *rules;
    size_t n;

    TRY(method_rules(w, m, s, &rules, &n));
    card_begin(w, "Rules", NULL);
    html(w->html, "<dl class='facts'>");
    for (size_t i = 0; i < n; i++) {
        html(w->html, "<dt>%s</dt><dd>", rules[i].label);
        html_lines(w->html, rules[i].text);
        html(w->html, "</dd>");
    }
    html(w->html, "</dl>");
    card_end(w);
    return NULL;
}

/* --- what can be done --- */

static struct err *draw_decided(struct web *w, const struct method *m, const char *body)
{
    struct decision d;
    const char *who = "";

    TRY(decision_last(w, "method", m->id, &d));
    if (!d.id) {
        html(w->html,
             "<p>{Not approved yet. Scores made with a draft do not count for an auditor.}</p>");
        return NULL;
    }
    TRY(entity_title(w, &person_entity, d.by, &who, NULL));
    if (text_equal(d.outcome, "approved"))
        html(w->html, "<p>{Approved by %s on %s as %s.}</p>", who, web_time(w, d.at), tr(d.role));
    else
        html(w->html, "<p>{Sent back by %s on %s.}</p>", who, web_time(w, d.at));
    if (d.comment)
        html(w->html, "<blockquote>%s</blockquote>", d.comment);
    if (d.exception)
        html(w->html, "<p>{No second person was there to decide: %s}</p>", d.exception);
    if (text_equal(m->state, "approved") &&
        !text_equal(d.subject_hash, decision_hash(w->arena, body)))
        page_notice(w, "orange", "Something changed since. A new decision is needed.");
    return NULL;
}

static void draw_decision_form(struct web *w, const struct method *m, const char *body)
{
    bool submitted = text_equal(m->state, "submitted");

    html(w->html, "<p>{What you approve is on this page: scales, matrix, bands and rules. Risks "
                  "are moved by the map under “What moves”.}</p>");
    form_begin(w, web_url(w, "/methods/M-%lld/approve", m->number), m->version);
    html(w->html, "<input type='hidden' name='hash' value='%s'>", decision_hash(w->arena, body));
    form_area(w, "comment", "Comment", NULL,
              submitted ? "Kept with the decision. Needed when you send it back." : NULL);
    form_text(w, "exception", "If nobody else can approve: why you do it yourself", NULL, NULL);
    html(w->html, "<div class='form-actions'><button class='btn btn-primary' type='submit' "
                  "name='outcome' value='approved'>{Approve this version}</button>");
    if (submitted)
        html(w->html, "<button class='btn' type='submit' name='outcome' "
                      "value='refused'>{Send it back}</button>");
    html(w->html, "</div></form>");
}

static struct err *draw_approval(struct web *w, const struct method *m)
{
    const char *body, *state = m->state;

    TRY(method_freeze(w, m, &body));
    card_begin(w, "Approval", NULL);
    TRY(draw_decided(w, m, body));
    if (!w->asof && web_may(w, &method_approve) &&
        (text_equal(state, "draft") || text_equal(state, "submitted")))
        draw_decision_form(w, m, body);
    card_end(w);
    return NULL;
}

/* A button that posts the version, so that what was shown is what it is about. */
static void step(struct web *w, const struct method *m, const char *path, const char *label,
                 const char *kind)
{
    form_begin(w, web_url(w, "/methods/M-%lld/%s", m->number, path), m->version);
    html(w->html, "<button class='btn%s' type='submit'>%s</button></form>",
         text_equal(kind, "primary") ? " btn-primary" : "", tr(label));
}

static void draw_presets(struct web *w, const struct method *m)
{
    static const char *const presets[][2] = {
        {"m3x3", N_("Three levels, for small organisations")},
        {"m4x4", N_("Four levels, without a middle")        },
        {"m5x5", N_("Five levels, the usual one")           },
    };

    html(w->html, "<details><summary>{Start from ready-made scales}</summary><p class='mute'>{They "
                  "replace scales, matrix and bands of this draft.}</p>");
    form_begin(w, web_url(w, "/methods/M-%lld/preset", m->number), m->version);
    for (size_t i = 0; i < COUNT_OF(presets); i++)
        html(w->html,
             "<label class='form-check'><input class='form-check-input' type='radio' name='preset' "
             "value='%s'%s><span class='form-check-label'>%s</span></label>",
             presets[i][0], i == 2 ? " checked" : "", tr(presets[i][1]));
    html(w->html, "<div class='form-actions'><button class='btn' type='submit'>{Take these "
                  "scales}</button></div></form></details>");
}

static struct err *draw_steps(struct web *w, const struct method *m)
{
    struct issues issues = {.arena = w->arena};
    struct method in_use;

    TRY(method_current(w, &in_use));
    TRY(method_ready(w, m, &issues));
    card_begin(w, "Next", NULL);
    for (size_t i = 0; i < issues.count && i < 8; i++)
        html(w->html, "<p class='late'>%s</p>", issues.list[i].text);
    html(w->html, "<div class='btn-list mb-3'>");
    html(w->html,
         "<a class='btn' href='%s'>{Scales}</a><a class='btn' href='%s'>{Matrix and "
         "bands}</a><a class='btn' href='%s'>{Rules}</a>",
         web_url(w, "/methods/M-%lld/scales", m->number),
         web_url(w, "/methods/M-%lld/matrix", m->number),
         web_url(w, "/methods/M-%lld/edit", m->number));
    if (m->base)
        html(w->html, "<a class='btn' href='%s'>{What moves}</a>",
             web_url(w, "/methods/M-%lld/moves", m->number));
    if (!issues.count)
        step(w, m, "submit", tr("Submit for approval"), "primary");
    if (in_use.id != m->id)
        step(w, m, "discard", tr("Discard this draft"), "default");
    html(w->html, "</div>");
    draw_presets(w, m);
    card_end(w);
    return NULL;
}

static struct err *draw_work(struct web *w, const struct method *m)
{
    bool write = !w->asof && web_may(w, &method_write);

    if (write && text_equal(m->state, "draft"))
        return draw_steps(w, m);
    if (!m->base && !(write && text_equal(m->state, "submitted")))
        return NULL;
    card_begin(w, "Next", NULL);
    html(w->html, "<div class='btn-list'>");
    if (m->base)
        html(w->html, "<a class='btn' href='%s'>{What moves}</a>",
             web_url(w, "/methods/M-%lld/moves", m->number));
    if (write && text_equal(m->state, "submitted"))
        step(w, m, "withdraw", "Take it back", "default");
    html(w->html, "</div>");
    card_end(w);
    return NULL;
}

/* --- the page --- */

static struct err *draw_head(struct web *w, const struct method *m)
{
    const struct choice *state =
        choice_find(entity_field(&method_entity, "state")->choices, m->state);

    page_begin(w, arena_printf(w->arena, "%s · M-%lld", tr("Risk method"), m->number), "%s",
               words_supplied(w->arena, m->title));
    html(w->html, "<span class='align-self-center me-1'>");
    badge(w, state ? state->tone : NULL, state ? tr(state->label) : m->state);
    html(w->html, "</span>");
    page_action(w, "default", web_url(w, "/methods/M-%lld/document", m->number), "Document");
    page_help(w, method_entity.help, method_entity.clause);
    page_body(w);
    return NULL;
}

/* Making a new version is a step of the page of the one in use. */
static struct err *draw_new_version(struct web *w, const struct method *m)
{
    if (w->asof || !web_may(w, &method_write) || text_equal(m->state, "draft") ||
        text_equal(m->state, "submitted"))
        return NULL;
    card_begin(w, "Change the method", NULL);
    html(w->html, "<p>{This version stays as it is. A new version begins as a copy of it; nothing "
                  "moves before it is approved.}</p>");
    step(w, m, "version", tr("New version"), "primary");
    card_end(w);
    return NULL;
}

struct err *method_show(struct web *w)
{
    struct scales s;
    struct method m;
    bool drawn;

    TRY(method_asked(w, &m));
    TRY(scales_load(w, &m, &s));
    scales_translate(w->arena, &s);
    TRY(draw_head(w, &m));
    TRY(entity_tab(w, &method_entity, &m, &drawn));
    if (drawn) {
        page_end(w);
        return NULL;
    }
    html(w->html, "<div class='split wide-aside'><div class='stack'>");
    TRY(draw_rules(w, &m, &s));
    draw_bands(w, &s);
    draw_likelihood(w, &s);
    draw_impact(w, &s);
    html(w->html, "</div><div class='stack method-side'>");
    draw_matrix(w, &s);
    TRY(draw_work(w, &m));
    TRY(draw_approval(w, &m));
    TRY(draw_new_version(w, &m));
    html(w->html, "</div></div>");
    TRY(entity_history(w, &method_entity, m.id));
    page_end(w);
    return NULL;
}

struct err *method_save(struct web *w)
{
    struct method m;

    TRY(method_asked(w, &m));
    TRY(method_must_be_draft(&m));
    return entity_save_page(w, &method_entity);
}
