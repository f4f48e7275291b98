/* SPDX-License-Identifier: Apache-2.0 */
/* Decisions of people that freeze what they decided on (decisions.md 30): approvals, acceptances,
 * authorisations. A decision is immutable. It is valid while the subject's hash is the one that was
 * shown; nothing is invalidated by writing: a later change makes the hashes differ, and the page
 * says that a new decision is needed. */
#pragma once

#include "core/entity.h"

struct decision {
    i64 id, subject, at, by, role_from;
    const char *kind; /* "risk.treatment", "risk.acceptance", "soa", "method", "report" */
    const char *subject_kind;
    const char *outcome; /* approved, refused */
    const char *role;    /* role in which it was decided */
    const char *comment;
    const char *exception;    /* recorded reason when four eyes were not possible */
    const char *expires;      /* ISO date or NULL */
    const char *subject_hash; /* hex SHA-256 of `body` */
    const char *body;         /* what was shown: canonical text, frozen */
};

/* Records a decision of w->person of the kind `given->kind`. `body` is the canonical text of the
 * subject as rendered in prepare; the hash is computed here. Writes a log entry. */
struct err *decision_record(struct web *w, const struct entity *subject, i64 id, const char *body,
                            const struct decision *given, i64 *out) MUST_CHECK;
/* The newest decision of a kind about a subject; `out->id` = 0 when there is none. */
struct err *decision_last(struct web *w, const char *kind, i64 subject, struct decision *out)
    MUST_CHECK;
/* Four eyes: ERR_DENIED when `w->person` is `author` and another active person could decide (holds
 * `right`); when nobody else can, `*exception_needed` is set and the caller asks for a reason. */
struct err *decision_four_eyes(struct web *w, i64 author, const struct permission *right,
                               bool *exception_needed) MUST_CHECK;
/* False when decision_four_eyes would deny it to this person: nothing waits for them then. */
struct err *decision_open_to(struct web *w, i64 author, const struct permission *right, bool *out)
    MUST_CHECK;
/* Hex SHA-256 of a text. */
const char *decision_hash(struct arena *a, const char *body);
