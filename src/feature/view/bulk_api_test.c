/* SPDX-License-Identifier: Apache-2.0 */
/* Many records in one step, over REST: the same refusals as on the page. */
#include <string.h>

#include "base/text.h"
#include "core/bulk.h"
#include "feature/asset/asset.h"
#include "maker.h"

extern const struct test_case bulk_api_tests[];

static i64 asset(struct test *t, const char *name, const char *state)
{
    struct making m = {.org = t->org, .entity = &asset_entity};

    m.set = inputs_with(t, m.set, "name", name);
    m.set = inputs_with(t, m.set, "state", state);
    m.set = inputs_with(t, m.set, "type", "server");
    make_record(t, &m);
    return m.id;
}

static json_t *step(struct test *t, enum http_method method, const char *target, const char *body,
                    int status)
{
    json_t *answer;

    api(t, "isms-manager", method, target, body);
    expect_status(t, status);
    assert_ok(json_parse(t->arena, (const char *)t->r->response.body.data, t->r->response.body.size,
                         &answer));
    return answer;
}

static const char *address(struct test *t, const json_t *s, const char *what)
{
    return arena_printf(t->arena, "/api/v1/assets/bulk/%s%s",
                        json_string_value(json_object_get(s, "id")), what);
}

static void expect_figure(const json_t *s, const char *name, i64 n)
{
    assert_int_equal(json_integer_value(json_object_get(s, name)), n);
}

static const char *text_of(const json_t *o, const char *name)
{
    return json_string_value(json_object_get(o, name));
}

static void planned_run_and_undone(void **state)
{
    struct test *t = test_begin();
    const json_t *s, *items;

    (void)state;
    asset(t, "One", "in-use");
    asset(t, "Two", "in-use");
    asset(t, "Three", "retired");
    s = step(
        t, METHOD_POST, "/api/v1/assets/bulk",
        "{\"filter\":\"state=in-use\",\"set\":{\"location\":\"Cellar\"},\"_reason\":\"Moved\"}",
        201);
    assert_string_equal(text_of(s, "state"), "planned");
    assert_string_equal(text_of(s, "reason"), "Moved");
    assert_string_equal(header(t, "Location"), address(t, s, ""));
    expect_figure(s, "ready", 2);
    items = json_object_get(json_array_get(json_object_get(s, "items"), 0), "changes");
    assert_string_equal(text_of(json_array_get(items, 0), "field"), "location");
    assert_string_equal(text_of(json_array_get(items, 0), "after"), "Cellar");
    expect_count(t, 0, "select count(*) from asset where org_id = $1 and location = 'Cellar'",
                 num(t->org));
    s = step(t, METHOD_POST, address(t, s, "/run"), "{}", 200);
    assert_string_equal(text_of(s, "state"), "done");
    expect_figure(s, "done", 2);
    expect_count(t, 2, "select count(*) from asset where org_id = $1 and location = 'Cellar'",
                 num(t->org));
    step(t, METHOD_POST, address(t, s, "/run"), "{}", 409);
    s = step(t, METHOD_GET, address(t, s, ""), NULL, 200);
    s = step(t, METHOD_POST, address(t, s, "/undo"), "{}", 200);
    expect_figure(s, "undone", 2);
    expect_count(t, 0, "select count(*) from asset where org_id = $1 and location = 'Cellar'",
                 num(t->org));
    s = step(t, METHOD_GET, "/api/v1/assets/bulk", NULL, 200);
    assert_int_equal(json_array_size(json_object_get(s, "items")), 1);
    test_end(t);
}

static void adds_removes_and_drops(void **state)
{
    struct test *t = test_begin();
    i64 one = asset(t, "One", "in-use"), disk = asset(t, "Disk", "in-use");
    const json_t *s;

    (void)state;
    s = step(
        t, METHOD_POST, "/api/v1/assets/bulk",
        arena_printf(t->arena, "{\"records\":[\"A-1\"],\"add\":{\"carries\":[\"%lld\"]}}", disk),
        201);
    step(t, METHOD_POST, address(t, s, "/run"), "{}", 200);
    expect_count(t, 1,
                 "select count(*) from asset_carries where org_id = $1 and record = $2"
                 " and target = $3",
                 num(t->org), num(one), num(disk));
    /* What something refers to stays, with the reason. */
    s = step(t, METHOD_POST, "/api/v1/assets/bulk", "{\"records\":[\"A-2\"],\"remove\":true}", 201);
    s = step(t, METHOD_POST, address(t, s, "/run"), "{}", 200);
    expect_figure(s, "refused", 1);
    assert_true(*text_of(json_array_get(json_object_get(s, "items"), 0), "why") != '\0');
    s = step(t, METHOD_POST, "/api/v1/assets/bulk", "{\"filter\":\"\",\"set\":{\"c\":2}}", 201);
    api(t, "isms-manager", METHOD_DELETE, address(t, s, ""), NULL);
    expect_status(t, 204);
    step(t, METHOD_GET, address(t, s, ""), NULL, 404);
    test_end(t);
}

static void sent_twice_is_done_once(void **state)
{
    struct test *t = test_begin();
    const char *body = "{\"filter\":\"\",\"set\":{\"location\":\"Attic\"}}", *first;
    const json_t *s;

    (void)state;
    asset(t, "One", "in-use");
    api_header(t, "Idempotency-Key", "plan-1");
    s = step(t, METHOD_POST, "/api/v1/assets/bulk", body, 201);
    first = text_of(s, "id");
    api_header(t, "Idempotency-Key", "plan-1");
    s = step(t, METHOD_POST, "/api/v1/assets/bulk", body, 201);
    assert_string_equal(text_of(s, "id"), first);
    expect_count(t, 1, "select count(*) from bulk_step where org_id = $1", num(t->org));
    api_header(t, "Idempotency-Key", "run-1");
    step(t, METHOD_POST, address(t, s, "/run"), "{}", 200);
    api_header(t, "Idempotency-Key", "run-1");
    step(t, METHOD_POST, address(t, s, "/run"), "{}", 200);
    test_end(t);
}

static void refuses_what_the_page_refuses(void **state)
{
    static const struct {
        const char *body;
        int status;
    } wrong[] = {
        {"{\"set\":{\"location\":\"X\"}}",                                 422},
        {"{\"filter\":\"\",\"records\":[],\"set\":{\"location\":\"X\"}}",  422},
        {"{\"records\":[],\"set\":{\"location\":\"X\"}}",                  422},
        {"{\"records\":[\"A-99\"],\"set\":{\"location\":\"X\"}}",          422},
        {"{\"records\":[7],\"set\":{\"location\":\"X\"}}",                 422},
        {"{\"records\":\"A-1\",\"set\":{\"location\":\"X\"}}",             422},
        {"{\"filter\":\"\"}",                                              422},
        {"{\"filter\":\"\",\"set\":{\"colour\":\"red\"}}",                 422},
        {"{\"filter\":\"\",\"set\":{\"state\":\"flying\"}}",               422},
        {"{\"filter\":\"\",\"set\":{\"kind\":\"primary\"}}",               422},
        {"{\"filter\":\"\",\"set\":{\"name\":\"\"}}",                      422},
        {"{\"filter\":\"\",\"set\":\"red\"}",                              422},
        {"{\"filter\":\"\",\"add\":{\"location\":\"X\"}}",                 422},
        {"{\"filter\":\"\",\"remove\":1}",                                 422},
        {"{\"filter\":\"\",\"remove\":true,\"set\":{\"location\":\"X\"}}", 422},
        {"{\"filter\":\"\",\"paint\":true,\"set\":{\"location\":\"X\"}}",  422},
        {"{\"filter\":\"colour=red\",\"set\":{\"location\":\"X\"}}",       400},
        {"[1]",                                                            400},
        {"",                                                               400},
    };
    struct test *t = test_begin();

    (void)state;
    asset(t, "One", "in-use");
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        api(t, "isms-manager", METHOD_POST, "/api/v1/assets/bulk", wrong[i].body);
        if (t->r->response.status != wrong[i].status)
            fail_msg("%s: %d", wrong[i].body, t->r->response.status);
    }
    expect_count(t, 0, "select count(*) from bulk_step where org_id = $1", num(t->org));
    api(t, "internal-auditor", METHOD_POST, "/api/v1/assets/bulk",
        "{\"filter\":\"\",\"set\":{\"location\":\"X\"}}");
    expect_status(t, 403);
    api(t, "isms-manager", METHOD_POST, "/api/v1/dragons/bulk",
        "{\"filter\":\"\",\"set\":{\"location\":\"X\"}}");
    expect_status(t, 404);
    step(t, METHOD_GET, "/api/v1/assets/bulk/17", NULL, 404);
    test_end(t);
}

static void many_go_by_a_job(void **state)
{
    struct test *t = test_begin();
    const json_t *s;

    (void)state;
    for (int i = 0; i < BULK_AT_ONCE + 5; i++)
        asset(t, arena_printf(t->arena, "Tag %d", i), "in-use");
    s = step(t, METHOD_POST, "/api/v1/assets/bulk",
             "{\"filter\":\"\",\"set\":{\"location\":\"Moved\"}}", 201);
    s = step(t, METHOD_POST, address(t, s, "/run"), "{}", 202);
    assert_non_null(text_of(s, "job"));
    tick(t);
    s = step(t, METHOD_GET, address(t, s, ""), NULL, 200);
    assert_string_equal(text_of(s, "state"), "done");
    expect_figure(s, "done", BULK_AT_ONCE + 5);
    test_end(t);
}

const struct test_case bulk_api_tests[] = {
    TEST("a step is planned, looked at, run and undone over REST", planned_run_and_undone),
    TEST("a step over REST adds to references, removes with reasons, and is dropped",
         adds_removes_and_drops),
    TEST("a step that is sent twice is planned and run once", sent_twice_is_done_once),
    TEST("a step over REST is refused for the same reasons as on the page",
         refuses_what_the_page_refuses),
    TEST("many records that are changed over REST are changed by a job", many_go_by_a_job),
    TEST_END,
};
