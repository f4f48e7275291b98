/* SPDX-License-Identifier: Apache-2.0 */
/* Frozen registers: what they hold, that nobody changes them unseen, and what two of them say. */
#include <string.h>

#include "base/text.h"
#include "core/trail.h"
#include "feature/assessment/assessment_part.h"
#include "feature/method/method.h"
#include "feature/risk/risk.h"
#include "visit.h"

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
    i64 number, owner, likelihood, impact;
    const char *title, *state, *reason;
    const char *axes; /* of the current impact */
};

static struct err *put_risk(struct web *w, void *ctx)
{
    const struct wanted *k = ctx;
    struct issues issues = {.arena = w->arena};
    struct risk r = {.state = "open", .origin = "own"};
    i64 id;

    if (k->number) {
        TRY(entity_find(w, &risk_entity, arena_printf(w->arena, "R-%lld", k->number), &id));
        TRY(entity_load(w, &risk_entity, id, &r));
    }
    r.title = k->title ? k->title : r.title;
    r.state = k->state ? k->state : r.state;
    r.owner = k->owner ? k->owner : r.owner;
    r.current_likelihood = k->likelihood ? k->likelihood : r.current_likelihood;
    r.current_impact = k->impact ? k->impact : r.current_impact;
    r.current_axes = k->axes ? k->axes : r.current_axes;
    TRY(entity_write(w, &risk_entity, &r, k->reason, &issues));
    if (issues.count)
        fail_msg("%s", issues.list[0].text);
    return NULL;
}

static void risk(struct test *t, const char *title, i64 likelihood, i64 impact)
{
    struct wanted k = {.title = title,
                       .owner = person_of(t, "risk-owner"),
                       .likelihood = likelihood,
                       .impact = impact};

    change(t, put_risk, &k);
}

static void again(struct test *t, struct wanted k)
{
    change(t, put_risk, &k);
}

static void round_closed(struct test *t, int number)
{
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/assessments",
          arena_printf(t->arena, "title=Round+%d&started=2026-01-10", number));
    expect_status(t, 303);
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/assessments/AS-%d/close", number), NULL);
    expect_status(t, 303);
}

/* Two rounds: R-1 stays, R-2 goes up with a reason, R-3 is closed, R-4 is found later. */
static struct test *two_rounds(void)
{
    struct test *t = test_begin();

    change(t, approve_method, NULL);
    risk(t, "Fire in the server room", 3, 5);
    risk(t, "Theft of a tablet", 2, 2);
    risk(t, "Flood in the cellar", 2, 3);
    round_closed(t, 1);
    again(t, (struct wanted){.number = 2, .likelihood = 4, .reason = "Three thefts in a month"});
    again(t, (struct wanted){.number = 3, .state = "closed", .reason = "The cellar was given up"});
    risk(t, "Mail to the wrong people", 3, 3);
    round_closed(t, 2);
    return t;
}

static i64 round_id(struct test *t, i64 number)
{
    return value(t, "select id from assessment where org_id = $1 and number = $2", num(t->org),
                 num(number));
}

static const char *hash_of(struct test *t, i64 number)
{
    const char *hex;
    i64 risks;

    assert_ok(snapshot_hash(t->w, round_id(t, number), &risks, &hex));
    return arena_str(t->arena, hex);
}

/* --- frozen --- */

static void rows_are_copied(void **state)
{
    struct test *t = two_rounds();

    (void)state;
    expect_count(t, 3, "select count(*) from snapshot_risk where org_id = $1 and assessment = $2",
                 num(t->org), num(round_id(t, 1)));
    expect_count(t, 4,
                 "select score from snapshot_risk where org_id = $1 and assessment = $2"
                 " and number = 2",
                 num(t->org), num(round_id(t, 1)));
    expect_count(t, 8,
                 "select score from snapshot_risk where org_id = $1 and assessment = $2"
                 " and number = 2",
                 num(t->org), num(round_id(t, 2)));
    visit(t, METHOD_GET, "/o/acme/assessments/AS-1/register", NULL);
    expect_status(t, 200);
    expect_text(t, "Flood in the cellar");
    expect_no_text(t, "Mail to the wrong people");
    test_end(t);
}

static void body_commits(void **state)
{
    struct test *t = two_rounds();
    const char *wrong;
    struct rows *r;

    (void)state;
    assert_ok(
        db_query(t->w->db, &r, "select id, body from assessment where org_id = $1", num(t->org)));
    while (row_next(r)) {
        assert_ok(snapshot_check(t->w, row_num(r, 0), row_text(r, 1), &wrong));
        assert_null(wrong);
    }
    assert_string_not_equal(hash_of(t, 1), hash_of(t, 2));
    assert_string_equal(hash_of(t, 1), hash_of(t, 1));
    test_end(t);
}

static const struct finding *found(struct test *t, struct verify_result *v, const char *part)
{
    assert_ok(trail_verify(t->w, t->org, v));
    for (size_t i = 0; i < v->count; i++)
        if (strstr(v->findings[i].text, part))
            return &v->findings[i];
    return NULL;
}

static struct err *tamper_title(struct web *w, void *ctx)
{
    (void)ctx;
    return db_exec(w->db,
                   "update snapshot_risk set title = 'Nothing' where org_id = $1"
                   " and number = 1",
                   num(w->org));
}

static struct err *tamper_row(struct web *w, void *ctx)
{
    (void)ctx;
    return db_exec(w->db, "delete from snapshot_risk where org_id = $1 and number = 4",
                   num(w->org));
}

static void tampering_is_found(void **state)
{
    struct test *t = two_rounds();
    struct verify_result v;

    (void)state;
    assert_null(found(t, &v, "frozen register"));
    assert_int_equal(v.count, 0);
    change(t, tamper_row, NULL);
    assert_non_null(found(t, &v, "AS-2: its frozen register was changed: 2 risks are there, 3"));
    assert_int_equal(v.count, 1);
    change(t, tamper_title, NULL);
    assert_non_null(found(t, &v, "AS-1: its frozen register was changed"));
    visit(t, METHOD_GET, "/o/acme/assessments/AS-1?again=1", NULL);
    expect_text(t, "This is not the register that was frozen");
    test_end(t);
}

static struct err *tamper_cell(struct web *w, void *ctx)
{
    (void)ctx;
    return db_exec(w->db,
                   "update method_cell set score = 24 where org_id = $1 and likelihood = 3"
                   " and impact = 5",
                   num(w->org));
}

static void numbers_repeat(void **state)
{
    struct test *t = two_rounds();
    struct rerun one;

    (void)state;
    assert_ok(snapshot_rerun(t->w, round_id(t, 2), &one));
    assert_int_equal(one.risks, 3);
    assert_int_equal(one.differ, 0);
    visit(t, METHOD_GET, "/o/acme/assessments/AS-2?again=1", NULL);
    expect_text(t, "all levels are the same");
    change(t, tamper_cell, NULL);
    assert_ok(snapshot_rerun(t->w, round_id(t, 2), &one));
    assert_int_equal(one.differ, 1);
    test_end(t);
}

static struct err *refreeze(struct web *w, void *ctx)
{
    i64 risks;

    return snapshot_write(w, *(i64 *)ctx, &risks);
}

static void twice_is_refused(void **state)
{
    struct test *t = two_rounds();
    i64 id = round_id(t, 1);
    const char *before = hash_of(t, 1);

    (void)state;
    assert_non_null(app_write(t->w, refreeze, &id));
    assert_string_equal(hash_of(t, 1), before);
    test_end(t);
}

/* --- compared --- */

static void says_what_differs(void **state)
{
    struct test *t = two_rounds();
    struct comparison c;

    (void)state;
    assert_ok(comparison_make(t->w, NULL, NULL, &c));
    assert_int_equal(c.older.number, 1);
    assert_int_equal(c.fresh, 1);
    assert_int_equal(c.gone, 1);
    assert_int_equal(c.changed, 1);
    assert_int_equal(c.same, 1);
    assert_int_equal(c.higher, 1);
    assert_int_equal(c.lower, 0);
    assert_ok(comparison_make(t->w, "AS-2", "AS-1", &c));
    assert_int_equal(c.fresh, 1);
    assert_int_equal(c.lower, 1);
    test_end(t);
}

static void page_tells_fields_and_reasons(void **state)
{
    struct test *t = two_rounds();

    (void)state;
    visit(t, METHOD_GET, "/o/acme/assessments/compare", NULL);
    expect_status(t, 200);
    expect_text(t, "4 Low (2 × 2)");
    expect_text(t, "8 Medium (4 × 2)");
    expect_text(t, "Three thefts in a month");
    expect_text(t, "The cellar was given up");
    expect_no_text(t, "Fire in the server room");
    visit(t, METHOD_GET, "/o/acme/assessments/compare?show=same", NULL);
    expect_text(t, "Fire in the server room");
    visit(t, METHOD_GET, "/o/acme/assessments/compare?show=changed&field=owner", NULL);
    expect_text(t, "No risk differs in this way.");
    visit(t, METHOD_GET, "/o/acme/assessments/compare?show=new", NULL);
    expect_text(t, "Mail to the wrong people");
    expect_no_text(t, "Theft of a tablet");
    test_end(t);
}

static void strange_questions(void **state)
{
    static const char *const asked[] = {"older=AS-1&newer=AS-1",
                                        "older=AS-9&newer=AS-1",
                                        "show=strange",
                                        "field=strange",
                                        "from=x",
                                        "from=-1"};
    struct test *t = two_rounds();

    (void)state;
    for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
        visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/assessments/compare?%s", asked[i]),
              NULL);
        assert_in_range(status(t), 400, 404);
    }
    visit(t, METHOD_POST, "/o/acme/assessments", "title=Open&started=2026-01-10");
    visit(t, METHOD_GET, "/o/acme/assessments/compare?older=AS-1&newer=AS-3", NULL);
    expect_status(t, 400);
    expect_text(t, "AS-3 is still open");
    visit(t, METHOD_GET, "/o/acme/assessments/AS-3/register", NULL);
    expect_status(t, 409);
    visit(t, METHOD_GET, "/o/acme/assessments/trend?kind=strange", NULL);
    expect_status(t, 400);
    visit(t, METHOD_GET, "/o/acme/assessments/compare/export?format=doc", NULL);
    expect_status(t, 400);
    test_end(t);
}

static void exports_what_is_shown(void **state)
{
    struct test *t = two_rounds();
    const char *csv;

    (void)state;
    visit(t, METHOD_GET, "/o/acme/assessments/compare/export?format=csv&show=changed", NULL);
    expect_status(t, 200);
    csv = (const char *)answer_bytes(t).data;
    assert_contains(csv, "R-2,Theft of a tablet,Changed: Current level,4 Low (2 × 2),8 Medium");
    assert_null(strstr(csv, "R-4"));
    visit(t, METHOD_GET, "/o/acme/assessments/compare/export?format=xlsx", NULL);
    expect_status(t, 200);
    assert_memory_equal(answer_bytes(t).data, "PK", 2);
    visit(t, METHOD_GET, "/o/acme/assessments/compare/export?format=pdf", NULL);
    expect_status(t, 200);
    assert_memory_equal(t->r->response.body.data, "%PDF-", 5);
    login(t, "employee");
    visit(t, METHOD_GET, "/o/acme/assessments/compare", NULL);
    expect_status(t, 403);
    test_end(t);
}

static void api_tells_the_same(void **state)
{
    struct test *t = two_rounds();
    json_t *o;

    (void)state;
    api(t, "isms-manager", METHOD_GET, "/api/v1/assessments/compare?older=AS-1&newer=AS-2", NULL);
    expect_status(t, 200);
    o = answer_json(t);
    assert_int_equal(json_integer_value(json_object_get(o, "changed")), 1);
    assert_int_equal(json_array_size(json_object_get(o, "items")), 3);
    assert_true(json_is_null(json_object_get(o, "next")));
    api(t, "isms-manager", METHOD_GET, "/api/v1/assessments/AS-2/register", NULL);
    expect_status(t, 200);
    assert_int_equal(json_array_size(json_object_get(answer_json(t), "items")), 3);
    api(t, "isms-manager", METHOD_GET, "/api/v1/assessments/trend", NULL);
    expect_status(t, 200);
    o = json_array_get(json_object_get(answer_json(t), "items"), 1);
    assert_int_equal(json_integer_value(json_object_get(o, "risks")), 3);
    test_end(t);
}

static void trend_counts(void **state)
{
    struct test *t = two_rounds();

    (void)state;
    expect_count(t, 3,
                 "select sum(risks) from snapshot_count where org_id = $1 and assessment = $2"
                 " and kind = 'residual' and band = ''",
                 num(t->org), num(round_id(t, 1)));
    visit(t, METHOD_GET, "/o/acme/assessments/trend", NULL);
    expect_status(t, 200);
    expect_text(t, "<rect class='trend-yellow'");
    expect_text(t, "Round 2");
    visit(t, METHOD_GET, "/o/acme/assessments/trend?kind=residual", NULL);
    expect_status(t, 200);
    test_end(t);
}

static void one_round_is_not_two(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/assessments/compare", NULL);
    expect_status(t, 200);
    expect_text(t, "no two closed rounds");
    visit(t, METHOD_GET, "/o/acme/assessments/compare/export?format=pdf", NULL);
    expect_status(t, 200);
    visit(t, METHOD_GET, "/o/acme/assessments/compare?older=AS-1&newer=AS-2", NULL);
    expect_status(t, 404);
    visit(t, METHOD_GET, "/o/acme/assessments/trend", NULL);
    expect_status(t, 200);
    expect_text(t, "No round is closed yet");
    test_end(t);
}

static struct err *tamper_axes(struct web *w, void *ctx)
{
    (void)ctx;
    return db_exec(w->db,
                   "update snapshot_risk set current_axes = 'a=4,legal=4' where org_id = $1"
                   " and current_axes = 'a=4,legal=5'",
                   num(w->org));
}

static void axes_are_frozen(void **state)
{
    struct test *t = test_begin();
    struct verify_result v;
    struct rerun one;
    const char *before;

    (void)state;
    change(t, approve_method, NULL);
    risk(t, "Fire in the server room", 3, 5);
    again(t, (struct wanted){.number = 1, .axes = "a=4,legal=5", .reason = "Judged per axis"});
    risk(t, "Theft of a tablet", 2, 2);
    round_closed(t, 1);
    before = hash_of(t, 1);
    again(t, (struct wanted){.number = 1, .axes = "a=5,legal=5", .reason = "Longer away"});
    round_closed(t, 2);
    assert_string_equal(hash_of(t, 1), before);
    visit(t, METHOD_GET, "/o/acme/assessments/compare?older=AS-1&newer=AS-2", NULL);
    expect_status(t, 200);
    expect_text(t, "15 High (3 × 5: Availability 4, Legal 5)");
    expect_text(t, "15 High (3 × 5: Availability 5, Legal 5)");
    expect_text(t, "Longer away");
    assert_null(found(t, &v, "frozen register"));
    assert_ok(snapshot_rerun(t->w, round_id(t, 1), &one));
    assert_int_equal(one.differ, 0);
    change(t, tamper_axes, NULL);
    assert_non_null(found(t, &v, "AS-1: its frozen register was changed"));
    assert_ok(snapshot_rerun(t->w, round_id(t, 1), &one));
    assert_int_equal(one.differ, 1); /* the highest of its axes is not its impact any more */
    test_end(t);
}

const struct test_case assessment_snapshot_tests[] = {
    TEST("closing a round copies every open risk with its fields and levels", rows_are_copied),
    TEST("the text of a round names the hash of its frozen rows", body_commits),
    TEST("verify finds a frozen risk that was changed or taken out", tampering_is_found),
    TEST("computing a frozen register again gives identical numbers", numbers_repeat),
    TEST("a register is frozen once: a second time is refused", twice_is_refused),
    TEST("two rounds compared say what is new, gone, changed and the same, in either direction",
         says_what_differs),
    TEST("the comparison shows the fields that changed and the reasons of the log",
         page_tells_fields_and_reasons),
    TEST("open, unknown or equal rounds and unknown filters are refused with a sentence",
         strange_questions),
    TEST("a comparison goes out as CSV, workbook and PDF, filtered as it is shown",
         exports_what_is_shown),
    TEST("the API gives comparison, frozen register and trend", api_tells_the_same),
    TEST("the trend counts risks per band of each round", trend_counts),
    TEST("with fewer than two closed rounds there is nothing to compare", one_round_is_not_two),
    TEST("impacts per axis are frozen and compared, and a round without them keeps its hash",
         axes_are_frozen),
    TEST_END,
};
