/* SPDX-License-Identifier: Apache-2.0 */
/* The page of an estimate, the portfolio, and the picture of a loss exceedance curve. */
#include <math.h>
#include <string.h>

#include "base/chance.h"
#include "base/text.h"
#include "base/words.h"
#include "core/list_sql.h"
#include "core/page.h"
#include "feature/quantify/quantify_part.h"
#include "feature/risk/risk.h"

#define PORTFOLIO_MOST 500

/* "12,300": whole units of the currency. */
static const char *amount(struct web *w, double loss)
{
    return words_number(w->arena, (loss_minor(loss) + 50) / 100);
}

/* --- the picture --- */

#define WIDE 640
#define HIGH 300
#define LEFT 52
#define BASE 262

/* Amounts lie on a logarithmic axis from `low` to `high`. */
struct axes {
    double low, high;
};

static double across(const struct axes *x, double loss)
{
    double part =
        (chance_log(loss) - chance_log(x->low)) / (chance_log(x->high) - chance_log(x->low));

    return LEFT + part * (WIDE - LEFT - 12);
}

static double down(double probability)
{
    return BASE - probability * (BASE - 14);
}

static void draw_axes(struct web *w, const struct axes *x)
{
    struct html *h = w->html;

    for (int i = 0; i <= 4; i++) {
        html(h, "<line class='curve-grid' x1='%d' x2='%d' y1='%.1f' y2='%.1f'/>", LEFT, WIDE - 12,
             down(i / 4.0), down(i / 4.0));
        html(h, "<text class='curve-label' x='%d' y='%.1f' text-anchor='end'>%d %%</text>",
             LEFT - 8, down(i / 4.0) + 4, i * 25);
    }
    for (double tick = 1; tick <= x->high; tick *= 10) {
        double at = across(x, tick);
        bool edge = at > WIDE - 60; /* a phone has no room for it beside the one before */

        if (tick < x->low)
            continue;
        html(h,
             "<line class='curve-grid' x1='%.1f' x2='%.1f' y1='14' y2='%d'/>"
             "<text class='curve-label%s' x='%.1f' y='%d' text-anchor='%s'>%s</text>",
             at, at, BASE, edge ? " curve-edge" : "", at, BASE + 24, edge ? "end" : "middle",
             amount(w, tick));
    }
}

static void draw_line(struct web *w, const struct axes *x, const struct loss_point *p, size_t n,
                      const char *class)
{
    html(w->html, "<polyline class='curve-line %s' points='", class);
    for (size_t i = 0; i < n; i++)
        html(w->html, "%.1f,%.1f ", across(x, p[i].loss), down(p[i].probability));
    html(w->html, "'/>");
}

struct tolerated {
    double loss, chance;
};

static struct err *load_tolerated(struct web *w, struct tolerated *out, size_t room, size_t *n)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select loss, chance from tolerance where org_id = $1 order by loss, id limit $2",
                 num(w->org), num((i64)room)));
    for (*n = 0; row_next(r); ++*n)
        out[*n] = (struct tolerated){(double)row_num(r, 0) / 100, (double)row_num(r, 1) / 100};
    return NULL;
}

static void draw_tolerated(struct web *w, const struct axes *x, const struct tolerated *t, size_t n)
{
    if (!n)
        return;
    html(w->html, "<polyline class='curve-line curve-tolerated' points='");
    for (size_t i = 0; i < n; i++)
        html(w->html, "%.1f,%.1f ", across(x, t[i].loss), down(t[i].chance));
    html(w->html, "'/>");
    for (size_t i = 0; i < n; i++)
        html(w->html, "<circle class='curve-point' r='4' cx='%.1f' cy='%.1f'/>",
             across(x, t[i].loss), down(t[i].chance));
}

static void draw_legend(struct web *w, bool after, bool tolerated)
{
    html(w->html, "<p class='curve-legend'><span class='curve-key'>{Today}</span>");
    if (after)
        html(w->html, "<span class='curve-key curve-key-after'>{With the planned controls}</span>");
    if (tolerated)
        html(w->html, "<span class='curve-key curve-key-tolerated'>{Tolerated}</span>");
    html(w->html, "</p>");
}

static void draw_tolerance_table(struct web *w, const struct curve *c, const struct tolerated *t,
                                 size_t n)
{
    struct html *h = w->html;

    if (!n)
        return;
    html(h, "<div class='table-responsive'><table class='table table-sm'><thead><tr>"
            "<th scope='col'>{A year that costs more than}</th><th scope='col'>{Tolerated}</th>"
            "<th scope='col'>{Simulated}</th><th scope='col'></th></tr></thead><tbody>");
    for (size_t i = 0; i < n; i++) {
        double today = loss_beyond(c->years, c->trials, t[i].loss);
        html(h, "<tr><td>%s</td><td>% .1f %%</td><td>% .1f %%</td><td>", amount(w, t[i].loss),
             t[i].chance * 100, today * 100);
        badge(w, today > t[i].chance ? "red" : "green", today > t[i].chance ? "Above" : "Within");
        html(h, "</td></tr>");
    }
    html(h, "</tbody></table></div>");
}

static void draw_points(struct web *w, const struct curve *c, const struct loss_point *p, size_t n)
{
    struct html *h = w->html;

    html(h, "<details><summary>{The curve as a table}</summary><div class='table-responsive'>"
            "<table class='table table-sm'><thead><tr><th scope='col'>{A year that costs more "
            "than}</th><th scope='col'>{Probability today}</th>");
    if (c->after)
        html(h, "<th scope='col'>{With the planned controls}</th>");
    html(h, "</tr></thead><tbody>");
    for (size_t i = 0; i < n; i++) {
        html(h, "<tr><td>%s</td><td>% .2f %%</td>", amount(w, p[i].loss), p[i].probability * 100);
        if (c->after)
            html(h, "<td>% .2f %%</td>", loss_beyond(c->after, c->trials, p[i].loss) * 100);
        html(h, "</tr>");
    }
    html(h, "</tbody></table></div></details>");
}

struct err *curve_draw(struct web *w, const struct curve *c)
{
    struct loss_point today[LOSS_POINTS], after[LOSS_POINTS];
    struct tolerated t[20];
    size_t n = loss_curve(c->years, c->trials, today), m = 0, points;
    struct axes x;

    if (!n) {
        html(w->html, "<p class='mute'>{In none of the simulated years anything was lost.}</p>");
        return NULL;
    }
    TRY(load_tolerated(w, t, COUNT_OF(t), &points));
    if (c->after)
        m = loss_curve(c->after, c->trials, after);
    x = (struct axes){today[0].loss, today[n - 1].loss * 1.05};
    for (size_t i = 0; i < points; i++) {
        x.low = fmin(x.low, t[i].loss);
        x.high = fmax(x.high, t[i].loss * 1.05);
    }
    if (m)
        x.low = fmin(x.low, after[0].loss);
    if (x.high < x.low * 2)
        x.high = x.low * 2;
    html(w->html,
         "<svg class='curve' viewBox='0 0 %d %d' role='img'><title>{Loss exceedance curve}</title>"
         "<desc>{How likely a year is that costs more than the amount below. The table has the "
         "figures.}</desc>",
         WIDE, HIGH);
    draw_axes(w, &x);
    draw_line(w, &x, today, n, "curve-today");
    if (m)
        draw_line(w, &x, after, m, "curve-after");
    draw_tolerated(w, &x, t, points);
    html(w->html, "</svg>");
    draw_legend(w, m > 0, points > 0);
    draw_tolerance_table(w, c, t, points);
    draw_points(w, c, today, n);
    return NULL;
}

/* --- one estimate --- */

/* `after` may be NULL. */
static void draw_figures(struct web *w, const struct loss_summary *s,
                         const struct loss_summary *after)
{
    const char *const labels[] = {N_("Average year"),
                                  N_("Middle year"),
                                  N_("One year in ten costs more than"),
                                  N_("One year in twenty costs more than"),
                                  N_("One year in a hundred costs more than"),
                                  N_("Worst simulated year")};
    const double values[] = {s->mean, s->median, s->p90, s->p95, s->p99, s->most};
    struct html *h = w->html;

    html(h, "<div class='table-responsive'><table class='table table-sm figures'><thead><tr>"
            "<th scope='col'></th><th scope='col'>{Today}</th>");
    if (after)
        html(h, "<th scope='col'>{Planned}</th>");
    html(h, "</tr></thead><tbody>");
    for (size_t i = 0; i < COUNT_OF(labels); i++) {
        html(h, "<tr><th scope='row'>%s</th><td>%s</td>", tr(labels[i]), amount(w, values[i]));
        if (after) {
            const double then[] = {after->mean, after->median, after->p90,
                                   after->p95,  after->p99,    after->most};
            html(h, "<td>%s</td>", amount(w, then[i]));
        }
        html(h, "</tr>");
    }
    html(h, "<tr><th scope='row'>{Years with a loss}</th><td>% .1f %%</td>", s->any * 100);
    if (after)
        html(h, "<td>% .1f %%</td>", after->any * 100);
    html(h, "</tr></tbody></table></div>");
}

static void draw_worth(struct web *w, const struct estimate *e)
{
    double worth = (double)e->worth / 100;

    page_notice(w, worth > 0 ? "success" : "warning",
                worth > 0 ? N_("On average the planned controls save %s a year more than they "
                               "cost.")
                          : N_("On average the planned controls cost %s a year more than they "
                               "save. There may be other reasons for them: a law, a contract, "
                               "or the rare very bad year."),
                amount(w, fabs(worth)));
}

static struct err *draw_results(struct web *w, const struct estimate *e)
{
    struct loss_summary today, with;
    struct curve c = {.trials = estimate_trials(e)};

    c.years = estimate_years(w->arena, e, false, &today);
    if (e->compared)
        c.after = estimate_years(w->arena, e, true, &with);
    card_begin(w, "What a year may cost", NULL);
    if (e->compared)
        draw_worth(w, e);
    TRY(curve_draw(w, &c));
    card_end(w);
    card_begin(w, "Figures",
               arena_printf(w->arena, tr("%s simulated years, seed %lld, amounts in %s"),
                            words_number(w->arena, (i64)c.trials), e->seed, w->currency));
    draw_figures(w, &today, e->compared ? &with : NULL);
    card_end(w);
    return NULL;
}

struct err *estimate_show(struct web *w)
{
    struct estimate e;
    const char *address;
    bool drawn;
    i64 id;

    TRY(web_record(w, &estimate_entity, &id));
    TRY(entity_load(w, &estimate_entity, id, &e));
    TRY(risk_refuse_blind(w, e.risk));
    address = web_record_url(w, &estimate_entity, e.number);
    page_begin(w, arena_printf(w->arena, "%s · LE-%lld", tr(estimate_entity.label), e.number), "%s",
               e.title);
    page_help(w, estimate_entity.help, estimate_entity.clause);
    if (!w->asof && web_may(w, &estimate_write)) {
        page_action(w, "default", arena_printf(w->arena, "%s/remove", address), "Remove");
        page_action(w, "primary", arena_printf(w->arena, "%s/edit", address), "Edit");
    }
    page_body(w);
    TRY(entity_tab(w, &estimate_entity, &e, &drawn));
    if (!drawn) {
        html(w->html, "<div class='split'><div class='stack'>");
        TRY(draw_results(w, &e));
        html(w->html, "</div><div class='stack'>");
        card_begin(w, "Details", NULL);
        TRY(entity_details(w, &estimate_entity, &e));
        card_end(w);
        card_begin(w, "History", NULL);
        TRY(entity_history(w, &estimate_entity, e.id));
        card_end(w);
        html(w->html, "</div></div>");
    }
    page_end(w);
    return NULL;
}

/* --- all together --- */

static void draw_rows(struct web *w, const struct portfolio *p)
{
    struct html *h = w->html;

    html(h,
         "<div class='table-responsive'><table class='table card-table'><thead><tr>"
         "<th scope='col'>{Estimate}</th><th scope='col'>{Average year}</th><th scope='col'>{One "
         "year in twenty costs more than}</th><th scope='col'>{Controls save a year}</th></tr>"
         "</thead><tbody>");
    for (size_t i = 0; i < p->n; i++) {
        const struct estimate *e = &p->list[i];
        html(h, "<tr><td><a href='%s'>LE-%lld</a> %s</td><td>%s</td><td>%s</td><td>%s</td></tr>",
             web_record_url(w, &estimate_entity, e->number), e->number, e->title,
             amount(w, (double)e->mean / 100), amount(w, (double)e->p95 / 100),
             e->compared ? words_number(w->arena, e->worth / 100) : "—");
    }
    html(h, "</tbody></table></div>");
}

static struct err *draw_portfolio(struct web *w, struct portfolio *p)
{
    struct loss_summary now, then;

    portfolio_run(w->arena, p);
    loss_summarise(p->today, p->years, &now);
    loss_summarise(p->after, p->years, &then);
    html(w->html, "<div class='split'><div class='stack'>");
    card_begin(w, "What a year may cost, all estimates together", NULL);
    if (p->left)
        page_notice(w, "info", "These are the %lld dearest estimates; %lld are left out.",
                    (i64)p->n, (i64)p->left);
    TRY(curve_draw(w, &(struct curve){p->today, p->after, p->years}));
    card_end(w);
    html(w->html, "<section class='card'><div class='card-header'><h2 class='card-title'>{Dearest "
                  "first}</h2></div>");
    draw_rows(w, p);
    html(w->html, "</section></div><div class='stack'>");
    card_begin(w, "Figures",
               arena_printf(w->arena, tr("%s simulated years, amounts in %s"),
                            words_number(w->arena, (i64)p->years), w->currency));
    draw_figures(w, &now, &then);
    card_end(w);
    html(w->html, "</div></div>");
    return NULL;
}

struct err *quantify_page(struct web *w)
{
    struct portfolio p = {.most = PORTFOLIO_MOST, .with_after = true};

    TRY(portfolio_load(w, &p));
    page_begin(w, "Plan", "Risks in money");
    page_help(w, estimate_entity.help, estimate_entity.clause);
    page_action(w, "default", web_url(w, "/tolerances"), "Tolerated losses");
    page_action(w, "default", web_url(w, "/estimates"), "All estimates");
    if (!w->asof && web_may(w, &estimate_write))
        page_action(w, "primary", web_url(w, "/estimates/new"), "New loss estimate");
    page_body(w);
    if (p.hidden)
        page_notice(w, "info", "%s",
                    arena_printf(w->arena,
                                 tr_n("%zu estimate is not counted here for you until you have "
                                      "given your second score of its risk.",
                                      "%zu estimates are not counted here for you until you have "
                                      "given your second score of their risks.",
                                      (i64)p.hidden),
                                 p.hidden));
    if (p.n) {
        TRY(draw_portfolio(w, &p));
    } else {
        card_begin(w, NULL, NULL);
        page_empty(w, estimate_entity.empty, web_url(w, "/estimates/new"), "New loss estimate");
        card_end(w);
    }
    page_end(w);
    return NULL;
}
