/* SPDX-License-Identifier: Apache-2.0 */
/* Matrix and bands of a draft as one form: a score in each cell, and up to four bands with their
 * highest score. Without script the colours follow with "Show the colours"; with it at once, and
 * the arrow keys go from cell to cell (assets/parts/method.js). */
#include "base/text.h"
#include "base/words.h"
#include "core/page.h"
#include "feature/method/method_part.h"

struct page {
    struct web *w;
    const struct method *m;
    const struct scales *s;
    const struct issues *issues;
};

static const char *error_of(struct page *p, const char *name)
{
    return p->issues ? issue_of(p->issues, name) : NULL;
}

static void draw_cell(struct page *p, i64 l, i64 i)
{
    const struct scales *s = p->s;
    i64 score = s->cells[l - 1][i - 1];
    const char *name = arena_printf(p->w->arena, "c.%lld.%lld", l, i);

    html(p->w->html,
         "<td class='heat-%s'><input id='f-%s' name='%s' value='%lld' inputmode='numeric' "
         "maxlength='4' aria-label='{Score of likelihood %lld, impact %lld}'%s></td>",
         scale_bands[scales_band(s, score)], name, name, score, l, i,
         error_of(p, name) ? " aria-invalid=true" : "");
}

static void draw_cells(struct page *p)
{
    const struct scales *s = p->s;
    struct html *h = p->w->html;

    html(h, "<table class='heat matrix-edit'><caption class='visually-hidden'>{Score of each "
            "likelihood and impact}</caption><tbody>");
    for (i64 l = s->likelihoods; l >= 1; l--) {
        html(h, "<tr><th scope='row'><abbr title='%s'>%lld</abbr></th>", s->likelihood[l - 1], l);
        for (i64 i = 1; i <= s->impacts; i++)
            draw_cell(p, l, i);
        html(h, "</tr>");
    }
    html(h, "</tbody><tfoot><tr><td></td>");
    for (i64 i = 1; i <= s->impacts; i++)
        html(h, "<th scope='col'><abbr title='%s'>%lld</abbr></th>", s->impact[i - 1], i);
    html(h, "</tr></tfoot></table><p class='mute'>{Likelihood up, impact to the right. The arrow "
            "keys go from cell to cell.}</p>");
}

static void draw_ways(struct page *p)
{
    static const char *const ways[][2] = {
        {"show",    N_("Show the colours")             },
        {"product", N_("Fill: likelihood times impact")},
        {"impact",  N_("Fill: impact counts more")     },
        {"sum",     N_("Fill: likelihood plus impact") },
        {"mirror",  N_("Make it symmetrical")          },
    };
    struct html *h = p->w->html;

    html(h, "<div class='btn-list'>");
    for (size_t i = 0; i < COUNT_OF(ways); i++)
        html(h, "<button class='btn' type='submit' name='do' value='%s' formnovalidate>%s</button>",
             ways[i][0], tr(ways[i][1]));
    html(h, "</div>");
}

static bool is_last(const struct scales *s, size_t b)
{
    for (size_t k = b + 1; k < METHOD_BANDS; k++)
        if (s->bands[k].label)
            return false;
    return true;
}

static void draw_band(struct page *p, size_t b)
{
    static const char *const names[METHOD_BANDS] = {N_("Green band"), N_("Yellow band"),
                                                    N_("Orange band"), N_("Red band")};
    const struct scale_band *x = &p->s->bands[b];
    const char *code = scale_bands[b];
    struct arena *a = p->w->arena;
    bool used = x->label != NULL;

    html(p->w->html,
         "<fieldset class='group mb-3 band-%s' data-band='%s'><legend>%s</legend><label "
         "class='form-check'><input class='form-check-input' type='checkbox' name='b.%s.used' "
         "value='1'%s><span class='form-check-label'>{Use this band}</span></label><div "
         "class='form-grid'>",
         code, code, tr(names[b]), code, used ? " checked" : "");
    scale_input(p->w,
                &(struct scale_input){.name = arena_printf(a, "b.%s.label", code),
                                      .label = tr("Name"),
                                      .value = x->label},
                p->issues);
    scale_input(p->w,
                &(struct scale_input){
                    .name = arena_printf(a, "b.%s.upto", code),
                    .label = tr("Highest score"),
                    .value = used && !is_last(p->s, b) ? arena_printf(a, "%lld", x->upto) : "",
                    .hint = tr("Empty in the last band: all that is "
                               "above."),
                    .number = true},
                p->issues);
    html(p->w->html, "</div>");
    scale_input(p->w,
                &(struct scale_input){.name = arena_printf(a, "b.%s.meaning", code),
                                      .label = tr("What it means"),
                                      .value = x->meaning,
                                      .lines = true},
                p->issues);
    scale_input(p->w,
                &(struct scale_input){.name = arena_printf(a, "b.%s.action", code),
                                      .label = tr("What is done"),
                                      .value = x->action,
                                      .lines = true},
                p->issues);
    html(p->w->html, "</fieldset>");
}

static struct err *draw_form(struct page *p)
{
    struct web *w = p->w;
    const char *address = web_url(w, "/methods/M-%lld", p->m->number);

    page_begin(w, arena_printf(w->arena, "%s · M-%lld", tr("Risk method"), p->m->number),
               "Matrix of “%s”", p->m->title);
    page_body(w);
    form_issues(w, p->issues);
    form_begin(w, arena_printf(w->arena, "%s/matrix", address), p->m->version);
    html(w->html, "<button class='visually-hidden' type='submit' name='do' value='save' "
                  "tabindex='-1'>{Save}</button><div class='split wide-aside'><div class='stack "
                  "method-side'>");
    card_begin(w, "Matrix", NULL);
    draw_cells(p);
    draw_ways(p);
    card_end(w);
    html(w->html, "</div><div class='stack'>");
    card_begin(w, "Bands", arena_printf(w->arena, tr("acceptance level %lld"), p->m->acceptance));
    for (size_t b = 0; b < METHOD_BANDS; b++)
        draw_band(p, b);
    card_end(w);
    html(w->html, "</div></div>");
    form_text(w, "_reason", "Reason for the change", web_form(w, "_reason"), NULL);
    html(
        w->html,
        "<div class='form-actions'><button class='btn btn-primary' type='submit' name='do' "
        "value='save'>{Save the matrix}</button><a class='btn' href='%s'>{Cancel}</a></div></form>",
        address);
    page_end(w);
    return NULL;
}

struct err *method_matrix_form(struct web *w)
{
    struct method m;
    struct scales s;

    TRY(method_asked(w, &m));
    TRY(method_must_be_draft(&m));
    TRY(scales_load(w, &m, &s));
    return draw_form(&(struct page){.w = w, .m = &m, .s = &s});
}

/* --- what was typed --- */

static void read_cells(struct web *w, struct scales *s)
{
    for (i64 l = 1; l <= s->likelihoods; l++)
        for (i64 i = 1; i <= s->impacts; i++) {
            const char *sent = scale_sent(w, NULL, "c.%lld.%lld", l, i);

            if (sent && !text_i64(sent, &s->cells[l - 1][i - 1]))
                s->cells[l - 1][i - 1] = 0; /* refused with its place */
        }
}

static void read_band(struct web *w, struct scales *s, size_t b, struct issues *issues)
{
    const char *code = scale_bands[b], *upto = scale_sent(w, "", "b.%s.upto", code);
    struct scale_band *x = &s->bands[b];

    *x = (struct scale_band){.label = NULL};
    if (!scale_sent(w, NULL, "b.%s.used", code))
        return;
    x->label = scale_sent(w, "", "b.%s.label", code);
    x->meaning = scale_sent(w, "", "b.%s.meaning", code);
    x->action = scale_sent(w, "", "b.%s.action", code);
    x->upto = METHOD_SCORE_MOST;
    if (!text_empty(upto) && (!text_i64(upto, &x->upto) || x->upto < 1))
        issue(issues, arena_printf(w->arena, "b.%s.upto", code),
              "The highest score of a band is a whole number.");
}

static void read_form(struct web *w, struct scales *s, struct issues *issues)
{
    read_cells(w, s);
    for (size_t b = 0; b < METHOD_BANDS; b++)
        read_band(w, s, b, issues);
    for (size_t b = 0; b < METHOD_BANDS; b++)
        if (s->bands[b].label && is_last(s, b))
            s->bands[b].upto = METHOD_SCORE_MOST;
}

struct err *method_matrix_post(struct web *w)
{
    struct issues issues = {.arena = w->arena};
    struct page p = {.w = w};
    const char *what = scale_sent(w, "", "do");
    struct scales s;
    struct method m;
    i64 version = 0;

    TRY(method_asked(w, &m));
    TRY(method_must_be_draft(&m));
    TRY(scales_load(w, &m, &s));
    read_form(w, &s, &issues);
    if (!text_i64(scale_sent(w, "", "_version"), &version) || version < 1)
        return err_new(ERR_BAD, "The form does not say which version it changes. Open it again.");
    p.m = &m;
    p.s = &s;
    m.version = version; /* a clash is told when it is saved */
    if (text_equal(what, "show") || scales_fill(&s, what))
        return draw_form(&p);
    if (!issues.count)
        TRY(method_store(w, &m, &s, w->reason, &issues));
    if (issues.count) {
        m.version = version;
        p.issues = &issues;
        web_status(w, 422);
        return draw_form(&p);
    }
    web_redirect(w, web_url(w, "/methods/M-%lld?m=saved", m.number));
    return NULL;
}
