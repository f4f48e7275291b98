/* SPDX-License-Identifier: Apache-2.0 */
/* Dates of workbooks: a number and a format that shows it as a day. Two epochs: 1900, in which
 * Excel counts a 29 February that never was (serial 60), and 1904 of old Macs. */
#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/calendar.h"
#include "core/convert_part.h"

#define DAY_SECONDS 86400LL

bool format_number_is_date(i64 id)
{
    return (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) ||
           (id >= 50 && id <= 58);
}

/* Skips what a format shows as it is: "text", \x, _x, *x, and [Red], [$-407]; elapsed time [h] is a
 * time. */
static const char *skip_literal(const char *s, bool *elapsed)
{
    const char *close;

    switch (*s) {
    case '"':
        close = strchr(s + 1, '"');
        return close ? close + 1 : s + strlen(s);
    case '\\':
    case '_':
    case '*':
        return s[1] ? s + 2 : s + 1;
    case '[':
        close = strchr(s, ']');
        if (close && strspn(s + 1, "hHmMsS") == (size_t)(close - s - 1) && close > s + 1)
            *elapsed = true;
        return close ? close + 1 : s + strlen(s);
    default:
        return s;
    }
}

bool format_is_date(const char *code)
{
    bool found = false;

    if (strncasecmp(code, "general", 7) == 0)
        return false;
    for (const char *s = code; *s && *s != ';';) {
        const char *next = skip_literal(s, &found);

        if (next != s) {
            s = next;
            continue;
        }
        if (strchr("dDmMyYhHsS", *s))
            found = true;
        else if (strchr("0#?@", *s)) /* digits of a number; of seconds after a letter */
            return found;
        s++;
    }
    return found;
}

const char *serial_text(struct arena *a, double serial, bool epoch1904)
{
    double whole = floor(serial);
    i64 days = (i64)whole, seconds, day;
    struct civil c;

    if (!(serial >= 0) || serial >= 2958466)
        return NULL;
    seconds = llround((serial - whole) * DAY_SECONDS);
    if (seconds == DAY_SECONDS) { /* 23:59:59.9 */
        seconds = 0;
        days++;
    }
    if (days == 0 && (seconds || !epoch1904))
        return arena_printf(a, "%02lld:%02lld:%02lld", seconds / 3600, seconds / 60 % 60,
                            seconds % 60);
    if (epoch1904)
        day = calendar_days(1904, 1, 1) + days;
    else if (days == 60)
        return NULL;
    else
        day = calendar_days(1899, 12, 30) + days + (days < 60);
    c = calendar_date(day);
    if (c.year > 9999)
        return NULL;
    if (!seconds)
        return arena_printf(a, "%04lld-%02d-%02d", c.year, c.month, c.day);
    return arena_printf(a, "%04lld-%02d-%02d %02lld:%02lld:%02lld", c.year, c.month, c.day,
                        seconds / 3600, seconds / 60 % 60, seconds % 60);
}
