/* SPDX-License-Identifier: Apache-2.0 */
/* Inside core only: the SQL of lists, composed from an entity's field table. Names come from field
 * tables, values only ever reach binds. The alias of the listed table is `t`. */
#pragma once

#include "core/list.h"

#define LIST_VALS 400
#define LIST_MOST 1000 /* totals are exact up to here */

/* A statement that is being composed. */
struct list_sql {
    struct web *w;
    struct buf text;
    struct val vals[LIST_VALS];
    size_t count;
};
void list_sql_init(struct list_sql *s, struct web *w);
/* Takes a value and gives its number, for texts that name it more than once. */
int list_value_number(struct list_sql *s, struct val v);
/* Adds the next "$n" for a value; one too many is a mistake of the program. */
void list_bind(struct list_sql *s, struct val v);
struct err *list_sql_run(struct list_sql *s, struct rows **out) MUST_CHECK;

/* " and ..." that leaves the rows which this person may see (decisions.md 16); nothing when they
 * see all. The organisation must be $1. */
void list_visibility(struct list_sql *s, const struct entity *e);
/* Where a page starts: after the row with this id and this value of the sort field. */
struct list_cursor {
    bool set;
    struct val value; /* null = the row had none */
    i64 id;
};
/* Opaque text of the position of `record` in the order of `q`, and back; the text is bound to sort
 * and direction: ERR_BAD for one that does not fit. */
const char *list_cursor_write(struct arena *a, const struct list_query *q, const void *record);
const char *list_cursor_at(struct arena *a, const struct list_query *q, struct val v, i64 id);
struct err *list_cursor_read(struct arena *a, const struct list_query *q, struct list_cursor *out)
    MUST_CHECK;

/* Number and title of a record that others refer to. */
struct list_title {
    const struct entity *entity; /* NULL: what a RECORD_REF points to; then `head` says more */
    i64 id, number;
    const char *title;
    const struct record_head *head;
};
struct list_titles {
    struct list_title *list; /* sorted by entity and id */
    size_t count;
};
/* The titles of everything that `fields` (REF, REFS, RECORD; others are skipped) of the records
 * point to: one query per entity, not one per row. */
struct err *list_titles(struct web *w, const struct field *const *fields, size_t nfields,
                        const struct list_result *r, size_t size, struct list_titles *out)
    MUST_CHECK;
/* NULL when the id is unknown. */
const struct list_title *list_title_of(const struct list_titles *t, const struct entity *e, i64 id);
/* Records to choose from, by title; at most `limit`, and only those that this person sees. */
struct err *list_options(struct web *w, const struct entity *e, int limit, struct list_titles *out)
    MUST_CHECK;
/* Fills the REFS fields of `count` records of `e`: one query per field. */
struct err *list_load_links(struct web *w, const struct entity *e, void *records, size_t count)
    MUST_CHECK;
/* The same for one REFS field. */
struct err *list_load_field(struct web *w, const struct entity *e, const struct field *f,
                            const struct list_result *of) MUST_CHECK;
/* Like list_count, but stops at `most` + 1. Not cached. */
struct err *list_count_capped(struct web *w, const struct list_query *q, i64 most, i64 *out)
    MUST_CHECK;

/* Counts of several lists (NULL entries are skipped), each up to `most` + 1; cached like
 * list_count, with one question about changes for all of them. */
struct err *list_counts(struct web *w, const struct entity *const *entities, size_t n, i64 most,
                        i64 *out) MUST_CHECK;

/* The record as it was in `version`; ERR_MISSING when there is no such version. */
struct err *list_old_version(struct web *w, const struct entity *e, i64 id, i64 version,
                             void *record) MUST_CHECK;
/* The id of a record, removed or not, by the id as text or the number as written ("R-12"; slow:
 * history has no index of numbers); 0 when there is none. */
struct err *list_removed_id(struct web *w, const struct entity *e, const char *text, i64 *id)
    MUST_CHECK;

/* Draws the value of a field: chip, link, text; a dash when empty. `titles` holds the references of
 * the record. `full` = all of a long text or of many references (details), else shortened (lists).
 */
struct err *list_draw_value(struct web *w, const struct entity *e, const struct field *f,
                            const void *record, const struct list_titles *titles, bool full)
    MUST_CHECK;
/* Hidden inputs for all parameters of the list but `name` and the page's place: a form that
 * changes one parameter keeps the others. */
void list_hidden(struct web *w, const char *name);

/* Like list_parse, for pages with parameters of their own (NULL-terminated, may be NULL). */
struct err *list_parse_own(struct web *w, const struct entity *e, const char *const *own,
                           struct list_query *out) MUST_CHECK;
