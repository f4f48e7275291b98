/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of the job queue. */
#pragma once

#include "core/job.h"

/* True while the server is stopping. */
bool jobs_stopping(const struct app *app);
/* This process as holder of jobs: a random number, new at every start. */
i64 jobs_holder(void);
/* Jobs that this process is working on, for the keeper: begin is false when there is no room. */
void jobs_begin(const struct job *j);
void jobs_end(const struct job *j);

/* Claims and runs what is due, once; `*ran` is how many jobs were run. `lane` 1: a slow job if
 * there is one, else quick ones; 0: quick ones only. */
struct err *job_work(struct web *base, int lane, size_t *ran) MUST_CHECK;
/* Runs the periodic kinds whose time has come, or all of them. */
void job_periodic(struct web *base, bool all);
/* Gives a job back that its holder lost, as a failed attempt; only while attempt and beat are those
 * that were seen. In a write transaction. */
struct err *job_give_back(struct web *w, i64 org, i64 id, i64 attempt, i64 beat) MUST_CHECK;
/* All that are marked as running: for the start of the only server of a store. */
struct err *job_give_back_all(struct web *w) MUST_CHECK;
/* Waiting jobs that were queued "in the future" have seen the clock go back: their delay counts
 * from now. Ended jobs go after a week. In a write transaction. */
struct err *job_tidy(struct web *w, void *ctx) MUST_CHECK;
