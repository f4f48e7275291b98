/* SPDX-License-Identifier: Apache-2.0 */
/* The reader's language, through the whole program. */
#include "core/language.h"

#include <string.h>

#include "base/words.h"
#include "test.h"
#include "visit.h"

static void by_header(void **state)
{
    struct test *t = test_begin();

    (void)state;
    assert_string_equal(language_accepted("de-CH,de;q=0.9,en;q=0.8"), "de");
    assert_string_equal(language_accepted("en-GB,en;q=0.9,de;q=0.5"), "en");
    assert_string_equal(language_accepted("fr, xx;q=0.7, DE;q=0.3"), "de");
    assert_string_equal(language_accepted("de;q=0"), "en");
    assert_string_equal(language_accepted("tlh"), "en");
    assert_string_equal(language_accepted(NULL), "en");
    test_end(t);
}

static void own_choice(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_GET, "/o/acme", NULL);
    expect_text(t, "<html lang='en'>");
    expect_text(t, "Skip to the content");
    visit(t, METHOD_POST, "/account/settings", "language=de&zone=America/New_York");
    expect_status(t, 303);
    visit(t, METHOD_GET, "/o/acme", NULL);
    expect_text(t, "<html lang='de'>");
    expect_text(t, "Zum Inhalt springen");
    expect_no_text(t, "Skip to the content");
    visit(t, METHOD_GET, "/o/acme/risks/R-999", NULL);
    expect_text(t, "Nicht gefunden");
    visit(t, METHOD_POST, "/account/settings", "language=&zone=");
    expect_status(t, 303);
    visit(t, METHOD_GET, "/o/acme", NULL);
    expect_text(t, "<html lang='en'>");
    test_end(t);
}

static void unknown_refused(void **state)
{
    struct test *t = test_begin();

    (void)state;
    login(t, "isms-manager");
    visit(t, METHOD_POST, "/account/settings", "language=tlh&zone=");
    expect_status(t, 422);
    expect_text(t, "There is no language “tlh” here.");
    visit(t, METHOD_POST, "/account/settings", "language=de&zone=Mars/Base");
    expect_status(t, 422);
    expect_text(t, "is not a known time zone");
    visit(t, METHOD_GET, "/o/acme", NULL);
    expect_text(t, "<html lang='en'>");
    test_end(t);
}

const struct test_case language_tests[] = {
    TEST("the browser's languages are weighed; what is not known is passed over", by_header),
    TEST("a person reads pages and refusals in the language they chose, and English again",
         own_choice),
    TEST("an unknown language or time zone is refused and nothing is stored", unknown_refused),
    TEST_END};
