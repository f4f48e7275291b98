/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of the guide. People without the right to see readiness read the same lessons, without the
 * state of the steps. */
#include "feature/guide/guide.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/content.h"
#include "core/page.h"
#include "core/svg.h"
#include "feature/organisation/organisation.h"

/* --- content --- */

static const char *cell(const struct web *w, const char *table, int number, const char *column)
{
    const struct content_table *t = content_table(w->app->content, table);
    char code[16];
    i64 row;

    snprintf(code, sizeof(code), "%d", number);
    row = t ? content_row(t, code) : -1;
    return row < 0 ? "" : content_words(t, (size_t)row, column);
}

const char *guide_step(const struct web *w, int step, const char *column)
{
    return cell(w, "steps", step, column);
}

static int number_of(const char *text)
{
    i64 n;

    return text_i64(text, &n) ? (int)n : 0;
}

int guide_phase(const struct web *w, int step)
{
    return number_of(guide_step(w, step, "phase"));
}

const char *guide_phase_title(const struct web *w, int phase)
{
    return cell(w, "phases", phase, "title");
}

/* The steps that count towards a phase. */
static size_t steps_of(struct web *w, int phase, int out[RULE_STEPS])
{
    char **parts;
    size_t n = text_split(w->arena, cell(w, "phases", phase, "steps"), ';', &parts), count = 0;

    for (size_t i = 0; i < n && count < RULE_STEPS; i++)
        if (number_of(parts[i]) >= 1 && number_of(parts[i]) <= RULE_STEPS)
            out[count++] = number_of(parts[i]);
    return count;
}

static int phase_percent(struct web *w, const struct readiness *r, int phase)
{
    int steps[RULE_STEPS], sum = 0;
    size_t n = steps_of(w, phase, steps);

    for (size_t i = 0; i < n; i++)
        sum += readiness_step_percent(r, steps[i]);
    return n ? sum / (int)n : 0;
}

void guide_bar(struct web *w, const struct readiness *r)
{
    struct progress_step bar[GUIDE_PHASES];
    int now = guide_phase(w, r->steps.now), steps[RULE_STEPS];

    for (int p = 1; p <= GUIDE_PHASES; p++) {
        size_t n = steps_of(w, p, steps);

        bar[p - 1] = (struct progress_step){
            .title = guide_phase_title(w, p),
            .address = n ? web_url(w, "/guide/%d", steps[0]) : web_url(w, "/guide"),
            .percent = phase_percent(w, r, p),
            .now = p == now,
        };
    }
    progress_steps(w, tr("Phases"), bar, GUIDE_PHASES);
}

/* --- state of a step --- */

static void draw_state(struct web *w, const struct readiness *r, int step)
{
    unsigned bit = 1u << step;

    if (!r)
        return;
    if (step == r->steps.now)
        badge(w, "blue", "now");
    else if (r->steps.done & bit)
        badge(w, "green", "done");
    else if (!(r->steps.kept & bit))
        badge(w, NULL, "without records");
    else if (r->steps.reached & bit)
        badge(w, "orange", "open");
    else
        badge(w, NULL, "next");
}

static const char *duration(struct web *w, int step)
{
    int minutes = number_of(guide_step(w, step, "minutes"));

    if (minutes < 120)
        return arena_printf(w->arena, tr("about %d minutes"), minutes);
    if (minutes < 960)
        return arena_printf(w->arena, tr("about %d hours"), (minutes + 30) / 60);
    return arena_printf(w->arena, tr("about %d days"), (minutes + 240) / 480);
}

/* The state, or NULL for those who may not see it. */
static struct err *state_of(struct web *w, const struct readiness **out)
{
    *out = NULL;
    return web_may(w, &readiness_read) ? readiness_get(w, true, out) : NULL;
}

/* --- overview --- */

static void draw_phase(struct web *w, const struct readiness *r, int phase)
{
    int steps[RULE_STEPS];
    size_t n = steps_of(w, phase, steps);

    html(w->html,
         "<section class='card'><div class='card-header'><h2 class='card-title'>%d %s</h2>", phase,
         guide_phase_title(w, phase));
    if (r)
        html(w->html, "<span class='mute'>%d %%</span>", phase_percent(w, r, phase));
    html(w->html, "</div><p class='card-body mb-0'>%s</p><div class='list-group list-group-flush'>",
         cell(w, "phases", phase, "plain"));
    for (size_t i = 0; i < n; i++) {
        int s = steps[i];

        html(w->html, "<a class='list-group-item list-group-item-action' href='%s'>",
             web_url(w, "/guide/%d", s));
        draw_state(w, r, s);
        html(w->html, "<strong>%d %s</strong><br><span class='mute'>%s · %s</span></a>", s,
             guide_step(w, s, "title"), duration(w, s), guide_step(w, s, "who"));
    }
    html(w->html, "</div></section>");
}

static struct err *guide_page(struct web *w)
{
    const struct readiness *r;

    TRY(state_of(w, &r));
    page_begin(w, "Guide", "The way to the certificate");
    page_help(w,
              "Nine phases and sixteen steps, in the order that works. A step is done when its "
              "rules hold. Times are for the information security manager of a company of up "
              "to 20 people.",
              NULL);
    page_body(w);
    if (r) {
        card_begin(w, NULL, NULL);
        guide_bar(w, r);
        card_end(w);
    }
    html(w->html, "<div class='grid-2'>");
    for (int p = 1; p <= GUIDE_PHASES; p++)
        draw_phase(w, r, p);
    html(w->html, "</div>");
    page_end(w);
    return NULL;
}

/* --- one step --- */

/* What the size of the organisation means for this step. */
static const char *advice(struct web *w, int step, const char *band)
{
    const struct content_table *t = content_table(w->app->content, "sizes");
    i64 row = content_row(t, band);
    const char *low, *most;
    size_t n = (size_t)row;

    if (row < 0)
        return NULL;
    low = content_cell(t, n, "months_low");
    switch (step) {
    case 1:
        most = content_cell(t, n, "months_high");
        return *low ? arena_printf(w->arena, tr("%s to %s months to the certificate are usual."),
                                   low, most)
                    : arena_printf(w->arena, tr("Up to %s months to the certificate are usual."),
                                   most);
    case 2:
        return content_words(t, n, "team_advice");
    case 3:
        return content_words(t, n, "scope_advice");
    case 6:
        return arena_printf(w->arena,
                            tr("Up to %s assets and %s risks are enough. More is seldom "
                               "better."),
                            content_cell(t, n, "assets_max"), content_cell(t, n, "risks_max"));
    case 10:
        most = content_cell(t, n, "documents_max");
        return *most ? arena_printf(w->arena, tr("Up to %s written documents are enough."), most)
                     : NULL;
    default:
        return NULL;
    }
}

static struct err *draw_size(struct web *w, int step)
{
    struct profile_answers *answers;
    const char *band, *people, *text;

    TRY(profile_load(w, &answers));
    band = profile_band(answers);
    people = profile_answer(answers, "headcount");
    if (!band || !people) {
        html(w->html,
             "<div><h2 class='h4'>{For your size}</h2><p><a href='%s'>{Say how many people you "
             "are}</a>, {and this page tells what that means here.}</p></div>",
             web_url(w, "/profile"));
        return NULL;
    }
    text = advice(w, step, band);
    html(w->html, "<div><h2 class='h4'>{For a company of %s people}</h2><p>%s</p></div>", people,
         text ? text
              : guide_step(w, step,
                           text_equal(band, "s20") || text_equal(band, "s50") ? "example"
                                                                              : "example_large"));
    return NULL;
}

/* Sentences as a list: what to do, one after another. */
static void draw_sentences(struct web *w, const char *text)
{
    char *rest = arena_str(w->arena, text), *end;

    html(w->html, "<ol>");
    while (*rest) {
        for (end = strpbrk(rest, ".?"); end && end[1] && end[1] != ' ';
             end = strpbrk(end + 1, ".?"))
            continue;
        end = end ? end + 1 : rest + strlen(rest);
        html(w->html, "<li>%s</li>", arena_strn(w->arena, rest, (size_t)(end - rest)));
        rest = end + strspn(end, " ");
    }
    html(w->html, "</ol>");
}

static void draw_list(struct web *w, const char *title, const char *joined)
{
    char **parts;
    size_t n = text_split(w->arena, joined, ';', &parts);

    html(w->html, "<div><h3 class='h4'>%s</h3><ul>", title);
    for (size_t i = 0; i < n; i++)
        html(w->html, "<li>%s</li>", tr(text_trim(w->arena, parts[i])));
    html(w->html, "</ul></div>");
}

static void draw_criterion(struct web *w, const struct rule_result *x)
{
    bool fails = x->status == RULE_FAIL;
    const char *sign = x->status == RULE_PASS ? "✓" : fails ? "✕" : "○";
    const char *word = x->status == RULE_PASS ? tr("holds")
                       : fails                ? tr("does not hold")
                                              : tr("not yet");

    html(w->html,
         "<a class='list-group-item list-group-item-action' href='%s'><span aria-hidden='true'>%s"
         "</span> <span class='%s'>%s</span> <span class='visually-hidden'>(%s)</span> "
         "<span class='mute'>%s",
         web_url(w, "/readiness/%s", x->rule->id), sign, fails ? "late" : "", tr(x->rule->title),
         word, x->rule->id);
    if (x->failing)
        html(w->html, " · {%lld missing}", x->failing);
    html(w->html, "</span></a>");
}

static void draw_done_when(struct web *w, const struct readiness *r, int step)
{
    size_t n = 0;

    html(w->html, "<section class='card'><div class='card-header'><h2 class='card-title'>{Done "
                  "when}</h2></div><div class='list-group list-group-flush'>");
    for (size_t i = 0; i < r->count; i++)
        if (r->results[i].rule->from == step && ++n)
            draw_criterion(w, &r->results[i]);
    html(w->html, "</div>");
    if (!(r->steps.kept & 1u << step))
        html(w->html,
             "<p class='card-body mb-0'>{This version keeps no records of this step, so nothing "
             "can be checked. Use the text as your guide and keep the proof yourself.}</p>");
    else if (!n)
        html(w->html, "<p class='card-body mb-0'>{There is no rule for this step yet: it counts as "
                      "done once it is begun.}</p>");
    card_end(w);
}

/* The most severe rule of the step that fails. */
static const struct rule_result *worst_of(const struct readiness *r, int step)
{
    const struct rule_result *worst = NULL;

    for (size_t i = 0; i < r->count; i++) {
        const struct rule_result *x = &r->results[i];

        if (x->rule->from == step && x->status == RULE_FAIL &&
            (!worst || x->severity > worst->severity))
            worst = x;
    }
    return worst;
}

static void draw_continue(struct web *w, const struct readiness *r, int step)
{
    const struct rule_result *x = r ? worst_of(r, step) : NULL;

    html(w->html, "<div class='form-actions'>");
    if (x && !w->asof)
        html(w->html, "<a class='btn btn-primary' href='%s'>%s</a> ",
             web_url(w, "%s", x->rule->fix_path), tr(x->rule->fix));
    if (step < RULE_STEPS)
        html(w->html, "<a class='btn' href='%s'>{Next step: %s}</a>",
             web_url(w, "/guide/%d", step + 1), guide_step(w, step + 1, "title"));
    html(w->html, "</div>");
}

static void draw_lesson(struct web *w, int step)
{
    card_begin(w, "Learn", NULL);
    html(w->html,
         "<p>%s</p><details><summary>{Example: a company of 15}</summary><p "
         "class='mt-2'>%s</p></details><details><summary>{Example: a company of 300}</summary><p "
         "class='mt-2'>%s</p></details>",
         guide_step(w, step, "lesson"), guide_step(w, step, "example"),
         guide_step(w, step, "example_large"));
    card_end(w);
}

static struct err *draw_main(struct web *w, const struct readiness *r, int step)
{
    card_begin(w, NULL, NULL);
    html(w->html,
         "<p class='fs-3'>%s</p><div class='grid-3'><div><h2 class='h4'>{Why it "
         "matters}</h2><p>%s</p></div><div><h2 class='h4'>{Who and how long}</h2><p>{%s. In a "
         "company of up to 20 people %s of work.}</p></div>",
         guide_step(w, step, "what"), guide_step(w, step, "why"), guide_step(w, step, "who"),
         duration(w, step));
    TRY(draw_size(w, step));
    html(w->html, "</div><h2 class='h3 mt-3'>{What you do and decide here}</h2>");
    draw_sentences(w, guide_step(w, step, "how"));
    html(w->html, "<div class='grid-2'>");
    draw_list(w, tr("What you need"), guide_step(w, step, "inputs"));
    draw_list(w, tr("What you will have"), guide_step(w, step, "outputs"));
    html(w->html, "</div>");
    draw_continue(w, r, step);
    card_end(w);
    return NULL;
}

static struct err *step_page(struct web *w)
{
    const struct readiness *r;
    int step = number_of(web_param(w, 0));

    if (step < 1 || step > RULE_STEPS)
        return err_new(ERR_MISSING, "The guide has the steps 1 to %d.", RULE_STEPS);
    TRY(state_of(w, &r));
    page_begin(w,
               arena_printf(w->arena, tr("Guide · phase %d of %d · %s"), guide_phase(w, step),
                            GUIDE_PHASES, guide_phase_title(w, guide_phase(w, step))),
               "%s", guide_step(w, step, "title"));
    page_action(w, "default", web_url(w, "/guide"), "All steps");
    page_body(w);
    html(w->html, "<div class='split'>");
    TRY(draw_main(w, r, step));
    html(w->html, "<div class='stack'>");
    if (r)
        draw_done_when(w, r, step);
    draw_lesson(w, step);
    html(w->html, "</div></div>");
    page_end(w);
    return NULL;
}

static const struct route routes[] = {
    {METHOD_GET,  "/guide", guide_page, &member, 0, NULL, NULL},
    {METHOD_GET, "/guide/:step", step_page, &member, 0, NULL, NULL},
    {0         },
};

static const struct nav nav[] = {
    {"",       3, "Guide", "/guide", "compass", &member, NULL},
    {0},
};

const struct feature guide_feature = {.name = "guide", .routes = routes, .nav = nav};
