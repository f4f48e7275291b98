/* SPDX-License-Identifier: Apache-2.0 */
/* The first page, for people with and without the overview. */
#include "feature/home/home.h"

#include "feature/readiness/readiness_fixture.h"

static void empty_organisation(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme", NULL);
    expect_status(t, 200);
    expect_text(t, "towards ISO/IEC 27001:2022");
    expect_text(t, "If the auditor came today");
    expect_text(t, "Answer the questions");
    expect_text(t, "1 Mandate");
    expect_no_text(t, "Risks now");
    expect_no_text(t, "To decide</h2>");
    expect_no_text(t, "Coming up");
    test_end(t);
}

static void filled_organisation(void **state)
{
    struct test *t = test_begin();

    (void)state;
    sound_world(t);
    run_sql(t, "update action set due = '2020-01-01' where org_id = $1;"
               "delete from decision where org_id = $1 and kind = 'risk.acceptance';"
               "update soa set state = 'submitted' where org_id = $1");
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme", NULL);
    expect_status(t, 200);
    expect_text(t, "Risks now");
    expect_text(t, "current_likelihood=4&amp;current_impact=5");
    expect_text(t, "Coming up");
    expect_text(t, "Switch it on");
    expect_text(t, "(late)");
    expect_no_text(t, "Database is lost");
    login(t, "top-management");
    visit(t, METHOD_GET, "/o/acme", NULL);
    expect_text(t, "To decide");
    expect_text(t, "/o/acme/risks/R-952/approval");
    expect_text(t, "it stays above the acceptance level");
    test_end(t);
}

static void next_step_follows(void **state)
{
    struct test *t = test_begin();

    (void)state;
    sound_world(t);
    run_sql(t, "update profile set headcount = 48, sector = 'health', sites = 'rented',"
               " remote_work = 'some', own_devices = 'no', cloud = 'some', own_servers = 'no',"
               " own_network = 'no', develops = 'no', outsourced_development = 'no',"
               " personal_data = 'special', card_payment = 'no', government = 'no',"
               " critical_suppliers = 'no', downtime = 'day', ot = 'no' where org_id = $1;"
               "update role_holder set until = '2020-01-02' where org_id = $1"
               " and role = 'top-management'");
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme", NULL);
    expect_text(t, "Give somebody the role of top management");
    expect_text(t, "/o/acme/readiness/R020");
    test_end(t);
}

static void employee(void **state)
{
    struct test *t = test_begin();

    (void)state;
    sound_world(t);
    login(t, "employee");
    visit(t, METHOD_GET, "/o/acme", NULL);
    expect_status(t, 200);
    expect_text(t, "Your tasks");
    expect_no_text(t, "If the auditor came today");
    expect_no_text(t, "Data is stolen");
    test_end(t);
}

static void outsider(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "other-admin");
    visit(t, METHOD_GET, "/o/acme", NULL);
    expect_status(t, 404);
    test_end(t);
}

const struct test_case home_tests[] = {
    TEST("a new organisation sees the first step and no empty boxes", empty_organisation),
    TEST("with records there are map, decisions of this person and dates", filled_organisation),
    TEST("the next best step is the worst finding with its way out", next_step_follows),
    TEST("an employee sees own tasks and no figures of the organisation", employee),
    TEST("people of another organisation do not see the page", outsider),
    TEST_END,
};
