/* SPDX-License-Identifier: Apache-2.0 */
/* Inside out/docx* only. */
#pragma once

#include "base/buf.h"
#include "out/docx.h"

struct docx_mark {
    const char *text;
    int level, page; /* page 0 = unknown */
};

struct docx {
    struct arena *arena;
    struct docx_options options;
    struct buf body; /* paragraphs and tables in order */
    struct docx_mark *marks;
    size_t nmarks, room; /* headings, for the table of contents */
    int expected;        /* page of the next heading; 0 = unknown */
    const struct docx_column *columns;
    double sum; /* of the widths */
    size_t ncolumns, ncells;
    bool keep; /* the rows of this table stay together */
};

/* Text for XML: escaped, and without what XML forbids. */
void docx_escape(struct buf *b, const char *text);
/* A field of this name, with what it shows until the word processor renews it. */
void docx_field(struct buf *b, const char *name, const char *shown);
/* One run of text; "\n" becomes a line break. */
void docx_run(struct buf *b, const char *text, bool bold);
/* Twentieths of a point between the margins. */
int docx_width(const struct docx *d);
/* The parts of the package besides the document itself, in docx_pack.c. */
struct err *docx_pack(struct docx *d, const char *document, size_t size, struct bytes *out)
    MUST_CHECK;
