/* SPDX-License-Identifier: Apache-2.0 */
#include "feature/assessment/assessment.h"

#include <string.h>

#include "base/text.h"
#include "core/decision.h"
#include "feature/method/method.h"
#include "feature/risk/risk.h"
#include "visit.h"

#define FIRST "title=First+round&started=2026-01-10&summary=Two+risks+stand+out."

/* --- what a round needs --- */

static struct err *approve_method(struct web *w, void *ctx)
{
    struct issues issues = {.arena = w->arena};
    struct method m;

    (void)ctx;
    TRY(method_current(w, &m));
    m.state = "approved";
    TRY(entity_write(w, &method_entity, &m, "approved", &issues));
    assert_int_equal(issues.count, 0);
    return NULL;
}

struct wanted {
    const char *title;
    i64 owner, likelihood, impact;
};

static struct err *add_risk(struct web *w, void *ctx)
{
    const struct wanted *k = ctx;
    struct issues issues = {.arena = w->arena};
    struct risk r = {.title = k->title,
                     .state = "open",
                     .origin = "own",
                     .owner = k->owner,
                     .current_likelihood = k->likelihood,
                     .current_impact = k->impact};

    TRY(entity_write(w, &risk_entity, &r, NULL, &issues));
    if (issues.count)
        fail_msg("%s", issues.list[0].text);
    return NULL;
}

static void risk(struct test *t, const char *title, bool owned, i64 likelihood, i64 impact)
{
    struct wanted k = {title, owned ? person_of(t, "risk-owner") : 0, likelihood, impact};

    change(t, add_risk, &k);
}

static void start_round(struct test *t)
{
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/assessments", FIRST);
    expect_status(t, 303);
    assert_string_equal(header(t, "Location"), "/o/acme/assessments/AS-1?m=created");
}

static i64 version_now(struct test *t)
{
    return value(t, "select version from assessment where org_id = $1 and number = 1", num(t->org));
}

static void close_round(struct test *t)
{
    visit(t, METHOD_POST, "/o/acme/assessments/AS-1/close",
          arena_printf(t->arena, "_version=%lld", version_now(t)));
}

static const char *hash_now(struct test *t)
{
    struct rows *r;

    assert_ok(db_query(t->w->db, &r,
                       "select body_hash, body from assessment where org_id = $1 and number = 1",
                       num(t->org)));
    assert_true(row_next(r));
    if (!row_null(r, 1))
        assert_string_equal(row_text(r, 0), decision_hash(t->arena, row_text(r, 1)));
    return arena_str(t->arena, row_text(r, 0));
}

static void approve(struct test *t, const char *hash, const char *more)
{
    visit(t, METHOD_POST, "/o/acme/assessments/AS-1/approve",
          arena_printf(t->arena, "hash=%s&outcome=approved%s", hash, more));
}

static struct test *closed(void)
{
    struct test *t = test_begin();

    change(t, approve_method, NULL);
    risk(t, "Fire in the server room", true, 3, 5);
    risk(t, "Theft of a tablet", true, 2, 2);
    start_round(t);
    close_round(t);
    expect_status(t, 303);
    return t;
}

/* --- the tests --- */

static void starts_with_facts(void **state)
{
    struct test *t = test_begin();

    (void)state;
    start_round(t);
    expect_count(t, 1,
                 "select count(*) from assessment a join method m on m.org_id = a.org_id and m.id ="
                 " a.method where a.org_id = $1 and a.state = 'open' and a.author = $2"
                 " and a.body is null",
                 num(t->org), num(person_of(t, "isms-manager")));
    visit(t, METHOD_GET, "/o/acme/assessments", NULL);
    expect_status(t, 200);
    expect_text(t, "First round");
    test_end(t);
}

static void names_what_is_missing(void **state)
{
    struct test *t = test_begin();

    (void)state;
    risk(t, "Nobody scored this", true, 0, 0);
    risk(t, "Nobody owns this", false, 2, 2);
    start_round(t);
    visit(t, METHOD_GET, "/o/acme/assessments/AS-1", NULL);
    expect_status(t, 200);
    expect_text(t, "The risk method is not approved");
    expect_text(t, "It has no score. Choose likelihood and impact.");
    expect_text(t, "It has no owner. Name one person.");
    expect_no_text(t, "Close and freeze the register");
    test_end(t);
}

static void refuses_to_close_early(void **state)
{
    struct test *t = test_begin();

    (void)state;
    start_round(t);
    close_round(t);
    expect_status(t, 422);
    expect_text(t, "The risk method is not approved");
    change(t, approve_method, NULL);
    close_round(t);
    expect_status(t, 422);
    expect_text(t, "There is no open risk");
    risk(t, "Nobody scored this", true, 0, 0);
    close_round(t);
    expect_status(t, 422);
    expect_text(t, "R-1 “Nobody scored this”: It has no score");
    expect_count(t, 0, "select count(*) from assessment where org_id = $1 and state = 'closed'",
                 num(t->org));
    test_end(t);
}

static void closing_freezes(void **state)
{
    struct test *t = closed();
    const char *hash = hash_now(t);

    (void)state;
    risk(t, "Found later", true, 5, 5);
    visit(t, METHOD_GET, "/o/acme/assessments/AS-1", NULL);
    expect_status(t, 200);
    expect_text(t, "Fire in the server room");
    expect_text(t, "Person risk-owner");
    expect_text(t, "above the acceptance level of");
    expect_no_text(t, "Found later");
    assert_string_equal(hash_now(t), hash);
    test_end(t);
}

static void report_is_a_file(void **state)
{
    struct test *t = closed();

    (void)state;
    visit(t, METHOD_GET, "/o/acme/assessments/AS-1/report", NULL);
    expect_status(t, 200);
    assert_memory_equal(t->r->response.body.data, "%PDF-", 5);
    assert_contains(header(t, "Content-Disposition"), "risk-assessment-AS-1.pdf");
    test_end(t);
}

static void frozen_text_names_nobody(void **state)
{
    struct test *t = closed();

    (void)state;
    expect_count(t, 0,
                 "select text_has(body, 'Person risk-owner') from assessment where org_id = $1",
                 num(t->org));
    expect_count(t, 1,
                 "select text_has(body, 'Theft of a tablet') from assessment where org_id = $1",
                 num(t->org));
    test_end(t);
}

static void closed_stays(void **state)
{
    struct test *t = closed();

    (void)state;
    close_round(t);
    expect_status(t, 409);
    visit(t, METHOD_POST, "/o/acme/assessments/AS-1",
          arena_printf(t->arena, "_version=%lld&title=Other&started=2026-01-10", version_now(t)));
    expect_status(t, 422);
    expect_text(t, "This round is closed");
    visit(t, METHOD_POST, "/o/acme/assessments/AS-1/remove",
          arena_printf(t->arena, "_version=%lld", version_now(t)));
    expect_status(t, 409);
    expect_count(t, 1,
                 "select count(*) from assessment where org_id = $1 and title = 'First round'",
                 num(t->org));
    test_end(t);
}

static void management_approves(void **state)
{
    struct test *t = closed();
    const char *hash = hash_now(t);

    (void)state;
    login(t, "top-management");
    approve(t, hash, "&comment=Well+done");
    expect_status(t, 303);
    expect_count(t, 1,
                 "select count(*) from decision where org_id = $1 and kind = 'assessment'"
                 " and outcome = 'approved' and role = 'top management' and subject_hash = $2",
                 num(t->org), str(hash));
    visit(t, METHOD_GET, "/o/acme/assessments/AS-1", NULL);
    expect_text(t, "Approved by Person top-management");
    expect_text(t, "Well done");
    approve(t, hash, "");
    expect_status(t, 409);
    expect_text(t, "approved already");
    test_end(t);
}

static void others_may_not_approve(void **state)
{
    struct test *t = closed();

    (void)state;
    approve(t, hash_now(t), "");
    expect_status(t, 403);
    expect_count(t, 0, "select count(*) from decision where org_id = $1", num(t->org));
    test_end(t);
}

static void another_text_is_refused(void **state)
{
    struct test *t = closed();

    (void)state;
    login(t, "top-management");
    approve(t, "0000", "");
    expect_status(t, 409);
    expect_text(t, "not the report that you were shown");
    test_end(t);
}

static void open_round_has_no_report(void **state)
{
    struct test *t = test_begin();

    (void)state;
    start_round(t);
    login(t, "top-management");
    approve(t, "", "");
    expect_status(t, 409);
    expect_text(t, "still open");
    test_end(t);
}

static void author_needs_another(void **state)
{
    struct test *t = test_begin();

    (void)state;
    change(t, approve_method, NULL);
    risk(t, "Fire in the server room", true, 3, 5);
    login(t, "top-management");
    visit(t, METHOD_POST, "/o/acme/assessments", FIRST);
    expect_status(t, 303);
    close_round(t);
    expect_status(t, 303);
    approve(t, hash_now(t), "&exception=I+am+alone");
    /* The founder of Acme stands in for top management too and could decide. */
    expect_status(t, 403);
    expect_text(t, "You prepared this yourself");
    test_end(t);
}

static void changed_meanwhile_is_refused(void **state)
{
    struct test *t = test_begin();

    (void)state;
    change(t, approve_method, NULL);
    risk(t, "Fire in the server room", true, 3, 5);
    start_round(t);
    visit(t, METHOD_POST, "/o/acme/assessments/AS-1/close", "_version=99");
    expect_status(t, 409);
    expect_text(t, "Somebody changed this round");
    test_end(t);
}

static void frozen_rounds_are_blind(void **state)
{
    struct test *t = closed();

    (void)state;
    api(t, "top-management", METHOD_GET, "/api/v1/assessments/AS-1", NULL);
    expect_text(t, "Fire in the server room");
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/assessments", "title=Second&started=2026-06-10");
    expect_status(t, 303);
    visit(t, METHOD_POST, "/o/acme/assessments/AS-2/second",
          "assessor=top-management%40acme.test&percent=100&seed=x");
    expect_status(t, 303);
    tick(t);
    api(t, "top-management", METHOD_GET, "/api/v1/assessments/AS-1", NULL);
    expect_status(t, 200);
    expect_no_text(t, "Fire in the server room");
    login(t, "top-management");
    visit(t, METHOD_GET, "/o/acme/assessments/AS-1", NULL);
    expect_status(t, 200);
    expect_text(t, "shows the first scores of risks");
    expect_no_text(t, "Fire in the server room");
    approve(t, hash_now(t), "");
    expect_status(t, 403);
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/assessments/AS-1", NULL);
    expect_text(t, "Fire in the server room");
    test_end(t);
}

const struct test_case assessment_tests[] = {
    TEST("a new round knows its method, its author and that it is open", starts_with_facts),
    TEST("the page of an open round lists what keeps it from being closed", names_what_is_missing),
    TEST("a round is not closed without approved method, risks, scores", refuses_to_close_early),
    TEST("closing freezes the register: a later risk is not in the report", closing_freezes),
    TEST("the report of a closed round is a PDF too", report_is_a_file),
    TEST("the frozen text knows people by number only", frozen_text_names_nobody),
    TEST("a closed round is not closed again, changed or removed", closed_stays),
    TEST("top management approves the report it was shown, once", management_approves),
    TEST("who is not top management may not approve the report", others_may_not_approve),
    TEST("an approval of another text than the one shown is refused", another_text_is_refused),
    TEST("an open round cannot be approved", open_round_has_no_report),
    TEST("who prepared the round does not approve it while somebody else may",
         author_needs_another),
    TEST("a round that changed since the page was shown is not closed",
         changed_meanwhile_is_refused),
    TEST("a frozen round is hidden from whoever is to score one of its risks a second time",
         frozen_rounds_are_blind),
    TEST_END,
};
