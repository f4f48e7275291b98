/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

extern const struct test_case clock_tests[];

static void refuses_dates_that_do_not_exist(void **state)
{
    (void)state;
    static const char *const bad[] = {"2026-02-31", "2025-02-29", "1900-02-29", "2026-13-01",
                                      "2026-00-10", "2026-01-00", "2026-1-1",   "2026-01-01 ",
                                      "0000-01-01", "26-01-01",   "2026/01/01", "+026-01-01"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(date_valid(bad[i]));
    assert_false(date_valid(NULL));
    assert_true(date_valid("2024-02-29"));
    assert_true(date_valid("2000-02-29"));
    assert_true(date_valid("9999-12-31"));
}

static void date_arithmetic_clips_at_month_end(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    assert_string_equal(date_add(a, "2026-01-31", 1, 0), "2026-02-28");
    assert_string_equal(date_add(a, "2024-02-29", 12, 0), "2025-02-28");
    assert_string_equal(date_add(a, "2026-03-15", -15, 0), "2024-12-15");
    assert_string_equal(date_add(a, "2026-12-31", 0, 1), "2027-01-01");
    assert_string_equal(date_add(a, "2026-03-01", 0, -1), "2026-02-28");
    assert_string_equal(date_add(a, "9999-12-31", 1, 0), "9999-12-31");
    assert_int_equal(date_days("2024-01-01", "2025-01-01"), 366);
    assert_int_equal(date_days("2026-03-01", "2026-02-28"), -1);
    assert_int_equal(date_days("1970-01-01", "2000-03-01"), 11017);
    arena_free(a);
}

static void every_day_number_is_one_date(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    const char *day = "1899-12-25";
    i64 at = -2208988800LL * SECOND - 7 * DAY; /* midnight of that day */
    for (int i = 0; i < 80000; i++) {
        char expected[11];
        snprintf(expected, sizeof expected, "%s", clock_date(a, at + i * DAY, NULL));
        assert_true(date_valid(expected));
        if (i == 0)
            assert_string_equal(expected, day);
        else
            assert_string_equal(date_add(a, day, 0, i), expected);
        if (i % 1000 == 0)
            arena_reset(a);
    }
    arena_free(a);
}

static void assert_day_ends(const char *date, const char *zone, const char *expected)
{
    struct arena *a = arena_new(0);
    i64 at;
    assert_true(date_end(date, zone, &at));
    assert_string_equal(clock_iso(a, at), expected);
    assert_string_equal(clock_date(a, at, zone), date);
    assert_string_not_equal(clock_date(a, at + 1, zone), date);
    arena_free(a);
}

static void day_ends_follow_the_zone(void **state)
{
    (void)state;
    i64 at;
    assert_day_ends("2026-06-30", NULL, "2026-06-30T23:59:59.999999Z");
    assert_day_ends("2026-03-28", "Europe/Berlin", "2026-03-28T22:59:59.999999Z");
    assert_day_ends("2026-03-29", "Europe/Berlin", "2026-03-29T21:59:59.999999Z");
    assert_day_ends("2026-10-24", "Europe/Berlin", "2026-10-24T21:59:59.999999Z");
    assert_day_ends("2026-10-25", "Europe/Berlin", "2026-10-25T22:59:59.999999Z");
    assert_day_ends("2026-01-15", "Australia/Sydney", "2026-01-15T12:59:59.999999Z");
    assert_day_ends("2026-01-15", "America/St_Johns", "2026-01-16T03:29:59.999999Z");
    assert_false(date_end("2026-02-30", "Europe/Berlin", &at));
}

static void midnight_may_be_missing_or_double(void **state)
{
    (void)state;
    /* Cairo goes forward at midnight, Havana goes back from one o'clock to midnight, Azores went
     * back from one o'clock to midnight, Samoa left out 30 December 2011, Sao Paulo went back at
     * midnight to eleven in the evening. */
    assert_day_ends("2024-04-25", "Africa/Cairo", "2024-04-25T21:59:59.999999Z");
    assert_day_ends("2025-11-01", "America/Havana", "2025-11-02T03:59:59.999999Z");
    assert_day_ends("2024-10-26", "Atlantic/Azores", "2024-10-26T23:59:59.999999Z");
    assert_day_ends("2011-12-29", "Pacific/Apia", "2011-12-30T09:59:59.999999Z");
    assert_day_ends("2018-02-17", "America/Sao_Paulo", "2018-02-18T02:59:59.999999Z");
}

static void zones_hold_after_the_tables_end(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    i64 summer = 2540592000LL * SECOND; /* 2050-07-05 00:00 UTC */
    i64 winter = summer - 180 * DAY;
    assert_string_equal(clock_text(a, summer, NULL), "2050-07-05 00:00");
    assert_string_equal(clock_text(a, summer, "Europe/Berlin"), "2050-07-05 02:00");
    assert_string_equal(clock_text(a, winter, "Europe/Berlin"), "2050-01-06 01:00");
    assert_string_equal(clock_text(a, summer, "Australia/Sydney"), "2050-07-05 10:00");
    assert_string_equal(clock_text(a, winter, "Australia/Sydney"), "2050-01-06 11:00");
    assert_string_equal(clock_text(a, winter, "Asia/Kathmandu"), "2050-01-06 05:45");
    arena_free(a);
}

static void zone_names_do_not_leave_the_folder(void **state)
{
    (void)state;
    assert_true(zone_valid("Europe/Berlin"));
    assert_true(zone_valid("America/Argentina/Buenos_Aires"));
    assert_true(zone_valid("Etc/GMT+5"));
    assert_true(zone_valid("UTC"));
    static const char *const bad[] = {
        "",          "../../../etc/passwd", "/etc/localtime", "Europe/../Europe/Berlin",
        "Europe",    "Europe/Berlin/",      "Mars/Olympus",   "zone.tab",
        "localtime", "right/UTC",           "europe berlin",  "Europe//Berlin"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(zone_valid(bad[i]));
    assert_false(zone_valid(NULL));
}

static void tests_can_move_the_clock(void **state)
{
    (void)state;
    struct arena *a = arena_new(0);
    i64 ticks = clock_ticks();
    i64 before = clock_now();
    clock_shift(10 * DAY);
    i64 after = clock_now();
    clock_shift(-10 * DAY);
    assert_true(after - before >= 10 * DAY && after - before < 10 * DAY + MINUTE);
    assert_true(clock_ticks() - ticks < MINUTE);
    assert_string_equal(clock_iso(a, 1772373909123456LL), "2026-03-01T14:05:09.123456Z");
    assert_string_equal(clock_iso(a, -1), "1969-12-31T23:59:59.999999Z");
    arena_free(a);
}

/* clang-format off */
const struct test_case clock_tests[] = {
    TEST("31 February is not a date", refuses_dates_that_do_not_exist),
    TEST("adding months stops at the end of the month", date_arithmetic_clips_at_month_end),
    TEST("counting days and printing dates agree for 219 years", every_day_number_is_one_date),
    TEST("the end of a day follows the zone, also on the day clocks change", day_ends_follow_the_zone),
    TEST("the end of a day is right where midnight is missing or comes twice", midnight_may_be_missing_or_double),
    TEST("zones keep their summer time after the last year of the tables", zones_hold_after_the_tables_end),
    TEST("a zone name cannot leave the zone folder", zone_names_do_not_leave_the_folder),
    TEST("a test can move the clock, but not durations", tests_can_move_the_clock),
    TEST_END,
};
/* clang-format on */
