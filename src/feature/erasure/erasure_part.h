/* SPDX-License-Identifier: Apache-2.0 */
/* Inside feature/erasure only. */
#pragma once

#include "core/work.h"
#include "feature/erasure/erasure.h"

/* What is to be erased. */
struct erasing {
    const struct entity *entity;
    i64 record, account;    /* account: of the person, erased when no other organisation uses it */
    const char *basis, *by; /* "request", "ER-3" */
};
/* Does it in a write transaction; `*count` = parts of the log that are gone. `parts` (may be NULL)
 * gets the line for the file. */
struct err *erasing_apply(struct web *w, struct erasing *what, size_t *count, const char **parts)
    MUST_CHECK;
/* What stands in the way: a person who still works here, or holds a role. */
struct err *erasing_blockers(struct web *w, const struct entity *e, i64 record, struct issues *out)
    MUST_CHECK;
/* True for an organisation that only this account's person uses it in. */
struct err *erasing_account(struct web *w, i64 person, i64 *account, bool *shared) MUST_CHECK;

extern const struct work_source erasure_work[];

/* --- pages --- */
struct err *erasure_new_page(struct web *w);
struct err *erasure_show(struct web *w);
struct err *erasure_approve(struct web *w);
struct err *erasure_refuse(struct web *w);
