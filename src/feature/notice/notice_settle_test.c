/* SPDX-License-Identifier: Apache-2.0 */
/* What is not asked any more is not left in the list of what is not read; and every kind whose
 * records wait for somebody is under "To decide" and tells them. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "core/app.h"
#include "feature/notice/notice_fixture.h"
#include "feature/notice/notice_part.h"
#include "feature/organisation/organisation.h"
#include "maker.h"

extern const struct test_case notice_settle_tests[];

/* What a change brings is told, then what it ends is settled. */
static void tick_twice(struct test *t)
{
    tick(t);
    tick(t);
}

static struct test *begin(void)
{
    struct test *t = test_begin();

    tick_twice(t);
    notices_read(t);
    return t;
}

static i64 asked(struct test *t, const char *role, const char *kind)
{
    return value(t,
                 "select count(*) from notice where org_id = $1 and person = $2 and kind = $3"
                 " and read_at = 0",
                 num(t->org), num(person_of(t, role)), str(kind));
}

static i64 settled(struct test *t, const char *role, const char *kind)
{
    return value(t,
                 "select count(*) from notice where org_id = $1 and person = $2 and kind = $3"
                 " and settled > 0 and read_at = settled",
                 num(t->org), num(person_of(t, role)), str(kind));
}

static i64 make_risk(struct test *t, const char *owner, const char *level)
{
    struct input set[] = {
        {"title",              "Theft"              },
        {"owner",              arena_printf(t->arena, "%lld", person_of(t, owner))},
        {"current_likelihood",         level                      },
        {"current_impact", level        },
        {"state",     "open"                    }
    };
    struct making m = {
        .org = t->org, .entity = feature_entity("risk"), .set = {set, COUNT_OF(set)}
    };

    make_record(t, &m);
    return m.id;
}

static void withdrawn(void **state)
{
    struct test *t = begin();
    i64 risk = make_risk(t, "risk-owner", "2");

    (void)state;
    plan_treatment(t, risk);
    tick_twice(t);
    assert_int_equal(asked(t, "risk-owner", "approval"), 1);
    api(t, "isms-manager", METHOD_DELETE, "/api/v1/treatments/T-1", NULL);
    if (status(t) != 204) {
        api_header(t, "If-Match", "*");
        api(t, "isms-manager", METHOD_DELETE, "/api/v1/treatments/T-1", NULL);
    }
    expect_status(t, 204);
    tick_twice(t);
    assert_int_equal(asked(t, "risk-owner", "approval"), 0);
    assert_int_equal(settled(t, "risk-owner", "approval"), 1);
    login(t, "risk-owner");
    visit(t, METHOD_GET, "/o/acme/notices", NULL);
    expect_no_text(t, "waits for your decision");
    visit(t, METHOD_GET, "/o/acme/notices?show=all", NULL);
    expect_text(t, "waits for your decision");
    expect_text(t, "No longer needed");
    plan_treatment(t, risk); /* asked anew, told anew */
    tick_twice(t);
    assert_int_equal(asked(t, "risk-owner", "approval"), 1);
    test_end(t);
}

static void decided_by_another(void **state)
{
    struct test *t = begin();
    const char *at;

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/schemes/presets", "preset=four");
    expect_status(t, 303);
    tick_twice(t);
    assert_int_equal(asked(t, "top-management", "approval"), 1);
    login(t, "top-management");
    visit(t, METHOD_GET, "/o/acme/approvals", NULL);
    expect_text(t, "/schemes/SC-1");
    visit(t, METHOD_GET, "/o/acme/schemes/SC-1", NULL);
    at = strstr(body(t), "name='hash' value='");
    assert_non_null(at);
    visit(t, METHOD_POST, "/o/acme/schemes/SC-1/approve",
          arena_printf(t->arena, "hash=%.64s", at + 19));
    expect_status(t, 303);
    visit(t, METHOD_GET, "/o/acme/approvals", NULL);
    expect_no_text(t, "/schemes/SC-1");
    tick_twice(t);
    assert_int_equal(asked(t, "top-management", "approval"), 0);
    assert_int_equal(settled(t, "top-management", "approval"), 1);
    test_end(t);
}

static void exceptions(void **state)
{
    struct test *t = begin();
    i64 low = make_risk(t, "risk-owner", "2"), high = make_risk(t, "risk-owner", "5");

    (void)state;
    login(t, "isms-manager");
    for (int i = 0; i < 2; i++) {
        visit(t, METHOD_POST, "/o/acme/exceptions",
              arena_printf(t->arena,
                           "title=Old+computer+%d&risk=%lld&owner=%lld&start=%s&until=%s"
                           "&reason=The+analyser+runs+with+no+other&instead=No+network",
                           i + 1, i ? high : low, person_of(t, "employee"), t->w->today,
                           date_add(t->arena, t->w->today, 3, 0)));
        expect_status(t, 303);
    }
    tick_twice(t);
    assert_int_equal(asked(t, "risk-owner", "approval"), 1);
    assert_int_equal(asked(t, "top-management", "approval"), 1);
    login(t, "risk-owner");
    visit(t, METHOD_GET, "/o/acme/approvals", NULL);
    expect_text(t, "/exceptions/EX-1'");
    expect_no_text(t, "/exceptions/EX-2'");
    login(t, "top-management");
    visit(t, METHOD_GET, "/o/acme/approvals", NULL);
    expect_text(t, "/exceptions/EX-2'");
    expect_no_text(t, "/exceptions/EX-1'");
    login(t, "employee");
    visit(t, METHOD_GET, "/o/acme/approvals", NULL);
    expect_no_text(t, "/exceptions/EX-");
    api_header(t, "If-Match", "*");
    api(t, "isms-manager", METHOD_DELETE, "/api/v1/exceptions/EX-1", NULL);
    expect_status(t, 204);
    tick_twice(t);
    assert_int_equal(asked(t, "risk-owner", "approval"), 0);
    assert_int_equal(asked(t, "top-management", "approval"), 1);
    test_end(t);
}

static void erasures(void **state)
{
    struct test *t = begin();
    i64 id;

    (void)state;
    api(t, "admin", METHOD_POST, "/api/v1/people", "{\"name\":\"Zoe\",\"state\":\"leaver\"}");
    expect_status(t, 201);
    id = value(t, "select id from person where org_id = $1 and name = 'Zoe'", num(t->org));
    login(t, "admin");
    visit(t, METHOD_POST, "/o/acme/erasures",
          arena_printf(t->arena, "subject=%lld&basis=request&reason=Letter+of+3+May", id));
    expect_status(t, 303);
    tick_twice(t);
    assert_int_equal(asked(t, "admin", "approval"), 0); /* who asked knows */
    assert_int_equal(asked(t, "isms-manager", "approval"), 1);
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/approvals", NULL);
    expect_text(t, "/erasures/ER-1'");
    visit(t, METHOD_GET, "/o/acme/work", NULL);
    expect_text(t, "/erasures/ER-1'");
    login(t, "admin");
    visit(t, METHOD_GET, "/o/acme/approvals", NULL);
    expect_no_text(t, "/erasures/ER-1'");
    test_end(t);
}

static void handed_on(void **state)
{
    struct test *t = begin();
    struct input in[] = {
        {"name", "Booking system"}
    };
    struct making m = {
        .org = t->org, .entity = feature_entity("asset"), .set = {in, 1}
    };
    const char *people[] = {"risk-owner", "employee"};

    (void)state;
    make_record(t, &m);
    for (size_t i = 0; i < 2; i++) {
        api_header(t, "If-Match", "*");
        api(t, "isms-manager", METHOD_PATCH, arena_printf(t->arena, "/api/v1/assets/%lld", m.id),
            arena_printf(t->arena, "{\"owner\":\"%lld\"}", person_of(t, people[i])));
        expect_status(t, 200);
        tick_twice(t);
        assert_int_equal(asked(t, people[i], "assigned"), 1);
    }
    assert_int_equal(asked(t, "risk-owner", "assigned"), 0);
    assert_int_equal(settled(t, "risk-owner", "assigned"), 1);
    test_end(t);
}

static struct err *remind(struct web *w, void *ctx)
{
    const i64 *about = ctx;
    struct notice n = {.person = about[1], .kind = "reminder", .record = about[0]};
    struct rows *r;

    TRY(db_query(w->db, &r, "select due from task where org_id = $1 and id = $2", num(w->org),
                 num(about[0])));
    assert_true(row_next(r));
    n.cause = arena_printf(w->arena, "remind:task-soon:%lld:%s", about[0], row_text(r, 0));
    return notice_add(w, &n, "%s “%s” is due on %s.", "TA-1", "Look", row_text(r, 0));
}

static i64 make_task(struct test *t, const char *title)
{
    api(t, "isms-manager", METHOD_POST, "/api/v1/tasks",
        arena_printf(t->arena, "{\"title\":\"%s\",\"assignee\":\"%lld\",\"due\":\"2099-01-01\"}",
                     title, person_of(t, "employee")));
    expect_status(t, 201);
    return value(t, "select id from task where org_id = $1 and title = $2", num(t->org),
                 str(title));
}

static void dates(void **state)
{
    struct test *t = begin();
    i64 moved[] = {make_task(t, "Moved"), person_of(t, "employee")},
        done[] = {make_task(t, "Done"), moved[1]}, open[] = {make_task(t, "Open"), moved[1]};

    (void)state;
    tick_twice(t);
    notices_read(t);
    change(t, remind, moved);
    change(t, remind, done);
    change(t, remind, open);
    assert_int_equal(asked(t, "employee", "reminder"), 3);
    api_header(t, "If-Match", "*");
    api(t, "isms-manager", METHOD_PATCH, arena_printf(t->arena, "/api/v1/tasks/%lld", moved[0]),
        "{\"due\":\"2099-02-01\"}");
    expect_status(t, 200);
    api_header(t, "If-Match", "*");
    api(t, "isms-manager", METHOD_PATCH, arena_printf(t->arena, "/api/v1/tasks/%lld", open[0]),
        "{\"title\":\"Still open\"}");
    expect_status(t, 200);
    login(t, "employee");
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/tasks/%lld/done", done[0]), "");
    expect_status(t, 303);
    tick_twice(t);
    assert_int_equal(asked(t, "employee", "reminder"), 1);
    assert_int_equal(settled(t, "employee", "reminder"), 2);
    api(t, "employee", METHOD_GET, "/api/v1/notices", NULL);
    expect_text(t, "\"settled\":true");
    test_end(t);
}

const struct test_case notice_settle_tests[] = {
    TEST("a plan that is withdrawn is no longer asked of its owner; planned anew it is asked anew",
         withdrawn),
    TEST("a policy on classification waits under “To decide” until somebody approves it",
         decided_by_another),
    TEST("an exception waits for the owner of its risk, above the level for top management, and "
         "for nobody once it is gone",
         exceptions),
    TEST("an erasure waits for those who may agree, not for who asked for it", erasures),
    TEST("work that went on to somebody else is no longer told to who had it", handed_on),
    TEST("a reminder ends when its date moves or its work is done, and stays when neither is so",
         dates),
    TEST_END,
};
