/* SPDX-License-Identifier: Apache-2.0 */
/* Changes that have to say why: in the form, in many at once, by the API and by an import. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "core/app.h"
#include "core/decision.h"
#include "feature/control/control.h"
#include "feature/quantify/quantify.h"
#include "feature/risk/risk.h"
#include "feature/treatment/treatment.h"
#include "maker.h"

extern const struct test_case entity_reason_tests[];

#define WHY "We run a laboratory since May"

static i64 control(struct test *t, const char *code)
{
    return value(t, "select id from control where org_id = $1 and code = $2", num(t->org),
                 str(code));
}

static i64 version_of(struct test *t, const char *code)
{
    return value(t, "select version from control where org_id = $1 and code = $2", num(t->org),
                 str(code));
}

static void expect_applicable(struct test *t, const char *code, const char *wanted)
{
    expect_count(t, 1,
                 "select count(*) from control where org_id = $1 and code = $2"
                 " and applicable = $3",
                 num(t->org), str(code), str(wanted));
}

/* A first decision needs no reason of its own. */
static void decide(struct test *t, const char *code)
{
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/controls/%s", code),
          arena_printf(t->arena, "_version=%lld&applicable=yes", version_of(t, code)));
    expect_status(t, 303);
    expect_applicable(t, code, "yes");
}

static void by_form(void **state)
{
    struct test *t = test_begin();
    const char *form;

    (void)state;
    login(t, "isms-manager");
    decide(t, "8.24");
    form = arena_printf(t->arena, "_version=%lld&applicable=open", version_of(t, "8.24"));
    visit(t, METHOD_POST, "/o/acme/controls/8.24", form);
    expect_status(t, 422);
    expect_text(t, "“Applicable” was settled before");
    expect_text(t, "href='#f-_reason'"); /* the summary leads to the field */
    expect_text(t, "aria-describedby='f-_reason-hint f-_reason-error' aria-invalid='true'");
    expect_applicable(t, "8.24", "yes");
    visit(t, METHOD_POST, "/o/acme/controls/8.24",
          arena_printf(t->arena, "_version=%lld&how=Disks", version_of(t, "8.24")));
    expect_status(t, 303); /* the practice may change without */
    visit(t, METHOD_POST, "/o/acme/controls/8.24",
          arena_printf(t->arena, "_version=%lld&applicable=open&_reason=" WHY,
                       version_of(t, "8.24")));
    expect_status(t, 303);
    expect_applicable(t, "8.24", "open");
    visit(t, METHOD_GET, "/o/acme/controls/8.24?tab=history", NULL);
    expect_text(t, WHY);
    test_end(t);
}

static void by_many(void **state)
{
    struct test *t = test_begin();
    const char *form, *step;

    (void)state;
    login(t, "isms-manager");
    decide(t, "8.24");
    form = arena_printf(t->arena, "id[]=%lld&id[]=%lld&action=change&do.applicable=1&applicable=",
                        control(t, "8.24"), control(t, "8.25"));
    visit(t, METHOD_POST, "/o/acme/controls/bulk/plan",
          arena_printf(t->arena, "%syes", form)); /* nothing that was settled changes */
    expect_status(t, 303);
    visit(t, METHOD_POST, "/o/acme/controls/bulk/plan", arena_printf(t->arena, "%sopen", form));
    expect_status(t, 422);
    expect_text(t, "id='f-_reason-error'");
    expect_count(t, 1, "select count(*) from bulk_step where org_id = $1", num(t->org));
    visit(t, METHOD_POST, "/o/acme/controls/bulk/plan",
          arena_printf(t->arena, "%sopen&_reason=" WHY, form));
    expect_status(t, 303);
    step = arena_str(t->arena, header(t, "Location"));
    visit(t, METHOD_POST, arena_printf(t->arena, "%s/run", step), "");
    expect_status(t, 303);
    expect_applicable(t, "8.24", "open");
    visit(t, METHOD_GET, "/o/acme/controls/8.24?tab=history", NULL);
    expect_text(t, WHY);
    test_end(t);
}

static void by_api(void **state)
{
    struct test *t = test_begin();
    const char *address;
    const json_t *first;

    (void)state;
    login(t, "isms-manager");
    decide(t, "8.24");
    address = arena_printf(t->arena, "/api/v1/controls/%lld", control(t, "8.24"));
    api_header(t, "If-Match", arena_printf(t->arena, "\"%lld\"", version_of(t, "8.24")));
    api(t, "isms-manager", METHOD_PATCH, address, "{\"applicable\":\"open\"}");
    expect_status(t, 422);
    first = json_array_get(json_object_get(answer_json(t), "errors"), 0);
    assert_string_equal(json_string_value(json_object_get(first, "field")), "_reason");
    api_header(t, "If-Match", arena_printf(t->arena, "\"%lld\"", version_of(t, "8.24")));
    api(t, "isms-manager", METHOD_PATCH, address,
        "{\"applicable\":\"open\",\"_reason\":\"" WHY "\"}");
    expect_status(t, 200);
    expect_applicable(t, "8.24", "open");
    test_end(t);
}

static void by_import(void **state)
{
    static const char list[] = "number;applicable\nC-%lld;Not decided\nC-%lld;Yes\n";
    struct test *t = test_begin();
    const char *page, *text;

    (void)state;
    login(t, "isms-manager");
    decide(t, "8.24");
    text = arena_printf(
        t->arena, list,
        value(t, "select number from control where org_id = $1 and code = '8.24'", num(t->org)),
        value(t, "select number from control where org_id = $1 and code = '8.25'", num(t->org)));
    attach(t, "list.csv", text, strlen(text));
    visit(t, METHOD_POST, "/o/acme/controls/import", NULL);
    expect_status(t, 303);
    page = arena_str(t->arena, header(t, "Location"));
    visit(t, METHOD_GET, page, NULL);
    expect_text(t, "“Applicable” was settled before");
    expect_text(t, "id='f-reason'");
    visit(t, METHOD_POST, arena_printf(t->arena, "%s/run", page), "mode=all");
    expect_applicable(t, "8.24", "yes");
    visit(t, METHOD_POST, page, "columns=2&map.0=number&map.1=applicable&reason=" WHY);
    expect_status(t, 303);
    visit(t, METHOD_GET, page, NULL);
    expect_no_text(t, "“Applicable” was settled");
    expect_text(t, WHY);
    visit(t, METHOD_POST, arena_printf(t->arena, "%s/run", page), "mode=all");
    expect_status(t, 303);
    expect_applicable(t, "8.24", "open");
    expect_applicable(t, "8.25", "yes");
    visit(t, METHOD_GET, "/o/acme/controls/8.24?tab=history", NULL);
    expect_text(t, WHY " · Import of list.csv");
    test_end(t);
}

/* Criteria that management set: every change and the removal say why. */
static void whole_kind(void **state)
{
    struct test *t = test_begin();
    i64 number;

    (void)state;
    (void)some_record(t, t->org, &tolerance_entity, &number);
    login(t, "isms-manager");
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/tolerances/TL-%lld/edit", number), NULL);
    expect_text(t, "for='f-_reason'>");
    expect_text(t, "aria-describedby='f-_reason-hint' required");
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/tolerances/TL-%lld", number),
          "_version=1&chance=7");
    expect_status(t, 422);
    expect_text(t, "id='f-_reason-error'");
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/tolerances/TL-%lld", number),
          "_version=1&chance=7&_reason=Board");
    expect_status(t, 303);
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/tolerances/TL-%lld/remove", number),
          "_version=2");
    expect_status(t, 422);
    expect_text(t, "id='f-_reason-error'");
    api(t, "isms-manager", METHOD_DELETE,
        arena_printf(t->arena, "/api/v1/tolerances/TL-%lld", number), NULL);
    expect_status(t, 422);
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/tolerances/TL-%lld/remove", number),
          "_version=2&_reason=Board");
    expect_status(t, 303);
    test_end(t);
}

static const char *asked_of(struct test *t, const struct entity *e, const void *was,
                            const void *now)
{
    struct reason_asked asked;

    assert_ok(entity_reason_asked(t->w, e, was, now, &asked));
    assert_true(!asked.text == !asked.cause);
    return asked.text ? asked.text : "";
}

struct answer {
    i64 risk;
    const char *outcome;
};

static struct err *write_answer(struct web *w, void *ctx)
{
    const struct answer *a = ctx;
    i64 id;

    return decision_record(
        w, &risk_entity, a->risk, a->outcome,
        &(struct decision){.kind = "risk.treatment", .outcome = a->outcome, .role = "risk-owner"},
        &id);
}

static void answer_owner(struct test *t, i64 risk, const char *outcome)
{
    t->w->person = value(t, "select min(id) from person where org_id = $1", num(t->org));
    t->w->now = clock_now();
    assert_ok(app_write(t->w, write_answer, &(struct answer){risk, outcome}));
}

/* How a risk is treated, and until when it is accepted: a draft may change as often as it likes. */
static void accepted_risk(void **state)
{
    struct test *t = test_begin();
    struct treatment was = {.option = "retain", .expires = "2026-01-01"}, now;

    (void)state;
    was.id = some_record(t, t->org, &treatment_entity, NULL);
    was.risk = value(t, "select risk from treatment where org_id = $1 and id = $2", num(t->org),
                     num(was.id));
    now = was;
    now.option = "avoid";
    assert_string_equal(asked_of(t, &treatment_entity, &was, &now), "");
    answer_owner(t, was.risk, "refused");
    assert_string_equal(asked_of(t, &treatment_entity, &was, &now), "");
    answer_owner(t, was.risk, "approved");
    assert_non_null(strstr(asked_of(t, &treatment_entity, &was, &now), "“Option” was settled"));
    now = was;
    now.justification = "Two people know it";
    assert_string_equal(asked_of(t, &treatment_entity, &was, &now), "");
    now.expires = "2027-01-01";
    assert_non_null(strstr(asked_of(t, &treatment_entity, &was, &now), "“Until” was settled"));
    was.expires = NULL; /* nothing was said before */
    assert_string_equal(asked_of(t, &treatment_entity, &was, &now), "");
    test_end(t);
}

static void state_that_is_decided(void **state)
{
    struct test *t = test_begin();
    struct exemption was = {.state = "requested", .title = "Old laptop"}, now = was;

    (void)state;
    now.title = "Old laptops";
    assert_string_equal(asked_of(t, &exemption_entity, &was, &now), "");
    was.state = now.state = "approved";
    assert_string_equal(asked_of(t, &exemption_entity, &was, &now),
                        "This was decided already. Say in a few words why it is changed.");
    assert_true(entity_reason_always(&exemption_entity, &was));
    now = was;
    now.agreed = "ab"; /* set by code: the decision itself */
    assert_string_equal(asked_of(t, &exemption_entity, &was, &now), "");
    test_end(t);
}

const struct test_case entity_reason_tests[] = {
    TEST("who changes in the form what was settled says why, and is told so at the field", by_form),
    TEST("many records are not changed without a reason where one of them needs it", by_many),
    TEST("the API refuses such a change at “_reason”", by_api),
    TEST("an import says why once, and rows that need it are wrong until then", by_import),
    TEST("a kind may ask for a reason for every change and the removal", whole_kind),
    TEST("an approved treatment keeps its option and its end unless somebody says why; a draft "
         "does not",
         accepted_risk),
    TEST("what was decided needs a reason for what people enter, not for the decision itself",
         state_that_is_decided),
    TEST_END,
};
