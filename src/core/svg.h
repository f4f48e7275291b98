/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures drawn on the server: they work without script, in print and with a screen reader (title,
 * description, links with names). Colours come from the classes of assets/cairn.css. */
#pragma once

#include "core/web.h"

/* A ring filled to `percent` (0-100) with the figure in it. `label` stands below the figure,
 * `title` says what is measured, `tone` is "good", "bad" or NULL. */
void svg_dial(struct web *w, int percent, const char *title, const char *label, const char *tone);

/* One cell of a heat map. */
struct heat_cell {
    i64 count;
    const char *tone;    /* of the band: green yellow orange red */
    const char *address; /* where a click goes, or NULL */
    bool current;        /* the list beside it is filtered by this cell */
};
/* A matrix with the highest row on top: cells[row * columns + column], both from 0 = lowest. */
struct heat {
    const char *title;                  /* "Risks by likelihood and impact, current" */
    const char *row_axis, *column_axis; /* "Likelihood", "Impact" */
    const char *const *row_labels, *const *column_labels; /* of the levels; NULL = their numbers */
    const char *noun; /* "risks": "4 risks at likelihood 3, impact 5" */
    size_t rows, columns;
    const struct heat_cell *cells;
    bool small;
};
/* A table, so that the figures are read out with their levels; each cell that has an address is a
 * link. */
void heat_map(struct web *w, const struct heat *m);

/* A step of a way: number and title with a bar for what is done. */
struct progress_step {
    const char *title, *address; /* address may be NULL */
    int percent;
    bool now;
};
void progress_steps(struct web *w, const char *title, const struct progress_step *steps, size_t n);

/* A line through `n` values, drawn to its own scale; nothing with less than two. */
void svg_sparkline(struct web *w, const char *title, const double *values, size_t n);
