/* SPDX-License-Identifier: Apache-2.0 */
/* Inside out/pdf* only: what was laid out, waiting to be drawn. */
#pragma once

#include <pango/pangocairo.h>

#include "out/pdf.h"

#define PDF_MARGIN 48.0
#define PDF_TOP 66.0    /* first line of the body, from the top of the page */
#define PDF_BOTTOM 58.0 /* last line of the body, from the bottom */

struct colour {
    double r, g, b;
};

enum op_kind { OP_TEXT, OP_BOX, OP_RULE, OP_OUTLINE };
/* One thing on a page, in the order of drawing. */
struct op {
    enum op_kind kind;
    int page;          /* from 1 */
    double x, y, w, h; /* OP_TEXT: x and the baseline */
    struct colour colour;
    double radius; /* of the corners of a box */
    PangoLayoutLine *line;
    const char *text; /* of an outline; address of a linked text */
    int level;        /* of an outline */
};

struct cell {
    PangoLayout *layout;
    const char *tone; /* NULL = plain text */
};

struct pdf {
    struct arena *arena;
    struct pdf_options options;
    PangoFontMap *fonts;
    PangoContext *context;
    double width, height; /* of the page */
    int page;
    double y; /* where the next thing goes */
    struct op *ops;
    size_t nops, room;
    /* the open table */
    struct pdf_column *columns;
    double *left; /* left edge of each column, and the right edge of the last */
    size_t ncolumns, ncells;
    struct cell *cells, *header;
    i64 row;
};

/* A layout in the document's font: size in points, width in points (0 = as wide as needed). */
PangoLayout *pdf_layout(struct pdf *p, const char *text, double size, bool bold, double width);
/* Draws everything, in pdf_draw.c. */
struct err *pdf_draw(struct pdf *p, struct bytes *out) MUST_CHECK;
