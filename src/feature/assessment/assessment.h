/* SPDX-License-Identifier: Apache-2.0 */
/* A round of risk assessment: who took part, what was found, approved as a report. Closing it
 * freezes the register of all open risks as text; top management approves exactly that text. */
#pragma once

#include "core/entity.h"

struct assessment {
    RECORD;
    const char *title;
    i64 method;
    const char *state;
    const char *started;
    const char *closed;
    const char *scope;
    const char *summary;
    i64 author;
    const char *body;      /* the frozen register, JSON; NULL while the round is open */
    const char *body_hash; /* its hex SHA-256 */
    struct ids participants;
};
extern const struct entity assessment_entity;
extern const struct feature assessment_feature;
extern const struct permission assessment_read, assessment_write, assessment_approve;

/* Why a round cannot be closed yet: one row per risk and reason. `number` is 0 for a reason that is
 * not about one risk; */
struct blocker {
    i64 number;
    const char *title, *reason;
};
/* The first `limit` blockers; `*open` = open risks in all, `*count` = blockers in the list. */
struct err *assessment_blockers(struct web *w, int limit, struct blocker **out, size_t *count,
                                i64 *open) MUST_CHECK;
/* The report's text of a round that is about to be closed, without the part that says what was
 * frozen: head, figures, the highest risks in the order of their numbers. People stand as numbers
 * (P-3), so that the text holds no personal data. Reads only. */
struct err *assessment_gather(struct web *w, const struct assessment *a, json_t **whole) MUST_CHECK;
/* Copies all open risks as they are now (one statement) and completes `whole`, which is used up,
 * with their number and hash: `a` is then closed today with body and hash, but not written yet. In
 * the writing phase. */
struct err *assessment_freeze(struct web *w, struct assessment *a, json_t *whole) MUST_CHECK;
