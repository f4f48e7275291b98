/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/calendar.h"
#include "base/err.h"
#include "base/text.h"
#include "base/zone.h"

#define DAY_SECONDS 86400LL
#define SHIFT_MAX (1000LL * 366 * 86400) /* seconds: a thousand years */

static _Atomic i64 shift;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void read_shift(void)
{
    i64 seconds;
    if (text_i64(getenv("CAIRN_CLOCK_SHIFT"), &seconds) && seconds > -SHIFT_MAX &&
        seconds < SHIFT_MAX)
        atomic_fetch_add(&shift, seconds * SECOND);
}

static i64 micros(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (i64)t.tv_sec * SECOND + t.tv_nsec / 1000;
}

i64 clock_now(void)
{
    pthread_once(&once, read_shift);
    return micros(CLOCK_REALTIME) + atomic_load(&shift);
}

i64 clock_ticks(void)
{
    return micros(CLOCK_MONOTONIC);
}

void clock_shift(i64 by)
{
    atomic_fetch_add(&shift, by);
}

static i64 floor_div(i64 n, i64 by)
{
    return n / by - (n % by < 0);
}

static const struct zone *zone_or_utc(const char *name)
{
    const struct zone *z = zone_find(name);
    return z ? z : zone_find("UTC");
}

/* A date, and the seconds and microseconds of that day. */
struct moment {
    struct civil date;
    int second;
    int micro;
};

static struct moment moment_of(i64 at, const char *zone)
{
    i64 seconds = floor_div(at, SECOND);
    i64 local = seconds + zone_offset(zone_or_utc(zone), seconds);
    i64 days = floor_div(local, DAY_SECONDS);
    return (struct moment){
        .date = calendar_date(days),
        .second = (int)(local - days * DAY_SECONDS),
        .micro = (int)(at - seconds * SECOND),
    };
}

static char *date_text(struct arena *a, struct civil d)
{
    return arena_printf(a, "%04lld-%02d-%02d", d.year, d.month, d.day);
}

char *clock_date(struct arena *a, i64 at, const char *zone)
{
    return date_text(a, moment_of(at, zone).date);
}

char *clock_text(struct arena *a, i64 at, const char *zone)
{
    struct moment m = moment_of(at, zone);
    return arena_printf(a, "%04lld-%02d-%02d %02d:%02d", m.date.year, m.date.month, m.date.day,
                        m.second / 3600, m.second / 60 % 60);
}

char *clock_iso(struct arena *a, i64 at)
{
    struct moment m = moment_of(at, "UTC");
    return arena_printf(a, "%04lld-%02d-%02dT%02d:%02d:%02d.%06dZ", m.date.year, m.date.month,
                        m.date.day, m.second / 3600, m.second / 60 % 60, m.second % 60, m.micro);
}

static int digits(const char *text, size_t n)
{
    int value = 0;
    for (size_t i = 0; i < n; i++)
        value = value * 10 + (text[i] - '0');
    return value;
}

static bool parse(const char *text, struct civil *d)
{
    if (!text || strlen(text) != 10)
        return false;
    for (size_t i = 0; i < 10; i++) {
        bool dash = i == 4 || i == 7;
        if (dash ? text[i] != '-' : text[i] < '0' || text[i] > '9')
            return false;
    }
    *d = (struct civil){
        .year = digits(text, 4), .month = digits(text + 5, 2), .day = digits(text + 8, 2)};
    return d->year >= 1 && d->month >= 1 && d->month <= 12 && d->day >= 1 &&
           d->day <= calendar_month(d->year, d->month);
}

bool date_valid(const char *date)
{
    struct civil d;
    return parse(date, &d);
}

/* The first second whose local time is `local` or later for good. Around a change of the clocks the
 * midnight may be missing or come twice, so the offsets of the days before and after are tried. */
static i64 first_second_from(const struct zone *z, i64 local)
{
    i64 late = local - zone_offset(z, local + DAY_SECONDS);
    if (late - 1 + zone_offset(z, late - 1) == local - 1)
        return late;
    i64 early = local - zone_offset(z, local - DAY_SECONDS);
    if (early - 1 + zone_offset(z, early - 1) == local - 1)
        return early;
    i64 low = late - 1; /* still before, */
    i64 high = early;   /* surely not: the change lies between */
    while (high - low > 1) {
        i64 middle = low + (high - low) / 2;
        if (middle + zone_offset(z, middle) < local)
            low = middle;
        else
            high = middle;
    }
    return high;
}

bool date_end(const char *date, const char *zone, i64 *at)
{
    struct civil d;
    if (!parse(date, &d))
        return false;
    i64 midnight = (calendar_days(d.year, d.month, d.day) + 1) * DAY_SECONDS;
    *at = first_second_from(zone_or_utc(zone), midnight) * SECOND - 1;
    return true;
}

char *date_add(struct arena *a, const char *date, int months, int days)
{
    struct civil d;
    if (!parse(date, &d))
        BUG("date_add of \"%s\", which is not a date", date ? date : "(null)");
    i64 month = d.year * 12 + d.month - 1 + months;
    i64 year = floor_div(month, 12);
    d.month = (int)(month - year * 12) + 1;
    d.year = year;
    int last = calendar_month(d.year, d.month);
    if (d.day > last)
        d.day = last;
    d = calendar_date(calendar_days(d.year, d.month, d.day) + days);
    if (d.year < 1)
        return arena_str(a, "0001-01-01");
    if (d.year > 9999)
        return arena_str(a, "9999-12-31");
    return date_text(a, d);
}

i64 date_days(const char *from, const char *to)
{
    struct civil f;
    struct civil t;
    if (!parse(from, &f) || !parse(to, &t))
        BUG("date_days of something that is not a date");
    return calendar_days(t.year, t.month, t.day) - calendar_days(f.year, f.month, f.day);
}

bool zone_valid(const char *zone)
{
    return zone && *zone && zone_find(zone);
}
