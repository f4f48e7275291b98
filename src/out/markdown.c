/* SPDX-License-Identifier: Apache-2.0 */
/* Markdown as HTML. md4c calls us for each block, span and run of text; text is collected until
 * something else comes, so that a record number is never seen in halves. */
#include "out/markdown.h"

#include <string.h>

#include "base/text.h"
#include "out/markdown_part.h"

#define ROOM_FACTOR 24 /* a page may be that many times longer than its text */
#define ROOM_LEAST ((size_t)16 * 1024)

struct drawing {
    struct html *h;
    const struct markdown_style *style;
    struct buf text; /* collected, not yet drawn */
    size_t limit;    /* of the page's bytes */
    int blocks, spans;
    int links; /* links and pictures inside each other; the outermost one is drawn */
    bool link_open, code;
    int heading, last_heading; /* level of the open one; of the one before, 0 = none */
    int base;                  /* level in the text of its first heading */
};

static int too_much(const struct drawing *d)
{
    return d->h->buf.size > d->limit;
}

/* Buffers rely on zeroes after their end. */
static void cut(struct buf *b, size_t size)
{
    memset(b->data + size, 0, b->size - size);
    b->size = size;
}

/* --- text --- */

static void draw_word(struct drawing *d, const char *word, size_t size,
                      const struct markdown_link *link)
{
    if (link->address)
        html(d->h, "<a class='word' href='%s'", link->address);
    else
        html(d->h, "<span class='word'");
    if (link->title)
        html(d->h, " title='%s'", link->title);
    html(d->h, ">%.*s", (int)size, word);
    if (link->address)
        html(d->h, "</a>");
    else
        html(d->h, "</span>");
}

static void draw_words(struct drawing *d, struct markdown_run run)
{
    struct markdown_word word;

    while (markdown_next(d->text.arena, d->style->words, run, &word)) {
        size_t end = word.start + word.size;

        html(d->h, "%.*s", (int)word.start, run.text);
        draw_word(d, run.text + word.start, word.size, &word.link);
        run = (struct markdown_run){run.text + end, run.size - end};
    }
    html(d->h, "%s", run.text);
}

static void flush(struct drawing *d)
{
    if (!d->text.size)
        return;
    if (d->links || d->code)
        html(d->h, "%s", d->text.data);
    else
        draw_words(d, (struct markdown_run){d->text.data, d->text.size});
    cut(&d->text, 0);
}

static int on_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE size, void *ctx)
{
    struct drawing *d = ctx;

    if (type == MD_TEXT_BR || (type == MD_TEXT_SOFTBR && d->style->keep_lines)) {
        flush(d);
        html(d->h, "<br>\n");
    } else if (type == MD_TEXT_SOFTBR) {
        buf_char(&d->text, '\n');
    } else if (type == MD_TEXT_NULLCHAR) {
        buf_str(&d->text, "\xEF\xBF\xBD");
    } else if (type == MD_TEXT_ENTITY) {
        markdown_entity(&d->text, text, size);
    } else {
        buf_add(&d->text, text, size);
    }
    return too_much(d);
}

/* --- blocks --- */

/* Headings of the text go below those of the page, and none is skipped: readers of the page by ear
 * move from heading to heading. */
static int heading_level(struct drawing *d, unsigned level)
{
    int first = d->style->heading ? d->style->heading : 4;
    int wanted;

    if (!d->base)
        d->base = (int)level;
    wanted = first + ((int)level > d->base ? (int)level - d->base : 0);
    if (wanted > 6)
        wanted = 6;
    if (d->last_heading && wanted > d->last_heading + 1)
        wanted = d->last_heading + 1;
    return d->last_heading = wanted;
}

static void draw_item(struct drawing *d, const MD_BLOCK_LI_DETAIL *item)
{
    if (!item->is_task)
        html(d->h, "<li>");
    else if (item->task_mark == ' ')
        html(d->h, "<li class='task'><span class='tick' role='img' aria-label='{to do}'>☐</span> ");
    else
        html(d->h, "<li class='task'><span class='tick' role='img' aria-label='{done}'>☑</span> ");
}

static void draw_cell(struct drawing *d, const char *tag, const MD_BLOCK_TD_DETAIL *cell)
{
    if (*tag == 'h')
        html(d->h, "<th scope='col'");
    else
        html(d->h, "<td");
    if (cell->align == MD_ALIGN_CENTER)
        html(d->h, " class='text-center'");
    else if (cell->align == MD_ALIGN_RIGHT)
        html(d->h, " class='num'");
    html(d->h, ">");
}

static void open_list(struct drawing *d, const MD_BLOCK_OL_DETAIL *list)
{
    if (list->start == 1)
        html(d->h, "<ol>\n");
    else
        html(d->h, "<ol start='%u'>\n", list->start);
}

static void open_block(struct drawing *d, MD_BLOCKTYPE type, void *detail)
{
    switch (type) {
    case MD_BLOCK_QUOTE:
        html(d->h, "<blockquote>\n");
        break;
    case MD_BLOCK_UL:
        html(d->h, "<ul>\n");
        break;
    case MD_BLOCK_OL:
        open_list(d, detail);
        break;
    case MD_BLOCK_LI:
        draw_item(d, detail);
        break;
    case MD_BLOCK_HR:
        html(d->h, "<hr>\n");
        break;
    case MD_BLOCK_H:
        d->heading = heading_level(d, ((MD_BLOCK_H_DETAIL *)detail)->level);
        html(d->h, "<h%d>", d->heading);
        break;
    case MD_BLOCK_CODE:
        html(d->h, "<pre><code>");
        break;
    case MD_BLOCK_P:
        html(d->h, "<p>");
        break;
    case MD_BLOCK_TABLE:
        html(d->h, "<div class='table-responsive'><table class='table table-sm'>\n");
        break;
    case MD_BLOCK_THEAD:
        html(d->h, "<thead>");
        break;
    case MD_BLOCK_TBODY:
        html(d->h, "<tbody>");
        break;
    case MD_BLOCK_TR:
        html(d->h, "<tr>");
        break;
    case MD_BLOCK_TH:
        draw_cell(d, "h", detail);
        break;
    case MD_BLOCK_TD:
        draw_cell(d, "d", detail);
        break;
    case MD_BLOCK_DOC:
    case MD_BLOCK_HTML:
        break;
    }
}

static void close_block(struct drawing *d, MD_BLOCKTYPE type)
{
    static const char *const ends[] = {
        [MD_BLOCK_QUOTE] = "</blockquote>\n",
        [MD_BLOCK_UL] = "</ul>\n",
        [MD_BLOCK_OL] = "</ol>\n",
        [MD_BLOCK_LI] = "</li>\n",
        [MD_BLOCK_CODE] = "</code></pre>\n",
        [MD_BLOCK_P] = "</p>\n",
        [MD_BLOCK_TABLE] = "</table></div>\n",
        [MD_BLOCK_THEAD] = "</thead>",
        [MD_BLOCK_TBODY] = "</tbody>",
        [MD_BLOCK_TR] = "</tr>\n",
        [MD_BLOCK_TH] = "</th>",
        [MD_BLOCK_TD] = "</td>",
    };

    if (type == MD_BLOCK_H)
        html(d->h, "</h%d>\n", d->heading);
    else if ((size_t)type < COUNT_OF(ends) && ends[type])
        buf_str(&d->h->buf, ends[type]);
}

/* Quotes and lists nest; the rest cannot be inside itself. What is deeper than we draw still shows
 * its text, without the frame. */
static bool nests(MD_BLOCKTYPE type)
{
    return type == MD_BLOCK_QUOTE || type == MD_BLOCK_UL || type == MD_BLOCK_OL ||
           type == MD_BLOCK_LI;
}

/* A list only where its items are drawn too. */
static bool is_drawn(const struct drawing *d, MD_BLOCKTYPE type)
{
    bool list = type == MD_BLOCK_UL || type == MD_BLOCK_OL;

    return !nests(type) || d->blocks + list <= 2 * MARKDOWN_DEEP;
}

static int enter_block(MD_BLOCKTYPE type, void *detail, void *ctx)
{
    struct drawing *d = ctx;

    flush(d);
    d->blocks += nests(type);
    d->code = type == MD_BLOCK_CODE;
    if (is_drawn(d, type))
        open_block(d, type, detail);
    return too_much(d);
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *ctx)
{
    struct drawing *d = ctx;

    (void)detail;
    flush(d);
    d->code = false;
    if (is_drawn(d, type))
        close_block(d, type);
    d->blocks -= nests(type);
    return too_much(d);
}

/* --- spans --- */

/* A link or a picture; one inside another is only its text. */
static void open_link(struct drawing *d, const MD_ATTRIBUTE *to, const MD_ATTRIBUTE *title)
{
    const char *address, *hint;

    if (d->links++)
        return;
    address = markdown_attribute(d->text.arena, to);
    hint = markdown_attribute(d->text.arena, title);
    d->link_open = markdown_address(address);
    if (!d->link_open)
        return;
    html(d->h, "<a href='%s'", address);
    if (*hint)
        html(d->h, " title='%s'", hint);
    if (strchr(address, ':') && !text_starts(address, "/") && !text_starts(address, "#"))
        html(d->h, " rel='noopener noreferrer nofollow'");
    html(d->h, ">");
}

static void close_link(struct drawing *d)
{
    if (!--d->links && d->link_open)
        html(d->h, "</a>");
}

static const char *span_tag(MD_SPANTYPE type)
{
    switch (type) {
    case MD_SPAN_EM:
        return "em";
    case MD_SPAN_STRONG:
        return "strong";
    case MD_SPAN_CODE:
        return "code";
    case MD_SPAN_DEL:
        return "del";
    case MD_SPAN_U:
    case MD_SPAN_A:
    case MD_SPAN_IMG:
    case MD_SPAN_LATEXMATH:
    case MD_SPAN_LATEXMATH_DISPLAY:
    case MD_SPAN_WIKILINK:
        break;
    }
    return NULL;
}

static int enter_span(MD_SPANTYPE type, void *detail, void *ctx)
{
    struct drawing *d = ctx;
    const char *tag = span_tag(type);

    flush(d);
    if (type == MD_SPAN_A) {
        const MD_SPAN_A_DETAIL *a = detail;
        open_link(d, &a->href, &a->title);
    } else if (type == MD_SPAN_IMG) {
        const MD_SPAN_IMG_DETAIL *i = detail;
        open_link(d, &i->src, &i->title);
    } else if (tag && d->spans++ < MARKDOWN_DEEP) {
        html(d->h, "<%s>", tag);
    }
    d->code |= type == MD_SPAN_CODE;
    return too_much(d);
}

static int leave_span(MD_SPANTYPE type, void *detail, void *ctx)
{
    struct drawing *d = ctx;
    const char *tag = span_tag(type);

    (void)detail;
    flush(d);
    d->code &= type != MD_SPAN_CODE;
    if (type == MD_SPAN_A || type == MD_SPAN_IMG)
        close_link(d);
    else if (tag && --d->spans < MARKDOWN_DEEP)
        html(d->h, "</%s>", tag);
    return too_much(d);
}

/* --- the door --- */

void markdown(struct html *h, const char *text, const struct markdown_style *style)
{
    static const struct markdown_style plain;
    static const MD_PARSER callbacks = {.enter_block = enter_block,
                                        .leave_block = leave_block,
                                        .enter_span = enter_span,
                                        .leave_span = leave_span,
                                        .text = on_text};
    size_t size = text ? strlen(text) : 0, start = h->buf.size;
    struct drawing d = {.h = h, .style = style ? style : &plain};

    if (!size)
        return;
    d.limit = start + size * ROOM_FACTOR + ROOM_LEAST;
    buf_init(&d.text, h->buf.arena, 256);
    if (size <= MARKDOWN_MOST && markdown_parse(text, size, &callbacks, &d))
        return;
    cut(&h->buf, start);
    html(h, "<p>");
    html_lines(h, text);
    html(h, "</p>");
}

void markdown_scan(struct arena *a, const char *text, const struct markdown_words *words)
{
    struct markdown_style style = {.words = words};
    struct html unused;

    html_init(&unused, a);
    markdown(&unused, text, &style);
}
