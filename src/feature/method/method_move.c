/* SPDX-License-Identifier: Apache-2.0 */
/* What a new version moves: the map from the levels of the version before, and every open risk
 * whose band or side of the acceptance level would change. Counted by cells, so that it costs the
 * same for ten risks and for a hundred thousand. */
#include "base/text.h"
#include "base/words.h"
#include "core/page.h"
#include "feature/method/method_part.h"

#define PAGE 50

/* Both versions, and what each cell of the old one is in the new one. */
struct both {
    struct method old, new;
    struct scales before, after;
};

static struct err *load_both(struct web *w, const struct method *m, struct both *b)
{
    b->new = *m;
    TRY(method_load(w, m->base, &b->old));
    TRY(scales_load(w, &b->old, &b->before));
    TRY(scales_load(w, m, &b->after));
    /* The other version gained or lost levels since: as if nobody had mapped anything. */
    if (b->after.before_likelihoods != b->before.likelihoods ||
        b->after.before_impacts != b->before.impacts)
        scales_even_map(&b->after, b->before.likelihoods, b->before.impacts);
    return NULL;
}

struct move {
    i64 old_score, score;
    size_t old_band, band;
    i64 likelihood, impact; /* new ones */
    bool above_before, above;
};

static i64 clip(i64 level, i64 most)
{
    return level < 1 ? 1 : level > most ? most : level;
}

/* False when the cell is not one of the old matrix. */
static bool move_of(const struct both *b, i64 l, i64 i, struct move *out)
{
    if (l < 1 || l > b->before.likelihoods || i < 1 || i > b->before.impacts)
        return false;
    out->likelihood = clip(b->after.map_likelihood[l - 1], b->after.likelihoods);
    out->impact = clip(b->after.map_impact[i - 1], b->after.impacts);
    out->old_score = b->before.cells[l - 1][i - 1];
    out->score = b->after.cells[out->likelihood - 1][out->impact - 1];
    out->old_band = scales_band(&b->before, out->old_score);
    out->band = scales_band(&b->after, out->score);
    out->above_before = out->old_score > b->old.acceptance;
    out->above = out->score > b->new.acceptance;
    return true;
}

static bool moves(const struct move *m)
{
    return m->old_band != m->band || m->above_before != m->above;
}

/* --- counting --- */

static struct err *count_cells(struct web *w, i64 method, struct rows **r)
{
    return db_query(w->db, r,
                    "select coalesce(current_likelihood, inherent_likelihood),"
                    " coalesce(current_impact, inherent_impact), count(*) from risk"
                    " where org_id = $1 and method = $2 and state = 'open'"
                    " group by coalesce(current_likelihood, inherent_likelihood),"
                    " coalesce(current_impact, inherent_impact)",
                    num(w->org), num(method));
}

static struct err *count_moves(struct web *w, const struct both *b, struct method_moves *out)
{
    struct rows *r;
    struct move m;

    *out = (struct method_moves){.risks = 0};
    TRY(count_cells(w, b->old.id, &r));
    while (row_next(r)) {
        i64 n = row_num(r, 2);

        out->risks += n;
        if (!move_of(b, row_num(r, 0), row_num(r, 1), &m)) {
            out->from_to[METHOD_BANDS][METHOD_BANDS] += n; /* unscored stays unscored */
            continue;
        }
        out->scored += n;
        out->from_to[m.old_band][m.band] += n;
        out->band += m.old_band != m.band ? n : 0;
        out->over += m.above && !m.above_before ? n : 0;
        out->under += m.above_before && !m.above ? n : 0;
    }
    return NULL;
}

struct err *method_count_moves(struct web *w, const struct method *m, struct method_moves *out)
{
    struct both b;

    *out = (struct method_moves){.risks = 0};
    if (!m->base)
        return NULL;
    TRY(load_both(w, m, &b));
    return count_moves(w, &b, out);
}

/* --- drawing the map --- */

static void draw_select(struct web *w, const char *axis, i64 level, i64 chosen, i64 most,
                        const char *const *labels)
{
    const char *name = arena_printf(w->arena, "m.%s.%lld", axis, level);

    html(w->html, "<select class='form-select' id='f-%s' name='%s'>", name, name);
    for (i64 k = 1; k <= most; k++)
        html(w->html, "<option value='%lld'%s>%lld %s</option>", k, k == chosen ? " selected" : "",
             k, labels[k - 1]);
    html(w->html, "</select>");
}

struct side {
    const char *axis, *title;
    i64 before, after;
    const char *const *old_labels, *const *labels;
    const i64 *map;
};

static void draw_side(struct web *w, const struct side *d, bool editable,
                      const struct issues *issues)
{
    html(w->html, "<fieldset class='group mb-3'><legend>%s</legend><div class='form-grid'>",
         tr(d->title));
    for (i64 k = 1; k <= d->before; k++) {
        const char *name = arena_printf(w->arena, "m.%s.%lld", d->axis, k);
        const char *error = issues ? issue_of(issues, name) : NULL;

        html(w->html,
             "<div class='field'><label class='form-label' for='f-%s'>{%lld %s becomes}</label>",
             name, k, d->old_labels[k - 1]);
        if (editable)
            draw_select(w, d->axis, k, d->map[k - 1], d->after, d->labels);
        else
            html(w->html, "<output id='f-%s'>%lld %s</output>", name, d->map[k - 1],
                 d->map[k - 1] >= 1 && d->map[k - 1] <= d->after ? d->labels[d->map[k - 1] - 1]
                                                                 : "");
        if (error)
            html(w->html, "<div class='field-error'>%s</div>", error);
        html(w->html, "</div>");
    }
    html(w->html, "</div></fieldset>");
}

static void draw_map(struct web *w, const struct both *b, bool editable,
                     const struct issues *issues)
{
    const struct scales *s = &b->after;
    struct side sides[2] = {
        {.axis = "likelihood", .title = N_("Likelihood")},
        {.axis = "impact",     .title = N_("Impact")    }
    };

    sides[0].before = b->before.likelihoods;
    sides[0].after = s->likelihoods;
    sides[0].old_labels = b->before.likelihood;
    sides[0].labels = s->likelihood;
    sides[0].map = s->map_likelihood;
    sides[1].before = b->before.impacts;
    sides[1].after = s->impacts;
    sides[1].old_labels = b->before.impact;
    sides[1].labels = s->impact;
    sides[1].map = s->map_impact;
    card_begin(w, "What the old levels become", NULL);
    if (editable)
        form_begin(w, web_url(w, "/methods/M-%lld/moves", b->new.number), b->new.version);
    for (size_t i = 0; i < COUNT_OF(sides); i++)
        draw_side(w, &sides[i], editable, issues);
    if (editable)
        html(w->html,
             "<div class='form-actions'><button class='btn btn-primary' type='submit' "
             "name='do' value='save'>{Save and show what moves}</button><button "
             "class='btn' type='submit' name='do' value='even' formnovalidate>{Even map from the "
             "version in use}</button></div></form>");
    card_end(w);
}

/* --- drawing the counts --- */

static void draw_counts(struct web *w, const struct both *b, const struct method_moves *c)
{
    struct html *h = w->html;

    card_begin(w, "From band to band", NULL);
    html(h, "<div class='table-responsive'><table class='table card-table'><caption "
            "class='visually-hidden'>{How many open risks go from which band to "
            "which}</caption><thead><tr><th scope='col'>{From}</th>");
    for (size_t k = 0; k < METHOD_BANDS; k++)
        if (b->after.bands[k].label)
            html(h, "<th scope='col'>{to %s}</th>", b->after.bands[k].label);
    html(h, "</tr></thead><tbody>");
    for (size_t o = 0; o < METHOD_BANDS; o++) {
        if (!b->before.bands[o].label)
            continue;
        html(h, "<tr><th scope='row'>");
        badge(w, scale_tones[o], b->before.bands[o].label);
        html(h, "</th>");
        for (size_t k = 0; k < METHOD_BANDS; k++)
            if (b->after.bands[k].label && c->from_to[o][k])
                html(h, "<td>% lld</td>", c->from_to[o][k]);
            else if (b->after.bands[k].label)
                html(h, "<td class='mute'>–</td>");
        html(h, "</tr>");
    }
    html(h, "</tbody></table></div><p class='mb-0'>");
    html(h, "{% lld open risk|% lld open risks}. ", c->risks, c->risks);
    html(h,
         "{Band changes: % lld. Above the acceptance level only now: % lld. No longer above it: "
         "% lld. Not scored, and stays so: % lld.}</p>",
         c->band, c->over, c->under, c->from_to[METHOD_BANDS][METHOD_BANDS]);
    card_end(w);
}

/* Axes move with the risks, or are asked for anew. */
static struct err *draw_judged(struct web *w, const struct both *b)
{
    struct rows *r;
    i64 n;

    TRY(db_query(w->db, &r,
                 "select count(*) from risk where org_id = $1 and method = $2 and state = 'open'"
                 " and (inherent_axes is not null or current_axes is not null"
                 " or residual_axes is not null)",
                 num(w->org), num(b->old.id)));
    n = row_next(r) ? row_num(r, 0) : 0;
    if (n)
        html(w->html,
             "<p class='mute'>{% lld risk has impacts per axis. |% lld risks have impacts per "
             "axis. }{They move by the same map. Where the new version lacks an axis, or makes "
             "another impact of them, the impact stays as the map gives it and its axes are to be "
             "given anew.}</p>",
             n, n);
    return NULL;
}

/* --- the risks --- */

/* JSON list of the cells (likelihood * 100 + impact) whose risks move. */
static const char *moving_cells(struct web *w, const struct both *b)
{
    struct buf list;
    struct move m;

    buf_init(&list, w->arena, 512);
    buf_char(&list, '[');
    for (i64 l = 1; l <= b->before.likelihoods; l++)
        for (i64 i = 1; i <= b->before.impacts; i++)
            if (move_of(b, l, i, &m) && moves(&m))
                buf_printf(&list, "%s%lld", list.size > 1 ? "," : "", l * 100 + i);
    buf_char(&list, ']');
    return list.data;
}

static struct err *moving_risks(struct web *w, const struct both *b, i64 after, struct rows **r)
{
    return db_query(w->db, r,
                    "select id, number, title, coalesce(current_likelihood, inherent_likelihood),"
                    " coalesce(current_impact, inherent_impact), owner from risk where org_id = $1"
                    " and method = $2 and id > $3 and state = 'open'"
                    " and coalesce(current_likelihood, inherent_likelihood) * 100"
                    " + coalesce(current_impact, inherent_impact)"
                    " in (select cast(value as bigint) from json_each($4))"
                    " order by id limit $5",
                    num(w->org), num(b->old.id), num(after), str(moving_cells(w, b)),
                    num(PAGE + 1));
}

static void draw_risk(struct web *w, const struct both *b, const struct rows *r)
{
    i64 l = row_num(r, 3), i = row_num(r, 4);
    struct html *h = w->html;
    struct move m;

    if (!move_of(b, l, i, &m))
        return;
    html(h,
         "<tr><td class='list-main'><a href='%s'><span class='record-number'>R-%lld</span> "
         "%s</a></td><td data-label='{Before}'><div>",
         web_url(w, "/risks/R-%lld", row_num(r, 1)), row_num(r, 1), row_text(r, 2));
    level_chip(w, m.old_score, page_lower(w, b->before.bands[m.old_band].label),
               scale_tones[m.old_band]);
    html(h, "<div class='list-sub'>%lld × %lld</div></div></td><td data-label='{After}'><div>", l,
         i);
    level_chip(w, m.score, page_lower(w, b->after.bands[m.band].label), scale_tones[m.band]);
    html(h,
         "<div class='list-sub'>%lld × %lld</div></div></td><td data-label='{Acceptance}'>%s"
         "</td></tr>",
         m.likelihood, m.impact,
         m.above == m.above_before ? ""
         : m.above                 ? tr("above it now")
                                   : tr("within it now"));
}

static struct err *draw_risks(struct web *w, const struct both *b)
{
    const char *from = web_query(w, "after");
    struct rows *r;
    i64 after = 0, n = 0, last = 0;

    if (from && !text_i64(from, &after))
        return err_new(ERR_BAD, "“after” is a number that the page gave.");
    TRY(moving_risks(w, b, after, &r));
    card_begin(w, "Risks that move", NULL);
    if (!row_count(r))
        html(w->html, "<p class='mute mb-0'>%s</p>",
             after ? tr("No more risks move.")
                   : tr("No open risk would change its band or its side "
                        "of the acceptance level."));
    else
        html(w->html, "<table class='table list'><caption class='visually-hidden'>{Risks that "
                      "move}</caption><thead><tr><th scope='col'>{Risk}</th><th "
                      "scope='col'>{Before}</th><th scope='col'>{After}</th><th "
                      "scope='col'>{Acceptance}</th></tr></thead><tbody>");
    while (n < PAGE && row_next(r)) {
        draw_risk(w, b, r);
        last = row_num(r, 0);
        n++;
    }
    if (row_count(r))
        html(w->html, "</tbody></table>");
    if (row_count(r) > PAGE)
        html(w->html, "<p class='mt-3 mb-0'><a class='btn' href='%s'>{More}</a></p>",
             web_url(w, "/methods/M-%lld/moves?after=%lld", b->new.number, last));
    card_end(w);
    return NULL;
}

/* Whoever sees all risks, and is not to score some of them without the first score. */
static struct err *sees_levels(struct web *w, bool *out)
{
    const struct permission *right = feature_permission("risk.read");
    const struct ids *hidden = NULL;

    *out = right && web_may(w, right);
    if (*out)
        TRY(entity_veiled_ids(w, feature_entity("risk"), &hidden));
    *out = *out && (!hidden || !hidden->count);
    return NULL;
}

/* --- the page --- */

static struct err *draw_page(struct web *w, struct both *b, const struct issues *issues)
{
    bool open = text_equal(b->new.state, "draft") || text_equal(b->new.state, "submitted");
    struct method_moves c;
    bool all;

    TRY(sees_levels(w, &all));
    scales_translate(w->arena, &b->before);
    scales_translate(w->arena, &b->after);
    page_begin(w, arena_printf(w->arena, "%s · M-%lld", tr("Risk method"), b->new.number),
               "What moves with “%s”", b->new.title);
    page_action(w, "default", web_url(w, "/methods/M-%lld", b->new.number), "Back to the version");
    page_body(w);
    form_issues(w, issues);
    if (open)
        page_notice(w, "info",
                    "From M-%lld to M-%lld. Nothing of this happens before the version is "
                    "approved.",
                    b->old.number, b->new.number);
    else
        page_notice(w, "info", "This is the map from M-%lld that belongs to this version.",
                    b->old.number);
    html(w->html, "<div class='stack'>");
    draw_map(w, b, text_equal(b->new.state, "draft") && !w->asof && web_may(w, &method_write),
             issues);
    if (open && all) {
        TRY(count_moves(w, b, &c));
        draw_counts(w, b, &c);
        TRY(draw_judged(w, b));
        TRY(draw_risks(w, b));
    }
    html(w->html, "</div>");
    page_end(w);
    return NULL;
}

/* A first version has none before it, so `*none`. */
static struct err *asked(struct web *w, struct both *b, bool *none)
{
    struct method m;

    TRY(method_asked(w, &m));
    b->new = m;
    *none = !m.base;
    return m.base ? load_both(w, &m, b) : NULL;
}

struct err *method_move_page(struct web *w)
{
    struct both b;
    bool none;

    TRY(asked(w, &b, &none));
    if (!none)
        return draw_page(w, &b, NULL);
    page_begin(w, arena_printf(w->arena, "%s · M-%lld", tr("Risk method"), b.new.number),
               "What moves with “%s”", b.new.title);
    page_body(w);
    page_empty(w, "This version was not made from another one, so nothing moves.",
               web_url(w, "/methods/M-%lld", b.new.number), "Back to the version");
    page_end(w);
    return NULL;
}

static void read_map(struct web *w, const char *axis, i64 *map, i64 count)
{
    for (i64 k = 1; k <= count; k++)
        if (!text_i64(scale_sent(w, "0", "m.%s.%lld", axis, k), &map[k - 1]))
            map[k - 1] = 0; /* refused with its place */
}

struct err *method_move_post(struct web *w)
{
    struct issues issues = {.arena = w->arena};
    struct method in_use;
    struct both b;
    i64 version = 0;
    bool none;

    TRY(asked(w, &b, &none));
    TRY(method_must_be_draft(&b.new));
    if (none)
        return err_new(ERR_CLASH, "This version was not made from another one, so nothing moves.");
    if (!text_i64(scale_sent(w, "", "_version"), &version) || version < 1)
        return err_new(ERR_BAD, "The form does not say which version it changes. Open it again.");
    b.new.version = version;
    if (text_equal(scale_sent(w, "", "do"), "even")) {
        TRY(method_current(w, &in_use));
        if (in_use.id != b.new.id)
            b.new.base = in_use.id;
        TRY(method_load(w, b.new.base, &in_use));
        scales_even_map(&b.after, in_use.levels, in_use.impact_levels);
    } else {
        read_map(w, "likelihood", b.after.map_likelihood, b.after.before_likelihoods);
        read_map(w, "impact", b.after.map_impact, b.after.before_impacts);
    }
    TRY(method_store(w, &b.new, &b.after, "map of the old levels", &issues));
    if (issues.count) {
        b.new.version = version;
        web_status(w, 422);
        return draw_page(w, &b, &issues);
    }
    web_redirect(w, web_url(w, "/methods/M-%lld/moves?m=saved", b.new.number));
    return NULL;
}

/* --- API --- */

static json_t *move_json(const struct both *b, const struct rows *r, const char *number)
{
    json_t *o = json_object();
    struct move m;

    if (!move_of(b, row_num(r, 3), row_num(r, 4), &m))
        return o;
    json_object_set_new(o, "risk", json_string(number));
    json_object_set_new(o, "title", json_string(row_text(r, 2)));
    json_object_set_new(o, "score_before", json_integer(m.old_score));
    json_object_set_new(o, "band_before", json_string(scale_bands[m.old_band]));
    json_object_set_new(o, "score", json_integer(m.score));
    json_object_set_new(o, "band", json_string(scale_bands[m.band]));
    json_object_set_new(o, "above_acceptance", json_boolean(m.above));
    return o;
}

struct err *method_api_moves(struct web *w)
{
    const char *from = web_query(w, "after");
    i64 after = 0, n = 0, last = 0;
    json_t *answer, *list;
    struct method_moves c = {.risks = 0};
    struct both b;
    struct rows *r = NULL;
    bool none, all;

    if (from && !text_i64(from, &after))
        return err_new(ERR_BAD, "“after” is the “next” of the page before.");
    TRY(asked(w, &b, &none));
    TRY(sees_levels(w, &all));
    if (!none && all) {
        TRY(count_moves(w, &b, &c));
        TRY(moving_risks(w, &b, after, &r));
    }
    answer = json_object();
    list = json_array();
    json_object_set_new(answer, "open_risks", json_integer(c.risks));
    json_object_set_new(answer, "band_changes", json_integer(c.band));
    json_object_set_new(answer, "newly_above_acceptance", json_integer(c.over));
    json_object_set_new(answer, "no_longer_above_acceptance", json_integer(c.under));
    json_object_set_new(answer, "risks", list);
    while (r && n < PAGE && row_next(r)) {
        json_array_append_new(list,
                              move_json(&b, r, arena_printf(w->arena, "R-%lld", row_num(r, 1))));
        last = row_num(r, 0);
        n++;
    }
    json_object_set_new(answer, "next",
                        r && row_count(r) > PAGE ? json_string(arena_printf(w->arena, "%lld", last))
                                                 : json_null());
    web_answer_json(w, 200, answer);
    return NULL;
}
