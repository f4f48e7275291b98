/* SPDX-License-Identifier: Apache-2.0 */
/* The methods of content/: what a new organisation starts with, and what a draft may take over. */
#include <string.h>

#include "base/text.h"
#include "core/app.h"
#include "core/content.h"
#include "feature/method/method_part.h"

/* A table of one method: "method_" and "4x4". */
static const struct content_table *table_of(struct web *w, const char *prefix, const char *matrix)
{
    return content_table(w->app->content, arena_printf(w->arena, "%s_%s", prefix, matrix));
}

static i64 cell_num(const struct content_table *t, size_t row, const char *column)
{
    i64 n = 0;

    if (!text_i64(content_cell(t, row, column), &n))
        BUG("content: %s of row %zu is not a number", column, row + 1);
    return n;
}

static const char *word(const struct content_table *t, size_t row, const char *column, bool own)
{
    return own ? content_words(t, row, column) : content_cell(t, row, column);
}

/* The axes stand in the order of the lines of a descriptor. */
static void read_axes(struct web *w, struct scales *s, bool own)
{
    const struct content_table *t = content_table(w->app->content, "method_axes");

    s->naxes = content_rows(t) < METHOD_AXES_MOST ? content_rows(t) : METHOD_AXES_MOST;
    for (size_t k = 0; k < s->naxes; k++) {
        struct scale_axis *x = &s->axes[k];

        x->code = content_cell(t, k, "axis_code");
        x->label = word(t, k, "label", own);
        x->unit = content_cell(t, k, "unit");
        x->weight = cell_num(t, k, "weight");
        x->never = text_equal(content_cell(t, k, "never"), "top") ? s->impacts : 0;
        for (i64 i = 0; i < s->impacts; i++)
            x->text[i] = x->upto[i] = "";
    }
}

static void read_impact(struct web *w, struct scales *s, const char *descriptor, i64 level,
                        const char *upto)
{
    char **lines;
    size_t n = text_split(w->arena, descriptor, '\n', &lines);

    for (size_t k = 0; k < n && k < s->naxes; k++) {
        const char *colon = strstr(lines[k], ": ");

        s->axes[k].text[level - 1] = colon ? colon + 2 : lines[k];
        if (!text_equal(s->axes[k].unit, "words"))
            s->axes[k].upto[level - 1] = upto;
    }
}

static void read_levels(struct web *w, const char *matrix, struct scales *s, bool own)
{
    const struct content_table *t = table_of(w, "method", matrix);

    for (size_t r = 0; r < content_rows(t); r++) {
        i64 level = cell_num(t, r, "level");
        const char *upto = content_cell(t, r, "max");

        if (level < 1 || level > METHOD_LEVELS_MOST)
            continue;
        if (text_equal(content_cell(t, r, "axis"), "likelihood")) {
            s->likelihood[level - 1] = word(t, r, "label", own);
            s->likelihood_text[level - 1] = word(t, r, "descriptor", own);
            s->likelihood_upto[level - 1] = upto;
        } else {
            s->impact[level - 1] = word(t, r, "label", own);
            read_impact(w, s, word(t, r, "descriptor", own), level, upto);
        }
    }
}

static void read_matrix(struct web *w, const char *matrix, struct scales *s, bool own)
{
    const struct content_table *cells = table_of(w, "method_cells", matrix);
    const struct content_table *bands = table_of(w, "bands", matrix);

    for (size_t r = 0; r < content_rows(cells); r++) {
        i64 l = cell_num(cells, r, "likelihood"), i = cell_num(cells, r, "impact");

        if (l >= 1 && l <= s->likelihoods && i >= 1 && i <= s->impacts)
            s->cells[l - 1][i - 1] = cell_num(cells, r, "score");
    }
    for (size_t r = 0; r < content_rows(bands); r++)
        for (size_t b = 0; b < METHOD_BANDS; b++)
            if (text_equal(content_cell(bands, r, "band"), scale_bands[b]))
                s->bands[b] = (struct scale_band){.label = word(bands, r, "label", own),
                                                  .upto = cell_num(bands, r, "to"),
                                                  .meaning = word(bands, r, "meaning", own),
                                                  .action = word(bands, r, "action", own)};
}

/* Sets scales, matrix, acceptance level and rule of impact; the rest of `m` stays. With `own` the
 * texts are those of the reader's language. */
static struct err *preset(struct web *w, const char *code, struct method *m, struct scales *s,
                          bool own)
{
    const struct content_table *t = content_table(w->app->content, "methods");
    i64 row = text_empty(code) ? 0 : content_row(t, code);
    const char *matrix;

    if (row < 0)
        return err_new(ERR_INVALID, "There is no ready-made method “%.40s”.", code);
    memset(s, 0, sizeof(*s));
    matrix = content_cell(t, (size_t)row, "matrix");
    s->likelihoods = cell_num(t, (size_t)row, "likelihood_levels");
    s->impacts = cell_num(t, (size_t)row, "impact_levels");
    if (!table_of(w, "method", matrix) || !table_of(w, "method_cells", matrix) ||
        !table_of(w, "bands", matrix) || s->likelihoods > METHOD_LEVELS_MOST ||
        s->impacts > METHOD_LEVELS_MOST)
        return err_new(ERR_FAULT, "The ready-made method “%s” is not whole.", code);
    read_axes(w, s, own);
    read_levels(w, matrix, s, own);
    read_matrix(w, matrix, s, own);
    m->title = word(t, (size_t)row, "title", own);
    m->acceptance = cell_num(t, (size_t)row, "acceptance");
    m->impact_rule = content_cell(t, (size_t)row, "impact_rule");
    m->never_above = 0;
    return NULL;
}

struct err *scales_preset(struct web *w, const char *code, struct method *m, struct scales *s)
{
    return preset(w, code, m, s, true);
}

struct err *method_seed(struct web *w)
{
    struct issues issues = {.arena = w->arena};
    struct method m = {.state = "draft",
                       .review_months = 12,
                       .accept_months = 12,
                       .existing_rule = "evidence",
                       .ranking = "impact",
                       .triggers = METHOD_TRIGGERS_ALL,
                       .acceptance_rule =
                           "The owner of a risk accepts up to the acceptance level. Above it, top "
                           "management decides, for a year at most. A breach of law is never "
                           "accepted."};
    struct scales s;

    TRY(preset(w, NULL, &m, &s, false));
    TRY(method_store(w, &m, &s, NULL, &issues));
    if (issues.count)
        return err_new(ERR_FAULT, "The default method is not usable: %s", issues.list[0].text);
    return NULL;
}

/* --- ways to fill a matrix --- */

static i64 filled(const char *way, i64 l, i64 i)
{
    if (text_equal(way, "sum"))
        return l + i - 1;
    return text_equal(way, "impact") ? l * i + i - 1 : l * i;
}

/* The limits of the bands: the same shares of the highest score as in the default method. */
static void spread_bands(struct scales *s)
{
    static const i64 shares[METHOD_BANDS] = {16, 36, 64, 100};
    i64 most = scales_highest(s), before = 0;

    for (size_t b = 0; b < METHOD_BANDS; b++) {
        if (!s->bands[b].label)
            continue;
        s->bands[b].upto = (most * shares[b] + 50) / 100;
        if (s->bands[b].upto <= before)
            s->bands[b].upto = before + 1;
        before = s->bands[b].upto;
    }
}

static void mirror(struct scales *s)
{
    i64 n = s->likelihoods < s->impacts ? s->likelihoods : s->impacts;

    for (i64 l = 0; l < n; l++)
        for (i64 i = 0; i < l; i++)
            if (s->cells[l][i] > s->cells[i][l])
                s->cells[i][l] = s->cells[l][i];
            else
                s->cells[l][i] = s->cells[i][l];
}

bool scales_fill(struct scales *s, const char *way)
{
    if (text_equal(way, "mirror")) {
        mirror(s);
        return true;
    }
    if (!text_equal(way, "product") && !text_equal(way, "impact") && !text_equal(way, "sum"))
        return false;
    for (i64 l = 1; l <= s->likelihoods; l++)
        for (i64 i = 1; i <= s->impacts; i++)
            s->cells[l - 1][i - 1] = filled(way, l, i);
    spread_bands(s);
    return true;
}
