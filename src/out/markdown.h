/* SPDX-License-Identifier: Apache-2.0 */
/* Markdown of people, drawn as HTML or as plain text. md4c finds the structure (GitHub's dialect,
 * no HTML); what is written is ours, through the escaping writer. So no text of a user becomes
 * markup:
 *   - HTML in the text is text;
 *   - addresses are links only when markdown_address takes them;
 *   - pictures are never loaded, they become links;
 *   - nesting is drawn sixteen deep, and a text that would grow out of proportion or is longer
 *     than MARKDOWN_MOST is drawn as it was typed.
 * Both renderings take any valid UTF-8 and never fail. */
#pragma once

#include "out/html.h"

#define MARKDOWN_MOST ((size_t)64 * 1024)

/* Where a word of the text leads. */
struct markdown_link {
    const char *address; /* NULL: the word is marked, but leads nowhere */
    const char *title;   /* told beside the word ("R-42" gets the record's title), or NULL */
};

/* What the caller knows about words in the text. A function that is NULL finds nothing. */
struct markdown_words {
    void *ctx;
    /* A record number, "R-42". False: it is only text. */
    bool (*record)(void *ctx, const char *number, struct markdown_link *out);
    /* What follows an "@": how many bytes of `text` are the name; 0: it is only text. */
    size_t (*mention)(void *ctx, const char *text, size_t size, struct markdown_link *out);
};

struct markdown_style {
    const struct markdown_words *words; /* or NULL */
    int heading;     /* level of the first heading that stands on the page: 2..6; 0 = 4 */
    bool keep_lines; /* a new line in the text is one on the page: for what people type */
};

/* Draws the text as HTML inside whatever the caller opened (a div, not a p). */
void markdown(struct html *h, const char *text, const struct markdown_style *style);

/* The text for mails: no marks of emphasis, lists with "- ", links with their address behind them,
 * code and tables as lines. Lines end with \n; an empty text gives "". */
char *markdown_plain(struct arena *a, const char *text);
/* The beginning of the text on one line, at most `most` characters, with "…" when there is more. */
char *markdown_excerpt(struct arena *a, const char *text, size_t most);

/* Calls `found` for each word after which an "@" or a record number was seen where markdown would
 * ask `words` for it: what stands in code or links is left out. */
void markdown_scan(struct arena *a, const char *text, const struct markdown_words *words);

/* True for an address that may become a link: http, https, mailto, a path on this server ("/x" but
 * not "//x"), a relative path, "#part". Spaces, control characters and backslashes are refused. */
bool markdown_address(const char *address);
