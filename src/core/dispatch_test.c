/* SPDX-License-Identifier: Apache-2.0 */
/* The funnel: what is answered before any handler runs. */
#include <string.h>

#include "core/entity.h"
#include "core/page.h"
#include "core/route.h"
#include "feature/context/context.h"
#include "test.h"
#include "visit.h"

extern const struct test_case dispatch_tests[];

/* --- a handler that has written before it draws its refusal --- */

static struct err *write_party(struct web *w)
{
    struct issues issues = {.arena = w->arena};
    struct party p = {.name = "Written too early", .type = "customer", .state = "proposed"};

    TRY(entity_write(w, &party_entity, &p, "", &issues));
    return issues.count ? err_new(ERR_FAULT, "%s", issues.list[0].text) : NULL;
}

static struct err *probe_page(struct web *w)
{
    TRY(write_party(w));
    if (web_form(w, "refuse"))
        web_status(w, 422);
    page_begin(w, "Plan", "Probe");
    page_body(w);
    html(w->html, "<p>%s</p>", web_form(w, "refuse") ? "This is missing." : "Written.");
    page_end(w);
    return NULL;
}

static struct err *probe_api(struct web *w)
{
    bool refused = strstr(w->req->body.data ? (const char *)w->req->body.data : "", "refuse");

    TRY(write_party(w));
    web_answer_json(w, refused ? 422 : 201,
                    json_pack("{s:s}", "detail", refused ? "This is missing." : "Written."));
    return NULL;
}

static const struct route probe_routes[] = {
    {.method = METHOD_POST,  .pattern = "/probe", .handler = probe_page, .permission = &party_write},
    {.method = METHOD_POST,
     .pattern = "/probe",
     .handler = probe_api,
     .permission = &party_write,
     .flags = ROUTE_API},
    {.pattern = NULL                     },
};

static const struct feature probe = {.name = "probe", .routes = probe_routes};

static void expect_written(struct test *t, i64 wanted, i64 log, i64 operations)
{
    expect_count(t, wanted,
                 "select count(*) from party where org_id = $1 and name = 'Written too early'",
                 num(t->org));
    expect_count(t, wanted,
                 "select count(*) from party_history where org_id = $1"
                 " and name = 'Written too early'",
                 num(t->org));
    expect_count(t, log, "select count(*) from audit_entry where org_id = $1", num(t->org));
    expect_count(t, operations, "select count(*) from operation where org_id = $1", num(t->org));
}

static void refusal_leaves_nothing(void **state)
{
    struct test *t = test_begin();
    i64 log, ops, number;

    (void)state;
    route_add(&probe);
    login(t, "isms-manager");
    log = value(t, "select count(*) from audit_entry where org_id = $1", num(t->org));
    ops = value(t, "select count(*) from operation where org_id = $1", num(t->org));
    visit(t, METHOD_POST, "/o/acme/probe", "refuse=1");
    expect_status(t, 422);
    expect_text(t, "This is missing."); /* the page that the handler drew, not another one */
    expect_written(t, 0, log, ops);
    visit(t, METHOD_POST, "/o/acme/probe", ""); /* the same handler, when it does not refuse */
    expect_status(t, 200);
    expect_written(t, 1, log + 1, ops + 1);
    number = value(t, "select max(number) from party where org_id = $1", num(t->org));
    assert_int_equal(number, value(t, "select count(*) from party where org_id = $1", num(t->org)));
    route_init();
    test_end(t);
}

static void api_refusal_leaves_nothing(void **state)
{
    struct test *t = test_begin();
    i64 log, ops;

    (void)state;
    route_add(&probe);
    api(t, "isms-manager", METHOD_GET, "/api/v1/parties", NULL); /* the token is made */
    log = value(t, "select count(*) from audit_entry where org_id = $1", num(t->org));
    ops = value(t, "select count(*) from operation where org_id = $1", num(t->org));
    api_header(t, "Idempotency-Key", "probe-1");
    api(t, "isms-manager", METHOD_POST, "/api/v1/probe", "{\"refuse\": true}");
    expect_status(t, 422);
    expect_text(t, "This is missing.");
    expect_written(t, 0, log, ops);
    /* the key was not used up: it may be sent again with what was missing */
    api_header(t, "Idempotency-Key", "probe-1");
    api(t, "isms-manager", METHOD_POST, "/api/v1/probe", "{}");
    expect_status(t, 201);
    expect_written(t, 1, log + 1, ops + 1);
    route_init();
    test_end(t);
}

static void nothing_there(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/no/such/page", NULL);
    expect_status(t, 404);
    visit(t, METHOD_GET, "/o/other/risks", NULL);
    expect_status(t, 404); /* an organisation of others is not there */
    visit(t, METHOD_GET, "/o/never/risks", NULL);
    expect_status(t, 404); /* like one that never was */
    logout(t);
    visit(t, METHOD_GET, "/o/acme/risks", NULL);
    expect_status(t, 303);
    assert_contains(header(t, "Location"), "/login");
    test_end(t);
}

static void slash_at_the_end(void **state)
{
    static const char *const pairs[][2] = {
        {"/o/acme/",              "/o/acme"             },
        {"/o/acme/risks/",        "/o/acme/risks"       },
        {"/o/acme/risks/?q=a%2F", "/o/acme/risks?q=a%2F"},
        {"/login/",               "/login"              },
        {"/api/v1/risks/",        "/api/v1/risks"       }
    };
    struct test *t = test_begin();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        visit(t, METHOD_GET, pairs[i][0], NULL);
        expect_status(t, 308);
        assert_string_equal(header(t, "Location"), pairs[i][1]);
    }
    visit(t, METHOD_GET, "/no/such/page/", NULL);
    expect_status(t, 404);
    visit(t, METHOD_GET, "/", NULL);
    assert_int_not_equal(status(t), 308);
    visit_raw(t, METHOD_POST, "/o/acme/risks/", "title=x");
    expect_status(t, 404);
    test_end(t);
}

const struct test_case dispatch_tests[] = {
    TEST("a slash too many at the end of an address leads to the page, and for a form is not found",
         slash_at_the_end),
    TEST("an address that is not there, and an organisation of others, are not found; who is not "
         "signed in is asked to sign in",
         nothing_there),
    TEST("a page that refuses with 422 after its handler has written leaves no record, no history, "
         "no log entry, no number and no stored answer",
         refusal_leaves_nothing),
    TEST(
        "an answer 422 of the API after its handler has written leaves nothing either, and its key "
        "can be sent again",
        api_refusal_leaves_nothing),
    TEST_END,
};
