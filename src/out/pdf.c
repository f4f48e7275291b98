/* SPDX-License-Identifier: Apache-2.0 */
/* Laying out: text becomes lines, lines get places on pages. */
#include "out/pdf.h"

#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "out/pdf_part.h"

#define BODY 9.5
#define SMALL 8.0
#define PAD_X 4.0
#define PAD_Y 3.0
#define COLUMNS_MOST 20
#define KNOWN_LENGTH 40 /* of texts that are kept laid out */

static const struct colour black = {0.09, 0.11, 0.14};
static const struct colour grey = {0.38, 0.41, 0.46};
static const struct colour blue = {0.04, 0.36, 0.68};
static const struct colour zebra = {0.96, 0.97, 0.98};
static const struct colour head_fill = {0.89, 0.91, 0.94};
static const struct colour rule = {0.80, 0.83, 0.87};

/* --- layouts --- */

static void unref(void *object)
{
    g_object_unref(object);
}

PangoLayout *pdf_layout(struct pdf *p, const char *text, double size, bool bold, double width)
{
    PangoLayout *l = pango_layout_new(p->context);
    PangoFontDescription *font = pango_font_description_new();

    arena_defer(p->work, unref, l);
    pango_font_description_set_family(font, "Noto Sans");
    pango_font_description_set_size(font, (int)lround(size * PANGO_SCALE));
    if (bold)
        pango_font_description_set_weight(font, PANGO_WEIGHT_SEMIBOLD);
    pango_layout_set_font_description(l, font);
    pango_font_description_free(font);
    pango_layout_set_spacing(l, (int)lround(size * 0.05 * PANGO_SCALE));
    if (width > 0) {
        pango_layout_set_width(l, (int)lround(width * PANGO_SCALE));
        pango_layout_set_wrap(l, PANGO_WRAP_WORD_CHAR);
    }
    pango_layout_set_text(l, text ? text : "", -1);
    return l;
}

static double points(int units)
{
    return (double)units / PANGO_SCALE;
}

static double height_of(PangoLayout *l)
{
    int h;

    pango_layout_get_size(l, NULL, &h);
    return points(h);
}

/* --- recording --- */

struct op *pdf_add(struct pdf *p, enum op_kind kind)
{
    struct op *op;

    if (p->nops == p->room) {
        size_t room = p->room ? p->room * 2 : 512;
        struct op *more = NEW_ARRAY(p->arena, struct op, room);

        if (p->nops)
            memcpy(more, p->ops, p->nops * sizeof(*more));
        p->ops = more;
        p->room = room;
    }
    op = &p->ops[p->nops++];
    *op = (struct op){.kind = kind, .page = p->page, .colour = black};
    return op;
}

struct box {
    double x, y, w, h, radius;
};

static void add_box(struct pdf *p, struct box b, struct colour c)
{
    struct op *op = pdf_add(p, OP_BOX);

    op->x = b.x;
    op->y = b.y;
    op->w = b.w;
    op->h = b.h;
    op->radius = b.radius;
    op->colour = c;
}

static void add_rule(struct pdf *p, double y)
{
    struct op *op = pdf_add(p, OP_RULE);

    op->x = PDF_MARGIN;
    op->y = y;
    op->w = p->width - 2 * PDF_MARGIN;
    op->colour = rule;
}

static double bottom(const struct pdf *p)
{
    return p->height - PDF_BOTTOM;
}

static double line_width(const struct pdf *p)
{
    return p->width - 2 * PDF_MARGIN;
}

/* --- pages --- */

static void draw_table_head(struct pdf *p);

void pdf_break(struct pdf *p)
{
    if (p->by_page)
        pdf_draw_page(p);
    p->page++;
    p->y = PDF_TOP;
    if (p->columns)
        draw_table_head(p);
}

void pdf_new_page(struct pdf *p)
{
    if (p->y > PDF_TOP)
        pdf_break(p);
}

void pdf_space(struct pdf *p, double size)
{
    if (p->y > PDF_TOP)
        p->y += size;
}

/* --- text --- */

struct look {
    double size;
    bool bold;
    struct colour colour;
    const char *address;
};

/* The lines of a layout from the cursor on, over as many pages as needed. */
static void flow(struct pdf *p, PangoLayout *l, double x, const struct look *look)
{
    PangoLayoutIter *i = pango_layout_get_iter(l);
    double done = 0; /* height of the lines that are placed */

    do {
        PangoRectangle r;
        struct op *op;
        int from, to;

        pango_layout_iter_get_line_yrange(i, &from, &to);
        pango_layout_iter_get_line_extents(i, NULL, &r);
        if (p->y + points(to) - done > bottom(p)) {
            pdf_break(p);
            done = points(from);
        }
        op = pdf_add(p, OP_TEXT);
        op->x = x + points(r.x);
        op->y = p->y - done + points(pango_layout_iter_get_baseline(i));
        op->w = points(r.width);
        op->colour = look->colour;
        op->line = pango_layout_iter_get_line_readonly(i);
        op->text = look->address;
        if (pango_layout_iter_at_last_line(i))
            p->y += points(to) - done;
    } while (pango_layout_iter_next_line(i));
    pango_layout_iter_free(i);
}

static void write_text(struct pdf *p, const char *text, const struct look *look)
{
    if (text_empty(text))
        return;
    flow(p, pdf_layout(p, text, look->size, look->bold, line_width(p)), PDF_MARGIN, look);
}

void pdf_heading(struct pdf *p, int level, const char *text)
{
    static const double sizes[] = {20, 16, 12.5, 10.5};
    struct look look = {sizes[level < 0 || level > 3 ? 3 : level], true, black, NULL};
    PangoLayout *l = pdf_layout(p, text, look.size, true, line_width(p));
    struct op *op;

    pdf_space(p, look.size * 0.9);
    if (p->y + height_of(l) + 8 * BODY > bottom(p)) /* a table wants room for its head and a row */
        pdf_new_page(p);
    op = pdf_add(p, OP_OUTLINE);
    op->text = arena_str(p->arena, text);
    op->level = level < 1 ? 1 : level;
    op->y = p->y;
    flow(p, l, PDF_MARGIN, &look);
    p->y += look.size * 0.35;
}

void pdf_paragraph(struct pdf *p, const char *text)
{
    write_text(p, text, &(struct look){BODY, false, black, NULL});
    pdf_space(p, BODY * 0.6);
}

void pdf_note(struct pdf *p, const char *text)
{
    write_text(p, text, &(struct look){SMALL, false, grey, NULL});
    pdf_space(p, SMALL * 0.6);
}

/* Cairo passes an address on as it is: what could end its string is percent-encoded. */
static const char *safe_address(struct arena *a, const char *text)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                "-._~:/?#@!$&*+,;=%";
    struct buf b;

    buf_init(&b, a, 64);
    for (; *text; text++) {
        if (strchr(plain, *text))
            buf_char(&b, *text);
        else
            buf_printf(&b, "%%%02X", (unsigned)(unsigned char)*text);
    }
    return b.data;
}

void pdf_link(struct pdf *p, const char *text, const char *address)
{
    bool known = address && (text_starts(address, "https://") || text_starts(address, "http://") ||
                             text_starts(address, "mailto:"));
    struct look look = {BODY, false, known ? blue : black, NULL};

    if (known)
        look.address = safe_address(p->arena, address);
    write_text(p, text_empty(text) ? address : text, &look);
    pdf_space(p, BODY * 0.6);
}

/* --- rows: cells beside each other --- */

/* Lines of a cell that are still to be placed. */
struct rest {
    PangoLayoutIter *iter;
    bool done;
};

/* Height that the remaining lines of the cell take, at most up to `room`; at least one line counts
 * when `force`, so that a line that is higher than a page cannot stop everything. */
static double rest_height(const struct rest *from, double room, bool force)
{
    PangoLayoutIter *i;
    double used = 0;
    int start, top, to;

    if (from->done)
        return 0;
    i = pango_layout_iter_copy(from->iter);
    pango_layout_iter_get_line_yrange(i, &start, &to);
    do {
        pango_layout_iter_get_line_yrange(i, &top, &to);
        if (points(to - start) > room && !(force && used <= 0))
            break;
        used = points(to - start);
    } while (pango_layout_iter_next_line(i));
    pango_layout_iter_free(i);
    return used;
}

const struct colour *pdf_tone(const char *tone, struct colour *text)
{
    static const struct {
        const char *name;
        struct colour fill, text;
    } tones[] = {
        {"green",  {0.83, 0.94, 0.87}, {0.08, 0.36, 0.18}},
        {"teal",   {0.82, 0.94, 0.92}, {0.03, 0.35, 0.30}},
        {"yellow", {1.00, 0.94, 0.76}, {0.42, 0.28, 0.00}},
        {"orange", {1.00, 0.88, 0.77}, {0.54, 0.22, 0.02}},
        {"red",    {0.98, 0.84, 0.84}, {0.58, 0.09, 0.11}},
        {"blue",   {0.84, 0.91, 0.98}, {0.04, 0.30, 0.57}},
        {"purple", {0.93, 0.86, 0.97}, {0.40, 0.14, 0.54}},
        {NULL,     {0.91, 0.92, 0.94}, {0.25, 0.28, 0.33}},
    };
    size_t i = 0;

    while (tones[i].name && !text_equal(tones[i].name, tone))
        i++;
    *text = tones[i].text;
    return &tones[i].fill;
}

/* Places lines of the cell within `height`, the mark behind each of a badge. */
static void place_lines(struct pdf *p, const struct cell *c, struct rest *rest, double x,
                        double height)
{
    double y = p->y + PAD_Y;
    struct colour ink = black;
    const struct colour *fill = c->tone ? pdf_tone(c->tone, &ink) : NULL;
    int start, top, to;

    if (rest->done)
        return;
    pango_layout_iter_get_line_yrange(rest->iter, &start, &to);
    for (;;) {
        PangoRectangle r;
        struct op *op;
        double at;

        pango_layout_iter_get_line_yrange(rest->iter, &top, &to);
        if (points(to - start) > height + 0.01)
            return;
        pango_layout_iter_get_line_extents(rest->iter, NULL, &r);
        at = y + points(top - start);
        if (fill && r.width > 0) {
            add_box(p,
                    (struct box){x + points(r.x) - 3, at - 0.5, points(r.width) + 6,
                                 points(to - top) + 1, 3},
                    *fill);
        }
        op = pdf_add(p, OP_TEXT);
        op->x = x + points(r.x);
        op->y = y + points(pango_layout_iter_get_baseline(rest->iter) - start);
        op->colour = ink;
        op->line = pango_layout_iter_get_line_readonly(rest->iter);
        if (!pango_layout_iter_next_line(rest->iter)) {
            rest->done = true;
            return;
        }
    }
}

/* As much of the row as fits in `room`; true when all of it is placed. */
static bool place_part(struct pdf *p, const struct cell *cells, struct rest *rest, double room,
                       const struct colour *fill)
{
    bool force = room >= bottom(p) - PDF_TOP - 100, all = true;
    double height = 0;

    for (size_t i = 0; i < p->ncolumns; i++)
        height = fmax(height, rest_height(&rest[i], room - 2 * PAD_Y, force));
    if (height <= 0 && !force)
        return false;
    if (fill)
        add_box(p, (struct box){PDF_MARGIN, p->y, line_width(p), height + 2 * PAD_Y, 0}, *fill);
    for (size_t i = 0; i < p->ncolumns; i++) {
        place_lines(p, &cells[i], &rest[i], p->left[i] + PAD_X, height);
        all = all && rest[i].done;
    }
    p->y += height + 2 * PAD_Y;
    add_rule(p, p->y);
    return all;
}

static void place_row(struct pdf *p, const struct cell *cells, const struct colour *fill)
{
    struct rest rest[COLUMNS_MOST] = {0};
    double height = 0, page = bottom(p) - PDF_TOP;

    for (size_t i = 0; i < p->ncolumns; i++) {
        rest[i].iter = pango_layout_get_iter(cells[i].layout);
        height = fmax(height, height_of(cells[i].layout) + 2 * PAD_Y);
    }
    if (p->y + height > bottom(p) && height < page * 0.6)
        pdf_break(p);
    while (!place_part(p, cells, rest, bottom(p) - p->y, fill))
        pdf_break(p);
    for (size_t i = 0; i < p->ncolumns; i++)
        pango_layout_iter_free(rest[i].iter);
}

/* --- tables --- */

static double cell_width(const struct pdf *p, size_t column)
{
    return p->left[column + 1] - p->left[column] - 2 * PAD_X;
}

static PangoLayout *cell_layout(struct pdf *p, size_t column, const char *text, bool bold)
{
    static const PangoAlignment how[] = {PANGO_ALIGN_LEFT, PANGO_ALIGN_RIGHT, PANGO_ALIGN_CENTER};
    PangoLayout *l = pdf_layout(p, text, BODY - 1, bold, cell_width(p, column));

    pango_layout_set_alignment(l, how[p->columns[column].align]);
    return l;
}

/* Where this layout is kept, or may be; NULL = its place is taken by another one. */
static struct known *known_place(struct pdf *p, const struct known *want)
{
    u64 hash = (u64)(want->width * 1000) * 8 + want->align * 2 + want->bold;
    struct known *k;

    for (const char *c = want->text; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 0x100000001b3ULL;
    k = &p->known[(hash * 0x9e3779b97f4a7c15ULL) >> (64 - PDF_KNOWN_BITS)];
    if (!k->text)
        return k;
    /* The same computation gives the same width, to the bit. */
    return !memcmp(&k->width, &want->width, sizeof(k->width)) && k->align == want->align &&
                   k->bold == want->bold && text_equal(k->text, want->text)
               ? k
               : NULL;
}

/* States and names come again and again in a long table: they are laid out once. */
static struct cell new_cell(struct pdf *p, size_t column, const char *text, bool bold)
{
    bool brief = p->by_page && text && strlen(text) <= KNOWN_LENGTH;
    struct known want = {text, cell_width(p, column), p->columns[column].align, bold, NULL};
    struct known *k = brief ? known_place(p, &want) : NULL;
    struct arena *work = p->work;

    if (!k)
        return (struct cell){.layout = cell_layout(p, column, text, bold)};
    if (!k->text) {
        p->work = p->arena;
        want.text = arena_str(p->arena, text);
        want.layout = cell_layout(p, column, text, bold);
        *k = want;
        p->work = work;
    }
    return (struct cell){.layout = k->layout};
}

static void draw_table_head(struct pdf *p)
{
    struct pdf_column *open = p->columns;

    if (!p->header)
        return;
    p->columns = NULL; /* a header that is too high must not ask for another page and header */
    place_row(p, p->header, &head_fill);
    p->columns = open;
}

static void set_columns(struct pdf *p, const struct pdf_column *columns, size_t n)
{
    double sum = 0, x = PDF_MARGIN;

    if (n == 0 || n > COLUMNS_MOST)
        BUG("a table of %zu columns", n);
    p->ncolumns = n;
    p->ncells = 0;
    p->row = 0;
    p->columns = NEW_ARRAY(p->arena, struct pdf_column, n);
    p->cells = NEW_ARRAY(p->arena, struct cell, n);
    p->left = NEW_ARRAY(p->arena, double, n + 1);
    memcpy(p->columns, columns, n * sizeof(*columns));
    for (size_t i = 0; i < n; i++)
        sum += columns[i].width > 0 ? columns[i].width : 1;
    for (size_t i = 0; i < n; i++) {
        p->left[i] = x;
        x += line_width(p) * (columns[i].width > 0 ? columns[i].width : 1) / sum;
    }
    p->left[n] = x;
}

void pdf_table(struct pdf *p, const struct pdf_column *columns, size_t n)
{
    struct cell *header = NEW_ARRAY(p->arena, struct cell, n + 1);
    struct arena *work = p->work;

    pdf_space(p, 4);
    set_columns(p, columns, n);
    p->work = p->arena; /* needed on every page */
    for (size_t i = 0; i < n; i++)
        header[i] = new_cell(p, i, columns[i].title, true);
    p->work = work;
    if (p->y + 60 > bottom(p)) {
        p->header = NULL;
        pdf_break(p);
    }
    p->header = header;
    draw_table_head(p);
}

static void add_cell(struct pdf *p, const char *tone, const char *text)
{
    if (!p->columns || p->ncells == p->ncolumns)
        BUG("a cell outside of the table's columns");
    p->cells[p->ncells] = new_cell(p, p->ncells, text, tone != NULL);
    p->cells[p->ncells].tone = tone;
    p->ncells++;
}

void pdf_cell(struct pdf *p, const char *text)
{
    add_cell(p, NULL, text);
}

void pdf_badge(struct pdf *p, const char *tone, const char *text)
{
    add_cell(p, text_empty(text) ? NULL : arena_str(p->work, tone ? tone : ""), text);
}

/* After a new page has begun, everything before the last one is drawn: its layouts go. */
static void turn(struct pdf *p)
{
    if (!p->by_page || p->turned == p->page)
        return;
    p->turned = p->page;
    p->work = p->work == p->turns[0] ? p->turns[1] : p->turns[0];
    arena_reset(p->work);
}

void pdf_end_row(struct pdf *p)
{
    while (p->ncells < p->ncolumns)
        pdf_cell(p, "");
    place_row(p, p->cells, p->row++ % 2 ? &zebra : NULL);
    p->ncells = 0;
    turn(p);
}

void pdf_end_table(struct pdf *p)
{
    if (p->ncells)
        pdf_end_row(p);
    p->columns = NULL;
    p->header = NULL;
    pdf_space(p, BODY);
}

void pdf_key_values(struct pdf *p, const char *const (*pairs)[2], size_t n)
{
    static const struct pdf_column columns[] = {
        {"", 3, PDF_LEFT},
        {"", 9, PDF_LEFT}
    };

    set_columns(p, columns, COUNT_OF(columns));
    p->header = NULL;
    for (size_t i = 0; i < n; i++) {
        p->cells[0] = new_cell(p, 0, pairs[i][0], true);
        p->cells[1] = new_cell(p, 1, text_empty(pairs[i][1]) ? "–" : pairs[i][1], false);
        place_row(p, p->cells, NULL);
    }
    p->ncells = 0;
    pdf_end_table(p);
}

/* --- the document --- */

static struct pdf *new_document(struct arena *a, const struct pdf_options *options)
{
    struct pdf *p = NEW(a, struct pdf);
    cairo_font_options_t *fo = cairo_font_options_create();

    p->arena = p->work = a;
    p->options = *options;
    p->options.title = arena_str(a, options->title ? options->title : "");
    p->options.author = arena_str(a, options->author);
    p->options.header = arena_str(a, options->header);
    p->options.footer = arena_str(a, options->footer);
    p->options.label = arena_str(a, options->label);
    p->width = options->landscape ? 841.89 : 595.28;
    p->height = (options->landscape ? 595.28 : 841.89) * (1 + options->taller / 100.0);
    p->page = 1;
    p->y = PDF_TOP;
    p->fonts = pango_cairo_font_map_new();
    arena_defer(a, unref, p->fonts);
    p->context = pango_font_map_create_context(p->fonts);
    arena_defer(a, unref, p->context);
    /* Points, not pixels of a screen; and the same widths whatever the screen. */
    pango_cairo_context_set_resolution(p->context, 72);
    cairo_font_options_set_hint_style(fo, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(fo, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(p->context, fo);
    cairo_font_options_destroy(fo);
    pango_context_set_language(p->context, pango_language_from_string("en"));
    return p;
}

static struct err *begin_document(struct pdf *p)
{
    struct look look = {20, true, black, NULL};

    if (cairo_version() < CAIRO_VERSION_ENCODE(1, 16, 0))
        return err_new(ERR_FAULT, "The PDF library is too old.");
    write_text(p, p->options.title, &look);
    pdf_space(p, 8);
    return NULL;
}

struct err *pdf_begin(struct arena *a, const struct pdf_options *options, struct pdf **out)
{
    *out = new_document(a, options);
    return begin_document(*out);
}

static void free_turn(void *arena)
{
    arena_free(arena);
}

struct err *pdf_begin_pages(struct arena *a, const struct pdf_options *options, FILE *file,
                            int pages, struct pdf **out)
{
    struct pdf *p = new_document(a, options);

    p->by_page = true;
    p->known = NEW_ARRAY(a, struct known, 1 << PDF_KNOWN_BITS);
    p->total = pages;
    p->turned = 1;
    for (size_t i = 0; i < COUNT_OF(p->turns); i++) {
        p->turns[i] = arena_new(0);
        arena_defer(a, free_turn, p->turns[i]);
    }
    p->work = p->turns[0];
    *out = p;
    if (pages)
        pdf_draw_open(p, file);
    return begin_document(p);
}

int pdf_pages(const struct pdf *p)
{
    return p->page;
}

struct err *pdf_end(struct pdf *p, struct bytes *out)
{
    if (p->columns)
        pdf_end_table(p);
    return pdf_draw(p, out);
}

struct err *pdf_end_pages(struct pdf *p)
{
    if (p->columns)
        pdf_end_table(p);
    pdf_draw_page(p);
    return pdf_draw_close(p);
}
