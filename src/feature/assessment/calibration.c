/* SPDX-License-Identifier: Apache-2.0 */
/* Do two people score alike? How each assessor uses the scales, how far second scores are from
 * first ones, and what was agreed where they were more than one level apart. */
#include "base/text.h"
#include "base/words.h"
#include "core/page.h"
#include "feature/assessment/assessment.h"
#include "feature/assessment/rating.h"
#include "feature/organisation/organisation.h"
#include "feature/risk/risk.h"

#define ASSESSORS 50
#define LEVELS 10

struct assessor {
    i64 person;
    bool second;
    i64 risks, likelihood[LEVELS + 1], impact[LEVELS + 1];
};
struct calibration {
    struct assessment round;
    struct assessor list[ASSESSORS];
    size_t count;
    i64 levels, pairs, same, one, more;
};

static struct assessor *assessor_of(struct calibration *c, i64 person, bool second)
{
    for (size_t i = 0; i < c->count; i++)
        if (c->list[i].person == person && c->list[i].second == second)
            return &c->list[i];
    if (c->count == ASSESSORS)
        return NULL;
    c->list[c->count] = (struct assessor){.person = person, .second = second};
    return &c->list[c->count++];
}

static void add(struct calibration *c, struct rows *r)
{
    struct assessor *a = assessor_of(c, row_num(r, 0), row_num(r, 4) != 0);
    i64 l = row_num(r, 1), i = row_num(r, 2), n = row_num(r, 3);

    if (!a || l < 1 || l > LEVELS || i < 1 || i > LEVELS)
        return;
    a->risks += n;
    a->likelihood[l] += n;
    a->impact[i] += n;
    c->levels = l > c->levels ? l : c->levels;
    c->levels = i > c->levels ? i : c->levels;
}

/* First scores of an open round are those of today, of a closed one those that were frozen. */
static struct err *load_scores(struct web *w, struct calibration *c)
{
    struct rows *r;

    if (c->round.body)
        TRY(db_query(w->db, &r,
                     "select analyst, coalesce(current_likelihood, inherent_likelihood),"
                     " coalesce(current_impact, inherent_impact), count(*), 0 from snapshot_risk"
                     " where org_id = $1 and assessment = $2 and score is not null"
                     " group by 1, 2, 3 order by 1, 2, 3",
                     num(w->org), num(c->round.id)));
    else
        TRY(db_query(w->db, &r,
                     "select analyst, coalesce(current_likelihood, inherent_likelihood),"
                     " coalesce(current_impact, inherent_impact), count(*), 0 from risk"
                     " where org_id = $1 and state = 'open' and score is not null"
                     " group by 1, 2, 3 order by 1, 2, 3",
                     num(w->org)));
    while (row_next(r))
        add(c, r);
    TRY(db_query(w->db, &r,
                 "select assessor, likelihood, impact, count(*), 1 from rating where org_id = $1"
                 " and assessment = $2 and state <> 'open' group by 1, 2, 3 order by 1, 2, 3",
                 num(w->org), num(c->round.id)));
    while (row_next(r))
        add(c, r);
    return NULL;
}

static struct err *load(struct web *w, struct calibration *c)
{
    struct rows *r;
    i64 id;

    *c = (struct calibration){.levels = 3};
    TRY(web_record(w, &assessment_entity, &id));
    TRY(entity_load(w, &assessment_entity, id, &c->round));
    TRY(load_scores(w, c));
    TRY(db_query(w->db, &r,
                 "select apart, count(*) from rating where org_id = $1 and assessment = $2"
                 " and state <> 'open' group by apart",
                 num(w->org), num(id)));
    while (row_next(r)) {
        i64 apart = row_num(r, 0), n = row_num(r, 1);

        c->pairs += n;
        c->same += apart == 0 ? n : 0;
        c->one += apart == 1 ? n : 0;
        c->more += apart > 1 ? n : 0;
    }
    return NULL;
}

/* A mean in tenths, rounded half up. */
static i64 mean(const struct assessor *a, const i64 *levels)
{
    i64 sum = 0;

    for (i64 i = 1; i <= LEVELS; i++)
        sum += i * levels[i];
    return a->risks ? (20 * sum + a->risks) / (2 * a->risks) : 0;
}

static struct err *draw_assessor(struct web *w, const struct calibration *c,
                                 const struct assessor *a)
{
    const char *name = tr(N_("Nobody named (import or command)"));
    const i64 *const axes[2] = {a->likelihood, a->impact};
    struct html *h = w->html;

    if (a->person)
        TRY(entity_title(w, &person_entity, a->person, &name, NULL));
    for (size_t k = 0; k < 2; k++) {
        html(h, "<tr><th scope='row'>%s</th><td>%s</td><td>%s</td><td class='num'>%lld</td>", name,
             a->second ? tr(N_("Second")) : tr(N_("First")),
             k ? tr(N_("Impact")) : tr(N_("Likelihood")), a->risks);
        for (i64 i = 1; i <= c->levels; i++)
            html(h, "<td class='num'>%lld</td>", axes[k][i]);
        html(h, "<td class='num'>%lld.%lld</td></tr>", mean(a, axes[k]) / 10,
             mean(a, axes[k]) % 10);
    }
    return NULL;
}

static struct err *draw_distribution(struct web *w, const struct calibration *c)
{
    struct html *h = w->html;

    card_begin(w, "How each assessor uses the scales", NULL);
    html(h, "<div class='table-responsive'><table class='table'><caption class='visually-hidden'>"
            "{Scores per assessor and level}</caption><thead><tr><th scope='col'>{Assessor}</th>"
            "<th scope='col'>{Score}</th><th scope='col'>{Scale}</th><th scope='col' class='num'>"
            "{Risks}</th>");
    for (i64 i = 1; i <= c->levels; i++)
        html(h, "<th scope='col' class='num'>%lld</th>", i);
    html(h, "<th scope='col' class='num'>{Mean}</th></tr></thead><tbody>");
    for (size_t i = 0; i < c->count; i++)
        TRY(draw_assessor(w, c, &c->list[i]));
    html(h, "</tbody></table></div><p class='mute mb-0'>{Somebody who never uses the ends of a "
            "scale, or whose mean is a level away from the others', reads the descriptors "
            "differently.}</p>");
    card_end(w);
    return NULL;
}

static struct err *draw_pairs(struct web *w, const struct calibration *c)
{
    struct html *h = w->html;
    struct rows *r;
    bool hidden;

    TRY(db_query(w->db, &r,
                 "select number, title, first_likelihood, first_impact, likelihood, impact, apart,"
                 " agreed_likelihood, agreed_impact, agreed_note, id from rating where org_id = $1"
                 " and assessment = $2 and apart > 1 order by apart desc, number limit 200",
                 num(w->org), num(c->round.id)));
    card_begin(w, "More than one level apart", arena_printf(w->arena, "%lld", c->more));
    if (!row_count(r)) {
        html(h, "<p class='mute mb-0'>{No pair of scores is more than one level apart.}</p>");
        card_end(w);
        return NULL;
    }
    html(h, "<div class='table-responsive'><table class='table list'><caption "
            "class='visually-hidden'>{More than one level apart}</caption><thead><tr><th "
            "scope='col'>{Risk}</th><th scope='col'>{First}</th><th scope='col'>{Second}</th><th "
            "scope='col'>{Agreed}</th></tr></thead><tbody>");
    while (row_next(r)) {
        TRY(entity_hidden(w, &rating_entity, row_num(r, 10), &hidden));
        if (hidden) /* the reader has to score this risk first */
            continue;
        html(h,
             "<tr><td class='list-main'><a href='%s'><span class='record-number'>SS-%lld</span> "
             "%s</a></td><td data-label='{First}'>%lld × %lld</td><td data-label='{Second}'>%lld × "
             "%lld</td><td data-label='{Agreed}'><div>",
             web_record_url(w, &rating_entity, row_num(r, 0)), row_num(r, 0), row_text(r, 1),
             row_num(r, 2), row_num(r, 3), row_num(r, 4), row_num(r, 5));
        if (!row_num(r, 7))
            badge(w, "orange", "Not agreed yet");
        else
            html(h, "%lld × %lld<div class='list-sub'>%s</div>", row_num(r, 7), row_num(r, 8),
                 row_text(r, 9));
        html(h, "</div></td></tr>");
    }
    html(h, "</tbody></table></div>");
    card_end(w);
    return NULL;
}

struct err *calibration_page(struct web *w)
{
    struct calibration c;

    TRY(risk_refuse_blind_whole(w));
    TRY(load(w, &c));
    page_begin(w, arena_printf(w->arena, "%s · AS-%lld", tr("Risk assessment"), c.round.number),
               "Calibration");
    page_help(w,
              "Whether two people come to the same score: how each of them uses the scales, and "
              "how far apart first and blind second scores are.",
              "6.1.2 b");
    page_action(w, "default", web_record_url(w, &assessment_entity, c.round.number),
                "To the round");
    page_body(w);
    html(w->html, "<div class='stack'>");
    card_begin(w, "First and second scores", NULL);
    html(w->html,
         "<p class='mb-0'>{%lld pairs: %lld the same, %lld one level apart, %lld more than one.}"
         "</p>",
         c.pairs, c.same, c.one, c.more);
    card_end(w);
    TRY(draw_pairs(w, &c));
    TRY(draw_distribution(w, &c));
    html(w->html, "</div>");
    page_end(w);
    return NULL;
}

static json_t *counts_json(const struct calibration *c, const i64 *levels)
{
    json_t *list = json_array();

    for (i64 i = 1; i <= c->levels; i++)
        json_array_append_new(list, json_integer(levels[i]));
    return list;
}

struct err *calibration_api(struct web *w)
{
    json_t *o, *list = json_array(), *one;
    struct calibration c;

    o = json_own(w->arena, json_pack("{s:o}", "assessors", list));
    TRY(risk_refuse_blind_whole(w));
    TRY(load(w, &c));
    json_object_set_new(o, "pairs", json_integer(c.pairs));
    json_object_set_new(o, "same", json_integer(c.same));
    json_object_set_new(o, "one_apart", json_integer(c.one));
    json_object_set_new(o, "more_apart", json_integer(c.more));
    for (size_t i = 0; i < c.count; i++) {
        one = json_pack("{s:s,s:b,s:I}", "person", arena_printf(w->arena, "%lld", c.list[i].person),
                        "second", (int)c.list[i].second, "risks", c.list[i].risks);
        json_object_set_new(one, "likelihood", counts_json(&c, c.list[i].likelihood));
        json_object_set_new(one, "impact", counts_json(&c, c.list[i].impact));
        json_array_append_new(list, one);
    }
    web_answer_json(w, 200, json_incref(o));
    return NULL;
}
