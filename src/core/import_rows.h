/* SPDX-License-Identifier: Apache-2.0 */
/* Inside core/import_{rows,run,value,...} only: one row at a time. */
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
    i64 *met; /* records that rows mean, of a complete file */
    size_t nmet, met_room;
    struct pending *pending;
    size_t npending, pending_room;
    unsigned char hash_key[16];
    i64 *wrong; /* rows that the check refused, ascending: a run leaves them out */
    size_t nwrong, wrong_room, next_wrong;
    struct synonym *synonyms;
    size_t nsynonyms;
    struct ahead *ahead; /* which records rows mean that are written next, or NULL */
    size_t nahead;
    i64 step; /* effects that are written */
    i64 done; /* row up to which an earlier attempt wrote them; 0 = none */
};
#define IMPORT_CACHE_BYTES ((size_t)4096 * 4 * sizeof(void *))

struct row_result {
    enum row_fate fate;
    void *record;       /* as it would be; its id is 0 when it is new */
    const void *before; /* as it is, or NULL */
    const char *key;    /* of the other program, or NULL */
    size_t pending;     /* first of the row's pending references */
    struct issues issues;
};
/* Finds the record of the row and applies the row to it, in w->arena. Nothing is written. */
struct err *import_row(struct importing *im, const struct source_row *row, struct row_result *out)
    MUST_CHECK;
/* The record that a row means, 0 = a new one; issues when it cannot be told (import_match.c). */
struct err *import_find(struct importing *im, const struct source_row *row, struct row_result *out,
                        i64 *id) MUST_CHECK;
struct list_sql;
/* The statement that finds the record of a key; `s` is empty. */
void import_key_sql(struct list_sql *s, const struct entity *e, const char *origin,
                    const char *key);
/* A row whose cells stay; reasons for bad cells are texts of the source or literals. */
void import_keep_row(const struct importing *im, struct arena *a, const struct source_row *row,
                     struct source_row *out);
/* Looks the rows' keys, names and the like up together, before they are checked or written;
 * import_find then asks no more, until `nahead` is 0. No two rows mean one record: the check makes
 * sure of that. */
struct err *import_find_ahead(struct importing *im, const struct source_row *rows, size_t n)
    MUST_CHECK;
/* The cell of the field (or of the column with that use), as the field takes it; NULL when there is
 * no such column or nothing in it. */
const char *import_cell(struct importing *im, const struct source_row *row, const struct field *f,
                        enum column_use use);
/* True when a row of the file was called so: tag 't' for titles. */
bool import_seen(struct import_state *s, char tag, const char *text);
/* True when a row of the file has the name that the reference wants. */
bool import_pending_known(struct importing *im, const struct pending *p);
/* All references of the row to records of its own kind wait, for a record that is there. */
struct err *import_defer_all(struct importing *im, const struct source_row *row, i64 record)
    MUST_CHECK;
/* Sets the reference in the record, now that all rows are written. */
struct err *import_set_pending(struct importing *im, const struct pending *p, void *record,
                               struct issues *issues) MUST_CHECK;
/* A piece of the import's work gets an arena of its own. */
void import_use_arena(struct web *w, struct arena *a);
/* Up to IMPORT_PROBLEMS are kept. */
void import_keep_problem(struct importing *im, const struct problem *p);

/* The import's record and what belongs to it (import_record.c), in a write transaction. */
struct err *import_record_begin(struct web *w, struct importing *im) MUST_CHECK;
struct err *import_record_end(struct web *w, struct importing *im, const char *state) MUST_CHECK;
/* The last state of one that did not come to its end; `note` says why. */
struct err *import_record_break(struct web *w, struct importing *im, const char *state,
                                const char *note) MUST_CHECK;
/* The draft of an import that was taken back says so; in a write transaction. */
struct err *import_draft_stopped(struct web *w, const struct importing *im, const char *note)
    MUST_CHECK;
/* The counts of an import that goes on, out of its effects. */
struct err *import_counts_of(struct importing *im) MUST_CHECK;
struct err *import_effect(struct web *w, struct importing *im, i64 row, const void *record, i64 was)
    MUST_CHECK;
/* One more row of that fate. */
void import_count_row(struct import_counts *c, enum row_fate fate);
