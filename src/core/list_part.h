/* SPDX-License-Identifier: Apache-2.0 */
/* Inside core/list*, export* and view* only: what the parts of a list know of each other. */
#pragma once

#include "core/list_sql.h"

#define LIST_LIMIT 200  /* rows of a page at most */
#define LIST_SCAN 20000 /* records that are looked at for one page when no index helps */
#define LIST_NARROW                                                               \
    2000 /* so many are fetched and sorted; more are met in the order of the list \
          */

/* What a field can be asked for. */
bool list_can_filter(const struct field *f);
bool list_can_group(const struct field *f);
bool list_is_range(const struct field *f);  /* .min and .max */
bool list_is_words(const struct field *f);  /* .has */
bool list_is_person(const struct field *f); /* "me" */
/* The fields that make a record somebody's own; returns how many. */
size_t list_mine(const struct entity *e, const struct field *out[LIST_COLUMNS]);

/* Decides once how the rows are found (list_plan.c). */
struct err *list_plan(struct web *w, struct list_query *q) MUST_CHECK;
/* " from <table> t where ..." with organisation, visibility, filters, text and the page's own
 * condition. Must be the first part with binds; the organisation is $1. */
void list_from(struct list_sql *s, const struct list_query *q);
/* The table of a planned list with the alias t; what is hidden from this person is empty in it. The
 * organisation must be $1 already. */
void list_table(struct list_sql *s, const struct list_query *q);
/* True when records have to be looked at one by one in the order of the list: then the statement
 * has two halves. list_scan_begin writes " from (select <columns> from <table> t where ..." up to
 * where the caller may add place and order; list_scan_end closes it after LIST_SCAN records and
 * adds what is asked of each. `more` are fields that the outer half selects. list_scan_inner is the
 * inner half alone, from " from" on. */
bool list_scans(struct web *w, const struct list_query *q);
void list_scan_begin(struct list_sql *s, const struct list_query *q,
                     const struct field *const *more, size_t nmore);
void list_scan_inner(struct list_sql *s, const struct list_query *q);
void list_scan_end(struct list_sql *s, const struct list_query *q);

/* --- pages and groups --- */
/* `size` rows of a planned list after its place. */
struct err *list_page(struct web *w, const struct list_query *q, size_t size,
                      struct list_result *out) MUST_CHECK;
#define LIST_RANKS 5000       /* different values that are put in the order of their names */
#define LIST_RANKED_ROWS 2000 /* rows of which words are put in the order of a dictionary */
/* True when the order of the list is that of what people see and the store keeps something else:
 * names of references, labels of choices and codes, words without regard to case and accents
 * (list_rank.c). */
bool list_ranked(const struct web *w, const struct list_query *q);
/* Puts the values of `sort` in that order, once for all pages; in w->arena. Sets `ranks` to NULL
 * when the order is that of the store, or the values are too many. */
struct err *list_rank(struct web *w, struct list_query *q) MUST_CHECK;
/* list_page for a query with ranks. */
struct err *list_rank_page(struct web *w, const struct list_query *q, size_t size,
                           struct list_result *out) MUST_CHECK;
#define LIST_GROUPS 1000 /* values that a list is grouped by at most: the most frequent ones */
/* Like list_facet, with as many values as `most`. */
struct err *list_values(struct web *w, const struct list_query *q, const struct field *f, int most,
                        struct facet **out, size_t *count) MUST_CHECK;
struct list_place {
    const char *value, *after; /* group, and place within it */
};
/* Reads `after` of a grouped list; false when it cannot be read. */
bool list_group_place(struct arena *a, const struct list_query *q, struct list_place *out);
struct err *list_group_page(struct web *w, const struct list_query *q, size_t size,
                            struct list_result *out) MUST_CHECK;
struct err *list_group_stream(struct web *w, const struct list_query *q, list_each *each, void *ctx)
    MUST_CHECK;
/* base64url without padding, so that a text needs no escaping in an address; and back. */
char *list_url64(struct arena *a, const char *text);
bool list_unurl64(struct arena *a, const char *text, struct bytes *out);
/* One of the values of "a,b,c". */
bool list_names_value(const char *list, const char *value);

/* --- words (list_told.c); list_told is in list.h --- */
struct err *list_value_told(struct web *w, const struct field *f, const struct list_value *v,
                            const char **out) MUST_CHECK;
/* All filters and the text in one sentence; "" when there are none. */
struct err *list_told_whole(struct web *w, const struct list_query *q, const char **out) MUST_CHECK;
const char *list_order_told(struct web *w, const struct list_query *q);

/* --- addresses (list_url.c); list_url is in list.h --- */
/* Where this list is. */
const char *list_path(struct web *w, const struct entity *e);
/* The list without filters and columns of its own. */
const char *list_all_url(struct web *w, const struct list_query *q);
/* `path` with the parameters of the list (NULL value = without that one). */
const char *list_url_at(struct web *w, const char *path, const char *name, const char *value);
/* All parameters of the list but its place, as they stand in an address: "state=open&sort=title".
 */
const char *list_address(struct web *w);

/* --- drawing; the rest is in list.h and list_sql.h --- */
/* The panel that `panel=` asks for: filters, display, views (list_panel.c). */
struct err *list_draw_panel(struct web *w, const struct list_query *q, const struct list_result *r)
    MUST_CHECK;
/* Ticking rows (list_pick.c): the form around the table, and the bar below it. */
bool list_can_pick(struct web *w, const struct list_query *q);
void list_pick_begin(struct web *w, const struct list_query *q);
void list_pick_end(struct web *w, const struct list_query *q, const struct list_result *r);
