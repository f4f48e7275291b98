/* SPDX-License-Identifier: Apache-2.0 */
/* One treatment for several risks, and several decisions on one page: through the whole program. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "feature/treatment/treatment.h"
#include "visit.h"

/* A risk of the risk owner, scored by the ISMS manager. */
static i64 make_risk(struct test *t, const char *title, i64 likelihood, i64 impact)
{
    api(t, "isms-manager", METHOD_POST, "/api/v1/risks",
        arena_printf(t->arena,
                     "{\"title\":\"%s\",\"owner\":\"%lld\",\"properties\":\"c\","
                     "\"inherent_likelihood\":%lld,\"inherent_impact\":%lld,"
                     "\"current_likelihood\":%lld,\"current_impact\":%lld}",
                     title, person_of(t, "risk-owner"), likelihood, impact, likelihood, impact));
    expect_status(t, 201);
    return strtoll(json_string_value(json_object_get(answer_json(t), "id")), NULL, 10);
}

static i64 control_id(struct test *t)
{
    return value(t, "select id from control where org_id = $1 and code = '8.24'", num(t->org));
}

static i64 treatments(struct test *t)
{
    return value(t, "select count(*) from treatment where org_id = $1", num(t->org));
}

/* Three risks in the form, the first `ticked` of them ticked. */
struct three {
    i64 id[3];
};

static struct three make_three(struct test *t)
{
    struct three r = {
        {make_risk(t, "Tablet is stolen", 4, 4), make_risk(t, "Phone is lost", 4, 5),
         make_risk(t, "Disk is sold", 3, 4)}
    };

    login(t, "isms-manager");
    return r;
}

static const char *form_of(struct test *t, const struct three *r, int ticked, const char *more)
{
    struct buf b;

    buf_init(&b, t->arena, 400);
    buf_printf(&b, "title=Encrypt&option=modify&controls%%5B%%5D=%lld%s", control_id(t), more);
    for (int i = 0; i < 3; i++)
        buf_printf(&b, "&row%%5B%%5D=%lld", r->id[i]);
    for (int i = 0; i < ticked; i++)
        buf_printf(&b, "&pick%%5B%%5D=%lld", r->id[i]);
    return b.data;
}

static void follow(struct test *t)
{
    visit(t, METHOD_GET, arena_str(t->arena, header(t, "Location")), NULL);
}

/* --- treating --- */

static void offers(void **state)
{
    struct test *t = test_begin();
    struct three r = make_three(t);

    (void)state;
    make_risk(t, "Pencil is lost", 1, 1);
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
    follow(t);
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
          form_of(t, r, ticked,
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
    struct three r = make_three(t);
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
    struct three r = make_three(t);
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
    struct three r = make_three(t);
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
    follow(t);
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
    struct three r = make_three(t);
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
    visit(t, METHOD_POST, "/o/acme/risks/treat/preview", form_of(t, &r, 3, ""));
    expect_text(t, "By axis: Confidentiality 4, Availability 2");
    expect_text(t, arena_printf(t->arena, "name='axis.%lld.a'", r.id[1]));
    expect_no_text(t, arena_printf(t->arena, "name='axis.%lld.c'", r.id[1]));
    form = form_of(t, &r, 3,
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
    struct three r = make_three(t);

    (void)state;
    api_header(t, "If-Match", "*");
    api(t, "isms-manager", METHOD_PATCH, arena_printf(t->arena, "/api/v1/risks/%lld", r.id[0]),
        "{\"current_axes\":\"c=4,a=2\",\"current_impact\":4}");
    expect_status(t, 200);
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/risks/treat",
          form_of(t, &r, 2, "&all_likelihood=-2&all_impact=0"));
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
    struct three r = make_three(t);
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
    assert_int_equal(treatments(t), 0);
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
    make_three(t);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        several(t, cases[i].more);
        expect_status(t, cases[i].status);
        expect_text(t, cases[i].says);
    }
    assert_int_equal(treatments(t), 0);
    api(t, "employee", METHOD_POST, "/api/v1/treatments/several", "{}");
    expect_status(t, 403);
    test_end(t);
}

static void previews(void **state)
{
    struct test *t = test_begin();
    struct three r = make_three(t);

    (void)state;
    visit(t, METHOD_POST, "/o/acme/risks/treat/preview",
          form_of(t, &r, 2, "&all_likelihood=-2&all_impact=2"));
    expect_status(t, 200);
    expect_text(t, "2 treatments would be written");
    assert_int_equal(treatments(t), 0);
    expect_text(t, ">4 low<");
    test_end(t);
}

static void writes_each(void **state)
{
    struct test *t = test_begin();
    struct three r = make_three(t);
    const char *own = arena_printf(t->arena,
                                   "&all_likelihood=1&all_impact=-1&likelihood.%lld=3"
                                   "&owner=%lld&due=2027-01-31&resources=IT&each=1",
                                   r.id[1], person_of(t, "employee"));

    (void)state;
    visit(t, METHOD_POST, "/o/acme/risks/treat", form_of(t, &r, 2, own));
    expect_status(t, 303);
    follow(t);
    expect_text(t, "Tablet is stolen");
    expect_text(t, "Phone is lost");
    expect_no_text(t, "Disk is sold");
    assert_int_equal(treatments(t), 2);
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
    struct three r = make_three(t);

    (void)state;
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/risks/%lld/close", r.id[0]),
          "_version=1&_reason=Tablets+are+gone");
    expect_status(t, 303);
    visit(t, METHOD_POST, "/o/acme/risks/treat",
          form_of(t, &r, 3,
                  arena_printf(t->arena,
                               "&all_likelihood=1&all_impact=1&likelihood.%lld=5&impact.%lld=5",
                               r.id[2], r.id[2])));
    expect_status(t, 422);
    expect_text(t, "The risk is closed");
    expect_text(t, "a treatment does not make a risk worse");
    expect_text(t, "2 risks cannot get this treatment");
    assert_int_equal(treatments(t), 0);
    expect_count(t, 0, "select count(*) from risk where org_id = $1 and residual_score is not null",
                 num(t->org));
    visit(t, METHOD_POST, "/o/acme/risks/treat",
          form_of(
              t, &r, 0,
              arena_printf(t->arena, "&all_likelihood=1&all_impact=1&pick%%5B%%5D=%lld", r.id[1])));
    expect_status(t, 303);
    assert_int_equal(treatments(t), 1);
    test_end(t);
}

static void tells_the_plan(void **state)
{
    struct test *t = test_begin();
    struct three r = make_three(t);

    (void)state;
    visit(t, METHOD_POST, "/o/acme/risks/treat", form_of(t, &r, 0, ""));
    expect_status(t, 422);
    expect_text(t, "Nothing is ticked");
    visit(t, METHOD_POST, "/o/acme/risks/treat",
          arena_printf(t->arena, "option=retain&row%%5B%%5D=%lld&pick%%5B%%5D=%lld", r.id[0],
                       r.id[0]));
    expect_status(t, 422);
    expect_text(t, "Say what is done");
    expect_text(t, "why the risk is acceptable");
    visit(t, METHOD_POST, "/o/acme/risks/treat", form_of(t, &r, 1, ""));
    expect_status(t, 422);
    expect_text(t, "Say how likely it will be");
    visit(t, METHOD_POST, "/o/acme/risks/treat",
          form_of(t, &r, 1, "&all_likelihood=1&all_impact=1&due=2027-01-01"));
    expect_status(t, 422);
    expect_text(t, "who sees to it");
    assert_int_equal(treatments(t), 0);
    test_end(t);
}

static void not_twice(void **state)
{
    struct test *t = test_begin();
    struct three r = make_three(t);

    (void)state;
    visit(t, METHOD_POST, "/o/acme/risks/treat",
          form_of(t, &r, 1, "&all_likelihood=1&all_impact=1"));
    expect_status(t, 303);
    visit(t, METHOD_POST, "/o/acme/risks/treat",
          form_of(t, &r, 3, "&all_likelihood=1&all_impact=1"));
    expect_status(t, 422);
    expect_text(t, "It has a treatment of this name already: T-1.");
    assert_int_equal(treatments(t), 1);
    test_end(t);
}

static void strangers(void **state)
{
    struct test *t = test_begin();
    struct three r = make_three(t);

    (void)state;
    login(t, "other-admin");
    visit(t, METHOD_POST, "/o/other/risks/treat",
          form_of(t, &r, 3, "&all_likelihood=1&all_impact=1"));
    expect_status(t, 404);
    assert_int_equal(treatments(t), 0);
    expect_count(t, 0, "select count(*) from treatment where org_id = $1", num(t->other));
    test_end(t);
}

static void a_hundred(void **state)
{
    struct test *t = test_begin();
    struct three r = make_three(t);
    struct buf b;

    (void)state;
    buf_init(&b, t->arena, 4000);
    buf_str(&b, form_of(t, &r, 0, "&all_likelihood=1&all_impact=1"));
    for (int i = 0; i < 98; i++) {
        i64 id = make_risk(t, "One of many", 4, 4);

        buf_printf(&b, "&row%%5B%%5D=%lld&pick%%5B%%5D=%lld", id, id);
    }
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/risks/treat", b.data);
    expect_status(t, 400);
    expect_text(t, "At most 100 risks");
    assert_int_equal(treatments(t), 0);
    test_end(t);
}

/* --- a refused change --- */

static void edit_leaves_nothing(void **state)
{
    struct test *t = test_begin();
    struct three r = make_three(t);

    (void)state;
    visit(t, METHOD_POST, "/o/acme/risks/treat",
          form_of(t, &r, 1, "&all_likelihood=1&all_impact=1"));
    expect_status(t, 303);
    visit(t, METHOD_POST, "/o/acme/treatments/T-1",
          arena_printf(t->arena,
                       "_version=1&title=Changed&option=modify&state=planned&controls%%5B%%5D=%lld"
                       "&expected_likelihood=5&expected_impact=5",
                       control_id(t)));
    expect_status(t, 422);
    expect_text(t, "does not make a risk worse");
    expect_count(t, 1, "select count(*) from treatment where org_id = $1 and title = 'Encrypt'",
                 num(t->org));
    test_end(t);
}

/* --- deciding several --- */

/* "&pick[]=ID&hash.ID=..." for each, with the hashes that the page shows. */
static const char *picks(struct test *t, const struct three *r, int n)
{
    struct buf b;

    buf_init(&b, t->arena, 400);
    for (int i = 0; i < n; i++) {
        const char *mark = arena_printf(t->arena, "name='hash.%lld' value='", r->id[i]);
        const char *at = strstr(body(t), mark);

        assert_non_null(at);
        buf_printf(&b, "&pick%%5B%%5D=%lld&hash.%lld=%s", r->id[i], r->id[i],
                   arena_strn(t->arena, at + strlen(mark), 64));
    }
    return b.data;
}

static void decides_each(void **state)
{
    struct test *t = test_begin();
    struct three r = make_three(t);

    (void)state;
    visit(t, METHOD_POST, "/o/acme/risks/treat",
          form_of(t, &r, 3, "&all_likelihood=1&all_impact=2"));
    expect_status(t, 303);
    login(t, "risk-owner");
    visit(t, METHOD_GET, "/o/acme/approvals", NULL);
    expect_text(t, "Decide several");
    visit(t, METHOD_GET, "/o/acme/approvals/several", NULL);
    expect_text(t, ": Phone is lost");
    visit(t, METHOD_POST, "/o/acme/approvals/several",
          arena_printf(t->arena, "outcome=approved&comment=Read%s", picks(t, &r, 2)));
    expect_status(t, 303);
    expect_count(t, 2,
                 "select count(distinct subject_hash) from decision where org_id = $1"
                 " and kind = 'risk.treatment' and outcome = 'approved' and comment = 'Read'",
                 num(t->org));
    visit(t, METHOD_GET, "/o/acme/approvals", NULL);
    expect_text(t, "Disk is sold");
    expect_no_text(t, "Phone is lost");
    test_end(t);
}

static void tells_what_stays_open(void **state)
{
    struct test *t = test_begin();
    struct three r = make_three(t);
    const char *form;

    (void)state;
    visit(t, METHOD_POST, "/o/acme/risks/treat",
          form_of(t, &r, 3, "&all_likelihood=1&all_impact=2"));
    login(t, "risk-owner");
    visit(t, METHOD_GET, "/o/acme/approvals/several", NULL);
    form = picks(t, &r, 2);
    api(t, "isms-manager", METHOD_POST, "/api/v1/treatments",
        arena_printf(t->arena,
                     "{\"risk\":\"%lld\",\"title\":\"More\",\"option\":\"avoid\",\"activity\":"
                     "\"Phones\",\"ended_on\":\"2027-01-01\",\"description\":\"No phones\"}",
                     r.id[1]));
    expect_status(t, 201);
    login(t, "risk-owner");
    visit(t, METHOD_POST, "/o/acme/approvals/several",
          arena_printf(t->arena, "outcome=approved%s", form));
    expect_status(t, 200);
    expect_text(t, "1 decision is recorded");
    expect_text(t, "changed while you were reading");
    expect_count(t, 1, "select count(*) from decision where org_id = $1 and subject = $2",
                 num(t->org), num(r.id[0]));
    expect_count(t, 0, "select count(*) from decision where org_id = $1 and subject = $2",
                 num(t->org), num(r.id[1]));
    login(t, "employee");
    visit(t, METHOD_POST, "/o/acme/approvals/several",
          arena_printf(t->arena, "outcome=approved%s", form));
    assert_true(status(t) == 404 || status(t) == 422);
    visit(t, METHOD_POST, "/o/acme/approvals/several", "outcome=approved");
    expect_status(t, 422);
    expect_text(t, "Nothing is ticked");
    test_end(t);
}

static void decided_is_decided(void **state)
{
    struct test *t = test_begin();
    struct three r = make_three(t);
    const char *form, *page = arena_printf(t->arena, "/o/acme/risks/%lld/approval", r.id[0]);

    (void)state;
    visit(t, METHOD_POST, "/o/acme/risks/treat",
          form_of(t, &r, 1, "&all_likelihood=1&all_impact=2"));
    login(t, "risk-owner");
    visit(t, METHOD_GET, "/o/acme/approvals/several", NULL);
    form = strstr(picks(t, &r, 1), "=") ? strrchr(picks(t, &r, 1), '=') + 1 : "";
    visit(t, METHOD_POST, page, arena_printf(t->arena, "outcome=approved&hash=%s", form));
    expect_status(t, 303);
    visit(t, METHOD_GET, page, NULL);
    expect_text(t, "This is decided");
    expect_no_text(t, "value='approved'");
    visit(t, METHOD_POST, page, arena_printf(t->arena, "outcome=approved&hash=%s", form));
    expect_status(t, 409);
    expect_text(t, "approved already");
    visit(t, METHOD_POST, page, arena_printf(t->arena, "outcome=refused&hash=%s", form));
    expect_status(t, 422);
    expect_text(t, "why you take the approval back");
    visit(t, METHOD_POST, page,
          arena_printf(t->arena, "outcome=refused&comment=Too+soon&hash=%s", form));
    expect_status(t, 303);
    visit(t, METHOD_GET, page, NULL);
    expect_text(t, "This was refused");
    test_end(t);
}

static void acceptance_ends(void **state)
{
    struct test *t = test_begin();
    i64 risk = make_risk(t, "Flood", 5, 5);
    const char *hash, *until = date_add(t->arena, t->w->today, 2, 0);
    const char *page = arena_printf(t->arena, "/o/acme/risks/%lld/approval", risk);
    struct three r = {
        {risk, risk, risk}
    };

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/risks/treat",
          form_of(t, &r, 1, "&all_likelihood=4&all_impact=4"));
    login(t, "top-management");
    visit(t, METHOD_GET, "/o/acme/approvals/several", NULL);
    expect_text(t, "above the acceptance level of 9");
    hash = strrchr(picks(t, &r, 1), '=') + 1;
    visit(t, METHOD_POST, page,
          arena_printf(t->arena, "outcome=approved&expires=%s&hash=%s", until, hash));
    expect_status(t, 303);
    visit(t, METHOD_GET, "/o/acme/approvals", NULL);
    expect_no_text(t, "Flood");
    clock_shift(70 * DAY);
    login(t, "top-management");
    visit(t, METHOD_GET, "/o/acme/approvals", NULL);
    expect_text(t, "Flood");
    visit(t, METHOD_GET, page, NULL);
    expect_text(t, "The time of this acceptance is over");
    expect_text(t, "value='approved'");
    clock_shift(-70 * DAY);
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
    TEST("several risks are decided on one page, each with the text of its own", decides_each),
    TEST("what changed meanwhile stays open and is told; the others are decided",
         tells_what_stays_open),
    TEST("what is approved is not offered again, and taken back only with a reason",
         decided_is_decided),
    TEST("an acceptance waits again when its time is over", acceptance_ends),
    TEST_END,
};
