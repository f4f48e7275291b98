/* SPDX-License-Identifier: Apache-2.0 */
/* The pages of background jobs besides what core/job_test.c shows through them. */
#include "visit.h"

static void empty_states(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "employee");
    visit(t, METHOD_GET, "/o/acme/jobs", NULL);
    expect_status(t, 200);
    expect_text(t, "Nothing runs in the background.");
    expect_no_text(t, "All of the organisation");
    visit(t, METHOD_GET, "/o/acme/jobs?show=all", NULL);
    expect_no_text(t, "Started by");
    login(t, "admin");
    visit(t, METHOD_GET, "/o/acme/jobs?show=dead", NULL);
    expect_text(t, "Nothing has failed for good.");
    test_end(t);
}

static void unknown_ones(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "admin");
    visit(t, METHOD_GET, "/o/acme/jobs/abc", NULL);
    expect_status(t, 404);
    visit(t, METHOD_GET, "/o/acme/jobs/99999999999999999999", NULL);
    expect_status(t, 404);
    visit(t, METHOD_POST, "/o/acme/jobs/1/retry", "");
    expect_status(t, 404);
    test_end(t);
}

const struct test_case job_page_tests[] = {
    TEST("without jobs the page teaches; only who manages jobs is offered those of others",
         empty_states),
    TEST("an unknown job is not there", unknown_ones),
    TEST_END,
};
