/* SPDX-License-Identifier: Apache-2.0 */
/* Markdown: addresses, entities, words, and the plain rendering. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "out/markdown_part.h"

#define NUMBER_DIGITS 10
#define NUMBER_LETTERS 4
#define LISTS_MOST 32

/* --- addresses --- */

static bool is_scheme(const char *text, size_t size)
{
    static const char *const allowed[] = {"http", "https", "mailto"};

    for (size_t i = 0; i < COUNT_OF(allowed); i++)
        if (strlen(allowed[i]) == size && strncasecmp(text, allowed[i], size) == 0)
            return true;
    return false;
}

bool markdown_address(const char *address)
{
    size_t colon;

    if (!*address || (address[0] == '/' && address[1] == '/'))
        return false;
    for (const char *p = address; *p; p++)
        if ((unsigned char)*p <= ' ' || *p == '\\' || *p == 0x7F)
            return false;
    colon = strcspn(address, ":/?#");
    return address[colon] != ':' || is_scheme(address, colon);
}

/* --- entities --- */

static void add_code_point(struct buf *b, unsigned long c)
{
    /* What text may not hold in this program is shown as the mark of something that was there. */
    if (c > 0x10FFFF || (c >= 0xD800 && c < 0xE000) || c == 0x7F ||
        (c < ' ' && c != '\n' && c != '\t') || (c > 0x7F && c < 0xA0))
        c = 0xFFFD;
    if (c < 0x80) {
        buf_char(b, (char)c);
    } else if (c < 0x800) {
        buf_char(b, (char)(0xC0 | c >> 6));
        buf_char(b, (char)(0x80 | (c & 0x3F)));
    } else if (c < 0x10000) {
        buf_char(b, (char)(0xE0 | c >> 12));
        buf_char(b, (char)(0x80 | (c >> 6 & 0x3F)));
        buf_char(b, (char)(0x80 | (c & 0x3F)));
    } else {
        buf_char(b, (char)(0xF0 | c >> 18));
        buf_char(b, (char)(0x80 | (c >> 12 & 0x3F)));
        buf_char(b, (char)(0x80 | (c >> 6 & 0x3F)));
        buf_char(b, (char)(0x80 | (c & 0x3F)));
    }
}

void markdown_entity(struct buf *b, const char *text, size_t size)
{
    static const struct {
        const char *name;
        unsigned code;
    } known[] = {
        {"amp",     '&'   },
        {"lt",      '<'   },
        {"gt",      '>'   },
        {"quot",    '"'   },
        {"apos",    '\''  },
        {"nbsp",    0xA0  },
        {"colon",   ':'   },
        {"Tab",     '\t'  },
        {"NewLine", '\n'  },
        {"shy",     0xAD  },
        {"ndash",   0x2013},
        {"mdash",   0x2014},
        {"hellip",  0x2026},
        {"euro",    0x20AC},
        {"copy",    0xA9  },
        {"sect",    0xA7  },
        {"rarr",    0x2192},
    };

    if (size > 3 && size < 12 && text[1] == '#') {
        bool hex = (text[2] | 0x20) == 'x';
        char digits[12] = {0};

        memcpy(digits, text + (hex ? 3 : 2), size - (hex ? 4 : 3));
        add_code_point(b, strtoul(digits, NULL, hex ? 16 : 10));
        return;
    }
    for (size_t i = 0; size > 2 && i < COUNT_OF(known); i++)
        if (strlen(known[i].name) == size - 2 && !memcmp(known[i].name, text + 1, size - 2)) {
            add_code_point(b, known[i].code);
            return;
        }
    buf_add(b, text, size);
}

char *markdown_attribute(struct arena *a, const MD_ATTRIBUTE *attribute)
{
    struct buf b;

    buf_init(&b, a, attribute->size + 1);
    if (!attribute->text || !attribute->size)
        return b.data;
    for (size_t i = 0; attribute->substr_offsets[i] < attribute->size; i++) {
        const char *part = attribute->text + attribute->substr_offsets[i];
        size_t size = attribute->substr_offsets[i + 1] - attribute->substr_offsets[i];

        if (attribute->substr_types[i] == MD_TEXT_ENTITY)
            markdown_entity(&b, part, size);
        else if (attribute->substr_types[i] == MD_TEXT_NULLCHAR)
            add_code_point(&b, 0xFFFD);
        else
            buf_add(&b, part, size);
    }
    return b.data;
}

/* --- words --- */

static bool is_word(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_' ||
           (unsigned char)c >= 0x80;
}

/* Bytes of a record number at the beginning of `size` bytes ("R-42"); 0 when there is none. */
static size_t number_at(const char *p, size_t size)
{
    size_t letters = 0, digits = 0, at;

    while (letters < size && letters <= NUMBER_LETTERS && p[letters] >= 'A' && p[letters] <= 'Z')
        letters++;
    if (!letters || letters > NUMBER_LETTERS || letters == size || p[letters] != '-')
        return 0;
    at = letters + 1;
    while (at < size && digits <= NUMBER_DIGITS && p[at] >= '0' && p[at] <= '9') {
        digits++;
        at++;
    }
    if (!digits || digits > NUMBER_DIGITS || (at < size && is_word(p[at])))
        return 0;
    return at;
}

bool markdown_next(struct arena *a, const struct markdown_words *words, struct markdown_run run,
                   struct markdown_word *out)
{
    const char *text = run.text;

    for (size_t i = 0; words && i < run.size; i++) {
        size_t size = 0;

        if (i && (is_word(text[i - 1]) || strchr("@-./&#", text[i - 1])))
            continue;
        *out = (struct markdown_word){.start = i};
        if (text[i] == '@' && words->mention && is_word(text[i + 1])) {
            size = words->mention(words->ctx, text + i + 1, run.size - i - 1, &out->link);
            size = size ? size + 1 : 0;
        } else if (words->record) {
            size = number_at(text + i, run.size - i);
            if (size && !words->record(words->ctx, arena_strn(a, text + i, size), &out->link))
                size = 0;
        }
        out->size = size;
        if (size)
            return true;
    }
    return false;
}

bool markdown_parse(const char *text, size_t size, const MD_PARSER *callbacks, void *ctx)
{
    MD_PARSER parser = *callbacks;

    parser.abi_version = 0;
    parser.flags = MD_DIALECT_GITHUB | MD_FLAG_NOHTML;
    return md_parse(text, (MD_SIZE)size, &parser, ctx) == 0;
}

/* --- plain text --- */

struct plain {
    struct arena *arena;
    struct buf out;
    size_t room;                   /* where it gives up */
    unsigned counters[LISTS_MOST]; /* numbers of the open lists; 0 = not numbered */
    int lists, quotes, links, cells;
    bool code;
    bool begun;          /* a quote has just begun */
    bool item;           /* the dash of an item was just written */
    const char *address; /* of the open link, or NULL */
    size_t link_start;
};

static int too_much(const struct plain *p)
{
    return p->out.size > p->room;
}

/* A new line with what stands before it: quotes and the room of list items. */
static void new_line(struct plain *p)
{
    while (p->out.size && p->out.data[p->out.size - 1] == ' ')
        p->out.data[--p->out.size] = '\0';
    buf_char(&p->out, '\n');
    for (int i = 0; i < p->quotes && i < MARKDOWN_DEEP; i++)
        buf_str(&p->out, "> ");
    for (int i = 1; i < p->lists && i < MARKDOWN_DEEP; i++)
        buf_str(&p->out, "  ");
    if (p->code)
        buf_str(&p->out, "    ");
}

static void begin_item(struct plain *p, const MD_BLOCK_LI_DETAIL *item)
{
    int level = p->lists > LISTS_MOST ? LISTS_MOST : p->lists;

    new_line(p);
    if (level > 0 && p->counters[level - 1])
        buf_printf(&p->out, "%u. ", p->counters[level - 1]++);
    else
        buf_str(&p->out, "- ");
    if (item->is_task)
        buf_str(&p->out, item->task_mark == ' ' ? "[ ] " : "[x] ");
    p->item = true;
}

/* After an empty line, unless the text follows the dash of its item. */
static void begin_block(struct plain *p)
{
    if (!p->begun && !p->item)
        new_line(p);
    if (!p->item)
        new_line(p);
    p->begun = p->item = false;
}

static int plain_enter_block(MD_BLOCKTYPE type, void *detail, void *ctx)
{
    struct plain *p = ctx;

    switch (type) {
    case MD_BLOCK_QUOTE:
        new_line(p);
        p->quotes++;
        p->begun = true;
        break;
    case MD_BLOCK_UL:
    case MD_BLOCK_OL:
        if (p->lists < LISTS_MOST)
            p->counters[p->lists] = type == MD_BLOCK_OL ? ((MD_BLOCK_OL_DETAIL *)detail)->start : 0;
        if (!p->lists++ && p->out.size)
            new_line(p);
        break;
    case MD_BLOCK_LI:
        begin_item(p, detail);
        break;
    case MD_BLOCK_CODE:
        begin_block(p);
        p->code = true;
        new_line(p);
        break;
    case MD_BLOCK_P:
    case MD_BLOCK_H:
        begin_block(p);
        break;
    case MD_BLOCK_HR:
        begin_block(p);
        buf_str(&p->out, "----");
        break;
    case MD_BLOCK_TABLE:
        new_line(p);
        break;
    case MD_BLOCK_TR:
        new_line(p);
        p->cells = 0;
        break;
    case MD_BLOCK_TH:
    case MD_BLOCK_TD:
        if (p->cells++)
            buf_str(&p->out, " | ");
        break;
    case MD_BLOCK_DOC:
    case MD_BLOCK_THEAD:
    case MD_BLOCK_TBODY:
    case MD_BLOCK_HTML:
        break;
    }
    return too_much(p);
}

static int plain_leave_block(MD_BLOCKTYPE type, void *detail, void *ctx)
{
    struct plain *p = ctx;

    (void)detail;
    if (type == MD_BLOCK_QUOTE)
        p->quotes--;
    else if (type == MD_BLOCK_UL || type == MD_BLOCK_OL)
        p->lists--;
    else if (type == MD_BLOCK_CODE)
        p->code = false;
    return 0;
}

static int plain_enter_span(MD_SPANTYPE type, void *detail, void *ctx)
{
    struct plain *p = ctx;

    if ((type != MD_SPAN_A && type != MD_SPAN_IMG) || p->links++)
        return 0;
    p->address =
        markdown_attribute(p->arena, type == MD_SPAN_A ? &((MD_SPAN_A_DETAIL *)detail)->href
                                                       : &((MD_SPAN_IMG_DETAIL *)detail)->src);
    p->link_start = p->out.size;
    return 0;
}

static int plain_leave_span(MD_SPANTYPE type, void *detail, void *ctx)
{
    struct plain *p = ctx;
    const char *shown;

    (void)detail;
    if ((type != MD_SPAN_A && type != MD_SPAN_IMG) || --p->links)
        return 0;
    shown = p->out.data + p->link_start;
    if (markdown_address(p->address) && !text_equal(shown, p->address) &&
        !(text_starts(p->address, "mailto:") && text_equal(shown, p->address + 7)))
        buf_printf(&p->out, " <%s>", p->address);
    return too_much(p);
}

static int plain_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE size, void *ctx)
{
    struct plain *p = ctx;

    p->item = false;
    if (type == MD_TEXT_BR || type == MD_TEXT_SOFTBR) {
        new_line(p);
    } else if (type == MD_TEXT_NULLCHAR) {
        add_code_point(&p->out, 0xFFFD);
    } else if (type == MD_TEXT_ENTITY) {
        markdown_entity(&p->out, text, size);
    } else if (p->code) {
        for (MD_SIZE i = 0; i < size; i++)
            if (text[i] == '\n')
                new_line(p);
            else
                buf_char(&p->out, text[i]);
    } else {
        buf_add(&p->out, text, size);
    }
    return too_much(p);
}

/* No line ends with blanks, no two empty lines follow each other, none at the ends. */
static char *tidy(struct arena *a, const char *text)
{
    struct buf b;
    int breaks = 0;

    buf_init(&b, a, strlen(text) + 2);
    for (const char *p = text; *p;) {
        size_t size = strcspn(p, "\n"), kept = size;

        while (kept && (p[kept - 1] == ' ' || p[kept - 1] == '\t'))
            kept--;
        breaks = kept ? 0 : breaks + 1;
        if (kept || (b.size && breaks < 2)) {
            buf_add(&b, p, kept);
            buf_char(&b, '\n');
        }
        p += size + (p[size] == '\n');
    }
    while (b.size > 1 && b.data[b.size - 1] == '\n' && b.data[b.size - 2] == '\n')
        b.data[--b.size] = '\0';
    return b.data;
}

char *markdown_plain(struct arena *a, const char *text)
{
    static const MD_PARSER callbacks = {.enter_block = plain_enter_block,
                                        .leave_block = plain_leave_block,
                                        .enter_span = plain_enter_span,
                                        .leave_span = plain_leave_span,
                                        .text = plain_text};
    size_t size = strlen(text);
    struct plain p = {.arena = a, .room = size * 8 + 4096};

    buf_init(&p.out, a, size + 64);
    if (size > MARKDOWN_MOST || !markdown_parse(text, size, &callbacks, &p))
        return tidy(a, text);
    return tidy(a, p.out.data);
}

char *markdown_excerpt(struct arena *a, const char *text, size_t most)
{
    const char *plain = markdown_plain(a, text);
    bool blank = false;
    size_t count = 0;
    struct buf b;

    buf_init(&b, a, most + 8);
    for (const char *p = plain; *p;) {
        size_t size = 1;

        while ((p[size] & 0xC0) == 0x80)
            size++;
        if (*p == ' ' || *p == '\n' || *p == '\t') {
            blank = b.size > 0;
        } else if (count + blank >= most) {
            buf_str(&b, "…");
            break;
        } else {
            if (blank)
                buf_char(&b, ' ');
            count += 1 + (size_t)blank;
            blank = false;
            buf_add(&b, p, size);
        }
        p += size;
    }
    return b.data;
}
