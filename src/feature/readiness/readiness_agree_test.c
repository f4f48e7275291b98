/* SPDX-License-Identifier: Apache-2.0 */
/* The rules about the statement and the page of the statement count the same, whatever the records
 * say: worlds made at random, and the special cases by hand. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "feature/readiness/readiness_fixture.h"
#include "feature/soa/soa.h"
#include "maker.h"

#define WORLDS 12

/* --- what the page says --- */

struct seen {
    i64 open, included, reasonless, undescribed, ownerless, risky, owed;
};

static bool has(const struct soa_row *r, const char *kind)
{
    for (size_t i = 0; i < r->nreasons; i++)
        if (text_equal(r->reasons[i].kind, kind))
            return true;
    return false;
}

static struct seen look(struct test *t)
{
    struct soa_table table;
    struct seen s = {0};

    assert_ok(soa_rows(t->w, &table));
    for (size_t i = 0; i < table.count; i++) {
        const struct soa_row *r = &table.rows[i];
        bool yes = text_equal(r->applicable, "yes"), no = text_equal(r->applicable, "no");

        s.open += text_equal(r->applicable, "open") && !text_equal(r->theme, "own");
        s.included += yes;
        s.reasonless += yes && !r->nreasons;
        s.undescribed += yes && !r->how[0];
        s.ownerless += yes && !r->owner;
        s.risky += no && has(r, "risk");
        s.owed += no && r->conflict &&
                  (has(r, "law") || has(r, "contract") || strstr(r->conflict, "in use"));
    }
    return s;
}

static void compare(struct test *t, u64 seed)
{
    struct seen s = look(t);

    if (run_rule(t, "R050").failing != s.open || run_rule(t, "R052").population != s.included ||
        run_rule(t, "R052").failing != s.reasonless ||
        run_rule(t, "R054").failing != s.undescribed || run_rule(t, "R099").failing != s.ownerless)
        fail_msg("world %llu: rules %lld %lld %lld %lld %lld, page %lld %lld %lld %lld %lld",
                 (unsigned long long)seed, run_rule(t, "R050").failing,
                 run_rule(t, "R052").population, run_rule(t, "R052").failing,
                 run_rule(t, "R054").failing, run_rule(t, "R099").failing, s.open, s.included,
                 s.reasonless, s.undescribed, s.ownerless);
    assert_int_equal(run_rule(t, "R055").failing, s.risky);
    assert_int_equal(run_rule(t, "R056").failing, s.owed);
}

/* --- worlds --- */

static const char *pick(u64 *state, const char *const *list, size_t n)
{
    return list[seeded(state) % n];
}

static void scatter(struct test *t, u64 *state)
{
    static const char *const applicable[] = {"open", "open", "yes", "no"};
    static const char *const how[] = {"null", "'We do it.'"};
    static const char *const business[] = {"null", "null", "'Customers ask for it.'"};
    static const char *const owner[] = {"null", "901"};

    for (int i = 1; i <= 93; i++)
        run_sql(t, arena_printf(t->arena,
                                "update control set applicable = '%s', how = %s,"
                                " business_reason = %s, owner = %s, baseline = %d,"
                                " justification = 'Nobody comes to us for that.'"
                                " where org_id = $1 and position = %d",
                                pick(state, applicable, 4), pick(state, how, 2),
                                pick(state, business, 3), pick(state, owner, 2),
                                seeded(state) % 3 == 0, i));
}

/* Another control that the record of a table of links uses. */
static void link_some(struct test *t, u64 *state, const char *table, int record)
{
    run_sql(t, arena_printf(t->arena,
                            "insert into %s (org_id, record, target) select $1, %d, k.id from"
                            " control k where k.org_id = $1 and k.position = %d"
                            " and not exists (select 1 from %s l where l.org_id = $1 and"
                            " l.record = %d and l.target = k.id)",
                            table, record, (int)(seeded(state) % 93) + 1, table, record));
}

static void random_worlds(void **state)
{
    static const char *const states[] = {"planned", "cancelled", "done"};
    static const char *const risks[] = {"open", "closed"};
    static const char *const addressed[] = {"yes", "no", "open"};
    static const char *const answers[] = {"null", "'yes'", "'no'"};
    static const char *const clouds[] = {"null", "'none'", "'all'"};

    (void)state;
    for (u64 seed = 1; seed <= WORLDS; seed++) {
        struct test *t = test_begin();
        u64 s = seed * 7919;

        sound_world(t);
        scatter(t, &s);
        run_sql(t, arena_printf(t->arena,
                                "update profile set cloud = %s, develops = %s, own_servers = %s,"
                                " own_network = %s where org_id = $1;"
                                "update treatment set state = '%s' where org_id = $1 and id = 961;"
                                "update risk set state = '%s' where org_id = $1 and id = 952;"
                                "update requirement set addressed = '%s' where org_id = $1",
                                pick(&s, clouds, 3), pick(&s, answers, 3), pick(&s, answers, 3),
                                pick(&s, answers, 3), pick(&s, states, 3), pick(&s, risks, 2),
                                pick(&s, addressed, 3)));
        for (int i = 0; i < 12; i++) {
            link_some(t, &s, "treatment_controls", i % 2 ? 961 : 962);
            link_some(t, &s, "requirement_controls", 921);
        }
        compare(t, seed);
        test_end(t);
    }
}

/* --- by hand --- */

static void uses_decide(void **state)
{
    struct test *t = test_begin();

    (void)state;
    sound_world(t);
    run_sql(t, "update control set applicable = 'open' where org_id = $1 and code = '5.1'");
    assert_int_equal(run_rule(t, "R050").failing, 0);
    run_sql(t, "delete from requirement_controls where org_id = $1;"
               "update treatment set state = 'cancelled' where org_id = $1");
    assert_int_equal(run_rule(t, "R050").failing, 1);
    compare(t, 0);
    test_end(t);
}

static void closed_risks(void **state)
{
    struct test *t = test_begin();

    (void)state;
    sound_world(t);
    run_sql(t, "delete from requirement_controls where org_id = $1;"
               "update control set baseline = 0 where org_id = $1 and code = '5.1'");
    assert_int_equal(run_rule(t, "R052").failing, 0);
    run_sql(t, "update risk set state = 'closed' where org_id = $1 and id = 951");
    assert_int_equal(run_rule(t, "R052").failing, 1);
    run_sql(t, "update control set applicable = 'no' where org_id = $1 and code = '5.1'");
    assert_int_equal(run_rule(t, "R055").failing, 0);
    compare(t, 0);
    test_end(t);
}

static void profile_is_a_reason(void **state)
{
    struct test *t = test_begin();

    (void)state;
    sound_world(t);
    run_sql(t, "update control set baseline = 0 where org_id = $1 and code in ('5.23', '8.28')");
    assert_int_equal(run_rule(t, "R052").failing, 2);
    run_sql(t, "update profile set cloud = 'all', develops = 'no' where org_id = $1");
    assert_int_equal(run_rule(t, "R052").failing, 1);
    assert_string_equal(run_rule(t, "R052").offenders[0].because,
                        "no risk, requirement, baseline or business reason");
    compare(t, 0);
    test_end(t);
}

static void progress_is_no_change(void **state)
{
    struct test *t = test_begin();

    (void)state;
    sound_world(t);
    run_sql(t, "update control set status = 'partial', how = 'We began.' where org_id = $1 and"
               " code = '5.1';update treatment set title = 'Encrypt all of it' where org_id = $1"
               " and id = 961;update requirement set title = 'Keep it safe' where org_id = $1");
    assert_int_equal(run_rule(t, "R057").failing, 0);
    run_sql(t, "update control set applicable = 'no' where org_id = $1 and code = '8.30'");
    assert_int_equal(run_rule(t, "R057").failing, 1);
    test_end(t);
}

/* The profile of a past day counts for that day, although "in use" is not in the history. */
static void past_profile(void **state)
{
    struct test *t = test_begin();
    const char *before;

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/profile", "sites=none&cloud=all");
    expect_status(t, 303);
    visit(t, METHOD_POST, "/o/acme/soa/decide",
          "control=5.23&_version=1&decide=no&justification=We+said+that+we+use+no+cloud+services+"
          "at+all.");
    expect_status(t, 303);
    before = clock_date(t->arena, clock_now(), "Europe/Berlin");
    clock_shift(2 * DAY);
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/profile", "sites=none&cloud=none&_version=2");
    expect_status(t, 303);
    visit(t, METHOD_GET, "/o/acme/readiness/R056", NULL);
    expect_no_text(t, "5.23");
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/readiness/R056?asof=%s", before), NULL);
    expect_text(t, "5.23");
    clock_shift(-2 * DAY);
    test_end(t);
}

const struct test_case readiness_agree_tests[] = {
    TEST("rules and the page of the statement count the same in a dozen worlds made at random",
         random_worlds),
    TEST("a control that a requirement or a treatment uses is decided by that (R050)", uses_decide),
    TEST("the treatment of a closed risk is neither a reason (R052) nor a contradiction (R055)",
         closed_risks),
    TEST("what the profile says about the business is a reason (R052)", profile_is_a_reason),
    TEST("progress and new titles leave the statement in force, another decision does not (R057)",
         progress_is_no_change),
    TEST("the rules of a past day look at the profile of that day (R056)", past_profile),
    TEST_END,
};
