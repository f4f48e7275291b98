/* SPDX-License-Identifier: Apache-2.0 */
/* CSV in (libcsv) and out. Reading calls back per row, so a file of any size needs one row of
 * memory. Writing defuses formulas: a cell that starts (after spaces) with = + - @ TAB CR or their
 * full-width forms gets a leading apostrophe, unless it is a plain number (trust.md check 59). */
#pragma once

#include "base/buf.h"
#include "base/err.h"

struct csv_row {
    i64 line; /* line of the file on which the row starts, from 1 */
    size_t count;
    const char **cell;
};

#define CSV_ROW_MOST ((size_t)4 << 20) /* bytes of a row; more is a quote that was never closed */

/* The separator out of , ; TAB | that splits the first rows most evenly, or what a first line
 * "sep=;" says. */
char csv_guess(const char *data, size_t size);
/* Reads `size` bytes (UTF-8, a byte order mark is skipped; `delimiter` 0 = csv_guess). A first line
 * "sep=;", as spreadsheet programs write it, is no row. ERR_BAD names the line that cannot be read.
 * `row` is called for each row; an error it returns ends the reading and is returned. */
struct err *csv_read(struct arena *a, const char *data, size_t size, char delimiter,
                     struct err *(*row)(void *ctx, const struct csv_row *row), void *ctx)
    MUST_CHECK;
/* Adds one cell (quoted when needed, formulas defused); `first` leaves out the comma before it. */
void csv_cell(struct buf *b, const char *text, bool first);
void csv_end_row(struct buf *b);
