/* SPDX-License-Identifier: Apache-2.0 */
/* Every rule of content/rules once holding, with something to look at, and once broken by a single
 * change. */
#include "feature/readiness/readiness_fixture.h"

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
     "update control set in_use = 1 where org_id = $1 and code = '7.4'")
RULE("R057", r057,
     "update decision set decided_at = 5 where org_id = $1 and kind = 'soa'")
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
RULE("R063", r063,
     "update decision set expires = '2020-01-01' where org_id = $1 and kind = '"
     "risk.acceptance'")
RULE("R064", r064,
     "update decision set decided_by = 901 where org_id = $1 and kind = 'risk.t"
     "reatment'")
RULE("R088", r088,
     "update decision set body = 'other' where org_id = $1 and kind = 'soa'")
RULE("R099", r099,
     "update control set owner = null where org_id = $1 and code = '5.2'")
RULE("R130", r130,
     "update asset set location = null where org_id = $1")
RULE("R142", r142,
     "update requirement set reviewed = '2020-01-01' where org_id = $1")
/* clang-format on */

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
    TEST("R057 holds when the statement is newer than all changes, and fails when a control "
         "changed after it",
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
    TEST("R063 holds when no acceptance has run out, and fails when one has", r063),
    TEST("R064 holds when somebody else approved, and fails when the analyst approved", r064),
    TEST("R088 holds when approved texts are unchanged, and fails when a stored text was changed",
         r088),
    TEST("R099 holds when included controls have an owner, and fails when one has none", r099),
    TEST("R130 holds when assets are complete, and fails when an asset has no place", r130),
    TEST("R142 holds when legal duties are reviewed, and fails when a review is too old", r142),
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
