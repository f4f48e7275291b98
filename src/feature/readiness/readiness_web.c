/* SPDX-License-Identifier: Apache-2.0 */
/* The pages: both figures, the findings by clause, each with its records, its way out and the very
 * statement that was run. */
#include <string.h>

#include "base/text.h"
#include "base/words.h"
#include "core/command.h"
#include "core/page.h"
#include "core/route.h"
#include "core/svg.h"
#include "feature/readiness/readiness_part.h"

const struct permission readiness_read = {"readiness.read", "See readiness"};

static const char *severity_tone(enum severity s)
{
    return s == SEVERITY_MAJ ? "red" : s == SEVERITY_MIN ? "orange" : "blue";
}

/* True when there is such a page and this person may open it. */
static bool may_open(struct web *w, const char *path)
{
    const char *bare = arena_strn(w->arena, path, strcspn(path, "?"));
    struct route_match m;

    route_find(w->arena, METHOD_GET, arena_printf(w->arena, "/o/%s%s", w->slug, bare), &m);
    return m.route && web_may(w, m.route->permission);
}

void readiness_offender(struct web *w, const struct offender *o)
{
    const struct entity *e = feature_entity(o->kind);
    const char *because = readiness_because(w->arena, o->because),
               *label; /* a sentence of the rule, or of its own */

    if (!e || !o->id) {
        html(w->html, "%s", because);
        return;
    }
    if (!o->number) {
        html(w->html, "{A %s that is gone by now: %s}", page_lower(w, e->label), because);
        return;
    }
    record_label(w->arena, e, o->number, &label);
    if (web_may(w, e->read))
        html(w->html, "<a href='%s'><span class='record-number'>%s</span> %s</a>: %s",
             web_record_url(w, e, o->number), label, entity_title_shown(w, e, o->title), because);
    else
        html(w->html, "<span class='record-number'>%s</span>: %s", label, because);
}

/* --- one rule --- */

static void draw_status(struct web *w, const struct readiness *r, size_t i)
{
    const struct rule_result *x = &r->results[i];

    switch (x->status) {
    case RULE_PASS:
        badge(w, "green", "holds");
        break;
    case RULE_FAIL:
        badge(w, severity_tone(x->severity), severity_word(x->severity));
        break;
    case RULE_IDLE:
        badge(w, NULL, "nothing to look at");
        break;
    case RULE_BROKEN:
        badge(w, "purple", "does not run");
        break;
    }
    if (!r->due[i])
        badge(w, NULL, arena_printf(w->arena, tr("counts from step %d"), x->rule->from));
}

static void draw_offenders(struct web *w, const struct rule_result *x, size_t most)
{
    size_t shown = x->listed < most ? x->listed : most;

    if (!shown)
        return;
    html(w->html, "<ul class='mb-2'>");
    for (size_t k = 0; k < shown; k++) {
        html(w->html, "<li>");
        readiness_offender(w, &x->offenders[k]);
        html(w->html, "</li>");
    }
    html(w->html, "</ul>");
    if (x->failing > (i64)shown)
        html(w->html, "<p><a href='%s'>{%lld more}</a></p>",
             web_url(w, "/readiness/%s", x->rule->id), x->failing - (i64)shown);
}

static void draw_params(struct web *w, const struct rule *rule)
{
    if (!rule->nparams)
        return;
    html(w->html, "<p class='mb-1'>{Its parameters:}</p><ul>");
    for (size_t i = 0; i < rule->nparams; i++) {
        const struct rule_param *p = &rule->params[i];

        if (p->kind == RULE_LIST) {
            html(w->html, "<li>$%zu %s: %s</li>", i + 4, p->name, p->about);
            continue;
        }
        html(w->html, "<li>$%zu %s = ", i + 4, p->name);
        if (p->kind == RULE_MONTHS)
            html(w->html, "{%lld months ago}", p->value);
        else if (p->kind == RULE_DAYS)
            html(w->html, "{%lld days ago}", p->value);
        else
            html(w->html, "%lld", p->value);
        html(w->html, ": %s</li>", tr(p->about));
    }
    html(w->html, "</ul>");
}

static void draw_sql(struct web *w, const struct rule *rule, bool open)
{
    html(w->html,
         "<details%s><summary>{How this is checked}</summary><div class='mt-2'><p class='mb-1'>{$1 "
         "is this organisation, $2 the day, $3 the moment up to which decisions count.}",
         open ? " open" : "");
    if (rule->minimum)
        html(w->html, " {There must be at least %lld.}", rule->minimum);
    if (rule->escalate_at)
        html(w->html, " {It weighs as a major when more than %lld percent fail.}",
             rule->escalate_at);
    html(w->html, "</p>");
    draw_params(w, rule);
    html(w->html,
         "<p class='mb-1'>{How many are looked at:}</p><pre class='frozen' tabindex='0'>%s</pre><p "
         "class='mb-1'>{Which of them do not hold:}</p><pre class='frozen' "
         "tabindex='0'>%s</pre></div></details>",
         rule->population, rule->offenders);
}

static void draw_figures_of(struct web *w, const struct rule_result *x)
{
    if (x->status == RULE_BROKEN)
        html(w->html, "<p class='late'>%s</p>", x->error);
    else if (x->population < x->rule->minimum)
        html(w->html, "<p>{Found: %lld. Needed: at least %lld.}</p>", x->population,
             x->rule->minimum);
    else if (x->failing)
        html(w->html, "<p>{%lld of %lld looked at.}</p>", x->failing, x->population);
}

static void draw_rule(struct web *w, const struct readiness *r, size_t i)
{
    const struct rule_result *x = &r->results[i];

    html(w->html,
         "<article class='list-group-item'><h3 class='h4 mb-1'><a href='%s'>%s</a></h3>"
         "<p class='mb-2'>",
         web_url(w, "/readiness/%s", x->rule->id), tr(x->rule->title));
    draw_status(w, r, i);
    html(w->html, "<span class='mute'>%s · %s</span></p>", x->rule->id, x->rule->clause);
    if (x->status != RULE_PASS)
        html(w->html, "<p class='mb-2'>%s</p>", tr(x->rule->why));
    draw_figures_of(w, x);
    draw_offenders(w, x, 5);
    if (x->status == RULE_FAIL && !w->asof && may_open(w, x->rule->fix_path))
        html(w->html, "<p class='mb-2'><a class='btn' href='%s'>%s</a></p>",
             web_url(w, "%s", x->rule->fix_path), tr(x->rule->fix));
    draw_sql(w, x->rule, false);
    html(w->html, "</article>");
}

/* --- the overview --- */

struct filter {
    const char *show, *severity;
};

static bool shown(const struct readiness *r, size_t i, const struct filter *f)
{
    const struct rule_result *x = &r->results[i];

    if (f->severity && !text_equal(f->severity, severity_code(x->severity)))
        return false;
    if (text_equal(f->show, "all"))
        return true;
    if (text_equal(f->show, "here"))
        return r->due[i] && x->status == RULE_FAIL;
    return x->status == RULE_FAIL || x->status == RULE_BROKEN;
}

static void filter_link(struct web *w, const struct filter *now, const char *show,
                        const char *severity, const char *label)
{
    bool on = text_equal(now->show, show) && text_equal(now->severity, severity);

    html(w->html, "<a class='filter'%s href='%s'>%s</a>", on ? " aria-current=true" : "",
         web_url(w, "/readiness?show=%s%s%s", show, severity ? "&severity=" : "",
                 severity ? severity : ""),
         label);
}

static void draw_filters(struct web *w, const struct readiness *r, const struct filter *f)
{
    const struct readiness_score *s = &r->today_score;
    struct arena *a = w->arena;

    html(w->html, "<div class='card mb-3'><nav class='filter-bar' aria-label='{Which rules}'>");
    filter_link(w, f, "failing", NULL, tr("All that does not hold"));
    filter_link(w, f, "failing", "MAJ", arena_printf(a, tr("%d major"), s->majors));
    filter_link(w, f, "failing", "MIN", arena_printf(a, tr("%d minor"), s->minors));
    filter_link(w, f, "failing", "OFI", arena_printf(a, tr("%d to improve"), s->improvements));
    filter_link(w, f, "here", NULL, tr("Only where we are"));
    filter_link(w, f, "all", NULL, arena_printf(a, tr("All %zu rules"), r->count));
    html(w->html, "</nav></div>");
}

static void draw_figure(struct web *w, const struct readiness_score *s, const char *title,
                        const char *text)
{
    card_begin(w, title, NULL);
    html(w->html, "<div class='d-flex align-items-center gap-3'>");
    if (s->any)
        svg_dial(w, readiness_percent(s), title, s->capped ? tr("held down") : tr("of the weight"),
                 s->tenths == 1000 ? "good" : NULL);
    html(w->html, "<div><p>%s</p>", text);
    if (!s->any)
        html(w->html, "<p>{Nothing is due yet, so there is no figure.}</p>");
    else
        html(w->html, "<p class='mb-0'>{%d of %d rules hold.%s}</p>", s->passed, s->due,
             s->capped ? tr(" A major is open, so the figure cannot be higher than 59.") : "");
    html(w->html, "</div></div>");
    card_end(w);
}

/* "6.1.2 a" and "6.1.2" belong together. */
static bool same_clause(const char *a, const char *b)
{
    size_t n = strcspn(a, " ");

    return strcspn(b, " ") == n && strncmp(a, b, n) == 0;
}

static void draw_groups(struct web *w, const struct readiness *r, const struct filter *f)
{
    const char *open = NULL; /* clause of the card that is open */

    for (size_t i = 0; i < r->count; i++) {
        const char *clause = r->results[i].rule->clause;

        if (!shown(r, i, f))
            continue;
        if (open && !same_clause(open, clause))
            html(w->html, "</div></section>");
        if (!open || !same_clause(open, clause))
            html(w->html,
                 "<section class='card mb-3'><div class='card-header'><h2 "
                 "class='card-title'>{Clause %s}</h2></div><div class='list-group "
                 "list-group-flush'>",
                 arena_strn(w->arena, clause, strcspn(clause, " ")));
        open = clause;
        draw_rule(w, r, i);
    }
    if (open)
        html(w->html, "</div></section>");
    else
        page_empty(w, "Nothing to show here: no rule of this kind fails.",
                   web_url(w, "/readiness?show=all"), "Show all rules");
}

struct err *readiness_page(struct web *w)
{
    struct filter f = {.show = web_query(w, "show"), .severity = web_query(w, "severity")};
    const struct readiness *r;

    if (text_empty(f.show))
        f.show = "failing";
    if (text_empty(f.severity))
        f.severity = NULL;
    TRY(readiness_get(w, false, &r));
    page_begin(w, "Check", "Readiness");
    page_help(w,
              "What an auditor would find, computed from your records. Each rule names its "
              "clause, the records that do not hold and the way to mend them. The exact "
              "statement of each rule can be read and corrected.",
              NULL);
    page_body(w);
    html(w->html, "<div class='grid-2 mb-3'>");
    draw_figure(w, &r->today_score, tr("If the auditor came today"),
                tr("All rules count, however far you are."));
    draw_figure(w, &r->here_score, tr("For where you are"),
                arena_printf(w->arena,
                             tr("Only rules of the steps that you have reached count. You are at "
                                "step %d of %d."),
                             r->steps.now, RULE_STEPS));
    html(w->html, "</div>");
    draw_filters(w, r, &f);
    draw_groups(w, r, &f);
    page_end(w);
    return NULL;
}

struct err *readiness_rule_page(struct web *w)
{
    const char *id = web_param(w, 0);
    const struct readiness *r;
    const struct rule_result *x;
    size_t i;

    TRY(readiness_get(w, false, &r));
    x = readiness_result(r, id);
    if (!x)
        return err_new(ERR_MISSING, "There is no rule “%.20s”.", id);
    i = (size_t)(x - r->results);
    page_begin(w, arena_printf(w->arena, tr("Readiness · %s · %s"), x->rule->id, x->rule->clause),
               "%s", tr(x->rule->title));
    page_action(w, "default", web_url(w, "/readiness"), "All rules");
    page_body(w);
    html(w->html, "<div class='stack'>");
    card_begin(w, NULL, NULL);
    html(w->html, "<p>");
    draw_status(w, r, i);
    html(w->html, "</p><p>%s</p>", tr(x->rule->why));
    draw_figures_of(w, x);
    draw_offenders(w, x, RULE_LISTED);
    if (x->status == RULE_FAIL && !w->asof && may_open(w, x->rule->fix_path))
        html(w->html, "<p class='mb-0'><a class='btn btn-primary' href='%s'>%s</a></p>",
             web_url(w, "%s", x->rule->fix_path), tr(x->rule->fix));
    card_end(w);
    card_begin(w, "The rule itself", x->rule->file);
    draw_sql(w, x->rule, true);
    card_end(w);
    html(w->html, "</div>");
    page_end(w);
    return NULL;
}

/* --- tables --- */

static struct err *remember(struct web *w, const char *body)
{
    (void)body;
    return readiness_remember(w);
}

static const struct route routes[] = {
    {METHOD_GET,      "/readiness", readiness_page, &readiness_read, 0, NULL, NULL},
    {METHOD_GET, "/readiness/:id", readiness_rule_page, &readiness_read, 0, NULL, NULL},
    {METHOD_GET,              "/readiness", readiness_api, &readiness_read, ROUTE_API, NULL,
     "Readiness: both figures and all rules with the records that do not hold"},
    {0          },
};

static const struct command commands[] = {
    {"check",                                          "[--format text|json]",
     "Checks the records of an organisation against the rules of content/rules and prints what an "
     "auditor would find. The exit status is 0 when no rule of severity MAJ fails, 1 when one does "
     "and 2 when the check itself could not be done.", check_run},
    {0},
};

static const struct job_kind jobs[] = {
    {.name = "readiness.reached", .every = 10 * 1000000LL, .run = remember},
    {0           },
};

static const struct nav nav[] = {
    {"Check",      10, "Readiness", "/readiness", "checklist", &readiness_read, NULL},
    {0},
};

static const struct permission *const permissions[] = {&readiness_read, NULL};

const struct feature readiness_feature = {.name = "readiness",
                                          .permissions = permissions,
                                          .routes = routes,
                                          .commands = commands,
                                          .jobs = jobs,
                                          .nav = nav};
