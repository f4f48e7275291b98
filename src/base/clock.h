/* SPDX-License-Identifier: Apache-2.0 */
/* Time. Instants are microseconds UTC since 1970; dates are ISO text in an organisation's time
 * zone. Tests move the clock with clock_shift; SQL never asks for the time. */
#pragma once

#include "base/arena.h"

#define SECOND 1000000LL
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

/* Microseconds UTC now, plus the test shift. */
i64 clock_now(void);
/* Monotonic microseconds, for durations. */
i64 clock_ticks(void);
/* Moves clock_now by `micros` (tests, and CAIRN_CLOCK_SHIFT seconds at start). */
void clock_shift(i64 micros);
/* "2026-03-01" of an instant in `zone` (an IANA name; NULL or "" = UTC). */
char *clock_date(struct arena *a, i64 at, const char *zone);
/* "2026-03-01 14:05" of an instant in `zone`. */
char *clock_text(struct arena *a, i64 at, const char *zone);
/* "2026-03-01T14:05:09.123456Z". */
char *clock_iso(struct arena *a, i64 at);
/* True for a real calendar date "YYYY-MM-DD". */
bool date_valid(const char *date);
/* The last microsecond of `date` in `zone`: the cut of `?asof=`. False when no such date. */
bool date_end(const char *date, const char *zone, i64 *at);
/* `date` moved by whole months (clipped to the month's end) and days. */
char *date_add(struct arena *a, const char *date, int months, int days);
/* Days from `from` to `to`; both must be valid dates. */
i64 date_days(const char *from, const char *to);
/* True when the zone is known to the system's zone database. */
bool zone_valid(const char *zone);
