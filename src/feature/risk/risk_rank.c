/* SPDX-License-Identifier: Apache-2.0 */
/* The order in which to decide: by the rule of the method, or by the impact along one of its axes.
 */
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/page.h"
#include "feature/risk/risk_part.h"

#define RANK_SIZE 100

struct ranking {
    struct method method;
    struct method_ruler ruler;
    const struct method_axis *axis; /* by which the risks are ordered first; NULL = the method */
    struct risk_bands bands;
    const char *hidden; /* JSON: risks that have no place for this person yet */
    i64 first;          /* so many are passed over */
};

/* --- the order --- */

/* "05,legal=5,": a level, and what stands for it in a text between commas. */
static const char *axis_marks(struct web *w, const struct ranking *k)
{
    struct buf b;

    buf_init(&b, w->arena, 120);
    buf_char(&b, '[');
    for (i64 level = 1; k->axis && level <= k->ruler.levels; level++)
        buf_printf(&b, "%s\"%02lld,%s=%lld,\"", level > 1 ? "," : "", level, k->axis->code, level);
    buf_char(&b, ']');
    return b.data;
}

/* One number for the impact says of an axis that it is not above it, unless it is a mean. */
static struct err *by_axis(struct web *w, const struct ranking *k, struct rows **r)
{
    return db_query(
        w->db, r,
        "select x.number, x.title, x.method, x.score, x.band, x.impact, x.likelihood, x.treated,"
        " x.id, x.vetoed, case when x.level > x.impact and $7 = 0 then x.impact else x.level end"
        " from (select n.number, n.title, n.method, n.score, n.band, n.impact, n.likelihood,"
        " n.treated, n.id, n.vetoed, (select max(cast(substr(v.value, 1, 2) as bigint))"
        " from json_each($4) v where replace(n.axes, substr(v.value, 3), '') <> n.axes) as level"
        " from (select t.number, t.title, t.method, t.score, t.band, t.treated, t.id, t.vetoed,"
        " case when t.current_score is null then t.inherent_impact else t.current_impact end"
        " as impact, case when t.current_score is null then t.inherent_likelihood"
        " else t.current_likelihood end as likelihood, ',' || case when t.current_score is null"
        " then t.inherent_axes else coalesce(t.current_axes, t.inherent_axes) end || ',' as axes"
        " from risk t where t.org_id = $1 and t.state = 'open' and t.score is not null"
        " and t.id not in (select cast(value as bigint) from json_each($3))) n) x"
        " order by case when $5 = 1 then x.vetoed else 0 end desc,"
        " coalesce(case when x.level > x.impact and $7 = 0 then x.impact else x.level end, 0) desc,"
        " x.score desc, case when $6 = 1 then x.likelihood else x.impact end desc,"
        " case when $6 = 1 then x.impact else x.likelihood end desc, x.id limit $2 offset $8",
        num(w->org), num(RANK_SIZE + 1), str(k->hidden), str(axis_marks(w, k)),
        num(method_vetoes_first(&k->method)), num(method_likelihood_first(&k->method)),
        num(k->ruler.weighted), num(k->first));
}

/* Both engines walk the index (organisation, state, score) and sort within one score only. */
static struct err *by_level(struct web *w, const struct ranking *k, struct rows **r)
{
    return db_query(
        w->db, r,
        "select number, title, method, score, band,"
        " case when current_score is null then inherent_impact else current_impact end"
        " as impact, case when current_score is null then inherent_likelihood"
        " else current_likelihood end as likelihood, treated, id, vetoed, 0 from risk"
        " where org_id = $1 and state = 'open' and score is not null"
        " and id not in (select cast(value as bigint) from json_each($3)) order by score desc,"
        " case when $5 = 1 then case when current_score is null then inherent_likelihood"
        " else current_likelihood end else case when current_score is null then inherent_impact"
        " else current_impact end end desc,"
        " case when $5 = 1 then case when current_score is null then inherent_impact"
        " else current_impact end else case when current_score is null then inherent_likelihood"
        " else current_likelihood end end desc, id limit $2 offset $4",
        num(w->org), num(RANK_SIZE + 1), str(k->hidden), num(k->first),
        num(method_likelihood_first(&k->method)));
}

/* --- what is asked for --- */

static struct err *axis_asked(struct web *w, struct ranking *k)
{
    const char *by = web_query(w, "by");

    if (text_empty(by))
        return NULL;
    for (size_t i = 0; i < k->ruler.count; i++)
        if (text_equal(k->ruler.axes[i].code, by))
            k->axis = &k->ruler.axes[i];
    return k->axis
               ? NULL
               : err_new(ERR_BAD, "The risk method has no axis “%.40s” to order the risks by.", by);
}

static struct err *asked(struct web *w, struct ranking *k)
{
    const char *from = web_query(w, "from");

    *k = (struct ranking){.first = 0};
    if (from && (!text_i64(from, &k->first) || k->first < 0 || k->first > 1000000))
        return err_new(ERR_BAD, "The parameter “from” is a number from 0.");
    TRY(method_current(w, &k->method));
    TRY(method_ruler_load(w, k->method.id, &k->ruler));
    TRY(axis_asked(w, k));
    TRY(risk_bands_load(w, &k->bands));
    return risk_blind_list(w, &k->hidden);
}

/* --- drawing --- */

static void draw_orders(struct web *w, const struct ranking *k)
{
    const char **pairs = NEW_ARRAY(w->arena, const char *, 2 * (k->ruler.count + 1) + 1);
    int current = 0;
    size_t n = 0;

    if (!k->ruler.count)
        return;
    pairs[n++] = web_url(w, "/risks/ranking");
    pairs[n++] = N_("As the method says");
    for (size_t i = 0; i < k->ruler.count; i++) {
        if (k->axis == &k->ruler.axes[i])
            current = (int)i + 1;
        pairs[n++] = web_url(w, "/risks/ranking?by=%s", k->ruler.axes[i].code);
        pairs[n++] = tr(k->ruler.axes[i].label);
    }
    tabs(w, current, pairs);
}

static void draw_rank(struct web *w, const struct ranking *k, struct rows *r, i64 rank)
{
    struct risk one = {.id = row_num(r, 8),
                       .method = row_num(r, 2),
                       .current_score = row_num(r, 3),
                       .current_band = row_str(r, 4)};
    struct html *h = w->html;

    html(h,
         "<tr><td class='num' data-label='{Rank}'>%lld</td><td class='list-main'><a "
         "href='%s'><span class='record-number'>R-%lld</span> %s</a></td>",
         rank, web_record_url(w, &risk_entity, row_num(r, 0)), row_num(r, 0), row_text(r, 1));
    if (k->axis) {
        html(h, "<td class='num' data-label='%s'>", tr(k->axis->label));
        if (row_null(r, 10))
            html(h, "<span class='mute'>{not judged}</span></td>");
        else
            html(h, "%lld</td>", row_num(r, 10));
    }
    html(h, "<td data-label='{Level}'><div>");
    risk_chip(w, &k->bands, &one, RISK_CURRENT);
    if (row_num(r, 9)) {
        html(h, " ");
        badge(w, "red", "Nobody may accept it");
    }
    html(h,
         "</div></td><td class='num' data-label='{Impact}'>%lld</td><td class='num' "
         "data-label='{Likelihood}'>%lld</td><td data-label='{Treatment}'>",
         row_num(r, 5), row_num(r, 6));
    if (row_num(r, 7))
        html(h, "%lld", row_num(r, 7));
    else
        badge(w, "red", "decide");
    html(h, "</td></tr>");
}

static void draw_table(struct web *w, const struct ranking *k, struct rows *r)
{
    i64 shown = 0;

    html(w->html,
         "<section class='card'><div class='table-responsive'><table class='table list'><caption "
         "class='visually-hidden'>{Open risks, most pressing first}</caption><thead><tr><th "
         "scope='col' class='num'>{Rank}</th><th scope='col'>{Risk}</th>");
    if (k->axis)
        html(w->html, "<th scope='col' class='num'>%s</th>", tr(k->axis->label));
    html(w->html, "<th scope='col'>{Level}</th><th scope='col' class='num'>{Impact}</th><th "
                  "scope='col' class='num'>{Likelihood}</th><th scope='col'>{Treatment}</th></tr>"
                  "</thead><tbody>");
    while (shown < RANK_SIZE && row_next(r))
        draw_rank(w, k, r, k->first + ++shown);
    html(w->html, "</tbody></table></div>");
    if (row_next(r))
        html(w->html,
             "<div class='pager'><a class='btn btn-sm' rel='next' href='%s'>{Next}</a></div>",
             web_url(w, "/risks/ranking?from=%lld%s%s", k->first + RANK_SIZE, k->axis ? "&by=" : "",
                     k->axis ? k->axis->code : ""));
    html(w->html, "</section>");
}

static struct err *ranked(struct web *w, struct ranking *k, struct rows **r)
{
    TRY(asked(w, k));
    return k->axis || method_vetoes_first(&k->method) ? by_axis(w, k, r) : by_level(w, k, r);
}

struct err *risk_ranking(struct web *w)
{
    struct ranking k;
    struct rows *r;

    TRY(ranked(w, &k, &r));
    page_begin(w, "Plan · Risks", "Ranking");
    page_help(
        w,
        "The order in which to decide: by level, then as the risk method says (impact first, or "
        "likelihood first; what nobody may accept on top, if the method wants that), then the "
        "older record. The level is the current one, inherent where current is not scored. By an "
        "axis, the risks with the highest impact along it come first. The rule is fixed, so that "
        "two people get the same order.",
        "6.1.2 e");
    page_body(w);
    draw_orders(w, &k);
    if (k.bands.blind.count)
        page_notice(w, "info",
                    "%zu risks have no place here for you until you have given your second score.",
                    k.bands.blind.count);
    if (row_count(r) == 0)
        page_empty(w, "No open risk has a level yet. Score some first.", web_url(w, "/risks"),
                   "To the risks");
    else
        draw_table(w, &k, r);
    page_end(w);
    return NULL;
}

/* --- for scripts --- */

static json_t *rank_json(struct web *w, const struct ranking *k, struct rows *r, i64 rank)
{
    json_t *o = json_object();

    json_object_set_new(o, "rank", json_integer(rank));
    json_object_set_new(o, "number", json_string(arena_printf(w->arena, "R-%lld", row_num(r, 0))));
    json_object_set_new(o, "title", json_string(row_text(r, 1)));
    json_object_set_new(o, "score", json_integer(row_num(r, 3)));
    json_object_set_new(o, "band", json_string(row_text(r, 4)));
    json_object_set_new(o, "impact", json_integer(row_num(r, 5)));
    json_object_set_new(o, "likelihood", json_integer(row_num(r, 6)));
    json_object_set_new(o, "treated", json_integer(row_num(r, 7)));
    json_object_set_new(o, "nobody_may_accept", json_boolean(row_num(r, 9)));
    if (k->axis) /* null: not judged along this axis */
        json_object_set_new(o, "axis_level",
                            row_null(r, 10) ? json_null() : json_integer(row_num(r, 10)));
    return o;
}

struct err *risk_api_ranking(struct web *w)
{
    json_t *answer = json_own(w->arena, json_object()), *list = json_array();
    struct ranking k;
    struct rows *r;
    i64 shown = 0;

    json_object_set_new(answer, "risks", list);
    TRY(ranked(w, &k, &r));
    while (shown < RANK_SIZE && row_next(r))
        json_array_append_new(list, rank_json(w, &k, r, k.first + ++shown));
    json_object_set_new(answer, "by", json_string(k.axis ? k.axis->code : "method"));
    json_object_set_new(answer, "rule", json_string(k.method.ranking ? k.method.ranking : ""));
    json_object_set_new(answer, "hidden", json_integer((json_int_t)k.bands.blind.count));
    json_object_set_new(answer, "next_from",
                        row_next(r) ? json_integer(k.first + RANK_SIZE) : json_null());
    web_answer_json(w, 200, json_incref(answer));
    return NULL;
}
