/* SPDX-License-Identifier: Apache-2.0 */
/* Dates and names of time zones. The first line is a date, the second a zone: the cut after a date
 * lies between it and the next one there, and moving by nothing moves nothing. */
#include "base/clock.h"
#include "fuzz.h"

static void date_in_zone(struct arena *a, const char *date, const char *zone)
{
    i64 end = 0;

    CHECK(date_end(date, zone, &end));
    /* Before, not on: islands that crossed the date line have skipped a whole date. */
    CHECK(strcmp(clock_date(a, end, zone), date) <= 0);
    CHECK(strcmp(clock_date(a, end + 1, zone), date) > 0);
    CHECK(strncmp(clock_text(a, end, zone), clock_date(a, end, zone), 10) == 0);
}

static bool fuzz_date(struct arena *a, const char *data, size_t size)
{
    const char *end = memchr(data, '\n', size);
    size_t length = end ? (size_t)(end - data) : size;
    const char *date = arena_strn(a, data, length), *next, *zone;
    i64 at;

    zone = end ? arena_strn(a, end + 1, size - length - 1) : arena_str(a, "");
    if (!date_valid(date)) {
        CHECK(!date_end(date, NULL, &at));
        (void)zone_valid(zone);
        return false;
    }
    CHECK(strlen(date) == 10 && strspn(date, "0123456789-") == 10);
    CHECK(strcmp(date_add(a, date, 0, 0), date) == 0 && date_days(date, date) == 0);
    next = date_add(a, date, 0, 1);
    if (strncmp(date, "9999-12", 7) != 0) {
        CHECK(date_valid(next) && date_days(date, next) == 1 && strcmp(next, date) > 0);
        CHECK(date_valid(date_add(a, date, 1, 0)));
        date_in_zone(a, date, NULL);
        if (zone_valid(zone))
            date_in_zone(a, date, zone);
    }
    return !*zone || zone_valid(zone); /* none is UTC */
}

FUZZ_TARGET(date);
