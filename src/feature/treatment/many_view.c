/* SPDX-License-Identifier: Apache-2.0 */
/* The page on which several risks get one treatment: the plan, who does it, the table of risks. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/page.h"
#include "feature/treatment/many.h"

/* --- the plan --- */

#define SUGGESTED_MOST 8

struct tally {
    const char *code;
    size_t count;
};

static void count_code(struct tally *list, size_t *n, const char *code)
{
    for (size_t i = 0; i < *n; i++)
        if (text_equal(list[i].code, code)) {
            list[i].count++;
            return;
        }
    list[(*n)++] = (struct tally){code, 1};
}

static int by_count(const void *a, const void *b)
{
    const struct tally *x = a, *y = b;

    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return strcmp(x->code, y->code);
}

/* The controls that work against most of these risks. */
static const char *suggestions(struct web *w, const struct many *m)
{
    struct tally *list = NEW_ARRAY(w->arena, struct tally, m->count * 64 + 1);
    size_t n = 0;
    struct buf b;

    for (size_t i = 0; i < m->count; i++) {
        const char *codes = treatment_suggested(w, &m->rows[i].risk);
        char **parts;
        size_t k = text_split(w->arena, codes, ';', &parts);

        for (size_t c = 0; c < k && c < 64; c++)
            if (*parts[c])
                count_code(list, &n, parts[c]);
    }
    qsort(list, n, sizeof(*list), by_count);
    buf_init(&b, w->arena, 100);
    buf_char(&b, ';');
    for (size_t i = 0; i < n && i < SUGGESTED_MOST; i++)
        buf_printf(&b, "%s;", list[i].code);
    return b.data;
}

static void draw_each(struct web *w, const char *value, bool chosen, const char *label)
{
    html(w->html,
         "<label class='form-check'><input class='form-check-input' type='radio' name='each' "
         "value='%s'%s><span class='form-check-label'>%s</span></label>",
         value, chosen ? " checked" : "", tr(label));
}

static struct err *draw_action(struct web *w, const struct many *m)
{
    static const char *const names[] = {"owner", "start", "due", "resources", "budget"};

    html(w->html,
         "<fieldset class='mt-3'><legend class='h3'>{Who does it}</legend><p class='form-hint'>"
         "{Fill this in and the work stands in the treatment plan.}</p>");
    for (size_t i = 0; i < COUNT_OF(names); i++)
        TRY(form_field(w, entity_field(&action_entity, names[i]), &m->action, &m->issues));
    html(w->html, "<div class='mt-3'>");
    draw_each(w, "", !m->each, N_("One action for all of them: planned, paid and reported once"));
    draw_each(w, "1", m->each, N_("An action for each of them"));
    html(w->html, "</div></fieldset>");
    return NULL;
}

/* --- the table --- */

static void draw_choice(struct web *w, const char *value, const char *label, const char *chosen)
{
    html(w->html, "<option value='%s'%s>%s</option>", value,
         text_equal(value, chosen) ? " selected" : "", label);
}

static void draw_levels(struct web *w, const struct method_level *levels, size_t n,
                        const char *chosen)
{
    for (size_t i = 0; i < n; i++)
        draw_choice(w, arena_printf(w->arena, "%lld", levels[i].level),
                    arena_printf(w->arena, "%lld %s", levels[i].level, tr(levels[i].label)),
                    chosen);
}

struct scale {
    struct method_level *likelihood, *impact;
    size_t nlikelihood, nimpact;
};

static struct err *load_scale(struct web *w, struct scale *s)
{
    struct method m;

    TRY(method_current(w, &m));
    TRY(method_levels(w, m.id, "likelihood", &s->likelihood, &s->nlikelihood));
    return method_levels(w, m.id, "impact", &s->impact, &s->nimpact);
}

static void draw_for_all(struct web *w, const char *name, const char *label,
                         const struct method_level *levels, size_t n, const char *chosen)
{
    html(w->html,
         "<div><label class='form-label' for='f-%s'>%s</label><select class='form-select' "
         "id='f-%s' name='%s'>",
         name, tr(label), name, name);
    draw_choice(w, "", tr("set for each risk"), chosen);
    draw_choice(w, "0", tr("as it is now"), chosen);
    draw_choice(w, "-1", tr("one lower than now"), chosen);
    draw_choice(w, "-2", tr("two lower than now"), chosen);
    draw_levels(w, levels, n, chosen);
    html(w->html, "</select></div>");
}

static void draw_select(struct web *w, const char *name, const char *label,
                        const struct method_level *levels, size_t n, const char *chosen)
{
    html(w->html, "<select class='form-select form-select-sm' name='%s' aria-label='%s'>", name,
         label);
    draw_choice(w, "", tr("as for all"), chosen);
    draw_choice(w, "0", tr("as it is now"), chosen);
    draw_levels(w, levels, n, chosen);
    html(w->html, "</select>");
}

static struct err *draw_level(struct web *w, i64 method, i64 score, const char *band)
{
    const char *label, *tone;

    if (!score) {
        html(w->html, "<span class='mute'>{not scored}</span>");
        return NULL;
    }
    TRY(method_band_of(w, method, band, &label, &tone));
    level_chip(w, score, page_lower(w, label), tone);
    return NULL;
}

static struct err *draw_result(struct web *w, const struct many *m, const struct many_row *row)
{
    html(w->html, "<td data-label='{Then}'><div>");
    if (!m->checked || (!row->ticked && !row->refused))
        html(w->html, "<span class='mute'>—</span>");
    else if (row->refused)
        html(w->html, "<span class='late'>%s</span>", row->refused);
    else
        TRY(draw_level(w, row->risk.method, row->to_score, row->to_band));
    if (m->checked && row->ticked && row->hint)
        html(w->html, "<div class='list-sub'>%s</div>", row->hint);
    html(w->html, "</div></td>");
    return NULL;
}

/* The axes on which the risk is judged now. */
static void draw_row_axes(struct web *w, const struct many_row *row, const struct scale *s)
{
    const struct method_ruler *ruler = row->now.ruler;
    bool open = false;

    if (!row->now.text)
        return;
    for (size_t k = 0; k < ruler->count; k++)
        open = open || !text_empty(row->axes[k]);
    html(w->html, "<details%s><summary class='list-sub'>{By axis: %s}</summary>",
         open ? " open" : "", method_judged_text(w->arena, &row->now));
    for (size_t k = 0; k < ruler->count; k++) {
        const char *label = tr(ruler->axes[k].label);

        if (!row->now.levels[k])
            continue;
        html(w->html, "<div class='mt-1'><span class='list-sub'>%s</span>", label);
        draw_select(w, arena_printf(w->arena, "axis.%lld.%s", row->risk.id, ruler->axes[k].code),
                    arena_printf(w->arena, tr("Expected %s of R-%lld"), label, row->risk.number),
                    s->impact, s->nimpact, row->axes[k]);
        html(w->html, "</div>");
    }
    html(w->html, "</details>");
}

/* One wish for each axis of the method, for all risks that are judged on it. */
static void draw_axes_for_all(struct web *w, const struct many *m, const struct scale *s)
{
    bool open = false;

    if (!m->judged)
        return;
    for (size_t k = 0; k < m->ruler.count; k++)
        open = open || !text_empty(m->axes[k]);
    html(w->html,
         "<details class='mt-2'%s><summary>{Axis by axis}</summary><p class='form-hint'>{For "
         "risks that are judged along axes: the impact follows from what you expect of each. An "
         "axis that you leave stays as it is.}</p><div class='form-grid'>",
         open ? " open" : "");
    for (size_t k = 0; k < m->ruler.count; k++)
        draw_for_all(w, arena_printf(w->arena, "all_axis.%s", m->ruler.axes[k].code),
                     m->ruler.axes[k].label, s->impact, s->nimpact, m->axes[k]);
    html(w->html, "</div></details>");
}

static struct err *draw_row(struct web *w, const struct many *m, const struct scale *s, size_t i)
{
    const struct many_row *row = &m->rows[i];
    const struct risk *r = &row->risk;

    html(w->html,
         "<tr class='%s'><td class='pick'><input type='hidden' name='row[]' value='%lld'>"
         "<input class='form-check-input' type='checkbox' name='pick[]' value='%lld'%s "
         "aria-label='R-%lld'></td><td class='list-main'><a href='%s'>"
         "<span class='record-number'>R-%lld</span> %s</a>",
         row->refused ? "warn" : "", r->id, r->id, row->ticked ? " checked" : "", r->number,
         web_record_url(w, &risk_entity, r->number), r->number, r->title);
    if (r->treated)
        html(w->html,
             "<div class='list-sub'>{%lld treatment already|%lld treatments already}"
             "</div>",
             r->treated, r->treated);
    html(w->html, "</td><td data-label='{Now}'><div>");
    TRY(draw_level(w, r->method, r->score, r->band));
    html(w->html, "</div></td><td data-label='{Expected likelihood}'>");
    draw_select(w, arena_printf(w->arena, "likelihood.%lld", r->id),
                arena_printf(w->arena, tr("Expected likelihood of R-%lld"), r->number),
                s->likelihood, s->nlikelihood, row->likelihood);
    html(w->html, "</td><td data-label='{Expected impact}'>");
    draw_select(w, arena_printf(w->arena, "impact.%lld", r->id),
                arena_printf(w->arena, tr("Expected impact of R-%lld"), r->number), s->impact,
                s->nimpact, row->impact);
    draw_row_axes(w, row, s);
    html(w->html, "</td>");
    TRY(draw_result(w, m, row));
    html(w->html, "</tr>");
    return NULL;
}

static struct err *draw_table(struct web *w, const struct many *m)
{
    struct scale s;

    TRY(load_scale(w, &s));
    html(w->html, "<section class='card'><div class='card-header'><h2 class='card-title'>"
                  "{What remains of each risk}</h2></div><div class='card-body'>"
                  "<p>{The levels that you expect when the treatment works. For a treatment that "
                  "changes nothing now, like keeping a risk, leave them open.}</p>"
                  "<div class='form-grid'>");
    draw_for_all(w, "all_likelihood", tr("Expected likelihood of all"), s.likelihood, s.nlikelihood,
                 m->likelihood);
    draw_for_all(w, "all_impact", tr("Expected impact of all"), s.impact, s.nimpact, m->impact);
    html(w->html, "</div>");
    draw_axes_for_all(w, m, &s);
    html(w->html, "</div><table class='table list'><caption class='visually-hidden'>"
                  "{Risks that get the treatment}</caption><thead><tr><th scope='col'>"
                  "<span class='visually-hidden'>{Chosen}</span></th><th scope='col'>{Risk}</th>"
                  "<th scope='col'>{Now}</th><th scope='col'>{Expected likelihood}</th>"
                  "<th scope='col'>{Expected impact}</th><th scope='col'>{Then}</th></tr></thead>"
                  "<tbody>");
    for (size_t i = 0; i < m->count; i++)
        TRY(draw_row(w, m, &s, i));
    html(w->html, "</tbody></table></section>");
    return NULL;
}

/* --- the page --- */

static void draw_verdict(struct web *w, const struct many *m)
{
    i64 can = (i64)(m->ticked - m->refused);

    if (!m->checked || m->issues.count)
        return;
    if (m->refused)
        page_notice(w, "warning", "%s",
                    arena_printf(w->arena,
                                 tr_n("%zu risk cannot get this treatment; the table says why. "
                                      "Nothing was written.",
                                      "%zu risks cannot get this treatment; the table says why. "
                                      "Nothing was written.",
                                      (i64)m->refused),
                                 m->refused));
    if (can)
        page_notice(w, "info", "%s",
                    arena_printf(w->arena,
                                 tr_n("%lld treatment would be written. Look at the table, then "
                                      "press “Plan them”.",
                                      "%lld treatments would be written. Look at the table, then "
                                      "press “Plan them”.",
                                      can),
                                 can));
}

static void draw_buttons(struct web *w, const struct many *m)
{
    bool ready = m->checked && !m->issues.count;

    html(w->html,
         "<div class='form-actions mt-3'><button class='btn%s' type='submit' formaction='%s'>"
         "{Show what comes of it}</button><button class='btn%s' type='submit'>{Plan them}</button>"
         "<a class='btn' href='%s'>{Cancel}</a></div></form>",
         ready ? "" : " btn-primary", web_url(w, "/risks/treat/preview"),
         ready ? " btn-primary" : "", web_url(w, "/risks"));
}

static struct err *draw_empty(struct web *w)
{
    page_empty(w,
               "No open risk fits: those above the acceptance level have a treatment. Filter the "
               "list of risks, then choose “Treat several” there.",
               web_url(w, "/risks?state=open"), "To the risks");
    page_end(w);
    return NULL;
}

struct err *many_draw(struct web *w, const struct many *m)
{
    page_begin(w, "Risks", "Treat several risks");
    page_help(w,
              "One plan for risks that need the same answer. Each risk gets a treatment of its "
              "own with this text, so that its owner can approve it and you can go on with each "
              "apart. Nothing is written before you press “Plan them”, and then all or none.",
              "6.1.3");
    page_body(w);
    if (!m->count)
        return draw_empty(w);
    form_issues(w, &m->issues);
    draw_verdict(w, m);
    form_begin(w, web_url(w, "/risks/treat"), 0);
    html(w->html, "<div class='stack'>");
    card_begin(w, "The plan", NULL);
    TRY(treatment_plan_draw(w, &m->plan, suggestions(w, m), &m->issues));
    TRY(draw_action(w, m));
    card_end(w);
    TRY(draw_table(w, m));
    html(w->html, "</div>");
    draw_buttons(w, m);
    page_end(w);
    return NULL;
}
