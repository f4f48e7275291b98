/* SPDX-License-Identifier: Apache-2.0 */
/* Markdown: whatever the text is, the page holds only elements, attributes and addresses that the
 * drawing uses, properly nested, and is not out of proportion; nor is the plain text. */
#include "out/markdown.h"
#include "base/text.h"
#include "fuzz.h"
#include "markup.h"

static bool markdown_record(void *ctx, const char *number, struct markdown_link *out)
{
    CHECK(ctx && strchr(number, '-') && strlen(number) <= 15);
    *out = (struct markdown_link){.address = "/o/acme/risks/R-1", .title = "<'\"&"};
    return number[0] == 'R';
}

static size_t markdown_mention(void *ctx, const char *text, size_t size, struct markdown_link *out)
{
    CHECK(ctx && strlen(text) == size && size > 0);
    *out = (struct markdown_link){0};
    return *text == 'A' ? 1 : 0;
}

static bool fuzz_markdown(struct arena *a, const char *data, size_t size)
{
    const char *text = arena_strn(a, data, size), *plain;
    const struct markdown_words words = {a, markdown_record, markdown_mention};
    const struct markdown_style style = {.words = &words, .heading = 3, .keep_lines = true};
    struct html page;

    if (strlen(text) != size || !text_valid(text, size))
        return false;
    html_init(&page, a);
    markdown(&page, text, &style);
    CHECK(!markup_wrong(a, page.buf.data));
    CHECK(page.buf.size <= size * 64 + ((size_t)64 * 1024));
    CHECK(text_valid(page.buf.data, page.buf.size));
    plain = markdown_plain(a, text);
    CHECK(strlen(plain) <= size * 32 + 8192 && text_valid(plain, strlen(plain)));
    CHECK(text_length(markdown_excerpt(a, text, 80)) <= 81);
    return true;
}

FUZZ_TARGET(markdown);
