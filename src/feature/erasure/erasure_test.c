/* SPDX-License-Identifier: Apache-2.0 */
/* Erasing personal data: through the whole program, down to the bytes of the store. */
#include "feature/erasure/erasure.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "core/trail.h"
#include "feature/organisation/organisation.h"
#include "maker.h"
#include "visit.h"

#define NAME "Zebedee Quill"
#define MAIL "zebedee@quill.test"

/* A person who worked here, signed in nowhere, and has left. */
static i64 make_leaver(struct test *t)
{
    i64 id;

    api(t, "admin", METHOD_POST, "/api/v1/people",
        "{\"name\":\"" NAME "\",\"email\":\"" MAIL "\",\"job\":\"Quillmaker\",\"state\":\"active\","
        "\"note\":\"Quillnote\"}");
    expect_status(t, 201);
    id = strtoll(json_string_value(json_object_get(answer_json(t), "id")), NULL, 10);
    api(t, "admin", METHOD_PATCH, arena_printf(t->arena, "/api/v1/people/%lld", id),
        "{\"version\":1,\"state\":\"leaver\"}");
    expect_status(t, 200);
    return id;
}

static void ask_for(struct test *t, const char *role, i64 subject)
{
    login(t, role);
    visit(t, METHOD_POST, "/o/acme/erasures",
          arena_printf(t->arena, "subject=%lld&basis=request&reason=Letter+of+3+May", subject));
}

static void approve(struct test *t, const char *role, const char *more)
{
    login(t, role);
    visit(t, METHOD_POST, "/o/acme/erasures/ER-1/approve",
          arena_printf(t->arena, "_version=1%s", more));
}

static void is_clean(struct test *t, i64 redacted)
{
    struct verify_result r;

    assert_ok(trail_verify(t->w, -1, &r));
    if (r.count)
        fail_msg("%s", r.findings[0].text);
    assert_int_equal(r.redacted, redacted);
}

/* --- rows of before a field was personal --- */

/* A person as programs wrote them before "job" and "note" were personal; kinds with numbers that
 * joined later are seen by tests/program/upgrade.py. */
static struct err *write_before(struct web *w, void *ctx)
{
    static struct field fields[64];
    static struct entity before;
    struct issues issues = {.arena = w->arena};
    struct person p = {
        .name = "Olda Formerly", .job = "Lamplighter", .note = "Since 1899", .state = "active"};

    before = person_entity;
    assert_true(before.nfields <= COUNT_OF(fields));
    memcpy(fields, before.fields, before.nfields * sizeof(*fields));
    for (size_t i = 0; i < before.nfields; i++)
        if (fields[i].was_open)
            fields[i].personal = fields[i].was_open = false;
    before.fields = fields;
    TRY(entity_write(w, &before, &p, NULL, &issues));
    *(i64 *)ctx = p.id;
    return NULL;
}

static void written_before(void **state)
{
    struct test *t = test_begin();
    i64 id;

    (void)state;
    change(t, write_before, &id);
    is_clean(t, 0);
    api_header(t, "If-Match", "*");
    api(t, "admin", METHOD_PATCH, arena_printf(t->arena, "/api/v1/people/%lld", id),
        "{\"job\":\"Night watch\"}");
    expect_status(t, 200);
    is_clean(t, 0);
    test_end(t);
}

/* No text of the store has it: all text columns of all tables. */
static void nowhere(struct test *t, const char *text)
{
    const struct db_table *tables;
    size_t n = db_tables(&tables);

    for (size_t i = 0; i < n; i++) {
        struct rows *columns, *r;

        if (text_equal(tables[i].name, "schema_migration"))
            continue;
        assert_ok(db_columns(t->w->db, tables[i].name, &columns));
        while (row_next(columns)) {
            if (!text_equal(row_text(columns, 1), "text"))
                continue;
            assert_ok(db_query_text(
                t->w->db, &r,
                arena_printf(t->arena,
                             "select count(*) from %s where text_has(cast(%s as text), $1)"
                             " = 1",
                             tables[i].name, row_text(columns, 0)),
                DB_VALS(str(text)), 1));
            assert_true(row_next(r));
            if (row_num(r, 0))
                fail_msg("%s.%s still has “%s”", tables[i].name, row_text(columns, 0), text);
        }
    }
}

static void erases(void **state)
{
    struct test *t = test_begin();
    i64 person = make_leaver(t);
    i64 number = value(t, "select number from person where org_id = $1 and id = $2", num(t->org),
                       num(person));

    (void)state;
    tick(t);
    ask_for(t, "isms-manager", person);
    expect_status(t, 303);
    is_clean(t, 0);
    approve(t, "top-management", "&comment=Read");
    expect_status(t, 303);
    tick(t);
    nowhere(t, "Zebedee");
    nowhere(t, "quill");
    nowhere(t, "Quill");
    is_clean(t, 2);
    expect_count(t, 1,
                 "select count(*) from audit_event where org_id = $1 and action = 'redact'"
                 " and record = $2",
                 num(t->org), num(person));
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/people/P-%lld", number), NULL);
    expect_text(t, arena_printf(t->arena, "Erased person %lld", number));
    visit(t, METHOD_GET, "/o/acme/erasures/ER-1", NULL);
    expect_text(t, "Erased");
    expect_text(t, "Letter of 3 May");
    visit(t, METHOD_GET, "/o/acme/log", NULL);
    expect_text(t, "redacted");
    test_end(t);
}

static void a_second_person(void **state)
{
    struct test *t = test_begin();
    i64 person = make_leaver(t);

    (void)state;
    ask_for(t, "isms-manager", person);
    expect_status(t, 303);
    approve(t, "isms-manager", "&exception=I+am+sure");
    expect_status(t, 403);
    expect_text(t, "somebody else must decide");
    login(t, "employee");
    visit(t, METHOD_POST, "/o/acme/erasures/ER-1/approve", "_version=1");
    expect_status(t, 403);
    login(t, "internal-auditor");
    visit(t, METHOD_GET, "/o/acme/erasures/ER-1", NULL);
    expect_status(t, 200);
    expect_no_text(t, "btn-danger");
    visit(t, METHOD_POST, "/o/acme/erasures", "subject=P-1&basis=request&reason=x");
    expect_status(t, 403);
    expect_count(t, 1, "select count(*) from person where org_id = $1 and id = $2 and name = $3",
                 num(t->org), num(person), str(NAME));
    test_end(t);
}

static struct err *alone(struct web *w, void *ctx)
{
    const i64 *person = ctx;

    return db_exec(w->db,
                   "update role_holder set until = '2001-01-01' where org_id = $1 and person <> $2",
                   num(w->org), num(*person));
}

static void alone_with_a_reason(void **state)
{
    struct test *t = test_begin();
    i64 person = make_leaver(t), manager = person_of(t, "isms-manager");

    (void)state;
    ask_for(t, "isms-manager", person);
    assert_ok(app_write(t->w, alone, &manager));
    approve(t, "isms-manager", "");
    expect_status(t, 422);
    expect_text(t, "why you do it all the same");
    approve(t, "isms-manager", "&exception=The+others+left");
    expect_status(t, 303);
    expect_count(t, 1, "select count(*) from erasure where org_id = $1 and exception = $2",
                 num(t->org), str("The others left"));
    test_end(t);
}

static void who_works_here(void **state)
{
    struct test *t = test_begin();
    i64 person = person_of(t, "employee");

    (void)state;
    ask_for(t, "isms-manager", person);
    expect_status(t, 422);
    expect_text(t, "still works here");
    expect_text(t, "still holds a role");
    visit(t, METHOD_POST, "/o/acme/erasures", "subject=P-9999&basis=request&reason=x");
    expect_status(t, 422);
    expect_text(t, "no record");
    expect_count(t, 0, "select count(*) from erasure where org_id = $1", num(t->org));
    test_end(t);
}

static void refuses(void **state)
{
    struct test *t = test_begin();
    i64 person = make_leaver(t);

    (void)state;
    ask_for(t, "isms-manager", person);
    login(t, "top-management");
    visit(t, METHOD_POST, "/o/acme/erasures/ER-1/refuse", "_version=1");
    expect_status(t, 422);
    expect_text(t, "Say in the comment why");
    visit(t, METHOD_POST, "/o/acme/erasures/ER-1/refuse", "_version=1&comment=A+dispute+is+open");
    expect_status(t, 303);
    approve(t, "top-management", "");
    expect_status(t, 409);
    expect_text(t, "decided already");
    expect_count(t, 1, "select count(*) from person where org_id = $1 and name = $2", num(t->org),
                 str(NAME));
    is_clean(t, 0);
    test_end(t);
}

static struct err *retire(struct web *w, void *ctx)
{
    const i64 *person = ctx;
    i64 holder;
    struct rows *r;
    const struct entity *people = feature_entity("person"), *roles = feature_entity("role_holder");
    struct issues issues = {.arena = w->arena};
    void *p = arena_alloc(w->arena, people->size);

    TRY(db_query(w->db, &r, "select id from role_holder where org_id = $1 and person = $2",
                 num(w->org), num(*person)));
    while (row_next(r)) {
        holder = row_num(r, 0);
        TRY(entity_remove(w, roles, holder, 1, "left"));
    }
    TRY(entity_load(w, people, *person, p));
    field_set_str(entity_field(people, "state"), p, "leaver");
    return entity_write(w, people, p, "left", &issues);
}

static void erases_the_account(void **state)
{
    struct test *t = test_begin();
    i64 person = person_of(t, "adviser");
    i64 account =
        value(t, "select account from member where org_id = 0 and person = $1", num(person));

    (void)state;
    login(t, "adviser");
    visit(t, METHOD_GET, "/o/acme", NULL);
    expect_status(t, 200);
    change(t, retire, &person);
    ask_for(t, "isms-manager", person);
    expect_status(t, 303);
    approve(t, "admin", "");
    expect_status(t, 303);
    nowhere(t, "adviser@acme.test");
    expect_count(t, 0, "select count(*) from session where org_id = 0 and account = $1",
                 num(account));
    expect_count(t, 0, "select count(*) from member where org_id = 0 and account = $1",
                 num(account));
    expect_count(t, 1,
                 "select count(*) from account where org_id = 0 and id = $1 and state = 'disabled'"
                 " and password is null",
                 num(account));
    expect_count(t, 0,
                 "select count(*) from audit_payload p join audit_event v on v.org_id = p.org_id"
                 " and v.idx = p.idx where v.actor = $1 and text_has(p.body, 'address') = 1",
                 str(arena_printf(t->arena, "account:%lld", account)));
    test_end(t);
}

static struct err *tamper(struct web *w, void *ctx)
{
    (void)ctx;
    return db_exec(w->db,
                   "update person_history set name = null, email = null, job = null, note = null,"
                   " salt = substr(salt, 1, 32) where org_id = $1 and id ="
                   " (select min(id) from person where org_id = $1)",
                   num(w->org));
}

static void without_the_entry(void **state)
{
    struct test *t = test_begin();
    i64 person = make_leaver(t);
    struct verify_result r;

    (void)state;
    ask_for(t, "isms-manager", person);
    approve(t, "top-management", "");
    expect_status(t, 303);
    is_clean(t, 2);
    /* Somebody does the same to another person behind the program. */
    assert_ok(app_write(t->w, tamper, NULL));
    assert_ok(trail_verify(t->w, -1, &r));
    assert_true(r.count > 0);
    assert_contains(r.findings[0].text, "no entry says that it was redacted");
    test_end(t);
}

static void earlier_versions(void **state)
{
    struct test *t = test_begin();
    i64 risk;

    (void)state;
    api(t, "isms-manager", METHOD_POST, "/api/v1/risks",
        "{\"title\":\"" NAME " shouts\",\"description\":\"" NAME "\"}");
    risk = strtoll(json_string_value(json_object_get(answer_json(t), "id")), NULL, 10);
    api(t, "isms-manager", METHOD_PATCH, arena_printf(t->arena, "/api/v1/risks/%lld", risk),
        "{\"version\":1,\"title\":\"Somebody shouts\",\"description\":null}");
    expect_status(t, 200);
    ask_for(t, "isms-manager", risk);
    expect_status(t, 303);
    approve(t, "top-management", "");
    expect_status(t, 303);
    tick(t);
    nowhere(t, "Zebedee");
    is_clean(t, 1);
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/risks/%lld", risk), NULL);
    expect_text(t, "Somebody shouts");
    test_end(t);
}

/* --- the list beside the database --- */

static const char *list_path(struct test *t)
{
    return arena_printf(t->arena, "%s/%s", t->app->config.dir, ERASURE_FILE);
}

static size_t lines_in(struct test *t)
{
    char text[4000] = "";
    FILE *f = fopen(list_path(t), "re");
    size_t lines = 0;

    if (!f)
        return 0;
    text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
    fclose(f);
    for (const char *p = text; *p; p++)
        lines += *p == '\n';
    assert_null(strstr(text, "Zebedee"));
    return lines;
}

static void listed_once(void **state)
{
    struct test *t = test_begin();
    i64 person = make_leaver(t);
    size_t done;

    (void)state;
    ask_for(t, "isms-manager", person);
    assert_ok(erasure_sync(t->w));
    assert_int_equal(lines_in(t), 0);
    approve(t, "top-management", "");
    assert_ok(erasure_sync(t->w));
    assert_ok(erasure_sync(t->w));
    assert_int_equal(lines_in(t), 1);
    /* Doing it again where it is done changes nothing. */
    assert_ok(erasure_again(t->w, list_path(t), &done));
    assert_int_equal(done, 0);
    is_clean(t, 2);
    test_end(t);
}

const struct test_case erasure_tests[] = {
    TEST("what was logged before a field was personal still verifies", written_before),
    TEST("an erased person is in no text of the store any more, and the check of the log says by "
         "which entry",
         erases),
    TEST("a second person agrees, who may", a_second_person),
    TEST("who is alone may go on with a reason, which is kept", alone_with_a_reason),
    TEST("who works here or holds a role is not erased", who_works_here),
    TEST("a refusal needs its reason and leaves everything", refuses),
    TEST("the account goes too, with its sessions, addresses and browsers", erases_the_account),
    TEST("the same without an entry is a finding", without_the_entry),
    TEST("of any record the texts of earlier versions can be erased", earlier_versions),
    TEST("the list of erasures has each once and no name; what is done is not done again",
         listed_once),
    TEST_END,
};
