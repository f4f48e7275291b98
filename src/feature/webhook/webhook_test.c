/* SPDX-License-Identifier: Apache-2.0 */
/* What a webhook is told and what not, its secret, and what is refused. Requests that really leave
 * are in tests/program/webhooks.py. */
#include "feature/webhook/webhook.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "feature/organisation/organisation.h"
#include "feature/webhook/webhook_part.h"
#include "maker.h"

/* --- help --- */

static void begin_hook(struct test *t, const char *role, const char *more)
{
    login(t, role);
    visit(t, METHOD_POST, "/o/acme/webhooks",
          arena_printf(t->arena,
                       "title=Tickets&url=https%%3A%%2F%%2Fhooks.example.com%%2Fx&actions%%5B%%5D="
                       "create&actions%%5B%%5D=change%s",
                       more));
    expect_status(t, 303);
}

/* The secret of the page that is shown once. */
static const char *make_secret(struct test *t)
{
    const char *at;

    visit(t, METHOD_POST, "/o/acme/webhooks/WH-1/secret", "");
    expect_status(t, 200);
    at = strstr(body(t), "whsec_");
    assert_non_null(at);
    return arena_strn(t->arena, at, strspn(at, "whsec_0123456789abcdef"));
}

static i64 deliveries(struct test *t)
{
    return value(t, "select count(*) from webhook_delivery where org_id = $1", num(t->org));
}

static const char *last_body(struct test *t)
{
    struct rows *r;

    db_use_arena(t->w->db, t->arena);
    assert_ok(db_query(t->w->db, &r,
                       "select body from webhook_delivery where org_id = $1 order by id desc",
                       num(t->org)));
    assert_true(row_next(r));
    return row_text(r, 0);
}

static void look(struct test *t)
{
    assert_ok(webhook_watch(t->w, ""));
}

static i64 make_kind(struct test *t, const char *kind)
{
    struct making m = {.org = t->org, .entity = feature_entity(kind)};

    make_record(t, &m);
    return m.id;
}

/* --- tests --- */

static void secret_once(void **state)
{
    struct test *t = test_begin();
    const char *secret, *second;

    (void)state;
    begin_hook(t, "isms-manager", "");
    visit(t, METHOD_GET, "/o/acme/webhooks/WH-1", NULL);
    expect_text(t, "Nothing is sent before the webhook has a secret.");
    secret = make_secret(t);
    assert_int_equal(strlen(secret), 6 + 64);
    visit(t, METHOD_GET, "/o/acme/webhooks/WH-1", NULL);
    expect_no_text(t, secret);
    api(t, "isms-manager", METHOD_GET, "/api/v1/webhooks/WH-1", NULL);
    expect_no_text(t, secret);
    expect_no_text(t, "fingerprint");
    expect_count(t, 0, "select count(*) from webhook where org_id = $1 and fingerprint = $2",
                 num(t->org), str(secret));
    login(t, "isms-manager");
    second = make_secret(t);
    assert_string_not_equal(secret, second);
    api_header(t, "Idempotency-Key", "k1");
    api(t, "isms-manager", METHOD_POST, "/api/v1/webhooks/WH-1/secret", "{}");
    expect_text(t, "whsec_");
    expect_count(t, 0, "select count(*) from operation where org_id = $1 and answer is not null",
                 num(t->org));
    test_end(t);
}

static void refused_addresses(void **state)
{
    static const char *const bad[] = {
        "http%3A%2F%2F127.0.0.1%2F",          "http%3A%2F%2F2130706433%2F",
        "https%3A%2F%2F%5B%3A%3A1%5D%2F",     "http%3A%2F%2F169.254.169.254%2F",
        "file%3A%2F%2F%2Fetc%2Fpasswd",       "https%3A%2F%2Fu%3Ap%40example.com%2F",
        "https%3A%2F%2Fexample.com%3A6379%2F"};
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        visit(t, METHOD_POST, "/o/acme/webhooks",
              arena_printf(t->arena, "title=Bad&url=%s&actions%%5B%%5D=create", bad[i]));
        expect_status(t, 422);
    }
    visit(t, METHOD_POST, "/o/acme/webhooks",
          "title=Bad&url=https%3A%2F%2Fexample.com%2F&actions%5B%5D=create&kinds=risk,unicorn");
    expect_status(t, 422);
    expect_text(t, "There is no kind “unicorn”.");
    visit(t, METHOD_POST, "/o/acme/webhooks",
          "title=Bad&url=https%3A%2F%2Fexample.com%2F&actions%5B%5D=create&kinds=account");
    expect_status(t, 422);
    test_end(t);
}

static void told(void **state)
{
    struct test *t = test_begin();
    i64 unit;

    (void)state;
    begin_hook(t, "isms-manager", "&kinds=unit");
    make_kind(t, "unit");
    look(t);
    assert_int_equal(deliveries(t), 0);
    login(t, "isms-manager");
    make_secret(t);
    look(t);
    assert_int_equal(deliveries(t), 0);
    make_kind(t, "asset");
    unit = make_kind(t, "unit");
    look(t);
    look(t);
    assert_int_equal(deliveries(t), 1);
    assert_contains(last_body(t), "\"event\":\"unit.create\"");
    assert_contains(last_body(t), arena_printf(t->arena, "\"id\":\"%lld\"", unit));
    assert_contains(last_body(t), "\"title\":");
    api_header(t, "If-Match", "*");
    api(t, "isms-manager", METHOD_PATCH, arena_printf(t->arena, "/api/v1/units/%lld", unit),
        "{\"note\":\"changed\"}");
    look(t);
    assert_int_equal(deliveries(t), 2);
    api_header(t, "If-Match", "*");
    api(t, "isms-manager", METHOD_DELETE, arena_printf(t->arena, "/api/v1/units/%lld", unit), NULL);
    look(t);
    assert_int_equal(deliveries(t), 2);
    test_end(t);
}

static void title_by_right(void **state)
{
    struct test *t = test_begin();

    (void)state;
    begin_hook(t, "admin", "");
    make_secret(t);
    make_kind(t, "risk");
    look(t);
    assert_contains(last_body(t), "\"kind\":\"risk\"");
    assert_null(strstr(last_body(t), "\"title\":"));
    test_end(t);
}

static void new_address(void **state)
{
    struct test *t = test_begin();

    (void)state;
    begin_hook(t, "isms-manager", "");
    make_secret(t);
    api_header(t, "If-Match", "*");
    api(t, "admin", METHOD_PATCH, "/api/v1/webhooks/WH-1",
        "{\"url\":\"https://elsewhere.example.com/\"}");
    expect_status(t, 200);
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/webhooks/WH-1", NULL);
    expect_text(t, "Make a new secret.");
    make_kind(t, "unit");
    look(t);
    assert_ok(webhook_send(
        t->w, arena_printf(t->arena, "%lld",
                           value(t, "select id from webhook where org_id = $1", num(t->org)))));
    expect_count(t, 1, "select count(*) from webhook where org_id = $1 and state = 'off'",
                 num(t->org));
    expect_count(t, 0, "select count(*) from webhook_attempt where org_id = $1", num(t->org));
    visit(t, METHOD_POST, "/o/acme/webhooks/WH-1/on", "");
    expect_status(t, 409);
    make_secret(t);
    visit(t, METHOD_POST, "/o/acme/webhooks/WH-1/off", "");
    visit(t, METHOD_POST, "/o/acme/webhooks/WH-1/on", "");
    expect_status(t, 303);
    test_end(t);
}

static void switched_off(void **state)
{
    struct test *t = test_begin();

    (void)state;
    begin_hook(t, "isms-manager", "");
    visit(t, METHOD_POST, "/o/acme/webhooks/WH-1/test", "");
    expect_status(t, 409);
    make_secret(t);
    visit(t, METHOD_POST, "/o/acme/webhooks/WH-1/test", "");
    expect_status(t, 303);
    visit(t, METHOD_POST, "/o/acme/webhooks/WH-1/off", "");
    assert_ok(webhook_send(
        t->w, arena_printf(t->arena, "%lld",
                           value(t, "select id from webhook where org_id = $1", num(t->org)))));
    expect_count(t, 1,
                 "select count(*) from webhook_delivery where org_id = $1"
                 " and state = 'skipped'",
                 num(t->org));
    visit(t, METHOD_POST, "/o/acme/webhooks/WH-1/deliveries/5/again", "");
    expect_status(t, 404);
    visit(t, METHOD_POST,
          arena_printf(
              t->arena, "/o/acme/webhooks/WH-1/deliveries/%lld/again",
              value(t, "select min(id) from webhook_delivery where org_id = $1", num(t->org))),
          "");
    expect_status(t, 409);
    login(t, "risk-owner");
    visit(t, METHOD_GET, "/o/acme/webhooks", NULL);
    expect_status(t, 403);
    test_end(t);
}

/* RFC 4231's way of checking, with values computed by openssl dgst -hmac. */
static void signature(void **state)
{
    struct arena *a = arena_new(0);

    (void)state;
    assert_string_equal(webhook_signature(a, "whsec_test", 1700000000LL * SECOND, "{\"a\":1}"),
                        "t=1700000000,v1="
                        "38877139021993b830af32feea6e18a8da83eb2f6e49ee50bd9e4cf4ca4d3789");
    arena_free(a);
}

const struct test_case webhook_tests[] = {
    TEST("a secret is shown once and kept nowhere; a new one is another one", secret_once),
    TEST("local addresses, other schemes and ports, users and unknown kinds are refused",
         refused_addresses),
    TEST("a webhook is told of its kinds and actions, once each, from when it was switched on",
         told),
    TEST("the title goes along only while who answers for the webhook may see the record",
         title_by_right),
    TEST("after a change of the address nothing is sent before there is a new secret", new_address),
    TEST("what waits when a webhook is switched off is not sent; others may not manage webhooks",
         switched_off),
    TEST("the signature is the HMAC of time and body", signature),
    TEST_END,
};
