/* SPDX-License-Identifier: Apache-2.0 */
/* Files to import that are no workbooks: CSV in any encoding and JSON. What is opened has columns
 * with distinct names and as many rows as it said, in order, with cells of valid text. */
#include "base/crypt.h"
#include "base/text.h"
#include "core/import_source.h"
#include "fuzz.h"

struct import_rows {
    const struct source *source;
    i64 count, last;
};

static void import_same_columns(const struct source *s)
{
    CHECK(s->ncolumns > 0 && s->ncolumns <= IMPORT_COLUMNS);
    for (size_t i = 0; i < s->ncolumns; i++) {
        CHECK(*s->columns[i] && text_valid(s->columns[i], strlen(s->columns[i])));
        CHECK(s->facts[i].filled <= s->rows && s->facts[i].nvalues <= IMPORT_VALUES);
        for (size_t k = 0; k < i; k++)
            CHECK(strcmp(s->columns[i], s->columns[k]) != 0);
    }
}

static struct err *import_see_row(void *ctx, const struct source_row *row)
{
    struct import_rows *rows = ctx;

    CHECK(row->row > rows->last && row->row > rows->source->header);
    rows->last = row->row;
    rows->count++;
    for (size_t i = 0; i < rows->source->ncolumns; i++)
        CHECK(!row->cell[i] || text_valid(row->cell[i], strlen(row->cell[i])));
    return NULL;
}

static bool fuzz_import(struct arena *a, const char *data, size_t size)
{
    struct import_rows rows = {NULL, 0, 0};
    struct source_ask ask = {.header = 0};
    struct source *s;
    struct err *failed;
    FILE *file;
    static bool ready;

    if (!ready)
        crypt_init(); /* a file's digest is told */
    ready = true;
    if (size > 1 && !memcmp(data, "PK", 2))
        return false; /* a workbook: another process reads it */
    file = tmpfile();
    CHECK(file && (!size || fwrite(data, 1, size, file) == size));
    rewind(file);
    failed = source_open(a, file, "fuzz", &ask, &s);
    (void)fclose(file);
    if (failed) {
        CHECK(failed->code == ERR_BAD || failed->code == ERR_LIMIT);
        return false;
    }
    rows.source = s;
    import_same_columns(s);
    if (source_each(s, import_see_row, &rows))
        return false;
    CHECK(rows.count == s->rows);
    return rows.count > 0;
}

FUZZ_TARGET(import);
