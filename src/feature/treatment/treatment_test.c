/* SPDX-License-Identifier: Apache-2.0 */
/* Treatments, approvals, the plan: through the whole program. */
#include "feature/treatment/treatment.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "feature/control/control.h"
#include "feature/method/method.h"
#include "feature/risk/risk.h"
#include "visit.h"

/* Makes a risk of Acme owned by the risk owner and scored by the ISMS manager, with the current
 * levels given. */
static i64 make_risk(struct test *t, i64 likelihood, i64 impact)
{
    json_t *made;

    api(t, "isms-manager", METHOD_POST, "/api/v1/risks",
        arena_printf(t->arena,
                     "{\"title\":\"Tablet is stolen\",\"owner\":\"%lld\",\"properties\":\"c\","
                     "\"inherent_likelihood\":%lld,\"inherent_impact\":%lld,"
                     "\"current_likelihood\":%lld,\"current_impact\":%lld}",
                     person_of(t, "risk-owner"), likelihood, impact, likelihood, impact));
    expect_status(t, 201);
    made = answer_json(t);
    return strtoll(json_string_value(json_object_get(made, "id")), NULL, 10);
}

static i64 control_id(struct test *t, const char *code)
{
    return value(t, "select id from control where org_id = $1 and code = $2", num(t->org),
                 str(code));
}

static i64 make_treatment(struct test *t, i64 risk, i64 likelihood, i64 impact)
{
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/treatments",
          arena_printf(t->arena,
                       "risk=%lld&title=Encrypt&option=modify&state=planned&controls%%5B%%5D=%lld"
                       "&expected_likelihood=%lld&expected_impact=%lld",
                       risk, control_id(t, "8.24"), likelihood, impact));
    expect_status(t, 303);
    return value(t, "select max(id) from treatment where org_id = $1 and risk = $2", num(t->org),
                 num(risk));
}

/* The hash on the approval page, as its form sends it back. */
static const char *shown_hash(struct test *t, i64 risk)
{
    const char *at;

    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/risks/%lld/approval", risk), NULL);
    expect_status(t, 200);
    at = strstr(body(t), "name='hash' value='");
    return at ? arena_strn(t->arena, at + 19, 64) : "";
}

static void approve(struct test *t, i64 risk, const char *hash, const char *more)
{
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/risks/%lld/approval", risk),
          arena_printf(t->arena, "hash=%s&outcome=approved%s", hash, more));
}

static void mandatory_fields(void **state)
{
    static const struct {
        const char *form, *sentence;
    } cases[] = {
        {"option=modify",                                    "Choose at least one control"},
        {"option=share&counterparty=Insurer",                "Name the contract or policy"},
        {"option=avoid&activity=Paper+forms",                "Give the date by which"     },
        {"option=retain&expires=2027-01-01&monitoring=News", "Say in a sentence why"      },
    };
    struct test *t = test_begin();
    i64 risk = make_risk(t, 4, 4);

    (void)state;
    login(t, "isms-manager");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        visit(t, METHOD_POST, "/o/acme/treatments",
              arena_printf(t->arena, "risk=%lld&title=Do&state=planned&%s", risk, cases[i].form));
        expect_status(t, 422);
        expect_text(t, cases[i].sentence);
    }
    expect_count(t, 0, "select count(*) from treatment where org_id = $1", num(t->org));
    test_end(t);
}

static void residual_carried(void **state)
{
    struct test *t = test_begin();
    i64 risk = make_risk(t, 4, 4);

    (void)state;
    make_treatment(t, risk, 2, 4);
    expect_count(t, 8, "select residual_score from risk where org_id = $1 and id = $2", num(t->org),
                 num(risk));
    make_treatment(t, risk, 3, 1);
    expect_count(t, 2, "select residual_score from risk where org_id = $1 and id = $2", num(t->org),
                 num(risk));
    expect_count(t, 2, "select treated from risk where org_id = $1 and id = $2", num(t->org),
                 num(risk));
    test_end(t);
}

static void outcome_of_every_option(void **state)
{
    static const struct {
        const char *form;
        i64 remains; /* 0 = not said */
    } cases[] = {
        {"option=share&counterparty=Insurer&contract=P-1&share_covered=Half&remaining=The+rest", 4},
        {"option=avoid&activity=Forms&ended_on=2027-01-01&description=Decided",                  4},
        {"option=retain&justification=It+costs+more+to+mend+than+it+can+take&expires=2027-01-01"
         "&monitoring=A+loss",                                                          0},
    };
    struct test *t = test_begin();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        i64 risk = make_risk(t, 4, 4);

        login(t, "isms-manager");
        visit(t, METHOD_POST, "/o/acme/treatments",
              arena_printf(t->arena,
                           "risk=%lld&title=Do&state=planned&expected_likelihood=2"
                           "&expected_impact=2&%s",
                           risk, cases[i].form));
        expect_status(t, 303);
        expect_count(t, cases[i].remains,
                     "select coalesce(residual_score, 0) from risk where org_id = $1 and id = $2",
                     num(t->org), num(risk));
    }
    visit(t, METHOD_POST, "/o/acme/treatments",
          arena_printf(t->arena, "risk=%lld&title=Do&state=planned&expected_likelihood=2&%s",
                       make_risk(t, 4, 4), cases[0].form));
    expect_status(t, 422);
    expect_text(t, "Give the expected impact too");
    test_end(t);
}

static void refusal_says_why(void **state)
{
    struct test *t = test_begin();
    i64 risk = make_risk(t, 4, 4);
    const char *page = arena_printf(t->arena, "/o/acme/risks/%lld/approval", risk), *hash;

    (void)state;
    make_treatment(t, risk, 2, 2);
    login(t, "risk-owner");
    hash = shown_hash(t, risk);
    expect_no_text(t, "name='exception'"); /* somebody else scored it */
    visit(t, METHOD_POST, page, arena_printf(t->arena, "hash=%s&outcome=refused", hash));
    expect_status(t, 422);
    expect_text(t, "Say why you refuse");
    expect_text(t, "What you sign");
    expect_count(t, 0, "select count(*) from decision where org_id = $1", num(t->org));
    visit(t, METHOD_POST, page,
          arena_printf(t->arena, "hash=%s&outcome=refused&comment=Too+dear", hash));
    expect_status(t, 303);
    expect_count(t, 1,
                 "select count(*) from decision where org_id = $1 and outcome = 'refused'"
                 " and comment = 'Too dear'",
                 num(t->org));
    test_end(t);
}

static struct err *scored_by(struct web *w, void *ctx)
{
    const i64 *person = ctx;

    return db_exec(w->db, "update risk set analyst = $2 where org_id = $1", num(w->org),
                   num(*person));
}

/* Who founds an organisation is top management and analyst in one. */
static void own_scores_do_not_wait(void **state)
{
    struct test *t = test_begin();
    i64 risk = make_risk(t, 5, 5), top = person_of(t, "top-management");
    i64 analyst = person_of(t, "isms-manager");

    (void)state;
    make_treatment(t, risk, 4, 4);
    change(t, scored_by, &top);
    login(t, "top-management");
    visit(t, METHOD_GET, "/o/acme/approvals", NULL);
    expect_no_text(t, "Tablet is stolen");
    change(t, scored_by, &analyst);
    visit(t, METHOD_GET, "/o/acme/approvals", NULL);
    expect_text(t, "Tablet is stolen");
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/risks/%lld/approval", risk), NULL);
    expect_text(t, arena_printf(t->arena, "value='%s'", date_add(t->arena, t->w->today, 12, 0)));
    expect_text(t, "12 months at most");
    test_end(t);
}

/* Who signs reads names, not numbers. */
static const char *owner_line(struct test *t)
{
    struct rows *r;

    db_use_arena(t->w->db, t->arena);
    assert_ok(db_query(t->w->db, &r,
                       "select name, number from person where org_id = $1 and id = $2", num(t->org),
                       num(person_of(t, "risk-owner"))));
    assert_true(row_next(r));
    return arena_printf(t->arena, "owner: %s (P-%lld)", row_text(r, 0), row_num(r, 1));
}

static void owner_approves(void **state)
{
    struct test *t = test_begin();
    i64 risk = make_risk(t, 4, 4);

    (void)state;
    make_treatment(t, risk, 2, 2);
    login(t, "risk-owner");
    visit(t, METHOD_GET, "/o/acme/approvals", NULL);
    expect_text(t, "Tablet is stolen");
    visit(t, METHOD_GET, "/o/acme/approvals/several", NULL);
    expect_text(t, owner_line(t));
    approve(t, risk, shown_hash(t, risk), "");
    expect_status(t, 303);
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/risks/%lld", risk), NULL);
    expect_text(t, owner_line(t));
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/risks/%lld/approval", risk), NULL);
    expect_text(t, owner_line(t));
    visit(t, METHOD_GET, "/o/acme/approvals", NULL);
    expect_no_text(t, "Tablet is stolen");
    expect_count(t, 1,
                 "select count(*) from decision where org_id = $1 and subject = $2"
                 " and kind = 'risk.treatment' and outcome = 'approved'",
                 num(t->org), num(risk));
    test_end(t);
}

static void only_the_owner(void **state)
{
    static const char *const others[] = {"isms-manager", "department-head", "employee"};
    struct test *t = test_begin();
    i64 risk = make_risk(t, 4, 4);
    const char *hash;

    (void)state;
    make_treatment(t, risk, 2, 2);
    login(t, "risk-owner");
    hash = shown_hash(t, risk);
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        login(t, others[i]);
        approve(t, risk, hash, "");
        assert_true(status(t) == 403 || status(t) == 404);
    }
    expect_count(t, 0, "select count(*) from decision where org_id = $1", num(t->org));
    test_end(t);
}

static void changed_meanwhile(void **state)
{
    struct test *t = test_begin();
    i64 risk = make_risk(t, 4, 4);
    const char *hash;

    (void)state;
    make_treatment(t, risk, 2, 2);
    login(t, "risk-owner");
    hash = shown_hash(t, risk);
    make_treatment(t, risk, 1, 2);
    login(t, "risk-owner");
    approve(t, risk, hash, "");
    expect_status(t, 409);
    expect_text(t, "changed while you were reading");
    expect_count(t, 0, "select count(*) from decision where org_id = $1", num(t->org));
    test_end(t);
}

static void change_invalidates(void **state)
{
    struct test *t = test_begin();
    i64 risk = make_risk(t, 4, 4);

    (void)state;
    make_treatment(t, risk, 2, 2);
    login(t, "risk-owner");
    approve(t, risk, shown_hash(t, risk), "");
    expect_status(t, 303);
    make_treatment(t, risk, 1, 1);
    login(t, "risk-owner");
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/risks/%lld/approval", risk), NULL);
    expect_text(t, "A new one is needed");
    visit(t, METHOD_GET, "/o/acme/approvals", NULL);
    expect_text(t, "Tablet is stolen");
    test_end(t);
}

static i64 make_step(struct test *t, i64 treatment)
{
    api(t, "isms-manager", METHOD_POST, "/api/v1/actions",
        arena_printf(t->arena,
                     "{\"title\":\"Buy locks\",\"treatment\":\"%lld\",\"owner\":\"%lld\","
                     "\"due\":\"2090-01-05\",\"budget\":\"100.00\"}",
                     treatment, person_of(t, "employee")));
    expect_status(t, 201);
    return strtoll(json_string_value(json_object_get(answer_json(t), "id")), NULL, 10);
}

static void change_step(struct test *t, i64 step, const char *json)
{
    api_header(t, "If-Match",
               arena_printf(t->arena, "\"%lld\"",
                            value(t, "select version from action where org_id = $1 and id = $2",
                                  num(t->org), num(step))));
    api(t, "isms-manager", METHOD_PATCH, arena_printf(t->arena, "/api/v1/actions/%lld", step),
        json);
    expect_status(t, 200);
}

/* Whether list and page agree that the approval holds (or does not). */
static void expect_approved(struct test *t, i64 risk, bool holds)
{
    struct plan_totals totals;

    login(t, "risk-owner");
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/risks/%lld/approval", risk), NULL);
    if (holds)
        expect_no_text(t, "A new one is needed");
    else
        expect_text(t, "Something changed since this decision. A new one is needed.");
    visit(t, METHOD_GET, "/o/acme/approvals", NULL);
    if (holds)
        expect_no_text(t, "Tablet is stolen");
    else
        expect_text(t, "Tablet is stolen");
    db_use_arena(t->w->db, t->arena);
    assert_ok(plan_totals_load(t->w, &totals));
    assert_int_equal(totals.approved, holds);
}

static void approve_again(struct test *t, i64 risk)
{
    login(t, "risk-owner");
    approve(t, risk, shown_hash(t, risk), "");
    expect_status(t, 303);
    expect_approved(t, risk, true);
}

static void step_invalidates(void **state)
{
    struct test *t = test_begin();
    i64 risk = make_risk(t, 4, 4), treatment = make_treatment(t, risk, 2, 2);
    i64 step = make_step(t, treatment);
    const char *const changes[] = {
        "{\"title\":\"Buy better locks\"}", "{\"due\":\"2090-03-05\"}", "{\"budget\":\"250.00\"}",
        arena_printf(t->arena, "{\"owner\":\"%lld\"}", person_of(t, "department-head")),
        "{\"status\":\"cancelled\"}"};

    (void)state;
    approve_again(t, risk);
    for (size_t i = 0; i < COUNT_OF(changes); i++) {
        change_step(t, step, changes[i]);
        expect_approved(t, risk, false);
        approve_again(t, risk);
    }
    step = make_step(t, treatment); /* one more */
    expect_approved(t, risk, false);
    approve_again(t, risk);
    api_header(t, "If-Match", "\"1\"");
    api(t, "isms-manager", METHOD_DELETE, arena_printf(t->arena, "/api/v1/actions/%lld", step),
        NULL);
    expect_status(t, 204);
    expect_approved(t, risk, false);
    test_end(t);
}

static void progress_does_not(void **state)
{
    struct test *t = test_begin();
    i64 risk = make_risk(t, 4, 4), step = make_step(t, make_treatment(t, risk, 2, 2));

    (void)state;
    approve_again(t, risk);
    change_step(t, step, "{\"status\":\"in-progress\",\"progress\":40,\"note\":\"Ordered\"}");
    change_step(t, step, "{\"spent\":\"90.00\",\"priority\":\"high\"}");
    expect_approved(t, risk, true);
    change_step(t, step, "{\"status\":\"done\",\"evidence\":\"The bill\"}");
    expect_approved(t, risk, true);
    test_end(t);
}

static void above_the_level(void **state)
{
    struct test *t = test_begin();
    i64 risk = make_risk(t, 5, 5);
    const char *hash, *year;

    (void)state;
    make_treatment(t, risk, 4, 4);
    login(t, "risk-owner");
    hash = shown_hash(t, risk);
    expect_text(t, "Top management decides here");
    approve(t, risk, hash, "");
    expect_status(t, 403);
    login(t, "top-management");
    hash = shown_hash(t, risk);
    approve(t, risk, hash, "");
    expect_status(t, 422); /* until when? */
    year = date_add(t->arena, t->w->today, 14, 0);
    approve(t, risk, hash, arena_printf(t->arena, "&expires=%s", year));
    expect_status(t, 422);
    expect_text(t, "after 12 months at most");
    year = date_add(t->arena, t->w->today, 11, 0);
    approve(t, risk, hash, arena_printf(t->arena, "&expires=%s", year));
    expect_status(t, 303);
    expect_count(t, 1,
                 "select count(*) from decision where org_id = $1 and kind = 'risk.acceptance'"
                 " and expires is not null",
                 num(t->org));
    test_end(t);
}

/* What a script says carries on as what a form says: the risk is left where its treatments leave
 * it. */
#define RESIDUAL \
    "select residual_likelihood * 10 + residual_impact from risk where org_id = $1 and id = $2"

static void scripts_carry(void **state)
{
    struct test *t = test_begin();
    i64 risk = make_risk(t, 4, 4), second;

    (void)state;
    api(t, "isms-manager", METHOD_POST, "/api/v1/treatments",
        arena_printf(t->arena,
                     "{\"risk\":\"%lld\",\"title\":\"Encrypt\",\"option\":\"modify\","
                     "\"controls\":[\"%lld\"],\"expected_likelihood\":2,\"expected_impact\":4,"
                     "\"description\":\"All laptops\"}",
                     risk, control_id(t, "8.24")));
    expect_status(t, 201);
    expect_count(t, 24, RESIDUAL, num(t->org), num(risk));
    api(t, "isms-manager", METHOD_POST, "/api/v1/treatments",
        arena_printf(t->arena,
                     "{\"risk\":\"%lld\",\"title\":\"Back up\",\"option\":\"modify\","
                     "\"controls\":[\"%lld\"],\"expected_likelihood\":3,\"expected_impact\":1,"
                     "\"description\":\"Every night\"}",
                     risk, control_id(t, "8.13")));
    expect_status(t, 201);
    second = value(t, "select max(id) from treatment where org_id = $1", num(t->org));
    expect_count(t, 21, RESIDUAL, num(t->org), num(risk));
    api_header(t, "If-Match", "*");
    api(t, "isms-manager", METHOD_DELETE, arena_printf(t->arena, "/api/v1/treatments/%lld", second),
        NULL);
    expect_status(t, 204);
    expect_count(t, 24, RESIDUAL, num(t->org), num(risk));
    test_end(t);
}

static void script_treats(struct test *t, const char *method_path, i64 risk, const char *more)
{
    bool fresh = !strcmp(method_path, "");

    api_header(t, "If-Match", "*");
    api(t, "isms-manager", fresh ? METHOD_POST : METHOD_PATCH,
        arena_printf(t->arena, "/api/v1/treatments%s", method_path),
        fresh ? arena_printf(t->arena,
                             "{\"risk\":\"%lld\",\"title\":\"Encrypt\",\"option\":"
                             "\"modify\",\"controls\":[\"%lld\"],%s}",
                             risk, control_id(t, "8.24"), more)
              : more);
}

static void scripts_are_told(void **state)
{
    struct test *t = test_begin();
    i64 risk = make_risk(t, 3, 3);

    (void)state;
    script_treats(t, "", risk, "\"expected_likelihood\":5,\"expected_impact\":5");
    expect_status(t, 422);
    expect_text(t, "expected_likelihood");
    expect_text(t, "a treatment does not make a risk worse");
    expect_count(t, 0, "select count(*) from treatment where org_id = $1", num(t->org));
    script_treats(t, "", risk, "\"expected_likelihood\":3,\"expected_impact\":3");
    expect_status(t, 422);
    expect_text(t, "write on the risk why nothing lowers it");
    script_treats(t, "", risk, "\"expected_likelihood\":7,\"expected_impact\":3");
    expect_status(t, 422);
    expect_text(t, "from 1 to 5");
    script_treats(t, "", risk, "\"expected_likelihood\":1,\"expected_impact\":12");
    expect_status(t, 422);
    expect_text(t, "from 1 to 5");
    script_treats(t, "", risk, "\"expected_likelihood\":2,\"expected_impact\":3");
    expect_status(t, 201);
    script_treats(t, "/T-1", risk, "{\"expected_likelihood\":4}");
    expect_status(t, 422);
    script_treats(t, "/T-1", risk, "{\"title\":\"Encrypt all\"}");
    expect_status(t, 200);
    expect_count(t, 23, RESIDUAL, num(t->org), num(risk));
    api(t, "isms-manager", METHOD_POST, "/api/v1/risks",
        "{\"title\":\"x\",\"inherent_likelihood\":8,\"inherent_impact\":1}");
    expect_status(t, 422);
    expect_text(t, "from 1 to 5");
    login(t, "isms-manager");
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/treatments/new?risk=%lld", risk), NULL);
    expect_text(t, "<option value='5'>5 — ");
    expect_no_text(t, "<option value='6'>");
    test_end(t);
}

#define NO_RESIDUAL                                                                           \
    "select count(*) from risk where org_id = $1 and id = $2 and residual_likelihood is null" \
    " and residual_impact is null and residual_axes is null and residual_score is null"

/* What is planned no more leaves nothing behind; what somebody scored stays. */
static void cancelled_leaves_nothing(void **state)
{
    struct test *t = test_begin();
    i64 risk = make_risk(t, 4, 4);
    i64 one = make_treatment(t, risk, 2, 4), two = make_treatment(t, risk, 3, 1);

    (void)state;
    expect_count(t, 21, RESIDUAL, num(t->org), num(risk));
    script_treats(t, "/T-2", risk, "{\"state\":\"cancelled\"}");
    expect_status(t, 200);
    expect_count(t, 24, RESIDUAL, num(t->org), num(risk));
    script_treats(t, "/T-1", risk, "{\"state\":\"cancelled\"}");
    expect_status(t, 200);
    expect_count(t, 1, NO_RESIDUAL, num(t->org), num(risk));
    api(t, "isms-manager", METHOD_GET, arena_printf(t->arena, "/api/v1/risks/%lld/versions", risk),
        NULL);
    expect_text(t, "no treatment expects it any more");
    script_treats(t, "/T-1", risk, "{\"state\":\"planned\"}");
    expect_count(t, 24, RESIDUAL, num(t->org), num(risk));
    script_treats(t, "/T-1", risk,
                  "{\"option\":\"retain\",\"justification\":\"It costs more to mend than to "
                  "bear\",\"expires\":\"2090-01-01\",\"monitoring\":\"A loss\",\"_reason\":\"Too "
                  "dear\"}");
    expect_status(t, 200);
    expect_count(t, 1, NO_RESIDUAL, num(t->org), num(risk));
    script_treats(t, "/T-2", risk, "{\"state\":\"planned\"}");
    expect_count(t, 31, RESIDUAL, num(t->org), num(risk));
    api_header(t, "If-Match", "*");
    api(t, "isms-manager", METHOD_PATCH, arena_printf(t->arena, "/api/v1/risks/%lld", risk),
        "{\"residual_likelihood\":2,\"residual_impact\":2}");
    expect_status(t, 200);
    api_header(t, "If-Match", "*");
    api(t, "isms-manager", METHOD_DELETE, "/api/v1/treatments/T-2", NULL);
    expect_status(t, 204);
    expect_count(t, 22, RESIDUAL, num(t->org), num(risk));
    (void)one, (void)two;
    test_end(t);
}

static void verifier_is_another(void **state)
{
    struct test *t = test_begin();
    i64 risk = make_risk(t, 4, 4), treatment = make_treatment(t, risk, 2, 2);
    i64 who = person_of(t, "risk-owner");

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/actions",
          arena_printf(t->arena,
                       "title=Buy&treatment=%lld&owner=%lld&verifier=%lld&priority=high"
                       "&status=planned",
                       treatment, who, who));
    expect_status(t, 422);
    expect_text(t, "cannot verify it");
    visit(t, METHOD_POST, "/o/acme/actions",
          arena_printf(t->arena, "title=Buy&treatment=%lld&owner=%lld&priority=high&status=done",
                       treatment, who));
    expect_status(t, 422);
    expect_text(t, "what shows that it was done");
    visit(t, METHOD_POST, "/o/acme/actions",
          arena_printf(t->arena,
                       "title=Buy+licences&treatment=%lld&owner=%lld&priority=high"
                       "&status=planned&due=2026-01-05&budget=1%%2C250.50",
                       treatment, who));
    expect_status(t, 303);
    visit(t, METHOD_GET, "/o/acme/plan", NULL);
    expect_text(t, "Buy licences");
    expect_text(t, "days that have passed");
    expect_text(t, "1,250.50");
    test_end(t);
}

static void assignee_sees_it(void **state)
{
    struct test *t = test_begin();
    i64 risk = make_risk(t, 4, 4), treatment = make_treatment(t, risk, 2, 2);

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/actions",
          arena_printf(t->arena,
                       "title=Ask+the+vendor&treatment=%lld&owner=%lld&priority=low"
                       "&status=planned",
                       treatment, person_of(t, "employee")));
    expect_status(t, 303);
    login(t, "employee");
    visit(t, METHOD_GET, "/o/acme/actions", NULL);
    expect_status(t, 200);
    expect_text(t, "Ask the vendor");
    login(t, "supplier-contact");
    visit(t, METHOD_GET, "/o/acme/actions", NULL);
    expect_no_text(t, "Ask the vendor");
    test_end(t);
}

const struct test_case treatment_tests[] = {
    TEST("each option refuses to be saved without its mandatory fields", mandatory_fields),
    TEST("the expected levels of all treatments together become the residual risk",
         residual_carried),
    TEST("a script is told why its risk does not allow what a treatment expects, in the levels of "
         "the method, and nothing is written",
         scripts_are_told),
    TEST("a treatment that is cancelled, removed or becomes retaining takes its expected levels "
         "back; levels that somebody scored stay",
         cancelled_leaves_nothing),
    TEST("what scripts and imports expect of treatments becomes the residual risk, and a removed "
         "one "
         "takes its part along",
         scripts_carry),
    TEST("what sharing or avoiding is expected to leave becomes the residual risk too; retaining "
         "leaves it as it is",
         outcome_of_every_option),
    TEST("the owner approves plan and residual risk, and it leaves their list", owner_approves),
    TEST("who refuses a plan says why; without it the page stays as it was", refusal_says_why),
    TEST("what somebody scored does not wait for themselves while another may accept it, and the "
         "longest time is offered",
         own_scores_do_not_wait),
    TEST("nobody but the owner approves a plan", only_the_owner),
    TEST("a plan that changed while it was read cannot be approved", changed_meanwhile),
    TEST("a later change says that a new decision is needed", change_invalidates),
    TEST("an approved plan needs a new approval when an action is other, later, dearer or somebody "
         "else's, and when one is added, cancelled or removed",
         step_invalidates),
    TEST("reports of progress on an approved action leave the approval as it is",
         progress_does_not),
    TEST("above the acceptance level only top management accepts, for a year at most",
         above_the_level),
    TEST("the doer does not verify, and nothing is done without evidence", verifier_is_another),
    TEST("who is given an action sees it, another does not", assignee_sees_it),
    TEST_END,
};
