/* SPDX-License-Identifier: Apache-2.0 */
/* Every rule of content/rules once holding, with something to look at, and once broken by a single
 * change. */
#include "feature/readiness/readiness_fixture.h"

#include "base/clock.h"
#include "base/text.h"

struct rule_case {
    const char *id, *broken; /* statements that break it */
};

static void check_rule(const struct rule_case *c)
{
    struct test *t = test_begin();
    struct rule_result r;

    sound_world(t);
    r = run_rule(t, c->id);
    if (r.status != RULE_PASS)
        fail_msg("%s does not hold in the sound world: %s, %lld of %lld, %s", c->id,
                 rule_status_code(r.status), r.failing, r.population,
                 r.listed ? r.offenders[0].because : "");
    run_sql(t, c->broken);
    r = run_rule(t, c->id);
    if (r.status != RULE_FAIL)
        fail_msg("%s is still %s", c->id, rule_status_code(r.status));
    test_end(t);
}

/* clang-format off */
#define RULE(id, name, broken)                                                                   \
    static void name(void **state)                                                               \
    {                                                                                            \
        (void)state;                                                                             \
        check_rule(&(struct rule_case){id, broken});                                             \
    }
RULE("R006", r006,
     "delete from requirement_controls where org_id = $1;delete from requiremen"
     "t where org_id = $1")
RULE("R007", r007,
     "update party set state = 'active' where org_id = $1 and id = 912")
RULE("R008", r008,
     "update requirement set addressed = 'open' where org_id = $1")
RULE("R009", r009,
     "delete from party where org_id = $1 and type = 'owners'")
RULE("R020", r020,
     "update role_holder set until = '2020-01-02' where org_id = $1 and role = "
     "'top-management'")
RULE("R028", r028,
     "update role_holder set duties = 1 where org_id = $1")
RULE("R029", r029,
     "update role_holder set acknowledged = null where org_id = $1 and id = 905")
RULE("R030", r030,
     "update risk set owner = 902 where org_id = $1 and id = 951")
RULE("R036", r036,
     "update method set state = 'draft' where org_id = $1")
RULE("R037", r037,
     "update method_level set descriptor = 'low' where org_id = $1 and level = "
     "1")
RULE("R038", r038,
     "insert into method (org_id, id, number, version, title, state, acceptance"
     ", levels, impact_rule, review_months) values ($1, 946, 946, 1, 'Second', "
     "'approved', 9, 5, 'max', 12)")
RULE("R039", r039,
     "update risk set current_likelihood = 1 where org_id = $1 and id = 951")
RULE("R040", r040,
     "update risk set state = 'closed' where org_id = $1")
RULE("R041", r041,
     "update risk set properties = 0 where org_id = $1 and id = 951")
RULE("R042", r042,
     "update risk set owner = null where org_id = $1 and id = 951")
RULE("R043", r043,
     "delete from risk_assets where org_id = $1")
RULE("R044", r044,
     "delete from dismissal where org_id = $1")
RULE("R045", r045,
     "update risk set score = null, current_likelihood = null, inherent_likelihood = null where "
     "org_id = $1 and id = 951")
RULE("R046", r046,
     "update risk set score = null, current_impact = null, inherent_impact = nu"
     "ll where org_id = $1 and id = 951")
RULE("R047", r047,
     "delete from decision where org_id = $1 and kind = 'assessment'")
RULE("R048", r048,
     "update risk set treated = 0 where org_id = $1 and id = 952")
RULE("R048", r048_veto,
     "update risk set treated = 0, vetoed = 1 where org_id = $1 and id = 952;"
     "update method set acceptance = 24 where org_id = $1")
RULE("R049", r049,
     "delete from treatment_controls where org_id = $1")
RULE("R050", r050,
     "update control set applicable = 'open' where org_id = $1 and code = '5.2'")
RULE("R051", r051,
     "delete from decision where org_id = $1 and kind = 'soa'")
RULE("R052", r052,
     "update control set baseline = 0 where org_id = $1 and code = '5.2'")
RULE("R053", r053,
     "update control set justification = 'not applicable' where org_id = $1 and"
     " code = '7.4'")
RULE("R054", r054,
     "update control set how = null where org_id = $1 and code = '5.2'")
RULE("R055", r055,
     "update control set applicable = 'no' where org_id = $1 and code = '5.1'")
RULE("R056", r056,
     "update profile set own_servers = 'yes' where org_id = $1;update control set applicable ="
     " 'no', justification = 'Others look after our machines.' where org_id = $1 and code = '7.8'")
RULE("R057", r057,
     "delete from requirement_controls where org_id = $1")
RULE("R058", r058,
     "update control set maps_to = null where org_id = $1 and origin = 'own'")
RULE("R059", r059,
     "update action set due = null where org_id = $1")
RULE("R060", r060,
     "update risk_history set valid_from = 6000000000000000 where org_id = $1 a"
     "nd id = 951")
RULE("R061", r061,
     "update risk set residual_score = null, residual_likelihood = null where o"
     "rg_id = $1 and id = 951")
RULE("R062", r062,
     "delete from decision where org_id = $1 and kind = 'risk.acceptance'")
RULE("R062", r062_veto,
     "update risk set residual_vetoed = 1 where org_id = $1 and id = 951")
RULE("R062", r062_never,
     "update method set never_above = 11 where org_id = $1")
RULE("R063", r063,
     "update decision set expires = '2020-01-01' where org_id = $1 and kind = '"
     "risk.acceptance'")
RULE("R064", r064,
     "update decision set decided_by = 901 where org_id = $1 and kind = 'risk.t"
     "reatment'")
RULE("R088", r088,
     "update decision set body = 'other' where org_id = $1 and kind = 'soa'")
RULE("R030", r030_task,
     "update task set status = 'open', assignee = 902 where org_id = $1 and id = 995")
RULE("R091", r091,
     "update task set status = 'open' where org_id = $1 and id = 995")
RULE("R093", r093,
     "delete from asset_suppliers where org_id = $1")
RULE("R093", r093_judged,
     "update supplier set next_review = null where org_id = $1")
RULE("R094", r094,
     "update assessment set started = '2020-01-01' where org_id = $1")
RULE("R095", r095,
     "update cause set state = 'open', since = '2020-01-01' where org_id = $1")
RULE("R096", r096,
     "update action set due = '2026-01-05' where org_id = $1 and id = 971")
RULE("R097", r097,
     "update action set verifier = null where org_id = $1 and id = 972")
RULE("R097", r097_evidence,
     "update action set evidence = null where org_id = $1 and id = 972")
RULE("R098", r098,
     "update evidence set collected = '2020-01-01' where org_id = $1")
RULE("R098", r098_over,
     "update evidence set valid_until = '2020-01-01' where org_id = $1")
RULE("R098", r098_none,
     "delete from evidence_about where org_id = $1")
RULE("R099", r099,
     "update control set owner = null where org_id = $1 and code = '5.2'")
RULE("R130", r130,
     "update asset set location = null where org_id = $1")
RULE("R131", r131,
     "update asset set classified_on = null where org_id = $1 and id = 931")
RULE("R131", r131_lower,
     "update asset set classification = 882 where org_id = $1 and id = 931")
RULE("R132", r132,
     "delete from handling where org_id = $1")
RULE("R132", r132_label,
     "delete from marking where org_id = $1")
RULE("R135", r135,
     "update supplier set assessed = '2020-01-01' where org_id = $1")
RULE("R135", r135_judged,
     "update supplier set criticality = null where org_id = $1")
RULE("R136", r136,
     "update supplier set terms = 7 where org_id = $1")
RULE("R136", r136_personal,
     "update supplier set dpa_on = null where org_id = $1")
RULE("R137", r137,
     "update supplier set exit_plan = null where org_id = $1")
RULE("R143", r143,
     "update asset set purpose = null where org_id = $1")
RULE("R142", r142,
     "update requirement set reviewed = '2020-01-01' where org_id = $1")
RULE("R143", r143_basis,
     "update asset set legal_basis = null where org_id = $1 and id = 931")
RULE("R143", r143_owner,
     "update asset set owner = null where org_id = $1 and id = 931")
RULE("R151", r151,
     "update control set decided_for = 'R-951' where org_id = $1 and code = '5.2'")
RULE("R152", r152,
     "update treatment set state = 'done' where org_id = $1 and id = 961;"
     "update control set status = 'planned' where org_id = $1 and code = '5.1'")
RULE("R153", r153,
     "update asset set review_due = '2020-01-01' where org_id = $1 and id = 931")
RULE("R154", r154,
     "update asset set disposal_proof = null where org_id = $1 and id = 933")
RULE("R154", r154_waits,
     "update asset set state = 'retired', retired_on = '2020-01-01' where org_id = $1 and id = 933")
RULE("R035", r035,
     "delete from prospect where org_id = $1")
RULE("R035", r035_idle,
     "update prospect set action = null where org_id = $1 and id = 925")
RULE("R035", r035_owner,
     "update prospect set owner = 902 where org_id = $1 and id = 925")
RULE("R035", r035_unseen,
     "update prospect set evaluation = null where org_id = $1 and id = 926")
RULE("R035", r035_unmeasured,
     "update prospect set measure = ' ' where org_id = $1 and id = 925;"
     "update prospect set measure = null where org_id = $1 and id = 925")
RULE("R155", r155,
     "update asset set state = 'retired', retired_on = '2090-01-01' where org_id = $1 and id = 931")
/* clang-format on */

/* A retired thing that waits for its disposal has risks of its own. */
static void r155_itself(void **state)
{
    static const char *const about[] = {
        "update risk set threat = 'discarded-data' where org_id = $1",
        "update risk set threat = 'theft', vulnerability = 'unsafe-disposal' where org_id = $1",
        "update risk set vulnerability = null where org_id = $1;"
        "update asset set type = 'retired-equipment' where org_id = $1 and id = 931",
    };
    struct test *t = test_begin();
    struct rule_result r;

    (void)state;
    sound_world(t);
    run_sql(t, "update asset set state = 'retired', retired_on = '2090-01-01' where org_id = $1"
               " and id = 931");
    assert_int_equal(run_rule(t, "R155").status, RULE_FAIL);
    for (size_t i = 0; i < COUNT_OF(about); i++) {
        run_sql(t, about[i]);
        r = run_rule(t, "R155");
        assert_int_equal(r.status, RULE_PASS);
    }
    run_sql(t, "update asset set state = 'disposed' where org_id = $1 and id = 931");
    assert_int_equal(run_rule(t, "R155").status, RULE_FAIL); /* it is gone: nothing can leak */
    test_end(t);
}

/* Whoever records a risk of something that is out of use knows that it is. */
static void r155_later(void **state)
{
    struct test *t = test_begin();

    (void)state;
    sound_world(t);
    run_sql(t, "update asset set state = 'retired', retired_on = '2090-01-01' where org_id = $1"
               " and id = 931;"
               "insert into asset_history (org_id, id, number, version, name, state, valid_from,"
               " valid_to, log_idx) values ($1, 931, 931, 2, 'Patient database', 'retired', 2000,"
               " 9223372036854775807, 2)");
    assert_int_equal(run_rule(t, "R155").failing, 2);
    run_sql(t, "update risk_history set valid_from = 3000 where org_id = $1 and id = 951");
    assert_int_equal(run_rule(t, "R155").failing, 1);
    test_end(t);
}

/* An assessment begun so many months and days before today. */
static i64 failing_after(struct test *t, int months, int days)
{
    const char *begun = date_add(t->arena, date_add(t->arena, t->w->today, -months, 0), 0, -days);

    run_sql(
        t, arena_printf(t->arena, "update assessment set started = '%s' where org_id = $1", begun));
    return run_rule(t, "R094").failing;
}

static void r094_interval(void **state)
{
    struct test *t = test_begin();

    (void)state;
    sound_world(t);
    run_sql(t, "update method set review_months = 3 where org_id = $1");
    assert_int_equal(failing_after(t, 2, 27), 0);
    assert_int_equal(failing_after(t, 3, 4), 1);
    assert_int_equal(failing_after(t, 8, 20), 1);
    assert_int_equal(failing_after(t, 9, 4), 2); /* six months later still it weighs as a major */
    run_sql(t, "update method set review_months = 24 where org_id = $1");
    assert_int_equal(failing_after(t, 23, 20), 0);
    assert_int_equal(failing_after(t, 24, 4), 1);
    test_end(t);
}

/* A rule file without a fixture here would be a rule that nobody ever saw fail. */
static void all_are_here(void **state);

const struct test_case readiness_rules_tests[] = {
    TEST("each rule file has its fixtures", all_are_here),
    TEST("R006 holds when a party with a requirement is recorded, and fails when no requirement is "
         "recorded",
         r006),
    TEST("R007 holds when every active party has a requirement, and fails when an active party has "
         "none",
         r007),
    TEST("R008 holds when every requirement is decided and linked, and fails when a requirement is "
         "not decided",
         r008),
    TEST("R009 holds when the five usual parties are recorded or put aside, and fails when one of "
         "them is missing",
         r009),
    TEST(
        "R020 holds when top management is named, and fails when nobody is top management any more",
        r020),
    TEST("R028 holds when both duties have a holder, and fails when a duty has no holder", r028),
    TEST("R029 holds when all holders have confirmed their roles, and fails when a holder has not",
         r029),
    TEST("R030 holds when people who left hold nothing, and fails when somebody who left owns a "
         "risk",
         r030),
    TEST("R036 holds when the method is approved, and fails when it is a draft", r036),
    TEST(
        "R037 holds when all levels are described, and fails when a level has an empty description",
        r037),
    TEST("R038 holds when all risks use the method in use, and fails when a newer method is "
         "approved",
         r038),
    TEST("R039 holds when like threats are judged alike, and fails when two risks of one threat "
         "are three levels apart",
         r039),
    TEST("R040 holds when risks are recorded, and fails when no open risk is left", r040),
    TEST("R041 holds when each risk names what is lost, and fails when a risk names nothing", r041),
    TEST("R042 holds when each risk has an owner, and fails when a risk has none", r042),
    TEST("R043 holds when each valuable asset is in a risk, and fails when a valuable asset is in "
         "none",
         r043),
    TEST("R044 holds when all families of threats are considered, and fails when families are "
         "neither used nor put aside",
         r044),
    TEST("R045 holds when likelihood and impact are judged, and fails when a likelihood is missing",
         r045),
    TEST("R046 holds when each risk has a level, and fails when a risk has none", r046),
    TEST("R047 holds when the assessment is approved, and fails when its approval is missing",
         r047),
    TEST("R048 holds when risks above the level are treated, and fails when one is not", r048),
    TEST("R048 fails when nobody may accept a risk and nothing is planned, however low it is",
         r048_veto),
    TEST("R049 holds when treatments name what they need, and fails when a treatment names no "
         "control",
         r049),
    TEST("R050 holds when all 93 controls are decided, and fails when a control is open", r050),
    TEST("R051 holds when a statement is approved, and fails when its approval is missing", r051),
    TEST("R052 holds when included controls have a reason, and fails when a control has none",
         r052),
    TEST("R053 holds when exclusions have a reason of their own, and fails when an exclusion says "
         "nothing",
         r053),
    TEST("R054 holds when included controls are described, and fails when one is not", r054),
    TEST("R055 holds when no treatment uses an excluded control, and fails when one does", r055),
    TEST("R056 holds when nothing in use is excluded, and fails when the profile shows the use",
         r056),
    TEST("R057 holds when the statement says what holds, and fails when a reason has gone since",
         r057),
    TEST("R058 holds when own controls are compared with Annex A, and fails when one is not", r058),
    TEST("R059 holds when actions have people, dates and means, and fails when an action has no "
         "date",
         r059),
    TEST("R060 holds when owners approved after the last change, and fails when a risk changed "
         "after its approval",
         r060),
    TEST("R061 holds when what remains is judged, and fails when what remains is not judged", r061),
    TEST("R062 holds when top management accepted what is above the level, and fails when nobody "
         "did",
         r062),
    TEST("R062 fails when an axis of what remains is at a level that nobody may accept", r062_veto),
    TEST("R062 fails when what remains is above the score that nobody may accept", r062_never),
    TEST("R063 holds when no acceptance has run out, and fails when one has", r063),
    TEST("R064 holds when somebody else approved, and fails when the analyst approved", r064),
    TEST("R088 holds when approved texts are unchanged, and fails when a stored text was changed",
         r088),
    TEST("R030 fails when somebody who left has an open task", r030_task),
    TEST("R091 holds when repeating tasks are done, and fails when one is long overdue", r091),
    TEST("R093 holds when what others provide has a supplier, and fails when it names none", r093),
    TEST("R093 fails when nobody will look at the supplier again", r093_judged),
    TEST("R094 holds when the assessment is not older than its method says, and fails when it is",
         r094),
    TEST("R094 goes by the months of the risk method, to the day", r094_interval),
    TEST("R095 holds when what happened was covered by a round, and fails when it waits for months",
         r095),
    TEST("R096 holds when actions are in time, and fails when one is long overdue", r096),
    TEST("R097 holds when what was done is shown and verified, and fails when nobody verified it",
         r097),
    TEST("R097 fails when nothing shows that an action was done", r097_evidence),
    TEST("R098 holds when every implemented control has recent evidence, and fails when it is old",
         r098),
    TEST("R098 fails when the evidence of a control is out of date", r098_over),
    TEST("R098 fails when an implemented control has no evidence", r098_none),
    TEST("R099 holds when included controls have an owner, and fails when one has none", r099),
    TEST("R130 holds when assets are complete, and fails when an asset has no place", r130),
    TEST("R131 holds when levels are confirmed, and fails when an owner did not confirm", r131),
    TEST("R131 fails when a level is lower than the value suggests and no reason is given",
         r131_lower),
    TEST("R132 holds when a level in use has its rules, and fails without handling rules", r132),
    TEST("R132 fails when labelling is a duty and a form in use has no labelling rule", r132_label),
    TEST("R135 holds when critical suppliers are assessed, and fails when an assessment is too old",
         r135),
    TEST("R135 fails when nobody judged how critical a supplier is", r135_judged),
    TEST(
        "R136 holds when contracts are complete, and fails when terms are missing without a reason",
        r136),
    TEST("R136 fails when personal data are processed without an agreement", r136_personal),
    TEST("R137 holds when a cloud service is described, and fails without a way out", r137),
    TEST("R143 holds when personal data have a purpose and a basis, and fails when one has none",
         r143),
    TEST("R142 holds when legal duties are reviewed, and fails when a review is too old", r142),
    TEST("R143 fails without a legal basis", r143_basis),
    TEST("R143 fails without an owner", r143_owner),
    TEST("R151 holds when controls are decided for the reasons of today, and fails when one is not",
         r151),
    TEST("R152 holds when states fit the plan, and fails when a treatment is done without its "
         "control",
         r152),
    TEST("R153 holds when entries are confirmed in time, and fails when one is overdue", r153),
    TEST("R154 holds when what went out of use was disposed of with proof, and fails without proof",
         r154),
    TEST("R154 fails when something retired is still there after months", r154_waits),
    TEST("R035 holds when what threatens or helps the ISMS is acted on, and fails without any "
         "entry",
         r035),
    TEST("R035 fails when nothing is done about an entry", r035_idle),
    TEST("R035 fails when the owner of an entry left", r035_owner),
    TEST("R035 fails when something is done and nobody looked at the effect", r035_unseen),
    TEST("R035 fails when it is not said how the effect will be seen", r035_unmeasured),
    TEST("R155 holds when open risks are on assets in use, and fails when one was retired", r155),
    TEST("R155 leaves risks alone that are about what waits for its disposal", r155_itself),
    TEST("R155 leaves risks alone that were recorded after the asset went out of use", r155_later),
    TEST_END,
};

static void all_are_here(void **state)
{
    struct test *t = test_begin();

    (void)state;
    assert_true(t->app->rules->count > 40);
    for (size_t i = 0; i < t->app->rules->count; i++) {
        bool found = false;

        for (const struct test_case *c = readiness_rules_tests; c->sentence; c++)
            found = found || text_starts(c->sentence, t->app->rules->list[i].id);
        if (!found)
            fail_msg("%s has no fixtures", t->app->rules->list[i].id);
    }
    test_end(t);
}
