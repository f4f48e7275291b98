/* SPDX-License-Identifier: Apache-2.0 */
/* Days that come again: RFC 5545 recurrence rules over dates without a time of day ("due on the
 * last Friday of each month"). A day has no zone, so neither daylight saving time nor the server's
 * place can move one. libical expands the rules; safe from any thread. */
#pragma once

#include "base/arena.h"

/* The part of the rules that a form without a manual can ask for. */
struct rrule {
    enum {
        RRULE_OWN,
        RRULE_DAY,
        RRULE_WEEK,
        RRULE_MONTH,
        RRULE_YEAR
    } unit;            /* OWN: none of these */
    int every;         /* each `every` units, from 1 */
    unsigned weekdays; /* bit 0 = Monday .. 6 = Sunday; 0 = the start's own */
    int which;         /* months and years: 1..4, -1 = last of these weekdays; 0 = the same date */
    bool month_end;    /* months: the last day, however long the month */
    int count;         /* 0 = no end by number */
    const char *until; /* ISO date of the last possible day, or NULL */
};

/* Reads what people write ("RRULE:freq=weekly;byday=mo") and gives the canonical text. NULL and a
 * sentence in `*wrong` when it is no rule for days: unknown parts, times of day, calendars other
 * than ours, or a rule that never comes true. */
const char *rrule_read(struct arena *a, const char *text, const char **wrong);
/* The first day of the rule after `after` (ISO), for a series that starts on `start`; NULL when
 * there is none. With `after` before `start` it is the first day of the series. Both are valid
 * dates, `rule` is canonical. */
const char *rrule_next(struct arena *a, const char *rule, const char *start, const char *after);
/* The rule as the form shows it; `unit` is RRULE_OWN when it says more than a form can. */
void rrule_parts(struct arena *a, const char *rule, struct rrule *out);
/* The canonical rule of a form's parts. */
const char *rrule_write(struct arena *a, const struct rrule *parts);
/* "every 2 weeks on Monday and Friday, until 2027-01-01", in this thread's language; a rule that is
 * not among those of the form is given as it is written. */
const char *rrule_words(struct arena *a, const char *rule);
/* The number of occurrences that the rule allows in all; 0 = no such end. */
int rrule_count(const char *rule);
