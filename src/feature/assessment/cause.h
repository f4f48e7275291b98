/* SPDX-License-Identifier: Apache-2.0 */
/* Reasons to assess again: what people report, and what the program finds in the log since the last
 * round was closed. Each becomes one task; the next closed round covers it. */
#pragma once

#include "core/entity.h"

struct cause {
    RECORD;
    const char *title;
    const char *kind;
    i64 about; /* a record of any kind */
    const char *note;
    const char *state; /* open, done */
    const char *since;
    const char *key; /* of what the program found; NULL = a person's */
    i64 task;
    i64 assessment; /* the round that covered it */
};
extern const struct entity cause_entity;

/* The job: finds new causes, gives each its task, and ends those that a closed round covers. */
struct err *cause_job(struct web *base, const char *body);

/* Pages. */
struct err *cause_list(struct web *w);
struct err *cause_show(struct web *w);
struct err *cause_new(struct web *w);
struct err *cause_edit(struct web *w);
struct err *cause_save(struct web *w);
struct err *cause_remove(struct web *w);
struct err *cause_restore(struct web *w);
