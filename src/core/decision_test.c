/* SPDX-License-Identifier: Apache-2.0 */
/* Decisions and four eyes, with the program's own roles and rights. */
#include "core/decision.h"

#include <string.h>

#include "base/text.h"
#include "core/app.h"
#include "core/content.h"
#include "core/permit.h"
#include "entity_bench.h"

extern const struct test_case decision_tests[];

#define DECIDER "top-management"
#define OTHER "employee"

/* A right that top management has and an employee has not. */
static const struct permission *open_rights(struct bench *t, struct app *app)
{
    const struct permission *const *list;
    size_t n;

    memset(app, 0, sizeof(*app));
    app->arena = t->a;
    t->w.app = app;
    assert_ok(content_load(t->a, NULL, &app->content));
    assert_ok(permit_load(app));
    n = feature_permissions(&list);
    for (size_t i = 0; i < n; i++)
        if (permit_role_has(app, DECIDER, list[i]) && !permit_role_has(app, OTHER, list[i]))
            return list[i];
    fail_msg("no permission is held by %s and not by %s", DECIDER, OTHER);
    return NULL;
}

/* A person in a role from the given day on, with an account. */
static i64 holder(struct bench *t, const char *name, const char *role, const char *from)
{
    i64 person = new_person(t, name), row = web_id();

    assert_ok(db_exec(t->w.db,
                      "insert into role_holder (org_id, id, number, version, title, person, role,"
                      " from_date) values ($1, $2, $3, 1, 'x', $4, $5, $6)",
                      num(t->w.org), num(row), num(row), num(person), str(role), str(from)));
    assert_ok(db_exec(t->w.db,
                      "insert into member (org_id, account, organisation, person)"
                      " values (0, $1, $2, $3)",
                      num(web_id()), num(t->w.org), num(person)));
    return person;
}

static void is_recorded(void **state)
{
    struct bench t;
    struct asset box;
    struct decision given = {.outcome = "approved", .comment = "fine", .expires = "2026-12-31"}, d;
    i64 id, second;

    (void)state;
    bench_open(&t);
    t.w.person = holder(&t, "Anna", DECIDER, "2026-01-01");
    new_asset(&t, "Box", &box);
    assert_ok(decision_last(&t.w, "risk.acceptance", box.id, &d));
    assert_int_equal(d.id, 0);
    given.kind = "risk.acceptance";
    assert_ok(decision_record(&t.w, &test_asset, box.id, "what was shown", &given, &id));
    assert_ok(decision_last(&t.w, "risk.acceptance", box.id, &d));
    assert_int_equal(d.id, id);
    assert_int_equal(d.by, t.w.person);
    assert_string_equal(d.outcome, "approved");
    assert_string_equal(d.role, DECIDER);
    assert_string_equal(d.subject_kind, "asset");
    assert_string_equal(d.body, "what was shown");
    assert_string_equal(d.expires, "2026-12-31");
    assert_null(d.exception);
    assert_string_equal(d.subject_hash, decision_hash(t.a, "what was shown"));
    assert_string_not_equal(d.subject_hash, decision_hash(t.a, "what is shown now"));
    assert_non_null(t.w.trail);
    bench_commit(&t);
    assert_int_equal(bench_count(&t,
                                 "select count(*) from audit_event where org_id = $1"
                                 " and record = $2 and action = 'decision'",
                                 box.id),
                     1);
    given.outcome = "refused";
    given.kind = "risk.acceptance";
    assert_ok(decision_record(&t.w, &test_asset, box.id, "shown again", &given, &second));
    assert_ok(decision_last(&t.w, "risk.acceptance", box.id, &d));
    assert_int_equal(d.id, second);
    assert_ok(decision_last(&t.w, "risk.treatment", box.id, &d));
    assert_int_equal(d.id, 0);
    bench_close(&t);
}

static void needs_a_person(void **state)
{
    struct bench t;
    struct decision given = {.outcome = "approved"};
    i64 id;

    (void)state;
    bench_open(&t);
    given.kind = "soa";
    assert_err(decision_record(&t.w, &test_asset, 1, "x", &given, &id), ERR_DENIED);
    t.w.person = holder(&t, "Anna", DECIDER, "2026-01-01");
    given.outcome = "perhaps";
    given.kind = "soa";
    assert_err(decision_record(&t.w, &test_asset, 1, "x", &given, &id), ERR_INVALID);
    given.outcome = "approved";
    given.expires = "soon";
    given.kind = "soa";
    assert_err(decision_record(&t.w, &test_asset, 1, "x", &given, &id), ERR_INVALID);
    bench_close(&t);
}

static void four_eyes(void **state)
{
    struct bench t;
    struct app app;
    const struct permission *right;
    i64 anna, bert;
    bool exception = false, waits = false;

    (void)state;
    bench_open(&t);
    right = open_rights(&t, &app);
    anna = holder(&t, "Anna", DECIDER, "2026-01-01");
    t.w.person = anna;
    assert_ok(decision_four_eyes(&t.w, anna + 1, right, &exception));
    assert_false(exception);
    holder(&t, "Emil", OTHER, "2026-01-01");    /* has not the right */
    holder(&t, "Frida", DECIDER, "2026-03-02"); /* from tomorrow on */
    assert_ok(decision_four_eyes(&t.w, anna, right, &exception));
    assert_true(exception);
    assert_ok(decision_open_to(&t.w, anna, right, &waits));
    assert_true(waits);
    bert = holder(&t, "Bert", DECIDER, "2026-03-01"); /* from today on */
    assert_contains(assert_err(decision_four_eyes(&t.w, anna, right, &exception), ERR_DENIED)->text,
                    "Bert may.");
    assert_false(exception);
    assert_ok(db_exec(t.w.db, "update person set state = 'left' where org_id = $1 and id = $2",
                      num(t.w.org), num(bert)));
    assert_ok(decision_four_eyes(&t.w, anna, right, &exception));
    assert_true(exception);
    bench_close(&t);
}

/* clang-format off */
const struct test_case decision_tests[] = {
    TEST("a decision keeps what was shown and the role; the newest counts", is_recorded),
    TEST("only a person decides, and only yes or no", needs_a_person),
    TEST("who prepared it may decide only when nobody else can, as an exception", four_eyes),
    TEST_END,
};
/* clang-format on */
