/* SPDX-License-Identifier: Apache-2.0 */
/* Treating several risks at once, inside feature/treatment only: one plan, and for each risk the
 * levels that are expected. */
#pragma once

#include "feature/treatment/treatment_web.h"

#define MANY_MOST 100 /* risks in one go: the writing thread has other work too */

struct many_row {
    struct risk risk;
    bool ticked;
    const char *likelihood, *impact; /* as sent; "" = as for all */
    /* worked out by many_check */
    i64 to_likelihood, to_impact, to_score;
    const char *to_band;
    const char *refused; /* why it cannot be, as a sentence; NULL = it can */
    const char *hint;    /* what to think of, or NULL */
};
struct many {
    struct treatment plan; /* without risk and levels */
    struct action action;
    bool wants_action;
    const char *likelihood, *impact; /* for all: "3", "-1" (one lower) or "" */
    struct many_row *rows;
    size_t count, ticked, refused;
    struct issues issues; /* about the plan */
    bool checked;
};
/* What was sent: plan, action, rows with their ticks. */
struct err *many_read(struct web *w, struct many *m) MUST_CHECK;
/* Works out the levels of the ticked rows and finds what speaks against each. */
struct err *many_check(struct web *w, struct many *m) MUST_CHECK;
/* Draws the page: plan, table, and after a check what would be written. */
struct err *many_draw(struct web *w, const struct many *m) MUST_CHECK;
