/* SPDX-License-Identifier: Apache-2.0 */
/* Inside core/export* only: one export on its way. */
#pragma once

#include "core/export.h"

struct title;
struct export
{
    struct web *w;
    const struct entity *e;
    enum export_format format;
    FILE *out;
    struct xlsx *xlsx;
    i64 rows;
    struct arena *titles_arena;
    struct title *titles;
    const struct field **fields; /* columns besides the number */
    size_t nfields;
};

/* True for fields that name other records. */
bool export_refers(const struct field *f);
/* Numbers, or titles, of what the field refers to, joined by ", ". */
struct err *export_references(struct export *x, const struct field *f, const void *record,
                              bool titles, const char **out) MUST_CHECK;
/* ERR_BUSY when the export is for a client that has gone: nobody would read the rest. */
struct err *export_wanted(const struct export *x) MUST_CHECK;

/* One record in the format of the export; a callback of list_stream. */
struct err *export_each(void *x, const void *record) MUST_CHECK;

/* The list as a workbook, and one record of it (export_sheet.c). */
struct err *export_sheet(struct export *x, const struct list_query *q) MUST_CHECK;
struct err *export_sheet_record(struct export *x, const void *record) MUST_CHECK;
/* The list on paper (export_pdf.c). */
struct err *export_pdf(struct export *x, const struct list_query *q) MUST_CHECK;
