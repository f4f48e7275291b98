/* SPDX-License-Identifier: Apache-2.0 */
/* What a risk may cost in a year, by simulation (FAIR-like): how often it is tried, how often that
 * succeeds, what one event costs, and what may follow from it. One trial is one year; its loss is
 * the sum over the events of the year. */
#pragma once

#include "base/types.h"

struct loss_model {
    double tries[3];   /* a year: least, likely, most; a PERT draw per simulated year */
    double success[3]; /* part of the tries that do harm, 0..1; a PERT draw per simulated year */
    bool range;        /* primary[0] and [2] are a 90 % interval of a lognormal distribution; */
    double primary[3]; /* otherwise least, likely, most of a PERT distribution */
    double secondary_chance; /* 0..1, for each event on its own */
    double secondary[2];     /* a 90 % interval of a lognormal distribution */
};
/* NULL, or a sentence that says which numbers do not fit together. */
const char *loss_wrong(const struct loss_model *m);

/* Events of an average year. */
double loss_events(const struct loss_model *m);

#define LOSS_BLOCK 4096

/* Adds the loss of each of `trials` years to annual[]; the same numbers whatever the number of
 * threads. Several risks into one array give the portfolio year by year. */
void loss_simulate(const struct loss_model *m, u64 seed, u64 subject, double *annual,
                   size_t trials);
/* The same on `threads` threads. */
void loss_simulate_on(const struct loss_model *m, u64 seed, u64 subject, double *annual,
                      size_t trials, int threads);

struct loss_summary {
    double mean, median, p90, p95, p99, most;
    double any; /* probability that the year costs anything */
};
/* Sorts annual[]; no loss may be below 0. Blocks are summed in order, so the mean is the same on
 * every machine. A percentile is the smallest x with F(x) >= q, which may be 0. */
void loss_summarise(double *annual, size_t trials, struct loss_summary *out);

#define LOSS_POINTS 50
struct loss_point {
    double loss, probability; /* of a year that costs more than `loss` */
};
/* The loss exceedance curve at 50 points, log-spaced between the smallest positive and the largest
 * loss of the sorted years. Returns the number of points: 0 when nothing is ever lost. */
size_t loss_curve(const double *sorted, size_t trials, struct loss_point out[LOSS_POINTS]);
/* The part of the sorted years that cost more than `loss`. */
double loss_beyond(const double *sorted, size_t trials, double loss);
