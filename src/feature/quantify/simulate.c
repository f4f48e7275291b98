/* SPDX-License-Identifier: Apache-2.0 */
/* `cairn simulate`: the numbers of the pages for scripts. */
#include <stdio.h>
#include <unistd.h>

#include "base/text.h"
#include "core/command.h"
#include "core/list.h"
#include "feature/quantify/quantify_part.h"
#include "feature/risk/risk.h"

#define YEARS 50000
#define MOST 10000

static struct err *add_estimate(struct web *w, i64 id, double *years)
{
    struct estimate e;
    struct loss_model m;

    TRY(entity_load(w, &estimate_entity, id, &e));
    estimate_model(&e, false, &m);
    loss_simulate_on(&m, (u64)e.seed, (u64)e.number, years, YEARS,
                     (int)sysconf(_SC_NPROCESSORS_ONLN));
    return NULL;
}

static struct err *simulate(struct web *w, const char *risk, double *years, i64 *count)
{
    struct rows *r;
    i64 id = 0;

    if (risk)
        TRY(entity_find(w, &risk_entity, risk, &id));
    TRY(db_query(w->db, &r,
                 "select id from estimate where org_id = $1 and ($2 = 0 or risk = $2)"
                 " order by id limit $3",
                 num(w->org), num(id), num(MOST)));
    *count = (i64)row_count(r);
    while (row_next(r))
        TRY(add_estimate(w, row_num(r, 0), years));
    return NULL;
}

static void print_json(struct cli *c, const double *years, const struct loss_summary *s, i64 count)
{
    struct loss_point curve[LOSS_POINTS];
    size_t n = loss_curve(years, YEARS, curve);
    json_t *points = json_array();
    json_t *o = json_pack("{s:I, s:I, s:f, s:f, s:f, s:f, s:f, s:f}", "estimates", count, "years",
                          (json_int_t)YEARS, "mean", s->mean, "median", s->median, "p90", s->p90,
                          "p95", s->p95, "p99", s->p99, "probability", s->any);

    for (size_t i = 0; i < n; i++)
        json_array_append_new(points, json_pack("{s:f, s:f}", "loss", curve[i].loss, "probability",
                                                curve[i].probability));
    json_object_set_new(o, "curve", points);
    fprintf(c->out, "%s\n", json_text(c->arena, json_own(c->arena, o)));
}

static void print_text(struct cli *c, const struct loss_summary *s, i64 count)
{
    fprintf(c->out,
            "%lld estimates, %d simulated years\n"
            "average year                    %14.2f\n"
            "one year in ten costs more      %14.2f\n"
            "one year in twenty costs more   %14.2f\n"
            "one year in a hundred           %14.2f\n"
            "years with a loss               %13.1f%%\n",
            count, YEARS, s->mean, s->p90, s->p95, s->p99, s->any * 100);
}

struct simulation {
    const char *risk;
    double *years;
    i64 count;
};

static struct err *read_all(struct web *w, void *ctx)
{
    struct simulation *s = ctx;

    return simulate(w, s->risk, s->years, &s->count);
}

int simulate_command(struct cli *c)
{
    struct simulation s = {.risk = cli_option(c, "risk"),
                           .years = NEW_ARRAY(c->arena, double, YEARS)};
    struct loss_summary sum;
    struct web *w;
    struct err *failed = cli_open(c, false, true, &w);

    if (!failed)
        failed = app_read(w, read_all, &s);
    if (!failed && !s.count)
        failed = err_new(ERR_MISSING,
                         "There is no loss estimate%s. Make one on the page “Risks in "
                         "money”.",
                         s.risk ? " for this risk" : " yet");
    if (failed)
        return cli_fail(c, failed);
    loss_summarise(s.years, YEARS, &sum);
    if (text_equal(cli_option(c, "format"), "json"))
        print_json(c, s.years, &sum, s.count);
    else
        print_text(c, &sum, s.count);
    return 0;
}
