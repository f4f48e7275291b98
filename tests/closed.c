/* SPDX-License-Identifier: Apache-2.0 */
/* No log entry, no write (trust.md check 75): while the log cannot take an entry, nothing is
 * stored and the answer says so; afterwards it works again without a restart. */
#include <string.h>

#include "base/text.h"
#include "feature/account/account.h"
#include "feature/organisation/organisation.h"
#include "maker.h"
#include "store.h"

/* Another connection takes the table of the log away, as a damaged store or a revoked right would,
 * and puts it back. */
static void rename_table(struct test *t, const char *from, const char *to)
{
    struct db_config config = {
        .url = t->app->config.database, .mode = DB_WRITE, .timeout_ms = 20000};
    struct db *db;

    assert_ok(db_open(&config, &db));
    db_use_arena(db, t->arena);
    assert_ok(db_exec_text(
        db, NULL, arena_printf(t->arena, "alter table %s rename to %s", from, to), NULL, 0));
    db_close(db);
}

struct attempt {
    const char *name;
    void (*run)(struct test *t);
};

static void by_form(struct test *t)
{
    visit(t, METHOD_POST, "/o/acme/units", "name=Form");
}

static void by_api(struct test *t)
{
    api(t, "isms-manager", METHOD_POST, "/api/v1/units", "{\"name\":\"API\"}");
}

static void by_change(struct test *t)
{
    api_header(t, "If-Match", "*");
    api(t, "isms-manager", METHOD_PATCH,
        arena_printf(t->arena, "/api/v1/units/%lld", some_record(t, t->org, &unit_entity, NULL)),
        "{\"note\":\"changed\"}");
}

static void by_removal(struct test *t)
{
    api(t, "isms-manager", METHOD_DELETE,
        arena_printf(t->arena, "/api/v1/units/%lld", some_record(t, t->org, &unit_entity, NULL)),
        NULL);
}

static void by_token(struct test *t)
{
    visit(t, METHOD_POST, "/account/tokens", "name=Script&org=acme&scope=read");
}

static void by_logout(struct test *t)
{
    const char *cookie = t->cookie;

    visit(t, METHOD_POST, "/logout", NULL);
    t->cookie = cookie;
}

static const struct attempt attempts[] = {
    {"a form",              by_form   },
    {"the API",             by_api    },
    {"a change by the API", by_change },
    {"a removal",           by_removal},
    {"a token",             by_token  },
    {"signing out",         by_logout },
};

/* The tables that one entry needs. */
static const char *const tables[] = {"audit_entry", "audit_frontier", "audit_event",
                                     "audit_payload"};

static void refuse_all(struct test *t, const char *table)
{
    const char *hidden = arena_printf(t->arena, "%s_away", table);
    const char *before = store_digest(t);

    rename_table(t, table, hidden);
    for (size_t i = 0; i < COUNT_OF(attempts); i++) {
        attempts[i].run(t);
        if (status(t) < 500 || status(t) > 507)
            fail_msg("without %s, %s answered %d", table, attempts[i].name, status(t));
        expect_no_text(t, table);
        expect_no_text(t, "insert into");
        expect_no_text(t, "no such table");
        expect_no_text(t, "cairn_");
        assert_string_equal(store_digest(t), before);
    }
    rename_table(t, hidden, table);
}

static void unwritable_log(void **state)
{
    struct test *t = test_begin();
    i64 units;

    (void)state;
    login(t, "isms-manager");
    some_record(t, t->org, &unit_entity, NULL);
    api(t, "isms-manager", METHOD_GET, "/api/v1/units", NULL);
    for (size_t i = 0; i < COUNT_OF(tables); i++)
        refuse_all(t, tables[i]);
    units = value(t, "select count(*) from unit where org_id = $1", num(t->org));
    by_form(t);
    expect_status(t, 303);
    by_api(t);
    expect_status(t, 201);
    expect_count(t, units + 2, "select count(*) from unit where org_id = $1", num(t->org));
    test_end(t);
}

/* A login is a change too: without its entry nobody gets a session. */
static void no_login_without_log(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "employee");
    rename_table(t, "audit_entry", "audit_entry_away");
    visit(t, METHOD_POST, "/login", "email=employee%40acme.test&password=a+long+test+password");
    assert_true(status(t) >= 500);
    expect_count(t, 1, "select count(*) from session where org_id = $1", num(0));
    rename_table(t, "audit_entry_away", "audit_entry");
    visit(t, METHOD_POST, "/login", "email=employee%40acme.test&password=a+long+test+password");
    expect_status(t, 303);
    test_end(t);
}

const struct test_case closed_tests[] = {
    TEST("while the log takes no entry nothing is stored, and then everything works again",
         unwritable_log),
    TEST("nobody is signed in without an entry in the log", no_login_without_log),
    TEST_END,
};
