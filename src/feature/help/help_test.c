/* SPDX-License-Identifier: Apache-2.0 */
/* Help through the real dispatcher: every page of the side bar and every kind of record has one. */
#include "feature/help/help.h"

#include <string.h>

#include "base/text.h"
#include "core/help.h"
#include "fuzz/markup.h"
#include "maker.h"

extern const struct test_case help_tests[];

static void pages_lead_to_their_help(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme", NULL);
    expect_text(t, "href='/o/acme/help/home' data-help");
    visit(t, METHOD_GET, "/o/acme/risks", NULL);
    expect_text(t, "href='/o/acme/help/risks' data-help");
    visit(t, METHOD_GET, "/o/acme/risks/ranking", NULL);
    expect_text(t, "href='/o/acme/help/risks-ranking' data-help");
    visit(t, METHOD_GET, "/o/acme/risks/new", NULL);
    expect_text(t, "href='/o/acme/help/risks' data-help");
    logout(t);
    visit(t, METHOD_GET, "/login", NULL);
    expect_text(t, "href='/help/sign-in' data-help");
    visit(t, METHOD_GET, "/help/sign-in", NULL);
    expect_status(t, 200);
    test_end(t);
}

static void texts_are_drawn_and_searched(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "employee");
    visit(t, METHOD_GET, "/o/acme/help/risks", NULL);
    expect_status(t, 200);
    expect_text(t, "<h2>What it is for</h2>");
    expect_text(t, "ISO/IEC 27001:2022: 6.1.2, 8.2");
    visit(t, METHOD_GET, "/o/acme/help/risks?part=1", NULL);
    expect_no_text(t, "<html");
    expect_text(t, "<h3>What it is for</h3>");
    visit(t, METHOD_GET, "/o/acme/help?q=likelihood", NULL);
    expect_text(t, "/help/risks'");
    expect_no_text(t, "/help/sign-in'");
    visit(t, METHOD_GET, "/o/acme/help?q=zzzzz", NULL);
    expect_text(t, "No help holds these words");
    visit(t, METHOD_GET, "/o/acme/help/nothing", NULL);
    expect_status(t, 404);
    test_end(t);
}

static void every_text_is_whole(void **state)
{
    static const char *const sections[] = {"## What it is for\n", "## What good looks like\n",
                                           "## Common mistakes\n", "## What an auditor looks for\n",
                                           "\n> "};
    struct test *t = test_begin();
    const char *const *names;
    size_t n = help_names(t->w, &names);

    (void)state;
    assert_true(n >= 40);
    for (size_t i = 0; i < n; i++) {
        struct html page;
        struct help h;

        assert_true(help_find(t->w, names[i], &h));
        for (size_t k = 0; k < COUNT_OF(sections); k++)
            if (!strstr(h.text, sections[k]))
                fail_msg("content/help/%s.md lacks “%s”", names[i], sections[k]);
        html_init(&page, t->arena);
        markdown(&page, h.text, NULL);
        assert_null(markup_wrong(t->arena, page.buf.data));
    }
    test_end(t);
}

/* Each page of an organisation or before one: help opens from it. */
static void look_for_help(struct test *t, const struct route_entry *e, const char *address,
                          void *ctx)
{
    int *pages = ctx;
    const char *text;

    if (e->route->method != METHOD_GET || strstr(address, "/help"))
        return;
    visit(t, METHOD_GET, address, NULL);
    text = body(t);
    if (status(t) != 200 || !text_starts(text, "<!doctype html>") || !strstr(text, "<h1"))
        return;
    ++*pages;
    if (!strstr(text, " data-help"))
        fail_msg("no help opens from %s", address);
}

static void every_page_has_help(void **state)
{
    struct test *t = test_begin();
    int pages = 0;

    (void)state;
    login(t, "admin");
    each_route(t, look_for_help, &pages);
    login(t, "isms-manager");
    each_route(t, look_for_help, &pages);
    if (pages < 250)
        fail_msg("only %d pages were looked at", pages);
    test_end(t);
}

static int sections_of(const char *text)
{
    int n = text_starts(text, "## ");

    while ((text = strstr(text, "\n## "))) {
        text++;
        n++;
    }
    return n;
}

static void every_text_in_each_language(void **state)
{
    struct test *t = test_begin();
    const char *const *names;
    size_t n = help_names(t->w, &names);
    struct help english, german;

    (void)state;
    for (size_t i = 0; i < n; i++) {
        t->w->language = "en";
        assert_true(help_find(t->w, names[i], &english));
        t->w->language = "de";
        assert_true(help_find(t->w, names[i], &german));
        if (text_equal(english.lead, german.lead))
            fail_msg("content/help/de/%s.md is missing", names[i]);
        if (sections_of(english.text) != sections_of(german.text) || !strstr(german.text, "\n> "))
            fail_msg("content/help/de/%s.md has not the sections of the English one", names[i]);
        assert_string_equal(english.clause, german.clause);
    }
    test_end(t);
}

const struct test_case help_tests[] = {
    TEST("each page leads to its own help, also before signing in", pages_lead_to_their_help),
    TEST("a text is drawn, found by its words, and nothing else is served",
         texts_are_drawn_and_searched),
    TEST("from every page that answers, help opens", every_page_has_help),
    TEST("every text is there in each language, whole and with the same clause",
         every_text_in_each_language),
    TEST("every text tells purpose, example, mistakes and what auditors look for",
         every_text_is_whole),
    TEST_END,
};
