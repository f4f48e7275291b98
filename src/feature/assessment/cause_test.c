/* SPDX-License-Identifier: Apache-2.0 */
/* Reasons to assess again: found once, given a task once, covered by the next round. */
#include "feature/assessment/cause.h"

#include "base/clock.h"
#include "base/text.h"
#include "core/job.h"
#include "feature/assessment/assessment.h"
#include "feature/asset/asset.h"
#include "feature/method/method.h"
#include "feature/risk/risk.h"
#include "visit.h"

static struct err *prepare(struct web *w, void *ctx)
{
    struct issues issues = {.arena = w->arena};
    struct risk r = {.title = "Fire in the server room",
                     .state = "open",
                     .origin = "own",
                     .owner = *(const i64 *)ctx,
                     .current_likelihood = 2,
                     .current_impact = 2};
    struct method m;

    TRY(method_current(w, &m));
    m.state = "approved";
    TRY(entity_write(w, &method_entity, &m, "approved", &issues));
    TRY(entity_write(w, &risk_entity, &r, NULL, &issues));
    assert_int_equal(issues.count, 0);
    return NULL;
}

static void round_closed(struct test *t, int number)
{
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/assessments", "title=Round&started=2026-01-10");
    expect_status(t, 303);
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/assessments/AS-%d/close", number), NULL);
    expect_status(t, 303);
}

static struct test *after_a_round(void)
{
    struct test *t = test_begin();
    i64 owner = person_of(t, "risk-owner");

    change(t, prepare, &owner);
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/assets",
          "name=Old+one&type=server&c=5&i=5&a=5&state=in-use&in_scope=1");
    round_closed(t, 1);
    return t;
}

static void look(struct test *t)
{
    assert_ok(cause_job(t->w, ""));
}

static i64 causes(struct test *t, const char *kind)
{
    return value(t, "select count(*) from cause where org_id = $1 and kind = $2", num(t->org),
                 str(kind));
}

static void nothing_before_a_round(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/assets", "name=Server&type=server&c=5&i=5&a=5");
    look(t);
    expect_count(t, 0, "select count(*) from cause where org_id = $1", num(t->org));
    test_end(t);
}

static void finds_assets_once(void **state)
{
    struct test *t = after_a_round();

    (void)state;
    look(t);
    assert_int_equal(causes(t, "asset"), 0);
    visit(t, METHOD_POST, "/o/acme/assets", "name=New+database&type=server&c=5&i=3&a=2");
    expect_status(t, 303);
    visit(t, METHOD_POST, "/o/acme/assets", "name=Small+thing&type=server&c=2&i=3&a=2");
    expect_status(t, 303);
    look(t);
    look(t);
    assert_int_equal(causes(t, "asset"), 1);
    expect_count(
        t, 1,
        "select count(*) from task k join cause c on c.org_id = k.org_id and c.task = k.id"
        " where k.org_id = $1 and k.about = c.id and k.assignee = $2 and k.due is not null",
        num(t->org), num(person_of(t, "isms-manager")));
    visit(t, METHOD_GET, "/o/acme/causes", NULL);
    expect_status(t, 200);
    expect_text(t, "New database: new or of another value");
    test_end(t);
}

/* What the program sees by itself: each asks for a new look, as a task. */
static void finds_the_rest(void **state)
{
    static const struct {
        const char *path, *form, *kind, *says;
    } cases[] = {
        {"parties",      "name=Cloud+Ltd&type=suppliers&state=active", "supplier", "IP-1 Cloud Ltd"},
        {"requirements", "title=A+new+law&kind=law&status=open",       "law",      "A new law"     },
    };
    struct test *t = after_a_round();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/%s", cases[i].path), cases[i].form);
        expect_status(t, 303);
        look(t);
        look(t);
        assert_int_equal(causes(t, cases[i].kind), 1);
        visit(t, METHOD_GET, "/o/acme/causes", NULL);
        expect_text(t, cases[i].says);
    }
    expect_count(t, 2,
                 "select count(*) from task where org_id = $1 and about in (select c.id from"
                 " cause c where c.org_id = $1)",
                 num(t->org));
    test_end(t);
}

/* Not only what is new: also what becomes one that the organisation cannot do without. */
static void becomes_critical(void **state)
{
    struct test *t = after_a_round();
    const char *base = "name=Printer+service&kind=it-support&service=Prints+letters&state=active";

    (void)state;
    visit(t, METHOD_POST, "/o/acme/suppliers",
          arena_printf(t->arena, "%s&data=2&access=2&dependence=2", base));
    expect_status(t, 303);
    look(t);
    assert_int_equal(causes(t, "supplier"), 0);
    visit(t, METHOD_POST, "/o/acme/suppliers/SU-1",
          arena_printf(t->arena, "_version=1&%s&data=3&access=3&dependence=2", base));
    expect_status(t, 303);
    look(t);
    look(t);
    assert_int_equal(causes(t, "supplier"), 1);
    visit(t, METHOD_POST, "/o/acme/suppliers/SU-1",
          arena_printf(t->arena, "_version=2&%s&data=4&access=4&dependence=2", base));
    expect_status(t, 303);
    look(t);
    assert_int_equal(causes(t, "supplier"), 1);
    test_end(t);
}

static void profile_changes(void **state)
{
    struct test *t = after_a_round();

    (void)state;
    look(t);
    assert_int_equal(causes(t, "scope"), 0);
    visit(t, METHOD_POST, "/o/acme/profile", "_version=1&headcount=15");
    expect_status(t, 303);
    look(t);
    visit(t, METHOD_POST, "/o/acme/profile", "_version=2&headcount=16");
    expect_status(t, 303);
    look(t);
    assert_int_equal(causes(t, "scope"), 1);
    round_closed(t, 2);
    look(t);
    assert_int_equal(causes(t, "scope"), 1);
    visit(t, METHOD_POST, "/o/acme/profile", "_version=3&headcount=40");
    expect_status(t, 303);
    look(t);
    assert_int_equal(causes(t, "scope"), 2);
    test_end(t);
}

static void reports_get_a_task(void **state)
{
    struct test *t = after_a_round();

    (void)state;
    visit(t, METHOD_POST, "/o/acme/causes", "title=Break-in+at+the+office&kind=incident");
    expect_status(t, 303);
    visit(t, METHOD_POST, "/o/acme/causes", "title=&kind=incident");
    expect_status(t, 422);
    look(t);
    look(t);
    expect_count(t, 1, "select count(*) from task where org_id = $1 and about is not null",
                 num(t->org));
    visit(t, METHOD_GET, "/o/acme/causes/RA-1", NULL);
    expect_status(t, 200);
    login(t, "employee");
    visit(t, METHOD_POST, "/o/acme/causes", "title=x&kind=incident");
    expect_status(t, 403);
    test_end(t);
}

static void next_round_covers(void **state)
{
    struct test *t = after_a_round();

    (void)state;
    visit(t, METHOD_POST, "/o/acme/causes", "title=Break-in+at+the+office&kind=incident");
    look(t);
    expect_count(t, 1, "select count(*) from cause where org_id = $1 and state = 'open'",
                 num(t->org));
    round_closed(t, 2);
    look(t);
    expect_count(t, 1,
                 "select count(*) from cause c join assessment a on a.org_id = c.org_id and a.id ="
                 " c.assessment where c.org_id = $1 and c.state = 'done' and a.number = 2",
                 num(t->org));
    expect_count(t, 1, "select count(*) from task where org_id = $1 and status = 'done'",
                 num(t->org));
    test_end(t);
}

static void interval_passes(void **state)
{
    struct test *t = after_a_round();

    (void)state;
    look(t);
    assert_int_equal(causes(t, "interval"), 0);
    clock_shift(400 * DAY);
    t->w->now = clock_now();
    look(t);
    look(t);
    clock_shift(-400 * DAY);
    assert_int_equal(causes(t, "interval"), 1);
    test_end(t);
}

const struct test_case cause_tests[] = {
    TEST("before the first round is closed nothing asks for another one", nothing_before_a_round),
    TEST("an asset of high value that is new since the last round is found once, with one task",
         finds_assets_once),
    TEST("a new supplier and a new law are found once each, with a task", finds_the_rest),
    TEST("a supplier that becomes critical is found, once", becomes_critical),
    TEST("another profile is found, once in each round", profile_changes),
    TEST("what people report gets one task", reports_get_a_task),
    TEST("the next closed round covers what was reported before, and its task is done",
         next_round_covers),
    TEST("when the interval of the method has passed, that is a reason once", interval_passes),
    TEST_END,
};
