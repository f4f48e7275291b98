/* SPDX-License-Identifier: Apache-2.0 */
#include "core/list_dates.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"

#define MOST 10000 /* of whatever unit */

const struct choice list_spans[] = {
    {"overdue",      "before today",        NULL},
    {"today",        "today",               NULL},
    {"next-7-days",  "in the next 7 days",  NULL},
    {"next-30-days", "in the next 30 days", NULL},
    {"next-90-days", "in the next 90 days", NULL},
    {"last-7-days",  "in the last 7 days",  NULL},
    {"last-30-days", "in the last 30 days", NULL},
    {"last-90-days", "in the last 90 days", NULL},
    {"this-week",    "this week",           NULL},
    {"next-week",    "next week",           NULL},
    {"last-week",    "last week",           NULL},
    {"this-month",   "this month",          NULL},
    {"next-month",   "next month",          NULL},
    {"last-month",   "last month",          NULL},
    {"this-quarter", "this quarter",        NULL},
    {"next-quarter", "next quarter",        NULL},
    {"last-quarter", "last quarter",        NULL},
    {"this-year",    "this year",           NULL},
    {"next-year",    "next year",           NULL},
    {"last-year",    "last year",           NULL},
    {"future",       "after today",         NULL},
    {NULL,           NULL,                  NULL}
};

/* "30-days-ago" after the number, "days" before the rest: 'd', 'w', 'm' or 'y'; 0 when none. */
static char unit_of(const char *text, size_t size)
{
    static const char *const units[] = {"day",   "days",   "week", "weeks",
                                        "month", "months", "year", "years"};

    for (size_t i = 0; i < COUNT_OF(units); i++)
        if (strlen(units[i]) == size && strncmp(text, units[i], size) == 0)
            return units[i][0];
    return '\0';
}

/* Reads "30-days" and moves behind it. */
static bool count_of(const char **text, int *n, char *unit)
{
    const char *p = *text;
    char *end;
    long value = strtol(p, &end, 10);
    size_t size;

    if (*p < '0' || *p > '9' || *end != '-' || value < 0 || value > MOST)
        return false;
    p = end + 1;
    size = strcspn(p, "-");
    *unit = unit_of(p, size);
    *n = (int)value;
    *text = p + size;
    return *unit != '\0';
}

static char *moved(struct arena *a, const char *day, int n, char unit)
{
    switch (unit) {
    case 'w':
        return date_add(a, day, 0, 7 * n);
    case 'm':
        return date_add(a, day, n, 0);
    case 'y':
        return date_add(a, day, 12 * n, 0);
    default:
        return date_add(a, day, 0, n);
    }
}

const char *list_day(struct arena *a, const char *today, const char *text)
{
    const char *p = text;
    char unit;
    int n;

    if (date_valid(text))
        return text;
    if (text_equal(text, "today"))
        return today;
    if (text_equal(text, "yesterday"))
        return date_add(a, today, 0, -1);
    if (text_equal(text, "tomorrow"))
        return date_add(a, today, 0, 1);
    if (text_starts(text, "in-")) {
        p += 3;
        return count_of(&p, &n, &unit) && !*p ? moved(a, today, n, unit) : NULL;
    }
    return count_of(&p, &n, &unit) && text_equal(p, "-ago") ? moved(a, today, -n, unit) : NULL;
}

/* The first day of the week, month, quarter or year of `day`. */
static char *first_day(struct arena *a, const char *day, char unit)
{
    char *first = arena_str(a, day);
    int month = (day[5] - '0') * 10 + day[6] - '0';

    if (unit == 'w') {
        i64 days = date_days("1970-01-05", day); /* a Monday */
        return date_add(a, day, 0, -(int)((days % 7 + 7) % 7));
    }
    memcpy(first + 8, "01", 2);
    if (unit == 'q')
        return date_add(a, first, -((month - 1) % 3), 0);
    if (unit == 'y')
        memcpy(first + 5, "01", 2);
    return first;
}

/* Whole weeks, months ...: `which` is -1, 0 or 1. */
static bool whole(struct arena *a, const char *today, int which, const char *unit,
                  struct list_span *out)
{
    static const struct {
        const char *name;
        char unit;
        int months, days;
    } units[] = {
        {"week",    'w', 0,  7},
        {"month",   'm', 1,  0},
        {"quarter", 'q', 3,  0},
        {"year",    'y', 12, 0}
    };

    for (size_t i = 0; i < COUNT_OF(units); i++) {
        char *first;

        if (!text_equal(unit, units[i].name))
            continue;
        first = first_day(a, today, units[i].unit);
        first = date_add(a, first, which * units[i].months, which * units[i].days);
        out->from = first;
        out->to = date_add(a, date_add(a, first, units[i].months, units[i].days), 0, -1);
        return true;
    }
    return false;
}

bool list_span(struct arena *a, const char *today, const char *text, struct list_span *out)
{
    bool last = text_starts(text, "last-");
    bool next = text_starts(text, "next-");
    const char *p = text + 5;
    char unit;
    int n;

    *out = (struct list_span){0};
    if (text_equal(text, "overdue") || text_equal(text, "past"))
        out->to = date_add(a, today, 0, -1);
    else if (text_equal(text, "future"))
        out->from = date_add(a, today, 0, 1);
    else if (last || next || text_starts(text, "this-")) {
        if (whole(a, today, next - last, p, out))
            return true;
        if (!(last || next) || !count_of(&p, &n, &unit) || *p)
            return false;
        out->from = last ? moved(a, today, -n, unit) : today;
        out->to = last ? today : moved(a, today, n, unit);
    }
    return out->from || out->to;
}

static const char *last_words(struct arena *a, int n, char unit)
{
    switch (unit) {
    case 'd':
        return arena_printf(a, tr_n("in the last %d day", "in the last %d days", n), n);
    case 'w':
        return arena_printf(a, tr_n("in the last %d week", "in the last %d weeks", n), n);
    case 'm':
        return arena_printf(a, tr_n("in the last %d month", "in the last %d months", n), n);
    default:
        return arena_printf(a, tr_n("in the last %d year", "in the last %d years", n), n);
    }
}

static const char *next_words(struct arena *a, int n, char unit)
{
    switch (unit) {
    case 'd':
        return arena_printf(a, tr_n("in the next %d day", "in the next %d days", n), n);
    case 'w':
        return arena_printf(a, tr_n("in the next %d week", "in the next %d weeks", n), n);
    case 'm':
        return arena_printf(a, tr_n("in the next %d month", "in the next %d months", n), n);
    default:
        return arena_printf(a, tr_n("in the next %d year", "in the next %d years", n), n);
    }
}

static const char *in_words(struct arena *a, int n, char unit)
{
    switch (unit) {
    case 'd':
        return arena_printf(a, tr_n("in %d day", "in %d days", n), n);
    case 'w':
        return arena_printf(a, tr_n("in %d week", "in %d weeks", n), n);
    case 'm':
        return arena_printf(a, tr_n("in %d month", "in %d months", n), n);
    default:
        return arena_printf(a, tr_n("in %d year", "in %d years", n), n);
    }
}

static const char *ago_words(struct arena *a, int n, char unit)
{
    switch (unit) {
    case 'd':
        return arena_printf(a, tr_n("%d day ago", "%d days ago", n), n);
    case 'w':
        return arena_printf(a, tr_n("%d week ago", "%d weeks ago", n), n);
    case 'm':
        return arena_printf(a, tr_n("%d month ago", "%d months ago", n), n);
    default:
        return arena_printf(a, tr_n("%d year ago", "%d years ago", n), n);
    }
}

const char *list_when(struct arena *a, const char *text)
{
    bool last = text_starts(text, "last-");
    bool next = text_starts(text, "next-");
    bool in = text_starts(text, "in-");
    const struct choice *named = choice_find(list_spans, text);
    const char *p = text + (last || next ? 5 : in ? 3 : 0);
    char unit;
    int n;

    if (named)
        return tr(named->label);
    if (text_equal(text, "past"))
        return tr("before today");
    if (text_equal(text, "yesterday"))
        return tr("yesterday");
    if (text_equal(text, "tomorrow"))
        return tr("tomorrow");
    if (!count_of(&p, &n, &unit))
        return words_date(a, text);
    return last   ? last_words(a, n, unit)
           : next ? next_words(a, n, unit)
           : in   ? in_words(a, n, unit)
                  : ago_words(a, n, unit);
}
