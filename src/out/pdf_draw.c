/* SPDX-License-Identifier: Apache-2.0 */
/* Drawing: the places are known, and so is the number of pages. */
#include <cairo-pdf.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/words.h"
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
        cairo_tag_begin(cr, CAIRO_TAG_LINK, arena_printf(p->work, "uri='%s'", op->text));
    else if (op->target > 0 && op->target <= p->page)
        cairo_tag_begin(cr, CAIRO_TAG_LINK, arena_printf(p->work, "page=%d", op->target));
    cairo_move_to(cr, op->x, op->y);
    pango_cairo_show_layout_line(cr, op->line);
    if (op->text || (op->target > 0 && op->target <= p->page))
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

/* One line of small print. `spare`: room that is kept free to its right; below 0 it ends at the
 * margin. */
struct small {
    const char *text;
    double y, spare;
};
static void draw_small(struct pdf *p, cairo_t *cr, const struct small *s)
{
    bool right = s->spare < 0;
    PangoLayout *l =
        pdf_layout(p, s->text, 7.5, false, p->width - 2 * PDF_MARGIN - (right ? 0 : s->spare));
    PangoLayoutIter *i;
    PangoRectangle r;

    pango_layout_set_single_paragraph_mode(l, TRUE);
    pango_layout_set_height(l, -1);
    pango_layout_set_ellipsize(l, PANGO_ELLIPSIZE_END);
    if (right)
        pango_layout_set_alignment(l, PANGO_ALIGN_RIGHT);
    i = pango_layout_get_iter(l);
    pango_layout_iter_get_line_extents(i, NULL, &r);
    cairo_move_to(cr, PDF_MARGIN + (double)r.x / PANGO_SCALE, s->y);
    pango_cairo_show_layout_line(cr, pango_layout_iter_get_line_readonly(i));
    pango_layout_iter_free(i);
}

/* The classification in a box at the top right; small print beside it stays clear of it. */
static double draw_label(struct pdf *p, cairo_t *cr)
{
    PangoLayout *l = pdf_layout(p, p->options.label, 9, true, 0);
    PangoRectangle r;
    double w, x;

    pango_layout_set_single_paragraph_mode(l, TRUE);
    pango_layout_set_width(l, (int)(p->width / 2 * PANGO_SCALE));
    pango_layout_set_ellipsize(l, PANGO_ELLIPSIZE_END);
    pango_layout_get_extents(l, NULL, &r);
    w = (double)r.width / PANGO_SCALE + 12;
    x = p->width - PDF_MARGIN - w;
    set_colour(cr, (struct colour){0.15, 0.17, 0.20});
    cairo_set_line_width(cr, 0.8);
    cairo_rectangle(cr, x, 22, w, 17);
    cairo_stroke(cr);
    cairo_move_to(cr, x + 6, 34);
    pango_cairo_show_layout_line(cr, pango_layout_get_line_readonly(l, 0));
    return w + 12;
}

static const char *page_text(struct pdf *p, int page, int pages)
{
    if (p->options.translated)
        return arena_printf(p->work, tr("Page %d of %d"), page, pages);
    return arena_printf(p->work, "Page %d of %d", page, pages);
}

/* Header and footer. */
static void draw_frame(struct pdf *p, cairo_t *cr, int page, int pages)
{
    const struct op top = {
        .x = PDF_MARGIN, .y = 44, .w = p->width - 2 * PDF_MARGIN, .colour = {0.80, 0.83, 0.87}
    };
    double labelled = 90;
    struct op low = top;

    low.y = p->height - 42;
    draw_rule(cr, &top);
    draw_rule(cr, &low);
    if (p->options.label && *p->options.label)
        labelled = draw_label(p, cr);
    set_colour(cr, (struct colour){0.38, 0.41, 0.46});
    if (p->options.header)
        draw_small(p, cr, &(struct small){p->options.header, 36, labelled});
    if (p->options.footer)
        draw_small(p, cr, &(struct small){p->options.footer, p->height - 30, 90});
    draw_small(p, cr, &(struct small){page_text(p, page, pages), p->height - 30, -1});
}

static void draw_op(struct pdf *p, const struct op *op)
{
    if (op->kind == OP_BOX)
        draw_box(p->cr, op);
    else if (op->kind == OP_RULE)
        draw_rule(p->cr, op);
    else if (op->kind == OP_TEXT)
        draw_text(p, p->cr, op);
    else
        add_outline(p->surface, op, p->parents);
}

static void draw_pages(struct pdf *p)
{
    size_t i = 0;

    for (int page = 1; page <= p->page; page++) {
        draw_frame(p, p->cr, page, p->page);
        for (; i < p->nops && p->ops[i].page == page; i++)
            draw_op(p, &p->ops[i]);
        cairo_show_page(p->cr);
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

static void open_surface(struct pdf *p, cairo_write_func_t write, void *to)
{
    p->surface = cairo_pdf_surface_create_for_stream(write, to, p->width, p->height);
    cairo_pdf_surface_restrict_to_version(p->surface, CAIRO_PDF_VERSION_1_5);
    set_properties(p, p->surface);
    p->cr = cairo_create(p->surface);
}

static struct err *close_surface(struct pdf *p)
{
    cairo_status_t drawn = cairo_status(p->cr), written;

    cairo_destroy(p->cr);
    cairo_surface_finish(p->surface);
    written = cairo_surface_status(p->surface); /* many mistakes show only here */
    cairo_surface_destroy(p->surface);
    p->cr = NULL;
    p->surface = NULL;
    if (drawn == CAIRO_STATUS_SUCCESS && written == CAIRO_STATUS_SUCCESS)
        return NULL;
    return err_detail(err_new(ERR_FAULT, "The PDF could not be made."), "cairo: %s, %s",
                      cairo_status_to_string(drawn), cairo_status_to_string(written));
}

struct err *pdf_draw(struct pdf *p, struct bytes *out)
{
    struct buf b;

    buf_init(&b, p->arena, 1 << 16);
    open_surface(p, collect, &b);
    draw_pages(p);
    TRY(close_surface(p));
    *out = (struct bytes){(const unsigned char *)b.data, b.size};
    return NULL;
}

/* --- page by page --- */

static cairo_status_t to_file(void *document, const unsigned char *data, unsigned size)
{
    struct pdf *p = document;

    return p->file && fwrite(data, 1, size, p->file) == size ? CAIRO_STATUS_SUCCESS
                                                             : CAIRO_STATUS_WRITE_ERROR;
}

/* A document that nobody ended. */
static void abandon(void *document)
{
    struct pdf *p = document;

    if (!p->cr)
        return;
    p->file = NULL; /* it may be closed */
    cairo_destroy(p->cr);
    cairo_surface_destroy(p->surface);
    p->cr = NULL;
}

void pdf_draw_open(struct pdf *p, FILE *file)
{
    p->file = file;
    open_surface(p, to_file, p);
    arena_defer(p->arena, abandon, p);
}

void pdf_draw_page(struct pdf *p)
{
    if (p->total) {
        draw_frame(p, p->cr, p->page, p->total);
        for (size_t i = 0; i < p->nops; i++)
            draw_op(p, &p->ops[i]);
        cairo_show_page(p->cr);
    }
    p->nops = 0;
}

struct err *pdf_draw_close(struct pdf *p)
{
    return p->total ? close_surface(p) : NULL;
}
