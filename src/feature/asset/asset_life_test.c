/* SPDX-License-Identifier: Apache-2.0 */
/* The life of assets from plan to disposal, and the confirmation of their entries. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "feature/asset/asset.h"
#include "visit.h"

extern const struct test_case asset_life_tests[];

static void make(struct test *t, const char *name, const char *more)
{
    visit(t, METHOD_POST, "/o/acme/assets",
          arena_printf(t->arena, "name=%s&type=laptop&state=in-use%s", name, more));
    expect_status(t, 303);
}

/* Changes asset 1; its version is read first. */
static void set(struct test *t, const char *form)
{
    i64 version =
        value(t, "select version from asset where org_id = $1 and number = 1", num(t->org));

    visit(t, METHOD_POST, "/o/acme/assets/A-1",
          arena_printf(t->arena, "_version=%lld&%s", version, form));
}

static const char *owned(struct test *t, const char *role)
{
    return arena_printf(t->arena, "&owner=%lld", person_of(t, role));
}

static struct asset first(struct test *t)
{
    struct asset a;
    i64 id = value(t, "select id from asset where org_id = $1 and number = 1", num(t->org));

    db_use_arena(t->w->db, t->arena);
    assert_ok(entity_load(t->w, &asset_entity, id, &a));
    return a;
}

static void states_ask(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    make(t, "Laptops", "&in_use_from=2020-01-01");
    set(t, "state=retiring");
    expect_status(t, 422);
    expect_text(t, "Say by when it goes out of use.");
    set(t, "state=retiring&end_planned=2026-01-31");
    expect_status(t, 303);
    visit(t, METHOD_GET, "/o/acme/assets/A-1", NULL);
    expect_text(t, "It should have gone out of use on 2026-01-31.");
    set(t, "state=disposed");
    expect_status(t, 422);
    expect_text(t, "Say what was done with the information on it");
    expect_text(t, "Say who disposed of it");
    set(t, "state=retired&retired_on=2019-01-01");
    expect_status(t, 422);
    expect_text(t, "before it came into use");
    set(t, "state=retired");
    expect_status(t, 303);
    assert_string_equal(first(t).retired_on, t->w->today);
    set(t, "state=disposed&disposal=destroyed&disposed_by=Shred+Ltd&disposed_on=2019-01-01");
    expect_status(t, 422);
    expect_text(t, "disposed of before it was retired");
    set(t, "state=disposed&disposal=destroyed&disposed_by=Shred+Ltd");
    expect_status(t, 303);
    assert_string_equal(first(t).disposed_on, t->w->today);
    set(t, "state=in-use");
    expect_status(t, 303);
    assert_null(first(t).retired_on);
    assert_null(first(t).disposed_on);
    test_end(t);
}

static void proof_is_asked_for(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    make(t, "Disks", "&c=4&i=1&a=1");
    set(t, "state=disposed&disposal=destroyed&disposed_by=Shred+Ltd");
    expect_status(t, 303);
    visit(t, METHOD_GET, "/o/acme/assets/A-1", NULL);
    expect_text(t, "nothing shows how it was deleted");
    set(t, "disposal_proof=Certificate+7");
    expect_status(t, 303);
    visit(t, METHOD_GET, "/o/acme/assets/A-1", NULL);
    expect_no_text(t, "nothing shows how it was deleted");
    test_end(t);
}

static void out_of_use_is_work(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "risk-owner");
    make(t, "Laptops", owned(t, "risk-owner"));
    visit(t, METHOD_POST, "/o/acme/risks",
          arena_printf(t->arena, "title=Laptop+is+lost&threat=theft&properties[]=c&assets[]=A-1%s",
                       owned(t, "risk-owner")));
    expect_status(t, 303);
    visit(t, METHOD_GET, "/o/acme/work", NULL);
    expect_no_text(t, "Its asset is out of use");
    set(t, "state=retired");
    expect_status(t, 303);
    visit(t, METHOD_GET, "/o/acme/work", NULL);
    expect_text(t, "Retired: to be disposed of");
    expect_text(t, "Its asset is out of use");
    set(t, "state=disposed&disposal=wiped&disposed_by=Ann");
    visit(t, METHOD_GET, "/o/acme/work", NULL);
    expect_no_text(t, "Retired: to be disposed of");
    expect_text(t, "Its asset is out of use");
    test_end(t);
}

static void nothing_is_suggested(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    make(t, "Laptops", "&c=4&i=3&a=3&in_scope=yes");
    visit(t, METHOD_GET, "/o/acme/risks/suggestions", NULL);
    expect_text(t, "A-1");
    set(t, "state=retired");
    visit(t, METHOD_GET, "/o/acme/risks/suggestions", NULL);
    expect_no_text(t, "A-1");
    set(t, "state=disposed&disposal=wiped&disposed_by=Ann");
    visit(t, METHOD_GET, "/o/acme/risks/suggestions", NULL);
    expect_no_text(t, "A-1");
    test_end(t);
}

static void owners_confirm(void **state)
{
    struct test *t = test_begin();
    const char *form;

    (void)state;
    login(t, "isms-manager");
    make(t, "Laptops", owned(t, "employee"));
    make(t, "Phones", owned(t, "employee"));
    make(t, "Printers", owned(t, "isms-manager"));
    assert_string_equal(first(t).review_due, date_add(t->arena, t->w->today, 12, 0));
    set(t, "review_due=2020-01-01&review_months=6");
    expect_status(t, 303);
    login(t, "employee");
    visit(t, METHOD_GET, "/o/acme/work", NULL);
    expect_text(t, "Next confirmation");
    visit(t, METHOD_GET, "/o/acme/assets/reviews", NULL);
    expect_text(t, "Laptops");
    expect_no_text(t, "Phones"); /* not due */
    visit(t, METHOD_GET, "/o/acme/assets/reviews?all=1", NULL);
    expect_text(t, "Phones");
    expect_no_text(t, "Printers"); /* of somebody else */
    visit(t, METHOD_POST, "/o/acme/assets/reviews", "x=1");
    expect_status(t, 422);
    expect_text(t, "Tick the assets whose entry you confirm.");
    form = arena_printf(
        t->arena, "pick[]=%lld&pick[]=%lld", first(t).id,
        value(t, "select id from asset where org_id = $1 and number = 2", num(t->org)));
    visit(t, METHOD_POST, "/o/acme/assets/reviews", form);
    expect_status(t, 303);
    assert_string_equal(first(t).reviewed_on, t->w->today);
    assert_int_equal(first(t).reviewed_by, person_of(t, "employee"));
    assert_string_equal(first(t).review_due, date_add(t->arena, t->w->today, 6, 0));
    expect_count(t, 2, "select count(*) from asset where org_id = $1 and reviewed_on is not null",
                 num(t->org));
    visit(t, METHOD_GET, "/o/acme/work", NULL);
    expect_no_text(t, "Next confirmation");
    test_end(t);
}

static void only_the_owner(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    make(t, "Laptops", owned(t, "isms-manager"));
    make(t, "Phones", owned(t, "employee"));
    login(t, "employee");
    visit(t, METHOD_POST, "/o/acme/assets/A-1/confirm", "");
    expect_status(t, 404);
    visit(
        t, METHOD_POST, "/o/acme/assets/reviews",
        arena_printf(t->arena, "pick[]=%lld&pick[]=%lld",
                     value(t, "select id from asset where org_id = $1 and number = 2", num(t->org)),
                     first(t).id));
    expect_status(t, 404); /* and the other one is not confirmed either */
    expect_count(t, 0, "select count(*) from asset where org_id = $1 and reviewed_on is not null",
                 num(t->org));
    visit(t, METHOD_POST, "/o/acme/assets/A-2/confirm", "");
    expect_status(t, 303);
    login(t, "internal-auditor");
    visit(t, METHOD_GET, "/o/acme/assets/A-1", NULL);
    expect_no_text(t, "It is right");
    visit(t, METHOD_POST, "/o/acme/assets/A-1/confirm", "");
    expect_status(t, 403);
    expect_text(t, "Its owner confirms its entry.");
    test_end(t);
}

static void over_the_api(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    make(t, "Laptops", owned(t, "employee"));
    set(t, "review_due=2020-01-01");
    api(t, "employee", METHOD_GET, "/api/v1/reviews/assets", NULL);
    expect_text(t, "\"Laptops\"");
    assert_int_equal(json_array_size(json_object_get(answer_json(t), "items")), 1);
    api(t, "employee", METHOD_POST, "/api/v1/reviews/assets", "{\"confirm\":[\"A-1\"],\"x\":1}");
    expect_status(t, 400);
    api(t, "employee", METHOD_POST, "/api/v1/reviews/assets", "{\"confirm\":[\"A-9\"]}");
    expect_status(t, 404);
    api(t, "employee", METHOD_POST, "/api/v1/reviews/assets", "{\"confirm\":[\"A-1\"]}");
    expect_status(t, 200);
    expect_text(t, "\"confirmed\":1");
    api(t, "employee", METHOD_GET, "/api/v1/reviews/assets", NULL);
    expect_no_text(t, "\"Laptops\"");
    login(t, "isms-manager");
    set(t, "state=retired");
    api(t, "isms-manager", METHOD_POST, "/api/v1/reviews/assets", "{\"confirm\":[\"A-1\"]}");
    expect_status(t, 409);
    expect_text(t, "out of use");
    test_end(t);
}

static void where_a_value_begins(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/assets", "name=Laptops&type=laptop&state=in-use&c=1&i=1&a=1");
    visit(t, METHOD_POST, "/o/acme/assets",
          "name=Client+files&type=customer-data&state=in-use&c=5&i=2&a=2");
    visit(t, METHOD_POST, "/o/acme/assets",
          "name=Local+copy&type=database&state=in-use&c=2&i=2&a=3&carries[]=A-2");
    set(t, "carries[]=A-3");
    expect_status(t, 303);
    visit(t, METHOD_GET, "/o/acme/assets/A-1", NULL);
    expect_text(t, "A-3 Local copy</a>, which has it from <a href='/o/acme/assets/A-2'>"
                   "A-2 Client files</a>");     /* confidentiality */
    expect_text(t, "A-3 Local copy</a></div>"); /* availability is its own */
    test_end(t);
}

const struct test_case asset_life_tests[] = {
    TEST("a state asks for its day and way; days that cannot be are refused; coming back into use "
         "empties them",
         states_ask),
    TEST("what held confidential information and has no proof of its deletion says so",
         proof_is_asked_for),
    TEST("a retired asset is work until it is disposed of, and so is a risk on it",
         out_of_use_is_work),
    TEST("what is out of use gets no risks suggested", nothing_is_suggested),
    TEST("an entry is to be confirmed when its time is over; owners confirm one or many",
         owners_confirm),
    TEST("who neither owns an asset nor may change it confirms nothing, and a list is confirmed "
         "whole "
         "or not at all",
         only_the_owner),
    TEST("entries are confirmed over the API", over_the_api),
    TEST("an inherited value names the asset next to it and the one where it begins",
         where_a_value_begins),
    TEST_END,
};
