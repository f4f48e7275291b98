/* SPDX-License-Identifier: Apache-2.0 */
/* Inside core only: days and spans of days in words, as lists are asked for them in addresses. They
 * move with the calendar, so a saved view or a shared address stays right. */
#pragma once

#include "core/entity.h"

/* A day: "2026-03-01", "today", "yesterday", "tomorrow", "in-7-days", "3-months-ago" (days, weeks,
 * months, years). The ISO date, or NULL when it is none. */
const char *list_day(struct arena *a, const char *today, const char *text);

/* A span, both ends included, NULL = open: "overdue" and "past" (before today), "future" (after
 * today), "last-30-days", "next-2-weeks" (both with today), "this-week", "last-month",
 * "next-quarter", "this-year" (weeks begin on Monday). False when the text is none. */
struct list_span {
    const char *from, *to;
};
bool list_span(struct arena *a, const char *today, const char *text, struct list_span *out);

/* How a day or a span reads in a sentence: "in the last 30 days"; the text itself when it is no
 * word of ours. */
const char *list_when(struct arena *a, const char *text);

/* Spans that are offered to choose from: code and English label; ended by {.code = NULL}. */
extern const struct choice list_spans[];
