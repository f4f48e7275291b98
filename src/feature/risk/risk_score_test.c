/* SPDX-License-Identifier: Apache-2.0 */
/* Scoring many risks at once, and the likelihood helper. */
#include "base/text.h"
#include "feature/risk/risk_part.h"
#include "visit.h"

static struct err *add_risk(struct web *w, void *ctx)
{
    struct issues issues = {.arena = w->arena};
    const char *const *title = ctx;
    struct risk r = {.title = *title, .state = "open", .origin = "own"};

    TRY(entity_write(w, &risk_entity, &r, NULL, &issues));
    assert_int_equal(issues.count, 0);
    return NULL;
}

static struct test *with_risks(void)
{
    struct test *t = test_begin();

    const char *titles[] = {"Fire in the server room", "Theft of a tablet"};

    change(t, add_risk, &titles[0]);
    change(t, add_risk, &titles[1]);
    login(t, "isms-manager");
    return t;
}

static i64 id_of(struct test *t, i64 number)
{
    return value(t, "select id from risk where org_id = $1 and number = $2", num(t->org),
                 num(number));
}

static const char *row(struct test *t, i64 number, i64 version, const char *levels, const char *why)
{
    i64 id = id_of(t, number);

    return arena_printf(t->arena, "v.%lld=%lld&l.%lld=%c&i.%lld=%c&r.%lld=%s", id, version, id,
                        levels[0], id, levels[1], id, why);
}

static void post(struct test *t, const char *tab, const char *first, const char *second)
{
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/risks/grid?state=open&tab=%s", tab),
          arena_printf(t->arena, "%s&%s&_reason=Workshop", first, second));
}

static i64 score_of(struct test *t, i64 number)
{
    return value(t, "select coalesce(current_score, 0) from risk where org_id = $1 and number = $2",
                 num(t->org), num(number));
}

static void shows_rows(void **state)
{
    struct test *t = with_risks();

    (void)state;
    visit(t, METHOD_GET, "/o/acme/risks/grid?state=open&score=none", NULL);
    expect_status(t, 200);
    expect_text(t, "Likelihood of R-1");
    expect_text(t, "Impact of R-2");
    expect_text(t, "data-matrix='1,1=1 Low;");
    visit(t, METHOD_GET, "/o/acme/risks/grid?score.min=1", NULL);
    expect_text(t, "No risk fits here.");
    login(t, "internal-auditor");
    visit(t, METHOD_GET, "/o/acme/risks/grid", NULL);
    expect_status(t, 403);
    test_end(t);
}

static void saves_many(void **state)
{
    struct test *t = with_risks();

    (void)state;
    post(t, "current", row(t, 1, 1, "35", "It+burned+once"), row(t, 2, 1, "22", "Two+a+year"));
    expect_status(t, 200);
    expect_text(t, "2 rows are saved.");
    assert_int_equal(score_of(t, 1), 15);
    assert_int_equal(score_of(t, 2), 4);
    expect_count(t, 2,
                 "select count(*) from risk where org_id = $1 and analyst = $2 and version = 2",
                 num(t->org), num(person_of(t, "isms-manager")));
    visit(t, METHOD_GET, "/o/acme/risks/R-1?tab=history", NULL);
    expect_text(t, "Workshop");
    test_end(t);
}

static void untouched_rows_stay(void **state)
{
    struct test *t = with_risks();

    (void)state;
    post(t, "current", row(t, 1, 1, "35", "It+burned+once"), row(t, 2, 1, "++", ""));
    expect_text(t, "1 rows are saved.");
    expect_count(t, 1, "select version from risk where org_id = $1 and number = 2", num(t->org));
    test_end(t);
}

static void wrong_rows_stop_all(void **state)
{
    struct test *t = with_risks();

    (void)state;
    post(t, "current", row(t, 1, 1, "35", "It+burned+once"), row(t, 2, 1, "92", "x"));
    expect_status(t, 422);
    expect_text(t, "Nothing was saved yet: 1 of the rows");
    expect_text(t, "A level is a number from 1 to 5");
    expect_text(t, "value='9'");
    assert_int_equal(score_of(t, 1), 0);
    post(t, "current", row(t, 1, 1, "35", "It+burned+once"), row(t, 2, 1, "22", ""));
    expect_status(t, 422);
    expect_text(t, "Say why");
    post(t, "current", row(t, 1, 1, "3+", "x"), row(t, 2, 1, "22", "y"));
    expect_status(t, 422);
    expect_text(t, "a likelihood without an impact");
    expect_count(t, 2, "select count(*) from risk where org_id = $1 and version = 1", num(t->org));
    expect_count(t, 0, "select count(*) from risk_history where org_id = $1 and version = 2",
                 num(t->org));
    test_end(t);
}

static void clashes_are_shown(void **state)
{
    struct test *t = with_risks();

    (void)state;
    post(t, "current", row(t, 1, 1, "35", "It+burned+once"), row(t, 2, 1, "++", ""));
    post(t, "current", row(t, 1, 1, "44", "Mine"), row(t, 2, 1, "22", "Two+a+year"));
    expect_status(t, 200);
    expect_text(t, "1 rows are saved. 1 were changed by somebody else meanwhile");
    expect_text(t, "Stored now: 3 × 5, “It burned once”");
    assert_int_equal(score_of(t, 1), 15);
    assert_int_equal(score_of(t, 2), 4);
    post(t, "current", row(t, 1, 2, "44", "Mine"), row(t, 2, 2, "22", "Two+a+year"));
    assert_int_equal(score_of(t, 1), 16);
    test_end(t);
}

static void strange_forms(void **state)
{
    struct test *t = with_risks();

    (void)state;
    visit(t, METHOD_POST, "/o/acme/risks/grid", "x=1");
    expect_status(t, 400);
    visit(t, METHOD_POST, "/o/acme/risks/grid", "v.x=1");
    expect_status(t, 400);
    visit(t, METHOD_POST, "/o/acme/risks/grid", "v.123=1&l.123=1&i.123=1&r.123=x");
    expect_status(t, 404);
    test_end(t);
}

static void proposes(void **state)
{
    static const struct {
        const char *answers[RISK_QUESTIONS];
        i64 levels, inherent, current;
    } cases[] = {
        {{"never", "hidden", "tested"},   5, 1, 1},
        {{"yearly", "inside", "partly"},  5, 4, 3},
        {{"often", "open", "tested"},     5, 5, 3},
        {{"often", "open", "none"},       3, 3, 3},
        {{"yearly", "hidden", "none"},    4, 3, 3},
        {{"elsewhere", "open", "partly"}, 3, 2, 2},
    };
    struct test *t = test_begin();
    struct risk_proposal p;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_true(risk_propose(t->app->content, cases[i].answers, cases[i].levels, &p));
        assert_int_equal(p.inherent, cases[i].inherent);
        assert_int_equal(p.current, cases[i].current);
    }
    assert_false(
        risk_propose(t->app->content, (const char *const[]){"never", "never", "none"}, 5, &p));
    assert_false(risk_propose(t->app->content, (const char *const[]){"never", NULL, NULL}, 5, &p));
    test_end(t);
}

static void helper_writes_nothing(void **state)
{
    struct test *t = with_risks();

    (void)state;
    visit(t, METHOD_GET, "/o/acme/risks/R-1/likelihood", NULL);
    expect_status(t, 200);
    expect_text(t, "Answer the three questions");
    visit(t, METHOD_GET,
          "/o/acme/risks/R-1/likelihood?history=yearly&exposure=inside&controls=partly", NULL);
    expect_text(t, "Current likelihood: 3");
    expect_text(t, "It happens here about once a year.");
    expect_text(t, "/score?inherent_likelihood=4&amp;current_likelihood=3&amp;rationale=It%20");
    assert_int_equal(score_of(t, 1), 0);
    visit(t, METHOD_GET, "/o/acme/risks/R-1/score?current_likelihood=3&rationale=Seen", NULL);
    expect_text(t, "Seen</textarea>");
    expect_count(t, 1, "select version from risk where org_id = $1 and number = 1", num(t->org));
    visit(t, METHOD_GET, "/o/acme/risks/R-1/likelihood?history=strange", NULL);
    expect_status(t, 400);
    api(t, "isms-manager", METHOD_GET, "/api/v1/risks/R-1/likelihood?history=often&exposure=open",
        NULL);
    expect_status(t, 400);
    api(t, "isms-manager", METHOD_GET,
        "/api/v1/risks/R-1/likelihood?history=often&exposure=open&controls=none", NULL);
    expect_status(t, 200);
    assert_int_equal(json_integer_value(json_object_get(answer_json(t), "current_likelihood")), 5);
    test_end(t);
}

const struct test_case risk_score_tests[] = {
    TEST("the grid shows a page of risks with a cell for each level", shows_rows),
    TEST("typed levels of many risks are saved together, with who and why", saves_many),
    TEST("rows that nobody touched get no new version", untouched_rows_stay),
    TEST("a row that cannot be accepted stops all, and nothing is written", wrong_rows_stop_all),
    TEST("a row that somebody else changed is left alone and shows both values", clashes_are_shown),
    TEST("a form without rows or with rows of nobody is refused", strange_forms),
    TEST("three answers propose a likelihood on any scale; without all three there is none",
         proposes),
    TEST("the helper shows its reasons, prefills the score form and writes nothing",
         helper_writes_nothing),
    TEST_END,
};
