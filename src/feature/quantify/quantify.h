/* SPDX-License-Identifier: Apache-2.0 */
/* Risks in money: an estimate per risk where it pays, simulated year by year (feature/quantify/
 * loss.h), the portfolio of all, and the curve that management tolerates. Amounts are minor units
 * of the organisation's currency; tries a year are hundredths. */
#pragma once

#include "core/entity.h"

struct estimate {
    RECORD;
    const char *title;
    i64 risk, estimator;
    i64 tries_least, tries_likely, tries_most;       /* a year, 1/100 */
    i64 success_least, success_likely, success_most; /* percent */
    const char *shape;                               /* range, points */
    i64 loss_least, loss_likely, loss_most;
    i64 follow_chance, follow_least, follow_most;
    i64 compared; /* the same with the planned controls follows */
    i64 after_tries_least, after_tries_likely, after_tries_most;
    i64 after_success_least, after_success_likely, after_success_most;
    i64 after_loss_least, after_loss_likely, after_loss_most;
    i64 yearly_cost; /* of those controls */
    const char *rationale;
    const char *trials; /* code: number of simulated years */
    i64 seed;
    /* derived, by simulation */
    i64 mean, any_chance, p95; /* any_chance: 1/100 of a percent */
    i64 after_mean;
    i64 worth; /* what the controls save a year on average, less what they cost */
};
extern const struct entity estimate_entity;

struct tolerance {
    RECORD;
    const char *title;
    i64 loss, chance; /* a year that costs more may have this probability, in percent */
};
extern const struct entity tolerance_entity;

extern const struct permission estimate_read, estimate_write;
extern const struct feature quantify_feature;
