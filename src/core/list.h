/* SPDX-License-Identifier: Apache-2.0 */
/* Lists: one SQL statement composed from an entity's field table and a request's filters, sort and
 * cursor. Everything that lists records (pages, API, export, counts) goes through here, so the
 * visibility formula is applied once. User text only ever reaches binds. */
#pragma once

#include "core/entity.h"

/* How a list is asked for, by address:
 *   q=text            contains, over the entity's text columns (folded)
 *   <field>=value     choice code, catalogue code, reference (number or id), date, "none" for empty
 *   <field>.min= / <field>.max=   numbers, levels, dates
 *   sort=field or -field          sortable fields only (allow-list); `number` always
 *   after=cursor      keyset: opaque, made by list_run for the last row
 *   limit=1..200      default 50
 *   asof=DATE         handled by the dispatcher */
struct list_filter {
    const struct field *field;
    enum { LIST_IS, LIST_MIN, LIST_MAX, LIST_EMPTY } how;
    const char *text; /* as given */
    i64 num;
};
struct list_query {
    const struct entity *entity;
    const char *q;
    struct list_filter filters[16];
    size_t nfilters;
    const struct field *sort; /* NULL = number */
    bool descending;
    const char *after;
    int limit;
    /* A fixed extra condition of the calling page: literal SQL over the alias `t` with $n from 1
     * replaced by the list's own numbering: text uses @1 @2 for `extra_vals`. */
    const char *extra;
    struct val extra_vals[4];
    size_t nextra;
    /* Set by core/list itself: the ids that contain `q` when the index knows them all. */
    bool planned;
    const char *ids;
};

/* Reads the query from the request. ERR_BAD names the parameter that cannot be used and what is
 * allowed instead. */
struct err *list_parse(struct web *w, const struct entity *e, struct list_query *out) MUST_CHECK;
/* One page of records: `records` is an array of `*count` structs of the entity; `next` the cursor
 * or NULL at the end. */
struct list_result {
    void *records;
    size_t count;
    const char *next;
    i64 total;   /* exact up to 1,000; then 1,001 */
    bool capped; /* show "1,000+" */
};
struct err *list_run(struct web *w, const struct list_query *q, bool total, struct list_result *out)
    MUST_CHECK;
/* All matching records in order, one by one (exports): constant memory. */
struct err *list_stream(struct web *w, const struct list_query *q,
                        struct err *(*each)(void *ctx, const void *record), void *ctx) MUST_CHECK;
/* Number of records this person sees; cached per organisation change number. */
struct err *list_count(struct web *w, const struct entity *e, i64 *out) MUST_CHECK;
/* Counts per value of a CHOICE, CODE, REF or LEVEL field under the other filters. */
struct facet {
    const char *value, *label;
    i64 count;
};
struct err *list_facet(struct web *w, const struct list_query *q, const struct field *f,
                       struct facet **out, size_t *count) MUST_CHECK;

/* --- drawing --- */
/* The address of this list with one parameter changed (NULL removes it) and the cursor dropped. */
const char *list_url(struct web *w, const struct list_query *q, const char *name,
                     const char *value);
/* Search box, filter chips, count and "as of". */
struct err *list_draw_bar(struct web *w, const struct list_query *q, const struct list_result *r)
    MUST_CHECK;
/* Table of the listed columns. `cell` may be NULL; it draws what stands inside the cell and returns
 * true, or returns false for the usual value. For the title column it is called after the record's
 * link and may add a line below it (.list-sub). */
struct err *list_draw_table(struct web *w, const struct list_query *q, const struct list_result *r,
                            bool (*cell)(struct web *w, const struct field *f, const void *record))
    MUST_CHECK;
/* "Next" and the export links. */
void list_draw_pager(struct web *w, const struct list_query *q, const struct list_result *r);
/* All of it in a card: bar, table, pager; when there are no records, what to do instead. */
struct err *list_draw(struct web *w, const struct list_query *q, const struct list_result *r,
                      bool (*cell)(struct web *w, const struct field *f, const void *record))
    MUST_CHECK;
