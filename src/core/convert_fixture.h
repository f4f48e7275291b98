/* SPDX-License-Identifier: Apache-2.0 */
/* Workbooks for tests, made part by part, good ones and bad ones. */
#pragma once

#include <stdio.h>

#include "base/arena.h"

struct book_part {
    const char *name, *text; /* a NULL name ends the list */
};

/* The bytes of an archive of these parts. */
struct bytes book_zip(struct arena *a, const struct book_part *parts);
/* A workbook with one sheet "One": `rows` is what stands inside sheetData, `after` what follows it,
 * `book` what stands before the list of sheets, `styles` the whole styles part; all but rows may be
 * NULL. */
struct book {
    const char *rows, *after, *book, *styles, *strings, *columns, *prolog;
};
struct bytes book_make(struct arena *a, const struct book *b);
/* The rows of `text`: cells separated by "|", rows by "\n"; numbers become numbers. */
struct bytes book_of(struct arena *a, const char *text);
FILE *book_file(struct bytes data);
