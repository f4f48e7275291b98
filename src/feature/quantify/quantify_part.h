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
