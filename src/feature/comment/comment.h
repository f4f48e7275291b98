/* SPDX-License-Identifier: Apache-2.0 */
/* What people say about records: comments in threads of one level, and questions to a person. Who
 * sees a record sees what is said about it; a question is seen besides by who asked and by who was
 * asked. Only its author changes a text; a text is taken away by emptying it with a reason, so that
 * a conversation keeps its shape and its history. All fields are set by code, so that no form,
 * import or API call can write in another person's name. */
#pragma once

#include "core/entity.h"

struct comment {
    RECORD;
    const char *title; /* the subject of a question, the beginning of a comment */
    const char *kind;  /* comment, question, answer */
    const char *state; /* of what begins a thread: open, resolved; open, answered, closed */
    i64 about;         /* record of any kind; 0 = a question about none */
    i64 parent;        /* what it replies to; 0 = it begins a thread */
    const char *body;
    i64 author;
    i64 asked;  /* to whom it is addressed */
    i64 answer; /* of a question: the reply that was accepted */
    i64 written, edited;
    i64 resolved_by, resolved_at;
    i64 removed_by, removed_at;
    const char *removed_why;
    struct ids mentioned;
};
extern const struct entity comment_entity;
extern const struct feature comment_feature;

/* Says something as the person of `w`: kind, body, and about, parent, asked or title as they apply.
 * Tells whom it concerns. ERR_MISSING when the person does not see what it is about. In a write
 * transaction. */
struct err *comment_say(struct web *w, struct comment *c, struct issues *out) MUST_CHECK;
/* Settles a thread: a question by its answer, or without one (0). ERR_DENIED unless the person of
 * `w` may. In a write transaction. */
struct err *comment_settle(struct web *w, i64 root, i64 answer) MUST_CHECK;

/* comment.see: read and write on records one sees; comment.write: write at all (who is only asked
 * answers); comment.read: all comments on records one may read; comment.moderate: take texts of
 * others away. */
extern const struct permission comment_see, comment_write, comment_read, comment_moderate;
