/* SPDX-License-Identifier: Apache-2.0 */
/* The report: drawn from the frozen text alone, so that it shows for ever what was approved. Only
 * the names of people are looked up, since the text knows them by number. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "base/words.h"
#include "core/page.h"
#include "feature/assessment/assessment_part.h"
#include "feature/organisation/organisation.h"
#include "feature/risk/risk.h"

const char *report_text(const json_t *o, const char *name)
{
    const char *text = json_string_value(json_object_get(o, name));

    return text ? text : "";
}

i64 report_num(const json_t *o, const char *name)
{
    return json_integer_value(json_object_get(o, name));
}

static int by_score(const void *a, const void *b)
{
    const json_t *const *x = a, *const *y = b;
    i64 left = report_num(*x, "score"), right = report_num(*y, "score");

    if (left != right)
        return left < right ? 1 : -1;
    return report_num(*x, "number") < report_num(*y, "number") ? -1 : 1;
}

struct err *report_open(struct web *w, const char *body, struct report *p)
{
    json_t *whole;
    const json_t *risks;

    p->w = w;
    TRY(json_parse(w->arena, body, strlen(body), &whole));
    p->whole = whole;
    p->bands = json_object_get(whole, "bands");
    risks = json_object_get(whole, "risks");
    p->count = json_array_size(risks);
    p->risks = NEW_ARRAY(w->arena, const json_t *, p->count + 1);
    for (size_t i = 0; i < p->count; i++)
        p->risks[i] = json_array_get(risks, i);
    qsort(p->risks, p->count, sizeof(p->risks[0]), by_score);
    return db_query(w->db, &p->people,
                    "select number, name from person where org_id = $1 order by number",
                    num(w->org));
}

const char *report_person(const struct report *p, i64 number)
{
    if (!number)
        return "—";
    row_rewind(p->people);
    while (row_next(p->people))
        if (row_num(p->people, 0) == number)
            return row_text(p->people, 1);
    return arena_printf(p->w->arena, "P-%lld", number);
}

size_t report_count(const struct report *p, const char *band)
{
    const json_t *one, *figure;
    size_t n = 0, i;

    json_array_foreach((json_t *)(uintptr_t)p->bands, i, one)
    {
        figure = json_object_get(one, "risks");
        if (figure && text_equal(report_text(one, "band"), band))
            return (size_t)json_integer_value(figure);
    }
    for (i = 0; i < p->count; i++)
        n += text_equal(report_text(p->risks[i], "band"), band);
    return n;
}

size_t report_all(const struct report *p)
{
    const json_t *kept = json_object_get(p->whole, "register");

    return kept ? (size_t)report_num(kept, "risks") : p->count;
}

/* --- figures --- */

static void draw_figures(const struct report *p)
{
    const json_t *method = json_object_get(p->whole, "method");
    struct html *h = p->w->html;
    i64 above = 0, acceptance = report_num(method, "acceptance");

    for (size_t i = 0; i < p->count; i++)
        above += report_num(p->risks[i], "score") > acceptance;
    if (json_object_get(p->whole, "register"))
        above = report_num(json_object_get(p->whole, "register"), "above");
    html(h,
         "<p>{Open risks on %s: %zu, above the acceptance level of %lld: %lld. Risk method M-%lld "
         "“%s”, "
         "version %lld.}</p>",
         words_date(p->w->arena, report_text(p->whole, "closed")), report_all(p), acceptance, above,
         report_num(method, "number"), words_supplied(p->w->arena, report_text(method, "title")),
         report_num(method, "version"));
    html(h, "<div class='table-responsive'><table class='table'><caption "
            "class='visually-hidden'>{Number of risks in each band}</caption><thead><tr><th "
            "scope='col'>{Band}</th><th scope='col' class='num'>{Risks}</th></tr></thead><tbody>");
    for (size_t b = json_array_size(p->bands); b-- > 0;) {
        const json_t *band = json_array_get(p->bands, b);
        size_t n = report_count(p, report_text(band, "band"));

        html(h, "<tr><td>");
        level_chip(p->w, 0, tr(report_text(band, "label")), report_text(band, "tone"));
        html(h, "</td><td class='num'>%zu</td></tr>", n);
    }
    html(h, "</tbody></table></div>");
}

static void draw_people(const struct report *p)
{
    const json_t *list = json_object_get(p->whole, "participants");
    struct html *h = p->w->html;

    if (!json_array_size(list))
        return;
    html(h, "<p>{Took part:} ");
    for (size_t i = 0; i < json_array_size(list); i++)
        html(h, "%s%s", i ? ", " : "",
             report_person(p, json_integer_value(json_array_get(list, i))));
    html(h, ".</p>");
}

/* --- risks --- */

void report_band(const struct report *p, const char *code, const char **label, const char **tone)
{
    *label = code;
    *tone = "grey";
    for (size_t b = 0; b < json_array_size(p->bands); b++) {
        const json_t *band = json_array_get(p->bands, b);

        if (!text_equal(report_text(band, "band"), code))
            continue;
        *label = report_text(band, "label");
        *tone = report_text(band, "tone");
    }
}

static void draw_level(const struct report *p, const json_t *level)
{
    const char *label, *tone;

    report_band(p, report_text(level, "band"), &label, &tone);
    level_chip(p->w, report_num(level, "score"), tr(label), tone);
}

static void draw_list(const struct report *p, const json_t *list, const char *prefix)
{
    struct html *h = p->w->html;

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        const char *name = report_text(one, "name");

        html(h, "<div>%s-%lld %s", prefix, report_num(one, "number"),
             *name ? name : report_text(one, "title"));
        if (*report_text(one, "option"))
            html(h, " <span class='mute'>(%s, %s)</span>", report_option(one), report_state(one));
        html(h, "</div>");
    }
}

/* A frozen code in the words of today's program; the code itself when they are gone. */
static const char *choice_words(const struct entity *e, const char *field, const char *code)
{
    const struct field *f = entity_field(e, field);
    const struct choice *c = f ? choice_find(f->choices, code) : NULL;

    return c ? tr(c->label) : code;
}

const char *report_option(const json_t *treatment)
{
    return choice_words(feature_entity("treatment"), "option", report_text(treatment, "option"));
}

const char *report_state(const json_t *treatment)
{
    return choice_words(feature_entity("treatment"), "state", report_text(treatment, "state"));
}

const char *report_decision(const struct report *p, const json_t *d)
{
    struct arena *a = p->w->arena;
    const char *until = report_text(d, "until");
    const char *text = arena_printf(
        a, tr("%s: %s by %s on %s"),
        text_equal(report_text(d, "kind"), "risk.acceptance") ? tr("Acceptance") : tr("Plan"),
        tr(report_text(d, "outcome")), report_person(p, report_num(d, "by")),
        words_date(a, report_text(d, "on")));

    return *until ? arena_printf(a, tr("%s, until %s"), text, words_date(a, until)) : text;
}

static void draw_decisions(const struct report *p, const json_t *list)
{
    struct html *h = p->w->html;

    for (size_t i = 0; i < json_array_size(list); i++) {
        html(h, "<div class='mute'>%s</div>", report_decision(p, json_array_get(list, i)));
    }
}

static void draw_risk(const struct report *p, const json_t *r)
{
    const char *threat = report_text(r, "threat"), *weakness = report_text(r, "weakness");
    struct html *h = p->w->html;

    html(h,
         "<tr><td class='list-main'><a href='%s'><span class='record-number'>R-%lld</span></a> %s",
         web_record_url(p->w, &risk_entity, report_num(r, "number")), report_num(r, "number"),
         report_text(r, "title"));
    if (*threat || *weakness)
        html(h, "<div class='list-sub'>%s%s%s</div>", threat, *threat && *weakness ? " · " : "",
             weakness);
    html(h, "</td><td data-label='{Assets}'><div>");
    draw_list(p, json_object_get(r, "assets"), "A");
    html(h, "</div></td><td data-label='{Level}'>");
    draw_level(p, r);
    html(h, "</td><td data-label='{Expected}'>");
    draw_level(p, json_object_get(r, "residual"));
    html(h, "</td><td data-label='{Owner}'>%s</td><td data-label='{Treatment}'><div>",
         report_person(p, report_num(r, "owner")));
    draw_list(p, json_object_get(r, "treatments"), "T");
    draw_decisions(p, json_object_get(r, "decisions"));
    html(h, "</div></td></tr>");
}

static void draw_table(const struct report *p, size_t count, const char *caption)
{
    html(p->w->html,
         "<div class='table-responsive'><table class='table list'><caption "
         "class='visually-hidden'>%s</caption><thead><tr><th scope='col'>{Risk}</th><th "
         "scope='col'>{Assets}</th><th scope='col'>{Level}</th><th scope='col'>{Expected}</th><th "
         "scope='col'>{Owner}</th><th scope='col'>{Treatment}</th></tr></thead><tbody>",
         tr(caption));
    for (size_t i = 0; i < count; i++)
        draw_risk(p, p->risks[i]);
    html(p->w->html, "</tbody></table></div>");
}

/* The rows of the register are there as a list of their own; here is what the text holds. */
static void draw_all(const struct report *p, const char *address)
{
    struct web *w = p->w;

    card_begin(w, "All open risks", arena_printf(w->arena, "%zu", report_all(p)));
    if (p->count <= TOP)
        html(w->html, "<p class='mute'>{There are no others.}</p>");
    else
        draw_table(p, p->count, N_("All open risks of this round"));
    if (report_all(p) > p->count)
        html(w->html, "<p>{These are the %zu highest of %zu.} <a href='%s'>{All of them}</a></p>",
             p->count, report_all(p), address);
    card_end(w);
}

struct err *assessment_report(struct web *w, const struct assessment *a)
{
    struct report p;

    TRY(report_open(w, a->body, &p));
    card_begin(w, "What was found", words_date(w->arena, report_text(p.whole, "closed")));
    if (*report_text(p.whole, "summary")) {
        html(w->html, "<p>");
        html_lines(w->html, report_text(p.whole, "summary"));
        html(w->html, "</p>");
    }
    draw_figures(&p);
    draw_people(&p);
    card_end(w);
    card_begin(w, "The ten highest risks", NULL);
    draw_table(&p, p.count < TOP ? p.count : TOP, "The ten highest risks");
    card_end(w);
    draw_all(&p, arena_printf(w->arena, "%s/register",
                              web_record_url(w, &assessment_entity, a->number)));
    return NULL;
}
