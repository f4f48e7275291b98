/* SPDX-License-Identifier: Apache-2.0 */
/* Tasks through the whole program: who sees them, what one can do, how they come again. */
#include "feature/task/task.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "feature/risk/risk.h"
#include "feature/task/task_part.h"
#include "maker.h"

/* Makes a task as the information security manager; `more` = further members of the JSON. */
static i64 make_task(struct test *t, const char *title, const char *more)
{
    json_t *made;

    api(t, "isms-manager", METHOD_POST, "/api/v1/tasks",
        arena_printf(t->arena, "{\"title\":\"%s\"%s%s}", title, *more ? "," : "", more));
    expect_status(t, 201);
    made = answer_json(t);
    return strtoll(json_string_value(json_object_get(made, "id")), NULL, 10);
}

static i64 given_to(struct test *t, const char *title, const char *role, const char *more)
{
    return make_task(t, title,
                     arena_printf(t->arena, "\"assignee\":\"%lld\"%s%s", person_of(t, role),
                                  *more ? "," : "", more));
}

static const char *text_of(struct test *t, const char *column, i64 id)
{
    struct rows *r;

    assert_ok(db_query_text(
        t->w->db, &r,
        arena_printf(t->arena, "select %s from task where org_id = $1 and id = $2", column),
        DB_VALS(num(t->org), num(id)), 2));
    assert_true(row_next(r));
    return arena_str(t->arena, row_text(r, 0));
}

static void post(struct test *t, i64 id, const char *verb, const char *form)
{
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/tasks/%lld/%s", id, verb), form);
}

/* The page that the last answer leads to. */
static void follow_redirect(struct test *t)
{
    visit(t, METHOD_GET, arena_str(t->arena, header(t, "Location")), NULL);
}

static const char *day(struct test *t, int days)
{
    return date_add(t->arena, t->w->today, 0, days);
}

static i64 follower(struct test *t, i64 id)
{
    return value(t, "select coalesce(max(id), 0) from task where org_id = $1 and previous = $2",
                 num(t->org), num(id));
}

/* --- who sees and does what --- */

static void assignee_sees(void **state)
{
    struct test *t = test_begin();
    i64 id = given_to(t, "Test the restore", "employee", "");

    (void)state;
    given_to(t, "Talk to the auditor", "risk-owner", "");
    login(t, "employee");
    visit(t, METHOD_GET, "/o/acme/tasks", NULL);
    expect_text(t, "Test the restore");
    expect_no_text(t, "Talk to the auditor");
    visit(t, METHOD_GET, "/o/acme/work", NULL);
    expect_text(t, "Test the restore");
    expect_no_text(t, "Talk to the auditor");
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/tasks/%lld", id), NULL);
    expect_status(t, 200);
    api(t, "employee", METHOD_GET, "/api/v1/tasks", NULL);
    expect_text(t, "Test the restore");
    expect_no_text(t, "Talk to the auditor");
    login(t, "supplier-contact");
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/tasks/%lld", id), NULL);
    expect_status(t, 404);
    test_end(t);
}

static void watcher_sees(void **state)
{
    struct test *t = test_begin();
    i64 id = given_to(t, "Order the badge", "risk-owner",
                      arena_printf(t->arena, "\"watchers\":[\"%lld\"]", person_of(t, "employee")));

    (void)state;
    login(t, "employee");
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/tasks/%lld", id), NULL);
    expect_status(t, 200);
    visit(t, METHOD_GET, "/o/acme/tasks", NULL);
    expect_text(t, "Order the badge");
    post(t, id, "done", "");
    expect_status(t, 403);
    api(t, "employee", METHOD_PATCH, arena_printf(t->arena, "/api/v1/tasks/%lld", id),
        "{\"title\":\"Mine\"}");
    assert_true(status(t) == 428 || status(t) == 422);
    api_header(t, "If-Match", "*");
    api(t, "employee", METHOD_PATCH, arena_printf(t->arena, "/api/v1/tasks/%lld", id),
        "{\"title\":\"Mine\"}");
    expect_status(t, 422);
    expect_text(t, "who gave it or who sees to all tasks");
    assert_string_equal(text_of(t, "title", id), "Order the badge");
    test_end(t);
}

static void title_of_about(void **state)
{
    struct test *t = test_begin();
    struct making m = {.org = t->org, .entity = &risk_entity, .text = NULL};
    struct input title = {"title", "The data centre burns"};
    i64 id;

    (void)state;
    m.set = (struct inputs){&title, 1};
    make_record(t, &m);
    id = given_to(t, "Check the extinguishers", "employee",
                  arena_printf(t->arena, "\"about\":\"R-%lld\"", m.number));
    login(t, "employee");
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/tasks/%lld", id), NULL);
    expect_text(t, "The data centre burns");
    expect_no_text(t, arena_printf(t->arena, "/o/acme/risks/R-%lld", m.number));
    visit(t, METHOD_GET, "/o/acme/work", NULL);
    expect_text(t, "The data centre burns");
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/risks/R-%lld", m.number), NULL);
    expect_status(t, 404);
    /* the tab of the risk */
    login(t, "isms-manager");
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/risks/R-%lld?tab=tasks", m.number), NULL);
    expect_text(t, "Check the extinguishers");
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/risks/R-%lld/tasks", m.number),
          arena_printf(t->arena, "title=Buy+two+more&assignee=%lld", person_of(t, "employee")));
    expect_status(t, 303);
    follow_redirect(t);
    expect_text(t, "Buy two more");
    test_end(t);
}

static void employee_gives(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "employee");
    visit(t, METHOD_POST, "/o/acme/tasks",
          "title=My+own+note&priority=low&status=open"
          "&repeat_from=due");
    expect_status(t, 303);
    follow_redirect(t);
    expect_status(t, 200);
    expect_count(t, 1,
                 "select count(*) from task where org_id = $1 and given_by = $2"
                 " and title = 'My own note'",
                 num(t->org), num(person_of(t, "employee")));
    test_end(t);
}

/* --- verbs --- */

static void verbs(void **state)
{
    struct test *t = test_begin();
    i64 id = given_to(t, "Ask the landlord", "supplier-contact", "");

    (void)state;
    login(t, "supplier-contact"); /* has no right to change tasks, but this one is theirs */
    post(t, id, "wait", "");
    expect_status(t, 422);
    expect_text(t, "for whom or for what it waits");
    post(t, id, "wait", "waiting_for=His+answer");
    expect_status(t, 303);
    assert_string_equal(text_of(t, "status", id), "waiting");
    post(t, id, "done", "");
    expect_status(t, 303);
    assert_string_equal(text_of(t, "status", id), "done");
    assert_string_equal(text_of(t, "closed_on", id), t->w->today);
    assert_string_equal(text_of(t, "waiting_for", id), "");
    expect_count(t, person_of(t, "supplier-contact"),
                 "select closed_by from task where org_id = $1 and id = $2", num(t->org), num(id));
    post(t, id, "reopen", "");
    assert_string_equal(text_of(t, "closed_on", id), "");
    post(t, id, "cancel", "");
    expect_status(t, 422);
    post(t, id, "cancel", "cancel_reason=We+moved+out");
    expect_status(t, 303);
    assert_string_equal(text_of(t, "cancel_reason", id), "We moved out");
    post(t, id, "cancel", "cancel_reason=Again");
    expect_status(t, 409);
    test_end(t);
}

static void handing_on(void **state)
{
    struct test *t = test_begin();
    i64 id = given_to(t, "Write the plan", "employee", "");
    i64 manager = person_of(t, "isms-manager");

    (void)state;
    login(t, "employee");
    /* whom an employee does not see they cannot choose; the giver they know */
    post(t, id, "give", arena_printf(t->arena, "assignee=%lld", person_of(t, "risk-owner")));
    expect_status(t, 404);
    post(t, id, "give", "");
    expect_status(t, 422);
    post(t, id, "give", arena_printf(t->arena, "assignee=%lld&note=I+lack+the+key", manager));
    expect_status(t, 303);
    expect_count(t, manager, "select assignee from task where org_id = $1 and id = $2", num(t->org),
                 num(id));
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/tasks/%lld", id), NULL);
    expect_status(t, 404); /* it is theirs no longer */
    login(t, "isms-manager");
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/tasks/%lld", id), NULL);
    expect_text(t, "I lack the key");
    test_end(t);
}

static void steps(void **state)
{
    struct test *t = test_begin();
    i64 id = given_to(t, "Leave the office", "employee",
                      "\"steps\":\"Lights off\\n- [x] Coffee machine\\n\\n* Lock\"");

    (void)state;
    assert_string_equal(text_of(t, "steps", id), "- [ ] Lights off\n- [x] Coffee machine\n- [ ] "
                                                 "Lock");
    login(t, "employee");
    post(t, id, "step", "step=Lock&done=1");
    expect_status(t, 303);
    expect_count(t, 2, "select steps_done from task where org_id = $1 and id = $2", num(t->org),
                 num(id));
    post(t, id, "step", "step=Coffee+machine&done=0");
    expect_count(t, 1, "select steps_done from task where org_id = $1 and id = $2", num(t->org),
                 num(id));
    post(t, id, "step", "step=Windows&done=1");
    expect_status(t, 409);
    expect_text(t, "not in the checklist any more");
    post(t, id, "steps", "step=Windows");
    expect_status(t, 303);
    expect_count(t, 4, "select steps_total from task where org_id = $1 and id = $2", num(t->org),
                 num(id));
    test_end(t);
}

static void dependencies(void **state)
{
    struct test *t = test_begin();
    i64 a = make_task(t, "Dig", ""), b, c;

    (void)state;
    b = make_task(t, "Lay the pipe", arena_printf(t->arena, "\"needs\":[\"%lld\"]", a));
    c = make_task(t, "Fill up", arena_printf(t->arena, "\"needs\":[\"%lld\"]", b));
    expect_count(t, 1, "select blocked from task where org_id = $1 and id = $2", num(t->org),
                 num(b));
    login(t, "isms-manager");
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/tasks/%lld", b), NULL);
    expect_text(t, "Dig");
    api_header(t, "If-Match", "*");
    api(t, "isms-manager", METHOD_PATCH, arena_printf(t->arena, "/api/v1/tasks/%lld", a),
        arena_printf(t->arena, "{\"needs\":[\"%lld\"]}", c));
    expect_status(t, 422);
    expect_text(t, "wait for each other for ever");
    post(t, a, "done", "");
    expect_count(t, 0, "select blocked from task where org_id = $1 and id = $2", num(t->org),
                 num(b));
    post(t, a, "reopen", "");
    expect_count(t, 1, "select blocked from task where org_id = $1 and id = $2", num(t->org),
                 num(b));
    test_end(t);
}

/* --- again and again --- */

static void comes_again(void **state)
{
    struct test *t = test_begin();
    const char *due = "2026-01-30"; /* the last Friday */
    i64 id = given_to(t, "Look at the logs", "employee",
                      arena_printf(t->arena,
                                   "\"due\":\"%s\",\"start\":\"2026-01-26\",\"repeat\":"
                                   "\"FREQ=MONTHLY;BYDAY=-1FR\",\"steps\":\"- [x] Web server\"",
                                   day(t, 400))),
        next;

    (void)state;
    (void)due;
    assert_true(*text_of(t, "next_on", id));
    login(t, "employee");
    post(t, id, "done", "");
    expect_status(t, 303);
    next = follower(t, id);
    assert_true(next);
    assert_string_equal(text_of(t, "next_on", id), "");
    assert_string_equal(text_of(t, "steps", next), "- [ ] Web server");
    assert_string_equal(text_of(t, "status", next), "open");
    assert_string_equal(text_of(t, "repeat_start", next), day(t, 400));
    assert_true(strcmp(text_of(t, "due", next), day(t, 400)) > 0);
    /* done twice gives one next only */
    post(t, id, "reopen", "");
    post(t, id, "done", "");
    expect_count(t, 1, "select count(*) from task where org_id = $1 and previous = $2", num(t->org),
                 num(id));
    test_end(t);
}

/* A moved day does not move the series. */
static void moved_day(void **state)
{
    struct test *t = test_begin();
    const char *due = day(t, 10);
    i64 id = make_task(t, "Weekly walk",
                       arena_printf(t->arena, "\"due\":\"%s\",\"repeat\":\"FREQ=WEEKLY\"", due)),
        next;

    (void)state;
    login(t, "isms-manager");
    post(t, id, "done", "");
    next = follower(t, id);
    assert_string_equal(text_of(t, "due", next), day(t, 17));
    api_header(t, "If-Match", "*");
    api(t, "isms-manager", METHOD_PATCH, arena_printf(t->arena, "/api/v1/tasks/%lld", next),
        arena_printf(t->arena, "{\"due\":\"%s\"}", day(t, 19)));
    expect_status(t, 200);
    post(t, next, "done", "");
    assert_string_equal(text_of(t, "due", follower(t, next)), day(t, 24));
    test_end(t);
}

static void after_completion(void **state)
{
    struct test *t = test_begin();
    i64 id = make_task(t, "Change the filter",
                       arena_printf(t->arena,
                                    "\"due\":\"%s\",\"repeat\":\"FREQ=DAILY;INTERVAL=90;COUNT=2\","
                                    "\"repeat_from\":\"done\"",
                                    day(t, -20))),
        next;

    (void)state;
    assert_string_equal(text_of(t, "next_on", id), "");
    login(t, "isms-manager");
    post(t, id, "done", "");
    next = follower(t, id);
    assert_string_equal(text_of(t, "due", next), day(t, 90));
    post(t, next, "done", "");
    assert_int_equal(follower(t, next), 0); /* twice in all */
    test_end(t);
}

static void run_job(struct test *t)
{
    assert_ok(task_repeat_job(t->w, ""));
    assert_ok(web_enter_org(t->w, t->org));
}

static void by_the_calendar(void **state)
{
    struct test *t = test_begin();
    i64 id = make_task(
            t, "Weekly check",
            arena_printf(t->arena, "\"due\":\"%s\",\"repeat\":\"FREQ=WEEKLY\"", day(t, -22))),
        later = make_task(
            t, "Not yet",
            arena_printf(t->arena, "\"due\":\"%s\",\"repeat\":\"FREQ=WEEKLY\"", day(t, -2))),
        next;

    (void)state;
    run_job(t);
    next = follower(t, id);
    /* after a standstill one comes, not all that were missed */
    assert_string_equal(text_of(t, "due", next), day(t, -1));
    assert_string_equal(text_of(t, "status", id), "open");
    assert_int_equal(follower(t, later), 0);
    run_job(t);
    assert_int_equal(follower(t, next), 0);
    expect_count(t, 3, "select count(*) from task where org_id = $1", num(t->org));
    /* one that was closed by the API goes on by the job, and not again when the next was removed */
    api_header(t, "If-Match", "*");
    api(t, "isms-manager", METHOD_PATCH, arena_printf(t->arena, "/api/v1/tasks/%lld", later),
        "{\"status\":\"done\"}");
    expect_status(t, 200);
    run_job(t);
    next = follower(t, later);
    assert_string_equal(text_of(t, "due", next), day(t, 5));
    api_header(t, "If-Match", "*");
    api(t, "isms-manager", METHOD_DELETE, arena_printf(t->arena, "/api/v1/tasks/%lld", next), NULL);
    expect_status(t, 204);
    run_job(t);
    assert_int_equal(follower(t, later), 0);
    test_end(t);
}

static void friendly_form(void **state)
{
    struct test *t = test_begin();
    const char *start = "title=Audit+the+room&priority=high&status=open&repeat_from=due"
                        "&due=2030-01-04&repeat_unit=month&repeat_every=3&repeat_which=-1"
                        "&repeat_days%5B%5D=4";

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/tasks", start);
    expect_status(t, 303);
    follow_redirect(t);
    expect_text(t, "on the last Friday of every 3 months");
    visit(t, METHOD_POST, "/o/acme/tasks",
          "title=No+day&priority=high&status=open&repeat_from=due&repeat_unit=week&repeat_every=1");
    expect_status(t, 422);
    expect_text(t, "needs the day on which it is due first");
    visit(t, METHOD_POST, "/o/acme/tasks",
          "title=Bad&priority=high&status=open&repeat_from=due&due=2030-01-04&repeat_unit=own"
          "&repeat_rule=FREQ%3DHOURLY");
    expect_status(t, 422);
    expect_text(t, "has no time of day");
    expect_text(t, "FREQ=HOURLY");
    test_end(t);
}

/* --- My work --- */

static void work_groups(void **state)
{
    struct test *t = test_begin();
    const char *page;

    (void)state;
    given_to(t, "Long ago", "employee", arena_printf(t->arena, "\"due\":\"%s\"", day(t, -3)));
    given_to(t, "Just now", "employee", arena_printf(t->arena, "\"due\":\"%s\"", t->w->today));
    given_to(t, "Some day", "employee", "");
    given_to(t, "Held up", "employee", "\"status\":\"waiting\",\"waiting_for\":\"Rain\"");
    login(t, "employee");
    visit(t, METHOD_GET, "/o/acme/work", NULL);
    expect_text(t, "Late</h2>");
    expect_text(t, "Today</h2>");
    expect_text(t, "Without a day</h2>");
    expect_text(t, "Waiting</h2>");
    expect_text(t, "waits for: Rain");
    page = body(t); /* each call makes a copy */
    assert_true(strstr(page, "Long ago") < strstr(page, "Just now"));
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/work", NULL);
    expect_no_text(t, "Long ago");
    visit(t, METHOD_GET, "/o/acme/work?given=1", NULL);
    expect_text(t, "Long ago");
    expect_text(t, "Held up");
    test_end(t);
}

static void bulk(void **state)
{
    struct test *t = test_begin();
    i64 a = given_to(t, "One", "employee", ""), b = given_to(t, "Two", "employee", ""),
        foreign = given_to(t, "Three", "risk-owner", "");

    (void)state;
    login(t, "employee");
    visit(t, METHOD_POST, "/o/acme/work", "verb=done");
    expect_status(t, 422);
    visit(t, METHOD_POST, "/o/acme/work",
          arena_printf(t->arena, "verb=done&ids%%5B%%5D=%lld&ids%%5B%%5D=%lld", a, foreign));
    expect_status(t, 404);
    assert_string_equal(text_of(t, "status", a), "open"); /* all or none */
    visit(t, METHOD_POST, "/o/acme/work",
          arena_printf(t->arena, "verb=done&ids%%5B%%5D=%lld&ids%%5B%%5D=%lld", a, b));
    expect_status(t, 303);
    assert_string_equal(text_of(t, "status", b), "done");
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/o/acme/work",
          arena_printf(t->arena, "verb=give&ids%%5B%%5D=%lld&assignee=%lld&note=You+know+it",
                       foreign, person_of(t, "department-head")));
    expect_status(t, 303);
    expect_count(t, person_of(t, "department-head"),
                 "select assignee from task where org_id = $1 and id = $2", num(t->org),
                 num(foreign));
    test_end(t);
}

static void only_givers_remove(void **state)
{
    struct test *t = test_begin();
    i64 id = given_to(t, "Not yours to delete", "employee", "");

    (void)state;
    login(t, "employee");
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/tasks/%lld/remove", id), "_version=1");
    expect_status(t, 409);
    expect_text(t, "Only who gave it may take it away");
    test_end(t);
}

static void described(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/tasks/new", NULL);
    expect_text(t, "value='description' data-preview");
    visit(t, METHOD_POST, "/o/acme/preview",
          "_preview=description&_part=1&description=**Now**+%3Cb%3E%0A-+one");
    expect_status(t, 200);
    expect_text(t, "<strong>Now</strong> &lt;b&gt;");
    expect_text(t, "<li>one</li>");
    expect_no_text(t, "<html");
    visit(t, METHOD_POST, "/o/acme/preview", "description=x");
    expect_status(t, 400);
    visit(t, METHOD_POST, "/o/acme/tasks", "title=Restore&description=**Now**+U-1");
    expect_status(t, 303);
    visit(t, METHOD_GET, "/o/acme/tasks/TA-1", NULL);
    expect_text(t, "<strong>Now</strong>");
    test_end(t);
}

const struct test_case task_tests[] = {
    TEST("who is given a task sees it in list, page, My work and API, another does not",
         assignee_sees),
    TEST("a watcher sees the task, but neither closes nor changes it", watcher_sees),
    TEST("who has a task sees the name of the record that it is about, without opening it",
         title_of_about),
    TEST("an employee notes own tasks and sees what they gave", employee_gives),
    TEST("who has a task reports on it without the right to change tasks", verbs),
    TEST("a task goes to another person with a word, and only to somebody one may see", handing_on),
    TEST("steps are written as people write them and ticked one by one", steps),
    TEST("a task shows what it waits for, and circles are refused", dependencies),
    TEST("a repeating task comes again when it is done, once", comes_again),
    TEST("an occurrence that was moved does not move the series", moved_day),
    TEST("counted from completion, the next day is reckoned from today and ends after its number",
         after_completion),
    TEST("the calendar brings the next one even when the last is open, and never twice",
         by_the_calendar),
    TEST("how often is asked in a form and kept as a rule", friendly_form),
    TEST("My work shows the most urgent first and what was given to others apart", work_groups),
    TEST("several tasks are closed or handed over at once, all or none", bulk),
    TEST("who only has a task cannot make it disappear", only_givers_remove),
    TEST("a description is Markdown, looked at before it is saved, and never runs", described),
    TEST_END,
};
