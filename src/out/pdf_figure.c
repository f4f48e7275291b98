/* SPDX-License-Identifier: Apache-2.0 */
/* What a report has besides text and tables: lines of a table of contents and heat maps. */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "out/pdf_part.h"

#define CELL 26.0 /* points */
#define LABEL 18.0
#define GAP 26.0

static const struct colour ink = {0.09, 0.11, 0.14};
static const struct colour pale = {0.38, 0.41, 0.46};

int pdf_page(const struct pdf *p)
{
    return p->page;
}

/* One line with its left edge at x, or its right edge there. Returns its width. */
static double put(struct pdf *p, const char *text, double size, double x, int how)
{
    PangoLayout *l = pdf_layout(p, text, size, false, 0);
    PangoLayoutIter *i = pango_layout_get_iter(l);
    struct op *op = pdf_add(p, OP_TEXT);
    PangoRectangle r;
    double width;

    pango_layout_iter_get_line_extents(i, NULL, &r);
    width = (double)r.width / PANGO_SCALE;
    op->x = how == 0 ? x : how > 0 ? x - width : x - width / 2;
    op->y = p->y + (double)pango_layout_iter_get_baseline(i) / PANGO_SCALE;
    op->w = width;
    op->colour = ink;
    op->line = pango_layout_iter_get_line_readonly(i);
    pango_layout_iter_free(i);
    return width;
}

/* At most as wide as there is room for. */
static const char *shorten(struct pdf *p, const char *text, double size, double room)
{
    char *copy = arena_str(p->arena, text);
    size_t n = strlen(copy);

    for (;;) {
        int width;

        pango_layout_get_size(pdf_layout(p, copy, size, false, 0), &width, NULL);
        if ((double)width / PANGO_SCALE <= room || n < 8)
            return copy;
        n -= n > 80 ? n / 4 : 6;
        while (n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80)
            n--;
        copy = arena_printf(p->arena, "%s…", arena_strn(p->arena, text, n));
    }
}

void pdf_contents_line(struct pdf *p, int level, const char *text, int page)
{
    double size = level <= 1 ? 10.5 : 9.5, x = PDF_MARGIN + (level <= 1 ? 0 : 14);
    double right = p->width - PDF_MARGIN, width;
    size_t from;

    if (p->y + 2 * size > p->height - PDF_BOTTOM)
        pdf_break(p);
    if (level <= 1)
        p->y += 4;
    from = p->nops;
    width = put(p, shorten(p, text, size, right - x - 40), size, x, 0);
    put(p, arena_printf(p->arena, "%d", page), size, right, 1);
    for (size_t i = from; i < p->nops; i++)
        p->ops[i].target = page;
    for (double dot = x + width + 8; dot < right - 24; dot += 5) {
        struct op *op = pdf_add(p, OP_BOX);

        op->x = dot;
        op->y = p->y + size * 1.05;
        op->w = op->h = 0.7;
        op->colour = pale;
    }
    p->y += size * 1.6;
}

/* --- heat maps --- */

static void fill(struct pdf *p, double x, double y, double size, struct colour c)
{
    struct op *op = pdf_add(p, OP_BOX);

    op->x = x;
    op->y = y;
    op->w = op->h = size - 1.5;
    op->radius = 2;
    op->colour = c;
}

static void put_at(struct pdf *p, const char *text, double size, double x, double y)
{
    double kept = p->y;

    p->y = y;
    put(p, text, size, x, -1);
    p->y = kept;
}

static struct colour strong(const char *tone)
{
    static const struct {
        const char *name;
        struct colour c;
    } tones[] = {
        {"green",  {0.55, 0.82, 0.66}},
        {"yellow", {0.97, 0.85, 0.48}},
        {"orange", {0.96, 0.68, 0.42}},
        {"red",    {0.91, 0.50, 0.52}},
    };

    for (size_t i = 0; i < COUNT_OF(tones); i++)
        if (text_equal(tones[i].name, tone))
            return tones[i].c;
    return (struct colour){0.88, 0.90, 0.93};
}

static void draw_map(struct pdf *p, const struct pdf_heat *m, double x, double y, double cell)
{
    for (size_t row = 0; row < m->rows; row++) {
        double top = y + (double)(m->rows - 1 - row) * cell;

        put_at(p, arena_printf(p->arena, "%zu", row + 1), 7.5, x + LABEL / 2, top + cell / 2 - 5);
        for (size_t column = 0; column < m->columns; column++) {
            const struct pdf_heat_cell *c = &m->cells[row * m->columns + column];
            double left = x + LABEL + (double)column * cell;

            fill(p, left, top, cell, strong(c->tone));
            if (c->count)
                put_at(p, arena_printf(p->arena, "%lld", c->count), 9.5, left + cell / 2 - 0.75,
                       top + cell / 2 - 7);
        }
    }
    for (size_t column = 0; column < m->columns; column++)
        put_at(p, arena_printf(p->arena, "%zu", column + 1), 7.5,
               x + LABEL + ((double)column + 0.5) * cell, y + (double)m->rows * cell + 1);
    put_at(p,
           arena_printf(p->arena, "%s →   ·   ↑ %s", m->column_axis ? m->column_axis : "",
                        m->row_axis ? m->row_axis : ""),
           7.5, x + LABEL + (double)m->columns * cell / 2, y + (double)m->rows * cell + 12);
}

void pdf_heat_maps(struct pdf *p, const char *const *titles, const struct pdf_heat *maps, size_t n)
{
    double wide = 0, high = 0, room = p->width - 2 * PDF_MARGIN, shrink, x = PDF_MARGIN;

    for (size_t i = 0; i < n; i++) {
        double cell = maps[i].size > 0 ? maps[i].size : CELL;

        wide += LABEL + (double)maps[i].columns * cell + (i ? GAP : 0);
        high = fmax(high, (double)maps[i].rows * cell);
    }
    shrink = wide > room ? room / wide : 1;
    high = high * shrink + 44;
    if (p->y + high > p->height - PDF_BOTTOM)
        pdf_new_page(p);
    for (size_t i = 0; i < n; i++) {
        double cell = (maps[i].size > 0 ? maps[i].size : CELL) * shrink, kept = p->y;

        put(p, titles[i], 9.5, x + LABEL, 0);
        p->y = kept;
        draw_map(p, &maps[i], x, p->y + 16, cell);
        x += LABEL + (double)maps[i].columns * cell + GAP * shrink;
    }
    p->y += high;
}
