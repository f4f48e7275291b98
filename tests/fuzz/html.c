/* SPDX-License-Identifier: Apache-2.0 */
/* The HTML writer: no text can end an element or an attribute, and reading it back gives it. */
#include "out/html.h"
#include "base/text.h"
#include "fuzz.h"

static char *html_plain(struct arena *a, const char *markup)
{
    static const struct {
        const char *code;
        char is;
    } codes[] = {
        {"&lt;",   '<' },
        {"&gt;",   '>' },
        {"&amp;",  '&' },
        {"&quot;", '"' },
        {"&#39;",  '\''}
    };
    struct buf b;

    buf_init(&b, a, strlen(markup) + 1);
    while (*markup) {
        size_t i = 0;

        while (i < COUNT_OF(codes) && !text_starts(markup, codes[i].code))
            i++;
        /* Every & is the start of one of our five. */
        CHECK(i < COUNT_OF(codes) || *markup != '&');
        buf_char(&b, i < COUNT_OF(codes) ? codes[i].is : *markup);
        markup += i < COUNT_OF(codes) ? strlen(codes[i].code) : 1;
    }
    return b.data;
}

static bool fuzz_html(struct arena *a, const char *data, size_t size)
{
    const char *text = arena_strn(a, data, size);
    struct html page, lines;
    const char *left;
    size_t breaks = 0, marks = 0, ends = 0;

    html_init(&page, a);
    html(&page, "%s", text);
    CHECK(!strpbrk(page.buf.data, "<>\"'"));
    CHECK(strcmp(html_plain(a, page.buf.data), text) == 0);
    page.buf.data[page.buf.size = 0] = '\0';
    html(&page, "%.*s", (int)(size / 2), text);
    CHECK(!strpbrk(page.buf.data, "<>\"'"));

    html_init(&lines, a);
    html_lines(&lines, text);
    left = lines.buf.data;
    for (const char *s = text; *s; s++)
        breaks += *s == '\n';
    for (; *left; left++) {
        marks += text_starts(left, "<br>");
        ends += *left == '<' || *left == '>';
    }
    CHECK(marks == breaks && ends == 2 * breaks);
    return strlen(text) == size;
}

FUZZ_TARGET(html);
