/* SPDX-License-Identifier: Apache-2.0 */
/* Reads HTML that was drawn from Markdown and tells what is not allowed in it: an element or
 * attribute that the drawing does not use, an address that is no link, elements that do not nest.
 */
#pragma once

#include <string.h>

#include "base/text.h"
#include "out/markdown.h"

struct markup {
    struct arena *arena;
    const char *at;
    const char *open[256];
    size_t depth;
    const char *wrong;
};

static const char *markup_bad(struct markup *m, const char *what)
{
    m->wrong = m->wrong ? m->wrong : arena_printf(m->arena, "%s: %.60s", what, m->at);
    return m->wrong;
}

static bool markup_known(const char *const *list, size_t n, const char *word)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(list[i], word))
            return true;
    return false;
}

/* The value of an attribute without the escapes of the writer. */
static const char *markup_value(struct markup *m, const char *text, size_t size)
{
    static const char *const codes[][2] = {
        {"&lt;",   "<" },
        {"&gt;",   ">" },
        {"&amp;",  "&" },
        {"&quot;", "\""},
        {"&#39;",  "'" }
    };
    const char *end = text + size;
    struct buf b;

    buf_init(&b, m->arena, size + 1);
    while (text < end) {
        size_t i = 0;

        while (i < COUNT_OF(codes) && !text_starts(text, codes[i][0]))
            i++;
        if (i < COUNT_OF(codes))
            buf_str(&b, codes[i][1]);
        else
            buf_char(&b, *text);
        text += i < COUNT_OF(codes) ? strlen(codes[i][0]) : 1;
    }
    return b.data;
}

static void markup_attribute(struct markup *m)
{
    static const char *const known[] = {"href",  "title", "rel",  "class",
                                        "start", "scope", "role", "aria-label"};
    size_t name = strcspn(m->at, "='<> ");
    const char *value = m->at + name + 2, *end;

    if (strncmp(m->at + name, "='", 2) != 0 ||
        !markup_known(known, COUNT_OF(known), arena_strn(m->arena, m->at, name))) {
        markup_bad(m, "attribute");
        return;
    }
    end = strchr(value, '\'');
    if (!end || memchr(value, '<', (size_t)(end - value)))
        markup_bad(m, "open attribute");
    else if (name == 4 && !strncmp(m->at, "href", 4) &&
             !markdown_address(markup_value(m, value, (size_t)(end - value))))
        markup_bad(m, "address");
    m->at = end ? end + 1 : m->at + strlen(m->at);
}

static void markup_element(struct markup *m)
{
    static const char *const known[] = {
        "a",    "p",     "ul",    "ol",  "li",  "blockquote", "em",    "hr",    "br",
        "h2",   "h3",    "h4",    "h5",  "h6",  "th",         "td",    "tr",    "pre",
        "code", "thead", "tbody", "del", "div", "span",       "table", "strong"};
    bool closing = m->at[1] == '/';
    size_t size = strcspn(m->at + 1 + closing, " >");
    const char *name = arena_strn(m->arena, m->at + 1 + closing, size);
    bool empty = !strcmp(name, "br") || !strcmp(name, "hr");

    if (!markup_known(known, COUNT_OF(known), name)) {
        markup_bad(m, "element");
        return;
    }
    m->at += 1 + closing + size;
    while (!m->wrong && *m->at == ' ') {
        m->at++;
        markup_attribute(m);
    }
    if (*m->at != '>')
        markup_bad(m, "end of element");
    else if (closing && (!m->depth || strcmp(m->open[--m->depth], name) != 0))
        markup_bad(m, "nesting");
    else if (!closing && !empty && !strcmp(name, "a") && markup_known(m->open, m->depth, "a"))
        markup_bad(m, "link in a link");
    else if (!closing && !empty && m->depth == COUNT_OF(m->open))
        markup_bad(m, "depth");
    else if (!closing && !empty)
        m->open[m->depth++] = name;
    m->at++;
}

/* What is wrong with the page, or NULL. */
static const char *markup_wrong(struct arena *a, const char *page)
{
    struct markup m = {.arena = a, .at = page};

    while (*m.at && !m.wrong) {
        if (*m.at == '<')
            markup_element(&m);
        else if (strchr(">\"'", *m.at++))
            m.at--, markup_bad(&m, "bare sign");
    }
    return m.wrong ? m.wrong : m.depth ? "an element is left open" : NULL;
}
