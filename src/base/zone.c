/* SPDX-License-Identifier: Apache-2.0 */
#include "base/zone.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/calendar.h"

#define FOLDER "/usr/share/zoneinfo/"
#define NAME_MAX_BYTES 60
#define FILE_MAX_BYTES ((size_t)256 * 1024)
#define HEADER ((size_t)44)
#define DAY_SECONDS 86400LL

/* When daylight time begins or ends, from the rule at the end of a TZif file (RFC 8536, 3.3). */
struct turn {
    char kind; /* 'M' month.week.weekday, 'J' day without 29 February, 'N' day from 0 */
    int month, week, day;
    i64 time; /* seconds after midnight, local */
};

struct rule {
    i64 standard; /* offsets in seconds east of UTC */
    i64 daylight;
    bool has_daylight;
    struct turn begin, end;
};

struct change {
    i64 at;
    i64 offset; /* from `at` on */
};

struct zone {
    struct zone *next;
    char name[NAME_MAX_BYTES + 1];
    i64 first_offset; /* before the first change */
    size_t count;
    bool has_rule;
    struct rule rule; /* after the last change */
    struct change change[];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct zone *known;
static const struct zone utc = {.name = "UTC"};

/* Reading the rule: each function moves *s behind what it read, or returns false. */

static bool read_number(const char **s, i64 *out)
{
    if (**s < '0' || **s > '9')
        return false;
    i64 n = 0;
    for (int digits = 0; **s >= '0' && **s <= '9' && digits < 4; digits++)
        n = n * 10 + (*(*s)++ - '0');
    *out = n;
    return true;
}

static bool read_word(const char **s)
{
    const char *start = *s;
    if (**s == '<') {
        const char *close = strchr(*s, '>');
        if (!close)
            return false;
        *s = close + 1;
        return true;
    }
    while ((**s >= 'A' && **s <= 'Z') || (**s >= 'a' && **s <= 'z'))
        (*s)++;
    return *s - start >= 3;
}

static bool read_time(const char **s, i64 *out)
{
    i64 sign = **s == '-' ? -1 : 1;
    if (**s == '-' || **s == '+')
        (*s)++;
    i64 hours;
    i64 minutes = 0;
    i64 seconds = 0;
    if (!read_number(s, &hours))
        return false;
    if (**s == ':') {
        (*s)++;
        if (!read_number(s, &minutes))
            return false;
    }
    if (**s == ':') {
        (*s)++;
        if (!read_number(s, &seconds))
            return false;
    }
    *out = sign * (hours * 3600 + minutes * 60 + seconds);
    return true;
}

static bool read_month_turn(const char **s, struct turn *t)
{
    i64 part[3];
    for (int i = 0; i < 3; i++) {
        if (i > 0 && *(*s)++ != '.')
            return false;
        if (!read_number(s, &part[i]))
            return false;
    }
    t->month = (int)part[0];
    t->week = (int)part[1];
    t->day = (int)part[2];
    return t->month >= 1 && t->month <= 12 && t->week >= 1 && t->week <= 5 && t->day <= 6;
}

static bool read_turn(const char **s, struct turn *t)
{
    if (*(*s)++ != ',')
        return false;
    t->kind = **s == 'M' || **s == 'J' ? *(*s)++ : 'N';
    if (t->kind == 'M') {
        if (!read_month_turn(s, t))
            return false;
    } else {
        i64 day;
        if (!read_number(s, &day) || day > 366)
            return false;
        t->day = (int)day;
    }
    t->time = 7200;
    if (**s != '/')
        return true;
    (*s)++;
    return read_time(s, &t->time);
}

/* "CET-1CEST,M3.5.0,M10.5.0/3": the offsets in it count westward. */
static bool read_rule(const char *s, struct rule *r)
{
    if (!read_word(&s) || !read_time(&s, &r->standard))
        return false;
    r->standard = -r->standard;
    r->has_daylight = *s != '\0';
    if (!r->has_daylight)
        return true;
    if (!read_word(&s))
        return false;
    r->daylight = r->standard + 3600;
    if (*s && *s != ',') {
        if (!read_time(&s, &r->daylight))
            return false;
        r->daylight = -r->daylight;
    }
    return read_turn(&s, &r->begin) && read_turn(&s, &r->end) && *s == '\0';
}

/* Using the rule. */

static i64 turn_at(const struct turn *t, i64 year)
{
    i64 january = calendar_days(year, 1, 1);
    if (t->kind == 'N')
        return (january + t->day) * DAY_SECONDS + t->time;
    if (t->kind == 'J') {
        bool leap = calendar_days(year, 12, 31) - january == 365;
        return (january + t->day - 1 + (leap && t->day >= 60)) * DAY_SECONDS + t->time;
    }
    i64 first = calendar_days(year, t->month, 1);
    i64 next =
        t->month == 12 ? calendar_days(year + 1, 1, 1) : calendar_days(year, t->month + 1, 1);
    i64 weekday = ((first + 4) % 7 + 7) % 7; /* 1 January 1970 was a Thursday */
    i64 day = first + (t->day - weekday + 7) % 7 + (t->week - 1) * 7;
    while (day >= next)
        day -= 7;
    return day * DAY_SECONDS + t->time;
}

static i64 rule_offset(const struct rule *r, i64 at)
{
    if (!r->has_daylight)
        return r->standard;
    i64 local = at + r->standard;
    i64 day = local / DAY_SECONDS - (local % DAY_SECONDS < 0);
    i64 year = calendar_date(day).year;
    i64 begin = turn_at(&r->begin, year) - r->standard;
    i64 end = turn_at(&r->end, year) - r->daylight;
    bool daylight = begin < end ? at >= begin && at < end : at >= begin || at < end;
    return daylight ? r->daylight : r->standard;
}

i64 zone_offset(const struct zone *z, i64 at)
{
    if (z->count == 0 || at < z->change[0].at)
        return z->count == 0 && z->has_rule ? rule_offset(&z->rule, at) : z->first_offset;
    if (at >= z->change[z->count - 1].at && z->has_rule)
        return rule_offset(&z->rule, at);
    size_t low = 0;
    size_t high = z->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (z->change[middle].at <= at)
            low = middle;
        else
            high = middle;
    }
    return z->change[low].offset;
}

/* Reading the file. Version 2 files hold two blocks; the second has 64-bit instants. */

struct counts {
    size_t utc, standard, leap, times, types, letters;
};

static i64 big_endian(const unsigned char *p, size_t bytes)
{
    u64 n = p[0] & 0x80 ? ~0ULL : 0;
    for (size_t i = 0; i < bytes; i++)
        n = n << 8 | p[i];
    return (i64)n;
}

static bool read_counts(const unsigned char *p, size_t size, struct counts *c)
{
    if (size < HEADER || memcmp(p, "TZif", 4) != 0 || p[4] < '2')
        return false;
    size_t *field[] = {&c->utc, &c->standard, &c->leap, &c->times, &c->types, &c->letters};
    for (size_t i = 0; i < COUNT_OF(field); i++) {
        i64 n = big_endian(p + 20 + i * 4, 4);
        if (n < 0 || n > (i64)FILE_MAX_BYTES)
            return false;
        *field[i] = (size_t)n;
    }
    return true;
}

static size_t block_size(const struct counts *c, size_t width)
{
    return c->times * (width + 1) + c->types * 6 + c->letters + c->leap * (width + 4) +
           c->standard + c->utc;
}

static bool read_footer(struct zone *z, const unsigned char *p, size_t size)
{
    char rule[128];
    if (size < 2 || p[0] != '\n')
        return false;
    const unsigned char *end = memchr(p + 1, '\n', size - 1);
    if (!end || (size_t)(end - p) > sizeof rule)
        return false;
    size_t n = (size_t)(end - p) - 1;
    memcpy(rule, p + 1, n);
    rule[n] = '\0';
    z->has_rule = n > 0;
    return n == 0 || read_rule(rule, &z->rule);
}

static struct zone *parse(const unsigned char *p, size_t size)
{
    struct counts c;
    if (!read_counts(p, size, &c))
        return NULL;
    size_t skip = HEADER + block_size(&c, 4);
    if (skip > size || !read_counts(p + skip, size - skip, &c) || c.types == 0)
        return NULL;
    p += skip + HEADER;
    size -= skip + HEADER;
    size_t block = block_size(&c, 8);
    if (block > size)
        return NULL;
    struct zone *z = calloc(1, sizeof *z + c.times * sizeof z->change[0]);
    if (!z)
        return NULL;
    const unsigned char *index = p + c.times * 8;
    const unsigned char *type = index + c.times;
    z->count = c.times;
    z->first_offset = big_endian(type, 4);
    bool sound = read_footer(z, p + block, size - block);
    for (size_t i = 0; sound && i < c.times; i++) {
        sound = index[i] < c.types;
        if (!sound)
            break;
        z->change[i].at = big_endian(p + i * 8, 8);
        z->change[i].offset = big_endian(type + (size_t)index[i] * 6, 4);
    }
    if (sound)
        return z;
    free(z);
    return NULL;
}

/* The name becomes part of a path, so only what zone names are made of may pass. */
static bool name_sound(const char *name)
{
    size_t length = strlen(name);
    if (length == 0 || length > NAME_MAX_BYTES || name[0] == '/' || name[length - 1] == '/')
        return false;
    if (strstr(name, "..") || strstr(name, "//") || strchr(name, '.'))
        return false;
    if (strncmp(name, "right/", 6) == 0 || strncmp(name, "posix/", 6) == 0)
        return false; /* the first counts leap seconds, the second is a copy */
    if (strcmp(name, "localtime") == 0 || strcmp(name, "posixrules") == 0)
        return false; /* whatever the machine uses: not a name that means the same elsewhere */
    return strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/") ==
           length;
}

static struct zone *load(const char *name)
{
    char path[sizeof FOLDER + NAME_MAX_BYTES];
    struct stat info;
    snprintf(path, sizeof path, FOLDER "%s", name);
    FILE *f = fopen(path, "rbe");
    if (!f)
        return NULL;
    struct zone *z = NULL;
    unsigned char *data = NULL;
    if (fstat(fileno(f), &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0 &&
        (size_t)info.st_size <= FILE_MAX_BYTES)
        data = malloc((size_t)info.st_size);
    if (data && fread(data, 1, (size_t)info.st_size, f) == (size_t)info.st_size)
        z = parse(data, (size_t)info.st_size);
    free(data);
    fclose(f);
    if (z)
        snprintf(z->name, sizeof z->name, "%s", name);
    return z;
}

const struct zone *zone_find(const char *name)
{
    if (!name || !*name || strcmp(name, "UTC") == 0)
        return &utc;
    if (!name_sound(name))
        return NULL;
    pthread_mutex_lock(&lock);
    struct zone *z = known;
    while (z && strcmp(z->name, name) != 0)
        z = z->next;
    if (!z) {
        z = load(name);
        if (z) {
            z->next = known;
            known = z;
        }
    }
    pthread_mutex_unlock(&lock);
    return z;
}
