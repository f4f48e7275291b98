/* SPDX-License-Identifier: Apache-2.0 */
/* The folding of names and search text: folding twice is folding once, and the result is text
 * without capitals and double spaces. Its siblings keep their promises on the same text. */
#include "base/text.h"
#include "fuzz.h"

static void fold_siblings(struct arena *a, const char *text)
{
    const char *trimmed = text_trim(a, text), *slug = text_slug(a, text);
    const char *url = text_url(a, text);

    CHECK(strcmp(text_trim(a, trimmed), trimmed) == 0 && !strchr(trimmed, '\r'));
    CHECK(*slug && strlen(slug) <= 60);
    CHECK(strspn(slug, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(slug));
    CHECK(!strpbrk(url, "/?#&=+ \"'<>") && text_length(text) <= strlen(text));
}

static bool fuzz_fold(struct arena *a, const char *data, size_t size)
{
    const char *text = arena_strn(a, data, size), *once, *twice;

    once = text_fold(a, text); /* whatever it is, there is a result */
    if (!text_valid(data, size))
        return false;
    twice = text_fold(a, once);
    CHECK(strcmp(once, twice) == 0);
    CHECK(!strpbrk(once, "ABCDEFGHIJKLMNOPQRSTUVWXYZ\r\n\t") && !strstr(once, "  "));
    CHECK(text_valid(once, strlen(once)));
    fold_siblings(a, text);
    return true;
}

FUZZ_TARGET(fold);
