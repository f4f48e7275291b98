/* SPDX-License-Identifier: Apache-2.0 */
/* The home page. All figures of the organisation come from one kept result (feature/readiness), so
 * the page costs the same for a hundred risks and for a hundred thousand. */
#include "feature/home/home.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"
#include "core/page.h"
#include "core/svg.h"
#include "feature/guide/guide.h"
#include "feature/organisation/organisation.h"
#include "feature/readiness/readiness.h"
#include "feature/risk/risk.h"
#include "feature/treatment/treatment.h"

#define MINE 5

/* --- greeting --- */

static const char *greeting(struct web *w)
{
    const char *clock = strchr(clock_text(w->arena, w->now, w->zone), ' ');
    int hour = clock ? (clock[1] - '0') * 10 + clock[2] - '0' : 12;
    const char *part = hour < 5 || hour >= 18 ? tr("Good evening")
                       : hour < 12            ? tr("Good morning")
                                              : tr("Good afternoon");

    if (text_empty(w->person_name))
        return part;
    return arena_printf(w->arena, "%s, %s", part,
                        arena_strn(w->arena, w->person_name, strcspn(w->person_name, " ")));
}

/* --- where we stand --- */

static void draw_badges(struct web *w, const struct readiness_score *s)
{
    struct arena *a = w->arena;

    html(w->html, "<p>");
    if (s->majors)
        html(w->html, "<a class='chip red' href='%s'>{%d major}</a> ",
             web_url(w, "/readiness?show=failing&severity=MAJ"), s->majors);
    if (s->minors)
        html(w->html, "<a class='chip orange' href='%s'>{%d minor}</a> ",
             web_url(w, "/readiness?show=failing&severity=MIN"), s->minors);
    if (s->improvements)
        html(w->html, "<a class='chip' href='%s'>{%d to improve}</a> ",
             web_url(w, "/readiness?show=failing&severity=OFI"), s->improvements);
    if (s->passed)
        badge(w, "green", arena_printf(a, tr("%d pass"), s->passed));
    html(w->html, "</p>");
}

static const char *days_left(struct web *w, const char *deadline)
{
    i64 days = date_days(w->today, deadline);

    if (days < 0)
        return arena_printf(w->arena, tr_n("%lld day past", "%lld days past", -days), -days);
    return arena_printf(w->arena, tr_n("%lld day left", "%lld days left", days), days);
}

static void draw_stand(struct web *w, const struct readiness *r, struct profile_answers *answers)
{
    const struct readiness_score *today = &r->today_score, *here = &r->here_score;
    const char *deadline = profile_answer(answers, "deadline");

    html(w->html, "<section class='card'><div class='card-body d-flex flex-wrap flex-sm-nowrap "
                  "align-items-center gap-4'>");
    if (today->any)
        svg_dial(w, readiness_percent(today), tr("If the auditor came today"), tr("today"), NULL);
    html(w->html, "<div><h2 class='card-title mb-1'>{If the auditor came today}</h2>");
    if (!today->any) {
        html(w->html, "<p>{No rule has anything to look at yet, so there is no figure.}</p>");
    } else {
        html(w->html, "<p class='mute'>{%d rules had something to look at in your records.} ",
             today->due);
        if (here->any)
            html(w->html,
                 "{For where you are (step %d of %d) you stand at} <strong>%d%%</strong>. ",
                 r->steps.now, RULE_STEPS, readiness_percent(here));
        html(w->html, "{Each finding names the clause, the records and the way to fix it.}</p>");
        draw_badges(w, today);
    }
    if (date_valid(deadline ? deadline : ""))
        html(w->html, "<p class='mute mb-0'>{Certificate wanted by %s · %s}</p>",
             words_date(w->arena, deadline), days_left(w, deadline));
    html(w->html, "</div></div></section>");
}

/* --- the next best step --- */

static void draw_card_next(struct web *w, const char *phase, const char *title, const char *why)
{
    html(w->html,
         "<section class='card accent'><div class='card-body'><p class='mute mb-1'>{Next best "
         "step%s%s}</p><h2 class='card-title'>%s</h2><p class='mute'>%s</p>",
         phase ? " · " : "", phase ? phase : "", title, why);
}

static void draw_next(struct web *w, const struct readiness *r, struct profile_answers *answers)
{
    const struct rule_result *x = readiness_next(r);
    int open = profile_open(answers);

    if (open && web_may(w, &profile_write)) {
        draw_card_next(w, guide_phase_title(w, 1), tr("Tell who you are"),
                       arena_printf(w->arena,
                                    tr("%d of the important questions about your organisation are "
                                       "open. The answers choose the assets, risks and controls "
                                       "that are suggested to you."),
                                    open));
        html(w->html, "<a class='btn btn-primary' href='%s'>{Answer the questions}</a>",
             web_url(w, "/profile"));
    } else if (x) {
        draw_card_next(w, guide_phase_title(w, guide_phase(w, x->rule->from)), tr(x->rule->fix),
                       tr(x->rule->why));
        html(w->html,
             "<a class='btn btn-primary' href='%s'>%s</a> <a class='btn btn-link' href='%s'>{Why "
             "this matters}</a>",
             web_url(w, "%s", x->rule->fix_path),
             x->failing > 1    ? arena_printf(w->arena, tr("Show the %lld"), x->failing)
             : x->failing == 1 ? tr("Show it")
                               : tr("Start"),
             web_url(w, "/readiness/%s", x->rule->id));
    } else {
        draw_card_next(w, guide_phase_title(w, guide_phase(w, r->steps.now)),
                       guide_step(w, r->steps.now, "title"), guide_step(w, r->steps.now, "what"));
        html(w->html, "<a class='btn btn-primary' href='%s'>{Open the step}</a>",
             web_url(w, "/guide/%d", r->steps.now));
    }
    html(w->html, "</div></section>");
}

/* --- risks --- */

static void draw_heat(struct web *w, const struct readiness *r)
{
    const char *kind = r->heat_current ? "current" : "inherent";
    size_t rows = (size_t)r->levels, columns = (size_t)r->impact_levels;
    struct heat_cell *cells = NEW_ARRAY(w->arena, struct heat_cell, rows * columns + 1);

    for (size_t l = 1; l <= rows; l++)
        for (size_t i = 1; i <= columns; i++)
            cells[(l - 1) * columns + i - 1] = (struct heat_cell){
                .count = r->heat[l][i],
                .tone = r->tones[l][i],
                .address = r->heat[l][i]
                               ? web_url(w, "/risks?state=open&%s_likelihood=%zu&%s_impact=%zu",
                                         kind, l, kind, i)
                               : NULL,
            };
    card_begin(w, "Risks now", r->heat_current ? N_("current level") : N_("inherent level"));
    heat_map(w, &(struct heat){
                    .title = r->heat_current
                                 ? N_("Open risks by likelihood and impact, current level")
                                 : N_("Open risks by likelihood and impact, inherent level"),
                    .row_axis = "Likelihood",
                    .column_axis = "Impact",
                    .noun = "risks",
                    .rows = rows,
                    .columns = columns,
                    .cells = cells,
                });
    if (r->hidden)
        html(w->html,
             "<p class='mt-2 mb-0 mute'>{%lld risk is not in the map for you until you have scored "
             "it. |%lld risks are not in the map for you until you have scored them. }</p>",
             r->hidden, r->hidden);
    if (r->heat_count < r->open_risks)
        html(w->html,
             "<p class='mt-2 mb-0 mute'><a href='%s'>{%lld more without this level}</a></p>",
             web_url(w, "/risks?state=open&%s_likelihood=none", kind),
             r->open_risks - r->heat_count);
    card_end(w);
}

/* --- what waits for this person --- */

static bool mine(struct web *w, const struct readiness_waiting *x)
{
    const struct permission *p;

    if (!x->right)
        return x->owner && x->owner == w->person && web_may(w, &risk_approve);
    p = feature_permission(x->right);
    return p && web_may(w, p);
}

static const char *decide_address(struct web *w, const struct readiness_waiting *x)
{
    const struct entity *e = feature_entity(x->kind);

    if (text_equal(x->kind, "risk"))
        return web_url(w, "/risks/R-%lld/approval", x->number);
    return e ? web_record_url(w, e, x->number) : web_url(w, "/approvals");
}

static void draw_decide(struct web *w, const struct readiness *r)
{
    i64 all = 0;
    int shown = 0;

    if (w->asof) /* whose they were then is not whose they are */
        return;
    for (size_t i = 0; i < r->nwaiting; i++)
        if (r->waiting[i].place == 1 && mine(w, &r->waiting[i]))
            all += r->waiting[i].count;
    if (!all)
        return;
    html(w->html,
         "<section class='card'><div class='card-header'><h2 class='card-title'>{To "
         "decide}</h2><span class='mute'>{%lld open}</span></div><div class='list-group "
         "list-group-flush'>",
         all);
    for (size_t i = 0; i < r->nwaiting && shown < MINE; i++) {
        const struct readiness_waiting *x = &r->waiting[i];
        const struct entity *e = feature_entity(x->kind);

        if (!mine(w, x) || !e)
            continue;
        shown++;
        html(w->html,
             "<a class='list-group-item list-group-item-action' href='%s'>%s <strong>%s-%lld "
             "</strong>%s<br><span class='mute'>%s</span></a>",
             decide_address(w, x),
             text_equal(x->kind, "risk") && !x->owner ? tr("Accept") : tr("Approve"), e->prefix,
             x->number, x->title,
             text_equal(x->kind, "risk")
                 ? x->owner ? tr("you own it") : tr("it stays above the acceptance level")
                 : tr(e->label));
    }
    html(w->html, "</div>");
    if (all > shown)
        html(w->html, "<p class='card-body mb-0'><a href='%s'>{All that waits for you}</a></p>",
             web_url(w, "/approvals"));
    html(w->html, "</section>");
}

static const char *record_address(struct web *w, const char *kind, i64 number)
{
    const struct entity *e = feature_entity(kind);

    return e && web_may(w, e->read) ? web_record_url(w, e, number) : NULL;
}

/* What stands in the facts of readiness, which know no language. */
static const char *coming_words(const char *what)
{
    static const char *const known[] = {N_("Action due"), N_("Risk retained until"),
                                        N_("Acceptance ends"), N_("Review of the risk")};

    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (text_equal(known[i], what))
            return tr(known[i]);
    return what;
}

static void draw_coming(struct web *w, const struct readiness *r)
{
    if (!r->ncoming)
        return;
    card_begin(w, "Coming up", "90 days");
    html(w->html, "<ul class='list-unstyled mb-0'>");
    for (size_t i = 0; i < r->ncoming; i++) {
        const struct readiness_coming *x = &r->coming[i];
        const char *address = record_address(w, x->kind, x->number);
        bool late = strcmp(x->date, r->today) < 0;

        if (!address)
            continue;
        html(w->html, "<li class='mb-2'><strong class='%s'>%s</strong> · %s: ", late ? "late" : "",
             words_date(w->arena, x->date), coming_words(x->what));
        html(w->html, "<a href='%s'>%s</a>", address, x->title);
        html(w->html, "<span class='late'>%s</span></li>", late ? tr(" (late)") : "");
    }
    html(w->html, "</ul>");
    card_end(w);
}

static struct err *draw_overview(struct web *w)
{
    const struct readiness *r;
    struct profile_answers *answers;

    TRY(readiness_get(w, true, &r));
    TRY(profile_load(w, &answers));
    html(w->html, "<div class='split wide-aside'>");
    draw_stand(w, r, answers);
    draw_next(w, r, answers);
    html(w->html, "</div>");
    card_begin(w, NULL, NULL);
    guide_bar(w, r);
    card_end(w);
    html(w->html, "<div class='grid-3'>");
    if (r->heat_count && r->levels && r->impact_levels && web_may(w, &risk_read))
        draw_heat(w, r);
    draw_decide(w, r);
    draw_coming(w, r);
    html(w->html, "</div>");
    return NULL;
}

/* --- for people without the overview: what concerns them --- */

static struct err *draw_tasks(struct web *w)
{
    struct rows *r;

    TRY(db_query(w->db, &r,
                 "select number, title, due from action where org_id = $1 and owner = $2"
                 " and status in ('planned', 'in-progress') order by due, id limit 20",
                 num(w->org), num(w->person)));
    card_begin(w, "Your tasks", NULL);
    html(w->html, "<ul class='list-unstyled mb-0'>");
    while (row_next(r)) {
        bool late = !row_null(r, 2) && strcmp(row_text(r, 2), w->today) < 0;

        html(w->html, "<li class='mb-2'><strong class='%s'>%s</strong> · <a href='%s'>%s</a></li>",
             late ? "late" : "",
             row_null(r, 2) ? tr("no date") : words_date(w->arena, row_text(r, 2)),
             web_record_url(w, &action_entity, row_num(r, 0)), row_text(r, 1));
    }
    html(w->html, "</ul>");
    if (!row_count(r))
        html(w->html, "<p class='mb-0'>{Nothing is due. You will find your tasks here.}</p>");
    card_end(w);
    return NULL;
}

static struct err *draw_own(struct web *w)
{
    struct rows *r;

    TRY(db_query(
        w->db, &r,
        "select k.number, k.title, k.score from risk k where k.org_id = $1 and k.owner = $2"
        " and k.state = 'open' order by case when exists (select 1 from rating s where"
        " s.org_id = k.org_id and s.risk = k.id and s.assessor = $2 and s.state = 'open')"
        " then 0 else coalesce(k.score, 0) end desc, k.id limit 10",
        num(w->org), num(w->person)));
    if (!row_count(r))
        return NULL;
    card_begin(w, "Your risks", NULL);
    html(w->html, "<ul class='list-unstyled mb-0'>");
    while (row_next(r))
        html(w->html, "<li class='mb-2'><a href='%s'>%s</a></li>",
             web_record_url(w, &risk_entity, row_num(r, 0)), row_text(r, 1));
    html(w->html, "</ul>");
    card_end(w);
    return NULL;
}

static struct err *draw_personal(struct web *w)
{
    html(w->html, "<div class='grid-2'>");
    if (w->person && !w->asof) {
        TRY(draw_tasks(w));
        TRY(draw_own(w));
    }
    card_begin(w, "How it works", NULL);
    html(w->html,
         "<p>{The guide tells in plain words what information security means here, and what your "
         "part is.}</p><a class='btn' href='%s'>{Open the guide}</a>",
         web_url(w, "/guide"));
    card_end(w);
    html(w->html, "</div>");
    return NULL;
}

static struct err *home_page(struct web *w)
{
    page_begin(w, greeting(w), "%s — towards ISO/IEC 27001:2022", w->org_name);
    page_body(w);
    if (web_may(w, &readiness_read))
        TRY(draw_overview(w));
    else
        TRY(draw_personal(w));
    page_end(w);
    return NULL;
}

static const struct route routes[] = {
    {METHOD_GET, "/", home_page, &member, 0, NULL, NULL},
    {0},
};

static const struct nav nav[] = {
    {"",      1, "Home", "", "home", &member, NULL},
    {0},
};

const struct feature home_feature = {.name = "home", .routes = routes, .nav = nav};
