/* SPDX-License-Identifier: Apache-2.0 */
/* The three formats. */
#include <string.h>

#include "base/text.h"
#include "out/docx.h"
#include "out/paper_part.h"
#include "out/pdf.h"
#include "out/xlsx.h"

#define COLUMNS_MOST 20
#define DOCX_TALLER 3 /* percent more that a word processor gets onto a page of ours; tried */

static bool is_right(const struct paper_column *c)
{
    return c->kind == PAPER_NUMBER || c->kind == PAPER_MONEY;
}

/* --- PDF --- */

static void pdf_write_table(struct paper *p, struct pdf *out, const struct block *b)
{
    struct pdf_column columns[COLUMNS_MOST];
    size_t n = b->n < COLUMNS_MOST ? b->n : COLUMNS_MOST;

    for (size_t i = 0; i < n; i++)
        columns[i] = (struct pdf_column){b->columns[i].title, b->columns[i].width,
                                         is_right(&b->columns[i]) ? PDF_RIGHT : PDF_LEFT};
    pdf_table(out, columns, n);
    for (size_t at = 0; at + b->n <= b->ncells; at += b->n) {
        for (size_t i = 0; i < n; i++) {
            const struct paper_cell_ *c = &b->cells[at + i];
            const char *text = paper_shown(p, &b->columns[i], c);

            if (c->tone)
                pdf_badge(out, c->tone, text);
            else
                pdf_cell(out, text);
        }
        pdf_end_row(out);
    }
    pdf_end_table(out);
}

static void pdf_write_heats(struct paper *p, struct pdf *out, const struct block *b)
{
    struct pdf_heat *maps = NEW_ARRAY(p->arena, struct pdf_heat, b->n + 1);
    const char **titles = NEW_ARRAY(p->arena, const char *, b->n + 1);

    for (size_t i = 0; i < b->n; i++) {
        size_t size = b->heats[i].rows * b->heats[i].columns;
        struct pdf_heat_cell *cells = NEW_ARRAY(p->arena, struct pdf_heat_cell, size + 1);

        for (size_t k = 0; k < size; k++)
            cells[k] =
                (struct pdf_heat_cell){b->heats[i].cells[k].count, b->heats[i].cells[k].tone};
        titles[i] = b->heats[i].title;
        maps[i] = (struct pdf_heat){b->heats[i].row_axis,
                                    b->heats[i].column_axis,
                                    b->heats[i].rows,
                                    b->heats[i].columns,
                                    cells,
                                    0};
    }
    pdf_heat_maps(out, titles, maps, b->n);
}

/* As a word processor gets it: one map below the other, each a table. Only its height counts. */
static void pdf_write_stacked(struct paper *p, struct pdf *out, const struct block *b)
{
    for (size_t i = 0; i < b->n; i++) {
        const struct paper_heat *m = &b->heats[i];
        struct pdf_column *columns = NEW_ARRAY(p->arena, struct pdf_column, m->columns + 1);

        pdf_heading(out, 3, m->title);
        for (size_t k = 0; k <= m->columns; k++)
            columns[k] = (struct pdf_column){m->row_axis, 1, PDF_LEFT};
        pdf_table(out, columns, m->columns + 1);
        for (size_t row = 0; row < m->rows; row++) {
            for (size_t k = 0; k <= m->columns; k++)
                pdf_cell(out, "1");
            pdf_end_row(out);
        }
        pdf_end_table(out);
    }
}

static void pdf_write_block(struct paper *p, struct pdf *out, const struct block *b)
{
    switch (b->kind) {
    case BLOCK_HEADING:
        pdf_heading(out, b->level, b->text);
        break;
    case BLOCK_TEXT:
        pdf_paragraph(out, b->text);
        break;
    case BLOCK_NOTE:
        pdf_note(out, b->text);
        break;
    case BLOCK_PAGE:
        pdf_new_page(out);
        break;
    case BLOCK_FACTS:
        pdf_key_values(out, (const char *const(*)[2])b->pairs, b->n);
        break;
    case BLOCK_HEATS:
        (p->stacked ? pdf_write_stacked : pdf_write_heats)(p, out, b);
        break;
    case BLOCK_TABLE:
        pdf_write_table(p, out, b);
        break;
    }
}

/* Lays everything out; pages[i] is where the i-th heading stands. With those of the run before, the
 * table of contents has its numbers. */
static struct err *pdf_lay_out(struct paper *p, struct arena *a, int *pages, struct pdf **out)
{
    const struct paper_options *o = &p->options;
    size_t n = 0;

    TRY(pdf_begin(a,
                  &(struct pdf_options){.title = o->title,
                                        .author = o->author,
                                        .header = o->header,
                                        .footer = o->footer,
                                        .label = o->label,
                                        .translated = o->page != NULL,
                                        .landscape = o->landscape,
                                        .taller = p->stacked ? DOCX_TALLER : 0,
                                        .created = o->created},
                  out));
    if (o->subtitle)
        pdf_note(*out, o->subtitle);
    if (o->contents) {
        pdf_paragraph(*out, o->contents);
        for (const struct block *b = p->first; b; b = b->next) {
            if (b->kind == BLOCK_HEADING && b->level <= 2)
                pdf_contents_line(*out, b->level, b->text, pages[n]);
            n += b->kind == BLOCK_HEADING;
        }
        pdf_new_page(*out);
    }
    n = 0;
    for (const struct block *b = p->first; b; b = b->next) {
        pdf_write_block(p, *out, b);
        if (b->kind == BLOCK_HEADING)
            pages[n++] = pdf_page(*out);
    }
    return NULL;
}

/* Where each heading comes to stand, for the table of contents; zeros without one. */
static struct err *count_pages(struct paper *p, int **pages)
{
    struct err *failed = NULL;
    size_t headings = 0;
    struct pdf *pdf;

    for (const struct block *b = p->first; b; b = b->next)
        headings += b->kind == BLOCK_HEADING;
    *pages = NEW_ARRAY(p->arena, int, headings + 1);
    if (p->options.contents) {
        struct arena *once = arena_new(0);

        failed = pdf_lay_out(p, once, *pages, &pdf);
        arena_free(once);
    }
    return failed ? err_new(ERR_FAULT, "The PDF could not be made.") : NULL;
}

struct err *paper_pdf(struct paper *p, struct bytes *out, int *count)
{
    struct pdf *pdf;
    int *pages;

    TRY(count_pages(p, &pages));
    TRY(pdf_lay_out(p, p->arena, pages, &pdf));
    if (count)
        *count = pdf_page(pdf);
    return pdf_end(pdf, out);
}

/* --- DOCX --- */

static void docx_write_table(struct paper *p, struct docx *d, const struct block *b)
{
    struct docx_column columns[COLUMNS_MOST];
    size_t n = b->n < COLUMNS_MOST ? b->n : COLUMNS_MOST;

    for (size_t i = 0; i < n; i++)
        columns[i] = (struct docx_column){b->columns[i].title, b->columns[i].width,
                                          is_right(&b->columns[i])};
    docx_table(d, columns, n);
    for (size_t at = 0; at + b->n <= b->ncells; at += b->n) {
        for (size_t i = 0; i < n; i++)
            docx_cell(d, paper_shown(p, &b->columns[i], &b->cells[at + i]), b->cells[at + i].tone);
        docx_end_row(d);
    }
    docx_end_table(d);
}

/* A map is a table whose cells are coloured. */
static void docx_write_heat(struct paper *p, struct docx *d, const struct paper_heat *m)
{
    struct docx_column *columns = NEW_ARRAY(p->arena, struct docx_column, m->columns + 2);

    docx_heading(d, 3, m->title);
    columns[0] = (struct docx_column){
        arena_printf(p->arena, "%s ↑ · %s →", m->row_axis, m->column_axis), 4, false};
    for (size_t i = 0; i < m->columns; i++)
        columns[i + 1] = (struct docx_column){arena_printf(p->arena, "%zu", i + 1), 1, true};
    docx_keep(d);
    docx_table(d, columns, m->columns + 1);
    for (size_t row = m->rows; row-- > 0;) {
        docx_cell(d, arena_printf(p->arena, "%zu", row + 1), NULL);
        for (size_t i = 0; i < m->columns; i++) {
            const struct paper_heat_cell *c = &m->cells[row * m->columns + i];

            docx_cell(d, arena_printf(p->arena, "%lld", c->count), c->tone ? c->tone : "grey");
        }
        docx_end_row(d);
    }
    docx_end_table(d);
}

static void docx_write_block(struct paper *p, struct docx *d, const struct block *b)
{
    switch (b->kind) {
    case BLOCK_HEADING:
        docx_heading(d, b->level, b->text);
        break;
    case BLOCK_TEXT:
        docx_text(d, b->text);
        break;
    case BLOCK_NOTE:
        docx_note(d, b->text);
        break;
    case BLOCK_PAGE:
        docx_page(d);
        break;
    case BLOCK_FACTS:
        docx_facts(d, (const char *const(*)[2])b->pairs, b->n);
        break;
    case BLOCK_TABLE:
        docx_write_table(p, d, b);
        break;
    case BLOCK_HEATS:
        for (size_t i = 0; i < b->n; i++)
            docx_write_heat(p, d, &b->heats[i]);
        break;
    }
}

struct err *paper_docx(struct paper *p, struct bytes *out)
{
    const struct paper_options *o = &p->options;
    const char *header =
        text_empty(o->label) ? o->header : arena_printf(p->arena, "%s · %s", o->header, o->label);
    struct docx *d = docx_begin(p->arena, &(struct docx_options){.title = o->title,
                                                                 .subtitle = o->subtitle,
                                                                 .author = o->author,
                                                                 .header = header,
                                                                 .footer = o->footer,
                                                                 .page = o->page,
                                                                 .contents = o->contents,
                                                                 .language = o->language,
                                                                 .landscape = o->landscape,
                                                                 .created = o->created});
    struct err *failed;
    size_t n = 0;
    int *pages;

    p->stacked = true;
    failed = count_pages(p, &pages);
    p->stacked = false;
    TRY(failed);
    for (const struct block *b = p->first; b; b = b->next) {
        docx_expect(d, b->kind == BLOCK_HEADING ? pages[n++] : 0);
        docx_write_block(p, d, b);
    }
    return docx_end(d, out);
}

/* --- XLSX --- */

static void about_line(struct xlsx *x, const char *name, const char *value)
{
    if (text_empty(name) && text_empty(value))
        return;
    xlsx_text(x, name);
    xlsx_text(x, value);
    xlsx_end_row(x);
}

static void xlsx_write_about(struct paper *p, struct xlsx *x)
{
    static const struct xlsx_column columns[] = {
        {" ", XLSX_TEXT},
        {" ", XLSX_LONG}
    };

    xlsx_sheet(x, p->options.about ? p->options.about : "About", columns, COUNT_OF(columns));
    about_line(x, p->options.title, p->options.subtitle);
    about_line(x, p->options.author, p->options.footer);
    about_line(x, p->options.label, "");
    for (const struct block *b = p->first; b; b = b->next) {
        if (b->kind == BLOCK_HEADING)
            about_line(x, b->text, "");
        if (b->kind == BLOCK_TEXT || b->kind == BLOCK_NOTE)
            about_line(x, "", b->text);
        for (size_t i = 0; b->kind == BLOCK_FACTS && i < b->n; i++)
            about_line(x, b->pairs[i][0], b->pairs[i][1]);
    }
}

static void xlsx_write_cell(struct xlsx *x, const struct paper_column *c,
                            const struct paper_cell_ *cell)
{
    if (cell->text && c->kind == PAPER_DATE)
        xlsx_date(x, cell->text);
    else if (cell->text)
        xlsx_text(x, cell->text);
    else if (c->kind == PAPER_MONEY)
        xlsx_money(x, cell->n);
    else
        xlsx_number(x, cell->n);
}

/* Names of sheets differ whatever the case; long ones are cut to make room for the number. */
static const char *sheet_name(struct paper *p, const char *name, size_t number, bool taken)
{
    size_t n = 0;

    for (const char *c = name; *c; c++)
        if (((unsigned char)*c & 0xC0) != 0x80 && ++n > 26)
            return arena_printf(p->arena, "%s %zu", arena_strn(p->arena, name, (size_t)(c - name)),
                                number);
    return taken ? arena_printf(p->arena, "%s %zu", name, number) : name;
}

static bool is_taken(const struct paper *p, const struct block *until)
{
    const char *about = p->options.about ? p->options.about : "About";

    for (const struct block *b = p->first; b != until; b = b->next)
        if (b->kind == BLOCK_TABLE && text_equal(b->text, until->text))
            return true;
    return text_equal(until->text, about);
}

static void xlsx_write_table(struct paper *p, struct xlsx *x, const struct block *b, size_t number)
{
    static const enum xlsx_kind kinds[] = {XLSX_TEXT, XLSX_NUMBER, XLSX_MONEY, XLSX_DATE};
    struct xlsx_column *columns = NEW_ARRAY(p->arena, struct xlsx_column, b->n + 1);

    for (size_t i = 0; i < b->n; i++)
        columns[i] = (struct xlsx_column){b->columns[i].title, kinds[b->columns[i].kind]};
    xlsx_sheet(x, sheet_name(p, b->text, number, is_taken(p, b)), columns, b->n);
    for (size_t at = 0; at + b->n <= b->ncells; at += b->n) {
        for (size_t i = 0; i < b->n; i++)
            xlsx_write_cell(x, &b->columns[i], &b->cells[at + i]);
        xlsx_end_row(x);
    }
    xlsx_filter(x);
}

static void xlsx_write_heat(struct paper *p, struct xlsx *x, const struct paper_heat *m,
                            size_t number)
{
    struct xlsx_column *columns = NEW_ARRAY(p->arena, struct xlsx_column, m->columns + 2);

    columns[0] = (struct xlsx_column){
        arena_printf(p->arena, "%s ↑ · %s →", m->row_axis, m->column_axis), XLSX_NUMBER};
    for (size_t i = 0; i < m->columns; i++)
        columns[i + 1] = (struct xlsx_column){arena_printf(p->arena, "%zu", i + 1), XLSX_NUMBER};
    xlsx_sheet(x, sheet_name(p, m->title, number, true), columns, m->columns + 1);
    for (size_t row = m->rows; row-- > 0;) {
        xlsx_number(x, (i64)row + 1);
        for (size_t i = 0; i < m->columns; i++)
            xlsx_number(x, m->cells[row * m->columns + i].count);
        xlsx_end_row(x);
    }
}

struct err *paper_xlsx(struct paper *p, const char *path)
{
    size_t number = 1;
    struct xlsx *x;

    TRY(xlsx_begin(p->arena, path, &x));
    xlsx_write_about(p, x);
    for (const struct block *b = p->first; b; b = b->next) {
        if (b->kind == BLOCK_TABLE)
            xlsx_write_table(p, x, b, ++number);
        for (size_t i = 0; b->kind == BLOCK_HEATS && i < b->n; i++)
            xlsx_write_heat(p, x, &b->heats[i], ++number);
    }
    return xlsx_end(x);
}
