/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of content (TSV), which an operator may replace: every cell of a table that was taken is
 * clean text, and every row is found by its code. */
#include "base/text.h"
#include "core/content_table.h"
#include "fuzz.h"

static bool fuzz_table(struct arena *a, const char *data, size_t size)
{
    struct content_table *t = NULL;

    if (content_table_read(a, "fuzz.tsv", data, size, &t))
        return false;
    CHECK(t->ncolumns > 0 && t->nkey > 0 && t->nkey <= t->ncolumns);
    for (size_t i = 0; i < t->nrows * t->ncolumns; i++) {
        const char *cell = t->cells[i];

        CHECK(text_valid(cell, strlen(cell)) && !strchr(cell, '\t') && !strchr(cell, '\r'));
        CHECK(*cell != ' ' && (!*cell || cell[strlen(cell) - 1] != ' '));
    }
    for (size_t row = 0; row < t->nrows; row++)
        CHECK(content_row(t, t->codes[row]) == (i64)row);
    return true;
}

FUZZ_TARGET(table);
