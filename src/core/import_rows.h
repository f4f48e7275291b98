/* SPDX-License-Identifier: Apache-2.0 */
/* Inside core/import_rows and core/import_run only: one row at a time. */
#pragma once

#include "core/import_part.h"

/* A name or key of a row of the file, as a keyed hash. */
struct seen {
    u64 hash;
    i64 row;
};
/* A reference to a record that a later row of the file makes. */
struct pending {
    i64 row, line, record; /* `record` is known once the row is written */
    const struct column *column;
    const char *text;
};
struct cached;
struct import_state {
    bool writing;
    struct arena *row_arena; /* of the row at hand */
    struct arena *cache_arena, *seen_arena, *pending_arena;
    struct cached *cache;
    struct seen *seen;
    size_t nseen, nslots;
    struct pending *pending;
    size_t npending, pending_room;
    unsigned char hash_key[16];
    i64 *wrong; /* rows that the check refused, ascending: a run leaves them out */
    size_t nwrong, wrong_room, next_wrong;
};
#define IMPORT_CACHE_BYTES ((size_t)4096 * 4 * sizeof(void *))

struct row_result {
    enum row_fate fate;
    void *record;       /* as it would be; its id is 0 when it is new */
    const void *before; /* as it is, or NULL */
    const char *what;   /* labels of the fields that change */
    size_t pending;     /* first of the row's pending references */
    struct issues issues;
};
/* Finds the record of the row and applies the row to it, in w->arena. Nothing is written. */
struct err *import_row(const struct import *im, const struct source_row *row,
                       struct row_result *out) MUST_CHECK;
/* True when a row of the file has the name that the reference wants. */
bool import_pending_known(const struct import *im, const struct pending *p);
/* Sets the reference in the record, now that all rows are written. */
struct err *import_set_pending(const struct import *im, const struct pending *p, void *record,
                               struct issues *issues) MUST_CHECK;
