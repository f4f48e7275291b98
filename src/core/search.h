/* SPDX-License-Identifier: Apache-2.0 */
/* Full text over all records: FTS5 on SQLite, tsvector on PostgreSQL; with src/db the only place
 * that may ask for the engine. The folded text of a record is stored in its transaction when it
 * changed (table search_doc: text_fold of number and title, a line end, text_fold of the rest); the
 * index follows within a second (decisions.md 37). Personal, secret and `unfolded` fields are never
 * in it, and records of the system organisation are not searched at all. */
#pragma once

#include "core/entity.h"

/* Makes the engine's index tables unless they exist: called by app_open after db_migrate, inside a
 * write transaction. When it makes them, every search_doc row is marked dirty, so that an index
 * that was lost (restore, import of a store) fills itself. */
struct err *search_setup(struct db *db) MUST_CHECK;

/* Called by entity_write / entity_remove: stores or removes the record's text and marks it dirty.
 */
struct err *search_store(struct web *w, const struct entity *e, const void *record) MUST_CHECK;
struct err *search_forget(struct web *w, const struct entity *e, i64 id) MUST_CHECK;
/* Brings the index up to date for at most `limit` records of all organisations, inside the write
 * transaction of the caller (housekeeping; about 0.3 ms a record); `*left` = more to do. */
struct err *search_apply(struct web *w, int limit, bool *left) MUST_CHECK;

struct hit {
    const struct entity *entity;
    i64 id, number;
    const char *title, *excerpt; /* excerpt: about 120 characters around the first word, or "" */
};
/* Words are folded prefixes, all must match; "R-42", "r42" and "42" find that record first, then
 * records with all words in the title, then the newest. At most `limit` hits; a record that the
 * person of `w` may not see is neither a hit nor counted. Whatever is typed is text: there are no
 * operators. */
struct err *search_run(struct web *w, const char *text, int limit, struct hit **out, size_t *count)
    MUST_CHECK;

/* Records of the kind whose search_doc text contains `text` (folded here by text_fold), for
 * "contains" in lists: ids ascending in w->arena, of w->org, NOT checked for visibility: the list
 * adds that. `*complete` is false when it is not known that these are all: more than `limit` match,
 * too many changes wait for the index, or the text is shorter than 3 characters. Then `*count` is 0
 * and the list has to look at the rows (text_has on search_doc.text). How to use: limit about
 * 1,000; when complete, add "t.id in (...)" with the ids as binds; no ids = an empty list. Not for
 * as-of lists: the index knows only the present. */
struct err *search_ids(struct web *w, const struct entity *e, const char *text, int limit,
                       i64 **ids, size_t *count, bool *complete) MUST_CHECK;
