/* SPDX-License-Identifier: Apache-2.0 */
/* Versions of the risk method: made, mapped, submitted, approved; and what moves with them. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "core/permit.h"
#include "core/trail.h"
#include "feature/method/method_part.h"
#include "feature/risk/risk_part.h"
#include "feature/treatment/treatment.h"
#include "visit.h"

/* --- helpers --- */

static i64 version_of(struct test *t, i64 number)
{
    return value(t, "select version from method where org_id = $1 and number = $2", num(t->org),
                 num(number));
}

static void post(struct test *t, i64 number, const char *path, const char *form)
{
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/methods/M-%lld/%s", number, path),
          arena_printf(t->arena, "_version=%lld&%s", version_of(t, number), form));
}

static void approve(struct test *t, i64 number)
{
    const char *at;

    login(t, "top-management");
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/methods/M-%lld", number), NULL);
    expect_status(t, 200);
    at = strstr(body(t), "name='hash' value='");
    assert_non_null(at);
    post(t, number, "approve",
         arena_printf(t->arena, "outcome=approved&hash=%.64s", at + strlen("name='hash' value='")));
    expect_status(t, 303);
}

static i64 method_id(struct test *t, i64 number)
{
    return value(t, "select id from method where org_id = $1 and number = $2", num(t->org),
                 num(number));
}

struct scored {
    i64 likelihood, impact;
};

static struct err *add_risk(struct web *w, void *ctx)
{
    const struct scored *s = ctx;
    struct issues issues = {.arena = w->arena};
    struct risk r = {.title = "Scored",
                     .inherent_likelihood = s->likelihood,
                     .inherent_impact = s->impact,
                     .current_likelihood = s->likelihood,
                     .current_impact = s->impact};

    TRY(entity_write(w, &risk_entity, &r, NULL, &issues));
    return issues.count ? err_new(ERR_INVALID, "%s", issues.list[0].text) : NULL;
}

/* A risk for each cell of a matrix with `n` levels, and one without a score. */
static void score_all(struct test *t, i64 n)
{
    struct scored none = {0, 0};

    for (i64 l = 1; l <= n; l++)
        for (i64 i = 1; i <= n; i++)
            change(t, add_risk, &(struct scored){l, i});
    change(t, add_risk, &none);
}

static void expect_sound(struct test *t)
{
    struct verify_result result;

    assert_ok(trail_verify(t->w, t->org, &result));
    for (size_t i = 0; i < result.count; i++)
        print_message("%s\n", result.findings[i].text);
    assert_int_equal(result.count, 0);
}

/* M-2 with three levels, ready to be submitted. */
static void make_three_levels(struct test *t)
{
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/methods/M-1/version", "");
    expect_status(t, 303);
    post(t, 2, "preset", "preset=m3x3");
    expect_status(t, 303);
}

/* --- tests --- */

static void nothing_moves_before(void **state)
{
    struct test *t = test_begin();
    struct method now;
    i64 scores;

    (void)state;
    approve(t, 1);
    score_all(t, 5);
    scores = value(t, "select sum(score) from risk where org_id = $1", num(t->org));
    make_three_levels(t);
    visit(t, METHOD_GET, "/o/acme/methods/M-2/moves", NULL);
    expect_status(t, 200);
    expect_text(t, "26 open risks");
    expect_text(t, "Not scored, and stays so: 1.");
    expect_text(t, "/o/acme/risks/R-4'");    /* 4 low becomes 3 medium */
    expect_no_text(t, "/o/acme/risks/R-5'"); /* 5 medium becomes 3 medium */
    post(t, 2, "submit", "");
    expect_status(t, 303);
    assert_int_equal(value(t, "select sum(score) from risk where org_id = $1", num(t->org)),
                     scores);
    assert_ok(method_current(t->w, &now));
    assert_int_equal(now.number, 1);
    post(t, 2, "scales", "do=save");
    expect_status(t, 409);
    visit(t, METHOD_GET, "/o/acme/methods/M-2/matrix", NULL);
    expect_status(t, 409);
    login(t, "employee");
    visit(t, METHOD_POST, "/o/acme/methods/M-2/approve", "hash=x");
    expect_status(t, 403);
    test_end(t);
}

static void approval_moves(void **state)
{
    struct test *t = test_begin();
    i64 analyst;

    (void)state;
    approve(t, 1);
    score_all(t, 5);
    analyst = value(t, "select coalesce(max(analyst), 0) from risk where org_id = $1", num(t->org));
    make_three_levels(t);
    post(t, 2, "submit", "");
    approve(t, 2);
    expect_count(t, 0, "select count(*) from risk where org_id = $1 and method <> $2", num(t->org),
                 num(method_id(t, 2)));
    expect_count(t, 1, "select count(*) from method where org_id = $1 and state = 'retired'",
                 num(t->org));
    /* 5 x 5 becomes 3 x 3 = 9; 1 x 1 stays 1; 3 x 3 is 2 x 2 = 4. */
    expect_count(t, 9, "select score from risk where org_id = $1 and number = 25", num(t->org));
    expect_count(t, 4, "select score from risk where org_id = $1 and number = 13", num(t->org));
    expect_count(t, 1, "select score from risk where org_id = $1 and number = 1", num(t->org));
    expect_count(t, 1,
                 "select count(*) from risk where org_id = $1 and score is null and number = 26",
                 num(t->org));
    expect_count(t, analyst, "select coalesce(max(analyst), 0) from risk where org_id = $1",
                 num(t->org));
    expect_sound(t);
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/risks/R-25?tab=history", NULL);
    expect_text(t, "new version M-2 of the risk method");
    test_end(t);
}

static void order_is_kept(void **state)
{
    struct test *t = test_begin();

    (void)state;
    approve(t, 1);
    score_all(t, 5);
    make_three_levels(t);
    post(t, 2, "moves",
         "do=save&m.likelihood.1=2&m.likelihood.2=1&m.likelihood.3=2"
         "&m.likelihood.4=3&m.likelihood.5=3&m.impact.1=1&m.impact.2=1&m.impact.3=2"
         "&m.impact.4=3&m.impact.5=3");
    expect_status(t, 422);
    expect_text(t, "the order of risks would turn round");
    post(t, 2, "moves",
         "do=save&m.likelihood.1=1&m.likelihood.2=1&m.likelihood.3=1"
         "&m.likelihood.4=3&m.likelihood.5=3&m.impact.1=1&m.impact.2=2&m.impact.3=2"
         "&m.impact.4=3&m.impact.5=9");
    expect_status(t, 422);
    expect_text(t, "must become a level from 1 to 3");
    post(t, 2, "moves",
         "do=save&m.likelihood.1=1&m.likelihood.2=1&m.likelihood.3=1"
         "&m.likelihood.4=3&m.likelihood.5=3&m.impact.1=1&m.impact.2=2&m.impact.3=2"
         "&m.impact.4=3&m.impact.5=3");
    expect_status(t, 303);
    approve(t, 2);
    /* What was at least as likely and at least as bad still is, and scores at least as much. */
    expect_count(t, 0,
                 "select count(*) from risk a join risk b on a.org_id = b.org_id"
                 " join risk_history x on x.org_id = a.org_id and x.id = a.id and x.version = 1"
                 " join risk_history y on y.org_id = b.org_id and y.id = b.id and y.version = 1"
                 " where a.org_id = $1 and x.current_likelihood >= y.current_likelihood"
                 " and x.current_impact >= y.current_impact and (a.score < b.score"
                 " or a.current_likelihood < b.current_likelihood"
                 " or a.current_impact < b.current_impact)",
                 num(t->org));
    test_end(t);
}

static void stale_base(void **state)
{
    struct test *t = test_begin();

    (void)state;
    approve(t, 1);
    make_three_levels(t);
    visit(t, METHOD_POST, "/o/acme/methods/M-1/version", "");
    expect_status(t, 409);
    expect_text(t, "M-2 is a draft already");
    approve(t, 2);
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/methods/M-1/version", "");
    expect_status(t, 303);
    expect_count(t, method_id(t, 2), "select base from method where org_id = $1 and number = 3",
                 num(t->org));
    post(t, 3, "discard", "");
    expect_status(t, 303);
    expect_count(t, 1,
                 "select count(*) from method where org_id = $1 and number = 3"
                 " and state = 'retired'",
                 num(t->org));
    test_end(t);
}

/* Two approvals later, a risk of the first version is found by the composed map. */
static void chain_of_versions(void **state)
{
    struct test *t = test_begin();
    const char *band;
    i64 score;

    (void)state;
    approve(t, 1);
    make_three_levels(t);
    approve(t, 2);
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/methods/M-2/version", "");
    post(t, 3, "preset", "preset=m4x4");
    expect_status(t, 303);
    approve(t, 3);
    assert_ok(method_worth(t->w, method_id(t, 1), 5, 5, &score, &band));
    assert_int_equal(score, 16);
    assert_string_equal(band, "critical");
    assert_ok(method_worth(t->w, method_id(t, 1), 1, 1, &score, &band));
    assert_int_equal(score, 1);
    assert_ok(method_cell(t->w, method_id(t, 1), 5, 5, &score, &band));
    assert_int_equal(score, 25);
    assert_ok(method_worth(t->w, method_id(t, 1), 0, 5, &score, &band));
    assert_int_equal(score, 0);
    test_end(t);
}

static struct err *add_treatment(struct web *w, void *ctx)
{
    struct issues issues = {.arena = w->arena};
    struct treatment x = {.title = "Backups",
                          .risk = *(i64 *)ctx,
                          .option = "modify",
                          .state = "planned",
                          .expected_likelihood = 2,
                          .expected_impact = 5};
    struct rows *r;
    i64 *control = NEW(w->arena, i64);

    TRY(db_query(w->db, &r, "select id from control where org_id = $1 order by number limit 1",
                 num(w->org)));
    row_next(r);
    *control = row_num(r, 0);
    x.controls = (struct ids){control, 1};
    TRY(entity_write(w, &treatment_entity, &x, NULL, &issues));
    return issues.count ? err_new(ERR_INVALID, "%s", issues.list[0].text) : NULL;
}

static void treatments_follow(void **state)
{
    struct test *t = test_begin();
    i64 risk;

    (void)state;
    approve(t, 1);
    change(t, add_risk, &(struct scored){4, 5});
    risk = value(t, "select id from risk where org_id = $1", num(t->org));
    change(t, add_treatment, &risk);
    make_three_levels(t);
    approve(t, 2);
    expect_count(t, 2, "select expected_likelihood from treatment where org_id = $1", num(t->org));
    expect_count(t, 3, "select expected_impact from treatment where org_id = $1", num(t->org));
    expect_sound(t);
    test_end(t);
}

static void sent_back(void **state)
{
    struct test *t = test_begin();
    const char *at;

    (void)state;
    login(t, "isms-manager");
    post(t, 1, "submit", "");
    expect_status(t, 303);
    login(t, "top-management");
    visit(t, METHOD_GET, "/o/acme/work", NULL);
    expect_text(t, "/o/acme/methods/M-1");
    visit(t, METHOD_GET, "/o/acme/methods/M-1", NULL);
    at = strstr(body(t), "name='hash' value='") + strlen("name='hash' value='");
    at = arena_strn(t->arena, at, 64);
    post(t, 1, "approve", arena_printf(t->arena, "outcome=refused&hash=%s", at));
    expect_status(t, 422);
    post(t, 1, "approve",
         arena_printf(t->arena, "outcome=refused&comment=Lower+the+line&hash=%s", at));
    expect_status(t, 303);
    expect_count(t, 1, "select count(*) from method where org_id = $1 and state = 'draft'",
                 num(t->org));
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/methods/M-1", NULL);
    expect_text(t, "Lower the line");
    post(t, 1, "submit", "");
    post(t, 1, "withdraw", "");
    expect_status(t, 303);
    post(t, 1, "withdraw", "");
    expect_status(t, 409);
    test_end(t);
}

/* The one statement gives what the rule of a single risk gives, whatever the matrix. */
static void one_statement_agrees(void **state)
{
    struct test *t = test_begin();
    i64 before;

    (void)state;
    score_all(t, 5);
    before = value(t, "select version from risk where org_id = $1 and number = 7", num(t->org));
    login(t, "isms-manager");
    post(t, 1, "matrix",
         "do=save&c.1.1=1&c.1.2=2&c.1.3=3&c.1.4=4&c.1.5=20&c.2.1=2&c.2.2=5&c.2.3=7&c.2.4=9&c.2.5=22"
         "&c.3.1=3&c.3.2=6&c.3.3=9&c.3.4=12&c.3.5=24&c.4.1=4&c.4.2=8&c.4.3=12&c.4.4=16&c.4.5=26"
         "&c.5.1=5&c.5.2=10&c.5.3=15&c.5.4=20&c.5.5=30"
         "&b.low.used=1&b.low.label=Low&b.low.upto=4&b.low.meaning=small&b.low.action=accept"
         "&b.high.used=1&b.high.label=Hoch&b.high.upto=&b.high.meaning=bad&b.high.action=treat");
    expect_status(t, 303);
    expect_count(t, 5, "select score from risk where org_id = $1 and number = 7", num(t->org));
    expect_count(t, 20, "select score from risk where org_id = $1 and number = 5", num(t->org));
    expect_count(t, 0,
                 "select count(*) from risk where org_id = $1 and band not in ('low', 'high')",
                 num(t->org));
    expect_count(t, before, "select version from risk where org_id = $1 and number = 7",
                 num(t->org));
    expect_sound(t);
    visit(t, METHOD_POST, "/o/acme/methods/M-1/preset",
          arena_printf(t->arena, "_version=%lld&preset=m3x3", version_of(t, 1)));
    expect_status(t, 422);
    expect_text(t, "keeps its number of levels");
    test_end(t);
}

/* More than move in the transaction of the approval: the others wait for the job. */
static void map_while_moving(void **state)
{
    struct test *t = test_begin();
    struct risk_heat heat;
    struct method now;
    i64 in_map = 0, left, open;

    (void)state;
    approve(t, 1);
    for (int i = 0; i < 9; i++)
        score_all(t, 5);
    make_three_levels(t);
    post(t, 2, "submit", "");
    approve(t, 2);
    db_use_arena(t->w->db, t->arena);
    assert_ok(method_current(t->w, &now));
    assert_ok(risk_moving(t->w, &now, &left, &open));
    assert_int_equal(open, value(t, "select count(*) from risk where org_id = $1", num(t->org)));
    assert_int_equal(left, open - 200);
    assert_ok(risk_heat_load(t->w, RISK_CURRENT, &now, &heat));
    for (int l = 1; l <= 3; l++)
        for (int i = 1; i <= 3; i++)
            in_map += heat.cells[l][i];
    assert_int_equal(in_map, value(t,
                                   "select count(*) from risk where org_id = $1"
                                   " and current_likelihood is not null",
                                   num(t->org)));
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/risks", NULL);
    expect_text(t, arena_printf(t->arena, "200 of %lld open risks are moved to its scales", open));
    test_end(t);
}

/* The job's own memory is for the job; what it moves piece by piece must not stay there. */
static void moves_in_little_memory(void **state)
{
    struct test *t = test_begin();
    struct arena *little;
    struct web w;

    (void)state;
    approve(t, 1);
    for (int i = 0; i < 20; i++)
        score_all(t, 5);
    make_three_levels(t);
    post(t, 2, "submit", "");
    approve(t, 2);
    expect_count(t, 320, "select count(*) from risk where org_id = $1 and method = $2", num(t->org),
                 num(method_id(t, 1)));
    little = arena_new((size_t)256 * 1024);
    w = *t->w;
    w.arena = little;
    db_use_arena(w.db, little);
    assert_ok(method_jobs[0].run(&w, arena_printf(t->arena, "%lld", method_id(t, 2))));
    assert_true(arena_used(little) < (size_t)64 * 1024);
    db_use_arena(t->w->db, t->arena);
    arena_free(little);
    expect_count(t, 0, "select count(*) from risk where org_id = $1 and method = $2", num(t->org),
                 num(method_id(t, 1)));
    expect_sound(t);
    test_end(t);
}

const struct test_case method_move_tests[] = {
    TEST("a new version shows what would move, and nothing moves before it is approved",
         nothing_moves_before),
    TEST("with the approval every risk moves by the map; the unscored stays unscored, who scored "
         "stays, history says why",
         approval_moves),
    TEST("a map that turns the order round is refused; with any other no order is inverted",
         order_is_kept),
    TEST("only one draft at a time, always from the version in use; a draft can be discarded",
         stale_base),
    TEST("maps of versions that follow one another are composed", chain_of_versions),
    TEST("what a treatment is expected to reach moves with its risk", treatments_follow),
    TEST("top management sends a version back with a reason, its authors take it back", sent_back),
    TEST("a changed matrix gives every risk its level by one statement, as one by one",
         one_statement_agrees),
    TEST("while risks move to a new version, the map counts each by its version and says how many "
         "are moved",
         map_while_moving),
    TEST("the job that moves the others needs the same little memory for any number of risks",
         moves_in_little_memory),
    TEST_END,
};
