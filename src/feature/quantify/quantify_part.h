/* SPDX-License-Identifier: Apache-2.0 */
/* Inside feature/quantify only. */
#pragma once

#include "feature/quantify/loss.h"
#include "feature/quantify/quantify.h"

/* The model of an estimate, today or with the planned controls. */
void estimate_model(const struct estimate *e, bool after, struct loss_model *out);
size_t estimate_trials(const struct estimate *e);
/* The years of one estimate, sorted, with their summary. In the arena. */
double *estimate_years(struct arena *a, const struct estimate *e, bool after,
                       struct loss_summary *out);
#define PORTFOLIO_YEARS 50000 /* where no estimate has more */
/* All estimates together, dearest first. Each keeps exactly the years that it was simulated with,
 * in an order that its number and nothing else decides: estimates with equal seeds do not have
 * their bad years together, and the portfolio's mean is the sum of the means. `n` is the number of
 * estimates, at most `most` of those that this person may see; `left` those beyond, and
 * `hidden` those that are not told before a second score was given. `asked` years
 * of each instead of its own number (0). `told` (may be NULL) hears how far it is. Years are in the
 * arena, not sorted; after is NULL where the planned controls were not asked for. */
struct portfolio {
    i64 risk; /* of this risk only; 0: all */
    size_t most, asked;
    int processors; /* that simulate; 0: all */
    bool with_after;
    void (*told)(void *ctx, size_t done, size_t all);
    void *ctx;

    double *today, *after;
    size_t years, n, left, hidden;
    const struct estimate *list;
};
struct err *portfolio_load(struct web *w, struct portfolio *p) MUST_CHECK;
void portfolio_run(struct arena *a, struct portfolio *p);
/* Processors of this machine, at least 1. */
int quantify_processors(void);
/* A loss in currency units as minor units, rounded; huge ones are capped. */
i64 loss_minor(double loss);

/* Both curves (`after` may be NULL) with the points that are tolerated, and the figures as a
 * table. */
struct curve {
    const double *years, *after;
    size_t trials;
};
struct err *curve_draw(struct web *w, const struct curve *c) MUST_CHECK;

struct err *estimate_show(struct web *w) MUST_CHECK;
struct err *quantify_page(struct web *w) MUST_CHECK;
int simulate_command(struct cli *c);
