/* SPDX-License-Identifier: Apache-2.0 */
/* Files to import as columns and rows of text: CSV in any encoding, JSON, workbooks. What was found
 * out about the file is told, and may be overruled. Knows nothing of entities. */
#pragma once

#include <stdio.h>

#include "base/json.h"
#include "core/convert.h"

#define IMPORT_COLUMNS 500
#define IMPORT_ROWS 250000LL               /* rows that one import takes */
#define IMPORT_FILE_MOST CONVERT_FILE_MOST /* bytes of a file */
#define IMPORT_VALUES 40                   /* distinct values of a column that are kept */
#define IMPORT_NOTES 40

enum source_kind { SOURCE_CSV, SOURCE_JSON, SOURCE_XLSX };

/* What somebody says about the file; NULL and 0 = find out. */
struct source_ask {
    const char *encoding; /* one of source_encodings() */
    const char *sheet;    /* number from 1, or name */
    const char *wanted;   /* plural of the kind of records: which sheet of a library is meant */
    char delimiter;
    i64 header; /* row that holds the names of the columns */
    /* True when a heading is known: finds the row of the headings below titles. May be NULL. */
    bool (*known)(void *ctx, const char *heading);
    void *ctx;
};

/* What stands in a column: for guesses, and for what a person wants to see. */
struct column_facts {
    i64 filled;
    size_t nvalues;
    const char *value[IMPORT_VALUES]; /* in order of appearance, at most 100 bytes each */
    i64 times[IMPORT_VALUES];
    bool more; /* there are further or longer values */
};

struct source {
    const char *name; /* as the sender says; data, never a path */
    enum source_kind kind;
    const char *sha256; /* of the file as it was sent */
    size_t file_size;
    const char *encoding;      /* "UTF-8", "Windows-1252", ...; NULL for workbooks */
    bool encoding_sure;        /* a mark or the bytes leave no doubt */
    bool library;              /* of controls: kind is SOURCE_XLSX, rows are lines of the file */
    i64 unreadable;            /* characters that the encoding does not have */
    char delimiter;            /* of CSV */
    i64 header;                /* row of the column names; 0 for JSON */
    struct convert_told *told; /* of a workbook */
    const char **columns;      /* names, distinct */
    struct column_facts *facts;
    size_t ncolumns;
    i64 rows;                        /* with something in them, below the header */
    const char *notes[IMPORT_NOTES]; /* sentences about the file, in this thread's language */
    size_t nnotes;
    /* inside core/import_read and core/import_json only */
    struct arena *arena;
    const char *data; /* UTF-8, or ROW frames of a workbook */
    size_t size;
    int *at; /* column that a cell of the file belongs to, by its position; -1 = none */
    size_t nat;
};

struct source_row {
    i64 row;           /* as a spreadsheet counts from 1; JSON: the object */
    i64 line;          /* line of the file; 0 = not known */
    const char **cell; /* by column; NULL = the row does not have it */
    const char **bad;  /* by column: why the cell cannot be used, or NULL */
    bool *text;        /* by column: a text in the file, not a number, date or truth value */
    bool hidden;
    const char *wrong; /* why the row cannot be read, or NULL */
};

/* Reads the whole of `file` into a file of its own, finds out what it is, its columns and what
 * stands in them. `name` is used in sentences and tells nothing else. What it holds is released
 * with the arena. ERR_BAD or ERR_LIMIT with the line when it cannot be understood or is too large.
 */
struct err *source_open(struct arena *a, FILE *file, const char *name, const struct source_ask *ask,
                        struct source **out) MUST_CHECK;
/* Calls `each` for every row that has something in it; cells live until it returns. */
struct err *source_each(struct source *s,
                        struct err *(*each)(void *ctx, const struct source_row *r), void *ctx)
    MUST_CHECK;
/* The encodings that may be asked for, NULL-terminated. */
const char *const *source_encodings(void);
/* "C" of column 3, as spreadsheets call it. */
const char *source_letters(struct arena *a, size_t column);
void source_note(struct source *s, const char *format, ...) PRINTF(2, 3);

/* --- inside core/import_{bytes,read,json}.c only --- */

/* A new file without a name. */
struct err *source_temporary(struct arena *a, FILE **out) MUST_CHECK;
/* Copies and maps the file: data, size, sha256. */
struct err *source_take(struct source *s, FILE *file, FILE **copy) MUST_CHECK;
struct err *source_map(struct source *s, FILE *file) MUST_CHECK;
/* Makes data UTF-8 without control characters; what cannot be read becomes U+FFFD. */
struct err *source_decode(struct source *s, const char *asked) MUST_CHECK;
bool source_looks_like_json(const struct source *s);
struct err *source_json_columns(struct source *s) MUST_CHECK;
struct err *source_json_each(struct source *s,
                             struct err *(*each)(void *ctx, const struct source_row *r), void *ctx)
    MUST_CHECK;
/* Adds a value to what is known of a column. */
void source_profile(struct source *s, size_t column, const char *text);
/* Why a cell with this text cannot be used, or NULL. */
const char *source_bad_text(const char *text);
