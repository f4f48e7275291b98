/* SPDX-License-Identifier: Apache-2.0 */
#include "base/calendar.h"

/* The idea of counting years from 1 March in eras of 400 years, so that the leap day is the last
 * of its year and needs no special case, is Howard Hinnant's ("chrono-compatible low-level date
 * algorithms"). */

#define DAYS_PER_ERA 146097LL
#define DAYS_TO_1970 719468LL /* from 1 March of year 0 */

static i64 floor_div(i64 n, i64 by)
{
    return n / by - (n % by < 0);
}

/* Days from 1 March to the first of the month that lies `months` later. */
static i64 days_before_month(i64 months)
{
    return (153 * months + 2) / 5;
}

i64 calendar_days(i64 year, int month, int day)
{
    i64 march_year = month <= 2 ? year - 1 : year;
    i64 era = floor_div(march_year, 400);
    i64 in_era = march_year - era * 400;
    i64 in_year = days_before_month((month + 9) % 12) + day - 1;
    return era * DAYS_PER_ERA + in_era * 365 + in_era / 4 - in_era / 100 + in_year - DAYS_TO_1970;
}

struct civil calendar_date(i64 days)
{
    i64 z = days + DAYS_TO_1970;
    i64 era = floor_div(z, DAYS_PER_ERA);
    i64 in_era = z - era * DAYS_PER_ERA;
    i64 year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    i64 in_year = in_era - (365 * year + year / 4 - year / 100);
    i64 months = (5 * in_year + 2) / 153;
    int month = (int)(months < 10 ? months + 3 : months - 9);
    int day = (int)(in_year - days_before_month(months)) + 1;
    return (struct civil){.year = era * 400 + year + (month <= 2), .month = month, .day = day};
}

int calendar_month(i64 year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}
