/* SPDX-License-Identifier: Apache-2.0 */
/* Day numbers of the Gregorian calendar: day 0 is 1 January 1970. For clock.c and zone.c. */
#pragma once

#include "base/types.h"

struct civil {
    i64 year;
    int month; /* 1-12 */
    int day;   /* 1-31 */
};

/* The day number of a date; `month` must be 1-12, `day` may run over. */
i64 calendar_days(i64 year, int month, int day);
/* The date of a day number. */
struct civil calendar_date(i64 days);
/* Days of the month. */
int calendar_month(i64 year, int month);
