/* SPDX-License-Identifier: Apache-2.0 */
/* Estimates and tolerated losses: fields, rules, and what simulation derives from them. Pages are
 * in quantify_web.c, the simulation itself in loss.c. */
#include "feature/quantify/quantify.h"

#include <stdlib.h>

#include "base/text.h"
#include "base/words.h"
#include "feature/organisation/organisation.h"
#include "feature/quantify/quantify_part.h"
#include "feature/risk/risk.h"

const struct permission estimate_read = {"estimate.read", "See what risks may cost"};
const struct permission estimate_write = {"estimate.write", "Estimate what risks may cost"};

#define MOST 100000000000000LL /* a trillion in minor units */

static const struct choice shapes[] = {
    {"range",  "From ... to, 90 % sure", "blue"},
    {"points",  "Least, likely, most", "grey"},
    {0}
};
static const struct choice trial_counts[] = {
    {"10000", "10,000 years", NULL},
    {"50000",   "50,000 years", NULL},
    {"200000", "200,000 years", NULL},
    {0  }
};

#define GROUP_TRIES "How often it is tried"
#define GROUP_SUCCESS "How often that does harm"
#define GROUP_LOSS "What one event costs at once"
#define GROUP_FOLLOW "What may follow: fines, claims, lost customers"
#define GROUP_AFTER "The same with the planned controls"

static const struct field estimate_fields[] = {
    TEXT(estimate, title, "What is estimated", .required = true, .listed = true, .sortable = true,
         .example = "A year with ransomware in the booking system"),
    REF(estimate, risk, "Risk", risk_entity, .required = true, .fixed = true, .listed = true,
        .sortable = true, .filtered = true),
    REF(estimate, estimator, "Estimated by", person_entity, .filtered = true, .sortable = true,
        .concerns = true, .help = "Who can explain the numbers."),
    MONEY(estimate, tries_least, "Least, times a year", .veil = true, .least = 0, .most = 1000000,
          .group = GROUP_TRIES,
          .help = "0.1 is once in ten years. The same number three times "
                  "means that you are sure."),
    MONEY(estimate, tries_likely, "Likely, times a year", .veil = true, .least = 0, .most = 1000000,
          .group = GROUP_TRIES),
    MONEY(estimate, tries_most, "Most, times a year", .veil = true, .least = 0, .most = 1000000,
          .group = GROUP_TRIES, .example = "4"),
    INT(estimate, success_least, "Least, percent", .veil = true, .least = 0, .most = 100,
        .group = GROUP_SUCCESS,
        .help = "With the controls that work today. 100 three times when each counted try is "
                "harm already."),
    INT(estimate, success_likely, "Likely, percent", .veil = true, .least = 0, .most = 100,
        .group = GROUP_SUCCESS),
    INT(estimate, success_most, "Most, percent", .veil = true, .least = 0, .most = 100,
        .group = GROUP_SUCCESS),
    CHOICE(estimate, shape, "How you say it", shapes, .initial = "range", .required = true,
           .group = GROUP_LOSS,
           .help = "From-to: you would bet nine to one that the loss lies between. Large losses "
                   "are then possible, but rare."),
    MONEY(estimate, loss_least, "From, or least", .veil = true, .least = 0, .most = MOST,
          .group = GROUP_LOSS),
    MONEY(estimate, loss_likely, "Likely", .veil = true, .least = 0, .most = MOST,
          .group = GROUP_LOSS, .help = "Only for least, likely, most."),
    MONEY(estimate, loss_most, "To, or most", .veil = true, .least = 0, .most = MOST,
          .group = GROUP_LOSS),
    INT(estimate, follow_chance, "In how many of 100 events", .veil = true, .least = 0, .most = 100,
        .group = GROUP_FOLLOW, .help = "0 when nothing follows."),
    MONEY(estimate, follow_least, "From", .veil = true, .least = 0, .most = MOST,
          .group = GROUP_FOLLOW),
    MONEY(estimate, follow_most, "To, 90 % sure", .veil = true, .least = 0, .most = MOST,
          .group = GROUP_FOLLOW),
    BOOL(estimate, compared, "Compare with the planned controls", .group = GROUP_AFTER,
         .filtered = true),
    MONEY(estimate, after_tries_least, "Tries, least", .veil = true, .least = 0, .most = 1000000,
          .group = GROUP_AFTER),
    MONEY(estimate, after_tries_likely, "Tries, likely", .veil = true, .least = 0, .most = 1000000,
          .group = GROUP_AFTER),
    MONEY(estimate, after_tries_most, "Tries, most", .veil = true, .least = 0, .most = 1000000,
          .group = GROUP_AFTER),
    INT(estimate, after_success_least, "Harm, least percent", .veil = true, .least = 0, .most = 100,
        .group = GROUP_AFTER),
    INT(estimate, after_success_likely, "Harm, likely percent", .veil = true, .least = 0,
        .most = 100, .group = GROUP_AFTER),
    INT(estimate, after_success_most, "Harm, most percent", .veil = true, .least = 0, .most = 100,
        .group = GROUP_AFTER),
    MONEY(estimate, after_loss_least, "Loss from, or least", .veil = true, .least = 0, .most = MOST,
          .group = GROUP_AFTER),
    MONEY(estimate, after_loss_likely, "Loss, likely", .veil = true, .least = 0, .most = MOST,
          .group = GROUP_AFTER),
    MONEY(estimate, after_loss_most, "Loss to, or most", .veil = true, .least = 0, .most = MOST,
          .group = GROUP_AFTER),
    MONEY(estimate, yearly_cost, "What the controls cost a year", .veil = true, .least = 0,
          .most = MOST, .group = GROUP_AFTER,
          .help = "With work and licences; a purchase over its years."),
    LONG(estimate, rationale, "Where the numbers come from", .required = true,
         .help = "Own cases, reports of the sector, who was asked. Without it nobody can judge "
                 "them.",
         .example = "Two attempts in three years here; insurer's report 2026 for our size."),
    CHOICE(estimate, trials, "Simulated", trial_counts, .initial = "50000", .required = true),
    INT(estimate, seed, "Seed", .initial = "1", .least = 1, .most = 9000000000000000LL,
        .required = true,
        .help = "Stored with the estimate: the same seed gives the same numbers, everywhere."),
    MONEY(estimate, mean, "Average year", .veil = true, .derived = true, .listed = true,
          .sortable = true),
    MONEY(estimate, any_chance, "Years with a loss (%)", .veil = true, .derived = true,
          .listed = true),
    MONEY(estimate, p95, "One year in twenty costs more than", .veil = true, .derived = true,
          .listed = true),
    MONEY(estimate, after_mean, "Average year with the controls", .veil = true, .derived = true),
    MONEY(estimate, worth, "Controls save a year", .veil = true, .derived = true, .listed = true,
          .sortable = true),
};

/* --- the model behind the fields --- */

static void three(double out[3], const i64 in[3], double unit)
{
    for (size_t i = 0; i < 3; i++)
        out[i] = (double)in[i] / unit;
}

void estimate_model(const struct estimate *e, bool after, struct loss_model *out)
{
    i64 tries[2][3] = {
        {e->tries_least,       e->tries_likely,       e->tries_most      },
        {e->after_tries_least, e->after_tries_likely, e->after_tries_most}
    };
    i64 success[2][3] = {
        {e->success_least,       e->success_likely,       e->success_most      },
        {e->after_success_least, e->after_success_likely, e->after_success_most}
    };
    i64 loss[2][3] = {
        {e->loss_least,       e->loss_likely,       e->loss_most      },
        {e->after_loss_least, e->after_loss_likely, e->after_loss_most}
    };

    *out = (struct loss_model){
        .range = text_equal(e->shape, "range"),
        .secondary_chance = (double)e->follow_chance / 100,
        .secondary = {(double)e->follow_least / 100, (double)e->follow_most / 100}
    };
    three(out->tries, tries[after], 100);
    three(out->success, success[after], 100);
    three(out->primary, loss[after], 100);
}

size_t estimate_trials(const struct estimate *e)
{
    i64 n;

    return e->trials && text_i64(e->trials, &n) && n > 0 && n <= 200000 ? (size_t)n : 50000;
}

double *estimate_years(struct arena *a, const struct estimate *e, bool after,
                       struct loss_summary *out)
{
    size_t n = estimate_trials(e);
    double *years = NEW_ARRAY(a, double, n);
    struct loss_model m;

    estimate_model(e, after, &m);
    loss_simulate_on(&m, (u64)e->seed, 0, years, n, quantify_processors());
    loss_summarise(years, n, out);
    return years;
}

i64 loss_minor(double loss)
{
    return loss >= 9e15 ? 900000000000000000LL : (i64)(loss * 100 + 0.5);
}

/* Simulated again whenever the page is looked at, so it has to end soon. */
#define EVENTS_MOST 10e6

static void check_work(const struct estimate *e, const struct loss_model *m, const char *field,
                       struct issues *out)
{
    double events = loss_events(m) * (double)estimate_trials(e);

    if (events > EVENTS_MOST)
        issue(out, field,
              "That is about %lld events a year, and %lld million in all simulated years; up to "
              "%lld million are simulated. Choose fewer years, or count only the tries that get "
              "past the first defence.",
              (i64)(loss_events(m) + 0.5), (i64)(events / 1e6), (i64)(EVENTS_MOST / 1e6));
}

static void estimate_check(const void *record, struct issues *out)
{
    const struct estimate *e = record;
    struct loss_model m;
    const char *wrong;

    estimate_model(e, false, &m);
    wrong = loss_wrong(&m);
    if (wrong)
        issue(out, "tries_least", "%s", wrong);
    else
        check_work(e, &m, "tries_least", out);
    if (!e->compared)
        return;
    estimate_model(e, true, &m);
    wrong = loss_wrong(&m);
    if (wrong)
        issue(out, "after_tries_least", "%s", wrong);
    else
        check_work(e, &m, "after_tries_least", out);
}

/* A pure function of the model and the seed: a new record has no number yet. */
static struct err *estimate_derive(struct web *w, void *record, struct issues *out)
{
    struct estimate *e = record;
    struct loss_summary s;
    struct arena *a = arena_new(0);

    (void)w;
    if (out->count) {
        arena_free(a);
        return NULL;
    }
    estimate_years(a, e, false, &s);
    e->mean = loss_minor(s.mean);
    e->any_chance = loss_minor(s.any * 100);
    e->p95 = loss_minor(s.p95);
    e->after_mean = e->worth = 0;
    if (e->compared) {
        estimate_years(a, e, true, &s);
        e->after_mean = loss_minor(s.mean);
        e->worth = e->mean - e->after_mean - e->yearly_cost;
    }
    arena_free(a);
    return NULL;
}

/* Money says as much of a risk as its level. */
static struct err *estimate_veiled(struct web *w, struct ids *out)
{
    const char *blind;
    struct rows *r;

    TRY(risk_blind_list(w, &blind));
    TRY(db_query(w->db, &r,
                 "select id from estimate where org_id = $1 and risk in"
                 " (select cast(value as bigint) from json_each($2)) order by id",
                 num(w->org), str(blind)));
    return risk_blind_ids(w, r, out);
}

const struct entity estimate_entity = ENTITY(
    estimate, estimate_fields, .plural = "estimates", .label = "Loss estimate",
    .labels = "Loss estimates", .few = true, .prefix = "LE", .title = "title", .order = "-mean",
    .read = &estimate_read, .write = &estimate_write, .check = estimate_check,
    .derive = estimate_derive, .veiled = estimate_veiled, .clause = "6.1.2 d",
    .help = "What a risk may cost in a year, in money: for the few risks where a decision needs "
            "more than a level. Each simulated year draws how often it happens and what each "
            "event costs.",
    .empty = "No estimate yet. Begin with the one risk on which you would spend most.");

static const struct field tolerance_fields[] = {
    TEXT(tolerance, title, "In words", .required = true, .listed = true, .sortable = true,
         .example = "A bad year that the reserves can carry"),
    MONEY(tolerance, loss, "A year that costs more than", .required = true, .least = 100,
          .most = MOST, .listed = true, .sortable = true),
    INT(tolerance, chance, "May happen with probability (%)", .required = true, .least = 0,
        .most = 100, .listed = true, .help = "1 is once in a hundred years."),
};

const struct entity tolerance_entity = ENTITY(
    tolerance, tolerance_fields, .plural = "tolerances", .label = "Tolerated loss",
    .labels = "Tolerated losses", .few = true, .prefix = "TL", .title = "title", .order = "loss",
    .reason = true, .read = &estimate_read, .write = &estimate_write, .clause = "6.1.2 a",
    .help = "Points of the curve that management can live with: how likely a year may be that "
            "costs more than an amount. The simulated curve should stay below.",
    .empty = "Nothing yet. Three points are enough: a year that annoys, one that hurts, one that "
             "endangers.");

/* --- routes --- */

#define PAGES(name, entity)                          \
    static struct err *name##_list(struct web *w)    \
    {                                                \
        return entity_list_page(w, &(entity));       \
    }                                                \
    static struct err *name##_new(struct web *w)     \
    {                                                \
        return entity_new_page(w, &(entity));        \
    }                                                \
    static struct err *name##_edit(struct web *w)    \
    {                                                \
        return entity_edit_page(w, &(entity));       \
    }                                                \
    static struct err *name##_save(struct web *w)    \
    {                                                \
        return entity_save_page(w, &(entity));       \
    }                                                \
    static struct err *name##_remove(struct web *w)  \
    {                                                \
        return entity_remove_page(w, &(entity));     \
    }                                                \
    static struct err *name##_restore(struct web *w) \
    {                                                \
        return entity_restore_page(w, &(entity));    \
    }
PAGES(estimate, estimate_entity)
PAGES(tolerance, tolerance_entity)

static struct err *tolerance_show(struct web *w)
{
    return entity_show_page(w, &tolerance_entity);
}

static const struct route routes[] = {
    {METHOD_GET,     "/quantify", quantify_page, &estimate_read, ROUTE_SLOW, NULL, NULL},
    {METHOD_GET, "/estimates", estimate_list, &estimate_read, 0, NULL, NULL},
    {METHOD_GET,    "/estimates/new", estimate_new, &estimate_write, 0, NULL, NULL},
    {METHOD_POST,          "/estimates", estimate_save, &estimate_write, 0, NULL, NULL},
    {METHOD_GET,     "/estimates/:no", estimate_show, &estimate_read, 0, NULL, NULL},
    {METHOD_GET, "/estimates/:no/edit", estimate_edit, &estimate_write, 0, NULL, NULL},
    {METHOD_POST,             "/estimates/:no", estimate_save, &estimate_write, 0, NULL, NULL},
    {METHOD_GET,          "/estimates/:no/remove", estimate_remove, &estimate_write, 0, NULL, NULL},
    {METHOD_POST,     "/estimates/:no/remove", estimate_remove, &estimate_write, 0, NULL, NULL},
    {METHOD_POST,  "/estimates/:no/restore", estimate_restore, &estimate_write, 0, NULL, NULL},
    {METHOD_GET,             "/tolerances", tolerance_list, &estimate_read, 0, NULL, NULL},
    {METHOD_GET,          "/tolerances/new", tolerance_new, &estimate_write, 0, NULL, NULL},
    {METHOD_POST,    "/tolerances", tolerance_save, &estimate_write, 0, NULL, NULL},
    {METHOD_GET, "/tolerances/:no", tolerance_show, &estimate_read, 0, NULL, NULL},
    {METHOD_GET,             "/tolerances/:no/edit", tolerance_edit, &estimate_write, 0, NULL, NULL},
    {METHOD_POST,          "/tolerances/:no", tolerance_save, &estimate_write, 0, NULL, NULL},
    {METHOD_GET,     "/tolerances/:no/remove", tolerance_remove, &estimate_write, 0, NULL, NULL},
    {METHOD_POST, "/tolerances/:no/remove", tolerance_remove, &estimate_write, 0, NULL, NULL},
    {METHOD_POST,             "/tolerances/:no/restore", tolerance_restore, &estimate_write, 0, NULL, NULL},
    {0         },
};

static const struct nav nav[] = {
    {"Plan",            33, "Risks in money", "/quantify", "coin", &estimate_read, &estimate_entity},
    {0},
};

static const char simulate_help[] =
    "Simulates the loss estimates of an organisation, one risk or all together, and prints the "
    "average year, percentiles and the loss exceedance curve. The same numbers as on the pages: "
    "the seed is stored with each estimate, and how many processors work makes no difference. "
    "--years simulates so many years (1,000 to 100,000,000) instead of what each estimate says. "
    "How far it is, and how long the simulation took, is told on standard error.";

static const struct command commands[] = {
    {"simulate",     "[--risk RISK] [--years N] [--processors N] [--format text|json]", simulate_help,
     simulate_command},
    {0},
};

static const struct entity *const entities[] = {&estimate_entity, &tolerance_entity, NULL};
static const struct permission *const permissions[] = {&estimate_read, &estimate_write, NULL};

const struct feature quantify_feature = {.name = "quantify",
                                         .entities = entities,
                                         .permissions = permissions,
                                         .routes = routes,
                                         .commands = commands,
                                         .nav = nav};
