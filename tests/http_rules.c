/* SPDX-License-Identifier: Apache-2.0 */
/* What holds for every answer of every route: headers, methods, error texts, reading changes
 * nothing, no foreign site gets in or is led to. What needs a real socket is in
 * tests/program/http.py. */
#include <string.h>

#include "base/text.h"
#include "core/dispatch.h"
#include "feature/account/account.h"
#include "maker.h"

static void ask(struct test *t, const struct route_entry *e, const char *address, const char *role)
{
    enum http_method m = e->route->method;

    if (m == METHOD_DELETE)
        api_header(t, "If-Match", "\"99999\"");
    if (e->route->flags & ROUTE_API)
        api(t, role, m, address, m == METHOD_POST || m == METHOD_PATCH ? "{}" : NULL);
    else
        visit(t, m, address, m == METHOD_GET ? NULL : "_version=1");
}

/* --- headers (1, 2, 3) --- */

static const char wanted_csp[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

static void expect_header(struct test *t, const char *name, const char *wanted)
{
    const char *got = header(t, name);

    if (!text_equal(got, wanted))
        fail_msg("%s %s (%d): %s is “%s”, not “%s”", t->r->method_text, t->r->target, status(t),
                 name, got ? got : "", wanted);
}

static void expect_headers(struct test *t)
{
    const char *type = t->r->response.type;
    bool empty = !t->r->response.body.size && !t->r->response.file;

    if (!empty && (!type || ((text_starts(type, "text/") || strstr(type, "json")) &&
                             !strstr(type, "; charset=utf-8"))))
        fail_msg("%s %s (%d): the type is %s", t->r->method_text, t->r->target, status(t),
                 type ? type : "missing");
    expect_header(t, "X-Content-Type-Options", "nosniff");
    expect_header(t, "Referrer-Policy", "same-origin");
    expect_header(t, "Cache-Control", "no-store");
    expect_header(t, "Cross-Origin-Opener-Policy", "same-origin");
    expect_header(t, "Cross-Origin-Resource-Policy", "same-origin");
    expect_header(t, "Content-Security-Policy", wanted_csp);
    assert_null(header(t, "Access-Control-Allow-Origin"));
    assert_null(header(t, "Access-Control-Allow-Credentials"));
    assert_null(header(t, "Server"));
    assert_null(header(t, "X-Powered-By"));
    for (size_t i = 0; i < t->r->response.headers.count; i++)
        assert_null(strpbrk(t->r->response.headers.list[i].value, "\r\n"));
}

/* --- texts of refusals (5) --- */

static void expect_plain_refusal(struct test *t)
{
    static const char *const leaks[] = {
        "SELECT ", "select *", "insert into", "sqlite",    "SQLITE", "libpq", "PGRES",   "postgres",
        ".c:",     "src/",     "0x7f",        "backtrace", "/home",  "/tmp",  "/dev/shm"};

    if (status(t) < 400)
        return;
    for (size_t i = 0; i < COUNT_OF(leaks); i++)
        if (strstr(body(t), leaks[i]))
            fail_msg("%s %s (%d) says “%s”", t->r->method_text, t->r->target, status(t), leaks[i]);
    if (t->r->path[1] == 'a' && t->r->path[2] == 'p') /* the API gives the number of the request */
        expect_text(t, "\"request\":\"00000000000000aa\"");
}

struct crawl {
    const char *role;
    size_t count;
    const char *address_header; /* sent with each request, or NULL */
};

static void crawl_one(struct test *t, const struct route_entry *e, const char *address, void *ctx)
{
    struct crawl *c = ctx;

    if (!strcmp(e->pattern, "/logout"))
        return;
    if (c->address_header)
        api_header(t, "Origin", c->address_header);
    ask(t, e, address, c->role);
    expect_headers(t);
    expect_plain_refusal(t);
    c->count++;
}

static void headers_everywhere(void **state)
{
    static const char *const roles[] = {"isms-manager", "employee"};
    struct test *t = test_begin();
    struct crawl c = {0};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(roles); i++) {
        c.role = roles[i];
        login(t, roles[i]);
        each_route(t, crawl_one, &c);
    }
    logout(t);
    c.role = NULL;
    each_route(t, crawl_one, &c);
    visit(t, METHOD_GET, "/no/such/page", NULL);
    expect_status(t, 404);
    expect_headers(t);
    tell("headers: %zu answers looked at\n", c.count);
    assert_true(c.count > 400);
    test_end(t);
}

static void foreign_origin(void **state)
{
    static const char *const origins[] = {"https://evil.test", "null"};
    struct test *t = test_begin();
    struct crawl c = {.role = "isms-manager"};

    (void)state;
    login(t, c.role);
    for (size_t i = 0; i < COUNT_OF(origins); i++) {
        c.address_header = origins[i];
        each_route(t, crawl_one, &c);
    }
    test_end(t);
}

static void strict_transport(void **state)
{
    struct test *t = test_begin();

    (void)state;
    visit(t, METHOD_GET, "/login", NULL);
    assert_null(header(t, "Strict-Transport-Security"));
    t->app->secure_cookies = true;
    dispatch_finish(t->app, t->r);
    assert_string_equal(header(t, "Strict-Transport-Security"),
                        "max-age=63072000; includeSubDomains");
    test_end(t);
}

/* --- methods (4) --- */

static void try_methods(struct test *t, const struct route_entry *e, const char *address, void *ctx)
{
    static const enum http_method all[] = {METHOD_GET, METHOD_POST, METHOD_PATCH, METHOD_DELETE,
                                           METHOD_OTHER};
    size_t *tried = ctx;
    struct route_match m;
    const char *allow;

    for (size_t i = 0; i < COUNT_OF(all); i++) {
        route_find(t->arena, all[i], address, &m);
        if (m.route)
            continue;
        visit_raw(t, all[i], address, NULL);
        expect_status(t, 405);
        allow = header(t, "Allow");
        assert_non_null(allow);
        assert_non_null(strstr(allow, method_name(e->route->method)));
        if (all[i] != METHOD_OTHER)
            assert_null(strstr(allow, method_name(all[i])));
        (*tried)++;
    }
}

static void other_methods(void **state)
{
    struct test *t = test_begin();
    size_t tried = 0;

    (void)state;
    login(t, "isms-manager");
    each_route(t, try_methods, &tried);
    assert_true(tried > 300);
    test_end(t);
}

/* --- reading changes nothing (6) --- */

static void read_one(struct test *t, const struct route_entry *e, const char *address, void *ctx)
{
    const char *role = ctx;

    if (e->route->method != METHOD_GET)
        return;
    ask(t, e, address, role);
    if (!(e->route->flags & ROUTE_API))
        visit_raw(t, METHOD_HEAD, address, NULL);
    if (status(t) >= 500)
        fail_msg("%s answered %d", address, status(t));
}

static void reading(void **state)
{
    static const char *const roles[] = {"isms-manager", "admin", "employee", "top-management"};
    struct test *t = test_begin();
    const struct entity *kinds[ENTITIES_MAX];
    size_t n = tenant_entities(kinds, ENTITIES_MAX);
    const char *before;
    i64 entries;

    (void)state;
    for (size_t i = 0; i < n; i++)
        some_record(t, t->org, kinds[i], NULL);
    tick(t); /* without a signed checkpoint its page says 503 */
    for (size_t i = 0; i < COUNT_OF(roles); i++) {
        login(t, roles[i]);
        api(t, roles[i], METHOD_GET, "/api/v1/openapi.json", NULL); /* makes the token */
        log_settle(t);
        before = store_digest(t);
        entries = log_changes(t);
        each_route(t, read_one, (void *)(uintptr_t)roles[i]);
        log_settle(t);
        if (strcmp(before, store_digest(t)) != 0)
            fail_msg("reading everything as %s changed the store", roles[i]);
        /* Only taking lists out is an event of its own. */
        assert_int_equal(log_changes(t) - log_count(t, t->org, "export"), entries);
        entries = log_changes(t);
    }
    test_end(t);
}

/* --- text that reaches headers (9), open redirects (19) --- */

static const char *const leads[] = {
    "//evil.test",
    "/\\evil.test",
    "\\\\evil.test",
    "\\/evil.test",
    "///evil.test",
    "/../\\evil.test",
    "/..//evil.test",
    "/./../evil.test/..//x",
    "https://evil.test",
    "http:evil.test",
    "HTTPS:/evil.test",
    "//evil.test@localhost",
    "javascript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "mailto:a@evil.test",
    "/\t/evil.test",
    "\t//evil.test",
    " //evil.test",
    "/ /evil.test",
    "/\n/evil.test",
    "x",
    "?x=1",
    "#x",
    "evil.test",
    ".evil.test",
    "@evil.test",
    ":80/x",
    "/o/acme\r\nSet-Cookie: a=b",
    "/o/acme\nX: y",
    "/\xE3\x80\x82"
    "evil.test\\",
    "/x\\..\\y",
    "",
    "/o/../../evil",
};

static void leads_astray(void **state)
{
    struct test *t = test_begin();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(leads); i++) {
        char *target = arena_printf(t->arena, "/login?next=%s", text_url(t->arena, leads[i]));

        if (account_next_safe(leads[i]))
            fail_msg("“%s” counts as a local address", leads[i]);
        logout(t);
        visit(t, METHOD_GET, target, NULL);
        expect_text(t, "name='next' value='/'");
        login(t, "employee");
        visit(t, METHOD_GET, target, NULL);
        expect_status(t, 303);
        assert_string_equal(header(t, "Location"), "/");
    }
    assert_true(account_next_safe("/o/acme/risks?sort=-score&q=a%2Fb"));
    test_end(t);
}

static void poison_one(struct test *t, const struct route_entry *e, const char *address, void *ctx)
{
    static const char *const names[] = {"next", "q",    "sort",  "format",  "m",
                                        "undo", "asof", "after", "template"};
    size_t *tried = ctx;

    if (e->route->method != METHOD_GET)
        return;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char *target = arena_printf(t->arena,
                                    "%s?%s=x%%0d%%0aSet-Cookie:%%20evil=1%%0d%%0a%%0d%%0a"
                                    "<b>",
                                    address, names[i]);

        ask(t, e, target, "isms-manager");
        assert_true(status(t) < 500);
        for (size_t k = 0; k < t->r->response.headers.count; k++)
            assert_null(strpbrk(t->r->response.headers.list[k].value, "\r\n"));
        if (header(t, "Set-Cookie"))
            assert_null(strstr(header(t, "Set-Cookie"), "evil"));
        (*tried)++;
    }
}

static void line_ends(void **state)
{
    struct test *t = test_begin();
    size_t tried = 0;

    (void)state;
    login(t, "isms-manager");
    tick(t); /* without a signed checkpoint its page says 503 */
    each_route(t, poison_one, &tried);
    assert_true(tried > 300);
    test_end(t);
}

/* --- the host (16) --- */

static void hosts(void **state)
{
    static const char *const bad[] = {"evil.test",
                                      "localhost.evil.test",
                                      "localhost@evil.test",
                                      "evil.test:80",
                                      "",
                                      "127.0.0.1.evil.test",
                                      "[::1]x"};
    struct test *t = test_begin();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        t->host = bad[i];
        visit(t, METHOD_GET, "/login", NULL);
        expect_status(t, 400);
        expect_no_text(t, "evil.test");
        api(t, NULL, METHOD_GET, "/api/v1/openapi.json", NULL);
        expect_status(t, 400);
    }
    t->host = NULL;
    t->no_host = true;
    visit(t, METHOD_GET, "/login", NULL);
    expect_status(t, 400);
    test_end(t);
}

const struct test_case http_rules_tests[] = {
    TEST("every answer of every route has its type, its policy and forbids caching, and a refusal "
         "names no path, statement or address",
         headers_everywhere),
    TEST("a foreign origin is never allowed to read an answer", foreign_origin),
    TEST("with https every answer asks the browser to stay with it", strict_transport),
    TEST("a method that an address does not take gets 405 and the list of those it takes",
         other_methods),
    TEST("reading all pages changes no record", reading),
    TEST("nobody is led to another site after signing in", leads_astray),
    TEST("line ends in parameters end no header", line_ends),
    TEST("requests for another host are refused without repeating its name", hosts),
    TEST_END,
};
