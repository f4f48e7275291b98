/* SPDX-License-Identifier: Apache-2.0 */
/* Inside feature/assessment only. */
#pragma once

#include "feature/assessment/assessment.h"

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
/* Draws a frozen register: figures per band, the ten highest risks, all of them. */
struct err *assessment_report(struct web *w, const char *body) MUST_CHECK;

/* Pages. */
struct err *assessment_show(struct web *w);
struct err *assessment_close_prepare(struct web *w);
struct err *assessment_close(struct web *w);
struct err *assessment_decide(struct web *w);
