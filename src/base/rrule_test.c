/* SPDX-License-Identifier: Apache-2.0 */
/* Recurrence: the examples of RFC 5545 (3.8.5.3) as far as they are about days, and the days that
 * calendars are wrong about. */
#include "base/rrule.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "test.h"

/* The first days of a rule from `start` on, at most `most`, joined by blanks. */
static const char *days(struct arena *a, const char *rule, const char *start, int most)
{
    const char *wrong, *canonical = rrule_read(a, rule, &wrong);
    const char *after = "0001-01-01";
    struct buf b;

    buf_init(&b, a, 200);
    assert_null(wrong);
    for (int i = 0; i < most; i++) {
        after = rrule_next(a, canonical, start, after);
        if (!after)
            break;
        buf_printf(&b, "%s%s", b.size ? " " : "", after);
    }
    return b.data;
}

struct vector {
    const char *rule, *start, *days;
};

static void check_vectors(const struct vector *v, size_t n)
{
    struct arena *a = arena_new(0);

    for (size_t i = 0; i < n; i++) {
        int most = (int)(strlen(v[i].days) + 1) / 11;
        const char *got = days(a, v[i].rule, v[i].start, most);

        if (strcmp(got, v[i].days) != 0)
            fail_msg("%s from %s: %s, wanted %s", v[i].rule, v[i].start, got, v[i].days);
    }
    arena_free(a);
}

/* clang-format off */
static void rfc_examples(void **state)
{
    static const struct vector vectors[] = {
        {"FREQ=DAILY;COUNT=10", "1997-09-02",
         "1997-09-02 1997-09-03 1997-09-04 1997-09-05 1997-09-06 1997-09-07 1997-09-08 1997-09-09 "
         "1997-09-10 1997-09-11"},
        {"FREQ=DAILY;INTERVAL=2", "1997-09-02", "1997-09-02 1997-09-04 1997-09-06"},
        {"FREQ=DAILY;INTERVAL=10;COUNT=5", "1997-09-02",
         "1997-09-02 1997-09-12 1997-09-22 1997-10-02 1997-10-12"},
        {"FREQ=WEEKLY;INTERVAL=2;WKST=SU", "1997-09-02", "1997-09-02 1997-09-16 1997-09-30"},
        {"FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH", "1997-09-02",
         "1997-09-02 1997-09-04 1997-09-09 1997-09-11 1997-09-16 1997-09-18 1997-09-23 1997-09-25 "
         "1997-09-30 1997-10-02"},
        {"FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "1997-08-05",
         "1997-08-05 1997-08-10 1997-08-19 1997-08-24"},
        {"FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "1997-08-05",
         "1997-08-05 1997-08-17 1997-08-19 1997-08-31"},
        {"FREQ=MONTHLY;COUNT=10;BYDAY=1FR", "1997-09-05",
         "1997-09-05 1997-10-03 1997-11-07 1997-12-05 1998-01-02 1998-02-06 1998-03-06 1998-04-03 "
         "1998-05-01 1998-06-05"},
        {"FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=1FR", "1997-09-05",
         "1997-09-05 1997-10-03 1997-11-07 1997-12-05"},
        {"FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU", "1997-09-07",
         "1997-09-07 1997-09-28 1997-11-02 1997-11-30 1998-01-04 1998-01-25 1998-03-01 1998-03-29 "
         "1998-05-03 1998-05-31"},
        {"FREQ=MONTHLY;COUNT=6;BYDAY=-2MO", "1997-09-22",
         "1997-09-22 1997-10-20 1997-11-17 1997-12-22 1998-01-19 1998-02-16"},
        {"FREQ=MONTHLY;BYMONTHDAY=-3", "1997-09-28", "1997-09-28 1997-10-29 1997-11-28 1997-12-29"},
        {"FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15", "1997-09-02",
         "1997-09-02 1997-09-15 1997-10-02 1997-10-15"},
        {"FREQ=MONTHLY;INTERVAL=18;COUNT=3;BYMONTHDAY=10", "1997-09-10",
         "1997-09-10 1999-03-10 2000-09-10"},
        {"FREQ=YEARLY;COUNT=4;BYMONTH=6,7", "1997-06-10",
         "1997-06-10 1997-07-10 1998-06-10 1998-07-10"},
        {"FREQ=YEARLY;INTERVAL=3;COUNT=4;BYYEARDAY=1,100,200", "1997-01-01",
         "1997-01-01 1997-04-10 1997-07-19 2000-01-01"},
        {"FREQ=YEARLY;BYDAY=20MO", "1997-05-19", "1997-05-19 1998-05-18 1999-05-17"},
        {"FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "1997-05-12", "1997-05-12 1998-05-11 1999-05-17"},
        {"FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "1997-09-02", "1998-02-13 1998-03-13 1998-11-13"},
        {"FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8", "1996-11-05",
         "1996-11-05 2000-11-07 2004-11-02"},
        {"FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "1997-09-04",
         "1997-09-04 1997-10-07 1997-11-06"},
        {"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2", "1997-09-29",
         "1997-09-29 1997-10-30 1997-11-27"},
    };

    (void)state;
    check_vectors(vectors, COUNT_OF(vectors));
}

static void odd_days(void **state)
{
    static const struct vector vectors[] = {
  /* 29 February comes in leap years only, and 2100 is none */
        {"FREQ=YEARLY", "2092-02-29", "2092-02-29 2096-02-29 2104-02-29"},
        {"FREQ=YEARLY;INTERVAL=4", "2024-02-29", "2024-02-29 2028-02-29 2032-02-29"},
        {"FREQ=MONTHLY;BYMONTHDAY=-1", "2023-12-31", "2023-12-31 2024-01-31 2024-02-29 2024-03-31"},
        {"FREQ=MONTHLY", "2026-01-31", "2026-01-31 2026-03-31 2026-05-31 2026-07-31"},
        {"FREQ=MONTHLY;BYDAY=-1FR", "2026-01-30", "2026-01-30 2026-02-27 2026-03-27 2026-04-24"},
 /* over the nights in which clocks change in Europe and America */
        {"FREQ=WEEKLY", "2026-03-22", "2026-03-22 2026-03-29 2026-04-05"},
        {"FREQ=DAILY", "2026-03-28", "2026-03-28 2026-03-29 2026-03-30 2026-03-31"},
        {"FREQ=DAILY", "2026-10-24", "2026-10-24 2026-10-25 2026-10-26"},
        {"FREQ=WEEKLY;BYDAY=SU", "2026-03-01", "2026-03-01 2026-03-08 2026-03-15"},
        {"FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO", "2026-01-01", "2026-12-28 2031-12-29 2032-12-27"},
        {"FREQ=WEEKLY;UNTIL=20260321", "2026-03-07", "2026-03-07 2026-03-14 2026-03-21"},
    };

    (void)state;
    check_vectors(vectors, COUNT_OF(vectors));
}

/* clang-format on */

static void ends(void **state)
{
    struct arena *a = arena_new(0);

    (void)state;
    assert_string_equal(days(a, "FREQ=DAILY;COUNT=2", "2026-01-01", 9), "2026-01-01 2026-01-02");
    assert_string_equal(days(a, "FREQ=WEEKLY;UNTIL=20260110", "2026-01-01", 9),
                        "2026-01-01 2026-01-08");
    assert_int_equal(rrule_count("FREQ=DAILY;COUNT=12"), 12);
    assert_int_equal(rrule_count("FREQ=DAILY"), 0);
    assert_string_equal(rrule_next(a, "FREQ=WEEKLY", "2026-01-01", "2026-01-01"), "2026-01-08");
    assert_string_equal(rrule_next(a, "FREQ=WEEKLY", "2026-01-01", "2026-01-05"), "2026-01-08");
    assert_null(rrule_next(a, "FREQ=DAILY;COUNT=2", "2026-01-01", "2026-01-02"));
    /* thirty years of days in one step */
    assert_string_equal(rrule_next(a, "FREQ=DAILY", "2000-01-01", "2030-01-01"), "2030-01-02");
    arena_free(a);
}

static void refusals(void **state)
{
    static const char *const bad[] = {
        "",
        "every Friday",
        "FREQ=FORTNIGHTLY",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;FOO=1",
        "FREQ=DAILY;COUNT=2;UNTIL=20300101",
        "FREQ=HOURLY",
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYHOUR=9",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYDAY=6MO",
        "RSCALE=CHINESE;FREQ=YEARLY",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYDAY=54MO",
        "FREQ=DAILY\nDTSTART:20260101",
    };
    struct arena *a = arena_new(0);
    const char *wrong;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (rrule_read(a, bad[i], &wrong) || !wrong || !*wrong)
            fail_msg("“%s” was taken as a rule", bad[i]);
    assert_string_equal(rrule_read(a, " RRULE: freq=weekly; byday=mo,fr ", &wrong),
                        "FREQ=WEEKLY;BYDAY=MO,FR");
    assert_null(wrong);
    arena_free(a);
}

static void form_parts(void **state)
{
    static const char *const rules[][2] = {
        {"FREQ=DAILY",                                 "every day"                               },
        {"FREQ=DAILY;COUNT=1;INTERVAL=3",              "every 3 days, once"                      },
        {"FREQ=WEEKLY;COUNT=5;INTERVAL=2;BYDAY=MO,FR", "every 2 weeks on Monday, Friday, 5 times"},
        {"FREQ=WEEKLY;BYDAY=SU",                       "every week on Sunday"                    },
        {"FREQ=MONTHLY",                               "every month"                             },
        {"FREQ=MONTHLY;BYDAY=-1FR",                    "on the last Friday of every month"       },
        {"FREQ=MONTHLY;INTERVAL=3;BYDAY=1MO",          "on the first Monday of every 3 months"   },
        {"FREQ=MONTHLY;INTERVAL=6;BYMONTHDAY=-1",      "on the last day of every 6 months"       },
        {"FREQ=YEARLY;UNTIL=20300101",                 "every year, until 2030-01-01"            },
    };
    static const char *const own[] = {"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
                                      "FREQ=YEARLY;BYDAY=MO;BYWEEKNO=20",
                                      "FREQ=MONTHLY;BYDAY=1SU,-1SU", "FREQ=DAILY;BYMONTH=1"};
    struct arena *a = arena_new(0);
    struct rrule p;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rules); i++) {
        rrule_parts(a, rules[i][0], &p);
        assert_int_not_equal(p.unit, RRULE_OWN);
        assert_string_equal(rrule_write(a, &p), rules[i][0]);
        assert_string_equal(rrule_words(a, rules[i][0]), rules[i][1]);
    }
    for (size_t i = 0; i < COUNT_OF(own); i++) {
        rrule_parts(a, own[i], &p);
        assert_int_equal(p.unit, RRULE_OWN);
        assert_string_equal(rrule_words(a, own[i]), own[i]);
    }
    arena_free(a);
}

const struct test_case rrule_tests[] = {
    TEST("the examples of RFC 5545 give the days that it lists", rfc_examples),
    TEST("29 February, the 31st, week 53 and nights of changing clocks move no day", odd_days),
    TEST("a rule ends after its number or its last day", ends),
    TEST("what is no rule for days is refused with a sentence", refusals),
    TEST("what a form can say comes back the same, the rest stays as it is written", form_parts),
    TEST_END,
};
