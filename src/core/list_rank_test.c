/* SPDX-License-Identifier: Apache-2.0 */
/* A list sorted by what people see: names of references, the order of choices, labels of codes. */
#include <string.h>

#include "base/text.h"
#include "core/app.h"
#include "core/list.h"
#include "feature/asset/asset.h"
#include "feature/organisation/organisation.h"
#include "feature/task/task.h"
#include "maker.h"

extern const struct test_case list_rank_tests[];

static i64 person(struct test *t, const char *name, const char *mail)
{
    struct making m = {.org = t->org, .entity = &person_entity};

    m.set = inputs_with(t, inputs_with(t, m.set, "name", name), "email", mail);
    make_record(t, &m);
    return m.id;
}

static void asset(struct test *t, const char *name, i64 owner, const char *type)
{
    const char *who = owner ? arena_printf(t->arena, "%lld", owner) : "";
    struct making m = {.org = t->org, .entity = &asset_entity};
    struct inputs in = {0};

    in = inputs_with(t, in, "name", name);
    in = inputs_with(t, in, "type", type);
    m.set = inputs_with(t, in, "owner", who);
    make_record(t, &m);
}

/* Entered against the alphabet: an order by ids would be the other way round. */
static void three_owners(struct test *t)
{
    i64 zoe = person(t, "zoe Abel", "zoe@acme.test"), mia = person(t, "Mia Ott", "mia@acme.test"),
        bea = person(t, "Bea Zorn", "bea@acme.test");

    asset(t, "Laptop one", zoe, "customer-data");
    asset(t, "Laptop two", mia, "staff-records");
    asset(t, "Laptop three", bea, "customer-data");
    asset(t, "Laptop four", mia, "customer-data");
    asset(t, "Laptop five", 0, "staff-records");
    asset(t, "Laptop six", zoe, "staff-records");
}

/* The names in the order of the list, "one two ...", page by page. */
static const char *order_of(struct test *t, const char *query, int limit)
{
    const char *next = "";
    struct buf b;

    buf_init(&b, t->arena, 200);
    while (next) {
        const json_t *answer, *items;

        api(t, "isms-manager", METHOD_GET,
            arena_printf(t->arena, "/api/v1/assets?name.has=laptop&%s&limit=%d%s%s", query, limit,
                         *next ? "&after=" : "", next),
            NULL);
        expect_status(t, 200);
        answer = answer_json(t);
        items = json_object_get(answer, "items");
        for (size_t i = 0; i < json_array_size(items); i++) {
            const json_t *one = json_array_get(items, i);
            const char *name = json_string_value(json_object_get(one, "name"));

            buf_printf(&b, "%s%s", b.size ? " " : "", name + strlen("Laptop "));
        }
        next = json_string_value(json_object_get(answer, "next"));
        next = next ? arena_str(t->arena, next) : NULL;
    }
    return b.data;
}

static void by_name(void **state)
{
    struct test *t = test_begin();

    (void)state;
    three_owners(t);
    for (int limit = 1; limit < 8; limit++) {
        assert_string_equal(order_of(t, "sort=owner", limit), "five three two four one six");
        assert_string_equal(order_of(t, "sort=-owner", limit), "six one four two three five");
        assert_string_equal(order_of(t, "sort=owner&owner=any", limit), "three two four one six");
        assert_string_equal(order_of(t, "sort=-owner&owner=none", limit), "five");
    }
    test_end(t);
}

static void grouped_and_exported(void **state)
{
    struct test *t = test_begin();
    const char *at[3], *text;

    (void)state;
    three_owners(t);
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme/assets?name.has=laptop&group=type&sort=-owner&limit=200", NULL);
    expect_status(t, 200);
    text = strstr(body(t), "<tbody");
    at[0] = strstr(text, "Laptop one");
    at[1] = strstr(text, "Laptop four");
    at[2] = strstr(text, "Laptop three");
    assert_true(at[0] && at[0] < at[1] && at[1] < at[2]);
    visit(t, METHOD_GET, "/o/acme/assets/export?format=csv&name.has=laptop&sort=owner", NULL);
    expect_status(t, 200);
    text = (const char *)answer_bytes(t).data;
    at[0] = strstr(text, "Laptop five");
    at[1] = strstr(text, "Laptop three");
    at[2] = strstr(text, "Laptop six");
    assert_true(at[0] && at[0] < at[1] && at[1] < at[2]);
    test_end(t);
}

static struct err *take_owner(struct web *w, void *ctx)
{
    (void)ctx;
    return db_exec(w->db,
                   "update asset set owner = null where org_id = $1 and name = 'Laptop three'",
                   num(w->org));
}

/* The row at which a page ended may have another owner by now, or be gone. */
static void owner_gone(void **state)
{
    struct test *t = test_begin();
    const char *next;

    (void)state;
    three_owners(t);
    api(t, "isms-manager", METHOD_GET, "/api/v1/assets?name.has=laptop&sort=owner&limit=2", NULL);
    next = arena_str(t->arena, json_string_value(json_object_get(answer_json(t), "next")));
    assert_ok(app_write(t->w, take_owner, t));
    api(t, "isms-manager", METHOD_GET,
        arena_printf(t->arena, "/api/v1/assets?name.has=laptop&sort=owner&limit=1&after=%s", next),
        NULL);
    expect_status(t, 200);
    expect_text(t, "Laptop two");
    test_end(t);
}

static const char *titles_of(struct test *t, const char *address)
{
    const json_t *items;
    struct buf b;

    buf_init(&b, t->arena, 200);
    api(t, "isms-manager", METHOD_GET, address, NULL);
    expect_status(t, 200);
    items = json_object_get(answer_json(t), "items");
    for (size_t i = 0; i < json_array_size(items); i++)
        buf_printf(&b, "%s%s", b.size ? " " : "",
                   json_string_value(json_object_get(json_array_get(items, i), "title")));
    return b.data;
}

/* Their codes would stand “high low medium urgent”. */
static void by_choice(void **state)
{
    static const char *const priorities[] = {"low", "urgent", "medium", "high"};
    struct test *t = test_begin();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(priorities); i++) {
        struct making m = {.org = t->org, .entity = &task_entity};

        m.set = inputs_with(t, m.set, "title", priorities[i]);
        m.set = inputs_with(t, m.set, "priority", priorities[i]);
        make_record(t, &m);
    }
    assert_string_equal(titles_of(t, "/api/v1/tasks?sort=priority"), "urgent high medium low");
    assert_string_equal(titles_of(t, "/api/v1/tasks?sort=-priority"), "low medium high urgent");
    test_end(t);
}

/* Their bytes would stand "Zebra apple bear zoo Ärger Öl". */
static void as_in_a_dictionary(void **state)
{
    static const char *const words[] = {"zoo", "Ärger", "Zebra", "bear", "apple", "Öl", "Zebra"};
    struct test *t = test_begin();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(words); i++)
        asset(t, arena_printf(t->arena, "Laptop %s", words[i]), 0, "customer-data");
    for (int limit = 1; limit < 9; limit++) {
        assert_string_equal(order_of(t, "sort=name", limit), "apple Ärger bear Öl Zebra Zebra zoo");
        assert_string_equal(order_of(t, "sort=-name", limit),
                            "zoo Zebra Zebra Öl bear Ärger apple");
    }
    test_end(t);
}

const struct test_case list_rank_tests[] = {
    TEST("words are sorted as in a dictionary, whatever their case and accents",
         as_in_a_dictionary),
    TEST("a column of references is sorted by their names, each row once on pages of any size",
         by_name),
    TEST("the order of names holds within groups and in exports", grouped_and_exported),
    TEST("a page goes on although the row where it ended has another owner", owner_gone),
    TEST("a column of choices is sorted as the form lists them", by_choice),
    TEST_END,
};
