/* SPDX-License-Identifier: Apache-2.0 */
/* Second scores: the draw, that they are blind, and what comes out of them. */
#include "feature/assessment/rating.h"

#include <string.h>

#include "base/text.h"
#include "feature/risk/risk.h"
#include "visit.h"

struct wanted {
    const char *title;
    i64 analyst, likelihood, impact;
};

static struct err *add_risk(struct web *w, void *ctx)
{
    const struct wanted *k = ctx;
    struct issues issues = {.arena = w->arena};
    i64 before = w->person;
    struct risk r = {.title = k->title,
                     .state = "open",
                     .origin = "own",
                     .rationale = "Secret reason",
                     .current_likelihood = k->likelihood,
                     .current_impact = k->impact};

    w->person = k->analyst;
    TRY(entity_write(w, &risk_entity, &r, NULL, &issues));
    w->person = before;
    assert_int_equal(issues.count, 0);
    return NULL;
}

static void risk(struct test *t, const char *title, const char *analyst, i64 likelihood, i64 impact)
{
    struct wanted k = {title, person_of(t, analyst), likelihood, impact};

    change(t, add_risk, &k);
}

/* Three risks: two scored by the manager, one by the second assessor. An open round. */
static struct test *with_round(void)
{
    struct test *t = test_begin();

    risk(t, "Fire in the server room", "isms-manager", 3, 5);
    risk(t, "Theft of a tablet", "isms-manager", 2, 2);
    risk(t, "Own work of the second", "department-head", 4, 4);
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/assessments", "title=Round&started=2026-01-10");
    expect_status(t, 303);
    return t;
}

static void draw(struct test *t, const char *percent)
{
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/assessments/AS-1/second",
          arena_printf(t->arena, "assessor=department-head%%40acme.test&percent=%s&seed=spring",
                       percent));
}

static const char *of_risk(struct test *t, i64 number, const char *more)
{
    return arena_printf(t->arena, "/o/acme/ratings/SS-%lld%s",
                        value(t,
                              "select s.number from rating s join risk r on r.org_id = s.org_id"
                              " and r.id = s.risk where s.org_id = $1 and r.number = $2",
                              num(t->org), num(number)),
                        more);
}

static void submit(struct test *t, i64 number, const char *form)
{
    visit(t, METHOD_POST, of_risk(t, number, ""), form);
}

/* --- the tests --- */

static void draws_by_seed(void **state)
{
    static const i64 numbers[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    struct arena *a = arena_new(0);
    const i64 *first, *again, *other;
    size_t n, m;

    (void)state;
    assert_ok(rating_pick(a, "spring", 25, numbers, 12, &first, &n));
    assert_int_equal(n, 3);
    assert_ok(rating_pick(a, "spring", 25, numbers, 12, &again, &m));
    assert_memory_equal(first, again, n * sizeof(*first));
    assert_ok(rating_pick(a, "autumn", 50, numbers, 12, &other, &m));
    assert_int_equal(m, 6);
    assert_ok(rating_pick(a, "x", 1, numbers, 12, &other, &m));
    assert_int_equal(m, 1);
    assert_ok(rating_pick(a, "x", 100, numbers, 0, &other, &m));
    assert_int_equal(m, 0);
    assert_int_equal(rating_apart(3, 5, 3, 5), 0);
    assert_int_equal(rating_apart(1, 4, 3, 5), 2);
    arena_free(a);
}

static void leaves_own_work_out(void **state)
{
    struct test *t = with_round();

    (void)state;
    draw(t, "100");
    expect_status(t, 303);
    expect_count(t, 2, "select count(*) from rating where org_id = $1 and seed = 'spring'",
                 num(t->org));
    expect_count(t, 0,
                 "select count(*) from rating s join risk r on r.org_id = s.org_id and r.id ="
                 " s.risk where s.org_id = $1 and r.number = 3",
                 num(t->org));
    draw(t, "100");
    expect_status(t, 422);
    expect_text(t, "No scored risk is left");
    test_end(t);
}

static void refuses_strange_draws(void **state)
{
    static const char *const forms[] = {"assessor=&percent=10",
                                        "assessor=nobody&percent=10",
                                        "assessor=department-head%40acme.test&percent=0",
                                        "assessor=department-head%40acme.test&percent=x",
                                        "assessor=department-head%40acme.test&percent=101",
                                        "assessor=employee%40acme.test&percent=10"};
    struct test *t = with_round();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        visit(t, METHOD_POST, "/o/acme/assessments/AS-1/second", forms[i]);
        assert_in_range(status(t), 400, 422);
    }
    login(t, "employee");
    visit(t, METHOD_POST, "/o/acme/assessments/AS-1/second", forms[1]);
    expect_status(t, 403);
    expect_count(t, 0, "select count(*) from rating where org_id = $1", num(t->org));
    test_end(t);
}

static void is_blind(void **state)
{
    struct test *t = with_round();

    (void)state;
    draw(t, "100");
    login(t, "department-head");
    visit(t, METHOD_GET, "/o/acme/ratings", NULL);
    expect_text(t, "R-1 Fire in the server room");
    visit(t, METHOD_GET, of_risk(t, 1, ""), NULL);
    expect_status(t, 200);
    expect_text(t, "Submit the second score");
    expect_no_text(t, "Secret reason");
    visit(t, METHOD_GET, "/o/acme/risks/R-1", NULL);
    expect_status(t, 403);
    expect_text(t, "without seeing the first score");
    visit(t, METHOD_GET, "/o/acme/risks?state=open", NULL);
    expect_text(t, "hidden until you have scored");
    visit(t, METHOD_GET, "/o/acme/risks/grid?state=open", NULL);
    expect_no_text(t, "Impact of R-1");
    expect_text(t, "Impact of R-3");
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/risks/R-1", NULL);
    expect_status(t, 200);
    test_end(t);
}

static void draw_for(struct test *t, const char *role)
{
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/assessments/AS-1/second",
          arena_printf(t->arena, "assessor=%s%%40acme.test&percent=100&seed=autumn", role));
    expect_status(t, 303);
}

/* A round in which the department head has scored R-1 and top management has not yet. */
static struct test *half_scored(void)
{
    struct test *t = with_round();

    draw(t, "100");
    login(t, "department-head");
    submit(t, 1, "_version=1&likelihood=1&impact=5&rationale=Sprinklers");
    expect_status(t, 303);
    draw_for(t, "top-management");
    tick(t);
    return t;
}

static i64 own_number(struct test *t, i64 risk)
{
    return value(
        t,
        "select s.number from rating s join risk r on r.org_id = s.org_id and r.id = s.risk"
        " where s.org_id = $1 and r.number = $2 and s.assessor = $3",
        num(t->org), num(risk), num(person_of(t, "top-management")));
}

static void expect_hidden(struct test *t, const char *title)
{
    json_t *object = answer_json(t);

    expect_status(t, 200);
    expect_text(t, title);
    assert_true(json_is_null(json_object_get(object, "current_score")));
    assert_true(json_is_null(json_object_get(object, "current_likelihood")));
    assert_true(json_is_null(json_object_get(object, "band")));
    assert_true(json_is_null(json_object_get(object, "rationale")));
    assert_true(json_array_size(json_object_get(object, "hidden")) > 10);
}

static void api_is_blind(void **state)
{
    struct test *t = half_scored();
    const char *own;

    (void)state;
    api(t, "top-management", METHOD_GET, "/api/v1/risks/R-1", NULL);
    expect_hidden(t, "Fire in the server room");
    api(t, "top-management", METHOD_GET, "/api/v1/risks", NULL);
    expect_text(t, "Fire in the server room");
    expect_no_text(t, "Secret reason"); /* all three were drawn for top management */
    api(t, "top-management", METHOD_GET, "/api/v1/risks?current_score=15", NULL);
    expect_no_text(t, "Fire in the server room"); /* asking for the level does not tell it */
    api(t, "top-management", METHOD_GET, "/api/v1/risks?asof=2090-01-01", NULL);
    expect_no_text(t, "Secret reason");
    api(t, "top-management", METHOD_GET, "/api/v1/risks/R-1/history", NULL);
    expect_no_text(t, "Secret reason");
    api(t, "top-management", METHOD_GET, "/api/v1/ratings", NULL);
    expect_no_text(t, "Sprinklers");
    expect_no_text(t, "Secret reason");
    api(t, "isms-manager", METHOD_GET, "/api/v1/risks/R-1", NULL);
    expect_text(t, "Secret reason"); /* who was not drawn */
    expect_no_text(t, "hidden");
    own = arena_printf(t->arena, "/o/acme/ratings/SS-%lld", own_number(t, 1));
    login(t, "top-management");
    visit(t, METHOD_POST, own, "_version=1&likelihood=2&impact=4&rationale=Doors");
    expect_status(t, 303);
    api(t, "top-management", METHOD_GET, "/api/v1/risks/R-1", NULL);
    expect_text(t, "Secret reason"); /* who has given their own score */
    api(t, "top-management", METHOD_GET, "/api/v1/ratings", NULL);
    expect_text(t, "Sprinklers");
    test_end(t);
}

static void cannot_overwrite_unseen(void **state)
{
    struct test *t = half_scored();

    (void)state;
    api_header(t, "If-Match", "*");
    api(t, "isms-manager", METHOD_PATCH, "/api/v1/risks/R-1", "{\"title\":\"Fire in a room\"}");
    expect_status(t, 200);
    draw_for(t, "isms-manager"); /* R-3, which the department head scored */
    api_header(t, "If-Match", "*");
    api(t, "isms-manager", METHOD_PATCH, "/api/v1/risks/R-3", "{\"current_likelihood\":1}");
    expect_status(t, 422);
    expect_text(t, "hidden from you");
    api_header(t, "If-Match", "*");
    api(t, "isms-manager", METHOD_PATCH, "/api/v1/risks/R-3", "{\"title\":\"Work\"}");
    expect_status(t, 200); /* other fields may be changed, and nothing is lost by that */
    expect_count(t, 16, "select current_score from risk where org_id = $1 and number = 3",
                 num(t->org));
    test_end(t);
}

static const char *unpacked(struct test *t, const char *command)
{
    const char *out = arena_printf(t->arena, "%s.out", t->r->response.file);

    assert_int_equal(
        system(arena_printf(t->arena, "%s %s > %s", command, t->r->response.file, out)), 0);
    t->r->response.file = out;
    return (const char *)answer_bytes(t).data;
}

static void exports_are_blind(void **state)
{
    struct test *t = half_scored();
    const char *text;

    (void)state;
    login(t, "top-management");
    visit(t, METHOD_GET, "/o/acme/risks/export?format=csv", NULL);
    text = (const char *)answer_bytes(t).data;
    assert_contains(text, "Fire in the server room");
    assert_null(strstr(text, "Secret reason"));
    visit(t, METHOD_GET, "/o/acme/risks/export?format=json", NULL);
    text = (const char *)answer_bytes(t).data;
    assert_contains(text, "Fire in the server room");
    assert_null(strstr(text, "Secret reason"));
    visit(t, METHOD_GET, "/o/acme/risks/export?format=xlsx", NULL);
    text = unpacked(t, "unzip -p");
    assert_contains(text, "Fire in the server room");
    assert_null(strstr(text, "Secret reason"));
    visit(t, METHOD_GET, "/o/acme/risks/export?format=pdf&cols=rationale,current_score", NULL);
    text = unpacked(t, "sh -c 'pdftotext -layout \"$1\" -' x");
    assert_contains(text, "Fire");
    assert_null(strstr(text, "Secret"));
    visit(t, METHOD_GET, "/o/acme/ratings/export?format=csv", NULL);
    text = (const char *)answer_bytes(t).data;
    assert_null(strstr(text, "Sprinklers"));
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/risks/export?format=csv", NULL);
    assert_contains((const char *)answer_bytes(t).data, "Secret reason");
    test_end(t);
}

static void search_is_blind(void **state)
{
    struct test *t = half_scored();

    (void)state;
    login(t, "top-management");
    visit(t, METHOD_GET, "/o/acme/search?q=secret", NULL);
    expect_no_text(t, "Secret reason");
    visit(t, METHOD_GET, "/o/acme/search?q=sprinklers", NULL);
    expect_no_text(t, "Sprinklers");
    api(t, "top-management", METHOD_GET, "/api/v1/search?q=secret", NULL);
    expect_status(t, 200);
    expect_no_text(t, "Secret reason");
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/search?q=secret", NULL);
    expect_text(t, "Secret reason");
    test_end(t);
}

static void others_scores_wait(void **state)
{
    struct test *t = half_scored();
    i64 theirs = value(t, "select number from rating where org_id = $1 and state = 'submitted'",
                       num(t->org));

    (void)state;
    login(t, "top-management");
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/ratings/SS-%lld", theirs), NULL);
    expect_status(t, 403);
    expect_text(t, "Give your own score first");
    visit(t, METHOD_GET, "/o/acme/ratings?cols=likelihood,rationale,apart", NULL);
    expect_status(t, 200);
    expect_no_text(t, "Sprinklers");
    visit(t, METHOD_GET, "/o/acme/assessments/AS-1/calibration", NULL);
    expect_status(t, 403); /* it has the pair of the department head, and counts first scores */
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/assessments/AS-1/calibration", NULL);
    expect_text(t, "1 × 5");
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/ratings/SS-%lld", theirs), NULL);
    expect_text(t, "Sprinklers");
    test_end(t);
}

/* The numbers of the risks in the order of a list of the API. */
static const char *order_of(struct test *t, const char *path)
{
    const char *out = "";
    json_t *items;

    api(t, "top-management", METHOD_GET, path, NULL);
    expect_status(t, 200);
    items = json_object_get(answer_json(t), "items");
    for (size_t i = 0; i < json_array_size(items); i++)
        out = arena_printf(t->arena, "%s %s", out,
                           json_string_value(json_object_get(json_array_get(items, i), "number")));
    return out;
}

static void give_own(struct test *t, i64 risk)
{
    login(t, "top-management");
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/ratings/SS-%lld", own_number(t, risk)),
          "_version=1&likelihood=2&impact=4&rationale=Doors");
    expect_status(t, 303);
}

static void orders_are_blind(void **state)
{
    static const char *const lists[] = {"/api/v1/risks?sort=score", "/api/v1/risks?sort=-score",
                                        "/api/v1/risks?sort=-score&asof=2090-01-01"};
    struct test *t = half_scored();

    (void)state;
    assert_string_equal(order_of(t, lists[0]), " R-1 R-2 R-3"); /* all are hidden: by age */
    assert_string_equal(order_of(t, lists[1]), " R-3 R-2 R-1");
    assert_string_equal(order_of(t, lists[2]), " R-3 R-2 R-1");
    give_own(t, 1); /* 15 */
    give_own(t, 3); /* 16 */
    assert_string_equal(order_of(t, lists[0]), " R-2 R-1 R-3");
    assert_string_equal(order_of(t, lists[1]), " R-3 R-1 R-2");
    assert_string_equal(order_of(t, "/api/v1/risks?sort=score&limit=1"), " R-2");
    give_own(t, 2);
    assert_string_equal(order_of(t, lists[0]), " R-2 R-1 R-3");
    test_end(t);
}

static void groups_are_blind(void **state)
{
    struct test *t = half_scored();

    (void)state;
    login(t, "top-management");
    visit(t, METHOD_GET, "/o/acme/risks?group=band", NULL);
    expect_status(t, 200);
    expect_text(t, "group-head");
    expect_text(t, "group=band&amp;fold=none"); /* the only group: not scored, for this reader */
    expect_no_text(t, "fold=high");
    visit(t, METHOD_GET, "/o/acme/risks?state=open", NULL);
    expect_no_text(t, "current_likelihood=3&amp;current_impact=5"); /* a cell of the map */
    expect_text(t, "3 risks are not in the map for you");
    visit(t, METHOD_GET, "/o/acme/", NULL);
    expect_no_text(t, "current_likelihood=3&amp;current_impact=5");
    visit(t, METHOD_GET, "/o/acme/risks/ranking", NULL);
    expect_no_text(t, "Fire in the server room");
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/risks?state=open", NULL);
    expect_text(t, "current_likelihood=3&amp;current_impact=5");
    expect_no_text(t, "not in the map for you");
    visit(t, METHOD_GET, "/o/acme/risks/ranking", NULL);
    expect_text(t, "Fire in the server room");
    give_own(t, 1);
    visit(t, METHOD_GET, "/o/acme/risks?state=open", NULL);
    expect_text(t, "current_likelihood=3&amp;current_impact=5");
    expect_text(t, "2 risks are not in the map for you");
    visit(t, METHOD_GET, "/o/acme/risks/ranking", NULL);
    expect_text(t, "Fire in the server room");
    test_end(t);
}

static i64 failing_of(struct test *t, const char *id)
{
    json_t *rules = json_object_get(answer_json(t), "rules"), *one;
    size_t i;

    json_array_foreach(rules, i, one)
    {
        if (!strcmp(json_string_value(json_object_get(one, "id")), id))
            return json_integer_value(json_object_get(one, "count"));
    }
    fail_msg("there is no rule %s", id);
    return 0;
}

static void findings_are_blind(void **state)
{
    static const char *const why = "acceptance level 9, no treatment";
    struct test *t = half_scored();

    (void)state;
    api(t, "isms-manager", METHOD_GET, "/api/v1/readiness", NULL);
    expect_text(t, why);
    api(t, "top-management", METHOD_GET, "/api/v1/readiness", NULL);
    expect_status(t, 200);
    expect_no_text(t, why);
    login(t, "top-management");
    visit(t, METHOD_GET, "/o/acme/readiness/R048", NULL);
    expect_no_text(t, why);
    expect_no_text(t, "Fire in the server room");
    test_end(t);
}

/* More than are listed: they are counted without the hidden ones all the same. */
static void many_findings(void **state)
{
    struct test *t = half_scored();
    i64 all, hidden;

    (void)state;
    for (int i = 0; i < 60; i++)
        risk(t, "Filler", "isms-manager", 4, 4);
    api(t, "isms-manager", METHOD_GET, "/api/v1/readiness", NULL);
    all = failing_of(t, "R048");
    api(t, "top-management", METHOD_GET, "/api/v1/readiness", NULL);
    hidden = failing_of(t, "R048");
    assert_true(all > 60);
    assert_int_equal(hidden, 60);
    test_end(t);
}

/* What is expected to remain, and money, tell of the first score too. */
static void traces_are_blind(void **state)
{
    struct test *t = with_round();

    (void)state;
    api(t, "isms-manager", METHOD_POST, "/api/v1/treatments",
        "{\"risk\":\"R-1\",\"title\":\"Sprinkle\",\"option\":\"modify\",\"controls\":[\"7.5\"],"
        "\"expected_likelihood\":2,\"expected_impact\":3,\"description\":\"Water\"}");
    expect_status(t, 201);
    api(t, "isms-manager", METHOD_POST, "/api/v1/actions",
        "{\"title\":\"Buy sprinklers\",\"treatment\":\"T-1\",\"budget\":\"100.00\"}");
    expect_status(t, 201);
    api(t, "isms-manager", METHOD_POST, "/api/v1/estimates",
        "{\"title\":\"A fire\",\"risk\":\"R-1\",\"tries_least\":\"1\",\"tries_likely\":\"1\","
        "\"tries_most\":\"1\",\"success_least\":100,\"success_likely\":100,\"success_most\":100,"
        "\"shape\":\"points\",\"loss_least\":\"7777777\",\"loss_likely\":\"7777777\","
        "\"loss_most\":\"7777777\",\"rationale\":\"Insurer\"}");
    expect_status(t, 201);
    api(t, "isms-manager", METHOD_POST, "/api/v1/plan-versions", "{}");
    expect_status(t, 201);
    draw_for(t, "top-management");
    tick(t);
    api(t, "top-management", METHOD_GET, "/api/v1/treatments/T-1", NULL);
    expect_status(t, 200);
    assert_true(json_is_null(json_object_get(answer_json(t), "expected_impact")));
    api(t, "top-management", METHOD_GET, "/api/v1/estimates/LE-1", NULL);
    expect_no_text(t, "7777777");
    api(t, "top-management", METHOD_GET, "/api/v1/plan-versions", NULL);
    expect_no_text(t, "expected afterwards");
    api(t, "top-management", METHOD_GET, "/api/v1/plan-versions/TP-1", NULL);
    expect_status(t, 403);
    expect_text(t, "Give your scores first");
    login(t, "top-management");
    visit(t, METHOD_GET, "/o/acme/treatments/T-1", NULL);
    expect_text(t, "is hidden until you have given your");
    visit(t, METHOD_GET, "/o/acme/treatments/T-1/edit", NULL);
    expect_status(t, 403);
    visit(t, METHOD_GET, "/o/acme/plan", NULL);
    expect_text(t, "<td data-label='Expected'><span class='mute'>hidden</span>");
    visit(t, METHOD_GET, "/o/acme/quantify", NULL);
    expect_status(t, 200);
    expect_no_text(t, "7,777,777");
    expect_text(t, "not counted here for you");
    visit(t, METHOD_GET, "/o/acme/estimates/LE-1", NULL);
    expect_status(t, 403);
    expect_text(t, "Give your score first");
    visit(t, METHOD_GET, "/o/acme/plan-versions/TP-1", NULL);
    expect_status(t, 403);
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/quantify", NULL);
    expect_text(t, "7,777,777");
    test_end(t);
}

static void documents_wait(void **state)
{
    static const char *const paths[] = {
        "/o/acme/assessments/trend",
        "/o/acme/assessments/compare",
        "/o/acme/assessments/AS-1/calibration",
        "/o/acme/assessments/AS-1/register",
        "/o/acme/assessments/AS-1/report",
        "/o/acme/reports/make?report=top-ten&format=pdf&for=management",
        "/o/acme/reports/make?report=heat-maps&format=pdf&for=management",
        "/o/acme/risks/R-1/approval",
    };
    struct test *t = half_scored();

    (void)state;
    login(t, "top-management");
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        visit(t, METHOD_GET, paths[i], NULL);
        expect_status(t, 403);
        expect_text(t, "a second time");
    }
    login(t, "isms-manager");
    visit(t, METHOD_GET, paths[0], NULL);
    expect_status(t, 200);
    give_own(t, 1);
    give_own(t, 2);
    give_own(t, 3);
    visit(t, METHOD_GET, paths[0], NULL);
    expect_status(t, 200);
    test_end(t);
}

static void shows_both_afterwards(void **state)
{
    struct test *t = with_round();

    (void)state;
    draw(t, "100");
    submit(t, 1, "_version=1&likelihood=1&impact=5&rationale=Sprinklers");
    expect_status(t, 403);
    login(t, "department-head");
    submit(t, 1, "_version=1&likelihood=1&impact=&rationale=Sprinklers");
    expect_status(t, 422);
    submit(t, 1, "_version=1&likelihood=1&impact=5&rationale=+");
    expect_status(t, 422);
    submit(t, 1, "_version=1&likelihood=6&impact=5&rationale=x");
    expect_status(t, 422);
    submit(t, 1, "_version=1&likelihood=1&impact=5&rationale=Sprinklers");
    expect_status(t, 303);
    visit(t, METHOD_GET, of_risk(t, 1, ""), NULL);
    expect_text(t, "Secret reason");
    expect_text(t, "They are 2 levels apart");
    visit(t, METHOD_GET, "/o/acme/risks/R-1", NULL);
    expect_status(t, 200);
    submit(t, 1, "_version=2&likelihood=3&impact=5&rationale=Changed");
    expect_status(t, 409);
    test_end(t);
}

static void agreeing_changes_the_risk(void **state)
{
    struct test *t = with_round();

    (void)state;
    draw(t, "100");
    visit(t, METHOD_POST, of_risk(t, 1, "/agree"), "_version=1&likelihood=2&impact=5&note=x");
    expect_status(t, 409);
    login(t, "department-head");
    submit(t, 1, "_version=1&likelihood=1&impact=5&rationale=Sprinklers");
    submit(t, 2, "_version=1&likelihood=2&impact=2&rationale=Agreed");
    login(t, "isms-manager");
    visit(t, METHOD_POST, of_risk(t, 1, "/agree"), "_version=2&likelihood=2&impact=5&note=");
    expect_status(t, 422);
    visit(t, METHOD_POST, of_risk(t, 1, "/agree"),
          "_version=2&likelihood=2&impact=5&note=Sprinklers+cover+half");
    expect_status(t, 303);
    expect_count(t, 10, "select current_score from risk where org_id = $1 and number = 1",
                 num(t->org));
    visit(t, METHOD_GET, "/o/acme/assessments/AS-1/calibration", NULL);
    expect_status(t, 200);
    expect_text(t, "2 pairs: 1 the same, 0 one level apart, 1 more than one.");
    expect_text(t, "Sprinklers cover half");
    expect_text(t, "Person department-head");
    api(t, "isms-manager", METHOD_GET, "/api/v1/assessments/AS-1/calibration", NULL);
    expect_status(t, 200);
    assert_int_equal(json_integer_value(json_object_get(answer_json(t), "more_apart")), 1);
    test_end(t);
}

static void closed_rounds_draw_nothing(void **state)
{
    struct test *t = with_round();

    (void)state;
    api(t, "isms-manager", METHOD_POST, "/api/v1/ratings", "{\"title\":\"x\"}");
    assert_in_range(status(t), 400, 422);
    expect_count(t, 0, "select count(*) from rating where org_id = $1", num(t->org));
    test_end(t);
}

const struct test_case rating_tests[] = {
    TEST("a draw is a pure function of seed, share and risks", draws_by_seed),
    TEST("nobody is drawn to score what they scored themselves, or twice", leaves_own_work_out),
    TEST("a draw without assessor or with a strange share is refused", refuses_strange_draws),
    TEST("the second assessor sees no first score on any page before theirs is given", is_blind),
    TEST(
        "the API gives the second assessor no first score and no score of another second assessor, "
        "nor finds risks by them, before theirs is given",
        api_is_blind),
    TEST("levels that somebody may not see yet cannot be overwritten by them",
         cannot_overwrite_unseen),
    TEST("exports as CSV, JSON, XLSX and PDF leave out what the second assessor may not see yet",
         exports_are_blind),
    TEST("the search shows the second assessor no reasons of scores before theirs is given",
         search_is_blind),
    TEST("of several second assessors none sees the others before their own score is given",
         others_scores_wait),
    TEST("the order of lists does not tell the second assessor which score is higher",
         orders_are_blind),
    TEST("groups, counts, the heat map and the ranking leave out what the second assessor may not "
         "see yet",
         groups_are_blind),
    TEST("findings of readiness do not tell the second assessor which first scores are high",
         findings_are_blind),
    TEST("a rule with more findings than it lists is counted without the hidden risks too",
         many_findings),
    TEST("what is expected to remain and what a risk may cost are hidden from the second assessor: "
         "in treatments, plan, frozen plans, estimates and their sum",
         traces_are_blind),
    TEST("reports, frozen registers, comparisons and approvals wait until the second scores are "
         "given",
         documents_wait),
    TEST("a second score is given once, by its assessor, with a reason; then both are shown",
         shows_both_afterwards),
    TEST("what two assessors agree on becomes the level, and the calibration tells it",
         agreeing_changes_the_risk),
    TEST("second scores are made by draws only", closed_rounds_draw_nothing),
    TEST_END,
};
