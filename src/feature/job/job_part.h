/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of the feature. */
#pragma once

#include "core/job.h"

#define JOBS_SHOWN 100

extern const struct permission job_manage;

struct job_row {
    i64 id, person, done, total, cancel, failures, run_at, ended;
    const char *kind, *state, *title, *who, *note, *result, *link, *key;
};

enum job_view { JOBS_MINE, JOBS_ALL, JOBS_DEAD };
/* The newest jobs, JOBS_SHOWN at most. */
struct err *job_rows(struct web *w, enum job_view view, struct job_row **out, size_t *count)
    MUST_CHECK;
/* The job of the address; ERR_MISSING when it is not there or neither own nor managed. */
struct err *job_asked(struct web *w, struct job_row *out) MUST_CHECK;

struct err *job_list_page(struct web *w) MUST_CHECK;
struct err *job_show_page(struct web *w) MUST_CHECK;
