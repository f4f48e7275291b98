/* SPDX-License-Identifier: Apache-2.0 */
/* Spreadsheets out (libxlsxwriter in constant memory). Text is always written as text: nothing that
 * a person typed becomes a formula or a link. Rows are written from the top; a sheet is finished
 * before the next one begins. The first failure is kept and told by xlsx_end. */
#pragma once

#include "base/arena.h"
#include "base/err.h"

struct xlsx;

/* How a column looks; its cells are written with the matching call. */
enum xlsx_kind { XLSX_TEXT, XLSX_LONG, XLSX_NUMBER, XLSX_MONEY, XLSX_DATE, XLSX_TIME, XLSX_BOOL };
struct xlsx_column {
    const char *title;
    enum xlsx_kind kind;
};

/* Starts a workbook that will be at `path` (an existing file is replaced). */
struct err *xlsx_begin(struct arena *a, const char *path, struct xlsx **out) MUST_CHECK;
/* A new sheet with a bold header row that stays in view; `name` is cut and cleaned to what a sheet
 * may be called. No columns: a plain sheet. */
void xlsx_sheet(struct xlsx *x, const char *name, const struct xlsx_column *columns, size_t n);
/* The next cell of the row. NULL and "" leave it empty. A text longer than a cell may hold (32,767
 * characters) is cut. */
void xlsx_text(struct xlsx *x, const char *text);
/* A cell that something is wrong with: coloured, with the reason as a comment (NULL = none). */
void xlsx_marked(struct xlsx *x, const char *text, const char *comment);
void xlsx_number(struct xlsx *x, i64 n);
void xlsx_money(struct xlsx *x, i64 hundredths);
void xlsx_date(struct xlsx *x, const char *date); /* "2026-03-01" */
void xlsx_time(struct xlsx *x, const char *time); /* "2026-03-01 14:05" */
void xlsx_bool(struct xlsx *x, bool yes);         /* TRUE or FALSE */
void xlsx_blank(struct xlsx *x);
void xlsx_end_row(struct xlsx *x);
/* Filter buttons over the rows written so far on this sheet. */
void xlsx_filter(struct xlsx *x);
/* Writes the file. ERR_FAULT when anything went wrong since xlsx_begin: there is no usable file
 * then. Must be called once, whatever happened. */
struct err *xlsx_end(struct xlsx *x) MUST_CHECK;
