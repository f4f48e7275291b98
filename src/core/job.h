/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs: work that is queued in the transaction of its cause and done later, at least once. A job is
 * claimed with a lease, so a killed server's job is taken up again; handlers are idempotent. */
#pragma once

#include "core/app.h"

/* Queues a job; the same (org, kind, key) is queued once only. In a write transaction. */
struct err *job_add(struct web *w, const char *kind, const char *key, i64 run_at, const char *body)
    MUST_CHECK;
/* Runs what is due: periodic kinds of the features, then queued jobs in batches of 20. */
struct err *job_run_due(struct web *w) MUST_CHECK;
