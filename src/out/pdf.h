/* SPDX-License-Identifier: Apache-2.0 */
/* Reports as PDF (Pango and Cairo): headings with bookmarks, paragraphs, tables whose header row
 * stands on every page, lists of names and values, links. Everything is laid out first and drawn at
 * the end, when the number of pages is known; what is too long for that is made twice, page by page
 * (pdf_begin_pages). The same calls give the same bytes. One thread at a time; not for the threads
 * that answer requests at once. */
#pragma once

#include <stdio.h>

#include "base/arena.h"
#include "base/err.h"

struct pdf;

struct pdf_options {
    const char *title;  /* of the document; on the first page and in its properties */
    const char *author; /* in its properties; may be NULL */
    const char *header; /* at the top of every page, may be NULL */
    const char *footer; /* at the bottom of every page, left of "Page 1 of 9"; may be NULL */
    const char *label;  /* classification, at the top right of every page; NULL or "" = none */
    bool landscape;
    int taller;      /* percent by which pages are higher: for foreseeing other layouts */
    bool translated; /* "Page 1 of 9" in the reader's language */
    i64 created;     /* microseconds; the date in the document's properties */
};

enum pdf_align { PDF_LEFT, PDF_RIGHT, PDF_CENTER };
struct pdf_column {
    const char *title;
    double width; /* share of the line: widths are relative to each other */
    enum pdf_align align;
};

/* Starts an A4 document. What it needs is released with the arena, also without pdf_end. */
struct err *pdf_begin(struct arena *a, const struct pdf_options *options, struct pdf **out)
    MUST_CHECK;
/* The same for documents of any length: a page is drawn and forgotten as soon as it is full, so the
 * memory used does not grow. Whoever knows no number of pages yet makes the document with `pages` 0
 * and `file` NULL, which draws nothing, asks pdf_pages, and makes it once more by the same calls.
 */
struct err *pdf_begin_pages(struct arena *a, const struct pdf_options *options, FILE *file,
                            int pages, struct pdf **out) MUST_CHECK;
/* The page that is being written, from 1. */
int pdf_pages(const struct pdf *p);
/* Draws the last page and ends the file, for pdf_begin_pages. ERR_FAULT when the library failed;
 * failed writes show in ferror(file). */
struct err *pdf_end_pages(struct pdf *p) MUST_CHECK;
/* A heading of level 1 to 3, also a bookmark; never the last thing on a page. */
void pdf_heading(struct pdf *p, int level, const char *text);
/* Text; "\n" breaks the line, an empty line separates paragraphs. Long words break. */
void pdf_paragraph(struct pdf *p, const char *text);
/* Small grey text. */
void pdf_note(struct pdf *p, const char *text);
/* A line that leads to an address (http, https or mailto; else plain text). */
void pdf_link(struct pdf *p, const char *text, const char *address);
/* Names (bold, left) and values beside each other; {name, value} pairs. */
void pdf_key_values(struct pdf *p, const char *const (*pairs)[2], size_t n);
void pdf_space(struct pdf *p, double points);
void pdf_new_page(struct pdf *p);

/* The page that the next thing would begin on, from 1. */
int pdf_page(const struct pdf *p);
/* A line of a table of contents: text, dots, the page's number; leads there. */
void pdf_contents_line(struct pdf *p, int level, const char *text, int page);

/* A matrix with the highest row on top: cells[row * columns + column], both from 0 = lowest. */
struct pdf_heat_cell {
    i64 count;
    const char *tone; /* green yellow orange red */
};
struct pdf_heat {
    const char *row_axis, *column_axis; /* "Likelihood", "Impact" */
    size_t rows, columns;
    const struct pdf_heat_cell *cells;
    double size; /* of one cell in points; 0 = the usual */
};
/* Up to three beside each other, each under its title; kept together on a page. */
void pdf_heat_maps(struct pdf *p, const char *const *titles, const struct pdf_heat *maps, size_t n);

/* A table: pdf_table, then for each row its cells and pdf_end_row, then pdf_end_table. Cells wrap;
 * a row that fits on a page is kept together, a longer one goes on after the break. */
void pdf_table(struct pdf *p, const struct pdf_column *columns, size_t n);
void pdf_cell(struct pdf *p, const char *text);
/* A cell with a coloured mark: tone green, yellow, orange, red, blue, purple, teal; else grey. */
void pdf_badge(struct pdf *p, const char *tone, const char *text);
void pdf_end_row(struct pdf *p);
void pdf_end_table(struct pdf *p);

/* Draws all pages. `*out` lives in the arena. ERR_FAULT when the library failed. */
struct err *pdf_end(struct pdf *p, struct bytes *out) MUST_CHECK;
