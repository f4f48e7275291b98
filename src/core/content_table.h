/* SPDX-License-Identifier: Apache-2.0 */
/* Inside core/content only: one table of content and how it is read from its file. */
#pragma once

#include "core/content.h"

struct content_table {
    const char *name; /* "threats" */
    const char *path; /* as messages name the file: "content/catalogue/threats.tsv" */
    const char **columns;
    size_t ncolumns, nrows;
    size_t nkey;        /* the first columns that make the code */
    const char **cells; /* nrows * ncolumns */
    const char **codes; /* nrows */
    size_t *slots;      /* open addressing over the codes: row + 1, 0 = free */
    size_t nslots;      /* a power of two */
};

/* Reads a TSV file strictly: UTF-8, LF, a header of distinct names, as many cells in each line, no
 * blanks around a cell, no empty line, distinct codes. ERR_BAD "path:line: ...". */
struct err *content_table_read(struct arena *a, const char *path, const char *data, size_t size,
                               struct content_table **out) MUST_CHECK;
/* The line of a row in its file. */
size_t content_line(size_t row);
/* The label of a row (see content_label); NULL when the table has no such column. */
const char *content_row_label(const struct content_table *t, size_t row);
/* All tables, sorted by name. */
size_t content_tables(const struct content *c, struct content_table *const **out);
