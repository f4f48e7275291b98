/* SPDX-License-Identifier: Apache-2.0 */
/* Many records in one step: preview, run, undo, and who may. */
#include "core/bulk.h"

#include <string.h>

#include "base/text.h"
#include "feature/asset/asset.h"
#include "feature/organisation/organisation.h"
#include "maker.h"

extern const struct test_case bulk_tests[];

static i64 asset(struct test *t, const char *name, const char *state)
{
    struct making m = {.org = t->org, .entity = &asset_entity};

    m.set = inputs_with(t, m.set, "name", name);
    m.set = inputs_with(t, m.set, "state", state);
    m.set = inputs_with(t, m.set, "type", "server"); /* something that may carry others */
    make_record(t, &m);
    return m.id;
}

static i64 last_step(struct test *t)
{
    return value(t, "select max(id) from bulk_step where org_id = $1", num(t->org));
}

static const char *step_at(struct test *t, const char *what)
{
    return arena_printf(t->arena, "/o/acme/assets/bulk/%lld%s", last_step(t), what);
}

static void plan(struct test *t, const char *form)
{
    visit(t, METHOD_POST, "/o/acme/assets/bulk/plan", form);
    expect_status(t, 303);
    visit(t, METHOD_GET, step_at(t, ""), NULL);
    expect_status(t, 200);
}

static void run(struct test *t, const char *what)
{
    visit(t, METHOD_POST, step_at(t, what), "");
    expect_status(t, 303);
    visit(t, METHOD_GET, step_at(t, ""), NULL);
    expect_status(t, 200);
}

static const char *location_of(struct test *t, i64 id)
{
    struct rows *r;

    db_use_arena(t->w->db, t->arena);
    assert_ok(db_query(t->w->db, &r, "select location from asset where org_id = $1 and id = $2",
                       num(t->org), num(id)));
    assert_true(row_next(r));
    return row_text(r, 0);
}

static void changes_what_was_ticked(void **state)
{
    struct test *t = test_begin();
    i64 one, two, other, before;

    (void)state;
    one = asset(t, "Laptop one", "in-use");
    two = asset(t, "Laptop two", "in-use");
    other = asset(t, "Laptop other", "in-use");
    login(t, "isms-manager");
    before = value(t, "select count(*) from asset_history where org_id = $1", num(t->org));
    visit(t, METHOD_POST, "/o/acme/assets/bulk",
          arena_printf(t->arena, "id[]=%lld&id[]=%lld&action=change", one, two));
    expect_status(t, 200);
    expect_text(t, "name='do.location'");
    expect_no_text(t, "name='do.kind'"); /* computed by the program */
    plan(t, arena_printf(t->arena,
                         "id[]=%lld&id[]=%lld&action=change&do.location=1&location=Cellar"
                         "&state=retired&_reason=Moved",
                         one, two));
    expect_text(t, "Would be changed");
    expect_text(t, "<ins class='now'>Cellar</ins>");
    expect_count(t, before, "select count(*) from asset_history where org_id = $1", num(t->org));
    run(t, "/run");
    expect_text(t, "Undo all of it");
    assert_string_equal(location_of(t, one), "Cellar");
    assert_string_equal(location_of(t, two), "Cellar");
    assert_true(strcmp(location_of(t, other), "Cellar") != 0);
    /* What was not ticked stayed: the form sent a state too. */
    expect_count(t, 3, "select count(*) from asset where org_id = $1 and state = 'in-use'",
                 num(t->org));
    expect_count(t, before + 2, "select count(*) from asset_history where org_id = $1",
                 num(t->org));
    assert_int_equal(log_count(t, t->org, "bulk"), 1);
    test_end(t);
}

static void all_that_match_of_a_list(void **state)
{
    struct test *t = test_begin();

    (void)state;
    for (int i = 0; i < 12; i++)
        asset(t, arena_printf(t->arena, "Disk %d", i), i % 2 ? "in-use" : "retired");
    login(t, "isms-manager");
    plan(t, "all=1&query=state%3Dretired&action=change&do.location=1&location=Shelf");
    expect_text(t, "6 records · State: Retired");
    run(t, "/run");
    expect_count(t, 6, "select count(*) from asset where org_id = $1 and location = 'Shelf'",
                 num(t->org));
    expect_count(t, 0,
                 "select count(*) from asset where org_id = $1 and location = 'Shelf'"
                 " and state <> 'retired'",
                 num(t->org));
    test_end(t);
}

static void undoes_as_one_step(void **state)
{
    struct test *t = test_begin();
    i64 one, two, three;
    const char *was, *third;

    (void)state;
    one = asset(t, "One", "in-use");
    two = asset(t, "Two", "in-use");
    three = asset(t, "Three", "in-use");
    login(t, "isms-manager");
    was = location_of(t, one);
    third = location_of(t, three);
    plan(t, "all=1&query=&action=change&do.location=1&location=Attic");
    run(t, "/run");
    api_header(t, "If-Match", "*");
    api(t, "isms-manager", METHOD_PATCH, arena_printf(t->arena, "/api/v1/assets/%lld", two),
        "{\"location\":\"Somewhere else\"}");
    expect_status(t, 200);
    login(t, "isms-manager");
    run(t, "/undo");
    expect_text(t, "Could not be undone");
    expect_text(t, "Somebody changed it since.");
    assert_string_equal(location_of(t, one), was);
    assert_string_equal(location_of(t, three), third);
    assert_string_equal(location_of(t, two), "Somewhere else");
    visit(t, METHOD_POST, step_at(t, "/undo"), ""); /* once only */
    expect_status(t, 409);
    visit(t, METHOD_POST, step_at(t, "/run"), "");
    expect_status(t, 409);
    test_end(t);
}

static void leaves_alone_what_changed_meanwhile(void **state)
{
    struct test *t = test_begin();
    i64 one;

    (void)state;
    one = asset(t, "One", "in-use");
    asset(t, "Two", "in-use");
    login(t, "isms-manager");
    plan(t, "all=1&query=&action=change&do.location=1&location=Attic");
    api_header(t, "If-Match", "*");
    api(t, "isms-manager", METHOD_PATCH, arena_printf(t->arena, "/api/v1/assets/%lld", one),
        "{\"location\":\"Desk\"}");
    expect_status(t, 200);
    login(t, "isms-manager");
    run(t, "/run");
    expect_text(t, "Somebody changed it after the preview.");
    assert_string_equal(location_of(t, one), "Desk");
    expect_count(t, 1, "select count(*) from asset where org_id = $1 and location = 'Attic'",
                 num(t->org));
    test_end(t);
}

static void adds_and_takes_references(void **state)
{
    struct test *t = test_begin();
    i64 one, two, disk;

    (void)state;
    one = asset(t, "Server one", "in-use");
    two = asset(t, "Server two", "in-use");
    disk = asset(t, "Disk", "in-use");
    login(t, "isms-manager");
    plan(t, arena_printf(t->arena,
                         "id[]=%lld&id[]=%lld&action=change&do.carries=1&how.carries=add"
                         "&carries[]=%lld",
                         one, two, disk));
    run(t, "/run");
    expect_count(t, 2, "select count(*) from asset_carries where org_id = $1 and target = $2",
                 num(t->org), num(disk));
    plan(t, arena_printf(t->arena,
                         "id[]=%lld&action=change&do.carries=1&how.carries=take&carries[]=%lld",
                         one, disk));
    run(t, "/run");
    expect_count(t, 1, "select count(*) from asset_carries where org_id = $1 and target = $2",
                 num(t->org), num(disk));
    run(t, "/undo");
    expect_count(t, 2, "select count(*) from asset_carries where org_id = $1 and target = $2",
                 num(t->org), num(disk));
    test_end(t);
}

static void removes_and_takes_back(void **state)
{
    struct test *t = test_begin();
    i64 carrier, carried, free;

    (void)state;
    carrier = asset(t, "Server", "in-use");
    carried = asset(t, "Disk", "in-use");
    free = asset(t, "Old phone", "in-use");
    login(t, "isms-manager");
    plan(t, arena_printf(t->arena,
                         "id[]=%lld&action=change&do.carries=1&how.carries=add&carries[]=%lld",
                         carrier, carried));
    run(t, "/run");
    plan(t, arena_printf(t->arena, "id[]=%lld&id[]=%lld&action=remove", carried, free));
    run(t, "/run");
    expect_text(t, "cannot be removed"); /* what something refers to, with the reason */
    expect_count(t, 1, "select count(*) from asset where org_id = $1 and id = $2", num(t->org),
                 num(carried));
    expect_count(t, 0, "select count(*) from asset where org_id = $1 and id = $2", num(t->org),
                 num(free));
    run(t, "/undo");
    expect_count(t, 1, "select count(*) from asset where org_id = $1 and id = $2", num(t->org),
                 num(free));
    test_end(t);
}

static void refuses_wrong_input(void **state)
{
    struct test *t = test_begin();
    i64 one;

    (void)state;
    one = asset(t, "One", "in-use");
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/assets/bulk/plan", "action=change&do.location=1&location=X");
    expect_status(t, 422);
    expect_text(t, "No record was chosen");
    visit(t, METHOD_POST, "/o/acme/assets/bulk/plan",
          arena_printf(t->arena, "id[]=%lld&action=change&location=X", one));
    expect_status(t, 422);
    expect_text(t, "tick at least one field");
    visit(t, METHOD_POST, "/o/acme/assets/bulk/plan",
          arena_printf(t->arena, "id[]=%lld&action=change&do.state=1&state=flying", one));
    expect_status(t, 422);
    visit(t, METHOD_POST, "/o/acme/assets/bulk/plan",
          arena_printf(t->arena, "id[]=%lld&action=change&do.kind=1&kind=primary", one));
    expect_status(t, 422); /* fields of the program are none of the form */
    visit(t, METHOD_POST, "/o/acme/assets/bulk/plan",
          "all=1&query=colour%3Dred&action=change&do.location=1&location=X");
    expect_status(t, 400);
    visit(t, METHOD_POST, "/o/acme/assets/bulk/plan",
          arena_printf(t->arena, "id[]=%lld&action=change&do.name=1&name=", one));
    expect_status(t, 422); /* a required value cannot be made empty */
    /* Somebody who thinks better of it comes back to the list as it was. */
    visit(t, METHOD_POST, "/o/acme/assets/bulk",
          arena_printf(t->arena, "id[]=%lld&query=state%%3Din-use%%26sort%%3D-value&action=change",
                       one));
    expect_text(t, "href='/o/acme/assets?state=in-use&amp;sort=-value'>Cancel</a>");
    test_end(t);
}

static void keeps_to_organisation_and_right(void **state)
{
    struct test *t = test_begin();
    struct making foreign = {.org = t->other, .entity = &asset_entity};
    i64 id;

    (void)state;
    id = asset(t, "Ours", "in-use");
    make_record(t, &foreign);
    login(t, "isms-manager");
    plan(t, arena_printf(t->arena, "id[]=%lld&id[]=%lld&action=change&do.location=1&location=Ours",
                         id, foreign.id));
    expect_text(t, "It is not there any more.");
    run(t, "/run");
    expect_count(t, 1, "select count(*) from asset where org_id >= $1 and location = 'Ours'",
                 num(0));
    login(t, "internal-auditor");
    visit(t, METHOD_GET, step_at(t, ""), NULL);
    expect_status(t, 403);
    visit(t, METHOD_GET, "/o/acme/assets", NULL);
    expect_status(t, 200);
    expect_no_text(t, "data-pick");
    login(t, "other-admin");
    visit(t, METHOD_GET, step_at(t, ""), NULL);
    expect_status(t, 404);
    test_end(t);
}

static void many_go_by_a_job(void **state)
{
    struct test *t = test_begin();

    (void)state;
    for (int i = 0; i < BULK_AT_ONCE + 5; i++)
        asset(t, arena_printf(t->arena, "Tag %d", i), "in-use");
    login(t, "isms-manager");
    plan(t, "all=1&query=&action=change&do.location=1&location=Moved");
    visit(t, METHOD_POST, step_at(t, "/run"), "");
    expect_status(t, 303);
    assert_contains(header(t, "Location"), "/jobs/");
    tick(t);
    expect_count(t, BULK_AT_ONCE + 5,
                 "select count(*) from asset where org_id = $1 and location = 'Moved'",
                 num(t->org));
    visit(t, METHOD_GET, step_at(t, ""), NULL);
    expect_text(t, "Undo all of it");
    test_end(t);
}

const struct test_case bulk_tests[] = {
    TEST("ticked records are changed after a preview, by the fields that were ticked",
         changes_what_was_ticked),
    TEST("all records that a list shows are changed, and no other", all_that_match_of_a_list),
    TEST("a step is undone as one, but for records that were changed since", undoes_as_one_step),
    TEST("a record that was changed after the preview is left alone",
         leaves_alone_what_changed_meanwhile),
    TEST("references are added to what is there, and taken out of it", adds_and_takes_references),
    TEST("records are removed together and taken back; what is referred to stays",
         removes_and_takes_back),
    TEST("a step without records, fields or with wrong values is refused", refuses_wrong_input),
    TEST("a step reaches neither other organisations nor those without the right",
         keeps_to_organisation_and_right),
    TEST("many records are changed by a job", many_go_by_a_job),
    TEST_END,
};
