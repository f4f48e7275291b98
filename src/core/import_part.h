/* SPDX-License-Identifier: Apache-2.0 */
/* Inside core/import* only: a file of rows, its columns, and what becomes of each row. */
#pragma once

#include <stdio.h>

#include "core/import.h"

#define IMPORT_SAMPLES 20
#define IMPORT_PROBLEMS 200
#define IMPORT_COLUMNS 200

/* --- the file (import_read.c) --- */
enum source_kind { SOURCE_CSV, SOURCE_JSON };
struct source {
    const char *name; /* as the sender says; data, never a path */
    const char *data;
    size_t size;
    enum source_kind kind;
    bool converted; /* was not UTF-8 and was read as Windows-1252 */
    const char *sha256;
    const char **columns; /* names in order of appearance */
    size_t ncolumns;
};
struct source_row {
    i64 row;           /* as a spreadsheet counts: the header of a CSV is row 1 */
    i64 line;          /* line of the file, 0 for JSON */
    const char **cell; /* by column; NULL = the row does not have it */
    const char *wrong; /* why the row cannot be read, or NULL */
};
/* Reads the whole of `file` into memory pages of the file itself where possible, finds out what it
 * is and its columns. `name` is used in sentences and to tell JSON from CSV. What it holds is
 * released with the arena. ERR_BAD with the line when the file cannot be understood. */
struct err *source_open(struct arena *a, FILE *file, const char *name, struct source **out)
    MUST_CHECK;
/* Calls `each` for every row; cells live until it returns. */
struct err *source_each(struct source *s,
                        struct err *(*each)(void *ctx, const struct source_row *r), void *ctx)
    MUST_CHECK;

/* --- columns (import_map.c) --- */
enum column_use {
    COLUMN_UNKNOWN, /* nothing fits: somebody must say */
    COLUMN_FIELD,
    COLUMN_NUMBER,  /* number of the record: which one is meant */
    COLUMN_SET,     /* made by the program: read by nobody, told in `note` */
    COLUMN_IGNORED, /* somebody said so */
};
struct column {
    const char *name;
    enum column_use use;
    const struct field *field; /* of COLUMN_FIELD and, where known, COLUMN_SET */
    const char *note;
    bool told; /* somebody said so: it is no guess */
};
/* True when an import may fill the field. */
bool import_may_fill(const struct field *f);
/* Matches all columns by name, label and common other words. */
void import_guess(struct arena *a, const struct entity *e, const struct source *s,
                  struct column *out);
/* Sets column `name` to the field called `field` ("number" = number of the record, "-" = ignore).
 * ERR_BAD with the choices when either is unknown or the field is taken. */
struct err *import_assign(struct arena *a, const struct entity *e, struct column *columns, size_t n,
                          const struct pair *map) MUST_CHECK;

/* --- rows (import_rows.c) --- */
enum row_fate { ROW_CREATE, ROW_CHANGE, ROW_SAME, ROW_WRONG };
struct problem {
    i64 row, line;
    const char *column, *text;
};
struct sample {
    i64 row;
    enum row_fate fate;
    const char *title, *what;
};
struct import_counts {
    i64 rows, created, changed, same, wrong;
};
struct import {
    struct web *w;
    const struct entity *e;
    struct source *source;
    struct column *columns; /* as many as the source has */
    struct inputs defaults; /* values of new records that no column gives */
    bool good_rows;         /* write the good rows when others are wrong */
    struct arena *arena;    /* lives as long as the import */
    struct import_counts counts;
    struct problem problems[IMPORT_PROBLEMS]; /* the first ones */
    size_t nproblems;
    struct sample samples[IMPORT_SAMPLES];
    size_t nsamples;
    i64 written; /* rows that are in the store after a run that broke off */
    struct import_state *state;
};
/* An import of `s` by `w`; the columns are guessed. Everything lives in w->arena or is released
 * with it. Needs the right to write the entity and import.run. */
struct err *import_new(struct web *w, const struct entity *e, struct source *s, struct import **out)
    MUST_CHECK;
/* Gives a field of every new record a value; a column for the field wins. ERR_BAD says what is
 * wrong with it. */
struct err *import_default(struct import *im, const char *field, const char *value) MUST_CHECK;
/* True when new records need a value for the field and no column gives it. */
bool import_lacks(const struct import *im, const struct field *f);
/* The default that was given for the field, or NULL. */
const char *import_default_of(const struct import *im, const struct field *f);
/* Reads every row and finds out what it would do; nothing is written. For a read transaction. */
struct err *import_check(struct web *w, void *import) MUST_CHECK;
/* Writes the rows and one entry in the log: up to 1,000 rows all or nothing, more of them in
 * pieces, each in a transaction of its own. To be called after a check; refuses when rows are wrong
 * unless good_rows. ERR_CLASH tells how many rows were written when a later piece was refused. */
struct err *import_write(struct import *im) MUST_CHECK;
/* Number of columns nobody has decided about. */
size_t import_undecided(const struct import *im);

/* --- pages (import_view.c) --- */
struct err *import_draw_upload(struct web *w, const struct entity *e) MUST_CHECK;
/* The preview of a checked import, kept under `token`. */
struct err *import_draw_preview(struct web *w, const struct import *im, const char *token)
    MUST_CHECK;
