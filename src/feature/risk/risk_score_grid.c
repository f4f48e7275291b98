/* SPDX-License-Identifier: Apache-2.0 */
/* Scoring as in a spreadsheet: a page of the register whose levels and reasons are typed row by row
 * and posted together. Script adds arrows, pasting and undo (assets/parts/score.js); without it the
 * page is a plain form. All rows are checked before one is written; a row that somebody else
 * changed meanwhile is left alone and shown with both values. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/list.h"
#include "core/page.h"
#include "core/trail.h"
#include "feature/risk/risk_part.h"

#define LINES_MOST 200

/* One row as it was posted. */
struct line {
    i64 id, version;
    const char *likelihood, *impact, *reason; /* as typed */
    const char **axes;                        /* of each axis of the method, as typed */
    struct risk risk;                         /* as it is stored now */
    const char *wrong;                        /* why it was not saved */
    bool touched, clash, saved;
};
struct grid {
    enum risk_kind kind;
    struct method method;
    struct risk_bands bands;
    i64 levels;
    struct method_ruler ruler;
    bool per_axis; /* a column for each axis; the impact follows from them */
    struct line *lines;
    size_t count, saved, clashes, wrong;
};

static enum risk_kind kind_asked(const struct web *w)
{
    const char *asked = web_query(w, "tab");

    for (enum risk_kind k = RISK_INHERENT; k < RISK_KINDS; k++)
        if (text_equal(asked, risk_levels[k].code))
            return k;
    return RISK_CURRENT;
}

static const char *reason_field(enum risk_kind kind)
{
    return kind == RISK_RESIDUAL ? "residual_reason" : "rationale";
}

static const char *reason_of(const struct risk *r, enum risk_kind kind)
{
    const char *text = kind == RISK_RESIDUAL ? r->residual_reason : r->rationale;

    return text ? text : "";
}

static struct err *open_grid(struct web *w, struct grid *g)
{
    *g = (struct grid){.kind = kind_asked(w)};
    TRY(method_current(w, &g->method));
    g->levels = g->method.levels;
    /* what was drawn is what is read: the form says it, whatever its address */
    g->per_axis = text_equal(web_query(w, "by"), "axis") || text_equal(web_form(w, "by"), "axis");
    TRY(method_ruler_load(w, g->method.id, &g->ruler));
    return risk_bands_load(w, &g->bands);
}

/* --- drawing --- */

static const char *level_text(struct web *w, i64 level)
{
    return level ? arena_printf(w->arena, "%lld", level) : "";
}

static void draw_number(struct web *w, const struct grid *g, const struct line *l, bool impact)
{
    i64 number = l->risk.number;
    const char *label = impact ? arena_printf(w->arena, tr("Impact of R-%lld"), number)
                               : arena_printf(w->arena, tr("Likelihood of R-%lld"), number);

    html(w->html,
         "<input class='form-control grid-level' type='text' inputmode='numeric' maxlength='2' "
         "autocomplete='off' name='%c.%lld' value='%s' data-most='%lld' aria-label='%s'%s>",
         impact ? 'i' : 'l', l->id, impact ? l->impact : l->likelihood,
         impact ? g->method.impact_levels : g->levels, label, l->wrong ? " aria-invalid=true" : "");
}

static void draw_axes(struct web *w, const struct grid *g, const struct line *l)
{
    for (size_t k = 0; k < g->ruler.count; k++) {
        const struct method_axis *x = &g->ruler.axes[k];
        const char *label =
            arena_printf(w->arena, tr(N_("%s of R-%lld")), tr(x->label), l->risk.number);

        html(w->html,
             "<td data-label='%s'><input class='form-control grid-level' type='text' "
             "inputmode='numeric' maxlength='2' autocomplete='off' name='x.%s.%lld' value='%s' "
             "data-most='%lld' data-weight='%lld' aria-label='%s'%s></td>",
             tr(x->label), x->code, l->id, l->axes[k], g->ruler.levels, x->weight, label,
             l->wrong ? " aria-invalid=true" : "");
    }
    html(w->html, "<td data-label='{Impact}' data-impact>%s</td>",
         text_empty(l->impact) ? "—" : l->impact);
}

static void draw_note(struct web *w, const struct grid *g, const struct line *l)
{
    struct html *h = w->html;

    if (l->saved)
        badge(w, "green", "Saved");
    if (l->wrong)
        html(h, "<div class='field-error'>%s</div>", l->wrong);
    if (!l->clash)
        return;
    html(h,
         "<div class='field-error'>{Somebody changed it meanwhile. Stored now: %lld × %lld, “%s”. "
         "Save again to put yours in its place, or type what is stored.}</div>",
         risk_likelihood(&l->risk, g->kind), risk_impact(&l->risk, g->kind),
         reason_of(&l->risk, g->kind));
}

static void draw_line(struct web *w, const struct grid *g, const struct line *l)
{
    struct html *h = w->html;

    html(h,
         "<tr data-row><td class='list-main'><a href='%s'><span class='record-number'>R-%lld</span>"
         " %s</a><input type='hidden' name='v.%lld' value='%lld'>",
         web_record_url(w, &risk_entity, l->risk.number), l->risk.number, l->risk.title, l->id,
         l->risk.version);
    if (g->kind != RISK_INHERENT && l->risk.inherent_score)
        html(h, "<div class='list-sub'>{inherent %lld × %lld}</div>", l->risk.inherent_likelihood,
             l->risk.inherent_impact);
    html(h, "</td><td data-label='{Likelihood}'>");
    draw_number(w, g, l, false);
    html(h, "</td>");
    if (g->per_axis) {
        draw_axes(w, g, l);
    } else {
        html(h, "<td data-label='{Impact}'>");
        draw_number(w, g, l, true);
        html(h, "</td>");
    }
    html(h, "<td data-label='{Level}' data-level>");
    risk_chip(w, &g->bands, &l->risk, g->kind);
    html(h, "</td><td data-label='{Why}'><div>");
    html(h,
         "<textarea class='form-control' rows='1' maxlength='2000' name='r.%lld' "
         "aria-label='%s'>%s</textarea>",
         l->id, arena_printf(w->arena, tr(N_("Why, R-%lld")), l->risk.number), l->reason);
    draw_note(w, g, l);
    html(h, "</div></td></tr>");
}

/* The matrix, so that script shows a level while it is typed: "2,3=6 Medium;...". */
static struct err *draw_matrix(struct web *w, const struct grid *g)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select c.likelihood, c.impact, c.score, b.label from method_cell c"
                 " join method_band b on b.org_id = c.org_id and b.method = c.method"
                 " and b.band = c.band where c.org_id = $1 and c.method = $2"
                 " order by c.likelihood, c.impact",
                 num(w->org), num(g->method.id)));
    html(w->html, " data-matrix='");
    while (row_next(r))
        html(w->html, "%lld,%lld=%lld %s;", row_num(r, 0), row_num(r, 1), row_num(r, 2),
             tr(row_text(r, 3)));
    html(w->html, "'");
    return NULL;
}

static struct err *draw_table(struct web *w, const struct grid *g)
{
    html(w->html, "<div class='table-responsive'><table class='table list grid-score%s' data-grid",
         g->per_axis ? " grid-axes" : "");
    TRY(draw_matrix(w, g));
    html(w->html,
         " data-rule='%s'><caption class='visually-hidden'>{Levels to type}</caption><thead><tr>"
         "<th scope='col'>{Risk}</th><th scope='col'>{Likelihood}</th>",
         g->ruler.weighted ? "weighted" : "max");
    for (size_t k = 0; g->per_axis && k < g->ruler.count; k++)
        html(w->html, "<th scope='col' class='grid-axis'>%s</th>", tr(g->ruler.axes[k].label));
    html(w->html, "<th scope='col'>{Impact}</th><th scope='col'>{Level}</th><th scope='col'>{Why}"
                  "</th></tr></thead><tbody>");
    for (size_t i = 0; i < g->count; i++)
        draw_line(w, g, &g->lines[i]);
    html(w->html, "</tbody></table></div>");
    return NULL;
}

/* "tab=current&state=open" of the address, without the place in the list. */
static const char *query_of(struct web *w)
{
    const char *q = strchr(w->req->target, '?');

    return q ? q : "?state=open";
}

static void draw_tabs(struct web *w, enum risk_kind kind, const char *by)
{
    const char *pairs[2 * RISK_KINDS + 1] = {0};

    for (enum risk_kind k = RISK_INHERENT; k < RISK_KINDS; k++) {
        pairs[2 * k] = web_url(w, "/risks/grid?state=open&tab=%s%s", risk_levels[k].code, by);
        pairs[2 * k + 1] = tr(risk_levels[k].label);
    }
    tabs(w, (int)kind, pairs);
}

static void draw_told(struct web *w, const struct grid *g)
{
    if (g->wrong)
        page_notice(w, "danger",
                    "Nothing was saved yet: %zu of the rows cannot be accepted. The reason stands "
                    "in each.",
                    g->wrong);
    else if (g->clashes)
        page_notice(w, "warning",
                    "%zu rows are saved. %zu were changed by somebody else meanwhile and are not.",
                    g->saved, g->clashes);
    else if (g->saved)
        page_notice(w, "success", "%zu rows are saved.", g->saved);
}

static struct err *draw_page(struct web *w, const struct grid *g, const char *next)
{
    const char *tab = risk_levels[g->kind].code, *by = g->per_axis ? "&by=axis" : "";

    page_begin(w, "Plan · Risks", "Score many");
    page_help(w,
              "Type the levels of many risks as in a spreadsheet: a digit fills a cell and goes on "
              "to the next, arrows move, a copied column is pasted, Ctrl+Z takes back. Each score "
              "needs a reason that somebody else can check.",
              "6.1.2 d");
    page_action(w, "default", web_url(w, "/risks"), "To the risks");
    page_body(w);
    draw_tabs(w, g->kind, g->per_axis ? "&by=axis" : "");
    draw_told(w, g);
    if (!g->count) {
        page_empty(w, "No risk fits here.", web_url(w, "/risks/grid?state=open"),
                   "Show all open risks");
        page_end(w);
        return NULL;
    }
    html(w->html,
         "<nav class='btn-list mb-3' aria-label='{Often used filters}'><a class='filter' "
         "href='%s'>{Not scored}</a><a class='filter' href='%s'>{Open}</a><a class='filter' "
         "href='%s'>{Mine}</a><a class='filter' href='%s'>%s</a></nav><section class='card'>",
         web_url(w, "/risks/grid?state=open&score=none&tab=%s%s", tab, by),
         web_url(w, "/risks/grid?state=open&tab=%s%s", tab, by),
         web_url(w, "/risks/grid?state=open&owner=me&tab=%s%s", tab, by),
         web_url(w, "/risks/grid?state=open&tab=%s&by=%s", tab, g->per_axis ? "impact" : "axis"),
         g->per_axis ? tr("One impact") : tr("Impact per axis"));
    form_begin(w, arena_printf(w->arena, "/o/%s/risks/grid%s", w->slug, query_of(w)), 0);
    if (g->per_axis)
        html(w->html, "<input type='hidden' name='by' value='axis'>");
    TRY(draw_table(w, g));
    html(w->html, "<div class='card-body'>");
    form_text(w, "_reason", "Reason for the change", web_form(w, "_reason"),
              "Kept with the history of each risk. You may leave it empty.");
    html(w->html, "<p class='mute' role='status' data-grid-told></p>");
    form_end(w, "Save the scores", NULL);
    TRY(risk_scales_draw(w));
    html(w->html, "</div>");
    if (next)
        html(w->html,
             "<div class='pager'><a class='btn btn-sm' rel='next' href='%s'>{Next}</a></div>",
             next);
    html(w->html, "</section>");
    page_end(w);
    return NULL;
}

/* The levels of a risk as somebody would type them. */
static const char **axes_of(struct web *w, const struct grid *g, const struct risk *r)
{
    const char **out = NEW_ARRAY(w->arena, const char *, g->ruler.count + 1);
    struct method_judged j;

    method_judge(w->arena, &g->ruler, risk_axes(r, g->kind), &j);
    for (size_t k = 0; k < g->ruler.count; k++)
        out[k] = level_text(w, j.levels[k]);
    return out;
}

static struct line line_of(struct web *w, const struct grid *g, const struct risk *r)
{
    return (struct line){.id = r->id,
                         .version = r->version,
                         .risk = *r,
                         .likelihood = level_text(w, risk_likelihood(r, g->kind)),
                         .impact = level_text(w, risk_impact(r, g->kind)),
                         .axes = axes_of(w, g, r),
                         .reason = reason_of(r, g->kind)};
}

struct err *risk_grid(struct web *w)
{
    struct list_query q;
    struct list_result r;
    struct grid g;

    TRY(list_parse(w, &risk_entity, &q));
    TRY(list_run(w, &q, false, &r));
    TRY(open_grid(w, &g));
    g.lines = NEW_ARRAY(w->arena, struct line, r.count + 1);
    for (size_t i = 0; i < r.count; i++) {
        const struct risk *one = (const struct risk *)r.records + i;

        if (risk_is_blind(&g.bands, one->id))
            continue;
        g.lines[g.count++] = line_of(w, &g, one);
        /* who judged one risk along the axes is shown them, unless they ask for one impact */
        g.per_axis |= !web_query(w, "by") && !text_empty(risk_axes(one, g.kind));
    }
    return draw_page(w, &g, r.next ? list_url(w, &q, "after", r.next) : NULL);
}

/* --- posting --- */

static const char *cell(struct web *w, char column, i64 id)
{
    const char *text = web_form(w, arena_printf(w->arena, "%c.%lld", column, id));

    return text ? text_trim(w->arena, text) : "";
}

static void read_axes(struct web *w, const struct grid *g, struct line *l)
{
    l->axes = NEW_ARRAY(w->arena, const char *, g->ruler.count + 1);
    for (size_t k = 0; k < g->ruler.count; k++) {
        const char *name = arena_printf(w->arena, "x.%s.%lld", g->ruler.axes[k].code, l->id);
        const char *text = web_form(w, name);

        l->axes[k] = text ? text_trim(w->arena, text) : "";
    }
}

/* The rows of the form, in its order; each names the version that it was drawn from. */
static struct err *read_lines(struct web *w, struct grid *g)
{
    const struct pairs *form = &w->req->form;
    i64 id, version;

    g->lines = NEW_ARRAY(w->arena, struct line, form->count + 1);
    for (size_t i = 0; i < form->count; i++) {
        const char *name = form->list[i].name;
        struct line *l = &g->lines[g->count];

        if (name[0] != 'v' || name[1] != '.')
            continue;
        if (!text_i64(name + 2, &id) || !text_i64(form->list[i].value, &version) || version < 1)
            return err_new(ERR_BAD, "A row of the form names no risk. Load the page again.");
        if (g->count == LINES_MOST)
            return err_new(ERR_LIMIT, "At most %d risks are scored at once.", LINES_MOST);
        TRY(entity_load(w, &risk_entity, id, &l->risk));
        if (risk_is_blind(&g->bands, id))
            return err_new(ERR_DENIED, "R-%lld waits for your second score; give that first.",
                           l->risk.number);
        l->id = id;
        l->version = version;
        l->likelihood = cell(w, 'l', id);
        l->impact = g->per_axis ? level_text(w, risk_impact(&l->risk, g->kind)) : cell(w, 'i', id);
        read_axes(w, g, l);
        l->reason = cell(w, 'r', id);
        g->count++;
    }
    if (!g->count)
        return err_new(ERR_BAD, "The form has no rows. Load the page again.");
    return NULL;
}

static bool same_text(const char *typed, const char *stored)
{
    return text_equal(typed, stored) || (text_empty(typed) && text_empty(stored));
}

/* "c=2,a=4" of what was typed. */
static const char *typed_axes(struct web *w, const struct grid *g, const struct line *l)
{
    struct buf b;

    buf_init(&b, w->arena, 120);
    for (size_t k = 0; k < g->ruler.count; k++)
        if (*l->axes[k])
            buf_printf(&b, "%s%s=%s", b.size ? "," : "", g->ruler.axes[k].code, l->axes[k]);
    return b.data;
}

static bool axes_differ(struct web *w, const struct grid *g, const struct line *l)
{
    const char *stored = risk_axes(&l->risk, g->kind);
    struct method_judged j;

    if (!g->per_axis)
        return false;
    method_judge(w->arena, &g->ruler, typed_axes(w, g, l), &j);
    return j.wrong || !text_equal(j.text ? j.text : "", stored ? stored : "");
}

static bool differs(struct web *w, const struct grid *g, const struct line *l)
{
    return !same_text(l->likelihood, level_text(w, risk_likelihood(&l->risk, g->kind))) ||
           !same_text(l->impact, level_text(w, risk_impact(&l->risk, g->kind))) ||
           axes_differ(w, g, l) ||
           !same_text(l->reason, text_trim(w->arena, reason_of(&l->risk, g->kind)));
}

static void check_level(struct web *w, struct line *l, const char *text, i64 most)
{
    i64 n;

    if (*text && (!text_i64(text, &n) || n < 1 || n > most))
        l->wrong =
            arena_printf(w->arena, tr(N_("A level is a number from 1 to %lld, or empty.")), most);
}

/* Writes one row; what the rules refuse is told in it. */
static struct err *save_line(struct web *w, const struct grid *g, struct line *l)
{
    const struct risk_level *level = &risk_levels[g->kind];
    const char *axes = typed_axes(w, g, l);
    struct input in[] = {
        {reason_field(g->kind),                     l->reason                     },
        {level->likelihood,                         l->likelihood                 },
        {g->per_axis ? level->axes : level->impact, g->per_axis ? axes : l->impact}
    };
    struct issues issues = {.arena = w->arena};

    check_level(w, l, l->likelihood, g->levels);
    if (!g->per_axis)
        check_level(w, l, l->impact, g->method.impact_levels);
    if (!l->wrong && *l->likelihood && (*l->impact || *axes) && !*l->reason &&
        g->kind != RISK_RESIDUAL)
        l->wrong = tr(N_("Say why: a score without a reason cannot be checked by anybody."));
    if (l->wrong)
        return NULL;
    TRY(entity_apply(w, &risk_entity, &l->risk, (struct inputs){in, COUNT_OF(in)}, true, &issues));
    l->risk.method = g->method.id; /* scored with the method in use */
    if (!issues.count)
        TRY(entity_write(w, &risk_entity, &l->risk, w->reason, &issues));
    l->wrong = issues.count ? issues.list[0].text : NULL;
    l->saved = !issues.count;
    l->impact = level_text(w, risk_impact(&l->risk, g->kind));
    return NULL;
}

static struct err *save_lines(struct web *w, struct grid *g)
{
    for (size_t i = 0; i < g->count; i++) {
        struct line *l = &g->lines[i];

        l->touched = differs(w, g, l);
        l->clash = l->touched && l->version != l->risk.version;
        g->clashes += l->clash;
        if (l->touched && !l->clash)
            TRY(save_line(w, g, l));
        g->saved += l->saved;
        g->wrong += l->wrong != NULL;
    }
    return NULL;
}

/* Back to what is stored: nothing of the form was written. */
static struct err *take_back(struct web *w, struct grid *g)
{
    for (size_t i = 0; i < g->count; i++) {
        g->lines[i].saved = false;
        TRY(entity_load(w, &risk_entity, g->lines[i].id, &g->lines[i].risk));
    }
    g->saved = 0;
    web_status(w, 422);
    return NULL;
}

struct err *risk_grid_save(struct web *w)
{
    struct trail_item *mark = trail_mark(w);
    struct err *failed;
    struct grid g;

    TRY(open_grid(w, &g));
    TRY(read_lines(w, &g));
    TRY(db_savepoint(w->db));
    failed = save_lines(w, &g);
    if (failed || g.wrong) {
        db_rollback_to(w->db);
        trail_back(w, mark);
        TRY(failed);
        TRY(take_back(w, &g));
    } else {
        TRY(db_release(w->db));
    }
    return draw_page(w, &g, NULL);
}
