/* SPDX-License-Identifier: Apache-2.0 */
/* Signing in, one-time links, passwords, tokens: through the whole program. */
#include "feature/account/account.h"

#include <string.h>

#include "base/clock.h"
#include "core/session.h"
#include "visit.h"

#define PASSWORD "a+long+test+password"

/* The value of a hidden input of the last page. */
static const char *hidden(struct test *t, const char *name)
{
    char *mark = arena_printf(t->arena, "name='%s' value='", name);
    const char *at = strstr(body(t), mark);

    assert_non_null(at);
    at += strlen(mark);
    return arena_strn(t->arena, at, strcspn(at, "'"));
}

static void sign_in(struct test *t, const char *email, const char *password, const char *next)
{
    logout(t);
    visit_raw(
        t, METHOD_POST, "/login",
        arena_printf(t->arena, "_csrf=none&email=%s&password=%s&next=%s", email, password, next));
}

static void login_needs_token(void **state)
{
    struct test *t = test_begin();

    (void)state;
    sign_in(t, "admin%40acme.test", PASSWORD, "/");
    expect_status(t, 403);
    expect_count(t, 0, "select count(*) from session where org_id = $1", num(0));
    test_end(t);
}

/* A browser that fetched the login page: its pre-login cookie binds the token to it. */
static void browser_login(struct test *t, const char *email, const char *password, const char *next)
{
    const char *pre = NULL, *token;
    const struct pairs *h;

    logout(t);
    visit_raw(t, METHOD_GET, "/login", NULL);
    expect_status(t, 200);
    h = &t->r->response.headers;
    for (size_t i = 0; i < h->count; i++)
        if (!strncmp(h->list[i].value, "cairn-pre=", 10))
            pre = arena_strn(t->arena, h->list[i].value + 10, strcspn(h->list[i].value + 10, ";"));
    assert_non_null(pre);
    token = hidden(t, "_csrf");
    t->pre = pre;
    visit_raw(t, METHOD_POST, "/login",
              arena_printf(t->arena, "_csrf=%s&email=%s&password=%s&next=%s", token, email,
                           password, next));
    t->pre = NULL;
}

static void right_password(void **state)
{
    struct test *t = test_begin();

    (void)state;
    browser_login(t, "admin%40acme.test", PASSWORD, "%2Fo%2Facme%2Fpeople");
    expect_status(t, 303);
    assert_string_equal(header(t, "Location"), "/o/acme/people");
    assert_non_null(t->cookie);
    visit(t, METHOD_GET, "/o/acme/people", NULL);
    expect_status(t, 200);
    expect_count(t, 1, "select count(*) from audit_event where org_id = $1 and action = 'login'",
                 num(0));
    test_end(t);
}

static void wrong_password(void **state)
{
    struct test *t = test_begin();
    const char *known;

    (void)state;
    browser_login(t, "admin%40acme.test", "not+the+password", "/");
    expect_status(t, 401);
    known = strstr(body(t), "E-mail or password");
    assert_non_null(known);
    assert_null(t->cookie);
    browser_login(t, "nobody%40acme.test", "not+the+password", "/");
    expect_status(t, 401);
    expect_text(t, "E-mail or password is not right.");
    expect_count(t, 2,
                 "select count(*) from audit_event where org_id = $1 and action = 'login.failed'",
                 num(0));
    test_end(t);
}

static void open_redirects(void **state)
{
    static const char *const bad[] = {"%2F%2Fevil.test", "%2F%5Cevil.test",
                                      "https%3A%2F%2Fevil.test", "%2F..%2F%2Fevil.test",
                                      "javascript%3Aalert(1)"};
    struct test *t = test_begin();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        browser_login(t, "admin%40acme.test", PASSWORD, bad[i]);
        expect_status(t, 303);
        assert_string_equal(header(t, "Location"), "/");
    }
    test_end(t);
}

static void throttled(void **state)
{
    struct test *t = test_begin();

    (void)state;
    for (int i = 0; i < 10; i++) {
        browser_login(t, "employee%40acme.test", "wrong+wrong+wrong", "/");
        expect_status(t, 401);
    }
    browser_login(t, "employee%40acme.test", PASSWORD, "/");
    expect_status(t, 429);
    assert_non_null(header(t, "Retry-After"));
    t->peer = "192.0.2.99"; /* the owner elsewhere is not locked out */
    browser_login(t, "employee%40acme.test", PASSWORD, "/");
    expect_status(t, 303);
    t->peer = NULL;
    clock_shift(16 * MINUTE);
    browser_login(t, "employee%40acme.test", PASSWORD, "/");
    expect_status(t, 303);
    clock_shift(-16 * MINUTE);
    test_end(t);
}

static void new_session_id(void **state)
{
    struct test *t = test_begin();
    const char *first;

    (void)state;
    browser_login(t, "admin%40acme.test", PASSWORD, "/");
    first = t->cookie;
    browser_login(t, "admin%40acme.test", PASSWORD, "/");
    assert_string_not_equal(first, t->cookie);
    test_end(t);
}

static void logout_ends(void **state)
{
    struct test *t = test_begin();
    const char *cookie;

    (void)state;
    login(t, "admin");
    cookie = t->cookie;
    visit(t, METHOD_POST, "/logout", NULL);
    expect_status(t, 303);
    t->cookie = cookie;
    visit(t, METHOD_GET, "/o/acme/people", NULL);
    expect_status(t, 303);
    assert_contains(header(t, "Location"), "/login?next=");
    test_end(t);
}

static void timeouts(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "admin");
    clock_shift(59 * MINUTE);
    visit(t, METHOD_GET, "/o/acme/people", NULL);
    expect_status(t, 200);
    clock_shift(59 * MINUTE); /* use counts */
    visit(t, METHOD_GET, "/o/acme/people", NULL);
    expect_status(t, 200);
    clock_shift(61 * MINUTE);
    visit(t, METHOD_GET, "/o/acme/people", NULL);
    expect_status(t, 303);
    clock_shift(-179 * MINUTE);
    login(t, "admin");
    for (int i = 0; i < 13; i++) {
        clock_shift(55 * MINUTE);
        visit(t, METHOD_GET, "/o/acme/people", NULL);
    }
    visit(t, METHOD_GET, "/o/acme/people", NULL);
    expect_status(t, 200);
    clock_shift(30 * MINUTE); /* twelve hours after signing in it ends, in use or not */
    visit(t, METHOD_GET, "/o/acme/people", NULL);
    expect_status(t, 303);
    clock_shift(-13 * 55 * MINUTE - 30 * MINUTE);
    test_end(t);
}

static void password_change(void **state)
{
    struct test *t = test_begin();
    const char *other;

    (void)state;
    login(t, "employee");
    other = t->cookie;
    api(t, "employee", METHOD_GET, "/api/v1/events", NULL);
    login(t, "employee");
    visit(t, METHOD_POST, "/account/password",
          "current=" PASSWORD "&password=quite+another+sentence");
    expect_status(t, 303);
    visit(t, METHOD_GET, "/account", NULL);
    expect_status(t, 200);
    t->cookie = other;
    visit(t, METHOD_GET, "/account", NULL);
    expect_status(t, 303);
    api(t, "employee", METHOD_GET, "/api/v1/events", NULL);
    expect_status(t, 401);
    test_end(t);
}

static void weak_passwords(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "employee");
    visit(t, METHOD_POST, "/account/password", "current=" PASSWORD "&password=short");
    expect_status(t, 422);
    expect_text(t, "at least 12 characters");
    visit(t, METHOD_POST, "/account/password", "current=" PASSWORD "&password=123456789012");
    expect_status(t, 422);
    visit(t, METHOD_POST, "/account/password",
          "current=" PASSWORD "&password=employee%40acme.test");
    expect_status(t, 422);
    visit(t, METHOD_POST, "/account/password", "current=wrong&password=quite+another+sentence");
    expect_status(t, 422);
    expect_text(t, "present password is not right");
    test_end(t);
}

static void setup_link(void **state)
{
    struct test *t = test_begin();
    const char *path;

    (void)state;
    assert_ok(account_setup_link(t->w, &path));
    visit_raw(t, METHOD_GET, path, NULL);
    expect_status(t, 404);
    expect_text(t, "set up already");
    test_end(t);
}

static void invitation(void **state)
{
    struct test *t = test_begin();
    const char *at, *path;

    (void)state;
    login(t, "admin");
    visit(t, METHOD_POST, "/o/acme/people", "name=Ina&email=ina%40acme.test&state=active");
    expect_status(t, 303);
    visit(t, METHOD_POST,
          arena_printf(
              t->arena, "%s/invite",
              arena_strn(t->arena, header(t, "Location"), strcspn(header(t, "Location"), "?"))),
          NULL);
    expect_status(t, 200);
    expect_text(t, "http://localhost/invite/"); /* whole: it is sent to somebody */
    at = strstr(body(t), "/invite/");
    assert_non_null(strstr(body(t), "works once"));
    while (at && strncmp(at, "/invite/", 8) == 0 && at[8] == '\'')
        at = strstr(at + 8, "/invite/");
    assert_non_null(at);
    path = arena_strn(t->arena, at, 8 + 32);
    login(t, "employee"); /* an employee may not invite */
    visit(t, METHOD_POST, "/o/acme/people/P-1/invite", NULL);
    expect_status(t, 403);
    logout(t);
    visit_raw(t, METHOD_GET, path, NULL);
    expect_status(t, 200);
    expect_text(t, "You are invited");
    test_end(t);
}

static void token_shown_once(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/account/tokens", "name=Script&org=acme&scope=read");
    expect_status(t, 200);
    expect_text(t, "cairn_");
    visit(t, METHOD_GET, "/account", NULL);
    expect_no_text(t, "cairn_");
    visit(t, METHOD_POST, "/account/tokens", "name=Script&org=other&scope=read");
    expect_status(t, 404);
    test_end(t);
}

const struct test_case account_tests[] = {
    TEST("the login form is refused without this browser's token", login_needs_token),
    TEST("the right password signs in, leads back and is logged", right_password),
    TEST("a wrong password and an unknown e-mail get the same answer and are logged",
         wrong_password),
    TEST("after login nobody is sent to another site", open_redirects),
    TEST("the eleventh attempt from one address waits, its owner elsewhere does not", throttled),
    TEST("every login makes a new session id", new_session_id),
    TEST("signing out ends the session on the server", logout_ends),
    TEST("a session ends after an hour without use and after twelve hours in any case", timeouts),
    TEST("a new password ends all other sessions and tokens", password_change),
    TEST("short, worn and e-mail passwords are refused with the reason", weak_passwords),
    TEST("once there is an account, a setup link opens nothing any more", setup_link),
    TEST("an administrator invites a person; an employee may not", invitation),
    TEST("an API token is shown once and only for one's own organisations", token_shown_once),
    TEST_END,
};
