/* SPDX-License-Identifier: Apache-2.0 */
/* Markdown as pages and as plain text: what people write, and what attackers write (trust.md checks
 * 56, 58 and 60). */
#include "out/markdown.h"

#include <stdio.h>
#include <string.h>

#include "fuzz/markup.h"
#include "test.h"

extern const struct test_case markdown_tests[];

static bool find_record(void *ctx, const char *number, struct markdown_link *out)
{
    (void)ctx;
    *out = (struct markdown_link){.address = "/o/acme/risks/R-42", .title = "Laptop <stolen>"};
    return !strcmp(number, "R-42");
}

static size_t find_person(void *ctx, const char *text, size_t size, struct markdown_link *out)
{
    static const char *const names[] = {"Anna Berg", "Anna", "P-12"};

    (void)ctx, (void)size;
    *out = (struct markdown_link){.title = "Anna Berg"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (text_starts(text, names[i]))
            return strlen(names[i]);
    return 0;
}

static const struct markdown_words words = {NULL, find_record, find_person};

static const char *draw(struct arena *a, const char *text)
{
    const struct markdown_style style = {.words = &words, .keep_lines = true};
    const char *wrong;
    struct html h;

    html_init(&h, a);
    markdown(&h, text, &style);
    wrong = markup_wrong(a, h.buf.data);
    if (wrong)
        fail_msg("%s\nis drawn as\n%s\n%s", text, h.buf.data, wrong);
    return h.buf.data;
}

static void gives(const char *text, const char *page)
{
    struct arena *a = arena_new(0);

    assert_string_equal(draw(a, text), page);
    arena_free(a);
}

static void plain_gives(const char *text, const char *plain)
{
    struct arena *a = arena_new(0);

    assert_string_equal(markdown_plain(a, text), plain);
    arena_free(a);
}

static void draws_what_people_write(void **state)
{
    (void)state;
    gives("Hello\nthere", "<p>Hello<br>\nthere</p>\n");
    gives("a **b** *c* `d` ~~e~~",
          "<p>a <strong>b</strong> <em>c</em> <code>d</code> <del>e</del></p>\n");
    gives("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n");
    gives("3. a\n4. b", "<ol start='3'>\n<li>a</li>\n<li>b</li>\n</ol>\n");
    gives("> a", "<blockquote>\n<p>a</p>\n</blockquote>\n");
    gives("```\na < b\n```", "<pre><code>a &lt; b\n</code></pre>\n");
    gives("|a|b|\n|---|--:|\n|1|2|",
          "<div class='table-responsive'><table class='table table-sm'>\n<thead><tr>"
          "<th scope='col'>a</th><th scope='col' class='num'>b</th></tr>\n</thead><tbody><tr>"
          "<td>1</td><td class='num'>2</td></tr>\n</tbody></table></div>\n");
    gives("- [x] a\n- [ ] b",
          "<ul>\n<li class='task'><span class='tick' role='img' aria-label='done'>☑</span> a</li>\n"
          "<li class='task'><span class='tick' role='img' aria-label='to do'>☐</span> b</li>\n"
          "</ul>\n");
    gives("", "");
}

static void headings_never_skip_a_level(void **state)
{
    (void)state;
    gives("### a\n###### b\n# c", "<h4>a</h4>\n<h5>b</h5>\n<h4>c</h4>\n");
}

static void links_lead_where_they_may(void **state)
{
    (void)state;
    gives("[a](https://example.com/?a=1&b='2')",
          "<p><a href='https://example.com/?a=1&amp;b=&#39;2&#39;' "
          "rel='noopener noreferrer nofollow'>a</a></p>\n");
    gives("[a](/o/acme/risks) [b](#CM-2) [c](mailto:a@b.c)",
          "<p><a href='/o/acme/risks'>a</a> <a href='#CM-2'>b</a> "
          "<a href='mailto:a@b.c' rel='noopener noreferrer nofollow'>c</a></p>\n");
    gives("https://example.com/x", "<p><a href='https://example.com/x' "
                                   "rel='noopener noreferrer nofollow'>https://example.com/x</a>"
                                   "</p>\n");
}

static void other_addresses_are_text(void **state)
{
    static const char *const bad[] = {
        "javascript:alert(1)", "JaVaScRiPt:alert(1)",   "data:text/html,<x>",
        "vbscript:x",          "//evil.example/x",      "/\\\\evil.example",
        "file:///etc/passwd",  "javascript&colon;x",    "&#106;avascript&#58;x",
        "java&#10;script:x",   "&#x6A;avascript:x",     "javascript&#x3A;x",
        "&#1;javascript:x",    "feed:javascript:x",     "blob:x",
        "java&Tab;script:x",   "javascript&#0000058;x", "view-source:x",
    };
    struct arena *a = arena_new(0);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        const char *page =
            draw(a, arena_printf(a, "[go](%s) ![go](%s) <%s>", bad[i], bad[i], bad[i]));
        if (strstr(page, "<a "))
            fail_msg("%s became a link: %s", bad[i], page);
    }
    arena_free(a);
}

static void html_is_text(void **state)
{
    static const char *const attacks[] = {
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        "<div>\n<p onclick=x>\n</div>",
        "<!-- --><iframe srcdoc='<script>1</script>'></iframe>",
        "<![CDATA[<script>1</script>]]>",
        "<?php x ?>",
        "<a href=\"javascript:1\">x</a>",
        "[a]('onmouseover='x)",
        "[a](<x' onmouseover='x>)",
        "[a](/x \"' onmouseover='alert(1)\")",
        "![a' onerror='x](/x \"' onerror='x\")",
        "`</code><script>1</script>`",
        "```</code></pre><script>\n</code></pre><script>1</script>\n```",
        "|</td><script>|\n|---|\n|<script>1</script>|",
        "# </h1><script>1</script>",
        "[</a><script>1</script>](/x)",
        "[x]: javascript:alert(1)\n[x]",
        "[![x](javascript:1)](javascript:2)",
        "<https://x.y/'onclick=x//>",
        "https://x.y/\"onclick=x",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "&#60;script&#62;",
        "${7*7} {{7*7}} <%= 7*7 %> %n%s%n #{7*7}",
        "@Anna<script> R-42<script>",
    };
    struct arena *a = arena_new(0);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(attacks); i++) {
        const char *page = draw(a, attacks[i]);
        if (strstr(page, "<script") || strstr(page, "<img") || strstr(page, "<svg") ||
            strstr(page, " onmouseover='") || strstr(page, " onclick='"))
            fail_msg("%s\nbecame\n%s", attacks[i], page);
    }
    gives("${7*7} %n%s {{x}}", "<p>${7*7} %n%s {{x}}</p>\n");
    arena_free(a);
}

static void pictures_are_links(void **state)
{
    (void)state;
    gives("![map](https://example.com/m.png)",
          "<p><a href='https://example.com/m.png' rel='noopener noreferrer nofollow'>map</a>"
          "</p>\n");
    gives("[![map](/a.png)](/b)", "<p><a href='/b'>map</a></p>\n");
    gives("![a [b](/c)](/d)", "<p><a href='/d'>a b</a></p>\n");
}

static void words_are_found(void **state)
{
    (void)state;
    gives("See R-42.", "<p>See <a class='word' href='/o/acme/risks/R-42' "
                       "title='Laptop &lt;stolen&gt;'>R-42</a>.</p>\n");
    gives("@Anna Berg, look", "<p><span class='word' title='Anna Berg'>@Anna Berg</span>, look"
                              "</p>\n");
    gives("(@P-12)", "<p>(<span class='word' title='Anna Berg'>@P-12</span>)</p>\n");
}

static void other_words_are_not_found(void **state)
{
    (void)state;
    gives("XR-42 R-420 R-43 aR-42 R-42x R-", "<p>XR-42 R-420 R-43 aR-42 R-42x R-</p>\n");
    gives("x@Anna @Bert @ @@Anna", "<p>x@Anna @Bert @ @@Anna</p>\n");
    gives("`R-42 @Anna`", "<p><code>R-42 @Anna</code></p>\n");
    gives("[R-42 @Anna](/x)", "<p><a href='/x'>R-42 @Anna</a></p>\n");
}

static void plain_text_reads_well(void **state)
{
    (void)state;
    plain_gives("# Title\n\nSome *text* with [a link](https://example.com) and **weight**.",
                "Title\n\nSome text with a link <https://example.com> and weight.\n");
    plain_gives("- one\n- two\n  - three\n1. a\n2. b", "- one\n- two\n  - three\n\n1. a\n2. b\n");
    plain_gives("> quoted\n> twice", "> quoted\n> twice\n");
    plain_gives("```\nx\n  y\n```", "    x\n      y\n");
    plain_gives("|a|b|\n|---|---|\n|1|2|", "a | b\n1 | 2\n");
    plain_gives("https://example.com [x](javascript:1) &lt;b&gt;", "https://example.com x <b>\n");
    plain_gives("", "");
    plain_gives("- [x] done\n- [ ] open", "- [x] done\n- [ ] open\n");
}

static void excerpts_are_one_line(void **state)
{
    struct arena *a = arena_new(0);

    (void)state;
    assert_string_equal(markdown_excerpt(a, "# Big\n\nnews **today**\nand more", 100),
                        "Big news today and more");
    assert_string_equal(markdown_excerpt(a, "eins zwei drei", 9), "eins zwei…");
    assert_string_equal(markdown_excerpt(a, "ééééé", 3), "ééé…");
    assert_string_equal(markdown_excerpt(a, " \n ", 3), "");
    arena_free(a);
}

/* --- texts made to hurt --- */

static const char *repeated(struct arena *a, const char *text, size_t times)
{
    struct buf b;

    buf_init(&b, a, strlen(text) * times + 1);
    for (size_t i = 0; i < times; i++)
        buf_str(&b, text);
    return b.data;
}

static void survives_what_is_made_to_hurt(void **state)
{
    static const char *const parts[] = {
        "[",           "]",      "*",        "_",      "~",        "`",      "<",     ">",
        "![",          "[a](",   "[](",      "*a _b ", "**a __b ", "|",      "\\",    "&",
        "&#",          "- ",     "> - ",     "1. ",    "\n",       "# ",     "a\n",   "<a",
        "<!--",        "<?",     "[a]: b\n", "|-",     "@",        "@Anna ", "R-42 ", "www.a.b ",
        "http://a.b ", "a@b.c ", "`a``",     "*[a*",   "**",       "x*x*",   "\t",    "  \n",
        "~~~\n",       "[^1]",   "](",       "[a][",   "<<",       "a**b",   "_a_",   "\xC2\xA0",
    };
    struct arena *a;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        const char *text;

        a = arena_new(0);
        text = repeated(a, parts[i], 16384 / strlen(parts[i]));
        draw(a, text);
        markdown_plain(a, text);
        if (arena_used(a) > (size_t)12 * 1024 * 1024)
            fail_msg("“%s” repeated takes %zu bytes", parts[i], arena_used(a));
        arena_free(a);
    }
}

static void bombs_are_drawn_as_typed(void **state)
{
    struct arena *a = arena_new(0);
    const char *head =
        arena_printf(a, "%s|\n%s|\n", repeated(a, "|a", 100), repeated(a, "|---", 100));
    const char *table = arena_printf(a, "%s%s", head, repeated(a, "|\n", 20000));
    const char *links = arena_printf(a, "[a]: http://x/%s\n\n%s", repeated(a, "y", 20000),
                                     repeated(a, "[a]", 10000));
    const char *longer = repeated(a, "**a** ", MARKDOWN_MOST / 5);

    (void)state;
    assert_null(strstr(draw(a, table), "<table"));
    assert_null(strstr(draw(a, links), "<a "));
    assert_null(strstr(draw(a, longer), "<strong"));
    assert_non_null(strstr(draw(a, longer), "**a**"));
    arena_free(a);
}

static void deep_nesting_keeps_its_text(void **state)
{
    struct arena *a = arena_new(0);
    const char *page = draw(a, arena_printf(a, "%s deep", repeated(a, ">", 2000)));

    (void)state;
    assert_contains(page, "deep");
    page = draw(a, arena_printf(a, "%sdeep", repeated(a, "- ", 500)));
    assert_contains(page, "deep");
    arena_free(a);
}

const struct test_case markdown_tests[] = {
    TEST("paragraphs, emphasis, lists, quotes, code and tables are drawn", draws_what_people_write),
    TEST("headings go below those of the page and never skip a level", headings_never_skip_a_level),
    TEST("links lead to the web, to mail and into this server", links_lead_where_they_may),
    TEST("an address of any other kind stays text, however it is written",
         other_addresses_are_text),
    TEST("HTML in a text is text, and so is the language of templates", html_is_text),
    TEST("a picture is a link and is never loaded; nothing is a link inside a link",
         pictures_are_links),
    TEST("record numbers and names after an @ are found as whole words", words_are_found),
    TEST("nothing is found inside words, code and links", other_words_are_not_found),
    TEST("plain text for mails keeps lists, quotes, code and addresses", plain_text_reads_well),
    TEST("an excerpt is one line and ends between characters", excerpts_are_one_line),
    TEST("no sign repeated through 16 KB needs more than 12 MB", survives_what_is_made_to_hurt),
    TEST("texts that would grow out of proportion are drawn as they were typed",
         bombs_are_drawn_as_typed),
    TEST("what is nested too deep still shows its text", deep_nesting_keeps_its_text),
    TEST_END,
};
