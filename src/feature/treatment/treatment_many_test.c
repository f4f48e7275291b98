/* SPDX-License-Identifier: Apache-2.0 */
/* One treatment for several risks, through the whole program. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "feature/treatment/three_fixture.h"
#include "feature/treatment/treatment.h"

/* --- treating --- */

static void offers(void **state)
{
    struct test *t = test_begin();
    struct three r = three_make(t);

    (void)state;
    three_risk(t, "Pencil is lost", 1, 1);
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/risks", NULL);
    expect_text(t, "Treat several");
    visit(t, METHOD_GET, "/o/acme/risks", NULL);
    expect_text(t, "formaction='/o/acme/risks/treat/ticked'");
    visit(t, METHOD_POST, "/o/acme/risks/treat/ticked", "");
    expect_status(t, 422);
    visit(t, METHOD_POST, "/o/acme/risks/treat/ticked",
          arena_printf(t->arena, "id%%5B%%5D=%lld", r.id[1]));
    expect_status(t, 200);
    expect_text(t, arena_printf(t->arena, "name='row[]' value='%lld'", r.id[1]));
    expect_no_text(t, arena_printf(t->arena, "name='row[]' value='%lld'", r.id[0]));
    visit(t, METHOD_GET, "/o/acme/risks/treat", NULL);
    expect_status(t, 303);
    three_follow(t);
    expect_status(t, 200);
    expect_text(t, "Tablet is stolen");
    expect_no_text(t, "Pencil is lost");
    visit(t, METHOD_GET, "/o/acme/risks/treat?q=pencil", NULL);
    expect_text(t, "Pencil is lost");
    expect_no_text(t, "Tablet is stolen");
    login(t, "employee");
    visit(t, METHOD_GET, "/o/acme/risks/treat", NULL);
    expect_status(t, 403);
    test_end(t);
}

/* --- one action for all of them --- */

static void approve(struct test *t, i64 risk)
{
    const char *page = arena_printf(t->arena, "/o/acme/risks/%lld/approval", risk), *at;

    login(t, "risk-owner");
    visit(t, METHOD_GET, page, NULL);
    at = strstr(body(t), "name='hash' value='");
    assert_non_null(at);
    visit(t, METHOD_POST, page,
          arena_printf(t->arena, "hash=%s&outcome=approved", arena_strn(t->arena, at + 19, 64)));
    expect_status(t, 303);
}

/* A new decision is asked for the first `n` of three risks. */
static void expect_asked(struct test *t, const struct three *r, const bool *asked)
{
    struct plan_totals totals;
    i64 approved = 0;

    login(t, "risk-owner");
    for (int i = 0; i < 3; i++) {
        visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/risks/%lld/approval", r->id[i]), NULL);
        if (asked[i])
            expect_text(t, "A new one is needed");
        else
            expect_no_text(t, "A new one is needed");
        approved += !asked[i];
    }
    db_use_arena(t->w->db, t->arena);
    assert_ok(plan_totals_load(t->w, &totals));
    assert_int_equal(totals.approved, approved);
}

static i64 shared_action(struct test *t, const struct three *r, int ticked)
{
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/risks/treat",
          three_form(t, r, ticked,
                     arena_printf(t->arena,
                                  "&all_likelihood=1&all_impact=-1&owner=%lld&start=2027-01-01"
                                  "&due=2027-01-31&resources=IT&budget=900",
                                  person_of(t, "employee"))));
    expect_status(t, 303);
    return value(t, "select max(id) from action where org_id = $1", num(t->org));
}

static void patch_action(struct test *t, i64 action, const char *json)
{
    api_header(t, "If-Match", "*");
    api(t, "isms-manager", METHOD_PATCH, arena_printf(t->arena, "/api/v1/actions/%lld", action),
        json);
    expect_status(t, 200);
}

static void shares_one(void **state)
{
    struct test *t = test_begin();
    struct three r = three_make(t);
    struct plan_totals totals;
    i64 action = shared_action(t, &r, 3);

    (void)state;
    expect_count(t, 3, "select count(*) from treatment where org_id = $1", num(t->org));
    expect_count(t, 1, "select count(*) from action where org_id = $1", num(t->org));
    expect_count(t, 2, "select count(*) from action_also where org_id = $1 and record = $2",
                 num(t->org), num(action));
    db_use_arena(t->w->db, t->arena);
    assert_ok(plan_totals_load(t->w, &totals));
    assert_int_equal(totals.budget, 90000); /* once, not three times */
    visit(t, METHOD_GET, "/o/acme/plan", NULL);
    expect_text(t, "2 more risks");
    for (int i = 0; i < 3; i++) {
        visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/treatments/T-%d", i + 1), NULL);
        expect_text(t, "AC-1 Encrypt");
        visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/risks/%lld/approval", r.id[i]), NULL);
        expect_text(t, "action 1: Encrypt");
    }
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/reports/make?report=treatment-plan&format=docx&for=auditor",
          NULL);
    expect_status(t, 200);
    test_end(t);
}

static void shared_asks_each_owner(void **state)
{
    static const bool none[3], all[3] = {true, true, true}, last[3] = {false, false, true};
    struct test *t = test_begin();
    struct three r = three_make(t);
    i64 action = shared_action(t, &r, 3);

    (void)state;
    for (int i = 0; i < 3; i++)
        approve(t, r.id[i]);
    expect_asked(t, &r, none);
    patch_action(t, action, "{\"status\":\"in-progress\",\"progress\":40}");
    expect_asked(t, &r, none);
    patch_action(t, action, "{\"due\":\"2027-03-01\"}");
    expect_asked(t, &r, all);
    for (int i = 0; i < 3; i++)
        approve(t, r.id[i]);
    patch_action(t, action, "{\"also\":[\"T-2\"]}"); /* the third has it no more */
    expect_asked(t, &r, last);
    approve(t, r.id[2]);
    patch_action(t, action, "{\"also\":[\"T-2\",\"T-3\"]}");
    expect_asked(t, &r, last);
    test_end(t);
}

static void shared_refusals(void **state)
{
    struct test *t = test_begin();
    struct three r = three_make(t);
    i64 action = shared_action(t, &r, 2);

    (void)state;
    api_header(t, "If-Match", "*");
    api(t, "isms-manager", METHOD_PATCH, arena_printf(t->arena, "/api/v1/actions/%lld", action),
        "{\"also\":[\"T-1\"]}");
    expect_status(t, 422);
    expect_text(t, "It is for this treatment already");
    api_header(t, "If-Match", "*");
    api(t, "isms-manager", METHOD_DELETE, "/api/v1/treatments/T-2", NULL);
    expect_status(t, 409);
    expect_text(t, "AC-1");
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/treatments/action",
          arena_printf(
              t->arena, "id%%5B%%5D=%lld&id%%5B%%5D=%lld",
              value(t, "select id from treatment where org_id = $1 and number = 1", num(t->org)),
              value(t, "select id from treatment where org_id = $1 and number = 2", num(t->org))));
    expect_status(t, 303);
    three_follow(t);
    expect_status(t, 200);
    expect_text(t, "T-1");
    expect_text(t, "T-2");
    visit(t, METHOD_POST, "/o/acme/treatments/action", "");
    expect_status(t, 422);
    test_end(t);
}

/* --- axis by axis --- */

static void by_axis(void **state)
{
    struct test *t = test_begin();
    struct three r = three_make(t);
    const char *form;

    (void)state;
    api_header(t, "If-Match", "*");
    api(t, "isms-manager", METHOD_PATCH, arena_printf(t->arena, "/api/v1/risks/%lld", r.id[0]),
        "{\"current_axes\":\"c=4,a=2\",\"current_impact\":4}");
    expect_status(t, 200);
    api_header(t, "If-Match", "*");
    api(t, "isms-manager", METHOD_PATCH, arena_printf(t->arena, "/api/v1/risks/%lld", r.id[1]),
        "{\"current_axes\":\"a=5\",\"current_impact\":5}");
    expect_status(t, 200);
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/risks/treat/preview", three_form(t, &r, 3, ""));
    expect_text(t, "By axis: Confidentiality 4, Availability 2");
    expect_text(t, arena_printf(t->arena, "name='axis.%lld.a'", r.id[1]));
    expect_no_text(t, arena_printf(t->arena, "name='axis.%lld.c'", r.id[1]));
    form = three_form(t, &r, 3,
                      arena_printf(t->arena,
                                   "&all_likelihood=0&all_axis.c=1&all_axis.a=-1&axis.%lld.a=2"
                                   "&impact.%lld=2",
                                   r.id[1], r.id[2]));
    visit(t, METHOD_POST, "/o/acme/risks/treat", form);
    expect_status(t, 303);
    expect_count(t, 1,
                 "select count(*) from treatment where org_id = $1 and risk = $2"
                 " and expected_axes = 'c=1,a=1' and expected_impact = 1"
                 " and expected_likelihood = 4",
                 num(t->org), num(r.id[0]));
    expect_count(t, 1,
                 "select count(*) from risk where org_id = $1 and id = $2"
                 " and residual_axes = 'a=2' and residual_impact = 2",
                 num(t->org), num(r.id[1]));
    expect_count(t, 1,
                 "select count(*) from treatment where org_id = $1 and risk = $2"
                 " and expected_axes is null and expected_impact = 2",
                 num(t->org), num(r.id[2]));
    test_end(t);
}

/* Only the likelihood falls: what each risk costs stays what it is, on its axes too. */
static void as_it_is_now(void **state)
{
    struct test *t = test_begin();
    struct three r = three_make(t);

    (void)state;
    api_header(t, "If-Match", "*");
    api(t, "isms-manager", METHOD_PATCH, arena_printf(t->arena, "/api/v1/risks/%lld", r.id[0]),
        "{\"current_axes\":\"c=4,a=2\",\"current_impact\":4}");
    expect_status(t, 200);
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/risks/treat",
          three_form(t, &r, 2, "&all_likelihood=-2&all_impact=0"));
    expect_status(t, 303);
    expect_count(t, 1,
                 "select count(*) from risk where org_id = $1 and id = $2"
                 " and residual_axes = 'c=4,a=2' and residual_impact = 4"
                 " and residual_likelihood = 2",
                 num(t->org), num(r.id[0]));
    expect_count(t, 1,
                 "select count(*) from risk where org_id = $1 and id = $2"
                 " and residual_axes is null and residual_impact = 5",
                 num(t->org), num(r.id[1]));
    test_end(t);
}

/* --- over the API --- */

static json_t *several(struct test *t, const char *more)
{
    api(t, "isms-manager", METHOD_POST, "/api/v1/treatments/several",
        arena_printf(t->arena,
                     "{\"title\":\"Encrypt\",\"option\":\"modify\",\"controls\":[\"8.24\"],%s}",
                     more));
    return answer_json(t);
}

static void by_script(void **state)
{
    struct test *t = test_begin();
    struct three r = three_make(t);
    json_t *list;

    (void)state;
    api_header(t, "If-Match", "*");
    api(t, "isms-manager", METHOD_PATCH, arena_printf(t->arena, "/api/v1/risks/%lld", r.id[0]),
        "{\"current_axes\":\"c=4,a=2\",\"current_impact\":4}");
    list = json_object_get(several(t, "\"risks\":[\"R-1\",\"R-2\"],\"expected_likelihood\":-2,"
                                      "\"expected_impact\":0,\"preview\":true"),
                           "treatments");
    expect_status(t, 200);
    assert_int_equal(json_array_size(list), 2);
    assert_int_equal(three_treatments(t), 0);
    several(t, arena_printf(t->arena,
                            "\"risks\":[{\"risk\":\"R-1\",\"expected_axes\":{\"c\":1}},\"R-2\"],"
                            "\"expected_likelihood\":-2,\"expected_impact\":-1,"
                            "\"action\":{\"owner\":\"%lld\",\"due\":\"2027-01-31\","
                            "\"budget\":\"900.00\"}",
                            person_of(t, "employee")));
    expect_status(t, 201);
    expect_text(t, "\"treatment\":\"T-2\"");
    expect_count(t, 1,
                 "select count(*) from risk where org_id = $1 and id = $2"
                 " and residual_axes = 'c=1,a=2' and residual_impact = 2",
                 num(t->org), num(r.id[0]));
    expect_count(t, 1, "select count(*) from action where org_id = $1 and title = 'Encrypt'",
                 num(t->org));
    expect_count(t, 1, "select count(*) from action_also where org_id = $1", num(t->org));
    test_end(t);
}

#define FIRST "\"risks\":[\"R-1\"]"
#define OTHER "\"risks\":[{\"risk\":\"R-1\","
#define LIKELIHOOD "\"expected_likelihood\":"
#define IMPACT "\"expected_impact\":"
#define LATER ",\"action\":{\"due\":\"2027-01-01\"}"
#define AXES "\"expected_axes\":"

static void script_refused(void **state)
{
    static const struct {
        const char *more, *says;
        int status;
    } cases[] = {
        {LIKELIHOOD "1",                                     "is a list of the risks", 400},
        {FIRST "," LIKELIHOOD "\"low\"",                     "a level of the scale",   400},
        {FIRST "," AXES "\"a=2\"",                           "is an object with",      400},
        {FIRST "," AXES "{\"zz\":2}",                        "has no axis",            422},
        {OTHER AXES "{\"c\":2}}]," LIKELIHOOD "1",           "not judged on",          422},
        {FIRST "," LIKELIHOOD "7," IMPACT "1",               "R-1",                    422},
        {FIRST "," LIKELIHOOD "1",                           "R-1",                    422},
        {FIRST ",\"colour\":1," LIKELIHOOD "1," IMPACT "1",  "colour",                 422},
        {"\"risks\":[\"R-99\"]," LIKELIHOOD "1," IMPACT "1", "R-99",                   404},
        {FIRST "," LIKELIHOOD "1," IMPACT "1" LATER,         "who sees to it",         422},
    };
    struct test *t = test_begin();

    (void)state;
    three_make(t);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        several(t, cases[i].more);
        expect_status(t, cases[i].status);
        expect_text(t, cases[i].says);
    }
    assert_int_equal(three_treatments(t), 0);
    api(t, "employee", METHOD_POST, "/api/v1/treatments/several", "{}");
    expect_status(t, 403);
    test_end(t);
}

static void previews(void **state)
{
    struct test *t = test_begin();
    struct three r = three_make(t);

    (void)state;
    visit(t, METHOD_POST, "/o/acme/risks/treat/preview",
          three_form(t, &r, 2, "&all_likelihood=-2&all_impact=2"));
    expect_status(t, 200);
    expect_text(t, "2 treatments would be written");
    assert_int_equal(three_treatments(t), 0);
    expect_text(t, ">4 low<");
    test_end(t);
}

static void writes_each(void **state)
{
    struct test *t = test_begin();
    struct three r = three_make(t);
    const char *own = arena_printf(t->arena,
                                   "&all_likelihood=1&all_impact=-1&likelihood.%lld=3"
                                   "&owner=%lld&due=2027-01-31&resources=IT&each=1",
                                   r.id[1], person_of(t, "employee"));

    (void)state;
    visit(t, METHOD_POST, "/o/acme/risks/treat", three_form(t, &r, 2, own));
    expect_status(t, 303);
    three_follow(t);
    expect_text(t, "Tablet is stolen");
    expect_text(t, "Phone is lost");
    expect_no_text(t, "Disk is sold");
    assert_int_equal(three_treatments(t), 2);
    expect_count(t, 1,
                 "select count(*) from treatment where org_id = $1 and risk = $2 and"
                 " expected_likelihood = 1 and expected_impact = 3",
                 num(t->org), num(r.id[0]));
    expect_count(t, 1,
                 "select count(*) from risk where org_id = $1 and id = $2 and"
                 " residual_likelihood = 3 and residual_impact = 4 and treated = 1",
                 num(t->org), num(r.id[1]));
    expect_count(t, 2,
                 "select count(*) from action where org_id = $1 and title = 'Encrypt'"
                 " and due = '2027-01-31' and resources = 'IT'",
                 num(t->org));
    expect_count(t, 2, "select count(*) from treatment_controls where org_id = $1", num(t->org));
    test_end(t);
}

static void all_or_none(void **state)
{
    struct test *t = test_begin();
    struct three r = three_make(t);

    (void)state;
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/risks/%lld/close", r.id[0]),
          "_version=1&_reason=Tablets+are+gone");
    expect_status(t, 303);
    visit(t, METHOD_POST, "/o/acme/risks/treat",
          three_form(t, &r, 3,
                     arena_printf(t->arena,
                                  "&all_likelihood=1&all_impact=1&likelihood.%lld=5&impact.%lld=5",
                                  r.id[2], r.id[2])));
    expect_status(t, 422);
    expect_text(t, "The risk is closed");
    expect_text(t, "a treatment does not make a risk worse");
    expect_text(t, "2 risks cannot get this treatment");
    assert_int_equal(three_treatments(t), 0);
    expect_count(t, 0, "select count(*) from risk where org_id = $1 and residual_score is not null",
                 num(t->org));
    visit(t, METHOD_POST, "/o/acme/risks/treat",
          three_form(
              t, &r, 0,
              arena_printf(t->arena, "&all_likelihood=1&all_impact=1&pick%%5B%%5D=%lld", r.id[1])));
    expect_status(t, 303);
    assert_int_equal(three_treatments(t), 1);
    test_end(t);
}

static void tells_the_plan(void **state)
{
    struct test *t = test_begin();
    struct three r = three_make(t);

    (void)state;
    visit(t, METHOD_POST, "/o/acme/risks/treat", three_form(t, &r, 0, ""));
    expect_status(t, 422);
    expect_text(t, "Nothing is ticked");
    visit(t, METHOD_POST, "/o/acme/risks/treat",
          arena_printf(t->arena, "option=retain&row%%5B%%5D=%lld&pick%%5B%%5D=%lld", r.id[0],
                       r.id[0]));
    expect_status(t, 422);
    expect_text(t, "Say what is done");
    expect_text(t, "why the risk is acceptable");
    visit(t, METHOD_POST, "/o/acme/risks/treat", three_form(t, &r, 1, ""));
    expect_status(t, 422);
    expect_text(t, "Say how likely it will be");
    visit(t, METHOD_POST, "/o/acme/risks/treat",
          three_form(t, &r, 1, "&all_likelihood=1&all_impact=1&due=2027-01-01"));
    expect_status(t, 422);
    expect_text(t, "who sees to it");
    assert_int_equal(three_treatments(t), 0);
    test_end(t);
}

static void not_twice(void **state)
{
    struct test *t = test_begin();
    struct three r = three_make(t);

    (void)state;
    visit(t, METHOD_POST, "/o/acme/risks/treat",
          three_form(t, &r, 1, "&all_likelihood=1&all_impact=1"));
    expect_status(t, 303);
    visit(t, METHOD_POST, "/o/acme/risks/treat",
          three_form(t, &r, 3, "&all_likelihood=1&all_impact=1"));
    expect_status(t, 422);
    expect_text(t, "It has a treatment of this name already: T-1.");
    assert_int_equal(three_treatments(t), 1);
    test_end(t);
}

static void strangers(void **state)
{
    struct test *t = test_begin();
    struct three r = three_make(t);

    (void)state;
    login(t, "other-admin");
    visit(t, METHOD_POST, "/o/other/risks/treat",
          three_form(t, &r, 3, "&all_likelihood=1&all_impact=1"));
    expect_status(t, 404);
    assert_int_equal(three_treatments(t), 0);
    expect_count(t, 0, "select count(*) from treatment where org_id = $1", num(t->other));
    test_end(t);
}

static void a_hundred(void **state)
{
    struct test *t = test_begin();
    struct three r = three_make(t);
    struct buf b;

    (void)state;
    buf_init(&b, t->arena, 4000);
    buf_str(&b, three_form(t, &r, 0, "&all_likelihood=1&all_impact=1"));
    for (int i = 0; i < 98; i++) {
        i64 id = three_risk(t, "One of many", 4, 4);

        buf_printf(&b, "&row%%5B%%5D=%lld&pick%%5B%%5D=%lld", id, id);
    }
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/risks/treat", b.data);
    expect_status(t, 400);
    expect_text(t, "At most 100 risks");
    assert_int_equal(three_treatments(t), 0);
    test_end(t);
}

/* --- a refused change --- */

static void edit_leaves_nothing(void **state)
{
    struct test *t = test_begin();
    struct three r = three_make(t);

    (void)state;
    visit(t, METHOD_POST, "/o/acme/risks/treat",
          three_form(t, &r, 1, "&all_likelihood=1&all_impact=1"));
    expect_status(t, 303);
    visit(t, METHOD_POST, "/o/acme/treatments/T-1",
          arena_printf(t->arena,
                       "_version=1&title=Changed&option=modify&state=planned&controls%%5B%%5D=%lld"
                       "&expected_likelihood=5&expected_impact=5",
                       three_control(t)));
    expect_status(t, 422);
    expect_text(t, "does not make a risk worse");
    expect_count(t, 1, "select count(*) from treatment where org_id = $1 and title = 'Encrypt'",
                 num(t->org));
    test_end(t);
}

const struct test_case treatment_many_tests[] = {
    TEST("several risks are offered for one treatment: those above the level, or what the list "
         "shows",
         offers),
    TEST("the preview shows what comes of each and writes nothing", previews),
    TEST("several risks can be answered by one action, planned and paid once and part of the "
         "plan of each",
         shares_one),
    TEST("a change of a shared action asks the owner of each of its risks again, one of its "
         "treatments alone that one, and progress nobody",
         shared_asks_each_owner),
    TEST("a shared action names further treatments only, keeps them from being removed, and "
         "starts from those that are ticked",
         shared_refusals),
    TEST("what remains of several risks is said axis by axis, for all or for one, and impacts "
         "follow",
         by_axis),
    TEST("likelihood may fall for several risks while their impact stays as it is", as_it_is_now),
    TEST("a script plans one treatment for several risks, with levels for all, for one and by "
         "axis, and one action",
         by_script),
    TEST("a script that asks for a treatment of several risks is told what is wrong, risk by risk, "
         "and nothing is written",
         script_refused),
    TEST("each risk gets a treatment, an action and its own expected levels", writes_each),
    TEST("when one risk cannot be treated so, none is written and the page says why", all_or_none),
    TEST("the plan needs a title, what its option needs, and somebody who does it", tells_the_plan),
    TEST("the same plan is not written twice for one risk", not_twice),
    TEST("risks of another organisation are not found", strangers),
    TEST("more than a hundred risks at once are refused", a_hundred),
    TEST("a refused change of a treatment leaves it as it was", edit_leaves_nothing),
    TEST_END,
};
