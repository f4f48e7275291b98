/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of risk assessment, treatment and assets, branch by branch: what counts, what does not,
 * and where the line is. Each case changes one thing in the sound world. */
#include "feature/readiness/readiness_fixture.h"

struct branch {
    const char *id, *change;
    i64 failing;
};

static void check(const struct branch *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct test *t = test_begin();
        struct rule_result r;

        sound_world(t);
        run_sql(t, list[i].change);
        r = run_rule(t, list[i].id);
        if (r.failing != list[i].failing)
            fail_msg("%s finds %lld instead of %lld after: %s", list[i].id, r.failing,
                     list[i].failing, list[i].change);
        test_end(t);
    }
}

/* clang-format off */
#define R951 " where org_id = $1 and id = 951"
#define R952 " where org_id = $1 and id = 952"
#define T961 " where org_id = $1 and id = 961"
#define T962 " where org_id = $1 and id = 962"
#define A971 " where org_id = $1 and id = 971"
#define A931 " where org_id = $1 and id = 931"
#define AFTER "6000000000000000" /* after the decisions of the sound world */
#define FAR "9223372036854775807"

static void owners(void **state)
{
    static const struct branch list[] = {
        {"R042", "update risk set owner = null, state = 'closed'" R951, 0},
        {"R042", "update risk set owner = 902" R951, 1},
        {"R042", "update risk set owner = 902, state = 'closed'" R951, 0},
        {"R045", "update risk set score = null, current_likelihood = null, inherent_likelihood ="
                 " null" R951,
         1},
        {"R045", "update risk set score = null, current_impact = null, inherent_impact = null" R951,
         1},
        {"R045", "update risk set state = 'closed', score = null, current_impact = null,"
                 " inherent_impact = null" R951,
         0},
    };

    (void)state;
    check(list, COUNT_OF(list));
}

static void assets_in_risks(void **state)
{
    static const struct branch list[] = {
        {"R043", "delete from risk_assets where org_id = $1", 1},
        {"R043", "update risk set state = 'closed' where org_id = $1", 1},
        {"R043", "delete from risk_assets where org_id = $1; update asset set in_scope = 0" A931,
         0},
        {"R043",
         "delete from risk_assets where org_id = $1; update asset set state = 'retired'" A931, 0},
        {"R043",
         "delete from risk_assets where org_id = $1; update asset set no_risk_reason = 'x'" A931,
         0},
        {"R043", "delete from risk_assets where org_id = $1; update asset set value = 2" A931, 0},
        {"R043", "delete from risk_assets where org_id = $1; update asset set value = 3" A931, 1},
    };

    (void)state;
    check(list, COUNT_OF(list));
}

static void above_acceptance(void **state)
{
    static const struct branch list[] = {
        {"R048", "update risk set treated = 0" R952, 1},
        {"R048", "update risk set treated = 0, state = 'closed'" R952, 0},
        {"R048", "update risk set treated = 0, score = 9" R952, 0},
        {"R048", "update risk set treated = 0, score = 10" R952, 1},
    };

    (void)state;
    check(list, COUNT_OF(list));
}

static void options(void **state)
{
    static const struct branch list[] = {
        {"R049", "update treatment set option = 'share', contract = 'y'" T961, 1},
        {"R049", "update treatment set option = 'share', counterparty = 'x'" T961, 1},
        {"R049", "update treatment set option = 'share', counterparty = 'x', contract = 'y'" T961,
         0},
        {"R049", "update treatment set option = 'avoid'" T961, 1},
        {"R049", "update treatment set option = 'avoid', activity = 'x'" T961, 0},
        {"R049", "update treatment set justification = null" T962, 1},
        {"R049", "delete from treatment_controls where org_id = $1", 1},
        {"R049", "delete from treatment_controls where org_id = $1; update treatment set state ="
                 " 'cancelled'" T961,
         0},
        {"R049",
         "delete from treatment_controls where org_id = $1; update risk set state = 'closed'" R951,
         0},
    };

    (void)state;
    check(list, COUNT_OF(list));
}

#define SECOND                                                                               \
    "insert into treatment (org_id, id, number, version, title, risk, option, state) values" \
    " ($1, 963, 963, 1, 'Encrypt too', 952, 'modify', 'planned');"
#define SHARED "insert into action_also (org_id, record, target) values ($1, 971, 963);"

static void plan(void **state)
{
    static const struct branch list[] = {
        {"R059", "update action set owner = null" A971, 1},
        {"R059", "update action set due = null" A971, 1},
        {"R059", "update action set resources = null" A971, 1},
        {"R059", "update action set resources = null, budget = 100" A971, 0},
        {"R059", "update action set owner = null, status = 'cancelled'" A971, 0},
        {"R059", "update action set status = 'cancelled' where org_id = $1", 1},
        {"R059", "update action set status = 'cancelled' where org_id = $1; update treatment set"
                 " state = 'done'" T961,
         0},
        {"R059", "update action set status = 'cancelled' where org_id = $1; update risk set state"
                 " = 'closed'" R951,
         0},
        {"R059", SECOND, 1},
        {"R059", SECOND SHARED, 0},
        {"R059", SECOND SHARED "update action set status = 'cancelled'" A971, 1},
    };

    (void)state;
    check(list, COUNT_OF(list));
}

#define STEP(version, from, to, due)                                                               \
    "insert into action_history (org_id, id, number, version, title, treatment, owner, due,"       \
    " status, valid_from, valid_to, log_idx) values ($1, 971, 971, " version ", 'Do it', 961, 901" \
    ", '" due "', 'planned', " from ", " to ", 1);"

static void approvals(void **state)
{
    static const struct branch list[] = {
        {"R060", "delete from decision where org_id = $1 and id in (942, 943)", 2},
        {"R060", "delete from decision where org_id = $1 and id = 942; update risk set state ="
                 " 'closed'" R951,
         0},
        {"R060", "delete from decision where org_id = $1 and id = 942; update risk set treated = 0"
                 R951,
         0},
        {"R060", "update decision set outcome = 'refused' where org_id = $1 and id = 942", 1},
        {"R060", "update risk_history set valid_from = " AFTER R951, 1},
        {"R060", "update treatment_history set valid_from = " AFTER T961, 1},
        {"R060", "update treatment_history set valid_to = " AFTER T961, 1},
        {"R060", STEP("1", AFTER, FAR, "2090-01-01"), 1},
        {"R060", STEP("1", "1000", AFTER, "2090-01-01") STEP("2", AFTER, FAR, "2090-01-01"), 0},
        {"R060", STEP("1", "1000", AFTER, "2090-01-01") STEP("2", AFTER, FAR, "2090-02-01"), 1},
        {"R060", STEP("1", "1000", AFTER, "2090-01-01"), 1},
        {"R060", "insert into action_also_history (org_id, record, target, valid_from, valid_to,"
                 " log_idx) values ($1, 971, 962, " AFTER ", " FAR ", 1)",
         1},
        {"R060", "insert into action_also_history (org_id, record, target, valid_from, valid_to,"
                 " log_idx) values ($1, 971, 962, 1000, " FAR ", 1)",
         0},
        {"R060", STEP("1", "1000", AFTER, "2090-01-01") STEP("2", AFTER, FAR, "2090-02-01")
             "insert into action_also_history (org_id, record, target, valid_from, valid_to,"
             " log_idx) values ($1, 971, 962, 1000, " FAR ", 1)",
         2},
    };

    (void)state;
    check(list, COUNT_OF(list));
}

static void remains(void **state)
{
    static const struct branch list[] = {
        {"R061", "update risk set residual_score = null, residual_likelihood = null,"
                 " residual_impact = null" R951,
         1},
        {"R061", "update risk set residual_score = 20" R951, 1},
        {"R061", "update risk set residual_score = 16" R951, 1},
        {"R061", "update risk set residual_score = 15" R951, 0},
        {"R061", "update risk set residual_score = 16, residual_reason = 'x'" R951, 0},
        {"R061", "update risk set residual_score = 16, treated = 0" R951, 0},
        {"R061", "update risk set residual_score = 20" R952, 0}, /* kept with a reason */
        {"R062", "delete from decision where org_id = $1 and id = 943", 1},
        {"R062", "update decision set expires = null where org_id = $1 and id = 943", 1},
        {"R062", "update decision set outcome = 'refused' where org_id = $1 and id = 943", 1},
        {"R062", "delete from decision where org_id = $1 and id = 943; update risk set"
                 " residual_score = 9" R952,
         0},
        {"R062", "update risk set residual_vetoed = 1" R951, 1},
        {"R062", "update method set never_above = 11 where org_id = $1", 1},
        {"R062", "update method set never_above = 12 where org_id = $1", 0},
    };

    (void)state;
    check(list, COUNT_OF(list));
}

#define PAST "update decision set expires = '2020-01-01' where org_id = $1 and id = 943;"
#define RENEWED                                                                                 \
    "insert into decision (org_id, id, kind, subject_kind, subject, subject_hash, body,"        \
    " outcome, decided_by, role, decided_at, expires) select org_id, 946, kind, subject_kind,"  \
    " subject, subject_hash, body, outcome, 903, role, decided_at + 1, '2090-01-01'"            \
    " from decision where org_id = $1 and id = 943"

static void over(void **state)
{
    static const struct branch list[] = {
        {"R063", PAST, 1},
        {"R063", PAST RENEWED, 0},
        {"R063", PAST "update risk set residual_score = 9" R952, 0},
        {"R063", PAST "update risk set state = 'closed'" R952, 0},
        {"R063", "update treatment set expires = '2020-01-01'" T962, 1},
        {"R063", "update treatment set expires = '2020-01-01', state = 'cancelled'" T962, 0},
        {"R063", "update treatment set expires = '2020-01-01'" T961, 0}, /* it does not retain */
        {"R064", "update decision set decided_by = 901 where org_id = $1 and id = 943", 1},
        {"R064", "update decision set decided_by = 901 where org_id = $1 and id = 943;" RENEWED, 0},
        {"R064", "update decision set decided_by = 901, outcome = 'refused' where org_id = $1 and"
                 " id = 943",
         0},
        {"R095", "update cause set state = 'open' where org_id = $1", 1},
        {"R095", "update cause set state = 'open', kind = 'interval' where org_id = $1", 0},
        {"R095", "update cause set state = 'open', since = '2090-01-01' where org_id = $1", 0},
    };

    (void)state;
    check(list, COUNT_OF(list));
}

static void inventory(void **state)
{
    static const struct branch list[] = {
        {"R130", "update asset set owner = null" A931, 1},
        {"R130", "update asset set owner = null, state = 'retired'" A931, 0},
        {"R130", "update asset set owner = 902" A931, 1},
        {"R130", "update asset set location = null" A931, 1},
        {"R130", "update asset set c = null" A931, 1},
        {"R130", "update asset set i = null" A931, 1},
        {"R130", "update asset set a = null" A931, 1},
        {"R131", "update asset set classification = null" A931, 1},
        {"R131", "update scheme set state = 'retired' where org_id = $1", 1},
        {"R131", "update asset set classified_on = null" A931, 1},
        {"R131", "update asset set classified_on = '2020-01-01'" A931, 1},
        {"R131", "update asset set classification = 882" A931, 1},
        {"R131", "update asset set classification = 882, classification_reason = 'x'" A931, 0},
        {"R131", "update asset set classification = null, media = 0, kind = 'supporting'" A931, 0},
        {"R132", "delete from handling where org_id = $1", 1},
        {"R132", "delete from marking where org_id = $1", 1},
        {"R132", "delete from marking where org_id = $1; update scheme set labelling = 0 where"
                 " org_id = $1",
         0},
        {"R132", "delete from handling where org_id = $1; update asset set state = 'retired'" A931,
         0},
        {"R143", "update asset set purpose = null" A931, 1},
        {"R143", "update asset set legal_basis = null" A931, 1},
        {"R143", "update asset set owner = null" A931, 1},
        {"R143", "update asset set purpose = null, state = 'disposed'" A931, 0},
        {"R143", "update asset set purpose = null, personal_data = 0" A931, 0},
    };

    (void)state;
    check(list, COUNT_OF(list));
}

/* clang-format on */

const struct test_case readiness_branch_tests[] = {
    TEST("an open risk needs an owner who is there and a whole score (R042, R045)", owners),
    TEST("a valuable asset in scope is in an open risk or has a reason (R043)", assets_in_risks),
    TEST("above the acceptance level, and not at it, an open risk needs a treatment (R048)",
         above_acceptance),
    TEST("each option names what makes it one, as long as it is planned (R049)", options),
    TEST("an action needs a person, a day and means or money, and a modifying treatment an action "
         "of its own or shared (R059)",
         plan),
    TEST("a decision holds until risk, treatment or the approved part of an action changes, also "
         "a shared one (R060)",
         approvals),
    TEST("what remains is judged, lower or explained, and above the level accepted for a time "
         "(R061, R062)",
         remains),
    TEST("what is over is over until it is renewed, who scores does not accept, and what asks for "
         "a new look waits a month at most (R063, R064, R095)",
         over),
    TEST("assets have owner, place, values, a level of a scheme in force, rules for it and a "
         "purpose for personal data (R130 to R132, R143)",
         inventory),
    TEST_END,
};
