/* SPDX-License-Identifier: Apache-2.0 */
/* The work of somebody who leaves goes to others in one step that can be taken back. */
#include "feature/task/handover.h"

#include <string.h>

#include "base/text.h"
#include "feature/asset/asset.h"
#include "feature/risk/risk.h"
#include "maker.h"

struct leaver {
    i64 person, successor, risk, asset, task, watched;
};

static i64 made_for(struct test *t, const struct entity *e, i64 owner)
{
    struct input in[] = {
        {"title", "The data centre burns"},
        {"name",  "Data centre"          },
        {"owner", arena_printf(t->arena,   "%lld", owner)},
        {"type", "server"                       },
    };
    struct making m = {.org = t->org, .entity = e};
    struct input used[4];
    size_t n = 0;

    for (size_t i = 0; i < COUNT_OF(in); i++)
        if (entity_field(e, in[i].name))
            used[n++] = in[i];
    m.set = (struct inputs){used, n};
    make_record(t, &m);
    return m.id;
}

static i64 id_of(struct test *t)
{
    expect_status(t, 201);
    return strtoll(json_string_value(json_object_get(answer_json(t), "id")), NULL, 10);
}

static struct leaver make_leaver(struct test *t)
{
    struct leaver l = {.person = person_of(t, "risk-owner"),
                       .successor = person_of(t, "department-head")};

    l.risk = made_for(t, &risk_entity, l.person);
    l.asset = made_for(t, &asset_entity, l.person);
    api(t, "isms-manager", METHOD_POST, "/api/v1/tasks",
        arena_printf(t->arena, "{\"title\":\"Renew it\",\"assignee\":\"%lld\"}", l.person));
    l.task = id_of(t);
    api(t, "isms-manager", METHOD_POST, "/api/v1/tasks",
        arena_printf(t->arena, "{\"title\":\"Look on\",\"watchers\":[\"%lld\"]}", l.person));
    l.watched = id_of(t);
    return l;
}

static i64 owner_of(struct test *t, const char *table, const char *column, i64 id)
{
    return value_of(
        t, arena_printf(t->arena, "select %s from %s where org_id = $1 and id = $2", column, table),
        DB_VALS(num(t->org), num(id)), 2);
}

static i64 number_of(struct test *t, i64 person)
{
    return value(t, "select number from person where org_id = $1 and id = $2", num(t->org),
                 num(person));
}

static const char *page_of(struct test *t, const struct leaver *l, const char *rest)
{
    return arena_printf(t->arena, "/o/acme/people/P-%lld/handover%s", number_of(t, l->person),
                        rest);
}

static const char *choices(struct test *t, const struct leaver *l)
{
    return arena_printf(t->arena,
                        "risk.owner=%lld&asset.owner=%lld&task.assignee=%lld&task.assignee.%lld="
                        "%lld&task.watchers=%lld&role_holder.person=end&reason=She+moves+to+Rome",
                        l->successor, l->successor, l->successor, l->task,
                        person_of(t, "isms-manager"), l->successor);
}

static void one_step(void **state)
{
    struct test *t = test_begin();
    struct leaver l = make_leaver(t);
    const char *roles = "select count(*) from role_holder where org_id = $1 and person = $2 and"
                        " (until is null or until > $3)";
    i64 entries;

    (void)state;
    login(t, "isms-manager"); /* whose rights are less than those of the role */
    visit(t, METHOD_GET, page_of(t, &l, ""), NULL);
    expect_text(t, "Only who may do as much can end this role");
    login(t, "top-management");
    visit(t, METHOD_GET, page_of(t, &l, ""), NULL);
    expect_text(t, "The data centre burns");
    expect_text(t, "Renew it");
    expect_text(t, "Look on");
    visit(t, METHOD_POST, page_of(t, &l, "/preview"), choices(t, &l));
    expect_status(t, 200);
    expect_text(t, "She moves to Rome");
    assert_int_equal(owner_of(t, "risk", "owner", l.risk), l.person); /* nothing yet */
    entries = log_changes(t);
    visit(t, METHOD_POST, page_of(t, &l, ""), choices(t, &l));
    expect_status(t, 303);
    assert_int_equal(owner_of(t, "risk", "owner", l.risk), l.successor);
    assert_int_equal(owner_of(t, "asset", "owner", l.asset), l.successor);
    assert_int_equal(owner_of(t, "task", "assignee", l.task), person_of(t, "isms-manager"));
    expect_count(t, 1,
                 "select count(*) from task_watchers where org_id = $1 and record = $2 and target ="
                 " $3",
                 num(t->org), num(l.watched), num(l.successor));
    assert_int_equal(0,
                     value_of(t, roles, DB_VALS(num(t->org), num(l.person), str(t->w->today)), 3));
    assert_true(log_changes(t) >= entries + 6);
    visit(t, METHOD_GET, arena_str(t->arena, header(t, "Location")), NULL);
    expect_text(t, "The data centre burns");
    test_end(t);
}

static void taken_back(void **state)
{
    struct test *t = test_begin();
    struct leaver l = make_leaver(t);

    (void)state;
    login(t, "top-management");
    visit(t, METHOD_POST, page_of(t, &l, ""), choices(t, &l));
    expect_status(t, 303);
    /* this one went on meanwhile */
    api_header(t, "If-Match", "*");
    api(t, "isms-manager", METHOD_PATCH, arena_printf(t->arena, "/api/v1/tasks/%lld", l.task),
        arena_printf(t->arena, "{\"assignee\":\"%lld\"}", person_of(t, "employee")));
    expect_status(t, 200);
    visit(t, METHOD_POST, "/o/acme/handovers/1/undo", "");
    expect_status(t, 303);
    assert_int_equal(owner_of(t, "risk", "owner", l.risk), l.person);
    assert_int_equal(owner_of(t, "asset", "owner", l.asset), l.person);
    assert_int_equal(owner_of(t, "task", "assignee", l.task), person_of(t, "employee"));
    expect_count(t, 1,
                 "select count(*) from role_holder where org_id = $1 and person = $2 and until is"
                 " null",
                 num(t->org), num(l.person));
    visit(t, METHOD_POST, "/o/acme/handovers/1/undo", "");
    expect_status(t, 409);
    test_end(t);
}

static struct err *set_end(struct web *w, void *ctx)
{
    struct issues found = {.arena = w->arena};
    const i64 *person = ctx;
    struct role_holder h;
    struct rows *r;

    TRY(db_query(w->db, &r, "select id from role_holder where org_id = $1 and person = $2",
                 num(w->org), num(*person)));
    while (row_next(r)) {
        TRY(entity_load(w, &role_holder_entity, row_num(r, 0), &h));
        h.until = "2099-12-31";
        TRY(entity_write(w, &role_holder_entity, &h, NULL, &found));
    }
    return NULL;
}

static void keeps_ends(void **state)
{
    struct test *t = test_begin();
    struct leaver l = make_leaver(t);
    const char *ends = "select count(*) from role_holder where org_id = $1 and person = $2 and"
                       " until = '2099-12-31'";

    (void)state;
    change(t, set_end, &l.person);
    login(t, "top-management");
    visit(t, METHOD_POST, page_of(t, &l, ""), choices(t, &l));
    expect_status(t, 303);
    assert_int_equal(value_of(t, ends, DB_VALS(num(t->org), num(l.person)), 2), 0);
    visit(t, METHOD_POST, "/o/acme/handovers/1/undo", "");
    expect_status(t, 303);
    assert_int_equal(value_of(t, ends, DB_VALS(num(t->org), num(l.person)), 2), 1);
    test_end(t);
}

/* --- very many --- */

#define MANY 120

static struct err *make_many(struct web *w, void *ctx)
{
    const struct leaver *l = ctx;

    for (int i = 0; i < MANY; i++) {
        struct issues found = {.arena = w->arena};
        struct task one = {.title = arena_printf(w->arena, "Task %d", i),
                           .assignee = l->person,
                           .priority = "medium",
                           .status = "open",
                           .repeat_from = "due"};

        TRY(entity_write(w, &task_entity, &one, NULL, &found));
        assert_int_equal(found.count, 0);
    }
    return NULL;
}

static i64 tasks_of(struct test *t, i64 person)
{
    return value(t, "select count(*) from task where org_id = $1 and assignee = $2", num(t->org),
                 num(person));
}

static void very_many(void **state)
{
    struct test *t = test_begin();
    struct leaver l = make_leaver(t);
    const char *job;

    (void)state;
    change(t, make_many, &l);
    change(t, set_end, &l.person);
    login(t, "top-management");
    visit(t, METHOD_POST, page_of(t, &l, ""), choices(t, &l));
    expect_status(t, 303);
    job = arena_str(t->arena, header(t, "Location"));
    assert_contains(job, "/jobs/");
    assert_int_equal(tasks_of(t, l.person), MANY + 1); /* nothing yet */
    visit(t, METHOD_GET, "/o/acme/handovers/HO-1", NULL);
    expect_text(t, "under way in the background");
    visit(t, METHOD_POST, "/o/acme/handovers/1/undo", "");
    expect_status(t, 409);
    tick(t);
    assert_int_equal(tasks_of(t, l.person), 0);
    assert_int_equal(tasks_of(t, l.successor), MANY);
    assert_int_equal(owner_of(t, "risk", "owner", l.risk), l.successor);
    assert_int_equal(owner_of(t, "task", "assignee", l.task), person_of(t, "isms-manager"));
    visit(t, METHOD_GET, job, NULL);
    expect_text(t, "records were handed over; 0 stay");
    visit(t, METHOD_GET, "/o/acme/handovers/HO-1", NULL);
    expect_text(t, "Take it back");
    expect_text(t, "Task 1");
    api_header(t, "If-Match", "*"); /* this one went on meanwhile */
    api(t, "isms-manager", METHOD_PATCH, arena_printf(t->arena, "/api/v1/tasks/%lld", l.task),
        arena_printf(t->arena, "{\"assignee\":\"%lld\"}", person_of(t, "employee")));
    expect_status(t, 200);
    login(t, "top-management");
    visit(t, METHOD_POST, "/o/acme/handovers/1/undo", "");
    expect_status(t, 303);
    tick(t);
    assert_int_equal(tasks_of(t, l.person), MANY);
    assert_int_equal(owner_of(t, "risk", "owner", l.risk), l.person);
    assert_int_equal(owner_of(t, "task", "assignee", l.task), person_of(t, "employee"));
    expect_count(t, 1,
                 "select count(*) from role_holder where org_id = $1 and person = $2"
                 " and until = '2099-12-31'",
                 num(t->org), num(l.person));
    visit(t, METHOD_POST, "/o/acme/handovers/1/undo", "");
    expect_status(t, 409);
    test_end(t);
}

static void refusals(void **state)
{
    struct test *t = test_begin();
    struct leaver l = make_leaver(t);

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_POST, page_of(t, &l, "/preview"),
          arena_printf(t->arena, "risk.owner=%lld", l.successor));
    expect_status(t, 422);
    expect_text(t, "why the work goes to others");
    visit(t, METHOD_POST, page_of(t, &l, ""), "reason=Leaves");
    expect_status(t, 422);
    visit(t, METHOD_POST, page_of(t, &l, ""),
          arena_printf(t->arena, "reason=Leaves&risk.owner=%lld", l.person));
    expect_status(t, 422);
    expect_text(t, "somebody else who is here");
    /* the administrator cannot change risks, so may not give them away either */
    login(t, "admin");
    visit(t, METHOD_POST, page_of(t, &l, ""),
          arena_printf(t->arena, "reason=Leaves&risk.owner=%lld", l.successor));
    assert_true(status(t) == 403 || status(t) == 422);
    login(t, "employee");
    visit(t, METHOD_GET, page_of(t, &l, ""), NULL);
    expect_status(t, 403);
    assert_int_equal(owner_of(t, "risk", "owner", l.risk), l.person);
    test_end(t);
}

static void leads_there(void **state)
{
    struct test *t = test_begin();
    struct leaver l = make_leaver(t);
    i64 number = number_of(t, l.person);

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/people/P-%lld", number), NULL);
    expect_text(t, page_of(t, &l, ""));
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/people/P-%lld", number),
          arena_printf(t->arena, "_version=%lld&state=leaver",
                       value(t, "select version from person where org_id = $1 and id = $2",
                             num(t->org), num(l.person))));
    expect_status(t, 303);
    assert_contains(header(t, "Location"), "/handover");
    test_end(t);
}

const struct test_case handover_tests[] = {
    TEST("what somebody owns, does, watches and is goes to others in one step, after a preview",
         one_step),
    TEST("a hand-over is taken back, but for what changed again since then", taken_back),
    TEST("taking a hand-over back gives roles the end that they had", keeps_ends),
    TEST("very many records are handed over and taken back by a job, in pieces", very_many),
    TEST("a hand-over needs a reason, somebody who is here, and the right to change the records",
         refusals),
    TEST("who is marked as having left leads to the hand-over of their work", leads_there),
    TEST_END,
};
