/* SPDX-License-Identifier: Apache-2.0 */
/* Drawing: the places are known, and so is the number of pages. */
#include <cairo-pdf.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "out/pdf_part.h"

static cairo_status_t collect(void *buf, const unsigned char *data, unsigned size)
{
    buf_add(buf, data, size);
    return CAIRO_STATUS_SUCCESS;
}

static void set_colour(cairo_t *cr, struct colour c)
{
    cairo_set_source_rgb(cr, c.r, c.g, c.b);
}

static void draw_box(cairo_t *cr, const struct op *op)
{
    double r = op->radius, x = op->x, y = op->y, w = op->w, h = op->h;

    set_colour(cr, op->colour);
    if (r > 0) {
        cairo_new_sub_path(cr);
        cairo_arc(cr, x + w - r, y + r, r, -1.5707963, 0);
        cairo_arc(cr, x + w - r, y + h - r, r, 0, 1.5707963);
        cairo_arc(cr, x + r, y + h - r, r, 1.5707963, 3.1415926);
        cairo_arc(cr, x + r, y + r, r, 3.1415926, 4.7123889);
        cairo_close_path(cr);
    } else {
        cairo_rectangle(cr, x, y, w, h);
    }
    cairo_fill(cr);
}

static void draw_rule(cairo_t *cr, const struct op *op)
{
    set_colour(cr, op->colour);
    cairo_set_line_width(cr, 0.5);
    cairo_move_to(cr, op->x, op->y);
    cairo_line_to(cr, op->x + op->w, op->y);
    cairo_stroke(cr);
}

static void draw_text(struct pdf *p, cairo_t *cr, const struct op *op)
{
    set_colour(cr, op->colour);
    if (op->text)
        cairo_tag_begin(cr, CAIRO_TAG_LINK, arena_printf(p->arena, "uri='%s'", op->text));
    cairo_move_to(cr, op->x, op->y);
    pango_cairo_show_layout_line(cr, op->line);
    if (op->text)
        cairo_tag_end(cr, CAIRO_TAG_LINK);
}

/* Bookmarks hang below the last one of a higher level. */
static void add_outline(cairo_surface_t *s, const struct op *op, int parents[4])
{
    char place[80];
    int level = op->level > 3 ? 3 : op->level, parent = CAIRO_PDF_OUTLINE_ROOT;

    for (int i = level - 1; i > 0 && parent == CAIRO_PDF_OUTLINE_ROOT; i--)
        parent = parents[i];
    /* snprintf would write a decimal comma in some languages: whole points do. */
    snprintf(place, sizeof(place), "page=%d pos=[%d %d]", op->page, (int)PDF_MARGIN, (int)op->y);
    parents[level] =
        cairo_pdf_surface_add_outline(s, parent, op->text, place, CAIRO_PDF_OUTLINE_FLAG_OPEN);
    for (int i = level + 1; i < 4; i++)
        parents[i] = CAIRO_PDF_OUTLINE_ROOT;
}

/* One line of small print; `right` ends at the margin. */
static void draw_small(struct pdf *p, cairo_t *cr, const char *text, double y, bool right)
{
    PangoLayout *l = pdf_layout(p, text, 7.5, false, p->width - 2 * PDF_MARGIN - (right ? 0 : 90));
    PangoLayoutIter *i;
    PangoRectangle r;

    pango_layout_set_single_paragraph_mode(l, TRUE);
    pango_layout_set_height(l, -1);
    pango_layout_set_ellipsize(l, PANGO_ELLIPSIZE_END);
    if (right)
        pango_layout_set_alignment(l, PANGO_ALIGN_RIGHT);
    i = pango_layout_get_iter(l);
    pango_layout_iter_get_line_extents(i, NULL, &r);
    cairo_move_to(cr, PDF_MARGIN + (double)r.x / PANGO_SCALE, y);
    pango_cairo_show_layout_line(cr, pango_layout_iter_get_line_readonly(i));
    pango_layout_iter_free(i);
}

/* Header and footer. */
static void draw_frame(struct pdf *p, cairo_t *cr, int page)
{
    const struct op top = {
        .x = PDF_MARGIN, .y = 44, .w = p->width - 2 * PDF_MARGIN, .colour = {0.80, 0.83, 0.87}
    };
    struct op low = top;

    low.y = p->height - 42;
    draw_rule(cr, &top);
    draw_rule(cr, &low);
    set_colour(cr, (struct colour){0.38, 0.41, 0.46});
    if (p->options.header)
        draw_small(p, cr, p->options.header, 36, false);
    if (p->options.footer)
        draw_small(p, cr, p->options.footer, p->height - 30, false);
    draw_small(p, cr, arena_printf(p->arena, "Page %d of %d", page, p->page), p->height - 30, true);
}

static void draw_pages(struct pdf *p, cairo_surface_t *s, cairo_t *cr)
{
    int parents[4] = {0};
    size_t i = 0;

    for (int page = 1; page <= p->page; page++) {
        draw_frame(p, cr, page);
        for (; i < p->nops && p->ops[i].page == page; i++) {
            const struct op *op = &p->ops[i];

            if (op->kind == OP_BOX)
                draw_box(cr, op);
            else if (op->kind == OP_RULE)
                draw_rule(cr, op);
            else if (op->kind == OP_TEXT)
                draw_text(p, cr, op);
            else
                add_outline(s, op, parents);
        }
        cairo_show_page(cr);
    }
}

static void set_properties(struct pdf *p, cairo_surface_t *s)
{
    /* Whole seconds: "2026-11-22T21:00:00Z". */
    const char *iso = clock_iso(p->arena, p->options.created);
    const char *at = arena_printf(p->arena, "%.19sZ", iso);

    cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_TITLE, p->options.title);
    if (p->options.author)
        cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_AUTHOR, p->options.author);
    cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_CREATOR, "Cairn");
    cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_CREATE_DATE, at);
    cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_MOD_DATE, at);
}

struct err *pdf_draw(struct pdf *p, struct bytes *out)
{
    cairo_surface_t *s;
    cairo_status_t drawn, written;
    cairo_t *cr;
    struct buf b;

    buf_init(&b, p->arena, 1 << 16);
    s = cairo_pdf_surface_create_for_stream(collect, &b, p->width, p->height);
    cairo_pdf_surface_restrict_to_version(s, CAIRO_PDF_VERSION_1_5);
    set_properties(p, s);
    cr = cairo_create(s);
    draw_pages(p, s, cr);
    drawn = cairo_status(cr);
    cairo_destroy(cr);
    cairo_surface_finish(s);
    written = cairo_surface_status(s); /* many mistakes show only here */
    cairo_surface_destroy(s);
    if (drawn != CAIRO_STATUS_SUCCESS || written != CAIRO_STATUS_SUCCESS)
        return err_detail(err_new(ERR_FAULT, "The PDF could not be made."), "cairo: %s, %s",
                          cairo_status_to_string(drawn), cairo_status_to_string(written));
    *out = (struct bytes){(const unsigned char *)b.data, b.size};
    return NULL;
}
