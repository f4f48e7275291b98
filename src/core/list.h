/* SPDX-License-Identifier: Apache-2.0 */
/* Lists: one SQL statement composed from an entity's field table and a request's filters, sort and
 * cursor. Everything that lists records (pages, API, export, counts) goes through here, so the
 * visibility formula is applied once. User text only ever reaches binds. */
#pragma once

#include "core/entity.h"

/* How a list is asked for, by address:
 *   q=text            contains, over the entity's text columns (folded)
 *   <field>=value     choice or catalogue code, reference (number, id, title, "me"), number, yes or
 *                     no; several: "open,closed" or <field>[]= again and again; "none" = empty,
 *                     "any" = not empty; dates: a day, or words like last-30-days (list_dates.c)
 *   <field>.not=      none of these values           <field>.all=  all of them (sets)
 *   <field>.has=      text that the field contains   <field>.empty=yes|no
 *   <field>.min= / <field>.max=   numbers, levels, dates, both ends included
 *   mine=1            what concerns this person
 *   sort=field or -field          sortable fields only (allow-list); `number` always
 *   group=field       choice, code, reference, yes or no, level: rows by its values
 *   fold=a,b          values of the group that are folded
 *   cols=a,b          columns, in this order; the record itself always comes first
 *   view=id           a saved view (core/view.h); view=all: none, also not the default one
 *   after=cursor      keyset: opaque, made by list_run for the last row
 *   limit=1..200      default 50
 *   asof=DATE         handled by the dispatcher */
enum list_how {
    LIST_IS,     /* one of the values */
    LIST_MIN,    /* at least */
    LIST_MAX,    /* at most */
    LIST_EMPTY,  /* no value */
    LIST_FILLED, /* any value */
    LIST_NOT,    /* none of the values */
    LIST_ALL,    /* a set that has all of the values */
    LIST_HAS,    /* text that contains it */
    LIST_RANGE,  /* from `from` to `to`; a text of NULL is open */
};
struct list_value {
    const char *text;
    i64 num;
};
struct list_filter {
    const struct field *field; /* NULL: "mine" */
    const char *name;          /* of the parameter: "due.min" */
    enum list_how how;
    const char *text;                /* as given; with several values the first one */
    i64 num;                         /* of the first value; of a set all their bits */
    const struct list_value *values; /* LIST_IS, LIST_NOT, LIST_ALL; may be NULL for one value */
    size_t nvalues;
    bool or_empty; /* LIST_IS: or no value */
    struct list_value from, to;
};
#define LIST_FILTERS 24
#define LIST_COLUMNS 40

struct list_query {
    const struct entity *entity;
    const char *q;
    struct list_filter filters[LIST_FILTERS];
    size_t nfilters;
    const struct field *sort; /* NULL = number */
    bool descending;
    const char *after;
    int limit;
    const struct field *columns[LIST_COLUMNS]; /* besides the record itself; none: those listed */
    size_t ncolumns;
    bool chosen; /* somebody chose the columns */
    const struct field *group;
    i64 view; /* the saved view it comes from, 0 = none */
    /* One more thing to do with ticked rows: the address that gets their id[], and the button's
     * label; NULL = none. */
    const char *pick_address, *pick_label;
    /* A fixed extra condition of the calling page: literal SQL over the alias `t` with $n from 1
     * replaced by the list's own numbering: text uses @1 @2 for `extra_vals`. */
    const char *extra;
    struct val extra_vals[4];
    size_t nextra;
    /* Fields that list_run has to load, by their place in the field table; the others stay empty.
     * All when `partial` is not set. See list_needs. */
    bool partial;
    u64 load[2];
    /* Set by core/list itself (list_plan): how the rows are found. */
    bool planned;
    bool veiled;      /* the values of a hidden field are asked for */
    const char *veil; /* JSON: the records whose hidden fields are read as empty, or NULL */
    const char *ids;  /* JSON: only these can be in it */
    size_t drive;     /* filter (from 1) that few enough fit: they are fetched and sorted */
    size_t walk;      /* filter (from 1) whose index has the order of the list too */
    const struct list_ranks *ranks; /* the values of `sort` as people see their order, or NULL */
    bool one_value;                 /* a filter leaves one value of `sort`, or few */
};

/* True when the list of the kind can be sorted by the field: it has an index, or the records are
 * few and the field has one value that has an order. */
bool list_sorts(const struct entity *e, const struct field *f);
/* Reads the query from the request. ERR_BAD names the parameter that cannot be used and what is
 * allowed instead. Cleans the request's parameters: empty ones go, values of check boxes are
 * joined, those of a saved view come in. */
struct err *list_parse(struct web *w, const struct entity *e, struct list_query *out) MUST_CHECK;
/* Says that list_run loads only the columns that are shown and the fields in `names` (NULL-ended;
 * may be NULL): for pages whose cells read no other field. A wide record costs what is loaded. */
void list_needs(struct list_query *q, const char *const *names);
/* The columns of the list, without the title: those asked for, else those of the field table. */
size_t list_columns(const struct list_query *q, const struct field *out[LIST_COLUMNS]);
/* What a filter asks for, in words: "Owner: Ada, Bob", "Due: in the last 30 days". */
struct err *list_told(struct web *w, const struct list_filter *f, const char **out) MUST_CHECK;
/* One page of records: `records` is an array of `*count` structs of the entity; `next` the cursor
 * or NULL at the end. */
struct list_result {
    void *records;
    size_t count;
    const char *next;
    i64 total;   /* exact up to 1,000; then 1,001 */
    bool capped; /* show "1,000+" */
    /* Not all rows were looked at: no index helps with these filters, and LIST_SCAN records were
     * enough for one page. `next` goes on behind them. */
    bool partial;
    bool unranked; /* too many different values to sort by what people see: by what is stored */
    /* Of a grouped list: the groups on this page, in order; `first` is the index of a record. */
    struct list_group {
        const char *value, *label; /* as in an address, as people read it */
        i64 count;
        size_t first, rows;
        bool folded, goes_on; /* it began on the page before */
    } * groups;
    size_t ngroups;
};
struct err *list_run(struct web *w, const struct list_query *q, bool total, struct list_result *out)
    MUST_CHECK;
/* All matching records in order, one by one (exports): constant memory. */
typedef struct err *list_each(void *ctx, const void *record);
struct err *list_stream(struct web *w, const struct list_query *q, list_each *each, void *ctx)
    MUST_CHECK;
/* Number of records this person sees; cached per organisation change number. */
struct err *list_count(struct web *w, const struct entity *e, i64 *out) MUST_CHECK;
/* Counts per value of a CHOICE, CODE, REF or LEVEL field under the other filters. */
struct facet {
    const char *value, *label; /* as in an address ("none" = empty), as people read it */
    i64 count, id;             /* id: of a reference; the value of a number */
    bool none;
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
/* What stands inside a cell; false = the usual value. For the title column it is called after the
 * record's link and may add a line below it (.list-sub). May hold no form: the rows are in one. */
typedef bool list_cell_fn(struct web *w, const struct field *f, const void *record);
/* Table of the columns; `cell` may be NULL. */
struct err *list_draw_table(struct web *w, const struct list_query *q, const struct list_result *r,
                            list_cell_fn *cell) MUST_CHECK;
/* "Next" and the export links. */
void list_draw_pager(struct web *w, const struct list_query *q, const struct list_result *r);
/* All of it in a card: bar, panel, table with ticks, pager; when there are no records, what to do
 * instead. */
struct err *list_draw(struct web *w, const struct list_query *q, const struct list_result *r,
                      list_cell_fn *cell) MUST_CHECK;
