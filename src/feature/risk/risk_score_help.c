/* SPDX-License-Identifier: Apache-2.0 */
/* The likelihood helper: three questions (what happened so far, who could cause it, what works
 * against it) give a proposal with its reasons. It is shown, and taken over only by a person. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/app.h"
#include "core/content.h"
#include "core/page.h"
#include "feature/risk/risk_part.h"

static const char *const questions[RISK_QUESTIONS][2] = {
    {"history",  N_("What happened so far?")          },
    {"exposure", N_("Who could cause it or reach it?")},
    {"controls", N_("What works against it today?")   },
};

/* --- the proposal --- */

static i64 within(i64 n, i64 least, i64 most)
{
    return n < least ? least : n > most ? most : n;
}

/* Points are those of five levels; other scales are reached in proportion, halves upwards. */
static i64 scaled(i64 points, i64 levels)
{
    return 1 + ((within(points, 1, 5) - 1) * (levels - 1) * 2 + 4) / 8;
}

static i64 points_of(const struct content_table *t, i64 row)
{
    i64 n = 0;

    if (!text_i64(content_cell(t, (size_t)row, "points"), &n))
        BUG("content: points of likelihood, row %lld, are no number", row + 1);
    return n;
}

bool risk_propose(const struct content *c, const char *const answers[RISK_QUESTIONS], i64 levels,
                  struct risk_proposal *out)
{
    const struct content_table *t = content_table(c, "likelihood");
    i64 points[RISK_QUESTIONS];

    *out = (struct risk_proposal){0};
    for (size_t i = 0; i < RISK_QUESTIONS; i++) {
        i64 row = text_empty(answers[i]) ? -1 : content_row(t, answers[i]);

        if (row < 0 || !text_equal(content_cell(t, (size_t)row, "question"), questions[i][0]))
            return false;
        points[i] = points_of(t, row);
        out->reasons[i] = content_words(t, (size_t)row, "reason");
    }
    out->inherent = scaled(points[0] + points[1], levels);
    out->current = scaled(within(points[0] + points[1], 1, 5) + points[2], levels);
    return true;
}

/* --- what is asked --- */

struct asked {
    struct risk risk;
    struct method method;
    const char *answers[RISK_QUESTIONS];
    bool any, whole;
    struct risk_proposal p;
};

static struct err *read_asked(struct web *w, struct asked *a)
{
    *a = (struct asked){.any = false};
    TRY(risk_asked(w, &a->risk));
    TRY(method_current(w, &a->method));
    for (size_t i = 0; i < RISK_QUESTIONS; i++) {
        const char *code = web_query(w, questions[i][0]);

        a->answers[i] = text_empty(code) ? NULL : code;
        a->any |= a->answers[i] != NULL;
    }
    a->whole = risk_propose(w->app->content, a->answers, a->method.levels, &a->p);
    for (size_t i = 0; i < RISK_QUESTIONS; i++)
        if (a->answers[i] &&
            content_row(content_table(w->app->content, "likelihood"), a->answers[i]) < 0)
            return err_new(ERR_BAD, "There is no such answer to “%s”.", tr(questions[i][1]));
    return NULL;
}

/* --- page --- */

static void draw_question(struct web *w, const struct asked *a, size_t at)
{
    const struct content_table *t = content_table(w->app->content, "likelihood");
    struct html *h = w->html;

    html(h, "<fieldset class='group mb-3'><legend>%s</legend>", tr(questions[at][1]));
    for (size_t i = 0; i < content_rows(t); i++) {
        const char *answer = content_cell(t, i, "answer");

        if (!text_equal(content_cell(t, i, "question"), questions[at][0]))
            continue;
        html(h,
             "<label class='form-check'><input class='form-check-input' type='radio' name='%s' "
             "value='%s'%s required> <span class='form-check-label'>%s</span></label>",
             questions[at][0], answer, text_equal(answer, a->answers[at]) ? " checked" : "",
             content_words(t, i, "label"));
    }
    html(h, "</fieldset>");
}

/* What the register knows, so that nobody answers the last question from memory. */
static struct err *draw_known(struct web *w, const struct risk *r)
{
    struct rows *rows;
    i64 named, works;

    TRY(db_query(w->db, &rows,
                 "select count(distinct c.id), count(distinct case when c.status = 'implemented'"
                 " then c.id end) from treatment t"
                 " join treatment_controls k on k.org_id = t.org_id and k.record = t.id"
                 " join control c on c.org_id = k.org_id and c.id = k.target"
                 " where t.org_id = $1 and t.risk = $2 and t.state <> 'cancelled'",
                 num(w->org), num(r->id)));
    named = row_next(rows) ? row_num(rows, 0) : 0;
    works = named ? row_num(rows, 1) : 0;
    html(w->html,
         "<p class='mute'>{Its treatments name %lld controls; %lld of them are implemented.}</p>",
         named, works);
    if (!text_empty(r->existing_controls)) {
        html(w->html, "<p class='mute'>{Existing controls:} ");
        html_lines(w->html, r->existing_controls);
        html(w->html, "</p>");
    }
    return NULL;
}

static const char *level_name(const struct method_level *levels, size_t n, i64 level)
{
    for (size_t i = 0; i < n; i++)
        if (levels[i].level == level)
            return tr(levels[i].label);
    return "";
}

static const char *take_url(struct web *w, const struct asked *a)
{
    const char *old = a->risk.rationale ? a->risk.rationale : "";
    const char *text = arena_printf(w->arena, "%s%s%s %s %s", old, *old ? "\n" : "",
                                    a->p.reasons[0], a->p.reasons[1], a->p.reasons[2]);

    if (strlen(old) > 1500) /* would not fit into an address */
        text = old = "";

    return arena_printf(w->arena, "%s/score?inherent_likelihood=%lld&current_likelihood=%lld%s%s",
                        web_record_url(w, &risk_entity, a->risk.number), a->p.inherent,
                        a->p.current, *text ? "&rationale=" : "", text_url(w->arena, text));
}

static struct err *draw_proposal(struct web *w, const struct asked *a)
{
    struct html *h = w->html;
    struct method_level *levels;
    size_t n;

    TRY(method_levels(w, a->method.id, "likelihood", &levels, &n));
    card_begin(w, "Proposal", a->method.title);
    if (!a->whole) {
        html(h, "<p class='mute'>{Answer the three questions; the proposal stands here then.}</p>");
        card_end(w);
        return NULL;
    }
    html(h,
         "<p><strong>{Inherent likelihood: %lld %s}</strong><br><strong>{Current likelihood: %lld "
         "%s}</strong></p><ul>",
         a->p.inherent, tr(level_name(levels, n, a->p.inherent)), a->p.current,
         tr(level_name(levels, n, a->p.current)));
    for (size_t i = 0; i < RISK_QUESTIONS; i++)
        html(h, "<li>%s</li>", a->p.reasons[i]);
    html(h, "</ul><p class='mute'>{Nothing is saved. If you know better, score differently and say "
            "why.}</p>");
    if (!w->asof && web_may(w, &risk_write))
        html(h,
             "<p class='mb-0'><a class='btn btn-primary' href='%s'>{Take it over into the "
             "score}</a></p>",
             take_url(w, a));
    card_end(w);
    return NULL;
}

struct err *risk_likelihood_page(struct web *w)
{
    const char *address;
    struct asked a;

    TRY(read_asked(w, &a));
    address = web_record_url(w, &risk_entity, a.risk.number);
    page_begin(w, arena_printf(w->arena, "%s · R-%lld", tr("Risk"), a.risk.number),
               "How likely is “%s”?", a.risk.title);
    page_help(w,
              "Three questions lead to a likelihood that a second person would find too: what "
              "happened so far, who could cause it, what works against it today. The proposal "
              "comes with its reasons and is taken over only by you.",
              "6.1.2 d");
    page_action(w, "default", arena_printf(w->arena, "%s/score", address), "Score");
    page_body(w);
    html(w->html, "<div class='split'>");
    card_begin(w, "Three questions", NULL);
    TRY(draw_known(w, &a.risk));
    html(w->html, "<form method='get' action='%s/likelihood'>", address);
    for (size_t i = 0; i < RISK_QUESTIONS; i++)
        draw_question(w, &a, i);
    html(w->html, "<div class='form-actions'><button class='btn btn-primary'>{Propose a "
                  "likelihood}</button></div></form>");
    card_end(w);
    TRY(draw_proposal(w, &a));
    html(w->html, "</div>");
    page_end(w);
    return NULL;
}

struct err *risk_likelihood_api(struct web *w)
{
    json_t *o, *list = json_array();
    struct asked a;

    o = json_own(w->arena, json_pack("{s:o}", "reasons", list));
    TRY(read_asked(w, &a));
    if (!a.whole)
        return err_new(ERR_BAD, "Give history, exposure and controls, for example "
                                "history=yearly&exposure=open&controls=partly.");
    json_object_set_new(o, "inherent_likelihood", json_integer(a.p.inherent));
    json_object_set_new(o, "current_likelihood", json_integer(a.p.current));
    for (size_t i = 0; i < RISK_QUESTIONS; i++)
        json_array_append_new(list, json_string(a.p.reasons[i]));
    web_answer_json(w, 200, json_incref(o));
    return NULL;
}
