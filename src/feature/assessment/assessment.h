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
/* The register of all open risks as canonical JSON text, in the order of their numbers. People
 * stand as numbers (P-3), so that the text holds no personal data. Reads only. */
struct err *assessment_freeze(struct web *w, const struct assessment *a, const char **body)
    MUST_CHECK;
