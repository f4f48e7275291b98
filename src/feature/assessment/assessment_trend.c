/* SPDX-License-Identifier: Apache-2.0 */
/* How the register moved from round to round: risks per band as a picture and as a table. */
#include "base/text.h"
#include "base/words.h"
#include "core/page.h"
#include "feature/assessment/assessment_part.h"
#include "feature/risk/risk.h"

#define ROUNDS 12
#define BANDS 12
#define WIDE 640
#define HIGH 260
#define BASE 220
#define LEFT 40

struct band {
    const char *code, *label, *tone;
};
struct round {
    i64 id, number, method, total, risks[BANDS];
    const char *title, *closed;
};
struct trend {
    const char *kind;
    struct round rounds[ROUNDS]; /* oldest first */
    size_t count, nbands;
    struct band bands[BANDS]; /* lowest first; "" = not scored, last */
    i64 most;
};

/* --- reading --- */

static struct err *load_rounds(struct web *w, struct trend *t)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select a.id, a.number, a.method, a.title, a.closed from assessment a"
                 " where a.org_id = $1 and a.state = 'closed' and exists (select 1 from"
                 " snapshot_count n where n.org_id = a.org_id and n.assessment = a.id)"
                 " order by a.number desc limit $2",
                 num(w->org), num(ROUNDS)));
    t->count = row_count(r);
    for (size_t i = t->count; row_next(r) && i-- > 0;)
        t->rounds[i] = (struct round){.id = row_num(r, 0),
                                      .number = row_num(r, 1),
                                      .method = row_num(r, 2),
                                      .title = row_text(r, 3),
                                      .closed = row_text(r, 4)};
    return NULL;
}

/* All bands that occur, in the order of their methods. */
static struct err *load_bands(struct web *w, struct trend *t)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select b.band, max(b.label), max(b.tone), max(b.position) from method_band b"
                 " where b.org_id = $1 and b.method in (select a.method from assessment a"
                 " where a.org_id = $1 and a.state = 'closed') group by b.band order by 4, 1",
                 num(w->org)));
    while (row_next(r) && t->nbands < BANDS - 1)
        t->bands[t->nbands++] = (struct band){row_text(r, 0), row_text(r, 1), row_text(r, 2)};
    t->bands[t->nbands++] = (struct band){"", N_("not scored"), "grey"};
    return NULL;
}

static struct err *load_counts(struct web *w, struct trend *t, struct round *one)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select band, risks from snapshot_count where org_id = $1 and assessment = $2"
                 " and kind = $3",
                 num(w->org), num(one->id), str(t->kind)));
    while (row_next(r))
        for (size_t i = 0; i < t->nbands; i++)
            if (text_equal(t->bands[i].code, row_text(r, 0))) {
                one->risks[i] = row_num(r, 1);
                one->total += row_num(r, 1);
            }
    if (one->total > t->most)
        t->most = one->total;
    return NULL;
}

static struct err *load(struct web *w, struct trend *t)
{
    static const char *const kinds[] = {"current", "inherent", "residual", "weighs"};
    const char *asked = web_query(w, "kind");
    i64 unscored = 0;

    *t = (struct trend){.kind = kinds[0]};
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (text_equal(asked, kinds[i]))
            t->kind = kinds[i];
    if (!text_empty(asked) && !text_equal(asked, t->kind))
        return err_new(ERR_BAD, "“kind” is one of current, inherent, residual, weighs.");
    TRY(load_rounds(w, t));
    TRY(load_bands(w, t));
    for (size_t i = 0; i < t->count; i++) {
        TRY(load_counts(w, t, &t->rounds[i]));
        unscored += t->rounds[i].risks[t->nbands - 1];
    }
    if (!unscored)
        t->nbands--;
    return NULL;
}

/* --- picture --- */

static void draw_column(struct web *w, const struct trend *t, size_t at)
{
    const struct round *one = &t->rounds[at];
    double step = (double)(WIDE - LEFT) / (double)t->count;
    double width = step > 90 ? 60 : step * 2 / 3;
    double x = LEFT + step * (double)at + (step - width) / 2, y = BASE;
    struct html *h = w->html;

    for (size_t i = 0; i < t->nbands; i++) {
        double high = (double)one->risks[i] / (double)t->most * (BASE - 20);

        if (!one->risks[i])
            continue;
        y -= high;
        html(h, "<rect class='trend-%s' x='%.1f' y='%.1f' width='%.1f' height='%.1f'/>",
             t->bands[i].tone, x, y, width, high);
    }
    html(h,
         "<text class='curve-label' x='%.1f' y='%.1f' text-anchor='middle'>%lld</text>"
         "<text class='curve-label' x='%.1f' y='%d' text-anchor='middle'>AS-%lld</text>",
         x + width / 2, y - 5, one->total, x + width / 2, BASE + 20, one->number);
}

static void draw_picture(struct web *w, const struct trend *t)
{
    struct html *h = w->html;

    html(h,
         "<svg class='curve' viewBox='0 0 %d %d' role='img'><title>{Open risks per band in each "
         "round}</title>"
         "<line class='curve-grid' x1='%d' x2='%d' y1='%d' y2='%d'/>",
         WIDE, HIGH, LEFT, WIDE, BASE, BASE);
    for (size_t i = 0; i < t->count; i++)
        draw_column(w, t, i);
    html(h, "</svg>");
}

static void draw_table(struct web *w, const struct trend *t)
{
    struct html *h = w->html;

    html(h, "<div class='table-responsive'><table class='table'><caption class='visually-hidden'>"
            "{Open risks per band in each round}</caption><thead><tr><th scope='col'>{Round}</th>"
            "<th scope='col'>{Closed}</th>");
    for (size_t i = t->nbands; i-- > 0;) {
        html(h, "<th scope='col' class='num'><span class='chip %s'>%s</span></th>",
             t->bands[i].tone, tr(t->bands[i].label));
    }
    html(h, "<th scope='col' class='num'>{In all}</th></tr></thead><tbody>");
    for (size_t k = t->count; k-- > 0;) {
        const struct round *one = &t->rounds[k];

        html(h,
             "<tr><th scope='row'><a href='%s'>AS-%lld %s</a></th><td "
             "class='text-nowrap'>%s</td>",
             web_record_url(w, &assessment_entity, one->number), one->number, one->title,
             words_date(w->arena, one->closed));
        for (size_t i = t->nbands; i-- > 0;)
            html(h, "<td class='num'>% lld</td>", one->risks[i]);
        html(h, "<td class='num'>% lld</td></tr>", one->total);
    }
    html(h, "</tbody></table></div>");
}

struct err *trend_page(struct web *w)
{
    struct trend t;
    int current = 0;

    TRY(risk_refuse_blind_whole(w));
    TRY(load(w, &t));
    page_begin(w, "Plan · Risk assessments", "Trend");
    page_help(w,
              "How many open risks each frozen register had, by band. Falling totals are not a "
              "goal in themselves: a register in which nothing new is ever found was not looked "
              "at.",
              "9.1");
    if (t.count > 1)
        page_action(w, "default", web_url(w, "/assessments/compare"), "Compare");
    page_body(w);
    const char *const pairs[] = {web_url(w, "/assessments/trend"),
                                 "Current",
                                 web_url(w, "/assessments/trend?kind=inherent"),
                                 "Inherent",
                                 web_url(w, "/assessments/trend?kind=residual"),
                                 "Expected residual",
                                 NULL};
    current = t.kind[0] == 'i' ? 1 : t.kind[0] == 'r' ? 2 : 0;
    tabs(w, current, pairs);
    if (!t.count) {
        page_empty(w, "No round is closed yet. Each closed round adds a column here.",
                   web_url(w, "/assessments"), "To the rounds");
        page_end(w);
        return NULL;
    }
    card_begin(w, "Open risks per band in each round", NULL);
    draw_picture(w, &t);
    draw_table(w, &t);
    card_end(w);
    page_end(w);
    return NULL;
}

struct err *trend_api(struct web *w)
{
    json_t *o, *list = json_array(), *one, *bands;
    struct trend t;

    o = json_own(w->arena, json_pack("{s:o}", "items", list));
    TRY(risk_refuse_blind_whole(w));
    TRY(load(w, &t));
    json_object_set_new(o, "kind", json_string(t.kind));
    for (size_t k = 0; k < t.count; k++) {
        bands = json_object();
        for (size_t i = 0; i < t.nbands; i++)
            json_object_set_new(bands, *t.bands[i].code ? t.bands[i].code : "not_scored",
                                json_integer(t.rounds[k].risks[i]));
        one = json_object();
        json_object_set_new(one, "number", json_sprintf("AS-%lld", t.rounds[k].number));
        json_object_set_new(one, "closed", json_string(t.rounds[k].closed));
        json_object_set_new(one, "risks", json_integer(t.rounds[k].total));
        json_object_set_new(one, "bands", bands);
        json_array_append_new(list, one);
    }
    web_answer_json(w, 200, json_incref(o));
    return NULL;
}
