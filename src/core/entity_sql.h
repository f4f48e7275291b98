/* SPDX-License-Identifier: Apache-2.0 */
/* Inside core only: the SQL of entities, composed once per entity from its field table, and the
 * history twins. Used by core/entity*, core/list, core/trail (tail and verify), core/search. */
#pragma once

#include "base/buf.h"
#include "core/entity.h"

#define HISTORY_OPEN 9223372036854775807LL /* valid_to of the version that holds now */

/* Columns of one row in the order of every select below: id, number, version, then each field that
 * is not REFS in the order of the field table; the history without the derived ones. The live table
 * has the alias t. */
struct link_sql { /* of one REFS field; $1 org, $2 record, $3 target, $4 at, $5 log_idx */
    const char *load, *insert, *remove;
    const char *open, *begin, *close; /* in the history twin */
};
struct entity_sql {
    const struct entity *entity;
    const char *columns;         /* "t.id, t.number, t.version, t.title, ..." */
    const char *history_columns; /* the same without derived fields, alias t */
    size_t ncolumns, nhistory;   /* how many columns those are */
    const char *load;            /* $1 org, $2 id */
    const char *live_page;       /* $1 org, $2 id, $3 limit */
    const char *visible;         /* $1 org, $2 id, $3 person, $4 today: one row when visible */
    const char *visible_past;    /* the same on a connection that shows a past day */
    const char *insert;          /* $1 org, $2.. as `columns` */
    const char *remove;          /* $1 org, $2 id, $3 version */
    const char *title;           /* title, number: $1 org, $2 id */
    const char *titles;          /* id, title: $1 org, $2 JSON array of ids */
    const char *last_title; /* title ("" when derived), number of the last version: $1 org, $2 id */
    const char *by_number, *by_title, *by_email,
        *by_code;               /* id: $1 org, $2; NULL = no such field */
    const char *history_insert; /* $1 org, $2.. as `history_columns`, at, valid_to, log_idx, salt */
    const char *history_close;  /* $1 org, $2 id, $3 version, $4 at */
    const char *history_page;   /* + at, to, idx, salt: $1 org, $2 id, $3 version, $4 limit */
    /* The same of one record, newest first: $1 org, $2 id, $3 limit, $4 only versions below this
     * one, $5 only those that were there at this time. */
    const char *history_of;
    /* Erasing (core/redact.h): $1 org, $2 id, $3 the version to keep. */
    const char *redact_found, *redact_whole;             /* log_idx of versions; all texts */
    const char *redact_found_personal, *redact_personal; /* NULL without personal fields */
    const struct link_sql *links; /* by index of the field; empty for those that are not REFS */
};
/* The texts of an entity: composed at the first call, kept for the life of the process; safe from
 * any thread. */
const struct entity_sql *entity_sql(const struct entity *e);
/* The visibility formula over the table `t` (decisions.md 16) for people who may not see all
 * records of the kind: in parentheses, with the numbers of the binds w->org, w->person, w->today.
 * `past`: `t` shows a past day (w->asof), while who may see it is judged as of now, so the formula
 * asks the live tables (now_<table>, db.h). Load, list, count, search and export all use this text.
 */
struct visible {
    int org, person, today;
    bool past;
};
void entity_visible_sql(struct buf *b, const struct entity *e, const struct visible *v);
/* `visible` or `visible_past` of the entity's SQL, as w->asof says. */
const char *entity_visible(const struct web *w, const struct entity *e);

/* True when the person holds the right to read the kind; entity_sees_all asks for more when the
 * kind is about other records. */
bool entity_reads_kind(const struct web *w, const struct entity *e);
/* The organisation in which the rows of the entity live: 0 for `site` entities, else w->org. */
i64 entity_org(const struct web *w, const struct entity *e);
/* A label inside a sentence: "risk" for "Risk"; "SoA version" stays. */
const char *entity_noun(struct web *w, const char *label);
/* The one answer for unknown, invisible and foreign ids. */
struct err *entity_missing(struct web *w, const struct entity *e);
/* True for kinds that are held as text. */
bool field_is_text(const struct field *f);
/* True when the field's value counts as empty: it is stored as NULL, left out of the canonical text
 * and null in JSON. Numbers: LEVEL, REF, TIME at 0; MONEY at 0 unless required; INT at 0 unless
 * required or 0 is in its range. BOOL and SET are never empty in this sense: they are stored as 0.
 */
bool field_null(const struct field *f, const void *record);
/* The value as a bind (not for REFS). */
struct val field_val(const struct field *f, const void *record);
bool field_equal(const struct field *f, const void *a, const void *b);
void field_copy(const struct field *f, void *to, const void *from);
/* "1,234.50" in minor units; false when it is not an amount. */
bool money_read(const char *text, i64 *out);
/* Adds an id to an ascending list that this code owns, in its place; nothing when it is there. */
void ids_add(struct arena *a, struct ids *ids, i64 id);
/* The titles of several records in their order, joined by ", ": one query. */
struct err *entity_titles(struct web *w, const struct entity *e, const struct ids *ids,
                          const char **out) MUST_CHECK;
/* Title and number in the last version, of a record that may be removed; number 0 when there never
 * was one. */
struct err *entity_last_title(struct web *w, const struct entity *e, i64 id, const char **title,
                              i64 *number) MUST_CHECK;
/* Fills a record from the row under the cursor: `first` is the column of `id`; the columns are
 * those of `columns` or of `history_columns` when `history`. REFS stay empty. The texts live as
 * long as the rows do. */
void entity_from_row(const struct entity *e, const struct rows *r, size_t first, bool history,
                     void *record);
/* Fills the REFS fields of a record from the link tables (one query per field). */
struct err *entity_load_links(struct web *w, const struct entity *e, void *record) MUST_CHECK;

/* --- the tail: called by trail_tail for each queued item of a record, in this order ---
 * create:          entity_history_insert
 * change:          entity_history_close(before), entity_history_insert
 * restore:         entity_history_insert (before = last version; its row is closed already)
 * remove:          entity_history_end: the last row and all links are closed, no new row.
 * trail_record is called with action "remove", before = last version, after = 0. The rows go to
 * organisation entity_org(w, e). As of `t` means valid_from <= t < valid_to. */
/* Sets valid_to of version `before` to `at`. ERR_FAULT when that version is not the open one. */
struct err *entity_history_close(struct web *w, const struct entity *e, i64 id, i64 before, i64 at)
    MUST_CHECK;
/* Inserts the version row of `record` (its version and number are set) with valid_from = at and
 * valid_to = HISTORY_OPEN. Then the links: open link rows whose target is no longer in the record
 * are closed at `at`; new targets get a row with this `at` and `log_idx`. */
struct err *entity_history_insert(struct web *w, const struct entity *e, const void *record, i64 at,
                                  i64 log_idx, struct bytes salt) MUST_CHECK;
/* Closes version `before` and all open links at `at`. */
struct err *entity_history_end(struct web *w, const struct entity *e, i64 id, i64 before, i64 at)
    MUST_CHECK;

/* --- entity_files.c: SHA-256 in fields with `file` --- */
/* The number of the first record that ever named this file; 0 = none of this kind. */
struct err *entity_file_owner(struct web *w, const struct entity *e, const char *hash, i64 *number)
    MUST_CHECK;
/* Number and hash of versions whose file has no row; `*out` is NULL for kinds without files. */
struct err *entity_lost_files(struct web *w, const struct entity *e, struct rows **out) MUST_CHECK;

/* --- reading back, for verify ---
 * Pages of rows in order of (id, version), in w->arena; between pages the caller may give w (and
 * its db) another arena. Works on the organisation w->org (site entities: w->org must be 0). */
struct history_row {
    void *record; /* with REFS as they were in that version; derived fields are zero */
    i64 valid_from, valid_to, log_idx;
    struct bytes salt; /* {NULL, 0} when redacted */
};
/* Up to `limit` rows after (id, version); start with 0, 0; `*count` = 0 at the end. */
struct err *entity_history_page(struct web *w, const struct entity *e, i64 id, i64 version,
                                int limit, struct history_row **out, size_t *count) MUST_CHECK;
/* The rows of a result of `history_page` or `history_of`, with their REFS. */
struct err *entity_history_rows(struct web *w, const struct entity *e, struct rows *r,
                                struct history_row **out, size_t *count) MUST_CHECK;
/* Live rows after `id`, with REFS and derived fields: an array of structs of e->size bytes. */
struct err *entity_live_page(struct web *w, const struct entity *e, i64 id, int limit, void **out,
                             size_t *count) MUST_CHECK;
/* Recomputes the derived fields of a live record and compares: `*wrong` = the first field that
 * differs, or NULL. */
struct err *entity_derived_wrong(struct web *w, const struct entity *e, const void *record,
                                 const struct field **wrong) MUST_CHECK;
