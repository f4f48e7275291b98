/* SPDX-License-Identifier: Apache-2.0 */
#include "base/words.h"

#include <string.h>

#include "out/html.h"
#include "test.h"

static const char po[] = "msgid \"\"\nmsgstr \"\"\n\"Language: de\\n\"\n"
                         "\"Plural-Forms: nplurals=2; plural=(n != 1);\\n\"\n"
                         "\"X-Thousands: .\\n\"\n\"X-Decimal: ,\\n\"\n\"X-Date: %d.%m.%Y\\n\"\n\n"
                         "#: a.c\nmsgid \"Open tasks\"\nmsgstr \"Offene Aufgaben\"\n\n"
                         "msgid \"Due on %s\"\nmsgstr \"\"\n\"Fällig am \"\n\"%s\"\n\n"
                         "#, fuzzy\nmsgid \"Guess\"\nmsgstr \"Vermutung\"\n\n"
                         "#, c-format\nmsgid \"Wrong %s\"\nmsgstr \"Falsch %lld\"\n\n"
                         "msgid \"Mark\"\nmsgstr \"<b>\"\n\n"
                         "msgid \"%lld task\"\nmsgid_plural \"%lld tasks\"\n"
                         "msgstr[0] \"%lld Aufgabe\"\nmsgstr[1] \"%lld Aufgaben\"\n";

static int wrong_lines;

static void wrong(int line, const char *why)
{
    (void)why;
    wrong_lines = wrong_lines * 100 + line;
}

/* One page drawn in German, by somebody who then leaves the thread in English again. */
static const char *drawn(void (*draw)(struct html *h), struct arena *a)
{
    struct words *german = words_read(po, sizeof po - 1, NULL);
    const struct words *before = words_use(german);
    struct html h;

    html_init(&h, a);
    draw(&h);
    words_use(before);
    words_free(german);
    return h.buf.data;
}

static void draw_sentences(struct html *h)
{
    html(h, "<h2>{Open tasks}</h2><p>{Due on %s}</p><p>{Nothing known}</p>", "<1>");
    html(h, "<i>{%lld task|%lld tasks}</i><i>{%lld task|%lld tasks}</i>{Mark}", 1LL, 1LL, 2LL, 2LL);
}

static void translated(void **state)
{
    struct arena *a = arena_new(0);

    (void)state;
    assert_string_equal(drawn(draw_sentences, a),
                        "<h2>Offene Aufgaben</h2><p>Fällig am &lt;1&gt;</p><p>Nothing known</p>"
                        "<i>1 Aufgabe</i><i>2 Aufgaben</i>&lt;b&gt;");
    arena_free(a);
}

static void draw_number(struct html *h)
{
    html(h, "% lld % .1f %.1f", 1234567LL, 2.5, 2.5);
}

static void numbers(void **state)
{
    struct arena *a = arena_new(0);

    (void)state;
    assert_string_equal(drawn(draw_number, a), "1.234.567 2,5 2.5");
    assert_string_equal(words_number(a, -1234), "-1,234");
    assert_string_equal(words_number(a, 999), "999");
    arena_free(a);
}

static void dates(void **state)
{
    struct arena *a = arena_new(0);
    struct words *german = words_read(po, sizeof po - 1, NULL);

    (void)state;
    assert_string_equal(words_date(a, "2026-11-28"), "2026-11-28");
    words_use(german);
    assert_string_equal(words_date(a, "2026-11-28"), "28.11.2026");
    assert_string_equal(words_date(a, "soon"), "soon");
    words_use(NULL);
    words_free(german);
    arena_free(a);
}

static void left_out(void **state)
{
    struct words *german = words_read(po, sizeof po - 1, wrong);

    (void)state;
    assert_int_equal(wrong_lines, 23);
    words_use(german);
    assert_string_equal(tr("Wrong %s"), "Wrong %s");
    assert_string_equal(tr("Guess"), "Guess");
    assert_string_equal(tr("Open tasks"), "Offene Aufgaben");
    assert_int_equal(words_count(german), 4);
    words_use(NULL);
    words_free(german);
}

static void slavic_plural(void **state)
{
    static const char polish[] =
        "msgid \"\"\nmsgstr \"Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && "
        "(n%100<10 || n%100>=20) ? 1 : 2);\\n\"\n\nmsgid \"%lld file\"\nmsgid_plural \"%lld "
        "files\"\nmsgstr[0] \"%lld plik\"\nmsgstr[1] \"%lld pliki\"\nmsgstr[2] \"%lld plików\"\n";
    struct words *w = words_read(polish, sizeof polish - 1, NULL);

    (void)state;
    words_use(w);
    assert_string_equal(tr_n("%lld file", "%lld files", 1), "%lld plik");
    assert_string_equal(tr_n("%lld file", "%lld files", 23), "%lld pliki");
    assert_string_equal(tr_n("%lld file", "%lld files", 12), "%lld plików");
    words_use(NULL);
    words_free(w);
}

const struct test_case words_tests[] = {
    TEST("words in braces are shown in the reader's language, escaped; unknown ones in English",
         translated),
    TEST("numbers are grouped as the language does", numbers),
    TEST("dates are written as the language does", dates),
    TEST("a translation with other conversions than the English text is left out and told",
         left_out),
    TEST("plural forms follow the expression of the language's file", slavic_plural),
    TEST_END};
