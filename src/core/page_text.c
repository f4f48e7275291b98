/* SPDX-License-Identifier: Apache-2.0 */
/* Markdown on pages. */
#include "core/page.h"

#define RECORDS_MOST 60 /* looked up in one text; more stay plain */

struct finder {
    struct web *w;
    const struct markdown_words *names;
    int looked;
};

static bool find_record(void *ctx, const char *number, struct markdown_link *out)
{
    struct finder *f = ctx;
    const struct entity *e;
    struct record_head head;
    i64 id;

    /* What is not there, not seen or not found in time is only text. */
    if (f->looked++ >= RECORDS_MOST || record_find(f->w, number, &e, &id) ||
        record_head(f->w, id, &head))
        return false;
    out->address = record_head_url(f->w, &head);
    out->title = head.title;
    return true;
}

static size_t find_name(void *ctx, const char *text, size_t size, struct markdown_link *out)
{
    const struct finder *f = ctx;

    return f->names->mention(f->names->ctx, text, size, out);
}

void page_markdown(struct web *w, const char *text, const struct markdown_words *names)
{
    struct finder f = {.w = w, .names = names};
    const struct markdown_words words = {&f, find_record,
                                         names && names->mention ? find_name : NULL};
    const struct markdown_style style = {.words = &words, .keep_lines = true};

    html(w->html, "<div class='markdown'>");
    markdown(w->html, text, &style);
    html(w->html, "</div>");
}
