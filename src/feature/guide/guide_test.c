/* SPDX-License-Identifier: Apache-2.0 */
#include "feature/guide/guide.h"

#include "feature/readiness/readiness_fixture.h"

static void overview(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/guide", NULL);
    expect_status(t, 200);
    for (int s = 1; s <= RULE_STEPS; s++)
        expect_text(t, arena_printf(t->arena, "/o/acme/guide/%d'", s));
    expect_text(t, "9 Certification");
    expect_text(t, "without records");
    test_end(t);
}

static void one_step(void **state)
{
    struct test *t = test_begin();

    (void)state;
    sound_world(t);
    run_sql(t, "update profile set headcount = 48 where org_id = $1;"
               "update risk set owner = null where org_id = $1 and id = 951");
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/guide/6", NULL);
    expect_status(t, 200);
    expect_text(t, "Assess and treat risks");
    expect_text(t, "For a company of 48 people");
    expect_text(t, "90 risks");
    expect_text(t, "✕");
    expect_text(t, "R042 · 1 missing");
    expect_text(t, "✓");
    expect_text(t, "/o/acme/risks?owner=none");
    visit(t, METHOD_GET, "/o/acme/guide/9", NULL);
    expect_text(t, "keeps no records of this step");
    visit(t, METHOD_GET, "/o/acme/guide/17", NULL);
    expect_status(t, 404);
    test_end(t);
}

static void employee(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "employee");
    visit(t, METHOD_GET, "/o/acme/guide/6", NULL);
    expect_status(t, 200);
    expect_text(t, "Why it matters");
    expect_no_text(t, "Done when");
    test_end(t);
}

const struct test_case guide_tests[] = {
    TEST("the guide shows nine phases with sixteen steps", overview),
    TEST("a step tells why, who, what for this size, and when it is done", one_step),
    TEST("people without the overview read the lesson without the state", employee),
    TEST_END,
};
