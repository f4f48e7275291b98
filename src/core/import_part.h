/* SPDX-License-Identifier: Apache-2.0 */
/* Inside core/import* only: an import that is being prepared or runs. */
#pragma once

#include "core/import.h"
#include "core/import_source.h"

#define IMPORT_PROBLEMS 200
#define IMPORT_UNMATCHED 200   /* values that found nothing, kept for the offer to mend them */
#define IMPORT_PIECE 250       /* rows in one transaction */
#define IMPORT_WHOLE 1000      /* up to so many rows, all or nothing in one transaction */
#define IMPORT_INLINE 1000     /* rows that a request does itself; more is a job */
#define IMPORT_MISSING_TOLD 50 /* records that are missing in a whole list, told before it runs */

/* --- columns (import_map.c, import_value.c) --- */
enum column_use {
    COLUMN_UNKNOWN, /* nobody has decided; `field` may hold a guess that is not sure */
    COLUMN_FIELD,
    COLUMN_NUMBER,  /* number of the record: which one is meant */
    COLUMN_KEY,     /* key of another program: which one is meant */
    COLUMN_SET,     /* made by the program: read by nobody, told in `note` */
    COLUMN_IGNORED, /* somebody said so */
};
enum date_order { DATES_AS_FOUND, DATES_DAY_FIRST, DATES_MONTH_FIRST };
/* A value of the file and what stands for it; "" = nothing. */
struct value_map {
    const char *from, *to;
    bool told; /* somebody said so: it is no guess */
};
struct column {
    const char *name;
    enum column_use use;
    const struct field *field; /* of COLUMN_FIELD and, where known, COLUMN_SET and COLUMN_UNKNOWN */
    const char *note;
    bool told; /* somebody said so: it is no guess */
    struct value_map *values;
    size_t nvalues, value_room;
    enum date_order dates;
    bool dates_open;    /* both orders are possible */
    bool decimal_comma; /* numbers like 1.234,50 */
};
/* True when an import may fill the field. */
bool import_may_fill(const struct field *f);
/* Matches all columns by name, label and other words (content/import_synonyms.tsv). */
void import_guess(struct web *w, const struct entity *e, const struct source *s,
                  struct column *out);
/* True when a heading is a field's name, label or other word; `ctx` is what import_knows made. */
void *import_knows(struct web *w, const struct entity *e);
bool import_known(void *ctx, const char *heading);
/* Sets column `name` to the field called `field` ("number" = number of the record, "key" = key of
 * another program, "-" = ignore). ERR_BAD with the choices when either is unknown or the field is
 * taken. */
struct err *import_assign(struct arena *a, const struct entity *e, struct column *columns, size_t n,
                          const struct pair *map) MUST_CHECK;
/* "E-Mail Address" and "e_mail_address" -> "e mail address". */
const char *import_words(struct arena *a, const char *name);
/* Words with the same letters: "jobtitle" is "job_title". */
bool import_same_words(struct arena *a, const char *left, const char *right);
/* How many letters differ, up to `most` + 1. */
size_t import_distance(const char *left, const char *right, size_t most);
/* All other words, folded. Returns how many. */
struct synonym {
    const char *use, *means, *word;
};
size_t import_synonyms(const struct web *w, struct arena *a, struct synonym **out);

struct importing;
/* Guesses what values, dates and numbers of the matched columns mean, as far as nobody said so. */
struct err *import_guess_values(struct importing *im) MUST_CHECK;
/* Says what a value of a column stands for. */
void import_map_value(struct importing *im, struct column *c, struct value_map map);
/* The value of a cell as the field takes it. */
const char *import_value(struct importing *im, const struct column *c, const char *text);
/* "2026-03-01" of "1.3.2026", "03/Mar/26 9:12 AM", ...; NULL when it is no date. */
const char *import_date(struct arena *a, const char *text, enum date_order order);
/* "Ann Lee (IT) <ann@example.com>" and the like: name and address, either may be NULL. */
void import_name_and_mail(struct arena *a, const char *text, const char **name, const char **mail);

/* --- rows (import_rows.c) --- */
enum row_fate { ROW_CREATE, ROW_CHANGE, ROW_SAME, ROW_WRONG, ROW_FATES };
extern const char *const row_fate_names[ROW_FATES]; /* "create" ... */
struct problem {
    i64 row, line; /* row 0: of all rows alike, told once */
    const char *column, *field, *text;
};
struct row_result;
/* Hears what becomes of each row while it is checked. Both may be NULL. */
struct import_sink {
    struct err *(*row)(void *ctx, const struct importing *im, const struct source_row *row,
                       const struct row_result *r);
    /* A row that was told is wrong after all. */
    struct err *(*late)(void *ctx, const struct importing *im, const struct problem *p);
    /* Outside a transaction, after some rows and at the end. */
    struct err *(*flush)(void *ctx, struct importing *im);
    void *ctx;
};
/* A value that found nothing. */
struct unmatched {
    const struct column *column;
    const char *text;
    i64 times;
};
struct import_counts {
    i64 rows, created, changed, same, wrong;
};
enum import_match {
    MATCH_AUTO,     /* number, key, external number, e-mail, code, title: the first that is there */
    MATCH_NUMBER,   /* number only */
    MATCH_KEY,      /* key of the other program only */
    MATCH_TITLE,    /* title only */
    MATCH_EMAIL,    /* e-mail only */
    MATCH_EXTERNAL, /* external number only */
    MATCH_NONE,     /* every row is new */
    MATCHES
};
extern const char *const import_match_names[MATCHES]; /* "auto" ... */

struct importing {
    struct web *w;
    const struct entity *e;
    struct source *source;
    struct column *columns; /* as many as the source has */
    struct inputs defaults; /* values of new records that no column gives */
    enum import_match match;
    const char *origin;    /* name of the program that the keys are of */
    const char *reason;    /* why records are changed, or NULL */
    enum date_order dates; /* as somebody said, for all columns */
    bool good_rows;        /* write the good rows when others are wrong */
    bool complete;         /* the file is the whole list: tell what it lacks */
    bool details;          /* tell what changes, field by field */
    struct arena *arena;   /* lives as long as the import */
    struct import_counts counts;
    struct problem problems[IMPORT_PROBLEMS]; /* the first ones */
    size_t nproblems;
    i64 *lacking; /* by field: new rows that no column gives a value it needs; after a check */
    struct unmatched unmatched[IMPORT_UNMATCHED];
    size_t nunmatched;
    i64 missing;           /* records of the register that a complete file lacks, after a check */
    json_t *missing_first; /* the first ones: [number, title] */
    i64 record;            /* id of the import's record, once it is written */
    i64 number;            /* and its number */
    i64 written;           /* rows that are in the store after a run that broke off */
    i64 draft;             /* of a page; 0 = none */
    i64 remembered;        /* when a file with these headings was imported last, or 0 */
    struct import_state *state;
};
/* An import of `s` by `w`; the columns are guessed. Everything lives in w->arena or is released
 * with it. Needs the right to write the entity and import.run. */
struct err *import_new(struct web *w, const struct entity *e, struct source *s,
                       struct importing **out) MUST_CHECK;
/* Gives a field of every new record a value; a column for the field wins. ERR_BAD says what is
 * wrong with it. */
struct err *import_default(struct importing *im, const char *field, const char *value) MUST_CHECK;
/* True when new records need a value for the field and no column gives it. */
bool import_lacks(const struct importing *im, const struct field *f);
/* The default that was given for the field, or NULL. */
const char *import_default_of(const struct importing *im, const struct field *f);
/* Number of columns nobody has decided about. */
size_t import_undecided(const struct importing *im);
/* The column that fills the field ("number", "" for the row), as the file calls it. */
const char *import_column_of(const struct importing *im, const char *field);

/* --- checking and writing (import_run.c), outside a transaction --- */
/* Reads every row and finds out what it would do; nothing is written. */
struct err *import_check(struct importing *im, const struct import_sink *sink) MUST_CHECK;
/* Writes the rows, the record of the import, its effects and one entry in the log: up to
 * IMPORT_WHOLE rows all or nothing, more of them in pieces, each in a transaction of its own. To be
 * called after a check; refuses when rows are wrong unless good_rows. When a piece is refused and
 * only all rows were wanted, what was written is taken back. An import that a killed server left
 * goes on behind the last piece. */
struct err *import_write(struct importing *im) MUST_CHECK;

/* --- what a complete file lacks (import_missing.c) --- */
/* A row means this record. */
void import_met(struct importing *im, i64 record);
/* Counts what is missing; after a check, outside a transaction. */
struct err *import_missing_find(struct importing *im) MUST_CHECK;
/* Keeps what is missing with the import; in its last write transaction. */
struct err *import_missing_write(struct web *w, struct importing *im) MUST_CHECK;
/* Draws what would be missing, out of the facts of a draft: {"count", "first": [[number, title]]}.
 */
void import_draw_would_miss(struct web *w, const struct entity *e, const json_t *missing);

/* --- settings (import_settings.c) --- */
/* What somebody said, as JSON: encoding, sheet, delimiter, header, match, origin, dates, columns
 * {heading: field}, values {heading: {value: other}}, defaults {field: value}. */
/* Fills in what source_open is asked; texts live as long as the JSON. */
struct err *import_settings_ask(json_t *settings, struct source_ask *ask) MUST_CHECK;
/* Applies the rest. `strict`: a heading that the file does not have is an error. */
struct err *import_settings_apply(struct importing *im, json_t *settings, bool strict) MUST_CHECK;
/* What the columns of the import are now, for the next file with these headings. */
json_t *import_settings_of(const struct importing *im);
/* A digest of the headings, in any order. */
const char *import_headings(struct arena *a, const struct source *s);
/* The settings of the last import of such a file, or NULL; in a transaction. */
struct err *import_remembered(struct web *w, const struct entity *e, const struct source *s,
                              json_t **out, i64 *at) MUST_CHECK;
/* Keeps them; in a write transaction. */
struct err *import_remember(struct importing *im) MUST_CHECK;
/* The import of a file under settings: opened, remembered matching first, then what is said. */
struct import_input {
    FILE *file;
    const char *name;
    json_t *settings;
    bool strict; /* a word about a column that the file does not have is an error */
};
struct err *import_open(struct web *w, const struct entity *e, const struct import_input *in,
                        struct importing **out) MUST_CHECK;

/* --- keys of other programs (import_key.c) --- */
/* The live record that stands for the key, or 0. */
struct err *import_key_find(struct web *w, const struct entity *e, const char *origin,
                            const char *key, i64 *id) MUST_CHECK;
/* True when a key of that program stands for the record. */
struct err *import_key_claims(struct web *w, const struct entity *e, const char *origin, i64 id,
                              bool *out) MUST_CHECK;
struct err *import_key_keep(struct web *w, const struct entity *e, const char *origin,
                            const char *key, i64 id) MUST_CHECK;
/* A form that is sent twice has its answer already: the slow part is not done again. `ctx` is a
 * bool. */
struct err *import_was_done(struct web *w, void *ctx) MUST_CHECK;

/* For a library of controls that is to be read as controls: looks at them as if their set were here
 * (`*out`), so that nothing is kept of a library that is refused; then, unless `dry` or a row is
 * wrong, writes the set and leaves *out NULL, as for every other file: then the import goes on as
 * usual. */
struct err *import_library_look(struct web *w, const struct entity *e,
                                const struct import_input *in, bool dry, struct importing **out)
    MUST_CHECK;
