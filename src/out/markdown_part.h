/* SPDX-License-Identifier: Apache-2.0 */
/* Inside out/markdown* only: what both renderings need of md4c's events. */
#pragma once

#include <md4c.h>

#include "out/markdown.h"

#define MARKDOWN_DEEP 16

/* An HTML entity of the text as characters; what is no known entity stays as it is. */
void markdown_entity(struct buf *b, const char *text, size_t size);
/* An attribute (address, title) with its entities resolved. */
char *markdown_attribute(struct arena *a, const MD_ATTRIBUTE *attribute);

/* The next word for `words` in a run of text (NUL after it): a record number or an "@". */
struct markdown_run {
    const char *text;
    size_t size;
};
struct markdown_word {
    size_t start, size; /* with the "@" */
    struct markdown_link link;
};
bool markdown_next(struct arena *a, const struct markdown_words *words, struct markdown_run run,
                   struct markdown_word *out);
/* Runs md4c with our dialect; false when a callback ended it. */
bool markdown_parse(const char *text, size_t size, const MD_PARSER *callbacks, void *ctx);
