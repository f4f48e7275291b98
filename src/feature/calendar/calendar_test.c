/* SPDX-License-Identifier: Apache-2.0 */
/* The calendar page and the feeds, read back with a parser. */
#include "feature/calendar/calendar.h"

#include <libical/ical.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "maker.h"

static i64 make_task(struct test *t, const char *title, const char *due, const char *more)
{
    api(t, "isms-manager", METHOD_POST, "/api/v1/tasks",
        arena_printf(t->arena, "{\"title\":\"%s\",\"due\":\"%s\"%s%s}", title, due,
                     *more ? "," : "", more));
    expect_status(t, 201);
    return strtoll(json_string_value(json_object_get(answer_json(t), "id")), NULL, 10);
}

static const char *for_employee(struct test *t)
{
    return arena_printf(t->arena, "\"assignee\":\"%lld\"", person_of(t, "employee"));
}

static void month(void **state)
{
    struct test *t = test_begin();

    (void)state;
    make_task(t, "First of many", "2030-02-28", for_employee(t));
    for (int i = 0; i < 6; i++)
        make_task(t, arena_printf(t->arena, "Crowd %d", i), "2030-02-11", "");
    make_task(t, "Only in March", "2030-03-01", "");
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/calendar?month=2030-02", NULL);
    expect_status(t, 200);
    expect_text(t, "February 2030");
    expect_text(t, "First of many");
    expect_text(t, "+2 more");
    expect_no_text(t, "Only in March");
    visit(t, METHOD_GET, "/o/acme/calendar?day=2030-02-11", NULL);
    expect_text(t, "Crowd 5");
    expect_no_text(t, "First of many");
    login(t, "employee");
    visit(t, METHOD_GET, "/o/acme/calendar?month=2030-02", NULL);
    expect_text(t, "First of many");
    expect_no_text(t, "Crowd");
    visit(t, METHOD_GET, "/o/acme/calendar?month=2030-02&mine=1&view=agenda", NULL);
    expect_text(t, "First of many");
    visit(t, METHOD_GET, "/o/acme/calendar?month=2030-13", NULL);
    expect_status(t, 400);
    visit(t, METHOD_GET, "/o/acme/calendar?day=tomorrow", NULL);
    expect_status(t, 400);
    test_end(t);
}

/* What a rule will bring stands there before it exists. */
static void planned(void **state)
{
    struct test *t = test_begin();

    (void)state;
    make_task(t, "Read the logs", "2030-02-04", "\"repeat\":\"FREQ=WEEKLY\"");
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/calendar?month=2030-02&view=agenda", NULL);
    expect_text(t, "2030-02-25");
    visit(t, METHOD_GET, "/o/acme/calendar?month=2030-03&view=agenda", NULL);
    expect_text(t, "2030-03-04");
    expect_text(t, "planned");
    test_end(t);
}

/* --- feeds --- */

static const char *new_feed(struct test *t, const char *name)
{
    const char *at;

    visit(t, METHOD_POST, "/o/acme/calendar/feeds", arena_printf(t->arena, "name=%s", name));
    expect_status(t, 200);
    at = strstr(body(t), "/feeds/");
    while (at && strncmp(at + strcspn(at + 1, "'<") + 1 - 4, ".ics", 4) != 0)
        at = strstr(at + 1, "/feeds/");
    assert_non_null(at);
    return arena_strn(t->arena, at, strcspn(at, "'"));
}

static icalcomponent *fetch(struct test *t, const char *feed)
{
    icalcomponent *all;

    logout(t);
    visit(t, METHOD_GET, feed, NULL);
    expect_status(t, 200);
    assert_contains(header(t, "Content-Type") ? header(t, "Content-Type") : t->r->response.type,
                    "text/calendar");
    all = icalparser_parse_string(body(t));
    assert_non_null(all);
    assert_int_equal(icalcomponent_isa(all), ICAL_VCALENDAR_COMPONENT);
    icalrestriction_check(all);
    assert_int_equal(icalcomponent_count_errors(all), 0);
    return all;
}

static icalcomponent *event_called(icalcomponent *all, const char *title)
{
    icalcomponent *c = icalcomponent_get_first_component(all, ICAL_VEVENT_COMPONENT);

    while (c && !strstr(icalcomponent_get_summary(c), title))
        c = icalcomponent_get_next_component(all, ICAL_VEVENT_COMPONENT);
    return c;
}

static void feed(void **state)
{
    struct test *t = test_begin();
    const char *due = date_add(t->arena, t->w->today, 0, 20), *address, *uid;
    icalcomponent *all, *event;

    (void)state;
    make_task(t, "Ask, fold; and escape: a very long title that no line of seventy-five holds", due,
              for_employee(t));
    make_task(t, "Weekly", due,
              arena_printf(t->arena, "%s,\"repeat\":\"FREQ=WEEKLY\"", for_employee(t)));
    make_task(t, "Of somebody else", due, "");
    login(t, "employee");
    address = new_feed(t, "all");
    all = fetch(t, address);
    event = event_called(all, "Ask, fold; and escape: a very long title that no line of "
                              "seventy-five holds");
    assert_non_null(event);
    assert_true(icalcomponent_get_dtstart(event).is_date);
    assert_string_equal(icaltime_as_ical_string(icalcomponent_get_dtstart(event)),
                        arena_printf(t->arena, "%.4s%.2s%.2s", due, due + 5, due + 8));
    uid = arena_str(t->arena, icalcomponent_get_uid(event));
    assert_contains(uid, "@");
    event = event_called(all, "Weekly");
    assert_non_null(icalcomponent_get_first_property(event, ICAL_RRULE_PROPERTY));
    assert_null(event_called(all, "Of somebody else"));
    icalcomponent_free(all);
    for (const char *line = body(t); line && *line; line = strchr(line, '\n')) {
        line += *line == '\n';
        assert_true(strcspn(line, "\r\n") <= 75);
    }
    all = fetch(t, address); /* the same names again */
    assert_string_equal(icalcomponent_get_uid(event_called(all, "Ask, fold")), uid);
    icalcomponent_free(all);
    test_end(t);
}

static void feed_in_own_language(void **state)
{
    struct test *t = test_begin();
    const char *address;

    (void)state;
    make_task(t, "Weekly", date_add(t->arena, t->w->today, 0, 5), for_employee(t));
    login(t, "employee");
    visit(t, METHOD_POST, "/account/settings", "language=de&zone=Asia/Tokyo");
    address = new_feed(t, "all");
    icalcomponent_free(fetch(t, address));
    expect_text(t, "CATEGORIES:Aufgabe");
    expect_no_text(t, "CATEGORIES:Task");
    login(t, "employee");
    visit(t, METHOD_POST, "/account/settings", "language=en&zone=");
    icalcomponent_free(fetch(t, address));
    expect_text(t, "CATEGORIES:Task");
    test_end(t);
}

static void feed_as_of_now(void **state)
{
    struct test *t = test_begin();
    const char *due = date_add(t->arena, t->w->today, 0, 5), *address;
    icalcomponent *all;
    i64 id = make_task(t, "Once mine", due, for_employee(t));

    (void)state;
    login(t, "employee");
    address = new_feed(t, "mine");
    expect_count(t, 0, "select count(*) from calendar_feed where org_id = $1 and name = $2", num(0),
                 str(address));
    all = fetch(t, address);
    assert_non_null(event_called(all, "Once mine"));
    icalcomponent_free(all);
    api_header(t, "If-Match", "*");
    api(t, "isms-manager", METHOD_PATCH, arena_printf(t->arena, "/api/v1/tasks/%lld", id),
        arena_printf(t->arena, "{\"assignee\":\"%lld\"}", person_of(t, "risk-owner")));
    expect_status(t, 200);
    all = fetch(t, address);
    assert_null(event_called(all, "Once mine"));
    icalcomponent_free(all);
    /* who has left gets nothing any more */
    api_header(t, "If-Match", "*");
    api(t, "isms-manager", METHOD_PATCH,
        arena_printf(t->arena, "/api/v1/people/%lld", person_of(t, "employee")),
        "{\"state\":\"leaver\"}");
    expect_status(t, 200);
    logout(t);
    visit(t, METHOD_GET, address, NULL);
    expect_status(t, 404);
    test_end(t);
}

static icalcomponent *alarm_in(icalcomponent *c)
{
    return icalcomponent_get_first_component(c, ICAL_VALARM_COMPONENT);
}

static void todos(void **state)
{
    struct test *t = test_begin();
    const char *due = date_add(t->arena, t->w->today, 0, 5);
    struct icaltriggertype trigger;
    icalcomponent *all, *one;

    (void)state;
    make_task(t, "Mine with a day", due, for_employee(t));
    api(t, "isms-manager", METHOD_POST, "/api/v1/tasks",
        arena_printf(t->arena, "{\"title\":\"Mine without a day\",\"priority\":\"urgent\",%s}",
                     for_employee(t)));
    expect_status(t, 201);
    make_task(t, "Of somebody else", due, "");
    login(t, "employee");
    all = fetch(t, new_feed(t, "todo"));
    assert_int_equal(icalcomponent_count_components(all, ICAL_VTODO_COMPONENT), 2);
    assert_int_equal(icalcomponent_count_components(all, ICAL_VEVENT_COMPONENT), 0);
    one = icalcomponent_get_first_component(all, ICAL_VTODO_COMPONENT);
    assert_string_equal(icaltime_as_ical_string(icalcomponent_get_due(one)),
                        arena_printf(t->arena, "%.4s%.2s%.2s", due, due + 5, due + 8));
    assert_non_null(alarm_in(one));
    trigger = icalproperty_get_trigger(
        icalcomponent_get_first_property(alarm_in(one), ICAL_TRIGGER_PROPERTY));
    assert_int_equal(icaldurationtype_as_int(trigger.duration), -15 * 3600);
    one = icalcomponent_get_next_component(all, ICAL_VTODO_COMPONENT);
    assert_null(alarm_in(one));
    assert_int_equal(
        icalproperty_get_priority(icalcomponent_get_first_property(one, ICAL_PRIORITY_PROPERTY)),
        1);
    icalcomponent_free(all);
    login(t, "employee");
    visit(t, METHOD_POST, "/o/acme/calendar/feeds", "name=other");
    expect_status(t, 422);
    test_end(t);
}

static void alarms(void **state)
{
    struct test *t = test_begin();
    const char *due = date_add(t->arena, t->w->today, 0, 5);
    icalcomponent *all;

    (void)state;
    make_task(t, "Mine", due, for_employee(t));
    login(t, "isms-manager");
    all = fetch(t, new_feed(t, "all"));
    assert_null(alarm_in(event_called(all, "Mine")));
    icalcomponent_free(all);
    login(t, "employee");
    all = fetch(t, new_feed(t, "mine"));
    assert_non_null(alarm_in(event_called(all, "Mine")));
    icalcomponent_free(all);
    test_end(t);
}

static void feed_ends(void **state)
{
    struct test *t = test_begin();
    const char *address, *other;
    i64 id;

    (void)state;
    login(t, "employee");
    address = new_feed(t, "mine");
    id = value(t, "select id from calendar_feed where org_id = $1", num(0));
    login(t, "risk-owner"); /* another person cannot end it */
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/calendar/feeds/%lld/remove", id), "");
    expect_status(t, 404);
    login(t, "employee");
    visit(t, METHOD_GET, "/o/acme/calendar/feeds", NULL);
    expect_no_text(t, address); /* shown once only */
    visit(t, METHOD_POST, arena_printf(t->arena, "/o/acme/calendar/feeds/%lld/remove", id), "");
    expect_status(t, 303);
    visit(t, METHOD_GET, address, NULL);
    expect_status(t, 404);
    visit(t, METHOD_GET, "/feeds/guess.ics", NULL);
    expect_status(t, 404);
    other = new_feed(t, "mine");
    logout(t);
    for (int i = 0; i < 60; i++)
        visit(t, METHOD_GET, other, NULL);
    expect_status(t, 200);
    visit(t, METHOD_GET, other, NULL);
    expect_status(t, 429);
    test_end(t);
}

const struct test_case calendar_tests[] = {
    TEST("a month shows what this person may see, four a day and the rest by a link", month),
    TEST("what repeats stands in the months to come", planned),
    TEST("a feed is whole for a parser: escaped, folded, all-day, stable names, rules", feed),
    TEST("a feed speaks the language of its owner", feed_in_own_language),
    TEST("a feed shows what its owner may see now, and nothing when they have left",
         feed_as_of_now),
    TEST("a feed of to-dos has what its owner has to do, with or without a day", todos),
    TEST("a feed reminds of what one has to do oneself, not of the work of others", alarms),
    TEST("a feed is shown once, ended by its owner only, and not fetched without end", feed_ends),
    TEST_END,
};
