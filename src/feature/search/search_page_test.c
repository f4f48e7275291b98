/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/text.h"
#include "core/ticker.h"
#include "feature/risk/risk.h"
#include "visit.h"

static struct err *add_risks(struct web *w, void *ctx)
{
    static const char *const titles[] = {"Überschwemmung im Archiv", "Fire <b>here</b>",
                                         "Backup fails unnoticed"};
    struct issues issues = {.arena = w->arena};

    (void)ctx;
    for (size_t i = 0; i < COUNT_OF(titles); i++) {
        struct risk r = {.title = titles[i], .state = "open", .origin = "own"};

        TRY(entity_write(w, &risk_entity, &r, NULL, &issues));
        assert_int_equal(issues.count, 0);
    }
    return NULL;
}

static struct test *filled(void)
{
    struct test *t = test_begin();

    change(t, add_risks, NULL);
    ticker_round(t->app, false);
    login(t, "isms-manager");
    return t;
}

static void finds_beginnings(void **state)
{
    struct test *t = filled();

    (void)state;
    visit(t, METHOD_GET, "/o/acme/search?q=uberschw+arch", NULL);
    expect_status(t, 200);
    expect_text(t, "Überschwemmung im Archiv");
    expect_text(t, "/o/acme/risks/R-1");
    expect_no_text(t, "Backup fails");
    test_end(t);
}

static void number_jumps(void **state)
{
    static const char *const asked[] = {"R-3", "r3", "r-3"};
    struct test *t = filled();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(asked); i++) {
        visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/search?q=%s", asked[i]), NULL);
        expect_status(t, 303);
        assert_string_equal(header(t, "Location"), "/o/acme/risks/R-3");
    }
    visit(t, METHOD_GET, "/o/acme/search?q=R-99", NULL);
    expect_status(t, 200);
    expect_text(t, "Nothing was found");
    test_end(t);
}

static void empty_teaches(void **state)
{
    struct test *t = filled();

    (void)state;
    visit(t, METHOD_GET, "/o/acme/search", NULL);
    expect_status(t, 200);
    expect_text(t, "Type the beginning");
    visit(t, METHOD_GET, "/o/acme/search?q=zzzz", NULL);
    expect_text(t, "Nothing was found");
    test_end(t);
}

static void text_is_text(void **state)
{
    struct test *t = filled();

    (void)state;
    visit(t, METHOD_GET, "/o/acme/search?q=%3Cb%3Ehere", NULL);
    expect_status(t, 200);
    expect_text(t, "Fire &lt;b&gt;here&lt;/b&gt;");
    visit(t, METHOD_GET, "/o/acme/search?q=%22%27%3B--+OR+*", NULL);
    expect_status(t, 200);
    test_end(t);
}

static void shows_only_the_visible(void **state)
{
    struct test *t = filled();

    (void)state;
    login(t, "employee");
    visit(t, METHOD_GET, "/o/acme/search?q=backup", NULL);
    expect_status(t, 200);
    expect_no_text(t, "Backup fails");
    visit(t, METHOD_GET, "/o/acme/search?q=R-3", NULL);
    expect_status(t, 200);
    login(t, "supplier-contact");
    visit(t, METHOD_GET, "/o/acme/search?q=backup", NULL);
    expect_status(t, 403);
    test_end(t);
}

static void api_answers(void **state)
{
    struct test *t = filled();
    json_t *items;

    (void)state;
    api(t, "isms-manager", METHOD_GET, "/api/v1/search?q=back+unnot", NULL);
    expect_status(t, 200);
    items = json_object_get(answer_json(t), "items");
    assert_int_equal(json_array_size(items), 1);
    assert_string_equal(json_string_value(json_object_get(json_array_get(items, 0), "number")),
                        "R-3");
    api(t, "isms-manager", METHOD_GET, "/api/v1/search", NULL);
    expect_status(t, 400);
    api(t, "other-admin", METHOD_GET, "/api/v1/search?q=back+unnot", NULL);
    expect_status(t, 200);
    assert_int_equal(json_array_size(json_object_get(answer_json(t), "items")), 0);
    test_end(t);
}

static void long_text_is_refused(void **state)
{
    struct test *t = filled();
    char text[300];

    (void)state;
    memset(text, 'a', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    visit(t, METHOD_GET, arena_printf(t->arena, "/o/acme/search?q=%s", text), NULL);
    expect_status(t, 400);
    test_end(t);
}

const struct test_case search_page_tests[] = {
    TEST("words are found by their beginnings, without accents", finds_beginnings),
    TEST("a record number leads straight to the record, an unknown one does not", number_jumps),
    TEST("an empty search and one without hits say how to search", empty_teaches),
    TEST("what is typed and found is text, never markup or an operator", text_is_text),
    TEST("only what a person may see is found", shows_only_the_visible),
    TEST("the API gives the hits of the token's organisation", api_answers),
    TEST("a search of more than 200 characters is refused", long_text_is_refused),
    TEST_END,
};
