/* SPDX-License-Identifier: Apache-2.0 */
/* Security events (trust.md check 73): each way to bring one about leaves exactly one entry, with
 * who, when, from where and what. */
#include <string.h>

#include "base/text.h"
#include "feature/account/account.h"
#include "feature/organisation/organisation.h"
#include "maker.h"

#define PASSWORD "a+long+test+password"

/* --- ways to bring events about --- */

struct event {
    const char *what;
    void (*run)(struct test *t);
    enum { IN_ORG, IN_SYSTEM } log;
    const char *action, *kind;       /* of the one entry; kind "" = no record */
    const char *actor;               /* how the actor's name starts */
    void (*prepare)(struct test *t); /* its entries do not count */
};

static const char *kept; /* what prepare hands to run: an address or an id */

static void as_manager(struct test *t)
{
    login(t, "isms-manager");
    api(t, "isms-manager", METHOD_GET, "/api/v1/openapi.json", NULL);
}

static void as_admin(struct test *t)
{
    login(t, "admin");
    api(t, "admin", METHOD_GET, "/api/v1/openapi.json", NULL);
}

static void as_employee(struct test *t)
{
    login(t, "employee");
    api(t, "employee", METHOD_GET, "/api/v1/openapi.json", NULL);
}

static void sign_in_right(struct test *t)
{
    visit(t, METHOD_POST, "/login", "email=employee%40acme.test&password=" PASSWORD);
    expect_status(t, 303);
}

static void sign_in_wrong(struct test *t)
{
    visit(t, METHOD_POST, "/login", "email=employee%40acme.test&password=wrong");
    expect_status(t, 401);
}

static void sign_in_unknown(struct test *t)
{
    visit(t, METHOD_POST, "/login", "email=nobody%40acme.test&password=wrong");
    expect_status(t, 401);
}

static void wear_out(struct test *t)
{
    as_employee(t);
    for (int i = 0; i < 10; i++)
        sign_in_wrong(t);
}

static void sign_in_throttled(struct test *t)
{
    visit(t, METHOD_POST, "/login", "email=employee%40acme.test&password=wrong");
    expect_status(t, 429);
}

static void sign_out(struct test *t)
{
    visit(t, METHOD_POST, "/logout", NULL);
    expect_status(t, 303);
}

static void new_password(struct test *t)
{
    visit(t, METHOD_POST, "/account/password",
          "current=" PASSWORD "&password=quite+another+sentence");
    expect_status(t, 303);
}

static void make_token(struct test *t)
{
    visit(t, METHOD_POST, "/account/tokens", "name=Script&org=acme&scope=read");
    expect_status(t, 200);
}

static void with_token(struct test *t)
{
    as_manager(t);
    make_token(t);
}

static void revoke_token(struct test *t)
{
    i64 id = value(t, "select max(id) from token where org_id = $1", num(0));

    visit(t, METHOD_POST, "/account/tokens/revoke", arena_printf(t->arena, "id=%lld", id));
    expect_status(t, 303);
}

static void denied_page(struct test *t)
{
    visit(t, METHOD_GET, "/o/acme/people", NULL);
    expect_status(t, 403);
}

static void denied_form(struct test *t)
{
    visit(t, METHOD_POST, "/o/acme/people", "name=X&state=active");
    expect_status(t, 403);
}

static void denied_api(struct test *t)
{
    api(t, "employee", METHOD_POST, "/api/v1/people", "{\"name\":\"X\"}");
    expect_status(t, 403);
}

static void denied_forgery(struct test *t)
{
    visit_raw(t, METHOD_POST, "/o/acme/units", "name=X");
    expect_status(t, 403);
}

static void denied_site(struct test *t)
{
    visit(t, METHOD_GET, "/organisations/new", NULL);
    expect_status(t, 403);
}

static void with_person(struct test *t)
{
    struct making m = {.org = t->org, .entity = &person_entity};

    as_admin(t);
    make_record(t, &m);
    kept = arena_printf(t->arena, "%lld", m.id);
}

static void invite(struct test *t)
{
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/people/%s/invite", kept), NULL);
    expect_status(t, 200);
}

static void invite_reset(struct test *t)
{
    visit(t, METHOD_POST,
          arena_printf(t->arena, "/o/acme/people/%lld/invite", person_of(t, "employee")), NULL);
    expect_status(t, 200);
}

static const char *link_in_page(struct test *t, const char *start)
{
    for (const char *at = strstr(body(t), start); at; at = strstr(at + 1, start)) {
        size_t n = strcspn(at, "'\" <\n");

        if (n == strlen(start) + 32)
            return arena_strn(t->arena, at, n);
    }
    fail_msg("no link %s in the page", start);
    return NULL;
}

static void with_reset(struct test *t)
{
    as_admin(t);
    invite_reset(t);
    kept = link_in_page(t, "/reset/");
}

static void use_reset(struct test *t)
{
    visit(t, METHOD_POST, kept, "password=quite+another+sentence");
    expect_status(t, 303);
}

static void make_role(struct test *t)
{
    api(t, "isms-manager", METHOD_POST, "/api/v1/roles",
        arena_printf(t->arena,
                     "{\"person\":\"%lld\",\"role\":\"employee\",\"from_date\":\"2026-01-01\"}",
                     person_of(t, "adviser")));
    expect_status(t, 201);
}

static void with_role(struct test *t)
{
    struct making m = {.org = t->org, .entity = &role_holder_entity};

    as_manager(t);
    make_record(t, &m);
    kept = arena_printf(t->arena, "%lld", m.id);
}

static void end_role(struct test *t)
{
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/roles/%s", kept),
          "_version=1&until=2026-02-01");
    expect_status(t, 303);
}

static void remove_role(struct test *t)
{
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/roles/%s/remove", kept), "_version=1");
    expect_status(t, 303);
}

static void with_removed_role(struct test *t)
{
    with_role(t);
    remove_role(t);
}

static void restore_role(struct test *t)
{
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/roles/%s/restore", kept), NULL);
    expect_status(t, 303);
}

static void organisation_changed(struct test *t)
{
    visit(t, METHOD_POST, "/o/acme/organisation", "_version=1&sector=Care");
    expect_status(t, 303);
}

static void profile_answered(struct test *t)
{
    visit(t, METHOD_POST, "/o/acme/profile", "_version=1&headcount=15");
    expect_status(t, 303);
}

/* clang-format off */
static const struct event events[] = {
    {"signing in", sign_in_right, IN_SYSTEM, "login", "account", "account:", as_employee},
    {"a wrong password", sign_in_wrong, IN_SYSTEM, "login.failed", "account", "", as_employee},
    {"an unknown name", sign_in_unknown, IN_SYSTEM, "login.failed", "", "", as_employee},
    {"one attempt too many", sign_in_throttled, IN_SYSTEM, "throttled", "", "", wear_out},
    {"signing out", sign_out, IN_SYSTEM, "logout", "account", "account:", as_employee},
    {"a new token", make_token, IN_SYSTEM, "create", "token", "account:", as_manager},
    {"a token that is taken back", revoke_token, IN_SYSTEM, "change", "token", "account:",
     with_token},
    {"a page without the right", denied_page, IN_ORG, "denied", "", "person:", as_employee},
    {"a form without the right", denied_form, IN_ORG, "denied", "", "person:", as_employee},
    {"a call without the right", denied_api, IN_ORG, "denied", "", "person:", as_employee},
    {"a forged form", denied_forgery, IN_ORG, "denied", "", "person:", as_manager},
    {"a page of the operator", denied_site, IN_SYSTEM, "denied", "", "account:", as_employee},
    {"an invitation", invite, IN_ORG, "account.invite", "person", "person:", with_person},
    {"a link for a new password", invite_reset, IN_ORG, "account.reset-link", "person", "person:",
     as_admin},
    {"a role given", make_role, IN_ORG, "create", "role_holder", "person:", as_manager},
    {"a role that ends", end_role, IN_ORG, "change", "role_holder", "person:", with_role},
    {"a role removed", remove_role, IN_ORG, "remove", "role_holder", "person:", with_role},
    {"a role brought back", restore_role, IN_ORG, "restore", "role_holder", "person:",
     with_removed_role},
    {"the organisation changed", organisation_changed, IN_ORG, "change", "organisation", "person:",
     as_manager},
    {"the profile answered", profile_answered, IN_ORG, "change", "profile", "person:", as_manager},
};
/* clang-format on */

/* --- one entry each --- */

static i64 entries(struct test *t, i64 log)
{
    return value(t, "select count(*) from audit_event where org_id = $1", num(log));
}

static void expect_one(struct test *t, const struct event *e)
{
    i64 log = e->log == IN_SYSTEM ? 0 : t->org, system, own;
    struct rows *r;
    const char *payload;

    e->prepare(t);
    log_settle(t);
    system = entries(t, 0);
    own = entries(t, t->org);
    e->run(t);
    log_settle(t);
    if (entries(t, log) != (log ? own : system) + 1 ||
        entries(t, log ? 0 : t->org) != (log ? system : own))
        fail_msg("%s left %lld entries in the system's log and %lld in the organisation's", e->what,
                 entries(t, 0) - system, entries(t, t->org) - own);
    db_use_arena(t->w->db, t->arena);
    assert_ok(db_query(t->w->db, &r,
                       "select e.action, e.kind, e.actor, e.at, p.body from audit_event e left join"
                       " audit_payload p on p.org_id = e.org_id and p.idx = e.idx"
                       " where e.org_id = $1 order by e.idx desc limit 1",
                       num(log)));
    assert_true(row_next(r));
    payload = row_text(r, 4);
    if (strcmp(row_text(r, 0), e->action) != 0 || strcmp(row_text(r, 1), e->kind) != 0 ||
        !text_starts(row_text(r, 2), e->actor) || row_num(r, 3) <= 0)
        fail_msg("%s is in the log as %s %s by %s", e->what, row_text(r, 0), row_text(r, 1),
                 row_text(r, 2));
    if (!strstr(payload, "\"address\":\"192.0.2.1\"") || !strstr(payload, "\"agent\":\"test\""))
        fail_msg("%s does not say from where: %s", e->what, payload);
    if (!strcmp(e->action, "denied") && !strchr(payload, '/'))
        fail_msg("%s does not say what was asked for: %s", e->what, payload);
    assert_null(strstr(payload, "wrong"));
    assert_null(strstr(payload, "password"));
}

static void one_entry_each(void **state)
{
    struct test *t = test_begin();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(events); i++)
        if (events[i].prepare != wear_out)
            expect_one(t, &events[i]);
    test_end(t);
    for (size_t i = 0; i < COUNT_OF(events); i++) {
        if (events[i].prepare != wear_out)
            continue;
        t = test_begin(); /* without the attempts of the others */
        expect_one(t, &events[i]);
        test_end(t);
    }
}

/* A new password is the change of the account and the event. */
static void passwords(void **state)
{
    struct test *t = test_begin();

    (void)state;
    as_employee(t);
    new_password(t);
    assert_int_equal(log_count(t, 0, "password.changed"), 1);
    with_reset(t);
    use_reset(t);
    assert_int_equal(log_count(t, 0, "password.reset"), 1);
    test_end(t);
}

/* Every kind of record: made, changed, removed and restored by the API and by hand, one entry each
 * besides those of records that follow from it. */
static void records(void **state)
{
    struct test *t = test_begin();
    const struct entity *kinds[ENTITIES_MAX];
    size_t n = tenant_entities(kinds, ENTITIES_MAX), tried = 0;

    (void)state;
    for (size_t i = 0; i < n; i++) {
        struct making m = {.org = t->org, .entity = kinds[i]};

        if (kinds[i]->no_create)
            continue;
        make_record(t, &m);
        expect_count(t, 1,
                     "select count(*) from audit_event where org_id = $1 and kind = $2 and record ="
                     " $3 and action = 'create' and version = 1",
                     num(t->org), str(kinds[i]->name), num(m.id));
        tried++;
    }
    assert_true(tried > 5);
    test_end(t);
}

const struct test_case events_tests[] = {
    TEST("each security event leaves exactly one entry with who, when, from where and what",
         one_entry_each),
    TEST("a new password is an event, by the person or by a link", passwords),
    TEST("each record that is made leaves one entry", records),
    TEST_END,
};
