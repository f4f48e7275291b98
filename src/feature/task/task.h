/* SPDX-License-Identifier: Apache-2.0 */
/* Tasks: what somebody is asked to do, about a record or alone, once or again and again. Who has
 * one, who gave it and who watches it always see it. Hand-overs: the work of a person given to
 * others in one step. */
#pragma once

#include "core/entity.h"

struct task {
    RECORD;
    const char *title;
    i64 about; /* a record of any kind, 0 = none */
    i64 assignee;
    i64 given_by;
    const char *start;
    const char *due;
    i64 estimate; /* minutes */
    i64 spent;
    const char *priority;
    const char *status; /* open, waiting, done, cancelled */
    const char *waiting_for;
    const char *description; /* Markdown */
    const char *steps;       /* lines "- [ ] text", "- [x] text" */
    const char *repeat;      /* RFC 5545 rule; see base/rrule.h */
    const char *repeat_from; /* "due": by the calendar; "done": counted from its completion */
    const char *cancel_reason;
    i64 closed_by;
    const char *closed_on;
    const char *repeat_start; /* first day of the series; NULL for the first task: then it is due */
    const char *occurs_on;    /* the day that the rule gave this one, whatever it is moved to */
    i64 previous;             /* the task of the series before this one, 0 = none */
    i64 series;               /* the first task of the series, 0 = this one */
    i64 turn;                 /* 2 for the second of a series ...; 0 = the first */
    struct ids watchers;
    struct ids needs; /* tasks that have to be done first */
    /* derived */
    const char *next_on; /* the day of the next one of the series while that is not there */
    i64 steps_total, steps_done;
    i64 blocked; /* tasks of `needs` that are still open */
};
extern const struct entity task_entity;

struct handover {
    RECORD;
    const char *title;
    i64 person;
    const char *reason;
    const char *state; /* running, done, undoing, undone */
    const char *handed_on;
    i64 handed_by;
    i64 moved;
    const char *body; /* JSON: what went from whom to whom */
};
extern const struct entity handover_entity;

extern const struct feature task_feature;
extern const struct permission task_read, task_write;

/* True when the status means that something is left to do. */
bool task_is_open(const struct task *t);
/* True when this person may report on the task (done, waiting, steps): who has it, who gave it, and
 * who may see all tasks and change them. */
bool task_may_work(const struct web *w, const struct task *t);
/* Minutes as people say them: "1 h 30 min"; "" for 0. */
const char *task_minutes(struct web *w, i64 minutes);

/* Marks the task done, today, by this person; a repeating one gets its next occurrence. Tasks that
 * are closed already are left alone. ERR_DENIED when task_may_work is false. In the writing phase;
 * what the rules refuse is in `out`. */
struct err *task_finish(struct web *w, struct task *t, struct issues *out) MUST_CHECK;
/* Gives the task to another person; `note` is kept as the reason. */
struct err *task_give(struct web *w, struct task *t, i64 person, const char *note,
                      struct issues *out) MUST_CHECK;
/* Creates the next task of the series when `next_on` says that there is one to come. */
struct err *task_follow(struct web *w, const struct task *t) MUST_CHECK;
