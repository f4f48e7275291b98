/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs: work that is queued in the transaction of its cause and done later by threads of its own,
 * at least once (scale.md 7). A feature lists its kinds in `struct feature`.
 *
 *     {.name = "export", .run = run_export, .slow = true}
 *     TRY(job_start(w, "export", key, "Export of risks", body, &id));
 *
 * A handler runs outside a transaction: it reads with app_read, writes in small pieces with
 * app_write and says how far it is with job_progress. It gets the organisation and, when a person
 * started it, that person's rights as they are now. What it does must bear being done again: a
 * server may be killed in the middle, and then another attempt begins from the start.
 *
 * States: ready -> running -> done | cancelled | dead; a failed attempt goes back to ready after
 * half a minute, one minute, two ... six hours at most. After `tries` failures, or at once when the
 * handler returns an error that waiting cannot mend (ERR_BAD, ERR_INVALID, ERR_DENIED,
 * ERR_MISSING), the job is dead until an administrator retries or discards it.
 *
 * No wall clock decides who holds a job: the holder counts `beat` up every few seconds, others take
 * over when they have watched the same beat for half a minute of their monotonic clock. A jump of
 * the wall clock makes waiting jobs early by the jump, or late by no more than their own delay. */
#pragma once

#include "core/app.h"

/* The job that a handler is working on: w->job. NULL elsewhere; then the calls below do nothing, so
 * a command may share the code. */
struct job {
    i64 org, id, attempt;
    const char *kind, *key, *body;
    i64 person; /* who started it, 0 = the program */
    i64 told_at, asked_at;
    bool cancel; /* as it was when asked last */
};

/* Queues a job of the program, in a write transaction. The same (org, kind, key) waits or runs once
 * only; when it has succeeded it is gone and the key is free again. `run_at` in the past or 0 means
 * at once. */
struct err *job_add(struct web *w, const char *kind, const char *key, i64 run_at, const char *body)
    MUST_CHECK;
/* Queues a job for the person of `w`, who sees it on the page "Jobs" under `title` (a translatable
 * sentence), may cancel it, and finds its result there for a week. `*id` is for its address
 * (job_url). When the same key waits or runs already, `*id` is that one's. */
struct err *job_start(struct web *w, const char *kind, const char *key, const char *title,
                      const char *body, i64 *id) MUST_CHECK;
/* "/o/acme/jobs/123": where to send a person who has started a job. */
const char *job_url(struct web *w, i64 id);

/* --- for handlers --- */
/* Tells how far the job is: `done` of `total` (0 = not known) and a sentence. Cheap enough for
 * every row: it is stored twice a second at most. */
struct err *job_progress(struct web *w, i64 done, i64 total, const char *format, ...) PRINTF(4, 5)
    MUST_CHECK;
/* True when the person has cancelled the job or the server is stopping: return job_stopped() soon.
 * Cheap enough for every row. */
bool job_cancelled(struct web *w);
struct err *job_stopped(void);
/* First call of a write transaction whose effect must not be doubled: ERR_CLASH, which rolls it
 * back, when another server has taken the job over. */
struct err *job_fence(struct web *w) MUST_CHECK;
/* What came out, for the person: a sentence and, when there is one, an address below the
 * organisation's ("/imports/7") or NULL. May be called where job_progress may. */
struct err *job_result(struct web *w, const char *link, const char *format, ...) PRINTF(3, 4)
    MUST_CHECK;
/* A file as result: its path in the data directory, to be written by the handler. The person gets
 * it at job_url()/file under `name`, for a week. Call job_result afterwards without a link. */
struct err *job_file(struct web *w, const char *name, const char **path) MUST_CHECK;
/* The path of the file of job `id` of w->org, whether it is there or not. */
const char *job_file_path(struct web *w, i64 id);

/* --- for the page and the API --- */
struct err *job_cancel(struct web *w, i64 id) MUST_CHECK;  /* ready: at once; running: asks */
struct err *job_retry(struct web *w, i64 id) MUST_CHECK;   /* dead -> ready, failures forgotten */
struct err *job_discard(struct web *w, i64 id) MUST_CHECK; /* takes an ended or dead one away */

/* --- running --- */
const struct job_kind *job_kind_find(const char *name); /* NULL = no feature has it */
extern const struct job_kind *job_more_kinds; /* besides the features': tests of the queue itself */
/* Starts the threads of the queue, and gives back what a killed server left. */
struct err *jobs_start(struct app *app) MUST_CHECK;
void jobs_stop(struct app *app); /* what runs is told to stop, and is done again later */
/* Without threads (tests, ticker_round): runs all periodic kinds once, then what is due until there
 * is nothing more. */
struct err *job_run_due(struct web *w) MUST_CHECK;
