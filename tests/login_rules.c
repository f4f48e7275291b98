/* SPDX-License-Identifier: Apache-2.0 */
/* Signing in under attack: session ids, cookies, fixation, enumeration, brute force, forms from
 * elsewhere, tokens of the API. What a person sees of it is tested in feature/account. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypt.h"
#include "base/text.h"
#include "feature/account/account.h"
#include "maker.h"

#define PASSWORD "a+long+test+password"

/* --- session ids (21) --- */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void count_bits(const char *text, i64 ones[256][8], size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (int bit = 0; bit < 8; bit++)
            ones[(unsigned char)text[i]][bit]++;
}

static void session_ids(void **state)
{
    size_t count = test_full() ? 1000000 : 50000, length = 0;
    struct arena *a = arena_new((size_t)1 << 32);
    const char **ids = NEW_ARRAY(a, const char *, count);
    static i64 seen[256][8];
    double expected, sigma;
    size_t kinds = 0;

    (void)state;
    memset(seen, 0, sizeof(seen));
    for (size_t i = 0; i < count; i++) {
        ids[i] = crypt_token(a, 32);
        length = strlen(ids[i]);
        /* The last sign may hold fewer bits. */
        count_bits(ids[i], seen, length - 1);
    }
    for (int c = 0; c < 256; c++)
        kinds += seen[c][0] > 0;
    assert_true((double)length * log2((double)kinds) >= 128);
    /* Each sign of the alphabet comes equally often, within five sigma. */
    expected = (double)count * (double)(length - 1) / (double)kinds;
    sigma = sqrt(expected);
    for (int c = 0; c < 256; c++)
        if (seen[c][0])
            assert_true(fabs((double)seen[c][0] - expected) < 5 * sigma);
    qsort(ids, count, sizeof(*ids), by_text);
    for (size_t i = 1; i < count; i++)
        assert_string_not_equal(ids[i - 1], ids[i]);
    arena_free(a);
}

/* --- a browser at the login page --- */

struct browser {
    const char *pre, *csrf;
};

static const char *value_after(struct test *t, const char *mark)
{
    const char *at = strstr(body(t), mark);

    assert_non_null(at);
    at += strlen(mark);
    return arena_strn(t->arena, at, strcspn(at, "'"));
}

static const char *new_cookie(struct test *t, const char *start)
{
    const struct pairs *h = &t->r->response.headers;

    for (size_t i = 0; i < h->count; i++)
        if (!strcmp(h->list[i].name, "Set-Cookie") && text_starts(h->list[i].value, start))
            return arena_str(t->arena, h->list[i].value);
    return NULL;
}

static struct browser open_login(struct test *t, const char *page)
{
    struct browser b;
    const char *cookie;

    visit_raw(t, METHOD_GET, page, NULL);
    expect_status(t, 200);
    cookie = new_cookie(t, "cairn-pre=");
    assert_non_null(cookie);
    b.pre = arena_strn(t->arena, cookie + 10, strcspn(cookie + 10, ";"));
    b.csrf = value_after(t, "name='_csrf' value='");
    return b;
}

static void enter(struct test *t, const struct browser *b, const char *role, const char *password)
{
    t->pre = b->pre;
    visit_raw(t, METHOD_POST, "/login",
              arena_printf(t->arena, "_csrf=%s&email=%s%%40acme.test&password=%s", b->csrf, role,
                           password));
    t->pre = NULL;
}

/* --- cookies (22) --- */

static void expect_cookie(const char *cookie, bool secure)
{
    assert_non_null(cookie);
    assert_true(strlen(cookie) < 4096);
    assert_non_null(strstr(cookie, "; HttpOnly"));
    assert_non_null(strstr(cookie, "; Path=/;"));
    assert_true(strstr(cookie, "; SameSite=Lax") || strstr(cookie, "; SameSite=Strict"));
    assert_null(strstr(cookie, "Domain"));
    if (secure) {
        assert_true(text_starts(cookie, "__Host-"));
        assert_non_null(strstr(cookie, "; Secure"));
    }
}

static void cookies(void **state)
{
    struct test *t = test_begin();
    struct browser b = open_login(t, "/login");

    (void)state;
    expect_cookie(new_cookie(t, "cairn-pre="), false);
    enter(t, &b, "employee", PASSWORD);
    expect_status(t, 303);
    expect_cookie(new_cookie(t, "cairn="), false);
    logout(t);
    t->app->secure_cookies = true;
    visit_raw(t, METHOD_GET, "/login", NULL);
    expect_cookie(new_cookie(t, "__Host-cairn-pre="), true);
    assert_null(new_cookie(t, "cairn-pre="));
    test_end(t);
}

/* --- fixation (23) --- */

static void fixation(void **state)
{
    struct test *t = test_begin();
    struct browser b = open_login(t, "/login");
    const char *victim, *planted;

    (void)state;
    login(t, "supplier-contact"); /* a session of the attacker, planted in the browser */
    planted = t->cookie;
    enter(t, &b, "admin", PASSWORD);
    /* The planted session has its own token: the form of the empty browser is refused. */
    expect_status(t, 403);
    visit(t, METHOD_POST, "/login", "email=admin%40acme.test&password=" PASSWORD);
    expect_status(t, 303);
    victim = t->cookie;
    assert_string_not_equal(victim, planted);
    t->cookie = planted;
    visit(t, METHOD_GET, "/account", NULL);
    expect_status(t, 303);                                     /* dead */
    t->cookie = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopq"; /* never issued */
    b = open_login(t, "/login");
    enter(t, &b, "admin", PASSWORD);
    expect_status(t, 303);
    assert_string_not_equal(t->cookie, "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopq");
    test_end(t);
}

/* --- who has an account (26) --- */

static void enumeration(void **state)
{
    static const char *const passwords[] = {"wrong+wrong+wrong", "", PASSWORD "x"};
    struct test *t = test_begin();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(passwords); i++) {
        struct browser b = open_login(t, "/login");
        const char *known, *unknown;

        enter(t, &b, "employee", passwords[i]);
        expect_status(t, 401);
        known = body_masked(t, "employee%40acme.test");
        enter(t, &b, "nobodyxx", passwords[i]);
        expect_status(t, 401);
        unknown = body_masked(t, "nobodyxx%40acme.test");
        known = arena_str(t->arena, known);
        /* The address that was typed is shown again; it has the same length. */
        memset(strstr((char *)(uintptr_t)known, "employee@"), '#', 8);
        memset(strstr((char *)(uintptr_t)unknown, "nobodyxx@"), '#', 8);
        assert_string_equal(known, unknown);
    }
    test_end(t);
}

struct sample {
    double mean, variance;
    size_t n;
};

static void add_sample(struct sample *s, double x)
{
    double before = s->mean;

    s->n++;
    s->mean += (x - before) / (double)s->n;
    s->variance += (x - before) * (x - s->mean);
}

static i64 time_attempt(struct test *t, const struct browser *b, const char *role)
{
    i64 started = clock_ticks();

    enter(t, b, role, "wrong+wrong+wrong");
    expect_status(t, 401);
    return clock_ticks() - started;
}

/* Welch's t over alternating attempts. With the cheap hash of tests the rest of the work shows, so
 * a difference that the true hash would hide is found too. */
static void enumeration_time(void **state)
{
    struct test *t = test_begin();
    struct sample known = {0}, unknown = {0};
    struct browser b = open_login(t, "/login");
    double difference, error;

    (void)state;
    if (test_full()) {
        for (int i = 0; i < 1000; i++) {
            t->peer = arena_printf(t->arena, "198.51.%d.%d", i / 250, i % 250);
            if (i % 250 == 249)
                clock_shift(16 * MINUTE); /* the throttle is another test's */
            add_sample(&known, (double)time_attempt(t, &b, "employee"));
            add_sample(&unknown, (double)time_attempt(t, &b, "nobodyxx"));
        }
        clock_shift(-4 * 16 * MINUTE);
        difference = known.mean - unknown.mean;
        error = sqrt(known.variance / 1e6 + unknown.variance / 1e6);
        tell("login of known and unknown: %.0f and %.0f us, t = %.2f\n", known.mean, unknown.mean,
             difference / error);
        /* Less than a twentieth of one true hash (about 50 ms). */
        assert_true(fabs(difference) < 2500);
    }
    t->peer = NULL;
    test_end(t);
}

/* --- brute force (27, 28) --- */

static void brute_force(void **state)
{
    struct test *t = test_begin();
    struct browser b = open_login(t, "/login");
    const char *const *roles;
    size_t n = rights_roles(t, &roles);
    int tried = 0;

    (void)state;
    /* One address over all accounts: sixty, then it waits. */
    while (tried < 70) {
        enter(t, &b, roles[(size_t)tried % n], "wrong+wrong+wrong");
        if (status(t) == 429)
            break;
        expect_status(t, 401);
        tried++;
    }
    assert_int_equal(tried, 60);
    enter(t, &b, "nobodyxx", "wrong+wrong+wrong");
    expect_status(t, 429);
    test_end(t);
}

static void many_addresses(void **state)
{
    struct test *t = test_begin();
    struct browser b = open_login(t, "/login");
    int tried = 0;

    (void)state;
    t->peer = "203.0.113.7"; /* the owner's place, signed in */
    enter(t, &b, "employee", PASSWORD);
    expect_status(t, 303);
    logout(t);
    while (tried < 320) {
        t->peer = arena_printf(t->arena, "198.51.%d.%d", tried / 200, tried % 200);
        enter(t, &b, "employee", "wrong+wrong+wrong");
        if (status(t) == 429)
            break;
        expect_status(t, 401);
        tried++;
    }
    assert_int_equal(tried, 300); /* the owner's own was given back */
    enter(t, &b, "employee", PASSWORD);
    expect_status(t, 429);
    t->peer = "203.0.113.7";
    enter(t, &b, "employee", PASSWORD);
    expect_status(t, 303);
    t->peer = NULL;
    test_end(t);
}

/* Whatever takes a password is throttled. */
static void password_pages(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "employee");
    for (int i = 0; i < 10; i++) {
        visit(t, METHOD_POST, "/account/password", "current=wrong&password=quite+another+one");
        expect_status(t, 422);
    }
    visit(t, METHOD_POST, "/account/password", "current=" PASSWORD "&password=quite+another+one");
    expect_status(t, 429);
    test_end(t);
}

static struct err *invite(struct web *w, void *ctx)
{
    struct test *t = ctx;
    const char *path;

    TRY(db_exec(w->db, "update person set account = $3 where org_id = $1 and email = $2",
                num(w->org), str("employee@acme.test"), num_null()));
    TRY(account_invite(w, person_of(t, "employee"), &path));
    t->pre = arena_str(t->arena, path);
    return NULL;
}

static void invitation_password(void **state)
{
    struct test *t = test_begin();
    struct browser b;
    const char *path;
    int tried = 0;

    (void)state;
    change(t, invite, t);
    path = t->pre;
    t->pre = NULL;
    b = open_login(t, path);
    while (tried < 20) {
        t->pre = b.pre;
        visit_raw(t, METHOD_POST, path,
                  arena_printf(t->arena, "_csrf=%s&password=wrong+wrong+wrong", b.csrf));
        t->pre = NULL;
        if (status(t) == 429)
            break;
        expect_status(t, 422);
        tried++;
    }
    assert_int_equal(tried, 10);
    test_end(t);
}

/* --- forms from elsewhere (39) --- */

enum forgery {
    NO_TOKEN,
    FOREIGN_TOKEN,
    OLD_TOKEN,
    CROSS_SITE,
    FOREIGN_ORIGIN,
    NULL_ORIGIN,
    FORGERIES
};

struct forging {
    const char *foreign, *old;
    size_t tried;
};

static void forge(struct test *t, const struct route_entry *e, const char *address,
                  enum forgery how, const struct forging *f)
{
    const char *token = how == NO_TOKEN        ? NULL
                        : how == FOREIGN_TOKEN ? f->foreign
                        : how == OLD_TOKEN     ? f->old
                                               : t->csrf;

    if (how == CROSS_SITE)
        api_header(t, "Sec-Fetch-Site", "cross-site");
    if (how == FOREIGN_ORIGIN)
        api_header(t, "Origin", "https://evil.test");
    if (how == NULL_ORIGIN)
        api_header(t, "Origin", "null");
    visit_raw(t, METHOD_POST, address,
              token ? arena_printf(t->arena, "_version=1&_csrf=%s", token) : "_version=1");
    if (status(t) != 403 && !(e->route->permission == &operator_only))
        fail_msg("POST %s with forgery %d answered %d", e->pattern, how, status(t));
}

static void forge_one(struct test *t, const struct route_entry *e, const char *address, void *ctx)
{
    struct forging *f = ctx;

    if (e->route->flags & ROUTE_API || e->route->method != METHOD_POST ||
        !actor_may(t, &(struct actor){.role = "top-management"},
                   e->route->permission == &anyone || e->route->permission == &signed_in ||
                           e->route->permission == &member || e->route->permission == &operator_only
                       ? "search.use"
                       : e->route->permission->name))
        return;
    for (int how = 0; how < FORGERIES; how++)
        forge(t, e, address, (enum forgery)how, f);
    f->tried += FORGERIES;
}

static void forged_forms(void **state)
{
    struct test *t = test_begin();
    const struct entity *kinds[ENTITIES_MAX];
    size_t n = tenant_entities(kinds, ENTITIES_MAX);
    struct forging f = {0};
    const char *before;
    i64 entries;

    (void)state;
    for (size_t i = 0; i < n; i++)
        some_record(t, t->org, kinds[i], NULL);
    login(t, "employee");
    f.foreign = t->csrf;
    login(t, "top-management");
    f.old = t->csrf;
    visit(t, METHOD_POST, "/logout", NULL);
    login(t, "top-management");
    log_settle(t);
    before = store_digest(t);
    entries = log_changes(t);
    each_route(t, forge_one, &f);
    log_settle(t);
    assert_string_equal(store_digest(t), before);
    assert_int_equal(log_changes(t), entries);
    tell("forged forms: %zu\n", f.tried);
    assert_true(f.tried > 150);
    test_end(t);
}

/* --- tokens of the API (40) --- */

struct token_made {
    const char *role, *scope, *clear;
    const char *expires;
};

static struct err *make_token(struct web *w, void *ctx)
{
    struct token_made *m = ctx;
    struct rows *r;

    TRY(db_query(w->db, &r, "select id from account where org_id = $1 and email_key = $2", num(0),
                 str(arena_printf(w->arena, "%s@acme.test", m->role))));
    assert_true(row_next(r));
    return token_create(
        w,
        &(struct token){
            .account = row_num(r, 0), .organisation = w->org, .scope = m->scope, .name = "made"},
        &m->clear);
}

static void token_for(struct test *t, const char *role, const char *scope)
{
    struct token_made m = {.role = role, .scope = scope};

    change(t, make_token, &m);
    t->token = arena_str(t->arena, m.clear);
    t->token_role = role;
}

static void read_only_one(struct test *t, const struct route_entry *e, const char *address,
                          void *ctx)
{
    size_t *tried = ctx;

    if (!(e->route->flags & ROUTE_API) || e->route->method == METHOD_GET)
        return;
    api(t, "isms-manager", e->route->method, address, "{}");
    expect_status(t, 403);
    expect_text(t, "only read");
    (*tried)++;
}

static void token_scope(void **state)
{
    struct test *t = test_begin();
    const char *before;
    size_t tried = 0;

    (void)state;
    token_for(t, "isms-manager", "read");
    api(t, "isms-manager", METHOD_GET, "/api/v1/units", NULL);
    expect_status(t, 200);
    each_route(t, read_only_one, &tried); /* makes records as it goes */
    log_settle(t);
    before = store_digest(t);
    each_route(t, read_only_one, &tried);
    log_settle(t);
    assert_string_equal(store_digest(t), before);
    assert_true(tried > 50);
    test_end(t);
}

static void token_places(void **state)
{
    static const char *const places[] = {"token", "access_token", "api_key", "key", "bearer"};
    struct test *t = test_begin();
    const char *token;

    (void)state;
    token_for(t, "isms-manager", "write");
    token = t->token;
    assert_true(text_starts(token, "cairn_"));
    assert_true(strlen(token) > 40);
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        api(t, NULL, METHOD_GET, arena_printf(t->arena, "/api/v1/units?%s=%s", places[i], token),
            NULL);
        expect_status(t, 401);
    }
    login(t, "isms-manager"); /* the session's cookie opens no API, a token no pages */
    visit_raw(t, METHOD_GET, "/api/v1/units", NULL);
    expect_status(t, 401);
    logout(t);
    api_header(t, "Authorization", arena_printf(t->arena, "Bearer %s", token));
    visit_raw(t, METHOD_GET, "/o/acme/units", NULL);
    expect_status(t, 303);
    /* Nothing of it is stored in the clear. */
    assert_int_equal(value(t, "select count(*) from token where org_id = $1 and token_hash = $2",
                           num(0), str(token)),
                     0);
    test_end(t);
}

static struct err *end_token(struct web *w, void *ctx)
{
    return db_exec(w->db, "update token set expires = $2 where org_id = $1 and expires is null",
                   num(0), str(ctx));
}

static struct err *disable(struct web *w, void *ctx)
{
    return db_exec(w->db, "update account set state = 'disabled' where org_id = $1 and email = $2",
                   num(0), str(ctx));
}

static struct err *bump(struct web *w, void *ctx)
{
    return db_exec(w->db, "update account set epoch = epoch + 1 where org_id = $1 and email = $2",
                   num(0), str(ctx));
}

static void token_ends(void **state)
{
    struct test *t = test_begin();

    (void)state;
    token_for(t, "isms-manager", "write");
    change(t, end_token, (void *)(uintptr_t) "2026-01-01");
    api(t, "isms-manager", METHOD_GET, "/api/v1/units", NULL);
    expect_status(t, 401);
    token_for(t, "risk-owner", "write");
    api(t, "risk-owner", METHOD_GET, "/api/v1/units", NULL);
    expect_status(t, 200);
    login(t, "risk-owner");
    change(t, bump, (void *)(uintptr_t) "risk-owner@acme.test");
    api(t, "risk-owner", METHOD_GET, "/api/v1/units", NULL);
    expect_status(t, 401);
    visit(t, METHOD_GET, "/account", NULL);
    expect_status(t, 303);
    token_for(t, "employee", "write");
    login(t, "employee");
    change(t, disable, (void *)(uintptr_t) "employee@acme.test");
    api(t, "employee", METHOD_GET, "/api/v1/units", NULL);
    expect_status(t, 401);
    visit(t, METHOD_GET, "/account", NULL);
    expect_status(t, 303);
    test_end(t);
}

const struct test_case login_rules_tests[] = {
    TEST("session ids are long, even and never come twice", session_ids),
    TEST("cookies are for this host, hidden from scripts and from other sites", cookies),
    TEST("a planted session id is worth nothing after signing in", fixation),
    TEST("the login page tells nobody who has an account", enumeration),
    TEST("nor does the time it takes (measured with --full)", enumeration_time),
    TEST("one address gets sixty attempts over all accounts", brute_force),
    TEST("an account attacked from everywhere stays open where its owner is signed in",
         many_addresses),
    TEST("changing the password is throttled like signing in", password_pages),
    TEST("so is proving an account at an invitation", invitation_password),
    TEST("a form without this session's token, or from another site, changes nothing",
         forged_forms),
    TEST("a token that may only read writes nowhere", token_scope),
    TEST("a token counts in its header only, is long, and is stored as a hash", token_places),
    TEST("expired tokens and those of disabled or changed accounts end at once, with the sessions",
         token_ends),
    TEST_END,
};
