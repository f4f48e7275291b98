/* SPDX-License-Identifier: Apache-2.0 */
/* The treatment plan: reports, verification, order, board and calendar, frozen versions; and
 * exceptions. Through the whole program. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "feature/risk/risk.h"
#include "feature/treatment/treatment.h"
#include "visit.h"

static i64 made_id(struct test *t)
{
    expect_status(t, 201);
    return strtoll(json_string_value(json_object_get(answer_json(t), "id")), NULL, 10);
}

static i64 make_risk(struct test *t, i64 level)
{
    api(t, "isms-manager", METHOD_POST, "/api/v1/risks",
        arena_printf(t->arena,
                     "{\"title\":\"Tablet is stolen\",\"owner\":\"%lld\",\"properties\":\"c\","
                     "\"inherent_likelihood\":%lld,\"inherent_impact\":%lld}",
                     person_of(t, "risk-owner"), level, level));
    return made_id(t);
}

static i64 make_treatment(struct test *t)
{
    api(t, "isms-manager", METHOD_POST, "/api/v1/treatments",
        arena_printf(t->arena,
                     "{\"title\":\"Encrypt\",\"risk\":\"%lld\",\"option\":\"avoid\","
                     "\"activity\":\"Tablets\",\"ended_on\":\"2027-01-01\","
                     "\"description\":\"No tablets any more\"}",
                     make_risk(t, 4)));
    return made_id(t);
}

/* An action of the employee; `more` are further members. */
static i64 make_action(struct test *t, i64 treatment, const char *title, const char *more)
{
    api(t, "isms-manager", METHOD_POST, "/api/v1/actions",
        arena_printf(t->arena, "{\"title\":\"%s\",\"treatment\":\"%lld\",\"owner\":\"%lld\"%s}",
                     title, treatment, person_of(t, "employee"), more));
    return made_id(t);
}

static void report(struct test *t, i64 action, const char *form)
{
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/actions/%lld/report", action), form);
}

static void verify(struct test *t, i64 action, const char *form)
{
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/actions/%lld/verify", action), form);
}

static i64 in_status(struct test *t, i64 action, const char *status)
{
    return value(t, "select count(*) from action where org_id = $1 and id = $2 and status = $3",
                 num(t->org), num(action), str(status));
}

/* --- reports and verification --- */

static void doer_reports(void **state)
{
    struct test *t = test_begin();
    i64 action = make_action(t, make_treatment(t), "Sell the tablets", "");

    (void)state;
    login(t, "employee"); /* may not change actions, but has this one */
    report(t, action, "status=in-progress&progress=40&spent=120");
    expect_status(t, 303);
    expect_count(t, 40, "select progress from action where org_id = $1 and id = $2", num(t->org),
                 num(action));
    report(t, action, "status=done");
    expect_status(t, 422);
    expect_text(t, "what shows that it was done");
    assert_int_equal(in_status(t, action, "in-progress"), 1);
    report(t, action, "status=cancelled");
    expect_status(t, 422);
    report(t, action, "status=done&evidence=Receipt+of+the+dealer");
    expect_status(t, 303);
    expect_count(t, 100, "select progress from action where org_id = $1 and id = $2", num(t->org),
                 num(action));
    login(t, "department-head");
    report(t, action, "status=in-progress");
    expect_status(t, 303); /* plans actions */
    login(t, "internal-auditor");
    report(t, action, "status=done");
    expect_status(t, 403); /* sees it only */
    test_end(t);
}

static void another_verifies(void **state)
{
    struct test *t = test_begin();
    i64 action = make_action(t, make_treatment(t), "Sell the tablets", "");

    (void)state;
    login(t, "isms-manager");
    verify(t, action, "outcome=works");
    expect_status(t, 409); /* not done yet */
    report(t, action, "status=done&evidence=Receipt");
    login(t, "employee");
    verify(t, action, "outcome=works");
    expect_status(t, 403);
    expect_text(t, "did this yourself");
    login(t, "isms-manager");
    verify(t, action, "outcome=again");
    expect_status(t, 422); /* what is missing? */
    verify(t, action, "outcome=again&comment=Two+tablets+are+still+in+the+cupboard");
    expect_status(t, 303);
    assert_int_equal(in_status(t, action, "in-progress"), 1);
    report(t, action, "status=done");
    verify(t, action, "outcome=works");
    expect_status(t, 303);
    expect_count(t, 1,
                 "select count(*) from action where org_id = $1 and id = $2"
                 " and verified_on is not null and verifier = $3",
                 num(t->org), num(action), num(person_of(t, "isms-manager")));
    verify(t, action, "outcome=works");
    expect_status(t, 409);
    test_end(t);
}

static void named_verifier(void **state)
{
    struct test *t = test_begin();
    i64 action = make_action(
        t, make_treatment(t), "Sell the tablets",
        arena_printf(t->arena, ",\"verifier\":\"%lld\"", person_of(t, "supplier-contact")));

    (void)state;
    login(t, "isms-manager");
    report(t, action, "status=done&evidence=Receipt");
    verify(t, action, "outcome=works");
    expect_status(t, 403);
    expect_text(t, "Somebody else is named");
    login(t, "supplier-contact"); /* may nothing else */
    verify(t, action, "outcome=works");
    expect_status(t, 303);
    login(t, "isms-manager"); /* other evidence was not verified */
    report(t, action, "evidence=Another+receipt");
    expect_status(t, 303);
    expect_count(t, 0, "select count(*) from action where org_id = $1 and verified_on is not null",
                 num(t->org));
    test_end(t);
}

/* --- order --- */

static void no_circles(void **state)
{
    struct test *t = test_begin();
    i64 treatment = make_treatment(t), a = make_action(t, treatment, "First", "");
    i64 b = make_action(t, treatment, "Second", arena_printf(t->arena, ",\"needs\":[\"%lld\"]", a));
    i64 c = make_action(t, treatment, "Third", arena_printf(t->arena, ",\"needs\":[\"%lld\"]", b));

    (void)state;
    api_header(t, "If-Match", "*");
    api(t, "isms-manager", METHOD_PATCH, arena_printf(t->arena, "/api/v1/actions/%lld", a),
        arena_printf(t->arena, "{\"needs\":[\"%lld\"]}", c));
    expect_status(t, 422);
    expect_text(t, "wait for each other for ever");
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/plan", NULL);
    expect_text(t, "waits for others");
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/actions/%lld", b), NULL);
    expect_text(t, "Is needed by");
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/actions/%lld/remove", a), "_version=1");
    expect_status(t, 409);
    expect_text(t, "waits for this action");
    test_end(t);
}

/* --- the three views --- */

static void board_and_calendar(void **state)
{
    struct test *t = test_begin();
    i64 treatment = make_treatment(t);
    i64 late = make_action(t, treatment, "Was due", ",\"due\":\"2026-01-05\",\"budget\":\"100\"");

    (void)state;
    make_action(t, treatment, "Not wanted", ",\"status\":\"cancelled\"");
    make_action(t, treatment, "Goes on",
                arena_printf(t->arena,
                             ",\"start\":\"2026-01-01\",\"due\":\"2027-02-01\","
                             "\"status\":\"in-progress\",\"progress\":30,\"needs\":[\"%lld\"]",
                             late));
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/plan", NULL);
    expect_text(t, "Was due");
    expect_no_text(t, "Not wanted");
    visit(t, METHOD_GET, "/o/acme/plan?status=cancelled", NULL);
    expect_text(t, "Not wanted");
    expect_no_text(t, "Was due");
    visit(t, METHOD_GET, "/o/acme/plan?tab=board", NULL);
    expect_status(t, 200);
    expect_text(t, "data-column='in-progress'");
    expect_text(t, "name='status' value='done'");
    visit(t, METHOD_GET, "/o/acme/plan?tab=gantt", NULL);
    expect_status(t, 200);
    expect_text(t, "gantt-late");
    expect_text(t, "gantt-arrow");
    expect_text(t, "Actions with their days");
    login(t, "internal-auditor"); /* looks only */
    visit(t, METHOD_GET, "/o/acme/plan?tab=board", NULL);
    expect_status(t, 200);
    expect_no_text(t, "name='status'");
    test_end(t);
}

/* --- versions --- */

static const char *hash_of(struct test *t, const char *address)
{
    const char *at;

    visit(t, METHOD_GET, address, NULL);
    expect_status(t, 200);
    at = strstr(body(t), "name='hash' value='");
    return at ? arena_strn(t->arena, at + 19, 64) : "";
}

static void frozen_versions(void **state)
{
    struct test *t = test_begin();
    i64 treatment = make_treatment(t);
    const char *hash;

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/plan-versions", "");
    expect_status(t, 422); /* nothing to freeze */
    make_action(t, treatment, "Sell the tablets", ",\"budget\":\"1250.50\"");
    visit(t, METHOD_POST, "/o/acme/plan-versions", "");
    expect_status(t, 303);
    visit(t, METHOD_GET, "/o/acme/plan-versions/TP-1", NULL);
    expect_text(t, "action AC-1: Sell the tablets");
    expect_text(t, "total budget: 1250.50");
    visit(t, METHOD_POST, "/o/acme/plan-versions/TP-1/decide", "outcome=approved&hash=x");
    expect_status(t, 403); /* not top management */
    login(t, "top-management");
    hash = hash_of(t, "/o/acme/plan-versions/TP-1");
    visit(t, METHOD_POST, "/o/acme/plan-versions/TP-1/decide", "outcome=approved&hash=x");
    expect_status(t, 409);
    visit(t, METHOD_POST, "/o/acme/plan-versions/TP-1/decide",
          arena_printf(t->arena, "outcome=refused&hash=%s", hash));
    expect_status(t, 422); /* why? */
    visit(t, METHOD_POST, "/o/acme/plan-versions/TP-1/decide",
          arena_printf(t->arena, "outcome=approved&hash=%s", hash));
    expect_status(t, 303);
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/plan-versions", "");
    expect_status(t, 303);
    login(t, "top-management");
    visit(t, METHOD_POST, "/o/acme/plan-versions/TP-2/decide",
          arena_printf(t->arena, "outcome=approved&hash=%s",
                       hash_of(t, "/o/acme/plan-versions/TP-2")));
    expect_status(t, 303);
    expect_count(t, 1,
                 "select count(*) from plan_version where org_id = $1 and state = 'superseded'"
                 " and number = 1",
                 num(t->org));
    visit(t, METHOD_GET, "/o/acme/plan", NULL);
    expect_text(t, "approved");
    test_end(t);
}

static void versions_by_api(void **state)
{
    struct test *t = test_begin();
    i64 treatment = make_treatment(t);
    json_t *one;

    (void)state;
    api(t, "isms-manager", METHOD_POST, "/api/v1/plan-versions", "{}");
    expect_status(t, 422); /* nothing to freeze */
    make_action(t, treatment, "Sell the tablets", ",\"budget\":\"1250.50\"");
    api(t, "employee", METHOD_POST, "/api/v1/plan-versions", "{}");
    expect_status(t, 403);
    api(t, "isms-manager", METHOD_POST, "/api/v1/plan-versions", "{}");
    expect_status(t, 201);
    assert_string_equal(header(t, "Location"), "/api/v1/plan-versions/TP-1");
    one = answer_json(t);
    assert_string_equal(json_string_value(json_object_get(one, "state")), "submitted");
    assert_contains(json_string_value(json_object_get(one, "body")),
                    "action AC-1: Sell the tablets");
    assert_true(json_is_null(json_object_get(one, "decision")));
    login(t, "top-management");
    visit(t, METHOD_POST, "/o/acme/plan-versions/TP-1/decide",
          arena_printf(t->arena, "outcome=approved&hash=%s",
                       hash_of(t, "/o/acme/plan-versions/TP-1")));
    expect_status(t, 303);
    api(t, "isms-manager", METHOD_GET, "/api/v1/plan-versions/TP-1", NULL);
    expect_status(t, 200);
    one = json_object_get(answer_json(t), "decision");
    assert_string_equal(json_string_value(json_object_get(one, "outcome")), "approved");
    api(t, "isms-manager", METHOD_POST, "/api/v1/plan-versions", "{}");
    expect_status(t, 201);
    api(t, "isms-manager", METHOD_GET, "/api/v1/plan-versions", NULL);
    expect_status(t, 200);
    one = json_object_get(answer_json(t), "items");
    assert_int_equal(json_array_size(one), 2);
    assert_null(json_object_get(json_array_get(one, 0), "body")); /* long: with the single one */
    api(t, "isms-manager", METHOD_GET, "/api/v1/plan-versions/TP-9", NULL);
    expect_status(t, 404);
    api(t, "isms-manager", METHOD_DELETE, "/api/v1/plan-versions/TP-1", NULL);
    assert_true(status(t) == 404 || status(t) == 405);
    test_end(t);
}

/* --- exceptions --- */

static const char *exception_form(struct test *t, i64 risk, int months)
{
    return arena_printf(t->arena,
                        "title=Old+computer&risk=%lld&owner=%lld&start=%s&until=%s"
                        "&reason=The+analyser+runs+with+no+other+system&instead=No+network",
                        risk, person_of(t, "employee"), t->w->today,
                        date_add(t->arena, t->w->today, months, 0));
}

static void exceptions_end(void **state)
{
    struct test *t = test_begin();
    i64 risk = make_risk(t, 2);

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/exceptions", exception_form(t, risk, 14));
    expect_status(t, 422);
    expect_text(t, "after a year at most");
    visit(t, METHOD_POST, "/o/acme/exceptions", exception_form(t, 0, 3));
    expect_status(t, 422);
    expect_count(t, 0, "select count(*) from exemption where org_id = $1", num(t->org));
    visit(t, METHOD_POST, "/o/acme/exceptions", exception_form(t, risk, 3));
    expect_status(t, 303);
    login(t, "employee"); /* answers for it and sees it */
    visit(t, METHOD_GET, "/o/acme/exceptions/EX-1", NULL);
    expect_status(t, 200);
    test_end(t);
}

static void exceptions_decided(void **state)
{
    struct test *t = test_begin();
    i64 risk = make_risk(t, 2);
    const char *hash;

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/exceptions", exception_form(t, risk, 3));
    hash = hash_of(t, "/o/acme/exceptions/EX-1");
    assert_string_equal(hash, ""); /* the manager is not asked */
    login(t, "risk-owner");
    hash = hash_of(t, "/o/acme/exceptions/EX-1");
    visit(t, METHOD_POST, "/o/acme/exceptions/EX-1/decide",
          arena_printf(t->arena, "outcome=approved&hash=%s", hash));
    expect_status(t, 303);
    expect_count(t, 1, "select count(*) from exemption where org_id = $1 and state = 'approved'",
                 num(t->org));
    login(t, "isms-manager"); /* a change says why, and asks again */
    visit(t, METHOD_POST, "/o/acme/exceptions/EX-1",
          arena_printf(t->arena, "%s&_version=2", exception_form(t, risk, 6)));
    expect_status(t, 422);
    expect_text(t, "This was decided already");
    visit(t, METHOD_POST, "/o/acme/exceptions/EX-1",
          arena_printf(t->arena, "%s&_version=2&_reason=Later", exception_form(t, risk, 6)));
    expect_status(t, 303);
    expect_count(t, 1, "select count(*) from exemption where org_id = $1 and state = 'requested'",
                 num(t->org));
    visit(t, METHOD_GET, "/o/acme/exceptions/EX-1", NULL);
    expect_text(t, "A new one is needed");
    test_end(t);
}

static void exceptions_escalate(void **state)
{
    struct test *t = test_begin();
    i64 risk = make_risk(t, 5); /* above the acceptance level */
    const char *hash;

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/exceptions", exception_form(t, risk, 3));
    login(t, "risk-owner");
    visit(t, METHOD_GET, "/o/acme/exceptions/EX-1", NULL);
    expect_text(t, "Top management decides here");
    visit(t, METHOD_POST, "/o/acme/exceptions/EX-1/decide", "outcome=approved&hash=x");
    expect_status(t, 403);
    login(t, "top-management");
    hash = hash_of(t, "/o/acme/exceptions/EX-1");
    visit(t, METHOD_POST, "/o/acme/exceptions/EX-1/decide",
          arena_printf(t->arena, "outcome=refused&hash=%s", hash));
    expect_status(t, 422);
    visit(t, METHOD_POST, "/o/acme/exceptions/EX-1/decide",
          arena_printf(t->arena, "outcome=refused&comment=Buy+a+new+one&hash=%s", hash));
    expect_status(t, 303);
    expect_count(t, 1, "select count(*) from exemption where org_id = $1 and state = 'refused'",
                 num(t->org));
    test_end(t);
}

const struct test_case plan_tests[] = {
    TEST("who has an action reports on it, with evidence when it is done; a reader cannot",
         doer_reports),
    TEST("somebody other than the doer verifies, once, and may send it back with a reason",
         another_verifies),
    TEST("a named verifier alone verifies, and other evidence has to be verified again",
         named_verifier),
    TEST("actions that wait for each other are refused, and what is waited for stays", no_circles),
    TEST("table, board and calendar show the plan; readers cannot move cards", board_and_calendar),
    TEST("the plan is frozen and approved by top management; the newest version replaces others",
         frozen_versions),
    TEST("versions of the plan are listed, read and made over the API; deciding stays on the page",
         versions_by_api),
    TEST("an exception needs a reason, a risk or control, and ends within a year", exceptions_end),
    TEST("the owner of the risk approves an exception, and a change asks again",
         exceptions_decided),
    TEST("an exception at a risk above the acceptance level goes to top management",
         exceptions_escalate),
    TEST_END,
};
