/* SPDX-License-Identifier: Apache-2.0 */
/* Documents for word processors (OOXML, written here, packed with libzip): real styles, headings,
 * tables with a header row on each page, header and footer with page fields, a table of contents.
 * Everything that is written is text; nothing becomes a field, a link or markup. The same calls
 * give the same bytes. */
#pragma once

#include "base/arena.h"
#include "base/err.h"

struct docx;

struct docx_options {
    const char *title, *subtitle; /* on the first page, in styles of their own */
    const char *author;           /* in the properties; may be NULL */
    const char *header, *footer;  /* on every page; may be NULL */
    const char *page;             /* "Page %d of %d" of the reader's language */
    const char *contents;         /* heading of the table of contents; NULL = none */
    const char *language;         /* "en" */
    bool landscape;
    i64 created; /* microseconds */
};
struct docx_column {
    const char *title;
    double width; /* share of the line */
    bool right;
};

struct docx *docx_begin(struct arena *a, const struct docx_options *options);
void docx_heading(struct docx *d, int level, const char *text); /* 1 to 3 */
/* The next heading is expected on this page: the table of contents says so until the word processor
 * counts itself. */
void docx_expect(struct docx *d, int page);
void docx_text(struct docx *d, const char *text); /* "\n" breaks the line */
void docx_note(struct docx *d, const char *text); /* small and grey */
void docx_page(struct docx *d);                   /* what follows begins a page */
/* Names (bold) and values beside each other. */
void docx_facts(struct docx *d, const char *const (*pairs)[2], size_t n);
void docx_table(struct docx *d, const struct docx_column *columns, size_t n);
/* The next table stays on one page as a whole: for small ones, such as maps. */
void docx_keep(struct docx *d);
/* A cell; with a tone (green, yellow, orange, red, blue, grey ...) its ground is coloured. */
void docx_cell(struct docx *d, const char *text, const char *tone);
void docx_end_row(struct docx *d);
void docx_end_table(struct docx *d);
/* Packs the file; `*out` lives in the arena. */
struct err *docx_end(struct docx *d, struct bytes *out) MUST_CHECK;
