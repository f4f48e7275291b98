/* SPDX-License-Identifier: Apache-2.0 */
#include "out/html.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "test.h"

extern const struct test_case html_tests[];

struct bench {
    struct arena *a;
    struct html h;
};

static struct bench open_bench(void)
{
    struct bench b = {.a = arena_new(0)};

    html_init(&b.h, b.a);
    return b;
}

static void says(struct bench *b, const char *want)
{
    assert_string_equal(b->h.buf.data, want);
    assert_int_equal(b->h.buf.size, strlen(want));
    arena_free(b->a);
}

static void escapes_text(void **state)
{
    struct bench b = open_bench();

    (void)state;
    html(&b.h, "<a title='%s'>%s</a>", "it's \"x\" & <y>", "<script>alert(1)</script>");
    says(&b, "<a title='it&#39;s &quot;x&quot; &amp; &lt;y&gt;'>"
             "&lt;script&gt;alert(1)&lt;/script&gt;</a>");
}

static void escapes_characters(void **state)
{
    struct bench b = open_bench();

    (void)state;
    html(&b.h, "%c%c%c%c%c%c", '<', '>', '&', '"', '\'', 'x');
    says(&b, "&lt;&gt;&amp;&quot;&#39;x");
}

static void cuts_before_it_escapes(void **state)
{
    struct bench b = open_bench();

    (void)state;
    html(&b.h, "%.3s|%.*s|%.0s|%.9s", "a<bcd", 2, "&&&&", "gone", "short");
    says(&b, "a&lt;b|&amp;&amp;||short");
}

static void prints_nothing_for_null(void **state)
{
    struct bench b = open_bench();
    const char *volatile none = NULL;

    (void)state;
    html(&b.h, "[%s]", none);
    html_lines(&b.h, none);
    says(&b, "[]");
}

static void prints_numbers(void **state)
{
    struct bench b = open_bench();

    (void)state;
    html(&b.h, "%d %i %lld %lld %llu %zu %u %ld", 0, -17, (i64)INT64_MIN, (i64)INT64_MAX,
         (u64)UINT64_MAX, (size_t)42, 4294967295U, -5L);
    says(&b,
         "0 -17 -9223372036854775808 9223372036854775807 18446744073709551615 42 4294967295 -5");
}

static void prints_fractions(void **state)
{
    struct bench b = open_bench();

    (void)state;
    html(&b.h, "%.1f %.0f %.3f %f %.*f%%", 1.25, 2.5, -0.0005, 1.0, 2, 99.999);
    says(&b, "1.2 2 -0.001 1.000000 100.00%");
}

static void breaks_lines(void **state)
{
    struct bench b = open_bench();

    (void)state;
    html(&b.h, "%s|", "a\nb");
    html_lines(&b.h, "<b>\ntwo");
    html_trusted(&b.h, "<hr>");
    says(&b, "a\nb|&lt;b&gt;<br>\ntwo<hr>");
}

static void stops_at_the_limit(void **state)
{
    struct arena *a = arena_new((size_t)256 * 1024);
    struct html h;
    size_t size;

    (void)state;
    html_init(&h, a);
    while (!arena_over(a))
        html(&h, "%s", "0123456789012345678901234567890123456789012345678901234567890123456789");
    size = h.buf.size;
    html(&h, "%s", "more");
    html_lines(&h, "more");
    html_trusted(&h, "more");
    assert_int_equal(h.buf.size, size);
    arena_free(a);
}

static void unknown_conversion(void *arg)
{
    struct bench *b = arg;
    /* The compiler refuses it in a literal, so it has to be smuggled in. */
    void (*print)(struct html *, const char *, ...) = html_printf;

    print(&b->h, "%x", 1);
}

static void dies_of_an_unknown_conversion(void **state)
{
    struct bench b = open_bench();

    (void)state;
    assert_true(test_dies(unknown_conversion, &b));
    arena_free(b.a);
}

static void draws_a_page_quickly(void **state)
{
    struct bench b = open_bench();
    i64 best = INT64_MAX;

    (void)state;
    for (int turn = 0; turn < 50; turn++) {
        i64 start = clock_ticks();

        b.h.buf.size = 0;
        for (int row = 0; row < 100; row++) {
            html(&b.h,
                 "<tr><td class='list-main'><a href='/o/%s/risks/R-%d'><span "
                 "class='record-number'>R-%d</span> %s</a></td>",
                 "acme", row, row, "Ransomware encrypts the patient record database & its copies");
            html(&b.h,
                 "<td data-label='%s'><span class='chip %s'>%s</span></td><td>%lld</td></tr>\n",
                 "State", "green", "In treatment", (i64)row * 1000);
        }
        if (clock_ticks() - start < best)
            best = clock_ticks() - start;
    }
    print_message("%zu bytes of page in %lld us\n", b.h.buf.size, best);
    assert_true(b.h.buf.size > 20000);
    arena_free(b.a);
}

const struct test_case html_tests[] = {
    TEST("text is escaped in content and in quoted attributes", escapes_text),
    TEST("single characters are escaped too", escapes_characters),
    TEST("a precision counts the bytes of the text, not of its escaped form",
         cuts_before_it_escapes),
    TEST("NULL prints nothing", prints_nothing_for_null),
    TEST("whole numbers print in all sizes, down to the smallest", prints_numbers),
    TEST("fractions print with the decimals that were asked for", prints_fractions),
    TEST("new lines become breaks only where asked; trusted markup is not escaped", breaks_lines),
    TEST("a page past the limit of its arena grows no more", stops_at_the_limit),
    TEST("an unknown conversion ends the process", dies_of_an_unknown_conversion),
    TEST("a page of 100 rows is written in little time (printed)", draws_a_page_quickly),
    TEST_END,
};
