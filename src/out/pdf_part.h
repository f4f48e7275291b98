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
    int target;       /* page that a text leads to, 0 = none */
};

struct cell {
    PangoLayout *layout;
    const char *tone; /* NULL = plain text */
};

#define PDF_KNOWN_BITS 10 /* 1,024 cells of long tables are laid out once */
struct known {
    const char *text;
    double width;
    enum pdf_align align;
    bool bold;
    PangoLayout *layout;
};

struct pdf {
    struct arena *arena;
    struct arena *work; /* for layouts: `arena`, or page by page one of `turns` */
    struct pdf_options options;
    /* page by page only */
    bool by_page;
    struct arena *turns[2]; /* what was laid out before the last page began, and since */
    int turned;             /* the page on which they changed places */
    int total;              /* pages; 0 = they are being counted, nothing is drawn */
    FILE *file;             /* NULL when nobody waits for it any more */
    struct _cairo_surface *surface;
    struct _cairo *cr;
    int parents[4]; /* bookmarks */
    struct known *known;
    /* both */
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
/* A new thing on the open page; the caller fills in the rest. */
struct op *pdf_add(struct pdf *p, enum op_kind kind);
/* Ends the page. */
void pdf_break(struct pdf *p);
/* Ground and text colour of a tone; grey for one that is not known. */
const struct colour *pdf_tone(const char *tone, struct colour *text);
/* Drawing, in pdf_draw.c: everything; and page by page: before the first, each full one, the end.
 */
struct err *pdf_draw(struct pdf *p, struct bytes *out) MUST_CHECK;
void pdf_draw_open(struct pdf *p, FILE *file);
void pdf_draw_page(struct pdf *p);
struct err *pdf_draw_close(struct pdf *p) MUST_CHECK;
