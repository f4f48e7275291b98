/* SPDX-License-Identifier: Apache-2.0 */
/* The example company keeps its own rules: enough of everything, four eyes, an intact log. */
#include "feature/demo/demo.h"

#include "base/clock.h"
#include "core/trail.h"
#include "visit.h"

/* A test with the example company in `t->w`. */
static struct test *with_demo(struct demo_guest guests[DEMO_GUESTS], size_t *count)
{
    struct test *t = test_begin();

    t->w->org = 0;
    assert_ok(demo_create(t->w, guests, count));
    return t;
}

#define ROWS(t, at_least, table)                                                          \
    assert_in_range(                                                                      \
        value((t), "select count(*) from " table " where org_id = $1", num((t)->w->org)), \
        (at_least), 1000)

static void has_enough(void **state)
{
    struct demo_guest guests[DEMO_GUESTS];
    size_t count;
    struct test *t = with_demo(guests, &count);

    (void)state;
    ROWS(t, 26, "person");
    ROWS(t, 40, "asset");
    ROWS(t, 8, "party");
    ROWS(t, 12, "requirement");
    ROWS(t, 45, "risk");
    ROWS(t, 30, "action");
    ROWS(t, 93, "control");
    ROWS(t, 1, "soa");
    ROWS(t, 1, "assessment");
    ROWS(t, 12, "task");
    ROWS(t, 5, "link");
    ROWS(t, 5, "evidence");
    ROWS(t, 15, "comment");
    ROWS(t, 1, "webhook");
    expect_count(t, 0, "select count(*) from webhook where org_id = $1 and state = 'on'",
                 num(t->w->org));
    expect_count(t, 4, "select count(distinct band) from risk where org_id = $1", num(t->w->org));
    expect_count(t, 4, "select count(distinct option) from treatment where org_id = $1",
                 num(t->w->org));
    expect_count(t, 0,
                 "select count(*) from control where org_id = $1 and applicable = 'open'"
                 " and origin = 'annex-a'",
                 num(t->w->org));
    ROWS(t, 1, "controlset");
    ROWS(t, 1, "chain");
    test_end(t);
}

static void four_eyes(void **state)
{
    struct demo_guest guests[DEMO_GUESTS];
    size_t count;
    struct test *t = with_demo(guests, &count);

    (void)state;
    assert_in_range(value(t, "select count(*) from decision where org_id = $1", num(t->w->org)), 35,
                    100);
    expect_count(t, 0,
                 "select count(*) from decision d join risk r on r.org_id = d.org_id and"
                 " r.id = d.subject where d.org_id = $1 and d.decided_by = r.analyst",
                 num(t->w->org));
    expect_count(t, 0,
                 "select count(*) from decision d join soa s on s.org_id = d.org_id and"
                 " s.id = d.subject where d.org_id = $1 and d.decided_by = s.author",
                 num(t->w->org));
    expect_count(t, 0, "select count(*) from decision where org_id = $1 and exception is not null",
                 num(t->w->org));
    expect_count(t, 1,
                 "select count(*) from decision where org_id = $1 and kind = 'risk.acceptance'"
                 " and expires is not null",
                 num(t->w->org));
    test_end(t);
}

static void log_is_intact(void **state)
{
    struct demo_guest guests[DEMO_GUESTS];
    size_t count;
    struct test *t = with_demo(guests, &count);
    struct verify_result v;

    (void)state;
    assert_ok(trail_verify(t->w, -1, &v));
    assert_int_equal(v.count, 0);
    /* Told over seven months, and not into the future. */
    assert_true(value(t, "select min(at) from audit_event where org_id = $1", num(t->w->org)) <
                t->w->now - 200 * DAY);
    expect_count(t, 0, "select count(*) from audit_event where org_id = $1 and at > $2",
                 num(t->w->org), num(clock_now()));
    test_end(t);
}

static void clock_is_right_again(void **state)
{
    struct demo_guest guests[DEMO_GUESTS];
    i64 before = clock_now();
    size_t count;
    struct test *t = with_demo(guests, &count);

    (void)state;
    assert_true(clock_now() >= before && clock_now() < before + HOUR);
    test_end(t);
}

static void guests_have_links(void **state)
{
    struct demo_guest guests[DEMO_GUESTS];
    size_t count;
    struct test *t = with_demo(guests, &count);

    (void)state;
    assert_in_range(count, 2, DEMO_GUESTS);
    logout(t);
    for (size_t i = 0; i < count; i++) {
        visit(t, METHOD_GET, guests[i].path, NULL);
        expect_status(t, 200);
        expect_text(t, guests[i].name);
    }
    expect_count(t, (i64)(DEMO_GUESTS - count),
                 "select count(*) from person where org_id = $1 and account is not null",
                 num(t->w->org));
    test_end(t);
}

static void not_twice(void **state)
{
    struct demo_guest guests[DEMO_GUESTS];
    size_t count;
    struct test *t = with_demo(guests, &count);
    i64 before = clock_now();

    (void)state;
    t->w->org = 0;
    assert_err(demo_create(t->w, guests, &count), ERR_CLASH);
    assert_true(clock_now() >= before);
    test_end(t);
}

const struct test_case demo_tests[] = {
    TEST("the example company has enough of everything, risks in all bands and all four options",
         has_enough),
    TEST("at the example company nobody decides on their own work", four_eyes),
    TEST("the log of the example company is intact and reaches back seven months", log_is_intact),
    TEST("making the example company leaves the clock as it was", clock_is_right_again),
    TEST("the example company has no accounts with passwords, but links that work once",
         guests_have_links),
    TEST("the example company is made only once", not_twice),
    TEST_END,
};
