/* SPDX-License-Identifier: Apache-2.0 */
/* `cairn simulate`: the numbers of the pages for scripts. */
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "core/command.h"
#include "core/list.h"
#include "feature/quantify/quantify_part.h"
#include "feature/risk/risk.h"

#define MOST 10000
#define YEARS_LEAST 1000
#define YEARS_MOST 100000000

static void print_json(struct cli *c, const struct portfolio *p, const struct loss_summary *s)
{
    struct loss_point curve[LOSS_POINTS];
    size_t n = loss_curve(p->today, p->years, curve);
    json_t *points = json_array();
    json_t *o = json_pack("{s:I, s:I, s:f, s:f, s:f, s:f, s:f, s:f}", "estimates", (json_int_t)p->n,
                          "years", (json_int_t)p->years, "mean", s->mean, "median", s->median,
                          "p90", s->p90, "p95", s->p95, "p99", s->p99, "probability", s->any);

    for (size_t i = 0; i < n; i++)
        json_array_append_new(points, json_pack("{s:f, s:f}", "loss", curve[i].loss, "probability",
                                                curve[i].probability));
    json_object_set_new(o, "curve", points);
    fprintf(c->out, "%s\n", json_text(c->arena, json_own(c->arena, o)));
}

static void print_text(struct cli *c, const struct portfolio *p, const struct loss_summary *s)
{
    fprintf(c->out,
            "%zu estimates, %zu simulated years\n"
            "average year                    %14.2f\n"
            "one year in ten costs more      %14.2f\n"
            "one year in twenty costs more   %14.2f\n"
            "one year in a hundred           %14.2f\n"
            "years with a loss               %13.1f%%\n",
            p->n, p->years, s->mean, s->p90, s->p95, s->p99, s->any * 100);
}

/* --- what was asked for --- */

static bool number_asked(struct cli *c, const char *name, i64 least, i64 most, i64 *out)
{
    const char *text = cli_option(c, name);

    return !text || (text_i64(text, out) && *out >= least && *out <= most);
}

struct simulation {
    const char *risk;
    struct portfolio p;
};

static struct err *read_all(struct web *w, void *ctx)
{
    struct simulation *s = ctx;

    if (s->risk)
        TRY(entity_find(w, &risk_entity, s->risk, &s->p.risk));
    return portfolio_load(w, &s->p);
}

/* One line that is written over again, for people only. */
static void tell(void *ctx, size_t done, size_t all)
{
    struct cli *c = ctx;

    if (all > 1 && isatty(fileno(c->err)))
        fprintf(c->err, "\rsimulated %zu of %zu estimates%s", done, all, done == all ? "\n" : "");
}

static void run(struct cli *c, struct simulation *s)
{
    i64 begun = clock_ticks(), took;

    portfolio_run(c->arena, &s->p);
    took = clock_ticks() - begun;
    fprintf(c->err, "simulated %zu times %zu years in %.3f s on %d processor%s\n", s->p.n,
            s->p.years, (double)took / 1e6, s->p.processors, s->p.processors > 1 ? "s" : "");
}

static struct err *prepare(struct cli *c, struct simulation *s)
{
    struct web *w;
    i64 years = 0, processors = quantify_processors();

    if (!number_asked(c, "years", YEARS_LEAST, YEARS_MOST, &years))
        return err_new(ERR_BAD, "--years is a whole number from %d to %d.", YEARS_LEAST,
                       YEARS_MOST);
    if (!number_asked(c, "processors", 1, 64, &processors))
        return err_new(ERR_BAD, "--processors is a whole number from 1 to 64.");
    *s = (struct simulation){
        .risk = cli_option(c, "risk"),
        .p = {.most = MOST, .asked = (size_t)years, .processors = (int)processors}
    };
    s->p.told = tell;
    s->p.ctx = c;
    TRY(cli_open(c, false, true, &w));
    TRY(app_read(w, read_all, s));
    if (!s->p.n)
        return err_new(ERR_MISSING,
                       "There is no loss estimate%s. Make one on the page “Risks in money”.",
                       s->risk ? " for this risk" : " yet");
    if (s->p.left)
        return err_new(ERR_LIMIT, "There are more than %d estimates. Ask for one risk (--risk).",
                       MOST);
    return NULL;
}

int simulate_command(struct cli *c)
{
    struct simulation s;
    struct loss_summary sum;
    struct err *failed = prepare(c, &s);

    if (failed)
        return cli_fail(c, failed);
    run(c, &s);
    loss_summarise(s.p.today, s.p.years, &sum);
    if (text_equal(cli_option(c, "format"), "json"))
        print_json(c, &s.p, &sum);
    else
        print_text(c, &s.p, &sum);
    return 0;
}
