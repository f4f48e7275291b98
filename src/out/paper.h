/* SPDX-License-Identifier: Apache-2.0 */
/* A document that is written once and comes out as PDF, DOCX or XLSX: headings, text, facts, tables
 * and heat maps. Nothing is drawn before one of the last calls; all texts are copied. In a
 * spreadsheet every table is a sheet of its own, and the first one, “About”, has the rest. */
#pragma once

#include "base/arena.h"
#include "base/err.h"

struct paper;

struct paper_options {
    const char *title, *subtitle;
    const char *author, *header, *footer;
    const char *label;    /* classification; NULL or "" = none */
    const char *page;     /* "Page %d of %d" in the reader's language; NULL = English */
    const char *contents; /* heading of the table of contents; NULL = none */
    const char *about;    /* name of the first sheet; NULL = "About" */
    const char *language;
    bool landscape;
    i64 created; /* microseconds */
};

enum paper_kind { PAPER_TEXT, PAPER_NUMBER, PAPER_MONEY, PAPER_DATE };
struct paper_column {
    const char *title;
    double width; /* share of the line */
    enum paper_kind kind;
};

struct paper_heat_cell {
    i64 count;
    const char *tone;
};
/* cells[row * columns + column], both from 0 = lowest. */
struct paper_heat {
    const char *title, *row_axis, *column_axis;
    size_t rows, columns;
    const struct paper_heat_cell *cells;
};

struct paper *paper_new(struct arena *a, const struct paper_options *options);
void paper_heading(struct paper *p, int level, const char *text); /* 1 to 3 */
void paper_text(struct paper *p, const char *text);
void paper_note(struct paper *p, const char *text);
void paper_page(struct paper *p); /* what follows begins a page */
void paper_facts(struct paper *p, const char *const (*pairs)[2], size_t n);
/* Maps beside each other. */
void paper_heats(struct paper *p, const struct paper_heat *maps, size_t n);
/* `name` is that of the sheet; it must differ from those of other tables, else it gets a number. */
void paper_table(struct paper *p, const char *name, const struct paper_column *columns, size_t n);
/* The next cell, as its column says: PAPER_TEXT and PAPER_DATE take text. */
void paper_cell(struct paper *p, const char *text);
void paper_number(struct paper *p, i64 n); /* also hundredths of a PAPER_MONEY column */
void paper_badge(struct paper *p, const char *tone, const char *text);
void paper_end_row(struct paper *p);
void paper_end_table(struct paper *p);
/* Rows of all tables so far. */
size_t paper_rows(const struct paper *p);

#define PAPER_DOCX_TYPE "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
/* The number of pages goes to `*pages` when that is not NULL. */
struct err *paper_pdf(struct paper *p, struct bytes *out, int *pages) MUST_CHECK;
struct err *paper_docx(struct paper *p, struct bytes *out) MUST_CHECK;
/* Writes the file at `path`; a file that is there is replaced. */
struct err *paper_xlsx(struct paper *p, const char *path) MUST_CHECK;
