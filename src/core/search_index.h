/* SPDX-License-Identifier: Apache-2.0 */
/* Inside core/search only: the terms of texts, and the two engines' index of them. Both engines get
 * ready-made terms and find the same: a mark of the organisation (two private-use characters, which
 * are taken out of everything people write), a letter for the kind of term, and a word of the title
 * (t), a word (w) or three characters in a row (g). So a search visits nothing of other
 * organisations, not even for a prefix, and nobody can ask for theirs. Two organisations may share
 * a mark, so org_id is checked all the same. */
#pragma once

#include "core/search.h"

#define SEARCH_WORDS 12    /* of a query; more are left out */
#define SEARCH_TRIGRAMS 20 /* of a query: enough to be rare; what is found is compared anyway */

struct words {
    const char **word;
    size_t count;
};

/* --- texts (search_words.c) --- */
/* Folded text in which every character outside ASCII that is no letter or digit became a space:
 * ASCII as it is. Words are then runs of ASCII letters and digits and of other bytes. */
char *search_plain(struct arena *a, const char *folded);
/* The first `most` distinct words of plain text, cut at 64 bytes. */
struct words search_words(struct arena *a, const char *plain, size_t most);
/* The first `most` distinct runs of three characters of plain text; ASCII characters that are no
 * letters or digits stand there as private-use ones, so that each run is one word. */
struct words search_trigrams(struct arena *a, const char *plain, size_t most);
/* The mark of an organisation. */
char *search_mark(struct arena *a, i64 org);
/* About 120 characters around the first of `words` in the texts of the record that may be searched;
 * the beginning of its first long text when none has one; "" when there is none. */
const char *search_excerpt(struct arena *a, const struct entity *e, const void *record,
                           const struct words *words);
/* True when the field's text may be searched. */
bool search_field(const struct field *f);

/* --- personal data, which is in no index (search_personal.c) --- */
#define SEARCH_PERSONAL_WORDS 40
#define SEARCH_PEOPLE_MOST 1000 /* with the first word */
struct hits;
/* Personal texts that lists show: they are looked for in the rows themselves. */
bool search_personal_field(const struct field *f);
/* True when a kind has such fields: its "contains" needs search_personal_text as well. */
bool search_personal(const struct entity *e);
/* Appends the SQL of the folded text of these fields of the row `t`. */
void search_personal_text(struct buf *out, const struct entity *e);
/* Records of the kind with all words in these fields, newest first; visibility NOT applied. */
struct err *search_people(struct web *w, const struct entity *e, const struct words *words,
                          struct hits *out) MUST_CHECK;

/* --- the index (search_index.c) --- */
/* False before search_setup: then nothing is found, and the other calls here may not be made. */
struct err *search_ready(struct db *db, bool *ready) MUST_CHECK;
/* What a query asks for. Kinds: those seen wholly (JSON array), or one kind under the visibility
 * formula. */
struct search_query {
    const struct words *words;
    bool in_title;
    const char *kinds;            /* or NULL */
    const struct entity *limited; /* or NULL */
    bool past;                    /* the connection shows a past day */
    int limit;
};
/* Rows (id, kind, number, title), newest first; without number and title: removed a moment ago. */
struct err *search_find(struct web *w, const struct search_query *q, struct rows **out) MUST_CHECK;
/* Rows (id): records of the kind that are in the index and whose text contains `folded`. */
struct err *search_contains(struct web *w, const struct entity *e, const char *folded, int limit,
                            struct rows **out) MUST_CHECK;

/* --- for tests: search_run among these kinds, NULL-terminated --- */
struct hits {
    struct hit *list;
    size_t count;
};
struct err *search_among(struct web *w, const struct entity *const *kinds, const char *text,
                         int limit, struct hits *out) MUST_CHECK;
