/* SPDX-License-Identifier: Apache-2.0 */
/* Telling people: the inbox behind the bell, mail, digests, reminders. Any feature tells somebody
 * something in the transaction of its cause:
 *
 *     struct notice n = {.person = to, .kind = "mention", .record = risk->id,
 *                        .path = "?tab=comments", .cause = "comment:17"};
 *     TRY(notice_add(w, &n, "%s mentioned you on %s.", w->person_name, title));
 *
 * Nobody has to tell about work that is given by a field, about changes, or about what was
 * submitted for approval: a consumer of the log does (notice_watch.c, notice_news.c). */
#pragma once

#include "core/entity.h"

/* What a notice is about; each person chooses how they are told of each kind. */
/* - assigned: work or responsibility that is mine now */
/* - mention: somebody named me */
/* - approval: something waits for my decision */
/* - reminder: a date of mine comes near or has passed */
/* - escalation: work of others that I answer for is late */
/* - comment: talk on records that I own or watch (silenced by muting the record) */
/* - change: changes of records that I own or watch (silenced by muting the record); while one about
 * a record is not read, no other comes */
/* - system: the installation needs a hand */
struct notice {
    i64 person;        /* who is told; the person of `w` is never told of their own doing */
    const char *kind;  /* one of the above; another is a BUG */
    i64 record;        /* what it is about: any record's id, or 0 */
    const char *path;  /* added to the record's address ("?tab=comments"), or without a record an
                          address below the organisation's ("/jobs"); NULL = "" */
    const char *cause; /* told once only for the same person and cause; NULL = always new */
    bool urgent;       /* not collected and not held for a digest; quiet hours still hold */
};
/* In a write transaction. The sentence is a literal whose only conversion is %s; it is stored as it
 * is and translated for each reader. A word of the program among the values (a field's label) that
 * has to be translated too is passed as notice_word(w, text). */
struct err *notice_add(struct web *w, const struct notice *n, const char *sentence, ...)
    PRINTF(3, 4) MUST_CHECK;
const char *notice_word(struct web *w, const char *text);
/* Tells all active people of the organisation who hold a role now. */
struct err *notice_add_role(struct web *w, const char *role, const struct notice *n,
                            const char *sentence, ...) PRINTF(4, 5) MUST_CHECK;

/* People who asked to be told of talk and changes of the record, besides those whom its fields
 * name; whether they (still) see it is the caller's to ask. At most `most`. */
struct err *notice_watchers(struct web *w, i64 record, int most, struct ids *out) MUST_CHECK;
/* "Watch" or "Stop watching", for a record that this person sees. */
struct err *notice_draw_watch(struct web *w, const struct entity *e, i64 record) MUST_CHECK;

extern const struct feature notice_feature;
/* For organisation_seeds: the consumers begin with the organisation's first entry. */
struct err *notice_seed(struct web *w) MUST_CHECK;

/* Everything in the log of w->org counts as told but the last `keep` entries: for a company that
 * was made with its past. In a write transaction. */
struct err *notice_skip(struct web *w, i64 keep) MUST_CHECK;

/* A consumer of the log: the entries of w->org after what `name` has seen, oldest first, `most` at
 * most. Nothing is stored: when the work is done, call log_seen in the transaction that stores it.
 * ERR_CLASH there means that another server has done it: give up silently. */
struct log_entry {
    i64 idx, at, record, version;
    const char *actor, *action, *kind;
    i64 person; /* of the actor, 0 = not a person */
};
struct err *log_news(struct web *w, const char *name, int most, struct log_entry **out,
                     size_t *count, i64 *from) MUST_CHECK;
struct err *log_seen(struct web *w, const char *name, i64 from, i64 to) MUST_CHECK;
/* Organisations whose log has grown past what `name` has seen. */
struct err *log_behind(struct web *w, const char *name, struct ids *out) MUST_CHECK;
