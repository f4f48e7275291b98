/* SPDX-License-Identifier: Apache-2.0 */
/* libical keeps some state for the whole process, so one call at a time. */
#include "base/rrule.h"

#include <ctype.h>
#include <libical/ical.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"
#include "base/words.h"

#define RULE_MOST 300    /* characters */
#define STEPS_MOST 20000 /* occurrences looked at: fifty years of days */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static const char *const codes[] = {"MO", "TU", "WE", "TH", "FR", "SA", "SU"};

/* --- reading --- */

/* Upper case without spaces and without the name of the property. */
static char *tidy(struct arena *a, const char *text)
{
    char *copy = arena_str(a, text);
    size_t n = 0;

    for (const char *p = copy; *p; p++)
        if (!isspace((unsigned char)*p))
            copy[n++] = (char)toupper((unsigned char)*p);
    copy[n] = '\0';
    return text_starts(copy, "RRULE:") ? copy + 6 : copy;
}

static bool has_part(const char *rule, const char *name)
{
    const char *at = strstr(rule, name);

    return at && (at == rule || at[-1] == ';');
}

/* What libical would take but what makes no sense, or no end, for days. */
static const char *refuse_parts(const char *rule)
{
    if (has_part(rule, "BYHOUR=") || has_part(rule, "BYMINUTE=") || has_part(rule, "BYSECOND=") ||
        has_part(rule, "FREQ=HOURLY") || has_part(rule, "FREQ=MINUTELY") ||
        has_part(rule, "FREQ=SECONDLY"))
        return tr("A due date has no time of day: use FREQ=DAILY, WEEKLY, MONTHLY or YEARLY.");
    if (has_part(rule, "RSCALE=") || has_part(rule, "SKIP="))
        return tr("Other calendars than the usual one are not supported.");
    /* Each day of centuries would be looked at when the date does not exist. */
    if (has_part(rule, "FREQ=DAILY") &&
        (has_part(rule, "BYMONTHDAY=") || has_part(rule, "BYYEARDAY=")))
        return tr("Use FREQ=MONTHLY with BYMONTHDAY instead of FREQ=DAILY.");
    return NULL;
}

/* "20260301" of an ISO date. */
static struct icaltimetype day_of(const char *date)
{
    struct icaltimetype t = ICALTIMETYPE_INITIALIZER;

    t.is_date = 1;
    t.year = (date[0] - '0') * 1000 + (date[1] - '0') * 100 + (date[2] - '0') * 10 + date[3] - '0';
    t.month = (date[5] - '0') * 10 + date[6] - '0';
    t.day = (date[8] - '0') * 10 + date[9] - '0';
    return t;
}

static const char *date_of(struct arena *a, struct icaltimetype t)
{
    return arena_printf(a, "%04d-%02d-%02d", t.year, t.month, t.day);
}

static bool empty_list(const short *list)
{
    return list[0] == ICAL_RECURRENCE_ARRAY_MAX;
}

/* With the lock held: true when `text` is a rule; the caller clears it. */
static bool parse(const char *text, struct icalrecurrencetype *out)
{
    icalerror_set_errors_are_fatal(0);
    icalerror_clear_errno();
    *out = icalrecurrencetype_from_string(text);
    if (out->freq == ICAL_NO_RECURRENCE)
        return false;
    out->until.is_date = 1; /* a last day, whatever time was written */
    return true;
}

static const char *find_next(struct arena *a, struct icalrecurrencetype *rule, const char *start,
                             const char *after)
{
    icalrecur_iterator *i = icalrecur_iterator_new(*rule, day_of(start));
    const char *found = NULL;

    for (int n = 0; i && !found && n < STEPS_MOST; n++) {
        struct icaltimetype t = icalrecur_iterator_next(i);
        const char *date;

        if (icaltime_is_null_time(t) || t.year > 9999)
            break;
        date = date_of(a, t);
        if (strcmp(date, after) > 0)
            found = date;
    }
    if (i)
        icalrecur_iterator_free(i);
    return found;
}

/* False for what no month has, like a sixth Monday: libical would look for it in every month of the
 * next centuries before it gives up. */
static bool month_has(const struct icalrecurrencetype *rule)
{
    int sure = 0; /* days that every month has */

    if (rule->freq != ICAL_MONTHLY_RECURRENCE)
        return true;
    for (size_t i = 0; i < ICAL_BY_DAY_SIZE && rule->by_day[i] != ICAL_RECURRENCE_ARRAY_MAX; i++) {
        int which = icalrecurrencetype_day_position(rule->by_day[i]);

        if (which > 5 || which < -5)
            return false;
        sure += which == 0 ? 4 : which < 5 && which > -5;
    }
    if (empty_list(rule->by_set_pos))
        return true;
    for (size_t i = 0; i < ICAL_BY_SETPOS_SIZE; i++) {
        if (rule->by_set_pos[i] == ICAL_RECURRENCE_ARRAY_MAX)
            break;
        if (rule->by_set_pos[i] > sure || rule->by_set_pos[i] < -sure)
            return false;
    }
    return empty_list(rule->by_month_day);
}

/* Without its end: some day must fit. */
static bool comes_true(struct arena *a, const struct icalrecurrencetype *rule)
{
    struct icalrecurrencetype endless = *rule;
    struct icaltimetype never = ICALTIMETYPE_INITIALIZER;

    endless.count = 0;
    endless.until = never;
    return month_has(rule) && find_next(a, &endless, "2024-02-29", "2024-02-28");
}

const char *rrule_read(struct arena *a, const char *text, const char **wrong)
{
    char *plain = tidy(a, text);
    struct icalrecurrencetype rule;
    const char *out = NULL;
    char *made;

    *wrong = strlen(plain) > RULE_MOST ? tr("The rule is too long.") : refuse_parts(plain);
    if (*wrong)
        return NULL;
    pthread_mutex_lock(&lock);
    if (parse(plain, &rule)) {
        made = icalrecurrencetype_as_string_r(&rule);
        if (made && comes_true(a, &rule))
            out = arena_str(a, made);
        else
            *wrong = tr("No day fits this rule.");
        free(made);
        icalrecurrencetype_clear(&rule);
    } else {
        *wrong = tr("This is not a rule like FREQ=MONTHLY;BYDAY=-1FR.");
    }
    pthread_mutex_unlock(&lock);
    return out;
}

const char *rrule_next(struct arena *a, const char *rule, const char *start, const char *after)
{
    struct icalrecurrencetype parsed;
    const char *out = NULL;

    pthread_mutex_lock(&lock);
    if (parse(rule, &parsed)) {
        out = find_next(a, &parsed, start, after);
        icalrecurrencetype_clear(&parsed);
    }
    pthread_mutex_unlock(&lock);
    return out;
}

int rrule_count(const char *rule)
{
    const char *at = strstr(rule, "COUNT=");
    int n = 0;

    for (at = at ? at + 6 : ""; *at >= '0' && *at <= '9' && n < 100000; at++)
        n = n * 10 + (*at - '0');
    return n;
}

/* --- the parts of a form --- */

/* The weekdays and which of them; false when they differ in that, or say more than the form. */
static bool read_days(const struct icalrecurrencetype *rule, struct rrule *out)
{
    for (size_t i = 0; i < ICAL_BY_DAY_SIZE && rule->by_day[i] != ICAL_RECURRENCE_ARRAY_MAX; i++) {
        int day = (int)icalrecurrencetype_day_day_of_week(rule->by_day[i]); /* 1 = Sunday */
        int which = icalrecurrencetype_day_position(rule->by_day[i]);

        if (day < 1 || (i > 0 && which != out->which) || which < -1 || which > 4)
            return false;
        out->which = which;
        out->weekdays |= 1u << (day + 5) % 7;
    }
    return true;
}

static bool read_parts(const struct icalrecurrencetype *rule, struct rrule *out)
{
    bool last_day =
        rule->by_month_day[0] == -1 && rule->by_month_day[1] == ICAL_RECURRENCE_ARRAY_MAX;
    bool months = rule->freq == ICAL_MONTHLY_RECURRENCE;

    out->every = rule->interval;
    out->count = rule->count;
    out->month_end = months && last_day;
    if (!empty_list(rule->by_set_pos) || !empty_list(rule->by_year_day) ||
        !empty_list(rule->by_week_no) || !empty_list(rule->by_month) ||
        rule->week_start != ICAL_MONDAY_WEEKDAY ||
        (!empty_list(rule->by_month_day) && !out->month_end) || !read_days(rule, out))
        return false;
    if (rule->freq == ICAL_WEEKLY_RECURRENCE)
        return out->which == 0;
    if (months)
        return out->weekdays == 0 || (out->which != 0 && !out->month_end);
    return out->weekdays == 0;
}

void rrule_parts(struct arena *a, const char *rule, struct rrule *out)
{
    struct icalrecurrencetype parsed;
    static const int units[] = {[ICAL_DAILY_RECURRENCE] = RRULE_DAY,
                                [ICAL_WEEKLY_RECURRENCE] = RRULE_WEEK,
                                [ICAL_MONTHLY_RECURRENCE] = RRULE_MONTH,
                                [ICAL_YEARLY_RECURRENCE] = RRULE_YEAR};

    *out = (struct rrule){.every = 1};
    pthread_mutex_lock(&lock);
    if (parse(rule, &parsed)) {
        if (parsed.until.year)
            out->until = date_of(a, parsed.until);
        if (read_parts(&parsed, out))
            out->unit = units[parsed.freq];
        icalrecurrencetype_clear(&parsed);
    }
    pthread_mutex_unlock(&lock);
}

static void write_days(struct buf *b, const struct rrule *p)
{
    const char *joint = ";BYDAY=";

    for (size_t i = 0; i < COUNT_OF(codes); i++) {
        if (!(p->weekdays & 1u << i))
            continue;
        buf_str(b, joint);
        if (p->which && p->unit == RRULE_MONTH)
            buf_printf(b, "%d", p->which);
        buf_str(b, codes[i]);
        joint = ",";
    }
}

const char *rrule_write(struct arena *a, const struct rrule *p)
{
    static const char *const names[] = {"", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"};
    struct buf b;

    buf_init(&b, a, 80);
    buf_printf(&b, "FREQ=%s", names[p->unit]);
    if (p->count)
        buf_printf(&b, ";COUNT=%d", p->count);
    else if (p->until)
        buf_printf(&b, ";UNTIL=%.4s%.2s%.2s", p->until, p->until + 5, p->until + 8);
    if (p->every > 1)
        buf_printf(&b, ";INTERVAL=%d", p->every);
    if (p->unit == RRULE_WEEK || (p->unit == RRULE_MONTH && p->which))
        write_days(&b, p);
    if (p->unit == RRULE_MONTH && p->month_end)
        buf_str(&b, ";BYMONTHDAY=-1");
    return b.data;
}

/* --- words --- */

static const char *day_names(struct arena *a, unsigned weekdays)
{
    static const char *const names[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                        "Friday", "Saturday", "Sunday"};
    struct buf b;

    buf_init(&b, a, 40);
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (weekdays & 1u << i)
            buf_printf(&b, "%s%s", b.size ? ", " : "", tr(names[i]));
    return b.data;
}

static const char *which_words(struct arena *a, const struct rrule *p)
{
    const char *days = day_names(a, p->weekdays);

    switch (p->which) {
    case 1:
        return arena_printf(a, tr("the first %s"), days);
    case 2:
        return arena_printf(a, tr("the second %s"), days);
    case 3:
        return arena_printf(a, tr("the third %s"), days);
    case 4:
        return arena_printf(a, tr("the fourth %s"), days);
    default:
        return arena_printf(a, tr("the last %s"), days);
    }
}

/* "every day" and "every 3 days" are two texts: not every language joins them alike. */
static const char *month_words(struct arena *a, const struct rrule *p)
{
    bool one = p->every == 1;

    if (p->month_end)
        return one ? tr("on the last day of every month")
                   : arena_printf(a, tr("on the last day of every %d months"), p->every);
    if (p->which)
        return one ? arena_printf(a, tr("on %s of every month"), which_words(a, p))
                   : arena_printf(a, tr("on %s of every %d months"), which_words(a, p), p->every);
    return one ? tr("every month") : arena_printf(a, tr("every %d months"), p->every);
}

static const char *week_words(struct arena *a, const struct rrule *p)
{
    const char *days = day_names(a, p->weekdays);
    bool one = p->every == 1;

    if (p->weekdays)
        return one ? arena_printf(a, tr("every week on %s"), days)
                   : arena_printf(a, tr("every %d weeks on %s"), p->every, days);
    return one ? tr("every week") : arena_printf(a, tr("every %d weeks"), p->every);
}

static const char *unit_words(struct arena *a, const struct rrule *p)
{
    bool one = p->every == 1;

    switch (p->unit) {
    case RRULE_DAY:
        return one ? tr("every day") : arena_printf(a, tr("every %d days"), p->every);
    case RRULE_WEEK:
        return week_words(a, p);
    case RRULE_MONTH:
        return month_words(a, p);
    default:
        return one ? tr("every year") : arena_printf(a, tr("every %d years"), p->every);
    }
}

const char *rrule_words(struct arena *a, const char *rule)
{
    struct rrule p;
    const char *words;

    rrule_parts(a, rule, &p);
    if (p.unit == RRULE_OWN)
        return rule;
    words = unit_words(a, &p);
    if (p.count)
        return p.count == 1 ? arena_printf(a, tr("%s, once"), words)
                            : arena_printf(a, tr("%s, %d times"), words, p.count);
    if (p.until)
        return arena_printf(a, tr("%s, until %s"), words, words_date(a, p.until));
    return words;
}
