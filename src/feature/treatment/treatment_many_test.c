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
                                   "&owner=%lld&due=2027-01-31&resources=IT",
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
    expect_text(t, "Choose who sees to it");
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
