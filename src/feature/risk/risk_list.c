/* SPDX-License-Identifier: Apache-2.0 */
/* The register as a list with the heat map beside it, and the ranking. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/catalogue.h"
#include "core/content.h"
#include "core/list.h"
#include "core/page.h"
#include "feature/asset/asset.h"
#include "feature/risk/risk_part.h"

#define SHOWN_CODES 6
#define RANK_SIZE 100

/* What the rows of one page need besides the records: read once, not once a row. */
struct shown {
    struct risk_bands bands;
    struct rows *assets;     /* record, name */
    struct rows *treatments; /* risk, option, state */
    struct rows *controls;   /* risk, code */
};

static const char *ids_of(struct web *w, const struct list_result *r)
{
    const struct risk *list = r->records;
    struct buf b;

    buf_init(&b, w->arena, 32 * (r->count + 1));
    buf_char(&b, '[');
    for (size_t i = 0; i < r->count; i++)
        buf_printf(&b, "%s%lld", i ? "," : "", list[i].id);
    buf_char(&b, ']');
    return b.data;
}

static struct err *load_shown(struct web *w, const struct list_result *r, struct shown *out)
{
    const char *ids = ids_of(w, r);

    TRY(risk_bands_load(w, &out->bands));
    TRY(db_query(w->db, &out->assets,
                 "select l.record, a.name from risk_assets l join asset a on a.org_id = l.org_id"
                 " and a.id = l.target where l.org_id = $1 and l.record in"
                 " (select cast(value as bigint) from json_each($2)) order by l.record, a.name",
                 num(w->org), str(ids)));
    TRY(db_query(w->db, &out->treatments,
                 "select risk, option, state from treatment where org_id = $1"
                 " and state <> 'cancelled' and risk in"
                 " (select cast(value as bigint) from json_each($2)) order by risk, number",
                 num(w->org), str(ids)));
    return db_query(w->db, &out->controls,
                    "select distinct t.risk, c.code, c.position from treatment t"
                    " join treatment_controls k on k.org_id = t.org_id and k.record = t.id"
                    " join control c on c.org_id = k.org_id and c.id = k.target"
                    " where t.org_id = $1 and t.state <> 'cancelled' and t.risk in"
                    " (select cast(value as bigint) from json_each($2))"
                    " order by t.risk, c.position, c.code",
                    num(w->org), str(ids));
}

/* --- cells --- */

const char *risk_word(struct web *w, const char *table, const char *code)
{
    char *label = arena_str(w->arena, catalogue_label(w, table, code));

    /* In the middle of a line: "theft", but "IT". */
    if (label[0] >= 'A' && label[0] <= 'Z' && !(label[1] >= 'A' && label[1] <= 'Z'))
        label[0] = (char)(label[0] | 0x20);
    return label;
}

static void draw_line(struct web *w, const struct shown *s, const struct risk *r)
{
    struct html *h = w->html;
    const char *dot = "";
    i64 more = 0;

    html(h, "<div class='list-sub'>");
    row_rewind(s->assets);
    while (row_next(s->assets)) {
        if (row_num(s->assets, 0) != r->id)
            continue;
        if (!*dot)
            html(h, "%s", row_text(s->assets, 1));
        else
            more++;
        dot = " · ";
    }
    if (more)
        html(h, " +%lld", more);
    if (r->threat)
        html(h, "%s%s", dot, risk_word(w, "threats", r->threat));
    if (r->threat)
        dot = " · ";
    if (r->vulnerability)
        html(h, "%s%s", dot, risk_word(w, "vulnerabilities", r->vulnerability));
    html(h, "</div>");
    if (text_equal(r->state, "closed"))
        badge(w, "grey", "Closed");
}

static void draw_current(struct web *w, const struct shown *s, const struct risk *r)
{
    bool current = r->current_score != 0;

    html(w->html, "<div>"); /* one part: on a phone the cell is a grid */
    risk_chip(w, &s->bands, r, current ? RISK_CURRENT : RISK_INHERENT);
    if (!current && r->inherent_score)
        html(w->html, "<div class='list-sub'>{inherent}</div>");
    html(w->html, "</div>");
}

static const char *option_word(const char *option)
{
    static const char *const words[][2] = {
        {"modify", N_("Modify")},
        {"share",  N_("Share") },
        {"avoid",  N_("Avoid") },
        {"retain", N_("Retain")}
    };

    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (text_equal(words[i][0], option))
            return tr(words[i][1]);
    return option;
}

static void draw_treatment(struct web *w, const struct shown *s, const struct risk *r)
{
    struct html *h = w->html;
    const char *before = "";
    i64 codes = 0;

    html(h, "<div class='text-start'>"); /* a figure in the store, words on the page */
    if (!r->treated && text_equal(r->state, "open"))
        badge(w, r->score ? "red" : "grey", "decide");
    row_rewind(s->treatments);
    while (row_next(s->treatments)) {
        if (row_num(s->treatments, 0) != r->id)
            continue;
        html(h, "%s%s", before, option_word(row_text(s->treatments, 1)));
        before = ", ";
    }
    row_rewind(s->controls);
    while (row_next(s->controls)) {
        if (row_num(s->controls, 0) != r->id)
            continue;
        if (codes == 0)
            html(h, "<div class='list-sub'>");
        if (codes < SHOWN_CODES)
            html(h, "%s%s", codes ? ", " : "", row_text(s->controls, 1));
        codes++;
    }
    if (codes > SHOWN_CODES)
        html(h, " +%lld", codes - SHOWN_CODES);
    if (codes)
        html(h, "</div>");
    html(h, "</div>");
}

/* What the cells read besides the columns. */
static const char *const needs[] = {"state",          "threat",
                                    "vulnerability",  "method",
                                    "inherent_score", "inherent_band",
                                    "current_score",  "current_band",
                                    "residual_score", "residual_band",
                                    "treated",        "score",
                                    "review_on",      NULL};

static bool cell(struct web *w, const struct field *f, const void *record)
{
    const struct shown *s = w->prepared; /* the pages here have no prepare of their own */
    const struct risk *r = record;

    if (text_equal(f->name, "title"))
        draw_line(w, s, r);
    else if (text_equal(f->name, "current_score"))
        draw_current(w, s, r);
    else if (text_equal(f->name, "treated"))
        draw_treatment(w, s, r);
    else if (text_equal(f->name, "residual_score"))
        risk_chip(w, &s->bands, r, RISK_RESIDUAL);
    else
        return false;
    return true;
}

/* --- pages --- */

static enum risk_kind kind_asked(const struct web *w)
{
    const char *asked = web_query(w, "tab");

    for (enum risk_kind k = RISK_INHERENT; k < RISK_KINDS; k++)
        if (text_equal(asked, risk_levels[k].code))
            return k;
    return RISK_CURRENT;
}

/* The questions that people come with, as links. */
static struct err *draw_views(struct web *w)
{
    const char *const views[][2] = {
        {"/risks?state=open",                     N_("Open")               },
        {NULL,                                    N_("Wait for a decision")},
        {"/risks?treated.min=1&state=open",       N_("Treated")            },
        {"/risks?state=open&score=none",          N_("Not scored")         },
        {"/risks?state=open&owner=me",            N_("Mine")               },
        {"/risks?state=open&owner=none",          N_("Without owner")      },
        {"/risks?state=open&review_on.max=today", N_("Review due")         },
        {"/risks?state=closed",                   N_("Closed")             },
    };
    struct method m;

    TRY(method_current(w, &m));
    html(w->html, "<nav class='btn-list' aria-label='{Often used filters}'>");
    for (size_t i = 0; i < COUNT_OF(views); i++) {
        const char *path = views[i][0] ? views[i][0]
                                       : arena_printf(w->arena, "/risks?score.min=%lld&treated=0",
                                                      m.acceptance + 1);
        const char *address = web_url(w, "%s", path);
        bool now = w->req && text_equal(w->req->target, address);

        if (!w->person && strstr(path, "=me"))
            continue;
        html(w->html, "<a class='filter'%s href='%s'>%s</a>", now ? " aria-current=true" : "",
             address, tr(views[i][1]));
    }
    html(w->html, "</nav>");
    return NULL;
}

/* One treatment for what the list shows now. */
static void draw_several(struct web *w)
{
    const struct permission *right = feature_permission("treatment.write");
    const char *query = strchr(w->req->target, '?');

    if (right && web_may(w, right))
        page_action(w, "default",
                    arena_printf(w->arena, "/o/%s/risks/treat%s", w->slug, query ? query : ""),
                    "Treat several");
}

struct err *risk_list(struct web *w)
{
    bool all = entity_sees_all(w, &risk_entity);
    struct list_query q;
    struct list_result r;
    struct shown shown;

    TRY(list_parse(w, &risk_entity, &q));
    list_needs(&q, needs);
    TRY(list_run(w, &q, true, &r));
    TRY(load_shown(w, &r, &shown));
    page_begin(w, "Plan", "Risks");
    page_help(w, risk_entity.help, risk_entity.clause);
    if (all)
        page_action(w, "default", web_url(w, "/risks/ranking"), "Ranking");
    if (!w->asof && web_may(w, &risk_write)) {
        draw_several(w);
        page_action(w, "default", web_url(w, "/risks/grid?state=open"), "Score many");
        page_action(w, "default", web_url(w, "/risks/import"), "Import");
        page_action(w, "default", web_url(w, "/risks/suggestions"), "Suggest risks");
        page_action(w, "primary", web_url(w, "/risks/new"), "New risk");
    }
    page_body(w);
    html(w->html, "<div class='%s'><div class='stack'>", all ? "split" : "stack");
    TRY(draw_views(w));
    w->prepared = &shown;
    TRY(list_draw(w, &q, &r, cell));
    w->prepared = NULL;
    html(w->html, "</div>");
    if (all) {
        html(w->html, "<div class='stack'>");
        TRY(risk_heat_draw(w, kind_asked(w), &q));
        html(w->html, "</div>");
    }
    html(w->html, "</div>");
    page_end(w);
    return NULL;
}

static void draw_rank(struct web *w, const struct risk_bands *bands, struct rows *r, i64 rank)
{
    struct risk one = {.id = row_num(r, 8),
                       .method = row_num(r, 2),
                       .current_score = row_num(r, 3),
                       .current_band = row_str(r, 4)};
    bool blind = risk_is_blind(bands, one.id);
    struct html *h = w->html;

    html(h,
         "<tr><td class='num' data-label='{Rank}'>%lld</td><td class='list-main'><a "
         "href='%s'><span class='record-number'>R-%lld</span> %s</a></td><td data-label='{Level}'>",
         rank, web_record_url(w, &risk_entity, row_num(r, 0)), row_num(r, 0), row_text(r, 1));
    risk_chip(w, bands, &one, RISK_CURRENT);
    html(h,
         "</td><td class='num' data-label='{Impact}'>%lld</td><td class='num' "
         "data-label='{Likelihood}'>%lld</td><td data-label='{Treatment}'>",
         blind ? 0 : row_num(r, 5), blind ? 0 : row_num(r, 6));
    if (row_num(r, 7))
        html(h, "%lld", row_num(r, 7));
    else
        badge(w, "red", "decide");
    html(h, "</td></tr>");
}

/* Both engines walk the index (organisation, state, score) and sort within one score only. */
static struct err *rank_rows(struct web *w, i64 first, struct rows **r)
{
    struct method m;

    TRY(method_current(w, &m));
    if (text_equal(m.ranking, "likelihood"))
        return db_query(
            w->db, r,
            "select number, title, method, score, band,"
            " case when current_score is null then inherent_impact else current_impact end"
            " as impact, case when current_score is null then inherent_likelihood"
            " else current_likelihood end as likelihood, treated from risk"
            " where org_id = $1 and state = 'open' and score is not null"
            " order by score desc, likelihood desc, impact desc, id limit $2 offset $3",
            num(w->org), num(RANK_SIZE + 1), num(first));
    return db_query(w->db, r,
                    "select number, title, method, score, band,"
                    " case when current_score is null then inherent_impact else current_impact end"
                    " as impact, case when current_score is null then inherent_likelihood"
                    " else current_likelihood end as likelihood, treated, id from risk"
                    " where org_id = $1 and state = 'open' and score is not null"
                    " order by score desc, impact desc, likelihood desc, id limit $2 offset $3",
                    num(w->org), num(RANK_SIZE + 1), num(first));
}

struct err *risk_ranking(struct web *w)
{
    const char *asked = web_query(w, "from");
    struct risk_bands bands;
    struct rows *r;
    i64 first = 0;
    i64 shown = 0;

    if (asked && (!text_i64(asked, &first) || first < 0 || first > 1000000))
        return err_new(ERR_BAD, "The parameter “from” is a number from 0.");
    TRY(risk_bands_load(w, &bands));
    TRY(rank_rows(w, first, &r));
    page_begin(w, "Plan · Risks", "Ranking");
    page_help(
        w,
        "The order in which to decide: by level, then as the risk method says (impact first, or "
        "likelihood first), then the older record. The level is the current one, inherent where "
        "current is not scored. The rule is fixed, so that two people get the same order.",
        "6.1.2 e");
    page_body(w);
    if (row_count(r) == 0) {
        page_empty(w, "No open risk has a level yet. Score some first.", web_url(w, "/risks"),
                   "To the risks");
        page_end(w);
        return NULL;
    }
    html(w->html,
         "<section class='card'><div class='table-responsive'><table class='table list'><caption "
         "class='visually-hidden'>{Open risks, most pressing first}</caption><thead><tr><th "
         "scope='col' class='num'>{Rank}</th><th scope='col'>{Risk}</th><th "
         "scope='col'>{Level}</th><th scope='col' class='num'>{Impact}</th><th scope='col' "
         "class='num'>{Likelihood}</th><th scope='col'>{Treatment}</th></tr></thead><tbody>");
    while (shown < RANK_SIZE && row_next(r))
        draw_rank(w, &bands, r, first + ++shown);
    html(w->html, "</tbody></table></div>");
    if (row_next(r))
        html(w->html,
             "<div class='pager'><a class='btn btn-sm' rel='next' href='%s'>{Next}</a></div>",
             web_url(w, "/risks/ranking?from=%lld", first + RANK_SIZE));
    html(w->html, "</section>");
    page_end(w);
    return NULL;
}
