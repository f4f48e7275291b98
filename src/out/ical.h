/* SPDX-License-Identifier: Apache-2.0 */
/* Calendars as RFC 5545 text through libical: all-day events, which every client shows, and to-dos.
 * Safe from any thread. */
#pragma once

#include "base/arena.h"
#include "base/err.h"

struct ical_event {
    bool todo;               /* a to-do (VTODO) with `date` as its due day */
    int priority;            /* of a to-do: 1 = highest, 9 = lowest, 0 = none */
    int alarm;               /* hours before its day begins in which the program reminds; 0 = not */
    const char *uid;         /* stable for the life of the record; unique worldwide */
    const char *summary;     /* one line */
    const char *description; /* several lines, or NULL */
    const char *category, *address; /* or NULL; the address is a whole URL */
    const char *date;               /* ISO; NULL for a to-do without a day */
    const char *rule;               /* canonical rule (base/rrule.h), or NULL */
    i64 sequence;                   /* how often the record changed */
};

/* The calendar `name` with the events; `stamp` is the ISO day that stands for "as of". Text is
 * escaped and lines are folded. */
const char *ical_write(struct arena *a, const char *name, const char *stamp,
                       const struct ical_event *events, size_t count);
