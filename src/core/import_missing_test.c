/* SPDX-License-Identifier: Apache-2.0 */
/* A file that is the whole list: what the register has besides is told, and settled in one step. */
#include <string.h>

#include "base/text.h"
#include "core/bulk.h"
#include "core/import_past.h"
#include "feature/asset/asset.h"
#include "visit.h"

extern const struct test_case import_missing_tests[];

#define ASSETS "/o/acme/assets/import"

static void make(struct test *t, const char *name, const char *state)
{
    visit(t, METHOD_POST, "/o/acme/assets",
          arena_printf(t->arena, "name=%s&type=laptop&state=%s&disposal=wiped&disposed_by=Ann",
                       name, state));
    expect_status(t, 303);
}

static void register_of_four(struct test *t)
{
    login(t, "isms-manager");
    make(t, "Laptops", "in-use");
    make(t, "Phones", "in-use");
    make(t, "Printers", "in-use");
    make(t, "Typewriters", "disposed");
}

/* Sends the list; gives the page of its draft. */
static const char *send(struct test *t, const char *text, const char *form)
{
    const char *page;

    attach(t, "list.csv", text, strlen(text));
    visit(t, METHOD_POST, ASSETS, NULL);
    expect_status(t, 303);
    page = arena_str(t->arena, header(t, "Location"));
    visit(t, METHOD_POST, page, form);
    expect_status(t, 303);
    visit(t, METHOD_GET, page, NULL);
    expect_status(t, 200);
    return page;
}
#define LIST "name;type;description\nLaptops;laptop;\nPhones;laptop;All of them\nTablets;laptop;\n"
#define COLUMNS "columns=3&map.0=name&map.1=type&map.2=description"

static i64 asset(struct test *t, const char *name)
{
    return value(t, "select id from asset where org_id = $1 and name = $2", num(t->org), str(name));
}

static void a_part_misses_nothing(void **state)
{
    struct test *t = test_begin();

    (void)state;
    register_of_four(t);
    send(t, LIST, COLUMNS "&complete=no");
    expect_no_text(t, "not in this file");
    test_end(t);
}

static void missing_is_told(void **state)
{
    struct test *t = test_begin();
    const char *page;

    (void)state;
    register_of_four(t);
    page = send(t, LIST, COLUMNS "&complete=yes");
    expect_text(t, "In the register, but not in this file");
    expect_text(t, "Printers");
    expect_no_text(t, "Typewriters"); /* gone already */
    visit(t, METHOD_POST, arena_printf(t->arena, "%s/run", page), "mode=all");
    expect_status(t, 303);
    expect_count(t, 1, "select count(*) from import_missing where org_id = $1", num(t->org));
    expect_count(t, asset(t, "Printers"), "select record from import_missing where org_id = $1",
                 num(t->org));
    visit(t, METHOD_GET, "/o/acme/imports/IM-1", NULL);
    expect_text(t, "In the register, but not in the file");
    expect_text(t, "Printers");
    expect_text(t, "Let the owners check them");
    expect_text(t, "Set to “Retired”");
    expect_count(t, 3,
                 "select count(*) from asset where org_id = $1 and state = 'in-use'"
                 " and name in ('Laptops', 'Phones', 'Printers')",
                 num(t->org)); /* nothing happens by itself */
    test_end(t);
}

static const char *step(struct test *t, const char *what)
{
    const char *address;

    visit(t, METHOD_POST, "/o/acme/assets/bulk/plan",
          arena_printf(t->arena, "id[]=%lld&state=retired&review_due=%s&%s", asset(t, "Printers"),
                       t->w->today, what));
    expect_status(t, 303);
    address = arena_str(t->arena, header(t, "Location"));
    visit(t, METHOD_GET, address, NULL);
    expect_text(t, "Printers");
    visit(t, METHOD_POST, arena_printf(t->arena, "%s/run", address), "");
    expect_status(t, 303);
    return address;
}

static void settled_in_one_step(void **state)
{
    struct test *t = test_begin();
    const char *page, *done;

    (void)state;
    register_of_four(t);
    page = send(t, LIST, COLUMNS "&complete=yes");
    visit(t, METHOD_POST, arena_printf(t->arena, "%s/run", page), "mode=all");
    step(t, "do.review_due=1");
    expect_count(t, 1,
                 "select count(*) from asset where org_id = $1 and name = 'Printers'"
                 " and state = 'in-use' and review_due = $2",
                 num(t->org), str(t->w->today));
    done = step(t, "do.state=1");
    expect_count(t, 1,
                 "select count(*) from asset where org_id = $1 and name = 'Printers'"
                 " and state = 'retired' and retired_on = $2",
                 num(t->org), str(t->w->today));
    visit(t, METHOD_GET, "/o/acme/imports/IM-1", NULL);
    expect_text(t, "settled since");
    visit(t, METHOD_POST, arena_printf(t->arena, "%s/undo", done), "");
    expect_status(t, 303);
    expect_count(t, 1,
                 "select count(*) from asset where org_id = $1 and name = 'Printers'"
                 " and state = 'in-use' and retired_on is null",
                 num(t->org));
    test_end(t);
}

static void nothing_new_in_the_list(void **state)
{
    struct test *t = test_begin();
    const char *page;

    (void)state;
    register_of_four(t);
    page = send(t, "name;type\nLaptops;laptop\n", "columns=2&map.0=name&map.1=type&complete=yes");
    expect_text(t, "Go on to what is missing");
    visit(t, METHOD_POST, arena_printf(t->arena, "%s/run", page), "mode=all");
    expect_status(t, 303);
    expect_count(t, 2, "select count(*) from import_missing where org_id = $1", num(t->org));
    test_end(t);
}

static void over_the_api(void **state)
{
    struct test *t = test_begin();

    (void)state;
    register_of_four(t);
    api(t, "isms-manager", METHOD_POST, "/api/v1/assets/import?complete=yes&dry_run=yes",
        "[{\"name\":\"Laptops\",\"type\":\"laptop\"}]");
    expect_status(t, 200);
    expect_text(t, "\"missing\":2");
    api(t, "isms-manager", METHOD_POST, "/api/v1/assets/import",
        "[{\"name\":\"Laptops\",\"type\":\"laptop\"}]");
    expect_text(t, "\"missing\":null");
    api(t, "isms-manager", METHOD_POST, "/api/v1/assets/import?complete=perhaps",
        "[{\"name\":\"Laptops\",\"type\":\"laptop\"}]");
    expect_status(t, 400);
    expect_text(t, "yes or no");
    test_end(t);
}

/* 130 assets, of which the list names none: more than a page holds. */
static void many_pages(void **state)
{
    struct test *t = test_begin();
    const char *page, *next, *import;
    struct buf b;

    (void)state;
    register_of_four(t);
    buf_init(&b, t->arena, 4096);
    buf_printf(&b, "name;type\n");
    for (int i = 0; i < 130; i++)
        buf_printf(&b, "Old %d;laptop\n", i);
    page = send(t, b.data, "columns=2&map.0=name&map.1=type");
    visit(t, METHOD_POST, arena_printf(t->arena, "%s/run", page), "mode=all");
    page = send(t, "name;type\nTablets;laptop\n", "columns=2&map.0=name&map.1=type&complete=yes");
    visit(t, METHOD_POST, arena_printf(t->arena, "%s/run", page), "mode=all");
    expect_count(t, 133, "select count(*) from import_missing where org_id = $1", num(t->org));
    visit(t, METHOD_GET, "/o/acme/imports/IM-2", NULL);
    expect_text(t, "133 records were not in it");
    expect_text(t, "Old 10<");
    expect_no_text(t, "Old 129<");
    expect_text(t, "all 133 that are not settled");
    next = strstr(body(t), "?missing=");
    assert_non_null(next);
    next = arena_strn(t->arena, next, strcspn(next, "#'"));
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/imports/IM-2%s", next), NULL);
    expect_no_text(t, "Old 10<");
    expect_text(t, "Old 129<");
    expect_text(t, "all 133 that are not settled");
    visit(t, METHOD_GET, "/o/acme/imports/IM-2?missing=x", NULL);
    expect_status(t, 400);
    import = arena_printf(
        t->arena, "missing=%lld",
        value(t, "select id from import where org_id = $1 and number = 2", num(t->org)));
    /* All of them, with a preview, whatever is ticked. */
    page = step(t, arena_printf(t->arena, "%s&do.state=1", import));
    expect_count(t, 133, "select count(*) from bulk_item where org_id = $1 and outcome = 'done'",
                 num(t->org));
    expect_count(t, 133, "select count(*) from asset where org_id = $1 and state = 'retired'",
                 num(t->org));
    visit(t, METHOD_GET, page, NULL);
    expect_text(t, "all that were missing in an imported list");
    visit(t, METHOD_GET, "/o/acme/imports/IM-2", NULL);
    expect_text(t, "settled since");
    expect_no_text(t, "that are not settled");
    visit(t, METHOD_POST, "/o/acme/assets/bulk/plan",
          arena_printf(t->arena, "%s&do.state=1&state=in-use", import));
    expect_status(t, 422); /* nothing is left to settle */
    visit(t, METHOD_POST, "/o/acme/people/bulk/plan",
          arena_printf(t->arena, "%s&do.job=1&job=X", import));
    expect_status(t, 422); /* it was no list of people */
    test_end(t);
}

static struct err *many_rows(struct web *w, void *ctx)
{
    const i64 *import = ctx;

    TRY(db_exec(w->db,
                "insert into record (org_id, id, kind, number, title, version) with recursive n(i)"
                " as (select cast(1000 as bigint) union all select i + 1 from n where i < $2)"
                " select $1, i, 'asset', i, 'Old', 1 from n",
                num(w->org), num(1000 + BULK_MOST + 9)));
    return db_exec(w->db,
                   "insert into import_missing (org_id, import, record)"
                   " select org_id, $2, id from record where org_id = $1 and title = 'Old'",
                   num(w->org), num(*import));
}

/* More than one step takes: none is forgotten, and the page leads from step to step. */
static void more_than_a_step(void **state)
{
    struct test *t = test_begin();
    const char *page, *next;
    struct ids ids;
    i64 import;

    (void)state;
    register_of_four(t);
    page = send(t, "name;type\nTablets;laptop\n", "columns=2&map.0=name&map.1=type&complete=yes");
    visit(t, METHOD_POST, arena_printf(t->arena, "%s/run", page), "mode=all");
    import = value(t, "select id from import where org_id = $1 and number = 1", num(t->org));
    assert_ok(app_write(t->w, many_rows, &import));
    visit(t, METHOD_GET, "/o/acme/imports/IM-1", NULL);
    expect_text(t, "the next 20,000 that are not settled");
    expect_text(t, "20,013 records are not settled, and one step takes 20,000.");
    next = strstr(body(t), "?missing=20996#missing'>Go to those behind them");
    assert_non_null(next);
    visit(t, METHOD_GET, "/o/acme/imports/IM-1?missing=20996", NULL);
    expect_text(t, arena_printf(t->arena, "name='missing' value='%lld.20996'", import));
    assert_ok(import_missing_open(t->w, import, 0, &asset_entity, &ids));
    assert_int_equal(ids.count, 20000);
    assert_int_equal(ids.id[19999], 20996);
    assert_ok(import_missing_open(t->w, import, 20996, &asset_entity, &ids));
    assert_int_equal(ids.count, 13);
    visit(t, METHOD_POST, "/o/acme/assets/bulk/plan", "missing=7.x&do.state=1&state=in-use");
    expect_status(t, 400);
    test_end(t);
}

const struct test_case import_missing_tests[] = {
    TEST("a file that is a part of the list leaves the rest alone", a_part_misses_nothing),
    TEST("a file that is the whole list tells which open records it lacks, before and after, and "
         "changes none of them",
         missing_is_told),
    TEST("what is missing is marked for checking or closed in one step, and the step is undone",
         settled_in_one_step),
    TEST("a whole list with nothing new still leads to what is missing", nothing_new_in_the_list),
    TEST("what is missing is paged, and all of it can be settled in one step with a preview",
         many_pages),
    TEST("a list that lacks more than a step takes is settled step by step, and none is forgotten",
         more_than_a_step),
    TEST("the API says how many records a whole list lacks", over_the_api),
    TEST_END,
};
