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
    struct method_judged now;        /* what its impact is on each axis, by its own method */
    const char **axes;               /* as sent, for each axis of that method */
    /* worked out by many_check */
    i64 to_likelihood, to_impact, to_score;
    const char *to_axes; /* NULL: one impact for all axes */
    const char *to_band;
    const char *refused; /* why it cannot be, as a sentence; NULL = it can */
    const char *hint;    /* what to think of, or NULL */
};
struct many {
    const struct pairs *wishes; /* levels as sent: all_likelihood, impact.<risk>, axis.<risk>.c */
    struct treatment plan;      /* without risk and levels */
    struct action action;
    bool wants_action;
    bool each;                       /* an action for each risk, not one that answers all of them */
    const char *likelihood, *impact; /* for all: "3", "-1" (one lower), "0" (as now) or "" */
    struct method_ruler ruler;       /* of the method in use */
    const char **axes;               /* the same for each of its axes */
    bool judged;                     /* some risk is judged along axes */
    struct many_row *rows;
    size_t count, ticked, refused;
    struct issues issues; /* about the plan */
    bool checked;
};
/* --- many_level.c --- */
/* Reads what is wished for all, axis by axis. First of all. */
struct err *many_axes(struct web *w, struct many *m) MUST_CHECK;
/* Reads what is wished for this risk. */
struct err *many_row_fill(struct web *w, struct many *m, struct many_row *row) MUST_CHECK;
/* Works out to_likelihood, to_impact and to_axes. */
void many_levels(struct web *w, const struct many *m, struct many_row *row);

/* --- many.c --- */
/* One more row, for a risk that this person sees; one that is there already is passed over. */
struct err *many_add(struct web *w, struct many *m, i64 risk, bool ticked) MUST_CHECK;
/* What was sent: plan, action, rows with their ticks. */
struct err *many_read(struct web *w, struct many *m) MUST_CHECK;
/* Works out the levels of the ticked rows and finds what speaks against each. */
struct err *many_check(struct web *w, struct many *m) MUST_CHECK;
/* Writes what was checked: a treatment for each ticked risk, and the action. Numbers of the first
 * and the last treatment. */
struct err *many_write(struct web *w, const struct many *m, i64 *first, i64 *last) MUST_CHECK;
/* Draws the page: plan, table, and after a check what would be written. */
struct err *many_draw(struct web *w, const struct many *m) MUST_CHECK;
